/*
 * Disclosure: what of a workspace is given to somebody who has none of its
 * keys, and reading it back. A body is given as a record of the pack format
 * whose payload is not sealed: the key id is "open" and twelve zero bytes, the
 * payload what the sealed one holds inside (salt, length, zstd frame), so that
 * anybody can compute its commitment. Keys of subjects are given as far as they
 * open cells of rows, and no further (doc/bundle.md).
 */
#ifndef LEDGER_DISCLOSE_H
#define LEDGER_DISCLOSE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "ledger/body.h"
#include "ledger/keys.h"

struct ledger;

/* --- giving ------------------------------------------------------------------ */

/*
 * disclose_body(l, commitment, record, plain, ret_key, e): replace ${record} by
 * the open record of a body and ${plain} by its content; checked against the
 * commitment. Errors of body_get(); with ERR_ERASED ${ret_key} is the id of the
 * key that is gone (zeros if the body itself is).
 */
int disclose_body(struct ledger *l, const uint8_t commitment[BODY_HASH],
    struct buf *record, struct buf *plain, uint8_t ret_key[KEYS_ID],
    struct err *e);

/* disclose_pack(out): the beginning of a pack. */
void disclose_pack(struct buf *out);

/*
 * The keys of cells, as a file:
 *     tickmark-cell-keys/v1
 *     hex(id) hex(cell key) hex(tag key)      ascending by id, each once
 */
struct disclose_key {
	uint8_t id[KEYS_ID];
	uint8_t cell[CRYPTO_KEY];
	uint8_t tag[CRYPTO_KEY];
};
void disclose_keys_print(const struct disclose_key *k, size_t n,
    struct buf *out);

/* --- reading ----------------------------------------------------------------- */

/* disclose_keys_parse(a, text, ret, ret_n, e): the strict reverse; ERR_INPUT. */
int disclose_keys_parse(struct arena *a, struct str text,
    struct disclose_key **ret, size_t *ret_n, struct err *e);

/*
 * disclose_keys(files, cells, n, ret, e): the keys of a disclosed workspace:
 * those of ${cells} (copied), no other, and the verifier key of FILES/vkey as
 * its name. They open open bodies; a subject's key that is not among them is
 * ERR_ERASED. They sign nothing. Closed by keys_close().
 */
int disclose_keys(const char *files, const struct disclose_key *cells,
    size_t n, struct keys **ret, struct err *e);

/* disclose_partial(l): from now on a body that is not here is ERR_ERASED: it
 * was left out on purpose. */
void disclose_partial(struct ledger *l);

/*
 * disclose_open(record, where, ret_commitment, plain, e): one open record, its
 * checksum and its content against its commitment. ERR_DAMAGED says what is
 * wrong.
 */
int disclose_open(struct str record, const char *where,
    uint8_t ret_commitment[BODY_HASH], struct buf *plain, struct err *e);

/*
 * disclose_scan(path, name, fn, ctx, e): every record of a pack of open ones, in
 * order; ${name} is what errors call the file. ${fn} gets the commitment that
 * the record claims and ${why} NULL if it holds, or what is wrong with it. 1
 * from ${fn} stops.
 */
typedef int disclose_fn(void *ctx, const uint8_t commitment[BODY_HASH],
    struct str plain, const struct err *why);
int disclose_scan(const char *path, const char *name, disclose_fn *fn,
    void *ctx, struct err *e);

#endif
