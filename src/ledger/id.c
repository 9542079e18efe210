#include "ledger/id.h"

#include "base/clock.h"

static const char alphabet[] = "0123456789abcdefghjkmnpqrstvwxyz";

void
id_from(const uint8_t bits[16], char out[ID_LEN + 1])
{
	/* 26 digits of 5 bits hold 130: the first digit carries three. */
	unsigned acc = 0, have = 2;
	size_t at = 0;

	for (int i = 0; i < 16; i++) {
		acc = (acc << 8 | bits[i]) & 0x1fff;
		have += 8;
		while (have >= 5) {
			have -= 5;
			out[at++] = alphabet[acc >> have & 31];
		}
	}
	out[at] = '\0';
}

void
id_new(char out[ID_LEN + 1])
{
	uint8_t bits[16];

	rng_bytes(bits, sizeof(bits));
	id_from(bits, out);
}

bool
id_ok(struct str s)
{
	if (s.len != ID_LEN || s.ptr[0] > '7')
		return (false);
	for (size_t i = 0; i < s.len; i++)
		if (s.ptr[i] == '\0' || strchr(alphabet, s.ptr[i]) == NULL)
			return (false);
	return (true);
}
