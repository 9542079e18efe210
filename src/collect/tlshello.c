#include "collect/tlshello.h"

#include <string.h>

#include "base/clock.h"

/* The registry of IANA, as far as servers were ever seen to use it. */
#define NO false
#define FS true
#define AE true
const struct tlshello_cipher tlshello_ciphers[] = {
	{ 0x1301, 128, "TLS_AES_128_GCM_SHA256", FS, AE },
	{ 0x1302, 256, "TLS_AES_256_GCM_SHA384", FS, AE },
	{ 0x1303, 256, "TLS_CHACHA20_POLY1305_SHA256", FS, AE },
	{ 0x1304, 128, "TLS_AES_128_CCM_SHA256", FS, AE },
	{ 0x1305, 128, "TLS_AES_128_CCM_8_SHA256", FS, AE },
	{ 0xc02c, 256, "ECDHE-ECDSA-AES256-GCM-SHA384", FS, AE },
	{ 0xc030, 256, "ECDHE-RSA-AES256-GCM-SHA384", FS, AE },
	{ 0x009f, 256, "DHE-RSA-AES256-GCM-SHA384", FS, AE },
	{ 0x00a3, 256, "DHE-DSS-AES256-GCM-SHA384", FS, AE },
	{ 0xcca9, 256, "ECDHE-ECDSA-CHACHA20-POLY1305", FS, AE },
	{ 0xcca8, 256, "ECDHE-RSA-CHACHA20-POLY1305", FS, AE },
	{ 0xccaa, 256, "DHE-RSA-CHACHA20-POLY1305", FS, AE },
	{ 0xc0af, 256, "ECDHE-ECDSA-AES256-CCM8", FS, AE },
	{ 0xc0ad, 256, "ECDHE-ECDSA-AES256-CCM", FS, AE },
	{ 0xc0a3, 256, "DHE-RSA-AES256-CCM8", FS, AE },
	{ 0xc09f, 256, "DHE-RSA-AES256-CCM", FS, AE },
	{ 0xc05d, 256, "ECDHE-ECDSA-ARIA256-GCM-SHA384", FS, AE },
	{ 0xc061, 256, "ECDHE-ARIA256-GCM-SHA384", FS, AE },
	{ 0xc053, 256, "DHE-RSA-ARIA256-GCM-SHA384", FS, AE },
	{ 0xc057, 256, "DHE-DSS-ARIA256-GCM-SHA384", FS, AE },
	{ 0xc02b, 128, "ECDHE-ECDSA-AES128-GCM-SHA256", FS, AE },
	{ 0xc02f, 128, "ECDHE-RSA-AES128-GCM-SHA256", FS, AE },
	{ 0x009e, 128, "DHE-RSA-AES128-GCM-SHA256", FS, AE },
	{ 0x00a2, 128, "DHE-DSS-AES128-GCM-SHA256", FS, AE },
	{ 0xc0ae, 128, "ECDHE-ECDSA-AES128-CCM8", FS, AE },
	{ 0xc0ac, 128, "ECDHE-ECDSA-AES128-CCM", FS, AE },
	{ 0xc0a2, 128, "DHE-RSA-AES128-CCM8", FS, AE },
	{ 0xc09e, 128, "DHE-RSA-AES128-CCM", FS, AE },
	{ 0xc05c, 128, "ECDHE-ECDSA-ARIA128-GCM-SHA256", FS, AE },
	{ 0xc060, 128, "ECDHE-ARIA128-GCM-SHA256", FS, AE },
	{ 0xc052, 128, "DHE-RSA-ARIA128-GCM-SHA256", FS, AE },
	{ 0xc056, 128, "DHE-DSS-ARIA128-GCM-SHA256", FS, AE },
	{ 0xc024, 256, "ECDHE-ECDSA-AES256-SHA384", FS, NO },
	{ 0xc028, 256, "ECDHE-RSA-AES256-SHA384", FS, NO },
	{ 0x006b, 256, "DHE-RSA-AES256-SHA256", FS, NO },
	{ 0x006a, 256, "DHE-DSS-AES256-SHA256", FS, NO },
	{ 0xc073, 256, "ECDHE-ECDSA-CAMELLIA256-SHA384", FS, NO },
	{ 0xc077, 256, "ECDHE-RSA-CAMELLIA256-SHA384", FS, NO },
	{ 0x00c4, 256, "DHE-RSA-CAMELLIA256-SHA256", FS, NO },
	{ 0xc023, 128, "ECDHE-ECDSA-AES128-SHA256", FS, NO },
	{ 0xc027, 128, "ECDHE-RSA-AES128-SHA256", FS, NO },
	{ 0x0067, 128, "DHE-RSA-AES128-SHA256", FS, NO },
	{ 0x0040, 128, "DHE-DSS-AES128-SHA256", FS, NO },
	{ 0xc072, 128, "ECDHE-ECDSA-CAMELLIA128-SHA256", FS, NO },
	{ 0xc076, 128, "ECDHE-RSA-CAMELLIA128-SHA256", FS, NO },
	{ 0x00be, 128, "DHE-RSA-CAMELLIA128-SHA256", FS, NO },
	{ 0xc00a, 256, "ECDHE-ECDSA-AES256-SHA", FS, NO },
	{ 0xc014, 256, "ECDHE-RSA-AES256-SHA", FS, NO },
	{ 0x0039, 256, "DHE-RSA-AES256-SHA", FS, NO },
	{ 0x0038, 256, "DHE-DSS-AES256-SHA", FS, NO },
	{ 0x0088, 256, "DHE-RSA-CAMELLIA256-SHA", FS, NO },
	{ 0x0087, 256, "DHE-DSS-CAMELLIA256-SHA", FS, NO },
	{ 0xc009, 128, "ECDHE-ECDSA-AES128-SHA", FS, NO },
	{ 0xc013, 128, "ECDHE-RSA-AES128-SHA", FS, NO },
	{ 0x0033, 128, "DHE-RSA-AES128-SHA", FS, NO },
	{ 0x0032, 128, "DHE-DSS-AES128-SHA", FS, NO },
	{ 0x0045, 128, "DHE-RSA-CAMELLIA128-SHA", FS, NO },
	{ 0x0044, 128, "DHE-DSS-CAMELLIA128-SHA", FS, NO },
	{ 0x009a, 128, "DHE-RSA-SEED-SHA", FS, NO },
	{ 0x0099, 128, "DHE-DSS-SEED-SHA", FS, NO },
	{ 0x009d, 256, "AES256-GCM-SHA384", NO, AE },
	{ 0xc0a1, 256, "AES256-CCM8", NO, AE },
	{ 0xc09d, 256, "AES256-CCM", NO, AE },
	{ 0xc051, 256, "ARIA256-GCM-SHA384", NO, AE },
	{ 0x009c, 128, "AES128-GCM-SHA256", NO, AE },
	{ 0xc0a0, 128, "AES128-CCM8", NO, AE },
	{ 0xc09c, 128, "AES128-CCM", NO, AE },
	{ 0xc050, 128, "ARIA128-GCM-SHA256", NO, AE },
	{ 0xc02e, 256, "ECDH-ECDSA-AES256-GCM-SHA384", NO, AE },
	{ 0xc032, 256, "ECDH-RSA-AES256-GCM-SHA384", NO, AE },
	{ 0xc02d, 128, "ECDH-ECDSA-AES128-GCM-SHA256", NO, AE },
	{ 0xc031, 128, "ECDH-RSA-AES128-GCM-SHA256", NO, AE },
	{ 0x003d, 256, "AES256-SHA256", NO, NO },
	{ 0x00c0, 256, "CAMELLIA256-SHA256", NO, NO },
	{ 0x003c, 128, "AES128-SHA256", NO, NO },
	{ 0x00ba, 128, "CAMELLIA128-SHA256", NO, NO },
	{ 0x0035, 256, "AES256-SHA", NO, NO },
	{ 0x0084, 256, "CAMELLIA256-SHA", NO, NO },
	{ 0xc005, 256, "ECDH-ECDSA-AES256-SHA", NO, NO },
	{ 0xc00f, 256, "ECDH-RSA-AES256-SHA", NO, NO },
	{ 0x002f, 128, "AES128-SHA", NO, NO },
	{ 0x0041, 128, "CAMELLIA128-SHA", NO, NO },
	{ 0x0096, 128, "SEED-SHA", NO, NO },
	{ 0xc004, 128, "ECDH-ECDSA-AES128-SHA", NO, NO },
	{ 0xc00e, 128, "ECDH-RSA-AES128-SHA", NO, NO },
	{ 0x0007, 128, "IDEA-CBC-SHA", NO, NO },
	{ 0xc008, 112, "ECDHE-ECDSA-DES-CBC3-SHA", FS, NO },
	{ 0xc012, 112, "ECDHE-RSA-DES-CBC3-SHA", FS, NO },
	{ 0x0016, 112, "DHE-RSA-DES-CBC3-SHA", FS, NO },
	{ 0x0013, 112, "DHE-DSS-DES-CBC3-SHA", FS, NO },
	{ 0x000a, 112, "DES-CBC3-SHA", NO, NO },
	{ 0xc007, 128, "ECDHE-ECDSA-RC4-SHA", FS, NO },
	{ 0xc011, 128, "ECDHE-RSA-RC4-SHA", FS, NO },
	{ 0x0005, 128, "RC4-SHA", NO, NO },
	{ 0x0004, 128, "RC4-MD5", NO, NO },
	{ 0x00a7, 256, "ADH-AES256-GCM-SHA384", FS, AE },
	{ 0x00a6, 128, "ADH-AES128-GCM-SHA256", FS, AE },
	{ 0x006d, 256, "ADH-AES256-SHA256", FS, NO },
	{ 0x006c, 128, "ADH-AES128-SHA256", FS, NO },
	{ 0xc019, 256, "AECDH-AES256-SHA", FS, NO },
	{ 0xc018, 128, "AECDH-AES128-SHA", FS, NO },
	{ 0x003a, 256, "ADH-AES256-SHA", FS, NO },
	{ 0x0034, 128, "ADH-AES128-SHA", FS, NO },
	{ 0x00c5, 256, "ADH-CAMELLIA256-SHA256", FS, NO },
	{ 0x00bf, 128, "ADH-CAMELLIA128-SHA256", FS, NO },
	{ 0x0089, 256, "ADH-CAMELLIA256-SHA", FS, NO },
	{ 0x0046, 128, "ADH-CAMELLIA128-SHA", FS, NO },
	{ 0x009b, 128, "ADH-SEED-SHA", FS, NO },
	{ 0xc017, 112, "AECDH-DES-CBC3-SHA", FS, NO },
	{ 0x001b, 112, "ADH-DES-CBC3-SHA", FS, NO },
	{ 0xc016, 128, "AECDH-RC4-SHA", FS, NO },
	{ 0x0018, 128, "ADH-RC4-MD5", FS, NO },
	{ 0x0015, 56, "DHE-RSA-DES-CBC-SHA", FS, NO },
	{ 0x0012, 56, "DHE-DSS-DES-CBC-SHA", FS, NO },
	{ 0x0009, 56, "DES-CBC-SHA", NO, NO },
	{ 0x001a, 56, "ADH-DES-CBC-SHA", FS, NO },
	{ 0x0014, 40, "EXP-DHE-RSA-DES-CBC-SHA", FS, NO },
	{ 0x0011, 40, "EXP-DHE-DSS-DES-CBC-SHA", FS, NO },
	{ 0x0008, 40, "EXP-DES-CBC-SHA", NO, NO },
	{ 0x0006, 40, "EXP-RC2-CBC-MD5", NO, NO },
	{ 0x0003, 40, "EXP-RC4-MD5", NO, NO },
	{ 0x0019, 40, "EXP-ADH-DES-CBC-SHA", FS, NO },
	{ 0x0017, 40, "EXP-ADH-RC4-MD5", FS, NO },
	{ 0xc006, 0, "ECDHE-ECDSA-NULL-SHA", FS, NO },
	{ 0xc010, 0, "ECDHE-RSA-NULL-SHA", FS, NO },
	{ 0xc015, 0, "AECDH-NULL-SHA", FS, NO },
	{ 0x003b, 0, "NULL-SHA256", NO, NO },
	{ 0x0002, 0, "NULL-SHA", NO, NO },
	{ 0x0001, 0, "NULL-MD5", NO, NO },
};
const size_t tlshello_nciphers = sizeof(tlshello_ciphers) /
    sizeof(tlshello_ciphers[0]);

const struct tlshello_cipher *
tlshello_cipher(uint16_t id)
{
	for (size_t i = 0; i < tlshello_nciphers; i++)
		if (tlshello_ciphers[i].id == id)
			return (&tlshello_ciphers[i]);
	return (NULL);
}

bool
tlshello_usable(const struct tlshello_cipher *c, uint16_t version)
{
	size_t n = strlen(c->name);
	bool modern = c->aead || (n > 7 &&
	    (strcmp(c->name + n - 7, "-SHA256") == 0 ||
	    strcmp(c->name + n - 7, "-SHA384") == 0)) ||
	    strcmp(c->name, "NULL-SHA256") == 0;

	if (version == TLSHELLO_TLS13)
		return (c->id >> 8 == 0x13);
	if (c->id >> 8 == 0x13)
		return (false);
	/* AEAD and SHA-2 came with TLS 1.2; SSLv3 knows no curves. */
	if (version < TLSHELLO_TLS12 && modern)
		return (false);
	return (version > TLSHELLO_SSL3 || c->id >> 8 != 0xc0);
}

/* --- writing -------------------------------------------------------------- */

static void
put16(struct buf *b, unsigned v)
{
	buf_putc(b, (char)(v >> 8));
	buf_putc(b, (char)v);
}

/* A length of 16 bits, filled in by close16(). */
static size_t
open16(struct buf *b)
{
	put16(b, 0);
	return (b->len);
}

static void
close16(struct buf *b, size_t at)
{
	size_t n = b->len - at;

	b->ptr[at - 2] = (char)(n >> 8);
	b->ptr[at - 1] = (char)n;
}

static void
put_list16(struct buf *b, unsigned type, const uint16_t *list, size_t n)
{
	put16(b, type);
	size_t ext = open16(b), at = open16(b);
	for (size_t i = 0; i < n; i++)
		put16(b, list[i]);
	close16(b, at);
	close16(b, ext);
}

static void
put_name(struct buf *b, const char *name)
{
	put16(b, 0); /* server_name */
	size_t ext = open16(b), list = open16(b);
	buf_putc(b, 0); /* host_name */
	size_t at = open16(b);
	buf_puts(b, name);
	close16(b, at);
	close16(b, list);
	close16(b, ext);
}

static void
put_extensions(struct buf *b, uint16_t version, const char *name)
{
	static const uint16_t groups[] = { 29, 23, 24, 25, 30, 256, 257, 258,
		22, 14, 13, 12, 11, 10, 9 };
	static const uint16_t schemes[] = { 0x0403, 0x0503, 0x0603, 0x0807,
		0x0808, 0x0804, 0x0805, 0x0806, 0x0809, 0x080a, 0x080b, 0x0401,
		0x0501, 0x0601, 0x0303, 0x0301, 0x0402, 0x0302, 0x0203, 0x0201,
		0x0202 };
	size_t all = open16(b);

	if (name != NULL)
		put_name(b, name);
	put_list16(b, 10, groups, sizeof(groups) / sizeof(groups[0]));
	buf_put(b, "\0\x0b\0\2\1\0", 6); /* point formats: uncompressed */
	if (version >= TLSHELLO_TLS12)
		put_list16(b, 13, schemes, sizeof(schemes) /
		    sizeof(schemes[0]));
	if (version < TLSHELLO_TLS13)
		buf_put(b, "\xff\1\0\1\0", 5); /* renegotiation_info */
	if (version == TLSHELLO_TLS13) {
		buf_put(b, "\0\x2b\0\3\2\3\4", 7); /* supported_versions */
		buf_put(b, "\0\x33\0\2\0\0", 6);   /* key_share: none yet */
	}
	close16(b, all);
}

void
tlshello_write(struct buf *out, uint16_t version, const uint16_t *ciphers,
    size_t n, const char *name)
{
	unsigned char random[32], session[32];
	uint16_t legacy = version < TLSHELLO_TLS12 ? version : TLSHELLO_TLS12;

	rng_bytes(random, sizeof(random));
	rng_bytes(session, sizeof(session));
	buf_putc(out, 22); /* handshake */
	put16(out, version == TLSHELLO_SSL3 ? TLSHELLO_SSL3 : TLSHELLO_TLS10);
	size_t record = open16(out);
	buf_put(out, "\1\0", 2); /* client_hello, high byte of its length */
	size_t hello = open16(out);
	put16(out, legacy);
	buf_put(out, random, sizeof(random));
	if (version == TLSHELLO_TLS13) {
		buf_putc(out, sizeof(session));
		buf_put(out, session, sizeof(session));
	} else
		buf_putc(out, 0);
	size_t list = open16(out);
	for (size_t i = 0; i < n; i++)
		put16(out, ciphers[i]);
	close16(out, list);
	buf_put(out, "\1\0", 2); /* no compression */
	if (version > TLSHELLO_SSL3)
		put_extensions(out, version, name);
	close16(out, hello);
	close16(out, record);
}

/* --- reading -------------------------------------------------------------- */

/* The next ${n} bytes; false if there are fewer. */
static bool
take(struct str *s, size_t n, const unsigned char **ret)
{
	if (s->len < n)
		return (false);
	*ret = (const unsigned char *)s->ptr;
	s->ptr += n;
	s->len -= n;
	return (true);
}

static unsigned
get16(const unsigned char *p)
{
	return ((unsigned)p[0] << 8 | p[1]);
}

/* The body of a ServerHello, whole. */
static enum tlshello_answer
read_hello(struct str m, uint16_t *version, uint16_t *cipher)
{
	const unsigned char *p;
	struct str ext;

	if (!take(&m, 2, &p))
		return (TLSHELLO_NONSENSE);
	*version = (uint16_t)get16(p);
	if (!take(&m, 32, &p) || !take(&m, 1, &p) || !take(&m, p[0], &p) ||
	    !take(&m, 2, &p))
		return (TLSHELLO_NONSENSE);
	*cipher = (uint16_t)get16(p);
	if (!take(&m, 1, &p))
		return (TLSHELLO_NONSENSE);
	if (m.len == 0)
		return (TLSHELLO_TAKEN); /* no extensions, as it was once */
	if (!take(&m, 2, &p) || get16(p) > m.len)
		return (TLSHELLO_NONSENSE);
	ext = (struct str){ m.ptr, get16(p) };
	while (take(&ext, 4, &p)) {
		unsigned type = get16(p), n = get16(p + 2);
		if (!take(&ext, n, &p))
			return (TLSHELLO_NONSENSE);
		if (type == 43 && n == 2) /* supported_versions */
			*version = (uint16_t)get16(p);
	}
	return (TLSHELLO_TAKEN);
}

enum tlshello_answer
tlshello_read(struct str s, uint16_t *ret_version, uint16_t *ret_cipher)
{
	BUF_SCOPED shake = BUF_INIT; /* handshake bytes of the records */
	const unsigned char *p;

	while (take(&s, 5, &p)) {
		unsigned type = p[0], n = get16(p + 3);

		if (p[1] != 3 || n > 16640 || (type != 21 && type != 22))
			return (TLSHELLO_NONSENSE);
		if (s.len < n)
			return (type == 21 && s.len == 0 ? TLSHELLO_REFUSED :
			    TLSHELLO_MORE);
		(void)take(&s, n, &p);
		if (type == 21) {
			/* A warning (an unknown name) does not end it. */
			if (n >= 1 && p[0] == 1)
				continue;
			return (TLSHELLO_REFUSED);
		}
		buf_put(&shake, p, n);
		if (shake.len < 4)
			continue;
		const unsigned char *m = (const unsigned char *)shake.ptr;
		size_t len = (size_t)m[1] << 16 | (size_t)m[2] << 8 | m[3];
		if (m[0] != 2 || len > 65535)
			return (TLSHELLO_NONSENSE);
		if (shake.len >= 4 + len)
			return (read_hello((struct str){ shake.ptr + 4, len },
			    ret_version, ret_cipher));
	}
	return (TLSHELLO_MORE);
}
