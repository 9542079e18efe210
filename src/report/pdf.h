/*
 * The PDF writer: PDF 1.7, tagged, with outline, links, page labels and
 * embedded fonts. The same document gives the same bytes on every machine with
 * the same HarfBuzz.
 */
#ifndef REPORT_PDF_H
#define REPORT_PDF_H

#include "report/doc.h"
#include "report/report.h"

/*
 * pdf_write(d, out, ret, e): append the file to ${out}; ${ret} gets pages and
 * missing_glyphs. ERR_ENV: HarfBuzz is not installed.
 */
int pdf_write(const struct doc *d, struct buf *out, struct report_result *ret,
    struct err *e);

#endif
