#include "record/tables.h"

#include <stdio.h>

#include "record/dialect.h"
#include "record/record.h"
#include "schema/kind.h"
#include "sys/db.h"

#define NAME_SIZE 80
static const char *
table_name(const struct schema_type *t, char out[NAME_SIZE])
{
	snprintf(out, NAME_SIZE, "r_%s", t->name);
	return (out);
}

static int
there(struct db *db, const struct schema_type *t, struct err *e)
{
	char name[NAME_SIZE];

	return (db_has_table(db, table_name(t, name), e));
}

int
tables_has(struct record_store *s, const struct schema_type *t,
    struct err *e)
{
	struct db *db = s->db;
	struct stmt *st;
	int r;

	if (s->absent != NULL && s->absent[t - schema_types])
		return (0);
	r = there(db, t, e);
	if (r != 0)
		return (r);
	r = db_cached(db, &st, "SELECT 1 FROM revision WHERE type=? LIMIT 1", e);
	if (r != 0)
		return (r);
	stmt_bind_int(st, 1, t->number);
	r = stmt_step(st, e);
	stmt_reset(st);
	if (r == 0 && s->absent != NULL)
		s->absent[t - schema_types] = true;
	return (r <= 0 ? r : err_set(e, ERR_DAMAGED, db_path(db),
	    "make records.db again: tickmark rebuild DIR --records",
	    "the table r_%s is gone, and there are records of it", t->name));
}

/* Does a row of the type name a row of another, or of its own, by a column? */
static const struct schema_type *
refers_to(const struct schema_type *t, size_t field)
{
	const struct schema_field *f = &t->fields[field];

	return (kind_is_ref(f) && !kind_is_many(f) ? schema_get(f->target) :
	    NULL);
}

/* ${links}: what is said when all are there. */
static int
make(struct db *db, const struct schema_type *t, struct buf *links,
    struct err *e)
{
	BUF_SCOPED ddl = BUF_INIT;
	int r = there(db, t, e);

	if (r != 0)
		return (r < 0 ? r : 0);
	dialect_table(t, &ddl);
	r = db_exec(db, ddl.ptr, e);
	for (size_t i = 0; r == 0 && i < t->nfields; i++)
		if (refers_to(t, i) != NULL)
			r = make(db, refers_to(t, i), links, e);
	dialect_links(t, links);
	return (r);
}

int
tables_make(struct record_store *s, const struct schema_type *t,
    struct err *e)
{
	BUF_SCOPED links = BUF_INIT;
	int r = there(s->db, t, e);

	if (r != 0)
		return (r < 0 ? r : 0);
	if (s->absent != NULL)
		memset(s->absent, 0, schema_ntypes * sizeof(*s->absent));
	r = make(s->db, t, &links, e);
	return (r == 0 && links.len != 0 ? db_exec(s->db, links.ptr, e) : r);
}

/* --- of before ---------------------------------------------------------------- */

static void
keep(bool *kept, const struct schema_type *t)
{
	if (kept[t - schema_types])
		return;
	kept[t - schema_types] = true;
	for (size_t i = 0; i < t->nfields; i++)
		if (refers_to(t, i) != NULL)
			keep(kept, refers_to(t, i));
}

static int
has_rows(struct db *db, const struct schema_type *t, struct err *e)
{
	char sql[NAME_SIZE + 40];
	int64_t n = 0;

	snprintf(sql, sizeof(sql), "SELECT 1 FROM r_%s LIMIT 1", t->name);
	int r = db_get_int(db, sql, 0, &n, e);
	return (r != 0 ? r : n != 0);
}

int
tables_drop_empty(struct db *db, struct err *e)
{
	ARENA_SCOPED a = ARENA_INIT;
	bool *kept = arena_array(&a, schema_ntypes, sizeof(*kept));
	bool *made = arena_array(&a, schema_ntypes, sizeof(*made));
	int r = 0;

	for (size_t i = 0; r >= 0 && i < schema_ntypes; i++) {
		const struct schema_type *t = &schema_types[i];
		if (!schema_is_record(t) || (r = there(db, t, e)) <= 0)
			continue;
		made[i] = true;
		r = has_rows(db, t, e);
		if (r > 0)
			keep(kept, t);
	}
	for (size_t i = 0; r >= 0 && i < schema_ntypes; i++)
		if (made[i] && !kept[i])
			r = db_execf(db, e, "DROP TABLE r_%s",
			    schema_types[i].name);
	return (r < 0 ? r : 0);
}
