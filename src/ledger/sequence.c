/*
 * Sequencing: acknowledged entries become bundles and tiles. Everything
 * written here follows from the entries alone, so after a crash it is done
 * again and gives the same files.
 */
#include <inttypes.h>
#include <stdbool.h>

#include "ledger/entry.h"
#include "ledger/private.h"
#include "ledger/tile.h"
#include "sys/db.h"

/* The last tile of each level and the last bundle, as they grow. */
struct growing {
	const char *files;
	struct buf tile[TILE_LEVELS];
	struct buf bundle;
	uint64_t size; /* entries in them */
	/* Written, but not yet synced in their directory; [0]: bundles. */
	struct {
		bool have;
		uint64_t n;
		unsigned width;
	} unsynced[1 + TILE_LEVELS];
	struct err *e;
	int error;
};

static void
growing_free(struct growing *g)
{
	for (int i = 0; i < TILE_LEVELS; i++)
		buf_free(&g->tile[i]);
	buf_free(&g->bundle);
}

static int
sync_row(struct growing *g, int level)
{
	int i = level + 1;

	if (!g->unsynced[i].have)
		return (0);
	g->unsynced[i].have = false;
	return (tile_sync(g->files, level, g->unsynced[i].n,
	    g->unsynced[i].width, g->e));
}

/* A thousand full files share a directory and one sync of it. */
static int
save(struct growing *g, int level, uint64_t n, unsigned width, struct buf *b)
{
	int i = level + 1, r;

	if (g->unsynced[i].have && (g->unsynced[i].n / 1000 != n / 1000 ||
	    g->unsynced[i].width != width) && (r = sync_row(g, level)) != 0)
		return (r);
	if ((r = tile_write(g->files, level, n, width, buf_str(b), g->e)) != 0)
		return (r);
	g->unsynced[i].have = true;
	g->unsynced[i].n = n;
	g->unsynced[i].width = width;
	return (0);
}

/* A node that is complete: the ones of levels 0, 8, 16 ... go into tiles. */
static void
node_done(void *ctx, unsigned level, uint64_t index, const struct tree_hash *h)
{
	struct growing *g = ctx;
	unsigned row = level / TILE_BITS;

	if (level % TILE_BITS != 0 || g->error != 0)
		return;
	buf_put(&g->tile[row], h->h, TREE_HASH);
	if (g->tile[row].len < TILE_WIDTH * TREE_HASH)
		return;
	g->error = save(g, (int)row, index / TILE_WIDTH, TILE_WIDTH,
	    &g->tile[row]);
	buf_reset(&g->tile[row]);
}

/* What the partial files of the tree so far hold. */
static int
load(struct growing *g, uint64_t size)
{
	int r = 0;

	for (int row = 0; r == 0 && row < TILE_LEVELS; row++) {
		uint64_t n = (size >> (TILE_BITS * row)) / TILE_WIDTH;
		unsigned width = tile_width(row, n, size);
		if (width != 0)
			r = tile_read(g->files, row, n, width, &g->tile[row],
			    g->e);
	}
	uint64_t n = size / TILE_WIDTH;
	unsigned width = tile_width(TILE_ENTRIES, n, size);
	if (r == 0 && width != 0)
		r = tile_read(g->files, TILE_ENTRIES, n, width, &g->bundle,
		    g->e);
	g->size = size;
	return (r);
}

static int
add(struct growing *g, struct tree *t, struct str bytes)
{
	struct tree_hash leaf;

	tile_bundle_put(&g->bundle, bytes);
	g->size++;
	if (g->size % TILE_WIDTH == 0) {
		/* The bundle before the hashes that speak of it. */
		int r = save(g, TILE_ENTRIES, g->size / TILE_WIDTH - 1,
		    TILE_WIDTH, &g->bundle);
		if (r != 0)
			return (r);
		buf_reset(&g->bundle);
	}
	entry_leaf(bytes, leaf.h);
	tree_add(t, &leaf, node_done, g);
	return (g->error);
}

/* The partial files of the new size. */
static int
save_rest(struct growing *g)
{
	unsigned width = (unsigned)(g->size % TILE_WIDTH);
	int r = 0;

	if (width != 0)
		r = save(g, TILE_ENTRIES, g->size / TILE_WIDTH, width,
		    &g->bundle);
	for (int row = 0; r == 0 && row < TILE_LEVELS; row++) {
		uint64_t n = (g->size >> (TILE_BITS * row)) / TILE_WIDTH;
		width = tile_width(row, n, g->size);
		if (width != 0)
			r = save(g, row, n, width, &g->tile[row]);
	}
	for (int row = TILE_ENTRIES; r == 0 && row < TILE_LEVELS; row++)
		r = sync_row(g, row);
	return (r);
}

static int
add_all(struct ledger *l, struct growing *g, struct tree *t, struct err *e)
{
	STMT_SCOPED *st = NULL;
	int r = db_prepare(l->db, &st, STR("SELECT idx, bytes FROM entry"
	    " WHERE idx >= ? AND idx < ? ORDER BY idx"), e);

	if (r != 0)
		return (r);
	stmt_bind_int(st, 1, (int64_t)t->size);
	stmt_bind_int(st, 2, (int64_t)l->size);
	while ((r = stmt_step(st, e)) == 1) {
		struct str bytes = stmt_str(st, 1);
		if ((uint64_t)stmt_int(st, 0) != t->size ||
		    bytes.len > ENTRY_MAX)
			break;
		if ((r = add(g, t, bytes)) != 0)
			return (r);
	}
	if (r < 0)
		return (r);
	if (t->size != l->size)
		return (err_set(e, ERR_DAMAGED, db_path(l->db),
		    "run doctor; restore records.db from a backup",
		    "entry %" PRIu64 " is missing or damaged", t->size));
	return (0);
}

int
sequence_entries(struct ledger *l, struct tree *t, struct err *e)
{
	struct growing g = { .files = l->files, .e = e };
	int r = load(&g, t->size);

	if (r == 0)
		r = add_all(l, &g, t, e);
	if (r == 0)
		r = save_rest(&g);
	growing_free(&g);
	return (r);
}

void
sequence_tidy(struct ledger *l, uint64_t before)
{
	for (int row = TILE_ENTRIES; row < TILE_LEVELS; row++) {
		int up = row > 0 ? TILE_BITS * row : 0;
		uint64_t from = (before >> up) / TILE_WIDTH;
		uint64_t to = (l->tree.size >> up) / TILE_WIDTH;
		/*
		 * Only the tile that was partial before can have such files.
		 * One that stays behind is in nobody's way.
		 */
		if (from < to)
			tile_drop_partial(l->files, row, from, NULL);
	}
}
