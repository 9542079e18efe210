/*
 * Rows in memory: every condition gives what it gives on a real table of the
 * same rows, whatever kinds are compared; and dropped rows are gone.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sys/db_rows.h"

static const struct db_rows_column columns[] = { { "t", false },
	{ "i", true }, { "u", false }, { "from", true } };

static int
keep(struct db *db, const char *name, size_t n, const char *select,
    struct err *e)
{
	int64_t bytes = INT64_MAX;

	return (db_rows(db, name, columns, n, str_from(select), &bytes, e));
}

static struct db *
fresh(void)
{
	struct db *db = NULL;
	struct err e = { 0 };

	assert_int_equal(db_open(&db, ":memory:", DB_CREATE | DB_WRITER, &e), 0);
	/* Few values, so that they meet; all that may be confused are there. */
	assert_int_equal(db_exec(db, "CREATE TABLE real(t TEXT, i INTEGER,"
	    " u TEXT, \"from\" INTEGER) STRICT;"
	    "WITH RECURSIVE n(k) AS (SELECT 1 UNION ALL SELECT k + 1 FROM n"
	    " WHERE k < 200) INSERT INTO real SELECT"
	    " CASE k * 7 % 11 WHEN 0 THEN NULL WHEN 1 THEN '' WHEN 2 THEN '12'"
	    " WHEN 3 THEN '012' WHEN 4 THEN 'Ab' WHEN 5 THEN 'aB' WHEN 6 THEN"
	    " 'ab ' ELSE 's' || (k % 50) END,"
	    " CASE k * 5 % 13 WHEN 0 THEN NULL WHEN 1 THEN 0 WHEN 2 THEN"
	    " 9223372036854775807 WHEN 3 THEN -9223372036854775807 - 1 ELSE"
	    " k % 20 - 5 END, printf('%03d', k / 4), k * 3 FROM n;", &e), 0);
	assert_int_equal(keep(db, "kept!1", 4,
	    "SELECT * FROM real ORDER BY u, rowid", &e), 0);
	return (db);
}

/* All that a statement gives, as text; @ and @2 in ${sql} stand for the tables,
 * those that are kept or those that are real. */
static void
answer(struct db *db, const char *sql, bool kept, struct buf *out)
{
	BUF_SCOPED q = BUF_INIT;
	STMT_SCOPED *st = NULL;
	struct err e = { 0 };
	int rc;

	for (; *sql != '\0'; sql++) {
		if (*sql != '@') {
			buf_putc(&q, *sql);
			continue;
		}
		bool second = sql[1] == '2';
		sql += second;
		buf_printf(&q, kept ? "\"kept!%d\"" : second ? "real%d" : "real",
		    1 + second);
	}
	if (db_prepare(db, &st, buf_str(&q), &e) != 0)
		fail_msg("%s: %s", q.ptr, e.what);
	while ((rc = stmt_step(st, &e)) == 1) {
		for (int i = 0; i < stmt_ncol(st); i++) {
			buf_printf(out, "%d:", (int)stmt_type(st, i));
			buf_putstr(out, stmt_str(st, i));
			buf_putc(out, '|');
		}
		buf_putc(out, '\n');
	}
	assert_int_equal(rc, 0);
}

static size_t
compare(struct db *db, const char *sql)
{
	BUF_SCOPED want = BUF_INIT, got = BUF_INIT;

	answer(db, sql, false, &want);
	answer(db, sql, true, &got);
	if (!str_eq(buf_str(&want), buf_str(&got)))
		fail_msg("%s\n%.300s\ninstead of\n%.300s", sql, got.ptr, want.ptr);
	return (got.len);
}

/* Each column against values of each kind, with each comparison. */
static void
test_comparisons(void **state)
{
	static const char *const values[] = { "12", "'12'", "'012'", "12.0",
		"12.5", "-2", "-2.5", "'-2'", "'-2.5'", "''", "'Ab'", "'AB'",
		"x'4162'", "x''", "NULL", "9223372036854775807",
		"9.3e18", "-9.3e18", "9223372036854775808.0", "'x'", "0",
		"(SELECT i FROM real WHERE i = 3)", "CAST('12' AS TEXT)",
		"CAST('12' AS INTEGER)", "CAST('12' AS BLOB)", "-9223372036854775808" };
	static const char *const fields[] = { "t", "i", "u", "\"from\"" };
	static const char *const ops[] = { "=", "<", "<=", ">", ">=", "IS", "<>" };
	struct err e = { 0 };
	DB_SCOPED *db = fresh();
	char sql[256];
	size_t some = 0;

	(void)state;
	(void)e;
	for (size_t f = 0; f < 4; f++)
		for (size_t o = 0; o < 7; o++)
			for (size_t v = 0; v < sizeof(values) / sizeof(*values); v++) {
				snprintf(sql, sizeof(sql), "SELECT * FROM @ WHERE %s %s %s"
				    " ORDER BY u, \"from\"", fields[f], ops[o], values[v]);
				some += compare(db, sql) > 0;
			}
	assert_true(some > 200);
}

static void
test_statements(void **state)
{
	static const char *const all[] = {
		"SELECT * FROM @ ORDER BY u, \"from\"",
		"SELECT count(*), count(t), sum(i % 100), min(\"from\") FROM @",
		"SELECT u, count(*) FROM @ GROUP BY u",
		"SELECT DISTINCT u FROM @ WHERE i > 3",
		"SELECT u FROM @ ORDER BY u",
		"SELECT u FROM @ ORDER BY u DESC",
		"SELECT u FROM @ WHERE t = 'Ab' ORDER BY u",
		"SELECT t FROM @ ORDER BY t",
		"SELECT * FROM @ WHERE t = 'ab' COLLATE NOCASE ORDER BY \"from\"",
		"SELECT * FROM @ WHERE t = 'ab' COLLATE RTRIM ORDER BY \"from\"",
		"SELECT * FROM @ WHERE t IN ('Ab', 's3', '12', 12) ORDER BY u, t, i",
		"SELECT * FROM @ WHERE i IN (1, 2.0, '3', NULL) ORDER BY \"from\"",
		"SELECT * FROM @ WHERE t = 'Ab' OR i = 4 ORDER BY \"from\"",
		"SELECT * FROM @ WHERE t IS NULL AND i BETWEEN -2 AND 6"
		" ORDER BY \"from\"",
		"SELECT a.\"from\", b.\"from\" FROM @ a JOIN @ b ON a.t = b.t AND"
		" b.\"from\" < a.\"from\" AND b.i > a.i ORDER BY 1, 2",
		"SELECT a.\"from\", b.\"from\" FROM @ a JOIN real b ON a.t = b.u"
		" COLLATE NOCASE ORDER BY 1, 2",
		"SELECT a.\"from\", b.\"from\" FROM real a LEFT JOIN @ b ON a.i = b.i"
		" AND b.u > '030' AND a.t = b.t WHERE a.\"from\" > 300 ORDER BY 1, 2",
		"SELECT a.\"from\", b.\"from\" FROM real a LEFT JOIN @ b ON a.i = b.i"
		" WHERE b.i IS NULL ORDER BY 1, 2",
		"SELECT \"from\" FROM real a WHERE EXISTS (SELECT 1 FROM @ b WHERE"
		" b.t = a.u AND b.i <= a.i) ORDER BY 1",
		"SELECT \"from\" FROM real a WHERE NOT EXISTS (SELECT 1 FROM @ b"
		" WHERE b.t = a.t AND b.i > a.i) ORDER BY 1",
		"SELECT \"from\" FROM @ WHERE i = (SELECT max(i) FROM @) ORDER BY 1",
		"SELECT u, \"from\", row_number() OVER (PARTITION BY t ORDER BY"
		" \"from\") FROM @ ORDER BY 2",
		"SELECT x.u, y.n FROM @ x JOIN (SELECT u, count(*) AS n FROM @ GROUP"
		" BY u) y ON y.u = x.u ORDER BY x.\"from\"",
		"SELECT a.\"from\", b.\"from\" FROM @ a JOIN @ b ON b.i = a.t"
		" ORDER BY 1, 2",
		"SELECT a.\"from\", b.\"from\" FROM @ a JOIN @ b ON b.t = a.i"
		" ORDER BY 1, 2",
		"SELECT b.\"from\" FROM (SELECT i AS k FROM real UNION ALL SELECT t"
		" FROM real) a JOIN @ b ON b.u = a.k ORDER BY 1",
	};
	DB_SCOPED *db = fresh();

	(void)state;
	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++)
		compare(db, all[i]);
}

/* A lookup does not go through all rows: 4 million pairs take no time. */
static void
test_many(void **state)
{
	struct err e = { 0 };
	DB_SCOPED *db = fresh();
	int64_t n;

	(void)state;
	assert_int_equal(db_exec(db, "DROP TABLE temp.\"kept!1\"", &e), 0);
	assert_int_equal(keep(db, "kept!1", 4, "WITH RECURSIVE"
	    " n(k) AS (SELECT 1 UNION ALL SELECT k + 1 FROM n WHERE k < 200000)"
	    " SELECT 'T' || k, k, NULL, k % 7 FROM n", &e), 0);
	assert_int_equal(db_get_int(db, "SELECT count(*) FROM \"kept!1\" a JOIN"
	    " \"kept!1\" b ON b.t = a.t AND b.i = a.i", -1, &n, &e), 0);
	assert_int_equal(n, 200000);
	assert_int_equal(db_get_int(db, "SELECT count(*) FROM \"kept!1\" a JOIN"
	    " \"kept!1\" b ON b.t = lower(a.t) COLLATE NOCASE", -1, &n, &e), 0);
	assert_int_equal(n, 200000);
}

/* Two tables hand each other their texts, in whatever order they came to be. */
static void
test_two(void **state)
{
	static const char *const both[] = {
		"SELECT a.\"from\", b.\"from\" FROM @ a JOIN @2 b ON b.u = a.u AND"
		" b.\"from\" > a.\"from\" ORDER BY 1, 2",
		"SELECT a.\"from\", b.\"from\" FROM @2 a JOIN @ b ON b.u = a.u AND"
		" b.i <= a.i ORDER BY 1, 2",
		"SELECT a.\"from\", b.\"from\" FROM @2 a LEFT JOIN @ b ON b.t = a.u"
		" OR b.t = a.t ORDER BY 1, 2",
		"SELECT a.\"from\", b.\"from\" FROM @2 a JOIN @ b ON b.t ="
		" substr(a.t, 1, 2) ORDER BY 1, 2",
		"SELECT a.\"from\", b.\"from\" FROM @2 a JOIN @ b ON b.t = a.t"
		" COLLATE NOCASE ORDER BY 1, 2",
		"SELECT u FROM @2 WHERE t = 'new3' ORDER BY u",
	};
	struct err e = { 0 };
	DB_SCOPED *db = fresh();

	(void)state;
	/* The index of the first is there before the second brings its texts. */
	compare(db, "SELECT \"from\" FROM @ WHERE t = 'Ab' AND u = '007'");
	assert_int_equal(db_exec(db, "CREATE TABLE real2(t TEXT, i INTEGER, u"
	    " TEXT, \"from\" INTEGER) STRICT; INSERT INTO real2 SELECT"
	    " iif(i % 3 = 0, 'new' || i, t), i, printf('%03d', 45 - u), \"from\""
	    " FROM real", &e), 0);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(keep(db, "kept!2", 4,
		    "SELECT * FROM real2 ORDER BY u, rowid", &e), 0);
		for (size_t k = 0; k < sizeof(both) / sizeof(*both); k++)
			assert_true(compare(db, both[k]) > 0);
		assert_int_equal(db_exec(db, i == 0 ? "DROP TABLE temp.\"kept!2\"" :
		    "DROP TABLE temp.\"kept!1\"", &e), 0);
	}
}

static void
test_errors(void **state)
{
	struct err e = { 0 };
	DB_SCOPED *db = fresh();
	int64_t n = 0, bytes = 40000;

	(void)state;
	assert_int_equal(keep(db, "kept!2", 1, "SELECT 1.5", &e), -ERR_DAMAGED);
	assert_int_not_equal(keep(db, "kept!2", 1, "SELECT nothing", &e), 0);
	/* What takes more than it may is not kept. */
	assert_int_equal(db_rows(db, "kept!2", columns, 1,
	    STR("SELECT t FROM real"), &bytes, &e), 0);
	assert_in_range(bytes, 100 * 200, 40000);
	bytes--;
	assert_int_equal(db_rows(db, "kept!3", columns, 1,
	    STR("SELECT t FROM real"), &bytes, &e), 1);
	assert_int_not_equal(db_get_int(db, "SELECT count(*) FROM \"kept!3\"", 0,
	    &n, &e), 0);
	assert_int_not_equal(db_exec(db, "DELETE FROM \"kept!1\"", &e), 0);
	assert_int_equal(db_exec(db, "CREATE TEMP VIEW seen AS SELECT t FROM"
	    " \"kept!1\"", &e), 0);
	assert_int_equal(db_harden(db, &e), 0);
	assert_int_equal(db_get_int(db, "SELECT count(*) FROM seen", 0, &n, &e), 0);
	assert_int_equal(n, 200);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_comparisons),
		cmocka_unit_test(test_statements),
		cmocka_unit_test(test_many),
		cmocka_unit_test(test_two),
		cmocka_unit_test(test_errors),
	};
	return (cmocka_run_group_tests(tests, NULL, NULL));
}
