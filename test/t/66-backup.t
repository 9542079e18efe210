#!/bin/bash
# Backups: copied while others write, killed, restored, changed, put back.
. "$(dirname "$0")/lib.sh"
command -v age >/dev/null || skip_all 'age is not installed'
at_exit() {
	[ -n "${writer:-}" ] && kill -9 -- "-$writer" 2>/dev/null
	umount "$TMP/small" 2>/dev/null
}
new_workspace w
put() { "$TICKMARK" record w person put "code=$1" "name=Demo Employee $1" kind=employee >/dev/null; }
put A1

succeeds 'a recovery key' backup --keygen rk
age1=$out
like "$age1" '^age1[0-9a-z]{58}' 'is printed'
R=$(grep -o '^age1[0-9a-z]*' <<<"$age1")
is "$(age-keygen -y rk)" "$R" 'and is one for age-keygen too'
is "$(stat -c %a rk)" 600 'the file is for its owner'
refuses 2 'there is something already' 'it is not overwritten' backup --keygen rk
age-keygen -o rk2 2>/dev/null
R2=$(age-keygen -y rk2)

# what is refused before anything is written
refuses 2 'where the backups go' 'without a place' backup w
refuses 2 'who may open' 'without a recipient' backup w --to d
refuses 2 'checksum' 'a slip in a recipient' backup w --to d --recipient "${R%?}q"
refuses 2 'secret key' 'a secret instead of a recipient' backup w --to d --recipient "$(grep AGE rk)"
unlike "$err" "$(grep AGE rk)" 'is not repeated'
refuses 2 'inside of the workspace' 'a place inside of the workspace' backup w --to w/copy --recipient "$R"
rm -rf w/copy
mkdir other && touch other/x
refuses 2 'something else is in this directory' 'a place with other things' backup w --to other --recipient "$R"
refuses 2 'no workspace here' 'no workspace' backup nowhere --to d --recipient "$R"

succeeds 'a backup' backup w --to d --recipient "$R" --recipient "$R2" --json
first=$(jq .written <<<"$out")
is "$(jq -c '[.point,.full,.recorded]' <<<"$out")" '[1,true,true]' 'is the first, of everything, recorded'
is "$(grep -rlaE 'Example|Demo Employee|tickmark.local|vendor' d)" '' 'nothing of the content is to be seen'
is "$(find d -perm /077)" '' 'nor is it for others'
put A2
succeeds 'another' backup w --to d --recipient "$R" --recipient "$R2" --json
second=$(jq .written <<<"$out")
[ "$second" -lt $((first * 3 / 5)) ]; ok $? "is small: $second of $first bytes"
entry=$("$TICKMARK" sql w 'SELECT 1 AS x' >/dev/null; strings -a w/ledger/tile/entries/*.p/* 2>/dev/null | grep -c '^action backup$')
[ "$entry" -ge 1 ]; ok $? 'backups are entries of the ledger'
succeeds 'they are listed' backup w --to d --list --json
is "$(jq -c '[.[].point]' <<<"$out")" '["1","2"]' 'both'
succeeds 'with the recovery key alone too' restore d --list --identity rk2

# age itself
[ "$(age -d -i rk d/point-000001 | head -1)" = tickmark-backup/v1 ]; ok $? 'age opens a manifest'
bad=0
for f in d/data/* d/keys; do age -d -i rk2 -o .plain "$f" || bad=1; rm -f .plain; done
ok $bad 'and every object, with the other key'
seg=$(age -d -i rk d/point-000002 | grep -A1 '^file .* tickmark.workspace$' | sed -n 's/^piece \([0-9]*\) .*/\1/p')
id=$(age -d -i rk d/point-000002 | grep '^segment' | sed -n "$((seg + 1))p" | cut -d' ' -f2)
age -d -i rk "d/data/$id" | grep -aq 'org = Example Cloud (demo)'
ok $? 'by its lines a file is found by hand'

# restored
n=$(entries w) # reading the records of people adds to them
fp=$("$TICKMARK" record w all list --yaml | sha256sum)
succeeds 'restore' restore d r --identity rk
like "$out" 'restored point 2' 'the newest'
exits 0 'it is whole' doctor r
[ "$(entries r)" -ge $((n - 1)) ]; ok $? 'all entries up to the backup'
is "$("$TICKMARK" record r all list --yaml | sha256sum)" "$fp" 'the same records'
is "$(stat -c %a r/keys/master.key r/keys | tr '\n' ' ')" '400 700 ' 'keys for their owner alone'
cmp -s w/keys/master.key r/keys/master.key; ok $? 'the same keys'
"$TICKMARK" record r person put code=B1 'name=After' kind=employee >/dev/null; ok $? 'it can be written'
n=$(entries r)
refuses 2 'not empty' 'not over what is there' restore d r --identity rk
is "$(entries r)" "$n" 'which stays as it is'
succeeds 'an older point' restore d r1 --identity rk2 --at 1
is "$("$TICKMARK" record r1 person list --json | jq -r '.[].code' | tr '\n' ' ')" 'A1 ' 'is as it was then'
like "$out" '.' 'and says so' ; rm -rf r1
refuses 2 'no point 9' 'a point that is not there' restore d r1 --identity rk --at 9
refuses 2 'names no point' 'nonsense as a point' restore d r1 --identity rk --at yesterday
refuses 2 'no point 2001' 'a time before the first' restore d r1 --identity rk --at 2001-01-01
refuses 2 'encrypted' 'without a key' restore d r1
age-keygen -o rk3 2>/dev/null
refuses 3 'none of the identities' 'with the key of another' restore d r1 --identity rk3
chmod 644 rk3
refuses 3 'others may read' 'a key that others may read' restore d r1 --identity rk3
refuses 2 'no backups here' 'a place without backups' restore other r1 --identity rk
[ ! -e r1 ] && [ ! -e r1.tickmark-restoring ]; ok $? 'all of which leave nothing'
succeeds 'a point is tried' backup w --to d --check
[ ! -e w/restore-test.tmp ]; ok $? 'and leaves nothing'
succeeds 'an older one' backup w --to d --check --at 1

# every object that is damaged is named, and nothing stays
i=0
for f in d/data/* d/keys d/point-000002; do
	cp "$f" .kept
	for how in flip cut gone; do
		i=$((i + 1))
		case $how in
		flip) at=$(($(stat -c %s "$f") * (i % 7 + 1) / 9))
			printf "\\x$(printf %02x $((0x$(xxd -s $at -l 1 -p "$f") ^ 1)))" | dd of="$f" bs=1 seek=$at conv=notrunc 2>/dev/null ;;
		cut) truncate -s -1 "$f" ;;
		gone) rm "$f" ;;
		esac
		at=; [ "$f" = d/point-000002 ] && at='--at 2'
		[ "$f $how" = 'd/point-000002 gone' ] && { cp .kept "$f"; continue; }
		tm restore d r1 --identity rk $at
		[ $rc != 0 ] && [ ! -e r1 ] && [ ! -e r1.tickmark-restoring ] && grep -q "$(basename "$f")\|no point 2" <<<"$err"
		ok $? "$how of $(basename "$f" | cut -c1-12) is named" || note "$rc $err"
		cp .kept "$f"
	done
done
a=$(ls d/data | sed -n 1p) b=$(ls d/data | sed -n 2p)
mv "d/data/$a" .kept; cp "d/data/$b" "d/data/$a"
refuses 3 "$a" 'an object in the place of another' restore d r1 --identity rk
mv .kept "d/data/$a"
cp d/point-000002 .kept; cp d/point-000001 d/point-000002
refuses 3 'is of point 1' 'an old point under a new number' restore d r1 --identity rk
# somebody who knows the recipients writes a manifest of his own
age -d -i rk .kept | sed 's/^file 0644/file 0666/' | age -r "$R" -o d/point-000002
refuses 3 'not written by this workspace' 'a manifest by somebody else' restore d r1 --identity rk
age -d -i rk .kept | sed 's,^\(file [0-9]* [0-9]*\) tickmark.workspace,\1 ../tickmark.workspace,' | age -r "$R" -o d/point-000002
refuses 3 'malformed' 'a path that leads out' restore d r1 --identity rk
cp .kept d/point-000002
# a key that was lost with an object is made again by the next backup
rm "d/data/$a"
put A3
succeeds 'an object that was lost is written again' backup w --to d --recipient "$R" --keep 1
succeeds 'and the point can be restored' restore d r1 --identity rk
rm -rf r1
is "$(ls d | grep -c point)" 1 'only the newest point is kept'
for _ in 1 2 3 4 5; do put "K$_"; "$TICKMARK" backup w --to d --recipient "$R" --keep 2 >/dev/null; done
is "$(ls d | grep -c point)" 2 'two points are kept'
[ "$(ls d/data | wc -l)" -le 12 ]; ok $? "and only the $(ls d/data | wc -l) objects that they need"
succeeds 'the older of them is whole' restore d r1 --identity rk --at "$(($(ls d | grep point | tail -1 | tr -dc 0-9 | sed 's/^0*//') - 1))"
rm -rf r1

# The sanitizers make each of these five times as slow: there, fewer of them.
case $TICKMARK in */asan/*) writing=2 killed=5 cut=3 ;; *) writing=4 killed=15 cut=8 ;; esac
# while others write
setsid bash -c 'for i in $(seq 2000); do "$0" record w person put "code=C$i" "name=Demo Employee $i" kind=employee >/dev/null 2>&1 && echo "C$i" >>acked; done' "$TICKMARK" &
writer=$!
for i in $(seq $writing); do
	have=$(tail -1 acked 2>/dev/null)
	succeeds "a backup under writing, $i" backup w --to d --recipient "$R" --keep 3
	tm restore d r1 --identity rk
	[ $rc = 0 ] && { [ -z "$have" ] || "$TICKMARK" record r1 person show "$have" >/dev/null; }
	ok $? "is restored with what was acknowledged before, $have" || note "$err"
	rm -rf r1
done
kill -9 -- "-$writer"; wait "$writer" 2>/dev/null; writer=

# killed, again and again
i=0
{ echo 'employee_id,name,start_date,kind'; for i in $(seq 3000); do echo "E$i,Demo Employee $i,2024-01-08,employee"; done; } >hr.csv
"$TICKMARK" source w add csv --name hr --table hr_person --file "$TMP/hr.csv" >/dev/null
"$TICKMARK" collect w hr >/dev/null
for i in $(seq $killed); do
	put "D$i"
	setsid "$TICKMARK" backup w --to d2 --recipient "$R" >/dev/null 2>&1 &
	pid=$!
	sleep "0.0$((i * 37 % 60 + 10))"
	kill -9 -- -$pid 2>/dev/null
	wait $pid 2>/dev/null
	if ls d2 | grep -qE "^point-[0-9]+$"; then
		succeeds "killed $i times: the last point is whole" restore d2 r1 --identity rk
		rm -rf r1
	fi
done
succeeds 'the next one goes through' backup w --to d2 --recipient "$R"
is "$(find d2 -name '*.??????' | wc -l)" 0 'and removes what the others left'
for i in $(seq $cut); do
	setsid "$TICKMARK" restore d2 r1 --identity rk >/dev/null 2>&1 &
	pid=$!
	sleep "0.$(printf %02d $((i * 7 % 40 + 1)))"
	kill -9 -- -$pid 2>/dev/null
	wait $pid 2>/dev/null
	if [ -e r1 ]; then exits 0 "a killed restore that came to its end, $i" doctor r1; rm -rf r1; fi
done
succeeds 'after restores that were killed' restore d2 r1 --identity rk
exits 0 'it is whole' doctor r1
rm -rf r1

# a full disk
if [ "$(id -u)" = 0 ] && mkdir small && mount -t tmpfs -o size=6m tmpfs small 2>/dev/null; then
	succeeds 'to a small disk' backup w --to small/d --recipient "$R" --keep 1
	head -c 10m /dev/zero >small/fill 2>/dev/null
	for kb in 0 8 100; do
		put "F$kb"
		truncate -s "-${kb}K" small/fill
		tm backup w --to small/d --recipient "$R" --keep 1
		if [ $rc != 0 ]; then
			[ $rc = 3 ] && grep -qi 'full' <<<"$err"
			ok $? "a full disk is said, $kb kB free" || note "$err"
		fi
		succeeds "and the point that was there is whole, $kb kB free" restore small/d r1 --identity rk
		rm -rf r1
	done
	rm small/fill
	succeeds 'with space again' backup w --to small/d --recipient "$R" --keep 1
	put G1
	head -c 10m /dev/zero >small/fill 2>/dev/null
	truncate -s -300K small/fill
	refuses 3 'MB are needed|full' 'no space for what is restored' restore d2 small/r --identity rk
	[ ! -e small/r ] && [ ! -e small/r.tickmark-restoring ]; ok $? 'leaves nothing'
fi

# last week's over today's
cp -a w old
put H1
succeeds 'a point of today' backup w --to d --recipient "$R"
cp w/ledger/checkpoint kept.note
mv w today; cp -a old w
refuses 3 'not what point .* goes on to' 'an old copy that was put back is seen by the next backup' backup w --to d --recipient "$R"
put I1; put I2; put I3; put I4
refuses 3 'not what point .* goes on to' 'also after it went on by itself' backup w --to d --recipient "$R"
exits 3 'and a try sees it' backup w --to d --check
succeeds 'what an old point lacks is told by a kept checkpoint' restore d2 r1 --identity rk --known kept.note
like "$out" 'entries are missing: a checkpoint' 'in words'
rm -rf r1; rm -rf w; mv today w
sed 's/^[0-9][0-9]*$/7/' kept.note >forged.note
refuses 3 'does not hold|known key' 'a forged checkpoint' restore d2 r1 --identity rk --known forged.note
new_workspace v
refuses 3 'another workspace' 'the backups of another workspace' backup v --to d --recipient "$R"

# what came since an older point: a person erased, keys rotated
new_workspace x
"$TICKMARK" record x person put code=Z1 'name=Zo Example' kind=employee >/dev/null
succeeds 'a point with a person' backup x --to dx --recipient "$R"
"$TICKMARK" erase x person Z1 --decision T-1 --yes >/dev/null; ok $? 'who is erased'
"$TICKMARK" keys x rotate signing >/dev/null && "$TICKMARK" keys x rotate body >/dev/null &&
	"$TICKMARK" keys x rotate master >/dev/null
ok $? 'and all keys are rotated'
succeeds 'a point after that' backup x --to dx --recipient "$R"
succeeds 'the older point' restore dx r1 --identity rk --at 1
like "$out" 'erasures? since then were carried out again' 'carries out the erasure again'
like "$out" 'signing key was rotated since' 'and knows of the new signing key'
exits 0 'is whole' doctor r1
is "$("$TICKMARK" record r1 person list --json | grep -c 'Zo Example')" 0 'the person does not come back'
put2=$("$TICKMARK" record r1 person put code=Z2 name=After kind=employee >/dev/null; echo $?)
is "$put2" 0 'and it can be written'
rm -rf r1
cp dx/erased .kept
age -d -i rk .kept | sed '/^subject-key/d' | age -r "$R" -o dx/erased
refuses 3 'not written by this workspace' 'a list of erasures by somebody else' restore dx r1 --identity rk --at 1
rm dx/erased
refuses 3 'list of what was erased is missing' 'or none' restore dx r1 --identity rk --at 1
mv .kept dx/erased

# the server's jobs
printf 'to = %s\nrecipient = %s\nevery = 24h\ntest = 7d\n' "$TMP/ds" "$R" >x/backup.conf
"$TICKMARK" serve x --listen 127.0.0.1:0 >/dev/null 2>serve.log &
writer=$!
for _ in $(seq 200); do
	[ "$(jq -r '[.jobs[] | select(.name == "backup" or .name == "restore-test") | .good != null] | all' x/serve.state 2>/dev/null)" = true ] &&
		ls ds/point-000001 >/dev/null 2>&1 && break
	sleep 0.1
done
kill "$writer"; wait "$writer" 2>/dev/null; writer=
[ -s ds/point-000001 ]; ok $? 'a server makes a point when it is time'
succeeds 'which holds' restore ds r1 --identity rk
rm -rf r1
# much later: a point, and a restore that is tried
cp -a x late
TICKMARK_CLOCK=2031-06-01T12:00:00Z "$TICKMARK" serve late --listen 127.0.0.1:0 >/dev/null 2>serve.log &
writer=$!
said() { jq -r ".jobs[] | select(.name == \"$1\") | .said" late/serve.state 2>/dev/null; }
for _ in $(seq 300); do
	[ -n "$(said backup)" ] && [ -n "$(said restore-test)" ] && break
	sleep 0.1
done
kill "$writer"; wait "$writer" 2>/dev/null; writer=
like "$(said backup)" '^made point 2 of' 'the server makes the next point'
like "$(said restore-test)" '^restored point [12] and found that it holds' 'and tries a restore' || note "$(cat late/serve.state)"
export TICKMARK_CLOCK=2031-06-01T13:00:00Z
tm doctor late
unlike "$out" '^problem' 'all of which holds' || note "$out"
like "$out" 'restore that was tried: point' 'and doctor knows'
unset TICKMARK_CLOCK
rm -rf late

# doctor
tm doctor x
like "$out" 'backup: point 1, .* ago' 'doctor says how old the last backup is'
like "$out" 'file system|lies in memory' 'and what it sees of the disk'
chmod 755 x/keys
exits 1 'a directory of keys that others may enter is a problem' doctor x
like "$out" 'rights on a place of keys' 'and named'
chmod 700 x/keys
new_workspace y
exits 0 'no backups are no problem' doctor y --json
like "$(jq -r '.notes[]' <<<"$out")" 'not configured' 'but a note'
printf 'to = %s\nrecipient = %s\nevery = 24h\n' "$TMP/other" "$R" >y/backup.conf
exits 2 'a backup that fails' backup y
exits 1 'is a problem' doctor y
like "$out" 'last backup failed' 'that doctor names'

# not encrypted; without keys; settings
succeeds 'in plain' backup w --to p --plain
like "$out" 'not encrypted, and the keys are in it' 'says what that means'
refuses 3 'not encrypted' 'plain and sealed are not mixed' backup w --to p --recipient "$R"
succeeds 'restored without a key' restore p r1
exits 0 'whole' doctor r1
rm -rf r1
succeeds 'without the keys' backup w --to nk --recipient "$R" --without-keys
[ ! -e nk/keys ]; ok $? 'they are not there'
refuses 2 'keys are not in this backup' 'they are asked for' restore nk r1 --identity rk
succeeds 'and given' restore nk r1 --identity rk --keys w/keys
exits 0 'it works with them' doctor r1
[ ! -e r1/keys ]; ok $? 'where they are'
rm -rf r1
refuses 3 'another ledger' 'the keys of another workspace' restore nk r1 --identity rk --keys v/keys
succeeds 'and is tried with them' backup w --to nk --check
printf 'to = %s\nrecipient = %s\nkeep = 2\n# a remark\n\nevery = 24h\ntest = 7d\n' "$TMP/c" "$R" >w/backup.conf
succeeds 'as the settings say' backup w
succeeds 'listed so too' backup w --list
for line in 'to = relative' 'recipient = age1x' 'keep = 0' 'every = soon' 'nonsense' 'colour = red' 'keep = 3
keep = 4' 'plain = yes' 'plain = maybe'; do
	printf 'to = /x\nrecipient = %s\n%s\n' "$R" "$line" >v/backup.conf
	refuses 2 'backup.conf' "settings: ${line%%$'\n'*}" backup v
done
done_testing
