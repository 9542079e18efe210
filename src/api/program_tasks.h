/* Tasks, the calendar of them, and messages. */
#ifndef API_PROGRAM_TASKS_H
#define API_PROGRAM_TASKS_H

#include "api/route.h"

extern const struct param program_tasks_params[];
extern const struct shape program_tasks_rows[], program_tasks_source_rows[],
    program_tasks_address[], program_tasks_message_rows[],
    program_tasks_count[];

typedef int program_tasks_fn(struct context *x, struct call *c,
    struct err *e);
program_tasks_fn program_tasks_all, program_tasks_mine, program_tasks_of,
    program_tasks_sources;
program_tasks_fn program_tasks_subscribe, program_tasks_unsubscribe,
    program_tasks_calendar;
program_tasks_fn program_tasks_messages, program_tasks_retry,
    program_tasks_drop;

/* program_tasks_secret(path): does a path below the base end in a secret? */
bool program_tasks_secret(struct str path);

#endif
