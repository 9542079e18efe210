/*
 * Records: what the organisation says of itself (people, controls, vendors
 * ...), by the declared types of schema/. One transaction holds the record in
 * its table r_TYPE, its revision (a body of canonical JSON) and its entry in
 * the ledger; a batch of many is all or nothing.
 *
 * A record has an opaque id. People name it by its handle, the field that its
 * type declares as key ("AC-03", "CC6.1"); wherever a reference is read, either
 * will do. References are stored and returned as ids.
 */
#ifndef RECORD_RECORD_H
#define RECORD_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/val.h"
#include "schema/access.h"
#include "schema/schema.h"

struct db;
struct ledger;
struct record_reader;

/*
 * Where records lie; the two share one transaction. ${ledger} may be NULL for
 * a reader that asks for no history.
 *
 * All that reads records below goes by ${reader}, who asks: what may not be
 * seen is masked (CELL_MASKED) or not there, and what is seen of personal or
 * restricted fields is recorded (record/reader.h). NULL is the programme
 * itself, which computes and shows nothing to anybody.
 */
struct record_store {
	struct db *db; /* records.db */
	struct ledger *ledger;
	struct record_reader *reader;
	/* Of one batch: types that had no table when they were looked for, by their
	 * index; NULL: look each time. */
	bool *absent;
};

/* An examination that a user of the independent firm works on, and that is
 * open now. */
struct record_engagement {
	struct str id;       /* of the record */
	unsigned categories; /* bits by enum record_category */
};
enum record_category {
	RECORD_COMMON = 1, RECORD_SECURITY = 2, RECORD_AVAILABILITY = 4,
	RECORD_CONFIDENTIALITY = 8, RECORD_INTEGRITY = 16, RECORD_PRIVACY = 32
};

/* Who acts. ${id} is a token that names nobody by itself; all else may be
 * absent. record/actor.h makes one of a user or of the secret of a token. */
struct record_actor {
	struct str id;
	unsigned roles;    /* of enum schema_role */
	struct str person; /* id of the person record that it is */
	struct str party;  /* id of the customer record that it belongs to */
	const struct record_engagement *engagements;
	size_t nengagements;
	struct access_scope scope; /* of a token; zero: no limit */
};

struct record {
	const struct schema_type *type;
	struct str id;
	int64_t rev;          /* from 1 */
	uint64_t entry;       /* index of the entry of this revision */
	bool retired;         /* taken out of use; still there to be referred to */
	struct cell *cells;   /* type->nfields of them */
	struct val *extra;    /* map of text, int, bool; or NULL */
};

/* --- reading ------------------------------------------------------------ */

/*
 * record_find(s, a, t, name, ret, e): by id or handle; ERR_NOTFOUND says what
 * there is instead. A retired record is found by its id only. ERR_DENIED: the
 * reader may see none of the type; one that may see others gets ERR_NOTFOUND.
 */
int record_find(struct record_store *s, struct arena *a,
    const struct schema_type *t, struct str name, struct record **ret,
    struct err *e);

/* record_handle(s, a, t, id): the handle of an id, or the id if there is
 * none: for print. */
struct str record_handle(struct record_store *s, struct arena *a,
    const struct schema_type *t, struct str id);

/* record_text(s, a, r, field): the field for people: handles instead of ids. */
struct str record_text(struct record_store *s, struct arena *a,
    const struct record *r, size_t field);

/* Short forms for text and integer cells; empty, or 'otherwise' if absent. */
struct str record_str(const struct record *r, size_t field);
int64_t record_int(const struct record *r, size_t field, int64_t otherwise);

/* record_label(s, a, r): what to call it on a page: handle, or its first
 * text, or its id. */
struct str record_label(struct record_store *s, struct arena *a,
    const struct record *r);

enum record_op {
	RECORD_EQ, RECORD_NE, RECORD_LT, RECORD_LE, RECORD_GT, RECORD_GE,
	RECORD_HAS, /* ~ : text contains (no case), set or refs has the member */
	RECORD_OP_MAX
};
struct record_filter {
	uint16_t field;
	enum record_op op;
	struct cell value; /* absent: is (not) absent, for EQ and NE */
};
#define RECORD_BY_HANDLE (-1) /* the order without sort; without one: by id */
#define RECORD_BY_ENTRY (-2)  /* as they were last written; takes no place */
#define RECORD_FILTERS 40
struct record_query {
	const struct record_filter *filters;
	size_t nfilters;
	int sort;     /* index of a field, or one of the two below */
	bool falling;
	bool retired; /* those too */
	size_t limit; /* 0: all */
	struct str id; /* this one alone, or empty */
	/* Go on behind this place of the order; NULL: from the beginning. */
	const struct record_place *after;
	bool uncounted; /* stop at the limit: matched is not all that match */
	/* Words to search for (search.h), or empty: then newest first. */
	struct str words;
	unsigned classes; /* where to look: bits 1 << CLASS_x */
	bool taking;      /* to be taken out as a file: asks for the right to export */
};
/* A place in the order of a list: the field that it is sorted by, and the id. */
struct record_place {
	struct cell value;
	struct str id;
};
struct record_list {
	struct record *at;
	size_t n;
	size_t matched; /* before the limit */
};
/*
 * record_filter_parse(s, a, t, text, ret, e): "tier=high", "due<2026-01-31",
 * "title~backup", "owner=" (absent). Handles are resolved. ERR_DENIED for a
 * field that is masked for the reader; of one that is masked in some records,
 * those satisfy no filter.
 */
int record_filter_parse(struct record_store *s, struct arena *a,
    const struct schema_type *t, struct str text, struct record_filter *ret,
    struct err *e);
/* record_filter_next(rest, ret): the next of several filters that are joined by
 * the word and; false after the last. */
bool record_filter_next(struct str *rest, struct str *ret);
/* record_place(q, r, ret): the place of ${r} in the list of ${q}. Where the
 * reader does not see the handles, the list without a sort is by id. */
void record_place(const struct record_query *q, const struct record *r,
    struct record_place *ret);
/*
 * record_each(s, t, q, fn, ctx, e): the records of a list one after the other,
 * however many: what they point to lives during the call. ${fn} returns 0 to go
 * on, 1 to stop, or a negative error that is returned.
 */
typedef int record_each_fn(void *ctx, const struct record *r, struct err *e);
int record_each(struct record_store *s, const struct schema_type *t,
    const struct record_query *q, record_each_fn *fn, void *ctx,
    struct err *e);
/*
 * record_each_from(s, db, from, t, q, fn, ctx, e): the same over a SELECT of
 * ${db} that has the columns id, rev, entry, retired, those of the fields of ${t}, and extra if
 * it is open: what a type held at another time.
 */
int record_each_from(struct record_store *s, struct db *db, const char *from,
    const struct schema_type *t, const struct record_query *q,
    record_each_fn *fn, void *ctx, struct err *e);
/* record_list(s, a, t, q, ret, e): ${q} NULL for all that are not retired. */
int record_list(struct record_store *s, struct arena *a,
    const struct schema_type *t, const struct record_query *q,
    struct record_list *ret, struct err *e);
int record_count(struct record_store *s, const struct schema_type *t,
    int64_t *ret, struct err *e);

/* --- writing ------------------------------------------------------------ */

/*
 * One change. ${fields} is a map from a field's name or title to its value: a
 * text as a person writes it (handles for references), a number, true or
 * false, a list, or null, which clears the field. What is not named stays as it
 * is. "state" is a field like the others: a new state is a step, which must be
 * declared and whose conditions must hold.
 *
 * Which record is meant: ${name} (id or handle) if given; else the member "id";
 * else the one with the same handle, or the same values in a declared unique
 * set; else a new one.
 */
struct record_change {
	const struct schema_type *type;
	struct str name;   /* may be empty */
	const struct val *fields;
	int64_t if_rev;    /* refuse if the record has another revision; 0: any */
	bool create;       /* refuse if there is one already (ERR_CONFLICT) */
	bool retire;       /* take out of use; ${fields} may be NULL */
	bool broken;       /* what is wrong with it was said: it only stands for its
	                      name, so that others may refer to it */
	const char *file;  /* for messages ("file.csv:7"); NULL if there is none */
	int line;
	size_t nth;        /* place in what was sent, from 0 */
};

/*
 * Where the changes come from. What came by a folder (program/folder.h) says so in
 * its entry. What a module writes it has seen: states may be come into that nobody
 * says by hand (rules_earned.c), and no face says so. What is restored was so in another workspace, and comes into one in
 * which nothing has happened yet, by an owner: it keeps the state that it had, if
 * it holds what that state asks for, and what was computed then; and rules that ask
 * how things stand when something is done do not ask again.
 */
enum record_by { RECORD_BY_HAND, RECORD_BY_FOLDER, RECORD_BY_MODULE,
	RECORD_RESTORED };
struct record_options {
	bool dry_run;    /* check all, write nothing */
	bool installing; /* fixed types may be written: init only */
	enum record_by by;
	/* It repeats what another record says: who acted there was judged there,
	 * and whoever acts now need not be they. */
	bool copied;
};

struct record_result {
	size_t added, changed, retired, same;
	struct str *ids;       /* of each change, in order */
	struct err *problems;  /* each with place and field, if it failed */
	struct record_fault *faults; /* where each of them is */
	size_t nproblems;      /* at most RECORD_PROBLEMS are kept */
	size_t nwrong;         /* all of them */
};
#define RECORD_PROBLEMS 1000
struct record_fault {
	size_t nth;        /* of the change */
	int line;          /* of the file; 0: none */
	const char *field; /* its name, or NULL: the record as a whole */
	const char *rule;  /* of record_rule(); NULL: of the declaration */
};

/* What no declaration says: record_rule(nth), NULL after the last. */
struct record_rule {
	const char *name;
	unsigned type;        /* number of the type that it is of; 0: of all */
	const char *sentence; /* the rule in words */
};
const struct record_rule *record_rule(size_t nth);

/*
 * record_apply(s, a, who, changes, n, opts, ret, e):
 * All or nothing, in one transaction (one of its own, or the one that is open:
 * then the caller commits, or rolls back on an error). References may point
 * anywhere in the batch. On an error ${e} is the first problem and ${ret} is
 * filled with all of them. ${opts} may be NULL.
 * ${who} decides what may be done (schema/access.h); of a record that exists,
 * what it was before. A field that comes as masked stays as it is.
 * Errors: ERR_INPUT, ERR_CONFLICT (if_rev), ERR_DENIED, ERR_NOTFOUND, ERR_IO.
 */
int record_apply(struct record_store *s, struct arena *a,
    const struct record_actor *who, const struct record_change *changes,
    size_t n, const struct record_options *opts, struct record_result *ret,
    struct err *e);

/* record_put(s, a, who, t, name, fields, ret_id, e): one change. ${ret_id} may
 * be NULL. */
int record_put(struct record_store *s, struct arena *a,
    const struct record_actor *who, const struct schema_type *t,
    struct str name, const struct val *fields, struct str *ret_id,
    struct err *e);

/* record_put_earned(): the same by a module that has looked. */
int record_put_earned(struct record_store *s, struct arena *a,
    const struct record_actor *who, const struct schema_type *t,
    struct str name, const struct val *fields, struct str *ret_id,
    struct err *e);

/* record_own_account(person, account): one of the parts of "group:login" is the
 * person's login, e-mail or code. */
bool record_own_account(const struct record *person, struct str account);

/* record_steps(a, t, r, roles, ret): states that ${r} may step to. */
size_t record_steps(struct arena *a, const struct record *r, unsigned roles,
    const struct schema_step ***ret);

/* record_to_val(s, a, r): a map of names to values, as record_apply() takes
 * it: with "id" and "rev", references as handles. */
struct val *record_to_val(struct record_store *s, struct arena *a,
    const struct record *r);

#endif
