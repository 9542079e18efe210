#include "program/feed.h"

#include "base/clock.h"
#include "program/said.h"
#include "text/ical.h"

#define QUARTER (15 * 60 * CLOCK_SECOND)

/* It was set to a civil day, not to an instant in it. */
static bool
is_whole_day(const struct task_desk *d, const struct task *t)
{
	return (t->due == zone_day_start(d->zone, t->due_day + 1));
}

int
feed_write(struct task_desk *d, struct str org, struct str origin,
    const struct task_list *l, struct buf *out, struct err *e)
{
	const char *url = d->settings->url;

	ical_begin(out, str_from(arena_printf(d->a, "Tasks at " STR_FMT,
	    STR_ARG(org))), zone_name(d->zone));
	for (size_t i = 0; i < l->n; i++) {
		const struct task *t = &l->at[i];
		struct ical_event x = { .summary = t->title, .day = t->due_day,
			.whole_day = is_whole_day(d, t), .from = t->due - QUARTER,
			.to = t->due, .url = str_from(url), .alarm_us = CLOCK_DAY,
			.about = str_from(t->type->title) };
		if (t->due == INT64_MAX)
			continue;
		int r = said_at(d->s, t->entry, &x.stamp, e);
		if (r != 0)
			return (r);
		/* Entries only grow: so does what is said of one task. */
		x.sequence = (int64_t)(t->entry & 0x7fffffff);
		x.uid = str_from(arena_printf(d->a, STR_FMT "@" STR_FMT,
		    STR_ARG(t->id), STR_ARG(origin)));
		ical_put(out, &x);
	}
	ical_end(out);
	return (0);
}
