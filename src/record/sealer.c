#include "record/sealer.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>

#include "record/revision.h"

#define AHEAD 256 /* so many bodies wait in memory */
#define FEW 64    /* for which no thread is worth it */

struct slot {
	struct body_sealed body;
	struct err why;
	int r;
};

struct sealer {
	const struct keys *keys;
	const struct sealer_job *jobs;
	size_t n;
	unsigned flags;
	struct slot slot[AHEAD];
	size_t asked; /* by sealer_next() */
	bool threaded;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	size_t made; /* under the lock, as the two below */
	size_t used; /* slots before it are free */
	bool stop;
};

static void
seal(struct sealer *s, size_t i, struct buf *text)
{
	struct slot *x = &s->slot[i % AHEAD];

	buf_reset(text);
	revision_encode(s->jobs[i].record, text);
	x->r = body_seal(s->keys, s->jobs[i].key, buf_str(text), s->flags,
	    &x->body, &x->why);
}

static void *
thread_main(void *ctx)
{
	struct sealer *s = ctx;
	BUF_SCOPED text = BUF_INIT;

	for (size_t i = 0; i < s->n; i++) {
		pthread_mutex_lock(&s->lock);
		while (!s->stop && i - s->used >= AHEAD)
			pthread_cond_wait(&s->changed, &s->lock);
		bool stop = s->stop;
		pthread_mutex_unlock(&s->lock);
		if (stop)
			break;
		seal(s, i, &text);
		pthread_mutex_lock(&s->lock);
		s->made = i + 1;
		pthread_cond_signal(&s->changed);
		pthread_mutex_unlock(&s->lock);
	}
	return (NULL);
}

struct sealer *
sealer_start(const struct keys *k, const struct sealer_job *jobs, size_t n,
    unsigned flags)
{
	struct sealer *s = calloc(1, sizeof(*s));
	sigset_t all, before;

	if (s == NULL)
		err_oom(sizeof(*s));
	s->keys = k;
	s->jobs = jobs;
	s->n = n;
	s->flags = flags;
	if (n < FEW)
		return (s);
	pthread_mutex_init(&s->lock, NULL);
	pthread_cond_init(&s->changed, NULL);
	/* Signals are for those who wait for them. */
	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, &before);
	s->threaded = pthread_create(&s->thread, NULL, thread_main, s) == 0;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return (s);
}

/* The slots before this one are free again once half of them are. */
static void
wait_for(struct sealer *s, size_t i)
{
	pthread_mutex_lock(&s->lock);
	if (i - s->used >= AHEAD / 2) {
		s->used = i;
		pthread_cond_signal(&s->changed);
	}
	while (s->made <= i) {
		s->used = i;
		pthread_cond_signal(&s->changed);
		pthread_cond_wait(&s->changed, &s->lock);
	}
	pthread_mutex_unlock(&s->lock);
}

int
sealer_next(struct sealer *s, const struct body_sealed **ret, struct err *e)
{
	size_t i = s->asked++;
	struct slot *x = &s->slot[i % AHEAD];

	if (i >= s->n)
		BUG("body %zu of %zu", i, s->n);
	if (s->threaded) {
		wait_for(s, i);
	} else {
		BUF_SCOPED text = BUF_INIT;
		seal(s, i, &text);
	}
	if (x->r != 0 && e != NULL)
		*e = x->why;
	*ret = &x->body;
	return (x->r);
}

void
sealer_end(struct sealer *s)
{
	if (s == NULL)
		return;
	if (s->threaded) {
		pthread_mutex_lock(&s->lock);
		s->stop = true;
		pthread_cond_signal(&s->changed);
		pthread_mutex_unlock(&s->lock);
		pthread_join(s->thread, NULL);
	}
	if (s->n >= FEW) {
		pthread_mutex_destroy(&s->lock);
		pthread_cond_destroy(&s->changed);
	}
	for (size_t i = 0; i < AHEAD; i++)
		buf_free(&s->slot[i].body.record);
	free(s);
}
