/*
 * The parent's side of questions to the privileged helper: it is started as we
 * are when we are root, otherwise through `sudo -n`, which a line of sudoers
 * allows or not (doc/collectors.md). Never from inside a sandbox.
 */
#ifndef COLLECT_ASK_H
#define COLLECT_ASK_H

#include "base/err.h"
#include "base/str.h"

/*
 * ask_helper(question, ret, e): replace ${ret} by its answer.
 * ERR_DENIED: there is no helper, or sudo does not allow it. ERR_NOTFOUND: the
 * machine lacks what it is about. ERR_USAGE: not one of its questions.
 */
int ask_helper(struct str question, struct buf *ret, struct err *e);

/* ask_use(path): the helper to start; for tests. NULL: the installed one. */
void ask_use(const char *path);

#endif
