#!/bin/bash
# Rotation of the master key, the key for bodies and the signing key.
. "$(dirname "$0")/lib.sh"
new_workspace w

printf 'employee_id,name,email,start_date,kind\nE1,Ada,ada@example.org,2024-01-08,employee\n' >hr.csv
succeeds 'a source' source w add csv --name hr --table hr_person --file "$TMP/hr.csv"
succeeds 'collect' collect w --at 2026-01-10T12:00:00Z
succeeds 'a record' record w person put code=E1 name=Ada email=ada@example.org kind=employee start_on=2024-01-08
cp w/ledger/checkpoint first
succeeds 'a receipt of before' ledger w receipt 0 -o "$TMP/receipt"
vkey=$(cat w/ledger/vkey)
tm keys w list
is "$(grep -c current <<<"$out")" 4 'one current key of each kind'
refuses 2 'which key' 'no key' keys w rotate
refuses 2 'no such key' 'a key that is none' keys w rotate subject
refuses 2 'nothing that can be done' 'something else' keys w show

all_holds() { # all_holds NAME
	succeeds "$1: doctor" doctor w
	is "$(sqlv w 'SELECT name FROM hr_person' --as-of 2026-01-10T13:00:00Z)" Ada "$1: evidence is read"
	tm record w person show E1
	like "$out" 'ada@example.org' "$1: and records"
	python3 "$TOP/test/ledger/verify.py" w/ledger >/dev/null
	ok $? "$1: another program checks tree and signature"
	opened=$(python3 "$TOP/test/ledger/bodies.py" w)
	ok $? "$1: another program opens every body"
}

cp -a w w0
for key in master body signing; do
	succeeds "rotate $key" keys w rotate $key
	cp w/ledger/checkpoint rotated # reading people's records makes a newer one
	all_holds "$key"
done
is "$(wc -l <w/ledger/vkey)" 2 'two verifier keys'
is "$(tail -n 1 w/ledger/vkey)" "$vkey" 'the older one is the last'
is "$(ls w/keys | grep -v journal | tr '\n' ' ')" 'keyring master.key subjects.db ' 'files of the keys'
is "$(stat -c %a w/keys/keyring)" 400 'for their owner only'
is "$(grep -c '^— ' rotated)" 2 'the checkpoint of the rotation has two signatures'
succeeds 'something new' record w person put E1 name='Ada L'
is "$(grep -c '^— ' w/ledger/checkpoint)" 1 'later ones have one'
tm ledger w check "$TMP/receipt"
is "$rc" 0 'a receipt of before the rotation still holds'
tm sql w "SELECT 1" ; is "$rc" 0 'reading'
tm keys w list --json
is "$(jq -r '[.[] | select(.key == "body")] | length' <<<"$out")" 2 'two keys for bodies'

# whoever knows only the first key can follow the ledger to its newest
succeeds 'a bundle' bundle w -o "$TMP/b.zip"
succeeds 'by the old key' verify "$TMP/b.zip" --vkey "$vkey"
like "$out" '^ok +trust: .* replaced the one that you gave.*: entry [0-9]+ of' 'with the entry that replaced it'
printf 'log %s\nquorum none\n' "$vkey" >"$TMP/policy"
succeeds 'by a policy that names the old key' verify "$TMP/b.zip" --policy "$TMP/policy"
new_workspace other
exits 1 'by a key of somebody else' verify "$TMP/b.zip" --vkey "$(cat other/ledger/vkey)"
like "$out" 'problem +trust: the head is not signed by the key that you gave' 'is said'

# all once more, the other way round
for key in signing body master; do
	succeeds "rotate $key again" keys w rotate $key
done
all_holds 'again'
succeeds 'rebuild records and evidence' rebuild w --records
all_holds 'rebuilt'
is "$(wc -l <w/ledger/vkey)" 3 'three verifier keys'

# keys of another time
cp -a w w1
cp -f w0/keys/master.key w1/keys/master.key
refuses 3 'does not fit the master key' 'an older master key' status w1
cp -a w w2
rm w2/keys/keyring
refuses 2 'signing key is not there' 'a ring that is lost' status w2
cp w0/keys/ledger.key w2/keys/
refuses 3 'does not fit' 'an older signing key' status w2

# an interrupted one: the new master key was written, and no ring
cp -a w w3
head -c 32 /dev/urandom >w3/keys/master.key.next
chmod 400 w3/keys/master.key.next
succeeds 'reading with a rotation that never was' status w3
ok "$([ -e w3/keys/master.key.next ]; echo $?)" 'leaves it'
succeeds 'writing' record w3 person put E1 name='Ada M'
ok "$([ ! -e w3/keys/master.key.next ]; echo $?)" 'drops it'
# and the other half: the ring is of the new one
cp -a w3 w4
succeeds 'rotate' keys w4 rotate master
mv w4/keys/master.key w4/keys/master.key.next
cp w3/keys/master.key w4/keys/master.key
succeeds 'reading in the middle of a rotation' status w4
succeeds 'writing finishes it' record w4 person put E1 name='Ada N'
ok "$([ ! -e w4/keys/master.key.next ]; echo $?)" 'the new key is in place'
succeeds 'and all holds' doctor w4

# systemd's credential
cp -a w w5
mkdir cred
mv w5/keys/master.key cred/tickmark-master
export CREDENTIALS_DIRECTORY=$PWD/cred
refuses 3 'systemd' 'the master key of systemd is not ours to replace' keys w5 rotate master
succeeds 'the others are' keys w5 rotate body
tm keys w5 list
like "$out" 'a credential of systemd' 'and the list says so'
unset CREDENTIALS_DIRECTORY
done_testing
