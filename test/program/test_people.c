/* The roster as a plan of differences, and checklists from it. */
#include "fixture.h"

#include "program/checklists.h"
#include "program/people.h"
#include "program/task.h"

static struct people_plan plan;

static int
import(struct fixture *f, const char *at, const char *csv,
    struct people_options o)
{
	struct act x = { .a = &f->a, .ws = f->ws, .who = f->ws->actor };
	struct record_result res = { 0 };

	clock_replace(instant(at));
	int r = people_plan(&x, "r.csv", str_from(csv), &o, &plan, &f->e);
	if (r == 0)
		r = people_apply(&x, &plan, false, &res, &f->e);
	return (r);
}

static void
state_is(struct fixture *f, const char *code, const char *state,
    const char *end)
{
	struct record *r = find(f, T_PERSON, code);

	assert_true(str_is(record_str(r, F_PERSON_STATE), state));
	assert_true(str_is(record_str(r, F_PERSON_END_ON), end));
}

#define HEAD "Employee No,Name,Email,Role,Manager,First day,End\n"

static void
test_roster(void **state)
{
	struct fixture *f = *state;
	struct people_map map[] = { { STR("code"), STR("Employee No") },
		{ STR("start_on"), STR("First day") } };
	struct people_options o = { .map = map, .nmap = 2, .whole = true,
		.leavers = -1 };

	OK(f, import(f, "2026-01-05T08:00:00Z", HEAD
	    "E1,Ada,ada@example.org,Software engineer,E2,2025-01-01,\n"
	    "E2,Bo,bo@example.org,Head,,2025-01-01,\n"
	    "E3,Cy,cy@example.org,Sales,E2,2026-02-01,\n", o));
	assert_int_equal(plan.count[PEOPLE_JOINS], 3);
	state_is(f, "E1", "active", "");
	state_is(f, "E3", "preboarding", "");
	assert_true(str_eq(record_str(find(f, T_PERSON, "E1"), F_PERSON_MANAGER),
	    find(f, T_PERSON, "E2")->id));
	/* The same again changes nothing. */
	OK(f, import(f, "2026-01-06T08:00:00Z", HEAD
	    "E1,Ada,ada@example.org,Software engineer,E2,2025-01-01,\n"
	    "E2,Bo,bo@example.org,Head,,2025-01-01,\n"
	    "E3,Cy,cy@example.org,Sales,E2,2026-02-01,\n", o));
	assert_int_equal(plan.count[PEOPLE_SAME], 3);
	assert_int_equal(plan.nchanges, 0);
	/* One starts, one is to leave and then has, one is not in it. */
	OK(f, import(f, "2026-02-02T08:00:00Z", HEAD
	    "E1,Ada Two,ada@example.org,Software engineer,E2,2025-01-01,"
	    "2026-02-01\nE3,Cy,cy@example.org,Sales,E2,2026-02-01,\n", o));
	assert_int_equal(plan.count[PEOPLE_LEAVES], 2);
	assert_int_equal(plan.count[PEOPLE_CHANGES], 1);
	assert_true(str_is(plan.lines[0].fields, "name, end_on, state"));
	state_is(f, "E1", "ended", "2026-02-01");
	state_is(f, "E2", "ended", "2026-02-02");
	state_is(f, "E3", "active", "");
	/* One comes back. */
	OK(f, import(f, "2026-03-02T08:00:00Z", HEAD
	    "E1,Ada Two,ada@example.org,Software engineer,,2025-01-01,\n"
	    "E3,Cy,cy@example.org,Sales,E1,2026-02-01,\n", o));
	assert_int_equal(plan.count[PEOPLE_RETURNS], 1);
	state_is(f, "E1", "active", "");
}

static void
test_refused(void **state)
{
	static const struct {
		const char *csv, *what, *where;
	} bad[] = {
		{ "", "the file is empty", "r.csv:1" },
		{ "name\nAda\n", "no column says who is meant", "r.csv:1" },
		{ "code,name,Name\n", "two columns are the same field", "r.csv:1" },
		{ "code,name\n,Ada\n", "a row has no code", "r.csv:2" },
		{ "code,name\nE1,a\nE1,b\n", "the same code stands in the file twice",
		    "r.csv:3" },
		{ "code,name,start_on\nE1,a,1.2.2026\n", NULL, "r.csv:2" },
		{ "code,name,manager\nE1,a,E99\n", NULL, "r.csv:2" },
	};
	struct fixture *f = *state;
	struct people_options o = { .leavers = -1 };
	BUF_SCOPED many = BUF_INIT;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_not_equal(import(f, "2026-01-05T08:00:00Z", bad[i].csv,
		    o), 0);
		if (bad[i].what != NULL)
			assert_string_equal(f->e.what, bad[i].what);
		assert_true(str_starts(str_from(f->e.where), bad[i].where));
	}
	/* A file that was cut off does not end everybody. */
	buf_puts(&many, "code,name,start_on\n");
	for (int i = 0; i < 20; i++)
		buf_printf(&many, "E%d,Person,2025-01-01\n", i);
	OK(f, import(f, "2026-01-05T08:00:00Z", many.ptr, o));
	o.whole = true;
	assert_int_equal(import(f, "2026-01-05T08:00:00Z", "code,name,start_on\n"
	    "E0,Person,2025-01-01\n", o), -ERR_LIMIT);
	state_is(f, "E5", "active", "");
	o.leavers = 19;
	OK(f, import(f, "2026-01-05T08:00:00Z", "code,name,start_on\n"
	    "E0,Person,2025-01-01\n", o));
	state_is(f, "E5", "ended", "2026-01-05");
}

static void
test_checklists(void **state)
{
	struct fixture *f = *state;
	struct act x = { .a = &f->a, .ws = f->ws, .who = f->ws->actor };
	struct people_options o = { .leavers = -1 };
	struct checklists_template t, own;
	struct settings settings;
	struct task_desk d;
	struct task_list l;
	struct record *r;
	size_t n = 9;

	OK(f, import(f, "2026-01-05T08:00:00Z", "code,name,role,manager,start_on,"
	    "end_on\nE1,Ada,Software engineer,E2,2026-01-12,\n"
	    "E2,Bo,Head,,2020-01-01,\nE3,Cy,Sales,E2,2024-01-01,2026-01-30\n"
	    "E4,Di,Sales,E2,2024-01-01,2025-06-30\n", o));
	OK(f, put_at(f, NULL, "control", "- {code: AC-03, owner: E2}\n"));
	OK(f, checklists_load(&x, &t, &f->e));
	OK(f, checklists_make(&x, &t, &n, &f->e));
	assert_int_equal(n, 2); /* of who comes and who goes, not long ago */
	OK(f, checklists_make(&x, &t, &n, &f->e));
	assert_int_equal(n, 0);
	r = find(f, T_CHECKLIST, "ON-E1-2026-01-12");
	assert_true(str_is(record_str(r, F_CHECKLIST_DUE_ON), "2026-02-23"));
	OK(f, settings_parse(&f->a, f->dir, STR(""), &settings, &f->e));
	clock_replace(instant("2026-01-20T08:00:00Z"));
	OK(f, task_desk_open(&f->a, f->ws, &settings, NULL, NULL, &d, &f->e));
	OK(f, task_inbox(&d, find(f, T_PERSON, "E1")->id, &l, &f->e));
	assert_int_equal(l.n, 4);
	/* What is kept as a record of its own is asked for by that. */
	assert_true(str_is(l.at[0].title, "Sign your declaration: confidentiality"));
	assert_true(str_is(l.at[1].title, "Sign your declaration: code_of_conduct"));
	OK(f, task_inbox(&d, find(f, T_PERSON, "E2")->id, &l, &f->e));
	bool seen = false;
	for (size_t i = 0; i < l.n; i++)
		seen |= str_is(l.at[i].title, "See to the background check");
	assert_true(seen);
	/* Whoever was here before declares in each year, once that is in force. */
	OK(f, put_at(f, NULL, "control", "- {code: GV-01, owner: E2, state: "
	    "designed}\n"));
	OK(f, put_at(f, NULL, "control", "- {code: GV-01, state: implemented, "
	    "effective_on: 2026-01-01}\n"));
	int64_t before, after;
	OK(f, record_count(&f->ws->records, schema_get(T_DECLARATION), &before,
	    &f->e));
	OK(f, checklists_make(&x, &t, &n, &f->e));
	OK(f, checklists_make(&x, &t, &n, &f->e));
	OK(f, record_count(&f->ws->records, schema_get(T_DECLARATION), &after,
	    &f->e));
	assert_int_equal(after - before, 2); /* E2 and E3; E4 has left */
	OK(f, checklists_move(&x, &t, STR("E1"), &f->e));
	(void)find(f, T_CHECKLIST, "MOVE-E1-2026-01-20");
	/* A template of one's own is read strictly. */
	assert_int_equal(checklists_parse(&f->a, "t", STR("kind\trole\n"), &own,
	    &f->e), -ERR_INPUT);
	assert_int_equal(checklists_parse(&f->a, "t", STR("kind\trole\tday\twho\t"
	    "control\ttitle\nonboarding\t*\tsoon\tperson\t\tx\n"), &own, &f->e),
	    -ERR_INPUT);
	assert_string_equal(f->e.where, "t:2");
	assert_int_equal(checklists_parse(&f->a, "t", STR("kind\trole\tday\twho\t"
	    "control\ttitle\trecord\nonboarding\t*\t1\tmanager\t\tx\tcheck "
	    "palm\n"), &own, &f->e), -ERR_INPUT);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_roster, setup, teardown),
		cmocka_unit_test_setup_teardown(test_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(test_checklists, setup, teardown),
	};

	return (cmocka_run_group_tests_name("people", tests, NULL, NULL));
}
