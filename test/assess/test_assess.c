/*
 * The engine as a whole: procedures that are wrong, recording and reuse,
 * exceptions, and results that depend on nothing but what they name.
 */
#include "assess/fixture.h"

#include "assess/readiness.h"

#define AT INT64_C(1768003200000000) /* 2026-01-10T00:00:00Z */

static const char people[] =
    "SELECT subject, employee_id AS label, from_us, to_us FROM hr_person_period";

static void
write_file(struct world *w, const char *name, const char *body)
{
	char *dir = arena_printf(&w->a, "%s/procedures", w->dir);

	ok(w, file_mkdirs(dir, 0700, &w->e));
	FILE *f = fopen(arena_printf(&w->a, "%s/%s", dir, name), "w");
	assert_non_null(f);
	fputs(body, f);
	fclose(f);
}

static void
write_procedure(struct world *w, const char *id, const char *population,
    const char *verdicts)
{
	write_file(w, arena_printf(&w->a, "%s.sql", id), arena_printf(&w->a,
	    "-- id: %s\n-- title: T\n-- control: AC-03\n-- kind: state\n"
	    "-- mode: both\n-- tests: t\n-- passes: p\n-- fails: f\n"
	    "-- matters: m\n-- remediation: r\n-- param n int 7: A number\n"
	    "-- population\n%s\n-- verdicts\n%s\n", id, population, verdicts));
}

/* Two people, from 2026-01-01 on. */
static void
give_people(struct world *w, int64_t at, const char *second)
{
	const struct schema_type *t = schema_find_name("hr_person");
	struct evidence_run_spec spec = { .source = STR("hr"), .name = STR("hr"),
		.collector = STR("test/1"), .actor = STR("test"), .at = at,
		.started = at, .max_gap_s = 400 * 86400 };
	struct evidence_run *run;
	struct evidence_done done;

	ok(w, evidence_run_begin(w->ev, &spec, &run, &w->e));
	ok(w, evidence_table_begin(run, t, NULL, &w->e));
	for (int i = 0; i < 2; i++) {
		struct cell c[F_HR_PERSON_KIND + 1] = { 0 };
		c[F_HR_PERSON_EMPLOYEE_ID] = CELL_STR(i == 0 ? STR("E1") :
		    str_from(second));
		c[F_HR_PERSON_NAME] = CELL_STR(STR("N"));
		c[F_HR_PERSON_START_DATE] = CELL_STR(STR("2025-01-01"));
		c[F_HR_PERSON_KIND] = CELL_STR(STR("employee"));
		ok(w, evidence_row(run, c, &w->e));
	}
	ok(w, evidence_table_end(run, EVIDENCE_COMPLETE, -1, NULL, &w->e));
	ok(w, evidence_run_commit(run, at, &done, &w->e));
}

static struct assess_result *
run_one(struct world *w, const char *id, const struct assess_options *opt)
{
	const struct procedure **procs;
	struct assess_result *r;
	struct assess *as;
	size_t n;

	ok(w, assess_open(&as, w->ws, w->ev, &w->e));
	ok(w, assess_select(&w->a, as, &id, 1, &procs, &n, &w->e));
	assert_int_equal(n, 1);
	ok(w, assess_run(&w->a, as, procs, n, opt, &r, &w->e));
	r->procedure = NULL; /* it goes with the handle */
	assess_close(as);
	return (r);
}

static uint64_t
entries(struct world *w)
{
	struct ledger_head h;

	ok(w, ledger_head(w->ws->ledger, &h, &w->e));
	return (h.size);
}

/* --- procedures that are wrong --------------------------------------------------- */

#define OKAY                                                                   \
	"SELECT subject, 'ok' AS status, '' AS reason, from_us, to_us,"        \
	" NULL AS evidence FROM hr_person_period"

static const struct {
	const char *population; /* NULL: people */
	const char *verdicts;
	const char *what;
	int line; /* of the file */
} wrong[] = {
	{ NULL, "SELEKT 1", "near \"SELEKT\": syntax error", 15 },
	{ NULL, "SELECT subject\nFROM nowhere", "no such table: nowhere", 15 },
	{ NULL, "SELECT subject\n  FRM nowhere", "near \"nowhere\": syntax error", 16 },
	{ NULL, "SELECT 1 AS subject", "the verdicts lacks the column \"status\"", 15 },
	{ NULL, OKAY ", hr_person_period", "ambiguous column name: subject", 15 },
	{ NULL, "SELECT subject, 'ok' AS verdict, '' AS reason, from_us, to_us,"
		" NULL AS evidence FROM hr_person_period",
	    "column 2 of the verdicts is \"verdict\", not \"status\"", 15 },
	{ NULL, "SELECT subject, 'ok' AS status, '' AS reason, from_us, to_us,"
		" NULL AS evidence, 1 AS more FROM hr_person_period",
	    "the verdicts has a column too many: \"more\"", 15 },
	{ NULL, "SELECT subject, 'ok' AS status, '' AS reason, from_us / 2.0 AS"
		" from_us, to_us, NULL AS evidence FROM hr_person_period",
	    "column \"from_us\" of the verdicts is a floating point number", 15 },
	{ NULL, "SELECT subject, 'ok' AS status, 12 AS reason, from_us, to_us,"
		" NULL AS evidence FROM hr_person_period",
	    "column \"reason\" of the verdicts is an integer", 15 },
	{ NULL, "SELECT subject, NULL AS status, '' AS reason, from_us, to_us,"
		" NULL AS evidence FROM hr_person_period",
	    "column \"status\" of the verdicts is null", 15 },
	{ NULL, "SELECT subject, 'splendid' AS status, '' AS reason, from_us,"
		" to_us, NULL AS evidence FROM hr_person_period",
	    "\"splendid\" is no verdict (for subject \"E1\")", 15 },
	{ NULL, "SELECT subject, 'exempt' AS status, '' AS reason, from_us,"
		" to_us, NULL AS evidence FROM hr_person_period",
	    "the verdict exempt for subject \"E1\"", 15 },
	{ NULL, OKAY " UNION ALL SELECT 'E9', 'ok', '', :from, :to, NULL",
	    "a verdict for \"E9\", who is not in the population", 15 },
	{ NULL, OKAY " UNION ALL " OKAY,
	    "verdicts overlap for subject \"E1\": ok from 2026-01-10T00:00:00Z to "
	    "2026-01-10T00:00:00.000001Z, ok from 2026-01-10T00:00:00Z to "
	    "2026-01-10T00:00:00.000001Z", 15 },
	{ NULL, "SELECT subject, 'ok' AS status, '' AS reason, from_us, to_us + 1"
		" AS to_us, NULL AS evidence FROM hr_person_period",
	    "a verdict outside the population's time for subject \"E1\": from "
	    "2026-01-10T00:00:00Z to 2026-01-10T00:00:00.000002Z", 15 },
	{ "SELECT subject, subject AS label, from_us FROM hr_person_period", OKAY,
	    "the population lacks the column \"to_us\"", 13 },
	{ "SELECT subject, subject AS label, to_us AS from_us, from_us AS to_us"
	  " FROM hr_person_period", OKAY,
	    "an interval of the population that does not end after it begins for "
	    "subject \"E1\": from 2026-01-10T00:00:00.000001Z to "
	    "2026-01-10T00:00:00Z", 13 },
	{ NULL, OKAY " WHERE :mystery = 1", "the query names a parameter that it does"
	    " not have: :mystery", 15 },
};

static void
test_wrong(void **state)
{
	struct assess_options opt = { .record = true,
		.time = { .from = AT, .to = AT + 1 } };
	struct world w;

	(void)state;
	world_open(&w);
	give_people(&w, AT - CLOCK_DAY, "E2");
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		char where[512];
		write_procedure(&w, "own-wrong", wrong[i].population != NULL ?
		    wrong[i].population : people, wrong[i].verdicts);
		uint64_t before = entries(&w);
		struct assess_result *r = run_one(&w, "own-wrong", &opt);
		snprintf(where, sizeof(where), "%s/procedures/own-wrong.sql:%d", w.dir,
		    wrong[i].line);
		assert_int_equal(r->error.code, ERR_INPUT);
		assert_string_equal(r->error.what, wrong[i].what);
		assert_string_equal(r->error.where, where);
		assert_int_equal(r->outcome, ASSESS_INDETERMINATE);
		assert_false(assess_yes(r, 1));
		assert_int_equal(entries(&w), before);
	}
	world_close(&w);
}

static void
test_refused(void **state)
{
	static const char *const sql[] = { "DELETE FROM hr_person",
		"INSERT INTO \"hr_person!v\" DEFAULT VALUES", "DROP TABLE \"!run\"",
		"ATTACH '/tmp/x.db' AS x", "PRAGMA journal_mode=DELETE",
		"CREATE TABLE x(y)", "SELECT * FROM \"hr_person!v\"",
		OKAY " WHERE random() > 0", OKAY "; DELETE FROM hr_person" };
	struct assess_options opt = { .time = { .from = AT, .to = AT + 1 } };
	struct world w;

	(void)state;
	world_open(&w);
	give_people(&w, AT - CLOCK_DAY, "E2");
	for (size_t i = 0; i < sizeof(sql) / sizeof(sql[0]); i++) {
		write_procedure(&w, "own-refused", people, sql[i]);
		uint64_t before = entries(&w);
		struct assess_result *r = run_one(&w, "own-refused", &opt);
		assert_int_equal(r->error.code, ERR_INPUT);
		assert_non_null(strstr(r->error.where, "own-refused.sql:15"));
		assert_int_equal(entries(&w), before);
	}
	world_close(&w);
}

static void
test_endless(void **state)
{
	struct assess_options opt = { .time = { .from = AT, .to = AT + 1 },
		.timeout_us = 300000 };
	struct world w;

	(void)state;
	world_open(&w);
	give_people(&w, AT - CLOCK_DAY, "E2");
	write_procedure(&w, "own-endless", people, "WITH RECURSIVE c(x) AS (SELECT 1"
	    " UNION ALL SELECT x + 1 FROM c) SELECT subject, 'ok' AS status,"
	    " '' AS reason, from_us, to_us, NULL AS evidence"
	    " FROM hr_person_period WHERE (SELECT max(x) FROM c) > 0");
	struct assess_result *r = run_one(&w, "own-endless", &opt);
	assert_int_equal(r->error.code, ERR_TIMEOUT);
	world_close(&w);
}

/* --- results --------------------------------------------------------------------- */

static void
test_record_and_reuse(void **state)
{
	struct assess_options opt = { .record = true, .keep_bytes = true,
		.time = { .period = true, .from = AT, .to = AT + 5 * CLOCK_DAY } };
	struct world w;

	(void)state;
	world_open(&w);
	give_people(&w, AT - CLOCK_DAY, "E2");
	write_procedure(&w, "own-good", people, OKAY);
	uint64_t before = entries(&w);
	struct assess_result *a = run_one(&w, "own-good", &opt);
	assert_int_equal(a->error.code, ERR_OK);
	assert_int_equal(a->outcome, ASSESS_NO_EXCEPTIONS);
	assert_int_equal(a->members, 2);
	assert_false(a->reused);
	assert_int_equal(entries(&w), before + 2); /* its adoption, and it */
	assert_int_equal(a->entry, before + 1);
	/* Nothing changed: nothing is run, nothing is recorded. */
	struct assess_result *b = run_one(&w, "own-good", &opt);
	assert_true(b->reused);
	assert_int_equal(b->entry, a->entry);
	assert_memory_equal(a->sha256, b->sha256, 32);
	assert_true(str_eq(a->bytes, b->bytes));
	opt.force = true;
	b = run_one(&w, "own-good", &opt);
	assert_false(b->reused);
	assert_true(str_eq(a->bytes, b->bytes));
	assert_int_equal(entries(&w), before + 2);
	opt.force = false;
	/* A rebuilt projection gives the same bytes. */
	ok(&w, evidence_rebuild(w.ev, &w.e));
	opt.force = true;
	b = run_one(&w, "own-good", &opt);
	assert_true(str_eq(a->bytes, b->bytes));
	opt.force = false;
	/* Another text of the procedure is another procedure. */
	write_procedure(&w, "own-good", people, OKAY " -- changed");
	b = run_one(&w, "own-good", &opt);
	assert_false(b->reused);
	assert_int_equal(b->entry, before + 3); /* adopted anew */
	/* New evidence of a table that it reads. */
	give_people(&w, AT + CLOCK_DAY, "E3");
	b = run_one(&w, "own-good", &opt);
	assert_false(b->reused);
	assert_int_equal(b->members, 3);
	/* As it was known before. */
	opt.known_at = a->entry;
	b = run_one(&w, "own-good", &opt);
	assert_int_equal(b->members, 2);
	world_close(&w);
}

/* Several at once, each with its result alone; in order of their ids. */
static struct assess_result *
run_ids(struct world *w, const char *const *ids, size_t n,
    const struct assess_options *opt)
{
	const struct procedure **procs;
	struct assess_result *r;
	struct assess *as;
	size_t k;

	ok(w, assess_open(&as, w->ws, w->ev, &w->e));
	ok(w, assess_select(&w->a, as, ids, n, &procs, &k, &w->e));
	assert_int_equal(k, n);
	ok(w, assess_run(&w->a, as, procs, n, opt, &r, &w->e));
	assess_close(as);
	return (r);
}

/* What one procedure was told of a population does not change another. */
static void
test_shared_population(void **state)
{
	static const char *const ids[] = { "own-few", "own-fine", "own-grave",
		"own-many", "own-other", "own-worse", "own-wrong" };
	static const char param[] =
	    "SELECT subject, employee_id AS label, from_us, to_us"
	    " FROM hr_person_period WHERE :n > 7";
	static const char fails[] =
	    "SELECT subject, 'fail' AS status, 'because ' || name AS reason,"
	    " from_us, to_us, employee_id AS evidence FROM hr_person_period";
	struct assess_options opt = { .keep_bytes = true, .force = true,
		.time = { .period = true, .from = AT - 2 * CLOCK_DAY,
			.to = AT + 5 * CLOCK_DAY } };
	struct world w;

	(void)state;
	world_open(&w);
	give_people(&w, AT - CLOCK_DAY, "E2");
	give_people(&w, AT + CLOCK_DAY, "E3");
	write_procedure(&w, "own-fine", people, OKAY);
	write_procedure(&w, "own-grave", people, fails);
	write_procedure(&w, "own-wrong", people, "SELECT 1 / 0 AS subject");
	write_procedure(&w, "own-worse", people, fails);
	write_procedure(&w, "own-other", "SELECT subject, name AS label, from_us,"
	    " to_us FROM hr_person_period", fails);
	/* The same text with another value is another population. */
	write_procedure(&w, "own-few", param, "SELECT subject, 'ok' AS status,"
	    " '' AS reason, from_us, to_us, NULL AS evidence FROM"
	    " hr_person_period WHERE :n > 7");
	write_procedure(&w, "own-many", param, fails);
	write_file(&w, "parameters", "own-many n 8\n");
	for (opt.workers = 1; opt.workers < 4; opt.workers++) {
		struct assess_result *r = run_ids(&w, ids, 7, &opt);
		for (size_t i = 0; i < 7; i++) {
			struct assess_result *alone = run_one(&w, ids[i], &opt);
			assert_int_equal(r[i].error.code, alone->error.code);
			assert_string_equal(r[i].error.where, alone->error.where);
			assert_true(str_eq(r[i].bytes, alone->bytes));
		}
		assert_int_equal(r[0].members, 0);
		assert_int_equal(r[1].members, 3);
		assert_int_equal(r[2].intervals[ASSESS_FAIL], 3);
		assert_int_equal(r[3].members, 3);
		assert_int_equal(r[6].error.code, ERR_INPUT);
	}
	world_close(&w);
}

/* Results that are larger than what waits to be recorded, side by side. */
static void
test_large_results(void **state)
{
	static const char *const ids[] = { "own-a", "own-b", "own-c", "own-d" };
	struct assess_options opt = { .record = true, .max_items = 1,
		.workers = 3, .time = { .period = true, .from = AT,
			.to = AT + CLOCK_DAY } };
	struct assess_result *r, *again;
	struct world w;

	(void)state;
	world_open(&w);
	for (size_t i = 0; i < 4; i++)
		write_procedure(&w, ids[i], "WITH RECURSIVE c(x) AS (SELECT 1 UNION"
		    " ALL SELECT x + 1 FROM c LIMIT 3000) SELECT 'm' || x AS subject,"
		    " printf('%03500d', x) AS label, :from AS from_us, :to AS to_us"
		    " FROM c", "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT"
		    " x + 1 FROM c LIMIT 3000) SELECT 'm' || x AS subject, 'fail' AS"
		    " status, '' AS reason, :from AS from_us, :to AS to_us, '' AS"
		    " evidence FROM c");
	uint64_t before = entries(&w);
	r = run_ids(&w, ids, 4, &opt);
	for (size_t i = 0; i < 4; i++) {
		assert_int_equal(r[i].error.code, ERR_OK);
		assert_int_equal(r[i].subjects[ASSESS_FAIL], 3000);
		/* Each after its adoption, in their order. */
		assert_int_equal(r[i].entry, before + 2 * i + 1);
	}
	opt.hash = true;
	again = run_ids(&w, ids, 4, &opt);
	for (size_t i = 0; i < 4; i++) {
		assert_true(again[i].reused);
		assert_memory_equal(again[i].sha256, r[i].sha256, 32);
	}
	world_close(&w);
}

static void
test_parameters(void **state)
{
	struct assess_options opt = { .time = { .from = AT, .to = AT + 1 } };
	struct world w;

	(void)state;
	world_open(&w);
	give_people(&w, AT - CLOCK_DAY, "E2");
	write_procedure(&w, "own-param", people, "SELECT subject, iif(:n = 7, 'ok',"
	    " 'fail') AS status, '' AS reason, from_us, to_us, NULL AS evidence"
	    " FROM hr_person_period");
	struct assess_result *a = run_one(&w, "own-param", &opt);
	assert_int_equal(a->outcome, ASSESS_NO_EXCEPTIONS);
	write_file(&w, "parameters", "# ours\n\nown-param n 8\n");
	struct assess_result *b = run_one(&w, "own-param", &opt);
	assert_int_equal(b->outcome, ASSESS_EXCEPTIONS);
	assert_int_equal(b->subjects[ASSESS_FAIL], 2);
	world_close(&w);
}

static void
test_exempt(void **state)
{
	struct assess_options opt = { .time = { .period = true, .from = AT,
		.to = AT + 10 * CLOCK_DAY } };
	struct world w;

	(void)state;
	world_open(&w);
	give_people(&w, AT - CLOCK_DAY, "E2");
	write_procedure(&w, "own-bad", people, "SELECT subject, 'fail' AS status,"
	    " 'bad' AS reason, from_us, to_us, NULL AS evidence"
	    " FROM hr_person_period");
	struct assess_result *r = run_one(&w, "own-bad", &opt);
	assert_int_equal(r->subjects[ASSESS_FAIL], 2);
	static const char yaml[] =
	    "- {type: person, code: P1, name: A, kind: employee}\n"
	    "- {type: person, code: P2, name: B, kind: employee}\n"
	    "- {type: exception, code: EX-1, tbl: hr_person,"
	    " subject_id: E1, procedure: own-bad,"
	    " reason: r, requester: P1, approver: P2, starts_on: 2026-01-12,"
	    " expires: 2026-01-14}\n";
	struct val *list;
	ok(&w, yaml_parse(&w.a, "x", str_from(yaml), &list, &w.e));
	for (size_t i = 0; i < 3; i++)
		give_record(&w, list->u.list.at[i]);
	ok(&w, evidence_catch_up(w.ev, &w.e));
	/* Asked for is not approved. */
	r = run_one(&w, "own-bad", &opt);
	assert_int_equal(r->intervals[ASSESS_EXEMPT], 0);
	struct val *step = val_map(&w.a);
	val_put(&w.a, step, "state", val_text(&w.a, "approved"));
	ok(&w, record_put(&w.ws->records, &w.a, &w.ws->actor,
	    schema_find_name("exception"), STR("EX-1"), step, NULL, &w.e));
	ok(&w, evidence_catch_up(w.ev, &w.e));
	r = run_one(&w, "own-bad", &opt);
	assert_int_equal(r->outcome, ASSESS_EXCEPTIONS);
	assert_int_equal(r->intervals[ASSESS_EXEMPT], 1);
	assert_int_equal(r->nitems, 4);
	assert_true(str_is(r->items[1].by, "EX-1"));
	assert_int_equal(r->items[1].from, AT + 2 * CLOCK_DAY);
	assert_int_equal(r->items[1].to, AT + 5 * CLOCK_DAY);
	world_close(&w);
}

static void
test_select(void **state)
{
	static const char *const by_control[] = { "AC-03" },
	    *const by_criterion[] = { "CC8.1" }, *const nothing[] = { "ZZ-99" };
	const struct procedure **procs;
	struct assess *as;
	struct world w;
	size_t n;

	(void)state;
	world_open(&w);
	ok(&w, assess_open(&as, w.ws, w.ev, &w.e));
	ok(&w, assess_select(&w.a, as, by_control, 1, &procs, &n, &w.e));
	assert_int_equal(n, 3);
	assert_true(str_is(procs[0]->id, "leaver-account-access"));
	ok(&w, assess_select(&w.a, as, by_criterion, 1, &procs, &n, &w.e));
	assert_int_equal(n, 4);
	assert_int_equal(assess_select(&w.a, as, nothing, 1, &procs, &n, &w.e),
	    -ERR_NOTFOUND);
	assess_close(as);
	world_close(&w);
}

/* --- readiness ------------------------------------------------------------------- */

static const struct readiness_criterion *
criterion(const struct readiness *r, const char *id)
{
	for (size_t i = 0; i < r->ncriteria; i++)
		if (str_is(r->criteria[i].id, id))
			return (&r->criteria[i]);
	return (NULL);
}

static void
test_readiness(void **state)
{
	struct assess_options opt = { .record = true };
	struct readiness *r;
	struct assess *as;
	struct world w;

	(void)state;
	world_open(&w);
	int64_t before = clock_now();
	ok(&w, assess_open(&as, w.ws, w.ev, &w.e));
	ok(&w, readiness_read(&w.a, as, INT64_MAX, &r, &w.e));
	assert_int_equal(r->ncriteria, 61);
	assert_int_equal(r->count[READINESS_OUT_OF_SCOPE], 28);
	assert_int_equal(r->count[READINESS_MISSING], 33);
	assert_int_equal(criterion(r, "CC6.1")->readiness, READINESS_MISSING);
	assert_int_equal(criterion(r, "A1.2")->readiness, READINESS_OUT_OF_SCOPE);
	assert_true(criterion(r, "CC6.1")->ncontrols > 5);
	assert_true(r->ngaps > 5);
	assess_close(as);

	/* A control in place whose tests find exceptions. */
	clock_replace(AT);
	static const char yaml[] = "- {type: person, code: P1, name: A,"
	    " kind: employee}\n- {type: control, code: GV-11, title: t,"
	    " statement: s, kind: manual, frequency: annual, owner: P1,"
	    " states: [designed, implemented]}\n";
	struct val *list;
	ok(&w, yaml_parse(&w.a, "x", str_from(yaml), &list, &w.e));
	for (size_t i = 0; i < 2; i++)
		give_record(&w, list->u.list.at[i]);
	ok(&w, evidence_catch_up(w.ev, &w.e));
	opt.time = (struct assess_time){ .from = AT, .to = AT + 1 };
	run_one(&w, "policies-current", &opt);
	ok(&w, assess_open(&as, w.ws, w.ev, &w.e));
	ok(&w, readiness_read(&w.a, as, INT64_MAX, &r, &w.e));
	assert_int_equal(criterion(r, "CC5.3")->readiness, READINESS_EXCEPTIONS);
	/* As it was before. */
	ok(&w, readiness_read(&w.a, as, before, &r, &w.e));
	assert_int_equal(criterion(r, "CC5.3")->readiness, READINESS_MISSING);
	assess_close(as);
	world_close(&w);
}

static int
setup(void **state)
{
	(void)state;
	world_make_template();
	return (0);
}

static int
teardown(void **state)
{
	(void)state;
	world_drop_template();
	return (0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_wrong),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_endless),
		cmocka_unit_test(test_record_and_reuse),
		cmocka_unit_test(test_shared_population),
		cmocka_unit_test(test_large_results),
		cmocka_unit_test(test_parameters),
		cmocka_unit_test(test_exempt),
		cmocka_unit_test(test_select),
		cmocka_unit_test(test_readiness),
	};

	return (cmocka_run_group_tests(tests, setup, teardown));
}
