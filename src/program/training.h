/*
 * Training of people: who is to complete which course by when, and who has.
 * Records of the type training; "overdue" is not stored, it follows from the day.
 */
#ifndef PROGRAM_TRAINING_H
#define PROGRAM_TRAINING_H

#include "program/act.h"
#include "program/course.h"

/* What the organisation decided, from its facts. */
struct training_rules {
	int64_t days;   /* after joining */
	int64_t months; /* until it is repeated */
	int64_t pass;   /* percent */
};
int training_rules(const struct act *x, const struct course *c,
    struct training_rules *ret, struct err *e);

/*
 * training_assign(x, c, ret_n, e): everybody on the roster who needs the course
 * and has no open assignment of it gets one: who joined, some days after the
 * first day (or after today, if that is past already); who completed it, a year
 * after that, from some days before.
 */
int training_assign(const struct act *x, const struct course *c, size_t *ret_n,
    struct err *e);
/* training_assign_one(x, c, person, due, e): whatever there was, but nothing
 * open. ${due} empty: by the rules. */
int training_assign_one(const struct act *x, const struct course *c,
    struct str person, struct str due, struct err *e);

/* training_open(x, c, person, ret, e): the open assignment; NULL if none. */
int training_open(const struct act *x, const struct course *c,
    struct str person, struct record **ret, struct err *e);

struct training_attempt {
	int64_t score, pass;
	bool passed;
	struct record *record; /* as it is now */
};
/* training_take(x, c, person, answers, ret, e): record an attempt; assigns the
 * course if it was not. */
int training_take(const struct act *x, const struct course *c,
    struct str person, const unsigned *answers, struct training_attempt *ret,
    struct err *e);
int training_excuse(const struct act *x, const struct course *c,
    struct str person, struct str reason, struct err *e);

/* training_words(x, r): "complete on 2026-01-31 with 92 percent", "overdue by 3
 * days", "due in 10 days", "excused: on leave". */
struct str training_words(const struct act *x, const struct record *r);
bool training_overdue(const struct act *x, const struct record *r);

#endif
