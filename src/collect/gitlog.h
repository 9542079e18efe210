/*
 * Commits as `git rev-list --header` prints them: the hash, the raw header, an
 * empty line, and the message indented by four spaces. Bytes in, fields out;
 * whoever made the commit chose every byte.
 */
#ifndef COLLECT_GITLOG_H
#define COLLECT_GITLOG_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

#define GITLOG_HASH 65 /* hex of SHA-1 or SHA-256 with its NUL */
#define GITLOG_RECORD_MAX ((size_t)16 << 20)

struct gitlog_person {
	struct str name;  /* may be empty */
	struct str email; /* may be empty */
	int64_t at;       /* microseconds UTC; 0 if it cannot be read, as git */
};

struct gitlog_commit {
	struct str hash;
	const struct str *parents;
	size_t nparents;
	struct gitlog_person author, committer;
	bool is_signed;
	struct str subject;   /* first paragraph on one line, as git's %s */
	struct str reviewers; /* addresses of Reviewed-by and Approved-by,
	                         small letters, each once, space between */
};

/* gitlog_read(a, record, ret, e): one record without its NUL. What it gives
 * lies in ${record} or ${a}. ERR_INPUT if it is not one. */
int gitlog_read(struct arena *a, struct str record, struct gitlog_commit *ret,
    struct err *e);

/*
 * gitlog_trailers(message): the last paragraph of ${message} if git takes it
 * for trailers (git-interpret-trailers(1)); otherwise empty.
 */
struct str gitlog_trailers(struct str message);

/* gitlog_email(s): the address between < and >, or all of it. */
struct str gitlog_email(struct str s);

/*
 * How commits reached the first-parent line of the main branch. Commits are
 * given so that none comes after one of its parents (rev-list --topo-order),
 * the tip first.
 */
struct gitlog_way {
	bool direct;       /* on the line itself */
	struct str merge;  /* otherwise: hash of the merge that brought it */
	struct str by;     /* its author's address */
	int64_t at;        /* when it was recorded */
};
struct gitlog_ways;
struct gitlog_ways *gitlog_ways_new(struct str tip);
void gitlog_ways_free(struct gitlog_ways *w);
/* gitlog_way(w, c, ret): valid until the next call; copies what it keeps. */
void gitlog_way(struct gitlog_ways *w, const struct gitlog_commit *c,
    struct gitlog_way *ret);

#endif
