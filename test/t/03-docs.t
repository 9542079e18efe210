#!/bin/bash
# What the papers say is there.
. "$(dirname "$0")/lib.sh"
cd "$TOP" || exit 3
for f in *.md doc/*.md; do
	missing=
	for link in $(grep -oE '\]\([^)#]+' "$f" | sed 's/^](//' | grep -vE '^[a-z]+:'); do
		[ -e "$(dirname "$f")/$link" ] || missing="$missing $link"
	done
	is "$missing" '' "$f: what it links to is there"
done
for c in $(grep -hoE '^ +tickmark [a-z]+(-[a-z]+)*' README.md doc/*.md | awk '{ print $2 }' | sort -u); do
	succeeds "the papers' command $c is there" "$c" --help
done
for o in $(grep -hE '^ +tickmark [a-z]+ ' README.md doc/operating.md | grep -oE '^ +tickmark [a-z]+ .*' | sed 's/#.*//' |
    awk '{ c = $2; for (i = 3; i <= NF; i++) if ($i ~ /^--[a-z]/) print c ":" $i }' | sort -u); do
	c=${o%%:*} o=${o#*:}
	[ "$c" = source ] && continue
	tm "$c" --help
	grep -qF -- "$o" <<<"$out"; ok $? "tickmark $c knows $o"
done
is "$(grep -rliE 'soc 2 (certified|compliant)' content README.md)" '' 'nothing claims that somebody is certified'
is "$(git ls-files -- src tools content '*.md' | xargs -d '\n' grep -lIE '\b(TODO|FIXME|XXX)\b' -- 2>/dev/null)" '' 'no word of work that is left'
is "$(find test/t -name '*.t' ! -perm -u+x)" '' 'every test can be run'
done_testing
