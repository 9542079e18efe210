#include "evidence/store.h"

#include "base/vec.h"
#include "evidence/identity.h"
#include "schema/kind.h"

static const char fixed_ddl[] =
    "CREATE TABLE \"!meta\"(key TEXT PRIMARY KEY, value TEXT NOT NULL)"
    " STRICT, WITHOUT ROWID;"
    "CREATE TABLE \"!source\"(no INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE,"
    " name TEXT NOT NULL) STRICT;"
    "INSERT INTO \"!source\" VALUES(0, '-', 'records');"
    "CREATE TABLE \"!run\"(id INTEGER NOT NULL, tab INTEGER NOT NULL,"
    " sid INTEGER NOT NULL, at INTEGER NOT NULL, started INTEGER NOT NULL,"
    " ended INTEGER NOT NULL, status TEXT NOT NULL,"
    " counts INTEGER NOT NULL, expected INTEGER,"
    " received INTEGER NOT NULL, changed INTEGER NOT NULL,"
    " gap_us INTEGER NOT NULL, decl BLOB, root BLOB, chain INTEGER,"
    " since INTEGER, upto TEXT, collector TEXT NOT NULL,"
    " message TEXT NOT NULL, PRIMARY KEY(id, tab)) STRICT, WITHOUT ROWID;"
    "CREATE INDEX \"!run_at\" ON \"!run\"(tab, sid, at, id)"
    " WHERE counts = 1;"
    "CREATE TABLE \"!effect\"(tab INTEGER NOT NULL, id TEXT NOT NULL,"
    " effective INTEGER NOT NULL, PRIMARY KEY(tab, id)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE \"!table\"(tab INTEGER PRIMARY KEY, name TEXT NOT NULL)"
    " STRICT;"
    "CREATE TABLE \"!column\"(tab INTEGER NOT NULL, bit INTEGER NOT NULL,"
    " name TEXT NOT NULL, PRIMARY KEY(tab, bit)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE \"!touch\"(tab INTEGER NOT NULL, entry INTEGER NOT NULL,"
    " PRIMARY KEY(tab, entry)) STRICT, WITHOUT ROWID;";

static void
table_ddl(const struct schema_type *t, struct buf *out)
{
	buf_printf(out, "CREATE TABLE \"%s!v\"(_known_to INTEGER,"
	    " _from INTEGER NOT NULL, _to INTEGER, _known_from INTEGER NOT NULL,"
	    " _end_known INTEGER, _blind INTEGER, _sid INTEGER NOT NULL,"
	    " _subject TEXT NOT NULL", t->name);
	for (size_t i = 0; i < t->nfields; i++)
		buf_printf(out, ", \"%s\" %s", t->fields[i].name,
		    kind_integer(&t->fields[i]) ? "INTEGER" : "TEXT");
	buf_puts(out, ") STRICT;\n");
	buf_printf(out, "CREATE INDEX \"%s!subject\" ON \"%s!v\""
	    "(_subject, _sid) WHERE _known_to IS NULL;\n", t->name, t->name);
	buf_printf(out, "CREATE INDEX \"%s!blind\" ON \"%s!v\"(_from)"
	    " WHERE _blind IS NOT NULL;\n", t->name, t->name);
	buf_printf(out, "INSERT INTO \"!table\" VALUES(%u, '%s');\n",
	    t->number, t->name);
	for (size_t i = 0; i < t->nfields; i++)
		buf_printf(out, "INSERT INTO \"!column\" VALUES(%u, %zu, '%s');\n",
		    t->number, i, t->fields[i].name);
	if (t->mode == MODE_APPEND)
		buf_printf(out, "CREATE INDEX \"%s!from\" ON \"%s!v\"(_from)"
		    " WHERE _known_to IS NULL;\n", t->name, t->name);
}

static void
version_text(struct buf *out)
{
	buf_printf(out, "%d %s %s", STORE_VERSION, schema_digest(),
	    evidence_identity_digest());
}

int
store_create(struct db *db, struct err *e)
{
	BUF_SCOPED ddl = BUF_INIT;
	BUF_SCOPED version = BUF_INIT;

	buf_puts(&ddl, fixed_ddl);
	for (size_t i = 0; i < schema_ntypes; i++)
		table_ddl(&schema_types[i], &ddl);
	version_text(&version);
	buf_printf(&ddl, "INSERT INTO \"!meta\" VALUES('version', '%s'),"
	    "('upto', '0');", version.ptr);
	return (db_exec(db, ddl.ptr, e));
}

int
store_usable(struct db *db, bool *ret, uint64_t *ret_upto, struct err *e)
{
	STMT_SCOPED *st = NULL;
	BUF_SCOPED version = BUF_INIT;
	struct err own;
	int64_t upto = 0;

	*ret = false;
	if (db_prepare(db, &st, STR("SELECT (SELECT value FROM \"!meta\" WHERE"
	    " key = 'version'), (SELECT CAST(value AS INTEGER) FROM \"!meta\""
	    " WHERE key = 'upto')"), &own) != 0)
		return (0); /* another file altogether */
	int r = stmt_step(st, e);
	if (r < 0)
		return (r);
	version_text(&version);
	if (r == 1 && str_eq(stmt_str(st, 0), buf_str(&version))) {
		upto = stmt_int(st, 1);
		*ret = upto >= 0;
	}
	*ret_upto = (uint64_t)upto;
	return (0);
}

int
store_set_upto(struct db *db, uint64_t upto, struct err *e)
{
	struct stmt *st;
	int r = db_cached(db, &st, "UPDATE \"!meta\" SET value ="
	    " CAST(?1 AS TEXT) WHERE key = 'upto'", e);

	if (r != 0)
		return (r);
	stmt_bind_int(st, 1, (int64_t)upto);
	return (stmt_run(st, e));
}

int
store_source(struct db *db, struct str id, struct str name, int64_t *ret,
    struct err *e)
{
	struct stmt *st;
	int r = db_cached(db, &st, "INSERT INTO \"!source\"(id, name)"
	    " VALUES(?1, ?2) ON CONFLICT(id) DO UPDATE SET name = excluded.name"
	    " RETURNING no", e);

	if (r != 0)
		return (r);
	stmt_bind_str(st, 1, id);
	stmt_bind_str(st, 2, name);
	if ((r = stmt_step(st, e)) < 0)
		return (r);
	*ret = stmt_int(st, 0);
	return (stmt_run(st, e));
}

int
store_touch(struct db *db, int64_t tab, uint64_t entry, struct err *e)
{
	struct stmt *st;
	int r = db_cached(db, &st,
	    "INSERT OR IGNORE INTO \"!touch\" VALUES(?1, ?2)", e);

	if (r != 0)
		return (r);
	stmt_bind_int(st, 1, tab);
	stmt_bind_int(st, 2, (int64_t)entry);
	return (stmt_run(st, e));
}

void
store_park(struct evidence *ev)
{
	store_forget(ev);
	db_park(ev->db);
}

/* --- statements ---------------------------------------------------------- */

struct store_table *
store_table(struct evidence *ev, const struct schema_type *t)
{
	struct store_table *st = &ev->tables[t - schema_types];

	if (st->type == NULL) {
		st->type = t;
		row_decl_of(t, &st->decl);
	}
	return (st);
}

void
store_forget(struct evidence *ev)
{
	for (size_t i = 0; ev->tables != NULL && i < schema_ntypes; i++) {
		for (int s = 0; s < STORE_STMT_MAX; s++)
			stmt_free(ev->tables[i].st[s]);
		memset(&ev->tables[i], 0, sizeof(ev->tables[i]));
	}
}

#define VERSION_COLUMNS \
	"_known_to, _from, _to, _known_from, _end_known, _blind, _sid, _subject"

static void
put_columns(const struct schema_type *t, struct buf *q)
{
	for (size_t i = 0; i < t->nfields; i++)
		buf_printf(q, ", \"%s\"", t->fields[i].name);
}

/* Fields are parameters from 10 on, in every statement that has them. */
#define FIRST_FIELD 10

static void
put_key_match(const struct schema_type *t, struct buf *q)
{
	for (size_t i = 0; i < t->key.n; i++)
		buf_printf(q, " AND \"%s\" IS ?%d",
		    t->fields[t->key.at[i]].name,
		    FIRST_FIELD + (int)t->key.at[i]);
}

static void
put_same(const struct schema_type *t, struct buf *q)
{
	buf_puts(q, " AND _blind IS ?6");
	for (size_t i = 0; i < t->nfields; i++)
		buf_printf(q, " AND \"%s\" IS ?%d", t->fields[i].name,
		    FIRST_FIELD + (int)i);
}

static void
stmt_text(const struct schema_type *t, enum store_stmt which, struct buf *q)
{
	switch (which) {
	case STORE_INSERT:
		buf_printf(q, "INSERT INTO \"%s!v\"(" VERSION_COLUMNS, t->name);
		put_columns(t, q);
		buf_puts(q, ") VALUES(NULL, ?2, ?3, ?4, ?5, ?6, ?7, ?8");
		for (size_t i = 0; i < t->nfields; i++)
			buf_printf(q, ", ?%d", FIRST_FIELD + (int)i);
		buf_putc(q, ')');
		break;
	case STORE_FIND:
	case STORE_LEFT:
	case STORE_RIGHT:
		buf_printf(q, "SELECT rowid, _from, _to FROM \"%s!v\" WHERE"
		    " _known_to IS NULL AND _subject = ?8 AND _sid = ?7",
		    t->name);
		buf_puts(q, which == STORE_FIND ?
		    " AND _from <= ?2 AND (_to IS NULL OR _to > ?2)" :
		    which == STORE_LEFT ? " AND _to = ?2" : " AND _from = ?2");
		if (which == STORE_FIND)
			put_key_match(t, q);
		else
			put_same(t, q);
		break;
	case STORE_AFTER:
		buf_printf(q, "SELECT rowid, _from, _to FROM \"%s!v\" WHERE"
		    " _known_to IS NULL AND _subject = ?8 AND _sid = ?7 AND"
		    " (_to IS NULL OR _to > ?2)", t->name);
		break;
	case STORE_SAME:
		buf_printf(q, "SELECT 1 FROM \"%s!v\" WHERE rowid = ?1", t->name);
		put_same(t, q);
		break;
	case STORE_COPY:
		buf_printf(q, "INSERT INTO \"%s!v\"(" VERSION_COLUMNS, t->name);
		put_columns(t, q);
		buf_puts(q, ") SELECT NULL, ?2, ?3, ?4, ?5, _blind, _sid,"
		    " _subject");
		put_columns(t, q);
		buf_printf(q, " FROM \"%s!v\" WHERE rowid = ?1", t->name);
		break;
	case STORE_CLOSE:
		buf_printf(q, "UPDATE \"%s!v\" SET _to = ?3, _end_known = ?5"
		    " WHERE rowid = ?1", t->name);
		break;
	default:
		buf_printf(q, "UPDATE \"%s!v\" SET _known_to = ?4"
		    " WHERE rowid = ?1", t->name);
	}
}

static int
prepared(struct evidence *ev, struct store_table *t, enum store_stmt which,
    struct stmt **ret, struct err *e)
{
	BUF_SCOPED q = BUF_INIT;

	if (t->st[which] == NULL) {
		stmt_text(t->type, which, &q);
		int r = db_prepare(ev->db, &t->st[which], buf_str(&q), e);
		if (r != 0)
			return (r);
	}
	*ret = t->st[which];
	return (0);
}

static void
bind_end(struct stmt *st, int64_t to, uint64_t entry)
{
	if (to == STORE_OPEN) {
		stmt_bind_null(st, 3);
		stmt_bind_null(st, 5);
	} else {
		stmt_bind_int(st, 3, to);
		stmt_bind_int(st, 5, (int64_t)entry);
	}
}

static uint64_t
blind_mask(const struct schema_type *t, const struct cell *cells)
{
	uint64_t m = 0;

	for (size_t i = 0; i < t->nfields; i++) {
		if (cells[i].state == CELL_UNKNOWN)
			m |= UINT64_C(1) << i;
	}
	return (m);
}

static void
bind_blind(const struct schema_type *t, struct stmt *st,
    const struct cell *cells)
{
	uint64_t m = blind_mask(t, cells);

	if (m == 0)
		stmt_bind_null(st, 6);
	else
		stmt_bind_int(st, 6, (int64_t)m);
}

static void
bind_fields(const struct schema_type *t, struct stmt *st,
    const struct cell *cells)
{
	for (size_t i = 0; i < t->nfields; i++)
		kind_bind(&t->fields[i], st, FIRST_FIELD + (int)i, &cells[i]);
}

/* --- versions ------------------------------------------------------------ */

static int
one_version(struct stmt *st, struct store_version *ret, struct err *e)
{
	int r = stmt_step(st, e);

	if (r <= 0)
		return (r);
	*ret = (struct store_version){ stmt_int(st, 0), stmt_int(st, 1),
		stmt_isnull(st, 2) ? STORE_OPEN : stmt_int(st, 2) };
	stmt_reset(st);
	return (1);
}

int
store_find(struct evidence *ev, struct store_table *t, int64_t sid,
    struct str subject, const struct cell *cells, int64_t at,
    struct store_version *ret, struct err *e)
{
	const struct schema_type *type = t->type;
	struct stmt *st;
	int r = prepared(ev, t, STORE_FIND, &st, e);

	if (r != 0)
		return (r);
	stmt_bind_int(st, 2, at);
	stmt_bind_int(st, 7, sid);
	stmt_bind_str(st, 8, subject);
	for (size_t i = 0; !schema_is_record(type) && i < type->key.n; i++) {
		size_t f = type->key.at[i];
		kind_bind(&type->fields[f], st, FIRST_FIELD + (int)f, &cells[f]);
	}
	return (one_version(st, ret, e));
}

/* An equal version that touches ${at}. */
static int
neighbour(struct evidence *ev, struct store_table *t, enum store_stmt which,
    const struct store_change *c, const struct cell *cells, struct str subject,
    int64_t at, struct store_version *ret, struct err *e)
{
	struct stmt *st;
	int r = prepared(ev, t, which, &st, e);

	if (r != 0)
		return (r);
	stmt_bind_int(st, 2, at);
	bind_blind(t->type, st, cells);
	stmt_bind_int(st, 7, c->sid);
	stmt_bind_str(st, 8, subject);
	bind_fields(t->type, st, cells);
	return (one_version(st, ret, e));
}

int
store_same(struct evidence *ev, struct store_table *t, int64_t rowid,
    const struct cell *cells, bool *ret, struct err *e)
{
	struct stmt *st;
	int r = prepared(ev, t, STORE_SAME, &st, e);

	if (r != 0)
		return (r);
	stmt_bind_int(st, 1, rowid);
	bind_blind(t->type, st, cells);
	bind_fields(t->type, st, cells);
	if ((r = stmt_step(st, e)) < 0)
		return (r);
	*ret = r == 1;
	stmt_reset(st);
	return (0);
}

int
store_insert(struct evidence *ev, struct store_table *t,
    struct store_change *c, const struct cell *cells, struct str subject,
    struct err *e)
{
	struct stmt *st;
	int r = prepared(ev, t, STORE_INSERT, &st, e);

	if (r != 0)
		return (r);
	stmt_bind_int(st, 2, c->from);
	bind_end(st, c->to, c->entry);
	stmt_bind_int(st, 4, (int64_t)c->entry);
	bind_blind(t->type, st, cells);
	stmt_bind_int(st, 7, c->sid);
	stmt_bind_str(st, 8, subject);
	bind_fields(t->type, st, cells);
	c->written++;
	return (stmt_run(st, e));
}

static int
copy_piece(struct evidence *ev, struct store_table *t, int64_t rowid,
    int64_t from, int64_t to, struct store_change *c, struct err *e)
{
	struct stmt *st;
	int r = prepared(ev, t, STORE_COPY, &st, e);

	if (r != 0)
		return (r);
	stmt_bind_int(st, 1, rowid);
	stmt_bind_int(st, 2, from);
	bind_end(st, to, c->entry);
	stmt_bind_int(st, 4, (int64_t)c->entry);
	c->written++;
	return (stmt_run(st, e));
}

int
store_retire(struct evidence *ev, struct store_table *t, int64_t rowid,
    struct store_change *c, struct err *e)
{
	struct stmt *st;
	int r = prepared(ev, t, STORE_RETIRE, &st, e);

	if (r != 0)
		return (r);
	stmt_bind_int(st, 1, rowid);
	stmt_bind_int(st, 4, (int64_t)c->entry);
	c->written++;
	return (stmt_run(st, e));
}

int
store_close(struct evidence *ev, struct store_table *t, int64_t rowid,
    int64_t to, struct store_change *c, struct err *e)
{
	struct stmt *st;
	int r = prepared(ev, t, STORE_CLOSE, &st, e);

	if (r != 0)
		return (r);
	stmt_bind_int(st, 1, rowid);
	bind_end(st, to, c->entry);
	c->written++;
	return (stmt_run(st, e));
}

/* Take ${c}'s interval out of the version that covers it. */
static int
cut(struct evidence *ev, struct store_table *t, struct store_change *c,
    const struct cell *old, struct str subject, struct err *e)
{
	struct store_version v;
	int r = store_find(ev, t, c->sid, subject, old, c->from, &v, e);

	if (r < 0)
		return (r);
	if (r == 0 || v.to < c->to)
		return (err_set(e, ERR_DAMAGED, ev->path,
		    "run tickmark rebuild",
		    "the evidence of table %s does not follow from its runs",
		    t->type->name));
	/* What goes on from then on only gets its end: nobody knew one. */
	if (c->to == STORE_OPEN && v.from < c->from)
		return (store_close(ev, t, v.rowid, c->from, c, e));
	if ((r = store_retire(ev, t, v.rowid, c, e)) != 0)
		return (r);
	if (v.from < c->from)
		r = copy_piece(ev, t, v.rowid, v.from, c->from, c, e);
	if (r == 0 && c->to < v.to)
		r = copy_piece(ev, t, v.rowid, c->to, v.to, c, e);
	return (r);
}

int
store_apply(struct evidence *ev, struct store_table *t,
    struct store_change *change, const struct cell *old,
    const struct cell *new, struct str subject, struct err *e)
{
	struct store_change c = *change;
	struct store_version v;
	int r = 0;

	if (old != NULL)
		r = cut(ev, t, &c, old, subject, e);
	if (r == 0 && new != NULL && c.merge_left) {
		r = neighbour(ev, t, STORE_LEFT, &c, new, subject, change->from,
		    &v, e);
		if (r == 1) {
			c.from = v.from;
			r = store_retire(ev, t, v.rowid, &c, e);
		}
	}
	if (r == 0 && new != NULL && c.merge_right) {
		r = neighbour(ev, t, STORE_RIGHT, &c, new, subject, change->to,
		    &v, e);
		if (r == 1) {
			c.to = v.to;
			r = store_retire(ev, t, v.rowid, &c, e);
		}
	}
	if (r == 0 && new != NULL)
		r = store_insert(ev, t, &c, new, subject, e);
	change->written = c.written;
	return (r);
}

int
store_replace(struct evidence *ev, struct store_table *t,
    struct store_change *c, const struct cell *new, struct str subject,
    struct err *e)
{
	VEC(struct store_version) vs = { 0 };
	struct stmt *st;
	int r = prepared(ev, t, STORE_AFTER, &st, e);

	if (r != 0)
		return (r);
	stmt_bind_int(st, 2, c->from);
	stmt_bind_int(st, 7, c->sid);
	stmt_bind_str(st, 8, subject);
	while ((r = stmt_step(st, e)) > 0)
		vec_push(&vs, (struct store_version){ stmt_int(st, 0),
		    stmt_int(st, 1), stmt_isnull(st, 2) ? STORE_OPEN :
		    stmt_int(st, 2) });
	for (size_t i = 0; r == 0 && i < vs.n; i++) {
		const struct store_version *v = &vs.at[i];

		if (v->from < c->from && v->to == STORE_OPEN) {
			r = store_close(ev, t, v->rowid, c->from, c, e);
			continue;
		}
		r = store_retire(ev, t, v->rowid, c, e);
		if (r == 0 && v->from < c->from)
			r = copy_piece(ev, t, v->rowid, v->from, c->from, c, e);
	}
	vec_free(&vs);
	c->to = STORE_OPEN;
	if (r == 0 && new != NULL)
		r = store_insert(ev, t, c, new, subject, e);
	return (r);
}
