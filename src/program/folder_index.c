/* How records are called. */
#include "program/folder_part.h"

#include "record/reader.h"

static struct str
name_key(struct arena *a, const struct schema_type *t, struct str name)
{
	return (str_from(arena_printf(a, "%u/" STR_FMT, (unsigned)t->number,
	    STR_ARG(name))));
}

struct loading {
	struct folder_index *ix;
	const struct schema_type *t;
};

static int
load_one(void *ctx, const struct record *r, struct err *e)
{
	struct loading *l = ctx;
	struct folder_index *ix = l->ix;
	const struct schema_type *t = l->t;
	struct folder_known *k = arena_new(ix->a, struct folder_known);

	(void)e;
	*k = (struct folder_known){ .type = t, .rev = r->rev,
		.id = arena_str(ix->a, r->id) };
	k->name = t->key.n != 0 && r->cells[t->key.at[0]].state == CELL_VALUE ?
	    arena_str(ix->a, r->cells[t->key.at[0]].s) : k->id;
	map_put(&ix->ids, k->id, k);
	map_put(&ix->names, name_key(ix->a, t, k->name), k);
	if (folder_out(t) == NULL) {
		/* What init puts in is there once, and of four types. */
		ix->lived |= r->rev != 1 || (t->number != T_CONTROL &&
		    t->number != T_CONTROL_MAPPING && t->number != T_POLICY);
		ix->entry = r->entry > ix->entry ? r->entry : ix->entry;
	}
	return (0);
}

static bool
may_list(const struct record_store *s, const struct schema_type *t)
{
	return (s->reader == NULL || access_when(&s->reader->as, t,
	    ACCESS_RECORD, ACCESS_LIST) != ACCESS_NEVER);
}

int
folder_index_load(const struct act *x, struct folder_index *ret,
    struct err *e)
{
	struct record_store *s = &x->ws->records;
	struct record_reader quiet = { 0 };
	struct record_store own = *s;
	int r = 0;

	*ret = (struct folder_index){ .a = x->a, .store = s };
	map_init(&ret->ids, x->a);
	map_init(&ret->names, x->a);
	/* Names only: nothing of them is handed out by this. */
	if (s->reader != NULL) {
		quiet = *s->reader;
		quiet.dir = NULL;
		own.reader = &quiet;
	}
	for (size_t i = 0; r == 0 && i < schema_ntypes; i++) {
		const struct schema_type *t = &schema_types[i];
		struct loading l = { ret, t };
		if (schema_is_record(t) && may_list(&own, t))
			r = record_each(&own, t, NULL, load_one, &l, e);
	}
	if (s->reader != NULL) {
		s->reader->arena = quiet.arena;
		s->reader->kinds = quiet.kinds;
	}
	return (r);
}

struct str
folder_index_name(const struct folder_index *ix, const struct schema_type *t,
    struct str id)
{
	const struct folder_known *k = map_get(&ix->ids, id);

	if (k != NULL && k->type == t)
		return (k->name);
	return (record_handle(ix->store, ix->a, t, id));
}

struct folder_known *
folder_index_find(const struct folder_index *ix, const struct schema_type *t,
    struct str name)
{
	ARENA_SCOPED a = ARENA_INIT;
	struct folder_known *k = map_get(&ix->names, name_key(&a, t, name));

	if (k == NULL)
		k = map_get(&ix->ids, name);
	return (k != NULL && k->type == t ? k : NULL);
}
