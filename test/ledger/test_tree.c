/* The tree against constants of RFC 6962 and against naive recomputation. */
#include "fixture.h"

#include "ledger/entry.h"
#include "ledger/tree.h"
#include "sys/crypto.h"

#define MAX 64

/* MTH by its definition, over leaf hashes. */
static void
naive(const struct tree_hash *d, size_t n, struct tree_hash *out)
{
	struct tree_hash l, r;
	size_t k = 1;

	if (n == 0) {
		crypto_sha256(NULL, 0, out->h);
		return;
	}
	if (n == 1) {
		*out = d[0];
		return;
	}
	while (k * 2 < n)
		k *= 2;
	naive(d, k, &l);
	naive(d + k, n - k, &r);
	crypto_node(l.h, r.h, out->h);
}

/* PATH and SUBPROOF by their definitions. */
static void
naive_path(size_t m, const struct tree_hash *d, size_t n, struct tree_proof *p)
{
	size_t k = 1;

	if (n == 1)
		return;
	while (k * 2 < n)
		k *= 2;
	if (m < k) {
		naive_path(m, d, k, p);
		naive(d + k, n - k, &p->at[p->n++]);
	} else {
		naive_path(m - k, d + k, n - k, p);
		naive(d, k, &p->at[p->n++]);
	}
}

static void
naive_subproof(size_t m, const struct tree_hash *d, size_t n, bool b,
    struct tree_proof *p)
{
	size_t k = 1;

	if (m == n) {
		if (!b)
			naive(d, n, &p->at[p->n++]);
		return;
	}
	while (k * 2 < n)
		k *= 2;
	if (m <= k) {
		naive_subproof(m, d, k, b, p);
		naive(d + k, n - k, &p->at[p->n++]);
	} else {
		naive_subproof(m - k, d + k, n - k, false, p);
		naive(d, k, &p->at[p->n++]);
	}
}

static struct tree_hash leaves[MAX];

static int
read_leaves(void *ctx, unsigned level, uint64_t index, struct tree_hash *out,
    struct err *e)
{
	(void)ctx;
	(void)e;
	naive(leaves + (index << level), (size_t)1 << level, out);
	return (0);
}

static int
setup(void **state)
{
	(void)state;
	for (int i = 0; i < MAX; i++) {
		char text[16];
		int n = snprintf(text, sizeof(text), "leaf %d", i);
		entry_leaf((struct str){ text, (size_t)n }, leaves[i].h);
	}
	return (0);
}

static void
hex_is(const uint8_t h[32], const char *want)
{
	BUF_SCOPED b = BUF_INIT;

	buf_puthex(&b, h, 32);
	assert_string_equal(b.ptr, want);
}

static void
test_constants(void **state)
{
	struct tree t = TREE_INIT;
	struct tree_hash h;
	uint8_t l[32], out[32];

	(void)state;
	tree_root(&t, &h);
	hex_is(h.h, "e3b0c44298fc1c149afbf4c8996fb924"
	    "27ae41e4649b934ca495991b7852b855");
	entry_leaf(STR(""), l);
	hex_is(l, "6e340b9cffb37a989ca544e6bb780a2c"
	    "78901d3fb33738768511a30617afa01d");
	entry_leaf(STR("L123456"), l);
	hex_is(l, "395aa064aa4c29f7010acfe3f25db948"
	    "5bbd4b91897b6ad7ad547639252b4d56");
	/* The children here are texts, not hashes: by hand. */
	crypto_sha256("\001N123N456", 9, out);
	hex_is(out, "aa217fe888e47007fa15edab33c2b492"
	    "a722cb106c64667fc2b044444de66bbb");
}

/* The eight-leaf example tree of the Certificate Transparency projects. */
static void
test_reference_tree(void **state)
{
	static const struct {
		const char *hex;
		const char *root;
	} in[] = {
		{ "", "6e340b9cffb37a989ca544e6bb780a2c"
		    "78901d3fb33738768511a30617afa01d" },
		{ "00", "fac54203e7cc696cf0dfcb42c92a1d9d"
		    "baf70ad9e621f4bd8d98662f00e3c125" },
		{ "10", "aeb6bcfe274b70a14fb067a5e5578264"
		    "db0fa9b51af5e0ba159158f329e06e77" },
		{ "2021", "d37ee418976dd95753c1c73862b9398f"
		    "a2a2cf9b4ff0fdfe8b30cd95209614b7" },
		{ "3031", "4e3bbb1f7b478dcfe71fb631631519a3"
		    "bca12c9aefca1612bfce4c13a86264d4" },
		{ "40414243", "76e67dadbcdf1e10e1b74ddc608abd2f"
		    "98dfb16fbce75277b5232a127f2087ef" },
		{ "5051525354555657", "ddb89be403809e325750d3d263cd7892"
		    "9c2942b7942a34b77e122c9594a74c8c" },
		{ "606162636465666768696a6b6c6d6e6f",
		    "5dc9da79a70659a9ad559cb701ded9a2"
		    "ab9d823aad2f4960cfe370eff4604328" },
	};
	struct tree t = TREE_INIT;
	struct tree_hash leaf, root;
	uint8_t bytes[16];

	(void)state;
	for (size_t i = 0; i < 8; i++) {
		size_t n = strlen(in[i].hex) / 2;
		assert_true(str_unhex(str_from(in[i].hex), bytes, n));
		entry_leaf((struct str){ (char *)bytes, n }, leaf.h);
		tree_add(&t, &leaf, NULL, NULL);
		tree_root(&t, &root);
		hex_is(root.h, in[i].root);
	}
}

static void
test_roots(void **state)
{
	struct tree t = TREE_INIT, loaded;
	struct tree_hash a, b;

	(void)state;
	for (size_t n = 1; n <= MAX; n++) {
		tree_add(&t, &leaves[n - 1], NULL, NULL);
		tree_root(&t, &a);
		naive(leaves, n, &b);
		assert_memory_equal(&a, &b, sizeof(a));
		assert_int_equal(tree_root_at(n, read_leaves, NULL, &b, NULL),
		    0);
		assert_memory_equal(&a, &b, sizeof(a));
		assert_int_equal(tree_load(&loaded, n, read_leaves, NULL,
		    NULL), 0);
		tree_root(&loaded, &b);
		assert_memory_equal(&a, &b, sizeof(a));
	}
}

/* Change each bit of each hash, the length, the index and the size. */
static size_t
spoil_inclusion(uint64_t i, uint64_t n, const struct tree_hash *root,
    struct tree_proof *p)
{
	struct tree_hash leaf = leaves[i];
	size_t tried = 0;

#define NO(...)                                                                \
	do {                                                                   \
		assert_false(__VA_ARGS__);                                     \
		tried++;                                                       \
	} while (0)
	for (size_t bit = 0; bit < p->n * 256; bit += 7) {
		p->at[bit / 256].h[bit % 256 / 8] ^= (uint8_t)(1 << bit % 8);
		NO(tree_included(i, n, &leaf, root, p->at, p->n));
		p->at[bit / 256].h[bit % 256 / 8] ^= (uint8_t)(1 << bit % 8);
	}
	leaf.h[i % 32] ^= 1;
	NO(tree_included(i, n, &leaf, root, p->at, p->n));
	leaf.h[i % 32] ^= 1;
	for (uint64_t j = 0; j < n + 2; j++)
		if (j != i)
			NO(tree_included(j, n, &leaf, root, p->at, p->n));
	if (p->n != 0)
		NO(tree_included(i, n, &leaf, root, p->at, p->n - 1));
	p->at[p->n] = leaf;
	NO(tree_included(i, n, &leaf, root, p->at, p->n + 1));
	NO(tree_included(i, 0, &leaf, root, p->at, p->n));
	/* Another size has another path, unless both have the same shape. */
	NO(tree_included(i, n * 4 + 1, &leaf, root, p->at, p->n));
	return (tried);
}

static void
test_inclusion(void **state)
{
	size_t pairs = 0, tried = 0;

	(void)state;
	for (size_t n = 1; n <= MAX; n++) {
		struct tree_hash root;
		naive(leaves, n, &root);
		for (size_t i = 0; i < n; i++, pairs++) {
			struct tree_proof p, q = { .n = 0 };
			assert_int_equal(tree_include(i, n, read_leaves, NULL,
			    &p, NULL), 0);
			naive_path(i, leaves, n, &q);
			assert_int_equal(p.n, q.n);
			assert_memory_equal(p.at, q.at,
			    p.n * sizeof(p.at[0]));
			assert_true(tree_included(i, n, &leaves[i], &root,
			    p.at, p.n));
			tried += spoil_inclusion(i, n, &root, &p);
		}
	}
	assert_int_equal(pairs, MAX * (MAX + 1) / 2);
	struct tree_proof p;
	assert_int_equal(tree_include(5, 5, read_leaves, NULL, &p, NULL),
	    -ERR_INPUT);
	print_message("# %zu inclusion proofs, %zu spoiled ones refused\n",
	    pairs, tried);
}

static size_t
spoil_consistency(uint64_t m, uint64_t n, struct tree_hash *a,
    struct tree_hash *b, struct tree_proof *p)
{
	size_t tried = 0;

	for (size_t bit = 0; bit < p->n * 256; bit += 7) {
		p->at[bit / 256].h[bit % 256 / 8] ^= (uint8_t)(1 << bit % 8);
		NO(tree_extended(m, n, a, b, p->at, p->n));
		p->at[bit / 256].h[bit % 256 / 8] ^= (uint8_t)(1 << bit % 8);
	}
	a->h[m % 32] ^= 4;
	NO(tree_extended(m, n, a, b, p->at, p->n));
	a->h[m % 32] ^= 4;
	b->h[n % 32] ^= 4;
	NO(tree_extended(m, n, a, b, p->at, p->n));
	b->h[n % 32] ^= 4;
	if (p->n != 0)
		NO(tree_extended(m, n, a, b, p->at, p->n - 1));
	p->at[p->n] = *a;
	NO(tree_extended(m, n, a, b, p->at, p->n + 1));
	NO(tree_extended(0, n, a, b, p->at, p->n));
	NO(tree_extended(n + 1, n, a, b, p->at, p->n));
	if (m != n) {
		NO(tree_extended(n, n, a, b, p->at, p->n));
		NO(tree_extended(m, m, a, b, p->at, p->n));
		NO(tree_extended(m, n, b, a, p->at, p->n));
	}
	return (tried);
}

static void
test_consistency(void **state)
{
	size_t pairs = 0, tried = 0;

	(void)state;
	for (size_t n = 1; n <= MAX; n++) {
		struct tree_hash a, b;
		naive(leaves, n, &b);
		for (size_t m = 1; m <= n; m++, pairs++) {
			struct tree_proof p, q = { .n = 0 };
			naive(leaves, m, &a);
			assert_int_equal(tree_extend(m, n, read_leaves, NULL,
			    &p, NULL), 0);
			naive_subproof(m, leaves, n, true, &q);
			assert_int_equal(p.n, q.n);
			assert_memory_equal(p.at, q.at,
			    p.n * sizeof(p.at[0]));
			assert_true(tree_extended(m, n, &a, &b, p.at, p.n));
			tried += spoil_consistency(m, n, &a, &b, &p);
		}
	}
	struct tree_proof p;
	assert_int_equal(tree_extend(0, 5, read_leaves, NULL, &p, NULL),
	    -ERR_INPUT);
	assert_int_equal(tree_extend(6, 5, read_leaves, NULL, &p, NULL),
	    -ERR_INPUT);
	print_message("# %zu consistency proofs, %zu spoiled ones refused\n",
	    pairs, tried);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_constants),
		cmocka_unit_test(test_reference_tree),
		cmocka_unit_test(test_roots),
		cmocka_unit_test(test_inclusion),
		cmocka_unit_test(test_consistency),
	};

	return (cmocka_run_group_tests(tests, setup, NULL));
}
