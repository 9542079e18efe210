#include "program/perform.h"

#include "program/said.h"
#include "text/date.h"

#define BACK 800 /* days in which open windows are looked for */

static const char *
day_text(struct arena *a, int64_t day)
{
	char s[DATE_SIZE];

	return (arena_strdup(a, date_print(day, s)));
}

/* Which occurrence is meant: by a day in it, by its trigger, or the oldest that
 * waits. */
static const struct occurrence *
choose(const struct occurrences *l, int64_t on, struct str trigger)
{
	const struct occurrence *best = NULL;

	for (size_t i = 0; i < l->n; i++) {
		const struct occurrence *o = &l->at[i];
		bool fits;
		if (trigger.len > 0)
			fits = o->trigger != NULL && str_eq(o->trigger->id, trigger);
		else if (on != INT64_MIN)
			fits = o->frequency != WINDOW_EVENT && o->first <= on &&
			    on <= o->last;
		else
			fits = o->state == OCCURRENCE_EXPECTED;
		/* Of two windows on one day that which waits is meant. */
		if (fits && (best == NULL || (best->performed != 0 &&
			o->performed == 0) || ((best->performed != 0) ==
			(o->performed != 0) && o->due < best->due)))
			best = o;
	}
	return (best);
}

static int
say_nothing_open(struct arena *a, const struct occurrences *l, struct str code,
    int64_t on, struct err *e)
{
	const char *where = arena_strndup(a, code.ptr, code.len);

	if (on != INT64_MIN)
		return (err_set(e, ERR_INPUT, where, "see: tickmark occurrences "
		    "DIR CONTROL", "no window of it has the day %s",
		    day_text(a, on)));
	if (l->n == 0)
		return (err_set(e, ERR_INPUT, where, "set its state to implemented "
		    "or operating, with effective_on", "it is not in force, so "
		    "nothing is expected"));
	return (err_set(e, ERR_INPUT, where, "name a window by a day in it, or "
	    "record a trigger", "nothing of it is open now"));
}

static int
check(struct arena *a, struct occurrence_book *b, const struct record *control,
    const struct perform *p, const struct occurrence *o, struct err *e)
{
	struct str code = record_str(control, F_CONTROL_CODE);
	struct str wants = record_str(control, F_CONTROL_EVIDENCE);
	const char *where = arena_strndup(a, code.ptr, code.len);

	if (str_trim(p->evidence).len == 0)
		return (err_set(e, ERR_INPUT, where, "say what shows it and where "
		    "that lies", wants.len > 0 ? "it is shown by %.*s; no evidence "
		    "was given" : "no evidence was given%.*s", STR_ARG(wants)));
	if (o->performed != 0)
		return (err_set(e, ERR_CONFLICT, where, "if that one is wrong, "
		    "retire it: tickmark record DIR performance retire ID",
		    "the window from %s was carried out on %s already",
		    day_text(a, o->first),
		    day_text(a, zone_day(b->zone, o->performed))));
	if (o->from > said_now(b->s))
		return (err_set(e, ERR_INPUT, where, "wait until then",
		    "its window begins on %s", day_text(a, o->first)));
	if (o->trigger != NULL && o->trigger->retired)
		return (err_set(e, ERR_INPUT, where, "record a new one",
		    "the trigger was withdrawn"));
	return (0);
}

static void
put(struct arena *a, struct val *m, const char *key, struct str s)
{
	if (s.len > 0)
		val_put(a, m, key, val_str(a, s));
}

static int
record_it(struct arena *a, struct occurrence_book *b,
    const struct record_actor *who, const struct perform *p,
    const struct occurrence *o, struct str *ret_id, struct err *e)
{
	struct val *m = val_map(a);

	val_put(a, m, "control", val_str(a, o->control->id));
	val_put(a, m, "frequency", val_text(a, window_frequency_name(
	    o->frequency)));
	if (o->trigger != NULL) {
		val_put(a, m, "trigger", val_str(a, o->trigger->id));
	} else {
		val_put(a, m, "window_from", val_text(a, day_text(a, o->first)));
		val_put(a, m, "window_to", val_text(a, day_text(a, o->last)));
	}
	val_put(a, m, "performer", val_str(a, p->performer));
	val_put(a, m, "outcome", val_text(a, p->found ? "exceptions" : "done"));
	put(a, m, "evidence", str_trim(p->evidence));
	put(a, m, "note", p->note);
	put(a, m, "file_name", p->file_name);
	put(a, m, "file_hash", p->file_hash);
	return (record_put_earned(b->s, a, who, schema_get(T_PERFORMANCE), STR(""),
	    m, ret_id, e));
}

/* The control's occurrences, as known now. */
static int
look(struct arena *a, struct occurrence_book *b, const struct record *control,
    struct occurrences *ret, struct err *e)
{
	struct occurrence_book now;
	struct occurrence_range range;
	int r = occurrence_book_read(a, b->s, b->zone, b->procedures, said_now(b->s),
	    &now, e);

	if (r != 0)
		return (r);
	range = (struct occurrence_range){ .first = now.day - BACK,
		.end = now.day + 1 };
	*ret = (struct occurrences){ 0 };
	return (occurrence_of(&now, control, &range, ret, e));
}

int
perform_control(struct arena *a, struct occurrence_book *b,
    const struct record_actor *who, const struct perform *p,
    struct str *ret_id, struct occurrence *ret, struct err *e)
{
	struct occurrences list;
	struct record *control, *trigger = NULL;
	int64_t on = INT64_MIN;
	struct str id;
	int r = record_find(b->s, a, schema_get(T_CONTROL), p->control, &control,
	    e);

	if (r == 0 && p->trigger.len > 0)
		r = record_find(b->s, a, schema_get(T_TRIGGER), p->trigger,
		    &trigger, e);
	if (r == 0 && p->on.len > 0)
		r = date_parse(p->on, &on, e);
	if (r == 0)
		r = look(a, b, control, &list, e);
	if (r != 0)
		return (r);
	const struct occurrence *o = choose(&list, on, trigger != NULL ?
	    trigger->id : STR(""));
	if (o == NULL)
		return (say_nothing_open(a, &list, record_str(control,
		    F_CONTROL_CODE), on, e));
	const struct occurrence chosen = *o;
	r = check(a, b, control, p, &chosen, e);
	if (r == 0)
		r = record_it(a, b, who, p, &chosen, &id, e);
	if (r == 0)
		r = look(a, b, control, &list, e);
	if (r != 0)
		return (r);
	for (size_t i = 0; i < list.n; i++)
		if (str_eq(list.at[i].performance, id))
			*ret = list.at[i];
	*ret_id = id;
	return (0);
}
