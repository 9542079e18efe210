# Helpers of the whole-program tests. A test is a bash script that begins
#	. "$(dirname "$0")/lib.sh"
# and ends with done_testing. It runs in a directory of its own, $TMP, which is
# removed afterwards, over the program named by $TICKMARK. It speaks TAP.
set -u
export LC_ALL=C TZ=UTC
TOP=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
TICKMARK=$(readlink -f "${TICKMARK:-$TOP/build/tickmark}")
export TICKMARK TOP
[ -x "$TICKMARK" ] || { echo "Bail out! no program at $TICKMARK"; exit 3; }
TMP=$(mktemp -d "${TMPDIR:-/tmp}/tickmark-t.XXXXXX")
cd "$TMP" || exit 3
count=0 bad=0 ended=''

_at_exit() {
	declare -F at_exit >/dev/null && at_exit
	cd / && chmod -R u+w "$TMP" 2>/dev/null
	rm -rf "$TMP"
	[ -n "$ended" ] || echo "Bail out! the test stopped after $count tests"
}
trap _at_exit EXIT

# ok STATUS NAME: pass when STATUS is 0
ok() {
	count=$((count + 1))
	if [ "$1" = 0 ]; then
		echo "ok $count - $2"
	else
		bad=$((bad + 1))
		echo "not ok $count - $2"
		return 1
	fi
}
note() { printf '%s\n' "$*" | sed 's/^/# /' >&2; }

# is GOT WANTED NAME
is() {
	[ "$1" = "$2" ]
	ok $? "$3" || { note "got:    $1"; note "wanted: $2"; return 1; }
}
isnt() {
	[ "$1" != "$2" ]
	ok $? "$3" || { note "got twice: $1"; return 1; }
}
# like GOT ERE NAME; unlike GOT ERE NAME
like() {
	grep -Eq -- "$2" <<<"$1"
	ok $? "$3" || { note "got:     $1"; note "pattern: $2"; return 1; }
}
unlike() {
	! grep -Eq -- "$2" <<<"$1"
	ok $? "$3" || { note "got:         $1"; note "not wanted: $2"; return 1; }
}
done_testing() {
	echo "1..$count"
	ended=1
	[ "$bad" = 0 ]
	exit
}
skip_all() {
	echo "1..0 # SKIP $1"
	ended=1
	exit 0
}

# run COMMAND...: leaves $out, $err and $rc. $TICKMARK_TIMEOUT seconds at most.
run() {
	timeout "${TICKMARK_TIMEOUT:-120}" "$@" >"$TMP/.out" 2>"$TMP/.err" </dev/null
	rc=$?
	out=$(cat "$TMP/.out")
	err=$(cat "$TMP/.err")
}
# tm ARGUMENT...: run the program
tm() { run "$TICKMARK" "$@"; }

# succeeds NAME ARGUMENT...: exit 0
succeeds() {
	local name=$1
	shift
	tm "$@"
	ok $rc "$name" || { note "exit $rc: tickmark $*"; note "$err"; note "$out"; return 1; }
}
# exits STATUS NAME ARGUMENT...
exits() {
	local want=$1 name=$2
	shift 2
	tm "$@"
	[ "$rc" = "$want" ]
	ok $? "$name" || { note "exit $rc, wanted $want: tickmark $*"; note "$err"; note "$out"; return 1; }
}
# refuses STATUS ERE NAME ARGUMENT...: that exit status, and one error line
# "tickmark: what: where: what to do" that matches
refuses() {
	local want=$1 re=$2 name=$3
	shift 3
	tm "$@"
	grep -Eqx "$want" <<<"$rc" && [ "$(wc -l <"$TMP/.err")" = 1 ] &&
		grep -Eq '^tickmark: .+' "$TMP/.err" && grep -Eiq -- "$re" "$TMP/.err"
	ok $? "$name" || {
		note "exit $rc, wanted $want: tickmark $*"
		note "stderr: $err"
		note "wanted one line 'tickmark: ...' that matches: $re"
		return 1
	}
}

# new_workspace DIR: a demo workspace
new_workspace() {
	"$TICKMARK" init "$1" --org 'Example Cloud (demo)' --demo >/dev/null ||
		{ echo "Bail out! init failed"; ended=1; exit 3; }
}

# fingerprint DIR: of everything in a workspace: the bytes of files, and what
# databases hold, wherever SQLite keeps it at the moment
fingerprint() {
	local f
	(cd "$1" && {
		find . -type f ! -name lock ! -name '*.db' ! -name '*-shm' ! -name '*-wal' ! -name '*-journal' -print0 |
			sort -z | xargs -0 sha256sum
		for f in $(find . -name '*.db' | sort); do
			echo "$f"
			sqlite3 -readonly "$f" .dump
		done
	} | sha256sum | cut -c1-32)
}
# entries DIR: how many entries its ledger has, by the signed checkpoint
entries() { sed -n 2p "$1/ledger/checkpoint"; }

# sqlv DIR QUERY [OPTION...]: the values alone, from the JSON answer
sqlv() {
	local d=$1 q=$2
	shift 2
	"$TICKMARK" sql "$d" "$q" "$@" --json 2>&1 |
		jq -r 'if type == "object" then .rows else . end | .[] | if type == "object" then [.[]] else . end | map(tostring) | join("|")' 2>&1
}
