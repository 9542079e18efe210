/* Dates, instants, zones, periods, durations. */
#include "unit.h"

#include <time.h>

#include "text/timefmt.h"

static void
test_date(void **state)
{
	int64_t last = DATE_MIN - 1;
	int y, m, d;
	char out[DATE_SIZE];

	(void)state;
	assert_int_equal(date_days(1970, 1, 1), 0);
	assert_int_equal(date_days(2000, 3, 1), 11017);
	assert_int_equal(date_days(1, 1, 1), DATE_MIN);
	assert_int_equal(date_days(9999, 12, 31), DATE_MAX);
	assert_int_equal(date_weekday(date_days(2026, 11, 23)), 1);
	assert_int_equal(date_weekday(date_days(1969, 12, 28)), 7);
	/* every day of the calendar, against counting on the fingers */
	for (y = 1; y <= 9999; y++)
		for (m = 1; m <= 12; m++)
			for (d = 1; d <= date_month_days(y, m); d++) {
				int64_t n = date_days(y, m, d);
				int y2, m2, d2;
				date_civil(n, &y2, &m2, &d2);
				if (n != last + 1 || y2 != y || m2 != m || d2 != d)
					fail_msg("%d-%d-%d", y, m, d);
				last = n;
			}
	assert_string_equal(date_print(0, out), "1970-01-01");
	assert_string_equal(date_print(DATE_MAX, out), "9999-12-31");
	assert_string_equal(date_print(DATE_MIN, out), "0001-01-01");
	assert_int_equal(date_add_months(date_days(2024, 1, 31), 1),
	    date_days(2024, 2, 29));
	assert_int_equal(date_add_months(date_days(2024, 2, 29), -12),
	    date_days(2023, 2, 28));
	assert_int_equal(date_add_months(date_days(2024, 11, 30), 3),
	    date_days(2025, 2, 28));
}

static void
test_date_parse(void **state)
{
	static const char *const bad[] = { "", "2026-1-1", "2026-01-1",
		"2026/01/01", "20260101", "2026-01-011", "2026-13-01",
		"2026-00-01", "2026-01-00", "2026-01-32", "2025-02-29",
		"1900-02-29", "0000-01-01", "-026-01-01", "+026-01-01",
		"2026-01-0a", " 2026-01-01", "2026-01-01 " };
	int64_t days = 7;
	struct err e;

	(void)state;
	for (size_t i = 0; i < N(bad); i++)
		assert_int_equal(date_parse(str_from(bad[i]), &days, &e),
		    -ERR_INPUT);
	assert_int_equal(days, 7);
	assert_int_equal(date_parse(STR("2000-02-29"), &days, &e), 0);
	assert_int_equal(days, 11016);
}

/* RFC 3339, 5.8, and others. */
static const struct {
	const char *in;
	const char *out;
} instants[] = {
	{ "1985-04-12T23:20:50.52Z", "1985-04-12T23:20:50.520000Z" },
	{ "1996-12-19T16:39:57-08:00", "1996-12-20T00:39:57Z" },
	{ "1990-12-31T23:59:60Z", "1991-01-01T00:00:00Z" },
	{ "1990-12-31T15:59:60-08:00", "1991-01-01T00:00:00Z" },
	{ "1937-01-01T12:00:27.87+00:20", "1937-01-01T11:40:27.870000Z" },
	{ "2026-11-23t23:15:08z", "2026-11-23T23:15:08Z" },
	{ "2026-11-23T23:15:08-00:00", "2026-11-23T23:15:08Z" },
	{ "1969-12-31T23:59:59.999999999Z", "1969-12-31T23:59:59.999999Z" },
	{ "0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z" },
	{ "9999-12-31T23:59:59.999999Z", "9999-12-31T23:59:59.999999Z" },
	{ "2016-12-31T23:59:60.5Z", "2017-01-01T00:00:00Z" },
};

static void
test_instants(void **state)
{
	char out[TIME_SIZE];
	struct err e;
	int64_t us;

	(void)state;
	for (size_t i = 0; i < N(instants); i++) {
		assert_int_equal(time_parse(str_from(instants[i].in), &us, &e),
		    0);
		assert_string_equal(time_print(us, out), instants[i].out);
	}
	assert_int_equal(time_parse(STR("1970-01-01T00:00:01Z"), &us, &e), 0);
	assert_int_equal(us, 1000000);
	assert_string_equal(time_print(INT64_MIN, out), "0001-01-01T00:00:00Z");
	assert_string_equal(time_print(INT64_MAX, out),
	    "9999-12-31T23:59:59.999999Z");
}

static void
test_instants_bad(void **state)
{
	static const char *const bad[] = { "", "2026-11-23", "2026-11-23T23:15:08",
		"2026-11-23 23:15:08Z", "2026-11-23T24:00:00Z",
		"2026-11-23T23:60:00Z", "2026-11-23T23:15:61Z",
		"2026-11-23T23:15:60Z", "2026-12-31T23:59:60+01:00",
		"2026-12-30T23:59:60Z", "2026-11-23T23:15:08.Z",
		"2026-11-23T23:15:08.1234567890Z", "2026-11-23T23:15:08,5Z",
		"2026-11-23T23:15:08+0100", "2026-11-23T23:15:08+24:00",
		"2026-11-23T23:15:08+01:60", "2026-11-23T23:15:08+1:00",
		"2026-11-23T23:15:08ZZ", "2026-11-23T23:15Z",
		"2026-02-29T00:00:00Z", "2026-11-23T3:15:08Z",
		"2026-11-23T23-15:08Z", "9999-12-31T23:59:59-01:00",
		"0001-01-01T00:00:00+01:00", "0000-01-01T00:00:00Z",
		"2026-11-23T23:15:08 +01:00", "2026-11-23T-1:15:08Z.." };
	int64_t us = 5;
	struct err e = { 0 };

	(void)state;
	for (size_t i = 0; i < N(bad); i++)
		if (time_parse(str_from(bad[i]), &us, &e) != -ERR_INPUT)
			fail_msg("accepted %s", bad[i]);
	assert_int_equal(us, 5);
	assert_true(e.fix[0] != '\0');
}

static const struct zone *
load(struct arena *a, const char *name)
{
	const struct zone *z = NULL;
	struct err e = { 0 };

	if (zone_load(a, name, &z, &e) != 0)
		fail_msg("%s: %s", name, e.what);
	return (z);
}

static int64_t
at(const char *s)
{
	int64_t us;

	assert_int_equal(time_parse(str_from(s), &us, NULL), 0);
	return (us);
}

static const char *const zones[] = { "Europe/Berlin", "America/New_York",
	"Australia/Lord_Howe", "Asia/Kolkata", "Pacific/Apia", "Africa/Casablanca",
	"Europe/Dublin", "America/Nuuk", "Asia/Gaza", "America/Sao_Paulo",
	"Asia/Tehran", "Antarctica/Troll", "Pacific/Kiritimati", "Asia/Beirut",
	"Etc/GMT+12", "America/St_Johns", "Africa/Monrovia" };

/* Against the C library, which reads the same files its own way. */
static void
test_zones_agree(void **state)
{
	ARENA_SCOPED a = ARENA_INIT;

	(void)state;
	for (size_t i = 0; i < N(zones); i++) {
		const struct zone *z = load(&a, zones[i]);
		setenv("TZ", zones[i], 1);
		tzset();
		for (int64_t t = -3000000000; t < 5000000000; t += 86400 * 2 + 3607) {
			time_t tt = (time_t)t;
			struct civil c;
			struct tm tm;
			localtime_r(&tt, &tm);
			zone_fields(z, t * CLOCK_SECOND, &c);
			if (c.offset_s != tm.tm_gmtoff || c.hour != tm.tm_hour ||
			    c.minute != tm.tm_min || c.day != tm.tm_mday ||
			    c.month != tm.tm_mon + 1 ||
			    c.year != tm.tm_year + 1900 ||
			    c.dst != (tm.tm_isdst > 0) ||
			    strcmp(c.abbr, tm.tm_zone) != 0)
				fail_msg("%s at %lld: %d %s, not %ld %s",
				    zones[i], (long long)t, c.offset_s, c.abbr,
				    tm.tm_gmtoff, tm.tm_zone);
		}
	}
	unsetenv("TZ");
	tzset();
}

/* Of each day: it begins where the day before is over, and there is no
 * earlier instant that shows it. */
static void
test_day_starts(void **state)
{
	ARENA_SCOPED a = ARENA_INIT;

	(void)state;
	for (size_t i = 0; i < N(zones); i++) {
		const struct zone *z = load(&a, zones[i]);
		for (int64_t day = -30000; day < 40000; day++) {
			int64_t us = zone_day_start(z, day);
			int64_t shown = zone_day(z, us);
			if (zone_day(z, us - 1) >= day || shown < day ||
			    (shown > day && zone_day_start(z, day + 1) != us))
				fail_msg("%s day %lld", zones[i], (long long)day);
		}
	}
}

static void
test_gaps(void **state)
{
	ARENA_SCOPED a = ARENA_INIT;
	const struct zone *berlin = load(&a, "Europe/Berlin");
	int64_t spring = date_days(2026, 3, 29), fall = date_days(2026, 10, 25);
	int64_t half = CLOCK_HOUR / 2;

	(void)state;
	assert_int_equal(zone_day_start(berlin, spring),
	    at("2026-03-28T23:00:00Z"));
	assert_int_equal(zone_day_start(berlin, spring + 1),
	    at("2026-03-29T22:00:00Z"));
	/* 02:30 does not happen: 03:30 summer time */
	assert_int_equal(zone_instant(berlin, spring, 5 * half),
	    at("2026-03-29T01:30:00Z"));
	/* 02:30 happens twice: the first */
	assert_int_equal(zone_instant(berlin, fall, 5 * half),
	    at("2026-10-25T00:30:00Z"));
	assert_int_equal(zone_instant(berlin, fall, 6 * half + 1),
	    at("2026-10-25T02:00:00.000001Z"));
	/* midnight does not happen: the day begins at 01:00 */
	assert_int_equal(zone_day_start(load(&a, "America/Sao_Paulo"),
	    date_days(2018, 11, 4)), at("2018-11-04T03:00:00Z"));
	/* midnight happens twice: the day begins at the first */
	assert_int_equal(zone_day_start(load(&a, "America/Havana"),
	    date_days(2025, 11, 2)), at("2025-11-02T04:00:00Z"));
	/* the day does not happen */
	const struct zone *apia = load(&a, "Pacific/Apia");
	assert_int_equal(zone_day_start(apia, date_days(2011, 12, 30)),
	    at("2011-12-30T10:00:00Z"));
	assert_int_equal(zone_day_start(apia, date_days(2011, 12, 31)),
	    at("2011-12-30T10:00:00Z"));
	assert_int_equal(zone_day_start(apia, date_days(2011, 12, 29)),
	    at("2011-12-29T10:00:00Z"));
}

/* A file with no transitions and ${rule} as its footer. */
static const struct zone *
zone_of_rule(struct arena *a, const char *rule, int *ret)
{
	BUF_SCOPED b = BUF_INIT;
	const struct zone *z = NULL;
	struct err e = { 0 };

	for (int block = 0; block < 2; block++) {
		buf_put(&b, "TZif3", 5);
		buf_put(&b, "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 15);
		buf_put(&b, "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1\0\0\0\4", 24);
		buf_put(&b, "\0\0\0\0\0\0" "UTC", 10);
	}
	buf_printf(&b, "\n%s\n", rule);
	*ret = zone_parse(a, "rule", buf_str(&b), &z, &e);
	return (z);
}

static const struct {
	const char *rule;
	const char *at;
	int offset_s;
	const char *abbr;
} rules[] = {
	{ "HST10", "2030-06-01T00:00:00Z", -36000, "HST" },
	/* RFC 8536, B.3: Thursday at hour 26 is Friday, 02:00 */
	{ "IST-2IDT,M3.4.4/26,M10.5.0", "2019-03-28T23:59:59Z", 7200, "IST" },
	{ "IST-2IDT,M3.4.4/26,M10.5.0", "2019-03-29T00:00:00Z", 10800, "IDT" },
	{ "IST-2IDT,M3.4.4/26,M10.5.0", "2019-10-26T22:59:59Z", 10800, "IDT" },
	{ "IST-2IDT,M3.4.4/26,M10.5.0", "2019-10-26T23:00:00Z", 7200, "IST" },
	/* RFC 8536, 3.3.1: all year */
	{ "EST5EDT,0/0,J365/25", "2026-01-01T04:30:00Z", -14400, "EDT" },
	{ "EST5EDT,0/0,J365/25", "2026-01-01T05:00:00Z", -14400, "EDT" },
	{ "EST5EDT,0/0,J365/25", "2028-12-31T23:00:00Z", -14400, "EDT" },
	{ "EST5EDT,0/0,J365/25", "2028-02-29T12:00:00Z", -14400, "EDT" },
	/* hours below zero: Saturday, 22:00 */
	{ "<-03>3<-02>,M3.5.0/-2,M10.5.0/-1", "2022-03-27T00:59:59Z", -10800,
	    "-03" },
	{ "<-03>3<-02>,M3.5.0/-2,M10.5.0/-1", "2022-03-27T01:00:00Z", -7200,
	    "-02" },
	/* winter is the time that is "saved" */
	{ "IST-1GMT0,M10.5.0,M3.5.0/1", "2026-01-01T00:00:00Z", 0, "GMT" },
	{ "IST-1GMT0,M10.5.0,M3.5.0/1", "2026-07-01T00:00:00Z", 3600, "IST" },
	/* the south */
	{ "AEST-10AEDT,M10.1.0,M4.1.0/3", "2026-01-01T00:00:00Z", 39600, "AEDT" },
	/* J60 is March 1 in every year */
	{ "AAA0BBB,J60/0,J300/0", "2024-02-29T23:59:59Z", 0, "AAA" },
	{ "AAA0BBB,J60/0,J300/0", "2024-03-01T00:00:00Z", 3600, "BBB" },
	{ "AAA0BBB,59/0,300/0", "2024-02-29T00:00:00Z", 3600, "BBB" },
	{ "AAA1:30:15", "2024-02-29T00:00:00Z", -5415, "AAA" },
};

static void
test_rules(void **state)
{
	static const char *const bad[] = { "A", "AB1", "ABC", "ABC25", "ABC1:60",
		"ABC1DEF", "ABC1DEF,", "ABC1DEF,M1.1.1", "ABC1DEF,M1.1.1,",
		"ABC1DEF,M13.1.1,M1.1.1", "ABC1DEF,M1.6.1,M1.1.1",
		"ABC1DEF,M1.0.1,M1.1.1", "ABC1DEF,M1.1.7,M1.1.1",
		"ABC1DEF,J0,J1", "ABC1DEF,J366,J1", "ABC1DEF,366,1",
		"ABC1DEF,J1/168,J2", "ABC1DEF,J1,J2x", "<ABC1", "<A>1",
		"ABCDEFGHIJKLMNOPQ1", "\n" };
	ARENA_SCOPED a = ARENA_INIT;
	struct civil c;
	int r;

	(void)state;
	for (size_t i = 0; i < N(rules); i++) {
		const struct zone *z = zone_of_rule(&a, rules[i].rule, &r);
		assert_int_equal(r, 0);
		zone_fields(z, at(rules[i].at), &c);
		if (c.offset_s != rules[i].offset_s ||
		    strcmp(c.abbr, rules[i].abbr) != 0)
			fail_msg("%s at %s: %d %s", rules[i].rule, rules[i].at,
			    c.offset_s, c.abbr);
		for (int64_t day = 0; day < 30000; day++)
			(void)zone_day_start(z, day);
	}
	for (size_t i = 0; i < N(bad); i++) {
		(void)zone_of_rule(&a, bad[i], &r);
		if (r != -ERR_INPUT)
			fail_msg("accepted %s", bad[i]);
	}
}

static void
test_zone_bad(void **state)
{
	static const char *const bad[] = { "", "Nowhere/Land", "../../../etc/passwd",
		"/etc/passwd", "Europe", "Europe/", "Europe//Berlin", "zone.tab",
		"right/UTC", "Europe/Ber lin", "CET\n" };
	ARENA_SCOPED a = ARENA_INIT;
	const struct zone *z = NULL;
	struct err e = { 0 };

	(void)state;
	for (size_t i = 0; i < N(bad); i++)
		if (zone_load(&a, bad[i], &z, &e) == 0)
			fail_msg("loaded %s", bad[i]);
	assert_null(z);
	/* every prefix of a file, and every byte of its head changed */
	FILE *f = fopen("/usr/share/zoneinfo/Europe/Dublin", "r");
	char bytes[8192];
	size_t n = fread(bytes, 1, sizeof(bytes), f);
	fclose(f);
	for (size_t i = 0; i < n; i++)
		if (zone_parse(&a, "t", (struct str){ bytes, i }, &z, &e) == 0)
			fail_msg("accepted the first %zu bytes", i);
	for (size_t i = 0; i < n; i++) {
		bytes[i] ^= 0x55;
		if (zone_parse(&a, "t", (struct str){ bytes, n }, &z, &e) == 0)
			(void)zone_day_start(z, 20000);
		bytes[i] ^= 0x55;
	}
}

static void
test_period(void **state)
{
	static const char *const bad[] = { "", "2026-01-01", "2026-01-01..",
		"2026-01-01...2026-01-02", "2026-01-02..2026-01-01",
		"2026-01-01..2026-02-30", "2026-01-01.-2026-02-03",
		"..2026-01-01..2026-01-" };
	ARENA_SCOPED a = ARENA_INIT;
	const struct zone *z = load(&a, "Europe/Berlin");
	struct period p = { 0 };
	struct err e;
	int64_t us;

	(void)state;
	assert_int_equal(period_parse(z, STR("2026-01-01..2026-03-31"), &p, &e),
	    0);
	assert_int_equal(p.from_us, at("2025-12-31T23:00:00Z"));
	assert_int_equal(p.to_us, at("2026-03-31T22:00:00Z"));
	assert_int_equal(p.last_day - p.first_day, 89);
	assert_int_equal(period_parse(z, STR("2026-03-29..2026-03-29"), &p, &e),
	    0);
	assert_int_equal(p.to_us - p.from_us, 23 * CLOCK_HOUR);
	for (size_t i = 0; i < N(bad); i++)
		assert_int_equal(period_parse(z, str_from(bad[i]), &p, &e),
		    -ERR_INPUT);
	assert_int_equal(time_parse_as_of(z, STR("2026-03-31"), &us, &e), 0);
	assert_int_equal(us, at("2026-03-31T21:59:59.999999Z"));
	assert_int_equal(time_parse_as_of(z, STR("2026-03-31T00:00:00Z"), &us,
	    &e), 0);
	assert_int_equal(us, at("2026-03-31T00:00:00Z"));
	assert_int_equal(time_parse_as_of(z, STR("yesterday"), &us, &e),
	    -ERR_INPUT);
}

static void
test_print_zone(void **state)
{
	ARENA_SCOPED a = ARENA_INIT;
	char out[TIME_SIZE];
	int64_t us = at("2026-07-01T12:00:00.25Z");

	(void)state;
	assert_string_equal(time_print_zone(load(&a, "Europe/Berlin"), us, out),
	    "2026-07-01 14:00:00 CEST");
	assert_string_equal(time_print_zone(zone_utc(), us, out),
	    "2026-07-01 12:00:00 UTC");
	assert_string_equal(time_print_zone(zone_utc(), -1, out),
	    "1969-12-31 23:59:59 UTC");
	assert_string_equal(time_print_offset(load(&a, "America/St_Johns"), us,
	    out), "2026-07-01T09:30:00.250000-02:30");
	/* an offset with seconds has no such form */
	assert_string_equal(time_print_offset(load(&a, "Africa/Monrovia"),
	    at("1950-01-01T00:00:00Z"), out), "1950-01-01T00:00:00Z");
}

static void
test_span(void **state)
{
	static const struct {
		int64_t us;
		const char *text;
	} spans[] = {
		{ 0, "0 s" },
		{ 3 * CLOCK_DAY + 4 * CLOCK_HOUR + 59 * 60 * CLOCK_SECOND, "3 d 4 h" },
		{ 3 * CLOCK_DAY + 59 * 60 * CLOCK_SECOND, "3 d" },
		{ 400 * CLOCK_DAY, "400 d" },
		{ CLOCK_HOUR + 60 * CLOCK_SECOND, "1 h 1 min" },
		{ 5 * 60 * CLOCK_SECOND, "5 min" },
		{ 1250000, "1.250 s" },
		{ 2000000, "2 s" },
		{ 12345, "12 ms" },
		{ 7, "7 us" },
		{ -2 * CLOCK_DAY, "-2 d" },
		{ INT64_MIN, "-106751991 d 4 h" },
	};
	static const char *const bad[] = { "", " ", "3", "d", "3 x", "3 h 4 d",
		"3 d 3 d", "-3 d", "3.5 d", "9999999999999 w", "3 d 4", "3d,4h" };
	char out[TIME_SIZE];
	struct err e;
	int64_t us = 9;

	(void)state;
	for (size_t i = 0; i < N(spans); i++)
		assert_string_equal(time_span(spans[i].us, out), spans[i].text);
	for (size_t i = 0; i < N(bad); i++)
		assert_int_equal(time_parse_span(str_from(bad[i]), &us, &e),
		    -ERR_INPUT);
	assert_int_equal(us, 9);
	assert_int_equal(time_parse_span(STR("3d4h"), &us, &e), 0);
	assert_int_equal(us, 3 * CLOCK_DAY + 4 * CLOCK_HOUR);
	assert_int_equal(time_parse_span(STR(" 2 w 1 d 30 min 5 s "), &us, &e), 0);
	assert_int_equal(us, 15 * CLOCK_DAY + 1805 * CLOCK_SECOND);
	assert_int_equal(time_parse_span(STR("90 days"), &us, &e), 0);
	assert_int_equal(us, 90 * CLOCK_DAY);
	assert_int_equal(time_parse_span(STR("15m"), &us, &e), 0);
	assert_int_equal(us, 900 * CLOCK_SECOND);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_date),
		cmocka_unit_test(test_date_parse),
		cmocka_unit_test(test_instants),
		cmocka_unit_test(test_instants_bad),
		cmocka_unit_test(test_zones_agree),
		cmocka_unit_test(test_day_starts),
		cmocka_unit_test(test_gaps),
		cmocka_unit_test(test_rules),
		cmocka_unit_test(test_zone_bad),
		cmocka_unit_test(test_period),
		cmocka_unit_test(test_print_zone),
		cmocka_unit_test(test_span),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
