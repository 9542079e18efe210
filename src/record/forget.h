/*
 * Forgetting: what was erased in the ledger leaves the tables that were made
 * from it, and every place where SQLite keeps old pages.
 */
#ifndef RECORD_FORGET_H
#define RECORD_FORGET_H

#include <stdbool.h>

#include "record/workspace.h"

/*
 * record_forget(ws, ret, e): finish every erasure: keys destroyed, bodies
 * written over (erase_settle()); then, if the tables were not told yet, make
 * the record tables again, remove evidence.db (which is made again when it is
 * opened) and records.db.before, and write records.db anew without free pages
 * and with an empty log. Idempotent: after a crash it is done again.
 * ${ret} (may be NULL): the tables were made again. ERR_BUSY: somebody reads
 * an old state of records.db; all else is done, call it again later.
 */
int record_forget(struct workspace *ws, bool *ret, struct err *e);

/*
 * record_forget_late(ws, e): the same for an older copy of a workspace whose
 * keys are of later, after a restore: what was erased since then is in its
 * tables still. Nothing is done if no key was.
 */
int record_forget_late(struct workspace *ws, struct err *e);

#endif
