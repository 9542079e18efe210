#include "sys/libcurl.h"

#include <sys/socket.h>
#include <unistd.h>

#include "sys/library.h"

static struct libcurl functions;
static bool loaded;

int
libcurl(const struct libcurl **ret, struct err *e)
{
	static const struct library lib = { "libcurl.so.4", "libcurl4",
		"asking another server needs libcurl" };
	static const struct library_function fns[] = {
#define X(name) { #name, &functions.name },
		LIBCURL_FUNCTIONS(X)
#undef X
	};
	int r;

	*ret = &functions;
	if (loaded)
		return (0);
	r = library_open(&lib, fns, sizeof(fns) / sizeof(fns[0]), e);
	if (r != 0)
		return (r);
	if (functions.curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		return (err_set(e, ERR_ENV, lib.soname,
		    "install Debian's libcurl4", "libcurl does not start"));
	loaded = true;
	return (0);
}

/* The address that is connected to is the one that is looked at. */
curl_socket_t
libcurl_socket(void *ctx, curlsocktype purpose, struct curl_sockaddr *to)
{
	struct libcurl_guard *g = ctx;
	const struct sockaddr *sa = (const void *)&to->addr;
	const void *addr;
	int net;

	(void)purpose;
	if (to->family == AF_INET) {
		addr = &((const struct sockaddr_in *)(const void *)sa)->sin_addr;
		net = http_net_of(addr, 4);
	} else if (to->family == AF_INET6) {
		addr = &((const struct sockaddr_in6 *)(const void *)sa)->
		    sin6_addr;
		net = http_net_of(addr, 16);
	} else {
		return (CURL_SOCKET_BAD);
	}
	if (net < 0 || net > (int)g->net) {
		g->denied = true;
		inet_ntop(to->family, addr, g->denied_at, sizeof(g->denied_at));
		return (CURL_SOCKET_BAD);
	}
	return (socket(to->family, to->socktype | SOCK_CLOEXEC,
	    to->protocol));
}
