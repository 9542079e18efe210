/*
 * Sending what the outbox holds: digests by SMTP, messages to webhooks by HTTP
 * POST with a signature:
 *
 *     Tickmark-Id: KEY
 *     Tickmark-Signature: t=SECONDS,v1=HEX
 *
 * where HEX is HMAC-SHA-256 under the secret over "SECONDS.BODY". A receiver
 * checks it, refuses old ones, and ignores an id that it has seen: a message
 * may come twice.
 */
#ifndef PROGRAM_DELIVER_H
#define PROGRAM_DELIVER_H

#include "program/notify.h"

struct deliver_done {
	size_t sent, failed, dead, dropped;
	struct err last; /* of those that failed */
};

/*
 * deliver_due(d, ws, o, most, ret, e): send at most ${most} messages that are
 * due. What cannot be sent is in ${ret} and in the outbox; an error is one of
 * ours.
 */
int deliver_due(struct task_desk *d, const struct workspace *ws,
    struct outbox *o, size_t most, struct deliver_done *ret, struct err *e);

/* deliver_sign(secret, seconds, body, out): the value of Tickmark-Signature. */
void deliver_sign(struct str secret, int64_t seconds, struct str body,
    struct buf *out);

#endif
