/* Records as text: YAML, and a Markdown file for each long text. */
#include "program/folder_part.h"

#include "schema/kind.h"
#include "text/yaml.h"

#define SHORT 120 /* bytes of a text of one line that stays in the YAML */

struct cell
folder_text_named(const struct folder_index *ix, struct arena *a,
    const struct schema_field *f, const struct cell *c)
{
	struct str *items;

	if (!kind_is_ref(f) || c->state != CELL_VALUE)
		return (*c);
	size_t n = kind_items(a, f, c, &items);
	for (size_t i = 0; i < n; i++)
		items[i] = folder_index_name(ix, schema_get(f->target), items[i]);
	return (kind_join(a, f, items, n));
}

void
folder_text_mask(struct arena *a, struct record *r)
{
	uint64_t guarded = access_guarded(r->type);
	struct cell *c = arena_array(a, r->type->nfields, sizeof(*c));

	memcpy(c, r->cells, r->type->nfields * sizeof(*c));
	for (size_t i = 0; i < r->type->nfields; i++)
		if ((guarded >> i & 1) != 0)
			c[i] = CELL_HIDDEN;
	r->cells = c;
}

bool
folder_text_hides(const struct record *r)
{
	if (r->type->mode != MODE_OPEN || r->extra != NULL)
		return (false);
	for (size_t i = 0; i < r->type->nfields; i++)
		if (r->cells[i].state == CELL_MASKED &&
		    r->type->fields[i].cls == CLASS_INTERNAL)
			return (true);
	return (false);
}

static bool
is_long(const struct schema_field *f, const struct cell *c)
{
	return (kind_is_lines(f) && c->state == CELL_VALUE &&
	    (c->s.len > SHORT || memchr(c->s.ptr, '\n', c->s.len) != NULL));
}

/* A file ends with the end of a line; whether the text does, stays to be seen. */
static struct str
ended(struct arena *a, struct str s)
{
	char *p = arena_alloc(a, s.len + 2);

	memcpy(p, s.ptr, s.len);
	p[s.len] = '\n';
	return ((struct str){ p, s.len + 1 });
}

void
folder_text_put(const struct folder_index *ix, struct arena *a,
    const struct record *r, struct folder_texts *ret)
{
	const struct schema_type *t = r->type;
	BUF_SCOPED out = BUF_INIT;
	struct val *m = val_map(a);

	*ret = (struct folder_texts){ .prose = arena_array(a, t->nfields + 1,
	    sizeof(*ret->prose)) };
	for (size_t i = 0; i < t->nfields; i++) {
		const struct schema_field *f = &t->fields[i];
		struct cell c = folder_text_named(ix, a, f, &r->cells[i]);
		if (is_long(f, &c))
			ret->prose[ret->nprose++] = (struct folder_prose){ i,
				ended(a, c.s) };
		else if (c.state != CELL_ABSENT)
			val_put(a, m, f->name, kind_to_val(a, f, &c));
	}
	if (val_count(r->extra) != 0)
		val_put(a, m, "extra", r->extra);
	else if (folder_text_hides(r))
		val_put(a, m, "extra", val_text(a, CELL_MASKED_TEXT));
	yaml_put_val(&out, m);
	ret->yaml = arena_str(a, buf_str(&out));
}
