/* Windows of controls: they partition the time in which a control is in force,
 * whatever was said of it, and what was expected stays expected. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/clock.h"
#include "program/window.h"
#include "schema/schema.h"
#include "text/date.h"
#include "text/zone.h"

static const struct workdays week = { .week = WORKDAYS_WEEK };

struct seen {
	struct window at[4096];
	size_t n;
};

static int
keep(void *ctx, const struct window *w)
{
	struct seen *s = ctx;

	assert_true(s->n < 4096);
	s->at[s->n++] = *w;
	return (0);
}

static int64_t
day(const char *s)
{
	int64_t d = 0;

	assert_int_equal(date_parse(str_from(s), &d, NULL), 0);
	return (d);
}

static struct window_said
said(const char *on, const char *effective, unsigned f)
{
	int64_t d = day(on);

	return ((struct window_said){ .time = d * CLOCK_DAY + 1, .day = d,
	    .effective = effective != NULL ? day(effective) : INT64_MIN,
	    .retired = INT64_MAX, .in_force = true,
	    .as = { .frequencies = f, .grace_days = -1, .version = 1 } });
}

static void
expect(const struct seen *s, size_t i, const char *first, const char *last,
    bool due)
{
	char a[DATE_SIZE], b[DATE_SIZE];

	assert_true(i < s->n);
	assert_string_equal(date_print(s->at[i].first, a), first);
	assert_string_equal(date_print(s->at[i].end - 1, b), last);
	assert_int_equal(s->at[i].due, due);
}

#define BIT(f) (1u << WINDOW_##f)

static void
test_names(void **state)
{
	const char *const *v = schema_get(T_CONTROL)->
	    fields[F_CONTROL_FREQUENCY].values;
	const char *const *p = schema_get(T_PERFORMANCE)->
	    fields[F_PERFORMANCE_FREQUENCY].values;

	(void)state;
	for (unsigned i = 0; i < WINDOW_NFREQUENCY; i++) {
		assert_string_equal(window_frequency_name(
		    (enum window_frequency)i), v[i]);
		assert_string_equal(v[i], p[i]);
	}
	assert_null(v[WINDOW_NFREQUENCY]);
}

static void
test_calendar(void **state)
{
	struct arena a = ARENA_INIT;
	struct window_said x = said("2024-01-01", "2024-01-20",
	    BIT(MONTHLY) | BIT(ANNUAL));
	struct window_span *spans;
	static struct seen s;

	(void)state;
	size_t n = window_spans(&a, &x, 1, &spans);
	assert_int_equal(n, 1);
	s.n = 0;
	window_each(spans, n, &week, day("2024-02-01"), day("2024-04-01"), keep,
	    &s);
	/* A leap day; the year is returned whole, as far as it is in force. */
	assert_int_equal(s.n, 3);
	expect(&s, 0, "2024-02-01", "2024-02-29", true);
	expect(&s, 1, "2024-03-01", "2024-03-31", true);
	expect(&s, 2, "2024-01-20", "2024-12-31", true);
	s.n = 0;
	window_each(spans, n, &week, day("2024-01-01"), day("2024-01-31"), keep,
	    &s);
	expect(&s, 0, "2024-01-20", "2024-01-31", false); /* 12 of 31 days */
	arena_free(&a);
}

static void
test_working_days(void **state)
{
	struct arena a = ARENA_INIT;
	/* 2024-03-29 and 2024-04-01 are Good Friday and Easter Monday. */
	struct workdays_day days[] = { { day("2024-03-29"), false },
		{ day("2024-04-01"), false } };
	struct workdays w = { .week = WORKDAYS_WEEK, .days = days, .n = 2 };
	struct window_said x = said("2024-03-01", "2024-03-24", BIT(DAILY));
	struct window_span *spans;
	static struct seen s;

	(void)state;
	x.as.workdays = true;
	size_t n = window_spans(&a, &x, 1, &spans);
	s.n = 0;
	window_each(spans, n, &w, day("2024-03-24"), day("2024-04-03"), keep, &s);
	expect(&s, 0, "2024-03-24", "2024-03-24", false); /* a Sunday */
	expect(&s, 1, "2024-03-25", "2024-03-25", true);
	expect(&s, 4, "2024-03-28", "2024-04-01", true);
	expect(&s, 5, "2024-04-02", "2024-04-02", true);
	assert_int_equal(s.n, 6);
	assert_int_equal(workdays_next(&w, day("2024-03-29")),
	    day("2024-04-02"));
	assert_int_equal(workdays_between(&w, day("2024-03-25"),
	    day("2024-04-03")), 5);
	assert_int_equal(workdays_between(&w, day("2024-04-03"),
	    day("2024-03-25")), -5);
	arena_free(&a);
}

/* A changed frequency leaves the windows that were; a statement alone cuts
 * nothing. */
static void
test_changes(void **state)
{
	struct arena a = ARENA_INIT;
	struct window_said x[] = { said("2026-01-01", "2026-01-01", BIT(MONTHLY)),
		said("2026-03-10", "2026-03-10", BIT(MONTHLY)),
		said("2026-04-21", "2026-04-21", BIT(QUARTERLY)) };
	struct window_span *spans;
	static struct seen s;

	(void)state;
	x[1].as.version = 2;
	size_t n = window_spans(&a, x, 3, &spans);
	s.n = 0;
	window_each(spans, n, &week, day("2026-01-01"), day("2026-07-01"), keep,
	    &s);
	assert_int_equal(s.n, 5);
	expect(&s, 2, "2026-03-01", "2026-03-31", true);
	assert_int_equal(s.at[2].span->version, 2);
	assert_int_equal(s.at[1].span->version, 1);
	expect(&s, 3, "2026-04-01", "2026-04-20", true);
	expect(&s, 4, "2026-04-21", "2026-06-30", true);
	arena_free(&a);
}

/* Nobody makes a missed window undue by saying something of the past. */
static void
test_backdated(void **state)
{
	struct arena a = ARENA_INIT;
	struct window_said x[] = { said("2026-01-01", "2026-01-01", BIT(MONTHLY)),
		said("2026-06-15", "2025-12-01", BIT(ANNUAL)) };
	struct window_span *spans;

	(void)state;
	/* What was in force until it was said stays; what was not is added. */
	size_t n = window_spans(&a, x, 2, &spans);
	assert_int_equal(n, 3);
	assert_int_equal(spans[0].first, day("2025-12-01"));
	assert_int_equal(spans[0].frequencies, BIT(ANNUAL));
	assert_int_equal(spans[1].frequencies, BIT(MONTHLY));
	assert_int_equal(spans[1].end, day("2026-06-15"));
	assert_int_equal(spans[2].frequencies, BIT(ANNUAL));
	/* Retired with a day in the past: in force until it was said. */
	x[1].effective = x[0].effective;
	x[1].in_force = false;
	x[1].ends = true;
	x[1].retired = day("2026-02-01");
	n = window_spans(&a, x, 2, &spans);
	assert_int_equal(n, 1);
	assert_int_equal(spans[0].end, day("2026-06-15"));
	/* With a day to come: until then, as it was. */
	x[1].retired = day("2026-09-01");
	n = window_spans(&a, x, 2, &spans);
	assert_int_equal(n, 2);
	assert_int_equal(spans[1].end, day("2026-09-01"));
	assert_int_equal(spans[1].frequencies, BIT(MONTHLY));
	/* A slip is corrected within a day. */
	x[1] = said("2026-01-01", "2025-12-01", BIT(ANNUAL));
	x[1].time += CLOCK_HOUR;
	n = window_spans(&a, x, 2, &spans);
	assert_int_equal(n, 1);
	assert_int_equal(spans[0].frequencies, BIT(ANNUAL));
	/* A control that began and ended before it was recorded. */
	x[0].ends = true;
	x[0].in_force = false;
	x[0].effective = day("2024-01-01");
	x[0].retired = day("2025-01-01");
	n = window_spans(&a, x, 1, &spans);
	assert_int_equal(n, 1);
	assert_int_equal(spans[0].end - spans[0].first, 366);
	arena_free(&a);
}

static uint64_t
dice(uint64_t *s, uint64_t n)
{
	*s = *s * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return ((*s >> 33) % n);
}

/* Every day in force lies in exactly one window of each frequency. */
static void
partition(const struct window_span *spans, size_t n, const struct workdays *w,
    const struct zone *z, uint64_t *seed)
{
	static struct seen s;
	int64_t from = day("2024-02-20") + (int64_t)dice(seed, 300),
		to = from + 1 + (int64_t)dice(seed, 500);

	s.n = 0;
	window_each(spans, n, w, from, to, keep, &s);
	for (unsigned f = 0; f < WINDOW_NFREQUENCY; f++)
		for (int64_t d = from; d < to; d++) {
			size_t in = 0, have = 0;
			for (size_t i = 0; i < n; i++)
				in += spans[i].first <= d && d < spans[i].end &&
				    (spans[i].frequencies >> f & 1) != 0;
			for (size_t i = 0; i < s.n; i++)
				have += s.at[i].frequency == f && s.at[i].first <= d &&
				    d < s.at[i].end;
			assert_true(in <= 1);
			assert_int_equal(have, in);
		}
	for (size_t i = 0; i < s.n; i++) {
		const struct window *x = &s.at[i];
		assert_true(x->whole_first <= x->first && x->first < x->end &&
		    x->end <= x->whole_end && x->whole_end < x->next_end);
		assert_true(x->span->first < x->end && x->end <= x->span->end);
		/* As instants too: next to each other, also where clocks move. */
		assert_true(zone_day_start(z, x->first) <=
		    zone_day_start(z, x->end));
		if (i > 0 && x->frequency == x[-1].frequency &&
		    x->first == x[-1].end)
			assert_int_equal(zone_day(z, zone_day_start(z, x->first) -
			    1), x->first - 1);
	}
}

static void
test_property(void **state)
{
	struct arena a = ARENA_INIT;
	uint64_t seed = 20261125;
	const struct zone *z;
	struct err e;

	(void)state;
	assert_int_equal(zone_load(&a, "Europe/Berlin", &z, &e), 0);
	for (int round = 0; round < 300; round++) {
		ARENA_SCOPED b = ARENA_INIT;
		struct workdays_day days[3];
		struct workdays w = { .week = (unsigned)dice(&seed, 126) + 1,
			.days = days, .n = 3 };
		struct window_said x[5];
		struct window_span *spans;
		size_t n = 1 + dice(&seed, 5);
		int64_t t = day("2024-01-01");
		for (size_t i = 0; i < 3; i++)
			days[i] = (struct workdays_day){ t + 60 + (int64_t)i * 100 +
			    (int64_t)dice(&seed, 90), dice(&seed, 2) != 0 };
		for (size_t i = 0; i < n; i++) {
			t += (int64_t)dice(&seed, 200);
			x[i] = (struct window_said){ .time = t * CLOCK_DAY + (int64_t)i,
				.day = t, .effective = dice(&seed, 2) ? INT64_MIN :
				t - 200 + (int64_t)dice(&seed, 300),
				.retired = dice(&seed, 3) ? INT64_MAX :
				t - 50 + (int64_t)dice(&seed, 300),
				.in_force = dice(&seed, 4) != 0,
				.gone = dice(&seed, 9) == 0,
				.as = { .frequencies = (unsigned)dice(&seed, 256),
				.grace_days = (int64_t)dice(&seed, 5) - 1,
				.workdays = dice(&seed, 2) != 0,
				.version = (int64_t)i } };
			x[i].ends = !x[i].in_force && dice(&seed, 2);
		}
		size_t k = window_spans(&b, x, n, &spans);
		partition(spans, k, &w, z, &seed);
	}
	arena_free(&a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_calendar),
		cmocka_unit_test(test_working_days),
		cmocka_unit_test(test_changes),
		cmocka_unit_test(test_backdated),
		cmocka_unit_test(test_property),
	};

	return (cmocka_run_group_tests_name("window", tests, NULL, NULL));
}
