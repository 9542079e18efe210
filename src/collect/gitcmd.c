#include "collect/gitcmd.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "helper/helper.h"

#define OUT_MAX ((size_t)64 << 20)
#define ARGS_MAX 32
#define ALTERNATES_MAX 64

/*
 * No configuration but the repository's own, and of that nothing that runs a
 * program or reaches the network; no replacements or grafts, which would show
 * another history than the one that the hashes hold.
 */
static const char *const env[] = { "GIT_CONFIG_NOSYSTEM=1",
	"GIT_CONFIG_GLOBAL=/dev/null", "GIT_TERMINAL_PROMPT=0",
	"GIT_OPTIONAL_LOCKS=0", "GIT_NO_REPLACE_OBJECTS=1",
	"GIT_GRAFT_FILE=/dev/null", "GIT_PROTOCOL_FROM_USER=0",
	"GIT_ALLOW_PROTOCOL=none", "GIT_NO_LAZY_FETCH=1", "GIT_ATTR_NOSYSTEM=1",
	"GIT_ADVICE=0", "GIT_PAGER=cat", "HOME=/nonexistent", NULL };
static const char *const config[] = { "safe.directory=*",
	"core.fsmonitor=false", "core.hooksPath=/dev/null",
	"core.commitGraph=false", "core.attributesFile=/dev/null",
	"core.excludesFile=/dev/null", "core.packedGitWindowSize=32m",
	"core.packedGitLimit=512m", "core.askPass=true", "log.mailmap=false",
	"i18n.logOutputEncoding=UTF-8", NULL };

/* --- where ---------------------------------------------------------------- */

static bool
exists(const char *dir, const char *name)
{
	char path[PATH_MAX];

	return ((size_t)snprintf(path, sizeof(path), "%s/%s", dir, name) <
	    sizeof(path) && access(path, F_OK) == 0);
}

static bool
is_git_dir(const char *dir)
{
	return (exists(dir, "HEAD") && (exists(dir, "commondir") ||
	    (exists(dir, "objects") && exists(dir, "refs"))));
}

/* A small file's first line after ${prefix}; a path that is relative to
 * ${dir}. NULL if there is none. */
static const char *
read_path(struct arena *a, const char *file, const char *prefix,
    const char *dir)
{
	BUF_SCOPED b = BUF_INIT;
	struct str rest, line;
	size_t n = strlen(prefix);

	if (helper_read(file, true, PATH_MAX, &b, NULL) != 0)
		return (NULL);
	rest = buf_str(&b);
	if (!str_split(&rest, '\n', &line) || !str_starts(line, prefix) ||
	    line.len == n)
		return (NULL);
	line.ptr += n;
	line.len -= n;
	if (line.ptr[0] == '/')
		return (arena_strndup(a, line.ptr, line.len));
	return (arena_printf(a, "%s/" STR_FMT, dir, STR_ARG(line)));
}

static const char *
git_dir_at(struct arena *a, const char *path)
{
	const char *dot = arena_printf(a, "%s/.git", path);
	const char *to;
	struct stat st;

	if (stat(dot, &st) == 0 && S_ISDIR(st.st_mode) && is_git_dir(dot))
		return (dot);
	if (stat(dot, &st) == 0 && S_ISREG(st.st_mode)) {
		to = read_path(a, dot, "gitdir: ", path);
		if (to != NULL && is_git_dir(to))
			return (to);
	}
	return (is_git_dir(path) ? path : NULL);
}

int
gitcmd_find(struct arena *a, const char *path, struct gitcmd_repo *ret,
    struct err *e)
{
	struct gitcmd_repo r = { 0 };
	char real[PATH_MAX];
	struct stat st;

	if (realpath(path, real) == NULL || stat(real, &st) != 0)
		return (err_set(e, ERR_NOTFOUND, path, "give the folder of a "
		    "git repository that this user may read", "there is no "
		    "such folder"));
	/* A folder within a work tree names its repository. */
	for (;;) {
		r.dir = git_dir_at(a, real);
		char *slash = strrchr(real, '/');
		if (r.dir != NULL || slash == NULL || slash == real)
			break;
		*slash = '\0';
	}
	if (r.dir == NULL && access(path, R_OK | X_OK) != 0)
		return (err_set(e, ERR_DENIED, path, "give this user leave to "
		    "read it, or run as root", "the folder cannot be read"));
	if (r.dir == NULL)
		return (err_set(e, ERR_INPUT, path, "give the folder of a git "
		    "repository", "this is not a git repository"));
	r.dir = arena_strdup(a, r.dir);
	if (strncmp(r.dir, real, strlen(real)) != 0)
		r.link = arena_printf(a, "%s/.git", real);
	r.common = read_path(a, arena_printf(a, "%s/commondir", r.dir), "",
	    r.dir);
	if (r.common == NULL)
		r.common = r.dir;
	r.shallow = exists(r.common, "shallow");
	r.bare = strcmp(r.dir, real) == 0;
	*ret = r;
	return (0);
}

const char **
gitcmd_paths(struct arena *a, const struct gitcmd_repo *r)
{
	const char **list = arena_array(a, ALTERNATES_MAX + 8, sizeof(*list));
	size_t n = 0, first;

	list[n++] = r->dir;
	if (r->common != r->dir)
		list[n++] = r->common;
	if (r->link != NULL)
		list[n++] = r->link;
	list[n++] = "/etc/ld.so.cache";
	list[n++] = "/etc/ld.so.preload";
	list[n++] = "/proc/self";
	first = n;
	list[n++] = arena_printf(a, "%s/objects", r->common);
	/* Objects may be borrowed from others, which may borrow as well. */
	for (size_t i = first; i < n; i++) {
		BUF_SCOPED b = BUF_INIT;
		struct str rest, line;

		if (helper_read(arena_printf(a, "%s/info/alternates", list[i]),
		    true, 65536, &b, NULL) != 0)
			continue;
		rest = buf_str(&b);
		while (str_split(&rest, '\n', &line) &&
		    n < ALTERNATES_MAX + 6) {
			if (line.len == 0 || line.ptr[0] == '#')
				continue;
			list[n++] = line.ptr[0] == '/' ?
			    arena_strndup(a, line.ptr, line.len) :
			    arena_printf(a, "%s/" STR_FMT, list[i],
			    STR_ARG(line));
		}
	}
	list[n] = NULL;
	return (list);
}

/* --- running -------------------------------------------------------------- */

static int
start(struct proc *p, const struct gitcmd_repo *r, const char *const *args,
    bool in, struct err *e)
{
	const char *argv[ARGS_MAX * 2 + 2 * sizeof(config) /
	    sizeof(config[0])];
	char dir[PATH_MAX + 16];
	size_t n = 0;

	(void)snprintf(dir, sizeof(dir), "--git-dir=%s", r->dir);
	argv[n++] = "git";
	for (size_t i = 0; config[i] != NULL; i++) {
		argv[n++] = "-c";
		argv[n++] = config[i];
	}
	argv[n++] = dir;
	for (size_t i = 0; args[i] != NULL && i < ARGS_MAX; i++)
		argv[n++] = args[i];
	argv[n] = NULL;
	struct proc_opts o = { .argv = argv, .env = env, .want_in = in,
		.want_err = true };
	return (proc_spawn(p, &o, e));
}

int
gitcmd_start(struct proc *p, const struct gitcmd_repo *r,
    const char *const *args, bool in, struct err *e)
{
	return (start(p, r, args, in, e));
}

/* git's last line that says "fatal:" or "error:", on one line. */
static int
failed(const struct proc_end *end, struct str said, struct err *e)
{
	struct str line, words = STR_NULL;

	while (str_split(&said, '\n', &line))
		if (str_starts(line, "fatal: ") || str_starts(line, "error: "))
			words = (struct str){ line.ptr + 7, line.len - 7 };
	return (err_set(e, ERR_INPUT, NULL, "run git fsck in the repository",
	    "git %s%s" STR_FMT, end->words, words.len > 0 ? ": " : "",
	    STR_ARG(words)));
}

int
gitcmd_end(struct proc *p, struct err *e)
{
	BUF_SCOPED said = BUF_INIT;
	struct proc_end end;
	char tmp[4096];
	ssize_t n;

	while ((n = read(p->err, tmp, sizeof(tmp))) > 0)
		if (said.len < 65536)
			buf_put(&said, tmp, (size_t)n);
	proc_wait(p, &end);
	return (proc_ok(&end) ? 0 : failed(&end, buf_str(&said), e));
}

int
gitcmd_run(const struct gitcmd_repo *r, const char *const *args,
    struct str input, struct buf *out, int *status, struct err *e)
{
	PROC_SCOPED p = PROC_INIT;
	int rc = start(&p, r, args, input.len > 0, e);
	int64_t n;

	if (rc != 0)
		return (rc);
	if (input.len > 0) {
		rc = proc_write(&p, input.ptr, input.len, NULL);
		close(p.in);
		p.in = -1;
	}
	buf_reset(out);
	do {
		buf_reserve(out, 65536);
		n = proc_read(&p, out->ptr + out->len, 65536, e);
		if (n < 0)
			return ((int)n);
		out->len += (size_t)n;
		if (out->len > OUT_MAX)
			return (err_set(e, ERR_LIMIT, NULL, NULL, "git %s "
			    "printed more than 64 MiB", args[0]));
	} while (n > 0);
	out->ptr[out->len] = '\0';
	struct err why = { 0 };
	rc = gitcmd_end(&p, &why);
	if (status != NULL)
		*status = rc;
	else if (rc != 0 && e != NULL)
		*e = why;
	return (status != NULL ? 0 : rc);
}
