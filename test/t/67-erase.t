#!/bin/bash
# Erasing a person and raw bytes: found, shown, held back, gone everywhere.
. "$(dirname "$0")/lib.sh"
new_workspace w

cat >hr.csv <<'CSV'
employee_id,name,email,login,start_date,kind
E1,Ada Lovelace,ada.lovelace@example.org,adalove,2024-01-08,employee
E2,Bob Burns,bob.burns@example.org,bobburns,2024-02-05,employee
CSV
cat >saas.csv <<'CSV'
app,account_id,login,email,display_name,mfa,status
mail,u1,adalove,ada.lovelace@example.org,Ada Lovelace,no,active
mail,u2,bobburns,bob.burns@example.org,Bob Burns,no,active
mail,u3,helper,,Help of Ada Lovelace,no,active
CSV
succeeds 'a roster' source w add csv --name hr --table hr_person --file "$TMP/hr.csv"
succeeds 'accounts' source w add csv --name saas --table saas_account --file "$TMP/saas.csv"
succeeds 'collect' collect w --at 2026-01-10T12:00:00Z
succeeds 'a person' record w person put code=E1 name='Ada Lovelace' email=ada.lovelace@example.org login=adalove kind=employee start_on=2024-01-08
succeeds 'another revision of the person' record w person put E1 name='Ada King Lovelace'
succeeds 'another person' record w person put code=E2 name='Bob Burns' email=bob.burns@example.org login=bobburns kind=employee start_on=2024-02-05
succeeds 'an exception of hers' record w exception put code=EX-01 tbl=saas_account subject_id=mail:u1 reason='later' expires=2027-01-01
succeeds 'a vendor that is told of her' record w vendor put name=Acme service='ask Ada Lovelace'
succeeds 'and not any more' record w vendor put Acme service='ask the desk'
tm test w --as-of 2026-01-10T13:00:00Z
like "$out" 'mail: adalove' 'a result names her'
succeeds 'a report' report w --type 1 --as-of 2026-01-10 -o "$TMP/r.html"
before=$(entries w)

# --- looking
tm erase w person ada.lovelace@example.org --dry-run
is "$rc" 0 'a look at what would be erased'
like "$(tr "\n" " " <<<"$out")" "out of reach: .*bundles, reports, exports" 'what no key reaches is said'
like "$out" 'saas/saas_account/mail:u1 +matched: email = email' 'her account, by the rules'
like "$out" 'doubtful' 'what is doubtful is said'
like "$out" 'saas/saas_account/mail:u3 +display_name mentions' 'and left'
unlike "$out" 'mail:u2' 'not of others'
is "$(entries w)" "$before" 'writes nothing'
refuses 2 'decision' 'without a decision' erase w person E1 --yes
refuses 2 'token' 'a decision that is a sentence' erase w person E1 --yes --decision 'Ada asked'
refuses 2 'nobody was asked' 'without being asked' erase w person E1 --decision T-7
refuses 2 'nobody is named' 'a person who is not there' erase w person nobody@example.org --dry-run
refuses 2 'SOURCE/TABLE/SUBJECT' 'a subject that is none' erase w person E1 --dry-run --subject saas
refuses 2 'no key' 'a subject that is not there' erase w person E1 --dry-run --subject saas/saas_account/x:1
refuses 2 'such thing' 'another thing' erase w file x
is "$(entries w)" "$before" 'nothing of that wrote'

# --- a legal hold
refuses 2 'Person' 'a hold on nobody' record w legal_hold put code=LH-1 scope=person reason=x
succeeds 'a hold on her' record w legal_hold put code=LH-1 scope=person person=E1 reason='a claim'
refuses 3 'legal hold LH-1 on the data of E1 forbids it: a claim' 'is not erased, also with --yes' erase w person E1 --decision T-7 --yes
tm erase w person E1 --dry-run
is "$rc" 1 'a look says no'
like "$out" 'LH-1' 'and which hold'
succeeds 'a hold on a source' record w legal_hold put code=LH-2 scope=source of_source=saas reason='an audit'
succeeds 'the first is released' record w legal_hold put LH-1 released_on=2020-01-01
refuses 3 'LH-2 on the data of source saas' 'the other one holds' erase w person E1 --decision T-7 --yes
succeeds 'it is released' record w legal_hold put LH-2 released_on=2020-01-01
succeeds 'a hold on everything, later' record w legal_hold put code=LH-3 scope=all reason='not yet' starts_on=2999-01-01

# --- backups from before and after
recipient=$("$TICKMARK" backup --keygen recovery.key | grep -o 'age1[a-z0-9]*' | head -1)
mkdir depot
succeeds 'a backup of before' backup w --to depot --recipient "$recipient"

# --- erasing
sql() { sqlv w "$1" --as-of 2026-01-10T13:00:00Z; }
bob=$(sql "SELECT * FROM saas_account WHERE account_id = 'u2'")
digest_of() { "$TICKMARK" rebuild w | grep -Eo '[0-9a-f]{64}' | head -1; }
succeeds 'erase her' erase w person E1 --decision T-7 --yes --subject saas/saas_account/mail:u3
like "$out" 'erased, by decision T-7' 'says so'
names='lovelace|adalove'
is "$(grep -rlaiE "$names" w)" '' 'no file of the workspace has a name of hers'
is "$(sql "SELECT count(*) FROM saas_account WHERE email IS NULL AND subject LIKE 'mail:u%'")" 2 'her cells are unknown'
is "$(sql "SELECT * FROM saas_account WHERE account_id = 'u2'")" "$bob" 'others are as they were'
is "$(sql "SELECT count(*) FROM blind_cell WHERE table_name = 'saas_account' AND column_name = 'display_name'")" 2 'and say that they are'
succeeds 'doctor' doctor w
like "$out" 'erased' 'counts what was erased'
unlike "$out" "$names" 'without names'
tm ledger w check
is "$rc" 0 'the ledger holds'
a=$(digest_of) b=$(digest_of)
is "$a" "$b" 'a rebuild gives the same digest'
isnt "$a" '' 'which is one'
succeeds 'rebuild the records as well' rebuild w --records
is "$(digest_of)" "$a" 'and still the same'
is "$(grep -rlaiE "$names" w)" '' 'nothing came back'
tm test w --as-of 2026-01-10T13:00:00Z --json
like "$out" 'erased:' 'her lines in results are erased ones'
unlike "$out" "$names" 'without a name'
like "$out" 'bobburns' 'those of others are not'
tm status w
is "$rc" 0 'status'
tm record w person history E1
unlike "$out$err" "$names" 'no revision of her is left'
tm record w vendor history Acme
is "$rc" 0 'the history of the vendor'
unlike "$out" "$names" 'without the text that named her'
like "$out" 'the desk' 'with the one in force'
tm erase w person E1 --dry-run
like "$out" 'nothing to erase' 'a second time there is nothing'

# --- the source still delivers her
succeeds 'collect again' collect w hr --at 2026-01-11T12:00:00Z
like "$out" '1 erased subject is still delivered' 'says that she is delivered'
is "$(sqlv w "SELECT count(*) FROM hr_person WHERE name = 'Ada Lovelace'" --as-of 2026-01-11T13:00:00Z)" 1 'as a new subject'
is "$(sqlv w "SELECT count(*) FROM hr_person WHERE name = 'Ada Lovelace'" --as-of 2026-01-10T13:00:00Z)" 0 'and not before'
sed -i /^E1/d hr.csv
succeeds 'until it does not' collect w hr --at 2026-01-12T12:00:00Z
succeeds 'erase that as well' erase w person E1 --decision T-8 --yes
is "$(grep -rlaiE "$names" w)" '' 'gone again'

# --- backups: the keys in them are the newest
succeeds 'a backup of after' backup w --to depot --recipient "$recipient"
succeeds 'restore it' restore depot r2 --identity recovery.key
is "$(grep -rlaiE "$names" r2)" '' 'without her'
succeeds 'restore the one of before' restore depot r1 --identity recovery.key --at 1
is "$(grep -rlaiE "$names" r1/records.db)" '' 'and her record is not there either'
is "$(sqlv r1 "SELECT count(*) FROM saas_account WHERE email LIKE 'ada%'" --as-of 2026-01-10T13:00:00Z)" 0 'nor her account'
succeeds 'which holds' doctor r1

# --- an older copy of the keys comes back
tm erase w person E2 --dry-run --json
is "$(jq '.subjects | length > 1' <<<"$out")" true 'JSON lists the subjects'
cp w/keys/subjects.db old.db
succeeds 'erase another one' erase w person bobburns --decision T-9 --yes
cp old.db w/keys/subjects.db
succeeds 'the next command that writes' collect w hr --at 2026-01-13T12:00:00Z
is "$(grep -rlaiE 'bobburns' w)" "$(grep -rlaiE 'bobburns' w/evidence.db w/records.db)" 'only what is delivered anew is there'
is "$(sqlv w "SELECT count(*) FROM saas_account WHERE email = 'bob.burns@example.org'" --as-of 2026-01-10T13:00:00Z)" 0 'destroys the key again'

done_testing
