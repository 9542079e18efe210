#include "api/lists.h"

#include "api/cursor.h"
#include "api/files.h"
#include "api/past.h"
#include "ledger/ledger.h"
#include "program/said.h"
#include "record/workspace.h"
#include "schema/kind.h"
#include "text/json.h"
#include "text/timefmt.h"

#define TEXT "{\"type\":\"string\"}"

const struct param lists_params[] = {
	{ "filter", "Which records: field=value, or != < <= > >= ~ (contains) "
	    "in place of =; all that are given must hold. Records are named by id "
	    "or handle.", "{\"type\":\"string\",\"maxLength\":2000}", true },
	{ "q", "Words to search for in the texts, \"some words\" together, and a* "
	    "for what begins so. The newest come first.",
	    "{\"type\":\"string\",\"minLength\":1,\"maxLength\":500}", false },
	{ "sort", "A field, with - before it for the falling order. Without it: by "
	    "handle, else by id.", TEXT, false },
	{ "limit", "Rows of a page.", "{\"type\":\"integer\",\"minimum\":1,"
	    "\"maximum\":500,\"default\":50}", false },
	{ "cursor", "What the page before answered as next.",
	    "{\"type\":\"string\",\"maxLength\":8192}", false },
	{ "retired", "Those that were taken out of use too.",
	    "{\"type\":\"boolean\",\"default\":false}", false },
	{ "count", "Say how many there are in all.",
	    "{\"type\":\"boolean\",\"default\":false}", false },
	{ "format", "All rows as a file to keep: csv, xlsx or json.",
	    "{\"type\":\"string\",\"enum\":[\"csv\",\"xlsx\",\"json\"]}", false },
	{ NULL, NULL, NULL, false },
};

const struct param lists_one_params[] = {
	{ "fields", "Only these fields, separated by commas; id and rev are always "
	    "there.", TEXT, false },
	{ "names", "References as handles, where there are any, instead of ids.",
	    "{\"type\":\"boolean\",\"default\":false}", false },
	{ NULL, NULL, NULL, false },
};

const struct param lists_when_params[] = {
	{ "as_of", "As it was at this time of the world: a day, or RFC 3339.", TEXT,
	    false },
	{ "known_at", "As it was known then: a number of entries of the ledger, a "
	    "day, or RFC 3339.", TEXT, false },
	{ NULL, NULL, NULL, false },
};

/* --- what is asked ---------------------------------------------------------- */

static int
no_field(const struct schema_type *t, struct str name, struct err *e)
{
	BUF_SCOPED b = BUF_INIT;

	for (size_t i = 0; i < t->nfields; i++)
		buf_printf(&b, "%s%s", i == 0 ? "the fields are " : ", ",
		    t->fields[i].name);
	return (err_set(e, ERR_USAGE, "query", b.ptr, "%s %s has no field "
	    "\"%.*s\"", str_article(t->name), t->name,
	    (int)(name.len > 60 ? 60 : name.len), name.ptr));
}

int
lists_fields(struct call *c, bool **ret, struct err *e)
{
	struct str s = params_get(&c->params, "fields"), name;
	size_t n = c->type->nfields;

	*ret = arena_array(&c->a, n + 1, sizeof(bool));
	for (size_t i = 0; i <= n; i++)
		(*ret)[i] = s.ptr == NULL; /* the last is "extra" */
	while (s.ptr != NULL && str_split(&s, ',', &name)) {
		name = str_trim(name);
		int i = str_is(name, "id") || str_is(name, "rev") ? -2 :
		    str_is(name, "extra") && c->type->mode == MODE_OPEN ?
		    (int)n : schema_field(c->type, name);
		if (i == -1)
			return (no_field(c->type, name, e));
		if (i >= 0)
			(*ret)[i] = true;
	}
	return (0);
}

static int
parse_filters(struct context *x, struct call *c, struct lists *l,
    struct err *e)
{
	struct record_filter *f = arena_array(&c->a, PARAMS_MAX, sizeof(*f));

	l->q.filters = f;
	for (size_t i = 0; i < c->params.n; i++) {
		if (!str_is(c->params.key[i], "filter"))
			continue;
		int r = record_filter_parse(x->store, &c->a, c->type,
		    c->params.value[i], &f[l->q.nfilters], e);
		if (r != 0)
			return (r);
		l->q.nfilters++;
	}
	return (0);
}

static int
parse_sort(struct call *c, struct lists *l, struct err *e)
{
	struct str s = params_get(&c->params, "sort");

	l->q.sort = RECORD_BY_HANDLE;
	if (s.ptr == NULL)
		return (0);
	if (l->q.words.len != 0)
		return (err_set(e, ERR_USAGE, "query", "leave sort out", "what is "
		    "searched for comes in the order of its age"));
	if (s.len > 0 && s.ptr[0] == '-') {
		l->q.falling = true;
		s = (struct str){ s.ptr + 1, s.len - 1 };
	}
	l->q.sort = schema_field(c->type, s);
	if (l->q.sort < 0)
		return (no_field(c->type, s, e));
	const struct schema_field *f = &c->type->fields[l->q.sort];
	if (!kind_integer(f) && f->max > 4096)
		return (err_set(e, ERR_USAGE, "query", "choose a shorter field",
		    "%s is too long to sort by", f->name));
	return (0);
}

static int
parse_words(struct call *c, struct lists *l, struct err *e)
{
	l->q.words = params_get(&c->params, "q");
	if (l->q.words.ptr == NULL)
		return (0);
	if (str_trim(l->q.words).len == 0)
		return (err_set(e, ERR_USAGE, "query", "write a word, or leave q "
		    "out", "there is no word to search for"));
	/* Of these record_each() looks where whoever asks sees all of it. */
	l->q.classes = 1u << CLASS_PUBLIC | 1u << CLASS_INTERNAL |
	    1u << CLASS_CONFIDENTIAL;
	return (0);
}

struct str
lists_question(struct call *c)
{
	BUF_SCOPED b = BUF_INIT;

	buf_putstr(&b, c->path);
	for (size_t i = 0; i < c->params.n; i++) {
		struct str k = c->params.key[i], v = c->params.value[i];
		if (str_is(k, "cursor") || str_is(k, "limit") ||
		    str_is(k, "fields") || str_is(k, "names") ||
		    str_is(k, "count"))
			continue;
		buf_printf(&b, " %zu:", k.len + v.len);
		buf_putstr(&b, k);
		buf_putc(&b, '=');
		buf_putstr(&b, v);
	}
	return (arena_str(&c->a, buf_str(&b)));
}

static int
position(struct context *x, struct str s, uint64_t *ret, struct err *e)
{
	struct ledger_head h;
	int64_t at;
	int r = ledger_head(x->ws->ledger, &h, e);

	if (r != 0)
		return (r);
	if (str_to_u64(s, ret)) {
		if (*ret > h.size)
			return (err_set(e, ERR_USAGE, "query", "give a smaller "
			    "number", "the ledger has %llu entries",
			    (unsigned long long)h.size));
		return (0);
	}
	if (time_parse_as_of(x->ws->zone, s, &at, NULL) != 0)
		return (err_set(e, ERR_USAGE, "query", "give a number of entries, "
		    "2026-03-31 or 2026-03-31T12:00:00Z",
		    "known_at is no position and no time"));
	return (ledger_size_at(x->ws->ledger, at, ret, e));
}

int
lists_when(struct context *x, struct call *c, bool *ret_past,
    struct evidence_when *ret, struct err *e)
{
	struct str as_of = params_get(&c->params, "as_of");
	struct str known = params_get(&c->params, "known_at");
	uint64_t at_entry = EVIDENCE_HEAD;
	int64_t at = said_now(&x->ws->records);
	int r = 0;

	*ret_past = as_of.ptr != NULL || known.ptr != NULL;
	if (as_of.ptr != NULL &&
	    time_parse_as_of(x->ws->zone, as_of, &at, NULL) != 0)
		return (err_set(e, ERR_USAGE, "query", "give 2026-03-31 or "
		    "2026-03-31T12:00:00Z", "as_of is no time"));
	if (known.ptr != NULL)
		r = position(x, known, &at_entry, e);
	if (r == 0)
		*ret = evidence_at(at, at_entry);
	return (r);
}

int
lists_parse(struct context *x, struct call *c, struct lists *ret,
    struct err *e)
{
	struct lists l = { .format = SHEET_JSON };
	struct str cursor = params_get(&c->params, "cursor");
	int64_t limit;
	int r = parse_filters(x, c, &l, e);

	if (r == 0)
		r = parse_words(c, &l, e);
	if (r == 0)
		r = parse_sort(c, &l, e);
	if (r == 0)
		r = sheet_wanted(c, &l.format, &l.file, e);
	if (r == 0)
		r = params_int(&c->params, "limit", 1, LISTS_LIMIT_MOST,
		    LISTS_LIMIT, &limit, e);
	if (r == 0)
		r = params_flag(&c->params, "retired", &l.q.retired, e);
	if (r == 0)
		r = params_flag(&c->params, "count", &l.count, e);
	if (r == 0)
		r = lists_fields(c, &l.shown, e);
	if (r == 0)
		r = lists_when(x, c, &l.past, &l.when, e);
	if (r != 0)
		return (r);
	if (l.q.words.len != 0 && (l.past || l.q.retired))
		return (err_set(e, ERR_USAGE, "query", "leave q out, and filter "
		    "with ~", "words are looked for in what is so now"));
	l.q.limit = l.file ? 0 : (size_t)limit;
	l.q.taking = l.file;
	l.question = lists_question(c);
	if (cursor.ptr != NULL && !l.file) {
		struct record_place *p = arena_new(&c->a, struct record_place);
		r = cursor_parse(&c->a, cursor, l.question, p, e);
		l.q.after = p;
	}
	if (r == 0)
		*ret = l;
	return (r);
}

/* --- the answer ------------------------------------------------------------- */

void
lists_record(struct json_writer *w, struct context *x, const struct record *r,
    const bool *shown, bool handles)
{
	const struct schema_type *t = r->type;
	ARENA_SCOPED a = ARENA_INIT;
	struct val *named = handles ? record_to_val(x->store, &a, r) : NULL;

	json_object(w);
	json_kstr(w, "id", r->id);
	if (r->rev != 0)
		json_kint(w, "rev", r->rev);
	if (r->retired)
		json_kbool(w, "retired", true);
	for (size_t i = 0; i < t->nfields; i++) {
		const struct schema_field *f = &t->fields[i];
		if (!shown[i] || r->cells[i].state == CELL_ABSENT)
			continue;
		struct arena_mark m = arena_mark(&a);
		struct val *v = named != NULL ? val_get(named, f->name) :
		    kind_to_val(&a, f, &r->cells[i]);
		json_kval(w, f->name, v);
		arena_rewind(&a, m);
	}
	if (shown[t->nfields] && val_count(r->extra) != 0)
		json_kval(w, "extra", r->extra);
	json_close(w);
}

struct page {
	struct json_writer w;
	struct context *x;
	struct lists *l;
	size_t rows, limit, matched;
	bool handles, more;
	struct arena *a;
	struct record_place last;
};

static int
page_row(void *ctx, const struct record *r, struct err *e)
{
	struct page *p = ctx;

	(void)e;
	p->matched++;
	if (p->rows == p->limit) {
		p->more = true;
		return (p->l->count ? 0 : 1);
	}
	p->rows++;
	lists_record(&p->w, p->x, r, p->l->shown, p->handles);
	if (p->rows == p->limit) {
		record_place(&p->l->q, r, &p->last);
		p->last.id = arena_str(p->a, p->last.id);
		if (p->last.value.s.ptr != NULL)
			p->last.value.s = arena_str(p->a, p->last.value.s);
	}
	return (0);
}

static int
put_page(struct context *x, struct call *c, struct lists *l, struct err *e)
{
	struct page p = { .x = x, .l = l, .limit = l->q.limit, .a = &c->a };
	BUF_SCOPED next = BUF_INIT;
	int r = params_flag(&c->params, "names", &p.handles, e);

	if (r != 0)
		return (r);
	/* One more than the page has tells whether there is another. */
	l->q.limit = 0;
	json_begin(&p.w, &c->out, false);
	json_object(&p.w);
	json_key(&p.w, "items");
	json_array(&p.w);
	r = l->past ? past_each(x, c, l, page_row, &p, e) :
	    record_each(x->store, c->type, &l->q, page_row, &p, e);
	if (r != 0)
		return (r);
	json_close(&p.w);
	if (p.more) {
		cursor_put(&p.last, l->question, &next);
		json_kstr(&p.w, "next", buf_str(&next));
	} else {
		json_knull(&p.w, "next");
	}
	/* With a cursor it is what is left. */
	if (l->count)
		json_kint(&p.w, "count", (int64_t)p.matched);
	json_close(&p.w);
	json_end(&p.w, NULL);
	c->status = 200;
	call_tag(c);
	return (0);
}

int
lists_answer(struct context *x, struct call *c, struct lists *l,
    struct err *e)
{
	return (l->file ? files_answer(x, c, l, e) : put_page(x, c, l, e));
}
