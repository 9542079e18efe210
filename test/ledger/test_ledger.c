/* The ledger as its users see it. */
#include "fixture.h"

#include "base/map.h"
#include "sys/crypto.h"

static void
test_round(void **state)
{
	struct fixture fx, *f = &fx;
	struct ledger_head h;
	ARENA_SCOPED a = ARENA_INIT;
	BUF_SCOPED b = BUF_INIT;
	uint8_t c[BODY_HASH], c2[BODY_HASH], big[BODY_HASH];
	struct entry x;

	(void)state;
	fixture_new(f);
	ok(ledger_head(f->l, &h, &f->e));
	assert_int_equal(h.size, 0);

	ok(ledger_begin(f->l, &f->e));
	ok(fixture_append(f, "one", STR("hello"), 0, c));
	ok(fixture_append(f, "two", STR("hello"), BODY_PACK, c2));
	assert_memory_equal(c, c2, sizeof(c));
	char *large = arena_alloc(&a, 300000);
	for (int i = 0; i < 300000; i++)
		large[i] = (char)(i * 2654435761u >> 13);
	ok(fixture_append(f, "three", (struct str){ large, 300000 }, 0, big));
	ok(body_get(f->l, big, &b, &f->e));
	assert_int_equal(b.len, 300000);
	ok(ledger_commit(f->l, &f->e));

	for (int round = 0; round < 3; round++) {
		ok(body_get(f->l, c, &b, &f->e));
		assert_true(str_is(buf_str(&b), "hello"));
		ok(body_get(f->l, big, &b, &f->e));
		assert_memory_equal(b.ptr, large, 300000);
		ok(ledger_entry(f->l, &a, 1, &x, &f->e));
		assert_true(str_is(x.id, "two"));
		assert_memory_equal(entry_body_get(&x, "revision"), c, 32);
		assert_int_equal(fixture_check(f, fixture_tell, NULL), 0);
		if (round == 0)
			ok(ledger_sequence(f->l, &f->e));
		else
			fixture_reopen(f);
	}
	ok(ledger_head(f->l, &h, &f->e));
	assert_int_equal(h.size, 3);
	assert_int_equal(h.sequenced, 3);
	assert_int_equal(ledger_entry(f->l, &a, 3, &x, &f->e), -ERR_NOTFOUND);
	memset(c, 7, sizeof(c));
	assert_int_equal(body_get(f->l, c, &b, &f->e), -ERR_NOTFOUND);
	assert_false(body_has(f->l, c));
	fixture_free(f);
}

/* Sizes around every boundary of tiles, sequenced in steps. */
static void
test_steps(void **state)
{
	static const int steps[] = { 1, 1, 3, 250, 1, 1, 255, 256, 1, 700,
		64000, 40, 1000 };
	struct fixture fx, *f = &fx;
	struct ledger_head h;
	uint64_t size = 0;

	(void)state;
	fixture_new(f);
	for (size_t i = 0; i < sizeof(steps) / sizeof(*steps); i++) {
		fixture_fill(f, steps[i], steps[i] > 1000 ? BODY_PACK : 0);
		size += (uint64_t)steps[i];
		ok(ledger_sequence(f->l, &f->e));
		fixture_reopen(f);
		ok(ledger_head(f->l, &h, &f->e));
		assert_int_equal(h.size, size);
		assert_int_equal(h.sequenced, size);
		assert_int_equal(fixture_check(f, fixture_tell, NULL), 0);
	}
	fixture_free(f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round),
		cmocka_unit_test(test_steps),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
