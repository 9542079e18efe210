/*
 * The form of an object that is sent or answered and is no record: a table of
 * its members. Reading, OpenAPI and the columns of lists follow from it.
 */
#ifndef API_SHAPE_H
#define API_SHAPE_H

#include "api/call.h"

enum shape_kind {
	SHAPE_TEXT,
	SHAPE_INT,    /* not negative; at most .max, if that is set */
	SHAPE_BOOL,
	SHAPE_DATE,   /* 2026-01-31 */
	SHAPE_TIME,   /* RFC 3339 */
	SHAPE_REF,    /* a record of type .target: id or handle; read as its id */
	SHAPE_TEXTS,
	SHAPE_REFS,
	SHAPE_MAP,    /* of texts */
	SHAPE_OBJECTS /* a list of objects of the form .of; of answers only */
};

struct shape {
	const char *name;
	enum shape_kind kind;
	const char *what;    /* a sentence */
	bool required;       /* of what is sent */
	int64_t max;         /* bytes of a text, or see above */
	unsigned target;     /* of REF and REFS */
	const char *values;  /* of a TEXT: one of these, separated by spaces */
	const struct shape *of;
};
#define SHAPE_LONG 1000 /* bytes of a text that says no other length */
#define SHAPE_MANY 1000 /* members of a list or map */

struct context;
struct json_writer;

/*
 * shape_read(x, c, s, e): the body as c->value, an object of the form ${s}, in
 * which references are ids, as far as whoever asks may see what they name.
 * c->problem: all that is wrong with it, each with its pointer.
 */
int shape_read(struct context *x, struct call *c, const struct shape *s,
    struct err *e);

/* shape_find(s, name): NULL if there is none. */
const struct shape *shape_find(const struct shape *s, struct str name);

/* shape_write(w, s, sent): its JSON Schema; ${sent}: of a body. */
void shape_write(struct json_writer *w, const struct shape *s, bool sent);

#endif
