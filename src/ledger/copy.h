/*
 * What a copy of a ledger needs to know of it, and how a ledger is made whole
 * again from a copy of records.db, the packs and the signed checkpoint: bundles
 * and tiles follow from the entries and are not copied.
 */
#ifndef LEDGER_COPY_H
#define LEDGER_COPY_H

#include <stdint.h>

#include "base/err.h"
#include "base/vec.h"
#include "ledger/checkpoint.h"

struct db;

struct copy_pack {
	int64_t no;
	uint64_t size; /* bytes that are acknowledged; they never change */
};

struct copy_state {
	uint64_t entries;
	int64_t time;   /* of the last entry; 0 if there is none */
	int64_t schema; /* version of records.db */
	VEC(struct copy_pack) packs; /* by number; vec_free() it */
};

/* copy_look(db, ret, e): as a records.db says, which may be a snapshot. */
int copy_look(struct db *db, struct copy_state *ret, struct err *e);

/* copy_pack_path(no, out, cap): below the workspace. */
void copy_pack_path(int64_t no, char *out, size_t cap);

/* copy_checkpoint(dir, ret, e): of workspace ${dir}, its signature checked. */
int copy_checkpoint(const char *dir, struct checkpoint *ret, struct err *e);

/*
 * copy_known(dir, note, ret, e): a checkpoint of this ledger that somebody kept,
 * checked by the ledger's keys. The errors of note_open().
 */
int copy_known(const char *dir, struct str note, struct checkpoint *ret,
    struct err *e);

/* copy_root_at(dir, c, size, out, e): the root when the ledger under ${c} had
 * ${size} entries, which are no more than c->size. */
int copy_root_at(const char *dir, const struct checkpoint *c, uint64_t size,
    struct tree_hash *out, struct err *e);

/*
 * copy_retile(dir, db, e): write bundles and tiles up to the checkpoint, from
 * the entries of ${db}. ERR_DAMAGED if they do not have the root that it signs.
 */
int copy_retile(const char *dir, struct db *db, struct err *e);

#endif
