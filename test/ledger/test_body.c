/* Bodies: sizes, deduplication, erasure, rollback, packs. */
#include "fixture.h"

#include "ledger/group.h"
#include "ledger/pack.h"
#include "ledger/private.h"
#include "sys/crypto.h"

static void
test_sizes(void **state)
{
	static const size_t sizes[] = { 0, 1, 31, 1000, 65535, 65536, 65537,
		65536 - 40, 131072, 1 << 20, (5 << 20) + 3 };
	struct fixture fx, *f = &fx;
	BUF_SCOPED got = BUF_INIT;
	uint8_t c[12][BODY_HASH];
	enum { N = sizeof(sizes) / sizeof(*sizes) };
	ARENA_SCOPED a = ARENA_INIT;
	struct str in[2 * N];

	(void)state;
	fixture_new(f);
	ok(ledger_begin(f->l, &f->e));
	for (int i = 0; i < N; i++) {
		/* One that cannot be compressed, one that can. */
		char *p = arena_alloc(&a, sizes[i] + 1);
		rng_bytes(p, sizes[i]);
		in[i] = (struct str){ p, sizes[i] };
		ok(body_put(f->l, NULL, in[i], 0, c[i], &f->e));
		char *q = arena_alloc(&a, sizes[i] + 1);
		memset(q, 'a', sizes[i]);
		in[N + i] = (struct str){ q, sizes[i] };
		uint8_t d[BODY_HASH];
		ok(body_put(f->l, NULL, in[N + i], BODY_PACK, d, &f->e));
		ok(body_get(f->l, d, &got, &f->e));
		assert_true(str_eq(buf_str(&got), in[N + i]));
	}
	ok(ledger_commit(f->l, &f->e));
	ok(ledger_sequence(f->l, &f->e));
	fixture_reopen(f);
	for (int i = 0; i < N; i++) {
		ok(body_get(f->l, c[i], &got, &f->e));
		assert_true(str_eq(buf_str(&got), in[i]));
	}
	assert_int_equal(fixture_check(f, fixture_tell, NULL), 0);
	fixture_free(f);
}

static uint64_t
pack_size(struct fixture *f)
{
	FILE_SCOPED p = FILE_INIT;
	uint64_t n = 0;

	ok(file_open(&p, fixture_path(f, "bodies/pack-000001"), FILE_READ, 0,
	    &f->e));
	ok(file_size(&p, &n, &f->e));
	return (n);
}

static void
test_dedup(void **state)
{
	struct fixture fx, *f = &fx;
	struct keys_set s;
	uint8_t a[32], b[32], c[32], d[32];
	uint64_t size;

	(void)state;
	fixture_new(f);
	ok(subject_key(f->keys, STR("alice"), &s, &f->e));
	ok(ledger_begin(f->l, &f->e));
	ok(body_put(f->l, NULL, STR("same"), BODY_PACK, a, &f->e));
	ok(body_put(f->l, NULL, STR("same"), BODY_PACK, b, &f->e));
	ok(body_put(f->l, &s, STR("same"), BODY_PACK, c, &f->e));
	body_commitment(f->l, &s, STR("same"), d);
	assert_memory_equal(a, b, 32);
	assert_memory_not_equal(a, c, 32);
	assert_memory_equal(c, d, 32);
	ok(ledger_commit(f->l, &f->e));
	size = pack_size(f);
	ok(ledger_begin(f->l, &f->e));
	ok(body_put(f->l, NULL, STR("same"), 0, b, &f->e));
	ok(ledger_commit(f->l, &f->e));
	ok(ledger_sequence(f->l, &f->e));
	assert_int_equal(pack_size(f), size);
	fixture_free(f);
}

static void
test_erased(void **state)
{
	struct fixture fx, *f = &fx;
	struct keys_set s;
	struct check_counts n;
	BUF_SCOPED got = BUF_INIT;
	uint8_t c[32];

	(void)state;
	fixture_new(f);
	ok(subject_key(f->keys, STR("alice"), &s, &f->e));
	ok(ledger_begin(f->l, &f->e));
	ok(body_put(f->l, &s, STR("of alice"), 0, c, &f->e));
	ok(ledger_commit(f->l, &f->e));
	ok(ledger_sequence(f->l, &f->e));
	ok(body_get(f->l, c, &got, &f->e));
	assert_true(str_is(buf_str(&got), "of alice"));
	ok(subject_destroy(f->keys, STR("alice"), NULL, &f->e));
	assert_int_equal(body_get(f->l, c, &got, &f->e), -ERR_ERASED);
	assert_true(body_has(f->l, c));
	ok(ledger_check(f->dir, f->db, f->keys, CHECK_BODIES, fixture_tell,
	    NULL, &n, &f->e));
	assert_int_equal(n.problems, 0);
	assert_int_equal(n.erased, 1);
	/* Without keys the bodies can still be checked for damage. */
	ok(ledger_check(f->dir, f->db, NULL, CHECK_BODIES, fixture_tell, NULL,
	    &n, &f->e));
	assert_int_equal(n.problems, 0);
	assert_int_equal(n.opened, 0);
	fixture_free(f);
}

/* A rolled back transaction leaves nothing, in packs either. */
static void
test_rollback(void **state)
{
	struct fixture fx, *f = &fx;
	struct ledger_head h;
	BUF_SCOPED got = BUF_INIT;
	uint8_t kept[32], gone[32], small[32];
	static char big[3 << 20];

	(void)state;
	fixture_new(f);
	rng_bytes(big, sizeof(big));
	ok(ledger_begin(f->l, &f->e));
	ok(fixture_append(f, "kept", STR("kept"), BODY_PACK, kept));
	ok(ledger_commit(f->l, &f->e));
	uint64_t size = pack_size(f);
	for (int i = 0; i < 2; i++) {
		ok(ledger_begin(f->l, &f->e));
		ok(fixture_append(f, "gone", (struct str){ big, sizeof(big) },
		    BODY_PACK, gone));
		ok(fixture_append(f, "small", STR("small"), 0, small));
		ok(body_get(f->l, gone, &got, &f->e));
		ledger_rollback(f->l);
		assert_int_equal(pack_size(f), size);
		assert_int_equal(body_get(f->l, gone, &got, NULL),
		    -ERR_NOTFOUND);
		assert_int_equal(body_get(f->l, small, &got, NULL),
		    -ERR_NOTFOUND);
		ok(ledger_head(f->l, &h, &f->e));
		assert_int_equal(h.size, 1);
		ok(body_get(f->l, kept, &got, &f->e));
	}
	ok(ledger_sequence(f->l, &f->e));
	assert_int_equal(fixture_check(f, fixture_tell, NULL), 0);
	/* A ledger that is closed in a transaction rolls it back as well. */
	ok(ledger_begin(f->l, &f->e));
	ok(fixture_append(f, "gone", (struct str){ big, sizeof(big) },
	    BODY_PACK, gone));
	fixture_reopen(f);
	assert_int_equal(pack_size(f), size);
	fixture_free(f);
}

static size_t
packs(struct fixture *f)
{
	ARENA_SCOPED a = ARENA_INIT;
	char **names;
	size_t n;

	ok(file_list(&a, fixture_path(f, "bodies"), &names, &n, &f->e));
	return (n);
}

/* Many packs in one transaction, and a rollback across their borders. */
static void
test_many_packs(void **state)
{
	enum { BIG = 100000, N = 20 };
	struct fixture fx, *f = &fx;
	BUF_SCOPED got = BUF_INIT;
	static char big[BIG];
	uint8_t c[N][32], gone[32];
	int64_t sum;
	size_t before;

	(void)state;
	fixture_new(f);
	rng_bytes(big, BIG);
	for (int i = 0; i < N; i++) {
		f->l->pack.limit = 250000;
		if (i % 4 == 0) {
			before = packs(f);
			ok(ledger_begin(f->l, &f->e));
			for (int k = 0; k < 7; k++) {
				big[0] = (char)(100 + i * 7 + k);
				ok(fixture_append(f, "x", (struct str){ big,
				    BIG }, 0, gone));
			}
			ok(body_get(f->l, gone, &got, &f->e));
			assert_true(packs(f) > before + 2);
			ledger_rollback(f->l);
			assert_int_equal(packs(f), before);
			ok(ledger_begin(f->l, &f->e));
		}
		big[0] = (char)i;
		ok(fixture_append(f, "big", (struct str){ big, BIG }, 0,
		    c[i]));
		if (i % 4 == 3) {
			ok(ledger_commit(f->l, &f->e));
			fixture_reopen(f);
		}
	}
	assert_int_equal(packs(f), N / 2);
	/* Each pack's acknowledged size is known, not only the last one's. */
	ok(db_get_int(f->db, "SELECT sum(size) FROM pack", 0, &sum, &f->e));
	assert_true(sum > N * BIG && sum < N * BIG + N * 400);
	ok(ledger_sequence(f->l, &f->e));
	fixture_reopen(f);
	for (int i = 0; i < N; i++) {
		ok(body_get(f->l, c[i], &got, &f->e));
		assert_int_equal(got.ptr[0], i);
	}
	assert_int_equal(fixture_check(f, fixture_tell, NULL), 0);
	fixture_free(f);
}

/* Whatever was left behind the acknowledged end does no harm. */
static void
test_torn_tail(void **state)
{
	struct fixture fx, *f = &fx;
	BUF_SCOPED pack = BUF_INIT, got = BUF_INIT;
	uint8_t c[32], d[32];

	(void)state;
	fixture_new(f);
	ok(ledger_begin(f->l, &f->e));
	ok(fixture_append(f, "one", STR("one"), BODY_PACK, c));
	ok(ledger_commit(f->l, &f->e));
	ok(ledger_sequence(f->l, &f->e));
	fixture_close(f);
	const char *path = fixture_path(f, "bodies/pack-000001");
	assert_int_equal(file_read(path, 1 << 20, &pack, NULL), 0);
	size_t whole = pack.len, record = whole - PACK_HEAD;

	/* A second copy of the record, cut at every length. */
	for (size_t n = 0; n <= record; n += n < 100 ? 1 : 13) {
		BUF_SCOPED torn = BUF_INIT;
		buf_putstr(&torn, buf_str(&pack));
		buf_put(&torn, pack.ptr + PACK_HEAD, n);
		assert_int_equal(file_write_later(path, 0600, torn.ptr,
		    torn.len, NULL), 0);
		ok(fixture_open(f, true));
		assert_int_equal(pack_size(f), n == record ? whole + n :
		    whole);
		ok(body_get(f->l, c, &got, &f->e));
		fixture_close(f);
	}
	/* A whole record of nobody stays, and what follows is fine. */
	ok(fixture_open(f, true));
	ok(ledger_begin(f->l, &f->e));
	ok(fixture_append(f, "two", STR("two"), BODY_PACK, d));
	ok(ledger_commit(f->l, &f->e));
	ok(ledger_sequence(f->l, &f->e));
	fixture_reopen(f);
	ok(body_get(f->l, d, &got, &f->e));
	assert_int_equal(fixture_check(f, fixture_tell, NULL), 0);
	fixture_close(f);

	/* A pack that lost what was acknowledged is refused for writing. */
	assert_int_equal(file_write(path, 0600, pack.ptr, whole - 1, NULL), 0);
	assert_int_equal(fixture_open(f, true), -ERR_DAMAGED);
	assert_non_null(strstr(f->e.where, "pack-000001"));
	fixture_free(f);
}

static void
test_bulk_speed(void **state)
{
	enum { N = 20000, SIZE = 8192 };
	struct fixture fx, *f = &fx;
	ARENA_SCOPED a = ARENA_INIT;
	char *rows = arena_alloc(&a, SIZE);
	uint8_t c[32];

	(void)state;
	fixture_new(f);
	size_t at = 0;
	for (int i = 0; at + 80 < SIZE; i++)
		at += (size_t)snprintf(rows + at, SIZE - at,
		    "user%d,%d,/home/user%d,/bin/bash,2026-11-%02d\n",
		    i * 7919 % 10007, i, i, i % 28 + 1);
	int64_t t = clock_mono();
	ok(ledger_begin(f->l, &f->e));
	for (int i = 0; i < N; i++) {
		snprintf(rows, 12, "%011d", i);
		ok(body_put(f->l, NULL, (struct str){ rows, SIZE }, BODY_PACK,
		    c, &f->e));
	}
	ok(ledger_commit(f->l, &f->e));
	t = clock_mono() - t;
	print_message("# %d chunks of %d bytes: %lld a second\n", N, SIZE,
	    N * 1000000LL / (long long)t);
	fixture_free(f);
}

/* --- bodies on their way into a pack ---------------------------------------- */

static int
put_job(void *ctx, struct ledger *l, struct err *e)
{
	uint8_t c[BODY_HASH];

	return (body_put(l, NULL, str_from((const char *)ctx), 0, c, e));
}

static int
failing_job(void *ctx, struct ledger *l, struct err *e)
{
	int r = put_job(ctx, l, e);

	return (r != 0 ? r : err_set(e, ERR_INPUT, NULL, NULL, "refused"));
}

static int64_t
inline_rows(struct fixture *f)
{
	int64_t n;

	ok(db_get_int(f->db, "SELECT count(*) FROM body_inline", -1, &n,
	    &f->e));
	return (n);
}

/* What is remembered of them goes with what is undone, alone or with others. */
static void
test_inlined(void **state)
{
	struct fixture fx, *f = &fx;
	struct group *g;
	char one[] = "one", two[] = "two", three[] = "three";
	struct group_job jobs[] = { { .fn = put_job, .ctx = one },
		{ .fn = failing_job, .ctx = two },
		{ .fn = put_job, .ctx = three } };
	BUF_SCOPED got = BUF_INIT;
	uint8_t c[BODY_HASH];

	(void)state;
	fixture_new(f);
	group_open(f->l, &g);
	group_run_all(g, jobs, 3);
	assert_int_equal(jobs[1].r, -ERR_INPUT);
	ok(jobs[2].r);
	assert_int_equal(inline_rows(f), 2);
	body_commitment(f->l, NULL, STR("two"), c);
	assert_false(body_has(f->l, c));
	assert_int_equal(body_get(f->l, c, &got, &f->e), -ERR_NOTFOUND);
	/* The same again: only what was undone is new. */
	jobs[1].fn = put_job;
	group_run_all(g, jobs, 3);
	group_close(g);
	assert_int_equal(inline_rows(f), 3);
	ok(body_get(f->l, c, &got, &f->e));
	assert_true(str_is(buf_str(&got), "two"));
	ok(ledger_begin(f->l, &f->e));
	ok(body_put(f->l, NULL, STR("four"), 0, c, &f->e));
	ledger_rollback(f->l);
	assert_false(body_has(f->l, c));
	/* Another who opens it knows those that are there. */
	fixture_reopen(f);
	ok(ledger_begin(f->l, &f->e));
	ok(body_put(f->l, NULL, STR("two"), 0, c, &f->e));
	ok(ledger_commit(f->l, &f->e));
	assert_int_equal(inline_rows(f), 3);
	assert_int_equal(fixture_check(f, fixture_tell, NULL), 0);
	fixture_free(f);
}

/* Without anybody sequencing, the table stays short enough to look through. */
static void
test_inlined_many(void **state)
{
	struct fixture fx, *f = &fx;
	BUF_SCOPED got = BUF_INIT, text = BUF_INIT;
	uint8_t c[BODY_HASH];
	enum { N = INLINED_MAX + 500, STEP = 100 };

	(void)state;
	fixture_new(f);
	for (int i = 0; i < N; i++) {
		if (i % STEP == 0)
			ok(ledger_begin(f->l, &f->e));
		buf_reset(&text);
		buf_printf(&text, "body %d", i);
		ok(body_put(f->l, NULL, buf_str(&text), 0, c, &f->e));
		if (i % STEP == STEP - 1)
			ok(ledger_commit(f->l, &f->e));
	}
	assert_in_range(inline_rows(f), 1, 500);
	for (int i = 0; i < N; i += 97) {
		buf_reset(&text);
		buf_printf(&text, "body %d", i);
		body_commitment(f->l, NULL, buf_str(&text), c);
		ok(body_get(f->l, c, &got, &f->e));
		assert_true(str_eq(buf_str(&got), buf_str(&text)));
	}
	assert_int_equal(fixture_check(f, fixture_tell, NULL), 0);
	fixture_free(f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sizes),
		cmocka_unit_test(test_dedup),
		cmocka_unit_test(test_erased),
		cmocka_unit_test(test_rollback),
		cmocka_unit_test(test_many_packs),
		cmocka_unit_test(test_torn_tail),
		cmocka_unit_test(test_inlined),
		cmocka_unit_test(test_inlined_many),
		cmocka_unit_test(test_bulk_speed),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
