/*
 * Policies (C2SP tlog-policy): no crash, and what is accepted can be explained
 * and evaluated, with each member in one group only.
 */
#include "ledger/policy.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char note[] = "o\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZ"
	    "G3hSuFU=\n\n\xe2\x80\x94 o AAAAAAA=\n";
	ARENA_SCOPED a = ARENA_INIT;
	BUF_SCOPED out = BUF_INIT;
	struct policy_seen *seen = arena_new(&a, struct policy_seen);
	struct str in = { (const char *)data, size };
	struct policy *p;

	if (policy_parse(&a, "f", in, &p, NULL) != 0)
		return (0);
	if (p->nlogs > POLICY_LOGS || p->nnodes > POLICY_NODES ||
	    p->quorum < POLICY_NONE || p->quorum >= (int)p->nnodes)
		abort();
	for (size_t i = 0; i < p->nnodes; i++) {
		const struct policy_node *n = &p->nodes[i];
		if (n->group && (n->k == 0 || n->k > n->nmembers))
			abort();
		for (size_t j = 0; j < n->nmembers; j++)
			if (n->member[j] >= i)
				abort();
	}
	if (policy_look(p, NULL, 0, str_from(note), seen, NULL) == 0)
		abort();
	policy_explain(p, seen, &out);
	return (0);
}
