/*
 * Markdown (CommonMark with GitHub's tables): as a tree for the document model
 * of reports, and as HTML for pages. Raw HTML is shown as text, never passed
 * on. A link with a scheme other than http, https and mailto loses its address
 * and keeps its text. Input must be UTF-8 of at most MARKDOWN_MAX_BYTES with at
 * most 4,096 images and MARKDOWN_MAX_DEPTH levels.
 */
#ifndef TEXT_MARKDOWN_H
#define TEXT_MARKDOWN_H

#include "base/err.h"
#include "base/val.h"
#include "sys/cmark.h" /* struct md, enum md_kind */

#define MARKDOWN_MAX_BYTES ((size_t)1 << 20)
#define MARKDOWN_MAX_DEPTH 32

/* markdown_parse(a, name, text, ret, e): the tree, its root an MD_DOC. */
int markdown_parse(struct arena *a, const char *name, struct str text,
    struct md **ret, struct err *e);

/*
 * markdown_html(a, name, text, ret, e): a VAL_HTML. Headings carry ids made
 * from their text, so that they can be linked to.
 */
int markdown_html(struct arena *a, const char *name, struct str text,
    struct val **ret, struct err *e);
/* markdown_tree_html(a, md): the same of a tree or a part of one. */
struct val *markdown_tree_html(struct arena *a, const struct md *md);

/* markdown_plain(a, md): the text of ${md}'s inlines without markup. */
struct str markdown_plain(struct arena *a, const struct md *md);

#endif
