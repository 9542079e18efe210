#include "api/files.h"

#include "api/past.h"
#include "base/map.h"
#include "record/workspace.h"
#include "schema/kind.h"

#define HANDLES 100000  /* that are remembered */

struct file_out {
	struct context *x;
	struct call *c;
	struct lists *l;
	struct sheet sheet;
	struct val *extra;    /* names of the organisation's own fields */
	struct arena names;   /* of the handles that were looked up */
	struct map handles;
};

/* The name that people know a record by. */
static struct str
handle_of(struct file_out *f, const struct schema_type *t, struct str id)
{
	struct str *have = map_get(&f->handles, id);

	if (have != NULL)
		return (*have);
	if (f->handles.n >= HANDLES) {
		arena_free(&f->names);
		map_init(&f->handles, &f->names);
	}
	have = arena_new(&f->names, struct str);
	*have = record_handle(f->x->store, &f->names, t, id);
	map_put(&f->handles, arena_str(&f->names, id), have);
	return (*have);
}

static struct str
cell_text(struct file_out *f, struct arena *a, const struct record *r,
    size_t field)
{
	const struct schema_field *s = &r->type->fields[field];
	struct cell c = r->cells[field];
	BUF_SCOPED b = BUF_INIT;
	struct str *items;

	if (kind_is_ref(s) && c.state == CELL_VALUE) {
		size_t n = kind_items(a, s, &c, &items);
		for (size_t i = 0; i < n; i++)
			items[i] = handle_of(f, schema_get(s->target), items[i]);
		c = kind_join(a, s, items, n);
	}
	kind_print(s, &c, &b);
	return (b.len != 0 ? arena_str(a, buf_str(&b)) : STR(""));
}

static struct str
extra_text(struct arena *a, const struct val *v)
{
	if (v == NULL)
		return (STR(""));
	if (v->type == VAL_STR)
		return (v->u.s);
	if (v->type == VAL_INT)
		return (str_from(arena_printf(a, "%lld", (long long)v->u.i)));
	return (v->u.b ? STR("yes") : STR("no"));
}

static int
put_header(struct file_out *f, struct err *e)
{
	const struct schema_type *t = f->c->type;
	int r = sheet_cell(&f->sheet, STR("id"), false, e);

	if (r == 0 && !f->l->past)
		r = sheet_cell(&f->sheet, STR("rev"), false, e);
	for (size_t i = 0; r == 0 && i < t->nfields; i++)
		if (f->l->shown[i])
			r = sheet_cell(&f->sheet, str_from(t->fields[i].name), false, e);
	for (size_t i = 0; r == 0 && i < val_count(f->extra); i++)
		r = sheet_cell(&f->sheet, str_from(arena_printf(&f->c->a, "extra." STR_FMT,
		    STR_ARG(f->extra->u.map.key[i]))), false, e);
	return (r != 0 ? r : sheet_endrow(&f->sheet, e));
}

static int
put_row(void *ctx, const struct record *rec, struct err *e)
{
	struct file_out *f = ctx;
	ARENA_SCOPED a = ARENA_INIT;
	int r = sheet_cell(&f->sheet, rec->id, false, e);

	if (r == 0 && !f->l->past)
		r = sheet_cell(&f->sheet, str_from(arena_printf(&a, "%lld",
		    (long long)rec->rev)), true, e);
	for (size_t i = 0; r == 0 && i < rec->type->nfields; i++)
		if (f->l->shown[i])
			r = sheet_cell(&f->sheet, cell_text(f, &a, rec, i),
			    kind_integer(&rec->type->fields[i]), e);
	for (size_t i = 0; r == 0 && i < val_count(f->extra); i++)
		r = sheet_cell(&f->sheet, extra_text(&a, val_getstr(rec->extra,
		    f->extra->u.map.key[i])), false, e);
	return (r != 0 ? r : sheet_endrow(&f->sheet, e));
}

static int
put_object(void *ctx, const struct record *rec, struct err *e)
{
	struct file_out *f = ctx;

	lists_record(&f->sheet.json, f->x, rec, f->l->shown, true);
	return (sheet_endrow(&f->sheet, e));
}

static int
gather_extra(void *ctx, const struct record *rec, struct err *e)
{
	struct file_out *f = ctx;

	(void)e;
	for (size_t k = 0; k < val_count(rec->extra); k++)
		if (val_getstr(f->extra, rec->extra->u.map.key[k]) == NULL)
			val_putstr(&f->c->a, f->extra,
			    rec->extra->u.map.key[k], val_null(&f->c->a));
	return (0);
}

static int
each(struct file_out *f, record_each_fn *fn, struct err *e)
{
	return (f->l->past ? past_each(f->x, f->c, f->l, fn, f, e) :
	    record_each(f->x->store, f->c->type, &f->l->q, fn, f, e));
}

static int
write_table(struct file_out *f, struct err *e)
{
	const struct schema_type *t = f->c->type;
	int r = 0;

	f->extra = val_map(&f->c->a);
	if (t->mode == MODE_OPEN && f->l->shown[t->nfields] && !f->l->past)
		r = each(f, gather_extra, e);
	if (r == 0)
		r = put_header(f, e);
	return (r != 0 ? r : each(f, put_row, e));
}

int
files_answer(struct context *x, struct call *c, struct lists *l,
    struct err *e)
{
	struct file_out f = { .x = x, .c = c, .l = l };

	map_init(&f.handles, &f.names);
	int r = sheet_open(&f.sheet, x->ws->dir, l->format, e);
	if (r == 0)
		r = l->format == SHEET_JSON ? each(&f, put_object, e) :
		    write_table(&f, e);
	if (r == 0)
		r = sheet_answer(&f.sheet, c, c->type->name, e);
	sheet_free(&f.sheet);
	arena_free(&f.names);
	return (r);
}
