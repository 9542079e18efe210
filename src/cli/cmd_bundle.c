/* tickmark bundle: seal what a reader needs into one file. */
#include "cli/commands.h"
#include "cli/session.h"
#include "ledger/age.h"
#include "seal/bundle.h"

static const char **
all_of(struct cli *c, const char *name, size_t *n)
{
	const char **at;

	for (*n = 0; cli_opt_nth(c, name, *n) != NULL; (*n)++)
		;
	at = arena_array(c->arena, *n + 1, sizeof(*at));
	for (size_t i = 0; i < *n; i++)
		at[i] = cli_opt_nth(c, name, i);
	return (at);
}

static int
recipients(struct cli *c, struct age_recipient **ret, size_t *ret_n,
    struct err *e)
{
	size_t n;
	const char **at = all_of(c, "to", &n);
	struct age_recipient *to = arena_array(c->arena, n + 1, sizeof(*to));

	if (n > AGE_RECIPIENTS)
		return (err_set(e, ERR_USAGE, "--to", "give fewer",
		    "at most %d can be named", AGE_RECIPIENTS));
	for (size_t i = 0; i < n; i++) {
		int r = age_recipient_parse(str_from(at[i]), &to[i], e);
		if (r != 0)
			return (r);
	}
	*ret = to;
	*ret_n = n;
	return (0);
}

/* The lock, so that nobody writes meanwhile; while a server has it, reading
 * will do. */
static int
open_workspace(struct cli *c, struct session *s, struct err *e)
{
	struct err own;
	int r = session_open(c, SESSION_WRITE, s, &own);

	if (r == 0)
		r = session_done(s, &own);
	if (r == -ERR_BUSY) {
		session_close(s);
		return (session_open(c, SESSION_READ, s, e));
	}
	if (r != 0 && e != NULL)
		*e = own;
	return (r);
}

static int
times(struct cli *c, struct session *s, struct bundle_spec *spec,
    struct err *e)
{
	struct session_when w;
	struct ledger_head head;
	int r = session_when(c, s, &w, e);

	if (r == 0)
		r = ledger_head(s->ws->ledger, &head, e);
	if (r != 0)
		return (r);
	spec->timed = w.given;
	spec->time = (struct assess_time){ .period = w.period,
		.from = w.from, .to = w.to };
	spec->period = cli_opt(c, "period");
	spec->as_of = cli_opt(c, "as-of");
	/* Without a time: as of the last thing that was said. */
	spec->report_as_of = w.given ? w.at : head.time;
	return (0);
}

static void
say(struct cli *c, const struct bundle_spec *spec,
    const struct bundle_result *res)
{
	if (c->json) {
		struct val *m = val_map(c->arena);
		val_put(c->arena, m, "file", val_text(c->arena, spec->path));
		val_put(c->arena, m, "bytes",
		    val_int(c->arena, (int64_t)res->bytes));
		val_put(c->arena, m, "members",
		    val_int(c->arena, (int64_t)res->members));
		val_put(c->arena, m, "entries",
		    val_int(c->arena, (int64_t)res->entries));
		val_put(c->arena, m, "bodies",
		    val_int(c->arena, (int64_t)res->bodies));
		val_put(c->arena, m, "withheld",
		    val_int(c->arena, (int64_t)res->withheld));
		val_put(c->arena, m, "erased",
		    val_int(c->arena, (int64_t)res->erased));
		val_put(c->arena, m, "results",
		    val_int(c->arena, (int64_t)res->results));
		val_put(c->arena, m, "report", val_bool(c->arena, res->report));
		val_put(c->arena, m, "encrypted",
		    val_bool(c->arena, spec->nto != 0));
		cli_print_json(c, m);
		return;
	}
	printf("wrote %s, %llu bytes%s\n%llu entries, %llu bodies, %llu results "
	       "to perform again\n", spec->path, (unsigned long long)res->bytes,
	    spec->nto != 0 ? ", encrypted" : "",
	    (unsigned long long)res->entries, (unsigned long long)res->bodies,
	    (unsigned long long)res->results);
	if (res->withheld != 0)
		printf("left out: %llu bodies; the entries name them, and the "
		       "manifest counts them\n",
		    (unsigned long long)res->withheld);
	if (res->erased != 0)
		printf("erased before: %llu bodies\n",
		    (unsigned long long)res->erased);
	if (res->report && !res->pdf)
		printf("the report is in it as HTML only: %s\n",
		    res->why_no_pdf);
	printf("\nCheck it, here or anywhere else\n  tickmark verify %s\n",
	    cli_word(c, spec->path));
}

static int
run(struct cli *c, struct err *e)
{
	SESSION_SCOPED s = { 0 };
	struct bundle_result res = { 0 };
	struct age_recipient *to;
	struct bundle_spec spec = {
		.path = cli_opt(c, "o"),
		.raw = cli_opt(c, "raw") != NULL,
		.no_report = cli_opt(c, "no-report") != NULL,
		.report_file = cli_opt(c, "report"),
		.assertion_first = cli_opt(c, "assertion-first") != NULL,
		.force = cli_opt(c, "force") != NULL,
	};

	if (spec.path == NULL)
		return (err_set(e, ERR_USAGE, "-o", "give -o bundle.zip",
		    "no file to write to was given"));
	if (spec.no_report && spec.report_file != NULL)
		return (err_set(e, ERR_USAGE, "--no-report", "give one of them",
		    "--report and --no-report were both given"));
	spec.ids = all_of(c, "scope", &spec.nids);
	spec.withhold = all_of(c, "withhold", &spec.nwithhold);
	int r = recipients(c, &to, &spec.nto, e);
	if (r == 0)
		r = open_workspace(c, &s, e);
	if (r == 0)
		r = session_assess(&s, e);
	if (r == 0)
		r = times(c, &s, &spec, e);
	if (r != 0)
		return (r);
	spec.to = to;
	spec.ws = s.ws;
	spec.ev = s.ev;
	spec.as = s.as;
	r = bundle_write(&spec, &res, e);
	if (r != 0)
		return (r);
	cli_progress_off();
	say(c, &spec, &res);
	return (0);
}

static const struct cli_opt opts[] = {
	{ "o", OPT_SHORT, "FILE", "file to write, such as audit.zip" },
	{ "to", OPT_MULTI, "age1...", "encrypt it to this key; any number" },
	{ "scope", OPT_MULTI, "ID", "only results of this procedure, control or "
	    "criterion, and what they need" },
	{ "period", OPT_TEXT, "A..B", "only results that lie in it" },
	{ "as-of", OPT_TEXT, "TIME", "only the last result of each test up to "
	    "then; the report speaks of it" },
	{ "report", OPT_TEXT, "FILE", "include this report if the workspace gives "
	    "the same bytes" },
	{ "assertion-first", OPT_FLAG, NULL, "management's assertion as Section I" },
	{ "no-report", OPT_FLAG, NULL, "leave the report out" },
	{ "withhold", OPT_MULTI, "WHAT", "leave out: personal, or a record type "
	    "or table" },
	{ "raw", OPT_FLAG, NULL, "include the bytes as they came from sources" },
	{ "force", OPT_FLAG, NULL, "replace a file that is there" },
	{ NULL, OPT_FLAG, NULL, NULL },
};

const struct cli_command cmd_bundle = {
	"bundle", "DIR -o FILE [--to age1...] [--scope ID] [--period A..B] [--withhold WHAT]",
	"seal what an auditor or reader needs into one file",
	"Writes a zip archive that any tool opens: the whole ledger, the bodies that\n"
	"its entries commit to, the tests, their results and the report, so that\n"
	"tickmark verify can check every statement without this workspace. What is\n"
	"left out is named by the entries and counted, not hidden. Bytes as they came\n"
	"from sources are left out unless asked for.\n"
	"\n"
	"  tickmark bundle work -o audit.zip\n"
	"  tickmark bundle work -o q1.zip --period 2026-01-01..2026-03-31\n"
	"  tickmark bundle work -o mfa.zip --scope AC-03 --withhold personal\n"
	"  tickmark bundle work -o audit.age --to age1...\n"
	"\n"
	"The same workspace and the same options give the same bytes, except when\n"
	"encrypted. Whoever reads it sees what is in it: look at the list first with\n"
	"unzip -l.",
	1, 1, opts, run, false,
};
