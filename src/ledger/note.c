#include "ledger/note.h"

#include <inttypes.h>

#define DASH "\xe2\x80\x94 " /* U+2014, a space */
#define MOST 80 /* bytes of a signature of any type */

/* --- types of signatures ------------------------------------------------- */

/* Does ${sig}, of the type's length, hold for ${text}? And its time, or -1. */
typedef bool verify_fn(const struct note_key *k, struct str text,
    const uint8_t *sig, int64_t *ret_time);
static verify_fn verify_ed25519, verify_cosignature;

static const struct type {
	enum note_type type;
	const char *name;
	size_t public; /* bytes of a public key */
	size_t sig;    /* bytes of a signature, without the key id */
	verify_fn *verify;
} types[] = {
	{ NOTE_ED25519, "Ed25519 signature", CRYPTO_PUBLIC, CRYPTO_SIG,
	    verify_ed25519 },
	{ NOTE_COSIGNATURE, "Ed25519 cosignature", CRYPTO_PUBLIC,
	    8 + CRYPTO_SIG, verify_cosignature },
};

/* Types that others assigned, for the error that refuses them. */
static const struct {
	int type;
	const char *name;
} foreign[] = {
	{ 0x02, "ECDSA signature" },
	{ 0x05, "tree head signature of Certificate Transparency" },
	{ 0x06, "ML-DSA-44 cosignature" },
};

static const struct type *
find_type(int type)
{
	for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++)
		if ((int)types[i].type == type)
			return (&types[i]);
	return (NULL);
}

static const struct type *
type_of(const struct note_key *k)
{
	const struct type *t = find_type((int)k->type);

	if (t == NULL)
		BUG("a key of type %d", (int)k->type);
	return (t);
}

const char *
note_type_name(enum note_type type)
{
	const struct type *t = find_type((int)type);

	return (t != NULL ? t->name : "unknown");
}

static bool
verify_ed25519(const struct note_key *k, struct str text, const uint8_t *sig,
    int64_t *ret_time)
{
	*ret_time = -1;
	return (crypto_ed25519_verify(k->public, text.ptr, text.len, sig));
}

void
note_cosign_message(struct str text, int64_t time, struct buf *out)
{
	buf_printf(out, "cosignature/v1\ntime %" PRId64 "\n", time);
	buf_putstr(out, text);
}

static bool
verify_cosignature(const struct note_key *k, struct str text,
    const uint8_t *sig, int64_t *ret_time)
{
	BUF_SCOPED message = BUF_INIT;
	uint64_t time = 0;

	for (int i = 0; i < 8; i++)
		time = time << 8 | sig[i];
	if (time > INT64_MAX)
		return (false);
	note_cosign_message(text, (int64_t)time, &message);
	*ret_time = (int64_t)time;
	return (crypto_ed25519_verify(k->public, message.ptr, message.len,
	    sig + 8));
}

/* --- keys ---------------------------------------------------------------- */

bool
note_name_ok(struct str s)
{
	size_t at = 0;

	if (s.len == 0 || s.len > NOTE_NAME || !str_utf8_ok(s))
		return (false);
	while (at < s.len) {
		int32_t c = str_utf8_next(s, &at);
		if (c <= 0x20 || c == '+' || (c >= 0x7f && c <= 0xa0) ||
		    c == 0x1680 || (c >= 0x2000 && c <= 0x200a) ||
		    c == 0x2028 || c == 0x2029 || c == 0x202f ||
		    c == 0x205f || c == 0x3000)
			return (false);
	}
	return (true);
}

static uint32_t
key_id(struct str name, const uint8_t *typed, size_t n)
{
	struct crypto_sha s;
	uint8_t h[CRYPTO_HASH];

	crypto_sha_init(&s);
	crypto_sha_update(&s, name.ptr, name.len);
	crypto_sha_update(&s, "\n", 1);
	crypto_sha_update(&s, typed, n);
	crypto_sha_final(&s, h);
	return ((uint32_t)h[0] << 24 | (uint32_t)h[1] << 16 |
	    (uint32_t)h[2] << 8 | h[3]);
}

void
note_key_make_as(enum note_type type, const char *name,
    const uint8_t public[CRYPTO_PUBLIC], struct note_key *ret)
{
	uint8_t typed[1 + CRYPTO_PUBLIC];

	if (!note_name_ok(str_from(name)))
		BUG("key name %s", name);
	*ret = (struct note_key){ .type = type };
	snprintf(ret->name, sizeof(ret->name), "%s", name);
	memcpy(ret->public, public, CRYPTO_PUBLIC);
	typed[0] = (uint8_t)type;
	memcpy(typed + 1, public, CRYPTO_PUBLIC);
	ret->id = key_id(str_from(name), typed, sizeof(typed));
}

void
note_key_make(const char *name, const uint8_t public[CRYPTO_PUBLIC],
    struct note_key *ret)
{
	note_key_make_as(NOTE_ED25519, name, public, ret);
}

bool
note_key_same(const struct note_key *a, const struct note_key *b)
{
	return (a->type == b->type && a->id == b->id &&
	    strcmp(a->name, b->name) == 0 &&
	    crypto_same(a->public, b->public, CRYPTO_PUBLIC));
}

/* Eight digits of lower-case hex. */
static bool
parse_id(struct str s, uint32_t *ret)
{
	uint8_t b[4];

	for (size_t i = 0; i < s.len; i++)
		if (s.ptr[i] >= 'A' && s.ptr[i] <= 'F')
			return (false);
	if (!str_unhex(s, b, sizeof(b)))
		return (false);
	*ret = (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 |
	    (uint32_t)b[2] << 8 | b[3];
	return (true);
}

static int
bad_key(struct err *e, const char *what)
{
	return (err_set(e, ERR_INPUT, NULL,
	    "give a line of the form name+8 hex digits+base64",
	    "not a verifier key: %s", what));
}

static int
bad_type(int type, struct err *e)
{
	const char *name = "unknown";

	for (size_t i = 0; i < sizeof(foreign) / sizeof(*foreign); i++)
		if (foreign[i].type == type)
			name = foreign[i].name;
	return (err_set(e, ERR_INPUT, NULL,
	    "use an Ed25519 key (type 0x01), for a witness an Ed25519 "
	    "cosignature key (type 0x04)",
	    "verifier key of type 0x%02x (%s), which this version cannot check",
	    (unsigned)type, name));
}

int
note_key_parse(struct str s, struct note_key *ret, struct err *e)
{
	BUF_SCOPED raw = BUF_INIT;
	struct note_key k = { .id = 0 };
	const struct type *t;
	struct str name, id;

	/* Base64 may hold a "+"; the name may not. */
	if (!str_split(&s, '+', &name) || !str_split(&s, '+', &id))
		return (bad_key(e, "it has no three parts"));
	if (!note_name_ok(name))
		return (bad_key(e, "the name is not allowed"));
	if (!parse_id(id, &k.id))
		return (bad_key(e, "the key id is not 8 digits of hex"));
	if (!str_unb64(s, &raw) || raw.len == 0)
		return (bad_key(e, "the key is not base64"));
	if (key_id(name, (const uint8_t *)raw.ptr, raw.len) != k.id)
		return (bad_key(e, "the key id does not fit the key"));
	t = find_type((unsigned char)raw.ptr[0]);
	if (t == NULL)
		return (bad_type((unsigned char)raw.ptr[0], e));
	if (raw.len != 1 + t->public)
		return (bad_key(e, "the key has a wrong length"));
	k.type = t->type;
	memcpy(k.name, name.ptr, name.len);
	memcpy(k.public, raw.ptr + 1, CRYPTO_PUBLIC);
	*ret = k;
	return (0);
}

void
note_key_print(const struct note_key *k, struct buf *out)
{
	uint8_t typed[1 + CRYPTO_PUBLIC];

	typed[0] = (uint8_t)k->type;
	memcpy(typed + 1, k->public, CRYPTO_PUBLIC);
	buf_printf(out, "%s+%08" PRIx32 "+", k->name, k->id);
	buf_putb64(out, typed, sizeof(typed));
}

/* --- notes --------------------------------------------------------------- */

bool
note_text_ok(struct str text)
{
	if (text.len == 0 || text.ptr[text.len - 1] != '\n' ||
	    !str_utf8_ok(text))
		return (false);
	for (size_t i = 0; i < text.len; i++) {
		unsigned char c = (unsigned char)text.ptr[i];
		if ((c < 0x20 && c != '\n') || c == 0x7f)
			return (false);
	}
	return (true);
}

static void
put_line(const struct note_key *k, const uint8_t *sig, size_t n,
    struct buf *out)
{
	uint8_t b[4 + MOST];

	b[0] = (uint8_t)(k->id >> 24);
	b[1] = (uint8_t)(k->id >> 16);
	b[2] = (uint8_t)(k->id >> 8);
	b[3] = (uint8_t)k->id;
	memcpy(b + 4, sig, n);
	buf_printf(out, DASH "%s ", k->name);
	buf_putb64(out, b, 4 + n);
	buf_putc(out, '\n');
}

void
note_put_signature(const struct note_key *k, const uint8_t sig[CRYPTO_SIG],
    struct buf *out)
{
	if (k->type != NOTE_ED25519)
		BUG("a signature by the key %s of type %d", k->name, k->type);
	put_line(k, sig, CRYPTO_SIG, out);
}

void
note_put_cosignature(const struct note_key *k, int64_t time,
    const uint8_t sig[CRYPTO_SIG], struct buf *out)
{
	uint8_t b[8 + CRYPTO_SIG];

	if (k->type != NOTE_COSIGNATURE || time < 0)
		BUG("a cosignature by the key %s of type %d at %" PRId64,
		    k->name, k->type, time);
	for (int i = 0; i < 8; i++)
		b[i] = (uint8_t)((uint64_t)time >> (56 - 8 * i));
	memcpy(b + 8, sig, CRYPTO_SIG);
	put_line(k, b, sizeof(b), out);
}

static int
bad_note(struct err *e, const char *what)
{
	return (err_set(e, ERR_INPUT, NULL, NULL, "not a signed note: %s",
	    what));
}

/* A signature line without its LF: name, and key id || signature. */
static int
split_line(struct str line, struct str *name, struct buf *raw, struct err *e)
{
	if (!str_starts(line, DASH))
		return (bad_note(e, "a signature line does not begin with a "
		    "dash"));
	line.ptr += strlen(DASH);
	line.len -= strlen(DASH);
	if (!str_split(&line, ' ', name) || !note_name_ok(*name) ||
	    !str_unb64(line, raw) || raw->len < 5)
		return (bad_note(e, "a signature line is malformed"));
	return (0);
}

/* One signature line; those that hold go to ${s}. */
static int
check_line(struct str line, struct str text, const struct note_key *keys,
    size_t n, struct note_signers *s, struct err *e)
{
	BUF_SCOPED raw = BUF_INIT;
	struct str name;
	int r = split_line(line, &name, &raw, e);

	if (r != 0)
		return (r);
	const uint8_t *b = (const uint8_t *)raw.ptr;
	uint32_t id = (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 |
	    (uint32_t)b[2] << 8 | b[3];
	bool held = false;
	for (size_t i = 0; i < n; i++) {
		int64_t time;
		if (keys[i].id != id || !str_is(name, keys[i].name))
			continue;
		const struct type *t = type_of(&keys[i]);
		if (raw.len != 4 + t->sig ||
		    !t->verify(&keys[i], text, b + 4, &time))
			return (err_set(e, ERR_DAMAGED, NULL, NULL,
			    "the signature of %s does not hold",
			    keys[i].name));
		if (held) /* the same key, given twice */
			continue;
		held = true;
		s->at[s->n++] = (struct note_signer){ i, time,
			{ line.ptr, line.len + 1 } };
	}
	return (0);
}

int
note_split(struct str note, struct str *ret_text, struct str *ret_lines,
    struct err *e)
{
	size_t cut = 0;

	if (note.len > NOTE_MAX)
		return (err_set(e, ERR_LIMIT, NULL, NULL,
		    "a note of %zu bytes is too long", note.len));
	if (!note_text_ok(note))
		return (bad_note(e, "it is not text that ends in a line "
		    "feed"));
	/* The last blank line divides: the text may hold others. */
	for (size_t i = 1; i < note.len; i++)
		if (note.ptr[i] == '\n' && note.ptr[i - 1] == '\n')
			cut = i;
	if (cut == 0)
		return (bad_note(e, "it has no blank line"));
	if (note.len == cut + 1)
		return (bad_note(e, "it has no signature line"));
	*ret_text = (struct str){ note.ptr, cut };
	*ret_lines = (struct str){ note.ptr + cut + 1, note.len - cut - 1 };
	return (0);
}

int
note_open_signers(struct str note, const struct note_key *keys, size_t n,
    struct str *ret_text, struct note_signers *ret, struct err *e)
{
	struct note_signers s = { .n = 0 };
	struct str text, rest, line;
	size_t lines = 0;
	int r = note_split(note, &text, &rest, e);

	if (r != 0)
		return (r);
	rest.len--; /* the last line feed, so that no empty line follows */
	while (str_split(&rest, '\n', &line)) {
		if (++lines > NOTE_SIGS)
			return (bad_note(e, "it has too many signatures"));
		if ((r = check_line(line, text, keys, n, &s, e)) != 0)
			return (r);
	}
	if (s.n == 0)
		return (err_set(e, ERR_DENIED, NULL,
		    "check with the right verifier key",
		    "no signature by a known key"));
	*ret_text = text;
	if (ret != NULL)
		*ret = s;
	return (0);
}

int
note_open(struct str note, const struct note_key *keys, size_t n,
    struct str *ret_text, struct err *e)
{
	return (note_open_signers(note, keys, n, ret_text, NULL, e));
}
