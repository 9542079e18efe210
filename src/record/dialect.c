#include "record/dialect.h"

#include "schema/kind.h"
#include "sys/db.h"

/* --- the tables -------------------------------------------------------------- */

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

static void
put_values(const struct schema_field *f, struct buf *out)
{
	buf_puts(out, " IN (");
	for (size_t i = 0; f->values[i] != NULL; i++)
		buf_printf(out, "%s'%s'", i == 0 ? "" : ",", f->values[i]);
	buf_puts(out, "))");
}

static void
of_text(const struct schema_field *f, struct buf *out)
{
	buf_printf(out, " CHECK(length(\"%s\")<=%lld)", f->name,
	    (long long)f->max);
}

static void
of_int(const struct schema_field *f, struct buf *out)
{
	if (f->max != INT64_MAX)
		buf_printf(out, " CHECK(\"%s\"<=%lld)", f->name,
		    (long long)f->max);
}

static void
of_bool(const struct schema_field *f, struct buf *out)
{
	buf_printf(out, " CHECK(\"%s\" IN (0,1))", f->name);
}

static void
of_date(const struct schema_field *f, struct buf *out)
{
	buf_printf(out, " CHECK(\"%s\" GLOB '[0-9][0-9][0-9][0-9]-"
	    "[0-1][0-9]-[0-3][0-9]')", f->name);
}

static void
of_enum(const struct schema_field *f, struct buf *out)
{
	buf_printf(out, " CHECK(\"%s\"", f->name);
	put_values(f, out);
}

static void
of_ref(const struct schema_field *f, struct buf *out)
{
	buf_printf(out, " REFERENCES r_%s(id) DEFERRABLE INITIALLY DEFERRED",
	    schema_get(f->target)->name);
}

static void
of_list(const struct schema_field *f, struct buf *out)
{
	buf_printf(out, " CHECK(json_type(\"%s\")='array')", f->name);
}

static void
of_map(const struct schema_field *f, struct buf *out)
{
	buf_printf(out, " CHECK(json_type(\"%s\")='object')", f->name);
}

/* What a column of each kind may hold. */
static void (*const checks[SCHEMA_KIND_MAX])(const struct schema_field *f,
    struct buf *out) = {
	[SCHEMA_TEXT] = of_text, [SCHEMA_MARKDOWN] = of_text,
	[SCHEMA_INT] = of_int, [SCHEMA_BOOL] = of_bool,
	[SCHEMA_DATE] = of_date, [SCHEMA_ENUM] = of_enum,
	[SCHEMA_REF] = of_ref, [SCHEMA_SET] = of_list,
	[SCHEMA_REFS] = of_list, [SCHEMA_MAP] = of_map
};

static void
put_column(const struct schema_field *f, struct buf *out)
{
	/* Nothing can stand for a record: a reference that was erased is none. */
	bool always = f->required && f->kind != SCHEMA_REF;

	buf_printf(out, ",\n \"%s\" %s%s", f->name, kind_integer(f) ? "INTEGER" :
	    "TEXT", always ? " NOT NULL" : "");
	if (f->required && !always)
		buf_printf(out, " CHECK(\"%s\" NOT NULL OR retired=1)", f->name);
	if (checks[f->kind] != NULL)
		checks[f->kind](f, out);
}

static void
put_unique(const struct schema_type *t, const struct schema_cols *set,
    size_t nth, struct buf *out)
{
	buf_printf(out, ";\nCREATE UNIQUE INDEX r_%s_u%zu ON r_%s(", t->name, nth,
	    t->name);
	for (size_t i = 0; i < set->n; i++)
		buf_printf(out, "%s\"%s\"", i == 0 ? "" : ",",
		    t->fields[set->at[i]].name);
	buf_puts(out, ") WHERE retired=0");
}

void
dialect_table(const struct schema_type *t, struct buf *out)
{
	buf_printf(out, "CREATE TABLE r_%s(\n"
	    " id TEXT PRIMARY KEY NOT NULL CHECK(length(id)=26),\n"
	    " rev INTEGER NOT NULL CHECK(rev>=1),\n"
	    " entry INTEGER NOT NULL,\n"
	    " retired INTEGER NOT NULL DEFAULT 0 CHECK(retired IN (0,1))",
	    t->name);
	for (size_t i = 0; i < t->nfields; i++) {
		if ((int)i != t->state) {
			put_column(&t->fields[i], out);
			continue;
		}
		buf_puts(out, ",\n state TEXT NOT NULL CHECK(state");
		put_values(&t->fields[i], out);
	}
	if (t->mode == MODE_OPEN)
		buf_puts(out, ",\n extra TEXT CHECK(json_type(extra)='object')");
	buf_puts(out, "\n) STRICT, WITHOUT ROWID");
	if (t->key.n != 0)
		put_unique(t, &t->key, 0, out);
	for (size_t i = 0; i < t->nunique; i++)
		put_unique(t, &t->unique[i], i + 1, out);
	/* A new row looks for those that already refer to it. */
	for (size_t i = 0; i < t->nfields; i++)
		if (t->fields[i].kind == SCHEMA_REF)
			buf_printf(out, ";\nCREATE INDEX r_%s_%s ON r_%s(\"%s\") "
			    "WHERE \"%s\" NOT NULL", t->name,
			    t->fields[i].name, t->name, t->fields[i].name,
			    t->fields[i].name);
	buf_puts(out, ";\n");
}

void
dialect_links(const struct schema_type *t, struct buf *out)
{
	(void)t; /* SQLite takes a reference to a table that is not there yet */
	(void)out;
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

/* --- conditions ---------------------------------------------------------------- */

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

/* --- the index of words -------------------------------------------------------- */

/* The index keeps no copy of the texts: they are in the tables of records. */
const char *
dialect_words(void)
{
	return ("CREATE TABLE search_doc("
	    " doc INTEGER PRIMARY KEY,"
	    " id TEXT NOT NULL UNIQUE) STRICT;"
	    "CREATE VIRTUAL TABLE search USING fts5(public, internal, confidential,"
	    " content='', tokenize='unicode61 remove_diacritics 2')");
}

int
dialect_words_drop(struct db *db, struct err *e)
{
	return (db_exec(db, "DROP TABLE IF EXISTS search;"
	    "DROP TABLE IF EXISTS search_doc", e));
}

int
dialect_words_put(struct db *db, int64_t doc, const struct str *texts,
    bool remove, struct err *e)
{
	static const char put[] = "INSERT INTO search(rowid,public,internal,"
	    "confidential) VALUES(?,?,?,?)";
	/* FTS5 is told what is to go: it does not know any more. */
	static const char del[] = "INSERT INTO search(search,rowid,public,"
	    "internal,confidential) VALUES('delete',?,?,?,?)";
	struct stmt *st;
	int r = db_cached(db, &st, remove ? del : put, e);

	if (r != 0)
		return (r);
	stmt_bind_int(st, 1, doc);
	for (int i = 0; i < DIALECT_TEXTS; i++)
		stmt_bind_str(st, 2 + i, texts[i]);
	return (stmt_run(st, e));
}

/* Quoted for FTS5, for which nothing in it then means anything. */
static void
put_term(const struct dialect_term *t, struct buf *out)
{
	buf_putc(out, '"');
	for (size_t i = 0; i < t->s.len; i++) {
		if (t->s.ptr[i] == '"')
			buf_putc(out, '"');
		buf_putc(out, t->s.ptr[i]);
	}
	buf_putc(out, '"');
	if (t->begins)
		buf_puts(out, " *");
}

void
dialect_words_match(unsigned columns, const struct dialect_term *terms,
    size_t n, struct buf *out)
{
	static const char *const names[DIALECT_TEXTS] = { "public", "internal",
		"confidential" };

	buf_putc(out, '{');
	for (int i = 0; i < DIALECT_TEXTS; i++)
		if ((columns & 1u << i) != 0)
			buf_printf(out, " %s", names[i]);
	buf_puts(out, " } : (");
	for (size_t i = 0; i < n; i++) {
		if (i > 0)
			buf_puts(out, " AND ");
		put_term(&terms[i], out);
	}
	buf_putc(out, ')');
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

/* --- comparing ------------------------------------------------------------------ */

const char *
dialect_declarations(void)
{
	return ("SELECT name, type, sql FROM sqlite_schema WHERE name NOT LIKE "
	    "'sqlite!_%' ESCAPE '!' AND ");
}

const char *
dialect_ours(void)
{
	return ("(name GLOB 'r_*' OR name GLOB 'search*' OR tbl_name IN "
	    "('revision', 'declared'))");
}

int
dialect_words_open(struct db *db, struct err *e)
{
	return (db_exec(db, "CREATE VIRTUAL TABLE IF NOT EXISTS temp.search_at"
	    " USING fts5vocab('main', 'search', 'instance');"
	    "CREATE VIRTUAL TABLE IF NOT EXISTS temp.search_word"
	    " USING fts5vocab('main', 'search', 'row')", e));
}

/* How the bytes of the index lie depends on what was written when, so it is asked
 * for every word where it stands, and looked for every word. A document is named
 * by its record: its number depends on what came before. */
static const struct dialect_list lists[] = {
	{ "search_doc", "SELECT id FROM search_doc", 1 },
	{ "search_config", "SELECT k, v FROM search_config", 1 },
	{ "search_docsize", "SELECT coalesce(d.id, '?' || s.id), s.sz"
	    " FROM search_docsize s LEFT JOIN search_doc d ON d.doc = s.id", 1 },
	/* How many documents and words there are in all. */
	{ "search_data", "SELECT 'averages', block FROM search_data WHERE id = 1"
	    " AND EXISTS (SELECT 1 FROM search_doc)", 1 },
	{ "search", "SELECT coalesce(d.id, '?' || v.doc), v.col, v.offset, v.term"
	    " FROM temp.search_at v LEFT JOIN search_doc d ON d.doc = v.doc", 4 },
	{ "search for", "SELECT v.term, (SELECT group_concat(id, ' ') FROM"
	    " (SELECT d.id FROM search s JOIN search_doc d ON d.doc = s.rowid"
	    "  WHERE search MATCH '\"' || replace(v.term, '\"', '\"\"') || '\"'"
	    "  ORDER BY d.id)) AS records FROM temp.search_word v", 1 },
};

const struct dialect_list *
dialect_words_lists(size_t *ret_n)
{
	*ret_n = sizeof(lists) / sizeof(lists[0]);
	return (lists);
}

/* --- the database as a whole ------------------------------------------------------ */

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
