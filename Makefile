# make            build/tickmark
# make check      ./check: packages, both builds, every test
# make unit t     unit tests; whole-program tests
# make lint       floors, names
# VARIANT=asan    the same under build/asan, with ASan and UBSan
# CC=clang        another compiler (give it its own VARIANT)
VARIANT ?= release
CC      := $(if $(filter default,$(origin CC)),gcc,$(CC))
CXX     := $(if $(filter clang%,$(CC)),clang++,g++)
B       := $(if $(filter release,$(VARIANT)),build,build/$(VARIANT))
GEN     := build/gen
MAKEFLAGS += --no-builtin-rules

# V=1 shows whole commands.
Q   := $(if $(V),,@)
say  = $(if $(V),,@printf '  %-5s %s\n' $(1) $(2))

WARN := -Wall -Wextra -Werror -Wshadow -Wstrict-prototypes \
	-Wmissing-prototypes -Wpointer-arith -Wwrite-strings -Wvla
HARD := -D_FORTIFY_SOURCE=3 -fstack-protector-strong -fstack-clash-protection \
	-fcf-protection=full -ftrivial-auto-var-init=zero -fPIE
ifneq ($(filter clang%,$(CC)),)
HARD := $(filter-out -D_FORTIFY_SOURCE=3,$(HARD)) -D_FORTIFY_SOURCE=2
ifneq ($(VARIANT),asan)
HARD += -enable-trivial-auto-var-init-zero-knowing-it-will-be-removed-from-clang
endif
endif
SAN_asan  := -fsanitize=address,undefined -fno-sanitize-recover=undefined \
	-fno-omit-frame-pointer -U_FORTIFY_SOURCE
OPT_asan  := -O1
SAN_tsan  := -fsanitize=thread -fno-omit-frame-pointer -U_FORTIFY_SOURCE \
	-Wno-maybe-uninitialized
OPT_tsan  := -O1
SAN_fuzz  := -fsanitize=fuzzer-no-link,address,undefined \
	-fno-sanitize-recover=undefined -fno-sanitize=vptr \
	-fno-omit-frame-pointer -U_FORTIFY_SOURCE
OPT_fuzz  := -O1
OPT       := $(or $(OPT_$(VARIANT)),-O2)
# Lines are enough where nobody steps through.
DEBUG     := $(if $(filter asan fuzz tsan,$(VARIANT)),-g1,-g)
SAN       := $(SAN_$(VARIANT))
CPPFLAGS  := -D_GNU_SOURCE -Isrc -I$(GEN)/include
CFLAGS    := -std=c17 $(DEBUG) $(OPT) $(WARN) $(HARD) $(SAN)
CXXFLAGS  := -std=c++17 $(DEBUG) $(OPT) -Wall -Wextra -Werror $(HARD) $(SAN)
LDFLAGS   := -pie -Wl,-z,relro,-z,now,-z,noexecstack $(SAN)

# Highest floor first, as the linker wants them.
FLOORS  := cli web api seal report program assess collect evidence record schema ledger text helper sys base
# Static where Debian ships an archive: a fast start, and a program that
# verifies on a machine that has only the program. See doc/decisions.
STATIC  := sqlite3 sodium zstd ssl crypto yaml cmark-gfm-extensions cmark-gfm \
	seccomp z
LIBS    := -Wl,-Bstatic $(STATIC:%=-l%) -Wl,-Bdynamic -lsimdjson -lstdc++ -lm -ldl -pthread

src_c    = $(sort $(wildcard src/$(1)/*.c))
src_cc   = $(sort $(wildcard src/$(1)/*.cc))
objs     = $(patsubst src/%.c,$(B)/obj/%.o,$(call src_c,$(1))) \
	$(patsubst src/%.cc,$(B)/obj/%.cc.o,$(call src_cc,$(1)))
lib      = $(B)/lib/lib$(1).a
LIBS_ALL := $(foreach f,$(FLOORS),$(call lib,$(f)))

all: $(B)/tickmark

-include $(wildcard mk/*.mk)

$(B)/tickmark: $(B)/obj/main.o $(LIBS_ALL)
	$(call say,LD,$@)
	$(Q)$(CC) $(LDFLAGS) -o $@ $< $(LIBS_ALL) $(LIBS)

$(B)/obj/%.o: src/%.c | $(GEN_HEADERS)
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

$(B)/obj/%.cc.o: src/%.cc
	@mkdir -p $(@D)
	$(call say,CXX,$<)
	$(Q)$(CXX) $(CPPFLAGS) $(CXXFLAGS) -MMD -MP -c -o $@ $<

$(B)/obj/gen/%.o: $(GEN)/%.c | $(GEN_HEADERS)
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

define floor_rule
$(call lib,$(1)): $(call objs,$(1)) $(patsubst %,$(B)/obj/gen/%.o,$(GEN_$(1)))
	@mkdir -p $$(@D)
	@rm -f $$@
	@ar rcsD $$@ $$^
endef
GEN_base := content
$(foreach f,$(FLOORS),$(eval $(call floor_rule,$(f))))

# Build-time programs.
$(GEN)/bin/%: tools/%.c
	@mkdir -p $(@D)
	$(call say,TOOL,$<)
	$(Q)gcc -std=c17 -D_GNU_SOURCE -O1 -g -Wall -Wextra -Werror -o $@ $<

CONTENT := $(shell find content ui -type f 2>/dev/null)
$(GEN)/content.c: $(GEN)/bin/embed $(CONTENT)
	$(GEN)/bin/embed $(wildcard content ui) > $@.tmp && mv $@.tmp $@

# Unit tests: test/FLOOR/test_x.c links that floor and the floors below it
# only, so that the linker proves the house.
UNIT_SRC := $(sort $(wildcard test/*/test_*.c))
UNIT     := $(UNIT_SRC:test/%.c=$(B)/test/%)
below    = $(if $(filter $(1),$(FLOORS)),$(shell echo "$(FLOORS)" | sed 's/.*\b$(1)\b/$(1)/'))
define unit_rule
$(B)/test/$(1): test/$(1).c $$(foreach f,$$(call below,$$(patsubst %/,%,$$(dir $(1)))),$$(call lib,$$(f)))
	@mkdir -p $$(@D)
	$$(call say,TEST,$$<)
	$$(Q)$$(CC) $$(CPPFLAGS) -Itest -DTICKMARK_TEST $$(CFLAGS) -Wno-error=missing-prototypes $$(LDFLAGS) -MMD -MP \
	    -o $$@ $$< $$(filter %.a,$$^) -lcmocka $$(LIBS)
endef
$(foreach t,$(UNIT_SRC:test/%.c=%),$(eval $(call unit_rule,$(t))))

unit-programs: $(UNIT) $(FAULT)

unit: $(UNIT)
	CMOCKA_MESSAGE_OUTPUT=TAP prove $(PROVEFLAGS) -e '' $(UNIT)

t: $(B)/tickmark
	TICKMARK=$(abspath $(B)/tickmark) prove $(PROVEFLAGS) test/t

# Fuzz targets: fuzz/fuzz_x.c, with libFuzzer and the sanitizers, linked with
# the highest floor that it includes and those below; seeds lie in
# fuzz/corpus/x/. FUZZ_SECONDS is for each.
FUZZ_SRC     := $(sort $(wildcard fuzz/fuzz_*.c))
FUZZ         := $(FUZZ_SRC:fuzz/%.c=$(B)/%)
FUZZ_SECONDS ?= 10
floor_of      = $(firstword $(foreach f,$(FLOORS),$(shell grep -q '^\#include "$(f)/' $(1) && echo $(f))))

fuzz:
	$(MAKE) CC=clang VARIANT=fuzz fuzz-programs

fuzz-short: fuzz
	tools/fuzz-short $(FUZZ_SECONDS) $(FUZZ_SRC:fuzz/%.c=build/fuzz/%)

fuzz-programs: $(FUZZ)

define fuzz_rule
$(B)/$(1): fuzz/$(1).c $(foreach f,$(call below,$(call floor_of,fuzz/$(1).c)),$(call lib,$(f)))
	@mkdir -p $$(@D)
	$$(call say,FUZZ,$$<)
	$$(Q)$$(CC) $$(CPPFLAGS) $$(CFLAGS) -Wno-error=missing-prototypes -fsanitize=fuzzer \
	    $$(LDFLAGS) -MMD -MP -o $$@ $$< $$(filter %.a,$$^) $$(LIBS)
endef
ifeq ($(VARIANT),fuzz)
$(foreach t,$(FUZZ_SRC:fuzz/%.c=%),$(eval $(call fuzz_rule,$(t))))
endif

check:
	./check

lint: $(LIBS_ALL)
	tools/floors
	tools/names $(B)/obj
	tools/dialect

clean:
	rm -rf build

.PHONY: all unit unit-programs t lint clean check bench fuzz fuzz-short fuzz-programs
.SECONDARY:
-include $(shell find $(B)/obj $(B)/test -name '*.d' 2>/dev/null)
