#include "collect/stream.h"

#include <string.h>

#include "schema/kind.h"

/* A cell's first byte. */
enum { CELL_B_ABSENT = 0, CELL_B_TEXT = 1, CELL_B_INT = 2, CELL_B_UNKNOWN = 3 };

static void
put_u32(struct buf *b, uint32_t v)
{
	unsigned char p[4] = { (unsigned char)v, (unsigned char)(v >> 8),
		(unsigned char)(v >> 16), (unsigned char)(v >> 24) };

	buf_put(b, p, sizeof(p));
}

static uint32_t
get_u32(const char *at)
{
	const unsigned char *p = (const unsigned char *)at;

	return (p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 |
	    (uint32_t)p[3] << 24);
}

/* --- writing -------------------------------------------------------------- */

size_t
stream_begin(struct buf *b, enum stream_type type)
{
	size_t start = b->len;

	put_u32(b, 0);
	buf_putc(b, (char)type);
	return (start);
}

void
stream_finish(struct buf *b, size_t start)
{
	size_t n = b->len - start - STREAM_HEAD;
	unsigned char *p = (unsigned char *)b->ptr + start;

	if (n > STREAM_MAX)
		BUG("a frame of %zu bytes", n);
	for (int i = 0; i < 4; i++)
		p[i] = (unsigned char)(n >> (8 * i));
}

void
stream_put_int(struct buf *b, int64_t i)
{
	uint64_t v = (uint64_t)i;

	put_u32(b, (uint32_t)v);
	put_u32(b, (uint32_t)(v >> 32));
}

void
stream_put_str(struct buf *b, struct str s)
{
	put_u32(b, (uint32_t)s.len);
	buf_putstr(b, s);
}

void
stream_put_row(struct buf *b, const struct schema_type *t,
    const struct cell *cells)
{
	size_t start = stream_begin(b, STREAM_ROW);

	for (size_t i = 0; i < t->nfields; i++) {
		const struct cell *c = &cells[i];
		if (c->state == CELL_ABSENT)
			buf_putc(b, CELL_B_ABSENT);
		else if (c->state == CELL_UNKNOWN)
			buf_putc(b, CELL_B_UNKNOWN);
		else if (kind_integer(&t->fields[i])) {
			buf_putc(b, CELL_B_INT);
			stream_put_int(b, c->i);
		} else {
			buf_putc(b, CELL_B_TEXT);
			stream_put_str(b, c->s);
		}
	}
	stream_finish(b, start);
}

/* --- reading -------------------------------------------------------------- */

char *
stream_room(struct stream *s, size_t n)
{
	/* What was read goes away when that costs less than it frees. */
	if (s->at > 0 && s->at >= s->in.len - s->at) {
		memmove(s->in.ptr, s->in.ptr + s->at, s->in.len - s->at);
		s->in.len -= s->at;
		s->at = 0;
	}
	buf_reserve(&s->in, n);
	return (s->in.ptr + s->in.len);
}

void
stream_add(struct stream *s, size_t n)
{
	s->in.len += n;
}

void
stream_free(struct stream *s)
{
	buf_free(&s->in);
}

static bool
known_type(unsigned char c)
{
	switch (c) {
#define X(name, byte) case byte:
	STREAM_FRAMES(X)
#undef X
		return (true);
	default:
		return (false);
	}
}

int
stream_next(struct stream *s, struct stream_frame *f, struct err *e)
{
	size_t have = s->in.len - s->at;
	const char *p = s->in.ptr + s->at;

	if (have < STREAM_HEAD)
		return (0);
	size_t n = get_u32(p);
	if (n > STREAM_MAX || !known_type((unsigned char)p[4]))
		return (err_set(e, ERR_INPUT, NULL, NULL, "the collector wrote "
		    "something that is not its protocol (a frame of type %d "
		    "with %zu bytes)", (unsigned char)p[4], n));
	if (have - STREAM_HEAD < n)
		return (0);
	f->type = (enum stream_type)p[4];
	f->payload = (struct str){ p + STREAM_HEAD, n };
	s->at += STREAM_HEAD + n;
	return (1);
}

size_t
stream_rest(const struct stream *s)
{
	return (s->in.len - s->at);
}

bool
stream_get_int(struct str *p, int64_t *ret)
{
	if (p->len < 8)
		return (false);
	*ret = (int64_t)((uint64_t)get_u32(p->ptr) |
	    (uint64_t)get_u32(p->ptr + 4) << 32);
	p->ptr += 8;
	p->len -= 8;
	return (true);
}

bool
stream_get_str(struct str *p, struct str *ret)
{
	size_t n;

	if (p->len < 4 || (n = get_u32(p->ptr)) > p->len - 4)
		return (false);
	*ret = (struct str){ p->ptr + 4, n };
	p->ptr += 4 + n;
	p->len -= 4 + n;
	return (true);
}

static bool
get_cell(struct str *p, bool integer, struct cell *c)
{
	if (p->len == 0)
		return (false);
	char state = *p->ptr++;
	p->len--;
	*c = (struct cell){ .state = CELL_VALUE };
	switch (state) {
	case CELL_B_ABSENT:
		c->state = CELL_ABSENT;
		return (true);
	case CELL_B_UNKNOWN:
		c->state = CELL_UNKNOWN;
		return (true);
	case CELL_B_TEXT:
		return (!integer && stream_get_str(p, &c->s));
	case CELL_B_INT:
		return (integer && stream_get_int(p, &c->i));
	default:
		return (false);
	}
}

int
stream_get_row(struct str p, const struct schema_type *t, struct cell *cells,
    struct err *e)
{
	for (size_t i = 0; i < t->nfields; i++)
		if (!get_cell(&p, kind_integer(&t->fields[i]), &cells[i]))
			return (err_set(e, ERR_INPUT, t->name, NULL, "the "
			    "collector gave a cell of %s.%s that cannot be "
			    "read", t->name, t->fields[i].name));
	if (p.len != 0)
		return (err_set(e, ERR_INPUT, t->name, NULL, "the collector "
		    "gave a row of %s with %zu bytes too many", t->name,
		    p.len));
	return (0);
}
