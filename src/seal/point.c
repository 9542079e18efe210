#include "seal/point.h"

#include <inttypes.h>

#define INTRO "tickmark-backup/"
#define VERSION INTRO "v1"
#define MAC "mac "

void
point_free(struct point *m)
{
	arena_free(&m->arena);
	vec_free(&m->segments);
	vec_free(&m->files);
	vec_free(&m->pieces);
	*m = (struct point){ .number = 0 };
}

bool
point_path_ok(struct str s)
{
	struct str part;

	if (s.len == 0 || s.len > 1024 || !str_utf8_ok(s))
		return (false);
	for (size_t i = 0; i < s.len; i++)
		if ((unsigned char)s.ptr[i] < 0x20 || s.ptr[i] == 0x7f)
			return (false);
	while (str_split(&s, '/', &part))
		if (part.len == 0 || str_is(part, ".") || str_is(part, ".."))
			return (false);
	return (true);
}

const struct point_file *
point_file(const struct point *m, const char *path)
{
	size_t lo = 0, hi = m->files.n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		int c = strcmp(path, m->files.at[mid].path);
		if (c == 0)
			return (&m->files.at[mid]);
		if (c < 0)
			hi = mid;
		else
			lo = mid + 1;
	}
	return (NULL);
}

uint64_t
point_bytes(const struct point *m)
{
	uint64_t n = 0;

	for (size_t i = 0; i < m->files.n; i++)
		n += m->files.at[i].size;
	return (n);
}

/* --- writing ------------------------------------------------------------- */

static void
put_file(const struct point *m, const struct point_file *f,
    struct buf *out)
{
	buf_printf(out, "file %04o %" PRIu64 " %s\n", f->mode, f->size,
	    f->path);
	for (size_t i = 0; i < f->n; i++) {
		const struct point_piece *p = &m->pieces.at[f->first + i];
		buf_printf(out, "piece %u %" PRIu64 " %u ", p->segment,
		    p->offset, p->length);
		buf_puthex(out, p->hash, sizeof(p->hash));
		buf_putc(out, '\n');
	}
}

static void
put_body(const struct point *m, struct buf *out)
{
	buf_printf(out, VERSION "\norigin %s\nnumber %" PRIu64 "\nmade %"
	    PRId64 "\nentries %" PRIu64 "\ntime %" PRId64 "\ncheckpoint %"
	    PRIu64 " ", m->origin, m->number, m->made, m->entries, m->time,
	    m->size);
	buf_puthex(out, m->root, sizeof(m->root));
	buf_printf(out, "\nschema %" PRId64 "\nkeys %s\nwriter ", m->schema,
	    m->keys ? "yes" : "no");
	buf_puthex(out, m->writer, sizeof(m->writer));
	buf_putc(out, '\n');
	for (size_t i = 0; i < m->segments.n; i++) {
		const struct point_segment *s = &m->segments.at[i];
		buf_printf(out, "segment %s %" PRIu64 " %" PRIu64 "\n", s->id,
		    s->length, s->bytes);
	}
	for (size_t i = 0; i < m->files.n; i++)
		put_file(m, &m->files.at[i], out);
}

void
point_print(const struct point *m, const uint8_t key[CRYPTO_KEY],
    struct buf *out)
{
	uint8_t mac[CRYPTO_HASH];
	size_t start = out->len;

	put_body(m, out);
	crypto_hmac(key, CRYPTO_KEY, out->ptr + start, out->len - start, mac);
	buf_puts(out, MAC);
	buf_puthex(out, mac, sizeof(mac));
	buf_putc(out, '\n');
}

/* --- reading ------------------------------------------------------------- */

struct reader {
	struct point *m;
	size_t line;
	struct err *e;
};

static int
bad(struct reader *r, const char *what)
{
	char where[40];

	snprintf(where, sizeof(where), "line %zu", r->line);
	return (err_set(r->e, ERR_DAMAGED, where, "use another point",
	    "the manifest of the backup is malformed: %s", what));
}

/* A number as it is printed: no sign, no leading zero. */
static bool
number(struct str s, uint64_t *ret)
{
	return (s.len > 0 && s.len <= 20 && (s.len == 1 || s.ptr[0] != '0') &&
	    s.ptr[0] != '+' && s.ptr[0] != '-' && str_to_u64(s, ret));
}

static bool
signed_number(struct str s, int64_t *ret)
{
	uint64_t v;

	if (!number(s, &v) || v > INT64_MAX)
		return (false);
	*ret = (int64_t)v;
	return (true);
}

static bool
checkpoint(struct str s, struct point *m)
{
	struct str size;

	return (str_split(&s, ' ', &size) && number(size, &m->size) &&
	    str_unhex(s, m->root, sizeof(m->root)));
}

static bool
origin(struct str s, struct point *m)
{
	if (s.len == 0 || s.len > 200 || !str_utf8_ok(s))
		return (false);
	for (size_t i = 0; i < s.len; i++)
		if ((unsigned char)s.ptr[i] <= 0x20 || s.ptr[i] == 0x7f)
			return (false);
	m->origin = arena_strndup(&m->arena, s.ptr, s.len);
	return (true);
}

static int
head_line(struct reader *r, const char *key, struct str line)
{
	struct point *m = r->m;
	bool ok;

	if (!str_starts(line, key))
		return (bad(r, "a line is missing"));
	line.ptr += strlen(key);
	line.len -= strlen(key);
	switch (r->line) {
	case 2: ok = origin(line, m); break;
	case 3: ok = number(line, &m->number) && m->number > 0; break;
	case 4: ok = signed_number(line, &m->made); break;
	case 5: ok = number(line, &m->entries); break;
	case 6: ok = signed_number(line, &m->time); break;
	case 7: ok = checkpoint(line, m); break;
	case 8: ok = signed_number(line, &m->schema); break;
	case 9:
		m->keys = str_is(line, "yes");
		ok = m->keys || str_is(line, "no");
		break;
	default: ok = str_unhex(line, m->writer, sizeof(m->writer));
	}
	return (ok ? 0 : bad(r, "a value"));
}

static int
segment_line(struct reader *r, struct str line)
{
	struct point_segment s = { .length = 0 };
	struct str id, length;
	uint8_t raw[POINT_ID / 2];

	if (r->m->files.n > 0)
		return (bad(r, "a segment among the files"));
	if (!str_split(&line, ' ', &id) || !str_split(&line, ' ', &length) ||
	    !str_unhex(id, raw, sizeof(raw)) || !number(length, &s.length) ||
	    !number(line, &s.bytes) || s.length > POINT_MAX ||
	    s.length == 0 || r->m->segments.n >= UINT32_MAX)
		return (bad(r, "a segment"));
	memcpy(s.id, id.ptr, POINT_ID);
	vec_push(&r->m->segments, s);
	return (0);
}

static int
file_line(struct reader *r, struct str line)
{
	struct point *m = r->m;
	struct point_file f = { .first = m->pieces.n };
	struct str mode, size;

	if (!str_split(&line, ' ', &mode) || !str_split(&line, ' ', &size) ||
	    mode.len != 4 || mode.ptr[0] != '0' || !number(size, &f.size) ||
	    f.size > INT64_MAX || !point_path_ok(line))
		return (bad(r, "a file"));
	for (size_t i = 1; i < 4; i++) {
		if (mode.ptr[i] < '0' || mode.ptr[i] > '7')
			return (bad(r, "the mode of a file"));
		f.mode = f.mode << 3 | (uint32_t)(mode.ptr[i] - '0');
	}
	f.path = arena_strndup(&m->arena, line.ptr, line.len);
	if (m->files.n > 0 &&
	    strcmp(m->files.at[m->files.n - 1].path, f.path) >= 0)
		return (bad(r, "the files are not in their order"));
	vec_push(&m->files, f);
	return (0);
}

static int
piece_line(struct reader *r, struct str line)
{
	struct point *m = r->m;
	struct point_piece p = { .segment = 0 };
	struct str segment, offset, length;
	uint64_t s, n;

	if (m->files.n == 0)
		return (bad(r, "a piece of no file"));
	if (!str_split(&line, ' ', &segment) ||
	    !str_split(&line, ' ', &offset) ||
	    !str_split(&line, ' ', &length) || !number(segment, &s) ||
	    !number(offset, &p.offset) || !number(length, &n) ||
	    !str_unhex(line, p.hash, sizeof(p.hash)))
		return (bad(r, "a piece"));
	if (s >= m->segments.n || n == 0 || n > POINT_PIECE ||
	    p.offset > m->segments.at[s].length ||
	    n > m->segments.at[s].length - p.offset)
		return (bad(r, "a piece lies outside of its segment"));
	p.segment = (uint32_t)s;
	p.length = (uint32_t)n;
	vec_push(&m->pieces, p);
	m->files.at[m->files.n - 1].n++;
	return (0);
}

static int
check_sizes(struct reader *r)
{
	struct point *m = r->m;

	for (size_t i = 0; i < m->files.n; i++) {
		uint64_t n = 0;
		for (size_t k = 0; k < m->files.at[i].n; k++)
			n += m->pieces.at[m->files.at[i].first + k].length;
		if (n != m->files.at[i].size)
			return (bad(r, "pieces that do not make their file"));
	}
	if (m->size > m->entries)
		return (bad(r, "a checkpoint ahead of its entries"));
	return (0);
}

static int
body_line_parse(struct reader *r, struct str line)
{
	static const struct {
		const char *word;
		int (*parse)(struct reader *, struct str);
	} kinds[] = {
		{ "piece ", piece_line },
		{ "file ", file_line },
		{ "segment ", segment_line },
	};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		size_t n = strlen(kinds[i].word);
		if (str_starts(line, kinds[i].word))
			return (kinds[i].parse(r, (struct str){ line.ptr + n,
			    line.len - n }));
	}
	return (bad(r, "an unknown line"));
}

static int
parse_lines(struct reader *r, struct str text, struct str *ret_mac)
{
	static const char *const head[] = { "origin ", "number ", "made ",
		"entries ", "time ", "checkpoint ", "schema ", "keys ",
		"writer " };
	struct str line;
	int code = 0;

	while (code == 0 && str_split(&text, '\n', &line)) {
		r->line++;
		if (r->line == 1 && !str_is(line, VERSION))
			return (str_starts(line, INTRO) ? err_set(r->e,
			    ERR_NEWER, NULL, "use the newer version of tickmark",
			    "the backup was made by a newer version") :
			    bad(r, "it is not one"));
		if (r->line == 1)
			continue;
		if (r->line - 2 < sizeof(head) / sizeof(*head)) {
			code = head_line(r, head[r->line - 2], line);
			continue;
		}
		if (str_starts(line, MAC)) {
			*ret_mac = line;
			if (text.ptr == NULL || text.len != 0)
				return (bad(r, "something after its end"));
			return (check_sizes(r));
		}
		code = body_line_parse(r, line);
	}
	return (code != 0 ? code : bad(r, "it is cut off"));
}

int
point_parse(struct str text, const uint8_t *key, struct point *ret,
    bool *ret_own, struct err *e)
{
	struct reader r = { .m = ret, .e = e };
	uint8_t mac[CRYPTO_HASH], want[CRYPTO_HASH];
	struct str line = STR_NULL;
	int code = parse_lines(&r, text, &line);

	if (code != 0)
		return (code);
	if (!str_unhex((struct str){ line.ptr + strlen(MAC),
	        line.len - strlen(MAC) }, mac, sizeof(mac)))
		return (bad(&r, "its last line"));
	if (key == NULL)
		return (0);
	crypto_hmac(key, CRYPTO_KEY, text.ptr,
	    (size_t)(line.ptr - text.ptr), want);
	*ret_own = crypto_same(mac, want, sizeof(mac));
	return (0);
}
