/* The compiled declarations, and the operations of each kind of field. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "schema/kind.h"
#include "sys/file.h"

#define COUNT(...) +1

/* A new word needs two types that use it, and room in the budget. */
static void
test_budget(void **state)
{
	int keywords = 0 SCHEMA_KEYWORDS(COUNT);

	(void)state;
	assert_true(SCHEMA_KIND_MAX <= 12);
	assert_true(keywords <= 15);
}

static void
test_compiled(void **state)
{
	(void)state;
	for (size_t i = 0; i < schema_ntypes; i++) {
		const struct schema_type *t = &schema_types[i];
		assert_ptr_equal(schema_find_name(t->name), t);
		assert_ptr_equal(schema_get(t->number), t);
		assert_true(i == 0 || schema_is_record(t - 1) ||
		    !schema_is_record(t));
		assert_true(schema_is_record(t) || t->key.n > 0);
		assert_true(schema_is_record(t) || t->subject.n > 0);
		assert_int_equal(t->mode == MODE_APPEND,
		    !schema_is_record(t) && t->time >= 0);
		for (size_t k = 0; k < t->nfields; k++) {
			const struct schema_field *f = &t->fields[k];
			assert_int_equal(schema_field(t, str_from(f->name)), k);
			assert_true(f->sentence[0] != '\0' && f->title[0] != '\0');
			if (kind_is_ref(f))
				assert_true(schema_is_record(schema_get(f->target)));
		}
	}
	assert_null(schema_find_name("pirate"));
	assert_int_equal(schema_field(schema_get(T_VENDOR), STR("tier")),
	    F_VENDOR_TIER);
	assert_int_equal(schema_field_titled(schema_get(T_VENDOR),
	    STR("subservice Organisation")), F_VENDOR_SUBSERVICE);
	assert_int_equal(schema_field_titled(schema_get(T_VENDOR), STR("")), -1);
	assert_string_equal(schema_get(T_VENDOR)->fields[N_VENDOR - 1].name,
	    "state");
	assert_int_equal(strlen(schema_digest()), 64);
	assert_string_not_equal(schema_type_digest(schema_get(T_VENDOR)),
	    schema_type_digest(schema_get(T_PERSON)));
}

/*
 * Revisions in ledgers name types and fields by number, so a number keeps its
 * meaning for ever: test/data/schema/numbers.txt has those that were given. A
 * new one is added with TICKMARK_GOLDEN=write; a line that would change or go
 * means that a ledger somewhere would be read wrongly.
 */
#define NUMBERS "test/data/schema/numbers.txt"

static void
put_numbers(struct buf *out)
{
	for (size_t i = 0; i < schema_ntypes; i++) {
		const struct schema_type *t = &schema_types[i];
		buf_printf(out, "%u %s\n", t->number, t->name);
		for (size_t k = 0; k < t->nfields; k++)
			buf_printf(out, "%u.%u %s %s\n", t->number,
			    t->fields[k].number, schema_kind_word(t->fields[k].kind),
			    t->fields[k].name);
	}
}

static void
test_numbers(void **state)
{
	BUF_SCOPED now = BUF_INIT;
	BUF_SCOPED given = BUF_INIT;
	struct err e = { 0 };
	struct str rest, line;

	(void)state;
	put_numbers(&now);
	if (getenv("TICKMARK_GOLDEN") != NULL)
		assert_int_equal(file_write(NUMBERS, 0644, now.ptr, now.len, &e),
		    0);
	assert_int_equal(file_read(NUMBERS, 1 << 20, &given, &e), 0);
	rest = buf_str(&given);
	while (rest.len != 0 && str_split(&rest, '\n', &line)) {
		BUF_SCOPED want = BUF_INIT;
		buf_putstr(&want, line);
		if (str_find(buf_str(&now), want.ptr) < 0)
			fail_msg("no longer declared: %s", want.ptr);
	}
	if (now.len != given.len)
		print_message("there are new numbers: TICKMARK_GOLDEN=write adds "
		    "them to " NUMBERS "\n");
}

struct sample {
	enum schema_kind kind;
	const char *in;
	const char *out; /* NULL: refused */
};

static const char *const colours[] = { "red", "light_green", "blue", NULL };

static const struct sample samples[] = {
	{ SCHEMA_TEXT, "  two words ", "two words" },
	{ SCHEMA_TEXT, "a\nb", NULL },
	{ SCHEMA_TEXT, "\xc3\xa4", "\xc3\xa4" },
	{ SCHEMA_TEXT, "\xff", NULL },
	{ SCHEMA_TEXT, "123456789012345678901", NULL },
	{ SCHEMA_MARKDOWN, "# a\n\n- b", "# a\n\n- b" },
	{ SCHEMA_MARKDOWN, "a\033[1mb", NULL },
	{ SCHEMA_INT, "20", "20" },
	{ SCHEMA_INT, "21", NULL },
	{ SCHEMA_INT, "-1", NULL },
	{ SCHEMA_INT, "1e1", NULL },
	{ SCHEMA_INT, "99999999999999999999", NULL },
	{ SCHEMA_BOOL, "TRUE", "yes" },
	{ SCHEMA_BOOL, "n", "no" },
	{ SCHEMA_BOOL, "2", NULL },
	{ SCHEMA_TIME, "2026-01-31T10:00:00+01:00", "2026-01-31T09:00:00Z" },
	{ SCHEMA_TIME, "2026-01-31 10:00", NULL },
	{ SCHEMA_TIME, "2026-01-31", NULL },
	{ SCHEMA_DATE, "2024-02-29", "2024-02-29" },
	{ SCHEMA_DATE, "2026-02-29", NULL },
	{ SCHEMA_DATE, "31.01.2026", NULL },
	{ SCHEMA_ENUM, "Light-Green", "light_green" },
	{ SCHEMA_ENUM, "green", NULL },
	{ SCHEMA_SET, "blue, red,blue", "red; blue" },
	{ SCHEMA_SET, "blue; Light Green", "light_green; blue" },
	{ SCHEMA_SET, " ; ", "" },
	{ SCHEMA_SET, "blue; green", NULL },
	{ SCHEMA_REFS, "b,a , b", "a; b" },
	{ SCHEMA_REFS, "b, c; a", "a; b, c" },
	{ SCHEMA_MAP, "b=2; a = 1 ;", "{\"a\":\"1\",\"b\":\"2\"}" },
	{ SCHEMA_MAP, "{\"a\": 1, \"b\": true}", "{\"a\":\"1\",\"b\":\"yes\"}" },
	{ SCHEMA_MAP, "a=1;a=2", NULL },
	{ SCHEMA_MAP, "{\"a\": [1]}", NULL },
	{ SCHEMA_MAP, "a", NULL },
	{ SCHEMA_MAP, "=1", NULL },
};

static struct schema_field
field_of(enum schema_kind k)
{
	bool many = k == SCHEMA_ENUM || k == SCHEMA_SET;
	bool ref = k == SCHEMA_REF || k == SCHEMA_REFS;

	return ((struct schema_field){ .name = "f", .title = "Field",
	    .sentence = "A field.", .kind = k, .max = 20,
	    .values = many ? colours : NULL, .target = ref ? T_PERSON : 0 });
}

/* What is printed reads back; JSON too. */
static void
test_parse(void **state)
{
	ARENA_SCOPED a = ARENA_INIT;

	(void)state;
	for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++) {
		const struct sample *s = &samples[i];
		struct schema_field f = field_of(s->kind);
		struct cell c, again, json;
		struct err e = { 0 };
		if (s->kind == SCHEMA_MAP)
			f.max = 100;
		int r = kind_parse(&a, &f, str_from(s->in), &c, &e);
		if ((r == 0) != (s->out != NULL))
			print_error("%s: %s\n", s->in, e.what);
		assert_int_equal(r, s->out != NULL ? 0 : -ERR_INPUT);
		if (r != 0) {
			assert_int_equal(strncmp(e.what, "Field: ", 7), 0);
			assert_true(e.fix[0] != '\0');
			continue;
		}
		BUF_SCOPED b = BUF_INIT;
		kind_print(&f, &c, &b);
		assert_true(str_is(buf_str(&b), s->out));
		assert_int_equal(kind_parse(&a, &f, buf_str(&b), &again, &e), 0);
		assert_int_equal(kind_compare(&f, &c, &again), 0);
		assert_int_equal(kind_from_val(&a, &f, kind_to_val(&a, &f, &c),
		    &json, &e), 0);
		assert_int_equal(kind_compare(&f, &c, &json), 0);
		assert_true(str_eq(c.s, json.s) && c.i == json.i);
		if (!kind_is_ref(&f))
			assert_int_equal(kind_check(&f, &c, &e), 0);
	}
}

static void
test_check(void **state)
{
	struct err e = { 0 };

	(void)state;
	for (int k = 0; k < SCHEMA_KIND_MAX; k++) {
		struct schema_field f = field_of(k);
		struct cell none = CELL_NONE, blind = CELL_BLIND;
		struct cell odd = { .state = CELL_VALUE, .i = INT64_MAX,
			.s = STR("\xff odd") };
		assert_int_equal(kind_check(&f, &none, &e), 0);
		assert_int_equal(kind_check(&f, &blind, &e), 0);
		f.required = true;
		assert_int_equal(kind_check(&f, &none, &e), -ERR_INPUT);
		assert_int_equal(kind_check(&f, &blind, &e), 0);
		assert_int_equal(kind_check(&f, &odd, &e), -ERR_INPUT);
		odd.state = (enum cell_state)7;
		assert_int_equal(kind_check(&f, &odd, &e), -ERR_INPUT);
		assert_true(kind_compare(&f, &none, &blind) < 0);
	}
}

static void
test_compare(void **state)
{
	struct schema_field f = field_of(SCHEMA_ENUM);
	struct cell red = CELL_STR(STR("red")), blue = CELL_STR(STR("blue"));
	struct cell none = CELL_NONE;

	(void)state;
	/* By the order of the declaration, not of the alphabet. */
	assert_true(kind_compare(&f, &red, &blue) < 0);
	assert_true(kind_compare(&f, &none, &red) < 0);
	f = field_of(SCHEMA_INT);
	struct cell two = CELL_INT(2), ten = CELL_INT(10);
	assert_true(kind_compare(&f, &two, &ten) < 0);
}

static void
test_sql(void **state)
{
	ARENA_SCOPED a = ARENA_INIT;
	DB_SCOPED *db = NULL;
	struct err e = { 0 };
	struct stmt *st;

	(void)state;
	assert_int_equal(db_open(&db, ":memory:", DB_CREATE | DB_WRITER, &e), 0);
	assert_int_equal(db_cached(db, &st, "SELECT ?, ?, ?", &e), 0);
	struct schema_field n = field_of(SCHEMA_INT), s = field_of(SCHEMA_TEXT);
	struct cell in[3] = { CELL_INT(-7), CELL_STR(STR("x")), CELL_BLIND };
	struct cell out[3];
	kind_bind(&n, st, 1, &in[0]);
	kind_bind(&s, st, 2, &in[1]);
	kind_bind(&s, st, 3, &in[2]);
	assert_int_equal(stmt_step(st, &e), 1);
	kind_column(&a, &n, st, 0, &out[0]);
	kind_column(&a, &s, st, 1, &out[1]);
	kind_column(&a, &s, st, 2, &out[2]);
	assert_true(out[0].i == -7 && str_is(out[1].s, "x"));
	assert_int_equal(out[2].state, CELL_ABSENT);
	stmt_reset(st);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_budget),
		cmocka_unit_test(test_compiled),
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_parse),
		cmocka_unit_test(test_check),
		cmocka_unit_test(test_compare),
		cmocka_unit_test(test_sql),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
