/* tickmark collect: run collectors now. */
#include "base/clock.h"
#include "cli/actor.h"
#include "cli/commands.h"
#include "cli/session.h"
#include "cli/source.h"

static bool
asked_for(const struct cli *c, struct str name)
{
	if (c->nargs == 1)
		return (true);
	for (size_t i = 1; i < c->nargs; i++)
		if (str_is(name, c->arg[i]))
			return (true);
	return (false);
}

/* Sources to run, in order of their names. */
static int
choose(struct cli *c, struct session *s, struct collect_source **ret,
    size_t *ret_n, struct err *e)
{
	struct record_store store = { .db = s->ws->db, .ledger = s->ws->ledger };
	struct record_list l;
	const struct schema_type *t = schema_get(T_SOURCE);

	int r = record_list(&store, c->arena, t, NULL, &l, e);
	if (r != 0)
		return (r);
	struct collect_source *list = arena_array(c->arena, l.n + 1, sizeof(*list));
	size_t n = 0;
	for (size_t i = 0; i < l.n; i++) {
		struct str state = record_str(&l.at[i], F_SOURCE_STATE);
		struct str name = record_str(&l.at[i], F_SOURCE_NAME);
		bool named = c->nargs > 1 && asked_for(c, name);
		if (!asked_for(c, name) || str_is(state, "removed"))
			continue;
		if (str_is(state, "paused") && !named)
			continue;
		r = source_of(c->arena, &l.at[i], &list[n++], e);
		if (r != 0)
			return (r);
	}
	for (size_t i = 1; i < c->nargs; i++) {
		bool there = false;
		for (size_t k = 0; k < n; k++)
			there = there || str_is(list[k].name, c->arg[i]);
		if (!there)
			return (err_set(e, ERR_NOTFOUND, c->arg[i],
			    arena_printf(c->arena, "see tickmark source %s list",
				cli_word(c, c->arg[0])), "there is no such source"));
	}
	*ret = list;
	*ret_n = n;
	return (0);
}

static struct val *
json_run(struct arena *a, const struct collect_source *src,
    const struct collect_result *res)
{
	struct val *m = val_map(a), *tables = val_list(a);
	char t[TIME_SIZE];

	val_put(a, m, "source", val_str(a, src->name));
	val_put(a, m, "collector", val_str(a, src->collector));
	val_put(a, m, "status", val_text(a, res->failed ? "failed" : "complete"));
	if (res->failed) {
		char line[2200];
		err_format(&res->why, line, sizeof(line));
		val_put(a, m, "why", val_text(a, line));
	}
	val_put(a, m, "entry", val_int(a, (int64_t)res->entry));
	val_put(a, m, "at", val_text(a, time_print(res->at, t)));
	val_put(a, m, "rows", val_int(a, res->rows));
	val_put(a, m, "changed", val_int(a, (int64_t)res->changed));
	val_put(a, m, "same", val_bool(a, res->same));
	val_put(a, m, "returned", val_int(a, (int64_t)res->returned));
	for (size_t i = 0; i < res->ntables; i++) {
		const struct collect_table *k = &res->tables[i];
		struct val *x = val_map(a);
		val_put(a, x, "table", val_text(a, k->table->name));
		val_put(a, x, "status", val_text(a, collect_word(k)));
		val_put(a, x, "rows", val_int(a, k->rows));
		val_put(a, x, "message", val_text(a, k->message));
		val_push(a, tables, x);
	}
	val_put(a, m, "tables", tables);
	val_put(a, m, "sandbox", val_text(a, res->sandbox));
	return (m);
}

static void
print_run(struct cli *c, const struct collect_source *src,
    const struct collect_result *res)
{
	char span[TIME_SIZE];

	cli_progress_off();
	if (res->failed) {
		printf("%sfailed%s    " STR_FMT " (" STR_FMT "): no evidence; entry "
		       "%llu says why\n", cli_tone(c, TONE_BAD),
		    cli_tone(c, TONE_PLAIN), STR_ARG(src->name),
		    STR_ARG(src->collector), (unsigned long long)res->entry);
		return;
	}
	printf("%scollected%s " STR_FMT " (" STR_FMT "): %lld rows, %s, in %s\n",
	    cli_tone(c, TONE_GOOD), cli_tone(c, TONE_PLAIN), STR_ARG(src->name),
	    STR_ARG(src->collector), (long long)res->rows, res->same ?
	    "the same as before" : arena_printf(c->arena, "%llu changed",
		(unsigned long long)res->changed),
	    time_span(res->ended > res->started ? res->ended - res->started : 0,
		span));
	if (res->returned != 0)
		printf("          %llu erased %s still delivered: new %s with keys "
		    "of their own\n", (unsigned long long)res->returned,
		    res->returned == 1 ? "subject is" : "subjects are",
		    res->returned == 1 ? "subject" : "subjects");
	for (size_t i = 0; i < res->ntables; i++) {
		const struct collect_table *k = &res->tables[i];
		if (!k->failed && k->message[0] == '\0' && (k->rows != 0 ||
		    k->goes_on))
			continue;
		cli_wrap(c, 10, arena_printf(c->arena, "%s: %s%s%s", k->table->name,
		    collect_word(k),
		    k->message[0] ? ", " : "", k->message));
	}
	cli_progress_on(c);
}

static int
world_time(struct cli *c, struct session *s, int64_t *ret, struct err *e)
{
	const char *at = cli_opt(c, "at");

	*ret = 0;
	if (at == NULL)
		return (0);
	if (time_parse_as_of(s->zone, str_from(at), ret, e) != 0)
		return (err_set(e, ERR_USAGE, arena_printf(c->arena, "--at %s", at),
		    "give 2026-03-31 or 2026-03-31T12:00:00Z",
		    "this is not a time"));
	if (*ret > clock_now())
		return (err_set(e, ERR_INPUT, arena_printf(c->arena, "--at %s", at),
		    "give a time that has passed",
		    "evidence cannot speak of the future"));
	return (0);
}

static void
print_why(const struct err *why)
{
	fflush(stdout);
	err_print(stderr, why);
}

static int
run(struct cli *c, struct err *e)
{
	SESSION_SCOPED s = { 0 };
	struct collect_source *src = NULL;
	struct record_actor me = actor_me(c->arena);
	struct val *list = val_list(c->arena);
	size_t n = 0;
	const struct err *why = NULL;
	int64_t at = 0;

	int r = session_open(c, SESSION_WRITE, &s, e);
	if (r == 0)
		r = world_time(c, &s, &at, e);
	if (r == 0)
		r = choose(c, &s, &src, &n, e);
	if (r != 0)
		return (r);
	if (n == 0)
		return (err_set(e, ERR_INPUT, c->arg[0],
		    arena_printf(c->arena, "add one: tickmark source %s add linux",
			cli_word(c, c->arg[0])), "there is no source to collect from"));
	for (size_t i = 0; i < n; i++) {
		struct collect_result *res = arena_new(c->arena, struct collect_result);
		r = collect_run(s.ev, &src[i], at, me.id, NULL, res, e);
		if (r != 0)
			break;
		if (c->json)
			val_push(c->arena, list, json_run(c->arena, &src[i], res));
		else
			print_run(c, &src[i], res);
		if (!res->failed)
			continue;
		/* The last one is the error of the command. */
		if (why != NULL)
			print_why(why);
		why = &res->why;
	}
	/* What was collected before an error is there, and is sequenced. */
	struct err later;
	int done = session_done(&s, r == 0 ? e : &later);
	if (r == 0)
		r = done;
	if (c->json)
		cli_print_json(c, list);
	if (why != NULL && r != 0)
		print_why(why);
	else if (why != NULL)
		return (err_set(e, ERR_ENV, why->where, why->fix, "%s", why->what));
	return (r);
}

static const struct cli_opt opts[] = {
	{ "at", OPT_TEXT, "TIME", "csv: the moment that the file speaks of" },
	{ NULL, OPT_FLAG, NULL, NULL },
};

const struct cli_command cmd_collect = {
	"collect", "DIR [SOURCE...] [--at TIME]",
	"collect evidence from sources now",
	"Runs the collector of each source, or of those that are named, each in its\n"
	"own sandboxed process, and keeps what it found. Every run leaves an entry\n"
	"in the ledger, also one that failed or found nothing new.\n"
	"\n"
	"  tickmark collect work\n"
	"  tickmark collect work roster --at 2026-03-31\n"
	"\n"
	"A source that could not be read leaves no evidence: what depends on it\n"
	"becomes unknown. The exit status is 3 if one failed.",
	1, 256, opts, run, false,
};
