#include "text/markdown.h"

#include "base/map.h"
#include "text/template.h"
#include "text/url.h"

#define QUOTES_MAX (2 * MARKDOWN_MAX_DEPTH)
#define IMAGES_MAX 4096

/*
 * Container marks at the beginning of a line ("> > - - ..."). cmark's time
 * grows with the square of their number before we see its tree.
 */
static bool
too_many_marks(struct str line)
{
	size_t marks = 0;

	for (size_t i = 0; i < line.len; i++) {
		if (line.ptr[i] == '\0' ||
		    strchr(">-*+ \t0123456789.)", line.ptr[i]) == NULL)
			break;
		if (strchr(">-*+.)", line.ptr[i]) == NULL)
			continue;
		/* "-----" and "* * *" are rules, not lists. */
		if (line.ptr[i] == '>' || (i > 0 && line.ptr[i - 1] != line.ptr[i] &&
			i + 1 < line.len && line.ptr[i + 1] == ' '))
			marks++;
	}
	return (marks > QUOTES_MAX);
}

/* How many images begin. cmark passes all that are open at each link. */
static size_t
images(struct str line)
{
	size_t n = 0;

	for (size_t i = 0; i + 1 < line.len; i++)
		n += line.ptr[i] == '!' && line.ptr[i + 1] == '[';
	return (n);
}

static int
check(const char *name, struct str text, struct err *e)
{
	struct str rest = text, line;
	char where[512];
	size_t nimages = 0;
	int n = 0;

	if (text.len > MARKDOWN_MAX_BYTES)
		return (err_set(e, ERR_LIMIT, name, "split the text",
		    "the Markdown has %zu bytes, more than %zu", text.len,
		    MARKDOWN_MAX_BYTES));
	while (str_split(&rest, '\n', &line)) {
		n++;
		snprintf(where, sizeof(where), "%s:%d", name, n);
		if (!str_utf8_ok(line))
			return (err_set(e, ERR_INPUT, where, "save it as UTF-8",
			    "the Markdown is not UTF-8, or holds a NUL byte"));
		if (too_many_marks(line))
			return (err_set(e, ERR_INPUT, where, "make it flatter",
			    "the Markdown is nested too deeply"));
		if ((nimages += images(line)) > IMAGES_MAX)
			return (err_set(e, ERR_LIMIT, where, "split the text",
			    "the Markdown has more than %d images", IMAGES_MAX));
	}
	return (0);
}

static void
clean_links(struct md *m)
{
	for (; m != NULL; m = m->next) {
		if (m->kind == MD_LINK && !url_link_ok(m->url))
			m->url = STR_NULL;
		clean_links(m->child);
	}
}

int
markdown_parse(struct arena *a, const char *name, struct str text,
    struct md **ret, struct err *e)
{
	struct md *root;
	int r = check(name, text, e);

	if (r != 0)
		return (r);
	r = sys_cmark_parse(a, text, MARKDOWN_MAX_DEPTH, &root, e);
	if (r != 0) {
		char line[32];
		snprintf(line, sizeof(line), "%.30s", e != NULL ? e->where : "");
		return (e != NULL ? err_at(e, "%s:%s", name, line) : r);
	}
	clean_links(root);
	*ret = root;
	return (0);
}

/* ---- plain text ---- */

static void
put_plain(struct buf *out, const struct md *m)
{
	for (; m != NULL; m = m->next) {
		if (m->kind == MD_TEXT || m->kind == MD_SPAN || m->kind == MD_CODE)
			buf_putstr(out, m->text);
		else if (m->kind == MD_SOFTBREAK || m->kind == MD_BREAK)
			buf_putc(out, ' ');
		put_plain(out, m->child);
		if (m->kind < MD_TEXT && m->next != NULL)
			buf_putc(out, ' ');
	}
}

struct str
markdown_plain(struct arena *a, const struct md *md)
{
	BUF_SCOPED b = BUF_INIT;

	if (md->kind == MD_TEXT || md->kind == MD_SPAN || md->kind == MD_CODE)
		buf_putstr(&b, md->text);
	put_plain(&b, md->child);
	return (arena_str(a, buf_str(&b)));
}

/* ---- HTML ---- */

struct html {
	struct arena *a;
	struct buf out;
	struct map ids; /* of headings so far */
};

static void put_html(struct html *h, const struct md *m, bool tight);

static void
put_children(struct html *h, const struct md *m, bool tight)
{
	for (const struct md *c = m->child; c != NULL; c = c->next)
		put_html(h, c, tight);
}

/* "Access control (CC6)" becomes access-control-cc6; a second one gets -2. */
static struct str
heading_id(struct html *h, const struct md *m)
{
	struct str s = markdown_plain(h->a, m);
	char *p = arena_alloc(h->a, s.len + 2);
	size_t n = 0;

	for (size_t i = 0; i < s.len; i++) {
		char c = s.ptr[i];
		bool upper = c >= 'A' && c <= 'Z';
		if (upper || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))
			p[n++] = (char)(upper ? c + 32 : c);
		else if ((unsigned char)c >= 0x80)
			p[n++] = c;
		else if (n > 0 && p[n - 1] != '-')
			p[n++] = '-';
	}
	while (n > 0 && p[n - 1] == '-')
		n--;
	struct str id = n != 0 ? (struct str){ p, n } : STR("section"), base = id;
	int *used = map_get(&h->ids, base); /* the number given last */
	if (used == NULL) {
		used = arena_new(h->a, int);
		*used = 1;
		map_put(&h->ids, base, used);
		return (base);
	}
	do
		id = str_from(arena_printf(h->a, STR_FMT "-%d", STR_ARG(base),
		    ++*used));
	while (map_get(&h->ids, id) != NULL);
	int *one = arena_new(h->a, int);
	*one = 1;
	map_put(&h->ids, id, one);
	return (id);
}

static void
wrapped(struct html *h, const struct md *m, const char *tag, const char *after)
{
	buf_printf(&h->out, "<%s>", tag);
	put_children(h, m, false);
	buf_printf(&h->out, "</%s>%s", tag, after);
}

static void
put_list(struct html *h, const struct md *m)
{
	const char *tag = m->ordered ? "ol" : "ul";

	if (m->ordered && m->start != 1)
		buf_printf(&h->out, "<ol start=\"%d\">\n", m->start);
	else
		buf_printf(&h->out, "<%s>\n", tag);
	for (const struct md *c = m->child; c != NULL; c = c->next) {
		buf_puts(&h->out, "<li>");
		put_children(h, c, m->tight);
		buf_puts(&h->out, "</li>\n");
	}
	buf_printf(&h->out, "</%s>\n", tag);
}

static void
put_row(struct html *h, const struct md *row)
{
	const char *tag = row->header ? "th" : "td";

	buf_puts(&h->out, "<tr>");
	for (const struct md *c = row->child; c != NULL; c = c->next) {
		buf_printf(&h->out, "<%s%s%s>", tag,
		    row->header ? " scope=\"col\"" : "",
		    c->align == 'r'	? " class=\"right\""
			: c->align == 'c' ? " class=\"center\""
					  : "");
		put_children(h, c, false);
		buf_printf(&h->out, "</%s>", tag);
	}
	buf_puts(&h->out, "</tr>\n");
}

static void
put_table(struct html *h, const struct md *m)
{
	const struct md *row = m->child;

	buf_puts(&h->out, "<table>\n");
	if (row != NULL && row->header) {
		buf_puts(&h->out, "<thead>\n");
		put_row(h, row);
		buf_puts(&h->out, "</thead>\n");
		row = row->next;
	}
	buf_puts(&h->out, "<tbody>\n");
	for (; row != NULL; row = row->next)
		put_row(h, row);
	buf_puts(&h->out, "</tbody>\n</table>\n");
}

static void
put_code(struct html *h, const struct md *m)
{
	buf_puts(&h->out, "<pre><code");
	if (m->url.len != 0) {
		buf_puts(&h->out, " class=\"language-");
		template_escape_html(&h->out, m->url);
		buf_putc(&h->out, '"');
	}
	buf_putc(&h->out, '>');
	template_escape_html(&h->out, m->text);
	buf_puts(&h->out, "</code></pre>\n");
}

static void
put_link(struct html *h, const struct md *m)
{
	if (m->url.len == 0) {
		put_children(h, m, false);
		return;
	}
	buf_puts(&h->out, "<a href=\"");
	template_escape_html(&h->out, m->url);
	buf_puts(&h->out, "\">");
	put_children(h, m, false);
	buf_puts(&h->out, "</a>");
}

static void
put_heading(struct html *h, const struct md *m)
{
	buf_printf(&h->out, "<h%d id=\"", m->level);
	template_escape_html(&h->out, heading_id(h, m));
	buf_puts(&h->out, "\">");
	put_children(h, m, false);
	buf_printf(&h->out, "</h%d>\n", m->level);
}

static void
put_inline(struct html *h, const struct md *m)
{
	switch (m->kind) {
	case MD_TEXT:
		template_escape_html(&h->out, m->text);
		return;
	case MD_SPAN:
		buf_puts(&h->out, "<code>");
		template_escape_html(&h->out, m->text);
		buf_puts(&h->out, "</code>");
		return;
	case MD_EMPH:
		wrapped(h, m, "em", "");
		return;
	case MD_STRONG:
		wrapped(h, m, "strong", "");
		return;
	case MD_STRIKE:
		wrapped(h, m, "del", "");
		return;
	case MD_LINK:
		put_link(h, m);
		return;
	case MD_SOFTBREAK:
		buf_putc(&h->out, '\n');
		return;
	case MD_BREAK:
		buf_puts(&h->out, "<br>\n");
		return;
	default:
		BUG("Markdown node of kind %d", m->kind);
	}
}

static void
put_html(struct html *h, const struct md *m, bool tight)
{
	switch (m->kind) {
	case MD_DOC:
	case MD_ITEM:
		put_children(h, m, false);
		return;
	case MD_HEADING:
		put_heading(h, m);
		return;
	case MD_PARA:
		if (tight)
			put_children(h, m, false);
		else
			wrapped(h, m, "p", "\n");
		return;
	case MD_LIST:
		if (tight)
			buf_putc(&h->out, '\n');
		put_list(h, m);
		return;
	case MD_QUOTE:
		wrapped(h, m, "blockquote", "\n");
		return;
	case MD_CODE:
		put_code(h, m);
		return;
	case MD_RULE:
		buf_puts(&h->out, "<hr>\n");
		return;
	case MD_TABLE:
		put_table(h, m);
		return;
	case MD_ROW:
		put_row(h, m);
		return;
	case MD_CELL:
		put_children(h, m, false);
		return;
	default:
		put_inline(h, m);
	}
}

struct val *
markdown_tree_html(struct arena *a, const struct md *md)
{
	struct html h = { .a = a };

	map_init(&h.ids, a);
	put_html(&h, md, false);
	struct val *v = val_str(a, buf_str(&h.out));
	v->type = VAL_HTML;
	buf_free(&h.out);
	return (v);
}

int
markdown_html(struct arena *a, const char *name, struct str text,
    struct val **ret, struct err *e)
{
	struct md *root;
	int r = markdown_parse(a, name, text, &root, e);

	if (r == 0)
		*ret = markdown_tree_html(a, root);
	return (r);
}
