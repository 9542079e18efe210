#!/bin/bash
# Policies from template to PDF, on the command line.
. "$(dirname "$0")/lib.sh"
new_workspace w

cat >people.csv <<'C'
code,name,kind,start_on,state
E1,Demo Employee 01,employee,2024-01-08,active
E2,Demo Employee 02,employee,2024-02-05,active
C
succeeds 'people' record w person put --file people.csv
succeeds 'the list of policies' policy w
like "$out" 'draft it: tickmark policy w new POL-01' 'says what to do'
refuses 2 'add --author PERSON' 'an author is needed' policy w new all
refuses 2 'no person named' 'and has to be known' policy w new POL-01 --author E9
refuses 2 'did you mean publish' 'a slip' policy w publsh
succeeds 'a fact' policy w facts set leaver_days=2 offices=no
refuses 2 'from 1 to 5' 'a fact out of bounds' policy w facts set leaver_days=9
refuses 2 'there is no such fact' 'a fact that is none' policy w facts set leaver=9
printf 'leaver_days: 3\nsystems: [a]\n' >facts.yaml
refuses 2 'facts.yaml:2' 'a file names the line' policy w facts set --file facts.yaml
succeeds 'facts of one group' policy w facts --group access --json
is "$(jq -r '.[] | select(.fact == "leaver_days").value' <<<"$out")" '2 business days' 'as they read'
printf '3\nx\n.\n' >answers
"$TICKMARK" policy w facts ask --group access <answers >asked 2>&1
is "$?" 0 'facts are asked for'
succeeds 'and kept' policy w facts --json
is "$(jq -r '.[] | select(.fact == "leaver_days").value' <<<"$out")" '3 business days' 'as answered'
succeeds 'drafts of all' policy w new all --author E1 --owner E1
is "${out%%;*}" '28 policies drafted' 'all of them'
refuses 2 'being worked on' 'not twice' policy w new POL-04 --author E1
refuses 2 'no policy to which' 'nor all of them' policy w new all --author E1
succeeds 'the text' policy w show POL-04
like "$out" 'at the latest 3 business days after it' 'has the fact'
printf '%s\n' "$out" | sed 's/Access is closed by default/Access is shut by default/' >mine.md
succeeds 'own words' policy w new POL-04 --replace --file mine.md --author E1
succeeds 'what is different from the template' policy w diff POL-04 --template --json
is "$(jq .added <<<"$out")" 1 'one line'
succeeds 'in review' policy w review all --by E2
refuses 2 'must be two persons' 'the author does not approve' policy w approve all --by E1
succeeds 'approved by another' policy w approve all --by E2
n=$(entries w)
refuses 2 'twelve months' 'a review too late' policy w publish all --review-by 2099-01-01
is "$(entries w)" "$n" 'publishes none of them'
succeeds 'published' policy w publish all
is "$(sqlv w "SELECT count(*) FROM policy WHERE state='published'")" 28 'the evidence knows it'
marks=$(for f in "$TOP"/content/policies/POL-*.md; do grep -oE '\[[A-Z]{2}-[0-9]{2}\]' "$f" | sort -u; done | wc -l)
is "$(sqlv w "SELECT count(*) FROM control_mapping WHERE policy IS NOT NULL")" "$marks" 'and which controls carry them out'
succeeds 'the next version' policy w new POL-04 --minor --author E2 --summary 'back to the template'
succeeds 'by word' policy w diff POL-04 --words
like "$out" '\[-shut-\] \{\+closed\+\}' 'shows the words'
succeeds 'a PDF of what is in force' policy w export POL-04 -o p.pdf
unlike "$out" 'DRAFT' 'is no draft'
succeeds 'HTML of the next' policy w export POL-04 --version 1.1 -o p.html
like "$(cat p.html)" 'Approved by|DRAFT' 'says that it is one'
refuses 2 'end the name in' 'another ending' policy w export POL-04 -o p.doc
printf '# X\n\n<script>alert(1)</script>\n' >evil.md
succeeds 'a policy with a code of evil' policy w new ../../evil --title X --file evil.md --author E1
mkdir -p in/out
succeeds 'several into a folder' policy w export ../../evil POL-02 -o in/out --html
is "$(ls in in/out | tr '\n' ' ')" 'in: out  in/out: POL-02.html _._.._evil.html ' 'stay in it'
is "$(grep -c '<script>alert' in/out/_._.._evil.html)" 0 'and run nothing'
succeeds 'a campaign' policy w campaign new POL-04 POL-02 --due 2099-01-01 --json
is "$(jq -r '[.people, .asked] | join(" ")' <<<"$out")" '2 4' 'asks two people for two'
succeeds 'one acknowledges' policy w acknowledge E1
code=$("$TICKMARK" policy w campaign --json | jq -r '.[0].campaign')
succeeds 'what is open' policy w campaign show "$code" --open --json
is "$(jq -r 'map(.person) | unique | join(" ")' <<<"$out")" 'E2' 'is of the other'
succeeds 'an exception' policy w exception POL-04 --by E2 --until 2099-01-31 --reason 'old scanner' --json
is "$(jq -r .code <<<"$out")" EX-01 'has a code'
succeeds 'the chain holds' ledger w check
done_testing
