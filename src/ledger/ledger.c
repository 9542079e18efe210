/* Transactions, appending, and when to sequence. */
#include "ledger/ledger.h"

#include <inttypes.h>

#include "base/clock.h"
#include "ledger/private.h"
#include "sys/db.h"

/* --- transactions -------------------------------------------------------- */

bool
ledger_in_transaction(const struct ledger *l)
{
	return (l->in_tx);
}

static int sequence_bodies(struct ledger *l, struct err *e);

static int
begin(struct ledger *l, struct err *e)
{
	int r = db_begin(l->db, e);

	if (r != 0)
		return (r);
	l->in_tx = true;
	l->tx_size = l->size;
	l->tx_time = l->time;
	l->tx_inlined = l->inlined.names.n;
	pack_mark(&l->pack);
	return (0);
}

int
ledger_begin(struct ledger *l, struct err *e)
{
	int r = 0;

	if (!l->writable)
		BUG("writing to a ledger that is open for reading");
	if (l->in_tx)
		BUG("a transaction in a transaction");
	if (l->inlined.names.n >= INLINED_MAX)
		r = sequence_bodies(l, e);
	return (r != 0 ? r : begin(l, e));
}

void
ledger_rollback(struct ledger *l)
{
	if (!l->in_tx)
		return;
	db_rollback(l->db);
	pack_rollback(&l->pack);
	inlined_back(&l->inlined, l->tx_inlined);
	l->in_tx = false;
}

static int
save_pack_size(struct ledger *l, int64_t no, uint64_t end, struct err *e)
{
	struct stmt *st;
	int r = db_cached(l->db, &st,
	    "INSERT INTO pack (no, size) VALUES (?, ?)"
	    " ON CONFLICT (no) DO UPDATE SET size = excluded.size", e);

	if (r != 0)
		return (r);
	stmt_bind_int(st, 1, no);
	stmt_bind_int(st, 2, (int64_t)end);
	return (stmt_run(st, e));
}

/* How far the packs are acknowledged by this transaction. */
static int
save_packs(struct ledger *l, struct err *e)
{
	const struct pack *p = &l->pack;
	int r = 0;

	if (p->no == p->mark_no && p->end == p->mark_end)
		return (0);
	for (size_t i = 0; r == 0 && i < p->full.n; i++)
		r = save_pack_size(l, p->full.at[i].no, p->full.at[i].end, e);
	return (r != 0 ? r : save_pack_size(l, p->no, p->end, e));
}

int
ledger_commit(struct ledger *l, struct err *e)
{
	int r;

	if (!l->in_tx)
		BUG("a commit without a transaction");
	/* A full disk can make SQLite roll back by itself. */
	if (!db_in_tx(l->db)) {
		ledger_rollback(l);
		return (err_set(e, ERR_IO, db_path(l->db),
		    "free some space and run it again; nothing was lost",
		    "the transaction was rolled back"));
	}
	/* First the bodies, then what names them. */
	if ((r = save_packs(l, e)) != 0 ||
	    (r = pack_sync(&l->pack, e)) != 0) {
		ledger_rollback(l);
		return (r);
	}
	if ((r = db_commit(l->db, e)) != 0) {
		/*
		 * The packs keep what they got: should SQLite find this
		 * transaction complete in its log after a crash, the bodies
		 * that it names are there.
		 */
		db_rollback(l->db);
		inlined_back(&l->inlined, l->tx_inlined);
		l->in_tx = false;
		return (r);
	}
	l->size = l->tx_size;
	l->time = l->tx_time;
	l->in_tx = false;
	return (0);
}

/* --- appending ----------------------------------------------------------- */

static int
by_key(const void *a, const void *b)
{
	const struct entry_note *x = a, *y = b;

	return (str_cmp(x->key, y->key));
}

int
ledger_append(struct ledger *l, const struct entry *x, uint64_t *ret_index,
    int64_t *ret_time, struct err *e)
{
	ARENA_SCOPED a = ARENA_INIT;
	struct entry n = *x;
	struct entry_note *notes;
	struct stmt *st;
	int64_t now = clock_now();
	int r;

	if (!l->in_tx)
		BUG("an entry outside of a transaction");
	notes = arena_array(&a, x->nnotes + 1, sizeof(*notes));
	if (x->nnotes != 0)
		memcpy(notes, x->notes, x->nnotes * sizeof(*notes));
	n.time = now > 0 ? now : 0;
	if (n.time < l->tx_time) {
		const char *us = arena_printf(&a, "%" PRId64,
		    l->tx_time - n.time);
		n.time = l->tx_time;
		notes[n.nnotes++] = (struct entry_note){ STR("clock-behind"),
			str_from(us) };
	}
	qsort(notes, n.nnotes, sizeof(*notes), by_key);
	n.notes = notes;

	buf_reset(&l->scratch);
	if ((r = entry_encode(&n, &l->scratch, e)) != 0 ||
	    (r = db_cached(l->db, &st,
	        "INSERT INTO entry (idx, bytes) VALUES (?, ?)", e)) != 0)
		return (r);
	stmt_bind_int(st, 1, (int64_t)l->tx_size);
	stmt_bind_blob(st, 2, l->scratch.ptr, l->scratch.len);
	if ((r = stmt_run(st, e)) != 0)
		return (r);
	if (ret_index != NULL)
		*ret_index = l->tx_size;
	if (ret_time != NULL)
		*ret_time = n.time;
	l->tx_size++;
	l->tx_time = n.time;
	return (0);
}

/* --- sequencing ---------------------------------------------------------- */

/* Where a body went, in the order of the index. */
struct moved {
	uint8_t commitment[BODY_HASH];
	int64_t no;
	uint64_t off, len;
};
struct moves {
	struct moved *at;
	size_t n, cap;
};

static int
by_commitment(const void *a, const void *b)
{
	return (memcmp(((const struct moved *)a)->commitment,
	    ((const struct moved *)b)->commitment, BODY_HASH));
}

static int
to_packs(struct ledger *l, struct moves *ret, struct err *e)
{
	STMT_SCOPED *st = NULL;
	int r = db_prepare(l->db, &st,
	    STR("SELECT commitment, record FROM body_inline"), e);

	while (r == 0 && (r = stmt_step(st, e)) == 1) {
		struct str c = stmt_str(st, 0), record = stmt_str(st, 1);
		struct moved m = { .len = record.len };
		if (c.len != BODY_HASH)
			return (err_set(e, ERR_DAMAGED, db_path(l->db),
			    "restore it from a backup",
			    "a row of body_inline has no commitment"));
		memcpy(m.commitment, c.ptr, BODY_HASH);
		r = pack_append(&l->pack, record, &m.no, &m.off, e);
		if (r == 0)
			vec_push(ret, m);
	}
	return (r);
}

/*
 * Small bodies leave records.db for the packs, as they are. Rows of the index
 * lie in the order of their hashes: put in one after the other, they meet each
 * of its pages once.
 */
static int
move_bodies(struct ledger *l, struct err *e)
{
	struct moves all = { .n = 0 };
	int r = to_packs(l, &all, e);

	qsort(all.at, all.n, sizeof(*all.at), by_commitment);
	for (size_t i = 0; r == 0 && i < all.n; i++)
		r = body_index(l->db, all.at[i].commitment, all.at[i].no,
		    all.at[i].off, all.at[i].len, e);
	vec_free(&all);
	return (r != 0 ? r : db_exec(l->db, "DELETE FROM body_inline", e));
}

static int
sequence_bodies(struct ledger *l, struct err *e)
{
	int64_t any;
	int r = db_get_int(l->db, "SELECT 1 FROM body_inline LIMIT 1", 0, &any,
	    e);

	if (r != 0 || any == 0)
		return (r);
	if ((r = begin(l, e)) != 0)
		return (r);
	if ((r = move_bodies(l, e)) != 0) {
		ledger_rollback(l);
		return (r);
	}
	if ((r = ledger_commit(l, e)) == 0)
		inlined_clear(&l->inlined, true);
	return (r);
}

int
ledger_sequence(struct ledger *l, struct err *e)
{
	struct tree t = l->tree;
	int r;

	if (!l->writable || l->keys == NULL || l->in_tx)
		BUG("the ledger cannot be sequenced now");
	if ((r = sequence_bodies(l, e)) != 0)
		return (r);
	if (t.size == l->size)
		return (0);
	if ((r = sequence_entries(l, &t, e)) != 0 ||
	    (r = ledger_sign(l, &t, e)) != 0)
		return (r);
	uint64_t before = l->tree.size;
	l->tree = t;
	sequence_tidy(l, before);
	return (0);
}

void
ledger_keep_up(struct ledger *l)
{
	if (l->writable && l->keys != NULL && !l->in_tx &&
	    l->tree.size != l->size)
		ledger_sequence(l, NULL);
}
