/* tickmark ledger: the head of the log, proofs and receipts from it. */
#include "cli/cmd_ledger.h"

#include <inttypes.h>

#include "base/clock.h"
#include "cli/commands.h"
#include "ledger/ledger.h"
#include "ledger/proof.h"
#include "ledger/tile.h"
#include "record/workspace.h"
#include "text/timefmt.h"
#include "web/jobs.h"

const char *
cmd_ledger_time(struct cli *c, int64_t seconds)
{
	char t[TIME_SIZE];

	if (seconds > INT64_MAX / CLOCK_SECOND)
		return (arena_printf(c->arena, "%" PRId64 " s", seconds));
	return (arena_strdup(c->arena, time_print(seconds * CLOCK_SECOND, t)));
}

const char *
cmd_ledger_b64(struct arena *a, const struct tree_hash *h)
{
	BUF_SCOPED b = BUF_INIT;

	buf_putb64(&b, h->h, TREE_HASH);
	return (arena_strdup(a, b.ptr));
}

const char *
cmd_ledger_vkey(struct arena *a, const struct note_key *k)
{
	BUF_SCOPED b = BUF_INIT;

	note_key_print(k, &b);
	return (arena_strdup(a, b.ptr));
}

int
cmd_ledger_save(struct cmd_ledger *x, struct str bytes, struct err *e)
{
	const char *out = cli_opt(x->c, "o");

	if (out != NULL)
		return (file_write(out, 0644, bytes.ptr, bytes.len, e));
	fwrite(bytes.ptr, 1, bytes.len, stdout);
	return (0);
}

struct val *
cmd_ledger_cosigners(struct cli *c, const struct policy_seen *s)
{
	struct val *list = val_list(c->arena);

	for (size_t i = 0; i < s->n; i++) {
		struct val *m = val_map(c->arena);
		val_put(c->arena, m, "witness",
		    val_text(c->arena, s->at[i].witness->name));
		val_put(c->arena, m, "key", val_text(c->arena,
		    cmd_ledger_vkey(c->arena, &s->at[i].witness->key)));
		val_put(c->arena, m, "time", val_text(c->arena,
		    cmd_ledger_time(c, s->at[i].time)));
		val_push(c->arena, list, m);
	}
	return (list);
}

/* A whole number given as an argument or option. */
static int
number(const char *s, const char *what, uint64_t *ret, struct err *e)
{
	if (*s < '0' || *s > '9' || !str_to_u64(str_from(s), ret))
		return (err_set(e, ERR_USAGE, s, "give a whole number",
		    "this is not %s", what));
	return (0);
}

/* --- head ---------------------------------------------------------------- */

struct heads {
	struct checkpoint now, witnessed;
	bool has_witnessed;
	struct buf note, wnote;
	struct note_key keys[PROOF_KEYS];
	size_t nkeys;
	struct policy *policy; /* or NULL */
	struct policy_seen seen;
	struct job_states server;
};

static int
load_heads(struct cmd_ledger *x, struct heads *h, struct err *e)
{
	int r = proof_keys(x->files, h->keys, PROOF_KEYS, &h->nkeys, e);

	if (r == 0)
		r = proof_note(x->files, "checkpoint", &h->note, &h->now, e);
	if (r == 0)
		r = proof_policy(x->c->arena, x->files, &h->policy, NULL, e);
	if (r == 0)
		r = jobs_states(x->c->arena, x->dir, &h->server, e);
	if (r != 0)
		return (r);
	r = proof_note(x->files, "witnessed", &h->wnote, &h->witnessed, e);
	h->has_witnessed = r == 0;
	if (r == 0 && h->policy != NULL)
		return (policy_look(h->policy, h->keys, h->nkeys,
		    buf_str(&h->wnote), &h->seen, e));
	return (r == -ERR_NOTFOUND ? 0 : r);
}

/* The server's jobs that failed the last time. */
static struct val *
failed_jobs(struct arena *a, const struct job_states *s)
{
	struct val *list = val_list(a);

	for (size_t i = 0; i < s->n; i++) {
		if (s->job[i].how != JOB_FAILED)
			continue;
		struct val *m = val_map(a);
		val_put(a, m, "name", val_text(a, s->job[i].name));
		val_put(a, m, "failures", val_int(a, s->job[i].failures));
		val_put(a, m, "said", val_text(a, s->job[i].said));
		val_push(a, list, m);
	}
	return (list);
}

static void
head_json(struct cmd_ledger *x, const struct heads *h, uint64_t size,
    const char *last)
{
	struct arena *a = x->c->arena;
	struct val *m = val_map(a), *keys = val_list(a), *w = val_map(a);

	val_put(a, m, "origin", val_text(a, h->now.origin));
	val_put(a, m, "size", val_int(a, (int64_t)h->now.size));
	val_put(a, m, "root", val_text(a, cmd_ledger_b64(a, &h->now.root)));
	val_put(a, m, "waiting", val_int(a, (int64_t)(size - h->now.size)));
	val_put(a, m, "last_entry", last ? val_text(a, last) : val_null(a));
	for (size_t i = 0; i < h->nkeys; i++)
		val_push(a, keys, val_text(a,
		    cmd_ledger_vkey(a, &h->keys[i])));
	val_put(a, m, "vkeys", keys);
	val_put(a, m, "note", val_str(a, buf_str(&h->note)));
	val_put(a, m, "policy", val_bool(a, h->policy != NULL));
	if (h->has_witnessed) {
		val_put(a, w, "size", val_int(a, (int64_t)h->witnessed.size));
		val_put(a, w, "root", val_text(a,
		    cmd_ledger_b64(a, &h->witnessed.root)));
		val_put(a, w, "quorum", val_bool(a, h->policy != NULL &&
		    h->seen.quorum));
		val_put(a, w, "cosigned", cmd_ledger_cosigners(x->c, &h->seen));
		val_put(a, w, "note", val_str(a, buf_str(&h->wnote)));
	}
	val_put(a, m, "witnessed", h->has_witnessed ? w : val_null(a));
	val_put(a, m, "failed_jobs", failed_jobs(a, &h->server));
	cli_print_json(x->c, m);
}

static void
head_print(struct cmd_ledger *x, const struct heads *h, uint64_t size,
    const char *last)
{
	struct arena *a = x->c->arena;

	printf("ledger     %s\n", h->now.origin);
	printf("size       %" PRIu64 " entries under the checkpoint",
	    h->now.size);
	if (size > h->now.size)
		printf(", %" PRIu64 " waiting for the next one",
		    size - h->now.size);
	printf("\nroot       %s\n", cmd_ledger_b64(a, &h->now.root));
	if (last != NULL)
		printf("last entry %s\n", last);
	for (size_t i = 0; i < h->server.n; i++)
		if (h->server.job[i].how == JOB_FAILED)
			printf("failed job %s: %s\n", h->server.job[i].name,
			    h->server.job[i].said);
	for (size_t i = 0; i < h->nkeys; i++)
		printf("%s%s\n", i == 0 ? "key        " : "older key  ",
		    cmd_ledger_vkey(a, &h->keys[i]));
	if (!h->has_witnessed) {
		printf("witnessed  no: nobody outside of it vouches for this "
		    "ledger\n");
		return;
	}
	printf("witnessed  %" PRIu64 " entries", h->witnessed.size);
	for (size_t i = 0; i < h->seen.n; i++)
		printf("%s %s at %s", i == 0 ? ", by" : ",",
		    h->seen.at[i].witness->name,
		    cmd_ledger_time(x->c, h->seen.at[i].time));
	printf("\n");
	if (h->policy != NULL && !h->seen.quorum)
		printf("           that is not enough for the policy that is "
		    "in force now\n");
}

static int
head(struct cmd_ledger *x, struct err *e)
{
	WORKSPACE_SCOPED *ws = NULL;
	struct heads *h = arena_new(x->c->arena, struct heads);
	struct ledger_head lh;
	char t[TIME_SIZE];
	int r;

	if (cli_opt(x->c, "o") != NULL) {
		r = proof_note(x->files, "checkpoint", &h->note, &h->now, e);
		if (r == 0)
			r = cmd_ledger_save(x, buf_str(&h->note), e);
		buf_free(&h->note);
		return (r);
	}
	/* The database before the checkpoint, which only grows. */
	r = workspace_open(x->dir, false, &ws, e);
	if (r == 0)
		r = ledger_head(ws->ledger, &lh, e);
	if (r == 0)
		r = load_heads(x, h, e);
	if (r == 0) {
		uint64_t size = lh.size > h->now.size ? lh.size : h->now.size;
		const char *last = lh.size == 0 ? NULL :
		    arena_strdup(x->c->arena, time_print(lh.time, t));
		if (x->c->json)
			head_json(x, h, size, last);
		else
			head_print(x, h, size, last);
	}
	buf_free(&h->note);
	buf_free(&h->wnote);
	return (r);
}

/* --- proof --------------------------------------------------------------- */

struct proving {
	uint64_t first, size; /* index or old size; size of the tree */
	struct tree_hash leaf, root;
	struct tree_proof proof;
};

/* The size asked for, or that of the checkpoint. */
static int
proof_size(struct cmd_ledger *x, const char *opt, struct checkpoint *c,
    struct buf *note, uint64_t *ret, struct err *e)
{
	const char *s = cli_opt(x->c, opt);
	int r = proof_note(x->files, "checkpoint", note, c, e);

	if (r != 0)
		return (r);
	*ret = c->size;
	if (s != NULL && (r = number(s, "a size", ret, e)) != 0)
		return (r);
	if (*ret > c->size)
		return (err_set(e, ERR_INPUT, s, "ask for a smaller size",
		    "the checkpoint has %" PRIu64 " entries", c->size));
	return (0);
}

static struct val *
hashes(struct arena *a, const struct tree_proof *p)
{
	struct val *list = val_list(a);

	for (size_t i = 0; i < p->n; i++)
		val_push(a, list, val_text(a, cmd_ledger_b64(a, &p->at[i])));
	return (list);
}

static int
inclusion(struct cmd_ledger *x, struct err *e)
{
	struct arena *a = x->c->arena;
	BUF_SCOPED note = BUF_INIT, out = BUF_INIT;
	struct proving p = { .first = 0 };
	struct tile_reader tiles;
	struct checkpoint c;
	int r = number(x->arg[0], "the number of an entry", &p.first, e);

	if (r != 0 ||
	    (r = proof_size(x, "size", &c, &note, &p.size, e)) != 0)
		return (r);
	tile_reader_init(&tiles, x->files, c.size);
	r = tree_include(p.first, p.size, tile_node, &tiles, &p.proof, e);
	if (r == 0)
		r = tile_node(&tiles, 0, p.first, &p.leaf, e);
	if (r == 0)
		r = tree_root_at(p.size, tile_node, &tiles, &p.root, e);
	tile_reader_free(&tiles);
	if (r != 0)
		return (r);
	if (x->c->json) {
		struct val *m = val_map(a);
		val_put(a, m, "origin", val_text(a, c.origin));
		val_put(a, m, "index", val_int(a, (int64_t)p.first));
		val_put(a, m, "size", val_int(a, (int64_t)p.size));
		val_put(a, m, "leaf", val_text(a, cmd_ledger_b64(a, &p.leaf)));
		val_put(a, m, "root", val_text(a, cmd_ledger_b64(a, &p.root)));
		val_put(a, m, "hashes", hashes(a, &p.proof));
		cli_print_json(x->c, m);
		return (0);
	}
	buf_printf(&out, "index %" PRIu64 "\nsize %" PRIu64 "\nleaf %s\n"
	    "root %s\n", p.first, p.size, cmd_ledger_b64(a, &p.leaf),
	    cmd_ledger_b64(a, &p.root));
	for (size_t i = 0; i < p.proof.n; i++)
		buf_printf(&out, "%s\n", cmd_ledger_b64(a, &p.proof.at[i]));
	return (cmd_ledger_save(x, buf_str(&out), e));
}

/* The body of a request to a witness, where the checkpoint is of that size. */
static void
put_consistency(struct arena *a, const struct proving *p,
    const struct checkpoint *c, struct str note, struct buf *out)
{
	struct checkpoint at = *c;

	buf_printf(out, "old %" PRIu64 "\n", p->first);
	for (size_t i = 0; i < p->proof.n; i++)
		buf_printf(out, "%s\n", cmd_ledger_b64(a, &p->proof.at[i]));
	buf_putc(out, '\n');
	at.size = p->size;
	at.root = p->root;
	if (p->size == c->size)
		buf_putstr(out, note);
	else
		checkpoint_print(&at, out); /* nobody signed one of this size */
}

static int
consistency(struct cmd_ledger *x, struct err *e)
{
	struct arena *a = x->c->arena;
	BUF_SCOPED note = BUF_INIT, out = BUF_INIT;
	struct proving p = { .first = 0 };
	struct tile_reader tiles;
	struct checkpoint c;
	int r = number(cli_opt(x->c, "from"), "a size", &p.first, e);

	if (r != 0 || (r = proof_size(x, "to", &c, &note, &p.size, e)) != 0)
		return (r);
	if (p.first > p.size)
		return (err_set(e, ERR_INPUT, cli_opt(x->c, "from"),
		    "give the smaller size first",
		    "a tree of %" PRIu64 " entries does not extend one of %"
		    PRIu64, p.size, p.first));
	tile_reader_init(&tiles, x->files, c.size);
	if (p.first != 0) /* every tree extends the empty one */
		r = tree_extend(p.first, p.size, tile_node, &tiles, &p.proof,
		    e);
	if (r == 0)
		r = tree_root_at(p.first, tile_node, &tiles, &p.leaf, e);
	if (r == 0)
		r = tree_root_at(p.size, tile_node, &tiles, &p.root, e);
	tile_reader_free(&tiles);
	if (r != 0)
		return (r);
	if (x->c->json) {
		struct val *m = val_map(a);
		val_put(a, m, "origin", val_text(a, c.origin));
		val_put(a, m, "from", val_int(a, (int64_t)p.first));
		val_put(a, m, "to", val_int(a, (int64_t)p.size));
		val_put(a, m, "from_root",
		    val_text(a, cmd_ledger_b64(a, &p.leaf)));
		val_put(a, m, "to_root",
		    val_text(a, cmd_ledger_b64(a, &p.root)));
		val_put(a, m, "hashes", hashes(a, &p.proof));
		cli_print_json(x->c, m);
		return (0);
	}
	put_consistency(a, &p, &c, buf_str(&note), &out);
	return (cmd_ledger_save(x, buf_str(&out), e));
}

static int
proof(struct cmd_ledger *x, struct err *e)
{
	bool from = cli_opt(x->c, "from") != NULL;

	if (from == (x->n == 1))
		return (err_set(e, ERR_USAGE, "proof",
		    "proof INDEX [--size N], or proof --from OLD [--to NEW]",
		    from ? "an entry and a size were given" :
		    "neither an entry nor a size was given"));
	return (from ? consistency(x, e) : inclusion(x, e));
}

/* --- receipt ------------------------------------------------------------- */

struct wanted {
	const char *action;
	const char *type;
	struct str id;
	uint64_t index;
	bool found;
};

static int
see(void *ctx, uint64_t index, const struct entry *x, struct err *e)
{
	struct wanted *w = ctx;

	(void)e;
	if (str_is(x->action, w->action) && str_is(x->type, w->type) &&
	    str_eq(x->id, w->id)) {
		w->index = index;
		w->found = true;
	}
	return (0);
}

/* The newest entry of a run or of a result. */
static int
newest(struct ledger *l, const char *action, const char *type, struct str id,
    const char *name, uint64_t *ret, struct err *e)
{
	struct wanted w = { action, type, id, 0, false };
	int r = ledger_each(l, 0, UINT64_MAX, see, &w, e);

	if (r != 0)
		return (r);
	if (!w.found)
		return (err_set(e, ERR_NOTFOUND, name, NULL,
		    "there is no %s of it so far", action));
	*ret = w.index;
	return (0);
}

static int
find_entry(struct cmd_ledger *x, uint64_t *ret, struct err *e)
{
	WORKSPACE_SCOPED *ws = NULL;
	const char *type = cli_opt(x->c, "record"), *run, *result;
	struct record *rec;
	const struct schema_type *t;
	int r = workspace_open(x->dir, false, &ws, e);

	if (r != 0)
		return (r);
	struct record_store store = { .db = ws->db, .ledger = ws->ledger };
	if ((result = cli_opt(x->c, "result")) != NULL)
		return (newest(ws->ledger, "result", "procedure",
		    str_from(result), result, ret, e));
	run = cli_opt(x->c, "run");
	if (run != NULL) {
		r = record_find(&store, x->c->arena, schema_get(T_SOURCE),
		    str_from(run), &rec, e);
		return (r != 0 ? r : newest(ws->ledger, "run", "source",
		    rec->id, run, ret, e));
	}
	t = schema_find(str_from(type));
	if (t == NULL || !schema_is_record(t))
		return (err_set(e, ERR_USAGE, type,
		    arena_printf(x->c->arena, "see tickmark record %s",
		        x->dir), "there is no such type of record"));
	r = record_find(&store, x->c->arena, t, str_from(x->arg[0]), &rec, e);
	if (r == 0)
		*ret = rec->entry;
	return (r);
}

static int
receipt(struct cmd_ledger *x, struct err *e)
{
	BUF_SCOPED out = BUF_INIT;
	bool record = cli_opt(x->c, "record") != NULL;
	int named = record + (cli_opt(x->c, "run") != NULL) +
	    (cli_opt(x->c, "result") != NULL);
	uint64_t index;
	int r;

	if (named > 1 || x->n != (named == 0 || record ? 1 : 0))
		return (err_set(e, ERR_USAGE, "receipt", "receipt INDEX, "
		    "receipt --record TYPE NAME, receipt --run SOURCE, or "
		    "receipt --result PROCEDURE",
		    "say for which entry, in one of these ways"));
	r = named == 0 ? number(x->arg[0], "the number of an entry", &index,
	    e) : find_entry(x, &index, e);
	if (r == 0)
		r = proof_make(x->files, index, &out, e);
	if (r != 0)
		return (r);
	const char *file = cli_opt(x->c, "o");
	if (x->c->json && file == NULL) {
		struct arena *a = x->c->arena;
		struct val *m = val_map(a);
		val_put(a, m, "index", val_int(a, (int64_t)index));
		val_put(a, m, "receipt", val_str(a, buf_str(&out)));
		cli_print_json(x->c, m);
		return (0);
	}
	if ((r = cmd_ledger_save(x, buf_str(&out), e)) != 0 || file == NULL)
		return (r);
	if (x->c->json) {
		struct val *m = val_map(x->c->arena);
		val_put(x->c->arena, m, "index",
		    val_int(x->c->arena, (int64_t)index));
		val_put(x->c->arena, m, "file", val_text(x->c->arena, file));
		cli_print_json(x->c, m);
	} else {
		printf("receipt for entry %" PRIu64 " in %s; check it: tickmark "
		    "ledger check %s --vkey KEY\n", index, file, file);
	}
	return (0);
}

/* --- the command --------------------------------------------------------- */

static const struct {
	const char *name;
	cmd_ledger_fn *fn;
	bool alone; /* works without DIR as well */
	size_t min, max;
} subs[] = {
	{ "head", head, false, 0, 0 },
	{ "proof", proof, false, 0, 1 },
	{ "receipt", receipt, false, 0, 1 },
	{ "check", cmd_ledger_check, true, 0, 1 },
	{ "policy", cmd_ledger_policy, true, 0, 1 },
	{ "cosign", cmd_ledger_cosign, false, 0, 0 },
	{ "timestamp", cmd_ledger_timestamp, false, 0, 1 },
	{ "cosigned", cmd_ledger_cosigned, false, 1, 1 },
	{ "witness", cmd_ledger_witness, false, 0, 64 },
};
#define NSUBS (sizeof(subs) / sizeof(*subs))

static size_t
find_sub(const char *name)
{
	size_t i = 0;

	while (i < NSUBS && strcmp(name, subs[i].name) != 0)
		i++;
	return (i);
}

static int
unknown(struct cli *c, const char *name, struct err *e)
{
	const char *names[NSUBS];

	for (size_t i = 0; i < NSUBS; i++)
		names[i] = subs[i].name;
	const char *near = cli_nearest(name, names, NSUBS);
	return (err_set(e, ERR_USAGE, name, near != NULL ?
	    arena_printf(c->arena, "did you mean %s?", near) :
	    "head, proof, receipt, check, policy, cosigned or witness",
	    "this is not done to a ledger"));
}

static int
run(struct cli *c, struct err *e)
{
	struct cmd_ledger x = { .c = c };
	size_t at = 0, i = find_sub(c->arg[0]);

	/* A directory of such a name is written ./check. */
	if (i == NSUBS) {
		if (c->nargs < 2)
			return (err_set(e, ERR_USAGE, c->arg[0],
			    "head, proof, receipt, check, policy, cosigned or witness",
			    "what about this ledger?"));
		x.dir = c->arg[0];
		x.files = arena_printf(c->arena, "%s/ledger", x.dir);
		at = 1;
		if ((i = find_sub(c->arg[1])) == NSUBS)
			return (unknown(c, c->arg[1], e));
		if (subs[i].fn != cmd_ledger_witness &&
		    !file_exists(x.files))
			return (err_set(e, ERR_NOTFOUND, x.dir,
			    arena_printf(c->arena, "create a workspace: "
			    "tickmark init %s --org NAME", x.dir),
			    "there is no ledger here"));
	} else if (!subs[i].alone) {
		return (err_set(e, ERR_USAGE, c->arg[0], arena_printf(c->arena,
		    "tickmark ledger DIR %s", c->arg[0]),
		    "the directory of a workspace is missing"));
	}
	x.arg = c->arg + at + 1;
	x.n = c->nargs - at - 1;
	if (x.n < subs[i].min || x.n > subs[i].max)
		return (err_set(e, ERR_USAGE, subs[i].name,
		    "see tickmark ledger --help", "%s takes %s arguments",
		    subs[i].name, x.n < subs[i].min ? "more" : "no more"));
	return (subs[i].fn(&x, e));
}

static const struct cli_opt opts[] = {
	{ "size", OPT_TEXT, "N", "proof INDEX: in the tree of N entries" },
	{ "from", OPT_TEXT, "OLD", "proof: that a larger tree extends that of "
	    "OLD entries" },
	{ "to", OPT_TEXT, "NEW", "with --from: the larger one (the "
	    "checkpoint's)" },
	{ "record", OPT_TEXT, "TYPE", "receipt: for the newest revision of the "
	    "record that is named" },
	{ "run", OPT_TEXT, "SOURCE", "receipt: for the newest run of a source" },
	{ "result", OPT_TEXT, "PROCEDURE", "receipt: for the newest result of "
	    "a procedure" },
	{ "o", OPT_SHORT, "FILE", "head, proof, receipt: write it there" },
	{ "policy", OPT_TEXT, "FILE", "check: by this policy instead of the "
	    "one in force" },
	{ "vkey", OPT_MULTI, "KEY", "check: the ledger's verifier key, as you "
	    "know it, or a file of such" },
	{ "against", OPT_TEXT, "FILE", "check: that this ledger extends the "
	    "checkpoint that you saved" },
	{ "listen", OPT_TEXT, "ADDR:PORT", "witness serve: where" },
	{ "remove", OPT_FLAG, NULL, "witness trust: accept the key no longer" },
	{ NULL, OPT_FLAG, NULL, NULL },
};

const struct cli_command cmd_ledger = {
	"ledger", "DIR head | proof | receipt | check | policy | cosign | timestamp | witness ...",
	"prove what is in the ledger, and check such proofs",
	"The ledger is a log that can only grow; a signed checkpoint commits to all\n"
	"of it. These commands give others what they need to see that for themselves,\n"
	"in open formats (C2SP) for which there are programs of others too.\n"
	"\n"
	"  tickmark ledger work head                     size, root, keys, witnesses\n"
	"  tickmark ledger work head -o june.checkpoint  save the head elsewhere\n"
	"  tickmark ledger work receipt 41 -o 41.tlog-proof\n"
	"  tickmark ledger work receipt --record control CC6.1-01\n"
	"  tickmark ledger work receipt --run host1      its newest run\n"
	"  tickmark ledger work proof 41 --size 100      that entry 41 is among 100\n"
	"  tickmark ledger work proof --from 100         that the tree extends that of 100;\n"
	"                                                what a witness is sent\n"
	"\n"
	"Whoever has a receipt checks it without the workspace. --vkey is the key of\n"
	"the ledger (head prints it), as you got it from its owner some other way:\n"
	"\n"
	"  tickmark ledger check 41.tlog-proof --vkey \"$(cat ledger.vkey)\"\n"
	"  tickmark ledger check 41.tlog-proof --policy trust.policy\n"
	"\n"
	"Whoever holds the workspace could put back an old copy of all of it. Only\n"
	"somebody outside can notice: a witness, or you with a checkpoint that you saved:\n"
	"\n"
	"  tickmark ledger work check                    the whole log, entry by entry\n"
	"  tickmark ledger work check --against june.checkpoint\n"
	"\n"
	"A policy (C2SP tlog-policy) says which witnesses must have cosigned:\n"
	"\n"
	"  tickmark ledger work policy                   the one that is in force\n"
	"  tickmark ledger work policy trust.policy      put one in force (an entry)\n"
	"\n"
	"A witness vouches for the ledgers of others; it may live in any directory:\n"
	"\n"
	"  tickmark ledger wit witness init witness.example.org/w1\n"
	"  tickmark ledger wit witness trust company.vkey\n"
	"  tickmark ledger wit witness list\n"
	"  tickmark ledger wit witness vkey              for the policies of others\n"
	"\n"
	"  tickmark ledger wit witness serve --listen 127.0.0.1:8421\n"
	"\n"
	"The server of a workspace (tickmark serve) asks its policy's witnesses by itself,\n"
	"and time stamp authorities (RFC 3161) once a day; serve.conf says where they\n"
	"are (doc/operating.md). To ask them now, and to check the stamps that are there:\n"
	"\n"
	"  tickmark ledger work cosign\n"
	"  tickmark ledger work timestamp\n"
	"  tickmark ledger work timestamp list\n"
	"\n"
	"Without a network, a request and its answer can go by hand; SIZE is what the\n"
	"witness saw last (witness list), at first 0:\n"
	"\n"
	"  tickmark ledger work proof --from SIZE -o request\n"
	"  tickmark ledger wit witness add request -o answer\n"
	"  tickmark ledger work cosigned answer\n"
	"\n"
	"The exit status of check is 1 if something does not hold.",
	1, 66, opts, run, false,
};
