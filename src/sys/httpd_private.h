/* What httpd.c and httpd_conn.c know of each other. Nobody else includes it. */
#ifndef SYS_HTTPD_PRIVATE_H
#define SYS_HTTPD_PRIVATE_H

#include <netinet/in.h>

#include "sys/httpd.h"

enum httpd_state {
	CONN_HEAD,   /* waits for a head, or is in one */
	CONN_BODY,
	CONN_CALL,   /* the handler has it */
	CONN_WRITE,  /* an answer is being sent */
	CONN_LINGER, /* said good-bye, reads until the client has read it */
	CONN_DEAD    /* freed at the end of the round */
};

/* What epoll's pointer points to begins with this. */
enum httpd_kind { KIND_LISTEN, KIND_CONN, KIND_WATCH };
struct httpd_item {
	enum httpd_kind kind;
	int fd;
};

struct httpd_conn {
	struct httpd_item item;
	struct httpd *h;
	struct httpd_conn *prev, *next;
	enum httpd_state state;
	unsigned char addr[16]; /* of the peer, as IPv6; a /64 of it */
	char peer[INET6_ADDRSTRLEN];
	int64_t deadline;  /* clock_mono() */
	int64_t since;     /* when it began to wait as it does */
	uint64_t window;   /* bytes moved since the deadline was set */
	bool want_write;   /* what epoll was told */
	bool reading;
	bool closing;      /* after this answer */
	bool eof;          /* the client will send no more */

	struct buf in;
	size_t in_at;      /* bytes of it that are done with */
	size_t scanned;
	struct httpd_head head;
	struct httpd_chunks chunks;
	uint64_t body_left, body_got;
	struct buf body;
	struct httpd_plan plan;

	struct arena arena;
	struct buf fields; /* of the answer */
	struct httpd_call call;
	bool in_call;
	bool answered;
	struct buf out;
	size_t out_at;
	int file;          /* rest of the answer, or -1 */
	uint64_t file_at, file_left;
};

struct httpd {
	struct httpd_face face;
	struct httpd_limits limits;
	struct httpd_counts n;
	int epoll;
	bool stopping;
	int64_t stop_at;
	struct httpd_conn *conns, *dead;
	struct httpd_watch *watches;
	struct httpd_listener *listeners;
	char date[64];
	int64_t date_second;
	int64_t now; /* clock_mono() of this round */
};

/* httpd_conn_add(h, fd, addr, peer): take over an accepted socket. */
void httpd_conn_add(struct httpd *h, int fd, const unsigned char addr[16],
    const char *peer);
/* httpd_conn_event(c, events): epoll's. */
void httpd_conn_event(struct httpd_conn *c, uint32_t events);
/* httpd_conn_check(c): end it if its time is up. */
void httpd_conn_check(struct httpd_conn *c);
/* httpd_conn_close(c): at once, with a reset if an answer is not all sent; freed
 * at the end of the round. */
void httpd_conn_close(struct httpd_conn *c);
/* httpd_conn_stop(c): no request after the one that it is in. */
void httpd_conn_stop(struct httpd_conn *c);
void httpd_conn_free(struct httpd_conn *c);

/* httpd_date(h): the field's value, once a second. */
const char *httpd_date(struct httpd *h);

#endif
