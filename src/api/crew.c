#include "api/crew.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

#include "api/handle.h"
#include "api/route.h"
#include "api/writer.h"
#include "base/clock.h"
#include "base/log.h"
#include "ledger/keys.h"
#include "record/history.h"
#include "sys/db.h"

#define READERS 4
#define WAITING 512   /* calls */
#define TOGETHER 128  /* calls that share a commit */
#define LINGER (20 * (CLOCK_SECOND / 1000))  /* the lock is kept for more work */
#define HOLD (500 * (CLOCK_SECOND / 1000))   /* and so long, if there is more */
#define PAUSE_US 15000 /* then others may have it */
#define WAIT_LOCK (10 * CLOCK_SECOND)

struct queue {
	struct call *first, **last;
	size_t n;
};

/* Somebody who wants evidence.db at the head. */
struct wish {
	bool done;
	int r;
	struct err e;
	struct wish *next;
};

struct crew {
	struct api_conf conf;
	struct limits *limits;
	crew_ready_fn *ready;
	void *ctx;
	pthread_mutex_t m;
	pthread_cond_t to_read, to_write, wished;
	struct queue reads, writes, done;
	struct wish *wishes;
	bool stopping; /* readers take no more */
	bool over;     /* and none is left that could hand anything on */
	pthread_t reader[READERS], writer;
	size_t nreaders;
	bool has_writer;
};

static void
queue_init(struct queue *q)
{
	*q = (struct queue){ .last = &q->first };
}

static void
queue_put(struct queue *q, struct call *c)
{
	c->next = NULL;
	*q->last = c;
	q->last = &c->next;
	q->n++;
}

static struct call *
queue_get(struct queue *q)
{
	struct call *c = q->first;

	if (c == NULL)
		return (NULL);
	q->first = c->next;
	if (q->first == NULL)
		q->last = &q->first;
	q->n--;
	c->next = NULL;
	return (c);
}

/* ${c} is answered. */
static void
give_back(struct crew *g, struct call *c)
{
	pthread_mutex_lock(&g->m);
	bool first = g->done.n == 0;
	queue_put(&g->done, c);
	pthread_mutex_unlock(&g->m);
	if (first)
		g->ready(g->ctx);
}

struct call *
crew_take(struct crew *g)
{
	pthread_mutex_lock(&g->m);
	struct call *c = g->done.first;
	queue_init(&g->done);
	pthread_mutex_unlock(&g->m);
	return (c);
}

bool
crew_put(struct crew *g, struct call *c)
{
	pthread_mutex_lock(&g->m);
	bool room = g->reads.n + g->writes.n < WAITING && !g->stopping;
	if (room) {
		queue_put(&g->reads, c);
		pthread_cond_signal(&g->to_read);
	}
	pthread_mutex_unlock(&g->m);
	return (room);
}

/* The error is for the log; the client learns its kind. */
static void
fail(struct call *c, const struct err *e)
{
	char line[2304];

	if (err_http(e->code) >= 500 && c->problem == NULL) {
		err_format(e, line, sizeof(line));
		log_event(LOG_ERROR, "api", "path", c->route != NULL ?
		    c->route->path : "", "error", line, NULL);
	}
	call_fail(c, e);
}

/* --- readers --------------------------------------------------------------- */

struct reading {
	struct crew *g;
	struct workspace *ws;
	char stamp[96];
};

static void
close_reading(struct reading *r)
{
	workspace_close(r->ws);
	r->ws = NULL;
}

/*
 * The workspace for reading, opened anew if a file of it was replaced. That
 * others wrote to the database is no reason: a reader sees it.
 */
static int
open_reading(struct reading *r, struct err *e)
{
	char now[sizeof(r->stamp)];
	int k;

	for (int tries = 0; tries < 2; tries++) {
		if (r->ws == NULL && (k = workspace_open(r->g->conf.dir, false,
		    &r->ws, e)) != 0) {
			r->ws = NULL;
			return (k);
		}
		k = writer_stamp(r->g->conf.dir, keys_dir(r->ws->keys), r->ws->db,
		    now, sizeof(now), e);
		if (k != 0) {
			close_reading(r);
			return (k);
		}
		const char *files = strchr(now, ' ');
		if (strcmp(files, r->stamp) == 0)
			return (0);
		bool first = r->stamp[0] == '\0';
		snprintf(r->stamp, sizeof(r->stamp), "%s", files);
		if (first)
			return (0);
		close_reading(r);
	}
	return (err_set(e, ERR_BUSY, NULL, "try again",
	    "the workspace is being changed"));
}

/* Answers it, or hands it to the writer: true then. */
static bool
read_call(struct reading *r, struct call *c)
{
	struct err e = { .code = ERR_OK };
	int k = open_reading(r, &e);
	bool write = false;

	if (k == 0)
		k = handle_read(r->g, r->g->limits, r->ws, c, &write, &e);
	if (k != 0)
		fail(c, &e);
	return (k == 0 && write);
}

static void *
reader_main(void *ctx)
{
	struct reading r = { .g = ctx };
	struct crew *g = ctx;

	pthread_mutex_lock(&g->m);
	while (!g->stopping) {
		struct call *c = queue_get(&g->reads);
		if (c == NULL) {
			pthread_cond_wait(&g->to_read, &g->m);
			continue;
		}
		pthread_mutex_unlock(&g->m);
		bool write = !c->gone && read_call(&r, c);
		if (!write)
			give_back(g, c);
		pthread_mutex_lock(&g->m);
		if (write) {
			queue_put(&g->writes, c);
			pthread_cond_signal(&g->to_write);
		}
	}
	pthread_mutex_unlock(&g->m);
	close_reading(&r);
	return (NULL);
}

int
crew_catch_up(struct crew *g, struct err *e)
{
	struct wish w = { .done = false };

	pthread_mutex_lock(&g->m);
	w.next = g->wishes;
	g->wishes = &w;
	pthread_cond_signal(&g->to_write);
	while (!w.done)
		pthread_cond_wait(&g->wished, &g->m);
	pthread_mutex_unlock(&g->m);
	if (w.r != 0 && e != NULL)
		*e = w.e;
	return (w.r);
}

/* --- the writer ------------------------------------------------------------ */

struct writing {
	struct crew *g;
	struct workspace *ws;
	struct evidence *ev;
	struct call *c;
};

static int
write_call(void *ctx, struct ledger *l, struct err *e)
{
	struct writing *x = ctx;

	(void)l;
	return (handle_write(x->g, x->ws, x->ev, x->c, e));
}

/* A page of the public form has no route. */
static bool
wants_evidence(const struct call *c)
{
	return (c->route != NULL && c->route->evidence);
}

/* Of some of them what the evidence says is asked. */
static int
bring_evidence(struct writer *w, struct call **c, size_t n, struct err *e)
{
	bool wanted = false;

	for (size_t i = 0; i < n; i++)
		wanted |= wants_evidence(c[i]);
	return (wanted ? writer_evidence(w, e) : 0);
}

static void
write_calls(struct crew *g, struct writer *w, struct call **c, size_t n)
{
	struct group_job *jobs = calloc(n + 1, sizeof(*jobs));
	struct writing *x = calloc(n + 1, sizeof(*x));
	struct err e;
	int r = writer_take(w, WAIT_LOCK, &e);

	if (jobs == NULL || x == NULL)
		err_oom(n * sizeof(*x));
	if (r == 0)
		r = bring_evidence(w, c, n, &e);
	for (size_t i = 0; i < n; i++) {
		x[i] = (struct writing){ g, w->ws, wants_evidence(c[i]) ?
			w->ev : NULL, c[i] };
		jobs[i] = (struct group_job){ .fn = write_call, .ctx = &x[i],
			.r = r, .e = e };
	}
	if (r == 0)
		group_run_all(w->group, jobs, n);
	for (size_t i = 0; i < n; i++) {
		if (jobs[i].r != 0)
			fail(c[i], &jobs[i].e);
		give_back(g, c[i]);
	}
	free(jobs);
	free(x);
}

static void
grant(struct crew *g, struct writer *w, struct wish *wishes)
{
	struct err e = { .code = ERR_OK };
	int r = writer_take(w, WAIT_LOCK, &e);

	if (r == 0)
		r = writer_evidence(w, &e);
	pthread_mutex_lock(&g->m);
	for (struct wish *x = wishes, *next; x != NULL; x = next) {
		next = x->next;
		x->r = r;
		x->e = e;
		x->done = true;
	}
	pthread_cond_broadcast(&g->wished);
	pthread_mutex_unlock(&g->m);
}

/* Called and left with the lock. Waits for work a moment, then without end once
 * the workspace was given back. */
static void
wait_for_work(struct crew *g, struct writer *w)
{
	struct timespec until;
	int64_t us = LINGER;

	if (!w->held) {
		pthread_cond_wait(&g->to_write, &g->m);
		return;
	}
	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_nsec += us * 1000;
	until.tv_sec += until.tv_nsec / 1000000000;
	until.tv_nsec %= 1000000000;
	if (pthread_cond_timedwait(&g->to_write, &g->m, &until) != ETIMEDOUT)
		return;
	pthread_mutex_unlock(&g->m);
	writer_give(w);
	pthread_mutex_lock(&g->m);
}

static void *
writer_main(void *ctx)
{
	struct crew *g = ctx;
	struct writer w = { .dir = g->conf.dir };
	struct call *c[TOGETHER];

	pthread_mutex_lock(&g->m);
	for (;;) {
		struct wish *wishes = g->wishes;
		size_t n = 0;
		g->wishes = NULL;
		while (n < TOGETHER && (c[n] = queue_get(&g->writes)) != NULL)
			n++;
		if (n == 0 && wishes == NULL) {
			if (g->over)
				break;
			wait_for_work(g, &w);
			continue;
		}
		pthread_mutex_unlock(&g->m);
		if (n != 0)
			write_calls(g, &w, c, n);
		if (wishes != NULL)
			grant(g, &w, wishes);
		if (w.held && clock_mono() - w.since > HOLD) {
			writer_give(&w);
			usleep(PAUSE_US);
		}
		pthread_mutex_lock(&g->m);
	}
	pthread_mutex_unlock(&g->m);
	writer_close(&w);
	return (NULL);
}

/* --- beginning and end ----------------------------------------------------- */

static int
start(struct crew *g, struct err *e)
{
	sigset_t all, before;
	int r = 0;

	/* Signals are the loop's. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	g->has_writer = pthread_create(&g->writer, NULL, writer_main, g) == 0;
	while (g->has_writer && g->nreaders < READERS &&
	    pthread_create(&g->reader[g->nreaders], NULL, reader_main, g) == 0)
		g->nreaders++;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (!g->has_writer || g->nreaders == 0)
		r = err_set(e, ERR_ENV, NULL, "end other processes, or raise the "
		    "limits", "the threads of the API could not be started");
	return (r);
}

int
crew_new(const struct api_conf *conf, crew_ready_fn *ready, void *ctx,
    struct crew **ret, struct err *e)
{
	struct crew *g = calloc(1, sizeof(*g));
	pthread_condattr_t mono;

	if (g == NULL)
		err_oom(sizeof(*g));
	g->conf = *conf;
	g->ready = ready;
	g->ctx = ctx;
	queue_init(&g->reads);
	queue_init(&g->writes);
	queue_init(&g->done);
	pthread_condattr_init(&mono);
	pthread_condattr_setclock(&mono, CLOCK_MONOTONIC);
	if (pthread_mutex_init(&g->m, NULL) != 0 ||
	    pthread_cond_init(&g->to_read, NULL) != 0 ||
	    pthread_cond_init(&g->to_write, &mono) != 0 ||
	    pthread_cond_init(&g->wished, NULL) != 0)
		err_oom(sizeof(*g));
	pthread_condattr_destroy(&mono);
	handle_prepare();
	g->limits = handle_limits(conf);
	int r = start(g, e);
	if (r != 0) {
		crew_free(g);
		return (r);
	}
	*ret = g;
	return (0);
}

static void
drop_all(struct queue *q)
{
	struct call *c;

	while ((c = queue_get(q)) != NULL)
		call_free(c);
}

void
crew_free(struct crew *g)
{
	if (g == NULL)
		return;
	pthread_mutex_lock(&g->m);
	g->stopping = true;
	pthread_cond_broadcast(&g->to_read);
	pthread_mutex_unlock(&g->m);
	for (size_t i = 0; i < g->nreaders; i++)
		pthread_join(g->reader[i], NULL);
	pthread_mutex_lock(&g->m);
	g->over = true;
	pthread_cond_broadcast(&g->to_write);
	pthread_mutex_unlock(&g->m);
	if (g->has_writer)
		pthread_join(g->writer, NULL);
	drop_all(&g->reads);
	drop_all(&g->writes);
	drop_all(&g->done);
	handle_limits_free(g->limits);
	pthread_mutex_destroy(&g->m);
	pthread_cond_destroy(&g->to_read);
	pthread_cond_destroy(&g->to_write);
	pthread_cond_destroy(&g->wished);
	free(g);
}
