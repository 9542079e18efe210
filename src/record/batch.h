/*
 * A batch of changes on its way from what was written to what is stored; the
 * inside of record_apply(). Each step works on all changes and collects every
 * problem, so that a person sees all bad rows at once.
 */
#ifndef RECORD_BATCH_H
#define RECORD_BATCH_H

#include "base/map.h"
#include "record/record.h"

struct batch_item {
	const struct record_change *change;
	struct record old; /* cells are all absent if !exists */
	struct record new;
	bool *given;       /* for each field: the change names it */
	bool exists;
	bool wrong;        /* has a problem: no further steps */
	bool same;         /* changes nothing */
	bool says_retired; /* an export of a retired record */
	int64_t if_rev;
};

struct batch {
	struct record_store *store;
	struct arena *a;
	const struct record_actor *who;
	struct record_options opts;
	struct batch_item *at;
	size_t n;
	struct map handles; /* "TYPE/HANDLE" -> item, of the batch's result */
	struct map ids;     /* "TYPE/ID" -> item */
	struct map known;   /* "TYPE/NAME" -> what a reference names */
	struct map uniques; /* "TYPE/SET/VALUES" -> item */
	struct record_result *result;
	size_t problems_cap;
	struct map *links; /* of rules_help.c: who names whom in the batch */
	struct map loaded; /* of rules_help.c: "TYPE/ID" -> record of the store */
	struct str today;  /* of rules_help.c: the workspace's civil day */
	struct cell *none; /* cells of a record that was not there, of any type */
	int broken;        /* the store failed under a rule: its code */
	struct err why;    /* and what it said */
};

/*
 * batch_problem(b, it, line, src): keep ${src} as a problem of ${it}, with its
 * place: file and line (${line} 0: the change's own), else type and handle.
 */
void batch_problem(struct batch *b, struct batch_item *it, int line,
    const struct err *src);
/* batch_field(): the same of one field, by its name as it was written. */
void batch_field(struct batch *b, struct batch_item *it, struct str field,
    int line, const struct err *src);
void batch_say(struct batch *b, struct batch_item *it, int field,
    const char *fix, const char *fmt, ...)
    __attribute__((format(printf, 5, 6)));

/* record_sort_problems(a, res): by their lines. */
void record_sort_problems(struct arena *a, struct record_result *res);

/* batch_key(b, t, kind, s): "TYPE/kind/s" in the arena, for the maps. */
struct str batch_key(struct batch *b, const struct schema_type *t,
    const char *kind, struct str s);

/* The steps. A return value below 0 is an error of the store, not a problem. */
int parse_all(struct batch *b, struct err *e);    /* parse.c */
int resolve_all(struct batch *b, struct err *e);  /* resolve.c */
int permit_all(struct batch *b, struct err *e);   /* permit.c */
int validate_all(struct batch *b, struct err *e); /* validate.c */
int write_all(struct batch *b, struct err *e);    /* write.c */

/*
 * rules_check(b, it): what no declaration can say, as C functions by type
 * (rules.c). rules_prepare(b, it) fills what the program counts itself.
 */
void rules_prepare(struct batch *b, struct batch_item *it);
void rules_check(struct batch *b, struct batch_item *it);

#endif
