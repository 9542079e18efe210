/* Who uses the command line: the account of the operating system. */
#ifndef CLI_ACTOR_H
#define CLI_ACTOR_H

#include "record/record.h"

/*
 * actor_me(a): the account that runs the program, by its number: whoever can
 * write the workspace's files may do everything in it.
 */
struct record_actor actor_me(struct arena *a);

#endif
