#include "record/sealer.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>

#include "record/revision.h"

#define AHEAD 4096 /* so many bodies wait in memory */
#define FEW 64    /* for which no thread is worth it */


struct sealer {
	const struct keys *keys;
	const struct sealer_job *jobs;
	size_t n;
	unsigned flags;
	sealer_fn *prepare;
	void *ctx;
	struct body_sealed slot[AHEAD];
	size_t asked; /* by sealer_next() */
	bool threaded;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	size_t made; /* under the lock, as the three below */
	size_t used; /* slots before it are free */
	bool stop;
	int r;       /* of the body after those that are made, if it failed */
	struct err why;
};

static int
seal(struct sealer *s, size_t i, struct buf *text, struct err *e)
{
	int r = i == 0 ? s->prepare(s->ctx, e) : 0;

	if (r != 0)
		return (r);
	buf_reset(text);
	revision_encode(s->jobs[i].record, text);
	return (body_seal(s->keys, s->jobs[i].key, buf_str(text), s->flags,
	    &s->slot[i % AHEAD], e));
}

static void *
thread_main(void *ctx)
{
	struct sealer *s = ctx;
	BUF_SCOPED text = BUF_INIT;
	struct err why;
	int r = 0;

	for (size_t i = 0; r == 0 && i < s->n; i++) {
		pthread_mutex_lock(&s->lock);
		while (!s->stop && i - s->used >= AHEAD)
			pthread_cond_wait(&s->changed, &s->lock);
		bool stop = s->stop;
		pthread_mutex_unlock(&s->lock);
		if (stop)
			break;
		r = seal(s, i, &text, &why);
		pthread_mutex_lock(&s->lock);
		s->made += r == 0;
		s->r = r;
		if (r != 0)
			s->why = why;
		pthread_cond_signal(&s->changed);
		pthread_mutex_unlock(&s->lock);
	}
	return (NULL);
}

struct sealer *
sealer_start(const struct keys *k, const struct sealer_job *jobs, size_t n,
    unsigned flags, sealer_fn *prepare, void *ctx)
{
	struct sealer *s = calloc(1, sizeof(*s));
	sigset_t all, before;

	if (s == NULL)
		err_oom(sizeof(*s));
	s->keys = k;
	s->jobs = jobs;
	s->n = n;
	s->flags = flags;
	s->prepare = prepare;
	s->ctx = ctx;
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
static int
wait_for(struct sealer *s, size_t i, struct err *e)
{
	int r;

	pthread_mutex_lock(&s->lock);
	if (i - s->used >= AHEAD / 2 || s->made <= i) {
		s->used = i;
		pthread_cond_signal(&s->changed);
	}
	while (s->made <= i && s->r == 0)
		pthread_cond_wait(&s->changed, &s->lock);
	r = s->made <= i ? s->r : 0;
	if (r != 0 && e != NULL)
		*e = s->why;
	pthread_mutex_unlock(&s->lock);
	return (r);
}

int
sealer_next(struct sealer *s, const struct body_sealed **ret, struct err *e)
{
	BUF_SCOPED text = BUF_INIT;
	size_t i = s->asked++;

	if (i >= s->n)
		BUG("body %zu of %zu", i, s->n);
	*ret = &s->slot[i % AHEAD];
	return (s->threaded ? wait_for(s, i, e) : seal(s, i, &text, e));
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
		buf_free(&s->slot[i].record);
	free(s);
}
