#!/bin/bash
# Witnesses and time stamps over HTTP: a quorum, one that is down, one that
# does not know us; an old copy of the workspace that is put back and served.
. "$(dirname "$0")/lib.sh"
command -v python3 curl openssl >/dev/null || skip_all 'no python3, curl or openssl here'
declare -A PID
at_exit() { [ -z "${PID[*]}" ] || kill ${PID[*]} 2>/dev/null; wait; }
# start NAME ARGUMENT...: the program in the background; its address is $URL
start() {
	local name=$1
	shift
	rm -f "$name.out"
	"$TICKMARK" "$@" >"$name.out" 2>"$name.log" &
	PID[$name]=$!
	for _ in $(seq 200); do
		[ -s "$name.out" ] && break
		sleep 0.05
	done
	URL=$(sed -n 's/^listening on //p' "$name.out")
}
stop() {
	kill "${PID[$1]}" 2>/dev/null
	wait "${PID[$1]}"
	local s=$?
	unset "PID[$1]"
	return $s
}
within() {
	local end=$((SECONDS + $1))
	shift
	while ! "$@"; do
		[ $SECONDS -lt $end ] || return 1
		sleep 0.1
	done
}
post() { curl -s -o answer -w '%{http_code} %{content_type}' --max-time 10 --data-binary "@$2" "$1add-checkpoint"; }
state() { "$TICKMARK" serve w --status --json | jq -r ".jobs[] | select(.name == \"$1\") | .state"; }
state_is() { [ "$(state "$1")" = "$2" ]; }
add_person() {
	printf 'employee_id,name,start_date,kind\n%s,Ann,2026-01-01,employee\n' "$1" >p.csv
	"$TICKMARK" collect w >/dev/null
}

new_workspace w
printf 'employee_id,name,start_date,kind\n' >p.csv
"$TICKMARK" source w add csv --table hr_person --file p.csv --name roster >/dev/null
add_person 1
for n in one two three; do
	"$TICKMARK" ledger "$n" witness init "witness.example.org/$n" >/dev/null
	[ $n = three ] || "$TICKMARK" ledger "$n" witness trust w/ledger/vkey >/dev/null
done
start one ledger one witness serve --listen 127.0.0.1:0
ONE=$URL
like "$ONE" '^http://127\.0\.0\.1:' 'a witness listens'
start two ledger two witness serve --listen 127.0.0.1:0
TWO=$URL
start three ledger three witness serve --listen 127.0.0.1:0
THREE=$URL

# --- its HTTP end
"$TICKMARK" ledger w proof --from 0 -o request >/dev/null
is "$(post "$THREE" request)" '404 text/plain; charset=utf-8' 'a ledger that is not known: 404'
is "$(post "$ONE" request)" '200 text/plain; charset=utf-8' 'a first checkpoint: 200'
like "$(cat answer)" '^— witness.example.org/one ' 'with a cosignature'
"$TICKMARK" ledger w proof --from 1 -o wrong >/dev/null
is "$(post "$ONE" wrong)" '409 text/x.tlog.size' 'from another size: 409'
is "$(cat answer)" "$(entries w)" 'with the size that it has seen'
printf 'old 0\n' >short
like "$(post "$ONE" short)" '^400 ' 'half a request: 400'
head -c 300000 /dev/zero >big
like "$(post "$ONE" big)" '^413 ' 'a large one: 413'
is "$(curl -s -o /dev/null -w '%{http_code}' "${ONE}add-checkpoint")" 405 'GET: 405'
is "$(curl -s -o /dev/null -w '%{http_code}' "${ONE}checkpoint")" 404 'it serves nothing else'
HASH=$(printf %s "$(head -1 w/ledger/vkey | cut -d+ -f1)" | sha256sum | cut -c1-64)
like "$(curl -s "$ONE$HASH/checkpoint")" '^— witness.example.org/one ' 'anyone can see the head that it cosigned'

# --- a quorum of two in three
refuses 2 'no policy' 'without a policy nobody is asked' ledger w cosign
cat >policy <<X
log $(cat w/ledger/vkey)
witness W1 $("$TICKMARK" ledger one witness vkey)
witness W2 $("$TICKMARK" ledger two witness vkey)
witness W3 $("$TICKMARK" ledger three witness vkey)
group two-of-three 2 W1 W2 W3
quorum two-of-three
X
"$TICKMARK" ledger w policy policy >/dev/null
exits 1 'without addresses nobody is reached' ledger w cosign
like "$out" 'W1 +no address' 'and it says so'
cat >w/serve.conf <<X
witness.every = 10s
witness.W1.url = $ONE
witness.W2.url = $TWO
witness.W3.url = $THREE
X
exits 1 'an address of this machine is not asked' ledger w cosign
like "$out" 'W1 +failed.*is not one that may be asked' 'unless that is meant'
for n in W1 W2 W3; do echo "witness.$n.network = loopback"; done >>w/serve.conf
succeeds 'two witnesses are a quorum' ledger w cosign
like "$out" 'W3 +failed.*does not know this ledger' 'the third is told apart'
is "$(grep -c '^— witness' w/ledger/checkpoint)" 2 'both cosignatures stand in the checkpoint'
cmp -s w/ledger/checkpoint w/ledger/witnessed; ok $? 'which is witnessed'
succeeds 'the whole log holds' ledger w check
"$TICKMARK" ledger w receipt 41 -o 41 >/dev/null
succeeds 'a receipt satisfies an auditor who trusts only the policy' ledger check 41 --policy policy
stop two
add_person 2
exits 1 'one of three: no quorum' ledger w cosign --json
is "$(jq -r '.quorum, (.witnesses[] | .name + " " + .state)' <<<"$out" | tr '\n' ' ')" 'false W1 given W2 failed W3 failed ' 'and which they are'
succeeds 'the older quorum stays' ledger w head
like "$out" 'witnessed +[0-9]+ entries, by W1 at .*W2 at' 'in the head'

# --- the server asks by itself
start serve serve w --listen 127.0.0.1:0
within 10 sh -c '"$TICKMARK" serve w --status --json | grep -q "the server cannot be asked"'
ok $? 'a witness that is down is told' || note "$("$TICKMARK" serve w --status)"
is "$(state witness)" failed 'as a job that failed'
exits 1 'which is a problem for doctor' doctor w
like "$out" "problem +the server's job witness failed [0-9]+ times? in a row.*cannot be asked" 'that it names'
like "$("$TICKMARK" ledger w head)" 'failed job witness: .*cannot be asked' 'and the head shows'
start two ledger two witness serve --listen "$(sed 's,http://,,;s,/,,' <<<"$TWO")"
within 25 sh -c '[ "$(sed -n 2p w/ledger/witnessed)" = "$(sed -n 2p w/ledger/checkpoint)" ]'
ok $? 'it is asked again until it answers' || note "$("$TICKMARK" serve w --status)"
within 5 state_is witness ok
add_person 3
within 20 sh -c '[ "$(sed -n 2p w/ledger/witnessed)" = "$(sed -n 2p w/ledger/checkpoint)" ]'
ok $? 'a new entry is witnessed by itself' || note "$("$TICKMARK" serve w --status)"
stop serve; ok $? 'the server ends'

# --- last week's copy is put back
cp -a w last-week
add_person 4
succeeds 'the newest checkpoint is cosigned' ledger w cosign
mv w newest && mv last-week w
succeeds 'by itself the old copy is whole' ledger w check
start serve serve w --listen 127.0.0.1:0
within 10 state_is witness failed
like "$("$TICKMARK" serve w --status)" 'an older copy of it was put back' 'the server says that it is an old one'
stop serve
exits 1 'the witnesses do not cosign it' ledger w cosign
like "$out" 'W1 +against' 'they are against it'
like "$out" 'put back the newest copy' 'and what to do is said'
# it goes on, past what they have seen
for i in 5 6 7; do add_person "1$i"; done
exits 1 'nor when it has grown' ledger w cosign
like "$out" 'another history' 'whose past is another'
mv w forked && mv newest w
succeeds 'the newest copy is welcome' ledger w cosign

# --- time stamps
cat >>w/serve.conf <<X
timestamp.T.url = http://127.0.0.1:1/
timestamp.T.trust = $PWD/tsa/ca.pem
timestamp.T.network = loopback
X
tsa() {
	python3 "$TOP/test/web/tsa.py" tsa "$1" >tsa.out &
	PID[tsa]=$!
	within 15 test -s tsa.out
	sed -i "s,^timestamp.T.url.*,timestamp.T.url = http://127.0.0.1:$(cat tsa.out)/," w/serve.conf
}
tsa good
succeeds 'the checkpoint is stamped' ledger w timestamp
like "$out" 'T +given +20.*Test Stamps' 'by whom and when'
N=$(entries w)
sed '/^$/,$d' "w/ledger/timestamp/$N.note" >text
openssl ts -verify -in "w/ledger/timestamp/$N.tsr" -data text -CAfile tsa/ca.pem >/dev/null 2>&1
ok $? 'openssl finds the same'
succeeds 'the stamps are checked offline' ledger w timestamp list
like "$out" "$N.tsr +$N +20.* T +.*Test Stamps" 'each of them'
succeeds 'once more' ledger w timestamp
[ -s "w/ledger/timestamp/$N-2.tsr" ]; ok $? 'is another file'
stop tsa
exits 1 'an authority that is down' ledger w timestamp
for mode in other garbage refuse stale; do
	rm -f tsa.out
	tsa $mode
	[ $mode = stale ] && "$TICKMARK" ledger w timestamp >/dev/null
	files=$(ls w/ledger/timestamp)
	exits 1 "an answer that is wrong: $mode" ledger w timestamp
	is "$(ls w/ledger/timestamp)" "$files" 'is not kept'
	case $mode in
	other) like "$out" 'of something else' 'and told';;
	garbage) like "$out" 'not the DER' 'and told';;
	refuse) like "$out" 'the authority refused.*no stamps' 'in its words';;
	stale) like "$out" 'not the answer to this request' 'and told';;
	esac
	stop tsa
done
mkdir foreign && openssl req -x509 -newkey rsa:2048 -nodes -keyout /dev/null -out foreign/ca.pem -days 2 -subj /CN=x 2>/dev/null
sed -i "s,tsa/ca.pem,foreign/ca.pem," w/serve.conf
exits 1 'under other certificates no stamp holds' ledger w timestamp list
like "$out" 'signed by nobody who is trusted' 'and that is said'
sed -i "s,foreign/ca.pem,tsa/ca.pem," w/serve.conf
python3 -c 'import re,sys; p=sys.argv[1]; b=open(p,"rb").read(); open(p,"wb").write(re.sub(rb"20\d\d(?=\d{10}Z)", b"2025", b))' "w/ledger/timestamp/$N.tsr"
exits 1 'nor a stamp that was changed' ledger w timestamp list
# the check of the whole log: a stamp is of its note
mv "w/ledger/timestamp/$N-2.tsr" good.tsr && cp good.tsr "w/ledger/timestamp/$N.tsr"
succeeds 'the log holds with its stamps' ledger w check
python3 -c 'import re,sys; b=open("good.tsr","rb").read(); d=bytes.fromhex(sys.argv[2]); assert b.count(d) == 1; open(sys.argv[1],"wb").write(b.replace(d, bytes(32)))' "w/ledger/timestamp/$N.tsr" "$(sha256sum text | cut -c1-64)"
exits 1 'a stamp of something else is found' ledger w check
like "$out" "something else: .*/$N.tsr" 'and named'
head -c 100 good.tsr >"w/ledger/timestamp/$N.tsr"
exits 1 'so is one that is cut off' ledger w check
cp good.tsr "w/ledger/timestamp/$N.tsr"
mv "w/ledger/timestamp/$N.note" note
exits 1 'and one without its note' ledger w check
like "$out" "note that this time stamp is for is missing: .*/$N.tsr" 'by its name'
mv note "w/ledger/timestamp/$N.note"
for n in one two three; do stop $n || bad_end=1; done
[ -z "${bad_end:-}" ]; ok $? 'the witnesses end when they are told to'
done_testing
