/* Files of the ledger that the checkpoint does not speak of. */
#include "base/arena.h"
#include "ledger/check_private.h"
#include "ledger/entry.h"
#include "sys/file.h"

/* So many hashes or entries of a level does the signed tree have. */
static uint64_t
signed_width(const struct check *c, int level)
{
	return (level > 0 ? c->size >> (TILE_BITS * level) : c->size);
}

static void
see(struct check *c, int level, uint64_t n, uint64_t width)
{
	struct check_file f = { level, (unsigned)width, n };

	if (width != 0 && width <= TILE_WIDTH &&
	    n * TILE_WIDTH + width > signed_width(c, level))
		vec_push(&c->beyond, f);
}

/* The three digits that a name begins with. */
static bool
three(struct str s, uint64_t *ret)
{
	return (s.len >= 3 && str_to_u64((struct str){ s.ptr, 3 }, ret));
}

static int
list_partial(struct check *c, int level, uint64_t n, const char *path,
    struct err *e)
{
	char **names;
	size_t count = 0;
	uint64_t width;
	int r = file_list(&c->arena, path, &names, &count, e);

	for (size_t i = 0; r == 0 && i < count; i++)
		if (str_to_u64(str_from(names[i]), &width) &&
		    width < TILE_WIDTH)
			see(c, level, n, width);
	return (r);
}

/* Other names are temporary files of a crash, which nobody reads. */
static int
list_level(struct check *c, int level, uint64_t high, int depth,
    const char *path, struct err *e)
{
	char **names;
	size_t count = 0;
	int r = file_list(&c->arena, path, &names, &count, e);

	for (size_t i = 0; r == 0 && i < count; i++) {
		struct str s = str_from(names[i]);
		const char *below = arena_printf(&c->arena, "%s/%s", path,
		    names[i]);
		uint64_t n;
		if (s.len == 4 && s.ptr[0] == 'x' && depth < 5 &&
		    three((struct str){ s.ptr + 1, 3 }, &n))
			r = list_level(c, level, high * 1000 + n, depth + 1,
			    below, e);
		else if (s.len == 3 && three(s, &n))
			see(c, level, high * 1000 + n, TILE_WIDTH);
		else if (s.len == 5 && three(s, &n) &&
		    memcmp(s.ptr + 3, ".p", 2) == 0)
			r = list_partial(c, level, high * 1000 + n, below, e);
	}
	return (r);
}

int
check_beyond_list(struct check *c, struct err *e)
{
	struct err x;

	for (int level = TILE_ENTRIES; level < TILE_LEVELS; level++) {
		const char *path = level == TILE_ENTRIES ?
		    arena_printf(&c->arena, "%s/tile/entries", c->files) :
		    arena_printf(&c->arena, "%s/tile/%d", c->files, level);
		if (!file_exists(path))
			continue;
		int r = list_level(c, level, 0, 0, path, &x);
		/* A folder that a writer tidied away meanwhile is no finding. */
		if (r != 0 && r != -ERR_NOTFOUND &&
		    (r = check_found(c, r, &x, e)) != 0)
			return (r);
	}
	return (0);
}

void
check_beyond_begin(struct check *c)
{
	if (c->beyond.n == 0)
		return;
	/* What the last partial files hold comes first. */
	for (int level = TILE_ENTRIES; level < TILE_LEVELS; level++) {
		const struct buf *now = level == TILE_ENTRIES ? &c->bundle :
		    level == 0 ? &c->tile : &c->row[level];
		uint64_t n = signed_width(c, level) / TILE_WIDTH;
		buf_reset(&c->next[level + 1]);
		if (tile_width(level, n, c->size) != 0)
			buf_putstr(&c->next[level + 1], buf_str(now));
	}
}

void
check_beyond_add(struct check *c, struct str entry)
{
	if (c->beyond.n != 0 && entry.len <= UINT16_MAX)
		tile_bundle_put(&c->next[0], entry);
}

void
check_beyond_node(struct check *c, unsigned level, const struct tree_hash *h)
{
	if (c->beyond.n != 0 && level % TILE_BITS == 0)
		buf_put(&c->next[1 + level / TILE_BITS], h->h, TREE_HASH);
}

/* The part of what follows from the entries that the file should hold. */
static bool
expected(const struct check *c, const struct check_file *f, struct str *ret)
{
	struct str all = buf_str(&c->next[f->level + 1]), one;
	uint64_t first = signed_width(c, f->level) / TILE_WIDTH;

	if (f->n < first)
		return (false);
	if (f->level != TILE_ENTRIES) {
		uint64_t at = (f->n - first) * TILE_WIDTH * TREE_HASH;
		size_t n = (size_t)f->width * TREE_HASH;
		if (at > all.len || all.len - at < n)
			return (false);
		*ret = (struct str){ all.ptr + at, n };
		return (true);
	}
	for (uint64_t i = 0; i < (f->n - first) * TILE_WIDTH; i++)
		if (tile_bundle_next(&all, &one) != 1)
			return (false);
	const char *from = all.ptr;
	for (unsigned i = 0; i < f->width; i++)
		if (tile_bundle_next(&all, &one) != 1)
			return (false);
	*ret = (struct str){ from, (size_t)(all.ptr - from) };
	return (true);
}

void
check_beyond_end(struct check *c)
{
	for (size_t i = 0; i < c->beyond.n; i++) {
		const struct check_file *f = &c->beyond.at[i];
		BUF_SCOPED b = BUF_INIT;
		struct str should;
		char path[4096];
		check_tree_path(c, f->level, f->n, f->width, path,
		    sizeof(path));
		int r = file_read(path, TILE_BUNDLE_MAX, &b, NULL);
		if (r == -ERR_NOTFOUND)
			continue;
		if (r != 0 || !expected(c, f, &should) ||
		    !str_eq(should, buf_str(&b)))
			check_tell(c, path, "move it away: it is in the way of "
			    "what is to come",
			    "the file does not belong to this ledger");
	}
}
