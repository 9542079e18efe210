/* When the ledger took something in: the time of the server, which nobody who
 * writes a record can choose. */
#ifndef PROGRAM_SAID_H
#define PROGRAM_SAID_H

#include <stdint.h>

#include "base/err.h"
#include "record/record.h"

/* said_at(s, entry, ret_us, e): the time of an entry. */
int said_at(struct record_store *s, uint64_t entry, int64_t *ret_us,
    struct err *e);

/* said_now(s): now, but not before what the ledger took in last: a clock that is
 * behind does not make what was said unsaid. A store without a ledger has said
 * nothing. */
int64_t said_now(struct record_store *s);

#endif
