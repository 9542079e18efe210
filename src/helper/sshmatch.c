/*
 * What sshd's files set for some connections only. `sshd -T` prints what holds
 * where no Match block does, so that a block for everybody's addresses would
 * be seen by nobody: sshd_config(5), Match and Include.
 */
#include <ctype.h>
#include <glob.h>
#include <limits.h>
#include <stdio.h>

#include "base/arena.h"
#include "helper/helper.h"

#define DEPTH_MAX 16 /* of Include, as sshd has it */
#define FILES_MAX 256
#define FILE_MAX ((size_t)1 << 20)

struct matches {
	struct buf *out;
	int files; /* read so far */
};

static void take_file(const char *path, struct str when, int depth,
    struct matches *m);

/* "Keyword value" or "Keyword=value"; the keyword in small letters. */
static bool
split(struct str line, char *word, size_t cap, struct str *value)
{
	size_t n = 0;

	while (n < line.len && n + 1 < cap &&
	    isalnum((unsigned char)line.ptr[n])) {
		word[n] = (char)tolower((unsigned char)line.ptr[n]);
		n++;
	}
	word[n] = '\0';
	struct str v = str_trim((struct str){ line.ptr + n, line.len - n });
	if (v.len > 0 && v.ptr[0] == '=')
		v = str_trim((struct str){ v.ptr + 1, v.len - 1 });
	if (v.len >= 2 && v.ptr[0] == '"' && v.ptr[v.len - 1] == '"')
		v = (struct str){ v.ptr + 1, v.len - 2 };
	*value = v;
	return (n > 0 && v.len > 0);
}

static void
take_include(struct str patterns, struct str when, int depth, struct matches *m)
{
	struct str one;

	while (str_split(&patterns, ' ', &one)) {
		char full[PATH_MAX];
		glob_t g;
		if (one.len == 0 || (size_t)snprintf(full, sizeof(full), "%s"
		    STR_FMT, one.ptr[0] == '/' ? "" : "/etc/ssh/",
		    STR_ARG(one)) >= sizeof(full) ||
		    glob(full, 0, NULL, &g) != 0)
			continue;
		for (size_t i = 0; i < g.gl_pathc; i++)
			take_file(g.gl_pathv[i], when, depth + 1, m);
		globfree(&g);
	}
}

/* ${when}: the condition around the Include; a Match ends with its file. */
static void
take_file(const char *path, struct str when, int depth, struct matches *m)
{
	BUF_SCOPED b = BUF_INIT;
	struct str rest, line, value;
	char word[64];

	if (depth > DEPTH_MAX || m->files++ >= FILES_MAX ||
	    m->out->len > HELPER_MAX / 2 ||
	    helper_read(path, true, FILE_MAX, &b, NULL) != 0)
		return;
	rest = buf_str(&b);
	while (str_split(&rest, '\n', &line)) {
		line = str_trim(line);
		if (line.len == 0 || line.ptr[0] == '#' ||
		    !split(line, word, sizeof(word), &value))
			continue;
		if (strcmp(word, "match") == 0)
			when = str_is(value, "all") ? STR_NULL : value;
		else if (strcmp(word, "include") == 0)
			take_include(value, when, depth, m);
		else if (when.len > 0)
			buf_printf(m->out, "match " STR_FMT ": %s " STR_FMT "\n",
			    STR_ARG(when), word, STR_ARG(value));
	}
}

void
helper_sshd_matches(const char *path, struct buf *out)
{
	struct matches m = { .out = out };

	take_file(path, STR_NULL, 0, &m);
}
