#include "record/dialect.h"

#include "schema/kind.h"
#include "sys/db.h"

void
dialect_names(const struct schema_field *f, struct buf *out)
{
	buf_printf(out, kind_is_many(f) ? "instr(\"%s\",?)>0" : "\"%s\"=?",
	    f->name);
}

void
dialect_any_case(const char *column, struct buf *out)
{
	buf_printf(out, "\"%s\"=? COLLATE NOCASE", column);
}

void
dialect_differs(const char *column, struct buf *out)
{
	buf_printf(out, "%s IS NOT ?", column);
}

void
dialect_search(const struct schema_type *t, int64_t from, struct buf *out)
{
	/* CROSS: the index leads. */
	buf_printf(out, " FROM search x CROSS JOIN search_doc d ON "
	    "d.doc=x.rowid CROSS JOIN r_%s r ON r.id=d.id WHERE search "
	    "MATCH ? AND x.rowid>=%lld", t->name, (long long)from);
}

const char *
dialect_search_place(void)
{
	return ("x.rowid");
}

const char *
dialect_revisions(void)
{
	return ("CREATE TABLE revision("
	    " type INTEGER NOT NULL,"       /* schema number */
	    " id TEXT NOT NULL,"
	    " rev INTEGER NOT NULL,"        /* 1, 2, 3 ... of this record */
	    " entry INTEGER NOT NULL,"      /* index in the ledger */
	    " body BLOB NOT NULL,"          /* commitment */
	    " PRIMARY KEY(type, id, rev)) STRICT, WITHOUT ROWID;"
	    "CREATE INDEX revision_entry ON revision(entry);"
	    "CREATE TABLE declared(digest TEXT NOT NULL) STRICT;"
	    "INSERT INTO declared VALUES('')");
}

int
dialect_version(struct db *db, int64_t *ret, struct err *e)
{
	return (db_get_int(db, "PRAGMA user_version", 0, ret, e));
}

int
dialect_set_version(struct db *db, int version, struct err *e)
{
	return (db_execf(db, e, "PRAGMA user_version=%d", version));
}

int
dialect_drop_types(struct db *db, struct err *e)
{
	STMT_SCOPED *st = NULL;
	BUF_SCOPED sql = BUF_INIT;
	int r = db_prepare(db, &st, STR("SELECT name FROM sqlite_schema WHERE "
	    "type='table' AND name GLOB 'r_*'"), e);

	while (r == 0 && (r = stmt_step(st, e)) > 0) {
		struct str name = stmt_str(st, 0);
		buf_printf(&sql, "DROP TABLE " STR_FMT ";", STR_ARG(name));
		r = 0;
	}
	return (r == 0 && sql.len != 0 ? db_exec(db, sql.ptr, e) : r);
}

int
dialect_references(struct db *db, bool on, struct err *e)
{
	return (db_execf(db, e, "PRAGMA foreign_keys=%s", on ? "ON" : "OFF"));
}

int
dialect_wipe(struct db *db, struct err *e)
{
	return (db_exec(db, "PRAGMA secure_delete=ON", e));
}

int
dialect_compact(struct db *db, struct err *e)
{
	return (db_exec(db, "VACUUM", e));
}

int
dialect_cache(struct db *db, int kib, struct err *e)
{
	return (db_execf(db, e, "PRAGMA cache_size=-%d", kib));
}

int
dialect_settle(struct db *db, struct err *e)
{
	return (db_exec(db, "PRAGMA journal_mode=WAL", e));
}
