/*
 * XLSX files, one sheet, written row by row (libxlsxwriter, the only place that
 * includes its header). Memory does not grow with the rows. A text is a text to
 * whoever opens the file, never a formula.
 */
#ifndef SYS_XLSX_H
#define SYS_XLSX_H

#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

#define XLSX_ROWS 1048576 /* what a sheet holds, with its header */
#define XLSX_CELL 32767   /* characters of a cell */

struct xlsx;

/* xlsx_new(path, sheet, ret, e): ${path} is written when it is closed; parts of
 * it lie in the folder of ${path} meanwhile. */
int xlsx_new(const char *path, const char *sheet, struct xlsx **ret,
    struct err *e);

/* The next cell of the row. ERR_LIMIT: it does not fit into a sheet. */
int xlsx_text(struct xlsx *x, struct str s, struct err *e);
int xlsx_number(struct xlsx *x, int64_t n, struct err *e);
void xlsx_endrow(struct xlsx *x);

/* xlsx_close(x, e): write the file. xlsx_free(x): without; NULL is allowed. */
int xlsx_close(struct xlsx *x, struct err *e);
void xlsx_free(struct xlsx *x);

#endif
