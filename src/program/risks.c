#include "program/risks.h"

#include "text/date.h"

const char *
risks_need_words(enum risks_need n)
{
	static const char *const words[] = { "", "likelihood and impact are not "
	    "said", "what the controls change is not said", "the treatment is "
	    "late", "the review is late", "the acceptance is over" };

	return (words[n]);
}

/* A rating, or 0 where there is none (or none that may be seen). */
static int
rating(const struct record *r, size_t field)
{
	int64_t v = record_int(r, field, 0);

	return (v >= 1 && v <= RISKS_SCALE ? (int)v : 0);
}

static bool
in_state(const struct record *r, const char *state)
{
	return (str_is(record_str(r, r->type->state), state));
}

/* The day of a field has passed. */
static bool
over(const struct record *r, size_t field, int64_t day, int64_t *ret_since)
{
	int64_t d;

	if (date_parse(record_str(r, field), &d, NULL) != 0 || d >= day)
		return (false);
	*ret_since = d + 1;
	return (true);
}

static enum risks_need
need_of(const struct record *r, int64_t day, int64_t *since)
{
	*since = INT64_MAX;
	if (in_state(r, "closed"))
		return (RISKS_NOTHING);
	if (in_state(r, "accepted") && over(r, F_RISK_ACCEPTED_UNTIL, day,
	    since))
		return (RISKS_EXPIRED);
	if (!in_state(r, "accepted") && !in_state(r, "treated") &&
	    over(r, F_RISK_DUE_ON, day, since))
		return (RISKS_DUE);
	if (over(r, F_RISK_REVIEW_ON, day, since))
		return (RISKS_REVIEW);
	if (rating(r, F_RISK_INHERENT_LIKELIHOOD) == 0 ||
	    rating(r, F_RISK_INHERENT_IMPACT) == 0)
		return (RISKS_UNRATED);
	if (!in_state(r, "accepted") &&
	    (rating(r, F_RISK_RESIDUAL_LIKELIHOOD) == 0 ||
	     rating(r, F_RISK_RESIDUAL_IMPACT) == 0))
		return (RISKS_UNTREATED);
	return (RISKS_NOTHING);
}

static void
count(struct risks *x, const struct record *r)
{
	int il = rating(r, F_RISK_INHERENT_LIKELIHOOD),
	    ii = rating(r, F_RISK_INHERENT_IMPACT),
	    rl = rating(r, F_RISK_RESIDUAL_LIKELIHOOD),
	    ri = rating(r, F_RISK_RESIDUAL_IMPACT);

	if (in_state(r, "closed"))
		return;
	if (il != 0 && ii != 0)
		x->inherent[il - 1][ii - 1]++;
	else
		x->unrated++;
	if (rl != 0 && ri != 0)
		x->residual[rl - 1][ri - 1]++;
	else
		x->unrated_residual++;
	x->fraud += r->cells[F_RISK_FRAUD].state == CELL_VALUE &&
	    r->cells[F_RISK_FRAUD].i != 0;
}

/* What it weighs today: the residual score, or else the inherent one. */
static int
weight(const struct risks_line *l)
{
	return (in_state(l->risk, "closed") ? -1 : l->residual != 0 ?
	    l->residual : l->inherent);
}

static int
heaviest_first(const void *a, const void *b)
{
	const struct risks_line *x = a, *y = b;

	if (weight(x) != weight(y))
		return (weight(y) - weight(x));
	return (str_cmp(record_str(x->risk, F_RISK_CODE),
	    record_str(y->risk, F_RISK_CODE)));
}

int
risks_read(struct record_store *s, struct arena *a, int64_t day, bool closed,
    struct risks *ret, struct err *e)
{
	struct record_query q = { .sort = RECORD_BY_HANDLE };
	struct record_list list;
	int r = record_list(s, a, schema_get(T_RISK), &q, &list, e);

	if (r != 0)
		return (r);
	*ret = (struct risks){ .at = arena_array(a, list.n + 1,
	    sizeof(*ret->at)) };
	for (size_t i = 0; i < list.n; i++) {
		struct risks_line *l = &ret->at[ret->n];
		*l = (struct risks_line){ .risk = &list.at[i] };
		l->inherent = (int)record_int(l->risk, F_RISK_INHERENT_SCORE, 0);
		l->residual = (int)record_int(l->risk, F_RISK_RESIDUAL_SCORE, 0);
		l->need = need_of(l->risk, day, &l->since);
		count(ret, l->risk);
		ret->needing += l->need != RISKS_NOTHING;
		ret->n += closed || !in_state(l->risk, "closed");
	}
	if (ret->n != 0)
		qsort(ret->at, ret->n, sizeof(*ret->at), heaviest_first);
	return (0);
}
