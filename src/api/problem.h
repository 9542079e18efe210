/*
 * What the API answers when it does not do what was asked: problem details as
 * of RFC 9457, application/problem+json.
 *
 *     {"type": "/api/v1/problems#input", "title": "The input is wrong",
 *      "status": 422, "detail": "...", "instance": "/api/v1/person",
 *      "errors": [{"pointer": "/2/email", "row": 3, "message": "...",
 *                  "fix": "..."}], "wrong": 37}
 *
 * "errors" is there where more than one thing can be wrong: a body, a batch.
 */
#ifndef API_PROBLEM_H
#define API_PROBLEM_H

#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

/* One thing that is wrong with what was sent. */
struct problem_item {
	const char *pointer; /* RFC 6901, or NULL */
	long row;            /* of a batch, from 1; 0: none */
	const char *message;
	const char *fix;     /* may be NULL */
};

struct problem {
	int status;
	const char *type;   /* the last part of its type: "stale" */
	const char *title;
	const char *detail; /* may be NULL */
	const char *fix;    /* may be NULL */
	const struct problem_item *items;
	size_t n;
	size_t wrong;       /* all that is wrong, if more than n; else 0 */
};

/* problem_status(code): the status for a failure of what was asked. */
int problem_status(enum err_code code);

/* problem_type(status), problem_title(type): the table of types. Every status
 * that the API answers with has one. */
const char *problem_type(int status);
const char *problem_title(const char *type);

/* problem_of(a, e): what to answer to ${e}. */
struct problem problem_of(struct arena *a, const struct err *e);

/* problem_write(p, instance, ret): its JSON. */
void problem_write(const struct problem *p, struct str instance,
    struct buf *ret);

#endif
