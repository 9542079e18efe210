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
 * identity_table_sql(t, period, known, out): CREATE TEMP VIEW of t_person, or
 * of t_person_period: one row for each subject of the table. They draw on the
 * table, people and identity_decision. ${known} is the condition of what was
 * known.
 */
void identity_table_sql(const struct schema_type *t, bool period,
    const char *known, struct buf *out);
/* identity_sql(period, out): the same of identity, or of identity_period: all
 * of them together. */
void identity_sql(bool period, struct buf *out);
/* identity_has(t): the table has rules. */
bool identity_has(const struct schema_type *t);
/* identity_people_sql(period, out): the same of people and people_period. */
void identity_people_sql(bool period, struct buf *out);
/* identity_leaver_sql(to, out): the same of leaver, for a time that ends at
 * ${to}; it reads hr_person_period, person_period and run. */
void identity_leaver_sql(int64_t to, struct buf *out);
/* identity_table(i): the i-th table that has rules, or NULL. */
const struct schema_type *identity_table(size_t i);

#endif
