/* Records: put, find, steps, references, history, rebuild. */
#include "fixture.h"

static void
test_installed(void **state)
{
	struct fixture *f = *state;
	int64_t n;

	NOERR(f, record_count(&f->ws->records, schema_get(T_CRITERION), &n,
	    &f->e));
	assert_int_equal(n, 61);
	NOERR(f, record_count(&f->ws->records, schema_get(T_CONTROL), &n, &f->e));
	assert_true(n >= 129);
	struct record *c = find(f, T_CRITERION, "cc6.1");
	assert_true(str_is(record_str(c, F_CRITERION_CODE), "CC6.1"));
	c = find(f, T_CONTROL, "GV-01");
	assert_true(str_is(record_text(&f->ws->records, &f->a, c,
	    F_CONTROL_FREQUENCY), "annual; event"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_installed),
	};

	return (cmocka_run_group_tests(tests, setup, teardown));
}
