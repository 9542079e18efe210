/*
 * Asking others to vouch for this ledger: the witnesses of the policy in force
 * for their cosignatures, and time stamp authorities for their stamps. Only
 * the newest checkpoint leaves the machine, which is public.
 */
#ifndef WEB_VOUCH_H
#define WEB_VOUCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "web/conf.h"

#define VOUCH_MAX 256

enum vouch_how {
	VOUCH_GIVEN,   /* now */
	VOUCH_HAD,     /* before, for this checkpoint or recently enough */
	VOUCH_FAILED,  /* not reached, or it has no use for us: error */
	VOUCH_AGAINST, /* it has seen another history than this one: error */
	VOUCH_NO_URL   /* nothing says where it is */
};

struct vouch {
	const char *name;
	enum vouch_how how;
	int64_t time;   /* microseconds UTC of what was given; 0 */
	const char *by; /* of a stamp: the authority's certificate */
	const char *file;
	struct err e;
};

struct vouches {
	uint64_t size; /* of the checkpoint */
	bool quorum;   /* of the policy, for that checkpoint */
	const char *wants; /* the policy in words */
	struct vouch at[VOUCH_MAX];
	size_t n;
};

/*
 * vouch_cosign(a, c, job, within, ret, e): ask every witness of the policy that
 * has not cosigned the newest checkpoint in the last ${within} microseconds,
 * and keep what they gave. What a single one did is in ${ret}; an error is one
 * of ours. ERR_NOTFOUND: no policy names a witness. ${job}: others wait for the
 * lock while it is stored. With ${within} 0 all are asked: only that shows
 * whether a witness has seen more than a copy which once had its cosignatures.
 */
int vouch_cosign(struct arena *a, const struct conf *c, bool job,
    int64_t within, struct vouches *ret, struct err *e);

/*
 * vouch_stamp(a, c, job, within, ret, e): the same of each authority of the
 * configuration for its stamp. ERR_NOTFOUND: none is configured.
 */
int vouch_stamp(struct arena *a, const struct conf *c, bool job,
    int64_t within, struct vouches *ret, struct err *e);

/*
 * vouch_stamps(a, c, fn, ctx, e): check every stamp that was kept, offline,
 * against the authorities of the configuration; the newest last.
 */
struct vouch_kept {
	const char *file; /* "431.tsr" */
	uint64_t size;
	int64_t time;
	const char *by;
	const char *name; /* of the authority, NULL: none that is trusted */
	struct err e;     /* why not */
};
typedef void vouch_kept_fn(void *ctx, const struct vouch_kept *k);
int vouch_stamps(struct arena *a, const struct conf *c, vouch_kept_fn *fn,
    void *ctx, struct err *e);

/* vouch_how(how): "cosigned" and the like, for a table. */
const char *vouch_how(enum vouch_how how);

#endif
