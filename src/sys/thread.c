#include "sys/thread.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/err.h"

struct owned {
	struct owned *before;
	void *p;
	void (*drop)(void *p);
};

static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_key_t key;

static void
end_of_thread(void *last)
{
	struct owned *o = last;

	while (o != NULL) {
		struct owned *before = o->before;
		o->drop(o->p);
		free(o);
		o = before;
	}
}

static void
make_key(void)
{
	if (pthread_key_create(&key, end_of_thread) != 0)
		BUG("no key of threads is left");
}

void
thread_own(void *p, void (*drop)(void *p))
{
	struct owned *o = malloc(sizeof(*o));

	pthread_once(&once, make_key);
	if (o == NULL)
		err_oom(sizeof(*o));
	*o = (struct owned){ pthread_getspecific(key), p, drop };
	if (pthread_setspecific(key, o) != 0)
		err_oom(sizeof(*o));
}
