/* Inboxes: from what, for whom, in which order, and to whom they escalate. */
#include "fixture.h"

#include "program/feed.h"
#include "program/task.h"

static struct settings settings;
static struct task_desk desk;

static struct task_list
inbox(struct fixture *f, const char *at, const char *person)
{
	struct task_list l = { 0 };

	clock_replace(instant(at));
	OK(f, task_desk_open(&f->a, f->ws, &settings, NULL, NULL, &desk, &f->e));
	if (person != NULL)
		OK(f, task_inbox(&desk, find(f, T_PERSON, person)->id, &l, &f->e));
	else
		OK(f, task_all(&desk, &l, &f->e));
	return (l);
}

static void
start(struct fixture *f)
{
	OK(f, settings_parse(&f->a, f->dir, STR("escalate.after = 2\n"
	    "escalate.lead.after = 5\nescalate.lead = E9\n"
	    "url = https://tickmark.example.org/\n"), &settings, &f->e));
	OK(f, put_at(f, "2026-01-05T08:00:00Z", "person",
	    "- {code: E9, name: Lea Lead, kind: employee, start_on: 2025-01-01, "
	    "state: active}\n"
	    "- {code: E2, name: Max Manager, kind: employee, start_on: 2025-01-01,"
	    " state: active}\n"
	    "- {code: E1, name: Ada Example, kind: employee, manager: E2, "
	    "start_on: 2025-01-01, state: active}\n"));
	OK(f, put_at(f, NULL, "finding",
	    "- {code: F-1, title: ports are open, severity: high, owner: E1, "
	    "due: 2026-01-09, found_on: 2026-01-05, state: open}\n"
	    "- {code: F-2, title: nobody cares, severity: low, "
	    "found_on: 2026-01-05}\n"));
	OK(f, put_at(f, NULL, "policy",
	    "- {code: POL-1, title: Access, owner: E1, review_on: 2026-12-01, "
	    "approved_on: 2025-12-15}\n"));
}

static bool
has(const struct task_list *l, const char *title)
{
	for (size_t i = 0; i < l->n; i++)
		if (str_find(l->at[i].title, title) >= 0)
			return (true);
	return (false);
}

static void
test_inbox(void **state)
{
	struct fixture *f = *state;
	struct task_list l;
	char left[64];

	start(f);
	l = inbox(f, "2026-01-08T08:00:00Z", "E1");
	assert_int_equal(l.n, 1);
	assert_string_equal(task_left(&l.at[0], left), "due in 1 working day");
	struct str id = l.at[0].id;
	/* Friday evening it is due; on Monday it is overdue by one day. */
	l = inbox(f, "2026-01-09T22:59:00Z", "E1");
	assert_string_equal(task_left(&l.at[0], left), "due today");
	assert_false(l.at[0].overdue);
	l = inbox(f, "2026-01-12T08:00:00Z", "E1");
	assert_true(l.at[0].overdue);
	assert_string_equal(task_left(&l.at[0], left),
	    "overdue by 1 working day");
	assert_true(str_eq(l.at[0].id, id));
	/* To the manager after two, to the lead after five, once each. */
	l = inbox(f, "2026-01-13T08:00:00Z", "E2");
	assert_int_equal(l.n, 0);
	l = inbox(f, "2026-01-14T08:00:00Z", "E2");
	assert_int_equal(l.n, 1);
	assert_int_equal(l.at[0].level, TASK_MANAGER);
	l = inbox(f, "2026-01-14T08:00:00Z", "E9");
	assert_int_equal(l.n, 1);
	assert_true(has(&l, "F-2: nobody cares")); /* nobody's */
	l = inbox(f, "2026-01-19T08:00:00Z", "E9");
	assert_int_equal(l.n, 2);
	/* What comes round waits when it is near; done is gone. */
	OK(f, put_at(f, NULL, "finding", "- {code: F-1, state: remediating}\n"));
	l = inbox(f, "2026-01-19T08:00:00Z", NULL);
	assert_int_equal(l.n, 2);
	assert_true(str_eq(l.at[0].id, id));
	OK(f, put_at(f, NULL, "finding", "- {code: F-1, state: verifying, "
	    "action: closed them, verifier: E2}\n"));
	l = inbox(f, "2026-01-19T08:00:00Z", "E1");
	assert_int_equal(l.n, 0);
	l = inbox(f, "2026-01-19T08:00:00Z", "E2");
	assert_true(has(&l, "Verify finding F-1"));
	/* What a leaver has left goes to the manager at once. */
	OK(f, put_at(f, NULL, "finding", "- {code: F-3, title: x, severity: low, "
	    "owner: E1, due: 2026-03-01}\n"));
	OK(f, put_at(f, NULL, "person", "- {code: E1, state: ended, "
	    "end_on: 2026-01-16}\n"));
	l = inbox(f, "2026-01-19T08:00:00Z", "E2");
	assert_true(has(&l, "F-3"));
}

static void
test_occurrences(void **state)
{
	struct fixture *f = *state;
	struct task_list l;

	start(f);
	OK(f, put_at(f, NULL, "control",
	    "- code: AC-05\n  owner: E1\n  state: designed\n"
	    "- code: IR-02\n  owner: E1\n  state: designed\n"));
	OK(f, put_at(f, NULL, "control",
	    "- code: AC-05\n  state: implemented\n  effective_on: 2026-01-01\n"
	    "- code: IR-02\n  state: implemented\n  effective_on: 2026-01-01\n"));
	OK(f, put_at(f, "2026-02-11T08:00:00Z", "trigger",
	    "- {code: TRG-1, control: IR-02, what: an alert, assignee: E2, "
	    "happened_at: 2026-02-10T10:00:00Z, due_on: 2026-02-12}\n"));
	l = inbox(f, "2026-02-11T09:00:00Z", "E1");
	assert_int_equal(l.n, 2);
	assert_true(str_starts(l.at[1].title, "Carry out AC-05: "));
	l = inbox(f, "2026-02-11T09:00:00Z", "E2");
	assert_true(has(&l, "Carry out IR-02 for TRG-1"));
	assert_true(has(&l, "F-1"));
	/* Titles can be sent: no name of a person is in any. */
	l = inbox(f, "2026-02-11T09:00:00Z", NULL);
	assert_false(has(&l, "Ada"));
	assert_false(has(&l, "an alert"));
}

/* The same tasks give the same calendar; a clock is an instant, not a day. */
static void
test_feed(void **state)
{
	struct fixture *f = *state;
	struct buf a = BUF_INIT, b = BUF_INIT;
	struct task_list l;

	start(f);
	OK(f, put_at(f, NULL, "jurisdiction", "- {code: DE, name: Germany, "
	    "request_days: 30, extension_days: 60, complaint_days: 30}\n"));
	OK(f, put_at(f, NULL, "subject_request", "- {code: DSR-1, kind: access, "
	    "jurisdiction: DE, received_at: 2026-01-05T08:00:00Z, "
	    "assignee: E1, state: verifying}\n"));
	for (int i = 0; i < 2; i++) {
		l = inbox(f, i ? "2026-01-20T08:00:00Z" : "2026-01-08T08:00:00Z",
		    "E1");
		OK(f, feed_write(&desk, f->ws->org, f->ws->origin, &l, i ? &b : &a,
		    &f->e));
	}
	/* The order may change as time goes by, the events do not. */
	assert_int_equal(a.len, b.len);
	assert_non_null(strstr(a.ptr, "DTSTART;VALUE=DATE:20260109\r\n"));
	assert_non_null(strstr(a.ptr, "UID:finding.owner/"));
	assert_non_null(strstr(a.ptr, "URL:https://tickmark.example.org/"));
	buf_free(&a);
	buf_free(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_inbox, setup, teardown),
		cmocka_unit_test_setup_teardown(test_occurrences, setup, teardown),
		cmocka_unit_test_setup_teardown(test_feed, setup, teardown),
	};

	return (cmocka_run_group_tests_name("task", tests, NULL, NULL));
}
