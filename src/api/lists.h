/*
 * Lists of records: what the query asks for, and the answer as a page or as a
 * file.
 */
#ifndef API_LISTS_H
#define API_LISTS_H

#include "api/route.h"
#include "api/sheet.h"
#include "evidence/evidence.h"

#define LISTS_LIMIT 50       /* rows of a page */
#define LISTS_LIMIT_MOST 500

struct lists {
	struct record_query q;
	bool *shown;          /* for each field: it was asked for */
	enum sheet_format format;
	bool file;            /* all rows, as a file to keep */
	bool count;
	struct str question;  /* of its cursors */
	bool past;            /* as_of or known_at: by evidence */
	struct evidence_when when;
};

/* Query parameters of a list, of reading one, and of a point in time. */
extern const struct param lists_params[], lists_one_params[],
    lists_when_params[];

/* lists_parse(x, c, ret, e): of c->type. */
int lists_parse(struct context *x, struct call *c, struct lists *ret,
    struct err *e);
/* lists_when(x, c, ret_past, ret, e): as_of and known_at. */
int lists_when(struct context *x, struct call *c, bool *ret_past,
    struct evidence_when *ret, struct err *e);

/* lists_question(c): what a cursor must fit: all that is asked, but for the
 * page. */
struct str lists_question(struct call *c);

/* lists_fields(c, ret, e): which fields are asked for; all without "fields". */
int lists_fields(struct call *c, bool **ret, struct err *e);

/* lists_record(w, x, r, shown, handles): a record as a JSON object. */
struct json_writer;
void lists_record(struct json_writer *w, struct context *x,
    const struct record *r, const bool *shown, bool handles);

/* lists_answer(x, c, l, e): the page or the file. */
int lists_answer(struct context *x, struct call *c, struct lists *l,
    struct err *e);

#endif
