# What checking costs: large bodies against their parts, a million entries.
CHECK_MB      ?= 192
CHECK_ENTRIES ?= 1000000

$(B)/bench/check: bench/check.c $(foreach f,ledger text sys base,$(call lib,$(f)))
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) $(LDFLAGS) -o $@ $< $(filter %.a,$^) $(LIBS)

bench-check: $(B)/bench/check
	@rm -rf $(B)/bench/check.tmp
	$(B)/bench/check $(B)/bench/check.tmp $(CHECK_MB) $(CHECK_ENTRIES)

.PHONY: bench-check
bench: bench-check
