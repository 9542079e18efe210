/*
 * Child processes: programs (never through a shell) and forked functions. A
 * child leads a process group of its own, dies with its parent, and inherits
 * no descriptor but 0, 1 and 2. What is started is always waited for.
 */
#ifndef SYS_PROC_H
#define SYS_PROC_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/banned.h"
#include "base/err.h"
#include "base/str.h"
#include "sys/sandbox.h"

enum proc_how {
	PROC_EXITED,   /* with a status */
	PROC_KILLED,   /* by a signal that was not ours */
	PROC_TIMEOUT,  /* we ended it: too long */
	PROC_TOO_MUCH, /* we ended it: it wrote more than allowed */
	PROC_STOPPED   /* we ended it for another reason (proc_stop) */
};

struct proc_end {
	enum proc_how how;
	int status;       /* exit status, or the signal's number */
	int64_t cpu_us;   /* user and system time, children that it reaped too */
	int64_t peak_kib; /* largest resident size */
	char words[128];  /* "exited with status 3", "was killed by signal 11
	                     (Segmentation fault)", "ran longer than 30 s" */
};

/* proc_ok(end): it exited with status 0. */
bool proc_ok(const struct proc_end *end);

/* A running child. The descriptors are our ends of the pipes, or -1. */
struct proc {
	pid_t pid;
	int in;  /* we write, it reads as 0 */
	int out; /* it writes as 1, we read */
	int err; /* it writes as 2, we read */
	int64_t started;  /* clock_mono() */
	int64_t deadline; /* clock_mono(), 0: none */
	int64_t timeout;  /* as given */
};
#define PROC_INIT { .pid = -1, .in = -1, .out = -1, .err = -1 }
#define PROC_SCOPED __attribute__((cleanup(proc_stop))) struct proc

struct proc_opts {
	/*
	 * argv[0]: a path with a slash, or a name that is looked for in
	 * /usr/local/sbin /usr/local/bin /usr/sbin /usr/bin /sbin /bin.
	 */
	const char *const *argv;
	/* "NAME=value", NULL-terminated, after PATH, LC_ALL=C.UTF-8, TZ=UTC,
	 * which are all that a program gets otherwise. */
	const char *const *env;
	const char *cwd;               /* NULL: / */
	const struct sandbox *sandbox; /* NULL: none */
	int64_t timeout_us;            /* wall time; 0: none */
	bool want_in;                  /* a pipe to 0; otherwise /dev/null */
	bool want_err;                 /* a pipe from 2; otherwise /dev/null */
};

/*
 * proc_spawn(p, o, e): start a program.
 * ERR_NOTFOUND: no such program (found before anything is forked, or reported
 * by the child). ERR_ENV: it could not be started.
 */
int proc_spawn(struct proc *p, const struct proc_opts *o, struct err *e);

/* proc_find(name, out, cap): the path that proc_spawn() would run, or false. */
bool proc_find(const char *name, char *out, size_t cap);

/*
 * proc_fork(p, fn, ctx, timeout_us, e): run ${fn} in a forked child, with
 * descriptor 0 reading p->in and 1 writing to p->out; 2 is /dev/null. The child
 * ends by _exit() with what ${fn} returns: no handlers, no flushing of stdio.
 * Signal handlers are set to the default, SIGPIPE too.
 */
typedef int proc_fn(void *ctx);
int proc_fork(struct proc *p, proc_fn *fn, void *ctx, int64_t timeout_us,
    struct err *e);

/*
 * proc_read(p, buf, n, e): up to ${n} bytes of p->out, waiting for them no
 * longer than the deadline. 0 at the end, ERR_TIMEOUT after the deadline.
 */
int64_t proc_read(struct proc *p, void *buf, size_t n, struct err *e);
/* proc_write(p, buf, n, e): all of it to p->in; ERR_IO when it stopped reading,
 * ERR_TIMEOUT after the deadline. SIGPIPE is not raised. */
int proc_write(struct proc *p, const void *buf, size_t n, struct err *e);

/* proc_widen(p, n): let it write ${n} bytes that nobody has read yet, if the
 * machine allows; 64 KiB otherwise. */
void proc_widen(struct proc *p, size_t n);

/*
 * proc_wait(p, ret): close the pipes and wait until it ends, or end its whole
 * group at the deadline; nothing of the group is left running. Never fails.
 */
void proc_wait(struct proc *p, struct proc_end *ret);
/* proc_kill(p, how, ret): end the group now and say why. */
void proc_kill(struct proc *p, enum proc_how how, struct proc_end *ret);
/* proc_stop(p): the same for cleanup; a struct never started is allowed. */
void proc_stop(struct proc *p);

/*
 * proc_run(o, input, max_out, out, err, ret, e): start, feed ${input}, gather
 * both outputs, wait. ${err} is cut at 64 KiB; what is NULL is dropped. Returns
 * 0 once the program was started, however it ended: look at ${ret}. Over
 * ${max_out} bytes it is ended (PROC_TOO_MUCH).
 */
int proc_run(const struct proc_opts *o, struct str input, size_t max_out,
    struct buf *out, struct buf *err, struct proc_end *ret, struct err *e);

#endif
