#!/bin/bash
# A bundle is checked offline, and what was changed in it is named.
. "$(dirname "$0")/lib.sh"
export TMPDIR=$TMP/tmp
mkdir "$TMPDIR"
new_workspace w
cat >w.csv <<'X'
app,account_id,email,mfa,status
mail,a1,one@example.com,yes,active
mail,a2,two@example.com,no,active
X
succeeds 'a source' source w add csv --name saas --table saas_account --file "$PWD/w.csv"
succeeds 'is read' collect w
exits 1 'and tested' test w saas-mfa
succeeds 'a bundle' bundle w -o a.zip
like "$out" 'results to perform again' 'is summed up'
succeeds 'another' bundle w -o b.zip
cmp -s a.zip b.zip; ok $? 'has the same bytes'
python3 -m zipfile -t a.zip >/dev/null; ok $? 'an ordinary tool opens it'
refuses 2 'already' 'it replaces nothing' bundle w -o a.zip
succeeds 'unless told to' bundle w -o a.zip --force
succeeds 'it holds' verify a.zip
like "$out" '^ok +results: 1 performed again' 'with its result performed again'
like "$out" '^not checked +trust' 'and says whom it cannot know'
like "$out" 'Everything that was checked holds' 'in words'
succeeds 'against the key' verify a.zip --vkey "$(cat w/ledger/vkey)"
unlike "$out" 'trust: whose' 'there is nothing left to know'
succeeds 'as JSON' verify a.zip --json
is "$(jq -r '.holds, .trusted, (.problems | length)' <<<"$out" | tr '\n' ' ')" 'true false 0 ' 'the same'
succeeds 'the workspace itself' verify w
is "$(ls "$TMPDIR")" '' 'no temporary file is left'

# What was changed, re-packed with the right checksums by another program.
repack() { # NAME CODE: change a member's bytes b
	python3 - "$1" "$2" <<'X'
import sys, zipfile
name, code = sys.argv[1:]
i, o = zipfile.ZipFile('a.zip'), zipfile.ZipFile('bad.zip', 'w', zipfile.ZIP_DEFLATED)
for m in i.infolist():
    b = bytearray(i.read(m))
    if m.filename == name:
        exec(code)
    if b is not None:
        o.writestr(m.filename, bytes(b))
o.close()
X
}
repack none ''
succeeds 'packed again by another program it holds' verify bad.zip
like "$out" 'packed the archive again' 'which is said'
repack ledger/tile/entries/000 "b[500] ^= 1"
exits 1 'a changed entry' verify bad.zip
like "$out" 'problem +tree: entry 2: ' 'is named'
repack ledger/tile/0/000 "b[64] ^= 1"
exits 1 'a changed tile' verify bad.zip
like "$out" 'problem +tree: tile/0/000: hash 2 ' 'is named'
repack bodies/pack-000001 "b[300] ^= 1"
exits 1 'a changed body' verify bad.zip
like "$out" 'problem +bodies: bodies/pack-000001 at 16: body [0-9a-f]{64} is damaged' 'is named'
like "$out" 'is the [a-z]+ of entry [0-9]+' 'with the entry that names it'
repack report/report.html "b[5000] ^= 1"
exits 1 'a changed report' verify bad.zip
like "$out" 'problem +report: report/report.html:[0-9]+ says' 'is named'
n=$(python3 -m zipfile -l a.zip | sed -n 's/^results.\([0-9]*\).txt.*/\1/p' | head -1)
repack "results/$n.txt" "b = bytearray(bytes(b).replace(b'outcome\texceptions', b'outcome\tno_exceptions'))"
exits 1 'a changed copy of a result' verify bad.zip
like "$out" "problem +results: results/$n.txt:[0-9]+ is not what the ledger holds" 'is named'
repack ledger/checkpoint "b[-20] ^= 1"
exits 1 'a changed signature' verify bad.zip
like "$out" 'problem +signature: ledger/checkpoint' 'is named'
repack manifest.note "b = None"
exits 1 'a manifest without its signature' verify bad.zip
like "$out" 'manifest.note' 'is named'
head -c 100000 a.zip >cut.zip
exits 1 'what was cut off' verify cut.zip
like "$out" 'was cut off' 'is named'
refuses 2 'no zip archive' 'what is no bundle' verify w.csv
refuses 2 'no' 'nor a file' verify nothing.zip
python3 -m zipfile -c c.zip w.csv
refuses 2 'no bundle' 'an archive of something else' verify c.zip

# Hostile archives: refused by name, nothing written, little memory.
python3 - <<'X'
import stat, struct, zipfile, zlib
good = zipfile.ZipFile('a.zip')
def make(name, *more, skip=(), change={}):
    with zipfile.ZipFile(name, 'w', zipfile.ZIP_DEFLATED) as o:
        for m in good.namelist():
            if m not in skip:
                o.writestr(m, change.get(m, lambda b: b)(good.read(m)))
        for i, b in more:
            o.writestr(i, b)
def link():
    i = zipfile.ZipInfo('ledger/link')
    i.create_system, i.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
    return i
make('up.zip', ('../../escaped', b'x'))
make('abs.zip', ('/tmp/tickmark-escaped', b'x'))
make('back.zip', ('a\\..\\..\\escaped', b'x'))
make('link.zip', (link(), b'/etc/passwd'))
import warnings; warnings.simplefilter('ignore')
make('twice.zip', ('ledger/vkey', b'x'))
make('nested.zip', ('inner.zip', open('a.zip', 'rb').read()))
make('bomb.zip', ('bodies/pack-000009', b'\0' * (200 << 20)))
# A bomb that does not say so: the sizes in both headers are small.
b = bytearray(open('bomb.zip', 'rb').read())
at = 0
while (at := b.find(b'bodies/pack-000009', at)) >= 0:
    for head, off in (b'PK\3\4', 22), (b'PK\1\2', 24):
        p = at - (30 if head[2] == 3 else 46)
        if b[p:p + 4] == head:
            b[p + off:p + off + 4] = struct.pack('<I', 100)
    at += 1
open('secret.zip', 'wb').write(b)
make('newer.zip', change={'manifest.json': lambda b: b.replace(b'"format": 1', b'"format": 9')})
def bad_pack(b):
    # A body of one byte that says that it has a gigabyte.
    rec = b'TMB1\0\0\0\0' + struct.pack('>Q', 60) + b'\1' * 32 + b'open' + b'\0' * 12
    payload = b'\0' * 32 + struct.pack('>Q', 1 << 30) + b'\x28\xb5\x2f\xfd' + b'\0' * 16
    import hashlib
    return b + rec + hashlib.blake2b(rec + payload, digest_size=16).digest() + payload
make('zstd.zip', change={'bodies/pack-000001': bad_pack})
X
# The sanitizer's shadow of memory does not fit under a limit of address space.
case $TICKMARK in */asan/*) space=unlimited ;; *) space=1500000 ;; esac
hostile() { # STATUS ERE NAME FILE
	local want=$1 re=$2 name=$3
	run bash -c "ulimit -v $space; exec \"\$TICKMARK\" verify \"\$0\"" "$4"
	grep -Eqx "$want" <<<"$rc" && grep -Eq -- "$re" <<<"$out$err"
	ok $? "$name" || note "exit $rc: $out $err"
}
hostile 2 'leads out of the folder' 'a name that leads out' up.zip
hostile 2 'leads out of the folder' 'an absolute name' abs.zip
hostile 2 'leads out of the folder' 'a name with backslashes' back.zip
hostile 2 'symbolic link' 'a link' link.zip
hostile 2 'two members have the name ledger/vkey' 'two members of a name' twice.zip
hostile 1 'inner.zip does not belong' 'an archive in it' nested.zip
hostile 2 'more than 20 times' 'a bomb' bomb.zip
hostile 1 'longer than it says|bytes after its end' 'a bomb that does not say so' secret.zip
hostile 3 'format 9' 'a later format' newer.zip
hostile 1 'over a thousand times|no record|damaged' 'a body that claims a gigabyte' zstd.zip
[ ! -e ../escaped ] && [ ! -e ../../escaped ] && [ ! -e /tmp/tickmark-escaped ]; ok $? 'nothing was written outside'

# Interrupted, it leaves nothing.
python3 - "$TICKMARK" <<'X'
import os, signal, subprocess, sys, time
for sig in signal.SIGINT, signal.SIGTERM, signal.SIGHUP:
    p = subprocess.Popen([sys.argv[1], 'verify', 'a.zip'], stdout=subprocess.DEVNULL,
        preexec_fn=lambda: signal.signal(sig, signal.SIG_DFL))
    end = time.monotonic() + 5
    while not os.listdir(os.environ['TMPDIR']) and time.monotonic() < end:
        time.sleep(0.002)
    p.send_signal(sig)
    ok = p.wait(10) == -sig and not os.listdir(os.environ['TMPDIR'])
    assert ok, (sig, p.returncode, os.listdir(os.environ['TMPDIR']))
X
ok $? 'stopped by a signal it leaves nothing'
done_testing
