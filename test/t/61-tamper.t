#!/bin/bash
# Seeded changes to a workspace: doctor finds and names every one of them.
. "$(dirname "$0")/lib.sh"
case $TICKMARK in */asan/*) n=10 ;; *) n=100 ;; esac
run "$TOP/test/fault/tamper.py" "$TICKMARK" --count $n --seed 5
is $rc 0 "$n changes are found and named, or derived again" || note "$out $err"
like "$out" "^$n changes of [0-9]+ kinds: [0-9]+ found" 'and so many there were'
done_testing
