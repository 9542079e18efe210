#!/bin/bash
# Declarations that are wrong, and the pages made from those that are right.
. "$(dirname "$0")/lib.sh"
mkschema=$TOP/build/gen/bin/mkschema
[ -x "$mkschema" ] || skip_all 'mkschema is not built'

# refused NAME ERE LINE...: a declaration of those lines
refused() {
	local name=$1 re=$2 file=thing.table
	shift 2
	case $1 in type*) file=thing.type ;; esac
	printf '%s\n' "$@" >$file
	run "$mkschema" --check $file
	is $rc 2 "$name: refused"
	like "$err$out" "$file:[0-9]+: .*$re" "$name: says where and what" || note "$err$out"
}
good=('table 900 thing snapshot "Things"' '  note "Things that are there."'
    '  1 name text required "Name of the thing."' '  key name')
printf '%s\n' "${good[@]}" >thing.table
run "$mkschema" --check thing.table
is $rc 0 'a good one' || note "$err$out"
refused 'an unknown kind' 'strange' "${good[@]:0:3}" '  2 colour strange "Colour of the thing."' '  key name'
refused 'a number used twice' '1' "${good[@]:0:3}" '  1 colour text "Colour of the thing."' '  key name'
refused 'a name used twice' 'name' "${good[@]:0:3}" '  2 name text "Name again."' '  key name'
refused 'a key that is no column' 'colour' "${good[@]:0:3}" '  key colour'
refused 'an unknown class' 'secretish' "${good[@]:0:3}" '  2 colour text class secretish "Colour of the thing."' '  key name'
refused 'an unknown mode' 'sometimes' 'table 900 thing sometimes "Things"' "${good[@]:1}"
refused 'a word that is none' 'fnord' "${good[@]}" '  fnord name'
refused 'a quote that is never closed' '' "${good[@]:0:2}" '  1 name text required "Name of the thing.' '  key name'
refused 'a reference to an unknown type' 'nosuch' 'type 900 thing record "Thing"' '  note "A thing."' \
    '  1 name text required "Name" "Name of the thing."' '  2 other ref nosuch "Other" "Another thing."' '  key name'
refused 'an enum without words' '' "${good[@]:0:3}" '  2 colour enum "Colour of the thing."' '  key name'
printf '\xff\xfe\x00' >thing.table
run "$mkschema" --check thing.table; is $rc 2 'garbage is refused'
: >thing.table
run "$mkschema" --check thing.table; is $rc 2 'an empty file is refused'

"$mkschema" --doc 'Record types' "$TOP"/content/types/*.type | cmp -s - "$TOP/doc/records.md"
ok $? 'doc/records.md is what the declarations say (make doc)'
"$mkschema" --doc 'Evidence tables' "$TOP"/content/tables/*.table | cmp -s - "$TOP/doc/tables.md"
ok $? 'doc/tables.md is what the declarations say (make doc)'
done_testing
