#!/bin/bash
# What is shipped as content holds together.
. "$(dirname "$0")/lib.sh"
cd "$TOP/content" || exit 3

col() { awk -F'\t' -v n="$2" 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == n) c = i; next } { print $c }' "$1"; }

criteria=$(col criteria/criteria.tsv id | sort)
is "$(wc -l <<<"$criteria")" 61 '61 criteria'
is "$(uniq -d <<<"$criteria")" '' 'each once'
is "$(col criteria/criteria.tsv category | sort | uniq -c | awk '{ print $2 $1 }' | xargs)" \
    'availability3 common33 confidentiality2 privacy18 processing-integrity5' 'in the categories as they should be'
is "$(col criteria/criteria.tsv coso | grep -c .)" 17 'each COSO principle is tied to one'
is "$(col criteria/coso.tsv number | xargs)" "$(seq 17 | xargs)" '17 principles'
is "$(col criteria/criteria.tsv series | sort -u | xargs)" "$(col criteria/series.tsv id | sort | xargs)" 'series match'
is "$(col criteria/criteria.tsv intent | awk 'length($0) < 40')" '' 'every criterion has its intent'

is "$(col controls/controls.tsv id | wc -l)" 129 '129 controls'
is "$(col controls/controls.tsv id | sort | uniq -d)" '' 'each once'
named=$(col controls/controls.tsv criteria | tr ',' '\n' | sort -u)
is "$(comm -3 <(echo "$criteria") <(echo "$named"))" '' 'every criterion has a control, and no control names another'
is "$(col controls/controls.tsv statement | awk 'length($0) < 30 || !/\.$/')" '' 'statements are sentences'
is "$(col controls/controls.tsv how | awk 'length($0) < 20 || !/\.$/')" '' 'so is what good evidence looks like'
for list in owner kind effort; do
	is "$(comm -13 <(awk -F'\t' -v l=$list '$1 == l { print $2 }' controls/codes.tsv | sort) <(col controls/controls.tsv $list | sort -u))" '' "$list codes are known"
done
is "$(comm -13 <(awk -F'\t' '$1 == "area" { print $2 }' controls/codes.tsv | sort) <(col controls/controls.tsv areas | tr ',' '\n' | sort -u))" '' 'area codes are known'
is "$(comm -13 <(awk -F'\t' '$1 == "frequency" { print $2 }' controls/codes.tsv | sort) <(col controls/controls.tsv frequency | tr '/' '\n' | sort -u))" '' 'frequency codes are known'

is "$(col policies/policies.tsv id | wc -l)" 28 '28 policies'
is "$(col policies/policies.tsv criteria | tr ',' '\n' | sort -u | comm -13 <(echo "$criteria") -)" '' 'policies name known criteria'
for f in criteria/*.tsv controls/*.tsv policies/*.tsv; do
	is "$(awk -F'\t' 'NR == 1 { n = NF } NF != n || /\r| \t|\t | $/ { print FILENAME ":" NR }' "$f")" '' "$f is even"
	is "$(LC_ALL=C grep -nP '[^\x00-\x7F]' "$f")" '' "$f is ASCII"
done
done_testing
