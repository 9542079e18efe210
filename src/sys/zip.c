#include "sys/zip.h"

#include <zlib.h>

#define MAX32 UINT32_C(0xffffffff)
#define MAX16 UINT32_C(0xffff)

static void
put16(struct buf *b, unsigned v)
{
	buf_putc(b, (char)v);
	buf_putc(b, (char)(v >> 8));
}

static void
put32(struct buf *b, uint64_t v)
{
	put16(b, (unsigned)(v & 0xffff));
	put16(b, (unsigned)(v >> 16 & 0xffff));
}

static void
put64(struct buf *b, uint64_t v)
{
	put32(b, v & MAX32);
	put32(b, v >> 32);
}

static bool
name_char(char c)
{
	return ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-');
}

bool
zip_name_ok(struct str name)
{
	struct str rest = name, part;

	if (name.len == 0 || name.len > ZIP_NAME ||
	    name.ptr[name.len - 1] == '/')
		return (false);
	while (str_split(&rest, '/', &part)) {
		if (part.len == 0 || str_is(part, ".") || str_is(part, ".."))
			return (false);
		for (size_t i = 0; i < part.len; i++)
			if (!name_char(part.ptr[i]))
				return (false);
	}
	return (true);
}

/* --- headers --------------------------------------------------------------- */

/* What both headers of a member have in common: version to method, time, CRC,
 * sizes, length of the name. 1980-01-01 is the first day that the format has. */
static void
put_common(struct buf *b, const struct zip_member *m, unsigned version)
{
	put16(b, version);
	put16(b, 0);      /* flags */
	put16(b, 0);      /* stored */
	put16(b, 0);      /* time */
	put16(b, 0x0021); /* date */
	put32(b, m->crc);
	put32(b, m->size);
	put32(b, m->size);
	put16(b, (unsigned)strlen(m->name));
}

void
zip_local(const struct zip_member *m, struct buf *b)
{
	put32(b, 0x04034b50);
	put_common(b, m, 20);
	put16(b, 0); /* extra */
	buf_puts(b, m->name);
}

void
zip_central(const struct zip_member *m, struct buf *b)
{
	bool far = m->at >= MAX32;

	put32(b, 0x02014b50);
	put16(b, 3 << 8 | 45); /* made by: Unix */
	put_common(b, m, far ? 45 : 20);
	put16(b, far ? 12 : 0);
	put16(b, 0); /* comment */
	put16(b, 0); /* disk */
	put16(b, 0);
	put32(b, UINT32_C(0100644) << 16);
	put32(b, far ? MAX32 : m->at);
	buf_puts(b, m->name);
	if (far) {
		put16(b, 1);
		put16(b, 8);
		put64(b, m->at);
	}
}

/* The 64-bit form of the end, and where it is. */
static void
put_far_end(uint64_t members, uint64_t from, uint64_t to, struct buf *b)
{
	put32(b, 0x06064b50);
	put64(b, 44);
	put16(b, 3 << 8 | 45);
	put16(b, 45);
	put32(b, 0);
	put32(b, 0);
	put64(b, members);
	put64(b, members);
	put64(b, to - from);
	put64(b, from);
	put32(b, 0x07064b50);
	put32(b, 0);
	put64(b, to);
	put32(b, 1);
}

void
zip_tail(uint64_t members, uint64_t from, uint64_t to, struct buf *b)
{
	bool many = members >= MAX16, far = from >= MAX32 || to - from >= MAX32;

	if (many || far)
		put_far_end(members, from, to, b);
	put32(b, 0x06054b50);
	put16(b, 0);
	put16(b, 0);
	put16(b, many ? MAX16 : (unsigned)members);
	put16(b, many ? MAX16 : (unsigned)members);
	put32(b, far ? MAX32 : to - from);
	put32(b, far ? MAX32 : from);
	put16(b, 0);
}

/* --- writing --------------------------------------------------------------- */

void
zip_begin(struct zip_writer *w, zip_sink_fn *fn, void *ctx)
{
	*w = (struct zip_writer){ .fn = fn, .ctx = ctx };
}

void
zip_free(struct zip_writer *w)
{
	vec_free(&w->members);
	arena_free(&w->a);
}

static int
give(struct zip_writer *w, const void *p, size_t n, struct err *e)
{
	int r = n == 0 ? 0 : w->fn(w->ctx, p, n, e);

	if (r == 0)
		w->at += n;
	return (r);
}

int
zip_add(struct zip_writer *w, const char *name, struct str content,
    struct err *e)
{
	BUF_SCOPED head = BUF_INIT;
	struct zip_member m = { .size = content.len, .packed = content.len,
		.at = w->at };
	int r;

	if (!zip_name_ok(str_from(name)) || content.len >= MAX32)
		BUG("a member \"%s\" of %zu bytes", name, content.len);
	m.name = arena_strdup(&w->a, name);
	m.crc = (uint32_t)crc32_z(0, (const Bytef *)content.ptr, content.len);
	zip_local(&m, &head);
	m.data = m.at + head.len;
	if ((r = give(w, head.ptr, head.len, e)) != 0 ||
	    (r = give(w, content.ptr, content.len, e)) != 0)
		return (r);
	vec_push(&w->members, m);
	return (0);
}

int
zip_end(struct zip_writer *w, struct err *e)
{
	BUF_SCOPED b = BUF_INIT;
	uint64_t from = w->at;
	int r = 0;

	for (size_t i = 0; r == 0 && i < w->members.n; i++) {
		buf_reset(&b);
		zip_central(&w->members.at[i], &b);
		r = give(w, b.ptr, b.len, e);
	}
	if (r != 0)
		return (r);
	buf_reset(&b);
	zip_tail(w->members.n, from, w->at, &b);
	return (give(w, b.ptr, b.len, e));
}
