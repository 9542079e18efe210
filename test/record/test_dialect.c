/*
 * Behind the same interface: with another dialect in the place of
 * record/dialect.c, PostgreSQL 15 takes every statement that the record store
 * makes for each type. It reads them all (PREPARE), and runs them (EXECUTE) over
 * tables of that dialect's DDL with one record each.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <limits.h>
#include <stdlib.h>

#include "base/clock.h"
#include "db_pg.h"
#include "dialect_pg.h"
#include "record/actor.h"
#include "record/batch.h"
#include "record/rules.h"
#include "record/search.h"
#include "record/store.h"
#include "sys/proc.h"

static struct db db;
static struct record_store store = { .db = &db };
static const struct record_actor owner = { .id = { "uid:1", 5 },
	.roles = ROLE_OWNER | ROLE_PRIVACY };

/* --- a record of each type ---------------------------------------------------- */

static struct cell
value(const struct schema_field *f)
{
	static const char *const texts[SCHEMA_KIND_MAX] = {
		[SCHEMA_TEXT] = "it's", [SCHEMA_MARKDOWN] = "demo backup?",
		[SCHEMA_DATE] = "2026-01-31", [SCHEMA_REF] = PG_ID,
		[SCHEMA_REFS] = "[\"" PG_ID "\"]", [SCHEMA_MAP] = "{\"a\":\"b\"}" };

	if (kind_integer(f))
		return (CELL_INT(1));
	if (texts[f->kind] != NULL)
		return (CELL_STR(str_from(texts[f->kind])));
	return (CELL_STR(str_from(f->kind == SCHEMA_ENUM ? f->values[0] :
	    arena_printf(&db.a, "[\"%s\"]", f->values[0]))));
}

static struct record
one(const struct schema_type *t)
{
	struct record r = { .type = t, .id = STR(PG_ID), .rev = 1, .entry = 7,
		.cells = arena_array(&db.a, t->nfields, sizeof(*r.cells)) };

	for (size_t i = 0; i < t->nfields; i++)
		r.cells[i] = value(&t->fields[i]);
	if (t->mode == MODE_OPEN) {
		r.extra = val_map(&db.a);
		val_put(&db.a, r.extra, "own", val_int(&db.a, 1));
	}
	return (r);
}

static int
not_asked(void *ctx, const struct record *r, struct err *e)
{
	(void)ctx;
	(void)r;
	(void)e;
	return (0);
}

/* Tables, the binding of them, and a record in each: what they refer to is there
 * when all of it is committed. */
static void
write_all_types(void)
{
	const uint8_t body[32] = { 1, 2, 3 };

	assert_int_equal(db_exec(&db, dialect_revisions(), NULL), 0);
	assert_int_equal(db_exec(&db, dialect_words(), NULL), 0);
	for (size_t i = 0; i < schema_ntypes; i++)
		if (schema_is_record(&schema_types[i]))
			dialect_table(&schema_types[i], &db.out);
	for (size_t i = 0; i < schema_ntypes; i++)
		if (schema_is_record(&schema_types[i]))
			dialect_links(&schema_types[i], &db.out);
	db_exec(&db, "BEGIN", NULL);
	for (size_t i = 0; i < schema_ntypes; i++) {
		const struct schema_type *t = &schema_types[i];
		if (!schema_is_record(t))
			continue;
		struct record r = one(t);
		assert_int_equal(store_put(&store, &r, true, NULL), 0);
		r.rev = 2;
		assert_int_equal(store_put(&store, &r, false, NULL), 0);
		assert_int_equal(store_revision_put(&store, &r, body, NULL), 0);
	}
	/* One document: its text changes, and it is found by the new one. */
	struct record was = one(schema_get(T_VENDOR)), is = was;
	is.cells = arena_array(&db.a, is.type->nfields, sizeof(*is.cells));
	memcpy(is.cells, was.cells, is.type->nfields * sizeof(*is.cells));
	was.cells[F_VENDOR_NAME] = CELL_STR(STR("Payroll"));
	is.cells[F_VENDOR_NAME] = CELL_STR(STR("Grün Cloud"));
	pg_rows = true;
	assert_int_equal(search_put(&store, NULL, &was, NULL), 0);
	assert_int_equal(search_put(&store, &was, &is, NULL), 0);
	pg_rows = false;
	db_exec(&db, "COMMIT", NULL);
}

/* --- reading ----------------------------------------------------------------- */

/* Every comparison of a field, and lists in its order from each kind of place. */
static void
list_by(const struct schema_type *t, size_t i)
{
	struct record_filter f[RECORD_FILTERS];
	struct record_place after = { .id = STR(PG_ID) };
	struct record_query q = { .filters = f, .sort = (int)i, .after = &after };
	static bool seen[SCHEMA_KIND_MAX];
	struct record_list list;
	ARENA_SCOPED a = ARENA_INIT;

	for (int op = 0; op < RECORD_OP_MAX; op++)
		f[q.nfilters++] = (struct record_filter){ .field = (uint16_t)i,
			.op = (enum record_op)op, .value = value(&t->fields[i]) };
	/* All places with the first field of a kind, and only there run. */
	bool first = !seen[t->fields[i].kind];
	seen[t->fields[i].kind] = true;
	pg_quiet = !first;
	for (int falling = 0; falling < 2; falling++) {
		q.falling = falling;
		after.value = value(&t->fields[i]);
		if (first || !falling)
			assert_int_equal(record_list(&store, &a, t, &q, &list, NULL), 0);
		after.value = f[0].value = f[1].value = CELL_NONE;
		if (first || falling)
			assert_int_equal(record_list(&store, &a, t, &q, &list, NULL), 0);
		q.nfilters = 2;
	}
	pg_quiet = false;
}

static bool
no_row(void *ctx, const struct record *r)
{
	(void)ctx;
	(void)r;
	return (false);
}

static void
read_type(const struct schema_type *t)
{
	ARENA_SCOPED a = ARENA_INIT;
	struct record_query q = { .sort = RECORD_BY_HANDLE, .retired = true,
		.id = STR(PG_ID) };
	struct record_result res;
	struct batch b = { .store = &store, .a = &a, .result = &res };
	struct record r = one(t), *found;
	struct record_list list;
	uint8_t body[32];
	struct str id;
	struct err e;
	int64_t n;

	store_load(&store, &a, t, STR(PG_ID), &r, &e);
	record_find(&store, &a, t, STR("X"), &found, &e);
	for (size_t i = 0; i < t->nunique; i++)
		store_by_unique(&store, &a, t, &t->unique[i], r.cells, &id, &e);
	if (t->key.n != 0)
		store_by_unique(&store, &a, t, &t->key, r.cells, &id, &e);
	store_revision_body(&store, t, STR(PG_ID), 1, body, &e);
	assert_int_equal(store_each(&store, &a, t, true, not_asked, NULL, &e), 0);
	assert_int_equal(record_count(&store, t, &n, &e), 0);
	for (size_t i = 0; i < t->nfields; i++) {
		list_by(t, i);
		if (t->fields[i].kind == SCHEMA_REF)
			rules_each(&b, t->number, (int)i, STR(PG_ID), no_row, NULL);
	}
	rules_each(&b, t->number, -1, STR(""), no_row, NULL);
	for (q.sort = RECORD_BY_ENTRY; q.sort < 0; q.sort++)
		assert_int_equal(record_list(&store, &a, t, &q, &list, &e), 0);
	q = (struct record_query){ .sort = RECORD_BY_HANDLE, .words =
		STR("gr* \"demo backup\" it's"), .classes = ~0u };
	if (search_has(t, ~0u)) {
		struct record_place after = { .id = STR(PG_ID) };
		assert_int_equal(record_list(&store, &a, t, &q, &list, &e), 0);
		q.after = &after;
		assert_int_equal(record_list(&store, &a, t, &q, &list, &e), 0);
	}
}

/* What is looked for before a record of the type may go. */
static void
retire(const struct schema_type *t)
{
	const struct record_options dry = { .dry_run = true };
	ARENA_SCOPED a = ARENA_INIT;
	struct record_change c = { .type = t, .name = STR(PG_ID), .retire = true };
	struct record_result res;
	struct err e;

	pg_rows = true;
	record_apply(&store, &a, &owner, &c, 1, &dry, &res, &e);
	pg_rows = false;
}

static void
read_all_types(void)
{
	ARENA_SCOPED a = ARENA_INIT;
	struct record_actor who;
	char secret[RECORD_SECRET], digest[65];
	struct err e;

	for (size_t i = 0; i < schema_ntypes; i++) {
		if (!schema_is_record(&schema_types[i]))
			continue;
		read_type(&schema_types[i]);
		retire(&schema_types[i]);
	}
	record_token_new(secret, digest);
	assert_int_equal(record_actor_token(&store, &a, str_from(secret), &who,
	    &e), -ERR_DENIED);
}

static void
found(struct str words, int want)
{
	BUF_SCOPED match = BUF_INIT, sql = BUF_INIT;
	struct err e;

	assert_int_equal(search_match(words, ~0u, &match, &e), 0);
	dialect_search(schema_get(T_VENDOR), 0, &sql);
	char *at = strchr(sql.ptr, '?');
	buf_printf(&db.out, "SELECT 'found by words, wanted %d' WHERE %d<>(SELECT count(*)%.*s$$%s$$%s);"
	    "\n", want, want, (int)(at - sql.ptr), sql.ptr, match.ptr, at + 1);
}

/* What must be so at the end; anything that psql prints is a fault. */
static void
check_all_types(void)
{
	buf_puts(&db.out, "\\o\n");
	for (size_t i = 0; i < schema_ntypes; i++)
		if (schema_is_record(&schema_types[i]))
			buf_printf(&db.out, "SELECT 'r_%s has not one row' WHERE "
			    "(SELECT count(*) FROM r_%s WHERE rev=2)<>1;\n",
			    schema_types[i].name, schema_types[i].name);
	found(STR("gr*"), 1);
	found(STR("\"Grün Cloud\" it's"), 1);
	found(STR("payroll"), 0); /* the text of before */
}

/* --- PostgreSQL ---------------------------------------------------------------- */

static void
test_postgresql(void **state)
{
	BUF_SCOPED said = BUF_INIT;
	char path[PATH_MAX];
	struct proc_end end;
	struct err e = { 0 };

	(void)state;
	map_init(&db.known, &db.a);
	buf_puts(&db.out, "\\o /dev/null\n");
	write_all_types();
	read_all_types();
	check_all_types();
	assert_true(db.n > 2000);
	assert_non_null(realpath("test/record/postgresql", path));
	struct proc_opts o = { .argv = (const char *[]){ path, NULL },
		.timeout_us = 60 * CLOCK_SECOND };
	int r = proc_run(&o, buf_str(&db.out), 1 << 20, &said, NULL, &end, &e);
	if (r != 0 || !proc_ok(&end) || said.len != 0)
		print_error("%s %s\n%.*s", e.what, end.words,
		    (int)(said.len > 8000 ? 8000 : said.len), said.ptr);
	assert_int_equal(r, 0);
	assert_true(proc_ok(&end));
	assert_int_equal(said.len, 0);
	buf_free(&db.out);
	arena_free(&db.a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_postgresql),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
