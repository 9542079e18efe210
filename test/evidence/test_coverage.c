/* When a table was observed; append tables and their chains of cursors. */
#include "fixture.h"

#define VULN1                                                                  \
	CELL_STR(STR("a")), CELL_STR(STR("1")), CELL_STR(STR("low")),          \
	    CELL_STR(STR("2026-01-01")), CELL_NONE, CELL_NONE

/* The spans as text: "from to observed|reason", days since T0. */
static void
spans_text(struct fixture *f, const char *table, int64_t from, int64_t to,
    uint64_t known, bool sources, struct buf *out)
{
	ARENA_SCOPED a = ARENA_INIT;
	struct evidence_span *s;
	size_t n;
	const struct schema_type *t = schema_find_name(table);

	buf_reset(out);
	buf_puts(out, "");
	ok(f, (sources ? evidence_coverage_sources : evidence_coverage)(&a,
	    evidence_db(f->ev), t, from, to, known, &s, &n, &f->e));
	for (size_t i = 0; i < n; i++) {
		buf_printf(out, "%lld.%lld %lld.%lld %s%s" STR_FMT ";",
		    (long long)((s[i].from - T0) / DAY),
		    (long long)((s[i].from - T0) % DAY),
		    (long long)((s[i].to - T0) / DAY),
		    (long long)((s[i].to - T0) % DAY),
		    s[i].observed ? "seen" : s[i].reason,
		    s[i].source.len > 0 ? " " : "", STR_ARG(s[i].source));
	}
}

static void
expect_spans(struct fixture *f, const char *table, int64_t from, int64_t to,
    uint64_t known, const char *wanted)
{
	BUF_SCOPED out = BUF_INIT;

	spans_text(f, table, from, to, known, false, &out);
	assert_string_equal(out.ptr, wanted);
}

static void
test_gaps(void **state)
{
	struct fixture *f = *state;
	struct cell row[] = { VULN1 };
	const char *t = "vulnerability";
	struct evidence_done last;

	expect_spans(f, t, T0, T0 + 3 * DAY, EVIDENCE_HEAD,
	    "0.0 3.0 never;");
	/* Gaps of exactly a day, and of a microsecond more. */
	give(f, &(struct run_opts){ .at = T0, .gap_s = 86400 }, t, row, 1);
	last = give(f, &(struct run_opts){ .at = T0 + DAY, .gap_s = 86400 }, t,
	    row, 1);
	give(f, &(struct run_opts){ .at = T0 + 2 * DAY + 1, .gap_s = 86400 }, t,
	    row, 1);
	expect_spans(f, t, T0 - DAY, T0 + 5 * DAY, EVIDENCE_HEAD,
	    "-1.0 0.0 before;0.0 2.0 seen;2.0 2.1 gap;2.1 3.1 seen;"
	    "3.1 5.0 after;");
	/* As it was known before the last run. */
	expect_spans(f, t, T0, T0 + 5 * DAY, last.entry + 1,
	    "0.0 2.0 seen;2.0 5.0 after;");
	/* A failed run and a partial one observe nothing. */
	give(f, &(struct run_opts){ .at = T0 + 2 * DAY, .gap_s = 86400,
	    .status = EVIDENCE_FAILED }, t, row, 1);
	give(f, &(struct run_opts){ .at = T0 + 2 * DAY, .gap_s = 86400,
	    .expected = 7 }, t, row, 1);
	expect_spans(f, t, T0 + 2 * DAY, T0 + 2 * DAY + 1, EVIDENCE_HEAD,
	    "2.0 2.1 gap;");
	/* A late one closes the gap. */
	give(f, &(struct run_opts){ .at = T0 + 2 * DAY, .gap_s = 86400 }, t,
	    row, 1);
	expect_spans(f, t, T0, T0 + 3 * DAY, EVIDENCE_HEAD, "0.0 3.0 seen;");
	expect_sql(f, evidence_at(T0, EVIDENCE_HEAD), "SELECT status, count(*),"
	    " min(message) FROM run GROUP BY 1 ORDER BY 1",
	    "complete|4|\nfailed|1|\npartial|1|1 rows came of 7 expected\n");
	expect_sql(f, evidence_at(T0, EVIDENCE_HEAD), "SELECT source, (from_us -"
	    " 1767225600000000) / 86400000000, state, reason FROM coverage"
	    " WHERE table_name = 'vulnerability' ORDER BY from_us",
	    "s1|~|blind|before\ns1|0|observed|\ns1|3|blind|after\n");
	expect_sql(f, evidence_at(T0, EVIDENCE_HEAD), "SELECT source, from_us,"
	    " to_us, state, reason FROM coverage WHERE table_name IN ('badge',"
	    " 'control') ORDER BY table_name",
	    "~|~|~|blind|never\nrecords|~|~|observed|\n");
}

static void
test_two_sources(void **state)
{
	struct fixture *f = *state;
	struct cell row[] = { VULN1 };
	const char *t = "vulnerability";

	give(f, &(struct run_opts){ .at = T0, .gap_s = 86400 }, t, row, 1);
	give(f, &(struct run_opts){ .at = T0 + DAY, .gap_s = 86400 }, t, row, 1);
	give(f, &(struct run_opts){ .at = T0 + DAY + DAY / 2, .gap_s = 86400,
	    .source = "s2" }, t, row, 1);
	give(f, &(struct run_opts){ .at = T0 + 2 * DAY, .gap_s = 864000 }, t,
	    row, 1);
	/* The second source blinds the table only after it began. */
	expect_spans(f, t, T0, T0 + 4 * DAY, EVIDENCE_HEAD,
	    "0.0 2.43200000000 seen;2.43200000000 4.0 after;");
	BUF_SCOPED out = BUF_INIT;
	spans_text(f, t, T0, T0 + 4 * DAY, EVIDENCE_HEAD, true, &out);
	assert_string_equal(out.ptr, "0.0 4.0 seen s1;0.0 1.43200000000 before"
	    " s2;1.43200000000 2.43200000000 seen s2;2.43200000000 4.0 after"
	    " s2;");
}

/* --- append tables --------------------------------------------------------- */

/* backup_job: job target started_at finished_at ok size encrypted offsite */
static struct evidence_done
jobs(struct fixture *f, int64_t at, const struct evidence_chain *chain,
    const char *names, bool ok_cell)
{
	struct cell rows[16 * 8] = { 0 };
	size_t n = strlen(names);

	for (size_t i = 0; i < n; i++) {
		struct cell *c = rows + i * 8;
		int64_t t = T0 + (names[i] - 'a') * DAY;
		c[0] = CELL_STR(((struct str){ names + i, 1 }));
		c[1] = CELL_STR(STR("disk"));
		c[2] = CELL_INT(t - 1000000);
		c[3] = CELL_INT(t);
		c[4] = CELL_INT(ok_cell);
	}
	return (give(f, &(struct run_opts){ .at = at, .chain = chain },
	    "backup_job", rows, n));
}

static void
expect_jobs(struct fixture *f, struct evidence_when w, const char *wanted)
{
	expect_sql(f, w, "SELECT job, ok, (valid_from - 1767225600000000) /"
	    " 86400000000 FROM backup_job ORDER BY 1", wanted);
}

static void
test_cursors(void **state)
{
	struct fixture *f = *state;
	ARENA_SCOPED a = ARENA_INIT;
	struct str cursor;
	const struct schema_type *t = schema_find_name("backup_job");
	struct evidence_done d;

	ok(f, evidence_cursor(&a, f->ev, STR("s1"), t, &cursor, &f->e));
	assert_int_equal(cursor.len, 0);
	jobs(f, T0 + 2 * DAY, &(struct evidence_chain){ .upto = STR("c2"),
	    .since = INT64_MIN }, "abc", true);
	/* Overlapping items count once. */
	d = jobs(f, T0 + 4 * DAY, &(struct evidence_chain){ .after = STR("c2"),
	    .upto = STR("c4") }, "cde", true);
	assert_int_equal(d.changed, 2);
	ok(f, evidence_cursor(&a, f->ev, STR("s1"), t, &cursor, &f->e));
	assert_true(str_is(cursor, "c4"));
	expect_jobs(f, evidence_at(T0 + 3 * DAY, EVIDENCE_HEAD),
	    "a|1|0\nb|1|1\nc|1|2\nd|1|3\n");
	expect_sql(f, evidence_period(T0 + DAY, T0 + 3 * DAY, EVIDENCE_HEAD),
	    "SELECT job, to_us - from_us FROM backup_job_period ORDER BY 1",
	    "b|1\nc|1\n");
	expect_spans(f, "backup_job", T0 - 5 * DAY, T0 + 6 * DAY, EVIDENCE_HEAD,
	    "-5.0 4.0 seen;4.0 6.0 after;");
	/* A cursor that nobody knows: what lay between is not observed. */
	jobs(f, T0 + 6 * DAY, &(struct evidence_chain){ .after = STR("zz"),
	    .upto = STR("c6") }, "g", true);
	expect_spans(f, "backup_job", T0, T0 + 7 * DAY, EVIDENCE_HEAD,
	    "0.0 4.0 seen;4.0 6.0 rewritten;6.0 7.0 after;");
	/* An item that says something else now. */
	d = jobs(f, T0 + 7 * DAY, &(struct evidence_chain){ .after = STR("c6"),
	    .upto = STR("c7") }, "g", false);
	expect_jobs(f, evidence_at(T0 + 7 * DAY, EVIDENCE_HEAD),
	    "a|1|0\nb|1|1\nc|1|2\nd|1|3\ne|1|4\ng|0|6\n");
	expect_jobs(f, evidence_at(T0 + 7 * DAY, d.entry),
	    "a|1|0\nb|1|1\nc|1|2\nd|1|3\ne|1|4\ng|1|6\n");
}

static void
test_rewritten(void **state)
{
	struct fixture *f = *state;
	struct evidence_chain whole = { .upto = STR("x"), .since = INT64_MIN };
	uint8_t before[32], after[32];
	struct evidence_done d;

	jobs(f, T0 + 2 * DAY, &whole, "abc", true);
	/* A whole history that holds all of the one before continues it. */
	jobs(f, T0 + 4 * DAY, &whole, "abcd", true);
	expect_spans(f, "backup_job", T0, T0 + 6 * DAY, EVIDENCE_HEAD,
	    "0.0 4.0 seen;4.0 6.0 after;");
	/* One that lacks something was rewritten. */
	d = jobs(f, T0 + 6 * DAY, &whole, "acde", true);
	expect_spans(f, "backup_job", T0, T0 + 7 * DAY, EVIDENCE_HEAD,
	    "0.0 4.0 seen;4.0 6.0 rewritten;6.0 7.0 after;");
	expect_jobs(f, evidence_at(T0 + 5 * DAY, EVIDENCE_HEAD),
	    "a|1|0\nb|1|1\nc|1|2\nd|1|3\ne|1|4\n");
	expect_jobs(f, evidence_at(T0 + 6 * DAY, EVIDENCE_HEAD),
	    "a|1|0\nc|1|2\nd|1|3\ne|1|4\n");
	expect_jobs(f, evidence_at(T0 + 6 * DAY, d.entry),
	    "a|1|0\nb|1|1\nc|1|2\nd|1|3\n");
	/* It stays a fact that it happened. */
	expect_sql(f, evidence_period(T0, T0 + 2 * DAY, EVIDENCE_HEAD),
	    "SELECT job, valid_to IS NULL FROM backup_job_period ORDER BY 1",
	    "a|1\nb|0\n");
	/* Back again. */
	jobs(f, T0 + 8 * DAY, &whole, "abcde", true);
	expect_jobs(f, evidence_at(T0 + 9 * DAY, EVIDENCE_HEAD),
	    "a|1|0\nb|1|1\nc|1|2\nd|1|3\ne|1|4\n");
	ok(f, evidence_digest(f->ev, before, &f->e));
	ok(f, evidence_rebuild(f->ev, &f->e));
	ok(f, evidence_digest(f->ev, after, &f->e));
	assert_memory_equal(before, after, 32);
}

static void
test_depends(void **state)
{
	struct fixture *f = *state;
	struct cell row[] = { VULN1 };
	const struct schema_type *t[] = { schema_find_name("vulnerability"),
		schema_find_name("badge") };
	uint64_t upto;

	ok(f, evidence_depends(evidence_db(f->ev), t, 2, EVIDENCE_HEAD, &upto,
	    &f->e));
	assert_int_equal(upto, 0);
	struct evidence_done d = give(f, &(struct run_opts){ .at = T0 },
	    "vulnerability", row, 1);
	ok(f, evidence_depends(evidence_db(f->ev), t, 2, EVIDENCE_HEAD, &upto,
	    &f->e));
	assert_int_equal(upto, d.entry + 1);
	ok(f, evidence_depends(evidence_db(f->ev), t + 1, 1, EVIDENCE_HEAD,
	    &upto, &f->e));
	assert_int_equal(upto, 0);
}

int
main(void)
{
#define T(fn) cmocka_unit_test_setup_teardown(fn, fixture_setup, fixture_teardown)
	const struct CMUnitTest tests[] = {
		T(test_gaps),
		T(test_two_sources),
		T(test_cursors),
		T(test_rewritten),
		T(test_depends),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
