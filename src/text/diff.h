/*
 * Differences between two texts, by line (Myers' algorithm).
 */
#ifndef TEXT_DIFF_H
#define TEXT_DIFF_H

#include "base/arena.h"
#include "base/str.h"

struct diff_line {
	char op;         /* ' ' in both, '-' only in the old, '+' only in the new */
	int old_line;    /* from 1; 0 if not there */
	int new_line;
	struct str text; /* borrowed, without its newline */
};

struct diff {
	struct diff_line *at;
	size_t n;
	size_t added, removed;
};

/*
 * diff_lines(a, old, new, ret): the shortest script of lines. Where the texts
 * differ by more than 2,000 lines, the middle is given as removed and
 * added whole: correct, not shortest.
 */
void diff_lines(struct arena *a, struct str old, struct str new,
    struct diff *ret);

/* diff_unified(d, context, out): "@@" hunks as diff -u prints them. */
void diff_unified(const struct diff *d, int context, struct buf *out);

#endif
