/*
 * What became of backups and of tried restores, as entries of the ledger:
 * action backup, type backup-point or restore-test, id of the depot
 * (doc/ledger.md). So it is evidence, and doctor can say how old the last is.
 */
#ifndef SEAL_BACKUP_RECORD_H
#define SEAL_BACKUP_RECORD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"
#include "ledger/id.h"

struct ledger;

enum backup_kind { BACKUP_POINT, BACKUP_TEST };

struct backup_event {
	enum backup_kind kind;
	char depot[ID_LEN + 1]; /* empty: it was not reached */
	bool good;
	enum err_code reason;   /* if not */
	uint64_t point;         /* 0: none */
	uint64_t entries;       /* in it */
	uint64_t bytes;         /* of its files */
	const uint8_t *digest;  /* of the evidence of a tried restore, or NULL */
	int64_t time;           /* reading: of the entry */
	uint64_t index;         /* reading */
};

/* backup_record(l, actor, x, e): one entry, in its own transaction. */
int backup_record(struct ledger *l, struct str actor,
    const struct backup_event *x, struct err *e);

/*
 * backup_record_last(l, kind, good, ret, ret_found, e): the newest entry of a
 * kind; ${good}: the newest that went well.
 */
int backup_record_last(struct ledger *l, enum backup_kind kind, bool good,
    struct backup_event *ret, bool *ret_found, struct err *e);

#endif
