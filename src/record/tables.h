/*
 * The tables r_TYPE of records.db. One is made in the transaction of the first
 * record of its type: parsing the declarations of tables that hold nothing would
 * cost every opening more than the rest of it. A type without a table is empty.
 */
#ifndef RECORD_TABLES_H
#define RECORD_TABLES_H

#include "base/err.h"
#include "schema/schema.h"

struct db;
struct record_store;

/* tables_has(s, t, e): 1: the type has its table, 0: it has none, and no record
 * either. ERR_DAMAGED: it has records, and their table is gone. */
int tables_has(struct record_store *s, const struct schema_type *t, struct err *e);

/* tables_make(s, t, e): make the table of ${t}, if there is none, and those that
 * it refers to; in the transaction that is open. */
int tables_make(struct record_store *s, const struct schema_type *t, struct err *e);

/* tables_drop_empty(db, e): drop those that tables_make() would not have made. */
int tables_drop_empty(struct db *db, struct err *e);

#endif
