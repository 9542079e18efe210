#include "report/pdf_layout.h"

#include "report/pdf_pages.h"

#define PT(n) ((int32_t)((n) * PDF_PT))
#define BODY PT(9.8)
#define BODY_LEAD PT(14.2)
#define CELL PT(8.6)
#define CELL_LEAD PT(12)
#define CELL_PAD_X PT(5)
#define CELL_PAD_Y PT(3.6)
#define INDENT PT(15)
#define TOC_NUMBER PT(30) /* room for the page's number */

/* Where blocks are being laid out. */
struct ctx {
	struct pdf_layout *l;
	struct pdf_flow *out;
	const struct pdf_deco *deco;
	bool cell;
};

static void blocks(struct ctx *c, const struct doc_block *first, int32_t x,
    int32_t width);

static struct pdf_box *
push(struct ctx *c, struct pdf_box box)
{
	struct pdf_flow *f = c->out;

	if (f->n == f->cap) {
		size_t cap = f->cap == 0 ? 4 : f->cap * 2;
		struct pdf_box *at = arena_array(c->l->arena, cap, sizeof(*at));
		if (f->n != 0)
			memcpy(at, f->at, f->n * sizeof(*at));
		f->at = at;
		f->cap = cap;
	}
	box.deco = c->deco;
	f->at[f->n] = box;
	return (&f->at[f->n++]);
}

/* At least this much room between what was and what comes. */
static void
space(struct ctx *c, int32_t h)
{
	struct pdf_box *last = c->out->n > 0 ? &c->out->at[c->out->n - 1] : NULL;

	if (last == NULL || h == 0)
		return;
	if (last->kind == PDF_BOX_SPACE) {
		last->h = h > last->h ? h : last->h;
		return;
	}
	push(c, (struct pdf_box){ .kind = PDF_BOX_SPACE, .h = h,
		.keep = last->keep });
}

static void
keep_last(struct ctx *c)
{
	if (c->out->n > 0)
		c->out->at[c->out->n - 1].keep = true;
}

static struct pdf_style
style_of(const struct ctx *c, const struct doc_block *b)
{
	struct pdf_style s = { BODY, BODY_LEAD, 0, PDF_BLACK, DOC_LEFT };

	if (c->cell) {
		s.size = CELL;
		s.leading = CELL_LEAD;
	}
	if (b->kind == DOC_HEADING) {
		static const struct pdf_style heads[] = {
			{ PT(14.5), PT(18.5), DOC_BOLD, PDF_NAVY, DOC_LEFT },
			{ PT(11.3), PT(15), DOC_BOLD, PDF_NAVY, DOC_LEFT },
			{ PT(9.8), PT(14), DOC_BOLD, PDF_BLACK, DOC_LEFT },
		};
		s = heads[b->level - 2];
	}
	if (b->kind == DOC_CODE) {
		s.size = s.size * 92 / 100;
		s.leading = s.leading * 92 / 100;
	}
	return (s);
}

static int
page_of(void *p, struct str label)
{
	const struct pdf_layout *l = p;
	const struct doc_block *b = doc_find(l->doc, label);

	if (b == NULL)
		return (-1);
	return (l->spots[b->id].page);
}

/* A block's text as items, made once unless it names pages. */
static const struct pdf_para *
para_of(struct ctx *c, const struct doc_block *b)
{
	struct pdf_layout *l = c->l;
	bool refs = false;

	if (l->paras[b->id] != NULL)
		return (l->paras[b->id]);
	for (const struct doc_run *r = b->runs; r != NULL; r = r->next)
		refs |= r->kind == DOC_RUN_REF && r->page;
	const struct pdf_para *p = b->kind == DOC_CODE && b->runs != NULL ?
	    pdf_text_code(l->fonts, b->runs->text, style_of(c, b)) :
	    pdf_text_para(l->fonts, b->runs, style_of(c, b), page_of, l);
	l->refs |= refs;
	if (!refs)
		l->paras[b->id] = p;
	return (p);
}

/* The lines of a paragraph, with no lone first or last line on a page; returns
 * how many. */
static size_t
lines(struct ctx *c, const struct doc_block *b, const struct pdf_para *p,
    int32_t x, int32_t width, enum doc_align align)
{
	struct pdf_para *broken = pdf_text_break(c->l->fonts, p, width);
	size_t n = broken->nlines;

	broken->style.align = align;
	for (size_t i = 0; i < n; i++)
		push(c, (struct pdf_box){ .kind = PDF_BOX_LINE, .block = b,
			.para = broken, .line = i, .x = x, .width = width,
			.h = broken->style.leading,
			.keep = n > 1 && (i == 0 || i + 2 == n) });
	return (n);
}

/* Lines of a text that is not a block's runs. */
static void
title(struct ctx *c, const struct doc_block *b, struct str text,
    struct pdf_style style, int32_t x, int32_t width)
{
	size_t from = c->out->n;

	lines(c, b, pdf_layout_text(c->l->fonts, text, style, width), x, width,
	    DOC_LEFT);
	for (size_t i = from; i < c->out->n; i++) {
		c->out->at[i].title = true;
		c->out->at[i].keep = true;
	}
}

const struct pdf_para *
pdf_layout_text(struct pdf_fonts *fonts, struct str text,
    struct pdf_style style, int32_t width)
{
	struct doc_run run = { .kind = DOC_RUN_TEXT, .text = text };
	struct pdf_para *p = pdf_text_break(fonts, pdf_text_para(fonts, &run,
	    style, NULL, NULL), width);
	struct pdf_item *items = arena_array(fonts->arena, p->nitems,
	    sizeof(*items));

	/* The run is gone when this returns. */
	for (size_t i = 0; i < p->nitems; i++) {
		items[i] = p->items[i];
		items[i].run = NULL;
	}
	p->items = items;
	return (p);
}

static void
section(struct ctx *c, const struct doc_block *b, int32_t x, int32_t width)
{
	static const struct pdf_style number = { PT(10.5), PT(15), DOC_BOLD,
		PDF_GREY, DOC_LEFT };
	static const struct pdf_style name = { PT(21), PT(26), DOC_BOLD,
		PDF_NAVY, DOC_LEFT };

	push(c, (struct pdf_box){ .kind = PDF_BOX_BREAK });
	/* The space is for who hears it: the title follows in the same heading. */
	if (b->number.len != 0)
		title(c, b, str_from(arena_printf(c->l->arena, STR_FMT " ",
		    STR_ARG(b->number))), number, x, width);
	title(c, b, b->title, name, x, width);
	push(c, (struct pdf_box){ .kind = PDF_BOX_RULE, .h = PT(9), .x = x,
		.width = width, .keep = true });
	space(c, PT(14));
	keep_last(c);
	blocks(c, b->first, x, width);
}

static void
heading(struct ctx *c, const struct doc_block *b, int32_t x, int32_t width)
{
	static const int32_t before[] = { PT(20), PT(15), PT(11) };
	static const int32_t after[] = { PT(7), PT(5), PT(3) };
	size_t from;

	space(c, before[b->level - 2]);
	from = c->out->n;
	lines(c, b, para_of(c, b), x, width, DOC_LEFT);
	for (size_t i = from; i < c->out->n; i++)
		c->out->at[i].keep = true;
	space(c, after[b->level - 2]);
}

/* Does a paragraph of ${n} lines introduce what follows it? */
static bool
introduces(const struct doc_block *b, size_t n)
{
	const struct doc_block *next = b->next;

	if (next == NULL || next->kind == DOC_PARA || next->kind == DOC_HEADING)
		return (false);
	return ((next->kind == DOC_TABLE && n <= 3) ||
	    (b->runs_last != NULL && str_ends(b->runs_last->text, ":")));
}

static void
list(struct ctx *c, const struct doc_block *b, int32_t x, int32_t width)
{
	int number = b->start;
	char text[16];

	for (const struct doc_block *i = b->first; i != NULL; i = i->next) {
		size_t from;
		space(c, c->cell ? PT(1.5) : PT(3));
		from = c->out->n;
		blocks(c, i->first, x + INDENT, width - INDENT);
		if (b->start > 0)
			snprintf(text, sizeof(text), "%d.", number++);
		else
			snprintf(text, sizeof(text), "\xe2\x80\xa2");
		while (from < c->out->n &&
		    c->out->at[from].kind != PDF_BOX_LINE)
			from++;
		if (from == c->out->n || c->out->at[from].marker != NULL)
			continue;
		c->out->at[from].marker = pdf_font_shape(c->l->fonts,
		    PDF_REGULAR, str_from(text));
		c->out->at[from].marker_x = x + (b->start > 0 ? 0 : PT(4));
		c->out->at[from].target = i;
	}
}

static void
defs(struct ctx *c, const struct doc_block *b, int32_t x, int32_t width)
{
	for (const struct doc_block *i = b->first; i != NULL; i = i->next) {
		if (i->kind == DOC_TERM) {
			space(c, PT(6));
			lines(c, i, para_of(c, i), x, width, DOC_LEFT);
			keep_last(c);
		} else {
			blocks(c, i->first, x + INDENT, width - INDENT);
		}
	}
}

/* Boxes from ${from} on share a page, if that is not asked too much of it. */
static void
keep_together(struct ctx *c, size_t from)
{
	int32_t h = 0;

	for (size_t i = from; i < c->out->n; i++)
		h += c->out->at[i].h;
	for (size_t i = from; h < PT(280) && i + 1 < c->out->n; i++)
		c->out->at[i].keep = true;
}

static void
note(struct ctx *c, const struct doc_block *b, int32_t x, int32_t width)
{
	static const enum pdf_colour colours[][2] = {
		{ PDF_INFO, PDF_INFO_TINT }, { PDF_WARN, PDF_WARN_TINT },
		{ PDF_FORM, PDF_FORM_TINT }
	};
	struct pdf_deco *deco = arena_new(c->l->arena, struct pdf_deco);
	const struct pdf_deco *outer = c->deco;

	deco->bar = colours[b->note][0];
	deco->tint = colours[b->note][1];
	deco->x = x;
	deco->width = width;
	space(c, PT(9));
	size_t from = c->out->n;
	c->deco = deco;
	push(c, (struct pdf_box){ .kind = PDF_BOX_PAD, .h = PT(7),
		.keep = true });
	if (b->title.len != 0) {
		struct pdf_style s = style_of(c, b);
		s.style = DOC_BOLD;
		s.colour = deco->bar;
		title(c, b, b->title, s, x + PT(13), width - PT(24));
		push(c, (struct pdf_box){ .kind = PDF_BOX_SPACE, .h = PT(2),
			.keep = true });
	}
	blocks(c, b->first, x + PT(13), width - PT(24));
	keep_last(c);
	push(c, (struct pdf_box){ .kind = PDF_BOX_PAD, .h = PT(8) });
	c->deco = outer;
	keep_together(c, from);
	space(c, PT(9));
}

static void
blank(struct ctx *c, const struct doc_block *b, int32_t x, int32_t width)
{
	static const struct pdf_style s = { PT(8.2), PT(11.5), 0, PDF_GREY,
		DOC_LEFT };

	space(c, PT(5));
	if (b->runs != NULL) {
		size_t from = c->out->n;
		lines(c, b, pdf_text_para(c->l->fonts, b->runs, s, NULL, NULL),
		    x, width, DOC_LEFT);
		for (size_t i = from; i < c->out->n; i++)
			c->out->at[i].keep = true;
	}
	for (int i = 0; i < b->lines; i++)
		push(c, (struct pdf_box){ .kind = PDF_BOX_BLANK, .block = b,
			.h = PT(21), .x = x, .width = width,
			.keep = i == 0 && b->lines > 1 });
}

static void
toc_entries(struct ctx *c, const struct doc_block *toc,
    const struct doc_block *b, int32_t x, int32_t width)
{
	for (; b != NULL; b = b->next) {
		bool head = b->kind == DOC_HEADING && !b->unlisted &&
		    b->level <= toc->level;
		struct pdf_style s = { PT(9.4), PT(13.4), 0, PDF_BLACK,
			DOC_LEFT };
		if (b->kind == DOC_SECTION && b->front)
			continue;
		if (b->kind == DOC_SECTION || head) {
			int32_t in = head ? (b->level - 1) * INDENT : 0;
			size_t from;
			if (!head) {
				s.size = PT(10.2);
				s.style = DOC_BOLD;
				s.colour = PDF_NAVY;
			}
			space(c, head ? PT(0.8) : PT(9));
			from = c->out->n;
			lines(c, toc, pdf_layout_text(c->l->fonts,
			    doc_titleline(c->l->arena, b), s,
			    width - in - TOC_NUMBER), x + in,
			    width - in - TOC_NUMBER, DOC_LEFT);
			for (size_t i = from; i < c->out->n; i++) {
				c->out->at[i].target = b;
				c->out->at[i].keep |= !head;
			}
		}
		if (b->kind == DOC_SECTION)
			toc_entries(c, toc, b->first, x, width);
	}
}

/* Widths that a block's text asks for. */
static void
measure(struct ctx *c, const struct doc_block *b, int32_t in, int32_t *min,
    int32_t *max)
{
	for (; b != NULL; b = b->next) {
		if (b->runs != NULL) {
			const struct pdf_para *p = para_of(c, b);
			*min = p->min + in > *min ? p->min + in : *min;
			*max = p->max + in > *max ? p->max + in : *max;
		}
		measure(c, b->first, b->kind == DOC_ITEM || b->kind == DOC_DEF ?
		    in + INDENT : in, min, max);
	}
}

struct width {
	int32_t min, max, w;
	int64_t weight;
};

static void
measure_columns(struct ctx *c, const struct doc_block *t, struct width *ws)
{
	for (const struct doc_block *r = t->first; r != NULL; r = r->next) {
		size_t k = 0;
		for (const struct doc_block *cell = r->first;
		    cell != NULL && k < t->ncols; cell = cell->next) {
			if (cell->span == 1)
				measure(c, cell->first, 0, &ws[k].min, &ws[k].max);
			k += (size_t)cell->span;
		}
	}
}

/* Share ${room} among the columns with a weight, none below its minimum. */
static void
share(struct width *ws, size_t n, int32_t room)
{
	bool again = true;

	while (again) {
		int64_t left = room, weights = 0;
		again = false;
		for (size_t i = 0; i < n; i++) {
			left -= ws[i].w;
			weights += ws[i].w == 0 ? ws[i].weight : 0;
		}
		for (size_t i = 0; weights > 0 && i < n; i++) {
			if (ws[i].w == 0 && left * ws[i].weight / weights <
			    ws[i].min) {
				ws[i].w = ws[i].min;
				again = true;
			}
		}
		for (size_t i = 0; !again && weights > 0 && i < n; i++)
			if (ws[i].w == 0)
				ws[i].w = (int32_t)(left * ws[i].weight / weights);
	}
}

static void
column_widths(struct ctx *c, const struct doc_block *t, int32_t width,
    struct width *ws)
{
	size_t n = t->ncols;
	int32_t room = width - (int32_t)n * 2 * CELL_PAD_X;
	int32_t sum = 0;
	bool weighted = false;

	if (room < (int32_t)n * PT(6))
		room = (int32_t)n * PT(6);
	measure_columns(c, t, ws);
	for (size_t i = 0; i < n; i++)
		weighted |= t->cols[i].weight > 0;
	for (size_t i = 0; i < n; i++) {
		int32_t most = room / (int32_t)n * 3 / 2;
		ws[i].weight = weighted ? t->cols[i].weight : ws[i].max + 1;
		ws[i].min = ws[i].min > most ? most : ws[i].min + PT(0.5);
		if (ws[i].weight == 0) {
			int32_t cap = room * 2 / 5;
			ws[i].w = ws[i].max + PT(0.5) < cap ? ws[i].max + PT(0.5) :
			    ws[i].min > cap ? ws[i].min : cap;
		}
	}
	share(ws, n, room);
	for (size_t i = 0; i < n; i++)
		sum += ws[i].w;
	for (size_t i = 0; i < n && sum > room; i++)
		ws[i].w = (int32_t)((int64_t)ws[i].w * room / sum);
	for (size_t i = 0; i < n; i++)
		ws[i].w = ws[i].w < PT(3) ? PT(3) : ws[i].w;
}

static int32_t
flow_height(const struct pdf_flow *f)
{
	int32_t h = 0;

	for (size_t i = 0; i < f->n; i++)
		if (f->at[i].kind != PDF_BOX_SPACE || i + 1 < f->n)
			h += f->at[i].h;
	return (h);
}

static enum doc_align align_of(const struct doc_block *b);

static void
cell(struct ctx *c, const struct doc_block *t, const struct doc_block *b,
    size_t first, const struct width *ws, int32_t x, struct pdf_cell *out)
{
	struct ctx in = { .l = c->l, .out = &out->flow, .cell = true };

	out->block = b;
	out->x = x + CELL_PAD_X;
	out->width = -2 * CELL_PAD_X;
	for (size_t k = first; k < first + (size_t)b->span && k < t->ncols; k++)
		out->width += ws[k].w + 2 * CELL_PAD_X;
	blocks(&in, b->first, out->x, out->width);
	out->h = flow_height(&out->flow);
}

static struct pdf_box
table_row(struct ctx *c, const struct doc_block *r, const struct width *ws,
    int32_t x, int32_t width)
{
	const struct doc_block *t = r->parent;
	struct pdf_row *row = arena_new(c->l->arena, struct pdf_row);
	int32_t at = x, h = CELL_LEAD;
	size_t k = 0;

	row->block = r;
	row->table = t;
	row->x = x;
	row->width = width;
	row->pad = CELL_PAD_Y;
	row->cells = arena_array(c->l->arena, t->ncols, sizeof(*row->cells));
	for (const struct doc_block *b = r->first; b != NULL && k < t->ncols;
	    b = b->next) {
		struct pdf_cell *out = &row->cells[row->ncells++];
		cell(c, t, b, k, ws, at, out);
		for (int s = 0; s < b->span && k < t->ncols; s++, k++)
			at += ws[k].w + 2 * CELL_PAD_X;
		h = out->h > h ? out->h : h;
	}
	return ((struct pdf_box){ .kind = PDF_BOX_ROW, .block = r, .row = row,
	    .h = h + 2 * row->pad, .x = x, .width = width,
	    .keep = (r->flags & (DOC_ROW_HEAD | DOC_ROW_BAND | DOC_ROW_KEEP)) &&
		r->next != NULL });
}

static void
table(struct ctx *c, const struct doc_block *t, int32_t x, int32_t width)
{
	struct width *ws = arena_array(c->l->arena, t->ncols, sizeof(*ws));
	struct pdf_style s = { PT(8.8), PT(12.5), DOC_BOLD, PDF_BLACK, DOC_LEFT };
	struct pdf_box *heads, *band = NULL;
	size_t nheads = 0, nrows = 0;
	struct ctx in = *c;

	in.cell = true; /* measures as cells are set */
	column_widths(&in, t, width, ws);
	space(c, PT(8));
	if (t->title.len != 0) {
		title(c, t, t->title, s, x, width);
		push(c, (struct pdf_box){ .kind = PDF_BOX_SPACE, .h = PT(3),
			.keep = true });
	}
	for (const struct doc_block *r = t->first; r != NULL; r = r->next)
		nheads += (r->flags & DOC_ROW_HEAD) && nheads == nrows++;
	heads = arena_array(c->l->arena, nheads, sizeof(*heads));
	nrows = 0;
	for (const struct doc_block *r = t->first; r != NULL; r = r->next) {
		struct pdf_box *b = push(c, table_row(c, r, ws, x, width));
		if (nrows < nheads)
			heads[nrows] = *b;
		else
			b->row->nheads = nheads;
		b->row->heads = heads;
		b->row->band = band;
		if (r->flags & DOC_ROW_BAND) {
			b->row->band = NULL;
			band = arena_new(c->l->arena, struct pdf_box);
			*band = *b;
		}
		nrows++;
	}
	space(c, PT(10));
}

static void
block(struct ctx *c, const struct doc_block *b, int32_t x, int32_t width)
{
	switch (b->kind) {
	case DOC_SECTION:
		section(c, b, x, width);
		break;
	case DOC_HEADING:
		heading(c, b, x, width);
		break;
	case DOC_PARA:
		space(c, c->cell ? PT(3) : PT(6.5));
		if (introduces(b, lines(c, b, para_of(c, b), x, width,
			align_of(b))))
			keep_last(c);
		break;
	case DOC_LIST:
		space(c, c->cell ? PT(2) : PT(4));
		list(c, b, x, width);
		break;
	case DOC_DEFS:
		defs(c, b, x, width);
		break;
	case DOC_TABLE:
		if (!c->cell)
			table(c, b, x, width);
		break;
	case DOC_NOTE:
		note(c, b, x, width);
		break;
	case DOC_BLANK:
		blank(c, b, x, width);
		break;
	case DOC_CODE:
		space(c, PT(6));
		lines(c, b, para_of(c, b), x + PT(6), width - PT(6), DOC_LEFT);
		break;
	case DOC_RULE:
		push(c, (struct pdf_box){ .kind = PDF_BOX_RULE, .h = PT(12),
			.x = x, .width = width });
		break;
	case DOC_BREAK:
		push(c, (struct pdf_box){ .kind = PDF_BOX_BREAK });
		break;
	case DOC_TOC:
		toc_entries(c, b, c->l->doc->root->first, x, width);
		break;
	default:
		blocks(c, b->first, x, width);
		break;
	}
}

/* A cell's alignment is its column's. */
static enum doc_align
align_of(const struct doc_block *b)
{
	const struct doc_block *cell = b->parent;
	size_t k = 0;

	if (cell == NULL || cell->kind != DOC_CELL)
		return (DOC_LEFT);
	const struct doc_block *row = cell->parent, *t = row->parent;
	for (const struct doc_block *i = row->first; i != cell; i = i->next)
		k += (size_t)i->span;
	return (k < t->ncols && cell->span == 1 ? t->cols[k].align : DOC_LEFT);
}

static void
blocks(struct ctx *c, const struct doc_block *first, int32_t x, int32_t width)
{
	if (width < PT(8)) /* nested beyond reason: better over the edge */
		width = PT(8);
	for (const struct doc_block *b = first; b != NULL; b = b->next)
		block(c, b, x, width);
}

void
pdf_layout_run(struct pdf_layout *l, struct pdf_fonts *fonts,
    struct arena *a, const struct doc *d)
{
	size_t n = (size_t)d->nblocks + 1;
	bool same;

	*l = (struct pdf_layout){ .arena = a, .fonts = fonts, .doc = d };
	l->paras = arena_array(a, n, sizeof(*l->paras));
	l->spots = arena_array(a, n, sizeof(*l->spots));
	for (int pass = 0; pass < 4; pass++) {
		struct pdf_flow flow = { 0 };
		struct ctx c = { .l = l, .out = &flow };
		struct pdf_spot *before = l->spots;
		blocks(&c, d->root->first, 0, PDF_TEXT_W);
		l->spots = arena_array(a, n, sizeof(*l->spots));
		pdf_pages_fill(l, &flow);
		same = true;
		for (size_t i = 0; same && i < n; i++)
			same = before[i].page == l->spots[i].page;
		if (same || !l->refs)
			break;
	}
}
