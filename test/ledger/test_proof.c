/*
 * Policies, cosignatures and receipts: vectors that another program wrote
 * (test/data/proof), and changes that must not be accepted, counted.
 */
#include "fixture.h"

#include "ledger/cosign.h"
#include "ledger/policy.h"
#include "ledger/policy_adopt.h"
#include "ledger/proof.h"
#include "ledger/tile.h"

#define DATA "test/data/proof"

/* --- vectors ------------------------------------------------------------- */

struct trust {
	struct arena a;
	struct note_key keys[3]; /* the ledger, two witnesses */
	struct policy *policy;   /* wants both */
};

static void
trust_load(struct trust *t)
{
	BUF_SCOPED b = BUF_INIT;
	struct str rest, line;
	struct err e;

	*t = (struct trust){ .a = ARENA_INIT };
	assert_int_equal(file_read(DATA "/KEYS", 4096, &b, &e), 0);
	rest = buf_str(&b);
	for (size_t i = 0; i < 3; i++) {
		assert_true(str_split(&rest, '\n', &line));
		assert_int_equal(note_key_parse(line, &t->keys[i], &e), 0);
	}
	assert_int_equal(t->keys[1].type, NOTE_COSIGNATURE);
	assert_int_equal(file_read(DATA "/POLICY", 4096, &b, &e), 0);
	if (policy_parse(&t->a, "POLICY", buf_str(&b), &t->policy, &e) != 0)
		fail_msg("%s (%s)", e.what, e.where);
}

/* Every file of that ending; how many. */
static size_t
each(const char *ending, void (*fn)(struct trust *t, const char *name,
    struct str bytes))
{
	ARENA_SCOPED a = ARENA_INIT;
	struct trust t;
	char **names;
	size_t n, count = 0;

	trust_load(&t);
	assert_int_equal(file_list(&a, DATA, &names, &n, NULL), 0);
	for (size_t i = 0; i < n; i++) {
		BUF_SCOPED b = BUF_INIT;
		if (!str_ends(str_from(names[i]), ending))
			continue;
		assert_int_equal(file_read(arena_printf(&a, DATA "/%s",
		    names[i]), 1 << 20, &b, NULL), 0);
		fn(&t, names[i], buf_str(&b));
		count++;
	}
	arena_free(&t.a);
	return (count);
}

static int
look(struct trust *t, struct str note, struct policy_seen *seen)
{
	struct err e;

	return (policy_look(t->policy, NULL, 0, note, seen, &e));
}

static void
note_good(struct trust *t, const char *name, struct str note)
{
	struct policy_seen seen;
	struct note_signers by;
	struct str text;
	struct err e;

	if (look(t, note, &seen) != 0 || !seen.quorum ||
	    seen.head.size != 42)
		fail_msg("%s", name);
	assert_int_equal(note_open_signers(note, t->keys, 3, &text, &by, &e),
	    0);
	assert_true(by.n >= 3);
	for (size_t i = 0; i < by.n; i++) {
		bool ledger = by.at[i].key == 0;
		assert_true(ledger == (by.at[i].time == -1));
		assert_true(str_starts(by.at[i].line, "\xe2\x80\x94 ") &&
		    by.at[i].line.ptr[by.at[i].line.len - 1] == '\n');
	}
}

static void
note_short(struct trust *t, const char *name, struct str note)
{
	struct policy_seen seen;
	BUF_SCOPED b = BUF_INIT;

	if (look(t, note, &seen) != 0 || seen.quorum)
		fail_msg("%s", name);
	policy_explain(t->policy, &seen, &b);
	assert_true(str_starts(buf_str(&b), "all 2 of one, two must have "
	    "cosigned, and "));
}

static void
note_bad(struct trust *t, const char *name, struct str note)
{
	struct policy_seen seen;

	if (look(t, note, &seen) == 0)
		fail_msg("%s", name);
}

static void
test_notes(void **state)
{
	(void)state;
	assert_true(each(".good", note_good) >= 9);
	assert_true(each(".short", note_short) >= 3);
	assert_true(each(".bad", note_bad) >= 9);
}

/* The time that counts is the latest. */
static void
test_times(void **state)
{
	struct trust t;
	struct policy_seen seen;
	BUF_SCOPED b = BUF_INIT;

	(void)state;
	trust_load(&t);
	assert_int_equal(file_read(DATA "/cosigned-twice.good", 4096, &b,
	    NULL), 0);
	assert_int_equal(look(&t, buf_str(&b), &seen), 0);
	assert_int_equal(seen.n, 2);
	assert_string_equal(seen.at[0].witness->name, "one");
	assert_int_equal(seen.at[0].time, 1764028909);
	assert_int_equal(seen.at[1].time, 1764028901);
	arena_free(&t.a);
}

static int
check(struct trust *t, struct str text, struct proof_receipt *ret,
    struct err *e)
{
	ARENA_SCOPED a = ARENA_INIT;
	int r = proof_check(&a, text, t->policy, NULL, 0, ret, e);

	return (r == 0 && !ret->seen.quorum ? -ERR_NO : r);
}

static void
receipt_good(struct trust *t, const char *name, struct str text)
{
	struct proof_receipt x;
	struct err e = { 0 };
	ARENA_SCOPED a = ARENA_INIT;
	BUF_SCOPED out = BUF_INIT;

	if (check(t, text, &x, &e) != 0)
		fail_msg("%s: %s", name, e.what);
	assert_int_equal(x.seen.head.size, 42);
	struct proof p;
	assert_int_equal(proof_parse(&a, text, &p, &e), 0);
	proof_print(&p, &out);
	assert_true(str_eq(buf_str(&out), text));
}

static void
receipt_no(struct trust *t, const char *name, struct str text)
{
	struct proof_receipt x;
	struct err e = { 0 };

	int r = check(t, text, &x, &e);
	if (r != -ERR_NO || e.what[0] == '\0')
		fail_msg("%s: %d %s", name, r, e.what);
}

static void
receipt_input(struct trust *t, const char *name, struct str text)
{
	struct proof_receipt x;
	struct err e = { 0 };

	int r = check(t, text, &x, &e);
	if (r != -ERR_INPUT || e.what[0] == '\0')
		fail_msg("%s: %d %s", name, r, e.what);
}

static void
test_receipts(void **state)
{
	(void)state;
	assert_int_equal(each(".receipt", receipt_good), 3);
	assert_true(each(".no", receipt_no) >= 10);
	assert_true(each(".input", receipt_input) >= 16);
}

static void
policy_good(struct trust *t, const char *name, struct str text)
{
	struct policy *p;
	struct err e;

	if (policy_parse(&t->a, name, text, &p, &e) != 0)
		fail_msg("%s: %s (%s)", name, e.what, e.where);
}

static void
policy_bad(struct trust *t, const char *name, struct str text)
{
	struct policy *p;
	struct err e = { 0 };

	int r = policy_parse(&t->a, name, text, &p, &e);
	if (r != -ERR_INPUT || !str_starts(str_from(e.where), name))
		fail_msg("%s: %d %s (%s)", name, r, e.what, e.where);
}

static void
test_policies(void **state)
{
	(void)state;
	assert_true(each(".policy", policy_good) >= 8);
	assert_true(each(".nopolicy", policy_bad) >= 36);
}

/* A type that others define is refused by its name. */
static void
test_unknown_type(void **state)
{
	struct trust t;
	struct policy *p;
	struct err e = { 0 };
	BUF_SCOPED b = BUF_INIT;

	(void)state;
	trust_load(&t);
	assert_int_equal(file_read(DATA "/witness-unknown-type.nopolicy",
	    8192, &b, NULL), 0);
	assert_int_equal(policy_parse(&t.a, "p", buf_str(&b), &p, &e),
	    -ERR_INPUT);
	assert_non_null(strstr(e.what, "ML-DSA-44"));
	assert_string_equal(e.where, "p:1");
	arena_free(&t.a);
}

/* All ways to combine 4 witnesses under k of n, all, any, nested. */
static void
test_quorums(void **state)
{
	static const char *const rules[] = {
		"group q any a b c d\n", "group q all a b c d\n",
		"group q 2 a b c d\n", "group q 3 a b c d\n",
		"group x any a b\ngroup q all x c\n",
		"group x 2 a b c\ngroup q any x d\n",
		"group x all a b\ngroup y any c d\ngroup q all x y\n",
	};
	ARENA_SCOPED a = ARENA_INIT;
	uint8_t seed[5][CRYPTO_SEED], pub[CRYPTO_PUBLIC];
	struct note_key key[5];
	BUF_SCOPED text = BUF_INIT;
	struct checkpoint c = { .origin = "ledger", .size = 1 };

	(void)state;
	for (int i = 0; i < 5; i++) {
		char name[16];
		memset(seed[i], i + 1, CRYPTO_SEED);
		crypto_ed25519_public(seed[i], pub);
		snprintf(name, sizeof(name), "w%d", i);
		note_key_make_as(i == 4 ? NOTE_ED25519 : NOTE_COSIGNATURE,
		    i == 4 ? "ledger" : name, pub, &key[i]);
	}
	checkpoint_print(&c, &text);
	for (size_t k = 0; k < sizeof(rules) / sizeof(*rules); k++) {
		BUF_SCOPED b = BUF_INIT;
		struct policy *p;
		struct err e;
		for (int i = 0; i < 4; i++) {
			buf_printf(&b, "witness %c ", 'a' + i);
			note_key_print(&key[i], &b);
			buf_putc(&b, '\n');
		}
		buf_printf(&b, "%squorum q\n", rules[k]);
		if (policy_parse(&a, "p", buf_str(&b), &p, &e) != 0)
			fail_msg("%s (%s)", e.what, e.where);
		for (unsigned m = 0; m < 16; m++) {
			BUF_SCOPED note = BUF_INIT;
			struct policy_seen seen;
			uint8_t sig[CRYPTO_SIG];
			bool w[4];
			buf_putstr(&note, buf_str(&text));
			buf_putc(&note, '\n');
			crypto_ed25519_sign(seed[4], text.ptr, text.len, sig);
			note_put_signature(&key[4], sig, &note);
			for (int i = 0; i < 4; i++) {
				BUF_SCOPED msg = BUF_INIT;
				w[i] = m >> i & 1;
				if (!w[i])
					continue;
				note_cosign_message(buf_str(&text), 5, &msg);
				crypto_ed25519_sign(seed[i], msg.ptr, msg.len,
				    sig);
				note_put_cosignature(&key[i], 5, sig, &note);
			}
			int n = w[0] + w[1] + w[2] + w[3];
			bool want[] = { n >= 1, n == 4, n >= 2, n >= 3,
				(w[0] || w[1]) && w[2],
				w[0] + w[1] + w[2] >= 2 || w[3],
				w[0] && w[1] && (w[2] || w[3]) };
			assert_int_equal(policy_look(p, &key[4], 1,
			    buf_str(&note), &seen, &e), 0);
			if (seen.quorum != want[k] || (int)seen.n != n)
				fail_msg("rule %zu, witnesses %u", k, m);
			/* Without a log that is known, nothing. */
			assert_int_equal(policy_look(p, NULL, 0,
			    buf_str(&note), &seen, &e), -ERR_DENIED);
		}
	}
}

static void
test_limits(void **state)
{
	ARENA_SCOPED a = ARENA_INIT;
	BUF_SCOPED b = BUF_INIT;
	struct policy *p;
	struct note_key k;
	uint8_t pub[CRYPTO_PUBLIC];
	struct err e;

	(void)state;
	for (int i = 0; i <= POLICY_NODES; i++) {
		uint8_t seed[CRYPTO_SEED] = { (uint8_t)i, (uint8_t)(i >> 8) };
		BUF_SCOPED whole = BUF_INIT;
		crypto_ed25519_public(seed, pub);
		note_key_make_as(NOTE_COSIGNATURE, "w", pub, &k);
		buf_printf(&b, "witness w%d ", i);
		note_key_print(&k, &b);
		buf_putc(&b, '\n');
		buf_printf(&whole, "%squorum w0\n", b.ptr);
		assert_int_equal(policy_parse(&a, "p", buf_str(&whole), &p,
		    &e), i < POLICY_NODES ? 0 : -ERR_LIMIT);
	}
	/* At least what the specification recommends. */
	assert_true(POLICY_LOGS >= 32 && POLICY_NODES >= 64);
	buf_reset(&b);
	buf_puts(&b, "quorum none\n#");
	while (b.len < POLICY_MAX)
		buf_putc(&b, 'x');
	buf_putc(&b, '\n');
	assert_int_equal(policy_parse(&a, "p", buf_str(&b), &p, &e),
	    -ERR_LIMIT);
}

/* --- a ledger, its receipts, its witnesses ------------------------------- */

struct scene {
	struct fixture f;
	char files[80];
	uint8_t seed[2][CRYPTO_SEED];
	struct note_key key[2];
	struct note_key vkey; /* of the ledger */
};

static void
cosign(struct scene *s, int i, int64_t time, struct str note, struct buf *out)
{
	BUF_SCOPED msg = BUF_INIT;
	struct str text, lines;
	uint8_t sig[CRYPTO_SIG];

	assert_int_equal(note_split(note, &text, &lines, NULL), 0);
	note_cosign_message(text, time, &msg);
	crypto_ed25519_sign(s->seed[i], msg.ptr, msg.len, sig);
	note_put_cosignature(&s->key[i], time, sig, out);
}

/* The policy wants both. */
static void
scene_new(struct scene *s, int entries)
{
	BUF_SCOPED b = BUF_INIT;
	struct fixture *f = &s->f;
	uint8_t pub[CRYPTO_PUBLIC];
	uint64_t index;
	bool same;

	fixture_new_in(f, fixture_memory());
	snprintf(s->files, sizeof(s->files), "%s/ledger", f->dir);
	for (int i = 0; i < 2; i++) {
		memset(s->seed[i], 50 + i, CRYPTO_SEED);
		crypto_ed25519_public(s->seed[i], pub);
		note_key_make_as(NOTE_COSIGNATURE, i == 0 ? "one" : "two",
		    pub, &s->key[i]);
		buf_printf(&b, "witness %s ", s->key[i].name);
		note_key_print(&s->key[i], &b);
		buf_putc(&b, '\n');
	}
	buf_puts(&b, "group g all one two\nquorum g\n");
	ok(policy_adopt(f->l, STR("tester"), "p", buf_str(&b), &index, &same,
	    &f->e));
	assert_false(same);
	ok(policy_adopt(f->l, STR("tester"), "p", buf_str(&b), &index, &same,
	    &f->e));
	assert_true(same);
	/* Killed before the file came: whoever writes next brings it. */
	BUF_SCOPED again = BUF_INIT;
	ok(file_remove(fixture_path(f, "ledger/policy"), &f->e));
	ok(policy_adopt_settle(f->l, &f->e));
	ok(file_read(fixture_path(f, "ledger/policy"), 1 << 16, &again, &f->e));
	assert_true(str_eq(buf_str(&again), buf_str(&b)));
	fixture_fill(f, entries - 1, 0);
	ok(ledger_sequence(f->l, &f->e));
	size_t n;
	ok(proof_keys(s->files, &s->vkey, 1, &n, &f->e));
	assert_int_equal(n, 1);
}

/* Ask both, as a server would. */
static void
witness_all(struct scene *s)
{
	struct fixture *f = &s->f;
	BUF_SCOPED note = BUF_INIT, one = BUF_INIT, two = BUF_INIT;
	struct checkpoint c;
	bool done;
	size_t n;

	ok(proof_note(s->files, "checkpoint", &note, &c, &f->e));
	cosign(s, 0, 1000, buf_str(&note), &one);
	cosign(s, 1, 1001, buf_str(&note), &two);
	ok(cosign_merge(&note, buf_str(&one), s->key, 2, &n, &f->e));
	assert_int_equal(n, 1);
	ok(cosign_store(f->l, buf_str(&note), &done, &f->e));
	assert_false(done);
	ok(cosign_merge(&note, buf_str(&two), s->key, 2, &n, &f->e));
	ok(cosign_store(f->l, buf_str(&note), &done, &f->e));
	assert_true(done);
}

static void
test_cosign(void **state)
{
	struct scene sc, *s = &sc;
	struct fixture *f = &sc.f;
	BUF_SCOPED note = BUF_INIT, later = BUF_INIT, now = BUF_INIT,
	    one = BUF_INIT, two = BUF_INIT, bad = BUF_INIT;
	struct checkpoint c, w;
	bool done;
	size_t n;

	(void)state;
	scene_new(s, 10);
	ok(proof_note(s->files, "checkpoint", &note, &c, &f->e));
	assert_int_equal(c.size, 10);
	cosign(s, 0, 1000, buf_str(&note), &one);
	ok(cosign_merge(&note, buf_str(&one), s->key, 2, &n, &f->e));
	/* Twice is once, and the newer time takes its place. */
	buf_reset(&one);
	cosign(s, 0, 2000, buf_str(&note), &one);
	size_t before = note.len;
	ok(cosign_merge(&note, buf_str(&one), s->key, 2, &n, &f->e));
	assert_int_equal(note.len, before);
	/* Nothing of what is no answer. */
	assert_int_equal(cosign_merge(&note, STR("busy\n"), s->key, 2, &n,
	    &f->e), -ERR_INPUT);
	assert_int_equal(cosign_merge(&note, STR(""), s->key, 2, &n, &f->e),
	    -ERR_INPUT);
	assert_int_equal(cosign_merge(&note, STR("x\n\n\xe2\x80\x94 one AAAA\n"),
	    s->key, 2, &n, &f->e), -ERR_INPUT);
	assert_int_equal(cosign_merge(&note, buf_str(&one), s->key + 1, 1, &n,
	    &f->e), -ERR_DENIED);
	buf_putstr(&bad, buf_str(&one));
	bad.ptr[bad.len - 10] ^= 1;
	assert_true(cosign_merge(&note, buf_str(&bad), s->key, 2, &n, &f->e) <
	    0);
	assert_int_equal(note.len, before);
	ok(cosign_store(f->l, buf_str(&note), &done, &f->e));
	assert_false(done);
	assert_int_equal(proof_note(s->files, "witnessed", &now, &w, &f->e),
	    -ERR_NOTFOUND);

	/* The ledger goes on; then the second answer for the first comes. */
	fixture_fill(f, 5, 0);
	ok(ledger_sequence(f->l, &f->e));
	cosign(s, 1, 3000, buf_str(&note), &two);
	ok(cosign_merge(&note, buf_str(&two), s->key, 2, &n, &f->e));
	ok(cosign_store(f->l, buf_str(&note), &done, &f->e));
	assert_true(done);
	ok(proof_note(s->files, "witnessed", &now, &w, &f->e));
	assert_int_equal(w.size, 10);
	ok(proof_note(s->files, "checkpoint", &later, &c, &f->e));
	assert_int_equal(c.size, 15);
	assert_null(strstr(later.ptr, " one "));
	/* A later one stays. */
	witness_all(s);
	ok(cosign_store(f->l, buf_str(&note), &done, &f->e));
	assert_false(done);
	ok(proof_note(s->files, "witnessed", &now, &w, &f->e));
	assert_int_equal(w.size, 15);
	/* A note of somebody else is not kept. */
	note.ptr[0] ^= 1;
	assert_int_equal(cosign_store(f->l, buf_str(&note), &done, &f->e),
	    -ERR_DAMAGED);
	assert_int_equal(fixture_check(f, fixture_tell, NULL), 0);
	fixture_reopen(f);
	fixture_free(f);
}

/* A request from every size; one from beyond cannot be made. */
static void
test_request(void **state)
{
	struct scene sc, *s = &sc;
	struct fixture *f = &sc.f;
	BUF_SCOPED note = BUF_INIT, b = BUF_INIT;
	struct checkpoint c;

	(void)state;
	scene_new(s, 300);
	ok(proof_note(s->files, "checkpoint", &note, &c, &f->e));
	for (uint64_t old = 0; old <= 300; old++) {
		char first[32];
		ok(cosign_request(s->files, old, buf_str(&note), &b, &f->e));
		snprintf(first, sizeof(first), "old %d\n", (int)old);
		assert_true(str_starts(buf_str(&b), first));
		assert_true(str_ends(buf_str(&b), note.ptr));
	}
	assert_int_equal(cosign_request(s->files, 301, buf_str(&note), &b,
	    &f->e), -ERR_INPUT);
	fixture_free(f);
}

/* Receipts for every entry, under the witnessed note and the newer one. */
static void
test_make(void **state)
{
	struct scene sc, *s = &sc;
	struct fixture *f = &sc.f;
	BUF_SCOPED b = BUF_INIT;

	(void)state;
	scene_new(s, 600);
	witness_all(s);
	fixture_fill(f, 30, 0);
	ok(ledger_sequence(f->l, &f->e));
	for (uint64_t i = 0; i < 630; i++) {
		ARENA_SCOPED a = ARENA_INIT;
		struct proof_receipt *x = arena_new(&a, struct proof_receipt);
		struct policy *p;
		buf_reset(&b);
		ok(proof_make(s->files, i, &b, &f->e));
		ok(proof_policy(&a, s->files, &p, NULL, &f->e));
		ok(proof_check(&a, buf_str(&b), p, &s->vkey, 1, x,
		    &f->e));
		assert_int_equal(x->proof.index, i);
		assert_int_equal(x->seen.head.size, i < 600 ? 600 : 630);
		assert_true(x->seen.quorum == (i < 600));
	}
	assert_int_equal(proof_make(s->files, 630, &b, &f->e), -ERR_NOTFOUND);
	assert_int_equal(proof_make(s->files, UINT64_MAX, &b, &f->e),
	    -ERR_NOTFOUND);
	fixture_free(f);
}

/* --- changes, counted ---------------------------------------------------- */

#define LEAVES 300

static struct tree_hash nodes[10][LEAVES];
static struct tree_hash roots[LEAVES + 1];

static void
node_seen(void *ctx, unsigned level, uint64_t index, const struct tree_hash *h)
{
	(void)ctx;
	nodes[level][index] = *h;
}

static int
node_read(void *ctx, unsigned level, uint64_t index, struct tree_hash *out,
    struct err *e)
{
	(void)ctx;
	(void)e;
	*out = nodes[level][index];
	return (0);
}

static void
grow(void)
{
	struct tree t = TREE_INIT;

	tree_root(&t, &roots[0]);
	for (int i = 0; i < LEAVES; i++) {
		struct tree_hash h;
		char text[16];
		int n = snprintf(text, sizeof(text), "leaf %d", i);
		crypto_sha256_2("", 1, text, (size_t)n, h.h);
		tree_add(&t, &h, node_seen, NULL);
		tree_root(&t, &roots[i + 1]);
	}
}

static uint64_t
below(uint64_t n)
{
	uint64_t x;

	rng_bytes(&x, sizeof(x));
	return (x % n);
}

/* What both kinds of proof are: two hashes, two numbers, a list. */
struct claim {
	bool inclusion;
	uint64_t a, size;
	struct tree_hash first, root;
	struct tree_hash hash[TREE_PROOF + 2];
	size_t n;
};

static bool
holds(const struct claim *c)
{
	return (c->inclusion ?
	    tree_included(c->a, c->size, &c->first, &c->root, c->hash, c->n) :
	    tree_extended(c->a, c->size, &c->first, &c->root, c->hash, c->n));
}

static void
claim_make(struct claim *c, bool inclusion, uint64_t a, uint64_t size)
{
	struct tree_proof p;

	*c = (struct claim){ .inclusion = inclusion, .a = a, .size = size,
		.root = roots[size] };
	if (inclusion) {
		c->first = nodes[0][a];
		assert_int_equal(tree_include(a, size, node_read, NULL, &p,
		    NULL), 0);
	} else {
		c->first = roots[a];
		assert_int_equal(tree_extend(a, size, node_read, NULL, &p,
		    NULL), 0);
	}
	memcpy(c->hash, p.at, p.n * sizeof(*p.at));
	c->n = p.n;
}

static bool
same(const struct claim *a, const struct claim *b)
{
	return (a->a == b->a && a->size == b->size && a->n == b->n &&
	    memcmp(&a->first, &b->first, TREE_HASH) == 0 &&
	    memcmp(&a->root, &b->root, TREE_HASH) == 0 &&
	    memcmp(a->hash, b->hash, a->n * TREE_HASH) == 0);
}

/*
 * One change of a kind. The size alone is bound by the signature of the
 * checkpoint, so a shifted one comes here with the root of that size.
 */
enum change { BIT, INDEX, SIZE, MORE, LESS, SWAP, FIRST, FRONT, CHANGES };
static const char *const change_name[] = { "bit flipped", "index shifted",
	"size shifted", "hash added", "hash removed", "hashes swapped",
	"other first hash", "hash in front" };

static void
shift(uint64_t *x, uint64_t max)
{
	switch (below(6)) {
	case 0: *x += 1; break;
	case 1: *x -= 1; break;
	case 2: *x ^= 2; break;
	case 3: *x *= 2; break;
	case 4: *x /= 2; break;
	default: *x = below(max); break;
	}
}

static void
alter(struct claim *c, enum change kind)
{
	struct tree_hash h = nodes[0][below(LEAVES)];
	uint8_t *at;
	size_t i;

	switch (kind) {
	case BIT:
		i = below(c->n + 2);
		at = i == 0 ? c->first.h : i == 1 ? c->root.h :
		    c->hash[i - 2].h;
		at[below(TREE_HASH)] ^= (uint8_t)(1 << below(8));
		break;
	case INDEX:
		shift(&c->a, LEAVES);
		break;
	case SIZE:
		shift(&c->size, LEAVES);
		c->size %= LEAVES + 1;
		c->root = roots[c->size];
		break;
	case MORE:
		c->hash[c->n++] = below(2) ? h : c->root;
		break;
	case LESS:
		if (c->n == 0)
			break;
		i = below(c->n--);
		memmove(&c->hash[i], &c->hash[i + 1],
		    (c->n - i) * sizeof(h));
		break;
	case SWAP:
		if (c->n < 2)
			break;
		i = below(c->n - 1);
		h = c->hash[i];
		c->hash[i] = c->hash[i + 1];
		c->hash[i + 1] = h;
		break;
	case FIRST:
		c->first = below(2) ? h : c->root;
		break;
	default:
		memmove(&c->hash[1], &c->hash[0], c->n++ * sizeof(h));
		c->hash[0] = below(3) ? h : below(2) ? c->root : c->first;
		break;
	}
}

/* ${count} changes of proofs: how many of each were tried; none accepted. */
static void
try_claims(bool inclusion, unsigned long count, unsigned long tried[CHANGES])
{
	struct claim c, d;

	for (unsigned long n = 0; n < count;) {
		uint64_t size = 1 + below(LEAVES);
		claim_make(&c, inclusion, inclusion ? below(size) :
		    1 + below(size), size);
		if (!holds(&c))
			fail_msg("a proof that does not hold");
		enum change kind = (enum change)below(CHANGES);
		d = c;
		alter(&d, kind);
		if (same(&c, &d))
			continue;
		/* The same tree, of which nothing is claimed. */
		if (!inclusion && d.a == d.size && d.n == 0 &&
		    memcmp(&d.first, &d.root, TREE_HASH) == 0)
			continue;
		if (holds(&d))
			fail_msg("%s: accepted, %d of %d", change_name[kind],
			    (int)c.a, (int)c.size);
		tried[kind]++;
		n++;
	}
}

/* Changes of the bytes of a receipt; all of it is bound. */
static void
try_receipts(struct scene *s, unsigned long count)
{
	struct fixture *f = &s->f;
	BUF_SCOPED b = BUF_INIT;
	ARENA_SCOPED keep = ARENA_INIT;
	struct policy *p;

	ok(proof_policy(&keep, s->files, &p, NULL, &f->e));
	for (unsigned long n = 0; n < count; n++) {
		ARENA_SCOPED a = ARENA_INIT;
		struct proof_receipt *x = arena_new(&a, struct proof_receipt);
		if (n % 64 == 0) {
			buf_reset(&b);
			ok(proof_make(s->files, below(600), &b, &f->e));
		}
		size_t bit = below(b.len * 8);
		b.ptr[bit / 8] ^= (char)(1 << bit % 8);
		int r = proof_check(&a, buf_str(&b), p, &s->vkey, 1,
		    x, NULL);
		if (r == 0 && x->seen.quorum)
			fail_msg("bit %zu of a receipt: accepted\n%s", bit,
			    b.ptr);
		b.ptr[bit / 8] ^= (char)(1 << bit % 8);
	}
}

/* Numbers of a receipt put in place of its own. */
static void
try_numbers(struct scene *s, unsigned long count)
{
	struct fixture *f = &s->f;
	ARENA_SCOPED keep = ARENA_INIT;
	struct policy *p;

	ok(proof_policy(&keep, s->files, &p, NULL, &f->e));
	for (unsigned long n = 0; n < count;) {
		ARENA_SCOPED a = ARENA_INIT;
		BUF_SCOPED b = BUF_INIT, c = BUF_INIT;
		struct proof_receipt *x = arena_new(&a, struct proof_receipt);
		struct proof q;
		uint64_t index = below(600), other = index, size = 600;
		ok(proof_make(s->files, index, &b, &f->e));
		ok(proof_parse(&a, buf_str(&b), &q, &f->e));
		bool which = below(2);
		shift(which ? &other : &size, 700);
		if (other == index && size == 600)
			continue;
		q.index = other;
		struct str rest = q.note, line;
		BUF_SCOPED note = BUF_INIT;
		str_split(&rest, '\n', &line);
		buf_printf(&note, STR_FMT "\n%llu\n", STR_ARG(line),
		    (unsigned long long)size);
		str_split(&rest, '\n', &line);
		buf_putstr(&note, rest);
		q.note = buf_str(&note);
		proof_print(&q, &c);
		if (proof_check(&a, buf_str(&c), p, &s->vkey, 1, x,
		    NULL) == 0)
			fail_msg("%s of a receipt: accepted", which ? "index" :
			    "size");
		n++;
	}
}

static void
test_changes(void **state)
{
	const char *env = getenv("TICKMARK_PROOFS");
	unsigned long count = env != NULL ? strtoul(env, NULL, 10) : 6000;
	unsigned long tried[2][CHANGES] = { { 0 } };
	struct scene s;

	(void)state;
	rng_replace(env != NULL ? (uint64_t)clock_mono() : 7);
	grow();
	try_claims(true, count / 4, tried[0]);
	try_claims(false, count / 4, tried[1]);
	scene_new(&s, 600);
	witness_all(&s);
	try_receipts(&s, count / 4);
	try_numbers(&s, count / 4);
	rng_replace(0);
	fixture_free(&s.f);
	if (env == NULL)
		return;
	for (int i = 0; i < CHANGES; i++)
		print_message("# %-17s %8lu inclusion %8lu consistency\n",
		    change_name[i], tried[0][i], tried[1][i]);
	print_message("# %lu bits of receipts, %lu indexes and sizes of "
	    "receipts\n# %lu changes, 0 accepted\n", count / 4, count / 4,
	    count / 4 * 4);
}

/* Every bit of small proofs, every index and size: no sampling. */
static void
test_small(void **state)
{
	struct claim c, d;

	(void)state;
	grow();
	for (uint64_t size = 1; size <= 9; size++)
		for (uint64_t a = 0; a <= size; a++)
			for (int inclusion = 0; inclusion < 2; inclusion++) {
				if (inclusion ? a == size : a == 0)
					continue;
				claim_make(&c, inclusion, a, size);
				assert_true(holds(&c));
				for (size_t i = 0; i < (c.n + 2) * 256; i++) {
					d = c;
					uint8_t *at = i < 256 ? d.first.h :
					    i < 512 ? d.root.h :
					    d.hash[i / 256 - 2].h;
					at[i % 256 / 8] ^=
					    (uint8_t)(1 << i % 8);
					assert_false(holds(&d));
				}
				for (uint64_t x = 0; x < 20; x++) {
					d = c;
					d.a = x;
					assert_true(holds(&d) == (x == a));
				}
			}
	/* Nothing is in the empty tree, and nothing extends it by a proof. */
	claim_make(&c, true, 0, 1);
	c.size = 0;
	assert_false(holds(&c));
	claim_make(&c, false, 1, 1);
	c.a = 0;
	assert_false(holds(&c));
	c.a = c.size = 0;
	c.first = c.root = roots[0];
	assert_false(holds(&c));
	c.a = UINT64_MAX;
	c.size = UINT64_MAX;
	c.inclusion = true;
	assert_false(holds(&c));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_notes),
		cmocka_unit_test(test_times),
		cmocka_unit_test(test_receipts),
		cmocka_unit_test(test_policies),
		cmocka_unit_test(test_unknown_type),
		cmocka_unit_test(test_quorums),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_cosign),
		cmocka_unit_test(test_request),
		cmocka_unit_test(test_make),
		cmocka_unit_test(test_small),
		cmocka_unit_test(test_changes),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
