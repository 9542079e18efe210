/* Results as they are stored: sealed by member, erased by member. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include <cmocka.h>

#include "assess/sealed.h"
#include "base/arena.h"
#include "ledger/subject.h"
#include "sys/file.h"

static const char clear[] =
    "tickmark-result/v1\n"
    "procedure\tx\t00\n"
    "exception\te1\t\t1\t2\n"
    "exception\te2\thost/ada\t1\t2\n"
    "item\tfail\t1\t2\thost/ada\tada on host\tno password\thost/ada\t\n"
    "item\texempt\t2\t3\thost/ada\tada on host\tno password\thost/ada\te2\n"
    "item\tunknown\t1\t3\thost/b\\\\\\x09b\tb of Ada\t\t\t\n"
    "members\t2\n"
    "outcome\texceptions\n";

struct here {
	char dir[64], other[80];
	struct keys *k;
};

static int
setup(void **state)
{
	struct here *h = calloc(1, sizeof(*h));

	snprintf(h->dir, sizeof(h->dir), "/tmp/tickmark-sealed-XXXXXX");
	assert_non_null(mkdtemp(h->dir));
	snprintf(h->other, sizeof(h->other), "%s/keys", h->dir);
	assert_int_equal(keys_create(h->other, "example.org/x", NULL), 0);
	assert_int_equal(keys_open(h->other, &h->k, NULL), 0);
	*state = h;
	return (0);
}

static int
teardown(void **state)
{
	struct here *h = *state;

	keys_close(h->k);
	file_remove_tree(h->dir, NULL);
	free(h);
	return (0);
}

static void
back_and_forth(void **state)
{
	struct here *h = *state;
	BUF_SCOPED a = BUF_INIT, b = BUF_INIT, back = BUF_INIT;
	struct err e;

	assert_int_equal(sealed_encode(h->k, str_from(clear), &a, &e), 0);
	assert_int_equal(sealed_encode(h->k, str_from(clear), &b, &e), 0);
	assert_true(str_eq(buf_str(&a), buf_str(&b)));
	assert_true(str_starts(buf_str(&a), SEALED_MAGIC "\n"));
	assert_int_equal(str_find(buf_str(&a), "ada"), -1);
	assert_int_equal(str_find(buf_str(&a), "Ada"), -1);
	assert_int_equal(str_find(buf_str(&a), "password"), -1);
	assert_int_equal(sealed_decode(h->k, buf_str(&a), SIZE_MAX, &back, &e), 0);
	assert_string_equal(back.ptr, clear);
	/* What an older version stored. */
	buf_reset(&back);
	assert_int_equal(sealed_decode(h->k, str_from(clear), SIZE_MAX, &back, &e), 0);
	assert_string_equal(back.ptr, clear);
}

/* Only items that are kept are opened; those that fail first. */
static void
a_few(void **state)
{
	struct here *h = *state;
	BUF_SCOPED a = BUF_INIT, back = BUF_INIT;
	struct err e;

	assert_int_equal(sealed_encode(h->k, str_from(clear), &a, &e), 0);
	assert_int_equal(sealed_decode(h->k, buf_str(&a), 2, &back, &e), 0);
	assert_string_equal(back.ptr, "tickmark-result/v1\n"
	    "procedure\tx\t00\n"
	    "exception\te1\t\t1\t2\n"
	    "exception\te2\thost/ada\t1\t2\n"
	    "item\tfail\t1\t2\thost/ada\tada on host\tno password\thost/ada\t\n"
	    "item\tunknown\t1\t3\thost/b\\\\\\x09b\tb of Ada\t\t\t\n"
	    "members\t2\n"
	    "outcome\texceptions\n");
	buf_reset(&back);
	assert_int_equal(sealed_decode(h->k, buf_str(&a), 0, &back, &e), 0);
	assert_int_equal(str_find(buf_str(&back), "item"), -1);
	buf_reset(&back);
	assert_int_equal(sealed_decode(h->k, buf_str(&a), 3, &back, &e), 0);
	assert_string_equal(back.ptr, clear);
}

static int
count(void *ctx, const uint8_t id[KEYS_ID], struct str line, struct err *e)
{
	size_t *n = ctx;

	(void)id;
	(void)e;
	n[line.ptr == NULL]++;
	return (0);
}

static void
one_erased(void **state)
{
	struct here *h = *state;
	BUF_SCOPED a = BUF_INIT, back = BUF_INIT, name = BUF_INIT;
	size_t n[2] = { 0 };
	struct err e;

	assert_int_equal(sealed_encode(h->k, str_from(clear), &a, &e), 0);
	sealed_name(STR("host/ada"), &name);
	assert_int_equal(subject_destroy(h->k, buf_str(&name), NULL, &e), 0);
	assert_int_equal(sealed_decode(h->k, buf_str(&a), SIZE_MAX, &back, &e), 0);
	assert_int_equal(str_find(buf_str(&back), "ada"), -1);
	assert_true(str_find(buf_str(&back), "\nitem\tfail\t1\t2\terased:") > 0);
	assert_true(str_find(buf_str(&back), "\terased\t\t\te2\n") > 0);
	assert_true(str_find(buf_str(&back), "\nexception\te2\terased:") > 0);
	assert_true(str_find(buf_str(&back), "\tb of Ada\t") > 0);
	assert_int_equal(sealed_each(h->k, buf_str(&a), count, n, &e), 0);
	assert_int_equal(n[0], 1);
	assert_int_equal(n[1], 3);
	/* Without keys everything is withheld, and its lines still have form. */
	buf_reset(&back);
	assert_int_equal(sealed_decode(NULL, buf_str(&a), SIZE_MAX, &back, &e), 0);
	assert_true(str_find(buf_str(&back), "\twithheld:") > 0);
}

/* Any changed byte is damage, or another byte of the clear lines. */
static void
changed(void **state)
{
	struct here *h = *state;
	BUF_SCOPED a = BUF_INIT, back = BUF_INIT;
	struct err e;

	assert_int_equal(sealed_encode(h->k, str_from(clear), &a, &e), 0);
	for (size_t i = 0; i < a.len; i++) {
		for (int bit = 0; bit < 8; bit += 3) {
			a.ptr[i] ^= (char)(1 << bit);
			buf_reset(&back);
			int r = sealed_decode(h->k, buf_str(&a), SIZE_MAX, &back, &e);
			assert_true(r == 0 || r == -ERR_DAMAGED);
			if (r == 0)
				assert_string_not_equal(back.ptr, clear);
			a.ptr[i] ^= (char)(1 << bit);
		}
	}
	static const char *const bad[] = {
		SEALED_MAGIC "\nitem\tfail\t1\n",
		SEALED_MAGIC "\nitem\tfail\t1\t2\tzz\tAA==\t\n",
		SEALED_MAGIC "\nexception\te1\t\n",
		SEALED_MAGIC "\nitem\tfail\t1\t2\t"
		    "00000000000000000000000000000000\t\tx\t\n",
	};
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		assert_int_equal(sealed_decode(h->k, str_from(bad[i]), SIZE_MAX, &back,
		    &e), -ERR_DAMAGED);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(back_and_forth, setup, teardown),
		cmocka_unit_test_setup_teardown(a_few, setup, teardown),
		cmocka_unit_test_setup_teardown(one_erased, setup, teardown),
		cmocka_unit_test_setup_teardown(changed, setup, teardown),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
