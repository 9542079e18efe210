/* Lists: order, pages, filters in SQL; searching; where problems are. */
#include "fixture.h"
#include "record/search.h"
#include "schema/kind.h"

static void
vendors(struct fixture *f)
{
	static const char *const tiers[] = { "low", "critical", "medium", "high" };
	BUF_SCOPED b = BUF_INIT;
	struct record_result res;

	for (int i = 0; i < 40; i++) {
		buf_printf(&b, "- name: Vendor %02d\n", i);
		if (i % 5 != 0)
			buf_printf(&b, "  tier: %s\n", tiers[i % 4]);
		buf_printf(&b, "  service: %s number%d\n", i % 2 ? "Backup storage" :
		    "Überwachung", i);
	}
	buf_putc(&b, '\0');
	NOERR(f, import_yaml(f, "vendor", b.ptr, &res));
	assert_int_equal(res.added, 40);
}

static const struct schema_type *
vendor(void)
{
	return (schema_get(T_VENDOR));
}

/* All pages of a list are the list. */
static void
same_in_pages(struct fixture *f, struct record_query q)
{
	struct record_list all, page;
	struct record_place at;
	size_t n = 0;

	NOERR(f, record_list(&f->ws->records, &f->a, vendor(), &q, &all, &f->e));
	assert_true(all.n > 7);
	q.limit = 7;
	q.uncounted = true;
	do {
		NOERR(f, record_list(&f->ws->records, &f->a, vendor(), &q, &page,
		    &f->e));
		for (size_t i = 0; i < page.n; i++) {
			assert_true(n < all.n);
			assert_true(str_eq(page.at[i].id, all.at[n++].id));
		}
		if (page.n != 0) {
			record_place(&q, &page.at[page.n - 1], &at);
			q.after = &at;
		}
	} while (page.n == 7);
	assert_int_equal(n, all.n);
}

static void
test_pages(void **state)
{
	struct fixture *f = *state;
	struct record_query q = { .sort = RECORD_BY_HANDLE };

	vendors(f);
	for (int falling = 0; falling < 2; falling++) {
		q.falling = falling;
		q.sort = RECORD_BY_HANDLE;
		same_in_pages(f, q);
		q.sort = F_VENDOR_TIER; /* some have none */
		same_in_pages(f, q);
		q.sort = F_VENDOR_SERVICE;
		same_in_pages(f, q);
	}
}

static void
test_order(void **state)
{
	struct fixture *f = *state;
	struct record_query q = { .sort = F_VENDOR_TIER };
	struct record_list l;

	vendors(f);
	NOERR(f, record_list(&f->ws->records, &f->a, vendor(), &q, &l, &f->e));
	assert_int_equal(l.n, 40);
	for (size_t i = 1; i < l.n; i++)
		assert_true(kind_compare(&vendor()->fields[F_VENDOR_TIER],
		    &l.at[i - 1].cells[F_VENDOR_TIER],
		    &l.at[i].cells[F_VENDOR_TIER]) <= 0);
}

static size_t
matches(struct fixture *f, const char *filter)
{
	struct record_filter x;
	struct record_query q = { .filters = &x, .nfilters = 1,
		.sort = RECORD_BY_HANDLE, .limit = 3 };
	struct record_list l;

	NOERR(f, record_filter_parse(&f->ws->records, &f->a, vendor(),
	    str_from(filter), &x, &f->e));
	NOERR(f, record_list(&f->ws->records, &f->a, vendor(), &q, &l, &f->e));
	return (l.matched);
}

static void
test_filters(void **state)
{
	struct fixture *f = *state;

	vendors(f);
	assert_int_equal(matches(f, "tier="), 8);
	assert_int_equal(matches(f, "tier!="), 32);
	assert_int_equal(matches(f, "tier=low"), 8);
	assert_int_equal(matches(f, "tier>=high"), 16);
	assert_int_equal(matches(f, "tier<medium"), 8);
	assert_int_equal(matches(f, "tier!=low"), 32);
	assert_int_equal(matches(f, "service~BACKUP"), 20);
	assert_int_equal(matches(f, "name>Vendor 29"), 10);
	assert_int_equal(matches(f, "state=proposed"), 40);
}

static size_t
found(struct fixture *f, const char *words, unsigned classes)
{
	struct record_query q = { .words = str_from(words), .classes = classes,
		.sort = RECORD_BY_HANDLE };
	struct record_list l = { 0 };
	int r = record_list(&f->ws->records, &f->a, vendor(), &q, &l, &f->e);

	return (r == 0 ? l.n : 1000 + (size_t)f->e.code);
}
#define INTERNAL (1u << CLASS_INTERNAL)

static void
test_search(void **state)
{
	struct fixture *f = *state;
	struct record_change c = { .type = vendor(), .name = STR("Vendor 07") };
	struct record_result res;
	struct val *m = val_map(&f->a);
	struct record_query q = { .words = STR("backup"), .classes = INTERNAL };

	vendors(f);
	assert_int_equal(found(f, "backup", INTERNAL), 20);
	same_in_pages(f, q);
	assert_int_equal(found(f, "uberwach*", INTERNAL), 20);
	assert_int_equal(found(f, "\"storage number7\"", INTERNAL), 1);
	assert_int_equal(found(f, "\"number7 storage\"", INTERNAL), 0);
	assert_int_equal(found(f, "number7 storage", INTERNAL), 1);
	assert_int_equal(found(f, "number7 OR storage", INTERNAL), 0);
	assert_int_equal(found(f, "backup", 1u << CLASS_CONFIDENTIAL), 0);
	assert_int_equal(found(f, "backup", 1u << CLASS_PERSONAL),
	    1000 + ERR_DENIED);
	assert_int_equal(found(f, " - \"", INTERNAL), 1000 + ERR_INPUT);
	assert_int_equal(found(f, "public : (x", INTERNAL), 0);
	/* What changes is found by what it is now; what is retired, by nothing. */
	val_put(&f->a, m, "service", val_text(&f->a, "Telephony"));
	c.fields = m;
	NOERR(f, record_apply(&f->ws->records, &f->a, &f->ws->actor, &c, 1, NULL,
	    &res, &f->e));
	assert_int_equal(found(f, "number7", INTERNAL), 0);
	assert_int_equal(found(f, "telephony", INTERNAL), 1);
	c.fields = NULL;
	c.retire = true;
	NOERR(f, record_apply(&f->ws->records, &f->a, &f->ws->actor, &c, 1, NULL,
	    &res, &f->e));
	assert_int_equal(found(f, "telephony", INTERNAL), 0);
	/* And the same when it was made anew. */
	NOERR(f, record_rebuild(&f->ws->records, &f->e));
	assert_int_equal(found(f, "backup", INTERNAL), 19);
	assert_int_equal(found(f, "telephony", INTERNAL), 0);
	NOERR(f, db_exec(f->ws->db, "INSERT INTO search(search) "
	    "VALUES('integrity-check')", &f->e));
}

/* Nobody is found by what is personal. */
static void
test_personal(void **state)
{
	struct fixture *f = *state;
	struct record_result res;
	struct record_query q = { .words = STR("ada"), .classes = ~0u };
	struct record_list l;

	NOERR(f, import_yaml(f, "person", "- code: E1\n  name: Ada One\n"
	    "  kind: employee\n  role: Engineer\n", &res));
	NOERR(f, record_list(&f->ws->records, &f->a, schema_get(T_PERSON), &q, &l,
	    &f->e));
	assert_int_equal(l.n, 0);
	q.words = STR("engineer");
	NOERR(f, record_list(&f->ws->records, &f->a, schema_get(T_PERSON), &q, &l,
	    &f->e));
	assert_int_equal(l.n, 1);
}

static void
test_faults(void **state)
{
	struct fixture *f = *state;
	struct record_result res;

	assert_int_equal(record_import(&f->ws->records, &f->a, &f->ws->actor,
	    vendor(), "in.csv", STR("name,tier\nA,low\nB,huge\n,low\nC,low,x\n"
	    "D,low\n"), RECORD_CSV, NULL, &res, &f->e), -ERR_INPUT);
	assert_int_equal(res.nproblems, 3);
	assert_int_equal(res.faults[0].nth, 1);
	assert_int_equal(res.faults[0].line, 3);
	assert_string_equal(res.faults[0].field, "tier");
	assert_int_equal(res.faults[1].nth, 2);
	assert_string_equal(res.faults[1].field, "name");
	assert_int_equal(res.faults[2].nth, 3);
	assert_null(res.faults[2].field);
}

static void
test_create(void **state)
{
	struct fixture *f = *state;
	struct record_change c = { .type = vendor(), .create = true };
	struct record_result res;
	struct val *m = val_map(&f->a);

	val_put(&f->a, m, "name", val_text(&f->a, "Acme"));
	c.fields = m;
	NOERR(f, record_apply(&f->ws->records, &f->a, &f->ws->actor, &c, 1, NULL,
	    &res, &f->e));
	assert_int_equal(record_apply(&f->ws->records, &f->a, &f->ws->actor, &c,
	    1, NULL, &res, &f->e), -ERR_CONFLICT);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_pages, setup, teardown),
		cmocka_unit_test_setup_teardown(test_order, setup, teardown),
		cmocka_unit_test_setup_teardown(test_filters, setup, teardown),
		cmocka_unit_test_setup_teardown(test_search, setup, teardown),
		cmocka_unit_test_setup_teardown(test_personal, setup, teardown),
		cmocka_unit_test_setup_teardown(test_faults, setup, teardown),
		cmocka_unit_test_setup_teardown(test_create, setup, teardown),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
