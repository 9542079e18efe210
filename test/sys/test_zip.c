/* Zip: one form when written, every changed bit seen, hostile ones refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <unistd.h>

#include "sys/zip.h"

static char path[64];

static int
setup(void **state)
{
	(void)state;
	snprintf(path, sizeof(path), "/tmp/tickmark-zip.XXXXXX");
	int fd = mkstemp(path);
	if (fd >= 0)
		close(fd);
	return (fd < 0);
}

static int
teardown(void **state)
{
	(void)state;
	return (unlink(path));
}

static int
into(void *ctx, const void *p, size_t n, struct err *e)
{
	(void)e;
	buf_put(ctx, p, n);
	return (0);
}

static void
make(struct buf *out)
{
	struct zip_writer w;

	buf_reset(out);
	zip_begin(&w, into, out);
	assert_int_equal(zip_add(&w, "README.txt", STR("hello\n"), NULL), 0);
	assert_int_equal(zip_add(&w, "a/b/c-1_2.x", STR(""), NULL), 0);
	assert_int_equal(zip_add(&w, "a/z", STR("0123456789"), NULL), 0);
	assert_int_equal(zip_end(&w, NULL), 0);
	zip_free(&w);
}

static int
open_bytes(struct zip *z, const struct buf *b, struct err *e)
{
	assert_int_equal(file_write(path, 0600, b->ptr, b->len, NULL), 0);
	return (zip_open(z, path, 20, e));
}

static void
test_round(void **state)
{
	BUF_SCOPED one = BUF_INIT, two = BUF_INIT, got = BUF_INIT;
	struct zip z;
	struct err e;

	(void)state;
	make(&one);
	make(&two);
	assert_true(str_eq(buf_str(&one), buf_str(&two)));
	assert_int_equal(open_bytes(&z, &one, &e), 0);
	assert_int_equal(z.n, 3);
	assert_int_equal(z.form, ZIP_OURS);
	assert_string_equal(z.members[1].name, "a/b/c-1_2.x");
	assert_null(zip_find(&z, "A/Z"));
	assert_non_null(zip_find(&z, "a/z"));
	assert_int_equal(zip_get(&z, zip_find(&z, "a/z"), 10, &got, &e), 0);
	assert_true(str_is(buf_str(&got), "0123456789"));
	assert_int_equal(zip_get(&z, zip_find(&z, "a/z"), 9, &got, &e),
	    -ERR_LIMIT);
	zip_close(&z);
}

/* Is a change of these bytes seen, by whichever means? */
static bool
seen(const struct buf *b)
{
	BUF_SCOPED got = BUF_INIT;
	struct zip z;
	struct err e;
	bool bad = false;

	int r = open_bytes(&z, b, &e);
	if (r != 0) {
		assert_true(r == -ERR_INPUT || r == -ERR_DAMAGED);
		assert_true(e.what[0] != '\0');
		return (true);
	}
	bad = z.form != ZIP_OURS;
	if (bad && z.form == ZIP_CHANGED)
		assert_true(z.departs[0] != '\0');
	for (size_t i = 0; i < z.n; i++)
		bad |= zip_get(&z, &z.members[i], 1000, &got, &e) != 0;
	zip_close(&z);
	return (bad);
}

static void
test_every_bit(void **state)
{
	BUF_SCOPED b = BUF_INIT;

	(void)state;
	make(&b);
	assert_false(seen(&b));
	for (size_t i = 0; i < b.len * 8; i++) {
		b.ptr[i / 8] ^= (char)(1 << i % 8);
		if (!seen(&b))
			fail_msg("bit %zu of byte %zu was not seen", i % 8, i / 8);
		b.ptr[i / 8] ^= (char)(1 << i % 8);
	}
}

static void
test_cut_and_added(void **state)
{
	BUF_SCOPED b = BUF_INIT, x = BUF_INIT;

	(void)state;
	make(&b);
	for (size_t n = 0; n < b.len; n++) {
		buf_reset(&x);
		buf_put(&x, b.ptr, n);
		assert_true(seen(&x));
		buf_reset(&x);
		buf_put(&x, b.ptr, n);
		buf_putc(&x, 'x');
		buf_put(&x, b.ptr + n, b.len - n);
		assert_true(seen(&x));
	}
	buf_reset(&x);
	buf_putstr(&x, buf_str(&b));
	buf_putc(&x, 0);
	assert_true(seen(&x));
}

/* An archive of members as they are said to be. */
struct said {
	struct zip_member m;
	const char *content;
};

static void
forge(struct buf *out, struct said *s, size_t n)
{
	buf_reset(out);
	for (size_t i = 0; i < n; i++) {
		if (s[i].m.at == 0)
			s[i].m.at = out->len;
		zip_local(&s[i].m, out);
		buf_puts(out, s[i].content);
	}
	uint64_t from = out->len;
	for (size_t i = 0; i < n; i++)
		zip_central(&s[i].m, out);
	zip_tail(n, from, out->len, out);
}

static void
test_names(void **state)
{
	static const char *const bad[] = { "../x", "a/../../x", "/etc/passwd",
		"a//b", "./a", "a\\b", "C:x", "a b", "\xc3\xa4", "a\nb", "" };
	BUF_SCOPED b = BUF_INIT;
	struct zip z;
	struct err e;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct said s[] = { { { .name = bad[i] }, "" } };
		assert_false(zip_name_ok(str_from(bad[i])));
		forge(&b, s, 1);
		assert_int_equal(open_bytes(&z, &b, &e), -ERR_INPUT);
	}
	struct said twice[] = { { { .name = "a" }, "" }, { { .name = "A" }, "" } };
	forge(&b, twice, 2);
	assert_int_equal(open_bytes(&z, &b, &e), -ERR_INPUT);
	assert_non_null(strstr(e.what, "two members"));
}

static void
test_hostile(void **state)
{
	BUF_SCOPED b = BUF_INIT;
	struct zip z;
	struct err e;

	(void)state;
	/* Two members over the same bytes. */
	struct said over[] = { { { .name = "a", .size = 36, .packed = 36 }, "" },
		{ { .name = "b", .size = 1, .packed = 1 }, "xabcd" } };
	forge(&b, over, 2);
	assert_int_equal(open_bytes(&z, &b, &e), -ERR_INPUT);
	assert_non_null(strstr(e.what, "over another"));
	/* A link: the attributes are in the last member of the directory. */
	struct said link[] = { { { .name = "l", .size = 1, .packed = 1 }, "x" } };
	forge(&b, link, 1);
	b.ptr[b.len - 22 - 1 - 46 + 38 + 2] = (char)0xff;
	b.ptr[b.len - 22 - 1 - 46 + 38 + 3] = (char)0xa1;
	assert_int_equal(open_bytes(&z, &b, &e), -ERR_INPUT);
	assert_non_null(strstr(e.what, "link"));
	/* More members than there are. */
	forge(&b, link, 1);
	b.ptr[b.len - 12] = b.ptr[b.len - 14] = 9;
	assert_int_equal(open_bytes(&z, &b, &e), -ERR_DAMAGED);
	/* Not one at all. */
	buf_reset(&b);
	buf_puts(&b, "%PDF-1.4 and so on, which is longer than an end");
	assert_int_equal(open_bytes(&z, &b, &e), -ERR_INPUT);
}

static void
test_many(void **state)
{
	BUF_SCOPED b = BUF_INIT, got = BUF_INIT;
	struct zip_writer w;
	struct zip z;
	struct err e;
	char name[32];

	(void)state;
	/* More members than 16 bits count. */
	zip_begin(&w, into, &b);
	for (int i = 0; i < 66000; i++) {
		snprintf(name, sizeof(name), "n/%06d", i);
		assert_int_equal(zip_add(&w, name, str_from(name), &e), 0);
	}
	assert_int_equal(zip_end(&w, &e), 0);
	zip_free(&w);
	assert_int_equal(open_bytes(&z, &b, &e), 0);
	assert_int_equal(z.n, 66000);
	assert_int_equal(z.form, ZIP_OURS);
	assert_int_equal(zip_get(&z, zip_find(&z, "n/065999"), 100, &got, &e), 0);
	assert_true(str_is(buf_str(&got), "n/065999"));
	zip_close(&z);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round),
		cmocka_unit_test(test_every_bit),
		cmocka_unit_test(test_cut_and_added),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_hostile),
		cmocka_unit_test(test_many),
	};

	return (cmocka_run_group_tests(tests, setup, teardown));
}
