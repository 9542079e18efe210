#include "record/revision.h"

#include "schema/kind.h"
#include "text/json.h"

#define FORMAT 1

void
revision_encode(const struct record *r, struct buf *out)
{
	ARENA_SCOPED a = ARENA_INIT;
	struct val *top = val_map(&a), *fields = val_map(&a);
	struct err e;

	for (size_t i = 0; i < r->type->nfields; i++) {
		const struct schema_field *f = &r->type->fields[i];
		if (r->cells[i].state == CELL_MASKED)
			BUG("%s: a masked cell was to be stored", f->name);
		if (r->cells[i].state != CELL_ABSENT)
			val_put(&a, fields, arena_printf(&a, "%u", f->number),
			    kind_to_val(&a, f, &r->cells[i]));
	}
	if (val_count(r->extra) != 0)
		val_put(&a, top, "extra", r->extra);
	val_put(&a, top, "fields", fields);
	val_put(&a, top, "format", val_int(&a, FORMAT));
	val_put(&a, top, "id", val_str(&a, r->id));
	if (r->retired)
		val_put(&a, top, "retired", val_bool(&a, true));
	val_put(&a, top, "rev", val_int(&a, r->rev));
	val_put(&a, top, "type", val_int(&a, r->type->number));
	if (json_canonical(out, top, &e) != 0)
		BUG("a revision that was not checked: %s", e.what);
}

static int
damaged(struct err *e, const char *what)
{
	return (err_set(e, ERR_DAMAGED, NULL, "restore it from a backup",
	    "a revision %s", what));
}

static const struct schema_type *
type_numbered(int64_t n)
{
	for (size_t i = 0; i < schema_ntypes; i++)
		if (schema_types[i].number == n && schema_is_record(&schema_types[i]))
			return (&schema_types[i]);
	return (NULL);
}

int
revision_decode(struct arena *a, struct str text, struct record *ret,
    struct err *e)
{
	struct val *v;
	struct record r = { 0 };

	if (json_parse(a, "revision", text, &v, NULL) != 0)
		return (damaged(e, "is not well-formed"));
	int64_t format = val_get_int(v, "format", 0);
	r.type = type_numbered(val_get_int(v, "type", 0));
	if (format > FORMAT || (format == FORMAT && r.type == NULL))
		return (err_set(e, ERR_NEWER, NULL,
		    "use the newer version of tickmark",
		    "a revision was written by a newer version"));
	if (r.type == NULL)
		return (damaged(e, "has no format"));
	r.id = val_get_str(v, "id");
	r.rev = val_get_int(v, "rev", 0);
	r.retired = val_get_bool(v, "retired", false);
	const struct val *fields = val_get(v, "fields");
	if (r.id.len == 0 || r.rev < 1 || fields == NULL)
		return (damaged(e, "lacks its id, number or fields"));
	r.cells = arena_array(a, r.type->nfields, sizeof(struct cell));
	for (size_t i = 0; i < r.type->nfields; i++) {
		const struct schema_field *f = &r.type->fields[i];
		char number[8];
		snprintf(number, sizeof(number), "%u", f->number);
		int k = kind_from_val(a, f, val_get(fields, number), &r.cells[i],
		    e);
		if (k != 0)
			return (damaged(e, "has a field of the wrong kind"));
	}
	struct val *extra = val_get(v, "extra");
	r.extra = val_count(extra) != 0 ? extra : NULL;
	*ret = r;
	return (0);
}

struct str
revision_subject(struct arena *a, struct str id)
{
	return (str_from(arena_printf(a, "record/" STR_FMT, STR_ARG(id))));
}
