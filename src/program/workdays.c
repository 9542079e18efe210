#include "program/workdays.h"

#include <stdlib.h>

#include "program/said.h"
#include "schema/kind.h"
#include "text/date.h"

#define LOOK 366 /* days within which a working day is looked for */

bool
workdays_is(const struct workdays *w, int64_t day)
{
	size_t lo = 0, hi = w->n;

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;
		if (w->days[mid].day == day)
			return (w->days[mid].worked);
		if (w->days[mid].day < day)
			lo = mid + 1;
		else
			hi = mid;
	}
	return ((w->week >> (date_weekday(day) - 1) & 1) != 0);
}

int64_t
workdays_next(const struct workdays *w, int64_t day)
{
	for (int64_t d = day; d < day + LOOK && d <= DATE_MAX; d++)
		if (workdays_is(w, d))
			return (d);
	return (day);
}

int64_t
workdays_last(const struct workdays *w, int64_t day)
{
	for (int64_t d = day; d > day - LOOK && d >= DATE_MIN; d--)
		if (workdays_is(w, d))
			return (d);
	return (day);
}

int64_t
workdays_between(const struct workdays *w, int64_t from, int64_t to)
{
	int64_t n = 0;

	if (to < from)
		return (-workdays_between(w, to, from));
	if (to - from > 3653)
		return ((to - from) / 7 * __builtin_popcount(w->week));
	for (int64_t d = from; d < to; d++)
		n += workdays_is(w, d);
	return (n);
}

static int
by_day(const void *a, const void *b)
{
	const struct workdays_day *x = a, *y = b;

	return (x->day < y->day ? -1 : x->day > y->day);
}

static int
read_week(struct arena *a, struct record_store *s, int64_t at,
    struct workdays *w, struct err *e)
{
	static const char *const names[] = { "mon", "tue", "wed", "thu", "fri",
		"sat", "sun" };
	const struct schema_type *t = schema_get(T_CALENDAR);
	struct record_list list;
	int r = record_list(s, a, t, NULL, &list, e);

	for (size_t i = 0; r == 0 && i < list.n; i++) {
		const struct record *c = &list.at[i];
		struct str *day;
		int64_t said;
		if (!str_is(record_str(c, F_CALENDAR_CODE), "work"))
			continue;
		if ((r = said_at(s, c->entry, &said, e)) != 0 || said > at)
			continue;
		size_t n = kind_items(a, &t->fields[F_CALENDAR_WEEKDAYS],
		    &c->cells[F_CALENDAR_WEEKDAYS], &day);
		w->week = 0;
		for (size_t k = 0; k < n; k++)
			for (unsigned d = 0; d < 7; d++)
				if (str_is(day[k], names[d]))
					w->week |= 1u << d;
	}
	if (w->week == 0)
		w->week = WORKDAYS_WEEK;
	return (r);
}

int
workdays_read(struct arena *a, struct record_store *s, const struct zone *z,
    int64_t at, struct workdays *ret, struct err *e)
{
	struct workdays w = { .week = WORKDAYS_WEEK };
	struct record_list list;
	int r = read_week(a, s, at, &w, e);

	if (r == 0)
		r = record_list(s, a, schema_get(T_HOLIDAY), NULL, &list, e);
	if (r != 0)
		return (r);
	struct workdays_day *days = arena_array(a, list.n + 1, sizeof(*days));
	for (size_t i = 0; i < list.n; i++) {
		int64_t day, said;
		if (date_parse(record_str(&list.at[i], F_HOLIDAY_DAY), &day,
			NULL) != 0)
			continue;
		if ((r = said_at(s, list.at[i].entry, &said, e)) != 0)
			return (r);
		if (said > at || said >= zone_day_start(z, day))
			continue;
		days[w.n++] = (struct workdays_day){ day,
			record_int(&list.at[i], F_HOLIDAY_WORKED, 0) != 0 };
	}
	if (w.n > 1)
		qsort(days, w.n, sizeof(*days), by_day);
	w.days = days;
	*ret = w;
	return (0);
}
