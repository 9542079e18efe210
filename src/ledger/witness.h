/*
 * Witness (C2SP tlog-witness): vouches that the ledgers of others only grow.
 * For each ledger that it was told to watch it remembers the newest head that
 * it cosigned, and cosigns another one only if that is an extension of it.
 *
 *     DIR/witness/vkey            its verifier key (type 0x04), one line
 *     DIR/witness/log/HASH/vkey   the keys of a ledger that is watched: its
 *                                 origin, then a verifier key on each line
 *     DIR/witness/log/HASH/head   the newest checkpoint that it cosigned, with
 *                                 the ledger's signatures and its own
 *     DIR/witness/log/HASH/lock   held while one request is looked at
 *     KEYS/witness.key            the seed that it signs with, sealed under the
 *                                 master key as the ledger's is
 *
 * HASH is the hex of SHA-256(origin). The head is the state: it is written
 * durably, before the reply is given, and checked with both keys when it is
 * read, so a damaged one is an error and never "nothing seen so far". Any
 * number of processes and threads may call; requests for one ledger wait for
 * each other.
 */
#ifndef LEDGER_WITNESS_H
#define LEDGER_WITNESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "ledger/checkpoint.h"
#include "ledger/note.h"
#include "ledger/tree.h"

#define WITNESS_BODY (256u << 10) /* bytes of a request */
#define WITNESS_HASHES 63         /* lines of a consistency proof */
#define WITNESS_KEYS 16           /* keys of one ledger */

struct keys;
struct witness;

/* --- the judgement, which touches no file --------------------------------- */

struct witness_request {
	uint64_t old;
	struct tree_hash hash[WITNESS_HASHES];
	size_t n;
	struct str note; /* all of these point into the body */
	struct str text;
	struct checkpoint head; /* read, not yet verified */
};

/* A ledger that is watched. */
struct witness_log {
	char origin[NOTE_NAME + 1];
	struct note_key keys[WITNESS_KEYS];
	size_t nkeys;
	bool seen; /* cosigned before; size and root of that head: */
	uint64_t size;
	struct tree_hash root;
	int64_t time; /* of that cosignature */
};

/* witness_parse(body, ret, e): the body of add-checkpoint. ERR_INPUT. */
int witness_parse(struct str body, struct witness_request *ret,
    struct err *e);

/*
 * witness_judge(log, q, ret_by, e): the HTTP status for a request: 200 (to be
 * cosigned), 400, 403, 404 (${log} is NULL), 409 or 422; ${e} says why in all
 * but the first. ${ret_by} are the ledger's signatures that hold, if 200.
 */
int witness_judge(const struct witness_log *log,
    const struct witness_request *q, struct note_signers *ret_by,
    struct err *e);

/* --- a witness and its state ---------------------------------------------- */

/*
 * witness_create(dir, keys_dir, name, e): make the key and the folders. The
 * master key is made as well if ${keys_dir} has none. ERR_CONFLICT if there is
 * a witness already, ERR_INPUT if the name cannot be that of a key.
 */
int witness_create(const char *dir, const char *keys_dir, const char *name,
    struct err *e);

/* witness_open(dir, keys_dir, ret, e): ERR_NOTFOUND if there is none. */
int witness_open(const char *dir, const char *keys_dir, struct witness **ret,
    struct err *e);
void witness_close(struct witness *w); /* wipes; NULL is allowed */
static inline void
witness_closep(struct witness **w)
{
	witness_close(*w);
}
#define WITNESS_SCOPED __attribute__((cleanup(witness_closep))) struct witness

const struct note_key *witness_key(const struct witness *w);

/*
 * witness_trust(w, key, e): watch the ledger whose origin is the key's name, or
 * accept one more key of it. witness_distrust: accept the key no longer; what
 * was seen stays. Both are 1 if that was so already.
 */
int witness_trust(struct witness *w, const struct note_key *key,
    struct err *e);
int witness_distrust(struct witness *w, const struct note_key *key,
    struct err *e);

/* witness_each(w, fn, ctx, e): the ledgers that are watched, sorted by HASH. A
 * negative answer of ${fn} ends it and is returned. */
typedef int witness_fn(void *ctx, const struct witness_log *log,
    struct err *e);
int witness_each(struct witness *w, witness_fn *fn, void *ctx, struct err *e);

struct witness_reply {
	int status;
	const char *type; /* Content-Type */
	struct buf body;  /* freed by the caller */
};

/*
 * witness_add(w, body, ret, e): POST <prefix>/add-checkpoint. ${ret} is always
 * a whole reply. 0 unless the state could not be read or written: then the
 * reply is 500 or 503 and says nothing of the machine, and ${e} says what it
 * was.
 */
int witness_add(struct witness *w, struct str body, struct witness_reply *ret,
    struct err *e);

/* witness_latest(w, hash, ret, e): GET <prefix>/HASH/checkpoint: the newest
 * head that was cosigned, or 404. */
int witness_latest(struct witness *w, struct str hash,
    struct witness_reply *ret, struct err *e);

#endif
