/*
 * The threads of the API and the calls that wait for them.
 */
#ifndef API_CREW_H
#define API_CREW_H

#include "api/api.h"
#include "api/call.h"

struct crew;

/* crew_new(conf, ready, ctx, ret, e): ${ready} is called on a thread of the
 * crew when calls are answered, see crew_take(). */
typedef void crew_ready_fn(void *ctx);
int crew_new(const struct api_conf *conf, crew_ready_fn *ready, void *ctx,
    struct crew **ret, struct err *e);
/* crew_free(g): waits for what runs; what waits is dropped. */
void crew_free(struct crew *g);

/* crew_put(g, c): false if too many wait; then ${c} stays the caller's. */
bool crew_put(struct crew *g, struct call *c);
/* crew_take(g): calls that are answered, in a chain; or NULL. */
struct call *crew_take(struct crew *g);

/*
 * crew_catch_up(g, e): from a reader: evidence.db is brought up to the ledger's
 * head by the writer, now.
 */
int crew_catch_up(struct crew *g, struct err *e);

#endif
