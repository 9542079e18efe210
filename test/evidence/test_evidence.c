#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "fixture.h"

/* vulnerability: asset vuln_id severity found_on fixed_on title */
#define VULN(asset, id, sev, fixed)                                            \
	CELL_STR(STR(asset)), CELL_STR(STR(id)), CELL_STR(STR(sev)),           \
	    CELL_STR(STR("2026-01-01")), fixed, CELL_NONE

static void
test_forward(void **state)
{
	struct fixture *f = *state;
	struct cell one[] = { VULN("a", "1", "low", CELL_NONE),
		VULN("b", "1", "high", CELL_NONE) };
	struct cell two[] = { VULN("a", "1", "medium", CELL_NONE),
		VULN("c", "1", "low", CELL_BLIND) };
	struct evidence_done d;

	d = give(f, &(struct run_opts){ .at = T0 }, "vulnerability", one, 2);
	assert_int_equal(d.rows, 2);
	assert_int_equal(d.changed, 2);
	assert_false(d.same);
	d = give(f, &(struct run_opts){ .at = T0 + DAY }, "vulnerability", one,
	    2);
	assert_true(d.same);
	assert_int_equal(d.changed, 0);
	assert_int_equal(d.chunks, 0);
	d = give(f, &(struct run_opts){ .at = T0 + 2 * DAY }, "vulnerability",
	    two, 2);
	assert_int_equal(d.changed, 4);

	const char *q = "SELECT asset, severity, (valid_from - 1767225600000000)"
	    " / 86400000000, (valid_to - 1767225600000000) / 86400000000,"
	    " (changed_after - 1767225600000000) / 86400000000,"
	    " (last_seen - 1767225600000000) / 86400000000, source, subject"
	    " FROM vulnerability ORDER BY asset";
	expect_sql(f, evidence_at(T0 + DAY, EVIDENCE_HEAD), q,
	    "a|low|0|2|~|1|s1|a:1\nb|high|0|2|~|1|s1|b:1\n");
	expect_sql(f, evidence_at(T0 + 2 * DAY, EVIDENCE_HEAD), q,
	    "a|medium|2|~|1|2|s1|a:1\nc|low|2|~|1|2|s1|c:1\n");
	expect_sql(f, evidence_at(T0 - 1, EVIDENCE_HEAD), q, "");
	/* What was known after the first run. */
	expect_sql(f, evidence_at(T0 + 2 * DAY, d.entry), q,
	    "a|low|0|~|~|1|s1|a:1\nb|high|0|~|~|1|s1|b:1\n");
	expect_sql(f, evidence_period(T0 + DAY, T0 + 3 * DAY, EVIDENCE_HEAD),
	    "SELECT asset, severity, (from_us - 1767225600000000) / 86400000000,"
	    " (to_us - 1767225600000000) / 86400000000 FROM vulnerability_period"
	    " ORDER BY 1, 3", "a|low|1|2\na|medium|2|3\nb|high|1|2\nc|low|2|3\n");
	expect_sql(f, evidence_at(T0, EVIDENCE_HEAD),
	    "SELECT table_name, column_name, subject FROM blind_cell",
	    "vulnerability|fixed_on|c:1\n");
}

static void
test_rebuild(void **state)
{
	struct fixture *f = *state;
	struct cell one[] = { VULN("a", "1", "low", CELL_NONE) };
	uint8_t before[32], after[32];

	give(f, &(struct run_opts){ .at = T0 }, "vulnerability", one, 1);
	ok(f, evidence_digest(f->ev, before, &f->e));
	ok(f, evidence_rebuild(f->ev, &f->e));
	ok(f, evidence_digest(f->ev, after, &f->e));
	assert_memory_equal(before, after, 32);
	fixture_close(f);
	char path[128];
	snprintf(path, sizeof(path), "%s/evidence.db", f->dir);
	assert_int_equal(unlink(path), 0);
	fixture_open(f);
	ok(f, evidence_digest(f->ev, after, &f->e));
	assert_memory_equal(before, after, 32);
}

/* Files of another version, of another ledger, or not there. */
static void
test_other_file(void **state)
{
	struct fixture *f = *state;
	struct cell one[] = { VULN("a", "1", "low", CELL_NONE) };
	static const char *const changes[] = {
		"UPDATE \"!meta\" SET value = '0' WHERE key = 'version'",
		"UPDATE \"!meta\" SET value = '999999' WHERE key = 'upto'",
		"UPDATE \"!meta\" SET value = 'x' WHERE key = 'upto'",
		"DROP TABLE \"!meta\"",
	};
	uint8_t before[32], after[32];
	struct evidence *reader;
	char path[128];

	give(f, &(struct run_opts){ .at = T0 }, "vulnerability", one, 1);
	ok(f, evidence_digest(f->ev, before, &f->e));
	ok(f, evidence_open(&reader, f->dir, f->ws->ledger, false, &f->e));
	evidence_close(reader);
	for (size_t i = 0; i < sizeof(changes) / sizeof(*changes); i++) {
		ok(f, db_exec(evidence_db(f->ev), changes[i], &f->e));
		fixture_close(f);
		fixture_open(f);
		ok(f, evidence_digest(f->ev, after, &f->e));
		assert_memory_equal(before, after, 32);
	}
	evidence_close(f->ev);
	f->ev = NULL;
	snprintf(path, sizeof(path), "%s/evidence.db", f->dir);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(evidence_open(&reader, f->dir, f->ws->ledger, false,
	    &f->e), -ERR_BUSY);
}

/* --- what goes wrong on the way --------------------------------------------- */

/* A run of ${n} rows whose titles say ${mark}. */
static int
big_run(struct fixture *f, int64_t at, size_t n, int mark, struct err *e)
{
	const struct schema_type *t = schema_find_name("vulnerability");
	struct evidence_run *run = begin(f, &(struct run_opts){ .at = at });
	char asset[32], title[64];
	int r = evidence_table_begin(run, t, NULL, e);

	for (size_t i = 0; r == 0 && i < n; i++) {
		snprintf(asset, sizeof(asset), "host-%zu", i);
		snprintf(title, sizeof(title), "title %zu of %d", i, mark);
		struct cell row[] = { CELL_STR(str_from(asset)),
			CELL_STR(STR("v")), CELL_STR(STR("low")),
			CELL_STR(STR("2026-01-01")), CELL_NONE,
			CELL_STR(str_from(title)) };
		r = evidence_row(run, row, e);
	}
	if (r == 0)
		r = evidence_table_end(run, EVIDENCE_COMPLETE, (int64_t)n, NULL,
		    e);
	return (r != 0 ? r : evidence_run_commit(run, at, NULL, e));
}

static void
same_after_rebuild(struct fixture *f)
{
	uint8_t before[32], after[32];

	ok(f, evidence_digest(f->ev, before, &f->e));
	ok(f, evidence_rebuild(f->ev, &f->e));
	ok(f, evidence_digest(f->ev, after, &f->e));
	assert_memory_equal(before, after, 32);
}

/* No file may grow beyond a size that the run needs. */
static void
test_full(void **state)
{
	struct fixture *f = *state;
	struct rlimit was, tight;
	struct err e = { 0 };

	ok(f, big_run(f, T0, 500, 1, &f->e));
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &was), 0);
	for (rlim_t size = 4096; size < (2 << 20); size *= 2) {
		tight = (struct rlimit){ size, was.rlim_max };
		assert_int_equal(setrlimit(RLIMIT_FSIZE, &tight), 0);
		int r = big_run(f, T0 + DAY, 20000, (int)size, &e);
		assert_int_equal(setrlimit(RLIMIT_FSIZE, &was), 0);
		if (r != 0) {
			assert_int_equal(r, -ERR_IO);
			assert_true(e.what[0] != '\0');
		}
		/* Whatever was stored, ledger and projection agree. */
		fixture_close(f);
		fixture_open(f);
	}
	same_after_rebuild(f);
	ok(f, big_run(f, T0 + 2 * DAY, 700, 2, &f->e));
	expect_sql(f, evidence_at(T0 + 2 * DAY, EVIDENCE_HEAD),
	    "SELECT count(*) FROM vulnerability", "700\n");
}

/* Killed at any moment: what was acknowledged is there, and follows. */
static void
test_killed(void **state)
{
	struct fixture *f = *state;

	for (int i = 0; i < 12; i++) {
		fixture_close(f);
		int ends[2];
		assert_int_equal(pipe(ends), 0);
		pid_t pid = fork();
		if (pid == 0) {
			struct err e;
			fixture_open(f);
			for (int k = 0; k < 1000; k++) {
				if (big_run(f, T0 + (i * 1000 + k) * DAY, 300,
				    i * 1000 + k, &e) != 0 ||
				    write(ends[1], "x", 1) != 1)
					_exit(1);
			}
			_exit(0);
		}
		close(ends[1]);
		char x;
		assert_int_equal(read(ends[0], &x, 1), 1);
		usleep((useconds_t)(1000 + i * 3700));
		kill(pid, SIGKILL);
		int acknowledged = 1;
		while (read(ends[0], &x, 1) == 1)
			acknowledged++;
		close(ends[0]);
		waitpid(pid, NULL, 0);
		fixture_open(f);
		int64_t runs;
		char sql[128];
		snprintf(sql, sizeof(sql), "SELECT count(*) FROM \"!run\" WHERE"
		    " at >= %lld", (long long)(T0 + i * 1000 * DAY));
		ok(f, db_get_int(evidence_db(f->ev), sql, 0, &runs, &f->e));
		assert_true(runs >= acknowledged);
	}
	same_after_rebuild(f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_forward, fixture_setup,
		    fixture_teardown),
		cmocka_unit_test_setup_teardown(test_rebuild, fixture_setup,
		    fixture_teardown),
		cmocka_unit_test_setup_teardown(test_other_file, fixture_setup,
		    fixture_teardown),
		cmocka_unit_test_setup_teardown(test_full, fixture_setup,
		    fixture_teardown),
		cmocka_unit_test_setup_teardown(test_killed, fixture_setup,
		    fixture_teardown),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
