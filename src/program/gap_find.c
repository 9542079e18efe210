/* What is missing, as pieces of work in an order. */
#include "program/gap.h"

#include "base/map.h"
#include "program/policies.h"
#include "program/policytext.h"

struct finder {
	const struct act *x;
	const struct readiness *r;
	VEC(struct gap_item) items;
	struct map controls; /* code to struct record * */
	struct map needed;   /* code of a control in scope to its criteria */
};

/* The criteria in scope that a control serves. */
struct served {
	struct str *at;
	size_t n, cap;
};

static struct str words(const struct finder *f, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

static struct str
words(const struct finder *f, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	struct str s = str_from(arena_vprintf(f->x->a, fmt, ap));
	va_end(ap);
	return (s);
}

static struct gap_item *
add(struct finder *f, enum gap_kind kind, struct str about)
{
	vec_push(&f->items, (struct gap_item){ .kind = kind, .about = about,
	    .place = f->items.n,
	    .code = words(f, "PLAN-%s" STR_FMT, kind == GAP_EVIDENCE ? "TEST-" :
	    kind == GAP_EXCEPTION ? "MEND-" : "", STR_ARG(about)) });
	return (&f->items.at[f->items.n - 1]);
}

/* --- of the whole: the description ------------------------------------------------ */

/* What readiness says of the whole, one item for each thing it is about; what
 * policies, findings and tests need has items of its own. */
static void
find_description(struct finder *f)
{
	static const struct {
		const char *about, *title;
		int64_t effort;
	} known[] = { { "system", "Describe the system: services, boundary, "
	    "incidents, signer", 2 },
		{ "commitment", "Write down what you promise, and what the system "
		    "needs for it", 2 },
		{ "component", "List the components: infrastructure, software, "
		    "people, procedures, data", 2 },
		{ "vendor", "List the vendors, with tier and data", 1 },
		{ "source", "Collect evidence from your systems", 2 } };

	for (size_t k = 0; k < sizeof(known) / sizeof(known[0]); k++) {
		BUF_SCOPED detail = BUF_INIT;
		for (size_t i = 0; i < f->r->ngaps; i++)
			if (str_is(f->r->gaps[i].about, known[k].about))
				buf_printf(&detail, "%s" STR_FMT "%s" STR_FMT, detail.len ?
				    "; " : "", STR_ARG(f->r->gaps[i].text),
				    f->r->gaps[i].fix.len ? ": " : "",
				    STR_ARG(f->r->gaps[i].fix));
		if (detail.len == 0)
			continue;
		struct gap_item *it = add(f, GAP_DESCRIPTION, str_from(known[k].about));
		it->title = str_from(known[k].title);
		it->detail = arena_str(f->x->a, buf_str(&detail));
		it->effort_days = known[k].effort;
		it->owner_role = STR("compliance");
	}
}

static int
find_people(struct finder *f, struct err *e)
{
	struct record_list l;
	int r = act_list(f->x, T_PERSON, -1, STR_NULL, &l, e);

	if (r != 0 || l.n != 0)
		return (r);
	struct gap_item *it = add(f, GAP_DESCRIPTION, STR("person"));
	it->title = STR("Put people on the roster");
	it->detail = STR("nobody is on it: tickmark record DIR person put --file "
	    "people.csv");
	it->effort_days = 1;
	it->owner_role = STR("human resources");
	return (0);
}

/* --- policies ------------------------------------------------------------------------ */

static int
find_policies(struct finder *f, struct err *e)
{
	struct policies_item *items;
	size_t n;
	int r = policies_read(f->x, &items, &n, e);

	for (size_t i = 0; r == 0 && i < n; i++) {
		const struct record *p = items[i].policy;
		struct str code = record_str(p, F_POLICY_CODE), one,
		    refs = record_text(&f->x->ws->records, f->x->a, p,
		    F_POLICY_CRITERIA);
		bool in_force = str_is(record_str(p, F_POLICY_STATE), "published");
		if (record_str(p, F_POLICY_NOT_APPLICABLE).len != 0 ||
		    (in_force && !items[i].review_due))
			continue;
		struct gap_item *it = add(f, GAP_POLICY, code);
		it->title = words(f, "%s " STR_FMT, in_force ? "Review" : "Publish the",
		    STR_ARG(record_str(p, F_POLICY_TITLE)));
		it->detail = items[i].next;
		it->policy = p->id;
		it->owner = record_str(p, F_POLICY_OWNER);
		it->owner_role = record_str(p, F_POLICY_OWNER_ROLE);
		it->effort_days = items[i].work == NULL;
		it->criteria = arena_array(f->x->a, 62, sizeof(*it->criteria));
		while (refs.len != 0 && str_split(&refs, ';', &one) &&
		    it->ncriteria < 61)
			it->criteria[it->ncriteria++] = str_trim(one);
	}
	return (r);
}

/* --- controls ------------------------------------------------------------------------ */

static int64_t
effort_of(const struct record *k)
{
	struct str e = record_str(k, F_CONTROL_EFFORT);

	return (str_is(e, "large") ? 15 : str_is(e, "medium") ? 5 : 1);
}

/* In scope by some criterion, with those criteria. */
static void
find_needed(struct finder *f)
{
	map_init(&f->needed, f->x->a);
	for (size_t i = 0; i < f->r->ncriteria; i++) {
		const struct readiness_criterion *c = &f->r->criteria[i];
		for (size_t k = 0; c->in_scope && k < c->ncontrols; k++) {
			struct str code = c->controls[k]->id;
			struct served *s = map_get(&f->needed, code);
			if (s == NULL) {
				s = arena_new(f->x->a, struct served);
				s->at = arena_array(f->x->a, 62, sizeof(*s->at));
				map_put(&f->needed, code, s);
			}
			if (s->n < 61)
				s->at[s->n++] = c->id;
		}
	}
}

static void
of_control(struct finder *f, struct gap_item *it, const struct record *k,
    const struct served *s)
{
	it->control = k->id;
	it->owner = record_str(k, F_CONTROL_OWNER);
	it->owner_role = record_str(k, F_CONTROL_OWNER_ROLE);
	it->criteria = s->at;
	it->ncriteria = s->n;
	(void)f;
}

static void
set_up(struct finder *f, const struct readiness_control *c,
    const struct record *k, const struct served *s)
{
	const char *dir = arena_shell(f->x->a, str_from(f->x->ws->dir));
	struct str state = record_str(k, F_CONTROL_STATE);
	bool draft = str_is(state, "draft"), built = str_is(state, "implemented");

	if (str_is(state, "operating"))
		return;
	struct gap_item *it = add(f, GAP_CONTROL, c->id);
	it->title = words(f, "%s" STR_FMT, draft ? "" : built ? "Operate: " :
	    "Put in place: ", STR_ARG(record_str(k, F_CONTROL_TITLE)));
	it->detail = words(f, STR_FMT "%s" STR_FMT "; then: tickmark record %s control "
	    "put " STR_FMT " state=%s", STR_ARG(record_str(k, F_CONTROL_STATEMENT)),
	    " Shown by: ", STR_ARG(record_str(k, F_CONTROL_EVIDENCE)), dir,
	    STR_ARG(c->id), draft ? "designed" : built ? "operating" :
	    "implemented");
	/* What is designed is partly done, what is built needs to be begun. */
	it->effort_days = built ? 1 : draft ? effort_of(k) :
	    (effort_of(k) + 1) / 2;
	of_control(f, it, k, s);
}

/* A control that is in place, but whose tests say otherwise or say nothing. */
static void
tests(struct finder *f, const struct readiness_control *c,
    const struct record *k, const struct served *s)
{
	BUF_SCOPED bad = BUF_INIT;
	BUF_SCOPED blind = BUF_INIT;

	if (!str_is(c->state, "implemented") && !str_is(c->state, "operating"))
		return;
	for (size_t i = 0; i < c->ngaps; i++) {
		const struct readiness_gap *g = &c->gaps[i];
		struct buf *b = g->state == READINESS_EXCEPTIONS ? &bad :
		    g->state == READINESS_UNKNOWN ? &blind : NULL;
		if (b != NULL)
			buf_printf(b, "%s" STR_FMT, b->len ? "; " : "", STR_ARG(g->text));
	}
	if (bad.len != 0) {
		struct gap_item *it = add(f, GAP_EXCEPTION, c->id);
		it->title = words(f, "Mend what does not hold of " STR_FMT,
		    STR_ARG(c->id));
		it->detail = arena_str(f->x->a, buf_str(&bad));
		it->effort_days = 2;
		of_control(f, it, k, s);
	}
	if (blind.len != 0) {
		struct gap_item *it = add(f, GAP_EVIDENCE, c->id);
		it->title = words(f, "Find out how " STR_FMT " stands", STR_ARG(c->id));
		it->detail = arena_str(f->x->a, buf_str(&blind));
		it->effort_days = 1;
		of_control(f, it, k, s);
	}
}

static int
find_controls(struct finder *f, struct err *e)
{
	struct record_list *l = arena_new(f->x->a, struct record_list);
	int r = act_list(f->x, T_CONTROL, -1, STR_NULL, l, e);

	if (r != 0)
		return (r);
	map_init(&f->controls, f->x->a);
	for (size_t i = 0; i < l->n; i++)
		map_put(&f->controls, record_str(&l->at[i], F_CONTROL_CODE),
		    &l->at[i]);
	for (size_t i = 0; i < f->r->ncontrols; i++) {
		const struct readiness_control *c = f->r->controls[i];
		const struct served *s = map_get(&f->needed, c->id);
		const struct record *k = map_get(&f->controls, c->id);
		if (s == NULL || k == NULL)
			continue;
		set_up(f, c, k, s);
		tests(f, c, k, s);
	}
	return (0);
}

/* --- the order ------------------------------------------------------------------------ */

/* First what the others stand on, then what is wrong, then the rest. */
static int
phase(const struct gap_item *it)
{
	static const int of[GAP_NKIND] = { [GAP_DESCRIPTION] = 0,
		[GAP_EXCEPTION] = 1, [GAP_EVIDENCE] = 2, [GAP_POLICY] = 3,
		[GAP_CONTROL] = 4 };

	return (of[it->kind]);
}

static int
by_phase(const void *a, const void *b)
{
	const struct gap_item *x = a, *y = b;
	int d = phase(x) - phase(y);

	if (d == 0 && x->kind == GAP_DESCRIPTION) /* as they were found */
		return (x->place < y->place ? -1 : 1);
	return (d != 0 ? d : str_cmp(x->about, y->about));
}

static bool
covered(const struct map *done, struct str criterion)
{
	return (map_get(done, criterion) != NULL);
}

/* How many of its criteria have no control in place and none earlier in the plan. */
static int64_t
fresh(const struct map *done, const struct gap_item *it)
{
	int64_t n = 0;

	for (size_t i = 0; i < it->ncriteria; i++)
		n += !covered(done, it->criteria[i]);
	return (n);
}

/* More criteria for the same effort goes first; then less effort; then the code.
 * Compared by multiplying: no fractions. */
static bool
better(const struct map *done, const struct gap_item *x,
    const struct gap_item *y)
{
	int64_t a = fresh(done, x) * y->effort_days,
	    b = fresh(done, y) * x->effort_days;

	if (a != b)
		return (a > b);
	if (x->effort_days != y->effort_days)
		return (x->effort_days < y->effort_days);
	return (str_cmp(x->about, y->about) < 0);
}

static void
order(struct finder *f)
{
	struct gap_item *at = f->items.at;
	size_t n = f->items.n, first = 0;
	struct map done;

	if (n == 0)
		return;
	qsort(at, n, sizeof(*at), by_phase);
	while (first < n && at[first].kind != GAP_CONTROL)
		first++;
	map_init(&done, f->x->a);
	for (size_t i = 0; i < f->r->ncriteria; i++)
		for (size_t k = 0; k < f->r->criteria[i].ncontrols; k++)
			if (str_is(f->r->criteria[i].controls[k]->state, "operating"))
				map_put(&done, f->r->criteria[i].id, f);
	for (size_t i = first; i < n; i++) {
		size_t best = i;
		for (size_t k = i + 1; k < n; k++)
			if (better(&done, &at[k], &at[best]))
				best = k;
		struct gap_item x = at[best];
		memmove(&at[i + 1], &at[i], (best - i) * sizeof(*at));
		at[i] = x;
		for (size_t k = 0; k < x.ncriteria; k++)
			map_put(&done, x.criteria[k], f);
	}
	for (size_t i = 0; i < n; i++)
		at[i].place = i + 1;
}

/* --- the criteria ------------------------------------------------------------------- */

static bool
waits(const struct gap_item *it, struct str criterion)
{
	for (size_t i = 0; i < it->ncriteria; i++)
		if (str_eq(it->criteria[i], criterion))
			return (true);
	return (false);
}

static struct str
what_exists(struct finder *f, const struct readiness_criterion *c)
{
	size_t in_place = 0, designed = 0, tested = 0, good = 0;

	for (size_t i = 0; i < c->ncontrols; i++) {
		const struct readiness_control *k = c->controls[i];
		in_place += str_is(k->state, "implemented") ||
		    str_is(k->state, "operating");
		designed += str_is(k->state, "designed");
		for (size_t p = 0; p < k->nprocedures; p++) {
			tested += k->procedures[p]->tested;
			good += k->procedures[p]->tested && !k->procedures[p]->stale &&
			    (k->procedures[p]->outcome == ASSESS_NO_EXCEPTIONS ||
			    k->procedures[p]->outcome == ASSESS_NOT_TRIGGERED);
		}
	}
	BUF_SCOPED b = BUF_INIT;
	buf_printf(&b, "%zu of %zu controls in place", in_place, c->ncontrols);
	if (designed != 0)
		buf_printf(&b, ", %zu designed", designed);
	if (tested != 0)
		buf_printf(&b, ", %zu of %zu tests without exceptions", good, tested);
	return (arena_str(f->x->a, buf_str(&b)));
}

static void
criteria(struct finder *f, struct gap *g)
{
	g->criteria = arena_array(f->x->a, f->r->ncriteria + 1,
	    sizeof(*g->criteria));
	for (size_t i = 0; i < f->r->ncriteria; i++) {
		const struct readiness_criterion *c = &f->r->criteria[i];
		if (!c->in_scope)
			continue;
		struct gap_criterion *k = &g->criteria[g->ncriteria++];
		BUF_SCOPED b = BUF_INIT;
		k->r = c;
		k->exists = what_exists(f, c);
		for (size_t n = 0; n < f->items.n; n++) {
			const struct gap_item *it = &f->items.at[n];
			if (!waits(it, c->id))
				continue;
			if (k->first == 0)
				k->first = it->place;
			k->effort_days += it->effort_days;
			buf_printf(&b, "%s" STR_FMT, b.len ? ", " : "",
			    STR_ARG(it->about));
		}
		if (c->ncontrols == 0)
			buf_printf(&b, "%sno control serves it", b.len ? "; " : "");
		k->missing = b.len != 0 ? arena_str(f->x->a, buf_str(&b)) :
		    STR("nothing that the plan knows of");
	}
}

int
gap_find(const struct act *x, const struct readiness *r, struct gap *ret,
    struct err *e)
{
	struct finder f = { .x = x, .r = r };
	struct gap g = { .r = r };
	int rc;

	find_needed(&f);
	rc = find_people(&f, e);
	find_description(&f);
	if (rc == 0)
		rc = find_policies(&f, e);
	if (rc == 0)
		rc = find_controls(&f, e);
	if (rc == 0) {
		order(&f);
		criteria(&f, &g);
		g.items = arena_array(x->a, f.items.n + 1, sizeof(*g.items));
		if (f.items.n != 0)
			memcpy(g.items, f.items.at, f.items.n * sizeof(*g.items));
		g.nitems = f.items.n;
		for (size_t i = 0; i < g.nitems; i++)
			g.effort_days += g.items[i].effort_days;
		*ret = g;
	}
	vec_free(&f.items);
	return (rc);
}
