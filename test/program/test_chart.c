/* The organisation chart. */
#include "fixture.h"

#include "program/chart.h"

static void
read_on(struct fixture *f, const char *on, struct chart *x)
{
	OK(f, chart_read(&f->ws->records, &f->a, day(on), x, &f->e));
}

/* "code:depth ..." in the order of the chart. */
static const char *
shape_of(struct fixture *f, const struct chart *x)
{
	BUF_SCOPED b = BUF_INIT;

	for (size_t i = 0; i < x->n; i++)
		buf_printf(&b, "%s" STR_FMT ":%zu", i == 0 ? "" : " ",
		    STR_ARG(record_str(x->at[i].box, x->positions ?
		    F_POSITION_CODE : F_PERSON_CODE)), x->at[i].depth);
	return (arena_strdup(&f->a, b.ptr != NULL ? b.ptr : ""));
}

static const char roster[] =
    "- code: E1\n  name: Demo One\n  kind: employee\n  start_on: 2025-01-01\n"
    "- code: E2\n  name: Demo Two\n  kind: employee\n  manager: E1\n"
    "- code: E3\n  name: Demo Three\n  kind: employee\n  manager: E2\n"
    "- code: E4\n  name: Demo Four\n  kind: employee\n  manager: E1\n"
    "  end_on: 2026-05-31\n"
    "- code: E5\n  name: Demo Five\n  kind: employee\n  start_on: 2026-09-01\n";

static void
test_people(void **state)
{
	struct fixture *f = *state;
	struct chart x;

	read_on(f, "2026-02-01", &x);
	assert_int_equal(x.n, 0);
	OK(f, put_at(f, "2026-02-01T08:00:00Z", "person", roster));
	read_on(f, "2026-02-01", &x);
	assert_false(x.positions);
	assert_string_equal(shape_of(f, &x), "E1:0 E2:1 E3:2 E4:1");
	assert_int_equal(x.flagged, 0);
	read_on(f, "2026-10-01", &x);
	assert_string_equal(shape_of(f, &x), "E1:0 E2:1 E3:2 E5:0");
	/* In a circle everybody is shown, and none of them is below another. */
	OK(f, put_at(f, NULL, "person", "- code: E1\n  manager: E3\n"));
	read_on(f, "2026-02-01", &x);
	assert_string_equal(shape_of(f, &x), "E1:0 E2:0 E3:0 E4:0");
	assert_int_equal(x.at[0].flags, CHART_CIRCLE);
	assert_int_equal(x.flagged, 4);
}

static void
assign(struct fixture *f, const char *position, const char *person)
{
	const char *yaml = arena_printf(&f->a, "- position: %s\n  person: %s\n"
	    "  starts_on: 2026-01-01\n  assigned_by: E5\n"
	    "  accepted_on: 2026-01-01\n", position, person);

	OK(f, put_at(f, NULL, "assignment", yaml));
	OK(f, put_at(f, NULL, "assignment", arena_printf(&f->a,
	    "- position: %s\n  person: %s\n  starts_on: 2026-01-01\n"
	    "  state: active\n", position, person)));
}

static void
test_positions(void **state)
{
	struct fixture *f = *state;
	struct chart x;

	OK(f, put_at(f, "2026-02-01T08:00:00Z", "person", roster));
	OK(f, put_at(f, NULL, "position",
	    "- code: CEO\n  title: Head\n  duties: all\n  competence: much\n"
	    "- code: CISO\n  title: Security\n  reports_to: CEO\n"
	    "  duties: safety\n  competence: much\n"
	    "- code: DPO\n  title: Privacy\n  reports_to: CEO\n"
	    "  duties: privacy\n  competence: much\n"
	    "- code: OLD\n  title: Not yet\n  reports_to: CEO\n"));
	OK(f, put_at(f, NULL, "position", "- code: CEO\n  state: active\n"
	    "- code: CISO\n  state: active\n- code: DPO\n  state: active\n"));
	assign(f, "CISO", "E4");
	assign(f, "DPO", "E4");
	/* Said afterwards; before, nobody would be given both. */
	OK(f, put_at(f, NULL, "position", "- code: DPO\n  conflicts: [CISO]\n"));
	read_on(f, "2026-02-01", &x);
	assert_true(x.positions);
	assert_string_equal(shape_of(f, &x), "CEO:0 CISO:1 DPO:1");
	assert_int_equal(x.at[0].flags, CHART_VACANT);
	assert_int_equal(x.at[1].flags, CHART_CONFLICT);
	assert_int_equal(x.at[2].flags, CHART_CONFLICT);
	assert_ptr_equal(x.at[1].above, x.at[0].box);
	/* Who has left holds it still, and that is said. */
	read_on(f, "2026-06-01", &x);
	assert_int_equal(x.at[1].flags, CHART_CONFLICT | CHART_GONE);
	/* Before the assignment nobody held it. */
	read_on(f, "2025-12-31", &x);
	assert_int_equal(x.at[1].flags, CHART_VACANT);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_people, setup, teardown),
		cmocka_unit_test_setup_teardown(test_positions, setup, teardown),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
