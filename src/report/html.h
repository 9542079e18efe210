/*
 * The HTML writer: one file that stands alone, with its styles and without
 * scripts or anything fetched. It reads on a phone, in the dark and aloud, and
 * prints with running heads where the browser can.
 */
#ifndef REPORT_HTML_H
#define REPORT_HTML_H

#include "report/doc.h"
#include "report/report.h"

/* html_write(d, out, ret, e): append the file to ${out}. Does not fail. */
int html_write(const struct doc *d, struct buf *out, struct report_result *ret,
    struct err *e);

#endif
