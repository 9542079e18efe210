#include "report/html.h"

#include "base/content.h"
#include "text/template.h"

struct writer {
	const struct doc *d;
	struct buf *out;
	struct arena *a;
};

static void
text(struct writer *w, struct str s)
{
	template_escape_html(w->out, s);
}

static void
raw(struct writer *w, const char *s)
{
	buf_puts(w->out, s);
}

/* The id of a block: its label, or its number. */
static void
put_id(struct writer *w, const struct doc_block *b)
{
	if (b->label.len == 0) {
		buf_printf(w->out, "b%d", b->id);
		return;
	}
	for (size_t i = 0; i < b->label.len; i++) {
		unsigned char c = (unsigned char)b->label.ptr[i];
		bool ok = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
		    (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_';
		if (ok)
			buf_putc(w->out, (char)c);
		else
			buf_printf(w->out, "_%02x", c);
	}
}

static void
put_id_attr(struct writer *w, const struct doc_block *b)
{
	if (b->label.len == 0)
		return;
	raw(w, " id=\"");
	put_id(w, b);
	raw(w, "\"");
}

static void
open_style(struct writer *w, unsigned style)
{
	raw(w, style & DOC_BOLD ? "<strong>" : "");
	raw(w, style & DOC_ITALIC ? "<em>" : "");
	raw(w, style & DOC_MONO ? "<code>" : "");
	raw(w, style & DOC_SMALL ? "<small>" : "");
	raw(w, style & DOC_MUTED ? "<span class=\"muted\">" : "");
}

static void
close_style(struct writer *w, unsigned style)
{
	raw(w, style & DOC_MUTED ? "</span>" : "");
	raw(w, style & DOC_SMALL ? "</small>" : "");
	raw(w, style & DOC_MONO ? "</code>" : "");
	raw(w, style & DOC_ITALIC ? "</em>" : "");
	raw(w, style & DOC_BOLD ? "</strong>" : "");
}

static void
runs(struct writer *w, const struct doc_block *b)
{
	/* In header cells and headings bold is the element's own. */
	unsigned own = b->kind == DOC_HEADING || b->kind == DOC_TERM ||
	    (b->parent != NULL && b->parent->kind == DOC_CELL &&
		b->parent->parent->flags & DOC_ROW_HEAD) ? DOC_BOLD : 0;

	for (const struct doc_run *r = b->runs; r != NULL; r = r->next) {
		const struct doc_block *to = r->kind == DOC_RUN_REF ?
		    doc_find(w->d, r->target) : NULL;
		bool link = to != NULL || r->kind == DOC_RUN_LINK;
		if (r->kind == DOC_RUN_LINE) {
			raw(w, "<br>");
			continue;
		}
		if (to != NULL) {
			/* Those without a page are ids, which stay whole. */
			raw(w, r->page ? "<a href=\"#" :
			    "<a class=\"id\" href=\"#");
			put_id(w, to);
			raw(w, "\">");
		} else if (link) {
			raw(w, "<a rel=\"noreferrer\" href=\"");
			text(w, r->target);
			raw(w, "\">");
		}
		open_style(w, r->style & ~own);
		text(w, r->text);
		close_style(w, r->style & ~own);
		raw(w, link ? "</a>" : "");
	}
}

static void blocks(struct writer *w, const struct doc_block *b);

static void
permalink(struct writer *w, const struct doc_block *b)
{
	raw(w, "<a class=\"permalink\" aria-label=\"Link to this place\" "
	    "href=\"#");
	put_id(w, b);
	raw(w, "\">#</a>");
}

static void
section(struct writer *w, const struct doc_block *b)
{
	raw(w, "<section id=\"");
	put_id(w, b);
	raw(w, "\">\n<h2>");
	if (b->number.len != 0) {
		raw(w, "<span class=\"number\">");
		text(w, b->number);
		raw(w, "</span> ");
	}
	text(w, b->title);
	permalink(w, b);
	raw(w, "</h2>\n");
	blocks(w, b->first);
	raw(w, "</section>\n");
}

static void
heading(struct writer *w, const struct doc_block *b)
{
	buf_printf(w->out, "<h%d id=\"", b->level + 1);
	put_id(w, b);
	raw(w, "\">");
	runs(w, b);
	permalink(w, b);
	buf_printf(w->out, "</h%d>\n", b->level + 1);
}

static void
list(struct writer *w, const struct doc_block *b)
{
	if (b->start > 1)
		buf_printf(w->out, "<ol start=\"%d\">\n", b->start);
	else
		raw(w, b->start == 1 ? "<ol>\n" : "<ul>\n");
	for (const struct doc_block *i = b->first; i != NULL; i = i->next) {
		raw(w, "<li>");
		blocks(w, i->first);
		raw(w, "</li>\n");
	}
	raw(w, b->start > 0 ? "</ol>\n" : "</ul>\n");
}

/* An id or number in a column that is as wide as it needs: not to be broken. */
static bool
whole(struct writer *w, const struct doc_col *col, const struct doc_block *c)
{
	const struct doc_block *p = c->first;

	return (col->weight == 0 && c->span == 1 && p != NULL &&
	    p->next == NULL && p->kind == DOC_PARA &&
	    doc_plain(w->a, p).len <= 24);
}

static void
cells(struct writer *w, const struct doc_block *t, const struct doc_block *row)
{
	bool head = row->flags & DOC_ROW_HEAD;
	bool band = row->flags & DOC_ROW_BAND;
	size_t k = 0;

	for (const struct doc_block *c = row->first; c != NULL && k < t->ncols;
	    c = c->next) {
		const struct doc_col *col = &t->cols[k];
		bool th = head || band || col->head;
		raw(w, th ? "<th" : "<td");
		if (th)
			buf_printf(w->out, " scope=\"%s\"", head ? "col" :
			    band ? "rowgroup" : "row");
		if (c->span > 1)
			buf_printf(w->out, " colspan=\"%d\"", c->span);
		enum doc_align align = c->span == 1 ? col->align : DOC_LEFT;
		bool n = whole(w, col, c);
		if (align != DOC_LEFT || n)
			buf_printf(w->out, " class=\"%s%s\"", n ? "n" : "",
			    align == DOC_RIGHT ? " r" : align == DOC_CENTRE ? " c" :
			    "");
		put_id_attr(w, c);
		raw(w, ">");
		if (c->first != NULL && c->first->next == NULL &&
		    c->first->kind == DOC_PARA && c->first->label.len == 0)
			runs(w, c->first);
		else
			blocks(w, c->first);
		raw(w, th ? "</th>" : "</td>");
		k += (size_t)c->span;
	}
	for (; k < t->ncols; k++)
		raw(w, "<td></td>");
}

static void
table(struct writer *w, const struct doc_block *t)
{
	const struct doc_block *r = t->first;

	raw(w, "<div class=\"scroll\" tabindex=\"0\" role=\"region\" "
	    "aria-label=\"");
	if (t->title.len != 0)
		text(w, t->title);
	else
		raw(w, "Table");
	raw(w, t->ncols > 3 ? "\"><table class=\"wide\">\n" : "\"><table>\n");
	if (t->title.len != 0) {
		raw(w, "<caption>");
		text(w, t->title);
		raw(w, "</caption>\n");
	}
	for (int body = 0; body < 2; body++) {
		bool any = false;
		for (; r != NULL && (body || r->flags & DOC_ROW_HEAD);
		    r = r->next) {
			if (!any)
				raw(w, body ? "<tbody>\n" : "<thead>\n");
			else if (body && r->flags & DOC_ROW_BAND)
				raw(w, "</tbody>\n<tbody>\n");
			any = true;
			raw(w, "<tr");
			put_id_attr(w, r);
			raw(w, r->flags & DOC_ROW_BAND ? " class=\"band\">" : ">");
			cells(w, t, r);
			raw(w, "</tr>\n");
		}
		if (any)
			raw(w, body ? "</tbody>\n" : "</thead>\n");
	}
	raw(w, "</table></div>\n");
}

static void
note(struct writer *w, const struct doc_block *b)
{
	static const char *const kinds[] = { "", " warn", " form" };

	buf_printf(w->out, "<div class=\"note%s\" role=\"note\"",
	    kinds[b->note]);
	put_id_attr(w, b);
	raw(w, ">\n");
	if (b->title.len != 0) {
		raw(w, "<p class=\"name\">");
		text(w, b->title);
		raw(w, "</p>\n");
	}
	blocks(w, b->first);
	raw(w, "</div>\n");
}

static void
simple(struct writer *w, const char *tag, const struct doc_block *b)
{
	buf_printf(w->out, "<%s", tag);
	put_id_attr(w, b);
	raw(w, ">");
	runs(w, b);
	buf_printf(w->out, "</%s>\n", tag);
}

static void
block(struct writer *w, const struct doc_block *b)
{
	switch (b->kind) {
	case DOC_SECTION:
		section(w, b);
		break;
	case DOC_HEADING:
		heading(w, b);
		break;
	case DOC_PARA:
		simple(w, "p", b);
		break;
	case DOC_LIST:
		list(w, b);
		break;
	case DOC_DEFS:
		raw(w, "<dl class=\"defs\">\n");
		blocks(w, b->first);
		raw(w, "</dl>\n");
		break;
	case DOC_TERM:
		simple(w, "dt", b);
		break;
	case DOC_DEF:
		raw(w, "<dd>");
		blocks(w, b->first);
		raw(w, "</dd>\n");
		break;
	case DOC_TABLE:
		table(w, b);
		break;
	case DOC_NOTE:
		note(w, b);
		break;
	case DOC_BLANK:
		raw(w, "<div class=\"blank\">");
		runs(w, b);
		for (int i = 0; i < b->lines; i++)
			raw(w, "<span class=\"line\"></span>");
		raw(w, "</div>\n");
		break;
	case DOC_CODE:
		raw(w, "<pre>");
		if (b->runs != NULL)
			text(w, b->runs->text);
		raw(w, "</pre>\n");
		break;
	case DOC_RULE:
		raw(w, "<hr>\n");
		break;
	case DOC_BREAK:
	case DOC_TOC: /* beside the text: see contents() */
		break;
	default:
		blocks(w, b->first);
		break;
	}
}

static void
blocks(struct writer *w, const struct doc_block *b)
{
	for (; b != NULL; b = b->next)
		block(w, b);
}

static void
entry(struct writer *w, const struct doc_block *b)
{
	raw(w, "<li><a href=\"#");
	put_id(w, b);
	raw(w, "\">");
	text(w, doc_titleline(w->a, b));
	raw(w, "</a>");
}

static void
contents(struct writer *w)
{
	raw(w, "<nav class=\"toc\" aria-label=\"Contents\"><details open>"
	    "<summary>Contents</summary>\n<ul>\n");
	for (const struct doc_block *s = w->d->root->first; s != NULL;
	    s = s->next) {
		bool any = false;
		if (s->kind != DOC_SECTION || s->front)
			continue;
		entry(w, s);
		for (const struct doc_block *h = s->first; h != NULL;
		    h = h->next) {
			if (h->kind != DOC_HEADING || h->level > 2 || h->unlisted)
				continue;
			raw(w, any ? "" : "\n<ul>\n");
			any = true;
			entry(w, h);
			raw(w, "</li>\n");
		}
		raw(w, any ? "</ul></li>\n" : "</li>\n");
	}
	raw(w, "</ul></details></nav>\n");
}

/* Text within a string of CSS: anything that could end it is written as a
 * code. */
static void
css_string(struct writer *w, struct str s)
{
	for (size_t i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.ptr[i];
		if (c < 0x20 || strchr("\"\\<>&'{};", (int)c) != NULL)
			buf_printf(w->out, "\\%06x", c);
		else
			buf_putc(w->out, (char)c);
	}
}

static void
styles(struct writer *w)
{
	struct str css = content_find("content/report/report.css");
	struct str head = STR("@HEAD@"), foot = STR("@FOOT@");

	raw(w, "<style>\n");
	for (size_t i = 0; i < css.len; i++) {
		struct str rest = { css.ptr + i, css.len - i };
		bool is_head = str_starts(rest, head.ptr);
		if (!is_head && !str_starts(rest, foot.ptr)) {
			buf_putc(w->out, css.ptr[i]);
			continue;
		}
		css_string(w, is_head ? w->d->head : w->d->foot);
		i += head.len - 1;
	}
	raw(w, "</style>\n");
}

static void
cover(struct writer *w)
{
	const struct doc *d = w->d;

	raw(w, "<header class=\"cover\">\n<p class=\"kicker\">");
	text(w, d->kicker);
	raw(w, "</p>\n<h1>");
	text(w, d->title);
	raw(w, "</h1>\n<p class=\"subtitle\">");
	text(w, d->subtitle);
	raw(w, "</p>\n<dl class=\"facts\">\n");
	for (size_t i = 0; i < d->nfacts; i++) {
		raw(w, "<dt>");
		text(w, d->facts[i].name);
		raw(w, "</dt><dd>");
		text(w, d->facts[i].value);
		raw(w, "</dd>\n");
	}
	raw(w, "</dl>\n");
	if (d->title_note.len != 0) {
		raw(w, "<p class=\"title-note\">");
		text(w, d->title_note);
		raw(w, "</p>\n");
	}
	raw(w, "</header>\n");
}

int
html_write(const struct doc *d, struct buf *out, struct report_result *ret,
    struct err *e)
{
	ARENA_SCOPED a = ARENA_INIT;
	struct writer w = { d, out, &a };

	(void)ret;
	(void)e;
	raw(&w, "<!doctype html>\n<html lang=\"");
	text(&w, d->lang);
	raw(&w, "\">\n<head>\n<meta charset=\"utf-8\">\n"
	    "<meta name=\"viewport\" content=\"width=device-width, "
	    "initial-scale=1\">\n<meta http-equiv=\"Content-Security-Policy\" "
	    "content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
	    "<meta name=\"generator\" content=\"Tickmark\">\n<meta name=\"author\" "
	    "content=\"");
	text(&w, d->author);
	raw(&w, "\">\n<title>");
	text(&w, d->title);
	raw(&w, "</title>\n");
	styles(&w);
	raw(&w, "</head>\n<body>\n<a class=\"skip\" href=\"#text\">Skip to the "
	    "text</a>\n");
	if (d->watermark.len != 0) {
		raw(&w, "<div class=\"draft\" role=\"status\"><strong>");
		text(&w, d->watermark);
		raw(&w, "</strong> ");
		text(&w, d->watermark_reason);
		raw(&w, "</div>\n<div class=\"mark\" aria-hidden=\"true\">");
		text(&w, d->watermark);
		raw(&w, "</div>\n");
	}
	raw(&w, "<div class=\"page\">\n");
	cover(&w);
	raw(&w, "<div class=\"cols\">\n");
	contents(&w);
	raw(&w, "<main id=\"text\">\n");
	for (const struct doc_block *b = d->root->first; b != NULL; b = b->next) {
		/* A section that only holds the contents says nothing here. */
		if (b->kind == DOC_SECTION && b->first != NULL &&
		    b->first->kind == DOC_TOC && b->first->next == NULL)
			continue;
		block(&w, b);
	}
	raw(&w, "</main>\n</div>\n</div>\n</body>\n</html>\n");
	return (0);
}
