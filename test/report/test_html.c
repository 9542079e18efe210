/* The HTML writer: nothing of a record becomes markup. */
#include "report/html.h"

#include "report/report.h"
#include "sample.h"

static char *
write_html(struct arena *a, const struct doc *d)
{
	BUF_SCOPED out = BUF_INIT;
	struct report_result r = { 0 };

	assert_int_equal(html_write(d, &out, &r, NULL), 0);
	return (arena_strndup(a, out.ptr, out.len));
}

static void
must(const char *text, const char *wanted)
{
	if (strstr(text, wanted) == NULL)
		fail_msg("'%s' is not in: %.3000s", wanted, text);
}

static void
test_whole(void **state)
{
	ARENA_SCOPED a = ARENA_INIT;
	char *one = write_html(&a, sample(&a, 30));

	(void)state;
	assert_string_equal(one, write_html(&a, sample(&a, 30)));
	must(one, "<!doctype html>\n<html lang=\"en\">");
	must(one, "<title>The title</title>");
	must(one, "<section id=\"one\">");
	must(one, "<h3 id=\"head2\">A heading of level two");
	must(one, "<a href=\"#two\">the second section</a>");
	must(one, "<a rel=\"noreferrer\" href=\"https://example.org/\">link</a>");
	must(one, "<thead>\n<tr><th scope=\"col\" class=\"n\">Id</th>");
	must(one, "<th scope=\"row\" class=\"n\"><strong>ROW-00000</strong></th>");
	must(one, "<th scope=\"rowgroup\" colspan=\"4\">Rows from 0</th>");
	must(one, "<caption>Caption of the table</caption>");
	must(one, "<ol start=\"3\">");
	must(one, "content:\"Running head\"");
	must(one, "prefers-color-scheme:dark");
	must(one, "DRAFT");
	/* It stands alone and runs nothing. */
	assert_null(strstr(one, "<script"));
	assert_null(strstr(one, "src="));
	assert_null(strstr(one, "url("));
	assert_null(strstr(one, "@import"));
	assert_null(strstr(one, "<link"));
}

#define XSS "</title></style><script>alert(1)</script>\"'><img src=x onerror=a>"

static void
test_escapes(void **state)
{
	ARENA_SCOPED a = ARENA_INIT;
	struct doc *d = sample(&a, 1);
	struct doc_block *s, *p, *n;

	(void)state;
	d->title = d->kicker = d->subtitle = d->author = d->head = d->foot =
	    d->watermark = d->watermark_reason = d->title_note = d->lang =
	    STR(XSS);
	doc_fact(d, XSS, XSS);
	s = doc_section(d, XSS, XSS, XSS);
	doc_heading(d, s, 2, "\"><b>", XSS);
	p = doc_para(d, s);
	doc_text(d, p, XSS);
	doc_ref(d, p, XSS, XSS);
	doc_link(d, p, "javascript:alert(1)", STR(XSS));
	doc_link(d, p, "https://example.org/\"onmouseover=alert(1)", STR(XSS));
	doc_link(d, p, "https://example.org/ x", STR("space"));
	n = doc_note(d, s, DOC_NOTE_FORM, XSS);
	doc_blank(d, n, XSS, 1);
	doc_code(d, s, STR(XSS));
	static const struct doc_col col = { 1, DOC_LEFT, false };
	p = doc_table(d, s, &col, 1, XSS);
	doc_celltext(d, doc_row(d, p, 0), DOC_BOLD, STR(XSS));
	char *html = write_html(&a, d);
	assert_null(strstr(html, "<script"));
	assert_null(strstr(html, "<img"));
	assert_null(strstr(html, "<b>"));
	assert_null(strstr(html, "href=\"javascript"));
	assert_null(strstr(html, "\"onmouseover"));
	/* The only end of the styles is their own. */
	char *style = strstr(html, "</style>");
	assert_non_null(style);
	assert_null(strstr(style + 1, "</style>"));
	must(style, "&lt;script&gt;alert(1)");
}

static void
test_endings(void **state)
{
	const struct report_writer *w = NULL;
	struct err e = { 0 };

	(void)state;
	assert_int_equal(report_writer("a/b.PDF", &w, &e), 0);
	assert_string_equal(w->ending, ".pdf");
	assert_int_equal(report_writer("x.html", &w, &e), 0);
	assert_string_equal(w->ending, ".html");
	w = NULL;
	assert_int_equal(report_writer("x.docx", &w, &e), -ERR_USAGE);
	assert_non_null(strstr(e.fix, ".pdf"));
	assert_non_null(strstr(e.fix, ".html"));
	assert_int_equal(report_writer("x", &w, &e), -ERR_USAGE);
	assert_int_equal(report_writer("dir.pdf/x", &w, &e), -ERR_USAGE);
	assert_null(w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_whole),
		cmocka_unit_test(test_escapes),
		cmocka_unit_test(test_endings),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
