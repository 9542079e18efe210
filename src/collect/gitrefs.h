/*
 * Branches and tags of a repository, and which branch is the main one.
 */
#ifndef COLLECT_GITREFS_H
#define COLLECT_GITREFS_H

#include "base/arena.h"
#include "base/err.h"
#include "base/map.h"
#include "collect/gitcmd.h"

struct gitrefs_ref {
	struct str name;   /* whole: refs/heads/main */
	struct str hash;   /* of what it points to */
	struct str type;   /* commit, tag, tree, blob */
	struct str commit; /* that it leads to; empty: to none */
	struct str tagger; /* address */
	int64_t at;        /* microseconds UTC */
	bool is_signed;    /* a tag with a signature */
};

struct gitrefs {
	struct arena *a;
	const struct gitcmd_repo *repo;
	struct gitrefs_ref *at;
	size_t n;
	struct str main; /* short name of the main branch */
	struct str head; /* its tip; empty if nothing was committed */
};

/* gitrefs_read(r, branch, e): all of them. ${branch}: the main one, if it was
 * named. ERR_INPUT if there is no such branch, or none that can be the main
 * one. */
int gitrefs_read(struct gitrefs *r, struct str branch, struct err *e);

/* gitrefs_leads(r, old, new): ${old} is ${new}, or an ancestor of it. */
bool gitrefs_leads(const struct gitrefs *r, struct str old, struct str new);

/*
 * gitrefs_key(r, seen, name): the short name of a ref for a key: bytes that are
 * no text as \xHH, the whole name where two would be the same. ${seen} is
 * shared by those that may not be the same.
 */
struct str gitrefs_key(const struct gitrefs *r, struct map *seen,
    struct str name);

#endif
