#!/bin/bash
# Records by hand and from files, good and bad.
. "$(dirname "$0")/lib.sh"
new_workspace w

succeeds 'the criteria are there' record w criterion list --json
is "$(jq length <<<"$out")" 61 '61 of them'
succeeds 'the library of controls too' record w control list --json
is "$(jq length <<<"$out")" 129 '129 of them'
succeeds 'the policies too' record w policy list --json
is "$(jq length <<<"$out")" 28 '28 of them'
refuses 3 'a criterion is fixed data' 'a criterion is not changed' record w criterion put CC6.2 title=x
refuses 3 'a criterion is fixed data' 'nor retired, though controls serve it' record w criterion retire CC6.2
refuses 2 'an exception has no field' 'a message knows its article' record w exception put code=EX-1 nonsense=1
refuses 2 'pirat' 'a type that is not declared' record w pirate list

cat >person.yaml <<'Y'
- code: E001
  name: Demo Employee 01
  email: demo.employee.01@example.com
  start_on: 2024-01-08
  kind: employee
  state: active
- code: E002
  name: Demo Employee 02
  manager: E001
  start_on: 2024-02-05
  kind: contractor
  state: active
Y
succeeds 'put from YAML' record w person put --file person.yaml
succeeds 'show' record w person show E002
like "$out" 'Demo Employee 02' 'shows the name'
like "$out" 'E001' 'and whom it points to'
n=$(entries w)
succeeds 'the same again' record w person put --file person.yaml
is "$(entries w)" "$n" 'writes nothing'
succeeds 'put by hand' record w person put E002 role='Head of operations'
succeeds 'history' record w person history E002
like "$out" 'Head of operations' 'knows of the change'
succeeds 'show as JSON' record w person show E002 --json
is "$(jq -r '.role // .[0].role // .fields.role' <<<"$out")" 'Head of operations' 'has it'
printf 'code,name,kind,start_on\nE003,Demo Employee 03,employee,2024-03-04\n' >person.csv
succeeds 'put from CSV' record w person put --file person.csv
is "$(sqlv w "SELECT count(*) FROM person")" 3 'three people in the evidence too'

succeeds 'all records as YAML' record w all list --yaml
printf '%s\n' "$out" >all.yaml
n=$(entries w)
succeeds 'put again' record w all put --file all.yaml
is "$(entries w)" "$n" 'change nothing'
for type in person control vendor; do
	tm record w $type list --csv
	printf '%s\n' "$out" >$type.csv
	n=$(entries w) # the list of people was recorded
	succeeds "$type as CSV, put again" record w $type put --file $type.csv
	is "$(entries w)" "$n" 'changes nothing'
done
succeeds 'as it was known before' record w person show E002 --known-at $((n - 1))

unchanged() { # unchanged NAME STATUS ERE ARGUMENT...
	local name=$1 want=$2 re=$3 was
	shift 3
	was=$(fingerprint w)
	refuses "$want" "$re" "$name" "$@"
	is "$(fingerprint w)" "$was" "$name: nothing is changed"
}
put='record w person put --file'
printf -- '- code: E010\n  name: Demo Employee 10\n kind: employee\n' >bad.yaml
unchanged 'YAML that is not YAML' 2 'bad.yaml:[23]' $put bad.yaml
printf -- '- code: E010\n  name: Demo Employee 10\n  kind: pirate\n  start_on: 2024-01-01\n' >bad.yaml
unchanged 'a word that is not allowed' 2 'pirate.*bad.yaml:3' $put bad.yaml
printf -- '- code: E010\n  name: Demo Employee 10\n  kind: employee\n  colour: red\n' >bad.yaml
unchanged 'a field that is not declared' 2 'colour.*bad.yaml:4' $put bad.yaml
printf -- '- code: E010\n  kind: employee\n' >bad.yaml
unchanged 'a field that is missing' 2 'Name.*bad.yaml:1' $put bad.yaml
printf -- '- code: E010\n  name: Demo Employee 10\n  kind: employee\n  start_on: 2024-02-31\n' >bad.yaml
unchanged 'a day that is not in the calendar' 2 '2024-02-31.*bad.yaml:4' $put bad.yaml
printf -- '- code: E010\n  name: Demo Employee 10\n  kind: employee\n  manager: E999\n' >bad.yaml
unchanged 'a reference to nobody' 2 'E999.*bad.yaml:4' $put bad.yaml
{ cat person.yaml; printf -- '- code: E011\n  name: Demo Employee 11\n  kind: employee\n- code: E012\n  kind: pirate\n'; } >bad.yaml
unchanged 'one bad row among good ones' 2 'bad.yaml' $put bad.yaml
printf 'a: &a [x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c,*c,*c,*c,*c]\ne: &e [*d,*d,*d,*d,*d,*d,*d,*d]\nf: [*e,*e,*e,*e,*e,*e,*e,*e]\n' >bad.yaml
unchanged 'YAML that blows up' 2 'bad.yaml' $put bad.yaml
head -c 100000 /dev/urandom >bad.yaml
unchanged 'garbage for YAML' 2 'bad.yaml' $put bad.yaml
{ printf '['; head -c 200000 /dev/zero | tr '\0' '['; } >bad.json
unchanged 'JSON nested without end' 2 'bad.json' $put bad.json
printf '[{"code":"E010","name":"\xff","kind":"employee"}]' >bad.json
unchanged 'bytes that are not UTF-8' 2 'bad.json' $put bad.json
printf 'code,nickname\nE010,x\n' >bad.csv
unchanged 'a column that is not declared' 2 'bad.csv:1' $put bad.csv
printf 'code,name,kind\nE010,"Demo\n' >bad.csv
unchanged 'a quote that is never closed' 2 'bad.csv:2' $put bad.csv
unchanged 'no such file' '[23]' 'none.yaml' $put none.yaml
printf -- '- code: E001\n  state: preboarding\n' >bad.yaml
unchanged 'a step that is not declared' 2 'preboarding' $put bad.yaml
printf -- '- code: CC6.1\n  title: Ours\n' >bad.yaml
unchanged 'the criteria are fixed' '[23]' 'criteri' record w criterion put --file bad.yaml
unchanged 'nobody of that name' 2 'E999' record w person show E999
succeeds 'what a step needs and what is refused' record w vendor rules
like "$out" 'assessed +active +owner, compliance +owner' 'who may step'
like "$out" 'A vendor of tier high or critical is assessed before it is active' 'in words'
succeeds 'for programs' record w vendor rules --json
is "$(jq -r '.rules[] | select(.name == "vendor_method").rule' <<<"$out")" 'A subservice organisation is carved out or included.' 'by name'
done_testing
