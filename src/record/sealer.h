/*
 * The bodies of many revisions: a thread of its own encodes and seals them in
 * their order, ahead of the one who writes them down; a good part of what a large
 * import costs the processor is that.
 */
#ifndef RECORD_SEALER_H
#define RECORD_SEALER_H

#include "ledger/body.h"
#include "record/record.h"

struct sealer;

struct sealer_job {
	const struct record *record; /* as it will be */
	const struct keys_set *key;  /* NULL: the workspace's own */
};

/*
 * sealer_start(k, jobs, n, flags, prepare, ctx): begin with the first of ${n},
 * after ${prepare}, which fills in the keys: an error of it is that of the first
 * body. All that is given lives until sealer_end(); until the first body is there
 * nobody else uses ${k}, and the records do not change. ${flags} of body_seal().
 * For few, or without a thread, sealer_next() does it all.
 */
typedef int sealer_fn(void *ctx, struct err *e);
struct sealer *sealer_start(const struct keys *k, const struct sealer_job *jobs,
    size_t n, unsigned flags, sealer_fn *prepare, void *ctx);

/* sealer_next(s, ret, e): the next body, until the next call; as body_seal(). */
int sealer_next(struct sealer *s, const struct body_sealed **ret,
    struct err *e);

/* sealer_end(s): also in the middle. */
void sealer_end(struct sealer *s);
static inline void
sealer_end_p(struct sealer **s)
{
	sealer_end(*s);
}
#define SEALER_SCOPED __attribute__((cleanup(sealer_end_p))) struct sealer

#endif
