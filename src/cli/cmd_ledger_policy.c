/* tickmark ledger policy: which witnesses a checkpoint needs. */
#include "cli/cmd_ledger.h"

#include <inttypes.h>

#include "cli/actor.h"
#include "cli/session.h"
#include "ledger/policy_adopt.h"
#include "ledger/proof.h"

static struct val *
node_json(struct arena *a, const struct policy *p, const struct policy_node *n)
{
	struct val *m = val_map(a), *members = val_list(a);

	val_put(a, m, "name", val_text(a, n->name));
	if (!n->group) {
		val_put(a, m, "vkey", val_text(a,
		    cmd_ledger_vkey(a, &n->key)));
		val_put(a, m, "url", n->url ? val_text(a, n->url) :
		    val_null(a));
		return (m);
	}
	val_put(a, m, "needed", val_int(a, n->k));
	for (size_t i = 0; i < n->nmembers; i++)
		val_push(a, members,
		    val_text(a, p->nodes[n->member[i]].name));
	val_put(a, m, "members", members);
	return (m);
}

static void
print_policy(struct cli *c, const struct policy *p, struct str text)
{
	struct arena *a = c->arena;
	struct val *m = val_map(a), *logs = val_list(a);
	struct val *witnesses = val_list(a), *groups = val_list(a);

	if (!c->json) {
		fwrite(text.ptr, 1, text.len, stdout);
		return;
	}
	for (size_t i = 0; i < p->nlogs; i++) {
		struct val *log = val_map(a);
		val_put(a, log, "vkey", val_text(a,
		    cmd_ledger_vkey(a, &p->logs[i].key)));
		val_put(a, log, "url", p->logs[i].url ?
		    val_text(a, p->logs[i].url) : val_null(a));
		val_push(a, logs, log);
	}
	for (size_t i = 0; i < p->nnodes; i++)
		val_push(a, p->nodes[i].group ? groups : witnesses,
		    node_json(a, p, &p->nodes[i]));
	val_put(a, m, "logs", logs);
	val_put(a, m, "witnesses", witnesses);
	val_put(a, m, "groups", groups);
	val_put(a, m, "quorum", p->quorum == POLICY_NONE ? val_null(a) :
	    val_text(a, p->nodes[p->quorum].name));
	val_put(a, m, "text", val_str(a, text));
	cli_print_json(c, m);
}

static int
show(struct cmd_ledger *x, struct err *e)
{
	struct policy *p;
	struct str text;
	int r = proof_policy(x->c->arena, x->files, &p, &text, e);

	if (r != 0)
		return (r);
	if (p != NULL) {
		print_policy(x->c, p, text);
		return (0);
	}
	if (x->c->json)
		cli_print_json(x->c, val_null(x->c->arena));
	else
		printf("no policy is in force: no witness is asked\nPut one in "
		    "force: tickmark ledger %s policy FILE\n", x->dir);
	return (0);
}

/* A file alone: is it well-formed, and what does it say? */
static int
look(struct cmd_ledger *x, struct err *e)
{
	BUF_SCOPED b = BUF_INIT;
	struct policy *p;
	int r = file_read(x->arg[0], POLICY_MAX, &b, e);

	if (r == 0)
		r = policy_parse(x->c->arena, x->arg[0], buf_str(&b), &p, e);
	if (r == 0)
		print_policy(x->c, p, buf_str(&b));
	return (r);
}

static int
put(struct cmd_ledger *x, struct err *e)
{
	SESSION_SCOPED s = { 0 };
	BUF_SCOPED b = BUF_INIT;
	struct arena *a = x->c->arena;
	uint64_t index = 0;
	bool same;
	int r = file_read(x->arg[0], POLICY_MAX, &b, e);

	if (r == 0)
		r = session_open(x->c, SESSION_WRITE, &s, e);
	if (r == 0)
		r = policy_adopt(s.ws->ledger, actor_me(a).id, x->arg[0],
		    buf_str(&b), &index, &same, e);
	if (r == 0)
		r = evidence_catch_up(s.ev, e);
	if (r == 0)
		r = session_done(&s, e);
	if (r != 0)
		return (r);
	if (x->c->json) {
		struct val *m = val_map(a);
		val_put(a, m, "changed", val_bool(a, !same));
		val_put(a, m, "entry", same ? val_null(a) :
		    val_int(a, (int64_t)index));
		cli_print_json(x->c, m);
	} else if (same) {
		printf("this policy is in force already\n");
	} else {
		printf("%s is in force; entry %" PRIu64 " says so\n", x->arg[0],
		    index);
	}
	return (0);
}

int
cmd_ledger_policy(struct cmd_ledger *x, struct err *e)
{
	if (x->dir == NULL && x->n == 0)
		return (err_set(e, ERR_USAGE, "policy", "tickmark ledger DIR "
		    "policy, or tickmark ledger policy FILE",
		    "neither a workspace nor a file was given"));
	if (x->dir == NULL)
		return (look(x, e));
	return (x->n == 0 ? show(x, e) : put(x, e));
}
