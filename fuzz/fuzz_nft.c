/* The output of nft -j. */
#include "collect/host.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	ARENA_SCOPED a = ARENA_INIT;
	struct firewall f;
	int64_t n = 0;

	if (firewall_read(&a, (struct str){ (const char *)data, size }, &f,
	    NULL) != 0)
		return (0);
	for (size_t i = 0; i < f.nchains; i++)
		n += f.chains[i].rules;
	if (n > (int64_t)f.nrules)
		abort();
	return (0);
}
