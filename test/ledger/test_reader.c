/*
 * Readers take no lock: while one process appends and sequences, others open
 * the ledger and read entries and bodies, and never see anything half done.
 */
#include "fixture.h"

#include <signal.h>
#include <sys/wait.h>

static _Noreturn void
writer(const char *dir)
{
	struct fixture fx, *f = &fx;
	char id[32], text[64];

	fixture_paths(f, dir);
	if (fixture_open(f, true) != 0)
		_exit(3);
	for (int i = 0;; i++) {
		if (ledger_begin(f->l, &f->e) != 0)
			_exit(4);
		for (int k = 0; k < 1 + i % 40; k++) {
			snprintf(id, sizeof(id), "w%d.%d", i, k);
			snprintf(text, sizeof(text), "content of %s", id);
			if (fixture_append(f, id, str_from(text),
			    k % 3 == 0 ? BODY_PACK : 0, NULL) != 0)
				_exit(5);
		}
		if (ledger_commit(f->l, &f->e) != 0)
			_exit(6);
		if (i % 2 == 0 && ledger_sequence(f->l, &f->e) != 0)
			_exit(7);
	}
}

/* One look; the newest entries are the ones whose bodies just move. */
static uint64_t
look(struct fixture *f)
{
	BUF_SCOPED got = BUF_INIT;
	struct ledger_head h;
	uint64_t from;

	if (fixture_open(f, false) != 0)
		fail_msg("open: %s (%s)", f->e.what, f->e.where);
	for (int round = 0; round < 3; round++) {
		ok(ledger_head(f->l, &h, &f->e));
		assert_true(h.size >= h.sequenced);
		from = h.size > 50 ? h.size - 50 : 0;
		for (uint64_t i = from; i < h.size; i++) {
			ARENA_SCOPED a = ARENA_INIT;
			struct entry x;
			ok(ledger_entry(f->l, &a, i, &x, &f->e));
			ok(body_get(f->l, entry_body_get(&x, "revision"),
			    &got, &f->e));
			assert_true(str_eq(buf_str(&got),
			    str_from(arena_printf(&a, "content of " STR_FMT,
			    STR_ARG(x.id)))));
		}
	}
	fixture_close(f);
	return (h.size);
}

static void
test_readers(void **state)
{
	struct fixture fx, *f = &fx;
	uint64_t size = 0, looks = 0;
	int status;

	(void)state;
	fixture_new_in(f, fixture_memory());
	fixture_fill(f, 10, 0);
	fixture_close(f);
	pid_t pid = fork();
	assert_true(pid >= 0);
	if (pid == 0)
		writer(f->dir);
	int64_t end = clock_mono() + 2 * CLOCK_SECOND;
	while (clock_mono() < end) {
		uint64_t n = look(f);
		assert_true(n >= size);
		size = n;
		looks++;
	}
	assert_int_equal(waitpid(pid, &status, WNOHANG), 0);
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	print_message("# looked %d times while %d entries came\n", (int)looks,
	    (int)size);
	assert_true(looks > 10 && size > 100);
	ok(fixture_open(f, true));
	assert_int_equal(fixture_check(f, fixture_tell, NULL), 0);
	fixture_free(f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_readers),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
