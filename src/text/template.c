#include "text/template.h"

#include "text/template_html.h"
#include "text/url.h"

enum op_kind {
	OP_TEXT,
	OP_VALUE,
	OP_EACH, /* {{#name}} */
	OP_NONE  /* {{^name}} */
};

struct op {
	enum op_kind kind;
	enum html_place place; /* OP_VALUE, in HTML mode */
	const char *file;
	int line;
	struct str text;  /* OP_TEXT: itself; otherwise the dotted name */
	struct op *child; /* of a section */
	struct op *next;
};

struct template {
	enum template_mode mode;
	struct op *first;
};

/* ---- loading ---- */

struct scope { /* the maps that names are looked for in, innermost first */
	const struct val *const *at; /* examples of one thing: they count together */
	size_t n;
	const struct scope *outer;
};

struct loader {
	struct arena *a;
	const struct template_source *src;
	struct html_state html;
	struct err *e;
};

struct input { /* one text being read: the template or a part */
	const char *name;
	struct str text;
	size_t at;
	int line;
};

struct tag {
	char kind; /* 'v' value, '#', '^', '/', '>', '!' */
	struct str name;
	size_t from, to; /* of the tag in the text, line end and blanks included
	                  * where it is alone on its line */
	int line;
};

static int fault(struct loader *l, const struct input *in, int line,
    const char *fix, const char *fmt, ...)
    __attribute__((format(printf, 5, 6)));

static int
fault(struct loader *l, const struct input *in, int line, const char *fix,
    const char *fmt, ...)
{
	char what[400], where[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	snprintf(where, sizeof(where), "%s:%d", in->name, line);
	return (err_set(l->e, ERR_INPUT, where, fix,
	    "the template is not acceptable, %s", what));
}

static int
count_lines(struct str s)
{
	int n = 0;

	for (size_t i = 0; i < s.len; i++)
		n += s.ptr[i] == '\n';
	return (n);
}

static bool
name_ok(struct str s)
{
	if (str_is(s, "."))
		return (true);
	for (size_t i = 0; i < s.len; i++) {
		char c = s.ptr[i];
		bool word = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
		    (c >= '0' && c <= '9') || c == '_' || c == '-';
		bool dot = c == '.' && i > 0 && i + 1 < s.len &&
		    s.ptr[i - 1] != '.';
		if (!word && !dot)
			return (false);
	}
	return (s.len > 0);
}

/* A tag that has a line for itself takes the whole line with it. */
static void
take_line(const struct input *in, struct tag *t)
{
	size_t from = t->from, to = t->to;
	const char *p = in->text.ptr;

	while (from > 0 && (p[from - 1] == ' ' || p[from - 1] == '\t'))
		from--;
	while (to < in->text.len && (p[to] == ' ' || p[to] == '\t'))
		to++;
	if (to < in->text.len && p[to] == '\r')
		to++;
	bool alone = (from == 0 || p[from - 1] == '\n') &&
	    (to == in->text.len || p[to] == '\n');
	if (!alone)
		return;
	t->from = from;
	t->to = to < in->text.len ? to + 1 : to;
}

/* The next tag at or after in->at: 1, 0 if there is none, or an error. */
static int
next_tag(struct loader *l, const struct input *in, struct tag *t)
{
	struct str rest = { in->text.ptr + in->at, in->text.len - in->at };
	ptrdiff_t open = str_find(rest, "{{");

	if (open < 0)
		return (0);
	*t = (struct tag){ .kind = 'v', .from = in->at + (size_t)open };
	t->line = in->line + count_lines((struct str){ rest.ptr, (size_t)open });
	struct str inner = { rest.ptr + open + 2, rest.len - (size_t)open - 2 };
	ptrdiff_t close = str_find(inner, "}}");
	if (close < 0)
		return (fault(l, in, t->line, "close it with }}",
		    "a tag is not closed"));
	inner.len = (size_t)close;
	t->to = t->from + 2 + inner.len + 2;
	if (inner.len > 0 && inner.ptr[0] != '\0' &&
	    strchr("#^/>!", inner.ptr[0]) != NULL) {
		t->kind = inner.ptr[0];
		inner = (struct str){ inner.ptr + 1, inner.len - 1 };
		take_line(in, t);
	}
	t->name = str_trim(inner);
	if (t->kind == '!')
		return (1);
	if (t->name.len > 0 && strchr("{&=", t->name.ptr[0]) != NULL)
		return (fault(l, in, t->line, "use {{name}}; markup comes as "
		    "a value of its own kind", "there is no raw form"));
	if (t->kind == '>' ? t->name.len == 0 || t->name.len > 200
			   : !name_ok(t->name))
		return (fault(l, in, t->line, "use letters, digits, _ - and "
		    "dots between names", "\"" STR_FMT "\" is not a name",
		    STR_ARG(t->name)));
	return (1);
}

/* ---- names against the sample ---- */

struct found {
	const struct val **at;
	size_t n;
};

static void
add(struct loader *l, struct found *f, const struct val *v, size_t cap)
{
	if (f->at == NULL)
		f->at = arena_array(l->a, cap, sizeof(*f->at));
	f->at[f->n++] = v;
}

/* The members called ${key} of all ${in}. */
static struct found
members(struct loader *l, const struct val *const *in, size_t n, struct str key)
{
	struct found f = { 0 };

	for (size_t i = 0; i < n; i++) {
		const struct val *v = val_getstr(in[i], key);
		if (v != NULL)
			add(l, &f, v, n);
	}
	return (f);
}

static struct found
look_up(struct loader *l, const struct scope *s, struct str name)
{
	struct found f = { 0 };
	struct str part;

	if (str_is(name, ".")) {
		for (size_t i = 0; i < s->n; i++)
			add(l, &f, s->at[i], s->n);
		return (f);
	}
	if (!str_split(&name, '.', &part))
		return (f);
	for (; s != NULL && f.n == 0; s = s->outer)
		f = members(l, s->at, s->n, part);
	while (f.n != 0 && str_split(&name, '.', &part))
		f = members(l, f.at, f.n, part);
	return (f);
}

/* What a section over ${f} shows: the elements of lists, all else itself. */
static struct found
inside(struct loader *l, struct found f)
{
	struct found r = { 0 };
	size_t cap = 0;

	for (size_t i = 0; i < f.n; i++)
		cap += f.at[i]->type == VAL_LIST ? f.at[i]->u.list.n : 1;
	for (size_t i = 0; i < f.n; i++) {
		if (f.at[i]->type != VAL_LIST) {
			add(l, &r, f.at[i], cap);
			continue;
		}
		for (size_t k = 0; k < f.at[i]->u.list.n; k++)
			add(l, &r, f.at[i]->u.list.at[k], cap);
	}
	return (r);
}

/* ---- building ---- */

static int block(struct loader *l, struct input *in, const struct scope *scope,
    const struct tag *open, int depth, struct op **ret);

static struct op *
new_op(struct loader *l, const struct input *in, enum op_kind kind, int line,
    struct str text)
{
	struct op *op = arena_new(l->a, struct op);

	op->kind = kind;
	op->file = in->name;
	op->line = line;
	op->text = text;
	return (op);
}

static int
check_name(struct loader *l, const struct input *in, const struct scope *scope,
    const struct tag *t, struct found *ret)
{
	*ret = (struct found){ 0 };
	if (l->src->sample == NULL)
		return (0);
	*ret = look_up(l, scope, t->name);
	if (ret->n != 0)
		return (0);
	return (fault(l, in, t->line, "correct the name, or add it to the "
	    "sample of the view model", "the view model has no \"" STR_FMT
	    "\" here", STR_ARG(t->name)));
}

static int
value_op(struct loader *l, struct input *in, const struct scope *scope,
    const struct tag *t, struct op ***link)
{
	struct op *op = new_op(l, in, OP_VALUE, t->line, t->name);
	struct found f;
	int r = check_name(l, in, scope, t, &f);

	if (r != 0)
		return (r);
	for (size_t i = 0; i < f.n; i++)
		if (f.at[i]->type == VAL_MAP || f.at[i]->type == VAL_LIST)
			return (fault(l, in, t->line, "name one of its members, "
			    "or use a section", "\"" STR_FMT "\" is a list or "
			    "map", STR_ARG(t->name)));
	if (l->src->mode == TEMPLATE_HTML) {
		const char *why = html_value(&l->html, &op->place);
		if (why != NULL)
			return (fault(l, in, t->line, "put it into text or a "
			    "double-quoted attribute", "a value may not stand "
			    "%s", why));
	}
	**link = op;
	*link = &op->next;
	return (0);
}

static int
section_op(struct loader *l, struct input *in, const struct scope *scope,
    const struct tag *t, int depth, struct op ***link)
{
	struct op *op = new_op(l, in, t->kind == '#' ? OP_EACH : OP_NONE, t->line,
	    t->name);
	struct scope inner = *scope;
	struct html_state before = l->html;
	struct found f;
	int r = check_name(l, in, scope, t, &f);

	if (r != 0)
		return (r);
	if (depth == TEMPLATE_MAX_DEPTH)
		return (fault(l, in, t->line, "make it flatter",
		    "sections and parts are nested too deeply"));
	if (t->kind == '#' && l->src->sample != NULL) {
		f = inside(l, f);
		if (f.n == 0)
			return (fault(l, in, t->line, "give the sample an "
			    "element", "the sample has nothing in \"" STR_FMT
			    "\"", STR_ARG(t->name)));
		inner = (struct scope){ f.at, f.n, scope };
	}
	r = block(l, in, &inner, t, depth + 1, &op->child);
	if (r != 0)
		return (r);
	if (l->src->mode == TEMPLATE_HTML && !html_same(&before, &l->html))
		return (fault(l, in, t->line, "close within the section what is "
		    "opened in it", "the section \"" STR_FMT "\" ends in "
		    "another place of the HTML than it began",
		    STR_ARG(t->name)));
	/* The section may show nothing, so nothing in it settles a scheme. */
	l->html.begun = before.begun;
	**link = op;
	*link = &op->next;
	return (0);
}

static int
part_op(struct loader *l, struct input *in, const struct scope *scope,
    const struct tag *t, int depth, struct op ***link)
{
	struct input part = { .line = 1 };
	struct op *ops;

	part.name = arena_strndup(l->a, t->name.ptr, t->name.len);
	if (depth == TEMPLATE_MAX_DEPTH)
		return (fault(l, in, t->line, "see whether a part includes "
		    "itself", "sections and parts are nested too deeply"));
	if (l->src->part != NULL)
		part.text = l->src->part(l->src->part_ctx, part.name);
	if (part.text.ptr == NULL)
		return (fault(l, in, t->line, "correct its name",
		    "there is no part \"%s\"", part.name));
	int r = block(l, &part, scope, NULL, depth + 1, &ops);
	if (r != 0)
		return (r);
	**link = ops;
	while (**link != NULL)
		*link = &(**link)->next;
	return (0);
}

static int
text_op(struct loader *l, struct input *in, size_t to, struct op ***link)
{
	struct str s = { in->text.ptr + in->at, to - in->at };

	if (s.len == 0)
		return (0);
	if (l->src->mode == TEMPLATE_HTML)
		html_text(&l->html, s);
	struct op *op = new_op(l, in, OP_TEXT, in->line, s);
	**link = op;
	*link = &op->next;
	return (0);
}

/* Up to the tag that closes ${open}, or to the end. */
static int
block(struct loader *l, struct input *in, const struct scope *scope,
    const struct tag *open, int depth, struct op **ret)
{
	struct op *first = NULL, **link = &first;
	struct tag t;
	int r;

	while ((r = next_tag(l, in, &t)) > 0) {
		if ((r = text_op(l, in, t.from, &link)) != 0)
			return (r);
		in->line += count_lines((struct str){ in->text.ptr + in->at,
		    t.to - in->at });
		in->at = t.to;
		if (t.kind == '/') {
			if (open == NULL || !str_eq(t.name, open->name))
				return (fault(l, in, t.line, "close the section "
				    "that was opened last", "{{/" STR_FMT "}} "
				    "closes nothing here", STR_ARG(t.name)));
			*ret = first;
			return (0);
		}
		if (t.kind == 'v')
			r = value_op(l, in, scope, &t, &link);
		else if (t.kind == '#' || t.kind == '^')
			r = section_op(l, in, scope, &t, depth, &link);
		else if (t.kind == '>')
			r = part_op(l, in, scope, &t, depth, &link);
		if (r != 0)
			return (r);
	}
	if (r < 0)
		return (r);
	if (open != NULL)
		return (fault(l, in, open->line, "close it", "the section \""
		    STR_FMT "\" is not closed", STR_ARG(open->name)));
	r = text_op(l, in, in->text.len, &link);
	in->at = in->text.len;
	*ret = first;
	return (r);
}

int
template_load(struct arena *a, const struct template_source *src,
    struct template **ret, struct err *e)
{
	struct loader l = { .a = a, .src = src, .e = e };
	struct input in = { .text = src->text, .line = 1 };
	struct scope scope = { &src->sample, src->sample != NULL, NULL };
	struct template *t = arena_new(a, struct template);

	in.name = arena_strdup(a, src->name);
	t->mode = src->mode;
	if (in.text.ptr == NULL)
		in.text = STR("");
	int r = block(&l, &in, &scope, NULL, 0, &t->first);
	if (r != 0)
		return (r);
	if (src->mode == TEMPLATE_HTML && !html_at_end(&l.html))
		return (fault(&l, &in, in.line, "close what is open",
		    "it ends within a tag, comment, script or style"));
	*ret = t;
	return (0);
}

/* ---- rendering ---- */

struct frame {
	const struct val *v;
	const struct frame *outer;
};

struct renderer {
	enum template_mode mode;
	struct buf *out;
	struct err *e;
};

static int
broken(struct renderer *r, const struct op *op, const char *what)
{
	char where[512];

	snprintf(where, sizeof(where), "%s:%d", op->file, op->line);
	return (err_set(r->e, ERR_INPUT, where, "give the view model that name, "
	    "null if there is nothing", "the template cannot be filled, \""
	    STR_FMT "\" %s", STR_ARG(op->text), what));
}

static const struct val *
resolve(const struct frame *f, struct str name)
{
	const struct val *v = NULL;
	struct str part;

	if (str_is(name, "."))
		return (f->v);
	(void)str_split(&name, '.', &part);
	for (; f != NULL && v == NULL; f = f->outer)
		v = val_getstr(f->v, part);
	while (v != NULL && v->type != VAL_NULL && str_split(&name, '.', &part))
		v = val_getstr(v, part);
	return (v);
}

static bool
is_something(const struct val *v)
{
	switch (v->type) {
	case VAL_NULL:
		return (false);
	case VAL_BOOL:
		return (v->u.b);
	case VAL_STR:
	case VAL_HTML:
		return (v->u.s.len != 0);
	case VAL_LIST:
		return (v->u.list.n != 0);
	default:
		return (true);
	}
}

void
template_escape_html(struct buf *out, struct str s)
{
	size_t from = 0;

	for (size_t i = 0; i < s.len; i++) {
		const char *as;
		switch (s.ptr[i]) {
		case '&':
			as = "&amp;";
			break;
		case '<':
			as = "&lt;";
			break;
		case '>':
			as = "&gt;";
			break;
		case '"':
			as = "&quot;";
			break;
		case '\'':
			as = "&#39;";
			break;
		default:
			continue;
		}
		buf_put(out, s.ptr + from, i - from);
		buf_puts(out, as);
		from = i + 1;
	}
	if (s.len != 0)
		buf_put(out, s.ptr + from, s.len - from);
}

/* Every ASCII mark that Markdown could take for one of its own. */
static void
escape_markdown(struct buf *out, struct str s)
{
	for (size_t i = 0; i < s.len; i++) {
		char c = s.ptr[i];
		if (c == '\n' || c == '\r') {
			buf_putc(out, ' ');
			continue;
		}
		if (c != '\0' && strchr("\\`*_{}[]<>()#+-.!|~&$:=\"'", c) != NULL)
			buf_putc(out, '\\');
		buf_putc(out, c);
	}
}

static int
put_text(struct renderer *r, const struct op *op, struct str s)
{
	if (r->mode == TEMPLATE_TEXT)
		buf_putstr(r->out, s);
	else if (r->mode == TEMPLATE_MARKDOWN)
		escape_markdown(r->out, s);
	else if (op->place == HTML_IN_URL && !url_link_ok(s))
		buf_putc(r->out, '#');
	else
		template_escape_html(r->out, s);
	return (0);
}

static int
put_value(struct renderer *r, const struct op *op, const struct val *v)
{
	char number[40];

	switch (v->type) {
	case VAL_NULL:
		return (0);
	case VAL_BOOL:
		return (put_text(r, op, str_from(v->u.b ? "true" : "false")));
	case VAL_INT:
		snprintf(number, sizeof(number), "%lld", (long long)v->u.i);
		buf_puts(r->out, number);
		return (0);
	case VAL_REAL:
		snprintf(number, sizeof(number), "%.15g", v->u.d);
		buf_puts(r->out, number);
		return (0);
	case VAL_STR:
		return (put_text(r, op, v->u.s));
	case VAL_HTML:
		if (r->mode != TEMPLATE_HTML || op->place != HTML_IN_TEXT)
			return (broken(r, op, "is markup, which may stand only "
			    "in the text of HTML"));
		buf_putstr(r->out, v->u.s);
		return (0);
	default:
		return (broken(r, op, "is a list or map"));
	}
}

static int render(struct renderer *r, const struct op *op,
    const struct frame *f);

static int
put_section(struct renderer *r, const struct op *op, const struct frame *f,
    const struct val *v)
{
	struct frame inner = { v, f };
	int rc = 0;

	if (is_something(v) == (op->kind == OP_NONE))
		return (0);
	if (op->kind == OP_NONE)
		return (render(r, op->child, f));
	if (v->type != VAL_LIST)
		return (render(r, op->child, &inner));
	for (size_t i = 0; rc == 0 && i < v->u.list.n; i++) {
		inner.v = v->u.list.at[i];
		rc = render(r, op->child, &inner);
	}
	return (rc);
}

static int
render(struct renderer *r, const struct op *op, const struct frame *f)
{
	int rc = 0;

	for (; rc == 0 && op != NULL; op = op->next) {
		if (op->kind == OP_TEXT) {
			buf_putstr(r->out, op->text);
			continue;
		}
		const struct val *v = resolve(f, op->text);
		if (v == NULL)
			return (broken(r, op, "is not in the view model"));
		rc = op->kind == OP_VALUE ? put_value(r, op, v)
					  : put_section(r, op, f, v);
	}
	return (rc);
}

int
template_render(const struct template *t, const struct val *model,
    struct buf *out, struct err *e)
{
	struct renderer r = { t->mode, out, e };
	struct frame f = { model, NULL };
	size_t before = out->len;
	int rc = render(&r, t->first, &f);

	if (rc != 0 && out->ptr != NULL) {
		out->len = before;
		out->ptr[before] = '\0';
	}
	return (rc);
}
