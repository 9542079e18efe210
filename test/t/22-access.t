#!/bin/bash
# Users, tokens, who may see what, and what is noted of it.
. "$(dirname "$0")/lib.sh"
new_workspace w

waiting() { cat w/reads 2>/dev/null | wc -l; }

# --- users
cat >all.yaml <<'Y'
person:
  - {code: E1, name: Ann One, email: ann@example.com, kind: employee, login: ann}
  - {code: E2, name: Bob Two, email: bob@example.com, kind: employee}
finding:
  - {code: F-1, title: Mine, severity: low, owner: E2}
  - {code: F-2, title: Not mine, severity: high, owner: E1}
engagement:
  - {code: ENG, firm: Firm, kind: type_1, categories: security, access_from: 2020-01-01}
Y
succeeds 'a programme' record w all put --file all.yaml
succeeds 'no user yet' user w list
like "$out" 'acts as its owner' 'says who may'
succeeds 'an owner' user w add ada --role owner
succeeds 'an employee' user w add bob --role employee --person E2
succeeds 'an auditor' user w add kim --role auditor --engagement ENG
succeeds 'one who looks' user w add lou --role read_only
refuses 2 'nobody is these together: owner, auditor' 'roles exclude each other' \
	user w add two --role owner --role auditor
refuses 2 'the last owner' 'the last owner stays' user w disable ada
refuses 2 'there is a user like this already' 'twice the same login' user w add ada --role employee
succeeds 'list' user w list --json
is "$(jq -r '.[] | select(.login == "bob") | .person + " " + .roles' <<<"$out")" 'E2 employee' 'says what bob is'
succeeds 'disabled' user w disable lou
refuses 3 'disabled, or its last day is over' 'is nobody' record w finding list --as lou
succeeds 'enabled' user w enable lou

# --- what they would see
succeeds 'as an employee' record w finding list --as bob
like "$out" 'F-1' 'sees his own'
unlike "$out" 'F-2' 'and no other'
refuses 2 'there is no finding named "F-2"' 'not by its name either' record w finding show F-2 --as bob
refuses 3 'as employee one may not list a vendor|no rule' 'denied by default' record w token list --as bob
succeeds 'masked' record w person show E1 --as lou
like "$out" 'Name +\(masked\)' 'is seen to be'
unlike "$out" 'Ann' 'not what it is'
refuses 3 'nothing to filter by' 'nor guessed by filters' record w person list 'name=Ann One' --as lou
refuses 2 'for looking' 'nobody writes as another' record w finding put F-1 title=x --as bob
succeeds 'an auditor reads' record w control show AC-01 --as kim
succeeds 'as JSON' record w person show E1 --as kim --json
is "$(jq -c .name <<<"$out")" '{"masked":true}' 'masked is no text and no null'

# --- SQL
succeeds 'SQL as one who looks' sql w "SELECT code, name, email FROM person" --as lou --json
is "$(jq -c '[.[] | [.name, .email]] | unique' <<<"$out")" '[["(masked)","(masked)"]]' 'masks as well'
is "$(sqlv w "SELECT count(*) FROM person WHERE name LIKE 'Ann%'" --as lou)" 0 'and does not compare'
is "$(sqlv w "SELECT count(*) FROM person WHERE login IS NULL" --as lou)" 0 'not even with NULL'
refuses 3 'may not query a workpaper' 'what may not be asked' sql w "SELECT * FROM workpaper" --as lou
refuses 3 'may not query a workpaper' 'by no other name' sql w \
	"WITH people AS (SELECT * FROM workpaper) SELECT count(*) FROM people" --as lou
refuses 3 'who is whose account' 'nor who is who' sql w "SELECT * FROM identity" --as lou
refuses 3 'may not query a person' 'an employee asks no SQL' sql w "SELECT * FROM person" --as bob
refuses 2 '.' 'the tables beneath are out of reach' sql w 'SELECT * FROM "person!v"' --as lou
isnt "$(sqlv w "SELECT count(*) FROM coverage" --as lou)" '' 'coverage is for all who ask'

# --- what is noted
n=$(entries w)
succeeds 'masked' record w person list --as lou
succeeds 'not personal' record w finding list
succeeds 'not of class personal' sql w "SELECT code FROM person"
succeeds 'status' status w
is "$(entries w) $(waiting)" "$n 0" 'leave no note'
succeeds 'a list of people' record w person list
is "$(entries w)" $((n + 1)) 'one entry for all of them'
succeeds 'one' record w person show E1
succeeds 'SQL' sql w "SELECT name FROM person"
succeeds 'history' record w person history E2
is "$(entries w) $(waiting)" "$((n + 4)) 0" 'one each'

# While somebody writes, the note waits; who reads does not.
python3 - w/lock <<'P' &
import fcntl, struct, sys, time
f = open(sys.argv[1], 'r+')
fcntl.fcntl(f, 37, struct.pack('hhqqi', fcntl.F_WRLCK, 0, 0, 0, 0))
open('held', 'w').close()
for i in range(600):
    time.sleep(0.05)
    try:
        open('done').close()
        break
    except OSError:
        pass
P
for i in $(seq 200); do [ -e held ] && break; sleep 0.05; done
succeeds 'a read while the lock is held' record w person show E1
is "$(waiting)" 1 'leaves its note'
unlike "$(cat w/reads)" 'Ann|Bob|bob' 'without what was read'
touch done; wait
succeeds 'who writes next' record w finding put F-1 title=Again
is "$(entries w) $(waiting)" "$((n + 6)) 0" 'brings it into the ledger'
succeeds 'which is whole' ledger w check

# A reader that cannot note what it shows shows nothing.
mv w/reads w/reads.away && mkdir w/reads
refuses 3 'only when the read can be recorded' 'no note, no names' record w person show E1
unlike "$out" 'Ann' 'not one of them'
succeeds 'what is not personal is read' record w finding show F-1
rmdir w/reads && mv w/reads.away w/reads

# --- tokens
tm token w add nightly --user bob --scope read --scope operations
ok $rc 'a token'
secret=$out
like "$secret" '^tm1_[0-9a-z]{52}$' 'has a secret, alone on its output'
is "$(grep -rl "$secret" w | wc -l)" 0 'which is nowhere in the workspace'
refuses 2 'twelve months' 'for a year at most' token w add long --user bob --scope read --expires 2099-01-01
refuses 2 'needs a user and a scope' 'with a scope' token w add none --user bob
succeeds 'list' token w list --json
is "$(jq -r '.[0] | .name + " " + .state' <<<"$out")" 'nightly active' 'names it'
succeeds 'revoke' token w revoke nightly
refuses 2 'there is no token' 'a name that is none' token w revoke nobody

# --- who-can
succeeds 'who-can' who-can finding
like "$out" 'employee +if +if' 'has the matrix'
like "$out" 'it names them' 'and its conditions'
succeeds 'of a field' who-can person.name --json
is "$(jq -r '.[] | select(.role == "read_only" and .act == "read") | .answer' <<<"$out")" masked 'says masked'
succeeds 'the groups' who-can
like "$out" 'programme' 'are listed'
refuses 2 'no such type' 'a slip' who-can pirate
refuses 2 'no such field' 'in a field' who-can person.pirate
done_testing
