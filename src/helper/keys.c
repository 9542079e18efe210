/*
 * The files of authorised keys of all accounts, where sshd looks for them:
 * sshd_config(5), AuthorizedKeysFile.
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "helper/helper.h"

#define KEYS_FILE_MAX ((size_t)1 << 20)
#define DEFAULT_FILES ".ssh/authorized_keys .ssh/authorized_keys2"

struct account {
	struct str login;
	struct str home;
	int64_t uid;
};

static bool
read_account(struct str line, struct account *ret)
{
	struct str f[7];

	for (size_t i = 0; i < 7; i++)
		if (!str_split(&line, ':', &f[i]))
			return (false);
	*ret = (struct account){ .login = f[0], .home = f[5] };
	return (f[0].len > 0 && str_to_i64(f[2], &ret->uid) &&
	    f[5].len > 0 && f[5].ptr[0] == '/');
}

/* A pattern for an account: %h, %u, %U, %%; relative to the home. */
static void
expand(struct buf *b, struct str pattern, const struct account *a)
{
	if (pattern.len > 0 && pattern.ptr[0] != '/' && pattern.ptr[0] != '%') {
		buf_putstr(b, a->home);
		buf_putc(b, '/');
	}
	for (size_t i = 0; i < pattern.len; i++) {
		char c = pattern.ptr[i];
		char next = i + 1 < pattern.len ? pattern.ptr[i + 1] : '\0';
		if (c != '%' || next == '\0') {
			buf_putc(b, c);
			continue;
		}
		i++;
		if (next == 'h')
			buf_putstr(b, a->home);
		else if (next == 'u')
			buf_putstr(b, a->login);
		else if (next == 'U')
			buf_printf(b, "%lld", (long long)a->uid);
		else
			buf_putc(b, next);
	}
}

/*
 * The owner of a home can lay a link there: through one only what is his own
 * is read, so that nothing that root alone may read comes out.
 */
static int
read_keys(const char *path, int64_t uid, struct buf *b, struct stat *st)
{
	struct err e = { 0 };
	int rc = helper_read(path, false, KEYS_FILE_MAX, b, &e);

	if (rc == 0)
		return (lstat(path, st) == 0 ? 0 : -ERR_IO);
	if (rc == -ERR_NOTFOUND || lstat(path, st) != 0)
		return (-ERR_NOTFOUND);
	if (S_ISLNK(st->st_mode) && stat(path, st) != 0)
		return (-ERR_NOTFOUND);
	/* sshd takes keys from files only: a pipe or a folder holds none. */
	if (!S_ISREG(st->st_mode))
		return (-ERR_NOTFOUND);
	if (lstat(path, st) != 0 || !S_ISLNK(st->st_mode))
		return (rc);
	if (stat(path, st) != 0 || (int64_t)st->st_uid != uid)
		return (-ERR_IO);
	return (helper_read(path, true, KEYS_FILE_MAX, b, &e));
}

static void
take_account(const char *root, const struct account *a, struct str patterns,
    struct buf *out)
{
	struct str pattern;

	while (str_split(&patterns, ' ', &pattern)) {
		BUF_SCOPED path = BUF_INIT;
		BUF_SCOPED full = BUF_INIT;
		BUF_SCOPED b = BUF_INIT;
		BUF_SCOPED name = BUF_INIT;
		struct stat st = { 0 };

		if (pattern.len == 0 || str_is(pattern, "none"))
			continue;
		expand(&path, pattern, a);
		buf_printf(&full, "%s" STR_FMT, root, STR_ARG(buf_str(&path)));
		int rc = full.len < PATH_MAX ?
		    read_keys(full.ptr, a->uid, &b, &st) : -ERR_NOTFOUND;
		if (rc == -ERR_NOTFOUND)
			continue;
		/* "login:path"; "!" before it says that it is there and could
		 * not be read. */
		buf_printf(&name, "%s" STR_FMT ":" STR_FMT, rc != 0 ? "!" : "",
		    STR_ARG(a->login), STR_ARG(buf_str(&path)));
		if (out->len + b.len > HELPER_MAX - 65536)
			return;
		helper_bundle_put(out, &(struct helper_file){ buf_str(&name),
		    rc == 0 ? buf_str(&b) : STR_NULL, st.st_uid,
		    st.st_mode & 07777 });
	}
}

/* "authorizedkeysfile A B" in the output of sshd -T. */
static struct str
find_patterns(struct str conf)
{
	struct str line;

	while (str_split(&conf, '\n', &line))
		if (str_starts(line, "authorizedkeysfile "))
			return (str_trim((struct str){ line.ptr + 19,
			    line.len - 19 }));
	return (STR(DEFAULT_FILES));
}

int
helper_keys(const char *root, struct str conf, struct buf *out, struct err *e)
{
	char path[PATH_MAX];
	BUF_SCOPED b = BUF_INIT;
	struct str rest, line, patterns = find_patterns(conf);
	struct account a;
	int rc;

	(void)snprintf(path, sizeof(path), "%s/etc/passwd", root);
	if ((rc = helper_read(path, true, HELPER_MAX / 2, &b, e)) != 0)
		return (rc);
	rest = buf_str(&b);
	while (str_split(&rest, '\n', &line))
		if (read_account(line, &a))
			take_account(root, &a, patterns, out);
	return (0);
}
