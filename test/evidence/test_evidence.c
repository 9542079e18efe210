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

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_forward, fixture_setup,
		    fixture_teardown),
		cmocka_unit_test_setup_teardown(test_rebuild, fixture_setup,
		    fixture_teardown),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
