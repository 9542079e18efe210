/*
 * Append tables: items that happened, and the chains of cursors by which one
 * knows that none is missing. Only this folder includes it.
 */
#ifndef EVIDENCE_APPEND_H
#define EVIDENCE_APPEND_H

#include "evidence/project.h"

/* Where a table's projection stands. */
struct work {
	struct evidence *ev;
	struct store_table *table;
	const struct run *run;
	const struct run_table *rt;
	struct store_change change;
	struct row_decl decl; /* of the run's rows */
	struct row_keys keys;
	struct arena arena;
	struct cell *cells[2]; /* old, new */
	struct buf open[2];    /* what was opened of sealed cells */
	struct buf subject;
	int64_t chain; /* append tables */
	int64_t since;
};

/* work_subject(w, cells, seal): what ${w->subject} then holds. */
static inline void
work_subject(struct work *w, const struct cell *cells, const uint8_t *seal)
{
	buf_reset(&w->subject);
	row_subject(w->table->type, cells, seal, &w->subject);
}

/*
 * append_project(w, rows, e): the items of one run, and the chain it belongs to
 * in ${w->chain} and ${w->since}. A whole history is compared with what is
 * known: what it no longer holds ends at the run's instant.
 */
int append_project(struct work *w, struct project_rows *rows, struct err *e);

#endif
