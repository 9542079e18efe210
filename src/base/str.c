#include "base/str.h"

#include <strings.h>

#include "base/err.h"

struct str
str_from(const char *s)
{
	return ((struct str){ s, s != NULL ? strlen(s) : 0 });
}

bool
str_eq(struct str a, struct str b)
{
	return (a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0));
}

bool
str_is(struct str a, const char *b)
{
	return (str_eq(a, str_from(b)));
}

int
str_cmp(struct str a, struct str b)
{
	size_t n = a.len < b.len ? a.len : b.len;
	int c = n != 0 ? memcmp(a.ptr, b.ptr, n) : 0;

	if (c != 0)
		return (c);
	return (a.len < b.len ? -1 : a.len > b.len);
}

bool
str_starts(struct str s, const char *prefix)
{
	size_t n = strlen(prefix);

	return (s.len >= n && memcmp(s.ptr, prefix, n) == 0);
}

bool
str_ends(struct str s, const char *suffix)
{
	size_t n = strlen(suffix);

	return (s.len >= n && memcmp(s.ptr + s.len - n, suffix, n) == 0);
}

static bool
blank(char c)
{
	return (c == ' ' || c == '\t' || c == '\r' || c == '\n');
}

const char *
str_article(const char *word)
{
	/* A user, a unit: spoken with a y. */
	return (word[0] != '\0' && strchr("aeiouAEIOU", word[0]) != NULL &&
	    strncasecmp(word, "us", 2) != 0 && strncasecmp(word, "uni", 3) != 0 ?
	    "an" : "a");
}

struct str
str_trim(struct str s)
{
	while (s.len > 0 && blank(s.ptr[0])) {
		s.ptr++;
		s.len--;
	}
	while (s.len > 0 && blank(s.ptr[s.len - 1]))
		s.len--;
	return (s);
}

bool
str_split(struct str *rest, char sep, struct str *ret_part)
{
	if (rest->ptr == NULL)
		return (false);
	const char *p = rest->len ? memchr(rest->ptr, sep, rest->len) : NULL;
	if (p == NULL) {
		*ret_part = *rest;
		*rest = STR_NULL;
		return (true);
	}
	*ret_part = (struct str){ rest->ptr, (size_t)(p - rest->ptr) };
	rest->len -= ret_part->len + 1;
	rest->ptr = p + 1;
	return (true);
}

ptrdiff_t
str_find(struct str s, const char *needle)
{
	size_t n = strlen(needle);

	if (n == 0)
		return (0);
	if (s.len < n)
		return (-1);
	const char *p = memmem(s.ptr, s.len, needle, n);
	return (p != NULL ? p - s.ptr : -1);
}

bool
str_to_u64(struct str s, uint64_t *ret)
{
	uint64_t v = 0;

	if (s.len == 0)
		return (false);
	for (size_t i = 0; i < s.len; i++) {
		unsigned d = (unsigned char)s.ptr[i] - (unsigned)'0';
		if (d > 9 || __builtin_mul_overflow(v, 10, &v) ||
		    __builtin_add_overflow(v, d, &v))
			return (false);
	}
	*ret = v;
	return (true);
}

bool
str_to_i64(struct str s, int64_t *ret)
{
	bool neg = s.len > 0 && s.ptr[0] == '-';
	uint64_t v;

	if (neg)
		s = (struct str){ s.ptr + 1, s.len - 1 };
	if (!str_to_u64(s, &v) || v > (uint64_t)INT64_MAX + (neg ? 1 : 0))
		return (false);
	*ret = neg ? (int64_t)(0 - v) : (int64_t)v;
	return (true);
}

int32_t
str_utf8_next(struct str s, size_t *at)
{
	const unsigned char *p = (const unsigned char *)s.ptr + *at;
	size_t left = s.len - *at;

	if (left == 0)
		return (-1);
	if (p[0] < 0x80) {
		*at += 1;
		return (p[0]);
	}
	int n = p[0] >= 0xf0 ? 4 : p[0] >= 0xe0 ? 3 : 2;
	if (p[0] < 0xc2 || p[0] > 0xf4 || left < (size_t)n)
		return (-1);
	int32_t c = p[0] & (0xff >> (n + 1));
	for (int i = 1; i < n; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return (-1);
		c = c << 6 | (p[i] & 0x3f);
	}
	if ((n == 3 && c < 0x800) || (n == 4 && c < 0x10000) || c > 0x10ffff ||
	    (c >= 0xd800 && c <= 0xdfff))
		return (-1);
	*at += (size_t)n;
	return (c);
}

bool
str_utf8_ok(struct str s)
{
	size_t at = 0;

	while (at < s.len) {
		/* Most text is ASCII: look at eight bytes at once. */
		while (s.len - at >= 8) {
			uint64_t w;
			memcpy(&w, s.ptr + at, 8);
			if ((w & 0x8080808080808080u) != 0 ||
			    (((w - 0x0101010101010101u) & ~w) &
				0x8080808080808080u) != 0)
				break;
			at += 8;
		}
		if (at < s.len && str_utf8_next(s, &at) <= 0)
			return (false);
	}
	return (true);
}

uint64_t
str_hash(struct str s)
{
	/* FNV-1a over words, finished by a multiply-xorshift. */
	uint64_t h = 0xcbf29ce484222325u ^ s.len;
	size_t i = 0;

	for (; i + 8 <= s.len; i += 8) {
		uint64_t w;
		memcpy(&w, s.ptr + i, 8);
		h = (h ^ w) * 0x9e3779b97f4a7c15u;
		h ^= h >> 29;
	}
	for (; i < s.len; i++)
		h = (h ^ (unsigned char)s.ptr[i]) * 0x100000001b3u;
	h ^= h >> 32;
	h *= 0xd6e8feb86659fd93u;
	return (h ^ h >> 32);
}

void
buf_free(struct buf *b)
{
	if (b == NULL)
		return;
	free(b->ptr);
	*b = (struct buf)BUF_INIT;
}

void
buf_reset(struct buf *b)
{
	b->len = 0;
	if (b->ptr != NULL)
		b->ptr[0] = '\0';
}

void
buf_reserve(struct buf *b, size_t extra)
{
	size_t need;

	if (__builtin_add_overflow(b->len, extra, &need) ||
	    __builtin_add_overflow(need, 1, &need))
		err_oom(SIZE_MAX);
	if (need <= b->cap)
		return;
	size_t cap = b->cap < 64 ? 64 : b->cap;
	while (cap < need)
		cap = cap > SIZE_MAX / 2 ? need : cap * 2;
	char *p = realloc(b->ptr, cap);
	if (p == NULL)
		err_oom(cap);
	b->ptr = p;
	b->cap = cap;
}

void
buf_put(struct buf *b, const void *p, size_t n)
{
	buf_reserve(b, n);
	if (n != 0)
		memcpy(b->ptr + b->len, p, n);
	b->len += n;
	b->ptr[b->len] = '\0';
}

void
buf_puts(struct buf *b, const char *s)
{
	buf_put(b, s, strlen(s));
}

void
buf_putstr(struct buf *b, struct str s)
{
	buf_put(b, s.ptr, s.len);
}

void
buf_putc(struct buf *b, char c)
{
	buf_put(b, &c, 1);
}

void
buf_vprintf(struct buf *b, const char *fmt, va_list ap)
{
	va_list again;

	va_copy(again, ap);
	int n = vsnprintf(NULL, 0, fmt, again);
	va_end(again);
	if (n < 0)
		BUG("format %s", fmt);
	buf_reserve(b, (size_t)n);
	vsnprintf(b->ptr + b->len, (size_t)n + 1, fmt, ap);
	b->len += (size_t)n;
}

void
buf_printf(struct buf *b, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	buf_vprintf(b, fmt, ap);
	va_end(ap);
}

struct str
buf_str(const struct buf *b)
{
	return ((struct str){ b->ptr != NULL ? b->ptr : "", b->len });
}

void
buf_puthex(struct buf *b, const void *p, size_t n)
{
	static const char hex[] = "0123456789abcdef";
	const unsigned char *s = p;

	buf_reserve(b, n * 2);
	for (size_t i = 0; i < n; i++) {
		b->ptr[b->len++] = hex[s[i] >> 4];
		b->ptr[b->len++] = hex[s[i] & 15];
	}
	b->ptr[b->len] = '\0';
}

static const char b64[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void
buf_putb64(struct buf *b, const void *p, size_t n)
{
	const unsigned char *s = p;

	buf_reserve(b, (n + 2) / 3 * 4);
	for (size_t i = 0; i < n; i += 3) {
		uint32_t w = (uint32_t)s[i] << 16;
		if (i + 1 < n)
			w |= (uint32_t)s[i + 1] << 8;
		if (i + 2 < n)
			w |= s[i + 2];
		b->ptr[b->len++] = b64[w >> 18];
		b->ptr[b->len++] = b64[w >> 12 & 63];
		b->ptr[b->len++] = i + 1 < n ? b64[w >> 6 & 63] : '=';
		b->ptr[b->len++] = i + 2 < n ? b64[w & 63] : '=';
	}
	b->ptr[b->len] = '\0';
}

static int
nibble(char c)
{
	if (c >= '0' && c <= '9')
		return (c - '0');
	if (c >= 'a' && c <= 'f')
		return (c - 'a' + 10);
	return (-1);
}

bool
str_unhex(struct str s, void *out, size_t n)
{
	unsigned char *o = out;

	if (s.len != n * 2)
		return (false);
	for (size_t i = 0; i < n; i++)
		if (nibble(s.ptr[2 * i]) < 0 || nibble(s.ptr[2 * i + 1]) < 0)
			return (false);
	for (size_t i = 0; i < n; i++)
		o[i] = (unsigned char)(nibble(s.ptr[2 * i]) << 4 |
		    nibble(s.ptr[2 * i + 1]));
	return (true);
}

static int
sextet(char c)
{
	if (c >= 'A' && c <= 'Z')
		return (c - 'A');
	if (c >= 'a' && c <= 'z')
		return (c - 'a' + 26);
	if (c >= '0' && c <= '9')
		return (c - '0' + 52);
	return (c == '+' ? 62 : c == '/' ? 63 : -1);
}

bool
str_unb64(struct str s, struct buf *out)
{
	size_t start = out->len;

	if (s.len % 4 != 0)
		return (false);
	buf_reserve(out, s.len / 4 * 3);
	for (size_t i = 0; i < s.len; i += 4) {
		int v[4], pad = 0;
		for (int k = 0; k < 4; k++) {
			char c = s.ptr[i + (size_t)k];
			v[k] = sextet(c);
			if (c == '=' && i + 4 == s.len && k >= 2) {
				v[k] = 0;
				pad++;
			} else if (v[k] < 0 || pad > 0) {
				goto bad;
			}
		}
		uint32_t w = (uint32_t)v[0] << 18 | (uint32_t)v[1] << 12 |
		    (uint32_t)v[2] << 6 | (uint32_t)v[3];
		/* Unused bits must be zero: one encoding for one value. */
		if ((pad == 1 && (w & 0xff) != 0) || (pad == 2 && (w & 0xffff) != 0))
			goto bad;
		char c[3] = { (char)(w >> 16), (char)(w >> 8), (char)w };
		buf_put(out, c, (size_t)(3 - pad));
	}
	return (true);
bad:
	out->len = start;
	return (false);
}
