/*
 * The risk register as one looks at it: a matrix of likelihood and impact, both
 * as whole numbers from 1 to 5, before (inherent) and after (residual) the
 * controls; and what of each risk needs somebody.
 */
#ifndef PROGRAM_RISKS_H
#define PROGRAM_RISKS_H

#include "record/record.h"

#define RISKS_SCALE 5

enum risks_need {
	RISKS_NOTHING,
	RISKS_UNRATED,  /* no likelihood or impact yet */
	RISKS_UNTREATED, /* no residual rating: what the controls change is unsaid */
	RISKS_DUE,      /* the treatment was to be in place */
	RISKS_REVIEW,   /* it was to be looked at again */
	RISKS_EXPIRED   /* its acceptance is over, and counts no more */
};
/* risks_need_words(n): "the acceptance is over" */
const char *risks_need_words(enum risks_need n);

struct risks_line {
	const struct record *risk;
	/* Scores as recorded, 1 to 25; 0: none. */
	int inherent, residual;
	enum risks_need need;
	int64_t since; /* day from which it is needed; INT64_MAX: not of a day */
};

struct risks {
	struct risks_line *at; /* by the score that counts, the highest first */
	size_t n;
	/* [likelihood - 1][impact - 1]: how many, closed ones left out. */
	size_t inherent[RISKS_SCALE][RISKS_SCALE];
	size_t residual[RISKS_SCALE][RISKS_SCALE];
	size_t unrated, unrated_residual, fraud, needing;
};

/* risks_read(s, a, day, closed, ret, e): as of ${day}, days from 1970-01-01;
 * ${closed}: those that are closed as well, at the end of the list. */
int risks_read(struct record_store *s, struct arena *a, int64_t day,
    bool closed, struct risks *ret, struct err *e);

#endif
