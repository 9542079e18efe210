# make crash: the long form of the crash tests; KILLS=n for another count.
KILLS ?= 2000

crash: $(B)/test/ledger/test_crash
	TICKMARK_KILLS=$(KILLS) $(B)/test/ledger/test_crash

.PHONY: crash
