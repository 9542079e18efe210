#include "record/rules.h"

#include "base/clock.h"
#include "record/history.h"
#include "text/date.h"
#include "text/zone.h"

static bool
has(const struct record *r, size_t i)
{
	return (r->cells[i].state == CELL_VALUE);
}

/* The civil day of the workspace; false if its zone cannot be read. */
static bool
today(struct batch *b, char out[DATE_SIZE])
{
	const struct zone *z;

	if (record_zone(b->a, b->store->ledger, &z, NULL) != 0)
		return (false);
	date_print(zone_day(z, clock_now()), out);
	return (true);
}

static void
not_future(struct batch *b, struct batch_item *it, size_t field,
    const char *what)
{
	char now[DATE_SIZE];

	if (has(&it->new, field) && it->given[field] && today(b, now) &&
	    str_cmp(it->new.cells[field].s, str_from(now)) > 0)
		batch_say(b, it, (int)field, "write today or a day before it",
		    "%s: %s", it->change->type->fields[field].title, what);
}

void
rules_program_performed(struct batch *b, struct batch_item *it)
{
	(void)b;
	if (!it->exists && !has(&it->new, F_PERFORMANCE_PERFORMED_AT))
		it->new.cells[F_PERFORMANCE_PERFORMED_AT] =
		    CELL_INT(clock_now());
}

/* What was done and shown is not reworded afterwards. */
static void
performance_stands(struct batch *b, struct batch_item *it)
{
	const struct schema_type *t = it->change->type;

	for (size_t i = 0; i < t->nfields; i++) {
		const struct cell *was = &it->old.cells[i],
				  *now = &it->new.cells[i];
		if (it->given[i] && (was->state != now->state ||
		    was->i != now->i || !str_eq(was->s, now->s)))
			batch_say(b, it, (int)i, "retire it, and record another",
			    "%s: a performance is not changed after it was "
			    "recorded", t->fields[i].title);
	}
}

void
rules_program_performance(struct batch *b, struct batch_item *it)
{
	const struct record *new = &it->new;
	bool window = has(new, F_PERFORMANCE_WINDOW_FROM);

	if (it->exists) {
		performance_stands(b, it);
		return;
	}
	if (window == has(new, F_PERFORMANCE_TRIGGER))
		batch_say(b, it, F_PERFORMANCE_WINDOW_FROM, "name a window by its "
		    "first day, or a trigger", "Window from: a performance is for "
		    "one window, or for one trigger");
	rules_ordered(b, it, F_PERFORMANCE_WINDOW_FROM, F_PERFORMANCE_WINDOW_TO);
	not_future(b, it, F_PERFORMANCE_WINDOW_FROM, "a control is not carried "
	    "out before its window begins");
	if (has(new, F_PERFORMANCE_PERFORMED_AT) &&
	    new->cells[F_PERFORMANCE_PERFORMED_AT].i > clock_now())
		batch_say(b, it, F_PERFORMANCE_PERFORMED_AT, "leave it out: it is "
		    "set to now", "Performed: it lies in the future");
}

void
rules_program_trigger(struct batch *b, struct batch_item *it)
{
	if (has(&it->new, F_TRIGGER_HAPPENED_AT) &&
	    it->given[F_TRIGGER_HAPPENED_AT] &&
	    it->new.cells[F_TRIGGER_HAPPENED_AT].i > clock_now())
		batch_say(b, it, F_TRIGGER_HAPPENED_AT, "record it when it has "
		    "happened", "Happened: it lies in the future");
	if (it->exists && has(&it->old, F_TRIGGER_DUE_ON) &&
	    (!has(&it->new, F_TRIGGER_DUE_ON) ||
	    str_cmp(it->new.cells[F_TRIGGER_DUE_ON].s,
	    it->old.cells[F_TRIGGER_DUE_ON].s) > 0))
		batch_say(b, it, F_TRIGGER_DUE_ON, "leave it; what is late stays "
		    "visible as late", "Due: it is not put off");
}

void
rules_program_log(struct batch *b, struct batch_item *it)
{
	rules_ordered(b, it, F_TRIGGER_LOG_STARTS_ON, F_TRIGGER_LOG_ENDS_ON);
	not_future(b, it, F_TRIGGER_LOG_ENDS_ON, "nobody can vouch for days "
	    "that have not passed");
}

/* A deadline of the past does not move because a holiday is named. */
void
rules_program_holiday(struct batch *b, struct batch_item *it)
{
	char now[DATE_SIZE];
	const struct cell *was = it->old.cells, *is = it->new.cells;

	if (!it->exists || !has(&it->old, F_HOLIDAY_DAY) || !today(b, now) ||
	    str_cmp(was[F_HOLIDAY_DAY].s, str_from(now)) > 0)
		return;
	if (!str_eq(was[F_HOLIDAY_DAY].s, is[F_HOLIDAY_DAY].s) ||
	    was[F_HOLIDAY_WORKED].i != is[F_HOLIDAY_WORKED].i)
		batch_say(b, it, F_HOLIDAY_DAY, "record the other day as a holiday "
		    "of its own", "Day: a holiday that has passed is not changed");
}
