#include "ledger/ledger.h"

#include <inttypes.h>

#include "base/clock.h"
#include "ledger/checkpoint.h"
#include "ledger/private.h"
#include "ledger/tile.h"
#include "sys/db.h"
#include "sys/file.h"

#define FIX_OLD "put back the newest copy of the whole workspace"

static const char schema[] =
    "CREATE TABLE entry ("
    " idx INTEGER PRIMARY KEY,"
    " bytes BLOB NOT NULL"      /* canonical, see entry.h */
    ") STRICT;"
    "CREATE TABLE body ("
    " commitment BLOB PRIMARY KEY,"
    " pack INTEGER NOT NULL,"
    " off INTEGER NOT NULL,"
    " len INTEGER NOT NULL"
    ") STRICT, WITHOUT ROWID;"
    "CREATE TABLE body_inline (" /* on their way into a pack */
    " commitment BLOB NOT NULL UNIQUE,"
    " record BLOB NOT NULL"
    ") STRICT;"
    "CREATE TABLE pack ("
    " no INTEGER PRIMARY KEY,"
    " size INTEGER NOT NULL"    /* bytes that are acknowledged */
    ") STRICT;";

int
ledger_tables(struct db *db, struct err *e)
{
	return (db_exec(db, schema, e));
}

static char *
join(const char *a, const char *b)
{
	size_t n = strlen(a) + strlen(b) + 2;
	char *p = malloc(n);

	if (p == NULL)
		err_oom(n);
	snprintf(p, n, "%s/%s", a, b);
	return (p);
}
#define JOINED __attribute__((cleanup(drop))) char
static void
drop(char **p)
{
	free(*p);
}

/* --- files ------------------------------------------------------------------ */

int
ledger_vkey(const char *files, struct note_key *ret, struct err *e)
{
	BUF_SCOPED b = BUF_INIT;
	JOINED *path = join(files, "vkey");
	struct str s;
	int r = file_read(path, 4096, &b, e);

	if (r == -ERR_NOTFOUND)
		return (err_set(e, ERR_DAMAGED, path,
		    "restore the file from a backup",
		    "a file of the ledger is missing"));
	if (r != 0)
		return (r);
	s = buf_str(&b);
	if (s.len == 0 || s.ptr[s.len - 1] != '\n' ||
	    note_key_parse((struct str){ s.ptr, s.len - 1 }, ret, NULL) != 0)
		return (err_set(e, ERR_DAMAGED, path,
		    "restore the file from a backup",
		    "the ledger's verifier key is damaged"));
	return (0);
}

int
ledger_checkpoint(const char *files, const struct note_key *key,
    struct checkpoint *ret, struct err *e)
{
	BUF_SCOPED b = BUF_INIT;
	JOINED *path = join(files, "checkpoint");
	struct err x = { .code = ERR_OK };
	int r = file_read(path, NOTE_MAX, &b, &x);

	if (r == 0)
		r = checkpoint_open(buf_str(&b), key, ret, &x);
	if (r == 0)
		return (0);
	/* Whatever is wrong with its form: somebody changed it. */
	if (r == -ERR_NOTFOUND || r == -ERR_INPUT || r == -ERR_LIMIT ||
	    (r == -ERR_DENIED && x.where[0] == '\0'))
		x.code = ERR_DAMAGED;
	return (err_set(e, x.code, path, "restore the file from a backup; "
	    "doctor says what else is wrong",
	    "the ledger's checkpoint cannot be trusted: %s", x.what));
}

static int
write_checkpoint(struct ledger *l, const struct tree *t, struct err *e)
{
	BUF_SCOPED b = BUF_INIT;
	JOINED *path = join(l->files, "checkpoint");
	struct checkpoint c = { .size = t->size };
	uint8_t sig[CRYPTO_SIG];

	snprintf(c.origin, sizeof(c.origin), "%s", l->key.name);
	tree_root(t, &c.root);
	checkpoint_print(&c, &b);
	keys_sign(l->keys, buf_str(&b), sig);
	buf_putc(&b, '\n');
	note_put_signature(&l->key, sig, &b);
	return (file_write(path, 0644, b.ptr, b.len, e));
}

/* --- create, open, close ------------------------------------------------------ */

int
ledger_create(const char *dir, struct db *db, struct keys *keys,
    struct err *e)
{
	BUF_SCOPED b = BUF_INIT;
	JOINED *files = join(dir, "ledger");
	JOINED *bodies = join(dir, "bodies");
	JOINED *vkey = join(files, "vkey");
	struct ledger l = { .files = files, .keys = keys, .key = keys->note };
	struct tree empty = TREE_INIT;
	int r;

	if (file_exists(vkey))
		return (err_set(e, ERR_CONFLICT, vkey,
		    "choose another directory", "there is a ledger already"));
	if ((r = file_mkdirs(files, 0755, e)) != 0 ||
	    (r = file_mkdirs(bodies, 0700, e)) != 0 ||
	    (r = db_begin(db, e)) != 0)
		return (r);
	r = ledger_tables(db, e);
	if (r == 0)
		r = db_commit(db, e);
	if (r != 0) {
		db_rollback(db);
		return (r);
	}
	if ((r = write_checkpoint(&l, &empty, e)) != 0)
		return (r);
	/* The last file: with it the ledger is there. */
	note_key_print(&keys->note, &b);
	buf_putc(&b, '\n');
	return (file_write(vkey, 0644, b.ptr, b.len, e));
}

/* Does the signing key belong to this ledger? */
static int
same_key(const struct ledger *l, struct err *e)
{
	if (l->keys == NULL || (strcmp(l->key.name, l->keys->note.name) == 0 &&
	    crypto_same(l->key.public, l->keys->note.public, CRYPTO_PUBLIC)))
		return (0);
	return (err_set(e, ERR_DAMAGED, l->keys->dir,
	    "give the directory of this workspace's keys",
	    "these are the keys of %s, and the ledger is %s",
	    l->keys->note.name, l->key.name));
}

/* The right edge of the tree from its tiles, against the signed root. */
static int
load_tree(struct ledger *l, const struct checkpoint *c,
    struct tile_reader *tiles, struct err *e)
{
	struct tree_hash root;
	struct tree t;
	int r = tree_load(&t, c->size, tile_node, tiles, e);

	if (r != 0)
		return (r);
	tree_root(&t, &root);
	if (memcmp(root.h, c->root.h, TREE_HASH) != 0) {
		JOINED *where = join(l->files, "tile");
		return (err_set(e, ERR_DAMAGED, where,
		    "run doctor, which names the file",
		    "the newest tiles do not have the root that the "
		    "checkpoint signs"));
	}
	l->tree = t;
	return (0);
}

static int
load_head(struct ledger *l, struct err *e)
{
	ARENA_SCOPED a = ARENA_INIT;
	struct entry x;
	int64_t last;
	int r = db_get_int(l->db, "SELECT max(idx) FROM entry", -1, &last, e);

	if (r != 0)
		return (r);
	l->size = (uint64_t)(last + 1);
	l->time = 0;
	if (l->size == 0)
		return (0);
	r = ledger_entry(l, &a, l->size - 1, &x, e);
	if (r == 0)
		l->time = x.time;
	return (r);
}

/* Is records.db the one that the checkpoint was made from? */
static int
compare_head(struct ledger *l, const struct checkpoint *c,
    struct tile_reader *tiles, struct err *e)
{
	struct tree_hash is, should;
	int r;

	if (c->size > l->size)
		return (err_set(e, ERR_DAMAGED, db_path(l->db), FIX_OLD,
		    "an older copy of records.db was put back: it holds %"
		    PRIu64 " entries, and the checkpoint has %" PRIu64,
		    l->size, c->size));
	if (c->size == 0)
		return (0);
	if ((r = ledger_entry_bytes(l, c->size - 1, &l->scratch, e)) != 0 ||
	    (r = tile_node(tiles, 0, c->size - 1, &should, e)) != 0)
		return (r);
	entry_leaf(buf_str(&l->scratch), is.h);
	if (memcmp(is.h, should.h, TREE_HASH) != 0)
		return (err_set(e, ERR_DAMAGED, db_path(l->db), FIX_OLD,
		    "records.db is not of this ledger: entry %" PRIu64
		    " is another one", c->size - 1));
	return (0);
}

static int
open_packs(struct ledger *l, struct err *e)
{
	struct stmt *st;
	int r = db_cached(l->db, &st,
	    "SELECT no, size FROM pack ORDER BY no DESC LIMIT 1", e);

	if (r != 0)
		return (r);
	r = stmt_step(st, e);
	if (r == 1)
		r = pack_open(&l->pack, stmt_int(st, 0),
		    (uint64_t)stmt_int(st, 1), e);
	stmt_reset(st);
	return (r);
}

static int
open_in(struct ledger *l, struct err *e)
{
	struct tile_reader tiles;
	struct checkpoint c;
	int r;

	if ((r = ledger_vkey(l->files, &l->key, e)) != 0 ||
	    (r = same_key(l, e)) != 0 ||
	    (r = ledger_checkpoint(l->files, &l->key, &c, e)) != 0)
		return (r);
	tile_reader_init(&tiles, l->files, c.size);
	if ((r = load_tree(l, &c, &tiles, e)) == 0 &&
	    (r = load_head(l, e)) == 0)
		r = compare_head(l, &c, &tiles, e);
	tile_reader_free(&tiles);
	/* Bodies are found by their hash, that is anywhere in their table. */
	if (r == 0 && l->writable)
		r = db_exec(l->db, "PRAGMA cache_size = -16384", e);
	if (r == 0 && l->writable)
		r = open_packs(l, e);
	return (r);
}

int
ledger_open(const char *dir, struct db *db, struct keys *keys, bool writable,
    struct ledger **ret, struct err *e)
{
	struct ledger *l = calloc(1, sizeof(*l));
	int r;

	if (l == NULL || (l->dir = strdup(dir)) == NULL)
		err_oom(sizeof(*l));
	l->files = join(dir, "ledger");
	l->db = db;
	l->keys = keys;
	l->writable = writable;
	JOINED *bodies = join(dir, "bodies");
	pack_init(&l->pack, bodies);
	r = open_in(l, e);
	if (r != 0) {
		ledger_close(l);
		return (r);
	}
	*ret = l;
	return (0);
}

void
ledger_close(struct ledger *l)
{
	if (l == NULL)
		return;
	ledger_rollback(l);
	pack_free(&l->pack);
	buf_free(&l->scratch);
	buf_free(&l->record);
	free(l->dir);
	free(l->files);
	free(l);
}

struct db *
ledger_db(const struct ledger *l)
{
	return (l->db);
}

struct keys *
ledger_keys(const struct ledger *l)
{
	return (l->keys);
}

const char *
ledger_dir(const struct ledger *l)
{
	return (l->dir);
}

/* --- transactions ----------------------------------------------------------------- */

bool
ledger_in_transaction(const struct ledger *l)
{
	return (l->in_tx);
}

int
ledger_begin(struct ledger *l, struct err *e)
{
	int r;

	if (!l->writable)
		BUG("writing to a ledger that is open for reading");
	if (l->in_tx)
		BUG("a transaction in a transaction");
	if ((r = db_begin(l->db, e)) != 0)
		return (r);
	l->in_tx = true;
	l->tx_size = l->size;
	l->tx_time = l->time;
	pack_mark(&l->pack);
	return (0);
}

void
ledger_rollback(struct ledger *l)
{
	if (!l->in_tx)
		return;
	db_rollback(l->db);
	pack_rollback(&l->pack);
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
		l->in_tx = false;
		return (r);
	}
	l->size = l->tx_size;
	l->time = l->tx_time;
	l->in_tx = false;
	return (0);
}

/* --- appending ---------------------------------------------------------------------- */

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

/* --- sequencing ------------------------------------------------------------------------ */

/* Small bodies leave records.db for the packs, as they are. */
static int
move_bodies(struct ledger *l, struct err *e)
{
	STMT_SCOPED *st = NULL;
	int r = db_prepare(l->db, &st,
	    STR("SELECT commitment, record FROM body_inline"), e);

	while (r == 0 && (r = stmt_step(st, e)) == 1) {
		struct str c = stmt_str(st, 0), record = stmt_str(st, 1);
		uint64_t off;
		int64_t no;
		if (c.len != BODY_HASH)
			return (err_set(e, ERR_DAMAGED, db_path(l->db),
			    "restore it from a backup",
			    "a row of body_inline has no commitment"));
		r = pack_append(&l->pack, record, &no, &off, e);
		if (r == 0)
			r = body_index(l->db, (const uint8_t *)c.ptr, no, off,
			    record.len, e);
	}
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
	if ((r = ledger_begin(l, e)) != 0)
		return (r);
	if ((r = move_bodies(l, e)) != 0) {
		ledger_rollback(l);
		return (r);
	}
	return (ledger_commit(l, e));
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
	    (r = write_checkpoint(l, &t, e)) != 0)
		return (r);
	uint64_t before = l->tree.size;
	l->tree = t;
	sequence_tidy(l, before);
	return (0);
}

/* --- reading ----------------------------------------------------------------------------- */

int
ledger_head(struct ledger *l, struct ledger_head *ret, struct err *e)
{
	struct ledger_head h;
	struct tree_hash root;

	/* A reader sees what others acknowledged meanwhile. */
	if (!l->writable) {
		int r = load_head(l, e);
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
