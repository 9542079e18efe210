/* Markdown: the tree, the HTML, and what is not let through. */
#include "unit.h"

#include "text/markdown.h"

static const struct {
	const char *in;
	const char *html;
} pairs[] = {
	{ "", "" },
	{ "# A *b* (CC6.1)\n\n## A b\n# A b CC6.1",
	    "<h1 id=\"a-b-cc6-1\">A <em>b</em> (CC6.1)</h1>\n"
	    "<h2 id=\"a-b\">A b</h2>\n<h1 id=\"a-b-cc6-1-2\">A b CC6.1</h1>\n" },
	{ "# !\n# !", "<h1 id=\"section\">!</h1>\n<h1 id=\"section-2\">!</h1>\n" },
	{ "a\nb  \nc", "<p>a\nb<br>\nc</p>\n" },
	{ "**a** ~~b~~ `c<d`", "<p><strong>a</strong> <del>b</del> "
	    "<code>c&lt;d</code></p>\n" },
	{ "- a\n- b", "<ul>\n<li>a</li>\n<li>b</li>\n</ul>\n" },
	{ "- a\n\n- b", "<ul>\n<li><p>a</p>\n</li>\n<li><p>b</p>\n</li>\n</ul>\n" },
	{ "3. a\n   - b", "<ol start=\"3\">\n<li>a\n<ul>\n<li>b</li>\n</ul>\n"
	    "</li>\n</ol>\n" },
	{ "> a", "<blockquote><p>a</p>\n</blockquote>\n" },
	{ "```sql x\nSELECT '<';\n```", "<pre><code class=\"language-sql\">"
	    "SELECT &#39;&lt;&#39;;\n</code></pre>\n" },
	{ "```a\"b\nx\n```", "<pre><code class=\"language-a&quot;b\">x\n"
	    "</code></pre>\n" },
	{ "---", "<hr>\n" },
	{ "| a | b |\n|---|--:|\n| c | *d* |\n| e\\|f |",
	    "<table>\n<thead>\n<tr><th scope=\"col\">a</th>"
	    "<th scope=\"col\" class=\"right\">b</th></tr>\n</thead>\n<tbody>\n"
	    "<tr><td>c</td><td class=\"right\"><em>d</em></td></tr>\n"
	    "<tr><td>e|f</td><td class=\"right\"></td></tr>\n"
	    "</tbody>\n</table>\n" },
	{ "[a](https://x.example/?a=1&b=2 \"t\")",
	    "<p><a href=\"https://x.example/?a=1&amp;b=2\">a</a></p>\n" },
	{ "[a](../b.md#c)", "<p><a href=\"../b.md#c\">a</a></p>\n" },
	{ "[a](javascript:alert(1))", "<p>a</p>\n" },
	{ "[a](JAVASCRIPT:alert(1))", "<p>a</p>\n" },
	{ "[a](java&#10;script:alert(1))", "<p>a</p>\n" },
	{ "[a](&#106;avascript:alert(1))", "<p>a</p>\n" },
	{ "[a](data:text/html;base64,x)", "<p>a</p>\n" },
	{ "<javascript:alert(1)>", "<p>javascript:alert(1)</p>\n" },
	{ "<https://x.example>", "<p><a href=\"https://x.example\">"
	    "https://x.example</a></p>\n" },
	{ "![alt *x*](https://x.example/i.png)", "<p><a href=\""
	    "https://x.example/i.png\">alt <em>x</em></a></p>\n" },
	{ "a <b onclick=x>c</b>", "<p>a &lt;b onclick=x&gt;c&lt;/b&gt;</p>\n" },
	{ "<script>\nalert(1)\n</script>", "<pre><code>&lt;script&gt;\nalert(1)\n"
	    "&lt;/script&gt;\n</code></pre>\n" },
	{ "<!-- hidden -->\n\na <!-- b -->c", "<p>a c</p>\n" },
	{ "<!-- x --> <b> <!-- y -->", "<pre><code>&lt;!-- x --&gt; &lt;b&gt; "
	    "&lt;!-- y --&gt;\n</code></pre>\n" },
	{ "&lt;b&gt; &amp; \\*x\\*", "<p>&lt;b&gt; &amp; *x*</p>\n" },
	{ "caf\xc3\xa9", "<p>caf\xc3\xa9</p>\n" },
};

static void
test_html(void **state)
{
	(void)state;
	for (size_t i = 0; i < N(pairs); i++) {
		ARENA_SCOPED a = ARENA_INIT;
		struct val *v = NULL;
		struct err e = { 0 };

		if (markdown_html(&a, "t", str_from(pairs[i].in), &v, &e) != 0)
			fail_msg("%s: %s", pairs[i].in, e.what);
		assert_int_equal(v->type, VAL_HTML);
		if (!str_is(v->u.s, pairs[i].html))
			fail_msg("%s:\n" STR_FMT, pairs[i].in, STR_ARG(v->u.s));
	}
}

static void
test_tree(void **state)
{
	ARENA_SCOPED a = ARENA_INIT;
	struct md *d = NULL, *m;
	struct err e = { 0 };

	(void)state;
	assert_int_equal(markdown_parse(&a, "t", STR("# Title\n\nA **b** [c](/d)\n"
	    "e\n\n1. one\n2. two\n\n| h | i |\n|:-:|---|\n| j | k |\n\n"
	    "```yaml\nx: 1\n```\n"), &d, &e), 0);
	assert_int_equal(d->kind, MD_DOC);
	m = d->child;
	assert_int_equal(m->kind, MD_HEADING);
	assert_int_equal(m->level, 1);
	assert_int_equal(m->line, 1);
	assert_str(markdown_plain(&a, m), "Title");
	m = m->next;
	assert_int_equal(m->kind, MD_PARA);
	assert_int_equal(m->line, 3);
	assert_str(markdown_plain(&a, m), "A b c e");
	assert_int_equal(m->child->next->kind, MD_STRONG);
	assert_int_equal(m->child->next->next->next->kind, MD_LINK);
	assert_str(m->child->next->next->next->url, "/d");
	m = m->next;
	assert_int_equal(m->kind, MD_LIST);
	assert_true(m->ordered && m->tight && m->start == 1);
	assert_int_equal(m->child->kind, MD_ITEM);
	assert_str(markdown_plain(&a, m), "one two");
	m = m->next;
	assert_int_equal(m->kind, MD_TABLE);
	assert_true(m->child->header);
	assert_int_equal(m->child->child->align, 'c');
	assert_int_equal(m->child->child->next->align, 0);
	assert_false(m->child->next->header);
	assert_int_equal(m->child->next->child->align, 'c');
	assert_str(markdown_plain(&a, m->child->next), "j k");
	m = m->next;
	assert_int_equal(m->kind, MD_CODE);
	assert_str(m->url, "yaml");
	assert_str(m->text, "x: 1\n");
	assert_null(m->next);
}

static int
parse(const struct buf *b, struct err *e)
{
	ARENA_SCOPED a = ARENA_INIT;
	struct md *d;

	return (markdown_parse(&a, "t", buf_str(b), &d, e));
}

static void
repeat(struct buf *b, const char *s, int n)
{
	buf_reset(b);
	for (int i = 0; i < n; i++)
		buf_puts(b, s);
}

static void
test_limits(void **state)
{
	BUF_SCOPED b = BUF_INIT;
	struct err e = { 0 };

	(void)state;
	buf_puts(&b, "a\n\n\xff");
	assert_int_equal(parse(&b, &e), -ERR_INPUT);
	assert_string_equal(e.where, "t:3");
	buf_reset(&b);
	buf_put(&b, "a\nb\0c", 5);
	assert_int_equal(parse(&b, &e), -ERR_INPUT);
	assert_string_equal(e.where, "t:2");
	repeat(&b, "x", (1 << 20) + 1);
	assert_int_equal(parse(&b, &e), -ERR_LIMIT);
	repeat(&b, ">", 20);
	buf_puts(&b, "x");
	assert_int_equal(parse(&b, &e), 0);
	repeat(&b, "> ", 40);
	buf_puts(&b, "x");
	assert_int_equal(parse(&b, &e), -ERR_INPUT);
	assert_non_null(strstr(e.what, "deep"));
	assert_non_null(strstr(e.where, "t:1"));
	repeat(&b, ">", 500000);
	assert_int_equal(parse(&b, &e), -ERR_INPUT);
	repeat(&b, "- ", 50000);
	buf_puts(&b, "x");
	assert_int_equal(parse(&b, &e), -ERR_INPUT);
	/* rules are no lists */
	repeat(&b, "-", 200);
	assert_int_equal(parse(&b, &e), 0);
	repeat(&b, "* ", 30);
	assert_int_equal(parse(&b, &e), 0);
	/* headings of one name: no search that grows with their number */
	repeat(&b, "# a\n", 100000);
	assert_int_equal(parse(&b, &e), 0);
	ARENA_SCOPED a = ARENA_INIT;
	struct val *v;
	assert_int_equal(markdown_html(&a, "t", buf_str(&b), &v, &e), 0);
	assert_true(str_find(v->u.s, "\"a-100000\"") > 0);
	/* what takes cmark minutes */
	repeat(&b, "![[]()", 100000);
	assert_int_equal(parse(&b, &e), -ERR_LIMIT);
	repeat(&b, "*a **b ", 20000);
	(void)parse(&b, &e);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_html),
		cmocka_unit_test(test_tree),
		cmocka_unit_test(test_limits),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
