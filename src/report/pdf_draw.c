#include "report/pdf_draw.h"

#define PT(n) ((int32_t)((n) * PDF_PT))
#define HAIR PT(0.6)

static int32_t
baseline_of(struct pdf_fonts *fs, const struct pdf_style *s, int32_t y)
{
	enum pdf_face face = s->style & DOC_BOLD ? PDF_BOLD : PDF_REGULAR;

	return (y + s->leading / 2 + pdf_font_cap(fs, face, s->size) / 2);
}

static void
marker(struct pdf_pen *p, const struct pdf_box *b, int32_t y, bool repeated)
{
	if (b->marker == NULL)
		return;
	if (repeated)
		pdf_pen_tag(p, NULL);
	else
		pdf_pen_tag(p, pdf_tag_marker(p->tags, b->target));
	pdf_pen_text(p, b->marker, b->para->style.size, b->para->style.colour,
	    PDF_LEFT + b->marker_x,
	    baseline_of(p->fonts, &b->para->style, y));
}

static void
line(struct pdf_pen *p, const struct pdf_box *b, struct pdf_elem *e, int32_t y)
{
	const struct pdf_line *l = &b->para->lines[b->line];
	int32_t x = PDF_LEFT + b->x;

	if (b->para->style.align == DOC_RIGHT)
		x += b->width - l->width;
	else if (b->para->style.align == DOC_CENTRE)
		x += (b->width - l->width) / 2;
	if (e == NULL)
		pdf_pen_tag(p, NULL);
	pdf_pen_items(p, e, b->para->items + l->from, l->to - l->from, x,
	    baseline_of(p->fonts, &b->para->style, y));
}

/* An entry of the contents: dots and the page on its last line. */
static void
toc_line(struct pdf_pen *p, const struct pdf_layout *l,
    const struct pdf_box *b, int32_t y)
{
	const struct pdf_style *s = &b->para->style;
	const struct pdf_line *ln = &b->para->lines[b->line];
	int32_t base = baseline_of(p->fonts, s, y);
	char number[16];

	if (b->line == 0)
		p->entry = pdf_tag_new(p->tags, pdf_tag_new(p->tags,
		    pdf_tag_block(p->tags, b->block), "TOCI"), "Link");
	pdf_pen_tag(p, p->entry);
	pdf_pen_items(p, p->entry, b->para->items + ln->from, ln->to - ln->from,
	    PDF_LEFT + b->x, base);
	vec_push(&p->targets, (struct pdf_target){ .x = PDF_LEFT + b->x, .y = y,
		.w = PDF_TEXT_W - b->x, .h = b->h, .block = b->target,
		.elem = p->entry });
	if (b->line + 1 < b->para->nlines)
		return;
	snprintf(number, sizeof(number), "%d", l->spots[b->target->id].page);
	enum pdf_face face = s->style & DOC_BOLD ? PDF_BOLD : PDF_REGULAR;
	const struct pdf_shape *n = pdf_font_shape(p->fonts, face,
	    str_from(number));
	int32_t nx = PDF_LEFT + PDF_TEXT_W - pdf_font_width(p->fonts, n, s->size);
	pdf_pen_text(p, n, s->size, s->colour, nx, base);
	if (s->style & DOC_BOLD)
		return;
	pdf_pen_artifact(p, NULL);
	const struct pdf_shape *dot = pdf_font_shape(p->fonts, PDF_REGULAR,
	    STR("."));
	/* On a grid from the right, so that dots stand below each other. */
	for (int32_t x = PDF_LEFT + PDF_TEXT_W - PT(24);
	    x > PDF_LEFT + b->x + ln->width + PT(6); x -= PT(5))
		pdf_pen_text(p, dot, s->size, PDF_LINE, x, base);
}

static void
box(struct pdf_pen *p, const struct pdf_layout *l, const struct pdf_box *b,
    int32_t y, bool repeated)
{
	switch (b->kind) {
	case PDF_BOX_LINE:
		if (b->block->kind == DOC_TOC) {
			toc_line(p, l, b, y);
			break;
		}
		/* First, so that the label comes before what it labels. */
		marker(p, b, y, repeated);
		line(p, b, repeated ? NULL : b->title ?
		    pdf_tag_title(p->tags, b->block) :
		    pdf_tag_block(p->tags, b->block), y);
		break;
	case PDF_BOX_RULE:
		pdf_pen_fill(p, PDF_NAVY, PDF_LEFT + b->x, y + b->h - PT(1),
		    b->width, PT(1));
		break;
	case PDF_BOX_BLANK:
		pdf_pen_fill(p, PDF_GREY, PDF_LEFT + b->x, y + b->h - HAIR,
		    b->width, HAIR);
		break;
	default:
		break;
	}
}

/* At the right of a band that is shown again. */
static void
continued(struct pdf_pen *p, int32_t right, int32_t y)
{
	static const struct pdf_style s = { PT(7.4), PT(12), 0, PDF_GREY,
		DOC_RIGHT };
	const struct pdf_shape *text = pdf_font_shape(p->fonts, PDF_ITALIC,
	    STR("continued"));

	pdf_pen_tag(p, NULL);
	pdf_pen_text(p, text, s.size, s.colour,
	    right - pdf_font_width(p->fonts, text, s.size),
	    baseline_of(p->fonts, &s, y));
}

static void
row(struct pdf_pen *p, const struct pdf_layout *l, const struct pdf_place *pl)
{
	const struct pdf_row *r = pl->box->row;
	int32_t x = PDF_LEFT + r->x;

	if (r->block->flags & (DOC_ROW_HEAD | DOC_ROW_BAND))
		pdf_pen_fill(p, r->block->flags & DOC_ROW_HEAD ? PDF_TINT :
		    PDF_BAND, x, pl->y, r->width, pl->h);
	pdf_pen_fill(p, r->block->flags & DOC_ROW_HEAD ? PDF_NAVY : PDF_LINE, x,
	    pl->y + pl->h - HAIR, r->width, HAIR);
	for (size_t k = 0; k < r->ncells; k++) {
		const struct pdf_cell *c = &r->cells[k];
		size_t i = pl->cut != NULL ? pl->cut->from[k] : 0;
		size_t to = pl->cut != NULL ? pl->cut->to[k] : c->flow.n;
		int32_t y = pl->y + r->pad;
		if (!pl->repeated)
			pdf_tag_block(p->tags, c->block);
		for (; i < to; i++) {
			box(p, l, &c->flow.at[i], y, pl->repeated);
			y += c->flow.at[i].h;
		}
	}
	if (pl->repeated && r->block->flags & DOC_ROW_BAND)
		continued(p, x + r->width - PT(5), pl->y + r->pad);
	pdf_pen_untag(p);
}

/* Tints and bars of notes, behind everything else. */
static void
decorate(struct pdf_pen *p, const struct pdf_page *page)
{
	for (size_t i = 0, to; i < page->n; i = to) {
		const struct pdf_deco *d = page->places[i].box->deco;
		for (to = i + 1; to < page->n &&
		    page->places[to].box->deco == d;)
			to++;
		if (d == NULL)
			continue;
		int32_t y = page->places[i].y;
		int32_t h = page->places[to - 1].y + page->places[to - 1].h - y;
		pdf_pen_fill(p, d->tint, PDF_LEFT + d->x, y, d->width, h);
		pdf_pen_fill(p, d->bar, PDF_LEFT + d->x, y, PT(3), h);
	}
}

static void
small(struct pdf_pen *p, struct str text, int32_t y, bool right, int32_t most)
{
	static const int32_t size = PT(7.8);
	const struct pdf_shape *s = pdf_font_shape(p->fonts, PDF_REGULAR, text);
	int32_t w = pdf_font_width(p->fonts, s, size);

	/* Shortened rather than run into its neighbour. */
	while (w > most && text.len > 1) {
		size_t n = (size_t)((int64_t)text.len * (most - PT(8)) / w);
		text.len = n < text.len - 1 ? n : text.len - 1;
		while (text.len > 0 &&
		    ((unsigned char)text.ptr[text.len] & 0xc0) == 0x80)
			text.len--;
		BUF_SCOPED b = BUF_INIT;
		buf_putstr(&b, str_trim(text));
		buf_puts(&b, "\xe2\x80\xa6");
		s = pdf_font_shape(p->fonts, PDF_REGULAR, buf_str(&b));
		w = pdf_font_width(p->fonts, s, size);
	}
	pdf_pen_text(p, s, size, PDF_GREY,
	    right ? PDF_PAGE_W - PDF_RIGHT - w : PDF_LEFT, y);
}

static void
running(struct pdf_pen *p, const struct pdf_layout *l, size_t i)
{
	const struct doc *d = l->doc;
	const struct doc_block *s = l->pages[i].section;
	int32_t half = PDF_TEXT_W * 12 / 25;
	char number[48];

	snprintf(number, sizeof(number), "Page %zu of %zu", i + 2,
	    l->npages + 1);
	pdf_pen_artifact(p, "/Type /Pagination /Subtype /Header");
	small(p, d->head, PT(50), false, half);
	if (s != NULL)
		small(p, s->number.len != 0 ? doc_titleline(l->arena, s) :
		    s->title, PT(50), true, half);
	pdf_pen_fill(p, PDF_LINE, PDF_LEFT, PT(56.5), PDF_TEXT_W, HAIR);
	pdf_pen_artifact(p, "/Type /Pagination /Subtype /Footer");
	small(p, d->foot, PDF_PAGE_H - PT(40), false, PDF_TEXT_W * 4 / 5);
	small(p, str_from(number), PDF_PAGE_H - PT(40), true, half);
	pdf_pen_untag(p);
}

static void
watermark(struct pdf_pen *p, const struct doc *d)
{
	if (d->watermark.len == 0)
		return;
	const struct pdf_shape *s = pdf_font_shape(p->fonts, PDF_BOLD,
	    d->watermark);
	int32_t w = pdf_font_width(p->fonts, s, PT(100));
	int32_t size = w == 0 ? PT(100) :
	    (int32_t)((int64_t)PT(100) * PT(520) / w);
	size = size > PT(190) ? PT(190) : size;
	pdf_pen_artifact(p, "/Type /Pagination /Subtype /Watermark");
	pdf_pen_slanted(p, s, size, PDF_WARN,
	    pdf_font_cap(p->fonts, PDF_BOLD, size) / 2);
	if (d->watermark_reason.len != 0) {
		s = pdf_font_shape(p->fonts, PDF_BOLD, d->watermark_reason);
		w = pdf_font_width(p->fonts, s, PT(20));
		int32_t small_size = w > PT(560) ?
		    (int32_t)((int64_t)PT(20) * PT(560) / w) : PT(20);
		pdf_pen_slanted(p, s, small_size, PDF_WARN,
		    pdf_font_cap(p->fonts, PDF_BOLD, size) / 2 + PT(34));
	}
	pdf_pen_untag(p);
}

void
pdf_draw_page(struct pdf_pen *p, const struct pdf_layout *l, size_t i)
{
	const struct pdf_page *page = &l->pages[i];

	running(p, l, i);
	decorate(p, page);
	for (size_t k = 0; k < page->n; k++) {
		const struct pdf_place *pl = &page->places[k];
		if (pl->box->kind == PDF_BOX_ROW)
			row(p, l, pl);
		else
			box(p, l, pl->box, pl->y, false);
	}
	pdf_pen_untag(p);
	watermark(p, l->doc);
}

/* A paragraph of the title page; returns where it ends. */
static int32_t
title_para(struct pdf_pen *p, struct str text, struct pdf_style s, int32_t x,
    int32_t y, int32_t width, const char *type)
{
	if (text.len == 0)
		return (y);
	const struct pdf_para *para = pdf_layout_text(p->fonts, text, s, width);
	struct pdf_elem *e = pdf_tag_new(p->tags, p->tags->root, type);

	for (size_t i = 0; i < para->nlines; i++, y += s.leading)
		pdf_pen_items(p, e, para->items + para->lines[i].from,
		    para->lines[i].to - para->lines[i].from, x,
		    baseline_of(p->fonts, &s, y));
	return (y);
}

void
pdf_draw_title(struct pdf_pen *p, const struct doc *d)
{
	static const struct pdf_style kicker = { PT(11), PT(16), DOC_BOLD,
		PDF_GREY, DOC_LEFT };
	static const struct pdf_style title = { PT(30), PT(37), DOC_BOLD,
		PDF_NAVY, DOC_LEFT };
	static const struct pdf_style sub = { PT(14), PT(20), 0, PDF_BLACK,
		DOC_LEFT };
	static const struct pdf_style name = { PT(8.6), PT(14), DOC_BOLD,
		PDF_GREY, DOC_LEFT };
	static const struct pdf_style value = { PT(10.2), PT(14.4), 0,
		PDF_BLACK, DOC_LEFT };
	static const struct pdf_style foot = { PT(8.6), PT(12.4), 0, PDF_GREY,
		DOC_LEFT };
	int32_t y = PT(150);

	pdf_pen_fill(p, PDF_NAVY, 0, 0, PT(11), PDF_PAGE_H);
	y = title_para(p, d->kicker, kicker, PDF_LEFT, y, PDF_TEXT_W, "P");
	y = title_para(p, d->title, title, PDF_LEFT, y + PT(10), PDF_TEXT_W,
	    "P");
	y = title_para(p, d->subtitle, sub, PDF_LEFT, y + PT(12), PDF_TEXT_W,
	    "P");
	pdf_pen_fill(p, PDF_NAVY, PDF_LEFT, y + PT(24), PT(60), PT(2.4));
	y += PT(46);
	for (size_t i = 0; i < d->nfacts; i++) {
		int32_t a = title_para(p, d->facts[i].name, name, PDF_LEFT, y,
		    PT(120), "P");
		int32_t b = title_para(p, d->facts[i].value, value,
		    PDF_LEFT + PT(130), y, PDF_TEXT_W - PT(130), "P");
		y = (a > b ? a : b) + PT(4);
	}
	if (d->title_note.len != 0) {
		const struct pdf_para *para = pdf_layout_text(p->fonts,
		    d->title_note, foot, PDF_TEXT_W);
		int32_t at = PDF_PAGE_H - PDF_BOTTOM -
		    (int32_t)para->nlines * foot.leading;
		title_para(p, d->title_note, foot, PDF_LEFT,
		    at > y + PT(20) ? at : y + PT(20), PDF_TEXT_W, "P");
	}
	pdf_pen_untag(p);
	watermark(p, d);
}
