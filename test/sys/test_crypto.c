/* The wrappers of cryptography against published vectors. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/str.h"
#include "sys/crypto.h"
#include "sys/zstd.h"

static void
is_hex(const void *p, size_t n, const char *want)
{
	BUF_SCOPED b = BUF_INIT;

	buf_puthex(&b, p, n);
	assert_string_equal(b.ptr, want);
}

/* FIPS 180 examples. */
static void
test_sha256(void **state)
{
	struct crypto_sha s;
	uint8_t h[32], g[32];
	char block[300];

	(void)state;
	crypto_sha256("abc", 3, h);
	is_hex(h, 32, "ba7816bf8f01cfea414140de5dae2223"
	    "b00361a396177a9cb410ff61f20015ad");
	crypto_sha256(NULL, 0, h);
	is_hex(h, 32, "e3b0c44298fc1c149afbf4c8996fb924"
	    "27ae41e4649b934ca495991b7852b855");
	crypto_sha_init(&s);
	memset(block, 'a', sizeof(block));
	for (int i = 0; i < 10000; i++)
		crypto_sha_update(&s, block, 100);
	crypto_sha_final(&s, h);
	is_hex(h, 32, "cdc76e5c9914fb9281a1c7e284d73e67"
	    "f1809a48a497200e046d39ccc7112cd0");
	for (size_t n = 0; n < sizeof(block); n += 13) {
		crypto_sha256(block, sizeof(block), h);
		crypto_sha256_2(block, n, block + n, sizeof(block) - n, g);
		assert_memory_equal(h, g, 32);
	}
}

/* RFC 4231 cases 1, 2 and 6; RFC 5869 cases 1 and 3. */
static void
test_hmac_hkdf(void **state)
{
	uint8_t key[131], h[32], okm[42];
	uint8_t ikm[22], salt[13], info[11];

	(void)state;
	memset(key, 0x0b, 20);
	crypto_hmac(key, 20, "Hi There", 8, h);
	is_hex(h, 32, "b0344c61d8db38535ca8afceaf0bf12b"
	    "881dc200c9833da726e9376c2e32cff7");
	crypto_hmac("Jefe", 4, "what do ya want for nothing?", 28, h);
	is_hex(h, 32, "5bdcc146bf60754e6a042426089575c7"
	    "5a003f089d2739839dec58b964ec3843");
	memset(key, 0xaa, 131);
	crypto_hmac(key, 131, "Test Using Larger Than Block-Size Key - "
	    "Hash Key First", 54, h);
	is_hex(h, 32, "60e431591ee0b67f0d8a26aacbf5b77f"
	    "8e0bc6213728c5140546040f0ee37f54");

	memset(ikm, 0x0b, sizeof(ikm));
	for (size_t i = 0; i < sizeof(salt); i++)
		salt[i] = (uint8_t)i;
	for (size_t i = 0; i < 10; i++)
		info[i] = (uint8_t)(0xf0 + i);
	info[10] = 0;
	crypto_hkdf(ikm, sizeof(ikm), salt, sizeof(salt), (char *)info, okm,
	    sizeof(okm));
	is_hex(okm, sizeof(okm), "3cb25f25faacd57a90434f64d0362f2a"
	    "2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865");
	crypto_hkdf(ikm, sizeof(ikm), NULL, 0, "", okm, sizeof(okm));
	is_hex(okm, sizeof(okm), "8da4e775a563c18f715f802a063c5a31"
	    "b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8");
}

/* RFC 8032 tests 1 and 2; RFC 7693 appendix A (BLAKE2b-512 of "abc"). */
static void
test_ed25519_blake2b(void **state)
{
	uint8_t seed[32], pub[32], sig[64], h[64], g[64];

	(void)state;
	assert_true(str_unhex(STR("9d61b19deffd5a60ba844af492ec2cc4"
	    "4449c5697b326919703bac031cae7f60"), seed, 32));
	crypto_ed25519_public(seed, pub);
	is_hex(pub, 32, "d75a980182b10ab7d54bfed3c964073a"
	    "0ee172f3daa62325af021a68f707511a");
	crypto_ed25519_sign(seed, "", 0, sig);
	is_hex(sig, 64, "e5564300c360ac729086e2cc806e828a"
	    "84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46b"
	    "d25bf5f0595bbe24655141438e7a100b");
	assert_true(crypto_ed25519_verify(pub, "", 0, sig));
	assert_false(crypto_ed25519_verify(pub, "x", 1, sig));
	for (int bit = 0; bit < 512; bit++) {
		sig[bit / 8] ^= (uint8_t)(1 << bit % 8);
		assert_false(crypto_ed25519_verify(pub, "", 0, sig));
		sig[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	crypto_blake2b(h, 64, "abc", 3, NULL, 0);
	is_hex(h, 64, "ba80a53f981c4d0d6a2797b69f12f6e9"
	    "4c212f14685ac4b74b12bb6fdbffa2d17d87c5392aab792dc252d5de4533cc95"
	    "18d38aa8dbf1925ab92386edd4009923");
	crypto_blake2b_2(g, 64, "a", 1, "bc", 2, NULL, 0);
	assert_memory_equal(h, g, 64);
}

static void
test_sealing(void **state)
{
	uint8_t key[32], nonce[24], box[40], out[40];
	uint8_t header[CRYPTO_STREAM_HEADER], pieces[3][27];
	struct crypto_stream s;
	bool last;

	(void)state;
	rng_bytes(key, sizeof(key));
	rng_bytes(nonce, sizeof(nonce));
	crypto_seal(box, "message", 7, "ad", 2, nonce, key);
	assert_true(crypto_open(out, box, 23, "ad", 2, nonce, key));
	assert_memory_equal(out, "message", 7);
	assert_false(crypto_open(out, box, 23, "aD", 2, nonce, key));
	assert_false(crypto_open(out, box, 22, "ad", 2, nonce, key));
	assert_false(crypto_open(out, box, 3, "ad", 2, nonce, key));

	crypto_stream_seal_begin(&s, header, key);
	for (int i = 0; i < 3; i++)
		crypto_stream_seal(&s, pieces[i], "0123456789", 10, "h",
		    i == 0, i == 2);
	/* In order it opens; the end is known. */
	crypto_stream_open_begin(&s, header, key);
	for (int i = 0; i < 3; i++) {
		assert_true(crypto_stream_open(&s, out, pieces[i], 27, "h",
		    i == 0, &last));
		assert_int_equal(last, i == 2);
	}
	/* Left out, out of order, with another header: it does not. */
	crypto_stream_open_begin(&s, header, key);
	assert_false(crypto_stream_open(&s, out, pieces[1], 27, "h", 1,
	    &last));
	crypto_stream_open_begin(&s, header, key);
	assert_false(crypto_stream_open(&s, out, pieces[0], 27, "g", 1,
	    &last));
	header[3] ^= 1;
	crypto_stream_open_begin(&s, header, key);
	assert_false(crypto_stream_open(&s, out, pieces[0], 27, "h", 1,
	    &last));
}

static void
test_zstd(void **state)
{
	BUF_SCOPED z = BUF_INIT, p = BUF_INIT, big = BUF_INIT;

	(void)state;
	for (int i = 0; i < 100000; i++)
		buf_printf(&big, "row %d\n", i % 100);
	zstd_compress(big.ptr, big.len, &z);
	assert_true(z.len < big.len / 10);
	assert_int_equal(zstd_decompress(z.ptr, z.len, big.len, &p, NULL), 0);
	assert_true(str_eq(buf_str(&p), buf_str(&big)));
	/* A bomb is refused before memory is taken. */
	buf_reset(&p);
	assert_int_equal(zstd_decompress(z.ptr, z.len, big.len - 1, &p, NULL),
	    -ERR_LIMIT);
	/* Cut, two frames, something behind. */
	assert_int_equal(zstd_decompress(z.ptr, z.len - 1, big.len, &p, NULL),
	    -ERR_INPUT);
	size_t one = z.len;
	zstd_compress("x", 1, &z);
	assert_int_equal(zstd_decompress(z.ptr, z.len, big.len * 2, &p, NULL),
	    -ERR_INPUT);
	assert_int_equal(zstd_decompress(z.ptr, one + 1, big.len * 2, &p,
	    NULL), -ERR_INPUT);
	assert_int_equal(zstd_decompress("nonsense", 8, 100, &p, NULL),
	    -ERR_INPUT);
	assert_int_equal(zstd_decompress("", 0, 100, &p, NULL), -ERR_INPUT);
	assert_int_equal(p.len, 0);
	buf_reset(&z);
	zstd_compress("", 0, &z);
	assert_int_equal(zstd_decompress(z.ptr, z.len, 0, &p, NULL), 0);
	assert_int_equal(p.len, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sha256),
		cmocka_unit_test(test_hmac_hkdf),
		cmocka_unit_test(test_ed25519_blake2b),
		cmocka_unit_test(test_sealing),
		cmocka_unit_test(test_zstd),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
