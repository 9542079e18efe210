/*
 * The connection of SQLite itself, an sqlite3, for what is made of it beside
 * db.c. Only this folder includes it.
 */
#ifndef SYS_DB_HANDLE_H
#define SYS_DB_HANDLE_H

struct db;
void *db_handle(struct db *db); /* NULL while it is parked */
/* What db_rows.c keeps for all tables of a connection: its own, at first NULL. */
void **db_rows_slot(struct db *db);

#endif
