#include "program/window.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/vec.h"
#include "text/date.h"

/* What was said for less than this may be a slip that is corrected. */
#define SETTLED CLOCK_DAY

static const char *const names[WINDOW_NFREQUENCY] = { "continuous", "daily",
	"weekly", "monthly", "quarterly", "semiannual", "annual", "event" };

const char *
window_frequency_name(enum window_frequency f)
{
	return (names[f]);
}

bool
window_frequency_find(struct str s, enum window_frequency *ret)
{
	for (unsigned i = 0; i < WINDOW_NFREQUENCY; i++)
		if (str_is(s, names[i])) {
			*ret = (enum window_frequency)i;
			return (true);
		}
	return (false);
}

/* --- from what was said to when it was in force ----------------------------- */

struct piece {
	int64_t first, end;
	int64_t said;
	bool in_force;
	struct window_span as;
};
struct pieces {
	VEC(struct piece) all;
};

static int
by_first(const void *a, const void *b)
{
	const struct piece *x = a, *y = b;

	return (x->first < y->first ? -1 : x->first > y->first);
}

static void
keep(struct pieces *p, const struct piece *x, int64_t first, int64_t end)
{
	struct piece part = *x;

	if (first >= end)
		return;
	part.first = first;
	part.end = end;
	vec_push(&p->all, part);
}

static int64_t
least(int64_t a, int64_t b)
{
	return (a < b ? a : b);
}

static int64_t
most(int64_t a, int64_t b)
{
	return (a > b ? a : b);
}

/* Whether something was in force on that day, and as what. */
static const struct piece *
in_force_on(const struct pieces *p, int64_t day)
{
	for (size_t i = 0; i < p->all.n; i++)
		if (p->all.at[i].first <= day && day < p->all.at[i].end)
			return (p->all.at[i].in_force ? &p->all.at[i] : NULL);
	return (NULL);
}

static void
sort(struct pieces *p)
{
	if (p->all.n > 1)
		qsort(p->all.at, p->all.n, sizeof(*p->all.at), by_first);
}

/* Put the new pieces where nothing was kept. */
static void
fill(struct pieces *kept, const struct piece *new)
{
	size_t n = kept->all.n;
	int64_t at = new->first;

	sort(kept);
	for (size_t i = 0; i < n && at < new->end; i++) {
		const struct piece k = kept->all.at[i];
		if (k.end <= at)
			continue;
		keep(kept, new, at, least(k.first, new->end));
		at = most(at, k.end);
	}
	keep(kept, new, at, new->end);
	sort(kept);
}

static void
say(struct pieces *p, const struct window_said *s, bool first,
    int64_t effective_before)
{
	struct pieces kept = { 0 };
	struct piece new = { .said = s->time, .in_force = s->in_force,
		.as = s->as, .end = WINDOW_EVER };
	struct piece after = { .said = s->time, .end = WINDOW_EVER };
	const struct piece *was;

	new.first = s->effective != INT64_MIN && !s->gone &&
	    (first || s->effective != effective_before) ? s->effective : s->day;
	if (s->ends) {
		was = in_force_on(p, new.first);
		new.in_force = s->retired != INT64_MAX && (was != NULL || first);
		if (was != NULL)
			new.as = was->as;
	}
	if (s->gone)
		new.in_force = false;
	for (size_t i = 0; i < p->all.n; i++) {
		const struct piece *x = &p->all.at[i];
		keep(&kept, x, x->first, least(x->end, new.first));
		if (x->in_force && s->time - x->said >= SETTLED)
			keep(&kept, x, most(x->first, new.first),
			    least(x->end, s->day));
	}
	if (new.in_force && s->retired < new.end) {
		new.end = most(s->retired, new.first);
		after.first = new.end;
		fill(&kept, &new);
		fill(&kept, &after);
	} else {
		fill(&kept, &new);
	}
	vec_free(&p->all);
	*p = kept;
}

size_t
window_spans(struct arena *a, const struct window_said *said, size_t n,
    struct window_span **ret)
{
	struct pieces p = { 0 };
	size_t k = 0;

	for (size_t i = 0; i < n; i++)
		say(&p, &said[i], i == 0, i == 0 ? INT64_MIN :
		    said[i - 1].effective);
	*ret = arena_array(a, p.all.n + 1, sizeof(**ret));
	for (size_t i = 0; i < p.all.n; i++) {
		if (!p.all.at[i].in_force)
			continue;
		(*ret)[k] = p.all.at[i].as;
		(*ret)[k].first = p.all.at[i].first;
		(*ret)[k++].end = p.all.at[i].end;
	}
	vec_free(&p.all);
	return (k);
}

/* --- windows ---------------------------------------------------------------- */

static void
whole_months(int64_t day, int months, int64_t *first, int64_t *end)
{
	int y, m, d;

	date_civil(day, &y, &m, &d);
	m = (m - 1) / months * months + 1;
	*first = date_days(y, m, 1);
	/* The last month of the calendar has no next one. */
	*end = y == 9999 && m + months > 12 ? DATE_MAX + 1 :
	    date_add_months(*first, months);
}

void
window_whole(enum window_frequency f, const struct workdays *w, bool workdays,
    int64_t day, int64_t *first, int64_t *end)
{
	static const int months[WINDOW_NFREQUENCY] = { [WINDOW_CONTINUOUS] = 1,
		[WINDOW_MONTHLY] = 1, [WINDOW_QUARTERLY] = 3,
		[WINDOW_SEMIANNUAL] = 6, [WINDOW_ANNUAL] = 12,
		[WINDOW_EVENT] = 1 };

	if (months[f] != 0) {
		whole_months(day, months[f], first, end);
	} else if (f == WINDOW_WEEKLY) {
		*first = day - (date_weekday(day) - 1);
		*end = *first + 7;
	} else if (workdays) {
		/* A working day, and those after it on which nobody works. */
		*first = workdays_last(w, day);
		*end = most(workdays_next(w, *first + 1), day + 1);
	} else {
		*first = day;
		*end = day + 1;
	}
}

/* The stretch of spans from ${i} on that one frequency has in one piece. */
static size_t
run_of(const struct window_span *s, size_t n, size_t i, unsigned f)
{
	size_t k = i + 1;

	while (k < n && s[k].first == s[k - 1].end &&
	    (s[k].frequencies >> f & 1) != 0 &&
	    (f != WINDOW_DAILY || s[k].workdays == s[i].workdays))
		k++;
	return (k);
}

static bool
enough(const struct window *w, bool workdays)
{
	if (w->frequency == WINDOW_DAILY && workdays)
		return (w->first <= w->whole_first && w->whole_first < w->end);
	return (2 * (w->end - w->first) >= w->whole_end - w->whole_first);
}

static int
each_of_run(const struct window_span *s, size_t n, enum window_frequency f,
    const struct workdays *wd, int64_t from, int64_t to, window_fn *fn,
    void *ctx)
{
	int64_t first = s[0].first, end = s[n - 1].end, ignored;
	int64_t day = most(first, from);
	size_t k = 0;

	for (to = least(to, end); day < to; ) {
		struct window w = { .frequency = f };
		window_whole(f, wd, s[0].workdays, day, &w.whole_first,
		    &w.whole_end);
		w.first = most(w.whole_first, first);
		w.end = least(w.whole_end, end);
		w.due = enough(&w, s[0].workdays);
		w.next_end = w.whole_end;
		if (w.whole_end <= DATE_MAX)
			window_whole(f, wd, s[0].workdays, w.whole_end, &ignored,
			    &w.next_end);
		while (k + 1 < n && s[k].end < w.end)
			k++;
		w.span = &s[k];
		int r = fn(ctx, &w);
		if (r != 0)
			return (r);
		day = w.end;
	}
	return (0);
}

int
window_each(const struct window_span *spans, size_t n,
    const struct workdays *w, int64_t from, int64_t to, window_fn *fn,
    void *ctx)
{
	from = most(from, DATE_MIN);
	for (unsigned f = 0; f < WINDOW_NFREQUENCY; f++)
		for (size_t i = 0, k; i < n; i = k) {
			k = i + 1;
			if ((spans[i].frequencies >> f & 1) == 0)
				continue;
			k = run_of(spans, n, i, f);
			int r = each_of_run(spans + i, k - i,
			    (enum window_frequency)f, w, from, to, fn, ctx);
			if (r != 0)
				return (r);
		}
	return (0);
}
