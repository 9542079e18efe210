/* Section III: the description, by DC 1 to DC 8. */
#include "report/soc2_parts.h"

static void
head(struct soc2_job *j, struct doc_block *s, int n, const char *title)
{
	doc_heading(j->d, s, 2, arena_printf(j->a, "dc%d", n),
	    arena_printf(j->a, "DC %d\xe2\x80\x82%s", n, title));
}

static void
services(struct soc2_job *j, struct doc_block *s)
{
	const struct soc2_system *sys = &j->v->sys;

	head(j, s, 1, "Services");
	if (sys->services.len != 0)
		soc2_parts_markdown(j, s, "services of the system", sys->services, 3);
	else
		soc2_parts_missing(j, s, "The services are not described.",
		    "Fill in services of the system\xe2\x80\x99s record.");
	if (sys->users.len != 0) {
		doc_heading(j->d, s, 3, NULL, "Users");
		soc2_parts_markdown(j, s, "users of the system", sys->users, 4);
	}
}

static void
commitment_table(struct soc2_job *j, struct doc_block *s, bool requirement,
    const char *caption)
{
	static const struct doc_col cols[] = { { 0, DOC_LEFT, true },
		{ 6, DOC_LEFT, false }, { 3, DOC_LEFT, false },
		{ 2, DOC_LEFT, false } };
	struct doc_block *t = NULL;

	for (size_t i = 0; i < j->v->ncommitments; i++) {
		const struct soc2_commitment *c = &j->v->commitments[i];
		if (c->requirement != requirement)
			continue;
		if (t == NULL) {
			t = doc_table(j->d, s, cols, 4, caption);
			doc_head(j->d, t, "Id", requirement ? "Requirement" :
			    "Commitment", "How one sees it is met", "Category", NULL);
		}
		struct doc_block *row = doc_row(j->d, t, 0);
		doc_celltext(j->d, row, DOC_BOLD, c->code);
		struct doc_block *cell = doc_cell(j->d, row, 1);
		soc2_parts_markdown(j, cell, "commitment", c->text, 4);
		if (c->origin.len != 0)
			doc_run(j->d, doc_para(j->d, cell), DOC_MUTED | DOC_SMALL,
			    str_from(arena_printf(j->a, "Stated in: " STR_FMT,
			    STR_ARG(c->origin))));
		doc_celltext(j->d, row, 0, c->metric.len != 0 ? c->metric :
		    STR("\xe2\x80\x93"));
		doc_celltext(j->d, row, 0, c->category);
	}
	if (t == NULL)
		soc2_parts_missing(j, s, requirement ?
		    "No system requirement is recorded." :
		    "No service commitment is recorded.",
		    "Put a record of the type commitment.");
}

static void
commitments(struct soc2_job *j, struct doc_block *s)
{
	head(j, s, 2, "Service commitments and system requirements");
	doc_paraf(j->d, s, "These are the principal promises made to those who "
	    "use the system, and what the system has to do so that they are "
	    "kept. The criteria and controls of Section IV are judged against "
	    "them.");
	commitment_table(j, s, false, "Service commitments");
	commitment_table(j, s, true, "System requirements");
}

static void
component_facts(struct soc2_job *j, struct doc_block *cell,
    const struct soc2_component *c)
{
	const struct { const char *name; struct str value; } facts[] = {
		{ "Owner: ", c->owner }, { "Place: ", c->location },
		{ "Data: ", c->data },
	};

	for (size_t k = 0; k < 3; k++) {
		struct doc_block *p;
		if (facts[k].value.len == 0)
			continue;
		p = doc_para(j->d, cell);
		doc_run(j->d, p, DOC_MUTED, str_from(facts[k].name));
		doc_run(j->d, p, 0, facts[k].value);
	}
}

static void
component_kind(struct soc2_job *j, struct doc_block *s, const char *kind,
    const char *title, const char *about)
{
	static const struct doc_col cols[] = { { 3, DOC_LEFT, true },
		{ 6, DOC_LEFT, false }, { 4, DOC_LEFT, false } };
	struct doc_block *t = NULL;

	doc_heading(j->d, s, 3, NULL, title);
	for (size_t i = 0; i < j->v->ncomponents; i++) {
		const struct soc2_component *c = &j->v->components[i];
		if (!str_is(c->kind, kind))
			continue;
		if (t == NULL) {
			doc_paraf(j->d, s, "%s", about);
			t = doc_table(j->d, s, cols, 3, NULL);
			doc_head(j->d, t, "Component", "What it is", "Particulars",
			    NULL);
		}
		struct doc_block *row = doc_row(j->d, t, 0);
		struct doc_block *p = doc_celltext(j->d, row, DOC_BOLD, c->name);
		if (!str_is(c->state, "live")) {
			doc_line(j->d, p);
			doc_run(j->d, p, DOC_MUTED | DOC_SMALL, c->state);
		}
		struct doc_block *cell = doc_cell(j->d, row, 1);
		if (c->description.len != 0)
			soc2_parts_markdown(j, cell, "description of a component",
			    c->description, 4);
		else
			doc_run(j->d, doc_para(j->d, cell), DOC_ITALIC,
			    STR("not described"));
		cell = doc_cell(j->d, row, 1);
		component_facts(j, cell, c);
	}
	if (t == NULL)
		soc2_parts_missing(j, s, arena_printf(j->a,
		    "No component of the kind %s is described.", kind),
		    "Put a record of the type component.");
}

static void
components(struct soc2_job *j, struct doc_block *s)
{
	static const struct { const char *kind, *title, *about; } kinds[] = {
		{ "infrastructure", "Infrastructure",
		  "Machines, networks and premises that the system runs on." },
		{ "software", "Software",
		  "Programs that make up the system or run beneath it." },
		{ "people", "People",
		  "Those who build, run, secure and govern the system." },
		{ "procedures", "Procedures",
		  "What people and machines do by rule so that the system works." },
		{ "data", "Data",
		  "Information that the system takes in, keeps and gives out." },
	};
	const struct soc2_system *sys = &j->v->sys;

	head(j, s, 3, "Components of the system and its boundary");
	if (sys->boundary.len != 0) {
		doc_heading(j->d, s, 3, NULL, "Boundary");
		soc2_parts_markdown(j, s, "boundary of the system", sys->boundary, 4);
	} else {
		soc2_parts_missing(j, s, "The boundary of the system is not "
		    "described.", "Fill in boundary of the system\xe2\x80\x99s record.");
	}
	for (size_t i = 0; i < 5; i++)
		component_kind(j, s, kinds[i].kind, kinds[i].title,
		    kinds[i].about);
}

static void
policies(struct soc2_job *j, struct doc_block *s)
{
	static const struct doc_col cols[] = { { 0, DOC_LEFT, true },
		{ 6, DOC_LEFT, false }, { 0, DOC_LEFT, false },
		{ 4, DOC_LEFT, false }, { 0, DOC_LEFT, false } };
	struct doc_block *t = NULL;

	doc_heading(j->d, s, 3, "policies", "Policies");
	for (size_t i = 0; i < j->v->npolicies; i++) {
		const struct soc2_policy *p = &j->v->policies[i];
		if (str_is(p->state, "draft")) /* nobody has to follow it yet */
			continue;
		if (t == NULL) {
			t = doc_table(j->d, s, cols, 5, NULL);
			doc_head(j->d, t, "Id", "Policy", "Version", "Owner", "State",
			    NULL);
		}
		struct doc_block *row = doc_row(j->d, t, 0);
		soc2_parts_label(j, row, "pol.", p->code);
		doc_celltext(j->d, row, DOC_BOLD, p->code);
		doc_celltext(j->d, row, 0, p->title);
		doc_celltext(j->d, row, 0, p->version);
		doc_celltext(j->d, row, 0, p->owner);
		struct doc_block *b = doc_celltext(j->d, row, 0, p->state);
		if (p->approved_on.len != 0)
			doc_textf(j->d, b, ", approved " STR_FMT,
			    STR_ARG(p->approved_on));
	}
	if (t == NULL)
		soc2_parts_missing(j, s, "No policy is beyond a draft.",
		    "Write policies and have them approved.");
}

static void
incidents(struct soc2_job *j, struct doc_block *s)
{
	head(j, s, 4, "Incidents");
	if (j->v->sys.incidents.len != 0)
		soc2_parts_markdown(j, s, "incidents of the system",
		    j->v->sys.incidents, 3);
	else
		soc2_parts_missing(j, s, "Nothing is recorded about incidents: "
		    "neither that there were some which came from failed controls "
		    "or broke a commitment, nor that there were none.",
		    "Fill in incidents of the system\xe2\x80\x99s record.");
}

static void
applicable(struct soc2_job *j, struct doc_block *s)
{
	static const struct doc_col cols[] = { { 5, DOC_LEFT, true },
		{ 2, DOC_RIGHT, false }, { 2, DOC_RIGHT, false },
		{ 2, DOC_RIGHT, false } };
	struct doc_block *p, *t;

	head(j, s, 5, "Applicable criteria and the controls that meet them");
	p = doc_para(j->d, s);
	doc_text(j->d, p, "The criteria of the categories in the scope, and for "
	    "each of them the controls, are in ");
	doc_ref(j->d, p, "controls", "Section IV");
	doc_text(j->d, p, ", which is part of this description.");
	t = doc_table(j->d, s, cols, 4, NULL);
	doc_head(j->d, t, "Category", "Criteria", "Not relevant",
	    "With a control", NULL);
	for (int k = 0; k < SOC2_CATEGORIES; k++) {
		size_t n = 0, out = 0, with = 0;
		for (size_t i = 0; i < j->v->ncriteria; i++) {
			const struct soc2_criterion *c = &j->v->criteria[i];
			if (!c->in_scope || (int)c->category != k)
				continue;
			n++;
			out += !c->relevant;
			with += c->relevant && c->controls.n > 0;
		}
		if (n == 0)
			continue;
		struct doc_block *row = doc_row(j->d, t, 0);
		doc_celltext(j->d, row, 0, str_from(k == SOC2_SECURITY ?
		    "Common criteria (security)" : soc2_view_category[k]));
		const size_t numbers[] = { n, out, with };
		for (size_t i = 0; i < 3; i++)
			doc_celltext(j->d, row, 0, str_from(arena_printf(j->a, "%zu",
			    numbers[i])));
	}
}

static void
complements(struct soc2_job *j, struct doc_block *s,
    const struct soc2_complement *c, size_t n, bool vendor)
{
	static const struct doc_col cols[] = { { 0, DOC_LEFT, true },
		{ 6, DOC_LEFT, false }, { 2, DOC_LEFT, false },
		{ 2, DOC_LEFT, false }, { 2, DOC_LEFT, false } };
	struct doc_block *t = doc_table(j->d, s, cols, vendor ? 5 : 4, NULL);

	if (vendor)
		doc_head(j->d, t, "Id", "What we assume that it does",
		    "Criteria", "Our controls", "Organisation", NULL);
	else
		doc_head(j->d, t, "Id", "What we assume that the customer does",
		    "Criteria", "Our controls", NULL);
	for (size_t i = 0; i < n; i++) {
		struct doc_block *row = doc_row(j->d, t, 0);
		soc2_parts_label(j, row, "comp.", c[i].code);
		doc_celltext(j->d, row, DOC_BOLD, c[i].code);
		struct doc_block *cell = doc_cell(j->d, row, 1);
		soc2_parts_markdown(j, cell, "complementary control", c[i].text, 4);
		soc2_parts_codes(j, doc_para(j->d, doc_cell(j->d, row, 1)),
		    &c[i].criteria, "crit.");
		soc2_parts_codes(j, doc_para(j->d, doc_cell(j->d, row, 1)),
		    &c[i].controls, "ctl.");
		if (vendor)
			doc_celltext(j->d, row, 0, c[i].vendor);
	}
}

static void
users(struct soc2_job *j, struct doc_block *s)
{
	head(j, s, 6, "Complementary user entity controls");
	soc2_parts_text(j, s, "cuecs", 3);
	if (j->v->ncuecs == 0)
		doc_paraf(j->d, s, "No such control is recorded: the design assumes "
		    "none.");
	else
		complements(j, s, j->v->cuecs, j->v->ncuecs, false);
}

static void
vendor(struct soc2_job *j, struct doc_block *t, const struct soc2_vendor *v)
{
	struct doc_block *row = doc_row(j->d, t, 0), *cell, *p;

	p = doc_celltext(j->d, row, DOC_BOLD, v->name);
	if (v->location.len != 0) {
		doc_line(j->d, p);
		doc_run(j->d, p, DOC_MUTED | DOC_SMALL, v->location);
	}
	cell = doc_cell(j->d, row, 1);
	doc_run(j->d, doc_para(j->d, cell), 0, v->service);
	if (v->data.len != 0)
		doc_paraf(j->d, cell, "Data: " STR_FMT, STR_ARG(v->data));
	doc_celltext(j->d, row, 0, str_is(v->method, "carve_out") ?
	    STR("carve-out") : v->method.len != 0 ? v->method :
	    STR("not chosen"));
	soc2_parts_codes(j, doc_para(j->d, doc_cell(j->d, row, 1)),
	    &v->criteria, "crit.");
	p = doc_para(j->d, doc_cell(j->d, row, 1));
	if (v->report_kind.len == 0)
		doc_text(j->d, p, "none on file");
	else
		doc_run(j->d, p, 0, v->report_kind);
	if (v->report_until.len != 0)
		doc_textf(j->d, p, ", until " STR_FMT, STR_ARG(v->report_until));
}

static void
subservice(struct soc2_job *j, struct doc_block *s)
{
	static const struct doc_col cols[] = { { 3, DOC_LEFT, true },
		{ 5, DOC_LEFT, false }, { 2, DOC_LEFT, false },
		{ 3, DOC_LEFT, false }, { 3, DOC_LEFT, false } };
	struct doc_block *t;

	head(j, s, 7, "Subservice organisations");
	soc2_parts_text(j, s, "subservice", 3);
	if (j->v->nvendors == 0) {
		doc_paraf(j->d, s, "No subservice organisation is recorded.");
	} else {
		t = doc_table(j->d, s, cols, 5, "Subservice organisations");
		doc_head(j->d, t, "Organisation", "Service", "Method", "Criteria",
		    "Its report", NULL);
		for (size_t i = 0; i < j->v->nvendors; i++)
			vendor(j, t, &j->v->vendors[i]);
	}
	if (j->v->other_vendors > 0)
		doc_paraf(j->d, s, "%zu other vendor%s recorded whose controls are "
		    "not needed to keep the commitments; they are not subservice "
		    "organisations.", j->v->other_vendors,
		    j->v->other_vendors == 1 ? " is" : "s are");
	if (j->v->ncsocs > 0) {
		doc_heading(j->d, s, 3, NULL,
		    "Complementary subservice organisation controls");
		complements(j, s, j->v->csocs, j->v->ncsocs, true);
	}
}

static void
not_relevant(struct soc2_job *j, struct doc_block *s)
{
	static const struct doc_col cols[] = { { 0, DOC_LEFT, true },
		{ 3, DOC_LEFT, false }, { 6, DOC_LEFT, false } };
	struct doc_block *t = NULL, *p;

	head(j, s, 8, "Criteria that are not relevant");
	p = doc_para(j->d, s);
	for (size_t i = 0; i < j->v->ncriteria; i++) {
		const struct soc2_criterion *c = &j->v->criteria[i];
		if (!c->in_scope || c->relevant)
			continue;
		if (t == NULL) {
			t = doc_table(j->d, s, cols, 3, NULL);
			doc_head(j->d, t, "Id", "Criterion", "Reason", NULL);
		}
		struct doc_block *row = doc_row(j->d, t, 0);
		doc_celltext(j->d, row, DOC_BOLD, c->code);
		doc_celltext(j->d, row, 0, c->title);
		struct doc_block *cell = doc_cell(j->d, row, 1);
		if (c->reason.len != 0)
			soc2_parts_markdown(j, cell, "reason", c->reason, 4);
		else
			doc_run(j->d, doc_para(j->d, cell), DOC_ITALIC,
			    STR("no reason is recorded"));
		if (!c->decided)
			doc_run(j->d, doc_para(j->d, cell), DOC_MUTED | DOC_SMALL,
			    STR("proposed, not approved"));
	}
	doc_text(j->d, p, t != NULL ?
	    "These criteria belong to a category in the scope, but are not "
	    "relevant to the system:" :
	    "Every criterion of the categories in the scope is relevant to the "
	    "system.");
}

void
soc2_description(struct soc2_job *j)
{
	struct doc_block *s = doc_section(j->d, "description", "Section III",
	    arena_printf(j->a, "Description of %s", j->v->sys.name.len == 0 ?
	    "the system" : arena_strndup(j->a, j->v->sys.name.ptr,
	    j->v->sys.name.len)));

	soc2_parts_text(j, s, "description", 2);
	services(j, s);
	commitments(j, s);
	components(j, s);
	policies(j, s);
	incidents(j, s);
	applicable(j, s);
	users(j, s);
	subservice(j, s);
	not_relevant(j, s);
}
