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
	unsigned door = c->route->door;

	/* Who may make such records otherwise may do it here. */
	if (door != 0)
		return ((c->who.scope.doors & door) != 0 || access_when(&as,
		    schema_get(door == ACCESS_CONSENTS ? T_CONSENT :
		    T_SUBJECT_REQUEST), ACCESS_RECORD, ACCESS_CREATE) !=
		    ACCESS_NEVER ? 0 : err_set(e, ERR_DENIED, NULL, door ==
		    ACCESS_CONSENTS ? "use a token with the scope consents" :
		    "use a token with the scope requests",
		    "the scopes of the token do not open this"));
	if (c->route->access != ROUTE_PUBLIC &&
	    c->who.scope.acts == ACCESS_NO_ACT)
		return (err_set(e, ERR_DENIED, NULL, "use a token with the scope "
		    "read", "the token is for consents and requests alone"));

	if (c->route->access != ROUTE_ACT || access_when(&as, c->type,
	    ACCESS_RECORD, c->route->act) != ACCESS_NEVER)
		return (0);
	return (access_explain(&as, c->type, ACCESS_RECORD, c->route->act, e));
}
