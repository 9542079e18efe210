#!/bin/bash
# A workspace is made, refused, locked and versioned as it should be.
. "$(dirname "$0")/lib.sh"

succeeds 'help' --help
like "$out" 'tickmark COMMAND' 'help says how it is used'
succeeds 'version' --version
for c in init source collect test status sql report rebuild doctor record backup restore; do
	succeeds "$c --help" "$c" --help
	like "$out" '^Options' "$c explains its options"
done
refuses 2 'no such command.*did you mean record' 'a slip in a command' recrod
tm
is $rc 2 'no command at all'

refuses 2 'org' 'init wants a name' init w0
[ ! -e w0 ]; ok $? 'and leaves nothing behind'
succeeds 'init' init w --org 'Example Cloud (demo)' --demo
[ -s w/tickmark.workspace ]; ok $? 'a workspace file'
[ -s w/ledger/checkpoint ]; ok $? 'a checkpoint'
is "$(stat -c %a w/keys/master.key w/keys/ledger.key | sort -u)" 400 'keys are readable by their owner only'
before=$(fingerprint w)
refuses 2 '' 'a workspace is not made over another' init w --org Other
is "$(fingerprint w)" "$before" 'and is as it was'
mkdir full && touch full/file
refuses 2 'full' 'nor in a directory that holds something else' init full --org Other
is "$(ls -A full)" file 'and is as it was'
# what a killed init left is told by its own file, and made anew; all else is not
mkdir -p half/keys half/ledger half/bodies
echo x | tee half/keys/master.key half/records.db half/lock half/ledger/vkey.AbCd01 >half/keys.path.Qx12Yz
refuses 2 'not empty' 'nor in half a workspace without that file' init half --org Other
touch half/init.unfinished
succeeds 'the rest of an init that was killed is replaced' init half --org Other
[ ! -e half/init.unfinished ] && [ ! -e half/keys.path.Qx12Yz ] && [ ! -e half/ledger/vkey.AbCd01 ]; ok $? 'and nothing of it is left'
succeeds 'which holds' doctor half
# temporary files of writes that were killed go with the next writer
touch half/ledger/checkpoint.a1B2c3 half/keys/keyring.ZZZZZZ half/ledger/notes.a1B2c3 half/serve.config
"$TICKMARK" record half person put code=T1 name=Tidy kind=employee >/dev/null
is "$(cd half && find . -name '*.??????' | LC_ALL=C sort | tr '\n' ' ')" './ledger/notes.a1B2c3 ./serve.config ' 'temporary files of ours are tidied, others stay'
rm -rf half
succeeds 'an empty directory will do' init "$(mkdir empty; echo empty)" --org Other
succeeds 'keys may lie elsewhere' init apart --org Other --keys "$TMP/secrets"
[ -s secrets/master.key ] && [ ! -e apart/keys/master.key ]; ok $? 'and do'
succeeds 'and are found again' status apart

for c in status 'sql' collect test doctor rebuild 'record' 'source'; do
	args=("$c" "$TMP/nowhere")
	[ "$c" = sql ] && args+=('SELECT 1')
	[ "$c" = record ] && args+=(person list)
	[ "$c" = source ] && args+=(list)
	tm "${args[@]}"
	[ $rc = 2 ] || [ $rc = 3 ]
	ok $? "$c says that there is no workspace" || note "exit $rc"
	like "$err" "^tickmark: .*nowhere" "$c names the place"
	is "$(wc -l <"$TMP/.err")" 1 "in one line"
done
is "$(ls -d nowhere 2>/dev/null)" '' 'and makes none'

# what is suggested can be pasted, whatever the folder is called
succeeds 'a workspace in a folder with a space' init "it's work" --org Spaced
suggested() { # suggested OUTPUT: run the last "tickmark source" line in it
	local line
	line=$(grep -o 'tickmark source .*' <<<"$1" | tail -n 1)
	run bash -c "cd '$TMP' && tickmark() { \"\$TICKMARK\" \"\$@\"; }; $line"
	ok $rc "this can be pasted: $line"
}
suggested "$out"
tm status "it's work" --all
cmd=$(grep -o "tickmark record 'it.*commitment put" <<<"$out" | head -n 1)
is "$cmd" "tickmark record 'it'\\''s work' commitment put" 'status quotes the folder too'
refuses 2 "see tickmark source 'it" 'an error does so as well' collect "it's work" nosuch
succeeds 'a source with a space in its name' source "it's work" add linux --name 'a b'
like "$out" "collect 'it'.*s work' 'a b'" 'is quoted as well'

# one writer at a time; readers do not wait
perl -e 'open(F, "+<", "w/lock") or die; my $l = pack("ssx4qqix4", 1, 0, 0, 0, 0); fcntl(F, 37, $l) or die "fcntl: $!"; print "held\n"; close STDOUT; sleep 100' >held &
holder=$!
for _ in $(seq 100); do [ -s held ] && break; sleep 0.02; done
refuses 3 'another|own|lock' 'a writer meets a lock that is held' rebuild w
succeeds 'a reader does not' status w
succeeds 'nor does SQL' sql w 'SELECT 1'
kill $holder; wait $holder 2>/dev/null

cp -a w newer
sed -i 's/^\(version *[=:]* *\).*/\199/; s/^\(format *[=:]* *\).*/\199/' newer/tickmark.workspace
! cmp -s w/tickmark.workspace newer/tickmark.workspace; ok $? 'the version was raised by hand'
before=$(fingerprint newer)
for c in status collect test rebuild; do
	refuses 3 'newer' "$c refuses a workspace of a newer version" $c newer
done
is "$(fingerprint newer)" "$before" 'and leaves it as it was'

# what is in a workspace is the owner's, whatever the umask says
(umask 000; "$TICKMARK" init wide --org "Wide" --demo >/dev/null)
is "$(find wide -name '*.db' -perm /077)" '' 'databases are private under any umask'
is "$(find wide/keys wide/bodies -maxdepth 0 -perm /077)" '' 'so are the folders of keys and bodies'

# an old copy of the databases under a newer ledger
cp -a w older
echo 'employee_id,name,start_date,kind
E1,Demo Employee 01,2025-01-01,employee' >hr.csv
"$TICKMARK" source w add csv --name hr --table hr_person --file "$TMP/hr.csv" >/dev/null
"$TICKMARK" collect w hr >/dev/null
rm -rf older/ledger && cp -a w/ledger older/ledger
refuses 3 'old|ahead|restor' 'an old database under a newer ledger is refused' collect older
done_testing
