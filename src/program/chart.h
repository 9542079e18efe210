/*
 * The organisation chart: positions with those who hold them; of a company that
 * has recorded none, its people by their managers.
 */
#ifndef PROGRAM_CHART_H
#define PROGRAM_CHART_H

#include "record/record.h"

enum chart_flag {
	CHART_VACANT = 1,  /* nobody holds it */
	CHART_GONE = 2,    /* somebody holds it who has left */
	CHART_CONFLICT = 4, /* its holder holds one that excludes it */
	CHART_CIRCLE = 8   /* it reports to itself, by way of others */
};

struct chart_line {
	const struct record *box; /* a position or a person */
	const struct record *above; /* or NULL */
	size_t depth;             /* of those above it */
	/* Of a position: who holds it, with deputies after. */
	const struct record **holders;
	const struct record **deputies;
	size_t nholders, ndeputies;
	unsigned flags;
};

struct chart {
	bool positions; /* else people */
	struct chart_line *at; /* each below the one it reports to, by handle */
	size_t n, flagged;
};

/* chart_read(s, a, day, ret, e): as it is on ${day}, days from 1970-01-01:
 * positions that are active, assignments that run, people who work here. */
int chart_read(struct record_store *s, struct arena *a, int64_t day,
    struct chart *ret, struct err *e);

#endif
