#include "ledger/tile.h"

#include <inttypes.h>

#include "sys/crypto.h"
#include "sys/file.h"

#define FIX "restore the file from a backup, or rebuild it with the ledger"

/* DIR/tile/... in full; malloc. */
static char *
full_path(const char *dir, int level, uint64_t n, unsigned width)
{
	char rel[TILE_PATH];
	size_t cap = strlen(dir) + 1 + TILE_PATH;
	char *p = malloc(cap);

	if (p == NULL)
		err_oom(cap);
	tile_path(level, n, width, rel);
	snprintf(p, cap, "%s/%s", dir, rel);
	return (p);
}

void
tile_path(int level, uint64_t n, unsigned width, char out[TILE_PATH])
{
	unsigned group[7];
	size_t at;
	int k = 0;

	do {
		group[k++] = (unsigned)(n % 1000);
		n /= 1000;
	} while (n != 0);
	if (level == TILE_ENTRIES)
		at = (size_t)snprintf(out, TILE_PATH, "tile/entries");
	else
		at = (size_t)snprintf(out, TILE_PATH, "tile/%d", level);
	while (k-- > 0)
		at += (size_t)snprintf(out + at, TILE_PATH - at,
		    k > 0 ? "/x%03u" : "/%03u", group[k]);
	if (width < TILE_WIDTH)
		snprintf(out + at, TILE_PATH - at, ".p/%u", width);
}

unsigned
tile_width(int level, uint64_t n, uint64_t size)
{
	uint64_t have = size;

	if (level > 0)
		have = size >> (TILE_BITS * level);
	if (n < have / TILE_WIDTH)
		return (TILE_WIDTH);
	return (n == have / TILE_WIDTH ? (unsigned)(have % TILE_WIDTH) : 0);
}

/* Keep the first ${width} of what a file of ${held} holds. */
static int
trim(struct buf *b, int level, unsigned held, unsigned width, const char *path,
    struct err *e)
{
	struct str rest, entry;
	size_t keep = 0;

	if (level != TILE_ENTRIES) {
		if (b->len != (size_t)held * TREE_HASH)
			return (err_set(e, ERR_DAMAGED, path, FIX,
			    "the tile has %zu bytes instead of %zu", b->len,
			    (size_t)held * TREE_HASH));
		keep = (size_t)width * TREE_HASH;
	} else {
		rest = buf_str(b);
		for (unsigned i = 0; i < held; i++) {
			if (tile_bundle_next(&rest, &entry) != 1)
				return (err_set(e, ERR_DAMAGED, path, FIX,
				    "the bundle has no %u whole entries",
				    held));
			if (i < width)
				keep = b->len - rest.len;
		}
		if (rest.len != 0)
			return (err_set(e, ERR_DAMAGED, path, FIX,
			    "the bundle has more than %u entries", held));
	}
	b->len = keep;
	b->ptr[keep] = '\0';
	return (0);
}

int
tile_read(const char *dir, int level, uint64_t n, unsigned width,
    struct buf *out, struct err *e)
{
	BUF_SCOPED b = BUF_INIT;
	unsigned held = width;
	char *path = full_path(dir, level, n, width);
	struct err x = { .code = ERR_OK };
	int r = file_read(path, TILE_BUNDLE_MAX, &b, &x);

	if (r == -ERR_NOTFOUND && width < TILE_WIDTH) {
		/* The full one has taken the place of the partial ones. */
		char *whole = full_path(dir, level, n, TILE_WIDTH);
		if (file_exists(whole)) {
			free(path);
			path = whole;
			held = TILE_WIDTH;
			r = file_read(path, TILE_BUNDLE_MAX, &b, &x);
		} else {
			free(whole);
		}
	}
	if (r == -ERR_NOTFOUND)
		r = err_set(e, ERR_DAMAGED, path, FIX,
		    "a file of the ledger is missing");
	else if (r != 0 && e != NULL)
		*e = x;
	if (r == 0)
		r = trim(&b, level, held, width, path, e);
	free(path);
	if (r != 0)
		return (r);
	struct buf old = *out;
	*out = b;
	b = old;
	return (0);
}

/* Everything before the last slash, in place. */
static void
cut_name(char *path)
{
	*strrchr(path, '/') = '\0';
}

int
tile_write(const char *dir, int level, uint64_t n, unsigned width,
    struct str bytes, struct err *e)
{
	BUF_SCOPED old = BUF_INIT;
	char *path = full_path(dir, level, n, width), *up;
	int r = 0;

	if (file_exists(path)) {
		/* A crash came between this file and its checkpoint. */
		r = file_read(path, TILE_BUNDLE_MAX, &old, e);
		if (r == 0 && !str_eq(buf_str(&old), bytes))
			r = err_set(e, ERR_DAMAGED, path,
			    "run doctor; restore the file from a backup",
			    "the file is not what the entries give");
		free(path);
		return (r);
	}
	up = strdup(path);
	if (up == NULL)
		err_oom(strlen(path));
	cut_name(up);
	r = file_mkdirs(up, 0755, e);
	free(up);
	if (r == 0)
		r = file_write_later(path, 0644, bytes.ptr, bytes.len, e);
	free(path);
	return (r);
}

int
tile_sync(const char *dir, int level, uint64_t n, unsigned width,
    struct err *e)
{
	char *path = full_path(dir, level, n, width);
	int r;

	cut_name(path);
	r = file_sync_dir(path, e);
	free(path);
	return (r);
}

int
tile_drop_partial(const char *dir, int level, uint64_t n, struct err *e)
{
	char *path = full_path(dir, level, n, 1);
	int r;

	cut_name(path);
	r = file_remove_tree(path, e);
	free(path);
	return (r);
}

void
tile_bundle_put(struct buf *out, struct str entry)
{
	if (entry.len > UINT16_MAX)
		BUG("an entry of %zu bytes", entry.len);
	buf_putc(out, (char)(entry.len >> 8));
	buf_putc(out, (char)(entry.len & 255));
	buf_putstr(out, entry);
}

int
tile_bundle_next(struct str *rest, struct str *ret)
{
	size_t n;

	if (rest->len == 0)
		return (0);
	if (rest->len < 2)
		return (-(int)ERR_INPUT);
	n = (size_t)(unsigned char)rest->ptr[0] << 8 |
	    (unsigned char)rest->ptr[1];
	if (rest->len - 2 < n)
		return (-(int)ERR_INPUT);
	*ret = (struct str){ rest->ptr + 2, n };
	rest->ptr += 2 + n;
	rest->len -= 2 + n;
	return (1);
}

void
tile_reader_init(struct tile_reader *t, const char *dir, uint64_t size)
{
	*t = (struct tile_reader){ .dir = dir, .size = size };
}

void
tile_reader_free(struct tile_reader *t)
{
	for (int i = 0; i < TILE_LEVELS; i++)
		buf_free(&t->cache[i].bytes);
	*t = (struct tile_reader){ .size = 0 };
}

int
tile_node(void *reader, unsigned level, uint64_t index, struct tree_hash *out,
    struct err *e)
{
	struct tile_reader *t = reader;
	unsigned row = level / TILE_BITS, up = level % TILE_BITS;
	uint64_t first = index << up, n = first / TILE_WIDTH;
	struct tree_hash h[TILE_WIDTH / 2];
	unsigned width = tile_width((int)row, n, t->size);
	size_t at = first % TILE_WIDTH, count = (size_t)1 << up;

	if (at + count > width)
		BUG("node %u/%" PRIu64 " is not in a tree of %" PRIu64, level,
		    index, t->size);
	if (!t->cache[row].have || t->cache[row].n != n) {
		int r = tile_read(t->dir, (int)row, n, width,
		    &t->cache[row].bytes, e);
		if (r != 0)
			return (r);
		t->cache[row].have = true;
		t->cache[row].n = n;
	}
	const char *p = t->cache[row].bytes.ptr + at * TREE_HASH;
	memcpy(h, p, count * TREE_HASH);
	for (; count > 1; count /= 2)
		for (size_t i = 0; i < count / 2; i++)
			crypto_node(h[2 * i].h, h[2 * i + 1].h, h[i].h);
	*out = h[0];
	return (0);
}
