/*
 * Check and rebuild: what doctor and rebuild call. They work on a workspace
 * that ledger_open() refuses, too.
 */
#ifndef LEDGER_CHECK_H
#define LEDGER_CHECK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "ledger/keys.h"

struct db;

enum check_flags {
	CHECK_BODIES = 1, /* open every body and compare its commitment */
	CHECK_LOG = 2,    /* leave out the bodies: only the log itself */
};

struct check_counts {
	uint64_t entries;  /* under the checkpoint, hashed */
	uint64_t tiles;    /* tile files compared */
	uint64_t bundles;  /* bundle files compared */
	uint64_t bodies;   /* records of packs and of body_inline looked at */
	uint64_t opened;   /* of these: opened and compared */
	uint64_t erased;   /* of these: their key was destroyed */
	uint64_t notes;    /* of witnesses and for time stamps, compared */
	uint64_t pending;  /* entries that are not yet under it */
	uint64_t problems;
};

/* One problem: code ERR_DAMAGED, what, where (file or entry), fix. */
typedef void check_fn(void *ctx, const struct err *problem);

/*
 * ledger_check(dir, db, keys, flags, fn, ctx, ret, e): hash everything again:
 * entries of records.db against bundles, tiles and the checkpoint; the notes
 * beside that, which are of earlier sizes; every pack record; that each body named by an entry is there. Each difference is told
 * to ${fn} (may be NULL) and counted; the function itself fails only if it
 * could not look. ${keys} NULL: what needs no key. Pages and indexes of
 * records.db are not looked at: that is SQLite's integrity_check.
 */
int ledger_check(const char *dir, struct db *db, struct keys *keys,
    unsigned flags, check_fn *fn, void *ctx, struct check_counts *ret,
    struct err *e);

/*
 * ledger_rebuild(dir, db, keys, e): make the tables entry and body in ${db}, a
 * new and empty records.db, from bundles and packs. The bundles must have the
 * root that the checkpoint signs: ERR_DAMAGED otherwise, naming the file.
 * The floors above replay their own tables from the entries.
 */
int ledger_rebuild(const char *dir, struct db *db, struct keys *keys,
    struct err *e);

#endif
