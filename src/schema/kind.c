#include "schema/kind.h"

#include <strings.h>

#include "ledger/id.h"
#include "text/date.h"
#include "text/json.h"
#include "text/timefmt.h"

#define QUOTED 60 /* bytes of a wrong value that a message repeats */
#define ITEMS_MAX 1000

/*
 * What a kind can do. ${text} of parse is trimmed and not empty. The functions
 * below them take care of absent and unknown cells.
 */
struct ops {
	int (*parse)(struct arena *a, const struct schema_field *f,
	    struct str text, struct cell *ret, struct err *e);
	void (*print)(const struct schema_field *f, const struct cell *c,
	    struct buf *out);
	int (*check)(const struct schema_field *f, const struct cell *c,
	    struct err *e);
	int (*compare)(const struct schema_field *f, const struct cell *a,
	    const struct cell *b);
	int (*from_val)(struct arena *a, const struct schema_field *f,
	    const struct val *v, struct cell *ret, struct err *e);
	struct val *(*to_val)(struct arena *a, const struct schema_field *f,
	    const struct cell *c);
	const char *example;
	const char *blank; /* of text kinds without values */
};

/* --- messages ----------------------------------------------------------- */

/* ERR_INPUT: the field, what was written, why not; an example as the remedy. */
static int
refuse(const struct schema_field *f, struct str was, const char *why,
    struct err *e)
{
	char example[256], fix[320];

	snprintf(fix, sizeof(fix), "write %s",
	    kind_example(f, example, sizeof(example)));
	if (was.ptr == NULL)
		return (err_set(e, ERR_INPUT, NULL, fix, "%s: it %s", f->title,
		    why));
	return (err_set(e, ERR_INPUT, NULL, fix, "%s: \"%.*s%s\" %s", f->title,
	    (int)(was.len > QUOTED ? QUOTED : was.len), was.ptr,
	    was.len > QUOTED ? "..." : "", why));
}

/* An example of a field whose values are listed: "low, medium or high". */
static void
example_values(const struct schema_field *f, char *out, size_t cap)
{
	size_t n = 0;

	for (size_t i = 0; f->values[i] != NULL; i++) {
		int w = snprintf(out + n, cap - n, "%s%s", i == 0 ? "" :
		    f->values[i + 1] != NULL ? ", " : " or ", f->values[i]);
		if (w < 0 || (size_t)w >= cap - n) {
			snprintf(out, cap, "%s, for example", f->values[0]);
			return;
		}
		n += (size_t)w;
	}
}

/* --- text and markdown --------------------------------------------------- */

static int
too_long(const struct schema_field *f, struct str s, struct err *e)
{
	char fix[64];

	snprintf(fix, sizeof(fix), "shorten it to %lld bytes", (long long)f->max);
	return (err_set(e, ERR_INPUT, NULL, fix, "%s: it has %zu bytes, and %lld "
	    "is the most", f->title, s.len, (long long)f->max));
}

static int
check_text(const struct schema_field *f, const struct cell *c, struct err *e)
{
	if (c->s.len > (size_t)f->max)
		return (too_long(f, c->s, e));
	if (!str_utf8_ok(c->s))
		return (refuse(f, STR_NULL, "is not UTF-8 text", e));
	return (0);
}

static int
parse_line(struct arena *a, const struct schema_field *f, struct str text,
    struct cell *ret, struct err *e)
{
	struct cell c = CELL_STR(text);
	int r = check_text(f, &c, e);

	if (r != 0)
		return (r);
	for (size_t i = 0; i < text.len; i++)
		if ((unsigned char)text.ptr[i] < 0x20 || text.ptr[i] == 0x7f)
			return (err_set(e, ERR_INPUT, NULL, "write one line of text",
			    "%s: it has a line break or another control character",
			    f->title));
	*ret = CELL_STR(arena_str(a, text));
	return (0);
}

static int
parse_markdown(struct arena *a, const struct schema_field *f, struct str text,
    struct cell *ret, struct err *e)
{
	struct cell c = CELL_STR(text);
	int r = check_text(f, &c, e);

	if (r != 0)
		return (r);
	for (size_t i = 0; i < text.len; i++) {
		unsigned char b = (unsigned char)text.ptr[i];
		if ((b < 0x20 && b != '\n' && b != '\t' && b != '\r') || b == 0x7f)
			return (refuse(f, STR_NULL, "has a control character", e));
	}
	*ret = CELL_STR(arena_str(a, text));
	return (0);
}

static void
print_text(const struct schema_field *f, const struct cell *c, struct buf *out)
{
	(void)f;
	buf_putstr(out, c->s);
}

static int
compare_text(const struct schema_field *f, const struct cell *a,
    const struct cell *b)
{
	(void)f;
	return (str_cmp(a->s, b->s));
}

/* What YAML reads as a number or a boolean, a person may have meant as text. */
static int
from_scalar(struct arena *a, const struct schema_field *f, const struct val *v,
    struct cell *ret, struct err *e)
{
	switch (v->type) {
	case VAL_STR:
		return (kind_parse(a, f, v->u.s, ret, e));
	case VAL_INT:
		return (kind_parse(a, f, str_from(arena_printf(a, "%lld",
		    (long long)v->u.i)), ret, e));
	case VAL_BOOL:
		return (kind_parse(a, f, v->u.b ? STR("true") : STR("false"), ret,
		    e));
	case VAL_REAL:
		return (refuse(f, STR_NULL, "is a number with a fraction", e));
	default:
		return (refuse(f, STR_NULL, "is a list or a map", e));
	}
}

static struct val *
to_text(struct arena *a, const struct schema_field *f, const struct cell *c)
{
	(void)f;
	return (val_str(a, c->s));
}

/* --- int ----------------------------------------------------------------- */

static int
check_int(const struct schema_field *f, const struct cell *c, struct err *e)
{
	char fix[80];

	/* Where a largest value is declared, it counts something: not negative. */
	if (f->max == INT64_MAX || (c->i >= 0 && c->i <= f->max))
		return (0);
	snprintf(fix, sizeof(fix), "write a number from 0 to %lld",
	    (long long)f->max);
	return (err_set(e, ERR_INPUT, NULL, fix, "%s: %lld is out of range",
	    f->title, (long long)c->i));
}

static int
parse_int(struct arena *a, const struct schema_field *f, struct str text,
    struct cell *ret, struct err *e)
{
	int64_t i;

	(void)a;
	if (!str_to_i64(text, &i))
		return (refuse(f, text, "is not a whole number", e));
	struct cell c = CELL_INT(i);
	int r = check_int(f, &c, e);
	if (r == 0)
		*ret = c;
	return (r);
}

static void
print_int(const struct schema_field *f, const struct cell *c, struct buf *out)
{
	(void)f;
	buf_printf(out, "%lld", (long long)c->i);
}

static int
compare_int(const struct schema_field *f, const struct cell *a,
    const struct cell *b)
{
	(void)f;
	return (a->i < b->i ? -1 : a->i > b->i);
}

static struct val *
to_int(struct arena *a, const struct schema_field *f, const struct cell *c)
{
	(void)f;
	return (val_int(a, c->i));
}

/* --- bool ---------------------------------------------------------------- */

static bool
same(struct str s, const char *word)
{
	return (s.len == strlen(word) && strncasecmp(s.ptr, word, s.len) == 0);
}

static int
parse_bool(struct arena *a, const struct schema_field *f, struct str text,
    struct cell *ret, struct err *e)
{
	static const char *const words[][2] = { { "no", "yes" },
		{ "false", "true" }, { "0", "1" }, { "n", "y" }, { "off", "on" } };

	(void)a;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		for (int b = 0; b < 2; b++)
			if (same(text, words[i][b])) {
				*ret = CELL_INT(b);
				return (0);
			}
	return (refuse(f, text, "is neither yes nor no", e));
}

static void
print_bool(const struct schema_field *f, const struct cell *c, struct buf *out)
{
	(void)f;
	buf_puts(out, c->i != 0 ? "yes" : "no");
}

static int
check_bool(const struct schema_field *f, const struct cell *c, struct err *e)
{
	if (c->i == 0 || c->i == 1)
		return (0);
	return (refuse(f, STR_NULL, "is neither 0 nor 1", e));
}

static struct val *
to_bool(struct arena *a, const struct schema_field *f, const struct cell *c)
{
	(void)f;
	return (val_bool(a, c->i != 0));
}

/* --- time and date ------------------------------------------------------- */

static int
parse_time(struct arena *a, const struct schema_field *f, struct str text,
    struct cell *ret, struct err *e)
{
	int64_t us;

	(void)a;
	if (time_parse(text, &us, NULL) != 0)
		return (refuse(f, text, "is not a date with a time and a zone", e));
	*ret = CELL_INT(us);
	return (0);
}

static void
print_time(const struct schema_field *f, const struct cell *c, struct buf *out)
{
	char t[TIME_SIZE];

	(void)f;
	buf_puts(out, time_print(c->i, t));
}

static int
check_time(const struct schema_field *f, const struct cell *c, struct err *e)
{
	if (c->i >= TIME_MIN && c->i <= TIME_MAX)
		return (0);
	return (refuse(f, STR_NULL, "is not within the years 1 to 9999", e));
}

static struct val *
to_printed(struct arena *a, const struct schema_field *f, const struct cell *c)
{
	BUF_SCOPED b = BUF_INIT;

	kind_print(f, c, &b);
	return (val_str(a, buf_str(&b)));
}

static int
check_date(const struct schema_field *f, const struct cell *c, struct err *e)
{
	int64_t day;

	if (date_parse(c->s, &day, NULL) == 0)
		return (0);
	return (refuse(f, c->s, "is not a date of the calendar", e));
}

static int
parse_date(struct arena *a, const struct schema_field *f, struct str text,
    struct cell *ret, struct err *e)
{
	struct cell c = CELL_STR(text);
	int r = check_date(f, &c, e);

	if (r == 0)
		*ret = CELL_STR(arena_str(a, text));
	return (r);
}

/* --- enum and set -------------------------------------------------------- */

/* "Carve-out", "carve out" and "carve_out" are one value. */
static bool
same_value(struct str s, const char *value)
{
	if (s.len != strlen(value))
		return (false);
	for (size_t i = 0; i < s.len; i++) {
		char a = s.ptr[i], b = value[i];
		if ((a == ' ' || a == '-' || a == '_') &&
		    (b == ' ' || b == '-' || b == '_'))
			continue;
		if (strncasecmp(&a, &b, 1) != 0)
			return (false);
	}
	return (true);
}

static int
value_index(const struct schema_field *f, struct str s)
{
	for (int i = 0; f->values[i] != NULL; i++)
		if (str_is(s, f->values[i]))
			return (i);
	return (-1);
}

static int
value_meant(const struct schema_field *f, struct str s)
{
	int i = value_index(f, s);

	if (i >= 0)
		return (i);
	for (i = 0; f->values[i] != NULL; i++)
		if (same_value(s, f->values[i]))
			return (i);
	return (-1);
}

static int
parse_enum(struct arena *a, const struct schema_field *f, struct str text,
    struct cell *ret, struct err *e)
{
	int i = value_meant(f, text);

	(void)a;
	if (i < 0)
		return (refuse(f, text, "is not one of its values", e));
	*ret = CELL_STR(str_from(f->values[i]));
	return (0);
}

static int
check_enum(const struct schema_field *f, const struct cell *c, struct err *e)
{
	if (value_index(f, c->s) >= 0)
		return (0);
	return (refuse(f, c->s, "is not one of its values", e));
}

/* By their place in the declaration, which goes from low to high. */
static int
compare_enum(const struct schema_field *f, const struct cell *a,
    const struct cell *b)
{
	return (value_index(f, a->s) - value_index(f, b->s));
}

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
		int v = value_meant(f, items[i]);
		if (v < 0)
			return (refuse(f, items[i], "is not one of its values", e));
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
		return (refuse(f, STR_NULL, "names over a thousand records", e));
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
		return (refuse(f, STR_NULL, "is not UTF-8 text", e));
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
		return (from_scalar(a, f, v, ret, e));
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
			return (refuse(f, STR_NULL, "has a member that is no text",
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
		return (refuse(f, STR_NULL, "is not a JSON list", e));
	for (size_t i = 0; i < v->u.list.n; i++)
		if (v->u.list.at[i]->type != VAL_STR ||
		    (kind_is_ref(f) && !id_ok(v->u.list.at[i]->u.s)))
			return (refuse(f, STR_NULL, "has a wrong member", e));
	int r = items_from_val(&a, f, v, kind_is_ref(f) ? make_refs : make_set,
	    &again, e);
	if (r == 0 && !str_eq(again.s, c->s))
		r = refuse(f, STR_NULL, "is not in its canonical order", e);
	return (r);
}

/* --- ref ------------------------------------------------------------------ */

static int
parse_ref(struct arena *a, const struct schema_field *f, struct str text,
    struct cell *ret, struct err *e)
{
	if (!str_utf8_ok(text) || text.len > 500)
		return (refuse(f, text, "cannot be the name of a record", e));
	*ret = CELL_STR(arena_str(a, text));
	return (0);
}

static int
check_ref(const struct schema_field *f, const struct cell *c, struct err *e)
{
	if (id_ok(c->s))
		return (0);
	return (refuse(f, c->s, "is not the id of a record", e));
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
		return (refuse(f, STR_NULL, "is not a map", e));
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
			return (refuse(f, v->u.map.key[i],
			    "does not have a text as its value", e));
		val_putstr(a, m, v->u.map.key[i], val_str(a, x->u.s));
	}
	if (json_canonical(&b, m, NULL) != 0)
		return (refuse(f, STR_NULL, "is not UTF-8 text", e));
	if (b.len > (size_t)f->max)
		return (too_long(f, buf_str(&b), e));
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
			return (refuse(f, text, "is not well-formed JSON", e));
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
			return (refuse(f, part, "has no =", e));
		struct str k = { part.ptr, (size_t)(eq - part.ptr) };
		struct str x = { eq + 1, part.len - k.len - 1 };
		if (val_getstr(v, str_trim(k)) != NULL)
			return (refuse(f, k, "stands twice", e));
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
		return (refuse(f, STR_NULL, "is not a canonical JSON map of texts",
		    e));
	return (0);
}

/* --- the table ------------------------------------------------------------ */

static const struct ops ops[SCHEMA_KIND_MAX] = {
	[SCHEMA_TEXT] = { parse_line, print_text, check_text, compare_text,
	    from_scalar, to_text, "a line of text", "erased" },
	[SCHEMA_MARKDOWN] = { parse_markdown, print_text, check_text,
	    compare_text, from_scalar, to_text, "text", "erased" },
	[SCHEMA_INT] = { parse_int, print_int, check_int, compare_int,
	    from_scalar, to_int, "a whole number, such as 30" },
	[SCHEMA_BOOL] = { parse_bool, print_bool, check_bool, compare_int,
	    from_scalar, to_bool, "yes or no" },
	[SCHEMA_TIME] = { parse_time, print_time, check_time, compare_int,
	    from_scalar, to_printed, "it like 2026-01-31T09:30:00Z" },
	[SCHEMA_DATE] = { parse_date, print_text, check_date, compare_text,
	    from_scalar, to_text, "it like 2026-01-31", "0001-01-01" },
	[SCHEMA_ENUM] = { parse_enum, print_text, check_enum, compare_enum,
	    from_scalar, to_text, NULL },
	[SCHEMA_SET] = { parse_set, print_items, check_items, compare_text,
	    from_set, to_items, NULL, "[]" },
	[SCHEMA_REF] = { parse_ref, print_text, check_ref, compare_text,
	    from_scalar, to_text, NULL },
	[SCHEMA_REFS] = { parse_refs, print_items, check_items, compare_text,
	    from_refs, to_items, NULL, "[]" },
	[SCHEMA_MAP] = { parse_map, print_text, check_map, compare_text,
	    from_map, to_map, "key=value; key=value", "{}" },
};

static const bool integer[SCHEMA_KIND_MAX] = {
	[SCHEMA_INT] = true, [SCHEMA_BOOL] = true, [SCHEMA_TIME] = true,
};

bool
kind_integer(const struct schema_field *f)
{
	return (integer[f->kind]);
}

bool
kind_is_ref(const struct schema_field *f)
{
	return (f->target != 0);
}

bool
kind_is_many(const struct schema_field *f)
{
	return (ops[f->kind].to_val == to_items);
}

const char *
kind_example(const struct schema_field *f, char *out, size_t cap)
{
	if (f->values != NULL)
		example_values(f, out, cap);
	else if (kind_is_ref(f))
		snprintf(out, cap, "the key or id of a %s",
		    schema_get(f->target)->name);
	else
		snprintf(out, cap, "%s", ops[f->kind].example);
	return (out);
}

struct cell
kind_blank(const struct schema_field *f)
{
	if (integer[f->kind])
		return (CELL_INT(0));
	if (ops[f->kind].blank != NULL)
		return (CELL_STR(str_from(ops[f->kind].blank)));
	return (CELL_STR(str_from(f->values != NULL ? f->values[0] : "")));
}

int
kind_parse(struct arena *a, const struct schema_field *f, struct str text,
    struct cell *ret, struct err *e)
{
	struct str s = str_trim(text);

	if (s.len == 0) {
		*ret = CELL_NONE;
		return (0);
	}
	return (ops[f->kind].parse(a, f, s, ret, e));
}

void
kind_print(const struct schema_field *f, const struct cell *c, struct buf *out)
{
	if (c->state == CELL_VALUE)
		ops[f->kind].print(f, c, out);
	else if (c->state == CELL_UNKNOWN)
		buf_putc(out, '?');
}

int
kind_check(const struct schema_field *f, const struct cell *c, struct err *e)
{
	switch (c->state) {
	case CELL_VALUE:
		return (ops[f->kind].check(f, c, e));
	case CELL_ABSENT:
		if (!f->required)
			return (0);
		return (err_set(e, ERR_INPUT, NULL, "give it a value",
		    "%s: it is required and absent", f->title));
	case CELL_UNKNOWN:
		return (0);
	}
	return (err_set(e, ERR_INPUT, NULL, NULL, "%s: it is neither a value, nor "
	    "absent, nor unknown", f->title));
}

int
kind_compare(const struct schema_field *f, const struct cell *a,
    const struct cell *b)
{
	static const int rank[] = { [CELL_ABSENT] = 0, [CELL_UNKNOWN] = 1,
		[CELL_VALUE] = 2 };

	if (a->state != b->state)
		return (rank[a->state] - rank[b->state]);
	if (a->state != CELL_VALUE)
		return (0);
	return (ops[f->kind].compare(f, a, b));
}

int
kind_from_val(struct arena *a, const struct schema_field *f,
    const struct val *v, struct cell *ret, struct err *e)
{
	const struct val *u = val_get(v, "unknown");

	if (v == NULL || v->type == VAL_NULL) {
		*ret = CELL_NONE;
		return (0);
	}
	if (u != NULL && u->type == VAL_BOOL && u->u.b && v->u.map.n == 1) {
		*ret = CELL_BLIND;
		return (0);
	}
	return (ops[f->kind].from_val(a, f, v, ret, e));
}

struct val *
kind_to_val(struct arena *a, const struct schema_field *f,
    const struct cell *c)
{
	if (c->state == CELL_VALUE)
		return (ops[f->kind].to_val(a, f, c));
	if (c->state == CELL_ABSENT)
		return (val_null(a));
	struct val *m = val_map(a);
	val_put(a, m, "unknown", val_bool(a, true));
	return (m);
}

void
kind_json(const struct schema_field *f, const struct cell *c, struct buf *out)
{
	ARENA_SCOPED a = ARENA_INIT;
	struct err e;

	if (json_canonical(out, kind_to_val(&a, f, c), &e) != 0)
		BUG("%s: a cell that was not checked: %s", f->name, e.what);
}

void
kind_bind(const struct schema_field *f, struct stmt *st, int param,
    const struct cell *c)
{
	if (c->state != CELL_VALUE)
		stmt_bind_null(st, param);
	else if (integer[f->kind])
		stmt_bind_int(st, param, c->i);
	else
		stmt_bind_str(st, param, c->s);
}

void
kind_column(struct arena *a, const struct schema_field *f, struct stmt *st,
    int col, struct cell *ret)
{
	if (stmt_isnull(st, col))
		*ret = CELL_NONE;
	else if (integer[f->kind])
		*ret = CELL_INT(stmt_int(st, col));
	else
		*ret = CELL_STR(arena_str(a, stmt_str(st, col)));
}

size_t
kind_items(struct arena *a, const struct schema_field *f,
    const struct cell *c, struct str **ret)
{
	struct val *v;

	*ret = NULL;
	if (c->state != CELL_VALUE)
		return (0);
	if (!kind_is_many(f)) {
		*ret = arena_new(a, struct str);
		**ret = c->s;
		return (1);
	}
	if (json_parse(a, "list", c->s, &v, NULL) != 0 || v->type != VAL_LIST)
		return (0);
	*ret = arena_array(a, v->u.list.n + 1, sizeof(**ret));
	for (size_t i = 0; i < v->u.list.n; i++)
		if (v->u.list.at[i]->type == VAL_STR)
			(*ret)[i] = v->u.list.at[i]->u.s;
	return (v->u.list.n);
}

struct cell
kind_join(struct arena *a, const struct schema_field *f,
    const struct str *items, size_t n)
{
	struct cell c = CELL_NONE;

	if (n == 0)
		return (c);
	if (!kind_is_many(f))
		return (CELL_STR(items[0]));
	make_refs(a, f, items, n, &c, NULL);
	return (c);
}
