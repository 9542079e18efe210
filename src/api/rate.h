/*
 * How often somebody may ask: a bucket for each token and for each address, that
 * holds ${burst} and fills by ${rate} a second. The table has a fixed size; who
 * has not asked for longest gives way, so that many addresses cost no memory.
 * Any thread may ask.
 */
#ifndef API_RATE_H
#define API_RATE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

struct rate;

/* rate_every(us, burst): one in so many microseconds. */
struct rate *rate_every(int64_t us, int64_t burst);
struct rate *rate_new(int64_t per_second, int64_t burst);
void rate_free(struct rate *r); /* NULL is allowed */

/*
 * rate_take(r, who, n, now, ret_wait): take ${n} out of the bucket of ${who} at
 * ${now} (clock_mono()). false: there are not so many; *ret_wait is in how many
 * seconds there will be.
 */
bool rate_take(struct rate *r, struct str who, int64_t n, int64_t now,
    int64_t *ret_wait);

#endif
