/*
 * The age format: both ways with Debian's age and age-keygen, and by the kinds
 * of the format's own test vectors: files forged here with one fault each.
 */
#include "fixture.h"

#include <sys/stat.h>
#include <sys/wait.h>

#include "ledger/age.h"

static const uint8_t FILE_KEY[16] = "YELLOW SUBMARINE";
static const uint8_t NONCE[16] = "sixteen bytes...";

static int
run(const char *const argv[])
{
	int status;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		execvp(argv[0], (char *const *)argv);
		_exit(127);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return (WIFEXITED(status) ? WEXITSTATUS(status) : -1);
}

static void
fill(struct buf *b, size_t n)
{
	for (size_t i = 0; i < n; i++)
		buf_putc(b, (char)(i * 7 + i / 251));
}

/* --- forging ------------------------------------------------------------- */

static void
raw64(struct buf *out, const void *p, size_t n)
{
	buf_putb64(out, p, n);
	while (out->ptr[out->len - 1] == '=')
		out->ptr[--out->len] = '\0';
}

/* The last digit with one of its unused bits set. */
static void
spoil(struct buf *out)
{
	out->ptr[out->len - 1]++;
}

static void
wrap(const struct age_identity *to, const uint8_t *key, size_t n,
    uint8_t share[32], uint8_t *body)
{
	static const uint8_t zero[12];
	uint8_t eph[32], shared[32], salt[64], k[32];

	memset(eph, 0x42, sizeof(eph));
	crypto_x25519_public(eph, share);
	assert_true(crypto_x25519(eph, to->public, shared));
	memcpy(salt, share, 32);
	memcpy(salt + 32, to->public, 32);
	crypto_hkdf(shared, 32, salt, 64, "age-encryption.org/v1/X25519", k,
	    32);
	crypto_chacha_seal(body, key, n, zero, k);
}

/*
 * A header from a template: @S share, @B body, @M mac; @s @b @m the same not
 * canonical, @L and @H a share that is too long and too short, @Z one that
 * hides nothing, @K the body of a longer file key, @T a body and @W a mac with
 * a wrong bit, @P the mac with its padding, @o @p share and body for somebody
 * else.
 */
static void
forge_header(const char *t, const struct age_identity *id, struct buf *out)
{
	struct age_identity other;
	uint8_t share[33] = { 0 }, body[48], x[33] = { 0 }, k[32], mac[32];
	uint8_t oshare[32], obody[48];

	memset(other.secret, 3, sizeof(other.secret));
	crypto_x25519_public(other.secret, other.public);
	wrap(&other, FILE_KEY, 16, oshare, obody);
	wrap(id, FILE_KEY, 16, share, body);
	crypto_hkdf(FILE_KEY, 16, NULL, 0, "header", k, 32);
	for (; *t != '\0'; t++) {
		if (*t != '@') {
			buf_putc(out, *t);
			continue;
		}
		switch (*++t) {
		case 'S': raw64(out, share, 32); break;
		case 's': raw64(out, share, 32); spoil(out); break;
		case 'L': raw64(out, share, 33); break;
		case 'H': raw64(out, share, 31); break;
		case 'Z': raw64(out, x, 32); break;
		case 'B': raw64(out, body, 32); break;
		case 'b': raw64(out, body, 32); spoil(out); break;
		case 'o': raw64(out, oshare, 32); break;
		case 'p': raw64(out, obody, 32); break;
		case 'T':
			body[5] ^= 1;
			raw64(out, body, 32);
			break;
		case 'K': {
			uint8_t longer[32] = { 1 }, b[48];
			wrap(id, longer, 32, share, b);
			raw64(out, b, 48);
			buf_putc(out, '\n');
			break;
		}
		default: {
			/* Up to the three dashes, wherever they stand. */
			const char *d = memmem(out->ptr, out->len, "\n---", 4);
			crypto_hmac(k, 32, out->ptr,
			    d == NULL ? out->len :
			        (size_t)(d - out->ptr) + 4, mac);
			if (*t == 'W')
				mac[0] ^= 0x80;
			if (*t == 'P')
				buf_putb64(out, mac, 32);
			else
				raw64(out, mac, 32);
			if (*t == 'm')
				spoil(out);
		}
		}
	}
}

/* One chunk of ${n} bytes. */
static void
forge_chunk(uint64_t no, size_t n, bool last, struct buf *out)
{
	uint8_t k[32], nonce[12] = { 0 };
	BUF_SCOPED plain = BUF_INIT;

	crypto_hkdf(FILE_KEY, 16, NONCE, 16, "payload", k, 32);
	nonce[10] = (uint8_t)no;
	nonce[11] = last;
	fill(&plain, n);
	buf_reserve(out, n + 16);
	crypto_chacha_seal((uint8_t *)out->ptr + out->len, plain.ptr, n, nonce,
	    k);
	out->len += n + 16;
}

#define V "age-encryption.org/v1\n"
#define X "-> X25519 @S\n@B\n"
#define E64 "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n"

static void
test_headers(void **state)
{
	static const struct {
		const char *text;
		enum err_code want;
	} in[] = {
		{ V X "--- @M\n", ERR_OK },
		{ "", ERR_INPUT },
		{ "age-encryption.org/v2\n" X "--- @M\n", ERR_NEWER },
		{ "age-encryption.org/v1\r\n" X "--- @M\n", ERR_INPUT },
		{ "age-encryption.org/v1 \n" X "--- @M\n", ERR_INPUT },
		{ "age-encryption.com/v1\n" X "--- @M\n", ERR_INPUT },
		{ "-----BEGIN AGE ENCRYPTED FILE-----\n", ERR_INPUT },
		{ V "--- @M\n", ERR_INPUT },
		/* The mac. */
		{ V X "--- @W\n", ERR_DAMAGED },
		{ V X "---  @M\n", ERR_INPUT },
		{ V X "---@M\n", ERR_INPUT },
		{ V X "--- @M \n", ERR_INPUT },
		{ V X "--- @m\n", ERR_INPUT },
		{ V X "--- @P\n", ERR_INPUT },
		{ V X "--- A\n", ERR_INPUT },
		{ V X "--- AAAA\n", ERR_INPUT },
		{ V X "--- \n", ERR_INPUT },
		{ V X "---\n", ERR_INPUT },
		{ V X "--- @M AAAAAAA\n", ERR_INPUT },
		{ V X "--- @M\r\n", ERR_INPUT },
		{ V X, ERR_INPUT },
		/* Stanzas of other kinds. */
		{ V "-> grease a b c\nAAAA\n" X "--- @M\n", ERR_OK },
		{ V X "-> grease\n\n--- @M\n", ERR_OK },
		{ V "-> !\"#$%&'()*+,-./0123456789:;<=>?@@\n\n" X "--- @M\n",
		    ERR_OK },
		{ V "-> x\n" E64 "\n" X "--- @M\n", ERR_OK },
		{ V "-> x\n" E64 E64 "AA\n" X "--- @M\n", ERR_OK },
		{ V "-> x\n" E64 X "--- @M\n", ERR_INPUT },
		{ V "-> x\n" X "--- @M\n", ERR_INPUT },
		{ V "-> x\nA" E64 "\n" X "--- @M\n", ERR_INPUT },
		{ V "-> x\nAAAA\nAAAA\n" X "--- @M\n", ERR_INPUT },
		{ V "-> x\nAB\n" X "--- @M\n", ERR_INPUT },
		{ V "-> x\nAA==\n" X "--- @M\n", ERR_INPUT },
		{ V "-> x\nA\n" X "--- @M\n", ERR_INPUT },
		{ V "-> x\nAA \n" X "--- @M\n", ERR_INPUT },
		{ V "-> x\nAA\r\n" X "--- @M\n", ERR_INPUT },
		{ V "-> x\xff\n\n" X "--- @M\n", ERR_INPUT },
		{ V "-> x \n\n" X "--- @M\n", ERR_INPUT },
		{ V "-> x  y\n\n" X "--- @M\n", ERR_INPUT },
		{ V "->  x\n\n" X "--- @M\n", ERR_INPUT },
		{ V "-> \n\n" X "--- @M\n", ERR_INPUT },
		{ V "->\n\n" X "--- @M\n", ERR_INPUT },
		{ V "->x\n\n" X "--- @M\n", ERR_INPUT },
		{ V "=> x\n\n" X "--- @M\n", ERR_INPUT },
		{ V "\n" X "--- @M\n", ERR_INPUT },
		{ V "-> scrypt AAAAAAAAAAAAAAAAAAAAAA 10\n@B\n" X "--- @M\n",
		    ERR_INPUT },
		{ V "-> scrypt AAAAAAAAAAAAAAAAAAAAAA 10\n@B\n--- @M\n",
		    ERR_DENIED },
		/* X25519. */
		{ V "-> X25519 @S\n@T\n--- @M\n", ERR_DENIED },
		{ V "-> X25519 @o\n@p\n--- @M\n", ERR_DENIED },
		{ V "-> X25519 @o\n@p\n" X "--- @M\n", ERR_OK },
		{ V X "-> X25519 @o\n@p\n--- @M\n", ERR_OK },
		{ V "-> x25519 @S\n@B\n--- @M\n", ERR_DENIED },
		{ V "-> X25519 @S 1\n@B\n--- @M\n", ERR_INPUT },
		{ V "-> X25519\n@B\n--- @M\n", ERR_INPUT },
		{ V "-> X25519 @L\n@B\n--- @M\n", ERR_INPUT },
		{ V "-> X25519 @H\n@B\n--- @M\n", ERR_INPUT },
		{ V "-> X25519 @s\n@B\n--- @M\n", ERR_INPUT },
		{ V "-> X25519 @S\n@b\n--- @M\n", ERR_INPUT },
		{ V "-> X25519 @Z\n@B\n--- @M\n", ERR_INPUT },
		{ V "-> X25519 @S\n@K--- @M\n", ERR_INPUT },
		{ V X "-> X25519 @S 1\n@B\n--- @M\n", ERR_INPUT },
	};
	struct age_identity id;

	(void)state;
	memset(id.secret, 9, sizeof(id.secret));
	crypto_x25519_public(id.secret, id.public);
	for (size_t i = 0; i < sizeof(in) / sizeof(*in); i++) {
		BUF_SCOPED b = BUF_INIT, out = BUF_INIT;
		struct err e = { .code = ERR_OK };
		forge_header(in[i].text, &id, &b);
		buf_put(&b, NONCE, sizeof(NONCE));
		forge_chunk(0, 100, true, &b);
		int r = age_open(&id, 1, buf_str(&b), &out, &e);
		if (r != -(int)in[i].want)
			fail_msg("case %zu: %d: %s", i, r, e.what);
		if (r != 0 && (out.len != 0 || e.code != in[i].want))
			fail_msg("case %zu left something", i);
	}
}

struct chunk {
	size_t n;
	bool last;
	int no; /* -1: its place */
};

static void
test_payloads(void **state)
{
#define FULL AGE_CHUNK
	static const struct {
		struct chunk c[4];
		size_t n, cut, garbage;
		bool good;
	} in[] = {
		{ { { 5, true, -1 } }, 1, 0, 0, true },
		{ { { 0, true, -1 } }, 1, 0, 0, true },
		{ { { FULL, true, -1 } }, 1, 0, 0, true },
		{ { { FULL, false, -1 }, { 1, true, -1 } }, 2, 0, 0, true },
		{ { { FULL, false, -1 }, { FULL, true, -1 } }, 2, 0, 0, true },
		{ { { FULL, false, -1 }, { FULL, false, -1 },
		    { 9, true, -1 } }, 3, 0, 0, true },
		/* None, or the last one empty. */
		{ { { 0, true, -1 } }, 0, 0, 0, false },
		{ { { FULL, false, -1 }, { 0, true, -1 } }, 2, 0, 0, false },
		/* Not marked as the last one. */
		{ { { 5, false, -1 } }, 1, 0, 0, false },
		{ { { FULL, false, -1 } }, 1, 0, 0, false },
		{ { { FULL, false, -1 }, { 7, false, -1 } }, 2, 0, 0, false },
		{ { { FULL, false, -1 }, { FULL, false, -1 } }, 2, 0, 0,
		    false },
		/* Marked too early. */
		{ { { 5, true, -1 }, { 5, true, -1 } }, 2, 0, 0, false },
		{ { { FULL, true, -1 }, { FULL, true, -1 } }, 2, 0, 0, false },
		{ { { FULL, true, -1 }, { 5, true, -1 } }, 2, 0, 0, false },
		/* Short in the middle. */
		{ { { 5, false, -1 }, { 5, true, -1 } }, 2, 0, 0, false },
		{ { { FULL, false, -1 }, { 5, false, -1 }, { 5, true, -1 } },
		    3, 0, 0, false },
		/* Exchanged, twice, left out, shifted. */
		{ { { FULL, false, 1 }, { FULL, false, 0 },
		    { 5, true, -1 } }, 3, 0, 0, false },
		{ { { FULL, false, 0 }, { FULL, false, 0 },
		    { 5, true, -1 } }, 3, 0, 0, false },
		{ { { FULL, false, 0 }, { 5, true, 2 } }, 2, 0, 0, false },
		{ { { FULL, false, 1 }, { 5, true, 2 } }, 2, 0, 0, false },
		/* Cut off. */
		{ { { 5, true, -1 } }, 1, 1, 0, false },
		{ { { 5, true, -1 } }, 1, 16, 0, false },
		{ { { 5, true, -1 } }, 1, 6, 0, false },
		{ { { FULL, false, -1 }, { 5, true, -1 } }, 2, 21, 0, false },
		{ { { FULL, false, -1 }, { 5, true, -1 } }, 2, 1, 0, false },
		/* Bytes that follow. */
		{ { { 5, true, -1 } }, 1, 0, 1, false },
		{ { { 5, true, -1 } }, 1, 0, 70000, false },
		{ { { FULL, true, -1 } }, 1, 0, 1, false },
	};
	struct age_identity id;

	(void)state;
	memset(id.secret, 9, sizeof(id.secret));
	crypto_x25519_public(id.secret, id.public);
	for (size_t i = 0; i < sizeof(in) / sizeof(*in); i++) {
		BUF_SCOPED b = BUF_INIT, out = BUF_INIT, want = BUF_INIT;
		struct err e = { .code = ERR_OK };
		forge_header(V X "--- @M\n", &id, &b);
		buf_put(&b, NONCE, sizeof(NONCE));
		for (size_t k = 0; k < in[i].n; k++) {
			const struct chunk *c = &in[i].c[k];
			forge_chunk(c->no < 0 ? k : (uint64_t)c->no, c->n,
			    c->last, &b);
			fill(&want, c->n);
		}
		b.len -= in[i].cut;
		fill(&b, in[i].garbage);
		int r = age_open(&id, 1, buf_str(&b), &out, &e);
		if (r != (in[i].good ? 0 : -ERR_DAMAGED))
			fail_msg("case %zu: %d: %s", i, r, e.what);
		if (in[i].good && !str_eq(buf_str(&out), buf_str(&want)))
			fail_msg("case %zu: other bytes", i);
		if (!in[i].good && out.len != 0)
			fail_msg("case %zu left something", i);
	}
}

/* --- our own files ------------------------------------------------------- */

struct drip {
	struct str s;
	size_t step;
	int fail_at; /* bytes; -1: never */
};

static int
drip_get(void *ctx, void *p, size_t cap, size_t *ret_n, struct err *e)
{
	struct drip *d = ctx;

	if (d->fail_at == 0)
		return (err_set(e, ERR_IO, NULL, NULL, "no more"));
	if (d->fail_at > 0)
		d->fail_at--;
	return (age_str_get(&d->s, p, cap < d->step ? cap : d->step, ret_n,
	    e));
}

static void
test_round(void **state)
{
	static const size_t sizes[] = { 0, 1, 15, 65535, 65536, 65537, 131071,
		131072, 131073, 400000 };
	struct age_identity id[3];
	struct age_recipient to[3];

	(void)state;
	for (int i = 0; i < 3; i++) {
		age_identity_make(&id[i]);
		age_identity_recipient(&id[i], &to[i]);
	}
	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		BUF_SCOPED plain = BUF_INIT, b = BUF_INIT;
		size_t n = 1 + i % 3, step = 1 + i * 9973;
		struct age_writer *w;
		fill(&plain, sizes[i]);
		assert_int_equal(age_write_open(to, n, age_buf_put, &b, &w,
		    NULL), 0);
		for (size_t at = 0; at < plain.len; at += step)
			assert_int_equal(age_write(w, plain.ptr + at,
			    step < plain.len - at ? step : plain.len - at,
			    NULL), 0);
		assert_int_equal(age_write_end(w, NULL), 0);
		age_write_close(w);
		assert_int_equal(b.len, age_sealed_size(age_header_size(n),
		    plain.len));
		for (size_t k = 0; k < 3; k++) {
			BUF_SCOPED out = BUF_INIT;
			int r = age_open(&id[k], 1, buf_str(&b), &out, NULL);
			assert_int_equal(r, k < n ? 0 : -ERR_DENIED);
			if (k < n)
				assert_true(str_eq(buf_str(&out),
				    buf_str(&plain)));
		}
		/* In small pieces, and among other identities. */
		struct drip d = { buf_str(&b), 1 + i * 501, -1 };
		struct age_reader *r;
		const uint8_t *p;
		size_t m, at = 0;
		assert_int_equal(age_read_open(id, 3, drip_get, &d, &r, NULL),
		    0);
		while (age_read(r, &p, &m, NULL) == 0 && m > 0) {
			assert_memory_equal(p, plain.ptr + at, m);
			at += m;
		}
		assert_int_equal(at, plain.len);
		age_read_close(r);
	}
	BUF_SCOPED none = BUF_INIT;
	assert_int_equal(age_seal(to, 0, STR("x"), &none, NULL), -ERR_INPUT);
}

static void
test_changes(void **state)
{
	BUF_SCOPED plain = BUF_INIT, b = BUF_INIT;
	struct age_identity id;
	struct age_recipient to;

	(void)state;
	age_identity_make(&id);
	age_identity_recipient(&id, &to);
	fill(&plain, 300);
	assert_int_equal(age_seal(&to, 1, buf_str(&plain), &b, NULL), 0);
	for (size_t bit = 0; bit < b.len * 8; bit++) {
		BUF_SCOPED out = BUF_INIT;
		b.ptr[bit / 8] ^= (char)(1 << bit % 8);
		assert_int_not_equal(age_open(&id, 1, buf_str(&b), &out, NULL),
		    0);
		assert_int_equal(out.len, 0);
		b.ptr[bit / 8] ^= (char)(1 << bit % 8);
	}
	for (size_t n = 0; n < b.len; n++) {
		BUF_SCOPED out = BUF_INIT;
		assert_int_not_equal(age_open(&id, 1, (struct str){ b.ptr, n },
		    &out, NULL), 0);
	}
	/* A source that fails is reported as what it is. */
	for (int i = 0; i < 40; i++) {
		struct drip d = { buf_str(&b), 17, i };
		struct age_reader *r = NULL;
		const uint8_t *p;
		size_t m;
		int code = age_read_open(&id, 1, drip_get, &d, &r, NULL);
		while (code == 0 && (code = age_read(r, &p, &m, NULL)) == 0 &&
		    m > 0)
			;
		age_read_close(r);
		if (code != 0)
			assert_int_equal(code, -ERR_IO);
		else
			assert_true(i > 20);
	}
}

static void
test_limits(void **state)
{
	BUF_SCOPED many = BUF_INIT, b = BUF_INIT, out = BUF_INIT;
	struct age_identity id;

	(void)state;
	memset(id.secret, 9, sizeof(id.secret));
	crypto_x25519_public(id.secret, id.public);
	/* A line, and a header, without an end. */
	buf_puts(&b, V "-> ");
	for (int i = 0; i < 200000; i++)
		buf_putc(&b, 'a');
	assert_int_equal(age_open(&id, 1, buf_str(&b), &out, NULL),
	    -ERR_INPUT);
	buf_reset(&b);
	buf_puts(&b, V "-> x\n");
	for (int i = 0; i < 3000; i++)
		buf_puts(&b, E64);
	assert_int_equal(age_open(&id, 1, buf_str(&b), &out, NULL),
	    -ERR_INPUT);
	/* So many stanzas and no more. */
	for (int n = AGE_STANZAS - 1; n <= AGE_STANZAS; n++) {
		buf_reset(&many);
		buf_reset(&b);
		buf_puts(&many, V);
		for (int i = 0; i < n; i++)
			buf_puts(&many, "-> x\n\n");
		buf_puts(&many, X "--- @M\n");
		forge_header(many.ptr, &id, &b);
		buf_put(&b, NONCE, sizeof(NONCE));
		forge_chunk(0, 3, true, &b);
		assert_int_equal(age_open(&id, 1, buf_str(&b), &out, NULL),
		    n < AGE_STANZAS ? 0 : -ERR_INPUT);
	}
}

/* --- keys ---------------------------------------------------------------- */

static void
test_keys(void **state)
{
	struct age_identity id, back;
	struct age_recipient r, again;
	BUF_SCOPED b = BUF_INIT;

	(void)state;
	age_identity_make(&id);
	age_identity_recipient(&id, &r);
	age_recipient_print(&r, &b);
	assert_int_equal(b.len, 62);
	assert_int_equal(age_recipient_parse(buf_str(&b), &again, NULL), 0);
	assert_memory_equal(&r, &again, sizeof(r));
	/* Every character counts. */
	for (size_t i = 0; i < b.len; i++) {
		char c = b.ptr[i];
		b.ptr[i] = c == 'q' ? 'p' : 'q';
		assert_int_equal(age_recipient_parse(buf_str(&b), &again,
		    NULL), -ERR_INPUT);
		b.ptr[i] = c >= 'a' && c <= 'z' ? (char)(c - 32) : 'B';
		assert_int_equal(age_recipient_parse(buf_str(&b), &again,
		    NULL), -ERR_INPUT);
		b.ptr[i] = c;
		assert_int_equal(age_recipient_parse((struct str){ b.ptr, i },
		    &again, NULL), -ERR_INPUT);
	}
	buf_reset(&b);
	age_identity_print(&id, &b);
	assert_int_equal(age_recipient_parse(buf_str(&b), &again, NULL),
	    -ERR_INPUT);
	assert_int_equal(age_identity_parse(buf_str(&b), &back, NULL), 0);
	assert_memory_equal(&id, &back, sizeof(id));
	for (size_t i = 0; i < b.len; i++) {
		struct err e = { .code = ERR_OK };
		char c = b.ptr[i];
		b.ptr[i] = c == 'Q' ? 'P' : 'Q';
		assert_int_equal(age_identity_parse(buf_str(&b), &back, &e),
		    -ERR_INPUT);
		/* Secrets are never repeated. */
		assert_null(strstr(e.what, b.ptr + 20));
		b.ptr[i] = c;
	}
	assert_int_equal(age_recipient_parse(STR("ssh-ed25519 AAAA"), &r, NULL),
	    -ERR_INPUT);
	assert_int_equal(age_recipient_parse(STR(""), &r, NULL), -ERR_INPUT);
	/* A point that hides nothing is no recipient. */
	memset(&r, 0, sizeof(r));
	buf_reset(&b);
	assert_int_equal(age_seal(&r, 1, STR("x"), &b, NULL), -ERR_INPUT);
	assert_int_equal(b.len, 0);
}

static void
write_text(const char *path, mode_t mode, const char *text)
{
	unlink(path);
	assert_int_equal(file_write(path, mode, text, strlen(text), NULL), 0);
}

static void
test_files(void **state)
{
	char dir[] = "/tmp/test_age.XXXXXX";
	ARENA_SCOPED a = ARENA_INIT;
	AGE_IDENTITIES_SCOPED ids = { .n = 0 };
	BUF_SCOPED b = BUF_INIT;
	struct age_recipient to;
	struct age_identity id;
	struct err e;

	(void)state;
	assert_non_null(mkdtemp(dir));
	const char *path = arena_printf(&a, "%s/key", dir);
	assert_int_equal(age_identity_write(path, &to, NULL), 0);
	assert_int_equal(age_identity_write(path, &to, NULL), -ERR_CONFLICT);
	assert_int_equal(age_identities_read(path, &ids, NULL), 0);
	assert_int_equal(ids.n, 1);
	assert_memory_equal(ids.at[0].public, to.public, 32);
	chmod(path, 0640);
	assert_int_equal(age_identities_read(path, &ids, NULL), -ERR_DENIED);
	assert_int_equal(ids.n, 1);
	/* Comments, empty lines, CR; and what is nothing of the kind. */
	age_identity_make(&id);
	age_identity_print(&id, &b);
	write_text(path, 0600, arena_printf(&a,
	    "# one\r\n\n%s\r\n\n# two\n%s", b.ptr, b.ptr));
	assert_int_equal(age_identities_read(path, &ids, NULL), 0);
	assert_int_equal(ids.n, 3);
	write_text(path, 0600, arena_printf(&a, "# one\n%s\n %s\n", b.ptr,
	    b.ptr));
	assert_int_equal(age_identities_read(path, &ids, &e), -ERR_INPUT);
	assert_non_null(strstr(e.where, "key:3"));
	assert_int_equal(ids.n, 3);
	write_text(path, 0600, "# nothing\n");
	assert_int_equal(age_identities_read(path, &ids, NULL), -ERR_INPUT);
	write_text(path, 0600, "");
	assert_int_equal(age_identities_read(path, &ids, NULL), -ERR_INPUT);
	BUF_SCOPED many = BUF_INIT;
	for (int i = 0; i < AGE_IDENTITIES; i++)
		buf_printf(&many, "%s\n", b.ptr);
	write_text(path, 0600, many.ptr);
	assert_int_equal(age_identities_read(path, &ids, NULL), -ERR_LIMIT);
	assert_int_equal(ids.n, 3);
	assert_int_equal(age_identities_read("/nonexistent/x", &ids, NULL),
	    -ERR_NOTFOUND);
	assert_int_equal(file_remove_tree(dir, NULL), 0);
}

/* --- Debian's age -------------------------------------------------------- */

static void
seal_file(const char *path, const struct age_recipient *to, size_t n,
    struct str plain)
{
	FILE_SCOPED f = FILE_INIT;
	struct age_file out = { &f, 0, 0 };
	struct age_writer *w;

	assert_int_equal(file_open(&f, path, FILE_APPEND, 0600, NULL), 0);
	assert_int_equal(age_write_open(to, n, age_file_put, &out, &w, NULL),
	    0);
	assert_int_equal(age_write(w, plain.ptr, plain.len, NULL), 0);
	assert_int_equal(age_write_end(w, NULL), 0);
	age_write_close(w);
	assert_int_equal(file_sync(&f, NULL), 0);
}

static void
test_debian(void **state)
{
	static const size_t sizes[] = { 0, 1, 65535, 65536, 65537, 1000000 };
	char dir[] = "/tmp/test_age.XXXXXX";
	ARENA_SCOPED a = ARENA_INIT;
	AGE_IDENTITIES_SCOPED ids = { .n = 0 };
	struct age_recipient to[3];

	(void)state;
	assert_non_null(mkdtemp(dir));
	char *ours = arena_printf(&a, "%s/ours", dir);
	char *theirs = arena_printf(&a, "%s/theirs", dir);
	char *in = arena_printf(&a, "%s/in", dir);
	char *out = arena_printf(&a, "%s/out", dir);
	assert_int_equal(age_identity_write(ours, &to[0], NULL), 0);
	assert_int_equal(run((const char *[]){ "age-keygen", "-o", theirs,
	    NULL }), 0);
	assert_int_equal(age_identities_read(ours, &ids, NULL), 0);
	assert_int_equal(age_identities_read(theirs, &ids, NULL), 0);
	/* They derive the same recipients from the files as we do. */
	for (size_t i = 0; i < 2; i++) {
		BUF_SCOPED b = BUF_INIT, want = BUF_INIT;
		unlink(out);
		assert_int_equal(run((const char *[]){ "age-keygen", "-y",
		    "-o", out, i == 0 ? ours : theirs, NULL }), 0);
		age_identity_recipient(&ids.at[i], &to[i]);
		age_recipient_print(&to[i], &want);
		buf_putc(&want, '\n');
		assert_int_equal(file_read(out, 4096, &b, NULL), 0);
		assert_string_equal(b.ptr, want.ptr);
	}
	memset(to[2].public, 9, 32);
	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		BUF_SCOPED plain = BUF_INIT, got = BUF_INIT, r0 = BUF_INIT,
		    r1 = BUF_INIT;
		fill(&plain, sizes[i]);
		unlink(in);
		seal_file(in, to, 1 + i % 3, buf_str(&plain));
		unlink(out);
		assert_int_equal(run((const char *[]){ "age", "-d", "-i",
		    i % 3 == 0 ? ours : theirs, "-o", out, in, NULL }), 0);
		if (sizes[i] == 0) /* it makes no file for nothing */
			write_text(out, 0600, "");
		assert_int_equal(file_read(out, 1 << 24, &got, NULL), 0);
		assert_true(str_eq(buf_str(&got), buf_str(&plain)));
		/* And back. */
		age_recipient_print(&to[0], &r0);
		age_recipient_print(&to[1], &r1);
		unlink(in);
		assert_int_equal(run((const char *[]){ "age", "-r", r0.ptr,
		    "-r", r1.ptr, "-o", in, out, NULL }), 0);
		assert_int_equal(file_read(in, 1 << 24, &got, NULL), 0);
		for (size_t k = 0; k < 2; k++) {
			BUF_SCOPED back = BUF_INIT;
			assert_int_equal(age_open(&ids.at[k], 1, buf_str(&got),
			    &back, NULL), 0);
			assert_true(str_eq(buf_str(&back), buf_str(&plain)));
		}
	}
	assert_int_equal(file_remove_tree(dir, NULL), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_headers),
		cmocka_unit_test(test_payloads),
		cmocka_unit_test(test_round),
		cmocka_unit_test(test_changes),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_keys),
		cmocka_unit_test(test_files),
		cmocka_unit_test(test_debian),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
