/* Entries of records.db against bundles, tiles and the signed root. */
#include <inttypes.h>

#include "base/arena.h"
#include "base/log.h"
#include "ledger/check_private.h"
#include "ledger/checkpoint.h"
#include "ledger/entry.h"
#include "ledger/policy_adopt.h"
#include "sys/db.h"
#include "sys/file.h"

void
check_tree_path(const struct check *c, int level, uint64_t n, unsigned width,
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
	check_tell_err(c, &x);
	c->tile_bad = true;
	return (false);
}

/* Hash ${i} of the tile differs from what the entries give. */
static void
tile_differs(struct check *c, int level, uint64_t index)
{
	char where[4096];
	uint64_t n = index / TILE_WIDTH;

	check_tree_path(c, level, n, tile_width(level, n, c->size), where,
	    sizeof(where));
	check_tell(c, where, FIX,
	    "hash %u of the tile is not that of the entries",
	    (unsigned)(index % TILE_WIDTH));
	c->tile_bad = true;
}

static void
bundle_differs(struct check *c, uint64_t index)
{
	char where[4096];
	uint64_t n = index / TILE_WIDTH;

	check_tree_path(c, TILE_ENTRIES, n, tile_width(TILE_ENTRIES, n, c->size),
	    where, sizeof(where));
	check_tell(c, where, FIX, "entry %" PRIu64 " of the bundle was changed",
	    index);
	c->tile_bad = true;
}

static void
row_changed(struct check *c, uint64_t index)
{
	check_tell(c, db_path(c->db), FIX_DB,
	    "entry %" PRIu64 " of records.db was changed", index);
}

static void
row_missing(struct check *c, uint64_t index)
{
	if (c->missing++ == 0)
		c->missing_from = index;
}

static void
tell_missing(struct check *c)
{
	if (c->missing == 1)
		check_tell(c, db_path(c->db), FIX_DB,
		    "entry %" PRIu64 " of records.db is missing",
		    c->missing_from);
	else if (c->missing != 0)
		check_tell(c, db_path(c->db), FIX_DB, "entries %" PRIu64 " to %"
		    PRIu64 " of records.db are missing", c->missing_from,
		    c->missing_from + c->missing - 1);
	c->missing = 0;
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
		row_missing(c, index);
	else
		tell_missing(c);
	if (row != NULL && !at && !ab)
		row_changed(c, index);
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

	check_tree_path(c, level, n, 1, path, sizeof(path));
	*strrchr(path, '/') = '\0';
	if (!file_exists(path))
		return (0);
	int r = file_list(&a, path, &names, &count, &x);
	if (r != 0)
		return (check_found(c, r, &x, e));
	for (size_t i = 0; i < count; i++) {
		uint64_t width;
		/* Wider ones were begun and not signed: a crash. */
		if (!str_to_u64(str_from(names[i]), &width) || width == 0 ||
		    width >= tile_width(level, n, c->size))
			continue;
		r = tile_read(c->files, level, n, (unsigned)width, &old, &x);
		if (r != 0) {
			if ((r = check_found(c, r, &x, e)) != 0)
				return (r);
			continue;
		}
		if (old.len > now->len ||
		    memcmp(old.ptr, now->ptr, old.len) != 0)
			check_tell(c, arena_printf(&a, "%s/%s", path,
			    names[i]), FIX, "the file is not the beginning of "
			    "the newest one");
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

static void
check_form(struct check *c, uint64_t i, struct str bytes)
{
	ARENA_SCOPED a = ARENA_INIT;
	struct entry x;
	struct err why;

	if (entry_decode(&a, bytes, &x, &why) != 0) {
		check_tell(c, db_path(c->db), FIX_DB,
		    "entry %" PRIu64 ": %s (%s)", i, why.what, why.where);
		return;
	}
	struct str hash = policy_adopt_entry(&x);
	if (hash.len != 0 && hash.len < sizeof(c->policy)) {
		memcpy(c->policy, hash.ptr, hash.len);
		c->policy[hash.len] = '\0';
		c->policy_entry = i;
	}
}

/* One entry: from ${st} if its row has that index. */
static void
check_entry(struct check *c, uint64_t i, struct stmt *st, bool row,
    struct str *rest, struct tree *t)
{
	struct str bytes = STR_NULL, bundled = STR_NULL;
	struct tree_hash tile, leaf;

	if (row)
		bytes = stmt_str(st, 1);
	bool in_bundle = c->have_bundle &&
	    tile_bundle_next(rest, &bundled) == 1;
	if (c->have_tile)
		memcpy(&tile, c->tile.ptr + i % TILE_WIDTH * TREE_HASH,
		    TREE_HASH);
	judge(c, i, row ? &bytes : NULL, in_bundle ? &bundled : NULL,
	    c->have_tile ? &tile : NULL, &leaf);
	if (row)
		check_form(c, i, bytes);
	tree_add(t, &leaf, node_done, c);
	c->n.entries++;
}

static void
pending_node(void *ctx, unsigned level, uint64_t index,
    const struct tree_hash *h)
{
	(void)index;
	check_beyond_node(ctx, level, h);
}

/* Acknowledged entries that are not yet under the checkpoint. */
static int
check_pending(struct check *c, struct stmt *st, int got, struct tree *t,
    struct err *x, struct err *e)
{
	struct tree_hash leaf;

	check_beyond_begin(c);
	for (uint64_t i = c->size; got == 1; i++, got = stmt_step(st, x)) {
		if ((uint64_t)stmt_int(st, 0) != i) {
			row_missing(c, i);
			tell_missing(c);
			return (0);
		}
		check_form(c, i, stmt_str(st, 1));
		check_beyond_add(c, stmt_str(st, 1));
		entry_leaf(stmt_str(st, 1), leaf.h);
		tree_add(t, &leaf, pending_node, c);
		c->n.pending++;
	}
	check_beyond_end(c);
	return (got < 0 ? check_found(c, got, x, e) : 0);
}

int
check_tree(struct check *c, const struct checkpoint *cp, struct err *e)
{
	STMT_SCOPED *st = NULL;
	struct tree t = TREE_INIT;
	struct tree_hash root;
	struct str rest = STR_NULL;
	struct err x;
	int r, got;

	c->size = cp->size;
	if ((r = check_beyond_list(c, e)) != 0)
		return (r);
	r = db_prepare(c->db, &st,
	    STR("SELECT idx, bytes FROM entry ORDER BY idx"), &x);
	if (r != 0)
		return (check_found(c, r, &x, e));
	got = stmt_step(st, &x);
	for (uint64_t i = 0; i < c->size; i++) {
		if (i % TILE_WIDTH == 0 &&
		    (r = begin_group(c, i, &rest, e)) != 0)
			return (r);
		/* A row that cannot be read ends the walk through them. */
		if (got < 0) {
			if ((r = check_found(c, got, &x, e)) != 0)
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
		check_tell(c, c->files, FIX_DB, "the entries and tiles do not "
		    "have the root that the checkpoint signs");
	if ((r = check_upper_partials(c, e)) != 0)
		return (r);
	tell_missing(c);
	return (check_pending(c, st, got, &t, &x, e));
}
