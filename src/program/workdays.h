/*
 * On which days the organisation works: the working week (the calendar "work",
 * or Monday to Friday) and the holidays. A day is a civil day of text/date.h.
 *
 * A holiday counts only if it was on record before its day began: what was due
 * is not made undue afterwards.
 */
#ifndef PROGRAM_WORKDAYS_H
#define PROGRAM_WORKDAYS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "record/record.h"
#include "text/zone.h"

struct workdays_day {
	int64_t day;
	bool worked;
};

struct workdays {
	unsigned week; /* bit 0 Monday .. bit 6 Sunday; never 0 */
	const struct workdays_day *days; /* exceptions, by day */
	size_t n;
};

#define WORKDAYS_WEEK 0x1fu /* Monday to Friday */

/* workdays_read(a, s, z, at, ret, e): as known at instant ${at}. */
int workdays_read(struct arena *a, struct record_store *s,
    const struct zone *z, int64_t at, struct workdays *ret, struct err *e);

bool workdays_is(const struct workdays *w, int64_t day);
/* workdays_next(w, day): the first working day that is not before ${day}. A
 * year without one counts as worked. workdays_last(): not after it. */
int64_t workdays_next(const struct workdays *w, int64_t day);
int64_t workdays_last(const struct workdays *w, int64_t day);
/* workdays_between(w, from, to): working days in from <= day < to; negative
 * if ${to} is before. Past ten years it counts the week alone. */
int64_t workdays_between(const struct workdays *w, int64_t from, int64_t to);

#endif
