/*
 * What the SQL of the record store says in SQLite only. All other statements of
 * src/record are SQL that PostgreSQL understands as well, built from the
 * declarations; another database is another dialect.c (with the DDL of types,
 * ddl_of() in tools/mkschema.c, the index of words, search.c, and verify.c, which
 * compares two files). tools/dialect keeps it so.
 */
#ifndef RECORD_DIALECT_H
#define RECORD_DIALECT_H

#include "base/err.h"
#include "schema/schema.h"

struct db;

/* --- conditions; each appends to ${out} and takes one parameter ------------ */

/* dialect_names(f, out): the ref or refs column names the record. */
void dialect_names(const struct schema_field *f, struct buf *out);
/* dialect_any_case(column, out): the same text in any case of letters. */
void dialect_any_case(const char *column, struct buf *out);
/* dialect_differs(column, out): another value, or none. */
void dialect_differs(const char *column, struct buf *out);

/* --- the index of words ----------------------------------------------------- */

/*
 * dialect_search(t, from, out): " FROM ... WHERE" that finds by words the rows
 * of ${t}, as r, whose number in the index is at least ${from}; one parameter,
 * of search_match(). dialect_search_place(): the number, to compare and order
 * by. The index leads, not the table.
 */
void dialect_search(const struct schema_type *t, int64_t from,
    struct buf *out);
const char *dialect_search_place(void);

/* --- the database as a whole -------------------------------------------------- */

/* dialect_revisions(): DDL of the list of revisions and of what the tables are
 * declared by. */
const char *dialect_revisions(void);
/* Version of the tables; in the transaction that is open. */
int dialect_version(struct db *db, int64_t *ret, struct err *e);
int dialect_set_version(struct db *db, int version, struct err *e);
/* dialect_drop_types(db, e): drop every table r_*, declared or not. */
int dialect_drop_types(struct db *db, struct err *e);
/* dialect_references(db, on, e): whether rows must have what they refer to;
 * outside of a transaction. */
int dialect_references(struct db *db, bool on, struct err *e);
/* dialect_wipe(db, e): from now on what is deleted is written over.
 * dialect_compact(db, e): write the database anew, without free pages. */
int dialect_wipe(struct db *db, struct err *e);
int dialect_compact(struct db *db, struct err *e);
/* dialect_cache(db, kib, e): memory for pages, while much is written. */
int dialect_cache(struct db *db, int kib, struct err *e);
/* dialect_settle(db, e): the journal mode that the workspace uses. */
int dialect_settle(struct db *db, struct err *e);

#endif
