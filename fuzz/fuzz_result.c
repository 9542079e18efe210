/* Bytes of a result: decoded or refused, and never read past their end. */
#include "assess/assess.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	ARENA_SCOPED a = ARENA_INIT;
	struct assess_result r;
	struct err e = { 0 };

	if (assess_decode(&a, (struct str){ (const char *)data, size }, &r, &e) != 0 &&
	    e.code != ERR_DAMAGED)
		abort();
	return (0);
}
