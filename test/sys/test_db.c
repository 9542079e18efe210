/* The SQLite wrapper: one statement at a time, refusals named, no leaks. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include <cmocka.h>

#include "sys/db.h"

static char path[] = "/tmp/tm_db_XXXXXX";

static struct db *
fresh(void)
{
	struct db *db = NULL;
	struct err e = { 0 };

	assert_int_equal(db_open(&db, ":memory:", DB_CREATE | DB_WRITER, &e), 0);
	assert_int_equal(db_exec(db, "CREATE TABLE t(a INTEGER, b TEXT);"
	    "CREATE VIEW v AS SELECT a FROM t", &e), 0);
	return (db);
}

static void
test_values(void **state)
{
	struct err e = { 0 };
	DB_SCOPED *db = fresh();
	struct stmt *st, *again;

	(void)state;
	assert_int_equal(db_cached(db, &st, "INSERT INTO t VALUES(?,?)", &e), 0);
	stmt_bind_int(st, 1, INT64_MIN);
	stmt_bind_str(st, 2, STR("x\0y"));
	assert_int_equal(stmt_run(st, &e), 0);
	const char *q = "SELECT a,b,NULL FROM t";
	assert_int_equal(db_cached(db, &st, q, &e), 0);
	assert_int_equal(stmt_step(st, &e), 1);
	assert_true(stmt_int(st, 0) == INT64_MIN);
	assert_true(str_eq(stmt_str(st, 1), STR("x\0y")));
	assert_true(stmt_isnull(st, 2));
	assert_int_equal(stmt_str(st, 2).len, 0);
	assert_int_equal(stmt_step(st, &e), 0);
	assert_int_equal(db_cached(db, &again, q, &e), 0);
	assert_ptr_equal(st, again);
}

static bool
anything(void *ctx, enum db_action act, const char *a, const char *b,
    const char *view)
{
	(void)ctx, (void)act, (void)a, (void)b, (void)view;
	return (true);
}

static void
test_wrong_sql(void **state)
{
	struct err e = { 0 };
	DB_SCOPED *db = fresh();
	struct stmt *st = NULL;

	(void)state;
	/* Our own SQL: the file is not as it should be. */
	assert_int_equal(db_prepare(db, &st, STR("SELECT nope FROM t"), &e),
	    -ERR_DAMAGED);
	assert_non_null(strstr(e.what, "nope"));
	/* Somebody else's. */
	db_authorize(db, anything, NULL);
	assert_int_equal(db_prepare(db, &st, STR("SELECT\n\nnope FROM t"), &e),
	    -ERR_INPUT);
	assert_string_equal(e.where, "line 3");
	assert_non_null(strstr(e.what, "nope"));
	assert_int_equal(db_prepare(db, &st, STR("SELECT 1; SELECT 2"), &e),
	    -ERR_INPUT);
	assert_string_equal(e.what, "there is a second statement");
	assert_int_equal(db_prepare(db, &st, STR("-- only this\n"), &e),
	    -ERR_INPUT);
	assert_null(st);
	assert_int_equal(db_prepare(db, &st, STR("SELECT 1; -- fine\n"), &e), 0);
	stmt_free(st);
}

static bool
only_v(void *ctx, enum db_action act, const char *a, const char *b,
    const char *view)
{
	(void)ctx;
	if (act == DB_ACT_READ)
		return (strcmp(a, "v") == 0 || (view && strcmp(view, "v") == 0));
	return (act == DB_ACT_SELECT ||
	    (act == DB_ACT_FUNCTION && strcmp(b, "count") == 0));
}

static void
test_authorizer(void **state)
{
	static const char *const bad[] = { "SELECT b FROM t",
		"INSERT INTO t VALUES(1,2)", "PRAGMA user_version",
		"ATTACH ':memory:' AS x", "DROP TABLE t", "VACUUM INTO '/tmp/x'",
		"SELECT random()", "SELECT load_extension('x')",
		"SELECT name FROM sqlite_schema",
		"WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x+1 FROM c) "
		"SELECT * FROM c" };
	struct err e = { 0 };
	DB_SCOPED *db = fresh();
	struct stmt *st = NULL;

	(void)state;
	assert_int_equal(db_harden(db, &e), 0);
	db_authorize(db, only_v, NULL);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(db_prepare(db, &st, str_from(bad[i]), &e),
		    -ERR_INPUT);
		assert_null(st);
	}
	assert_int_equal(db_prepare(db, &st, STR("SELECT count(a) FROM v"), &e), 0);
	assert_int_equal(stmt_step(st, &e), 1);
	stmt_free(st);
	db_authorize(db, NULL, NULL);
}

static bool
stop(void *ctx)
{
	return (--*(int *)ctx < 0);
}

static void
test_watch(void **state)
{
	struct err e = { 0 };
	DB_SCOPED *db = fresh();
	struct stmt *st = NULL;
	int left = 100;

	(void)state;
	db_watch(db, 1000, stop, &left);
	assert_int_equal(db_prepare(db, &st,
	    STR("WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x+1 FROM c) "
		"SELECT max(x) FROM c"), &e), 0);
	assert_int_equal(stmt_step(st, &e), -ERR_TIMEOUT);
	stmt_free(st);
}

static void
test_rollback(void **state)
{
	struct err e = { 0 };
	DB_SCOPED *db = fresh();
	int64_t n = -1;

	(void)state;
	{
		assert_int_equal(db_begin(db, &e), 0);
		DB_TX_SCOPED *tx = db;
		assert_int_equal(db_exec(tx, "INSERT INTO t VALUES(1,'x')", &e), 0);
	}
	assert_false(db_in_tx(db));
	assert_int_equal(db_get_int(db, "SELECT count(*) FROM t", -1, &n, &e), 0);
	assert_int_equal(n, 0);
}

static void
test_open_errors(void **state)
{
	struct err e = { 0 };
	struct db *db = NULL;

	(void)state;
	assert_int_equal(db_open(&db, "/nonexistent/x.db", 0, &e), -ERR_NOTFOUND);
	int fd = mkstemp(path);
	assert_true(fd >= 0);
	char junk[4096];
	memset(junk, 'j', sizeof(junk));
	assert_int_equal(write(fd, junk, sizeof(junk)), sizeof(junk));
	close(fd);
	assert_int_equal(db_open(&db, path, 0, &e), -ERR_DAMAGED);
	assert_null(db);
	unlink(path);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_wrong_sql),
		cmocka_unit_test(test_authorizer),
		cmocka_unit_test(test_watch),
		cmocka_unit_test(test_rollback),
		cmocka_unit_test(test_open_errors),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
