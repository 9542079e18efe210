/*
 * Policies from template to publication. The record of a policy holds what is in
 * force; records of the type policy_version hold each wording: drafted,
 * reviewed, approved by somebody other than its author, published, and later
 * replaced. A published version stays in force while the next one is written.
 */
#ifndef PROGRAM_POLICIES_H
#define PROGRAM_POLICIES_H

#include "program/act.h"

struct policies_item {
	struct record *policy;
	struct record *current; /* version that is published; NULL: none */
	struct record *work;    /* draft, in review or approved; NULL: none */
	struct record_list versions; /* all of them, oldest first */
	size_t asked, acknowledged, overdue; /* acknowledgements of current */
	size_t exceptions;      /* approved and not over */
	bool review_due;        /* the day of the next review is here or past */
	struct str next;        /* what is to be done next; empty: nothing */
};

/* policies_read(x, ret, ret_n, e): all that are not retired, by code. */
int policies_read(const struct act *x, struct policies_item **ret,
    size_t *ret_n, struct err *e);
/* policies_one(x, code, ret, e): one of them. */
int policies_one(const struct act *x, struct str code,
    struct policies_item *ret, struct err *e);
/* policies_version(item, name, ret, e): a version by its number. */
int policies_version(const struct policies_item *it, struct str name,
    struct record **ret, struct err *e);

/*
 * policies_pair(x, it, from, to, template, ret, e): two texts of it: of the
 * version ${from} (empty: the one before, or what is in force) and of ${to}
 * (empty: the newest); with ${template} what the template says now is the old
 * one. ERR_INPUT if there is no version yet.
 */
struct policies_pair {
	struct str old, new;
	const char *old_name, *new_name;
};
int policies_pair(const struct act *x, const struct policies_item *it,
    struct str from, struct str to, bool template, struct policies_pair *ret,
    struct err *e);

/* policies_template(x, it, ret, e): what the template says now. */
int policies_template(const struct act *x, const struct policies_item *it,
    struct str *ret, struct err *e);

struct policies_draft {
	struct str author;  /* code or id of a person; needed */
	struct str owner;   /* set as owner of the policy, if not empty */
	struct str text;    /* empty: from the template */
	struct str summary; /* what changed */
	struct str version; /* empty: the next one */
	bool minor;         /* the next one is 1.1 and not 2.0 */
	bool replace;       /* the text of a draft that is there */
};
/*
 * policies_write(x, items, n, d, ret, e): a new version of each, or with
 * ${replace} new text in the one that is being drafted; records also that the
 * controls that the template names carry out the policy. All or nothing.
 * ERR_CONFLICT if a version is being worked on and was not to be replaced.
 */
int policies_write(const struct act *x, const struct policies_item *items,
    size_t n, const struct policies_draft *d, struct record_result *ret,
    struct err *e);

/* policies_review(x, items, n, reviewer, e): put up for approval; with a
 * reviewer who has read it. policies_back(): to draft again. */
int policies_review(const struct act *x, const struct policies_item *items,
    size_t n, struct str reviewer, struct err *e);
int policies_back(const struct act *x, const struct policies_item *items,
    size_t n, struct err *e);
/* policies_approve(x, items, n, approver, e): by somebody other than the
 * author, today. */
int policies_approve(const struct act *x, const struct policies_item *items,
    size_t n, struct str approver, struct err *e);

/*
 * policies_publish(x, it, effective, review, e): the approved version counts
 * from ${effective} (empty: today), is reviewed by ${review} (empty: after the
 * time that the fact policy_review says), and the one before is replaced. In
 * the ledger's open transaction, or one of its own.
 */
int policies_publish(const struct act *x, const struct policies_item *it,
    struct str effective, struct str review, struct err *e);

/* policies_drop(x, it, e): the version that is being worked on. */
int policies_drop(const struct act *x, const struct policies_item *it,
    struct err *e);

/* An exception to a policy, requested. ${ret_code}: its code. */
struct policies_exception {
	struct str reason, requester, until, compensating;
};
int policies_except(const struct act *x, const struct policies_item *it,
    const struct policies_exception *p, struct str *ret_code, struct err *e);

#endif
