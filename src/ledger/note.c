#include "ledger/note.h"

#include <inttypes.h>

#define DASH "\xe2\x80\x94 " /* U+2014, a space */

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
note_key_make(const char *name, const uint8_t public[CRYPTO_PUBLIC],
    struct note_key *ret)
{
	uint8_t typed[1 + CRYPTO_PUBLIC];

	if (!note_name_ok(str_from(name)))
		BUG("key name %s", name);
	*ret = (struct note_key){ .type = NOTE_ED25519 };
	snprintf(ret->name, sizeof(ret->name), "%s", name);
	memcpy(ret->public, public, CRYPTO_PUBLIC);
	typed[0] = NOTE_ED25519;
	memcpy(typed + 1, public, CRYPTO_PUBLIC);
	ret->id = key_id(str_from(name), typed, sizeof(typed));
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

int
note_key_parse(struct str s, struct note_key *ret, struct err *e)
{
	BUF_SCOPED raw = BUF_INIT;
	struct note_key k = { .type = NOTE_ED25519 };
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
	if (raw.ptr[0] != NOTE_ED25519)
		return (err_set(e, ERR_INPUT, NULL,
		    "use an Ed25519 key (type 1)",
		    "verifier key of the unknown type %d",
		    (unsigned char)raw.ptr[0]));
	if (raw.len != 1 + CRYPTO_PUBLIC)
		return (bad_key(e, "the key has a wrong length"));
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

void
note_put_signature(const struct note_key *k, const uint8_t sig[CRYPTO_SIG],
    struct buf *out)
{
	uint8_t b[4 + CRYPTO_SIG];

	b[0] = (uint8_t)(k->id >> 24);
	b[1] = (uint8_t)(k->id >> 16);
	b[2] = (uint8_t)(k->id >> 8);
	b[3] = (uint8_t)k->id;
	memcpy(b + 4, sig, CRYPTO_SIG);
	buf_printf(out, DASH "%s ", k->name);
	buf_putb64(out, b, sizeof(b));
	buf_putc(out, '\n');
}

static int
bad_note(struct err *e, const char *what)
{
	return (err_set(e, ERR_INPUT, NULL, NULL, "not a signed note: %s",
	    what));
}

/* One signature line; *found counts those that hold. */
static int
check_line(struct str line, struct str text, const struct note_key *keys,
    size_t n, size_t *found, struct err *e)
{
	BUF_SCOPED raw = BUF_INIT;
	struct str name;
	uint32_t id;

	if (!str_starts(line, DASH))
		return (bad_note(e, "a signature line does not begin with a "
		    "dash"));
	line.ptr += strlen(DASH);
	line.len -= strlen(DASH);
	if (!str_split(&line, ' ', &name) || !note_name_ok(name) ||
	    !str_unb64(line, &raw) || raw.len < 5)
		return (bad_note(e, "a signature line is malformed"));
	const uint8_t *b = (const uint8_t *)raw.ptr;
	id = (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 |
	    (uint32_t)b[2] << 8 | b[3];
	for (size_t i = 0; i < n; i++) {
		if (keys[i].id != id || !str_is(name, keys[i].name))
			continue;
		if (raw.len != 4 + CRYPTO_SIG ||
		    !crypto_ed25519_verify(keys[i].public, text.ptr, text.len,
		        b + 4))
			return (err_set(e, ERR_DAMAGED, NULL, NULL,
			    "the signature of %s does not hold",
			    keys[i].name));
		++*found;
	}
	return (0);
}

int
note_open(struct str note, const struct note_key *keys, size_t n,
    struct str *ret_text, struct err *e)
{
	struct str text, rest, line;
	size_t cut = 0, found = 0, lines = 0;

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
	text = (struct str){ note.ptr, cut };
	rest = (struct str){ note.ptr + cut + 1, note.len - cut - 1 };
	if (rest.len == 0)
		return (bad_note(e, "it has no signature line"));
	rest.len--; /* the last line feed, so that no empty line follows */
	while (str_split(&rest, '\n', &line)) {
		if (++lines > NOTE_SIGS)
			return (bad_note(e, "it has too many signatures"));
		int r = check_line(line, text, keys, n, &found, e);
		if (r != 0)
			return (r);
	}
	if (found == 0)
		return (err_set(e, ERR_DENIED, NULL,
		    "check with the right verifier key",
		    "no signature by a known key"));
	*ret_text = text;
	return (0);
}
