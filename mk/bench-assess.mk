# make bench-assess: 200 procedures x 10,000 subjects x 365 days.
# make bench-procedure: one procedure over a million rows, beside the shell.
BENCH_ASSESS_LIBS := $(foreach f,assess evidence record schema ledger text sys base,$(call lib,$(f)))

$(B)/bench/assess $(B)/bench/procedure: $(B)/bench/%: bench/%.c $(BENCH_ASSESS_LIBS)
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) $(LDFLAGS) -o $@ $< $(BENCH_ASSESS_LIBS) $(LIBS)

bench-assess: $(B)/bench/assess
	$(B)/bench/assess $(B)/bench/assess.workspace

bench-procedure: $(B)/bench/procedure
	$(B)/bench/procedure

.PHONY: bench-assess bench-procedure
bench: bench-assess bench-procedure
