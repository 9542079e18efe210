# make bench-git    the git collector beside git log, on 100,000 commits
BENCH_COLLECT_LIBS := $(foreach f,collect evidence record schema ledger text helper sys base,$(call lib,$(f)))

$(B)/bench/git: bench/git.c $(BENCH_COLLECT_LIBS)
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) $(LDFLAGS) -o $@ $< $(BENCH_COLLECT_LIBS) $(LIBS)

bench-git: $(B)/bench/git
	$(B)/bench/git $(B)/bench/git.repository

.PHONY: bench-git
