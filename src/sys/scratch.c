#include "sys/scratch.h"

#include <errno.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sys/file.h"

static const int stops[] = { SIGINT, SIGTERM, SIGHUP };
#define NSTOPS (sizeof(stops) / sizeof(stops[0]))

static volatile sig_atomic_t stopped;
static volatile pid_t child;
static bool stopping[NSTOPS];

static void
stop(int sig)
{
	stopped = sig;
	if (child > 0)
		kill(-child, SIGKILL);
}

struct answer {
	int r;
	struct err e;
};

static _Noreturn void
work(int fd, const char *dir, scratch_fn *fn, void *ctx, pid_t parent)
{
	struct answer a = { .r = 0 };

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(3);
	for (size_t i = 0; i < NSTOPS; i++)
		if (stopping[i])
			signal(stops[i], SIG_DFL);
	a.r = fn(ctx, dir, &a.e);
	if (fflush(stdout) != 0 && a.r == 0)
		a.r = err_set(&a.e, ERR_IO, "standard output",
		    "free space or give another file",
		    "the output was not written");
	/* Less than a pipe holds: it goes in one piece. */
	ssize_t n = write(fd, &a, sizeof(a));
	_exit(n == (ssize_t)sizeof(a) ? 0 : 3);
}

static int
take(int fd, struct err *e)
{
	struct answer a;
	size_t have = 0;
	ssize_t n;

	while (have < sizeof(a)) {
		n = read(fd, (char *)&a + have, sizeof(a) - have);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return (err_set(e, ERR_BUG, NULL, NULL,
			    "the process that did the work died"));
		have += (size_t)n;
	}
	if (a.r != 0 && e != NULL)
		*e = a.e;
	return (a.r);
}

static int
run_in(const char *dir, scratch_fn *fn, void *ctx, struct err *e)
{
	pid_t self = getpid(), pid;
	int p[2], r;

	fflush(stdout);
	fflush(stderr);
	if (pipe(p) != 0)
		return (file_error(e, errno, "start a process for", dir));
	if ((pid = fork()) < 0) {
		r = file_error(e, errno, "start a process for", dir);
		close(p[0]);
		close(p[1]);
		return (r);
	}
	if (pid == 0) {
		setpgid(0, 0);
		close(p[0]);
		work(p[1], dir, fn, ctx, self);
	}
	setpgid(pid, pid);
	child = pid;
	if (stopped != 0)
		kill(-pid, SIGKILL);
	close(p[1]);
	r = take(p[0], e);
	close(p[0]);
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	/* Whatever it started goes with it. */
	kill(-pid, SIGKILL);
	child = 0;
	return (r);
}

int
scratch_run(const char *name, scratch_fn *fn, void *ctx, struct err *e)
{
	struct sigaction act = { .sa_handler = stop }, old[NSTOPS];
	const char *tmp = getenv("TMPDIR");
	char dir[512];
	int r, sig;

	if (tmp == NULL || *tmp == '\0')
		tmp = "/tmp";
	if (snprintf(dir, sizeof(dir), "%s/%s.XXXXXX", tmp, name) >=
	    (int)sizeof(dir))
		return (err_set(e, ERR_USAGE, "TMPDIR", "give a shorter path",
		    "the path of temporary files is too long"));
	stopped = 0;
	for (size_t i = 0; i < NSTOPS; i++) {
		/* Who is to ignore it goes on doing so: nohup, jobs of a shell. */
		sigaction(stops[i], NULL, &old[i]);
		stopping[i] = old[i].sa_handler != SIG_IGN;
		if (stopping[i])
			sigaction(stops[i], &act, NULL);
	}
	if (mkdtemp(dir) == NULL) {
		file_error(e, errno, "make a temporary directory in", tmp);
		r = err_set(e, ERR_IO, tmp, "name a directory that you may "
		    "write to in TMPDIR", "no temporary directory can be made");
	} else {
		r = run_in(dir, fn, ctx, e);
		file_remove_tree(dir, NULL);
	}
	for (size_t i = 0; i < NSTOPS; i++)
		sigaction(stops[i], &old[i], NULL);
	sig = stopped;
	if (sig != 0)
		raise(sig);
	return (r);
}
