/* Differences of texts by line. */
#include "unit.h"

#include "text/diff.h"

static void
ops(struct arena *a, const char *old, const char *new, struct buf *out,
    struct diff *d)
{
	buf_reset(out);
	diff_lines(a, str_from(old), str_from(new), d);
	for (size_t i = 0; i < d->n; i++) {
		buf_putc(out, d->at[i].op);
		buf_putstr(out, d->at[i].text);
	}
}

static const struct {
	const char *old, *new, *ops;
	size_t edits;
} pairs[] = {
	{ "", "", "", 0 },
	{ "a\n", "a", " a", 0 },
	{ "", "a\nb\n", "+a+b", 2 },
	{ "a\nb\n", "", "-a-b", 2 },
	{ "a\nb\nc\n", "a\nx\nc\n", " a-b+x c", 2 },
	/* Myers' own example */
	{ "A\nB\nC\nA\nB\nB\nA\n", "C\nB\nA\nB\nA\nC\n",
	    "-A-B C+B A B-B A+C", 5 },
	{ "a\na\na\n", "a\na\n", " a a-a", 1 },
	{ "\n\n", "\n", " -", 1 },
};

static void
test_ops(void **state)
{
	(void)state;
	for (size_t i = 0; i < N(pairs); i++) {
		ARENA_SCOPED a = ARENA_INIT;
		BUF_SCOPED b = BUF_INIT;
		struct diff d;

		buf_puts(&b, "");
		ops(&a, pairs[i].old, pairs[i].new, &b, &d);
		assert_string_equal(b.ptr, pairs[i].ops);
		assert_int_equal(d.added + d.removed, pairs[i].edits);
	}
}

/* Both texts come back out of every difference, and it is a shortest one. */
static void
test_random(void **state)
{
	uint32_t seed = 1;

	(void)state;
	for (int round = 0; round < 2000; round++) {
		ARENA_SCOPED a = ARENA_INIT;
		BUF_SCOPED old = BUF_INIT;
		BUF_SCOPED new = BUF_INIT;
		struct buf *t[2] = { &old, &new };
		char c[2][16] = { { 0 } };
		int n[2], longest[17][17] = { { 0 } };
		for (int s = 0; s < 2; s++) {
			seed = seed * 1664525 + 1013904223;
			n[s] = (int)(seed >> 16) % 16;
			buf_puts(t[s], "");
			for (int i = 0; i < n[s]; i++) {
				seed = seed * 1664525 + 1013904223;
				c[s][i] = (char)('a' + (seed >> 16) % 4);
				buf_printf(t[s], "%c\n", c[s][i]);
			}
		}
		for (int i = n[0] - 1; i >= 0; i--)
			for (int k = n[1] - 1; k >= 0; k--) {
				int down = longest[i + 1][k];
				int right = longest[i][k + 1];
				longest[i][k] = c[0][i] == c[1][k]
				    ? longest[i + 1][k + 1] + 1
				    : down > right ? down : right;
			}
		struct diff d;
		diff_lines(&a, buf_str(&old), buf_str(&new), &d);
		int at[2] = { 0, 0 };
		for (size_t i = 0; i < d.n; i++) {
			char x = d.at[i].text.ptr[0];
			if (d.at[i].op != '+') {
				assert_int_equal(c[0][at[0]++], x);
				assert_int_equal(d.at[i].old_line, at[0]);
			}
			if (d.at[i].op != '-') {
				assert_int_equal(c[1][at[1]++], x);
				assert_int_equal(d.at[i].new_line, at[1]);
			}
		}
		assert_int_equal(at[0], n[0]);
		assert_int_equal(at[1], n[1]);
		assert_int_equal(d.added + d.removed,
		    n[0] + n[1] - 2 * longest[0][0]);
	}
}

static void
test_unified(void **state)
{
	ARENA_SCOPED a = ARENA_INIT;
	BUF_SCOPED b = BUF_INIT;
	struct diff d;

	(void)state;
	diff_lines(&a, STR("1\n2\n3\n4\n5\n6\n7\n8\n9\n"),
	    STR("1\nx\n3\n4\n5\n6\n7\n8\n9\n10\n"), &d);
	diff_unified(&d, 1, &b);
	assert_string_equal(b.ptr, "@@ -1,3 +1,3 @@\n 1\n-2\n+x\n 3\n"
	    "@@ -9,1 +9,2 @@\n 9\n+10\n");
	buf_reset(&b);
	diff_unified(&d, 3, &b);
	assert_string_equal(b.ptr, "@@ -1,5 +1,5 @@\n 1\n-2\n+x\n 3\n 4\n 5\n"
	    "@@ -7,3 +7,4 @@\n 7\n 8\n 9\n+10\n");
	buf_reset(&b);
	diff_unified(&d, 4, &b);
	assert_string_equal(b.ptr, "@@ -1,9 +1,10 @@\n 1\n-2\n+x\n 3\n 4\n 5\n"
	    " 6\n 7\n 8\n 9\n+10\n");
	buf_reset(&b);
	diff_lines(&a, STR("a\n"), STR("a\n"), &d);
	diff_unified(&d, 3, &b);
	assert_int_equal(b.len, 0);
	diff_lines(&a, STR(""), STR("a\n"), &d);
	diff_unified(&d, 3, &b);
	assert_string_equal(b.ptr, "@@ -0,0 +1,1 @@\n+a\n");
}

static void
test_large(void **state)
{
	ARENA_SCOPED a = ARENA_INIT;
	BUF_SCOPED o = BUF_INIT;
	BUF_SCOPED n = BUF_INIT;
	struct diff d;

	(void)state;
	for (int i = 0; i < 100000; i++) {
		buf_printf(&o, "line %d\n", i);
		buf_printf(&n, i % 1000 == 0 ? "other %d\n" : "line %d\n", i);
	}
	diff_lines(&a, buf_str(&o), buf_str(&n), &d);
	assert_int_equal(d.added, 100);
	assert_int_equal(d.removed, 100);
	/* nothing in common: whole, and soon */
	buf_reset(&n);
	for (int i = 0; i < 100000; i++)
		buf_printf(&n, "word %d\n", i);
	diff_lines(&a, buf_str(&o), buf_str(&n), &d);
	assert_int_equal(d.added, 100000);
	assert_int_equal(d.removed, 100000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ops),
		cmocka_unit_test(test_random),
		cmocka_unit_test(test_unified),
		cmocka_unit_test(test_large),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
