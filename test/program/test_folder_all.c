/* A record of every type goes out into a folder and comes back, in a workspace of
 * its own: export, make a new one, import, export, compare. */
#include "../record/base.h"

#include "program/folder.h"
#include "program/folder_part.h"
#include "whole.h"

/* The types that no rule speaks of; and states that were reached, texts of many
 * lines, times that have passed since. */
static const char more[] =
    "acknowledgement:\n"
    "  - {person: E1, version: POL-99 v1, asked_on: 2026-02-01, due_on: 2026-02-15, acknowledged_on: 2026-02-02, state: acknowledged}\n"
    "calendar:\n"
    "  - {code: work, weekdays: [mon, tue, wed, thu, fri]}\n"
    "campaign:\n"
    "  - {code: ACK-1, title: All, versions: [POL-99 v1], audience: all, starts_on: 2026-02-01, due_on: 2026-02-15, closed_on: 2026-02-20, state: closed}\n"
    "control:\n"
    "  - {code: AC-07, state: designed, owner: E1, statement: \"One.\\n\\nTwo.\\n\"}\n"
    "csoc:\n"
    "  - {code: CSOC-9, text: They lock the door, vendor: Mail, criteria: [CC6.4]}\n"
    "cuec:\n"
    "  - {code: CUEC-9, text: They choose good words, criteria: [CC6.1]}\n"
    "fact:\n"
    "  - {code: leaver_days, value: \"1\"}\n"
    "gap_answer:\n"
    "  - {code: people, value: \"12\", answered_on: 2026-01-02}\n"
    "plan_item:\n"
    "  - {code: PLAN-1, title: Do it, kind: other, done_on: 2026-03-01, state: done}\n"
    "source:\n"
    "  - {name: host1, collector: linux, options: {path: /, note: \"a, b\"}, max_gap_s: 86400}\n"
    "training:\n"
    "  - {person: E1, course: aware, assigned_on: 2026-01-01, due_on: 2026-02-01, occasion: hire, completed_on: 2026-01-20, score: 90, state: complete}\n"
    "trigger_log:\n"
    "  - {control: AC-03, starts_on: 2026-01-01, ends_on: 2026-03-31, declared_by: E1, basis: The list}\n";

static void
test_every_type(void **state)
{
	struct fixture *f = *state;
	struct workspace_spec spec = { .org = "Example Ltd", .demo = true,
		.zone = "Europe/Berlin" };
	const char *dir = arena_printf(&f->a, "%s-a", f->dir);
	const char *again = arena_printf(&f->a, "%s-b", f->dir);
	const char *other = arena_printf(&f->a, "%s-c", f->dir);
	struct act x = { .a = &f->a, .ws = f->ws, .who = f->ws->actor };
	struct folder_options o = { 0 };
	struct folder_how how = { 0 };
	struct folder_counts n;
	struct folder_plan p;
	struct record_result res;
	int64_t of;

	int bad = import_yaml(f, NULL, more, &res);
	for (size_t i = 0; bad != 0 && i < res.nproblems; i++)
		print_error("%s: %s\n", res.problems[i].where,
		    res.problems[i].what);
	assert_int_equal(bad, 0);
	/* Acceptances and exceptions are over, and what was done stays done. */
	clock_replace(NOON + INT64_C(400) * 86400 * 1000000);
	NOERR(f, folder_export(&x, dir, &o, &n, &f->e));
	/* Nothing that belongs there is missing. */
	for (size_t i = 0; i < schema_ntypes; i++) {
		const struct schema_type *t = &schema_types[i];
		if (!schema_is_record(t))
			continue;
		NOERR(f, record_count(&f->ws->records, t, &of, &f->e));
		bool there = file_exists(arena_printf(&f->a, "%s/%s", dir, t->name));
		if (folder_out(t) != NULL)
			assert_false(there);
		else if (of == 0 || !there)
			fail_msg("no record of %s in the folder", t->name);
	}
	/* Every value of every kind, read back from its text, is what it was. */
	NOERR(f, file_remove(arena_printf(&f->a, "%s/manifest.csv", dir), &f->e));
	NOERR(f, folder_plan(&x, dir, &how, &p, &f->e));
	assert_int_equal(p.n + p.nwrong, 0);
	struct workspace *old = f->ws;
	NOERR(f, workspace_create(other, &spec, &x.ws, &f->e));
	/* Only an owner restores. */
	x.who.roles = ROLE_COMPLIANCE;
	NOERR(f, folder_plan(&x, dir, &how, &p, &f->e));
	assert_false(p.restores);
	assert_true(p.refused > 0);
	x.who = old->actor;
	NOERR(f, folder_plan(&x, dir, &how, &p, &f->e));
	for (size_t i = 0; i < p.nwrong; i++)
		print_error("%s: %s\n", p.wrong[i].where, p.wrong[i].what);
	for (size_t i = 0; i < p.n; i++)
		for (size_t k = 0; k < p.at[i].nproblems; k++)
			print_error("%s: %s\n", p.at[i].problems[k].where,
			    p.at[i].problems[k].what);
	assert_true(p.foreign && p.restores);
	assert_int_equal(p.refused + p.nwrong, 0);
	NOERR(f, folder_import(&x, &p, &res, &f->e));
	assert_int_equal(res.added, p.count[FOLDER_CREATE]);
	assert_int_equal(res.changed, p.count[FOLDER_CHANGE]);
	NOERR(f, folder_export(&x, again, &o, &n, &f->e));
	assert_string_equal(whole(&f->a, dir), whole(&f->a, again));
	NOERR(f, folder_plan(&x, again, &how, &p, &f->e));
	assert_int_equal(p.n + p.nwrong, 0);
	workspace_close(x.ws);
	x.ws = old;
	file_remove_tree(dir, NULL);
	file_remove_tree(again, NULL);
	file_remove_tree(other, NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_every_type, setup_base,
		    teardown),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
