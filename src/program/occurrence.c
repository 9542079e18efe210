#include "program/occurrence.h"

#include <stdlib.h>

#include "base/clock.h"
#include "program/said.h"
#include "record/history.h"
#include "schema/kind.h"
#include "text/date.h"

#define LIST_MAX 1000000 /* occurrences of one list */
#define EVENT_DAYS 30 /* for a trigger, where no grace is said */
#define EVENT_LATE 90 /* days after it in which it is late, not missed */

static const char *const state_names[OCCURRENCE_NSTATE] = { "not_due",
	"expected", "on_time", "late", "missed", "not_triggered", "unknown" };
static const char *const state_words[OCCURRENCE_NSTATE] = { "not due",
	"expected", "on time", "late", "missed", "not triggered", "unknown" };

const char *
occurrence_state_name(enum occurrence_state s)
{
	return (state_names[s]);
}

const char *
occurrence_state_words(enum occurrence_state s)
{
	return (state_words[s]);
}

/* --- what is read ------------------------------------------------------------- */

struct done {
	const struct record *r;
	int64_t time;
	int64_t day; /* of its window; INT64_MIN: it is for a trigger */
	bool any;    /* it names no frequency */
	enum window_frequency frequency;
};
static int64_t
day_of(const struct record *r, size_t field, int64_t otherwise)
{
	int64_t day;

	return (r->cells[field].state == CELL_VALUE &&
	    date_parse(r->cells[field].s, &day, NULL) == 0 ? day : otherwise);
}

/* The records of a type that one control has, in the arena. */
struct pile {
	struct done *at;
	size_t n, cap;
};

static void
pile_add(struct arena *a, struct pile *p, struct done x)
{
	if (p->n == p->cap) {
		size_t cap = p->cap == 0 ? 4 : p->cap * 2;
		struct done *at = arena_array(a, cap, sizeof(*at));
		if (p->n != 0)
			memcpy(at, p->at, p->n * sizeof(*at));
		p->at = at;
		p->cap = cap;
	}
	p->at[p->n++] = x;
}

static int
by_time(const void *a, const void *b)
{
	const struct done *x = a, *y = b;

	if (x->time != y->time)
		return (x->time < y->time ? -1 : 1);
	/* Computed triggers have none, and came in their order. */
	int by_id = str_cmp(x->r->id, y->r->id);
	return (by_id != 0 || x->r->type->number != T_TRIGGER ? by_id : str_cmp(
	    record_str(x->r, F_TRIGGER_CODE), record_str(y->r,
	    F_TRIGGER_CODE)));
}

static void
pile_sort(struct pile *p)
{
	if (p->n > 1)
		qsort(p->at, p->n, sizeof(*p->at), by_time);
}

/* Those that were known at the instant of the book. */
static int
read_pile(struct occurrence_book *b, unsigned type,
    const struct record_filter *filters, size_t n, bool retired,
    struct pile *p, struct err *e)
{
	struct record_query q = { .filters = filters, .nfilters = n,
		.sort = RECORD_BY_HANDLE, .retired = retired };
	struct record_list list;
	int r = record_list(b->s, b->a, schema_get(type), &q, &list, e);

	for (size_t i = 0; r == 0 && i < list.n; i++) {
		struct done x = { .r = &list.at[i], .day = INT64_MIN, .any = true };
		if ((r = said_at(b->s, x.r->entry, &x.time, e)) != 0 ||
		    x.time > b->at)
			continue;
		if (type == T_PERFORMANCE) {
			x.day = day_of(x.r, F_PERFORMANCE_WINDOW_FROM, INT64_MIN);
			x.any = !window_frequency_find(record_str(x.r,
			    F_PERFORMANCE_FREQUENCY), &x.frequency);
		} else if (type == T_TRIGGER) {
			x.time = record_int(x.r, F_TRIGGER_HAPPENED_AT, 0);
			x.day = zone_day(b->zone, x.time);
		}
		pile_add(b->a, p, x);
	}
	return (r);
}

/* Performances for windows from a day on, and those for triggers. */
static int
read_done(struct occurrence_book *b, const struct record *control,
    int64_t since, struct pile *p, struct err *e)
{
	char day[DATE_SIZE];
	struct record_filter f[2] = {
		{ F_PERFORMANCE_CONTROL, RECORD_EQ, CELL_STR(control->id) },
		{ F_PERFORMANCE_WINDOW_FROM, RECORD_GE, CELL_NONE } };
	int r;

	f[1].value = CELL_STR(str_from(date_print(since < DATE_MIN ? DATE_MIN :
	    since, day)));
	r = read_pile(b, T_PERFORMANCE, f, 2, false, p, e);
	f[1].op = RECORD_EQ;
	f[1].value = CELL_NONE;
	if (r == 0)
		r = read_pile(b, T_PERFORMANCE, f, 2, false, p, e);
	pile_sort(p);
	return (r);
}

static bool
is_recorded(const struct pile *p, size_t n, const struct record *t)
{
	for (size_t i = 0; i < n; i++)
		if (str_eq(record_str(p->at[i].r, F_TRIGGER_CODE),
		    record_str(t, F_TRIGGER_CODE)))
			return (true);
	return (false);
}

/* What records call for, but where the trigger was recorded already. */
static int
read_calls(struct occurrence_book *b, const struct record *control,
    struct pile *triggers, struct str *ret_names, bool *ret_kept, struct err *e)
{
	size_t recorded = triggers->n, n;
	struct record *at;

	if (b->calls == NULL)
		b->calls = calls_new(b->a, b->s, b->zone);
	int r = calls_of(b->calls, control, b->at, &at, &n, ret_names, ret_kept,
	    e);

	for (size_t i = 0; r == 0 && i < n; i++)
		if (!is_recorded(triggers, recorded, &at[i])) {
			int64_t time = at[i].cells[F_TRIGGER_HAPPENED_AT].i;
			pile_add(b->a, triggers, (struct done){ .r = &at[i],
			    .time = time, .day = zone_day(b->zone, time),
			    .any = true });
		}
	return (r);
}

static int
read_events(struct occurrence_book *b, const struct record *control,
    struct pile *triggers, struct pile *logs, struct str *ret_names,
    bool *ret_kept, struct err *e)
{
	struct record_filter of[2] = {
		{ F_TRIGGER_CONTROL, RECORD_EQ, CELL_STR(control->id) },
		{ F_TRIGGER_LOG_CONTROL, RECORD_EQ, CELL_STR(control->id) } };
	int r = read_pile(b, T_TRIGGER, &of[0], 1, true, triggers, e);

	if (r == 0)
		r = read_calls(b, control, triggers, ret_names, ret_kept, e);
	pile_sort(triggers);
	return (r != 0 ? r : read_pile(b, T_TRIGGER_LOG, &of[1], 1, false, logs,
	    e));
}

int
occurrence_book_read(struct arena *a, struct record_store *s,
    const struct zone *zone, const struct procedure_set *procedures,
    int64_t at, struct occurrence_book *ret, struct err *e)
{
	struct occurrence_book b = { .a = a, .s = s, .zone = zone, .at = at,
		.day = zone_day(zone, at), .procedures = procedures };
	int r = workdays_read(a, s, zone, at, &b.workdays, e);

	if (r == 0)
		*ret = b;
	return (r);
}

/* --- the history of a control ------------------------------------------------- */

static unsigned
frequencies_of(struct occurrence_book *b, const struct record *c)
{
	const struct schema_field *f = &c->type->fields[F_CONTROL_FREQUENCY];
	struct str *items;
	size_t n = kind_items(b->a, f, &c->cells[F_CONTROL_FREQUENCY], &items);
	enum window_frequency x;
	unsigned bits = 0;

	for (size_t i = 0; i < n; i++)
		if (window_frequency_find(items[i], &x))
			bits |= 1u << x;
	return (bits);
}

static struct window_said
said_of(struct occurrence_book *b, const struct record_revision *v)
{
	const struct record *c = &v->record;
	struct str state = record_str(c, F_CONTROL_STATE);

	return ((struct window_said){ .time = v->time,
	    .day = zone_day(b->zone, v->time),
	    .effective = day_of(c, F_CONTROL_EFFECTIVE_ON, INT64_MIN),
	    .retired = day_of(c, F_CONTROL_RETIRED_ON, INT64_MAX),
	    .in_force = str_is(state, "implemented") || str_is(state, "operating"),
	    .ends = str_is(state, "retired"),
	    .gone = c->retired,
	    .as = { .frequencies = frequencies_of(b, c),
		.grace_days = record_int(c, F_CONTROL_GRACE_DAYS, -1),
		.workdays = str_is(record_str(c, F_CONTROL_KIND), "manual"),
		.version = record_int(c, F_CONTROL_VERSION, 1) } });
}

static int
spans_of(struct occurrence_book *b, const struct record *control,
    struct window_span **ret, size_t *ret_n, struct err *e)
{
	struct record_history h;
	size_t n = 0;

	*ret_n = 0;
	/* A draft that nobody touched since it was made was never in force. */
	if (control->rev == 1 && str_is(record_str(control, F_CONTROL_STATE),
	    "draft"))
		return (0);
	int r = record_history(b->s, b->a, control->type, control->id, &h, e);
	if (r != 0)
		return (r);
	struct window_said *said = arena_array(b->a, h.n + 1, sizeof(*said));
	for (size_t i = 0; i < h.n; i++)
		if (!h.at[i].erased && h.at[i].time <= b->at)
			said[n++] = said_of(b, &h.at[i]);
	*ret_n = window_spans(b->a, said, n, ret);
	return (0);
}

struct str
occurrence_shown_by(const struct occurrence_book *b,
    const struct record *control)
{
	struct str code = record_str(control, F_CONTROL_CODE);
	const struct procedure_set *set = b->procedures;

	for (size_t i = 0; set != NULL && i < set->n; i++)
		for (size_t k = 0; k < set->at[i].ncontrols; k++)
			if (str_eq(set->at[i].controls[k], code))
				return (set->at[i].id);
	return (STR(""));
}

/* --- one control ---------------------------------------------------------------- */

struct maker {
	struct occurrence_book *b;
	const struct record *control;
	const struct occurrence_range *range;
	struct pile done, triggers, logs;
	struct str calls; /* what records would call for it; or empty */
	bool kept;        /* and such records are kept */
	struct occurrences *list;
};

static struct occurrence *
add(struct maker *m, const struct occurrence *o)
{
	struct occurrences *l = m->list;

	/* The list grows by doubling; a power of two is full. */
	if ((l->n & (l->n - 1)) == 0) {
		struct occurrence *at = arena_array(m->b->a,
		    l->n == 0 ? 1 : l->n * 2, sizeof(*at));
		if (l->n != 0)
			memcpy(at, l->at, l->n * sizeof(*at));
		l->at = at;
	}
	l->at[l->n] = *o;
	l->count[o->state]++;
	l->overdue += o->overdue;
	return (&l->at[l->n++]);
}

static int64_t
start(struct maker *m, int64_t day)
{
	return (zone_day_start(m->b->zone, day));
}

/* The first performance that fits, if it was not made before the window. */
static const struct done *
done_in(struct maker *m, const struct window *w, int64_t from)
{
	bool lone = __builtin_popcount(w->span->frequencies) == 1;

	for (size_t i = 0; i < m->done.n; i++) {
		const struct done *d = &m->done.at[i];
		if (d->day < w->first || d->day >= w->end || d->time < from)
			continue;
		if (d->any ? lone : d->frequency == w->frequency)
			return (d);
	}
	return (NULL);
}

static const struct done *
done_for(struct maker *m, const struct record *trigger)
{
	for (size_t i = 0; trigger->id.len > 0 && i < m->done.n; i++)
		if (str_eq(record_str(m->done.at[i].r, F_PERFORMANCE_TRIGGER),
			trigger->id))
			return (&m->done.at[i]);
	return (NULL);
}

/* The state, from when it was due and when it was done. */
static void
judge(struct maker *m, struct occurrence *o, const struct done *d)
{
	const struct occurrence_book *b = m->b;
	int64_t late = o->late_until;

	/* What a period counts was done within it and its grace. */
	if (m->range->closed) {
		int64_t end = start(m, m->range->end);
		if (late > end)
			late = end > o->due ? end : o->due;
	}
	o->late_until = late;
	if (d != NULL) {
		o->performed = d->time;
		o->performance = d->r->id;
		o->performer = record_str(d->r, F_PERFORMANCE_PERFORMER);
		o->found = str_is(record_str(d->r, F_PERFORMANCE_OUTCOME),
		    "exceptions");
		o->file = record_str(d->r, F_PERFORMANCE_FILE_NAME);
		o->state = d->time < o->due ? OCCURRENCE_ON_TIME :
		    d->time < late ? OCCURRENCE_LATE : OCCURRENCE_MISSED;
		o->note = STR("");
	} else if (o->note.len > 0 || b->at < o->from) {
		o->state = OCCURRENCE_NOT_DUE;
	} else {
		o->state = b->at < late ? OCCURRENCE_EXPECTED : OCCURRENCE_MISSED;
		o->overdue = o->state == OCCURRENCE_EXPECTED && b->at >= o->due;
	}
}

/* The last day on which it is on time: that of the window, or of the grace. */
static int64_t
grace_day(struct maker *m, int64_t last, int64_t grace)
{
	return (grace <= 0 || last + grace > DATE_MAX ? last :
	    workdays_next(&m->b->workdays, last + grace));
}

static struct occurrence
begin(struct maker *m, const struct window *w)
{
	return ((struct occurrence){ .control = m->control,
	    .code = record_str(m->control, F_CONTROL_CODE),
	    .frequency = w->frequency, .first = w->first, .last = w->end - 1,
	    .from = start(m, w->first), .to = start(m, w->end),
	    .version = w->span->version });
}

static void
add_calendar(struct maker *m, const struct window *w)
{
	struct occurrence o = begin(m, w);
	int64_t next = start(m, w->next_end);

	o.due = start(m, grace_day(m, o.last, w->span->grace_days) + 1);
	o.late_until = next > o.due ? next : o.due;
	if (!w->due && w->frequency == WINDOW_DAILY)
		o.note = STR("no working day of it was in force");
	else if (!w->due)
		o.note = str_from(arena_printf(m->b->a,
		    "in force on %lld of its %lld days only",
		    (long long)(w->end - w->first),
		    (long long)(w->whole_end - w->whole_first)));
	judge(m, &o, done_in(m, w, o.from));
	add(m, &o);
}

/* --- when it is called for -------------------------------------------------------- */

static void
add_trigger(struct maker *m, const struct window *w, const struct done *t)
{
	struct occurrence o = begin(m, w);
	int64_t grace = w->span->grace_days;
	int64_t last = t->day + (grace >= 0 ? grace : EVENT_DAYS);

	o.trigger = t->r;
	o.first = t->day;
	o.from = t->time;
	o.last = day_of(t->r, F_TRIGGER_DUE_ON, last > DATE_MAX ? t->day :
	    workdays_next(&m->b->workdays, last));
	o.to = o.due = start(m, o.last + 1);
	o.late_until = start(m, o.last + 1 + EVENT_LATE);
	if (t->r->retired)
		o.note = STR("the trigger was withdrawn");
	judge(m, &o, done_for(m, t->r));
	add(m, &o);
}

/* Whether somebody vouches for every day from first <= day < end. */
static bool
vouched(const struct maker *m, int64_t first, int64_t end)
{
	bool moved = true;

	while (first < end && moved) {
		moved = false;
		for (size_t i = 0; i < m->logs.n; i++) {
			const struct record *r = m->logs.at[i].r;
			int64_t last = day_of(r, F_TRIGGER_LOG_ENDS_ON, INT64_MIN);
			if (day_of(r, F_TRIGGER_LOG_STARTS_ON, INT64_MAX) <= first &&
			    last >= first) {
				first = last + 1;
				moved = true;
			}
		}
	}
	return (first >= end);
}

static void
add_event(struct maker *m, const struct window *w)
{
	struct occurrence o = begin(m, w);
	size_t n = 0;

	for (size_t i = 0; i < m->triggers.n; i++) {
		const struct done *t = &m->triggers.at[i];
		if (t->day < w->first || t->day >= w->end)
			continue;
		add_trigger(m, w, t);
		n += !t->r->retired;
	}
	o.due = o.late_until = o.to;
	if (m->b->at < o.to) {
		if (n > 0)
			return;
		o.state = OCCURRENCE_NOT_DUE;
		o.note = STR("nothing is on record so far that calls for it");
	} else if (m->kept || vouched(m, w->first, w->end)) {
		if (n > 0)
			return;
		o.state = OCCURRENCE_NOT_TRIGGERED;
		if (m->kept)
			o.note = str_from(arena_printf(m->b->a, "no " STR_FMT
			    " is on record", STR_ARG(m->calls)));
	} else {
		o.state = OCCURRENCE_UNKNOWN;
		o.note = n > 0 ?
		    STR("nobody vouches that these triggers are all") :
		    STR("nobody vouches that nothing called for it");
	}
	add(m, &o);
}

static int
take_window(void *ctx, const struct window *w)
{
	struct maker *m = ctx;

	if (m->list->n >= LIST_MAX)
		return (-ERR_LIMIT);
	/* A day that clocks skipped has no time in which to do anything. */
	if (start(m, w->first) >= start(m, w->end))
		return (0);
	if (w->frequency == WINDOW_EVENT)
		add_event(m, w);
	else
		add_calendar(m, w);
	return (0);
}

/* What a test shows is left to it: all of what is automated, and otherwise
 * what goes on all the time or is called for. */
static unsigned
by_hand(const struct occurrence_book *b, const struct record *control)
{
	if (occurrence_shown_by(b, control).len == 0)
		return (~0u);
	return (str_is(record_str(control, F_CONTROL_KIND), "automated") ? 0 :
	    ~(1u << WINDOW_CONTINUOUS | 1u << WINDOW_EVENT));
}

int
occurrence_of(struct occurrence_book *b, const struct record *control,
    const struct occurrence_range *range, struct occurrences *list,
    struct err *e)
{
	struct maker m = { .b = b, .control = control, .range = range,
		.list = list };
	struct window_span *spans;
	unsigned all = 0, mask = by_hand(b, control);
	int64_t first, end;
	size_t n;
	int r = spans_of(b, control, &spans, &n, e);

	for (size_t i = 0; r == 0 && i < n; i++)
		all |= spans[i].frequencies &= mask;
	if (r != 0 || all == 0)
		return (r);
	/* A window with a day in the range may have begun long before it. */
	window_whole(WINDOW_ANNUAL, &b->workdays, false, range->first, &first,
	    &end);
	r = read_done(b, control, first - 31, &m.done, e);
	if (r == 0 && (all >> WINDOW_EVENT & 1) != 0)
		r = read_events(b, control, &m.triggers, &m.logs, &m.calls,
		    &m.kept, e);
	if (r == 0 && window_each(spans, n, &b->workdays, range->first,
	    range->end, take_window, &m) != 0)
		r = err_set(e, ERR_LIMIT, "occurrences", "ask for a shorter period",
		    "there would be more than %d of them", LIST_MAX);
	return (r);
}

int
occurrence_all(struct occurrence_book *b,
    const struct occurrence_range *range, struct occurrences *ret,
    struct err *e)
{
	struct record_query q = { .sort = RECORD_BY_HANDLE, .retired = true };
	struct occurrences list = { 0 };
	struct record_list controls;
	int r = record_list(b->s, b->a, schema_get(T_CONTROL), &q, &controls, e);

	for (size_t i = 0; r == 0 && i < controls.n; i++)
		r = occurrence_of(b, &controls.at[i], range, &list, e);
	if (r == 0)
		*ret = list;
	return (r);
}

struct occurrence_range
occurrence_year(const struct occurrence_book *b)
{
	return ((struct occurrence_range){ .first = b->day - 365,
	    .end = b->day + 1 });
}
