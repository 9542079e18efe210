/*
 * Bytes of a result, in clear and as stored: decoded or refused, and never read
 * past their end. What is stored opens without keys to a form that decodes, or
 * is refused.
 */
#include "assess/assess.h"
#include "assess/sealed.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	ARENA_SCOPED a = ARENA_INIT;
	struct assess_result r;
	BUF_SCOPED clear = BUF_INIT;
	struct err e = { 0 };
	struct str in = { (const char *)data, size };

	if (sealed_decode(NULL, in, SIZE_MAX, &clear, &e) != 0 && e.code != ERR_DAMAGED)
		abort();
	if (str_starts(in, SEALED_MAGIC "\n") && clear.len != 0 &&
	    assess_decode(&a, buf_str(&clear), &r, &e) != 0 &&
	    e.code != ERR_DAMAGED)
		abort();
	if (assess_decode(&a, (struct str){ (const char *)data, size }, &r, &e) != 0 &&
	    e.code != ERR_DAMAGED)
		abort();
	return (0);
}
