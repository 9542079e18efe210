#include "ledger/age.h"

#include "base/arena.h"
#include "base/clock.h"

#define INTRO "age-encryption.org/"
#define VERSION INTRO "v1"
#define ARMOR "-----BEGIN AGE ENCRYPTED FILE-----"
#define LABEL "age-encryption.org/v1/X25519"
#define FILE_KEY 16
#define WRAPPED (FILE_KEY + CRYPTO_TAG)
#define PAYLOAD_NONCE 16
#define SEALED (AGE_CHUNK + CRYPTO_TAG)
#define COLUMNS 64 /* of a full line of a stanza's body */

/* --- what both directions share ------------------------------------------ */

/* base64 without padding. */
static void
put_b64(struct buf *out, const void *p, size_t n)
{
	buf_putb64(out, p, n);
	while (out->len > 0 && out->ptr[out->len - 1] == '=')
		out->ptr[--out->len] = '\0';
}

/* Strict: canonical and without padding; exactly ${n} bytes. */
static bool
get_b64(struct str s, void *out, size_t n)
{
	BUF_SCOPED text = BUF_INIT;
	BUF_SCOPED raw = BUF_INIT;
	bool ok;

	if (s.len != (n * 4 + 2) / 3 || memchr(s.ptr, '=', s.len) != NULL)
		return (false);
	buf_putstr(&text, s);
	while (text.len % 4 != 0)
		buf_putc(&text, '=');
	ok = str_unb64(buf_str(&text), &raw) && raw.len == n;
	if (ok)
		memcpy(out, raw.ptr, n);
	return (ok);
}

/* The key that wraps the file's key, from the secret that both sides share. */
static void
wrap_key(const uint8_t shared[32], const uint8_t share[32],
    const uint8_t recipient[32], uint8_t out[CRYPTO_KEY])
{
	uint8_t salt[64];

	memcpy(salt, share, 32);
	memcpy(salt + 32, recipient, 32);
	crypto_hkdf(shared, 32, salt, sizeof(salt), LABEL, out, CRYPTO_KEY);
}

static void
header_mac(const uint8_t key[FILE_KEY], struct str header,
    uint8_t out[CRYPTO_HASH])
{
	uint8_t mac[CRYPTO_KEY];

	crypto_hkdf(key, FILE_KEY, NULL, 0, "header", mac, sizeof(mac));
	crypto_hmac(mac, sizeof(mac), header.ptr, header.len, out);
	crypto_wipe(mac, sizeof(mac));
}

/* Chunks are numbered, and the last one says so. */
struct payload {
	uint8_t key[CRYPTO_KEY];
	uint64_t chunk;
};

static void
payload_begin(struct payload *p, const uint8_t key[FILE_KEY],
    const uint8_t nonce[PAYLOAD_NONCE])
{
	crypto_hkdf(key, FILE_KEY, nonce, PAYLOAD_NONCE, "payload", p->key,
	    sizeof(p->key));
	p->chunk = 0;
}

static void
payload_nonce(struct payload *p, bool last, uint8_t out[CRYPTO_CHACHA_NONCE])
{
	memset(out, 0, CRYPTO_CHACHA_NONCE);
	for (int i = 0; i < 8; i++)
		out[10 - i] = (uint8_t)(p->chunk >> 8 * i);
	out[11] = last;
	p->chunk++;
}

/* --- writing ------------------------------------------------------------- */

struct age_writer {
	age_put_fn *put;
	void *ctx;
	struct payload payload;
	size_t n; /* bytes of the chunk so far */
	uint8_t chunk[SEALED];
};

static int
put_stanza(const struct age_recipient *to, const uint8_t key[FILE_KEY],
    struct buf *out, struct err *e)
{
	static const uint8_t zero[CRYPTO_CHACHA_NONCE];
	uint8_t secret[32], share[32], shared[32], wrap[CRYPTO_KEY];
	uint8_t body[WRAPPED];
	bool ok;

	rng_bytes(secret, sizeof(secret));
	crypto_x25519_public(secret, share);
	ok = crypto_x25519(secret, to->public, shared);
	crypto_wipe(secret, sizeof(secret));
	if (!ok)
		return (err_set(e, ERR_INPUT, NULL, "make one with age-keygen",
		    "a recipient's key is of those that hide nothing"));
	wrap_key(shared, share, to->public, wrap);
	/* The wrapping key is used for this alone, hence the fixed nonce. */
	crypto_chacha_seal(body, key, FILE_KEY, zero, wrap);
	crypto_wipe(shared, sizeof(shared));
	crypto_wipe(wrap, sizeof(wrap));
	buf_puts(out, "-> X25519 ");
	put_b64(out, share, sizeof(share));
	buf_putc(out, '\n');
	put_b64(out, body, sizeof(body));
	buf_putc(out, '\n');
	return (0);
}

static int
put_header(const struct age_recipient *to, size_t n,
    const uint8_t key[FILE_KEY], struct buf *out, struct err *e)
{
	uint8_t mac[CRYPTO_HASH];

	buf_puts(out, VERSION "\n");
	for (size_t i = 0; i < n; i++) {
		int r = put_stanza(&to[i], key, out, e);
		if (r != 0)
			return (r);
	}
	buf_puts(out, "---");
	header_mac(key, buf_str(out), mac);
	buf_putc(out, ' ');
	put_b64(out, mac, sizeof(mac));
	buf_putc(out, '\n');
	return (0);
}

int
age_write_open(const struct age_recipient *to, size_t n, age_put_fn *put,
    void *ctx, struct age_writer **ret, struct err *e)
{
	BUF_SCOPED head = BUF_INIT;
	uint8_t key[FILE_KEY], nonce[PAYLOAD_NONCE];
	struct age_writer *w;
	int r;

	if (n == 0 || n > AGE_RECIPIENTS)
		return (err_set(e, ERR_INPUT, NULL, NULL,
		    "a file is encrypted for 1 to %d recipients, not %zu",
		    AGE_RECIPIENTS, n));
	w = calloc(1, sizeof(*w));
	if (w == NULL)
		err_oom(sizeof(*w));
	w->put = put;
	w->ctx = ctx;
	rng_bytes(key, sizeof(key));
	rng_bytes(nonce, sizeof(nonce));
	payload_begin(&w->payload, key, nonce);
	r = put_header(to, n, key, &head, e);
	crypto_wipe(key, sizeof(key));
	buf_put(&head, nonce, sizeof(nonce));
	if (r == 0)
		r = put(ctx, head.ptr, head.len, e);
	if (r != 0) {
		age_write_close(w);
		return (r);
	}
	*ret = w;
	return (0);
}

static int
put_chunk(struct age_writer *w, bool last, struct err *e)
{
	uint8_t nonce[CRYPTO_CHACHA_NONCE];
	size_t n = w->n;

	payload_nonce(&w->payload, last, nonce);
	crypto_chacha_seal(w->chunk, w->chunk, n, nonce, w->payload.key);
	w->n = 0;
	return (w->put(w->ctx, w->chunk, n + CRYPTO_TAG, e));
}

int
age_write(struct age_writer *w, const void *p, size_t n, struct err *e)
{
	const uint8_t *b = p;

	while (n > 0) {
		size_t m = AGE_CHUNK - w->n;
		/* A full chunk waits: it may be the last one. */
		if (m == 0) {
			int r = put_chunk(w, false, e);
			if (r != 0)
				return (r);
			m = AGE_CHUNK;
		}
		if (m > n)
			m = n;
		memcpy(w->chunk + w->n, b, m);
		w->n += m;
		b += m;
		n -= m;
	}
	return (0);
}

int
age_write_end(struct age_writer *w, struct err *e)
{
	return (put_chunk(w, true, e));
}

void
age_write_close(struct age_writer *w)
{
	if (w == NULL)
		return;
	crypto_wipe(w, sizeof(*w));
	free(w);
}

uint64_t
age_sealed_size(uint64_t header, uint64_t n)
{
	uint64_t chunks = n == 0 ? 1 : (n + AGE_CHUNK - 1) / AGE_CHUNK;

	return (header + PAYLOAD_NONCE + n + chunks * CRYPTO_TAG);
}

uint64_t
age_header_size(size_t recipients)
{
	/* The lines of one stanza: its share and its body, 43 digits each. */
	return (strlen(VERSION "\n") +
	    recipients * (strlen("-> X25519 \n\n") + 43 + 43) +
	    strlen("--- \n") + 43);
}

/* --- reading: the header ------------------------------------------------- */

struct age_reader {
	age_get_fn *get;
	void *ctx;
	struct payload payload;
	bool ended;
	struct buf head; /* what was read of the header, and a little more */
	size_t at;       /* of head: where the next line begins */
	size_t have;     /* bytes in chunk */
	/* One byte more than a chunk tells whether another one follows. */
	uint8_t chunk[SEALED + 1];
	uint8_t plain[AGE_CHUNK];
};

static int
malformed(struct err *e, const char *what)
{
	return (err_set(e, ERR_INPUT, NULL, "get it again from where it came",
	    "not a well-formed age file: %s", what));
}

/* Makes the next line of the header; a view into head. */
static int
next_line(struct age_reader *r, struct str *ret, struct err *e)
{
	size_t from = r->at;

	for (;;) {
		const char *p = r->head.len == from ? NULL :
		    memchr(r->head.ptr + from, '\n', r->head.len - from);
		size_t n;
		int code;
		if (p != NULL) {
			*ret = (struct str){ r->head.ptr + r->at,
				(size_t)(p - (r->head.ptr + r->at)) };
			r->at = (size_t)(p - r->head.ptr) + 1;
			return (0);
		}
		from = r->head.len;
		if (from >= AGE_HEADER_MAX)
			return (malformed(e, "its header is too long"));
		buf_reserve(&r->head, 4096);
		code = r->get(r->ctx, r->head.ptr + from, 4096, &n, e);
		if (code != 0)
			return (code);
		if (n == 0)
			return (malformed(e, "its header is cut off"));
		r->head.len += n;
	}
}

static bool
is_b64(struct str s)
{
	for (size_t i = 0; i < s.len; i++) {
		char c = s.ptr[i];
		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
		    (c >= '0' && c <= '9') || c == '+' || c == '/'))
			return (false);
	}
	return (true);
}

/* A line of a body by itself: alphabet, length, and unused bits zero. */
static bool
body_line(struct str s, uint8_t raw[48], size_t *ret_n)
{
	size_t n = s.len * 3 / 4;

	if (s.len > COLUMNS || s.len % 4 == 1 || !is_b64(s))
		return (false);
	*ret_n = n;
	return (n == 0 || get_b64(s, raw, n));
}

struct stanza {
	struct str type;
	struct str arg;      /* the first one */
	size_t args;         /* without the type */
	uint8_t body[48];    /* its first bytes */
	size_t len;          /* bytes of the body */
};

static bool
stanza_args(struct str line, struct stanza *s)
{
	struct str arg;

	*s = (struct stanza){ .args = 0 };
	line.ptr += 3;
	line.len -= 3;
	for (size_t i = 0; str_split(&line, ' ', &arg); i++) {
		if (arg.len == 0)
			return (false);
		for (size_t k = 0; k < arg.len; k++)
			if (arg.ptr[k] < 0x21 || arg.ptr[k] > 0x7e)
				return (false);
		if (i == 0)
			s->type = arg;
		else if (i == 1)
			s->arg = arg;
		s->args = i;
	}
	return (s->type.len != 0);
}

static int
stanza_body(struct age_reader *r, struct stanza *s, struct err *e)
{
	/* Reading on may move the line that its arguments point into. */
	size_t type = (size_t)(s->type.ptr - r->head.ptr);
	size_t arg = s->args > 0 ? (size_t)(s->arg.ptr - r->head.ptr) : 0;
	struct str line;
	uint8_t raw[48];
	size_t n;

	do {
		int code = next_line(r, &line, e);
		if (code != 0)
			return (code);
		if (!body_line(line, raw, &n))
			return (malformed(e, "the body of a stanza"));
		if (s->len == 0)
			memcpy(s->body, raw, n);
		s->len += n;
	} while (line.len == COLUMNS);
	s->type.ptr = r->head.ptr + type;
	if (s->args > 0)
		s->arg.ptr = r->head.ptr + arg;
	return (0);
}

/* *ret_hit: it was for one of the identities, and *key is the file's key. */
static int
try_x25519(const struct stanza *s, const struct age_identity *ids, size_t n,
    uint8_t key[FILE_KEY], bool *ret_hit, struct err *e)
{
	static const uint8_t zero[CRYPTO_CHACHA_NONCE];
	uint8_t share[32], shared[32], wrap[CRYPTO_KEY];

	if (s->args != 1 || !get_b64(s->arg, share, sizeof(share)))
		return (malformed(e, "the arguments of an X25519 stanza"));
	if (s->len != WRAPPED)
		return (malformed(e, "the length of an X25519 stanza"));
	for (size_t i = 0; i < n && !*ret_hit; i++) {
		if (!crypto_x25519(ids[i].secret, share, shared))
			return (malformed(e,
			    "the share of an X25519 stanza hides nothing"));
		wrap_key(shared, share, ids[i].public, wrap);
		*ret_hit = crypto_chacha_open(key, s->body, WRAPPED, zero,
		    wrap);
	}
	crypto_wipe(shared, sizeof(shared));
	crypto_wipe(wrap, sizeof(wrap));
	return (0);
}

/* "v" and a number. */
static bool
version_like(struct str line)
{
	size_t n = strlen(INTRO "v");

	if (!str_starts(line, INTRO "v") || line.len == n || line.len > n + 9)
		return (false);
	for (; n < line.len; n++)
		if (line.ptr[n] < '0' || line.ptr[n] > '9')
			return (false);
	return (true);
}

static int
read_version(struct age_reader *r, struct err *e)
{
	struct str line;
	int code = next_line(r, &line, e);

	if (code != 0)
		return (code);
	if (str_starts(line, ARMOR))
		return (err_set(e, ERR_INPUT, NULL,
		    "decode what is between its first and last line with "
		    "base64 -d", "this age file is armored"));
	if (str_is(line, VERSION))
		return (0);
	if (version_like(line))
		return (err_set(e, ERR_NEWER, NULL,
		    "open it with a program that knows this version",
		    "an age file of another version: " STR_FMT,
		    STR_ARG(line)));
	return (malformed(e, "it does not begin with " VERSION));
}

static int
nobody(size_t stanzas, bool scrypt, struct err *e)
{
	if (scrypt)
		return (err_set(e, ERR_DENIED, NULL,
		    "open it with the age tool",
		    "this age file is encrypted with a passphrase"));
	return (err_set(e, ERR_DENIED, NULL,
	    "give the identity of one whom it was encrypted for",
	    "none of the identities opens it (it is for %zu recipient%s)",
	    stanzas, stanzas == 1 ? "" : "s"));
}

static int
check_mac(struct age_reader *r, struct str line, const uint8_t key[FILE_KEY],
    bool hit, struct err *e)
{
	struct str head = { r->head.ptr,
		(size_t)(line.ptr - r->head.ptr) + 3 };
	uint8_t want[CRYPTO_HASH], got[CRYPTO_HASH];

	if (line.len < 4 || line.ptr[3] != ' ' || !get_b64((struct str){
	        line.ptr + 4, line.len - 4 }, got, sizeof(got)))
		return (malformed(e, "the last line of its header"));
	if (!hit)
		return (0);
	header_mac(key, head, want);
	if (!crypto_same(want, got, sizeof(want)))
		return (err_set(e, ERR_DAMAGED, NULL,
		    "get it again from where it came",
		    "the header of the age file was changed"));
	return (0);
}

static int
read_header(struct age_reader *r, const struct age_identity *ids, size_t n,
    uint8_t key[FILE_KEY], struct err *e)
{
	struct str line;
	size_t stanzas = 0;
	bool hit = false, scrypt = false;
	int code = read_version(r, e);

	while (code == 0 && (code = next_line(r, &line, e)) == 0) {
		struct stanza s;
		if (str_starts(line, "---"))
			break;
		if (++stanzas > AGE_STANZAS)
			return (malformed(e, "it has too many stanzas"));
		if (!str_starts(line, "-> ") || !stanza_args(line, &s))
			return (malformed(e, "the first line of a stanza"));
		code = stanza_body(r, &s, e);
		if (code != 0)
			break;
		if (str_is(s.type, "X25519"))
			code = try_x25519(&s, ids, n, key, &hit, e);
		scrypt |= str_is(s.type, "scrypt");
	}
	if (code != 0)
		return (code);
	if (stanzas == 0)
		return (malformed(e, "it is for nobody"));
	if (scrypt && stanzas > 1)
		return (malformed(e, "a passphrase beside other recipients"));
	code = check_mac(r, line, key, hit, e);
	if (code == 0 && !hit)
		code = nobody(stanzas, scrypt, e);
	return (code);
}

/* --- reading: the payload ------------------------------------------------ */

/* Fills p up to ${n} bytes, first with what was read along with the header. */
static int
fill(struct age_reader *r, uint8_t *p, size_t n, size_t *have, struct err *e)
{
	size_t m = r->head.len - r->at;

	if (m > n - *have)
		m = n - *have;
	if (m > 0) {
		memcpy(p + *have, r->head.ptr + r->at, m);
		r->at += m;
		*have += m;
	}
	while (*have < n) {
		int code = r->get(r->ctx, p + *have, n - *have, &m, e);
		if (code != 0)
			return (code);
		if (m == 0)
			break;
		*have += m;
	}
	return (0);
}

int
age_read_open(const struct age_identity *ids, size_t n, age_get_fn *get,
    void *ctx, struct age_reader **ret, struct err *e)
{
	uint8_t key[FILE_KEY] = { 0 }, nonce[PAYLOAD_NONCE];
	struct age_reader *r = calloc(1, sizeof(*r));
	size_t have = 0;
	int code;

	if (r == NULL)
		err_oom(sizeof(*r));
	r->get = get;
	r->ctx = ctx;
	code = read_header(r, ids, n, key, e);
	if (code == 0)
		code = fill(r, nonce, sizeof(nonce), &have, e);
	if (code == 0 && have < sizeof(nonce))
		code = malformed(e, "it is cut off after its header");
	if (code == 0)
		payload_begin(&r->payload, key, nonce);
	crypto_wipe(key, sizeof(key));
	if (code != 0) {
		age_read_close(r);
		return (code);
	}
	*ret = r;
	return (0);
}

int
age_read(struct age_reader *r, const uint8_t **ret_p, size_t *ret_n,
    struct err *e)
{
	uint8_t nonce[CRYPTO_CHACHA_NONCE];
	uint64_t no = r->payload.chunk;
	size_t n;
	bool last;
	int code;

	if (r->ended) {
		*ret_p = r->plain;
		*ret_n = 0;
		return (0);
	}
	code = fill(r, r->chunk, SEALED + 1, &r->have, e);
	if (code != 0)
		return (code);
	last = r->have <= SEALED;
	n = last ? r->have : SEALED;
	payload_nonce(&r->payload, last, nonce);
	/* Only a file without a byte may end in an empty chunk. */
	if (n < CRYPTO_TAG || (n == CRYPTO_TAG && no > 0) ||
	    !crypto_chacha_open(r->plain, r->chunk, n, nonce, r->payload.key))
		return (err_set(e, ERR_DAMAGED, NULL,
		    "get it again from where it came",
		    "the age file was changed or cut off at chunk %llu",
		    (unsigned long long)no));
	r->have -= n;
	if (r->have > 0)
		memmove(r->chunk, r->chunk + n, r->have);
	r->ended = last;
	*ret_p = r->plain;
	*ret_n = n - CRYPTO_TAG;
	return (0);
}

void
age_read_close(struct age_reader *r)
{
	if (r == NULL)
		return;
	buf_free(&r->head);
	crypto_wipe(r, sizeof(*r));
	free(r);
}

/* --- files and memory ---------------------------------------------------- */

int
age_file_put(void *ctx, const void *p, size_t n, struct err *e)
{
	struct age_file *f = ctx;
	int r = file_pwrite(f->f, p, n, f->at, e);

	if (r == 0)
		f->at += n;
	return (r);
}

int
age_file_get(void *ctx, void *p, size_t cap, size_t *ret_n, struct err *e)
{
	struct age_file *f = ctx;
	uint64_t left = f->end - f->at;
	size_t n = left < cap ? (size_t)left : cap;
	int r = n == 0 ? 0 : file_pread(f->f, p, n, f->at, e);

	if (r != 0)
		return (r);
	f->at += n;
	*ret_n = n;
	return (0);
}

int
age_buf_put(void *ctx, const void *p, size_t n, struct err *e)
{
	(void)e;
	buf_put(ctx, p, n);
	return (0);
}

int
age_str_get(void *ctx, void *p, size_t cap, size_t *ret_n, struct err *e)
{
	struct str *s = ctx;
	size_t n = s->len < cap ? s->len : cap;

	(void)e;
	if (n > 0)
		memcpy(p, s->ptr, n);
	s->ptr += n;
	s->len -= n;
	*ret_n = n;
	return (0);
}

int
age_seal(const struct age_recipient *to, size_t n, struct str plain,
    struct buf *out, struct err *e)
{
	struct age_writer *w;
	size_t start = out->len;
	int r;

	buf_reserve(out, (size_t)age_sealed_size(age_header_size(n),
	    plain.len));
	r = age_write_open(to, n, age_buf_put, out, &w, e);
	if (r != 0)
		return (r);
	r = age_write(w, plain.ptr, plain.len, e);
	if (r == 0)
		r = age_write_end(w, e);
	age_write_close(w);
	if (r != 0)
		out->len = start;
	return (r);
}

int
age_open(const struct age_identity *ids, size_t n, struct str sealed,
    struct buf *out, struct err *e)
{
	struct age_reader *r;
	const uint8_t *p;
	size_t start = out->len, m;
	int code;

	/* Opened it is smaller: the buffer never moves what was opened. */
	buf_reserve(out, sealed.len);
	code = age_read_open(ids, n, age_str_get, &sealed, &r, e);
	if (code != 0)
		return (code);
	while ((code = age_read(r, &p, &m, e)) == 0 && m > 0)
		buf_put(out, p, m);
	age_read_close(r);
	if (code != 0) {
		crypto_wipe(out->ptr + start, out->len - start);
		out->len = start;
	}
	return (code);
}
