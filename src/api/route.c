#include "api/route.h"

#include "api/lists.h"

/* One segment of a pattern against one of a path. */
static bool
segment(struct call *c, struct str want, struct str have, bool *is_type)
{
	struct str word = want;

	if (str_is(want, "{name}")) {
		c->name = have;
		return (have.len != 0);
	}
	if (str_is(want, "{item}")) {
		c->item = have;
		return (have.len != 0);
	}
	if (!str_starts(want, "{"))
		return (str_eq(want, have));
	/* {type}, {table}, and an action behind a colon. */
	const char *end = memchr(want.ptr, '}', want.len);
	word.len = (size_t)(end - want.ptr) + 1;
	struct str tail = { want.ptr + word.len, want.len - word.len };
	if (have.len < tail.len || !str_eq((struct str){ have.ptr + have.len -
	    tail.len, tail.len }, tail))
		return (false);
	have.len -= tail.len;
	const struct schema_type *t = schema_find(have);
	if (t == NULL || (str_is(word, "{type}") && !schema_is_record(t)))
		return (false);
	c->type = t;
	*is_type = true;
	return (true);
}

/* The more of a pattern is said in words, the sooner it is meant: the rows of
 * words come first in the table. */
static bool
matches(struct call *c, const struct route *r)
{
	struct str want = str_from(r->path), have = c->path, w, h;
	bool is_type = false;

	c->type = r->of != 0 ? schema_get(r->of) : NULL;
	c->name = c->item = STR_NULL;
	for (;;) {
		bool more = str_split(&want, '/', &w);
		if (more != str_split(&have, '/', &h))
			return (false);
		if (!more)
			return (true);
		if (!segment(c, w, h, &is_type))
			return (false);
	}
}

int
route_find(struct call *c, struct err *e)
{
	BUF_SCOPED allow = BUF_INIT;
	enum httpd_method m = c->method == HTTPD_HEAD ? HTTPD_GET : c->method;

	(void)e;
	for (size_t i = 0; routes[i].path != NULL; i++) {
		if (!matches(c, &routes[i]))
			continue;
		if (routes[i].method == m) {
			c->route = &routes[i];
			return (0);
		}
		buf_printf(&allow, "%s%s", allow.len != 0 ? ", " : "",
		    httpd_parse_method(routes[i].method));
	}
	if (allow.len == 0)
		return (call_problem(c, 404, "there is nothing at this address",
		    "see " API_BASE "/openapi.json for what there is"));
	c->allow = arena_strdup(&c->a, allow.ptr);
	return (call_problem(c, 405, "that is not done here",
	    arena_printf(&c->a, "use %s", allow.ptr)));
}

int
route_check(struct call *c, struct err *e)
{
	const struct route *r = c->route;
	bool when = r->as_of || r->now_only != NULL;
	const struct param *known[5] = { r->params[0], r->params[1],
		r->params[2], when ? lists_when_params : NULL, NULL };
	int k = params_parse(&c->a, c->query, &c->params, e);

	if (k == 0)
		k = params_check(&c->params, known, 4, e);
	if (k == 0 && r->now_only != NULL && (params_get(&c->params,
	    "as_of").ptr != NULL || params_get(&c->params,
	    "known_at").ptr != NULL))
		return (call_problem(c, 400, r->now_only, "leave as_of and known_at "
		    "out"));
	/* An empty object is what many clients send for nothing. */
	if (k == 0 && c->body.len != 0 && r->body == NULL && r->takes == NULL &&
	    !r->if_match && !(c->method == HTTPD_POST && str_is(c->body, "{}")))
		return (call_problem(c, 400, "there is a body", "send none to "
		    "this address"));
	return (k);
}
