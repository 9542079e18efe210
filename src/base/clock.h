/*
 * Time and randomness, replaceable so that a year can be played in a second
 * and a run repeated bit for bit. World times are microseconds since
 * 1970-01-01T00:00:00Z (int64_t); durations by the monotonic clock.
 */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/banned.h"

#define CLOCK_SECOND INT64_C(1000000)
#define CLOCK_HOUR (3600 * CLOCK_SECOND)
#define CLOCK_DAY (24 * CLOCK_HOUR)

/* clock_now(): microseconds UTC, by the replaced clock if there is one. */
int64_t clock_now(void);
/* clock_mono(): microseconds of a clock that never goes back. */
int64_t clock_mono(void);
/*
 * clock_replace(us): from now on clock_now() starts at ${us} and advances by
 * one microsecond at each call; 0 puts the real clock back. Allowed only for
 * tests and for workspaces marked as a demo (the caller checks).
 */
void clock_replace(int64_t us);
bool clock_replaced(void);

/* rng_bytes(out, n): from the kernel, or from rng_replace()'s stream. */
void rng_bytes(void *out, size_t n);
/* rng_replace(seed): a deterministic stream for tests; 0 puts back. */
void rng_replace(uint64_t seed);

#endif
