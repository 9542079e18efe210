/*
 * The files that sudo reads: /etc/sudoers and what it includes. Only the
 * lines that include others are understood here; sudoers(5), "Including other
 * files from within sudoers".
 */
#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "helper/helper.h"

#define FILES_MAX 512 /* sudo itself stops at 128 levels */

struct gather {
	const char *root;
	struct arena a;
	struct buf *out;
	const char *seen[FILES_MAX];
	size_t nseen;
	bool cut;
};

static void take_file(struct gather *g, const char *path);

static bool
seen(struct gather *g, const char *path)
{
	for (size_t i = 0; i < g->nseen; i++)
		if (strcmp(g->seen[i], path) == 0)
			return (true);
	if (g->nseen == FILES_MAX) {
		g->cut = true;
		return (true);
	}
	g->seen[g->nseen++] = arena_strdup(&g->a, path);
	return (false);
}

/* %h is the host's name; a path without a slash lies beside the file. */
static const char *
target(struct gather *g, struct str arg, const char *from)
{
	BUF_SCOPED b = BUF_INIT;
	char host[256] = "";
	const char *slash = strrchr(from, '/');

	if (arg.len >= 2 && arg.ptr[0] == '"' && arg.ptr[arg.len - 1] == '"')
		arg = (struct str){ arg.ptr + 1, arg.len - 2 };
	if (arg.len > 0 && arg.ptr[0] != '/')
		buf_put(&b, from, (size_t)(slash - from) + 1);
	(void)gethostname(host, sizeof(host) - 1);
	host[strcspn(host, ".")] = '\0';
	for (size_t i = 0; i < arg.len; i++) {
		if (arg.ptr[i] == '%' && i + 1 < arg.len &&
		    arg.ptr[i + 1] == 'h') {
			buf_puts(&b, host);
			i++;
		} else if (arg.ptr[i] == '\\' && i + 1 < arg.len)
			buf_putc(&b, arg.ptr[++i]);
		else
			buf_putc(&b, arg.ptr[i]);
	}
	return (arena_strndup(&g->a, b.ptr != NULL ? b.ptr : "", b.len));
}

static int
by_name(const void *a, const void *b)
{
	return (strcmp(*(char *const *)a, *(char *const *)b));
}

/* Every file of the folder whose name has no dot and no "~" at its end. */
static void
take_dir(struct gather *g, const char *path)
{
	char *names[FILES_MAX], full[PATH_MAX];
	struct dirent *de;
	size_t n = 0;

	(void)snprintf(full, sizeof(full), "%s%s", g->root, path);
	DIR *d = opendir(full);
	if (d == NULL)
		return;
	while ((de = readdir(d)) != NULL && n < FILES_MAX) {
		size_t len = strlen(de->d_name);
		if (strchr(de->d_name, '.') == NULL &&
		    de->d_name[len - 1] != '~')
			names[n++] = arena_strdup(&g->a, de->d_name);
	}
	closedir(d);
	qsort(names, n, sizeof(names[0]), by_name);
	for (size_t i = 0; i < n; i++)
		take_file(g, arena_printf(&g->a, "%s/%s", path, names[i]));
}

static void
take_includes(struct gather *g, struct str text, const char *path)
{
	static const struct {
		const char *word;
		bool dir;
	} forms[] = { { "@includedir", true }, { "#includedir", true },
		{ "@include", false }, { "#include", false } };
	struct str line;

	while (str_split(&text, '\n', &line)) {
		line = str_trim(line);
		for (size_t i = 0; i < 4; i++) {
			size_t n = strlen(forms[i].word);
			if (!str_starts(line, forms[i].word) ||
			    line.len <= n || (line.ptr[n] != ' ' &&
			    line.ptr[n] != '\t'))
				continue;
			struct str arg = str_trim((struct str){ line.ptr + n,
			    line.len - n });
			const char *to = target(g, arg, path);
			if (forms[i].dir)
				take_dir(g, to);
			else
				take_file(g, to);
			break;
		}
	}
}

static void
take_file(struct gather *g, const char *path)
{
	char full[PATH_MAX];
	BUF_SCOPED b = BUF_INIT;
	struct stat st;

	(void)snprintf(full, sizeof(full), "%s%s", g->root, path);
	if (seen(g, path) || helper_read(full, true, 1 << 20, &b, NULL) != 0 ||
	    stat(full, &st) != 0)
		return;
	if (g->out->len + b.len > HELPER_MAX - 65536) {
		g->cut = true;
		return;
	}
	helper_bundle_put(g->out, &(struct helper_file){ str_from(path),
	    buf_str(&b), st.st_uid, st.st_mode & 07777 });
	take_includes(g, buf_str(&b), path);
}

int
helper_sudoers(const char *root, struct buf *out, struct err *e)
{
	struct gather g = { .root = root, .out = out };
	char full[PATH_MAX];
	struct stat st;

	(void)snprintf(full, sizeof(full), "%s/etc/sudoers", root);
	if (stat(full, &st) != 0)
		return (err_set(e, ERR_NOTFOUND, full, NULL, "there is no sudo "
		    "on this machine"));
	if (access(full, R_OK) != 0)
		return (err_set(e, ERR_IO, full, NULL, "%s cannot be read",
		    full));
	take_file(&g, "/etc/sudoers");
	arena_free(&g.a);
	if (g.cut)
		return (err_set(e, ERR_LIMIT, full, NULL, "sudoers includes "
		    "too much"));
	return (0);
}
