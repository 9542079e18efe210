/*
 * Faults: the n-th write, sync, rename ... fails, for every n, once and from
 * then on; the disk is full; the clock goes back. What was acknowledged is
 * there afterwards, everything checks, and the error said what to do.
 */
#include "fixture.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sqlite3.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "ledger/private.h"

static struct {
	long count;   /* calls so far */
	long at;      /* the call that fails; 0: none */
	bool forever; /* and all after it */
	int err;
	bool hit;
} faults;

static bool
fails(void)
{
	faults.count++;
	if (faults.at == 0 || faults.count < faults.at ||
	    (faults.count > faults.at && !faults.forever))
		return (false);
	faults.hit = true;
	errno = faults.err;
	return (true);
}

static int
hook(void *ctx, enum file_op op, const char *path)
{
	(void)ctx;
	(void)path;
	if (op == FILE_OP_READ || op == FILE_OP_OPEN)
		return (0);
	return (fails() ? faults.err : 0);
}

/* SQLite's own calls: the syncs by name, the writes through its table. */
int
fdatasync(int fd)
{
	return (fails() ? -1 : (int)syscall(SYS_fdatasync, fd));
}

int
fsync(int fd)
{
	return (fails() ? -1 : (int)syscall(SYS_fsync, fd));
}

static ssize_t
my_pwrite(int fd, const void *p, size_t n, off_t off)
{
	if (fails()) {
		/* A disk fills up in the middle of a write. */
		if (faults.err == ENOSPC)
			(void)!pwrite(fd, p, n / 2, off);
		errno = faults.err;
		return (-1);
	}
	return (pwrite(fd, p, n, off));
}

static ssize_t
my_write(int fd, const void *p, size_t n)
{
	return (fails() ? -1 : write(fd, p, n));
}

static int
my_ftruncate(int fd, off_t n)
{
	return (fails() ? -1 : ftruncate(fd, n));
}

static int
setup(void **state)
{
	sqlite3_vfs *v = sqlite3_vfs_find(NULL);

	(void)state;
	v->xSetSystemCall(v, "pwrite", (sqlite3_syscall_ptr)my_pwrite);
	v->xSetSystemCall(v, "pwrite64", (sqlite3_syscall_ptr)my_pwrite);
	v->xSetSystemCall(v, "write", (sqlite3_syscall_ptr)my_write);
	v->xSetSystemCall(v, "ftruncate", (sqlite3_syscall_ptr)my_ftruncate);
	file_fault_install(hook, NULL);
	return (0);
}

static void
arm(long at, int err, bool forever)
{
	faults.count = 0;
	faults.at = at;
	faults.err = err;
	faults.forever = forever;
	faults.hit = false;
}

struct result {
	uint64_t acked;
	uint8_t commitment[64][32];
	size_t bodies;
	int r;
};

static char big[100000];

/* Appends of each kind with sequencing between; stops at the first error. */
static int
work(struct fixture *f, struct result *s)
{
	struct keys_set subject;
	int r;

	if ((r = fixture_open(f, true)) != 0 ||
	    (r = subject_key(f->keys, STR("somebody"), &subject,
	        &f->e)) != 0)
		return (r);
	f->l->pack.limit = 150000; /* so that packs end as well */
	for (int i = 0; i < 4; i++) {
		char text[64];
		uint8_t c[3][32];
		struct str large = { big, sizeof(big) - (size_t)i };
		snprintf(text, sizeof(text), "round %d", i);
		if ((r = ledger_begin(f->l, &f->e)) != 0 ||
		    (r = fixture_append(f, "small", str_from(text), 0,
		        c[0])) != 0 ||
		    (r = fixture_append(f, "large", large, BODY_PACK,
		        c[1])) != 0 ||
		    (r = body_put(f->l, &subject, str_from(text), 0, c[2],
		        &f->e)) != 0 ||
		    (r = ledger_commit(f->l, &f->e)) != 0) {
			ledger_rollback(f->l);
			return (r);
		}
		s->acked += 2;
		memcpy(s->commitment[s->bodies], c, sizeof(c));
		s->bodies += 3;
		if (i % 2 == 1 && (r = ledger_sequence(f->l, &f->e)) != 0)
			return (r);
	}
	return (0);
}

static void
after(struct fixture *f, const struct result *s, long n)
{
	struct ledger_head h;
	BUF_SCOPED got = BUF_INIT;

	arm(0, 0, false);
	fixture_close(f);
	if (fixture_open(f, true) != 0)
		fail_msg("call %ld: %s (%s)", n, f->e.what, f->e.where);
	ok(ledger_head(f->l, &h, &f->e));
	/* At most the one that failed is there as well. */
	if (h.size < s->acked || h.size > s->acked + 2)
		fail_msg("call %ld: %d entries, %d acknowledged", n,
		    (int)h.size, (int)s->acked);
	for (size_t i = 0; i < s->bodies; i++)
		ok(body_get(f->l, s->commitment[i], &got, &f->e));
	if (fixture_check(f, fixture_tell, NULL) != 0)
		fail_msg("call %ld: damaged", n);
	ok(ledger_sequence(f->l, &f->e));
	fixture_fill(f, 2, 0);
	ok(ledger_sequence(f->l, &f->e));
	if (fixture_check(f, fixture_tell, NULL) != 0)
		fail_msg("call %ld: damaged afterwards", n);
}

static void
every_call(int err, bool forever)
{
	struct fixture fx, *f = &fx;
	long n, failed = 0;

	for (n = 1;; n++) {
		struct result s = { 0 };
		arm(0, 0, false);
		fixture_new_in(f, fixture_memory());
		fixture_fill(f, 255, 0);
		ok(ledger_sequence(f->l, &f->e));
		s.acked = 255;
		fixture_close(f);
		f->e.what[0] = '\0';
		arm(n, err, forever);
		s.r = work(f, &s);
		if (s.r != 0) {
			failed++;
			assert_true(f->e.what[0] != '\0');
		}
		bool hit = faults.hit;
		after(f, &s, n);
		fixture_free(f);
		if (!hit)
			break;
	}
	print_message("# %ld calls failed in turn, %ld of them told\n", n - 1,
	    failed);
	assert_true(n > 40);
}

static void
test_io_errors(void **state)
{
	(void)state;
	every_call(EIO, false);
	every_call(EIO, true);
}

static void
test_no_space(void **state)
{
	(void)state;
	every_call(ENOSPC, false);
	every_call(ENOSPC, true);
}

/* A file system that is really full; needs root for the mount. */
static void
test_full_disk(void **state)
{
	char dir[] = "/tmp/tickmark-full.XXXXXX", text[20000];
	struct fixture fx, *f = &fx;
	uint8_t c[32];
	uint64_t acked = 0;
	int r = 0;

	(void)state;
	arm(0, 0, false);
	assert_non_null(mkdtemp(dir));
	if (mount("tmpfs", dir, "tmpfs", 0, "size=3m") != 0) {
		rmdir(dir);
		skip();
	}
	fixture_paths(f, dir);
	ok(fixture_create(f));
	ok(fixture_open(f, true));
	rng_bytes(text, sizeof(text));
	for (int i = 0; i < 1000 && r == 0; i++) {
		memcpy(text, &i, sizeof(i));
		if ((r = ledger_begin(f->l, &f->e)) != 0)
			break;
		r = fixture_append(f, "x", (struct str){ text, sizeof(text) },
		    i % 2 ? BODY_PACK : 0, c);
		if (r == 0)
			r = ledger_commit(f->l, &f->e);
		else
			ledger_rollback(f->l);
		if (r == 0)
			acked++;
		if (r == 0 && i % 10 == 0)
			r = ledger_sequence(f->l, &f->e);
	}
	assert_int_equal(r, -ERR_IO);
	print_message("# full after %d entries: %s: %s\n", (int)acked,
	    f->e.what, f->e.fix);
	assert_non_null(strstr(f->e.what, "full"));
	assert_true(acked > 10);
	assert_int_equal(fixture_check(f, fixture_tell, NULL), 0);
	fixture_close(f);

	/* More space, and everything goes on. */
	assert_int_equal(mount("tmpfs", dir, "tmpfs", MS_REMOUNT, "size=20m"),
	    0);
	struct ledger_head h;
	ok(fixture_open(f, true));
	ok(ledger_head(f->l, &h, &f->e));
	assert_int_equal(h.size, acked);
	fixture_fill(f, 5, 0);
	ok(ledger_sequence(f->l, &f->e));
	assert_int_equal(fixture_check(f, fixture_tell, NULL), 0);
	fixture_close(f);
	assert_int_equal(umount(dir), 0);
	rmdir(dir);
}

/* The same by a limit on the size of files, which needs no privilege. */
static void
test_file_limit(void **state)
{
	struct fixture fx, *f = &fx;
	struct rlimit old, small;
	struct ledger_head h;
	char text[20000];
	uint64_t acked = 0;
	int r = 0;

	(void)state;
	arm(0, 0, false);
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
	fixture_new_in(f, fixture_memory());
	small = old;
	small.rlim_cur = 1 << 20;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	for (int i = 0; i < 1000 && r == 0; i++) {
		rng_bytes(text, sizeof(text));
		ok(ledger_begin(f->l, &f->e));
		r = fixture_append(f, "x", (struct str){ text, sizeof(text) },
		    BODY_PACK, NULL);
		if (r == 0)
			r = ledger_commit(f->l, &f->e);
		else
			ledger_rollback(f->l);
		acked += r == 0;
	}
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
	assert_int_equal(r, -ERR_IO);
	assert_non_null(strstr(f->e.fix, "ulimit"));
	assert_true(acked > 10);
	fixture_reopen(f);
	ok(ledger_head(f->l, &h, &f->e));
	assert_int_equal(h.size, acked);
	assert_int_equal(fixture_check(f, fixture_tell, NULL), 0);
	fixture_free(f);
}

static void
test_clock_back(void **state)
{
	struct fixture fx, *f = &fx;
	ARENA_SCOPED a = ARENA_INIT;
	struct entry x, y;
	uint64_t n;

	(void)state;
	arm(0, 0, false);
	fixture_new(f);
	clock_replace(INT64_C(1800000000000000));
	fixture_fill(f, 1, 0);
	clock_replace(INT64_C(1800000000000000) - CLOCK_HOUR);
	fixture_fill(f, 1, 0);
	ok(ledger_entry(f->l, &a, 0, &x, &f->e));
	ok(ledger_entry(f->l, &a, 1, &y, &f->e));
	assert_true(y.time == x.time);
	assert_null(entry_note_get(&x, "clock-behind").ptr);
	struct str behind = entry_note_get(&y, "clock-behind");
	int64_t us;
	assert_true(str_to_i64(behind, &us));
	assert_true(us > CLOCK_HOUR - CLOCK_SECOND && us <= CLOCK_HOUR);
	clock_replace(INT64_C(1800000000000000) + CLOCK_HOUR);
	fixture_fill(f, 1, 0);
	ok(ledger_size_at(f->l, x.time - 1, &n, &f->e));
	assert_int_equal(n, 0);
	ok(ledger_size_at(f->l, x.time, &n, &f->e));
	assert_int_equal(n, 2);
	ok(ledger_size_at(f->l, INT64_MAX, &n, &f->e));
	assert_int_equal(n, 3);
	clock_replace(0);
	fixture_free(f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_io_errors),
		cmocka_unit_test(test_no_space),
		cmocka_unit_test(test_full_disk),
		cmocka_unit_test(test_file_limit),
		cmocka_unit_test(test_clock_back),
	};

	return (cmocka_run_group_tests(tests, setup, NULL));
}
