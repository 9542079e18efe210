#include "report/pdf_tag.h"

enum kid_kind { KID_ELEM, KID_MARK, KID_ANNOT };

struct kid {
	struct kid *next;
	enum kid_kind kind;
	struct pdf_elem *elem;
	int page, number; /* objects; number: MCID or annotation */
};

struct pdf_elem {
	struct pdf_elem *parent;
	const char *type;
	struct kid *first, *last;
	char attrs[48]; /* attributes of a table's cell */
	int object;
};

void
pdf_tag_init(struct pdf_tags *t, struct arena *a, const struct doc *d)
{
	size_t n = (size_t)d->nblocks + 1;

	*t = (struct pdf_tags){ .arena = a };
	t->root = arena_new(a, struct pdf_elem);
	t->root->type = "Document";
	t->of_block = arena_array(a, n, sizeof(*t->of_block));
	t->of_title = arena_array(a, n, sizeof(*t->of_title));
	t->of_part = arena_array(a, n, sizeof(*t->of_part));
}

void
pdf_tag_free(struct pdf_tags *t)
{
	vec_free(&t->parents);
	vec_free(&t->page_start);
	vec_free(&t->annots);
}

static void
add_kid(struct pdf_tags *t, struct pdf_elem *e, struct kid kid)
{
	struct kid *k = arena_new(t->arena, struct kid);

	*k = kid;
	if (e->last != NULL)
		e->last->next = k;
	else
		e->first = k;
	e->last = k;
}

struct pdf_elem *
pdf_tag_new(struct pdf_tags *t, struct pdf_elem *parent, const char *type)
{
	struct pdf_elem *e = arena_new(t->arena, struct pdf_elem);

	e->parent = parent;
	e->type = type;
	add_kid(t, parent, (struct kid){ .kind = KID_ELEM, .elem = e });
	return (e);
}

const char *
pdf_tag_type(const struct pdf_elem *e)
{
	return (e->type);
}

/* The LI of an item, or of a term and its definition. */
static struct pdf_elem *
list_item(struct pdf_tags *t, const struct doc_block *b)
{
	if (t->of_part[b->id] == NULL)
		t->of_part[b->id] = pdf_tag_new(t,
		    pdf_tag_block(t, b->parent), "LI");
	return (t->of_part[b->id]);
}

static struct pdf_elem *
definition(struct pdf_tags *t, const struct doc_block *b)
{
	const struct doc_block *term = NULL;

	for (const struct doc_block *i = b->parent->first; i != b; i = i->next)
		if (i->kind == DOC_TERM)
			term = i;
	return (pdf_tag_new(t, list_item(t, term != NULL ? term : b), "LBody"));
}

static struct pdf_elem *
table_cell(struct pdf_tags *t, const struct doc_block *b)
{
	const struct doc_block *row = b->parent, *table = row->parent;
	bool head = row->flags & (DOC_ROW_HEAD | DOC_ROW_BAND), side;
	size_t k = 0;

	for (const struct doc_block *i = row->first; i != b; i = i->next)
		k += (size_t)i->span;
	side = k < table->ncols && table->cols[k].head;
	struct pdf_elem *e = pdf_tag_new(t, pdf_tag_block(t, row),
	    head || side ? "TH" : "TD");
	char span[24] = "", scope[24] = "";
	if (b->span > 1)
		snprintf(span, sizeof(span), " /ColSpan %d", b->span);
	if (head || side)
		snprintf(scope, sizeof(scope), " /Scope /%s",
		    row->flags & DOC_ROW_HEAD ? "Column" : "Row");
	if (span[0] != '\0' || scope[0] != '\0')
		snprintf(e->attrs, sizeof(e->attrs), "%s%s", scope, span);
	return (e);
}

static struct pdf_elem *
make(struct pdf_tags *t, const struct doc_block *b)
{
	static const char *const heads[] = { "H2", "H3", "H4" };
	const struct doc_block *up = b->parent;

	switch (b->kind) {
	case DOC_ROOT:
		return (t->root);
	case DOC_ITEM:
		return (pdf_tag_new(t, list_item(t, b), "LBody"));
	case DOC_TERM:
		return (pdf_tag_new(t, list_item(t, b), "Lbl"));
	case DOC_DEF:
		return (definition(t, b));
	case DOC_CELL:
		return (table_cell(t, b));
	case DOC_PARA:
		if (up->kind == DOC_CELL && up->first == b && b->next == NULL)
			return (pdf_tag_block(t, up));
		return (pdf_tag_new(t, pdf_tag_block(t, up), "P"));
	default:
		return (pdf_tag_new(t, pdf_tag_block(t, up),
		    b->kind == DOC_SECTION ? "Sect" :
		    b->kind == DOC_HEADING ? heads[b->level - 2] :
		    b->kind == DOC_LIST || b->kind == DOC_DEFS ? "L" :
		    b->kind == DOC_TABLE ? "Table" :
		    b->kind == DOC_ROW ? "TR" :
		    b->kind == DOC_NOTE ? "Div" :
		    b->kind == DOC_TOC ? "TOC" : "P"));
	}
}

struct pdf_elem *
pdf_tag_block(struct pdf_tags *t, const struct doc_block *b)
{
	if (t->of_block[b->id] == NULL) {
		struct pdf_elem *e = make(t, b);
		t->of_block[b->id] = e;
	}
	return (t->of_block[b->id]);
}

struct pdf_elem *
pdf_tag_title(struct pdf_tags *t, const struct doc_block *b)
{
	if (t->of_title[b->id] == NULL)
		t->of_title[b->id] = pdf_tag_new(t, pdf_tag_block(t, b),
		    b->kind == DOC_SECTION ? "H1" :
		    b->kind == DOC_TABLE ? "Caption" : "P");
	return (t->of_title[b->id]);
}

struct pdf_elem *
pdf_tag_marker(struct pdf_tags *t, const struct doc_block *item)
{
	return (pdf_tag_new(t, list_item(t, item), "Lbl"));
}

void
pdf_tag_page(struct pdf_tags *t)
{
	vec_push(&t->page_start, t->parents.n);
}

int
pdf_tag_mark(struct pdf_tags *t, struct pdf_elem *e, int page_object)
{
	int mcid = (int)(t->parents.n - t->page_start.at[t->page_start.n - 1]);

	vec_push(&t->parents, e);
	add_kid(t, e, (struct kid){ .kind = KID_MARK, .page = page_object,
		.number = mcid });
	return (mcid);
}

int
pdf_tag_annot(struct pdf_tags *t, struct pdf_elem *e, int page_object,
    int annot_object)
{
	vec_push(&t->annots, e);
	add_kid(t, e, (struct kid){ .kind = KID_ANNOT, .page = page_object,
		.number = annot_object });
	return ((int)t->annots.n - 1);
}

static void
number_elems(struct pdf_elem *e, struct pdf_file *f)
{
	e->object = pdf_file_new(f);
	for (struct kid *k = e->first; k != NULL; k = k->next)
		if (k->kind == KID_ELEM)
			number_elems(k->elem, f);
}

static void
write_elem(struct pdf_elem *e, struct pdf_file *f, int parent)
{
	struct buf *b = pdf_file_begin(f, e->object);
	int page = 0;

	for (struct kid *k = e->first; k != NULL && page == 0; k = k->next)
		page = k->page;
	buf_printf(b, "<</Type /StructElem /S /%s /P %d 0 R", e->type, parent);
	if (page != 0)
		buf_printf(b, " /Pg %d 0 R", page);
	if (e->attrs[0] != '\0')
		buf_printf(b, " /A <</O /Table%s>>", e->attrs);
	buf_puts(b, " /K [");
	for (struct kid *k = e->first; k != NULL; k = k->next) {
		if (k->kind == KID_ELEM)
			buf_printf(b, "%d 0 R ", k->elem->object);
		else if (k->kind == KID_ANNOT)
			buf_printf(b, "<</Type /OBJR /Obj %d 0 R /Pg %d 0 R>> ",
			    k->number, k->page);
		else if (k->page == page)
			buf_printf(b, "%d ", k->number);
		else
			buf_printf(b, "<</Type /MCR /Pg %d 0 R /MCID %d>> ",
			    k->page, k->number);
	}
	buf_puts(b, "]>>");
	pdf_file_end(f);
	for (struct kid *k = e->first; k != NULL; k = k->next)
		if (k->kind == KID_ELEM)
			write_elem(k->elem, f, e->object);
}

int
pdf_tag_write(struct pdf_tags *t, struct pdf_file *f)
{
	int root = pdf_file_new(f), tree = pdf_file_new(f);
	size_t npages = t->page_start.n;

	number_elems(t->root, f);
	struct buf *b = pdf_file_begin(f, tree);
	buf_puts(b, "<</Nums [");
	for (size_t p = 0; p < npages; p++) {
		size_t end = p + 1 < npages ? t->page_start.at[p + 1] :
		    t->parents.n;
		buf_printf(b, "%zu [", p);
		for (size_t i = t->page_start.at[p]; i < end; i++)
			buf_printf(b, "%d 0 R ", t->parents.at[i]->object);
		buf_puts(b, "] ");
	}
	for (size_t i = 0; i < t->annots.n; i++)
		buf_printf(b, "%zu %d 0 R ", npages + i, t->annots.at[i]->object);
	buf_puts(b, "]>>");
	pdf_file_end(f);
	b = pdf_file_begin(f, root);
	buf_printf(b, "<</Type /StructTreeRoot /K %d 0 R /ParentTree %d 0 R "
	    "/ParentTreeNextKey %zu>>", t->root->object, tree,
	    npages + t->annots.n);
	pdf_file_end(f);
	write_elem(t->root, f, root);
	return (root);
}
