/* tickmark messages: what went out, what waits, what could not be sent. */
#include "base/clock.h"
#include "cli/commands.h"
#include "cli/session.h"
#include "program/messages.h"

static const char *
when_text(struct cli *c, const struct zone *z, int64_t us)
{
	char t[TIME_SIZE];

	return (us == 0 ? "" : arena_strdup(c->arena, time_print_zone(z, us, t)));
}

/* The code of the person, or the name of the webhook. */
static const char *
target_text(struct cli *c, struct workspace *ws, const struct outbox_message *m)
{
	return (cli_text(c, m->kind == OUTBOX_HOOK ? m->target :
	    record_handle(&ws->records, c->arena, schema_get(T_PERSON),
	    m->target)));
}

static void
print_json(struct cli *c, struct workspace *ws, const struct outbox_list *l)
{
	struct arena *a = c->arena;
	struct val *top = val_map(a), *counts = val_map(a), *list = val_list(a);
	char t[TIME_SIZE];

	for (int i = 0; i < OUTBOX_NSTATE; i++)
		val_put(a, counts, outbox_state_name((enum outbox_state)i),
		    val_int(a, l->count[i]));
	val_put(a, top, "counts", counts);
	for (size_t i = 0; i < l->n; i++) {
		const struct outbox_message *x = &l->at[i];
		struct val *m = val_map(a);
		val_put(a, m, "id", val_int(a, x->id));
		val_put(a, m, "key", val_str(a, x->key));
		val_put(a, m, "kind", val_text(a, outbox_kind_name(x->kind)));
		val_put(a, m, "to", val_text(a, target_text(c, ws, x)));
		val_put(a, m, "state", val_text(a, outbox_state_name(x->state)));
		val_put(a, m, "attempts", val_int(a, x->attempts));
		val_put(a, m, "created_at", val_text(a, time_print(x->created, t)));
		val_put(a, m, "last_at", x->last == 0 ? val_null(a) :
		    val_text(a, time_print(x->last, t)));
		val_put(a, m, "next_at", x->state != OUTBOX_WAITING ? val_null(a) :
		    val_text(a, time_print(x->next, t)));
		val_put(a, m, "error", val_str(a, x->error));
		val_push(a, list, m);
	}
	val_put(a, top, "messages", list);
	cli_print_json(c, top);
}

static void
print_table(struct cli *c, struct workspace *ws, const struct outbox_list *l)
{
	struct cli_table *t = cli_table(c, 7, "id", "kind", "to", "state", "tried",
	    "next", "why");

	printf("%lld waiting, %lld dead, %lld sent, %lld not needed\n",
	    (long long)l->count[OUTBOX_WAITING], (long long)l->count[OUTBOX_DEAD],
	    (long long)l->count[OUTBOX_SENT],
	    (long long)l->count[OUTBOX_DROPPED]);
	for (size_t i = 0; i < l->n; i++) {
		const struct outbox_message *m = &l->at[i];
		cli_row(t, arena_printf(c->arena, "%lld", (long long)m->id),
		    outbox_kind_name(m->kind), target_text(c, ws, m),
		    outbox_state_name(m->state), arena_printf(c->arena, "%lld",
		    (long long)m->attempts), m->state == OUTBOX_WAITING ?
		    when_text(c, ws->zone, m->next) : "", cli_text(c, m->error));
		cli_tint(t, 3, m->state == OUTBOX_DEAD ? TONE_BAD : TONE_PLAIN);
	}
	if (l->n > 0) {
		printf("\n");
		cli_table_print(t);
	}
}

static int
do_list(struct cli *c, struct err *e)
{
	WORKSPACE_SCOPED *ws = NULL;
	OUTBOX_SCOPED *o = NULL;
	struct outbox_list l = { 0 };
	int r = workspace_open(c->arg[0], false, &ws, e);

	if (r == 0)
		r = outbox_look(c->arg[0], &o, e);
	if (r == 0 && o != NULL)
		r = outbox_list(o, c->arena, cli_opt(c, "all") != NULL, &l, e);
	if (r != 0)
		return (r);
	if (c->json)
		print_json(c, ws, &l);
	else
		print_table(c, ws, &l);
	return (0);
}

static int
need_id(struct cli *c, int64_t *ret, struct err *e)
{
	if (c->nargs < 3 || !str_to_i64(str_from(c->arg[2]), ret) || *ret < 1)
		return (err_set(e, ERR_USAGE, c->arg[1], "see: tickmark messages "
		    "DIR list", "give the id of a message"));
	return (0);
}

static int
do_change(struct cli *c, bool retry, struct err *e)
{
	WORKSPACE_SCOPED *ws = NULL;
	OUTBOX_SCOPED *o = NULL;
	bool all = retry && c->nargs > 2 && strcmp(c->arg[2], "all") == 0;
	int64_t id = 0, n = 1;
	int r = all ? 0 : need_id(c, &id, e);

	if (r == 0)
		r = workspace_open(c->arg[0], false, &ws, e);
	if (r == 0)
		r = outbox_open(c->arg[0], &o, e);
	if (r == 0)
		r = retry ? outbox_retry(o, id, clock_now(), &n, e) :
		    outbox_discard(o, id, clock_now(), e);
	if (r == 0 && !c->json)
		printf(retry ? "%lld will be sent again\n" : "%lld dropped\n",
		    (long long)n);
	if (r == 0 && c->json) {
		struct val *m = val_map(c->arena);
		val_put(c->arena, m, retry ? "retried" : "dropped",
		    val_int(c->arena, n));
		cli_print_json(c, m);
	}
	return (r);
}

static int
do_send(struct cli *c, struct err *e)
{
	struct messages_done done = { 0 };
	int r = messages_run(c->arena, c->arg[0], 10000, &done, e);
	const struct deliver_done *x = &done.delivered;

	if (r != 0)
		return (r);
	if (c->json) {
		struct val *m = val_map(c->arena);
		val_put(c->arena, m, "digests", val_int(c->arena,
		    (int64_t)done.told.digests));
		val_put(c->arena, m, "webhooks", val_int(c->arena,
		    (int64_t)done.told.hooks));
		val_put(c->arena, m, "sent", val_int(c->arena, (int64_t)x->sent));
		val_put(c->arena, m, "failed", val_int(c->arena,
		    (int64_t)x->failed));
		val_put(c->arena, m, "dead", val_int(c->arena, (int64_t)x->dead));
		val_put(c->arena, m, "dropped", val_int(c->arena,
		    (int64_t)x->dropped));
		cli_print_json(c, m);
	} else {
		printf("%zu digests and %zu messages to webhooks are new; %zu sent, "
		    "%zu failed, %zu not needed\n", done.told.digests,
		    done.told.hooks, x->sent, x->failed, x->dropped);
	}
	if (x->failed > 0)
		return (err_set(e, ERR_NO, x->last.where, arena_printf(c->arena,
		    "see: tickmark messages %s list", cli_word(c, c->arg[0])),
		    "the last that failed: %.400s", x->last.what));
	return (0);
}

static int
do_preview(struct cli *c, struct err *e)
{
	SESSION_SCOPED s = { 0 };
	struct settings settings;
	struct task_desk d;
	struct record *p;
	BUF_SCOPED subject = BUF_INIT;
	BUF_SCOPED text = BUF_INIT;
	size_t n;

	if (c->nargs < 3)
		return (err_set(e, ERR_USAGE, "preview", "give a person, such as "
		    "E014", "nobody is named"));
	int r = session_open(c, SESSION_READ, &s, e);
	if (r == 0)
		r = session_assess(&s, e);
	if (r == 0)
		r = settings_load(c->arena, c->arg[0], &settings, e);
	if (r == 0)
		r = task_desk_open(c->arena, s.ws, &settings,
		    assess_procedures(s.as), s.ev, &d, e);
	if (r == 0)
		r = record_find(&s.ws->records, c->arena, schema_get(T_PERSON),
		    str_from(c->arg[2]), &p, e);
	if (r == 0)
		r = notify_digest(&d, s.ws->org, p->id, &subject, &text, &n, e);
	if (r != 0)
		return (r);
	if (c->json) {
		struct val *m = val_map(c->arena);
		val_put(c->arena, m, "subject", val_str(c->arena,
		    buf_str(&subject)));
		val_put(c->arena, m, "text", val_str(c->arena, buf_str(&text)));
		cli_print_json(c, m);
	} else if (n == 0) {
		printf("nothing would be sent\n");
	} else {
		printf("%s\n\n%s", subject.ptr, text.ptr);
	}
	return (0);
}

static int
run(struct cli *c, struct err *e)
{
	static const char *const verbs[] = { "list", "send", "retry", "drop",
		"preview" };
	const char *verb = c->nargs > 1 ? c->arg[1] : "list";

	if (strcmp(verb, "list") == 0)
		return (do_list(c, e));
	if (strcmp(verb, "send") == 0)
		return (do_send(c, e));
	if (strcmp(verb, "retry") == 0 || strcmp(verb, "drop") == 0)
		return (do_change(c, strcmp(verb, "retry") == 0, e));
	if (strcmp(verb, "preview") == 0)
		return (do_preview(c, e));
	const char *near = cli_nearest(verb, verbs, 5);
	return (err_set(e, ERR_USAGE, verb, near != NULL ?
	    arena_printf(c->arena, "did you mean %s?", near) :
	    "list, send, retry, drop or preview",
	    "this is not done to messages"));
}

static const struct cli_opt opts[] = {
	{ "all", OPT_FLAG, NULL, "list: those too that were sent or not needed" },
	{ NULL, OPT_FLAG, NULL, NULL },
};

const struct cli_command cmd_messages = {
	"messages", "DIR [list|send|retry ID|drop ID|preview PERSON]",
	"mail and webhooks: what waits, what could not be sent",
	"People are told by mail what waits for them, other systems by webhook, as\n"
	"DIR/program.conf says; tickmark serve does it every minute. A message that\n"
	"could not be sent is tried again, at longer and longer intervals, and is\n"
	"dead after that: it stays in the list.\n"
	"\n"
	"  tickmark messages work                   waiting and dead ones\n"
	"  tickmark messages work send              one round, now\n"
	"  tickmark messages work retry 17          or: retry all\n"
	"  tickmark messages work preview E014      what E014 would be told\n"
	"\n"
	"Exit 1 from send: something could not be sent.",
	1, 3, opts, run, false,
};
