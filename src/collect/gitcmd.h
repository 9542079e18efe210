/*
 * git as a reader of repositories that others made: which commands, with what
 * switched off, and where a repository lies. Nothing of it writes.
 */
#ifndef COLLECT_GITCMD_H
#define COLLECT_GITCMD_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "sys/proc.h"

/* Where the parts of a repository lie. */
struct gitcmd_repo {
	const char *dir;    /* to give as --git-dir */
	const char *common; /* where refs and objects are */
	const char *link;   /* the file .git that names dir; NULL: none */
	bool shallow;       /* its history was cut off */
	bool bare;          /* it has no work tree */
};

/* gitcmd_find(a, path, ret, e): looks at names and small files only. */
int gitcmd_find(struct arena *a, const char *path, struct gitcmd_repo *ret,
    struct err *e);
/* gitcmd_paths(a, r): all that git has to read, alternates too;
 * NULL-terminated, for the sandbox. */
const char **gitcmd_paths(struct arena *a, const struct gitcmd_repo *r);

/* gitcmd_start(p, r, args, in, e): `git ARGS...`, its output in p->out. */
int gitcmd_start(struct proc *p, const struct gitcmd_repo *r,
    const char *const *args, bool in, struct err *e);
/* gitcmd_end(p, e): wait; ERR_INPUT with git's own words if it failed. */
int gitcmd_end(struct proc *p, struct err *e);
/* gitcmd_run(r, args, input, out, status, e): the whole output, at most 64
 * MiB; with ${status} an exit status other than 0 is no error. */
int gitcmd_run(const struct gitcmd_repo *r, const char *const *args,
    struct str input, struct buf *out, int *status, struct err *e);

#endif
