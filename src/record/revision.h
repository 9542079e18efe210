/*
 * The body of a revision: canonical JSON, fields by their numbers, so that a
 * renamed field reads on.
 *
 *	{"extra":{...},"fields":{"0":"active","1":"Acme"},"format":1,
 *	 "id":"...","retired":true,"rev":2,"type":10}
 *
 * Absent fields, an empty "extra" and "retired":false are left out.
 */
#ifndef RECORD_REVISION_H
#define RECORD_REVISION_H

#include "ledger/keys.h"
#include "record/record.h"

#define REVISION_CLASS "revision" /* of the body in an entry */

void revision_encode(const struct record *r, struct buf *out);
/* revision_decode(a, text, ret, e): ERR_DAMAGED, or ERR_NEWER (format, type). */
int revision_decode(struct arena *a, struct str text, struct record *ret,
    struct err *e);

/* revision_subject(a, id): name of the key under which the revisions of a
 * record of a personal type are sealed. */
struct str revision_subject(struct arena *a, struct str id);

#endif
