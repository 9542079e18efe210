/*
 * The layer of faults, linked under the whole program: every call of the C
 * library that the program, SQLite and the other archives make to reach
 * storage or memory comes through here (the linker's --wrap). What it does is
 * said by TICKMARK_FAULT, words with commas between:
 *
 *     state=FILE    counters, shared with the children; made if missing
 *     trace=FILE    append each change of files to it (test/fault/disk.py)
 *     nosync=TEXT   a sync of a path that contains TEXT does nothing, and is
 *                   not recorded: a sync that somebody forgot
 *     alloc=N       the N-th allocation fails
 *     io=N          the N-th call on storage fails, with errno=E (5 if not said)
 *     on            from then on all of them fail
 *     kill=N        kill -9 before the N-th change of storage
 *     short=SEED    reads and writes are short or interrupted (EINTR), by seed
 *
 * Without TICKMARK_FAULT it is the program as it is.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

/* What the driver reads afterwards; children count on. */
struct state {
	uint64_t allocs;
	uint64_t ios;
	uint64_t changes;
	uint64_t hits;
	char what[104]; /* the call that failed first */
};

static struct {
	struct state *s;
	int trace; /* -1: none */
	pid_t pid; /* of the first process */
	char nosync[128];
	uint64_t alloc, io, kill;
	bool on;
	int err;
	uint64_t seed; /* of short reads and writes; 0: none */
} L = { .trace = -1, .err = EIO };

/* --- configuration -------------------------------------------------------- */

static const char *
word(const char *at, const char *name, char *out, size_t cap)
{
	size_t n = strlen(name);

	for (; at != NULL; at = strchr(at, ',')) {
		if (*at == ',')
			at++;
		if (strncmp(at, name, n) == 0) {
			size_t len = strcspn(at + n, ",");
			if (len >= cap)
				abort();
			memcpy(out, at + n, len);
			out[len] = '\0';
			return (out);
		}
	}
	return (NULL);
}

static uint64_t
number(const char *env, const char *name)
{
	char text[32];

	return (word(env, name, text, sizeof(text)) == NULL ? 0 :
	    strtoull(text, NULL, 10));
}

__attribute__((constructor)) static void
begin(void)
{
	const char *env = getenv("TICKMARK_FAULT");
	char path[PATH_MAX];

	if (env == NULL)
		return;
	if (word(env, "state=", path, sizeof(path)) != NULL) {
		int fd = (int)syscall(SYS_openat, AT_FDCWD, path,
		    O_RDWR | O_CREAT | O_CLOEXEC, 0600);
		if (fd < 0 || syscall(SYS_ftruncate, fd, 4096) != 0)
			abort();
		L.s = (void *)syscall(SYS_mmap, NULL, 4096,
		    PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
		if (L.s == MAP_FAILED)
			abort();
		syscall(SYS_close, fd);
	}
	if (word(env, "trace=", path, sizeof(path)) != NULL) {
		int fd = (int)syscall(SYS_openat, AT_FDCWD, path,
		    O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
		L.trace = fcntl(fd, F_DUPFD_CLOEXEC, 700);
		if (L.trace < 0)
			abort();
		L.pid = getpid();
		syscall(SYS_close, fd);
	}
	word(env, "nosync=", L.nosync, sizeof(L.nosync));
	L.alloc = number(env, "alloc=");
	L.io = number(env, "io=");
	L.kill = number(env, "kill=");
	L.seed = number(env, "short=");
	if (number(env, "errno=") != 0)
		L.err = (int)number(env, "errno=");
	char rest[8];
	L.on = word(env, "on", rest, sizeof(rest)) != NULL;
}

/* --- failing -------------------------------------------------------------- */

static bool
turn(uint64_t *count, uint64_t at, const char *what)
{
	uint64_t n = __atomic_add_fetch(count, 1, __ATOMIC_RELAXED);

	if (at == 0 || n < at || (n > at && !L.on))
		return (false);
	if (__atomic_fetch_add(&L.s->hits, 1, __ATOMIC_RELAXED) == 0) {
		size_t len = strlen(what);
		if (len >= sizeof(L.s->what)) {
			what += len - sizeof(L.s->what) + 1;
			len = sizeof(L.s->what) - 1;
		}
		memcpy(L.s->what, what, len);
	}
	return (true);
}

static bool
no_memory(void)
{
	if (L.s == NULL || !turn(&L.s->allocs, L.alloc, "memory"))
		return (false);
	errno = ENOMEM;
	return (true);
}

/* A call on storage: does it fail? A full disk can still be read. */
static bool
fails(const char *call)
{
	if (L.s == NULL || L.err == ENOSPC || !turn(&L.s->ios, L.io, call))
		return (false);
	errno = L.err;
	return (true);
}

/* A change of storage, which can also be the last that the process makes. */
static bool
frees_fails(const char *call)
{
	if (L.s != NULL && turn(&L.s->changes, L.kill, call))
		syscall(SYS_kill, getpid(), SIGKILL);
	return (fails(call));
}

/* One that needs space. */
static bool
change_fails(const char *call)
{
	if (frees_fails(call))
		return (true);
	if (L.s == NULL || L.err != ENOSPC || !turn(&L.s->ios, L.io, call))
		return (false);
	errno = ENOSPC;
	return (true);
}

/* xorshift: of every fourth call less is done, of some nothing. */
static size_t
shorter(size_t n, bool *ret_interrupted)
{
	*ret_interrupted = false;
	if (L.seed == 0 || n < 2)
		return (n);
	L.seed ^= L.seed << 13;
	L.seed ^= L.seed >> 7;
	L.seed ^= L.seed << 17;
	*ret_interrupted = L.seed % 16 == 0;
	return (L.seed % 4 == 1 ? 1 + (size_t)(L.seed >> 8) % (n - 1) : n);
}

/* --- recording ------------------------------------------------------------ */

enum op { OP_CREATE = 1, OP_WRITE, OP_CUT, OP_SYNC, OP_RENAME, OP_REMOVE,
	OP_MKDIR, OP_MODE, OP_LINK };

struct head {
	uint8_t op;
	uint8_t zero[3];
	uint32_t mode;
	uint64_t ino;  /* the file */
	uint64_t dir;  /* that its name is in */
	uint64_t dir2; /* rename: the new one */
	uint64_t off;  /* write; cut: the size */
	uint32_t n1, n2; /* bytes that follow: data or name; new name */
};

static void
record(struct head h, const void *p1, size_t n1, const void *p2, size_t n2)
{
	struct iovec v[3] = { { &h, sizeof(h) }, { (void *)(uintptr_t)p1, n1 },
		{ (void *)(uintptr_t)p2, n2 } };
	int saved = errno;

	if (L.trace < 0)
		return;
	h.n1 = (uint32_t)n1;
	h.n2 = (uint32_t)n2;
	if (syscall(SYS_writev, L.trace, v, 3) !=
	    (ssize_t)(sizeof(h) + n1 + n2)) {
		if (getpid() == L.pid)
			abort();
		L.trace = -1; /* a sandboxed child, which changes nothing */
	}
	errno = saved;
}

static uint64_t
ino_of(int fd, uint32_t *ret_mode)
{
	struct stat st;

	if (fstat(fd, &st) != 0)
		return (0);
	*ret_mode = st.st_mode;
	return (S_ISREG(st.st_mode) || S_ISDIR(st.st_mode) ? st.st_ino : 0);
}

/* The folder that ${path} is in, and its name there. */
static uint64_t
dir_of(int at, const char *path, const char **ret_name)
{
	char up[PATH_MAX];
	const char *slash = strrchr(path, '/');
	struct stat st;

	*ret_name = slash != NULL ? slash + 1 : path;
	if (slash == NULL)
		snprintf(up, sizeof(up), ".");
	else
		snprintf(up, sizeof(up), "%.*s", (int)(slash - path + 1), path);
	return (fstatat(at, up, &st, 0) == 0 ? st.st_ino : 0);
}

static void
record_fd(enum op op, int fd, uint64_t off, const void *p, size_t n)
{
	struct head h = { .op = op, .off = off };

	if (L.trace >= 0 && (h.ino = ino_of(fd, &h.mode)) != 0)
		record(h, p, n, NULL, 0);
}

static void
record_name(enum op op, int at, const char *path, uint64_t ino, uint32_t mode)
{
	struct head h = { .op = op, .ino = ino, .mode = mode };
	const char *name;

	if (L.trace < 0)
		return;
	h.dir = dir_of(at, path, &name);
	record(h, name, strlen(name), NULL, 0);
}

/* --- opening -------------------------------------------------------------- */

static int
opened(int at, const char *path, int flags, mode_t mode)
{
	struct stat st;
	bool writes = (flags & (O_CREAT | O_TRUNC | O_WRONLY | O_RDWR)) != 0;
	bool fresh = (flags & O_CREAT) != 0 && L.trace >= 0 &&
	    fstatat(at, path, &st, 0) != 0;
	int fd;

	if ((flags & O_CREAT) ? change_fails("open") : fails("open"))
		return (-1);
	fd = (int)syscall(SYS_openat, at, path, flags, mode);
	if (fd < 0 || L.trace < 0 || !writes)
		return (fd);
	uint32_t got;
	uint64_t ino = ino_of(fd, &got);
	if (fresh)
		record_name(OP_CREATE, at, path, ino, got);
	else if (flags & O_TRUNC)
		record_fd(OP_CUT, fd, 0, NULL, 0);
	return (fd);
}

#define MODE_ARG(flags, last)                                                  \
	mode_t mode = 0;                                                       \
	if ((flags) & (O_CREAT | O_TMPFILE)) {                                 \
		va_list ap;                                                    \
		va_start(ap, last);                                            \
		mode = va_arg(ap, mode_t);                                     \
		va_end(ap);                                                    \
	}

int
__wrap_open(const char *path, int flags, ...)
{
	MODE_ARG(flags, flags)
	return (opened(AT_FDCWD, path, flags, mode));
}

int
__wrap_open64(const char *path, int flags, ...)
{
	MODE_ARG(flags, flags)
	return (opened(AT_FDCWD, path, flags, mode));
}

int
__wrap___open_2(const char *path, int flags)
{
	return (opened(AT_FDCWD, path, flags, 0));
}

int
__wrap___open64_2(const char *path, int flags)
{
	return (opened(AT_FDCWD, path, flags, 0));
}

int
__wrap_openat(int at, const char *path, int flags, ...)
{
	MODE_ARG(flags, flags)
	return (opened(at, path, flags, mode));
}

int
__wrap_openat64(int at, const char *path, int flags, ...)
{
	MODE_ARG(flags, flags)
	return (opened(at, path, flags, mode));
}

int
__real_mkostemp(char *path, int flags);
int
__wrap_mkostemp(char *path, int flags)
{
	int fd;

	if (change_fails("mkostemp"))
		return (-1);
	fd = __real_mkostemp(path, flags);
	if (fd >= 0 && L.trace >= 0) {
		uint32_t mode;
		uint64_t ino = ino_of(fd, &mode);
		record_name(OP_CREATE, AT_FDCWD, path, ino, mode);
	}
	return (fd);
}

void *__real_opendir(const char *path);
void *
__wrap_opendir(const char *path)
{
	return (fails("opendir") ? NULL : __real_opendir(path));
}

/* --- reading and writing -------------------------------------------------- */

static bool
is_storage(int fd)
{
	struct stat st;

	return (fstat(fd, &st) == 0 && S_ISREG(st.st_mode));
}

static ssize_t
wrote(int fd, const void *p, size_t n, off_t off, bool at)
{
	bool interrupted;
	size_t less = shorter(n, &interrupted);
	ssize_t r;

	if (change_fails("write")) {
		/* A disk fills up in the middle of a write. */
		if (L.err == ENOSPC && at && is_storage(fd)) {
			off_t half = (off_t)n / 2;
			r = syscall(SYS_pwrite64, fd, p, (size_t)half, off);
			if (r > 0)
				record_fd(OP_WRITE, fd, (uint64_t)off, p,
				    (size_t)r);
			errno = ENOSPC;
		}
		return (-1);
	}
	if (interrupted) {
		errno = EINTR;
		return (-1);
	}
	if (!at && L.trace >= 0 && is_storage(fd))
		off = (fcntl(fd, F_GETFL) & O_APPEND) ?
		    lseek(fd, 0, SEEK_END) : lseek(fd, 0, SEEK_CUR);
	r = at ? syscall(SYS_pwrite64, fd, p, less, off) :
	    syscall(SYS_write, fd, p, less);
	if (r > 0)
		record_fd(OP_WRITE, fd, (uint64_t)off, p, (size_t)r);
	return (r);
}

ssize_t
__wrap_write(int fd, const void *p, size_t n)
{
	return (wrote(fd, p, n, 0, false));
}

ssize_t
__wrap_pwrite(int fd, const void *p, size_t n, off_t off)
{
	return (wrote(fd, p, n, off, true));
}

ssize_t
__wrap_pwrite64(int fd, const void *p, size_t n, off_t off)
{
	return (wrote(fd, p, n, off, true));
}

static ssize_t
got(int fd, void *p, size_t n, off_t off, bool at)
{
	bool interrupted;
	size_t less = shorter(n, &interrupted);

	if (fails("read"))
		return (-1);
	if (interrupted) {
		errno = EINTR;
		return (-1);
	}
	return (at ? syscall(SYS_pread64, fd, p, less, off) :
	    syscall(SYS_read, fd, p, less));
}

ssize_t
__wrap_read(int fd, void *p, size_t n)
{
	return (got(fd, p, n, 0, false));
}

ssize_t
__wrap___read_chk(int fd, void *p, size_t n, size_t cap)
{
	if (n > cap)
		abort();
	return (got(fd, p, n, 0, false));
}

ssize_t
__wrap_pread(int fd, void *p, size_t n, off_t off)
{
	return (got(fd, p, n, off, true));
}

ssize_t
__wrap_pread64(int fd, void *p, size_t n, off_t off)
{
	return (got(fd, p, n, off, true));
}

ssize_t
__wrap___pread_chk(int fd, void *p, size_t n, off_t off, size_t cap)
{
	if (n > cap)
		abort();
	return (got(fd, p, n, off, true));
}

ssize_t
__wrap___pread64_chk(int fd, void *p, size_t n, off_t off, size_t cap)
{
	if (n > cap)
		abort();
	return (got(fd, p, n, off, true));
}

static int
cut(int fd, off_t n)
{
	int r;

	if (change_fails("ftruncate"))
		return (-1);
	if ((r = (int)syscall(SYS_ftruncate, fd, n)) == 0)
		record_fd(OP_CUT, fd, (uint64_t)n, NULL, 0);
	return (r);
}

int
__wrap_ftruncate(int fd, off_t n)
{
	return (cut(fd, n));
}

int
__wrap_ftruncate64(int fd, off_t n)
{
	return (cut(fd, n));
}

/* --- making durable ------------------------------------------------------- */

static bool
forgotten(int fd)
{
	char link[64], path[PATH_MAX];
	ssize_t n;

	if (L.nosync[0] == '\0')
		return (false);
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = readlink(link, path, sizeof(path) - 1);
	if (n < 0)
		return (false);
	path[n] = '\0';
	return (strstr(path, L.nosync) != NULL);
}

static int
sync_fd(int fd, long how)
{
	if (change_fails("fsync"))
		return (-1);
	if (forgotten(fd))
		return (0);
	/* While a trace is kept, the trace is the disk. */
	if (L.trace >= 0) {
		record_fd(OP_SYNC, fd, how == SYS_fsync, NULL, 0);
		return (0);
	}
	return ((int)syscall(how, fd));
}

int
__wrap_fsync(int fd)
{
	return (sync_fd(fd, SYS_fsync));
}

int
__wrap_fdatasync(int fd)
{
	return (sync_fd(fd, SYS_fdatasync));
}

/* --- names ---------------------------------------------------------------- */

int
__wrap_rename(const char *from, const char *to)
{
	struct head h = { .op = OP_RENAME };
	const char *name, *name2;
	struct stat st;

	if (change_fails("rename"))
		return (-1);
	if (L.trace >= 0 && lstat(from, &st) == 0) {
		h.ino = st.st_ino;
		h.dir = dir_of(AT_FDCWD, from, &name);
		h.dir2 = dir_of(AT_FDCWD, to, &name2);
	}
	if (syscall(SYS_renameat, AT_FDCWD, from, AT_FDCWD, to) != 0)
		return (-1);
	if (h.ino != 0)
		record(h, name, strlen(name), name2, strlen(name2));
	return (0);
}

static int
removed(int at, const char *path, int flags)
{
	struct stat st = { .st_ino = 0 };

	if (frees_fails("unlink"))
		return (-1);
	if (L.trace >= 0)
		(void)fstatat(at, path, &st, AT_SYMLINK_NOFOLLOW);
	if (syscall(SYS_unlinkat, at, path, flags) != 0)
		return (-1);
	record_name(OP_REMOVE, at, path, st.st_ino, 0);
	return (0);
}

int
__wrap_unlink(const char *path)
{
	return (removed(AT_FDCWD, path, 0));
}

int
__wrap_unlinkat(int at, const char *path, int flags)
{
	return (removed(at, path, flags));
}

int
__wrap_rmdir(const char *path)
{
	return (removed(AT_FDCWD, path, AT_REMOVEDIR));
}

int
__wrap_mkdir(const char *path, mode_t mode)
{
	struct stat st;

	if (change_fails("mkdir"))
		return (-1);
	if (syscall(SYS_mkdirat, AT_FDCWD, path, mode) != 0)
		return (-1);
	if (L.trace >= 0 && lstat(path, &st) == 0)
		record_name(OP_MKDIR, AT_FDCWD, path, st.st_ino, st.st_mode);
	return (0);
}

int
__wrap_link(const char *from, const char *to)
{
	struct stat st;

	if (change_fails("link"))
		return (-1);
	if (syscall(SYS_linkat, AT_FDCWD, from, AT_FDCWD, to, 0) != 0)
		return (-1);
	if (L.trace >= 0 && lstat(to, &st) == 0)
		record_name(OP_LINK, AT_FDCWD, to, st.st_ino, st.st_mode);
	return (0);
}

int
__wrap_fchmod(int fd, mode_t mode)
{
	if (frees_fails("fchmod"))
		return (-1);
	if (syscall(SYS_fchmod, fd, mode) != 0)
		return (-1);
	record_fd(OP_MODE, fd, mode, NULL, 0);
	return (0);
}

int
__wrap_chmod(const char *path, mode_t mode)
{
	if (frees_fails("chmod"))
		return (-1);
	return ((int)syscall(SYS_fchmodat, AT_FDCWD, path, mode));
}

/* --- memory --------------------------------------------------------------- */

void *__real_malloc(size_t n);
void *
__wrap_malloc(size_t n)
{
	return (no_memory() ? NULL : __real_malloc(n));
}

void *__real_calloc(size_t n, size_t each);
void *
__wrap_calloc(size_t n, size_t each)
{
	return (no_memory() ? NULL : __real_calloc(n, each));
}

void *__real_realloc(void *p, size_t n);
void *
__wrap_realloc(void *p, size_t n)
{
	return (no_memory() ? NULL : __real_realloc(p, n));
}

char *__real_strdup(const char *s);
char *
__wrap_strdup(const char *s)
{
	return (no_memory() ? NULL : __real_strdup(s));
}

char *__real_strndup(const char *s, size_t n);
char *
__wrap_strndup(const char *s, size_t n)
{
	return (no_memory() ? NULL : __real_strndup(s, n));
}

int __real_posix_memalign(void **ret, size_t align, size_t n);
int
__wrap_posix_memalign(void **ret, size_t align, size_t n)
{
	return (no_memory() ? ENOMEM : __real_posix_memalign(ret, align, n));
}

/* operator new(size, nothrow) and its array form. */
void *__real__ZnwmRKSt9nothrow_t(size_t n, const void *t);
void *
__wrap__ZnwmRKSt9nothrow_t(size_t n, const void *t)
{
	return (no_memory() ? NULL : __real__ZnwmRKSt9nothrow_t(n, t));
}

void *__real__ZnamRKSt9nothrow_t(size_t n, const void *t);
void *
__wrap__ZnamRKSt9nothrow_t(size_t n, const void *t)
{
	return (no_memory() ? NULL : __real__ZnamRKSt9nothrow_t(n, t));
}
