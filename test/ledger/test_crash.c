/*
 * Kill -9: a child acknowledges appends over a pipe and is killed at a random
 * moment. Nothing that it acknowledged may be lost, and everything must check.
 * TICKMARK_KILLS=n for more rounds (make crash).
 */
#include "fixture.h"

#include <signal.h>
#include <sys/wait.h>

struct ack {
	uint32_t serial;
	uint32_t size;
	uint8_t commitment[32];
};

/* What body ${serial} holds: the parent can tell without being told. */
static size_t
content(uint32_t serial, char *out, size_t cap)
{
	size_t n = serial % 5 == 4 ? 70000 : serial % 1500;
	uint32_t x = serial * 2654435761u + 1;

	if (n + 16 > cap)
		n = cap - 16;
	int at = snprintf(out, cap, "%u:", serial);
	for (size_t i = (size_t)at; i < n + (size_t)at; i++) {
		x = x * 1664525u + 1013904223u;
		out[i] = (char)('a' + (x >> 28));
	}
	return (n + (size_t)at);
}

static _Noreturn void
child(const char *dir, int out, uint32_t serial)
{
	struct fixture fx, *f = &fx;
	static char text[80000];
	struct ack acks[4];

	fixture_paths(f, dir);
	if (fixture_open(f, true) != 0) {
		fprintf(stderr, "# %s (%s)\n", f->e.what, f->e.where);
		_exit(3);
	}
	/* Open is where the last crash is put right: tell of it. */
	if (write(out, "", 1) != 1)
		_exit(0);
	for (int round = 0;; round++) {
		int n = 1 + round % 4;
		if (ledger_begin(f->l, &f->e) != 0)
			_exit(4);
		for (int i = 0; i < n; i++, serial++) {
			char id[32];
			snprintf(id, sizeof(id), "s%u", serial);
			size_t len = content(serial, text, sizeof(text));
			acks[i] = (struct ack){ .serial = serial,
				.size = (uint32_t)len };
			if (fixture_append(f, id, (struct str){ text, len },
			    serial % 3 == 0 ? BODY_PACK : 0,
			    acks[i].commitment) != 0)
				_exit(5);
		}
		if (round % 7 == 6) {
			/* Taken back: may not be found later. */
			ledger_rollback(f->l);
			serial -= (uint32_t)n;
		} else {
			if (ledger_commit(f->l, &f->e) != 0)
				_exit(6);
			size_t bytes = (size_t)n * sizeof(acks[0]);
			if (write(out, acks, bytes) != (ssize_t)bytes)
				_exit(0);
		}
		if (round % 3 == 2 && ledger_sequence(f->l, &f->e) != 0)
			_exit(7);
	}
}

struct sums {
	size_t acks;
	size_t kills;
	size_t every; /* so many kills a full check */
};

static void
verify(struct fixture *f, const struct ack *a, size_t from, size_t n,
    struct sums *s)
{
	BUF_SCOPED got = BUF_INIT;
	static char text[80000];
	struct ledger_head h;

	ok(fixture_open(f, true));
	ok(ledger_head(f->l, &h, &f->e));
	/* One transaction may be complete without its acknowledgement. */
	assert_true(h.size >= n && h.size <= n + 4);
	for (size_t i = from; i < n; i++) {
		ARENA_SCOPED arena = ARENA_INIT;
		struct entry x;
		size_t len = content(a[i].serial, text, sizeof(text));
		ok(ledger_entry(f->l, &arena, a[i].serial, &x, &f->e));
		assert_true(str_is(x.id, arena_printf(&arena, "s%u",
		    a[i].serial)));
		assert_memory_equal(entry_body_get(&x, "revision"),
		    a[i].commitment, 32);
		ok(body_get(f->l, a[i].commitment, &got, &f->e));
		assert_true(str_eq(buf_str(&got), (struct str){ text, len }));
	}
	s->acks = n;
	if (s->kills % s->every == 0) {
		assert_int_equal(fixture_check(f, fixture_tell, NULL), 0);
		ok(ledger_sequence(f->l, &f->e));
		assert_int_equal(fixture_check(f, fixture_tell, NULL), 0);
	}
	fixture_close(f);
}

static void
test_kill(void **state)
{
	const char *many = getenv("TICKMARK_KILLS");
	int64_t kills = 30;
	struct fixture fx, *f = &fx;
	struct sums s = { 0 };
	struct ack *acks = calloc(1 << 22, sizeof(*acks));
	size_t n = 0;

	(void)state;
	if (many != NULL)
		assert_true(str_to_i64(str_from(many), &kills));
	/* The memory of the system outlives a kill as a disk does. */
	fixture_new_in(f, fixture_memory());
	fixture_close(f);
	s.every = kills > 300 ? 100 : 10;
	while (s.kills < (size_t)kills) {
		struct ledger_head h;
		int fd[2], status;
		char first;
		uint16_t wait_us;
		assert_int_equal(pipe(fd), 0);
		ok(fixture_open(f, false));
		ok(ledger_head(f->l, &h, &f->e));
		fixture_close(f);
		/* What was complete but not acknowledged counts from here. */
		pid_t pid = fork();
		assert_true(pid >= 0);
		if (pid == 0) {
			close(fd[0]);
			child(f->dir, fd[1], (uint32_t)h.size);
		}
		close(fd[1]);
		rng_bytes(&wait_us, sizeof(wait_us));
		assert_int_equal(read(fd[0], &first, 1), 1);
		usleep(wait_us % 20000);
		kill(pid, SIGKILL);
		assert_int_equal(waitpid(pid, &status, 0), pid);
		if (!WIFSIGNALED(status))
			fail_msg("the child ended with %d",
			    WEXITSTATUS(status));
		while (n < h.size) /* known to be complete, not to us */
			acks[n++] = (struct ack){ .size = 0 };
		size_t known = n;
		while (n < 1 << 22 && read(fd[0], &acks[n], sizeof(*acks)) ==
		    sizeof(*acks))
			n++;
		close(fd[0]);
		s.kills++;
		verify(f, acks, known, n, &s);
	}
	print_message("# killed %zu times, %zu entries acknowledged, "
	    "none lost\n", s.kills, s.acks);
	free(acks);
	fixture_free(f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_kill),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
