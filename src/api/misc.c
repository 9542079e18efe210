#include "api/misc.h"

#include "api/lists.h"
#include "api/openapi.h"
#include "record/reader.h"
#include "record/search.h"
#include "record/workspace.h"
#include "text/json.h"

const struct param misc_search_params[] = {
	{ "q", "Words to search for, as in a list.",
	    "{\"type\":\"string\",\"minLength\":1,\"maxLength\":500}", false },
	{ "limit", "Results of each type.", "{\"type\":\"integer\",\"minimum\":1,"
	    "\"maximum\":50,\"default\":10}", false },
	{ NULL, NULL, NULL, false },
};

int
misc_openapi(struct context *x, struct call *c, struct err *e)
{
	(void)x;
	(void)e;
	buf_putstr(&c->out, openapi_text());
	c->status = 200;
	call_tag(c);
	return (0);
}

static void
put_roles(struct arena *a, struct val *m, unsigned roles)
{
	struct val *list = val_list(a);

	for (int i = 0; i < ROLE_BIT_MAX; i++)
		if ((roles >> i & 1) != 0)
			val_push(a, list, val_text(a, schema_role_word(
			    (enum schema_role_bit)i)));
	val_put(a, m, "roles", list);
}

int
misc_me(struct context *x, struct call *c, struct err *e)
{
	struct arena *a = &c->a;
	struct val *m = val_map(a);

	(void)e;
	val_put(a, m, "actor", val_str(a, c->who.id));
	put_roles(a, m, c->who.roles);
	val_put(a, m, "person", c->who.person.len != 0 ?
	    val_str(a, c->who.person) : val_null(a));
	val_put(a, m, "organisation", val_str(a, x->ws->org));
	call_json(c, 200, m);
	call_tag(c);
	return (0);
}

/* What whoever asks may do with records of a type, if with some. */
static struct val *
acts(struct arena *a, const struct access_who *as,
    const struct schema_type *t)
{
	struct val *list = val_list(a);

	for (int i = 0; i < ACCESS_ACT_MAX; i++)
		if (access_when(as, t, ACCESS_RECORD, (enum access_act)i) !=
		    ACCESS_NEVER)
			val_push(a, list, val_text(a, access_act_word(
			    (enum access_act)i)));
	return (list);
}

static struct val *
field_val(struct arena *a, const struct schema_field *f)
{
	struct val *m = val_map(a);

	val_put(a, m, "name", val_text(a, f->name));
	val_put(a, m, "title", val_text(a, f->title));
	val_put(a, m, "kind", val_text(a, schema_kind_word(f->kind)));
	val_put(a, m, "class", val_text(a, schema_class_word(f->cls)));
	val_put(a, m, "required", val_bool(a, f->required));
	val_put(a, m, "note", val_text(a, f->sentence));
	return (m);
}

static int
put_types(struct call *c, bool records)
{
	struct access_who as = record_as(&c->who);
	struct arena *a = &c->a;
	struct val *top = val_map(a), *list = val_list(a);

	for (size_t i = 0; i < schema_ntypes; i++) {
		const struct schema_type *t = &schema_types[i];
		struct val *m = val_map(a), *fields = val_list(a);
		struct val *may = acts(a, &as, t);
		if (schema_is_record(t) != records || val_count(may) == 0)
			continue;
		for (size_t k = 0; k < t->nfields; k++)
			val_push(a, fields, field_val(a, &t->fields[k]));
		val_put(a, m, "name", val_text(a, t->name));
		val_put(a, m, "title", val_text(a, t->title));
		val_put(a, m, "note", val_text(a, t->note));
		val_put(a, m, "may", may);
		val_put(a, m, "fields", fields);
		val_push(a, list, m);
	}
	val_put(a, top, "items", list);
	call_json(c, 200, top);
	call_tag(c);
	return (0);
}

int
misc_types(struct context *x, struct call *c, struct err *e)
{
	(void)x;
	(void)e;
	return (put_types(c, true));
}

int
misc_tables(struct context *x, struct call *c, struct err *e)
{
	(void)x;
	(void)e;
	return (put_types(c, false));
}

/* Rows of an evidence table, at an instant: now, if none is given. */
int
misc_table(struct context *x, struct call *c, struct err *e)
{
	struct lists l;
	int r = lists_parse(x, c, &l, e);

	if (r == 0 && l.q.words.len != 0)
		return (call_problem(c, 400, "the texts of evidence are not "
		    "searched", "leave q out, and filter"));
	l.past = true;
	return (r != 0 ? r : lists_answer(x, c, &l, e));
}

struct hits {
	struct context *x;
	struct arena *a;
	struct val *list;
	size_t n, most;
};

static int
hit(void *ctx, const struct record *r, struct err *e)
{
	struct hits *h = ctx;
	struct val *m = val_map(h->a);

	(void)e;
	val_put(h->a, m, "type", val_text(h->a, r->type->name));
	val_put(h->a, m, "id", val_str(h->a, r->id));
	val_put(h->a, m, "label", val_str(h->a, record_label(h->x->store, h->a,
	    r)));
	val_push(h->a, h->list, m);
	return (++h->n == h->most);
}

int
misc_search(struct context *x, struct call *c, struct err *e)
{
	struct access_who as = record_as(&c->who);
	struct record_query q = { .sort = RECORD_BY_HANDLE,
		.words = params_get(&c->params, "q"),
		.classes = 1u << CLASS_PUBLIC | 1u << CLASS_INTERNAL |
		    1u << CLASS_CONFIDENTIAL };
	struct val *top = val_map(&c->a);
	struct hits h = { .x = x, .a = &c->a, .list = val_list(&c->a) };
	int64_t limit;
	int r = params_int(&c->params, "limit", 1, 50, 10, &limit, e);

	if (r == 0 && str_trim(q.words).len == 0)
		return (call_problem(c, 400, "there is no word to search for",
		    "give q"));
	h.most = (size_t)limit;
	for (size_t i = 0; r == 0 && i < schema_ntypes; i++) {
		const struct schema_type *t = &schema_types[i];
		struct err own;
		h.n = 0;
		if (!schema_is_record(t) || !search_has(t, q.classes) ||
		    access_when(&as, t, ACCESS_RECORD, ACCESS_LIST) ==
		    ACCESS_NEVER)
			continue;
		r = record_each(x->store, t, &q, hit, &h, &own);
		if (r == -ERR_DENIED)
			r = 0; /* of this type it may search nothing */
		else if (r != 0)
			*e = own;
	}
	if (r != 0)
		return (r);
	val_put(&c->a, top, "items", h.list);
	call_json(c, 200, top);
	call_tag(c);
	return (0);
}
