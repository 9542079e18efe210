/* The parent's side of a query: starting its process, taking what it writes. */
#include <errno.h>
#include <poll.h>
#include <signal.h>

#include "base/clock.h"
#include "evidence/query_frame.h"
#include "evidence/sight.h"
#include "record/history.h"

#define DEFAULT_TIME_MS 60000
#define DEFAULT_MEMORY (INT64_C(256) << 20)
#define DEFAULT_ROWS 5000000

/* The child watches its own time; this is for one that hangs. */
static int64_t
patience(const struct query_limits *l)
{
	return (l->time_ms * 1000 + 5 * CLOCK_SECOND);
}

int
query_fork(struct query_start *s, struct query_child **ret, struct err *e)
{
	struct evidence *ev = s->ev;
	struct query_limits *l = &s->limits;
	int r = ev->zone != NULL ? 0 : record_zone(&ev->zone_mem, ev->ledger,
	    &ev->zone, e);

	if (r != 0)
		return (r);
	if (l->time_ms <= 0)
		l->time_ms = DEFAULT_TIME_MS;
	if (l->memory_bytes <= 0)
		l->memory_bytes = DEFAULT_MEMORY;
	if (l->rows <= 0)
		l->rows = DEFAULT_ROWS;
	struct query_child *c = calloc(1, sizeof(*c));
	if (c == NULL)
		err_oom(sizeof(*c));
	c->limits = *l;
	c->reader = ev->reader;
	store_park(ev);
	if ((r = proc_fork(&c->proc, query_serve, s, patience(l), e)) != 0) {
		free(c);
		return (r);
	}
	*ret = c;
	return (0);
}

void
query_renew(struct query_child *child)
{
	child->proc.deadline = clock_mono() + patience(&child->limits);
}

int
query_start(struct evidence *ev, const struct query_limits *limits,
    query_fn *fn, void *ctx, query_sink_fn *sink, void *sink_ctx,
    struct query_child **ret, struct err *e)
{
	struct query_start s = { .ev = ev, .fn = fn, .ctx = ctx };

	if (limits != NULL)
		s.limits = *limits;
	int r = query_fork(&s, ret, e);
	if (r != 0)
		return (r);
	(*ret)->sink = sink;
	(*ret)->sink_ctx = sink_ctx;
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

/* What is about to be shown: recorded before any of it is handed on. */
static int
take_reads(struct query_child *c, const char *bytes, size_t n, struct err *e)
{
	struct query_read one;
	struct frame_read f;
	int r = 0;

	for (size_t at = 0; r == 0 && n - at >= sizeof(f); at += sizeof(f)) {
		memcpy(&f, bytes + at, sizeof(f));
		one = (struct query_read){ .columns = f.columns,
			.subject = f.subject != 0 };
		for (size_t i = 0; i < schema_ntypes; i++)
			if (schema_types[i].number == f.table)
				one.table = &schema_types[i];
		if (one.table == NULL)
			return (err_set(e, ERR_BUG, NULL, NULL,
			    "the process of a query answered what it may not"));
		r = sight_note(c->reader, &one, 1, e);
	}
	return (r);
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
	case FRAME_READS:
		return (take_reads(c, bytes, h->len, e));
	case FRAME_OK:
		c->ok = true;
		return (c->end == NULL ? 0 :
		    c->end(c->sink_ctx, 0, NULL, e));
	case FRAME_ERROR:
		if (h->len != sizeof(own))
			break;
		memcpy(&own, bytes, sizeof(own));
		if (own.code <= ERR_OK || own.code >= ERR_MAX)
			break;
		own.what[sizeof(own.what) - 1] = '\0';
		own.where[sizeof(own.where) - 1] = '\0';
		own.fix[sizeof(own.fix) - 1] = '\0';
		if (c->end != NULL)
			return (c->end(c->sink_ctx, -(int)own.code, &own, e));
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

int
query_pump(struct query_child **children, size_t n, struct err *e)
{
	struct pollfd fds[QUERY_WORKERS + 1];
	struct query_child *who[QUERY_WORKERS + 1];
	int64_t now = clock_mono(), left = INT64_MAX;
	size_t k = 0;

	for (size_t i = 0; i < n && k <= QUERY_WORKERS; i++) {
		struct query_child *c = children[i];
		if (c == NULL || c->ended)
			continue;
		if (c->proc.deadline - now < left)
			left = c->proc.deadline - now;
		fds[k] = (struct pollfd){ .fd = c->proc.out, .events = POLLIN };
		who[k++] = c;
	}
	int ready = poll(fds, (nfds_t)k, left <= 0 ? 0 : (int)(left / 1000) + 1);
	if (ready < 0 && errno != EINTR)
		return (err_set(e, ERR_ENV, NULL, NULL,
		    "cannot wait for the processes of queries"));
	now = clock_mono();
	for (size_t i = 0; ready >= 0 && i < k; i++) {
		/* Past its deadline: proc_read says so. */
		if (fds[i].revents != 0 || who[i]->proc.deadline <= now)
			pump(who[i]);
	}
	return (0);
}

void
query_reap(struct query_child *c)
{
	struct proc_end end;

	if (c->result != 0 || !c->ended)
		proc_kill(&c->proc, PROC_STOPPED, &end);
	else
		proc_wait(&c->proc, &end);
	if (c->result == 0 && !c->ok)
		c->result = silent_end(c, &end, &c->err);
	buf_free(&c->in);
}

int
query_wait(struct query_child *child, struct query_child **others, size_t n,
    struct err *e)
{
	struct query_child *all[QUERY_WORKERS + 1] = { child };
	size_t k = 1;

	for (size_t i = 0; i < n && k <= QUERY_WORKERS; i++)
		if (others[i] != child)
			all[k++] = others[i];
	while (!child->ended && query_pump(all, k, NULL) == 0)
		continue;
	query_reap(child);
	int r = child->result;
	if (r != 0 && e != NULL)
		*e = child->err;
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
