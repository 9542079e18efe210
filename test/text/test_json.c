/* JSON: what is accepted, what is refused and where, and what is written. */
#include "unit.h"

#include "text/json.h"

static const struct {
	const char *in;
	const char *canonical;
} good[] = {
	{ "null", "null" },
	{ " true ", "true" },
	{ "\xef\xbb\xbf[]", "[]" },
	{ "-0", "0" },
	{ "9223372036854775807", "9223372036854775807" },
	{ "-9223372036854775808", "-9223372036854775808" },
	{ "\"\"", "\"\"" },
	{ "\"\\u00e9\\ud83d\\ude00\\/\"", "\"\xc3\xa9\xf0\x9f\x98\x80/\"" },
	{ "\"\\u0001\\b\\t\\n\\f\\r\\\\\\\"\\u001F\x7f\"",
	    "\"\\u0001\\b\\t\\n\\f\\r\\\\\\\"\\u001f\x7f\"" },
	{ "{}", "{}" },
	{ "{\"b\":1,\"a\":[true,false,null,{}],\"\":\"\"}",
	    "{\"\":\"\",\"a\":[true,false,null,{}],\"b\":1}" },
	/* bytes, not UTF-16: U+FFFF sorts below U+10000; shorter first */
	{ "{\"\\ud800\\udc00\":1,\"\\uffff\":2,\"aa\":3,\"a\":4}",
	    "{\"a\":4,\"aa\":3,\"\xef\xbf\xbf\":2,\"\xf0\x90\x80\x80\":1}" },
	{ "\r\n\t [ 1 ,\n 2 ] \n", "[1,2]" },
};

static void
test_good(void **state)
{
	(void)state;
	for (size_t i = 0; i < N(good); i++) {
		ARENA_SCOPED a = ARENA_INIT;
		BUF_SCOPED once = BUF_INIT;
		BUF_SCOPED twice = BUF_INIT;
		struct val *v = NULL;
		struct err e = { 0 };

		assert_int_equal(json_parse(&a, "t", str_from(good[i].in), &v,
				     &e), 0);
		assert_int_equal(json_canonical(&once, v, &e), 0);
		assert_string_equal(once.ptr, good[i].canonical);
		assert_int_equal(json_parse(&a, "t", buf_str(&once), &v, &e), 0);
		assert_int_equal(json_canonical(&twice, v, &e), 0);
		assert_string_equal(once.ptr, twice.ptr);
	}
}

/* The cases of JSONTestSuite (Seriot, "Parsing JSON is a minefield") that must
 * be refused, and ours; with the place and a word of the reason. */
static const struct {
	const char *in;
	const char *where;
	const char *what;
} bad[] = {
	{ "", "t:1:1", "no value" },
	{ "  \n ", "t:1:1", "no value" },
	{ "[1,]", "t:1:4", "expected" },
	{ "[,1]", "t:1:2", "expected" },
	{ "[1 2]", "t:1:4", "comma or ]" },
	{ "[1", "t:1:3", "comma or ]" },
	{ "[", "t:1:2", "too early" },
	{ "]", "t:1:1", "expected" },
	{ "[1]]", "t:1:4", "follows" },
	{ "1 2", "t:1:3", "follows" },
	{ "{\"a\":1,}", "t:1:8", "key" },
	{ "{\"a\" 1}", "t:1:6", "colon" },
	{ "{\"a\":}", "t:1:6", "expected" },
	{ "{a:1}", "t:1:2", "key" },
	{ "{'a':1}", "t:1:2", "key" },
	{ "{\"a\":1\n\n \"b\":2}", "t:3:2", "comma or }" },
	{ "[tru]", "t:1:2", "expected" },
	{ "[nul", "t:1:2", "expected" },
	{ "[True]", "t:1:2", "expected" },
	{ "[NaN]", "t:1:2", "expected" },
	{ "[-Infinity]", "t:1:2", "expected" },
	{ "[+1]", "t:1:2", "expected" },
	{ "[01]", "t:1:2", "zero" },
	{ "[-01]", "t:1:2", "zero" },
	{ "[1.]", "t:1:2", "point" },
	{ "[.5]", "t:1:2", "expected" },
	{ "[1e]", "t:1:2", "exponent" },
	{ "[1e+]", "t:1:2", "exponent" },
	{ "[0x1]", "t:1:3", "comma" },
	{ "[1e999]", "t:1:2", "range" },
	{ "[9223372036854775808]", "t:1:2", "64 bits" },
	{ "{\"a\":18446744073709551615}", "t:1:6", "64 bits" },
	{ "[1, 99999999999999999999999]", "t:1:5", "64 bits" },
	{ "[\"a]", "t:1:2", "not closed" },
	{ "[\"a\nb\"]", "t:1:4", "not closed on its line" },
	{ "[\"a\tb\"]", "t:1:4", "control" },
	{ "[\"\\x\"]", "t:1:3", "escape" },
	{ "[\"\\u12g4\"]", "t:1:3", "hexadecimal" },
	{ "[\"\\ud800\"]", "t:1:3", "surrogate" },
	{ "[\"\\ud800\\u0041\"]", "t:1:3", "surrogate" },
	{ "[\"\\udc00\"]", "t:1:3", "surrogate" },
	{ "[\"\\u0000\"]", "t:1:3", "U+0000" },
	{ "{\"a\\u0000b\":1}", "t:1:4", "U+0000" },
	{ "[\"\xc3\xa9\xff\"]", "t:1:4", "UTF-8" },
	{ "[\"\xc0\xaf\"]", "t:1:3", "UTF-8" },
	{ "[\"\xed\xa0\x80\"]", "t:1:3", "UTF-8" },
	{ "{\"a\":1,\n\"b\":{\"c\":[1,2],\n \"c\":3}}", "t:3:2", "twice" },
	{ "{\"a\":1,\"\\u0061\":2}", "t:1:8", "twice" },
	{ "{\"0\":0,\"1\":0,\"2\":0,\"3\":0,\"4\":0,\"5\":0,\"6\":0,\"7\":0,"
	  "\"8\":0,\n\"3\":0}", "t:2:1", "twice" },
	{ "/**/1", "t:1:1", "expected" },
	{ "[1]//", "t:1:4", "follows" },
	{ "\x0c[1]", "t:1:1", "expected" },
};

static void
test_bad(void **state)
{
	(void)state;
	for (size_t i = 0; i < N(bad); i++) {
		ARENA_SCOPED a = ARENA_INIT;
		struct val *v = NULL;
		struct err e = { 0 };

		int r = json_parse(&a, "t", str_from(bad[i].in), &v, &e);
		if (r != -ERR_INPUT || strcmp(e.where, bad[i].where) != 0 ||
		    strstr(e.what, bad[i].what) == NULL)
			fail_msg("%s: %d %s: %s", bad[i].in, r, e.where, e.what);
		assert_null(v);
	}
}

static void
test_nul_byte(void **state)
{
	ARENA_SCOPED a = ARENA_INIT;
	struct val *v;
	struct err e;

	(void)state;
	assert_int_equal(json_parse(&a, "t", STR("[1]\0"), &v, &e), -ERR_INPUT);
	assert_int_equal(json_parse(&a, "t", STR("[\"a\0\"]"), &v, &e),
	    -ERR_INPUT);
}

static void
test_depth(void **state)
{
	ARENA_SCOPED a = ARENA_INIT;
	BUF_SCOPED b = BUF_INIT;
	struct val *v;
	struct err e = { 0 };

	(void)state;
	for (int kind = 0; kind < 2; kind++) {
		for (int depth = 63; depth <= 65; depth++) {
			buf_reset(&b);
			for (int i = 0; i < depth; i++)
				buf_puts(&b, kind && i + 1 < depth ? "{\"a\":" : "[");
			for (int i = depth; i-- > 0;)
				buf_puts(&b, kind && i + 1 < depth ? "}" : "]");
			assert_int_equal(json_parse(&a, "t", buf_str(&b), &v, &e),
			    depth <= 64 ? 0 : -ERR_INPUT);
		}
		assert_non_null(strstr(e.what, "deep"));
	}
	buf_reset(&b);
	for (int i = 0; i < 1000000; i++)
		buf_putc(&b, '[');
	assert_int_equal(json_parse(&a, "t", buf_str(&b), &v, &e), -ERR_INPUT);
}

static void
test_values(void **state)
{
	ARENA_SCOPED a = ARENA_INIT;
	struct val *v;
	struct err e;

	(void)state;
	assert_int_equal(json_parse(&a, "t", STR("{\"i\": -7,\n \"r\": 1.5e1,\n"
	    " \"l\": [1,\n 2], \"s\": \"x\", \"n\": null, \"b\": true,"
	    " \"z\": 7.0}"), &v, &e), 0);
	assert_int_equal(val_get_int(v, "i", 0), -7);
	assert_int_equal(val_get(v, "r")->type, VAL_REAL);
	assert_true(val_get(v, "r")->u.d == 15.0);
	assert_int_equal(val_get(v, "z")->type, VAL_REAL);
	assert_str(val_get_str(v, "s"), "x");
	assert_true(val_get_bool(v, "b", false));
	assert_int_equal(v->line, 1);
	assert_int_equal(val_get(v, "r")->line, 2);
	assert_int_equal(val_get(v, "l")->line, 3);
	assert_int_equal(val_get(v, "l")->u.list.at[1]->line, 4);
	assert_int_equal(val_get(v, "z")->line, 4);
	/* order is kept */
	assert_str(v->u.map.key[0], "i");
	assert_str(v->u.map.key[6], "z");
}

/* Lines come out the same however the bytes are cut. */
static void
test_lines(void **state)
{
	static const char in[] = "\xef\xbb\xbf{\"a\":1}\n\n[2]\r\n \n\"three\"\n4";

	(void)state;
	for (size_t step = 1; step <= sizeof(in); step++) {
		ARENA_SCOPED a = ARENA_INIT;
		BUF_SCOPED out = BUF_INIT;
		JSON_LINES_SCOPED l = json_lines_new("t");
		struct val *v;
		struct err e;
		int r, lines[4] = { 1, 3, 5, 6 }, n = 0;

		for (size_t at = 0; at < sizeof(in) - 1; at += step) {
			size_t left = sizeof(in) - 1 - at;
			json_lines_feed(l, (struct str){ in + at,
			    left < step ? left : step }, left <= step);
			while ((r = json_lines_next(l, &a, &v, &e)) > 0) {
				assert_int_equal(v->line, lines[n++]);
				json_canonical(&out, v, NULL);
			}
			assert_int_equal(r, 0);
		}
		assert_string_equal(out.ptr, "{\"a\":1}[2]\"three\"4");
	}
}

static void
test_lines_bad(void **state)
{
	ARENA_SCOPED a = ARENA_INIT;
	JSON_LINES_SCOPED l = json_lines_new("f.ndjson");
	struct val *v;
	struct err e = { 0 };

	(void)state;
	json_lines_feed(l, STR("1\n2\n{\"x\": }\n3\n"), true);
	assert_int_equal(json_lines_next(l, &a, &v, &e), 1);
	assert_int_equal(json_lines_next(l, &a, &v, &e), 1);
	assert_int_equal(json_lines_next(l, &a, &v, &e), -ERR_INPUT);
	assert_string_equal(e.where, "f.ndjson:3:7");
	assert_int_equal(json_lines_next(l, &a, &v, &e), 0);
}

static void
write_sample(struct json_writer *w)
{
	json_object(w);
	json_kint(w, "size", -3);
	json_key(w, "names");
	json_array(w);
	json_text(w, "a\"\x01");
	json_text(w, NULL);
	json_array(w);
	json_close(w);
	json_close(w);
	json_key(w, "empty");
	json_object(w);
	json_close(w);
	json_kbool(w, "ok", true);
	json_knull(w, "none");
	json_kstr(w, "bad", STR("x\xff" "y\xc3\xa9"));
	json_key(w, "real");
	json_real(w, 0.1);
	json_key(w, "whole");
	json_real(w, 3);
	json_close(w);
}

static void
test_writer(void **state)
{
	BUF_SCOPED b = BUF_INIT;
	struct json_writer w;
	struct err e;

	(void)state;
	json_begin(&w, &b, false);
	write_sample(&w);
	assert_int_equal(json_end(&w, &e), 0);
	assert_string_equal(b.ptr,
	    "{\"size\":-3,\"names\":[\"a\\\"\\u0001\",null,[]],\"empty\":{},"
	    "\"ok\":true,\"none\":null,\"bad\":\"x\xef\xbf\xbdy\xc3\xa9\","
	    "\"real\":0.1,\"whole\":3.0}");
	buf_reset(&b);
	json_begin(&w, &b, true);
	write_sample(&w);
	assert_int_equal(json_end(&w, &e), 0);
	assert_string_equal(b.ptr,
	    "{\n  \"size\": -3,\n  \"names\": [\n    \"a\\\"\\u0001\",\n"
	    "    null,\n    []\n  ],\n  \"empty\": {},\n  \"ok\": true,\n"
	    "  \"none\": null,\n  \"bad\": \"x\xef\xbf\xbdy\xc3\xa9\",\n"
	    "  \"real\": 0.1,\n  \"whole\": 3.0\n}\n");
}

static void
test_writer_file(void **state)
{
	char *text = NULL;
	size_t len = 0;
	FILE *f = open_memstream(&text, &len);
	struct json_writer w;
	struct err e = { 0 };

	(void)state;
	json_begin_file(&w, f, false);
	for (int i = 0; i < 20000; i++) {
		json_array(&w);
		json_int(&w, i);
		json_close(&w);
		json_between(&w);
	}
	assert_int_equal(json_end(&w, &e), 0);
	fclose(f);
	assert_memory_equal(text, "[0]\n[1]\n", 8);
	assert_int_equal(len, 10 * 4 + 90 * 5 + 900 * 6 + 9000 * 7 + 10000 * 8);
	free(text);
	f = fopen("/dev/full", "w");
	json_begin_file(&w, f, false);
	json_text(&w, "x");
	assert_int_equal(json_end(&w, &e), -ERR_IO);
	fclose(f);
}

static void
test_real_round_trip(void **state)
{
	static const double d[] = { 0.0, -0.0, 1e300, 5e-324, 1.0 / 3, 123456789.125,
		9007199254740993.0, 1e21 };
	ARENA_SCOPED a = ARENA_INIT;

	(void)state;
	for (size_t i = 0; i < N(d); i++) {
		BUF_SCOPED b = BUF_INIT;
		struct json_writer w;
		struct val *v;

		json_begin(&w, &b, false);
		json_real(&w, d[i]);
		json_end(&w, NULL);
		assert_int_equal(json_parse(&a, "t", buf_str(&b), &v, NULL), 0);
		assert_int_equal(v->type, VAL_REAL);
		assert_memory_equal(&v->u.d, &d[i], sizeof(double));
	}
}

static void
test_canonical_refuses(void **state)
{
	ARENA_SCOPED a = ARENA_INIT;
	BUF_SCOPED b = BUF_INIT;
	struct val *v = val_map(&a), *deep = val_list(&a);
	struct err e = { 0 };

	(void)state;
	buf_puts(&b, "before");
	val_put(&a, v, "x", val_real(&a, 1));
	assert_int_equal(json_canonical(&b, v, &e), -ERR_INPUT);
	val_put(&a, v, "x", val_str(&a, STR("\xff")));
	assert_int_equal(json_canonical(&b, v, &e), -ERR_INPUT);
	val_put(&a, v, "x", val_str(&a, STR("a\0b")));
	assert_int_equal(json_canonical(&b, v, &e), -ERR_INPUT);
	for (int i = 0; i < 64; i++) {
		struct val *outer = val_list(&a);
		val_push(&a, outer, deep);
		deep = outer;
	}
	assert_int_equal(json_canonical(&b, deep, &e), -ERR_INPUT);
	assert_string_equal(b.ptr, "before");
	assert_int_equal(b.len, 6);
	assert_int_equal(json_canonical(&b, deep->u.list.at[0], &e), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_bad),
		cmocka_unit_test(test_nul_byte),
		cmocka_unit_test(test_depth),
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_lines_bad),
		cmocka_unit_test(test_writer),
		cmocka_unit_test(test_writer_file),
		cmocka_unit_test(test_real_round_trip),
		cmocka_unit_test(test_canonical_refuses),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
