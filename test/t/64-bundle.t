#!/bin/bash
# What a bundle holds, for whom, and that others can check it.
. "$(dirname "$0")/lib.sh"
"$TICKMARK" init w --org 'Example Cloud (demo)' --demo --zone Europe/Berlin >/dev/null
cat >w.csv <<'X'
app,account_id,email,mfa,status
mail,a1,one@example.com,yes,active
mail,a2,two@example.com,no,active
X
succeeds 'a source' source w add csv --name saas --table saas_account --file "$PWD/w.csv"
succeeds 'is read' collect w
exits 1 'and tested' test w saas-mfa policies-current
in_zip() { python3 - "$1" <<'X'
import sys, zipfile
print('\n'.join(zipfile.ZipFile(sys.argv[1]).namelist()))
X
}
all() { python3 -c 'import sys, zipfile; z = zipfile.ZipFile(sys.argv[1]); sys.stdout.buffer.write(b"\n".join(z.read(m).replace(b"\0", b"") for m in z.namelist()))' "$1"; }
get() { python3 -c 'import sys, zipfile; sys.stdout.buffer.write(zipfile.ZipFile(sys.argv[1]).read(sys.argv[2]))' "$1" "$2"; }
succeeds 'a bundle' bundle w -o a.zip --json
is "$(jq -r '.entries' <<<"$out")" "$(entries w)" 'has all entries'
is "$(jq -r .results <<<"$out")" 2 'and both results'
list=$(in_zip a.zip)
for f in README.txt verify.html tickmark.workspace zone.tzif ledger/vkey ledger/checkpoint keys/cells declarations/person.type report/report.html report/numbers.json manifest.json manifest.note; do
	grep -qx "$f" <<<"$list"
	ok $? "holds $f"
done
like "$(get a.zip README.txt)" 'tickmark verify' 'says how it is checked'
get a.zip manifest.json >m.json
is "$(jq -r '.format, .whole, (.results | length)' m.json | tr '\n' ' ')" '1 true 2 ' 'the manifest says what it is'
unlike "$(get a.zip ledger/tile/entries/000 | tr -d '\0')" 'example.com' 'no entry names anybody'

# Others check its ledger.
mkdir x && (cd x && python3 -m zipfile -e ../a.zip .)
run python3 "$TOP/test/ledger/verify.py" x/ledger
is $rc 0 'a program in another language accepts the ledger in it' || note "$out$err"

# Scope.
succeeds 'one test' bundle w -o s.zip --scope saas-mfa --no-report
is "$(get s.zip manifest.json | jq -r '[.results[].procedure] | join(",")')" saas-mfa 'has only its result'
[ "$(stat -c %s s.zip)" -lt "$(stat -c %s a.zip)" ]; ok $? 'and is smaller'
succeeds 'which holds' verify s.zip
like "$out" 'class revision are withheld' 'and says what is not there'
succeeds 'nothing personal' bundle w -o p.zip --withhold personal
unlike "$(get p.zip keys/cells)" ' ' 'no key'
unlike "$(all p.zip)" 'two@example.com' 'no name'
like "$(all a.zip)" 'two@example.com' 'which the whole one has'
succeeds 'holds' verify p.zip
like "$out" 'personal cells of [0-9]+ subjects are withheld' 'as far as it can'
refuses 2 'no procedure' 'a scope that is not' bundle w -o n.zip --scope NOT-1
refuses 2 'withheld' 'nor a table' bundle w -o n.zip --withhold not_a_table
[ ! -e n.zip ] && [ ! -e n.zip.part ]; ok $? 'leave no file'
succeeds 'a report of a day' report w --type 1 --as-of 2026-01-31 -o r.html
succeeds 'goes in as it is' bundle w -o r.zip --as-of 2026-01-31 --report r.html
cmp -s r.html <(get r.zip report/report.html); ok $? 'byte for byte'
sed -i 's/DRAFT/FINAL/' r.html
refuses 1 'r.html:[0-9]+' 'but not if somebody changed it' bundle w -o q.zip --as-of 2026-01-31 --report r.html

# A time stamp.
if command -v openssl >/dev/null; then
	python3 "$TOP/test/web/tsa.py" tsa >tsa.out 2>&1 &
	pid=$!
	for _ in $(seq 100); do [ -s tsa.out ] && break; sleep 0.1; done
	kill $pid
	wait $pid 2>/dev/null
	n=$(entries w)
	mkdir -p w/ledger/timestamp
	cp w/ledger/checkpoint "w/ledger/timestamp/$n.note"
	sed '/^$/,$d' w/ledger/checkpoint >text
	openssl ts -query -data text -sha256 -cert -out q 2>/dev/null
	openssl ts -reply -config tsa/conf -section t -queryfile q -out "w/ledger/timestamp/$n.tsr" 2>/dev/null
	ok $? 'an authority stamps the head'
	succeeds 'which is in a bundle' bundle w -o ts.zip
	succeeds 'and checked' verify ts.zip --tsa tsa/ca.pem
	like "$out" "ok +time stamps: .*stamped the first $n entries at 20" 'with who and when'
	succeeds 'without its certificate' verify ts.zip
	like "$out" 'not checked +time stamps: .* says that it stamped' 'it is only told'
	openssl req -x509 -newkey rsa:2048 -nodes -keyout /dev/null -out other.pem -subj /CN=other 2>/dev/null
	exits 1 'another certificate' verify ts.zip --tsa other.pem
	openssl ts -query -data a.zip -sha256 -cert -out q 2>/dev/null
	openssl ts -reply -config tsa/conf -section t -queryfile q -out "w/ledger/timestamp/$n.tsr" 2>/dev/null
	succeeds 'a stamp of something else' bundle w -o ts.zip --force
	exits 1 'is found' verify ts.zip
	like "$out" "problem +time stamps: $n.tsr: .*something else" 'and named'
	rm -r w/ledger/timestamp
fi

# Encrypted for one reader.
if command -v age-keygen >/dev/null; then
	age-keygen -o key 2>/dev/null
	succeeds 'for an auditor' bundle w -o e.age --to "$(age-keygen -y key)"
	age -d -i key -o d.zip e.age; ok $? 'age opens it'
	cmp -s d.zip a.zip; ok $? 'and finds the same bundle'
	refuses 3 'encrypted' 'without the key it is closed' verify e.age
	succeeds 'with it' verify e.age --identity key
	like "$out" 'Everything that was checked holds' 'it holds'
fi

# On a machine that has only the binary.
case $TICKMARK in */asan/*) ;; *)
	is "$(ldd "$TICKMARK" | grep -oE '^[[:space:]]*lib[a-z+_]*' | sort | xargs)" 'libc libgcc_s libm libsimdjson libstdc++' 'it needs no more libraries than the papers say' ;;
esac
root=$TMP/root
mkdir -p "$root/tmp"
for f in $(ldd "$TICKMARK" | grep -o '/[^ ]*'); do
	mkdir -p "$root$(dirname "$f")" && cp -L "$f" "$root$f"
done
cp "$TICKMARK" "$root/tickmark"
cp a.zip "$root/a.zip"
if unshare -rn chroot "$root" /tickmark --version >/dev/null 2>&1; then
	run unshare -rn chroot "$root" /tickmark verify /a.zip
	is $rc 0 'alone in an empty root without a network it holds' || note "$out$err"
	like "$out" '2 performed again' 'with every test'
	is "$(ls "$root/tmp")" '' 'and nothing is left'
fi

# The page that checks it in a browser.
"$TOP/tools/csp" --check "$TOP/content/bundle/verify.html"; ok $? 'the policy of the page fits it'
unlike "$(<"$TOP/content/bundle/verify.html")" 'https?://|fetch\(|XMLHttp|innerHTML|eval\(' 'which reaches nowhere'
if command -v chromium >/dev/null; then
	python3 - <<'X'
import zipfile
def again(out, name, change):
    i, o = zipfile.ZipFile('a.zip'), zipfile.ZipFile(out, 'w', zipfile.ZIP_DEFLATED)
    for m in i.infolist():
        b = bytearray(i.read(m))
        if m.filename == name:
            change(b)
        o.writestr(m.filename, bytes(b))
def flip(n):
    def change(b): b[n] ^= 1
    return change
again('ok.zip', '', None)
again('entry.zip', 'ledger/tile/entries/000', flip(700))
again('tile.zip', 'ledger/tile/0/000', flip(64))
again('sig.zip', 'ledger/checkpoint', lambda b: b.__setitem__(-20, 66 if b[-20] == 65 else 65))
again('manifest.zip', 'manifest.json', lambda b: b.__setitem__(slice(None), bytes(b).replace(b'"whole": true', b'"whole": false')))
again('body.zip', 'bodies/pack-000001', flip(40))
b = bytearray(open('a.zip', 'rb').read())
b[len(b) // 2] ^= 1
open('crc.zip', 'wb').write(b)
open('cut.zip', 'wb').write(b[:50000])
X
	run python3 "$TOP/test/seal/browser.py" "$TOP/content/bundle/verify.html" a.zip ok.zip entry.zip tile.zip sig.zip manifest.zip body.zip crc.zip cut.zip --key "$(cat w/ledger/vkey)"
	is "$(grep -P '\t' <<<"$out" | cut -f1 | tr '\n' ' ')" 'holds holds problems problems problems problems problems problems problems ' 'it tells good from bad' || note "$out$err"
	like "$out" 'ok: the ledger .* signed [0-9]+ entries' 'checks the signature'
	like "$out" 'ok: the head is signed by the key that you gave' 'the key from elsewhere'
	like "$out" 'ok: [0-9]+ entries hashed' 'and the tree'
	like "$out" 'problem: entry 2 and hash 2 of ledger/tile/0/000 do not belong together' 'names a changed entry'
	like "$out" 'problem: the signature under ledger/checkpoint is wrong' 'a wrong signature'
	like "$out" 'problem: manifest.json was changed' 'a changed manifest'
	like "$out" 'problem: 1 bodies of class [a-z]+ are not there' 'a body that took another name'
	like "$out" 'problem: .* is not what its checksum says' 'a flipped bit'
fi
done_testing
