/*
 * Erasure: what a person's right or a retention rule demands to be gone, is
 * gone for good, and the ledger stays whole. An erasure is an entry (action
 * erase) for each key of a subject (type subject-key, id: the 16 bytes of the
 * key's id in hex) and for each body that has no key of its own (type body, id:
 * the commitment in hex), with the notes decision and reason.
 *
 * The entries are committed first, then keys are destroyed and bodies written
 * over. Entries say all that is to be done, so whatever a crash, or an older
 * copy of keys or packs, left undone is done by erase_settle(): when a
 * workspace is opened for writing, and after a restore.
 */
#ifndef LEDGER_ERASE_H
#define LEDGER_ERASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"
#include "ledger/body.h"
#include "ledger/keys.h"

struct db;
struct ledger;
struct entry;

#define ERASE_ACTION "erase"
#define ERASE_KEY "subject-key"
#define ERASE_BODY "body"

struct erase_item {
	bool body;             /* a body, else the key of a subject */
	uint8_t id[BODY_HASH]; /* commitment, or KEYS_ID bytes and zeros */
};

/*
 * erase_append(l, actor, decision, reason, items, n, ret_n, e): an entry for
 * each, in the open transaction; what was erased before is left out. ${decision}
 * is a token that names the decision and no person, ${reason} a word.
 * Nothing is erased yet: commit, then erase_settle(). ${ret_n} (may be NULL) =
 * entries written. ERR_INPUT for a bad token or word.
 */
int erase_append(struct ledger *l, struct str actor, struct str decision,
    struct str reason, const struct erase_item *items, size_t n,
    size_t *ret_n, struct err *e);

struct erase_done {
	uint64_t keys;   /* destroyed now */
	uint64_t bodies; /* written over now */
};

/*
 * erase_settle(l, ret, e): every key and body that an erase entry names is
 * gone when this returns 0. Idempotent; a look into an index for each if there
 * is nothing to do. Outside of a transaction, writable. ${ret} may be NULL.
 */
int erase_settle(struct ledger *l, struct erase_done *ret, struct err *e);

/* erase_replay(l, ret, e): the same, after the list of what was erased was made
 * again from the entries: for a restore, which trusts nothing else. */
int erase_replay(struct ledger *l, struct erase_done *ret, struct err *e);

/*
 * The floors above have copies of what was erased in their tables. They are
 * told once: erase_pending() = 1 until erase_clean(), whatever comes between.
 */
int erase_pending(struct ledger *l, struct err *e);
int erase_clean(struct ledger *l, struct err *e);

/*
 * erase_unsaid(l, e): 1 if keys of subjects were destroyed that no entry here
 * speaks of: the keys are newer than the ledger, which an older backup is.
 */
int erase_unsaid(struct ledger *l, struct err *e);

/* erase_find(l, item, ret_entry, e): 1, and the index of the entry that erased
 * it; 0: none did. */
int erase_find(struct ledger *l, const struct erase_item *item,
    uint64_t *ret_entry, struct err *e);

/* erase_of_entry(x, ret): what an entry erases; false if it erases nothing. */
bool erase_of_entry(const struct entry *x, struct erase_item *ret);

#endif
