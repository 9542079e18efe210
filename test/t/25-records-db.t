#!/bin/bash
# records.db lost or damaged: it comes back from the ledger and the bodies.
. "$(dirname "$0")/lib.sh"
new_workspace w
printf 'code,name,kind\nE1,Demo Employee 01,employee\n' >person.csv
succeeds 'a record' record w person put --file person.csv
succeeds 'another revision' record w person put E1 role=Engineer
tm record w person history E1 --json; history=$out
tm rebuild w --json; digest=$(jq -r .digest <<<"$out")

rm w/records.db*
refuses 3 'records.db.*rebuild w --records' 'without records.db' record w person list
refuses 3 'records.db' 'rebuild of the evidence alone cannot do it' rebuild w
succeeds 'rebuild --records' rebuild w --records
like "$out" "digest $digest" 'the evidence is the same'
unlike "$out" 'before' 'there was no old one'
tm record w person history E1 --json
is "$out" "$history" 'the history is the same'
succeeds 'doctor holds' doctor w
succeeds 'and one can write' record w person put E1 role='Head of engineering'

head -c 20000 /dev/urandom >w/records.db
refuses 3 'records.db.*(damaged|rebuild)' 'with garbage' record w person list
succeeds 'rebuild --records again' rebuild w --records
like "$out" 'records.db.before' 'the old one is kept'
tm record w person show E1
like "$out" 'Head of engineering' 'the last revision is there'

# the index of words is looked at as well
succeeds 'a record that is found' record w vendor put name='Grün Cloud' tier=high
succeeds 'and one that is no more' record w vendor put name='Other Cloud' tier=low
succeeds 'is retired' record w vendor retire 'Other Cloud'
cp w/records.db good.db
while IFS='|' read -r sql said; do
	python3 -c 'import sqlite3, sys; d = sqlite3.connect("w/records.db"); d.execute(sys.argv[1]); d.commit()' "$sql"
	tm doctor w
	grep -q "^problem.*$said" <<<"$out" && [ $rc = 1 ]
	ok $? "doctor sees: $sql" || note "$out"
	cp good.db w/records.db
done <<'X'
UPDATE search_docsize SET sz=x'010203' WHERE id=(SELECT max(id) FROM search_docsize)|search_docsize
UPDATE search_doc SET doc=doc+1 WHERE doc=(SELECT max(doc) FROM search_doc)|search
DELETE FROM search_idx WHERE term=(SELECT max(term) FROM search_idx)|search for
DROP TABLE search|declaration of search
X
succeeds 'as it was all holds' doctor w

bundle=$(find w/ledger/tile/entries -type f | sort | head -1)
chmod u+w "$bundle"
printf 'x' | dd of="$bundle" bs=1 seek=200 conv=notrunc 2>/dev/null
was=$(sha256sum <w/records.db)
refuses 3 'tile/entries' 'a damaged bundle' rebuild w --records
is "$(sha256sum <w/records.db)" "$was" 'leaves the database as it was'
done_testing
