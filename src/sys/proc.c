#include "sys/proc.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"

#define NENV 64
#define ERR_KEEP ((size_t)64 << 10)

static const char *const search_path[] = { "/usr/local/sbin",
	"/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin", NULL };
static const char *const base_env[] = {
	"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
	"LC_ALL=C.UTF-8",
	"TZ=UTC",
};

bool
proc_ok(const struct proc_end *end)
{
	return (end->how == PROC_EXITED && end->status == 0);
}

bool
proc_find(const char *name, char *out, size_t cap)
{
	if (strchr(name, '/') != NULL) {
		(void)snprintf(out, cap, "%s", name);
		return (access(name, X_OK) == 0);
	}
	for (size_t i = 0; search_path[i] != NULL; i++)
		if ((size_t)snprintf(out, cap, "%s/%s", search_path[i], name) <
		    cap && access(out, X_OK) == 0)
			return (true);
	return (false);
}

/* --- starting ------------------------------------------------------------- */

/* What a child says when it could not become what it should. */
struct failure {
	int what; /* enum err_code */
	char words[256];
};

struct pipes {
	int in[2], out[2], err[2], say[2]; /* say: struct failure */
};

static void
close_pair(int p[2])
{
	for (int i = 0; i < 2; i++)
		if (p[i] >= 0)
			close(p[i]);
	p[0] = p[1] = -1;
}

static void
pipes_close(struct pipes *p)
{
	close_pair(p->in);
	close_pair(p->out);
	close_pair(p->err);
	close_pair(p->say);
}

static int
pipes_open(struct pipes *p, bool in, bool err, struct err *e)
{
	memset(p, 0xff, sizeof(*p)); /* all -1 */
	if ((in && pipe2(p->in, O_CLOEXEC) != 0) ||
	    pipe2(p->out, O_CLOEXEC) != 0 ||
	    (err && pipe2(p->err, O_CLOEXEC) != 0) ||
	    pipe2(p->say, O_CLOEXEC) != 0) {
		int no = errno;
		pipes_close(p);
		return (err_set(e, ERR_ENV, NULL, "raise the limit of open "
		    "files", "a pipe could not be made: %s", strerror(no)));
	}
	return (0);
}

/* Move the pipes to 0, 1, 2 (and the failure pipe to 3); close all else. */
static void
child_fds(const struct pipes *p)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	int in = p->in[0] >= 0 ? p->in[0] : null;
	int err = p->err[1] >= 0 ? p->err[1] : null;

	/* First out of the way of 0 to 3, then into place. */
	in = fcntl(in, F_DUPFD, 10);
	int out = fcntl(p->out[1], F_DUPFD, 10);
	err = fcntl(err, F_DUPFD, 10);
	int say = fcntl(p->say[1], F_DUPFD, 10);
	dup2(in, 0);
	dup2(out, 1);
	dup2(err, 2);
	dup3(say, 3, O_CLOEXEC);
	if (syscall(SYS_close_range, 4, ~0u, 0) != 0)
		for (int fd = 4; fd < 65536; fd++)
			close(fd);
}

/* Common to both kinds of child; returns in the child only if it may go on. */
static void
child_begin(const struct pipes *p, pid_t parent)
{
	sigset_t none;

	setpgid(0, 0);
	for (int s = 1; s < NSIG; s++)
		if (s != SIGKILL && s != SIGSTOP)
			(void)signal(s, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(127); /* it died before we asked to follow it */
	child_fds(p);
}

static _Noreturn void
child_fail(const struct failure *f)
{
	ssize_t n = write(3, f, sizeof(*f));

	(void)n;
	_exit(127);
}

static _Noreturn void
child_exec(const struct proc_opts *o, const char *path)
{
	const char *env[NENV + 4];
	size_t n = 0;
	struct failure f = { .what = ERR_ENV };
	struct err e = { 0 };

	for (; n < sizeof(base_env) / sizeof(base_env[0]); n++)
		env[n] = base_env[n];
	for (size_t i = 0; o->env != NULL && o->env[i] != NULL && i < NENV; i++)
		env[n++] = o->env[i];
	env[n] = NULL;
	if (chdir(o->cwd != NULL ? o->cwd : "/") != 0) {
		(void)snprintf(f.words, sizeof(f.words), "%.150s cannot be "
		    "entered: %s", o->cwd, strerror(errno));
		child_fail(&f);
	}
	if (o->sandbox != NULL && sandbox_apply(o->sandbox, NULL, &e) != 0) {
		(void)snprintf(f.words, sizeof(f.words), "%.250s", e.what);
		child_fail(&f);
	}
	(void)execve(path, (char *const *)(uintptr_t)o->argv,
	    (char *const *)(uintptr_t)env);
	f.what = errno == ENOENT ? ERR_NOTFOUND : ERR_ENV;
	(void)snprintf(f.words, sizeof(f.words), "%.150s could not be started: "
	    "%s", path, strerror(errno));
	child_fail(&f);
}

/* The parent's side after the fork. */
static void
parent_begin(struct proc *p, struct pipes *pp, pid_t pid, int64_t timeout)
{
	(void)setpgid(pid, pid); /* both do it: neither has to wait */
	*p = (struct proc)PROC_INIT;
	p->pid = pid;
	p->in = pp->in[1];
	p->out = pp->out[0];
	p->err = pp->err[0];
	pp->in[1] = pp->out[0] = pp->err[0] = -1;
	p->started = clock_mono();
	p->timeout = timeout;
	p->deadline = timeout > 0 ? p->started + timeout : 0;
}

int
proc_spawn(struct proc *p, const struct proc_opts *o, struct err *e)
{
	char path[4096];
	struct pipes pp;
	struct failure f = { 0 };
	struct proc child;
	pid_t pid, me = getpid();
	ssize_t n;
	int r;

	if (!proc_find(o->argv[0], path, sizeof(path)))
		return (err_set(e, ERR_NOTFOUND, o->argv[0], "install the "
		    "package that has it", "a program is missing"));
	if ((r = pipes_open(&pp, o->want_in, o->want_err, e)) != 0)
		return (r);
	pid = fork();
	if (pid < 0) {
		int no = errno;
		pipes_close(&pp);
		return (err_set(e, ERR_ENV, o->argv[0], "raise the limit of "
		    "processes", "no process can be made: %s", strerror(no)));
	}
	if (pid == 0) {
		child_begin(&pp, me);
		child_exec(o, path);
	}
	parent_begin(&child, &pp, pid, o->timeout_us);
	close(pp.say[1]);
	pp.say[1] = -1;
	/* The pipe closes without a word when the program has started. */
	while ((n = read(pp.say[0], &f, sizeof(f))) < 0 && errno == EINTR)
		;
	pipes_close(&pp);
	if (n == (ssize_t)sizeof(f)) {
		proc_stop(&child);
		f.words[sizeof(f.words) - 1] = '\0';
		return (err_set(e, (enum err_code)f.what, o->argv[0], NULL,
		    "%s", f.words));
	}
	*p = child;
	return (0);
}

int
proc_fork(struct proc *p, proc_fn *fn, void *ctx, int64_t timeout_us,
    struct err *e)
{
	struct pipes pp;
	pid_t pid, me = getpid();
	int r;

	if ((r = pipes_open(&pp, true, false, e)) != 0)
		return (r);
	pid = fork();
	if (pid < 0) {
		int no = errno;
		pipes_close(&pp);
		return (err_set(e, ERR_ENV, NULL, "raise the limit of "
		    "processes", "no process can be made: %s", strerror(no)));
	}
	if (pid == 0) {
		child_begin(&pp, me);
		close(3);
		(void)clearenv();
		for (size_t i = 0; i < sizeof(base_env) / sizeof(base_env[0]);
		    i++)
			(void)putenv((char *)(uintptr_t)base_env[i]);
		_exit(fn(ctx));
	}
	parent_begin(p, &pp, pid, timeout_us);
	pipes_close(&pp);
	return (0);
}

/* --- talking -------------------------------------------------------------- */

/* Wait for ${events} on ${fd}: 1, or 0 after the deadline. */
static int
wait_fd(const struct proc *p, int fd, short events)
{
	for (;;) {
		struct pollfd pf = { .fd = fd, .events = events };
		int64_t left = -1;

		if (p->deadline != 0) {
			left = (p->deadline - clock_mono() + 999) / 1000;
			if (left <= 0)
				return (0);
			if (left > 3600000)
				left = 3600000;
		}
		int r = poll(&pf, 1, (int)left);
		if (r > 0)
			return (1);
		if (r < 0 && errno != EINTR)
			return (1); /* the read or write will say what it is */
	}
}

static int
too_long(const struct proc *p, struct err *e)
{
	return (err_set(e, ERR_TIMEOUT, NULL, "see what it waits for, or allow "
	    "more time", "it ran longer than %lld s",
	    (long long)((p->timeout + 999999) / 1000000)));
}

void
proc_widen(struct proc *p, size_t n)
{
	(void)fcntl(p->out, F_SETPIPE_SZ, (int)n);
}

int64_t
proc_read(struct proc *p, void *buf, size_t n, struct err *e)
{
	ssize_t got;

	do {
		if (!wait_fd(p, p->out, POLLIN))
			return (too_long(p, e));
		got = read(p->out, buf, n);
	} while (got < 0 && (errno == EINTR || errno == EAGAIN));
	if (got < 0)
		return (err_set(e, ERR_IO, NULL, NULL, "reading from a child "
		    "process failed: %s", strerror(errno)));
	return (got);
}

/* write(2) without SIGPIPE: block it, and take back the one that we caused. */
static ssize_t
write_quiet(int fd, const void *buf, size_t n)
{
	sigset_t pipe_only, old, pending;
	struct timespec zero = { 0, 0 };

	sigemptyset(&pipe_only);
	sigaddset(&pipe_only, SIGPIPE);
	sigpending(&pending);
	pthread_sigmask(SIG_BLOCK, &pipe_only, &old);
	ssize_t put = write(fd, buf, n);
	int no = errno;
	if (put < 0 && no == EPIPE && !sigismember(&pending, SIGPIPE))
		while (sigtimedwait(&pipe_only, NULL, &zero) < 0 &&
		    errno == EINTR)
			;
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	errno = no;
	return (put);
}

int
proc_write(struct proc *p, const void *buf, size_t n, struct err *e)
{
	const char *at = buf;

	while (n > 0) {
		if (!wait_fd(p, p->in, POLLOUT))
			return (too_long(p, e));
		/* A pipe that is ready takes PIPE_BUF bytes without blocking. */
		ssize_t put = write_quiet(p->in, at, n < 4096 ? n : 4096);
		if (put < 0 && (errno == EINTR || errno == EAGAIN))
			continue;
		if (put < 0)
			return (err_set(e, ERR_IO, NULL, NULL, "a child "
			    "process stopped reading: %s", strerror(errno)));
		at += put;
		n -= (size_t)put;
	}
	return (0);
}

/* --- ending --------------------------------------------------------------- */

static void
end_words(const struct proc *p, struct proc_end *end)
{
	size_t cap = sizeof(end->words);

	switch (end->how) {
	case PROC_EXITED:
		(void)snprintf(end->words, cap, "exited with status %d",
		    end->status);
		break;
	case PROC_KILLED:
		(void)snprintf(end->words, cap, "was killed by signal %d (%s)",
		    end->status, strsignal(end->status));
		break;
	case PROC_TIMEOUT:
		(void)snprintf(end->words, cap, "ran longer than %lld s and "
		    "was ended",
		    (long long)((p->timeout + 999999) / 1000000));
		break;
	case PROC_TOO_MUCH:
		(void)snprintf(end->words, cap, "wrote more than is allowed "
		    "and was ended");
		break;
	case PROC_STOPPED:
		(void)snprintf(end->words, cap, "was ended");
		break;
	}
}

static void
close_ours(struct proc *p)
{
	int *fds[] = { &p->in, &p->out, &p->err };

	for (size_t i = 0; i < 3; i++) {
		if (*fds[i] >= 0)
			close(*fds[i]);
		*fds[i] = -1;
	}
}

/*
 * Wait until the leader of the group has ended (left as a zombie, so that its
 * number stays ours); false after the deadline.
 */
static bool
wait_leader(const struct proc *p)
{
	siginfo_t si;
	struct pollfd pf = { .events = POLLIN };
	bool ended = false;

	pf.fd = (int)syscall(SYS_pidfd_open, p->pid, 0);
	while (!ended) {
		int64_t left = p->deadline == 0 ? 1000 :
		    (p->deadline - clock_mono() + 999) / 1000;
		memset(&si, 0, sizeof(si));
		if (waitid(P_PID, (id_t)p->pid, &si, WEXITED | WNOWAIT |
		    WNOHANG) == 0 && si.si_pid == p->pid)
			ended = true;
		else if (left <= 0)
			break;
		else /* without pidfd (before 5.3) look every 10 ms */
			(void)poll(&pf, pf.fd >= 0 ? 1 : 0, pf.fd < 0 ? 10 :
			    (int)(left < 1000 ? left : 1000));
	}
	if (pf.fd >= 0)
		close(pf.fd);
	return (ended);
}

/* End what is left of the group, reap the leader. */
static void
reap(struct proc *p, struct proc_end *end)
{
	struct rusage ru = { 0 };
	int st = 0;

	(void)kill(-p->pid, SIGKILL);
	(void)kill(p->pid, SIGKILL);
	while (wait4(p->pid, &st, 0, &ru) < 0 && errno == EINTR)
		;
	end->cpu_us = (int64_t)(ru.ru_utime.tv_sec + ru.ru_stime.tv_sec) *
	    CLOCK_SECOND + ru.ru_utime.tv_usec + ru.ru_stime.tv_usec;
	end->peak_kib = ru.ru_maxrss;
	if (end->how == PROC_EXITED && WIFSIGNALED(st)) {
		end->how = PROC_KILLED;
		end->status = WTERMSIG(st);
	} else if (WIFEXITED(st))
		end->status = WEXITSTATUS(st);
	end_words(p, end);
	p->pid = -1;
}

void
proc_wait(struct proc *p, struct proc_end *ret)
{
	struct proc_end end = { .how = PROC_EXITED };

	close_ours(p);
	if (!wait_leader(p))
		end.how = PROC_TIMEOUT;
	reap(p, &end);
	*ret = end;
}

void
proc_kill(struct proc *p, enum proc_how how, struct proc_end *ret)
{
	struct proc_end end = { .how = how };

	close_ours(p);
	reap(p, &end);
	*ret = end;
}

void
proc_stop(struct proc *p)
{
	struct proc_end end;

	if (p->pid > 0)
		proc_kill(p, PROC_STOPPED, &end);
	else
		close_ours(p);
}

/* --- the whole at once ---------------------------------------------------- */

struct gather {
	struct proc *p;
	struct str input;
	size_t max_out;
	struct buf *out, *err;
};

/* Take what ${fd} has; closes it at the end. False: there was too much. */
static bool
gather_some(int *fd, struct buf *b, size_t max, bool cut)
{
	char tmp[65536];
	ssize_t n = read(*fd, tmp, sizeof(tmp));

	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return (true);
	if (n <= 0) {
		close(*fd);
		*fd = -1;
		return (true);
	}
	if (b == NULL)
		return (true);
	size_t room = b->len < max ? max - b->len : 0;
	buf_put(b, tmp, (size_t)n < room ? (size_t)n : room);
	return (cut || (size_t)n <= room);
}

static void
give_some(struct gather *g)
{
	size_t n = g->input.len < 4096 ? g->input.len : 4096;
	ssize_t put = n > 0 ? write_quiet(g->p->in, g->input.ptr, n) : 0;

	if (put > 0) {
		g->input.ptr += put;
		g->input.len -= (size_t)put;
	}
	if (g->input.len == 0 || (put < 0 && errno != EINTR &&
	    errno != EAGAIN)) {
		close(g->p->in);
		g->p->in = -1;
	}
}

/* Until both outputs are at their end. */
static enum proc_how
gather(struct gather *g)
{
	struct proc *p = g->p;

	while (p->out >= 0 || p->err >= 0) {
		struct pollfd pf[3] = { { .fd = p->out, .events = POLLIN },
			{ .fd = p->err, .events = POLLIN },
			{ .fd = p->in, .events = POLLOUT } };
		int64_t left = 3600000;

		if (p->deadline != 0)
			left = (p->deadline - clock_mono() + 999) / 1000;
		if (left <= 0)
			return (PROC_TIMEOUT);
		if (poll(pf, 3, (int)(left < 3600000 ? left : 3600000)) < 0)
			continue;
		if (pf[2].revents != 0)
			give_some(g);
		if (pf[0].revents != 0 &&
		    !gather_some(&p->out, g->out, g->max_out, false))
			return (PROC_TOO_MUCH);
		if (pf[1].revents != 0)
			(void)gather_some(&p->err, g->err, ERR_KEEP, true);
	}
	return (PROC_EXITED);
}

int
proc_run(const struct proc_opts *o, struct str input, size_t max_out,
    struct buf *out, struct buf *err, struct proc_end *ret, struct err *e)
{
	PROC_SCOPED p = PROC_INIT;
	struct proc_opts opts = *o;
	enum proc_how how;
	int r;

	opts.want_in = input.len > 0;
	opts.want_err = err != NULL;
	if ((r = proc_spawn(&p, &opts, e)) != 0)
		return (r);
	how = gather(&(struct gather){ &p, input, max_out, out, err });
	if (how == PROC_EXITED)
		proc_wait(&p, ret);
	else
		proc_kill(&p, how, ret);
	return (0);
}
