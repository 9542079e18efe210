/* The parts of the API that know no server: queries, cursors, tags, rates. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "api/cursor.h"
#include "api/lists.h"
#include "api/openapi.h"
#include "api/rate.h"
#include "api/route.h"
#include "base/clock.h"
#include "text/json.h"

static int
parse(struct arena *a, const char *query, struct params *p)
{
	const struct param *known[] = { lists_params };
	struct err e;
	int r = params_parse(a, str_from(query), p, &e);

	return (r != 0 ? r : params_check(p, known, 1, &e));
}

static void
test_params(void **state)
{
	ARENA_SCOPED a = ARENA_INIT;
	struct params p;
	struct err e;
	int64_t n;
	bool b;

	(void)state;
	assert_int_equal(parse(&a, "", &p), 0);
	assert_int_equal(p.n, 0);
	assert_int_equal(parse(&a, "filter=a%3Db&filter=c+d&&limit=7&count=true",
	    &p), 0);
	assert_true(str_is(p.value[0], "a=b"));
	assert_true(str_is(p.value[1], "c d"));
	assert_int_equal(params_int(&p, "limit", 1, 9, 5, &n, &e), 0);
	assert_int_equal(n, 7);
	assert_int_equal(params_int(&p, "limit", 1, 6, 5, &n, &e), -ERR_USAGE);
	assert_int_equal(params_flag(&p, "count", &b, &e), 0);
	assert_true(b);
	assert_int_equal(params_flag(&p, "limit", &b, &e), -ERR_USAGE);
	static const char *const bad[] = { "nope=1", "limit=1&limit=2", "q=%zz",
		"q=%00", "q=%ff", "q=%0a", "q%", "=1" };
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(parse(&a, bad[i], &p), -ERR_USAGE);
	BUF_SCOPED many = BUF_INIT;
	for (int i = 0; i <= PARAMS_MAX; i++)
		buf_puts(&many, "filter=x&");
	assert_int_equal(parse(&a, many.ptr, &p), -ERR_USAGE);
}

static void
test_cursor(void **state)
{
	static const struct str id = STR("0123456789abcdefghjkmnpqrs");
	ARENA_SCOPED a = ARENA_INIT;
	struct record_place in[] = {
		{ CELL_NONE, id }, { CELL_INT(-7), id }, { CELL_INT(INT64_MAX), id },
		{ CELL_STR(STR("")), id }, { CELL_STR(STR("high")), id },
		{ CELL_STR(STR("-i\xc3\xa9")), id },
	}, out;
	struct err e;

	(void)state;
	for (size_t i = 0; i < sizeof(in) / sizeof(in[0]); i++) {
		BUF_SCOPED b = BUF_INIT;
		cursor_put(&in[i], STR("question"), &b);
		assert_int_equal(cursor_parse(&a, buf_str(&b), STR("question"),
		    &out, &e), 0);
		assert_true(str_eq(out.id, id));
		assert_int_equal(out.value.state, in[i].value.state);
		assert_int_equal(out.value.i, in[i].value.i);
		assert_true(str_eq(out.value.s, in[i].value.s));
		assert_int_equal(cursor_parse(&a, buf_str(&b), STR("another"),
		    &out, &e), -ERR_USAGE);
		b.len--;
		assert_int_equal(cursor_parse(&a, buf_str(&b), STR("question"),
		    &out, &e), -ERR_USAGE);
	}
	assert_int_equal(cursor_parse(&a, STR(""), STR("q"), &out, &e),
	    -ERR_USAGE);
	assert_int_equal(cursor_parse(&a, STR("a+b="), STR("q"), &out, &e),
	    -ERR_USAGE);
}

static void
test_fields(void **state)
{
	(void)state;
	assert_int_equal(call_tags(STR("\"1\""), "\"1\"", false), 1);
	assert_int_equal(call_tags(STR("\"2\", W/\"1\""), "\"1\"", true), 1);
	assert_int_equal(call_tags(STR("W/\"1\""), "\"1\"", false), 0);
	assert_int_equal(call_tags(STR("*"), "\"1\"", false), 1);
	assert_int_equal(call_tags(STR("1"), "\"1\"", false), -1);
	assert_int_equal(call_tags(STR("\"1\" \"2\""), "\"2\"", false), -1);
	assert_int_equal(call_tags(STR_NULL, "\"1\"", true), 0);
	assert_true(call_media(STR("Application/JSON; charset=UTF-8"),
	    "application/json"));
	assert_false(call_media(STR("application/json; charset=latin1"),
	    "application/json"));
	assert_false(call_media(STR("application/jsonx"), "application/json"));
	assert_false(call_media(STR_NULL, "application/json"));
	assert_true(call_accepts(STR("text/html, text/*;q=0.5"), "text/csv"));
	assert_false(call_accepts(STR("text/csv;q=0, image/*"), "text/csv"));
	assert_true(call_accepts(STR("*/*"), "application/json"));
}

static void
test_rate(void **state)
{
	struct rate *r = rate_new(10, 3);
	int64_t now = CLOCK_HOUR, wait = 0;
	char who[32];

	(void)state;
	for (int i = 0; i < 3; i++)
		assert_true(rate_take(r, STR("a"), 1, now, &wait));
	assert_false(rate_take(r, STR("a"), 1, now, &wait));
	assert_int_equal(wait, 1);
	assert_true(rate_take(r, STR("b"), 1, now, &wait));
	/* A tenth of a second is one; an hour is no more than three. */
	assert_true(rate_take(r, STR("a"), 1, now + 100000, &wait));
	assert_false(rate_take(r, STR("a"), 1, now + 100000, &wait));
	now += CLOCK_HOUR;
	for (int i = 0; i < 3; i++)
		assert_true(rate_take(r, STR("a"), 1, now, &wait));
	assert_false(rate_take(r, STR("a"), 1, now, &wait));
	/* A clock that stands still or goes back gives nothing. */
	assert_false(rate_take(r, STR("a"), 1, now - CLOCK_HOUR, &wait));
	/* However many come, those who ask again are known. */
	for (int i = 0; i < 1000; i++) {
		snprintf(who, sizeof(who), "10.0.%d.%d", i / 256, i % 256);
		rate_take(r, str_from(who), 1, now + 1, &wait);
	}
	assert_false(rate_take(r, STR("a"), 1, now + 1, &wait));
	rate_free(r);
}

static void
find(enum httpd_method m, const char *path, const char *id, const char *type)
{
	struct call c = { .method = m, .path = str_from(path), .fd = -1 };
	struct err e;

	if (id == NULL) {
		assert_int_not_equal(route_find(&c, &e), 0);
		assert_non_null(c.problem);
	} else {
		assert_int_equal(route_find(&c, &e), 0);
		assert_string_equal(c.route->id, id);
		if (type != NULL)
			assert_string_equal(c.type->name, type);
	}
	arena_free(&c.a);
}

static void
test_routes(void **state)
{
	(void)state;
	find(HTTPD_GET, "/vendor", "list", "vendor");
	find(HTTPD_HEAD, "/vendor", "list", "vendor");
	find(HTTPD_POST, "/vendor:import", "import", "vendor");
	find(HTTPD_GET, "/vendor/a b", "show", "vendor");
	find(HTTPD_GET, "/vendor/x/history", "history", "vendor");
	find(HTTPD_GET, "/tables/hr_person", "rows", "hr_person");
	find(HTTPD_GET, "/search", "search", NULL);
	find(HTTPD_PUT, "/vendor", NULL, NULL);
	find(HTTPD_GET, "/vendor/", NULL, NULL);
	find(HTTPD_GET, "/vendor//history", NULL, NULL);
	find(HTTPD_GET, "/hr_person", NULL, NULL);
	find(HTTPD_GET, "//vendor", NULL, NULL);
	find(HTTPD_GET, "/?", NULL, NULL);
	find(HTTPD_POST, "/:import", NULL, NULL);
	/* No type has the name of a path. */
	for (const struct route *r = routes; r->path != NULL; r++) {
		struct str rest = str_from(r->path + 1), word;
		str_split(&rest, '/', &word);
		const struct schema_type *t = schema_find(word);
		assert_true(t == NULL || !schema_is_record(t));
		assert_non_null(r->summary);
		assert_true(r->read != NULL || r->write != NULL);
	}
}

static void
test_document(void **state)
{
	ARENA_SCOPED a = ARENA_INIT;
	BUF_SCOPED one = BUF_INIT;
	BUF_SCOPED two = BUF_INIT;
	struct val *v;
	struct err e;

	(void)state;
	openapi_write(&one);
	openapi_write(&two);
	assert_true(str_eq(buf_str(&one), buf_str(&two)));
	assert_int_equal(json_parse(&a, "openapi", buf_str(&one), &v, &e), 0);
	assert_non_null(val_get(val_get(v, "paths"), "/vendor/{name}"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_params), cmocka_unit_test(test_cursor),
		cmocka_unit_test(test_fields), cmocka_unit_test(test_rate),
		cmocka_unit_test(test_routes), cmocka_unit_test(test_document),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
