/*
 * Rules of records that lie in files of their own; rules.c has the table of
 * them. Each says with batch_say() what is not as it may be.
 */
#ifndef RECORD_RULES_H
#define RECORD_RULES_H

#include "record/batch.h"

/* rules_ordered(b, it, first, last): a last day is not before the first. */
void rules_ordered(struct batch *b, struct batch_item *it, size_t first,
    size_t last);

void rules_policy(struct batch *b, struct batch_item *it);
void rules_policy_version(struct batch *b, struct batch_item *it);

/* What occurrences of controls are computed from. */
void rules_program_performed(struct batch *b, struct batch_item *it);
void rules_program_performance(struct batch *b, struct batch_item *it);
void rules_program_trigger(struct batch *b, struct batch_item *it);
void rules_program_log(struct batch *b, struct batch_item *it);
void rules_program_holiday(struct batch *b, struct batch_item *it);

/*
 * Users and tokens. rules_access_all(b, e): what is to be seen of the batch as
 * a whole, after every change was looked at: the last owner, and auditors who
 * would own or operate what they examine.
 */
void rules_access_user(struct batch *b, struct batch_item *it);
void rules_access_token(struct batch *b, struct batch_item *it);
int rules_access_all(struct batch *b, struct err *e);

#endif
