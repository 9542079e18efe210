#include "schema/schema.h"
#include "sys/crypto.h"

/* Made once: two threads that race write the same bytes. */
static char all_hex[2 * CRYPTO_HASH + 1];
static char (*each_hex)[2 * CRYPTO_HASH + 1];

static void
hex_of(const void *p, size_t n, char out[2 * CRYPTO_HASH + 1])
{
	BUF_SCOPED b = BUF_INIT;
	uint8_t hash[CRYPTO_HASH];

	crypto_sha256(p, n, hash);
	buf_puthex(&b, hash, sizeof(hash));
	memcpy(out, b.ptr, 2 * CRYPTO_HASH + 1);
}

const char *
schema_type_digest(const struct schema_type *t)
{
	if (each_hex == NULL) {
		each_hex = calloc(schema_ntypes + 1, sizeof(*each_hex));
		if (each_hex == NULL)
			err_oom(schema_ntypes * sizeof(*each_hex));
	}
	char *hex = each_hex[t - schema_types];
	if (hex[0] == '\0')
		hex_of(t->canon, strlen(t->canon), hex);
	return (hex);
}

const char *
schema_digest(void)
{
	if (all_hex[0] != '\0')
		return (all_hex);
	BUF_SCOPED b = BUF_INIT;
	for (size_t i = 0; i < schema_ntypes; i++)
		buf_printf(&b, "%s\n", schema_type_digest(&schema_types[i]));
	hex_of(b.ptr, b.len, all_hex);
	return (all_hex);
}
