/*
 * The witness: what it answers (C2SP tlog-witness), that its memory is written
 * before its reply, and that requests at once do not undo each other.
 */
#include "fixture.h"

#include <errno.h>
#include <signal.h>
#include <sys/wait.h>

#include "ledger/tile.h"
#include "ledger/witness.h"

#define LEAVES 200
#define NAME "ledger.example/log"

static struct tree_hash nodes[9][LEAVES], roots[LEAVES + 1];

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

struct scene {
	char dir[64], keys[80];
	struct witness *w;
	uint8_t seed[CRYPTO_SEED];
	struct note_key key; /* of the ledger */
	struct err e;
};
#define good(s, r)                                                             \
	do {                                                                   \
		if ((r) != 0)                                                  \
			fail_msg("%s (%s)", (s)->e.what, (s)->e.where);        \
	} while (0)

static void
key_make(const char *name, uint8_t fill, uint8_t seed[CRYPTO_SEED],
    struct note_key *k)
{
	uint8_t pub[CRYPTO_PUBLIC];

	memset(seed, fill, CRYPTO_SEED);
	crypto_ed25519_public(seed, pub);
	note_key_make(name, pub, k);
}

static void
scene_new(struct scene *s)
{
	struct tree t = TREE_INIT;

	*s = (struct scene){ .w = NULL };
	snprintf(s->dir, sizeof(s->dir), "%s/tickmark-test.XXXXXX",
	    fixture_memory());
	assert_non_null(mkdtemp(s->dir));
	snprintf(s->keys, sizeof(s->keys), "%s/keys", s->dir);
	good(s, witness_create(s->dir, s->keys, "w.example/1", &s->e));
	good(s, witness_open(s->dir, s->keys, &s->w, &s->e));
	key_make(NAME, 9, s->seed, &s->key);
	good(s, witness_trust(s->w, &s->key, &s->e));
	tree_root(&t, &roots[0]);
	for (int i = 0; i < LEAVES; i++) {
		struct tree_hash h;
		crypto_sha256(&i, sizeof(i), h.h);
		tree_add(&t, &h, node_seen, NULL);
		tree_root(&t, &roots[i + 1]);
	}
}

static void
scene_free(struct scene *s)
{
	witness_close(s->w);
	assert_int_equal(file_remove_tree(s->dir, NULL), 0);
}

static void
scene_reopen(struct scene *s)
{
	witness_close(s->w);
	s->w = NULL;
	good(s, witness_open(s->dir, s->keys, &s->w, &s->e));
}

/* Parts of a request, each to be put out of shape by a test. */
struct ask {
	uint64_t old, size;
	const struct tree_hash *root; /* NULL: the true one */
	struct tree_proof proof;
	const char *origin;
	const uint8_t *seed;
	const struct note_key *key;
	const char *extra; /* extension lines */
};

static struct ask
ask(const struct scene *s, uint64_t old, uint64_t size)
{
	struct ask a = { .old = old, .size = size, .origin = NAME,
		.seed = s->seed, .key = &s->key, .extra = "" };

	if (old != 0 && old <= size)
		assert_int_equal(tree_extend(old, size, node_read, NULL,
		    &a.proof, NULL), 0);
	return (a);
}

static void
ask_note(const struct ask *a, struct buf *out)
{
	struct checkpoint c = { .size = a->size,
		.root = a->root != NULL ? *a->root : roots[a->size] };
	BUF_SCOPED text = BUF_INIT;
	uint8_t sig[CRYPTO_SIG];

	snprintf(c.origin, sizeof(c.origin), "%s", a->origin);
	checkpoint_print(&c, &text);
	buf_puts(&text, a->extra);
	crypto_ed25519_sign(a->seed, text.ptr, text.len, sig);
	buf_putstr(out, buf_str(&text));
	buf_putc(out, '\n');
	note_put_signature(a->key, sig, out);
}

static void
ask_body(const struct ask *a, struct buf *out)
{
	buf_printf(out, "old %llu\n", (unsigned long long)a->old);
	for (size_t i = 0; i < a->proof.n; i++) {
		buf_putb64(out, a->proof.at[i].h, TREE_HASH);
		buf_putc(out, '\n');
	}
	buf_putc(out, '\n');
	ask_note(a, out);
}

static int
send_body(struct scene *s, struct str body, struct witness_reply *ret)
{
	buf_reset(&ret->body);
	int r = witness_add(s->w, body, ret, &s->e);
	assert_non_null(ret->type);
	assert_true(ret->body.len != 0 &&
	    ret->body.ptr[ret->body.len - 1] == '\n');
	return (r);
}

/* The status; a cosignature if and only if it is 200. */
static int
status(struct scene *s, const struct ask *a)
{
	struct witness_reply x = { .status = 0 };
	BUF_SCOPED b = BUF_INIT;

	ask_body(a, &b);
	good(s, send_body(s, buf_str(&b), &x));
	assert_true((x.status == 200) ==
	    str_starts(buf_str(&x.body), "\xe2\x80\x94 w.example/1 "));
	assert_true((x.status == 409) ==
	    (strcmp(x.type, "text/x.tlog.size") == 0));
	buf_free(&x.body);
	return (x.status);
}

static int
extend(struct scene *s, uint64_t old, uint64_t size)
{
	struct ask a = ask(s, old, size);

	return (status(s, &a));
}

/* --- answers ------------------------------------------------------------- */

static void
test_grow(void **state)
{
	struct witness_reply x = { .status = 0 };
	BUF_SCOPED b = BUF_INIT, note = BUF_INIT;
	struct note_key both[2];
	struct note_signers by;
	struct str text;
	struct scene sc, *s = &sc;
	struct ask a;
	int64_t before = clock_now() / CLOCK_SECOND;

	(void)state;
	scene_new(s);
	assert_int_equal(extend(s, 0, 0), 200);
	assert_int_equal(extend(s, 0, 1), 200);
	assert_int_equal(extend(s, 1, 7), 200);
	assert_int_equal(extend(s, 7, 7), 200); /* once more */
	assert_int_equal(extend(s, 7, 200), 200);
	scene_reopen(s);
	/* The cosignature is over the checkpoint, now. */
	a = ask(s, 200, 200);
	ask_body(&a, &b);
	good(s, send_body(s, buf_str(&b), &x));
	assert_int_equal(x.status, 200);
	ask_note(&a, &note);
	buf_putstr(&note, buf_str(&x.body));
	both[0] = *witness_key(s->w);
	assert_int_equal(both[0].type, NOTE_COSIGNATURE);
	assert_int_equal(note_open_signers(buf_str(&note), both, 1, &text, &by,
	    &s->e), 0);
	assert_int_equal(by.n, 1);
	assert_true(by.at[0].time >= before &&
	    by.at[0].time <= clock_now() / CLOCK_SECOND);
	/* And what is shown to monitors has both signatures. */
	uint8_t h[32];
	BUF_SCOPED hex = BUF_INIT;
	crypto_sha256(NAME, strlen(NAME), h);
	buf_puthex(&hex, h, 32);
	buf_reset(&x.body);
	good(s, witness_latest(s->w, buf_str(&hex), &x, &s->e));
	assert_int_equal(x.status, 200);
	both[1] = s->key;
	assert_int_equal(note_open_signers(buf_str(&x.body), both, 2, &text,
	    &by, &s->e), 0);
	assert_int_equal(by.n, 2);
	assert_true(str_eq(buf_str(&x.body), buf_str(&note)));
	hex.ptr[0] ^= 1;
	good(s, witness_latest(s->w, buf_str(&hex), &x, &s->e));
	assert_int_equal(x.status, 404);
	good(s, witness_latest(s->w, STR("../log"), &x, &s->e));
	assert_int_equal(x.status, 404);
	buf_free(&x.body);
	scene_free(s);
}

static void
test_refusals(void **state)
{
	struct scene sc, *s = &sc;
	struct ask a;
	uint8_t seed[CRYPTO_SEED];
	struct note_key other;

	(void)state;
	scene_new(s);
	key_make(NAME, 10, seed, &other);
	/* 404: a ledger that it does not know, before all else. */
	a = ask(s, 0, 5);
	a.origin = "ledger.example/other";
	assert_int_equal(status(s, &a), 404);
	/* 403: not signed by the ledger. */
	a = ask(s, 0, 5);
	a.seed = seed;
	a.key = &other;
	assert_int_equal(status(s, &a), 403);
	a.key = &s->key; /* its name and id, and another's signature */
	assert_int_equal(status(s, &a), 403);
	/* 400: from a larger size to a smaller. */
	assert_int_equal(extend(s, 9, 5), 400);
	/* 409: another size than was seen; also before anything was. */
	assert_int_equal(extend(s, 3, 5), 409);
	assert_int_equal(extend(s, 5, 5), 409);
	/* 422: a proof where there is nothing to prove. */
	a = ask(s, 0, 5);
	a.proof.n = 1;
	assert_int_equal(status(s, &a), 422);
	/* 422: the empty tree has one root. */
	a = ask(s, 0, 0);
	a.root = &roots[1];
	assert_int_equal(status(s, &a), 422);
	assert_int_equal(extend(s, 0, 5), 200);
	assert_int_equal(extend(s, 0, 7), 409);
	assert_int_equal(extend(s, 4, 7), 409);
	assert_int_equal(extend(s, 6, 7), 409);
	/* 422: not an extension. */
	a = ask(s, 5, 7);
	a.root = &roots[8];
	assert_int_equal(status(s, &a), 422);
	a = ask(s, 5, 7);
	a.proof.at[0].h[0] ^= 1;
	assert_int_equal(status(s, &a), 422);
	a = ask(s, 5, 7);
	a.proof.n--;
	assert_int_equal(status(s, &a), 422);
	a = ask(s, 5, 7);
	a.proof.at[a.proof.n++] = roots[3];
	assert_int_equal(status(s, &a), 422);
	a = ask(s, 5, 7);
	a.proof.n = 0;
	assert_int_equal(status(s, &a), 422);
	/* 422: another tree of the same size, or a proof for no change. */
	a = ask(s, 5, 5);
	a.root = &roots[6];
	assert_int_equal(status(s, &a), 422);
	a = ask(s, 5, 5);
	a.proof.n = 1;
	assert_int_equal(status(s, &a), 422);
	/* What fails leaves no mark. */
	assert_int_equal(extend(s, 5, 7), 200);
	/* 403 comes before 400 and 409. */
	a = ask(s, 9, 5);
	a.seed = seed;
	a.key = &other;
	assert_int_equal(status(s, &a), 403);
	scene_free(s);
}

static void
test_conflict(void **state)
{
	struct witness_reply x = { .status = 0 };
	BUF_SCOPED b = BUF_INIT;
	struct scene sc, *s = &sc;
	struct ask a;

	(void)state;
	scene_new(s);
	assert_int_equal(extend(s, 0, 123), 200);
	a = ask(s, 0, 130);
	ask_body(&a, &b);
	good(s, send_body(s, buf_str(&b), &x));
	assert_int_equal(x.status, 409);
	assert_string_equal(x.type, "text/x.tlog.size");
	assert_string_equal(x.body.ptr, "123\n");
	buf_free(&x.body);
	scene_free(s);
}

/* The form of the request. */
static void
test_malformed(void **state)
{
	static const struct {
		const char *head;
		int status;
	} in[] = {
		{ "old 0\n\n", 200 },
		{ "", 400 },
		{ "old 0\n", 400 },
		{ "old 00\n\n", 400 },
		{ "old +0\n\n", 400 },
		{ "old -1\n\n", 400 },
		{ "old\n\n", 400 },
		{ "old  0\n\n", 400 },
		{ "old 0 \n\n", 400 },
		{ "old 0\r\n\r\n", 400 },
		{ "Old 0\n\n", 400 },
		{ "old 18446744073709551616\n\n", 400 },
		{ "old 18446744073709551615\n\n", 400 },
		{ "old 0\nAAAA\n\n", 400 },
		{ "old 0\nnot base64\n\n", 400 },
		{ "old 0\n\n\n", 400 },
		{ "new 0\n\n", 400 },
	};
	struct witness_reply x = { .status = 0 };
	struct scene sc, *s = &sc;
	BUF_SCOPED note = BUF_INIT;
	struct ask a;

	(void)state;
	scene_new(s);
	a = ask(s, 0, 0);
	ask_note(&a, &note);
	for (size_t i = 0; i < sizeof(in) / sizeof(*in); i++) {
		BUF_SCOPED b = BUF_INIT;
		buf_printf(&b, "%s%s", in[i].head, note.ptr);
		good(s, send_body(s, buf_str(&b), &x));
		if (x.status != in[i].status)
			fail_msg("%zu: %d %s", i, x.status, x.body.ptr);
	}
	/* Every truncation. */
	BUF_SCOPED b = BUF_INIT;
	buf_printf(&b, "old 0\n\n%s", note.ptr);
	for (size_t n = 0; n < b.len; n++) {
		good(s, send_body(s, (struct str){ b.ptr, n }, &x));
		assert_true(x.status == 400 || x.status == 403);
	}
	/* 63 hashes are a request, 64 are not; nor is what is too long. */
	for (int n = 63; n <= 64; n++) {
		BUF_SCOPED c = BUF_INIT;
		buf_puts(&c, "old 0\n");
		for (int i = 0; i < n; i++) {
			buf_putb64(&c, roots[0].h, 32);
			buf_putc(&c, '\n');
		}
		buf_printf(&c, "\n%s", note.ptr);
		good(s, send_body(s, buf_str(&c), &x));
		assert_int_equal(x.status, n == 63 ? 422 : 400);
	}
	while (b.len <= WITNESS_BODY)
		buf_puts(&b, "\xe2\x80\x94 x AAAAAAAA\n");
	good(s, send_body(s, buf_str(&b), &x));
	assert_int_equal(x.status, 413);
	buf_free(&x.body);
	scene_free(s);
}

/* Every bit of a request that is granted. */
static void
test_bits(void **state)
{
	struct scene sc, *s = &sc;
	struct witness_request *q = calloc(1, sizeof(*q));
	struct note_signers *by = calloc(1, sizeof(*by));
	struct witness_log log = { .nkeys = 1, .seen = true, .size = 77 };
	BUF_SCOPED b = BUF_INIT;
	struct err e;
	struct ask a;

	(void)state;
	assert_true(q != NULL && by != NULL);
	scene_new(s);
	snprintf(log.origin, sizeof(log.origin), "%s", NAME);
	log.keys[0] = s->key;
	log.root = roots[77];
	a = ask(s, 77, 150);
	ask_body(&a, &b);
	assert_int_equal(witness_parse(buf_str(&b), q, &e), 0);
	assert_int_equal(witness_judge(&log, q, by, &e), 200);
	for (size_t bit = 0; bit < b.len * 8; bit++) {
		b.ptr[bit / 8] ^= (char)(1 << bit % 8);
		if (witness_parse(buf_str(&b), q, &e) == 0 &&
		    witness_judge(&log, q, by, &e) == 200)
			fail_msg("bit %zu: accepted", bit);
		b.ptr[bit / 8] ^= (char)(1 << bit % 8);
	}
	free(q);
	free(by);
	scene_free(s);
}

static void
test_keys(void **state)
{
	struct scene sc, *s = &sc;
	uint8_t seed[CRYPTO_SEED];
	struct note_key second, wkey;
	struct ask a;

	(void)state;
	scene_new(s);
	key_make(NAME, 10, seed, &second);
	assert_int_equal(extend(s, 0, 5), 200);
	assert_int_equal(witness_trust(s->w, &s->key, &s->e), 1);
	/* A ledger that gets a new key: both, then the new one only. */
	a = ask(s, 5, 9);
	a.seed = seed;
	a.key = &second;
	assert_int_equal(status(s, &a), 403);
	good(s, witness_trust(s->w, &second, &s->e));
	scene_reopen(s);
	assert_int_equal(status(s, &a), 200);
	assert_int_equal(extend(s, 9, 10), 200);
	good(s, witness_distrust(s->w, &s->key, &s->e));
	assert_int_equal(witness_distrust(s->w, &s->key, &s->e), 1);
	assert_int_equal(extend(s, 10, 11), 403);
	/* Without any it is not known, and what was seen stays. */
	good(s, witness_distrust(s->w, &second, &s->e));
	assert_int_equal(extend(s, 10, 11), 404);
	good(s, witness_trust(s->w, &s->key, &s->e));
	assert_int_equal(extend(s, 0, 11), 409);
	assert_int_equal(extend(s, 10, 11), 200);
	/* A witness is no ledger. */
	wkey = *witness_key(s->w);
	assert_int_equal(witness_trust(s->w, &wkey, &s->e), -ERR_INPUT);
	scene_free(s);
}

/* --- memory -------------------------------------------------------------- */

static char *
head_path(const struct scene *s)
{
	static char out[256];
	uint8_t h[32];
	BUF_SCOPED hex = BUF_INIT;

	crypto_sha256(NAME, strlen(NAME), h);
	buf_puthex(&hex, h, 32);
	snprintf(out, sizeof(out), "%s/witness/log/%s/head", s->dir, hex.ptr);
	return (out);
}

static int
last_seen(void *ctx, const struct witness_log *log, struct err *e)
{
	(void)e;
	*(struct witness_log *)ctx = *log;
	return (0);
}

/* Every byte of what it remembers. */
static void
test_damage(void **state)
{
	struct scene sc, *s = &sc;
	struct witness_reply x = { .status = 0 };
	BUF_SCOPED b = BUF_INIT, body = BUF_INIT;
	struct ask a;

	(void)state;
	scene_new(s);
	assert_int_equal(extend(s, 0, 5), 200);
	a = ask(s, 5, 6);
	ask_body(&a, &body);
	good(s, file_read(head_path(s), 4096, &b, &s->e));
	for (size_t i = 0; i < b.len; i++) {
		b.ptr[i] ^= 1;
		good(s, file_write(head_path(s), 0644, b.ptr, b.len, &s->e));
		int r = send_body(s, buf_str(&body), &x);
		b.ptr[i] ^= 1;
		/* The ledger's own signature is only kept for others. */
		if (x.status == 200)
			good(s, file_write(head_path(s), 0644, b.ptr, b.len,
			    &s->e));
		else if (x.status != 500 || r != -ERR_DAMAGED)
			fail_msg("byte %zu: %d", i, x.status);
	}
	/* It says nothing of the machine. */
	good(s, file_write(head_path(s), 0644, "x\n", 2, &s->e));
	assert_int_equal(send_body(s, buf_str(&body), &x), -ERR_DAMAGED);
	assert_null(strstr(x.body.ptr, s->dir));
	buf_free(&x.body);
	scene_free(s);
}

/* The n-th call fails: no cosignature, and the old memory or the new. */
struct failing {
	int left;
	bool met;
};

static int
fail_one(void *ctx, enum file_op op, const char *path)
{
	struct failing *f = ctx;

	(void)op;
	(void)path;
	if (--f->left != 0)
		return (0);
	f->met = true;
	return (ENOSPC);
}

static void
test_faults(void **state)
{
	struct scene sc, *s = &sc;
	struct witness_reply x = { .status = 0 };
	struct witness_log log;
	uint64_t size = 1;
	int n = 0;

	(void)state;
	scene_new(s);
	assert_int_equal(extend(s, 0, 1), 200);
	for (bool met = true; met && size < LEAVES;) {
		BUF_SCOPED b = BUF_INIT;
		struct ask a = ask(s, size, size + 1);
		struct failing f = { ++n, false };
		ask_body(&a, &b);
		file_fault_install(fail_one, &f);
		int r = send_body(s, buf_str(&b), &x);
		file_fault_install(NULL, NULL);
		met = f.met;
		assert_true((r == 0) == (x.status == 200));
		if (met)
			assert_true(x.status >= 500);
		good(s, witness_each(s->w, last_seen, &log, &s->e));
		assert_true(log.size == size || log.size == size + 1);
		if (r == 0)
			assert_int_equal(log.size, size + 1);
		size = log.size;
	}
	assert_true(n > 5);
	buf_free(&x.body);
	scene_free(s);
}

/* A clock that went back. */
static void
test_clock(void **state)
{
	struct scene sc, *s = &sc;
	struct witness_log log;

	(void)state;
	scene_new(s);
	clock_replace(2000 * CLOCK_SECOND);
	assert_int_equal(extend(s, 0, 5), 200);
	clock_replace(1000 * CLOCK_SECOND);
	assert_int_equal(extend(s, 5, 6), 200);
	clock_replace(0);
	good(s, witness_each(s->w, last_seen, &log, &s->e));
	assert_int_equal(log.time, 2000);
	assert_int_equal(log.size, 6);
	scene_free(s);
}

/*
 * Eight processes ask at once, each for its own size from what was last seen.
 * Each old size is granted once, and what is remembered never shrinks.
 */
static void
race(struct scene *s, int me, int out)
{
	uint64_t old = 0;

	scene_reopen(s);
	for (int i = 0; i < 40; i++) {
		struct witness_reply x = { .status = 0 };
		BUF_SCOPED b = BUF_INIT;
		uint64_t size = old + 1 + (uint64_t)(me + i) % 3;
		if (size > LEAVES)
			break;
		struct ask a = ask(s, old, size);
		ask_body(&a, &b);
		send_body(s, buf_str(&b), &x);
		if (x.status == 200) {
			uint64_t got[2] = { old, size };
			(void)!write(out, got, sizeof(got));
			old = size;
		} else if (x.status == 409) {
			str_to_u64(str_trim(buf_str(&x.body)), &old);
		} else {
			_exit(1);
		}
		buf_free(&x.body);
	}
	_exit(0);
}

static void
test_race(void **state)
{
	static uint64_t to[LEAVES + 1];
	struct scene sc, *s = &sc;
	struct witness_log log;
	uint64_t got[2], at = 0;
	int fd[2], st;

	(void)state;
	scene_new(s);
	assert_int_equal(pipe(fd), 0);
	for (int i = 0; i < 8; i++) {
		pid_t pid = fork();
		assert_true(pid >= 0);
		if (pid == 0)
			race(s, i, fd[1]);
	}
	close(fd[1]);
	while (read(fd[0], got, sizeof(got)) == sizeof(got)) {
		/* One chain: nobody else was granted this step. */
		assert_int_equal(to[got[0]], 0);
		to[got[0]] = got[1];
	}
	close(fd[0]);
	for (int i = 0; i < 8; i++) {
		assert_true(wait(&st) > 0);
		assert_true(WIFEXITED(st) && WEXITSTATUS(st) == 0);
	}
	while (to[at] != 0)
		at = to[at];
	good(s, witness_each(s->w, last_seen, &log, &s->e));
	assert_int_equal(log.size, at);
	assert_true(at > 40);
	scene_free(s);
}

/* kill -9 while it works: what it has said, it remembers. */
static void
work_until_killed(struct scene *s, uint64_t old, int out)
{
	scene_reopen(s);
	for (;;) {
		struct witness_reply x = { .status = 0 };
		BUF_SCOPED b = BUF_INIT;
		struct ask a = ask(s, old, old < LEAVES ? old + 1 : old);
		ask_body(&a, &b);
		send_body(s, buf_str(&b), &x);
		if (x.status != 200)
			_exit(1);
		(void)!write(out, &a.size, sizeof(a.size));
		buf_free(&x.body);
		old = a.size;
	}
}

static void
test_kill(void **state)
{
	const char *env = getenv("TICKMARK_KILLS");
	int kills = env != NULL ? (int)strtol(env, NULL, 10) : 60, said_more = 0;
	struct scene sc, *s = &sc;
	uint64_t seen = 0, size;

	(void)state;
	scene_new(s);
	for (int i = 0; i < kills; i++) {
		struct witness_log log;
		int fd[2], st;
		assert_int_equal(pipe(fd), 0);
		pid_t pid = fork();
		assert_true(pid >= 0);
		if (pid == 0)
			work_until_killed(s, seen, fd[1]);
		close(fd[1]);
		usleep((useconds_t)(500 + (i * 7919) % 9000));
		kill(pid, SIGKILL);
		assert_int_equal(waitpid(pid, &st, 0), pid);
		if (!WIFSIGNALED(st))
			fail_msg("kill %d: it ended by itself", i);
		size = seen;
		while (read(fd[0], &size, sizeof(size)) == sizeof(size))
			;
		close(fd[0]);
		log.size = 0;
		good(s, witness_each(s->w, last_seen, &log, &s->e));
		if (log.size < size || log.size > size + 1)
			fail_msg("kill %d: said %d, remembers %d", i,
			    (int)size, (int)log.size);
		said_more += log.size != size;
		seen = log.size;
		if (seen >= LEAVES) {
			/* Anew. */
			good(s, file_remove(head_path(s), &s->e));
			seen = 0;
		}
	}
	if (env != NULL)
		print_message("# %d kills, %d between the memory and the "
		    "reply\n", kills, said_more);
	scene_free(s);
}

static void
test_create(void **state)
{
	struct scene sc, *s = &sc;
	struct witness *w;

	(void)state;
	scene_new(s);
	assert_int_equal(witness_create(s->dir, s->keys, "w.example/1", &s->e),
	    -ERR_CONFLICT);
	/* Interrupted after the key: it goes on with it. */
	struct note_key was = *witness_key(s->w);
	char path[128];
	snprintf(path, sizeof(path), "%.63s/witness/vkey", s->dir);
	good(s, file_remove(path, &s->e));
	assert_int_equal(witness_open(s->dir, s->keys, &w, &s->e),
	    -ERR_NOTFOUND);
	assert_int_equal(witness_create(s->dir, s->keys, "w.example/2", &s->e),
	    -ERR_CONFLICT);
	good(s, witness_create(s->dir, s->keys, "w.example/1", &s->e));
	scene_reopen(s);
	assert_true(note_key_same(&was, witness_key(s->w)));
	assert_int_equal(witness_create(s->dir, s->keys, "a b", &s->e),
	    -ERR_INPUT);
	/* Another key under the same name is seen. */
	good(s, file_write(path, 0644, "x+00000000+AQ==\n", 16, &s->e));
	assert_int_equal(witness_open(s->dir, s->keys, &w, &s->e),
	    -ERR_DAMAGED);
	witness_close(s->w);
	s->w = NULL;
	scene_free(s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_grow),
		cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_conflict),
		cmocka_unit_test(test_malformed),
		cmocka_unit_test(test_bits),
		cmocka_unit_test(test_keys),
		cmocka_unit_test(test_damage),
		cmocka_unit_test(test_faults),
		cmocka_unit_test(test_clock),
		cmocka_unit_test(test_race),
		cmocka_unit_test(test_kill),
		cmocka_unit_test(test_create),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
