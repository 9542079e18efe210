/*
 * Judging: a population and the verdicts about it become a partition of every
 * member's time. Pure functions over arrays; nothing here knows a database.
 *
 *	judge_init(), judge_member() ..., judge_verdict() ...,
 *	judge_blind() ..., judge_exempt() ..., judge_run(), judge_free()
 *
 * The rules, for each member:
 *  - the intervals of the population must not overlap each other;
 *  - verdicts must not overlap each other nor reach outside the population;
 *  - time without a verdict is unknown;
 *  - ok and na become unknown where something that was read was not observed;
 *    fail stays fail, for what was seen was seen;
 *  - fail becomes exempt where an approved exception covers it;
 *  - neighbours that say the same become one interval.
 */
#ifndef ASSESS_JUDGE_H
#define ASSESS_JUDGE_H

#include "assess/assess.h"
#include "base/pool.h"
#include "base/vec.h"

/* An interval of a member: of the population, or a verdict. */
struct judge_span {
	int64_t from, to;
	uint32_t member;
	uint32_t reason;
	uint32_t evidence;
	uint8_t status;
};

struct judge_spans {
	struct judge_span *at; /* as VEC() */
	size_t n, cap;
};

struct judge_person {
	uint32_t subject, label, source; /* in the pool */
	uint32_t rank;                   /* in the order of subjects */
};

/*
 * Time in which something was not observed. ${table} is what was read;
 * ${source} empty: of all sources; ${subject} empty: about all members.
 * ${own}: it concerns members of that source only.
 */
struct judge_hole {
	struct str table, source, subject;
	bool own;
	int64_t from, to;
	struct str reason;
};

/* An approved exception that names this procedure or its control. */
struct judge_waiver {
	struct str id;
	struct str subject; /* as in its table; empty: every member */
	int64_t from, to;
};

/* A final interval, handed to judge_emit_fn in order of subject and time. */
struct judge_piece {
	int64_t from, to;
	enum assess_status status;
	struct str reason, evidence, by;
};
typedef void judge_emit_fn(void *ctx, struct str subject, struct str label,
    const struct judge_piece *p);

struct judge {
	int64_t from, to;
	const char *population; /* "file:line" of each, for errors */
	const char *verdicts;
	struct pool pool;
	VEC(struct judge_person) members;
	uint32_t *member_of; /* by number in the pool */
	uint32_t member_cap;
	uint32_t cursor;     /* guess at the next verdict's member */
	uint32_t reason, evidence; /* of the last verdict: guesses as well */
	struct judge_spans times, said;
	VEC(struct judge_hole) holes;
	VEC(struct judge_hole) sources; /* table and source that there are */
	VEC(struct judge_waiver) waivers;
	uint32_t *order;     /* members by subject; NULL: not known yet */
	uint32_t texts;      /* in the pool, of the population alone */
};

void judge_init(struct judge *j, int64_t from, int64_t to,
    const char *population, const char *verdicts);
void judge_free(struct judge *j);
/* judge_settled(j): the population is complete. judge_again(j, ...): everything
 * else is forgotten, for the verdicts of another procedure about the same. */
void judge_settled(struct judge *j);
void judge_again(struct judge *j, const char *population, const char *verdicts);

/* All strings are copied. ${source} may be empty. */
int judge_member(struct judge *j, struct str subject, struct str label,
    struct str source, int64_t from, int64_t to, struct err *e);
int judge_verdict(struct judge *j, struct str subject, struct str status,
    struct str reason, int64_t from, int64_t to, struct str evidence,
    struct err *e);

/* Strings of these are borrowed until judge_free(). */
void judge_blind(struct judge *j, const struct judge_hole *h);
/* judge_source(j, table, source): ${table} is collected from ${source}. A
 * member of that source is judged by it alone, as far as ${table} goes; any
 * other member by all sources of the table. */
void judge_source(struct judge *j, struct str table, struct str source);
void judge_exempt(struct judge *j, const struct judge_waiver *w);

/* judge_order(j): sort the holes and join those that say the same; judge_run()
 * does it if need be. */
void judge_order(struct judge *j);

/* judge_run(j, fn, ctx, e): check, partition, hand out. Errors are ERR_INPUT
 * and name the subject; then what was handed out is to be thrown away. */
int judge_run(struct judge *j, judge_emit_fn *fn, void *ctx, struct err *e);

/* judge_worse(a, b): which of two says more about a member as a whole. */
enum assess_status judge_worse(enum assess_status a, enum assess_status b);

#endif
