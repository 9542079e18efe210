/*
 * What the API answers when it does not do what was asked: problem details as
 * of RFC 9457, application/problem+json.
 *
 *     {"type": "/api/v1/problems#input", "title": "The input is not acceptable",
 *      "status": 422, "detail": "...", "fix": "...", "instance": "/api/v1/person",
 *      "errors": [{"pointer": "/2/email", "row": 3, "message": "...",
 *                  "fix": "..."}], "wrong": 37}
 *
 * "errors" is there where more than one thing can be wrong: a body, a batch;
 * "wrong" is how many there are, of which the first thousand are listed.
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
	size_t row;          /* of a batch, from 1; 0: none */
	int line;            /* of its text, from 1; 0: none */
	const char *message;
	const char *fix;     /* may be empty */
};

struct problem {
	int status;
	const char *detail;
	const char *fix;    /* may be NULL or empty */
	const struct problem_item *items;
	size_t n;
	size_t wrong;       /* all that is wrong */
};

/*
 * The kinds of problem, one for each status; ends with a row of status 0.
 * The word is the last part of "type".
 */
struct problem_kind {
	int status;
	const char *word;
	const char *title;
};
extern const struct problem_kind problem_kinds[];

/* problem_of(a, e, ret): what to answer to ${e}. */
void problem_of(struct arena *a, const struct err *e, struct problem *ret);

/* problem_fix(a, fix): what to do, if clients can do it: not what only the
 * command line can. */
const char *problem_fix(struct arena *a, const char *fix);

/* problem_pointer(b, part): append one more step of a pointer. */
void problem_pointer(struct buf *b, struct str part);

/* problem_write(p, instance, out): its JSON. */
void problem_write(const struct problem *p, struct str instance,
    struct buf *out);

#endif
