/* Records: reading, making, changing and taking out of use; batches. */
#include "api/records.h"

#include "api/auth.h"
#include "api/lists.h"
#include "api/look.h"
#include "api/once.h"
#include "api/past.h"
#include "api/rows.h"
#include "record/exchange.h"
#include "record/history.h"
#include "record/workspace.h"
#include "text/json.h"
#include "text/timefmt.h"
#include "text/url.h"

/* --- reading ---------------------------------------------------------------- */

int
records_list(struct context *x, struct call *c, struct err *e)
{
	struct lists l;
	int r = lists_parse(x, c, &l, e);

	return (r != 0 ? r : lists_answer(x, c, &l, e));
}

static const char *
etag_of(struct arena *a, const struct record *r)
{
	return (arena_printf(a, "\"%lld\"", (long long)r->rev));
}

/* One record as the answer. */
static int
answer(struct context *x, struct call *c, const struct record *r, int status,
    struct err *e)
{
	struct json_writer w;
	bool *shown, names;
	int k = lists_fields(c, &shown, e);

	if (k == 0)
		k = params_flag(&c->params, "names", &names, e);
	if (k != 0)
		return (k);
	buf_reset(&c->out);
	json_begin(&w, &c->out, false);
	lists_record(&w, x, r, shown, names);
	json_end(&w, NULL);
	c->status = status;
	call_header(c, "ETag", etag_of(&c->a, r));
	return (0);
}

static int
show_past(struct context *x, struct call *c, const struct evidence_when *when,
    struct err *e)
{
	struct lists l = { .past = true, .when = *when };
	struct record *rec;
	int r = past_one(x, c, &l, &rec, e);

	if (r != 0)
		return (r);
	r = answer(x, c, rec, 200, e);
	c->nheaders = 0; /* it is not the revision that can be changed */
	if (r == 0)
		call_tag(c);
	return (r);
}

int
records_show(struct context *x, struct call *c, struct err *e)
{
	struct evidence_when when;
	struct record *rec;
	bool past;
	int r = lists_when(x, c, &past, &when, e);

	if (r == 0 && past)
		return (show_past(x, c, &when, e));
	if (r == 0)
		r = record_find(x->store, &c->a, c->type, c->name, &rec, e);
	if (r == 0)
		r = answer(x, c, rec, 200, e);
	if (r == 0 && call_tags(c->field[CALL_IF_NONE_MATCH],
	    etag_of(&c->a, rec), true) == 1) {
		c->status = 304;
		buf_reset(&c->out);
	}
	return (r);
}

static const struct shape change_form[] = {
	{ .name = "field", .what = "Its name." },
	{ .name = "before", .what = "As people read it." },
	{ .name = "after", .what = "As people read it." },
	{ .name = NULL },
};
const struct shape records_history_rows[] = {
	{ .name = "rev", .kind = SHAPE_INT, .what = "Its number." },
	{ .name = "entry", .kind = SHAPE_INT, .what = "Its entry." },
	{ .name = "time", .kind = SHAPE_TIME, .what = "When it was written." },
	{ .name = "effective", .kind = SHAPE_TIME, .what = "From when it "
	    "counts." },
	{ .name = "actor", .what = "Token of who wrote it." },
	{ .name = "action", .values = "put transition retire",
	    .what = "What was done." },
	{ .name = "import", .values = "none folder restore", .what = "Whether it "
	    "came from a folder of the programme." },
	{ .name = "erased", .kind = SHAPE_BOOL, .what = "What it said is gone." },
	{ .name = "changes", .kind = SHAPE_OBJECTS, .of = change_form,
	    .what = "What is other than in the revision before." },
	{ .name = NULL },
};

static struct val *
history_item(struct context *x, struct arena *a,
    const struct record_revision *v, const struct record *before)
{
	struct val *m = val_map(a), *changes = val_list(a);
	struct record_diff *d;
	char t[TIME_SIZE];
	size_t n = record_diff(x->store, a, before, &v->record, &d);

	val_put(a, m, "rev", val_int(a, v->record.rev));
	val_put(a, m, "entry", val_int(a, (int64_t)v->record.entry));
	val_put(a, m, "time", val_text(a, time_print(v->time, t)));
	val_put(a, m, "effective", val_text(a, time_print(v->effective, t)));
	val_put(a, m, "actor", val_str(a, v->actor));
	val_put(a, m, "action", val_str(a, v->action));
	val_put(a, m, "import", val_str(a, v->import));
	val_put(a, m, "erased", val_bool(a, v->erased));
	for (size_t i = 0; i < n; i++) {
		struct val *one = val_map(a);
		val_put(a, one, "field", val_str(a, d[i].name));
		val_put(a, one, "before", d[i].before.len != 0 ?
		    val_str(a, d[i].before) : val_null(a));
		val_put(a, one, "after", d[i].after.len != 0 ?
		    val_str(a, d[i].after) : val_null(a));
		val_push(a, changes, one);
	}
	val_put(a, m, "changes", changes);
	return (m);
}

/* Those that counted at that time of the world, and were known then. */
int
records_history(struct context *x, struct call *c, struct err *e)
{
	struct evidence_when when;
	struct record_history h;
	struct rows rows = { 0 };
	bool past;
	int r = lists_when(x, c, &past, &when, e);

	if (r == 0)
		r = record_history(x->store, &c->a, c->type, c->name, &h, e);
	for (size_t i = 0; r == 0 && i < h.n; i++) {
		const struct record_revision *v = &h.at[i];
		if (past && (v->effective > when.at ||
		    v->record.entry >= when.known))
			continue;
		rows_add(c, &rows, str_from(arena_printf(&c->a, "%020lld",
		    (long long)v->record.rev)), history_item(x, &c->a, v,
		    i != 0 ? &h.at[i - 1].record : NULL));
	}
	return (r != 0 ? r : rows_answer(x, c, &rows, e));
}

static const struct shape step_form[] = {
	{ .name = "to", .what = "State that it may go to." },
	{ .name = "fill", .kind = SHAPE_TEXTS, .what = "Fields that have to be "
	    "filled for it." },
	{ .name = NULL },
};
const struct shape records_steps_form[] = {
	{ .name = "state", .what = "State that it is in." },
	{ .name = "items", .kind = SHAPE_OBJECTS, .of = step_form,
	    .what = "The steps that whoever asks may take." },
	{ .name = NULL },
};

int
records_steps(struct context *x, struct call *c, struct err *e)
{
	const struct schema_type *t = c->type;
	struct val *top = val_map(&c->a), *list = val_list(&c->a);
	const struct schema_step **steps;
	struct lists l = { .past = true };
	struct record *rec;
	bool past;
	int r = lists_when(x, c, &past, &l.when, e);

	if (r == 0)
		r = past ? past_one(x, c, &l, &rec, e) :
		    record_find(x->store, &c->a, t, c->name, &rec, e);
	if (r != 0)
		return (r);
	size_t n = record_steps(&c->a, rec, c->who.roles, &steps);
	for (size_t i = 0; i < n; i++) {
		struct val *one = val_map(&c->a), *fill = val_list(&c->a);
		for (size_t k = 0; k < steps[i]->fill.n; k++)
			val_push(&c->a, fill, val_text(&c->a,
			    t->fields[steps[i]->fill.at[k]].name));
		val_put(&c->a, one, "to", val_text(&c->a,
		    t->states[steps[i]->to]));
		val_put(&c->a, one, "fill", fill);
		val_push(&c->a, list, one);
	}
	val_put(&c->a, top, "state", t->state < 0 ? val_null(&c->a) :
	    look_text(c, record_str(rec, (size_t)t->state)));
	val_put(&c->a, top, "items", list);
	call_json(c, 200, top);
	call_tag(c);
	return (0);
}

/* --- what is sent ----------------------------------------------------------- */

int
records_object(struct call *c, const char *media, struct err *e)
{
	int r;

	if (c->field[CALL_CONTENT_TYPE].ptr == NULL ||
	    !(call_media(c->field[CALL_CONTENT_TYPE], media) ||
	    call_media(c->field[CALL_CONTENT_TYPE], "application/json")))
		return (call_problem(c, 415, "the body is not of type "
		    "application/json", "send it with the field Content-Type: "
		    "application/json"));
	r = json_parse(&c->a, "body", c->body, &c->value, e);
	if (r != 0)
		return (r == -ERR_INPUT || r == -ERR_LIMIT ? call_problem(c, 400,
		    arena_printf(&c->a, "the body is not well-formed JSON: %s "
		    "(%s)", e->what, e->where), e->fix[0] != '\0' ?
		    arena_strdup(&c->a, e->fix) : "") : r);
	if (c->value->type != VAL_MAP)
		return (call_problem(c, 422, "the body is no JSON object",
		    "send {\"field\": value, ...}"));
	return (0);
}

/* What the program gives is not sent. */
static int
no_given(struct call *c)
{
	static const char *const names[] = { "id", "rev", "retired", "entry" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (val_get(c->value, names[i]) == NULL ||
		    schema_field(c->type, str_from(names[i])) >= 0)
			continue;
		struct problem *p = arena_new(&c->a, struct problem);
		struct problem_item *it = arena_new(&c->a,
		    struct problem_item);
		*it = (struct problem_item){ .pointer = arena_printf(&c->a,
		    "/%s", names[i]), .message = arena_printf(&c->a,
		    "%s is given by the program", names[i]),
		    .fix = "leave it out" };
		*p = (struct problem){ .status = 422, .detail = it->message,
		    .fix = it->fix, .items = it, .n = 1, .wrong = 1 };
		c->problem = p;
		return (-(int)ERR_INPUT);
	}
	return (0);
}

int
records_read_new(struct context *x, struct call *c, struct err *e)
{
	(void)x;
	int r = records_object(c, "application/json", e);

	if (r == 0)
		r = no_given(c);
	return (r != 0 ? r : once_check(c, e));
}

/* If-Match: "12", or * for whatever it is. */
static int
read_match(struct call *c)
{
	struct str s = c->field[CALL_IF_MATCH];
	int64_t n;

	if (s.ptr == NULL)
		return (call_problem(c, 428, "the request does not say which "
		    "revision it is based on", "send the ETag that was read as "
		    "If-Match, or If-Match: *"));
	if (str_is(s, "*")) {
		c->rev = 0;
		return (0);
	}
	if (call_tags(s, "", false) < 0)
		return (call_problem(c, 400, "If-Match is not well-formed",
		    "send the ETag that was read, with its quotes"));
	/* One that no record can have matches none. */
	bool one = s.len > 2 && s.ptr[0] == '"' && s.ptr[s.len - 1] == '"' &&
	    str_to_i64((struct str){ s.ptr + 1, s.len - 2 }, &n) && n > 0;
	c->rev = one ? n : INT64_MAX;
	return (0);
}

int
records_read_patch(struct context *x, struct call *c, struct err *e)
{
	(void)x;
	int r = records_object(c, "application/merge-patch+json", e);

	if (r == 0)
		r = no_given(c);
	if (r == 0)
		r = read_match(c);
	return (r != 0 ? r : once_check(c, e));
}

int
records_read_delete(struct context *x, struct call *c, struct err *e)
{
	(void)x;
	if (c->body.len != 0)
		return (call_problem(c, 400, "there is a body",
		    "send none with DELETE"));
	int r = read_match(c);
	return (r != 0 ? r : once_check(c, e));
}

/* --- problems of a batch ----------------------------------------------------- */

static int
status_of(const struct call *c, enum err_code code, bool batch)
{
	if (code == ERR_CONFLICT && c->rev > 0)
		return (412);
	if (batch && (code == ERR_NOTFOUND || code == ERR_CONFLICT))
		return (422);
	return (err_http(code));
}

void
records_problems(struct call *c, const struct record_result *res, bool batch)
{
	struct problem *p = arena_new(&c->a, struct problem);
	struct problem_item *it = arena_array(&c->a, res->nproblems + 1,
	    sizeof(*it));

	for (size_t i = 0; i < res->nproblems; i++) {
		const struct err *x = &res->problems[i];
		const struct record_fault *f = &res->faults[i];
		BUF_SCOPED b = BUF_INIT;
		if (batch)
			buf_printf(&b, "/%zu", f->nth);
		if (f->field != NULL)
			problem_pointer(&b, str_from(f->field));
		it[i] = (struct problem_item){
			.pointer = b.len != 0 ? arena_strdup(&c->a, b.ptr) : NULL,
			.row = batch ? f->nth + 1 : 0,
			.line = batch ? f->line : 0,
			.message = arena_strdup(&c->a, x->what),
			.fix = problem_fix(&c->a, x->fix) };
	}
	*p = (struct problem){ .items = it, .n = res->nproblems,
		.wrong = res->nwrong,
		.status = status_of(c, res->problems[0].code, batch) };
	p->detail = batch ? arena_printf(&c->a, "%zu thing%s wrong, and nothing "
	    "was written", res->nwrong, res->nwrong == 1 ? " is" : "s are") :
	    it[0].message;
	p->fix = batch ? "" : it[0].fix;
	c->problem = p;
}

/* --- writing ----------------------------------------------------------------- */

static int
apply(struct context *x, struct call *c, const struct record_change *ch,
    struct record_result *res, struct err *e)
{
	int r = record_apply(&x->ws->records, &c->a, &c->who, ch, 1, NULL, res,
	    e);

	if (r != 0 && res->nproblems != 0)
		records_problems(c, res, false);
	return (r);
}

/* What was written, as whoever wrote it may see it; and what to keep of it. */
static int
answer_written(struct context *x, struct call *c, struct str id, int status,
    struct str *ret_kept, struct err *e)
{
	struct record *rec;
	int r = record_find(&x->ws->records, &c->a, c->type, id, &rec, e);

	if (r != 0)
		return (r);
	*ret_kept = str_from(arena_printf(&c->a, STR_FMT " %llu", STR_ARG(id),
	    (unsigned long long)rec->entry));
	r = record_find(x->store, &c->a, c->type, id, &rec, e);

	/* May write it, but not read it. */
	if (r == -ERR_DENIED || r == -ERR_NOTFOUND) {
		struct val *m = val_map(&c->a);
		val_put(&c->a, m, "id", val_str(&c->a, id));
		call_json(c, status, m);
		return (0);
	}
	if (r == 0)
		r = answer(x, c, rec, status, e);
	return (r);
}

static void
locate(struct call *c, struct str id)
{
	call_header(c, "Location", arena_printf(&c->a, API_BASE "/%s/" STR_FMT,
	    c->type->name, STR_ARG(id)));
}

/* The answer of a write again: the record as it was after it. */
static int
again(struct context *x, struct call *c, struct str kept, int status,
    struct err *e)
{
	struct record_revision v;
	struct str id;
	uint64_t entry;

	if (!str_split(&kept, ' ', &id) || !str_to_u64(kept, &entry))
		return (err_set(e, ERR_DAMAGED, "api_once", "use another key",
		    "what was kept of a request is damaged"));
	int r = record_as_of(x->store, &c->a, c->type, id, entry + 1, &v, e);
	if (r == 0 && v.erased)
		r = err_set(e, ERR_ERASED, NULL, NULL, "it was erased since");
	if (r == 0)
		r = answer(x, c, &v.record, status, e);
	if (r == 0 && status == 201)
		locate(c, id);
	return (r);
}

int
records_create(struct context *x, struct call *c, struct err *e)
{
	struct record_change ch = { .type = c->type, .fields = c->value,
		.create = true };
	struct record_result res;
	struct str kept, id;
	int r = once_begin(x, c, &kept, e);

	if (r == 1)
		return (again(x, c, kept, 201, e));
	if (r == 0)
		r = apply(x, c, &ch, &res, e);
	if (r != 0)
		return (r);
	id = res.ids[0];
	r = answer_written(x, c, id, 201, &kept, e);
	if (r == 0)
		r = once_end(x, c, kept, e);
	if (r == 0)
		locate(c, id);
	return (r);
}

/* A map within the patch changes the map that is there, key by key. */
static void
merge_maps(struct call *c, const struct val *now)
{
	struct arena *a = &c->a;

	for (size_t i = 0; i < c->value->u.map.n; i++) {
		struct val *v = c->value->u.map.at[i];
		const struct val *was = val_getstr(now,
		    c->value->u.map.key[i]);
		if (v->type != VAL_MAP || was == NULL || was->type != VAL_MAP ||
		    str_is(c->value->u.map.key[i], "extra"))
			continue;
		struct val *m = val_map(a);
		for (size_t k = 0; k < was->u.map.n; k++)
			if (val_getstr(v, was->u.map.key[k]) == NULL)
				val_putstr(a, m, was->u.map.key[k],
				    was->u.map.at[k]);
		for (size_t k = 0; k < v->u.map.n; k++)
			if (v->u.map.at[k]->type != VAL_NULL)
				val_putstr(a, m, v->u.map.key[k],
				    v->u.map.at[k]);
		c->value->u.map.at[i] = m;
	}
}

/* The record that the path names, whose revision the client knows. */
static int
find_named(struct context *x, struct call *c, struct record **ret,
    struct err *e)
{
	int r = record_find(x->store, &c->a, c->type, c->name, ret, e);

	if (r == 0 && c->rev > 0 && c->rev != (*ret)->rev)
		return (call_problem(c, 412, arena_printf(&c->a, "it has revision "
		    "%lld now", (long long)(*ret)->rev), "read it again and "
		    "repeat the change"));
	return (r);
}

int
records_change(struct context *x, struct call *c, struct err *e)
{
	struct record_change ch = { .type = c->type };
	struct record_result res;
	struct record *rec;
	struct str kept;
	int r = once_begin(x, c, &kept, e);

	if (r == 1)
		return (again(x, c, kept, 200, e));
	if (r == 0)
		r = find_named(x, c, &rec, e);
	if (r != 0)
		return (r);
	merge_maps(c, record_to_val(x->store, &c->a, rec));
	ch.name = rec->id;
	ch.fields = c->value;
	ch.if_rev = c->rev;
	r = apply(x, c, &ch, &res, e);
	if (r == 0)
		r = answer_written(x, c, rec->id, 200, &kept, e);
	return (r != 0 ? r : once_end(x, c, kept, e));
}

int
records_retire(struct context *x, struct call *c, struct err *e)
{
	struct record_change ch = { .type = c->type, .retire = true };
	struct record_result res;
	struct record *rec;
	struct str id;
	int r = once_begin(x, c, &id, e);

	if (r == 1) {
		c->status = 204;
		return (0);
	}
	if (r == 0)
		r = find_named(x, c, &rec, e);
	if (r != 0)
		return (r);
	ch.name = rec->id;
	ch.if_rev = c->rev;
	r = apply(x, c, &ch, &res, e);
	if (r == 0)
		r = once_end(x, c, rec->id, e);
	if (r == 0)
		c->status = 204;
	return (r);
}

/* --- batches ----------------------------------------------------------------- */

const struct param records_import_params[] = {
	{ "dry_run", "Check everything, write nothing.",
	    "{\"type\":\"boolean\",\"default\":false}", false },
	{ NULL, NULL, NULL, false },
};

int
records_read_import(struct context *x, struct call *c, struct err *e)
{
	struct str type = c->field[CALL_CONTENT_TYPE];
	bool dry;

	(void)x;
	if (!call_media(type, "text/csv") &&
	    !call_media(type, "application/json"))
		return (call_problem(c, 415, "a batch is text/csv or "
		    "application/json", "say which with the field "
		    "Content-Type"));
	int r = params_flag(&c->params, "dry_run", &dry, e);
	return (r != 0 ? r : once_check(c, e));
}

static struct val *
counts(struct arena *a, const struct record_result *res, bool dry)
{
	struct val *m = val_map(a);

	val_put(a, m, "dry_run", val_bool(a, dry));
	val_put(a, m, "added", val_int(a, (int64_t)res->added));
	val_put(a, m, "changed", val_int(a, (int64_t)res->changed));
	val_put(a, m, "same", val_int(a, (int64_t)res->same));
	return (m);
}

int
records_import(struct context *x, struct call *c, struct err *e)
{
	bool csv = call_media(c->field[CALL_CONTENT_TYPE], "text/csv");
	struct record_options o = { 0 };
	struct record_result res = { 0 };
	struct str was;
	int r = params_flag(&c->params, "dry_run", &o.dry_run, e);

	if (r == 0)
		r = once_begin(x, c, &was, e);
	if (r == 1) {
		buf_putstr(&c->out, was);
		c->status = 200;
		return (0);
	}
	if (r == 0)
		r = record_import(&x->ws->records, &c->a, &c->who, c->type,
		    "body", c->body, csv ? RECORD_CSV : RECORD_JSON, &o, &res,
		    e);
	if (r != 0 && res.nproblems != 0) {
		records_problems(c, &res, true);
		return (r);
	}
	if (r == -ERR_INPUT || r == -ERR_USAGE)
		return (call_problem(c, 400, arena_printf(&c->a, "%s (%s)",
		    e->what, e->where), arena_strdup(&c->a, e->fix)));
	if (r != 0)
		return (r);
	call_json(c, 200, counts(&c->a, &res, o.dry_run));
	return (o.dry_run ? 0 : once_end(x, c, buf_str(&c->out), e));
}
