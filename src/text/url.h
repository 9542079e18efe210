/*
 * URLs (RFC 3986), as much as links and endpoints need. Nothing is resolved.
 */
#ifndef TEXT_URL_H
#define TEXT_URL_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

#define URL_MAX_BYTES 8192

struct url {
	struct str scheme; /* lower-case, in the arena */
	struct str user;   /* "user:password" as written; empty if none */
	struct str host;   /* lower-case, IPv6 without its brackets */
	int port;          /* -1 if none is written */
	struct str path;   /* as written, with its percent escapes */
	struct str query;  /* without the "?" */
	struct str fragment;
};

/* url_parse(a, s, ret, e): absolute, with a host: "https://h:8443/p?q#f". */
int url_parse(struct arena *a, struct str s, struct url *ret, struct err *e);

/*
 * url_link_ok(s): may stand in a link: relative, or http, https, mailto.
 * Control characters and spaces, which browsers pass over, do not hide a
 * scheme from it.
 */
bool url_link_ok(struct str s);

/* url_encode(out, s): all but unreserved characters (A-Za-z0-9-._~) as %XX. */
void url_encode(struct buf *out, struct str s);
/* url_decode(out, s, plus): false for a broken escape; ${plus}: + is space. */
bool url_decode(struct buf *out, struct str s, bool plus);

/*
 * url_endpoint(a, s, port, host, ret_port, e): "host", "host:443", "[::1]:443".
 */
int url_endpoint(struct arena *a, struct str s, int default_port,
    struct str *ret_host, int *ret_port, struct err *e);

#endif
