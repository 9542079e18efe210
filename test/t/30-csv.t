#!/bin/bash
# CSV to evidence: dated runs, both times, bad files, rebuild.
. "$(dirname "$0")/lib.sh"
new_workspace w

cat >hr.csv <<'CSV'
Employee No,Name,E-mail,First day,Last day,Contract
E1,Demo Employee 01,demo.employee.01@example.com,2024-01-08,,employee
E2,Demo Employee 02,demo.employee.02@example.com,2024-02-05,,employee
E3,Demo Employee 03,demo.employee.03@example.com,2024-03-04,,contractor
CSV
map=(--map employee_id='Employee No' --map name=Name --map email=E-mail
    --map start_date='First day' --map end_date='Last day' --map kind=Contract)
succeeds 'source add csv' source w add csv --name hr --table hr_person --file "$TMP/hr.csv" "${map[@]}"
succeeds 'source list' source w list
like "$out" 'hr' 'shows it'
succeeds 'source check' source w check hr

q='SELECT employee_id, end_date FROM hr_person ORDER BY 1'
succeeds 'collect for a past day' collect w hr --at 2026-01-10T12:00:00Z
is "$(sqlv w "$q" --as-of 2026-01-10T13:00:00Z)" $'E1|null\nE2|null\nE3|null' 'three people then'
is "$(sqlv w 'SELECT count(*) FROM hr_person' --as-of 2026-01-09T00:00:00Z)" 0 'nobody before'

sed -i 's/^\(E2.*2024-02-05,\)/\12026-01-31/; /^E3/d' hr.csv
succeeds 'collect for a later day' collect w hr --at 2026-02-10T12:00:00Z
is "$(sqlv w "$q" --as-of 2026-02-10T13:00:00Z)" $'E1|null\nE2|2026-01-31' 'as of the later day'
is "$(sqlv w "$q" --as-of 2026-01-10T13:00:00Z)" $'E1|null\nE2|null\nE3|null' 'as of the earlier day, as it was'

# a correction that comes late
n=$(entries w)
sed -i 's/^E1,Demo Employee 01/E1,Demo Employee 1A/' hr.csv
grep -v '^E2' hr.csv >late.csv && mv late.csv hr.csv
succeeds 'a correction of the first day comes late' collect w hr --at 2026-01-10T12:00:00Z
is "$(sqlv w "$q" --as-of 2026-01-10T13:00:00Z)" 'E1|null' 'what we know now of that day'
is "$(sqlv w "$q" --as-of 2026-01-10T13:00:00Z --known-at "$n")" $'E1|null\nE2|null\nE3|null' 'what we knew of it before'
is "$(sqlv w "$q" --as-of 2026-02-10T13:00:00Z)" $'E1|null\nE2|2026-01-31' 'the later day is untouched'
refuses 2 '' 'a position that is not one' sql w 'SELECT 1' --known-at 99999999
refuses 2 '' 'a time that is not one' sql w 'SELECT 1' --as-of yesterdayish

# rebuild
dump() { sqlv w "SELECT employee_id, name, end_date, valid_from, valid_to FROM hr_person ORDER BY 1" --as-of 2026-02-10T13:00:00Z; }
succeeds 'rebuild' rebuild w
digest=$(grep -Eo '[0-9a-f]{64}' <<<"$out" | head -1)
isnt "$digest" '' 'prints a digest'
was=$(dump)
rm -f w/evidence.db w/evidence.db-wal w/evidence.db-shm
succeeds 'rebuild after evidence.db was deleted' rebuild w
is "$(grep -Eo '[0-9a-f]{64}' <<<"$out" | head -1)" "$digest" 'the same digest'
is "$(dump)" "$was" 'the same rows'
rm -f w/evidence.db w/evidence.db-wal w/evidence.db-shm
is "$(dump)" "$was" 'a reader makes it anew by itself'
head -c 8192 /dev/urandom >w/evidence.db
is "$(dump)" "$was" 'also when it was overwritten with garbage'

# bad files leave a failed run and no evidence
was=$(dump)
try() { # try NAME: hr.csv is wrong in that way
	local n
	n=$(entries w)
	tm collect w hr --at 2026-02-20T12:00:00Z
	isnt $rc 0 "$1: collect does not say yes"
	like "$err$out" "$2" "$1: says where"
	is "$(entries w)" $((n + 1)) "$1: leaves its run entry"
	is "$(sqlv w 'SELECT employee_id, name, end_date, valid_from, valid_to FROM hr_person ORDER BY 1' --as-of 2026-02-20T13:00:00Z | cut -d'|' -f1-4)" "$(cut -d'|' -f1-4 <<<"$was")" "$1: no evidence"
}
good=$(cat hr.csv)
sed 's/^Employee No/Number/' <<<"$good" >hr.csv
try 'a column is missing' 'Employee No'
printf '%s\n' "$good" 'E9,Demo Employee 09,x@example.com,31.12.2025,,employee' >hr.csv
try 'a date is not a date' 'hr.csv:3'
printf '%s\n' "$good" 'E9,Demo Employee 09,x@example.com,2025-12-31,,pirate' >hr.csv
try 'a word is not among those allowed' 'pirate|hr.csv:3'
printf '%s\n' "$good" 'E1,Someone else,x@example.com,2025-12-31,,employee' >hr.csv
try 'a key comes twice' 'line 2, and differs from it: .*hr.csv:3'
printf '%s\n' "$good" 'E9,"Demo Employee 09' >hr.csv
try 'a quote is never closed' 'hr.csv:3'
printf '%s\n' "$good" 'E9,Demo' >hr.csv
try 'a row is too short' 'hr.csv:3'
printf '%s\n\xff\xfe\n' "$good" >hr.csv
try 'bytes are not UTF-8' 'hr.csv'
head -c 300000 /dev/urandom >hr.csv
try 'garbage' 'hr.csv'
: >hr.csv
try 'an empty file' 'hr.csv'
rm hr.csv
try 'no file' 'hr.csv'
mkfifo hr.csv
try 'a pipe that nobody writes to' 'hr.csv'
rm hr.csv; ln -s /dev/zero hr.csv
try 'a device without end' 'hr.csv'
rm hr.csv; truncate -s 10G hr.csv
try 'a file of 10 GB of zeros' 'hr.csv'
rm hr.csv

succeeds 'the runs are there to be seen' sql w "SELECT status, count(*) AS n FROM run GROUP BY 1 ORDER BY 1" --json
like "$out" 'failed' 'failed ones among them'
tm doctor w
is $rc 0 'and the workspace is whole' || note "$out $err"

refuses 2 'no_such_table' 'a table that is not declared' source w add csv --name x --table no_such_table --file "$TMP/x.csv"
refuses 2 'colour' 'a column that is not declared' source w add csv --name x --table hr_person --file "$TMP/x.csv" --map colour=C
refuses 2 'table' 'an option that is missing' source w add csv --name x --file "$TMP/x.csv"
refuses 2 'did you mean|colour' 'an option that is unknown' source w add csv --name x --table badge --file "$TMP/x.csv" --colour red
refuses 2 'at most 3650d' 'a gap that is too long' source w add csv --name x --table badge --file "$TMP/x.csv" --max-gap 10000d
refuses 2 'pigeon' 'a collector that is unknown' source w add pigeon --name x
refuses 2 'nosuch' 'a source that is unknown' collect w nosuch
done_testing
