#include "sys/db_rows.h"

#include <sqlite3.h>

#include "base/pool.h"
#include "base/vec.h"
#include "sys/db_handle.h"

/* Rows of one text: of[k].n from order[of[k].first] on, k the text's number; from
 * row of[k].first on where the rows lie in order and order is NULL. A text whose
 * number is not less than ntexts came later: no row has it. Of integers the whole
 * order is by value. */
struct index {
	struct span {
		uint32_t first, n;
	} *of;
	uint32_t *order;
	uint32_t ntexts, distinct;
};

/* The texts of all tables of a connection: what one table hands out is found
 * again by another by its address alone. */
struct texts {
	struct pool pool;
	bool nul; /* some text holds a NUL */
	size_t users;
	void **home; /* where the connection keeps it */
};

struct column {
	char *name;
	bool integer;
	bool sorted; /* texts: no row has a smaller one than that before it */
	VEC(int64_t) ints;
	VEC(uint32_t) texts; /* where in the pool's bytes; NONE: null */
	VEC(uint8_t) nulls;  /* of integers */
	bool has_nulls;      /* the same */
	struct index *by[2];  /* exact; with ASCII letters alike */
};
#define NONE POOL_NONE

struct rows {
	size_t n, ncolumns;
	struct column *columns;
	struct texts *texts;
	/* Texts without regard to the case of ASCII letters, once asked for. */
	struct pool low;
	uint32_t *low_of;
};

struct table {
	sqlite3_vtab base;
	struct rows *rows;
};

/* What a statement says of a column; the text of a plan has one of these, and
 * two hexadecimal digits for the column, for each argument; then two digits for
 * each of the first columns that the statement looks at. */
enum op {
	OP_EQ = '=',
	OP_ALIKE = '~', /* equal but for the case of ASCII letters */
	OP_LT = '<',
	OP_LE = 'l',
	OP_GT = '>',
	OP_GE = 'g'
};
#define TERMS_MAX 16
#define USED_MAX 8

struct term {
	const struct column *column;
	enum op op;
	uint32_t text, at;     /* its number, and where it lies */
	int64_t least, most;   /* of an integer */
};

struct cursor {
	sqlite3_vtab_cursor base;
	const struct rows *rows;
	const uint32_t *order; /* NULL: as they came */
	size_t at, end;
	struct term terms[TERMS_MAX];
	size_t nterms;
};

/* --- the rows ----------------------------------------------------------------- */

static void
index_free(struct index *x)
{
	if (x == NULL)
		return;
	free(x->of);
	free(x->order);
	free(x);
}

static void
clear(struct rows *r)
{
	for (size_t i = 0; i < r->ncolumns; i++) {
		struct column *c = &r->columns[i];
		free(c->name);
		vec_free(&c->ints);
		vec_free(&c->texts);
		vec_free(&c->nulls);
		index_free(c->by[0]);
		index_free(c->by[1]);
	}
	free(r->columns);
	free(r->low_of);
	pool_free(&r->low);
	if (r->texts != NULL && --r->texts->users == 0) {
		*r->texts->home = NULL;
		pool_free(&r->texts->pool);
		free(r->texts);
	}
	*r = (struct rows){ .n = 0 };
}

static struct texts *
take_texts(void **home)
{
	struct texts *t = *home;

	if (t == NULL) {
		if ((t = calloc(1, sizeof(*t))) == NULL)
			err_oom(sizeof(*t));
		pool_init(&t->pool);
		t->home = home;
		*home = t;
	}
	t->users++;
	return (t);
}

static void
rows_free(void *p)
{
	clear(p);
	free(p);
}

static bool
is_null(const struct column *c, size_t row)
{
	return (c->integer ? c->has_nulls && c->nulls.at[row] != 0 :
	    c->texts.at[row] == NONE);
}

/* A text below those that came; mostly it is the last one again. */
static void
take_text(struct texts *t, struct column *c, struct str s)
{
	uint32_t last = c->texts.n > 0 ? c->texts.at[c->texts.n - 1] : NONE;
	struct str before = last == NONE ? STR_NULL :
	    pool_get(&t->pool, pool_number(&t->pool, last));

	if (last == NONE || !str_eq(before, s)) {
		c->sorted = c->sorted && (last == NONE || str_cmp(before, s) < 0);
		t->nul = t->nul || memchr(s.ptr, '\0', s.len) != NULL;
		last = pool_put(&t->pool, s);
		last = t->pool.text[last].at;
	}
	vec_push(&c->texts, last);
}

static int
take_cell(struct rows *r, struct column *c, const struct stmt_value *v,
    struct err *e)
{
	bool null = v->type == STMT_NULL;

	if (!null && v->type != (c->integer ? STMT_INT : STMT_TEXT))
		return (err_set(e, ERR_DAMAGED, NULL, "run tickmark rebuild",
		    "a value of column %s is not of its kind", c->name));
	if (c->integer) {
		vec_push(&c->ints, v->i);
		vec_push(&c->nulls, null);
		c->has_nulls = c->has_nulls || null;
	} else if (null) {
		c->sorted = false;
		vec_push(&c->texts, NONE);
	} else {
		take_text(r->texts, c, v->s);
	}
	return (0);
}

#define ROW_BYTES 128 /* what a row takes beside its texts */

static int
fill(struct rows *r, struct db *db, struct str select, int64_t *bytes,
    struct err *e)
{
	struct stmt_value *v = calloc(r->ncolumns, sizeof(*v));
	STMT_SCOPED *st = NULL;
	int rc = db_prepare(db, &st, select, e);
	int64_t left = *bytes;

	if (v == NULL)
		err_oom(r->ncolumns * sizeof(*v));
	if (rc == 0 && (size_t)stmt_ncol(st) != r->ncolumns)
		BUG("%d columns instead of %zu", stmt_ncol(st), r->ncolumns);
	while (rc == 0 && left >= 0 && (rc = stmt_step(st, e)) == 1) {
		rc = 0;
		stmt_values(st, v, (int)r->ncolumns);
		for (size_t i = 0; rc == 0 && i < r->ncolumns; i++) {
			rc = take_cell(r, &r->columns[i], &v[i], e);
			left -= (int64_t)v[i].s.len;
		}
		left -= ROW_BYTES;
		r->n++;
	}
	free(v);
	*bytes -= left;
	return (rc == 0 && left < 0 ? 1 : rc);
}

/* --- looking up ---------------------------------------------------------------- */

static void
lower(struct str s, struct buf *out)
{
	buf_reset(out);
	buf_putstr(out, s);
	for (size_t i = 0; i < out->len; i++)
		if (out->ptr[i] >= 'A' && out->ptr[i] <= 'Z')
			out->ptr[i] = (char)(out->ptr[i] + 32);
}

static void *
numbers(size_t n)
{
	uint32_t *p = calloc(n + 1, sizeof(*p));

	if (p == NULL)
		err_oom((n + 1) * sizeof(*p));
	return (p);
}

/* The number in ${low} of each text of the pool. */
static void
need_low(struct rows *r)
{
	BUF_SCOPED b = BUF_INIT;

	if (r->low_of != NULL)
		return;
	pool_init(&r->low);
	r->low_of = numbers(r->texts->pool.n);
	for (uint32_t i = 0; i < r->texts->pool.n; i++) {
		lower(pool_get(&r->texts->pool, i), &b);
		r->low_of[i] = pool_put(&r->low, buf_str(&b));
	}
}

static int
by_value(const void *a, const void *b, void *ctx)
{
	const struct column *c = ctx;
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
	int64_t vx = c->ints.at[x], vy = c->ints.at[y];

	return (vx != vy ? (vx < vy ? -1 : 1) : (x > y) - (x < y));
}

static void
index_ints(const struct rows *r, struct column *c, struct index *x)
{
	x->order = numbers(r->n);
	for (size_t i = 0; i < r->n; i++)
		x->order[i] = (uint32_t)i;
	qsort_r(x->order, r->n, sizeof(*x->order), by_value, c);
	for (size_t i = 0; i < r->n; i++)
		x->distinct += i == 0 ||
		    c->ints.at[x->order[i]] != c->ints.at[x->order[i - 1]];
}

static void
index_texts(const struct rows *r, struct column *c, bool alike,
    struct index *x)
{
	uint32_t sum = 0;

	x->ntexts = alike ? r->low.n : r->texts->pool.n;
	if ((x->of = calloc(x->ntexts, sizeof(*x->of))) == NULL)
		err_oom(x->ntexts * sizeof(*x->of));
	if (!c->sorted || alike)
		x->order = numbers(r->n);
	for (int round = 0; round < 2; round++) {
		for (size_t i = 0; i < r->n; i++) {
			if (c->texts.at[i] == NONE)
				continue;
			uint32_t k = pool_number(&r->texts->pool,
			    c->texts.at[i]);
			struct span *of = &x->of[alike ? r->low_of[k] : k];
			if (round == 1)
				x->order[of->first + of->n] = (uint32_t)i;
			else if (of->n == 0)
				of->first = (uint32_t)i;
			x->distinct += round == 0 && of->n == 0;
			of->n++;
		}
		if (x->order == NULL)
			break;
		for (uint32_t k = 0; round == 0 && k < x->ntexts; k++) {
			x->of[k].first = sum;
			sum += x->of[k].n;
			x->of[k].n = 0;
		}
	}
}

static const struct index *
index_of(struct rows *r, struct column *c, bool alike)
{
	struct index **x = &c->by[alike];

	if (*x != NULL)
		return (*x);
	if ((*x = calloc(1, sizeof(**x))) == NULL)
		err_oom(sizeof(**x));
	if (alike)
		need_low(r);
	if (c->integer)
		index_ints(r, c, *x);
	else
		index_texts(r, c, alike, *x);
	return (*x);
}

/* Where the integers are that are at least, or more than, ${v}. */
static size_t
bound(const struct column *c, size_t n, int64_t v, bool more)
{
	size_t lo = 0, hi = n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		int64_t x = c->ints.at[c->by[0]->order[mid]];
		if (x < v || (more && x == v))
			lo = mid + 1;
		else
			hi = mid;
	}
	return (lo);
}

static inline bool
holds(const struct rows *r, const struct term *t, size_t row)
{
	const struct column *c = t->column;

	if (c->integer)
		return (c->ints.at[row] >= t->least && c->ints.at[row] <= t->most &&
		    !(c->has_nulls && c->nulls.at[row] != 0));
	if (t->op == OP_EQ)
		return (c->texts.at[row] == t->at);
	return (c->texts.at[row] != NONE &&
	    r->low_of[pool_number(&r->texts->pool, c->texts.at[row])] == t->text);
}

/* --- as SQLite sees it ----------------------------------------------------------- */

static int
connect(sqlite3 *h, void *aux, int argc, const char *const *argv,
    sqlite3_vtab **ret, char **why)
{
	BUF_SCOPED ddl = BUF_INIT;
	struct rows *r = aux;

	(void)argc;
	(void)argv;
	(void)why;
	buf_puts(&ddl, "CREATE TABLE x(");
	for (size_t i = 0; i < r->ncolumns; i++)
		buf_printf(&ddl, "%s\"%s\" %s", i > 0 ? ", " : "",
		    r->columns[i].name, r->columns[i].integer ? "INTEGER" : "TEXT");
	buf_puts(&ddl, ")");
	int rc = sqlite3_declare_vtab(h, ddl.ptr);
	if (rc == SQLITE_OK)
		rc = sqlite3_vtab_config(h, SQLITE_VTAB_INNOCUOUS);
	if (rc != SQLITE_OK)
		return (rc);
	struct table *t = calloc(1, sizeof(*t));
	if (t == NULL)
		err_oom(sizeof(*t));
	t->rows = r;
	*ret = &t->base;
	return (SQLITE_OK);
}

static int
disconnect(sqlite3_vtab *v)
{
	free(v);
	return (SQLITE_OK);
}

static int
destroy(sqlite3_vtab *v)
{
	clear(((struct table *)v)->rows);
	return (disconnect(v));
}

/* What can be made of a condition; 0: nothing. */
static char
op_of(const struct column *c, int op, const char *collation)
{
	if (op == SQLITE_INDEX_CONSTRAINT_EQ) {
		if (c->integer || sqlite3_stricmp(collation, "BINARY") == 0)
			return (OP_EQ);
		return (sqlite3_stricmp(collation, "NOCASE") == 0 ? OP_ALIKE : 0);
	}
	if (!c->integer)
		return (0);
	switch (op) {
	case SQLITE_INDEX_CONSTRAINT_LT:
		return (OP_LT);
	case SQLITE_INDEX_CONSTRAINT_LE:
		return (OP_LE);
	case SQLITE_INDEX_CONSTRAINT_GT:
		return (OP_GT);
	case SQLITE_INDEX_CONSTRAINT_GE:
		return (OP_GE);
	default:
		return (0);
	}
}

static bool
is_equal(char op)
{
	return (op == OP_EQ || op == OP_ALIKE);
}

/* The order of a statement is ours, and needs no sort. */
static bool
in_order(const struct rows *r, const sqlite3_index_info *x)
{
	return (x->nOrderBy == 1 && !x->aOrderBy[0].desc &&
	    x->aOrderBy[0].iColumn >= 0 &&
	    r->columns[x->aOrderBy[0].iColumn].sorted);
}

/* The columns that are looked at, behind the terms of a plan. */
static void
put_used(char *plan, uint64_t used)
{
	for (int col = 0, n = 0; col < 63 && n < USED_MAX; col++)
		if (used >> col & 1) {
			sqlite3_snprintf(3, plan, "%02x", col);
			plan += 2;
			n++;
		}
}

/* What a row costs that does not lie beside the one before it. */
#define SCATTERED 3

static int
best_index(sqlite3_vtab *v, sqlite3_index_info *x)
{
	struct rows *r = ((struct table *)v)->rows;
	char *plan = sqlite3_malloc(TERMS_MAX * 3 + USED_MAX * 2 + 1);
	int n = 0, chosen = 0;
	uint32_t most = 1;

	if (plan == NULL)
		return (SQLITE_NOMEM);
	double rows = (double)r->n, group = rows, cost;
	bool together = false;
	plan[0] = '\0';
	for (int i = 0; i < x->nConstraint && n < TERMS_MAX; i++) {
		int col = x->aConstraint[i].iColumn;
		if (!x->aConstraint[i].usable || col < 0)
			continue;
		struct column *c = &r->columns[col];
		char op = op_of(c, x->aConstraint[i].op,
		    sqlite3_vtab_collation(x, i));
		if (op == 0)
			continue;
		sqlite3_snprintf(4, plan + (ptrdiff_t)n * 3, "%c%02x", op, col);
		x->aConstraintUsage[i].argvIndex = ++n;
		/* Of integers filter() says the last word. */
		x->aConstraintUsage[i].omit = c->integer;
		rows /= is_equal(op) ? 4 : 2;
		if (!is_equal(op))
			continue;
		const struct index *by = index_of(r, c, op == OP_ALIKE);
		if (by->distinct > most) {
			most = by->distinct;
			chosen = n;
			together = c->sorted && op == OP_EQ;
		}
	}
	if (chosen > 0)
		group = (double)r->n / most;
	cost = together ? group : group * SCATTERED;
	if (rows > group)
		rows = group;
	put_used(plan + (ptrdiff_t)n * 3, x->colUsed);
	x->idxNum = chosen;
	x->idxStr = plan;
	x->needToFreeIdxStr = 1;
	x->orderByConsumed = in_order(r, x);
	x->estimatedRows = rows < 1 ? 1 : (sqlite3_int64)rows;
	x->estimatedCost = chosen > 0 ? cost + 3 : group + 1;
	return (SQLITE_OK);
}

static int
open_cursor(sqlite3_vtab *v, sqlite3_vtab_cursor **ret)
{
	struct cursor *c = calloc(1, sizeof(*c));

	if (c == NULL)
		err_oom(sizeof(*c));
	c->rows = ((struct table *)v)->rows;
	*ret = &c->base;
	return (SQLITE_OK);
}

static int
close_cursor(sqlite3_vtab_cursor *c)
{
	free(c);
	return (SQLITE_OK);
}

static void
skip(struct cursor *c)
{
	for (; c->at < c->end; c->at++) {
		size_t row = c->order != NULL ? c->order[c->at] : c->at, i = 0;
		while (i < c->nterms && holds(c->rows, &c->terms[i], row))
			i++;
		if (i == c->nterms)
			return;
	}
}

static size_t
row_of(const struct cursor *c)
{
	return (c->order != NULL ? c->order[c->at] : c->at);
}

/* What is looked for. */
enum want {
	WANT_NONE,   /* no row has it */
	WANT_ALL,    /* of another kind, which SQLite may convert, and compares */
	WANT_THESE,
	WANT_SOME    /* all but nulls */
};

static enum want
want_some(struct term *t, bool is)
{
	t->least = INT64_MIN;
	t->most = INT64_MAX;
	return (is ? WANT_SOME : WANT_NONE);
}

static enum want
want_integer(struct term *t, int64_t v)
{
	t->least = t->op == OP_LT || t->op == OP_LE ? INT64_MIN : v;
	t->most = t->op == OP_GT || t->op == OP_GE ? INT64_MAX : v;
	if ((t->op == OP_LT && v == INT64_MIN) || (t->op == OP_GT &&
	    v == INT64_MAX))
		return (WANT_NONE);
	t->least += t->op == OP_GT;
	t->most -= t->op == OP_LT;
	return (WANT_THESE);
}

/* A number that is no integer: what it means for those. */
static enum want
want_real(struct term *t, double d)
{
	bool less = t->op == OP_LT || t->op == OP_LE;

	if (d >= 0x1p63)
		return (want_some(t, less));
	if (d < -0x1p63)
		return (want_some(t, !less && t->op != OP_EQ));
	int64_t v = (int64_t)d;
	bool whole = (double)v == d;
	if (t->op == OP_EQ && !whole)
		return (WANT_NONE);
	/* Less than 1.5 is less than 2; up to 1.5 is up to 1. */
	if (!whole && d > 0 && (t->op == OP_LT || t->op == OP_GE))
		v++;
	if (!whole && d < 0 && (t->op == OP_LE || t->op == OP_GT))
		v--;
	return (want_integer(t, v));
}

/*
 * An integer column against any value, as SQLite compares: texts that look like
 * a number are one, other texts and bytes are more than all numbers.
 */
static enum want
want_number(struct term *t, sqlite3_value *v)
{
	int type = sqlite3_value_numeric_type(v);

	if (type == SQLITE_INTEGER)
		return (want_integer(t, sqlite3_value_int64(v)));
	if (type == SQLITE_FLOAT)
		return (want_real(t, sqlite3_value_double(v)));
	return (want_some(t, t->op == OP_LT || t->op == OP_LE));
}

/* The number of a text, which mostly is one that was handed out. */
static uint32_t
text_of(const struct texts *t, sqlite3_value *v)
{
	const char *p = (const char *)sqlite3_value_text(v);
	struct str s = { p, (size_t)sqlite3_value_bytes(v) };
	uint32_t i;

	if (p == NULL)
		err_oom(0);
	i = pool_of(&t->pool, p);
	return (i != NONE && t->pool.text[i].len == s.len ? i :
	    pool_find(&t->pool, s));
}

static enum want
want(const struct rows *r, struct term *t, sqlite3_value *v)
{
	BUF_SCOPED b = BUF_INIT;
	int type = sqlite3_value_type(v);

	if (type == SQLITE_NULL)
		return (WANT_NONE);
	if (t->column->integer)
		return (want_number(t, v));
	if (type != SQLITE_TEXT)
		return (WANT_ALL);
	if (t->op == OP_EQ) {
		if ((t->text = text_of(r->texts, v)) == NONE)
			return (WANT_NONE);
		t->at = r->texts->pool.text[t->text].at;
		return (WANT_THESE);
	}
	struct str s = { (const char *)sqlite3_value_text(v),
		(size_t)sqlite3_value_bytes(v) };
	if (s.ptr == NULL)
		err_oom(0);
	lower(s, &b);
	t->text = pool_find(&r->low, buf_str(&b));
	return (t->text == NONE ? WANT_NONE : WANT_THESE);
}

/* Only the rows of the index that the term asks for. */
static void
narrow(struct cursor *c, const struct term *t)
{
	const struct column *col = t->column;
	const struct index *x = col->by[t->op == OP_ALIKE];

	c->order = x->order;
	if (col->integer) {
		c->at = bound(col, c->rows->n, t->least, false);
		c->end = bound(col, c->rows->n, t->most, true);
	} else if (t->text >= x->ntexts) {
		c->at = c->end = 0;
	} else {
		c->at = x->of[t->text].first;
		c->end = c->at + x->of[t->text].n;
	}
}

static unsigned
hex(char c)
{
	return ((unsigned)(c <= '9' ? c - '0' : c - 'a' + 10));
}

/*
 * The rows of a value lie anywhere: to wait for the memory of all columns that
 * will be looked at together takes no longer than to wait for one.
 */
static void
fetch(const struct cursor *c, const char *used)
{
	size_t n = c->end - c->at, row = row_of(c);
	size_t last = c->order == NULL ? row + n - 1 : row;

	for (; n > 0 && used[0] != '\0'; used += 2) {
		const struct column *col =
		    &c->rows->columns[hex(used[0]) << 4 | hex(used[1])];
		if (col->integer) {
			__builtin_prefetch(&col->ints.at[row]);
			__builtin_prefetch(&col->ints.at[last]);
		} else {
			__builtin_prefetch(&col->texts.at[row]);
			__builtin_prefetch(&col->texts.at[last]);
		}
	}
}

static int
filter(sqlite3_vtab_cursor *p, int chosen, const char *plan, int argc,
    sqlite3_value **argv)
{
	struct cursor *c = (struct cursor *)p;
	const struct rows *r = c->rows;

	c->order = NULL;
	c->at = 0;
	c->end = r->n;
	c->nterms = 0;
	for (int i = 0; i < argc; i++, plan += 3) {
		struct term t = { .op = (enum op)plan[0],
			.column = &r->columns[hex(plan[1]) << 4 | hex(plan[2])] };
		enum want w = want(r, &t, argv[i]);
		if (w == WANT_NONE) {
			c->at = c->end = 0;
			return (SQLITE_OK);
		}
		if (w == WANT_ALL)
			continue;
		bool by = i + 1 == chosen && w == WANT_THESE;
		if (by)
			narrow(c, &t);
		/* An index of integers holds nulls as if they were 0. */
		if (!by || t.column->integer)
			c->terms[c->nterms++] = t;
	}
	if (chosen > 0 && c->at < c->end)
		fetch(c, plan);
	skip(c);
	return (SQLITE_OK);
}

static int
next(sqlite3_vtab_cursor *p)
{
	struct cursor *c = (struct cursor *)p;

	c->at++;
	if (c->nterms > 0)
		skip(c);
	return (SQLITE_OK);
}

static int
at_end(sqlite3_vtab_cursor *p)
{
	const struct cursor *c = (const struct cursor *)p;

	return (c->at >= c->end);
}

/*
 * Rows are mostly given in order: the text some rows on is fetched, which may lie
 * anywhere, and what another table needs to know it by, once its number is there.
 */
#define AHEAD 8
#define AHEAD_KNOWN 4

static void
fetch_ahead(const struct texts *t, const struct column *c, size_t row)
{
	const char *bytes = t->pool.bytes.ptr;
	uint32_t known = c->texts.at[row + AHEAD_KNOWN];

	__builtin_prefetch((const void *)((uintptr_t)bytes +
	    c->texts.at[row + AHEAD]));
	if (known != NONE)
		__builtin_prefetch(&t->pool.text[pool_number(&t->pool, known)]);
}

static int
give(sqlite3_vtab_cursor *p, sqlite3_context *ctx, int i)
{
	const struct cursor *c = (const struct cursor *)p;
	const struct rows *r = c->rows;
	const struct column *col = &r->columns[i];
	size_t row = row_of(c);

	if (is_null(col, row))
		return (SQLITE_OK);
	if (col->integer) {
		sqlite3_result_int64(ctx, col->ints.at[row]);
		return (SQLITE_OK);
	}
	/* With its end marked, SQLite has no reason to copy it. */
	uint32_t at = col->texts.at[row];
	if (!col->sorted && row + AHEAD < r->n)
		fetch_ahead(r->texts, col, row);
	const struct pool *t = &r->texts->pool;
	sqlite3_result_text(ctx, t->bytes.ptr + at, r->texts->nul ?
	    (int)t->text[pool_number(t, at)].len : -1, SQLITE_STATIC);
	return (SQLITE_OK);
}

static int
row_id(sqlite3_vtab_cursor *p, sqlite3_int64 *ret)
{
	*ret = (sqlite3_int64)row_of((const struct cursor *)p) + 1;
	return (SQLITE_OK);
}

static const sqlite3_module module = { .iVersion = 1, .xCreate = connect,
	.xConnect = connect, .xBestIndex = best_index,
	.xDisconnect = disconnect, .xDestroy = destroy, .xOpen = open_cursor,
	.xClose = close_cursor, .xFilter = filter, .xNext = next,
	.xEof = at_end, .xColumn = give, .xRowid = row_id };

int
db_rows(struct db *db, const char *name, const struct db_rows_column *columns,
    size_t n, struct str select, int64_t *bytes, struct err *e)
{
	struct rows *r = calloc(1, sizeof(*r));

	if (r == NULL || (r->columns = calloc(n, sizeof(*r->columns))) == NULL)
		err_oom(n * sizeof(*r->columns));
	r->texts = take_texts(db_rows_slot(db));
	r->ncolumns = n;
	for (size_t i = 0; i < n; i++) {
		r->columns[i].integer = columns[i].integer;
		r->columns[i].sorted = !columns[i].integer;
		if ((r->columns[i].name = strdup(columns[i].name)) == NULL)
			err_oom(0);
	}
	int rc = fill(r, db, select, bytes, e);
	if (rc != 0) {
		rows_free(r);
		return (rc);
	}
	/* A module of its own for each table; SQLite frees the rows with it. */
	if (sqlite3_create_module_v2(db_handle(db), name, &module, r,
	    rows_free) != SQLITE_OK)
		return (db_error(db, e, NULL));
	return (db_execf(db, e, "CREATE VIRTUAL TABLE temp.\"%s\" USING \"%s\"",
	    name, name));
}
