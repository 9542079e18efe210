/*
 * The workspace of the one thread that writes: opened for writing when there is
 * work, and given back when there is none for a moment, so that the command
 * line and the jobs of the server have it. What was opened is kept: it is used
 * again if nobody else wrote meanwhile, and opened anew if somebody did.
 */
#ifndef API_WRITER_H
#define API_WRITER_H

#include "evidence/evidence.h"
#include "ledger/group.h"
#include "record/workspace.h"

struct writer {
	const char *dir;
	struct workspace *ws; /* NULL: not opened yet */
	struct group *group;
	struct evidence *ev;  /* opened when it is first wanted */
	bool held;            /* it has the lock */
	int64_t since;        /* clock_mono() of the lock */
	char stamp[96];       /* of what others may change, when it was given back */
};

/*
 * writer_take(w, wait, e): have the lock and an open workspace. ERR_BUSY: another
 * process kept the lock for ${wait} microseconds.
 */
int writer_take(struct writer *w, int64_t wait, struct err *e);
/* writer_give(w): sequences what was written, and gives the lock back. */
void writer_give(struct writer *w);
/* writer_evidence(w, e): evidence.db up to the ledger's head; has the lock. */
int writer_evidence(struct writer *w, struct err *e);
void writer_close(struct writer *w);

/*
 * stamp_of(dir, keys, db, out, cap): changes whenever another process wrote to
 * the database, or changed the files of keys; of the workspace in ${dir}.
 */
struct db;
int writer_stamp(const char *dir, const char *keys, struct db *db, char *out,
    size_t cap, struct err *e);

#endif
