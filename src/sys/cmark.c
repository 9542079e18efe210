#include "sys/cmark.h"

#include <cmark-gfm-core-extensions.h>
#include <cmark-gfm.h>

struct walk {
	struct arena *a;
	struct err *e;
	const uint8_t *aligns; /* of the table at hand */
	int naligns;
};

static int convert(struct walk *w, cmark_node *n, int depth, struct md **ret);

static struct str
copy(struct walk *w, const char *s)
{
	return (arena_str(w->a, str_from(s != NULL ? s : "")));
}

static int
children(struct walk *w, cmark_node *n, int depth, struct md *into)
{
	struct md **link = &into->child;

	for (cmark_node *c = cmark_node_first_child(n); c != NULL;
	     c = cmark_node_next(c)) {
		int r = convert(w, c, depth - 1, link);
		if (r != 0)
			return (r);
		/* What is left out leaves no node behind. */
		if (*link != NULL)
			link = &(*link)->next;
	}
	return (0);
}

static bool
is_comment(struct str s)
{
	s = str_trim(s);
	return (s.len >= 7 && str_starts(s, "<!--") && str_ends(s, "-->") &&
	    str_find((struct str){ s.ptr + 4, s.len - 4 }, "-->") ==
		(ptrdiff_t)s.len - 7);
}

/* Raw HTML: shown, not obeyed; comments are left out. */
static void
html(struct walk *w, cmark_node *n, struct md **ret)
{
	bool block = cmark_node_get_type(n) == CMARK_NODE_HTML_BLOCK;
	struct str s = copy(w, cmark_node_get_literal(n));

	if (is_comment(s))
		return;
	struct md *m = arena_new(w->a, struct md);
	m->kind = block ? MD_CODE : MD_TEXT;
	m->line = block ? cmark_node_get_start_line(n) : 0;
	m->text = s;
	*ret = m;
}

static void
list(cmark_node *n, struct md *m)
{
	m->ordered = cmark_node_get_list_type(n) == CMARK_ORDERED_LIST;
	m->start = m->ordered ? cmark_node_get_list_start(n) : 0;
	m->tight = cmark_node_get_list_tight(n) != 0;
}

static int
kind_of(cmark_node_type t)
{
	static const struct {
		uint16_t from;
		uint8_t to;
	} kinds[] = {
		{ CMARK_NODE_DOCUMENT, MD_DOC },
		{ CMARK_NODE_BLOCK_QUOTE, MD_QUOTE },
		{ CMARK_NODE_LIST, MD_LIST },
		{ CMARK_NODE_ITEM, MD_ITEM },
		{ CMARK_NODE_CODE_BLOCK, MD_CODE },
		{ CMARK_NODE_PARAGRAPH, MD_PARA },
		{ CMARK_NODE_HEADING, MD_HEADING },
		{ CMARK_NODE_THEMATIC_BREAK, MD_RULE },
		{ CMARK_NODE_TEXT, MD_TEXT },
		{ CMARK_NODE_SOFTBREAK, MD_SOFTBREAK },
		{ CMARK_NODE_LINEBREAK, MD_BREAK },
		{ CMARK_NODE_CODE, MD_SPAN },
		{ CMARK_NODE_EMPH, MD_EMPH },
		{ CMARK_NODE_STRONG, MD_STRONG },
		{ CMARK_NODE_LINK, MD_LINK },
		{ CMARK_NODE_IMAGE, MD_LINK },
	};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
		if (kinds[i].from == t)
			return (kinds[i].to);
	return (-1);
}

/* Node types of extensions are numbers that are known only at run time. */
static int
extension_kind(cmark_node *n)
{
	const char *t = cmark_node_get_type_string(n);
	static const struct {
		const char *name;
		enum md_kind kind;
	} kinds[] = {
		{ "table", MD_TABLE },
		{ "table_header", MD_ROW },
		{ "table_row", MD_ROW },
		{ "table_cell", MD_CELL },
		{ "strikethrough", MD_STRIKE },
	};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
		if (strcmp(t, kinds[i].name) == 0)
			return ((int)kinds[i].kind);
	return (-1);
}

static void
details(struct walk *w, cmark_node *n, struct md *m)
{
	switch (m->kind) {
	case MD_HEADING:
		m->level = (uint8_t)cmark_node_get_heading_level(n);
		break;
	case MD_LIST:
		list(n, m);
		break;
	case MD_CODE: {
		struct str info = copy(w, cmark_node_get_fence_info(n));
		(void)str_split(&info, ' ', &m->url);
		m->text = copy(w, cmark_node_get_literal(n));
		break;
	}
	case MD_TEXT:
	case MD_SPAN:
		m->text = copy(w, cmark_node_get_literal(n));
		break;
	case MD_LINK:
		m->url = copy(w, cmark_node_get_url(n));
		break;
	case MD_TABLE:
		w->aligns = cmark_gfm_extensions_get_table_alignments(n);
		w->naligns = cmark_gfm_extensions_get_table_columns(n);
		break;
	case MD_ROW:
		m->header = cmark_gfm_extensions_get_table_row_is_header(n) != 0;
		break;
	default:
		break;
	}
}

static void
align_cells(struct walk *w, struct md *row)
{
	int i = 0;

	for (struct md *c = row->child; c != NULL && i < w->naligns;
	     c = c->next, i++)
		c->align = (char)(w->aligns != NULL ? w->aligns[i] : 0);
}

static int
convert(struct walk *w, cmark_node *n, int depth, struct md **ret)
{
	cmark_node_type t = cmark_node_get_type(n);
	char where[32];

	if (depth < 0) {
		snprintf(where, sizeof(where), "%d", cmark_node_get_start_line(n));
		return (err_set(w->e, ERR_INPUT, where, "make it flatter",
		    "the Markdown is nested too deeply"));
	}
	if (t == CMARK_NODE_HTML_BLOCK || t == CMARK_NODE_HTML_INLINE) {
		html(w, n, ret);
		return (0);
	}
	int kind = kind_of(t);
	if (kind < 0)
		kind = extension_kind(n);
	if (kind < 0)
		return (0);
	struct md *m = arena_new(w->a, struct md);
	m->kind = (enum md_kind)kind;
	m->line = m->kind < MD_TEXT ? cmark_node_get_start_line(n) : 0;
	details(w, n, m);
	int r = children(w, n, depth, m);
	if (r != 0)
		return (r);
	if (m->kind == MD_ROW)
		align_cells(w, m);
	*ret = m;
	return (0);
}

static void
attach(cmark_parser *p, const char *name)
{
	cmark_syntax_extension *x = cmark_find_syntax_extension(name);

	if (x == NULL || !cmark_parser_attach_syntax_extension(p, x))
		BUG("cmark lacks the extension %s", name);
}

int
sys_cmark_parse(struct arena *a, struct str text, int depth, struct md **ret,
    struct err *e)
{
	struct walk w = { .a = a, .e = e };
	struct md *root = NULL;

	cmark_gfm_core_extensions_ensure_registered();
	cmark_parser *p = cmark_parser_new(CMARK_OPT_DEFAULT);
	attach(p, "table");
	attach(p, "strikethrough");
	cmark_parser_feed(p, text.len != 0 ? text.ptr : "", text.len);
	cmark_node *doc = cmark_parser_finish(p);
	cmark_consolidate_text_nodes(doc);
	int r = convert(&w, doc, depth, &root);
	cmark_node_free(doc);
	cmark_parser_free(p);
	if (r == 0)
		*ret = root;
	return (r);
}
