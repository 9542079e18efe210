#include "ledger/check.h"

#include <inttypes.h>

#include "base/arena.h"
#include "base/log.h"
#include "ledger/body.h"
#include "ledger/checkpoint.h"
#include "ledger/entry.h"
#include "ledger/pack.h"
#include "ledger/private.h"
#include "ledger/tile.h"
#include "sys/db.h"

#define FIX "restore it from a backup"
#define FIX_DB "rebuild records.db from the ledger, or restore a backup"

struct check {
	const char *files;  /* DIR/ledger */
	const char *bodies; /* DIR/bodies */
	struct db *db;
	struct keys *keys;
	unsigned flags;
	check_fn *fn;
	void *ctx;
	struct check_counts n;
	struct note_key key;
	uint64_t size; /* under the checkpoint */
	/* The group of 256 entries that is looked at. */
	struct buf bundle, tile;
	bool have_bundle, have_tile;
	/* Hashes of the levels above, as they follow from those below. */
	struct buf row[TILE_LEVELS];
	bool tile_bad; /* something was said of a tile or bundle */
};

static void tell(struct check *c, const char *where, const char *fix,
    const char *fmt, ...) __attribute__((format(printf, 4, 5)));

static void
tell_err(struct check *c, const struct err *x)
{
	c->n.problems++;
	if (c->fn != NULL)
		c->fn(c->ctx, x);
}

static void
tell(struct check *c, const char *where, const char *fix, const char *fmt, ...)
{
	char what[512];
	struct err x;
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	err_set(&x, ERR_DAMAGED, where, fix, "%s", what);
	tell_err(c, &x);
}

/*
 * A failed step: what is damaged or unreadable is a finding, and the check goes
 * on; -1 stops it for what is not about the data.
 */
static int
found(struct check *c, int r, const struct err *x, struct err *e)
{
	if (r == -ERR_DAMAGED || r == -ERR_NOTFOUND || r == -ERR_IO ||
	    r == -ERR_INPUT || r == -ERR_LIMIT || r == -ERR_NEWER) {
		tell_err(c, x);
		return (0);
	}
	if (e != NULL)
		*e = *x;
	return (r);
}

/* --- entries, bundles, tiles ---------------------------------------------------- */

static void
file_of(const struct check *c, int level, uint64_t n, unsigned width,
    char *out, size_t cap)
{
	char rel[TILE_PATH];

	tile_path(level, n, width, rel);
	snprintf(out, cap, "%s/%s", c->files, rel);
}

/* Read one file of the ledger as it stands in a tree of the signed size. */
static bool
load(struct check *c, int level, uint64_t n, struct buf *out)
{
	struct err x;
	unsigned width = tile_width(level, n, c->size);

	if (level == TILE_ENTRIES)
		c->n.bundles++;
	else
		c->n.tiles++;
	if (tile_read(c->files, level, n, width, out, &x) == 0)
		return (true);
	tell_err(c, &x);
	c->tile_bad = true;
	return (false);
}

/* Hash ${i} of the tile differs from what the entries give. */
static void
tile_differs(struct check *c, int level, uint64_t index)
{
	char where[4096];
	uint64_t n = index / TILE_WIDTH;

	file_of(c, level, n, tile_width(level, n, c->size), where,
	    sizeof(where));
	tell(c, where, FIX, "hash %u of the tile is not that of the entries",
	    (unsigned)(index % TILE_WIDTH));
	c->tile_bad = true;
}

static void
bundle_differs(struct check *c, uint64_t index)
{
	char where[4096];
	uint64_t n = index / TILE_WIDTH;

	file_of(c, TILE_ENTRIES, n, tile_width(TILE_ENTRIES, n, c->size),
	    where, sizeof(where));
	tell(c, where, FIX, "entry %" PRIu64 " of the bundle was changed",
	    index);
	c->tile_bad = true;
}

static void
row_differs(struct check *c, uint64_t index, const char *how)
{
	tell(c, db_path(c->db), FIX_DB, "entry %" PRIu64 " of records.db %s",
	    index, how);
}

/*
 * Three witnesses of one leaf: records.db, the bundle, the tile. Who stands
 * alone was changed; ret = what two agree on.
 */
static void
judge(struct check *c, uint64_t index, const struct str *row,
    const struct str *bundle, const struct tree_hash *tile,
    struct tree_hash *ret)
{
	struct tree_hash a = { 0 }, b = { 0 };
	bool ab, at, bt;

	if (row != NULL)
		entry_leaf(*row, a.h);
	if (bundle != NULL)
		entry_leaf(*bundle, b.h);
	ab = row != NULL && bundle != NULL && memcmp(&a, &b, sizeof(a)) == 0;
	at = row != NULL && tile != NULL && memcmp(&a, tile, sizeof(a)) == 0;
	bt = bundle != NULL && tile != NULL &&
	    memcmp(&b, tile, sizeof(b)) == 0;
	if (tile != NULL && !at && !bt && (ab || bundle == NULL || row == NULL))
		tile_differs(c, 0, index);
	if (bundle != NULL && !bt && !ab && (at || tile != NULL))
		bundle_differs(c, index);
	if (row == NULL)
		row_differs(c, index, "is missing");
	else if (!at && !ab)
		row_differs(c, index, "was changed");
	*ret = at || ab ? a : bt ? b : tile != NULL ? *tile :
	    bundle != NULL ? b : a;
}

/* A node of level 8, 16 ...: compare it with its tile at once. */
static void
node_done(void *ctx, unsigned level, uint64_t index, const struct tree_hash *h)
{
	struct check *c = ctx;
	unsigned row = level / TILE_BITS;

	if (level % TILE_BITS != 0 || row == 0)
		return;
	if (index % TILE_WIDTH == 0 &&
	    !load(c, (int)row, index / TILE_WIDTH, &c->row[row]))
		buf_reset(&c->row[row]);
	size_t at = (index % TILE_WIDTH) * TREE_HASH;
	if (at + TREE_HASH <= c->row[row].len &&
	    memcmp(c->row[row].ptr + at, h, TREE_HASH) != 0)
		tile_differs(c, (int)row, index);
}

/* Older partial files beside a tile must be its beginning. */
static int
check_partials(struct check *c, int level, uint64_t n, const struct buf *now,
    struct err *e)
{
	ARENA_SCOPED a = ARENA_INIT;
	BUF_SCOPED old = BUF_INIT;
	char path[4096], **names;
	struct err x;
	size_t count;

	file_of(c, level, n, 1, path, sizeof(path));
	*strrchr(path, '/') = '\0';
	if (!file_exists(path))
		return (0);
	int r = file_list(&a, path, &names, &count, &x);
	if (r != 0)
		return (found(c, r, &x, e));
	for (size_t i = 0; i < count; i++) {
		uint64_t width;
		/* Wider ones were begun and not signed: a crash. */
		if (!str_to_u64(str_from(names[i]), &width) || width == 0 ||
		    width >= tile_width(level, n, c->size))
			continue;
		r = tile_read(c->files, level, n, (unsigned)width, &old, &x);
		if (r != 0) {
			if ((r = found(c, r, &x, e)) != 0)
				return (r);
			continue;
		}
		if (old.len > now->len ||
		    memcmp(old.ptr, now->ptr, old.len) != 0)
			tell(c, arena_printf(&a, "%s/%s", path, names[i]), FIX,
			    "the file is not the beginning of the newest one");
	}
	return (0);
}

/* The first entry of a group of 256: load its two files. */
static int
begin_group(struct check *c, uint64_t index, struct str *rest, struct err *e)
{
	uint64_t n = index / TILE_WIDTH;
	int r = 0;

	c->have_bundle = load(c, TILE_ENTRIES, n, &c->bundle);
	c->have_tile = load(c, 0, n, &c->tile);
	if (c->have_bundle)
		r = check_partials(c, TILE_ENTRIES, n, &c->bundle, e);
	if (r == 0 && c->have_tile)
		r = check_partials(c, 0, n, &c->tile, e);
	*rest = buf_str(&c->bundle);
	progress("checking entries", (int64_t)index, (int64_t)c->size);
	return (r);
}

/* Partial tiles of the upper levels: only the last of each can have any. */
static int
check_upper_partials(struct check *c, struct err *e)
{
	int r = 0;

	for (int row = 1; r == 0 && row < TILE_LEVELS; row++) {
		uint64_t n = (c->size >> (TILE_BITS * row)) / TILE_WIDTH;
		if (tile_width(row, n, c->size) != 0)
			r = check_partials(c, row, n, &c->row[row], e);
	}
	return (r);
}

/* One entry: from ${st} if its row has that index. */
static void
check_entry(struct check *c, uint64_t i, struct stmt *st, bool row,
    struct str *rest, struct tree *t)
{
	ARENA_SCOPED a = ARENA_INIT;
	struct str bytes = STR_NULL, bundled = STR_NULL;
	struct tree_hash tile, leaf;
	struct entry x;
	struct err why;

	if (row)
		bytes = stmt_str(st, 1);
	bool in_bundle = c->have_bundle && tile_bundle_next(rest, &bundled) == 1;
	if (c->have_tile)
		memcpy(&tile, c->tile.ptr + i % TILE_WIDTH * TREE_HASH,
		    TREE_HASH);
	judge(c, i, row ? &bytes : NULL, in_bundle ? &bundled : NULL,
	    c->have_tile ? &tile : NULL, &leaf);
	if (row && entry_decode(&a, bytes, &x, &why) != 0)
		tell(c, db_path(c->db), FIX_DB,
		    "entry %" PRIu64 ": %s (%s)", i, why.what, why.where);
	tree_add(t, &leaf, node_done, c);
	c->n.entries++;
}

static int
check_tree(struct check *c, const struct checkpoint *cp, struct err *e)
{
	STMT_SCOPED *st = NULL;
	struct tree t = TREE_INIT;
	struct tree_hash root;
	struct str rest = STR_NULL;
	struct err x;
	int r, got;

	c->size = cp->size;
	r = db_prepare(c->db, &st,
	    STR("SELECT idx, bytes FROM entry ORDER BY idx"), &x);
	if (r != 0)
		return (found(c, r, &x, e));
	got = stmt_step(st, &x);
	for (uint64_t i = 0; i < c->size; i++) {
		if (i % TILE_WIDTH == 0 &&
		    (r = begin_group(c, i, &rest, e)) != 0)
			return (r);
		/* A row that cannot be read ends the walk through records.db. */
		if (got < 0) {
			if ((r = found(c, got, &x, e)) != 0)
				return (r);
			got = 0;
		}
		bool row = got == 1 && (uint64_t)stmt_int(st, 0) == i;
		check_entry(c, i, st, row, &rest, &t);
		if (row)
			got = stmt_step(st, &x);
	}
	tree_root(&t, &root);
	if (memcmp(&root, &cp->root, sizeof(root)) != 0 && !c->tile_bad)
		tell(c, c->files, FIX_DB, "the entries and tiles do not have "
		    "the root that the checkpoint signs");
	if ((r = check_upper_partials(c, e)) != 0)
		return (r);
	uint64_t next = c->size;
	for (; got == 1; got = stmt_step(st, &x), next++) {
		if ((uint64_t)stmt_int(st, 0) != next) {
			row_differs(c, next, "is missing");
			break;
		}
		c->n.pending++;
	}
	return (got < 0 ? found(c, got, &x, e) : 0);
}

/* --- bodies ----------------------------------------------------------------------- */

/* One stored record, at ${where}. */
static int
check_record(struct check *c, struct str record, struct str commitment,
    const char *where, struct err *e)
{
	BUF_SCOPED plain = BUF_INIT;
	struct pack_record rec;
	struct err x;
	int r;

	c->n.bodies++;
	if (commitment.len != BODY_HASH) {
		tell(c, where, FIX_DB, "records.db names a body by %zu bytes",
		    commitment.len);
		return (0);
	}
	const uint8_t *h = (const uint8_t *)commitment.ptr;
	if ((c->flags & CHECK_BODIES) != 0 && c->keys != NULL) {
		r = body_unseal(c->keys, record, h, where, &plain, &x);
		if (r == 0)
			c->n.opened++;
		else if (r == -ERR_ERASED)
			c->n.erased++;
		else if (r == -ERR_DENIED)
			tell_err(c, &x);
		else
			return (found(c, r, &x, e));
		return (0);
	}
	if (!pack_parse(record, true, &rec) ||
	    memcmp(rec.commitment, h, BODY_HASH) != 0) {
		BUF_SCOPED hex = BUF_INIT;
		buf_puthex(&hex, h, BODY_HASH);
		tell(c, where, FIX, "body %s is damaged", hex.ptr);
	}
	return (0);
}

/* Bytes between two bodies that are named: whole records of nobody. */
static int
check_gap(struct check *c, const struct file *f, uint64_t from, uint64_t to,
    struct err *e)
{
	uint64_t end;
	struct err x;
	int r = pack_scan(f, from, to, NULL, NULL, &end, &x);

	if (r != 0)
		return (found(c, r, &x, e));
	if (end != to) {
		char where[4200];
		snprintf(where, sizeof(where), "%s at %" PRIu64, f->path, end);
		tell(c, where, FIX, "the pack has a damaged record here");
	}
	return (0);
}

struct walk {
	struct file file;
	int64_t no;
	uint64_t at;   /* everything before was looked at */
	uint64_t size; /* of the file */
};

static int
end_pack(struct check *c, struct walk *w, struct err *e)
{
	struct stmt *st;
	struct err x;
	uint64_t size = 0;
	int r;

	if (w->file.fd < 0)
		return (0);
	r = db_cached(c->db, &st, "SELECT size FROM pack WHERE no = ?", &x);
	if (r != 0)
		return (found(c, r, &x, e));
	stmt_bind_int(st, 1, w->no);
	if ((r = stmt_step(st, &x)) == 1)
		size = (uint64_t)stmt_int(st, 0);
	stmt_reset(st);
	if (r < 0)
		return (found(c, r, &x, e));
	if (size > w->size)
		tell(c, w->file.path, FIX, "the pack ends at byte %" PRIu64
		    ", and %" PRIu64 " were acknowledged", w->size, size);
	else if (size > w->at)
		r = check_gap(c, &w->file, w->at, size, e);
	file_close(&w->file);
	return (r < 0 ? r : 0);
}

static int
begin_pack(struct check *c, struct walk *w, int64_t no, struct err *e)
{
	char path[4096], head[PACK_HEAD];
	struct err x;
	int r;

	w->no = no;
	w->at = PACK_HEAD;
	pack_path(c->bodies, no, path, sizeof(path));
	if ((r = file_open(&w->file, path, FILE_READ, 0, &x)) != 0 ||
	    (r = file_size(&w->file, &w->size, &x)) != 0) {
		file_close(&w->file);
		return (found(c, r, &x, e));
	}
	if (file_pread(&w->file, head, PACK_HEAD, 0, NULL) != 0 ||
	    memcmp(head, PACK_MAGIC, PACK_HEAD) != 0)
		tell(c, path, FIX, "the pack does not begin as one");
	return (0);
}

static int
check_packed(struct check *c, struct walk *w, struct stmt *st, struct err *e)
{
	BUF_SCOPED b = BUF_INIT;
	uint64_t off = (uint64_t)stmt_int(st, 2);
	uint64_t len = (uint64_t)stmt_int(st, 3);
	char where[4200];
	int r;

	snprintf(where, sizeof(where), "%s at %" PRIu64, w->file.path, off);
	if (off < w->at || len > w->size || off > w->size - len) {
		BUF_SCOPED hex = BUF_INIT;
		struct str s = stmt_str(st, 0);
		buf_puthex(&hex, s.ptr, s.len);
		tell(c, where, FIX, "body %s is not where records.db says",
		    hex.ptr);
		return (0);
	}
	if (off > w->at && (r = check_gap(c, &w->file, w->at, off, e)) != 0)
		return (r);
	w->at = off + len;
	buf_reserve(&b, (size_t)len);
	struct err x;
	r = file_pread(&w->file, b.ptr, (size_t)len, off, &x);
	if (r != 0)
		return (found(c, r, &x, e));
	return (check_record(c, (struct str){ b.ptr, (size_t)len },
	    stmt_str(st, 0), where, e));
}

static int
check_packs(struct check *c, struct err *e)
{
	STMT_SCOPED *st = NULL;
	struct walk w = { .file = FILE_INIT };
	struct err x;
	int64_t total = 0, done = 0;
	int r, got = 0;

	db_get_int(c->db, "SELECT count(*) FROM body", 0, &total, NULL);
	r = db_prepare(c->db, &st, STR("SELECT commitment, pack, off, len"
	    " FROM body ORDER BY pack, off"), &x);
	if (r != 0)
		return (found(c, r, &x, e));
	while (r == 0 && (got = stmt_step(st, &x)) == 1) {
		int64_t no = stmt_int(st, 1);
		if (no != w.no && (r = end_pack(c, &w, e)) == 0)
			r = begin_pack(c, &w, no, e);
		if (r == 0 && w.file.fd >= 0)
			r = check_packed(c, &w, st, e);
		if (++done % 1000 == 0)
			progress("checking bodies", done, total);
	}
	if (r == 0)
		r = end_pack(c, &w, e);
	file_close(&w.file);
	if (r != 0)
		return (r);
	return (got < 0 ? found(c, got, &x, e) : 0);
}

static int
check_inline(struct check *c, struct err *e)
{
	STMT_SCOPED *st = NULL;
	struct err x;
	int r = db_prepare(c->db, &st,
	    STR("SELECT commitment, record FROM body_inline"), &x);

	if (r != 0)
		return (found(c, r, &x, e));
	while ((r = stmt_step(st, &x)) == 1) {
		r = check_record(c, stmt_str(st, 1), stmt_str(st, 0),
		    "records.db, table body_inline", e);
		if (r != 0)
			return (r);
	}
	return (r < 0 ? found(c, r, &x, e) : 0);
}

/* Each body that an entry names must be here. */
static int
check_named(struct check *c, struct err *e)
{
	ARENA_SCOPED a = ARENA_INIT;
	STMT_SCOPED *st = NULL, *has = NULL;
	struct arena_mark mark = arena_mark(&a);
	struct entry x;
	struct err why;
	int r;

	if ((r = db_prepare(c->db, &st,
	        STR("SELECT idx, bytes FROM entry ORDER BY idx"), &why)) != 0 ||
	    (r = db_prepare(c->db, &has,
	        STR("SELECT 1 WHERE EXISTS (SELECT 1 FROM body"
	            " WHERE commitment = ?1) OR EXISTS (SELECT 1"
	            " FROM body_inline WHERE commitment = ?1)"), &why)) != 0)
		return (found(c, r, &why, e));
	while ((r = stmt_step(st, &why)) == 1) {
		arena_rewind(&a, mark);
		/* What does not decode was told of before. */
		if (entry_decode(&a, stmt_str(st, 1), &x, NULL) != 0)
			continue;
		for (size_t i = 0; i < x.nbodies; i++) {
			stmt_bind_blob(has, 1, x.bodies[i].commitment,
			    BODY_HASH);
			int got = stmt_step(has, &why);
			stmt_reset(has);
			if (got < 0)
				return (found(c, got, &why, e));
			if (got == 1)
				continue;
			BUF_SCOPED hex = BUF_INIT;
			buf_puthex(&hex, x.bodies[i].commitment, BODY_HASH);
			tell(c, arena_printf(&a, "entry %lld",
			    (long long)stmt_int(st, 0)), FIX,
			    "its body %s is missing", hex.ptr);
		}
	}
	return (r < 0 ? found(c, r, &why, e) : 0);
}

/* --- the whole ------------------------------------------------------------------------ */

static int
check_all(struct check *c, struct err *e)
{
	struct checkpoint cp;
	struct err x;
	int r = ledger_vkey(c->files, &c->key, &x);

	if (r == 0 && c->keys != NULL &&
	    memcmp(c->key.public, c->keys->note.public, CRYPTO_PUBLIC) != 0)
		r = err_set(&x, ERR_DAMAGED, c->files, FIX,
		    "the verifier key is not that of the signing key");
	if (r == 0)
		r = ledger_checkpoint(c->files, &c->key, &cp, &x);
	if (r == 0)
		r = check_tree(c, &cp, e);
	else
		r = found(c, r, &x, e);
	if (r == 0)
		r = check_packs(c, e);
	if (r == 0)
		r = check_inline(c, e);
	if (r == 0)
		r = check_named(c, e);
	return (r);
}

int
ledger_check(const char *dir, struct db *db, struct keys *keys, unsigned flags,
    check_fn *fn, void *ctx, struct check_counts *ret, struct err *e)
{
	ARENA_SCOPED a = ARENA_INIT;
	struct check c = { .db = db, .keys = keys, .flags = flags, .fn = fn,
		.ctx = ctx };
	int r;

	/* Every row is read, and every body looked up by its hash. */
	if ((r = db_exec(db, "PRAGMA cache_size = -65536", e)) != 0)
		return (r);
	c.files = arena_printf(&a, "%s/ledger", dir);
	c.bodies = arena_printf(&a, "%s/bodies", dir);
	r = check_all(&c, e);
	buf_free(&c.bundle);
	buf_free(&c.tile);
	for (int i = 0; i < TILE_LEVELS; i++)
		buf_free(&c.row[i]);
	if (r == 0 && ret != NULL)
		*ret = c.n;
	return (r);
}
