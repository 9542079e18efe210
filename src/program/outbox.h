/*
 * Messages that are to go out: kept in DIR/messages.db until they are taken.
 * A message is sent at least once: it is marked as sent when its receiver has
 * taken it, and what was begun and not marked is begun again when its lease is
 * over. One that fails is tried again after 1, 2, 4 ... minutes up to 4 hours,
 * then it is dead: shown until somebody retries or drops it.
 *
 * What names people is not in it: of a digest only whose it is (the opaque id
 * of the person); its text and address are made when it is sent.
 */
#ifndef PROGRAM_OUTBOX_H
#define PROGRAM_OUTBOX_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

struct outbox;

enum outbox_kind { OUTBOX_DIGEST, OUTBOX_HOOK, OUTBOX_NKIND };
const char *outbox_kind_name(enum outbox_kind k);

enum outbox_state {
	OUTBOX_WAITING,
	OUTBOX_SENT,
	OUTBOX_DEAD,    /* tried in vain; shown until somebody acts */
	OUTBOX_DROPPED, /* there was nothing to send, or nobody to send it to */
	OUTBOX_NSTATE
};
const char *outbox_state_name(enum outbox_state s);

struct outbox_message {
	int64_t id;
	struct str key;    /* one message for each, ever */
	enum outbox_kind kind;
	struct str target; /* id of the person; name of the webhook */
	struct str body;   /* webhook: the JSON */
	enum outbox_state state;
	int64_t created, next, attempts, last; /* microseconds; last 0: never */
	struct str error;  /* of the last attempt, or why it was dropped */
};

/* outbox_open(dir, ret, e): made if it is not there. outbox_look(): to read;
 * NULL in ${ret} if there is none. */
int outbox_open(const char *dir, struct outbox **ret, struct err *e);
int outbox_look(const char *dir, struct outbox **ret, struct err *e);
void outbox_close(struct outbox *o); /* NULL is allowed */
static inline void
outbox_close_p(struct outbox **o)
{
	outbox_close(*o);
}
#define OUTBOX_SCOPED __attribute__((cleanup(outbox_close_p))) struct outbox

/*
 * outbox_put(o, m, ret_new, e): by key, kind, target, body, state (WAITING, or
 * DROPPED for what is only to be remembered), error and created; nothing if the
 * key is known. ${ret_new} may be NULL.
 */
int outbox_put(struct outbox *o, const struct outbox_message *m,
    bool *ret_new, struct err *e);
/* outbox_known(o, key, ret, e): whether there ever was one with this key. */
int outbox_known(struct outbox *o, struct str key, bool *ret, struct err *e);
/* outbox_begin(o, e), outbox_commit(o, e): many puts in one transaction. */
int outbox_begin(struct outbox *o, struct err *e);
int outbox_commit(struct outbox *o, struct err *e);

/*
 * outbox_claim(o, a, now, ret, e): the next message that is due and that nobody
 * else has: 1, counted as an attempt, ours for ten minutes; 0: none.
 */
int outbox_claim(struct outbox *o, struct arena *a, int64_t now,
    struct outbox_message *ret, struct err *e);
int outbox_sent(struct outbox *o, int64_t id, int64_t now, struct err *e);
int outbox_drop(struct outbox *o, int64_t id, int64_t now, const char *why,
    struct err *e);
/* outbox_failed(o, m, now, most, refused, why, e): to be tried again, or dead
 * after ${most} attempts or if it was refused for good. */
int outbox_failed(struct outbox *o, const struct outbox_message *m,
    int64_t now, int64_t most, bool refused, const struct err *why,
    struct err *e);

/* outbox_retry(o, id, now, ret_n, e): a dead or waiting one is due now; 0: all
 * that are dead. ERR_NOTFOUND. outbox_forget(o, before, e): sent and dropped
 * ones that are older. */
int outbox_retry(struct outbox *o, int64_t id, int64_t now, int64_t *ret_n,
    struct err *e);
int outbox_discard(struct outbox *o, int64_t id, int64_t now, struct err *e);
int outbox_forget(struct outbox *o, int64_t before, struct err *e);

struct outbox_list {
	struct outbox_message *at;
	size_t n;
	int64_t count[OUTBOX_NSTATE]; /* of all */
};
/* outbox_list(o, a, all, ret, e): waiting and dead ones, the dead first; with
 * ${all} the others too, newest first; 1000 at most. */
int outbox_list(struct outbox *o, struct arena *a, bool all,
    struct outbox_list *ret, struct err *e);

/* outbox_wait(attempts): microseconds until the next one. */
int64_t outbox_wait(int64_t attempts);

#endif
