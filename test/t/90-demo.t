#!/bin/bash
# The demo, twice.
. "$(dirname "$0")/lib.sh"
[ "$TICKMARK" = "$TOP/build/tickmark" ] || skip_all 'the demo runs the release build'
TICKMARK_TIMEOUT=600 run "$TOP/demo" "$TMP/d"
is $rc 0 'the demo runs' || { note "$out"; note "$err"; }
like "$out" 'Done\.' 'to its end'
for f in report.pdf report.html; do [ -s "d/reports/$f" ]; ok $? "writes $f"; done
like "$out" 'CC6\.1' 'prints readiness by criterion'
unlike "$out" $'\r|\e' 'no progress marks to a pipe'
while read -r name re; do
	like "$out" "^  $name +$re" "people do things: $name"
done <<'LINES'
policy POL-13 published$
campaign ACK-[0-9-]+: 21 people are asked for 21 acknowledgements by [0-9-]+$
review AR-1 is frozen: 48 rows, 1 of them of nobody we know
roster would be: 0 join, 2 change, 0 return, 0 leave, 22 stay
acknowledged ACK-[0-9-]+ .* open [0-9-]+ 1 of 21 0 21$
occurrences [0-9]+ occurrences, .*: .*1 on time
tasks [0-9]+ tasks, 0 overdue$
gap [0-9]+ pieces of work, about [0-9]+ days
programme [0-9]+ records in .*/programme: [0-9]+ files written
LINES
n=$(entries d)
TICKMARK_TIMEOUT=600 run "$TOP/demo" "$TMP/d"
is $rc 0 'and again' || { note "$out"; note "$err"; }
like "$out" 'earlier run' 'says what it does with the workspace'
like "$out" '^  programme +[0-9]+ records .*: 0 files written' 'the folder of the programme is as it was'
exits 0 'and says what the workspace says' programme d plan d/programme
[ "$(entries d)" -gt "$n" ]; ok $? 'history grows'
is "$(pgrep -f "$TMP/d/inbox/servers" | wc -l)" 0 'its servers are stopped'
exits 0 'the workspace is whole' doctor d
is "$(sqlv d "SELECT count(DISTINCT source) FROM run WHERE status = 'complete'")" 14 'every source was collected'
exits 1 'a leaver who kept access too long is found' test d CC6.2 --period "$(date -u -d '-84 days' +%F)..$(date -u -d '-1 day' +%F)" --json
like "$out" 'E017|Demo Employee 17|cl-017|demo17' 'and named'
is "$(sqlv d 'SELECT count(*) FROM hr_person' --as-of "$(date -u -d '-80 days' +%F)")" 21 'the roster as of long ago'
done_testing
