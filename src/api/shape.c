#include "api/shape.h"

#include "api/look.h"
#include "api/records.h"
#include "api/route.h"
#include "base/vec.h"
#include "text/date.h"
#include "text/json.h"
#include "text/timefmt.h"

const struct shape *
shape_find(const struct shape *s, struct str name)
{
	for (; s != NULL && s->name != NULL; s++)
		if (str_is(name, s->name))
			return (s);
	return (NULL);
}

/* --- reading ---------------------------------------------------------------- */

struct reading {
	struct context *x;
	struct call *c;
	VEC(struct problem_item) wrong;
};

static void
wrong(struct reading *r, struct str name, int64_t nth, const char *message,
    const char *fix)
{
	BUF_SCOPED b = BUF_INIT;

	problem_pointer(&b, name);
	if (nth >= 0)
		buf_printf(&b, "/%lld", (long long)nth);
	vec_push(&r->wrong, (struct problem_item){
	    .pointer = arena_strdup(&r->c->a, b.ptr), .message = message,
	    .fix = fix });
}

static bool
one_of(struct str s, const char *values)
{
	struct str rest = str_from(values), one;

	while (rest.len != 0 && str_split(&rest, ' ', &one))
		if (str_eq(one, s))
			return (true);
	return (false);
}

static const char *
no_control(struct str s, bool lines)
{
	for (size_t i = 0; i < s.len; i++)
		if (((unsigned char)s.ptr[i] < 0x20 && !(lines &&
		    strchr("\n\t", s.ptr[i]) != NULL)) || s.ptr[i] == 0x7f)
			return ("it has a control character");
	return (NULL);
}

/* A text of any of the kinds; NULL if it is good. */
static const char *
text_wrong(struct reading *r, const struct shape *f, const struct val *v,
    const char **fix)
{
	struct arena *a = &r->c->a;
	int64_t most = f->max != 0 ? f->max : SHAPE_LONG, n;

	*fix = "send a text";
	if (v->type != VAL_STR)
		return ("it is no text");
	if ((int64_t)v->u.s.len > most) {
		*fix = arena_printf(a, "write %lld bytes at most", (long long)most);
		return (arena_printf(a, "it has %zu bytes", v->u.s.len));
	}
	*fix = "leave it out";
	const char *bad = no_control(v->u.s, f->kind == SHAPE_TEXT &&
	    most > SHAPE_LONG);
	if (bad != NULL)
		return (bad);
	*fix = f->values != NULL ? arena_printf(a, "write one of: %s", f->values) :
	    f->kind == SHAPE_DATE ? "write dates as 2026-01-31" :
	    "write times as 2026-01-31T12:00:00Z";
	if (f->values != NULL && !one_of(v->u.s, f->values))
		return ("it is none of its values");
	if (f->kind == SHAPE_DATE && date_parse(v->u.s, &n, NULL) != 0)
		return ("it is no day");
	if (f->kind == SHAPE_TIME && time_parse(v->u.s, &n, NULL) != 0)
		return ("it is no time");
	*fix = "write a text, or leave it out";
	return (f->required && str_trim(v->u.s).len == 0 ? "it is empty" : NULL);
}

/* The record that is named becomes its id, as far as it may be seen. */
static int
refer(struct reading *r, const struct shape *f, struct str name, int64_t nth,
    struct val *v, struct err *e)
{
	struct record *rec;
	struct err own;
	int k = look_named(r->x, &r->c->a, f->target, v->u.s, &rec, &own);

	if (k == 0) {
		v->u.s = rec->id;
		return (0);
	}
	if (k == -ERR_NOTFOUND) {
		wrong(r, name, nth, arena_strdup(&r->c->a, own.what),
		    problem_fix(&r->c->a, own.fix));
		return (0);
	}
	if (e != NULL)
		*e = own;
	return (k);
}

static int
read_many(struct reading *r, const struct shape *f, struct str name,
    struct val *v, struct err *e)
{
	struct shape one = *f;
	const char *bad, *fix;
	int k = 0;

	one.kind = f->kind == SHAPE_REFS ? SHAPE_REF : SHAPE_TEXT;
	if (v->type != VAL_LIST) {
		wrong(r, name, -1, "it is no list", "send a list of texts");
		return (0);
	}
	if (v->u.list.n > SHAPE_MANY) {
		wrong(r, name, -1, "there are too many", "send fewer");
		return (0);
	}
	for (size_t i = 0; k == 0 && i < v->u.list.n; i++)
		if ((bad = text_wrong(r, &one, v->u.list.at[i], &fix)) != NULL)
			wrong(r, name, (int64_t)i, bad, fix);
		else if (f->kind == SHAPE_REFS)
			k = refer(r, f, name, (int64_t)i, v->u.list.at[i], e);
	if (f->required && v->u.list.n == 0)
		wrong(r, name, -1, "it is empty", "name one or more");
	return (k);
}

static void
read_map(struct reading *r, const struct shape *f, struct str name,
    const struct val *v)
{
	struct shape one = { .kind = SHAPE_TEXT, .max = f->max };
	const char *bad, *fix;

	if (v->type != VAL_MAP || v->u.map.n > SHAPE_MANY) {
		wrong(r, name, -1, "it is no object, or one that is too large",
		    "send {\"name\": \"text\", ...}");
		return;
	}
	for (size_t i = 0; i < v->u.map.n; i++)
		if ((bad = text_wrong(r, &one, v->u.map.at[i], &fix)) != NULL)
			wrong(r, name, -1, arena_printf(&r->c->a, STR_FMT ": %s",
			    STR_ARG(v->u.map.key[i]), bad), fix);
}

static int
read_member(struct reading *r, const struct shape *f, struct str name,
    struct val *v, struct err *e)
{
	const char *bad, *fix;

	switch (f->kind) {
	case SHAPE_INT:
		if (v->type != VAL_INT || v->u.i < 0 || (f->max != 0 &&
		    v->u.i > f->max))
			wrong(r, name, -1, "it is no such number", arena_printf(
			    &r->c->a, "send a whole number from 0 to %lld",
			    (long long)(f->max != 0 ? f->max : INT64_MAX)));
		return (0);
	case SHAPE_BOOL:
		if (v->type != VAL_BOOL)
			wrong(r, name, -1, "it is neither true nor false",
			    "send true or false");
		return (0);
	case SHAPE_TEXTS:
	case SHAPE_REFS:
		return (read_many(r, f, name, v, e));
	case SHAPE_MAP:
		read_map(r, f, name, v);
		return (0);
	case SHAPE_OBJECTS:
		BUG("a list of objects is sent");
	default:
		if ((bad = text_wrong(r, f, v, &fix)) != NULL)
			wrong(r, name, -1, bad, fix);
		else if (f->kind == SHAPE_REF)
			return (refer(r, f, name, -1, v, e));
		return (0);
	}
}

static int
read_all(struct reading *r, const struct shape *s, struct err *e)
{
	struct val *v = r->c->value;
	int k = 0;

	for (size_t i = 0; k == 0 && i < v->u.map.n; i++) {
		const struct shape *f = shape_find(s, v->u.map.key[i]);
		if (f == NULL)
			wrong(r, v->u.map.key[i], -1, "there is no such field",
			    "leave it out");
		else if (v->u.map.at[i]->type != VAL_NULL)
			k = read_member(r, f, v->u.map.key[i], v->u.map.at[i], e);
		else if (f->required)
			wrong(r, v->u.map.key[i], -1, "it is needed", "send it");
	}
	for (const struct shape *f = s; k == 0 && f->name != NULL; f++)
		if (f->required && val_get(v, f->name) == NULL)
			wrong(r, str_from(f->name), -1, "it is needed", f->what);
	return (k);
}

int
shape_read(struct context *x, struct call *c, const struct shape *s,
    struct err *e)
{
	struct reading r = { .x = x, .c = c };
	int k = 0;

	/* Nothing is sent where nothing has to be. */
	if (c->body.len == 0 && c->field[CALL_CONTENT_TYPE].ptr == NULL)
		c->value = val_map(&c->a);
	else
		k = records_object(c, "application/json", e);
	if (k == 0)
		k = read_all(&r, s, e);
	if (k == 0 && r.wrong.n != 0) {
		struct problem *p = arena_new(&c->a, struct problem);
		struct problem_item *it = arena_array(&c->a, r.wrong.n,
		    sizeof(*it));
		memcpy(it, r.wrong.at, r.wrong.n * sizeof(*it));
		*p = (struct problem){ .status = 422, .items = it,
			.n = r.wrong.n, .wrong = r.wrong.n };
		p->detail = arena_printf(&c->a, "%s: %s", it[0].pointer + 1,
		    it[0].message);
		p->fix = it[0].fix;
		c->problem = p;
		k = -(int)ERR_INPUT;
	}
	vec_free(&r.wrong);
	return (k);
}

/* --- its schema -------------------------------------------------------------- */

static void
write_text(struct json_writer *w, const struct shape *f, bool sent)
{
	struct str rest = str_from(f->values), one;

	json_ktext(w, "type", "string");
	if (f->kind == SHAPE_DATE)
		json_ktext(w, "format", "date");
	if (f->kind == SHAPE_TIME)
		json_ktext(w, "format", "date-time");
	if (f->values != NULL) {
		json_key(w, "enum");
		json_array(w);
		while (rest.len != 0 && str_split(&rest, ' ', &one))
			json_str(w, one);
		json_close(w);
	} else if (f->kind == SHAPE_REF && f->target != 0) {
		json_ktext(w, "x-record", schema_get(f->target)->name);
	}
	if (f->values == NULL && sent && (f->kind == SHAPE_TEXT ||
	    f->kind == SHAPE_REF)) {
		json_kint(w, "maxLength", f->max != 0 ? f->max : SHAPE_LONG);
		if (f->required)
			json_kint(w, "minLength", 1);
	}
}

static void
write_form(struct json_writer *w, const struct shape *f, bool sent)
{
	struct shape one = { .kind = f->kind == SHAPE_REFS ? SHAPE_REF :
		SHAPE_TEXT, .target = f->target, .max = f->max };

	json_object(w);
	switch (f->kind) {
	case SHAPE_INT:
		json_ktext(w, "type", "integer");
		if (sent) {
			json_kint(w, "minimum", 0);
			if (f->max != 0)
				json_kint(w, "maximum", f->max);
		}
		break;
	case SHAPE_BOOL:
		json_ktext(w, "type", "boolean");
		break;
	case SHAPE_TEXTS:
	case SHAPE_REFS:
		json_ktext(w, "type", "array");
		json_key(w, "items");
		write_form(w, &one, sent);
		break;
	case SHAPE_MAP:
		json_ktext(w, "type", "object");
		json_key(w, "additionalProperties");
		write_form(w, &one, sent);
		break;
	case SHAPE_OBJECTS:
		json_ktext(w, "type", "array");
		json_key(w, "items");
		shape_write(w, f->of, sent);
		break;
	default:
		write_text(w, f, sent);
	}
	json_close(w);
}

void
shape_write(struct json_writer *w, const struct shape *s, bool sent)
{
	json_object(w);
	json_ktext(w, "type", "object");
	json_key(w, "properties");
	json_object(w);
	for (const struct shape *f = s; f->name != NULL; f++) {
		json_key(w, f->name);
		json_object(w);
		json_ktext(w, "description", f->what);
		json_key(w, "anyOf");
		json_array(w);
		write_form(w, f, sent);
		if (!sent) {
			json_object(w);
			json_ktext(w, "$ref", "#/components/schemas/Masked");
			json_close(w);
		}
		if (!sent || !f->required) {
			json_object(w);
			json_ktext(w, "type", "null");
			json_close(w);
		}
		json_close(w);
		json_close(w);
	}
	json_close(w);
	json_key(w, "required");
	json_array(w);
	for (const struct shape *f = s; f->name != NULL; f++)
		if (!sent || f->required)
			json_text(w, f->name);
	json_close(w);
	json_kbool(w, "additionalProperties", false);
	json_close(w);
}
