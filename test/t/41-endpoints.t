#!/bin/bash
# TLS and SSH endpoints on loopback.
. "$(dirname "$0")/lib.sh"
command -v openssl >/dev/null && command -v sshd >/dev/null || [ -x /usr/sbin/sshd ] || skip_all 'no openssl or sshd here'
new_workspace w
at_exit() { "$TOP/tools/demo-servers" stop "$TMP/servers"; kill $silent 2>/dev/null; }
silent=
"$TOP/tools/demo-servers" start "$TMP/servers" >ports; ok $? 'endpoints run'
port() { sed -n "s/^$1=//p" ports; }
succeeds 'source add tls' source w add tls --name good --host 127.0.0.1 --port "$(port tls-good)"
succeeds 'source add tls' source w add tls --name expired --host 127.0.0.1 --port "$(port tls-expired)"
succeeds 'source add ssh' source w add ssh --name ssh --host 127.0.0.1 --port "$(port ssh)"
succeeds 'collect' collect w
of() { sqlv w "$1"; }
is "$(of "SELECT source, reachable FROM tls_endpoint ORDER BY source")" $'expired|1\ngood|1' 'both are reached'
is "$(of "SELECT source FROM tls_certificate WHERE position = 0 AND not_after < $(date +%s)000000")" expired 'one certificate has run out'
is "$(of "SELECT not_after FROM tls_certificate WHERE source = 'expired' AND position = 0")" "$(date -u -d 2024-06-01 +%s)000000" 'on the day that openssl says'
is "$(of "SELECT DISTINCT protocol FROM tls_protocol WHERE source = 'good' AND offered ORDER BY 1" | xargs)" 'TLS1.2 TLS1.3' 'protocols offered by the good one'
is "$(of "SELECT key_type || key_bits FROM tls_certificate WHERE source = 'good' AND position = 0")" RSA2048 'its key'
like "$(of "SELECT names FROM tls_certificate WHERE source = 'good' AND position = 0")" 'localhost' 'its names'
is "$(of "SELECT reachable FROM ssh_endpoint")" 1 'SSH is reached'
like "$(of "SELECT banner FROM ssh_endpoint")" 'OpenSSH' 'and greets'
like "$(of "SELECT name FROM ssh_algorithm WHERE kind = 'hostkey'")" 'ssh-ed25519' 'with its host keys'
is "$(of "SELECT count(DISTINCT kind) FROM ssh_algorithm")" 5 'all five kinds of algorithm'

# what answers is not always what it should be
"$TOP/tools/demo-servers" stop "$TMP/servers"
refuses 3 'good|18443|source' 'a server that is down' collect w good
is "$(of "SELECT status FROM run WHERE source = 'good' ORDER BY id DESC LIMIT 1")" failed 'leaves a failed run'
is "$(of "SELECT count(*) FROM tls_endpoint WHERE source = 'good'")" 1 'and what was known before stays known'
listen() { # listen COMMAND: perl answers every connection with its output
	perl -MIO::Socket::INET -e 'my $s = IO::Socket::INET->new(Listen => 9, LocalAddr => "127.0.0.1", ReuseAddr => 1) or die;
		$| = 1; print $s->sockport, "\n"; $SIG{PIPE} = "IGNORE"; $SIG{CHLD} = "IGNORE";
		while (my $c = $s->accept) { next if fork; open(STDOUT, ">&", $c); exec "sh", "-c", $ARGV[0] }' "$1" >port 2>/dev/null &
	listener=$!
	for _ in $(seq 50); do [ -s port ] && break; sleep 0.05; done
	read -r port <port
}
# One that never answers takes as long as we wait: meanwhile the others are asked.
new_workspace quiet
listen 'sleep 60'
"$TICKMARK" source quiet add ssh --name silent-ssh --host 127.0.0.1 --port "$port" >/dev/null
silent=$listener before=$(entries quiet)
{ timeout 100 "$TICKMARK" collect quiet silent-ssh >silent 2>&1; echo $? >silent.rc; } &
asked=$!
# bad NAME COLLECTOR COMMAND
bad() {
	listen "$3"
	"$TICKMARK" source w add "$2" --name "$1" --host 127.0.0.1 --port "$port" >/dev/null
	local n
	n=$(entries w)
	TICKMARK_TIMEOUT=100 tm collect w "$1"
	[ $rc = 0 ] || [ $rc = 3 ]; ok $? "$1: is survived" || note "$rc $out$err"
	is "$(entries w)" $((n + 1)) "$1: leaves its run"
	is "$(of "SELECT count(*) FROM ${2}_endpoint WHERE source = '$1' AND reachable = 1")" 0 "$1: is not taken for a server"
	kill $listener; wait $listener 2>/dev/null
}
bad garbage-tls tls 'head -c 100000 /dev/urandom'
bad garbage-ssh ssh 'head -c 100000 /dev/urandom'
bad endless-ssh ssh 'cat /dev/zero'
bad closed-tls tls 'exit'
bad other-tls tls 'printf "HTTP/1.0 400 Bad Request\r\n\r\n"'
wait $asked
is "$(cat silent.rc)" 3 'silent-ssh: is survived'
is "$(entries quiet)" $((before + 1)) 'silent-ssh: leaves its run'
is "$(sqlv quiet "SELECT count(*) FROM ssh_endpoint WHERE reachable = 1")" 0 'silent-ssh: is not taken for a server'
like "$(cat silent)" 'did not answer' 'silent-ssh: says so'
kill $silent
exits 0 'the workspace is whole' doctor w
done_testing
