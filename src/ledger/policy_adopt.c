#include "ledger/policy_adopt.h"

#include "ledger/ledger.h"
#include "ledger/policy.h"
#include "ledger/private.h"
#include "ledger/proof.h"
#include "sys/file.h"

#define ID "tlog-policy"

struct str
policy_adopt_entry(const struct entry *x)
{
	if (!str_is(x->action, "adopt") || !str_is(x->type, "policy"))
		return (STR_NULL);
	return (entry_note_get(x, "sha256"));
}

/* A policy for other ledgers would never be satisfied here. */
static int
names_us(const struct ledger *l, const struct policy *p, const char *name,
    struct err *e)
{
	for (size_t i = 0; i < l->nvkeys; i++)
		if (policy_has_log(p, &l->vkeys[i]))
			return (0);
	if (p->nlogs == 0)
		return (0);
	return (err_set(e, ERR_INPUT, name,
	    "add a line: log, and what tickmark ledger DIR head prints as key",
	    "the policy is for other ledgers than %s", l->key.name));
}

static int
append(struct ledger *l, struct str actor, struct str text, uint64_t *index,
    struct err *e)
{
	BUF_SCOPED hex = BUF_INIT;
	struct entry_body body = { .class = STR("policy") };
	uint8_t h[CRYPTO_HASH];
	int r = body_put(l, NULL, text, 0, body.commitment, e);

	if (r != 0)
		return (r);
	crypto_sha256(text.ptr, text.len, h);
	buf_puthex(&hex, h, sizeof(h));
	struct entry_note note = { STR("sha256"), buf_str(&hex) };
	struct entry x = { .actor = actor, .action = STR("adopt"),
		.type = STR("policy"), .id = STR(ID), .bodies = &body,
		.nbodies = 1, .notes = &note, .nnotes = 1 };
	return (ledger_append(l, &x, index, NULL, e));
}

int
policy_adopt(struct ledger *l, struct str actor, const char *name,
    struct str text, uint64_t *ret_index, bool *ret_same, struct err *e)
{
	ARENA_SCOPED a = ARENA_INIT;
	struct policy *p, *old;
	struct str now;
	int r = policy_parse(&a, name, text, &p, e);

	if (r != 0 || (r = names_us(l, p, name, e)) != 0)
		return (r);
	*ret_same = false;
	/* What cannot be read is replaced. */
	if (proof_policy(&a, l->files, &old, &now, NULL) == 0 &&
	    old != NULL && str_eq(now, text)) {
		*ret_same = true;
		return (0);
	}
	if ((r = ledger_begin(l, e)) != 0)
		return (r);
	if ((r = append(l, actor, text, ret_index, e)) != 0) {
		ledger_rollback(l);
		return (r);
	}
	if ((r = ledger_commit(l, e)) != 0)
		return (r);
	return (file_write(arena_printf(&a, "%s/policy", l->files), 0644,
	    text.ptr, text.len, e));
}

int
policy_adopt_settle(struct ledger *l, struct err *e)
{
	ARENA_SCOPED a = ARENA_INIT;
	BUF_SCOPED text = BUF_INIT, now = BUF_INIT;
	const char *path = arena_printf(&a, "%s/policy", l->files);
	const uint8_t *body = NULL;
	struct entry x;
	int r = 0;

	/* Before the file came, nothing was sequenced. */
	for (uint64_t i = l->size; body == NULL && i > l->tree.size; i--) {
		if ((r = ledger_entry(l, &a, i - 1, &x, e)) != 0)
			return (r);
		if (policy_adopt_entry(&x).len != 0)
			body = entry_body_get(&x, "policy");
	}
	if (body == NULL)
		return (0);
	r = body_get(l, body, &text, e);
	if (r == 0 && file_read(path, POLICY_MAX, &now, NULL) == 0 &&
	    str_eq(buf_str(&now), buf_str(&text)))
		return (0);
	return (r != 0 ? r : file_write(path, 0644, text.ptr, text.len, e));
}
