/* Reading archives: the directory, then each local header against it. */
#include <inttypes.h>
#include <strings.h>
#include <zlib.h>

#include "sys/zip.h"

#define LOCAL 30
#define CENTRAL 46
#define END 22
#define FAR_END 56
#define LOCATOR 20
#define PIECE 65536
#define FLOOR (UINT64_C(64) << 20) /* content that any archive may have */
#define FIX_DAMAGED "get the file again from where it came"

static unsigned
get16(const uint8_t *p)
{
	return ((unsigned)p[0] | (unsigned)p[1] << 8);
}

static uint32_t
get32(const uint8_t *p)
{
	return (get16(p) | (uint32_t)get16(p + 2) << 16);
}

static uint64_t
get64(const uint8_t *p)
{
	return (get32(p) | (uint64_t)get32(p + 4) << 32);
}

static int
damaged(const struct zip *z, struct err *e, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
static int
damaged(const struct zip *z, struct err *e, const char *fmt, ...)
{
	char what[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	return (err_set(e, ERR_DAMAGED, z->file.path, FIX_DAMAGED, "%s", what));
}

static int
refused(const struct zip *z, struct err *e, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
static int
refused(const struct zip *z, struct err *e, const char *fmt, ...)
{
	char what[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	return (err_set(e, ERR_INPUT, z->file.path,
	    "do not trust it, and ask who gave it to you", "%s", what));
}

/* --- the end ---------------------------------------------------------------- */

struct end {
	uint64_t members;
	uint64_t from, to; /* of the directory */
	uint64_t tail;     /* bytes after it */
};

/* Did it begin as an archive? Then what does not end as one was cut off. */
static int
no_end(struct zip *z, struct err *e)
{
	uint8_t head[4] = { 0 };

	if (z->size >= 4 && file_pread(&z->file, head, 4, 0, NULL) == 0 &&
	    get32(head) == 0x04034b50)
		return (damaged(z, e, "the archive has no end: it was cut off, "
		    "or something was appended or changed there"));
	return (err_set(e, ERR_INPUT, z->file.path,
	    "give a file that tickmark bundle wrote",
	    "this is no zip archive"));
}

static int
read_far_end(struct zip *z, struct end *x, struct err *e)
{
	uint8_t loc[LOCATOR], b[FAR_END];
	uint64_t at;
	int r;

	if (z->size < END + LOCATOR + FAR_END)
		return (damaged(z, e, "the end of the archive is malformed"));
	if ((r = file_pread(&z->file, loc, LOCATOR, z->size - END - LOCATOR,
	    e)) != 0)
		return (r);
	at = get64(loc + 8);
	if (get32(loc) != 0x07064b50 || get32(loc + 4) != 0 ||
	    get32(loc + 16) != 1 ||
	    at != z->size - END - LOCATOR - FAR_END)
		return (damaged(z, e, "the end of the archive is malformed"));
	if ((r = file_pread(&z->file, b, FAR_END, at, e)) != 0)
		return (r);
	x->members = get64(b + 32);
	x->from = get64(b + 48);
	if (get32(b) != 0x06064b50 || get64(b + 4) != FAR_END - 12 ||
	    get32(b + 16) != 0 || get32(b + 20) != 0 ||
	    get64(b + 24) != x->members || x->from > at ||
	    get64(b + 40) != at - x->from)
		return (damaged(z, e, "the end of the archive is malformed"));
	x->to = at;
	x->tail = z->size - at;
	return (0);
}

static int
read_end(struct zip *z, struct end *x, struct err *e)
{
	uint8_t b[END];
	int r;

	if (z->size < END)
		return (no_end(z, e));
	if ((r = file_pread(&z->file, b, END, z->size - END, e)) != 0)
		return (r);
	if (get32(b) != 0x06054b50 || get16(b + 20) != 0)
		return (no_end(z, e));
	if (get16(b + 4) != 0 || get16(b + 6) != 0)
		return (damaged(z, e, "the archive is one of several parts, or "
		    "its end was changed"));
	if (get16(b + 10) == 0xffff || get32(b + 12) == UINT32_MAX ||
	    get32(b + 16) == UINT32_MAX)
		return (read_far_end(z, x, e));
	x->members = get16(b + 10);
	x->from = get32(b + 16);
	x->to = z->size - END;
	x->tail = END;
	if (get16(b + 8) != x->members || x->from > x->to ||
	    x->to - x->from != get32(b + 12))
		return (damaged(z, e, "the end of the archive does not fit the "
		    "archive: something was cut out, added or changed"));
	return (0);
}

/* --- the directory ----------------------------------------------------------- */

/* Sizes and offset that do not fit 32 bits lie in an extra field. */
static bool
read_extra(const uint8_t *p, size_t n, struct zip_member *m)
{
	bool want[3] = { m->size == UINT32_MAX, m->packed == UINT32_MAX,
		m->at == UINT32_MAX };
	uint64_t *to[3] = { &m->size, &m->packed, &m->at };

	while (n >= 4) {
		size_t len = get16(p + 2);
		if (len > n - 4)
			return (false);
		if (get16(p) == 1) {
			const uint8_t *v = p + 4;
			for (int i = 0; i < 3; i++) {
				if (!want[i])
					continue;
				if (len < 8)
					return (false);
				*to[i] = get64(v);
				want[i] = false;
				v += 8;
				len -= 8;
			}
		}
		len = get16(p + 2);
		p += 4 + len;
		n -= 4 + len;
	}
	return (n == 0 && !want[0] && !want[1] && !want[2]);
}

struct directory {
	const uint8_t *p;
	size_t left;
	uint64_t from; /* offset in the file, for what is said */
	size_t ours;   /* members whose two headers are of our form */
	unsigned flags, made;
	uint32_t attributes;
	unsigned method;
};

/* The next one; *folder: to be passed over. */
static int
read_central(struct zip *z, struct directory *d, struct zip_member *m,
    bool *ret_ours, struct err *e)
{
	const uint8_t *p = d->p;
	BUF_SCOPED form = BUF_INIT;
	size_t name, extra, comment, len;

	if (d->left < CENTRAL || get32(p) != 0x02014b50)
		return (damaged(z, e, "the archive's directory is damaged at its "
		    "member %zu", z->n));
	name = get16(p + 28);
	extra = get16(p + 30);
	comment = get16(p + 32);
	len = CENTRAL + name + extra + comment;
	if (len > d->left || get16(p + 34) != 0)
		return (damaged(z, e, "the archive's directory is damaged at its "
		    "member %zu", z->n));
	*m = (struct zip_member){ .crc = get32(p + 16),
		.packed = get32(p + 20), .size = get32(p + 24),
		.at = get32(p + 42) };
	m->name = arena_strndup(&z->a, (const char *)p + CENTRAL, name);
	d->made = get16(p + 4) >> 8;
	d->flags = get16(p + 8);
	d->method = get16(p + 10);
	d->attributes = get32(p + 38);
	m->deflated = d->method == 8;
	if (!read_extra(p + CENTRAL + name, extra, m))
		return (damaged(z, e, "an extra field of member %zu of the "
		    "archive is malformed", z->n));
	zip_central(m, &form);
	*ret_ours = form.len == len && memcmp(form.ptr, p, len) == 0;
	d->p += len;
	d->left -= len;
	return (0);
}

/* The local header must say the same; ret = length of it. */
static int
read_local(struct zip *z, const struct directory *d, struct zip_member *m,
    uint64_t limit, bool *ret_ours, struct err *e)
{
	uint8_t b[LOCAL];
	BUF_SCOPED name = BUF_INIT, form = BUF_INIT;
	size_t n = strlen(m->name), have;
	int r;

	if (m->at > limit || limit - m->at < LOCAL + n)
		return (damaged(z, e, "member %s lies outside of the archive",
		    m->name));
	if ((r = file_pread(&z->file, b, LOCAL, m->at, e)) != 0)
		return (r);
	have = get16(b + 26);
	if (get32(b) != 0x04034b50 || have != n)
		return (damaged(z, e, "the two headers of member %s differ",
		    m->name));
	buf_reserve(&name, n + 1);
	if ((r = file_pread(&z->file, name.ptr, n, m->at + LOCAL, e)) != 0)
		return (r);
	bool later = (d->flags & 8) != 0; /* CRC and sizes follow the content */
	bool far = get32(b + 18) == UINT32_MAX || get32(b + 22) == UINT32_MAX;
	if (memcmp(name.ptr, m->name, n) != 0 || get16(b + 6) != d->flags ||
	    get16(b + 8) != d->method ||
	    (!later && get32(b + 14) != m->crc) ||
	    (!later && !far && (get32(b + 18) != m->packed ||
	    get32(b + 22) != m->size)))
		return (damaged(z, e, "the two headers of member %s differ",
		    m->name));
	m->data = m->at + LOCAL + n + get16(b + 28);
	if (m->data > limit || limit - m->data < m->packed)
		return (damaged(z, e, "member %s lies outside of the archive",
		    m->name));
	if (*ret_ours) {
		zip_local(m, &form);
		*ret_ours = form.len == m->data - m->at &&
		    memcmp(form.ptr, b, LOCAL) == 0;
	}
	return (0);
}

/* What no program that packs a bundle writes. */
static int
refuse(struct zip *z, const struct directory *d, const struct zip_member *m,
    bool *ret_folder, struct err *e)
{
	struct str name = str_from(m->name);
	unsigned mode = d->made == 3 ? d->attributes >> 16 : 0;

	*ret_folder = false;
	if (d->flags & 1)
		return (refused(z, e, "member %s is encrypted within the "
		    "archive", m->name));
	if (name.len > 1 && name.ptr[name.len - 1] == '/' && m->size == 0) {
		*ret_folder = true;
		name.len--;
	}
	if (!zip_name_ok(name))
		return (refused(z, e, "a member's name leads out of the folder "
		    "or is no name of a bundle: %.*s", (int)(name.len > 200 ?
		    200 : name.len), m->name));
	if ((mode & 0170000) == 0120000)
		return (refused(z, e, "member %s is a symbolic link", m->name));
	if ((mode & 0170000) != 0 && (mode & 0170000) !=
	    (*ret_folder ? 0040000u : 0100000u))
		return (refused(z, e, "member %s is no file", m->name));
	if (d->method != 0 && d->method != 8)
		return (refused(z, e, "member %s is packed by a method (%u) that "
		    "is not known here", m->name, d->method));
	if (!m->deflated && m->size != m->packed)
		return (refused(z, e, "member %s is stored and has two sizes",
		    m->name));
	/* Deflate makes no more of a byte than 1032. */
	if (m->size / 1032 > m->packed)
		return (refused(z, e, "member %s says that it unpacks to %" PRIu64
		    " bytes from %" PRIu64 ", which cannot be", m->name, m->size,
		    m->packed));
	return (0);
}

static int
by_place(const void *a, const void *b)
{
	const struct zip_member *x = *(struct zip_member *const *)a;
	const struct zip_member *y = *(struct zip_member *const *)b;

	return (x->at < y->at ? -1 : x->at > y->at);
}

static int
by_name(const void *a, const void *b)
{
	const struct zip_member *x = *(struct zip_member *const *)a;
	const struct zip_member *y = *(struct zip_member *const *)b;

	return (strcasecmp(x->name, y->name));
}

/* Every byte before the directory belongs to one member, or is what a program
 * puts after a member's content. */
static int
check_places(struct zip *z, uint64_t limit, struct err *e)
{
	struct zip_member **sorted = z->sorted;
	uint64_t at = 0;

	qsort(sorted, z->n, sizeof(*sorted), by_place);
	for (size_t i = 0; i <= z->n; i++) {
		uint64_t next = i < z->n ? sorted[i]->at : limit;
		if (next < at)
			return (refused(z, e, "member %s lies over another one",
			    i < z->n ? sorted[i]->name : "(the directory)"));
		if (next - at > 24 || (next != at && z->form == ZIP_OURS))
			return (damaged(z, e, "%" PRIu64 " bytes at %" PRIu64
			    " of the archive belong to no member", next - at,
			    at));
		if (i < z->n)
			at = sorted[i]->data + sorted[i]->packed;
	}
	qsort(sorted, z->n, sizeof(*sorted), by_name);
	for (size_t i = 1; i < z->n; i++)
		if (strcasecmp(sorted[i - 1]->name, sorted[i]->name) == 0)
			return (refused(z, e, "two members have the name %s",
			    sorted[i]->name));
	return (0);
}

static void
depart(struct zip *z, const char *name)
{
	if (z->departs[0] == '\0')
		snprintf(z->departs, sizeof(z->departs), "%s", name);
}

static int
read_members(struct zip *z, const struct end *x, struct directory *d,
    struct err *e)
{
	size_t foreign = 0;
	int r = 0;

	for (uint64_t i = 0; r == 0 && i < x->members; i++) {
		struct zip_member m;
		bool folder = false, ours = false;
		if ((r = read_central(z, d, &m, &ours, e)) != 0 ||
		    (r = read_local(z, d, &m, x->from, &ours, e)) != 0 ||
		    (r = refuse(z, d, &m, &folder, e)) != 0)
			return (r);
		if (ours)
			d->ours++;
		else if (foreign++ == 0)
			depart(z, m.name);
		if (folder)
			continue;
		z->total += m.size;
		z->members[z->n++] = m;
	}
	if (d->left != 0)
		return (damaged(z, e, "the archive's directory has %zu bytes too "
		    "many", d->left));
	return (0);
}

/* Whose hand is it? One change cannot reach the headers of all members. */
static int
judge_form(struct zip *z, const struct end *x, const struct directory *d,
    struct err *e)
{
	BUF_SCOPED want = BUF_INIT, have = BUF_INIT;
	int r;

	if (x->members != 0 && d->ours == 0) {
		z->form = ZIP_REPACKED;
		return (0);
	}
	zip_tail(x->members, x->from, x->to, &want);
	buf_reserve(&have, x->tail + 1);
	if ((r = file_pread(&z->file, have.ptr, x->tail, x->to, e)) != 0)
		return (r);
	if (want.len != x->tail || memcmp(want.ptr, have.ptr, want.len) != 0)
		depart(z, "the end of the archive");
	z->form = z->departs[0] != '\0' ? ZIP_CHANGED : ZIP_OURS;
	return (0);
}

static int
read_directory(struct zip *z, unsigned ratio, struct err *e)
{
	BUF_SCOPED dir = BUF_INIT;
	struct end x = { 0 };
	int r = read_end(z, &x, e);

	if (r != 0)
		return (r);
	uint64_t n = x.to - x.from;
	if (x.members > ZIP_MEMBERS || n > ZIP_DIRECTORY)
		return (refused(z, e, "the archive has %" PRIu64 " members; %d "
		    "are allowed", x.members, ZIP_MEMBERS));
	if (x.members > n / CENTRAL)
		return (damaged(z, e, "the archive's directory is too short for "
		    "its members"));
	buf_reserve(&dir, (size_t)n + 1);
	if ((r = file_pread(&z->file, dir.ptr, (size_t)n, x.from, e)) != 0)
		return (r);
	struct directory d = { .p = (const uint8_t *)dir.ptr,
		.left = (size_t)n, .from = x.from };
	z->members = arena_array(&z->a, (size_t)x.members + 1,
	    sizeof(*z->members));
	z->sorted = arena_array(&z->a, (size_t)x.members + 1,
	    sizeof(*z->sorted));
	if ((r = read_members(z, &x, &d, e)) != 0 ||
	    (r = judge_form(z, &x, &d, e)) != 0)
		return (r);
	for (size_t i = 0; i < z->n; i++)
		z->sorted[i] = &z->members[i];
	if ((r = check_places(z, x.from, e)) != 0)
		return (r);
	if (z->total > FLOOR && z->total / ratio > z->size)
		return (refused(z, e, "the archive says that it unpacks to %"
		    PRIu64 " bytes, more than %u times its size", z->total,
		    ratio));
	return (0);
}

int
zip_open(struct zip *z, const char *path, unsigned ratio, struct err *e)
{
	int r;

	*z = (struct zip){ .file = FILE_INIT };
	r = file_open(&z->file, path, FILE_READ, 0, e);
	if (r == 0)
		r = file_size(&z->file, &z->size, e);
	if (r == 0)
		r = read_directory(z, ratio, e);
	if (r != 0)
		zip_close(z);
	return (r);
}

void
zip_close(struct zip *z)
{
	file_close(&z->file);
	arena_free(&z->a);
	*z = (struct zip){ .file = FILE_INIT };
}

const struct zip_member *
zip_find(const struct zip *z, const char *name)
{
	struct zip_member key = { .name = name }, *k = &key, **m;

	m = z->n == 0 ? NULL : bsearch(&k, z->sorted, z->n,
	    sizeof(*z->sorted), by_name);
	return (m != NULL && strcmp((*m)->name, name) == 0 ? *m : NULL);
}

/* --- content ------------------------------------------------------------------ */

struct output {
	zip_sink_fn *fn;
	void *ctx;
	uint64_t given;
	uint32_t crc;
};

static int
put_out(const struct zip *z, const struct zip_member *m, struct output *o,
    const void *p, size_t n, struct err *e)
{
	if (n > m->size - o->given)
		return (damaged(z, e, "member %s is longer than it says",
		    m->name));
	o->given += n;
	o->crc = (uint32_t)crc32_z(o->crc, p, n);
	return (n == 0 ? 0 : o->fn(o->ctx, p, n, e));
}

static int
each_stored(const struct zip *z, const struct zip_member *m, struct output *o,
    struct err *e)
{
	uint8_t b[PIECE];
	int r = 0;

	for (uint64_t at = 0; r == 0 && at < m->packed; at += PIECE) {
		size_t n = m->packed - at < PIECE ? (size_t)(m->packed - at) :
		    PIECE;
		r = file_pread(&z->file, b, n, m->data + at, e);
		if (r == 0)
			r = put_out(z, m, o, b, n, e);
	}
	return (r);
}

static int
inflate_pieces(const struct zip *z, const struct zip_member *m, z_stream *s,
    struct output *o, struct err *e)
{
	uint8_t in[PIECE], out[PIECE];
	uint64_t at = 0;
	int r, rc = Z_OK;

	while (rc != Z_STREAM_END) {
		size_t n = m->packed - at < PIECE ? (size_t)(m->packed - at) :
		    PIECE;
		if (n == 0)
			return (damaged(z, e, "member %s is cut off", m->name));
		if ((r = file_pread(&z->file, in, n, m->data + at, e)) != 0)
			return (r);
		at += n;
		s->next_in = in;
		s->avail_in = (uInt)n;
		do {
			s->next_out = out;
			s->avail_out = PIECE;
			rc = inflate(s, Z_NO_FLUSH);
			if (rc != Z_OK && rc != Z_STREAM_END &&
			    rc != Z_BUF_ERROR)
				return (damaged(z, e, "member %s does not unpack",
				    m->name));
			r = put_out(z, m, o, out, PIECE - s->avail_out, e);
			if (r != 0)
				return (r);
		} while (s->avail_out == 0 && rc != Z_STREAM_END);
	}
	if (at != m->packed || s->avail_in != 0)
		return (damaged(z, e, "member %s has bytes after its end",
		    m->name));
	return (0);
}

static int
each_deflated(const struct zip *z, const struct zip_member *m,
    struct output *o, struct err *e)
{
	z_stream s = { 0 };
	int r;

	if (inflateInit2(&s, -15) != Z_OK)
		err_oom(0);
	r = inflate_pieces(z, m, &s, o, e);
	inflateEnd(&s);
	return (r);
}

int
zip_each(const struct zip *z, const struct zip_member *m, zip_sink_fn *fn,
    void *ctx, struct err *e)
{
	struct output o = { .fn = fn, .ctx = ctx };
	int r = m->deflated ? each_deflated(z, m, &o, e) :
	    each_stored(z, m, &o, e);

	if (r != 0)
		return (r);
	if (o.given != m->size || o.crc != m->crc)
		return (damaged(z, e, "member %s is not what its checksum says",
		    m->name));
	return (0);
}

static int
collect(void *ctx, const void *p, size_t n, struct err *e)
{
	(void)e;
	buf_put(ctx, p, n);
	return (0);
}

int
zip_get(const struct zip *z, const struct zip_member *m, uint64_t limit,
    struct buf *out, struct err *e)
{
	if (m->size > limit)
		return (err_set(e, ERR_LIMIT, z->file.path, NULL,
		    "member %s has %" PRIu64 " bytes; %" PRIu64 " are allowed",
		    m->name, m->size, limit));
	buf_reset(out);
	return (zip_each(z, m, collect, out, e));
}
