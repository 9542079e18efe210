/* What an import would do. */
#include "program/folder_part.h"

struct planning {
	const struct act *x;
	const struct folder_how *how;
	struct folder_reading r;
	struct folder_index ix;
	struct folder_plan p;
	VEC(struct folder_change) changes;
	struct map uniques;  /* values without twins -> folder_item */
	struct map contents; /* "NUMBER/digest" -> folder_item */
	struct map rows;     /* id -> folder_row: what the manifest says */
	const struct schema_type *t; /* in work */
	bool seeking; /* files of it are still to be told whose they are */
};

/* --- which record a file is --------------------------------------------------- */

static bool
claim(struct planning *g, struct folder_known *k, struct folder_item *it)
{
	if (k->item != NULL && k->item != it) {
		folder_read_wrong(&g->r, it->file, 0, "take one of the two away",
		    "it is the same record as %s", k->item->file);
		it->taken = true;
		return (false);
	}
	k->item = it;
	it->known = k;
	/* A file that got another name is still what the export made. */
	if (!g->p.foreign && it->row == NULL)
		it->row = map_get(&g->rows, k->id);
	return (true);
}

static bool
is_ours(const struct planning *g, const struct folder_item *it)
{
	return (!g->p.foreign && it->row != NULL);
}

static bool
moved(const struct planning *g, const struct folder_item *it)
{
	return (is_ours(g, it) && (it->known == NULL ||
	    it->known->rev != it->row->rev));
}

/* By the manifest, and whether there is something to look at. */
static void
by_manifest(struct planning *g, struct folder_item *it)
{
	struct folder_known *k = map_get(&g->ix.ids, it->row->id);

	if (k != NULL && (k->type != it->type || !claim(g, k, it)))
		return;
	if (it->edited || g->how->side == FOLDER_ITS) {
		it->taken = !it->edited && !moved(g, it);
		return;
	}
	g->p.behind += moved(g, it);
	it->taken = true;
}

static struct str
content_key(struct arena *a, const struct schema_type *t, struct str yaml)
{
	char sha[FOLDER_SHA + 1];

	folder_list_sha(yaml, sha);
	return (str_from(arena_printf(a, "%u/%s", (unsigned)t->number, sha)));
}

/* By what it says: its handle, or what no two records share. */
static void
by_words(struct planning *g, struct folder_item *it)
{
	const struct schema_type *t = it->type;
	struct arena *a = g->x->a;

	if (t->key.n != 0) {
		struct str name = val_get_str(it->fields,
		    t->fields[t->key.at[0]].name);
		struct folder_known *k = name.len == 0 ? NULL :
		    folder_index_find(&g->ix, t, name);
		if (k != NULL)
			claim(g, k, it);
		return;
	}
	for (size_t i = 0; i < t->nunique; i++) {
		struct str key = folder_compare_unique(&g->ix, a, NULL, it,
		    &t->unique[i]);
		if (key.len != 0)
			map_put(&g->uniques, key, it);
	}
	if (t->nunique == 0 && it->nprose == 0)
		it->twin = map_put(&g->contents, content_key(a, t, it->yaml), it);
}

static void
sort_out(struct planning *g)
{
	for (size_t i = 0; !g->p.foreign && i < g->r.list.n; i++)
		if (g->r.list.at[i].id.len != 0)
			map_put(&g->rows, g->r.list.at[i].id, &g->r.list.at[i]);
	for (size_t i = 0; i < g->r.items.n; i++)
		if (is_ours(g, g->r.items.at[i]))
			by_manifest(g, g->r.items.at[i]);
	for (size_t i = 0; i < g->r.items.n; i++) {
		struct folder_item *it = g->r.items.at[i];
		if (it->taken)
			continue;
		if (!folder_read_parse(&g->r, it))
			it->taken = true;
		else if (it->known == NULL)
			by_words(g, it);
	}
}

/* --- changes -------------------------------------------------------------------- */

static struct folder_change *
add(struct planning *g, enum folder_act act, const struct schema_type *t,
    const char *file, const struct folder_known *k)
{
	vec_push(&g->changes, (struct folder_change){ .act = act, .type = t,
	    .file = file, .line = 1 });
	struct folder_change *c = &g->changes.at[g->changes.n - 1];
	if (k != NULL) {
		c->id = k->id;
		c->rev = k->rev;
		c->name = k->name;
	}
	return (c);
}

static const char *
base_of(struct arena *a, const char *file)
{
	const char *slash = strrchr(file, '/');
	size_t n = strlen(slash + 1);

	return (arena_strndup(a, slash + 1, n > 5 ? n - 5 : n));
}

static void
change(struct planning *g, const struct record *r, struct folder_item *it)
{
	struct folder_change c = { 0 };
	bool both = it->edited && moved(g, it);

	it->taken = true;
	if (!folder_compare(&g->ix, g->x->a, r, it, &c) ||
	    (both && g->how->side == FOLDER_WORKSPACE))
		return;
	struct folder_change *to = add(g, both && g->how->side == FOLDER_NEITHER ?
	    FOLDER_CONFLICT : FOLDER_CHANGE, it->type, it->file, it->known);
	to->fields = c.fields;
	to->nfields = c.nfields;
	to->give = c.give;
	to->steps = c.steps;
	if (it->type->key.n == 0)
		to->name = str_from(base_of(g->x->a, it->file));
}

static struct folder_item *
found(struct planning *g, const struct record *r)
{
	const struct schema_type *t = r->type;
	struct arena *a = g->x->a;
	struct folder_item *it = NULL;
	struct folder_texts x;

	for (size_t i = 0; it == NULL && i < t->nunique; i++)
		it = map_get(&g->uniques, folder_compare_unique(&g->ix, a, r, NULL,
		    &t->unique[i]));
	if (it == NULL && t->nunique == 0) {
		folder_text_put(&g->ix, a, r, &x);
		it = map_get(&g->contents, content_key(a, t, x.yaml));
	}
	while (it != NULL && it->known != NULL)
		it = it->twin;
	return (it);
}

static int
look_at(void *ctx, const struct record *r, struct err *e)
{
	struct planning *g = ctx;
	struct folder_known *k = map_get(&g->ix.ids, r->id);
	struct folder_item *it = k != NULL ? k->item : NULL;

	(void)e;
	if (it == NULL && k != NULL && g->seeking && r->type->key.n == 0) {
		it = found(g, r);
		if (it != NULL)
			claim(g, k, it);
	}
	if (it != NULL && !it->taken)
		change(g, r, it);
	return (0);
}

/* Beside the records of the types of which something is to be looked at. */
static int
compare_all(struct planning *g, struct err *e)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < schema_ntypes; i++) {
		bool some = false;
		g->t = &schema_types[i];
		g->seeking = false;
		for (size_t k = 0; k < g->r.items.n; k++) {
			const struct folder_item *it = g->r.items.at[k];
			if (it->type != g->t || it->taken)
				continue;
			some |= it->known != NULL || it->type->key.n == 0;
			g->seeking |= it->known == NULL;
		}
		if (some)
			r = record_each(&g->x->ws->records, g->t, NULL, look_at, g,
			    e);
	}
	return (r);
}

/* What no record is yet. One that was known, and that is gone from the workspace,
 * is a conflict. */
static void
create_rest(struct planning *g)
{
	for (size_t i = 0; i < g->r.items.n; i++) {
		struct folder_item *it = g->r.items.at[i];
		bool gone = is_ours(g, it);
		if (it->taken || (gone && g->how->side == FOLDER_WORKSPACE))
			continue;
		if (it->known != NULL) {
			folder_read_wrong(&g->r, it->file, 0, "ask somebody who may",
			    "you may not see the record that it is");
			continue;
		}
		struct folder_change *c = add(g, gone && g->how->side ==
		    FOLDER_NEITHER ? FOLDER_CONFLICT : FOLDER_CREATE, it->type,
		    it->file, NULL);
		c->give = it->fields;
		c->name = it->type->key.n == 0 ? STR("") : val_get_str(it->fields,
		    it->type->fields[it->type->key.at[0]].name);
		if (c->name.len == 0)
			c->name = str_from(base_of(g->x->a, it->file));
	}
}

/* Files that the export made, and that are not there. */
static void
retire_gone(struct planning *g)
{
	for (size_t i = 0; !g->p.foreign && i < g->r.list.n; i++) {
		const struct folder_row *row = &g->r.list.at[i];
		struct folder_known *k = row->id.len == 0 ? NULL :
		    map_get(&g->ix.ids, row->id);
		if (k == NULL || k->item != NULL || folder_out(k->type) != NULL ||
		    map_get(&g->r.seen.files, str_from(row->file)) != NULL)
			continue;
		bool both = g->how->retire && k->rev != row->rev;
		if (both && g->how->side == FOLDER_WORKSPACE)
			continue;
		add(g, both && g->how->side == FOLDER_NEITHER ? FOLDER_CONFLICT :
		    g->how->retire ? FOLDER_RETIRE : FOLDER_GONE, k->type,
		    row->file, k);
	}
}

static void
count_only(struct planning *g)
{
	for (size_t i = 0; i < g->ix.ids.n; i++) {
		const struct folder_known *k = g->ix.ids.items[i].value;
		bool without = folder_out(k->type) != NULL;
		for (size_t w = 0; w < g->r.list.nwithout; w++)
			without |= g->r.list.without[w] == k->type;
		g->p.only += !without && k->item == NULL &&
		    map_get(&g->rows, k->id) == NULL;
	}
}

/* --- trying ------------------------------------------------------------------------ */

static bool
is_done(const struct folder_change *c)
{
	return (c->act <= FOLDER_RETIRE);
}

/* The batch of a plan; returns their number. */
static size_t
batch_of(struct arena *a, const struct folder_plan *p,
    struct record_change **ret)
{
	struct record_change *at = arena_array(a, p->n + 1, sizeof(*at));
	size_t n = 0;

	for (size_t i = 0; i < p->n; i++) {
		const struct folder_change *c = &p->at[i];
		if (!is_done(c))
			continue;
		at[n++] = (struct record_change){ .type = c->type, .name = c->id,
			.if_rev = c->rev, .nth = i,
			.retire = c->act == FOLDER_RETIRE,
			.fields = c->act == FOLDER_RETIRE ? NULL : c->give,
			.file = c->act == FOLDER_RETIRE ? NULL : c->file,
			.line = c->act == FOLDER_RETIRE ? 0 : c->line };
	}
	*ret = at;
	return (n);
}

static struct record_options
options_of(const struct folder_plan *p)
{
	return ((struct record_options){ .by = p->restores ? RECORD_RESTORED :
	    RECORD_BY_FOLDER });
}

/* Each problem to the change that has it; they come in no order. */
static void
spread(struct arena *a, struct folder_plan *p, const struct record_result *res)
{
	size_t *count = arena_array(a, p->n + 1, sizeof(*count));

	for (size_t i = 0; i < res->nproblems; i++)
		count[res->faults[i].nth]++;
	for (size_t i = 0; i < res->nproblems; i++) {
		struct folder_change *c = &p->at[res->faults[i].nth];
		if (c->problems == NULL)
			c->problems = arena_array(a, count[res->faults[i].nth],
			    sizeof(*c->problems));
		((struct err *)c->problems)[c->nproblems++] = res->problems[i];
	}
	for (size_t i = 0; i < p->n; i++)
		p->refused += p->at[i].nproblems != 0;
}

static int
try(struct planning *g, struct err *e)
{
	struct record_options o = options_of(&g->p);
	struct record_result res;
	struct record_change *at;
	struct err first;
	size_t n = batch_of(g->x->a, &g->p, &at);

	o.dry_run = true;
	int r = n == 0 ? 0 : record_apply(&g->x->ws->records, g->x->a,
	    &g->x->who, at, n, &o, &res, &first);
	if (r != 0 && res.nwrong == 0) {
		if (e != NULL)
			*e = first;
		return (r);
	}
	if (r != 0)
		spread(g->x->a, &g->p, &res);
	return (0);
}

/* --- all ---------------------------------------------------------------------------- */

static int
by_type(const void *a, const void *b)
{
	const struct folder_change *x = a, *y = b;

	if (x->type != y->type)
		return (x->type < y->type ? -1 : 1);
	return (strcmp(x->file, y->file));
}

static void *
kept(struct arena *a, const void *at, size_t n, size_t size)
{
	void *to = arena_array(a, n + 1, size);

	if (n != 0)
		memcpy(to, at, n * size);
	return (to);
}

static void
put_together(struct planning *g)
{
	struct folder_plan *p = &g->p;
	struct arena *a = g->x->a;

	if (g->changes.n != 0)
		qsort(g->changes.at, g->changes.n, sizeof(*g->changes.at), by_type);
	p->n = g->changes.n;
	p->at = kept(a, g->changes.at, p->n, sizeof(*p->at));
	p->npassed = g->r.passed.n;
	p->passed = kept(a, g->r.passed.at, p->npassed, sizeof(*p->passed));
	p->nwrong = g->r.wrong.n;
	p->wrong = kept(a, g->r.wrong.at, p->nwrong, sizeof(*p->wrong));
	p->listing = kept(a, &g->r.list, 1, sizeof(*p->listing));
	p->seen = kept(a, &g->r.seen, 1, sizeof(*p->seen));
	for (size_t i = 0; i < p->n; i++)
		p->count[p->at[i].act]++;
}

int
folder_plan(const struct act *x, const char *path,
    const struct folder_how *how, struct folder_plan *ret, struct err *e)
{
	struct planning g = { .x = x, .how = how,
		.r = { .x = x, .tree = TREE_INIT } };
	int r = folder_read_all(&g.r, path, e);

	map_init(&g.uniques, x->a);
	map_init(&g.contents, x->a);
	map_init(&g.rows, x->a);
	if (r == 0)
		r = folder_index_load(x, &g.ix, e);
	if (r == 0) {
		g.p.foreign = !str_eq(g.r.list.ledger, x->ws->origin);
		g.p.restores = g.p.foreign && !g.ix.lived &&
		    (x->who.roles & ROLE_OWNER) != 0;
		sort_out(&g);
		r = compare_all(&g, e);
	}
	if (r == 0) {
		create_rest(&g);
		retire_gone(&g);
		count_only(&g);
		put_together(&g);
		r = try(&g, e);
	}
	if (r == 0)
		*ret = g.p;
	vec_free(&g.changes);
	folder_read_free(&g.r);
	return (r);
}

int
folder_plan_stops(const struct folder_plan *p, struct err *e)
{
	if (p->nwrong != 0) {
		if (e != NULL)
			*e = p->wrong[0];
		return (-(int)p->wrong[0].code);
	}
	for (size_t i = 0; i < p->n; i++)
		if (p->at[i].nproblems != 0) {
			if (e != NULL)
				*e = p->at[i].problems[0];
			return (-(int)p->at[i].problems[0].code);
		}
	for (size_t i = 0; i < p->n; i++)
		if (p->at[i].act == FOLDER_CONFLICT)
			return (err_set(e, ERR_CONFLICT, p->at[i].file, "export into "
			    "another folder and merge, or say which counts: --prefer "
			    "folder or --prefer workspace", "it was changed in the "
			    "folder and in the workspace (%zu such records)",
			    p->count[FOLDER_CONFLICT]));
	return (0);
}

int
folder_plan_apply(const struct act *x, const struct folder_plan *p,
    struct record_result *ret, struct err *e)
{
	struct record_options o = options_of(p);
	struct record_change *at;
	size_t n = batch_of(x->a, p, &at);

	*ret = (struct record_result){ 0 };
	if (n == 0)
		return (0);
	return (record_apply(&x->ws->records, x->a, &x->who, at, n, &o, ret, e));
}
