/* Which results are in scope, and which tables and types they need. */
#include "assess/procedure.h"
#include "seal/bundle_private.h"
#include "schema/schema.h"

/* What a result needs besides the tables that it names: exceptions and controls
 * are weighed in every test, sources say what ought to have been observed. */
static const char *const always[] = { "exception", "control", "source" };

static bool
number(const struct entry *x, const char *key, int64_t *ret)
{
	return (str_to_i64(entry_note_get(x, key), ret));
}

struct scan {
	struct bundle *b;
	const struct procedure **procs;
	size_t nprocs;
};

static bool
chosen(const struct scan *s, struct str id)
{
	if (s->b->spec->nids == 0)
		return (true);
	for (size_t i = 0; i < s->nprocs; i++)
		if (str_eq(s->procs[i]->id, id))
			return (true);
	/* A procedure that is there no more is named by itself. */
	for (size_t i = 0; i < s->b->spec->nids; i++)
		if (str_is(id, s->b->spec->ids[i]))
			return (true);
	return (false);
}

static bool
in_time(const struct bundle_spec *s, const struct bundle_run *r)
{
	if (!s->timed)
		return (true);
	if (s->time.period)
		return (r->from >= s->time.from && r->to <= s->time.to);
	return (r->to <= s->time.to);
}

static int
take(void *ctx, uint64_t index, const struct entry *x, struct err *e)
{
	struct scan *s = ctx;
	struct bundle_run r = { .entry = index };
	int64_t adopted;
	char where[40];

	if (!str_is(x->action, "result") || !chosen(s, x->id))
		return (0);
	snprintf(where, sizeof(where), "entry %llu",
	    (unsigned long long)index);
	if (!number(x, "from", &r.from) || !number(x, "to", &r.to) ||
	    !number(x, "adopted", &adopted))
		return (err_set(e, ERR_DAMAGED, where,
		    "run tickmark doctor", "a result does not say its time"));
	r.adopted = (uint64_t)adopted;
	r.period = str_is(entry_note_get(x, "mode"), "period");
	if (!in_time(s->b->spec, &r))
		return (0);
	r.procedure = arena_str(&s->b->a, x->id);
	r.tables = arena_str(&s->b->a, entry_note_get(x, "tables"));
	vec_push(&s->b->runs, r);
	return (0);
}

/* Of each procedure the result whose time ends last, and the last of those. */
static void
keep_latest(struct bundle *b)
{
	size_t n = 0;

	for (size_t i = 0; i < b->runs.n; i++) {
		const struct bundle_run *x = &b->runs.at[i];
		bool best = true;
		for (size_t k = 0; best && k < b->runs.n; k++) {
			const struct bundle_run *y = &b->runs.at[k];
			best = !str_eq(x->procedure, y->procedure) ||
			    x->to > y->to || (x->to == y->to &&
			    x->entry >= y->entry);
		}
		if (best)
			b->runs.at[n++] = *x;
	}
	b->runs.n = n;
}

static int
by_number(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x < y ? -1 : x > y);
}

static void
need(struct bundle *b, struct str name)
{
	if (name.len != 0 && !str_is(name, "-"))
		map_put(&b->needed, name, b);
}

static void
gather(struct bundle *b)
{
	struct str rest, one;

	map_init(&b->needed, &b->a);
	for (size_t i = 0; i < sizeof(always) / sizeof(always[0]); i++)
		need(b, str_from(always[i]));
	for (size_t i = 0; i < b->runs.n; i++) {
		rest = b->runs.at[i].tables;
		while (str_split(&rest, ',', &one))
			need(b, one);
		if (i == 0 || b->runs.at[i].adopted !=
		    b->runs.at[i - 1].adopted)
			vec_push(&b->adopted, b->runs.at[i].adopted);
	}
	if (b->adopted.n > 1)
		qsort(b->adopted.at, b->adopted.n, sizeof(*b->adopted.at),
		    by_number);
	/* The report speaks of every type of record. */
	for (size_t i = 0; !b->spec->no_report && i < schema_ntypes; i++)
		if (schema_is_record(&schema_types[i]))
			need(b, str_from(schema_types[i].name));
}

static int
check_withheld(const struct bundle_spec *s, struct err *e)
{
	for (size_t i = 0; i < s->nwithhold; i++) {
		const char *w = s->withhold[i];
		if (strcmp(w, "personal") != 0 && strcmp(w, "raw") != 0 &&
		    schema_find(str_from(w)) == NULL)
			return (err_set(e, ERR_NOTFOUND, w, "give personal, raw, "
			    "a record type or a table",
			    "nothing of this name can be withheld"));
	}
	return (0);
}

int
bundle_scope(struct bundle *b, struct err *e)
{
	const struct bundle_spec *spec = b->spec;
	struct scan s = { .b = b };
	int r = check_withheld(spec, e);

	if (r == 0 && spec->nids != 0)
		r = assess_select(&b->a, spec->as, spec->ids, spec->nids,
		    &s.procs, &s.nprocs, e);
	if (r == 0)
		r = ledger_each(b->ledger, 0, b->head.size, take, &s, e);
	if (r != 0)
		return (r);
	if (spec->timed && !spec->time.period)
		keep_latest(b);
	gather(b);
	return (0);
}

bool
bundle_withholds(const struct bundle *b, const char *what)
{
	for (size_t i = 0; i < b->spec->nwithhold; i++)
		if (strcmp(b->spec->withhold[i], what) == 0)
			return (true);
	return (false);
}

bool
bundle_wants_type(const struct bundle *b, struct str name)
{
	const struct schema_type *t = schema_find(name);

	for (size_t i = 0; i < b->spec->nwithhold; i++)
		if (str_is(name, b->spec->withhold[i]))
			return (false);
	if (t != NULL && schema_is_record(t) && t->personal &&
	    bundle_withholds(b, "personal"))
		return (false);
	return (b->spec->nids == 0 || map_get(&b->needed, name) != NULL);
}

bool
bundle_wants_result(const struct bundle *b, uint64_t entry)
{
	size_t lo = 0, hi = b->runs.n;

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;
		if (b->runs.at[mid].entry < entry)
			lo = mid + 1;
		else
			hi = mid;
	}
	return (lo < b->runs.n && b->runs.at[lo].entry == entry);
}

bool
bundle_wants_adopted(const struct bundle *b, uint64_t entry)
{
	if (b->spec->nids == 0 && !b->spec->timed)
		return (true);
	return (b->adopted.n != 0 && bsearch(&entry, b->adopted.at,
	    b->adopted.n, sizeof(entry), by_number) != NULL);
}
