/*
 * Vendors as the report depends on them: what a reviewed report of a vendor
 * covers of our period, what a bridge letter carries over, the days that nobody
 * vouches for, and what the vendor expects of us.
 */
#ifndef PROGRAM_VENDORS_H
#define PROGRAM_VENDORS_H

#include "record/record.h"

/* Days of one kind, both ends counted; days from 1970-01-01. */
struct vendors_span {
	int64_t first, last;
};
struct vendors_spans {
	struct vendors_span *at;
	size_t n;
};

struct vendors_line {
	const struct record *vendor;
	const struct record *latest; /* newest reviewed assessment, or NULL */
	bool needed;         /* a subservice organisation, or high or critical */
	/* The days of our period: by a report, by a letter alone, by neither. */
	int64_t by_report, by_letter, open;
	struct vendors_spans gaps; /* those of ${open}, in order */
	/* What the newest reviewed report expects of us, and what of it is
	 * neither mapped to a control nor said not to concern us. */
	size_t cuecs, cuecs_open;
	int64_t next_on;     /* day by which the next assessment is due; or -1 */
	bool late;           /* that day has passed */
};

struct vendors {
	int64_t first, last; /* our period */
	struct vendors_line *at; /* by tier, the highest first, then by name */
	size_t n;
	size_t needed, gapped, late, cuecs_open;
};

/*
 * vendors_read(s, a, first, last, day, ended, ret, e): vendors against our
 * period, its days ${first} to ${last}, as of ${day}. ${ended}: those that are
 * ended too. A letter counts for the three months after a report that was
 * reviewed, as bridge letters do. Only reviewed assessments count.
 */
int vendors_read(struct record_store *s, struct arena *a, int64_t first,
    int64_t last, int64_t day, bool ended, struct vendors *ret, struct err *e);

/*
 * vendors_period(s, a, day, ret_first, ret_last, e): the period of the
 * examination that is under way: of the newest engagement with a period that is
 * not archived; else the year up to ${day}.
 */
int vendors_period(struct record_store *s, struct arena *a, int64_t day,
    int64_t *ret_first, int64_t *ret_last, struct err *e);

/* The days of [first, last] that no span covers; spans in any order. For tests
 * as well. */
void vendors_open(struct arena *a, int64_t first, int64_t last,
    const struct vendors_spans *covered, struct vendors_spans *ret);

#endif
