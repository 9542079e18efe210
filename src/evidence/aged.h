/*
 * How old evidence is: of each subject of a table the instant from which its
 * age counts. Needed by rules of retention: here every version counts, also
 * what was taken back since.
 */
#ifndef EVIDENCE_AGED_H
#define EVIDENCE_AGED_H

#include "evidence/evidence.h"

/* Strings live during the call. */
struct aged {
	struct str source_id, source, subject;
	bool open;     /* it is true still, so it has no age */
	int64_t since; /* microseconds UTC */
};
typedef int aged_fn(void *ctx, const struct aged *x, struct err *e);

/*
 * aged_each(ev, t, field, fn, ctx, e): each subject of an evidence table.
 * ${field}, a date or a time, is what counts, the newest of a subject; -1: in an
 * append table when it happened, in a snapshot when it was last true.
 */
int aged_each(struct evidence *ev, const struct schema_type *t, int field,
    aged_fn *fn, void *ctx, struct err *e);

#endif
