#!/bin/bash
# Procedures of one's own, wrong ones above all.
. "$(dirname "$0")/lib.sh"
new_workspace w
printf 'employee_id,name,start_date,kind\nE1,Demo Employee 01,2024-01-08,employee\nE2,Demo Employee 02,2024-02-05,employee\n' >hr.csv
"$TICKMARK" source w add csv --name hr --table hr_person --file "$TMP/hr.csv" >/dev/null
"$TICKMARK" collect w hr >/dev/null || note 'collect failed'
mkdir -p w/procedures

# procedure ID POPULATION VERDICTS
procedure() {
	cat >"w/procedures/$1.sql" <<-SQL
		-- id: $1
		-- title: A test of the tests
		-- control: GV-12
		-- kind: state
		-- mode: both
		-- tests: Everybody on the roster.
		-- passes: It is as it should be.
		-- fails: It is not.
		-- matters: So that it can be seen.
		-- remediation: Mend it.
		-- population
		$2;
		-- verdicts
		$3;
	SQL
}
everybody="SELECT subject, employee_id AS label, from_us, to_us FROM hr_person_period"
verdict() { echo "SELECT subject, $1 AS status, 'so it is' AS reason, from_us, to_us, NULL AS evidence FROM hr_person_period"; }

procedure own-good "$everybody" "$(verdict "'ok'")"
at=$(date -u +%FT%TZ -d '+1 second')
sleep 1
exits 0 'a good one says yes' test w own-good
succeeds 'in JSON' test w own-good --as-of "$at" --json
is "$(jq -r '.[0].outcome' <<<"$out")" no_exceptions 'no exceptions'
is "$(jq -r '.[0].members' <<<"$out")" 2 'of two'
sum=$(jq -r '.[0].sha256' <<<"$out")
procedure own-bad "$everybody" "$(verdict "CASE employee_id WHEN 'E2' THEN 'fail' ELSE 'ok' END")"
exits 1 'one that finds something says no' test w own-bad
like "$out" 'E2' 'and names it'
exits 1 'the same in JSON' test w own-bad --json
is "$(jq -r '.[0].items[] | select(.status == "fail") | .label' <<<"$out")" E2 'and names it'
procedure own-gap "$everybody" "$(verdict "'ok'") WHERE employee_id = 'E1'"
exits 1 'a member without a verdict is not a pass' test w own-gap --json
is "$(jq -r '.[0].outcome' <<<"$out")" unknown 'it is unknown'
procedure own-none "$everybody WHERE 0" "$(verdict "'ok'") WHERE 0"
exits 0 'nobody to judge' test w own-none --json
is "$(jq -r '.[0].outcome' <<<"$out")" not_triggered 'is not triggered'
procedure own-blind "SELECT subject, badge_id AS label, from_us, to_us FROM badge_period" \
    "SELECT subject, 'ok' AS status, '' AS reason, from_us, to_us, NULL AS evidence FROM badge_period"
exits 1 'a table never collected is not a pass' test w own-blind --json
is "$(jq -r '.[0].outcome' <<<"$out")" unknown 'it is unknown'
exits 0 'run again, unchanged' test w own-good --as-of "$at" --force --json
is "$(jq -r '.[0].sha256' <<<"$out")" "$sum" 'the same bytes'
rm w/procedures/own-*

wrong() { # wrong ID ERE NAME
	local was
	was=$(fingerprint w)
	refuses "${4:-2}" "$2" "$3" test w "$1" --timeout "${5:-60}"
	is "$(fingerprint w)" "$was" "$3: the workspace is as it was"
	rm -f "w/procedures/$1.sql"
}
procedure own-syntax "$everybody" 'SELEKT 1'
wrong own-syntax 'own-syntax' 'SQL that is no SQL'
procedure own-table "$everybody" "SELECT subject, 'ok' AS status, '' AS reason, from_us, to_us, NULL AS evidence FROM nowhere"
wrong own-table 'nowhere' 'a table that is not there'
procedure own-column "$everybody" "$(verdict favourite_colour)"
wrong own-column 'favourite_colour' 'a column that is not there'
procedure own-shape "$everybody" 'SELECT 1'
wrong own-shape 'own-shape' 'columns that are missing'
procedure own-word "$everybody" "$(verdict "'splendid'")"
wrong own-word 'splendid' 'a verdict that is none'
procedure own-overlap "$everybody" "$(verdict "'ok'") UNION ALL $(verdict "'fail'")"
wrong own-overlap 'E1|overlap' 'two verdicts for one subject'
procedure own-stranger "$everybody WHERE employee_id = 'E1'" "$(verdict "'ok'")"
tm test w own-stranger; isnt $rc 0 'a verdict on somebody outside the population'
rm -f w/procedures/own-stranger.sql
for sql in "DELETE FROM hr_person" "INSERT INTO t_hr_person DEFAULT VALUES" "DROP TABLE t_hr_person" \
    "ATTACH '$TMP/x.db' AS x" "PRAGMA journal_mode=DELETE" "CREATE TABLE x (y)" "VACUUM INTO '$TMP/x.db'"; do
	procedure own-write "$everybody" "$sql"
	wrong own-write 'own-write' "may not: ${sql%% *}"
done
[ ! -e x.db ]; ok $? 'no database was made'
procedure own-shadow "$everybody" "SELECT subject, 'ok' AS status, readfile('/etc/passwd') AS reason, from_us, to_us, NULL AS evidence FROM hr_person_period"
wrong own-shadow 'readfile' 'may not read files'
procedure own-now "$everybody" "SELECT subject, 'fail' AS status, datetime('now') AS reason, from_us, to_us, NULL AS evidence FROM hr_person_period"
exits 1 'now is the instant asked' test w own-now --as-of "$at" --no-record --json
is "$(jq -r '.[0].items[0].reason' <<<"$out")" "$(tr TZ ' ' <<<"$at" | xargs)" 'and no other'
rm w/procedures/own-now.sql
procedure own-random "$everybody" "SELECT subject, 'ok' AS status, random() AS reason, from_us, to_us, NULL AS evidence FROM hr_person_period"
wrong own-random 'random' 'may not throw dice'
procedure own-forever "$everybody" "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT subject, 'ok' AS status, '' AS reason, from_us, to_us, NULL AS evidence FROM hr_person_period, c"
wrong own-forever 'own-forever' 'runs forever' 3 1
procedure own-memory "$everybody" "WITH RECURSIVE c(x) AS (SELECT 'x' UNION ALL SELECT x || x FROM c) SELECT subject, 'ok' AS status, (SELECT group_concat(x) FROM c) AS reason, from_us, to_us, NULL AS evidence FROM hr_person_period"
wrong own-memory 'own-memory' 'wants all memory' '[23]'
printf 'id: own-head\nSELECT 1;\n' >w/procedures/own-head.sql
wrong own-head 'own-head' 'a header that is missing'
# A file that is wrong is named, and does not stand in the way of others.
procedure own-good "$everybody" "$(verdict "'ok'")"
printf -- '-- id: own-half\n-- control: AC-03\n-- kind: other\n' >w/procedures/own-half.sql
printf 'id: own-head\nSELECT 1;\n' >w/procedures/own-head.sql
exits 2 'one of three is wrong' test w own-good own-half own-head
like "$out" 'no exceptions +own-good' 'the others are run'
like "$out" 'own-half +not run' 'and it is said which are not'
like "$err" 'own-half.sql:4' 'with the place'
exits 2 'the same in JSON' test w own-good own-half own-head --json
is "$(jq -c 'map([.id, .outcome, has("error")])' <<<"$out")" \
    '[["own-good","no_exceptions",false],["own-half","unknown",true],["own-head","unknown",true]]' 'all three are there'
succeeds 'they are listed' test w --list
like "$out" 'own-half' 'by the name of the file'
tm status w --json
like "$(jq -r '.gaps[].text' <<<"$out")" 'own-head cannot be read' 'status names what cannot be read'
like "$(jq -r '.controls[] | select(.id == "AC-03") | .gaps[].text' <<<"$out")" \
    'own-half cannot be read.*own-half.sql:4' 'and at its control, if it says which'
rm w/procedures/own-*
refuses 2 'NOPE' 'an id that names nothing' test w NOPE-99

# tickmark sql is the same sandbox
for sql in "DELETE FROM hr_person" "ATTACH '$TMP/x.db' AS x" "DROP TABLE t_hr_person" 'PRAGMA writable_schema=1' \
    'SELECT load_extension(1)' 'SELEKT 1' 'SELECT * FROM nowhere' ''; do
	refuses 2 '' "sql refuses: $sql" sql w "$sql"
done
succeeds 'and answers what it may' sql w 'SELECT count(*) AS people FROM hr_person' --json
done_testing
