#include "collect/endpoint.h"

#include <string.h>

static int
bad(struct err *e, struct str what)
{
	return (err_set(e, ERR_USAGE, NULL, "write HOST:PORT", "\"" STR_FMT
	    "\" is no server and port", STR_ARG(what)));
}

static bool
good_host(struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		if ((unsigned char)s.ptr[i] <= ' ' || s.ptr[i] == '/' ||
		    s.ptr[i] == '[' || s.ptr[i] == ']' || s.ptr[i] == 0x7f)
			return (false);
	return (s.len > 0 && s.len < 254);
}

static int
make(struct arena *a, struct str host, int64_t port, struct str name,
    struct endpoint *ret, struct err *e)
{
	if (!good_host(host) || (name.len > 0 && !good_host(name)))
		return (bad(e, name.len > 0 && good_host(host) ? name : host));
	if (port < 1 || port > 65535)
		return (err_set(e, ERR_USAGE, NULL, "write a number from 1 to "
		    "65535", "%lld is no port", (long long)port));
	ret->host = arena_strndup(a, host.ptr, host.len);
	ret->port = (int)port;
	ret->name = name.len > 0 ? arena_strndup(a, name.ptr, name.len) :
	    ret->host;
	ret->text = arena_printf(a, strchr(ret->host, ':') != NULL ?
	    "[%s]:%d" : "%s:%d", ret->host, ret->port);
	return (0);
}

/* HOST[:PORT][/NAME], [ADDRESS][:PORT][/NAME] */
static int
parse(struct arena *a, struct str s, int port, struct endpoint *ret,
    struct err *e)
{
	struct str whole = s, host, name = STR_NULL;
	ptrdiff_t at = str_find(s, "/");
	int64_t n = port;

	if (at >= 0) {
		name = (struct str){ s.ptr + at + 1, s.len - (size_t)at - 1 };
		s.len = (size_t)at;
	}
	if (s.len > 0 && s.ptr[0] == '[') {
		if ((at = str_find(s, "]")) < 0)
			return (bad(e, whole));
		host = (struct str){ s.ptr + 1, (size_t)at - 1 };
		s.ptr += at + 1;
		s.len -= (size_t)at + 1;
	} else {
		at = str_find(s, ":");
		host = (struct str){ s.ptr, at >= 0 ? (size_t)at : s.len };
		s.ptr += host.len;
		s.len -= host.len;
	}
	if (s.len > 0 && (s.ptr[0] != ':' || !str_to_i64((struct str){
	    s.ptr + 1, s.len - 1 }, &n)))
		return (bad(e, whole));
	return (make(a, host, n, name, ret, e));
}

static bool
listed(const struct endpoint *list, size_t n, const char *text)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(list[i].text, text) == 0)
			return (true);
	return (false);
}

int
endpoint_list(struct arena *a, const struct collect_source *s, int port,
    struct endpoint **ret, size_t *ret_n, struct err *e)
{
	struct endpoint *list = arena_array(a, ENDPOINT_MAX, sizeof(*list));
	struct str host = STR_NULL, given = STR_NULL, more = STR_NULL, one;
	int64_t p = port;
	size_t n = 0;
	int rc;

	if (s->options != NULL) {
		host = val_get_str(s->options, "host");
		given = val_get_str(s->options, "port");
		more = val_get_str(s->options, "endpoint");
	}
	if (given.len > 0 && !str_to_i64(given, &p))
		return (err_set(e, ERR_USAGE, "--port", "write a number",
		    "\"" STR_FMT "\" is no port", STR_ARG(given)));
	if (host.len > 0 && (rc = make(a, host, p, val_get_str(s->options,
	    "sni"), &list[n++], e)) != 0)
		return (rc);
	while (str_split(&more, ' ', &one)) {
		struct endpoint x;
		if (one.len == 0)
			continue;
		if ((rc = parse(a, one, port, &x, e)) != 0)
			return (rc);
		if (n == ENDPOINT_MAX)
			return (err_set(e, ERR_LIMIT, "--endpoint", "make "
			    "another source", "a source has at most %d "
			    "servers", ENDPOINT_MAX));
		if (!listed(list, n, x.text))
			list[n++] = x;
	}
	if (n == 0)
		return (err_set(e, ERR_USAGE, NULL, "give --host, or "
		    "--endpoint HOST:PORT", "no server is named"));
	*ret = list;
	*ret_n = n;
	return (0);
}

const uint16_t *
endpoint_ports(struct arena *a, const struct endpoint *list, size_t n,
    size_t *ret_n)
{
	uint16_t *ports = arena_array(a, n + 1, sizeof(*ports));

	for (size_t i = 0; i < n; i++)
		ports[i] = (uint16_t)list[i].port;
	ports[n] = 53;
	*ret_n = n + 1;
	return (ports);
}
