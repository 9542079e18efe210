#include "sys/tree.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sys/file.h"

#define PART ".tickmark-part" /* what is being written */

static int
failed(const struct tree *t, const char *sub, const char *name,
    const char *doing, struct err *e)
{
	int err = errno;
	BUF_SCOPED b = BUF_INIT;

	buf_printf(&b, "%s%s%s%s%s", t->path, *sub != '\0' ? "/" : "", sub,
	    *name != '\0' ? "/" : "", name);
	if (err == ELOOP || err == ENOTDIR)
		return (err_set(e, ERR_INPUT, b.ptr, "take it away: links are not "
		    "followed", "%s: it is a link, or no folder", doing));
	return (file_error(e, err, doing, b.ptr));
}

/* One component, and none that leads elsewhere. */
static int
check(const struct tree *t, const char *sub, const char *name, struct err *e)
{
	if (strchr(sub, '/') == NULL && strchr(name, '/') == NULL &&
	    strcmp(sub, ".") != 0 && strcmp(sub, "..") != 0 && *name != '\0' &&
	    strcmp(name, ".") != 0 && strcmp(name, "..") != 0)
		return (0);
	return (err_set(e, ERR_INPUT, t->path, "give it another name",
	    "\"%s\" in \"%s\" is no name of a file in this folder", name, sub));
}

int
tree_open(struct tree *t, const char *path, bool make, struct err *e)
{
	struct tree x = { .path = strdup(path), .in = -1 };

	if (x.path == NULL)
		err_oom(strlen(path));
	x.fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (x.fd < 0 && errno == ENOENT && make) {
		if (mkdir(path, 0700) != 0 && errno != EEXIST) {
			int r = failed(&x, "", "", "make the folder", e);
			free(x.path);
			return (r);
		}
		x.fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	}
	if (x.fd < 0) {
		int r = failed(&x, "", "", "open the folder", e);
		free(x.path);
		return (r);
	}
	*t = x;
	return (0);
}

static void
leave(struct tree *t)
{
	if (t->sub == NULL)
		return;
	close(t->in);
	free(t->sub);
	t->sub = NULL;
}

void
tree_close(struct tree *t)
{
	if (t == NULL || t->path == NULL)
		return;
	leave(t);
	close(t->fd);
	free(t->path);
	*t = (struct tree)TREE_INIT;
}

/* A folder of it, or itself: open until another one is entered. */
static int
enter(struct tree *t, const char *sub, bool make)
{
	if (*sub == '\0')
		return (t->fd);
	if (t->sub != NULL && strcmp(t->sub, sub) == 0)
		return (t->in);
	leave(t);
	for (int i = 0; i < 2; i++) {
		t->in = openat(t->fd, sub, O_RDONLY | O_DIRECTORY | O_NOFOLLOW |
		    O_CLOEXEC);
		if (t->in >= 0)
			break;
		if (errno != ENOENT || !make || i == 1 ||
		    mkdirat(t->fd, sub, 0700) != 0)
			return (-1);
	}
	t->sub = strdup(sub);
	if (t->sub == NULL)
		err_oom(strlen(sub));
	return (t->in);
}

static int
by_name(const void *a, const void *b)
{
	const struct tree_entry *x = a, *y = b;

	return (strcmp(x->name, y->name));
}

static enum tree_kind
kind_of(int fd, const struct dirent *d)
{
	struct stat st;

	if (d->d_type == DT_REG)
		return (TREE_FILE);
	if (d->d_type == DT_DIR)
		return (TREE_FOLDER);
	if (d->d_type != DT_UNKNOWN ||
	    fstatat(fd, d->d_name, &st, AT_SYMLINK_NOFOLLOW) != 0)
		return (TREE_OTHER);
	return (S_ISREG(st.st_mode) ? TREE_FILE : S_ISDIR(st.st_mode) ?
	    TREE_FOLDER : TREE_OTHER);
}

int
tree_list(struct tree *t, const char *sub, struct arena *a, size_t most,
    struct tree_entry **ret, size_t *ret_n, struct err *e)
{
	struct tree_entry *at = NULL;
	size_t n = 0, cap = 0;
	int r = *sub != '\0' ? check(t, "", sub, e) : 0;

	if (r != 0)
		return (r);
	int in = enter(t, sub, false);
	int fd = in < 0 ? -1 : openat(in, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = fd >= 0 ? fdopendir(fd) : NULL;
	if (d == NULL) {
		r = failed(t, sub, "", "read the folder", e);
		if (fd >= 0)
			close(fd);
		return (r);
	}
	for (const struct dirent *x; (errno = 0, x = readdir(d)) != NULL;) {
		if (x->d_name[0] == '.')
			continue;
		if (n == most) {
			closedir(d);
			return (err_set(e, ERR_LIMIT, t->path, "take away what does "
			    "not belong there", "the folder %s%shas more than %zu "
			    "files", sub, *sub != '\0' ? " " : "", most));
		}
		if (n == cap) {
			size_t more = cap == 0 ? 64 : cap * 2;
			struct tree_entry *new = arena_array(a, more, sizeof(*new));
			if (n != 0)
				memcpy(new, at, n * sizeof(*new));
			at = new;
			cap = more;
		}
		at[n++] = (struct tree_entry){ arena_strdup(a, x->d_name),
			kind_of(fd, x) };
	}
	if (errno != 0)
		r = failed(t, sub, "", "read the folder", e);
	closedir(d);
	if (r != 0)
		return (r);
	if (n != 0)
		qsort(at, n, sizeof(*at), by_name);
	*ret = at;
	*ret_n = n;
	return (0);
}

int
tree_empty(struct tree *t, bool *ret, struct err *e)
{
	ARENA_SCOPED a = ARENA_INIT;
	struct tree_entry *at;
	size_t n;
	int r = tree_list(t, "", &a, 1, &at, &n, e);

	if (r == 0 || r == -ERR_LIMIT) {
		*ret = r == 0 && n == 0;
		r = 0;
	}
	return (r);
}

static int
read_all(int fd, size_t limit, struct buf *out)
{
	buf_reset(out);
	for (;;) {
		buf_reserve(out, 65536);
		ssize_t n = read(fd, out->ptr + out->len, 65535);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return (n < 0 ? -1 : 0);
		out->len += (size_t)n;
		out->ptr[out->len] = '\0';
		if (out->len > limit)
			return (1);
	}
}

int
tree_read(struct tree *t, const char *sub, const char *name,
    size_t limit, struct buf *out, struct err *e)
{
	struct stat st;
	int r = check(t, sub, name, e);

	if (r != 0)
		return (r);
	int dir = enter(t, sub, false);
	int fd = dir < 0 ? -1 : openat(dir, name, O_RDONLY | O_NOFOLLOW |
	    O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) != 0) {
		r = failed(t, sub, name, "read the file", e);
	} else if (!S_ISREG(st.st_mode)) {
		r = err_set(e, ERR_INPUT, name, "take it away",
		    "it is no regular file");
	} else {
		int over = st.st_size > (off_t)limit ? 1 :
		    read_all(fd, limit, out);
		if (over < 0)
			r = failed(t, sub, name, "read the file", e);
		else if (over > 0)
			r = err_set(e, ERR_LIMIT, name, "make it smaller",
			    "the file has more than %zu bytes", limit);
	}
	if (fd >= 0)
		close(fd);
	return (r);
}

static int
write_all(int fd, struct str text)
{
	for (size_t at = 0; at < text.len;) {
		ssize_t n = write(fd, text.ptr + at, text.len - at);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return (-1);
		at += (size_t)n;
	}
	return (0);
}

int
tree_write(struct tree *t, const char *sub, const char *name,
    struct str text, struct err *e)
{
	int r = check(t, sub, name, e);

	if (r != 0)
		return (r);
	int dir = enter(t, sub, true), fd = -1;
	for (int i = 0; dir >= 0 && fd < 0 && i < 2; i++) {
		fd = openat(dir, PART, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW |
		    O_CLOEXEC, 0600);
		/* One that an end in the middle has left. */
		if (fd < 0 && (errno != EEXIST || unlinkat(dir, PART, 0) != 0))
			break;
	}
	bool ok = fd >= 0 && write_all(fd, text) == 0;
	int err = errno;
	if (fd >= 0 && close(fd) != 0 && ok) {
		err = errno;
		ok = false;
	}
	if (ok && renameat(dir, PART, dir, name) != 0) {
		err = errno;
		ok = false;
	}
	if (!ok) {
		if (fd >= 0)
			unlinkat(dir, PART, 0);
		errno = err;
		r = failed(t, sub, name, "write the file", e);
	}
	return (r);
}

int
tree_remove(struct tree *t, const char *sub, const char *name,
    struct err *e)
{
	int r = check(t, sub, name, e);

	if (r != 0)
		return (r);
	int dir = enter(t, sub, false);
	if ((dir < 0 || unlinkat(dir, name, 0) != 0) && errno != ENOENT)
		r = failed(t, sub, name, "remove the file", e);
	/* Only if nothing is left in it. */
	if (r == 0 && *sub != '\0' && unlinkat(t->fd, sub, AT_REMOVEDIR) == 0)
		leave(t);
	return (r);
}
