/*
 * The windows in which a control is expected: days, weeks (from Monday),
 * months, quarters, half years and years of the calendar, cut to the time in
 * which the control is in force. Pure: no clock, no records. Days are civil
 * days of text/date.h, and stretches of them are half-open.
 *
 * The windows of one frequency partition the time in which it is in force.
 */
#ifndef PROGRAM_WINDOW_H
#define PROGRAM_WINDOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "program/workdays.h"

/* As the field frequency of controls has them. */
enum window_frequency {
	WINDOW_CONTINUOUS, /* shown a month at a time */
	WINDOW_DAILY,
	WINDOW_WEEKLY,
	WINDOW_MONTHLY,
	WINDOW_QUARTERLY,
	WINDOW_SEMIANNUAL,
	WINDOW_ANNUAL,
	WINDOW_EVENT, /* looked at a month at a time */
	WINDOW_NFREQUENCY
};
const char *window_frequency_name(enum window_frequency f);
/* window_frequency_find(s, ret): by its name. */
bool window_frequency_find(struct str s, enum window_frequency *ret);

#define WINDOW_EVER INT64_C(2932896) /* DATE_MAX: no end is known */

/* A stretch in which a control is in force and stays as it is. */
struct window_span {
	int64_t first, end;
	unsigned frequencies; /* bit of each enum window_frequency */
	int64_t grace_days;   /* -1: none said */
	bool workdays;        /* daily: on working days only */
	int64_t version;
};

struct window {
	enum window_frequency frequency;
	int64_t first, end;             /* the days that it has */
	int64_t whole_first, whole_end; /* of the calendar */
	int64_t next_end;               /* where the calendar's next one ends */
	/* Enough of it is in force to expect a performance: half, or of a day
	 * the working day itself. */
	bool due;
	const struct window_span *span; /* in force on its last day */
};

/*
 * What was said of a control at one time (a revision), oldest first, becomes
 * stretches in which it was in force.
 */
struct window_said {
	int64_t time;          /* when it was recorded, microseconds */
	int64_t day;           /* the civil day of that */
	int64_t effective;     /* first day that it names, or INT64_MIN */
	int64_t retired;       /* first day on which it no longer works, or
	                        * INT64_MAX */
	bool in_force;         /* by its state */
	bool ends;             /* it is retired: in force as before until then */
	bool gone;             /* taken out of use at ${day} */
	struct window_span as; /* without first and end */
};

/*
 * window_spans(a, said, n, ret): the stretches in force, in order, without
 * overlap; adjacent ones may differ in anything. A revision counts from the day
 * that it names, or from the day on which it was said if it names none anew.
 * One that reaches back adds stretches, but leaves those that were in force
 * before it was said, unless they were said less than a day before: a slip is
 * corrected, and what was expected is not made unexpected afterwards.
 */
size_t window_spans(struct arena *a, const struct window_said *said, size_t n,
    struct window_span **ret);

/* window_whole(f, w, workdays, day, first, end): the calendar's window. */
void window_whole(enum window_frequency f, const struct workdays *w,
    bool workdays, int64_t day, int64_t *first, int64_t *end);

/*
 * window_each(spans, n, w, from, to, fn, ctx): each window that has a day in
 * from <= day < to, by frequency and time. ${fn} returns 0, or another value
 * that ends it and is returned.
 */
typedef int window_fn(void *ctx, const struct window *w);
int window_each(const struct window_span *spans, size_t n,
    const struct workdays *w, int64_t from, int64_t to, window_fn *fn,
    void *ctx);

#endif
