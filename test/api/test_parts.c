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
#include "api/rows.h"
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

/* --- what is no record --------------------------------------------------------- */

static const struct shape form[] = {
	{ .name = "who", .required = true, .max = 5 },
	{ .name = "how", .values = "keep remove" },
	{ .name = "days", .kind = SHAPE_INT, .max = 400 },
	{ .name = "on", .kind = SHAPE_DATE }, { .name = "at", .kind = SHAPE_TIME },
	{ .name = "yes", .kind = SHAPE_BOOL },
	{ .name = "many", .kind = SHAPE_TEXTS },
	{ .name = "map", .kind = SHAPE_MAP }, { .name = NULL },
};

/* The pointers of what is wrong, with spaces; "400" and the like otherwise. */
static const char *
reading(struct arena *a, const char *body)
{
	struct call c = { .body = str_from(body), .fd = -1, .rev = -1 };
	struct err e = { 0 };
	BUF_SCOPED b = BUF_INIT;

	c.field[CALL_CONTENT_TYPE] = STR("application/json");
	int r = shape_read(NULL, &c, form, &e);
	assert_true((r == 0) == (c.problem == NULL));
	for (size_t i = 0; r != 0 && i < c.problem->n; i++)
		buf_printf(&b, "%s%s", i != 0 ? " " : "",
		    c.problem->items[i].pointer);
	if (r != 0 && c.problem->n == 0)
		buf_printf(&b, "%d", c.problem->status);
	arena_free(&c.a);
	return (b.len != 0 ? arena_strdup(a, b.ptr) : "");
}

static void
test_shape(void **state)
{
	static const char *const cases[][2] = {
		{ "{\"who\":\"ada\"}", "" },
		{ "{\"who\":\"ada\",\"how\":null,\"days\":0,\"yes\":false}", "" },
		{ "{\"who\":\"ada\",\"many\":[],\"map\":{\"a\":\"b\"}}", "" },
		{ "", "400" }, { "{", "400" }, { "[]", "422" }, { "7", "422" },
		{ "{}", "/who" }, { "{\"who\":null}", "/who" },
		{ "{\"who\":\" \"}", "/who" }, { "{\"who\":\"adaada\"}", "/who" },
		{ "{\"who\":7}", "/who" }, { "{\"who\":\"a\\u0007\"}", "/who" },
		{ "{\"who\":\"a\",\"a/b~\":1}", "/a~1b~0" },
		{ "{\"who\":\"a\",\"how\":\"kee\"}", "/how" },
		{ "{\"who\":\"a\",\"how\":\"keep remove\"}", "/how" },
		{ "{\"who\":\"a\",\"days\":-1}", "/days" },
		{ "{\"who\":\"a\",\"days\":401}", "/days" },
		{ "{\"who\":\"a\",\"days\":1.5}", "/days" },
		{ "{\"who\":\"a\",\"on\":\"2026-02-30\"}", "/on" },
		{ "{\"who\":\"a\",\"at\":\"2026-02-03\"}", "/at" },
		{ "{\"who\":\"a\",\"yes\":\"true\"}", "/yes" },
		{ "{\"who\":\"a\",\"many\":\"x\"}", "/many" },
		{ "{\"who\":\"a\",\"many\":[\"x\",7,[]]}", "/many/1 /many/2" },
		{ "{\"who\":\"a\",\"map\":[]}", "/map" },
		{ "{\"who\":\"a\",\"map\":{\"x\":1}}", "/map" },
		{ "{\"x\":1,\"days\":[],\"on\":{}}", "/x /days /on /who" },
	};
	ARENA_SCOPED a = ARENA_INIT;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_string_equal(reading(&a, cases[i][0]), cases[i][1]);
}

static const struct shape columns[] = {
	{ .name = "id" }, { .name = "n", .kind = SHAPE_INT },
	{ .name = "on", .kind = SHAPE_BOOL },
	{ .name = "of", .kind = SHAPE_TEXTS }, { .name = NULL },
};

/* The ids of a page, and whether there is another. */
static const char *
page(struct arena *a, const char *query, const char **ret_next)
{
	static const struct route route = { .path = "/x", .rows = columns,
		.params = { rows_params }, .id = "x" };
	struct call c = { .query = str_from(query), .path = STR("/x"), .fd = -1,
		.route = &route };
	struct context x = { .ws = NULL };
	struct rows rows = { 0 };
	struct err e = { 0 };
	struct val *v;
	BUF_SCOPED b = BUF_INIT;
	int r = route_check(&c, &e);

	for (int i = 0; i < 20; i++) {
		struct val *m = val_map(&c.a), *list = val_list(&c.a);
		val_push(&c.a, list, val_text(&c.a, i < 10 ? "low" : "high"));
		val_put(&c.a, m, "id", val_fmt(&c.a, "%02d", i * 7 % 20));
		val_put(&c.a, m, "n", i % 5 == 0 ? val_null(&c.a) :
		    val_int(&c.a, i % 3));
		val_put(&c.a, m, "on", val_bool(&c.a, i % 2 == 0));
		val_put(&c.a, m, "of", list);
		rows_add(&c, &rows, val_get_str(m, "id"), m);
	}
	if (r == 0)
		r = rows_answer(&x, &c, &rows, &e);
	if (r == 0)
		r = json_parse(a, "page", buf_str(&c.out), &v, &e);
	for (size_t i = 0; r == 0 && i < val_count(val_get(v, "items")); i++)
		buf_printf(&b, "%s" STR_FMT, i != 0 ? " " : "", STR_ARG(val_get_str(
		    val_get(v, "items")->u.list.at[i], "id")));
	if (r != 0)
		buf_printf(&b, "%d", r);
	else if (ret_next != NULL)
		*ret_next = val_get(v, "next")->type == VAL_STR ?
		    arena_strdup(a, val_get_str(v, "next").ptr) : NULL;
	buf_free(&c.out);
	arena_free(&c.a);
	return (b.len != 0 ? arena_strdup(a, b.ptr) : "");
}

static void
test_rows(void **state)
{
	static const char *const sorts[] = { "", "&sort=n", "&sort=-n",
		"&sort=on", "&sort=-id" };
	ARENA_SCOPED a = ARENA_INIT;
	const char *next = NULL;

	(void)state;
	assert_string_equal(page(&a, "limit=3", &next), "00 01 02");
	assert_non_null(next);
	assert_string_equal(page(&a, "filter=id=05", &next), "05");
	assert_null(next);
	assert_string_equal(page(&a, "filter=n%3E%3D2&filter=on=true", NULL),
	    "14 16 18");
	assert_string_equal(page(&a, "filter=n%3D", NULL), "00 05 10 15");
	assert_string_equal(page(&a, "filter=of~high&filter=id%3C03", NULL), "");
	assert_string_equal(page(&a, "q=LOW+07", NULL), "07");
	assert_string_equal(page(&a, "q=low+x7", NULL), "");
	assert_string_equal(page(&a, "sort=-id&limit=2", NULL), "19 18");
	/* However it is sorted, pages hold each row once. */
	for (size_t i = 0; i < sizeof(sorts) / sizeof(sorts[0]); i++) {
		unsigned seen = 0;
		int rows = 0;
		next = "";
		while (next != NULL) {
			const char *ids = page(&a, arena_printf(&a, "limit=3%s%s%s",
			    sorts[i], *next != '\0' ? "&cursor=" : "", next), &next);
			for (const char *p = ids; *p != '\0'; p += p[2] == ' ' ? 3 : 2) {
				seen |= 1u << ((p[0] - '0') * 10 + p[1] - '0');
				rows++;
			}
		}
		assert_int_equal(rows, 20);
		assert_int_equal(seen, (1u << 20) - 1);
	}
	/* What is not understood, and a cursor of another question. */
	assert_string_equal(page(&a, "filter=n%3Dx", NULL), "-3");
	static const char *const bad[] = { "filter=x", "filter=x=1", "sort=x",
		"sort=of", "limit=0", "q=+", "cursor=AAAA", "nope=1" };
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_string_equal(page(&a, bad[i], NULL), "-2");
	page(&a, "limit=3", &next);
	assert_string_equal(page(&a, arena_printf(&a, "sort=n&cursor=%s", next),
	    NULL), "-2");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_params), cmocka_unit_test(test_cursor),
		cmocka_unit_test(test_fields), cmocka_unit_test(test_rate),
		cmocka_unit_test(test_routes), cmocka_unit_test(test_document),
		cmocka_unit_test(test_shape), cmocka_unit_test(test_rows),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
