/*
 * What TLS and SSH servers say first, and certificates. Bytes that were enough
 * to decide stay decided when more come.
 */
#include "collect/sshhello.h"
#include "collect/tlshello.h"
#include "sys/tls.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	ARENA_SCOPED a = ARENA_INIT;
	struct str s = { (const char *)data, size };
	struct sshhello h;
	struct tls_cert c;
	uint16_t v, id;

	enum tlshello_answer t = tlshello_read(s, &v, &id);
	enum sshhello_answer r = sshhello_read(s, &h);
	for (size_t i = 0; i < size && i < 512; i++) {
		struct str part = { s.ptr, i };
		enum tlshello_answer tp = tlshello_read(part, &v, &id);
		if (tp == TLSHELLO_TAKEN && t != tp)
			abort();
		if (sshhello_read(part, &h) == SSHHELLO_DONE &&
		    r != SSHHELLO_DONE)
			abort();
	}
	(void)tls_read_cert(&a, s, &c, NULL);
	return (0);
}
