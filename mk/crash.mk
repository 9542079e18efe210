# make crash: kill -9 by the thousand; KILLS=n for another count. The first is
# one writer of the ledger, the second the whole program under load.
KILLS ?= 10000

crash: $(B)/test/ledger/test_crash $(B)/tickmark
	TICKMARK_KILLS=$(KILLS) $(B)/test/ledger/test_crash
	test/fault/kill.py $(B)/tickmark --kills $(KILLS) --every 50 --verbose

.PHONY: crash
