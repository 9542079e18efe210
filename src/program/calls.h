/*
 * What calls for a control, where records say so themselves: somebody joins or
 * leaves, a change comes into use, an incident is reported
 * (content/controls/triggers.tsv). Such triggers are computed, never stored; the
 * record of type trigger is written when the control is carried out for it.
 */
#ifndef PROGRAM_CALLS_H
#define PROGRAM_CALLS_H

#include "record/record.h"

struct zone;

/* Read once for a book of occurrences; what it holds lies in the arena. */
struct calls;
struct calls *calls_new(struct arena *a, struct record_store *s,
    const struct zone *zone);

/*
 * calls_of(c, control, at, ret, ret_n, ret_kept, e): triggers of the control up to
 * the instant ${at}, as records of type trigger without an id, by time, with code
 * ("AC-03/leaver-E014"), control, happened_at and what. ret_kept: some register
 * that it follows from is in use, so that none means none; names of what would
 * call for it in ${ret_names}, empty if no record does.
 */
int calls_of(struct calls *c, const struct record *control, int64_t at,
    struct record **ret, size_t *ret_n, struct str *ret_names, bool *ret_kept,
    struct err *e);

/* calls_check(e): the table of the content names types, fields and controls that
 * are there. */
int calls_check(struct err *e);

#endif
