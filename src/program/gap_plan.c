/* The remediation plan: its items as records, which people own. */
#include "program/gap.h"

#include "base/map.h"

static const char *const kinds[GAP_NKIND] = { "description", "policy",
	"control", "evidence", "exception" };

struct planner {
	const struct act *x;
	const struct gap *g;
	const struct gap_plan *p;
	struct act_changes changes;
	struct gap_planned n;
	struct map there;   /* code to struct record * */
	struct map missing; /* code to struct gap_item * */
	int64_t start, spent; /* day; working days before this item */
};

static const char *
text(const struct planner *p, struct str s)
{
	return (arena_strndup(p->x->a, s.ptr != NULL ? s.ptr : "", s.len));
}

static bool
state_is(const struct record *r, const char *state)
{
	return (str_is(record_str(r, F_PLAN_ITEM_STATE), state));
}

/* The day on which so many working days are over; never on a weekend. */
static int64_t
day_after(const struct planner *p, int64_t days)
{
	int64_t day = p->start + (days * 7 + p->p->per_week - 1) / p->p->per_week;
	int weekday = date_weekday(day);

	return (weekday > 5 ? day + 8 - weekday : day);
}

static void
keep_last(struct planner *p, struct str due)
{
	if (str_cmp(due, p->n.last) > 0)
		p->n.last = due;
}

/* How one sees that it is done, as long as a record may hold. */
static struct val *
detail(const struct planner *p, struct str d)
{
	while (d.len > 1990 || (d.len != 0 && !str_utf8_ok(d)))
		d.len = d.len > 1990 ? 1990 : d.len - 1;
	return (val_str(p->x->a, d));
}

static void
add(struct planner *p, const struct gap_item *it, const char *due)
{
	struct val *m = act_add(p->x, &p->changes, T_PLAN_ITEM, STR_NULL, "code",
	    text(p, it->code), "title", text(p, it->title), "kind",
	    kinds[it->kind], "about", text(p, it->about), "due_on", due,
	    "owner_role", it->owner_role.len ? text(p, it->owner_role) : NULL,
	    "control", it->control.len ? text(p, it->control) : NULL,
	    "policy", it->policy.len ? text(p, it->policy) : NULL, NULL);
	struct str owner = it->owner.len != 0 ? it->owner : p->p->owner;

	val_put(p->x->a, m, "effort_days", val_int(p->x->a, it->effort_days));
	if (owner.len != 0)
		val_put(p->x->a, m, "owner", val_str(p->x->a, owner));
	struct val *list = val_list(p->x->a);
	for (size_t i = 0; i < it->ncriteria; i++)
		val_push(p->x->a, list, val_str(p->x->a, it->criteria[i]));
	if (it->ncriteria != 0)
		val_put(p->x->a, m, "criteria", list);
	val_put(p->x->a, m, "place", val_int(p->x->a, (int64_t)it->place));
	val_put(p->x->a, m, "detail", detail(p, it->detail));
	p->n.added++;
}

/* An item that is there and still missing keeps all but its place. */
static void
update(struct planner *p, const struct gap_item *it, const struct record *r,
    const char *due)
{
	struct val *m = act_add(p->x, &p->changes, T_PLAN_ITEM,
	    record_str(r, F_PLAN_ITEM_CODE), NULL);

	val_put(p->x->a, m, "place", val_int(p->x->a, (int64_t)it->place));
	if (state_is(r, "done")) {
		val_put(p->x->a, m, "state", val_text(p->x->a, "planned"));
		val_put(p->x->a, m, "done_on", val_null(p->x->a));
		val_put(p->x->a, m, "due_on", val_text(p->x->a, due));
		p->n.reopened++;
		keep_last(p, str_from(due));
	} else if (p->p->reschedule && state_is(r, "planned")) {
		val_put(p->x->a, m, "due_on", val_text(p->x->a, due));
		p->n.moved++;
		keep_last(p, str_from(due));
	} else {
		keep_last(p, record_str(r, F_PLAN_ITEM_DUE_ON));
	}
}

static void
plan_missing(struct planner *p)
{
	for (size_t i = 0; i < p->g->nitems; i++) {
		const struct gap_item *it = &p->g->items[i];
		const struct record *r = map_get(&p->there, it->code);
		if (r != NULL && state_is(r, "dropped"))
			continue;
		p->spent += it->effort_days;
		const char *due = text(p, act_date(p->x, day_after(p, p->spent)));
		p->n.open++;
		if (r != NULL) {
			update(p, it, r, due);
		} else {
			add(p, it, due);
			keep_last(p, str_from(due));
		}
	}
}

/* What is no longer missing is done, as far as the records say. */
static void
close_done(struct planner *p)
{
	for (size_t i = 0; i < p->there.n; i++) {
		const struct record *r = p->there.items[i].value;
		struct str kind = record_str(r, F_PLAN_ITEM_KIND);
		if (map_get(&p->missing, p->there.items[i].key) != NULL ||
		    str_is(kind, "other"))
			continue;
		if (!state_is(r, "planned") && !state_is(r, "doing"))
			continue;
		act_add(p->x, &p->changes, T_PLAN_ITEM, record_str(r,
		    F_PLAN_ITEM_CODE), "state", "done", "done_on",
		    text(p, act_today(p->x)), NULL);
		p->n.done++;
	}
}

static void
compare_target(struct planner *p, const struct gap_book *b)
{
	const struct question *q = questionnaire_find(&b->questions,
	    STR("target_date"));
	struct str wanted = q != NULL ? b->answer[q - b->questions.at] : STR("");
	int64_t target;

	if (wanted.len == 0 || str_cmp(p->n.last, wanted) <= 0 ||
	    date_parse(wanted, &target, NULL) != 0)
		return;
	int64_t days = target - p->start;
	p->n.late = days <= 0 ?
	    str_from(arena_printf(p->x->a, "the day you want, " STR_FMT ", is over",
	    STR_ARG(wanted))) : str_from(arena_printf(p->x->a, "the plan ends on "
	    STR_FMT ", after the day you want, " STR_FMT ": %lld working days of work "
	    "need %lld a week until then, and %lld are planned", STR_ARG(p->n.last),
	    STR_ARG(wanted), (long long)p->g->effort_days,
	    (long long)((p->g->effort_days * 7 + days - 1) / days),
	    (long long)p->p->per_week));
}

int
gap_plan(const struct act *x, const struct gap *g, const struct gap_book *b,
    const struct gap_plan *plan, struct gap_planned *ret, struct err *e)
{
	struct planner p = { .x = x, .g = g, .p = plan, .start = act_day(x) };
	struct record_list l;
	struct record *owner;
	int r = 0;

	if (plan->per_week < 1 || plan->per_week > 100)
		return (err_set(e, ERR_INPUT, "--per-week", "give 1 to 100; two people "
		    "full time are 10", "so many working days a week cannot be spent"));
	if (plan->start.len != 0 && (r = date_parse(plan->start, &p.start, e)) != 0)
		return (r);
	if (plan->owner.len != 0 &&
	    (r = act_find(x, T_PERSON, plan->owner, &owner, e)) != 0)
		return (r);
	if ((r = act_list(x, T_PLAN_ITEM, -1, STR_NULL, &l, e)) != 0)
		return (r);
	map_init(&p.there, x->a);
	map_init(&p.missing, x->a);
	for (size_t i = 0; i < l.n; i++)
		map_put(&p.there, record_str(&l.at[i], F_PLAN_ITEM_CODE), &l.at[i]);
	for (size_t i = 0; i < g->nitems; i++)
		map_put(&p.missing, g->items[i].code, &g->items[i]);
	plan_missing(&p);
	close_done(&p);
	r = act_apply(x, &p.changes, NULL, e);
	if (r != 0)
		return (r);
	compare_target(&p, b);
	*ret = p.n;
	return (0);
}
