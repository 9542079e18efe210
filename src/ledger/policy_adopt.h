/*
 * Putting a policy in force: an entry (action `adopt`, type `policy`) with the
 * file as a body and its SHA-256 as a note, then the file DIR/ledger/policy.
 */
#ifndef LEDGER_POLICY_ADOPT_H
#define LEDGER_POLICY_ADOPT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

struct entry;
struct ledger;

/*
 * policy_adopt(l, actor, name, text, ret_index, ret_same, e): ${name} is for
 * errors. If these bytes are in force already, *ret_same and nothing is
 * written. ERR_INPUT names the line that is wrong, or says that the policy
 * names logs and this ledger is none of them. Outside of a transaction.
 */
int policy_adopt(struct ledger *l, struct str actor, const char *name,
    struct str text, uint64_t *ret_index, bool *ret_same, struct err *e);

/* policy_adopt_settle(l, e): write the file that a killed policy_adopt() did not;
 * when the ledger is opened for writing. */
int policy_adopt_settle(struct ledger *l, struct err *e);

/* policy_adopt_entry(x): is it such an entry? Its SHA-256 in hex; or an empty
 * string. */
struct str policy_adopt_entry(const struct entry *x);

#endif
