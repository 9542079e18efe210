# make bench-assess: 200 procedures x 10,000 subjects x 365 days.
BENCH_ASSESS_LIBS := $(foreach f,assess evidence record schema ledger text sys base,$(call lib,$(f)))

$(B)/bench/assess: bench/assess.c $(BENCH_ASSESS_LIBS)
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) $(LDFLAGS) -o $@ $< $(BENCH_ASSESS_LIBS) $(LIBS)

bench-assess: $(B)/bench/assess
	$(B)/bench/assess $(B)/bench/assess.workspace

.PHONY: bench-assess
