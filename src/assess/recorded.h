/*
 * Recorded results: a body and an entry for each, and the table "result" of
 * records.db, which sums the entries up so that nobody has to read bodies to
 * know how things stand. The table can be remade from the ledger.
 */
#ifndef ASSESS_RECORDED_H
#define ASSESS_RECORDED_H

#include "assess/assess.h"
#include "assess/procedure.h"
#include "ledger/check.h"

struct ledger;

/* One row of the table: the notes of an entry. */
struct recorded_row {
	uint64_t entry;
	int64_t judged_at;
	struct str procedure;
	bool period;
	int64_t from, to;
	enum assess_outcome outcome;
	uint64_t upto;
	int64_t members, subjects[ASSESS_NSTATUS];
	uint8_t sha256[32];     /* of the bytes as they are stored: sealed.h */
	uint8_t inputs[32];     /* result_inputs() */
	uint8_t commitment[32]; /* of the body */
	struct str tables;      /* names that were read, joined by commas */
	uint64_t adopted; /* entry that adopted the procedure; only written */
	uint64_t excepted; /* 1 + last entry about exceptions that was weighed */
};

/* recorded_open(l, writable, e): make the table if need be and bring it up to the
 * ledger's head; read-only, it is taken as it is. */
int recorded_open(struct ledger *l, bool writable, struct err *e);
/* recorded_ready(l): there is a table. */
bool recorded_ready(struct ledger *l);

/*
 * recorded_last(a, l, procedure, time, ret, e): the last result of exactly this
 * time; 1 found, 0 none.
 */
int recorded_last(struct arena *a, struct ledger *l, struct str procedure,
    const struct assess_time *t, struct recorded_row *ret, struct err *e);

/*
 * recorded_latest(a, l, at, ret, n, e): for each procedure, by id, the result
 * whose time ends last, at or before ${at}, and that was known at ${at}.
 */
int recorded_latest(struct arena *a, struct ledger *l, int64_t at,
    struct recorded_row **ret, size_t *ret_n, struct err *e);

/* recorded_of(a, l, procedure, at, ret, n, e): all of one procedure that were
 * known at ${at}, oldest first. */
int recorded_of(struct arena *a, struct ledger *l, struct str procedure,
    int64_t at, struct recorded_row **ret, size_t *ret_n, struct err *e);

/*
 * recorded_adopt(l, actor, p, ret, e): the entry that adopted the procedure and
 * its parameters as they are: the last one if nothing changed since, else a new
 * one with the text of the file and of the parameters as bodies, in the
 * ledger's open transaction. So a result can be judged anew when the file has
 * long been changed.
 */
int recorded_adopt(struct ledger *l, const char *actor,
    const struct procedure *p, uint64_t *ret, struct err *e);

/* recorded_add(l, actor, row, bytes, e): body, entry and row, in the ledger's open
 * transaction; sets row->entry and row->judged_at. */
int recorded_add(struct ledger *l, const char *actor, struct recorded_row *row,
    struct str bytes, struct err *e);

/* recorded_seen(l, row, e): what was weighed anew and came out the same. */
int recorded_seen(struct ledger *l, uint64_t entry, uint64_t excepted,
    struct err *e);

/* recorded_get(a, l, entry, ret, e): one row. ERR_NOTFOUND. */
int recorded_get(struct arena *a, struct ledger *l, uint64_t entry,
    struct recorded_row *ret, struct err *e);

/*
 * recorded_verify(l, fn, ctx, ret_rows, e): the tables against what the entries
 * say; each row that differs is told to ${fn}. Fails only if it could not look.
 */
int recorded_verify(struct ledger *l, check_fn *fn, void *ctx,
    uint64_t *ret_rows, struct err *e);

#endif
