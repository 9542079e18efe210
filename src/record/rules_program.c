#include "record/rules.h"

#include "base/clock.h"

static void
not_future(struct batch *b, struct batch_item *it, enum rule rule,
    size_t field, const char *what)
{
	if (rules_has(&it->new, field) && it->given[field] &&
	    str_cmp(it->new.cells[field].s, rules_today(b)) > 0)
		rules_say(b, it, rule, (int)field, "write today or a day before it",
		    "%s: %s", rules_title(it, field), what);
}

static void
performed(struct batch *b, struct batch_item *it)
{
	(void)b;
	if (!it->exists && !rules_has(&it->new, F_PERFORMANCE_PERFORMED_AT))
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
			rules_say(b, it, RULE_performance_stands, (int)i, "retire it, and record another",
			    "%s: a performance is not changed after it was "
			    "recorded", t->fields[i].title);
	}
}

static void
performance_check(struct batch *b, struct batch_item *it)
{
	const struct record *new = &it->new;
	bool window = rules_has(new, F_PERFORMANCE_WINDOW_FROM);

	if (it->exists) {
		performance_stands(b, it);
		return;
	}
	if (window == rules_has(new, F_PERFORMANCE_TRIGGER))
		rules_say(b, it, RULE_performance_one, F_PERFORMANCE_WINDOW_FROM, "name a window by its "
		    "first day, or a trigger", "Window from: a performance is for "
		    "one window, or for one trigger");
	rules_ordered(b, it, RULE_performance_order, F_PERFORMANCE_WINDOW_FROM, F_PERFORMANCE_WINDOW_TO);
	not_future(b, it, RULE_performance_early, F_PERFORMANCE_WINDOW_FROM, "a control is not carried "
	    "out before its window begins");
	if (rules_has(new, F_PERFORMANCE_PERFORMED_AT) &&
	    new->cells[F_PERFORMANCE_PERFORMED_AT].i > clock_now())
		rules_say(b, it, RULE_performance_future, F_PERFORMANCE_PERFORMED_AT, "leave it out: it is "
		    "set to now", "Performed: it lies in the future");
}

static void
trigger_check(struct batch *b, struct batch_item *it)
{
	if (rules_has(&it->new, F_TRIGGER_HAPPENED_AT) &&
	    it->given[F_TRIGGER_HAPPENED_AT] &&
	    it->new.cells[F_TRIGGER_HAPPENED_AT].i > clock_now())
		rules_say(b, it, RULE_trigger_future, F_TRIGGER_HAPPENED_AT, "record it when it has "
		    "happened", "Happened: it lies in the future");
	if (it->exists && rules_has(&it->old, F_TRIGGER_DUE_ON) &&
	    (!rules_has(&it->new, F_TRIGGER_DUE_ON) ||
	    str_cmp(it->new.cells[F_TRIGGER_DUE_ON].s,
	    it->old.cells[F_TRIGGER_DUE_ON].s) > 0))
		rules_say(b, it, RULE_trigger_due, F_TRIGGER_DUE_ON, "leave it; what is late stays "
		    "visible as late", "Due: it is not put off");
}

static void
log_check(struct batch *b, struct batch_item *it)
{
	rules_ordered(b, it, RULE_log_order, F_TRIGGER_LOG_STARTS_ON, F_TRIGGER_LOG_ENDS_ON);
	not_future(b, it, RULE_log_future, F_TRIGGER_LOG_ENDS_ON, "nobody can vouch for days "
	    "that have not passed");
}

/* A deadline of the past does not move because a holiday is named. */
static void
holiday_check(struct batch *b, struct batch_item *it)
{
	const struct cell *was = it->old.cells, *is = it->new.cells;

	if (!it->exists || !rules_has(&it->old, F_HOLIDAY_DAY) ||
	    str_cmp(was[F_HOLIDAY_DAY].s, rules_today(b)) > 0)
		return;
	if (!str_eq(was[F_HOLIDAY_DAY].s, is[F_HOLIDAY_DAY].s) ||
	    was[F_HOLIDAY_WORKED].i != is[F_HOLIDAY_WORKED].i)
		rules_say(b, it, RULE_holiday_past, F_HOLIDAY_DAY, "record the other day as a holiday "
		    "of its own", "Day: a holiday that has passed is not changed");
}

const struct rules_of rules_program[] = {
	{ T_HOLIDAY, NULL, holiday_check },
	{ T_PERFORMANCE, performed, performance_check },
	{ T_TRIGGER, NULL, trigger_check },
	{ T_TRIGGER_LOG, NULL, log_check },
	{ 0, NULL, NULL },
};
