/* Who asks, and whether they may at all. */
#ifndef API_AUTH_H
#define API_AUTH_H

#include "api/route.h"

/* auth_who(ws, c, e): c->who by the token of the request; c->problem: 401. */
int auth_who(struct workspace *ws, struct call *c, struct err *e);

/* auth_may(c, e): the act of c->route on c->type, as far as that can be told
 * without a record. */
int auth_may(struct call *c, struct err *e);

#endif
