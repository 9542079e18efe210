/*
 * Revisions of records as rows of evidence: every record type is a table of
 * the same name, whose versions hold from the record's own date, if its type
 * declares one, and else from the instant it was written. Only this folder
 * includes it.
 */
#ifndef EVIDENCE_REVISION_H
#define EVIDENCE_REVISION_H

#include "evidence/store.h"

/* revision_project(ev, index, entry, changed, e): like project_entry(); other
 * entries than those of records change nothing. */
int revision_project(struct evidence *ev, uint64_t index,
    const struct entry *x, uint64_t *changed, struct err *e);

#endif
