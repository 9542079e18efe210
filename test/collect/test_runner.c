/* The runner against collectors that do not do as they should. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/clock.h"
#include "collect/collect.h"
#include "collect/stream.h"
#include "collect/works.h"

static int
prepare_nothing(struct arena *a, const struct collect_source *s,
    struct sandbox *box, struct collect_limits *lim, struct err *e)
{
	(void)a;
	(void)s;
	(void)box;
	(void)lim;
	(void)e;
	return (0);
}

static void
put_row(struct job *j, const char *name)
{
	struct cell r[F_KERNEL_SETTING_VALUE + 1] = { 0 };

	r[F_KERNEL_SETTING_HOST] = CELL_STR(STR("h"));
	r[F_KERNEL_SETTING_NAME] = job_ctext(j, name);
	r[F_KERNEL_SETTING_VALUE] = CELL_STR(STR("1"));
	job_row(j, r);
}

static int
run_good(struct job *j, struct err *e)
{
	(void)e;
	job_table(j, T_KERNEL_SETTING);
	put_row(j, "kernel.a");
	put_row(j, "bad\xff" "bytes\n");
	job_end(j, NULL);
	return (0);
}

static int
run_dies(struct job *j, struct err *e)
{
	run_good(j, e);
	job_progress(j, "flush", 1, 1);
	raise(SIGKILL);
	return (0);
}

static int
run_exits(struct job *j, struct err *e)
{
	run_good(j, e);
	job_progress(j, "flush", 1, 1);
	_exit(0);
}

static void
spill(const void *p, size_t n)
{
	const char *at = p;

	while (n > 0) {
		ssize_t put = write(1, at, n);
		if (put <= 0)
			_exit(9);
		at += put;
		n -= (size_t)put;
	}
}

static int
run_garbage(struct job *j, struct err *e)
{
	(void)j;
	(void)e;
	spill("{\"not\": \"the protocol\"}\n", 24);
	return (0);
}

/* Ten gigabytes of frames that are all right one by one. */
static int
run_floods(struct job *j, struct err *e)
{
	(void)e;
	job_table(j, T_KERNEL_SETTING);
	for (int64_t i = 0; i < INT64_C(10) << 30; i += 64)
		put_row(j, "kernel.again");
	job_end(j, NULL);
	return (0);
}

static int
run_one_frame(struct job *j, struct err *e)
{
	static char zeros[65536];

	(void)j;
	(void)e;
	spill("\xff\xff\xff\x7fR", 5);
	for (;;)
		spill(zeros, sizeof(zeros));
	return (0);
}

static int
run_hangs(struct job *j, struct err *e)
{
	(void)j;
	(void)e;
	for (;;)
		pause();
	return (0);
}

static int
run_eats(struct job *j, struct err *e)
{
	(void)j;
	(void)e;
	for (;;) {
		char *p = malloc(16 << 20);
		if (p == NULL)
			err_oom(16 << 20);
		memset(p, 1, 16 << 20);
	}
}

/* Children that outlive it and hold its pipe. */
static int
run_forks(struct job *j, struct err *e)
{
	(void)e;
	for (int i = 0; i < 3; i++)
		if (fork() == 0) {
			setsid();
			for (;;)
				sleep(100);
		}
	run_good(j, e);
	return (0);
}

static int
run_bomb(struct job *j, struct err *e)
{
	(void)j;
	(void)e;
	for (;;)
		if (fork() < 0)
			usleep(1000);
	return (0);
}

static int
run_wrong_cell(struct job *j, struct err *e)
{
	struct cell r[F_KERNEL_SETTING_VALUE + 1] = { 0 };

	(void)e;
	job_table(j, T_KERNEL_SETTING);
	r[F_KERNEL_SETTING_HOST] = CELL_STR(STR("h"));
	job_row(j, r); /* no name, which is needed */
	job_end(j, NULL);
	return (0);
}

static int
run_bytes(struct job *j, struct err *e)
{
	struct cell r[F_KERNEL_SETTING_VALUE + 1] = { 0 };

	(void)e;
	job_table(j, T_KERNEL_SETTING);
	r[F_KERNEL_SETTING_HOST] = CELL_STR(STR("h"));
	r[F_KERNEL_SETTING_NAME] = CELL_STR(STR("\xff\xfe"));
	job_row(j, r);
	job_end(j, NULL);
	return (0);
}

static int
run_fails(struct job *j, struct err *e)
{
	run_good(j, e);
	return (err_set(e, ERR_IO, "the place", "do this", "it cannot be "
	    "reached"));
}

static int
run_leaves_out(struct job *j, struct err *e)
{
	(void)j;
	(void)e;
	return (0);
}

static int
run_blind(struct job *j, struct err *e)
{
	(void)e;
	job_table(j, T_KERNEL_SETTING);
	put_row(j, "kernel.half");
	job_blind(j, T_KERNEL_SETTING, "only %s may read this", "root");
	return (0);
}

static int
run_writes(struct job *j, struct err *e)
{
	if (open("/tmp/tickmark-collector-was-here", O_CREAT | O_WRONLY,
	    0600) >= 0)
		return (err_set(e, ERR_BUG, NULL, NULL, "it could write"));
	if (geteuid() == 0)
		return (err_set(e, ERR_BUG, NULL, NULL, "it is root"));
	for (int fd = 3; fd < 1000; fd++)
		if (fcntl(fd, F_GETFD) >= 0)
			return (err_set(e, ERR_BUG, NULL, NULL, "it has "
			    "descriptor %d", fd));
	return (run_good(j, e));
}

#define EACH(X)                                                                \
	X(good) X(dies) X(exits) X(garbage) X(floods) X(one_frame) X(hangs)    \
	X(eats) X(forks) X(bomb) X(wrong_cell) X(bytes) X(fails)               \
	X(leaves_out) X(blind) X(writes)
static const struct collect_option no_options[] = { { 0 } };
static const char *const one_table[] = { "kernel_setting", NULL };
#define X(n) static const struct collect_work n##_work = { prepare_nothing,    \
	run_##n };
EACH(X)
#undef X
static const struct collector ours[] = {
#define X(n) { #n, 1, "a test", one_table, no_options, false, &n##_work },
	EACH(X)
#undef X
	{ 0 }
};

static struct collect_result res;

static void
collect(const char *name, struct buf *out)
{
	struct collect_source s = { .id = STR("s1"), .name = STR("test"),
		.collector = str_from(name) };
	struct collect_limits lim = { .wall_us = 1500000, .cpu_s = 30,
		.memory_bytes = (uint64_t)512 << 20, .out_bytes = 8 << 20 };
	struct err e = { 0 };

	/* These have to meet another limit than that of time, on any machine. */
	if (strcmp(name, "floods") == 0 || strcmp(name, "eats") == 0)
		lim.wall_us = 60 * CLOCK_SECOND;
	if (collect_dump(&s, 0, &lim, out, &res, &e) != 0)
		fail_msg("%s: %s", name, e.what);
}

static void
refused(const char *name, const char *word)
{
	BUF_SCOPED out = BUF_INIT;
	int64_t t0 = clock_mono();

	collect(name, &out);
	if (!res.failed)
		fail_msg("%s did not fail", name);
	if (strstr(res.why.what, word) == NULL)
		fail_msg("%s: \"%s\" does not say \"%s\"", name, res.why.what,
		    word);
	assert_int_equal(out.len, 0);
	assert_true(clock_mono() - t0 < 30 * CLOCK_SECOND);
}

static void
test_good(void **state)
{
	BUF_SCOPED out = BUF_INIT;

	(void)state;
	collect("good", &out);
	if (res.failed)
		fail_msg("%s", res.why.what);
	assert_int_equal(res.rows, 2);
	assert_string_equal(out.ptr,
	    "{\"table\":\"kernel_setting\",\"row\":{\"host\":\"h\","
	    "\"name\":\"kernel.a\",\"value\":\"1\"}}\n"
	    "{\"table\":\"kernel_setting\",\"row\":{\"host\":\"h\","
	    "\"name\":\"bad\xef\xbf\xbd" "bytes\xef\xbf\xbd\","
	    "\"value\":\"1\"}}\n");
	print_message("# %s\n", res.sandbox);
}

static void
test_bad(void **state)
{
	(void)state;
	refused("dies", "died before it was done: it was killed by signal 9");
	refused("exits", "died before it was done: it exited with status 0");
	refused("garbage", "not its protocol");
	refused("floods", "wrote more than 8 MiB");
	refused("one_frame", "not its protocol");
	refused("hangs", "ran longer than 2 s");
	refused("wrong_cell", "");
	refused("bytes", "");
	refused("fails", "it cannot be reached");
	refused("leaves_out", "left out a table");
	refused("bomb", "ran longer than");
}

static void
test_memory(void **state)
{
	(void)state;
#if defined(__SANITIZE_ADDRESS__)
	skip(); /* it cannot limit what it reserves */
#else
	refused("eats", "more than 512 MiB of memory");
#endif
}

static void
test_forks(void **state)
{
	BUF_SCOPED out = BUF_INIT;

	(void)state;
	/* They hold the pipe until the time is over, and do not outlive it. */
	collect("forks", &out);
	assert_true(res.failed);
}

static void
test_blind(void **state)
{
	BUF_SCOPED out = BUF_INIT;

	(void)state;
	collect("blind", &out);
	assert_false(res.failed);
	assert_int_equal(res.ntables, 1);
	assert_true(res.tables[0].failed);
	assert_string_equal(res.tables[0].message, "only root may read this");
	assert_int_equal(out.len, 0);
}

static void
test_box(void **state)
{
	BUF_SCOPED out = BUF_INIT;

	(void)state;
	collect("writes", &out);
	if (res.failed)
		fail_msg("%s", res.why.what);
}

static int
options(struct arena *a, int argc, const char **argv, struct val **o,
    struct err *e)
{
	return (collect_options(a, collect_find(STR("csv")), argc,
	    (char *const *)(uintptr_t)argv, o, e));
}

static void
test_options(void **state)
{
	ARENA_SCOPED a = ARENA_INIT;
	struct val *o;
	struct err e = { 0 };
	const char *good[] = { "--table", "badge", "--file=/tmp/b.csv", "--map",
	    "badge_id=No", "--map", "active=On=Off", "--value",
	    "active.Ja=yes" };
	const char *unknown[] = { "--table", "badge", "--colour", "red" };
	const char *twice[] = { "--table", "badge", "--table", "asset" };
	const char *column[] = { "--table", "badge", "--file", "x", "--map", "no=X" };
	const char *missing[] = { "--file", "x" };

	(void)state;
	if (options(&a, 9, good, &o, &e) != 0)
		fail_msg("%s", e.what);
	assert_true(str_is(val_get_str(o, "map.badge_id"), "No"));
	assert_true(str_is(val_get_str(o, "map.active"), "On=Off"));
	assert_true(str_is(val_get_str(o, "value.active.Ja"), "yes"));
	assert_int_equal(options(&a, 4, unknown, &o, &e),
	    -ERR_USAGE);
	assert_int_equal(options(&a, 4, twice, &o, &e),
	    -ERR_USAGE);
	assert_int_equal(options(&a, 6, column, &o, &e),
	    -ERR_INPUT);
	assert_int_equal(options(&a, 2, missing, &o, &e),
	    -ERR_USAGE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_bad),
		cmocka_unit_test(test_memory),
		cmocka_unit_test(test_forks),
		cmocka_unit_test(test_blind),
		cmocka_unit_test(test_box),
		cmocka_unit_test(test_options),
	};

	collect_use(ours);
	return (cmocka_run_group_tests(tests, NULL, NULL));
}
