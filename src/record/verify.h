/*
 * Are the record tables what the ledger says? Entries and bodies prove
 * themselves; the tables are derived from them, and a changed byte there would
 * be read as truth.
 */
#ifndef RECORD_VERIFY_H
#define RECORD_VERIFY_H

#include <stdint.h>

#include "base/err.h"
#include "ledger/check.h"

/*
 * record_verify(dir, db, keys, fn, ctx, ret_rows, e): replay ledger and bodies
 * into a database in memory and compare it with the tables of ${db}
 * (records.db, reading is enough). Each row that differs is told to ${fn}; the
 * function fails only if it could not look: call it after ledger_check() found
 * nothing. ret_rows = how many rows were compared.
 */
int record_verify(const char *dir, struct db *db, struct keys *keys,
    check_fn *fn, void *ctx, uint64_t *ret_rows, struct err *e);

#endif
