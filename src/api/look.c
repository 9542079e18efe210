#include "api/look.h"

#include "api/crew.h"
#include "evidence/evidence.h"
#include "record/reader.h"
#include "record/workspace.h"
#include "text/timefmt.h"

int
look_may(struct context *x, const struct record *r, enum access_act act,
    unsigned more, bool *ret, uint64_t *ret_masked, struct err *e)
{
	struct record_reader *reader = x->store->reader;
	struct access_facts f;
	uint64_t masked;
	int k = record_facts(x->store, reader, r->type, r->cells, r->id, &f, e);

	if (k != 0)
		return (k);
	f.is |= more;
	*ret = access_row(&reader->as, r->type, &f, act, &masked);
	if (ret_masked != NULL)
		*ret_masked = masked;
	return (0);
}

int
look_named(struct context *x, struct arena *a, unsigned type, struct str name,
    struct record **ret, struct err *e)
{
	struct record_reader *reader = x->store->reader;
	const char *dir = reader != NULL ? reader->dir : NULL;

	if (reader != NULL)
		reader->dir = NULL;
	int k = record_find(x->store, a, schema_get(type), name, ret, e);
	if (reader != NULL)
		reader->dir = dir;
	return (k);
}

int
look_find(struct context *x, struct call *c, unsigned type, struct str name,
    enum access_act act, struct record **ret, struct err *e)
{
	struct record *seen;
	bool may;
	/* By the eyes of whoever asks: what they do not see is not there. */
	int k = look_named(x, &c->a, type, name, &seen, e);

	if (k == 0)
		k = record_find(&x->ws->records, &c->a, schema_get(type), seen->id,
		    ret, e);
	if (k == 0)
		k = look_may(x, *ret, act, 0, &may, NULL, e);
	if (k == 0 && !may)
		k = access_explain(&x->store->reader->as, schema_get(type),
		    ACCESS_RECORD, act, e);
	return (k);
}

bool
look_all(struct context *x, unsigned type)
{
	return (access_when(&x->store->reader->as, schema_get(type),
	    ACCESS_RECORD, ACCESS_LIST) == ACCESS_ALWAYS);
}

struct val *
look_text(struct call *c, struct str s)
{
	return (s.len != 0 ? val_str(&c->a, s) : val_null(&c->a));
}

struct val *
look_time(struct call *c, int64_t us)
{
	char t[TIME_SIZE];

	return (us != 0 ? val_text(&c->a, time_print(us, t)) : val_null(&c->a));
}

struct val *
look_handle(struct context *x, struct call *c, unsigned type, struct str id)
{
	return (id.len == 0 ? val_null(&c->a) : val_str(&c->a,
	    record_handle(x->store, &c->a, schema_get(type), id)));
}

struct val *
look_masked(struct call *c)
{
	struct val *m = val_map(&c->a);

	val_put(&c->a, m, "masked", val_bool(&c->a, true));
	return (m);
}

static int
not_them(struct call *c, const char *field, int status, const char *detail,
    const char *fix)
{
	struct problem *p = arena_new(&c->a, struct problem);
	struct problem_item *it = arena_new(&c->a, struct problem_item);

	*it = (struct problem_item){ .message = detail, .fix = fix,
		.pointer = arena_printf(&c->a, "/%s", field) };
	*p = (struct problem){ .status = status, .detail = detail, .fix = fix,
		.items = it, .n = 1, .wrong = 1 };
	c->problem = p;
	return (-(int)ERR_DENIED);
}

int
look_self(struct context *x, struct call *c, const char *field, bool strict,
    struct str *ret, struct err *e)
{
	struct str given = val_get_str(c->value, field), own = c->who.person;
	bool runs = (c->who.roles & (ROLE_OWNER | ROLE_COMPLIANCE)) != 0;

	(void)x;
	(void)e;
	if (given.len == 0 && own.len == 0)
		return (not_them(c, field, 422, "it is not said who does it",
		    "name a person, or give the user one"));
	if (given.len != 0 && !str_eq(given, own) && (!runs || (strict &&
	    own.len != 0)))
		return (not_them(c, field, 403, "nobody does this in the name of "
		    "somebody else", "leave it out, or let them do it"));
	*ret = given.len != 0 ? given : own;
	return (0);
}

int
look_evidence(struct context *x, struct evidence **ret, struct err *e)
{
	int r = evidence_open(ret, x->ws->dir, x->ws->ledger, false, e);

	for (int i = 0; r == -ERR_BUSY && i < 3; i++) {
		r = crew_catch_up(x->crew, e);
		if (r == 0)
			r = evidence_open(ret, x->ws->dir, x->ws->ledger, false,
			    e);
	}
	return (r);
}
