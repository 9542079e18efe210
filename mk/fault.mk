# The program over the layer of faults (test/fault/layer.c), and the campaigns
# that use it. Each has a short form in test/t; COUNT=n, SEED=n, JOBS=n for others.
#   make powercut          simulated power cuts
#   make nthfail           each allocation and each call on storage failing
#   make tamper-workspace  seeded changes to a workspace, all to be found
#   make crash             kill -9 while it works
COUNT ?= 10000
SEED  ?= 1
JOBS  ?= 1

FAULT_WRAP := open open64 __open_2 __open64_2 openat openat64 mkostemp opendir \
	write pwrite pwrite64 read __read_chk pread pread64 __pread_chk \
	__pread64_chk ftruncate ftruncate64 fsync fdatasync rename unlink \
	unlinkat rmdir mkdir link fchmod chmod malloc calloc realloc strdup \
	strndup posix_memalign _ZnwmRKSt9nothrow_t _ZnamRKSt9nothrow_t
FAULT := $(B)/test/fault/tickmark

$(B)/obj/fault/%.o: test/fault/%.c
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) -Wno-error=missing-prototypes -Wno-missing-prototypes -MMD -MP -c -o $@ $<

$(FAULT): $(B)/obj/main.o $(B)/obj/fault/layer.o $(LIBS_ALL)
	@mkdir -p $(@D)
	$(call say,LD,$@)
	$(Q)$(CC) $(LDFLAGS) $(FAULT_WRAP:%=-Wl,--wrap=%) -o $@ $< \
	    $(B)/obj/fault/layer.o $(LIBS_ALL) $(LIBS)

powercut: $(FAULT)
	test/fault/powercut.py $(FAULT) --count $(COUNT) --seed $(SEED) --jobs $(JOBS)

fault: $(FAULT)

.PHONY: powercut fault

tamper-workspace: $(B)/tickmark
	test/fault/tamper.py $(B)/tickmark --count $(COUNT) --seed $(SEED) --jobs $(JOBS) --verbose

.PHONY: tamper-workspace

# What several threads do at once, under the thread sanitizer.
tsan:
	$(MAKE) VARIANT=tsan build/tsan/test/ledger/test_group
	build/tsan/test/ledger/test_group

.PHONY: tsan

# Without BUDGET every n of every command, which takes hours.
nthfail: $(FAULT)
	test/fault/nthfail.py $(FAULT) --seed $(SEED) --jobs $(JOBS) --verbose \
	    $(if $(BUDGET),--budget $(BUDGET))

.PHONY: nthfail
