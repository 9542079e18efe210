/*
 * The structure tree of a PDF (ISO 32000-1, 14.7 and 14.8): what screen
 * readers and text extraction go by. Elements are made when the first thing of
 * theirs is drawn, so that the tree is in the order of reading.
 */
#ifndef REPORT_PDF_TAG_H
#define REPORT_PDF_TAG_H

#include "report/doc.h"
#include "report/pdf_file.h"

struct pdf_elem;

struct pdf_tags {
	struct arena *arena;
	struct pdf_elem *root;
	struct pdf_elem **of_block;   /* by block id */
	struct pdf_elem **of_title;   /* of a section's, table's, note's title */
	struct pdf_elem **of_part;    /* LI of a term; LBody of an item */
	VEC(struct pdf_elem *) parents; /* parent tree: one for each MCID */
	VEC(size_t) page_start;       /* where a page's begin in it */
	VEC(struct pdf_elem *) annots; /* and for each annotation */
};

void pdf_tag_init(struct pdf_tags *t, struct arena *a, const struct doc *d);
void pdf_tag_free(struct pdf_tags *t);

/* Elements of blocks. */
struct pdf_elem *pdf_tag_block(struct pdf_tags *t, const struct doc_block *b);
struct pdf_elem *pdf_tag_title(struct pdf_tags *t, const struct doc_block *b);
struct pdf_elem *pdf_tag_marker(struct pdf_tags *t,
    const struct doc_block *item);
/* pdf_tag_new(t, parent, type): a plain one, "Link", "TOCI", "P". */
struct pdf_elem *pdf_tag_new(struct pdf_tags *t, struct pdf_elem *parent,
    const char *type);

/* pdf_tag_page(t): the next page begins. */
void pdf_tag_page(struct pdf_tags *t);
/* pdf_tag_mark(t, e, page): the number for a piece of content of ${e}. */
int pdf_tag_mark(struct pdf_tags *t, struct pdf_elem *e, int page_object);
/* pdf_tag_annot(t, e, page, annot): its key in the parent tree, counted from
 * the number of pages. */
int pdf_tag_annot(struct pdf_tags *t, struct pdf_elem *e, int page_object,
    int annot_object);
const char *pdf_tag_type(const struct pdf_elem *e);

/* pdf_tag_write(t, f): the tree; returns the root's object number. */
int pdf_tag_write(struct pdf_tags *t, struct pdf_file *f);

#endif
