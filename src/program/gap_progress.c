#include "program/gap.h"

#include "base/vec.h"
#include "program/ready.h"
#include "text/zone.h"

/* Items that are done by an instant, of all that there are. */
static size_t
done_by(const struct act *x, const struct record_list *l, int64_t at)
{
	struct str day = act_date(x, zone_day(x->ws->zone, at));
	size_t n = 0;

	for (size_t i = 0; i < l->n; i++) {
		struct str on = record_str(&l->at[i], F_PLAN_ITEM_DONE_ON);
		n += on.len != 0 && str_is(record_str(&l->at[i], F_PLAN_ITEM_STATE),
		    "done") && str_cmp(on, day) <= 0;
	}
	return (n);
}

static size_t
in_place(const struct readiness *r)
{
	size_t n = 0;

	for (size_t i = 0; i < r->ncontrols; i++)
		n += str_is(r->controls[i]->state, "implemented") ||
		    str_is(r->controls[i]->state, "operating");
	return (n);
}

static struct gap_progress
numbers(const struct act *x, const char *what, size_t then, size_t now)
{
	return ((struct gap_progress){ str_from(what), str_from(arena_printf(x->a,
	    "%zu", then)), str_from(arena_printf(x->a, "%zu", now)) });
}

static int
check(const struct act *x, int64_t from, int64_t to, struct err *e)
{
	if (from >= to)
		return (err_set(e, ERR_INPUT, "from", "give an earlier day",
		    "the first day is not before the second"));
	if (from < x->ws->created && !x->ws->demo)
		return (err_set(e, ERR_INPUT, "from", arena_printf(x->a, "give "
		    STR_FMT " or later", STR_ARG(act_date(x, zone_day(x->ws->zone,
		    x->ws->created)))), "the workspace was not there yet"));
	return (0);
}

int
gap_progress(const struct act *x, struct assess *as, int64_t from,
    int64_t to, struct gap_progress **ret, size_t *ret_n, struct err *e)
{
	struct readiness *old, *new;
	struct record_list l;
	size_t n = 0;
	int r = check(x, from, to, e);

	if (r == 0)
		r = ready_read(x->a, as, from, &old, e);
	if (r == 0)
		r = ready_read(x->a, as, to, &new, e);
	if (r == 0)
		r = act_list(x, T_PLAN_ITEM, -1, STR_NULL, &l, e);
	if (r != 0)
		return (r);
	struct gap_progress *at = arena_array(x->a, READINESS_NSTATE + 2 +
	    new->ncriteria, sizeof(*at));
	for (int s = 0; s < READINESS_NSTATE; s++)
		at[n++] = numbers(x, arena_printf(x->a, "criteria: %s",
		    readiness_state_words((enum readiness_state)s)), old->count[s],
		    new->count[s]);
	at[n++] = numbers(x, "controls in place", in_place(old), in_place(new));
	at[n++] = numbers(x, "plan items done", done_by(x, &l, from),
	    done_by(x, &l, to));
	for (size_t i = 0; i < new->ncriteria && i < old->ncriteria; i++)
		if (old->criteria[i].readiness != new->criteria[i].readiness)
			at[n++] = (struct gap_progress){ new->criteria[i].id,
				str_from(readiness_state_words(
				old->criteria[i].readiness)),
				str_from(readiness_state_words(
				new->criteria[i].readiness)) };
	*ret = at;
	*ret_n = n;
	return (0);
}
