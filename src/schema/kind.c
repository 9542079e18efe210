#include "schema/kind.h"

#include <strings.h>

#include "ledger/id.h"
#include "schema/kind_ops.h"
#include "text/date.h"
#include "text/json.h"
#include "text/timefmt.h"

#define QUOTED 60 /* bytes of a wrong value that a message repeats */

/* --- messages ----------------------------------------------------------- */

/* ERR_INPUT: the field, what was written, why not; an example as the remedy. */
int
kind_refuse(const struct schema_field *f, struct str was, const char *why,
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

int
kind_too_long(const struct schema_field *f, struct str s, struct err *e)
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
		return (kind_too_long(f, c->s, e));
	if (!str_utf8_ok(c->s))
		return (kind_refuse(f, STR_NULL, "is not UTF-8 text", e));
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
			return (kind_refuse(f, STR_NULL, "has a control character", e));
	}
	*ret = CELL_STR(arena_str(a, text));
	return (0);
}

void
kind_print_text(const struct schema_field *f, const struct cell *c, struct buf *out)
{
	(void)f;
	buf_putstr(out, c->s);
}

int
kind_compare_text(const struct schema_field *f, const struct cell *a,
    const struct cell *b)
{
	(void)f;
	return (str_cmp(a->s, b->s));
}

/* What YAML reads as a number or a boolean, a person may have meant as text. */
int
kind_from_scalar(struct arena *a, const struct schema_field *f, const struct val *v,
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
		return (kind_refuse(f, STR_NULL, "is a number with a fraction", e));
	default:
		return (kind_refuse(f, STR_NULL, "is a list or a map", e));
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
		return (kind_refuse(f, text, "is not a whole number", e));
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
	return (kind_refuse(f, text, "is neither yes nor no", e));
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
	return (kind_refuse(f, STR_NULL, "is neither 0 nor 1", e));
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
		return (kind_refuse(f, text, "is not a date with a time and a zone", e));
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
	return (kind_refuse(f, STR_NULL, "is not within the years 1 to 9999", e));
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
	return (kind_refuse(f, c->s, "is not a date of the calendar", e));
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

/* --- enum ---------------------------------------------------------- */

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

int
kind_value_meant(const struct schema_field *f, struct str s)
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
	int i = kind_value_meant(f, text);

	(void)a;
	if (i < 0)
		return (kind_refuse(f, text, "is not one of its values", e));
	*ret = CELL_STR(str_from(f->values[i]));
	return (0);
}

static int
check_enum(const struct schema_field *f, const struct cell *c, struct err *e)
{
	if (value_index(f, c->s) >= 0)
		return (0);
	return (kind_refuse(f, c->s, "is not one of its values", e));
}

/* By their place in the declaration, which goes from low to high. */
static int
compare_enum(const struct schema_field *f, const struct cell *a,
    const struct cell *b)
{
	return (value_index(f, a->s) - value_index(f, b->s));
}

/* --- ref ------------------------------------------------------------------ */

static int
parse_ref(struct arena *a, const struct schema_field *f, struct str text,
    struct cell *ret, struct err *e)
{
	if (!str_utf8_ok(text) || text.len > 500)
		return (kind_refuse(f, text, "cannot be the name of a record", e));
	*ret = CELL_STR(arena_str(a, text));
	return (0);
}

static int
check_ref(const struct schema_field *f, const struct cell *c, struct err *e)
{
	if (id_ok(c->s))
		return (0);
	return (kind_refuse(f, c->s, "is not the id of a record", e));
}

/* --- the table ------------------------------------------------------------ */

#define FORM_STRING "{\"type\":\"string\"}"
static const struct kind_ops scalars[] = {
	[SCHEMA_TEXT] = { parse_line, kind_print_text, check_text,
	    kind_compare_text, kind_from_scalar, to_text, NULL, FORM_STRING,
	    "a line of text", "erased" },
	[SCHEMA_MARKDOWN] = { parse_markdown, kind_print_text, check_text,
	    kind_compare_text, kind_from_scalar, to_text, NULL, FORM_STRING,
	    "text", "erased" },
	[SCHEMA_INT] = { parse_int, print_int, check_int, compare_int,
	    kind_from_scalar, to_int, NULL, "{\"type\":\"integer\"}",
	    "a whole number, such as 30", NULL },
	[SCHEMA_BOOL] = { parse_bool, print_bool, check_bool, compare_int,
	    kind_from_scalar, to_bool, NULL, "{\"type\":\"boolean\"}",
	    "yes or no", NULL },
	[SCHEMA_TIME] = { parse_time, print_time, check_time, compare_int,
	    kind_from_scalar, to_printed, NULL,
	    "{\"type\":\"string\",\"format\":\"date-time\"}",
	    "it like 2026-01-31T09:30:00Z", NULL },
	[SCHEMA_DATE] = { parse_date, kind_print_text, check_date,
	    kind_compare_text, kind_from_scalar, to_text, NULL,
	    "{\"type\":\"string\",\"format\":\"date\"}",
	    "it like 2026-01-31", "0001-01-01" },
	[SCHEMA_ENUM] = { parse_enum, kind_print_text, check_enum,
	    compare_enum, kind_from_scalar, to_text, NULL, FORM_STRING, NULL,
	    NULL },
	[SCHEMA_REF] = { parse_ref, kind_print_text, check_ref,
	    kind_compare_text, kind_from_scalar, to_text, NULL, FORM_STRING,
	    NULL, NULL },
};

static const struct kind_ops *
op(const struct schema_field *f)
{
	static const struct kind_ops *const many[SCHEMA_KIND_MAX] = {
		[SCHEMA_SET] = &kind_many_set,
		[SCHEMA_REFS] = &kind_many_refs,
		[SCHEMA_MAP] = &kind_many_map,
	};

	return (many[f->kind] != NULL ? many[f->kind] : &scalars[f->kind]);
}

static const bool integer[SCHEMA_KIND_MAX] = {
	[SCHEMA_INT] = true, [SCHEMA_BOOL] = true, [SCHEMA_TIME] = true,
};

bool
kind_integer(const struct schema_field *f)
{
	return (integer[f->kind]);
}

bool
kind_is_prose(const struct schema_field *f)
{
	return (f->kind == SCHEMA_TEXT || f->kind == SCHEMA_MARKDOWN);
}

bool
kind_is_lines(const struct schema_field *f)
{
	return (f->kind == SCHEMA_MARKDOWN);
}

bool
kind_is_ref(const struct schema_field *f)
{
	return (f->target != 0);
}

bool
kind_is_many(const struct schema_field *f)
{
	return (op(f)->from_items != NULL);
}

const char *
kind_example(const struct schema_field *f, char *out, size_t cap)
{
	if (f->values != NULL)
		example_values(f, out, cap);
	else if (kind_is_ref(f))
		snprintf(out, cap, "the key or id of %s %s",
		    str_article(schema_get(f->target)->name),
		    schema_get(f->target)->name);
	else
		snprintf(out, cap, "%s", op(f)->example);
	return (out);
}

struct cell
kind_blank(const struct schema_field *f)
{
	if (integer[f->kind])
		return (CELL_INT(0));
	if (op(f)->blank != NULL)
		return (CELL_STR(str_from(op(f)->blank)));
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
	if (str_is(s, CELL_MASKED_TEXT)) {
		*ret = CELL_HIDDEN;
		return (0);
	}
	/* No message repeats what nobody can read. */
	if (!str_utf8_ok(s))
		return (err_set(e, ERR_INPUT, NULL, "save it as UTF-8",
		    "%s: it is not UTF-8 text", f->title));
	return (op(f)->parse(a, f, s, ret, e));
}

void
kind_print(const struct schema_field *f, const struct cell *c, struct buf *out)
{
	if (c->state == CELL_VALUE)
		op(f)->print(f, c, out);
	else if (c->state == CELL_UNKNOWN)
		buf_putc(out, '?');
	else if (c->state == CELL_MASKED)
		buf_puts(out, CELL_MASKED_TEXT);
}

int
kind_check(const struct schema_field *f, const struct cell *c, struct err *e)
{
	switch (c->state) {
	case CELL_VALUE:
		return (op(f)->check(f, c, e));
	case CELL_ABSENT:
		if (!f->required)
			return (0);
		return (err_set(e, ERR_INPUT, NULL, "give it a value",
		    "%s: it is required and absent", f->title));
	case CELL_UNKNOWN:
		return (0);
	case CELL_MASKED:
		return (err_set(e, ERR_INPUT, NULL, "give what is in it",
		    "%s: it is masked, which says nothing", f->title));
	}
	return (err_set(e, ERR_INPUT, NULL, NULL, "%s: it is neither a value, nor "
	    "absent, nor unknown", f->title));
}

int
kind_compare(const struct schema_field *f, const struct cell *a,
    const struct cell *b)
{
	static const int rank[] = { [CELL_ABSENT] = 0, [CELL_UNKNOWN] = 1,
		[CELL_MASKED] = 2, [CELL_VALUE] = 3 };

	if (a->state != b->state)
		return (rank[a->state] - rank[b->state]);
	if (a->state != CELL_VALUE)
		return (0);
	return (op(f)->compare(f, a, b));
}

int
kind_from_val(struct arena *a, const struct schema_field *f,
    const struct val *v, struct cell *ret, struct err *e)
{
	const struct val *u = val_get(v, "unknown"), *h = val_get(v, "masked");

	if (v == NULL || v->type == VAL_NULL) {
		*ret = CELL_NONE;
		return (0);
	}
	if (u != NULL && u->type == VAL_BOOL && u->u.b && v->u.map.n == 1) {
		*ret = CELL_BLIND;
		return (0);
	}
	if (h != NULL && h->type == VAL_BOOL && h->u.b && v->u.map.n == 1) {
		*ret = CELL_HIDDEN;
		return (0);
	}
	return (op(f)->from_val(a, f, v, ret, e));
}

struct val *
kind_to_val(struct arena *a, const struct schema_field *f,
    const struct cell *c)
{
	if (c->state == CELL_VALUE)
		return (op(f)->to_val(a, f, c));
	if (c->state == CELL_ABSENT)
		return (val_null(a));
	struct val *m = val_map(a);
	val_put(a, m, c->state == CELL_MASKED ? "masked" : "unknown",
	    val_bool(a, true));
	return (m);
}

/* The values or the largest size of what is of a kind that has them. */
static void
put_bounds(struct arena *a, const struct schema_field *f, struct val *m)
{
	struct val *list = val_list(a);

	for (size_t i = 0; f->values != NULL && f->values[i] != NULL; i++)
		val_push(a, list, val_text(a, f->values[i]));
	if (f->values != NULL)
		val_put(a, m, "enum", list);
	else if (kind_is_prose(f))
		val_put(a, m, "maxLength", val_int(a, f->max));
	if (integer[f->kind] && f->kind == SCHEMA_INT && f->max != INT64_MAX) {
		val_put(a, m, "minimum", val_int(a, 0));
		val_put(a, m, "maximum", val_int(a, f->max));
	}
}

struct val *
kind_form(struct arena *a, const struct schema_field *f)
{
	struct val *m, *list;
	struct err e;

	if (json_parse(a, "form", str_from(op(f)->form), &m, &e) != 0)
		BUG("%s: %s", op(f)->form, e.what);
	put_bounds(a, f, m);
	if (!kind_is_many(f))
		return (m);
	list = val_map(a);
	val_put(a, list, "type", val_text(a, "array"));
	val_put(a, list, "items", m);
	return (list);
}

void
kind_json(const struct schema_field *f, const struct cell *c, struct buf *out)
{
	ARENA_SCOPED a = ARENA_INIT;
	struct err e;

	if (c->state == CELL_MASKED)
		BUG("%s: a masked cell has no canonical form", f->name);
	if (json_canonical(out, kind_to_val(&a, f, c), &e) != 0)
		BUG("%s: a cell that was not checked: %s", f->name, e.what);
}

void
kind_bind(const struct schema_field *f, struct stmt *st, int param,
    const struct cell *c)
{
	if (c->state == CELL_MASKED)
		BUG("%s: a masked cell was to be stored", f->name);
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

void
kind_order(const struct schema_field *f, const char *operand, struct buf *out)
{
	if (op(f)->compare != compare_enum) {
		buf_puts(out, operand);
		return;
	}
	buf_printf(out, "(CASE %s", operand);
	for (int i = 0; f->values[i] != NULL; i++)
		buf_printf(out, " WHEN '%s' THEN %d", f->values[i], i);
	buf_puts(out, " END)");
}

bool
kind_dates(const struct schema_field *f)
{
	return (f->kind == SCHEMA_TIME || f->kind == SCHEMA_DATE);
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
	kind_many_refs.from_items(a, f, items, n, &c, NULL);
	return (c);
}
