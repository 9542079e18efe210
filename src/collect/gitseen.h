/*
 * Which commits a run has read, and whether their dates can be trusted. git
 * walks a history by date: where a commit is dated before one of its parents,
 * `rev-list A ^B` may give commits that B leads to as well. Such a history is
 * read whole, and what comes twice is passed over.
 */
#ifndef COLLECT_GITSEEN_H
#define COLLECT_GITSEEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

struct gitseen;
struct gitseen *gitseen_new(void);
void gitseen_free(struct gitseen *s); /* NULL is allowed */

/* gitseen_add(s, hash, at, parents, n): a commit recorded at ${at}; false if
 * it was added before. Hashes are hex. Any order. */
bool gitseen_add(struct gitseen *s, struct str hash, int64_t at,
    const struct str *parents, size_t n);
/* gitseen_skewed(s): some commit that was added is dated before a parent that
 * was added too, or has no date. */
bool gitseen_skewed(const struct gitseen *s);

/*
 * gitseen_lines(s, text): adds what `rev-list --timestamp --parents
 * --boundary` printed. False if it cannot be read.
 */
bool gitseen_lines(struct gitseen *s, struct str text);

#endif
