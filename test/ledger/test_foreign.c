/*
 * What we write is accepted by programs that know nothing of us: python3 with
 * openssl, and Debian's golang-golang-x-mod-dev where it is installed.
 */
#include "fixture.h"

#include <fcntl.h>
#include <sys/wait.h>

/* Run a program; its exit status, and what it printed. */
static int
run(const char *const argv[], struct buf *out)
{
	int fd[2], status;
	char b[4096];
	ssize_t n;

	assert_int_equal(pipe(fd), 0);
	pid_t pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		dup2(fd[1], 1);
		dup2(fd[1], 2);
		close(fd[0]);
		close(fd[1]);
		execvp(argv[0], (char *const *)argv);
		_exit(127);
	}
	close(fd[1]);
	buf_reset(out);
	while ((n = read(fd[0], b, sizeof(b))) > 0)
		buf_put(out, b, (size_t)n);
	close(fd[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return (WIFEXITED(status) ? WEXITSTATUS(status) : -1);
}

static void
expected(struct fixture *f, struct buf *out)
{
	struct ledger_head h;

	ok(ledger_head(f->l, &h, &f->e));
	buf_reset(out);
	buf_printf(out, "%d ", (int)h.sequenced);
	buf_puthex(out, h.root, sizeof(h.root));
	buf_putc(out, '\n');
}

static void
test_python(void **state)
{
	static const int steps[] = { 0, 1, 1, 5, 248, 1, 1, 300, 1000 };
	struct fixture fx, *f = &fx;
	BUF_SCOPED out = BUF_INIT, want = BUF_INIT, b = BUF_INIT;

	(void)state;
	fixture_new(f);
	char *files = strdup(fixture_path(f, "ledger"));
	const char *argv[] = { "python3", "test/ledger/verify.py", files,
		NULL };
	for (size_t i = 0; i < sizeof(steps) / sizeof(*steps); i++) {
		if (steps[i] != 0)
			fixture_fill(f, steps[i], 0);
		ok(ledger_sequence(f->l, &f->e));
		expected(f, &want);
		if (run(argv, &out) != 0 ||
		    !str_eq(buf_str(&out), buf_str(&want)))
			fail_msg("step %zu: %s", i, out.ptr);
	}
	/* And it is a check: one bit is refused. */
	const char *path = fixture_path(f, "ledger/tile/entries/001");
	ok(file_read(path, 1 << 24, &b, &f->e));
	b.ptr[100] ^= 1;
	ok(file_write(path, 0644, b.ptr, b.len, &f->e));
	assert_int_equal(run(argv, &out), 1);
	free(files);
	fixture_free(f);
}

/* Bodies, under the workspace's key and under those of subjects. */
static void
test_bodies(void **state)
{
	static const size_t sizes[] = { 0, 1, 5000, 65496, 65536, 200000 };
	struct fixture fx, *f = &fx;
	struct keys_set alice, bob;
	BUF_SCOPED out = BUF_INIT;
	static char text[200000];
	uint8_t c[32];

	(void)state;
	fixture_new(f);
	ok(subject_key(f->keys, STR("alice"), &alice, &f->e));
	ok(subject_key(f->keys, STR("bob"), &bob, &f->e));
	rng_bytes(text, sizeof(text));
	ok(ledger_begin(f->l, &f->e));
	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		struct str s = { text, sizes[i] };
		ok(body_put(f->l, NULL, s, 0, c, &f->e));
		ok(body_put(f->l, &alice, s, 0, c, &f->e));
		ok(body_put(f->l, &bob, s, BODY_PACK, c, &f->e));
	}
	ok(ledger_commit(f->l, &f->e));
	ok(ledger_sequence(f->l, &f->e));
	ok(subject_destroy(f->keys, STR("bob"), NULL, &f->e));
	const char *argv[] = { "python3", "test/ledger/bodies.py", f->dir,
		NULL };
	if (run(argv, &out) != 0 || !str_is(buf_str(&out), "12 6\n"))
		fail_msg("%s", out.ptr);
	fixture_free(f);
}

#define GOPATH "/usr/share/gocode"

static void
test_go(void **state)
{
	struct fixture fx, *f = &fx;
	BUF_SCOPED out = BUF_INIT, want = BUF_INIT;

	(void)state;
	if (!file_exists(GOPATH "/src/golang.org/x/mod/sumdb/tlog") ||
	    access("/usr/bin/go", X_OK) != 0)
		skip();
	setenv("GOPATH", GOPATH, 1);
	setenv("GO111MODULE", "off", 1);
	setenv("GOFLAGS", "", 1);
	fixture_new(f);
	char *files = strdup(fixture_path(f, "ledger"));
	char *program = strdup(fixture_path(f, "verify"));
	char *cache = strdup(fixture_path(f, "cache"));
	setenv("GOCACHE", cache, 1);
	const char *build[] = { "/usr/bin/go", "build", "-o", program,
		"test/ledger/verify.go", NULL };
	if (run(build, &out) != 0)
		fail_msg("%s", out.ptr);
	for (int size = 1; size <= 300; size += size < 20 ? 1 : 31) {
		struct ledger_head h;
		ok(ledger_head(f->l, &h, &f->e));
		fixture_fill(f, size - (int)h.size, 0);
		ok(ledger_sequence(f->l, &f->e));
		const char *argv[] = { program, files, "300", NULL };
		expected(f, &want);
		if (run(argv, &out) != 0 ||
		    !str_starts(buf_str(&out), want.ptr))
			fail_msg("size %d: %s", size, out.ptr);
	}
	free(files);
	free(program);
	free(cache);
	fixture_free(f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_python),
		cmocka_unit_test(test_bodies),
		cmocka_unit_test(test_go),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
