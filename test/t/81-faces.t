#!/bin/bash
# Every command that prints a result prints it as JSON too; the clock can be
# moved in a demo and nowhere else.
. "$(dirname "$0")/lib.sh"
new_workspace w
printf 'employee_id,name,start_date,kind\nE1,Demo Employee 01,2024-01-08,employee\n' >hr.csv

json() { # json STATUS ARGUMENT...
	local want=$1
	shift
	tm "$@" --json
	[ "$rc" = "$want" ] && jq -e . >/dev/null 2>&1 <<<"$out"
	ok $? "$(sed "s|$TMP|.|g" <<<"$*") --json" || note "exit $rc, wanted $want: $(head -c 300 <<<"$out") $err"
}
json 0 source w add csv --name hr --table hr_person --file "$TMP/hr.csv"
json 0 source w list
json 0 source w check hr
json 0 collect w
json 0 record w
json 0 record w criterion list
json 0 record w control show AC-03
json 0 record w control history AC-03
json 0 record w vendor put 'name=Example Hosting (demo)' tier=high
json 0 status w
json 0 status w CC6.1
json 1 test w
json 0 test w --list
json 1 test w CC6.2 --period 2026-01-01..2026-01-31
json 0 sql w 'SELECT 1 AS one'
json 0 sql w "SELECT name, 'a \"quote\" and a
new line' AS x, NULL AS n, 1.5 AS f FROM hr_person"
json 0 sql w
json 0 sql w account
json 0 record w person fields
json 0 rebuild w
json 0 doctor w
json 0 report w --type 1 -o a.html
is "$(jq -r '[.[] | select(.id == "leaver-saas-access")][0].outcome' <(tm test w leaver-saas-access --json; cat "$TMP/.out"))" unknown 'what was never collected is unknown'

# a clock that is moved
at() { TICKMARK_CLOCK=$1 "$TICKMARK" "${@:2}" >/dev/null 2>&1; }
later=$(date -u +%Y)
later=$((later + 1))
at "$later-03-01T06:00:00Z" collect w hr; ok $? 'next year in a demo'
sed -i 's/Demo Employee 01/Demo Employee 1A/' hr.csv
at "$later-03-02T06:00:00Z" collect w hr; ok $? 'and the day after'
is "$(sqlv w 'SELECT name FROM hr_person' --as-of "$later-03-01")" 'Demo Employee 01' 'as of the day'
is "$(sqlv w 'SELECT name FROM hr_person' --as-of "$later-03-02T07:00:00Z")" 'Demo Employee 1A' 'as of the day after'
like "$("$TICKMARK" status w --as-of "$later-03-01" 2>&1)" "$later-03-01" 'status of a day'
exits 0 'a clock that went back does no harm' collect w hr
exits 0 'and all is whole' doctor w
"$TICKMARK" init real --org 'Not a demo' >/dev/null
TICKMARK_CLOCK=2030-01-01T00:00:00Z tm collect real
isnt $rc 0 'a real workspace does not let its clock be moved'
like "$err" 'TICKMARK_CLOCK|demo|clock' 'and says so'

# to a pipe no progress, no colours
tm status w
unlike "$out$err" $'\e|\r' 'nothing but text to a pipe'
run "$TICKMARK" sql w 'WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c LIMIT 200000) SELECT x FROM c'
is "$(wc -l <<<"$out")" 200003 'many rows'
"$TICKMARK" sql w 'WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c LIMIT 200000) SELECT x FROM c' 2>"$TMP/e" | head -1 >/dev/null
ok 0 'a reader that goes away is no crash'
if [ -w /dev/full ]; then
	"$TICKMARK" status w >/dev/full 2>"$TMP/e"
	is $? 3 'output that cannot be written is status 3'
fi
done_testing
