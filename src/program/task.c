#include "program/task.h"

#include <stdlib.h>

#include "base/map.h"
#include "program/said.h"
#include "text/date.h"

int
task_desk_open(struct arena *a, struct workspace *ws,
    const struct settings *settings, const struct procedure_set *procedures,
    struct evidence *ev, struct task_desk *ret, struct err *e)
{
	struct task_desk d = { .a = a, .s = &ws->records, .zone = ws->zone,
		.now = said_now(&ws->records), .settings = settings,
		.procedures = procedures, .ev = ev };
	int r;

	d.day = zone_day(d.zone, d.now);
	r = workdays_read(a, d.s, d.zone, d.now, &d.workdays, e);
	if (r == 0)
		*ret = d;
	return (r);
}

/* --- one task ----------------------------------------------------------------- */

void
task_due_day(const struct task_desk *d, int64_t day, struct task *t)
{
	t->due_day = day;
	t->due = zone_day_start(d->zone, day + 1);
}

void
task_due_at(const struct task_desk *d, int64_t us, struct task *t)
{
	t->due = us;
	t->due_day = zone_day(d->zone, us - 1);
}

static void
append(struct arena *a, struct task_list *l, const struct task *t)
{
	if (l->n == l->cap) {
		size_t cap = l->cap == 0 ? 16 : l->cap * 2;
		struct task *at = arena_array(a, cap, sizeof(*at));
		if (l->n != 0)
			memcpy(at, l->at, l->n * sizeof(*at));
		l->at = at;
		l->cap = cap;
	}
	l->at[l->n++] = *t;
}

void
task_add(struct task_desk *d, const struct task *t)
{
	struct task x = *t;

	if (d->person.len > 0 && !str_eq(d->person, x.person))
		return;
	x.overdue = x.due <= d->now;
	x.left = x.due == INT64_MAX ? INT64_MAX :
	    workdays_between(&d->workdays, d->day, x.due_day);
	append(d->a, d->list, &x);
}

const char *
task_left(const struct task *t, char out[64])
{
	if (t->due == INT64_MAX)
		snprintf(out, 64, "no day is set");
	else if (t->overdue && t->left >= 0)
		snprintf(out, 64, "overdue");
	else if (t->overdue)
		snprintf(out, 64, "overdue by %lld working day%s",
		    (long long)-t->left, t->left == -1 ? "" : "s");
	else if (t->left <= 0)
		snprintf(out, 64, "due today");
	else
		snprintf(out, 64, "due in %lld working day%s", (long long)t->left,
		    t->left == 1 ? "" : "s");
	return (out);
}

/* --- lists ---------------------------------------------------------------------- */

static int
rank(const struct task *t)
{
	if (t->overdue)
		return (t->clock ? 0 : 1);
	return (t->due == INT64_MAX ? 3 : 2);
}

static int
by_weight(const void *a, const void *b)
{
	const struct task *x = a, *y = b;
	int k = rank(x) - rank(y);

	if (k == 0 && x->due != y->due)
		k = x->due < y->due ? -1 : 1;
	if (k == 0)
		k = (int)y->clock - (int)x->clock;
	return (k != 0 ? k : str_cmp(x->id, y->id));
}

void
task_sort(struct task_list *l)
{
	if (l->n > 1)
		qsort(l->at, l->n, sizeof(*l->at), by_weight);
}

static int
collect(struct task_desk *d, struct str person, struct task_list *ret,
    struct err *e)
{
	int r = 0;

	d->person = person;
	d->list = ret;
	for (size_t i = 0; r == 0 && task_sources[i].name != NULL; i++)
		r = task_sources[i].collect(d, &task_sources[i], e);
	return (r);
}

/* --- escalation ------------------------------------------------------------------- */

static bool
has_left(const struct record *p)
{
	return (p->retired || str_is(record_str(p, F_PERSON_STATE), "ended"));
}

static void
take_escalated(struct task_desk *d, const struct task_list *from,
    enum task_level level, int64_t after, bool all, struct task_list *to)
{
	for (size_t i = 0; i < from->n; i++) {
		struct task t = from->at[i];
		t.level = level;
		if (all || (t.overdue && -t.left > after))
			append(d->a, to, &t);
	}
}

/* What those whom a person leads left undone. */
static int
of_reports(struct task_desk *d, struct str person, struct task_list *ret,
    struct err *e)
{
	struct record_filter f = { F_PERSON_MANAGER, RECORD_EQ,
		CELL_STR(person) };
	struct record_query q = { .filters = &f, .nfilters = 1,
		.sort = RECORD_BY_HANDLE, .retired = true };
	struct record_list reports;
	int r = record_list(d->s, d->a, schema_get(T_PERSON), &q, &reports, e);

	for (size_t i = 0; r == 0 && i < reports.n; i++) {
		struct task_list l = { 0 };
		r = collect(d, reports.at[i].id, &l, e);
		if (r == 0)
			take_escalated(d, &l, TASK_MANAGER,
			    d->settings->escalate_after, has_left(&reports.at[i]),
			    ret);
	}
	return (r);
}

static bool
is_lead(struct task_desk *d, struct str person)
{
	struct record *lead;

	return (d->settings->lead != NULL && record_find(d->s, d->a,
	    schema_get(T_PERSON), str_from(d->settings->lead), &lead, NULL) == 0 &&
	    str_eq(lead->id, person));
}

/* What is nobody's, and what nobody did for long. */
static int
of_all(struct task_desk *d, struct str person, struct task_list *ret,
    struct err *e)
{
	struct task_list all = { 0 };
	struct map have;
	int r = collect(d, STR(""), &all, e);

	map_init(&have, d->a);
	for (size_t i = 0; i < ret->n; i++)
		map_put(&have, ret->at[i].id, ret);
	for (size_t i = 0; r == 0 && i < all.n; i++) {
		struct task t = all.at[i];
		t.level = TASK_LEAD;
		if (!str_eq(t.person, person) && map_get(&have, t.id) == NULL &&
		    (t.person.len == 0 || (t.overdue &&
		    -t.left > d->settings->escalate_lead)))
			append(d->a, ret, &t);
	}
	return (r);
}

int
task_inbox(struct task_desk *d, struct str person, struct task_list *ret,
    struct err *e)
{
	struct task_list l = { 0 };
	int r = collect(d, person, &l, e);

	if (r == 0)
		r = of_reports(d, person, &l, e);
	if (r == 0 && is_lead(d, person))
		r = of_all(d, person, &l, e);
	if (r != 0)
		return (r);
	task_sort(&l);
	*ret = l;
	return (0);
}

int
task_all(struct task_desk *d, struct task_list *ret, struct err *e)
{
	struct task_list l = { 0 };
	int r = collect(d, STR(""), &l, e);

	if (r != 0)
		return (r);
	task_sort(&l);
	*ret = l;
	return (0);
}
