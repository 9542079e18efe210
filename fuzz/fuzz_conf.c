/* Settings of the server, and the paths of tiles: a path that is taken is the
 * one way to write its numbers. */
#include "ledger/tile.h"
#include "web/conf.h"
#include "web/tiles.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	ARENA_SCOPED a = ARENA_INIT;
	struct str s = { (const char *)data, size };
	char again[TILE_PATH];
	struct conf c;
	struct err e;
	uint64_t n;
	unsigned width;
	int level;

	if (conf_parse(&a, "w", s, &c, &e) == 0 && (c.listen == NULL ||
	    c.witness_every < 10000000 || c.timestamp_every < 10000000))
		abort();
	if (tiles_path(s, &level, &n, &width)) {
		tile_path(level, n, width, again);
		if (!str_is(s, again) || width == 0 || width > TILE_WIDTH)
			abort();
	}
	return (0);
}
