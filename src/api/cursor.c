#include "api/cursor.h"

#include "sys/crypto.h"

/*
 * One byte of version; eight of the question's digest; one for the state of the
 * value: '-' none, 'i' eight bytes of a number, 's' a text up to the id; then
 * the id, whose length is the last byte. In base64 for URLs, unpadded.
 */
#define VERSION 1
#define DIGEST 8

static void
digest(struct str question, uint8_t out[DIGEST])
{
	uint8_t h[CRYPTO_HASH];

	crypto_sha256(question.ptr, question.len, h);
	memcpy(out, h, DIGEST);
}

void
cursor_put(const struct record_place *place, struct str question,
    struct buf *out)
{
	BUF_SCOPED b = BUF_INIT;
	uint8_t d[DIGEST];
	size_t from = out->len;

	digest(question, d);
	buf_putc(&b, VERSION);
	buf_put(&b, d, sizeof(d));
	if (place->value.state != CELL_VALUE) {
		buf_putc(&b, '-');
	} else if (place->value.s.ptr == NULL) {
		buf_putc(&b, 'i');
		for (int i = 56; i >= 0; i -= 8)
			buf_putc(&b, (char)((uint64_t)place->value.i >> i));
	} else {
		buf_putc(&b, 's');
		buf_putstr(&b, place->value.s);
	}
	buf_putstr(&b, place->id);
	buf_putc(&b, (char)place->id.len);
	buf_putb64(out, b.ptr, b.len);
	while (out->len > from && out->ptr[out->len - 1] == '=')
		out->ptr[--out->len] = '\0';
	for (size_t i = from; i < out->len; i++)
		out->ptr[i] = out->ptr[i] == '+' ? '-' : out->ptr[i] == '/' ?
		    '_' : out->ptr[i];
}

static int
bad(struct err *e)
{
	return (err_set(e, ERR_USAGE, "query", "give the one that the page "
	    "before answered, with the rest of the query as it was",
	    "the cursor is not one of this list"));
}

static bool
decode(struct str text, struct buf *out)
{
	BUF_SCOPED b = BUF_INIT;

	if (text.len > CURSOR_MAX)
		return (false);
	for (size_t i = 0; i < text.len; i++) {
		char c = text.ptr[i];
		if (c == '+' || c == '/' || c == '=')
			return (false);
		buf_putc(&b, c == '-' ? '+' : c == '_' ? '/' : c);
	}
	while (b.len % 4 != 0)
		buf_putc(&b, '=');
	return (str_unb64(buf_str(&b), out));
}

int
cursor_parse(struct arena *a, struct str text, struct str question,
    struct record_place *ret, struct err *e)
{
	BUF_SCOPED b = BUF_INIT;
	struct record_place p = { .value = CELL_NONE };
	uint8_t d[DIGEST];

	digest(question, d);
	if (!decode(text, &b) || b.len < 1 + DIGEST + 2 || b.ptr[0] != VERSION ||
	    memcmp(b.ptr + 1, d, DIGEST) != 0)
		return (bad(e));
	struct str rest = arena_str(a, (struct str){ b.ptr + 1 + DIGEST,
	    b.len - 1 - DIGEST });
	size_t id = (unsigned char)rest.ptr[rest.len - 1];
	if (id == 0 || id > rest.len - 2)
		return (bad(e));
	p.id = (struct str){ rest.ptr + rest.len - 1 - id, id };
	struct str value = { rest.ptr + 1, rest.len - 2 - id };
	if (!str_utf8_ok(p.id))
		return (bad(e));
	if (rest.ptr[0] == 'i' && value.len == 8) {
		uint64_t n = 0;
		for (size_t i = 0; i < 8; i++)
			n = n << 8 | (unsigned char)value.ptr[i];
		p.value = CELL_INT((int64_t)n);
	} else if (rest.ptr[0] == 's' && str_utf8_ok(value)) {
		p.value = CELL_STR(value);
	} else if (rest.ptr[0] != '-' || value.len != 0) {
		return (bad(e));
	}
	*ret = p;
	return (0);
}
