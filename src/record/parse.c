/* From what was written to cells, and to the record that is meant. */
#include "record/batch.h"

#include "ledger/id.h"
#include "record/store.h"
#include "schema/kind.h"

/* The field that a person may have meant by an unknown name. */
static const char *
nearest(const struct schema_type *t, struct str s)
{
	const char *best = NULL;
	size_t score = 0;

	for (size_t i = 0; i < t->nfields; i++) {
		const char *n = t->fields[i].name;
		size_t k = 0;
		while (k < s.len && n[k] != '\0' && (n[k] | 32) == (s.ptr[k] | 32))
			k++;
		if (k > score) {
			score = k;
			best = n;
		}
	}
	return (score >= 3 && score * 2 >= s.len ? best : NULL);
}

static void
unknown_field(struct batch *b, struct batch_item *it, struct str key,
    const struct val *v)
{
	const struct schema_type *t = it->change->type;
	const char *near = nearest(t, key);
	BUF_SCOPED fix = BUF_INIT;
	struct err p;

	if (near != NULL) {
		buf_printf(&fix, "perhaps %s is meant", near);
	} else {
		buf_puts(&fix, "the fields are");
		for (size_t i = 0; i < t->nfields; i++)
			buf_printf(&fix, "%s %s", i == 0 ? "" : ",",
			    t->fields[i].name);
	}
	if (t->mode == MODE_OPEN)
		buf_puts(&fix, "; what is your own goes under extra");
	err_set(&p, ERR_INPUT, NULL, fix.ptr, "%s %s has no field \"%.*s\"",
	    str_article(t->name), t->name, (int)(key.len > 60 ? 60 : key.len), key.ptr);
	batch_field(b, it, key, v->line, &p);
}

static bool
extra_name_ok(struct str k)
{
	if (k.len == 0 || k.len > 40)
		return (false);
	for (size_t i = 0; i < k.len; i++) {
		char c = k.ptr[i];
		if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9' && i != 0) ||
		    (c == '_' && i != 0)))
			return (false);
	}
	return (true);
}

/* One extra field: text, whole number or yes/no; null clears it. */
static void
read_extra(struct batch *b, struct batch_item *it, struct str key,
    const struct val *v)
{
	struct err p;

	if (it->change->type->mode != MODE_OPEN) {
		err_set(&p, ERR_INPUT, NULL, "leave it out",
		    "%s %s takes no extra fields",
		    str_article(it->change->type->name), it->change->type->name);
		batch_field(b, it, key, v->line, &p);
	} else if (!extra_name_ok(key)) {
		err_set(&p, ERR_INPUT, NULL, "use small letters, digits and _, at "
		    "most 40, a letter first", "the extra field \"%.*s\" has no "
		    "well-formed name", (int)(key.len > 60 ? 60 : key.len),
		    key.ptr);
		batch_field(b, it, key, v->line, &p);
	} else if (v->type != VAL_NULL && v->type != VAL_BOOL &&
	    v->type != VAL_INT && (v->type != VAL_STR ||
	    v->u.s.len > 2000 || !str_utf8_ok(v->u.s))) {
		err_set(&p, ERR_INPUT, NULL, "write a text of at most 2000 bytes, a "
		    "whole number, true or false", "the extra field " STR_FMT
		    " cannot hold this", STR_ARG(key));
		batch_field(b, it, key, v->line, &p);
	} else {
		if (it->new.extra == NULL)
			it->new.extra = val_map(b->a);
		val_putstr(b->a, it->new.extra, key, (struct val *)v);
	}
}

static void
read_field(struct batch *b, struct batch_item *it, struct str key,
    const struct val *v)
{
	const struct schema_type *t = it->change->type;
	struct err p = { .code = ERR_INPUT };
	int i = schema_field_titled(t, key);

	if (i < 0 && str_is(key, "extra") && v->type == VAL_MAP) {
		for (size_t k = 0; k < v->u.map.n; k++)
			read_extra(b, it, v->u.map.key[k], v->u.map.at[k]);
		return;
	}
	if (i < 0 && str_is(key, "extra") && v->type == VAL_NULL)
		return;
	if (i < 0 && str_starts(key, "extra.")) {
		read_extra(b, it, (struct str){ key.ptr + 6, key.len - 6 }, v);
		return;
	}
	if (i < 0 && str_is(key, "extra") && t->mode == MODE_OPEN) {
		err_set(&p, ERR_INPUT, NULL, "write name: value below it",
		    "extra: it is not a map of fields");
		batch_field(b, it, key, v->line, &p);
		return;
	}
	if (i < 0) {
		unknown_field(b, it, key, v);
		return;
	}
	if (it->given[i]) {
		err_set(&p, ERR_INPUT, NULL, "write it once",
		    "%s: it is given twice", t->fields[i].title);
		batch_field(b, it, key, v->line, &p);
		return;
	}
	it->given[i] = true;
	if (kind_from_val(b->a, &t->fields[i], v, &it->new.cells[i], &p) != 0) {
		batch_field(b, it, key, v->line, &p);
	} else if (it->new.cells[i].state == CELL_MASKED) {
		/* As it was read by somebody who may not see it: it stays. */
		it->given[i] = false;
		it->new.cells[i] = CELL_NONE;
	} else if (it->new.cells[i].state == CELL_UNKNOWN) {
		err_set(&p, ERR_INPUT, NULL, "leave it empty",
		    "%s: a record has no unknown fields", t->fields[i].title);
		batch_field(b, it, key, v->line, &p);
	}
}

/* The members that are not fields: id, rev, retired. */
static bool
read_special(struct batch *b, struct batch_item *it, struct str key,
    const struct val *v, struct str *ret_id)
{
	struct err p;

	if (str_is(key, "id")) {
		if (v->type == VAL_STR && (v->u.s.len == 0 || id_ok(v->u.s))) {
			*ret_id = v->u.s;
		} else if (v->type != VAL_NULL) {
			err_set(&p, ERR_INPUT, NULL, "leave it out for a new record",
			    "id: it is not an id that Tickmark gave");
			batch_field(b, it, key, v->line, &p);
		}
		return (true);
	}
	if (str_is(key, "rev")) {
		int64_t n = 0;
		if (v->type == VAL_INT)
			n = v->u.i;
		else if (v->type == VAL_STR && v->u.s.len != 0 &&
		    !str_to_i64(v->u.s, &n))
			n = -1;
		if (n < 0 || (n == 0 && v->type != VAL_STR && v->type != VAL_NULL)) {
			err_set(&p, ERR_INPUT, NULL, "leave it out",
			    "rev: it is not the number of a revision");
			batch_field(b, it, key, v->line, &p);
		} else if (n > 0) {
			it->if_rev = n;
		}
		return (true);
	}
	if (str_is(key, "retired")) {
		it->says_retired = (v->type == VAL_BOOL && v->u.b) ||
		    (v->type == VAL_STR && (str_is(v->u.s, "yes") ||
		    str_is(v->u.s, "true")));
		return (true);
	}
	return (false);
}

static int
load(struct batch *b, struct batch_item *it, struct str id, struct err *e)
{
	int r = store_load(b->store, b->a, it->change->type, id, &it->old, e);

	it->exists = r == 0;
	return (r == -ERR_NOTFOUND ? 0 : r);
}

static void
not_there(struct batch *b, struct batch_item *it, struct str name)
{
	struct err p;

	err_set(&p, ERR_NOTFOUND, NULL, arena_printf(b->a,
	    "see: tickmark record DIR %s list", it->change->type->name),
	    "there is no %s named \"%.*s\"", it->change->type->name,
	    (int)(name.len > 60 ? 60 : name.len), name.ptr);
	batch_problem(b, it, 0, &p);
}

/* A name that is not there yet becomes the handle of a new record. */
static void
name_new(struct batch *b, struct batch_item *it, struct str name)
{
	const struct schema_type *t = it->change->type;
	struct cell c = CELL_STR(name);

	if (t->key.n == 0 || it->change->retire || id_ok(name)) {
		not_there(b, it, name);
		return;
	}
	size_t key = t->key.at[0];
	if (it->given[key] || kind_check(&t->fields[key], &c, NULL) != 0) {
		not_there(b, it, name);
		return;
	}
	it->given[key] = true;
	it->new.cells[key] = c;
}

static int
identify_named(struct batch *b, struct batch_item *it, struct str name,
    struct err *e)
{
	const struct schema_type *t = it->change->type;
	struct str id;
	int r = id_ok(name) ? load(b, it, name, e) : 0;

	if (r != 0 || it->exists)
		return (r);
	r = store_by_handle(b->store, b->a, t, name, &id, e);
	if (r == -ERR_NOTFOUND)
		r = store_by_handle_like(b->store, b->a, t, name, &id, e);
	if (r == 0)
		return (load(b, it, id, e));
	if (r == -ERR_NOTFOUND) {
		name_new(b, it, name);
		r = 0;
	}
	return (r);
}

/*
 * Which record is meant: by name, by id, by its handle. The unique sets come
 * later, when references are resolved.
 */
static int
identify(struct batch *b, struct batch_item *it, struct str id, struct err *e)
{
	const struct schema_type *t = it->change->type;
	int r;

	if (it->change->name.len != 0)
		return (identify_named(b, it, it->change->name, e));
	if (id.len != 0) {
		r = load(b, it, id, e);
		if (r == 0 && !it->exists)
			not_there(b, it, id);
		return (r);
	}
	if (t->key.n == 0 || it->new.cells[t->key.at[0]].state != CELL_VALUE)
		return (0);
	r = store_by_handle(b->store, b->a, t, it->new.cells[t->key.at[0]].s, &id,
	    e);
	if (r == 0)
		return (load(b, it, id, e));
	return (r == -ERR_NOTFOUND ? 0 : r);
}

static int
read_item(struct batch *b, struct batch_item *it, struct err *e)
{
	const struct schema_type *t = it->change->type;
	const struct val *m = it->change->fields;
	struct str id = STR_NULL;
	struct err p;

	it->if_rev = it->change->if_rev;
	it->given = arena_array(b->a, t->nfields, sizeof(bool));
	it->new = (struct record){ .type = t,
		.cells = arena_array(b->a, t->nfields, sizeof(struct cell)) };
	it->old = (struct record){ .type = t, .cells = b->none };
	if (m != NULL && m->type != VAL_MAP) {
		err_set(&p, ERR_INPUT, NULL, "write field: value, one a line",
		    "a record is a map of fields, and this is not");
		batch_problem(b, it, m->line, &p);
		return (0);
	}
	for (size_t i = 0; m != NULL && i < m->u.map.n; i++)
		if (!read_special(b, it, m->u.map.key[i], m->u.map.at[i], &id))
			read_field(b, it, str_trim(m->u.map.key[i]),
			    m->u.map.at[i]);
	int r = identify(b, it, id, e);
	if (r != 0)
		return (r);
	if (it->change->retire && !it->exists && !it->wrong)
		not_there(b, it, it->change->name);
	return (0);
}

int
parse_all(struct batch *b, struct err *e)
{
	for (size_t i = 0; i < b->n; i++) {
		int r = read_item(b, &b->at[i], e);
		if (r != 0)
			return (r);
	}
	return (0);
}
