/*
 * Checkpoint (C2SP tlog-checkpoint v1): a signed note over
 *     origin LF size LF base64(root) LF
 * The origin is the name of the key. Extension lines of others are accepted
 * and ignored; ours has none.
 */
#ifndef LEDGER_CHECKPOINT_H
#define LEDGER_CHECKPOINT_H

#include <stdint.h>

#include "base/err.h"
#include "base/str.h"
#include "ledger/note.h"
#include "ledger/tree.h"

struct checkpoint {
	char origin[NOTE_NAME + 1];
	uint64_t size;
	struct tree_hash root;
};

/* checkpoint_print(c, out): append the text that is signed. */
void checkpoint_print(const struct checkpoint *c, struct buf *out);

/* checkpoint_parse(text, ret, e): the strict reverse; ERR_INPUT. */
int checkpoint_parse(struct str text, struct checkpoint *ret, struct err *e);

/* checkpoint_open(note, key, ret, e): check the signature and the origin. */
int checkpoint_open(struct str note, const struct note_key *key,
    struct checkpoint *ret, struct err *e);

/*
 * checkpoint_open_by(note, keys, nlogs, n, ret, ret_signers, e): the same with
 * any of the first ${nlogs} keys, which are ledgers'; the other ones, up to
 * ${n}, are witnesses'. The errors of note_open(); ERR_DENIED if no ledger
 * signed it, ERR_INPUT if none whose name is the origin. ${ret_signers} may be
 * NULL; it holds ledgers and witnesses.
 */
int checkpoint_open_by(struct str note, const struct note_key *keys,
    size_t nlogs, size_t n, struct checkpoint *ret,
    struct note_signers *ret_signers, struct err *e);

#endif
