/* Whether a record may be as the change would have it. */
#include "record/batch.h"

#include "record/dialect.h"
#include "record/store.h"
#include "record/tables.h"
#include "schema/kind.h"
#include "sys/db.h"

static bool
filled(const struct record *r, size_t i)
{
	return (r->cells[i].state == CELL_VALUE);
}

static void
check_fields(struct batch *b, struct batch_item *it)
{
	const struct schema_type *t = it->change->type;
	char example[256];
	struct err p = { .code = ERR_INPUT };

	for (size_t i = 0; i < t->nfields; i++) {
		const struct schema_field *f = &t->fields[i];
		if ((int)i == t->state)
			continue;
		if (f->required && !filled(&it->new, i))
			batch_say(b, it, (int)i, arena_printf(b->a, "write %s",
			    kind_example(f, example, sizeof(example))),
			    "%s: it is required and missing", f->title);
		else if (it->given[i] &&
		    kind_check(f, &it->new.cells[i], &p) != 0)
			batch_say(b, it, (int)i, p.fix, "%s", p.what);
	}
}

/* --- twins ---------------------------------------------------------------- */

static const char *
names_of(struct batch *b, const struct schema_type *t,
    const struct schema_cols *set)
{
	BUF_SCOPED out = BUF_INIT;

	for (size_t i = 0; i < set->n; i++)
		buf_printf(&out, "%s%s", i == 0 ? "" : i + 1 < set->n ? ", " :
		    " and ", t->fields[set->at[i]].title);
	return (arena_strndup(b->a, out.ptr, out.len));
}

static int
check_set(struct batch *b, struct batch_item *it,
    const struct schema_cols *set, struct err *e)
{
	const struct schema_type *t = it->change->type;
	BUF_SCOPED key = BUF_INIT;
	struct str id;

	buf_printf(&key, "%p/", (const void *)set);
	for (size_t i = 0; i < set->n; i++) {
		const struct cell *c = &it->new.cells[set->at[i]];
		if (c->state != CELL_VALUE)
			return (0);
		buf_printf(&key, "%lld/%zu/", (long long)c->i, c->s.len);
		buf_putstr(&key, c->s);
	}
	struct str k = batch_key(b, t, "set", buf_str(&key));
	struct batch_item *twin = map_get(&b->uniques, k);
	if (twin != NULL && twin != it) {
		if (set != &t->key) /* that was told already */
			batch_say(b, it, set->at[0], "leave one of the two",
			    "%s: another %s of the same input has the same",
			    names_of(b, t, set), t->name);
		return (0);
	}
	map_put(&b->uniques, k, it);
	int r = store_by_unique(b->store, b->a, t, set, it->new.cells, &id, e);
	if (r == -ERR_NOTFOUND)
		return (0);
	if (r == 0 && !str_eq(id, it->new.id))
		batch_say(b, it, set->at[0], "choose another, or change that one",
		    "%s: another %s has the same", names_of(b, t, set), t->name);
	return (r);
}

static int
check_unique(struct batch *b, struct batch_item *it, struct err *e)
{
	const struct schema_type *t = it->change->type;
	int r = t->key.n != 0 ? check_set(b, it, &t->key, e) : 0;

	for (size_t i = 0; r == 0 && i < t->nunique; i++)
		r = check_set(b, it, &t->unique[i], e);
	return (r);
}

/* --- states --------------------------------------------------------------- */

static int
state_index(const struct schema_type *t, struct str s)
{
	for (size_t i = 0; i < t->nstates; i++)
		if (str_is(s, t->states[i]))
			return ((int)i);
	return (-1);
}

static bool
apart_holds(const struct record *r, const struct schema_step *s)
{
	return (s->apart.n != 2 || !filled(r, s->apart.at[0]) ||
	    !filled(r, s->apart.at[1]) ||
	    !str_eq(r->cells[s->apart.at[0]].s, r->cells[s->apart.at[1]].s));
}

static bool
step_holds(const struct record *r, const struct schema_step *s)
{
	for (size_t i = 0; i < s->fill.n; i++)
		if (!filled(r, s->fill.at[i]))
			return (false);
	return (apart_holds(r, s));
}

/* Say what a step lacks. */
static void
say_step(struct batch *b, struct batch_item *it, const struct schema_step *s)
{
	const struct schema_type *t = it->change->type;
	const char *state = t->states[s->to];
	char example[256];

	for (size_t i = 0; i < s->fill.n; i++) {
		const struct schema_field *f = &t->fields[s->fill.at[i]];
		if (!filled(&it->new, s->fill.at[i]))
			batch_say(b, it, t->state, arena_printf(b->a,
			    "fill %s: write %s", f->name,
			    kind_example(f, example, sizeof(example))),
			    "State: %s %s that is %s needs %s",
			    str_article(t->name), t->name, state, f->title);
	}
	if (!apart_holds(&it->new, s))
		batch_say(b, it, t->state, "let somebody else do one of the two",
		    "State: %s and %s of %s %s that is %s must be two "
		    "persons", t->fields[s->apart.at[0]].title,
		    t->fields[s->apart.at[1]].title, str_article(t->name),
		    t->name, state);
}

static const char *
ways_from(struct batch *b, const struct schema_type *t, int from)
{
	BUF_SCOPED out = BUF_INIT;

	for (size_t i = 0; i < t->nsteps; i++)
		if (t->steps[i].from == from)
			buf_printf(&out, "%s%s", out.len == 0 ? "" : ", ",
			    t->states[t->steps[i].to]);
	if (out.len == 0)
		return ("nothing follows that state");
	return (arena_printf(b->a, "what may follow is %s", out.ptr));
}

static void
check_step(struct batch *b, struct batch_item *it, int from, int to)
{
	const struct schema_type *t = it->change->type;
	const struct schema_step *s = NULL;
	struct err p;

	for (size_t i = 0; i < t->nsteps; i++)
		if (t->steps[i].from == from && t->steps[i].to == to)
			s = &t->steps[i];
	if (s == NULL) {
		batch_say(b, it, t->state, ways_from(b, t, from),
		    "State: %s %s does not go from %s to %s", str_article(t->name),
		    t->name, t->states[from], t->states[to]);
	} else if ((s->who & b->who->roles) == 0) {
		err_set(&p, ERR_DENIED, NULL, "ask somebody who may",
		    "State: you may not take %s %s from %s to %s",
		    str_article(t->name), t->name, t->states[from],
		    t->states[to]);
		batch_problem(b, it, 0, &p);
	} else if (!step_holds(&it->new, s)) {
		say_step(b, it, s);
	}
}

/*
 * A record in a state must satisfy some way into it: a new one always, one
 * that stays if it did so before.
 */
static void
check_standing(struct batch *b, struct batch_item *it, int at)
{
	const struct schema_type *t = it->change->type;
	const struct schema_step *first = NULL;
	bool now = false, before = !it->exists || b->opts.by == RECORD_RESTORED;

	for (size_t i = 0; i < t->nsteps; i++) {
		const struct schema_step *s = &t->steps[i];
		if (s->to != at)
			continue;
		if (first == NULL)
			first = s;
		now |= step_holds(&it->new, s);
		before |= it->exists && step_holds(&it->old, s);
	}
	if (at != 0 && first != NULL && before && !now)
		say_step(b, it, first);
}

static void
check_state(struct batch *b, struct batch_item *it)
{
	const struct schema_type *t = it->change->type;

	if (t->state < 0)
		return;
	struct cell *c = &it->new.cells[t->state];
	if (c->state != CELL_VALUE)
		*c = it->exists ? it->old.cells[t->state] :
		    CELL_STR(str_from(t->states[0]));
	int to = state_index(t, c->s);
	int from = it->exists ? state_index(t, it->old.cells[t->state].s) : to;
	if (to < 0 || from < 0)
		BUG("%s: a state that is none", t->name);
	if (from != to && b->opts.by != RECORD_RESTORED)
		check_step(b, it, from, to);
	else
		check_standing(b, it, to);
}

size_t
record_steps(struct arena *a, const struct record *r, unsigned roles,
    const struct schema_step ***ret)
{
	const struct schema_type *t = r->type;
	size_t n = 0;

	*ret = arena_array(a, t->nsteps + 1, sizeof(**ret));
	if (t->state < 0)
		return (0);
	int at = state_index(t, r->cells[t->state].s);
	for (size_t i = 0; i < t->nsteps; i++)
		if (t->steps[i].from == at && (t->steps[i].who & roles) != 0)
			(*ret)[n++] = &t->steps[i];
	return (n);
}

/* --- retiring -------------------------------------------------------------- */

/* Does the batch leave a record of the store, which names one that is to go,
 * without that name, or take it out of use as well? */
static bool
lets_go(struct batch *b, const struct schema_type *t, size_t field,
    struct str id, struct str name)
{
	const struct batch_item *by = map_get(&b->ids, batch_key(b, t, "id", id));
	struct str *ids;

	if (by == NULL || by->wrong)
		return (false);
	if (by->change->retire)
		return (true);
	size_t n = kind_items(b->a, &t->fields[field], &by->new.cells[field],
	    &ids);
	for (size_t i = 0; i < n; i++)
		if (str_eq(ids[i], name))
			return (false);
	return (true);
}

/* Somebody who is still named cannot go. */
static int
check_named(struct batch *b, struct batch_item *it,
    const struct schema_type *t, size_t field, struct err *e)
{
	BUF_SCOPED sql = BUF_INIT;
	STMT_SCOPED *st = NULL;
	const struct schema_field *f = &t->fields[field];

	int r = tables_has(b->store, t, e);
	if (r <= 0)
		return (r);
	buf_printf(&sql, "SELECT id,%s%s%s FROM r_%s WHERE retired=0 AND ",
	    t->key.n != 0 ? "\"" : "", t->key.n != 0 ?
	    t->fields[t->key.at[0]].name : "id", t->key.n != 0 ? "\"" : "",
	    t->name);
	dialect_names(f, &sql);
	r = db_prepare(b->store->db, &st, buf_str(&sql), e);
	if (r != 0)
		return (r);
	stmt_bind_str(st, 1, it->old.id);
	while ((r = stmt_step(st, e)) > 0) {
		if (lets_go(b, t, field, stmt_str(st, 0), it->old.id))
			continue;
		struct str by = arena_str(b->a, stmt_str(st, 1));
		batch_say(b, it, -1, "name another one there first",
		    "it is still the %s of %s " STR_FMT, f->name, t->name,
		    STR_ARG(by));
		return (0);
	}
	return (r);
}

/* Nor can who is named by the same batch. */
static void
check_named_now(struct batch *b, struct batch_item *it)
{
	for (size_t i = 0; i < b->n; i++) {
		struct batch_item *by = &b->at[i];
		const struct schema_type *t = by->change->type;
		if (by->change->retire || by->new.cells == NULL || by == it)
			continue;
		for (size_t k = 0; k < t->nfields; k++) {
			struct str *ids;
			if (t->fields[k].target != it->change->type->number ||
			    !by->given[k])
				continue;
			size_t n = kind_items(b->a, &t->fields[k],
			    &by->new.cells[k], &ids);
			for (size_t m = 0; m < n; m++)
				if (str_eq(ids[m], it->old.id)) {
					batch_say(b, it, -1, "leave one of the "
					    "two", "another change names it as %s",
					    t->fields[k].name);
					return;
				}
		}
	}
}

static int
check_retire(struct batch *b, struct batch_item *it, struct err *e)
{
	int r = 0;

	it->new = it->old;
	it->new.retired = true;
	for (size_t i = 0; r == 0 && i < schema_ntypes; i++) {
		const struct schema_type *t = &schema_types[i];
		for (size_t k = 0; r == 0 && k < t->nfields; k++)
			if (t->fields[k].target == it->change->type->number)
				r = check_named(b, it, t, k, e);
	}
	if (r == 0 && !it->wrong && b->n > 1)
		check_named_now(b, it);
	return (r);
}

/* --- all ------------------------------------------------------------------- */

static bool
same_extra(const struct val *a, const struct val *b)
{
	if (val_count(a) != val_count(b))
		return (false);
	for (size_t i = 0; i < val_count(a); i++) {
		const struct val *x = a->u.map.at[i];
		const struct val *y = val_getstr(b, a->u.map.key[i]);
		if (y == NULL || x->type != y->type ||
		    (x->type == VAL_INT && x->u.i != y->u.i) ||
		    (x->type == VAL_BOOL && x->u.b != y->u.b) ||
		    (x->type == VAL_STR && !str_eq(x->u.s, y->u.s)))
			return (false);
	}
	return (true);
}

static bool
same(const struct batch_item *it)
{
	const struct schema_type *t = it->change->type;

	if (!it->exists || it->old.retired != it->new.retired ||
	    !same_extra(it->old.extra, it->new.extra))
		return (false);
	for (size_t i = 0; i < t->nfields; i++)
		if (it->old.cells[i].state != it->new.cells[i].state ||
		    it->old.cells[i].i != it->new.cells[i].i ||
		    !str_eq(it->old.cells[i].s, it->new.cells[i].s))
			return (false);
	return (true);
}

/* Fixed data may be put as it is: nothing else needs to be looked at. */
static void
check_fixed(struct batch *b, struct batch_item *it)
{
	const struct schema_type *t = it->change->type;
	struct err p;

	it->same = !it->change->retire && !it->says_retired && same(it);
	if (it->same)
		return;
	err_set(&p, ERR_DENIED, NULL, "leave it as it is", "%s %s is fixed data: "
	    "nobody edits, adds or removes one", str_article(t->name), t->name);
	batch_problem(b, it, 0, &p);
}

static void
check_new(struct batch *b, struct batch_item *it)
{
	const struct schema_type *t = it->change->type;
	struct err p;

	err_set(&p, ERR_CONFLICT, NULL, "change that one, or choose another",
	    "there is %s %s like this already: %.*s", str_article(t->name),
	    t->name, (int)it->old.id.len, it->old.id.ptr);
	batch_problem(b, it, 0, &p);
}

static int
validate(struct batch *b, struct batch_item *it, struct err *e)
{
	struct err p;
	int r;

	if (it->change->create && it->exists) {
		check_new(b, it);
		return (0);
	}

	if (it->change->type->mode == MODE_FIXED && !b->opts.installing) {
		check_fixed(b, it);
		return (0);
	}
	if (it->change->retire) {
		r = check_retire(b, it, e);
	} else {
		rules_prepare(b, it);
		check_fields(b, it);
		check_state(b, it);
		rules_check(b, it);
		if (b->broken != 0 && e != NULL)
			*e = b->why;
		r = b->broken != 0 ? b->broken : check_unique(b, it, e);
	}
	if (it->says_retired && it->exists && it->old.retired)
		it->new.retired = true;
	else if (it->says_retired)
		batch_say(b, it, -1, "use: tickmark record DIR TYPE retire NAME",
		    "retired: a record is not retired by importing it");
	it->same = same(it);
	if (r == 0 && it->exists && !it->same && it->if_rev != 0 &&
	    it->if_rev != it->old.rev) {
		err_set(&p, ERR_CONFLICT, NULL,
		    "read it again and repeat your change",
		    "somebody else changed it: it has revision %lld, and yours "
		    "is based on %lld", (long long)it->old.rev,
		    (long long)it->if_rev);
		batch_problem(b, it, 0, &p);
	}
	return (r);
}

int
validate_all(struct batch *b, struct err *e)
{
	for (size_t i = 0; i < b->n; i++) {
		int r = b->at[i].wrong ? 0 : validate(b, &b->at[i], e);
		if (r != 0)
			return (r);
	}
	return (0);
}
