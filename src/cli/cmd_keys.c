/* tickmark keys: what there is, and new ones. */
#include "cli/actor.h"
#include "cli/commands.h"
#include "ledger/ledger.h"
#include "ledger/rotate.h"
#include "record/workspace.h"
#include "text/timefmt.h"

static int
list(struct cli *c, struct err *e)
{
	WORKSPACE_SCOPED *ws = NULL;
	struct rotate_key *k;
	char t[TIME_SIZE];
	size_t n;

	int r = workspace_open(c->arg[0], false, &ws, e);
	if (r == 0)
		r = rotate_list(ws->ledger, c->arena, &k, &n, e);
	if (r != 0)
		return (r);
	struct cli_table *table = cli_table(c, 5, "key", "state", "since", "use",
	    "id");
	for (size_t i = 0; i < n; i++)
		cli_row(table, k[i].kind, k[i].current ? "current" : "old",
		    k[i].since == 0 ? "-" : arena_strdup(c->arena,
		    time_print(k[i].since, t)), k[i].note,
		    arena_strndup(c->arena, k[i].id.ptr, k[i].id.len));
	cli_table_print(table);
	return (0);
}

static const struct {
	const char *what;
	int (*rotate)(struct ledger *l, struct str actor, struct err *e);
	const char *done;
} kinds[] = {
	{ "master", rotate_master, "a new master key seals all other keys; put it "
	    "into the backup of the keys now" },
	{ "body", rotate_body, "new bodies are sealed under a new key; older ones "
	    "are read with theirs" },
	{ "signing", rotate_signing, "checkpoints are signed by a new key; give the "
	    "first line of ledger/vkey to who checks them" },
};

static int
rotate(struct cli *c, struct err *e)
{
	struct record_actor me = actor_me(c->arena);
	WORKSPACE_SCOPED *ws = NULL;
	size_t i = 0;

	if (c->nargs != 3)
		return (err_set(e, ERR_USAGE, "keys rotate",
		    "say master, body or signing", "which key?"));
	while (i < 3 && strcmp(c->arg[2], kinds[i].what) != 0)
		i++;
	if (i == 3)
		return (err_set(e, ERR_USAGE, c->arg[2],
		    "say master, body or signing", "there is no such key"));
	int r = workspace_open(c->arg[0], true, &ws, e);
	if (r == 0)
		r = kinds[i].rotate(ws->ledger, me.id, e);
	if (r != 0)
		return (r);
	if (c->json) {
		struct val *m = val_map(c->arena);
		val_put(c->arena, m, "rotated", val_text(c->arena,
		    kinds[i].what));
		cli_print_json(c, m);
	} else {
		printf("rotated: %s\n", kinds[i].done);
	}
	return (0);
}

static int
run(struct cli *c, struct err *e)
{
	if (strcmp(c->arg[1], "list") == 0 && c->nargs == 2)
		return (list(c, e));
	if (strcmp(c->arg[1], "rotate") == 0)
		return (rotate(c, e));
	return (err_set(e, ERR_USAGE, c->arg[1], "say list, or rotate and a key",
	    "this is nothing that can be done with keys"));
}

static const struct cli_opt opts[] = {
	{ NULL, OPT_FLAG, NULL, NULL },
};

const struct cli_command cmd_keys = {
	"keys", "DIR list | DIR rotate master|body|signing",
	"show the keys of a workspace, and replace them",
	"The master key seals all other keys; one key seals bodies; one signs the\n"
	"checkpoints of the ledger; each subject has one (tickmark erase destroys it).\n\n"
	"rotate master    a new master key; the rest is sealed anew under it. Do it when\n"
	"                 somebody who could read the old one leaves.\n"
	"rotate body      a new key for what is written from now on.\n"
	"rotate signing   a new signing key. Older signatures can be checked for ever:\n"
	"                 ledger/vkey lists all keys, the newest first, and the\n"
	"                 checkpoint that has the rotation is signed by both.\n\n"
	"Each rotation is an entry in the ledger. If one is interrupted, the next\n"
	"command that writes finishes it. Back up keys/ afterwards: an older copy\n"
	"does not open what comes later.",
	2, 3, opts, run, false,
};
