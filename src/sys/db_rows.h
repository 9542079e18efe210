/*
 * Rows in memory that SQL sees as a table: what many statements of a connection
 * read again and again is found once and kept. It is a virtual table of SQLite:
 * its texts are handed out where they lie, and it looks rows up by any column,
 * with an index that is made when a statement first asks for one.
 */
#ifndef SYS_DB_ROWS_H
#define SYS_DB_ROWS_H

#include "sys/db.h"

struct db_rows_column {
	const char *name;
	bool integer; /* otherwise text */
};

/*
 * db_rows(db, name, columns, n, select, bytes, e): make the temporary table
 * ${name}, which may be dropped and not written, of what ${select} gives: ${n}
 * columns, each of its kind or null. A scan gives the rows in that order.
 * *bytes: what they may take; becomes about what they do take. 1: there is no
 * table, as they would take more.
 */
int db_rows(struct db *db, const char *name,
    const struct db_rows_column *columns, size_t n, struct str select,
    int64_t *bytes, struct err *e);

#endif
