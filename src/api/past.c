#include "api/past.h"

#include "api/look.h"
#include "ledger/id.h"
#include "record/workspace.h"

int
past_each(struct context *x, struct call *c, struct lists *l,
    record_each_fn *fn, void *ctx, struct err *e)
{
	EVIDENCE_SCOPED *ev = NULL;
	int r = look_evidence(x, &ev, e);

	return (r != 0 ? r : evidence_each(ev, x->store, c->type, &l->when,
	    &l->q, fn, ctx, e));
}

struct finding {
	struct arena *a;
	struct record *found;
};

static int
keep(void *ctx, const struct record *r, struct err *e)
{
	struct finding *f = ctx;

	(void)e;
	f->found = arena_new(f->a, struct record);
	*f->found = *r;
	f->found->id = arena_str(f->a, r->id);
	f->found->cells = arena_array(f->a, r->type->nfields,
	    sizeof(struct cell));
	for (size_t i = 0; i < r->type->nfields; i++) {
		f->found->cells[i] = r->cells[i];
		if (r->cells[i].s.ptr != NULL)
			f->found->cells[i].s = arena_str(f->a, r->cells[i].s);
	}
	return (1);
}

/* By id; by handle as it was then. */
int
past_one(struct context *x, struct call *c, struct lists *l,
    struct record **ret, struct err *e)
{
	const struct schema_type *t = c->type;
	struct finding f = { .a = &c->a };
	struct record_filter named = { .op = RECORD_EQ,
		.value = CELL_STR(c->name) };
	int r = 0;

	if (t->key.n != 0) {
		named.field = t->key.at[0];
		l->q = (struct record_query){ .filters = &named, .nfilters = 1,
			.sort = RECORD_BY_HANDLE };
		r = past_each(x, c, l, keep, &f, e);
	}
	if (r == 0 && f.found == NULL && id_ok(c->name)) {
		l->q = (struct record_query){ .sort = RECORD_BY_HANDLE,
			.id = c->name };
		r = past_each(x, c, l, keep, &f, e);
	}
	if (r == 0 && f.found == NULL)
		r = err_set(e, ERR_NOTFOUND, NULL, "ask for a later time",
		    "there was no such %s then", t->name);
	*ret = f.found;
	return (r);
}
