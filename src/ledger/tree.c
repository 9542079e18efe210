#include "ledger/tree.h"

#include "sys/crypto.h"

_Static_assert(TREE_HASH == CRYPTO_HASH, "SHA-256");

void
tree_add(struct tree *t, const struct tree_hash *leaf, tree_node_fn *fn,
    void *ctx)
{
	struct tree_hash h = *leaf;
	unsigned l = 0;

	if (fn != NULL)
		fn(ctx, 0, t->size, &h);
	for (; (t->size >> l & 1) != 0; l++) {
		crypto_node(t->at[l].h, h.h, h.h);
		if (fn != NULL)
			fn(ctx, l + 1, t->size >> (l + 1), &h);
	}
	t->at[l] = h;
	t->size++;
}

void
tree_root(const struct tree *t, struct tree_hash *out)
{
	struct tree_hash h;
	bool have = false;

	if (t->size == 0) {
		crypto_sha256(NULL, 0, out->h);
		return;
	}
	for (unsigned l = 0; l < TREE_LEVELS; l++) {
		if ((t->size >> l & 1) == 0)
			continue;
		if (have)
			crypto_node(t->at[l].h, h.h, h.h);
		else
			h = t->at[l];
		have = true;
	}
	*out = h;
}

int
tree_load(struct tree *t, uint64_t size, tree_read_fn *read, void *ctx,
    struct err *e)
{
	struct tree n = { .size = size };
	uint64_t done = 0;

	for (unsigned l = TREE_LEVELS; l-- > 0;) {
		if ((size >> l & 1) == 0)
			continue;
		int r = read(ctx, l, done >> l, &n.at[l], e);
		if (r != 0)
			return (r);
		done += UINT64_C(1) << l;
	}
	*t = n;
	return (0);
}

int
tree_root_at(uint64_t size, tree_read_fn *read, void *ctx,
    struct tree_hash *out, struct err *e)
{
	struct tree t;
	int r = tree_load(&t, size, read, ctx, e);

	if (r == 0)
		tree_root(&t, out);
	return (r);
}

/* MTH of the leaves from .. to, where ${from} is where a split put it. */
static int
range(uint64_t from, uint64_t to, tree_read_fn *read, void *ctx,
    struct tree_hash *out, struct err *e)
{
	struct tree_hash h, part;
	bool have = false;
	uint64_t n = to - from, at = to;

	/* Perfect subtrees, from the small one at the right to the left. */
	for (unsigned l = 0; l < TREE_LEVELS; l++) {
		if ((n >> l & 1) == 0)
			continue;
		at -= UINT64_C(1) << l;
		int r = read(ctx, l, at >> l, &part, e);
		if (r != 0)
			return (r);
		if (have)
			crypto_node(part.h, h.h, h.h);
		else
			h = part;
		have = true;
	}
	*out = h;
	return (0);
}

/* The largest power of two that is smaller than ${n}; n > 1. */
static uint64_t
split(uint64_t n)
{
	return (UINT64_C(1) << (63 - __builtin_clzll(n - 1)));
}

/* The proof from the root down, turned around at the end. */
static void
turn(struct tree_proof *p)
{
	for (size_t i = 0; i < p->n / 2; i++) {
		struct tree_hash h = p->at[i];
		p->at[i] = p->at[p->n - 1 - i];
		p->at[p->n - 1 - i] = h;
	}
}

int
tree_include(uint64_t index, uint64_t size, tree_read_fn *read, void *ctx,
    struct tree_proof *ret, struct err *e)
{
	struct tree_proof p = { .n = 0 };
	uint64_t from = 0, to = size;

	if (index >= size)
		return (err_set(e, ERR_INPUT, NULL,
		    "ask for an entry below the size",
		    "entry %llu is not in a tree of %llu",
		    (unsigned long long)index, (unsigned long long)size));
	while (to - from > 1) {
		uint64_t k = from + split(to - from);
		bool left = index < k;
		int r = left ? range(k, to, read, ctx, &p.at[p.n], e) :
		    range(from, k, read, ctx, &p.at[p.n], e);
		if (r != 0)
			return (r);
		p.n++;
		if (left)
			to = k;
		else
			from = k;
	}
	turn(&p);
	*ret = p;
	return (0);
}

int
tree_extend(uint64_t old, uint64_t size, tree_read_fn *read, void *ctx,
    struct tree_proof *ret, struct err *e)
{
	struct tree_proof p = { .n = 0 };
	uint64_t from = 0, to = size;
	int r;

	if (old == 0 || old > size)
		return (err_set(e, ERR_INPUT, NULL,
		    "ask for an old size from 1 up to the size",
		    "no consistency proof from %llu to %llu",
		    (unsigned long long)old, (unsigned long long)size));
	while (old < to) {
		uint64_t k = from + split(to - from);
		bool left = old <= k;
		r = left ? range(k, to, read, ctx, &p.at[p.n], e) :
		    range(from, k, read, ctx, &p.at[p.n], e);
		if (r != 0)
			return (r);
		p.n++;
		if (left)
			to = k;
		else
			from = k;
	}
	/* What is left ends at ${old}; the whole old tree is not repeated. */
	if (from != 0) {
		r = range(from, to, read, ctx, &p.at[p.n], e);
		if (r != 0)
			return (r);
		p.n++;
	}
	turn(&p);
	*ret = p;
	return (0);
}

bool
tree_included(uint64_t index, uint64_t size, const struct tree_hash *leaf,
    const struct tree_hash *root, const struct tree_hash *proof, size_t n)
{
	struct tree_hash r = *leaf;
	uint64_t fn = index, sn = size - 1;

	if (index >= size)
		return (false);
	for (size_t i = 0; i < n; i++) {
		if (sn == 0)
			return (false);
		if ((fn & 1) != 0 || fn == sn) {
			crypto_node(proof[i].h, r.h, r.h);
			while ((fn & 1) == 0 && fn != 0) {
				fn >>= 1;
				sn >>= 1;
			}
		} else {
			crypto_node(r.h, proof[i].h, r.h);
		}
		fn >>= 1;
		sn >>= 1;
	}
	return (sn == 0 && memcmp(r.h, root->h, TREE_HASH) == 0);
}

bool
tree_extended(uint64_t old, uint64_t size, const struct tree_hash *first,
    const struct tree_hash *second, const struct tree_hash *proof, size_t n)
{
	struct tree_hash fr, sr;
	uint64_t fn = old - 1, sn = size - 1;
	size_t i = 0;

	if (old == 0 || old > size)
		return (false);
	if (old == size)
		return (n == 0 &&
		    memcmp(first->h, second->h, TREE_HASH) == 0);
	if (n == 0)
		return (false);
	for (; (fn & 1) != 0; fn >>= 1)
		sn >>= 1;
	/* A whole subtree: its root is the old root and not in the proof. */
	fr = sr = (old & (old - 1)) == 0 ? *first : proof[i++];
	for (; i < n; i++) {
		if (sn == 0)
			return (false);
		if ((fn & 1) != 0 || fn == sn) {
			crypto_node(proof[i].h, fr.h, fr.h);
			crypto_node(proof[i].h, sr.h, sr.h);
			while ((fn & 1) == 0 && fn != 0) {
				fn >>= 1;
				sn >>= 1;
			}
		} else {
			crypto_node(sr.h, proof[i].h, sr.h);
		}
		fn >>= 1;
		sn >>= 1;
	}
	return (sn == 0 && memcmp(fr.h, first->h, TREE_HASH) == 0 &&
	    memcmp(sr.h, second->h, TREE_HASH) == 0);
}
