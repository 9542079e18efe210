#include "sys/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

static file_fault_fn *fault_fn;
static void *fault_ctx;

void
file_fault_install(file_fault_fn *fn, void *ctx)
{
	fault_fn = fn;
	fault_ctx = ctx;
}

/* Sets errno and answers true if a test wants this call to fail. */
static bool
fault(enum file_op op, const char *path)
{
	if (fault_fn == NULL)
		return (false);
	errno = fault_fn(fault_ctx, op, path);
	return (errno != 0);
}

int
file_error(struct err *e, int err, const char *doing, const char *path)
{
	switch (err) {
	case ENOSPC:
	case EDQUOT:
		return (err_set(e, ERR_IO, path,
		    "free some space and run it again; nothing was lost",
		    "%s: the disk is full", doing));
	case EFBIG:
		return (err_set(e, ERR_IO, path,
		    "raise the limit on the size of files (ulimit -f)",
		    "%s: the file would be larger than allowed", doing));
	case ENOENT:
		return (err_set(e, ERR_NOTFOUND, path, "check the path",
		    "%s: there is no such file or directory", doing));
	case EACCES:
	case EPERM:
		return (err_set(e, ERR_DENIED, path,
		    "check owner and mode, or run as the owner",
		    "%s: not permitted", doing));
	case EROFS:
		return (err_set(e, ERR_IO, path,
		    "mount the file system for writing",
		    "%s: the file system is read-only", doing));
	case EMFILE:
	case ENFILE:
		return (err_set(e, ERR_ENV, path,
		    "raise the limit on open files (ulimit -n)",
		    "%s: too many open files", doing));
	case EIO:
		return (err_set(e, ERR_IO, path,
		    "look at the disk (dmesg, smartctl) and run it again",
		    "%s: the disk reported an error", doing));
	default:
		return (err_set(e, ERR_IO, path, NULL, "%s: %s", doing,
		    strerror(err)));
	}
}

bool
file_exists(const char *path)
{
	struct stat st;

	return (stat(path, &st) == 0);
}

/* The directory part of ${path}, "." if it has none; malloc. */
static char *
parent(const char *path)
{
	const char *slash = strrchr(path, '/');
	char *p;

	if (slash == NULL)
		p = strdup(".");
	else if (slash == path)
		p = strdup("/");
	else
		p = strndup(path, (size_t)(slash - path));
	if (p == NULL)
		err_oom(strlen(path));
	return (p);
}

int
file_sync_dir(const char *path, struct err *e)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int saved = 0;

	if (fd < 0)
		return (file_error(e, errno, "opening the directory", path));
	if (fault(FILE_OP_SYNC, path) || fsync(fd) != 0)
		saved = errno;
	close(fd);
	if (saved != 0)
		return (file_error(e, saved, "syncing the directory", path));
	return (0);
}

/* Write all, going on after short writes and signals; errno on failure. */
static int
write_all(int fd, const char *path, const void *p, size_t n, uint64_t off)
{
	const char *at = p;

	if (fault(FILE_OP_WRITE, path)) {
		int saved = errno;
		(void)!pwrite(fd, p, n / 2, (off_t)off);
		return (saved);
	}
	while (n != 0) {
		ssize_t r = pwrite(fd, at, n, (off_t)off);
		if (r < 0) {
			if (errno == EINTR)
				continue;
			return (errno);
		}
		at += r;
		off += (uint64_t)r;
		n -= (size_t)r;
	}
	return (0);
}

static int
write_temp(int fd, const char *tmp, const char *path, mode_t mode,
    const void *p, size_t n, struct err *e)
{
	int err = write_all(fd, path, p, n, 0);

	if (err != 0)
		return (file_error(e, err, "writing", path));
	/* The mode is part of what is asked for: the umask has no say. */
	if (fchmod(fd, mode) != 0)
		return (file_error(e, errno, "setting the mode of", path));
	if (fault(FILE_OP_SYNC, path) || fsync(fd) != 0)
		return (file_error(e, errno, "syncing", path));
	if (fault(FILE_OP_RENAME, path) || rename(tmp, path) != 0)
		return (file_error(e, errno, "renaming into place", path));
	return (0);
}

int
file_write_later(const char *path, mode_t mode, const void *p, size_t n,
    struct err *e)
{
	size_t cap = strlen(path) + 8;
	char *tmp = malloc(cap);
	int fd, r;

	if (tmp == NULL)
		err_oom(cap);
	snprintf(tmp, cap, "%s.XXXXXX", path);
	fd = fault(FILE_OP_OPEN, path) ? -1 : mkostemp(tmp, O_CLOEXEC);
	if (fd < 0) {
		r = file_error(e, errno, "creating", path);
		free(tmp);
		return (r);
	}
	r = write_temp(fd, tmp, path, mode, p, n, e);
	close(fd);
	if (r != 0)
		unlink(tmp);
	free(tmp);
	return (r);
}

int
file_write(const char *path, mode_t mode, const void *p, size_t n,
    struct err *e)
{
	char *dir;
	int r = file_write_later(path, mode, p, n, e);

	if (r != 0)
		return (r);
	dir = parent(path);
	r = file_sync_dir(dir, e);
	free(dir);
	return (r);
}

static int
read_fd(int fd, const char *path, size_t limit, struct buf *out, struct err *e)
{
	struct stat st;
	ssize_t r;

	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > 0 &&
	    (uint64_t)st.st_size <= limit)
		buf_reserve(out, (size_t)st.st_size + 1);
	for (;;) {
		if (out->len > limit)
			return (err_set(e, ERR_LIMIT, path, "make it smaller",
			    "the file has more than %zu bytes", limit));
		buf_reserve(out, 4096);
		if (fault(FILE_OP_READ, path))
			return (file_error(e, errno, "reading", path));
		r = read(fd, out->ptr + out->len, out->cap - out->len - 1);
		if (r < 0 && errno == EINTR)
			continue;
		if (r < 0)
			return (file_error(e, errno, "reading", path));
		if (r == 0)
			return (0);
		out->len += (size_t)r;
		out->ptr[out->len] = '\0';
	}
}

int
file_read(const char *path, size_t limit, struct buf *out, struct err *e)
{
	BUF_SCOPED b = BUF_INIT;
	int fd = -1, r;

	if (!fault(FILE_OP_OPEN, path))
		fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return (file_error(e, errno, "reading", path));
	r = read_fd(fd, path, limit, &b, e);
	close(fd);
	if (r != 0)
		return (r);
	struct buf old = *out;
	*out = b;
	b = old;
	return (0);
}

int
file_mkdirs(const char *path, mode_t mode, struct err *e)
{
	struct stat st;
	char *up;
	int r;

	if (stat(path, &st) == 0) {
		if (S_ISDIR(st.st_mode))
			return (0);
		return (err_set(e, ERR_IO, path,
		    "move it away or choose another place",
		    "a directory is needed, and something else is there"));
	}
	if (errno != ENOENT)
		return (file_error(e, errno, "looking at", path));
	up = parent(path);
	r = file_mkdirs(up, mode, e);
	if (r == 0) {
		if (fault(FILE_OP_MKDIR, path) ||
		    (mkdir(path, mode) != 0 && errno != EEXIST))
			r = file_error(e, errno, "making the directory", path);
		else
			r = file_sync_dir(up, e);
	}
	free(up);
	return (r);
}

int
file_remove(const char *path, struct err *e)
{
	if (fault(FILE_OP_REMOVE, path) ||
	    (unlink(path) != 0 && errno != ENOENT))
		return (file_error(e, errno, "removing", path));
	return (0);
}

/* Remove what is in the directory ${fd}, which is closed. */
static int
remove_below(int fd, const char *path, struct err *e)
{
	DIR *d = fdopendir(fd);
	struct dirent *x;
	int r = 0;

	if (d == NULL) {
		r = file_error(e, errno, "reading the directory", path);
		close(fd);
		return (r);
	}
	while (r == 0 && (errno = 0, x = readdir(d)) != NULL) {
		int sub;
		if (strcmp(x->d_name, ".") == 0 || strcmp(x->d_name, "..") == 0)
			continue;
		if (unlinkat(fd, x->d_name, 0) == 0)
			continue;
		if (errno != EISDIR && errno != EPERM) {
			r = file_error(e, errno, "removing", path);
			break;
		}
		sub = openat(fd, x->d_name,
		    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (sub < 0)
			r = file_error(e, errno, "removing", path);
		else
			r = remove_below(sub, path, e);
		if (r == 0 && unlinkat(fd, x->d_name, AT_REMOVEDIR) != 0)
			r = file_error(e, errno, "removing", path);
	}
	if (r == 0 && errno != 0)
		r = file_error(e, errno, "reading the directory", path);
	closedir(d);
	return (r);
}

int
file_remove_tree(const char *path, struct err *e)
{
	int fd, r;

	if (fault(FILE_OP_REMOVE, path))
		return (file_error(e, errno, "removing", path));
	fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT)
		return (0);
	if (fd < 0)
		return (file_error(e, errno, "removing", path));
	r = remove_below(fd, path, e);
	if (r == 0 && rmdir(path) != 0)
		r = file_error(e, errno, "removing", path);
	return (r);
}

static int
by_bytes(const void *a, const void *b)
{
	return (strcmp(*(char *const *)a, *(char *const *)b));
}

int
file_list(struct arena *a, const char *path, char ***ret_names, size_t *ret_n,
    struct err *e)
{
	struct dirent *x;
	char **names = NULL;
	size_t n = 0, cap = 0;
	int err;
	DIR *d;

	d = fault(FILE_OP_OPEN, path) ? NULL : opendir(path);
	if (d == NULL)
		return (file_error(e, errno, "reading the directory", path));
	while ((errno = 0, x = readdir(d)) != NULL) {
		if (strcmp(x->d_name, ".") == 0 || strcmp(x->d_name, "..") == 0)
			continue;
		if (n == cap) {
			cap = cap == 0 ? 16 : cap * 2;
			char **more = arena_array(a, cap, sizeof(*more));
			if (n != 0)
				memcpy(more, names, n * sizeof(*more));
			names = more;
		}
		names[n++] = arena_strdup(a, x->d_name);
	}
	err = errno;
	closedir(d);
	if (err != 0)
		return (file_error(e, err, "reading the directory", path));
	if (n != 0)
		qsort(names, n, sizeof(*names), by_bytes);
	*ret_names = names;
	*ret_n = n;
	return (0);
}

int
file_space(const char *path, uint64_t *ret_bytes, struct err *e)
{
	struct statvfs v;

	if (statvfs(path, &v) != 0)
		return (file_error(e, errno, "asking for free space", path));
	*ret_bytes = (uint64_t)v.f_bavail * v.f_frsize;
	return (0);
}

int
file_open(struct file *f, const char *path, enum file_mode mode, mode_t perm,
    struct err *e)
{
	int flags = mode == FILE_READ ? O_RDONLY : O_RDWR | O_CREAT;
	int fd = -1;

	if (!fault(FILE_OP_OPEN, path))
		fd = open(path, flags | O_CLOEXEC, perm);
	if (fd < 0)
		return (file_error(e, errno, "opening", path));
	f->fd = fd;
	f->path = strdup(path);
	if (f->path == NULL)
		err_oom(strlen(path));
	return (0);
}

void
file_close(struct file *f)
{
	if (f == NULL)
		return;
	if (f->fd >= 0)
		close(f->fd);
	free(f->path);
	*f = (struct file)FILE_INIT;
}

int
file_size(const struct file *f, uint64_t *ret_bytes, struct err *e)
{
	struct stat st;

	if (fstat(f->fd, &st) != 0)
		return (file_error(e, errno, "looking at", f->path));
	*ret_bytes = (uint64_t)st.st_size;
	return (0);
}

int
file_pread(const struct file *f, void *p, size_t n, uint64_t off,
    struct err *e)
{
	char *at = p;

	if (fault(FILE_OP_READ, f->path))
		return (file_error(e, errno, "reading", f->path));
	while (n != 0) {
		ssize_t r = pread(f->fd, at, n, (off_t)off);
		if (r < 0 && errno == EINTR)
			continue;
		if (r < 0)
			return (file_error(e, errno, "reading", f->path));
		if (r == 0)
			return (err_set(e, ERR_DAMAGED, f->path,
			    "restore the file from a backup",
			    "the file ends at byte %llu, before what should "
			    "be in it", (unsigned long long)off));
		at += r;
		off += (uint64_t)r;
		n -= (size_t)r;
	}
	return (0);
}

int
file_pwrite(const struct file *f, const void *p, size_t n, uint64_t off,
    struct err *e)
{
	int err = write_all(f->fd, f->path, p, n, off);

	if (err != 0)
		return (file_error(e, err, "writing", f->path));
	return (0);
}

int
file_truncate(const struct file *f, uint64_t size, struct err *e)
{
	if (fault(FILE_OP_TRUNCATE, f->path) ||
	    ftruncate(f->fd, (off_t)size) != 0)
		return (file_error(e, errno, "cutting", f->path));
	return (0);
}

int
file_sync(const struct file *f, struct err *e)
{
	if (fault(FILE_OP_SYNC, f->path) || fdatasync(f->fd) != 0)
		return (file_error(e, errno, "syncing", f->path));
	return (0);
}

/* Who wrote into the lock file; 0: nobody who can be told. */
static long
lock_holder(const struct file *f)
{
	char text[24] = "";
	ssize_t n = pread(f->fd, text, sizeof(text) - 1, 0);
	int64_t pid;

	/* What another process wrote there is only a hint. */
	size_t digits = n > 0 ? strspn(text, "0123456789") : 0;
	if (!str_to_i64((struct str){ text, digits }, &pid) || pid > INT_MAX)
		return (0);
	return ((long)pid);
}

static int
lock_busy(const struct file *f, struct err *e)
{
	long pid = lock_holder(f);

	if (pid != 0)
		return (err_set(e, ERR_BUSY, f->path,
		    "wait for it to end, or stop it",
		    "process %ld is working here", pid));
	return (err_set(e, ERR_BUSY, f->path,
	    "wait for it to end, or stop it",
	    "another process is working here"));
}

/*
 * 0, or an errno. A holder that was killed leaves children for a moment, which
 * die after it and have the lock till then: they are waited for.
 */
static int
lock_take(const struct file *f)
{
	/* Owned by the open file, as flock(2) is, so a fork keeps it. */
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	long pid;

	for (int i = 0; fcntl(f->fd, F_OFD_SETLK, &lock) != 0; i++) {
		if (errno == EACCES)
			errno = EAGAIN;
		if (errno != EAGAIN || i == 100)
			return (errno);
		pid = lock_holder(f);
		if (pid == 0 || kill((pid_t)pid, 0) == 0 || errno != ESRCH)
			return (EAGAIN);
		usleep(10000);
	}
	return (0);
}

int
file_lock(struct file *f, const char *path, struct err *e)
{
	struct file g = FILE_INIT;
	char pid[24];
	int r = file_open(&g, path, FILE_APPEND, 0600, e), err;

	if (r != 0)
		return (r);
	if ((err = lock_take(&g)) != 0) {
		if (err == EAGAIN)
			r = lock_busy(&g, e);
		else
			r = file_error(e, err, "locking", path);
		file_close(&g);
		return (r);
	}
	/* A full disk must not keep anyone from working: it is only a hint. */
	int n = snprintf(pid, sizeof(pid), "%ld\n", (long)getpid());
	if (ftruncate(g.fd, 0) != 0 || pwrite(g.fd, pid, (size_t)n, 0) != n)
		(void)!ftruncate(g.fd, 0);
	*f = g;
	return (0);
}
