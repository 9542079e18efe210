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

/*
 * For other tables that are derived: what is in ${is} (records.db) must be what
 * is in ${should}, which was made anew.
 */
struct verify {
	struct db *is, *should;
	check_fn *fn;
	void *ctx;
	uint64_t rows; /* compared so far */
};

/* verify_tell(v, where, what): one difference. */
void verify_tell(struct verify *v, const char *where, const char *what);

/*
 * verify_rows(v, table, select, key, e): the rows of one SELECT in both, walked
 * through side by side; its first ${key} columns are the key, and the first
 * names the row. Fails only if it could not look.
 */
int verify_rows(struct verify *v, const char *table, const char *select,
    int key, struct err *e);

/* verify_schema(v, where, e): the same for tables and indexes; ${where} is a
 * condition on sqlite_schema. */
int verify_schema(struct verify *v, const char *where, struct err *e);

#endif
