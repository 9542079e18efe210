/*
 * Control occurrences: from a control's frequency, effective dates and versions
 * follow the windows in which it is expected; from its performances, whether
 * each was on time. Nothing drops out of the count: the states of a list add up
 * to its length, and what was expected stays so when the control is changed or
 * retired afterwards.
 *
 * A performance counts from when the ledger took it in. On time: by the end of
 * the window and the grace (which, if nobody works on its last day, ends with
 * the next working day). Late: by the end of the next window. Missed: not by
 * then; one that comes later is shown, and does not change that.
 *
 * A control that works when it is called for has an occurrence for each
 * trigger, and one for each month without a trigger. Where records say what calls
 * for it (calls.h), a month in which none does is not triggered, once such records
 * are kept at all. Otherwise it is if somebody vouches that the triggers are all
 * there, else unknown.
 */
#ifndef PROGRAM_OCCURRENCE_H
#define PROGRAM_OCCURRENCE_H

#include "assess/procedure.h"
#include "program/calls.h"
#include "program/window.h"
#include "program/workdays.h"
#include "record/workspace.h"

enum occurrence_state {
	OCCURRENCE_NOT_DUE,  /* it has not begun, or too little is in force */
	OCCURRENCE_EXPECTED, /* it is open; with overdue: past its grace */
	OCCURRENCE_ON_TIME,
	OCCURRENCE_LATE,
	OCCURRENCE_MISSED,
	OCCURRENCE_NOT_TRIGGERED,
	OCCURRENCE_UNKNOWN,  /* nobody knows whether it was called for */
	OCCURRENCE_NSTATE
};
const char *occurrence_state_name(enum occurrence_state s); /* "on_time" */
const char *occurrence_state_words(enum occurrence_state s); /* "on time" */

struct occurrence {
	const struct record *control;
	struct str code;
	enum window_frequency frequency;
	int64_t first, last;    /* days of the window, both in it */
	int64_t from, to;       /* the same as instants, half-open */
	int64_t due;            /* on time before this instant */
	int64_t late_until;     /* late before this one */
	int64_t version;        /* of the control, on its last day */
	enum occurrence_state state;
	bool overdue;           /* expected, and its time is past */
	int64_t performed;      /* when it was taken in; 0: not */
	struct str performance; /* id of the record */
	struct str performer;   /* id of the person */
	bool found;             /* the performance found something */
	struct str file;        /* name of the file that was kept, or empty */
	const struct record *trigger; /* or NULL; without an id: computed */
	struct str note;        /* why it is not due, or unknown; or empty */
};

struct occurrences {
	struct occurrence *at; /* by control, frequency and time */
	size_t n;
	size_t count[OCCURRENCE_NSTATE];
	size_t overdue; /* of those that are expected */
};

/* What occurrences of all controls have in common. */
struct occurrence_book {
	struct arena *a;
	struct record_store *s;
	const struct zone *zone;
	int64_t at;  /* as known at this instant */
	int64_t day; /* the civil day of it */
	const struct procedure_set *procedures; /* or NULL */
	struct workdays workdays;
	struct calls *calls; /* NULL until a control asks */
};

/*
 * occurrence_book_read(a, s, zone, procedures, at, ret, e): as known at ${at};
 * with ${procedures} the frequencies that a test shows are left to the tests.
 */
int occurrence_book_read(struct arena *a, struct record_store *s,
    const struct zone *zone, const struct procedure_set *procedures,
    int64_t at, struct occurrence_book *ret, struct err *e);

/* The days that are asked for: first <= day < end. */
struct occurrence_range {
	int64_t first, end;
	bool closed; /* a period: what was not done by its end and grace is missed */
};
/* occurrence_year(b): the 366 days up to that of the book. */
struct occurrence_range occurrence_year(const struct occurrence_book *b);

/*
 * occurrence_of(b, control, range, list, e): add the occurrences of one control
 * whose windows have a day in the range. Reads what is recorded of it.
 */
int occurrence_of(struct occurrence_book *b, const struct record *control,
    const struct occurrence_range *range, struct occurrences *list,
    struct err *e);
/* occurrence_all(b, range, ret, e): of all controls, retired ones too. */
int occurrence_all(struct occurrence_book *b,
    const struct occurrence_range *range, struct occurrences *ret,
    struct err *e);

/* occurrence_shown_by(b, control): the id of a procedure that shows the control
 * in place of performances, or empty. */
struct str occurrence_shown_by(const struct occurrence_book *b,
    const struct record *control);

#endif
