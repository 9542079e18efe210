/*
 * Work in a temporary directory that is gone afterwards, however the work ends:
 * it runs in a process of its own, and this one waits and removes what was
 * made, also when it is told to stop (SIGINT, SIGTERM, SIGHUP: then the work and
 * all that it started are killed, and this process ends by the same signal).
 */
#ifndef SYS_SCRATCH_H
#define SYS_SCRATCH_H

#include "base/banned.h"
#include "base/err.h"

/*
 * scratch_run(name, fn, ctx, e): make a directory NAME.XXXXXX (mode 0700) in
 * $TMPDIR or /tmp, and call ${fn} with its path in a child. What the child
 * prints to standard output is flushed; what it changes in memory is lost. Its
 * return value and error become those of this function. ERR_IO: no directory
 * can be made. ERR_BUG: the child died.
 */
typedef int scratch_fn(void *ctx, const char *dir, struct err *e);
int scratch_run(const char *name, scratch_fn *fn, void *ctx, struct err *e);

#endif
