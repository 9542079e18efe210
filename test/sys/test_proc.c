/* Child processes, and what the sandbox takes from them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "sys/proc.h"
#include "sys/sandbox.h"

static struct proc_end
run(const char *const *argv, int64_t timeout, size_t max, struct buf *out)
{
	struct proc_opts o = { .argv = argv, .timeout_us = timeout };
	struct proc_end end;
	struct err e = { 0 };

	if (proc_run(&o, STR_NULL, max, out, NULL, &end, &e) != 0)
		fail_msg("%s", e.what);
	return (end);
}

static void
test_run(void **state)
{
	BUF_SCOPED out = BUF_INIT, err = BUF_INIT;
	struct proc_end end;
	struct err e = { 0 };

	(void)state;
	end = run((const char *[]){ "env", NULL }, 0, 4096, &out);
	assert_true(proc_ok(&end));
	assert_true(str_starts(buf_str(&out), "PATH="));
	assert_null(strstr(out.ptr, "HOME="));

	buf_reset(&out);
	struct proc_opts o = { .argv = (const char *[]){ "sh", "-c",
	    "cat; echo bad >&2; ls /proc/self/fd; exit 3", NULL },
	    .cwd = "/tmp" };
	assert_int_equal(proc_run(&o, STR("given\n"), 4096, &out, &err, &end,
	    &e), 0);
	assert_int_equal(end.status, 3);
	assert_string_equal(end.words, "exited with status 3");
	assert_string_equal(out.ptr, "given\n0\n1\n2\n3\n"); /* 3: ls's own */
	assert_string_equal(err.ptr, "bad\n");

	o.argv = (const char *[]){ "no-such-program", NULL };
	assert_int_equal(proc_run(&o, STR_NULL, 1, &out, NULL, &end, &e),
	    -ERR_NOTFOUND);
	o.argv = (const char *[]){ "true", NULL };
	o.cwd = "/no/such/place";
	assert_int_equal(proc_run(&o, STR_NULL, 1, &out, NULL, &end, &e),
	    -ERR_ENV);
}

static void
test_limits(void **state)
{
	BUF_SCOPED out = BUF_INIT;
	struct proc_end end;
	int64_t t0 = clock_mono();

	(void)state;
	/* A grandchild holds the pipe: it ends with its group. */
	end = run((const char *[]){ "sh", "-c", "sleep 60 & sleep 60", NULL },
	    300000, 4096, &out);
	assert_int_equal(end.how, PROC_TIMEOUT);
	assert_true(clock_mono() - t0 < 5 * CLOCK_SECOND);
	end = run((const char *[]){ "yes", NULL }, 0, 100000, &out);
	assert_int_equal(end.how, PROC_TOO_MUCH);
	assert_int_equal(out.len, 100000);
	end = run((const char *[]){ "sh", "-c", "kill -SEGV $$", NULL }, 0, 10,
	    &out);
	assert_int_equal(end.how, PROC_KILLED);
	assert_int_equal(end.status, SIGSEGV);
}

static int
echo_child(void *ctx)
{
	char c;

	(void)ctx;
	while (read(0, &c, 1) == 1)
		if (write(1, &c, 1) != 1)
			return (1);
	return (7);
}

static void
test_fork(void **state)
{
	PROC_SCOPED p = PROC_INIT;
	struct proc_end end;
	struct err e = { 0 };
	char buf[16];

	(void)state;
	assert_int_equal(proc_fork(&p, echo_child, NULL, CLOCK_SECOND, &e), 0);
	assert_int_equal(proc_write(&p, "abc", 3, &e), 0);
	for (int i = 0; i < 3; i++)
		assert_int_equal(proc_read(&p, buf, 1, &e), 1);
	proc_wait(&p, &end); /* closes its input: it comes to its end */
	assert_int_equal(end.status, 7);
	assert_int_equal(proc_fork(&p, echo_child, NULL, 100000, &e), 0);
	assert_int_equal(proc_read(&p, buf, 1, &e), -ERR_TIMEOUT);
	proc_kill(&p, PROC_TIMEOUT, &end);
	assert_int_equal(end.how, PROC_TIMEOUT);
	/* Writing to a child that is gone is an error, not a signal. */
	assert_int_equal(proc_fork(&p, (proc_fn *)(void *)getppid, NULL, 0,
	    &e), 0);
	while (proc_read(&p, buf, 1, &e) > 0)
		;
	int r = 0;
	for (int i = 0; r == 0 && i < 1000; i++, usleep(1000))
		r = proc_write(&p, "x", 1, &e);
	assert_int_equal(r, -ERR_IO);
}

/* --- the sandbox -------------------------------------------------------- */

struct trial {
	struct sandbox box;
	int (*try)(void);
	int before; /* a descriptor, or 0 */
};

static int
in_box(void *ctx)
{
	struct trial *t = ctx;
	struct sandbox_report rep;
	struct err e = { 0 };

	if (sandbox_apply(&t->box, &rep, &e) != 0)
		return (99);
	if (!rep.no_new_privs || !rep.seccomp)
		return (98);
	return (t->try());
}

static int
boxed(enum sandbox_profile profile, const char *const *read,
    const char *const *exec, int (*try)(void))
{
	struct trial t = { { .profile = profile, .read = read, .exec = exec,
	    .cpu_s = 5, .nofile = 64 }, try, 0 };
	PROC_SCOPED p = PROC_INIT;
	struct proc_end end;

	if (proc_fork(&p, in_box, &t, 10 * CLOCK_SECOND, NULL) != 0)
		return (97);
	proc_wait(&p, &end);
	if (end.how != PROC_EXITED)
		fail_msg("%s", end.words);
	return (end.status);
}

static int try_open_etc(void) { return (open("/etc/passwd", O_RDONLY) < 0); }
static int try_open_usr(void) { return (open("/usr/bin/env", O_RDONLY) < 0); }
static int try_write(void)
{
	return (open("/tmp/tickmark-no", O_WRONLY | O_CREAT, 0600) < 0);
}
static int try_fork(void)
{
	pid_t p = fork();
	if (p == 0)
		_exit(0);
	return (p < 0);
}
static int try_exec(void)
{
	execl("/bin/true", "true", (char *)NULL);
	return (1);
}
static int try_inet(void)
{
	return (socket(AF_INET, SOCK_STREAM, 0) < 0);
}
static int try_packet(void) { return (socket(AF_PACKET, SOCK_RAW, 0) < 0); }
static int try_kill(void) { return (kill(getppid(), 0) < 0); }
static int try_setsid(void) { return (setsid() < 0); }
static int try_root(void) { return (setuid(0) < 0 || geteuid() == 0 ? 1 : 0); }
static int try_shadow(void) { return (open("/etc/shadow", O_RDONLY) < 0); }
static int try_compute(void)
{
	void *m = mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct stat st;
	return (m == MAP_FAILED || fstat(0, &st) != 0 || clock_now() == 0);
}

static void
test_sandbox(void **state)
{
	const char *const usr[] = { "/usr", "/lib", "/lib64", "/bin", NULL };
	const char *const all[] = { "/", NULL };
	const char *const none[] = { NULL };
	struct sandbox_report rep;

	(void)state;
	sandbox_probe(&rep);
	print_message("# %s\n", rep.text);

	assert_int_equal(boxed(SANDBOX_SQL, NULL, NULL, try_compute), 0);
	assert_int_equal(boxed(SANDBOX_SQL, NULL, NULL, try_open_etc), 0);
	assert_int_equal(boxed(SANDBOX_SQL, NULL, NULL, try_write), 1);
	assert_int_equal(boxed(SANDBOX_SQL, NULL, NULL, try_fork), 1);
	assert_int_equal(boxed(SANDBOX_SQL, NULL, NULL, try_exec), 1);
	assert_int_equal(boxed(SANDBOX_SQL, NULL, NULL, try_inet), 1);
	assert_int_equal(boxed(SANDBOX_SQL, NULL, NULL, try_kill), 1);
	assert_int_equal(boxed(SANDBOX_SQL, NULL, NULL, try_root), 1);

	assert_int_equal(boxed(SANDBOX_NET, NULL, NULL, try_inet), 0);
	assert_int_equal(boxed(SANDBOX_NET, NULL, NULL, try_packet), 1);
	assert_int_equal(boxed(SANDBOX_NET, NULL, NULL, try_exec), 1);
	assert_int_equal(boxed(SANDBOX_NET, NULL, NULL, try_fork), 1);

	assert_int_equal(boxed(SANDBOX_READER, all, all, try_fork), 0);
	assert_int_equal(boxed(SANDBOX_READER, all, all, try_exec), 0);
	assert_int_equal(boxed(SANDBOX_READER, all, all, try_inet), 1);
	assert_int_equal(boxed(SANDBOX_READER, all, all, try_setsid), 1);
	assert_int_equal(boxed(SANDBOX_READER, all, all, try_shadow), 1);
	if (rep.landlock) {
		assert_int_equal(boxed(SANDBOX_READER, usr, usr,
		    try_open_etc), 1);
		assert_int_equal(boxed(SANDBOX_READER, usr, usr,
		    try_open_usr), 0);
		assert_int_equal(boxed(SANDBOX_READER, all, none, try_exec), 1);
		assert_int_equal(boxed(SANDBOX_READER, all, all, try_write), 1);
		assert_int_equal(boxed(SANDBOX_SQL, none, NULL, try_open_etc),
		    1);
	}
}

static void
test_sandboxed_program(void **state)
{
	const char *const all[] = { "/", NULL };
	struct sandbox box = { .profile = SANDBOX_READER, .read = all,
		.exec = all, .nproc = 4, .cpu_s = 2 };
	struct proc_opts o = { .argv = (const char *[]){ "sh", "-c",
	    "id -u; cat /etc/shadow 2>/dev/null | wc -l; ulimit -c", NULL },
	    .sandbox = &box, .timeout_us = 10 * CLOCK_SECOND };
	BUF_SCOPED out = BUF_INIT;
	struct proc_end end;
	struct err e = { 0 };

	(void)state;
	assert_int_equal(proc_run(&o, STR_NULL, 4096, &out, NULL, &end, &e), 0);
	assert_true(proc_ok(&end));
	if (geteuid() == 0)
		assert_string_equal(out.ptr, "65534\n0\n0\n");
	/* The right to read goes with it when asked, and nothing else. */
	if (geteuid() == 0) {
		box.keep_read = true;
		buf_reset(&out);
		o.argv = (const char *[]){ "sh", "-c", "id -u; "
		    "head -c1 /etc/shadow >/dev/null && echo read; "
		    "echo x 2>/dev/null >/etc/x", NULL };
		assert_int_equal(proc_run(&o, STR_NULL, 4096, &out, NULL, &end,
		    &e), 0);
		assert_non_null(strstr(out.ptr, "65534\nread\n"));
		assert_int_not_equal(access("/etc/x", F_OK), 0);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_run),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_fork),
		cmocka_unit_test(test_sandbox),
		cmocka_unit_test(test_sandboxed_program),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
