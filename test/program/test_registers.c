/* Risks with their matrix; vendors' reports against our period; incidents with
 * their clocks. */
#include "fixture.h"

#include "program/incidents.h"
#include "program/risks.h"
#include "program/vendors.h"

static void
open_is(struct fixture *f, struct vendors_span *in, size_t n, const char *want)
{
	struct vendors_spans c = { .at = in, .n = n }, got;
	BUF_SCOPED b = BUF_INIT;

	vendors_open(&f->a, 10, 20, &c, &got);
	for (size_t i = 0; i < got.n; i++)
		buf_printf(&b, "%s%d-%d", i == 0 ? "" : " ",
		    (int)got.at[i].first, (int)got.at[i].last);
	assert_string_equal(b.ptr == NULL ? "" : b.ptr, want);
}

static void
test_days(void **state)
{
	struct fixture *f = *state;

	open_is(f, NULL, 0, "10-20");
	open_is(f, (struct vendors_span[]){ { 1, 9 }, { 21, 30 } }, 2, "10-20");
	open_is(f, (struct vendors_span[]){ { 1, 10 }, { 20, 30 } }, 2, "11-19");
	open_is(f, (struct vendors_span[]){ { 15, 16 }, { 12, 13 } }, 2,
	    "10-11 14-14 17-20");
	/* One within another, and one that begins where another ends. */
	open_is(f, (struct vendors_span[]){ { 8, 17 }, { 11, 12 }, { 18, 19 } },
	    3, "20-20");
	open_is(f, (struct vendors_span[]){ { 5, 25 } }, 1, "");
}

static const char people[] =
    "- code: P1\n  name: Demo One\n  kind: employee\n"
    "- code: P2\n  name: Demo Two\n  kind: employee\n";
static const char vendors[] =
    "- name: Cloud host\n  tier: medium\n  subservice: yes\n"
    "  method: carve_out\n"
    "- name: Payroll\n  tier: high\n"
    "- name: Flowers\n  tier: low\n";
#define REVIEWED "  requester: P2\n  received_on: 2026-07-10\n" \
    "  reviewer: P1\n  reviewed_on: 2026-07-20\n  next_on: 2026-12-01\n" \
    "  conclusion: fine\n"
static const char received[] =
    "- code: VA-1\n  vendor: Cloud host\n  kind: soc_report\n"
    "  requested_on: 2026-01-02\n  opinion: unmodified\n"
    "  report_start: 2025-10-01\n  report_end: 2026-06-30\n"
    "  our_start: 2026-01-01\n  our_end: 2026-12-31\n"
    "- code: VA-2\n  vendor: Cloud host\n  kind: bridge_letter\n"
    "  requested_on: 2026-07-02\n"
    "  report_start: 2026-07-01\n  report_end: 2026-12-31\n"
    "- code: VA-3\n  vendor: Payroll\n  kind: soc_report\n"
    "  requested_on: 2026-01-02\n  opinion: unmodified\n"
    "  report_start: 2026-01-01\n  report_end: 2026-12-31\n"
    "  our_start: 2026-01-01\n  our_end: 2026-12-31\n";

/* Steps go one at a time. */
static void
review(struct fixture *f, const char *code, const char *more)
{
	const char *yaml = arena_printf(&f->a,
	    "- code: %s\n  state: received\n" REVIEWED, code);

	OK(f, put_at(f, NULL, "vendor_assessment", yaml));
	yaml = arena_printf(&f->a, "- code: %s\n  state: reviewed\n  %s\n", code,
	    more);
	OK(f, put_at(f, NULL, "vendor_assessment", yaml));
}

static void
read_vendors(struct fixture *f, const char *today, struct vendors *ret)
{
	OK(f, vendors_read(&f->ws->records, &f->a, day("2026-01-01"),
	    day("2026-12-31"), day(today), false, ret, &f->e));
}

static void
test_vendors(void **state)
{
	struct fixture *f = *state;
	struct vendors x;

	OK(f, put_at(f, "2026-08-01T08:00:00Z", "person", people));
	OK(f, put_at(f, NULL, "vendor", vendors));
	OK(f, put_at(f, NULL, "vendor_assessment", received));
	/* What was not reviewed counts for nothing. */
	read_vendors(f, "2026-08-01", &x);
	assert_int_equal(x.n, 3);
	assert_int_equal(x.needed, 2);
	assert_int_equal(x.gapped, 2);
	assert_int_equal(x.late, 2); /* and is late, where one is needed */
	review(f, "VA-1", "outcome: satisfactory\n  gap_handling: a letter");
	review(f, "VA-2", "outcome: satisfactory");
	review(f, "VA-3", "outcome: unsatisfactory");
	OK(f, put_at(f, NULL, "vendor_cuec",
	    "- assessment: VA-1\n  code: C1\n  text: one\n"
	    "- assessment: VA-1\n  code: C2\n  text: two\n"
	    "  reason: not our use\n  state: open\n"));
	OK(f, put_at(f, NULL, "vendor_cuec",
	    "- assessment: VA-1\n  code: C2\n  state: not_applicable\n"));
	read_vendors(f, "2026-08-01", &x);
	/* High first; a report that nothing can rest on covers nothing. */
	assert_true(str_is(record_str(x.at[0].vendor, F_VENDOR_NAME), "Payroll"));
	assert_int_equal(x.at[0].open, 365);
	assert_false(x.at[0].late);
	/* The letter carries three months: July to September. */
	assert_int_equal(x.at[1].by_report, 181);
	assert_int_equal(x.at[1].by_letter, 92);
	assert_int_equal(x.at[1].open, 92);
	assert_int_equal(x.at[1].gaps.n, 1);
	assert_int_equal(x.at[1].gaps.at[0].first, day("2026-10-01"));
	assert_int_equal(x.at[1].cuecs, 2);
	assert_int_equal(x.at[1].cuecs_open, 1);
	assert_false(x.at[2].needed);
	assert_int_equal(x.late, 0);
	read_vendors(f, "2026-12-02", &x);
	assert_int_equal(x.late, 2);
}

static void
test_period(void **state)
{
	struct fixture *f = *state;
	int64_t first, last;

	OK(f, vendors_period(&f->ws->records, &f->a, day("2026-02-28"), &first,
	    &last, &f->e));
	assert_int_equal(first, day("2025-03-01"));
	assert_int_equal(last, day("2026-02-28"));
	OK(f, put_at(f, "2026-08-01T08:00:00Z", "engagement",
	    "- code: ENG-1\n  firm: Demo Audit\n  kind: type_2\n"
	    "  categories: [security]\n  period_start: 2026-01-01\n"
	    "  period_end: 2026-06-30\n"));
	OK(f, vendors_period(&f->ws->records, &f->a, day("2026-08-01"), &first,
	    &last, &f->e));
	assert_int_equal(first, day("2026-01-01"));
	assert_int_equal(last, day("2026-06-30"));
}

static const char risks[] =
    "- code: R-1\n  statement: one\n  category: people\n"
    "  inherent_likelihood: 4\n  inherent_impact: 5\n"
    "  residual_likelihood: 2\n  residual_impact: 4\n  owner: P1\n"
    "- code: R-2\n  statement: two\n  category: finance\n  fraud: yes\n"
    "- code: R-3\n  statement: three\n  category: vendor\n"
    "  inherent_likelihood: 3\n  inherent_impact: 3\n"
    "  due_on: 2026-03-01\n  owner: P1\n";

static void
test_risks(void **state)
{
	struct fixture *f = *state;
	struct risks x;

	OK(f, put_at(f, "2026-02-01T08:00:00Z", "person", people));
	OK(f, put_at(f, NULL, "risk", risks));
	OK(f, risks_read(&f->ws->records, &f->a, day("2026-03-01"), false, &x,
	    &f->e));
	assert_int_equal(x.n, 3);
	assert_int_equal(x.inherent[3][4], 1);
	assert_int_equal(x.inherent[2][2], 1);
	assert_int_equal(x.residual[1][3], 1);
	assert_int_equal(x.unrated, 1);
	assert_int_equal(x.fraud, 1);
	/* By the residual score, or else the inherent one: 9, 8, none. */
	assert_true(str_is(record_str(x.at[0].risk, F_RISK_CODE), "R-3"));
	assert_true(str_is(record_str(x.at[1].risk, F_RISK_CODE), "R-1"));
	assert_int_equal(x.at[0].need, RISKS_UNTREATED);
	assert_int_equal(x.at[1].need, RISKS_NOTHING);
	assert_int_equal(x.at[2].need, RISKS_UNRATED);
	/* The day itself is in time; the one after it is late. */
	OK(f, risks_read(&f->ws->records, &f->a, day("2026-03-02"), false, &x,
	    &f->e));
	assert_int_equal(x.at[0].need, RISKS_DUE);
	assert_int_equal(x.at[0].since, day("2026-03-02"));
	/* An acceptance is over after its last day. */
	OK(f, put_at(f, NULL, "risk", "- code: R-1\n  state: analysed\n"));
	OK(f, put_at(f, NULL, "risk", "- code: R-1\n  state: accepted\n"
	    "  accepted_by: P2\n  accepted_on: 2026-02-01\n"
	    "  accepted_until: 2026-06-30\n  acceptance_reason: small\n"));
	OK(f, risks_read(&f->ws->records, &f->a, day("2026-06-30"), false, &x,
	    &f->e));
	assert_int_equal(x.at[1].need, RISKS_NOTHING);
	OK(f, risks_read(&f->ws->records, &f->a, day("2026-07-01"), false, &x,
	    &f->e));
	assert_int_equal(x.at[1].need, RISKS_EXPIRED);
	/* What is closed counts no more, and is listed when asked for. */
	OK(f, put_at(f, NULL, "risk", "- code: R-3\n  state: closed\n"
	    "  closed_on: 2026-02-01\n  closing_reason: gone\n"));
	OK(f, risks_read(&f->ws->records, &f->a, day("2026-07-01"), true, &x,
	    &f->e));
	assert_int_equal(x.n, 3);
	assert_int_equal(x.inherent[2][2], 0);
	assert_int_equal(x.at[2].need, RISKS_NOTHING);
}

/* --- incidents --------------------------------------------------------------- */

static const struct incidents_line *
incident(struct fixture *f, const char *now, bool closed, const char *code)
{
	struct incidents x;

	OK(f, incidents_read(&f->ws->records, &f->a, instant(now), closed, &x,
	    &f->e));
	for (size_t i = 0; i < x.n; i++)
		if (str_is(record_str(x.at[i].incident, F_INCIDENT_CODE), code))
			return (&x.at[i]);
	return (NULL);
}

static void
test_incidents(void **state)
{
	struct fixture *f = *state;
	struct incidents_moments m;
	const struct incidents_line *l;

	OK(f, put_at(f, "2026-02-01T08:00:00Z", "person", people));
	OK(f, put_at(f, NULL, "severity_deadline",
	    "- kind: incident\n  severity: high\n  hours: 4\n"));
	OK(f, put_at(f, NULL, "jurisdiction", "- code: XX\n  name: Demoland\n"
	    "  breach_authority_hours: 72\n"));
	OK(f, put_at(f, "2026-03-01T10:00:00Z", "incident",
	    "- code: I-1\n  title: one\n  severity: high\n"
	    "  detected_at: 2026-03-01T09:00:00Z\n  reporter: P1\n"
	    "  personal_data: yes\n"
	    "- code: I-2\n  title: two\n"
	    "  detected_at: 2026-03-01T09:30:00Z\n"));
	l = incident(f, "2026-03-01T13:00:00Z", false, "I-1");
	assert_non_null(l);
	assert_int_equal(l->triage, INCIDENTS_RUNNING);
	assert_int_equal(l->triage_due, instant("2026-03-01T13:00:00Z"));
	assert_true(l->undecided);
	l = incident(f, "2026-03-01T13:00:01Z", false, "I-1");
	assert_int_equal(l->triage, INCIDENTS_OVER);
	/* Without a severity there is no deadline, and none is made up. */
	l = incident(f, "2026-03-01T13:00:01Z", false, "I-2");
	assert_int_equal(l->triage, INCIDENTS_NONE);
	assert_false(l->undecided);
	OK(f, put_at(f, "2026-03-01T14:00:00Z", "incident",
	    "- code: I-1\n  state: triaged\n  owner: P2\n"
	    "  triaged_at: 2026-03-01T12:00:00Z\n"));
	assert_int_equal(incident(f, "2026-04-01T00:00:00Z", false,
	    "I-1")->triage, INCIDENTS_KEPT);
	OK(f, put_at(f, NULL, "incident", "- code: I-1\n"
	    "  breach_decision: breach\n  breach_reason: it was\n"
	    "  decided_by: P2\n  decided_at: 2026-03-01T13:30:00Z\n"));
	OK(f, put_at(f, NULL, "breach_notice", "- code: BN-1\n"
	    "  incident: I-1\n  jurisdiction: XX\n  recipient: authority\n"));
	l = incident(f, "2026-03-04T09:00:00Z", false, "I-1");
	assert_false(l->undecided);
	assert_int_equal(l->notices_open, 1);
	assert_int_equal(l->notice_due, instant("2026-03-04T09:00:00Z"));
	assert_int_equal(l->notice, INCIDENTS_RUNNING);
	assert_int_equal(incident(f, "2026-03-04T09:00:01Z", false,
	    "I-1")->notice, INCIDENTS_OVER);
	OK(f, put_at(f, NULL, "incident_event", "- incident: I-1\n"
	    "  happened_at: 2026-03-01T11:00:00Z\n  kind: action\n"
	    "  text: cut off\n  person: P2\n"));
	OK(f, incidents_timeline(&f->ws->records, &f->a, find(f, T_INCIDENT,
	    "I-1"), &m, &f->e));
	static const char *const want[] = { "detected", "action", "triaged",
		"triage due", "breach decided", "notice due" };
	assert_int_equal(m.n, 6);
	for (size_t i = 0; i < m.n; i++)
		assert_string_equal(m.at[i].what, want[i]);
	assert_true(str_is(m.at[1].text, "cut off"));
	assert_true(str_eq(m.at[0].person, find(f, T_PERSON, "P1")->id));
	/* Closed ones are listed when asked for. */
	OK(f, put_at(f, NULL, "incident", "- code: I-2\n  state: triaged\n"
	    "  severity: low\n  owner: P2\n"
	    "  triaged_at: 2026-03-01T13:00:00Z\n"));
	OK(f, put_at(f, NULL, "incident", "- code: I-2\n  state: closed\n"
	    "  cause: none\n  lessons: none\n  control_failure: no\n"
	    "  commitment_broken: no\n  personal_data: no\n"
	    "  closed_at: 2026-03-01T13:45:00Z\n"));
	assert_null(incident(f, "2026-03-05T00:00:00Z", false, "I-2"));
	assert_non_null(incident(f, "2026-03-05T00:00:00Z", true, "I-2"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_days, setup, teardown),
		cmocka_unit_test_setup_teardown(test_vendors, setup, teardown),
		cmocka_unit_test_setup_teardown(test_period, setup, teardown),
		cmocka_unit_test_setup_teardown(test_risks, setup, teardown),
		cmocka_unit_test_setup_teardown(test_incidents, setup, teardown),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
