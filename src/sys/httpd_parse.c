#include "sys/httpd_parse.h"

#include <strings.h>

/* What a byte may be part of. */
enum {
	C_TOKEN = 1,  /* tchar of RFC 9110 */
	C_VALUE = 2,  /* of a field's value: visible, space, tab, obs-text */
	C_PATH = 4,   /* of a path as browsers send it */
	C_QUERY = 8,  /* of a query */
	C_HOST = 16,  /* of a registered name or IPv4 address */
	C_DIGIT = 32
};

static uint8_t classes[256];

static void
mark(const char *set, uint8_t class)
{
	for (; *set != '\0'; set++)
		classes[(unsigned char)*set] |= class;
}

__attribute__((constructor)) static void
fill_classes(void)
{
	for (int c = 0x21; c < 0x7f; c++)
		classes[c] |= C_VALUE | C_PATH | C_QUERY;
	for (int c = 0x80; c < 0x100; c++)
		classes[c] |= C_VALUE;
	mark(" \t", C_VALUE);
	mark("!#$%&'*+-.^_`|~", C_TOKEN);
	mark("-._~", C_HOST);
	for (int c = 0; c < 256; c++)
		if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
		    (c >= 'A' && c <= 'Z'))
			classes[c] |= C_TOKEN | C_HOST;
	mark("0123456789", C_DIGIT);
	for (const char *p = "\"#<>"; *p != '\0'; p++)
		classes[(unsigned char)*p] &= (uint8_t)~(C_PATH | C_QUERY);
	for (const char *p = "?\\^`{}"; *p != '\0'; p++)
		classes[(unsigned char)*p] &= (uint8_t)~C_PATH;
}

static bool
all(struct str s, uint8_t class)
{
	for (size_t i = 0; i < s.len; i++)
		if ((classes[(unsigned char)s.ptr[i]] & class) == 0)
			return (false);
	return (true);
}

static bool
same(struct str s, const char *word)
{
	return (s.len == strlen(word) && strncasecmp(s.ptr, word, s.len) == 0);
}

/* --- where the head ends -------------------------------------------------- */

/*
 * Lines end in CR LF and nothing else has either. Found as the bytes come, so
 * that a client that goes on for ever is refused at once.
 */
static int
find_end(struct str in, size_t *scanned, size_t *ret_used)
{
	size_t at = *scanned;

	while (at < in.len) {
		unsigned char c = (unsigned char)in.ptr[at];
		if (c == '\r') {
			if (at + 1 == in.len)
				break; /* look again when the next byte is here */
			if (in.ptr[at + 1] != '\n' || at == 0)
				return (400);
			at += 2;
			if (at >= 4 && in.ptr[at - 4] == '\r') {
				if (at > HTTPD_HEAD_MAX)
					return (431);
				*ret_used = at;
				return (1);
			}
			continue;
		}
		if (c == '\n' || c == '\0')
			return (400);
		at++;
	}
	*scanned = at;
	if (in.len > HTTPD_LINE_MAX &&
	    memchr(in.ptr, '\r', HTTPD_LINE_MAX) == NULL)
		return (414);
	return (in.len > HTTPD_HEAD_MAX ? 431 : 0);
}

/* The next line; the caller knows that each one ends in CR LF. */
static struct str
next_line(struct str *rest)
{
	const char *cr = memchr(rest->ptr, '\r', rest->len);
	struct str line = { rest->ptr, (size_t)(cr - rest->ptr) };

	rest->ptr += line.len + 2;
	rest->len -= line.len + 2;
	return (line);
}

/* --- request line --------------------------------------------------------- */

static const char *const methods[] = { "GET", "HEAD", "POST", "PUT", "PATCH",
	"DELETE", "OPTIONS" };

const char *
httpd_parse_method(enum httpd_method m)
{
	return (methods[m]);
}

static int
take_method(struct str word, struct httpd_head *h)
{
	if (word.len == 0 || !all(word, C_TOKEN))
		return (400);
	for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++)
		if (str_is(word, methods[i])) {
			h->method = (enum httpd_method)i;
			return (0);
		}
	return (501);
}

static int
take_version(struct str word, struct httpd_head *h)
{
	if (word.len != 8 || memcmp(word.ptr, "HTTP/", 5) != 0 ||
	    !(classes[(unsigned char)word.ptr[5]] & C_DIGIT) ||
	    word.ptr[6] != '.' ||
	    !(classes[(unsigned char)word.ptr[7]] & C_DIGIT))
		return (400);
	if (word.ptr[5] != '1' || (word.ptr[7] != '0' && word.ptr[7] != '1'))
		return (505);
	h->minor = word.ptr[7] - '0';
	h->close = h->minor == 0;
	return (0);
}

static int
hex_digit(char c)
{
	return (c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ?
	    c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1);
}

/* No way to say a thing twice: parts are neither empty nor dots. */
static bool
parts_ok(struct str path)
{
	struct str part;

	for (size_t i = 1; i < path.len; i++)
		if (path.ptr[i] == '/' && path.ptr[i - 1] == '/')
			return (false);
	while (str_split(&path, '/', &part))
		if (str_is(part, ".") || str_is(part, ".."))
			return (false);
	return (true);
}

static int
decode_path(struct arena *a, struct str raw, struct str *ret)
{
	char *out = arena_alloc(a, raw.len + 1);
	size_t n = 0;

	for (size_t i = 0; i < raw.len; i++) {
		unsigned char c = (unsigned char)raw.ptr[i];
		if (!(classes[c] & C_PATH))
			return (400);
		if (c == '%') {
			if (i + 2 >= raw.len || hex_digit(raw.ptr[i + 1]) < 0 ||
			    hex_digit(raw.ptr[i + 2]) < 0)
				return (400);
			c = (unsigned char)(hex_digit(raw.ptr[i + 1]) << 4 |
			    hex_digit(raw.ptr[i + 2]));
			i += 2;
			if (c < 0x20 || c == 0x7f || c == '/' || c == '\\')
				return (400);
		}
		out[n++] = (char)c;
	}
	*ret = (struct str){ out, n };
	return (str_utf8_ok(*ret) && parts_ok(*ret) ? 0 : 400);
}

static int
check_query(struct str q)
{
	for (size_t i = 0; i < q.len; i++) {
		if (!(classes[(unsigned char)q.ptr[i]] & C_QUERY))
			return (400);
		if (q.ptr[i] == '%' && (i + 2 >= q.len ||
		    hex_digit(q.ptr[i + 1]) < 0 || hex_digit(q.ptr[i + 2]) < 0))
			return (400);
	}
	return (0);
}

/*
 * The target: a path and perhaps a query. Of the absolute form the host is
 * kept to be compared with the field Host.
 */
static int
take_target(struct arena *a, struct str t, struct httpd_head *h,
    struct str *ret_host)
{
	*ret_host = STR_NULL;
	if (str_is(t, "*")) {
		h->target = h->path = t;
		return (h->method == HTTPD_OPTIONS ? 0 : 400);
	}
	if (t.len > 8 && (strncasecmp(t.ptr, "http://", 7) == 0 ||
	    strncasecmp(t.ptr, "https://", 8) == 0)) {
		size_t skip = t.ptr[4] == ':' ? 7 : 8;
		const char *slash = memchr(t.ptr + skip, '/', t.len - skip);
		if (slash == NULL)
			return (400);
		*ret_host = (struct str){ t.ptr + skip,
			(size_t)(slash - t.ptr) - skip };
		t = (struct str){ slash, t.len - (size_t)(slash - t.ptr) };
	}
	if (t.len == 0 || t.ptr[0] != '/')
		return (400);
	h->target = t;
	const char *q = memchr(t.ptr, '?', t.len);
	struct str path = { t.ptr, q != NULL ? (size_t)(q - t.ptr) : t.len };
	if (q != NULL)
		h->query = (struct str){ q + 1, t.len - path.len - 1 };
	int r = decode_path(a, path, &h->path);
	return (r != 0 ? r : check_query(h->query));
}

static int
take_request_line(struct arena *a, struct str line, struct httpd_head *h,
    struct str *ret_host)
{
	const char *one = memchr(line.ptr, ' ', line.len);

	if (one == NULL)
		return (400);
	struct str method = { line.ptr, (size_t)(one - line.ptr) };
	struct str rest = { one + 1, line.len - method.len - 1 };
	const char *two = memchr(rest.ptr, ' ', rest.len);
	if (two == NULL)
		return (400);
	struct str target = { rest.ptr, (size_t)(two - rest.ptr) };
	struct str version = { two + 1, rest.len - target.len - 1 };
	int r = take_version(version, h);
	if (r == 0)
		r = take_method(method, h);
	return (r != 0 ? r : take_target(a, target, h, ret_host));
}

/* --- fields --------------------------------------------------------------- */

/* These may come once; twice, two programs could choose differently. */
static const char *const once[] = { "host", "content-length",
	"transfer-encoding", "content-type", "content-encoding", "authorization",
	"cookie", "origin", "expect", "range", "upgrade", "if-none-match",
	"if-modified-since", "if-match", "sec-fetch-site", "x-forwarded-for",
	"x-forwarded-proto", "x-forwarded-host", "forwarded" };
#define NONCE (sizeof(once) / sizeof(once[0]))

static int
check_host(struct str v)
{
	const char *colon;
	struct str port = STR_NULL;
	uint64_t n;

	if (v.len == 0 || v.len > 255 + 6)
		return (400);
	if (v.ptr[0] == '[') {
		const char *end = memchr(v.ptr, ']', v.len);
		if (end == NULL || end - v.ptr < 3)
			return (400);
		for (const char *p = v.ptr + 1; p < end; p++)
			if (hex_digit(*p) < 0 && *p != ':' && *p != '.')
				return (400);
		struct str rest = { end + 1, v.len - (size_t)(end - v.ptr) - 1 };
		if (rest.len == 0)
			return (0);
		if (rest.ptr[0] != ':')
			return (400);
		port = (struct str){ rest.ptr + 1, rest.len - 1 };
	} else {
		colon = memchr(v.ptr, ':', v.len);
		struct str name = { v.ptr, colon != NULL ?
			(size_t)(colon - v.ptr) : v.len };
		if (name.len == 0 || !all(name, C_HOST))
			return (400);
		if (colon == NULL)
			return (0);
		port = (struct str){ colon + 1, v.len - name.len - 1 };
	}
	return (port.len > 0 && port.len <= 5 && all(port, C_DIGIT) &&
	    str_to_u64(port, &n) && n > 0 && n < 65536 ? 0 : 400);
}

static int
take_length(struct str v, struct httpd_head *h)
{
	if (v.len == 0 || !all(v, C_DIGIT) || (v.len > 1 && v.ptr[0] == '0'))
		return (400);
	if (v.len > 18 || !str_to_u64(v, &h->length))
		return (413);
	h->has_length = true;
	return (0);
}

static int
take_coding(struct str v, struct httpd_head *h)
{
	if (h->minor == 0)
		return (400);
	if (!same(v, "chunked"))
		return (v.len > 0 && all(v, C_TOKEN) ? 501 : 400);
	h->chunked = true;
	return (0);
}

static int
take_connection(struct str v, struct httpd_head *h)
{
	struct str part;

	while (str_split(&v, ',', &part)) {
		part = str_trim(part);
		if (!all(part, C_TOKEN))
			return (400);
		if (same(part, "close"))
			h->close = true;
	}
	return (0);
}

/* What the fields say about the message itself. ${i} of the table once. */
static int
take_meaning(size_t i, struct str v, struct httpd_head *h)
{
	switch (i) {
	case 0:
		h->host = v;
		return (check_host(v));
	case 1:
		return (take_length(v, h));
	case 2:
		return (take_coding(v, h));
	case 8:
		h->expect = same(v, "100-continue");
		return (h->expect ? 0 : 417);
	default:
		return (0);
	}
}

static int
take_field(struct str line, struct httpd_head *h, uint32_t *seen)
{
	const char *colon = memchr(line.ptr, ':', line.len);

	if (colon == NULL)
		return (400);
	struct str name = { line.ptr, (size_t)(colon - line.ptr) };
	struct str value = { colon + 1, line.len - name.len - 1 };
	/* A folded line begins with white space, which no name has. */
	if (name.len == 0 || !all(name, C_TOKEN) || !all(value, C_VALUE))
		return (400);
	if (h->nfields == HTTPD_FIELDS_MAX)
		return (431);
	value = str_trim(value);
	h->field[h->nfields++] = (struct httpd_field){ name, value };
	if (same(name, "connection"))
		return (take_connection(value, h));
	for (size_t i = 0; i < NONCE; i++) {
		if (!same(name, once[i]))
			continue;
		if (*seen & 1u << i)
			return (400);
		*seen |= 1u << i;
		return (take_meaning(i, value, h));
	}
	return (0);
}

static bool
may_have_body(enum httpd_method m)
{
	return (m == HTTPD_POST || m == HTTPD_PUT || m == HTTPD_PATCH);
}

static int
check_whole(const struct httpd_head *h, struct str absolute)
{
	if (h->host.ptr == NULL)
		return (400);
	if (absolute.ptr != NULL && (absolute.len != h->host.len ||
	    strncasecmp(absolute.ptr, h->host.ptr, absolute.len) != 0))
		return (400);
	if (h->chunked && h->has_length)
		return (400);
	if (!may_have_body(h->method))
		return (h->chunked || h->length > 0 ? 400 : 0);
	return (h->chunked || h->has_length ? 0 : 411);
}

int
httpd_parse_head(struct arena *a, struct str in, size_t *scanned,
    struct httpd_head *ret, size_t *ret_used)
{
	struct str rest, absolute, line;
	uint32_t seen = 0;
	size_t used;
	int r = find_end(in, scanned, &used);

	if (r != 1)
		return (r);
	/* What is read here outlives the buffer it came in. */
	in.ptr = arena_strndup(a, in.ptr, used);
	/* The array of fields is large and not read beyond its count. */
	ret->minor = 0;
	ret->target = ret->path = ret->query = ret->host = STR_NULL;
	ret->nfields = 0;
	ret->chunked = ret->has_length = ret->expect = ret->close = false;
	ret->length = 0;
	rest = (struct str){ in.ptr, used - 2 };
	line = next_line(&rest);
	if (line.len > HTTPD_LINE_MAX)
		return (414);
	if ((r = take_request_line(a, line, ret, &absolute)) != 0)
		return (r);
	while (rest.len > 0)
		if ((r = take_field(next_line(&rest), ret, &seen)) != 0)
			return (r);
	if ((r = check_whole(ret, absolute)) != 0)
		return (r);
	*ret_used = used;
	return (1);
}

struct str
httpd_parse_field(const struct httpd_head *h, const char *name)
{
	for (size_t i = 0; i < h->nfields; i++)
		if (same(h->field[i].name, name))
			return (h->field[i].value);
	return (STR_NULL);
}

/* --- chunks --------------------------------------------------------------- */

enum { SIZE, SIZE_LF, DATA, DATA_CR, DATA_LF, END_CR, END_LF, DONE };

/* One byte that is not data; 0, 1 at the end, or a status. */
static int
chunk_byte(struct httpd_chunks *c, char b)
{
	int d;

	switch (c->state) {
	case SIZE:
		if (b == '\r' && c->digits > 0) {
			c->state = SIZE_LF;
			return (0);
		}
		if ((d = hex_digit(b)) < 0)
			return (400);
		if (++c->digits > 15)
			return (413);
		c->left = c->left << 4 | (uint64_t)d;
		return (0);
	case SIZE_LF:
		c->state = c->left > 0 ? DATA : END_CR;
		break;
	case DATA_CR:
	case END_CR:
		c->state++;
		return (b == '\r' ? 0 : 400);
	case DATA_LF:
		c->state = SIZE;
		c->digits = 0;
		break;
	case END_LF:
		c->state = DONE;
		return (b == '\n' ? 1 : 400);
	default:
		return (400);
	}
	return (b == '\n' ? 0 : 400);
}

int
httpd_parse_chunks(struct httpd_chunks *c, struct str in, size_t *ret_used,
    struct str *ret_data)
{
	size_t at = 0;
	int r;

	*ret_data = STR_NULL;
	while (at < in.len && c->state != DATA) {
		r = chunk_byte(c, in.ptr[at++]);
		if (r != 0) {
			*ret_used = at;
			return (r);
		}
	}
	if (c->state == DATA && at < in.len) {
		size_t n = in.len - at;
		if (n > c->left)
			n = (size_t)c->left;
		*ret_data = (struct str){ in.ptr + at, n };
		at += n;
		c->left -= n;
		if (c->left == 0)
			c->state = DATA_CR;
	}
	*ret_used = at;
	return (0);
}
