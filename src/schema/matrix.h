/* Who may do what with a type or a field, and by which rule: for print. */
#ifndef SCHEMA_MATRIX_H
#define SCHEMA_MATRIX_H

#include "base/arena.h"
#include "schema/access.h"

/*
 * matrix_answer(a, t, role, field, act, ret_when, ret_rule): "never",
 * "sometimes", "always" or "masked", of one role; ${field} may be ACCESS_RECORD.
 * Under which conditions, empty if always; the line that says so, or empty.
 */
const char *matrix_answer(struct arena *a, const struct schema_type *t,
    int role, int field, enum access_act act, const char **ret_when,
    const char **ret_rule);

/* matrix_acts(t, field): it has the acts below this one: a field is not created,
 * moved or retired by itself. */
int matrix_acts(const struct schema_type *t, int field);

#endif
