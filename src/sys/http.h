/*
 * HTTP client, over libcurl, which is opened when it is first needed. What is
 * asked is a server that somebody named in a file: its name is resolved once,
 * the address is compared with what is allowed, and that very address is
 * connected to. Certificates are verified, redirects are not followed, no
 * proxy of the environment is used, and answers have a limit.
 */
#ifndef SYS_HTTP_H
#define SYS_HTTP_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

/* Which addresses may be connected to; each includes the ones before it. */
enum http_net {
	HTTP_PUBLIC,
	HTTP_PRIVATE, /* 10.0.0.0/8, fc00::/7 and the like; not link-local */
	HTTP_LOOPBACK /* this machine too */
};

struct http_request {
	const char *url;     /* http:// or https:// */
	enum http_net net;
	const char *allow;   /* what to do if it lies elsewhere, or NULL */
	const char *type;    /* of a body: POST; NULL: GET */
	struct str body;
	const char *accept;  /* NULL: anything */
	const char *const *fields; /* more "Name: value", NULL at the end; or NULL */
	size_t max;          /* bytes of the answer's body */
	int64_t timeout_us;  /* for all of it */
	const char *ca;      /* file of roots; NULL: the machine's */
};

struct http_answer {
	int status;
	char type[128];  /* Content-Type, lower-case, without parameters */
	struct buf body; /* freed by the caller */
};

/*
 * http_ask(q, ret, e): an answer of whatever status. ERR_ENV: no libcurl;
 * ERR_DENIED: an address that is not allowed; ERR_LIMIT: a longer answer;
 * ERR_TIMEOUT; ERR_IO: not reached, or its certificate does not hold.
 */
int http_ask(const struct http_request *q, struct http_answer *ret,
    struct err *e);

/* http_url_ok(url, e): may it be asked? ERR_INPUT: another scheme, a user or
 * password, a fragment. */
int http_url_ok(const char *url, struct err *e);

/* http_net_of(addr, n): what an address of 4 or 16 bytes is: a kind of
 * network, or -1: one that is never connected to. */
int http_net_of(const unsigned char *addr, size_t n);

#endif
