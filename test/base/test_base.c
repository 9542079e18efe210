/* The ground floor: what everything else takes for granted. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/content.h"
#include "base/err.h"
#include "base/map.h"
#include "base/val.h"
#include "base/vec.h"

static void
test_arena(void **state)
{
	ARENA_SCOPED a = ARENA_INIT;

	(void)state;
	char *p = arena_strdup(&a, "hello");
	struct arena_mark m = arena_mark(&a);
	for (int i = 0; i < 10000; i++) {
		char *q = arena_alloc(&a, 100);
		assert_int_equal((uintptr_t)q % _Alignof(max_align_t), 0);
		assert_int_equal(q[99], 0);
		memset(q, 0xff, 100);
	}
	arena_rewind(&a, m);
	assert_string_equal(p, "hello");
	assert_true(a.used < 64);
	char *big = arena_alloc(&a, (size_t)10 << 20);
	assert_int_equal(big[((size_t)10 << 20) - 1], 0);
	assert_string_equal(arena_printf(&a, "%d-%s", 7, "x"), "7-x");
	static const char *const words[][2] = { { "work", "work" },
		{ "/srv/a.b_c-1:2@3%4+5=6,7", "/srv/a.b_c-1:2@3%4+5=6,7" },
		{ "", "''" }, { "my work", "'my work'" }, { "~x", "'~x'" },
		{ "x~", "x~" }, { "it's", "'it'\\''s'" }, { "$(id)", "'$(id)'" },
		{ "a;b", "'a;b'" }, { "\xc3\xa4", "'\xc3\xa4'" } };
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		assert_string_equal(arena_shell(&a, str_from(words[i][0])),
		    words[i][1]);
}

static void
test_str(void **state)
{
	int64_t i;
	uint64_t u;
	struct str rest = STR("a,,b"), part;

	(void)state;
	assert_true(str_split(&rest, ',', &part) && str_is(part, "a"));
	assert_true(str_split(&rest, ',', &part) && part.len == 0);
	assert_true(str_split(&rest, ',', &part) && str_is(part, "b"));
	assert_false(str_split(&rest, ',', &part));
	assert_true(str_to_i64(STR("-9223372036854775808"), &i) && i == INT64_MIN);
	assert_false(str_to_i64(STR("9223372036854775808"), &i));
	assert_false(str_to_i64(STR("-"), &i));
	assert_false(str_to_i64(STR("1 "), &i));
	assert_true(str_to_u64(STR("18446744073709551615"), &u) && u == UINT64_MAX);
	assert_false(str_to_u64(STR("18446744073709551616"), &u));
	assert_int_equal(str_find(STR("abc"), "c"), 2);
	assert_int_equal(str_find(STR("abc"), "d"), -1);
	assert_true(str_is(str_trim(STR(" \tx y\r\n")), "x y"));
	assert_string_equal(str_article("exception"), "an");
	assert_string_equal(str_article("criterion"), "a");
	assert_true(str_cmp(STR("a"), STR("ab")) < 0);
	assert_true(str_cmp(STR("\xff"), STR("a")) > 0);
}

static void
test_utf8(void **state)
{
	static const struct {
		const char *s;
		size_t len;
		bool ok;
	} cases[] = {
		{ "plain ascii text", 16, true },
		{ "na\xc3\xafve \xe2\x82\xac \xf0\x9f\x98\x80", 15, true },
		{ "\xc0\x80", 2, false },         /* overlong NUL */
		{ "\xe0\x80\xaf", 3, false },     /* overlong */
		{ "\xed\xa0\x80", 3, false },     /* surrogate */
		{ "\xf4\x90\x80\x80", 4, false }, /* beyond U+10FFFF */
		{ "12345678\xff", 9, false },
		{ "\xe2\x82", 2, false },
		{ "a\0bcdefgh", 10, false },
		{ "", 0, true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(str_utf8_ok((struct str){ cases[i].s,
		    cases[i].len }), cases[i].ok);
}

static void
test_encodings(void **state)
{
	/* RFC 4648 section 10. */
	static const char *const plain[] = { "", "f", "fo", "foo", "foob", "fooba",
		"foobar" };
	static const char *const b64[] = { "", "Zg==", "Zm8=", "Zm9v", "Zm9vYg==",
		"Zm9vYmE=", "Zm9vYmFy" };
	static const char *const bad[] = { "Zg", "Zg=", "Zh==", "Zm9=", "Z===",
		"====", "Zg==Zg==", "Zm 9" };
	BUF_SCOPED b = BUF_INIT;
	unsigned char raw[2];

	(void)state;
	for (size_t i = 0; i < 7; i++) {
		buf_reset(&b);
		buf_putb64(&b, plain[i], strlen(plain[i]));
		assert_true(str_is(buf_str(&b), b64[i]));
		buf_reset(&b);
		assert_true(str_unb64(str_from(b64[i]), &b));
		assert_true(str_is(buf_str(&b), plain[i]));
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(str_unb64(str_from(bad[i]), &b));
	assert_true(str_unhex(STR("00ff"), raw, 2) && raw[1] == 0xff);
	assert_false(str_unhex(STR("00FF"), raw, 2));
	assert_false(str_unhex(STR("00f"), raw, 2));
}

static void
test_map(void **state)
{
	ARENA_SCOPED a = ARENA_INIT;
	struct map m;

	(void)state;
	map_init(&m, &a);
	for (intptr_t i = 1; i <= 5000; i++)
		assert_null(map_put(&m, str_from(arena_printf(&a, "k%ld", (long)i)),
		    (void *)i));
	assert_int_equal((intptr_t)map_put(&m, STR("k7"), (void *)99), 7);
	assert_int_equal((intptr_t)map_get(&m, STR("k7")), 99);
	assert_int_equal((intptr_t)map_get(&m, STR("k5000")), 5000);
	assert_null(map_get(&m, STR("k5001")));
	assert_int_equal(m.n, 5000);
	assert_true(str_is(m.items[0].key, "k1"));
}

static void
test_val(void **state)
{
	ARENA_SCOPED a = ARENA_INIT;
	struct val *m = val_map(&a), *l = val_list(&a);

	(void)state;
	for (int i = 0; i < 20; i++)
		val_push(&a, l, val_int(&a, i));
	val_put(&a, m, "list", l);
	val_put(&a, m, "name", val_text(&a, "one"));
	val_put(&a, m, "name", val_text(&a, "two"));
	assert_int_equal(val_count(m), 2);
	assert_int_equal(val_count(val_get(m, "list")), 20);
	assert_true(str_is(val_get_str(m, "name"), "two"));
	assert_int_equal(val_get_int(m, "name", -1), -1);
	assert_null(val_get(l, "name"));
}

static void
test_err(void **state)
{
	struct err e = { 0 };
	char line[256];

	(void)state;
	assert_int_equal(err_set(&e, ERR_INPUT, "a.yaml:3", "quote it",
	    "bad\nvalue %d", 7), -ERR_INPUT);
	err_format(&e, line, sizeof(line));
	assert_string_equal(line, "tickmark: bad value 7: a.yaml:3: quote it");
	/* An error may be rephrased from its own parts. */
	err_set(&e, ERR_IO, e.where, NULL, "while reading: %s", e.what);
	assert_string_equal(e.what, "while reading: bad value 7");
	assert_string_equal(e.where, "a.yaml:3");
	assert_int_equal(err_exit(ERR_NO), 1);
	assert_int_equal(err_exit(ERR_USAGE), 2);
	assert_int_equal(err_exit(ERR_IO), 3);
	assert_int_equal(err_set(NULL, ERR_IO, NULL, NULL, "x"), -ERR_IO);
}

static void
test_clock(void **state)
{
	unsigned char a[8], b[8];

	(void)state;
	clock_replace(1000);
	assert_true(clock_now() == 1000 && clock_now() == 1001);
	clock_replace(0);
	assert_true(clock_now() > INT64_C(1700000000) * CLOCK_SECOND);
	rng_replace(42);
	rng_bytes(a, 8);
	rng_replace(42);
	rng_bytes(b, 8);
	assert_memory_equal(a, b, 8);
	rng_replace(0);
	rng_bytes(a, 8);
	assert_memory_not_equal(a, b, 8);
}

static void
test_content(void **state)
{
	(void)state;
	assert_true(content_nfiles > 0);
	for (size_t i = 0; i < content_nfiles; i++) {
		struct str s = content_find(content_files[i].path);
		assert_ptr_equal(s.ptr, content_files[i].data);
	}
	assert_null(content_find("content/nothing").ptr);
	assert_null(content_next("nothing/", 0));
	assert_non_null(content_next("content/", 0));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_arena),
		cmocka_unit_test(test_str),
		cmocka_unit_test(test_utf8),
		cmocka_unit_test(test_encodings),
		cmocka_unit_test(test_map),
		cmocka_unit_test(test_val),
		cmocka_unit_test(test_err),
		cmocka_unit_test(test_clock),
		cmocka_unit_test(test_content),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
