#include "report/doc.h"

/* Copy text; what is not UTF-8 becomes U+FFFD, control characters spaces. */
static struct str
clean(struct arena *a, struct str s, bool lines)
{
	bool plain = str_utf8_ok(s);

	for (size_t i = 0; plain && i < s.len; i++) {
		unsigned char c = (unsigned char)s.ptr[i];
		plain = (c >= 0x20 && c != 0x7f) || (lines && c == '\n');
	}
	if (plain)
		return (arena_str(a, s));
	BUF_SCOPED b = BUF_INIT;
	for (size_t i = 0; i < s.len;) {
		unsigned char c = (unsigned char)s.ptr[i];
		size_t at = i;
		if (c < 0x20 || c == 0x7f) {
			buf_putc(&b, lines && c == '\n' ? '\n' : ' ');
			i++;
		} else if (str_utf8_next(s, &at) >= 0) {
			buf_put(&b, s.ptr + i, at - i);
			i = at;
		} else {
			buf_puts(&b, "\xef\xbf\xbd");
			i++;
		}
	}
	return (arena_str(a, buf_str(&b)));
}

struct doc *
doc_new(struct arena *a)
{
	struct doc *d = arena_new(a, struct doc);

	d->arena = a;
	map_init(&d->labels, a);
	d->root = arena_new(a, struct doc_block);
	d->root->kind = DOC_ROOT;
	d->lang = STR("en");
	return (d);
}

void
doc_fact(struct doc *d, const char *name, const char *value)
{
	if (d->nfacts == d->facts_cap) {
		size_t cap = d->facts_cap * 2 + 8;
		struct doc_fact *f = arena_array(d->arena, cap, sizeof(*f));
		if (d->nfacts != 0)
			memcpy(f, d->facts, d->nfacts * sizeof(*f));
		d->facts = f;
		d->facts_cap = cap;
	}
	d->facts[d->nfacts++] = (struct doc_fact){
		clean(d->arena, str_from(name), false),
		clean(d->arena, str_from(value), false)
	};
}

static struct doc_block *
add(struct doc *d, struct doc_block *in, enum doc_kind kind)
{
	struct doc_block *b = arena_new(d->arena, struct doc_block);

	b->kind = kind;
	b->parent = in;
	b->span = 1;
	b->id = ++d->nblocks;
	if (in->last != NULL)
		in->last->next = b;
	else
		in->first = b;
	in->last = b;
	return (b);
}

void
doc_label(struct doc *d, struct doc_block *b, const char *label)
{
	if (label == NULL || label[0] == '\0')
		return;
	b->label = arena_str(d->arena, str_from(label));
	if (map_put(&d->labels, b->label, b) != NULL)
		BUG("the label %s is used twice", label);
}

struct doc_block *
doc_section(struct doc *d, const char *label, const char *number,
    const char *title)
{
	struct doc_block *b = add(d, d->root, DOC_SECTION);

	b->level = 1;
	b->number = clean(d->arena, str_from(number), false);
	b->title = clean(d->arena, str_from(title), false);
	doc_label(d, b, label);
	return (b);
}

struct doc_block *
doc_heading(struct doc *d, struct doc_block *in, int level, const char *label,
    const char *text)
{
	struct doc_block *b = add(d, in, DOC_HEADING);

	b->level = level < 2 ? 2 : level > 4 ? 4 : level;
	doc_label(d, b, label);
	if (text != NULL)
		doc_text(d, b, text);
	return (b);
}

struct doc_block *
doc_para(struct doc *d, struct doc_block *in)
{
	return (add(d, in, DOC_PARA));
}

struct doc_block *
doc_paraf(struct doc *d, struct doc_block *in, const char *fmt, ...)
{
	struct doc_block *b = doc_para(d, in);
	va_list ap;

	va_start(ap, fmt);
	doc_text(d, b, arena_vprintf(d->arena, fmt, ap));
	va_end(ap);
	return (b);
}

struct doc_block *
doc_list(struct doc *d, struct doc_block *in, int start)
{
	struct doc_block *b = add(d, in, DOC_LIST);

	b->start = start;
	return (b);
}

struct doc_block *
doc_item(struct doc *d, struct doc_block *list)
{
	return (add(d, list, DOC_ITEM));
}

struct doc_block *
doc_defs(struct doc *d, struct doc_block *in)
{
	return (add(d, in, DOC_DEFS));
}

struct doc_block *
doc_def(struct doc *d, struct doc_block *defs, const char *term)
{
	struct doc_block *t = add(d, defs, DOC_TERM);

	doc_run(d, t, DOC_BOLD, str_from(term));
	return (add(d, defs, DOC_DEF));
}

struct doc_block *
doc_note(struct doc *d, struct doc_block *in, enum doc_note kind,
    const char *title)
{
	struct doc_block *b = add(d, in, DOC_NOTE);

	b->note = kind;
	b->title = clean(d->arena, str_from(title), false);
	return (b);
}

struct doc_block *
doc_blank(struct doc *d, struct doc_block *in, const char *label, int lines)
{
	struct doc_block *b = add(d, in, DOC_BLANK);

	b->lines = lines < 1 ? 1 : lines;
	if (label != NULL)
		doc_text(d, b, label);
	return (b);
}

struct doc_block *
doc_code(struct doc *d, struct doc_block *in, struct str text)
{
	struct doc_block *b = add(d, in, DOC_CODE);

	doc_run(d, b, DOC_MONO, text);
	return (b);
}

void
doc_rule(struct doc *d, struct doc_block *in)
{
	add(d, in, DOC_RULE);
}

void
doc_break(struct doc *d, struct doc_block *in)
{
	add(d, in, DOC_BREAK);
}

void
doc_toc(struct doc *d, struct doc_block *in, int deepest)
{
	add(d, in, DOC_TOC)->level = deepest;
}

struct doc_block *
doc_table(struct doc *d, struct doc_block *in, const struct doc_col *cols,
    size_t n, const char *caption)
{
	struct doc_block *b = add(d, in, DOC_TABLE);
	struct doc_col *copy = arena_array(d->arena, n, sizeof(*copy));

	memcpy(copy, cols, n * sizeof(*copy));
	b->cols = copy;
	b->ncols = n;
	b->title = clean(d->arena, str_from(caption), false);
	return (b);
}

struct doc_block *
doc_row(struct doc *d, struct doc_block *table, unsigned flags)
{
	struct doc_block *b = add(d, table, DOC_ROW);

	b->flags = flags;
	return (b);
}

struct doc_block *
doc_cell(struct doc *d, struct doc_block *row, int span)
{
	struct doc_block *b = add(d, row, DOC_CELL);

	b->span = span < 1 ? 1 : span;
	return (b);
}

void
doc_head(struct doc *d, struct doc_block *table, ...)
{
	struct doc_block *row = doc_row(d, table, DOC_ROW_HEAD);
	const char *text;
	va_list ap;

	va_start(ap, table);
	while ((text = va_arg(ap, const char *)) != NULL)
		doc_celltext(d, row, DOC_BOLD, str_from(text));
	va_end(ap);
}

struct doc_block *
doc_celltext(struct doc *d, struct doc_block *row, unsigned style,
    struct str text)
{
	struct doc_block *p = doc_para(d, doc_cell(d, row, 1));

	doc_run(d, p, style, text);
	return (p);
}

static struct doc_run *
add_run(struct doc *d, struct doc_block *b, enum doc_run_kind kind,
    unsigned style, struct str text)
{
	struct doc_run *r = arena_new(d->arena, struct doc_run);

	r->kind = kind;
	r->style = style;
	r->text = clean(d->arena, text, b->kind == DOC_CODE);
	if (b->runs_last != NULL)
		b->runs_last->next = r;
	else
		b->runs = r;
	b->runs_last = r;
	return (r);
}

void
doc_text(struct doc *d, struct doc_block *b, const char *text)
{
	add_run(d, b, DOC_RUN_TEXT, 0, str_from(text));
}

void
doc_textf(struct doc *d, struct doc_block *b, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	doc_text(d, b, arena_vprintf(d->arena, fmt, ap));
	va_end(ap);
}

void
doc_run(struct doc *d, struct doc_block *b, unsigned style, struct str text)
{
	add_run(d, b, DOC_RUN_TEXT, style, text);
}

void
doc_line(struct doc *d, struct doc_block *b)
{
	add_run(d, b, DOC_RUN_LINE, 0, STR_NULL);
}

void
doc_ref(struct doc *d, struct doc_block *b, const char *label,
    const char *text)
{
	struct doc_run *r = add_run(d, b, DOC_RUN_REF, 0, str_from(text));

	r->target = arena_str(d->arena, str_from(label));
	r->page = true;
}

void
doc_reflink(struct doc *d, struct doc_block *b, unsigned style,
    const char *label, struct str text)
{
	struct doc_run *r = add_run(d, b, DOC_RUN_REF, style, text);

	r->target = arena_str(d->arena, str_from(label));
}

static bool
address_ok(struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		if ((unsigned char)s.ptr[i] <= 0x20 ||
		    (unsigned char)s.ptr[i] >= 0x7f)
			return (false);
	return (str_starts(s, "http://") || str_starts(s, "https://") ||
	    str_starts(s, "mailto:"));
}

void
doc_linkstyle(struct doc *d, struct doc_block *b, unsigned style,
    struct str address, struct str text)
{
	bool ok = address_ok(address);
	struct doc_run *r = add_run(d, b, ok ? DOC_RUN_LINK : DOC_RUN_TEXT,
	    style, text);

	if (ok)
		r->target = arena_str(d->arena, address);
}

void
doc_link(struct doc *d, struct doc_block *b, const char *address,
    struct str text)
{
	doc_linkstyle(d, b, 0, str_from(address), text);
}

struct doc_block *
doc_find(const struct doc *d, struct str label)
{
	return (label.len == 0 ? NULL : map_get(&d->labels, label));
}

struct str
doc_plain(struct arena *a, const struct doc_block *b)
{
	BUF_SCOPED out = BUF_INIT;

	for (const struct doc_run *r = b->runs; r != NULL; r = r->next) {
		if (r->kind == DOC_RUN_LINE)
			buf_putc(&out, ' ');
		buf_putstr(&out, r->text);
	}
	return (arena_str(a, buf_str(&out)));
}

struct str
doc_titleline(struct arena *a, const struct doc_block *b)
{
	if (b->kind != DOC_SECTION)
		return (doc_plain(a, b));
	if (b->number.len == 0)
		return (b->title);
	return (str_from(arena_printf(a, STR_FMT ". " STR_FMT,
	    STR_ARG(b->number), STR_ARG(b->title))));
}
