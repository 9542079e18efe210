#include "api/rows.h"

#include <stdlib.h>

#include "api/cursor.h"
#include "api/lists.h"
#include "record/reader.h"
#include "record/workspace.h"
#include "sys/crypto.h"

#define FILTERS 40
#define WORDS 16
#define KEY_BEGIN 200 /* bytes of a key */

const struct param rows_params[] = {
	{ "filter", "Which rows: column=value, or != < <= > >= ~ (contains) in "
	    "place of =; all that are given must hold.",
	    "{\"type\":\"string\",\"maxLength\":2000}", true },
	{ "q", "Words, or parts of words, that are all in the row.",
	    "{\"type\":\"string\",\"minLength\":1,\"maxLength\":500}", false },
	{ "sort", "A column, with - before it for the falling order.",
	    "{\"type\":\"string\"}", false },
	{ "limit", "Rows of a page.", "{\"type\":\"integer\",\"minimum\":1,"
	    "\"maximum\":500,\"default\":50}", false },
	{ "cursor", "What the page before answered as next.",
	    "{\"type\":\"string\",\"maxLength\":8192}", false },
	{ "count", "Say how many there are in all.",
	    "{\"type\":\"boolean\",\"default\":false}", false },
	{ "format", "All rows as a file to keep: csv, xlsx or json.",
	    "{\"type\":\"string\",\"enum\":[\"csv\",\"xlsx\",\"json\"]}", false },
	{ NULL, NULL, NULL, false },
};

struct filter {
	const struct shape *col;
	enum record_op op;
	struct str text;
	int64_t n;
	bool absent;
};

struct asking {
	const struct shape *cols;
	struct filter filter[FILTERS];
	size_t nfilters;
	struct str words[WORDS];
	size_t nwords;
	const struct shape *sort; /* NULL: by key */
	bool falling, file, count;
	enum sheet_format format;
	int64_t limit;
	struct str question;
	bool after;
	struct record_place place;
};

/* A cursor has room for keys of a certain length only. */
static struct str
fitting(struct arena *a, struct str key)
{
	uint8_t h[CRYPTO_HASH];
	BUF_SCOPED b = BUF_INIT;
	size_t n = KEY_BEGIN;

	if (key.len == 0)
		return (STR("-"));
	if (key.len <= KEY_BEGIN)
		return (key);
	while (n > 0 && ((unsigned char)key.ptr[n] & 0xc0) == 0x80)
		n--;
	crypto_sha256(key.ptr, key.len, h);
	buf_put(&b, key.ptr, n);
	buf_puthex(&b, h, 16);
	return (arena_str(a, buf_str(&b)));
}

void
rows_add(struct call *c, struct rows *r, struct str key, struct val *v)
{
	if (r->n == r->cap) {
		size_t cap = r->cap == 0 ? 64 : r->cap * 2;
		struct rows_row *at = arena_array(&c->a, cap, sizeof(*at));
		if (r->n != 0)
			memcpy(at, r->at, r->n * sizeof(*at));
		r->at = at;
		r->cap = cap;
	}
	r->at[r->n++] = (struct rows_row){ fitting(&c->a, key), v };
}

/* --- what is asked ------------------------------------------------------------ */

static int
no_column(const struct shape *cols, struct str name, struct err *e)
{
	BUF_SCOPED b = BUF_INIT;

	for (const struct shape *s = cols; s->name != NULL; s++)
		buf_printf(&b, "%s%s", s == cols ? "the columns are " : ", ",
		    s->name);
	return (err_set(e, ERR_USAGE, "query", b.ptr, "there is no column "
	    "\"%.*s\"", (int)(name.len > 60 ? 60 : name.len), name.ptr));
}

static bool
is_plain(const struct shape *s)
{
	return (s->kind != SHAPE_OBJECTS && s->kind != SHAPE_MAP);
}

static int
parse_filter(const struct shape *cols, struct str s, struct filter *ret,
    struct err *e)
{
	static const struct { const char *word; enum record_op op; } ops[] = {
		{ "!=", RECORD_NE }, { "<=", RECORD_LE }, { ">=", RECORD_GE },
		{ "=", RECORD_EQ }, { "<", RECORD_LT }, { ">", RECORD_GT },
		{ "~", RECORD_HAS },
	};
	size_t at = 0, i = 0, n = sizeof(ops) / sizeof(ops[0]);

	while (at < s.len && strchr("!<>=~", s.ptr[at]) == NULL)
		at++;
	struct str rest = { s.ptr + at, s.len - at };
	while (i < n && !str_starts(rest, ops[i].word))
		i++;
	if (i == n)
		return (err_set(e, ERR_USAGE, "query", "write column=value, or != < "
		    "<= > >= ~ in place of =", "\"%.*s\" is no filter",
		    (int)(s.len > 60 ? 60 : s.len), s.ptr));
	struct filter f = { .op = ops[i].op };
	size_t k = strlen(ops[i].word);
	f.col = shape_find(cols, (struct str){ s.ptr, at });
	f.text = (struct str){ rest.ptr + k, rest.len - k };
	f.absent = f.text.len == 0;
	if (f.col == NULL || !is_plain(f.col))
		return (no_column(cols, (struct str){ s.ptr, at }, e));
	if (f.absent && f.op != RECORD_EQ && f.op != RECORD_NE)
		return (err_set(e, ERR_USAGE, "query", "write a value", "a filter "
		    "on %s has none", f.col->name));
	if (f.absent) {
		*ret = f;
		return (0);
	}
	bool number = f.col->kind == SHAPE_INT, flag = f.col->kind == SHAPE_BOOL;
	if ((number && !str_to_i64(f.text, &f.n)) || (flag &&
	    !str_is(f.text, "true") && !str_is(f.text, "false")))
		return (err_set(e, ERR_INPUT, "query", number ? "write a whole "
		    "number" : "write true or false", "%s has no such value",
		    f.col->name));
	if (flag)
		f.n = str_is(f.text, "true");
	*ret = f;
	return (0);
}

static int
parse_order(struct call *c, struct asking *q, struct err *e)
{
	struct str s = params_get(&c->params, "sort");

	if (s.ptr == NULL)
		return (0);
	if (s.len > 0 && s.ptr[0] == '-') {
		q->falling = true;
		s = (struct str){ s.ptr + 1, s.len - 1 };
	}
	q->sort = shape_find(q->cols, s);
	if (q->sort == NULL || !is_plain(q->sort) ||
	    q->sort->kind == SHAPE_TEXTS || q->sort->kind == SHAPE_REFS)
		return (no_column(q->cols, s, e));
	return (0);
}

static int
parse_words(struct call *c, struct asking *q, struct err *e)
{
	struct str s = params_get(&c->params, "q"), one;
	bool given = s.ptr != NULL;

	while (s.len != 0 && str_split(&s, ' ', &one)) {
		if (one.len == 0)
			continue;
		if (q->nwords == WORDS)
			return (err_set(e, ERR_USAGE, "query", "give fewer",
			    "there are more than %d words", WORDS));
		q->words[q->nwords++] = one;
	}
	if (given && q->nwords == 0)
		return (err_set(e, ERR_USAGE, "query", "write a word, or leave q "
		    "out", "there is no word to search for"));
	return (0);
}

static int
parse(struct call *c, struct asking *q, struct err *e)
{
	struct str cursor = params_get(&c->params, "cursor");
	int r = 0;

	for (size_t i = 0; r == 0 && i < c->params.n; i++) {
		if (!str_is(c->params.key[i], "filter"))
			continue;
		if (q->nfilters == FILTERS)
			return (err_set(e, ERR_USAGE, "query", "give fewer",
			    "there are more than %d filters", FILTERS));
		r = parse_filter(q->cols, c->params.value[i],
		    &q->filter[q->nfilters++], e);
	}
	if (r == 0)
		r = parse_words(c, q, e);
	if (r == 0)
		r = parse_order(c, q, e);
	if (r == 0)
		r = sheet_wanted(c, &q->format, &q->file, e);
	if (r == 0)
		r = params_int(&c->params, "limit", 1, LISTS_LIMIT_MOST,
		    LISTS_LIMIT, &q->limit, e);
	if (r == 0)
		r = params_flag(&c->params, "count", &q->count, e);
	if (r == 0 && cursor.ptr != NULL) {
		q->question = lists_question(c);
		q->after = true;
		r = cursor_parse(&c->a, cursor, q->question, &q->place, e);
	} else if (r == 0) {
		q->question = lists_question(c);
	}
	return (r);
}

/* --- which rows ------------------------------------------------------------- */

static bool
contains(struct str s, struct str part)
{
	for (size_t i = 0; i + part.len <= s.len; i++)
		if (strncasecmp(s.ptr + i, part.ptr, part.len) == 0)
			return (true);
	return (false);
}

static int
order(const struct val *v, struct str text, int64_t n)
{
	if (v->type == VAL_STR)
		return (str_cmp(v->u.s, text));
	int64_t i = v->type == VAL_BOOL ? v->u.b : v->u.i;
	return (i < n ? -1 : i > n);
}

static bool
has_member(const struct val *v, struct str s)
{
	for (size_t i = 0; i < v->u.list.n; i++)
		if (str_eq(v->u.list.at[i]->u.s, s))
			return (true);
	return (false);
}

static bool
is_absent(const struct val *v)
{
	return (v == NULL || v->type == VAL_NULL || (v->type == VAL_STR &&
	    v->u.s.len == 0) || (v->type == VAL_LIST && v->u.list.n == 0));
}

/* What is masked satisfies nothing. */
static bool
holds(const struct filter *f, const struct val *row)
{
	const struct val *v = val_get(row, f->col->name);
	bool not = f->op == RECORD_NE;

	if (v != NULL && v->type == VAL_MAP)
		return (false);
	if (f->absent || is_absent(v))
		return (is_absent(v) == (f->absent != not) && (f->absent || not));
	if (v->type == VAL_LIST)
		return (f->op == RECORD_HAS || f->op == RECORD_EQ ?
		    has_member(v, f->text) : not && !has_member(v, f->text));
	if (f->op == RECORD_HAS)
		return (v->type == VAL_STR ? contains(v->u.s, f->text) :
		    order(v, f->text, f->n) == 0);
	int k = order(v, f->text, f->n);
	switch (f->op) {
	case RECORD_EQ:
		return (k == 0);
	case RECORD_NE:
		return (k != 0);
	case RECORD_LT:
		return (k < 0);
	case RECORD_LE:
		return (k <= 0);
	case RECORD_GT:
		return (k > 0);
	default:
		return (k >= 0);
	}
}

static bool
has_word(const struct val *v, struct str word)
{
	if (v->type == VAL_STR)
		return (contains(v->u.s, word));
	for (size_t i = 0; v->type == VAL_LIST && i < v->u.list.n; i++)
		if (has_word(v->u.list.at[i], word))
			return (true);
	return (false);
}

static bool
fits(const struct asking *q, const struct val *row)
{
	for (size_t i = 0; i < q->nfilters; i++)
		if (!holds(&q->filter[i], row))
			return (false);
	for (size_t i = 0; i < q->nwords; i++) {
		bool any = false;
		for (size_t k = 0; !any && k < row->u.map.n; k++)
			any = has_word(row->u.map.at[k], q->words[i]);
		if (!any)
			return (false);
	}
	return (true);
}

/* --- their order ------------------------------------------------------------ */

static struct cell
sort_cell(const struct asking *q, const struct rows_row *r)
{
	const struct val *v = q->sort == NULL ? NULL :
	    val_get(r->v, q->sort->name);

	if (v == NULL || v->type == VAL_NULL || v->type == VAL_MAP)
		return (CELL_NONE);
	return (v->type == VAL_STR ? CELL_STR(v->u.s) : v->type == VAL_BOOL ?
	    CELL_INT(v->u.b) : CELL_INT(v->u.i));
}

static int
compare(const struct asking *q, struct cell x, struct str xkey, struct cell y,
    struct str ykey)
{
	int k = 0;

	if (x.state != y.state)
		k = x.state == CELL_VALUE ? 1 : -1;
	else if (x.state == CELL_VALUE && x.s.ptr != NULL)
		k = str_cmp(x.s, y.s);
	else if (x.state == CELL_VALUE)
		k = x.i < y.i ? -1 : x.i > y.i;
	if (k == 0)
		k = str_cmp(xkey, ykey);
	return (q->falling ? -k : k);
}

static int
by_order(const void *a, const void *b, void *ctx)
{
	const struct asking *q = ctx;
	const struct rows_row *x = a, *y = b;

	return (compare(q, sort_cell(q, x), x->key, sort_cell(q, y), y->key));
}

/* --- the answer --------------------------------------------------------------- */

static int
put_page(struct call *c, const struct asking *q, const struct rows *r)
{
	struct json_writer w;
	BUF_SCOPED next = BUF_INIT;
	size_t at = 0, end;

	while (q->after && at < r->n && compare(q, sort_cell(q, &r->at[at]),
	    r->at[at].key, q->place.value, q->place.id) <= 0)
		at++;
	end = r->n - at > (size_t)q->limit ? at + (size_t)q->limit : r->n;
	json_begin(&w, &c->out, false);
	json_object(&w);
	json_key(&w, "items");
	json_array(&w);
	for (size_t i = at; i < end; i++)
		json_put_val(&w, r->at[i].v);
	json_close(&w);
	if (end < r->n) {
		struct record_place p = { sort_cell(q, &r->at[end - 1]),
			r->at[end - 1].key };
		cursor_put(&p, q->question, &next);
		json_kstr(&w, "next", buf_str(&next));
	} else {
		json_knull(&w, "next");
	}
	if (q->count)
		json_kint(&w, "count", (int64_t)(r->n - at));
	json_close(&w);
	json_end(&w, NULL);
	c->status = 200;
	call_tag(c);
	return (0);
}

/* A value as the text of a cell. */
static struct str
cell_text(struct arena *a, const struct val *v)
{
	BUF_SCOPED b = BUF_INIT;
	const struct val *text;

	if (v == NULL || v->type == VAL_NULL)
		return (STR(""));
	if (v->type == VAL_STR)
		return (v->u.s);
	if (v->type == VAL_INT)
		return (val_fmt(a, "%lld", (long long)v->u.i)->u.s);
	if (v->type == VAL_BOOL)
		return (v->u.b ? STR("yes") : STR("no"));
	if (v->type == VAL_MAP && val_get(v, "masked") != NULL)
		return (STR("(masked)"));
	for (size_t i = 0; v->type == VAL_LIST && i < v->u.list.n; i++) {
		const struct val *one = v->u.list.at[i];
		if (i != 0)
			buf_puts(&b, "; ");
		if (one->type == VAL_STR)
			buf_putstr(&b, one->u.s);
		else if ((text = val_get(one, "text")) != NULL ||
		    (text = val_get(one, "id")) != NULL)
			buf_putstr(&b, text->u.s);
	}
	for (size_t i = 0; v->type == VAL_MAP && i < v->u.map.n; i++) {
		struct str s = cell_text(a, v->u.map.at[i]);
		buf_printf(&b, "%s" STR_FMT "=" STR_FMT, i != 0 ? "; " : "",
		    STR_ARG(v->u.map.key[i]), STR_ARG(s));
	}
	return (b.len != 0 ? arena_str(a, buf_str(&b)) : STR(""));
}

static int
put_table(struct sheet *s, const struct asking *q, const struct rows *r,
    struct err *e)
{
	int k = 0;

	for (const struct shape *f = q->cols; k == 0 && f->name != NULL; f++)
		k = sheet_cell(s, str_from(f->name), false, e);
	if (k == 0)
		k = sheet_endrow(s, e);
	for (size_t i = 0; k == 0 && i < r->n; i++) {
		ARENA_SCOPED a = ARENA_INIT;
		for (const struct shape *f = q->cols; k == 0 && f->name != NULL;
		    f++)
			k = sheet_cell(s, cell_text(&a, val_get(r->at[i].v,
			    f->name)), f->kind == SHAPE_INT, e);
		if (k == 0)
			k = sheet_endrow(s, e);
	}
	return (k);
}

static int
put_file(struct context *x, struct call *c, const struct asking *q,
    const struct rows *r, struct err *e)
{
	struct access_who as = record_as(&c->who);
	struct sheet s;
	int k = 0;

	if (c->type != NULL && access_when(&as, c->type, ACCESS_RECORD,
	    ACCESS_EXPORT) == ACCESS_NEVER)
		return (access_explain(&as, c->type, ACCESS_RECORD,
		    ACCESS_EXPORT, e));
	k = sheet_open(&s, x->ws->dir, q->format, e);
	for (size_t i = 0; k == 0 && q->format == SHEET_JSON && i < r->n; i++) {
		json_put_val(&s.json, r->at[i].v);
		k = sheet_endrow(&s, e);
	}
	if (k == 0 && q->format != SHEET_JSON)
		k = put_table(&s, q, r, e);
	if (k == 0)
		k = sheet_answer(&s, c, c->route->id, e);
	sheet_free(&s);
	return (k);
}

int
rows_answer(struct context *x, struct call *c, struct rows *r, struct err *e)
{
	struct asking *q = arena_new(&c->a, struct asking);
	size_t n = 0;

	q->cols = c->route->rows;
	int k = parse(c, q, e);
	if (k != 0)
		return (k);
	for (size_t i = 0; i < r->n; i++)
		if (fits(q, r->at[i].v))
			r->at[n++] = r->at[i];
	r->n = n;
	if (n > 1)
		qsort_r(r->at, n, sizeof(*r->at), by_order, q);
	return (q->file ? put_file(x, c, q, r, e) : put_page(c, q, r));
}
