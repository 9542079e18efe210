/*
 * The dialect of PostgreSQL 15, for test_dialect.c: linked in the place of
 * record/dialect.c, so that what the rest of src/record says is what PostgreSQL
 * is asked to read. Texts compare by their bytes, as in SQLite.
 */
#include "record/dialect.h"

#include "schema/kind.h"

#define TEXT "TEXT COLLATE \"C\""

/* --- the tables -------------------------------------------------------------- */

const char *
dialect_revisions(void)
{
	return ("CREATE TABLE revision(type BIGINT NOT NULL, id " TEXT " NOT NULL,"
	    " rev BIGINT NOT NULL, entry BIGINT NOT NULL, body BYTEA NOT NULL,"
	    " PRIMARY KEY(type, id, rev));"
	    "CREATE INDEX revision_entry ON revision(entry);"
	    "CREATE TABLE declared(digest TEXT NOT NULL);"
	    "INSERT INTO declared VALUES('')");
}

static const char *const pg_checks[SCHEMA_KIND_MAX] = {
	[SCHEMA_TEXT] = "octet_length(\"%s\")<=%lld",
	[SCHEMA_MARKDOWN] = "octet_length(\"%s\")<=%lld",
	[SCHEMA_INT] = "\"%s\"<=%lld",
	[SCHEMA_BOOL] = "\"%s\" IN (0,1)",
	[SCHEMA_DATE] = "\"%s\" ~ '^\\d{4}-[01]\\d-[0-3]\\d$'",
	[SCHEMA_SET] = "jsonb_typeof(\"%s\"::jsonb)='array'",
	[SCHEMA_REFS] = "jsonb_typeof(\"%s\"::jsonb)='array'",
	[SCHEMA_MAP] = "jsonb_typeof(\"%s\"::jsonb)='object'"
};

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
static void
pg_column(const struct schema_field *f, struct buf *out)
{
	buf_printf(out, ", \"%s\" %s%s", f->name, kind_integer(f) ? "BIGINT" :
	    TEXT, f->required && f->kind != SCHEMA_REF ? " NOT NULL" : "");
	if (f->required && f->kind == SCHEMA_REF)
		buf_printf(out, " CHECK(\"%s\" IS NOT NULL OR retired=1)",
		    f->name);
	if (pg_checks[f->kind] != NULL) {
		buf_puts(out, " CHECK(");
		buf_printf(out, pg_checks[f->kind], f->name, (long long)f->max);
		buf_puts(out, ")");
	} else if (f->kind == SCHEMA_ENUM) {
		buf_printf(out, " CHECK(\"%s\" IN (", f->name);
		for (size_t i = 0; f->values[i] != NULL; i++)
			buf_printf(out, "%s'%s'", i == 0 ? "" : ",",
			    f->values[i]);
		buf_puts(out, "))");
	}
}
#pragma GCC diagnostic pop

static void
pg_unique(const struct schema_type *t, const struct schema_cols *set,
    size_t nth, struct buf *out)
{
	buf_printf(out, ";CREATE UNIQUE INDEX r_%s_u%zu ON r_%s(", t->name, nth,
	    t->name);
	for (size_t i = 0; i < set->n; i++)
		buf_printf(out, "%s\"%s\"", i == 0 ? "" : ",",
		    t->fields[set->at[i]].name);
	buf_puts(out, ") WHERE retired=0");
}

void
dialect_table(const struct schema_type *t, struct buf *out)
{
	buf_printf(out, "CREATE TABLE r_%s(id " TEXT " PRIMARY KEY "
	    "CHECK(length(id)=26), rev BIGINT NOT NULL CHECK(rev>=1), entry BIGINT "
	    "NOT NULL, retired BIGINT NOT NULL DEFAULT 0 CHECK(retired IN (0,1))",
	    t->name);
	for (size_t i = 0; i < t->nfields; i++)
		pg_column(&t->fields[i], out);
	if (t->mode == MODE_OPEN)
		buf_puts(out, ", extra TEXT CHECK(jsonb_typeof(extra::jsonb)="
		    "'object')");
	buf_puts(out, ")");
	if (t->key.n != 0)
		pg_unique(t, &t->key, 0, out);
	for (size_t i = 0; i < t->nunique; i++)
		pg_unique(t, &t->unique[i], i + 1, out);
	for (size_t i = 0; i < t->nfields; i++)
		if (t->fields[i].kind == SCHEMA_REF)
			buf_printf(out, ";CREATE INDEX ON r_%s(\"%s\")", t->name,
			    t->fields[i].name);
	buf_puts(out, ";\n");
}

void
dialect_links(const struct schema_type *t, struct buf *out)
{
	for (size_t i = 0; i < t->nfields; i++)
		if (t->fields[i].kind == SCHEMA_REF)
			buf_printf(out, "ALTER TABLE r_%s ADD FOREIGN KEY(\"%s\") "
			    "REFERENCES r_%s(id) DEFERRABLE INITIALLY DEFERRED;\n",
			    t->name, t->fields[i].name,
			    schema_get(t->fields[i].target)->name);
}

int
dialect_drop_types(struct db *db, struct err *e)
{
	return (db_exec(db, "DO $$DECLARE t TEXT; BEGIN FOR t IN SELECT tablename "
	    "FROM pg_tables WHERE schemaname=current_schema AND tablename LIKE "
	    "'r\\_%' LOOP EXECUTE 'DROP TABLE ' || quote_ident(t) || ' CASCADE'; "
	    "END LOOP; END$$", e));
}

/* --- conditions ---------------------------------------------------------------- */

void
dialect_names(const struct schema_field *f, struct buf *out)
{
	buf_printf(out, kind_is_many(f) ? "strpos(\"%s\",?)>0" : "\"%s\"=?",
	    f->name);
}

void
dialect_any_case(const char *column, struct buf *out)
{
	buf_printf(out, "lower(\"%s\")=lower(?)", column);
}

void
dialect_differs(const char *column, struct buf *out)
{
	buf_printf(out, "%s IS DISTINCT FROM ?", column);
}

/* --- the index of words -------------------------------------------------------- */

const char *
dialect_words(void)
{
	return ("CREATE TABLE search_doc(doc BIGINT PRIMARY KEY, id " TEXT
	    " NOT NULL UNIQUE, words TSVECTOR);"
	    "CREATE INDEX search ON search_doc USING gin(words)");
}

int
dialect_words_drop(struct db *db, struct err *e)
{
	return (db_exec(db, "DROP TABLE IF EXISTS search_doc", e));
}

int
dialect_words_put(struct db *db, int64_t doc, const struct str *texts,
    bool remove, struct err *e)
{
	static const char put[] = "UPDATE search_doc SET words="
	    "setweight(to_tsvector('simple',?),'A')||"
	    "setweight(to_tsvector('simple',?),'B')||"
	    "setweight(to_tsvector('simple',?),'C') WHERE doc=?";
	static const char del[] = "UPDATE search_doc SET words=NULL WHERE doc=?";
	struct stmt *st;
	int r = db_cached(db, &st, remove ? del : put, e);

	if (r != 0)
		return (r);
	for (int i = 0; !remove && i < DIALECT_TEXTS; i++)
		stmt_bind_str(st, 1 + i, texts[i]);
	stmt_bind_int(st, remove ? 1 : 4, doc);
	return (stmt_run(st, e));
}

void
dialect_words_match(unsigned columns, const struct dialect_term *terms,
    size_t n, struct buf *out)
{
	for (size_t i = 0; i < n; i++) {
		buf_puts(out, i == 0 ? "'" : " & '");
		for (size_t k = 0; k < terms[i].s.len; k++) {
			if (strchr("'\\", terms[i].s.ptr[k]) != NULL)
				buf_putc(out, terms[i].s.ptr[k]);
			buf_putc(out, terms[i].s.ptr[k]);
		}
		buf_puts(out, terms[i].begins ? "':*" : "':");
		for (int c = 0; c < DIALECT_TEXTS; c++)
			if ((columns & 1u << c) != 0)
				buf_putc(out, (char)('A' + c));
	}
}

void
dialect_search(const struct schema_type *t, int64_t from, struct buf *out)
{
	buf_printf(out, " FROM search_doc x JOIN r_%s r ON r.id=x.id WHERE x.words "
	    "@@ to_tsquery('simple',?) AND x.doc>=%lld", t->name,
	    (long long)from);
}

const char *
dialect_search_place(void)
{
	return ("x.doc");
}

/* --- comparing ------------------------------------------------------------------ */

const char *
dialect_declarations(void)
{
	return ("SELECT table_name||'.'||column_name, data_type, column_default "
	    "FROM information_schema.columns WHERE table_schema=current_schema "
	    "AND ");
}

const char *
dialect_ours(void)
{
	return ("(table_name LIKE 'r\\_%' OR table_name IN ('search_doc', "
	    "'revision', 'declared'))");
}

int
dialect_words_open(struct db *db, struct err *e)
{
	(void)db;
	(void)e;
	return (0);
}

const struct dialect_list *
dialect_words_lists(size_t *ret_n)
{
	static const struct dialect_list lists[] = {
		{ "search_doc", "SELECT id, words::text FROM search_doc", 1 } };

	*ret_n = 1;
	return (lists);
}

/* --- the database as a whole ------------------------------------------------------ */

int
dialect_version(struct db *db, int64_t *ret, struct err *e)
{
	return (db_get_int(db, "SELECT coalesce(obj_description("
	    "'declared'::regclass),'0')::bigint", 0, ret, e));
}

int
dialect_set_version(struct db *db, int version, struct err *e)
{
	return (db_execf(db, e, "COMMENT ON TABLE declared IS '%d'", version));
}

int
dialect_references(struct db *db, bool on, struct err *e)
{
	return (db_execf(db, e, "SET session_replication_role=%s", on ? "origin" :
	    "replica"));
}

/* Vacuum is its own; its cache and its journal are the server's. */
#define NOTHING(name, ...) \
int \
name(__VA_ARGS__) \
{ \
	return (0); \
}
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wunused-parameter"
NOTHING(dialect_wipe, struct db *db, struct err *e)
NOTHING(dialect_cache, struct db *db, int kib, struct err *e)
NOTHING(dialect_settle, struct db *db, struct err *e)
NOTHING(dialect_compact, struct db *db, struct err *e)
#pragma GCC diagnostic pop
