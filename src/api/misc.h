/* Routes that are not of one type of record. */
#ifndef API_MISC_H
#define API_MISC_H

#include "api/route.h"

extern const struct param misc_search_params[];

typedef int misc_fn(struct context *x, struct call *c, struct err *e);
misc_fn misc_openapi, misc_me, misc_types, misc_tables, misc_search;
misc_fn misc_table;

#endif
