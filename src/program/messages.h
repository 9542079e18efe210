/* One round of telling people what waits: what is to be told is put into the
 * outbox, and what is due there is sent. */
#ifndef PROGRAM_MESSAGES_H
#define PROGRAM_MESSAGES_H

#include "program/deliver.h"

struct messages_done {
	struct notify_done told;
	struct deliver_done delivered;
};

/*
 * messages_run(a, dir, most, ret, e): of workspace ${dir}, which is only read;
 * if its evidence is behind, the lock is taken for the moment in which that is
 * brought up to date. ERR_BUSY: somebody else has it.
 */
int messages_run(struct arena *a, const char *dir, size_t most,
    struct messages_done *ret, struct err *e);

#endif
