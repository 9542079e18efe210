/*
 * Layout of the PDF writer: blocks of a document into boxes, boxes onto pages.
 *
 * A flow is a column of boxes, one below the other: lines of text, spaces,
 * rows of tables (each cell a flow of its own). Pages are filled from the top;
 * a page ends after the last box that may end one. A row that does not fit and
 * is tall is cut; the header rows of its table are placed again above the rest.
 *
 * Lengths are thousandths of a point; y counts from the page's upper edge.
 */
#ifndef REPORT_PDF_LAYOUT_H
#define REPORT_PDF_LAYOUT_H

#include "report/pdf_text.h"

#define PDF_PAGE_W 595276 /* A4 */
#define PDF_PAGE_H 841890
#define PDF_LEFT 70000
#define PDF_RIGHT 70000
#define PDF_TOP 84000
#define PDF_BOTTOM 76000
#define PDF_TEXT_W (PDF_PAGE_W - PDF_LEFT - PDF_RIGHT)

enum pdf_box_kind {
	PDF_BOX_LINE,  /* a line of a paragraph */
	PDF_BOX_SPACE, /* dropped at the top of a page or cell */
	PDF_BOX_PAD,   /* a space that is not dropped */
	PDF_BOX_RULE,
	PDF_BOX_BLANK, /* a line to write on */
	PDF_BOX_ROW,
	PDF_BOX_BREAK  /* the page ends here */
};

struct pdf_row;
struct pdf_box;

struct pdf_flow {
	struct pdf_box *at;
	size_t n, cap;
};

/* What lies behind a run of boxes: a note's tint and bar. */
struct pdf_deco {
	enum pdf_colour bar, tint;
	int32_t x, width;
};

struct pdf_box {
	enum pdf_box_kind kind;
	bool keep;   /* the page may not end after it */
	bool title;  /* the title of its block, not its content */
	int32_t h, x, width;
	const struct doc_block *block;
	const struct pdf_para *para;     /* PDF_BOX_LINE */
	size_t line;
	const struct pdf_shape *marker;  /* bullet or number, left of x */
	int32_t marker_x;
	const struct doc_block *target;  /* contents: whose page goes right */
	const struct pdf_deco *deco;
	struct pdf_row *row;
};

struct pdf_cell {
	const struct doc_block *block; /* NULL: filled up */
	struct pdf_flow flow;
	int32_t x, width; /* of its content, from the text's left edge */
	int32_t h;
};

struct pdf_row {
	const struct doc_block *block, *table;
	struct pdf_cell *cells;
	size_t ncells;
	struct pdf_box *heads; /* the table's header rows */
	size_t nheads;
	const struct pdf_box *band; /* the row that names it, or NULL */
	int32_t x, width;      /* of the table */
	int32_t pad;           /* above and below the content */
};

/* Part of a row: for each cell the boxes [from, to). */
struct pdf_cut {
	size_t *from, *to;
	bool last; /* the row ends with it */
};

struct pdf_place {
	const struct pdf_box *box;
	const struct pdf_cut *cut; /* rows; NULL: the whole row */
	int32_t y, h;
	bool repeated; /* a header row placed again */
};

struct pdf_page {
	struct pdf_place *places;
	size_t n;
	const struct doc_block *section; /* for the running head */
};

/* Where a block begins; page 0: nowhere. */
struct pdf_spot {
	int page;
	int32_t y;
};

struct pdf_layout {
	struct arena *arena;
	struct pdf_fonts *fonts;
	const struct doc *doc;
	const struct pdf_para **paras; /* by block id; not yet broken */
	struct pdf_spot *spots;        /* by block id */
	struct pdf_page *pages;        /* without the title page */
	size_t npages, cap;
	bool refs;                     /* some text names a page */
};

/*
 * pdf_layout_run(l): lay out the whole document; page numbers in the text are
 * right (laid out again until they are, at most four times).
 */
void pdf_layout_run(struct pdf_layout *l, struct pdf_fonts *fonts,
    struct arena *a, const struct doc *d);

/* For the title page: break ${text} into a paragraph of ${width}. */
const struct pdf_para *pdf_layout_text(struct pdf_fonts *fonts,
    struct str text, struct pdf_style style, int32_t width);

#endif
