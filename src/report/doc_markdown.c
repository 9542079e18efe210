/* CommonMark into the document model. */
#include "report/doc.h"
#include "text/markdown.h"

struct ctx {
	struct doc *d;
	int level; /* of the first heading */
};

static void
inlines(struct ctx *c, struct doc_block *b, const struct md *m, unsigned style)
{
	for (; m != NULL; m = m->next) {
		switch (m->kind) {
		case MD_TEXT:
			doc_run(c->d, b, style, m->text);
			break;
		case MD_SPAN:
			doc_run(c->d, b, style | DOC_MONO, m->text);
			break;
		case MD_EMPH:
			inlines(c, b, m->child, style | DOC_ITALIC);
			break;
		case MD_STRONG:
			inlines(c, b, m->child, style | DOC_BOLD);
			break;
		case MD_LINK:
			doc_linkstyle(c->d, b, style, m->url,
			    markdown_plain(c->d->arena, m));
			break;
		case MD_SOFTBREAK:
			doc_run(c->d, b, style, STR(" "));
			break;
		case MD_BREAK:
			doc_line(c->d, b);
			break;
		default:
			inlines(c, b, m->child, style);
			break;
		}
	}
}

static void
table(struct ctx *c, struct doc_block *in, const struct md *m)
{
	size_t n = 0;

	if (m->child == NULL)
		return;
	for (const struct md *k = m->child->child; k != NULL; k = k->next)
		n++;
	if (n == 0)
		return;
	struct doc_col *cols = arena_array(c->d->arena, n, sizeof(*cols));
	size_t i = 0;
	for (const struct md *k = m->child->child; k != NULL; k = k->next, i++) {
		cols[i].weight = i == 0 ? 0 : 1;
		cols[i].align = k->align == 'r' ? DOC_RIGHT :
		    k->align == 'c' ? DOC_CENTRE : DOC_LEFT;
	}
	struct doc_block *t = doc_table(c->d, in, cols, n, NULL);
	for (const struct md *r = m->child; r != NULL; r = r->next) {
		struct doc_block *row = doc_row(c->d, t,
		    r->header ? DOC_ROW_HEAD : 0);
		for (const struct md *k = r->child; k != NULL; k = k->next)
			inlines(c, doc_para(c->d, doc_cell(c->d, row, 1)),
			    k->child, r->header ? DOC_BOLD : 0);
	}
}

static void
blocks(struct ctx *c, struct doc_block *in, const struct md *m)
{
	struct doc_block *b;

	for (; m != NULL; m = m->next) {
		switch (m->kind) {
		case MD_HEADING:
			b = doc_heading(c->d, in, c->level + m->level - 1, NULL,
			    NULL);
			inlines(c, b, m->child, 0);
			break;
		case MD_PARA:
			inlines(c, doc_para(c->d, in), m->child, 0);
			break;
		case MD_LIST:
			b = doc_list(c->d, in, m->ordered ? m->start : 0);
			for (const struct md *i = m->child; i != NULL; i = i->next)
				blocks(c, doc_item(c->d, b), i->child);
			break;
		case MD_QUOTE:
			blocks(c, doc_note(c->d, in, DOC_NOTE_INFO, NULL),
			    m->child);
			break;
		case MD_CODE:
			doc_code(c->d, in, m->text);
			break;
		case MD_RULE:
			doc_rule(c->d, in);
			break;
		case MD_TABLE:
			table(c, in, m);
			break;
		default:
			blocks(c, in, m->child);
			break;
		}
	}
}

int
doc_markdown(struct doc *d, struct doc_block *in, const char *name,
    struct str text, int level, struct err *e)
{
	struct ctx c = { d, level };
	struct md *m;
	int rc = markdown_parse(d->arena, name, text, &m, e);

	if (rc != 0)
		return (rc);
	blocks(&c, in, m->child);
	return (0);
}
