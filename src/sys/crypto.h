/*
 * Cryptography: the one wrapper of OpenSSL's digest (SHA-256, for its speed)
 * and of libsodium (all else). Nothing here allocates for the caller, and
 * nothing but opening what came from outside can fail: those functions return
 * bool, and the caller knows what to say about it. Keys are plain byte arrays;
 * who holds one wipes it with crypto_wipe().
 */
#ifndef SYS_CRYPTO_H
#define SYS_CRYPTO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/banned.h"

#define CRYPTO_HASH 32   /* SHA-256 */
#define CRYPTO_KEY 32    /* every symmetric key */
#define CRYPTO_SEED 32   /* Ed25519 private seed */
#define CRYPTO_PUBLIC 32 /* Ed25519 public key */
#define CRYPTO_SIG 64    /* Ed25519 signature */
#define CRYPTO_NONCE 24  /* XChaCha20 */
#define CRYPTO_TAG 16    /* Poly1305 */

/* crypto_sha256(p, n, out): SHA-256 of ${n} bytes. */
void crypto_sha256(const void *p, size_t n, uint8_t out[CRYPTO_HASH]);

/*
 * crypto_sha256_2(a, an, b, bn, out): SHA-256 of two pieces one after the
 * other, without copying them together.
 */
void crypto_sha256_2(const void *a, size_t an, const void *b, size_t bn,
    uint8_t out[CRYPTO_HASH]);

/*
 * crypto_node(left, right, out): SHA-256(0x01 || left || right), the inner
 * node of RFC 6962. ${out} may be one of the two.
 */
void crypto_node(const uint8_t left[CRYPTO_HASH],
    const uint8_t right[CRYPTO_HASH], uint8_t out[CRYPTO_HASH]);

/* SHA-256 in pieces. crypto_sha_final() and crypto_sha_drop() release it. */
struct crypto_sha {
	void *ctx;
};
void crypto_sha_init(struct crypto_sha *s);
void crypto_sha_update(struct crypto_sha *s, const void *p, size_t n);
void crypto_sha_final(struct crypto_sha *s, uint8_t out[CRYPTO_HASH]);
void crypto_sha_drop(struct crypto_sha *s);

/* crypto_hmac(key, keylen, p, n, out): HMAC-SHA256 (RFC 2104). */
void crypto_hmac(const void *key, size_t keylen, const void *p, size_t n,
    uint8_t out[CRYPTO_HASH]);

/*
 * crypto_hkdf(key, keylen, salt, saltlen, info, out, outlen): HKDF-SHA256 (RFC
 * 5869), extract and expand. ${info} is a C string; ${outlen} <= 8160.
 */
void crypto_hkdf(const void *key, size_t keylen, const void *salt,
    size_t saltlen, const char *info, void *out, size_t outlen);

/*
 * crypto_blake2b(out, outlen, p, n, key, keylen): BLAKE2b (RFC 7693);
 * ${outlen} 16 to 64, ${keylen} 0 to 64. crypto_blake2b_2: of two pieces.
 */
void crypto_blake2b(void *out, size_t outlen, const void *p, size_t n,
    const void *key, size_t keylen);
void crypto_blake2b_2(void *out, size_t outlen, const void *a, size_t an,
    const void *b, size_t bn, const void *key, size_t keylen);

/* Ed25519 (RFC 8032), deterministic. */
void crypto_ed25519_public(const uint8_t seed[CRYPTO_SEED],
    uint8_t out[CRYPTO_PUBLIC]);
void crypto_ed25519_sign(const uint8_t seed[CRYPTO_SEED], const void *p,
    size_t n, uint8_t out[CRYPTO_SIG]);
bool crypto_ed25519_verify(const uint8_t pub[CRYPTO_PUBLIC], const void *p,
    size_t n, const uint8_t sig[CRYPTO_SIG]);

/*
 * crypto_seal(out, p, n, ad, adlen, nonce, key): XChaCha20-Poly1305 (IETF) of
 * one message; writes n + CRYPTO_TAG bytes. A nonce is never used twice with
 * one key: take 24 random bytes. crypto_open is the reverse, of ${n} sealed
 * bytes into n - CRYPTO_TAG; false if they are not what was sealed.
 */
void crypto_seal(uint8_t *out, const void *p, size_t n, const void *ad,
    size_t adlen, const uint8_t nonce[CRYPTO_NONCE],
    const uint8_t key[CRYPTO_KEY]);
bool crypto_open(uint8_t *out, const void *p, size_t n, const void *ad,
    size_t adlen, const uint8_t nonce[CRYPTO_NONCE],
    const uint8_t key[CRYPTO_KEY]);

/*
 * X25519 (RFC 7748). crypto_x25519 gives the shared secret of ${secret} and
 * ${peer}; false if the peer's point is one of those that give zero.
 */
#define CRYPTO_X25519 32
void crypto_x25519_public(const uint8_t secret[CRYPTO_X25519],
    uint8_t out[CRYPTO_X25519]);
bool crypto_x25519(const uint8_t secret[CRYPTO_X25519],
    const uint8_t peer[CRYPTO_X25519], uint8_t out[CRYPTO_X25519]);

/*
 * ChaCha20-Poly1305 (RFC 8439) of one message without additional data, for
 * formats that prescribe it: its nonce is too short to be random, so the
 * format must make sure that none comes twice under one key. ${out} may be
 * ${p}. Lengths and the result as in crypto_seal and crypto_open.
 */
#define CRYPTO_CHACHA_NONCE 12
void crypto_chacha_seal(uint8_t *out, const void *p, size_t n,
    const uint8_t nonce[CRYPTO_CHACHA_NONCE], const uint8_t key[CRYPTO_KEY]);
bool crypto_chacha_open(uint8_t *out, const void *p, size_t n,
    const uint8_t nonce[CRYPTO_CHACHA_NONCE], const uint8_t key[CRYPTO_KEY]);

/* crypto_xor(out, p, n, nonce, key): XChaCha20 stream; its own inverse. */
void crypto_xor(void *out, const void *p, size_t n,
    const uint8_t nonce[CRYPTO_NONCE], const uint8_t key[CRYPTO_KEY]);

/*
 * A stream sealed in pieces (libsodium's secretstream over XChaCha20-
 * Poly1305): pieces cannot be reordered, left out or cut off at the end.
 * Each piece grows by CRYPTO_STREAM_EXTRA bytes.
 */
#define CRYPTO_STREAM_HEADER 24
#define CRYPTO_STREAM_EXTRA 17
struct crypto_stream {
	_Alignas(16) uint8_t state[64];
};
void crypto_stream_seal_begin(struct crypto_stream *s,
    uint8_t header[CRYPTO_STREAM_HEADER], const uint8_t key[CRYPTO_KEY]);
void crypto_stream_seal(struct crypto_stream *s, uint8_t *out, const void *p,
    size_t n, const void *ad, size_t adlen, bool last);
void crypto_stream_open_begin(struct crypto_stream *s,
    const uint8_t header[CRYPTO_STREAM_HEADER], const uint8_t key[CRYPTO_KEY]);
/* Opens ${n} sealed bytes into n - CRYPTO_STREAM_EXTRA; *last says the end. */
bool crypto_stream_open(struct crypto_stream *s, uint8_t *out, const void *p,
    size_t n, const void *ad, size_t adlen, bool *ret_last);

/* crypto_same(a, b, n): equal, in a time that does not depend on where not. */
bool crypto_same(const void *a, const void *b, size_t n);

/* crypto_wipe(p, n): zero that the compiler cannot leave out. */
void crypto_wipe(void *p, size_t n);

#endif
