/*
 * Cosign: the ledger's side of witnessing. A checkpoint is sent to witnesses,
 * and what they answer is kept beside it.
 *
 *	BUF_SCOPED note, body; struct checkpoint c;
 *	proof_note(files, "checkpoint", &note, &c, e)  the newest one
 *	cosign_request(files, old, &note, &body, e)   for each witness
 *	cosign_merge(&note, answer, &key, 1, &added, e)
 *	cosign_store(ledger, note, &witnessed, e)
 *
 * The ledger may go on meanwhile: an answer is kept for the checkpoint that it
 * was given for.
 */
#ifndef LEDGER_COSIGN_H
#define LEDGER_COSIGN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"
#include "ledger/checkpoint.h"
#include "ledger/note.h"

struct ledger;

/*
 * cosign_request(files, old, note, out, e): replace ${out} by the body of
 * add-checkpoint (C2SP tlog-witness): "old N", the consistency proof from ${old}
 * entries, an empty line, the note. ERR_INPUT if ${old} is larger than its
 * size: the witness has seen more than this ledger holds.
 */
int cosign_request(const char *files, uint64_t old, struct str note,
    struct buf *out, struct err *e);

/*
 * cosign_merge(note, lines, keys, n, ret_added, e): add the signature lines of
 * an answer that hold for ${note} under one of ${n} cosignature keys; an older
 * line of the same key goes. Lines of other keys are left out. ERR_INPUT if the
 * answer has no such form, ERR_DAMAGED if a line of a key does not hold,
 * ERR_DENIED if there is none.
 */
int cosign_merge(struct buf *note, struct str lines,
    const struct note_key *keys, size_t n, size_t *ret_added, struct err *e);

/*
 * cosign_store(l, note, ret_witnessed, e): keep a note with its cosignatures:
 * in FILES/checkpoint if that is still of the same text (with the lines of
 * both), and as FILES/witnessed if it has the quorum of the policy in force and
 * what is there is not of a later size. The ledger is open for writing.
 * ERR_NOTFOUND if no policy is in force, ERR_DAMAGED if the note is not ours.
 */
int cosign_store(struct ledger *l, struct str note, bool *ret_witnessed,
    struct err *e);

#endif
