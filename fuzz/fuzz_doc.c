/*
 * Documents made of random blocks and text: the layout keeps every line on its
 * page, both writers come to an end, and nothing in the text becomes markup.
 */
#include "report/html.h"
#include "report/pdf.h"
#include "report/pdf_layout.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct input {
	const uint8_t *p, *end;
	struct arena *a;
};

static unsigned
take(struct input *in)
{
	return (in->p < in->end ? *in->p++ : 0);
}

static struct str
words(struct input *in)
{
	size_t n = take(in), left = (size_t)(in->end - in->p);
	struct str s;

	if (n == 255) /* a very long word */
		n = 3000;
	s = (struct str){ (const char *)in->p, n < left ? n : left };
	in->p += s.len;
	return (s);
}

static const char *
text(struct input *in)
{
	struct str s = words(in);

	return (arena_strndup(in->a, s.ptr, s.len));
}

static void
runs(struct input *in, struct doc *d, struct doc_block *b)
{
	for (unsigned n = take(in) % 4 + 1; n > 0; n--) {
		switch (take(in) % 5) {
		case 0:
			doc_run(d, b, take(in) % 32, words(in));
			break;
		case 1:
			doc_ref(d, b, "s0", text(in));
			break;
		case 2:
			doc_link(d, b, text(in), words(in));
			break;
		case 3:
			doc_line(d, b);
			break;
		default:
			doc_run(d, b, 0, STR("a few plain words of text "));
			break;
		}
	}
}

static void blocks(struct input *in, struct doc *d, struct doc_block *to,
    int depth);

static void
table(struct input *in, struct doc *d, struct doc_block *to, int depth)
{
	struct doc_col cols[6];
	size_t n = take(in) % 6 + 1;

	for (size_t i = 0; i < n; i++)
		cols[i] = (struct doc_col){ (int)(take(in) % 4),
			(enum doc_align)(take(in) % 3), i == 0 };
	struct doc_block *t = doc_table(d, to, cols, n, text(in));
	for (unsigned r = take(in) % 12; r > 0; r--) {
		struct doc_block *row = doc_row(d, t, take(in) % 8);
		for (unsigned c = take(in) % 8; c > 0; c--)
			blocks(in, d, doc_cell(d, row, (int)(take(in) % 4)), depth);
	}
}

static void
blocks(struct input *in, struct doc *d, struct doc_block *to, int depth)
{
	struct doc_block *b;

	for (unsigned n = take(in) % 6; n > 0 && in->p < in->end; n--) {
		unsigned kind = take(in) % 11;
		if (depth > 5)
			kind = 0;
		switch (kind) {
		case 1:
			runs(in, d, doc_heading(d, to, (int)(take(in) % 6), NULL, NULL));
			break;
		case 2:
			b = doc_list(d, to, (int)(take(in) % 3));
			for (unsigned k = take(in) % 4; k > 0; k--)
				blocks(in, d, doc_item(d, b), depth + 1);
			break;
		case 3:
			b = doc_defs(d, to);
			blocks(in, d, doc_def(d, b, text(in)), depth + 1);
			break;
		case 4:
			table(in, d, to, depth + 1);
			break;
		case 5:
			b = doc_note(d, to, (enum doc_note)(take(in) % 3), text(in));
			blocks(in, d, b, depth + 1);
			break;
		case 6:
			doc_blank(d, to, text(in), (int)(take(in) % 70));
			break;
		case 7:
			doc_code(d, to, words(in));
			break;
		case 8:
			doc_rule(d, to);
			break;
		case 9:
			doc_break(d, to);
			break;
		default:
			runs(in, d, doc_para(d, to));
			break;
		}
	}
}

static void
check_html(const struct buf *out)
{
	struct str s = buf_str(out);

	if (str_find(s, "<script") >= 0 || str_find(s, "href=\"java") >= 0)
		BUG("text became markup");
	if (!str_ends(s, "</html>\n"))
		BUG("the document does not end");
}

static void
check_pages(struct arena *a, const struct doc *d)
{
	struct pdf_fonts fonts;
	struct pdf_layout l;

	if (pdf_font_open(&fonts, a, NULL) != 0)
		BUG("no fonts");
	pdf_layout_run(&l, &fonts, a, d);
	for (size_t p = 0; p < l.npages; p++) {
		int32_t y = PDF_TOP;
		for (size_t i = 0; i < l.pages[p].n; i++) {
			if (l.pages[p].places[i].y != y)
				BUG("page %zu has a hole", p);
			y += l.pages[p].places[i].h;
		}
		if (y > PDF_PAGE_H - PDF_BOTTOM)
			BUG("page %zu is too full", p);
	}
	pdf_font_close(&fonts);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	ARENA_SCOPED a = ARENA_INIT;
	struct input in = { data, data + size, &a };
	struct doc *d = doc_new(&a);
	struct report_result r;
	BUF_SCOPED pdf = BUF_INIT;
	BUF_SCOPED html = BUF_INIT;
	struct err e;

	if (size > 8192)
		return (0);
	d->title = words(&in);
	d->head = words(&in);
	d->watermark = words(&in);
	doc_toc(d, doc_section(d, "c", "", "Contents"), 3);
	for (unsigned i = 0; i < 3; i++)
		blocks(&in, d, doc_section(d, arena_printf(&a, "s%u", i),
		    text(&in), text(&in)), 0);
	if (pdf_write(d, &pdf, &r, &e) != 0)
		BUG("no PDF: %s", e.what);
	check_pages(&a, d);
	html_write(d, &html, NULL, NULL);
	check_html(&html);
	return (0);
}
