#include "ledger/group.h"

#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <time.h>

#include "base/clock.h"
#include "ledger/ledger.h"
#include "ledger/private.h"
#include "sys/db.h"

/* So many jobs share a commit at most: the first of them waits for the last. */
#define BATCH 256
/* Nobody waits longer than this for others to join. */
#define WAIT_MAX (2 * (CLOCK_SECOND / 1000))

struct job {
	group_fn *fn;
	void *ctx;
	bool alone;
	int r;
	struct err *e;
	struct job *next;
	/* Its owner waits here, and is woken once: done, or now the leader. */
	sem_t wake;
	bool leads;
};

struct group {
	struct ledger *l;
	pthread_mutex_t m;
	pthread_cond_t joined; /* for the leader: so many jobs wait */
	bool gathering;        /* it is waiting for that */
	struct job *first, **last;
	size_t waiting;
	bool busy; /* there is a leader, or one was named */
	pthread_t leader;
	/* What the last commit tells of the next one. */
	size_t batch;
	int64_t took; /* microseconds */
	struct group_counts n;
};

void
group_open(struct ledger *l, struct group **ret)
{
	struct group *g = calloc(1, sizeof(*g));
	pthread_condattr_t mono;

	if (g == NULL)
		err_oom(sizeof(*g));
	g->l = l;
	g->last = &g->first;
	pthread_condattr_init(&mono);
	pthread_condattr_setclock(&mono, CLOCK_MONOTONIC);
	if (pthread_mutex_init(&g->m, NULL) != 0 ||
	    pthread_cond_init(&g->joined, &mono) != 0)
		err_oom(sizeof(*g));
	pthread_condattr_destroy(&mono);
	*ret = g;
}

void
group_close(struct group *g)
{
	if (g == NULL)
		return;
	if (g->busy || g->first != NULL)
		BUG("a group is closed while somebody writes");
	pthread_mutex_destroy(&g->m);
	pthread_cond_destroy(&g->joined);
	free(g);
}

void
group_count(struct group *g, struct group_counts *ret)
{
	pthread_mutex_lock(&g->m);
	*ret = g->n;
	pthread_mutex_unlock(&g->m);
}

/* --- a batch ------------------------------------------------------------- */

static int
failed(struct job *j, int r, const struct err *x)
{
	j->r = r;
	if (j->e != NULL && x != NULL)
		*j->e = *x;
	return (r);
}

static int
statement(struct ledger *l, const char *sql, struct err *e)
{
	struct stmt *st;
	int r = db_cached(l->db, &st, sql, e);

	return (r != 0 ? r : stmt_run(st, e));
}

static const char save[] = "SAVEPOINT job", keep[] = "RELEASE job",
    undo[] = "ROLLBACK TO job";

/* One job in the open transaction; ${single}: it need not be undone alone. */
static int
run_one(struct ledger *l, struct job *j, bool single)
{
	uint64_t size = l->tx_size;
	size_t inlined = l->inlined.names.n;
	int64_t at = l->tx_time;
	struct err x = { .code = ERR_OK };
	int r = single ? 0 : statement(l, save, &x);

	if (r == 0)
		r = j->fn(j->ctx, l, &x);
	if (r == 0 && !single)
		r = statement(l, keep, &x);
	if (r == 0)
		return (0);
	failed(j, r, &x);
	/*
	 * Bodies that it gave to a pack stay there, as records that no row
	 * names: the next transaction's begin where they end.
	 */
	l->tx_size = size;
	l->tx_time = at;
	inlined_back(&l->inlined, inlined);
	if (!single && db_in_tx(l->db) && statement(l, undo, NULL) == 0)
		statement(l, keep, NULL);
	return (r);
}

/* The jobs of one transaction; each has its answer afterwards. */
static void
run_batch(struct ledger *l, struct job *jobs, size_t n)
{
	struct err x = { .code = ERR_OK };
	size_t good = 0;
	int r = ledger_begin(l, &x);

	for (struct job *j = jobs; r == 0 && j != NULL; j = j->next) {
		good += run_one(l, j, n == 1) == 0;
		/* A full disk can make SQLite roll back by itself. */
		if (!db_in_tx(l->db))
			r = err_set(&x, ERR_IO, db_path(l->db),
			    "free some space and run it again",
			    "the transaction was rolled back");
	}
	if (r == 0 && good != 0)
		r = ledger_commit(l, &x);
	else
		ledger_rollback(l);
	for (struct job *j = jobs; r != 0 && j != NULL; j = j->next)
		if (j->r == 0)
			failed(j, r, &x);
}

/* --- who leads ----------------------------------------------------------- */

/*
 * Those whom the last commit answered come back in a moment. To wait for them
 * pays while the wait is short against a commit.
 */
static void
wait_for_others(struct group *g)
{
	int64_t us = g->took / 4 < WAIT_MAX ? g->took / 4 : WAIT_MAX;
	struct timespec until;

	if (g->batch < 2 || g->first->alone)
		return;
	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_nsec += (long)us * 1000;
	until.tv_sec += until.tv_nsec / 1000000000;
	until.tv_nsec %= 1000000000;
	g->gathering = true;
	while (g->waiting < g->batch)
		if (pthread_cond_timedwait(&g->joined, &g->m, &until) != 0)
			break;
	g->gathering = false;
}

/* Jobs from the front of the queue that share a turn. */
static struct job *
take(struct group *g, size_t *ret_n)
{
	struct job *all = g->first, *end = all;
	size_t n = 1;

	while (!all->alone && end->next != NULL && !end->next->alone &&
	    n < BATCH) {
		end = end->next;
		n++;
	}
	g->first = end->next;
	if (g->first == NULL)
		g->last = &g->first;
	end->next = NULL;
	g->waiting -= n;
	*ret_n = n;
	return (all);
}

/* A turn of ${jobs}, without the lock; how long it took. */
static int64_t
run_turn(struct group *g, struct job *jobs, size_t n)
{
	struct err x = { .code = ERR_OK };
	int64_t from = clock_mono();

	if (!jobs->alone)
		run_batch(g->l, jobs, n);
	else if ((jobs->r = jobs->fn(jobs->ctx, g->l, &x)) != 0)
		failed(jobs, jobs->r, &x);
	return (clock_mono() - from);
}

/* Called with the lock held, which it gives back. Afterwards ${own}, which was
 * the first in the queue, is done. */
static void
lead(struct group *g, struct job *own)
{
	struct job *jobs, *heir;
	size_t n;

	g->leader = pthread_self();
	wait_for_others(g);
	jobs = take(g, &n);
	pthread_mutex_unlock(&g->m);
	int64_t took = run_turn(g, jobs, n);
	pthread_mutex_lock(&g->m);
	if (!jobs->alone) {
		g->batch = n > g->waiting ? n : g->waiting;
		g->took = took;
		g->n.jobs += n;
		g->n.commits++;
		for (struct job *j = jobs; j != NULL; j = j->next)
			g->n.failed += j->r != 0;
	}
	/* Who waits longest leads next; nobody else is woken for it. */
	heir = g->first;
	if (heir != NULL)
		heir->leads = true;
	g->busy = heir != NULL;
	g->leader = (pthread_t){ 0 };
	pthread_mutex_unlock(&g->m);
	/* A job is its owner's again as soon as that is woken. */
	for (struct job *j = jobs, *next; j != NULL; j = next) {
		next = j->next;
		if (j != own)
			sem_post(&j->wake);
	}
	if (heir != NULL)
		sem_post(&heir->wake);
}

static int
join(struct group *g, struct job *j)
{
	pthread_mutex_lock(&g->m);
	if (g->busy && pthread_equal(g->leader, pthread_self()))
		BUG("a job in a job");
	sem_init(&j->wake, 0, 0);
	*g->last = j;
	g->last = &j->next;
	g->waiting++;
	if (g->busy) {
		if (g->gathering && g->waiting >= g->batch)
			pthread_cond_signal(&g->joined);
		pthread_mutex_unlock(&g->m);
		while (sem_wait(&j->wake) != 0)
			continue; /* a signal */
		if (j->leads) {
			pthread_mutex_lock(&g->m);
			lead(g, j);
		}
	} else {
		g->busy = true;
		lead(g, j);
	}
	sem_destroy(&j->wake);
	return (j->r);
}

int
group_run(struct group *g, group_fn *fn, void *ctx, struct err *e)
{
	struct job j = { .fn = fn, .ctx = ctx, .e = e };

	return (join(g, &j));
}

int
group_alone(struct group *g, group_fn *fn, void *ctx, struct err *e)
{
	struct job j = { .fn = fn, .ctx = ctx, .e = e, .alone = true };

	return (join(g, &j));
}

/* --- many of one thread ---------------------------------------------------- */

struct bundle {
	struct job *jobs;
	size_t n;
};

static int
run_bundle(void *ctx, struct ledger *l, struct err *e)
{
	struct bundle *b = ctx;

	(void)e;
	run_batch(l, b->jobs, b->n);
	return (0);
}

void
group_run_all(struct group *g, struct group_job *jobs, size_t n)
{
	struct job *j = calloc(n + 1, sizeof(*j));
	struct bundle b = { j, n };

	if (j == NULL)
		err_oom(n * sizeof(*j));
	for (size_t i = 0; i < n; i++)
		j[i] = (struct job){ .fn = jobs[i].fn, .ctx = jobs[i].ctx,
			.e = &jobs[i].e, .next = i + 1 < n ? &j[i + 1] : NULL };
	if (n != 0)
		group_alone(g, run_bundle, &b, NULL);
	pthread_mutex_lock(&g->m);
	g->n.jobs += n;
	g->n.commits += n != 0;
	for (size_t i = 0; i < n; i++) {
		jobs[i].r = j[i].r;
		g->n.failed += j[i].r != 0;
	}
	pthread_mutex_unlock(&g->m);
	free(j);
}
