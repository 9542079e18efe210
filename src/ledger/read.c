/* Reading: the head, entries by index and in order. */
#include "ledger/ledger.h"

#include <inttypes.h>

#include "ledger/private.h"
#include "sys/db.h"

int
ledger_load_head(struct ledger *l, struct err *e)
{
	ARENA_SCOPED a = ARENA_INIT;
	struct entry x;
	struct stmt *st;
	int r = db_cached(l->db, &st, "SELECT max(idx) FROM entry", e);

	if (r == 0)
		r = stmt_step(st, e);
	if (r < 0)
		return (r);
	l->size = stmt_isnull(st, 0) ? 0 : (uint64_t)stmt_int(st, 0) + 1;
	stmt_reset(st);
	l->time = 0;
	if (l->size == 0)
		return (0);
	r = ledger_entry(l, &a, l->size - 1, &x, e);
	if (r == 0)
		l->time = x.time;
	return (r);
}

int
ledger_head(struct ledger *l, struct ledger_head *ret, struct err *e)
{
	struct ledger_head h;
	struct tree_hash root;

	/* A reader sees what others acknowledged meanwhile. */
	if (!l->writable) {
		int r = ledger_load_head(l, e);
		if (r != 0)
			return (r);
	}
	tree_root(&l->tree, &root);
	h = (struct ledger_head){ .size = l->size, .time = l->time,
		.sequenced = l->tree.size };
	if (l->in_tx) {
		h.size = l->tx_size;
		h.time = l->tx_time;
	}
	memcpy(h.root, root.h, sizeof(h.root));
	*ret = h;
	return (0);
}

int
ledger_entry_bytes(struct ledger *l, uint64_t index, struct buf *out,
    struct err *e)
{
	struct stmt *st;
	int r;

	if (index > INT64_MAX)
		index = INT64_MAX;
	r = db_cached(l->db, &st, "SELECT bytes FROM entry WHERE idx = ?", e);
	if (r != 0)
		return (r);
	stmt_bind_int(st, 1, (int64_t)index);
	r = stmt_step(st, e);
	if (r == 1) {
		buf_reset(out);
		buf_putstr(out, stmt_str(st, 0));
	}
	stmt_reset(st);
	if (r == 0)
		return (err_set(e, ERR_NOTFOUND, NULL,
		    "ask for an entry below the ledger's size",
		    "there is no entry %" PRIu64, index));
	return (r < 0 ? r : 0);
}

static int
bad_entry(const struct ledger *l, uint64_t index, const struct err *x,
    struct err *e)
{
	if (x->code == ERR_NEWER)
		return (err_set(e, ERR_NEWER, db_path(l->db), x->fix,
		    "entry %" PRIu64 " was written by a newer version",
		    index));
	return (err_set(e, ERR_DAMAGED, db_path(l->db),
	    "run doctor; rebuild records.db from the ledger",
	    "entry %" PRIu64 " is damaged: %s (%s)", index, x->what, x->where));
}

int
ledger_entry(struct ledger *l, struct arena *a, uint64_t index,
    struct entry *ret, struct err *e)
{
	BUF_SCOPED b = BUF_INIT;
	struct err x;
	int r = ledger_entry_bytes(l, index, &b, e);

	if (r != 0)
		return (r);
	struct str bytes = arena_str(a, buf_str(&b));
	if (entry_decode(a, bytes, ret, &x) != 0)
		return (bad_entry(l, index, &x, e));
	return (0);
}

int
ledger_each(struct ledger *l, uint64_t from, uint64_t to, ledger_each_fn *fn,
    void *ctx, struct err *e)
{
	ARENA_SCOPED a = ARENA_INIT;
	STMT_SCOPED *st = NULL;
	struct arena_mark mark = arena_mark(&a);
	struct entry x;
	struct err why;
	int r;

	if (from > INT64_MAX)
		return (0);
	if (to > INT64_MAX)
		to = INT64_MAX;
	r = db_prepare(l->db, &st, STR("SELECT idx, bytes FROM entry"
	    " WHERE idx >= ? AND idx < ? ORDER BY idx"), e);
	if (r != 0)
		return (r);
	stmt_bind_int(st, 1, (int64_t)from);
	stmt_bind_int(st, 2, (int64_t)to);
	while ((r = stmt_step(st, e)) == 1) {
		uint64_t i = (uint64_t)stmt_int(st, 0);
		if (entry_decode(&a, stmt_str(st, 1), &x, &why) != 0)
			return (bad_entry(l, i, &why, e));
		if ((r = fn(ctx, i, &x, e)) != 0)
			return (r < 0 ? r : 0);
		arena_rewind(&a, mark);
	}
	return (r);
}

int
ledger_size_at(struct ledger *l, int64_t time, uint64_t *ret, struct err *e)
{
	struct ledger_head h;
	uint64_t lo = 0, hi;
	int r = ledger_head(l, &h, e);

	if (r != 0)
		return (r);
	hi = h.size;
	while (lo < hi) {
		ARENA_SCOPED a = ARENA_INIT;
		uint64_t mid = lo + (hi - lo) / 2;
		struct entry x;
		if ((r = ledger_entry(l, &a, mid, &x, e)) != 0)
			return (r);
		if (x.time <= time)
			lo = mid + 1;
		else
			hi = mid;
	}
	*ret = lo;
	return (0);
}
