#include "record/store.h"

#include <stdatomic.h>

#include "record/dialect.h"
#include "record/tables.h"
#include "schema/kind.h"
#include "sys/db.h"
#include "text/json.h"

/*
 * Statements of a type, made once and kept for the life of the process: by
 * whichever thread comes first.
 */
#define UNIQUES 8 /* sets of a type whose statement is kept */
enum sql { SQL_LOAD, SQL_HANDLE, SQL_LIKE, SQL_EACH, SQL_PUT, SQL_ADD,
	SQL_UNIQUE, SQL_MAX = SQL_UNIQUE + UNIQUES };
#define TYPES_MAX 512 /* far more than are declared */
static _Atomic(char *) texts[TYPES_MAX][SQL_MAX];

static size_t
type_index(const struct schema_type *t)
{
	size_t i = (size_t)(t - schema_types);

	if (i >= TYPES_MAX || !schema_is_record(t))
		BUG("%s is not a record type", t->name);
	return (i);
}

void
store_columns(const struct schema_type *t, const char *prefix,
    struct buf *out)
{
	static const char *const first[] = { "id", "rev", "entry", "retired" };
	const char *dot = prefix[0] != '\0' ? "." : "";

	for (size_t i = 0; i < sizeof(first) / sizeof(first[0]); i++)
		buf_printf(out, "%s%s%s%s", i == 0 ? "" : ",", prefix, dot,
		    first[i]);
	for (size_t i = 0; i < t->nfields; i++)
		buf_printf(out, ",%s%s\"%s\"", prefix, dot, t->fields[i].name);
	if (t->mode == MODE_OPEN)
		buf_printf(out, ",%s%sextra", prefix, dot);
}

static void
put_columns(struct buf *b, const struct schema_type *t)
{
	store_columns(t, "", b);
}

static void
put_insert(struct buf *b, const struct schema_type *t)
{
	size_t n = 4 + t->nfields + (t->mode == MODE_OPEN);

	buf_printf(b, "INSERT INTO r_%s(", t->name);
	put_columns(b, t);
	buf_puts(b, ") VALUES(");
	for (size_t i = 0; i < n; i++)
		buf_puts(b, i == 0 ? "?" : ",?");
	buf_putc(b, ')');
}

static void
put_upsert(struct buf *b, const struct schema_type *t)
{
	put_insert(b, t);
	buf_puts(b, " ON CONFLICT(id) DO UPDATE SET rev=excluded.rev,"
	    "entry=excluded.entry,retired=excluded.retired");
	for (size_t i = 0; i < t->nfields; i++)
		buf_printf(b, ",\"%s\"=excluded.\"%s\"", t->fields[i].name,
		    t->fields[i].name);
	if (t->mode == MODE_OPEN)
		buf_puts(b, ",extra=excluded.extra");
}

/* The set of that number: the handle is 0, then those that are declared. */
static const struct schema_cols *
unique_set(const struct schema_type *t, size_t n)
{
	return (n == 0 ? &t->key : &t->unique[n - 1]);
}

static void
put_unique(struct buf *b, const struct schema_type *t,
    const struct schema_cols *set)
{
	buf_printf(b, "SELECT id FROM r_%s WHERE retired=0", t->name);
	for (size_t i = 0; i < set->n; i++)
		buf_printf(b, " AND \"%s\"=?", t->fields[set->at[i]].name);
}

static const char *
sql_of(const struct schema_type *t, enum sql which)
{
	_Atomic(char *) *at = &texts[type_index(t)][which];
	struct buf b = BUF_INIT;
	const char *key = t->key.n != 0 ? t->fields[t->key.at[0]].name : NULL;
	char *have = *at;

	if (have != NULL)
		return (have);
	switch (which) {
	case SQL_LOAD:
		buf_puts(&b, "SELECT ");
		put_columns(&b, t);
		buf_printf(&b, " FROM r_%s WHERE id=?", t->name);
		break;
	case SQL_EACH:
		buf_puts(&b, "SELECT ");
		put_columns(&b, t);
		buf_printf(&b, " FROM r_%s WHERE retired<=? ORDER BY ", t->name);
		if (key != NULL)
			buf_printf(&b, "\"%s\",", key);
		buf_puts(&b, "id");
		break;
	case SQL_HANDLE:
		buf_printf(&b, "SELECT id FROM r_%s WHERE retired=0 AND \"%s\"=?",
		    t->name, key);
		break;
	case SQL_LIKE:
		buf_printf(&b, "SELECT id FROM r_%s WHERE retired=0 AND ", t->name);
		dialect_any_case(key, &b);
		buf_puts(&b, " LIMIT 2");
		break;
	case SQL_ADD:
		put_insert(&b, t);
		break;
	case SQL_PUT:
		put_upsert(&b, t);
		break;
	default:
		put_unique(&b, t, unique_set(t, which - SQL_UNIQUE));
	}
	if (atomic_compare_exchange_strong(at, &have, b.ptr))
		return (b.ptr);
	buf_free(&b); /* another thread was first */
	return (have);
}

int
store_read(struct arena *a, const struct schema_type *t, struct stmt *st,
    struct record *r, struct err *e)
{
	*r = (struct record){ .type = t, .id = arena_str(a, stmt_str(st, 0)),
		.rev = stmt_int(st, 1), .entry = (uint64_t)stmt_int(st, 2),
		.retired = stmt_int(st, 3) != 0,
		.cells = arena_array(a, t->nfields, sizeof(struct cell)) };
	for (size_t i = 0; i < t->nfields; i++)
		kind_column(a, &t->fields[i], st, 4 + (int)i, &r->cells[i]);
	int extra = 4 + (int)t->nfields;
	if (t->mode == MODE_OPEN && !stmt_isnull(st, extra))
		return (json_parse(a, t->name, arena_str(a, stmt_str(st, extra)),
		    &r->extra, e));
	return (0);
}

int
store_load(struct record_store *s, struct arena *a,
    const struct schema_type *t, struct str id, struct record *ret,
    struct err *e)
{
	struct stmt *st;
	int r = tables_has(s, t, e);

	if (r <= 0)
		return (r == 0 ? -ERR_NOTFOUND : r);
	r = db_cached(s->db, &st, sql_of(t, SQL_LOAD), e);
	if (r != 0)
		return (r);
	stmt_bind_str(st, 1, id);
	r = stmt_step(st, e);
	if (r == 0)
		return (-ERR_NOTFOUND);
	if (r > 0)
		r = store_read(a, t, st, ret, e);
	stmt_reset(st);
	return (r);
}

static int
by_handle(struct record_store *s, struct arena *a, const struct schema_type *t,
    enum sql which, struct str handle, struct str *ret_id, struct err *e)
{
	struct stmt *st;

	if (t->key.n == 0)
		return (-ERR_NOTFOUND);
	int r = tables_has(s, t, e);
	if (r <= 0)
		return (r == 0 ? -ERR_NOTFOUND : r);
	r = db_cached(s->db, &st, sql_of(t, which), e);
	if (r != 0)
		return (r);
	stmt_bind_str(st, 1, handle);
	r = stmt_step(st, e);
	if (r <= 0) {
		stmt_reset(st);
		return (r == 0 ? -ERR_NOTFOUND : r);
	}
	struct str id = arena_str(a, stmt_str(st, 0));
	r = stmt_step(st, e);
	stmt_reset(st);
	if (r != 0)
		return (r > 0 ? -ERR_NOTFOUND : r);
	*ret_id = id;
	return (0);
}

int
store_by_handle(struct record_store *s, struct arena *a,
    const struct schema_type *t, struct str handle, struct str *ret_id,
    struct err *e)
{
	return (by_handle(s, a, t, SQL_HANDLE, handle, ret_id, e));
}

int
store_by_handle_like(struct record_store *s, struct arena *a,
    const struct schema_type *t, struct str handle, struct str *ret_id,
    struct err *e)
{
	return (by_handle(s, a, t, SQL_LIKE, handle, ret_id, e));
}

int
store_by_unique(struct record_store *s, struct arena *a,
    const struct schema_type *t, const struct schema_cols *set,
    const struct cell *cells, struct str *ret_id, struct err *e)
{
	size_t n = set == &t->key ? 0 : (size_t)(set - t->unique) + 1;
	struct stmt *st;

	for (size_t i = 0; i < set->n; i++)
		if (cells[set->at[i]].state != CELL_VALUE)
			return (-ERR_NOTFOUND);
	if (n >= UNIQUES)
		BUG("%s has too many unique sets", t->name);
	int r = tables_has(s, t, e);
	if (r <= 0)
		return (r == 0 ? -ERR_NOTFOUND : r);
	r = db_cached(s->db, &st, sql_of(t, SQL_UNIQUE + (enum sql)n), e);
	if (r != 0)
		return (r);
	for (size_t i = 0; i < set->n; i++)
		kind_bind(&t->fields[set->at[i]], st, (int)i + 1,
		    &cells[set->at[i]]);
	r = stmt_step(st, e);
	if (r > 0)
		*ret_id = arena_str(a, stmt_str(st, 0));
	stmt_reset(st);
	return (r > 0 ? 0 : r == 0 ? -ERR_NOTFOUND : r);
}

int
store_each(struct record_store *s, struct arena *a,
    const struct schema_type *t, bool retired, store_fn *fn, void *ctx,
    struct err *e)
{
	STMT_SCOPED *st = NULL;
	struct record rec;
	int r = tables_has(s, t, e);

	if (r <= 0)
		return (r);
	/* Not the cached one: ${fn} may come back here. */
	r = db_prepare(s->db, &st, str_from(sql_of(t, SQL_EACH)), e);
	if (r != 0)
		return (r);
	stmt_bind_int(st, 1, retired);
	while ((r = stmt_step(st, e)) > 0) {
		r = store_read(a, t, st, &rec, e);
		if (r == 0)
			r = fn(ctx, &rec, e);
		if (r != 0)
			return (r < 0 ? r : 0);
	}
	return (r);
}

int
store_put(struct record_store *s, const struct record *rec, bool fresh,
    struct err *e)
{
	const struct schema_type *t = rec->type;
	BUF_SCOPED extra = BUF_INIT;
	struct stmt *st;
	int r = tables_make(s, t, e);

	if (r == 0)
		r = db_cached(s->db, &st, sql_of(t, fresh ? SQL_ADD : SQL_PUT), e);
	if (r != 0)
		return (r);
	stmt_bind_str(st, 1, rec->id);
	stmt_bind_int(st, 2, rec->rev);
	stmt_bind_int(st, 3, (int64_t)rec->entry);
	stmt_bind_int(st, 4, rec->retired);
	for (size_t i = 0; i < t->nfields; i++)
		kind_bind(&t->fields[i], st, 5 + (int)i, &rec->cells[i]);
	if (t->mode == MODE_OPEN && val_count(rec->extra) != 0) {
		r = json_canonical(&extra, rec->extra, e);
		if (r == 0)
			stmt_bind_str(st, 5 + (int)t->nfields, buf_str(&extra));
	}
	if (r == 0)
		r = stmt_run(st, e);
	stmt_reset(st);
	return (r);
}

int
store_clear(struct record_store *s, const struct schema_type *t,
    struct err *e)
{
	int r = tables_has(s, t, e);

	return (r <= 0 ? r : db_execf(s->db, e, "DELETE FROM r_%s", t->name));
}

int
store_revision_put(struct record_store *s, const struct record *rec,
    const uint8_t body[32], struct err *e)
{
	struct stmt *st;
	int r = db_cached(s->db, &st, "INSERT INTO revision"
	    "(type,id,rev,entry,body) VALUES(?,?,?,?,?)", e);

	if (r != 0)
		return (r);
	stmt_bind_int(st, 1, rec->type->number);
	stmt_bind_str(st, 2, rec->id);
	stmt_bind_int(st, 3, rec->rev);
	stmt_bind_int(st, 4, (int64_t)rec->entry);
	stmt_bind_blob(st, 5, body, 32);
	r = stmt_run(st, e);
	stmt_reset(st);
	return (r);
}

int
store_revision_body(struct record_store *s, const struct schema_type *t,
    struct str id, int64_t rev, uint8_t ret_body[32], struct err *e)
{
	struct stmt *st;
	int r = db_cached(s->db, &st,
	    "SELECT body FROM revision WHERE type=? AND id=? AND rev=?", e);

	if (r != 0)
		return (r);
	stmt_bind_int(st, 1, t->number);
	stmt_bind_str(st, 2, id);
	stmt_bind_int(st, 3, rev);
	r = stmt_step(st, e);
	if (r > 0) {
		struct str b = stmt_str(st, 0);
		r = b.len == 32 ? 0 : err_set(e, ERR_DAMAGED, t->name,
		    "run tickmark rebuild", "a revision has no commitment");
		if (r == 0)
			memcpy(ret_body, b.ptr, 32);
	} else if (r == 0) {
		r = err_set(e, ERR_DAMAGED, t->name, "run tickmark rebuild",
		    "revision %lld of a record is missing", (long long)rev);
	}
	stmt_reset(st);
	return (r);
}
