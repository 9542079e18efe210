#!/bin/bash
# The programme as a folder in git, and a workspace made from it.
. "$(dirname "$0")/lib.sh"
new_workspace w
{
	for f in person system commitment vendor vendor_assessment cuec; do
		echo "$f:"
		"$TOP/tools/demo-data" "$TOP/content/demo/records/$f.yaml" 0 | sed 's/^/  /'
	done
} >all.yaml
succeeds 'the demo company' record w all put --file all.yaml
succeeds 'out' programme w export p --json
n=$(jq .written <<<"$out")
[ "$n" -gt 400 ]; ok $? 'every record of it'
n0=$(entries w)
succeeds 'without people' programme w export bare --without-personal
is "$(grep -c masked bare/person/E001.yaml)" 3 'leaves out what is personal'
is "$(entries w)" "$n0" 'and is no read of it'
succeeds 'with them' programme w export o
is "$(entries w)" $((n0 + 1)) 'is noted in the ledger'
succeeds 'again' programme w export p --json
is "$(jq -c '[.written,.same,.removed]' <<<"$out")" "[0,$n,0]" 'writes nothing'
git -c init.defaultBranch=main init -q p && git -C p add -A
git -C p -c user.name=demo -c user.email=demo@example.com commit -qm 'The programme'
succeeds 'nothing to do' programme w plan p
like "$out" '^nothing to do$' 'and says so'

sed -i 's/^title: .*/title: Leavers lose access at once/' p/control/AC-03.yaml
printf 'name: Demo Courier\ntier: low\nservice: Parcels\nowner: E004\n' >p/vendor/courier.yaml
rm p/cuec/CUEC-01.yaml
before=$(entries w)
exits 1 'a plan with differences' programme w plan p
like "$out" '^~ control AC-03 .*control/AC-03.yaml$' 'names the record and its file'
like "$out" 'title: Leaver access .* -> Leavers lose access at once' 'shows old and new'
like "$out" '^1 to create, 1 to change, 0 to retire; 1 gone' 'counts'
exits 1 'as JSON' programme w plan p --json
is "$(jq -r '.changes[] | "\(.action) \(.file)"' <<<"$out" | xargs)" \
    'change control/AC-03.yaml create vendor/courier.yaml gone cuec/CUEC-01.yaml' 'in the order of the types'
refuses 2 'nobody to agree' 'without a terminal' programme w import p
if command -v script >/dev/null; then
	echo n | script -qec "$TICKMARK programme w import p" /dev/null >said
	is $? 1 'no is no'
	like "$(cat said)" 'nothing was done' 'and says so'
fi
is "$(entries w)" "$before" 'nothing is written so far'
succeeds 'in' programme w import p --yes --delete
like "$out" '1 added, 1 changed, 1 retired' 'all of it'
is "$(git -C p status --porcelain | xargs)" \
    'M control/AC-03.yaml D cuec/CUEC-01.yaml M manifest.csv ?? vendor/Demo-Courier.yaml' 'the folder has the new revisions'
succeeds 'then nothing is left' programme w plan p

sed -i 's/^state: draft/state: operating/' p/control/AC-04.yaml
printf '<<<<<<< ours\n=======\n>>>>>>> theirs\n' >>p/vendor/Demo-Courier.yaml
exits 1 'a way that is too far' programme w plan p
like "$out" 'needs the steps draft -> designed -> implemented -> operating' 'names the steps'
like "$out" 'vendor/Demo-Courier.yaml:[0-9]+: a merge left its marks' 'and the marks of a merge'
refuses 2 'a merge left its marks' 'nothing of it is done' programme w import p --yes
git -C p checkout -q control/AC-04.yaml
git -C p clean -qfd vendor
refuses 2 'no programme.yaml' 'another folder' programme w plan "$TMP/w"
refuses 2 'did you mean export' 'a slip' programme w exprt p

# Delete it all, and begin again from the folder.
sed -i '/^state: draft/s/draft/operating/; s/^version: 1$/&\nowner: E004\neffective_on: 2026-01-01/' p/control/AC-05.yaml
rm -rf w
new_workspace w
succeeds 'in again' programme w import p --yes
like "$out" 'Nothing has happened in this workspace yet' 'as a restore'
succeeds 'its history' record w control history AC-05
like "$out" 'revision 2 .* restored from a folder$' 'says that it was restored'
succeeds 'out again' programme w export q
is "$(diff -rq p q -x .git -x manifest.csv -x programme.yaml)" '' 'the same folder'
succeeds 'the workspace is whole' doctor w
is "$(sqlv w "SELECT state FROM control WHERE code = 'AC-05'")" operating 'a state that was reached is kept'
done_testing
