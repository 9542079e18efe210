/*
 * The roster: people from a CSV file of the personnel system, as a plan of
 * differences first. Who is not in a file that is the whole roster has left; a
 * file that would make too many leave is refused, since it may be cut off.
 */
#ifndef PROGRAM_PEOPLE_H
#define PROGRAM_PEOPLE_H

#include "program/act.h"

enum people_what { PEOPLE_JOINS, PEOPLE_CHANGES, PEOPLE_RETURNS, PEOPLE_LEAVES,
	PEOPLE_SAME, PEOPLE_NWHAT };
const char *people_what_word(enum people_what w); /* "joins" */

/* A column that has another name in the file: field=Column. */
struct people_map {
	struct str field, column;
};

struct people_options {
	const struct people_map *map;
	size_t nmap;
	bool whole;      /* the file is the whole roster */
	int64_t leavers; /* -1: at most 3, or a tenth of those who are there */
};

struct people_line {
	enum people_what what;
	struct str code;
	struct str fields; /* names of those that change, with commas */
	int line;          /* of the file; 0: not in it */
};

struct people_plan {
	struct people_line *lines; /* as in the file, then who is not in it */
	size_t n;
	size_t count[PEOPLE_NWHAT];
	struct record_change *changes;
	size_t nchanges;
};

/*
 * people_plan(x, file, text, o, ret, e): what a roster would change; nothing is
 * written. Columns are found by the name or title of a field of person, or by
 * the map; code is needed, others that the file lacks stay as they are. An empty
 * cell clears the field. ERR_INPUT names file:line; ERR_LIMIT: too many leave.
 */
int people_plan(const struct act *x, const char *file, struct str text,
    const struct people_options *o, struct people_plan *ret, struct err *e);

/* people_apply(x, plan, dry, res, e): all of it, or nothing. */
int people_apply(const struct act *x, const struct people_plan *plan, bool dry,
    struct record_result *res, struct err *e);

#endif
