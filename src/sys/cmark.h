/*
 * cmark-gfm's tree as our own, in an arena. text/markdown.h is what the rest
 * of the program uses; the structs are described here.
 */
#ifndef SYS_CMARK_H
#define SYS_CMARK_H

#include "base/err.h"
#include "base/val.h"

enum md_kind {
	/* blocks */
	MD_DOC,
	MD_HEADING, /* level 1..6 */
	MD_PARA,
	MD_LIST,  /* ordered, start, tight; children are MD_ITEM */
	MD_ITEM,
	MD_QUOTE,
	MD_CODE,  /* text; url holds the info word ("sql") */
	MD_RULE,
	MD_TABLE, /* children are MD_ROW, the first is the header */
	MD_ROW,   /* header; children are MD_CELL */
	MD_CELL,  /* align; children are inline */
	/* inline */
	MD_TEXT,      /* text */
	MD_SPAN,      /* text in code style */
	MD_EMPH,
	MD_STRONG,
	MD_STRIKE,
	MD_LINK,      /* url (checked), children */
	MD_SOFTBREAK, /* a line end in the source: a space */
	MD_BREAK      /* a line end that is meant */
};

struct md {
	enum md_kind kind;
	int line;       /* in the source, from 1; 0 for inline */
	uint8_t level;  /* MD_HEADING */
	bool ordered;   /* MD_LIST */
	bool tight;     /* MD_LIST: no space between its items */
	bool header;    /* MD_ROW */
	char align;     /* MD_CELL: 'l' 'c' 'r', or 0 */
	int start;      /* MD_LIST, ordered: first number */
	struct str text;
	struct str url;
	struct md *child; /* first */
	struct md *next;  /* sibling */
};

/*
 * sys_cmark_parse(a, text, depth, ret, e): CommonMark with tables and
 * strikethrough. Raw HTML becomes text that shows it; images become links to
 * their source with their description.
 */
int sys_cmark_parse(struct arena *a, struct str text, int depth,
    struct md **ret, struct err *e);

#endif
