/* Courses as files, and who is to take them by when. */
#include "fixture.h"

#include "program/training.h"

#define HEAD "code: c\ntitle: T\nversion: '1'\nabout: x\n"
#define Q1 "  - {ask: q, options: {a: x, b: y}, answer: b, why: w}\n"

static void
test_parse(void **state)
{
	static const struct {
		const char *text, *says, *where;
	} bad[] = {
		{ "[]", "not a map", ":1" },
		{ HEAD, "modules", ":1" },
		{ HEAD "modules: []\n", "modules", ":5" },
		{ HEAD "modules:\n- {title: t, text: x}\n", "no question", ":6" },
		{ HEAD "colour: red\nmodules: []\n", "\"colour\" is not known", ":5" },
		{ "code: C!\ntitle: T\nversion: '1'\nabout: x\n", "not a code", ":1" },
		{ "code: c\ntitle: T\nversion: 1\nabout: x\n", "\"version\"", ":3" },
		{ HEAD "pass: 101\nmodules: []\n", "\"pass\"", ":5" },
		{ HEAD "pass: 0\n", "\"pass\"", ":5" },
		{ HEAD "modules:\n- title: t\n  text: x\n  questions:\n"
		  "  - {ask: q, options: {a: x}, answer: a, why: w}\n",
		  "two to eight options", ":9" },
		{ HEAD "modules:\n- title: t\n  text: x\n  questions:\n"
		  "  - {ask: q, options: {a: x, c: y}, answer: a, why: w}\n",
		  "order of their letters", ":9" },
		{ HEAD "modules:\n- title: t\n  text: x\n  questions:\n"
		  "  - {ask: q, options: {a: x, b: y}, answer: c, why: w}\n",
		  "not one of the options", ":9" },
		{ HEAD "modules:\n- title: t\n  text: x\n  questions:\n"
		  "  - {ask: q, options: {a: x, b: y}, answer: [], why: w}\n",
		  "not one of the options", ":9" },
		{ HEAD "modules:\n- title: t\n  text: x\n  questions:\n"
		  "  - {ask: q, options: {a: x, b: y}, answer: a}\n", "\"why\"", ":9" },
		{ HEAD "modules:\n- title: t\n  text: x\n  questions: 7\n",
		  "not questions", ":8" },
	};
	struct fixture *f = *state;
	struct course c;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(course_parse(&f->a, "c.yaml", str_from(bad[i].text),
		    &c, &f->e), -ERR_INPUT);
		if (strstr(f->e.what, bad[i].says) == NULL ||
		    strstr(f->e.where, bad[i].where) == NULL)
			fail_msg("%zu: %s: %s", i, f->e.what, f->e.where);
		assert_true(f->e.fix[0] != '\0');
	}
	OK(f, course_parse(&f->a, "c.yaml", str_from(HEAD "modules:\n- title: t\n"
	    "  text: x\n  questions:\n" Q1 Q1 "- title: u\n  text: x\n"
	    "- title: v\n  text: x\n  questions:\n"
	    "  - {ask: q, options: {a: x, b: y, c: z}, answer: [a, c], why: w}\n"),
	    &c, &f->e));
	assert_int_equal(c.nmodules, 3);
	assert_int_equal(c.nquestions, 3);
	assert_int_equal(c.questions[2].module, 3);
	assert_int_equal(c.questions[2].answer, 5);
	/* Answers of a person, and of a file. */
	unsigned got, *all;
	OK(f, course_letters(&c.questions[2], STR("C, a"), &got, &f->e));
	assert_int_equal(got, 5);
	assert_int_equal(course_letters(&c.questions[0], STR("c"), &got, &f->e),
	    -ERR_INPUT);
	OK(f, course_answers(&f->a, &c, "a.yaml", STR("\"1.1\": b\n\"3.1\": ca\n"),
	    &all, &f->e));
	assert_int_equal(course_score(&c, all), 66);
	static const char *const wrong[] = { "- b", "\"1.3\": a", "\"1\": a",
		"\"1.1\": z", "\"1.1\": 7", "x: a", "\"1.1\": [a]" };
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_int_equal(course_answers(&f->a, &c, "a.yaml",
		    str_from(wrong[i]), &all, &f->e), -ERR_INPUT);
}

static void
test_shipped(void **state)
{
	struct fixture *f = *state;
	struct course *all, c;
	size_t n;

	OK(f, course_all(&f->a, f->dir, &all, &n, &f->e));
	assert_int_equal(n, 1);
	assert_true(all[0].nquestions >= 20 && all[0].nquestions <= 30);
	/* One of the workspace goes before, and a wrong one is named. */
	char path[100];
	snprintf(path, sizeof(path), "%s/training", f->dir);
	OK(f, file_mkdirs(path, 0700, &f->e));
	snprintf(path, sizeof(path), "%s/training/mine.yaml", f->dir);
	const char *text = "code: mine\ntitle: T\nversion: '1'\nabout: x\n"
	    "modules:\n- title: t\n  text: x\n  questions:\n" Q1;
	OK(f, file_write(path, 0600, text, strlen(text), &f->e));
	OK(f, course_find(&f->a, f->dir, STR("mine"), &c, &f->e));
	assert_int_equal(course_find(&f->a, f->dir, STR("none"), &c, &f->e),
	    -ERR_NOTFOUND);
	assert_non_null(strstr(f->e.fix, "mine, security-awareness"));
	OK(f, file_write(path, 0600, "code: 7", 7, &f->e));
	assert_int_equal(course_all(&f->a, f->dir, &all, &n, &f->e), -ERR_INPUT);
	assert_non_null(strstr(f->e.where, "mine.yaml:1"));
	OK(f, file_remove(path, &f->e));
}

static const char *
stands(struct fixture *f, const char *person, const char **due)
{
	struct act x = { .a = &f->a, .ws = f->ws, .who = f->ws->actor };
	struct record_list l;
	const struct record *last = NULL;

	OK(f, act_list(&x, T_TRAINING, F_TRAINING_PERSON, find(f, T_PERSON,
	    person)->id, &l, &f->e));
	for (size_t i = 0; i < l.n; i++)
		if (last == NULL || str_cmp(record_str(&l.at[i],
		    F_TRAINING_ASSIGNED_ON), record_str(last,
		    F_TRAINING_ASSIGNED_ON)) > 0)
			last = &l.at[i];
	if (last == NULL)
		return ("nothing");
	*due = arena_strndup(&f->a, record_str(last, F_TRAINING_DUE_ON).ptr, 10);
	struct str w = training_words(&x, last);
	return (arena_strndup(&f->a, w.ptr, w.len));
}

static size_t
assign(struct fixture *f, const char *at)
{
	struct act x = { .a = &f->a, .ws = f->ws, .who = f->ws->actor };
	struct course c;
	size_t n = 99;

	clock_replace(instant(at));
	OK(f, course_find(&f->a, NULL, STR("security-awareness"), &c, &f->e));
	OK(f, training_assign(&x, &c, &n, &f->e));
	return (n);
}

static struct training_attempt
take(struct fixture *f, const char *person, bool well)
{
	struct act x = { .a = &f->a, .ws = f->ws, .who = f->ws->actor };
	struct training_attempt t = { 0 };
	struct course c;

	OK(f, course_find(&f->a, NULL, STR("security-awareness"), &c, &f->e));
	unsigned *all = arena_array(&f->a, c.nquestions, sizeof(*all));
	for (size_t i = 0; i < c.nquestions; i++)
		all[i] = well || i % 2 ? c.questions[i].answer : 0;
	OK(f, training_take(&x, &c, str_from(person), all, &t, &f->e));
	return (t);
}

static void
test_rules(void **state)
{
	struct fixture *f = *state;
	struct act x = { .a = &f->a, .ws = f->ws, .who = f->ws->actor };
	struct course c;
	const char *due = "";

	OK(f, put_at(f, "2026-01-05T09:00:00Z", "person",
	    "- {code: OLD, name: A, kind: employee, start_on: 2020-01-01, state: active}\n"
	    "- {code: NEW, name: B, kind: employee, start_on: 2026-01-02, state: active}\n"
	    "- {code: LATER, name: C, kind: employee, start_on: 2026-02-01}\n"
	    "- {code: GONE, name: D, kind: employee, start_on: 2020-01-01, "
	    "end_on: 2025-12-31, state: ended}\n"));
	assert_int_equal(assign(f, "2026-01-05T10:00:00Z"), 2);
	assert_string_equal(stands(f, "NEW", &due), "due in 27 days");
	assert_string_equal(due, "2026-02-01"); /* 30 days after the first */
	assert_string_equal(stands(f, "OLD", &due), "due in 30 days");
	assert_string_equal(stands(f, "GONE", &due), "nothing");
	assert_int_equal(assign(f, "2026-01-06T10:00:00Z"), 0);
	clock_replace(instant("2026-02-03T10:00:00Z"));
	assert_string_equal(stands(f, "NEW", &due), "overdue by 2 days");
	struct training_attempt t = take(f, "NEW", false);
	assert_false(t.passed);
	assert_int_equal(t.score, 48);
	assert_string_equal(stands(f, "NEW", &due),
	    "overdue by 2 days, tried 1 time, last with 48 percent");
	t = take(f, "NEW", true);
	assert_true(t.passed);
	assert_int_equal(record_int(t.record, F_TRAINING_ATTEMPTS, 0), 2);
	assert_string_equal(stands(f, "NEW", &due),
	    "complete on 2026-02-03 with 100 percent, late");
	take(f, "OLD", true);
	/* Who joins gets it; who has it, only when the year is nearly over. */
	OK(f, put_at(f, "2026-02-10T09:00:00Z", "person",
	    "{code: LATER, state: active}\n"));
	assert_int_equal(assign(f, "2026-02-10T10:00:00Z"), 1);
	assert_string_equal(stands(f, "LATER", &due), "due in 21 days");
	OK(f, course_find(&f->a, NULL, STR("security-awareness"), &c, &f->e));
	OK(f, training_excuse(&x, &c, STR("LATER"), STR("on leave"), &f->e));
	assert_string_equal(stands(f, "LATER", &due), "excused: on leave");
	assert_int_equal(training_excuse(&x, &c, STR("LATER"), STR("on leave"),
	    &f->e), -ERR_NOTFOUND);
	assert_int_equal(assign(f, "2027-01-03T10:00:00Z"), 0);
	assert_int_equal(assign(f, "2027-01-04T10:00:00Z"), 2);
	assert_string_equal(stands(f, "NEW", &due), "due in 30 days");
	assert_string_equal(due, "2027-02-03");
	/* By name: not twice, and not again on the day it was completed. */
	assert_int_equal(training_assign_one(&x, &c, STR("NEW"), STR_NULL, &f->e),
	    -ERR_CONFLICT);
	take(f, "NEW", true);
	assert_int_equal(training_assign_one(&x, &c, STR("NEW"), STR_NULL, &f->e),
	    -ERR_CONFLICT);
	assert_non_null(strstr(f->e.what, "complete on 2027-01-04"));
	assert_int_equal(training_assign_one(&x, &c, STR("NOBODY"), STR_NULL,
	    &f->e), -ERR_NOTFOUND);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse),
		cmocka_unit_test(test_shipped),
		cmocka_unit_test(test_rules),
	};
	return (cmocka_run_group_tests(tests, setup, teardown));
}
