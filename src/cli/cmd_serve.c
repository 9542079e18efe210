/* tickmark serve: the server of a workspace, and how it goes. */
#include "cli/commands.h"
#include "base/clock.h"
#include "text/timefmt.h"
#include "web/jobs.h"
#include "web/serve.h"

static void
ready(void *ctx, const char *at)
{
	struct cli *c = ctx;

	cli_progress_off();
	if (c->json) {
		struct val *m = val_map(c->arena);
		val_put(c->arena, m, "url", val_text(c->arena,
		    arena_printf(c->arena, "http://%s/", at)));
		cli_print_json(c, m);
	} else {
		printf("listening on http://%s/\n", at);
	}
	fflush(stdout);
}

static const char *
when(struct arena *a, int64_t us)
{
	char t[TIME_SIZE];

	return (us == 0 ? "-" : arena_strdup(a, time_print(us, t)));
}

static void
print_states(struct cli *c, const struct job_states *s)
{
	struct arena *a = c->arena;

	if (s->pid == 0) {
		printf("no server has run here\n");
		return;
	}
	if (s->running)
		printf("running on http://%s/ as process %lld, since %s\n\n",
		    s->listen, (long long)s->pid, when(a, s->started));
	else
		printf("not running; this is how it was at the end\n\n");
	struct cli_table *t = cli_table(c, 5, "job", "state", "last done",
	    "next", "what it said");
	for (size_t i = 0; i < s->n; i++) {
		const struct job_state *j = &s->job[i];
		cli_row(t, j->name, jobs_how(j->how), when(a, j->good),
		    s->running ? when(a, j->next) : "-", j->said);
		cli_tint(t, 1, j->how == JOB_FAILED ? TONE_BAD :
		    j->how == JOB_OK ? TONE_GOOD : TONE_DIM);
	}
	cli_table_print(t);
}

static struct val *
time_val(struct arena *a, int64_t us)
{
	return (us == 0 ? val_null(a) : val_text(a, when(a, us)));
}

static void
json_states(struct cli *c, const struct job_states *s)
{
	struct arena *a = c->arena;
	struct val *m = val_map(a), *list = val_list(a);

	val_put(a, m, "running", val_bool(a, s->running));
	val_put(a, m, "pid", s->running ? val_int(a, s->pid) : val_null(a));
	val_put(a, m, "listen", s->running ? val_text(a, s->listen) :
	    val_null(a));
	for (size_t i = 0; i < s->n; i++) {
		const struct job_state *j = &s->job[i];
		struct val *one = val_map(a);
		val_put(a, one, "name", val_text(a, j->name));
		val_put(a, one, "state", val_text(a, jobs_how(j->how)));
		val_put(a, one, "began", time_val(a, j->began));
		val_put(a, one, "done", time_val(a, j->good));
		val_put(a, one, "next", time_val(a, s->running ? j->next : 0));
		val_put(a, one, "failures", val_int(a, j->failures));
		val_put(a, one, "said", val_text(a, j->said));
		val_push(a, list, one);
	}
	val_put(a, m, "jobs", list);
	cli_print_json(c, m);
}

static int
status(struct cli *c, struct err *e)
{
	struct job_states *s = arena_new(c->arena, struct job_states);
	bool fine = true;
	int r = jobs_states(c->arena, c->arg[0], s, e);

	if (r != 0)
		return (r);
	if (c->json)
		json_states(c, s);
	else
		print_states(c, s);
	for (size_t i = 0; i < s->n; i++)
		fine = fine && s->job[i].how != JOB_FAILED;
	return (fine && s->running ? 0 : -ERR_NO);
}

static int
run(struct cli *c, struct err *e)
{
	if (cli_opt(c, "status") != NULL)
		return (status(c, e));
	return (serve_workspace(c->arg[0], cli_opt(c, "listen"), ready, c, e));
}

static const struct cli_opt opts[] = {
	{ "listen", OPT_TEXT, "ADDR:PORT", "instead of what serve.conf says "
	    "(" CONF_LISTEN ")" },
	{ "status", OPT_FLAG, NULL, "is it running, and what did its jobs do?" },
	{ NULL, OPT_FLAG, NULL, NULL },
};

const struct cli_command cmd_serve = {
	"serve", "DIR [--listen ADDR:PORT] | DIR --status",
	"serve the ledger and run what is due",
	"Runs until it is told to stop (SIGTERM, Ctrl-C). It prints its address once it\n"
	"listens; port 0 takes any free one.\n"
	"\n"
	"  tickmark serve work\n"
	"  tickmark serve work --listen 127.0.0.1:0\n"
	"  tickmark serve work --status\n"
	"\n"
	"What anyone may read is served as C2SP tlog-tiles says: /checkpoint,\n"
	"/tile/..., /tile/entries/.... Nothing there is personal or secret.\n"
	"\n"
	"Its jobs: sequence signs a checkpoint within seconds of each entry.\n"
	"The command line works beside it. DIR/serve.conf sets what is configured\n"
	"(doc/operating.md); SIGHUP reads it again.\n"
	"\n"
	"The exit status of --status is 1 if it does not run, or if a job failed.",
	1, 1, opts, run, false,
};
