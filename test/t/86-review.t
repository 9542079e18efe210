#!/bin/bash
# An access review: a frozen list, decisions, removals that evidence shows.
. "$(dirname "$0")/lib.sh"
at() { export TICKMARK_CLOCK=$1; }

at 2026-03-02T08:00:00Z
succeeds 'a workspace' init w --org Demo --demo
cat >people.yaml <<-X
	- {code: E1, name: Ada Example, kind: employee, email: ada@example.org, login: ada, start_on: 2025-01-01, state: active}
	- {code: E2, name: Bo Example, kind: employee, email: bo@example.org, start_on: 2025-01-01, state: active}
	- {code: E3, name: Cy Example, kind: employee, email: cy@example.org, start_on: 2025-01-01, state: active}
X
succeeds 'people' record w person put --file people.yaml
cat >crm.csv <<-X
	app,account_id,login,email,role,admin,status
	crm,1,ada,ada@example.org,sales,no,active
	crm,2,bo,bo@example.org,admin,yes,active
	crm,3,old,old@example.org,sales,no,active
	crm,4,gone,gone@example.org,sales,no,deleted
X
succeeds 'a source' source w add csv --name crm --table saas_account --file "$TMP/crm.csv" --max-gap 2d
start() { tm review w start "$@" --owner E3 --validator E3 --due 2026-03-20; }
start AR-1 --sources crm --reviewers E1
is "$rc" 2 'nothing is frozen before it was collected'
like "$err" 'nothing that it gave says who has access' 'and that is said'
succeeds 'collect' collect w
start AR-1 --sources crm --reviewers E1
is "$rc" 2 'nobody certifies their own access'
like "$err" 'row 1 is the access of the only reviewer' 'and that is said'
start AR-1 --sources crm --reviewers E1,E2
is "$rc $out" '0 AR-1 is frozen: 3 rows, 1 of them of nobody we know, 1 privileged' 'the list is frozen' || note "$err"
start AR-1 --sources crm --reviewers E1,E2
is "$rc" 2 'once'
succeeds 'shown' review w show AR-1 --json
is "$(jq -r 'map(.account + " " + .reviewer) | join(",")' <<<"$out")" 'crm:1 E2,crm:2 E1,crm:3 E1' 'with a reviewer for each'
succeeds 'its record' record w access_review show AR-1 --json
like "$(jq -r .completeness <<<"$out")" 'saas_account of crm: complete run at 2026-03-02.*4 rows received' 'says how one knows that it is whole'
exits 3 'not by oneself' review w decide AR-1 1 keep --by E1
exits 3 'not by others' review w decide AR-1 1 keep --by E3
succeeds 'kept' review w decide AR-1 1 keep --by E2
succeeds 'kept' review w decide AR-1 2 keep --by E1
exits 1 'something is undecided' review w check AR-1
succeeds 'removed' review w decide AR-1 3 remove --by E1 --reason 'nobody knows it'
succeeds 'a task' tasks w E3 --source review.remove --json
is "$(jq -r '.[0].due_on' <<<"$out")" 2026-03-09 'for the owner, in five working days'
exits 1 'not seen gone: nothing was collected since' review w check AR-1
like "$out" '1 cannot be seen' 'and that is said'
at 2026-03-03T08:00:00Z
succeeds 'collect' collect w
exits 1 'it is still there' review w check AR-1
unlike "$out" 'cannot be seen' 'as was seen'
sed -i '/^crm,3/d' crm.csv
at 2026-03-04T08:00:00Z
succeeds 'it is taken away' collect w
succeeds 'and seen gone' review w check AR-1 --json
is "$(jq -r '.state, .removed, .found_gone' <<<"$out" | paste -sd' ')" 'closed 1 1' 'the review is closed'
succeeds 'no task is left' tasks w E3 --source review.remove --json
is "$(jq length <<<"$out")" 0 'of it'
exits 2 'nothing is decided afterwards' review w decide AR-1 3 keep --by E1
at 2026-03-09T08:00:00Z
start AR-2 --sources crm --reviewers E1,E2
is "$rc" 2 'a stale list is not frozen'
like "$err" 'was last seen at 2026-03-04' 'and that is said'
done_testing
