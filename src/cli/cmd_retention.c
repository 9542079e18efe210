/* tickmark retention: what was kept long enough, and the certificates of it. */
#include <inttypes.h>
#include <unistd.h>

#include "cli/actor.h"
#include "cli/commands.h"
#include "cli/session.h"
#include "report/certificate_doc.h"
#include "report/report.h"
#include "seal/certificate.h"
#include "seal/retention.h"
#include "text/date.h"
#include "text/zone.h"

#define SHOWN 20 /* items of a rule that are printed */

struct job {
	struct cli *c;
	struct session s;
	struct retention x;
};

static const char *
text(struct job *j, struct str s)
{
	return (arena_strndup(j->c->arena, s.ptr != NULL ? s.ptr : "", s.len));
}

static const char *
day(struct job *j, int64_t us)
{
	char at[DATE_SIZE];

	return (us == INT64_MAX ? "" : arena_strdup(j->c->arena,
	    date_print(zone_day(j->s.zone, us), at)));
}

/* --- showing ---------------------------------------------------------------- */

static struct val *
item_val(struct job *j, const struct retention_item *it)
{
	struct arena *a = j->c->arena;
	struct val *m = val_map(a);

	val_put(a, m, "what", val_str(a, it->label));
	val_put(a, m, "since", val_text(a, day(j, it->since)));
	val_put(a, m, "hold", it->hold.len != 0 ? val_str(a, it->hold) :
	    val_null(a));
	val_put(a, m, "stuck", it->stuck.len != 0 ? val_str(a, it->stuck) :
	    val_null(a));
	return (m);
}

static struct val *
plan_val(struct job *j, const struct retention_plan *p)
{
	struct arena *a = j->c->arena;
	struct val *m = val_map(a), *items = val_list(a);

	for (size_t i = 0; i < p->items.n; i++)
		val_push(a, items, item_val(j, &p->items.at[i]));
	val_put(a, m, "rule", val_str(a, p->code));
	val_put(a, m, "decision", val_str(a, p->decision));
	val_put(a, m, "target", val_text(a, p->target->name));
	val_put(a, m, "action", val_text(a, p->retire ? "retire" : "erase"));
	val_put(a, m, "days", val_int(a, p->days));
	val_put(a, m, "due", val_int(a, (int64_t)retention_due(p)));
	val_put(a, m, "held", val_int(a, (int64_t)p->held));
	val_put(a, m, "stuck", val_int(a, (int64_t)p->stuck));
	val_put(a, m, "waiting", val_int(a, (int64_t)p->waiting));
	val_put(a, m, "undated", val_int(a, (int64_t)p->undated));
	val_put(a, m, "next_on", p->next == INT64_MAX ? val_null(a) :
	    val_text(a, day(j, p->next)));
	val_put(a, m, "items", items);
	val_put(a, m, "certificate", p->certificate.len != 0 ?
	    val_str(a, p->certificate) : val_null(a));
	return (m);
}

static void
print_json(struct job *j, bool done)
{
	struct arena *a = j->c->arena;
	struct val *m = val_map(a), *rules = val_list(a), *raw = val_map(a);
	struct val *holds = val_list(a);
	const struct forget *f = &j->x.raw;

	for (size_t i = 0; i < j->x.plans.n; i++)
		val_push(a, rules, plan_val(j, j->x.plans.at[i]));
	for (size_t i = 0; i < f->holds.n; i++)
		val_push(a, holds, val_str(a, f->holds.at[i]));
	val_put(a, raw, "rules", val_int(a, (int64_t)j->x.raw_rules));
	val_put(a, raw, "bodies", val_int(a, (int64_t)f->nraw));
	val_put(a, raw, "holds", holds);
	val_put(a, raw, "certificate", j->x.raw_certificate.len != 0 ?
	    val_str(a, j->x.raw_certificate) : val_null(a));
	val_put(a, m, "rules", rules);
	val_put(a, m, "raw", raw);
	val_put(a, m, "due", val_int(a, (int64_t)j->x.due));
	val_put(a, m, "held", val_int(a, (int64_t)j->x.held));
	val_put(a, m, "done", val_bool(a, done));
	cli_print_json(j->c, m);
}

static void
print_items(struct job *j, const struct retention_plan *p)
{
	struct cli_table *t = cli_table(j->c, 3, "due", "counts from", "kept by");

	for (size_t i = 0; i < p->items.n && i < SHOWN; i++) {
		const struct retention_item *it = &p->items.at[i];
		cli_row(t, text(j, it->label), day(j, it->since),
		    text(j, it->hold.len != 0 ? it->hold : it->stuck));
		if (it->hold.len + it->stuck.len != 0)
			cli_tint(t, 2, TONE_WARN);
	}
	if (p->items.n != 0)
		cli_table_print(t);
	if (p->items.n > SHOWN)
		printf("  and %zu more\n", p->items.n - SHOWN);
}

static void
print_plan(struct job *j, const struct retention_plan *p)
{
	printf(STR_FMT ": %s %s after %" PRId64 " days: %zu due",
	    STR_ARG(p->code), p->retire ? "retire" : "erase", p->target->name,
	    p->days, retention_due(p));
	if (p->held != 0)
		printf(", %zu kept by a legal hold", p->held);
	if (p->stuck != 0)
		printf(", %zu still in use", p->stuck);
	printf(", %zu not yet", p->waiting);
	if (p->undated != 0)
		printf(", %zu without the date that counts", p->undated);
	if (p->next != INT64_MAX)
		printf("; the next one is due on %s", day(j, p->next));
	putchar('\n');
	print_items(j, p);
	putchar('\n');
}

static void
print(struct job *j)
{
	const struct forget *f = &j->x.raw;

	if (j->c->json)
		return;
	cli_progress_off();
	for (size_t i = 0; i < j->x.plans.n; i++)
		print_plan(j, j->x.plans.at[i]);
	if (j->x.raw_rules != 0)
		printf("raw bytes: %zu collections are due\n", f->nraw);
	for (size_t i = 0; i < f->holds.n; i++)
		cli_wrap(j->c, 2, text(j, f->holds.at[i]));
	if (j->x.plans.n + j->x.raw_rules == 0)
		printf("no rule is active that the program carries out; write one: "
		    "tickmark retention --help\n");
}

static int
read_all(struct job *j, enum session_need need, struct err *e)
{
	const char *rule = cli_opt(j->c, "rule");
	int r = session_open(j->c, need, &j->s, e);

	return (r != 0 ? r : retention_read(j->c->arena, j->s.ws, j->s.ev,
	    str_from(rule != NULL ? rule : ""), &j->x, e));
}

static int
do_plan(struct job *j, struct err *e)
{
	int r = read_all(j, SESSION_READ, e);

	if (r != 0)
		return (r);
	print(j);
	if (j->c->json)
		print_json(j, false);
	return (0);
}

/* --- doing ------------------------------------------------------------------ */

static int
confirm(struct job *j, struct err *e)
{
	char answer[16] = "";

	if (cli_opt(j->c, "yes") != NULL)
		return (0);
	if (j->c->json || !isatty(STDIN_FILENO))
		return (err_set(e, ERR_USAGE, "--yes",
		    "look with tickmark retention DIR plan, then add --yes",
		    "what is erased does not come back, and nobody was asked"));
	printf("What is erased does not come back. Type yes to go on: ");
	fflush(stdout);
	if (fgets(answer, sizeof(answer), stdin) == NULL ||
	    strcmp(answer, "yes\n") != 0)
		return (err_set(e, ERR_NO, NULL, NULL, "nothing was erased"));
	return (0);
}

static void
print_done(struct job *j)
{
	for (size_t i = 0; i < j->x.plans.n; i++)
		if (j->x.plans.at[i]->certificate.len != 0)
			printf("certificate " STR_FMT "\n",
			    STR_ARG(j->x.plans.at[i]->certificate));
	if (j->x.raw_certificate.len != 0)
		printf("certificate " STR_FMT "\n",
		    STR_ARG(j->x.raw_certificate));
}

static int
do_run(struct job *j, struct err *e)
{
	struct record_actor me = actor_me(j->c->arena);
	struct session *s = &j->s;
	int r = read_all(j, SESSION_WRITE, e);

	if (r != 0)
		return (r);
	bool any = j->x.due != 0 || (j->x.raw.items.n != 0 &&
	    j->x.raw.holds.n == 0);
	print(j);
	if (any)
		r = confirm(j, e);
	if (any && r == 0) {
		evidence_close(s->ev);
		s->ev = NULL;
		r = retention_run(&j->x, &me, e);
		if (r == 0)
			r = evidence_open(&s->ev, s->ws->dir, s->ws->ledger, true,
			    e);
		if (r == 0)
			r = session_written(s, e);
	}
	if (r != 0)
		return (r);
	if (j->c->json)
		print_json(j, any);
	else if (any)
		print_done(j);
	else
		printf("there is nothing to do\n");
	return (0);
}

/* --- certificates ------------------------------------------------------------ */

static int
do_certificates(struct job *j, struct err *e)
{
	static const uint16_t cols[] = { F_DISPOSAL_CODE, F_DISPOSAL_DESTROYED_AT,
		F_DISPOSAL_COUNT, F_DISPOSAL_METHOD, F_DISPOSAL_DECISION,
		F_DISPOSAL_WHAT };
	struct record_query q = { .sort = F_DISPOSAL_DESTROYED_AT };
	struct record_list list;
	int r = session_open(j->c, SESSION_READ, &j->s, e);

	if (r == 0)
		r = record_list(&j->s.ws->records, j->c->arena,
		    schema_get(T_DISPOSAL), &q, &list, e);
	if (r != 0)
		return (r);
	if (list.n == 0 && !j->c->json)
		printf("no certificate yet\n");
	else
		session_rows(j->c, &j->s.ws->records, &list, cols, 6,
		    cli_table(j->c, 6, "certificate", "when", "count", "how",
		    "decision", "what"));
	return (0);
}

static const char *
words_of(const struct err *found)
{
	return (found->code == ERR_OK ? "the entries are there, and their digest "
	    "is the one above" : found->what);
}

static int
show_certificate(struct job *j, const struct record *r, const struct err *found)
{
	struct cli *c = j->c;
	struct val *m = record_to_val(&j->s.ws->records, c->arena, r);

	if (c->json) {
		val_put(c->arena, m, "borne_out", found->code == ERR_NOTFOUND ?
		    val_null(c->arena) : val_bool(c->arena, found->code ==
		    ERR_OK));
		cli_print_json(c, m);
		return (0);
	}
	for (size_t i = 0; i < r->type->nfields; i++) {
		struct str s = record_text(&j->s.ws->records, c->arena, r, i);
		if (s.len != 0)
			printf("%-22s " STR_FMT "\n", r->type->fields[i].title,
			    STR_ARG(s));
	}
	printf("%-22s %s\n", "Ledger", words_of(found));
	return (0);
}

static int
do_certificate(struct job *j, struct err *e)
{
	struct cli *c = j->c;
	const char *out = cli_opt(c, "o");
	struct record *r;
	struct err found;

	if (c->nargs != 3)
		return (err_set(e, ERR_USAGE, "certificate", "see: tickmark "
		    "retention DIR certificates", "which certificate?"));
	int k = session_open(c, SESSION_READ, &j->s, e);
	if (k == 0)
		k = record_find(&j->s.ws->records, c->arena,
		    schema_get(T_DISPOSAL), str_from(c->arg[2]), &r, e);
	if (k == 0)
		k = certificate_check(j->s.ws, r, &found, e);
	if (k != 0)
		return (k);
	if (out != NULL) {
		struct act x = { .a = c->arena, .ws = j->s.ws,
			.who = actor_me(c->arena) };
		struct report_result res;
		k = report_document(certificate_doc(&x, r, words_of(&found)), out,
		    &res, e);
		if (k == 0 && !c->json)
			printf("%s\n", out);
	} else {
		k = show_certificate(j, r, &found);
	}
	if (k == 0 && found.code != ERR_OK && found.code != ERR_NOTFOUND)
		k = err_set(e, ERR_NO, c->arg[2], "run: tickmark ledger DIR check",
		    "the ledger does not bear it out: %s", found.what);
	return (k);
}

/* --- the command -------------------------------------------------------------- */

static int
run(struct cli *c, struct err *e)
{
	static const char *const names[] = { "plan", "run", "certificates",
		"certificate" };
	static int (*const fns[])(struct job *, struct err *) = { do_plan, do_run,
		do_certificates, do_certificate };
	struct job j = { .c = c };
	int at = cli_verb(c->nargs > 1 ? c->arg[1] : "plan", names, 4,
	    "retention", e);
	int r = at < 0 ? at : fns[at](&j, e);

	retention_free(&j.x);
	session_close(&j.s);
	return (r);
}

static const struct cli_opt opts[] = {
	{ "rule", OPT_TEXT, "CODE", "plan, run: this rule only" },
	{ "yes", OPT_FLAG, NULL, "run: do not ask" },
	{ "o", OPT_SHORT, "FILE", "certificate: print it, .pdf or .html" },
	{ NULL, OPT_FLAG, NULL, NULL },
};

const struct cli_command cmd_retention = {
	"retention", "DIR [plan|run|certificates|certificate CODE]",
	"let go of what was kept long enough, with certificates",
	"A rule of retention with a target is carried out by the program: records of a\n"
	"type, or the subjects of an evidence table, so many days after a date. plan\n"
	"shows what is due, run does it: it erases what names people with every\n"
	"version, or takes records out of use, and leaves a certificate that names the\n"
	"rule, the number, the time, who approved it, and the entries of the ledger.\n"
	"What a legal hold covers stays, and is shown with its hold. A server runs\n"
	"what is due by itself.\n"
	"\n"
	"  tickmark record work retention_rule put code=RR-1 category=Leads \\\n"
	"      trigger='consent withdrawn' target=consent condition=state=withdrawn \\\n"
	"      from_field=withdrawn_at days=365 method=crypto_erase owner=E1 \\\n"
	"      approver=E2 reason='our notice says so' decision=POL-11\n"
	"  tickmark record work retention_rule put RR-1 state=active\n"
	"  tickmark retention work plan\n"
	"  tickmark retention work run --yes\n"
	"  tickmark retention work certificate DC-POL-11-1042 -o DC.pdf\n"
	"\n"
	"Raw bytes of collections go by the record type retention, in the same run.\n"
	"Exit 1 from certificate: the ledger does not bear it out.",
	1, 3, opts, run, false,
};
