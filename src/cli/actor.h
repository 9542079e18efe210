/* Who uses the command line: the account of the operating system. */
#ifndef CLI_ACTOR_H
#define CLI_ACTOR_H

#include "record/reader.h"
#include "record/workspace.h"

/*
 * actor_me(a): the account that runs the program, by its number: whoever can
 * write the workspace's files may do everything in it.
 */
struct record_actor actor_me(struct arena *a);

/*
 * actor_reader(a, ws, as, ret, e): who looks: the account itself, or with ${as}
 * (a login, or NULL) what that user would see. Either way it is the account
 * that is recorded to have read. ws->records goes by ${ret} from then on, which
 * must outlive it.
 */
int actor_reader(struct arena *a, struct workspace *ws, const char *as,
    struct record_reader *ret, struct err *e);

#endif
