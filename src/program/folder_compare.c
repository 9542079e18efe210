/* What a file says, beside what the record says. */
#include "program/folder_part.h"

#include "schema/kind.h"

/* What the file has in a field, with ids for what it names. False: it cannot be
 * read; record_apply() will say why. */
static bool
cell_of(const struct folder_index *ix, struct arena *a,
    const struct schema_field *f, const struct val *v, struct cell *ret)
{
	struct str *items;

	if (kind_from_val(a, f, v, ret, NULL) != 0)
		return (false);
	if (!kind_is_ref(f) || ret->state != CELL_VALUE)
		return (true);
	size_t n = kind_items(a, f, ret, &items);
	for (size_t i = 0; i < n; i++) {
		const struct folder_known *k = folder_index_find(ix,
		    schema_get(f->target), items[i]);
		if (k != NULL)
			items[i] = k->id;
	}
	*ret = kind_join(a, f, items, n);
	return (true);
}

static struct str
printed(const struct folder_index *ix, struct arena *a,
    const struct schema_field *f, const struct cell *c)
{
	struct cell named = folder_text_named(ix, a, f, c);
	BUF_SCOPED out = BUF_INIT;

	kind_print(f, &named, &out);
	return (arena_str(a, buf_str(&out)));
}

static bool
same_cell(const struct cell *x, const struct cell *y)
{
	return (x->state == y->state && x->i == y->i && str_eq(x->s, y->s));
}

/* --- fields ------------------------------------------------------------------ */

struct comparing {
	const struct folder_index *ix;
	struct arena *a;
	const struct record *r;
	const struct folder_item *it;
	struct folder_change *c;
};

static void
differs(struct comparing *p, const char *name, bool lines, struct str before,
    struct str after)
{
	p->c->fields[p->c->nfields++] = (struct folder_field){ name, lines, before,
		after };
}

static void
compare_field(struct comparing *p, size_t i)
{
	const struct schema_type *t = p->it->type;
	const struct schema_field *f = &t->fields[i];
	const struct cell *was = &p->r->cells[i];
	struct val *v = val_get(p->it->fields, f->name);
	struct cell now = CELL_NONE;

	/* A state that is not said stays; so does what one of them does not see. */
	if (was->state == CELL_MASKED || (v == NULL && (int)i == t->state))
		return;
	bool read = v == NULL || cell_of(p->ix, p->a, f, v, &now);
	if (read && (now.state == CELL_MASKED || same_cell(was, &now)))
		return;
	val_put(p->a, p->c->give, f->name, v != NULL ? v : val_null(p->a));
	differs(p, f->name, kind_is_lines(f), printed(p->ix, p->a, f, was),
	    read ? printed(p->ix, p->a, f, &now) : STR("?"));
}

static struct str
extra_text(struct arena *a, const struct val *v)
{
	if (v == NULL || v->type == VAL_NULL)
		return (STR(""));
	if (v->type == VAL_STR)
		return (arena_str(a, v->u.s));
	return (str_from(v->type == VAL_BOOL ? v->u.b ? "yes" : "no" :
	    v->type == VAL_INT ? arena_printf(a, "%lld", (long long)v->u.i) :
	    "?"));
}

static void
compare_extra(struct comparing *p)
{
	struct val *now = val_get(p->it->fields, "extra"), *was = p->r->extra;
	struct val *give = val_map(p->a);
	struct val *all = val_map(p->a);

	if (folder_text_hides(p->r) || (now != NULL && now->type == VAL_STR &&
	    str_is(now->u.s, CELL_MASKED_TEXT)))
		return;

	for (size_t i = 0; i < val_count(was); i++)
		val_putstr(p->a, all, was->u.map.key[i], val_null(p->a));
	for (size_t i = 0; now != NULL && now->type == VAL_MAP &&
	    i < val_count(now); i++)
		val_putstr(p->a, all, now->u.map.key[i], now->u.map.at[i]);
	for (size_t i = 0; i < val_count(all); i++) {
		struct str key = all->u.map.key[i];
		struct val *x = val_getstr(was, key), *y = all->u.map.at[i];
		struct str before = extra_text(p->a, x), after =
		    extra_text(p->a, y);
		if (x != NULL && x->type == y->type && str_eq(before, after))
			continue;
		val_putstr(p->a, give, key, y);
		differs(p, arena_printf(p->a, "extra." STR_FMT, STR_ARG(key)), false,
		    before, after);
	}
	if (val_count(give) != 0)
		val_put(p->a, p->c->give, "extra", give);
	else if (now != NULL && now->type != VAL_MAP && now->type != VAL_NULL)
		val_put(p->a, p->c->give, "extra", now);
}

/* Names that are none of the type: record_apply() says so. */
static void
pass_unknown(struct comparing *p)
{
	const struct val *m = p->it->fields;

	for (size_t i = 0; i < m->u.map.n; i++) {
		struct str key = m->u.map.key[i];
		if (schema_field(p->it->type, key) < 0 && !(str_is(key, "extra") &&
		    p->it->type->mode == MODE_OPEN))
			val_putstr(p->a, p->c->give, key, m->u.map.at[i]);
	}
}

/* --- the way to a state --------------------------------------------------------- */

/* The shortest row of steps, as "draft -> review -> approved", if it is more than
 * one; NULL: one step leads there, or none does. */
static const char *
way(struct arena *a, const struct schema_type *t, int from, int to)
{
	int *came = arena_array(a, t->nstates + 1, sizeof(*came));
	int *queue = arena_array(a, t->nstates + 1, sizeof(*queue));
	size_t head = 0, tail = 0;
	const char *out = "";

	for (size_t i = 0; i < t->nstates; i++)
		came[i] = -1;
	queue[tail++] = from;
	came[from] = from;
	while (head < tail && came[to] < 0) {
		int at = queue[head++];
		for (size_t i = 0; i < t->nsteps; i++)
			if (t->steps[i].from == at && came[t->steps[i].to] < 0) {
				came[t->steps[i].to] = at;
				queue[tail++] = t->steps[i].to;
			}
	}
	if (came[to] < 0 || came[to] == from)
		return (NULL);
	for (int at = to; at != from; at = came[at])
		out = arena_printf(a, " -> %s%s", t->states[at], out);
	return (arena_printf(a, "%s%s", t->states[from], out));
}

static void
find_way(struct comparing *p)
{
	const struct schema_type *t = p->it->type;
	const struct val *v = t->state < 0 ? NULL : val_get(p->c->give,
	    t->fields[t->state].name);

	if (v == NULL || v->type != VAL_STR ||
	    p->r->cells[t->state].state != CELL_VALUE)
		return;
	int to = access_state(t, v->u.s) - 1;
	int from = access_state(t, p->r->cells[t->state].s) - 1;
	if (from >= 0 && to >= 0)
		p->c->steps = way(p->a, t, from, to);
}

bool
folder_compare(const struct folder_index *ix, struct arena *a,
    const struct record *r, const struct folder_item *it,
    struct folder_change *ret)
{
	struct comparing p = { ix, a, r, it, ret };
	const struct schema_type *t = it->type;

	ret->give = val_map(a);
	ret->give->line = 1;
	ret->fields = arena_array(a, t->nfields + val_count(r->extra) +
	    val_count(val_get(it->fields, "extra")) + 1, sizeof(*ret->fields));
	for (size_t i = 0; i < t->nfields; i++)
		compare_field(&p, i);
	if (t->mode == MODE_OPEN)
		compare_extra(&p);
	pass_unknown(&p);
	find_way(&p);
	return (val_count(ret->give) != 0);
}

struct str
folder_compare_unique(const struct folder_index *ix, struct arena *a,
    const struct record *r, const struct folder_item *it,
    const struct schema_cols *set)
{
	const struct schema_type *t = r != NULL ? r->type : it->type;
	BUF_SCOPED out = BUF_INIT;

	buf_printf(&out, "%u/%p", (unsigned)t->number, (const void *)set);
	for (size_t i = 0; i < set->n; i++) {
		const struct schema_field *f = &t->fields[set->at[i]];
		struct cell c = CELL_NONE;
		if (r != NULL)
			c = r->cells[set->at[i]];
		else if (!cell_of(ix, a, f, val_get(it->fields, f->name), &c))
			return (STR(""));
		if (c.state != CELL_VALUE)
			return (STR(""));
		buf_printf(&out, "/%lld/%zu/", (long long)c.i, c.s.len);
		buf_putstr(&out, c.s);
	}
	return (arena_str(a, buf_str(&out)));
}
