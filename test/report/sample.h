/* Documents for the tests of this floor. */
#ifndef TEST_REPORT_SAMPLE_H
#define TEST_REPORT_SAMPLE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "report/doc.h"

/* One of everything, and a table of ${rows} rows. */
static inline struct doc *
sample(struct arena *a, int rows)
{
	static const struct doc_col cols[] = { { 0, DOC_LEFT, true },
		{ 2, DOC_LEFT, false }, { 3, DOC_LEFT, false },
		{ 0, DOC_RIGHT, false } };
	struct doc *d = doc_new(a);
	struct doc_block *s, *p, *t, *n, *l;

	d->kicker = STR("Kind of document");
	d->title = STR("The title");
	d->subtitle = STR("The subtitle");
	d->author = STR("Organisation & Co <i>");
	d->subject = STR("Subject");
	d->head = STR("Running head");
	d->foot = STR("Running foot");
	d->instant_us = INT64_C(1795478400000000); /* 2026-11-24 00:00 UTC */
	d->watermark = STR("DRAFT");
	d->watermark_reason = STR("something is missing");
	d->title_note = STR("A note on the title page.");
	doc_fact(d, "Name", "Value of the fact");
	s = doc_section(d, "contents", "", "Contents");
	s->front = true;
	doc_toc(d, s, 3);
	s = doc_section(d, "one", "Section I", "First things");
	p = doc_para(d, s);
	doc_text(d, p, "Plain words, then ");
	doc_run(d, p, DOC_BOLD, STR("bold"));
	doc_text(d, p, ", ");
	doc_run(d, p, DOC_ITALIC, STR("italic"));
	doc_text(d, p, ", ");
	doc_run(d, p, DOC_MONO, STR("code()"));
	doc_text(d, p, ", a look at ");
	doc_ref(d, p, "two", "the second section");
	doc_text(d, p, " and a ");
	doc_link(d, p, "https://example.org/", STR("link"));
	doc_text(d, p, ".");
	doc_heading(d, s, 2, "head2", "A heading of level two");
	l = doc_list(d, s, 0);
	doc_paraf(d, doc_item(d, l), "a bullet");
	l = doc_list(d, s, 3);
	doc_paraf(d, doc_item(d, l), "the third");
	n = doc_note(d, s, DOC_NOTE_WARN, "Careful");
	doc_paraf(d, n, "Inside the note.");
	doc_blank(d, n, "Sign here", 2);
	doc_heading(d, s, 3, NULL, "A heading of level three");
	p = doc_def(d, doc_defs(d, s), "Term");
	doc_paraf(d, p, "Its meaning.");
	doc_code(d, s, STR("SELECT 1\n  FROM t\n"));
	doc_rule(d, s);
	s = doc_section(d, "two", "Section II", "A table");
	t = doc_table(d, s, cols, 4, "Caption of the table");
	doc_head(d, t, "Id", "Short", "Long", "Number", NULL);
	for (int i = 0; i < rows; i++) {
		char text[32];
		struct doc_block *row;
		if (i % 20 == 0) {
			row = doc_row(d, t, DOC_ROW_BAND);
			doc_paraf(d, doc_cell(d, row, 4), "Rows from %d", i);
		}
		row = doc_row(d, t, 0);
		snprintf(text, sizeof(text), "ROW-%05d", i);
		doc_celltext(d, row, DOC_BOLD, str_from(text));
		doc_celltext(d, row, 0, STR("a few words"));
		p = doc_cell(d, row, 1);
		for (int k = 0; k <= i % 3; k++)
			doc_paraf(d, p, "Paragraph %d of row %d, which is long enough "
			    "to need more than one line in its column.", k, i);
		doc_celltext(d, row, 0, str_from(text + 4));
	}
	return (d);
}

#endif
