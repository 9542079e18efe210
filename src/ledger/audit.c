#include "ledger/audit.h"

#include <inttypes.h>

#include "base/arena.h"
#include "base/log.h"
#include "base/vec.h"
#include "ledger/entry.h"
#include "ledger/tile.h"

#define KEEP 20 /* differences that are named; more are only counted */

/* A place where one of the two trees departs from a tile. */
struct differs {
	int level; /* of the tile */
	uint64_t index;
};
struct list {
	struct differs at[KEEP];
	uint64_t n;
};

/* The tree once by the entries and once by the tiles of the lowest level. */
struct side {
	struct audit *audit;
	struct tree tree;
	struct list upper; /* tiles above that say otherwise */
};

struct audit {
	const char *files;
	uint64_t size;
	audit_tell_fn *tell;
	void *ctx;
	struct audit_counts n;
	struct side entries, tiles;
	struct list leaves;
	struct buf bundle, tile, row[TILE_LEVELS];
	bool missing; /* a file; said already */
	int64_t time;
};

static void
tell(struct audit *a, const char *where, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
static void
tell(struct audit *a, const char *where, const char *fmt, ...)
{
	char what[512];
	struct err x;
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	err_set(&x, ERR_DAMAGED, where, NULL, "%s", what);
	a->n.problems++;
	a->tell(a->ctx, &x);
}

static void
note(struct list *l, int level, uint64_t index)
{
	if (l->n < KEEP)
		l->at[l->n] = (struct differs){ level, index };
	l->n++;
}

static bool
load(struct audit *a, int level, uint64_t n, struct buf *out)
{
	struct err x;
	unsigned width = tile_width(level, n, a->size);

	if (level == TILE_ENTRIES)
		a->n.bundles++;
	else
		a->n.tiles++;
	buf_reset(out);
	if (tile_read(a->files, level, n, width, out, &x) == 0)
		return (true);
	buf_reset(out);
	char rel[TILE_PATH];
	tile_path(level, n, width, rel);
	tell(a, rel, "%s", x.what);
	a->missing = true;
	return (false);
}

/* A node of level 8, 16 ... is a hash of a tile of the next row. */
static void
node(struct side *s, unsigned level, uint64_t index,
    const struct tree_hash *h)
{
	struct audit *a = s->audit;
	unsigned row = level / TILE_BITS;

	if (level % TILE_BITS != 0 || row == 0)
		return;
	size_t at = (index % TILE_WIDTH) * TREE_HASH;
	if (at + TREE_HASH <= a->row[row].len &&
	    memcmp(a->row[row].ptr + at, h, TREE_HASH) != 0)
		note(&s->upper, (int)row, index);
}

static void
entry_node(void *ctx, unsigned level, uint64_t index,
    const struct tree_hash *h)
{
	struct audit *a = ctx;
	unsigned row = level / TILE_BITS;

	/* This side goes first: it loads the tiles above. */
	if (level % TILE_BITS == 0 && row != 0 && index % TILE_WIDTH == 0)
		load(a, (int)row, index / TILE_WIDTH, &a->row[row]);
	node(&a->entries, level, index, h);
}

static void
tile_node_done(void *ctx, unsigned level, uint64_t index,
    const struct tree_hash *h)
{
	struct audit *a = ctx;

	node(&a->tiles, level, index, h);
}

static void
look_at(struct audit *a, uint64_t index, struct str bytes)
{
	ARENA_SCOPED arena = ARENA_INIT;
	struct entry x;
	struct err why;
	char where[40];

	snprintf(where, sizeof(where), "entry %" PRIu64, index);
	if (entry_decode(&arena, bytes, &x, &why) != 0) {
		tell(a, where, "the entry is malformed: %s (%s)", why.what,
		    why.where);
		return;
	}
	if (x.time < a->time)
		tell(a, where, "the entry is earlier than the one before it");
	a->time = x.time;
}

/* 256 entries and their tile. */
static void
group(struct audit *a, uint64_t n)
{
	bool bundle = load(a, TILE_ENTRIES, n, &a->bundle);
	bool tile = load(a, 0, n, &a->tile);
	struct str rest = buf_str(&a->bundle), bytes = STR_NULL;
	unsigned width = tile_width(0, n, a->size);

	for (unsigned i = 0; i < width; i++) {
		struct tree_hash e = { 0 }, t = { 0 };
		uint64_t index = n * TILE_WIDTH + i;
		if (bundle && tile_bundle_next(&rest, &bytes) == 1) {
			entry_leaf(bytes, e.h);
			look_at(a, index, bytes);
			a->n.entries++;
		}
		if (tile)
			memcpy(t.h, a->tile.ptr + i * TREE_HASH, TREE_HASH);
		else
			t = e;
		if (!bundle)
			e = t;
		if (memcmp(&e, &t, sizeof(e)) != 0)
			note(&a->leaves, 0, index);
		tree_add(&a->entries.tree, &e, entry_node, a);
		tree_add(&a->tiles.tree, &t, tile_node_done, a);
	}
}

static void
tell_tile(struct audit *a, const struct differs *d)
{
	char rel[TILE_PATH];
	uint64_t n = d->index / TILE_WIDTH;

	tile_path(d->level, n, tile_width(d->level, n, a->size), rel);
	tell(a, rel, "hash %u of the tile was changed: the entries and the "
	    "signed root give another", (unsigned)(d->index % TILE_WIDTH));
}

static void
tell_entry(struct audit *a, uint64_t index, const char *and)
{
	char where[40], rel[TILE_PATH];
	uint64_t n = index / TILE_WIDTH;

	snprintf(where, sizeof(where), "entry %" PRIu64, index);
	tile_path(TILE_ENTRIES, n, tile_width(TILE_ENTRIES, n, a->size), rel);
	tell(a, where, "the entry (number %u of %s) was changed%s",
	    (unsigned)(index % TILE_WIDTH), rel, and);
}

static void
tell_more(struct audit *a, const struct list *l, const char *what)
{
	if (l->n > KEEP)
		tell(a, a->files, "%" PRIu64 " more %s differ", l->n - KEEP,
		    what);
}

/* Who was changed, where the two differ? */
static void
judge(struct audit *a, const struct checkpoint *c)
{
	struct tree_hash e, t;
	size_t i, shown = a->leaves.n < KEEP ? (size_t)a->leaves.n : KEEP;

	tree_root(&a->entries.tree, &e);
	tree_root(&a->tiles.tree, &t);
	bool by_entries = memcmp(&e, &c->root, sizeof(e)) == 0;
	bool by_tiles = memcmp(&t, &c->root, sizeof(t)) == 0;
	struct list *upper = by_tiles && !by_entries ? &a->tiles.upper :
	    &a->entries.upper;

	for (i = 0; i < shown; i++) {
		if (by_entries)
			tell_tile(a, &a->leaves.at[i]);
		else
			tell_entry(a, a->leaves.at[i].index, by_tiles ? ": the "
			    "tile and the signed root say otherwise" :
			    ", or its hash in the tile; nothing here gives the "
			    "signed root");
	}
	tell_more(a, &a->leaves, "entries or hashes");
	if (by_entries || by_tiles) {
		for (i = 0; i < upper->n && i < KEEP; i++)
			tell_tile(a, &upper->at[i]);
		tell_more(a, upper, "hashes of tiles");
	} else if (a->leaves.n == 0 && !a->missing) {
		tell(a, "checkpoint", "the root that is signed is not that of the "
		    "%" PRIu64 " entries: entries were changed together with "
		    "their tiles, reordered, left out or added", c->size);
	}
}

void
audit_tree(const char *files, const struct checkpoint *c, audit_tell_fn *fn,
    void *ctx, struct audit_counts *ret)
{
	struct audit *a = calloc(1, sizeof(*a));

	if (a == NULL)
		err_oom(sizeof(*a));
	a->files = files;
	a->size = c->size;
	a->tell = fn;
	a->ctx = ctx;
	a->entries.audit = a->tiles.audit = a;
	for (uint64_t n = 0; !a->missing && tile_width(0, n, c->size) != 0;
	    n++) {
		group(a, n);
		progress("checking entries", (int64_t)a->n.entries,
		    (int64_t)c->size);
	}
	judge(a, c);
	*ret = a->n;
	buf_free(&a->bundle);
	buf_free(&a->tile);
	for (int i = 0; i < TILE_LEVELS; i++)
		buf_free(&a->row[i]);
	free(a);
}
