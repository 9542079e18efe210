/*
 * HTTP/1.1 requests from bytes (RFC 9110, RFC 9112), read strictly: what two
 * programs could read differently is refused, not repaired. A bare LF or CR, a
 * NUL, a folded line, a space before a colon, two lengths, a length beside
 * chunks, two hosts or none, a chunk extension or trailer: each has a status.
 * Nothing here knows a socket; it is fuzzed.
 */
#ifndef SYS_HTTPD_PARSE_H
#define SYS_HTTPD_PARSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/str.h"

#define HTTPD_LINE_MAX 8192   /* bytes of the request line */
#define HTTPD_HEAD_MAX 32768  /* of the whole head */
#define HTTPD_FIELDS_MAX 64   /* header lines */

enum httpd_method {
	HTTPD_GET,
	HTTPD_HEAD,
	HTTPD_POST,
	HTTPD_PUT,
	HTTPD_PATCH,
	HTTPD_DELETE,
	HTTPD_OPTIONS
};

struct httpd_field {
	struct str name; /* as sent; compared without regard to case */
	struct str value; /* without white space around it */
};

struct httpd_head {
	enum httpd_method method;
	int minor;         /* HTTP/1.minor: 0 or 1 */
	struct str target; /* as sent, without scheme and host */
	struct str path;   /* decoded; UTF-8; "/" and then no "." or ".." part,
	                      no empty one but the last, no control character;
	                      "*" of OPTIONS */
	struct str query;  /* as sent, without the "?" */
	struct str host;   /* as sent */
	struct httpd_field field[HTTPD_FIELDS_MAX];
	size_t nfields;
	bool chunked;
	bool has_length;
	uint64_t length; /* of the body, 0 if chunked */
	bool expect;     /* 100-continue is waited for */
	bool close;      /* no other request may follow */
};

/*
 * httpd_parse_head(a, in, scanned, ret, ret_used): the head at the beginning
 * of ${in}. 0: more bytes are needed; 1: done, it had *ret_used bytes, and
 * ${ret} points to a copy in ${a}; otherwise the status to refuse it with.
 * *scanned is 0 at first and kept between calls for the same head.
 */
int httpd_parse_head(struct arena *a, struct str in, size_t *scanned,
    struct httpd_head *ret, size_t *ret_used);

/* httpd_parse_field(h, name): the first one's value; ptr NULL if there is
 * none. Fields that may come once are there at most once. */
struct str httpd_parse_field(const struct httpd_head *h, const char *name);

/* httpd_parse_method(m): "GET". */
const char *httpd_parse_method(enum httpd_method m);

/* A chunked body, decoded piece by piece. */
struct httpd_chunks {
	int state;
	uint64_t left; /* of the chunk */
	int digits;
};
#define HTTPD_CHUNKS_INIT { 0 }

/*
 * httpd_parse_chunks(c, in, ret_used, ret_data): the next piece. *ret_used
 * bytes of ${in} were read; *ret_data points into ${in} and may be empty.
 * 0: go on, with more bytes if nothing was read; 1: the body has ended;
 * otherwise the status to refuse it with.
 */
int httpd_parse_chunks(struct httpd_chunks *c, struct str in,
    size_t *ret_used, struct str *ret_data);

#endif
