#include "web/serve.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <unistd.h>

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
	struct jobs *jobs;    /* NULL: a witness */
	struct tiles *tiles;
	struct watch *watch;
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

	(void)c;
	if (s->watch != NULL)
		plan->limit = WATCH_BODY;
}

static void
on_run(void *ctx, struct httpd_call *c)
{
	struct server *s = ctx;

	if (s->watch != NULL && watch_serve(s->watch, c))
		return;
	if (s->tiles != NULL && tiles_serve(s->tiles, c))
		return;
	answer_error(c, 404, "there is nothing here\n");
}

/* The log of requests: what was asked, never what was sent along. */
static void
on_done(void *ctx, struct httpd_call *c)
{
	char status[16], bytes[24], us[24];

	(void)ctx;
	snprintf(status, sizeof(status), "%d", c->status);
	snprintf(bytes, sizeof(bytes), "%" PRIu64, c->sent);
	snprintf(us, sizeof(us), "%" PRId64, clock_mono() - c->began);
	log_event(LOG_INFO, "request", "peer", c->peer, "method",
	    httpd_parse_method(c->head->method), "path",
	    arena_strndup(c->arena, c->head->path.ptr, c->head->path.len),
	    "status", status, "bytes", bytes, "us", us, NULL);
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

static int
run(struct server *s, const char *listen, serve_ready_fn *ready, void *ctx,
    struct err *e)
{
	struct httpd_face face = { on_head, on_run, on_done, on_tick, s };
	struct httpd_limits limits = HTTPD_LIMITS;
	ARENA_SCOPED a = ARENA_INIT;
	const char *at;
	int r = httpd_new(&face, &limits, &s->h, e);

	if (r == 0)
		r = httpd_listen(s->h, listen, &a, &at, e);
	if (r == 0)
		r = catch_signals(e);
	if (r == 0)
		r = httpd_watch(s->h, signal_pipe[0], hear_signal, s, e);
	if (r == 0) {
		if (s->conf != NULL) {
			s->jobs = jobs_new(s->conf, s->h);
			jobs_listening(s->jobs, at);
		}
		ready(ctx, at);
		r = httpd_run(s->h, e);
	}
	jobs_free(s->jobs);
	httpd_free(s->h);
	uncatch_signals();
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
	if (r == 0) {
		s.tiles = tiles_new(arena_printf(&a, "%s/ledger", dir));
		r = run(&s, listen != NULL ? listen : s.conf->listen, ready,
		    ctx, e);
	}
	tiles_free(s.tiles);
	arena_free(s.arena);
	free(s.arena);
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
