#include "report/pdf_pen.h"

static const char *const colours[PDF_COLOURS] = {
	[PDF_BLACK] = ".11 .13 .16", [PDF_GREY] = ".36 .4 .45",
	[PDF_NAVY] = ".07 .2 .33", [PDF_LINK] = ".05 .31 .58",
	[PDF_WHITE] = "1 1 1", [PDF_LINE] = ".78 .81 .85",
	[PDF_TINT] = ".91 .935 .96", [PDF_BAND] = ".96 .968 .976",
	[PDF_INFO] = ".15 .38 .6", [PDF_WARN] = ".58 .31 .02",
	[PDF_FORM] = ".36 .4 .45", [PDF_INFO_TINT] = ".945 .964 .984",
	[PDF_WARN_TINT] = ".995 .965 .9", [PDF_FORM_TINT] = ".962 .966 .972",
};

void
pdf_pen_init(struct pdf_pen *p, struct pdf_fonts *fonts,
    struct pdf_tags *tags, struct pdf_file *file)
{
	*p = (struct pdf_pen){ .fonts = fonts, .tags = tags, .file = file };
}

void
pdf_pen_page(struct pdf_pen *p, int page_object)
{
	pdf_tag_page(p->tags);
	p->page_object = page_object;
	p->targets.n = 0;
	buf_reset(&p->out);
}

void
pdf_pen_free(struct pdf_pen *p)
{
	buf_free(&p->out);
	vec_free(&p->targets);
}

void
pdf_pen_untag(struct pdf_pen *p)
{
	if (p->elem != NULL || p->artifact)
		buf_puts(&p->out, "EMC\n");
	p->elem = NULL;
	p->artifact = false;
}

void
pdf_pen_tag(struct pdf_pen *p, struct pdf_elem *e)
{
	if (p->elem == e && e != NULL)
		return;
	pdf_pen_untag(p);
	if (e == NULL) {
		buf_puts(&p->out, "/Artifact BMC\n");
		p->artifact = true;
		return;
	}
	buf_printf(&p->out, "/%s <</MCID %d>> BDC\n", pdf_tag_type(e),
	    pdf_tag_mark(p->tags, e, p->page_object));
	p->elem = e;
}

void
pdf_pen_artifact(struct pdf_pen *p, const char *properties)
{
	pdf_pen_untag(p);
	if (properties != NULL)
		buf_printf(&p->out, "/Artifact <<%s>> BDC\n", properties);
	else
		buf_puts(&p->out, "/Artifact BMC\n");
	p->artifact = true;
}

static void
put(struct pdf_pen *p, int32_t v)
{
	pdf_file_milli(&p->out, v);
	buf_putc(&p->out, ' ');
}

void
pdf_pen_fill(struct pdf_pen *p, enum pdf_colour c, int32_t x, int32_t y,
    int32_t w, int32_t h)
{
	if (p->elem != NULL || !p->artifact)
		pdf_pen_artifact(p, NULL);
	buf_printf(&p->out, "%s rg ", colours[c]);
	put(p, x);
	put(p, PDF_PAGE_H - y - h);
	put(p, w);
	put(p, h);
	buf_puts(&p->out, "re f\n");
}

/* The array of glyphs of TJ, opened and closed as needed. */
static void
close_hex(struct pdf_pen *p)
{
	if (p->hex)
		buf_putc(&p->out, '>');
	p->hex = false;
}

static void
close_array(struct pdf_pen *p)
{
	close_hex(p);
	if (p->array)
		buf_puts(&p->out, "] TJ\n");
	p->array = false;
}

static void
open_array(struct pdf_pen *p)
{
	if (!p->array)
		buf_putc(&p->out, '[');
	p->array = true;
}

/* Move right by ${units} of the font. */
static void
move(struct pdf_pen *p, int64_t units, int upem)
{
	if (units == 0)
		return;
	open_array(p);
	close_hex(p);
	pdf_file_milli(&p->out, -units * 1000000 / upem);
	buf_putc(&p->out, ' ');
}

static void
put_glyph(struct pdf_pen *p, enum pdf_face face, const struct font_glyph *g)
{
	const struct font *font = p->fonts->font[face];
	int upem = font_metrics(font)->upem;

	if (g->dy != 0) {
		close_array(p);
		put(p, (int32_t)((int64_t)g->dy * p->size / upem));
		buf_puts(&p->out, "Ts ");
	}
	move(p, g->dx, upem);
	open_array(p);
	if (!p->hex)
		buf_putc(&p->out, '<');
	p->hex = true;
	buf_printf(&p->out, "%04X", (unsigned)g->gid);
	move(p, (int64_t)g->advance - font_advance(font, g->gid) - g->dx, upem);
	if (g->dy != 0) {
		close_array(p);
		buf_puts(&p->out, "0 Ts ");
	}
}

/* Where the text of the glyph's cluster ends. */
static size_t
cluster_end(const struct pdf_seg *seg, uint32_t cluster)
{
	size_t end = seg->text.len;

	for (size_t i = 0; i < seg->nglyphs; i++)
		if (seg->glyphs[i].cluster > cluster &&
		    seg->glyphs[i].cluster < end)
			end = seg->glyphs[i].cluster;
	return (end);
}

static void
put_cluster(struct pdf_pen *p, const struct pdf_seg *seg, size_t from,
    size_t to)
{
	uint32_t c = seg->glyphs[from].cluster;
	struct str text = { seg->text.ptr + c, cluster_end(seg, c) - c };
	bool plain = to - from == 1 && !seg->boxes;

	for (size_t i = from; i < to; i++)
		plain &= pdf_font_mark(p->fonts, seg->face, seg->glyphs[i].gid,
		    to - from == 1 && !seg->boxes ? text : STR_NULL);
	if (!plain) {
		close_array(p);
		buf_puts(&p->out, "/Span <</ActualText ");
		pdf_file_text(&p->out, text);
		buf_puts(&p->out, ">> BDC\n");
	}
	for (size_t i = from; i < to; i++)
		put_glyph(p, seg->face, &seg->glyphs[i]);
	if (!plain) {
		close_array(p);
		buf_puts(&p->out, "EMC\n");
	}
}

static void
put_seg(struct pdf_pen *p, const struct pdf_seg *seg, int32_t size)
{
	if (p->face != (int)seg->face || p->size != size) {
		close_array(p);
		pdf_font_use(p->fonts, p->file, seg->face);
		buf_printf(&p->out, "/F%d ", (int)seg->face);
		put(p, size);
		buf_puts(&p->out, "Tf\n");
		p->face = (int)seg->face;
		p->size = size;
	}
	for (size_t i = 0, to; i < seg->nglyphs; i = to) {
		for (to = i + 1; to < seg->nglyphs &&
		    seg->glyphs[to].cluster == seg->glyphs[i].cluster;)
			to++;
		put_cluster(p, seg, i, to);
	}
}

static void
put_shape(struct pdf_pen *p, const struct pdf_shape *s, int32_t size)
{
	for (size_t i = 0; i < s->nsegs; i++)
		put_seg(p, &s->segs[i], size);
}

static void
begin_text(struct pdf_pen *p, enum pdf_colour c, int32_t x, int32_t baseline)
{
	buf_printf(&p->out, "BT %s rg 1 0 0 1 ", colours[c]);
	put(p, x);
	put(p, PDF_PAGE_H - baseline);
	buf_puts(&p->out, "Tm\n");
	p->face = -1;
}

static void
end_text(struct pdf_pen *p)
{
	close_array(p);
	buf_puts(&p->out, "ET\n");
}

void
pdf_pen_text(struct pdf_pen *p, const struct pdf_shape *s, int32_t size,
    enum pdf_colour c, int32_t x, int32_t baseline)
{
	begin_text(p, c, x, baseline);
	put_shape(p, s, size);
	end_text(p);
}

void
pdf_pen_slanted(struct pdf_pen *p, const struct pdf_shape *s, int32_t size,
    enum pdf_colour c, int32_t below)
{
	int32_t w = pdf_font_width(p->fonts, s, size);

	/* Not part of the text that a reader copies or searches. */
	buf_printf(&p->out, "/Span <</ActualText ()>> BDC\n"
	    "q /G1 gs %s rg .6018 .7986 -.7986 .6018 ",
	    colours[c]);
	put(p, PDF_PAGE_W / 2);
	put(p, PDF_PAGE_H / 2);
	buf_puts(&p->out, "cm BT 1 0 0 1 ");
	put(p, -w / 2);
	put(p, -below);
	buf_puts(&p->out, "Tm\n");
	p->face = -1;
	put_shape(p, s, size);
	end_text(p);
	buf_puts(&p->out, "Q\nEMC\n");
}

/* The element of a link: one for each run, however many lines it takes. */
static struct pdf_elem *
link_elem(struct pdf_pen *p, struct pdf_elem *e, const struct doc_run *run)
{
	if (p->link_run != run) {
		p->link_run = run;
		p->link = pdf_tag_new(p->tags, e, "Link");
	}
	return (p->link);
}

static bool
leads(const struct doc_run *run)
{
	return (run != NULL && run->target.len != 0);
}

static void
put_item(struct pdf_pen *p, const struct pdf_item *it, bool space)
{
	put_shape(p, it->shape, it->size);
	if (space && it->space != 0)
		put_shape(p, pdf_font_shape(p->fonts, it->face, STR(" ")),
		    it->size);
}

/* Items [from, to) have one colour and lead to the same place. */
static int32_t
put_group(struct pdf_pen *p, struct pdf_elem *e, const struct pdf_item *it,
    size_t from, size_t to, int32_t x, int32_t baseline)
{
	const struct doc_run *run = it[from].run;
	int32_t w = 0;

	if (e != NULL)
		pdf_pen_tag(p, leads(run) ? link_elem(p, e, run) : e);
	begin_text(p, it[from].colour, x, baseline);
	for (size_t i = from; i < to; i++) {
		put_item(p, &it[i], true);
		w += it[i].width + it[i].space;
	}
	end_text(p);
	if (e != NULL && leads(run))
		vec_push(&p->targets, (struct pdf_target){ .x = x,
			.y = baseline - it[from].size, .w = w - it[to - 1].space,
			.h = it[from].size * 13 / 10, .run = run,
			.elem = p->link });
	return (w);
}

/*
 * In a line, pieces that read right to left and follow each other change
 * places. Returns false if there are none.
 */
static bool
reorder(struct pdf_item *it, size_t n)
{
	bool any = false;

	for (size_t i = 0; i < n; i++) {
		size_t to = i;
		while (to < n && it[to].shape->rtl)
			to++;
		any |= to > i;
		for (size_t a = i, b = to; a + 1 < b; a++, b--) {
			struct pdf_item t = it[a];
			int32_t space = t.space;
			it[a] = it[b - 1];
			it[b - 1] = t;
			it[b - 1].space = it[a].space;
			it[a].space = space;
		}
		i = to > i ? to - 1 : i;
	}
	return (any);
}

void
pdf_pen_items(struct pdf_pen *p, struct pdf_elem *e,
    const struct pdf_item *items, size_t n, int32_t x, int32_t baseline)
{
	struct pdf_item *copy = NULL;
	bool rtl = false;

	for (size_t i = 0; i < n; i++)
		rtl |= items[i].shape->rtl;
	if (rtl) {
		copy = arena_array(p->fonts->arena, n, sizeof(*copy));
		memcpy(copy, items, n * sizeof(*copy));
		reorder(copy, n);
		items = copy;
	}
	for (size_t i = 0, to; i < n; i = to) {
		for (to = i + 1; to < n && items[to].colour == items[i].colour &&
		    (items[to].run == items[i].run ||
			(!leads(items[to].run) && !leads(items[i].run)));)
			to++;
		x += put_group(p, e, items, i, to, x, baseline);
	}
}
