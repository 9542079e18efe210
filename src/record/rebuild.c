/* The record tables, made anew from ledger and bodies; and their digest. */
#include "record/history.h"

#include "ledger/ledger.h"
#include "record/dialect.h"
#include "record/migrate.h"
#include "record/revision.h"
#include "record/search.h"
#include "record/store.h"
#include "schema/kind.h"
#include "sys/crypto.h"
#include "sys/db.h"

/*
 * A record whose revision was erased stays as a row that others may refer to:
 * retired, and what its type requires is filled with what says so; but a
 * reference, which would name another record.
 */
static void
fill_erased(struct arena *a, struct record *r)
{
	for (size_t i = 0; i < r->type->nfields; i++) {
		const struct schema_field *f = &r->type->fields[i];
		struct cell *c = &r->cells[i];
		if (!f->required || c->state == CELL_VALUE ||
		    (kind_is_ref(f) && !kind_is_many(f)))
			continue;
		/* Its handle must stay its own, and fit: ids end at random. */
		*c = kind_blank(f);
		if (r->type->key.n == 0 || r->type->key.at[0] != i)
			continue;
		*c = CELL_STR(str_from(arena_printf(a, "erased " STR_FMT,
		    STR_ARG(r->id))));
		if (f->max <= 0 || c->s.len <= (size_t)f->max)
			continue;
		size_t n = r->id.len < (size_t)f->max ? r->id.len :
		    (size_t)f->max;
		c->s = (struct str){ r->id.ptr + r->id.len - n, n };
	}
	r->retired = true;
}

static int
put_again(void *ctx, const struct record_revision *v, struct err *e)
{
	struct record_store *s = ctx;
	ARENA_SCOPED a = ARENA_INIT;
	struct record rec = v->record;
	struct entry x;
	int r;

	if (v->erased)
		fill_erased(&a, &rec);
	r = ledger_entry(s->ledger, &a, rec.entry, &x, e);
	const uint8_t *body = r == 0 ? entry_body_get(&x, REVISION_CLASS) : NULL;
	if (r != 0)
		return (r);
	r = store_put(s, &rec, false, e);
	if (r == 0)
		r = store_revision_put(s, &rec, body, e);
	return (r);
}

int
record_replay(struct record_store *s, struct err *e)
{
	int r = record_each_revision(s->ledger, 0, UINT64_MAX, put_again, s, e);

	return (r != 0 ? r : search_fill(s, e));
}

int
record_rebuild(struct record_store *s, struct err *e)
{
	int r = ledger_begin(s->ledger, e);

	if (r != 0)
		return (r);
	r = db_exec(s->db, "DELETE FROM revision", e);
	for (size_t i = 0; r == 0 && i < schema_ntypes; i++)
		if (schema_is_record(&schema_types[i]))
			r = store_clear(s, &schema_types[i], e);
	if (r == 0)
		r = dialect_words_drop(s->db, e);
	if (r == 0)
		r = db_exec(s->db, dialect_words(), e);
	if (r == 0)
		r = record_replay(s, e);
	if (r == 0)
		return (ledger_commit(s->ledger, e));
	ledger_rollback(s->ledger);
	return (r);
}

/* --- other declarations ------------------------------------------------------ */

/* Every table of records, also of types that are declared no more. */
static int
drop_tables(struct record_store *s, struct err *e)
{
	int r = dialect_drop_types(s->db, e);

	return (r != 0 ? r : dialect_words_drop(s->db, e));
}

static int
remake(struct record_store *s, struct err *e)
{
	int r = ledger_begin(s->ledger, e);

	if (r != 0)
		return (r);
	r = drop_tables(s, e);
	if (r == 0)
		r = db_exec(s->db, "DELETE FROM revision", e);
	if (r == 0)
		r = migrate_tables(s->db, e);
	if (r == 0)
		r = record_replay(s, e);
	if (r == 0)
		return (ledger_commit(s->ledger, e));
	ledger_rollback(s->ledger);
	return (r);
}

int
record_adopt(struct record_store *s, bool writable, struct err *e)
{
	struct stmt *st;
	int r = db_cached(s->db, &st, "SELECT digest FROM declared", e);

	if (r != 0)
		return (r);
	r = stmt_step(st, e);
	bool same = r > 0 && str_is(stmt_str(st, 0), migrate_declared());
	stmt_reset(st);
	if (r < 0 || same)
		return (r < 0 ? r : 0);
	if (!writable)
		return (err_set(e, ERR_BUSY, db_path(s->db),
		    "run a command that writes once, such as tickmark rebuild",
		    "the record tables are of another version of the program"));
	/* Dropping a table would look for rows that refer to it. */
	r = dialect_references(s->db, false, e);
	if (r == 0)
		r = remake(s, e);
	struct err second;
	int on = dialect_references(s->db, true, &second);
	if (r == 0 && on != 0 && e != NULL)
		*e = second;
	return (r != 0 ? r : on);
}

/* --- digest -------------------------------------------------------------------- */

/* One line a record: type, id, rev, entry and the canonical revision. */
static int
dump(void *ctx, const struct record *r, struct err *e)
{
	struct crypto_sha *h = ctx;
	BUF_SCOPED b = BUF_INIT;

	(void)e;
	buf_printf(&b, "%u %llu ", r->type->number,
	    (unsigned long long)r->entry);
	revision_encode(r, &b);
	buf_putc(&b, '\n');
	crypto_sha_update(h, b.ptr, b.len);
	return (0);
}

int
record_digest(struct record_store *s, uint8_t out[32], struct err *e)
{
	struct crypto_sha h;
	int r = 0;

	crypto_sha_init(&h);
	for (size_t i = 0; r == 0 && i < schema_ntypes; i++) {
		ARENA_SCOPED a = ARENA_INIT;
		if (schema_is_record(&schema_types[i]))
			r = store_each(s, &a, &schema_types[i], true, dump, &h, e);
	}
	if (r == 0)
		crypto_sha_final(&h, out);
	else
		crypto_sha_drop(&h);
	return (r);
}
