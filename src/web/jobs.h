/*
 * What the server of a workspace does by itself, in one table (jobs_table.c).
 * A job runs in a child process of its own, at most once at a time, with a
 * limit on its time; it opens the workspace for the moment that it needs it.
 * If somebody else has the lock it tries again soon: that is no failure. A
 * failed one is tried again after 5 s, 10 s, 20 s ... up to an hour or its own
 * interval. What each did last stands in DIR/serve.state (JSON), for
 * `serve --status`, doctor and whoever watches.
 */
#ifndef WEB_JOBS_H
#define WEB_JOBS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "web/conf.h"

struct httpd;

/* Given to a run; in the child. */
struct job_run {
	const char *dir;
	const struct conf *conf;
	struct arena *arena;
	bool first; /* it has not succeeded since the server began */
	char said[512]; /* what was done, a sentence without a stop; or empty */
};

struct job {
	const char *name;    /* a word */
	const char *what;    /* "sign a checkpoint over new entries" */
	int64_t every;       /* us from one beginning to the next, or 0: */
	int64_t (*interval)(const struct conf *c); /* as configured; 0: never */
	int64_t timeout;     /* us */
	/* Looked at each second, in the server, quickly: should it run before
	 * its time? NULL: no. */
	bool (*early)(const struct conf *c, uint64_t *memory);
	int64_t gap; /* us that it then keeps from its last beginning */
	/* 0; -ERR_BUSY to be tried again soon; or another error. */
	int (*run)(struct job_run *j, struct err *e);
};

/* The table; ends with a row without a name. */
extern const struct job jobs_table[];

/* The runs of the table's jobs. The conf is borrowed, and may be replaced. */
struct jobs;
struct jobs *jobs_new(const struct conf *c, struct httpd *h);
void jobs_configure(struct jobs *j, const struct conf *c);
void jobs_tick(struct jobs *j);
/* jobs_stop(j): begin no more. jobs_busy(j): how many run. */
void jobs_stop(struct jobs *j);
size_t jobs_busy(const struct jobs *j);
/* jobs_free(j): ends those that run. NULL is allowed. */
void jobs_free(struct jobs *j);
/* jobs_listening(j, at): for the state file. */
void jobs_listening(struct jobs *j, const char *at);

/* --- the state file ------------------------------------------------------- */

enum job_how { JOB_NEVER, JOB_OK, JOB_BUSY, JOB_FAILED, JOB_OFF };

struct job_state {
	const char *name;
	enum job_how how;
	int64_t began, ended, next; /* microseconds UTC; 0: never */
	int64_t good;               /* when it last did its work */
	int64_t failures;           /* in a row */
	const char *said;           /* or the error, whole */
};

struct job_states {
	int64_t pid;      /* 0: no server has run here */
	bool running;     /* now */
	const char *listen; /* or NULL */
	int64_t started;
	struct job_state job[32];
	size_t n;
};

/* jobs_states(a, dir, ret, e): from DIR/serve.state. */
int jobs_states(struct arena *a, const char *dir, struct job_states *ret,
    struct err *e);
/* jobs_how(how): "ok". */
const char *jobs_how(enum job_how how);

#endif
