/* Sources of tasks that are more than a record which waits. */
#include "assess/recorded.h"
#include "base/map.h"
#include "evidence/evidence.h"
#include "program/occurrence.h"
#include "program/task.h"
#include "text/date.h"
#include "text/timefmt.h"

#define BACK 800 /* days in which open windows are looked for */

/* --- occurrences ---------------------------------------------------------------- */

static void
add_occurrence(struct task_desk *d, const struct occurrence *o)
{
	char day[DATE_SIZE];
	struct task t = { .source = "occurrence", .type = o->control->type,
		.record = o->control->id, .entry = o->control->entry,
		.person = record_str(o->control, F_CONTROL_OWNER) };

	t.due = o->due;
	t.due_day = zone_day(d->zone, o->due - 1);
	if (o->trigger != NULL) {
		struct str other = record_str(o->trigger, F_TRIGGER_ASSIGNEE);
		if (other.len > 0)
			t.person = other;
		t.entry = o->trigger->entry;
		t.title = str_from(arena_printf(d->a, "Carry out " STR_FMT " for "
		    STR_FMT, STR_ARG(o->code), STR_ARG(record_str(o->trigger,
		    F_TRIGGER_CODE))));
		t.id = str_from(arena_printf(d->a, "occurrence/" STR_FMT "/"
		    STR_FMT, STR_ARG(t.record), STR_ARG(o->trigger->id.len > 0 ?
		    o->trigger->id : record_str(o->trigger, F_TRIGGER_CODE))));
	} else {
		t.title = str_from(arena_printf(d->a, "Carry out " STR_FMT ": "
		    STR_FMT " (%s)", STR_ARG(o->code), STR_ARG(record_str(
		    o->control, F_CONTROL_TITLE)),
		    window_frequency_name(o->frequency)));
		t.id = str_from(arena_printf(d->a, "occurrence/" STR_FMT "/%s-%s",
		    STR_ARG(t.record), window_frequency_name(o->frequency),
		    date_print(o->first, day)));
	}
	task_add(d, &t);
}

/* Controls that a person owns, and those whose triggers are given to them. */
static int
controls_of(struct task_desk *d, struct map *ret, struct err *e)
{
	struct record_filter own = { F_CONTROL_OWNER, RECORD_EQ,
		CELL_STR(d->person) };
	struct record_filter given = { F_TRIGGER_ASSIGNEE, RECORD_EQ,
		CELL_STR(d->person) };
	struct record_query q = { .filters = &own,
		.nfilters = d->person.len > 0, .sort = RECORD_BY_HANDLE,
		.retired = true };
	struct record_list list;
	int r = record_list(d->s, d->a, schema_get(T_CONTROL), &q, &list, e);

	map_init(ret, d->a);
	for (size_t i = 0; r == 0 && i < list.n; i++)
		map_put(ret, list.at[i].id, &list.at[i]);
	if (r != 0 || d->person.len == 0)
		return (r);
	q = (struct record_query){ .filters = &given, .nfilters = 1,
		.sort = RECORD_BY_HANDLE };
	r = record_list(d->s, d->a, schema_get(T_TRIGGER), &q, &list, e);
	for (size_t i = 0; r == 0 && i < list.n; i++) {
		struct record *c;
		struct str id = record_str(&list.at[i], F_TRIGGER_CONTROL);
		if (map_get(ret, id) == NULL && (r = record_find(d->s, d->a,
		    schema_get(T_CONTROL), id, &c, e)) == 0)
			map_put(ret, id, c);
	}
	return (r);
}

int
task_special_occurrences(struct task_desk *d, const struct task_source *s,
    struct err *e)
{
	struct occurrence_book b = { .a = d->a, .s = d->s, .zone = d->zone,
		.at = d->now, .day = d->day, .procedures = d->procedures,
		.workdays = d->workdays };
	struct occurrence_range range = { .first = d->day - BACK,
		.end = d->day + 1 };
	struct occurrences l = { 0 };
	struct map controls;
	int r = controls_of(d, &controls, e);

	(void)s;
	for (size_t i = 0; r == 0 && i < controls.n; i++)
		r = occurrence_of(&b, controls.items[i].value, &range, &l, e);
	for (size_t i = 0; r == 0 && i < l.n; i++)
		if (l.at[i].state == OCCURRENCE_EXPECTED)
			add_occurrence(d, &l.at[i]);
	return (r);
}

/* --- exceptions that tests found --------------------------------------------------- */

static int
add_exceptions(struct task_desk *d, const struct task_source *s,
    const struct procedure *p, const struct recorded_row *row, struct str code,
    struct err *e)
{
	struct record *control;
	int r = record_find(d->s, d->a, schema_get(T_CONTROL), code, &control, e);

	if (r != 0)
		return (r == -ERR_NOTFOUND ? 0 : r);
	struct task t = { .source = s->name, .type = control->type,
		.record = control->id, .entry = row->entry,
		.person = record_str(control, F_CONTROL_OWNER),
		.due = INT64_MAX, .due_day = INT64_MAX };
	t.title = str_from(arena_printf(d->a, "Look into " STR_FMT ": " STR_FMT
	    ": %lld of %lld fail", STR_ARG(code), STR_ARG(p->title),
	    (long long)row->subjects[ASSESS_FAIL], (long long)row->members));
	t.id = str_from(arena_printf(d->a, "%s/" STR_FMT "/" STR_FMT, s->name,
	    STR_ARG(control->id), STR_ARG(p->id)));
	task_add(d, &t);
	return (0);
}

/* By the last result of each test; it is gone when a later one finds none. */
int
task_special_exceptions(struct task_desk *d, const struct task_source *s,
    struct err *e)
{
	struct recorded_row *rows;
	size_t n = 0;
	int r = d->procedures == NULL ? 0 : recorded_latest(d->a, d->s->ledger,
	    d->now, &rows, &n, e);

	for (size_t i = 0; r == 0 && i < n; i++) {
		const struct procedure *p = procedure_find(d->procedures,
		    rows[i].procedure);
		if (p == NULL || rows[i].outcome != ASSESS_EXCEPTIONS)
			continue;
		for (size_t k = 0; r == 0 && k < p->ncontrols; k++)
			r = add_exceptions(d, s, p, &rows[i], p->controls[k], e);
	}
	return (r);
}

/* --- sources of evidence ---------------------------------------------------------- */

/* The record of a source by its name; NULL if it is not collected any more. */
static const struct record *
source_named(struct task_desk *d, struct str name)
{
	struct record *r;

	return (record_find(d->s, d->a, schema_get(T_SOURCE), name, &r,
	    NULL) == 0 && str_is(record_str(r, F_SOURCE_STATE), "active") ? r :
	    NULL);
}

static void
add_source(struct task_desk *d, const char *source, const struct record *r,
    const char *title, int64_t due)
{
	struct task t = { .source = source, .type = r->type, .record = r->id,
		.person = record_str(r, F_SOURCE_OWNER), .entry = r->entry,
		.title = str_from(title) };

	task_due_at(d, due, &t);
	t.id = str_from(arena_printf(d->a, "%s/" STR_FMT, source,
	    STR_ARG(r->id)));
	task_add(d, &t);
}

int
task_special_failed(struct task_desk *d, const struct task_source *s,
    struct err *e)
{
	struct evidence_failed *f;
	size_t n = 0;
	int r = d->ev == NULL ? 0 : evidence_last_failed(d->a,
	    evidence_db(d->ev), &f, &n, e);

	for (size_t i = 0; r == 0 && i < n; i++) {
		const struct record *src = source_named(d, f[i].source);
		if (src != NULL)
			add_source(d, s->name, src, arena_printf(d->a, "Mend the "
			    "collection of source " STR_FMT, STR_ARG(f[i].source)),
			    f[i].at);
	}
	return (r);
}

/* Until when what a source last said of any of its tables counts. */
static int
counts_until(struct task_desk *d, const struct record *src, int64_t *ret,
    struct err *e)
{
	struct str rest = record_str(src, F_SOURCE_TABLES), name,
		   source = record_str(src, F_SOURCE_NAME);
	int r = 0;

	*ret = INT64_MAX;
	while (r == 0 && rest.len > 0 && str_split(&rest, ' ', &name)) {
		const struct schema_type *t = schema_find(name);
		struct evidence_seen *seen;
		size_t n;
		if (t == NULL || schema_is_record(t))
			continue;
		r = evidence_last_seen(d->a, evidence_db(d->ev), t, d->now, &seen,
		    &n, e);
		for (size_t i = 0; r == 0 && i < n; i++)
			if (str_eq(seen[i].source, source) && seen[i].until < *ret)
				*ret = seen[i].until;
	}
	return (r);
}

int
task_special_stale(struct task_desk *d, const struct task_source *s,
    struct err *e)
{
	struct record_filter f[2] = {
		{ F_SOURCE_STATE, RECORD_EQ, CELL_STR(STR("active")) },
		{ F_SOURCE_OWNER, RECORD_EQ, CELL_STR(d->person) } };
	struct record_query q = { .filters = f,
		.nfilters = d->person.len > 0 ? 2 : 1, .sort = RECORD_BY_HANDLE };
	struct record_list list = { 0 };
	int r = d->ev == NULL ? 0 : record_list(d->s, d->a, schema_get(T_SOURCE),
	    &q, &list, e);

	for (size_t i = 0; r == 0 && i < list.n; i++) {
		int64_t until;
		r = counts_until(d, &list.at[i], &until, e);
		if (r == 0 && until <= d->now)
			add_source(d, s->name, &list.at[i], arena_printf(d->a,
			    "Collect source " STR_FMT " again: its evidence is stale",
			    STR_ARG(record_str(&list.at[i], F_SOURCE_NAME))), until);
	}
	return (r);
}
