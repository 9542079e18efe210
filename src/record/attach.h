/*
 * Files that belong to a record: the bytes themselves are a body of the ledger,
 * sealed under a key of their own, so that they can be erased by themselves. An
 * entry of action "attach" commits to them, under an id of the file's own; the
 * record names that entry, and keeps size and SHA-256. Entries of revisions know nothing of it.
 */
#ifndef RECORD_ATTACH_H
#define RECORD_ATTACH_H

#include "record/record.h"

#define ATTACH_ACTION "attach"
#define ATTACH_CLASS "file" /* of the body */
#define ATTACH_MAX ((size_t)32 << 20) /* bytes */

/*
 * attach_put(l, who, t, class, bytes, ret_entry, e): in the open transaction.
 * ${class}: of what stands in it, by its word. ERR_INPUT: no bytes; ERR_LIMIT:
 * more than ATTACH_MAX.
 */
int attach_put(struct ledger *l, const struct record_actor *who,
    const struct schema_type *t, struct str class, struct str bytes,
    uint64_t *ret_entry, struct err *e);

/*
 * attach_find(l, entry, t, ret, e): the commitment of the file that an entry
 * attached to a record of the type. ERR_DAMAGED: it attaches none.
 */
int attach_find(struct ledger *l, uint64_t entry, const struct schema_type *t,
    uint8_t ret[32], struct err *e);

/* attach_get(l, entry, t, out, e): its bytes in place of ${out}. ERR_ERASED,
 * ERR_NOTFOUND: withheld. */
int attach_get(struct ledger *l, uint64_t entry, const struct schema_type *t,
    struct buf *out, struct err *e);

#endif
