#include "api/openapi.h"

#include "api/files.h"
#include "api/route.h"
#include "api/rows.h"
#include "schema/kind.h"
#include "text/json.h"

/* --- schemas ------------------------------------------------------------------ */

/* A constant that is JSON already. */
static void
put_raw(struct json_writer *w, const char *text)
{
	ARENA_SCOPED a = ARENA_INIT;
	struct val *v;
	struct err e;

	if (json_parse(&a, "openapi", str_from(text), &v, &e) != 0)
		BUG("%s: %s", e.what, text);
	json_put_val(w, v);
}

static void
put_type(struct json_writer *w, const char *type)
{
	json_ktext(w, "type", type);
}

static void
put_ref(struct json_writer *w, const char *fmt, const char *name)
{
	char text[160];

	snprintf(text, sizeof(text), fmt, name);
	json_object(w);
	json_ktext(w, "$ref", text);
	json_close(w);
}

static void
put_note(struct json_writer *w, const struct schema_field *f)
{
	json_ktext(w, "title", f->title);
	json_ktext(w, "description", f->sentence);
}

/* What the field is, as kind_to_val() writes it; its form is the kind's. */
static void
put_field(struct json_writer *w, const struct schema_field *f, bool reading)
{
	ARENA_SCOPED a = ARENA_INIT;
	struct val *form = kind_form(&a, f);

	json_object(w);
	put_note(w, f);
	if (reading) {
		json_key(w, "oneOf");
		json_array(w);
		json_put_val(w, form);
		put_ref(w, "#/components/schemas/%s", "Masked");
		json_close(w);
	} else {
		json_key(w, "anyOf");
		json_array(w);
		json_put_val(w, form);
		json_object(w);
		put_type(w, "null");
		json_close(w);
		json_close(w);
	}
	json_close(w);
}

static void
put_given(struct json_writer *w)
{
	json_key(w, "id");
	json_object(w);
	put_type(w, "string");
	json_kbool(w, "readOnly", true);
	json_close(w);
	json_key(w, "rev");
	json_object(w);
	put_type(w, "integer");
	json_kint(w, "minimum", 1);
	json_close(w);
	json_key(w, "retired");
	json_object(w);
	put_type(w, "boolean");
	json_close(w);
}

static void
put_extra(struct json_writer *w)
{
	json_key(w, "extra");
	json_object(w);
	put_type(w, "object");
	json_ktext(w, "description", "Fields of the organisation's own: texts, "
	    "whole numbers, true or false.");
	json_key(w, "additionalProperties");
	json_object(w);
	json_key(w, "type");
	json_array(w);
	json_text(w, "string");
	json_text(w, "integer");
	json_text(w, "boolean");
	json_text(w, "null");
	json_close(w);
	json_close(w);
	json_close(w);
}

enum form { FORM_READ, FORM_NEW, FORM_PATCH };

static void
put_record(struct json_writer *w, const struct schema_type *t, enum form form)
{
	json_object(w);
	json_ktext(w, "title", t->title);
	json_ktext(w, "description", t->note);
	put_type(w, "object");
	json_key(w, "properties");
	json_object(w);
	if (form == FORM_READ)
		put_given(w);
	for (size_t i = 0; i < t->nfields; i++) {
		json_key(w, t->fields[i].name);
		put_field(w, &t->fields[i], form == FORM_READ);
	}
	if (t->mode == MODE_OPEN)
		put_extra(w);
	json_close(w);
	json_key(w, "required");
	json_array(w);
	if (form == FORM_READ)
		json_text(w, "id");
	for (size_t i = 0; form == FORM_NEW && i < t->nfields; i++)
		if (t->fields[i].required && (int)i != t->state)
			json_text(w, t->fields[i].name);
	json_close(w);
	json_kbool(w, "additionalProperties", form == FORM_READ &&
	    !schema_is_record(t));
	json_close(w);
}

/* PREFIX and the name of a type, as a component's name. */
static const char *
component(const char *prefix, const struct schema_type *t, char *out,
    size_t cap)
{
	snprintf(out, cap, "%s.%s", prefix, t->name);
	return (out);
}

static void
put_page(struct json_writer *w, const struct schema_type *t)
{
	char name[128];

	json_object(w);
	put_type(w, "object");
	json_key(w, "properties");
	json_object(w);
	json_key(w, "items");
	json_object(w);
	put_type(w, "array");
	json_key(w, "items");
	put_ref(w, "#/components/schemas/%s", component("read", t, name,
	    sizeof(name)));
	json_close(w);
	json_key(w, "next");
	json_object(w);
	json_key(w, "type");
	json_array(w);
	json_text(w, "string");
	json_text(w, "null");
	json_close(w);
	json_close(w);
	json_key(w, "count");
	json_object(w);
	put_type(w, "integer");
	json_close(w);
	json_close(w);
	json_key(w, "required");
	json_array(w);
	json_text(w, "items");
	json_text(w, "next");
	json_close(w);
	json_close(w);
}

static void
put_schemas(struct json_writer *w)
{
	static const char *const fixed[][2] = {
		{ "Masked", "{\"type\":\"object\",\"description\":\"What is in it "
		    "is not for whoever asks.\",\"properties\":{\"masked\":"
		    "{\"const\":true}},\"required\":[\"masked\"],"
		    "\"additionalProperties\":false}" },
		{ "Problem", "{\"type\":\"object\",\"description\":\"RFC 9457.\","
		    "\"properties\":{\"type\":{\"type\":\"string\"},\"title\":"
		    "{\"type\":\"string\"},\"status\":{\"type\":\"integer\"},"
		    "\"detail\":{\"type\":\"string\"},\"fix\":{\"type\":"
		    "\"string\"},\"instance\":{\"type\":\"string\"},\"wrong\":"
		    "{\"type\":\"integer\"},\"errors\":{\"type\":\"array\","
		    "\"items\":{\"type\":\"object\",\"properties\":{\"pointer\":"
		    "{\"type\":\"string\"},\"row\":{\"type\":\"integer\"},\"line\":"
		    "{\"type\":\"integer\"},\"message\":{\"type\":\"string\"},"
		    "\"fix\":{\"type\":\"string\"}},\"required\":[\"message\"]}}},"
		    "\"required\":[\"type\",\"title\",\"status\",\"detail\","
		    "\"instance\"]}" },
	};
	char name[128];

	json_key(w, "schemas");
	json_object(w);
	for (size_t i = 0; i < sizeof(fixed) / sizeof(fixed[0]); i++) {
		json_key(w, fixed[i][0]);
		put_raw(w, fixed[i][1]);
	}
	for (size_t i = 0; i < schema_ntypes; i++) {
		const struct schema_type *t = &schema_types[i];
		json_key(w, component("read", t, name, sizeof(name)));
		put_record(w, t, FORM_READ);
		json_key(w, component("page", t, name, sizeof(name)));
		put_page(w, t);
		if (!schema_is_record(t))
			continue;
		json_key(w, component("new", t, name, sizeof(name)));
		put_record(w, t, FORM_NEW);
		json_key(w, component("patch", t, name, sizeof(name)));
		put_record(w, t, FORM_PATCH);
	}
	json_close(w);
}

/* --- operations --------------------------------------------------------------- */

static void
put_param(struct json_writer *w, const char *in, const char *name,
    const char *what, const char *schema, bool required, bool many)
{
	json_object(w);
	json_ktext(w, "name", name);
	json_ktext(w, "in", in);
	json_ktext(w, "description", what);
	if (required)
		json_kbool(w, "required", true);
	json_key(w, "schema");
	if (many) {
		json_object(w);
		put_type(w, "array");
		json_key(w, "items");
		put_raw(w, schema);
		json_close(w);
	} else {
		put_raw(w, schema);
	}
	json_close(w);
}

/* Parameters of the query that many routes take are said once. */
struct shared {
	const char *prefix;
	const struct param *table;
};
static const struct shared shared[] = {
	{ "list", lists_params }, { "one", lists_one_params },
	{ "when", lists_when_params }, { "rows", rows_params },
};
#define SHARED (sizeof(shared) / sizeof(shared[0]))

static void
put_table(struct json_writer *w, const struct param *table)
{
	char name[64];

	for (const struct param *p = table; p != NULL && p->name != NULL; p++) {
		const char *prefix = NULL;
		for (size_t i = 0; i < SHARED; i++)
			if (shared[i].table == table)
				prefix = shared[i].prefix;
		snprintf(name, sizeof(name), "%s.%s", prefix, p->name);
		if (prefix != NULL)
			put_ref(w, "#/components/parameters/%s", name);
		else
			put_param(w, "query", p->name, p->what, p->schema, false,
			    p->many);
	}
}

static const char text_form[] = "{\"type\":\"string\"}";

static const struct {
	const char *name, *in, *what, *schema;
	bool required;
} fixed_params[] = {
	{ "name", "path", "Its id, or its handle.",
	    "{\"type\":\"string\",\"minLength\":1}", true },
	{ "item", "path", "Its number, or its name.",
	    "{\"type\":\"string\",\"minLength\":1}", true },
	{ "If-Match", "header", "The ETag that was read, or * for any.",
	    text_form, true },
	{ "Idempotency-Key", "header", "A key of your own: the same request under "
	    "the same key is done once.", "{\"type\":\"string\",\"minLength\":1,"
	    "\"maxLength\":255}", false },
	{ "If-None-Match", "header", "The ETag that you have.", text_form, false },
};

static void
put_params(struct json_writer *w, const struct route *r)
{
	const bool takes[] = { strstr(r->path, "{name}") != NULL,
		strstr(r->path, "{item}") != NULL, r->if_match, r->once,
		r->method == HTTPD_GET };

	json_key(w, "parameters");
	json_array(w);
	for (size_t i = 0; i < sizeof(takes) / sizeof(takes[0]); i++)
		if (takes[i])
			put_ref(w, "#/components/parameters/%s",
			    fixed_params[i].name);
	for (size_t i = 0; i < sizeof(r->params) / sizeof(r->params[0]); i++)
		put_table(w, r->params[i]);
	if (r->as_of)
		put_table(w, lists_when_params);
	json_close(w);
}

static void
put_parameters(struct json_writer *w)
{
	char name[64];

	json_key(w, "parameters");
	json_object(w);
	for (size_t i = 0; i < sizeof(fixed_params) / sizeof(fixed_params[0]);
	    i++) {
		json_key(w, fixed_params[i].name);
		put_param(w, fixed_params[i].in, fixed_params[i].name,
		    fixed_params[i].what, fixed_params[i].schema,
		    fixed_params[i].required, false);
	}
	for (size_t i = 0; i < SHARED; i++)
		for (const struct param *p = shared[i].table; p->name != NULL;
		    p++) {
			snprintf(name, sizeof(name), "%s.%s", shared[i].prefix,
			    p->name);
			json_key(w, name);
			put_param(w, "query", p->name, p->what, p->schema, false,
			    p->many);
		}
	json_close(w);
}

static void
put_content(struct json_writer *w, const char *media, const char *schema)
{
	json_key(w, media);
	json_object(w);
	json_key(w, "schema");
	if (schema[0] == '{')
		put_raw(w, schema);
	else
		put_ref(w, "#/components/schemas/%s", schema);
	json_close(w);
}

static void
put_shape(struct json_writer *w, const char *media, const struct shape *s,
    bool sent)
{
	json_key(w, media);
	json_object(w);
	json_key(w, "schema");
	shape_write(w, s, sent);
	json_close(w);
}

static void
put_rows(struct json_writer *w, const struct shape *s)
{
	json_key(w, "application/json");
	json_object(w);
	json_key(w, "schema");
	json_object(w);
	put_type(w, "object");
	json_key(w, "properties");
	json_object(w);
	json_key(w, "items");
	json_object(w);
	put_type(w, "array");
	json_key(w, "items");
	shape_write(w, s, false);
	json_close(w);
	json_key(w, "next");
	put_raw(w, "{\"type\":[\"string\",\"null\"]}");
	json_key(w, "count");
	put_raw(w, "{\"type\":\"integer\"}");
	json_close(w);
	json_key(w, "required");
	put_raw(w, "[\"items\",\"next\"]");
	json_close(w);
	json_close(w);
}

/* Is there anything that has to be sent? */
static bool
needs(const struct shape *s)
{
	for (; s->name != NULL; s++)
		if (s->required)
			return (true);
	return (false);
}

static void
put_body(struct json_writer *w, const struct route *r,
    const struct schema_type *t)
{
	char name[128], batch[256];

	if (r->takes == NULL && r->body == NULL)
		return;
	json_key(w, "requestBody");
	json_object(w);
	json_kbool(w, "required", r->body == NULL || needs(r->body));
	json_key(w, "content");
	json_object(w);
	if (r->body != NULL) {
		put_shape(w, "application/json", r->body, true);
	} else if (strcmp(r->takes, "csv") == 0) {
		put_content(w, "text/csv", "{\"type\":\"string\"}");
	} else if (strcmp(r->takes, "batch") == 0) {
		snprintf(batch, sizeof(batch), "{\"type\":\"array\",\"items\":"
		    "{\"type\":\"object\"}}");
		put_content(w, "application/json", batch);
		put_content(w, "text/csv", "{\"type\":\"string\"}");
	} else {
		component(r->takes, t, name, sizeof(name));
		put_content(w, "application/json", name);
		if (strcmp(r->takes, "patch") == 0)
			put_content(w, "application/merge-patch+json", name);
	}
	json_close(w);
	json_close(w);
}

static void
put_answer(struct json_writer *w, const struct route *r,
    const struct schema_type *t)
{
	char status[8], name[128];

	snprintf(status, sizeof(status), "%d", r->good);
	json_key(w, status);
	json_object(w);
	json_ktext(w, "description", "Done.");
	if (r->gives != NULL || r->answer != NULL || r->rows != NULL ||
	    r->media != NULL) {
		json_key(w, "content");
		json_object(w);
		if (r->media != NULL)
			put_content(w, r->media, "{\"type\":\"string\"}");
		else if (r->answer != NULL)
			put_shape(w, "application/json", r->answer, false);
		else if (r->rows != NULL)
			put_rows(w, r->rows);
		else if (strcmp(r->gives, "any") == 0)
			put_content(w, "application/json",
			    "{\"type\":\"object\"}");
		else if (strcmp(r->gives, "record") == 0)
			put_content(w, "application/json", component("read", t,
			    name, sizeof(name)));
		else
			put_content(w, "application/json", component("page", t,
			    name, sizeof(name)));
		if (r->pages) {
			put_content(w, "text/csv", "{\"type\":\"string\"}");
			put_content(w, SHEET_XLSX, "{\"type\":\"string\","
			    "\"contentMediaType\":\"" SHEET_XLSX "\"}");
		}
		json_close(w);
	}
	json_close(w);
	if (r->method == HTTPD_GET) {
		json_key(w, "304");
		json_object(w);
		json_ktext(w, "description", "It is as you have it.");
		json_close(w);
	}
}

/* Which problems a route can answer with; the rest is of all of them. */
static bool
can_be(const struct route *r, int status)
{
	switch (status) {
	case 401:
	case 403:
		return (r->access != ROUTE_PUBLIC);
	case 405:
	case 408:
	case 411:
	case 414:
	case 417:
	case 431:
	case 501:
	case 505:
		return (false); /* of what is known to be of no operation */
	case 404:
	case 410:
		return (strchr(r->path, '{') != NULL);
	case 406:
		return (r->pages);
	case 409:
		return (r->write != NULL);
	case 412:
	case 428:
		return (r->if_match);
	case 413:
		return (r->takes != NULL || r->body != NULL || r->pages);
	case 415:
		return (r->takes != NULL || r->body != NULL);
	case 422:
		return (r->write != NULL || r->body != NULL ||
		    r->params[0] != NULL);
	default:
		return (true);
	}
}

static void
put_problems(struct json_writer *w, const struct route *r)
{
	char status[8];

	for (const struct problem_kind *k = problem_kinds; k->status != 0; k++) {
		if (!can_be(r, k->status))
			continue;
		snprintf(status, sizeof(status), "%d", k->status);
		json_key(w, status);
		put_ref(w, "#/components/responses/%s", k->word);
	}
}

static void
put_responses(struct json_writer *w)
{
	json_key(w, "responses");
	json_object(w);
	for (const struct problem_kind *k = problem_kinds; k->status != 0; k++) {
		json_key(w, k->word);
		json_object(w);
		json_ktext(w, "description", k->title);
		json_key(w, "content");
		json_object(w);
		put_content(w, "application/problem+json", "Problem");
		json_close(w);
		json_close(w);
	}
	json_close(w);
}

static const char *
method_word(enum httpd_method m, char *out, size_t cap)
{
	snprintf(out, cap, "%s", httpd_parse_method(m));
	for (char *p = out; *p != '\0'; p++)
		*p = (char)(*p | 32);
	return (out);
}

/* What is asked of schema/access.h before a record is known. */
static void
put_access(struct json_writer *w, const struct route *r,
    const struct schema_type *t)
{
	if (r->access != ROUTE_ACT)
		return;
	json_key(w, "x-access");
	json_object(w);
	json_ktext(w, "type", t != NULL ? t->name : schema_get(r->of)->name);
	json_ktext(w, "act", access_act_word(r->act));
	json_close(w);
}

static void
put_operation(struct json_writer *w, const struct route *r,
    const struct schema_type *t)
{
	char word[16], id[128];

	json_key(w, method_word(r->method, word, sizeof(word)));
	json_object(w);
	snprintf(id, sizeof(id), "%s%s%s", r->id, t != NULL ? "_" : "",
	    t != NULL ? t->name : "");
	json_ktext(w, "operationId", id);
	json_ktext(w, "summary", r->summary);
	json_key(w, "tags");
	json_array(w);
	json_text(w, t != NULL ? t->name : "tickmark");
	json_close(w);
	if (r->access == ROUTE_PUBLIC) {
		json_key(w, "security");
		json_array(w);
		json_close(w);
	}
	put_access(w, r, t);
	put_params(w, r);
	put_body(w, r, t);
	json_key(w, "responses");
	json_object(w);
	put_answer(w, r, t);
	put_problems(w, r);
	json_close(w);
	json_close(w);
}

/* --- paths --------------------------------------------------------------------- */

/* The path of a route for a type. */
static void
path_of(const struct route *r, const struct schema_type *t, char *out,
    size_t cap)
{
	const char *p = r->path, *at = strstr(p, "{type}");
	size_t skip = 6;

	if (at == NULL) {
		at = strstr(p, "{table}");
		skip = 7;
	}
	if (at == NULL)
		snprintf(out, cap, "%s", p);
	else
		snprintf(out, cap, "%.*s%s%s", (int)(at - p), p, t->name,
		    at + skip);
}

/* The rows of one path, the first of which is ${first}. */
static void
put_path(struct json_writer *w, const struct route *first,
    const struct schema_type *t)
{
	char path[160];

	path_of(first, t, path, sizeof(path));
	json_key(w, path);
	json_object(w);
	for (const struct route *r = first; r->path != NULL; r++)
		if (strcmp(r->path, first->path) == 0)
			put_operation(w, r, t);
	json_close(w);
}

static bool
is_first(const struct route *r)
{
	for (const struct route *x = routes; x < r; x++)
		if (strcmp(x->path, r->path) == 0)
			return (false);
	return (true);
}

static void
put_paths(struct json_writer *w)
{
	json_key(w, "paths");
	json_object(w);
	for (const struct route *r = routes; r->path != NULL; r++) {
		bool type = strstr(r->path, "{type}") != NULL;
		bool table = strstr(r->path, "{table}") != NULL;
		if (!is_first(r))
			continue;
		if (!type && !table)
			put_path(w, r, NULL);
		for (size_t i = 0; (type || table) && i < schema_ntypes; i++)
			if (schema_is_record(&schema_types[i]) == type)
				put_path(w, r, &schema_types[i]);
	}
	json_close(w);
}

static struct buf made;

void
openapi_prepare(void)
{
	if (made.len == 0)
		openapi_write(&made);
}

struct str
openapi_text(void)
{
	return (buf_str(&made));
}

void
openapi_write(struct buf *out)
{
	struct json_writer w;

	json_begin(&w, out, false);
	json_object(&w);
	json_ktext(&w, "openapi", "3.1.0");
	json_key(&w, "info");
	json_object(&w);
	json_ktext(&w, "title", "Tickmark");
	json_ktext(&w, "description", "The programme of an organisation: its "
	    "records, their history, and the evidence.");
	json_ktext(&w, "version", "1");
	json_close(&w);
	json_key(&w, "servers");
	put_raw(&w, "[{\"url\":\"" API_BASE "\"}]");
	json_key(&w, "security");
	put_raw(&w, "[{\"token\":[]}]");
	put_paths(&w);
	json_key(&w, "components");
	json_object(&w);
	json_key(&w, "securitySchemes");
	put_raw(&w, "{\"token\":{\"type\":\"http\",\"scheme\":\"bearer\"}}");
	put_parameters(&w);
	put_responses(&w);
	put_schemas(&w);
	json_close(&w);
	json_close(&w);
	json_end(&w, NULL);
}
