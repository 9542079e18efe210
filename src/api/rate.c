#include "api/rate.h"

#include <pthread.h>

#include "base/clock.h"
#include "base/err.h"

#define WAYS 8
#define SETS 1024

struct bucket {
	uint64_t who;  /* hash; 0: free */
	int64_t level; /* microseconds' worth: rate * level / second are there */
	int64_t at;    /* when it was looked at */
};

struct rate {
	pthread_mutex_t m;
	int64_t cost; /* microseconds that one takes to grow again */
	int64_t full; /* of .level */
	struct bucket at[SETS][WAYS];
};

struct rate *
rate_every(int64_t us, int64_t burst)
{
	struct rate *r = calloc(1, sizeof(*r));

	if (r == NULL || pthread_mutex_init(&r->m, NULL) != 0)
		err_oom(sizeof(*r));
	r->cost = us < 1 ? 1 : us;
	r->full = r->cost * (burst < 1 ? 1 : burst);
	return (r);
}

struct rate *
rate_new(int64_t per_second, int64_t burst)
{
	return (rate_every(CLOCK_SECOND / (per_second < 1 ? 1 : per_second),
	    burst));
}

void
rate_free(struct rate *r)
{
	if (r == NULL)
		return;
	pthread_mutex_destroy(&r->m);
	free(r);
}

/* Its bucket; a full one in the place of whoever asked last. */
static struct bucket *
bucket_of(struct rate *r, uint64_t who, int64_t now)
{
	struct bucket *set = r->at[who % SETS], *old = &set[0];

	for (int i = 0; i < WAYS; i++) {
		if (set[i].who == who)
			return (&set[i]);
		if (set[i].who == 0 || (old->who != 0 && set[i].at < old->at))
			old = &set[i];
	}
	*old = (struct bucket){ who, r->full, now };
	return (old);
}

bool
rate_take(struct rate *r, struct str who, int64_t n, int64_t now,
    int64_t *ret_wait)
{
	uint64_t h = str_hash(who) | 1;
	int64_t want = n * r->cost;

	pthread_mutex_lock(&r->m);
	struct bucket *b = bucket_of(r, h, now);
	if (now > b->at) {
		int64_t more = now - b->at;
		b->level = more >= r->full - b->level ? r->full :
		    b->level + more;
		b->at = now;
	}
	bool yes = b->level >= want;
	if (!yes)
		*ret_wait = (want - b->level + CLOCK_SECOND - 1) / CLOCK_SECOND;
	else
		b->level -= want;
	pthread_mutex_unlock(&r->m);
	return (yes);
}
