/*
 * SQLite, the only place that includes its header. A struct db is one
 * connection, used by one thread. Text is UTF-8; numbers are int64_t: nothing
 * above this file sees a floating point value of the database.
 *
 * Debian 12's SQLite has the WAL-reset bug of versions before 3.51.3: it needs
 * two connections that write or checkpoint at once. So exactly one connection
 * is opened with DB_WRITER, and it alone checkpoints.
 */
#ifndef SYS_DB_H
#define SYS_DB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

struct db;
struct stmt;

/* How to open. */
#define DB_CREATE 0x01u   /* create the file if it is missing */
#define DB_WRITER 0x02u   /* read and write; otherwise read only */
#define DB_WAL 0x04u      /* journal_mode=WAL (DB_WRITER only) */
#define DB_FULL 0x08u     /* synchronous=FULL; otherwise NORMAL */
#define DB_SECURE 0x10u   /* secure_delete=ON, journal_mode=TRUNCATE: for keys */
#define DB_DEFENSIVE 0x20u /* for statements of others: see db_harden() */
#define DB_LARGE 0x100u   /* cache and map for millions of rows */
#define DB_PINNED 0x80u   /* temporary files in memory, "now" by db_pin_time() */
#define DB_NOSYNC 0x40u   /* synchronous=OFF: only for what can be rebuilt */

/*
 * db_open(ret, path, flags, e):
 * Errors: ERR_NOTFOUND (no such file), ERR_IO, ERR_DAMAGED (not a database).
 */
int db_open(struct db **ret, const char *path, unsigned flags, struct err *e);
void db_close(struct db *db); /* NULL is allowed; finalizes cached statements */
static inline void
db_close_p(struct db **db)
{
	db_close(*db);
}
#define DB_SCOPED __attribute__((cleanup(db_close_p))) struct db

/*
 * db_park(db): close the connection and keep ${db}: the next use opens it again.
 * For a process that forks: a child must not open a file that its parent has
 * open through this library, as SQLite keeps what it knows of locks in memory.
 * All statements but those of db_cached() must be freed, and pragmas set by
 * hand are to be set again.
 */
void db_park(struct db *db);

/* db_exec(db, sql, e): any number of statements without results. */
int db_exec(struct db *db, const char *sql, struct err *e);
int db_execf(struct db *db, struct err *e, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/*
 * Transactions. db_begin takes the write lock at once (BEGIN IMMEDIATE);
 * db_begin_read starts a snapshot. db_rollback never fails and may be called
 * when none is open. DB_TX_SCOPED rolls back whatever was not committed.
 */
int db_begin(struct db *db, struct err *e);
int db_begin_read(struct db *db, struct err *e);
int db_commit(struct db *db, struct err *e);
void db_rollback(struct db *db);
bool db_in_tx(struct db *db);
static inline void
db_rollback_p(struct db **db)
{
	if (*db != NULL)
		db_rollback(*db);
}
#define DB_TX_SCOPED __attribute__((cleanup(db_rollback_p))) struct db

/*
 * db_prepare(db, ret, sql, e): one statement; what follows it is an error
 * (ERR_INPUT). Wrong SQL under an authorizer is ERR_INPUT with SQLite's own
 * message and the line in the text of ${sql} in e->where as "line N"; without
 * one it is our own, and the database lacks what it asks for: ERR_DAMAGED.
 * Finalized by stmt_free().
 */
int db_prepare(struct db *db, struct stmt **ret, struct str sql,
    struct err *e);
/*
 * db_cached(db, ret, sql, e): the same for a string literal (or one that lives
 * as long as the connection, compared by address): prepared once, reset and
 * with its bindings cleared when handed out again. Not to be freed.
 */
int db_cached(struct db *db, struct stmt **ret, const char *sql,
    struct err *e);
void stmt_free(struct stmt *st);
static inline void
stmt_free_p(struct stmt **st)
{
	stmt_free(*st);
}
#define STMT_SCOPED __attribute__((cleanup(stmt_free_p))) struct stmt

/* Parameters, from 1. Bytes are not copied: they live until the next reset. */
void stmt_bind_int(struct stmt *st, int i, int64_t v);
void stmt_bind_str(struct stmt *st, int i, struct str s);
void stmt_bind_text(struct stmt *st, int i, const char *s); /* NULL: null */
void stmt_bind_blob(struct stmt *st, int i, const void *p, size_t n);
void stmt_bind_null(struct stmt *st, int i);
/* stmt_param(st, name): index of ":name", or 0. */
int stmt_param(struct stmt *st, const char *name);
int stmt_nparam(struct stmt *st);
const char *stmt_param_name(struct stmt *st, int i); /* with its colon */

/* stmt_step: 1 there is a row, 0 the end (reset is done), <0 an error. */
int stmt_step(struct stmt *st, struct err *e);
/* stmt_run: step to the end, ignoring rows, and reset. */
int stmt_run(struct stmt *st, struct err *e);
void stmt_reset(struct stmt *st);

/* Columns, from 0. Borrowed until the next step or reset. */
enum stmt_type { STMT_NULL, STMT_INT, STMT_REAL, STMT_TEXT, STMT_BLOB };
int stmt_ncol(struct stmt *st);
const char *stmt_col_name(struct stmt *st, int i);
enum stmt_type stmt_type(struct stmt *st, int i);
int64_t stmt_int(struct stmt *st, int i);
struct str stmt_str(struct stmt *st, int i); /* text or blob; null: empty */
bool stmt_isnull(struct stmt *st, int i);
double stmt_real(struct stmt *st, int i); /* for printing foreign queries */
bool stmt_readonly(struct stmt *st);
/* stmt_values(st, out, n): the first ${n} columns at once, which is faster. */
struct stmt_value {
	enum stmt_type type;
	int64_t i;    /* STMT_INT */
	struct str s; /* STMT_TEXT; of others empty */
};
void stmt_values(struct stmt *st, struct stmt_value *out, int n);

/* db_get_int(db, sql, otherwise, ret, e): first column of the first row. */
int db_get_int(struct db *db, const char *sql, int64_t otherwise, int64_t *ret,
    struct err *e);
/* db_has_table(db, name, e): 1 there is one, 0 there is none, as of now, or of the
 * transaction that is open. What is there costs no question to the file. */
int db_has_table(struct db *db, const char *name, struct err *e);
int64_t db_changes(struct db *db);
int64_t db_last_rowid(struct db *db);
const char *db_path(struct db *db);
/* db_version(): "3.40.1", of the library in use; db_source_id() its hash. */
const char *db_version(void);
const char *db_source_id(void);
/* db_error(db, e, where): turn the connection's last error into ${e}. */
int db_error(struct db *db, struct err *e, const char *where);
/* db_checkpoint(db, e): move the WAL into the database (DB_WRITER). */
int db_checkpoint(struct db *db, struct err *e);

/*
 * db_snapshot(db, to, e): a copy of the database as it is at one instant, while
 * others may go on writing; page by page, so that pages that did not change
 * are the same bytes in the same place. ${to} is a new file, not yet synced.
 */
int db_snapshot(struct db *db, const char *to, struct err *e);
/* db_image(db, out, e): the same into memory: replace ${out} by the file's
 * bytes, in a buffer that was never moved, so that the caller can wipe it. */
int db_image(struct db *db, struct buf *out, struct err *e);

/*
 * For statements that others wrote.
 *
 * db_authorize(db, fn, ctx): ${fn} is asked for each access while a statement
 * is compiled. ${view}: the innermost view or trigger that makes the access,
 * or NULL. It answers true to allow. Only the actions below reach it; every
 * other action (ATTACH, PRAGMA, writes, schema changes ...) is refused while an
 * authorizer is set. Refusal makes db_prepare fail with ERR_INPUT.
 */
enum db_action {
	DB_ACT_SELECT,    /* a SELECT begins */
	DB_ACT_READ,      /* table = a, column = b ("" for a bare count) */
	DB_ACT_FUNCTION,  /* function = b */
	DB_ACT_RECURSIVE  /* a recursive common table expression */
};
typedef bool db_authorize_fn(void *ctx, enum db_action act, const char *a,
    const char *b, const char *view);
void db_authorize(struct db *db, db_authorize_fn *fn, void *ctx);
/* db_watch(db, steps, fn, ctx): every ~steps VM steps; true stops it
 * (the step fails with ERR_TIMEOUT). */
typedef bool db_watch_fn(void *ctx);
void db_watch(struct db *db, int steps, db_watch_fn *fn, void *ctx);
/*
 * db_harden(db): DEFENSIVE, no trusted schema, no extensions, query_only, no
 * ATTACH, small limits on length of SQL, expression depth, compound selects.
 */
int db_harden(struct db *db, struct err *e);
/*
 * A pure function of one value, for SQL; NULL where ${fn} answers false or the
 * value is of another kind. ${ctx} outlives the connection.
 */
#define DB_TEXT_SIZE 64 /* of a text that such a function gives, with its NUL */
typedef bool db_text_to_int_fn(const void *ctx, struct str s, int64_t *ret);
typedef bool db_int_to_text_fn(const void *ctx, int64_t v,
    char out[DB_TEXT_SIZE]);
int db_text_to_int(struct db *db, const char *name, db_text_to_int_fn *fn,
    const void *ctx, struct err *e);
int db_int_to_text(struct db *db, const char *name, db_int_to_text_fn *fn,
    const void *ctx, struct err *e);
/*
 * db_pin_time(us): from now on "now" in SQL (date('now'), CURRENT_TIMESTAMP) is
 * this instant for every connection that was opened with DB_PINNED, so that an
 * answer does not depend on when it was asked. For a child of its own.
 */
void db_pin_time(int64_t us);
/* db_heap_limit(bytes): hard limit for this process; passing it ERR_LIMIT. */
void db_heap_limit(int64_t bytes);

#endif
