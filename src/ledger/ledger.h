/*
 * Ledger: the append-only log of a workspace, and the truth of it.
 *
 *     DIR/records.db                      tables entry, body, body_inline
 *     DIR/ledger/{checkpoint,vkey,tile/}  C2SP tlog-tiles, plain files
 *     DIR/bodies/pack-NNNNNN              sealed bodies
 *
 * An entry is acknowledged when ledger_commit() returned 0: it is then in
 * records.db (synchronous=FULL), in one transaction with what the floors above
 * wrote. ledger_sequence() brings acknowledged entries into bundles, tiles and
 * a signed checkpoint afterwards, catching up after a crash; nothing is lost
 * if it never ran. One process writes (the caller holds the workspace's lock)
 * through one connection; any number may read.
 */
#ifndef LEDGER_LEDGER_H
#define LEDGER_LEDGER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "ledger/body.h"
#include "ledger/entry.h"
#include "ledger/keys.h"

struct db;
struct ledger;

struct ledger_head {
	uint64_t size;      /* acknowledged entries; the next index */
	int64_t time;       /* of the last entry; 0 if there is none */
	uint64_t sequenced; /* entries under the checkpoint */
	uint8_t root[32];   /* root of those */
};

/*
 * ledger_create(dir, db, keys, e): make the tables in ${db} (records.db, open
 * for writing), the folders, and the checkpoint of size 0. The origin is the
 * name of the signing key.
 */
int ledger_create(const char *dir, struct db *db, struct keys *keys,
    struct err *e);

/*
 * ledger_open(dir, db, keys, writable, ret, e): ${db} and ${keys} are borrowed
 * until ledger_close(). Verifies the checkpoint's signature, that the newest
 * tiles have its root, and that records.db holds at least its entries:
 * ERR_DAMAGED if an older copy of records.db was put back. ${keys} NULL opens
 * for reading entries only. If writable, torn tails of packs are cut off.
 */
int ledger_open(const char *dir, struct db *db, struct keys *keys,
    bool writable, struct ledger **ret, struct err *e);

/* ledger_close(l): rolls back what was not committed; NULL is allowed. */
void ledger_close(struct ledger *l);

struct db *ledger_db(const struct ledger *l);
struct keys *ledger_keys(const struct ledger *l); /* NULL if opened without */
const char *ledger_dir(const struct ledger *l);
/* ledger_partial(l): bodies may be missing on purpose; see disclose_partial() */
bool ledger_partial(const struct ledger *l);

/* --- writing ------------------------------------------------------------- */

/* ledger_begin(l, e): the transaction of records.db (BEGIN IMMEDIATE). */
int ledger_begin(struct ledger *l, struct err *e);

/*
 * ledger_append(l, x, ret_index, ret_time, e): add an entry. Its time is set
 * here: max(previous entry's, clock); a clock that is behind is recorded as
 * note clock-behind. Notes need not be sorted. Both outputs may be NULL.
 */
int ledger_append(struct ledger *l, const struct entry *x,
    uint64_t *ret_index, int64_t *ret_time, struct err *e);

/* ledger_commit(l, e): on an error everything was rolled back. */
int ledger_commit(struct ledger *l, struct err *e);
void ledger_rollback(struct ledger *l); /* nothing to do is allowed */
bool ledger_in_transaction(const struct ledger *l);

/*
 * ledger_sequence(l, e): small bodies into packs, entries into bundles and
 * tiles, then a new signed checkpoint. Does nothing if nothing is new. Call it
 * outside of a transaction: at the end of a command, or every few seconds.
 */
int ledger_sequence(struct ledger *l, struct err *e);

/*
 * ledger_keep_up(l): the same in the middle of a command, before work that may
 * take long: what is acknowledged is to come under a checkpoint within seconds.
 * If it cannot be done now, it is done later; a reader does nothing.
 */
void ledger_keep_up(struct ledger *l);

/* --- reading ------------------------------------------------------------- */

int ledger_head(struct ledger *l, struct ledger_head *ret, struct err *e);

/* ledger_entry(l, a, index, ret, e): decoded, in ${a}. ERR_NOTFOUND. */
int ledger_entry(struct ledger *l, struct arena *a, uint64_t index,
    struct entry *ret, struct err *e);
/* ledger_entry_bytes(l, index, out, e): replace ${out} by its bytes. */
int ledger_entry_bytes(struct ledger *l, uint64_t index, struct buf *out,
    struct err *e);

/*
 * ledger_each(l, from, to, fn, ctx, e): entries from <= index < to, in order
 * (to = UINT64_MAX: up to the head). What the entry points to lives during the
 * call. ${fn} returns 0 to go on, 1 to stop early, or a negative error that
 * ledger_each() returns.
 */
typedef int ledger_each_fn(void *ctx, uint64_t index, const struct entry *x,
    struct err *e);
int ledger_each(struct ledger *l, uint64_t from, uint64_t to,
    ledger_each_fn *fn, void *ctx, struct err *e);

/*
 * ledger_size_at(l, time, ret, e): how many entries were there at ${time}
 * (microseconds): the size known then, for --known-at.
 */
int ledger_size_at(struct ledger *l, int64_t time, uint64_t *ret,
    struct err *e);

#endif
