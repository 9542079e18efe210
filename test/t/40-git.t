#!/bin/bash
# A git history, recounted with git itself.
. "$(dirname "$0")/lib.sh"
new_workspace w
export GIT_CONFIG_GLOBAL=$TMP/gitconfig GIT_CONFIG_NOSYSTEM=1
git config --global init.defaultBranch main
git config --global user.name nobody
git config --global user.email nobody@example.com
git init -q repo && cd repo || exit 3
clock=1767225600 # 2026-01-01
# commit WHO MESSAGE: as author and committer
commit() {
	clock=$((clock + 3600))
	echo "$clock" >>"file-${3:-a}" && git add -A
	GIT_AUTHOR_NAME="Demo $1" GIT_AUTHOR_EMAIL="$1@example.com" GIT_AUTHOR_DATE="$clock +0200" \
	GIT_COMMITTER_NAME="Demo $1" GIT_COMMITTER_EMAIL="$1@example.com" GIT_COMMITTER_DATE="$clock +0200" \
	    git commit -q -m "$2"
	git rev-parse HEAD
}
merge() { # merge WHO BRANCH
	clock=$((clock + 3600))
	GIT_AUTHOR_NAME="Demo $1" GIT_AUTHOR_EMAIL="$1@example.com" GIT_AUTHOR_DATE="$clock +0000" \
	GIT_COMMITTER_NAME="Demo $1" GIT_COMMITTER_EMAIL="$1@example.com" GIT_COMMITTER_DATE="$clock +0000" \
	    git merge -q --no-ff -m "Merge $2" "$2"
	git rev-parse HEAD
}
direct=$(commit one 'straight to main')
git checkout -q -b topic
other=$(commit two 'on a branch' b)
git checkout -q main
m1=$(merge three topic)
git checkout -q -b own
own=$(commit two 'on a branch of my own' c)
git checkout -q main
m2=$(merge two own)
reviewed=$(commit one $'reviewed\n\nReviewed-by: Demo four <four@example.com>')
selfie=$(commit one $'reviewed by myself\n\nReviewed-by: Demo one <one@example.com>')
git checkout -q -b lost; lost=$(commit five 'never merged' d); git checkout -q main
odd=$(commit one $'strange\tletters "quoted" \x01 and a very l\xc3\xb6ng line')
git tag -a -m v1 v1
cd ..
succeeds 'source add git' source w add git --name repo --path "$TMP/repo"
succeeds 'collect' collect w repo
counts() { sqlv w "SELECT count(*), sum(merge) FROM git_commit"; }
is "$(counts)" "$(git -C repo rev-list --all --count)|$(git -C repo rev-list --all --merges --count)" 'as many commits and merges as git counts'
via() { sqlv w "SELECT via, second_hand FROM git_commit WHERE hash = '$1'"; }
is "$(via "$direct")" 'direct|0' 'straight to main, by one hand'
is "$(via "$other")" 'merge|1' 'merged by another'
is "$(via "$own")" 'merge|0' 'merged by the author alone'
is "$(via "$reviewed")" 'direct|1' 'reviewed by another'
is "$(via "$selfie")" 'direct|0' 'reviewed by the author'
is "$(via "$lost")" 'none|0' 'not on main'
is "$(via "$m1" | cut -d'|' -f1)" direct 'a merge itself is on the first-parent line'
is "$(sqlv w "SELECT group_concat(hash, ' ') FROM (SELECT hash FROM git_commit WHERE via = 'direct' ORDER BY committed_at DESC, hash)" | tr ' ' '\n' | sort)" \
    "$(git -C repo rev-list --first-parent main | sort)" 'the first-parent line is that of git'
is "$(sqlv w "SELECT author_email, committed_at FROM git_commit WHERE hash = '$own'")" \
    "$(git -C repo log -1 --format='%ae|%ct' "$own")000000" 'author and time'
is "$(sqlv w "SELECT count(*) FROM git_tag WHERE annotated")" 1 'the tag'
is "$(sqlv w "SELECT count(*) FROM git_branch")" "$(git -C repo branch | wc -l)" 'the branches'
n=$(entries w)
succeeds 'a second run' collect w repo
unlike "$out" 'git_commit: absent' 'that nothing is new does not make commits absent'
is "$(entries w)" $((n + 1)) 'leaves its entry'
is "$(counts)" "$(git -C repo rev-list --all --count)|$(git -C repo rev-list --all --merges --count)" 'and the same commits'
(cd repo && git checkout -q lost && git checkout -q main && merge three lost >/dev/null && commit two more >/dev/null)
succeeds 'a third run' collect w repo
is "$(counts)" "$(git -C repo rev-list --all --count)|$(git -C repo rev-list --all --merges --count)" 'knows the new ones'
is "$(via "$lost")" 'merge|1' 'what was merged since is known to be'
is "$(sqlv w "SELECT rewritten FROM git_repo")" 0 'nothing was rewritten'
(cd repo && git reset -q --hard HEAD~2 && commit six 'another history' >/dev/null)
succeeds 'a run after history was rewritten' collect w repo
is "$(sqlv w "SELECT rewritten FROM git_repo")" 1 'says so'

# A clock that went back: git's own ranges cannot be trusted there.
git init -q skew
(cd skew && now() { GIT_AUTHOR_DATE="@$2 +0000" GIT_COMMITTER_DATE="@$2 +0000" git commit -q --allow-empty -m "$1"; }
	now root 1600000000; git checkout -q -b side; now side 1600002000; git checkout -q main
	GIT_COMMITTER_DATE='@1600002100 +0000' git merge -q --no-ff -m M side
	for i in 1 2 3 4 5 6 7 8; do now old$i 150000000$i; done)
succeeds 'a history whose dates go back' source w add git --name skew --path "$TMP/skew"
skewed() { sqlv w "SELECT count(*), sum(via = 'direct'), sum(via = 'merge') FROM git_commit WHERE source = 'skew'"; }
succeeds 'is collected' collect w skew
is "$(skewed)" '11|10|1' 'each commit once, by its way'
(cd skew && git checkout -q -b more side && git commit -q --allow-empty -m more && git checkout -q main && git merge -q --no-ff -m M2 more)
succeeds 'and again' collect w skew
is "$(skewed)" '13|11|2' 'with what is new'
is "$(sqlv w "SELECT count(*) FROM coverage WHERE source = 'skew' AND reason = 'rewritten'")" 0 'and nothing counts as rewritten'

# Clocks and addresses are what each maker says they are.
git init -q liar
(cd liar && git commit -q --allow-empty -m reviewed -m 'Reviewed-by: B <b@example.com>' &&
	GIT_AUTHOR_NAME=A GIT_AUTHOR_EMAIL='' git commit -q --allow-empty -m 'no address' &&
	GIT_COMMITTER_DATE=2099-01-01T00:00:00Z git commit -q --allow-empty -m later)
sleep 1
succeeds 'a history with a commit of the future' source w add git --name liar --path "$TMP/liar"
succeeds 'is collected' collect w liar
is "$(sqlv w "SELECT count(*) FROM git_commit WHERE source = 'liar'")" 3 'with all its commits'
is "$(sqlv w "SELECT count(*) FROM git_commit WHERE source = 'liar' AND committed_at > reached_main_at AND reached_main_at < (SELECT max(at) FROM run)")" 1 'what was seen there came there before'
is "$(sqlv w "SELECT second_hand IS NULL FROM git_commit WHERE subject_line = 'no address'")" 1 'without an address nobody else can be told from its author'
tm test w change-second-hand
like "$out" 'fail .* later' 'the test sees the commit of the future'
like "$out" 'unknown .* no address' 'and does not know about the one without an address'

git init -q empty
succeeds 'a repository without commits' source w add git --name empty --path "$TMP/empty"
succeeds 'is collected' collect w empty
refuses 2 'gone' 'a repository that is not there is refused' source w add git --name gone --path "$TMP/gone"
cp -a empty gone
succeeds 'one that is' source w add git --name gone --path "$TMP/gone"
rm -rf gone
n=$(entries w)
exits 3 'and goes away cannot be collected' collect w gone
is "$(entries w)" $((n + 1)) 'but leaves its run'
cp -a repo broken
h=$(git -C repo rev-parse HEAD~1)
chmod u+w "broken/.git/objects/${h:0:2}/${h:2}" && echo garbage >"broken/.git/objects/${h:0:2}/${h:2}"
succeeds 'a repository with a damaged commit' source w add git --name broken --path "$TMP/broken"
n=$(entries w)
tm collect w broken
is $rc 3 'cannot be collected' || note "$out $err"
is "$(entries w)" $((n + 1)) 'but leaves its run'
exits 0 'the workspace is whole' doctor w
done_testing
