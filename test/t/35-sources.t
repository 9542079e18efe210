#!/bin/bash
# A source that was never read is not a pass, and one that is removed ends.
. "$(dirname "$0")/lib.sh"

"$TICKMARK" init w --org 'Probe (demo)' --demo >/dev/null
printf 'app,account_id,status,mfa,admin\nmail,1,active,yes,no\n' >one.csv
cp one.csv two.csv
for s in one two; do
	"$TICKMARK" source w add csv --table saas_account --name "$s" \
	    --file "$TMP/$s.csv" >/dev/null
	ok $? "source $s is added"
done
rm two.csv
"$TICKMARK" collect w >out 2>err
is $? 3 'a source that is not there makes collect say so'
outcome() { "$TICKMARK" test w saas-mfa --json | jq -r '.[0].outcome'; }
is "$(outcome)" unknown 'a source that was never read is no pass'
like "$("$TICKMARK" test w saas-mfa)" 'two was never collected' 'it is named'

"$TICKMARK" source w remove two >/dev/null
ok $? 'a source is removed'
is "$(outcome)" no_exceptions 'what is left is judged'
size=$("$TICKMARK" rebuild w --json | jq .entries)
"$TICKMARK" source w remove one >/dev/null
is "$(outcome)" unknown 'without a source nothing is known'
is "$("$TICKMARK" sql w 'SELECT count(*) AS n FROM saas_account' --json |
    jq '.[0].n')" 0 'rows of a removed source are not said to be so still'
before=$("$TICKMARK" sql w 'SELECT count(*) AS n FROM saas_account' --json \
    --known-at "$size" | jq '.[0].n')
is "$before" 1 'as known before the removal they were'
first=$("$TICKMARK" rebuild w --json | jq -r .digest)
rm w/evidence.db
is "$("$TICKMARK" rebuild w --json | jq -r .digest)" "$first" \
    'a rebuild ends them at the same time'
done_testing
