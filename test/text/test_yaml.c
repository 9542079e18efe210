/* YAML: what is read as what, what is refused where, and what is written. */
#include "unit.h"

#include "text/json.h"
#include "text/yaml.h"

static const struct {
	const char *in;
	const char *json; /* canonical */
} good[] = {
	{ "", "null" },
	{ "# only a comment\n", "null" },
	{ "---\n", "null" },
	{ "a: 1\nb: -12\nc: 0\n", "{\"a\":1,\"b\":-12,\"c\":0}" },
	{ "[null, Null, NULL, ~, ]", "[null,null,null,null]" },
	{ "[true, True, TRUE, false, False, FALSE]",
	    "[true,true,true,false,false,false]" },
	{ "a:\nb: ''\n", "{\"a\":null,\"b\":\"\"}" },
	{ "[yes, no, on, off, nULL, tRUE]",
	    "[\"yes\",\"no\",\"on\",\"off\",\"nULL\",\"tRUE\"]" },
	{ "[007, +7, 0x7, 0o7, 7.0, 1e3, 1_000, -0, 1.10, .inf]",
	    "[\"007\",\"+7\",\"0x7\",\"0o7\",\"7.0\",\"1e3\",\"1_000\",\"-0\","
	    "\"1.10\",\".inf\"]" },
	{ "[9223372036854775807, -9223372036854775808, 9223372036854775808]",
	    "[9223372036854775807,-9223372036854775808,"
	    "\"9223372036854775808\"]" },
	{ "['1', \"1\", 'true', \"null\"]",
	    "[\"1\",\"1\",\"true\",\"null\"]" },
	{ "d: 2026-01-31\nt: 12:30\nu: https://x.example/a#b\n",
	    "{\"d\":\"2026-01-31\",\"t\":\"12:30\",\"u\":\"https://x.example/a#b\"}" },
	{ "t: |\n  a\n   b\n\n  c\nf: >-\n  a\n  b\n\n  c\n",
	    "{\"f\":\"a b\\nc\",\"t\":\"a\\n b\\n\\nc\\n\"}" },
	{ "- a\n- - b\n  - c\n- k: v\n  l: w\n",
	    "[\"a\",[\"b\",\"c\"],{\"k\":\"v\",\"l\":\"w\"}]" },
	{ "{a: [1, {b: c}], \"d\": \"\\u00e9\\n\"}",
	    "{\"a\":[1,{\"b\":\"c\"}],\"d\":\"\xc3\xa9\\n\"}" },
	{ "1: one\ntrue: yes\n", "{\"1\":\"one\",\"true\":\"yes\"}" },
	{ "\xef\xbb\xbf" "a: b\r\nc: d\r\n", "{\"a\":\"b\",\"c\":\"d\"}" },
	{ "? long\n: value\n", "{\"long\":\"value\"}" },
	{ "a: b # comment\nc: 'it''s'\n", "{\"a\":\"b\",\"c\":\"it's\"}" },
};

static void
test_good(void **state)
{
	(void)state;
	for (size_t i = 0; i < N(good); i++) {
		ARENA_SCOPED a = ARENA_INIT;
		BUF_SCOPED b = BUF_INIT;
		struct val *v = NULL;
		struct err e = { 0 };

		if (yaml_parse(&a, "t", str_from(good[i].in), &v, &e) != 0)
			fail_msg("%s: %s %s", good[i].in, e.where, e.what);
		assert_int_equal(json_canonical(&b, v, &e), 0);
		assert_string_equal(b.ptr, good[i].json);
	}
}

static const struct {
	const char *in;
	const char *where;
	const char *what;
} bad[] = {
	{ "a: &x 1\nb: *x\n", "t:1:4", "anchors" },
	{ "a: *x\n", "t:1:4", "aliases" },
	{ "a: !!str 1\n", "t:1:4", "tags" },
	{ "a: !foo [1]\n", "t:1:4", "tags" },
	{ "- a: 1\n  b: 2\n  a: 3\n", "t:3:3", "twice" },
	{ "a: 1\n\"a\": 2\n", "t:2:1", "twice" },
	{ "<<: {a: 1}\n", "t:1:1", "merge" },
	{ "[a]: 1\n", "t:1:1", "scalar" },
	{ "? {a: 1}\n: 2\n", "t:1:3", "scalar" },
	{ "a: 1\n b: 2\n", "t:2:3", "mapping values" },
	{ "a: [1, 2\nb: 3\n", "t:2:2", "" },
	{ "a: \"x\n", "t:2:1", "" },
	{ "a: 1\n---\nb: 2\n", "t:3", "2 documents" },
	{ "\ta: 1\n", "t:1:1", "" },
	{ "a: b: c\n", "t:1:5", "" },
	{ "a: \"\\0\"\n", "t:1:4", "U+0000" },
	{ "%YAML 1.1\n---\na: 1\n", "t:1:1", "directives" },
	{ "a: \xff\n", "t:1", "UTF-8" },
	{ "a: \x01\n", "t:1", "control" },
	{ "}", "t:1:1", "" },
	{ "a: @b\n", "t:1:4", "" },
};

static void
test_bad(void **state)
{
	(void)state;
	for (size_t i = 0; i < N(bad); i++) {
		ARENA_SCOPED a = ARENA_INIT;
		struct val *v = NULL;
		struct err e = { 0 };

		int r = yaml_parse(&a, "t", str_from(bad[i].in), &v, &e);
		if (r != -ERR_INPUT || strcmp(e.where, bad[i].where) != 0 ||
		    strstr(e.what, bad[i].what) == NULL)
			fail_msg("%s: %d %s: %s", bad[i].in, r, e.where, e.what);
		assert_null(v);
	}
}

static void
test_limits(void **state)
{
	ARENA_SCOPED a = ARENA_INIT;
	BUF_SCOPED b = BUF_INIT;
	struct val *v;
	struct err e = { 0 };

	(void)state;
	for (int depth = 64; depth <= 65; depth++) {
		buf_reset(&b);
		for (int i = 0; i < depth; i++)
			buf_putc(&b, '[');
		for (int i = 0; i < depth; i++)
			buf_putc(&b, ']');
		assert_int_equal(yaml_parse(&a, "t", buf_str(&b), &v, &e),
		    depth == 64 ? 0 : -ERR_INPUT);
	}
	buf_reset(&b);
	for (int i = 0; i < 100000; i++)
		buf_puts(&b, "- ");
	assert_int_equal(yaml_parse(&a, "t", buf_str(&b), &v, &e), -ERR_INPUT);
	buf_reset(&b);
	buf_reserve(&b, YAML_MAX_BYTES + 1);
	memset(b.ptr, '#', YAML_MAX_BYTES + 1);
	b.len = YAML_MAX_BYTES + 1;
	assert_int_equal(yaml_parse(&a, "t", buf_str(&b), &v, &e), -ERR_LIMIT);
	/* many keys: no quadratic search for duplicates */
	buf_reset(&b);
	for (int i = 0; i < 100000; i++)
		buf_printf(&b, "k%d: %d\n", i, i);
	assert_int_equal(yaml_parse(&a, "t", buf_str(&b), &v, &e), 0);
	assert_int_equal(val_count(v), 100000);
}

static void
test_lines(void **state)
{
	ARENA_SCOPED a = ARENA_INIT;
	struct val *v;
	struct err e;

	(void)state;
	assert_int_equal(yaml_parse_all(&a, "t", STR("# x\na: 1\nb:\n  - c\n"
	    "  - d: e\n---\nf\n"), &v, &e), 0);
	assert_int_equal(val_count(v), 2);
	struct val *m = v->u.list.at[0];
	assert_int_equal(m->line, 2);
	assert_int_equal(val_get(m, "b")->line, 4);
	assert_int_equal(val_get(m, "b")->u.list.at[1]->line, 5);
	assert_int_equal(v->u.list.at[1]->line, 7);
	assert_int_equal(yaml_parse_all(&a, "t", STR(""), &v, &e), 0);
	assert_int_equal(val_count(v), 0);
}

static void
round_trip(struct arena *a, const struct val *v)
{
	BUF_SCOPED yaml = BUF_INIT;
	BUF_SCOPED was = BUF_INIT;
	BUF_SCOPED is = BUF_INIT;
	struct val *again = NULL;
	struct err e = { 0 };

	yaml_put_val(&yaml, v);
	if (yaml_parse(a, "t", buf_str(&yaml), &again, &e) != 0)
		fail_msg("%s\n%s %s", yaml.ptr, e.where, e.what);
	assert_int_equal(json_canonical(&was, v, &e), 0);
	assert_int_equal(json_canonical(&is, again, &e), 0);
	if (strcmp(was.ptr, is.ptr) != 0)
		fail_msg("%s\n%s\n%s", yaml.ptr, was.ptr, is.ptr);
}

static void
test_round_trip(void **state)
{
	static const char *const texts[] = { "", " ", "a", "a b", " a", "a ",
		"a\n", "a\nb", "a\nb\n", "a\n\n\nb\n\n\n", "\na", "\n", " a\nb",
		"a\n  b\n", "a: b", "a #b", "#a", "- a", "-", "--", "---", "...",
		"? a", ": a", "&a", "*a", "!a", "|", ">", "%a", "@a", "`a",
		"{}", "[]", "{a", "a}", "a,b", "'a'", "\"a\"", "it's", "null",
		"~", "true", "no", "7", "-7", "007", "1.5", "2026-01-31", "12:30",
		"=", "<<", "a\tb", "\ta", "a\t\nb", "a\r\nb", "a\001b", "\x7f",
		"\xc2\x85", "\xe2\x80\xa8", "\xef\xbb\xbf", "\xef\xbf\xbe",
		"caf\xc3\xa9", "\xf0\x9f\x98\x80", "a\\b", "a\\\nb\\", "a:",
		"a  b", "a\n \nb", "https://x.example/?a=b#c", "a\n#b\n",
		"a\n---\nb\n", "a\n...\n", "\xe2\x80\x9cquoted\xe2\x80\x9d" };
	ARENA_SCOPED a = ARENA_INIT;
	struct val *map = val_map(&a), *list = val_list(&a), *outer;
	char *large = arena_alloc(&a, 3001);

	(void)state;
	for (size_t i = 0; i < N(texts); i++) {
		struct val *v = val_text(&a, texts[i]);
		round_trip(&a, v);
		val_put(&a, map, texts[i], v);
		val_push(&a, list, v);
		val_push(&a, list, val_list(&a));
		val_push(&a, list, val_map(&a));
		struct val *inner = val_map(&a);
		val_put(&a, inner, texts[i], v);
		val_put(&a, inner, "again", v);
		val_push(&a, list, inner);
		struct val *nested = val_list(&a);
		val_push(&a, nested, v);
		val_push(&a, nested, inner);
		val_push(&a, list, nested);
	}
	memset(large, 'x', 3000);
	val_put(&a, map, large, val_text(&a, large));
	val_put(&a, map, "int", val_int(&a, INT64_MIN));
	val_put(&a, map, "none", val_null(&a));
	val_put(&a, map, "flag", val_bool(&a, false));
	round_trip(&a, list);
	val_put(&a, map, "list", list);
	round_trip(&a, map);
	for (int i = 0; i < 30; i++) {
		outer = i % 2 ? val_map(&a) : val_list(&a);
		if (i % 2)
			val_put(&a, outer, "k", map);
		else
			val_push(&a, outer, map);
		map = outer;
	}
	round_trip(&a, map);
	round_trip(&a, val_null(&a));
	round_trip(&a, val_map(&a));
	round_trip(&a, val_list(&a));
	round_trip(&a, val_int(&a, 3));
}

static void
test_style(void **state)
{
	ARENA_SCOPED a = ARENA_INIT;
	BUF_SCOPED b = BUF_INIT;
	struct val *v;
	struct err e;

	(void)state;
	assert_int_equal(json_parse(&a, "t", STR("{\"name\":\"Access review\","
	    "\"text\":\"One.\\nTwo.\\n\",\"tags\":[\"a\",\"7\"],\"owners\":"
	    "[{\"id\":1,\"since\":\"2026-01-31\"}],\"none\":null,\"no\":[]}"),
	    &v, &e), 0);
	yaml_put_val(&b, v);
	assert_string_equal(b.ptr,
	    "name: Access review\n"
	    "text: |\n"
	    "  One.\n"
	    "  Two.\n"
	    "tags:\n"
	    "  - a\n"
	    "  - \"7\"\n"
	    "owners:\n"
	    "  - id: 1\n"
	    "    since: \"2026-01-31\"\n"
	    "none: null\n"
	    "\"no\": []\n");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_bad),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_style),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
