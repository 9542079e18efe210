/*
 * Audit: the tree of a ledger from its files alone, for one who has neither
 * databases nor keys. Every entry is hashed again and compared with the tiles,
 * every tile with the tiles above it, and all of it with a root that somebody
 * signed. Where entry and tile differ, the root says which of them was changed.
 */
#ifndef LEDGER_AUDIT_H
#define LEDGER_AUDIT_H

#include <stdint.h>

#include "base/err.h"
#include "base/str.h"
#include "ledger/checkpoint.h"

struct audit_counts {
	uint64_t entries; /* hashed */
	uint64_t tiles;   /* files compared */
	uint64_t bundles;
	uint64_t problems;
};

/* Something that does not hold: ERR_DAMAGED, ${where} a file below FILES or an
 * entry. */
typedef void audit_tell_fn(void *ctx, const struct err *problem);

/*
 * audit_tree(files, c, tell, ctx, ret): FILES holds the tiles and entry
 * bundles of a tree of c->size with the root c->root. A missing file ends the
 * walk: it is told.
 */
void audit_tree(const char *files, const struct checkpoint *c,
    audit_tell_fn *tell, void *ctx, struct audit_counts *ret);

#endif
