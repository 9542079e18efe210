#include "program/chart.h"

#include "base/map.h"
#include "schema/kind.h"
#include "text/date.h"

/* While a chart is made: a line for each box, by its id. */
struct making {
	struct record_store *s;
	struct arena *a;
	int64_t day;
	struct map boxes, people; /* of chart_line, of record */
	struct chart_line *lines;
	size_t n, up; /* ${up}: the field that names the box above */
};

static bool
in_state(const struct record *r, const char *state)
{
	return (str_is(record_str(r, r->type->state), state));
}

static bool
runs_on(const struct record *r, size_t from, size_t to, int64_t day)
{
	int64_t d;

	if (date_parse(record_str(r, from), &d, NULL) == 0 && d > day)
		return (false);
	return (date_parse(record_str(r, to), &d, NULL) != 0 || d >= day);
}

static int
list(struct making *m, unsigned type, struct record_list *ret, struct err *e)
{
	struct record_query q = { .sort = RECORD_BY_HANDLE };

	return (record_list(m->s, m->a, schema_get(type), &q, ret, e));
}

static void
box(struct making *m, const struct record *r)
{
	struct chart_line *l = &m->lines[m->n++];

	*l = (struct chart_line){ .box = r };
	map_put(&m->boxes, r->id, l);
}

/* --- who holds what ------------------------------------------------------------ */

static const struct record **
one_more(struct making *m, const struct record **at, size_t n,
    const struct record *r)
{
	const struct record **all = arena_array(m->a, n + 1, sizeof(*all));

	if (n != 0)
		memcpy(all, at, n * sizeof(*all));
	all[n] = r;
	return (all);
}

static void
hold(struct making *m, const struct record *x)
{
	struct chart_line *l = map_get(&m->boxes,
	    record_str(x, F_ASSIGNMENT_POSITION));
	const struct record *who = map_get(&m->people,
	    record_str(x, F_ASSIGNMENT_PERSON));
	const struct record *deputy = map_get(&m->people,
	    record_str(x, F_ASSIGNMENT_DEPUTY));

	if (l == NULL || !in_state(x, "active") || !runs_on(x,
	    F_ASSIGNMENT_STARTS_ON, F_ASSIGNMENT_ENDS_ON, m->day))
		return;
	if (who != NULL) {
		l->holders = one_more(m, l->holders, l->nholders, who);
		l->nholders++;
		if (in_state(who, "ended") || !runs_on(who, F_PERSON_START_ON,
		    F_PERSON_END_ON, m->day))
			l->flags |= CHART_GONE;
	}
	if (deputy != NULL) {
		l->deputies = one_more(m, l->deputies, l->ndeputies, deputy);
		l->ndeputies++;
	}
}

static bool
share_holder(const struct chart_line *x, const struct chart_line *y)
{
	for (size_t i = 0; i < x->nholders; i++)
		for (size_t k = 0; k < y->nholders; k++)
			if (x->holders[i] == y->holders[k])
				return (true);
	return (false);
}

static void
conflicts(struct making *m, struct chart_line *l)
{
	const struct schema_type *t = l->box->type;
	struct str *ids;
	size_t n = kind_items(m->a, &t->fields[F_POSITION_CONFLICTS],
	    &l->box->cells[F_POSITION_CONFLICTS], &ids);

	for (size_t i = 0; i < n; i++) {
		struct chart_line *other = map_get(&m->boxes, ids[i]);
		if (other != NULL && other != l && share_holder(l, other)) {
			l->flags |= CHART_CONFLICT;
			other->flags |= CHART_CONFLICT;
		}
	}
}

/* --- the tree ------------------------------------------------------------------- */

static struct chart_line *
above(const struct making *m, const struct chart_line *l)
{
	return (map_get(&m->boxes, record_str(l->box, m->up)));
}

/* Whoever follows more steps than there are boxes goes in a circle. */
static void
measure(const struct making *m, struct chart_line *l)
{
	const struct chart_line *x = above(m, l);

	l->above = x != NULL ? x->box : NULL;
	for (; x != NULL && l->depth <= m->n; x = above(m, x))
		l->depth++;
	if (l->depth > m->n) {
		l->flags |= CHART_CIRCLE;
		l->depth = 0;
	}
}

/* Those below a box, behind it, in the order of their handles, which they have:
 * a stack of what is still to be written, for a chart may be deep. */
static void
order(const struct making *m, struct chart *ret)
{
	size_t *next = arena_array(m->a, m->n + 1, sizeof(*next));
	size_t *first = arena_array(m->a, m->n + 1, sizeof(*first));
	size_t *stack = arena_array(m->a, m->n + 1, sizeof(*stack)), top = 0;

	/* Numbers are one more than places: 0 is none. */
	memset(first, 0, (m->n + 1) * sizeof(*first));
	/* Backwards, so that the chains run forwards. */
	for (size_t i = m->n; i-- > 0;) {
		struct chart_line *l = &m->lines[i], *up = above(m, l);
		size_t at = up == NULL || l->flags & CHART_CIRCLE ? m->n :
		    (size_t)(up - m->lines);
		next[i] = first[at];
		first[at] = i + 1;
	}
	for (size_t k = first[m->n]; k != 0 || top > 0;) {
		if (k == 0) {
			k = stack[--top];
			continue;
		}
		ret->at[ret->n++] = m->lines[k - 1];
		ret->flagged += m->lines[k - 1].flags != 0;
		if (first[k - 1] == 0) {
			k = next[k - 1];
			continue;
		}
		stack[top++] = next[k - 1];
		k = first[k - 1];
	}
}

static int
of_positions(struct making *m, const struct record_list *positions,
    struct err *e)
{
	struct record_list assignments;
	int r = list(m, T_ASSIGNMENT, &assignments, e);

	for (size_t i = 0; r == 0 && i < positions->n; i++)
		if (in_state(&positions->at[i], "active"))
			box(m, &positions->at[i]);
	for (size_t i = 0; r == 0 && i < assignments.n; i++)
		hold(m, &assignments.at[i]);
	for (size_t i = 0; r == 0 && i < m->n; i++) {
		conflicts(m, &m->lines[i]);
		if (m->lines[i].nholders == 0)
			m->lines[i].flags |= CHART_VACANT;
	}
	return (r);
}

static bool
any_active(const struct record_list *positions)
{
	for (size_t i = 0; i < positions->n; i++)
		if (in_state(&positions->at[i], "active"))
			return (true);
	return (false);
}

int
chart_read(struct record_store *s, struct arena *a, int64_t day,
    struct chart *ret, struct err *e)
{
	struct making m = { .s = s, .a = a, .day = day };
	struct record_list positions, people;
	int r = list(&m, T_POSITION, &positions, e);

	if (r == 0)
		r = list(&m, T_PERSON, &people, e);
	if (r != 0)
		return (r);
	*ret = (struct chart){ .positions = any_active(&positions) };
	m.lines = arena_array(a, positions.n + people.n + 1, sizeof(*m.lines));
	ret->at = arena_array(a, positions.n + people.n + 1, sizeof(*ret->at));
	map_init(&m.boxes, a);
	map_init(&m.people, a);
	for (size_t i = 0; i < people.n; i++)
		map_put(&m.people, people.at[i].id, &people.at[i]);
	m.up = ret->positions ? F_POSITION_REPORTS_TO : F_PERSON_MANAGER;
	if (ret->positions)
		r = of_positions(&m, &positions, e);
	for (size_t i = 0; !ret->positions && i < people.n; i++)
		if (!in_state(&people.at[i], "ended") && runs_on(&people.at[i],
		    F_PERSON_START_ON, F_PERSON_END_ON, day))
			box(&m, &people.at[i]);
	for (size_t i = 0; r == 0 && i < m.n; i++)
		measure(&m, &m.lines[i]);
	if (r == 0)
		order(&m, ret);
	return (r);
}
