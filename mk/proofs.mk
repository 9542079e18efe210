# make proofs: the long forms of what must not be accepted and of the witness
# that is killed, with counts; PROOFS=n changes, KILLS=n kills.
PROOFS ?= 400000

proofs: $(B)/test/ledger/test_proof $(B)/test/ledger/test_witness $(B)/test/ledger/test_foreign
	TICKMARK_PROOFS=$(PROOFS) $(B)/test/ledger/test_proof
	TICKMARK_KILLS=$(KILLS) $(B)/test/ledger/test_witness
	$(B)/test/ledger/test_foreign

.PHONY: proofs
