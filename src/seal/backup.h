/*
 * Backup of a workspace into a depot, while others may go on writing it: it
 * takes no lock. What it copies is one consistent prefix, because of the order:
 * the checkpoint and the other small files, then records.db as of one instant,
 * then of each pack what that database acknowledges, then the keys. Only what
 * the points before do not hold is written. A point exists when its manifest
 * does, so an interrupted backup changes nothing; the next one goes on where
 * it stopped.
 */
#ifndef SEAL_BACKUP_H
#define SEAL_BACKUP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "ledger/age.h"
#include "ledger/id.h"

struct backup_spec {
	const char *dir; /* the workspace */
	const char *to;  /* the depot */
	const struct age_recipient *recipients; /* who may open it, besides the
	                                         * workspace itself */
	size_t nrecipients; /* at least one, unless plain */
	bool plain;         /* do not encrypt */
	bool without_keys;
	uint64_t keep;      /* points; 0: all */
	uint64_t segment;   /* bytes of a segment; 0: as usual */
};

struct backup_result {
	char depot[ID_LEN + 1];
	uint64_t number;  /* of the point */
	int64_t made;
	uint64_t entries;
	uint64_t bytes;   /* of all files in it, keys left out */
	uint64_t written; /* bytes of the objects that were new */
	size_t objects;   /* how many of those */
	size_t forgotten; /* points that were more than keep */
	size_t removed;   /* objects that no point needs any more */
	size_t skipped;   /* files with names that cannot be written down */
	bool full;        /* nothing could be used of earlier points */
	bool resumed;     /* something of an interrupted one was */
};

/*
 * backup_run(spec, ret, e): ERR_DAMAGED also if the workspace is older than its
 * newest point, or has another history: an old copy was put back.
 */
int backup_run(const struct backup_spec *spec, struct backup_result *ret,
    struct err *e);

#endif
