/*
 * Telling people and systems what waits: digests by mail to each person who has
 * something due or overdue, messages to webhooks. What is told once is
 * remembered by the keys of the outbox.
 */
#ifndef PROGRAM_NOTIFY_H
#define PROGRAM_NOTIFY_H

#include "program/outbox.h"
#include "program/task.h"

struct notify_done {
	size_t digests; /* put into the outbox */
	size_t hooks;
};

/*
 * notify_enqueue(d, org, o, ret, e): what is due to be told now: digests once
 * on a day on which they go out, after their time of day; tasks that became
 * overdue, looked at once an hour. Of more than 20 at once a webhook is told the
 * number. Doing it twice adds nothing.
 */
int notify_enqueue(struct task_desk *d, struct str org, struct outbox *o,
    struct notify_done *ret, struct err *e);

/*
 * notify_digest(d, org, person, subject, text, ret_n, e): what a person is told
 * now; *ret_n tasks, 0: nothing.
 */
int notify_digest(struct task_desk *d, struct str org, struct str person,
    struct buf *subject, struct buf *text, size_t *ret_n, struct err *e);

#endif
