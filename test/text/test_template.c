/* Templates: what they show, and what is refused when. */
#include "unit.h"

#include "text/json.h"
#include "text/markdown.h"
#include "text/template.h"

static struct str
part(void *ctx, const char *name)
{
	(void)ctx;
	if (strcmp(name, "name") == 0)
		return (STR("[{{name}}]"));
	if (strcmp(name, "row") == 0)
		return (STR("  {{id}}\n"));
	if (strcmp(name, "self") == 0)
		return (STR("{{>self}}"));
	if (strcmp(name, "bad") == 0)
		return (STR("x\n{{nothing}}"));
	if (strcmp(name, "open") == 0)
		return (STR("<a href=\""));
	return (STR_NULL);
}

static struct val *
json(struct arena *a, const char *text)
{
	struct val *v = NULL;
	struct err e = { 0 };

	if (json_parse(a, "model", str_from(text), &v, &e) != 0)
		fail_msg("%s: %s", text, e.what);
	return (v);
}

static int
fill(struct arena *a, const char *text, enum template_mode mode,
    const struct val *sample, const struct val *model, struct buf *out,
    struct err *e)
{
	struct template_source src = { "t", str_from(text), mode, part, NULL,
		sample };
	struct template *t = NULL;
	int r = template_load(a, &src, &t, e);

	if (r == 0)
		r = template_render(t, model, out, e);
	return (r);
}

static const struct {
	const char *text;
	const char *model;
	const char *out;
} good[] = {
	{ "Hello", "{}", "Hello" },
	{ "", "{}", "" },
	{ "{{x}} {{ x }}", "{\"x\":\"a<b>&\\\"'\"}",
	    "a&lt;b&gt;&amp;&quot;&#39; a&lt;b&gt;&amp;&quot;&#39;" },
	{ "{{a.b.c}}", "{\"a\":{\"b\":{\"c\":7}}}", "7" },
	{ "{{t}}{{f}}{{n}}", "{\"t\":true,\"f\":false,\"n\":null}", "truefalse" },
	{ "{{#l}}<{{.}}>{{/l}}", "{\"l\":[1,2,\"x\"]}", NULL },
	{ "{{#l}}({{.}}){{/l}}", "{\"l\":[1,2,\"x\"]}", "(1)(2)(x)" },
	{ "{{#l}}{{id}}{{name}};{{/l}}",
	    "{\"name\":\"n\",\"l\":[{\"id\":1},{\"id\":2,\"name\":\"m\"}]}",
	    "1n;2m;" },
	{ "{{#m}}{{id}}{{/m}}", "{\"m\":{\"id\":1}}", "1" },
	{ "{{#b}}yes{{/b}}{{^b}}no{{/b}}", "{\"b\":true}", "yes" },
	{ "{{#b}}yes{{/b}}{{^b}}no{{/b}}", "{\"b\":false}", "no" },
	{ "{{#b}}yes{{/b}}{{^b}}no{{/b}}", "{\"b\":\"\"}", "no" },
	{ "{{#b}}yes{{/b}}{{^b}}no{{/b}}", "{\"b\":0}", "yes" },
	{ "{{#b}}{{.}}{{/b}}{{^b}}no{{/b}}", "{\"b\":\"v\"}", "v" },
	{ "{{^l}}none{{/l}}", "{\"l\":[]}", "none" },
	{ "{{^l}}none{{/l}}", "{\"l\":[1]}", "" },
	{ "{{^l}}none{{/l}}", "{\"l\":null}", "none" },
	{ "a{{! c }}b", "{}", "ab" },
	/* a tag alone on its line takes the line with it */
	{ "<ul>\n  {{#l}}\n  <li>{{.}}</li>\n  {{/l}}\n</ul>\n",
	    "{\"l\":[1,2]}", "<ul>\n  <li>1</li>\n  <li>2</li>\n</ul>\n" },
	{ "a\r\n{{! c }}\r\nb", "{}", "a\r\nb" },
	{ "{{#l}}\nx\n{{/l}}", "{\"l\":[1]}", "x\n" },
	{ "{{x}}\ny", "{\"x\":1}", "1\ny" },
	{ "{{>name}} {{>name}}", "{\"name\":\"n\"}", "[n] [n]" },
	{ "{{#l}}\n{{>row}}\n{{/l}}\n", "{\"l\":[{\"id\":1},{\"id\":2}]}",
	    "  1\n  2\n" },
	{ "<a href=\"{{u}}\">", "{\"u\":\"https://x/?a=1&b=2\"}",
	    "<a href=\"https://x/?a=1&amp;b=2\">" },
	{ "<a href=\"{{u}}\">", "{\"u\":\"javascript:alert(1)\"}",
	    "<a href=\"#\">" },
	{ "<a href=\"{{u}}\">", "{\"u\":\" \\tJaVa\\nScript:alert(1)\"}",
	    "<a href=\"#\">" },
	{ "<a href=\"{{u}}{{v}}\">", "{\"u\":\"java\",\"v\":\"script:x\"}",
	    "<a href=\"java#\">" },
	{ "<a href=\"{{#n}}/{{/n}}{{u}}\">", "{\"n\":null,\"u\":\"data:x\"}",
	    "<a href=\"#\">" },
	{ "<a href=\"/x/{{u}}\">", "{\"u\":\"a:b\"}", "<a href=\"/x/a:b\">" },
	{ "<A HREF = \"{{u}}\">", "{\"u\":\"vbscript:x\"}", "<A HREF = \"#\">" },
	{ "<a title=\"{{u}}\">", "{\"u\":\"data:x\"}", "<a title=\"data:x\">" },
	{ "<title>{{u}}</title>", "{\"u\":\"<b>\"}",
	    "<title>&lt;b&gt;</title>" },
	{ "<p class=\"a {{#b}}on{{/b}}\">{{c}}</p>", "{\"b\":true,\"c\":\"d\"}",
	    "<p class=\"a on\">d</p>" },
	{ "1 < 2 {{x}}", "{\"x\":3}", "1 < 2 3" },
	{ "<!DOCTYPE html><!-- c --><p>{{x}}", "{\"x\":3}",
	    "<!DOCTYPE html><!-- c --><p>3" },
	{ "<script>if (a<b) \"{{\" + '}}'</script>", "{}", NULL },
	{ "<script src=\"/x.js\"></script>{{x}}", "{\"x\":3}",
	    "<script src=\"/x.js\"></script>3" },
	{ "<style>p{}</style ><p>{{x}}", "{\"x\":1}",
	    "<style>p{}</style ><p>1" },
};

static void
test_good(void **state)
{
	(void)state;
	for (size_t i = 0; i < N(good); i++) {
		ARENA_SCOPED a = ARENA_INIT;
		BUF_SCOPED b = BUF_INIT;
		struct val *m = json(&a, good[i].model);
		struct err e = { 0 };

		buf_puts(&b, "");
		int r = fill(&a, good[i].text, TEMPLATE_HTML, NULL, m, &b, &e);
		if (good[i].out == NULL) {
			assert_int_equal(r, -ERR_INPUT);
			continue;
		}
		if (r != 0 || strcmp(b.ptr, good[i].out) != 0)
			fail_msg("%s: %s %s: %s", good[i].text, e.where, e.what,
			    b.ptr);
	}
}

/* Refused when loading against the sample. */
static const struct {
	const char *text;
	const char *where;
	const char *what;
} bad[] = {
	{ "a\nb {{missing}}", "t:2", "no \"missing\"" },
	{ "{{m.missing}}", "t:1", "no \"m.missing\"" },
	{ "{{#missing}}x{{/missing}}", "t:1", "no \"missing\"" },
	{ "{{^missing}}x{{/missing}}", "t:1", "no \"missing\"" },
	{ "{{#l}}\n\n{{missing}}{{/l}}", "t:3", "no \"missing\"" },
	{ "{{#l}}{{/m}}", "t:1", "closes nothing" },
	{ "\n{{/m}}", "t:2", "closes nothing" },
	{ "\n{{#l}}\n", "t:2", "not closed" },
	{ "{{x", "t:1", "not closed" },
	{ "{{}}", "t:1", "not a name" },
	{ "{{a b}}", "t:1", "not a name" },
	{ "{{.a}}", "t:1", "not a name" },
	{ "{{a..b}}", "t:1", "not a name" },
	{ "{{a.}}", "t:1", "not a name" },
	{ "{{{x}}}", "t:1", "raw" },
	{ "{{&x}}", "t:1", "raw" },
	{ "{{=<% %>=}}", "t:1", "raw" },
	{ "{{l}}", "t:1", "list or map" },
	{ "{{m}}", "t:1", "list or map" },
	{ "{{#empty}}{{x}}{{/empty}}", "t:1", "nothing in \"empty\"" },
	{ "{{>nowhere}}", "t:1", "no part" },
	{ "{{>self}}", "self:1", "too deeply" },
	{ "{{>bad}}", "bad:2", "no \"nothing\"" },
	{ "<p title={{x}}>", "t:1", "double quotes" },
	{ "<p title='{{x}}'>", "t:1", "double quotes" },
	{ "<p title=a{{x}}>", "t:1", "double quotes" },
	{ "<p {{x}}>", "t:1", "within a tag" },
	{ "<p {{x}}=\"a\">", "t:1", "within a tag" },
	{ "<{{x}}>", "t:1", "within a tag" },
	{ "<h{{x}}>", "t:1", "within a tag" },
	{ "</{{x}}>", "t:1", "within a tag" },
	{ "<p onclick=\"{{x}}\">", "t:1", "code" },
	{ "<p OnClick=\"f('{{x}}')\">", "t:1", "code" },
	{ "<p style=\"{{x}}\">", "t:1", "code" },
	{ "<img srcset=\"{{x}}\">", "t:1", "code" },
	{ "<iframe srcdoc=\"{{x}}\">", "t:1", "code" },
	{ "<script>{{x}}</script>", "t:1", "script" },
	{ "<SCRIPT type=\"a\">\n{{x}}</SCRIPT>", "t:2", "script" },
	{ "<script></scriptx>{{x}}</script>", "t:1", "script" },
	{ "<style>{{x}}</style>", "t:1", "script" },
	{ "<!-- {{x}} -->", "t:1", "comment" },
	{ "<!DOCTYPE {{x}}>", "t:1", "comment" },
	{ "<p title=\"{{x}}", "t:1", "ends within" },
	{ "<script>", "t:1", "ends within" },
	{ "{{#l}}<p title=\"{{/l}}\">", "t:1", "another place" },
	{ "{{#x}}<script>{{/x}}</script>", "t:1", "another place" },
	{ "{{>open}}{{x}}", "t:1", "ends within" },
};

static void
test_bad(void **state)
{
	(void)state;
	for (size_t i = 0; i < N(bad); i++) {
		ARENA_SCOPED a = ARENA_INIT;
		BUF_SCOPED b = BUF_INIT;
		struct val *m = json(&a, "{\"x\":\"v\",\"l\":[{\"id\":1}],"
		    "\"m\":{\"id\":1},\"empty\":[]}");
		struct err e = { 0 };

		int r = fill(&a, bad[i].text, TEMPLATE_HTML, m, m, &b, &e);
		if (r != -ERR_INPUT || strcmp(e.where, bad[i].where) != 0 ||
		    strstr(e.what, bad[i].what) == NULL)
			fail_msg("%s: %d %s: %s", bad[i].text, r, e.where,
			    e.what);
		assert_int_equal(b.len, 0);
	}
}

static void
test_sample(void **state)
{
	ARENA_SCOPED a = ARENA_INIT;
	BUF_SCOPED b = BUF_INIT;
	struct err e = { 0 };
	/* the elements of a list count together */
	struct val *sample = json(&a, "{\"l\":[{\"a\":1,\"b\":[{\"c\":1}]},"
	    "{\"d\":null,\"b\":[]}],\"n\":null}");
	const char *text = "{{#l}}{{a}}{{d}}{{#b}}{{c}}{{a}}{{/b}}{{/l}}{{n}}";

	(void)state;
	assert_int_equal(fill(&a, text, TEMPLATE_HTML, sample, json(&a,
	    "{\"l\":[{\"a\":1,\"d\":2,\"b\":[{\"c\":3}]}],\"n\":4}"), &b, &e), 0);
	assert_string_equal(b.ptr, "12314");
	/* the model lacks a name: nothing is written */
	buf_reset(&b);
	buf_puts(&b, "before");
	assert_int_equal(fill(&a, text, TEMPLATE_HTML, sample, json(&a,
	    "{\"l\":[{\"a\":1,\"b\":[{\"c\":3}]}],\"n\":4}"), &b, &e), -ERR_INPUT);
	assert_string_equal(e.where, "t:1");
	assert_string_equal(b.ptr, "before");
}

static void
test_modes(void **state)
{
	ARENA_SCOPED a = ARENA_INIT;
	BUF_SCOPED b = BUF_INIT;
	struct val *m = json(&a, "{\"x\":\"a*b <c>\\nd\",\"n\":-5}");
	struct err e = { 0 };

	(void)state;
	assert_int_equal(fill(&a, "<{{x}}> {{n}}", TEMPLATE_TEXT, m, m, &b, &e),
	    0);
	assert_string_equal(b.ptr, "<a*b <c>\nd> -5");
	buf_reset(&b);
	assert_int_equal(fill(&a, "*{{x}}*", TEMPLATE_MARKDOWN, m, m, &b, &e), 0);
	assert_string_equal(b.ptr, "*a\\*b \\<c\\> d*");
	/* and whatever the text, Markdown gives it back as text */
	static const char nasty[] = "# h *e* _u_ [l](javascript:x) <b>&amp; `c` "
	    "1. x - y + z | ~~s~~ ![i](u) === --- \\ \"q\" 'r'";
	val_put(&a, m, "x", val_text(&a, nasty));
	buf_reset(&b);
	assert_int_equal(fill(&a, "{{x}}", TEMPLATE_MARKDOWN, m, m, &b, &e), 0);
	struct md *md = NULL;
	assert_int_equal(markdown_parse(&a, "t", buf_str(&b), &md, &e), 0);
	assert_int_equal(md->child->kind, MD_PARA);
	assert_int_equal(md->child->child->kind, MD_TEXT);
	assert_null(md->child->child->next);
	assert_str(md->child->child->text, nasty);
}

static void
test_html_value(void **state)
{
	ARENA_SCOPED a = ARENA_INIT;
	BUF_SCOPED b = BUF_INIT;
	struct val *m = val_map(&a), *h = NULL;
	struct err e = { 0 };

	(void)state;
	assert_int_equal(markdown_html(&a, "m", STR("*x* <b>"), &h, &e), 0);
	val_put(&a, m, "h", h);
	assert_int_equal(fill(&a, "<div>{{h}}</div>", TEMPLATE_HTML, m, m, &b,
	    &e), 0);
	assert_string_equal(b.ptr,
	    "<div><p><em>x</em> &lt;b&gt;</p>\n</div>");
	assert_int_equal(fill(&a, "<p title=\"{{h}}\">", TEMPLATE_HTML, m, m, &b,
	    &e), -ERR_INPUT);
	assert_int_equal(fill(&a, "{{h}}", TEMPLATE_TEXT, m, m, &b, &e),
	    -ERR_INPUT);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_bad),
		cmocka_unit_test(test_sample),
		cmocka_unit_test(test_modes),
		cmocka_unit_test(test_html_value),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
