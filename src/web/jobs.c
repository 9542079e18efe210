/* Running the jobs of the table: when, in which child, and what came of it. */
#include "web/jobs.h"

#include <errno.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "sys/file.h"
#include "sys/httpd.h"
#include "sys/proc.h"
#include "text/json.h"
#include "text/timefmt.h"

#define RETRY_BUSY (2 * CLOCK_SECOND)
#define RETRY_FIRST (5 * CLOCK_SECOND)
#define RETRY_MOST CLOCK_HOUR
#define LOOK_EVERY CLOCK_SECOND
#define STOP_GRACE (20 * CLOCK_SECOND)

/* What a child says at its end; less than a pipe takes at once. */
struct word {
	int code;
	char said[512];
	struct err e;
};

struct running {
	struct jobs *owner;
	const struct job *job;
	struct proc proc;
	bool on;
	struct buf heard;
	uint64_t memory;     /* of job->early */
	int64_t began_mono, next_mono;
	struct job_state s;
	char said[2304];
};

struct jobs {
	const struct conf *conf;
	struct httpd *h;
	struct running *at;
	size_t n;
	bool stopping;
	int64_t looked, started;
	char listen[128];
};

static const char *const hows[] = { "never", "ok", "busy", "failed", "off" };

const char *
jobs_how(enum job_how how)
{
	return (hows[how]);
}

static int64_t
interval(const struct running *r, const struct conf *c)
{
	return (r->job->interval != NULL ? r->job->interval(c) : r->job->every);
}

/* --- the state file ------------------------------------------------------- */

static void
put_time(struct json_writer *w, const char *key, int64_t us)
{
	char t[TIME_SIZE];

	if (us == 0)
		json_knull(w, key);
	else
		json_ktext(w, key, time_print(us, t));
}

static void
save(struct jobs *j)
{
	BUF_SCOPED b = BUF_INIT;
	ARENA_SCOPED a = ARENA_INIT;
	struct json_writer w;
	struct err e;

	json_begin(&w, &b, true);
	json_object(&w);
	json_kint(&w, "pid", getpid());
	json_ktext(&w, "listen", j->listen);
	put_time(&w, "started", j->started);
	json_key(&w, "jobs");
	json_array(&w);
	for (size_t i = 0; i < j->n; i++) {
		const struct running *r = &j->at[i];
		json_object(&w);
		json_ktext(&w, "name", r->s.name);
		json_ktext(&w, "how", hows[r->s.how]);
		put_time(&w, "began", r->s.began);
		put_time(&w, "ended", r->s.ended);
		put_time(&w, "good", r->s.good);
		put_time(&w, "next", r->s.next);
		json_kint(&w, "failures", r->s.failures);
		json_ktext(&w, "said", r->said);
		json_close(&w);
	}
	json_close(&w);
	json_close(&w);
	json_end(&w, NULL);
	const char *path = arena_printf(&a, "%s/serve.state", j->conf->dir);
	if (file_write_later(path, 0600, b.ptr, b.len, &e) != 0)
		log_event(LOG_ERROR, "state", "error", e.what, NULL);
}

static int
bad_state(const char *path, struct err *e)
{
	return (err_set(e, ERR_DAMAGED, path, "remove it; the server writes it "
	    "again", "this is not the state of a server"));
}

/* null: never. */
static bool
get_time(const struct val *m, const char *key, int64_t *ret)
{
	const struct val *v = val_get(m, key);

	*ret = 0;
	return (v != NULL && (v->type == VAL_NULL || (v->type == VAL_STR &&
	    time_parse(v->u.s, ret, NULL) == 0)));
}

static bool
get_state(struct arena *a, const struct val *m, struct job_state *s)
{
	struct str name = val_get_str(m, "name"), how = val_get_str(m, "how");
	struct str said = val_get_str(m, "said");

	s->failures = val_get_int(m, "failures", -1);
	if (name.len == 0 || said.ptr == NULL || s->failures < 0 ||
	    !get_time(m, "began", &s->began) ||
	    !get_time(m, "ended", &s->ended) ||
	    !get_time(m, "good", &s->good) || !get_time(m, "next", &s->next))
		return (false);
	s->name = arena_strndup(a, name.ptr, name.len);
	s->said = arena_strndup(a, said.ptr, said.len);
	for (int i = 0; i < (int)(sizeof(hows) / sizeof(hows[0])); i++)
		if (str_is(how, hows[i])) {
			s->how = (enum job_how)i;
			return (true);
		}
	return (false);
}

int
jobs_states(struct arena *a, const char *dir, struct job_states *ret,
    struct err *e)
{
	const char *path = arena_printf(a, "%s/serve.state", dir);
	BUF_SCOPED b = BUF_INIT;
	FILE_SCOPED lock = FILE_INIT;
	struct job_states s = { 0 };
	struct val *v;
	struct err own;
	int r = file_read(path, (size_t)1 << 20, &b, &own);

	if (r == -ERR_NOTFOUND) {
		*ret = s;
		return (0);
	}
	if (r != 0) {
		if (e != NULL)
			*e = own;
		return (r);
	}
	if (json_parse(a, path, buf_str(&b), &v, NULL) != 0 ||
	    v->type != VAL_MAP)
		return (bad_state(path, e));
	struct str at = val_get_str(v, "listen");
	const struct val *jobs = val_get(v, "jobs");
	s.pid = val_get_int(v, "pid", 0);
	if (s.pid <= 0 || at.ptr == NULL || jobs == NULL ||
	    jobs->type != VAL_LIST || !get_time(v, "started", &s.started))
		return (bad_state(path, e));
	s.listen = arena_strndup(a, at.ptr, at.len);
	for (size_t i = 0; i < jobs->u.list.n && i < 32; i++)
		if (!get_state(a, jobs->u.list.at[i], &s.job[s.n++]))
			return (bad_state(path, e));
	const char *held = arena_printf(a, "%s/serve.lock", dir);
	s.running = file_exists(held) && file_lock(&lock, held, NULL) ==
	    -ERR_BUSY;
	*ret = s;
	return (0);
}

/* --- one run -------------------------------------------------------------- */

static int
child(void *ctx)
{
	struct running *r = ctx;
	static struct word w;
	ARENA_SCOPED a = ARENA_INIT;
	struct job_run run = { .dir = r->owner->conf->dir,
		.conf = r->owner->conf, .arena = &a,
		.first = r->s.good == 0 };

	w.code = r->job->run(&run, &w.e);
	memcpy(w.said, run.said, sizeof(w.said));
	return (write(STDOUT_FILENO, &w, sizeof(w)) == (ssize_t)sizeof(w) ?
	    0 : 1);
}

static void
plan_next(struct running *r, int64_t wait)
{
	r->next_mono = clock_mono() + wait;
	r->s.next = clock_now() + wait;
}

static void
finish(struct running *r, const struct proc_end *end)
{
	int64_t wait = interval(r, r->owner->conf);
	struct word w;

	r->on = false;
	r->s.ended = clock_now();
	if (r->heard.len == sizeof(w)) {
		memcpy(&w, r->heard.ptr, sizeof(w));
	} else {
		w = (struct word){ .code = -ERR_BUG };
		err_set(&w.e, ERR_BUG, NULL, "see the server's log",
		    "the job %s", end->words);
	}
	buf_free(&r->heard);
	if (w.code == 0) {
		/* Nothing was to be done: what it did last is still so. */
		if (w.said[0] != '\0' || r->s.how != JOB_OK)
			snprintf(r->said, sizeof(r->said), "%s", w.said);
		r->s.how = JOB_OK;
		r->s.failures = 0;
		r->s.good = r->s.began;
		wait -= clock_mono() - r->began_mono;
	} else if (w.code == -ERR_BUSY) {
		r->s.how = JOB_BUSY;
		snprintf(r->said, sizeof(r->said), "%s", w.e.what);
		wait = RETRY_BUSY;
	} else {
		int64_t most = wait < RETRY_MOST && wait > RETRY_FIRST ? wait :
		    RETRY_MOST;
		char line[2304];
		r->s.how = JOB_FAILED;
		err_format(&w.e, line, sizeof(line));
		snprintf(r->said, sizeof(r->said), "%s",
		    line + strlen("tickmark: "));
		wait = r->s.failures < 9 ? RETRY_FIRST << r->s.failures : most;
		wait = wait > most ? most : wait;
		r->s.failures++;
	}
	log_event(r->s.how == JOB_FAILED ? LOG_ERROR : LOG_INFO, "job", "name",
	    r->job->name, "how", hows[r->s.how], "said", r->said, NULL);
	plan_next(r, wait < 0 ? 0 : wait);
	save(r->owner);
}

static void
hear(void *ctx, int fd)
{
	struct running *r = ctx;
	char piece[4096];
	struct proc_end end;
	ssize_t n = read(fd, piece, sizeof(piece));

	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	if (n > 0 && r->heard.len + (size_t)n <= sizeof(struct word)) {
		buf_put(&r->heard, piece, (size_t)n);
		return;
	}
	httpd_unwatch(r->owner->h, fd);
	proc_wait(&r->proc, &end);
	finish(r, &end);
}

static void
begin(struct running *r)
{
	struct proc_end end = { .words = "could not be started" };
	struct err e;

	r->began_mono = clock_mono();
	r->s.began = clock_now();
	buf_reset(&r->heard);
	if (proc_fork(&r->proc, child, r, r->job->timeout, &e) != 0) {
		finish(r, &end);
		return;
	}
	r->on = true;
	if (httpd_watch(r->owner->h, r->proc.out, hear, r, &e) != 0) {
		proc_kill(&r->proc, PROC_STOPPED, &end);
		finish(r, &end);
	}
}

/* --- the table ------------------------------------------------------------ */

struct jobs *
jobs_new(const struct conf *c, struct httpd *h)
{
	struct jobs *j = calloc(1, sizeof(*j));
	size_t n = 0;

	while (jobs_table[n].name != NULL)
		n++;
	if (j == NULL || (j->at = calloc(n + 1, sizeof(*j->at))) == NULL)
		err_oom(n * sizeof(*j->at));
	j->conf = c;
	j->h = h;
	j->n = n;
	j->started = clock_now();
	for (size_t i = 0; i < n; i++) {
		j->at[i].owner = j;
		j->at[i].job = &jobs_table[i];
		j->at[i].s.name = jobs_table[i].name;
		j->at[i].proc = (struct proc)PROC_INIT;
		j->at[i].next_mono = clock_mono();
	}
	return (j);
}

void
jobs_listening(struct jobs *j, const char *at)
{
	snprintf(j->listen, sizeof(j->listen), "%s", at);
	save(j);
}

void
jobs_configure(struct jobs *j, const struct conf *c)
{
	j->conf = c;
	/* What was changed may be why something failed. */
	for (size_t i = 0; i < j->n; i++)
		if (!j->at[i].on)
			plan_next(&j->at[i], 0);
}

static void
look(struct running *r, bool early)
{
	const struct conf *c = r->owner->conf;
	struct proc_end end;

	if (r->on) {
		if (clock_mono() > r->proc.deadline) {
			httpd_unwatch(r->owner->h, r->proc.out);
			proc_kill(&r->proc, PROC_TIMEOUT, &end);
			buf_reset(&r->heard);
			finish(r, &end);
		}
		return;
	}
	if (r->owner->stopping)
		return;
	if (interval(r, c) == 0) {
		r->s.how = JOB_OFF;
		r->s.next = 0;
		return;
	}
	if (clock_mono() >= r->next_mono || (early && r->s.failures == 0 &&
	    r->job->early != NULL && clock_mono() - r->began_mono >= r->job->gap
	    && r->job->early(c, &r->memory)))
		begin(r);
}

void
jobs_tick(struct jobs *j)
{
	bool early = clock_mono() - j->looked >= LOOK_EVERY;

	if (early)
		j->looked = clock_mono();
	for (size_t i = 0; i < j->n; i++)
		look(&j->at[i], early);
}

void
jobs_stop(struct jobs *j)
{
	j->stopping = true;
	for (size_t i = 0; i < j->n; i++)
		if (j->at[i].on &&
		    j->at[i].proc.deadline > clock_mono() + STOP_GRACE)
			j->at[i].proc.deadline = clock_mono() + STOP_GRACE;
}

size_t
jobs_busy(const struct jobs *j)
{
	size_t n = 0;

	for (size_t i = 0; i < j->n; i++)
		n += j->at[i].on;
	return (n);
}

void
jobs_free(struct jobs *j)
{
	if (j == NULL)
		return;
	for (size_t i = 0; i < j->n; i++) {
		proc_stop(&j->at[i].proc);
		buf_free(&j->at[i].heard);
	}
	free(j->at);
	free(j);
}
