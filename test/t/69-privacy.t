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
done_testing
