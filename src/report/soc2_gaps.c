/* What is missing before a Type 1 report can be issued. */
#include "report/soc2.h"

struct finder {
	struct arena *a;
	const struct soc2_view *v;
	struct soc2_gaps *out;
	size_t cap;
	const char *label, *place;
};

static void
gap(struct finder *f, const char *fix, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

static void
gap(struct finder *f, const char *fix, const char *fmt, ...)
{
	va_list ap;

	if (f->out->n == f->cap) {
		size_t cap = f->cap * 2 + 16;
		struct soc2_gap *at = arena_array(f->a, cap, sizeof(*at));
		if (f->out->n != 0)
			memcpy(at, f->out->at, f->out->n * sizeof(*at));
		f->out->at = at;
		f->cap = cap;
	}
	va_start(ap, fmt);
	f->out->at[f->out->n++] = (struct soc2_gap){ str_from(f->label),
		str_from(f->place), str_from(arena_vprintf(f->a, fmt, ap)),
		str_from(fix), { NULL, 0 }, "ctl." };
	va_end(ap);
}

static void
at(struct finder *f, const char *label, const char *place)
{
	f->label = label;
	f->place = place;
}

static void
find_system(struct finder *f)
{
	const struct soc2_system *s = &f->v->sys;
	size_t services = 0, requirements = 0;

	at(f, "dc1", "Section III, services");
	if (!s->found)
		gap(f, "Run tickmark record DIR system put --file FILE.",
		    "No system is described: its name, services and boundary.");
	else if (!str_is(s->state, "active"))
		gap(f, "Make the system\xe2\x80\x99s record active.",
		    "The description of the system is still a draft.");
	bool any = false;
	for (int i = 0; i < SOC2_CATEGORIES; i++)
		any |= s->categories[i];
	if (s->found && !any)
		gap(f, "Fill in categories of the system.",
		    "No category is chosen.");
	if (s->found && s->services.len == 0)
		gap(f, "Fill in services of the system.",
		    "The services are not described (DC 1).");
	at(f, "dc2", "Section III, commitments");
	for (size_t i = 0; i < f->v->ncommitments; i++) {
		services += !f->v->commitments[i].requirement;
		requirements += f->v->commitments[i].requirement;
		if (!str_is(f->v->commitments[i].state, "in_force"))
			gap(f, "Make it in_force, or take it out of use.",
			    STR_FMT " is not in force.",
			    STR_ARG(f->v->commitments[i].code));
	}
	if (services == 0)
		gap(f, "Run tickmark record DIR commitment put --file FILE.",
		    "No service commitment is recorded (DC 2).");
	if (requirements == 0)
		gap(f, "Run tickmark record DIR commitment put --file FILE.",
		    "No system requirement is recorded (DC 2).");
}

static void
find_components(struct finder *f)
{
	static const char *const kinds[] = { "infrastructure", "software",
		"people", "procedures", "data" };

	at(f, "dc3", "Section III, components");
	if (f->v->sys.found && f->v->sys.boundary.len == 0)
		gap(f, "Fill in boundary of the system.",
		    "The boundary of the system is not described (DC 3).");
	for (size_t k = 0; k < 5; k++) {
		size_t n = 0;
		for (size_t i = 0; i < f->v->ncomponents; i++)
			n += str_is(f->v->components[i].kind, kinds[k]);
		if (n == 0)
			gap(f, "Run tickmark record DIR component put --file FILE.",
			    "No component of the kind %s is described (DC 3).",
			    kinds[k]);
	}
	for (size_t i = 0; i < f->v->ncomponents; i++)
		if (f->v->components[i].description.len == 0)
			gap(f, "Fill in its description.",
			    "The component " STR_FMT " is not described.",
			    STR_ARG(f->v->components[i].name));
	at(f, "dc4", "Section III, incidents");
	if (f->v->sys.incidents.len == 0)
		gap(f, "Fill in incidents of the system, also if there were none.",
		    "Nothing is said about incidents (DC 4).");
}

static void
find_criteria(struct finder *f)
{
	size_t n = 0;

	for (size_t i = 0; i < f->v->ncriteria; i++) {
		const struct soc2_criterion *c = &f->v->criteria[i];
		if (!c->in_scope)
			continue;
		n++;
		at(f, arena_printf(f->a, "crit." STR_FMT, STR_ARG(c->code)),
		    arena_printf(f->a, "Section IV, " STR_FMT, STR_ARG(c->code)));
		if (!c->relevant && (c->reason.len == 0 || !c->decided)) {
			at(f, "dc8", "Section III, criteria not relevant");
			gap(f, "Give the reason and have it approved.",
			    STR_FMT " is set aside without an approved reason (DC 8).",
			    STR_ARG(c->code));
		}
		if (!c->relevant || c->controls.n > 0)
			continue;
		if (c->drafts.n > 0)
			gap(f, "Finish the design of its controls.",
			    STR_FMT " %s has only controls that are not designed yet "
			    "(%zu of them).", STR_ARG(c->code),
			    arena_strndup(f->a, c->title.ptr, c->title.len),
			    c->drafts.n);
		else
			gap(f, "Map a control to it, or decide why it is not relevant.",
			    STR_FMT " %s has no control and no reason why it is not "
			    "relevant.", STR_ARG(c->code),
			    arena_strndup(f->a, c->title.ptr, c->title.len));
	}
	if (n > 0)
		return;
	at(f, "controls", "Section IV");
	gap(f, "Choose categories in the system\xe2\x80\x99s record.",
	    "No criterion is in the scope.");
}

/* One gap for all controls of which ${wrong} holds, naming each; they serve
 * criteria in the scope. */
static void
gap_controls(struct finder *f,
    bool (*wrong)(const struct soc2_view *, const struct soc2_control *),
    const char *text, const char *fix, const char *label, const char *place)
{
	struct soc2_list codes = { arena_array(f->a, f->v->ncontrols,
	    sizeof(struct str)), 0 };

	for (size_t i = 0; i < f->v->ncontrols; i++) {
		const struct soc2_control *c = &f->v->controls[i];
		if (c->criteria.n > 0 && wrong(f->v, c))
			codes.at[codes.n++] = c->code;
	}
	if (codes.n == 0)
		return;
	at(f, label, place);
	gap(f, fix, "%zu control%s %s: ", codes.n, codes.n == 1 ? "" : "s", text);
	f->out->at[f->out->n - 1].codes = codes;
}

static bool
not_in_place(const struct soc2_view *v, const struct soc2_control *c)
{
	(void)v;
	return (str_is(c->state, "designed"));
}

static bool
not_owned(const struct soc2_view *v, const struct soc2_control *c)
{
	(void)v;
	return (soc2_view_in_report(c) && c->owner.len == 0);
}

/* Still a draft, beside others that are not: for a criterion that has only
 * drafts there is a line of its own. */
static bool
not_designed(const struct soc2_view *v, const struct soc2_control *c)
{
	bool others = false;

	for (size_t i = 0; i < c->criteria.n; i++) {
		const struct soc2_criterion *k = soc2_view_criterion(v,
		    c->criteria.at[i]);
		others |= k != NULL && k->controls.n > 0;
	}
	return (others && str_is(c->state, "draft"));
}

static bool
deviates(const struct soc2_view *v, const struct soc2_control *c)
{
	(void)v;
	return (soc2_view_in_report(c) && c->deviates);
}

static void
find_controls(struct finder *f)
{
	const char *place = "Section IV, controls";

	gap_controls(f, not_in_place, "designed but not in place, while a Type 1 "
	    "report speaks of controls that are", "Put them in place, then make "
	    "them implemented.", "controls", place);
	gap_controls(f, not_owned, "without anybody who answers for it",
	    "Name an owner.", "controls", place);
	gap_controls(f, not_designed, "meant for criteria in the scope but still a "
	    "draft, and therefore left out", "Settle what each says and make it "
	    "designed, or retire it.", "controls", place);
}

static void
find_policies(struct finder *f)
{
	struct soc2_list codes = { arena_array(f->a, f->v->npolicies,
	    sizeof(struct str)), 0 };

	for (size_t i = 0; i < f->v->npolicies; i++)
		if (!str_is(f->v->policies[i].state, "published") &&
		    !str_is(f->v->policies[i].state, "approved"))
			codes.at[codes.n++] = f->v->policies[i].code;
	if (codes.n == 0)
		return;
	at(f, "policies", "Section III, policies");
	gap(f, "Have them approved, or retire them.",
	    "%zu polic%s not approved: ", codes.n, codes.n == 1 ? "y is" :
	    "ies are");
	f->out->at[f->out->n - 1].codes = codes;
	f->out->at[f->out->n - 1].prefix = "pol.";
}

static void
find_others(struct finder *f)
{
	at(f, "dc6", "Section III, user controls");
	for (size_t i = 0; i < f->v->ncuecs; i++)
		if (!str_is(f->v->cuecs[i].state, "final"))
			gap(f, "Settle its text and make it final.",
			    STR_FMT " is still a draft.",
			    STR_ARG(f->v->cuecs[i].code));
	at(f, "dc7", "Section III, subservice organisations");
	for (size_t i = 0; i < f->v->nvendors; i++) {
		const struct soc2_vendor *s = &f->v->vendors[i];
		size_t n = 0;
		for (size_t k = 0; k < f->v->ncsocs; k++)
			n += str_eq(f->v->csocs[k].vendor, s->name);
		if (s->method.len == 0)
			gap(f, "Choose carve_out or inclusive.",
			    "For " STR_FMT " no method is chosen (DC 7).",
			    STR_ARG(s->name));
		if (str_is(s->state, "proposed") || str_is(s->state, "assessed"))
			gap(f, "Assess it, and make it active.",
			    STR_FMT " is " STR_FMT ", and not in use yet.",
			    STR_ARG(s->name), STR_ARG(s->state));
		if (!str_is(s->method, "inclusive") && n == 0)
			gap(f, "Run tickmark record DIR csoc put --file FILE.",
			    "No control is named that " STR_FMT " is assumed to have "
			    "(DC 7).", STR_ARG(s->name));
		if (str_is(s->method, "inclusive"))
			gap(f, "Obtain them, or carve it out.",
			    STR_FMT " is included: its description, controls and "
			    "assertion are not in this draft.", STR_ARG(s->name));
	}
	for (size_t i = 0; i < f->v->ncsocs; i++)
		if (!str_is(f->v->csocs[i].state, "final"))
			gap(f, "Settle its text and make it final.",
			    STR_FMT " is still a draft.",
			    STR_ARG(f->v->csocs[i].code));
}

static void
find_assertion(struct finder *f)
{
	gap_controls(f, deviates, "with deviations that management knows of; the "
	    "assertion has to describe them", "Correct them, or describe them in "
	    "the assertion: see tickmark status.", "assertion",
	    "management\xe2\x80\x99s assertion");
	at(f, "assertion", "management\xe2\x80\x99s assertion");
	if (f->v->sys.signer.len == 0)
		gap(f, "Fill in signer of the system.",
		    "Nobody is named who signs the assertion.");
	gap(f, "Sign it when everything else is settled.",
	    "Management\xe2\x80\x99s assertion is not signed.");
	at(f, "auditor", "the auditor\xe2\x80\x99s section");
	gap(f, "The auditor\xe2\x80\x99s firm writes it after the examination.",
	    "The independent service auditor\xe2\x80\x99s report is not there.");
}

void
soc2_gaps_find(struct arena *a, const struct soc2_view *v,
    struct soc2_gaps *ret)
{
	struct finder f = { .a = a, .v = v, .out = ret };

	*ret = (struct soc2_gaps){ 0 };
	find_system(&f);
	find_components(&f);
	find_policies(&f);
	find_others(&f);
	find_criteria(&f);
	find_controls(&f);
	find_assertion(&f);
}
