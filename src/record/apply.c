#include "record/batch.h"

#include "ledger/ledger.h"
#include "record/rules.h"
#include "schema/kind.h"

struct placed {
	const struct err *p;
	const struct record_fault *f;
	size_t nth;
};

static int
by_line(const void *a, const void *b)
{
	const struct placed *x = a, *y = b;

	if (x->f->line != y->f->line)
		return (x->f->line < y->f->line ? -1 : 1);
	if (x->f->nth != y->f->nth)
		return (x->f->nth < y->f->nth ? -1 : 1);
	return (x->nth < y->nth ? -1 : 1);
}

/* In the order in which a person goes through the file. */
void
record_sort_problems(struct arena *a, struct record_result *res)
{
	size_t n = res->nproblems;
	struct placed *at = arena_array(a, n + 1, sizeof(*at));
	struct err *out = arena_array(a, n + 1, sizeof(*out));
	struct record_fault *faults = arena_array(a, n + 1, sizeof(*faults));

	for (size_t i = 0; i < n; i++)
		at[i] = (struct placed){ &res->problems[i], &res->faults[i], i };
	qsort(at, n, sizeof(*at), by_line);
	for (size_t i = 0; i < n; i++) {
		out[i] = *at[i].p;
		faults[i] = *at[i].f;
	}
	res->problems = out;
	res->faults = faults;
}

/* Reading and checking; in one transaction with the writing, if any. */
static int
run(struct batch *b, struct err *e)
{
	int r = parse_all(b, e);

	if (r == 0)
		r = resolve_all(b, e);
	if (r == 0)
		r = permit_all(b, e);
	if (r == 0)
		r = validate_all(b, e);
	if (r == 0)
		r = rules_access_all(b, e);
	if (r == 0 && b->result->nwrong != 0) {
		record_sort_problems(b->a, b->result);
		if (e != NULL)
			*e = b->result->problems[0];
		r = -(int)b->result->problems[0].code;
	}
	if (r == 0 && !b->opts.dry_run)
		r = write_all(b, e);
	return (r);
}

static void
count(struct batch *b)
{
	struct record_result *res = b->result;

	for (size_t i = 0; i < b->n; i++) {
		const struct batch_item *it = &b->at[i];
		res->ids[i] = it->new.id;
		if (it->same)
			res->same++;
		else if (!it->exists)
			res->added++;
		else if (it->new.retired && !it->old.retired)
			res->retired++;
		else
			res->changed++;
	}
}

/* Absent cells, for the type that has the most. */
static struct cell *
nothing(struct arena *a)
{
	size_t most = 0;

	for (size_t i = 0; i < schema_ntypes; i++)
		if (schema_types[i].nfields > most)
			most = schema_types[i].nfields;
	return (arena_array(a, most, sizeof(struct cell)));
}

int
record_apply(struct record_store *s, struct arena *a,
    const struct record_actor *who, const struct record_change *changes,
    size_t n, const struct record_options *opts, struct record_result *ret,
    struct err *e)
{
	/* Rules look at everything; who acts, and may do what: permit.c. */
	struct record_store all = { .db = s->db, .ledger = s->ledger,
		.absent = arena_array(a, schema_ntypes, sizeof(bool)) };
	struct batch b = { .store = &all, .a = a, .who = who, .n = n,
		.result = ret };

	if (opts != NULL)
		b.opts = *opts;
	*ret = (struct record_result){ 0 };
	ret->ids = arena_array(a, n + 1, sizeof(*ret->ids));
	map_init(&b.handles, a);
	map_init(&b.ids, a);
	map_init(&b.known, a);
	map_init(&b.uniques, a);
	map_init(&b.loaded, a);
	b.at = arena_array(a, n + 1, sizeof(*b.at));
	b.none = nothing(a);
	for (size_t i = 0; i < n; i++)
		b.at[i].change = &changes[i];
	bool own = !b.opts.dry_run && !ledger_in_transaction(s->ledger);
	int r = own ? ledger_begin(s->ledger, e) : 0;
	if (r != 0)
		return (r);
	r = run(&b, e);
	if (r == 0)
		count(&b);
	if (!own)
		return (r);
	if (r == 0)
		return (ledger_commit(s->ledger, e));
	ledger_rollback(s->ledger);
	return (r);
}

static int
put(struct record_store *s, struct arena *a, const struct record_actor *who,
    const struct record_change *c, enum record_by by, struct str *ret_id,
    struct err *e)
{
	struct record_options o = { .by = by };
	struct record_result res;
	int r = record_apply(s, a, who, c, 1, &o, &res, e);

	if (r == 0 && ret_id != NULL)
		*ret_id = res.ids[0];
	return (r);
}

int
record_put(struct record_store *s, struct arena *a,
    const struct record_actor *who, const struct schema_type *t,
    struct str name, const struct val *fields, struct str *ret_id,
    struct err *e)
{
	struct record_change c = { .type = t, .name = name, .fields = fields };

	return (put(s, a, who, &c, RECORD_BY_HAND, ret_id, e));
}

int
record_put_earned(struct record_store *s, struct arena *a,
    const struct record_actor *who, const struct schema_type *t,
    struct str name, const struct val *fields, struct str *ret_id,
    struct err *e)
{
	struct record_change c = { .type = t, .name = name, .fields = fields };

	return (put(s, a, who, &c, RECORD_BY_MODULE, ret_id, e));
}
