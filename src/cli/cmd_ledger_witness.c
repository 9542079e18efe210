/* tickmark ledger DIR witness: vouch for the ledgers of others. */
#include "cli/cmd_ledger.h"

#include <inttypes.h>

#include "ledger/proof.h"
#include "ledger/witness.h"
#include "record/workspace.h"
#include "web/serve.h"

/* Where its keys are: a workspace's, or DIR/keys. */
static int
keys_dir(struct cmd_ledger *x, const char **ret, struct err *e)
{
	struct arena *a = x->c->arena;

	if (file_exists(arena_printf(a, "%s/tickmark.workspace", x->dir)))
		return (workspace_keys_dir(a, x->dir, ret, e));
	*ret = arena_printf(a, "%s/keys", x->dir);
	return (0);
}

static int
open_witness(struct cmd_ledger *x, struct witness **ret, struct err *e)
{
	const char *keys;
	int r = keys_dir(x, &keys, e);

	return (r != 0 ? r : witness_open(x->dir, keys, ret, e));
}

/* Nothing is put into a directory of other things. */
static int
may_be_made(struct cmd_ledger *x, struct err *e)
{
	struct arena *a = x->c->arena;
	char **names;
	size_t n = 0;
	int r = 0;

	if (file_exists(arena_printf(a, "%s/tickmark.workspace", x->dir)) ||
	    file_exists(arena_printf(a, "%s/witness", x->dir)))
		return (0);
	if (file_exists(x->dir))
		r = file_list(a, x->dir, &names, &n, e);
	/* A master key that was put there before, or an interrupted init. */
	for (size_t i = 0; r == 0 && i < n; i++)
		if (strcmp(names[i], "keys") != 0)
			return (err_set(e, ERR_CONFLICT, x->dir,
			    "give a workspace, an empty directory, or one that "
			    "is not there", "other things are in this "
			    "directory"));
	return (r);
}

static int
init(struct cmd_ledger *x, struct err *e)
{
	WITNESS_SCOPED *w = NULL;
	const char *keys;
	int r = may_be_made(x, e);

	if (r == 0)
		r = keys_dir(x, &keys, e);
	if (r == 0)
		r = witness_create(x->dir, keys, x->arg[1], e);
	if (r == 0)
		r = witness_open(x->dir, keys, &w, e);
	if (r != 0)
		return (r);
	const char *vkey = cmd_ledger_vkey(x->c->arena, witness_key(w));
	if (x->c->json) {
		struct val *m = val_map(x->c->arena);
		val_put(x->c->arena, m, "vkey", val_text(x->c->arena, vkey));
		cli_print_json(x->c, m);
	} else {
		printf("%s\nThis is its verifier key; policies name it. Say whose "
		    "ledger it watches:\ntickmark ledger %s witness trust "
		    "VKEY\n", vkey, x->dir);
	}
	return (0);
}

static int
vkey(struct cmd_ledger *x, struct err *e)
{
	WITNESS_SCOPED *w = NULL;
	int r = open_witness(x, &w, e);

	if (r != 0)
		return (r);
	const char *s = cmd_ledger_vkey(x->c->arena, witness_key(w));
	if (x->c->json)
		cli_print_json(x->c, val_text(x->c->arena, s));
	else
		printf("%s\n", s);
	return (0);
}

/* --- trust --------------------------------------------------------------- */

static int
trust_one(struct cmd_ledger *x, struct witness *w, const struct note_key *k,
    struct err *e)
{
	bool off = cli_opt(x->c, "remove") != NULL;
	int r = off ? witness_distrust(w, k, e) : witness_trust(w, k, e);

	if (r < 0)
		return (r);
	if (!x->c->json)
		printf("%s+%08" PRIx32 ": %s%s\n", k->name, k->id,
		    r == 1 ? "already " : "",
		    off ? "not trusted" : "trusted");
	return (0);
}

/* A key, or the lines of a file such as a ledger's vkey. */
static int
trust_arg(struct cmd_ledger *x, struct witness *w, const char *arg,
    struct err *e)
{
	struct note_key *keys = arena_array(x->c->arena, PROOF_KEYS,
	    sizeof(*keys));
	size_t n = 0;
	int r = proof_keys_from(arg, keys, PROOF_KEYS, &n, e);

	for (size_t i = 0; r == 0 && i < n; i++)
		r = trust_one(x, w, &keys[i], e);
	return (r);
}

static int list(struct cmd_ledger *x, struct err *e);

static int
trust(struct cmd_ledger *x, struct err *e)
{
	WITNESS_SCOPED *w = NULL;
	int r = open_witness(x, &w, e);

	for (size_t i = 1; r == 0 && i < x->n; i++)
		r = trust_arg(x, w, x->arg[i], e);
	return (r == 0 && x->c->json ? list(x, e) : r);
}

/* --- list ---------------------------------------------------------------- */

struct listing {
	struct cli *c;
	struct val *out;
	struct cli_table *t;
};

static int
list_one(void *ctx, const struct witness_log *log, struct err *e)
{
	struct listing *l = ctx;
	struct arena *a = l->c->arena;
	struct val *m = val_map(a), *keys = val_list(a);
	const char *when = log->seen ? cmd_ledger_time(l->c, log->time) : NULL;

	(void)e;
	for (size_t i = 0; i < log->nkeys; i++)
		val_push(a, keys, val_text(a,
		    cmd_ledger_vkey(a, &log->keys[i])));
	val_put(a, m, "origin", val_text(a, log->origin));
	val_put(a, m, "vkeys", keys);
	val_put(a, m, "size", log->seen ? val_int(a, (int64_t)log->size) :
	    val_null(a));
	val_put(a, m, "root", log->seen ? val_text(a,
	    cmd_ledger_b64(a, &log->root)) : val_null(a));
	val_put(a, m, "cosigned", when ? val_text(a, when) : val_null(a));
	val_push(a, l->out, m);
	cli_row(l->t, arena_strdup(a, log->origin),
	    arena_printf(a, "%zu", log->nkeys),
	    log->seen ? arena_printf(a, "%" PRIu64, log->size) : "-",
	    when ? when : "never");
	return (0);
}

static int
list(struct cmd_ledger *x, struct err *e)
{
	WITNESS_SCOPED *w = NULL;
	struct listing l = { x->c, val_list(x->c->arena), NULL };
	int r = open_witness(x, &w, e);

	l.t = cli_table(x->c, 4, "ledger", "keys", "size", "last cosigned");
	if (r == 0)
		r = witness_each(w, list_one, &l, e);
	if (r != 0)
		return (r);
	if (x->c->json)
		cli_print_json(x->c, l.out);
	else if (val_count(l.out) == 0)
		printf("no ledger is watched\nWatch one: tickmark ledger %s "
		    "witness trust VKEY\n", x->dir);
	else
		cli_table_print(l.t);
	return (0);
}

/* --- a request by hand ---------------------------------------------------- */

/* As the server would answer it: for a witness without a network. */
static int
add(struct cmd_ledger *x, struct err *e)
{
	WITNESS_SCOPED *w = NULL;
	struct arena *a = x->c->arena;
	struct witness_reply reply = { .status = 0 };
	BUF_SCOPED b = BUF_INIT;
	int r = open_witness(x, &w, e);

	if (r == 0)
		r = file_read(x->arg[1], WITNESS_BODY, &b, e);
	if (r == 0)
		r = witness_add(w, buf_str(&b), &reply, e);
	if (r == 0 && x->c->json) {
		struct val *m = val_map(a);
		val_put(a, m, "status", val_int(a, reply.status));
		val_put(a, m, "type", val_text(a, reply.type));
		val_put(a, m, "body", val_str(a, buf_str(&reply.body)));
		cli_print_json(x->c, m);
	} else if (r == 0 && reply.status == 200) {
		r = cmd_ledger_save(x, buf_str(&reply.body), e);
	} else if (r == 0) {
		printf("refused (%d)  %s%s", reply.status,
		    reply.status == 409 ? "this ledger was last cosigned at "
		    "size " : "", reply.body.ptr);
	}
	if (r == 0 && reply.status != 200)
		r = -ERR_NO;
	buf_free(&reply.body);
	return (r);
}

/* --- over HTTP ------------------------------------------------------------ */

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

static int
serve(struct cmd_ledger *x, struct err *e)
{
	const char *listen = cli_opt(x->c, "listen"), *keys;
	int r = keys_dir(x, &keys, e);

	return (r != 0 ? r : serve_witness(x->dir, keys, listen != NULL ?
	    listen : "127.0.0.1:8421", ready, x->c, e));
}

/* --- the group ----------------------------------------------------------- */

static const struct {
	const char *name;
	cmd_ledger_fn *fn;
	size_t min, max; /* arguments after the name */
	const char *usage;
} verbs[] = {
	{ "init", init, 1, 1, "init NAME, such as witness.example.org/w1" },
	{ "trust", trust, 1, 62, "trust VKEY|FILE... [--remove]" },
	{ "list", list, 0, 0, "list" },
	{ "vkey", vkey, 0, 0, "vkey" },
	{ "serve", serve, 0, 0, "serve [--listen ADDR:PORT]" },
	{ "add", add, 1, 1, "add FILE, a request as the ledger's proof --from "
	    "writes it" },
};
#define NVERBS (sizeof(verbs) / sizeof(*verbs))

int
cmd_ledger_witness(struct cmd_ledger *x, struct err *e)
{
	const char *verb = x->n == 0 ? "list" : x->arg[0];
	const char *names[NVERBS];
	BUF_SCOPED all = BUF_INIT;

	for (size_t i = 0; i < NVERBS; i++) {
		if (strcmp(verb, verbs[i].name) == 0) {
			size_t n = x->n == 0 ? 0 : x->n - 1;
			if (n >= verbs[i].min && n <= verbs[i].max)
				return (verbs[i].fn(x, e));
			return (err_set(e, ERR_USAGE, verb, arena_printf(
			    x->c->arena, "tickmark ledger DIR witness %s",
			    verbs[i].usage), "%s takes %s arguments", verb,
			    n < verbs[i].min ? "more" : "no more"));
		}
		names[i] = verbs[i].name;
		buf_printf(&all, "%s%s", i != 0 ? ", " : "", names[i]);
	}
	const char *near = cli_nearest(verb, names, NVERBS);
	return (err_set(e, ERR_USAGE, verb, near != NULL ?
	    arena_printf(x->c->arena, "did you mean %s?", near) : all.ptr,
	    "this is not done to a witness"));
}
