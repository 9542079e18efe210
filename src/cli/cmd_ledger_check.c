/* tickmark ledger check: a receipt, the whole log, or against what somebody
 * saved earlier. */
#include "cli/cmd_ledger.h"

#include <inttypes.h>

#include "ledger/check.h"
#include "ledger/proof.h"
#include "ledger/tile.h"
#include "record/workspace.h"
#include "sys/db.h"
#include "text/timefmt.h"

/* The answer is no: said here, so that no error line follows. */
static int
answer_no(struct cli *c, const struct err *why)
{
	char line[2200];

	err_format(why, line, sizeof(line));
	const char *text = line + strlen("tickmark: ");
	if (c->json) {
		struct val *m = val_map(c->arena);
		val_put(c->arena, m, "holds", val_bool(c->arena, false));
		val_put(c->arena, m, "why", val_text(c->arena, text));
		cli_print_json(c, m);
	} else {
		cli_progress_off();
		printf("%sdoes not hold%s  %s\n", cli_tone(c, TONE_BAD),
		    cli_tone(c, TONE_PLAIN), text);
	}
	return (-ERR_NO);
}

/* What a person is to trust: keys of --vkey, else those of DIR. */
struct trust {
	struct note_key keys[PROOF_KEYS];
	size_t n;
	struct policy *policy; /* or NULL */
	const char *policy_name;
};

static int
load_keys(struct cmd_ledger *x, struct trust *t, struct err *e)
{
	const char *s;
	int r;

	for (size_t i = 0; (s = cli_opt_nth(x->c, "vkey", i)) != NULL; i++)
		if ((r = proof_keys_from(s, t->keys, PROOF_KEYS, &t->n, e)) != 0)
			return (r);
	for (size_t i = 0; i < t->n; i++)
		if (t->keys[i].type != NOTE_ED25519)
			return (err_set(e, ERR_INPUT, "--vkey",
			    "a witness is named by a policy: --policy FILE",
			    "this is the key of a witness, not of a ledger"));
	r = 0;
	if (t->n == 0 && x->dir != NULL)
		r = proof_keys(x->files, t->keys, PROOF_KEYS, &t->n, e);
	return (r);
}

static int
load_policy(struct cmd_ledger *x, struct trust *t, struct err *e)
{
	const char *name = cli_opt(x->c, "policy");
	BUF_SCOPED b = BUF_INIT;
	int r;

	if (name == NULL) {
		t->policy_name = "the policy in force";
		return (x->dir == NULL ? 0 : proof_policy(x->c->arena,
		    x->files, &t->policy, NULL, e));
	}
	t->policy_name = name;
	if ((r = file_read(name, POLICY_MAX, &b, e)) != 0)
		return (r);
	r = policy_parse(x->c->arena, name, buf_str(&b), &t->policy, e);
	/* Who gives a policy with logs means those, not what DIR says. */
	if (r == 0 && t->policy->nlogs != 0 &&
	    cli_opt(x->c, "vkey") == NULL)
		t->n = 0;
	return (r);
}

static int
load_trust(struct cmd_ledger *x, struct trust *t, struct err *e)
{
	int r = load_keys(x, t, e);

	if (r == 0)
		r = load_policy(x, t, e);
	if (r != 0)
		return (r);
	if (t->n == 0 && (t->policy == NULL || t->policy->nlogs == 0))
		return (err_set(e, ERR_USAGE, "check",
		    "give --vkey KEY, or --policy FILE with a log line",
		    "whose ledger should have signed it?"));
	return (0);
}

/* Does today's tree have that root at that size? ERR_NO if not. */
static int
extends(struct cmd_ledger *x, const struct checkpoint *old, const char *what,
    struct checkpoint *now, struct err *e)
{
	BUF_SCOPED note = BUF_INIT;
	struct tile_reader tiles;
	struct tree_hash root;
	int r = proof_note(x->files, "checkpoint", &note, now, e);

	if (r != 0)
		return (r);
	if (strcmp(old->origin, now->origin) != 0)
		return (err_set(e, ERR_NO, what, NULL,
		    "it is of the ledger %s, and this is %s", old->origin,
		    now->origin));
	if (old->size > now->size)
		return (err_set(e, ERR_NO, what,
		    "ask who put back an older copy, and when",
		    "there were %" PRIu64 " entries then, and there are %"
		    PRIu64 " now: entries were removed", old->size, now->size));
	tile_reader_init(&tiles, x->files, now->size);
	r = tree_root_at(old->size, tile_node, &tiles, &root, e);
	tile_reader_free(&tiles);
	if (r != 0)
		return (r);
	if (memcmp(&root, &old->root, sizeof(root)) != 0)
		return (err_set(e, ERR_NO, what,
		    "ask who changed the history, and when",
		    "the first %" PRIu64 " entries are not those of then: "
		    "history was rewritten", old->size));
	return (0);
}

/* --- against a saved checkpoint ------------------------------------------ */

static int
against(struct cmd_ledger *x, const char *file, struct err *e)
{
	struct arena *a = x->c->arena;
	struct trust *t = arena_new(a, struct trust);
	BUF_SCOPED note = BUF_INIT;
	struct checkpoint old, now;
	struct err why;
	int r = load_keys(x, t, e);

	if (r == 0)
		r = file_read(file, NOTE_MAX, &note, e);
	if (r != 0)
		return (r);
	r = checkpoint_open_by(buf_str(&note), t->keys, t->n, t->n, &old, NULL,
	    &why);
	if (r == -ERR_DENIED || r == -ERR_DAMAGED) {
		err_set(&why, ERR_NO, file, "if you saved it from here, the "
		    "key of this ledger was replaced", "it is not signed by "
		    "the key that this ledger has now");
		return (answer_no(x->c, &why));
	}
	if (r != 0)
		return (err_set(e, ERR_INPUT, file,
		    "give a checkpoint: tickmark ledger DIR head -o FILE",
		    "%s", why.what));
	r = extends(x, &old, file, &now, &why);
	if (r == -ERR_NO || r == -ERR_DAMAGED)
		return (answer_no(x->c, &why));
	if (r != 0) {
		if (e != NULL)
			*e = why;
		return (r);
	}
	if (x->c->json) {
		struct val *m = val_map(a);
		val_put(a, m, "holds", val_bool(a, true));
		val_put(a, m, "from", val_int(a, (int64_t)old.size));
		val_put(a, m, "to", val_int(a, (int64_t)now.size));
		cli_print_json(x->c, m);
	} else {
		printf("%sholds%s  the ledger has %" PRIu64 " entries now, and "
		    "the first %" PRIu64 " are those of %s\n",
		    cli_tone(x->c, TONE_GOOD), cli_tone(x->c, TONE_PLAIN),
		    now.size, old.size, file);
	}
	return (0);
}

/* --- a receipt ----------------------------------------------------------- */

static struct val *
entry_json(struct arena *a, const struct proof_receipt *p)
{
	const struct entry *x = &p->entry;
	struct val *m = val_map(a), *bodies = val_list(a), *notes = val_map(a);
	char t[TIME_SIZE];

	val_put(a, m, "time", val_text(a, time_print(x->time, t)));
	val_put(a, m, "actor", val_str(a, x->actor));
	val_put(a, m, "action", val_str(a, x->action));
	val_put(a, m, "type", val_str(a, x->type));
	val_put(a, m, "id", val_str(a, x->id));
	for (size_t i = 0; i < x->nbodies; i++) {
		BUF_SCOPED hex = BUF_INIT;
		struct val *b = val_map(a);
		buf_puthex(&hex, x->bodies[i].commitment, ENTRY_HASH);
		val_put(a, b, "class", val_str(a, x->bodies[i].class));
		val_put(a, b, "commitment", val_str(a, buf_str(&hex)));
		val_push(a, bodies, b);
	}
	for (size_t i = 0; i < x->nnotes; i++)
		val_putstr(a, notes, x->notes[i].key,
		    val_str(a, x->notes[i].value));
	val_put(a, m, "bodies", bodies);
	val_put(a, m, "notes", notes);
	return (m);
}

static void
receipt_json(struct cmd_ledger *x, const struct proof_receipt *p,
    const struct trust *t, bool holds, const char *why)
{
	struct arena *a = x->c->arena;
	struct val *m = val_map(a);

	val_put(a, m, "holds", val_bool(a, holds));
	if (why != NULL)
		val_put(a, m, "why", val_text(a, why));
	val_put(a, m, "origin", val_text(a, p->seen.head.origin));
	val_put(a, m, "index", val_int(a, (int64_t)p->proof.index));
	val_put(a, m, "size", val_int(a, (int64_t)p->seen.head.size));
	val_put(a, m, "entry", entry_json(a, p));
	val_put(a, m, "cosigned", cmd_ledger_cosigners(x->c, &p->seen));
	val_put(a, m, "policy", t->policy == NULL ? val_null(a) :
	    val_text(a, t->policy_name));
	val_put(a, m, "in_this_ledger", x->dir == NULL ? val_null(a) :
	    val_bool(a, true)); /* otherwise it had ended before */
	cli_print_json(x->c, m);
}

static void
receipt_print(struct cmd_ledger *x, const struct proof_receipt *p,
    const struct trust *t, const char *explain)
{
	struct cli *c = x->c;
	const struct entry *n = &p->entry;
	char tm[TIME_SIZE];

	printf("%sholds%s  entry %" PRIu64 " of %s, one of %" PRIu64 "\n",
	    cli_tone(c, TONE_GOOD), cli_tone(c, TONE_PLAIN), p->proof.index,
	    p->seen.head.origin, p->seen.head.size);
	printf("       at %s, " STR_FMT ": " STR_FMT " " STR_FMT " "
	    STR_FMT "\n", time_print(n->time, tm), STR_ARG(n->actor),
	    STR_ARG(n->action), STR_ARG(n->type), STR_ARG(n->id));
	for (size_t i = 0; i < n->nbodies; i++) {
		BUF_SCOPED hex = BUF_INIT;
		buf_puthex(&hex, n->bodies[i].commitment, ENTRY_HASH);
		printf("       " STR_FMT " %s\n",
		    STR_ARG(n->bodies[i].class), hex.ptr);
	}
	for (size_t i = 0; i < p->seen.n; i++)
		printf("       cosigned by %s at %s\n",
		    p->seen.at[i].witness->name,
		    cmd_ledger_time(c, p->seen.at[i].time));
	if (t->policy != NULL)
		printf("       by %s: %s\n", t->policy_name, explain);
	else
		printf("       no policy was given, so no witness was looked "
		    "for\n");
	if (x->dir != NULL)
		printf("       the ledger still holds it\n");
}

/* A file that is not a receipt is bad input. */
static int
at_file(const char *file, const struct err *why, struct err *e)
{
	bool more = why->where[0] != '\0';

	return (err_set(e, why->code, file, why->fix, "%s%s%s%s", why->what,
	    more ? " (" : "", why->where, more ? ")" : ""));
}

static int
receipt(struct cmd_ledger *x, const char *file, struct err *e)
{
	struct arena *a = x->c->arena;
	struct trust *t = arena_new(a, struct trust);
	struct proof_receipt *p = arena_new(a, struct proof_receipt);
	BUF_SCOPED b = BUF_INIT, explain = BUF_INIT;
	struct checkpoint now;
	struct err why;
	int r = load_trust(x, t, e);

	if (r == 0)
		r = file_read(file, PROOF_MAX, &b, e);
	if (r != 0)
		return (r);
	r = proof_check(a, buf_str(&b), t->policy, t->keys, t->n, p, &why);
	if (r == 0 && x->dir != NULL)
		r = extends(x, &p->seen.head, file, &now, &why);
	if (r == -ERR_NO || r == -ERR_DAMAGED)
		return (answer_no(x->c, &why));
	if (r != 0)
		return (at_file(file, &why, e));
	if (t->policy != NULL)
		policy_explain(t->policy, &p->seen, &explain);
	if (t->policy != NULL && !p->seen.quorum) {
		err_set(&why, ERR_NO, t->policy_name, NULL, "%s", explain.ptr);
		if (!x->c->json)
			return (answer_no(x->c, &why));
		receipt_json(x, p, t, false, explain.ptr);
		return (-ERR_NO);
	}
	if (x->c->json)
		receipt_json(x, p, t, true, NULL);
	else
		receipt_print(x, p, t, explain.ptr);
	return (0);
}

/* --- the whole log ------------------------------------------------------- */

struct found {
	struct cli *c;
	struct val *list;
	size_t n;
};

static void
tell(void *ctx, const struct err *problem)
{
	struct found *f = ctx;
	char line[2200];

	err_format(problem, line, sizeof(line));
	const char *text = line + strlen("tickmark: ");
	val_push(f->c->arena, f->list, val_text(f->c->arena, text));
	f->n++;
	if (f->c->json)
		return;
	cli_progress_off();
	printf("%sdoes not hold%s  %s\n", cli_tone(f->c, TONE_BAD),
	    cli_tone(f->c, TONE_PLAIN), text);
	cli_progress_on(f->c);
}

static int
whole(struct cmd_ledger *x, struct err *e)
{
	struct arena *a = x->c->arena;
	struct workspace ws = { 0 };
	struct found f = { x->c, val_list(a), 0 };
	struct check_counts n = { 0 };
	DB_SCOPED *db = NULL;
	int r = workspace_look(x->dir, &ws, e);

	if (r == 0)
		r = db_open(&db, arena_printf(a, "%s/records.db", x->dir), 0,
		    e);
	if (r == 0)
		r = ledger_check(x->dir, db, NULL, CHECK_LOG, tell, &f, &n, e);
	arena_free(&ws.arena);
	if (r != 0)
		return (r);
	cli_progress_off();
	if (x->c->json) {
		struct val *m = val_map(a);
		val_put(a, m, "holds", val_bool(a, f.n == 0));
		val_put(a, m, "entries", val_int(a, (int64_t)n.entries));
		val_put(a, m, "waiting", val_int(a, (int64_t)n.pending));
		val_put(a, m, "tiles", val_int(a, (int64_t)n.tiles));
		val_put(a, m, "bundles", val_int(a, (int64_t)n.bundles));
		val_put(a, m, "notes", val_int(a, (int64_t)n.notes));
		val_put(a, m, "problems", f.list);
		cli_print_json(x->c, m);
	} else if (f.n == 0) {
		printf("%sholds%s  %" PRIu64 " entries, %" PRIu64 " tiles, %"
		    PRIu64 " bundles, %" PRIu64 " earlier %s",
		    cli_tone(x->c, TONE_GOOD), cli_tone(x->c, TONE_PLAIN),
		    n.entries, n.tiles, n.bundles, n.notes,
		    n.notes == 1 ? "note" : "notes");
		if (n.pending != 0)
			printf("; %" PRIu64 " entries wait for a checkpoint",
			    n.pending);
		printf("\n");
	}
	return (f.n == 0 ? 0 : -ERR_NO);
}

int
cmd_ledger_check(struct cmd_ledger *x, struct err *e)
{
	const char *old = cli_opt(x->c, "against");

	if (old != NULL && (x->dir == NULL || x->n != 0))
		return (err_set(e, ERR_USAGE, "--against",
		    "tickmark ledger DIR check --against FILE",
		    x->dir == NULL ? "the directory of a workspace is missing" :
		    "a receipt and --against were both given"));
	if (old != NULL)
		return (against(x, old, e));
	if (x->n == 1)
		return (receipt(x, x->arg[0], e));
	if (x->dir == NULL)
		return (err_set(e, ERR_USAGE, "check", "tickmark ledger check "
		    "FILE --vkey KEY, or tickmark ledger DIR check",
		    "neither a receipt nor a workspace was given"));
	return (whole(x, e));
}
