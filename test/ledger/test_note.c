/* Signed notes, verifier keys, checkpoints. */
#include "fixture.h"

#include "ledger/checkpoint.h"
#include "ledger/note.h"

/* The example of the documentation of Go's package sumdb/note. */
#define PETER "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
#define PETER_NOTE                                                             \
	"If you think cryptography is the answer to your problem,\n"          \
	"then you don't know what your problem is.\n"                         \
	"\n"                                                                  \
	"\xe2\x80\x94 PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNI"  \
	"uGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"

static void
test_foreign(void **state)
{
	BUF_SCOPED b = BUF_INIT;
	struct note_key k;
	struct str text;
	struct err e = { .code = ERR_OK };

	(void)state;
	assert_int_equal(note_key_parse(STR(PETER), &k, &e), 0);
	assert_string_equal(k.name, "PeterNeumann");
	assert_int_equal(k.id, 0xc74f20a3);
	note_key_print(&k, &b);
	assert_string_equal(b.ptr, PETER);
	if (note_open(STR(PETER_NOTE), &k, 1, &text, &e) != 0)
		fail_msg("%s", e.what);
	assert_true(str_starts(text, "If you think") &&
	    str_ends(text, "problem is.\n"));
}

static void
test_bad_keys(void **state)
{
	static const char *const bad[] = {
		"", "PeterNeumann", "PeterNeumann+c74f20a3",
		"PeterNeumann+c74f20a3+",
		"PeterNeumann+C74F20A3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/"
		    "LDE4izWy10TW",
		"PeterNeumann+c74f20a4+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/"
		    "LDE4izWy10TW",
		"Peter Neumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/"
		    "LDE4izWy10TW",
		"+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
		"PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/",
		"PeterNeumann+c74f20a3+*",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		struct note_key k;
		assert_int_equal(note_key_parse(str_from(bad[i]), &k, NULL),
		    -ERR_INPUT);
	}
}

struct signer {
	uint8_t seed[32];
	struct note_key key;
};

static void
signer_make(struct signer *s, const char *name, uint8_t fill)
{
	uint8_t pub[32];

	memset(s->seed, fill, sizeof(s->seed));
	crypto_ed25519_public(s->seed, pub);
	note_key_make(name, pub, &s->key);
}

static void
sign(const struct signer *s, struct str text, struct buf *out)
{
	uint8_t sig[CRYPTO_SIG];

	crypto_ed25519_sign(s->seed, text.ptr, text.len, sig);
	note_put_signature(&s->key, sig, out);
}

static void
test_many_signatures(void **state)
{
	struct signer one, two, other;
	struct note_key keys[2];
	struct str text = STR("a\n\nb\n"), got;
	BUF_SCOPED b = BUF_INIT;

	(void)state;
	signer_make(&one, "one", 1);
	signer_make(&two, "two", 2);
	signer_make(&other, "other", 3);
	keys[0] = one.key;
	keys[1] = two.key;
	buf_putstr(&b, text);
	buf_putc(&b, '\n');
	for (int i = 0; i < 15; i++)
		sign(&other, text, &b);
	/* Nobody that we know. */
	assert_int_equal(note_open(buf_str(&b), keys, 2, &got, NULL),
	    -ERR_DENIED);
	sign(&two, text, &b);
	assert_int_equal(note_open(buf_str(&b), keys, 2, &got, NULL), 0);
	assert_true(str_eq(got, text));
	/* A wrong signature of one that we know spoils it. */
	sign(&one, STR("other text\n"), &b);
	assert_int_equal(note_open(buf_str(&b), keys, 2, &got, NULL),
	    -ERR_DAMAGED);
	for (int i = 0; i < 100; i++)
		sign(&other, text, &b);
	assert_int_equal(note_open(buf_str(&b), keys + 1, 1, &got, NULL),
	    -ERR_INPUT);
}

/* Every single-bit change of a signed checkpoint is refused. */
static void
test_bits(void **state)
{
	struct checkpoint c = { .origin = "tickmark.local/x", .size = 12345 },
	    d;
	struct signer s;
	BUF_SCOPED b = BUF_INIT;
	size_t text;

	(void)state;
	signer_make(&s, c.origin, 9);
	memset(c.root.h, 0xa7, sizeof(c.root.h));
	checkpoint_print(&c, &b);
	text = b.len;
	BUF_SCOPED line = BUF_INIT;
	sign(&s, buf_str(&b), &line);
	buf_putc(&b, '\n');
	buf_putstr(&b, buf_str(&line));
	assert_int_equal(checkpoint_open(buf_str(&b), &s.key, &d, NULL), 0);
	assert_int_equal(d.size, 12345);
	assert_string_equal(d.origin, c.origin);
	assert_memory_equal(&d.root, &c.root, sizeof(d.root));
	for (size_t bit = 0; bit < b.len * 8; bit++) {
		b.ptr[bit / 8] ^= (char)(1 << bit % 8);
		assert_int_not_equal(checkpoint_open(buf_str(&b), &s.key, &d,
		    NULL), 0);
		b.ptr[bit / 8] ^= (char)(1 << bit % 8);
	}
	for (size_t n = 0; n < b.len; n++)
		assert_int_not_equal(checkpoint_open((struct str){ b.ptr, n },
		    &s.key, &d, NULL), 0);
	assert_true(text < b.len);
}

static void
test_checkpoint_text(void **state)
{
#define ROOT "nND/nri/U0xuHUrYSy0HtMeal2vzD9V4k/BO79C+QeI=\n"
	static const struct {
		const char *text;
		bool good;
	} in[] = {
		{ "o\n0\n" ROOT, true },
		{ "o\n18446744073709551615\n" ROOT, true },
		{ "o\n5\n" ROOT "extension\n", true },
		{ "o\n18446744073709551616\n" ROOT, false },
		{ "o\n05\n" ROOT, false },
		{ "o\n+5\n" ROOT, false },
		{ "o\n-5\n" ROOT, false },
		{ "o\n\n" ROOT, false },
		{ "o\n5 \n" ROOT, false },
		{ "\n5\n" ROOT, false },
		{ "o\n5\nnND/nri=\n", false },
		{ "o\n5\n", false },
		{ "o\n5\n" ROOT "\n", false },
		{ "o\n5\n" ROOT "a\n\nb\n", false },
		{ "o\r\n5\n" ROOT, false },
		{ "", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(in) / sizeof(*in); i++) {
		struct checkpoint c;
		int r = checkpoint_parse(str_from(in[i].text), &c, NULL);
		if ((r == 0) != in[i].good)
			fail_msg("case %zu: %d", i, r);
	}
}

static void
test_names(void **state)
{
	(void)state;
	assert_true(note_name_ok(STR("tickmark.local/abc")));
	assert_true(note_name_ok(STR("caf\xc3\xa9")));
	assert_false(note_name_ok(STR("")));
	assert_false(note_name_ok(STR("a b")));
	assert_false(note_name_ok(STR("a+b")));
	assert_false(note_name_ok(STR("a\nb")));
	assert_false(note_name_ok(STR("a\xc2\xa0" "b")));
	assert_false(note_name_ok(STR("a\xe2\x80\x83" "b")));
	assert_false(note_name_ok(STR("\xff")));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_foreign),
		cmocka_unit_test(test_bad_keys),
		cmocka_unit_test(test_many_signatures),
		cmocka_unit_test(test_bits),
		cmocka_unit_test(test_checkpoint_text),
		cmocka_unit_test(test_names),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
