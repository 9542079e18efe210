#include "api/auth.h"

#include "record/actor.h"
#include "record/reader.h"
#include "record/workspace.h"
#include "sys/crypto.h"

/* The secret of "Authorization: Bearer SECRET"; empty if it is not one. */
static struct str
bearer(struct str s)
{
	static const char word[] = "bearer ";
	size_t n = sizeof(word) - 1;

	if (s.len <= n || s.len > n + RECORD_SECRET)
		return (STR(""));
	for (size_t i = 0; i < n; i++)
		if (((unsigned char)s.ptr[i] | 32) != (unsigned char)word[i])
			return (STR(""));
	struct str secret = { s.ptr + n, s.len - n };
	for (size_t i = 0; i < secret.len; i++)
		if (secret.ptr[i] <= 0x20 || secret.ptr[i] == 0x7f)
			return (STR(""));
	return (secret);
}

int
auth_who(struct workspace *ws, struct call *c, struct err *e)
{
	struct str s = c->field[CALL_AUTHORIZATION];
	struct str secret = bearer(s);
	int r;

	if (s.ptr == NULL)
		return (call_problem(c, 401, "there is no token", "send it with "
		    "the field Authorization: Bearer TOKEN"));
	r = secret.len == 0 ? -ERR_DENIED : record_actor_token(&ws->records,
	    &c->a, secret, &c->who, e);
	if (r == -ERR_DENIED)
		return (call_problem(c, 401, "the token does not count: it is "
		    "unknown, expired or revoked, or its user may not sign in",
		    "ask for a new one"));
	c->known = r == 0;
	return (r);
}

int
auth_may(struct call *c, struct err *e)
{
	struct access_who as = record_as(&c->who);

	if (c->route->access != ROUTE_ACT || access_when(&as, c->type,
	    ACCESS_RECORD, c->route->act) != ACCESS_NEVER)
		return (0);
	return (access_explain(&as, c->type, ACCESS_RECORD, c->route->act, e));
}
