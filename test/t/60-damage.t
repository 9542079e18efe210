#!/bin/bash
# Damage: a flipped byte is found and named; nothing is believed blindly.
. "$(dirname "$0")/lib.sh"
new_workspace w
{ echo 'employee_id,name,start_date,kind'; for i in $(seq 2000); do echo "E$i,Demo Employee $i,2024-01-08,employee"; done; } >hr.csv
"$TICKMARK" source w add csv --name hr --table hr_person --file "$TMP/hr.csv" >/dev/null
"$TICKMARK" collect w hr >/dev/null || note 'collect failed'
exits 0 'doctor finds a whole workspace whole' doctor w
exits 0 'in JSON too' doctor w --json
jq -e . >/dev/null <<<"$out"; ok $? 'which is JSON'

# flip FILE OFFSET: one bit of that byte
flip() {
	local b
	chmod u+w "$1"
	b=$(od -An -tu1 -j "$2" -N1 "$1" | tr -d ' ')
	printf "\\x$(printf %02x $((b ^ 1)))" | dd of="$1" bs=1 seek="$2" conv=notrunc 2>/dev/null
}
# damaged NAME FILE ERE: doctor says no and names it
damaged() {
	rm -rf d && cp -a w d
	flip "d/$2" "${4:-$(($(stat -c %s "d/$2") / 2))}"
	tm doctor d
	is $rc 1 "$1: doctor says no" || note "$out $err"
	like "$out$err" "$3" "$1: and names it"
	"$TICKMARK" doctor d --json >j 2>/dev/null
	jq -e . j >/dev/null 2>&1; ok $? "$1: in JSON too" || note "$(head -c 300 j)"
}
pack=$(cd w && find bodies -type f -size +0 | head -1)
if [ -n "$pack" ]; then
	damaged 'a byte of a body' "$pack" 'bod(y|ies)|[0-9a-f]{12}|entry'
else
	ok 1 'there is a pack of bodies'
fi
tile=$(cd w && find ledger/tile -type f ! -path '*/entries/*' -size +0 | head -1)
damaged 'a byte of a tile' "$tile" 'tile'
bundle=$(cd w && find ledger/tile/entries -type f -size +0 | head -1)
damaged 'a byte of an entry bundle' "$bundle" 'entr'
damaged 'a byte of the checkpoint' ledger/checkpoint 'checkpoint|signature'
# the size line: what is claimed
rm -rf d && cp -a w d && chmod u+w d/ledger/checkpoint
sed -i '2s/.*/999999/' d/ledger/checkpoint
tm doctor d; is $rc 1 'a checkpoint that claims more than there is'
rm -rf d && cp -a w d && rm -rf "d/$tile"
tm doctor d; is $rc 1 'a tile that is missing' || note "$out $err"
[ -z "$pack" ] || {
	rm -rf d && cp -a w d && truncate -s -1 "d/$pack"
	tm doctor d; is $rc 1 'a pack that is cut short' || note "$out $err"
	rm -f d/evidence.db*
	refuses 3 '.' 'a rebuild over a damaged body could not' rebuild d
}
# the record tables are believed by every page: they must follow from the ledger
changed() {
	rm -rf d && cp -a w d && sqlite3 d/records.db "$2"
	tm doctor d
	is $rc 1 "$1: doctor says no" || note "$out $err"
	like "$out" "$3" "$1: and names it"
}
changed 'a record that was changed in the table' "UPDATE r_control SET title = title || 'x' WHERE code = (SELECT min(code) FROM r_control)" 'column title: r_control '
rm -rf d && cp -a w d && sqlite3 d/evidence.db "PRAGMA writable_schema=1; UPDATE sqlite_schema SET sql=replace(sql,'CREATE INDEX','CREATE  INDEX') WHERE type='index'"
tm doctor d
like "$out" 'not what the ledger says.*evidence.db' 'a declaration of the evidence that was changed is named'
rm -rf d && cp -a w d && sqlite3 d/keys/subjects.db 'DROP INDEX subject_by_tag'
tm doctor d
like "$out" 'declaration of its table or index.*subjects.db' 'an index of the keys of subjects that is gone is named'
changed 'a record that was removed from the table' "DELETE FROM revision WHERE entry = (SELECT max(entry) FROM revision)" 'row is missing: revision '
changed 'a record that nobody entered' "INSERT INTO revision SELECT type, id, 99, entry, body FROM revision LIMIT 1" 'knows no such row'
succeeds 'from which it is made again' rebuild d --records
exits 0 'and is whole' doctor d
# and so must the evidence that tests are run on
rm -rf d && cp -a w d && sqlite3 d/evidence.db "UPDATE \"criterion!v\" SET title = 'x' WHERE code = 'CC1.1'"
tm doctor d; is $rc 1 'evidence that was changed by hand: doctor says no'
like "$out" 'not what the ledger says' 'and why'
succeeds 'it is made again' rebuild d
exits 0 'and the evidence is whole' doctor d
rm -rf d && cp -a w d && rm d/keys/master.key
tm doctor d; isnt $rc 0 'a master key that is missing'
refuses '[23]' 'key' 'without it nothing is read' collect d
rm -rf d && cp -a w d && chmod u+w d/records.db && dd if=/dev/zero of=d/records.db bs=4096 seek=1 count=4 conv=notrunc 2>/dev/null
tm status d; isnt $rc 0 'a database that was overwritten'
is "$(wc -l <"$TMP/.err")" 1 'is one line of error'
done_testing
