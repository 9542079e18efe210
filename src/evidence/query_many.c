/* Many jobs by a few processes. */
#include "base/clock.h"
#include "evidence/query_frame.h"

/*
 * Jobs that a process has: one it works on, and others so that it need not wait
 * while we are busy with what came before. Nor does it wait for us to read.
 */
#define AHEAD 4
#define UNREAD ((size_t)1 << 20)

struct many;

struct worker {
	struct many *m;
	struct query_child *child; /* NULL: none */
	uint32_t jobs[AHEAD];
	size_t n;
	bool spent; /* a job of it failed: it takes up no other */
};

struct many {
	struct query_start start;
	const struct query_work *work;
	struct worker workers[QUERY_WORKERS];
	size_t width;
	size_t next, left;                     /* to be given, to be ended */
	uint32_t again[QUERY_WORKERS * AHEAD]; /* given to one that ended */
	size_t nagain;
	int result; /* not 0: stop */
	struct err err;
};

static void
end_job(struct many *m, uint32_t job, int result, const struct err *why)
{
	m->left--;
	if (m->result == 0)
		m->result = m->work->end(m->work->ctx, job, result, why, &m->err);
}

static void
drop_first(struct worker *w)
{
	w->n--;
	memmove(w->jobs, w->jobs + 1, w->n * sizeof(w->jobs[0]));
	query_renew(w->child);
}

static int
took_bytes(void *ctx, struct str bytes, struct err *e)
{
	struct worker *w = ctx;
	const struct query_work *work = w->m->work;

	if (w->n == 0)
		return (err_set(e, ERR_BUG, NULL, NULL,
		    "the process of a query answered what nobody asked"));
	return (work->take(work->ctx, w->jobs[0], bytes, e));
}

static int
took_end(void *ctx, int result, const struct err *why, struct err *e)
{
	struct worker *w = ctx;

	if (w->n == 0)
		return (err_set(e, ERR_BUG, NULL, NULL,
		    "the process of a query answered what nobody asked"));
	uint32_t job = w->jobs[0];
	drop_first(w);
	w->spent = result != 0;
	end_job(w->m, job, result, why);
	return (0);
}

/* The next job that nobody has. */
static bool
take_job(struct many *m, uint32_t *ret)
{
	if (m->nagain > 0)
		*ret = m->again[--m->nagain];
	else if (m->next < m->work->n)
		*ret = (uint32_t)m->next++;
	else
		return (false);
	return (true);
}

static int
employ(struct worker *w, struct err *e)
{
	struct many *m = w->m;
	size_t ahead = m->left / (2 * m->width); /* the last ones are shared out */
	uint32_t job;

	ahead = ahead < 1 ? 1 : ahead > AHEAD ? AHEAD : ahead;
	while (w->n < ahead && !w->spent && take_job(m, &job)) {
		int r = w->child != NULL ? 0 :
		    query_fork(&m->start, &w->child, e);
		if (r != 0)
			return (r);
		if (w->child->sink == NULL)
			proc_widen(&w->child->proc, UNREAD);
		w->child->sink = took_bytes;
		w->child->end = took_end;
		w->child->sink_ctx = w;
		if (w->n == 0)
			query_renew(w->child);
		w->jobs[w->n++] = job;
		/* If it is gone by now its stream will say so. */
		proc_write(&w->child->proc, &job, sizeof(job), NULL);
	}
	return (0);
}

/* The process has ended, or is to: others get what it had not begun. */
static void
dismiss(struct worker *w)
{
	struct query_child *c = w->child;

	if (c == NULL)
		return;
	/* Without work it ends by itself when its pipe does. */
	c->ended = c->ended || w->n == 0;
	c->ok = w->spent || w->n == 0;
	query_reap(c);
	if (w->n > 0 && !w->spent) {
		uint32_t job = w->jobs[0];
		drop_first(w);
		end_job(w->m, job, c->result, &c->err);
	}
	while (w->n > 0)
		w->m->again[w->m->nagain++] = w->jobs[--w->n];
	free(c);
	w->child = NULL;
	w->spent = false;
}

static int
work_all(struct many *m, struct err *e)
{
	struct query_child *children[QUERY_WORKERS];
	int r = 0;

	while (r == 0 && m->left > 0 && m->result == 0) {
		for (size_t i = 0; r == 0 && i < m->width; i++) {
			struct worker *w = &m->workers[i];
			r = employ(w, e);
			children[i] = w->n > 0 || w->spent ? w->child : NULL;
		}
		if (r == 0)
			r = query_pump(children, m->width, e);
		for (size_t i = 0; r == 0 && i < m->width; i++)
			if (m->workers[i].child != NULL &&
			    m->workers[i].child->ended)
				dismiss(&m->workers[i]);
	}
	return (r);
}

int
query_many(struct evidence *ev, const struct query_limits *limits,
    const struct query_work *work, struct err *e)
{
	struct many m = { .start = { .ev = ev, .work = work }, .work = work,
		.width = work->workers < 1 ? 1 : (size_t)work->workers,
		.left = work->n };

	if (work->n > UINT32_MAX)
		return (err_set(e, ERR_LIMIT, NULL, NULL, "too many queries"));
	if (limits != NULL)
		m.start.limits = *limits;
	if (m.width > QUERY_WORKERS)
		m.width = QUERY_WORKERS;
	for (size_t i = 0; i < m.width; i++)
		m.workers[i].m = &m;
	int r = work_all(&m, e);
	/* What is still running is not wanted any more. */
	if (r == 0 && m.result != 0 && e != NULL)
		*e = m.err;
	if (r == 0)
		r = m.result;
	m.result = r != 0 ? r : 1;
	for (size_t i = 0; i < m.width; i++)
		dismiss(&m.workers[i]);
	return (r);
}
