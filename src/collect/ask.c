#include "collect/ask.h"

#include <limits.h>
#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"
#include "helper/helper.h"
#include "sys/proc.h"

static const char *chosen;

void
ask_use(const char *path)
{
	chosen = path;
}

/* The helper lies beside the program, or where it was installed. */
static bool
find_helper(char *out, size_t cap)
{
	char self[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);

	if (chosen != NULL) {
		(void)snprintf(out, cap, "%s", chosen);
		return (access(out, X_OK) == 0);
	}
	if (n > 0) {
		self[n] = '\0';
		char *slash = strrchr(self, '/');
		*slash = '\0';
		if ((size_t)snprintf(out, cap, "%s/tickmark-helper", self) <
		    cap && access(out, X_OK) == 0)
			return (true);
	}
	(void)snprintf(out, cap, "%s", HELPER_INSTALLED);
	return (access(out, X_OK) == 0);
}

int
ask_helper(struct str question, struct buf *ret, struct err *e)
{
	char path[PATH_MAX + 32], name[64];
	const char *argv[5];
	size_t n = 0;
	BUF_SCOPED out = BUF_INIT;
	BUF_SCOPED say = BUF_INIT;
	struct proc_end end;
	int rc;

	if (!helper_knows(question))
		return (err_set(e, ERR_USAGE, NULL, NULL, "the helper does "
		    "not answer this question"));
	(void)snprintf(name, sizeof(name), STR_FMT, STR_ARG(question));
	if (!find_helper(path, sizeof(path)))
		return (err_set(e, ERR_DENIED, NULL, NULL, "the helper for "
		    "what only root may read is not installed"));
	if (geteuid() != 0) {
		argv[n++] = "sudo";
		argv[n++] = "-n";
	}
	argv[n++] = path;
	argv[n++] = name;
	argv[n] = NULL;
	struct proc_opts o = { .argv = argv, .timeout_us = 60 * CLOCK_SECOND };
	rc = proc_run(&o, STR_NULL, HELPER_MAX, &out, &say, &end, e);
	if (rc == -ERR_NOTFOUND)
		return (err_set(e, ERR_DENIED, NULL, NULL, "only root may "
		    "read this, and there is no sudo"));
	if (rc != 0)
		return (rc);
	if (proc_ok(&end)) {
		buf_reset(ret);
		buf_putstr(ret, buf_str(&out));
		return (0);
	}
	struct str why = str_trim(buf_str(&say));
	if (end.how == PROC_EXITED && end.status == HELPER_EXIT_LACKS)
		return (err_set(e, ERR_NOTFOUND, NULL, NULL, STR_FMT,
		    STR_ARG(why)));
	if (end.how == PROC_EXITED && end.status == HELPER_EXIT_CANNOT)
		return (err_set(e, ERR_IO, NULL, NULL, STR_FMT, STR_ARG(why)));
	if (geteuid() != 0)
		return (err_set(e, ERR_DENIED, NULL, NULL, "only root may read "
		    "this, and sudo does not let us"));
	return (err_set(e, ERR_IO, NULL, NULL, "the helper %s", end.words));
}
