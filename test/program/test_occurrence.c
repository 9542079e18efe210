/* Occurrences of controls as a year goes by, and carrying them out. */
#include "fixture.h"

#include "program/occurrence.h"
#include "ledger/ledger.h"
#include "ledger/subject.h"
#include "program/perform.h"

static struct occurrences
look(struct fixture *f, const char *code, const char *at,
    const char *first, const char *last, bool closed)
{
	struct occurrence_book b;
	struct occurrences l = { 0 };
	struct occurrence_range range = { .first = day(first),
		.end = day(last) + 1, .closed = closed };
	size_t sum = 0;

	OK(f, occurrence_book_read(&f->a, &f->ws->records, f->ws->zone, NULL,
	    instant(at), &b, &f->e));
	OK(f, occurrence_of(&b, find(f, T_CONTROL, code), &range, &l, &f->e));
	for (int i = 0; i < OCCURRENCE_NSTATE; i++)
		sum += l.count[i];
	assert_int_equal(sum, l.n);
	return (l);
}

static int
perform(struct fixture *f, const char *at, const char *control, const char *on,
    const char *trigger, const char *evidence, struct occurrence *ret)
{
	struct occurrence_book b;
	struct occurrence o = { 0 };
	struct str id;
	/* AC-05 is shown by "review, user list IPE". */
	struct perform p = { .control = str_from(control), .on = str_from(on),
		.trigger = str_from(trigger), .performer = STR("E1"),
		.evidence = str_from(evidence), .without = STR("review, user") };

	clock_replace(instant(at));
	OK(f, occurrence_book_read(&f->a, &f->ws->records, f->ws->zone, NULL,
	    clock_now(), &b, &f->e));
	int r = perform_control(&f->a, &b, &f->ws->actor, &p, &id, &o, &f->e);
	if (r == 0 && ret != NULL)
		*ret = o;
	return (r);
}

static void
start(struct fixture *f)
{
	OK(f, put_at(f, "2025-12-02T08:00:00Z", "person",
	    "- code: E1\n  name: Ada Example\n  kind: employee\n"
	    "  start_on: 2025-01-01\n  state: active\n"));
	OK(f, put_at(f, NULL, "holiday",
	    "- day: 2026-07-03\n  name: Company day\n"));
	OK(f, put_at(f, NULL, "control",
	    "- code: AC-05\n  owner: E1\n  state: designed\n"));
	OK(f, put_at(f, NULL, "control",
	    "- code: AC-05\n  state: implemented\n  grace_days: 2\n"
	    "  effective_on: 2026-01-01\n"));
}

static void
test_quarters(void **state)
{
	struct fixture *f = *state;
	struct occurrence o;
	struct occurrences l;

	start(f);
	/* Nothing is done without what the control names as its evidence. */
	assert_int_equal(perform(f, "2026-02-01T09:00:00Z", "AC-05", NULL, NULL,
	    " ", NULL), -ERR_INPUT);
	assert_non_null(strstr(f->e.what, "review, user list"));
	OK(f, perform(f, "2026-02-01T09:00:00Z", "AC-05", NULL, NULL,
	    "list of users and the signed review, folder 7", &o));
	assert_int_equal(o.state, OCCURRENCE_ON_TIME);
	assert_int_equal(o.first, day("2026-01-01"));
	assert_int_equal(perform(f, "2026-02-02T09:00:00Z", "AC-05", "2026-02-02",
	    NULL, "again", NULL), -ERR_CONFLICT);
	assert_int_equal(perform(f, "2026-02-02T09:00:00Z", "AC-05", "2026-05-02",
	    NULL, "early", NULL), -ERR_INPUT);
	/* Grace ends on Thursday 2026-07-02; the day of the company does not
	 * matter, as it does not end on it. */
	OK(f, perform(f, "2026-07-02T21:59:59Z", "AC-05", "2026-06-30", NULL,
	    "x", &o));
	assert_int_equal(o.state, OCCURRENCE_ON_TIME);
	/* Q3 late, Q4 not at all. */
	OK(f, perform(f, "2026-11-02T12:00:00Z", "AC-05", "2026-09-01", NULL,
	    "x", &o));
	assert_int_equal(o.state, OCCURRENCE_LATE);
	l = look(f, "AC-05", "2027-02-01T00:00:00Z", "2026-01-01", "2026-12-31",
	    false);
	assert_int_equal(l.n, 4);
	assert_int_equal(l.count[OCCURRENCE_ON_TIME], 2);
	assert_int_equal(l.count[OCCURRENCE_LATE], 1);
	assert_int_equal(l.count[OCCURRENCE_EXPECTED], 1);
	assert_int_equal(l.overdue, 1);
	/* Of the period it is missed: it was not done in it and its grace. */
	l = look(f, "AC-05", "2027-02-01T00:00:00Z", "2026-01-01", "2026-12-31",
	    true);
	assert_int_equal(l.count[OCCURRENCE_MISSED], 1);
	/* As it was then: Q1 done, Q2 open, what comes later unknown of. */
	l = look(f, "AC-05", "2026-06-30T12:00:00Z", "2026-01-01", "2026-12-31",
	    false);
	assert_int_equal(l.count[OCCURRENCE_ON_TIME], 1);
	assert_int_equal(l.count[OCCURRENCE_EXPECTED], 1);
	assert_int_equal(l.overdue, 0);
	assert_int_equal(l.count[OCCURRENCE_NOT_DUE], 2);
	/* Done when it was missed already: shown, and missed all the same. */
	OK(f, perform(f, "2027-05-01T12:00:00Z", "AC-05", "2026-12-01", NULL,
	    "x", &o));
	assert_int_equal(o.state, OCCURRENCE_MISSED);
	assert_true(o.performed > 0);
}

/* A control that is changed or retired keeps the windows that it had. */
static void
test_history(void **state)
{
	struct fixture *f = *state;
	struct occurrences l;

	start(f);
	OK(f, put_at(f, "2026-08-15T08:00:00Z", "control",
	    "- code: AC-05\n  frequency: [annual]\n  effective_on: 2026-01-01\n"));
	l = look(f, "AC-05", "2026-08-20T00:00:00Z", "2026-01-01", "2026-12-31",
	    false);
	/* Q1 missed, Q2 overdue, Q3 until the change, the rest of the year. */
	assert_int_equal(l.n, 4);
	assert_int_equal(l.count[OCCURRENCE_MISSED], 1);
	assert_int_equal(l.overdue, 1);
	assert_int_equal(l.count[OCCURRENCE_NOT_DUE], 2);
	assert_int_equal(l.count[OCCURRENCE_EXPECTED], 1);
	OK(f, put_at(f, "2027-01-15T08:00:00Z", "control",
	    "- code: AC-05\n  state: retired\n  retired_on: 2026-01-02\n"));
	l = look(f, "AC-05", "2027-01-20T00:00:00Z", "2026-01-01", "2026-12-31",
	    true);
	assert_int_equal(l.count[OCCURRENCE_MISSED], 2);
	assert_int_equal(l.n, 4);
}

static void
test_triggers(void **state)
{
	struct fixture *f = *state;
	struct occurrence o;
	struct occurrences l;

	start(f);
	OK(f, put_at(f, NULL, "control",
	    "- code: IR-02\n  owner: E1\n  state: designed\n"));
	OK(f, put_at(f, NULL, "control",
	    "- code: IR-02\n  state: implemented\n  grace_days: 5\n"
	    "  effective_on: 2026-01-01\n"));
	OK(f, put_at(f, "2026-02-11T08:00:00Z", "trigger",
	    "- code: TRG-1\n  control: IR-02\n  what: an alert that was real\n"
	    "  happened_at: 2026-02-10T23:30:00+01:00\n"));
	l = look(f, "IR-02", "2026-02-12T00:00:00Z", "2026-01-01", "2026-02-28",
	    false);
	assert_int_equal(l.n, 2);
	assert_int_equal(l.at[0].state, OCCURRENCE_UNKNOWN); /* January */
	assert_int_equal(l.at[1].state, OCCURRENCE_EXPECTED);
	/* Five days after the tenth is a Sunday: Monday is on time. */
	assert_int_equal(l.at[1].last, day("2026-02-16"));
	OK(f, perform(f, "2026-02-16T22:30:00Z", "IR-02", NULL, "TRG-1",
	    "the ticket", &o));
	assert_int_equal(o.state, OCCURRENCE_ON_TIME);
	/* Nobody vouches for days that have not passed. */
	assert_int_equal(put_at(f, "2026-03-05T08:00:00Z", "trigger_log",
	    "- control: IR-02\n  starts_on: 2026-01-01\n  ends_on: 2026-03-31\n"
	    "  declared_by: E1\n  basis: compared with the alerts\n"), -ERR_INPUT);
	OK(f, put_at(f, NULL, "trigger_log",
	    "- control: IR-02\n  starts_on: 2026-01-01\n  ends_on: 2026-01-20\n"
	    "  declared_by: E1\n  basis: compared with the alerts\n"
	    "- control: IR-02\n  starts_on: 2026-01-21\n  ends_on: 2026-02-27\n"
	    "  declared_by: E1\n  basis: compared with the alerts\n"));
	l = look(f, "IR-02", "2026-03-06T00:00:00Z", "2026-01-01", "2026-03-31",
	    false);
	assert_int_equal(l.n, 4);
	assert_int_equal(l.at[0].state, OCCURRENCE_NOT_TRIGGERED);
	assert_int_equal(l.at[1].state, OCCURRENCE_ON_TIME);
	assert_int_equal(l.at[2].state, OCCURRENCE_UNKNOWN); /* the 28th */
	assert_int_equal(l.at[3].state, OCCURRENCE_NOT_DUE); /* March */
}

/* Performances stand, and are not told to have been earlier. */
static void
test_rules(void **state)
{
	struct fixture *f = *state;
	struct occurrence o;
	struct occurrences l;

	start(f);
	OK(f, perform(f, "2026-02-01T09:00:00Z", "AC-05", NULL, NULL, "x", &o));
	const char *id = arena_strndup(&f->a, o.performance.ptr,
	    o.performance.len);
	assert_int_equal(put_at(f, NULL, "performance", arena_printf(&f->a,
	    "- id: %s\n  evidence: something else\n", id)), -ERR_INPUT);
	assert_string_equal(f->e.what, "Evidence: a performance is not changed "
	    "after it was recorded");
	/* What is said to have been done in time counts when it was recorded. */
	OK(f, put_at(f, "2026-08-20T09:00:00Z", "performance",
	    "- control: AC-05\n  frequency: quarterly\n  window_from: 2026-04-01\n"
	    "  performer: E1\n  evidence: x\n"
	    "  performed_at: 2026-04-02T10:00:00Z\n"));
	l = look(f, "AC-05", "2026-08-21T00:00:00Z", "2026-04-01", "2026-06-30",
	    false);
	assert_int_equal(l.n, 1);
	assert_int_equal(l.at[0].state, OCCURRENCE_LATE);
	/* A retired one does not count; a passed holiday is not changed. */
	struct record_change c = { .type = schema_get(T_PERFORMANCE),
		.name = o.performance, .retire = true };
	struct record_result res;
	OK(f, record_apply(&f->ws->records, &f->a, &f->ws->actor, &c, 1, NULL,
	    &res, &f->e));
	l = look(f, "AC-05", "2026-08-21T00:00:00Z", "2026-01-01", "2026-03-31",
	    false);
	assert_int_equal(l.at[0].state, OCCURRENCE_MISSED);
	struct record *h = NULL;
	struct record_list hs;
	OK(f, record_list(&f->ws->records, &f->a, schema_get(T_HOLIDAY), NULL,
	    &hs, &f->e));
	h = &hs.at[0];
	assert_int_equal(put_at(f, NULL, "holiday", arena_printf(&f->a,
	    "- id: " STR_FMT "\n  day: 2026-07-06\n", STR_ARG(h->id))), -ERR_INPUT);
}

/* What people, incidents and the like call for needs no record of its own. */
static void
test_calls(void **state)
{
	struct fixture *f = *state;
	struct occurrence o;
	struct occurrences l;

	OK(f, calls_check(&f->e));
	start(f);
	OK(f, put_at(f, NULL, "control",
	    "- code: AC-03\n  owner: E1\n  state: designed\n"
	    "- code: IR-02\n  owner: E1\n  state: designed\n"));
	OK(f, put_at(f, NULL, "control",
	    "- code: AC-03\n  state: implemented\n  grace_days: 1\n"
	    "  effective_on: 2026-01-01\n"
	    "- code: IR-02\n  state: implemented\n  grace_days: 1\n"
	    "  effective_on: 2026-01-01\n"));
	OK(f, put_at(f, "2026-02-09T08:00:00Z", "person",
	    "- code: E2\n  name: Bo Example\n  kind: employee\n"
	    "  start_on: 2025-01-01\n  end_on: 2026-02-10\n  state: active\n"
	    "- code: A1\n  name: An Auditor\n  kind: external\n"
	    "  end_on: 2026-02-10\n"));
	/* No incident was ever recorded: nobody knows. */
	l = look(f, "IR-02", "2026-02-12T00:00:00Z", "2026-01-01", "2026-01-31",
	    false);
	assert_int_equal(l.n, 1);
	assert_int_equal(l.at[0].state, OCCURRENCE_UNKNOWN);
	l = look(f, "AC-03", "2026-02-09T12:00:00Z", "2026-01-01", "2026-02-28",
	    false);
	assert_int_equal(l.n, 2);
	assert_int_equal(l.at[0].state, OCCURRENCE_NOT_TRIGGERED);
	assert_true(str_is(l.at[0].note, "no leaver is on record"));
	assert_int_equal(l.at[1].state, OCCURRENCE_NOT_DUE);
	l = look(f, "AC-03", "2026-02-10T12:00:00Z", "2026-01-01", "2026-02-28",
	    false);
	assert_int_equal(l.n, 2);
	assert_int_equal(l.at[1].state, OCCURRENCE_EXPECTED);
	assert_true(str_is(record_str(l.at[1].trigger, F_TRIGGER_CODE),
	    "AC-03/leaver-E2"));
	assert_int_equal(perform(f, "2026-02-11T09:00:00Z", "AC-03", NULL,
	    "AC-03/leaver-E9", "the log", &o), -ERR_NOTFOUND);
	OK(f, perform(f, "2026-02-11T09:00:00Z", "AC-03", NULL,
	    "AC-03/leaver-E2", "the log", &o));
	assert_int_equal(o.state, OCCURRENCE_ON_TIME);
	assert_int_equal(perform(f, "2026-02-12T09:00:00Z", "AC-03", NULL,
	    "AC-03/leaver-E2", "the log", &o), -ERR_CONFLICT);
	/* The day is corrected afterwards: what was called for stays. */
	OK(f, put_at(f, "2026-02-13T08:00:00Z", "person",
	    "- code: E2\n  end_on: 2026-03-10\n"));
	l = look(f, "AC-03", "2026-04-05T00:00:00Z", "2026-01-01", "2026-03-31",
	    false);
	assert_int_equal(l.n, 3);
	assert_int_equal(l.at[1].state, OCCURRENCE_ON_TIME);
	assert_int_equal(l.at[2].state, OCCURRENCE_NOT_TRIGGERED);
}

/* Each piece that the control names, and the file itself. */
static void
test_evidence(void **state)
{
	struct fixture *f = *state;
	struct occurrence_book b;
	struct occurrence o = { 0 };
	BUF_SCOPED out = BUF_INIT;
	struct str id, name;
	struct perform p = { .control = STR("AC-05"), .performer = STR("E1"),
		.evidence = STR("Reviewed on 1 February"),
		.file_name = STR("users.csv"), .file = STR("ada,admin\n"),
		.file_class = STR("confidential") };
	struct record_reader reader;
	struct record_actor employee = { .id = STR("user:x"),
		.roles = ROLE_EMPLOYEE };

	start(f);
	clock_replace(instant("2026-02-01T09:00:00Z"));
	OK(f, occurrence_book_read(&f->a, &f->ws->records, f->ws->zone, NULL,
	    clock_now(), &b, &f->e));
	p.file_name = STR("a.csv");
	assert_int_equal(perform_control(&f->a, &b, &f->ws->actor, &p, &id, &o,
	    &f->e), -ERR_INPUT);
	assert_string_equal(f->e.what, "it is shown by review, user list IPE; "
	    "nothing is said of: user list IPE");
	p.file_name = STR("users.csv");
	p.file_class = STR("secret");
	assert_int_equal(perform_control(&f->a, &b, &f->ws->actor, &p, &id, &o,
	    &f->e), -ERR_INPUT);
	p.file_class = STR("confidential");
	p.file = STR("");
	assert_int_equal(perform_control(&f->a, &b, &f->ws->actor, &p, &id, &o,
	    &f->e), -ERR_INPUT);
	assert_string_equal(f->e.what, "the file is empty, and shows nothing");
	p.file = STR("ada,admin\n");
	OK(f, perform_control(&f->a, &b, &f->ws->actor, &p, &id, &o, &f->e));
	assert_true(str_is(o.file, "users.csv"));
	OK(f, perform_file(&f->ws->records, &f->a, NULL, id, &out, &name, &f->e));
	assert_true(str_eq(buf_str(&out), p.file) && str_is(name, "users.csv"));
	record_reader_init(&reader, NULL, &employee);
	assert_int_equal(perform_file(&f->ws->records, &f->a, &reader, id, &out,
	    &name, &f->e), -ERR_DENIED);
	record_reader_free(&reader);
	/* Its key goes, and nothing else. */
	struct record *r = find(f, T_PERFORMANCE, arena_strndup(&f->a, id.ptr,
	    id.len));
	struct entry x;
	OK(f, ledger_entry(f->ws->ledger, &f->a, (uint64_t)record_int(r,
	    F_PERFORMANCE_FILE_ENTRY, 0), &x, &f->e));
	char *subject = arena_printf(&f->a, "file/" STR_FMT, STR_ARG(x.id));
	OK(f, subject_destroy(f->ws->keys, str_from(subject), NULL, &f->e));
	assert_int_equal(perform_file(&f->ws->records, &f->a, NULL, id, &out,
	    &name, &f->e), -ERR_ERASED);
	assert_true(str_is(record_str(r, F_PERFORMANCE_FILE_NAME), "users.csv"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_quarters, setup, teardown),
		cmocka_unit_test_setup_teardown(test_history, setup, teardown),
		cmocka_unit_test_setup_teardown(test_triggers, setup, teardown),
		cmocka_unit_test_setup_teardown(test_calls, setup, teardown),
		cmocka_unit_test_setup_teardown(test_rules, setup, teardown),
		cmocka_unit_test_setup_teardown(test_evidence, setup, teardown),
	};

	return (cmocka_run_group_tests_name("occurrence", tests, NULL, NULL));
}
