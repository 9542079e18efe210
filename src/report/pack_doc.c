#include "report/pack_doc.h"

#include <inttypes.h>

#include "program/incidents.h"
#include "program/occurrence.h"
#include "program/ready.h"
#include "program/risks.h"
#include "program/vendors.h"
#include "text/timefmt.h"

#define RISKS_SHOWN 10

struct maker {
	const struct act *x;
	struct assess *as;
	const struct zone *zone;
	const struct record *meeting;
	int64_t now, day;
	int64_t since; /* day of the last meeting, or a year ago */
	bool had_one;  /* there was one */
	struct doc *d;
	struct doc_block *all;
};

static struct str
text(const struct maker *m, const struct record *r, size_t field)
{
	return (record_text(&m->x->ws->records, m->x->a, r, field));
}

static struct str
day_str(const struct maker *m, int64_t day)
{
	char s[DATE_SIZE];

	return (arena_str(m->x->a, str_from(date_print(day, s))));
}

/* Parts follow each other on a page: most of them are short. */
static struct doc_block *
section(struct maker *m, const char *label, const char *title)
{
	doc_heading(m->d, m->all, 2, label, title);
	return (m->all);
}

/* A table with so many columns; the last one is the widest. */
static struct doc_block *
table(struct maker *m, struct doc_block *in, size_t n, const char *caption)
{
	struct doc_col *cols = arena_array(m->x->a, n, sizeof(*cols));

	memset(cols, 0, n * sizeof(*cols));
	cols[n - 1].weight = 1;
	cols[0].head = true;
	return (doc_table(m->d, in, cols, n, caption));
}

static bool
in_state(const struct record *r, const char *states)
{
	struct str all = str_from(states), one;

	while (str_split(&all, '|', &one))
		if (str_eq(record_str(r, r->type->state), one))
			return (true);
	return (false);
}

/* Records in one of these states as a table of fields; of ${why_none} a line if
 * there are none. Fields end with -1; the day in ${due} that has passed is bold. */
struct listing {
	unsigned type;
	const char *states, *none, *caption;
	const char *titles[6];
	int fields[6];
	int due;
};

static int
put_listing(struct maker *m, struct doc_block *in, const struct listing *l,
    struct err *e)
{
	struct record_list list;
	struct doc_block *t = NULL;
	size_t n = 0;
	int r = act_list(m->x, l->type, -1, STR_NULL, &list, e);

	while (l->fields[n] >= 0)
		n++;
	for (size_t i = 0; r == 0 && i < list.n; i++) {
		const struct record *rec = &list.at[i];
		if (!in_state(rec, l->states))
			continue;
		if (t == NULL) {
			t = table(m, in, n, l->caption);
			struct doc_block *head = doc_row(m->d, t, DOC_ROW_HEAD);
			for (size_t k = 0; k < n; k++)
				doc_celltext(m->d, head, DOC_BOLD,
				    str_from(l->titles[k]));
		}
		struct doc_block *row = doc_row(m->d, t, 0);
		for (size_t k = 0; k < n; k++) {
			int64_t due;
			bool late = l->fields[k] == l->due && date_parse(
			    record_str(rec, (size_t)l->due), &due, NULL) == 0 &&
			    due < m->day;
			doc_celltext(m->d, row, late ? DOC_BOLD : 0,
			    text(m, rec, (size_t)l->fields[k]));
		}
	}
	if (r == 0 && t == NULL)
		doc_paraf(m->d, in, "%s", l->none);
	return (r);
}

/* --- sections ------------------------------------------------------------------ */

static const struct listing decisions = {
	T_DECISION, "open", "No decision of an earlier meeting is open.",
	"Decisions that are open; a day in bold has passed",
	{ "Meeting", "No.", "Due", "Owner", "Decision" },
	{ F_DECISION_MEETING, F_DECISION_NUMBER, F_DECISION_DUE_ON,
	    F_DECISION_OWNER, F_DECISION_TEXT, -1 }, F_DECISION_DUE_ON };
static const struct listing findings = {
	T_FINDING, "open|remediating|verifying", "No finding is open.",
	"Findings that are open; a day in bold has passed",
	{ "Finding", "Severity", "Due", "Owner", "What is wrong" },
	{ F_FINDING_CODE, F_FINDING_SEVERITY, F_FINDING_DUE, F_FINDING_OWNER,
	    F_FINDING_TITLE, -1 }, F_FINDING_DUE };
static const struct listing recommendations = {
	T_RECOMMENDATION, "open|accepted|doing|done",
	"No recommendation of an auditor is open.",
	"Recommendations that are open; a day in bold has passed",
	{ "Code", "Priority", "State", "Due", "Recommendation" },
	{ F_RECOMMENDATION_CODE, F_RECOMMENDATION_PRIORITY,
	    F_RECOMMENDATION_STATE, F_RECOMMENDATION_DUE_ON,
	    F_RECOMMENDATION_TEXT, -1 }, F_RECOMMENDATION_DUE_ON };

static int
put_agenda(struct maker *m, struct err *e)
{
	struct doc_block *s = section(m, "agenda", "Agenda and open decisions");
	struct str agenda = record_str(m->meeting, F_MEETING_AGENDA);
	int r = 0;

	if (agenda.len != 0)
		r = doc_markdown(m->d, s, "agenda", agenda, 3, e);
	else
		doc_paraf(m->d, s, "No agenda is recorded.");
	return (r != 0 ? r : put_listing(m, s, &decisions, e));
}

static void
put_changes(struct maker *m, struct doc_block *s, const struct readiness *was,
    const struct readiness *is)
{
	struct doc_block *t = NULL;

	for (size_t i = 0; i < is->ncriteria && i < was->ncriteria; i++) {
		const struct readiness_criterion *a = &was->criteria[i],
			*b = &is->criteria[i];
		if (a->readiness == b->readiness)
			continue;
		if (t == NULL) {
			t = table(m, s, 4, "Criteria that changed");
			doc_head(m->d, t, "Criterion", "Then", "Now", "Title",
			    NULL);
		}
		struct doc_block *row = doc_row(m->d, t, 0);
		doc_celltext(m->d, row, 0, b->id);
		doc_celltext(m->d, row, 0, str_from(
		    readiness_state_words(a->readiness)));
		doc_celltext(m->d, row, 0, str_from(
		    readiness_state_words(b->readiness)));
		doc_celltext(m->d, row, 0, b->title);
	}
	if (t == NULL)
		doc_paraf(m->d, s, "No criterion changed since.");
}

static int
put_standing(struct maker *m, struct err *e)
{
	struct doc_block *s = section(m, "standing", "Where we stand"), *t;
	int64_t then = zone_day_start(m->zone, m->since + 1) - 1;
	struct readiness *is, *was;
	int r = ready_read(m->x->a, m->as, m->now, &is, e);

	if (r == 0)
		r = ready_read(m->x->a, m->as, then, &was, e);
	if (r != 0)
		return (r);
	t = table(m, s, 3, "Criteria by what is known of them");
	doc_head(m->d, t, "State", "Now", arena_printf(m->x->a, "At the end of "
	    STR_FMT, STR_ARG(day_str(m, m->since))), NULL);
	for (int i = 0; i < READINESS_NSTATE; i++) {
		struct doc_block *row = doc_row(m->d, t, 0);
		doc_celltext(m->d, row, 0, str_from(readiness_state_words(
		    (enum readiness_state)i)));
		doc_celltext(m->d, row, 0, str_from(arena_printf(m->x->a, "%zu",
		    is->count[i])));
		doc_celltext(m->d, row, 0, str_from(arena_printf(m->x->a, "%zu",
		    was->count[i])));
	}
	put_changes(m, s, was, is);
	return (0);
}

static int
put_occurrences(struct maker *m, struct err *e)
{
	struct doc_block *s = section(m, "controls", "Controls carried out"), *t =
	    NULL;
	struct occurrence_range range = { .first = m->since, .end = m->day + 1 };
	struct occurrence_book b;
	struct occurrences l;
	int r = occurrence_book_read(m->x->a, &m->x->ws->records, m->zone,
	    assess_procedures(m->as), m->now, &b, e);

	if (r == 0)
		r = occurrence_all(&b, &range, &l, e);
	if (r != 0)
		return (r);
	doc_paraf(m->d, s, "%zu occurrences since " STR_FMT ": %zu on time, %zu "
	    "late, %zu missed, %zu expected, of which %zu overdue, %zu not "
	    "triggered, %zu unknown, %zu not due.", l.n,
	    STR_ARG(day_str(m, m->since)), l.count[OCCURRENCE_ON_TIME],
	    l.count[OCCURRENCE_LATE], l.count[OCCURRENCE_MISSED],
	    l.count[OCCURRENCE_EXPECTED], l.overdue,
	    l.count[OCCURRENCE_NOT_TRIGGERED], l.count[OCCURRENCE_UNKNOWN],
	    l.count[OCCURRENCE_NOT_DUE]);
	for (size_t i = 0; i < l.n; i++) {
		const struct occurrence *o = &l.at[i];
		if (o->state != OCCURRENCE_LATE && o->state != OCCURRENCE_MISSED &&
		    !o->overdue)
			continue;
		if (t == NULL) {
			t = table(m, s, 4, "Late, missed or overdue");
			doc_head(m->d, t, "Control", "Window", "State", "Title",
			    NULL);
		}
		struct doc_block *row = doc_row(m->d, t, 0);
		doc_celltext(m->d, row, 0, o->code);
		doc_celltext(m->d, row, 0, str_from(arena_printf(m->x->a,
		    STR_FMT " to " STR_FMT, STR_ARG(day_str(m, o->first)),
		    STR_ARG(day_str(m, o->last)))));
		doc_celltext(m->d, row, 0, str_from(o->overdue ? "overdue" :
		    occurrence_state_words(o->state)));
		doc_celltext(m->d, row, 0, record_str(o->control,
		    F_CONTROL_TITLE));
	}
	return (0);
}

static int
put_findings(struct maker *m, struct err *e)
{
	struct doc_block *s = section(m, "findings",
	    "Findings and recommendations");
	int r = put_listing(m, s, &findings, e);

	return (r != 0 ? r : put_listing(m, s, &recommendations, e));
}

static int
put_risks(struct maker *m, struct err *e)
{
	struct doc_block *s = section(m, "risks", "Risks"), *t;
	struct risks all;
	int r = risks_read(&m->x->ws->records, m->x->a, m->day, false, &all, e);

	if (r != 0)
		return (r);
	doc_paraf(m->d, s, "%zu risks are not closed, %zu of them of fraud; %zu "
	    "need somebody.", all.n, all.fraud, all.needing);
	if (all.n == 0)
		return (0);
	t = table(m, s, 5, "The heaviest, and those that need somebody");
	doc_head(m->d, t, "Risk", "Inherent", "Residual", "Needs", "Statement",
	    NULL);
	for (size_t i = 0; i < all.n; i++) {
		const struct risks_line *l = &all.at[i];
		if (i >= RISKS_SHOWN && l->need == RISKS_NOTHING)
			continue;
		struct doc_block *row = doc_row(m->d, t, 0);
		doc_celltext(m->d, row, 0, text(m, l->risk, F_RISK_CODE));
		doc_celltext(m->d, row, 0, text(m, l->risk,
		    F_RISK_INHERENT_SCORE));
		doc_celltext(m->d, row, 0, text(m, l->risk,
		    F_RISK_RESIDUAL_SCORE));
		doc_celltext(m->d, row, 0, str_from(risks_need_words(l->need)));
		doc_celltext(m->d, row, 0, text(m, l->risk, F_RISK_STATEMENT));
	}
	return (0);
}

static int
put_incidents(struct maker *m, struct err *e)
{
	struct doc_block *s = section(m, "incidents", "Incidents"), *t = NULL;
	struct incidents all;
	char at[TIME_SIZE];
	int r = incidents_read(&m->x->ws->records, m->x->a, m->now, true, &all,
	    e);

	for (size_t i = 0; r == 0 && i < all.n; i++) {
		const struct incidents_line *l = &all.at[i];
		if (l->closed != 0 && zone_day(m->zone, l->detected) < m->since)
			continue;
		if (t == NULL) {
			t = table(m, s, 5, "Open, or detected since");
			doc_head(m->d, t, "Incident", "Severity", "State",
			    "Detected", "Title", NULL);
		}
		struct doc_block *row = doc_row(m->d, t, 0);
		doc_celltext(m->d, row, 0, text(m, l->incident,
		    F_INCIDENT_CODE));
		doc_celltext(m->d, row, 0, text(m, l->incident,
		    F_INCIDENT_SEVERITY));
		doc_celltext(m->d, row, 0, text(m, l->incident,
		    F_INCIDENT_STATE));
		doc_celltext(m->d, row, 0, str_from(time_print_zone(m->zone,
		    l->detected, at)));
		doc_celltext(m->d, row, 0, text(m, l->incident,
		    F_INCIDENT_TITLE));
	}
	if (r == 0 && t == NULL)
		doc_paraf(m->d, s, "No incident is open, and none was detected "
		    "since " STR_FMT ".", STR_ARG(day_str(m, m->since)));
	return (r);
}

static int
put_vendors(struct maker *m, struct err *e)
{
	struct doc_block *s = section(m, "vendors", "Vendors"), *t = NULL;
	struct record_store *st = &m->x->ws->records;
	struct vendors all;
	int64_t first, last;
	int r = vendors_period(st, m->x->a, m->day, &first, &last, e);

	if (r == 0)
		r = vendors_read(st, m->x->a, first, last, m->day, false, &all,
		    e);
	if (r != 0)
		return (r);
	doc_paraf(m->d, s, "%zu vendors; a report of %zu is needed for the period "
	    STR_FMT " to " STR_FMT ", and %zu of those leave days open.", all.n,
	    all.needed, STR_ARG(day_str(m, first)), STR_ARG(day_str(m, last)),
	    all.gapped);
	for (size_t i = 0; i < all.n; i++) {
		const struct vendors_line *l = &all.at[i];
		if (!l->late && !(l->needed && l->open > 0) && l->cuecs_open == 0)
			continue;
		if (t == NULL) {
			t = table(m, s, 4, "Vendors that need somebody");
			doc_head(m->d, t, "Days open", "Expected of us",
			    "Assessment", "Vendor", NULL);
		}
		struct doc_block *row = doc_row(m->d, t, 0);
		doc_celltext(m->d, row, 0, str_from(l->needed ? arena_printf(
		    m->x->a, "%" PRId64, l->open) : ""));
		doc_celltext(m->d, row, 0, str_from(l->cuecs_open == 0 ? "" :
		    arena_printf(m->x->a, "%zu open", l->cuecs_open)));
		doc_celltext(m->d, row, 0, str_from(l->late ? "late" : ""));
		doc_celltext(m->d, row, 0, text(m, l->vendor, F_VENDOR_NAME));
	}
	return (0);
}

/* --- the whole -------------------------------------------------------------------- */

/* The day of the newest meeting of the same body that was held before. */
static int
find_last(struct maker *m, struct err *e)
{
	struct record_list list;
	struct str body = record_str(m->meeting, F_MEETING_BODY);
	int64_t own = m->day, day;
	int r = act_list(m->x, T_MEETING, -1, STR_NULL, &list, e);

	date_parse(record_str(m->meeting, F_MEETING_PLANNED_ON), &own, NULL);
	m->since = date_add_months(m->day, -12);
	for (size_t i = 0; r == 0 && i < list.n; i++)
		if (in_state(&list.at[i], "held|approved") &&
		    str_eq(record_str(&list.at[i], F_MEETING_BODY), body) &&
		    date_parse(record_str(&list.at[i], F_MEETING_PLANNED_ON),
		    &day, NULL) == 0 && day < own && day <= m->day &&
		    (!m->had_one || day > m->since)) {
			m->since = day;
			m->had_one = true;
		}
	return (r);
}

static void
title(struct maker *m)
{
	struct doc *d = m->d;
	struct str body = arena_str(m->x->a, record_str(m->meeting,
	    F_MEETING_BODY));
	char at[TIME_SIZE];

	d->kicker = STR("Pack for a meeting");
	d->title = body;
	d->subtitle = arena_str(m->x->a, m->x->ws->org);
	d->author = d->subtitle;
	d->subject = d->kicker;
	d->lang = STR("en");
	d->instant_us = m->now;
	d->head = str_from(arena_printf(m->x->a, STR_FMT " \xc2\xb7 " STR_FMT,
	    STR_ARG(m->x->ws->org), STR_ARG(record_str(m->meeting,
	    F_MEETING_CODE))));
	doc_fact(d, "Meeting", arena_printf(m->x->a, STR_FMT ", " STR_FMT,
	    STR_ARG(record_str(m->meeting, F_MEETING_CODE)),
	    STR_ARG(record_str(m->meeting, F_MEETING_PLANNED_ON))));
	doc_fact(d, "As of", arena_strdup(m->x->a, time_print_zone(m->zone,
	    m->now, at)));
	doc_fact(d, "Since", arena_printf(m->x->a, STR_FMT ", %s",
	    STR_ARG(day_str(m, m->since)), m->had_one ? "the last meeting" :
	    "a year ago: no earlier meeting is recorded"));
	d->title_note = STR("Confidential. It says what is recorded and what tests "
	    "found; what follows from it is for the meeting to decide.");
}

int
pack_doc(const struct act *x, struct assess *as, const struct zone *zone,
    const struct record *meeting, int64_t now, struct doc **ret, struct err *e)
{
	static int (*const parts[])(struct maker *m, struct err *e) = {
		put_agenda, put_standing, put_occurrences, put_findings, put_risks,
		put_incidents, put_vendors };
	struct maker m = { .x = x, .as = as, .zone = zone, .meeting = meeting,
		.now = now, .day = zone_day(zone, now), .d = doc_new(x->a) };
	int r = find_last(&m, e);

	if (r == 0)
		title(&m);
	m.all = doc_section(m.d, "pack", "", "What the meeting is given");
	for (size_t i = 0; r == 0 && i < sizeof(parts) / sizeof(parts[0]); i++)
		r = parts[i](&m, e);
	if (r == 0)
		*ret = m.d;
	return (r);
}
