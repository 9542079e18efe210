/*
 * What was erased, for restores of points that were made before: one object of
 * the depot, replaced by each backup. Text, sorted; the last line shows that the
 * workspace wrote it.
 *
 *     tickmark-backup-erased/v1
 *     body HEX DECISION REASON          commitment of a body
 *     subject-key HEX DECISION REASON   id of a key
 *     mac HEX
 */
#ifndef SEAL_BACKUP_ERASED_H
#define SEAL_BACKUP_ERASED_H

#include <stdint.h>

#include "base/err.h"
#include "seal/depot.h"

struct db;
struct ledger;

/* backup_erased_save(d, db, e): by the entries of a records.db. */
int backup_erased_save(const struct depot *d, struct db *db, struct err *e);

/*
 * backup_erased_apply(d, l, actor, ret, e): erase in a restored ledger what it
 * does not know to be erased, by entries that repeat the decisions; *ret = how
 * many. After depot_own() with the restored keys. ERR_DAMAGED if the object is
 * missing or was changed.
 */
int backup_erased_apply(const struct depot *d, struct ledger *l,
    struct str actor, uint64_t *ret, struct err *e);

#endif
