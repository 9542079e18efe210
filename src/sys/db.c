#include "sys/db.h"

#include <sqlite3.h>

#include "sys/crypto.h"
#include "sys/db_handle.h"
#include "sys/db_temp.h"
#include "sys/file.h"

struct cached {
	const char *sql;
	struct stmt *st;
};

struct db {
	sqlite3 *h;
	char *path;
	unsigned flags;
	struct cached *cache;
	size_t ncache, cap;
	db_authorize_fn *auth;
	void *auth_ctx;
	bool refused; /* the authorizer said no */
	char refusal[160];
	db_watch_fn *watch;
	void *watch_ctx;
	void *rows;   /* see db_handle.h */
};

struct stmt {
	sqlite3_stmt *h;
	struct db *db;
};

const char *
db_path(struct db *db)
{
	return (db->path);
}

void *
db_handle(struct db *db)
{
	return (db->h);
}

void **
db_rows_slot(struct db *db)
{
	return (&db->rows);
}

const char *
db_version(void)
{
	return (sqlite3_libversion());
}

const char *
db_source_id(void)
{
	return (sqlite3_sourceid());
}

int
db_error(struct db *db, struct err *e, const char *where)
{
	int rc = sqlite3_extended_errcode(db->h);
	const char *msg = sqlite3_errmsg(db->h);

	if (where == NULL)
		where = db->path;
	switch (rc & 0xff) {
	case SQLITE_FULL:
		return (err_set(e, ERR_IO, where, "free space on the disk and try again",
		    "the disk is full"));
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
		return (err_set(e, ERR_DAMAGED, where,
		    "restore it from a backup, or run tickmark rebuild",
		    "the database is damaged (%s)", msg));
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return (err_set(e, ERR_BUSY, where,
		    "wait for the other process, or stop it",
		    "the database is in use by another process"));
	case SQLITE_NOMEM:
		/* Where no limit was set, it is the machine that has no more. */
		if (sqlite3_hard_heap_limit64(-1) == 0)
			err_oom(0);
		return (err_set(e, ERR_LIMIT, where, "narrow the query",
		    "the query needs more memory than it may have"));
	case SQLITE_INTERRUPT:
		return (err_set(e, ERR_TIMEOUT, where,
		    "narrow the query, or raise its limit",
		    "the query took longer than it may"));
	case SQLITE_TOOBIG:
		return (err_set(e, ERR_LIMIT, where, "make it smaller",
		    "a value or statement is too large"));
	case SQLITE_READONLY:
		if (rc == SQLITE_READONLY_ROLLBACK ||
		    rc == SQLITE_READONLY_RECOVERY ||
		    rc == SQLITE_READONLY_CANTINIT)
			return (err_set(e, ERR_BUSY, where,
			    "run a command that writes, which puts it right",
			    "the database was left in the middle of a change"));
		return (err_set(e, ERR_INPUT, where, "use only SELECT",
		    "a query may only read"));
	case SQLITE_CONSTRAINT:
		return (err_set(e, ERR_INPUT, where, NULL, "%s", msg));
	case SQLITE_IOERR:
	case SQLITE_CANTOPEN:
	case SQLITE_PERM:
		return (err_set(e, ERR_IO, where,
		    "check the disk, its free space and the permissions",
		    "the database cannot be read or written (%s)", msg));
	default:
		return (err_set(e, ERR_INPUT, where, NULL, "%s", msg));
	}
}

static int
set_modes(struct db *db, struct err *e)
{
	int r = 0;

	if (db->flags & DB_WRITER) {
		const char *journal = db->flags & DB_SECURE ?
		    "PRAGMA secure_delete=ON;PRAGMA journal_mode=TRUNCATE" :
		    db->flags & DB_WAL ? "PRAGMA journal_mode=WAL" : NULL;
		if (journal != NULL)
			r = db_exec(db, journal, e);
		const char *sync = db->flags & DB_NOSYNC ? "PRAGMA synchronous=OFF" :
		    db->flags & (DB_FULL | DB_SECURE) ? "PRAGMA synchronous=FULL" :
		    "PRAGMA synchronous=NORMAL";
		if (r == 0)
			r = db_exec(db, sync, e);
		/* Each page goes back once for more commits. */
		if (db->flags & DB_FULL)
			sqlite3_wal_autocheckpoint(db->h, 4000);
	} else {
		/* A reader never checkpoints, not even when it closes last. */
		sqlite3_wal_autocheckpoint(db->h, 0);
		sqlite3_db_config(db->h, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
	}
	if (r == 0 && (db->flags & DB_LARGE))
		r = db_exec(db, "PRAGMA cache_size=-65536;"
		    "PRAGMA mmap_size=2147418112;"
		    "PRAGMA wal_autocheckpoint=4000", e);
	return (r != 0 ? r : db_exec(db, "PRAGMA foreign_keys=ON", e));
}

void
db_pin_time(int64_t us)
{
	db_temp_pin(us);
}

/*
 * What is in a database is the owner's alone, whatever the umask: SQLite gives
 * its journals the mode of the file that it finds, and takes an empty one for
 * new.
 */
static int
make_private(const struct db *db, struct err *e)
{
	FILE_SCOPED f = FILE_INIT;

	if (!(db->flags & DB_CREATE) || str_is(str_from(db->path), ":memory:") ||
	    file_exists(db->path))
		return (0);
	return (file_open(&f, db->path, FILE_APPEND, 0600, e));
}

static int
open_handle(struct db *db, struct err *e)
{
	unsigned flags = db->flags;
	int open_flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE |
	    (flags & DB_WRITER ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY) |
	    (flags & DB_CREATE ? SQLITE_OPEN_CREATE : 0);
	int r = make_private(db, e);

	if (r != 0)
		return (r);
	int rc = sqlite3_open_v2(db->path, &db->h, open_flags,
	    flags & DB_PINNED ? db_temp_vfs() : NULL);
	if (rc != SQLITE_OK) {
		if (db->h == NULL)
			err_oom(sizeof(*db));
		if ((rc & 0xff) == SQLITE_CANTOPEN && !(flags & DB_CREATE) &&
		    !file_exists(db->path))
			return (err_set(e, ERR_NOTFOUND, db->path,
			    "check the path",
			    "the database is not there or cannot be opened"));
		return (db_error(db, e, db->path));
	}
	/* SQLite falls back to reading alone, and would say so at the first write. */
	if ((flags & DB_WRITER) && sqlite3_db_readonly(db->h, "main") == 1)
		return (err_set(e, ERR_IO, db->path,
		    "check owner and mode, or run as the owner",
		    "the database cannot be opened for writing"));
	sqlite3_busy_timeout(db->h, 5000);
	r = set_modes(db, e);
	if (r == 0)
		r = db_exec(db, "SELECT 1 FROM sqlite_schema LIMIT 1", e);
	if (r == 0 && (flags & DB_DEFENSIVE))
		r = db_harden(db, e);
	return (r);
}

int
db_open(struct db **ret, const char *path, unsigned flags, struct err *e)
{
	struct db *db = calloc(1, sizeof(*db));

	if (db == NULL || (db->path = strdup(path)) == NULL)
		err_oom(sizeof(*db));
	db->flags = flags;
	int r = open_handle(db, e);
	if (r != 0) {
		db_close(db);
		return (r);
	}
	*ret = db;
	return (0);
}

static void
close_handle(struct db *db)
{
	for (size_t i = 0; i < db->ncache; i++)
		stmt_free(db->cache[i].st);
	db->ncache = 0;
	if (sqlite3_close(db->h) != SQLITE_OK)
		BUG("%s: closed with an open statement", db->path);
	db->h = NULL;
}

void
db_close(struct db *db)
{
	if (db == NULL)
		return;
	close_handle(db);
	free(db->cache);
	free(db->path);
	free(db);
}

void
db_park(struct db *db)
{
	if (db->h == NULL)
		return;
	if (db_in_tx(db))
		BUG("%s: parked in a transaction", db->path);
	/* The log stays for those who read, and for when we are back. */
	sqlite3_db_config(db->h, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
	close_handle(db);
}

/* The connection, opened again if it was parked. */
static int
awake(struct db *db, struct err *e)
{
	return (db->h != NULL ? 0 : open_handle(db, e));
}

int
db_exec(struct db *db, const char *sql, struct err *e)
{
	int r = awake(db, e);

	if (r != 0)
		return (r);
	if (sqlite3_exec(db->h, sql, NULL, NULL, NULL) != SQLITE_OK)
		return (db_error(db, e, NULL));
	return (0);
}

int
db_execf(struct db *db, struct err *e, const char *fmt, ...)
{
	BUF_SCOPED sql = BUF_INIT;
	va_list ap;

	va_start(ap, fmt);
	buf_vprintf(&sql, fmt, ap);
	va_end(ap);
	return (db_exec(db, sql.ptr, e));
}

static int
run_cached(struct db *db, const char *sql, struct err *e)
{
	struct stmt *st;
	int r = db_cached(db, &st, sql, e);

	return (r != 0 ? r : stmt_run(st, e));
}

int
db_begin(struct db *db, struct err *e)
{
	return (run_cached(db, "BEGIN IMMEDIATE", e));
}

int
db_begin_read(struct db *db, struct err *e)
{
	return (run_cached(db, "BEGIN", e));
}

int
db_commit(struct db *db, struct err *e)
{
	return (run_cached(db, "COMMIT", e));
}

void
db_rollback(struct db *db)
{
	if (db != NULL && db_in_tx(db))
		sqlite3_exec(db->h, "ROLLBACK", NULL, NULL, NULL);
}

bool
db_in_tx(struct db *db)
{
	return (db->h != NULL && sqlite3_get_autocommit(db->h) == 0);
}

static int
line_of(struct str sql, int offset)
{
	int line = 1;

	for (int i = 0; i < offset && (size_t)i < sql.len; i++)
		line += sql.ptr[i] == '\n';
	return (line);
}

int
db_prepare(struct db *db, struct stmt **ret, struct str sql, struct err *e)
{
	sqlite3_stmt *h = NULL;
	const char *tail = NULL;
	char where[32];
	int awoken = awake(db, e);

	if (awoken != 0)
		return (awoken);
	if (sql.len > INT32_MAX)
		return (err_set(e, ERR_LIMIT, NULL, NULL, "the statement is too long"));
	db->refused = false;
	int rc = sqlite3_prepare_v3(db->h, sql.ptr, (int)sql.len,
	    SQLITE_PREPARE_PERSISTENT, &h, &tail);
	if (rc != SQLITE_OK) {
		int off = sqlite3_error_offset(db->h);
		snprintf(where, sizeof(where), "line %d", line_of(sql, off));
		if (db->refused)
			return (err_set(e, ERR_INPUT, where,
			    "read only the tables and functions that are documented",
			    "%s", db->refusal));
		/* Views are refused before the authorizer is asked. */
		if (db->auth != NULL &&
		    strncmp(sqlite3_errmsg(db->h), "cannot modify", 13) == 0)
			return (err_set(e, ERR_INPUT, where, "give one SELECT",
			    "a query may only read"));
		/* Our own SQL: what it does not find is missing in the file. */
		if (db->auth == NULL && (rc & 0xff) == SQLITE_ERROR)
			return (err_set(e, ERR_DAMAGED, db->path,
			    "run tickmark doctor; rebuild it, or restore it from "
			    "a backup", "the database is not as this program "
			    "made it (%s)", sqlite3_errmsg(db->h)));
		return (db_error(db, e, where));
	}
	/* What follows the statement may only be space and comments. */
	size_t used = (size_t)(tail - sql.ptr);
	sqlite3_stmt *more = NULL;
	if (h != NULL && used < sql.len) {
		rc = sqlite3_prepare_v3(db->h, tail, (int)(sql.len - used), 0,
		    &more, NULL);
		bool second = rc != SQLITE_OK || more != NULL;
		sqlite3_finalize(more);
		if (second) {
			sqlite3_finalize(h);
			snprintf(where, sizeof(where), "line %d",
			    line_of(sql, (int)used));
			return (err_set(e, ERR_INPUT, where,
			    "give one SELECT", "there is a second statement"));
		}
	}
	if (h == NULL)
		return (err_set(e, ERR_INPUT, NULL, "give one SELECT",
		    "the statement is empty"));
	/* VACUUM INTO compiles under any authorizer, but returns no columns. */
	if (db->auth != NULL &&
	    (!sqlite3_stmt_readonly(h) || sqlite3_column_count(h) == 0)) {
		sqlite3_finalize(h);
		return (err_set(e, ERR_INPUT, "line 1", "give one SELECT",
		    "a query may only read"));
	}
	struct stmt *st = malloc(sizeof(*st));
	if (st == NULL)
		err_oom(sizeof(*st));
	*st = (struct stmt){ h, db };
	*ret = st;
	return (0);
}

int
db_cached(struct db *db, struct stmt **ret, const char *sql, struct err *e)
{
	for (size_t i = 0; i < db->ncache; i++) {
		if (db->cache[i].sql == sql) {
			struct stmt *st = db->cache[i].st;
			sqlite3_reset(st->h);
			sqlite3_clear_bindings(st->h);
			*ret = st;
			return (0);
		}
	}
	struct stmt *st;
	int r = db_prepare(db, &st, str_from(sql), e);
	if (r != 0)
		return (r);
	if (db->ncache == db->cap) {
		size_t cap = db->cap ? db->cap * 2 : 16;
		struct cached *p = realloc(db->cache, cap * sizeof(*p));
		if (p == NULL)
			err_oom(cap * sizeof(*p));
		db->cache = p;
		db->cap = cap;
	}
	db->cache[db->ncache++] = (struct cached){ sql, st };
	*ret = st;
	return (0);
}

int
db_has_table(struct db *db, const char *name, struct err *e)
{
	static const char sql[] = "SELECT 1 FROM sqlite_schema WHERE name=? AND "
	    "type='table'";
	struct stmt *st;
	int r = awake(db, e);

	if (r != 0)
		return (r);
	if (sqlite3_table_column_metadata(db->h, "main", name, NULL, NULL, NULL,
	    NULL, NULL, NULL) == SQLITE_OK)
		return (1);
	/* Another process may have made it: this reads what it knows anew. */
	r = db_cached(db, &st, sql, e);
	if (r != 0)
		return (r);
	stmt_bind_text(st, 1, name);
	r = stmt_step(st, e);
	stmt_reset(st);
	return (r);
}

void
stmt_free(struct stmt *st)
{
	if (st == NULL)
		return;
	sqlite3_finalize(st->h);
	free(st);
}

static void
bound(struct stmt *st, int rc, int i)
{
	/* A parameter that is not there, or a busy statement: our own fault. */
	if (rc == SQLITE_NOMEM)
		err_oom(0);
	if (rc != SQLITE_OK && rc != SQLITE_TOOBIG)
		BUG("binding %d of %s: %s", i, sqlite3_sql(st->h),
		    sqlite3_errmsg(st->db->h));
}

void
stmt_bind_int(struct stmt *st, int i, int64_t v)
{
	bound(st, sqlite3_bind_int64(st->h, i, v), i);
}

void
stmt_bind_str(struct stmt *st, int i, struct str s)
{
	bound(st, sqlite3_bind_text64(st->h, i, s.ptr != NULL ? s.ptr : "",
	    s.len, SQLITE_STATIC, SQLITE_UTF8), i);
}

void
stmt_bind_text(struct stmt *st, int i, const char *s)
{
	bound(st, sqlite3_bind_text(st->h, i, s, -1, SQLITE_STATIC), i);
}

void
stmt_bind_blob(struct stmt *st, int i, const void *p, size_t n)
{
	bound(st, sqlite3_bind_blob64(st->h, i, n != 0 ? p : "", n,
	    SQLITE_STATIC), i);
}

void
stmt_bind_null(struct stmt *st, int i)
{
	bound(st, sqlite3_bind_null(st->h, i), i);
}

int
stmt_param(struct stmt *st, const char *name)
{
	return (sqlite3_bind_parameter_index(st->h, name));
}

int
stmt_nparam(struct stmt *st)
{
	return (sqlite3_bind_parameter_count(st->h));
}

const char *
stmt_param_name(struct stmt *st, int i)
{
	return (sqlite3_bind_parameter_name(st->h, i));
}

int
stmt_step(struct stmt *st, struct err *e)
{
	int rc = sqlite3_step(st->h);

	if (rc == SQLITE_ROW)
		return (1);
	if (rc == SQLITE_DONE) {
		sqlite3_reset(st->h);
		return (0);
	}
	int r = db_error(st->db, e, NULL);
	sqlite3_reset(st->h);
	return (r);
}

int
stmt_run(struct stmt *st, struct err *e)
{
	int r;

	while ((r = stmt_step(st, e)) > 0)
		continue;
	return (r);
}

void
stmt_reset(struct stmt *st)
{
	sqlite3_reset(st->h);
	sqlite3_clear_bindings(st->h);
}

int
stmt_ncol(struct stmt *st)
{
	return (sqlite3_column_count(st->h));
}

const char *
stmt_col_name(struct stmt *st, int i)
{
	const char *s = sqlite3_column_name(st->h, i);

	if (s == NULL)
		err_oom(0);
	return (s);
}

static enum stmt_type
type_of(int type)
{
	switch (type) {
	case SQLITE_INTEGER:
		return (STMT_INT);
	case SQLITE_FLOAT:
		return (STMT_REAL);
	case SQLITE_TEXT:
		return (STMT_TEXT);
	case SQLITE_BLOB:
		return (STMT_BLOB);
	default:
		return (STMT_NULL);
	}
}

enum stmt_type
stmt_type(struct stmt *st, int i)
{
	return (type_of(sqlite3_column_type(st->h, i)));
}

void
stmt_values(struct stmt *st, struct stmt_value *out, int n)
{
	for (int i = 0; i < n; i++) {
		sqlite3_value *v = sqlite3_column_value(st->h, i);
		struct stmt_value *o = &out[i];

		*o = (struct stmt_value){ type_of(sqlite3_value_type(v)), 0,
			STR("") };
		if (o->type == STMT_INT)
			o->i = sqlite3_value_int64(v);
		if (o->type != STMT_TEXT)
			continue;
		const void *p = sqlite3_value_text(v);
		if (p == NULL) /* to end the text may need memory */
			err_oom(0);
		o->s = (struct str){ p, (size_t)sqlite3_value_bytes(v) };
	}
}

int64_t
stmt_int(struct stmt *st, int i)
{
	return (sqlite3_column_int64(st->h, i));
}

double
stmt_real(struct stmt *st, int i)
{
	return (sqlite3_column_double(st->h, i));
}

struct str
stmt_str(struct stmt *st, int i)
{
	const void *p = sqlite3_column_type(st->h, i) == SQLITE_BLOB ?
	    sqlite3_column_blob(st->h, i) :
	    (const void *)sqlite3_column_text(st->h, i);
	int n = sqlite3_column_bytes(st->h, i);

	/* To end the text may need memory. */
	if (p == NULL && sqlite3_errcode(st->db->h) == SQLITE_NOMEM)
		err_oom(0);
	return ((struct str){ p != NULL ? p : "", p != NULL ? (size_t)n : 0 });
}

bool
stmt_isnull(struct stmt *st, int i)
{
	return (sqlite3_column_type(st->h, i) == SQLITE_NULL);
}

bool
stmt_readonly(struct stmt *st)
{
	return (sqlite3_stmt_readonly(st->h) != 0);
}

int
db_get_int(struct db *db, const char *sql, int64_t otherwise, int64_t *ret,
    struct err *e)
{
	STMT_SCOPED *st = NULL;
	int r = db_prepare(db, &st, str_from(sql), e);

	if (r != 0)
		return (r);
	r = stmt_step(st, e);
	if (r < 0)
		return (r);
	*ret = r > 0 && !stmt_isnull(st, 0) ? stmt_int(st, 0) : otherwise;
	return (0);
}

int64_t
db_changes(struct db *db)
{
	return (sqlite3_changes64(db->h));
}

int64_t
db_last_rowid(struct db *db)
{
	return (sqlite3_last_insert_rowid(db->h));
}

int
db_snapshot(struct db *db, const char *to, struct err *e)
{
	struct db *copy = NULL;
	sqlite3_backup *b;
	int r = db_open(&copy, to, DB_CREATE | DB_WRITER | DB_NOSYNC, e), rc;

	if (r != 0)
		return (r);
	b = sqlite3_backup_init(copy->h, "main", db->h, "main");
	if (b == NULL) {
		r = db_error(copy, e, to);
	} else {
		/* All in one step: it is one read transaction of the source. */
		rc = sqlite3_backup_step(b, -1);
		for (int i = 0; i < 200 && (rc == SQLITE_BUSY ||
		    rc == SQLITE_LOCKED); i++) {
			sqlite3_sleep(25);
			rc = sqlite3_backup_step(b, -1);
		}
		sqlite3_backup_finish(b);
		if (rc != SQLITE_DONE)
			r = db_error(copy, e, to);
		if (rc != SQLITE_DONE && r == 0)
			r = err_set(e, ERR_IO, to, NULL,
			    "the database was not copied");
	}
	db_close(copy);
	return (r);
}

int
db_image(struct db *db, struct buf *out, struct err *e)
{
	sqlite3_int64 n = 0;
	unsigned char *p = sqlite3_serialize(db->h, "main", &n, 0);

	if (p == NULL)
		return (db_error(db, e, NULL));
	buf_reset(out);
	buf_reserve(out, (size_t)n);
	buf_put(out, p, (size_t)n);
	/* What may be keys is not left behind in memory that is given back. */
	crypto_wipe(p, (size_t)n);
	sqlite3_free(p);
	return (0);
}

int
db_checkpoint(struct db *db, struct err *e)
{
	if (sqlite3_wal_checkpoint_v2(db->h, NULL, SQLITE_CHECKPOINT_TRUNCATE,
	    NULL, NULL) != SQLITE_OK)
		return (db_error(db, e, NULL));
	return (0);
}

static int
refuse(struct db *db, const char *what, const char *name)
{
	db->refused = true;
	snprintf(db->refusal, sizeof(db->refusal), "%s%s%s", what,
	    name != NULL ? " " : "", name != NULL ? name : "");
	return (SQLITE_DENY);
}

static int
authorize(void *ctx, int action, const char *a, const char *b, const char *dbn,
    const char *view)
{
	struct db *db = ctx;

	(void)dbn;
	switch (action) {
	case SQLITE_SELECT:
		return (db->auth(db->auth_ctx, DB_ACT_SELECT, a, b, view) ?
		    SQLITE_OK : refuse(db, "this SELECT is not allowed", NULL));
	case SQLITE_READ:
		return (db->auth(db->auth_ctx, DB_ACT_READ, a, b, view) ?
		    SQLITE_OK : refuse(db, "there is no table to read named", a));
	case SQLITE_FUNCTION:
		return (db->auth(db->auth_ctx, DB_ACT_FUNCTION, a, b, view) ?
		    SQLITE_OK : refuse(db, "a query may not use the function", b));
	case SQLITE_RECURSIVE:
		return (db->auth(db->auth_ctx, DB_ACT_RECURSIVE, a, b, view) ?
		    SQLITE_OK : refuse(db, "recursion is not allowed", NULL));
	default:
		return (refuse(db, "a query may only read", NULL));
	}
}

void
db_authorize(struct db *db, db_authorize_fn *fn, void *ctx)
{
	db->auth = fn;
	db->auth_ctx = ctx;
	sqlite3_set_authorizer(db->h, fn != NULL ? authorize : NULL, db);
}

static int
watch(void *ctx)
{
	struct db *db = ctx;

	return (db->watch(db->watch_ctx) ? 1 : 0);
}

void
db_watch(struct db *db, int steps, db_watch_fn *fn, void *ctx)
{
	db->watch = fn;
	db->watch_ctx = ctx;
	sqlite3_progress_handler(db->h, steps, fn != NULL ? watch : NULL, db);
}

int
db_harden(struct db *db, struct err *e)
{
	sqlite3_db_config(db->h, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	sqlite3_db_config(db->h, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	sqlite3_db_config(db->h, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0, NULL);
	sqlite3_db_config(db->h, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
	sqlite3_limit(db->h, SQLITE_LIMIT_ATTACHED, 0);
	sqlite3_limit(db->h, SQLITE_LIMIT_SQL_LENGTH, 1 << 20);
	sqlite3_limit(db->h, SQLITE_LIMIT_EXPR_DEPTH, 200);
	sqlite3_limit(db->h, SQLITE_LIMIT_COMPOUND_SELECT, 100);
	sqlite3_limit(db->h, SQLITE_LIMIT_LENGTH, 64 << 20);
	sqlite3_limit(db->h, SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 1000);
	sqlite3_limit(db->h, SQLITE_LIMIT_WORKER_THREADS, 0);
	return (db_exec(db, "PRAGMA query_only=ON", e));
}

void
db_heap_limit(int64_t bytes)
{
	sqlite3_hard_heap_limit64(bytes);
}

/* --- functions of our own --------------------------------------------------- */

struct function {
	db_text_to_int_fn *to_int;
	db_int_to_text_fn *to_text;
	const void *ctx;
};

static void
call(sqlite3_context *c, int n, sqlite3_value **v)
{
	const struct function *f = sqlite3_user_data(c);
	char text[DB_TEXT_SIZE];
	int64_t i;

	(void)n;
	if (f->to_int != NULL && sqlite3_value_type(v[0]) == SQLITE_TEXT) {
		const char *p = (const char *)sqlite3_value_text(v[0]);
		struct str s = { p, (size_t)sqlite3_value_bytes(v[0]) };
		if (p == NULL)
			sqlite3_result_error_nomem(c);
		else if (f->to_int(f->ctx, s, &i))
			sqlite3_result_int64(c, i);
	} else if (f->to_text != NULL &&
	    sqlite3_value_type(v[0]) == SQLITE_INTEGER &&
	    f->to_text(f->ctx, sqlite3_value_int64(v[0]), text))
		sqlite3_result_text(c, text, -1, SQLITE_TRANSIENT);
}

static int
add_function(struct db *db, const char *name, const struct function *from,
    struct err *e)
{
	struct function *f = malloc(sizeof(*f));

	if (f == NULL)
		err_oom(sizeof(*f));
	*f = *from;
	/* SQLite frees it, also when this fails. */
	if (sqlite3_create_function_v2(db->h, name, 1, SQLITE_UTF8 |
	    SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS, f, call, NULL, NULL, free) !=
	    SQLITE_OK)
		return (db_error(db, e, NULL));
	return (0);
}

int
db_text_to_int(struct db *db, const char *name, db_text_to_int_fn *fn,
    const void *ctx, struct err *e)
{
	return (add_function(db, name, &(struct function){ .to_int = fn,
	    .ctx = ctx }, e));
}

int
db_int_to_text(struct db *db, const char *name, db_int_to_text_fn *fn,
    const void *ctx, struct err *e)
{
	return (add_function(db, name, &(struct function){ .to_text = fn,
	    .ctx = ctx }, e));
}
