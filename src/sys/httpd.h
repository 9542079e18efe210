/*
 * HTTP/1.1 server: one thread, epoll, connections kept alive and pipelined.
 * It reads whole requests (httpd_parse.h says how strictly), hands them to the
 * caller and sends what it answers. A client that is slow with its head, its
 * body or its reading is ended; one that holds many connections loses its
 * oldest waiting one to the newest, so that others are always served.
 *
 * Other descriptors and a clock tick run in the same loop. A handler must not
 * block: what takes time belongs into a child (sys/proc.h) whose pipe is
 * watched, and the call is answered when it is done.
 */
#ifndef SYS_HTTPD_H
#define SYS_HTTPD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "sys/httpd_parse.h"

struct httpd;
struct httpd_conn;

/* One request, from its head until its answer was sent. */
struct httpd_call {
	const struct httpd_head *head;
	struct str body;      /* whole, when run() is called */
	struct arena *arena;  /* released when the answer was sent */
	const char *peer;     /* address of the client, as text */
	void *data;           /* the caller's */
	int status;           /* of the answer; 0 before */
	uint64_t sent;        /* bytes of its body */
	int64_t began;        /* clock_mono() at its first byte */
};

/* What to do with the body; httpd sets the defaults before head() is called. */
struct httpd_plan {
	uint64_t limit; /* bytes; more is refused with 413. Default: 65536 */
	/*
	 * NULL: gathered in call->body. Otherwise each piece comes here and
	 * body stays empty; a status other than 0 refuses the rest.
	 */
	int (*piece)(void *ctx, struct httpd_call *c, struct str piece);
};

struct httpd_face {
	/* The head is complete; may answer at once, then run() is not called
	 * and a body is not read. NULL: the defaults. */
	void (*head)(void *ctx, struct httpd_call *c, struct httpd_plan *plan);
	/* The request is complete; answers now or later. */
	void (*run)(void *ctx, struct httpd_call *c);
	/* The call is over: sent, or the client is gone (status 0: before an
	 * answer). The last chance to look at it. NULL: nothing to do. */
	void (*done)(void *ctx, struct httpd_call *c);
	/* At least every half second. NULL: nothing to do. */
	void (*tick)(void *ctx);
	void *ctx;
	/*
	 * A request is refused before it is a call, or in its middle. ${target}:
	 * what it asks for, as far as that can be told. Appends the body and
	 * returns its media type. NULL, or returns NULL: a line of plain text, and
	 * none at all for one that is too slow (408).
	 */
	const char *(*refuse)(void *ctx, int status, struct str target,
	    struct buf *body);
};

struct httpd_limits {
	unsigned conns;     /* connections at once */
	unsigned per_peer;  /* of one address (IPv6: one /64) */
	int64_t slow;       /* us for a head, and for each 4 KiB after it */
	int64_t idle;       /* us between requests */
	int64_t grace;      /* us for what is running when it is told to stop */
};
#define HTTPD_LIMITS { 1024, 256, 10 * CLOCK_SECOND, 30 * CLOCK_SECOND, \
	10 * CLOCK_SECOND }

/* httpd_new(face, limits, ret, e): both are copied. Raises the process's limit
 * of open files as far as it may; fewer connections if it may not. */
int httpd_new(const struct httpd_face *face, const struct httpd_limits *limits,
    struct httpd **ret, struct err *e);
void httpd_free(struct httpd *h); /* NULL is allowed */

/*
 * httpd_listen(h, at, a, ret_bound, e): "127.0.0.1:8420", "[::1]:0"; numbers
 * only. *ret_bound is the same with the port that it got. ERR_CONFLICT:
 * another program has the port.
 */
int httpd_listen(struct httpd *h, const char *at, struct arena *a,
    const char **ret_bound, struct err *e);

/* httpd_run(h, e): serve until httpd_stop(h), which may be called from a
 * handler, a watch or the tick: no new connections, running calls end. */
int httpd_run(struct httpd *h, struct err *e);
void httpd_stop(struct httpd *h);

/* httpd_watch(h, fd, fn, ctx, e): ${fn} when ${fd} is readable or has ended,
 * until httpd_unwatch(), which comes before ${fd} is closed. */
typedef void httpd_watch_fn(void *ctx, int fd);
int httpd_watch(struct httpd *h, int fd, httpd_watch_fn *fn, void *ctx,
    struct err *e);
void httpd_unwatch(struct httpd *h, int fd);

/* --- answering ------------------------------------------------------------ */

/* httpd_header(c, name, value): before the answer; copied. BUG if it has a
 * line feed, so what comes from outside is encoded first. */
void httpd_header(struct httpd_call *c, const char *name, const char *value);
/* httpd_reply(c, status, body): the body is copied. Each call is answered
 * once. Content-Length, Date and Connection are added. */
void httpd_reply(struct httpd_call *c, int status, struct str body);
/* httpd_reply_file(c, fd, size): 200 with ${size} bytes of ${fd} from its
 * beginning, which is closed afterwards. */
void httpd_reply_file(struct httpd_call *c, int fd, uint64_t size);
/* httpd_reason(status): "Not Found". */
const char *httpd_reason(int status);

/* How it goes, for a page of figures. */
struct httpd_counts {
	uint64_t accepted, requests, refused; /* refused: not HTTP as it should */
	uint64_t slow, displaced;             /* ended: too slow; for another */
	unsigned open;
};
void httpd_counts(const struct httpd *h, struct httpd_counts *ret);

#endif
