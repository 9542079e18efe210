/*
 * age files. The first byte chooses how deep the input goes: the file as it
 * stands, a header under a good mac, a payload under a good header, or the
 * texts of keys.
 */
#include "ledger/age.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const uint8_t FILE_KEY[16] = "YELLOW SUBMARINE";

static void
identity(struct age_identity *id)
{
	memset(id->secret, 9, sizeof(id->secret));
	crypto_x25519_public(id->secret, id->public);
}

static void
keys(struct str in)
{
	BUF_SCOPED out = BUF_INIT;
	struct age_recipient r;
	struct age_identity id;

	if (age_recipient_parse(in, &r, NULL) == 0)
		age_recipient_print(&r, &out);
	else if (age_identity_parse(in, &id, NULL) == 0)
		age_identity_print(&id, &out);
	else
		return;
	if (!str_eq(buf_str(&out), in))
		abort();
}

static void
unpadded(struct buf *out, const void *p, size_t n)
{
	buf_putb64(out, p, n);
	while (out->ptr[out->len - 1] == '=')
		out->len--;
}

/* What the real header begins with, for our identity. */
static void
begin(struct buf *out, const struct age_identity *id)
{
	static const uint8_t zero[CRYPTO_CHACHA_NONCE];
	uint8_t eph[32] = { 1 }, share[32], shared[32], salt[64], k[32],
	    body[32];

	crypto_x25519_public(eph, share);
	if (!crypto_x25519(eph, id->public, shared))
		abort();
	memcpy(salt, share, 32);
	memcpy(salt + 32, id->public, 32);
	crypto_hkdf(shared, 32, salt, 64, "age-encryption.org/v1/X25519", k,
	    sizeof(k));
	crypto_chacha_seal(body, FILE_KEY, 16, zero, k);
	buf_puts(out, "age-encryption.org/v1\n-> X25519 ");
	unpadded(out, share, 32);
	buf_putc(out, '\n');
	unpadded(out, body, 32);
	buf_putc(out, '\n');
}

static void
end(struct buf *out)
{
	uint8_t k[32], mac[32];

	crypto_hkdf(FILE_KEY, 16, NULL, 0, "header", k, sizeof(k));
	buf_puts(out, "---");
	crypto_hmac(k, sizeof(k), out->ptr, out->len, mac);
	buf_putc(out, ' ');
	unpadded(out, mac, 32);
	buf_putc(out, '\n');
}

/* Chunks of lengths that the input says, all of them well sealed. */
static void
chunks(struct str in, struct buf *out, bool *ret_good)
{
	uint8_t k[32];
	size_t n = in.len / 4;

	*ret_good = n > 0;
	buf_put(out, FILE_KEY, 16);
	crypto_hkdf(FILE_KEY, 16, FILE_KEY, 16, "payload", k, sizeof(k));
	for (size_t i = 0; i < n; i++) {
		const uint8_t *b = (const uint8_t *)in.ptr + 4 * i;
		uint8_t nonce[CRYPTO_CHACHA_NONCE] = { 0 };
		uint8_t plain[AGE_CHUNK] = { 0 };
		size_t len = b[0] < 200 ? AGE_CHUNK : (size_t)b[1] << 8 | b[2];
		bool last = (b[3] & 1) != 0;
		nonce[10] = (uint8_t)(b[3] < 250 ? i : b[3]);
		nonce[11] = last;
		*ret_good = *ret_good && nonce[10] == i &&
		    last == (i + 1 == n) && (last || len == AGE_CHUNK) &&
		    (len > 0 || n == 1);
		buf_reserve(out, len + CRYPTO_TAG);
		crypto_chacha_seal((uint8_t *)out->ptr + out->len, plain, len,
		    nonce, k);
		out->len += len + CRYPTO_TAG;
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	BUF_SCOPED b = BUF_INIT, out = BUF_INIT;
	struct age_identity id;
	bool good = false;
	int r;

	if (size == 0 || size > 20000)
		return (0);
	struct str in = { (const char *)data + 1, size - 1 };
	identity(&id);
	switch (data[0] % 4) {
	case 0:
		buf_putstr(&b, in);
		break;
	case 1:
		begin(&b, &id);
		buf_putstr(&b, in);
		end(&b);
		chunks(STR("\xff\x00\x07\x01"), &b, &good);
		age_open(&id, 1, buf_str(&b), &out, NULL);
		return (0);
	case 2:
		if (in.len > 40)
			return (0);
		begin(&b, &id);
		end(&b);
		chunks(in, &b, &good);
		break;
	default:
		keys(in);
		return (0);
	}
	r = age_open(&id, 1, buf_str(&b), &out, NULL);
	if ((r == 0) != good || (r != 0 && out.len != 0))
		abort();
	return (0);
}
