/*
 * Requests of data subjects that come in from outside: by the public form, or by
 * a program of the company's. Whoever sends one gets a number that nobody can
 * guess, and sees with it how the request stands; of the number only a digest is
 * kept. What was written is personal, and lies under the key of its record.
 */
#ifndef PROGRAM_INTAKE_H
#define PROGRAM_INTAKE_H

#include "program/act.h"

#define INTAKE_NUMBER 32 /* bytes of a number for people, with its NUL */

struct intake {
	struct str kind, name, contact, details; /* as written */
	struct str jurisdiction; /* id or code */
	struct str channel;
	/*
	 * Chosen at random for one sending; may be empty. The same request with the
	 * same one is the same request: it gets the same number.
	 */
	struct str once;
};

/* intake_take(x, in, ret_code, ret_number, e): record it. In the open
 * transaction, if there is one. ERR_INPUT names the field. */
int intake_take(const struct act *x, const struct intake *in,
    struct str *ret_code, char ret_number[INTAKE_NUMBER], struct err *e);

struct intake_status {
	struct str code, kind, state; /* of the record */
	const char *words;            /* how it stands, for who asked */
	int64_t received, due, answered; /* 0: not */
};

/* intake_status(x, number, ret, e): ERR_NOTFOUND. */
int intake_status(const struct act *x, struct str number,
    struct intake_status *ret, struct err *e);

/* intake_kind(kind): what is asked for, in the words of who asks; NULL if there
 * is no such kind. intake_kinds(i): the i-th kind, or NULL. */
const char *intake_kind(struct str kind);
const char *intake_kinds(size_t i);

/* intake_open(r): does a jurisdiction take requests? It sets a time. */
bool intake_open(const struct record *r);

#endif
