/*
 * Where in an HTML text we are, as far as templates must know it: enough of
 * the tokenizer of the HTML standard (13.2.5) to tell text, attribute values
 * and the places where no value may stand.
 */
#ifndef TEXT_TEMPLATE_HTML_H
#define TEXT_TEMPLATE_HTML_H

#include "base/str.h"

enum html_place {
	HTML_IN_TEXT,
	HTML_IN_ATTRIBUTE,
	HTML_IN_URL /* where an address may still get its scheme */
};

struct html_state {
	int state;     /* 0 at the beginning: in text */
	char tag[12];  /* name of the tag at hand or of the raw element we are in */
	char attr[12]; /* name of the attribute at hand, cut to fit */
	bool closing;  /* an end tag */
	bool begun;    /* literal text has settled that the value has no scheme,
	                * or which one */
	bool cut;      /* the attribute's name did not fit */
};

/* html_text(h, s): move past literal text. */
void html_text(struct html_state *h, struct str s);
/* html_value(h, place): a value stands here. NULL, or why it may not: a clause
 * after "a value may not stand". */
const char *html_value(struct html_state *h, enum html_place *ret_place);
bool html_same(const struct html_state *a, const struct html_state *b);
bool html_at_end(const struct html_state *h); /* in text */

#endif
