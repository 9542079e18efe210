/*
 * Rules of access with mistakes: test/data/access/NAME.bad, the messages that
 * it must give in NAME.bad.want. TICKMARK_GOLDEN=write makes those anew, to be
 * read before they are committed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../../tools/decl.c"
#include "../../tools/decl_check.c"
#define bad rules_bad
#define take rules_take
#define take_sentence rules_take_sentence
#include "../../tools/rules.c"
#include "sys/file.h"

#define DATA "test/data/access"

static void
read_all(struct rules *r, struct str text)
{
	decls_read(r->d, "thing.type", STR("type 7 thing record \"Thing\"\n"
	    " note \"N.\"\n 1 name text required \"Name\" \"Its name.\"\n"
	    " key name\n state new old\n step new old owner\n"));
	decls_read(r->d, "host.table", STR("table 900 host snapshot \"Hosts\"\n"
	    " note \"N.\"\n 1 name text required \"Name.\"\n key name\n"));
	decls_check(r->d);
	assert_int_equal(r->d->nwrong, 0);
	rules_read(r, "a.rules", text);
	rules_check(r);
}

static void
test_mistakes(void **state)
{
	ARENA_SCOPED a = ARENA_INIT;
	struct err e = { 0 };
	char **names, path[256];
	size_t n, tried = 0;

	(void)state;
	assert_int_equal(file_list(&a, DATA, &names, &n, &e), 0);
	for (size_t i = 0; i < n; i++) {
		BUF_SCOPED text = BUF_INIT;
		BUF_SCOPED want = BUF_INIT;
		struct decls d = { 0 };
		struct rules r = { .d = &d };
		if (!str_ends(str_from(names[i]), ".bad"))
			continue;
		tried++;
		snprintf(path, sizeof(path), DATA "/%s", names[i]);
		assert_int_equal(file_read(path, 65536, &text, &e), 0);
		read_all(&r, buf_str(&text));
		assert_true(d.nwrong > 0);
		snprintf(path, sizeof(path), DATA "/%s.want", names[i]);
		if (getenv("TICKMARK_GOLDEN") != NULL)
			assert_int_equal(file_write(path, 0644, d.wrong.ptr,
			    d.wrong.len, &e), 0);
		assert_int_equal(file_read(path, 65536, &want, &e), 0);
		assert_string_equal(d.wrong.ptr, want.ptr);
		rules_free(&r);
		decls_free(&d);
	}
	assert_true(tried >= 6);
}

static void
test_good(void **state)
{
	struct decls d = { 0 };
	struct rules r = { .d = &d };
	uint64_t states, fields;

	(void)state;
	read_all(&r, STR("# Rules.\nshow public everybody\ngroup things\n"
	    "  \"Things.\"\n  of thing tables\n  allow owner look|write\n"
	    "  allow employee change if assigned state old only name\n"));
	if (d.nwrong != 0)
		print_error("%s", d.wrong.ptr);
	assert_int_equal(d.nwrong, 0);
	assert_int_equal(r.grants.n, 3);
	assert_true(rules_apply(&r, &r.grants.at[2], &d.all.at[0], &states,
	    &fields));
	assert_int_equal(states, 2);
	assert_int_equal(fields, 1);
	/* A table has no such state: the line does not speak of it. */
	assert_false(rules_apply(&r, &r.grants.at[2], &d.all.at[1], &states,
	    &fields));
	rules_free(&r);
	decls_free(&d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_mistakes),
		cmocka_unit_test(test_good),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
