#include "assess/readiness.h"

#include "assess/procedure.h"
#include "assess/readiness_data.h"
#include "base/clock.h"
#include "base/vec.h"
#include "record/workspace.h"
#include "text/timefmt.h"

static const char *const state_names[READINESS_NSTATE] = { "exceptions",
	"missing", "unknown", "manual", "clear", "out_of_scope" };
static const char *const state_words[READINESS_NSTATE] = { "exceptions",
	"missing", "unknown", "evidence by hand", "nothing missing",
	"out of scope" };

const char *
readiness_state_name(enum readiness_state s)
{
	return (state_names[s]);
}

const char *
readiness_state_words(enum readiness_state s)
{
	return (state_words[s]);
}

/* --- what is being made -------------------------------------------------------- */

struct gaps {
	VEC(struct readiness_gap) all;
};

/* When each source of a table was last read. */
struct seen {
	bool known;
	struct evidence_seen *at;
	size_t n;
};

struct maker {
	struct readiness_data d;
	struct arena *a;
	struct readiness *r;
	const char *dir; /* as the user called the workspace, a word of a shell */
	struct map controls; /* of struct readiness_control *, by record id */
	readiness_hand_fn *hand; /* or NULL */
	struct seen *seen; /* by table: many tests ask about the same */
	void *hand_ctx;
	struct err *e;
};

static struct str text(struct maker *m, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

static struct str
text(struct maker *m, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	char *s = arena_vprintf(m->a, fmt, ap);
	va_end(ap);
	return (str_from(s));
}

static void
gap(struct gaps *g, enum readiness_state state, struct str about, struct str what,
    struct str fix)
{
	struct readiness_gap x = { state, about, what, fix };

	vec_push(&g->all, x);
}

static void
keep_gaps(struct maker *m, struct gaps *g, struct readiness_gap **ret, size_t *ret_n)
{
	*ret = arena_array(m->a, g->all.n + 1, sizeof(**ret));
	if (g->all.n != 0)
		memcpy(*ret, g->all.at, g->all.n * sizeof(**ret));
	*ret_n = g->all.n;
	vec_free(&g->all);
}

static enum readiness_state
worst(enum readiness_state s, const struct readiness_gap *g, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (g[i].state < s)
			s = g[i].state;
	return (s);
}

static struct str
cell(const struct record *r, size_t field)
{
	return (record_str(r, field));
}

/* The name of a person, or empty. */
static struct str
person(struct maker *m, struct str id)
{
	const struct record *p = readiness_data_find(&m->d, T_PERSON, id);

	return (p != NULL ? cell(p, F_PERSON_NAME) : STR(""));
}

static struct str
day_of(struct maker *m, int64_t us)
{
	char s[DATE_SIZE];
	struct workspace *ws = assess_workspace(m->d.as);

	return (str_from(arena_strdup(m->a, date_print(zone_day(ws->zone, us), s))));
}

/* --- procedures ------------------------------------------------------------------ */

static struct str
counted(struct maker *m, const struct recorded_row *r)
{
	int64_t bad = r->subjects[ASSESS_FAIL], blind = r->subjects[ASSESS_UNKNOWN];

	if (bad > 0 && blind > 0)
		return (text(m, "%lld of %lld fail, %lld could not be judged",
		    (long long)bad, (long long)r->members, (long long)blind));
	if (bad > 0)
		return (text(m, "%lld of %lld fail", (long long)bad,
		    (long long)r->members));
	if (blind > 0)
		return (text(m, "%lld of %lld could not be judged",
		    (long long)blind, (long long)r->members));
	return (text(m, "evidence was not collected throughout"));
}

static int
last_seen(struct maker *m, const struct schema_type *t, const struct seen **ret)
{
	struct seen *s;

	if (m->seen == NULL)
		m->seen = arena_array(m->a, schema_ntypes, sizeof(*m->seen));
	*ret = s = &m->seen[t - schema_types];
	if (s->known)
		return (0);
	s->known = true;
	return (evidence_last_seen(m->a, evidence_db(assess_evidence(m->d.as)), t,
	    m->d.at, &s->at, &s->n, m->e));
}

/* Why the result says less now than when it was made; empty if it does not. */
static int
find_stale(struct maker *m, const struct recorded_row *r, struct str *ret)
{
	struct evidence *ev = assess_evidence(m->d.as);
	struct str names = r->tables, one;
	const struct schema_type *tables[128];
	size_t n = 0;
	uint64_t upto;
	int rc;

	*ret = STR("");
	if (ev == NULL || !m->d.now)
		return (0);
	while (n < 128 && str_split(&names, ',', &one))
		if ((tables[n] = schema_find(one)) != NULL)
			n++;
	if ((rc = evidence_depends(evidence_db(ev), tables, n, EVIDENCE_HEAD, &upto,
		 m->e)) != 0)
		return (rc);
	if (upto > r->upto)
		*ret = text(m, "its evidence has changed since %s",
		    day_of(m, r->judged_at).ptr);
	for (size_t i = 0; i < n; i++) {
		const struct seen *s;
		if (schema_is_record(tables[i]))
			continue;
		if ((rc = last_seen(m, tables[i], &s)) != 0)
			return (rc);
		for (size_t x = 0; x < s->n; x++)
			if (s->at[x].until <= m->d.at) {
				*ret = text(m, "%s of " STR_FMT " was last collected on %s",
				    tables[i]->name, STR_ARG(s->at[x].source),
				    day_of(m, s->at[x].at).ptr);
				return (0);
			}
	}
	return (0);
}

static void
judge_result(struct maker *m, const struct procedure *p,
    const struct recorded_row *r, struct readiness_procedure *ret, struct gaps *g)
{
	struct str rerun = text(m, "tickmark test %s " STR_FMT, m->dir,
	    STR_ARG(p->id));

	if (r->outcome == ASSESS_EXCEPTIONS)
		gap(g, READINESS_EXCEPTIONS, p->id, text(m, STR_FMT ": " STR_FMT,
		    STR_ARG(p->title), STR_ARG(counted(m, r))), p->remediation);
	else if (r->outcome == ASSESS_INDETERMINATE)
		gap(g, READINESS_UNKNOWN, p->id, text(m, STR_FMT ": " STR_FMT,
		    STR_ARG(p->title), STR_ARG(counted(m, r))), rerun);
	if (ret->stale)
		gap(g, READINESS_UNKNOWN, p->id, text(m, STR_FMT ": " STR_FMT,
		    STR_ARG(p->title), STR_ARG(ret->note)), rerun);
}

static struct str
unreadable(struct maker *m, const struct procedure *p)
{
	return (text(m, "the test " STR_FMT " cannot be read: %s: %s",
	    STR_ARG(p->id), p->wrong->what, p->wrong->where));
}

static int
add_procedure(struct maker *m, const struct procedure *p,
    struct readiness_procedure **ret, struct gaps *g)
{
	const struct recorded_row *r = readiness_data_result(&m->d, p->id);
	struct readiness_procedure *x = arena_new(m->a, struct readiness_procedure);
	int rc;

	*ret = x;
	x->id = p->id;
	x->title = p->title;
	if (p->wrong != NULL) {
		x->note = unreadable(m, p);
		gap(g, READINESS_UNKNOWN, p->id, x->note, str_from(p->wrong->fix));
		return (0);
	}
	if (r == NULL) {
		gap(g, READINESS_UNKNOWN, p->id, text(m, STR_FMT
		    ": this test was never run", STR_ARG(p->title)),
		    text(m, "tickmark test %s " STR_FMT, m->dir, STR_ARG(p->id)));
		return (0);
	}
	x->tested = true;
	x->time = (struct assess_time){ .period = r->period, .from = r->from,
		.to = r->to };
	x->outcome = r->outcome;
	x->members = r->members;
	memcpy(x->subjects, r->subjects, sizeof(x->subjects));
	x->judged_at = r->judged_at;
	x->entry = r->entry;
	if ((rc = find_stale(m, r, &x->note)) != 0)
		return (rc);
	x->stale = x->note.len > 0;
	judge_result(m, p, r, x, g);
	return (0);
}

static int
add_procedures(struct maker *m, struct readiness_control *c, struct gaps *g)
{
	const struct procedure_set *set = assess_procedures(m->d.as);
	VEC(struct readiness_procedure *) list = { 0 };
	int rc = 0;

	for (size_t i = 0; i < set->n && rc == 0; i++)
		for (size_t k = 0; k < set->at[i].ncontrols && rc == 0; k++) {
			struct readiness_procedure *x;
			if (!str_eq(set->at[i].controls[k], c->id))
				continue;
			if ((rc = add_procedure(m, &set->at[i], &x, g)) == 0)
				vec_push(&list, x);
		}
	c->nprocedures = list.n;
	c->procedures = arena_array(m->a, list.n + 1, sizeof(*c->procedures));
	if (list.n != 0)
		memcpy(c->procedures, list.at, list.n * sizeof(*list.at));
	vec_free(&list);
	return (rc);
}

/* --- controls -------------------------------------------------------------------- */

static void
check_state(struct maker *m, struct readiness_control *c, struct gaps *g)
{
	static const struct {
		const char *state, *text, *next;
	} early[] = { { "draft", "is a draft that nobody has adopted", "designed" },
		{ "designed", "is designed, but not in place", "implemented" } };

	for (size_t i = 0; i < 2; i++)
		if (str_is(c->state, early[i].state))
			gap(g, READINESS_MISSING, c->id, text(m, "%s %s",
			    c->id.ptr, early[i].text),
			    text(m, "adopt it: tickmark record %s control put %s "
				    "state=%s", m->dir, arena_shell(m->a, c->id),
				early[i].next));
}

static struct str
frequency_words(struct maker *m, struct str json)
{
	BUF_SCOPED b = BUF_INIT;
	struct str one;

	/* A set is stored as a JSON list of plain words. */
	for (size_t i = 0; i < json.len; i++)
		if (strchr("[]\" ", json.ptr[i]) == NULL)
			buf_putc(&b, json.ptr[i]);
	struct str rest = buf_str(&b);
	BUF_SCOPED out = BUF_INIT;
	while (str_split(&rest, ',', &one)) {
		buf_puts(&out, out.len > 0 ? ", " : "");
		buf_putstr(&out, one);
	}
	return (arena_str(m->a, buf_str(&out)));
}

/* A test by this program is one kind of evidence; the rest is by hand. */
static int
add_hand(struct maker *m, const struct record *r, struct readiness_control *c,
    struct gaps *g)
{
	struct readiness_hand h;
	int rc = m->hand == NULL ? 0 : m->hand(m->hand_ctx, r,
	    c->nprocedures > 0, &h, m->e);

	if (rc > 0 && h.state != READINESS_CLEAR)
		gap(g, h.state, c->id, h.text, h.fix);
	else if (rc == 0 && c->nprocedures == 0)
		gap(g, READINESS_MANUAL, c->id, c->evidence.len > 0 ?
		    text(m, "%s is shown by hand: " STR_FMT, c->id.ptr,
			STR_ARG(c->evidence)) :
		    text(m, "%s has no test: it is shown by hand", c->id.ptr),
		    STR(""));
	return (rc < 0 ? rc : 0);
}

static int
add_control(struct maker *m, const struct record *r)
{
	struct readiness_control *c = arena_new(m->a, struct readiness_control);
	struct gaps g = { 0 };
	int rc;

	c->id = cell(r, F_CONTROL_CODE);
	c->statement = cell(r, F_CONTROL_STATEMENT);
	c->state = cell(r, F_CONTROL_STATE);
	c->kind = cell(r, F_CONTROL_KIND);
	c->evidence = cell(r, F_CONTROL_EVIDENCE);
	c->frequency = frequency_words(m, cell(r, F_CONTROL_FREQUENCY));
	c->owner = person(m, cell(r, F_CONTROL_OWNER));
	check_state(m, c, &g);
	if (c->owner.len == 0) {
		c->owner = cell(r, F_CONTROL_OWNER_ROLE);
		if (!str_is(c->state, "draft"))
			gap(&g, READINESS_MISSING, c->id, text(m,
			    "nobody answers for %s", c->id.ptr), text(m,
			    "tickmark record %s control put %s owner=PERSON", m->dir,
			    arena_shell(m->a, c->id)));
	}
	if ((rc = add_procedures(m, c, &g)) != 0) {
		vec_free(&g.all);
		return (rc);
	}
	if ((rc = add_hand(m, r, c, &g)) != 0) {
		vec_free(&g.all);
		return (rc);
	}
	keep_gaps(m, &g, &c->gaps, &c->ngaps);
	c->readiness = worst(READINESS_CLEAR, c->gaps, c->ngaps);
	map_put(&m->controls, r->id, c);
	return (0);
}

static int
by_control(const void *a, const void *b)
{
	struct readiness_control *const *x = a, *const *y = b;

	return (str_cmp((*x)->id, (*y)->id));
}

static int
add_controls(struct maker *m)
{
	const struct readiness_shelf *s = readiness_data_shelf(&m->d, T_CONTROL);
	int rc = 0;

	map_init(&m->controls, m->a);
	for (size_t i = 0; i < s->n && rc == 0; i++)
		if (!str_is(cell(&s->at[i], F_CONTROL_STATE), "retired") &&
		    cell(&s->at[i], F_CONTROL_NOT_APPLICABLE).len == 0)
			rc = add_control(m, &s->at[i]);
	m->r->ncontrols = m->controls.n;
	m->r->controls = arena_array(m->a, m->controls.n + 1,
	    sizeof(*m->r->controls));
	for (size_t i = 0; i < m->controls.n; i++)
		m->r->controls[i] = m->controls.items[i].value;
	qsort(m->r->controls, m->r->ncontrols, sizeof(*m->r->controls), by_control);
	return (rc);
}

/* --- scope ------------------------------------------------------------------------- */

static const char *const categories[5] = { "common", "availability",
	"confidentiality", "processing_integrity", "privacy" };

static int
category_of(struct str s)
{
	for (int i = 0; i < 5; i++)
		if (str_is(s, categories[i]))
			return (i);
	return (0);
}

/* The system that the report is about: the active one, else any. */
static const struct record *
find_system(struct maker *m)
{
	const struct readiness_shelf *s = readiness_data_shelf(&m->d, T_SYSTEM);
	const struct record *any = NULL;

	for (size_t i = 0; i < s->n; i++) {
		struct str state = cell(&s->at[i], F_SYSTEM_STATE);
		if (str_is(state, "active"))
			return (&s->at[i]);
		if (!str_is(state, "retired") && any == NULL)
			any = &s->at[i];
	}
	return (any);
}

static void
set_scope(struct maker *m, const struct record *sys)
{
	m->r->category_in_scope[0] = true;
	if (sys == NULL)
		return;
	m->r->system_name = cell(sys, F_SYSTEM_NAME);
	struct str set = cell(sys, F_SYSTEM_CATEGORIES);
	for (int i = 1; i < 5; i++) {
		char quoted[32];
		snprintf(quoted, sizeof(quoted), "\"%s\"", categories[i]);
		m->r->category_in_scope[i] = str_find(set, quoted) >= 0;
	}
}

static void
decide_scope(struct maker *m, struct readiness_criterion *c, struct str id,
    struct gaps *g)
{
	const struct readiness_shelf *s = readiness_data_shelf(&m->d,
	    T_SCOPE_DECISION);

	c->in_scope = m->r->category_in_scope[category_of(c->category)];
	if (!c->in_scope) {
		c->reason = STR("its category is not part of the examination");
		return;
	}
	for (size_t i = 0; i < s->n; i++) {
		const struct record *r = &s->at[i];
		if (!str_eq(cell(r, F_SCOPE_DECISION_CRITERION), id) ||
		    record_int(r, F_SCOPE_DECISION_RELEVANT, 1) != 0)
			continue;
		if (str_is(cell(r, F_SCOPE_DECISION_STATE), "approved")) {
			c->in_scope = false;
			c->decided = true;
			c->reason = cell(r, F_SCOPE_DECISION_REASON);
		} else {
			gap(g, READINESS_MISSING, c->id, text(m, "the decision that "
			    STR_FMT " is not relevant was not approved",
			    STR_ARG(c->id)), STR("have it approved by somebody other "
			    "than who proposed it, or withdraw it"));
		}
	}
}

/* --- criteria ---------------------------------------------------------------------- */

static void
map_controls(struct maker *m, struct readiness_criterion *c, struct str id,
    struct gaps *g)
{
	const struct readiness_shelf *s = readiness_data_shelf(&m->d,
	    T_CONTROL_MAPPING);
	VEC(struct readiness_control *) list = { 0 };

	for (size_t i = 0; i < s->n; i++) {
		const struct record *r = &s->at[i];
		struct readiness_control *k;
		if (!str_eq(cell(r, F_CONTROL_MAPPING_CRITERION), id) ||
		    str_is(cell(r, F_CONTROL_MAPPING_STATE), "ended"))
			continue;
		k = map_get(&m->controls, cell(r, F_CONTROL_MAPPING_CONTROL));
		if (k != NULL)
			vec_push(&list, k);
	}
	c->ncontrols = list.n;
	c->controls = arena_array(m->a, list.n + 1, sizeof(*c->controls));
	if (list.n != 0)
		memcpy(c->controls, list.at, list.n * sizeof(*list.at));
	qsort(c->controls, list.n, sizeof(*c->controls), by_control);
	vec_free(&list);
	if (c->ncontrols == 0 && c->in_scope)
		gap(g, READINESS_MISSING, c->id, text(m, "no control serves " STR_FMT,
		    STR_ARG(c->id)), text(m, "choose one from the library, and map "
		    "it: tickmark record %s control_mapping put control=ID "
		    "criterion=" STR_FMT, m->dir, STR_ARG(c->id)));
}

/* "4 controls: 1 with exceptions, 2 drafts, 1 shown by hand" */
static void
sum_up(struct maker *m, struct readiness_criterion *c)
{
	static const char *const words[] = { "with exceptions", "not in place",
		"unknown", "shown by hand", "with nothing missing" };
	size_t n[READINESS_NSTATE] = { 0 };
	BUF_SCOPED b = BUF_INIT;

	if (!c->in_scope) {
		c->sentence = c->reason;
		return;
	}
	if (c->ncontrols == 0) {
		c->sentence = STR("no control serves it");
		return;
	}
	for (size_t i = 0; i < c->ncontrols; i++)
		n[c->controls[i]->readiness]++;
	buf_printf(&b, "%zu control%s:", c->ncontrols, c->ncontrols == 1 ? "" : "s");
	const char *sep = " ";
	for (int s = 0; s < READINESS_OUT_OF_SCOPE; s++)
		if (n[s] > 0) {
			buf_printf(&b, "%s%zu %s", sep, n[s], words[s]);
			sep = ", ";
		}
	c->sentence = arena_str(m->a, buf_str(&b));
}

static void
add_criterion(struct maker *m, const struct library_criterion *lib,
    const struct record *r, struct readiness_criterion *c)
{
	struct gaps g = { 0 };

	c->id = lib->id;
	c->title = r != NULL ? cell(r, F_CRITERION_TITLE) : lib->title;
	c->category = r != NULL ? cell(r, F_CRITERION_CATEGORY) : lib->category;
	struct str id = r != NULL ? r->id : STR("");
	decide_scope(m, c, id, &g);
	map_controls(m, c, id, &g);
	keep_gaps(m, &g, &c->gaps, &c->ngaps);
	c->readiness = worst(READINESS_CLEAR, c->gaps, c->ngaps);
	for (size_t i = 0; i < c->ncontrols; i++)
		if (c->controls[i]->readiness < c->readiness)
			c->readiness = c->controls[i]->readiness;
	if (!c->in_scope)
		c->readiness = READINESS_OUT_OF_SCOPE;
	m->r->count[c->readiness]++;
	sum_up(m, c);
}

static void
add_criteria(struct maker *m)
{
	const struct readiness_shelf *s = readiness_data_shelf(&m->d, T_CRITERION);
	const struct library *lib = &m->d.library;

	m->r->ncriteria = lib->ncriteria;
	m->r->criteria = arena_array(m->a, lib->ncriteria + 1,
	    sizeof(*m->r->criteria));
	for (size_t i = 0; i < lib->ncriteria; i++) {
		const struct record *r = NULL;
		for (size_t k = 0; k < s->n && r == NULL; k++)
			if (str_eq(cell(&s->at[k], F_CRITERION_CODE),
				lib->criteria[i].id))
				r = &s->at[k];
		add_criterion(m, &lib->criteria[i], r, &m->r->criteria[i]);
	}
}

/* --- what concerns the whole ------------------------------------------------------- */

static void
check_system(struct maker *m, const struct record *sys, struct gaps *g)
{
	static const struct {
		int field;
		const char *what;
	} needed[] = { { F_SYSTEM_SERVICES, "the services (DC 1)" },
		{ F_SYSTEM_BOUNDARY, "the boundary (DC 3)" },
		{ F_SYSTEM_INCIDENTS, "the incidents, or that there were none (DC 4)" },
		{ F_SYSTEM_SIGNER, "who signs management's assertion" } };
	struct str about = STR("system");

	if (sys == NULL) {
		gap(g, READINESS_MISSING, about,
		    STR("the system that the report is about is not described"),
		    text(m, "tickmark record %s system put name=... "
			    "categories=security", m->dir));
		return;
	}
	for (size_t i = 0; i < sizeof(needed) / sizeof(needed[0]); i++)
		if (cell(sys, (size_t)needed[i].field).len == 0)
			gap(g, READINESS_MISSING, about, text(m,
			    "the description of " STR_FMT " lacks %s",
			    STR_ARG(m->r->system_name), needed[i].what),
			    text(m, "tickmark record %s system put %s %s=...",
				m->dir, arena_shell(m->a, m->r->system_name),
				sys->type->fields[needed[i].field].name));
	if (str_is(cell(sys, F_SYSTEM_STATE), "draft"))
		gap(g, READINESS_MISSING, about, text(m,
		    "the description of " STR_FMT " is a draft",
		    STR_ARG(m->r->system_name)),
		    STR("complete it and set its state to active"));
}

static void
check_commitments(struct maker *m, struct gaps *g)
{
	const struct readiness_shelf *s = readiness_data_shelf(&m->d, T_COMMITMENT);
	size_t promises = 0, needs = 0;

	for (size_t i = 0; i < s->n; i++) {
		if (!str_is(cell(&s->at[i], F_COMMITMENT_STATE), "in_force"))
			continue;
		if (str_is(cell(&s->at[i], F_COMMITMENT_KIND), "commitment"))
			promises++;
		else
			needs++;
	}
	if (promises == 0)
		gap(g, READINESS_MISSING, STR("commitment"),
		    STR("no service commitment is in force: the examination is "
			"judged against them (DC 2)"),
		    text(m, "tickmark record %s commitment put code=SC-01 "
			    "kind=commitment ...", m->dir));
	if (needs == 0)
		gap(g, READINESS_MISSING, STR("commitment"),
		    STR("no system requirement is in force (DC 2)"),
		    text(m, "tickmark record %s commitment put code=SR-01 "
			    "kind=requirement ...", m->dir));
}

static void
check_components(struct maker *m, struct gaps *g)
{
	static const char *const kinds[] = { "infrastructure", "software",
		"people", "procedures", "data" };
	const struct readiness_shelf *s = readiness_data_shelf(&m->d, T_COMPONENT);

	for (size_t k = 0; k < 5; k++) {
		size_t i = 0;
		while (i < s->n && !str_is(cell(&s->at[i], F_COMPONENT_KIND), kinds[k]))
			i++;
		if (i == s->n)
			gap(g, READINESS_MISSING, STR("component"), text(m,
			    "no component of the kind %s is described (DC 3)", kinds[k]),
			    text(m, "tickmark record %s component put name=... kind=%s",
				m->dir, kinds[k]));
	}
}

static void
check_policies(struct maker *m, struct gaps *g)
{
	const struct readiness_shelf *s = readiness_data_shelf(&m->d, T_POLICY);
	size_t drafts = 0, needed = 0;
	struct str first = STR(""), today = day_of(m, m->d.at);

	for (size_t i = 0; i < s->n; i++) {
		const struct record *p = &s->at[i];
		if (cell(p, F_POLICY_NOT_APPLICABLE).len != 0)
			continue;
		needed++;
		struct str state = cell(p, F_POLICY_STATE),
			   review = cell(p, F_POLICY_REVIEW_ON);
		if (str_is(state, "draft") || str_is(state, "review")) {
			if (drafts++ == 0)
				first = cell(p, F_POLICY_CODE);
		} else if (review.len > 0 && !str_is(state, "retired") &&
		    str_cmp(review, today) < 0) {
			gap(g, READINESS_MISSING, cell(p, F_POLICY_CODE), text(m,
			    "the review of " STR_FMT " was due on " STR_FMT,
			    STR_ARG(cell(p, F_POLICY_CODE)), STR_ARG(review)),
			    STR("review it, have it approved, and set the next day"));
		}
	}
	if (s->n == 0)
		gap(g, READINESS_MISSING, STR("policy"), STR("there is no policy"),
		    text(m, "tickmark record %s policy put code=POL-01 ...", m->dir));
	else if (drafts > 0)
		gap(g, READINESS_MISSING, STR("policy"), text(m,
		    "%zu of %zu policies are not approved, " STR_FMT " first", drafts,
		    needed, STR_ARG(first)), text(m, "draft it from the template: "
		    "tickmark policy %s new %s --author PERSON", m->dir,
		    arena_shell(m->a, first)));
}

static void
check_vendors(struct maker *m, struct gaps *g)
{
	const struct readiness_shelf *s = readiness_data_shelf(&m->d, T_VENDOR);

	if (s->n == 0)
		gap(g, READINESS_MISSING, STR("vendor"),
		    STR("no vendor is recorded: every system depends on somebody"),
		    text(m, "tickmark record %s vendor put name=... tier=...", m->dir));
	for (size_t i = 0; i < s->n; i++) {
		const struct record *v = &s->at[i];
		if (record_int(v, F_VENDOR_SUBSERVICE, 0) == 1 &&
		    cell(v, F_VENDOR_METHOD).len == 0)
			gap(g, READINESS_MISSING, cell(v, F_VENDOR_NAME), text(m,
			    STR_FMT " is a subservice organisation without a method "
			    "(DC 7)", STR_ARG(cell(v, F_VENDOR_NAME))),
			    STR("set method to carve_out or inclusive"));
	}
}

static int
check_sources(struct maker *m, struct gaps *g)
{
	const struct readiness_shelf *s = readiness_data_shelf(&m->d, T_SOURCE);
	struct evidence *ev = assess_evidence(m->d.as);
	struct evidence_failed *f;
	size_t n;
	int rc;

	if (s->n == 0)
		gap(g, READINESS_MISSING, STR("source"),
		    STR("nothing is collected: there is no source"),
		    text(m, "tickmark source %s add linux --name HOST", m->dir));
	if (ev == NULL || !m->d.now)
		return (0);
	if ((rc = evidence_last_failed(m->a, evidence_db(ev), &f, &n, m->e)) != 0)
		return (rc);
	for (size_t i = 0; i < n; i++)
		gap(g, READINESS_UNKNOWN, f[i].source, text(m,
		    "the last collection of " STR_FMT " did not succeed: " STR_FMT,
		    STR_ARG(f[i].source), STR_ARG(f[i].message)),
		    text(m, "tickmark collect %s %s", m->dir,
			arena_shell(m->a, f[i].source)));
	return (0);
}

static void
check_findings(struct maker *m, struct gaps *g)
{
	const struct readiness_shelf *s = readiness_data_shelf(&m->d, T_FINDING);
	struct str today = day_of(m, m->d.at);

	for (size_t i = 0; i < s->n; i++) {
		const struct record *f = &s->at[i];
		struct str state = cell(f, F_FINDING_STATE), due = cell(f, F_FINDING_DUE);
		if (str_is(state, "closed") || str_is(state, "accepted") ||
		    due.len == 0 || str_cmp(due, today) >= 0)
			continue;
		gap(g, READINESS_MISSING, cell(f, F_FINDING_CODE), text(m,
		    "finding " STR_FMT " was due on " STR_FMT ": " STR_FMT,
		    STR_ARG(cell(f, F_FINDING_CODE)), STR_ARG(due),
		    STR_ARG(cell(f, F_FINDING_TITLE))), STR("close it, or have it "
		    "accepted with a reason"));
	}
}

/* Tests that cannot be read and do not even say which control they are of. */
static void
check_tests(struct maker *m, struct gaps *g)
{
	const struct procedure_set *set = assess_procedures(m->d.as);

	for (size_t i = 0; i < set->n; i++)
		if (set->at[i].wrong != NULL && set->at[i].ncontrols == 0)
			gap(g, READINESS_UNKNOWN, set->at[i].id,
			    unreadable(m, &set->at[i]),
			    str_from(set->at[i].wrong->fix));
}

static int
add_whole(struct maker *m, const struct record *sys)
{
	struct gaps g = { 0 };
	int rc;

	check_system(m, sys, &g);
	check_commitments(m, &g);
	check_components(m, &g);
	check_policies(m, &g);
	check_vendors(m, &g);
	check_findings(m, &g);
	check_tests(m, &g);
	rc = check_sources(m, &g);
	keep_gaps(m, &g, &m->r->gaps, &m->r->ngaps);
	return (rc);
}

static void
sentence(struct maker *m)
{
	static const char *const words[] = { "with exceptions",
		"with something missing", "not known", "to be shown by hand",
		"with nothing missing" };
	struct readiness *r = m->r;
	BUF_SCOPED b = BUF_INIT;

	buf_printf(&b, "%zu criteria in scope:",
	    r->ncriteria - r->count[READINESS_OUT_OF_SCOPE]);
	const char *sep = " ";
	for (int s = 0; s < READINESS_OUT_OF_SCOPE; s++)
		if (r->count[s] > 0) {
			buf_printf(&b, "%s%zu %s", sep, r->count[s], words[s]);
			sep = ", ";
		}
	r->sentence = arena_str(m->a, buf_str(&b));
}

int
readiness_read(struct arena *a, struct assess *as, int64_t at,
    struct readiness **ret, struct err *e)
{
	return (readiness_read_with(a, as, at, NULL, NULL, ret, e));
}

int
readiness_read_with(struct arena *a, struct assess *as, int64_t at,
    readiness_hand_fn *fn, void *ctx, struct readiness **ret, struct err *e)
{
	struct workspace *ws = assess_workspace(as);
	struct maker m = { .a = a, .e = e, .hand = fn, .hand_ctx = ctx,
		.dir = arena_shell(a, str_from(ws->dir)) };
	int rc;

	if ((rc = readiness_data_read(a, as, at, &m.d, e)) != 0)
		return (rc);
	m.r = arena_new(a, struct readiness);
	m.r->at = m.d.at;
	m.r->organisation = arena_str(a, ws->org);
	const struct record *sys = find_system(&m);
	set_scope(&m, sys);
	if ((rc = add_controls(&m)) != 0)
		return (rc);
	add_criteria(&m);
	if ((rc = add_whole(&m, sys)) != 0)
		return (rc);
	sentence(&m);
	*ret = m.r;
	return (0);
}
