#include "evidence/revision.h"

#include "record/history.h"

struct revising {
	struct evidence *ev;
	uint64_t written;
};

/* The effective instant that the revision before had; 1 if there was one. */
static int
effect_before(struct db *db, const struct record *x, int64_t *ret,
    struct err *e)
{
	struct stmt *st;
	int r = db_cached(db, &st,
	    "SELECT effective FROM \"!effect\" WHERE tab = ?1 AND id = ?2", e);

	if (r != 0)
		return (r);
	stmt_bind_int(st, 1, x->type->number);
	stmt_bind_str(st, 2, x->id);
	if ((r = stmt_step(st, e)) <= 0)
		return (r);
	*ret = stmt_int(st, 0);
	stmt_reset(st);
	return (1);
}

static int
effect_set(struct db *db, const struct record *x, int64_t effective,
    struct err *e)
{
	struct stmt *st;
	int r = db_cached(db, &st,
	    "INSERT OR REPLACE INTO \"!effect\" VALUES(?1, ?2, ?3)", e);

	if (r != 0)
		return (r);
	stmt_bind_int(st, 1, x->type->number);
	stmt_bind_str(st, 2, x->id);
	stmt_bind_int(st, 3, effective);
	return (stmt_run(st, e));
}

/*
 * From when a revision counts: the first from the record's own date. A later
 * one that names another date counts from that; one that leaves the date as it
 * was says what is so from now on.
 */
static int
counts_from(struct db *db, const struct record_revision *rev, int64_t *ret,
    struct err *e)
{
	int64_t before;
	int r = effect_before(db, &rev->record, &before, e);

	if (r < 0)
		return (r);
	*ret = rev->effective;
	if (str_is(rev->action, "retire") || rev->erased)
		*ret = rev->time;
	else if (r == 1 && before == rev->effective && before < rev->time)
		*ret = rev->time;
	return (0);
}

/*
 * A source that is gone says nothing any more: the rows that it held open end
 * as of now. Coverage blinds that instant, so nobody takes the end for news.
 */
static int
end_source(struct revising *x, const struct schema_type *t, int64_t sid,
    const struct record_revision *rev, struct err *e)
{
	STMT_SCOPED *st = NULL;
	BUF_SCOPED q = BUF_INIT;

	if (t->mode != MODE_SNAPSHOT)
		return (0);
	buf_printf(&q, "UPDATE \"%s!v\" SET _to = ?1, _end_known = ?2 WHERE"
	    " _sid = ?3 AND _known_to IS NULL AND _to IS NULL AND _from < ?1",
	    t->name);
	int r = db_prepare(x->ev->db, &st, buf_str(&q), e);
	if (r != 0)
		return (r);
	stmt_bind_int(st, 1, rev->time);
	stmt_bind_int(st, 2, (int64_t)rev->record.entry);
	stmt_bind_int(st, 3, sid);
	r = stmt_run(st, e);
	if (r == 0)
		x->written += (uint64_t)db_changes(x->ev->db);
	return (r);
}

/* What is said of a source is said of the tables that it fills. */
static int
say_of_tables(struct revising *x, const struct record_revision *rev, bool ends,
    struct err *e)
{
	const struct record *rec = &rev->record;
	struct str rest = record_str(rec, F_SOURCE_TABLES), name;
	int64_t sid;
	int r = store_source(x->ev->db, rec->id,
	    record_str(rec, F_SOURCE_NAME), &sid, e);

	while (r == 0 && rest.len > 0 && str_split(&rest, ' ', &name)) {
		const struct schema_type *t = schema_find(name);
		if (t == NULL || schema_is_record(t))
			continue;
		if (ends)
			r = end_source(x, t, sid, rev, e);
		if (r == 0)
			r = store_touch(x->ev->db, t->number, rec->entry, e);
	}
	return (r);
}

static int
revise(void *ctx, const struct record_revision *rev, struct err *e)
{
	struct revising *x = ctx;
	const struct record *rec = &rev->record;
	struct db *db = x->ev->db;
	struct store_table *t = store_table(x->ev, rec->type);
	struct store_change c = { .sid = STORE_RECORDS, .entry = rec->entry };
	bool retire = str_is(rev->action, "retire");
	struct cell blind[ROW_COLUMNS];

	for (size_t i = 0; i < rec->type->nfields; i++)
		blind[i] = CELL_BLIND;
	int r = counts_from(db, rev, &c.from, e);
	if (r == 0)
		r = store_replace(x->ev, t, &c, retire ? NULL : rev->erased ?
		    blind : rec->cells, rec->id, e);
	if (r == 0 && !retire && !rev->erased)
		r = effect_set(db, rec, rev->effective, e);
	if (r == 0)
		r = store_touch(db, rec->type->number, rec->entry, e);
	if (r == 0 && rec->type->number == T_SOURCE && !rev->erased)
		r = say_of_tables(x, rev, retire, e);
	x->written += c.written;
	return (r);
}

int
revision_project(struct evidence *ev, uint64_t index, const struct entry *x,
    uint64_t *changed, struct err *e)
{
	struct revising rv = { .ev = ev };
	const struct schema_type *t = schema_find(x->type);

	if (t == NULL || !schema_is_record(t) || (!str_is(x->action, "put") &&
	    !str_is(x->action, "transition") && !str_is(x->action, "retire")))
		return (0);
	int r = record_each_revision(ev->ledger, index, index + 1, revise, &rv,
	    e);
	if (changed != NULL)
		*changed += rv.written;
	return (r);
}
