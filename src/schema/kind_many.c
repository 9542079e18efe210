/* Kinds that hold many values: set, refs and map. */
#include "schema/kind_ops.h"

#include "ledger/id.h"
#include "text/json.h"

#define ITEMS_MAX 1000

static struct cell
json_list(struct arena *a, const struct str *items, size_t n)
{
	BUF_SCOPED b = BUF_INIT;

	buf_putc(&b, '[');
	for (size_t i = 0; i < n; i++) {
		if (i != 0)
			buf_putc(&b, ',');
		json_put_quoted(&b, items[i]);
	}
	buf_putc(&b, ']');
	return (CELL_STR(arena_str(a, buf_str(&b))));
}

static int
make_set(struct arena *a, const struct schema_field *f,
    const struct str *items, size_t n, struct cell *ret, struct err *e)
{
	struct str out[64];
	uint64_t has = 0;
	size_t m = 0;

	for (size_t i = 0; i < n; i++) {
		int v = kind_value_meant(f, items[i]);
		if (v < 0)
			return (kind_refuse(f, items[i], "is not one of its values", e));
		has |= UINT64_C(1) << v;
	}
	for (int v = 0; f->values[v] != NULL; v++)
		if (has >> v & 1)
			out[m++] = str_from(f->values[v]);
	*ret = json_list(a, out, m);
	return (0);
}

static int
by_bytes(const void *a, const void *b)
{
	return (str_cmp(*(const struct str *)a, *(const struct str *)b));
}

/* Handles or ids, sorted and each once. */
static int
make_refs(struct arena *a, const struct schema_field *f,
    const struct str *items, size_t n, struct cell *ret, struct err *e)
{
	struct str *out = arena_array(a, n + 1, sizeof(*out));
	size_t m = 0;

	if (n > ITEMS_MAX)
		return (kind_refuse(f, STR_NULL, "names over a thousand records", e));
	for (size_t i = 0; i < n; i++)
		if (items[i].len != 0)
			out[m++] = items[i];
	qsort(out, m, sizeof(*out), by_bytes);
	size_t k = 0;
	for (size_t i = 0; i < m; i++)
		if (k == 0 || !str_eq(out[k - 1], out[i]))
			out[k++] = out[i];
	*ret = json_list(a, out, k);
	return (0);
}

typedef int make_fn(struct arena *a, const struct schema_field *f,
    const struct str *items, size_t n, struct cell *ret, struct err *e);

/* "a; b" or "a, b"; a semicolon anywhere makes commas part of the items. */
static int
parse_items(struct arena *a, const struct schema_field *f, struct str text,
    make_fn *make, struct cell *ret, struct err *e)
{
	char sep = memchr(text.ptr, ';', text.len) != NULL ? ';' : ',';
	struct str rest = text, part;
	struct str *items;
	size_t n = 0, cap = 1;

	if (!str_utf8_ok(text))
		return (kind_refuse(f, STR_NULL, "is not UTF-8 text", e));
	for (size_t i = 0; i < text.len; i++)
		cap += text.ptr[i] == sep;
	items = arena_array(a, cap, sizeof(*items));
	while (n < cap && str_split(&rest, sep, &part)) {
		part = str_trim(part);
		if (part.len != 0)
			items[n++] = part;
	}
	if (n == 0) {
		*ret = CELL_NONE;
		return (0);
	}
	return (make(a, f, items, n, ret, e));
}

static int
items_from_val(struct arena *a, const struct schema_field *f,
    const struct val *v, make_fn *make, struct cell *ret, struct err *e)
{
	if (v->type != VAL_LIST)
		return (kind_from_scalar(a, f, v, ret, e));
	if (v->u.list.n == 0) {
		*ret = CELL_NONE;
		return (0);
	}
	struct str *items = arena_array(a, v->u.list.n, sizeof(*items));
	for (size_t i = 0; i < v->u.list.n; i++) {
		const struct val *m = v->u.list.at[i];
		if (m->type == VAL_INT)
			items[i] = str_from(arena_printf(a, "%lld",
			    (long long)m->u.i));
		else if (m->type == VAL_STR && str_utf8_ok(m->u.s))
			items[i] = str_trim(m->u.s);
		else
			return (kind_refuse(f, STR_NULL, "has a member that is no text",
			    e));
	}
	return (make(a, f, items, v->u.list.n, ret, e));
}

static int
parse_set(struct arena *a, const struct schema_field *f, struct str text,
    struct cell *ret, struct err *e)
{
	return (parse_items(a, f, text, make_set, ret, e));
}

static int
from_set(struct arena *a, const struct schema_field *f, const struct val *v,
    struct cell *ret, struct err *e)
{
	return (items_from_val(a, f, v, make_set, ret, e));
}

static int
parse_refs(struct arena *a, const struct schema_field *f, struct str text,
    struct cell *ret, struct err *e)
{
	return (parse_items(a, f, text, make_refs, ret, e));
}

static int
from_refs(struct arena *a, const struct schema_field *f, const struct val *v,
    struct cell *ret, struct err *e)
{
	return (items_from_val(a, f, v, make_refs, ret, e));
}

static void
print_items(const struct schema_field *f, const struct cell *c,
    struct buf *out)
{
	ARENA_SCOPED a = ARENA_INIT;
	struct str *items;
	size_t n = kind_items(&a, f, c, &items);

	for (size_t i = 0; i < n; i++) {
		if (i != 0)
			buf_puts(out, "; ");
		buf_putstr(out, items[i]);
	}
}

static struct val *
to_items(struct arena *a, const struct schema_field *f, const struct cell *c)
{
	struct val *list = val_list(a);
	struct str *items;
	size_t n = kind_items(a, f, c, &items);

	for (size_t i = 0; i < n; i++)
		val_push(a, list, val_str(a, items[i]));
	return (list);
}

/* Stored cells are in their one form: reading and making gives the same. */
static int
check_items(const struct schema_field *f, const struct cell *c, struct err *e)
{
	ARENA_SCOPED a = ARENA_INIT;
	struct val *v;
	struct cell again;

	if (json_parse(&a, "list", c->s, &v, NULL) != 0 || v->type != VAL_LIST)
		return (kind_refuse(f, STR_NULL, "is not a JSON list", e));
	for (size_t i = 0; i < v->u.list.n; i++)
		if (v->u.list.at[i]->type != VAL_STR ||
		    (kind_is_ref(f) && !id_ok(v->u.list.at[i]->u.s)))
			return (kind_refuse(f, STR_NULL, "has a wrong member", e));
	int r = items_from_val(&a, f, v, kind_is_ref(f) ? make_refs : make_set,
	    &again, e);
	if (r == 0 && !str_eq(again.s, c->s))
		r = kind_refuse(f, STR_NULL, "is not in its canonical order", e);
	return (r);
}

/* --- map ------------------------------------------------------------------ */

static int
from_map(struct arena *a, const struct schema_field *f, const struct val *v,
    struct cell *ret, struct err *e)
{
	BUF_SCOPED b = BUF_INIT;

	if (v->type == VAL_STR)
		return (kind_parse(a, f, v->u.s, ret, e));
	if (v->type != VAL_MAP)
		return (kind_refuse(f, STR_NULL, "is not a map", e));
	if (v->u.map.n == 0) {
		*ret = CELL_NONE;
		return (0);
	}
	struct val *m = val_map(a);
	for (size_t i = 0; i < v->u.map.n; i++) {
		const struct val *x = v->u.map.at[i];
		if (x->type == VAL_INT)
			x = val_fmt(a, "%lld", (long long)x->u.i);
		else if (x->type == VAL_BOOL)
			x = val_text(a, x->u.b ? "yes" : "no");
		if (x->type != VAL_STR || v->u.map.key[i].len == 0)
			return (kind_refuse(f, v->u.map.key[i],
			    "does not have a text as its value", e));
		val_putstr(a, m, v->u.map.key[i], val_str(a, x->u.s));
	}
	if (json_canonical(&b, m, NULL) != 0)
		return (kind_refuse(f, STR_NULL, "is not UTF-8 text", e));
	if (b.len > (size_t)f->max)
		return (kind_too_long(f, buf_str(&b), e));
	*ret = CELL_STR(arena_str(a, buf_str(&b)));
	return (0);
}

/* {"key":"value"} or key=value; key=value */
static int
parse_map(struct arena *a, const struct schema_field *f, struct str text,
    struct cell *ret, struct err *e)
{
	struct str rest = text, part;
	struct val *v;

	if (text.ptr[0] == '{') {
		if (json_parse(a, "map", text, &v, NULL) != 0)
			return (kind_refuse(f, text, "is not well-formed JSON", e));
		return (from_map(a, f, v, ret, e));
	}
	v = val_map(a);
	while (str_split(&rest, ';', &part)) {
		part = str_trim(part);
		const char *eq = part.len != 0 ? memchr(part.ptr, '=', part.len) :
		    NULL;
		if (part.len == 0)
			continue;
		if (eq == NULL)
			return (kind_refuse(f, part, "has no =", e));
		struct str k = { part.ptr, (size_t)(eq - part.ptr) };
		struct str x = { eq + 1, part.len - k.len - 1 };
		if (val_getstr(v, str_trim(k)) != NULL)
			return (kind_refuse(f, k, "stands twice", e));
		val_putstr(a, v, str_trim(k), val_str(a, str_trim(x)));
	}
	return (from_map(a, f, v, ret, e));
}

static struct val *
to_map(struct arena *a, const struct schema_field *f, const struct cell *c)
{
	struct val *v;

	(void)f;
	if (json_parse(a, "map", c->s, &v, NULL) != 0)
		return (val_map(a));
	return (v);
}

static int
check_map(const struct schema_field *f, const struct cell *c, struct err *e)
{
	ARENA_SCOPED a = ARENA_INIT;
	struct val *v;
	struct cell again;

	if (json_parse(&a, "map", c->s, &v, NULL) != 0 || v->type != VAL_MAP ||
	    from_map(&a, f, v, &again, NULL) != 0 ||
	    again.state != CELL_VALUE || !str_eq(again.s, c->s))
		return (kind_refuse(f, STR_NULL, "is not a canonical JSON map of texts",
		    e));
	return (0);
}

const struct kind_ops kind_many_set = { parse_set, print_items, check_items,
	kind_compare_text, from_set, to_items, make_set,
	"{\"type\":\"string\"}", NULL, "[]" };
const struct kind_ops kind_many_refs = { parse_refs, print_items, check_items,
	kind_compare_text, from_refs, to_items, make_refs,
	"{\"type\":\"string\"}", NULL, "[]" };
const struct kind_ops kind_many_map = { parse_map, kind_print_text, check_map,
	kind_compare_text, from_map, to_map, NULL,
	"{\"type\":\"object\",\"additionalProperties\":{\"type\":\"string\"}}",
	"key=value; key=value", "{}" };
