/* Section IV: criteria with the controls that meet them. */
#include "report/soc2_parts.h"

static struct str
how(struct soc2_job *j, const struct soc2_control *c)
{
	if (c->frequency.len == 0 || c->kind.len == 0)
		return (c->frequency.len != 0 ? c->frequency : c->kind);
	return (str_from(arena_printf(j->a, STR_FMT "; " STR_FMT,
	    STR_ARG(c->kind), STR_ARG(c->frequency))));
}

static void
control_row(struct soc2_job *j, struct doc_block *t, struct str code)
{
	const struct soc2_control *c = soc2_view_control(j->v, code);
	struct doc_block *row = doc_row(j->d, t, 0), *cell, *p;

	p = doc_para(j->d, doc_cell(j->d, row, 1));
	doc_reflink(j->d, p, DOC_BOLD, arena_printf(j->a, "ctl." STR_FMT,
	    STR_ARG(code)), code);
	cell = doc_cell(j->d, row, 1);
	if (c == NULL)
		return;
	soc2_parts_markdown(j, cell, "statement of a control", c->statement, 4);
	if (str_is(c->state, "designed"))
		doc_run(j->d, doc_para(j->d, cell), DOC_MUTED | DOC_SMALL,
		    STR("Designed; not in place yet."));
	doc_celltext(j->d, row, 0, c->owner);
	doc_celltext(j->d, row, 0, how(j, c));
}

/* Which of ${list} the criterion depends on, with links. */
static size_t
depends(struct soc2_job *j, struct doc_block **para, struct doc_block *cell,
    const struct soc2_criterion *c, const struct soc2_complement *list,
    size_t n, size_t found)
{
	for (size_t i = 0; i < n; i++) {
		bool here = false;
		for (size_t k = 0; k < list[i].criteria.n; k++)
			here |= str_eq(list[i].criteria.at[k], c->code);
		if (!here)
			continue;
		if (*para == NULL) {
			*para = doc_para(j->d, cell);
			doc_run(j->d, *para, DOC_MUTED,
			    STR("Together with complementary controls: "));
		}
		doc_text(j->d, *para, found++ > 0 ? ", " : "");
		doc_reflink(j->d, *para, 0, arena_printf(j->a, "comp." STR_FMT,
		    STR_ARG(list[i].code)), list[i].code);
	}
	return (found);
}

static void
complements(struct soc2_job *j, struct doc_block *cell,
    const struct soc2_criterion *c)
{
	struct doc_block *para = NULL;
	size_t n = depends(j, &para, cell, c, j->v->cuecs, j->v->ncuecs, 0);

	depends(j, &para, cell, c, j->v->csocs, j->v->ncsocs, n);
}

static void
criterion_rows(struct soc2_job *j, struct doc_block *t,
    const struct soc2_criterion *c)
{
	struct doc_block *row = doc_row(j->d, t, DOC_ROW_BAND), *cell, *p;

	soc2_parts_label(j, row, "crit.", c->code);
	cell = doc_cell(j->d, row, 4);
	p = doc_para(j->d, cell);
	doc_run(j->d, p, DOC_BOLD, str_from(arena_printf(j->a, STR_FMT
	    "\xe2\x80\x82" STR_FMT, STR_ARG(c->code), STR_ARG(c->title))));
	if (c->coso > 0)
		doc_run(j->d, p, DOC_MUTED | DOC_SMALL, str_from(arena_printf(
		    j->a, "\xe2\x80\x82(COSO principle %d)", c->coso)));
	doc_run(j->d, doc_para(j->d, cell), DOC_MUTED, c->intent);
	complements(j, cell, c);
	for (size_t i = 0; i < c->controls.n; i++)
		control_row(j, t, c->controls.at[i]);
	if (c->controls.n > 0)
		return;
	row = doc_row(j->d, t, 0);
	p = doc_para(j->d, doc_cell(j->d, row, 4));
	if (!c->relevant) {
		doc_text(j->d, p, "Not relevant to the system: see ");
		doc_ref(j->d, p, "dc8", "DC 8");
	} else {
		doc_run(j->d, p, DOC_BOLD, STR("Missing in this draft: "));
		doc_text(j->d, p, c->drafts.n > 0 ? "the controls for this "
		    "criterion are not designed yet." : "there is no control for "
		    "this criterion, and no reason why it is not relevant.");
	}
}

static void
criteria_tables(struct soc2_job *j, struct doc_block *s)
{
	static const struct doc_col cols[] = { { 0, DOC_LEFT, true },
		{ 14, DOC_LEFT, false }, { 5, DOC_LEFT, false },
		{ 5, DOC_LEFT, false } };
	const struct soc2_view *v = j->v;
	struct doc_block *t = NULL;
	struct str series = STR_NULL;

	for (size_t i = 0; i < v->ncriteria; i++) {
		const struct soc2_criterion *c = &v->criteria[i];
		if (!c->in_scope)
			continue;
		if (t == NULL || !str_eq(series, c->series)) {
			series = c->series;
			doc_heading(j->d, s, 2, NULL, arena_printf(j->a,
			    STR_FMT "\xe2\x80\x82" STR_FMT, STR_ARG(c->series),
			    STR_ARG(c->series_title)));
			t = doc_table(j->d, s, cols, 4, NULL);
			doc_head(j->d, t, "Control", "What is done", "Owner",
			    "How and when", NULL);
		}
		criterion_rows(j, t, c);
	}
}

static void
index_table(struct soc2_job *j, struct doc_block *s)
{
	static const struct doc_col cols[] = { { 0, DOC_LEFT, true },
		{ 5, DOC_LEFT, false }, { 3, DOC_LEFT, false } };
	const struct soc2_view *v = j->v;
	struct doc_block *t = NULL;

	for (size_t i = 0; i < v->ncontrols; i++) {
		const struct soc2_control *c = &v->controls[i];
		if (!soc2_view_in_report(c) || c->criteria.n == 0)
			continue;
		if (t == NULL) {
			doc_heading(j->d, s, 2, "index",
			    "Controls and the criteria they serve");
			t = doc_table(j->d, s, cols, 3, NULL);
			doc_head(j->d, t, "Control", "Title", "Criteria", NULL);
		}
		struct doc_block *row = doc_row(j->d, t, 0);
		soc2_parts_label(j, row, "ctl.", c->code);
		doc_celltext(j->d, row, DOC_BOLD, c->code);
		doc_celltext(j->d, row, 0, c->title);
		soc2_parts_codes(j, doc_para(j->d, doc_cell(j->d, row, 1)),
		    &c->criteria, "crit.");
	}
}

void
soc2_controls(struct soc2_job *j)
{
	struct doc_block *s = doc_section(j->d, "controls", "Section IV",
	    "Trust services criteria and controls");

	soc2_parts_text(j, s, "controls", 2);
	criteria_tables(j, s);
	index_table(j, s);
}
