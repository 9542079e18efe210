/* tickmark verify: check a bundle, or a workspace as if it were one. */
#include <sys/stat.h>

#include "cli/commands.h"
#include "cli/session.h"
#include "seal/bundle.h"
#include "seal/verify.h"
#include "sys/scratch.h"

#define SHOWN 40 /* problems in words; all of them with --json */

struct verifying {
	struct cli *c;
	struct verify_spec spec;
	struct val *problems, *checked, *not_checked, *notes;
	size_t shown; /* problems */
};

static struct val *
json_line(struct verifying *v, const char *topic, const char *text)
{
	struct val *m = val_map(v->c->arena);

	val_put(v->c->arena, m, "topic", val_text(v->c->arena, topic));
	val_put(v->c->arena, m, "text", val_text(v->c->arena, text));
	return (m);
}

static void
told(void *ctx, enum verify_kind kind, const char *topic, const char *text)
{
	static const char *const words[] = { "ok", "problem", "not checked",
		"note" };
	static const enum cli_tone tones[] = { TONE_GOOD, TONE_BAD, TONE_WARN,
		TONE_DIM };
	struct verifying *v = ctx;
	struct cli *c = v->c;

	if (c->json) {
		struct val *to = kind == VERIFY_OK ? v->checked :
		    kind == VERIFY_BAD ? v->problems :
		    kind == VERIFY_NOT ? v->not_checked : v->notes;
		val_push(c->arena, to, json_line(v, topic, text));
		return;
	}
	if (kind == VERIFY_BAD && v->shown++ >= SHOWN)
		return;
	cli_progress_off();
	printf("%s%-11s%s  %s: %s\n", cli_tone(c, tones[kind]), words[kind],
	    cli_tone(c, TONE_PLAIN), topic, text);
	cli_progress_on(c);
}

static void
sum_up(struct verifying *v, const struct verify_result *res)
{
	struct cli *c = v->c;
	struct val *m;

	cli_progress_off();
	if (c->json) {
		m = val_map(c->arena);
		val_put(c->arena, m, "holds",
		    val_bool(c->arena, res->problems == 0));
		val_put(c->arena, m, "trusted", val_bool(c->arena, res->trusted));
		val_put(c->arena, m, "ledger", val_text(c->arena, res->origin));
		val_put(c->arena, m, "entries",
		    val_int(c->arena, (int64_t)res->size));
		val_put(c->arena, m, "root", val_text(c->arena, res->root));
		val_put(c->arena, m, "problems", v->problems);
		val_put(c->arena, m, "checked", v->checked);
		val_put(c->arena, m, "not_checked", v->not_checked);
		val_put(c->arena, m, "notes", v->notes);
		cli_print_json(c, m);
		return;
	}
	if (v->shown > SHOWN)
		printf("and %zu more problems: see --json\n", v->shown - SHOWN);
	if (res->problems != 0)
		printf("\nIt does not hold: %llu problem%s\n",
		    (unsigned long long)res->problems,
		    res->problems == 1 ? "" : "s");
	else
		printf("\nEverything that was checked holds%s\n", res->trusted ? "" :
		    ". Whose ledger it is was not checked");
}

/* A workspace is sealed first, as a reader would get it. */
static int
seal(struct verifying *v, const char *dir, struct err *e)
{
	SESSION_SCOPED s = { 0 };
	struct bundle_result res = { 0 };
	struct ledger_head head;
	struct err own;
	int r = session_open(v->c, SESSION_WRITE, &s, &own);

	if (r == 0)
		r = session_done(&s, &own);
	if (r == -ERR_BUSY) {
		session_close(&s);
		r = session_open(v->c, SESSION_READ, &s, &own);
	}
	if (r == 0)
		r = session_assess(&s, &own);
	if (r == 0)
		r = ledger_head(s.ws->ledger, &head, &own);
	if (r == 0) {
		struct bundle_spec b = { .ws = s.ws, .ev = s.ev, .as = s.as,
			.report_as_of = head.time,
			.path = arena_printf(v->c->arena, "%s/bundle.zip", dir) };
		v->spec.path = b.path;
		r = bundle_write(&b, &res, &own);
	}
	if (r != 0 && e != NULL)
		*e = own;
	return (r);
}

static int
work(void *ctx, const char *dir, struct err *e)
{
	struct verifying *v = ctx;
	struct verify_result res = { 0 };
	struct stat st;
	char line[2200];
	int r = 0;

	if (stat(v->spec.path, &st) == 0 && S_ISDIR(st.st_mode)) {
		r = seal(v, dir, e);
		if (r == -ERR_DAMAGED) {
			err_format(e, line, sizeof(line));
			told(v, VERIFY_BAD, "workspace", line + strlen("tickmark: "));
			res.problems = 1;
			sum_up(v, &res);
			return (err_set(e, ERR_NO, NULL, NULL, "%s", ""));
		}
	}
	if (r == 0)
		r = verify_bundle(&v->spec, dir, told, v, &res, e);
	if (r != 0)
		return (r);
	sum_up(v, &res);
	return (res.problems == 0 ? 0 : err_set(e, ERR_NO, NULL, NULL, "%s", ""));
}

static int
run(struct cli *c, struct err *e)
{
	struct verifying v = { .c = c, .problems = val_list(c->arena),
		.checked = val_list(c->arena), .not_checked = val_list(c->arena),
		.notes = val_list(c->arena), .spec = { .path = c->arg[0],
		.identity = cli_opt(c, "identity"), .vkey = cli_opt(c, "vkey"),
		.policy = cli_opt(c, "policy"),
		.against = cli_opt(c, "against"),
		.tsa = cli_opt(c, "tsa") } };

	return (scratch_run("tickmark-verify", work, &v, e));
}

static const struct cli_opt opts[] = {
	{ "identity", OPT_TEXT, "KEYFILE", "age key to open an encrypted bundle" },
	{ "vkey", OPT_TEXT, "KEY", "the ledger's verifier key, or a file of such" },
	{ "policy", OPT_TEXT, "FILE", "the ledgers and witnesses that you trust" },
	{ "against", OPT_TEXT, "FILE", "a checkpoint that you kept before" },
	{ "tsa", OPT_TEXT, "FILE", "certificates (PEM) of time stamp authorities "
	    "that you trust" },
	{ NULL, OPT_FLAG, NULL, NULL },
};

const struct cli_command cmd_verify = {
	"verify", "FILE [--vkey KEY] [--policy FILE] [--against CHECKPOINT] [--identity KEYFILE]",
	"check a bundle offline, and run every test in it again",
	"Checks a file that tickmark bundle wrote, with nothing but this program: the\n"
	"archive, signatures, every entry and tile, cosignatures, time stamps, every\n"
	"body; then it rebuilds the evidence from them, runs each test again by the\n"
	"text of its procedure in the ledger, composes the report again, and compares.\n"
	"Says what was checked, what was not and why, and names the first thing that\n"
	"differs.\n"
	"\n"
	"  tickmark verify audit.zip\n"
	"  tickmark verify audit.zip --vkey example.com/log+1b2c3d4e+AQ...\n"
	"  tickmark verify audit.age --identity auditor.key --against old-checkpoint\n"
	"\n"
	"Without --vkey, --policy or --against the signatures only show that the file\n"
	"agrees with itself. A workspace is sealed and checked in the same way; what\n"
	"lies only in its databases is the business of tickmark doctor.\n"
	"The exit status is 1 if anything does not hold, 2 if the file is refused.\n"
	"Temporary files go to $TMPDIR and are removed.",
	1, 1, opts, run, false,
};
