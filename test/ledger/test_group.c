/*
 * Group commit: many threads write to one ledger; each answer is durable, a job
 * that fails takes only itself back, and the order of entries is one order.
 * Built with VARIANT=tsan this is also the test of its locking (make tsan).
 */
#include "fixture.h"

#include <pthread.h>
#include <signal.h>
#include <sys/wait.h>

#include "ledger/group.h"

#define THREADS 16

struct writer {
	pthread_t thread;
	struct group *g;
	struct keys *keys;
	int number, jobs;
	int answered, refused, wrong;
	uint64_t last; /* index of its entry before */
};

struct job {
	struct writer *w;
	struct body_sealed body;
	char id[32];
	bool fail;
	uint64_t index;
};

static int
write_one(void *ctx, struct ledger *l, struct err *e)
{
	struct job *j = ctx;
	struct entry_body b = { .class = STR("revision") };
	struct entry x = { .actor = STR("tester"), .action = STR("put"),
		.type = STR("thing"), .id = str_from(j->id), .bodies = &b,
		.nbodies = 1 };
	int r = body_put_sealed(l, &j->body, e);

	memcpy(b.commitment, j->body.commitment, BODY_HASH);
	if (r == 0)
		r = ledger_append(l, &x, &j->index, NULL, e);
	if (r == 0 && j->fail)
		return (err_set(e, ERR_INPUT, j->id, "give another one",
		    "a job that is refused"));
	return (r);
}

static int
sequence(void *ctx, struct ledger *l, struct err *e)
{
	(void)ctx;
	return (ledger_sequence(l, e));
}

static void *
writer(void *arg)
{
	struct writer *w = arg;
	char text[1100];

	for (int i = 0; i < w->jobs; i++) {
		struct job j = { .w = w, .fail = i % 11 == 7 };
		struct err e = { .code = ERR_OK };
		int n = snprintf(j.id, sizeof(j.id), "t%d-%d", w->number, i);
		memset(text, 'a' + i % 26, sizeof(text));
		memcpy(text, j.id, (size_t)n);
		if (body_seal(w->keys, NULL, (struct str){ text,
		    sizeof(text) }, i % 5 == 0 ? BODY_PACK : 0, &j.body,
		    &e) != 0)
			w->wrong++;
		int r = group_run(w->g, write_one, &j, &e);
		if (j.fail)
			w->refused += r == -ERR_INPUT &&
			    strcmp(e.where, j.id) == 0;
		else if (r == 0)
			w->answered++;
		if (r == 0 && w->answered > 1 && j.index <= w->last)
			w->wrong++;
		if (r == 0)
			w->last = j.index;
		buf_free(&j.body.record);
		if (i % 20 == 19 && group_alone(w->g, sequence, NULL,
		    &e) != 0)
			w->wrong++;
	}
	return (NULL);
}

static void
test_threads(void **state)
{
	struct fixture fx, *f = &fx;
	struct writer w[THREADS] = { 0 };
	struct ledger_head h;
	struct group_counts n;
	struct group *g;
	int answered = 0, jobs = 60;

	(void)state;
	fixture_new(f);
	group_open(f->l, &g);
	for (int i = 0; i < THREADS; i++) {
		w[i] = (struct writer){ .g = g, .keys = f->keys, .number = i,
			.jobs = jobs };
		assert_int_equal(pthread_create(&w[i].thread, NULL, writer,
		    &w[i]), 0);
	}
	for (int i = 0; i < THREADS; i++) {
		pthread_join(w[i].thread, NULL);
		answered += w[i].answered;
		assert_int_equal(w[i].wrong, 0);
		assert_int_equal(w[i].answered + w[i].refused, jobs);
	}
	group_count(g, &n);
	group_close(g);
	print_message("# %d jobs in %d commits\n", (int)n.jobs,
	    (int)n.commits);
	assert_int_equal(n.jobs, THREADS * jobs);
	assert_true(n.commits < n.jobs / 2);
	fixture_reopen(f);
	ok(ledger_head(f->l, &h, &f->e));
	assert_int_equal(h.size, answered);
	assert_int_equal(fixture_check(f, fixture_tell, NULL), 0);
	ok(ledger_sequence(f->l, &f->e));
	assert_int_equal(fixture_check(f, fixture_tell, NULL), 0);
	fixture_free(f);
}

static int
refuse(void *ctx, struct ledger *l, struct err *e)
{
	(void)ctx;
	(void)l;
	return (err_set(e, ERR_CONFLICT, "here", NULL, "no"));
}

/* Alone, refused, outside of a transaction: each is answered for itself. */
static void
test_one(void **state)
{
	struct fixture fx, *f = &fx;
	struct job j = { .id = "one" };
	struct ledger_head h;
	struct group *g;

	(void)state;
	fixture_new(f);
	group_open(f->l, &g);
	assert_int_equal(group_run(g, refuse, NULL, &f->e), -ERR_CONFLICT);
	assert_string_equal(f->e.where, "here");
	assert_int_equal(group_alone(g, refuse, NULL, &f->e), -ERR_CONFLICT);
	ok(body_seal(f->keys, NULL, STR("content"), 0, &j.body, &f->e));
	ok(group_run(g, write_one, &j, &f->e));
	assert_int_equal(j.index, 0);
	ok(group_alone(g, sequence, NULL, &f->e));
	ok(ledger_head(f->l, &h, &f->e));
	assert_int_equal(h.sequenced, 1);
	group_close(g);
	buf_free(&j.body.record);
	fixture_free(f);
}

static void *
fill(void *arg)
{
	struct writer *w = arg;
	int ack = w->number;

	for (int i = 0;; i++) {
		struct job j = { .w = w };
		struct err e;
		int n = snprintf(j.id, sizeof(j.id), "k%d-%d", ack, i);
		if (body_seal(w->keys, NULL, (struct str){ j.id, (size_t)n },
		    0, &j.body, &e) != 0 ||
		    group_run(w->g, write_one, &j, &e) != 0)
			_exit(4);
		buf_free(&j.body.record);
		/* One write of a whole index: other threads do the same. */
		if (write(w->jobs, &j.index, sizeof(j.index)) !=
		    sizeof(j.index))
			_exit(0);
	}
}

/* Killed while sixteen threads write: every answer that was given holds. */
static void
test_kill(void **state)
{
	struct fixture fx, *f = &fx;
	struct ledger_head h;
	uint64_t index, most = 0, acks = 0;
	int fd[2], status;

	(void)state;
	fixture_new_in(f, fixture_memory());
	fixture_close(f);
	for (int round = 0; round < 8; round++) {
		uint16_t wait_us;
		assert_int_equal(pipe(fd), 0);
		pid_t pid = fork();
		assert_true(pid >= 0);
		if (pid == 0) {
			struct writer w[THREADS];
			struct group *g;
			close(fd[0]);
			if (fixture_open(f, true) != 0)
				_exit(3);
			group_open(f->l, &g);
			for (int i = 0; i < THREADS; i++) {
				w[i] = (struct writer){ .g = g,
					.keys = f->keys,
					.number = round * THREADS + i,
					.jobs = fd[1] };
				pthread_create(&w[i].thread, NULL, fill,
				    &w[i]);
			}
			for (;;)
				pause();
		}
		close(fd[1]);
		rng_bytes(&wait_us, sizeof(wait_us));
		usleep(30000 + wait_us % 30000);
		kill(pid, SIGKILL);
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_true(WIFSIGNALED(status));
		while (read(fd[0], &index, sizeof(index)) == sizeof(index)) {
			acks++;
			if (index > most)
				most = index;
		}
		close(fd[0]);
		ok(fixture_open(f, true));
		ok(ledger_head(f->l, &h, &f->e));
		assert_true(acks == 0 || h.size > most);
		assert_int_equal(fixture_check(f, fixture_tell, NULL), 0);
		ok(ledger_sequence(f->l, &f->e));
		fixture_close(f);
	}
	print_message("# %d answers, none lost\n", (int)acks);
	assert_true(acks > 0);
	fixture_free(f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_one),
		cmocka_unit_test(test_threads),
		cmocka_unit_test(test_kill),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
