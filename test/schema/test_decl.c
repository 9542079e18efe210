/*
 * Declarations with mistakes: test/data/schema/NAME.bad, the messages that it
 * must give in NAME.bad.want. TICKMARK_GOLDEN=write makes those anew, to be
 * read before they are committed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../../tools/decl.c"
#include "../../tools/decl_check.c"
#include "sys/file.h"

#define DATA "test/data/schema"

static void
try(struct str text, struct buf *out)
{
	struct decls d = { 0 };
	bool type = str_find(text, "type ") == 0;

	decls_read(&d, type ? "thing.type" : "thing.table", text);
	decls_check(&d);
	assert_true(d.nwrong > 0);
	buf_putstr(out, buf_str(&d.wrong));
	decls_free(&d);
}

static void
test_bad(void **state)
{
	ARENA_SCOPED a = ARENA_INIT;
	struct err e = { 0 };
	char **names, path[256];
	size_t n, tried = 0;

	(void)state;
	assert_int_equal(file_list(&a, DATA, &names, &n, &e), 0);
	for (size_t i = 0; i < n; i++) {
		BUF_SCOPED text = BUF_INIT;
		BUF_SCOPED got = BUF_INIT;
		BUF_SCOPED want = BUF_INIT;
		if (!str_ends(str_from(names[i]), ".bad"))
			continue;
		tried++;
		snprintf(path, sizeof(path), DATA "/%s", names[i]);
		assert_int_equal(file_read(path, 65536, &text, &e), 0);
		try(buf_str(&text), &got);
		snprintf(path, sizeof(path), DATA "/%s.want", names[i]);
		if (getenv("TICKMARK_GOLDEN") != NULL)
			assert_int_equal(file_write(path, 0644, got.ptr, got.len,
			    &e), 0);
		assert_int_equal(file_read(path, 65536, &want, &e), 0);
		if (!str_eq(buf_str(&got), buf_str(&want)))
			print_error("%s:\n%s", names[i], got.ptr);
		assert_string_equal(got.ptr, want.ptr);
	}
	assert_true(tried >= 20);
}

/* Two files that take each other's number and name. */
static void
test_twins(void **state)
{
	struct decls d = { 0 };
	struct str one = STR("table 900 thing snapshot \"Things\"\n note \"N.\"\n"
	    " 1 name text required \"Name.\"\n key name\n");

	(void)state;
	decls_read(&d, "a/thing.table", one);
	decls_read(&d, "b/thing.table", one);
	decls_check(&d);
	assert_string_equal(d.wrong.ptr,
	    "b/thing.table:1: the number 900 is taken by thing in "
	    "a/thing.table:1\n"
	    "b/thing.table:1: the name thing is taken in a/thing.table:1\n");
	decls_free(&d);
	d = (struct decls){ 0 };
	decls_read(&d, "a/other.table", one);
	decls_check(&d);
	assert_non_null(strstr(d.wrong.ptr, "the file must have its name"));
	decls_free(&d);
}

/* Comments, sentences on lines of their own, all that a type may say. */
static void
test_good(void **state)
{
	struct decls d = { 0 };

	(void)state;
	decls_read(&d, "thing.type", STR("# A comment.\r\n"
	    "type 7 thing open\n   \"A thing\" # here\n\n"
	    "  note \"It is\"\n    \"good.\"\n  class confidential\n"
	    "  1 name text required max 20\n    \"Name\"\n    \"Its name.\"\n"
	    "  2 giver ref thing class public \"By\" \"Who made it.\"\n"
	    "  3 taker ref thing \"To\" \"Who has it.\"\n"
	    "  4 at date \"At\" \"When.\"\n"
	    "  key name\n  time at\n  unique giver taker\n  state new old\n"
	    "  step new old owner|compliance fill at|giver apart giver|taker"));
	decls_check(&d);
	assert_int_equal(d.nwrong, 0);
	const struct decl *t = &d.all.at[0];
	assert_string_equal(t->note, "It is good.");
	assert_int_equal(t->fields.n, 4);
	assert_int_equal(t->fields.at[0].max, 20);
	assert_string_equal(decl_class_word(t->fields.at[0].cls), "confidential");
	assert_string_equal(decl_class_word(t->fields.at[1].cls), "public");
	assert_int_equal(t->fields.at[1].target_number, 7);
	assert_int_equal(t->steps.at[0].who, 3);
	decls_free(&d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bad),
		cmocka_unit_test(test_twins),
		cmocka_unit_test(test_good),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
