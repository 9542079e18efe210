#!/bin/bash
# Personal data: laws and their clocks, notices, retention with certificates.
. "$(dirname "$0")/lib.sh"
export TICKMARK_CLOCK=2026-03-01T10:00:00Z
new_workspace w --demo

# --- laws
succeeds 'the laws that ship' privacy w laws
like "$out" 'US-CA +California +45 days \+ 45 +10' 'say how long'
succeeds 'add two' privacy w laws add EU US-CA
like "$out" '^2 added' 'which are records'
succeeds 'again' privacy w laws add EU
like "$out" '^0 added' 'adds nothing'
refuses 2 'no such law' 'a law that is not there' privacy w laws add XX

# --- what there is
cat >all.yaml <<'Y'
person:
  - {code: E1, name: Ada Lovelace, email: ada@example.org, kind: employee}
  - {code: E2, name: Bob Burns, kind: employee}
data_category:
  - {name: Leads, handling: personal, personal: yes}
processing:
  - {code: PA-1, name: News, purpose: News, basis: consent}
notice:
  - {code: PN-1, audience: All, version: "1", text: "We send news.\nWe keep it a year.", author: E1, approver: E2, effective_on: 2024-01-01, processing: PA-1, state: published}
  - {code: PN-2, audience: All, version: "2", text: "We send news.\nWe keep it a month.", author: E1, processing: PA-1, replaces: PN-1}
consent:
  - {subject_name: Zebulon One, processing: PA-1, notice: PN-1, explicit: yes, given_at: 2024-01-05T10:00:00Z, withdrawn_at: 2024-02-05T10:00:00Z, state: withdrawn}
  - {subject_name: ada@example.org, processing: PA-1, notice: PN-1, explicit: yes, given_at: 2024-01-06T10:00:00Z, withdrawn_at: 2024-02-05T10:00:00Z, state: withdrawn}
  - {subject_name: Zebulon Two, processing: PA-1, notice: PN-1, explicit: yes, given_at: 2024-01-07T10:00:00Z}
legal_hold:
  - {code: LH-1, scope: person, person: E1, reason: A claim}
retention_rule:
  - {code: RR-1, category: Leads, trigger: Withdrawal, target: consent, condition: state=withdrawn and explicit=yes, from_field: withdrawn_at, days: 365, method: crypto_erase, owner: E1, approver: E2, reason: Our notice says so, decision: POL-11, state: active}
Y
succeeds 'a register' record w all put --file all.yaml
succeeds 'what is new in a notice' privacy w diff PN-2
like "$out" '^\+We keep it a month' 'by line'
succeeds 'by word' privacy w diff PN-1 PN-2 --words
like "$out" '\[-year' 'by word'

# --- retention
succeeds 'a plan' retention w plan
like "$out" 'RR-1: erase consent after 365 days: 1 due, 1 kept by a legal hold' 'what is due, and what is held'
refuses 2 'nobody was asked' 'without being asked' retention w run
is "$(grep -rlai zebulon w | wc -l)" 2 'nothing was done'
succeeds 'run it' retention w run --yes --json
is "$(jq -r '.rules[0].due, .rules[0].held, .done' <<<"$out" | xargs)" '1 1 true' 'says so'
certificate=$(jq -r '.rules[0].certificate' <<<"$out")
succeeds 'a certificate' retention w certificate "$certificate"
like "$out" 'Approved by +E2' 'who approved it'
like "$out" 'the entries are there' 'borne out by the ledger'
unlike "$out" 'Zebulon|Ada|Bob' 'names nobody'
is "$(grep -rlai 'zebulon one' w)" '' 'no file has the name'
succeeds 'print it' retention w certificate "$certificate" -o c.html
like "$(cat c.html)" 'Certificate of destruction' 'a certificate'
like "$(cat c.html)" 'Bob Burns' 'approved by a person'
succeeds 'a second run' retention w run --yes
like "$out" 'nothing to do' 'has nothing to do'
succeeds 'the ledger holds' ledger w check
succeeds 'doctor' doctor w

# --- consents and requests from outside
command -v curl jq >/dev/null || { done_testing; exit; }
SERVER=
at_exit() { [ -z "$SERVER" ] || kill -9 "$SERVER" 2>/dev/null; wait 2>/dev/null; }
succeeds 'a user of the web site' record w user put login=site roles=privacy
succeeds 'its token' token w add site --user site --scope consents --scope requests --json
TOKEN=$(jq -r .secret <<<"$out")
printf 'form = on\n' >w/serve.conf
TICKMARK_LOG=info "$TICKMARK" serve w --listen 127.0.0.1:0 >where 2>log &
SERVER=$!
for _ in $(seq 200); do [ -s where ] && break; sleep 0.05; done
URL=$(sed -n 's/^listening on //p' where)
api() { run curl -s -w ' %{http_code}' -H "Authorization: Bearer $TOKEN" -H 'Content-Type: application/json' "${URL}api/v1$1" "${@:2}"; }
sum=$(printf 'We send news.\nWe keep it a year.' | sha256sum | cut -c1-64)
api /privacy/consents -d '{"subject":"c-77","purpose":"PA-1","notice":"PN-1","explicit":true,"notice_sha256":"'"$sum"'"}'
like "$out" '"id".* 201$' 'a consent'
api /privacy/consents -d '{"subject":"c-78","purpose":"PA-1","notice":"PN-1","explicit":true,"notice_sha256":"'"${sum//[0-4]/5}"'"}'
like "$out" 'another SHA-256.* 422$' 'to another text'
api /privacy/consents/withdraw -d '{"subject":"c-77"}'
like "$out" '"withdrawn":1.* 200$' 'is taken back'
api /privacy/consents/state -d '{"subject":"c-77","purpose":"PA-1"}'
like "$out" '"state":"withdrawn".* 200$' 'and says so'
open=
for path in /consent /subject_request /me /tasks/mine '/search?q=zeb' /types; do
	api "$path"
	[[ $out == *' 403' ]] || open="$open $path"
done
is "$open" '' 'the token opens nothing else'
form() { run curl -s -w '%{http_code}' -D head "${URL}privacy/$1" "${@:2}"; }
form request
like "$out" '<label for="contact">' 'a form, with labels'
unlike "$out" '<script|style=|onclick' 'without scripts'
like "$(cat head)" "Content-Security-Policy: default-src 'none'" 'under a strict policy'
once=$(grep -o 'name="once" value="[^"]*' <<<"$out" | cut -d'"' -f4)
sent=(--data-urlencode "once=$once" -d 'kind=access&place=EU&name=Yolanda' --data-urlencode 'contact=yo@example.net' --data-urlencode $'details=one\ntwo <b>')
form request "${sent[@]}"
number=$(grep -o 'class="number">[^<]*' <<<"$out" | cut -d'>' -f2)
like "$number" '^[0-9a-z]{5}(-[0-9a-z]{5}){3}-[0-9a-z]{6}$' 'a request has a number'
form request "${sent[@]}"
like "$out" "$number" 'sent twice it is one'
form request -d 'kind=nothing&contact=&name=%3Cscript%3E&leave=x'
like "$out" '422$' 'what is wrong is refused'
is "$(grep -c '<li><a href="#' <<<"$out")" 4 'with all that is wrong'
unlike "$out" '<script' 'and escaped'
form status -d "number=${number^^}"
like "$out" 'We have received it' 'the number shows how it stands'
form status -d 'number=00000-00000-00000-00000-000000'
like "$out" 'no request with this number.*|404$' 'another shows nothing'
form request -d 'a=%zz'
like "$out" '400$' 'broken escapes'
form request -H 'Content-Type: text/plain' -d x
like "$out" '415$' 'no form'
form request -d "$(head -c 20000 /dev/zero | tr '\0' a)"
like "$out" '413$' 'too much'
for _ in 1 2 3 4 5; do form status -d number=x; done
like "$out" '429$' 'too often'
kill -TERM "$SERVER"; wait "$SERVER"; SERVER=
is "$(tm record w subject_request list channel='web form' --json; jq -r '.[].kind' <<<"$out")" access 'one request is on record'
is "$(grep -rlai 'yolanda\|yo@example.net' w log | grep -v 'records.db\|evidence.db')" '' 'what was written is under its key, and in no log'
unlike "$(cat log)" "${number:0:11}" 'nor is the number'
succeeds 'doctor' doctor w
done_testing
