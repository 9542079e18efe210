#!/bin/bash
# The n-th allocation and the n-th call on storage fail, are short or are the
# last one before a kill: one line of error, and the workspace as it was or whole.
. "$(dirname "$0")/lib.sh"
fault=$(dirname "$TICKMARK")/test/fault/tickmark
[ -x "$fault" ] || skip_all 'make unit-programs builds the program over the layer of faults'
case $TICKMARK in */asan/*) kinds=io ;; *) kinds=memory,io,full,kill,short ;; esac
for command in 'record put' collect; do
	run "$TOP/test/fault/nthfail.py" "$fault" --seed 3 --only "$command" --kinds $kinds --budget 0.8
	is $rc 0 "$command: any call may fail" || note "$out $err"
	like "$out" '^([2-9]|[0-9]{2,}) calls failed in turn in 1 commands' "$command: and some did"
done
# In a disk that is full from the start nothing can be made, and nothing is left.
run "$TOP/test/fault/nthfail.py" "$fault" --only init --kinds full --budget 1.5
is $rc 0 'init: on a full disk' || note "$out $err"
done_testing
