/*
 * Re-performing: a recorded result computed again from nothing but what the
 * ledger holds: the text of the procedure and its parameters as they were
 * adopted, the time that was judged, and the evidence known before the result
 * was recorded. Equal inputs give equal bytes, so the two can be compared.
 */
#ifndef ASSESS_REPERFORM_H
#define ASSESS_REPERFORM_H

#include "assess/assess.h"

struct ledger;

struct reperform {
	uint64_t entry, adopted;
	struct str procedure;  /* its id */
	struct str stored;     /* its body: see sealed.h */
	uint64_t closed;       /* lines of it whose key is gone or withheld */
	struct assess_result was; /* decoded, bytes (in clear) and all items */
	struct str again;      /* the new bytes */
	struct err failed;     /* code != 0: it could not be run; ${again} empty */
};

/* The results of a ledger that are to be computed again, and how. */
struct reperform_set {
	struct ledger *ledger;
	struct evidence *ev;
	const uint64_t *entries; /* of results, ascending */
	size_t n;
	int workers; /* 0: 2 */
};

/*
 * reperform_run(set, fn, ctx, e): each in order; ${fn} gets what came of it, in
 * memory that lives during the call, and not 0 stops. What is wrong with one
 * result (its entry, its body, its adoption) is in r->failed: ERR_DAMAGED if the
 * ledger contradicts itself, ERR_ERASED if a body that is needed is not there.
 */
typedef int reperform_fn(void *ctx, const struct reperform *r, struct err *e);
int reperform_run(const struct reperform_set *set, reperform_fn *fn, void *ctx,
    struct err *e);

/*
 * reperform_adopted(a, l, entry, ret_text, ret_params, e): the two bodies of an
 * entry that adopts a procedure, which must be what its notes say.
 */
int reperform_adopted(struct arena *a, struct ledger *l, uint64_t entry,
    struct str *ret_text, struct str *ret_params, struct err *e);

#endif
