#include "evidence/revision.h"

#include "evidence/project.h"
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

/* What is said of a source is said of the tables that it fills. */
static int
say_of_tables(struct revising *x, const struct record_revision *rev,
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
		r = store_touch(x->ev->db, t->number, rec->entry, e);
	}
	return (r);
}

static bool
source_removed(const struct record *rec)
{
	const struct cell *state = &rec->cells[rec->type->state];

	return (state->state == CELL_VALUE && str_is(state->s, "removed"));
}

static int
revise(struct revising *x, const struct record_revision *rev, struct err *e)
{
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
		r = say_of_tables(x, rev, e);
	x->written += c.written;
	if (r == 0 && rec->type->number == T_SOURCE && !rev->erased &&
	    (retire || source_removed(rec)))
		r = project_removal(x->ev, rec->entry, rev->time, rec->id,
		    &x->written, e);
	return (r);
}

int
revision_project(struct evidence *ev, uint64_t index, const struct entry *x,
    uint64_t *changed, struct err *e)
{
	struct revising rv = { .ev = ev };
	ARENA_SCOPED a = ARENA_INIT;
	struct record_revision v;
	/* Of the ledger that goes on, one by one: what is asked once is kept. */
	int r = ev->zone != NULL ? 0 : record_zone(&ev->zone_mem, ev->ledger,
	    &ev->zone, e);
	if (r == 0)
		r = record_revision_at(ev->ledger, &a, ev->zone, index, x, &v, e);
	if (r > 0)
		r = revise(&rv, &v, e);
	if (changed != NULL)
		*changed += rv.written;
	return (r);
}
