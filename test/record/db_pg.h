/*
 * In the place of sys/db.c: a database that is asked nothing, but writes down every
 * statement, for psql: PREPARE once, EXECUTE with what was bound. A row is
 * answered only where pg_rows says so.
 */
#include "sys/db.h"

#include "base/map.h"
#include "schema/schema.h"

struct db {
	struct arena a;
	struct map known; /* statement -> struct stmt, prepared */
	struct buf out;
	size_t n;
};

struct stmt {
	struct db *db;
	size_t no;
	int nparam;
	bool row;      /* answers with one when it is found by its id */
	bool doc;      /* and that is of a document */
	bool done;
	struct str bind[80]; /* as SQL */
};

/* The id of the only record of each type. */
#define PG_ID "00000000000000000000000001"
static bool pg_rows;
static bool pg_quiet; /* what is prepared is not run */
/* The number of the only document in the index of words. */
#define PG_DOC (((int64_t)T_VENDOR << 32) + 1)

/* ? is a parameter where it is in no text; they are counted from 1. */
static int
pg_text(struct str sql, struct buf *out)
{
	bool quoted = false;
	int n = 0;

	for (size_t i = 0; i < sql.len; i++) {
		quoted ^= sql.ptr[i] == '\'';
		if (sql.ptr[i] == '?' && !quoted)
			buf_printf(out, "$%d", ++n);
		else
			buf_putc(out, sql.ptr[i] == '\n' ? ' ' : sql.ptr[i]);
	}
	return (n);
}

int
db_prepare(struct db *db, struct stmt **ret, struct str sql, struct err *e)
{
	BUF_SCOPED text = BUF_INIT;
	struct stmt *st = map_get(&db->known, sql);

	(void)e;
	if (st == NULL) {
		st = arena_new(&db->a, struct stmt);
		st->db = db;
		st->no = ++db->n;
		st->nparam = pg_text(sql, &text);
		st->doc = str_starts(sql, "SELECT doc ");
		st->row = st->doc || str_ends(sql, " WHERE id=?");
		if ((size_t)st->nparam > sizeof(st->bind) / sizeof(st->bind[0]))
			BUG("%d parameters", st->nparam);
		map_put(&db->known, arena_str(&db->a, sql), st);
		buf_printf(&db->out, "PREPARE s%zu AS %.*s;\n", st->no,
		    (int)text.len, text.ptr);
	}
	for (int i = 0; i < st->nparam; i++)
		st->bind[i] = STR("NULL");
	st->done = false;
	*ret = st;
	return (0);
}

int
db_cached(struct db *db, struct stmt **ret, const char *sql, struct err *e)
{
	return (db_prepare(db, ret, str_from(sql), e));
}

int
db_exec(struct db *db, const char *sql, struct err *e)
{
	(void)e;
	buf_printf(&db->out, "%s;\n", sql);
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

int
db_get_int(struct db *db, const char *sql, int64_t otherwise, int64_t *ret,
    struct err *e)
{
	*ret = otherwise;
	return (db_exec(db, sql, e));
}

int
db_has_table(struct db *db, const char *name, struct err *e)
{
	(void)db;
	(void)name;
	(void)e;
	return (1);
}

static void
pg_bind(struct stmt *st, int i, const char *sql)
{
	if (i > st->nparam)
		BUG("parameter %d of %d", i, st->nparam);
	st->bind[i - 1] = str_from(arena_strdup(&st->db->a, sql));
}

void
stmt_bind_int(struct stmt *st, int i, int64_t v)
{
	pg_bind(st, i, arena_printf(&st->db->a, "%lld", (long long)v));
}

void
stmt_bind_str(struct stmt *st, int i, struct str s)
{
	BUF_SCOPED b = BUF_INIT;

	buf_putc(&b, '\'');
	for (size_t k = 0; k < s.len; k++) {
		if (s.ptr[k] == '\'')
			buf_putc(&b, '\'');
		buf_putc(&b, s.ptr[k]);
	}
	buf_putc(&b, '\'');
	pg_bind(st, i, b.ptr);
}

void
stmt_bind_text(struct stmt *st, int i, const char *s)
{
	if (s != NULL)
		stmt_bind_str(st, i, str_from(s));
}

void
stmt_bind_null(struct stmt *st, int i)
{
	pg_bind(st, i, "NULL");
}

void
stmt_bind_blob(struct stmt *st, int i, const void *p, size_t n)
{
	BUF_SCOPED b = BUF_INIT;

	buf_puts(&b, "'\\x");
	buf_puthex(&b, p, n);
	buf_putc(&b, '\'');
	pg_bind(st, i, b.ptr);
}

int
stmt_step(struct stmt *st, struct err *e)
{
	struct buf *out = &st->db->out;

	(void)e;
	if (st->done)
		return (0);
	st->done = true;
	if (pg_quiet)
		return (0);
	buf_printf(out, "EXECUTE s%zu%s", st->no, st->nparam > 0 ? "(" : "");
	for (int i = 0; i < st->nparam; i++)
		buf_printf(out, "%s" STR_FMT, i > 0 ? "," : "",
		    STR_ARG(st->bind[i]));
	buf_puts(out, st->nparam > 0 ? ");\n" : ";\n");
	return (st->row && pg_rows);
}

int
stmt_run(struct stmt *st, struct err *e)
{
	int r = stmt_step(st, e);

	return (r < 0 ? r : 0);
}

void
stmt_reset(struct stmt *st)
{
	st->done = false;
}

void
stmt_free(struct stmt *st)
{
	(void)st;
}

/* The row: an id, and nothing that is filled. */
bool
stmt_isnull(struct stmt *st, int i)
{
	(void)st;
	return (i >= 4);
}

int64_t
stmt_int(struct stmt *st, int i)
{
	return (st->doc ? PG_DOC : i < 3);
}

struct str
stmt_str(struct stmt *st, int i)
{
	(void)st;
	return (i == 0 ? STR(PG_ID) : STR(""));
}

/* What nothing here comes to: the ledger, which has its own files. */
#define NEVER(name) \
void never_##name(void) __asm__(#name); \
void \
never_##name(void) \
{ \
	BUG(#name " is not to be asked for here"); \
}
NEVER(db_authorize)
NEVER(db_begin)
NEVER(db_begin_read)
NEVER(db_changes)
NEVER(db_checkpoint)
NEVER(db_close)
NEVER(db_commit)
NEVER(db_error)
NEVER(db_handle)
NEVER(db_harden)
NEVER(db_heap_limit)
NEVER(db_image)
NEVER(db_in_tx)
NEVER(db_int_to_text)
NEVER(db_last_rowid)
NEVER(db_open)
NEVER(db_park)
NEVER(db_path)
NEVER(db_pin_time)
NEVER(db_rollback)
NEVER(db_snapshot)
NEVER(db_source_id)
NEVER(db_text_to_int)
NEVER(db_version)
NEVER(db_watch)
NEVER(stmt_col_name)
NEVER(stmt_ncol)
NEVER(stmt_nparam)
NEVER(stmt_param)
NEVER(stmt_param_name)
NEVER(stmt_readonly)
NEVER(stmt_real)
NEVER(stmt_type)
NEVER(stmt_values)
