/*
 * Who is who: the rules of content/identity.rules, by which subjects are
 * matched to people, as SQL of the views identity and people. Only this folder
 * includes it.
 */
#ifndef EVIDENCE_IDENTITY_H
#define EVIDENCE_IDENTITY_H

#include "base/str.h"
#include "evidence/evidence.h"

/*
 * identity_sql(period, known, out): CREATE TEMP VIEW of identity, or of
 * identity_period, over people, the tables of the rules and identity_decision.
 * ${known}: the condition for a version to be known.
 */
void identity_sql(bool period, const char *known, struct buf *out);
/* identity_people_sql(period, out): the same of people and people_period. */
void identity_people_sql(bool period, struct buf *out);
/* identity_table(i): the i-th table that has rules, or NULL. */
const struct schema_type *identity_table(size_t i);

#endif
