/* Reading records: one by its name; filters as people write them. */
#include "record/record.h"

#include "ledger/id.h"
#include "record/see.h"
#include "record/store.h"
#include "schema/kind.h"
#include "sys/db.h"

int
record_locate(struct see *x, struct arena *a, struct str name,
    struct record *ret_seen, struct record *ret_raw, struct err *e)
{
	struct record_store *s = x->store;
	const struct schema_type *t = x->type;
	struct record rec;
	struct str id = name;
	bool seen = false, by_id;
	int r = -ERR_NOTFOUND;

	if (id_ok(name))
		r = store_load(s, a, t, name, &rec, e);
	by_id = r == 0;
	if (r == -ERR_NOTFOUND) {
		r = store_by_handle(s, a, t, name, &id, e);
		if (r == -ERR_NOTFOUND)
			r = store_by_handle_like(s, a, t, name, &id, e);
		if (r == 0)
			r = store_load(s, a, t, id, &rec, e);
	}
	if (r == 0) {
		*ret_raw = rec;
		rec.cells = arena_array(a, t->nfields, sizeof(*rec.cells));
		memcpy(rec.cells, ret_raw->cells, t->nfields * sizeof(*rec.cells));
		r = see_record(x, &rec, NULL, &seen, e);
	}
	/* What may not be seen is not there, and a name that is masked finds
	 * nothing. */
	if (r == 0 && (!seen || (!by_id && t->key.n != 0 &&
	    rec.cells[t->key.at[0]].state == CELL_MASKED)))
		r = -ERR_NOTFOUND;
	if (r == -ERR_NOTFOUND)
		return (err_set(e, ERR_NOTFOUND, t->name, arena_printf(a,
		    "see: tickmark record DIR %s list", t->name),
		    "there is no %s named \"%.*s\"", t->name,
		    (int)(name.len > 60 ? 60 : name.len), name.ptr));
	if (r == 0)
		*ret_seen = rec;
	return (r);
}

int
record_find(struct record_store *s, struct arena *a,
    const struct schema_type *t, struct str name, struct record **ret,
    struct err *e)
{
	struct record *rec = arena_new(a, struct record), raw;
	struct see x;
	int r = see_begin(s, t, ACCESS_READ, &x, e);

	if (r == 0)
		r = record_locate(&x, a, name, rec, &raw, e);
	if (r != 0)
		return (r);
	see_shown(&x, rec);
	r = see_end(&x, e);
	if (r == 0)
		*ret = rec;
	return (r);
}

struct str
record_str(const struct record *r, size_t field)
{
	const struct cell *c = &r->cells[field];

	return (c->state == CELL_VALUE && c->s.ptr != NULL ? c->s : STR(""));
}

int64_t
record_int(const struct record *r, size_t field, int64_t otherwise)
{
	const struct cell *c = &r->cells[field];

	return (c->state == CELL_VALUE ? c->i : otherwise);
}

struct str
record_handle(struct record_store *s, struct arena *a,
    const struct schema_type *t, struct str id)
{
	struct record rec;

	/* A retired one has given up its handle. */
	if (t->key.n == 0 || store_load(s, a, t, id, &rec, NULL) != 0 ||
	    rec.retired || !see_handle(s, &rec))
		return (id);
	return (record_str(&rec, t->key.at[0]));
}

/* Handles in the place of ids; a text in ${a} otherwise. */
static struct cell
named(struct record_store *s, struct arena *a, const struct schema_field *f,
    const struct cell *c)
{
	struct str *items;

	if (!kind_is_ref(f) || c->state != CELL_VALUE)
		return (*c);
	size_t n = kind_items(a, f, c, &items);
	for (size_t i = 0; i < n; i++)
		items[i] = record_handle(s, a, schema_get(f->target), items[i]);
	return (kind_join(a, f, items, n));
}

struct str
record_text(struct record_store *s, struct arena *a, const struct record *r,
    size_t field)
{
	BUF_SCOPED b = BUF_INIT;
	const struct schema_field *f = &r->type->fields[field];
	struct cell c = named(s, a, f, &r->cells[field]);

	kind_print(f, &c, &b);
	return (arena_str(a, buf_str(&b)));
}

struct str
record_label(struct record_store *s, struct arena *a, const struct record *r)
{
	const struct schema_type *t = r->type;

	if (t->key.n != 0)
		return (record_str(r, t->key.at[0]));
	for (size_t i = 0; i < t->nunique; i++) {
		BUF_SCOPED b = BUF_INIT;
		for (size_t k = 0; k < t->unique[i].n; k++) {
			struct str x = record_text(s, a, r, t->unique[i].at[k]);
			buf_printf(&b, "%s", k == 0 ? "" : " / ");
			buf_putstr(&b, x);
		}
		return (arena_str(a, buf_str(&b)));
	}
	return (r->id);
}

struct val *
record_to_val(struct record_store *s, struct arena *a, const struct record *r)
{
	struct val *m = val_map(a);

	val_put(a, m, "id", val_str(a, r->id));
	val_put(a, m, "rev", val_int(a, r->rev));
	if (r->retired)
		val_put(a, m, "retired", val_bool(a, true));
	for (size_t i = 0; i < r->type->nfields; i++) {
		const struct schema_field *f = &r->type->fields[i];
		struct cell c = named(s, a, f, &r->cells[i]);
		if (c.state != CELL_ABSENT)
			val_put(a, m, f->name, kind_to_val(a, f, &c));
	}
	if (val_count(r->extra) != 0)
		val_put(a, m, "extra", r->extra);
	return (m);
}

/* --- filters --------------------------------------------------------------- */

static const struct {
	const char *text;
	enum record_op op;
} ops[] = { { "!=", RECORD_NE }, { "<=", RECORD_LE }, { ">=", RECORD_GE },
	{ "=", RECORD_EQ }, { "<", RECORD_LT }, { ">", RECORD_GT },
	{ "~", RECORD_HAS } };

/* Names of records become ids. */
static int
resolve(struct record_store *s, struct arena *a, const struct schema_field *f,
    struct cell *c, struct err *e)
{
	struct record_reader quiet = { 0 };
	struct record_store own = { .db = s->db, .ledger = s->ledger };
	struct str *items;
	size_t n = kind_items(a, f, c, &items);
	int r = 0;

	/* Only its id is taken: nothing of it is handed out. */
	if (s->reader != NULL) {
		quiet = *s->reader;
		quiet.dir = NULL;
		own.reader = &quiet;
	}
	for (size_t i = 0; r == 0 && i < n; i++) {
		struct record *rec;
		r = record_find(&own, a, schema_get(f->target), items[i], &rec, e);
		if (r == 0)
			items[i] = rec->id;
	}
	if (s->reader != NULL) {
		s->reader->arena = quiet.arena;
		s->reader->kinds = quiet.kinds;
	}
	if (r == 0)
		*c = kind_join(a, f, items, n);
	return (r);
}

static int
filter_value(struct record_store *s, struct arena *a,
    const struct schema_type *t, struct str text, struct record_filter *f,
    struct err *e)
{
	const struct schema_field *field = &t->fields[f->field];
	int r;

	if (f->op == RECORD_HAS && !kind_is_many(field) && !kind_is_ref(field)) {
		f->value = CELL_STR(arena_str(a, str_trim(text)));
		return (0);
	}
	r = kind_parse(a, field, text, &f->value, e);
	if (r == 0 && kind_is_ref(field) && f->value.state == CELL_VALUE)
		r = resolve(s, a, field, &f->value, e);
	if (r == 0 && f->value.state != CELL_VALUE && f->op != RECORD_EQ &&
	    f->op != RECORD_NE)
		r = err_set(e, ERR_USAGE, NULL, "write a value after it",
		    "a filter of %s has nothing to compare with", field->name);
	return (r);
}

bool
record_filter_next(struct str *rest, struct str *ret)
{
	static const char word[] = " and ";
	struct str s = *rest;
	const char *p;

	if (s.len == 0)
		return (false);
	p = memmem(s.ptr, s.len, word, sizeof(word) - 1);
	if (p == NULL) {
		*rest = STR_NULL;
	} else {
		rest->ptr = p + sizeof(word) - 1;
		rest->len = s.len - (size_t)(rest->ptr - s.ptr);
		s.len = (size_t)(p - s.ptr);
	}
	*ret = str_trim(s);
	return (true);
}

int
record_filter_parse(struct record_store *s, struct arena *a,
    const struct schema_type *t, struct str text, struct record_filter *ret,
    struct err *e)
{
	struct record_filter f = { 0 };
	size_t at = 0, len = 0;

	while (at < text.len && strchr("!<>=~", text.ptr[at]) == NULL)
		at++;
	for (size_t i = 0; len == 0 && i < sizeof(ops) / sizeof(ops[0]); i++) {
		struct str rest = { text.ptr + at, text.len - at };
		if (at < text.len && str_starts(rest, ops[i].text)) {
			f.op = ops[i].op;
			len = strlen(ops[i].text);
		}
	}
	if (len == 0)
		return (err_set(e, ERR_USAGE, NULL,
		    "write field=value, or != < <= > >= ~ in place of =",
		    "\"%.*s\" is no filter", (int)(text.len > 60 ? 60 : text.len),
		    text.ptr));
	struct str name = str_trim((struct str){ text.ptr, at });
	int i = schema_field_titled(t, name);
	if (i < 0)
		return (err_set(e, ERR_USAGE, NULL, arena_printf(a,
		    "see: tickmark record DIR %s fields", t->name),
		    "%s %s has no field \"%.*s\"", str_article(t->name), t->name,
		    (int)(name.len > 60 ? 60 : name.len), name.ptr));
	f.field = (uint16_t)i;
	int r = see_field(s, t, i, "filter", e);
	if (r != 0)
		return (r);
	r = filter_value(s, a, t, (struct str){ text.ptr + at + len,
	    text.len - at - len }, &f, e);
	if (r == 0)
		*ret = f;
	return (r);
}
