/*
 * A policy as a document: its title page with version, approval and dates, its
 * text, and the list of its versions. What is not published carries DRAFT.
 */
#ifndef REPORT_POLICY_DOC_H
#define REPORT_POLICY_DOC_H

#include "program/policies.h"
#include "report/doc.h"

/*
 * policy_doc(x, it, version, ret, e): in x->a. ${version}: one of the policy's;
 * NULL for what the record of the policy holds. ERR_INPUT if it has no text, or
 * text that is not Markdown.
 */
int policy_doc(const struct act *x, const struct policies_item *it,
    const struct record *version, struct doc **ret, struct err *e);

#endif
