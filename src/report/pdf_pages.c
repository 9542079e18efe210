#include "report/pdf_pages.h"

#define PT(n) ((int32_t)((n) * PDF_PT))
#define FIRST_PAGE 2 /* after the title page */
#define LIMIT (PDF_PAGE_H - PDF_BOTTOM)

struct filler {
	struct pdf_layout *l;
	const struct pdf_flow *flow;
	size_t i;              /* next box */
	const struct pdf_cut *rest; /* of box i, when its row was cut */
	VEC(struct pdf_place) places; /* of the page being filled */
	int32_t y;
	size_t ok, ok_places;  /* the page may end before box ok */
	size_t fixed;          /* repeated header rows on this page */
};

static void
place(struct filler *f, const struct pdf_box *b, const struct pdf_cut *cut,
    int32_t h, bool repeated)
{
	vec_push(&f->places, (struct pdf_place){ b, cut, f->y, h, repeated });
	f->y += h;
}

static int32_t
cut_height(const struct pdf_row *r, const struct pdf_cut *cut)
{
	int32_t most = 0;

	for (size_t k = 0; k < r->ncells; k++) {
		int32_t h = 0;
		for (size_t i = cut->from[k]; i < cut->to[k]; i++)
			h += r->cells[k].flow.at[i].h;
		most = h > most ? h : most;
	}
	return (most + 2 * r->pad);
}

static struct pdf_cut *
new_cut(struct filler *f, const struct pdf_row *r)
{
	struct pdf_cut *c = arena_new(f->l->arena, struct pdf_cut);

	c->from = arena_array(f->l->arena, r->ncells, sizeof(*c->from));
	c->to = arena_array(f->l->arena, r->ncells, sizeof(*c->to));
	for (size_t k = 0; k < r->ncells; k++)
		c->to[k] = r->cells[k].flow.n;
	c->last = true;
	return (c);
}

/*
 * The part of the row (from ${rest} or its start) that fits in ${room}; *ret
 * is what remains. NULL if some cell would be left without a line.
 */
static struct pdf_cut *
cut_row(struct filler *f, const struct pdf_row *r, const struct pdf_cut *rest,
    int32_t room, bool force, struct pdf_cut **ret)
{
	struct pdf_cut *a = new_cut(f, r), *b = new_cut(f, r);
	bool more = false, some = false;

	room -= 2 * r->pad;
	for (size_t k = 0; k < r->ncells; k++) {
		const struct pdf_flow *flow = &r->cells[k].flow;
		size_t i = rest != NULL ? rest->from[k] : 0, end = i;
		int32_t h = 0;
		a->from[k] = i;
		for (; i < flow->n && h + flow->at[i].h <= room; i++) {
			h += flow->at[i].h;
			if (!flow->at[i].keep || i + 1 == flow->n || force)
				end = i + 1;
		}
		if (end == a->from[k] && end < flow->n) {
			if (!force)
				return (NULL);
			end += i == end && !some && k + 1 == r->ncells;
		}
		a->to[k] = end;
		some |= end > a->from[k];
		while (end < flow->n && flow->at[end].kind == PDF_BOX_SPACE)
			end++;
		b->from[k] = end;
		more |= end < flow->n;
	}
	a->last = !more;
	*ret = b;
	return (a);
}

static void
end_page(struct filler *f)
{
	struct pdf_layout *l = f->l;

	if (l->npages == l->cap) {
		size_t cap = l->cap == 0 ? 16 : l->cap * 2;
		struct pdf_page *p = arena_array(l->arena, cap, sizeof(*p));
		if (l->npages != 0)
			memcpy(p, l->pages, l->npages * sizeof(*p));
		l->pages = p;
		l->cap = cap;
	}
	struct pdf_page *p = &l->pages[l->npages++];
	*p = (struct pdf_page){ .n = f->places.n };
	p->places = arena_array(l->arena, f->places.n, sizeof(*p->places));
	memcpy(p->places, f->places.at, f->places.n * sizeof(*p->places));
	f->places.n = 0;
}

/* Roll back to the last place where the page may end. */
static void
end_page_at_ok(struct filler *f)
{
	f->places.n = f->ok_places;
	f->i = f->ok;
	f->rest = NULL;
	end_page(f);
}

/* Box i does not fit: cut it, or end the page before it. */
static void
overflow(struct filler *f, const struct pdf_box *b, int32_t h)
{
	int32_t room = LIMIT - f->y;
	bool alone = f->places.n <= f->fixed;

	if (b->kind == PDF_BOX_ROW && (alone || (room > PT(80) &&
	    (h > (LIMIT - PDF_TOP) * 2 / 5 || f->rest != NULL)))) {
		struct pdf_cut *rest;
		struct pdf_cut *part = cut_row(f, b->row, f->rest, room, false,
		    &rest);
		if (part == NULL && alone)
			part = cut_row(f, b->row, f->rest, room, true, &rest);
		if (part != NULL) {
			place(f, b, part, cut_height(b->row, part), false);
			f->rest = rest;
			if (part->last) {
				f->rest = NULL;
				f->i++;
			}
			end_page(f);
			return;
		}
	}
	if (alone) { /* nothing can be done: over the edge */
		place(f, b, f->rest, h, false);
		f->rest = NULL;
		f->i++;
		end_page(f);
	} else if (f->ok_places > f->fixed && f->rest == NULL) {
		end_page_at_ok(f);
	} else {
		end_page(f);
	}
}

/* The band above rows that go on: the first line of its first cell. */
static void
place_band(struct filler *f, const struct pdf_box *band)
{
	struct pdf_cut *cut = new_cut(f, band->row);

	for (size_t k = 0; k < band->row->ncells; k++)
		cut->to[k] = k == 0 && band->row->cells[k].flow.n > 0;
	place(f, band, cut, cut_height(band->row, cut), true);
	f->fixed++;
}

static void
start_page(struct filler *f)
{
	const struct pdf_flow *flow = f->flow;

	f->y = PDF_TOP;
	f->ok_places = 0;
	while (f->i < flow->n && f->rest == NULL &&
	    (flow->at[f->i].kind == PDF_BOX_SPACE ||
		flow->at[f->i].kind == PDF_BOX_BREAK))
		f->i++;
	f->fixed = 0;
	if (f->i == flow->n || flow->at[f->i].kind != PDF_BOX_ROW)
		return;
	const struct pdf_row *r = flow->at[f->i].row;
	int32_t heads = 0;
	for (size_t k = 0; k < r->nheads; k++)
		heads += r->heads[k].h;
	if (heads > (LIMIT - PDF_TOP) / 3)
		return;
	/* Header rows themselves have none to repeat: nheads is 0. */
	for (size_t k = 0; k < r->nheads; k++, f->fixed++)
		place(f, &r->heads[k], NULL, r->heads[k].h, true);
	if (r->band != NULL)
		place_band(f, r->band);
}

static void
fill_page(struct filler *f)
{
	size_t pages = f->l->npages;

	start_page(f);
	while (f->l->npages == pages) {
		if (f->i == f->flow->n) {
			if (f->places.n > f->fixed)
				end_page(f);
			return;
		}
		const struct pdf_box *b = &f->flow->at[f->i];
		if (b->kind == PDF_BOX_BREAK) {
			f->i++;
			if (f->places.n > f->fixed)
				end_page(f);
			else
				return;
			continue;
		}
		int32_t h = f->rest != NULL ? cut_height(b->row, f->rest) : b->h;
		if (b->kind == PDF_BOX_SPACE && f->y + h > LIMIT)
			h = LIMIT - f->y; /* no page ends for want of space */
		if (f->y + h > LIMIT) {
			overflow(f, b, h);
		} else {
			place(f, b, f->rest, h, false);
			f->rest = NULL;
			f->i++;
			if (!b->keep) {
				f->ok = f->i;
				f->ok_places = f->places.n;
			}
		}
	}
}

/* A block begins where its first box is; so do those it is the first of. */
static void
spot(struct pdf_layout *l, const struct doc_block *b, int page, int32_t y)
{
	for (; b != NULL && b->id != 0 && l->spots[b->id].page == 0;
	    b = b->parent)
		l->spots[b->id] = (struct pdf_spot){ page, y };
}

static void
find_spots(struct pdf_layout *l)
{
	const struct doc_block *section = NULL;

	for (size_t p = 0; p < l->npages; p++) {
		struct pdf_page *page = &l->pages[p];
		for (size_t i = 0; i < page->n; i++) {
			const struct pdf_place *pl = &page->places[i];
			const struct doc_block *b = pl->box->block;
			if (b == NULL || pl->repeated)
				continue;
			spot(l, b, (int)p + FIRST_PAGE, pl->y);
			for (const struct doc_block *k = b->first;
			    b->kind == DOC_ROW && k != NULL; k = k->next)
				for (const struct doc_block *q = k; q != NULL;
				    q = q->first)
					spot(l, q, (int)p + FIRST_PAGE, pl->y);
			while (b->parent != NULL && b->kind != DOC_SECTION)
				b = b->parent;
			if (b->kind == DOC_SECTION &&
			    (page->section == NULL || b != section))
				section = b;
			if (page->section == NULL)
				page->section = section;
		}
		if (page->section == NULL)
			page->section = section;
	}
}

void
pdf_pages_fill(struct pdf_layout *l, const struct pdf_flow *flow)
{
	struct filler f = { .l = l, .flow = flow };

	l->npages = 0;
	while (f.i < flow->n)
		fill_page(&f);
	vec_free(&f.places);
	find_spots(l);
}
