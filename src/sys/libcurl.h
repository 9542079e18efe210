/*
 * Inside of http.c and smtp.c: libcurl, opened when it is first needed, and the
 * look at the address that is about to be connected to.
 */
#ifndef SYS_LIBCURL_H
#define SYS_LIBCURL_H

#define CURL_DISABLE_TYPECHECK
#include <arpa/inet.h>
#include <curl/curl.h>
#include <stdbool.h>

#include "base/err.h"
#include "sys/http.h"

#define LIBCURL_FUNCTIONS(X)                                                   \
	X(curl_global_init)                                                    \
	X(curl_easy_init)                                                      \
	X(curl_easy_setopt)                                                    \
	X(curl_easy_perform)                                                   \
	X(curl_easy_getinfo)                                                   \
	X(curl_easy_strerror)                                                  \
	X(curl_easy_cleanup)                                                   \
	X(curl_slist_append)                                                   \
	X(curl_slist_free_all)

struct libcurl {
#define X(name) __typeof__(name) *name;
	LIBCURL_FUNCTIONS(X)
#undef X
};

/* libcurl(ret, e): its functions. ERR_ENV if it is not installed. */
int libcurl(const struct libcurl **ret, struct err *e);

/* The kinds of network that may be connected to, and what was refused. */
struct libcurl_guard {
	enum http_net net;
	bool denied;
	char denied_at[INET6_ADDRSTRLEN];
};
/* For CURLOPT_OPENSOCKETFUNCTION, with a struct libcurl_guard. */
curl_socket_t libcurl_socket(void *ctx, curlsocktype purpose,
    struct curl_sockaddr *to);

#endif
