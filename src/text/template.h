/*
 * Templates: a subset of mustache without logic.
 *
 *	{{name}} {{a.b}} {{.}}    a value, always escaped for the mode
 *	{{#name}} ... {{/name}}   for each of a list; once, within it, for a map;
 *	                          once for anything else that is something
 *	{{^name}} ... {{/name}}   if it is nothing: null, false, "", empty list
 *	{{>part}}                 another template, in place
 *	{{! comment}}
 *
 * There is no raw form: markup comes in only as VAL_HTML, which
 * text/markdown.h alone makes. A name is looked for in the innermost map, then
 * outwards. Every name must exist, at load in the sample, at rendering in the
 * model (null for nothing): a missing one is an error with file:line. A tag of
 * a section, comment or part that is alone on its line leaves no line behind.
 *
 * In HTML mode the place of each value is checked at load: allowed in text and
 * in double-quoted attributes, not in tags' names, unquoted or single-quoted
 * attributes, comments, script, style, style= and on...= attributes. In
 * attributes that hold an address (href src action formaction poster cite ...)
 * a value before the first literal / ? # or : is checked when rendering:
 * relative, http, https, mailto and #fragment pass, anything else becomes "#". A section must end
 * where it began (both in text, or in the same attribute).
 */
#ifndef TEXT_TEMPLATE_H
#define TEXT_TEMPLATE_H

#include "base/err.h"
#include "base/val.h"

enum template_mode {
	TEMPLATE_HTML,
	TEMPLATE_TEXT,    /* values as they are */
	TEMPLATE_MARKDOWN /* values escaped so that they are no markup */
};

#define TEMPLATE_MAX_DEPTH 16 /* of sections, and of parts within parts */

struct template;

/* A finder of parts: the text of ${name}; ptr NULL if there is none. */
typedef struct str template_part_fn(void *ctx, const char *name);

struct template_source {
	const char *name; /* for errors */
	struct str text;  /* borrowed while the template lives */
	enum template_mode mode;
	template_part_fn *part; /* NULL: parts are refused */
	void *part_ctx;
	/*
	 * What the view model has: an example of it. Lists need an element (all
	 * of their elements count together). NULL: checked at rendering only.
	 */
	const struct val *sample;
};

int template_load(struct arena *a, const struct template_source *src,
    struct template **ret, struct err *e);

/* template_render(t, model, out, e): appends; on failure ${out} is as before.*/
int template_render(const struct template *t, const struct val *model,
    struct buf *out, struct err *e);

/* template_escape_html(out, s): & < > " ' as entities. */
void template_escape_html(struct buf *out, struct str s);

#endif
