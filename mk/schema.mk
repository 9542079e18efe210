# Declarations of record types and evidence tables, compiled by tools/mkschema
# into constant tables (gen/schema_gen.c) and enums (gen/schema_ids.h).
DECL_TYPES  := $(sort $(wildcard content/types/*.type))
DECL_TABLES := $(sort $(wildcard content/tables/*.table))
# The folders too: a declaration that is gone changes nothing else.
DECLS       := $(DECL_TYPES) $(DECL_TABLES) content/types content/tables
MKSCHEMA    := $(GEN)/bin/mkschema
MKSCHEMA_C  := tools/mkschema.c tools/decl.c tools/decl_check.c \
	src/base/arena.c src/base/str.c src/base/err.c

GEN_schema  := schema_gen access_gen
GEN_HEADERS += $(GEN)/include/gen/schema_ids.h

$(MKSCHEMA): $(MKSCHEMA_C) tools/decl.h src/schema/kinds.h
	@mkdir -p $(@D)
	gcc -std=c17 -D_GNU_SOURCE -Isrc -Itools -O1 -g -Wall -Wextra -Werror \
	    -o $@ $(MKSCHEMA_C)

$(GEN)/schema_gen.c: $(MKSCHEMA) $(DECLS)
	@echo "mkschema --code > $@"
	@$(MKSCHEMA) --code $(DECL_TYPES) $(DECL_TABLES) > $@.tmp && mv $@.tmp $@

$(GEN)/include/gen/schema_ids.h: $(MKSCHEMA) $(DECLS)
	@mkdir -p $(@D)
	@echo "mkschema --header > $@"
	@$(MKSCHEMA) --header $(DECL_TYPES) $(DECL_TABLES) > $@.tmp && mv $@.tmp $@

# Rules of access, compiled by tools/mkaccess against those declarations.
RULES    := $(sort $(wildcard content/access/*.rules))
MKACCESS := $(GEN)/bin/mkaccess
MKACCESS_C := tools/mkaccess.c tools/rules.c $(filter-out tools/mkschema.c,$(MKSCHEMA_C))

$(MKACCESS): $(MKACCESS_C) tools/decl.h tools/rules.h src/schema/kinds.h
	@mkdir -p $(@D)
	gcc -std=c17 -D_GNU_SOURCE -Isrc -Itools -O1 -g -Wall -Wextra -Werror \
	    -o $@ $(MKACCESS_C)

$(GEN)/access_gen.c: $(MKACCESS) $(RULES) content/access $(DECLS)
	@echo "mkaccess --code > $@"
	@$(MKACCESS) --code $(RULES) -- $(DECL_TYPES) $(DECL_TABLES) > $@.tmp && mv $@.tmp $@

# Pages for readers; test/t checks that they are up to date.
.PHONY: doc
doc: $(MKSCHEMA)
	@mkdir -p doc
	@$(MKSCHEMA) --doc "Record types" $(DECL_TYPES) > doc/records.md
	@$(MKSCHEMA) --doc "Evidence tables" $(DECL_TABLES) > doc/tables.md
