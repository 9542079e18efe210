/* What was so at another time, by the evidence. */
#ifndef API_PAST_H
#define API_PAST_H

#include "api/lists.h"

/* past_each(x, c, l, fn, ctx, e): the rows of l->q at l->when. */
int past_each(struct context *x, struct call *c, struct lists *l,
    record_each_fn *fn, void *ctx, struct err *e);
/* past_one(x, c, l, ret, e): the record c->name; in c->a. */
int past_one(struct context *x, struct call *c, struct lists *l,
    struct record **ret, struct err *e);

#endif
