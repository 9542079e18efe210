/* The routes of record types. */
#ifndef API_RECORDS_H
#define API_RECORDS_H

#include "api/route.h"

extern const struct param records_import_params[];
extern const struct shape records_history_rows[], records_steps_form[];

typedef int records_fn(struct context *x, struct call *c, struct err *e);
records_fn records_list, records_show, records_history, records_steps;
records_fn records_read_new, records_create;
records_fn records_read_patch, records_change;
records_fn records_read_delete, records_retire;
records_fn records_read_import, records_import;

/* records_object(c, media, e): the body as c->value, a JSON object. */
int records_object(struct call *c, const char *media, struct err *e);

/* records_problems(c, res, batch): c->problem, of what a write found. */
void records_problems(struct call *c, const struct record_result *res,
    bool batch);

#endif
