/*
 * A chain of migrations over a large database, killed in every step, at its
 * beginning, in its middle and before its commit, and gone on with.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/arena.h"
#include "record/dialect.h"
#include "record/migrate.h"
#include "record/record.h"
#include "record/tables.h"
#include "sys/crypto.h"
#include "sys/db.h"
#include "sys/file.h"

#define ROWS "12000"

/* Where to die: step * 3 + place; -1: not at all. */
static int die_at = -1;

static void
point(int step, int place)
{
	if (die_at == step * 3 + place)
		raise(SIGKILL);
}

static int
run(struct db *db, int step, const char *first, const char *second,
    struct err *e)
{
	point(step, 0);
	int r = db_exec(db, first, e);
	point(step, 1);
	if (r == 0)
		r = db_exec(db, second, e);
	point(step, 2);
	return (r);
}

static int
one(struct db *db, struct err *e)
{
	return (run(db, 0, "CREATE TABLE t(id INTEGER PRIMARY KEY, a TEXT)",
	    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n "
	    "WHERE i < " ROWS ") INSERT INTO t SELECT i, 'row ' || i FROM n",
	    e));
}

static int
two(struct db *db, struct err *e)
{
	return (run(db, 1, "ALTER TABLE t ADD COLUMN b TEXT",
	    "UPDATE t SET b = a || ' and ' || id", e));
}

static int
three(struct db *db, struct err *e)
{
	return (run(db, 2, "CREATE INDEX t_b ON t(b)",
	    "DELETE FROM t WHERE id % 7 = 0", e));
}

static int
four(struct db *db, struct err *e)
{
	return (run(db, 3, "CREATE TABLE u AS SELECT id, b FROM t",
	    "DROP TABLE t", e));
}

static migrate_step *const chain[] = { one, two, three, four };

static int
open_and_run(const char *path, int n, struct err *e)
{
	DB_SCOPED *db = NULL;
	int r = db_open(&db, path, DB_CREATE | DB_WRITER | DB_WAL | DB_FULL,
	    e);

	return (r != 0 ? r : migrate_chain(db, chain, n, true, e));
}

/* In a process of its own; whether it was killed. */
static bool
child(const char *path, int n, int at)
{
	int status;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		die_at = at;
		_exit(open_and_run(path, n, NULL) == 0 ? 0 : 1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (WIFEXITED(status))
		assert_int_equal(WEXITSTATUS(status), 0);
	return (WIFSIGNALED(status));
}

static void
digest(const char *path, uint8_t out[CRYPTO_HASH])
{
	DB_SCOPED *db = NULL;
	STMT_SCOPED *st = NULL;
	BUF_SCOPED b = BUF_INIT;

	assert_int_equal(db_open(&db, path, 0, NULL), 0);
	assert_int_equal(db_prepare(db, &st,
	    STR("SELECT id, b FROM u ORDER BY id"), NULL), 0);
	while (stmt_step(st, NULL) == 1)
		buf_printf(&b, "%lld " STR_FMT "\n", (long long)stmt_int(st, 0),
		    STR_ARG(stmt_str(st, 1)));
	crypto_sha256(b.ptr, b.len, out);
}

static int64_t
value(const char *path, const char *sql)
{
	DB_SCOPED *db = NULL;
	int64_t v = -1;

	assert_int_equal(db_open(&db, path, 0, NULL), 0);
	assert_int_equal(db_get_int(db, sql, -1, &v, NULL), 0);
	return (v);
}

static void
test_killed(void **state)
{
	char dir[] = "/tmp/test_migrate.XXXXXX";
	ARENA_SCOPED a = ARENA_INIT;
	uint8_t want[CRYPTO_HASH], got[CRYPTO_HASH];
	int killed = 0;

	(void)state;
	assert_non_null(mkdtemp(dir));
	const char *straight = arena_printf(&a, "%s/straight.db", dir);
	assert_false(child(straight, 4, -1));
	digest(straight, want);
	assert_false(file_exists(arena_printf(&a, "%s.before", straight)));
	for (int at = 0; at < 12; at++) {
		const char *path = arena_printf(&a, "%s/%d.db", dir, at);
		const char *before = arena_printf(&a, "%s.before", path);
		killed += child(path, 4, at);
		/* What was finished stays, what was not has left nothing. */
		assert_int_equal(value(path, "PRAGMA user_version"), at / 3);
		assert_false(child(path, 4, -1));
		assert_int_equal(value(path, "PRAGMA user_version"), 4);
		digest(path, got);
		assert_memory_equal(got, want, sizeof(want));
		/* The copy is of the version that the last run found. */
		assert_int_equal(file_exists(before), at >= 3);
		if (at >= 3)
			assert_int_equal(value(before, "PRAGMA user_version"),
			    at / 3);
		assert_false(file_exists(arena_printf(&a, "%s.next", path)));
	}
	assert_int_equal(killed, 12);
	assert_int_equal(file_remove_tree(dir, NULL), 0);
}

/* Killed at any instant, also while the copy is made. */
static void
test_killed_anywhere(void **state)
{
	char dir[] = "/tmp/test_migrate.XXXXXX";
	ARENA_SCOPED a = ARENA_INIT;
	uint8_t want[CRYPTO_HASH], got[CRYPTO_HASH];

	(void)state;
	assert_non_null(mkdtemp(dir));
	const char *straight = arena_printf(&a, "%s/straight.db", dir);
	assert_false(child(straight, 4, -1));
	digest(straight, want);
	for (int i = 0; i < 12; i++) {
		const char *path = arena_printf(&a, "%s/%d.db", dir, i);
		pid_t pid;
		int status;
		assert_false(child(path, 1 + i % 3, -1));
		pid = fork();
		assert_true(pid >= 0);
		if (pid == 0)
			_exit(open_and_run(path, 4, NULL) == 0 ? 0 : 1);
		usleep((useconds_t)(i * i * 300));
		kill(pid, SIGKILL);
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_false(child(path, 4, -1));
		digest(path, got);
		assert_memory_equal(got, want, sizeof(want));
	}
	assert_int_equal(file_remove_tree(dir, NULL), 0);
}

static void
test_refused(void **state)
{
	char dir[] = "/tmp/test_migrate.XXXXXX";
	ARENA_SCOPED a = ARENA_INIT;
	DB_SCOPED *db = NULL;
	struct err e;

	(void)state;
	assert_non_null(mkdtemp(dir));
	const char *path = arena_printf(&a, "%s/x.db", dir);
	assert_int_equal(open_and_run(path, 3, NULL), 0);
	/* Newer than the program: nothing is touched. */
	assert_int_equal(open_and_run(path, 2, &e), -ERR_NEWER);
	assert_non_null(strstr(e.what, "version 3"));
	assert_int_equal(value(path, "PRAGMA user_version"), 3);
	/* A reader does not migrate, and says who would. */
	assert_int_equal(db_open(&db, path, 0, NULL), 0);
	assert_int_equal(migrate_chain(db, chain, 4, false, &e), -ERR_BUSY);
	/* Nothing to do writes no copy. */
	assert_int_equal(open_and_run(path, 3, NULL), 0);
	assert_false(file_exists(arena_printf(&a, "%s.before", path)));
	assert_int_equal(file_remove_tree(dir, NULL), 0);
}

/* A disk that is full when the copy is made leaves the database as it was. */
static int
full(void *ctx, enum file_op op, const char *path)
{
	(void)ctx;
	return (op == FILE_OP_SYNC && str_ends(str_from(path), ".next") ?
	    28 : 0);
}

static void
test_full(void **state)
{
	char dir[] = "/tmp/test_migrate.XXXXXX";
	ARENA_SCOPED a = ARENA_INIT;
	struct err e;

	(void)state;
	assert_non_null(mkdtemp(dir));
	const char *path = arena_printf(&a, "%s/x.db", dir);
	assert_int_equal(open_and_run(path, 1, NULL), 0);
	file_fault_install(full, NULL);
	assert_int_equal(open_and_run(path, 4, &e), -ERR_IO);
	file_fault_install(NULL, NULL);
	assert_int_equal(value(path, "PRAGMA user_version"), 1);
	assert_false(file_exists(arena_printf(&a, "%s.next", path)));
	assert_int_equal(open_and_run(path, 4, NULL), 0);
	assert_int_equal(file_remove_tree(dir, NULL), 0);
}

/* --- step 2: a workspace with a table for each type ---------------------------- */

static void
make_old(const char *path)
{
	static const char row[] = "INSERT INTO r_position(id,rev,entry,code,"
	    "title,state) VALUES('00000000000000000000000001',1,1,'HEAD',"
	    "'Demo Head','draft');"
	    "INSERT INTO revision VALUES(%u,'00000000000000000000000001',1,1,"
	    "x'00');INSERT INTO r_site(id,rev,entry,code,name,kind,state) VALUES("
	    "'00000000000000000000000002',1,2,'BER','Demo Site','office','open');"
	    "PRAGMA user_version=1";
	DB_SCOPED *db = NULL;
	struct err e = { 0 };

	assert_int_equal(db_open(&db, path, DB_CREATE | DB_WRITER | DB_WAL |
	    DB_FULL, NULL), 0);
	assert_int_equal(migrate_run(db, true, NULL), 0);
	for (size_t i = 0; i < schema_ntypes; i++) {
		BUF_SCOPED ddl = BUF_INIT;
		if (!schema_is_record(&schema_types[i]))
			continue;
		dialect_table(&schema_types[i], &ddl);
		assert_int_equal(db_exec(db, ddl.ptr, NULL), 0);
	}
	int r = db_execf(db, &e, row, (unsigned)T_POSITION);
	assert_string_equal(r == 0 ? "" : e.what, "");
}

/* SIGKILL so many ticks of the database's machine from now. */
static int ticks_left;

static bool
tick(void *ctx)
{
	(void)ctx;
	if (--ticks_left < 0)
		raise(SIGKILL);
	return (false);
}

static bool
child_killed(const char *path, int ticks)
{
	DB_SCOPED *db = NULL;
	pid_t pid = fork();
	int status;

	assert_true(pid >= 0);
	if (pid == 0) {
		ticks_left = ticks;
		if (db_open(&db, path, DB_WRITER | DB_WAL | DB_FULL, NULL) != 0)
			_exit(1);
		db_watch(db, 20, tick, NULL);
		_exit(migrate_run(db, true, NULL) == 0 ? 0 : 1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status) || WEXITSTATUS(status) == 0);
	return (WIFSIGNALED(status));
}

static void
tables_of(const char *path, struct buf *out)
{
	DB_SCOPED *db = NULL;
	STMT_SCOPED *st = NULL;

	assert_int_equal(db_open(&db, path, 0, NULL), 0);
	assert_int_equal(db_prepare(db, &st, STR("SELECT name FROM sqlite_schema "
	    "WHERE type='table' AND name GLOB 'r_*' ORDER BY name"), NULL), 0);
	buf_reset(out);
	while (stmt_step(st, NULL) == 1)
		buf_printf(out, STR_FMT " ", STR_ARG(stmt_str(st, 0)));
}

static void
test_tables_that_hold_nothing(void **state)
{
	char dir[] = "/tmp/test_migrate.XXXXXX";
	ARENA_SCOPED a = ARENA_INIT;
	BUF_SCOPED b = BUF_INIT;
	int killed = 0;
	bool again = true;

	(void)state;
	assert_non_null(mkdtemp(dir));
	const char *old = arena_printf(&a, "%s/old.db", dir);
	make_old(old);
	for (int at = 0; again; at = at * 3 / 2 + 8) {
		const char *path = arena_printf(&a, "%s/%d.db", dir, at);
		BUF_SCOPED bytes = BUF_INIT;
		assert_int_equal(file_read(old, 64 << 20, &bytes, NULL), 0);
		assert_int_equal(file_write(path, 0600, bytes.ptr, bytes.len,
		    NULL), 0);
		again = child_killed(path, at);
		killed += again;
		tables_of(path, &b);
		if (again && value(path, "PRAGMA user_version") == 1)
			assert_non_null(strstr(b.ptr, "r_vendor_assessment"));
		assert_false(child_killed(path, 1 << 30));
		assert_int_equal(value(path, "PRAGMA user_version"),
		    migrate_latest());
		/* What holds something, and what that refers to. */
		tables_of(path, &b);
		assert_string_equal(b.ptr, "r_entity r_jurisdiction r_person "
		    "r_position r_site r_vendor ");
		assert_int_equal(value(path, "SELECT count(*) FROM r_position"), 1);
	}
	assert_true(killed >= 4);
	assert_int_equal(file_remove_tree(dir, NULL), 0);
}

/* The first record of a type makes its table, in its transaction. */
static void
test_tables_come(void **state)
{
	char dir[] = "/tmp/test_migrate.XXXXXX";
	const struct schema_type *t = schema_get(T_POSITION),
	    *grant = schema_get(T_GRANT);
	ARENA_SCOPED a = ARENA_INIT;
	DB_SCOPED *db = NULL, *reader = NULL;
	struct record_store own = { 0 }, other = { 0 };
	struct err e;

	(void)state;
	assert_non_null(mkdtemp(dir));
	const char *path = arena_printf(&a, "%s/x.db", dir);
	assert_int_equal(db_open(&db, path, DB_CREATE | DB_WRITER | DB_WAL |
	    DB_FULL, NULL), 0);
	assert_int_equal(migrate_run(db, true, NULL), 0);
	assert_int_equal(db_open(&reader, path, 0, NULL), 0);
	own.db = db;
	other.db = reader;
	assert_int_equal(tables_has(&other, t, NULL), 0);
	/* What is taken back is not there. */
	assert_int_equal(db_begin(db, NULL), 0);
	assert_int_equal(tables_make(&own, t, NULL), 0);
	assert_int_equal(tables_has(&own, t, NULL), 1);
	assert_int_equal(tables_has(&other, t, NULL), 0);
	db_rollback(db);
	assert_int_equal(tables_has(&own, t, NULL), 0);
	assert_int_equal(db_begin(db, NULL), 0);
	assert_int_equal(tables_make(&own, grant, NULL), 0);
	assert_int_equal(tables_make(&own, grant, NULL), 0);
	assert_int_equal(db_commit(db, NULL), 0);
	assert_int_equal(tables_has(&other, grant, NULL), 1);
	assert_int_equal(tables_has(&other, schema_get(T_PERSON), NULL), 1);
	assert_int_equal(tables_has(&other, schema_get(T_VENDOR), NULL), 1);
	assert_int_equal(tables_has(&other, schema_get(T_VENDOR_ASSESSMENT),
	    NULL), 0);
	/* A table that is gone is not a type without records. */
	assert_int_equal(db_execf(db, NULL, "INSERT INTO revision VALUES(%u,'x',1,"
	    "1,x'00')", (unsigned)T_RISK), 0);
	assert_int_equal(tables_has(&other, schema_get(T_RISK), &e),
	    -ERR_DAMAGED);
	assert_non_null(strstr(e.what, "r_risk"));
	assert_int_equal(file_remove_tree(dir, NULL), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_killed),
		cmocka_unit_test(test_killed_anywhere),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_full),
		cmocka_unit_test(test_tables_that_hold_nothing),
		cmocka_unit_test(test_tables_come),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
