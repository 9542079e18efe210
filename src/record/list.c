/* Lists of records: filters, order and place become SQL, what is left of the
 * filters is looked at row by row. */
#include "record/record.h"

#include <strings.h>

#include "record/dialect.h"
#include "record/search.h"
#include "record/see.h"
#include "record/store.h"
#include "record/tables.h"
#include "schema/kind.h"
#include "sys/db.h"

/* --- filters --------------------------------------------------------------- */

static bool
contains(struct str s, struct str part)
{
	for (size_t i = 0; i + part.len <= s.len; i++)
		if (part.len == 0 ||
		    strncasecmp(s.ptr + i, part.ptr, part.len) == 0)
			return (true);
	return (false);
}

/* A set or refs cell has every member that is asked for. */
static bool
has_members(const struct schema_field *f, const struct cell *c,
    const struct cell *want)
{
	ARENA_SCOPED a = ARENA_INIT;
	struct str *have, *ask;
	size_t n = kind_items(&a, f, c, &have), m = kind_items(&a, f, want, &ask);

	for (size_t i = 0; i < m; i++) {
		bool found = false;
		for (size_t k = 0; k < n; k++)
			found |= str_eq(have[k], ask[i]);
		if (!found)
			return (false);
	}
	return (true);
}

/* What SQL is not asked for: RECORD_HAS. */
static bool
holds(const struct record *r, const struct record_filter *f)
{
	const struct schema_field *field = &r->type->fields[f->field];
	const struct cell *c = &r->cells[f->field];

	if (c->state != CELL_VALUE)
		return (false);
	if (kind_is_many(field) || kind_is_ref(field))
		return (has_members(field, c, &f->value));
	BUF_SCOPED b = BUF_INIT;
	kind_print(field, c, &b);
	return (contains(buf_str(&b), f->value.s));
}

/* --- SQL -------------------------------------------------------------------- */

struct listing {
	struct record_store *s;
	struct db *db;
	const char *from; /* a SELECT; NULL: the table of the type */
	const struct schema_type *t;
	const struct record_query *q;
	struct see see;
	bool by_id;  /* the handles are masked: their order too */
	unsigned classes; /* that words are looked for in */
	bool stream; /* who takes the records does not wait for the last one */
	struct buf sql;
	struct buf match;
	struct cell bind[64]; /* in order; fields of them: */
	const struct schema_field *of[64];
	int n;
};

/* ids and the MATCH are bound as texts. */
static const struct schema_field as_text = { .name = "id", .kind = SCHEMA_TEXT };

static void
take(struct listing *l, const struct schema_field *f, const struct cell *c)
{
	if ((size_t)l->n == sizeof(l->bind) / sizeof(l->bind[0]))
		BUG("a list with too many filters");
	l->bind[l->n] = *c;
	l->of[l->n++] = f;
}

static void
column(const struct listing *l, const struct schema_field *f, char *out,
    size_t cap)
{
	(void)l;
	snprintf(out, cap, "r.\"%s\"", f->name);
}

static void
put_filter(struct listing *l, const struct record_filter *f)
{
	static const char *const words[] = { [RECORD_LT] = "<",
		[RECORD_LE] = "<=", [RECORD_GT] = ">", [RECORD_GE] = ">=" };
	const struct schema_field *field = &l->t->fields[f->field];
	bool none = f->value.state != CELL_VALUE;
	char name[128];

	column(l, field, name, sizeof(name));
	if (f->op == RECORD_HAS)
		return;
	buf_puts(&l->sql, " AND ");
	if (f->op == RECORD_EQ && none)
		buf_printf(&l->sql, "%s IS NULL", name);
	else if (f->op == RECORD_NE && none)
		buf_printf(&l->sql, "%s IS NOT NULL", name);
	else if (f->op == RECORD_EQ)
		buf_printf(&l->sql, "%s = ?", name);
	else if (f->op == RECORD_NE)
		dialect_differs(name, &l->sql);
	else {
		kind_order(field, name, &l->sql);
		buf_printf(&l->sql, " %s ", words[f->op]);
		kind_order(field, "?", &l->sql);
	}
	if (!none)
		take(l, field, &f->value);
}

/* The field that a list is sorted by; NULL: by entry or document. */
static const struct schema_field *
sorted_by(const struct schema_type *t, const struct record_query *q)
{
	if (q->sort >= 0)
		return (&t->fields[q->sort]);
	if (q->sort == RECORD_BY_HANDLE && t->key.n != 0 && q->words.len == 0)
		return (&t->fields[t->key.at[0]]);
	return (NULL);
}

static void
put_after(struct listing *l, const struct schema_field *f)
{
	const struct record_place *p = l->q->after;
	bool falling = l->q->falling;
	struct cell id = CELL_STR(p->id);
	char name[128];

	column(l, f, name, sizeof(name));
	if (p->value.state == CELL_VALUE) {
		/* What is absent comes first, and so last if it falls. */
		buf_puts(&l->sql, " AND ((");
		kind_order(f, name, &l->sql);
		buf_printf(&l->sql, ",r.id)%s(", falling ? "<" : ">");
		kind_order(f, "?", &l->sql);
		buf_printf(&l->sql, ",?)%s%s%s)", falling ? " OR " : "",
		    falling ? name : "", falling ? " IS NULL" : "");
		take(l, f, &p->value);
	} else {
		buf_printf(&l->sql, falling ? " AND (%s IS NULL AND r.id<?)" :
		    " AND (%s IS NOT NULL OR r.id>?)", name);
	}
	take(l, &as_text, &id);
}

static void
put_order(struct listing *l, const struct schema_field *f)
{
	const char *way = l->q->falling ? " DESC" : "";
	char name[128];

	buf_puts(&l->sql, " ORDER BY ");
	if (l->q->words.len != 0) {
		buf_printf(&l->sql, "%s DESC", dialect_search_place());
	} else if (f != NULL) {
		column(l, f, name, sizeof(name));
		kind_order(f, name, &l->sql);
		buf_printf(&l->sql, "%s NULLS %s,r.id%s", way, l->q->falling ?
		    "LAST" : "FIRST", way);
	} else {
		buf_printf(&l->sql, "%s%s", l->q->sort == RECORD_BY_ENTRY &&
		    !l->by_id ?
		    "r.entry" : "r.id", way);
	}
}

static int
put_sql(struct listing *l, struct err *e)
{
	const struct record_query *q = l->q;
	const struct schema_field *f = l->by_id ? NULL : sorted_by(l->t, q);
	int64_t from, to;

	buf_puts(&l->sql, "SELECT ");
	store_columns(l->t, "r", &l->sql);
	if (q->words.len != 0) {
		int r = search_match(q->words, l->classes, &l->match, e);
		if (r != 0)
			return (r);
		search_range(l->t, &from, &to);
		dialect_search(l->t, from, &l->sql);
		buf_printf(&l->sql, " AND %s<", dialect_search_place());
		struct cell m = CELL_STR(buf_str(&l->match));
		struct cell id = CELL_STR(q->after != NULL ? q->after->id :
		    STR(""));
		take(l, &as_text, &m);
		if (q->after != NULL) {
			buf_puts(&l->sql, "coalesce((SELECT doc FROM search_doc "
			    "WHERE id=?),0)");
			take(l, &as_text, &id);
		} else {
			buf_printf(&l->sql, "%lld", (long long)to);
		}
		buf_puts(&l->sql, " AND r.retired=0");
	} else {
		if (l->from != NULL)
			buf_printf(&l->sql, " FROM (%s) r WHERE %s", l->from,
			    q->retired ? "1=1" : "r.retired=0");
		else
			buf_printf(&l->sql, " FROM r_%s r WHERE %s",
			    l->t->name, q->retired ? "1=1" : "r.retired=0");
	}
	for (size_t i = 0; i < q->nfilters; i++)
		put_filter(l, &q->filters[i]);
	if (q->id.len != 0) {
		struct cell id = CELL_STR(q->id);
		buf_puts(&l->sql, " AND r.id=?");
		take(l, &as_text, &id);
	}
	if (q->after != NULL && q->words.len == 0) {
		struct cell id = CELL_STR(q->after->id);
		if (f != NULL) {
			put_after(l, f);
		} else {
			buf_printf(&l->sql, " AND r.id%s?", q->falling ? "<" :
			    ">");
			take(l, &as_text, &id);
		}
	}
	put_order(l, f);
	return (0);
}

/* May it be seen, and does it match by what is seen of it? */
static int
passes(struct listing *l, struct record *rec, bool *ret, struct err *e)
{
	int r = see_record(&l->see, rec, NULL, ret, e);

	for (size_t i = 0; r == 0 && *ret && i < l->q->nfilters; i++) {
		const struct record_filter *f = &l->q->filters[i];
		/* Whether what is masked matches is masked as well. */
		*ret = rec->cells[f->field].state != CELL_MASKED &&
		    (f->op != RECORD_HAS || holds(rec, f));
	}
	if (r == 0 && *ret && l->stream && l->see.shown == 0) {
		see_shown(&l->see, rec);
		r = l->see.shown != 0 ? see_stream(&l->see, e) : 0;
	}
	return (r);
}

static int
run(struct listing *l, struct arena *keep, record_each_fn *fn, void *ctx,
    struct err *e)
{
	ARENA_SCOPED own = ARENA_INIT;
	STMT_SCOPED *st = NULL;
	struct arena *a = keep != NULL ? keep : &own;
	struct record rec;
	int r = put_sql(l, e);

	if (r == 0 && l->from == NULL && (r = tables_has(l->s, l->t, e)) <= 0)
		return (r);
	if (r >= 0)
		r = db_prepare(l->db, &st, buf_str(&l->sql), e);
	if (r != 0)
		return (r);
	for (int i = 0; i < l->n; i++)
		kind_bind(l->of[i], st, i + 1, &l->bind[i]);
	while ((r = stmt_step(st, e)) > 0) {
		struct arena_mark m = arena_mark(a);
		bool yes = false;
		r = store_read(a, l->t, st, &rec, e);
		if (r == 0)
			r = passes(l, &rec, &yes, e);
		if (r == 0 && yes)
			r = fn(ctx, &rec, e);
		if (r != 0)
			return (r < 0 ? r : 0);
		if (!yes || keep == NULL)
			arena_rewind(a, m);
	}
	return (r);
}

static const struct record_query all = { .sort = RECORD_BY_HANDLE };

/* What the reader may ask for, and in which order. */
static int
begin(struct listing *l, struct err *e)
{
	const struct record_query *q = l->q;
	int r = see_begin(l->s, l->t, q->taking ? ACCESS_EXPORT : ACCESS_LIST,
	    &l->see, e);

	for (size_t i = 0; r == 0 && i < q->nfilters; i++)
		r = see_field(l->s, l->t, q->filters[i].field, "filter", e);
	if (r == 0 && q->sort >= 0)
		r = see_sort(&l->see, q->sort, e);
	if (r != 0)
		return (r);
	l->by_id = q->sort == RECORD_BY_HANDLE && q->words.len == 0 &&
	    !see_ordered(&l->see);
	l->classes = see_classes(&l->see, q->classes);
	if (q->words.len != 0 && q->classes != 0 && l->classes == 0)
		return (err_set(e, ERR_DENIED, l->t->name, "ask somebody who may: "
		    "tickmark who-can says who", "there is nothing here that you "
		    "may search by words"));
	return (0);
}

static int
each(struct listing *l, struct arena *keep, record_each_fn *fn, void *ctx,
    struct err *e)
{
	int r = begin(l, e);

	if (r == 0 && l->q->nfilters > RECORD_FILTERS)
		r = err_set(e, ERR_USAGE, NULL, "give fewer",
		    "a list takes at most %d filters", RECORD_FILTERS);
	if (r == 0)
		r = run(l, keep, fn, ctx, e);
	buf_free(&l->sql);
	buf_free(&l->match);
	return (r);
}

int
record_each(struct record_store *s, const struct schema_type *t,
    const struct record_query *q, record_each_fn *fn, void *ctx,
    struct err *e)
{
	struct listing l = { .s = s, .db = s->db, .t = t,
		.q = q != NULL ? q : &all, .stream = true };

	return (each(&l, NULL, fn, ctx, e));
}

int
record_each_from(struct record_store *s, struct db *db, const char *from,
    const struct schema_type *t, const struct record_query *q,
    record_each_fn *fn, void *ctx, struct err *e)
{
	struct listing l = { .s = s, .db = db, .from = from, .t = t,
		.q = q != NULL ? q : &all, .stream = true };

	if (l.q->words.len != 0)
		BUG("words are not searched for in another table");
	return (each(&l, NULL, fn, ctx, e));
}

void
record_place(const struct record_query *q, const struct record *r,
    struct record_place *ret)
{
	const struct schema_field *f = sorted_by(r->type, q);

	*ret = (struct record_place){ .id = r->id };
	if (f != NULL && r->cells[f - r->type->fields].state != CELL_MASKED)
		ret->value = r->cells[f - r->type->fields];
}

struct gathering {
	const struct record_query *q;
	struct record_list list;
	size_t cap;
	struct arena *a;
};

static int
gather(void *ctx, const struct record *r, struct err *e)
{
	struct gathering *g = ctx;
	size_t limit = g->q != NULL ? g->q->limit : 0;

	(void)e;
	g->list.matched++;
	if (limit != 0 && g->list.n == limit)
		return (0);
	if (g->list.n == g->cap) {
		size_t cap = g->cap == 0 ? 64 : g->cap * 2;
		struct record *at = arena_array(g->a, cap, sizeof(*at));
		if (g->list.n != 0)
			memcpy(at, g->list.at, g->list.n * sizeof(*at));
		g->list.at = at;
		g->cap = cap;
	}
	g->list.at[g->list.n++] = *r;
	return (g->q != NULL && g->q->uncounted && g->list.n == limit);
}

int
record_list(struct record_store *s, struct arena *a,
    const struct schema_type *t, const struct record_query *q,
    struct record_list *ret, struct err *e)
{
	struct gathering g = { .q = q, .a = a };
	struct listing l = { .s = s, .db = s->db, .t = t,
		.q = q != NULL ? q : &all };
	int r = each(&l, a, gather, &g, e);

	for (size_t i = 0; r == 0 && i < g.list.n; i++)
		see_shown(&l.see, &g.list.at[i]);
	if (r == 0)
		r = see_end(&l.see, e);
	if (r == 0)
		*ret = g.list;
	return (r);
}

static int
count_one(void *ctx, const struct record *r, struct err *e)
{
	(void)r;
	(void)e;
	++*(int64_t *)ctx;
	return (0);
}

int
record_count(struct record_store *s, const struct schema_type *t,
    int64_t *ret, struct err *e)
{
	char sql[128];
	struct see x;
	int r = see_begin(s, t, ACCESS_LIST, &x, e);

	if (r != 0)
		return (r);
	if (!x.all && !x.fixed) {
		struct record_reader quiet = *s->reader;
		struct record_store own = { .db = s->db, .ledger = s->ledger,
			.reader = &quiet };
		/* What is only counted is not handed out. */
		quiet.dir = NULL;
		*ret = 0;
		r = record_each(&own, t, NULL, count_one, ret, e);
		s->reader->arena = quiet.arena;
		s->reader->kinds = quiet.kinds;
		return (r);
	}
	*ret = 0;
	if ((r = tables_has(s, t, e)) <= 0)
		return (r);
	snprintf(sql, sizeof(sql), "SELECT count(*) FROM r_%s WHERE retired=0",
	    t->name);
	return (db_get_int(s->db, sql, 0, ret, e));
}
