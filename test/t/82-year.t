#!/bin/bash
# A year in the life of a company, through the API, with a clock that is moved.
. "$(dirname "$0")/lib.sh"
command -v python3 >/dev/null || skip_all 'no python3 here'
export PYTHONPATH=$TOP/test/api PYTHONDONTWRITEBYTECODE=1
at_exit() { for p in $(jobs -p); do kill "$p" 2>/dev/null; done; }
export TICKMARK_LOG=info
timeout 300 python3 "$TOP/test/api/year.py" "$TICKMARK" >lines 2>trouble
ok $? 'the year ended' || note "$(tail -5 trouble)"
while IFS=$'\t' read -r st name more; do ok "$st" "$name" || note "$more"; done <lines
like "$(cat log)" '"path":"/api/v1/feeds/"' 'that a calendar was asked for is in the log'
unlike "$(cat log)" 'feeds/[0-9a-z]|tm1_' 'and no secret'
export TICKMARK_CLOCK=2026-12-15T09:00:00Z
succeeds 'everything holds' doctor w
succeeds 'the ledger from its beginning' ledger w check
done_testing
