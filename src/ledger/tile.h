/*
 * Tiles (C2SP tlog-tiles): the tree and the entries as plain files that are
 * never changed, 256 hashes or entries in each.
 *     tile/<L>/<N>[.p/<W>]         hashes of tree level 8L
 *     tile/entries/<N>[.p/<W>]     bundles: entries, each after its length
 * N in groups of three digits, all but the last with an x before: 1234067 is
 * x001/x234/067. The last one of a row is partial and W wide. The partial ones
 * of sizes that had a checkpoint stay until the full one is there.
 */
#ifndef LEDGER_TILE_H
#define LEDGER_TILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"
#include "ledger/tree.h"

#define TILE_WIDTH 256
#define TILE_BITS 8
#define TILE_LEVELS 8
#define TILE_ENTRIES (-1) /* as a level: the entry bundles */
#define TILE_PATH 64      /* bytes of a path, with its NUL */
#define TILE_BUNDLE_MAX (TILE_WIDTH * (2 + 65535))

/* tile_path(level, n, width, out): the path; width 256 is a full tile. */
void tile_path(int level, uint64_t n, unsigned width, char out[TILE_PATH]);

/* tile_width(level, n, size): how wide tile ${n} is in a tree of ${size}; 0 if
 * there is no such tile. */
unsigned tile_width(int level, uint64_t n, uint64_t size);

/*
 * tile_read(dir, level, n, width, out, e): replace ${out} by the first
 * ${width} hashes or entries, from the partial file of that width or else from
 * the full one. ERR_DAMAGED names the file if it is missing or malformed.
 */
int tile_read(const char *dir, int level, uint64_t n, unsigned width,
    struct buf *out, struct err *e);

/*
 * tile_write(dir, level, n, width, bytes, e): write a file of the tree, not yet
 * durable in its directory: see tile_sync(). If it is there already with other
 * bytes, ERR_DAMAGED: what was published is never changed.
 */
int tile_write(const char *dir, int level, uint64_t n, unsigned width,
    struct str bytes, struct err *e);

/* tile_sync(dir, level, n, width, e): fsync the file's directory. */
int tile_sync(const char *dir, int level, uint64_t n, unsigned width,
    struct err *e);

/* tile_drop_partial(dir, level, n, e): remove the partial ones of a tile. */
int tile_drop_partial(const char *dir, int level, uint64_t n, struct err *e);

/* --- entry bundles ------------------------------------------------------- */

/* tile_bundle_put(out, entry): append an entry of at most 65,535 bytes. */
void tile_bundle_put(struct buf *out, struct str entry);

/*
 * tile_bundle_next(rest, ret): 1 and the next entry, 0 at the end, -ERR_INPUT
 * if the bundle ends inside of an entry.
 */
int tile_bundle_next(struct str *rest, struct str *ret);

/* --- nodes --------------------------------------------------------------- */

/* Reads nodes of a tree of ${size} from its tiles; a tree_read_fn. */
struct tile_reader {
	const char *dir;
	uint64_t size;
	struct {
		bool have;
		uint64_t n;
		struct buf bytes;
	} cache[TILE_LEVELS];
};
void tile_reader_init(struct tile_reader *t, const char *dir, uint64_t size);
void tile_reader_free(struct tile_reader *t);
int tile_node(void *reader, unsigned level, uint64_t index,
    struct tree_hash *out, struct err *e);

#endif
