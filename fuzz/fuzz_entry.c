/* Entries: what decodes encodes to the same bytes; nothing else is accepted. */
#include "ledger/entry.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	ARENA_SCOPED a = ARENA_INIT;
	BUF_SCOPED again = BUF_INIT;
	struct str in = { (const char *)data, size };
	struct entry x;
	struct err e = { .code = ERR_OK };

	if (entry_decode(&a, in, &x, &e) != 0) {
		if (e.what[0] == '\0')
			abort();
		return (0);
	}
	if (entry_encode(&x, &again, &e) != 0 ||
	    !str_eq(buf_str(&again), in))
		abort();
	return (0);
}
