/* The loop: listening, connections and who may have one, watches, time. */
#include "sys/httpd.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "sys/httpd_private.h"

#define TICK (CLOCK_SECOND / 4)
#define EVENTS 128
#define SPARE_FILES 64 /* for what handlers open */

struct httpd_listener {
	struct httpd_item item;
	struct httpd_listener *next;
};

struct httpd_watch {
	struct httpd_item item;
	struct httpd_watch *next;
	httpd_watch_fn *fn; /* NULL: taken out, freed at the end of the round */
	void *ctx;
};

/* --- making --------------------------------------------------------------- */

/* As many connections as the process may have files. */
static unsigned
fit_files(unsigned conns)
{
	struct rlimit l;
	rlim_t want = conns + SPARE_FILES;

	if (getrlimit(RLIMIT_NOFILE, &l) != 0)
		return (conns);
	if (l.rlim_cur < want) {
		l.rlim_cur = want < l.rlim_max ? want : l.rlim_max;
		if (setrlimit(RLIMIT_NOFILE, &l) != 0 ||
		    getrlimit(RLIMIT_NOFILE, &l) != 0)
			return (conns);
	}
	if (l.rlim_cur >= want)
		return (conns);
	return (l.rlim_cur > 2 * SPARE_FILES ?
	    (unsigned)l.rlim_cur - SPARE_FILES : SPARE_FILES);
}

int
httpd_new(const struct httpd_face *face, const struct httpd_limits *limits,
    struct httpd **ret, struct err *e)
{
	int fd = epoll_create1(EPOLL_CLOEXEC);

	if (fd < 0)
		return (err_set(e, ERR_ENV, NULL, "raise the limit of open "
		    "files", "no epoll: %s", strerror(errno)));
	struct httpd *h = calloc(1, sizeof(*h));
	if (h == NULL)
		err_oom(sizeof(*h));
	h->face = *face;
	h->limits = *limits;
	h->limits.conns = fit_files(limits->conns);
	h->epoll = fd;
	h->now = clock_mono();
	*ret = h;
	return (0);
}

static void
free_dead(struct httpd *h)
{
	while (h->dead != NULL) {
		struct httpd_conn *c = h->dead;
		h->dead = c->next;
		httpd_conn_free(c);
	}
	for (struct httpd_watch **p = &h->watches; *p != NULL;) {
		struct httpd_watch *w = *p;
		if (w->fn != NULL) {
			p = &w->next;
			continue;
		}
		*p = w->next;
		free(w);
	}
}

static void
stop_listening(struct httpd *h)
{
	while (h->listeners != NULL) {
		struct httpd_listener *l = h->listeners;
		h->listeners = l->next;
		close(l->item.fd);
		free(l);
	}
}

void
httpd_free(struct httpd *h)
{
	if (h == NULL)
		return;
	stop_listening(h);
	while (h->conns != NULL)
		httpd_conn_close(h->conns);
	for (struct httpd_watch *w = h->watches; w != NULL; w = w->next)
		w->fn = NULL;
	free_dead(h);
	close(h->epoll);
	free(h);
}

/* --- addresses ------------------------------------------------------------ */

static int
bad_address(struct err *e, const char *at)
{
	return (err_set(e, ERR_USAGE, at, "give 127.0.0.1:8420 or [::1]:8420",
	    "this is not an address and a port"));
}

static int
split_address(const char *at, char *host, size_t cap, const char **port,
    struct err *e)
{
	const char *colon = strrchr(at, ':');
	struct str name = { at, colon != NULL ? (size_t)(colon - at) : 0 };
	uint64_t n;

	if (colon == NULL || !str_to_u64(str_from(colon + 1), &n) || n > 65535)
		return (bad_address(e, at));
	if (name.len > 2 && name.ptr[0] == '[' &&
	    name.ptr[name.len - 1] == ']') {
		name.ptr++;
		name.len -= 2;
	} else if (memchr(name.ptr, ':', name.len) != NULL) {
		return (bad_address(e, at));
	}
	if (name.len == 0 || name.len >= cap)
		return (bad_address(e, at));
	memcpy(host, name.ptr, name.len);
	host[name.len] = '\0';
	*port = colon + 1;
	return (0);
}

static int
bind_socket(const struct addrinfo *ai, const char *at, int *ret, struct err *e)
{
	int one = 1, no;
	int fd = socket(ai->ai_family, SOCK_STREAM | SOCK_CLOEXEC |
	    SOCK_NONBLOCK, 0);

	if (fd >= 0 && setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one,
	    sizeof(one)) == 0 && (ai->ai_family != AF_INET6 ||
	    setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &one, sizeof(one)) == 0)
	    && bind(fd, ai->ai_addr, ai->ai_addrlen) == 0 &&
	    listen(fd, 512) == 0) {
		*ret = fd;
		return (0);
	}
	no = errno;
	if (fd >= 0)
		close(fd);
	if (no == EADDRINUSE)
		return (err_set(e, ERR_CONFLICT, at, "choose another port, or "
		    "end that program", "another program listens there"));
	return (err_set(e, no == EACCES ? ERR_DENIED : ERR_ENV, at,
	    no == EACCES ? "choose a port above 1023" :
	    "give an address of this machine", "listening failed: %s",
	    strerror(no)));
}

static const char *
address_text(struct arena *a, const struct sockaddr *sa)
{
	char s[INET6_ADDRSTRLEN];

	if (sa->sa_family == AF_INET6) {
		const struct sockaddr_in6 *v6 = (const void *)sa;
		inet_ntop(AF_INET6, &v6->sin6_addr, s, sizeof(s));
		return (arena_printf(a, "[%s]:%u", s, ntohs(v6->sin6_port)));
	}
	const struct sockaddr_in *v4 = (const void *)sa;
	inet_ntop(AF_INET, &v4->sin_addr, s, sizeof(s));
	return (arena_printf(a, "%s:%u", s, ntohs(v4->sin_port)));
}

int
httpd_listen(struct httpd *h, const char *at, struct arena *a,
    const char **ret_bound, struct err *e)
{
	struct addrinfo hint = { .ai_socktype = SOCK_STREAM, .ai_flags =
	    AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE }, *ai;
	struct sockaddr_storage bound;
	socklen_t n = sizeof(bound);
	char host[256];
	const char *port;
	int fd, r = split_address(at, host, sizeof(host), &port, e);

	if (r != 0)
		return (r);
	if (getaddrinfo(host, port, &hint, &ai) != 0)
		return (bad_address(e, at));
	r = bind_socket(ai, at, &fd, e);
	freeaddrinfo(ai);
	if (r != 0)
		return (r);
	struct httpd_listener *l = calloc(1, sizeof(*l));
	if (l == NULL)
		err_oom(sizeof(*l));
	l->item = (struct httpd_item){ KIND_LISTEN, fd };
	struct epoll_event ev = { .events = EPOLLIN, .data.ptr = l };
	if (getsockname(fd, (struct sockaddr *)&bound, &n) != 0 ||
	    epoll_ctl(h->epoll, EPOLL_CTL_ADD, fd, &ev) != 0) {
		r = err_set(e, ERR_ENV, at, NULL, "listening failed: %s",
		    strerror(errno));
		close(fd);
		free(l);
		return (r);
	}
	l->next = h->listeners;
	h->listeners = l;
	*ret_bound = address_text(a, (struct sockaddr *)&bound);
	return (0);
}

/* --- who may connect ------------------------------------------------------ */

/* The address that counts: IPv4 whole, of IPv6 the network of one site. */
static void
peer_of(const struct sockaddr_storage *ss, unsigned char addr[16], char *text,
    socklen_t cap)
{
	memset(addr, 0, 16);
	if (ss->ss_family == AF_INET6) {
		const struct sockaddr_in6 *v6 = (const void *)ss;
		memcpy(addr, &v6->sin6_addr, 8);
		inet_ntop(AF_INET6, &v6->sin6_addr, text, cap);
	} else {
		const struct sockaddr_in *v4 = (const void *)ss;
		addr[10] = addr[11] = 0xff;
		memcpy(addr + 12, &v4->sin_addr, 4);
		inet_ntop(AF_INET, &v4->sin_addr, text, cap);
	}
}

/* The connection that has waited longest for its client, of one address or of
 * all; heads and idle ones first. NULL: all are being served. */
static struct httpd_conn *
oldest(struct httpd *h, const unsigned char *addr)
{
	struct httpd_conn *best = NULL;

	for (struct httpd_conn *c = h->conns; c != NULL; c = c->next) {
		bool waits = c->state == CONN_HEAD || c->state == CONN_LINGER;
		if (c->state == CONN_CALL || (addr != NULL &&
		    memcmp(c->addr, addr, sizeof(c->addr)) != 0))
			continue;
		bool best_waits = best != NULL && (best->state == CONN_HEAD ||
		    best->state == CONN_LINGER);
		if (best == NULL || (waits && !best_waits) ||
		    (waits == best_waits && c->since < best->since))
			best = c;
	}
	return (best);
}

/* false: there is no room, and nobody who could give way. */
static bool
make_place(struct httpd *h, const unsigned char addr[16])
{
	unsigned same = 0;
	struct httpd_conn *c;

	for (c = h->conns; c != NULL; c = c->next)
		same += memcmp(c->addr, addr, sizeof(c->addr)) == 0;
	if (same < h->limits.per_peer && h->n.open < h->limits.conns)
		return (true);
	c = oldest(h, same >= h->limits.per_peer ? addr : NULL);
	if (c == NULL)
		return (false);
	h->n.displaced++;
	httpd_conn_close(c);
	return (true);
}

static void
accept_some(struct httpd *h, struct httpd_listener *l)
{
	for (int i = 0; i < 64; i++) {
		struct sockaddr_storage ss = { 0 };
		socklen_t n = sizeof(ss);
		unsigned char addr[16];
		char peer[INET6_ADDRSTRLEN];
		int one = 1;
		int fd = accept4(l->item.fd, (struct sockaddr *)&ss, &n,
		    SOCK_CLOEXEC | SOCK_NONBLOCK);
		if (fd < 0) {
			/* No file is left: somebody who waits gives way. */
			struct httpd_conn *c = errno == EMFILE ||
			    errno == ENFILE ? oldest(h, NULL) : NULL;
			if (c != NULL)
				httpd_conn_close(c);
			return;
		}
		peer_of(&ss, addr, peer, sizeof(peer));
		if (!make_place(h, addr)) {
			close(fd);
			continue;
		}
		(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one,
		    sizeof(one));
		httpd_conn_add(h, fd, addr, peer);
	}
}

/* --- watches -------------------------------------------------------------- */

int
httpd_watch(struct httpd *h, int fd, httpd_watch_fn *fn, void *ctx,
    struct err *e)
{
	struct httpd_watch *w = calloc(1, sizeof(*w));
	struct epoll_event ev = { .events = EPOLLIN, .data.ptr = w };

	if (w == NULL)
		err_oom(sizeof(*w));
	w->item = (struct httpd_item){ KIND_WATCH, fd };
	w->fn = fn;
	w->ctx = ctx;
	if (epoll_ctl(h->epoll, EPOLL_CTL_ADD, fd, &ev) != 0) {
		free(w);
		return (err_set(e, ERR_ENV, NULL, NULL, "a descriptor cannot "
		    "be watched: %s", strerror(errno)));
	}
	w->next = h->watches;
	h->watches = w;
	return (0);
}

void
httpd_unwatch(struct httpd *h, int fd)
{
	for (struct httpd_watch *w = h->watches; w != NULL; w = w->next)
		if (w->item.fd == fd && w->fn != NULL) {
			w->fn = NULL;
			(void)epoll_ctl(h->epoll, EPOLL_CTL_DEL, fd, NULL);
			return;
		}
}

/* --- the loop ------------------------------------------------------------- */

const char *
httpd_date(struct httpd *h)
{
	time_t now = (time_t)(clock_now() / CLOCK_SECOND);
	struct tm tm;
	static const char days[] = "SunMonTueWedThuFriSat";
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

	if (now == h->date_second)
		return (h->date);
	h->date_second = now;
	gmtime_r(&now, &tm);
	snprintf(h->date, sizeof(h->date), "%.3s, %02d %.3s %04d %02d:%02d:"
	    "%02d GMT", days + 3 * tm.tm_wday, tm.tm_mday,
	    months + 3 * tm.tm_mon, tm.tm_year + 1900, tm.tm_hour, tm.tm_min,
	    tm.tm_sec);
	return (h->date);
}

void
httpd_stop(struct httpd *h)
{
	h->stopping = true;
}

static void
handle(struct httpd *h, const struct epoll_event *ev)
{
	struct httpd_item *item = ev->data.ptr;

	if (item->kind == KIND_CONN) {
		httpd_conn_event((struct httpd_conn *)item, ev->events);
	} else if (item->kind == KIND_LISTEN) {
		if (!h->stopping)
			accept_some(h, (struct httpd_listener *)item);
	} else {
		struct httpd_watch *w = (struct httpd_watch *)item;
		if (w->fn != NULL)
			w->fn(w->ctx, item->fd);
	}
}

static void
each_tick(struct httpd *h)
{
	for (struct httpd_conn *c = h->conns, *next; c != NULL; c = next) {
		next = c->next;
		httpd_conn_check(c);
	}
	if (h->face.tick != NULL)
		h->face.tick(h->face.ctx);
}

/* Once, after httpd_stop(): who waits goes, who is served may finish. */
static void
begin_stop(struct httpd *h)
{
	stop_listening(h);
	h->stop_at = h->now + h->limits.grace;
	for (struct httpd_conn *c = h->conns, *next; c != NULL; c = next) {
		next = c->next;
		httpd_conn_stop(c);
	}
}

int
httpd_run(struct httpd *h, struct err *e)
{
	struct epoll_event ev[EVENTS];
	int64_t ticked = 0;

	for (;;) {
		int n = epoll_wait(h->epoll, ev, EVENTS, TICK / 1000);
		if (n < 0 && errno != EINTR)
			return (err_set(e, ERR_ENV, NULL, NULL, "epoll: %s",
			    strerror(errno)));
		h->now = clock_mono();
		for (int i = 0; i < n; i++)
			handle(h, &ev[i]);
		if (h->now - ticked >= TICK) {
			ticked = h->now;
			each_tick(h);
		}
		if (h->stopping && h->stop_at == 0)
			begin_stop(h);
		free_dead(h);
		if (h->stop_at != 0 && (h->conns == NULL ||
		    h->now >= h->stop_at))
			return (0);
	}
}

void
httpd_counts(const struct httpd *h, struct httpd_counts *ret)
{
	*ret = h->n;
}

static const struct {
	int status;
	const char *reason;
} reasons[] = {
	{ 200, "OK" }, { 201, "Created" }, { 202, "Accepted" },
	{ 204, "No Content" }, { 301, "Moved Permanently" }, { 302, "Found" },
	{ 303, "See Other" }, { 304, "Not Modified" },
	{ 307, "Temporary Redirect" }, { 308, "Permanent Redirect" },
	{ 400, "Bad Request" }, { 401, "Unauthorized" }, { 403, "Forbidden" },
	{ 404, "Not Found" }, { 405, "Method Not Allowed" },
	{ 406, "Not Acceptable" }, { 408, "Request Timeout" },
	{ 409, "Conflict" }, { 410, "Gone" }, { 411, "Length Required" },
	{ 412, "Precondition Failed" }, { 413, "Content Too Large" },
	{ 414, "URI Too Long" }, { 415, "Unsupported Media Type" },
	{ 417, "Expectation Failed" }, { 422, "Unprocessable Content" },
	{ 428, "Precondition Required" }, { 429, "Too Many Requests" },
	{ 431, "Request Header Fields Too Large" },
	{ 500, "Internal Server Error" }, { 501, "Not Implemented" },
	{ 503, "Service Unavailable" }, { 504, "Gateway Timeout" },
	{ 505, "HTTP Version Not Supported" },
};

const char *
httpd_reason(int status)
{
	for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
		if (reasons[i].status == status)
			return (reasons[i].reason);
	return ("Other");
}
