#include "fixture.h"

static void
fill(struct fixture *f)
{
	struct cell rows[] = {
		CELL_STR(STR("a")), CELL_STR(STR("1")), CELL_STR(STR("low")),
		CELL_STR(STR("2026-01-01")), CELL_NONE, CELL_NONE,
		CELL_STR(STR("b")), CELL_STR(STR("1")), CELL_STR(STR("high")),
		CELL_STR(STR("2026-01-01")), CELL_NONE, CELL_NONE,
	};

	give(f, &(struct run_opts){ .at = T0 }, "vulnerability", rows, 2);
}

/* What a query may not do, and a word of the answer. */
static const struct {
	const char *sql;
	enum err_code code;
	const char *what;
} attacks[] = {
	{ "ATTACH '/tmp/x.db' AS x", ERR_INPUT, "may only read" },
	{ "DETACH main", ERR_INPUT, "may only read" },
	{ "PRAGMA query_only=OFF", ERR_INPUT, "may only read" },
	{ "PRAGMA journal_mode", ERR_INPUT, "may only read" },
	{ "SELECT * FROM pragma_table_info('run')", ERR_INPUT, "" },
	{ "SELECT * FROM pragma_database_list", ERR_INPUT, "" },
	{ "VACUUM", ERR_INPUT, "may only read" },
	{ "VACUUM INTO '/tmp/tickmark-stolen.db'", ERR_INPUT, "may only read" },
	{ "DELETE FROM vulnerability", ERR_INPUT, "" },
	{ "DELETE FROM \"vulnerability!v\"", ERR_INPUT, "may only read" },
	{ "UPDATE \"!run\" SET status = 'x'", ERR_INPUT, "may only read" },
	{ "INSERT INTO \"!touch\" VALUES(1, 1)", ERR_INPUT, "may only read" },
	{ "CREATE TABLE t(a)", ERR_INPUT, "may only read" },
	{ "CREATE TEMP TABLE t(a)", ERR_INPUT, "may only read" },
	{ "CREATE TEMP VIEW x AS SELECT 1", ERR_INPUT, "may only read" },
	{ "DROP VIEW vulnerability", ERR_INPUT, "" },
	{ "BEGIN", ERR_INPUT, "may only read" },
	{ "COMMIT", ERR_INPUT, "may only read" },
	{ "SAVEPOINT s", ERR_INPUT, "may only read" },
	{ "REINDEX", ERR_INPUT, "may only read" },
	{ "ANALYZE", ERR_INPUT, "may only read" },
	{ "EXPLAIN DELETE FROM \"!run\"", ERR_INPUT, "may only read" },
	{ "SELECT 1; SELECT 2", ERR_INPUT, "second statement" },
	{ "SELECT 1; DROP TABLE \"!run\"", ERR_INPUT, "second statement" },
	{ "", ERR_INPUT, "empty" },
	{ "-- nothing", ERR_INPUT, "empty" },
	{ "SELECT load_extension('/tmp/x.so')", ERR_INPUT, "load_extension" },
	{ "SELECT random()", ERR_INPUT, "random" },
	{ "SELECT hex(randomblob(8))", ERR_INPUT, "randomblob" },
	{ "SELECT zeroblob(1000000000)", ERR_INPUT, "zeroblob" },
	{ "SELECT readfile('/etc/passwd')", ERR_INPUT, "" },
	{ "SELECT sqlite_version()", ERR_INPUT, "sqlite_version" },
	{ "SELECT avg(1)", ERR_INPUT, "avg" },
	{ "SELECT julianday('now')", ERR_INPUT, "julianday" },
	{ "SELECT * FROM sqlite_schema", ERR_INPUT, "no table" },
	{ "SELECT * FROM sqlite_master", ERR_INPUT, "no table" },
	{ "SELECT * FROM sqlite_temp_schema", ERR_INPUT, "no table" },
	{ "SELECT count(*) FROM sqlite_schema", ERR_INPUT, "no table" },
	{ "SELECT * FROM \"vulnerability!v\"", ERR_INPUT, "no table" },
	{ "SELECT count(*) FROM \"vulnerability!v\"", ERR_INPUT, "no table" },
	{ "SELECT 1 FROM [Vulnerability!V]", ERR_INPUT, "no table" },
	{ "SELECT (SELECT max(_from) FROM \"vulnerability!v\") FROM run",
	    ERR_INPUT, "no table" },
	{ "WITH x AS (SELECT * FROM \"!run\") SELECT * FROM x", ERR_INPUT,
	    "no table" },
	{ "WITH account AS (SELECT * FROM \"!run\") SELECT * FROM account",
	    ERR_INPUT, "no table" },
	{ "SELECT * FROM (SELECT * FROM `!RUN`) AS run", ERR_INPUT, "no table" },
	{ "SELECT count(*) FROM pragma_database_list", ERR_INPUT, "" },
	{ "SELECT count(*) FROM vulnerability, \"!source\"", ERR_INPUT,
	    "no table" },
	{ "SELECT * FROM \"vulnerability!k\", vulnerability", ERR_INPUT, "table" },
	{ "WITH vulnerability AS (SELECT * FROM \"vulnerability_period!k\" UNION"
	    " SELECT * FROM vulnerability_period) SELECT * FROM vulnerability",
	    ERR_INPUT, "table" },
	{ "SELECT * FROM nowhere", ERR_INPUT, "no such table" },
	{ "SELECT colour FROM vulnerability", ERR_INPUT, "no such column" },
	{ "SELEC 1", ERR_INPUT, "syntax error" },
	{ "SELECT :nobody", ERR_INPUT, ":nobody" },
	{ "SELECT ?1", ERR_INPUT, "parameter" },
	{ "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c)"
	    " SELECT count(*) FROM c", ERR_TIMEOUT, "longer" },
	{ "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c)"
	    " SELECT x FROM c", ERR_LIMIT, "rows" },
	{ "WITH RECURSIVE c(x, s) AS (SELECT 1, 'x' UNION ALL SELECT x + 1,"
	    " s || s FROM c) SELECT max(length(s)) FROM c", ERR_LIMIT, "" },
	{ "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c LIMIT"
	    " 3000000) SELECT count(*) FROM (SELECT x, printf('%0200d', x) AS s"
	    " FROM c ORDER BY s DESC)", ERR_LIMIT, "memory" },
};

static void
test_attacks(void **state)
{
	struct fixture *f = *state;
	struct query_limits l = { .time_ms = 30000, .rows = 20000,
		.memory_bytes = 32 << 20 };
	uint8_t before[32], after[32];
	BUF_SCOPED out = BUF_INIT;
	int bad = 0;

	fill(f);
	ok(f, evidence_digest(f->ev, before, &f->e));
	/* Each twice: without rows that are kept, and with them. */
	for (size_t k = 0; k < 2 * sizeof(attacks) / sizeof(*attacks); k++) {
		struct query_limits mine = l;
		size_t i = k / 2;
		if (attacks[i].code == ERR_TIMEOUT)
			mine.time_ms = 300;
		f->e = (struct err){ 0 };
		int r = ask_limited(f, evidence_at(T0, EVIDENCE_HEAD), &mine,
		    attacks[i].sql, &out);
		if (r == -(int)attacks[i].code &&
		    strstr(f->e.what, attacks[i].what) != NULL)
			continue;
		print_error("%s\n  %d: %s\n", attacks[i].sql, r, f->e.what);
		bad++;
	}
	assert_int_equal(bad, 0);
	ok(f, evidence_digest(f->ev, after, &f->e));
	assert_memory_equal(before, after, 32);
}

/* What a query may do. */
static const struct {
	const char *sql, *wanted;
} allowed[] = {
	{ "SELECT count(*) FROM vulnerability", "2\n" },
	{ "SELECT count(*) FROM run", "1\n" },
	{ "SELECT count(*) FROM vulnerability a, Vulnerability b", "4\n" },
	{ "SELECT count(*) FROM (SELECT 1 FROM vulnerability)", "2\n" },
	{ "WITH v AS (SELECT * FROM vulnerability) SELECT count(*) FROM v",
	    "2\n" },
	{ "SELECT asset FROM \"vulnerability\" WHERE severity LIKE 'H%'",
	    "b\n" },
	{ "SELECT 'vulnerability!v'", "vulnerability!v\n" },
	{ "SELECT group_concat(asset, '!') FROM vulnerability", "a!b\n" },
	{ "SELECT row_number() OVER (ORDER BY asset DESC), asset FROM"
	    " vulnerability ORDER BY 1", "1|b\n2|a\n" },
	{ "SELECT date(:at / 1000000, 'unixepoch')", "2026-01-01\n" },
	{ "SELECT datetime('now'), CURRENT_DATE, unixepoch('now') * 1000000 ="
	    " :at, datetime('now', 'localtime')",
	    "2026-01-01 00:00:00|2026-01-01|1|2026-01-01 00:00:00\n" },
	/* The ledger of this fixture names no zone: UTC. */
	{ "SELECT day_start('2026-01-01') = :at, day_end('2025-12-31') = :at,"
	    " day_of(:at), day_of(:at - 1)", "1|1|2026-01-01|2025-12-31\n" },
	{ "SELECT day_start('2026-02-30'), day_start(7), day_end(NULL),"
	    " day_of('2026-01-01'), day_of(9223372036854775807)", "~|~|~|~|~\n" },
	{ "SELECT value FROM json_each('[1,2]')", "1\n2\n" },
	{ "SELECT :to - :from, :known > 0", "1|1\n" },
	{ "SELECT 7 / 2, abs(-3), coalesce(NULL, 1), iif(1, 'y', 'n')",
	    "3|3|1|y\n" },
	{ "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c WHERE"
	    " x < 5) SELECT sum(x) FROM c", "15\n" },
	{ "SELECT a.asset FROM vulnerability a JOIN vulnerability_period p"
	    " USING(subject) ORDER BY 1", "a\nb\n" },
	{ "SELECT count(*) FROM vulnerability WHERE EXISTS (SELECT 1 FROM"
	    " coverage WHERE state = 'observed')", "2\n" },
	{ "SELECT 1;", "1\n" },
	{ "SELECT 1 -- and no more\n;\n/* x */", "1\n" },
	{ "VALUES(1, 'a'), (2, NULL)", "1|a\n2|~\n" },
};

static void
test_allowed(void **state)
{
	struct fixture *f = *state;

	fill(f);
	for (size_t i = 0; i < sizeof(allowed) / sizeof(*allowed); i++)
		expect_sql(f, evidence_at(T0, EVIDENCE_HEAD), allowed[i].sql,
		    allowed[i].wanted);
}

static void
test_places(void **state)
{
	struct fixture *f = *state;
	BUF_SCOPED out = BUF_INIT;

	fill(f);
	/* The text of the fixture's queries begins at line 10 of q.sql. */
	assert_int_not_equal(ask_limited(f, evidence_at(T0, EVIDENCE_HEAD), NULL,
	    "SELECT asset\nFROM vulnerability\nWHERE nothing = 1", &out), 0);
	assert_string_equal(f->e.where, "q.sql:12");
}

/* --- what was read ---------------------------------------------------------- */

struct reads {
	const char *sql;
	bool keep;
};

static int
no_row(void *ctx, struct stmt *st, bool row, struct err *e)
{
	(void)ctx;
	(void)st;
	(void)row;
	(void)e;
	return (0);
}

static int
reads_fn(struct query *q, void *ctx, struct err *e)
{
	struct reads *x = ctx;
	struct evidence_when w = evidence_at(T0, EVIDENCE_HEAD);
	struct query_sql sql = { .sql = str_from(x->sql) };
	BUF_SCOPED b = BUF_INIT;
	size_t n;
	int r = query_when(q, &w, e);

	if (x->keep)
		query_keep(q);
	if (r == 0)
		r = query_ask(q, &sql, no_row, NULL, e);
	const struct query_read *reads = query_reads(q, &n);
	for (size_t i = 0; r == 0 && i < n; i++) {
		buf_printf(&b, "%s:", reads[i].table->name);
		for (size_t k = 0; k < reads[i].table->nfields; k++) {
			if (reads[i].columns >> k & 1)
				buf_printf(&b, " %s", reads[i].table->fields[k].name);
		}
		buf_putc(&b, '\n');
	}
	return (r != 0 ? r : query_write(q, buf_str(&b), e));
}

static void
expect_reads(struct fixture *f, const char *sql, const char *wanted)
{
	for (int i = 0; i < 2; i++) {
		BUF_SCOPED out = BUF_INIT;
		struct reads x = { sql, i != 0 };
		buf_puts(&out, "");
		ok(f, query_run(f->ev, NULL, reads_fn, &x, asked_sink, &out,
		    &f->e));
		assert_string_equal(out.ptr, wanted);
	}
}

static void
test_reads(void **state)
{
	struct fixture *f = *state;

	fill(f);
	expect_reads(f, "SELECT asset FROM vulnerability WHERE severity = 'low'",
	    "vulnerability: asset severity\n");
	expect_reads(f, "SELECT count(*) FROM vulnerability",
	    "vulnerability:\n");
	expect_reads(f, "WITH x AS (SELECT * FROM vulnerability_period) SELECT"
	    " subject FROM x", "vulnerability: asset vuln_id severity found_on"
	    " fixed_on title\n");
	expect_reads(f, "SELECT p.name, a.uid FROM account a JOIN identity i"
	    " ON i.table_name = 'account' AND i.subject = a.subject JOIN person"
	    " p ON p.code = i.person",
	    "person: code name email login start_on end_on kind\n"
	    "identity_decision: source_name tbl subject_id kind person\n"
	    "account: login uid gecos\n");
	expect_reads(f, "SELECT status FROM run", "");
}

/* --- a child that goes wrong ------------------------------------------------ */

static int
writes_much(struct query *q, void *ctx, struct err *e)
{
	static char bytes[100000];

	(void)ctx;
	for (int i = 0; i < 50; i++) {
		int r = query_write(q, (struct str){ bytes, sizeof(bytes) }, e);
		if (r != 0)
			return (r);
	}
	return (0);
}

static int
dies(struct query *q, void *ctx, struct err *e)
{
	(void)q;
	(void)ctx;
	(void)e;
	_exit(9);
}

static int
opens_files(struct query *q, void *ctx, struct err *e)
{
	(void)q;
	FILE *r = fopen("/etc/passwd", "r");
	FILE *w = fopen(ctx, "w");

	if (r != NULL || w != NULL || fork() == 0)
		return (err_set(e, ERR_DENIED, NULL, NULL, "not locked up"));
	return (0);
}

static int
count_sink(void *ctx, struct str bytes, struct err *e)
{
	(void)e;
	*(size_t *)ctx += bytes.len;
	return (0);
}

static int
full_sink(void *ctx, struct str bytes, struct err *e)
{
	(void)ctx;
	(void)bytes;
	return (err_set(e, ERR_IO, NULL, NULL, "the disk is full"));
}

static void
test_child(void **state)
{
	struct fixture *f = *state;
	char path[128];
	size_t n = 0;

	ok(f, query_run(f->ev, NULL, writes_much, NULL, count_sink, &n, &f->e));
	assert_int_equal(n, 5000000);
	assert_int_equal(query_run(f->ev, NULL, writes_much, NULL, full_sink,
	    NULL, &f->e), -ERR_IO);
	assert_string_equal(f->e.what, "the disk is full");
	assert_int_equal(query_run(f->ev, NULL, dies, NULL, NULL, NULL, &f->e),
	    -ERR_BUG);
	snprintf(path, sizeof(path), "%s/made", f->base);
	ok(f, query_run(f->ev, NULL, opens_files, path, NULL, NULL, &f->e));
	assert_int_equal(access(path, F_OK), -1);
}

static void
test_two_children(void **state)
{
	struct fixture *f = *state;
	struct query_child *c[2];
	size_t n[2] = { 0, 0 };

	for (int i = 0; i < 2; i++)
		ok(f, query_start(f->ev, NULL, writes_much, NULL, count_sink,
		    &n[i], &c[i], &f->e));
	ok(f, query_wait(c[1], c, 1, &f->e));
	ok(f, query_wait(c[0], NULL, 0, &f->e));
	assert_int_equal(n[0], 5000000);
	assert_int_equal(n[1], 5000000);
}

/* --- many jobs ---------------------------------------------------------------- */

#define JOBS 40

/* Each job says its number and how many its process did before it. */
static int
job_run(struct query *q, void *ctx, size_t job, struct err *e)
{
	struct query_sql endless = { .sql = STR("WITH RECURSIVE c(x) AS (SELECT 1"
	    " UNION ALL SELECT x + 1 FROM c) SELECT count(*) FROM c") };
	static int before;
	char line[64];

	(void)ctx;
	snprintf(line, sizeof(line), "job %zu after %d", job, before++);
	int r = query_write(q, str_from(line), e);
	if (r != 0)
		return (r);
	switch (job) {
	case 3:
		return (err_set(e, ERR_INPUT, "x.sql:1", NULL, "it is wrong"));
	case 7:
		_exit(9);
	case 8:
		_exit(3);
	case 12:
		return (query_ask(q, &endless, no_row, NULL, e));
	case 21: /* it ends well, and its process does not */
		return (write(STDOUT_FILENO, "rubbish that is no frame", 24) < 0);
	default:
		return (0);
	}
}

struct jobs {
	struct buf out[JOBS];
	int ends[JOBS], result[JOBS];
	size_t ended, stop_after; /* 0: never */
};

static int
job_take(void *ctx, size_t job, struct str bytes, struct err *e)
{
	struct jobs *x = ctx;

	if (job == 30)
		return (err_set(e, ERR_LIMIT, NULL, NULL, "too much"));
	buf_putstr(&x->out[job], bytes);
	return (0);
}

static int
job_end(void *ctx, size_t job, int result, const struct err *why,
    struct err *e)
{
	struct jobs *x = ctx;

	assert_int_equal(x->ends[job]++, 0);
	x->result[job] = result;
	assert_true(result == 0 || (why != NULL && -(int)why->code == result));
	return (++x->ended != x->stop_after ? 0 :
	    err_set(e, ERR_IO, NULL, NULL, "the disk is full"));
}

static void
test_many(void **state)
{
	struct fixture *f = *state;
	static const struct query_limits limits = { .time_ms = 1000 };
	static const int failing[][2] = { { 3, -ERR_INPUT }, { 7, -ERR_BUG },
		{ 8, -ERR_LIMIT }, { 12, -ERR_TIMEOUT }, { 21, -ERR_BUG },
		{ 30, -ERR_LIMIT } };

	for (int workers = 1; workers <= 3; workers++) {
		struct jobs x = { 0 };
		struct query_work work = { .n = JOBS, .workers = workers,
			.run = job_run, .take = job_take, .end = job_end, .ctx = &x };
		bool shared = false;
		ok(f, query_many(f->ev, &limits, &work, &f->e));
		for (size_t i = 0; i < JOBS; i++) {
			char begin[32];
			int wanted = 0;
			for (size_t k = 0; k < 6; k++)
				if (failing[k][0] == (int)i)
					wanted = failing[k][1];
			assert_int_equal(x.ends[i], 1);
			assert_int_equal(x.result[i], wanted);
			snprintf(begin, sizeof(begin), "job %zu after ", i);
			if (i != 30)
				assert_true(str_starts(buf_str(&x.out[i]), begin));
			shared |= i != 30 && !str_ends(buf_str(&x.out[i]), " 0");
			buf_free(&x.out[i]);
		}
		assert_true(shared);
	}
	/* One who takes the ends may stop it all. */
	struct jobs x = { .stop_after = 2 };
	struct query_work work = { .n = JOBS, .workers = 2, .run = job_run,
		.take = job_take, .end = job_end, .ctx = &x };
	assert_int_equal(query_many(f->ev, &limits, &work, &f->e), -ERR_IO);
	assert_string_equal(f->e.what, "the disk is full");
	assert_int_equal(x.ended, 2);
	for (size_t i = 0; i < JOBS; i++)
		buf_free(&x.out[i]);
	/* And there may be nothing to do. */
	work.n = 0;
	ok(f, query_many(f->ev, &limits, &work, &f->e));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_attacks, fixture_setup,
		    fixture_teardown),
		cmocka_unit_test_setup_teardown(test_allowed, fixture_setup,
		    fixture_teardown),
		cmocka_unit_test_setup_teardown(test_places, fixture_setup,
		    fixture_teardown),
		cmocka_unit_test_setup_teardown(test_reads, fixture_setup,
		    fixture_teardown),
		cmocka_unit_test_setup_teardown(test_child, fixture_setup,
		    fixture_teardown),
		cmocka_unit_test_setup_teardown(test_many, fixture_setup,
		    fixture_teardown),
		cmocka_unit_test_setup_teardown(test_two_children, fixture_setup,
		    fixture_teardown),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
