/*
 * Lists that are computed: rows whose columns are a shape, with filter, search,
 * sort, pages and files like lists of records.
 */
#ifndef API_ROWS_H
#define API_ROWS_H

#include "api/route.h"

struct rows_row {
	struct str key;  /* its place: the list is in the order of their bytes */
	struct val *v;   /* a map with all columns of c->route->rows */
};

struct rows {
	struct rows_row *at;
	size_t n, cap;
};

/* What such a list takes. */
extern const struct param rows_params[];

/* rows_add(c, r, key, v): keys are unique; both are kept as they are. */
void rows_add(struct call *c, struct rows *r, struct str key, struct val *v);

/*
 * rows_answer(x, c, r, e): the page or the file that is asked for. A file asks
 * for the right to take out records of c->type, if the route is of one.
 */
int rows_answer(struct context *x, struct call *c, struct rows *r,
    struct err *e);

#endif
