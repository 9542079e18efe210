/*
 * What a reader sees of the evidence through SQL (record/reader.h). SQL has no
 * record at hand when it is compiled, so that a rule which hangs on the record
 * grants nothing here, but that of an open engagement for collected tables. No
 * reader is the programme itself. Only this folder includes it.
 */
#ifndef EVIDENCE_SIGHT_H
#define EVIDENCE_SIGHT_H

#include "evidence/query.h"

struct record_reader;

/* What stands in the place of a value that is masked: nothing to compare with. */
#define SIGHT_MASKED "'" CELL_MASKED_TEXT "'"

/* sight_table(r, t, ret_masked): may it be asked, and which fields of it are
 * masked (by bit; ${ret_masked} may be NULL)? */
bool sight_table(const struct record_reader *r, const struct schema_type *t,
    uint64_t *ret_masked);
/* sight_subject(r, t): is the subject of its rows seen? */
bool sight_subject(const struct record_reader *r, const struct schema_type *t);
/* sight_engine(r, name): may the view of the engine be asked? Those of who is
 * who are for those who see everybody. */
bool sight_engine(const struct record_reader *r, const char *name);

/* sight_note(r, reads, n, e): record what of it is personal or restricted and
 * in the clear. */
int sight_note(struct record_reader *r, const struct query_read *reads,
    size_t n, struct err *e);

#endif
