# make tamper: the long form of seeded changes to a bundle; CHANGES=n for another
# count, SEED=n for others.
CHANGES ?= 10000
SEED    ?= 1

tamper: $(B)/test/seal/test_tamper
	TICKMARK_TAMPER=$(CHANGES) TICKMARK_SEED=$(SEED) $(B)/test/seal/test_tamper

.PHONY: tamper
