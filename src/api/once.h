/*
 * Idempotency-Key: a request that is sent again, because its answer was lost,
 * is not done again. What was done under a key is kept for a day in a table of
 * records.db, in the transaction of what it wrote: who, a digest of the request,
 * and the id of the record or the counts of the batch, from which the answer is
 * made again. Nothing that was sent is kept.
 */
#ifndef API_ONCE_H
#define API_ONCE_H

#include "api/route.h"

#define ONCE_KEPT (24 * CLOCK_HOUR)

/* once_check(c, e): the form of the key, if there is one. */
int once_check(struct call *c, struct err *e);

/*
 * once_begin(x, c, ret, e): 0: go on; 1: it was done, and *ret is what
 * once_end() kept. Another request under the same key fails with 422.
 */
int once_begin(struct context *x, struct call *c, struct str *ret,
    struct err *e);
int once_end(struct context *x, struct call *c, struct str kept,
    struct err *e);

#endif
