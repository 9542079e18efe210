/* Boxes of a flow onto pages: where pages end, rows are cut, headers repeat. */
#ifndef REPORT_PDF_PAGES_H
#define REPORT_PDF_PAGES_H

#include "report/pdf_layout.h"

/* pdf_pages_fill(l, flow): fills l->pages and l->spots. */
void pdf_pages_fill(struct pdf_layout *l, const struct pdf_flow *flow);

#endif
