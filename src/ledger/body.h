/*
 * Bodies: what entries commit to (revisions, runs, chunks of rows, raw bytes,
 * results). A body is named by its commitment
 *     SHA-256("tickmark-body/v1" || 0x00 || salt || plaintext)
 *     salt = HMAC-SHA256(salt key, SHA-256(plaintext))
 * so equal content under one key is stored once, and a destroyed key leaves a
 * commitment that nobody can guess from. Stored compressed and sealed; formats
 * in doc/ledger.md. A body is found by the floors above only through here, and
 * what body_get() returns was checked against the commitment.
 *
 * Writing happens inside ledger_begin() .. ledger_commit(). A small body rides
 * in that transaction of records.db and is moved to a pack later; with
 * BODY_PACK, or above BODY_SMALL bytes, it goes to the pack at once, and the
 * commit syncs the pack first. After ledger_rollback() nothing of it is left.
 */
#ifndef LEDGER_BODY_H
#define LEDGER_BODY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"
#include "ledger/keys.h"

#define BODY_HASH 32
#define BODY_SMALL 65536            /* bytes of plaintext */
#define BODY_MAX (UINT64_C(1) << 30) /* bytes of plaintext */

struct ledger;

enum body_flags {
	BODY_PACK = 1, /* one of many: write it to the pack at once */
};

/*
 * body_put(l, key, plain, flags, ret, e): store, or find that it is stored.
 * ${key} NULL: the workspace's own key; else a subject's. ret = commitment.
 */
int body_put(struct ledger *l, const struct keys_set *key, struct str plain,
    unsigned flags, uint8_t ret[BODY_HASH], struct err *e);

/*
 * body_put_new(l, key, plain, flags, ret, ret_new, e): the same, and whether it
 * was not stored before.
 */
int body_put_new(struct ledger *l, const struct keys_set *key,
    struct str plain, unsigned flags, uint8_t ret[BODY_HASH], bool *ret_new,
    struct err *e);

/*
 * The same in two steps, for threads that share a ledger (group.h): body_seal()
 * compresses and seals, needs no ledger and may run on any number of threads at
 * once; body_put_sealed() stores what came out, inside a transaction. The caller
 * frees ret->record.
 */
struct body_sealed {
	uint8_t commitment[BODY_HASH];
	bool packed;
	struct buf record;
};
int body_seal(const struct keys *k, const struct keys_set *key,
    struct str plain, unsigned flags, struct body_sealed *ret, struct err *e);
int body_put_sealed(struct ledger *l, const struct body_sealed *b,
    struct err *e);

/*
 * body_commitment(l, key, plain, ret): the commitment alone, nothing is stored.
 * ${key} as above.
 */
void body_commitment(const struct ledger *l, const struct keys_set *key,
    struct str plain, uint8_t ret[BODY_HASH]);

/*
 * body_get(l, commitment, out, e): replace the content of ${out} by the
 * plaintext. ERR_NOTFOUND: no such body here. ERR_ERASED: its key was
 * destroyed, or it was erased. ERR_DAMAGED: it is not what was committed to;
 * the error names the commitment and the file.
 */
int body_get(struct ledger *l, const uint8_t commitment[BODY_HASH],
    struct buf *out, struct err *e);

/* body_key(l, commitment, ret, e): the id of the key that it is sealed under.
 * ERR_NOTFOUND: no such body here. */
int body_key(struct ledger *l, const uint8_t commitment[BODY_HASH],
    uint8_t ret[KEYS_ID], struct err *e);

/* body_has(l, commitment): stored here (whether or not its key is left). */
bool body_has(struct ledger *l, const uint8_t commitment[BODY_HASH]);

#endif
