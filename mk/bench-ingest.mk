# make bench-ingest: taking in a million rows, beside the sqlite3 shell.
BENCH_INGEST_LIBS := $(foreach f,evidence record schema ledger text sys base,$(call lib,$(f)))

$(B)/bench/ingest: bench/ingest.c $(BENCH_INGEST_LIBS)
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) $(LDFLAGS) -o $@ $< $(BENCH_INGEST_LIBS) $(LIBS)

bench-ingest: $(B)/bench/ingest
	$(B)/bench/ingest

.PHONY: bench-ingest
