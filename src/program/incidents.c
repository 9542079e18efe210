#include "program/incidents.h"

#include "base/map.h"

const char *
incidents_clock_word(enum incidents_clock c)
{
	static const char *const words[] = { "", "running", "late", "in time",
		"was late" };

	return (words[c]);
}

static bool
in_state(const struct record *r, const char *state)
{
	return (str_is(record_str(r, r->type->state), state));
}

static bool
yes(const struct record *r, size_t field)
{
	return (r->cells[field].state == CELL_VALUE && r->cells[field].i != 0);
}

/* A deadline, and when it was met: 0 for none of either. */
static enum incidents_clock
clock_of(int64_t due, int64_t done, int64_t now)
{
	if (due == 0)
		return (INCIDENTS_NONE);
	if (done == 0)
		return (now > due ? INCIDENTS_OVER : INCIDENTS_RUNNING);
	return (done > due ? INCIDENTS_MISSED : INCIDENTS_KEPT);
}

/* Worse is later in this order. */
static int
badness(enum incidents_clock c)
{
	static const int order[] = { [INCIDENTS_NONE] = 0, [INCIDENTS_KEPT] = 1,
		[INCIDENTS_RUNNING] = 2, [INCIDENTS_MISSED] = 3,
		[INCIDENTS_OVER] = 4 };

	return (order[c]);
}

static void
add_notice(struct incidents_line *l, const struct record *n, int64_t now)
{
	int64_t due = record_int(n, F_BREACH_NOTICE_DUE_AT, 0),
		sent = record_int(n, F_BREACH_NOTICE_SENT_AT, 0);
	enum incidents_clock c;

	if (in_state(n, "not_required"))
		return;
	c = clock_of(due, sent, now);
	l->notices++;
	if (badness(c) > badness(l->notice))
		l->notice = c;
	if (sent != 0)
		return;
	l->notices_open++;
	if (due != 0 && (l->notice_due == 0 || due < l->notice_due))
		l->notice_due = due;
}

static void
read_line(const struct record *r, int64_t now, struct incidents_line *l)
{
	*l = (struct incidents_line){ .incident = r,
		.detected = record_int(r, F_INCIDENT_DETECTED_AT, 0),
		.triage_due = record_int(r, F_INCIDENT_TRIAGE_DUE_AT, 0) };
	l->triage = clock_of(l->triage_due,
	    record_int(r, F_INCIDENT_TRIAGED_AT, 0), now);
	if (in_state(r, "closed"))
		l->closed = record_int(r, F_INCIDENT_CLOSED_AT, 0);
	l->undecided = yes(r, F_INCIDENT_PERSONAL_DATA) &&
	    r->cells[F_INCIDENT_BREACH_DECISION].state != CELL_VALUE;
}

static int
newest_first(const void *a, const void *b)
{
	const struct incidents_line *x = a, *y = b;
	int closed = in_state(x->incident, "closed") -
	    in_state(y->incident, "closed");

	if (closed != 0)
		return (closed);
	if (x->detected != y->detected)
		return (x->detected < y->detected ? 1 : -1);
	return (str_cmp(x->incident->id, y->incident->id));
}

static void
add_up(struct incidents *x)
{
	for (size_t i = 0; i < x->n; i++) {
		const struct incidents_line *l = &x->at[i];
		x->open += !in_state(l->incident, "closed");
		x->late += l->triage == INCIDENTS_OVER ||
		    l->notice == INCIDENTS_OVER;
	}
	if (x->n > 1)
		qsort(x->at, x->n, sizeof(*x->at), newest_first);
}

int
incidents_read(struct record_store *s, struct arena *a, int64_t now,
    bool closed, struct incidents *ret, struct err *e)
{
	struct record_query q = { .sort = RECORD_BY_HANDLE };
	struct record_list list, notices;
	struct map by_id;
	int r = record_list(s, a, schema_get(T_INCIDENT), &q, &list, e);

	if (r == 0)
		r = record_list(s, a, schema_get(T_BREACH_NOTICE), &q, &notices,
		    e);
	if (r != 0)
		return (r);
	*ret = (struct incidents){ .at = arena_array(a, list.n + 1,
	    sizeof(*ret->at)) };
	map_init(&by_id, a);
	for (size_t i = 0; i < list.n; i++) {
		if (!closed && in_state(&list.at[i], "closed"))
			continue;
		read_line(&list.at[i], now, &ret->at[ret->n]);
		map_put(&by_id, list.at[i].id, &ret->at[ret->n++]);
	}
	for (size_t i = 0; i < notices.n; i++) {
		struct incidents_line *l = map_get(&by_id,
		    record_str(&notices.at[i], F_BREACH_NOTICE_INCIDENT));
		if (l != NULL)
			add_notice(l, &notices.at[i], now);
	}
	add_up(ret);
	return (0);
}

/* --- a timeline --------------------------------------------------------------- */

static void
add(struct incidents_moments *m, int64_t at, const char *what, struct str text,
    struct str person)
{
	if (at != 0)
		m->at[m->n++] = (struct incidents_moment){ at, what, text,
			person };
}

static const struct stage {
	uint16_t field;
	const char *what;
} stages[] = {
	{ F_INCIDENT_DETECTED_AT, "detected" },
	{ F_INCIDENT_TRIAGE_DUE_AT, "triage due" },
	{ F_INCIDENT_TRIAGED_AT, "triaged" },
	{ F_INCIDENT_CONTAINED_AT, "contained" },
	{ F_INCIDENT_ERADICATED_AT, "eradicated" },
	{ F_INCIDENT_RECOVERED_AT, "recovered" },
	{ F_INCIDENT_DECIDED_AT, "breach decided" },
	{ F_INCIDENT_CUSTOMERS_TOLD_AT, "customers told" },
	{ F_INCIDENT_CLOSED_AT, "closed" },
};
#define NSTAGES (sizeof(stages) / sizeof(stages[0]))

static void
add_stages(const struct record *r, struct incidents_moments *m)
{
	for (size_t i = 0; i < NSTAGES; i++) {
		struct str text = STR(""), person = STR("");
		if (stages[i].field == F_INCIDENT_DETECTED_AT)
			person = record_str(r, F_INCIDENT_REPORTER);
		if (stages[i].field == F_INCIDENT_DECIDED_AT) {
			text = record_str(r, F_INCIDENT_BREACH_DECISION);
			person = record_str(r, F_INCIDENT_DECIDED_BY);
		}
		add(m, record_int(r, stages[i].field, 0), stages[i].what, text,
		    person);
	}
}

static const char *
event_word(struct str kind)
{
	static const char *const kinds[] = { "observation", "action", "decision",
		"communication" };

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (str_is(kind, kinds[i]))
			return (kinds[i]);
	return ("event");
}

/* Insertion, for hundreds of lines at most that are mostly in order: what has
 * the same time stays as it was added. */
static void
sort(struct incidents_moments *m)
{
	for (size_t i = 1; i < m->n; i++) {
		struct incidents_moment x = m->at[i];
		size_t k = i;
		for (; k > 0 && m->at[k - 1].at > x.at; k--)
			m->at[k] = m->at[k - 1];
		m->at[k] = x;
	}
}

static int
list_of(struct record_store *s, struct arena *a, unsigned type, uint16_t field,
    struct str id, struct record_list *ret, struct err *e)
{
	struct record_filter f = { field, RECORD_EQ, CELL_STR(id) };
	struct record_query q = { .filters = &f, .nfilters = 1,
		.sort = RECORD_BY_HANDLE };

	return (record_list(s, a, schema_get(type), &q, ret, e));
}

int
incidents_timeline(struct record_store *s, struct arena *a,
    const struct record *incident, struct incidents_moments *ret,
    struct err *e)
{
	struct record_list events, notices;
	int r = list_of(s, a, T_INCIDENT_EVENT, F_INCIDENT_EVENT_INCIDENT,
	    incident->id, &events, e);

	if (r == 0)
		r = list_of(s, a, T_BREACH_NOTICE, F_BREACH_NOTICE_INCIDENT,
		    incident->id, &notices, e);
	if (r != 0)
		return (r);
	*ret = (struct incidents_moments){ .at = arena_array(a, NSTAGES +
	    events.n + 2 * notices.n, sizeof(*ret->at)) };
	add_stages(incident, ret);
	for (size_t i = 0; i < events.n; i++) {
		const struct record *v = &events.at[i];
		add(ret, record_int(v, F_INCIDENT_EVENT_HAPPENED_AT, 0),
		    event_word(record_str(v, F_INCIDENT_EVENT_KIND)),
		    record_str(v, F_INCIDENT_EVENT_TEXT),
		    record_str(v, F_INCIDENT_EVENT_PERSON));
	}
	for (size_t i = 0; i < notices.n; i++) {
		const struct record *n = &notices.at[i];
		if (in_state(n, "not_required"))
			continue;
		add(ret, record_int(n, F_BREACH_NOTICE_DUE_AT, 0), "notice due",
		    record_str(n, F_BREACH_NOTICE_CODE), STR(""));
		add(ret, record_int(n, F_BREACH_NOTICE_SENT_AT, 0),
		    "notice sent", record_str(n, F_BREACH_NOTICE_CODE), STR(""));
	}
	sort(ret);
	return (0);
}
