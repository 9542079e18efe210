/*
 * What we write is accepted by programs that know nothing of us: python3 with
 * openssl, and Debian's golang-golang-x-mod-dev where it is installed.
 */
#include "fixture.h"

#include <fcntl.h>
#include <sys/wait.h>

#include "ledger/cosign.h"
#include "ledger/policy_adopt.h"
#include "ledger/proof.h"
#include "ledger/witness.h"

/* Run a program; its exit status, and what it printed. */
static int
run(const char *const argv[], struct buf *out)
{
	int fd[2], status;
	char b[4096];
	ssize_t n;

	assert_int_equal(pipe(fd), 0);
	pid_t pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		dup2(fd[1], 1);
		dup2(fd[1], 2);
		close(fd[0]);
		close(fd[1]);
		execvp(argv[0], (char *const *)argv);
		_exit(127);
	}
	close(fd[1]);
	buf_reset(out);
	while ((n = read(fd[0], b, sizeof(b))) > 0)
		buf_put(out, b, (size_t)n);
	close(fd[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return (WIFEXITED(status) ? WEXITSTATUS(status) : -1);
}

static void
expected(struct fixture *f, struct buf *out)
{
	struct ledger_head h;

	ok(ledger_head(f->l, &h, &f->e));
	buf_reset(out);
	buf_printf(out, "%d ", (int)h.sequenced);
	buf_puthex(out, h.root, sizeof(h.root));
	buf_putc(out, '\n');
}

static void
test_python(void **state)
{
	static const int steps[] = { 0, 1, 1, 5, 248, 1, 1, 300, 1000 };
	struct fixture fx, *f = &fx;
	BUF_SCOPED out = BUF_INIT, want = BUF_INIT, b = BUF_INIT;

	(void)state;
	fixture_new(f);
	char *files = strdup(fixture_path(f, "ledger"));
	const char *argv[] = { "python3", "test/ledger/verify.py", files,
		NULL };
	for (size_t i = 0; i < sizeof(steps) / sizeof(*steps); i++) {
		if (steps[i] != 0)
			fixture_fill(f, steps[i], 0);
		ok(ledger_sequence(f->l, &f->e));
		expected(f, &want);
		if (run(argv, &out) != 0 ||
		    !str_eq(buf_str(&out), buf_str(&want)))
			fail_msg("step %zu: %s", i, out.ptr);
	}
	/* And it is a check: one bit is refused. */
	const char *path = fixture_path(f, "ledger/tile/entries/001");
	ok(file_read(path, 1 << 24, &b, &f->e));
	b.ptr[100] ^= 1;
	ok(file_write(path, 0644, b.ptr, b.len, &f->e));
	assert_int_equal(run(argv, &out), 1);
	free(files);
	fixture_free(f);
}

/* Bodies, under the workspace's key and under those of subjects. */
static void
test_bodies(void **state)
{
	static const size_t sizes[] = { 0, 1, 5000, 65496, 65536, 200000 };
	struct fixture fx, *f = &fx;
	struct keys_set alice, bob;
	BUF_SCOPED out = BUF_INIT;
	static char text[200000];
	uint8_t c[32];

	(void)state;
	fixture_new(f);
	ok(subject_key(f->keys, STR("alice"), &alice, &f->e));
	ok(subject_key(f->keys, STR("bob"), &bob, &f->e));
	rng_bytes(text, sizeof(text));
	ok(ledger_begin(f->l, &f->e));
	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		struct str s = { text, sizes[i] };
		ok(body_put(f->l, NULL, s, 0, c, &f->e));
		ok(body_put(f->l, &alice, s, 0, c, &f->e));
		ok(body_put(f->l, &bob, s, BODY_PACK, c, &f->e));
	}
	ok(ledger_commit(f->l, &f->e));
	ok(ledger_sequence(f->l, &f->e));
	ok(subject_destroy(f->keys, STR("bob"), NULL, &f->e));
	const char *argv[] = { "python3", "test/ledger/bodies.py", f->dir,
		NULL };
	if (run(argv, &out) != 0 || !str_is(buf_str(&out), "12 6\n"))
		fail_msg("%s", out.ptr);
	fixture_free(f);
}

#define GOPATH "/usr/share/gocode"

/* Programs and what the compiler keeps, for all tests of this file. */
static char go_dir[64];

/* A program of test/ledger, built once; NULL if there is no Go here. */
static const char *
go_build(const char *name)
{
	static char program[4][128];
	static int turn;
	char source[128], cache[80];
	BUF_SCOPED out = BUF_INIT;

	if (!file_exists(GOPATH "/src/golang.org/x/mod/sumdb/tlog") ||
	    access("/usr/bin/go", X_OK) != 0)
		return (NULL);
	if (go_dir[0] == '\0') {
		snprintf(go_dir, sizeof(go_dir), "%s/tickmark-go.XXXXXX",
		    fixture_memory());
		assert_non_null(mkdtemp(go_dir));
	}
	turn = (turn + 1) % 4;
	snprintf(program[turn], sizeof(*program), "%s/%s", go_dir, name);
	snprintf(source, sizeof(source), "test/ledger/%s.go", name);
	snprintf(cache, sizeof(cache), "%s/cache", go_dir);
	if (file_exists(program[turn]))
		return (program[turn]);
	const char *argv[] = { "/usr/bin/go", "build", "-o", program[turn],
		source, NULL };
	setenv("GOPATH", GOPATH, 1);
	setenv("GO111MODULE", "off", 1);
	setenv("GOFLAGS", "", 1);
	setenv("GOCACHE", cache, 1);
	if (run(argv, &out) != 0)
		fail_msg("%s", out.ptr);
	return (program[turn]);
}

static int
go_done(void **state)
{
	(void)state;
	return (go_dir[0] == '\0' ? 0 : file_remove_tree(go_dir, NULL));
}

static void
test_go(void **state)
{
	struct fixture fx, *f = &fx;
	BUF_SCOPED out = BUF_INIT, want = BUF_INIT;

	(void)state;
	const char *program = go_build("verify");
	if (program == NULL)
		skip();
	fixture_new(f);
	char *files = strdup(fixture_path(f, "ledger"));
	for (int size = 1; size <= 300; size += size < 20 ? 1 : 31) {
		struct ledger_head h;
		ok(ledger_head(f->l, &h, &f->e));
		fixture_fill(f, size - (int)h.size, 0);
		ok(ledger_sequence(f->l, &f->e));
		const char *argv[] = { program, files, "300", NULL };
		expected(f, &want);
		if (run(argv, &out) != 0 ||
		    !str_starts(buf_str(&out), want.ptr))
			fail_msg("size %d: %s", size, out.ptr);
	}
	free(files);
	fixture_free(f);
}

/* --- all pairs ----------------------------------------------------------- */

#define PAIRS 300
static struct tree_hash nodes[10][PAIRS], roots[PAIRS + 1];

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
put_proof(struct buf *out, char kind, uint64_t a, uint64_t size)
{
	struct tree_proof p;
	uint8_t head[6] = { (uint8_t)kind, (uint8_t)(a >> 8), (uint8_t)a,
		(uint8_t)(size >> 8), (uint8_t)size };

	assert_int_equal(kind == 'i' ?
	    tree_include(a, size, node_read, NULL, &p, NULL) :
	    tree_extend(a, size, node_read, NULL, &p, NULL), 0);
	head[5] = (uint8_t)p.n;
	buf_put(out, head, sizeof(head));
	buf_put(out, p.at, p.n * sizeof(*p.at));
}

/* The library's proof at ${at}; where the next one is. */
static size_t
take_proof(struct str in, size_t at, char kind, uint64_t a, uint64_t size)
{
	struct tree_hash hash[TREE_PROOF];
	const uint8_t *p = (const uint8_t *)in.ptr + at;

	assert_true(in.len - at >= 6 && p[5] <= TREE_PROOF);
	assert_true(p[0] == (uint8_t)kind && (p[1] << 8 | p[2]) == (int)a &&
	    (p[3] << 8 | p[4]) == (int)size);
	size_t n = p[5];
	assert_true(in.len - at - 6 >= n * TREE_HASH);
	memcpy(hash, p + 6, n * TREE_HASH);
	if (kind == 'i' ? !tree_included(a, size, &nodes[0][a], &roots[size],
	        hash, n) :
	    !tree_extended(a, size, &roots[a], &roots[size], hash, n))
		fail_msg("%c %d %d is not accepted", kind, (int)a, (int)size);
	return (at + 6 + n * TREE_HASH);
}

/* Its proofs are accepted here, and ours there: every pair of sizes. */
static void
test_pairs(void **state)
{
	struct fixture fx, *f = &fx;
	BUF_SCOPED ours = BUF_INIT, theirs = BUF_INIT, out = BUF_INIT;
	struct tree t = TREE_INIT;
	int count = 0;

	(void)state;
	const char *program = go_build("proofs");
	if (program == NULL)
		skip();
	fixture_new(f);
	for (uint64_t size = 1; size <= PAIRS; size++) {
		struct tree_hash h;
		char text[16];
		int n = snprintf(text, sizeof(text), "leaf %d", (int)size - 1);
		crypto_sha256_2("", 1, text, (size_t)n, h.h);
		tree_add(&t, &h, node_seen, NULL);
		tree_root(&t, &roots[size]);
		for (uint64_t i = 0; i < size; i++)
			put_proof(&ours, 'i', i, size);
		for (uint64_t m = 1; m <= size; m++)
			put_proof(&ours, 'c', m, size);
	}
	char *in = strdup(fixture_path(f, "in"));
	char *back = strdup(fixture_path(f, "out"));
	ok(file_write(in, 0600, ours.ptr, ours.len, &f->e));
	const char *argv[] = { program, "pairs", "300", in, back, NULL };
	if (run(argv, &out) != 0 || !str_is(buf_str(&out), "90300 pairs\n"))
		fail_msg("%s", out.ptr);
	ok(file_read(back, 1 << 28, &theirs, &f->e));
	size_t at = 0;
	for (uint64_t size = 1; size <= PAIRS; size++) {
		for (uint64_t i = 0; i < size; i++, count++)
			at = take_proof(buf_str(&theirs), at, 'i', i, size);
		for (uint64_t m = 1; m <= size; m++, count++)
			at = take_proof(buf_str(&theirs), at, 'c', m, size);
	}
	assert_int_equal(at, theirs.len);
	assert_int_equal(count, 90300);
	free(in);
	free(back);
	fixture_free(f);
}

/* A receipt that a witness of ours cosigned. */
static void
test_receipt(void **state)
{
	struct fixture fx, *f = &fx;
	BUF_SCOPED out = BUF_INIT, note = BUF_INIT, body = BUF_INIT,
	    receipt = BUF_INIT, policy = BUF_INIT, vkey = BUF_INIT,
	    wkey = BUF_INIT;
	struct witness_reply reply = { .status = 0 };
	WITNESS_SCOPED *w = NULL;
	struct note_key key;
	struct checkpoint c;
	uint64_t index;
	bool done;
	size_t n;

	(void)state;
	const char *program = go_build("proofs");
	if (program == NULL)
		skip();
	fixture_new(f);
	char *files = strdup(fixture_path(f, "ledger"));
	ok(witness_create(f->dir, f->keydir, "w.example/1", &f->e));
	ok(witness_open(f->dir, f->keydir, &w, &f->e));
	ok(proof_keys(files, &key, 1, &n, &f->e));
	ok(witness_trust(w, &key, &f->e));
	note_key_print(&key, &vkey);
	note_key_print(witness_key(w), &wkey);
	buf_printf(&policy, "witness w %s\nquorum w\n", wkey.ptr);
	ok(policy_adopt(f->l, STR("tester"), "p", buf_str(&policy), &index,
	    &done, &f->e));
	fixture_fill(f, 299, 0);
	ok(ledger_sequence(f->l, &f->e));
	ok(proof_note(files, "checkpoint", &note, &c, &f->e));
	ok(cosign_request(files, 0, buf_str(&note), &body, &f->e));
	ok(witness_add(w, buf_str(&body), &reply, &f->e));
	assert_int_equal(reply.status, 200);
	ok(cosign_merge(&note, buf_str(&reply.body), witness_key(w), 1, &n,
	    &f->e));
	ok(cosign_store(f->l, buf_str(&note), &done, &f->e));
	assert_true(done);
	for (uint64_t i = 0; i < 300; i += 23) {
		char want[32];
		const char *path = fixture_path(f, "receipt");
		buf_reset(&receipt);
		ok(proof_make(files, i, &receipt, &f->e));
		ok(file_write(path, 0600, receipt.ptr, receipt.len, &f->e));
		const char *argv[] = { program, "receipt", path, vkey.ptr,
			wkey.ptr, NULL };
		snprintf(want, sizeof(want), "%d of 300\n", (int)i);
		if (run(argv, &out) != 0 || !str_is(buf_str(&out), want))
			fail_msg("%s", out.ptr);
	}
	buf_free(&reply.body);
	free(files);
	fixture_free(f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_python),
		cmocka_unit_test(test_bodies),
		cmocka_unit_test(test_go),
		cmocka_unit_test(test_pairs),
		cmocka_unit_test(test_receipt),
	};

	return (cmocka_run_group_tests(tests, NULL, go_done));
}
