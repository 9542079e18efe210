/* What a change leaves as it was, ids, and references. */
#include "record/batch.h"

#include "base/clock.h"
#include "ledger/id.h"
#include "record/store.h"
#include "schema/kind.h"

/* A text that a table gives for what was a number or yes/no before. */
static struct val *
as_before(struct val *now, struct val *was)
{
	int64_t i;

	if (was == NULL || now->type != VAL_STR)
		return (now);
	if (was->type == VAL_INT && str_to_i64(now->u.s, &i) && i == was->u.i)
		return (was);
	if (was->type == VAL_BOOL && str_is(now->u.s, was->u.b ? "yes" : "no"))
		return (was);
	return (now);
}

/* Fields that are not named keep their values; so do extra fields. */
static void
merge(struct batch *b, struct batch_item *it)
{
	const struct schema_type *t = it->change->type;
	const struct val *now = it->new.extra, *was = it->old.extra;

	it->new.id = it->old.id;
	for (size_t i = 0; i < t->nfields; i++)
		if (!it->given[i])
			it->new.cells[i] = it->old.cells[i];
	struct val *m = val_map(b->a);
	for (size_t i = 0; was != NULL && i < was->u.map.n; i++)
		if (val_getstr(now, was->u.map.key[i]) == NULL)
			val_putstr(b->a, m, was->u.map.key[i], was->u.map.at[i]);
	for (size_t i = 0; now != NULL && i < now->u.map.n; i++)
		if (now->u.map.at[i]->type != VAL_NULL)
			val_putstr(b->a, m, now->u.map.key[i],
			    as_before(now->u.map.at[i],
			    val_getstr(was, now->u.map.key[i])));
	it->new.extra = val_count(m) != 0 ? m : NULL;
}

/* Two changes of one record in one batch would hide one another: true. */
static bool
enter(struct batch *b, struct map *m, struct str key, struct batch_item *it,
    const char *what)
{
	struct batch_item *first = map_get(m, key);

	if (first == NULL || first == it) {
		map_put(m, key, it);
		return (false);
	}
	char line[64] = "";
	if (first->change->line != 0)
		snprintf(line, sizeof(line), " (line %d)", first->change->line);
	batch_say(b, it, -1, "leave one of the two", "%s as another %s of the "
	    "same input%s", what, it->change->type->name, line);
	return (true);
}

typedef char id_text[ID_LEN + 1];

static int
by_bytes(const void *a, const void *b)
{
	return (memcmp(a, b, ID_LEN));
}

/* So many get ids that begin alike: as random as others, and the tables take them
 * in one place instead of all over. */
#define MANY 64
#define ALIKE 5 /* bytes of 16 */

/* New ids, in their order: what is written one after the other then lies side by
 * side in the tables. */
static id_text *
new_ids(struct batch *b)
{
	id_text *ids = arena_array(b->a, b->n + 1, sizeof(*ids));
	uint8_t bits[16];

	rng_bytes(bits, ALIKE);
	for (size_t i = 0; i < b->n; i++) {
		if (b->n < MANY) {
			id_new(ids[i]);
			continue;
		}
		rng_bytes(bits + ALIKE, sizeof(bits) - ALIKE);
		id_from(bits, ids[i]);
	}
	qsort(ids, b->n, sizeof(*ids), by_bytes);
	return (ids);
}

static void
name_items(struct batch *b)
{
	id_text *ids = new_ids(b);

	for (size_t i = 0; i < b->n; i++) {
		struct batch_item *it = &b->at[i];
		const struct schema_type *t = it->change->type;
		if (it->wrong && !it->exists && it->new.cells == NULL)
			continue;
		merge(b, it);
		bool twin = false;
		if (it->exists)
			twin = enter(b, &b->ids, batch_key(b, t, "id", it->new.id), it,
			    "it is the same");
		else
			it->new.id = str_from(ids[i]);
		if (t->key.n == 0)
			continue;
		const struct cell *c = &it->new.cells[t->key.at[0]];
		if (c->state == CELL_VALUE && !it->change->retire && !twin)
			enter(b, &b->handles, batch_key(b, t, "key", c->s), it,
			    arena_printf(b->a, "%s: it is \"" STR_FMT "\"",
			    t->fields[t->key.at[0]].title, STR_ARG(c->s)));
	}
}

/* What a name in a reference stood for before. */
struct known {
	struct str id;
	bool retired;
	bool there;
};

static int
look_up_anew(struct batch *b, const struct schema_type *t, struct str name,
    struct str *ret_id, bool *ret_retired, struct err *e)
{
	struct batch_item *it = map_get(&b->handles,
	    batch_key(b, t, "key", name));
	struct record rec;
	int r;

	*ret_retired = false;
	if (it != NULL) {
		*ret_id = it->new.id;
		return (0);
	}
	if (id_ok(name)) {
		r = store_load(b->store, b->a, t, name, &rec, e);
		if (r == 0) {
			*ret_id = rec.id;
			*ret_retired = rec.retired;
		}
		if (r != -ERR_NOTFOUND)
			return (r);
	}
	r = store_by_handle(b->store, b->a, t, name, ret_id, e);
	if (r == -ERR_NOTFOUND)
		r = store_by_handle_like(b->store, b->a, t, name, ret_id, e);
	return (r);
}

/* The id that a name in a reference stands for; 0, or ERR_NOTFOUND. Many rows
 * name the same few. */
static int
look_up(struct batch *b, const struct schema_type *t, struct str name,
    struct str *ret_id, bool *ret_retired, struct err *e)
{
	struct str key = batch_key(b, t, "ref", name);
	struct known *k = map_get(&b->known, key);
	struct str id = STR_NULL;
	int r;

	if (k == NULL) {
		bool retired = false;
		r = look_up_anew(b, t, name, &id, &retired, e);
		if (r != 0 && r != -ERR_NOTFOUND)
			return (r);
		k = arena_new(b->a, struct known);
		*k = (struct known){ id, retired, r == 0 };
		map_put(&b->known, key, k);
	}
	*ret_retired = k->retired;
	if (!k->there)
		return (-ERR_NOTFOUND);
	*ret_id = k->id;
	return (0);
}

/* A reference that was there before stays, whatever became of its target. */
static bool
was_named(struct batch *b, const struct batch_item *it, size_t i,
    struct str id)
{
	struct str *ids;
	size_t n = kind_items(b->a, &it->change->type->fields[i],
	    &it->old.cells[i], &ids);

	for (size_t k = 0; k < n; k++)
		if (str_eq(ids[k], id))
			return (true);
	return (false);
}

static int
resolve_field(struct batch *b, struct batch_item *it, size_t i,
    struct err *e)
{
	const struct schema_field *f = &it->change->type->fields[i];
	const struct schema_type *t = schema_get(f->target);
	struct str *names;
	size_t n = kind_items(b->a, f, &it->new.cells[i], &names);
	bool retired;

	for (size_t k = 0; k < n; k++) {
		struct str name = names[k];
		int r = look_up(b, t, name, &names[k], &retired, e);
		if (r == -ERR_NOTFOUND)
			batch_say(b, it, (int)i, arena_printf(b->a,
			    "%ssee: tickmark record DIR %s list",
			    t->mode == MODE_FIXED ? "" : "add it first, or ",
			    t->name), "%s: there is no %s named \"%.*s\"",
			    f->title, t->name, (int)(name.len > 60 ? 60 :
			    name.len), name.ptr);
		else if (r != 0)
			return (r);
		else if (retired && !was_named(b, it, i, names[k]))
			batch_say(b, it, (int)i, "name another one",
			    "%s: the %s that it names is retired", f->title,
			    t->name);
	}
	if (n != 0)
		it->new.cells[i] = kind_join(b->a, f, names, n);
	return (0);
}

static int
resolve_item(struct batch *b, struct batch_item *it, struct err *e)
{
	const struct schema_type *t = it->change->type;

	for (size_t i = 0; i < t->nfields; i++) {
		if (!kind_is_ref(&t->fields[i]) || !it->given[i] ||
		    it->new.cells[i].state != CELL_VALUE)
			continue;
		int r = resolve_field(b, it, i, e);
		if (r != 0)
			return (r);
	}
	return (0);
}

/* A record without a handle is known by its unique values. */
static int
identify_by_values(struct batch *b, struct batch_item *it, struct err *e)
{
	const struct schema_type *t = it->change->type;
	struct str id;

	for (size_t i = 0; i < t->nunique; i++) {
		int r = store_by_unique(b->store, b->a, t, &t->unique[i],
		    it->new.cells, &id, e);
		if (r == -ERR_NOTFOUND)
			continue;
		if (r == 0)
			r = store_load(b->store, b->a, t, id, &it->old, e);
		if (r != 0)
			return (r);
		it->exists = true;
		merge(b, it);
		enter(b, &b->ids, batch_key(b, t, "id", it->new.id), it,
		    "it is the same");
		return (0);
	}
	return (0);
}

int
resolve_all(struct batch *b, struct err *e)
{
	int r = 0;

	name_items(b);
	for (size_t i = 0; r == 0 && i < b->n; i++)
		if (b->at[i].new.cells != NULL)
			r = resolve_item(b, &b->at[i], e);
	for (size_t i = 0; r == 0 && i < b->n; i++) {
		struct batch_item *it = &b->at[i];
		if (!it->wrong && !it->exists && it->change->type->key.n == 0)
			r = identify_by_values(b, it, e);
	}
	return (r);
}
