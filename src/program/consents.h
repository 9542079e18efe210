/*
 * Consents as a company's web site records them: given by somebody, whom it
 * names by a reference of its own, for a purpose, after a version of a notice;
 * taken back; and asked for.
 */
#ifndef PROGRAM_CONSENTS_H
#define PROGRAM_CONSENTS_H

#include "program/act.h"

struct consents_given {
	struct str subject;            /* reference; personal */
	struct str purpose, notice;    /* ids or codes */
	struct str notice_hash;        /* SHA-256 of the text shown, or empty */
	struct str means, proof;       /* may be empty */
	struct str given_at, expires_at; /* RFC 3339; empty: now, never */
	bool explicit;
};

/* consents_give(x, g, ret_id, e): the same consent twice is one. */
int consents_give(const struct act *x, const struct consents_given *g,
    struct str *ret_id, struct err *e);

/* consents_withdraw(x, subject, purpose, proof, ret_n, e): all that stand for
 * the purpose, or for any if it is empty; ret_n = how many. */
int consents_withdraw(const struct act *x, struct str subject,
    struct str purpose, struct str proof, size_t *ret_n, struct err *e);

struct consents_state {
	struct str id, purpose, notice; /* the latter two as codes */
	const char *state;              /* given, withdrawn, expired: now */
	int64_t given, withdrawn, expires; /* 0: not */
};

/* consents_of(x, subject, purpose, ret, ret_n, e): newest first. */
int consents_of(const struct act *x, struct str subject, struct str purpose,
    struct consents_state **ret, size_t *ret_n, struct err *e);

#endif
