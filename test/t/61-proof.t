#!/bin/bash
# Receipts, consistency, policies, a witness; an old copy that is put back.
. "$(dirname "$0")/lib.sh"
new_workspace w
KEY=$(cat w/ledger/vkey)
SIZE=$(entries w)

# --- the head
succeeds 'the head is shown' ledger w head
like "$out" "size +$SIZE entries" 'with its size'
like "$out" 'nobody outside of it vouches' 'and that nobody has seen it'
is "$("$TICKMARK" ledger w head --json | jq -r '.size, .vkeys[0], .witnessed' | tr '\n' ' ')" "$SIZE $KEY null " 'the same as JSON'
succeeds 'the head can be saved' ledger w head -o saved
cmp -s saved w/ledger/checkpoint; ok $? 'it is the checkpoint'

# --- receipts
succeeds 'a receipt is written' ledger w receipt 41 -o 41.tlog-proof
is "$(head -1 41.tlog-proof)" 'c2sp.org/tlog-proof@v1' 'in the form of C2SP'
succeeds 'it is checked without the workspace' ledger check 41.tlog-proof --vkey "$KEY"
like "$out" '^holds .*entry 41 of .*, one of ' 'and says what holds'
is "$("$TICKMARK" ledger check 41.tlog-proof --vkey "$KEY" --json | jq -r '.holds, .index, .entry.action' | tr '\n' ' ')" 'true 41 put ' 'the same as JSON'
succeeds 'it is checked with the workspace' ledger w check 41.tlog-proof
like "$out" 'the ledger still holds it' 'which still holds the entry'
refuses 2 'whose ledger' 'whose key it is must be said' ledger check 41.tlog-proof
new_workspace other
exits 1 'the key of another ledger: it does not hold' ledger check 41.tlog-proof --vkey "$(cat other/ledger/vkey)"
exits 1 'another ledger does not hold it' ledger other check 41.tlog-proof
sed 's/^index 41$/index 42/' 41.tlog-proof >shifted
exits 1 'another index does not hold' ledger check shifted --vkey "$KEY"
like "$out" 'is not number 42' 'and says what does not'
sed '4s/^./=/' 41.tlog-proof >broken
refuses 2 'not a proof.*: broken: ' 'what is no receipt is bad input' ledger check broken --vkey "$KEY"
succeeds 'a file of keys will do' ledger check 41.tlog-proof --vkey w/ledger/vkey
refuses 2 'not a verifier key' 'what is no key is bad input' ledger check 41.tlog-proof --vkey nonsense
refuses 2 'is not under the checkpoint' 'an entry that is not there has no receipt' ledger w receipt 100000
refuses 2 'not the number' 'nor has a word' ledger w receipt last
succeeds 'a receipt for a record' ledger w receipt --record control AC-01 -o ac
is "$("$TICKMARK" ledger w check ac --json | jq -r .entry.type)" control 'is that of its entry'
printf 'employee_id,display_name\n1,Ann\n' >p.csv
"$TICKMARK" source w add csv --table hr_person --file p.csv --name roster >/dev/null
"$TICKMARK" collect w >/dev/null 2>&1
succeeds 'a receipt for a run' ledger w receipt --run roster -o run
is "$("$TICKMARK" ledger w check run --json | jq -r '.entry.action + " " + .entry.type')" 'run source' 'is that of its entry'
refuses 2 'no result of it' 'no receipt for a result that is not there' ledger w receipt --result vendor-reports

# --- proofs
NOW=$(entries w)
succeeds 'an inclusion proof' ledger w proof 5 --size 9
is "$(sed -n '1,2p' <<<"$out" | tr '\n' ' ')" 'index 5 size 9 ' 'of that entry in that tree'
succeeds 'a consistency proof' ledger w proof --from "$SIZE"
is "$(head -1 <<<"$out")" "old $SIZE" 'from that size'
is "$(tail -n +2 <<<"$out" | sed '1,/^$/d' | sed -n 2p)" "$NOW" 'to that of the checkpoint'
succeeds 'from a size to another' ledger w proof --from 3 --to 7 --json
is "$(jq -r '.hashes | length' <<<"$out")" 4 'four hashes from 3 to 7'
refuses 2 'does not extend' 'not backwards' ledger w proof --from 9 --to 3
refuses 2 'the checkpoint has' 'not beyond the head' ledger w proof 1 --size 99999
refuses 2 'proof INDEX' 'not both' ledger w proof 1 --from 3

# --- the whole log, and against what was saved
succeeds 'the whole log holds' ledger w check
succeeds 'it extends what was saved' ledger w check --against saved
exits 1 'another ledger does not' ledger other check --against saved
refuses 2 'not a signed note|not a checkpoint' 'what is no checkpoint is bad input' ledger w check --against p.csv

# --- a witness
refuses 2 'no witness here' 'no witness so far' ledger wit witness vkey
refuses 2 'cannot name' 'a bad name' ledger wit witness init 'a b'
succeeds 'a witness is made' ledger wit witness init witness.example/w1
VKEY=$(head -1 <<<"$out")
is "$("$TICKMARK" ledger wit witness vkey)" "$VKEY" 'it has its key'
is "$(stat -c %a wit/keys/witness.key)" 400 'which nobody else can read'
refuses 2 'a witness here already' 'only one' ledger wit witness init witness.example/w1
mkdir things && touch things/x
refuses 2 'other things' 'not among other things' ledger things witness init x
"$TICKMARK" ledger w proof --from 0 -o request
exits 1 'it answers nobody that it was not told of' ledger wit witness add request
like "$out" 'refused \(404\)' 'but that it does not know the ledger'
refuses 2 'witness, not of a ledger' 'it watches no witness' ledger wit witness trust "$VKEY"
succeeds 'it is told to watch the ledger' ledger wit witness trust w/ledger/vkey
succeeds 'it cosigns' ledger wit witness add request -o answer
exits 1 'the first size only once' ledger wit witness add request
like "$out" "refused \(409\).* $NOW" 'then it says what it has seen'

# --- a policy
refuses 2 'no policy' 'an answer is of no use without a policy' ledger w cosigned answer
cat >two.policy <<END
# a ledger and a witness
log $KEY
witness one	$VKEY
quorum one
END
sed 's/^quorum one/quorum none two/' two.policy >bad.policy
refuses 2 'too much: bad.policy:4' 'a policy that is wrong is named by its line' ledger w policy bad.policy
sed "s,^log .*,log $(cat other/ledger/vkey)," two.policy >foreign.policy
refuses 2 'other ledgers' 'a policy for others cannot be put in force' ledger w policy foreign.policy
succeeds 'a policy is put in force' ledger w policy two.policy
succeeds 'twice is once' ledger w policy two.policy
like "$out" 'already' 'and says so'
succeeds 'it is shown' ledger w policy
is "$out" "$(cat two.policy)" 'as it was given'
is "$(sqlite3 -readonly w/records.db "SELECT count(*) FROM entry WHERE CAST(bytes AS TEXT) LIKE '%action adopt
type policy%'")" 1 'one entry says so'
refuses 2 'does not fit' 'an answer for an older checkpoint is refused' ledger w cosigned answer
"$TICKMARK" ledger w proof --from "$NOW" -o request
"$TICKMARK" ledger wit witness add request -o answer
succeeds 'an answer for this one is kept' ledger w cosigned answer
like "$out" 'policy is satisfied' 'which is enough'
like "$("$TICKMARK" ledger w head)" 'witnessed +[0-9]+ entries, by one at' 'the head shows it'
SEEN=$(entries w)
exits 1 'a receipt from before does not satisfy the policy' ledger w check 41.tlog-proof
succeeds 'one from now does' ledger w receipt 41 -o 41.cosigned
succeeds 'with the policy in force' ledger w check 41.cosigned
succeeds 'and offline, by the policy alone' ledger check 41.cosigned --policy two.policy
like "$out" 'cosigned by one at 2' 'which says when'
succeeds 'the log and its notes hold' ledger w check

# --- a long command does not hold back what it has done
cat >mute.pl <<'END'
use IO::Socket::INET;
my $s = IO::Socket::INET->new(Listen => 9, LocalAddr => "127.0.0.1", ReuseAddr => 1) or die;
$| = 1;
print $s->sockport, "\n";
alarm 60; # whatever happens
my @held;
while (my $c = $s->accept) { push @held, $c }
END
perl mute.pl >port & mute=$!
at_exit() { kill "$mute" 2>/dev/null; }
for _ in $(seq 100); do [ -s port ] && break; sleep 0.05; done
cp -a w slow
"$TICKMARK" source slow add tls --name z-mute --host 127.0.0.1 --port "$(cat port)" >/dev/null
before=$(entries slow)
"$TICKMARK" collect slow roster z-mute >/dev/null 2>&1 & long=$!
for _ in $(seq 100); do [ "$(entries slow)" -gt "$before" ] && break; sleep 0.05; done
kill -0 "$long" 2>/dev/null; ok $? 'a collector is still waiting'
is "$(entries slow)" $((before + 1)) 'the run before it is under a checkpoint already'
is "$("$TICKMARK" ledger slow receipt --run roster | grep -c '^index')" 1 'and has a receipt'
kill "$long" "$mute" 2>/dev/null
wait "$long" "$mute" 2>/dev/null

# --- an old copy of all of it is put back, and work goes on
cp -a w old
"$TICKMARK" source w add csv --table hr_person --file p.csv --name second >/dev/null
"$TICKMARK" ledger w proof --from "$SEEN" -o request
"$TICKMARK" ledger wit witness add request -o answer
succeeds 'the ledger went on, and the witness saw it' ledger w cosigned answer
"$TICKMARK" ledger w head -o saved.now
LAST=$(entries w)
rm -rf w && mv old w
succeeds 'an old copy that is put back looks whole by itself' ledger w check
exits 1 'but not against a checkpoint that was saved' ledger w check --against saved.now
like "$out" "there were $LAST entries then, and there are $SEEN now: entries were removed" 'which says how many are missing'
"$TICKMARK" ledger w proof --from "$SEEN" -o request
exits 1 'nor to the witness' ledger wit witness add request
like "$out" "\(409\).* $LAST" 'which has seen more'
n=0
while [ "$(entries w)" -lt "$LAST" ]; do
	"$TICKMARK" source w add csv --table hr_person --file p.csv --name "again$((++n))" >/dev/null
done
exits 1 'nor when it has grown again' ledger w check --against saved.now
like "$out" 'history was rewritten' 'it is another history then'
"$TICKMARK" ledger w proof --from "$LAST" -o request 2>/dev/null
exits 1 'nor to the witness then' ledger wit witness add request
like "$out" '\(422\)' 'which sees that the proof does not hold'

# --- a new signing key
new_workspace rot
"$TICKMARK" ledger rot receipt 3 -o rot.old >/dev/null
"$TICKMARK" ledger rot head -o rot.saved
"$TICKMARK" ledger wit2 witness init witness.example/w2 >/dev/null
"$TICKMARK" ledger wit2 witness trust rot/ledger/vkey >/dev/null
"$TICKMARK" ledger rot proof --from 0 -o request
succeeds 'a witness knows the old key' ledger wit2 witness add request
AT=$(entries rot)
succeeds 'the signing key is replaced' keys rot rotate signing
"$TICKMARK" ledger rot head >/dev/null
succeeds 'a receipt under the old key still holds' ledger rot check rot.old
succeeds 'so does what was saved' ledger rot check --against rot.saved
succeeds 'and the whole log' ledger rot check
"$TICKMARK" source rot add csv --table hr_person --file p.csv --name roster >/dev/null
"$TICKMARK" ledger rot receipt 3 -o rot.new >/dev/null
NEWKEY=$(head -1 rot/ledger/vkey)
succeeds 'a new one holds under the new key' ledger check rot.new --vkey "$NEWKEY"
exits 1 'the old one does not, under that alone' ledger check rot.old --vkey "$NEWKEY"
"$TICKMARK" ledger rot proof --from "$AT" -o request
exits 1 'a witness does not know it' ledger wit2 witness add request
like "$out" '\(403\)' 'and says so'
succeeds 'until it is told' ledger wit2 witness trust rot/ledger/vkey
succeeds 'then it goes on from where it was' ledger wit2 witness add request

# --- changes are named
flip() { perl -e 'open F, "+<", $ARGV[0] or die; seek F, $ARGV[1], 0; read F, $b, 1; seek F, $ARGV[1], 0; print F chr(ord($b) ^ 1)' "$1" "$2"; }
sed -i 's/^quorum one/quorum none/' w/ledger/policy
exits 1 'a changed policy is found' ledger w check
like "$out" 'not the policy that entry [0-9]+ adopted: w/ledger/policy' 'and named'
cp two.policy w/ledger/policy
cp w/ledger/witnessed w.witnessed
flip w/ledger/witnessed 60
exits 1 'a changed note of witnesses is found' ledger w check
like "$out" ': w/ledger/witnessed: ' 'and named'
cp w.witnessed w/ledger/witnessed
succeeds 'all is well again' ledger w check
tile=$(find w/ledger/tile/entries -type f -name 000)
flip "$tile" 700
exits 1 'a changed entry is found' ledger w check
like "$out" 'entry [0-9]+ of the bundle was changed: .*/entries/000' 'and named'
flip "$tile" 700
"$TICKMARK" ledger w proof --from 0 -o request
head=$(echo wit/witness/log/*/head)
printf 'nonsense\n' >"$head"
refuses 3 'remembers is damaged' 'a witness whose memory is damaged does not begin anew' ledger wit witness add request
refuses 2 'no ledger here' 'where no ledger is' ledger nowhere receipt 1
refuses 2 'did you mean head' 'a slip is understood' ledger w haed
refuses 2 'whose|neither|what about' 'what is to be done must be said' ledger w
done_testing
