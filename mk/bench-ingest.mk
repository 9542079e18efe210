# make bench-ingest: taking in a million rows, beside the sqlite3 shell.
# make bench-query: queries in the sandbox over them, beside the same.
BENCH_EVIDENCE_LIBS := $(foreach f,evidence record schema ledger text sys base,$(call lib,$(f)))

$(B)/bench/ingest $(B)/bench/query: $(B)/bench/%: bench/%.c $(BENCH_EVIDENCE_LIBS)
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) $(LDFLAGS) -o $@ $< $(BENCH_EVIDENCE_LIBS) $(LIBS)

bench-ingest: $(B)/bench/ingest
	$(B)/bench/ingest

bench-query: $(B)/bench/query
	$(B)/bench/query

.PHONY: bench-ingest bench-query
