#include "base/clock.h"

#include <errno.h>
#include <sys/random.h>
#include <time.h>

#include "base/err.h"

static int64_t replaced;
static uint64_t rng_state;

static int64_t
read_clock(clockid_t id)
{
	struct timespec ts;

	if (clock_gettime(id, &ts) != 0)
		BUG("clock_gettime: %s", strerror(errno));
	return ((int64_t)ts.tv_sec * CLOCK_SECOND + ts.tv_nsec / 1000);
}

int64_t
clock_now(void)
{
	if (replaced != 0)
		return (replaced++);
	return (read_clock(CLOCK_REALTIME));
}

int64_t
clock_mono(void)
{
	return (read_clock(CLOCK_MONOTONIC));
}

void
clock_replace(int64_t us)
{
	replaced = us;
}

bool
clock_replaced(void)
{
	return (replaced != 0);
}

void
rng_replace(uint64_t seed)
{
	rng_state = seed;
}

void
rng_bytes(void *out, size_t n)
{
	unsigned char *p = out;

	if (rng_state != 0) {
		/* SplitMix64: only for repeatable tests. */
		for (size_t i = 0; i < n; i++) {
			uint64_t z = rng_state += 0x9e3779b97f4a7c15u;
			z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
			z = (z ^ z >> 27) * 0x94d049bb133111ebu;
			p[i] = (unsigned char)(z ^ z >> 31);
		}
		return;
	}
	while (n > 0) {
		ssize_t got = getrandom(p, n, 0);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			BUG("getrandom: %s", strerror(errno));
		p += got;
		n -= (size_t)got;
	}
}
