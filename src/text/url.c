#include "text/url.h"

static bool
alpha(char c)
{
	return ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'));
}

static bool
digit(char c)
{
	return (c >= '0' && c <= '9');
}

static int
refuse(struct str s, const char *why, struct err *e)
{
	return (err_set(e, ERR_INPUT, NULL, "write it as https://host:port/path",
	    "\"" STR_FMT "\" is not a URL, %s", STR_ARG(s), why));
}

static struct str
lower(struct arena *a, struct str s)
{
	char *p = arena_strndup(a, s.ptr, s.len);

	for (size_t i = 0; i < s.len; i++)
		if (p[i] >= 'A' && p[i] <= 'Z')
			p[i] = (char)(p[i] + ('a' - 'A'));
	return ((struct str){ p, s.len });
}

static struct str
from(struct str s, size_t at)
{
	return ((struct str){ s.ptr + at, s.len - at });
}

static struct str
upto(struct str s, size_t n)
{
	return ((struct str){ s.ptr, n });
}

/* The first of ${set} in ${s}, or its length. */
static size_t
find(struct str s, const char *set)
{
	size_t i = 0;

	while (i < s.len && strchr(set, s.ptr[i]) == NULL)
		i++;
	return (i);
}

static bool
port_of(struct str s, int *ret)
{
	int64_t v;

	if (s.len == 0 || s.len > 5 || !str_to_i64(s, &v) || v < 1 || v > 65535)
		return (false);
	*ret = (int)v;
	return (true);
}

/* "host", "host:port", "[::1]", "[::1]:port"; the host without brackets. */
static bool
host_port(struct str s, struct str *ret_host, int *ret_port)
{
	struct str host, rest;

	if (s.len != 0 && s.ptr[0] == '[') {
		size_t n = find(s, "]");
		if (n == s.len)
			return (false);
		host = (struct str){ s.ptr + 1, n - 1 };
		rest = from(s, n + 1);
		for (size_t i = 0; i < host.len; i++)
			if (strchr("0123456789abcdefABCDEF:.", host.ptr[i]) ==
			    NULL || host.ptr[i] == '\0')
				return (false);
	} else {
		size_t n = find(s, ":");
		host = upto(s, n);
		rest = from(s, n);
		for (size_t i = 0; i < host.len; i++)
			if (!alpha(host.ptr[i]) && !digit(host.ptr[i]) &&
			    host.ptr[i] != '-' && host.ptr[i] != '.' &&
			    host.ptr[i] != '_')
				return (false);
	}
	if (host.len == 0 || host.len > 253)
		return (false);
	if (rest.len != 0 && (rest.ptr[0] != ':' ||
		!port_of(from(rest, 1), ret_port)))
		return (false);
	*ret_host = host;
	return (true);
}

static const char *
parse(struct arena *a, struct str s, struct url *u)
{
	size_t n;

	if (s.len > URL_MAX_BYTES)
		return ("it is too long");
	for (size_t i = 0; i < s.len; i++)
		if ((unsigned char)s.ptr[i] <= 0x20 || s.ptr[i] == 0x7f ||
		    strchr("\"<>\\^`{|}", s.ptr[i]) != NULL)
			return ("it has a character that must be escaped");
	for (n = 0; n < s.len && (alpha(s.ptr[n]) || (n > 0 &&
		 (digit(s.ptr[n]) || strchr("+-.", s.ptr[n]) != NULL)));)
		n++;
	if (n == 0 || s.len - n < 3 || memcmp(s.ptr + n, "://", 3) != 0)
		return ("it has no scheme");
	u->scheme = lower(a, upto(s, n));
	s = from(s, n + 3);
	struct str authority = upto(s, find(s, "/?#"));
	s = from(s, authority.len);
	for (n = authority.len; n > 0 && authority.ptr[n - 1] != '@';)
		n--;
	if (n > 0) {
		u->user = upto(authority, n - 1);
		authority = from(authority, n);
	}
	if (!host_port(authority, &u->host, &u->port))
		return ("its host or port is wrong");
	u->host = lower(a, u->host);
	u->path = upto(s, find(s, "?#"));
	s = from(s, u->path.len);
	if (s.len != 0 && s.ptr[0] == '?') {
		s = from(s, 1);
		u->query = upto(s, find(s, "#"));
		s = from(s, u->query.len);
	}
	if (s.len != 0)
		u->fragment = from(s, 1);
	return (NULL);
}

int
url_parse(struct arena *a, struct str s, struct url *ret, struct err *e)
{
	struct url u = { .port = -1 };
	const char *why = parse(a, s, &u);

	if (why != NULL)
		return (refuse(s, why, e));
	*ret = u;
	return (0);
}

int
url_endpoint(struct arena *a, struct str s, int default_port,
    struct str *ret_host, int *ret_port, struct err *e)
{
	struct str host;
	int port = default_port;

	if (!host_port(s, &host, &port))
		return (err_set(e, ERR_INPUT, NULL,
		    "write it as host:443 or [::1]:443",
		    "\"" STR_FMT "\" is not a host and port", STR_ARG(s)));
	*ret_host = lower(a, host);
	*ret_port = port;
	return (0);
}

bool
url_link_ok(struct str s)
{
	static const char *const schemes[] = { "http", "https", "mailto" };
	char scheme[8];
	size_t n = 0;

	for (size_t i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.ptr[i];
		if (c <= 0x20 || c == 0x7f)
			continue;
		if (c == '/' || c == '?' || c == '#')
			return (true);
		if (c == ':')
			break;
		if (n == sizeof(scheme))
			n--; /* too long for any of them, unless no colon comes */
		scheme[n++] = (char)(c | 32);
		if (i + 1 == s.len)
			return (true);
	}
	if (memchr(s.ptr != NULL ? s.ptr : "", ':', s.len) == NULL)
		return (true);
	for (size_t i = 0; i < sizeof(schemes) / sizeof(*schemes); i++)
		if (n == strlen(schemes[i]) && memcmp(scheme, schemes[i], n) == 0)
			return (true);
	return (false);
}

void
url_encode(struct buf *out, struct str s)
{
	for (size_t i = 0; i < s.len; i++) {
		char c = s.ptr[i];
		if (alpha(c) || digit(c) || (c != '\0' && strchr("-._~", c)))
			buf_putc(out, c);
		else
			buf_printf(out, "%%%02X", (unsigned char)c);
	}
}

static int
nibble(char c)
{
	if (digit(c))
		return (c - '0');
	c |= 32;
	return (c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1);
}

bool
url_decode(struct buf *out, struct str s, bool plus)
{
	size_t before = out->len;

	for (size_t i = 0; i < s.len; i++) {
		char c = s.ptr[i];
		if (c == '%') {
			if (s.len - i < 3 || nibble(s.ptr[i + 1]) < 0 ||
			    nibble(s.ptr[i + 2]) < 0) {
				if (out->ptr != NULL)
					out->ptr[before] = '\0';
				out->len = before;
				return (false);
			}
			c = (char)(nibble(s.ptr[i + 1]) << 4 |
			    nibble(s.ptr[i + 2]));
			i += 2;
		} else if (c == '+' && plus) {
			c = ' ';
		}
		buf_putc(out, c);
	}
	return (true);
}
