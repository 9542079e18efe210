/*
 * Group commit: many threads write to one ledger, and share what is dear about
 * it, the sync of a commit. A job is a function that writes in the ledger's
 * transaction. Whoever comes first while nobody writes takes all jobs that wait,
 * runs them one after the other in one transaction, commits, and answers all.
 * A job is answered when it is durable, as if it had been alone.
 *
 * A job that fails is undone by itself (a savepoint); the others stand. If the
 * commit fails, all of them failed. Jobs run on the thread of any of the
 * callers, but never two at a time, so they may use the ledger, its database and
 * its keys as one thread does; outside of a job nobody else may.
 */
#ifndef LEDGER_GROUP_H
#define LEDGER_GROUP_H

#include <stdint.h>

#include "base/err.h"

struct ledger;
struct group;

/* group_open(l, ret): ${l}, open for writing, is borrowed until group_close(). */
void group_open(struct ledger *l, struct group **ret);
/* group_close(g): when no thread is in a call any more; NULL is allowed. */
void group_close(struct group *g);

typedef int group_fn(void *ctx, struct ledger *l, struct err *e);

/*
 * group_run(g, fn, ctx, e): 0 when what ${fn} wrote is durable. ${fn} is in a
 * transaction that is not its own: it neither commits nor rolls back, nor does
 * it call group_run(). Its error is returned as it is.
 */
int group_run(struct group *g, group_fn *fn, void *ctx, struct err *e);

/*
 * group_run_all(g, jobs, n): as if ${n} threads had called group_run() at once;
 * each job has its answer afterwards. For one thread that others hand jobs to.
 */
struct group_job {
	group_fn *fn;
	void *ctx;
	int r;
	struct err e;
};
void group_run_all(struct group *g, struct group_job *jobs, size_t n);

/*
 * group_alone(g, fn, ctx, e): the same outside of a transaction, in its turn:
 * ledger_sequence(), catching up, a long transaction of its own.
 */
int group_alone(struct group *g, group_fn *fn, void *ctx, struct err *e);

/* How it went so far: for a page that shows it, and for tests. */
struct group_counts {
	uint64_t jobs;    /* answered, of group_run() */
	uint64_t commits; /* that they shared */
	uint64_t failed;  /* jobs that returned an error */
};
void group_count(struct group *g, struct group_counts *ret);

#endif
