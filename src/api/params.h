/*
 * The query of a request, decoded: key=value pairs joined by &, strictly. The
 * parts are UTF-8 without control characters; + is a space.
 */
#ifndef API_PARAMS_H
#define API_PARAMS_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

#define PARAMS_MAX 64

struct params {
	struct str key[PARAMS_MAX], value[PARAMS_MAX];
	size_t n;
};

/* params_parse(a, query, ret, e): ERR_USAGE says which part. */
int params_parse(struct arena *a, struct str query, struct params *ret,
    struct err *e);

/* params_form(a, body, ret, e): the same of a form that was sent
 * (application/x-www-form-urlencoded), whose values may have lines. */
int params_form(struct arena *a, struct str body, struct params *ret,
    struct err *e);

/* What a route takes; a table of them ends with a row without a name. */
struct param {
	const char *name;
	const char *what;    /* a sentence */
	const char *schema;  /* of its value, as JSON */
	bool many;           /* may be given more than once */
};

/* params_check(p, known, n, e): only what the ${n} tables of ${known} name, and
 * once what is given once. */
int params_check(const struct params *p, const struct param *const *known,
    size_t n, struct err *e);

/* params_get(p, name): the value; ptr NULL if it is not there. */
struct str params_get(const struct params *p, const char *name);
/* params_flag(p, name, ret, e): true or false; false if it is not there. */
int params_flag(const struct params *p, const char *name, bool *ret,
    struct err *e);
/* params_int(p, name, low, high, otherwise, ret, e). */
int params_int(const struct params *p, const char *name, int64_t low,
    int64_t high, int64_t otherwise, int64_t *ret, struct err *e);

#endif
