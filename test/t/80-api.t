#!/bin/bash
# The API: records over HTTP, beside the command line, across kills.
. "$(dirname "$0")/lib.sh"
command -v python3 curl >/dev/null || skip_all 'no python3 or curl here'
SERVER=
at_exit() { [ -z "$SERVER" ] || kill -9 "$SERVER" 2>/dev/null; wait 2>/dev/null; }
export PYTHONPATH=$TOP/test/api PYTHONDONTWRITEBYTECODE=1
start() {
	rm -f out
	"$TICKMARK" serve w --listen 127.0.0.1:0 >out 2>>log &
	SERVER=$!
	for _ in $(seq 200); do [ -s out ] && break; sleep 0.05; done
	URL=$(sed -n 's/^listening on //p' out)
}
stop() { kill -TERM "$SERVER"; wait "$SERVER"; rc=$?; SERVER=; return $rc; }
# play SCRIPT ARGUMENT...: its lines are our tests
play() {
	local st name more
	python3 "$TOP/test/api/$1" "${@:2}" >lines 2>trouble
	ok $? "$1 ran" || note "$(tail -5 trouble)"
	while IFS=$'\t' read -r st name more; do ok "$st" "$name" || note "$more"; done <lines
}
token() { # NAME USER SCOPES NUMBER
	"$TICKMARK" record w token put "name=$1" "user=$2" "scopes=$3" expires_on=2027-06-30 \
		"digest=$(printf %s "$(python3 "$TOP/test/api/client.py" "$4")" | sha256sum | cut -c1-64)" >/dev/null
}
export TICKMARK_LOG=info

new_workspace w
printf -- '- {login: ada, roles: owner;privacy}\n- {login: rae, roles: read_only}\n' >users.yaml
succeeds 'users' record w user put --file users.yaml
token all ada 'read;write' 1 && token look rae read 3 && token reads ada read 5
ok $? 'and their tokens'
printf 'api.rate = 2000\napi.burst = 5000\n' >w/serve.conf
start
play play.py "$URL"

# --- beside the command line
get() { curl -s -H "Authorization: Bearer $(python3 "$TOP/test/api/client.py" 1)" "${URL}api/v1$1" "${@:2}"; }
beside=0
for i in 1 2 3 4; do
	get /policy -H 'Content-Type: application/json' -d "{\"code\":\"API-$i\",\"title\":\"T\"}" | grep -q '"rev":1' || beside=1
	"$TICKMARK" record w vendor put "name=CLI $i" >/dev/null 2>>cli || beside=1
	get "/vendor/CLI%20$i" | grep -q '"rev":1' || beside=1
done
ok $beside 'the command line and the API write in turns' || note "$(cat cli)"
unlike "$(cat log)" 'tm1_' 'no secret is in the log'
like "$(cat log)" '"path":"/api/v1/vendor' 'but what was asked is'

# --- what was acknowledged survives a kill
for i in $(seq 20); do
	get /vendor -H 'Content-Type: application/json' -d "{\"name\":\"Last $i\"}" >acked.$i
done
KILLED=$(pgrep -P "$SERVER" | head -1)
kill -9 "$KILLED"; wait "$SERVER"; rc=$?; SERVER=
is $rc 3 'a server whose second process is killed ends'
printf 'api.rate = 1\napi.burst = 30\n' >w/serve.conf
start
is "$(get '/vendor?filter=name~Last%20&count=true&limit=1' | jq .count)" 20 'what was acknowledged is there'
is "$(get /vendor -H 'Content-Type: application/json' -H 'Idempotency-Key: k-1' -d '{"name": "Once"}' | jq -r .name)" Once 'a key of before still counts'

# --- not too often
for _ in $(seq 40); do echo "url = ${URL}api/v1/me"; echo 'output = /dev/null'; done >urls
curl -s -K urls -D heads -H "Authorization: Bearer $(python3 "$TOP/test/api/client.py" 1)"
like "$(cat heads)" '429 Too Many' 'who asks too often waits'
like "$(cat heads)" 'Retry-After: [0-9]' 'and is told how long'
curl -s -K urls -D heads -H 'Authorization: Bearer guess'
curl -s -K urls -D heads -H 'Authorization: Bearer guess'
like "$(cat heads)" '429 Too Many' 'so does who guesses'
stop; ok $? 'it ends when it is told to'
succeeds 'everything holds' doctor w
"$TICKMARK" ledger w head --json >/dev/null; ok $? 'and the ledger'
done_testing
