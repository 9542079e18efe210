#!/bin/bash
# The pack of a meeting.
. "$(dirname "$0")/lib.sh"
export TICKMARK_CLOCK=2026-07-01T09:00:00Z
succeeds 'a workspace' init w --org Demo --demo
cat >all.yaml <<'Y'
person:
  - code: E1
    name: Demo Employee 1
    kind: employee
  - code: E2
    name: Demo Employee 2
    kind: employee
meeting:
  - code: BRD-2
    body: Board
    planned_on: 2026-07-08
    agenda: |
      1. Where we stand
      2. The <b>budget</b>
  - code: BRD-1
    body: Board
    planned_on: 2026-03-10
    chair: E1
    attendees: [E1, E2]
    minutes: Said.
    secretary: E2
  - code: AC-1
    body: Audit committee
    planned_on: 2026-05-10
finding:
  - code: F-1
    title: Two leavers kept their access
    severity: high
    owner: E1
    due: 2026-06-01
risk:
  - code: R-1
    statement: The only administrator leaves
    category: people
    inherent_likelihood: 4
    inherent_impact: 5
Y
exits 0 'records' record w all put --file all.yaml
exits 0 'a meeting was held' record w meeting put BRD-1 state=held
exits 0 'and decided' record w decision put meeting=BRD-1 number=1 'text=Buy a second firewall' owner=E2 due_on=2026-05-31
exits 0 'its successor has a pack' meeting w pack BRD-2 -o pack.html
page=$(cat pack.html)
like "$page" '2026-03-10, the last meeting' 'since the last meeting of the same body'
like "$page" 'Buy a second firewall' 'decisions that are open'
like "$page" '&lt;b&gt;budget' 'the agenda, escaped'
like "$page" 'Two leavers kept their access' 'findings'
like "$page" 'The only administrator leaves' 'risks'
like "$page" 'No incident is open, and none was detected since 2026-03-10' 'what there is none of is said'
cp pack.html again.html
exits 0 'and again' meeting w pack BRD-2 -o pack.html
cmp -s pack.html again.html; ok $? 'the same bytes at the same time'
exits 0 'of a body that never met' meeting w pack AC-1 -o ac.html
like "$(cat ac.html)" '2025-07-01, a year ago: no earlier meeting is recorded' 'since a year ago'
refuses 2 'where to write' 'without a file' meeting w pack BRD-2
refuses 2 'no meeting named' 'an unknown one' meeting w pack BRD-9 -o x.html
refuses 2 'pdf' 'an ending that nobody writes' meeting w pack BRD-2 -o x.doc
[ ! -e x.html ] && [ ! -e x.doc ]; ok $? 'and nothing is written'
done_testing
