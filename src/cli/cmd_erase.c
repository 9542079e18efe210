/* tickmark erase: a person, or raw bytes that were kept long enough. */
#include <unistd.h>

#include "base/clock.h"
#include "cli/actor.h"
#include "cli/commands.h"
#include "cli/session.h"
#include "seal/forget.h"
#include "text/date.h"
#include "text/zone.h"

#define SHOWN 40 /* subjects of a kind that are printed */

struct erasure {
	struct cli *c;
	struct session s;
	struct forget f;
	const char *decision;
	bool person;
};

/* --- showing ---------------------------------------------------------------- */

static void
show_subjects(struct erasure *x, bool take)
{
	struct forget *f = &x->f;
	struct cli_table *t = cli_table(x->c, 2, "subject", "why");
	size_t n = 0;

	for (size_t i = 0; i < f->subjects.n; i++) {
		const struct forget_subject *s = &f->subjects.at[i];
		if (s->take != take || s->gone || n++ >= SHOWN)
			continue;
		cli_row(t, arena_printf(x->c->arena, STR_FMT "/%s/" STR_FMT,
		    STR_ARG(s->source), s->table->name, STR_ARG(s->subject)),
		    arena_strndup(x->c->arena, s->why.ptr, s->why.len));
	}
	if (n == 0)
		return;
	printf(take ? "to be erased, with every version:\n" : "doubtful, and left "
	    "(name one with --subject, or all with --doubtful):\n");
	cli_table_print(t);
	if (n > SHOWN)
		printf("  and %zu more\n", n - SHOWN);
	putchar('\n');
}

static void
show_list(struct cli *c, const char *title, const struct str *at, size_t n)
{
	if (n == 0)
		return;
	printf("%s\n", title);
	for (size_t i = 0; i < n; i++)
		cli_wrap(c, 2, arena_strndup(c->arena, at[i].ptr, at[i].len));
	putchar('\n');
}

/* Where no key and no entry of this workspace reaches; how many sentences. */
static size_t
out_of_reach(const struct erasure *x, struct str out[2])
{
	size_t n = 0;

	if (!x->person)
		return (0);
	out[n++] = STR("bundles, reports, exports and backups of other programs "
	    "that left this workspace hold what they held: whoever has them is "
	    "to be asked");
	if (x->f.nbodies != 0)
		out[n++] = str_from(arena_printf(x->c->arena, "backup points of "
		    "before: the next backup destroys the keys in them, but %zu "
		    "%s erased one by one and %s readable there with the "
		    "recovery key until the points are removed; a restore erases "
		    "%s again", x->f.nbodies, x->f.nbodies == 1 ? "body is" :
		    "bodies are", x->f.nbodies == 1 ? "is" : "are",
		    x->f.nbodies == 1 ? "it" : "them"));
	return (n);
}

static void
show(struct erasure *x)
{
	struct str beyond[2];

	struct forget *f = &x->f;

	if (x->c->json)
		return;
	cli_progress_off();
	if (x->person) {
		show_subjects(x, true);
		show_subjects(x, false);
	}
	printf("%zu %s: %zu of subjects and records, %zu of members in results, "
	    "%zu of raw bytes (%zu bodies), %zu bodies one by one\n\n",
	    f->items.n, f->items.n == 1 ? "erasure" : "erasures",
	    f->nsubject_keys, f->nmembers, f->items.n - f->nsubject_keys -
	    f->nmembers - f->nbodies, f->nraw, f->nbodies);
	show_list(x->c, "left as it is:", f->left.at, f->left.n);
	show_list(x->c, "out of reach:", beyond, out_of_reach(x, beyond));
	show_list(x->c, "in the way:", f->holds.at, f->holds.n);
}

static struct val *
list_of(struct arena *a, const struct str *at, size_t n)
{
	struct val *l = val_list(a);

	for (size_t i = 0; i < n; i++)
		val_push(a, l, val_str(a, at[i]));
	return (l);
}

static void
print_json(struct erasure *x, bool done)
{
	struct arena *a = x->c->arena;
	struct forget *f = &x->f;
	struct val *m = val_map(a), *l = val_list(a);
	struct str beyond[2];

	for (size_t i = 0; i < f->subjects.n; i++) {
		const struct forget_subject *s = &f->subjects.at[i];
		struct val *v = val_map(a);
		if (s->gone)
			continue;
		val_put(a, v, "source", val_str(a, s->source));
		val_put(a, v, "table", val_text(a, s->table->name));
		val_put(a, v, "subject", val_str(a, s->subject));
		val_put(a, v, "why", val_str(a, s->why));
		val_put(a, v, "erase", val_bool(a, s->take));
		val_push(a, l, v);
	}
	if (x->person) {
		val_put(a, m, "person", val_str(a, f->person));
		val_put(a, m, "subjects", l);
	}
	val_put(a, m, "erasures", val_int(a, (int64_t)f->items.n));
	val_put(a, m, "raw_bodies", val_int(a, (int64_t)f->nraw));
	val_put(a, m, "left", list_of(a, f->left.at, f->left.n));
	val_put(a, m, "out_of_reach", list_of(a, beyond,
	    out_of_reach(x, beyond)));
	val_put(a, m, "holds", list_of(a, f->holds.at, f->holds.n));
	val_put(a, m, "done", val_bool(a, done));
	cli_print_json(x->c, m);
}

/* --- doing ------------------------------------------------------------------ */

static int
confirm(struct erasure *x, struct err *e)
{
	char answer[16] = "";

	if (cli_opt(x->c, "yes") != NULL)
		return (0);
	if (x->c->json || !isatty(STDIN_FILENO))
		return (err_set(e, ERR_USAGE, "--yes",
		    "look with --dry-run, then add --yes",
		    "what is erased does not come back, and nobody was asked"));
	printf("What is erased does not come back. Type yes to erase: ");
	fflush(stdout);
	if (fgets(answer, sizeof(answer), stdin) == NULL ||
	    strcmp(answer, "yes\n") != 0)
		return (err_set(e, ERR_NO, NULL, NULL, "nothing was erased"));
	return (0);
}

static int
carry_out(struct erasure *x, const char *reason, struct err *e)
{
	struct session *s = &x->s;
	struct record_actor me = actor_me(x->c->arena);
	bool dry = cli_opt(x->c, "dry-run") != NULL;
	int r = 0;

	show(x);
	if (dry || x->f.items.n == 0) {
		if (x->c->json)
			print_json(x, false);
		else if (x->f.items.n == 0)
			printf("there is nothing to erase\n");
		return (x->f.holds.n != 0 ? -ERR_NO : 0);
	}
	if (x->f.holds.n == 0)
		r = confirm(x, e);
	if (r != 0)
		return (r);
	cli_progress_on(x->c);
	evidence_close(s->ev);
	s->ev = NULL;
	x->f.ev = NULL;
	r = forget_commit(&x->f, me.id, str_from(x->decision), str_from(reason),
	    e);
	if (r == 0)
		r = evidence_open(&s->ev, s->ws->dir, s->ws->ledger, true, e);
	if (r == 0)
		r = session_done(s, e);
	if (r != 0)
		return (r);
	cli_progress_off();
	if (x->c->json)
		print_json(x, true);
	else
		printf("erased, by decision %s; the ledger says so in %zu %s\n",
		    x->decision, x->f.items.n, x->f.items.n == 1 ? "entry" :
		    "entries");
	return (0);
}

static int
person(struct erasure *x, struct err *e)
{
	struct cli *c = x->c;
	const char **named = arena_array(c->arena, c->ngiven + 1,
	    sizeof(*named));

	if (c->nargs != 3)
		return (err_set(e, ERR_USAGE, "erase person",
		    "give one code, address, login or name", "which person?"));
	x->person = true;
	x->f.doubtful = cli_opt(c, "doubtful") != NULL;
	x->f.named = named;
	for (const char *v; (v = cli_opt_nth(c, "subject", x->f.nnamed)) != NULL;)
		named[x->f.nnamed++] = v;
	int r = forget_person(&x->f, str_from(c->arg[2]), e);
	return (r != 0 ? r : carry_out(x, "request", e));
}

static int
raw(struct erasure *x, struct err *e)
{
	struct cli *c = x->c;
	const char *before = cli_opt(c, "before");
	bool due = cli_opt(c, "due") != NULL;
	size_t rules = 0;
	int64_t day;
	int r;

	if ((before != NULL) == due || c->nargs != 2)
		return (err_set(e, ERR_USAGE, "erase raw",
		    "give --before 2026-01-31, or --due", "which raw bytes?"));
	if (due) {
		r = forget_due(&x->f, clock_now(), &rules, e);
		if (r == 0 && rules == 0)
			r = err_set(e, ERR_NOTFOUND, "erase raw --due",
			    "tickmark record DIR retention put code=RET-01 "
			    "keeps=raw days=90", "there is no rule of retention");
		return (r != 0 ? r : carry_out(x, "retention", e));
	}
	if (date_parse(str_from(before), &day, e) != 0)
		return (err_set(e, ERR_USAGE, arena_printf(c->arena, "--before %s",
		    before), "give a day such as 2026-01-31", "this is no day"));
	r = forget_raw(&x->f, zone_day_start(x->s.zone, day), e);
	return (r != 0 ? r : carry_out(x, "retention", e));
}

static int
run(struct cli *c, struct err *e)
{
	struct erasure x = { .c = c, .decision = cli_opt(c, "decision") };
	bool is_raw = strcmp(c->arg[1], "raw") == 0;

	if (!is_raw && strcmp(c->arg[1], "person") != 0)
		return (err_set(e, ERR_USAGE, c->arg[1], "say person or raw",
		    "there is no such thing to erase"));
	if (x.decision == NULL && is_raw && cli_opt(c, "due") != NULL)
		x.decision = "retention-rules";
	if (x.decision == NULL && cli_opt(c, "dry-run") == NULL)
		return (err_set(e, ERR_USAGE, "--decision",
		    "give a reference that names no person, such as TICKET-17",
		    "by whose decision?"));
	int r = session_open(c, SESSION_WRITE, &x.s, e);
	if (r == 0) {
		forget_init(&x.f, c->arena, x.s.ws, x.s.ev);
		r = is_raw ? raw(&x, e) : person(&x, e);
		forget_free(&x.f);
	}
	session_close(&x.s);
	return (r);
}

static const struct cli_opt opts[] = {
	{ "decision", OPT_TEXT, "REF", "reference of the decision; stands in the ledger" },
	{ "dry-run", OPT_FLAG, NULL, "show what would be erased, and what is in the way" },
	{ "yes", OPT_FLAG, NULL, "do not ask" },
	{ "subject", OPT_MULTI, "SOURCE/TABLE/SUBJECT", "person: this one too" },
	{ "doubtful", OPT_FLAG, NULL, "person: all that are doubtful too" },
	{ "before", OPT_TEXT, "DATE", "raw: of runs before this day" },
	{ "due", OPT_FLAG, NULL, "raw: what the retention rules let go" },
	{ NULL, OPT_FLAG, NULL, NULL },
};

const struct cli_command cmd_erase = {
	"erase", "DIR person NAME | DIR raw --before DATE | DIR raw --due",
	"erase a person's data, or raw bytes kept long enough",
	"Everything that is personal lies under a key of its subject. Erasing a person\n"
	"destroys the keys of the accounts, commits and other subjects that the rules\n"
	"of identity give to the person, of the records that name them, and of their\n"
	"lines in results; raw bytes of the sources that have the person go as well.\n"
	"What is doubtful is shown and left. The ledger stays whole: it says what was\n"
	"erased by which decision, results stand, and the cells read as unknown.\n\n"
	"raw erases the bytes of collections as they came, which are kept beside the\n"
	"rows. Rules of retention are records: tickmark record DIR retention put.\n"
	"A legal hold (tickmark record DIR legal_hold put) stops either.\n\n"
	"    tickmark erase work person ada@example.org --dry-run\n"
	"    tickmark erase work person E-17 --decision TICKET-17 --yes\n"
	"    tickmark erase work raw --before 2026-01-01 --decision POLICY-4",
	2, 3, opts, run, false,
};
