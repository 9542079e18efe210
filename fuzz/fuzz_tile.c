/* Entry bundles: whatever is read whole is written as it was. */
#include "ledger/tile.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	BUF_SCOPED again = BUF_INIT;
	struct str in = { (const char *)data, size }, rest = in, entry;
	int r;

	while ((r = tile_bundle_next(&rest, &entry)) == 1)
		tile_bundle_put(&again, entry);
	if (size - rest.len != again.len ||
	    (again.len != 0 && memcmp(again.ptr, in.ptr, again.len) != 0) ||
	    (r == 0) != (rest.len == 0))
		abort();
	return (0);
}
