#!/bin/bash
# The OpenAPI document: valid, and what the server does.
. "$(dirname "$0")/lib.sh"
export PYTHONPATH=$TOP/test/api PYTHONDONTWRITEBYTECODE=1
for PYTHON in python3 /usr/bin/python3 ''; do
	[ -n "$PYTHON" ] || skip_all 'no python3-jsonschema here'
	"$PYTHON" -c 'import jsonschema' 2>/dev/null && break
done
SERVER=
at_exit() { [ -z "$SERVER" ] || kill "$SERVER" 2>/dev/null; wait 2>/dev/null; }
play() {
	local st name more
	"$PYTHON" "$TOP/test/api/$1" "${@:2}" >lines 2>trouble
	ok $? "$1 ran" || note "$(tail -5 trouble)"
	while IFS=$'\t' read -r st name more; do ok "$st" "$name" || note "$more"; done <lines
}
succeeds 'the document is written' api openapi --output openapi.json
refuses 2 'nothing of the API' 'and nothing else' api swagger
play document.py openapi.json

new_workspace w
"$TICKMARK" record w person put code=E1 'name=Ada Example' kind=employee start_on=2020-01-01 state=active >/dev/null &&
	"$TICKMARK" record w user put login=ada 'roles=owner;privacy' person=E1 >/dev/null &&
	"$TICKMARK" record w token put name=all user=ada 'scopes=read;write' expires_on=2027-06-30 \
		"digest=$(printf %s "$("$PYTHON" "$TOP/test/api/client.py" 1)" | sha256sum | cut -c1-64)" >/dev/null
ok $? 'a token'
printf 'api.rate = 5000\napi.burst = 5000\n' >w/serve.conf
"$TICKMARK" serve w --listen 127.0.0.1:0 >out 2>log &
SERVER=$!
for _ in $(seq 200); do [ -s out ] && break; sleep 0.05; done
URL=$(sed -n 's/^listening on //p' out)
curl -s "${URL}api/v1/openapi.json" | cmp -s - <(head -c -1 openapi.json); ok $? 'the server answers with it'
play random_calls.py "$URL" "${RANDOM_CALLS:-150}" "${RANDOM_SEED:-1}"
play attack.py "$URL" "$TOP"
kill -TERM "$SERVER"; wait "$SERVER"; ok $? 'the server ends'; SERVER=
succeeds 'and everything holds' doctor w
done_testing
