/*
 * Subjects: one random key for each subject (a person's account in a source, a
 * person's record, a month of raw bytes ...), under which their personal cells
 * and bodies are sealed. Destroying the key erases them in every chunk,
 * revision, copy and backup at once, and the ledger stays whole.
 *
 * The keys lie wrapped in keys/subjects.db, found by a keyed hash of the
 * subject's name: the file names nobody. They are durable before the call that
 * made them returns, so a crash can leave a key without data, never data
 * without its key.
 *
 * A cell is sealed deterministically (an SIV construction), so that an
 * unchanged cell keeps its bytes:
 *     tag  = BLAKE2b-192(key = tag key, column || 0x00 || plaintext)
 *     cell = tag || XChaCha20(cell key, nonce = tag, plaintext)
 */
#ifndef LEDGER_SUBJECT_H
#define LEDGER_SUBJECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"
#include "ledger/check.h"
#include "ledger/keys.h"

#define SUBJECT_CELL_EXTRA CRYPTO_NONCE /* a sealed cell is so much longer */

/*
 * subject_keys(k, names, n, ret, e): the keys of ${n} subjects, ret[i] for
 * names[i]; those that are new are made in one transaction (fast: call it with
 * all the names of a run). A name is bytes as the caller likes, say
 * "source/subject", at most 4096; the same bytes are the same subject. Names
 * may repeat. A subject whose key was destroyed gets a new one: what was
 * erased stays erased. On failure ${ret} holds zeros.
 */
int subject_keys(struct keys *k, const struct str *names, size_t n,
    struct keys_set *ret, struct err *e);

/* subject_key(k, name, ret, e): the same for one. */
int subject_key(struct keys *k, struct str name, struct keys_set *ret,
    struct err *e);

/*
 * subject_find(k, id, ret, e): by the id that a sealed body names. ERR_ERASED
 * if the key was destroyed, ERR_NOTFOUND if there never was such a key.
 */
int subject_find(struct keys *k, const uint8_t id[KEYS_ID],
    struct keys_set *ret, struct err *e);

/*
 * subject_hold(k, e): from now on keys are looked up in one read transaction of
 * subjects.db, which makes many look-ups several times faster; none may be made
 * or destroyed until subject_release(k), which may be called without.
 */
int subject_hold(struct keys *k, struct err *e);
void subject_release(struct keys *k);

/*
 * subject_begin(k, e): from now on keys are made in one transaction, which
 * subject_commit() ends; until then nothing that they seal may be on disk for
 * good. subject_rollback(k) takes them all back, and may be called without.
 */
int subject_begin(struct keys *k, struct err *e);
int subject_commit(struct keys *k, struct err *e);
void subject_rollback(struct keys *k);

/*
 * subject_lookup(k, name, ret, e): by name, without making one. ERR_NOTFOUND,
 * or ERR_ERASED if only destroyed ones are left.
 */
int subject_lookup(struct keys *k, struct str name, struct keys_set *ret,
    struct err *e);

/*
 * subject_destroy(k, name, ret_id, e): overwrite and forget the key, durably.
 * ERR_NOTFOUND if the subject has none. ${ret_id} (may be NULL) is its id, for
 * the entry that records the decision.
 */
int subject_destroy(struct keys *k, struct str name, uint8_t ret_id[KEYS_ID],
    struct err *e);

/*
 * subject_destroy_ids(k, ids, n, ret_n, e): the same by ids, all in one
 * transaction; ret_n = how many there were. Ids that are unknown or destroyed
 * already are passed over: then nothing is written.
 */
int subject_destroy_ids(struct keys *k, const uint8_t (*ids)[KEYS_ID], size_t n,
    uint64_t *ret_n, struct err *e);

/* subject_returned(k): how many subjects whose key had been destroyed were given
 * a new one since ${k} was opened: they are delivered again. */
size_t subject_returned(const struct keys *k);

/*
 * subject_verify(k, fn, ctx, e): open every key that was not destroyed; each one
 * that is not what was stored is told to ${fn}. Fails if it could not look.
 */
int subject_verify(struct keys *k, check_fn *fn, void *ctx, struct err *e);

/* subject_seal(s, column, plain, out): append n + SUBJECT_CELL_EXTRA bytes. */
void subject_seal(const struct keys_set *s, struct str column,
    struct str plain, struct buf *out);

/*
 * subject_open(s, column, cell, out): append the plaintext; false, and ${out}
 * as it was, if the cell is not one that was sealed with this key for this
 * column.
 */
bool subject_open(const struct keys_set *s, struct str column,
    struct str cell, struct buf *out);

#endif
