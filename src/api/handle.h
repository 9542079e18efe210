/*
 * What becomes of a call, in the two places where it is worked on.
 */
#ifndef API_HANDLE_H
#define API_HANDLE_H

#include "api/call.h"
#include "api/crew.h"

struct evidence;
struct workspace;

/* handle_prepare(): once, before there are threads. */
void handle_prepare(void);

/* How often who may ask. */
struct limits;
struct limits *handle_limits(const struct api_conf *conf);
void handle_limits_free(struct limits *l); /* NULL is allowed */

/*
 * handle_read(g, l, ws, c, ret_write, e): on a thread of its own: who asks, for
 * what; then the answer, or *ret_write: it is to be given to handle_write().
 * ${ws} is open for reading.
 */
int handle_read(struct crew *g, struct limits *l, struct workspace *ws,
    struct call *c, bool *ret_write, struct err *e);

/* handle_write(g, ws, ev, c, e): in a transaction of ${ws}, which is the
 * writer's; ${ev}: up to its beginning, if the route wants it, else NULL. */
int handle_write(struct crew *g, struct workspace *ws, struct evidence *ev,
    struct call *c, struct err *e);

#endif
