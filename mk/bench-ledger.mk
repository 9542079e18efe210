# Durable appends against plain SQLite commits, on the disk of BENCH_DIR.
BENCH_DIR ?= $(B)/bench
BENCH_SECONDS ?= 10

$(B)/bench/ledger: bench/ledger.c $(foreach f,ledger text sys base,$(call lib,$(f)))
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) $(LDFLAGS) -o $@ $< $(filter %.a,$^) $(LIBS)

bench-ledger: $(B)/bench/ledger
	@rm -rf $(BENCH_DIR)/ledger.tmp
	$(B)/bench/ledger $(BENCH_DIR)/ledger.tmp $(BENCH_SECONDS)
	@rm -rf $(BENCH_DIR)/ledger.tmp

.PHONY: bench-ledger
bench: bench-ledger
