/* Pages of a layout as content: see pdf_pen.h for how it is put down. */
#ifndef REPORT_PDF_DRAW_H
#define REPORT_PDF_DRAW_H

#include "report/pdf_pen.h"

/* pdf_draw_title(p, d): the title page. */
void pdf_draw_title(struct pdf_pen *p, const struct doc *d);
/* pdf_draw_page(p, l, i): the i-th page after it. */
void pdf_draw_page(struct pdf_pen *p, const struct pdf_layout *l, size_t i);

#endif
