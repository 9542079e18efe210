/* Tasks as a calendar (text/ical.h) that a calendar program subscribes to. */
#ifndef PROGRAM_FEED_H
#define PROGRAM_FEED_H

#include "program/task.h"

/*
 * feed_write(d, org, origin, l, out, e): what has a day; a task keeps its UID,
 * "ID@ORIGIN", as long as it is the same. The same tasks give the same bytes.
 */
int feed_write(struct task_desk *d, struct str org, struct str origin,
    const struct task_list *l, struct buf *out, struct err *e);

#endif
