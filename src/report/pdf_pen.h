/*
 * Content of the pages of a PDF, one after the other: marked content, text, lines and boxes.
 * Lengths are thousandths of a point; y counts from the page's upper edge.
 */
#ifndef REPORT_PDF_PEN_H
#define REPORT_PDF_PEN_H

#include "report/pdf_layout.h"
#include "report/pdf_tag.h"

/* A rectangle that leads somewhere. */
struct pdf_target {
	int32_t x, y, w, h;
	const struct doc_run *run;     /* a link or reference */
	const struct doc_block *block; /* or an entry of the contents */
	struct pdf_elem *elem;
};

struct pdf_pen {
	struct buf out;
	struct pdf_fonts *fonts;
	struct pdf_tags *tags;
	struct pdf_file *file;
	int page_object;
	struct pdf_elem *elem; /* whose marked content is open */
	bool artifact;         /* or an artifact is */
	VEC(struct pdf_target) targets;
	const struct doc_run *link_run; /* the link drawn last */
	struct pdf_elem *link;
	struct pdf_elem *entry; /* of the contents, drawn last */
	/* State of the text object. */
	bool array, hex;
	int face;
	int32_t size;
};

void pdf_pen_init(struct pdf_pen *p, struct pdf_fonts *fonts,
    struct pdf_tags *tags, struct pdf_file *file);
/* pdf_pen_page(p, object): start the next page. */
void pdf_pen_page(struct pdf_pen *p, int page_object);
void pdf_pen_free(struct pdf_pen *p);

/* What is drawn from now on belongs to ${e}; or decorates; or neither. */
void pdf_pen_tag(struct pdf_pen *p, struct pdf_elem *e);
void pdf_pen_artifact(struct pdf_pen *p, const char *properties);
void pdf_pen_untag(struct pdf_pen *p);

void pdf_pen_fill(struct pdf_pen *p, enum pdf_colour c, int32_t x, int32_t y,
    int32_t w, int32_t h);

/*
 * pdf_pen_items(p, e, items, n, x, baseline): a line of text that belongs to
 * ${e}; links become elements of their own below it. ${e} NULL: artifact.
 */
void pdf_pen_items(struct pdf_pen *p, struct pdf_elem *e,
    const struct pdf_item *items, size_t n, int32_t x, int32_t baseline);
/* pdf_pen_text: one shaped piece at a place, within what is open. */
void pdf_pen_text(struct pdf_pen *p, const struct pdf_shape *s, int32_t size,
    enum pdf_colour c, int32_t x, int32_t baseline);
/* pdf_pen_slanted: across the page, rising, around a point; for watermarks. */
void pdf_pen_slanted(struct pdf_pen *p, const struct pdf_shape *s,
    int32_t size, enum pdf_colour c, int32_t below);

#endif
