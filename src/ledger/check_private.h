/*
 * What the parts of the check share. Nothing but check*.c includes this.
 */
#ifndef LEDGER_CHECK_PRIVATE_H
#define LEDGER_CHECK_PRIVATE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/vec.h"
#include "ledger/check.h"
#include "ledger/private.h"
#include "ledger/tile.h"

#define FIX "restore it from a backup"
#define FIX_DB "rebuild records.db from the ledger, or restore a backup"

/* A file of the ledger that the checkpoint does not speak of. */
struct check_file {
	int level;
	unsigned width;
	uint64_t n;
};

struct check {
	const char *files;  /* DIR/ledger */
	const char *bodies; /* DIR/bodies */
	struct db *db;
	struct keys *keys;
	unsigned flags;
	check_fn *fn;
	void *ctx;
	struct check_counts n;
	struct note_key vkeys[LEDGER_VKEYS];
	size_t nvkeys;
	/* Of check_tree.c: */
	uint64_t size; /* under the checkpoint */
	struct buf bundle, tile; /* of the 256 entries that are looked at */
	bool have_bundle, have_tile;
	struct buf row[TILE_LEVELS]; /* the tiles above them */
	bool tile_bad; /* something was said of a tile or bundle */
	uint64_t missing_from, missing; /* rows, one after the other */
	/* The newest entry that adopts a policy, and the hash of that. */
	char policy[2 * CRYPTO_HASH + 1];
	uint64_t policy_entry;
	/* Of check_beyond.c: */
	VEC(struct check_file) beyond;
	struct buf next[1 + TILE_LEVELS]; /* what they should hold; [0]: bundles */
	struct arena arena;
};

/* check_tell(c, where, fix, fmt, ...): a problem. check_tell_err: as it is. */
void check_tell(struct check *c, const char *where, const char *fix,
    const char *fmt, ...) __attribute__((format(printf, 4, 5)));
void check_tell_err(struct check *c, const struct err *x);

/*
 * check_found(c, r, x, e): a failed step. What is damaged or unreadable is a
 * finding, and the check goes on (0); anything else ends it (${r}, in ${e}).
 */
int check_found(struct check *c, int r, const struct err *x, struct err *e);

/* check_tree_path(c, level, n, width, out, cap) */
void check_tree_path(const struct check *c, int level, uint64_t n,
    unsigned width, char *out, size_t cap);

/*
 * Files beyond the checkpoint: begun before a crash, or by a writer that is at
 * work. check_beyond_list() finds them, before the rows are read; begin, add and
 * node say what follows from the entries; check_beyond_end() compares.
 */
int check_beyond_list(struct check *c, struct err *e);
void check_beyond_begin(struct check *c);
void check_beyond_add(struct check *c, struct str entry);
void check_beyond_node(struct check *c, unsigned level,
    const struct tree_hash *h);
void check_beyond_end(struct check *c);

struct checkpoint;
int check_tree(struct check *c, const struct checkpoint *cp, struct err *e);
int check_notes(struct check *c, struct err *e);
int check_body_all(struct check *c, struct err *e);

#endif
