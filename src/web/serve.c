#include "web/serve.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "api/api.h"
#include "base/clock.h"
#include "base/log.h"
#include "record/workspace.h"
#include "web/answer.h"
#include "web/conf.h"
#include "web/jobs.h"
#include "web/tiles.h"
#include "web/watch.h"

struct server {
	const char *dir;
	struct httpd *h;
	struct arena *arena;  /* of the conf in use */
	struct conf *conf;
	const char *listen;   /* of the command line, or NULL */
	/* Of each process, made when its loop begins and freed after it. */
	int (*begin)(struct server *s, struct err *e);
	void (*end)(struct server *s);
	struct jobs *jobs;    /* of the keeper */
	struct face *face;
	struct tiles *tiles;  /* of the face */
	struct api *api;
	int to_keeper, from_keeper;
	struct watch *watch;  /* of a witness */
	bool stopping;
};

/* --- signals -------------------------------------------------------------- */

static int signal_pipe[2] = { -1, -1 };

static void
on_signal(int sig)
{
	int no = errno;
	char c = (char)sig;

	(void)!write(signal_pipe[1], &c, 1);
	errno = no;
}

static int
catch_signals(struct err *e)
{
	static const int list[] = { SIGTERM, SIGINT, SIGHUP };
	struct sigaction sa = { .sa_handler = on_signal,
		.sa_flags = SA_RESTART };

	if (pipe2(signal_pipe, O_CLOEXEC | O_NONBLOCK) != 0)
		return (err_set(e, ERR_ENV, NULL, "raise the limit of open "
		    "files", "a pipe could not be made: %s", strerror(errno)));
	for (size_t i = 0; i < sizeof(list) / sizeof(list[0]); i++)
		sigaction(list[i], &sa, NULL);
	return (0);
}

static void
uncatch_signals(void)
{
	(void)signal(SIGTERM, SIG_DFL);
	(void)signal(SIGINT, SIG_DFL);
	(void)signal(SIGHUP, SIG_DFL);
	for (int i = 0; i < 2; i++) {
		if (signal_pipe[i] >= 0)
			close(signal_pipe[i]);
		signal_pipe[i] = -1;
	}
}

/* A file that cannot be read changes nothing. */
static void
reload(struct server *s)
{
	struct arena *a = calloc(1, sizeof(*a));
	struct conf *c;
	struct err e;
	char line[2304];

	if (a == NULL)
		err_oom(sizeof(*a));
	c = arena_new(a, struct conf);
	if (s->jobs == NULL || conf_load(a, s->dir, c, &e) != 0) {
		if (s->jobs != NULL) {
			err_format(&e, line, sizeof(line));
			log_event(LOG_ERROR, "reload", "error", line, NULL);
			dprintf(STDERR_FILENO, "%s\n", line);
		}
		arena_free(a);
		free(a);
		return;
	}
	if (s->listen == NULL && strcmp(c->listen, s->conf->listen) != 0)
		log_event(LOG_WARN, "reload", "listen",
		    "takes effect at the next start", NULL);
	jobs_configure(s->jobs, c);
	arena_free(s->arena);
	free(s->arena);
	s->arena = a;
	s->conf = c;
	log_event(LOG_INFO, "reload", NULL);
}

/* The other process of a server that answers requests; see be_face(). */
struct word {
	int code;
	char at[128]; /* where it listens */
	struct err e;
};

struct face {
	pid_t pid;
	int in;  /* what it says */
	int out; /* closed: it is to end */
	bool died; /* nobody told it to end */
	struct word last;
};

static void
end_serving(struct face *f)
{
	if (f->out >= 0)
		close(f->out);
	f->out = -1;
}

static void
hear_signal(void *ctx, int fd)
{
	struct server *s = ctx;
	char c;

	while (read(fd, &c, 1) == 1) {
		if (c == SIGHUP) {
			reload(s);
		} else if (s->stopping) {
			httpd_stop(s->h); /* asked twice: now */
			return;
		} else {
			s->stopping = true;
			log_event(LOG_INFO, "stop", NULL);
			if (s->face != NULL)
				end_serving(s->face);
			if (s->jobs != NULL)
				jobs_stop(s->jobs);
		}
	}
}

/* --- requests ------------------------------------------------------------- */

static void
on_head(void *ctx, struct httpd_call *c, struct httpd_plan *plan)
{
	struct server *s = ctx;

	if (s->watch != NULL)
		plan->limit = WATCH_BODY;
	else if (s->api != NULL)
		api_head(s->api, c, plan);
}

static void
on_run(void *ctx, struct httpd_call *c)
{
	struct server *s = ctx;

	if (s->watch != NULL && watch_serve(s->watch, c))
		return;
	if (s->api != NULL && api_serve(s->api, c))
		return;
	if (s->tiles != NULL && tiles_serve(s->tiles, c))
		return;
	answer_error(c, 404, "there is nothing here\n");
}

/* The path, but for what is a secret in it. */
static const char *
logged(const struct server *s, struct httpd_call *c)
{
	struct str path = c->head->path;

	if (s->api != NULL)
		path = api_logged(path);
	return (arena_strndup(c->arena, path.ptr, path.len));
}

/* The log of requests: what was asked, never what was sent along. */
static void
on_done(void *ctx, struct httpd_call *c)
{
	struct server *s = ctx;
	char status[16], bytes[24], us[24];

	if (s->api != NULL)
		api_done(s->api, c);
	snprintf(status, sizeof(status), "%d", c->status);
	snprintf(bytes, sizeof(bytes), "%" PRIu64, c->sent);
	snprintf(us, sizeof(us), "%" PRId64, clock_mono() - c->began);
	log_event(LOG_INFO, "request", "peer", c->peer, "method",
	    httpd_parse_method(c->head->method), "path",
	    logged(s, c), "status", status, "bytes", bytes, "us", us, NULL);
}

static const char *
on_refuse(void *ctx, int status, struct str target, struct buf *body)
{
	const struct server *s = ctx;

	return (s->api == NULL ? NULL : api_refuse(status, target, body));
}

static void
on_tick(void *ctx)
{
	struct server *s = ctx;

	if (s->jobs != NULL)
		jobs_tick(s->jobs);
	if (s->stopping && (s->jobs == NULL || jobs_busy(s->jobs) == 0))
		httpd_stop(s->h);
}

/* --- from start to end ---------------------------------------------------- */

/* One process of the server: its loop until it is told to stop. ${listen} NULL:
 * it serves nobody. */
static int
run(struct server *s, const char *listen, serve_ready_fn *ready, void *ctx,
    struct err *e)
{
	struct httpd_face face = { on_head, on_run, on_done, on_tick, s,
		on_refuse };
	struct httpd_limits limits = HTTPD_LIMITS;
	ARENA_SCOPED a = ARENA_INIT;
	const char *at = "";
	int r = httpd_new(&face, &limits, &s->h, e);

	if (r == 0 && listen != NULL)
		r = httpd_listen(s->h, listen, &a, &at, e);
	if (r == 0)
		r = catch_signals(e);
	if (r == 0)
		r = httpd_watch(s->h, signal_pipe[0], hear_signal, s, e);
	if (r == 0 && s->begin != NULL)
		r = s->begin(s, e);
	if (r == 0) {
		ready(ctx, at);
		r = httpd_run(s->h, e);
	}
	if (s->end != NULL)
		s->end(s);
	httpd_free(s->h);
	uncatch_signals();
	return (r);
}

int
serve_witness(const char *dir, const char *keys_dir, const char *listen,
    serve_ready_fn *ready, void *ctx, struct err *e)
{
	struct server s = { .dir = dir };
	int r = watch_new(dir, keys_dir, &s.watch, e);

	if (r == 0)
		r = run(&s, listen, ready, ctx, e);
	watch_free(s.watch);
	return (r);
}

/* --- the face of a workspace ------------------------------------------------ */

/*
 * Two processes. The keeper runs the jobs, whose children it forks: it has
 * neither threads nor databases, which do not survive that. The face, its
 * child, answers requests, with threads that have the workspace open. Each ends
 * when the other does; what the face has to tell goes through a pipe.
 */
static int
begin_face(struct server *s, struct err *e)
{
	struct api_conf c = { .dir = s->dir, .rate = s->conf->api_rate,
		.burst = s->conf->api_burst, .form = s->conf->form,
		.forwarded = s->conf->form_forwarded };

	return (api_new(&c, s->h, &s->api, e));
}

static void
end_face(struct server *s)
{
	api_free(s->api);
	s->api = NULL;
}

/* The keeper is gone, or wants us to go. */
static void
hear_keeper(void *ctx, int fd)
{
	struct server *s = ctx;

	httpd_unwatch(s->h, fd);
	s->stopping = true;
	httpd_stop(s->h);
}

static void
say(int fd, const struct word *w)
{
	if (write(fd, w, sizeof(*w)) != (ssize_t)sizeof(*w))
		log_event(LOG_ERROR, "face", "error", "the keeper is gone",
		    NULL);
}

static void
tell_ready(void *ctx, const char *at)
{
	struct word w = { .code = 0 };
	struct server *s = ctx;

	snprintf(w.at, sizeof(w.at), "%s", at);
	say(s->to_keeper, &w);
}

static int
watch_keeper(struct server *s, struct err *e)
{
	int r = httpd_watch(s->h, s->from_keeper, hear_keeper, s, e);

	return (r != 0 ? r : begin_face(s, e));
}

/* In the child. */
static int
be_face(struct server *s, const char *listen)
{
	ARENA_SCOPED a = ARENA_INIT;
	struct word w = { .code = 0 };

	s->tiles = tiles_new(arena_printf(&a, "%s/ledger", s->dir));
	s->begin = watch_keeper;
	s->end = end_face;
	w.code = run(s, listen, tell_ready, s, &w.e);
	if (w.code != 0)
		say(s->to_keeper, &w);
	tiles_free(s->tiles);
	return (w.code == 0 ? 0 : 1);
}

/* --- the keeper ------------------------------------------------------------- */

static int
start_face(struct server *s, const char *listen, struct face *f,
    struct err *e)
{
	int up[2] = { -1, -1 }, down[2] = { -1, -1 };

	*f = (struct face){ .pid = -1, .in = -1, .out = -1 };
	if (pipe2(up, O_CLOEXEC) == 0 && pipe2(down, O_CLOEXEC) == 0)
		f->pid = fork();
	if (f->pid < 0) {
		int no = errno;
		for (int i = 0; i < 2; i++) {
			if (up[i] >= 0)
				close(up[i]);
			if (down[i] >= 0)
				close(down[i]);
		}
		return (err_set(e, ERR_ENV, NULL, "end other processes, or raise "
		    "the limits", "the server's second process could not be "
		    "made: %s", strerror(no)));
	}
	if (f->pid == 0) {
		close(up[0]);
		close(down[1]);
		s->to_keeper = up[1];
		s->from_keeper = down[0];
		_exit(be_face(s, listen));
	}
	close(up[1]);
	close(down[0]);
	f->in = up[0];
	f->out = down[1];
	return (0);
}

static void
stop_face(struct face *f)
{
	end_serving(f);
	if (f->in >= 0)
		close(f->in);
	while (f->pid > 0 && waitpid(f->pid, NULL, 0) < 0 && errno == EINTR)
		continue;
	*f = (struct face){ .pid = -1, .in = -1, .out = -1 };
}

/* What it says first: where it listens, or why it does not. */
static int
await_face(struct face *f, struct err *e)
{
	ssize_t n;

	do
		n = read(f->in, &f->last, sizeof(f->last));
	while (n < 0 && errno == EINTR);
	if (n != (ssize_t)sizeof(f->last))
		return (err_set(e, ERR_BUG, NULL, "see the server's log",
		    "the server's second process ended"));
	if (f->last.code != 0 && e != NULL)
		*e = f->last.e;
	return (f->last.code);
}

/* It says no more: it has ended. */
static void
hear_face(void *ctx, int fd)
{
	struct server *s = ctx;
	struct face *f = s->face;
	struct word w;
	ssize_t n = read(fd, &w, sizeof(w));

	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	if (n == (ssize_t)sizeof(w)) {
		f->last = w;
		return;
	}
	httpd_unwatch(s->h, fd);
	if (s->stopping)
		return;
	f->died = true;
	log_event(LOG_ERROR, "face", "error", "it ended", NULL);
	s->stopping = true;
	jobs_stop(s->jobs);
}

static int
begin_keeper(struct server *s, struct err *e)
{
	s->jobs = jobs_new(s->conf, s->h);
	jobs_listening(s->jobs, s->face->last.at);
	return (httpd_watch(s->h, s->face->in, hear_face, s, e));
}

static void
end_keeper(struct server *s)
{
	jobs_free(s->jobs);
	s->jobs = NULL;
}

struct telling {
	serve_ready_fn *ready;
	void *ctx;
	const char *at;
};

static void
keeper_ready(void *ctx, const char *at)
{
	struct telling *t = ctx;

	(void)at;
	t->ready(t->ctx, t->at);
}

static int
keep(struct server *s, const char *listen, serve_ready_fn *ready, void *ctx,
    struct err *e)
{
	struct face f;
	struct telling t = { ready, ctx, f.last.at };
	int r = start_face(s, listen, &f, e);

	if (r != 0)
		return (r);
	s->face = &f;
	s->begin = begin_keeper;
	s->end = end_keeper;
	r = await_face(&f, e);
	if (r == 0)
		r = run(s, NULL, keeper_ready, &t, e);
	if (r == 0 && f.died && f.last.code == 0)
		r = err_set(e, ERR_BUG, NULL, "see the server's log, and start "
		    "it again", "the server's second process ended");
	else if (r == 0 && f.last.code != 0) {
		r = f.last.code;
		if (e != NULL)
			*e = f.last.e;
	}
	stop_face(&f);
	return (r);
}

int
serve_workspace(const char *dir, const char *listen, serve_ready_fn *ready,
    void *ctx, struct err *e)
{
	FILE_SCOPED lock = FILE_INIT;
	ARENA_SCOPED a = ARENA_INIT;
	struct server s = { .dir = dir, .listen = listen };
	struct workspace look = { 0 };
	int r = workspace_look(dir, &look, e);

	/* The children that do the jobs have no environment. */
	if (r == 0)
		r = workspace_clock(&look, e);
	arena_free(&look.arena);
	if (r == 0)
		r = file_lock(&lock, arena_printf(&a, "%s/serve.lock", dir), e);
	if (r != 0)
		return (r);
	s.arena = calloc(1, sizeof(*s.arena));
	if (s.arena == NULL)
		err_oom(sizeof(*s.arena));
	s.conf = arena_new(s.arena, struct conf);
	r = conf_load(s.arena, dir, s.conf, e);
	if (r == 0)
		r = keep(&s, listen != NULL ? listen : s.conf->listen, ready,
		    ctx, e);
	arena_free(s.arena);
	free(s.arena);
	return (r);
}
