#include "sys/libcurl.h"

#include <dlfcn.h>
#include <sys/socket.h>
#include <unistd.h>

static struct libcurl functions;
static bool loaded;

static int
load_function(void *lib, const char *name, void *ret, struct err *e)
{
	void *p = dlsym(lib, name);

	if (p == NULL)
		return (err_set(e, ERR_ENV, name, "install Debian's libcurl4",
		    "the installed libcurl lacks a function"));
	memcpy(ret, &p, sizeof(p));
	return (0);
}

int
libcurl(const struct libcurl **ret, struct err *e)
{
	void *lib;
	int r;

	*ret = &functions;
	if (loaded)
		return (0);
	lib = dlopen("libcurl.so.4", RTLD_NOW | RTLD_LOCAL);
	if (lib == NULL)
		return (err_set(e, ERR_ENV, "libcurl.so.4",
		    "apt-get install libcurl4",
		    "asking another server needs libcurl"));
#define X(name)                                                                \
	if ((r = load_function(lib, #name, &functions.name, e)) != 0)          \
		return (r);
	LIBCURL_FUNCTIONS(X)
#undef X
	if (functions.curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		return (err_set(e, ERR_ENV, "libcurl.so.4",
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
