/*
 * records.db made again, whole, from what lies beside it: entries from the
 * bundles, bodies from the packs, records from both.
 */
#ifndef RECORD_RESTORE_H
#define RECORD_RESTORE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

struct restore_counts {
	uint64_t entries;
	uint64_t revisions;
	bool kept; /* there was an old one */
};

/*
 * restore_records(dir, ret, e): write a new records.db beside the old one,
 * which may be damaged or missing, and put it in its place. The old one stays
 * as records.db.before. Takes the lock. If that fails, all is as it was.
 * Entries that were acknowledged but never sequenced are only in the old one:
 * if it can be opened, they are sequenced first.
 */
int restore_records(const char *dir, struct restore_counts *ret,
    struct err *e);

#endif
