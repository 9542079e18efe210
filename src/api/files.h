/* Lists as files: CSV, XLSX, JSON, however long; memory does not grow. */
#ifndef API_FILES_H
#define API_FILES_H

#include "api/lists.h"

int files_answer(struct context *x, struct call *c, struct lists *l,
    struct err *e);

#endif
