#!/bin/bash
# The server of a workspace: its ledger over HTTP, its jobs, its end.
. "$(dirname "$0")/lib.sh"
command -v python3 curl >/dev/null || skip_all 'no python3 or curl here'
SERVERS=
at_exit() { [ -z "$SERVERS" ] || kill $SERVERS 2>/dev/null; wait; }
# serve NAME ARGUMENT...: in the background; leaves its address in $URL
serve() {
	local out=$1.out
	shift
	timeout 100 "$TICKMARK" "$@" >"$out" 2>"${out%.out}.log" &
	SERVERS="$SERVERS $!"
	for _ in $(seq 100); do
		[ -s "$out" ] && break
		sleep 0.05
	done
	URL=$(sed -n 's/^listening on //p' "$out")
}
# within SECONDS COMMAND...: it succeeds before they are over
within() {
	local end=$((SECONDS + $1))
	shift
	while ! "$@"; do
		[ $SECONDS -lt $end ] || return 1
		sleep 0.1
	done
}
status() { curl -s -o /dev/null -w '%{http_code}' --path-as-is --max-time 10 "$@"; }

new_workspace w
serve w serve w --listen 127.0.0.1:0
like "$URL" '^http://127\.0\.0\.1:[0-9]+/$' 'it says where it listens'
refuses 3 'is working here' 'a second server of it is refused' serve w --listen 127.0.0.1:0

# --- the ledger, for programs that know nothing of this one
python3 "$TOP/test/web/mirror.py" "$URL" w/ledger/vkey copy >mirror.out 2>&1
ok $? 'the ledger is copied over HTTP' || note "$(cat mirror.out)"
is "$(python3 "$TOP/test/ledger/verify.py" copy)" "$(python3 "$TOP/test/ledger/verify.py" w/ledger)" 'and verified by another program'
curl -s "${URL}checkpoint" | cmp -s - w/ledger/checkpoint; ok $? 'the checkpoint is the file'
SIZE=$(entries w)
head=$(curl -sI "${URL}tile/0/000")
like "$head" 'immutable' 'a full tile may be kept for ever'
like "$head" 'Content-Length: 8192' 'HEAD says its length'
like "$(curl -sI "${URL}checkpoint")" 'Cache-Control: no-store' 'the checkpoint may not'
like "$head" 'nosniff' 'nobody guesses at its type'
unlike "$head" 'Server:' 'and nothing tells what runs here'
curl -s "${URL}tile/0/000.p/7" | cmp -s - <(head -c 224 w/ledger/tile/0/000); ok $? 'a partial tile of before is still there'

# --- nothing else
for p in '' index.html vkey policy records.db keys/master.key ../records.db tile tile/ \
	tile/0 tile/0/0 tile/0/0000 tile/00/000 tile/8/000 tile/-1/000 tile/0/x000/000 \
	tile/0/999 "tile/0/001.p/$((SIZE - 256 + 1))" tile/0/001.p/0 tile/0/001.p/256 tile/0/001.p/01 \
	tile/0/000/ tile/0/000.p tile/entries/x001/000 tile/data/000 checkpoint/ CHECKPOINT; do
	s=$(status "$URL$p")
	[[ $s = 404 || $s = 400 ]] || { note "$p: $s"; bad_path=1; }
done
[ -z "${bad_path:-}" ]; ok $? 'every other address is refused'
for p in tile/%2e%2e/checkpoint tile/0/..%2f..%2fvkey tile/../vkey %2e%2e/records.db tile/0/000%00; do
	is "$(status "$URL$p")" 400 "no way out: $p"
done
is "$(status -X POST -d x "${URL}checkpoint")" 405 'nothing can be written'
is "$(status -X DELETE "${URL}tile/0/000")" 405 'nor removed'

# --- beside the command line
printf 'employee_id,name,start_date,kind\n1,Ann,2026-01-01,employee\n' >p.csv
succeeds 'the command line writes beside it' source w add csv --table hr_person --file p.csv --name roster
for _ in 1 2 3 4 5 6; do "$TICKMARK" collect w >/dev/null 2>>busy || echo failed >>busy; done
[ ! -s busy ]; ok $? 'again and again' || note "$(cat busy)"
[ "$(curl -s "${URL}checkpoint" | sed -n 2p)" -gt "$SIZE" ]; ok $? 'and what it wrote is served at once'
python3 "$TOP/test/web/mirror.py" "$URL" w/ledger/vkey copy2 >/dev/null && python3 "$TOP/test/ledger/verify.py" copy2 >/dev/null
ok $? 'it still verifies'

# --- what a killed command left gets its checkpoint
SIZE=$(entries w)
cp -a w/ledger ledger.before
"$TICKMARK" collect w >/dev/null
AFTER=$(entries w)
[ "$AFTER" -gt "$SIZE" ]; ok $? 'entries were added'
# as if the command had been killed before it signed
rm -rf w/ledger.killed && mv w/ledger w/ledger.killed && mv ledger.before w/ledger
touch w/records.db
within 10 sh -c "[ \"\$(sed -n 2p w/ledger/checkpoint)\" = $AFTER ]"; ok $? 'a checkpoint within 10 s'
cmp -s w/ledger/checkpoint w/ledger.killed/checkpoint; ok $? 'the very one'
rm -rf w/ledger.killed
python3 "$TOP/test/ledger/verify.py" w/ledger >/dev/null; ok $? 'that holds'

# --- how it goes, and its settings
within 5 "$TICKMARK" serve w --status >/dev/null
succeeds 'the state is shown' serve w --status
like "$out" 'running on http://127.0.0.1:[0-9]+/ as process [0-9]+' 'where and since when'
like "$out" 'sequence +ok' 'and what each job did'
is "$("$TICKMARK" serve w --status --json | jq -r '.running, (.jobs[] | select(.name == "sequence") | .state)' | tr '\n' ' ')" 'true ok ' 'the same as JSON'
printf 'listen = 127.0.0.1:1\nwitnes.every = 1m\n' >w/serve.conf
kill -HUP $SERVERS $(pgrep -P $SERVERS)
within 5 grep -q 'serve.conf:2' w.log; ok $? 'a mistake in its settings is named'
is "$(status "${URL}checkpoint")" 200 'and stops nothing'

# --- its end
kill -TERM $(pgrep -P $SERVERS)
wait $SERVERS; is $? 0 'it ends when it is told to'
SERVERS=
exits 1 'then it does not run' serve w --status
like "$out" 'not running' 'and that is said'
refuses 2 'serve.conf:2: ' 'a mistake in its settings stops the start' serve w
rm w/serve.conf
succeeds 'everything holds' doctor w
refuses 2 'not an address' 'an address is numbers' serve w --listen localhost:1
refuses 2 'no workspace' 'a workspace is needed' serve nowhere
done_testing
