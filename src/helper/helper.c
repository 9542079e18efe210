#include "helper/helper.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "sys/proc.h"

static const char *const words[] = {
#define X(name, word, what) word,
	HELPER_QUESTIONS(X)
#undef X
};

enum helper_question
helper_find(struct str word)
{
	for (int i = 0; i < HELPER_QUESTION_MAX; i++)
		if (str_is(word, words[i]))
			return ((enum helper_question)i);
	return (HELPER_QUESTION_MAX);
}

bool
helper_knows(struct str word)
{
	return (helper_find(word) != HELPER_QUESTION_MAX);
}

int
helper_read(const char *path, bool follow, size_t max, struct buf *out,
    struct err *e)
{
	struct stat st;
	size_t start = out->len;
	/* Not to hang on a pipe that somebody laid there. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY |
	    (follow ? 0 : O_NOFOLLOW));

	if (fd < 0)
		return (err_set(e, errno == ENOENT || errno == ENOTDIR ?
		    ERR_NOTFOUND : ERR_IO, path, NULL, "%s cannot be read: %s",
		    path, strerror(errno)));
	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) {
		close(fd);
		return (err_set(e, ERR_IO, path, NULL, "%s is not a file",
		    path));
	}
	for (;;) {
		buf_reserve(out, 65536);
		ssize_t n = read(fd, out->ptr + out->len, 65536);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		out->len += (size_t)n;
		if (out->len - start > max) {
			close(fd);
			out->len = start;
			return (err_set(e, ERR_LIMIT, path, NULL, "%s has more "
			    "than %zu bytes", path, max));
		}
	}
	close(fd);
	if (out->ptr != NULL)
		out->ptr[out->len] = '\0';
	return (0);
}

/* --- bundles -------------------------------------------------------------- */

void
helper_bundle_put(struct buf *out, const struct helper_file *f)
{
	buf_printf(out, "file %zu %lld %llo ", f->bytes.len, (long long)f->uid,
	    (unsigned long long)f->mode);
	/* A line break in a name would end the line. */
	for (size_t i = 0; i < f->path.len; i++)
		buf_putc(out, f->path.ptr[i] == '\n' ? '?' : f->path.ptr[i]);
	buf_putc(out, '\n');
	buf_putstr(out, f->bytes);
	buf_putc(out, '\n');
}

static bool
octal(struct str s, int64_t *ret)
{
	int64_t v = 0;

	if (s.len == 0 || s.len > 7)
		return (false);
	for (size_t i = 0; i < s.len; i++) {
		if (s.ptr[i] < '0' || s.ptr[i] > '7')
			return (false);
		v = v * 8 + (s.ptr[i] - '0');
	}
	*ret = v;
	return (true);
}

int
helper_bundle_next(struct str *rest, struct helper_file *f, struct err *e)
{
	struct str line, word, len, uid, mode;
	uint64_t n;

	if (rest->len == 0)
		return (0);
	if (!str_split(rest, '\n', &line) || !str_split(&line, ' ', &word) ||
	    !str_is(word, "file") || !str_split(&line, ' ', &len) ||
	    !str_split(&line, ' ', &uid) || !str_split(&line, ' ', &mode) ||
	    !str_to_u64(len, &n) || !str_to_i64(uid, &f->uid) ||
	    !octal(mode, &f->mode) || n >= rest->len || rest->ptr[n] != '\n')
		return (err_set(e, ERR_INPUT, NULL, NULL, "the helper's answer "
		    "cannot be read"));
	f->path = line;
	f->bytes = (struct str){ rest->ptr, (size_t)n };
	rest->ptr += n + 1;
	rest->len -= (size_t)n + 1;
	return (1);
}

/* --- sockets: "INODE PID UID NAME", for every process --------------------- */

static void
sockets_of(struct buf *out, const char *pid, uid_t uid)
{
	char path[PATH_MAX], link[256], comm[64] = "?";
	BUF_SCOPED name = BUF_INIT;
	struct dirent *de;
	DIR *d;

	(void)snprintf(path, sizeof(path), "/proc/%s/comm", pid);
	if (helper_read(path, false, 64, &name, NULL) == 0 && name.len > 0) {
		struct str s = str_trim(buf_str(&name));
		(void)snprintf(comm, sizeof(comm), STR_FMT, STR_ARG(s));
		for (char *c = comm; *c != '\0'; c++)
			if ((unsigned char)*c <= ' ' || *c == 0x7f)
				*c = '_';
	}
	(void)snprintf(path, sizeof(path), "/proc/%s/fd", pid);
	if ((d = opendir(path)) == NULL)
		return;
	while ((de = readdir(d)) != NULL && out->len < HELPER_MAX - 4096) {
		ssize_t n = readlinkat(dirfd(d), de->d_name, link,
		    sizeof(link) - 1);
		if (n < 10 || strncmp(link, "socket:[", 8) != 0)
			continue;
		link[n - 1] = '\0';
		buf_printf(out, "%s %s %u %s\n", link + 8, pid, uid, comm);
	}
	closedir(d);
}

int
helper_sockets(struct buf *out, struct err *e)
{
	DIR *d = opendir("/proc");
	struct dirent *de;
	struct stat st;

	if (d == NULL)
		return (err_set(e, ERR_IO, "/proc", NULL, "/proc cannot be "
		    "read: %s", strerror(errno)));
	while ((de = readdir(d)) != NULL)
		if (de->d_name[0] >= '1' && de->d_name[0] <= '9' &&
		    fstatat(dirfd(d), de->d_name, &st, 0) == 0)
			sockets_of(out, de->d_name, st.st_uid);
	closedir(d);
	return (0);
}

/* --- programs that answer to root only ------------------------------------ */

static int
run_tool(const char *const *argv, const char *what, struct buf *out,
    struct err *e)
{
	struct proc_opts o = { .argv = argv, .timeout_us = 30 * CLOCK_SECOND };
	BUF_SCOPED say = BUF_INIT;
	struct proc_end end;
	int rc = proc_run(&o, STR_NULL, HELPER_MAX, out, &say, &end, e);

	if (rc == -ERR_NOTFOUND)
		return (err_set(e, ERR_NOTFOUND, argv[0], NULL, "there is no "
		    "%s on this machine", what));
	if (rc != 0)
		return (rc);
	if (proc_ok(&end))
		return (0);
	struct str line, rest = str_trim(buf_str(&say));
	if (!str_split(&rest, '\n', &line))
		line = STR_NULL;
	return (err_set(e, ERR_IO, argv[0], NULL, "%s %s%s" STR_FMT, argv[0],
	    end.words, line.len > 0 ? ": " : "", STR_ARG(line)));
}

int
helper_sshd(struct buf *out, struct err *e)
{
	struct stat st;

	/* sshd wants its folder for privilege separation also when it only
	 * prints; a server that is installed but never ran has none. */
	if (geteuid() == 0 && stat("/usr/sbin/sshd", &st) == 0)
		(void)mkdir("/run/sshd", 0755);
	int rc = run_tool((const char *[]){ "sshd", "-T", NULL }, "SSH server",
	    out, e);
	if (rc == 0)
		helper_sshd_matches("/etc/ssh/sshd_config", out);
	return (rc);
}

/* blkid says 2 when it found nothing. */
static int
helper_block(struct buf *out, struct err *e)
{
	struct proc_opts o = { .argv = (const char *[]){ "blkid", "-o",
	    "export", NULL }, .timeout_us = 30 * CLOCK_SECOND };
	struct proc_end end;
	int rc = proc_run(&o, STR_NULL, HELPER_MAX, out, NULL, &end, e);

	if (rc != 0)
		return (rc);
	if (proc_ok(&end) || (end.how == PROC_EXITED && end.status == 2))
		return (0);
	return (err_set(e, ERR_IO, "blkid", NULL, "blkid %s", end.words));
}

int
helper_answer(enum helper_question q, struct buf *out, struct err *e)
{
	switch (q) {
	case HELPER_SHADOW:
		return (helper_shadow("", out, e));
	case HELPER_SUDOERS:
		return (helper_sudoers("", out, e));
	case HELPER_SSHD:
		return (helper_sshd(out, e));
	case HELPER_NFT:
		return (run_tool((const char *[]){ "nft", "-j", "list",
		    "ruleset", NULL }, "nftables", out, e));
	case HELPER_NFT_TEXT:
		return (run_tool((const char *[]){ "nft", "-s", "-a", "list",
		    "ruleset", NULL }, "nftables", out, e));
	case HELPER_KEYS: {
		BUF_SCOPED conf = BUF_INIT;
		if (helper_sshd(&conf, NULL) != 0)
			buf_reset(&conf);
		return (helper_keys("", buf_str(&conf), out, e));
	}
	case HELPER_FILES:
		return (helper_files("", out, e));
	case HELPER_SOCKETS:
		return (helper_sockets(out, e));
	case HELPER_BLOCK:
		return (helper_block(out, e));
	case HELPER_QUESTION_MAX:
		break;
	}
	return (err_set(e, ERR_USAGE, NULL, NULL, "not a question"));
}
