/* Files: atomic writes, limits, the lock, removal, errors that say what. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sys/file.h"

static char dir[64];

static const char *
at(const char *name)
{
	static char out[4][256];
	static int turn;

	turn = (turn + 1) % 4;
	snprintf(out[turn], sizeof(out[turn]), "%s/%s", dir, name);
	return (out[turn]);
}

static int
setup(void **state)
{
	(void)state;
	snprintf(dir, sizeof(dir), "/tmp/tickmark-file.XXXXXX");
	return (mkdtemp(dir) == NULL);
}

static int
teardown(void **state)
{
	(void)state;
	file_fault_install(NULL, NULL);
	return (file_remove_tree(dir, NULL));
}

static void
test_read_write(void **state)
{
	BUF_SCOPED b = BUF_INIT;
	struct stat st;
	struct err e;

	(void)state;
	assert_int_equal(file_read(at("a"), 100, &b, &e), -ERR_NOTFOUND);
	assert_non_null(strstr(e.where, "/a"));
	assert_int_equal(file_write(at("a"), 0640, "hello", 5, &e), 0);
	assert_int_equal(stat(at("a"), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0640);
	assert_int_equal(file_read(at("a"), 5, &b, &e), 0);
	assert_true(str_is(buf_str(&b), "hello"));
	assert_int_equal(file_read(at("a"), 4, &b, &e), -ERR_LIMIT);
	assert_true(str_is(buf_str(&b), "hello"));
	assert_int_equal(file_write(at("a"), 0600, "", 0, &e), 0);
	assert_int_equal(file_read(at("a"), 5, &b, &e), 0);
	assert_int_equal(b.len, 0);
	/* Not a regular file: no end is known before. */
	assert_int_equal(file_read("/dev/zero", 1000, &b, &e), -ERR_LIMIT);
}

static int
fail_at(void *ctx, enum file_op op, const char *path)
{
	(void)path;
	return (*(enum file_op *)ctx == op ? ENOSPC : 0);
}

/* Whatever fails, the old content stays and nothing else is left. */
static void
test_atomic(void **state)
{
	static const enum file_op ops[] = { FILE_OP_OPEN, FILE_OP_WRITE,
		FILE_OP_SYNC, FILE_OP_RENAME };
	BUF_SCOPED b = BUF_INIT;
	ARENA_SCOPED a = ARENA_INIT;
	char **names;
	size_t n, before;
	struct err e;

	(void)state;
	assert_int_equal(file_write(at("atomic"), 0600, "old", 3, NULL), 0);
	assert_int_equal(file_list(&a, dir, &names, &before, NULL), 0);
	for (size_t i = 0; i < sizeof(ops) / sizeof(*ops); i++) {
		enum file_op op = ops[i];
		file_fault_install(fail_at, &op);
		assert_int_equal(file_write(at("atomic"), 0600, "newer", 5,
		    &e), -ERR_IO);
		file_fault_install(NULL, NULL);
		assert_non_null(strstr(e.what, "full"));
		assert_true(e.fix[0] != '\0');
		assert_int_equal(file_read(at("atomic"), 10, &b, NULL), 0);
		assert_true(str_is(buf_str(&b), "old"));
		assert_int_equal(file_list(&a, dir, &names, &n, NULL), 0);
		assert_int_equal(n, before);
	}
}

static void
test_dirs(void **state)
{
	ARENA_SCOPED a = ARENA_INIT;
	char **names;
	size_t n;
	struct err e;
	uint64_t space;

	(void)state;
	assert_int_equal(file_mkdirs(at("d/e/f"), 0700, &e), 0);
	assert_int_equal(file_mkdirs(at("d/e/f"), 0700, &e), 0);
	assert_int_equal(file_write(at("d/e/x"), 0600, "x", 1, &e), 0);
	assert_int_equal(file_write(at("d/e/f/y"), 0600, "y", 1, &e), 0);
	assert_int_equal(file_mkdirs(at("d/e/x"), 0700, &e), -ERR_IO);
	assert_int_equal(file_list(&a, at("d/e"), &names, &n, &e), 0);
	assert_int_equal(n, 2);
	assert_string_equal(names[0], "f");
	assert_string_equal(names[1], "x");
	/* A link out of the tree is removed, not followed. */
	assert_int_equal(file_mkdirs(at("outside"), 0700, &e), 0);
	assert_int_equal(file_write(at("outside/kept"), 0600, "k", 1, &e), 0);
	assert_int_equal(symlink(at("outside"), at("d/e/link")), 0);
	assert_int_equal(file_remove_tree(at("d"), &e), 0);
	assert_false(file_exists(at("d")));
	assert_true(file_exists(at("outside/kept")));
	assert_int_equal(file_remove_tree(at("d"), &e), 0);
	assert_int_equal(file_remove(at("nothing"), &e), 0);
	assert_int_equal(file_space(dir, &space, &e), 0);
	assert_true(space > 0);
}

static void
test_open_file(void **state)
{
	struct file f = FILE_INIT;
	char b[8];
	uint64_t n;
	struct err e;

	(void)state;
	assert_int_equal(file_open(&f, at("none"), FILE_READ, 0, &e),
	    -ERR_NOTFOUND);
	assert_int_equal(file_open(&f, at("o"), FILE_APPEND, 0600, &e), 0);
	assert_int_equal(file_pwrite(&f, "abcdef", 6, 0, &e), 0);
	assert_int_equal(file_sync(&f, &e), 0);
	assert_int_equal(file_pread(&f, b, 3, 2, &e), 0);
	assert_memory_equal(b, "cde", 3);
	assert_int_equal(file_pread(&f, b, 3, 4, &e), -ERR_DAMAGED);
	assert_int_equal(file_truncate(&f, 2, &e), 0);
	assert_int_equal(file_size(&f, &n, &e), 0);
	assert_int_equal(n, 2);
	file_close(&f);
	file_close(&f);
	file_close(NULL);
}

static void
test_lock(void **state)
{
	struct file f = FILE_INIT, g = FILE_INIT;
	struct err e;
	char pid[32];
	int fd[2], status;

	(void)state;
	assert_int_equal(pipe(fd), 0);
	pid_t child = fork();
	if (child == 0) {
		_exit(file_lock(&f, at("lock"), NULL) != 0 ||
		    write(fd[1], "", 1) != 1 || pause());
	}
	assert_int_equal(read(fd[0], pid, 1), 1);
	assert_int_equal(file_lock(&f, at("lock"), &e), -ERR_BUSY);
	snprintf(pid, sizeof(pid), "process %ld ", (long)child);
	assert_non_null(strstr(e.what, pid));
	/* However it ends, the lock ends with it. */
	kill(child, SIGKILL);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(file_lock(&f, at("lock"), &e), 0);
	assert_int_equal(file_lock(&g, at("lock"), &e), -ERR_BUSY);
	file_close(&f);
	assert_int_equal(file_lock(&g, at("lock"), &e), 0);
	file_close(&g);
	/* Killed, and a child of it outlives it for a moment. */
	child = fork();
	if (child == 0) {
		if (file_lock(&f, at("lock"), NULL) != 0)
			_exit(1);
		if (fork() == 0) {
			if (write(fd[1], "", 1) == 1)
				usleep(200000);
			_exit(0);
		}
		_exit(pause());
	}
	assert_int_equal(read(fd[0], pid, 1), 1);
	assert_int_equal(file_lock(&f, at("lock"), &e), -ERR_BUSY);
	kill(child, SIGKILL);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(file_lock(&f, at("lock"), &e), 0);
	file_close(&f);
	close(fd[0]);
	close(fd[1]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_read_write),
		cmocka_unit_test(test_atomic),
		cmocka_unit_test(test_dirs),
		cmocka_unit_test(test_open_file),
		cmocka_unit_test(test_lock),
	};

	return (cmocka_run_group_tests(tests, setup, teardown));
}
