#include "program/vendors.h"

#include "base/map.h"
#include "base/vec.h"
#include "text/date.h"

#define LETTER_MONTHS 3 /* a bridge letter carries no further */

/* What was found of a vendor's assessments. */
struct found {
	VEC(struct vendors_span) reports, letters;
	const struct record *latest, *report;
};

/* --- days --------------------------------------------------------------------- */

static int
by_first(const void *a, const void *b)
{
	int64_t x = ((const struct vendors_span *)a)->first,
		y = ((const struct vendors_span *)b)->first;

	return ((x > y) - (x < y));
}

static void
push(struct vendors_spans *s, int64_t first, int64_t last)
{
	s->at[s->n++] = (struct vendors_span){ first, last };
}

void
vendors_open(struct arena *a, int64_t first, int64_t last,
    const struct vendors_spans *covered, struct vendors_spans *ret)
{
	struct vendors_span *in = arena_array(a, covered->n + 1, sizeof(*in));
	int64_t at = first;

	ret->at = arena_array(a, covered->n + 1, sizeof(*ret->at));
	ret->n = 0;
	if (covered->n != 0)
		memcpy(in, covered->at, covered->n * sizeof(*in));
	if (covered->n > 1)
		qsort(in, covered->n, sizeof(*in), by_first);
	for (size_t i = 0; i < covered->n && at <= last; i++) {
		if (in[i].last < at)
			continue;
		if (in[i].first > last)
			break;
		if (in[i].first > at)
			push(ret, at, in[i].first - 1);
		at = in[i].last + 1;
	}
	if (at <= last)
		push(ret, at, last);
}

static int64_t
days_of(const struct vendors_spans *s)
{
	int64_t n = 0;

	for (size_t i = 0; i < s->n; i++)
		n += s->at[i].last - s->at[i].first + 1;
	return (n);
}

static bool
day_in(const struct record *r, size_t field, int64_t *ret)
{
	return (date_parse(record_str(r, field), ret, NULL) == 0);
}

/* --- assessments --------------------------------------------------------------- */

static void
take(struct found *f, const struct record *r)
{
	struct str kind = record_str(r, F_VENDOR_ASSESSMENT_KIND);
	int64_t on, was, first, last;
	bool span = day_in(r, F_VENDOR_ASSESSMENT_REPORT_START, &first) &&
	    day_in(r, F_VENDOR_ASSESSMENT_REPORT_END, &last) && last >= first;

	if (!str_is(record_str(r, F_VENDOR_ASSESSMENT_STATE), "reviewed") ||
	    !day_in(r, F_VENDOR_ASSESSMENT_REVIEWED_ON, &on))
		return;
	if (f->latest == NULL || (day_in(f->latest,
	    F_VENDOR_ASSESSMENT_REVIEWED_ON, &was) && on >= was))
		f->latest = r;
	if (str_is(record_str(r, F_VENDOR_ASSESSMENT_OUTCOME), "unsatisfactory"))
		return; /* nothing rests on it */
	if (str_is(kind, "soc_report") && span) {
		vec_push(&f->reports, (struct vendors_span){ first, last });
		if (f->report == NULL || (day_in(f->report,
		    F_VENDOR_ASSESSMENT_REPORT_END, &was) && last >= was))
			f->report = r;
	} else if (str_is(kind, "bridge_letter") && span) {
		vec_push(&f->letters, (struct vendors_span){ first, last });
	}
}

/* A letter carries on from a report: for three months after its last day. */
static void
letters_after_reports(struct found *f, struct vendors_spans *covered)
{
	for (size_t i = 0; i < f->letters.n; i++)
		for (size_t k = 0; k < f->reports.n; k++) {
			int64_t from = f->reports.at[k].last + 1,
				until = date_add_months(from - 1, LETTER_MONTHS),
				first = f->letters.at[i].first,
				last = f->letters.at[i].last;
			first = first > from ? first : from;
			last = last < until ? last : until;
			if (first <= last)
				push(covered, first, last);
		}
}

static void
cover(struct arena *a, struct found *f, int64_t first, int64_t last,
    struct vendors_line *l)
{
	struct vendors_spans all = { .at = arena_array(a, f->reports.n +
	    f->letters.n * f->reports.n + 1, sizeof(*all.at)) }, without;

	for (size_t i = 0; i < f->reports.n; i++)
		push(&all, f->reports.at[i].first, f->reports.at[i].last);
	vendors_open(a, first, last, &all, &without);
	letters_after_reports(f, &all);
	vendors_open(a, first, last, &all, &l->gaps);
	l->open = days_of(&l->gaps);
	l->by_letter = days_of(&without) - l->open;
	l->by_report = last - first + 1 - days_of(&without);
}

/* --- what a vendor expects of us -------------------------------------------------- */

static void
count_cuecs(const struct record_list *cuecs, const struct record *report,
    struct vendors_line *l)
{
	for (size_t i = 0; report != NULL && i < cuecs->n; i++) {
		const struct record *r = &cuecs->at[i];
		if (!str_eq(record_str(r, F_VENDOR_CUEC_ASSESSMENT), report->id))
			continue;
		l->cuecs++;
		l->cuecs_open += str_is(record_str(r, F_VENDOR_CUEC_STATE),
		    "open");
	}
}

/* --- all of them --------------------------------------------------------------- */

static int
tier_rank(const struct record *r)
{
	static const char *const tiers[] = { "critical", "high", "medium", "low" };
	struct str tier = record_str(r, F_VENDOR_TIER);
	int i = 0;

	while (i < 4 && !str_is(tier, tiers[i]))
		i++;
	return (i);
}

static int
highest_first(const void *a, const void *b)
{
	const struct vendors_line *x = a, *y = b;
	int d = tier_rank(x->vendor) - tier_rank(y->vendor);

	return (d != 0 ? d : str_cmp(record_str(x->vendor, F_VENDOR_NAME),
	    record_str(y->vendor, F_VENDOR_NAME)));
}

static void
judge(struct vendors *x, struct vendors_line *l, const struct found *f,
    int64_t day)
{
	const struct cell *sub = &l->vendor->cells[F_VENDOR_SUBSERVICE];
	bool ended = str_is(record_str(l->vendor, F_VENDOR_STATE), "ended");

	l->latest = f->latest;
	l->needed = !ended && ((sub->state == CELL_VALUE && sub->i != 0) ||
	    tier_rank(l->vendor) < 2);
	if (f->latest == NULL || !day_in(f->latest, F_VENDOR_ASSESSMENT_NEXT_ON,
	    &l->next_on))
		l->next_on = -1;
	l->late = !ended && (l->next_on >= 0 ? l->next_on < day : l->needed);
	x->needed += l->needed;
	x->gapped += l->needed && l->open > 0;
	x->late += l->late;
	x->cuecs_open += l->cuecs_open;
}

/* The assessments of each vendor, by its id. */
static void
group(struct arena *a, const struct record_list *assessments,
    struct map *ret)
{
	map_init(ret, a);
	for (size_t i = 0; i < assessments->n; i++) {
		const struct record *r = &assessments->at[i];
		struct str id = record_str(r, F_VENDOR_ASSESSMENT_VENDOR);
		struct found *f = map_get(ret, id);
		if (f == NULL) {
			f = arena_alloc(a, sizeof(*f));
			*f = (struct found){ .latest = NULL };
			map_put(ret, id, f);
		}
		take(f, r);
	}
}

static void
read_line(struct arena *a, struct vendors *x, struct vendors_line *l,
    const struct map *found, const struct record_list *cuecs, int64_t day)
{
	struct found none = { .latest = NULL };
	struct found *f = map_get(found, l->vendor->id);

	if (f == NULL)
		f = &none;
	cover(a, f, x->first, x->last, l);
	count_cuecs(cuecs, f->report, l);
	judge(x, l, f, day);
}

static void
drop(struct map *found)
{
	for (size_t i = 0; i < found->n; i++) {
		struct found *f = found->items[i].value;
		vec_free(&f->reports);
		vec_free(&f->letters);
	}
}

int
vendors_read(struct record_store *s, struct arena *a, int64_t first,
    int64_t last, int64_t day, bool ended, struct vendors *ret, struct err *e)
{
	struct record_query q = { .sort = RECORD_BY_HANDLE };
	struct record_list vendors, assessments, cuecs;
	struct map found;
	int r = record_list(s, a, schema_get(T_VENDOR), &q, &vendors, e);

	if (r == 0)
		r = record_list(s, a, schema_get(T_VENDOR_ASSESSMENT), &q,
		    &assessments, e);
	if (r == 0)
		r = record_list(s, a, schema_get(T_VENDOR_CUEC), &q, &cuecs, e);
	if (r != 0)
		return (r);
	group(a, &assessments, &found);
	*ret = (struct vendors){ .first = first, .last = last,
		.at = arena_array(a, vendors.n + 1, sizeof(*ret->at)) };
	for (size_t i = 0; i < vendors.n; i++) {
		struct vendors_line *l = &ret->at[ret->n];
		*l = (struct vendors_line){ .vendor = &vendors.at[i] };
		if (!ended && str_is(record_str(l->vendor, F_VENDOR_STATE),
		    "ended"))
			continue;
		read_line(a, ret, l, &found, &cuecs, day);
		ret->n++;
	}
	drop(&found);
	if (ret->n > 1)
		qsort(ret->at, ret->n, sizeof(*ret->at), highest_first);
	return (0);
}

int
vendors_period(struct record_store *s, struct arena *a, int64_t day,
    int64_t *ret_first, int64_t *ret_last, struct err *e)
{
	struct record_query q = { .sort = F_ENGAGEMENT_PERIOD_END,
		.falling = true };
	struct record_list list;
	int r = record_list(s, a, schema_get(T_ENGAGEMENT), &q, &list, e);

	if (r != 0)
		return (r);
	*ret_last = day;
	*ret_first = date_add_months(day, -12) + 1;
	for (size_t i = 0; i < list.n; i++) {
		int64_t first, last;
		if (str_is(record_str(&list.at[i], F_ENGAGEMENT_STATE),
		    "archived") ||
		    !day_in(&list.at[i], F_ENGAGEMENT_PERIOD_START, &first) ||
		    !day_in(&list.at[i], F_ENGAGEMENT_PERIOD_END, &last) ||
		    last < first)
			continue;
		*ret_first = first;
		*ret_last = last;
		break;
	}
	return (0);
}
