/*
 * Restore: a point of a depot becomes a workspace again, in a directory that
 * was not there before. It is built beside it and takes its name only when all
 * of it was checked: objects, signed checkpoint, every entry and body, the
 * record tables, and evidence.db made again. A database of an older version is
 * brought up to date on the way.
 */
#ifndef SEAL_RESTORE_H
#define SEAL_RESTORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "seal/depot.h"

struct seal_point {
	uint64_t number;
	bool readable;
	struct err why;   /* if it is not */
	int64_t made;
	uint64_t entries;
	int64_t time;     /* of the last entry */
	uint64_t bytes;   /* of the files */
	size_t objects;
	bool keys;
	bool own;         /* certainly written by the workspace of our keys */
};

/* seal_points(d, a, ret, ret_n, e): all points, ascending. */
int seal_points(const struct depot *d, struct arena *a,
    struct seal_point **ret, size_t *ret_n, struct err *e);

/*
 * seal_point_at(d, at, ret, e): the number of the point that ${at} names: a
 * number, a date or a time (UTC; the last point made up to then), or NULL: the
 * newest. ERR_NOTFOUND.
 */
int seal_point_at(const struct depot *d, const char *at, uint64_t *ret,
    struct err *e);

struct seal_restore_spec {
	uint64_t number;
	const char *to;     /* must not exist, or be empty */
	const char *keys;   /* NULL, or the keys lie there, not in the depot */
	const char *known;  /* NULL, or a checkpoint that somebody kept */
	bool test;          /* check it, and remove it again */
};

struct seal_restore_result {
	uint64_t number;
	int64_t made;
	uint64_t entries;
	int64_t time;
	uint64_t bytes;
	uint64_t opened;    /* bodies that were opened and compared */
	uint64_t erased;    /* bodies whose key was destroyed */
	uint64_t rows;      /* of record tables, compared */
	uint64_t again;     /* erasures that had to be carried out again */
	bool signer;        /* the signing key was rotated since: noted */
	uint8_t digest[32]; /* of the evidence */
	int64_t schema, latest; /* version that it had, and has now */
	bool own;           /* the manifest was written with these keys */
	uint64_t known;     /* entries under the newest kept checkpoint; 0: none */
};

/*
 * seal_restore(d, spec, ret, e): ${d} was opened, and has the identities. The
 * error names a damaged object; then there is nothing at spec->to.
 */
int seal_restore(struct depot *d, const struct seal_restore_spec *spec,
    struct seal_restore_result *ret, struct err *e);

#endif
