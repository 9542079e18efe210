#include "report/soc2_view.h"

#include "base/clock.h"
#include "base/content.h"
#include "base/map.h"
#include "ledger/ledger.h"
#include "program/ready.h"
#include "record/history.h"
#include "record/workspace.h"
#include "schema/kind.h"
#include "sys/db.h"
#include "text/timefmt.h"

const char *const soc2_view_category[SOC2_CATEGORIES] = { "Security",
	"Availability", "Confidentiality", "Processing integrity", "Privacy" };

/* The values of the field "category" and "categories" in that order. */
static const char *const category_words[SOC2_CATEGORIES] = { "security",
	"availability", "confidentiality", "processing_integrity", "privacy" };

struct loader {
	struct arena *a;
	struct workspace *ws;
	struct soc2_view *v;
	char as_of_date[DATE_SIZE];
	bool now;            /* nothing in the ledger is later than as_of */
	struct map persons;  /* id to struct person */
	struct map controls; /* id to struct soc2_control */
	struct map criteria; /* id to struct soc2_criterion */
	struct map vendors;  /* id to name (struct str) */
	struct err *e;
};

struct person {
	struct str name, role;
};

const struct soc2_control *
soc2_view_control(const struct soc2_view *v, struct str code)
{
	for (size_t i = 0; i < v->ncontrols; i++)
		if (str_eq(v->controls[i].code, code))
			return (&v->controls[i]);
	return (NULL);
}

const struct soc2_criterion *
soc2_view_criterion(const struct soc2_view *v, struct str code)
{
	for (size_t i = 0; i < v->ncriteria; i++)
		if (str_eq(v->criteria[i].code, code))
			return (&v->criteria[i]);
	return (NULL);
}

bool
soc2_view_in_report(const struct soc2_control *c)
{
	return (str_is(c->state, "designed") || str_is(c->state, "implemented") ||
	    str_is(c->state, "operating"));
}

/* --- records as they counted at the instant ------------------------------- */

static bool
dated(const struct record *r)
{
	int i = r->type->time;

	return (i >= 0 && r->cells[i].state == CELL_VALUE);
}

/* Does the current revision count already at as_of? */
static bool
counts_now(struct loader *l, const struct record *r)
{
	if (r->retired)
		return (false);
	if (!dated(r))
		return (l->now);
	return (str_cmp(r->cells[r->type->time].s,
	    str_from(l->as_of_date)) <= 0);
}

/*
 * The revision that counted at as_of, or NULL if there was none. A description
 * is written after the date that it speaks of: what has no day of its own and
 * was first written later is taken as it is. Not so controls: that one was in
 * place is claimed for a day, or not at all.
 */
static int
revision_of(struct loader *l, struct record *r, struct record **ret)
{
	struct record_history h;
	bool any = false;

	*ret = NULL;
	if (counts_now(l, r)) {
		*ret = r;
		return (0);
	}
	int rc = record_history(&l->ws->records, l->a, r->type, r->id, &h, l->e);
	for (size_t i = 0; rc == 0 && i < h.n; i++) {
		struct record_revision *v = &h.at[i];
		if (v->effective > l->v->as_of || v->erased)
			continue;
		*ret = v->record.retired || str_is(v->action, "retire") ? NULL :
		    &v->record;
		any = true;
	}
	if (rc == 0 && !any && !r->retired && !dated(r) &&
	    r->type->number != T_CONTROL)
		*ret = r;
	return (rc);
}

typedef int take_fn(struct loader *l, const struct record *r);

/* Each record of a type as it counted at as_of, by handle. */
static int
each(struct loader *l, unsigned type, take_fn *take)
{
	const struct record_query q = { .sort = -1, .retired = true };
	struct record_list list;
	int rc = record_list(&l->ws->records, l->a, schema_get(type), &q, &list,
	    l->e);

	for (size_t i = 0; rc == 0 && i < list.n; i++) {
		struct record *r;
		rc = revision_of(l, &list.at[i], &r);
		if (rc == 0 && r != NULL)
			rc = take(l, r);
	}
	return (rc);
}

/* Room for one more element of an array of the view. */
static void *
grow(struct loader *l, void *at, size_t n, size_t size)
{
	if (n % 64 != 0)
		return (at);
	void *p = arena_array(l->a, n + 64, size);
	if (n != 0)
		memcpy(p, at, n * size);
	return (p);
}
#define ADD(l, list, n)                                                        \
	((l)->v->list = grow((l), (l)->v->list, (l)->v->n,                     \
	     sizeof(*(l)->v->list)), &(l)->v->list[(l)->v->n++])

static struct str
text(const struct record *r, size_t field)
{
	return (record_str(r, field));
}

/* A word of a list of values, for people: "in_force" is "in force". */
static struct str
words(struct loader *l, struct str s)
{
	char *p = arena_strndup(l->a, s.ptr != NULL ? s.ptr : "", s.len);

	for (size_t i = 0; i < s.len; i++)
		if (p[i] == '_')
			p[i] = ' ';
	return ((struct str){ p, s.len });
}

/* The first letter large. */
static struct str
capital(struct loader *l, struct str s)
{
	struct str copy = words(l, s);

	if (copy.len > 0 && copy.ptr[0] >= 'a' && copy.ptr[0] <= 'z')
		((char *)copy.ptr)[0] -= 'a' - 'A';
	return (copy);
}

static struct str
joined(struct loader *l, const struct record *r, size_t field)
{
	struct str *items;
	size_t n = kind_items(l->a, &r->type->fields[field], &r->cells[field],
	    &items);
	BUF_SCOPED b = BUF_INIT;

	for (size_t i = 0; i < n; i++) {
		buf_puts(&b, i > 0 ? ", " : "");
		/* Only rhythms have this word among their values. */
		buf_putstr(&b, str_is(items[i], "event") ?
		    STR("as needed") : words(l, items[i]));
	}
	return (arena_str(l->a, buf_str(&b)));
}

static void
push_code(struct loader *l, struct soc2_list *list, struct str code)
{
	for (size_t i = 0; i < list->n; i++)
		if (str_eq(list->at[i], code))
			return;
	list->at = grow(l, list->at, list->n, sizeof(*list->at));
	list->at[list->n++] = code;
}

/* Criteria in the order of their official list, controls by code. */
static int
order_of(struct str code)
{
	struct str rest = content_find("content/criteria/criteria.tsv"), line;
	int n = 0;

	while (str_split(&rest, '\n', &line)) {
		struct str id;
		n++;
		if (str_split(&line, '\t', &id) && str_eq(id, code))
			break;
	}
	return (n);
}

static int
by_order(const void *x, const void *y)
{
	const struct soc2_criterion *a = x, *b = y;
	int d = order_of(a->code) - order_of(b->code);

	return (d != 0 ? d : str_cmp(a->code, b->code));
}

static int
by_code(const void *x, const void *y)
{
	const struct str *a = x, *b = y;

	return (str_cmp(*a, *b));
}

static int
by_criterion(const void *x, const void *y)
{
	const struct str *a = x, *b = y;
	int d = order_of(*a) - order_of(*b);

	return (d != 0 ? d : str_cmp(*a, *b));
}

static void
sort_codes(struct soc2_list *list, int (*compare)(const void *, const void *))
{
	if (list->n > 1)
		qsort(list->at, list->n, sizeof(*list->at), compare);
}

/* References to criteria (or controls) as codes. */
static struct soc2_list
codes(struct loader *l, const struct record *r, size_t field, bool controls)
{
	struct soc2_list out = { 0 };
	struct str *ids;
	size_t n = kind_items(l->a, &r->type->fields[field], &r->cells[field],
	    &ids);

	for (size_t i = 0; i < n; i++) {
		void *p = map_get(controls ? &l->controls : &l->criteria, ids[i]);
		if (p != NULL && controls)
			push_code(l, &out, ((struct soc2_control *)p)->code);
		else if (p != NULL)
			push_code(l, &out, ((struct soc2_criterion *)p)->code);
	}
	sort_codes(&out, controls ? by_code : by_criterion);
	return (out);
}

/* Who answers for it: a role, since a report names roles, not people. */
static struct str
owner(struct loader *l, const struct record *r, size_t ref, int role)
{
	const struct person *p = map_get(&l->persons, text(r, ref));

	if (p != NULL && p->role.len != 0)
		return (p->role);
	if (role >= 0 && text(r, (size_t)role).len != 0)
		return (text(r, (size_t)role));
	return (p != NULL ? p->name : STR_NULL);
}

/* --- one function for each type -------------------------------------------- */

static int
take_person(struct loader *l, const struct record *r)
{
	struct person *p = arena_new(l->a, struct person);

	p->name = text(r, F_PERSON_NAME);
	p->role = text(r, F_PERSON_ROLE);
	map_put(&l->persons, r->id, p);
	return (0);
}

static int
take_system(struct loader *l, const struct record *r)
{
	struct soc2_system *s = &l->v->sys;
	struct str state = text(r, F_SYSTEM_STATE), *items;

	/* One report, one system: an active one before a draft. */
	if (str_is(state, "retired") || (s->found && !str_is(state, "active")))
		return (0);
	if (s->found && str_is(s->state, "active"))
		return (0);
	const struct person *p = map_get(&l->persons, text(r, F_SYSTEM_SIGNER));
	*s = (struct soc2_system){ .found = true, .state = state,
		.name = text(r, F_SYSTEM_NAME),
		.services = text(r, F_SYSTEM_SERVICES),
		.boundary = text(r, F_SYSTEM_BOUNDARY),
		.users = text(r, F_SYSTEM_USERS),
		.version = text(r, F_SYSTEM_VERSION),
		.incidents = text(r, F_SYSTEM_INCIDENTS),
		.signer = p != NULL ? p->name : STR_NULL,
		.signer_title = text(r, F_SYSTEM_SIGNER_TITLE) };
	size_t n = kind_items(l->a, &r->type->fields[F_SYSTEM_CATEGORIES],
	    &r->cells[F_SYSTEM_CATEGORIES], &items);
	for (size_t i = 0; i < n; i++)
		for (int k = 0; k < SOC2_CATEGORIES; k++)
			s->categories[k] |= str_is(items[i], category_words[k]);
	return (0);
}

static int
take_criterion(struct loader *l, const struct record *r)
{
	struct soc2_criterion *c = arena_new(l->a, struct soc2_criterion);
	struct str category = text(r, F_CRITERION_CATEGORY);

	c->code = text(r, F_CRITERION_CODE);
	c->series = text(r, F_CRITERION_SERIES);
	c->title = text(r, F_CRITERION_TITLE);
	c->intent = text(r, F_CRITERION_INTENT);
	c->coso = (int)record_int(r, F_CRITERION_COSO, 0);
	c->relevant = true;
	c->category = SOC2_SECURITY;
	for (int k = 0; k < SOC2_CATEGORIES; k++)
		if (str_is(category, category_words[k]))
			c->category = (enum soc2_category)k;
	/* The common criteria apply with any category. */
	c->in_scope = l->v->sys.categories[c->category] ||
	    c->category == SOC2_SECURITY;
	map_put(&l->criteria, r->id, c);
	return (0);
}

static int
take_scope(struct loader *l, const struct record *r)
{
	struct soc2_criterion *c = map_get(&l->criteria,
	    text(r, F_SCOPE_DECISION_CRITERION));

	if (c == NULL)
		return (0);
	c->relevant = record_int(r, F_SCOPE_DECISION_RELEVANT, 1) != 0;
	c->reason = text(r, F_SCOPE_DECISION_REASON);
	c->decided = str_is(text(r, F_SCOPE_DECISION_STATE), "approved");
	return (0);
}

static int
take_control(struct loader *l, const struct record *r)
{
	struct soc2_control *c = arena_new(l->a, struct soc2_control);

	if (text(r, F_CONTROL_NOT_APPLICABLE).len != 0)
		return (0);
	*c = (struct soc2_control){ .code = text(r, F_CONTROL_CODE),
		.title = text(r, F_CONTROL_TITLE),
		.statement = text(r, F_CONTROL_STATEMENT),
		.owner = capital(l, owner(l, r, F_CONTROL_OWNER,
		    F_CONTROL_OWNER_ROLE)),
		.frequency = joined(l, r, F_CONTROL_FREQUENCY),
		.kind = capital(l, text(r, F_CONTROL_KIND)),
		.state = text(r, F_CONTROL_STATE) };
	map_put(&l->controls, r->id, c);
	return (0);
}

static int
take_mapping(struct loader *l, const struct record *r)
{
	struct soc2_control *control = map_get(&l->controls,
	    text(r, F_CONTROL_MAPPING_CONTROL));
	struct soc2_criterion *c = map_get(&l->criteria,
	    text(r, F_CONTROL_MAPPING_CRITERION));
	struct str ends = text(r, F_CONTROL_MAPPING_ENDS_ON);

	if (control == NULL || c == NULL ||
	    str_is(text(r, F_CONTROL_MAPPING_STATE), "ended") ||
	    (ends.len != 0 && str_cmp(ends, str_from(l->as_of_date)) <= 0))
		return (0);
	if (c->in_scope)
		push_code(l, &control->criteria, c->code);
	if (soc2_view_in_report(control))
		push_code(l, &c->controls, control->code);
	else if (!str_is(control->state, "retired"))
		push_code(l, &c->drafts, control->code);
	return (0);
}

static int
take_commitment(struct loader *l, const struct record *r)
{
	struct str state = text(r, F_COMMITMENT_STATE);

	if (str_is(state, "superseded"))
		return (0);
	struct soc2_commitment *c = ADD(l, commitments, ncommitments);
	*c = (struct soc2_commitment){ .code = text(r, F_COMMITMENT_CODE),
		.text = text(r, F_COMMITMENT_TEXT),
		.origin = text(r, F_COMMITMENT_ORIGIN),
		.category = capital(l, text(r, F_COMMITMENT_CATEGORY)),
		.metric = text(r, F_COMMITMENT_METRIC), .state = state,
		.requirement = str_is(text(r, F_COMMITMENT_KIND), "requirement"),
		.criteria = codes(l, r, F_COMMITMENT_CRITERIA, false) };
	return (0);
}

static int
take_component(struct loader *l, const struct record *r)
{
	struct str state = text(r, F_COMPONENT_STATE);

	if (str_is(state, "retired"))
		return (0);
	struct soc2_component *c = ADD(l, components, ncomponents);
	*c = (struct soc2_component){ .name = text(r, F_COMPONENT_NAME),
		.kind = text(r, F_COMPONENT_KIND),
		.description = text(r, F_COMPONENT_DESCRIPTION),
		.owner = owner(l, r, F_COMPONENT_OWNER, -1),
		.location = text(r, F_COMPONENT_LOCATION),
		.data = joined(l, r, F_COMPONENT_DATA_CLASSES), .state = state };
	return (0);
}

static int
take_vendor(struct loader *l, const struct record *r)
{
	struct str *name = arena_new(l->a, struct str);

	*name = text(r, F_VENDOR_NAME);
	map_put(&l->vendors, r->id, name);
	if (str_is(text(r, F_VENDOR_STATE), "ended"))
		return (0);
	if (record_int(r, F_VENDOR_SUBSERVICE, 0) == 0) {
		l->v->other_vendors++;
		return (0);
	}
	struct soc2_vendor *v = ADD(l, vendors, nvendors);
	*v = (struct soc2_vendor){ .name = *name,
		.service = text(r, F_VENDOR_SERVICE),
		.method = text(r, F_VENDOR_METHOD),
		.data = text(r, F_VENDOR_DATA),
		.location = text(r, F_VENDOR_LOCATION),
		.state = text(r, F_VENDOR_STATE),
		.report_kind = text(r, F_VENDOR_REPORT_KIND),
		.report_until = text(r, F_VENDOR_REPORT_PERIOD_END),
		.criteria = codes(l, r, F_VENDOR_CRITERIA, false) };
	return (0);
}

static int
take_cuec(struct loader *l, const struct record *r)
{
	struct soc2_complement *c = ADD(l, cuecs, ncuecs);

	*c = (struct soc2_complement){ .code = text(r, F_CUEC_CODE),
		.text = text(r, F_CUEC_TEXT), .state = text(r, F_CUEC_STATE),
		.criteria = codes(l, r, F_CUEC_CRITERIA, false),
		.controls = codes(l, r, F_CUEC_CONTROLS, true) };
	return (0);
}

static int
take_csoc(struct loader *l, const struct record *r)
{
	const struct str *vendor = map_get(&l->vendors,
	    text(r, F_CSOC_VENDOR));
	struct soc2_complement *c = ADD(l, csocs, ncsocs);

	*c = (struct soc2_complement){ .code = text(r, F_CSOC_CODE),
		.text = text(r, F_CSOC_TEXT), .state = text(r, F_CSOC_STATE),
		.vendor = vendor != NULL ? *vendor : STR_NULL,
		.criteria = codes(l, r, F_CSOC_CRITERIA, false),
		.controls = codes(l, r, F_CSOC_CONTROLS, true) };
	return (0);
}

static int
take_policy(struct loader *l, const struct record *r)
{
	struct str state = text(r, F_POLICY_STATE);

	if (str_is(state, "retired"))
		return (0);
	struct soc2_policy *p = ADD(l, policies, npolicies);
	*p = (struct soc2_policy){ .code = text(r, F_POLICY_CODE),
		.title = text(r, F_POLICY_TITLE),
		.version = text(r, F_POLICY_VERSION), .state = state,
		.owner = capital(l, owner(l, r, F_POLICY_OWNER,
		    F_POLICY_OWNER_ROLE)),
		.approved_on = text(r, F_POLICY_APPROVED_ON) };
	return (0);
}

static int
take_finding(struct loader *l, const struct record *r)
{
	struct str state = text(r, F_FINDING_STATE);

	if (str_is(state, "closed"))
		return (0);
	const struct soc2_control *control = map_get(&l->controls,
	    text(r, F_FINDING_CONTROL));
	const struct soc2_criterion *c = map_get(&l->criteria,
	    text(r, F_FINDING_CRITERION));
	struct soc2_finding *f = ADD(l, findings, nfindings);
	*f = (struct soc2_finding){ .code = text(r, F_FINDING_CODE),
		.title = text(r, F_FINDING_TITLE),
		.severity = text(r, F_FINDING_SEVERITY), .state = state,
		.due = text(r, F_FINDING_DUE),
		.control = control != NULL ? control->code : STR_NULL,
		.criterion = c != NULL ? c->code : STR_NULL };
	return (0);
}

/* --- the whole --------------------------------------------------------------- */

/* The title of a series ("CC6") from content/criteria/series.tsv. */
static struct str
series_title(struct str series)
{
	struct str rest = content_find("content/criteria/series.tsv"), line;

	while (str_split(&rest, '\n', &line)) {
		struct str id, category, title;
		if (str_split(&line, '\t', &id) && str_eq(id, series) &&
		    str_split(&line, '\t', &category) &&
		    str_split(&line, '\t', &title))
			return (title);
	}
	return (STR_NULL);
}

/* From the maps, once the mappings are known, into the view. */
static void
finish(struct loader *l)
{
	struct soc2_view *v = l->v;

	v->controls = arena_array(l->a, l->controls.n, sizeof(*v->controls));
	for (size_t i = 0; i < l->controls.n; i++)
		v->controls[v->ncontrols++] =
		    *(struct soc2_control *)l->controls.items[i].value;
	v->criteria = arena_array(l->a, l->criteria.n, sizeof(*v->criteria));
	for (size_t i = 0; i < l->criteria.n; i++)
		v->criteria[v->ncriteria++] =
		    *(struct soc2_criterion *)l->criteria.items[i].value;
	if (v->ncriteria > 1)
		qsort(v->criteria, v->ncriteria, sizeof(*v->criteria), by_order);
	for (size_t i = 0; i < v->ncriteria; i++) {
		v->criteria[i].series_title = series_title(v->criteria[i].series);
		sort_codes(&v->criteria[i].controls, by_code);
		sort_codes(&v->criteria[i].drafts, by_code);
	}
	for (size_t i = 0; i < v->ncontrols; i++)
		sort_codes(&v->controls[i].criteria, by_criterion);
}

/* Controls of which a test found exceptions, as status would say. */
static int
take_deviations(struct loader *l, struct assess *as)
{
	struct readiness *r;
	int rc;

	if (as == NULL)
		return (0);
	if ((rc = ready_read(l->a, as, l->v->as_of, &r, l->e)) != 0)
		return (rc);
	for (size_t i = 0; i < r->ncontrols; i++)
		for (size_t k = 0; k < l->v->ncontrols; k++)
			if (str_eq(r->controls[i]->id, l->v->controls[k].code))
				l->v->controls[k].deviates =
				    r->controls[i]->readiness == READINESS_EXCEPTIONS;
	return (0);
}

static int
take_ledger(struct loader *l)
{
	struct soc2_view *v = l->v;
	struct ledger_head head;
	BUF_SCOPED root = BUF_INIT;
	char t[TIME_SIZE];
	int rc = ledger_head(l->ws->ledger, &head, l->e);

	if (rc != 0)
		return (rc);
	buf_putb64(&root, head.root, sizeof(head.root));
	v->origin = l->ws->origin;
	v->size = head.sequenced;
	v->root = arena_str(l->a, buf_str(&root));
	v->root_time = str_from(arena_strdup(l->a, head.size == 0 ? "none" :
	    time_print_zone(l->ws->zone, head.time, t)));
	v->declarations = str_from(schema_digest());
	v->program = str_from(arena_printf(l->a, "Tickmark, with SQLite %s",
	    db_version()));
	l->now = head.time <= v->as_of;
	return (0);
}

static void
take_time(struct loader *l)
{
	static const char *const months[] = { "January", "February", "March",
		"April", "May", "June", "July", "August", "September", "October",
		"November", "December" };
	struct civil c;
	char t[TIME_SIZE];

	zone_fields(l->ws->zone, l->v->as_of, &c);
	l->v->as_of_day = str_from(arena_printf(l->a, "%d %s %d", c.day,
	    months[c.month - 1], c.year));
	l->v->as_of_text = str_from(arena_strdup(l->a,
	    time_print_zone(l->ws->zone, l->v->as_of, t)));
	date_print(zone_day(l->ws->zone, l->v->as_of), l->as_of_date);
}

int
soc2_view_load(struct arena *a, struct workspace *ws, struct assess *as,
    int64_t as_of, struct soc2_view *ret, struct err *e)
{
	/* In this order: a later type refers to earlier ones. */
	static const struct { unsigned type; take_fn *take; } types[] = {
		{ T_PERSON, take_person }, { T_SYSTEM, take_system },
		{ T_CRITERION, take_criterion }, { T_SCOPE_DECISION, take_scope },
		{ T_CONTROL, take_control }, { T_CONTROL_MAPPING, take_mapping },
		{ T_COMMITMENT, take_commitment },
		{ T_COMPONENT, take_component }, { T_VENDOR, take_vendor },
		{ T_CUEC, take_cuec }, { T_CSOC, take_csoc },
		{ T_POLICY, take_policy }, { T_FINDING, take_finding },
	};
	struct soc2_view v = { .org = ws->org, .demo = ws->demo,
		.as_of = as_of, .zone = str_from(zone_name(ws->zone)) };
	struct loader l = { .a = a, .ws = ws, .v = &v, .e = e };
	int rc;

	map_init(&l.persons, a);
	map_init(&l.controls, a);
	map_init(&l.criteria, a);
	map_init(&l.vendors, a);
	take_time(&l);
	/* One state of the records, whoever writes meanwhile. */
	if ((rc = db_begin_read(ws->db, e)) != 0)
		return (rc);
	DB_TX_SCOPED *tx = ws->db;
	(void)tx;
	rc = take_ledger(&l);
	for (size_t i = 0; rc == 0 && i < sizeof(types) / sizeof(types[0]); i++)
		rc = each(&l, types[i].type, types[i].take);
	if (rc != 0)
		return (rc);
	finish(&l);
	if ((rc = take_deviations(&l, as)) != 0)
		return (rc);
	v.org = arena_str(a, v.org);
	*ret = v;
	return (0);
}
