#include "assess/readiness_data.h"

#include "base/clock.h"
#include "base/vec.h"
#include "ledger/ledger.h"
#include "record/history.h"
#include "record/workspace.h"

static const unsigned types[] = { T_SYSTEM, T_COMMITMENT, T_COMPONENT,
	T_SCOPE_DECISION, T_CRITERION, T_CONTROL, T_CONTROL_MAPPING, T_POLICY,
	T_PERSON, T_VENDOR, T_CUEC, T_CSOC, T_SOURCE, T_FINDING };
#define NTYPES (sizeof(types) / sizeof(types[0]))

static void
shelve(struct arena *a, struct readiness_shelf *s, struct record *at, size_t n)
{
	s->at = at;
	s->n = n;
	map_init(&s->by_id, a);
	for (size_t i = 0; i < n; i++)
		map_put(&s->by_id, at[i].id, &at[i]);
}

static int
read_now(struct readiness_data *d, struct err *e)
{
	for (size_t i = 0; i < NTYPES; i++) {
		struct record_list list;
		int rc = record_list(d->store, d->a, schema_get(types[i]), NULL,
		    &list, e);
		if (rc != 0)
			return (rc);
		shelve(d->a, &d->shelf[types[i]], list.at, list.n);
	}
	return (0);
}

/* --- as it was ---------------------------------------------------------------- */

struct past {
	struct readiness_data *d;
	struct map latest[64]; /* id to struct record *, by type */
};

static int
keep_revision(void *ctx, const struct record_revision *r, struct err *e)
{
	struct past *p = ctx;
	struct arena *a = p->d->a;
	const struct schema_type *t = r->record.type;
	size_t i = 0;

	(void)e;
	while (i < NTYPES && types[i] != t->number)
		i++;
	if (i == NTYPES)
		return (0);
	struct record *copy = arena_new(a, struct record);
	*copy = r->record;
	copy->id = arena_str(a, r->record.id);
	copy->cells = arena_array(a, t->nfields, sizeof(*copy->cells));
	for (size_t k = 0; k < t->nfields; k++) {
		copy->cells[k] = r->record.cells[k];
		copy->cells[k].s = arena_str(a, r->record.cells[k].s);
	}
	map_put(&p->latest[t->number], copy->id, copy);
	return (0);
}

static int
by_handle(const void *a, const void *b)
{
	const struct record *x = a, *y = b;
	size_t key = x->type->key.n > 0 ? x->type->key.at[0] : 0;
	int c = x->type->key.n > 0 ? str_cmp(x->cells[key].s, y->cells[key].s) : 0;

	return (c != 0 ? c : str_cmp(x->id, y->id));
}

static int
read_past(struct readiness_data *d, struct err *e)
{
	struct ledger *l = d->as != NULL ? assess_workspace(d->as)->ledger : NULL;
	struct past p = { .d = d };
	uint64_t size;
	int rc;

	for (size_t i = 0; i < NTYPES; i++)
		map_init(&p.latest[types[i]], d->a);
	if ((rc = ledger_size_at(l, d->at, &size, e)) != 0 ||
	    (rc = record_each_revision(l, 0, size, keep_revision, &p, e)) < 0)
		return (rc);
	for (size_t i = 0; i < NTYPES; i++) {
		struct map *m = &p.latest[types[i]];
		struct record *at = arena_array(d->a, m->n + 1, sizeof(*at));
		size_t n = 0;
		for (size_t k = 0; k < m->n; k++) {
			const struct record *r = m->items[k].value;
			if (!r->retired)
				at[n++] = *r;
		}
		qsort(at, n, sizeof(*at), by_handle);
		shelve(d->a, &d->shelf[types[i]], at, n);
	}
	return (0);
}

int
readiness_data_read(struct arena *a, struct assess *as, int64_t at,
    struct readiness_data *ret, struct err *e)
{
	struct workspace *ws = assess_workspace(as);
	int rc;

	*ret = (struct readiness_data){ .a = a, .as = as, .store = &ws->records };
	ret->now = at == INT64_MAX;
	ret->at = ret->now ? clock_now() : at;
	library_read(a, &ret->library);
	if ((rc = ret->now ? read_now(ret, e) : read_past(ret, e)) != 0)
		return (rc);
	return (recorded_latest(a, ws->ledger, ret->at, &ret->results,
	    &ret->nresults, e));
}

const struct readiness_shelf *
readiness_data_shelf(const struct readiness_data *d, unsigned type)
{
	return (&d->shelf[type]);
}

const struct record *
readiness_data_find(const struct readiness_data *d, unsigned type,
    struct str id)
{
	return (id.len == 0 ? NULL : map_get(&d->shelf[type].by_id, id));
}

const struct recorded_row *
readiness_data_result(const struct readiness_data *d, struct str procedure)
{
	for (size_t i = 0; i < d->nresults; i++)
		if (str_eq(d->results[i].procedure, procedure))
			return (&d->results[i]);
	return (NULL);
}
