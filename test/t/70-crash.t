#!/bin/bash
# Killed in the middle; a disk that is full.
. "$(dirname "$0")/lib.sh"
new_workspace w
{ echo 'employee_id,name,start_date,kind'; for i in $(seq 20000); do echo "E$i,Demo Employee $i,2024-01-08,employee"; done; } >hr.csv
"$TICKMARK" source w add csv --name hr --table hr_person --file "$TMP/hr.csv" >/dev/null

case $TICKMARK in */asan/*) rounds=5 ;; *) rounds=12 ;; esac
for i in $(seq $rounds); do
	sed -i "2s/.*/E1,Demo Employee 1 the ${i}th,2024-01-08,employee/" hr.csv
	setsid "$TICKMARK" collect w hr >/dev/null 2>&1 &
	pid=$!
	sleep "0.0$((i * 37 % 90 + 10))"
	kill -9 -- -$pid 2>/dev/null
	wait $pid 2>/dev/null
	tm doctor w
	[ $rc = 0 ]; ok $? "whole after kill -9, round $i" || { note "$out"; note "$err"; }
done
succeeds 'a collection afterwards' collect w hr
is "$(sqlv w 'SELECT count(*) FROM hr_person')" 20000 'has everybody'
is "$(sqlv w "SELECT name FROM hr_person WHERE employee_id = 'E1'")" "Demo Employee 1 the ${rounds}th" 'as of the last file'

# what was acknowledged is there after a kill
setsid bash -c 'for i in $(seq 500); do
	"$0" record w person put "code=P$i" "name=Demo Employee $i" kind=employee >/dev/null && echo "P$i" >>acked
done' "$TICKMARK" 2>/dev/null &
pid=$!
for _ in $(seq 100); do [ "$(wc -l 2>/dev/null <acked || echo 0)" -ge 5 ] && break; sleep 0.05; done
kill -9 -- -$pid; wait $pid 2>/dev/null
[ "$(wc -l <acked)" -ge 5 ]; ok $? 'some records were acknowledged before the kill'
have=$("$TICKMARK" record w person list --json | jq -r '.[].code')
is "$(sort acked | comm -23 - <(sort <<<"$have"))" '' 'and all of those are there'
exits 0 'and the workspace is whole' doctor w

# everything at once, killed again and again
case $TICKMARK in */asan/*) n=8 ;; *) n=40 ;; esac
run "$TOP/test/fault/kill.py" "$TICKMARK" --kills $n --every 15 --seed 2
is $rc 0 "$n processes killed under load lose nothing" || note "$out $err"
like "$out" 'record [1-9]' 'and some were answered before'

if [ "$(id -u)" = 0 ] && mkdir small && mount -t tmpfs -o size=8m tmpfs small 2>/dev/null; then
	at_exit() { umount "$TMP/small" 2>/dev/null; }
	"$TICKMARK" init small/w --org 'Example Cloud (demo)' --demo >/dev/null 2>&1
	if [ -s small/w/ledger/checkpoint ]; then
		"$TICKMARK" source small/w add csv --name hr --table hr_person --file "$TMP/hr.csv" >/dev/null
		# full at once, and full a little later
		for kb in 0 4 16 64 128 256 512; do
			n=$(entries small/w)
			head -c 100m /dev/zero >small/fill 2>/dev/null
			truncate -s "-${kb}K" small/fill 2>/dev/null
			tm collect small/w hr
			if [ $rc = 3 ]; then
				is "$(wc -l <"$TMP/.err")" 1 "$kb KB free: one line of error" || note "$err"
				rm -f small/fill
				exits 0 "$kb KB free: the workspace is whole" doctor small/w
			else
				is $rc 0 "$kb KB free: that is enough" || note "$err"
				rm -f small/fill
			fi
		done
		head -20 hr.csv >few.csv
		cp few.csv hr.csv
		succeeds 'with space again it works' collect small/w hr
	else
		head -c 100m /dev/zero >small/fill 2>/dev/null
		refuses 3 'space|full' 'a full disk' init small/w2 --org Example
		[ ! -e small/w2 ]; ok $? 'leaves nothing'
	fi
fi
done_testing
