/*
 * The rule of a POSIX TZ string ("CET-1CEST,M3.5.0,M10.5.0/3"), by which the
 * footer of a TZif file tells the time after its last transition.
 */
#ifndef TEXT_ZONE_RULE_H
#define TEXT_ZONE_RULE_H

#include "base/str.h"

struct zone_type {
	int32_t offset_s; /* east of UTC */
	bool dst;
	char abbr[16];
};

struct zone_date {
	char kind;      /* 'J' 1..365 without Feb 29, 'N' 0..365, 'M' */
	int month;      /* M: 1..12 */
	int week;       /* M: 1..5, 5 the last */
	int day;        /* M: 0 Sunday .. 6; J, N: day of the year */
	int32_t time_s; /* of that day, may be negative or beyond 24 h */
};

struct zone_rule {
	bool present;
	bool changes; /* has daylight saving time */
	struct zone_type std, dst;
	struct zone_date start, end; /* of dst */
};

/* zone_rule_parse(s, ret): false if ${s} is not one. Empty: not present. */
bool zone_rule_parse(struct str s, struct zone_rule *ret);

/*
 * zone_rule_year(r, year, at, type): the year's two transitions in seconds UTC
 * in ascending order, with the types that begin there. Needs r->changes.
 */
void zone_rule_year(const struct zone_rule *r, int64_t year, int64_t at[2],
    const struct zone_type *type[2]);

/* zone_rule_at(r, t): the type in force at second ${t}. */
const struct zone_type *zone_rule_at(const struct zone_rule *r, int64_t t);
/* zone_rule_next(r, t): the first transition after second ${t}; INT64_MAX if
 * there is none. */
int64_t zone_rule_next(const struct zone_rule *r, int64_t t);

#endif
