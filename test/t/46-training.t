#!/bin/bash
# A course, taken from a file and by answering.
. "$(dirname "$0")/lib.sh"
new_workspace w
printf 'code,name,kind,start_on,state\nE1,Demo Employee 01,employee,2024-01-08,active\nE2,Demo Employee 02,employee,2024-02-05,active\n' >people.csv
succeeds 'people' record w person put --file people.csv
succeeds 'assigned to all' training w assign
succeeds 'how they stand' training w
like "$out" 'E1 .*due in 30 days' 'have thirty days'
succeeds 'the course' training w show security-awareness --with-answers --json
jq -r '.modules[].questions[] | "\"\(.id)\": \"\(.answer)\""' <<<"$out" >right.yaml
jq -r '.modules[] | "", (.questions[].answer)' <<<"$out" >typed
head -n 3 right.yaml >few.yaml
tm training w take E1 --answers few.yaml
is "$rc" 1 'too few right answers: the answer is no'
like "$out" 'Read again: Messages' 'says what to read again'
succeeds 'the right answers' training w take E1 --answers right.yaml --json
is "$(jq -c '[.score, .passed]' <<<"$out")" '[100,true]' 'complete it'
"$TICKMARK" training w take E2 <typed >said 2>&1
is "$?" 0 'typed in on the terminal'
like "$(cat said)" '100 percent, 80 are needed: the course is complete' 'as well'
head -n 9 typed | "$TICKMARK" training w take E2 >said 2>&1
is "$?" 1 'ended in the middle'
like "$(cat said)" 'nothing was recorded' 'records nothing'
refuses 2 'no person named' 'somebody unknown' training w take E9 --answers right.yaml
refuses 2 'no question "9.9"' 'answers to another course' training w take E2 --answers <(echo '"9.9": a')
is "$(sqlv w "SELECT count(*) FROM training WHERE state='complete' AND score=100")" 2 'the evidence knows both'
done_testing
