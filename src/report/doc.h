/*
 * The document model: one source for all writers. A document is a tree of
 * blocks; blocks that hold text have inline runs. It knows nothing of pages,
 * fonts or markup, and nothing of SOC 2.
 *
 * Everything lives in the arena given to doc_new(). Text is copied; it is
 * UTF-8, and what is not is shown as U+FFFD. Builders never fail.
 *
 *	struct doc *d = doc_new(a);
 *	struct doc_block *s = doc_section(d, "sec.desc", "Section III", "Title");
 *	struct doc_block *p = doc_para(d, s);
 *	doc_text(d, p, "See ");
 *	doc_ref(d, p, "sec.iv", "the controls");    "the controls (page 12)"
 */
#ifndef REPORT_DOC_H
#define REPORT_DOC_H

#include "base/arena.h"
#include "base/err.h"
#include "base/map.h"
#include "base/str.h"

enum doc_kind {
	DOC_ROOT,
	DOC_SECTION, /* starts a page; has a number, a title and children */
	DOC_HEADING, /* level 2 to 4 within a section; inline runs */
	DOC_PARA,    /* inline runs */
	DOC_LIST,    /* children: DOC_ITEM */
	DOC_ITEM,    /* children: blocks */
	DOC_DEFS,    /* definition list; children: DOC_TERM and DOC_DEF */
	DOC_TERM,    /* inline runs */
	DOC_DEF,     /* children: blocks */
	DOC_TABLE,   /* children: DOC_ROW */
	DOC_ROW,     /* children: DOC_CELL */
	DOC_CELL,    /* children: blocks, but no tables */
	DOC_NOTE,    /* a callout; children: blocks */
	DOC_BLANK,   /* lines to fill in by hand; inline runs are their label */
	DOC_CODE,    /* text that keeps its lines; one run */
	DOC_RULE,    /* a thin line */
	DOC_BREAK,   /* the next block starts a page */
	DOC_TOC      /* the table of contents */
};

enum doc_style {
	DOC_BOLD = 1,
	DOC_ITALIC = 2,
	DOC_MONO = 4,
	DOC_SMALL = 8, /* a size smaller */
	DOC_MUTED = 16 /* less contrast, still readable */
};

enum doc_run_kind {
	DOC_RUN_TEXT,
	DOC_RUN_LINE,   /* a line break */
	DOC_RUN_REF,    /* link to a label; writers with pages add the page */
	DOC_RUN_LINK    /* link to an address (http, https, mailto) */
};

struct doc_run {
	struct doc_run *next;
	enum doc_run_kind kind;
	unsigned style; /* enum doc_style, or'ed */
	bool page;      /* DOC_RUN_REF: add " (page N)" where there are pages */
	struct str text;
	struct str target; /* label or address */
};

enum doc_note {
	DOC_NOTE_INFO,
	DOC_NOTE_WARN,   /* something is missing or wrong */
	DOC_NOTE_FORM    /* left to somebody else to write */
};

enum doc_row_flag {
	DOC_ROW_HEAD = 1, /* repeated on each page of the table */
	DOC_ROW_BAND = 2, /* a line of its own that names the rows below it */
	DOC_ROW_KEEP = 4  /* stays on the page of the next row */
};

enum doc_align { DOC_LEFT, DOC_RIGHT, DOC_CENTRE };

struct doc_col {
	int weight;   /* share of the width; 0: as wide as its widest word needs,
	                 up to its longest line */
	enum doc_align align;
	bool head;    /* its cells are headers of their rows */
};

struct doc_block {
	struct doc_block *parent, *next, *first, *last;
	enum doc_kind kind;
	struct doc_run *runs, *runs_last;
	struct str label;  /* what a DOC_RUN_REF names; may be empty */
	struct str number; /* DOC_SECTION: "Section I", "Appendix"; may be empty */
	struct str title;  /* DOC_SECTION, DOC_NOTE; DOC_TABLE: its caption */
	int level;         /* DOC_HEADING 2..4; DOC_TOC: deepest level listed */
	int lines;         /* DOC_BLANK: how many */
	int start;         /* DOC_LIST: number of the first, 0 for bullets */
	unsigned flags;    /* DOC_ROW: enum doc_row_flag */
	int span;          /* DOC_CELL: columns it covers */
	enum doc_note note;
	const struct doc_col *cols; /* DOC_TABLE */
	size_t ncols;
	bool front;   /* DOC_SECTION: front matter, not in the contents */
	bool unlisted; /* DOC_HEADING: not in the contents */
	int id;       /* 1, 2, ... in order of creation */
};

/* One line of the title page below the title: a name and what it is. */
struct doc_fact {
	struct str name, value;
};

struct doc {
	struct arena *arena;
	struct doc_block *root;
	struct map labels; /* label to block */
	int nblocks;

	/* The title page. */
	struct str kicker;   /* above the title: kind of document */
	struct str title;
	struct str subtitle;
	struct doc_fact *facts;
	size_t nfacts, facts_cap;
	struct str title_note; /* at its foot: who may read it, status */

	/* About the document. */
	struct str lang;     /* BCP 47: "en" */
	struct str author;
	struct str subject;
	int64_t instant_us;  /* dates of the file; never the clock */
	struct str head;     /* running head; the section's title is added */
	struct str foot;     /* running foot; the page number is added */
	struct str watermark;        /* empty: none */
	struct str watermark_reason; /* one line below it */
};

struct doc *doc_new(struct arena *a);
/* doc_fact(d, name, value): a line of the title page. */
void doc_fact(struct doc *d, const char *name, const char *value);

/* Blocks; ${label} may be NULL or "". A label used twice is a fault.
 * doc_label(d, b, label): for those that are made without one. */
void doc_label(struct doc *d, struct doc_block *b, const char *label);
struct doc_block *doc_section(struct doc *d, const char *label,
    const char *number, const char *title);
struct doc_block *doc_heading(struct doc *d, struct doc_block *in, int level,
    const char *label, const char *text);
struct doc_block *doc_para(struct doc *d, struct doc_block *in);
struct doc_block *doc_paraf(struct doc *d, struct doc_block *in,
    const char *fmt, ...) __attribute__((format(printf, 3, 4)));
struct doc_block *doc_list(struct doc *d, struct doc_block *in, int start);
struct doc_block *doc_item(struct doc *d, struct doc_block *list);
struct doc_block *doc_defs(struct doc *d, struct doc_block *in);
/* doc_def(d, defs, term): a term in bold, and the block for what it means. */
struct doc_block *doc_def(struct doc *d, struct doc_block *defs,
    const char *term);
struct doc_block *doc_note(struct doc *d, struct doc_block *in,
    enum doc_note kind, const char *title);
/* doc_blank(d, in, label, lines): at least one line. */
struct doc_block *doc_blank(struct doc *d, struct doc_block *in,
    const char *label, int lines);
struct doc_block *doc_code(struct doc *d, struct doc_block *in,
    struct str text);
void doc_rule(struct doc *d, struct doc_block *in);
void doc_break(struct doc *d, struct doc_block *in);
void doc_toc(struct doc *d, struct doc_block *in, int deepest);

/* Tables. Rows with fewer cells than columns are filled up with empty ones. */
struct doc_block *doc_table(struct doc *d, struct doc_block *in,
    const struct doc_col *cols, size_t n, const char *caption);
struct doc_block *doc_row(struct doc *d, struct doc_block *table,
    unsigned flags);
struct doc_block *doc_cell(struct doc *d, struct doc_block *row, int span);
/* doc_head(d, table, "A", "B", NULL): the row of column headers. */
void doc_head(struct doc *d, struct doc_block *table, ...)
    __attribute__((sentinel));
/* doc_celltext(d, row, style, text): a cell with one paragraph; returns it. */
struct doc_block *doc_celltext(struct doc *d, struct doc_block *row,
    unsigned style, struct str text);

/* Inline runs, to a block that holds text. */
void doc_text(struct doc *d, struct doc_block *b, const char *text);
void doc_textf(struct doc *d, struct doc_block *b, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
void doc_run(struct doc *d, struct doc_block *b, unsigned style,
    struct str text);
void doc_line(struct doc *d, struct doc_block *b);
/* doc_ref: a link to a label, "(page N)" added where there are pages;
 * doc_reflink: the same without the page. A label that no block has becomes
 * plain text in all writers. */
void doc_ref(struct doc *d, struct doc_block *b, const char *label,
    const char *text);
void doc_reflink(struct doc *d, struct doc_block *b, unsigned style,
    const char *label, struct str text);
/* doc_link: an address other than http, https, mailto becomes plain text. */
void doc_link(struct doc *d, struct doc_block *b, const char *address,
    struct str text);
void doc_linkstyle(struct doc *d, struct doc_block *b, unsigned style,
    struct str address, struct str text);

/*
 * doc_markdown(d, in, name, text, level, e): CommonMark into ${in}; its
 * headings start at ${level} (2 to 4). ERR_INPUT as of markdown_parse().
 */
int doc_markdown(struct doc *d, struct doc_block *in, const char *name,
    struct str text, int level, struct err *e);

/* doc_find(d, label): the block, or NULL. doc_plain(a, b): text of its runs. */
struct doc_block *doc_find(const struct doc *d, struct str label);
struct str doc_plain(struct arena *a, const struct doc_block *b);
/* doc_titleline(a, b): of a section or heading: "Section I. Title". */
struct str doc_titleline(struct arena *a, const struct doc_block *b);

#endif
