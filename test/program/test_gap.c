/* The gap analysis: answers and what follows, what is missing, the plan. */
#include "fixture.h"

#include "assess/assess.h"
#include "base/content.h"
#include "evidence/evidence.h"
#include "program/gap.h"
#include "program/ready.h"
#include "text/yaml.h"

static struct act
act_of(struct fixture *f)
{
	return ((struct act){ .a = &f->a, .ws = f->ws, .who = f->ws->actor });
}

/* --- the questionnaire --------------------------------------------------------- */

static void
test_shipped(void **state)
{
	struct fixture *f = *state;
	struct act x = act_of(f);
	struct gap_book b;
	struct record *r;

	OK(f, gap_read(&x, &b, &f->e));
	assert_true(b.questions.n >= 25);
	for (size_t i = 0; i < b.questions.n; i++) {
		const struct question *q = &b.questions.at[i];
		const struct fact *fact;
		struct str s;
		/* Each question says why it is asked; what it names is there. */
		assert_true(q->why.len > 20);
		if (q->fact.len != 0)
			OK(f, facts_find(&b.facts, q->fact, &fact, &f->e));
		if (q->preset.len != 0)
			OK(f, questionnaire_check(&f->a, q, &b.facts, q->preset, &s,
			    &f->e));
		for (size_t k = 0; k < q->neffects; k++) {
			const struct question_effect *x2 = &q->effects[k];
			OK(f, questionnaire_check(&f->a, q, &b.facts, x2->answer, &s,
			    &f->e));
			for (size_t c = 0; c < val_count(x2->drop); c++)
				OK(f, act_find(&x, T_CONTROL, x2->drop->u.list.at[c]->u.s,
				    &r, &f->e));
			for (size_t c = 0; c < val_count(x2->adopt); c++)
				OK(f, act_find(&x, T_CONTROL, x2->adopt->u.list.at[c]->u.s,
				    &r, &f->e));
			for (size_t c = 0; c < val_count(x2->policies); c++)
				OK(f, act_find(&x, T_POLICY,
				    x2->policies->u.list.at[c]->u.s, &r, &f->e));
			for (size_t c = 0; c < val_count(x2->facts); c++) {
				OK(f, facts_find(&b.facts, x2->facts->u.map.key[c], &fact,
				    &f->e));
				OK(f, facts_check(&f->a, fact,
				    x2->facts->u.map.at[c]->u.s, &s, &f->e));
			}
		}
	}
}

static void
test_flaws(void **state)
{
	static const struct {
		const char *text, *says;
	} bad[] = {
		{ "{}", "not a list" },
		{ "- {name: a, ask: b, type: yesno}", "has a name" },
		{ "- {name: a, ask: b, why: c, type: maybe}", "has a name" },
		{ "- {name: a, ask: b, why: c, type: yesno, colour: red}",
		  "\"colour\" is not known" },
		{ "- {name: a, ask: b, why: c, type: choice}", "options" },
		{ "- {name: a, ask: b, why: c, type: yesno, options: {x: y}}",
		  "options" },
		{ "- {name: a, ask: b, why: c, type: yesno, when: {z: yes}}",
		  "no earlier question" },
		{ "- {name: a, ask: b, why: c, type: yesno, then: {no: {drop: [X]}}}",
		  "has a reason" },
		{ "- {name: a, ask: b, why: c, type: yesno, then: {no: {drop: X, "
		  "reason: y}}}", "are lists" },
		{ "- {name: a, ask: b, why: c, type: yesno}\n"
		  "- {name: a, ask: b, why: c, type: yesno}", "taken" },
	};
	struct fixture *f = *state;
	struct questionnaire q;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(questionnaire_parse(&f->a, "q.yaml",
		    str_from(bad[i].text), &q, &f->e), -ERR_BUG);
		if (strstr(f->e.what, bad[i].says) == NULL)
			fail_msg("%zu: %s", i, f->e.what);
	}
}

static void
test_answers(void **state)
{
	static const struct {
		const char *question, *in, *out; /* NULL: refused */
	} of[] = { { "offices", "Y", NULL }, { "offices", "y", "yes" },
		{ "offices", "false", "no" }, { "company_size", "12", "12" },
		{ "company_size", "0", NULL }, { "company_size", "x", NULL },
		{ "reason", "market", "market" }, { "reason", "2", "market" },
		{ "reason", "4", NULL }, { "reason", "market, customer", NULL },
		{ "have_access", "mfa, sso", "sso, mfa" },
		{ "have_access", "2,1,1", "sso, mfa" },
		{ "have_access", "none", "none" }, { "have_access", "x", NULL },
		{ "target_date", "2026-02-30", NULL },
		{ "target_date", "2026-06-30", "2026-06-30" },
		{ "system_name", "", NULL }, { "system_name", " Hub ", "Hub" },
		{ "leaver_days", "9", NULL }, { "leaver_days", "2", "2" } };
	struct fixture *f = *state;
	struct act x = act_of(f);
	struct gap_book b;
	struct str got, *all;

	OK(f, gap_read(&x, &b, &f->e));
	for (size_t i = 0; i < sizeof(of) / sizeof(of[0]); i++) {
		const struct question *q = questionnaire_find(&b.questions,
		    str_from(of[i].question));
		int r = questionnaire_check(&f->a, q, &b.facts, str_from(of[i].in),
		    &got, &f->e);
		if ((r == 0) != (of[i].out != NULL) ||
		    (r == 0 && !str_is(got, of[i].out)))
			fail_msg("%s: %s", of[i].question, of[i].in);
	}
	static const struct {
		const char *text, *where;
	} bad[] = { { "[]", "a.yaml" }, { "nothing: 1", "a.yaml:1" },
		{ "offices: yes\nleaver_days: 99", "a.yaml:2: leaver_days" },
		{ "have_access: [sso, x]", "a.yaml:1: have_access" },
		{ "offices: {}", "a.yaml:1: offices" } };
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(gap_answers_parse(&f->a, &b, "a.yaml",
		    str_from(bad[i].text), &all, &f->e), -ERR_INPUT);
		if (strcmp(f->e.where, bad[i].where) != 0)
			fail_msg("%s: %s", bad[i].text, f->e.where);
	}
}

/* --- what follows from answers ------------------------------------------------------ */

/* Answers as a file; what was kept is counted in *kept. */
static size_t
answer(struct fixture *f, const char *yaml, size_t *kept)
{
	struct act x = act_of(f);
	struct gap_changes g = { 0 };
	struct gap_book b;
	struct str *all;

	OK(f, gap_read(&x, &b, &f->e));
	OK(f, gap_answers_parse(&f->a, &b, "a.yaml", str_from(yaml), &all, &f->e));
	OK(f, gap_answer(&x, &b, all, &g, &f->e));
	*kept = 0;
	for (size_t i = 0; i < g.n; i++)
		*kept += g.at[i].kept;
	return (g.answers);
}

static const char *
cell_of(struct fixture *f, unsigned type, const char *name, size_t field)
{
	struct str s = record_text(&f->ws->records, &f->a, find(f, type, name),
	    field);

	return (arena_strndup(&f->a, s.ptr != NULL ? s.ptr : "", s.len));
}

#define NA(f, code) cell_of(f, T_CONTROL, code, F_CONTROL_NOT_APPLICABLE)

static void
test_effects(void **state)
{
	struct fixture *f = *state;
	size_t kept;

	clock_replace(instant("2026-01-05T09:00:00Z"));
	assert_int_equal(answer(f, "system_name: Hub\npromise_availability: yes\n"
	    "rto_hours: 4\noffices: no\nmulti_tenant: no\nhave_access: [sso]\n"
	    "personal_data: no\noversight: nobody\n", &kept), 8);
	assert_int_equal(kept, 0);
	assert_string_equal(cell_of(f, T_SYSTEM, "Hub", F_SYSTEM_CATEGORIES),
	    "security; availability");
	assert_non_null(strstr(NA(f, "PH-01"), "no premises"));
	assert_non_null(strstr(NA(f, "AC-12"), "installation of its own"));
	assert_string_equal(cell_of(f, T_CONTROL, "AC-08", F_CONTROL_STATE),
	    "designed");
	assert_string_equal(cell_of(f, T_FACT, "offices", F_FACT_VALUE), "no");
	assert_string_equal(cell_of(f, T_FACT, "board", F_FACT_VALUE),
	    "the advisory board");
	assert_string_equal(cell_of(f, T_FACT, "rto_hours", F_FACT_ORIGIN), "gap");
	/* Policies that no criterion of these categories needs. */
	assert_non_null(strstr(cell_of(f, T_POLICY, "POL-22",
	    F_POLICY_NOT_APPLICABLE), "None of its criteria"));
	assert_non_null(strstr(cell_of(f, T_POLICY, "POL-27",
	    F_POLICY_NOT_APPLICABLE), "None of its criteria"));
	assert_string_equal(cell_of(f, T_POLICY, "POL-21",
	    F_POLICY_NOT_APPLICABLE), "");
	/* The same again changes nothing. */
	assert_int_equal(answer(f, "offices: no\nmulti_tenant: no\n", &kept), 0);
	/* Another answer takes its effects back. */
	assert_int_equal(answer(f, "offices: yes\npersonal_data: yes\n"
	    "promise_confidentiality: yes\n", &kept), 3);
	assert_int_equal(kept, 0);
	assert_string_equal(NA(f, "PH-01"), "");
	assert_string_equal(cell_of(f, T_POLICY, "POL-10",
	    F_POLICY_NOT_APPLICABLE), "");
	assert_string_equal(cell_of(f, T_POLICY, "POL-27",
	    F_POLICY_NOT_APPLICABLE), "");
	assert_string_equal(cell_of(f, T_SYSTEM, "Hub", F_SYSTEM_CATEGORIES),
	    "security; availability; confidentiality");
}

static void
test_left_alone(void **state)
{
	struct fixture *f = *state;
	size_t kept;

	/* What people decided by hand stays, and is said. */
	OK(f, put_at(f, NULL, "control", "{code: AC-12, not_applicable: Ours}\n"));
	OK(f, put_at(f, NULL, "fact", "{code: leaver_days, value: '3'}\n"));
	OK(f, put_at(f, NULL, "system", "{name: Hub, categories: [security]}\n"));
	OK(f, put_at(f, NULL, "person", "{code: P1, name: Ann, kind: employee}\n"));
	OK(f, put_at(f, NULL, "control", "{code: PH-02, owner: P1, state: designed}\n"));
	OK(f, put_at(f, NULL, "control", "{code: PH-02, state: implemented}\n"));
	answer(f, "multi_tenant: yes\nleaver_days: 2\noffices: no\n"
	    "promise_processing: yes\n", &kept);
	assert_int_equal(kept, 4);
	assert_string_equal(NA(f, "AC-12"), "Ours");
	assert_string_equal(cell_of(f, T_FACT, "leaver_days", F_FACT_VALUE), "3");
	assert_string_equal(cell_of(f, T_SYSTEM, "Hub", F_SYSTEM_CATEGORIES),
	    "security");
	assert_string_equal(NA(f, "PH-02"), "");
	assert_true(*NA(f, "PH-01") != '\0');
	/* One that was cleared by hand is not left out again by the same answer. */
	OK(f, put_at(f, NULL, "control", "{code: PH-01, not_applicable: null}\n"));
	answer(f, "offices: no\ncompany_size: 13\n", &kept);
	assert_string_equal(NA(f, "PH-01"), "");
	/* What is not asked has no effect, and is said. */
	assert_int_equal(answer(f, "promise_availability: no\nrto_hours: 2\n",
	    &kept), 1);
	assert_true(kept >= 1);
	assert_string_equal(cell_of(f, T_FACT, "rto_hours", F_FACT_VALUE), "4");
	/* A control that is in use is not called not applicable. */
	assert_int_equal(put_at(f, NULL, "control",
	    "{code: PH-02, not_applicable: no}\n"), -ERR_INPUT);
	assert_non_null(strstr(f->e.what, "is implemented is applied"));
}

/* --- what is missing, and the plan ------------------------------------------------------- */

struct stage {
	struct evidence *ev;
	struct assess *as;
	struct gap g;
};

static void
look(struct fixture *f, struct stage *s)
{
	struct act x = act_of(f);
	struct readiness *r;

	OK(f, evidence_open(&s->ev, f->dir, f->ws->ledger, true, &f->e));
	OK(f, evidence_catch_up(s->ev, &f->e));
	OK(f, assess_open(&s->as, f->ws, s->ev, &f->e));
	OK(f, ready_read(&f->a, s->as, INT64_MAX, &r, &f->e));
	OK(f, gap_find(&x, r, &s->g, &f->e));
	assess_close(s->as);
	evidence_close(s->ev);
}

static const struct gap_item *
item(const struct gap *g, const char *code)
{
	for (size_t i = 0; i < g->nitems; i++)
		if (str_is(g->items[i].code, code))
			return (&g->items[i]);
	return (NULL);
}

static struct gap_planned
plan(struct fixture *f, const struct gap *g, int64_t per_week, bool again)
{
	struct act x = act_of(f);
	struct gap_plan p = { .owner = STR("P1"), .per_week = per_week,
		.reschedule = again };
	struct gap_planned n = { 0 };
	struct gap_book b;

	OK(f, gap_read(&x, &b, &f->e));
	OK(f, gap_plan(&x, g, &b, &p, &n, &f->e));
	return (n);
}

static void
test_plan(void **state)
{
	struct fixture *f = *state;
	struct act x = act_of(f);
	struct gap_planned n;
	struct stage s;
	size_t kept;

	answer(f, "target_date: 2026-03-31\n", &kept);
	look(f, &s);
	assert_true(s.g.nitems > 80);
	/* In scope: security alone, as somebody set it by hand. */
	assert_int_equal(s.g.ncriteria, 33);
	assert_null(item(&s.g, "PLAN-PI-01"));
	assert_null(item(&s.g, "PLAN-AC-12")); /* not applicable */
	assert_null(item(&s.g, "PLAN-POL-22"));
	assert_null(item(&s.g, "PLAN-person")); /* there is one */
	assert_non_null(item(&s.g, "PLAN-POL-04"));
	assert_int_equal(item(&s.g, "PLAN-system")->place, 1);
	/* A small control that opens criteria goes before a large one. */
	assert_int_equal(item(&s.g, "PLAN-AC-05")->effort_days, 5);
	assert_int_equal(item(&s.g, "PLAN-AC-08")->effort_days, 3);
	assert_true(item(&s.g, "PLAN-CM-04")->place <
	    item(&s.g, "PLAN-MN-01")->place);
	for (size_t i = 0; i < s.g.nitems; i++)
		assert_int_equal(s.g.items[i].place, i + 1);
	for (size_t i = 0; i < s.g.ncriteria; i++)
		assert_true(s.g.criteria[i].first != 0);
	n = plan(f, &s.g, 3, false);
	assert_int_equal(n.added, s.g.nitems);
	assert_true(str_find(n.late, "after the day you want, 2026-03-31") > 0);
	/* Again: nothing new, and what people changed stays. */
	OK(f, put_at(f, NULL, "person", "{code: P2, name: Ben, kind: employee}\n"));
	OK(f, put_at(f, NULL, "plan_item", "- {code: PLAN-AC-05, owner: P2, "
	    "due_on: 2026-02-02, state: doing, title: Mine}\n"
	    "- {code: PLAN-AC-06, state: dropped, note: not now}\n"));
	n = plan(f, &s.g, 5, true);
	assert_int_equal(n.added, 0);
	assert_int_equal(n.open, s.g.nitems - 1);
	assert_true(n.moved > 80);
	assert_string_equal(cell_of(f, T_PLAN_ITEM, "PLAN-AC-05",
	    F_PLAN_ITEM_OWNER), "P2");
	assert_string_equal(cell_of(f, T_PLAN_ITEM, "PLAN-AC-05",
	    F_PLAN_ITEM_DUE_ON), "2026-02-02");
	assert_string_equal(cell_of(f, T_PLAN_ITEM, "PLAN-AC-05",
	    F_PLAN_ITEM_TITLE), "Mine");
	assert_string_equal(cell_of(f, T_PLAN_ITEM, "PLAN-AC-06",
	    F_PLAN_ITEM_STATE), "dropped");
	/* What is no longer missing is done; what comes back is reopened. */
	OK(f, put_at(f, "2026-02-02T09:00:00Z", "control",
	    "{code: AC-05, owner: P1, state: designed}\n"));
	OK(f, put_at(f, NULL, "control", "{code: AC-05, state: implemented}\n"));
	OK(f, put_at(f, NULL, "control", "{code: AC-05, state: operating, "
	    "effective_on: 2026-02-02}\n"));
	look(f, &s);
	assert_null(item(&s.g, "PLAN-AC-05"));
	n = plan(f, &s.g, 5, false);
	assert_int_equal(n.done, 1);
	assert_string_equal(cell_of(f, T_PLAN_ITEM, "PLAN-AC-05",
	    F_PLAN_ITEM_DONE_ON), "2026-02-02");
	OK(f, put_at(f, NULL, "control", "{code: AC-05, state: implemented}\n"));
	look(f, &s);
	n = plan(f, &s.g, 5, false);
	assert_int_equal(n.reopened, 1);
	assert_string_equal(cell_of(f, T_PLAN_ITEM, "PLAN-AC-05",
	    F_PLAN_ITEM_STATE), "planned");
	/* Bad bounds. */
	struct gap_plan p = { .per_week = 0 };
	struct gap_book b;
	OK(f, gap_read(&x, &b, &f->e));
	assert_int_equal(gap_plan(&x, &s.g, &b, &p, &n, &f->e), -ERR_INPUT);
	p = (struct gap_plan){ .per_week = 5, .owner = STR("P9") };
	assert_int_equal(gap_plan(&x, &s.g, &b, &p, &n, &f->e), -ERR_NOTFOUND);
	p = (struct gap_plan){ .per_week = 5, .start = STR("soon") };
	assert_int_equal(gap_plan(&x, &s.g, &b, &p, &n, &f->e), -ERR_INPUT);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_shipped),
		cmocka_unit_test(test_flaws),
		cmocka_unit_test(test_answers),
		cmocka_unit_test(test_effects),
		cmocka_unit_test(test_left_alone),
		cmocka_unit_test(test_plan),
	};
	return (cmocka_run_group_tests(tests, setup, teardown));
}
