/* tickmark ledger cosigned: keep a witness's answer that came by hand. */
#include "cli/cmd_ledger.h"

#include "ledger/cosign.h"
#include "ledger/proof.h"
#include "record/workspace.h"

/* Keys of the policy's witnesses. */
static struct note_key *
witnesses(struct arena *a, const struct policy *p, size_t *ret_n)
{
	struct note_key *k = arena_array(a, p->nnodes + 1, sizeof(*k));

	*ret_n = 0;
	for (size_t i = 0; i < p->nnodes; i++)
		if (!p->nodes[i].group)
			k[(*ret_n)++] = p->nodes[i].key;
	return (k);
}

/* For the newest checkpoint: who asks by hand holds no other one. */
static int
keep(struct cmd_ledger *x, struct workspace *ws, struct str answer,
    size_t *added, bool *witnessed, struct err *e)
{
	BUF_SCOPED note = BUF_INIT;
	struct checkpoint c;
	struct policy *p;
	struct err why;
	size_t n;
	int r = proof_policy(x->c->arena, x->files, &p, NULL, e);

	if (r != 0)
		return (r);
	if (p == NULL)
		return (err_set(e, ERR_INPUT, x->dir,
		    "put one in force: tickmark ledger DIR policy FILE",
		    "there is no policy that names witnesses"));
	struct note_key *keys = witnesses(x->c->arena, p, &n);
	if ((r = proof_note(x->files, "checkpoint", &note, &c, e)) != 0)
		return (r);
	r = cosign_merge(&note, answer, keys, n, added, &why);
	if (r != 0)
		return (err_set(e, ERR_INPUT, x->arg[0], "ask again: tickmark "
		    "ledger DIR proof --from SIZE is the request",
		    "the answer does not fit the checkpoint of now: %s",
		    why.what));
	return (cosign_store(ws->ledger, buf_str(&note), witnessed, e));
}

int
cmd_ledger_cosigned(struct cmd_ledger *x, struct err *e)
{
	WORKSPACE_SCOPED *ws = NULL;
	BUF_SCOPED b = BUF_INIT;
	struct arena *a = x->c->arena;
	size_t added;
	bool witnessed;
	int r = file_read(x->arg[0], NOTE_MAX, &b, e);

	if (r == 0)
		r = workspace_open(x->dir, true, &ws, e);
	if (r == 0)
		r = keep(x, ws, buf_str(&b), &added, &witnessed, e);
	if (r != 0)
		return (r);
	if (x->c->json) {
		struct val *m = val_map(a);
		val_put(a, m, "added", val_int(a, (int64_t)added));
		val_put(a, m, "witnessed", val_bool(a, witnessed));
		cli_print_json(x->c, m);
	} else {
		printf("%zu %s kept; %s\n", added, added == 1 ? "cosignature" :
		    "cosignatures", witnessed ? "the policy is satisfied" :
		    "the policy wants more");
	}
	return (0);
}
