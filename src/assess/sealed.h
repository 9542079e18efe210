/*
 * Results as they are stored. The lines of a result name people: subject,
 * label, reason, evidence. In the stored body these are sealed under a key of
 * the member they speak of, so that destroying that key erases the member from
 * every result there ever was, and the rest of the result stays readable and
 * under its commitment (doc/results.md, "As stored").
 */
#ifndef ASSESS_SEALED_H
#define ASSESS_SEALED_H

#include "base/err.h"
#include "base/str.h"
#include "ledger/keys.h"

#define SEALED_MAGIC "tickmark-result/v2"

/*
 * sealed_name(subject, out): append the name of a member's key; ${subject} as it
 * stands in the line, that is with its escapes.
 */
void sealed_name(struct str subject, struct buf *out);
/* sealed_field(s, out): append ${s} as it stands in a line. */
void sealed_field(struct str s, struct buf *out);

/*
 * sealed_encode(k, clear, out, e): append the stored form of canonical bytes.
 * Equal bytes and equal keys give an equal form; members who have no key yet
 * get one.
 */
int sealed_encode(struct keys *k, struct str clear, struct buf *out,
    struct err *e);

/*
 * sealed_decode(k, stored, max, out, e): append the canonical bytes; with ${max}
 * not SIZE_MAX only those items that result_decode() keeps of so many, which is
 * much faster for large results. A member whose
 * key was destroyed has the subject "erased:" and the key's id, and no words;
 * one whose key is not among ${k} (which may be NULL) the same with
 * "withheld:". What was stored in clear by an older version comes as it is.
 * ERR_DAMAGED.
 */
int sealed_decode(struct keys *k, struct str stored, size_t max, struct buf *out,
    struct err *e);

/*
 * sealed_each(k, stored, fn, ctx, e): each sealed line with its key's id;
 * ${clear} is what is sealed, the fields joined by tabs, or empty without
 * address if it cannot be opened. ${fn} returns 0 to go on.
 */
typedef int sealed_fn(void *ctx, const uint8_t id[KEYS_ID], struct str clear,
    struct err *e);
int sealed_each(struct keys *k, struct str stored, sealed_fn *fn, void *ctx,
    struct err *e);

#endif
