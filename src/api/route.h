/*
 * The table of routes (routes.c): what the API does, one row each. A row names
 * a method, a path below /api/v1, a function, a sentence, and who may; from it
 * follow the dispatching, the OpenAPI document and the tests. A new one is a
 * function and a row. In a path {type} stands for any record type, {table} for
 * any type or evidence table, {name} for one segment, {item} for another.
 *
 * Rows of records speak in "takes" and "gives" of the schemas of a type; all
 * others have shapes: of the body, of the object that is answered, or of the
 * rows of a list. From those, too, follows what is checked and documented.
 */
#ifndef API_ROUTE_H
#define API_ROUTE_H

#include "api/call.h"
#include "schema/access.h"

#include "api/shape.h"

struct crew;
struct evidence;
struct workspace;

/* What a handler works with. */
struct context {
	struct crew *crew;
	struct workspace *ws;
	struct record_store *store; /* with the reader, who asks */
	struct evidence *ev;        /* of the writer, if the route wants it */
};

enum route_access {
	ROUTE_PUBLIC, /* anybody; by the peer's own rate */
	ROUTE_KNOWN,  /* whoever has a valid token */
	ROUTE_ACT     /* a token, and the act of the route for its type */
};

#define ROUTE_CODES 10

struct route {
	enum httpd_method method;
	const char *path;
	const char *id;       /* word for the operation: "list" */
	const char *summary;
	enum route_access access;
	enum access_act act;  /* of ROUTE_ACT */
	unsigned door;        /* of enum access_door: the token has to name it */
	unsigned of;          /* the type that it is decided by, if the path has none */
	const struct shape *body;   /* of an object that is sent; or NULL */
	const struct shape *answer; /* of the object that is answered; or NULL */
	const struct shape *rows;   /* of the rows that are answered; or NULL */
	const char *media;    /* of an answer that is no JSON; or NULL */
	bool evidence;        /* what writes wants evidence.db at the head */
	const struct param *params[3]; /* what the query takes */
	bool as_of;           /* and as_of, known_at */
	const char *now_only; /* why as_of and known_at are refused; or NULL */
	bool pages;           /* answers a list, in pages and as a file */
	bool once;            /* takes Idempotency-Key */
	bool if_match;        /* wants If-Match */
	const char *takes;    /* name of the schema of its body, or NULL */
	const char *gives;    /* of its answer, or NULL: none */
	int good;             /* status of success */
	/*
	 * In a reader: all of it, if it only reads. What writes looks at what was
	 * sent here, as far as it can be without the lock. NULL: nothing.
	 */
	int (*read)(struct context *x, struct call *c, struct err *e);
	/* In the writer, in a transaction: NULL if it only reads. */
	int (*write)(struct context *x, struct call *c, struct err *e);
};

/* Ends with a row without a path. */
extern const struct route routes[];

/*
 * route_find(c, e): c->route, c->type and c->name by method and path. Otherwise
 * c->problem is set: 404, or 405 with the header Allow.
 */
int route_find(struct call *c, struct err *e);

/* route_check(c, e): the query is what the route takes. */
int route_check(struct call *c, struct err *e);

#endif
