/*
 * SHA-256 by OpenSSL's older interface: the newer one has to look the digest up
 * in a provider, which costs each start of the program a millisecond, and each
 * hash more than a node of a tree takes.
 */
#define OPENSSL_SUPPRESS_DEPRECATED

#include "sys/crypto.h"

#include <openssl/crypto.h>
#include <openssl/sha.h>
#include <sodium.h>

#include "base/err.h"

_Static_assert(sizeof(crypto_secretstream_xchacha20poly1305_state) <= 64,
    "struct crypto_stream is too small");
_Static_assert(crypto_secretstream_xchacha20poly1305_HEADERBYTES ==
    CRYPTO_STREAM_HEADER, "header");
_Static_assert(crypto_secretstream_xchacha20poly1305_ABYTES ==
    CRYPTO_STREAM_EXTRA, "extra");

/*
 * OpenSSL does not survive everywhere that it gets no memory; here nobody is to.
 */
static void *
ossl_malloc(size_t n, const char *file, int line)
{
	void *p = malloc(n);

	(void)file;
	(void)line;
	if (p == NULL && n != 0)
		err_oom(n);
	return (p);
}

static void *
ossl_realloc(void *old, size_t n, const char *file, int line)
{
	void *p;

	(void)file;
	(void)line;
	if (n == 0) {
		free(old);
		return (NULL);
	}
	if ((p = realloc(old, n)) == NULL)
		err_oom(n);
	return (p);
}

static void
ossl_free(void *p, const char *file, int line)
{
	(void)file;
	(void)line;
	free(p);
}

/*
 * Runs before main(), so that nothing here is decided by two threads at once.
 * The machine's openssl.cnf has no say in what our hashes are, and reading it
 * would cost every start of the program.
 */
__attribute__((constructor)) static void
init(void)
{
	if (CRYPTO_set_mem_functions(ossl_malloc, ossl_realloc, ossl_free) != 1)
		BUG("OpenSSL has memory already");
	OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, NULL);
	if (sodium_init() < 0)
		BUG("libsodium does not start");
}

void
crypto_sha256(const void *p, size_t n, uint8_t out[CRYPTO_HASH])
{
	crypto_sha256_2(p, n, NULL, 0, out);
}

/* None of these can fail: they only compute. */
void
crypto_sha256_2(const void *a, size_t an, const void *b, size_t bn,
    uint8_t out[CRYPTO_HASH])
{
	SHA256_CTX c;

	SHA256_Init(&c);
	SHA256_Update(&c, a, an);
	SHA256_Update(&c, b, bn);
	SHA256_Final(out, &c);
}

void
crypto_node(const uint8_t left[CRYPTO_HASH], const uint8_t right[CRYPTO_HASH],
    uint8_t out[CRYPTO_HASH])
{
	uint8_t b[1 + 2 * CRYPTO_HASH];

	b[0] = 0x01;
	memcpy(b + 1, left, CRYPTO_HASH);
	memcpy(b + 1 + CRYPTO_HASH, right, CRYPTO_HASH);
	crypto_sha256(b, sizeof(b), out);
}

void
crypto_sha_init(struct crypto_sha *s)
{
	if ((s->ctx = malloc(sizeof(SHA256_CTX))) == NULL)
		err_oom(sizeof(SHA256_CTX));
	SHA256_Init(s->ctx);
}

void
crypto_sha_update(struct crypto_sha *s, const void *p, size_t n)
{
	SHA256_Update(s->ctx, p, n);
}

void
crypto_sha_final(struct crypto_sha *s, uint8_t out[CRYPTO_HASH])
{
	SHA256_Final(out, s->ctx);
	crypto_sha_drop(s);
}

void
crypto_sha_drop(struct crypto_sha *s)
{
	free(s->ctx);
	s->ctx = NULL;
}

void
crypto_hmac(const void *key, size_t keylen, const void *p, size_t n,
    uint8_t out[CRYPTO_HASH])
{
	crypto_auth_hmacsha256_state st;

	crypto_auth_hmacsha256_init(&st, key, keylen);
	crypto_auth_hmacsha256_update(&st, p, n);
	crypto_auth_hmacsha256_final(&st, out);
	sodium_memzero(&st, sizeof(st));
}

void
crypto_hkdf(const void *key, size_t keylen, const void *salt, size_t saltlen,
    const char *info, void *out, size_t outlen)
{
	static const uint8_t zero[CRYPTO_HASH];
	uint8_t prk[CRYPTO_HASH], t[CRYPTO_HASH], *o = out;
	size_t tlen = 0, n;

	if (outlen > 255 * CRYPTO_HASH)
		BUG("HKDF of %zu bytes", outlen);
	if (saltlen == 0)
		crypto_hmac(zero, sizeof(zero), key, keylen, prk);
	else
		crypto_hmac(salt, saltlen, key, keylen, prk);
	for (uint8_t i = 1; outlen != 0; i++) {
		crypto_auth_hmacsha256_state st;
		crypto_auth_hmacsha256_init(&st, prk, sizeof(prk));
		crypto_auth_hmacsha256_update(&st, t, tlen);
		crypto_auth_hmacsha256_update(&st, (const uint8_t *)info,
		    strlen(info));
		crypto_auth_hmacsha256_update(&st, &i, 1);
		crypto_auth_hmacsha256_final(&st, t);
		tlen = sizeof(t);
		n = outlen < tlen ? outlen : tlen;
		memcpy(o, t, n);
		o += n;
		outlen -= n;
		sodium_memzero(&st, sizeof(st));
	}
	sodium_memzero(prk, sizeof(prk));
	sodium_memzero(t, sizeof(t));
}

void
crypto_blake2b(void *out, size_t outlen, const void *p, size_t n,
    const void *key, size_t keylen)
{
	if (crypto_generichash(out, outlen, p, n, key, keylen) != 0)
		BUG("BLAKE2b of %zu bytes with a key of %zu", outlen, keylen);
}

void
crypto_blake2b_2(void *out, size_t outlen, const void *a, size_t an,
    const void *b, size_t bn, const void *key, size_t keylen)
{
	crypto_generichash_state st;

	if (crypto_generichash_init(&st, key, keylen, outlen) != 0)
		BUG("BLAKE2b of %zu bytes with a key of %zu", outlen, keylen);
	crypto_generichash_update(&st, a, an);
	crypto_generichash_update(&st, b, bn);
	crypto_generichash_final(&st, out, outlen);
}

void
crypto_ed25519_public(const uint8_t seed[CRYPTO_SEED],
    uint8_t out[CRYPTO_PUBLIC])
{
	uint8_t sk[crypto_sign_ed25519_SECRETKEYBYTES];

	crypto_sign_ed25519_seed_keypair(out, sk, seed);
	sodium_memzero(sk, sizeof(sk));
}

void
crypto_ed25519_sign(const uint8_t seed[CRYPTO_SEED], const void *p,
    size_t n, uint8_t out[CRYPTO_SIG])
{
	uint8_t sk[crypto_sign_ed25519_SECRETKEYBYTES];
	uint8_t pk[crypto_sign_ed25519_PUBLICKEYBYTES];

	crypto_sign_ed25519_seed_keypair(pk, sk, seed);
	crypto_sign_ed25519_detached(out, NULL, p, n, sk);
	sodium_memzero(sk, sizeof(sk));
}

bool
crypto_ed25519_verify(const uint8_t pub[CRYPTO_PUBLIC], const void *p,
    size_t n, const uint8_t sig[CRYPTO_SIG])
{
	return (crypto_sign_ed25519_verify_detached(sig, p, n, pub) == 0);
}

void
crypto_seal(uint8_t *out, const void *p, size_t n, const void *ad,
    size_t adlen, const uint8_t nonce[CRYPTO_NONCE],
    const uint8_t key[CRYPTO_KEY])
{
	crypto_aead_xchacha20poly1305_ietf_encrypt(out, NULL, p, n, ad, adlen,
	    NULL, nonce, key);
}

bool
crypto_open(uint8_t *out, const void *p, size_t n, const void *ad,
    size_t adlen, const uint8_t nonce[CRYPTO_NONCE],
    const uint8_t key[CRYPTO_KEY])
{
	return (n >= CRYPTO_TAG &&
	    crypto_aead_xchacha20poly1305_ietf_decrypt(out, NULL, NULL, p, n,
	        ad, adlen, nonce, key) == 0);
}

void
crypto_x25519_public(const uint8_t secret[CRYPTO_X25519],
    uint8_t out[CRYPTO_X25519])
{
	if (crypto_scalarmult_curve25519_base(out, secret) != 0)
		BUG("X25519 of the base point failed");
}

bool
crypto_x25519(const uint8_t secret[CRYPTO_X25519],
    const uint8_t peer[CRYPTO_X25519], uint8_t out[CRYPTO_X25519])
{
	return (crypto_scalarmult_curve25519(out, secret, peer) == 0);
}

void
crypto_chacha_seal(uint8_t *out, const void *p, size_t n,
    const uint8_t nonce[CRYPTO_CHACHA_NONCE], const uint8_t key[CRYPTO_KEY])
{
	crypto_aead_chacha20poly1305_ietf_encrypt(out, NULL, p, n, NULL, 0,
	    NULL, nonce, key);
}

bool
crypto_chacha_open(uint8_t *out, const void *p, size_t n,
    const uint8_t nonce[CRYPTO_CHACHA_NONCE], const uint8_t key[CRYPTO_KEY])
{
	return (n >= CRYPTO_TAG &&
	    crypto_aead_chacha20poly1305_ietf_decrypt(out, NULL, NULL, p, n,
	        NULL, 0, nonce, key) == 0);
}

void
crypto_xor(void *out, const void *p, size_t n,
    const uint8_t nonce[CRYPTO_NONCE], const uint8_t key[CRYPTO_KEY])
{
	if (n != 0)
		crypto_stream_xchacha20_xor(out, p, n, nonce, key);
}

void
crypto_stream_seal_begin(struct crypto_stream *s,
    uint8_t header[CRYPTO_STREAM_HEADER], const uint8_t key[CRYPTO_KEY])
{
	crypto_secretstream_xchacha20poly1305_init_push((void *)s->state,
	    header, key);
}

void
crypto_stream_seal(struct crypto_stream *s, uint8_t *out, const void *p,
    size_t n, const void *ad, size_t adlen, bool last)
{
	crypto_secretstream_xchacha20poly1305_push((void *)s->state, out, NULL,
	    p, n, ad, adlen,
	    last ? crypto_secretstream_xchacha20poly1305_TAG_FINAL : 0);
}

void
crypto_stream_open_begin(struct crypto_stream *s,
    const uint8_t header[CRYPTO_STREAM_HEADER], const uint8_t key[CRYPTO_KEY])
{
	crypto_secretstream_xchacha20poly1305_init_pull((void *)s->state,
	    header, key);
}

bool
crypto_stream_open(struct crypto_stream *s, uint8_t *out, const void *p,
    size_t n, const void *ad, size_t adlen, bool *ret_last)
{
	unsigned char tag;

	if (n < CRYPTO_STREAM_EXTRA ||
	    crypto_secretstream_xchacha20poly1305_pull((void *)s->state, out,
	        NULL, &tag, p, n, ad, adlen) != 0)
		return (false);
	*ret_last = tag == crypto_secretstream_xchacha20poly1305_TAG_FINAL;
	return (true);
}

bool
crypto_same(const void *a, const void *b, size_t n)
{
	return (sodium_memcmp(a, b, n) == 0);
}

void
crypto_wipe(void *p, size_t n)
{
	sodium_memzero(p, n);
}
