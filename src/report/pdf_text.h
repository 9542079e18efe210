/*
 * Paragraphs of the PDF writer: inline runs into shaped items, and items into
 * lines by least raggedness (each line's slack squared, over the paragraph).
 * Lengths are thousandths of a point.
 */
#ifndef REPORT_PDF_TEXT_H
#define REPORT_PDF_TEXT_H

#include "report/doc.h"
#include "report/pdf_font.h"

#define PDF_PT 1000 /* one point */

enum pdf_colour {
	PDF_BLACK, /* text */
	PDF_GREY,  /* muted text */
	PDF_NAVY,  /* headings */
	PDF_LINK,
	PDF_WHITE,
	PDF_LINE,  /* thin lines */
	PDF_TINT,  /* behind headers of tables */
	PDF_BAND,  /* behind rows that name others */
	PDF_INFO, PDF_WARN, PDF_FORM,             /* bars of notes */
	PDF_INFO_TINT, PDF_WARN_TINT, PDF_FORM_TINT, /* behind them */
	PDF_COLOURS
};

struct pdf_style {
	int32_t size, leading;
	unsigned style; /* enum doc_style added to that of the runs */
	enum pdf_colour colour;
	enum doc_align align;
};

enum pdf_break { PDF_JOIN, PDF_SPACE, PDF_SOFT, PDF_FORCE };

struct pdf_item {
	const struct pdf_shape *shape;
	const struct doc_run *run; /* for links; may be NULL */
	enum pdf_face face;
	enum pdf_colour colour;
	enum pdf_break after;
	int32_t size, width;
	int32_t space; /* width of the space that follows it */
};

struct pdf_line {
	size_t from, to; /* items */
	int32_t width;
};

struct pdf_para {
	const struct pdf_item *items;
	size_t nitems;
	const struct pdf_line *lines;
	size_t nlines;
	struct pdf_style style;
	int32_t ascent;
	int32_t min, max; /* widest piece that cannot break; longest line */
};

/* The page that a label's block is on as far as is known; 0: not known. */
typedef int pdf_page_fn(void *ctx, struct str label);

/* pdf_text_para(fs, runs, style, page, ctx): items, not yet lines. */
struct pdf_para *pdf_text_para(struct pdf_fonts *fs,
    const struct doc_run *runs, struct pdf_style style, pdf_page_fn *page,
    void *ctx);
/* pdf_text_code(fs, text, style): the same, keeping spaces and line ends. */
struct pdf_para *pdf_text_code(struct pdf_fonts *fs, struct str text,
    struct pdf_style style);
/* pdf_text_break(fs, p, width): a copy of ${p} with lines for that width. */
struct pdf_para *pdf_text_break(struct pdf_fonts *fs,
    const struct pdf_para *p, int32_t width);

#endif
