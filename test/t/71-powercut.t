#!/bin/bash
# Power cuts: what was not synced is lost or torn, and nothing else is.
. "$(dirname "$0")/lib.sh"
fault=$(dirname "$TICKMARK")/test/fault/tickmark
[ -x "$fault" ] || skip_all 'make unit-programs builds the program over the layer of faults'
case $TICKMARK in */asan/*) n=8 syncs=records.db-wal ;; *) n=30 syncs='bodies/pack- records.db-wal /ledger' ;; esac

cuts() { run "$TOP/test/fault/powercut.py" "$fault" --seed 7 "$@"; }
cuts --count $n
is $rc 0 "$n power cuts lose nothing" || note "$out $err"
like "$out" "^$n power cuts in a trace of [0-9]{4,} changes" 'and so many there were'
# A sync that is forgotten must be missed, or the above says nothing.
for sync in $syncs; do
	cuts --count 40 --nosync "$sync" --until-loss
	is $rc 1 "without the syncs of $sync something is lost" || note "$out $err"
done
done_testing
