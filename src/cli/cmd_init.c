/* tickmark init: create a workspace. */
#include "cli/commands.h"
#include "cli/session.h"
#include "text/zone.h"

static int
run(struct cli *c, struct err *e)
{
	SESSION_SCOPED s = { 0 };
	struct ledger_head head;
	struct workspace_spec spec = {
		.org = cli_opt(c, "org"),
		.zone = cli_opt(c, "zone"),
		.keys_dir = cli_opt(c, "keys"),
		.demo = cli_opt(c, "demo") != NULL,
	};

	if (spec.org == NULL)
		return (err_set(e, ERR_USAGE, "--org",
		    "give the organisation's name: --org \"Your company\"",
		    "the organisation is not named"));
	int r = workspace_create(c->arg[0], &spec, &s.ws, e);
	if (r == 0)
		r = evidence_open(&s.ev, s.ws->dir, s.ws->ledger, true, e);
	if (r == 0)
		r = session_done(&s, e);
	if (r == 0)
		r = ledger_head(s.ws->ledger, &head, e);
	if (r != 0)
		return (r);
	if (c->json) {
		struct val *m = val_map(c->arena);
		val_put(c->arena, m, "workspace", val_text(c->arena, c->arg[0]));
		val_put(c->arena, m, "organisation", val_str(c->arena, s.ws->org));
		val_put(c->arena, m, "ledger", val_str(c->arena, s.ws->origin));
		val_put(c->arena, m, "entries",
		    val_int(c->arena, (int64_t)head.size));
		cli_print_json(c, m);
		return (0);
	}
	const char *dir = cli_word(c, c->arg[0]);
	printf("workspace %s for " STR_FMT "%s, %llu entries in its ledger\n\n"
	       "Back up %s apart from the rest: without the keys there, nobody\n"
	       "can read what is collected.\n\nNext\n"
	       "  tickmark gap %s ask            new to SOC 2: begin here\n"
	       "  tickmark source %s add linux\n"
	       "  tickmark collect %s\n"
	       "  tickmark status %s\n",
	    c->arg[0], STR_ARG(s.ws->org), spec.demo ? " (a demo)" : "",
	    (unsigned long long)head.size, keys_dir(s.ws->keys), dir, dir, dir, dir);
	return (0);
}

static const struct cli_opt opts[] = {
	{ "org", OPT_TEXT, "NAME", "the organisation's name (needed)" },
	{ "zone", OPT_TEXT, "ZONE", "IANA zone in which dates are meant (UTC)" },
	{ "keys", OPT_TEXT, "DIR2", "keep the keys there instead of DIR/keys" },
	{ "demo", OPT_FLAG, NULL, "mark it as a demo: its clock may be moved" },
	{ NULL, OPT_FLAG, NULL, NULL },
};

const struct cli_command cmd_init = {
	"init", "DIR --org NAME [--zone ZONE] [--keys DIR2] [--demo]",
	"create a workspace",
	"Makes a directory that holds one organisation's programme: the ledger, the\n"
	"records, the evidence and the keys. The criteria, the control library and\n"
	"the list of policies are put in.\n"
	"\n"
	"  tickmark init work --org \"Your company\" --zone Europe/Berlin",
	1, 1, opts, run, false,
};
