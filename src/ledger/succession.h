/*
 * Succession: which key followed which. The entry of a rotation of the signing
 * key has the signature of the old key over the checkpoint of all entries before
 * it with one more line, which names the new key (doc/ledger.md, "Rotation"). So
 * who knows only an old key can follow the ledger to its newest.
 */
#ifndef LEDGER_SUCCESSION_H
#define LEDGER_SUCCESSION_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "ledger/checkpoint.h"
#include "ledger/entry.h"
#include "ledger/note.h"

#define SUCCESSION_NOTE "signed" /* of the entry: base64 of the signature */

/* succession_text(before, next, out): append what the old key signs: the head
 * of the entries before, and the key that follows. */
void succession_text(const struct checkpoint *before,
    const struct note_key *next, struct buf *out);

/* A key that was followed: entry ${index} hands over to it. */
struct succession {
	uint64_t index;
	int64_t time;
};

/*
 * succession_follow(files, c, keys, cap, n, last, e): FILES holds a tree of
 * ${c}, which was checked. To the *n keys that are known, those are added that
 * an entry brings under the signature of a known one; *last is the last such
 * entry (index 0: there was none). 0, also if nothing was to be followed;
 * ERR_DAMAGED names an entry that says it is signed by a known key and is not;
 * ERR_NOTFOUND one that a version wrote which did not sign it yet.
 */
int succession_follow(const char *files, const struct checkpoint *c,
    struct note_key *keys, size_t cap, size_t *n, struct succession *last,
    struct err *e);

#endif
