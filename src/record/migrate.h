/*
 * Versions of records.db. Each step is one transaction that also sets
 * user_version; a database of a newer version is refused.
 */
#ifndef RECORD_MIGRATE_H
#define RECORD_MIGRATE_H

#include <stdbool.h>

#include "base/err.h"

struct db;

/* migrate_latest(): the version that this program writes. */
int migrate_latest(void);
/* A step from one version to the next, in a transaction. */
typedef int migrate_step(struct db *db, struct err *e);

/*
 * migrate_chain(db, steps, n, writable, e): bring ${db} from its version, at
 * most ${n}, through the steps that follow it. Before the first one of a
 * database that is not new, it is copied whole to records.db.before, beside it.
 * Killed at any instant, it goes on with the step that was not finished.
 */
int migrate_chain(struct db *db, migrate_step *const *steps, int n,
    bool writable, struct err *e);

/*
 * migrate_run(db, writable, e): bring ${db} to the latest version. ERR_NEWER if
 * it is newer; if it is older and not writable, ERR_BUSY with the remedy.
 */
int migrate_run(struct db *db, bool writable, struct err *e);

/* migrate_tables(db, e): make the index of words, which is not there, and note of
 * which declarations the tables of types will be, of which there is none. */
int migrate_tables(struct db *db, struct err *e);
/* migrate_declared(): digest of the tables as declared, hex. */
const char *migrate_declared(void);

#endif
