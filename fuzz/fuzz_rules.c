/* Rules of access: whatever the bytes, a mistake is said with its place. */
#include "base/arena.h"

#include "../tools/decl.c"
#include "../tools/decl_check.c"
#define bad rules_bad
#define take rules_take
#define take_sentence rules_take_sentence
#include "../tools/rules.c"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct decls d = { 0 };
	struct rules r = { .d = &d };
	struct str text = { (const char *)data, size };

	decls_read(&d, "a.rules", STR("type 7 thing record \"Thing\"\n"
	    " note \"N.\"\n 1 name text required \"Name\" \"Its name.\"\n"
	    " key name\n state new old\n step new old owner\n"));
	decls_check(&d);
	rules_read(&r, "a.rules", text);
	rules_check(&r);
	struct str rest = buf_str(&d.wrong), line;
	while (rest.len != 0 && str_split(&rest, '\n', &line))
		if (line.len != 0 && !str_starts(line, "a.rules:"))
			abort();
	for (size_t i = 0; d.nwrong == 0 && i < r.grants.n; i++) {
		uint64_t states, fields;
		rules_apply(&r, &r.grants.at[i], &d.all.at[0], &states, &fields);
	}
	rules_free(&r);
	decls_free(&d);
	return (0);
}
