/*
 * Proof (C2SP tlog-proof): a file that shows offline that an entry is in a
 * ledger under a signed checkpoint.
 *
 *     c2sp.org/tlog-proof@v1
 *     extra BASE64               at most once
 *     index 73894
 *     BASE64                     siblings from the leaf to the root
 *                                an empty line
 *     the checkpoint, as it is, with its signatures
 *
 * A receipt is a proof whose extra data are the bytes of the entry, so that
 * nothing else is needed to check it but the keys. What is proven is the leaf:
 * extra data of another kind are not looked at.
 */
#ifndef LEDGER_PROOF_H
#define LEDGER_PROOF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "ledger/checkpoint.h"
#include "ledger/entry.h"
#include "ledger/note.h"
#include "ledger/policy.h"
#include "ledger/tree.h"

#define PROOF_HASHES 63 /* no tree is higher */
#define PROOF_MAX (2u << 20)

struct proof {
	struct str extra; /* opened; ptr NULL if there is none */
	uint64_t index;
	struct tree_hash hash[PROOF_HASHES];
	size_t n;
	struct str note;
};

/* proof_print(p, out): append the file. */
void proof_print(const struct proof *p, struct buf *out);

/* proof_parse(a, text, ret, e): the strict reverse; nothing is verified. The
 * note points into ${text}, the rest is in ${a}. ERR_INPUT names the line. */
int proof_parse(struct arena *a, struct str text, struct proof *ret,
    struct err *e);

/* proof_holds(p, leaf, head): is the leaf at the index under that head? */
bool proof_holds(const struct proof *p, const struct tree_hash *leaf,
    const struct checkpoint *head);

/* --- receipts ------------------------------------------------------------ */

struct proof_receipt {
	struct proof proof;
	struct entry entry;      /* points into the arena */
	struct policy_seen seen; /* with its quorum, if a policy was given */
};

/*
 * proof_check(a, text, policy, logs, n, ret, e): a receipt against a policy
 * (may be NULL) and ${n} more keys of ledgers. 0: entry, tree and signatures
 * hold; that the policy's quorum is missing is said in ret->seen. ERR_NO and
 * what does not hold: the entry is not at its place, or a signature is wrong or
 * missing. ERR_INPUT: it is not a receipt.
 */
int proof_check(struct arena *a, struct str text, const struct policy *policy,
    const struct note_key *logs, size_t n, struct proof_receipt *ret,
    struct err *e);

/*
 * proof_make(files, index, out, e): append the receipt of an entry to ${out},
 * from the plain files of a ledger (DIR/ledger): under the note "witnessed" if
 * that holds the entry, otherwise under "checkpoint". ERR_NOTFOUND if neither
 * does (yet).
 */
int proof_make(const char *files, uint64_t index, struct buf *out,
    struct err *e);

/* --- notes of a ledger --------------------------------------------------- */

/*
 * proof_note(files, name, ret_note, ret, e): read FILES/NAME, a note of this
 * ledger, into ${ret_note} and check it with its verifier keys. ERR_NOTFOUND
 * if there is no such file, ERR_DAMAGED if it cannot be trusted.
 */
int proof_note(const char *files, const char *name, struct buf *ret_note,
    struct checkpoint *ret, struct err *e);

/* proof_keys(files, ret, cap, ret_n, e): the verifier keys, the newest first. */
#define PROOF_KEYS 64
int proof_keys(const char *files, struct note_key *ret, size_t cap,
    size_t *ret_n, struct err *e);

/*
 * proof_keys_from(what, ret, cap, n, e): keys that a person gives: one verifier
 * key, or the name of a file with one a line ("#" begins a comment). They are
 * added behind the *n that there are. ERR_INPUT names what is wrong, ERR_LIMIT
 * if there are more than ${cap}.
 */
int proof_keys_from(const char *what, struct note_key *ret, size_t cap,
    size_t *n, struct err *e);

/* proof_policy(a, files, ret, ret_text, e): the policy in force (FILES/policy)
 * and its text; 0 with *ret NULL if there is none. */
int proof_policy(struct arena *a, const char *files, struct policy **ret,
    struct str *ret_text, struct err *e);

#endif
