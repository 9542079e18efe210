#!/bin/bash
# The gap analysis of a small company, from nothing to a plan.
. "$(dirname "$0")/lib.sh"
new_workspace w
succeeds 'what is missing at first' gap w --json
is "$(jq '.criteria | length' <<<"$out")" 33 'security alone'
is "$(jq '.unanswered > 15' <<<"$out")" true 'and questions are open'
succeeds 'the questions' gap w questions --json
is "$(jq '[.[] | select(.why == "")] | length' <<<"$out")" 0 'each says why it is asked'

# Typed: name, size, who asks, type, day, availability with its three, and stop.
printf 'Hub\nmany\n12\n1\ntype2\n2026-02-30\n2027-06-30\ny\n\n4\n24\n.\n' | "$TICKMARK" gap w ask >said 2>&1
is "$?" 0 'answers on the terminal'
like "$(cat said)" 'is not an answer to it: write a number' 'a wrong one is asked again'
like "$(cat said)" '9 answers recorded' 'what was answered so far is kept'
like "$(cat said)" 'system Hub, examined for security, availability' 'chooses the categories'
cat >answers.yaml <<'Y'
offices: no
multi_tenant: no
personal_data: no
have_access: [sso, mfa]
Y
succeeds 'answers from a file' gap w ask --file answers.yaml --json
is "$(jq -c '[.answers, (.kept | length)]' <<<"$out")" '[4,0]' 'all of them'
n=$(entries w)
succeeds 'the same again' gap w ask --file answers.yaml
is "$(entries w)" "$n" 'writes nothing'
printf 'offices: perhaps\n' >bad.yaml
refuses 2 'bad.yaml:1: offices' 'a wrong answer' gap w ask --file bad.yaml
refuses 2 'did you mean plan' 'a slip' gap w plna
succeeds 'what is missing now' gap w --json
is "$(jq '.criteria | length' <<<"$out")" 36 'with availability'
is "$(jq '[.items[] | select(.about == "AC-12" or .about == "PH-01")] | length' <<<"$out")" 0 'without what is not applicable'
succeeds 'one criterion' gap w show CC6.1
like "$out" 'there is: 0 of [0-9]+ controls in place, 2 designed' 'says what there is'
succeeds 'as CSV' gap w show --csv
is "$(wc -l <<<"$out")" 37 'a line each'

refuses 2 'no person named' 'an owner nobody knows' gap w plan make --owner E1
printf 'code,name,kind,start_on,state\nE1,Demo Employee 01,employee,2024-01-08,active\n' >people.csv
succeeds 'people' record w person put --file people.csv
succeeds 'a plan' gap w plan make --owner E1 --per-week 3
like "$out" 'need [0-9]+ a week until then, and 3 are planned' 'says that it does not fit'
n=$(entries w)
succeeds 'again' gap w plan make --owner E1 --per-week 3
is "$(entries w)" "$n" 'writes nothing'
succeeds 'by hand' record w plan_item put PLAN-system due_on=2027-01-04 state=doing
succeeds 'a control is designed' record w control put AC-01 state=designed owner=E1
succeeds 'and built' record w control put AC-01 state=implemented
succeeds 'and works' record w control put AC-01 state=operating effective_on=2026-11-01
succeeds 'the plan is brought up to date' gap w plan make --owner E1 --per-week 3 --json
is "$(jq -c '[.done, .moved]' <<<"$out")" '[1,0]' 'one is done'
succeeds 'the plan' gap w plan --json
is "$(jq -r '.[] | select(.code == "PLAN-system") | .due_on + " " + .state' <<<"$out")" '2027-01-04 doing' 'keeps what was set by hand'
succeeds 'progress' gap w progress --from "$(date -u -d yesterday +%F)"
like "$out" 'controls in place +0 +1' 'shows it'
like "$out" 'plan items done +0 +1' 'and the plan'
succeeds 'needed policies only' policy w new all --author E1
succeeds 'are drafted' policy w show POL-04
like "$out" 'systems outside it|Hub' 'with the facts'
succeeds "status leaves out what is not applicable" status w AC-01
refuses 2 "there is no such" "a control that is not" status w AC-12
done_testing
