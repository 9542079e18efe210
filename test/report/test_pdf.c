/* The PDF writer: by what other programs read out of its files, and by what
 * must hold of every layout. */
#include "report/pdf.h"

#include "base/clock.h"
#include "report/pdf_layout.h"
#include "sample.h"
#include "sys/proc.h"

#include <unistd.h>

static void
write_pdf(const struct doc *d, struct buf *out, struct report_result *ret)
{
	struct err e = { 0 };

	if (pdf_write(d, out, ret, &e) != 0)
		fail_msg("%s: %s", e.what, e.where);
}

/* What ${argv} says of ${pdf}, read from a file; NULL: no such program. */
static char *
said(struct arena *a, const char *const *argv, const struct buf *pdf)
{
	const char *copy[12] = { NULL };
	char path[] = "/tmp/tm_pdf_XXXXXX";
	BUF_SCOPED out = BUF_INIT;
	struct proc_end end;
	struct err e = { 0 };
	char found[256];
	int fd;

	if (!proc_find(argv[0], found, sizeof(found)))
		return (NULL);
	assert_true((fd = mkstemp(path)) >= 0);
	assert_int_equal(write(fd, pdf->ptr, pdf->len), (ssize_t)pdf->len);
	close(fd);
	for (int i = 0; argv[i] != NULL && i < 11; i++)
		copy[i] = strcmp(argv[i], "@") == 0 ? path : argv[i];
	struct proc_opts o = { .argv = copy };
	assert_int_equal(proc_run(&o, STR_NULL, (size_t)64 << 20, &out, NULL,
	    &end, &e), 0);
	unlink(path);
	if (!proc_ok(&end))
		fail_msg("%s: %s", argv[0], end.words);
	return (arena_strndup(a, out.ptr != NULL ? out.ptr : "", out.len));
}
#define SAID(a, pdf, ...)                                                      \
	said(a, (const char *const[]){ __VA_ARGS__, NULL }, pdf)

static void
must(const char *text, const char *wanted)
{
	if (strstr(text, wanted) == NULL)
		fail_msg("'%s' is not in: %.2000s", wanted, text);
}

/* Each of the texts after the one before it. */
static void
in_order(const char *text, const char *const *wanted)
{
	for (; *wanted != NULL; wanted++) {
		const char *at = strstr(text, *wanted);
		if (at == NULL)
			fail_msg("'%s' is not in, or not after what comes before "
			    "it: %.3000s", *wanted, text);
		text = at + strlen(*wanted);
	}
}

static void
test_same_bytes(void **state)
{
	ARENA_SCOPED a = ARENA_INIT;
	struct report_result r = { 0 };
	BUF_SCOPED one = BUF_INIT;
	BUF_SCOPED two = BUF_INIT;

	(void)state;
	write_pdf(sample(&a, 60), &one, &r);
	write_pdf(sample(&a, 60), &two, &r);
	assert_int_equal(one.len, two.len);
	assert_memory_equal(one.ptr, two.ptr, one.len);
	assert_memory_equal(one.ptr, "%PDF-1.7\n", 9);
	assert_string_equal(one.ptr + one.len - 6, "%%EOF\n");
	assert_int_equal(r.missing_glyphs, 0);
	assert_in_range(r.pages, 5, 12);
}

static void
test_readers(void **state)
{
	static const char *const order[] = { "Kind of document", "The title",
		"Value of the fact", "Contents", "First things",
		"Plain words, then bold, italic, code(), a look at the second "
		"section (page",
		"A heading of level two", "a bullet", "the third", "Careful",
		"Inside the note.", "Sign here", "Term", "Its meaning.",
		"SELECT 1", "Caption of the table", "ROW-00000", "ROW-00059", NULL };
	ARENA_SCOPED a = ARENA_INIT;
	struct report_result r = { 0 };
	BUF_SCOPED pdf = BUF_INIT;
	char *text;

	(void)state;
	write_pdf(sample(&a, 60), &pdf, &r);
	if ((text = SAID(&a, &pdf, "qpdf", "--check", "@")) == NULL)
		skip();
	must(text, "No syntax or stream encoding errors");
	text = SAID(&a, &pdf, "pdfinfo", "-isodates", "@");
	must(text, "Title:           The title");
	must(text, "Author:          Organisation & Co <i>");
	must(text, "Tagged:          yes");
	must(text, "2026-11-24T00:00:00Z");
	must(text, arena_printf(&a, "Pages:           %d", r.pages));
	text = SAID(&a, &pdf, "pdffonts", "@");
	must(text, "Lato-Regular");
	assert_null(strstr(text, " no "));
	text = SAID(&a, &pdf, "pdftotext", "@", "-");
	in_order(text, order);
	must(text, arena_printf(&a, "Page 2 of %d", r.pages));
	/* The watermark is a decoration, not text to be copied. */
	assert_null(strstr(text, "something is missing"));
}

static void
test_structure(void **state)
{
	ARENA_SCOPED a = ARENA_INIT;
	struct report_result r;
	BUF_SCOPED pdf = BUF_INIT;
	char *text;

	(void)state;
	write_pdf(sample(&a, 5), &pdf, &r);
	if ((text = SAID(&a, &pdf, "qpdf", "--qdf", "--object-streams=disable",
		 "@", "-")) == NULL)
		skip();
	must(text, "/Lang (en)");
	must(text, "/DisplayDocTitle true");
	must(text, "/Marked true");
	must(text, "/Title (Section I. First things)");
	must(text, "/Title (A heading of level three)");
	must(text, "/URI (https://example.org/)");
	must(text, "/Subtype /Watermark");
	must(text, "/Subtype /Footer");
	must(text, "/PageLabels");
	text = SAID(&a, &pdf, "pdfinfo", "-struct-text", "@");
	static const char *const order[] = { "Document", "TOC", "TOCI", "H1",
		"Section I First things", "H2", "A heading of level two", "L ", "LI", "Lbl",
		"LBody", "a bullet", "Table", "Caption", "TR", "TH",
		"/Scope /Column", "\"Id\"", "/Scope /Row", "/ColSpan 4", "TD",
		"\"a few words\"", NULL };
	in_order(text, order);
}

/* Every box of a layout on its page, in order, headings not at the end. */
static void
check_pages(const struct pdf_layout *l)
{
	for (size_t p = 0; p < l->npages; p++) {
		const struct pdf_page *page = &l->pages[p];
		int32_t y = PDF_TOP;
		for (size_t i = 0; i < page->n; i++) {
			const struct pdf_place *pl = &page->places[i];
			assert_int_equal(pl->y, y);
			y += pl->h;
			assert_in_range(y, PDF_TOP, PDF_PAGE_H - PDF_BOTTOM);
		}
		assert_true(page->n > 0);
		const struct pdf_box *last = page->places[page->n - 1].box;
		if (p + 1 < l->npages && last->block != NULL &&
		    page->places[page->n - 1].cut == NULL)
			assert_false(last->block->kind == DOC_HEADING);
	}
}

/* Rows that were laid out: each once, or in parts that follow each other. */
static size_t
count_rows(const struct pdf_layout *l)
{
	size_t n = 0;

	for (size_t p = 0; p < l->npages; p++)
		for (size_t i = 0; i < l->pages[p].n; i++) {
			const struct pdf_place *pl = &l->pages[p].places[i];
			n += pl->box->kind == PDF_BOX_ROW && !pl->repeated &&
			    (pl->cut == NULL || pl->cut->last);
		}
	return (n);
}

static void
lay_out(struct arena *a, const struct doc *d, size_t rows)
{
	struct pdf_fonts fonts;
	struct pdf_layout l;
	struct err e = { 0 };

	if (pdf_font_open(&fonts, a, &e) != 0)
		fail_msg("%s: %s", e.what, e.where);
	pdf_layout_run(&l, &fonts, a, d);
	check_pages(&l);
	assert_int_equal(count_rows(&l), rows);
	pdf_font_close(&fonts);
}

static void
test_long_table(void **state)
{
	ARENA_SCOPED a = ARENA_INIT;
	struct doc *d = sample(&a, 10000);

	(void)state;
	lay_out(&a, d, 10000 + 500 + 1);
}

static void
test_header_repeats(void **state)
{
	ARENA_SCOPED a = ARENA_INIT;
	struct pdf_fonts fonts;
	struct pdf_layout l;
	size_t pages = 0;

	(void)state;
	assert_int_equal(pdf_font_open(&fonts, &a, NULL), 0);
	pdf_layout_run(&l, &fonts, &a, sample(&a, 100));
	for (size_t p = 0; p < l.npages; p++) {
		const struct pdf_place *first = &l.pages[p].places[0];
		if (first->box->kind != PDF_BOX_ROW)
			continue;
		pages++;
		assert_true(first->repeated);
		assert_true(first->box->row->block->flags & DOC_ROW_HEAD);
		/* Then the band that names the rows, unless one begins here. */
		assert_true(first[1].box->row->block->flags & DOC_ROW_BAND);
	}
	assert_true(pages > 3);
	pdf_font_close(&fonts);
}

/* A cell that is longer than a page goes on, on the next one. */
static void
test_tall_cell(void **state)
{
	static const struct doc_col cols[] = { { 1, DOC_LEFT, false },
		{ 1, DOC_LEFT, false } };
	ARENA_SCOPED a = ARENA_INIT;
	struct doc *d = doc_new(&a);
	struct doc_block *s = doc_section(d, "s", "", "S"), *t, *row, *c;
	BUF_SCOPED pdf = BUF_INIT;
	struct report_result r;

	(void)state;
	t = doc_table(d, s, cols, 2, NULL);
	doc_head(d, t, "Left", "Right", NULL);
	row = doc_row(d, t, 0);
	doc_celltext(d, row, 0, STR("short"));
	c = doc_cell(d, row, 1);
	for (int i = 0; i < 200; i++)
		doc_paraf(d, c, "line %d", i);
	lay_out(&a, d, 2);
	write_pdf(d, &pdf, &r);
	char *text = SAID(&a, &pdf, "pdftotext", "@", "-");
	if (text == NULL)
		skip();
	for (int i = 0; i < 200; i++) {
		const char *line = arena_printf(&a, "line %d\n", i);
		const char *at = strstr(text, line);
		assert_non_null(at);
		assert_null(strstr(at + 1, line));
	}
}

static void
test_hostile(void **state)
{
	static const struct doc_col narrow[] = { { 0, DOC_LEFT, false },
		{ 0, DOC_LEFT, false }, { 0, DOC_LEFT, false },
		{ 0, DOC_LEFT, false }, { 0, DOC_LEFT, false },
		{ 0, DOC_LEFT, false } };
	ARENA_SCOPED a = ARENA_INIT;
	struct doc *d = doc_new(&a);
	struct doc_block *s = doc_section(d, "s", "", ""), *t, *row, *l;
	BUF_SCOPED pdf = BUF_INIT;
	struct report_result r = { 0 };
	char *word = arena_alloc(&a, 20001);

	(void)state;
	memset(word, 'w', 20000);
	doc_paraf(d, s, "before %s after", word);
	doc_paraf(d, s, "%s", "");
	doc_paraf(d, s, "     ");
	doc_run(d, doc_para(d, s), 0, (struct str){ "bad \xff\xc0\x80 bytes", 13 });
	doc_paraf(d, s, "עברית שלום עולם, العربية, 日本語の文章, 😀👩‍👩‍👧, e\xcc\x81");
	t = doc_table(d, s, narrow, 6, NULL);
	row = doc_row(d, t, 0);
	for (int i = 0; i < 9; i++) /* more cells than columns */
		doc_celltext(d, row, 0, str_from(word));
	doc_table(d, s, narrow, 6, "no rows");
	doc_row(d, t, DOC_ROW_HEAD);
	doc_list(d, s, 0);
	l = s;
	for (int i = 0; i < 60; i++)
		l = doc_item(d, doc_list(d, l, 1));
	doc_paraf(d, l, "deep down %s", "words and words and words");
	doc_note(d, s, DOC_NOTE_INFO, NULL);
	d->title = str_from(word);
	d->head = str_from(word);
	lay_out(&a, d, 2);
	write_pdf(d, &pdf, &r);
	assert_true(r.missing_glyphs > 0);
	char *text = SAID(&a, &pdf, "qpdf", "--check", "@");
	if (text == NULL)
		skip();
	must(text, "No syntax or stream encoding errors");
	text = SAID(&a, &pdf, "pdftotext", "@", "-");
	must(text, "日本語"); /* boxes on paper, still text */
	must(text, "שלום");
}

static void
test_empty(void **state)
{
	ARENA_SCOPED a = ARENA_INIT;
	BUF_SCOPED pdf = BUF_INIT;
	struct report_result r = { 0 };

	(void)state;
	write_pdf(doc_new(&a), &pdf, &r);
	assert_int_equal(r.pages, 1);
	char *text = SAID(&a, &pdf, "qpdf", "--check", "@");
	if (text != NULL)
		must(text, "No syntax or stream encoding errors");
}

static void
test_no_font(void **state)
{
	struct font *f = NULL;
	struct err e = { 0 };

	(void)state;
	assert_int_equal(font_open(&f, "nonsense", 8, &e), -ERR_INPUT);
	assert_int_equal(font_open(&f, "", 0, &e), -ERR_INPUT);
	/* A font that is cut off has no outlines. */
	assert_int_equal(font_open(&f, pdf_font_files[0].data, 300, &e),
	    -ERR_INPUT);
	assert_null(f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_same_bytes),
		cmocka_unit_test(test_readers),
		cmocka_unit_test(test_structure),
		cmocka_unit_test(test_long_table),
		cmocka_unit_test(test_header_repeats),
		cmocka_unit_test(test_tall_cell),
		cmocka_unit_test(test_hostile),
		cmocka_unit_test(test_empty),
		cmocka_unit_test(test_no_font),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
