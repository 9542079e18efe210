/*
 * One request on its way through the threads, and its answer. All that it
 * points to lies in its own arena; one thread has it at a time.
 */
#ifndef API_CALL_H
#define API_CALL_H

#include <stdatomic.h>

#include "api/params.h"
#include "api/problem.h"
#include "base/arena.h"
#include "base/str.h"
#include "record/record.h"
#include "sys/httpd.h"

#define API_BASE "/api/v1"

/* Header fields that some route looks at. */
enum call_field {
	CALL_AUTHORIZATION,
	CALL_ACCEPT,
	CALL_CONTENT_TYPE,
	CALL_IF_MATCH,
	CALL_IF_NONE_MATCH,
	CALL_ONCE, /* Idempotency-Key */
	CALL_FORWARDED,
	CALL_FIELD_MAX
};

struct call_header {
	const char *name, *value;
};

struct route;

struct call {
	struct arena a;
	/* What is asked. */
	enum httpd_method method;
	struct str path;   /* below API_BASE: "" or "/..." */
	struct str target; /* as sent */
	struct str query, body;
	const char *peer;
	struct str field[CALL_FIELD_MAX]; /* ptr NULL: not there */
	struct params params;
	bool page;      /* of the public form (form.h): no route */
	bool forwarded; /* a proxy on this machine says who asks */
	const struct route *route;
	const char *allow; /* methods, for 405 */
	const struct schema_type *type; /* {type} or {table} of the path */
	struct str name, item;          /* {name} and {item} of the path */
	struct val *value;  /* the body, if it is JSON */
	int64_t rev;        /* of If-Match; 0: any; -1: none is given */
	/* Who asks. */
	bool known;
	struct record_actor who;
	/* What is answered. */
	int status;         /* 0: nothing yet */
	const char *media;  /* of out; NULL: JSON */
	struct buf out;
	int fd;             /* or a file, from its beginning; -1: none */
	uint64_t size;
	struct call_header header[12];
	size_t nheaders;
	struct problem *problem; /* set by a handler that fails in detail */
	/* Of the crew. */
	struct httpd_call *http; /* of the loop's thread alone */
	atomic_bool gone;        /* nobody waits for it */
	struct call *next;
};

/* call_new(c, path): a copy of a request. call_free(): NULL is allowed. */
struct call *call_new(struct httpd_call *http, struct str path);
void call_free(struct call *c);

/* call_header(c, name, value): of the answer; ${value} is copied. */
void call_header(struct call *c, const char *name, const char *value);
/* call_fail(c, e): the answer becomes a problem: c->problem if it is set, else
 * what ${e} says. */
void call_fail(struct call *c, const struct err *e);
/* call_problem(c, status, detail, fix): the same in one go; returns -ERR_NO so
 * that a handler can return it. */
int call_problem(struct call *c, int status, const char *detail,
    const char *fix);
/* call_json(c, status, v): the answer is ${v}. */
void call_json(struct call *c, int status, const struct val *v);
/* call_tag(c): an ETag of what is answered, and 304 if the client has it. */
void call_tag(struct call *c);

/* call_media(s, type): is the media type of a Content-Type ${type}? */
bool call_media(struct str s, const char *type);
/* call_accepts(s, type): does an Accept header take ${type}? */
bool call_accepts(struct str s, const char *type);
/*
 * call_tags(s, tag, weak): is ${tag} (with its quotes) in an If-Match or
 * If-None-Match list? "*" is. ${weak}: W/ does not matter. -1: not well-formed.
 */
int call_tags(struct str s, const char *tag, bool weak);

#endif
