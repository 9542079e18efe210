/* Answers of a time stamp authority: read, and never trusted by accident. */
#include "sys/tsa.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t digest[TSA_DIGEST];
	struct str der = { (const char *)data, size };
	struct tsa_stamp s;
	struct err e;

	(void)tsa_read(der, &s, &e);
	if (tsa_check(der, digest, NULL, "/dev/null", &s, &e) == 0)
		abort();
	return (0);
}
