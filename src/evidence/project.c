#include "evidence/project.h"

#include "evidence/append.h"
#include "evidence/revision.h"

/* --- runs known so far --------------------------------------------------- */

int
project_source(struct db *db, struct str id, int64_t *ret, struct err *e)
{
	struct stmt *st;
	int r = db_cached(db, &st,
	    "SELECT no FROM \"!source\" WHERE id = ?1", e);

	if (r != 0)
		return (r);
	stmt_bind_str(st, 1, id);
	if ((r = stmt_step(st, e)) <= 0)
		return (r);
	*ret = stmt_int(st, 0);
	stmt_reset(st);
	return (1);
}

static int
get_blob(struct stmt *st, int col, uint8_t out[BODY_HASH], struct err *e)
{
	struct str s = stmt_str(st, col);

	if (s.len != BODY_HASH)
		return (err_set(e, ERR_DAMAGED, NULL, "run tickmark rebuild",
		    "a run in evidence.db has no root"));
	memcpy(out, s.ptr, BODY_HASH);
	return (0);
}

int
project_before(struct db *db, const struct schema_type *t, int64_t sid,
    int64_t at, struct project_run *ret, struct err *e)
{
	struct project_run x;
	struct stmt *st;
	int r = db_cached(db, &st, "SELECT id, at, root, decl FROM \"!run\""
	    " WHERE tab = ?1 AND sid = ?2 AND at <= ?3 AND counts = 1"
	    " ORDER BY at DESC, id DESC LIMIT 1", e);

	if (r != 0)
		return (r);
	stmt_bind_int(st, 1, t->number);
	stmt_bind_int(st, 2, sid);
	stmt_bind_int(st, 3, at);
	if ((r = stmt_step(st, e)) <= 0)
		return (r);
	x.id = stmt_int(st, 0);
	x.at = stmt_int(st, 1);
	x.removed = stmt_isnull(st, 2);
	r = x.removed ? 0 : get_blob(st, 2, x.root, e);
	if (r == 0 && !x.removed)
		r = get_blob(st, 3, x.decl, e);
	stmt_reset(st);
	if (r != 0)
		return (r);
	*ret = x;
	return (1);
}

/* The instant of the first complete run after ${at}, or STORE_OPEN. */
static int
next_at(struct db *db, const struct schema_type *t, int64_t sid, int64_t at,
    int64_t *ret, struct err *e)
{
	struct stmt *st;
	int r = db_cached(db, &st, "SELECT min(at) FROM \"!run\" WHERE tab = ?1"
	    " AND sid = ?2 AND at > ?3 AND counts = 1", e);

	if (r != 0)
		return (r);
	stmt_bind_int(st, 1, t->number);
	stmt_bind_int(st, 2, sid);
	stmt_bind_int(st, 3, at);
	if ((r = stmt_step(st, e)) < 0)
		return (r);
	*ret = r == 0 || stmt_isnull(st, 0) ? STORE_OPEN : stmt_int(st, 0);
	stmt_reset(st);
	return (0);
}

static int
load_decl(struct evidence *ev, struct arena *a, const uint8_t id[BODY_HASH],
    struct row_decl *ret, struct err *e)
{
	BUF_SCOPED body = BUF_INIT;
	int r = body_get(ev->ledger, id, &body, e);

	if (r != 0)
		return (r);
	return (row_decl_decode(a, arena_str(a, buf_str(&body)), ret, e));
}

/* --- snapshots ----------------------------------------------------------- */

/* One key whose row is not what it was; either may be NULL. */
static int
row_changed(struct work *w, const struct row_decl *old_decl,
    const struct str *old, const struct str *new, struct err *e)
{
	const struct cell *was = NULL, *is = NULL;
	const uint8_t *seal = NULL;
	int r;

	if (old != NULL) {
		r = row_decode(old_decl, *old, &w->keys, &w->open[0],
		    w->cells[0], &seal, e);
		if (r != 0)
			return (r);
		was = w->cells[0];
	}
	if (new != NULL) {
		r = row_decode(&w->decl, *new, &w->keys, &w->open[1],
		    w->cells[1], &seal, e);
		if (r != 0)
			return (r);
		is = w->cells[1];
	}
	work_subject(w, is != NULL ? is : was, seal);
	return (store_apply(w->ev, w->table, &w->change, was, is,
	    buf_str(&w->subject), e));
}

static int
compare_keys(const struct row_decl *d, struct str a, struct str b)
{
	size_t an = row_key_len(d, a), bn = row_key_len(d, b);
	int c = memcmp(a.ptr, b.ptr, an < bn ? an : bn);

	return (c != 0 ? c : (an > bn) - (an < bn));
}

/* Both sides in the order of their keys, under one declaration. */
static int
merge_rows(struct work *w, struct chunk_cursor *old, struct chunk_cursor *new,
    struct err *e)
{
	struct str a, b;
	int ra = chunk_next(old, &a, e);
	int rb = ra < 0 ? ra : chunk_next(new, &b, e);

	while (ra >= 0 && rb >= 0 && (ra > 0 || rb > 0)) {
		int c = ra == 0 ? 1 : rb == 0 ? -1 :
		    compare_keys(&w->decl, a, b);
		int r = 0;
		if (c != 0 || !str_eq(a, b))
			r = row_changed(w, old->decl, c <= 0 ? &a : NULL,
			    c >= 0 ? &b : NULL, e);
		if (r != 0)
			return (r);
		if (c <= 0)
			ra = chunk_next(old, &a, e);
		if (c >= 0 && ra >= 0)
			rb = chunk_next(new, &b, e);
	}
	return (ra < 0 ? ra : rb < 0 ? rb : 0);
}

static int
diff_trees(struct work *w, struct chunk_tree *old, struct chunk_tree *new,
    const struct chunk_set *set, struct err *e)
{
	struct chunk_cursor a, b;

	chunk_share(old, new);
	chunk_cursor_init(&a, w->ev->ledger, old, NULL, &w->decl, true);
	chunk_cursor_init(&b, w->ev->ledger, new, set, &w->decl, true);
	int r = merge_rows(w, &a, &b, e);
	chunk_cursor_free(&a);
	chunk_cursor_free(&b);
	return (r);
}

/*
 * Rows under different declarations are compared by what they say, in the form
 * of today and with nothing sealed: plain rows that belong to no ledger.
 */
static int
plain_set(struct work *w, const struct row_decl *d,
    const struct chunk_tree *t, struct chunk_set *ret, struct err *e)
{
	struct chunk_cursor c;
	BUF_SCOPED row = BUF_INIT;
	struct str raw;
	int r;

	chunk_cursor_init(&c, w->ev->ledger, t, NULL, d, false);
	while ((r = chunk_next(&c, &raw, e)) > 0) {
		const uint8_t *seal;
		r = row_decode(d, raw, &w->keys, &w->open[0], w->cells[0],
		    &seal, e);
		if (r != 0)
			break;
		buf_reset(&row);
		row_encode(&w->table->decl, w->cells[0], NULL, &row);
		chunk_set_add(ret, &w->table->decl, buf_str(&row));
	}
	chunk_cursor_free(&c);
	return (r < 0 ? r : chunk_set_sort(ret, &w->table->decl, e));
}

static void
set_as_tree(const struct chunk_set *s, struct chunk_tree *t)
{
	memset(t, 0, sizeof(*t));
	vec_push(&t->leaves, (struct chunk_leaf){ .rows = s->rows.n });
}

static int
diff_plain(struct work *w, const struct row_decl *old_decl,
    const struct chunk_tree *old, const struct chunk_tree *new, struct err *e)
{
	struct chunk_set a = { 0 }, b = { 0 };
	struct chunk_tree ta = { 0 }, tb = { 0 };
	struct chunk_cursor ca, cb;
	int r = plain_set(w, old_decl, old, &a, e);

	if (r == 0)
		r = plain_set(w, &w->decl, new, &b, e);
	if (r == 0) {
		set_as_tree(&a, &ta);
		set_as_tree(&b, &tb);
		w->decl = w->table->decl;
		chunk_cursor_init(&ca, w->ev->ledger, &ta, &a, &w->decl, false);
		chunk_cursor_init(&cb, w->ev->ledger, &tb, &b, &w->decl, false);
		r = merge_rows(w, &ca, &cb, e);
	}
	chunk_tree_free(&ta);
	chunk_tree_free(&tb);
	chunk_set_free(&a);
	chunk_set_free(&b);
	return (r);
}

static int
diff_from(struct work *w, const struct project_run *before,
    struct project_rows *rows, struct err *e)
{
	struct chunk_tree old = { 0 }, new = { 0 };
	struct chunk_tree *o = &old, *n = &new;
	struct row_decl old_decl;
	bool same_decl = memcmp(before->decl, w->rt->decl, BODY_HASH) == 0;
	int r = 0;

	if (same_decl && memcmp(before->root, w->rt->root, BODY_HASH) == 0)
		return (0);
	if (rows != NULL && rows->old != NULL &&
	    memcmp(rows->old->root, before->root, BODY_HASH) == 0)
		o = rows->old;
	else
		r = chunk_read(w->ev->ledger, before->root, &old, e);
	if (r == 0 && rows != NULL)
		n = rows->tree;
	else if (r == 0)
		r = chunk_read(w->ev->ledger, w->rt->root, &new, e);
	if (r == 0 && same_decl && w->decl.current)
		r = diff_trees(w, o, n, rows != NULL ? rows->set : NULL, e);
	else if (r == 0) {
		r = load_decl(w->ev, &w->arena, before->decl, &old_decl, e);
		if (r == 0)
			r = diff_plain(w, &old_decl, o, n, e);
	}
	chunk_tree_free(&old);
	chunk_tree_free(&new);
	return (r);
}

/* A first set: all of it is new. */
static int
insert_all(struct work *w, struct project_rows *rows, struct err *e)
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
		if ((r = row_changed(w, NULL, NULL, &row, e)) != 0)
			break;
	}
	chunk_cursor_free(&c);
	chunk_tree_free(&tree);
	return (r);
}

static int
project_snapshot(struct work *w, struct project_rows *rows, struct err *e)
{
	const struct schema_type *t = w->table->type;
	struct project_run before;
	int64_t at = w->run->at, to;
	int r = next_at(w->ev->db, t, w->change.sid, at, &to, e);

	if (r != 0)
		return (r);
	int had = project_before(w->ev->db, t, w->change.sid, at, &before, e);
	if (had < 0)
		return (had);
	w->change.from = at;
	w->change.to = to;
	w->change.merge_left = had == 1 && before.at == at;
	w->change.merge_right = to != STORE_OPEN;
	return (had == 1 && !before.removed ? diff_from(w, &before, rows, e) :
	    insert_all(w, rows, e));
}

/* --- a run --------------------------------------------------------------- */

static void
bind_run(struct stmt *st, const struct work *w, uint64_t entry,
    const char *status, struct str message)
{
	const struct run *run = w->run;
	const struct run_table *rt = w->rt;

	stmt_bind_int(st, 1, (int64_t)entry);
	stmt_bind_int(st, 2, w->table != NULL ? w->table->type->number : 0);
	stmt_bind_int(st, 3, w->change.sid);
	stmt_bind_int(st, 4, run->at);
	stmt_bind_int(st, 5, run->started);
	stmt_bind_int(st, 6, run->ended);
	stmt_bind_text(st, 7, status);
	if (rt != NULL && rt->expected >= 0)
		stmt_bind_int(st, 8, rt->expected);
	stmt_bind_int(st, 9, rt != NULL ? rt->received : 0);
	stmt_bind_int(st, 10, (int64_t)w->change.written);
	int64_t gap;
	if (run->max_gap_s < 0 ||
	    __builtin_mul_overflow(run->max_gap_s, INT64_C(1000000), &gap))
		gap = INT64_MAX / 2;
	stmt_bind_int(st, 11, gap);
	if (rt != NULL && rt->stored) {
		stmt_bind_blob(st, 12, rt->decl, BODY_HASH);
		stmt_bind_blob(st, 13, rt->root, BODY_HASH);
	}
	if (w->chain > 0) {
		stmt_bind_int(st, 14, w->chain);
		stmt_bind_int(st, 15, w->since);
		if (rt->upto.len > 0)
			stmt_bind_str(st, 16, rt->upto);
	}
	stmt_bind_str(st, 17, run->collector);
	stmt_bind_str(st, 18, message);
}

static int
record_run(struct work *w, uint64_t entry, const char *status,
    struct str message, struct err *e)
{
	struct stmt *st;
	int r = db_cached(w->ev->db, &st, "INSERT INTO \"!run\"(id, tab, sid,"
	    " at, started, ended, status, expected, received, changed, gap_us,"
	    " decl, root, chain, since, upto, collector, message, counts)"
	    " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13,"
	    " ?14, ?15, ?16, ?17, ?18, ?7 IN ('complete', 'removed'))", e);

	if (r != 0)
		return (r);
	bind_run(st, w, entry, status, message);
	if ((r = stmt_run(st, e)) != 0)
		return (r);
	return (w->table == NULL ? 0 :
	    store_touch(w->ev->db, w->table->type->number, entry, e));
}

/* 1: bodies of its rows are missing on purpose. It then shows nothing, as if it
 * had not been made. */
static int
left_out(struct work *w, struct err *e)
{
	BUF_SCOPED decl = BUF_INIT;
	struct err own;
	int r;

	if (!ledger_partial(w->ev->ledger))
		return (0);
	if ((r = body_get(w->ev->ledger, w->rt->decl, &decl, &own)) == 0)
		r = chunk_whole(w->ev->ledger, w->rt->root, &own);
	if (r == -ERR_ERASED)
		return (1);
	if (r != 0 && e != NULL)
		*e = own;
	return (r);
}

static int
project_table(struct work *w, struct project_rows *rows, struct err *e)
{
	const struct run_table *rt = w->rt;
	const struct schema_type *t = w->table->type;
	enum evidence_status status = rt->status;
	int r = 0;

	for (int i = 0; i < 2; i++)
		w->cells[i] = arena_array(&w->arena, t->nfields,
		    sizeof(struct cell));
	w->keys.keys = ledger_keys(w->ev->ledger);
	if (status == EVIDENCE_COMPLETE && rt->stored &&
	    (r = left_out(w, e)) != 0)
		return (r < 0 ? r : record_run(w, w->change.entry, "withheld",
		    STR("rows of this run were left out or erased"), e));
	if (status == EVIDENCE_COMPLETE && rt->stored) {
		r = load_decl(w->ev, &w->arena, rt->decl, &w->decl, e);
		if (r == 0)
			r = t->mode == MODE_APPEND ?
			    append_project(w, rows, e) :
			    project_snapshot(w, rows, e);
	}
	if (r == 0)
		r = record_run(w, w->change.entry,
		    evidence_status_name(status), rt->message.len > 0 ?
		    rt->message : w->run->message, e);
	return (r);
}

static int
one_table(struct evidence *ev, uint64_t index, const struct run *run,
    const struct run_table *rt, int64_t sid, struct project_rows *rows,
    uint64_t *changed, struct err *e)
{
	struct work w = { .ev = ev, .run = run, .rt = rt,
		.change = { .sid = sid, .entry = index } };
	const struct schema_type *t =
	    rt != NULL ? schema_find(rt->name) : NULL;

	/* A table that this version no longer has leaves only its entry. */
	if (rt != NULL && (t == NULL || schema_is_record(t)))
		return (0);
	int r;
	if (rt == NULL) {
		r = record_run(&w, index, evidence_status_name(run->status),
		    run->message, e);
	} else {
		w.table = store_table(ev, t);
		r = project_table(&w, rows, e);
	}
	if (changed != NULL)
		*changed += w.change.written;
	for (int i = 0; i < 2; i++)
		buf_free(&w.open[i]);
	buf_free(&w.subject);
	arena_free(&w.arena);
	return (r);
}

static int
project_run(struct evidence *ev, uint64_t index, const struct entry *x,
    struct project_rows *rows, uint64_t *changed, struct err *e)
{
	ARENA_SCOPED a = ARENA_INIT;
	BUF_SCOPED body = BUF_INIT;
	const uint8_t *c = entry_body_get(x, "run");
	struct run run;
	int64_t sid;

	if (c == NULL)
		return (err_set(e, ERR_DAMAGED, NULL, NULL,
		    "a run's entry names no body"));
	int r = body_get(ev->ledger, c, &body, e);
	/* A run that was left out as a whole shows nothing. */
	if (r == -ERR_ERASED && ledger_partial(ev->ledger))
		return (0);
	if (r == 0)
		r = run_decode(&a, buf_str(&body), &run, e);
	if (r == 0)
		r = store_source(ev->db, run.source, run.name, &sid, e);
	if (r == 0 && run.ntables == 0)
		r = one_table(ev, index, &run, NULL, sid, NULL, changed, e);
	for (size_t i = 0; r == 0 && i < run.ntables; i++)
		r = one_table(ev, index, &run, &run.tables[i], sid,
		    rows != NULL && rows[i].tree != NULL ? &rows[i] : NULL,
		    changed, e);
	return (r);
}

/* --- a source taken out of use --------------------------------------------- */

static int
end_versions(struct work *w, struct err *e)
{
	BUF_SCOPED q = BUF_INIT;
	STMT_SCOPED *st = NULL;

	buf_printf(&q, "UPDATE \"%s!v\" SET _to = ?1, _end_known = ?2 WHERE"
	    " _known_to IS NULL AND _to IS NULL AND _sid = ?3 AND _from < ?1",
	    w->table->type->name);
	int r = db_prepare(w->ev->db, &st, buf_str(&q), e);
	if (r != 0)
		return (r);
	stmt_bind_int(st, 1, w->run->at);
	stmt_bind_int(st, 2, (int64_t)w->change.entry);
	stmt_bind_int(st, 3, w->change.sid);
	if ((r = stmt_run(st, e)) != 0)
		return (r);
	w->change.written += (uint64_t)db_changes(w->ev->db);
	return (0);
}

/* The tables that the source has given, by number. */
static int
tables_of(struct db *db, int64_t sid, int64_t **ret, size_t *ret_n,
    struct err *e)
{
	VEC(int64_t) tabs = { 0 };
	struct stmt *st;
	int r = db_cached(db, &st, "SELECT DISTINCT tab FROM \"!run\" WHERE"
	    " sid = ?1 AND counts = 1 ORDER BY tab", e);

	if (r != 0)
		return (r);
	stmt_bind_int(st, 1, sid);
	while ((r = stmt_step(st, e)) > 0)
		vec_push(&tabs, stmt_int(st, 0));
	*ret = tabs.at;
	*ret_n = tabs.n;
	return (r);
}

int
project_removal(struct evidence *ev, uint64_t index, int64_t time,
    struct str source, uint64_t *changed, struct err *e)
{
	struct run run = { .source = source, .collector = STR("-"), .at = time,
		.started = time, .ended = time };
	int64_t sid, *tabs = NULL;
	size_t n = 0;
	int r = project_source(ev->db, source, &sid, e);

	if (r <= 0)
		return (r);
	r = tables_of(ev->db, sid, &tabs, &n, e);
	for (size_t i = 0; r == 0 && i < n; i++) {
		const struct schema_type *t = schema_get((unsigned)tabs[i]);
		struct work w = { .ev = ev, .run = &run,
			.table = store_table(ev, t),
			.change = { .sid = sid, .entry = index } };
		if (t->mode == MODE_SNAPSHOT)
			r = end_versions(&w, e);
		if (r == 0)
			r = record_run(&w, index, "removed",
			    STR("the source was taken out of use"), e);
		if (changed != NULL)
			*changed += w.change.written;
	}
	free(tabs);
	return (r);
}

int
project_hold(struct evidence *ev, struct err *e)
{
	struct keys *k = ledger_keys(ev->ledger);

	return (k != NULL ? subject_hold(k, e) : 0);
}

void
project_release(struct evidence *ev)
{
	struct keys *k = ledger_keys(ev->ledger);

	if (k != NULL)
		subject_release(k);
}

int
project_entry(struct evidence *ev, uint64_t index, const struct entry *x,
    struct project_rows *rows, uint64_t *changed, struct err *e)
{
	struct err own = { 0 };
	int r;

	if (str_is(x->action, "run"))
		r = project_run(ev, index, x, rows, changed, &own);
	else
		r = revision_project(ev, index, x, changed, &own);
	if (r == 0)
		return (0);
	err_at(&own, "entry %llu%s%.400s", (unsigned long long)index,
	    own.where[0] != '\0' ? ", " : "", own.where);
	if (e != NULL)
		*e = own;
	return (r);
}
