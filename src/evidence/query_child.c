/* The parent's side of a query: starting its process, taking what it writes. */
#include <errno.h>
#include <poll.h>
#include <signal.h>

#include "base/clock.h"
#include "evidence/query_frame.h"
#include "record/history.h"
#include "sys/proc.h"

#define DEFAULT_TIME_MS 60000
#define DEFAULT_MEMORY (INT64_C(256) << 20)
#define DEFAULT_ROWS 5000000

struct query_child {
	struct proc proc;
	struct query_limits limits;
	query_sink_fn *sink;
	void *sink_ctx;
	struct buf in;
	bool ended;    /* its stream came to an end */
	bool ok;
	int result;
	struct err err;
};

int
query_start(struct evidence *ev, const struct query_limits *limits,
    query_fn *fn, void *ctx, query_sink_fn *sink, void *sink_ctx,
    struct query_child **ret, struct err *e)
{
	struct query_start s = { .ev = ev, .fn = fn, .ctx = ctx };
	struct query_limits l = limits != NULL ? *limits :
	    (struct query_limits){ 0 };

	if (l.time_ms <= 0)
		l.time_ms = DEFAULT_TIME_MS;
	if (l.memory_bytes <= 0)
		l.memory_bytes = DEFAULT_MEMORY;
	if (l.rows <= 0)
		l.rows = DEFAULT_ROWS;
	s.limits = l;
	struct query_child *c = calloc(1, sizeof(*c));
	if (c == NULL)
		err_oom(sizeof(*c));
	c->limits = l;
	c->sink = sink;
	c->sink_ctx = sink_ctx;
	int r = ev->zone != NULL ? 0 : record_zone(&ev->zone_mem, ev->ledger,
	    &ev->zone, e);
	if (r != 0) {
		free(c);
		return (r);
	}
	store_park(ev);
	/* The child watches its own time; this is for one that hangs. */
	r = proc_fork(&c->proc, query_serve, &s, l.time_ms * 1000 +
	    5 * CLOCK_SECOND, e);
	if (r != 0) {
		free(c);
		return (r);
	}
	*ret = c;
	return (0);
}

static void
fail_child(struct query_child *c, int r, const struct err *e)
{
	if (c->result == 0) {
		c->result = r;
		c->err = *e;
	}
	c->ended = true;
}

static int
take_frame(struct query_child *c, const struct frame_head *h,
    const char *bytes, struct err *e)
{
	struct err own;

	switch (h->kind) {
	case FRAME_DATA:
		return (c->sink == NULL ? 0 : c->sink(c->sink_ctx,
		    (struct str){ bytes, h->len }, e));
	case FRAME_OK:
		c->ok = true;
		return (0);
	case FRAME_ERROR:
		if (h->len != sizeof(own))
			break;
		memcpy(&own, bytes, sizeof(own));
		if (own.code <= ERR_OK || own.code >= ERR_MAX)
			break;
		own.what[sizeof(own.what) - 1] = '\0';
		own.where[sizeof(own.where) - 1] = '\0';
		own.fix[sizeof(own.fix) - 1] = '\0';
		*e = own;
		return (-(int)own.code);
	}
	return (err_set(e, ERR_BUG, NULL, NULL,
	    "the process of a query answered what it may not"));
}

static int
take_frames(struct query_child *c, struct err *e)
{
	size_t at = 0;
	int r = 0;

	while (r == 0 && c->in.len - at >= sizeof(struct frame_head)) {
		struct frame_head h;

		memcpy(&h, c->in.ptr + at, sizeof(h));
		if (h.len > FRAME_MAX)
			return (err_set(e, ERR_BUG, NULL, NULL,
			    "the process of a query answered what it may not"));
		if (c->in.len - at - sizeof(h) < h.len)
			break;
		r = take_frame(c, &h, c->in.ptr + at + sizeof(h), e);
		at += sizeof(h) + h.len;
	}
	memmove(c->in.ptr, c->in.ptr + at, c->in.len - at);
	c->in.len -= at;
	return (r);
}

static void
pump(struct query_child *c)
{
	struct err e = { 0 };

	buf_reserve(&c->in, FRAME_MAX + sizeof(struct frame_head));
	int64_t n = proc_read(&c->proc, c->in.ptr + c->in.len, FRAME_MAX, &e);
	if (n < 0) {
		fail_child(c, (int)n, &e);
		return;
	}
	if (n == 0) {
		c->ended = true;
		return;
	}
	c->in.len += (size_t)n;
	int r = take_frames(c, &e);
	if (r != 0)
		fail_child(c, r, &e);
}

/* Why a child ended that said nothing. */
static int
silent_end(const struct query_child *c, const struct proc_end *end,
    struct err *e)
{
	if (end->how == PROC_TIMEOUT ||
	    (end->how == PROC_KILLED && end->status == SIGXCPU))
		return (err_set(e, ERR_TIMEOUT, NULL,
		    "narrow the query, or raise its limit",
		    "the query took longer than it may"));
	/* A program that cannot have memory ends with status 3. */
	if (end->how == PROC_EXITED && end->status == 3)
		return (err_set(e, ERR_LIMIT, NULL, "narrow the query",
		    "the query needs more memory than it may have (%lld MiB)",
		    (long long)(c->limits.memory_bytes >> 20)));
	return (err_set(e, ERR_BUG, NULL, NULL,
	    "the process of a query %s", end->words));
}

static int
pump_any(struct query_child *child, struct query_child **others, size_t n)
{
	struct pollfd fds[65];
	struct query_child *who[65];
	size_t k = 0;

	fds[k] = (struct pollfd){ .fd = child->proc.out, .events = POLLIN };
	who[k++] = child;
	for (size_t i = 0; i < n && k < 65; i++) {
		if (others[i] == NULL || others[i] == child || others[i]->ended)
			continue;
		fds[k] = (struct pollfd){ .fd = others[i]->proc.out,
			.events = POLLIN };
		who[k++] = others[i];
	}
	if (k > 1) {
		int64_t left = child->proc.deadline - clock_mono();
		int ms = left <= 0 ? 0 : (int)(left / 1000) + 1;
		if (poll(fds, (nfds_t)k, ms) < 0 && errno != EINTR)
			return (-1);
	} else
		fds[0].revents = POLLIN; /* proc_read waits by itself */
	bool any = false;
	for (size_t i = 0; i < k; i++) {
		if (fds[i].revents != 0) {
			pump(who[i]);
			any = true;
		}
	}
	if (!any)
		pump(child); /* past its deadline: proc_read says so */
	return (0);
}

int
query_wait(struct query_child *child, struct query_child **others, size_t n,
    struct err *e)
{
	struct proc_end end;

	while (!child->ended && pump_any(child, others, n) == 0)
		continue;
	if (child->result != 0 || !child->ended)
		proc_kill(&child->proc, PROC_STOPPED, &end);
	else
		proc_wait(&child->proc, &end);
	if (child->result == 0 && !child->ok)
		child->result = silent_end(child, &end, &child->err);
	int r = child->result;
	if (r != 0 && e != NULL)
		*e = child->err;
	buf_free(&child->in);
	free(child);
	return (r);
}

int
query_run(struct evidence *ev, const struct query_limits *limits,
    query_fn *fn, void *ctx, query_sink_fn *sink, void *sink_ctx,
    struct err *e)
{
	struct query_child *c;
	int r = query_start(ev, limits, fn, ctx, sink, sink_ctx, &c, e);

	return (r != 0 ? r : query_wait(c, NULL, 0, e));
}
