#include "evidence/append.h"

struct chain {
	bool any;
	int64_t no;
	int64_t since;
	int64_t last_at;
};

/* The newest chain, and whether it has a run that ended at ${after}. */
static int
read_chain(struct work *w, struct chain *ret, bool *continues, struct err *e)
{
	struct stmt *st;
	int r = db_cached(w->ev->db, &st, "SELECT chain, min(since), max(at),"
	    " max(upto IS ?3) FROM \"!run\" WHERE tab = ?1 AND sid = ?2 AND"
	    " counts = 1 AND chain = (SELECT max(chain) FROM \"!run\""
	    " WHERE tab = ?1 AND sid = ?2 AND counts = 1)", e);

	if (r != 0)
		return (r);
	stmt_bind_int(st, 1, w->table->type->number);
	stmt_bind_int(st, 2, w->change.sid);
	stmt_bind_str(st, 3, w->rt->after);
	if ((r = stmt_step(st, e)) < 0)
		return (r);
	*ret = (struct chain){ 0 };
	if (r == 1 && !stmt_isnull(st, 0))
		*ret = (struct chain){ true, stmt_int(st, 0), stmt_int(st, 1),
			stmt_int(st, 2) };
	*continues = ret->any && w->rt->after.len > 0 && stmt_int(st, 3) != 0;
	stmt_reset(st);
	return (0);
}

/* What was seen has happened: a clock that goes ahead, or is set ahead, does
 * not hide an item until then, nor from the run that saw it. */
static int64_t
item_time(const struct work *w, const struct cell *cells)
{
	const struct schema_type *t = w->table->type;
	int64_t seen = w->run->ended > w->run->at ? w->run->ended :
	    w->run->at;

	if (t->time < 0 || cells[t->time].state != CELL_VALUE)
		return (w->run->at);
	return (cells[t->time].i <= seen ? cells[t->time].i : w->run->at - 1);
}

/* An item that is there already: 1 if it stays as it is. */
static int
replace_item(struct work *w, struct str subject, struct err *e)
{
	struct store_version v;
	bool same = false;
	int r = store_find(w->ev, w->table, w->change.sid, subject,
	    w->cells[1], w->change.from, &v, e);

	/* With another time than before it is found where it still is. */
	if (r == 0)
		r = store_find(w->ev, w->table, w->change.sid, subject,
		    w->cells[1], STORE_OPEN - 1, &v, e);
	if (r <= 0)
		return (r);
	r = store_same(w->ev, w->table, v.rowid, w->cells[1], &same, e);
	if (r != 0)
		return (r);
	if (same && v.from == w->change.from && v.to == STORE_OPEN)
		return (1);
	return (store_retire(w->ev, w->table, v.rowid, &w->change, e));
}

static int
add_item(struct work *w, struct str row, bool fresh, struct err *e)
{
	const uint8_t *seal;
	int r = row_decode(&w->decl, row, &w->keys, &w->open[1], w->cells[1],
	    &seal, e);

	if (r != 0)
		return (r);
	work_subject(w, w->cells[1], seal);
	struct str subject = buf_str(&w->subject);
	w->change.from = item_time(w, w->cells[1]);
	w->change.to = STORE_OPEN;
	if (!fresh) {
		r = replace_item(w, subject, e);
		if (r != 0)
			return (r < 0 ? r : 0);
	}
	return (store_insert(w->ev, w->table, &w->change, w->cells[1], subject,
	    e));
}

/*
 * What a whole history no longer holds has left it at the run's instant: its
 * rows end there. The items given are in a temporary table of their subjects.
 */
static int
end_missing(struct work *w, int64_t *ret_missing, struct err *e)
{
	BUF_SCOPED q = BUF_INIT;
	STMT_SCOPED *st = NULL;
	const char *name = w->table->type->name;

	buf_printf(&q, "UPDATE \"%s!v\" SET _to = ?1, _end_known = ?2 WHERE"
	    " _known_to IS NULL AND _to IS NULL AND _sid = ?3 AND _from >= ?4"
	    " AND _from < ?1 AND NOT EXISTS (SELECT 1 FROM temp.given g WHERE"
	    " g.subject = _subject)", name);
	int r = db_prepare(w->ev->db, &st, buf_str(&q), e);
	if (r != 0)
		return (r);
	stmt_bind_int(st, 1, w->run->at);
	stmt_bind_int(st, 2, (int64_t)w->change.entry);
	stmt_bind_int(st, 3, w->change.sid);
	stmt_bind_int(st, 4, w->rt->since);
	if ((r = stmt_run(st, e)) != 0)
		return (r);
	*ret_missing = db_changes(w->ev->db);
	w->change.written += (uint64_t)*ret_missing;
	return (0);
}

static int
note_given(struct work *w, struct err *e)
{
	struct stmt *st;
	int r = db_cached(w->ev->db, &st,
	    "INSERT OR IGNORE INTO temp.given VALUES(?1)", e);

	if (r != 0)
		return (r);
	stmt_bind_str(st, 1, buf_str(&w->subject));
	return (stmt_run(st, e));
}

static int
add_items(struct work *w, struct project_rows *rows, bool fresh, bool note,
    struct err *e)
{
	struct chunk_tree tree = { 0 };
	struct chunk_cursor c;
	struct str row;
	int r = 0;

	if (rows == NULL)
		r = chunk_read(w->ev->ledger, w->rt->root, &tree, e);
	if (r != 0)
		return (r);
	chunk_cursor_init(&c, w->ev->ledger, rows != NULL ? rows->tree : &tree,
	    rows != NULL ? rows->set : NULL, &w->decl, false);
	while ((r = chunk_next(&c, &row, e)) > 0) {
		r = add_item(w, row, fresh, e);
		if (r == 0 && note)
			r = note_given(w, e);
		if (r != 0)
			break;
	}
	chunk_cursor_free(&c);
	chunk_tree_free(&tree);
	return (r);
}

int
append_project(struct work *w, struct project_rows *rows, struct err *e)
{
	struct chain ch;
	bool continues, whole = w->rt->after.len == 0;
	int64_t missing = 0;
	int r = read_chain(w, &ch, &continues, e);

	bool note = whole && ch.any;
	if (r == 0 && note)
		r = db_exec(w->ev->db, "CREATE TEMP TABLE IF NOT EXISTS given("
		    "subject TEXT PRIMARY KEY) WITHOUT ROWID;"
		    "DELETE FROM temp.given", e);
	if (r == 0)
		r = add_items(w, rows, !ch.any, note, e);
	if (r == 0 && note)
		r = end_missing(w, &missing, e);
	if (r != 0)
		return (r);
	if (whole && ch.any && missing == 0)
		continues = true;
	w->chain = continues ? ch.no : ch.any ? ch.no + 1 : 1;
	w->since = whole ? w->rt->since : w->run->at;
	if (continues && ch.since < w->since)
		w->since = ch.since;
	return (0);
}
