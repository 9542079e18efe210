#include "report/soc2_parts.h"

#include "base/content.h"
#include "text/template.h"

void
soc2_parts_text(struct soc2_job *j, struct doc_block *in, const char *name,
    int level)
{
	const char *path = arena_printf(j->a, "content/report/%s.md", name);
	struct template_source src = { .name = path,
		.text = content_find(path), .mode = TEMPLATE_MARKDOWN };
	struct template *t;
	BUF_SCOPED out = BUF_INIT;

	if (j->rc != 0)
		return;
	if (src.text.ptr == NULL)
		BUG("%s is not embedded", path);
	if ((j->rc = template_load(j->a, &src, &t, j->e)) == 0 &&
	    (j->rc = template_render(t, j->model, &out, j->e)) == 0)
		j->rc = doc_markdown(j->d, in, path, buf_str(&out), level, j->e);
}

void
soc2_parts_markdown(struct soc2_job *j, struct doc_block *in,
    const char *name, struct str text, int level)
{
	if (j->rc == 0 && text.len != 0)
		j->rc = doc_markdown(j->d, in, name, text, level, j->e);
}

void
soc2_parts_missing(struct soc2_job *j, struct doc_block *in,
    const char *text, const char *fix)
{
	struct doc_block *n = doc_note(j->d, in, DOC_NOTE_WARN,
	    "Missing in this draft");
	struct doc_block *p = doc_para(j->d, n);

	doc_textf(j->d, p, "%s ", text);
	if (fix != NULL)
		doc_run(j->d, p, DOC_ITALIC, str_from(fix));
}

void
soc2_parts_label(struct soc2_job *j, struct doc_block *b, const char *prefix,
    struct str code)
{
	const char *l = arena_printf(j->a, "%s" STR_FMT, prefix, STR_ARG(code));

	if (doc_find(j->d, str_from(l)) == NULL)
		doc_label(j->d, b, l);
}

void
soc2_parts_codes(struct soc2_job *j, struct doc_block *para,
    const struct soc2_list *codes, const char *prefix)
{
	for (size_t i = 0; i < codes->n; i++) {
		const char *label = arena_printf(j->a, "%s" STR_FMT, prefix,
		    STR_ARG(codes->at[i]));
		if (i > 0)
			doc_text(j->d, para, ", ");
		doc_reflink(j->d, para, 0, label, codes->at[i]);
	}
	if (codes->n == 0)
		doc_text(j->d, para, "\xe2\x80\x93");
}

void
soc2_parts_gaps(struct soc2_job *j)
{
	static const struct doc_col cols[] = {
		{ 0, DOC_RIGHT, false }, { 5, DOC_LEFT, false },
		{ 3, DOC_LEFT, false }, { 3, DOC_LEFT, false },
	};
	struct doc_block *s, *t;

	if (j->gaps->n == 0)
		return;
	s = doc_section(j->d, "gaps", "",
	    "What is still missing before this can be issued");
	soc2_parts_text(j, s, "draft", 2);
	t = doc_table(j->d, s, cols, 4, NULL);
	doc_head(j->d, t, "No.", "What is missing", "Where", "What to do", NULL);
	for (size_t i = 0; i < j->gaps->n; i++) {
		const struct soc2_gap *g = &j->gaps->at[i];
		struct doc_block *row = doc_row(j->d, t, 0);
		struct doc_block *p;
		doc_celltext(j->d, row, 0, str_from(arena_printf(j->a, "%zu",
		    i + 1)));
		p = doc_celltext(j->d, row, 0, g->text);
		if (g->codes.n > 0)
			soc2_parts_codes(j, p, &g->codes, g->prefix);
		p = doc_para(j->d, doc_cell(j->d, row, 1));
		doc_ref(j->d, p, arena_strndup(j->a, g->label.ptr, g->label.len),
		    arena_strndup(j->a, g->place.ptr, g->place.len));
		doc_celltext(j->d, row, DOC_MUTED, g->fix);
	}
}

void
soc2_parts_auditor(struct soc2_job *j)
{
	static const struct { const char *name; int lines; } parts[] = {
		{ "Title: report of an independent service auditor", 1 },
		{ "Addressee", 1 },
		{ "Scope: the system, the date, the categories, the description "
		  "criteria and the trust services criteria; what is carved out; "
		  "which complementary controls the design assumes", 4 },
		{ "Responsibilities of the service organisation", 3 },
		{ "Responsibilities of the service auditor; standards followed; "
		  "independence and quality management", 4 },
		{ "Inherent limitations", 2 },
		{ "Other matter: operation of the controls was not tested", 2 },
		{ "Conclusion on the description and on the design of the controls; "
		  "the basis for it, if it is modified", 5 },
		{ "Restricted use", 2 },
		{ "Signature of the firm", 1 },
		{ "City and date", 1 },
	};
	struct doc_block *s = doc_section(j->d, "auditor", j->number_auditor,
	    "Independent service auditor\xe2\x80\x99s report");
	struct doc_block *n = doc_note(j->d, s, DOC_NOTE_FORM,
	    "Left to the independent service auditor");

	soc2_parts_text(j, n, "auditor", 3);
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		doc_blank(j->d, s, parts[i].name, parts[i].lines);
}

/* An item that names codes, in the list of matters, which it may begin. */
static void
matter(struct soc2_job *j, struct doc_block *s, struct doc_block **list,
    const struct soc2_list *codes, const char *noun, const char *text,
    const char *prefix)
{
	if (codes->n == 0)
		return;
	if (*list == NULL)
		*list = doc_list(j->d, s, 0);
	struct doc_block *p = doc_para(j->d, doc_item(j->d, *list));
	doc_textf(j->d, p, "%zu %s %s: ", codes->n, noun, text);
	soc2_parts_codes(j, p, codes, prefix);
}

static void
known_criteria(struct soc2_job *j, struct doc_block *s,
    struct doc_block **list)
{
	struct soc2_list codes = { arena_array(j->a, j->v->ncriteria,
	    sizeof(struct str)), 0 };

	for (size_t i = 0; i < j->v->ncriteria; i++) {
		const struct soc2_criterion *c = &j->v->criteria[i];
		if (c->in_scope && c->relevant && c->controls.n == 0)
			codes.at[codes.n++] = c->code;
	}
	matter(j, s, list, &codes, codes.n == 1 ? "criterion" : "criteria",
	    "that no control is designed to meet", "crit.");
}

static bool
designed(const struct soc2_control *c)
{
	return (str_is(c->state, "designed"));
}

static bool
deviating(const struct soc2_control *c)
{
	return (soc2_view_in_report(c) && c->deviates);
}

/* Controls of which ${which} holds, as one item of the list of matters. */
static void
known_controls(struct soc2_job *j, struct doc_block *s,
    struct doc_block **list, const char *text,
    bool (*which)(const struct soc2_control *))
{
	struct soc2_list codes = { arena_array(j->a, j->v->ncontrols,
	    sizeof(struct str)), 0 };

	for (size_t i = 0; i < j->v->ncontrols; i++)
		if (j->v->controls[i].criteria.n > 0 && which(&j->v->controls[i]))
			codes.at[codes.n++] = j->v->controls[i].code;
	matter(j, s, list, &codes, codes.n == 1 ? "control" : "controls", text,
	    "ctl.");
}

/* What is known to be wrong belongs into the assertion, not out of sight. */
static void
known_matters(struct soc2_job *j, struct doc_block *s)
{
	const struct soc2_view *v = j->v;
	struct doc_block *list = NULL, *p;

	doc_heading(j->d, s, 2, NULL, "Matters known to management");
	p = doc_para(j->d, s);
	known_criteria(j, s, &list);
	for (size_t i = 0; i < v->nfindings; i++) {
		const struct soc2_finding *f = &v->findings[i];
		if (list == NULL)
			list = doc_list(j->d, s, 0);
		struct doc_block *q = doc_para(j->d, doc_item(j->d, list));
		doc_textf(j->d, q, STR_FMT " (" STR_FMT ", " STR_FMT "): " STR_FMT,
		    STR_ARG(f->code), STR_ARG(f->severity), STR_ARG(f->state),
		    STR_ARG(f->title));
		if (f->control.len == 0)
			continue;
		doc_text(j->d, q, "; it touches ");
		doc_reflink(j->d, q, 0, arena_printf(j->a, "ctl." STR_FMT,
		    STR_ARG(f->control)), f->control);
	}
	known_controls(j, s, &list, "designed but not in place", designed);
	known_controls(j, s, &list, "with deviations that are known, and that "
	    "have to be described here before this is signed", deviating);
	doc_text(j->d, p, list != NULL ?
	    "The statements above are made except for these matters:" :
	    "Nothing is recorded as of the date above: no open finding, no "
	    "deviation, no criterion without a control, and no control that is "
	    "not in place.");
}

void
soc2_parts_assertion(struct soc2_job *j)
{
	const struct soc2_system *sys = &j->v->sys;
	struct doc_block *s = doc_section(j->d, "assertion",
	    j->number_assertion, "Management\xe2\x80\x99s assertion");
	struct doc_block *n;

	soc2_parts_text(j, s, "assertion", 2);
	known_matters(j, s);
	doc_heading(j->d, s, 2, NULL, "Signature");
	n = doc_note(j->d, s, DOC_NOTE_FORM, "Not signed");
	doc_paraf(j->d, n, "For the management of " STR_FMT ".",
	    STR_ARG(j->v->org));
	doc_blank(j->d, n, sys->signer.len == 0 ? "Name" :
	    arena_printf(j->a, "Signature of " STR_FMT, STR_ARG(sys->signer)), 1);
	doc_blank(j->d, n, sys->signer_title.len == 0 ? "Title" :
	    arena_printf(j->a, "Title: " STR_FMT, STR_ARG(sys->signer_title)), 1);
	doc_blank(j->d, n, "Place and date", 1);
}

void
soc2_parts_other(struct soc2_job *j)
{
	struct doc_block *s = doc_section(j->d, "other", "Section V",
	    "Other information from management");

	soc2_parts_text(j, s, "other", 2);
	doc_paraf(j->d, s, "Management has added nothing.");
}

static void
value(struct soc2_job *j, struct doc_block *t, const char *name,
    struct str text, unsigned style)
{
	struct doc_block *row = doc_row(j->d, t, 0);

	doc_celltext(j->d, row, DOC_BOLD, str_from(name));
	doc_celltext(j->d, row, style, text);
}

void
soc2_parts_provenance(struct soc2_job *j)
{
	static const struct doc_col cols[] = { { 0, DOC_LEFT, true },
		{ 1, DOC_LEFT, false } };
	const struct soc2_view *v = j->v;
	struct doc_block *s = doc_section(j->d, "provenance", "",
	    "Where this draft comes from"), *t;

	soc2_parts_text(j, s, "provenance", 2);
	t = doc_table(j->d, s, cols, 2, NULL);
	doc_head(j->d, t, "What", "Value", NULL);
	value(j, t, "As of", v->as_of_text, 0);
	value(j, t, "Time zone of dates", v->zone, 0);
	value(j, t, "Log", v->origin, DOC_MONO);
	value(j, t, "Entries", str_from(arena_printf(j->a, "%llu",
	    (unsigned long long)v->size)), 0);
	value(j, t, "Root of the log", v->root, DOC_MONO);
	value(j, t, "Last entry", v->root_time, 0);
	value(j, t, "Declarations (SHA-256)", v->declarations, DOC_MONO);
	value(j, t, "Program", v->program, 0);
}
