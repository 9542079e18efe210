#include "text/timefmt.h"

/* ---- reading ---- */

static int
refuse(struct str s, struct err *e, const char *why)
{
	return (err_set(e, ERR_INPUT, NULL,
	    "write it as 2026-01-31T12:00:00Z or with an offset like +01:00",
	    "\"" STR_FMT "\" is not an instant, %s", STR_ARG(s), why));
}

/* ${n} digits at *at; -1 if they are not there. */
static int
digits(struct str s, size_t *at, size_t n)
{
	int v = 0;

	if (s.len - *at < n)
		return (-1);
	for (size_t i = 0; i < n; i++) {
		char c = s.ptr[*at + i];
		if (c < '0' || c > '9')
			return (-1);
		v = v * 10 + (c - '0');
	}
	*at += n;
	return (v);
}

static bool
mark(struct str s, size_t *at, char c)
{
	if (*at >= s.len || s.ptr[*at] != c)
		return (false);
	++*at;
	return (true);
}

/* ".25" at *at, if any, in microseconds; -1 if it is malformed. */
static int
fraction(struct str s, size_t *at)
{
	int micro = 0, n = 0;

	if (!mark(s, at, '.'))
		return (0);
	for (; *at < s.len && s.ptr[*at] >= '0' && s.ptr[*at] <= '9'; ++*at, n++)
		if (n < 6)
			micro = micro * 10 + (s.ptr[*at] - '0');
	if (n == 0 || n > 9)
		return (-1);
	for (; n < 6; n++)
		micro *= 10;
	return (micro);
}

/* "Z" or "+hh:mm" at *at, in seconds. */
static bool
offset(struct str s, size_t *at, int *ret)
{
	if (mark(s, at, 'Z') || mark(s, at, 'z')) {
		*ret = 0;
		return (true);
	}
	bool minus = mark(s, at, '-');
	if (!minus && !mark(s, at, '+'))
		return (false);
	int h = digits(s, at, 2);
	if (!mark(s, at, ':'))
		return (false);
	int m = digits(s, at, 2);
	if (h < 0 || h > 23 || m < 0 || m > 59)
		return (false);
	*ret = (h * 60 + m) * 60 * (minus ? -1 : 1);
	return (true);
}

/* A leap second is inserted at the end of a month of UTC, nowhere else. */
static bool
month_begins(int64_t us)
{
	int y, m, d;

	if (us % CLOCK_DAY != 0)
		return (false);
	date_civil(us / CLOCK_DAY, &y, &m, &d);
	return (d == 1);
}

int
time_parse(struct str s, int64_t *ret_us, struct err *e)
{
	int64_t day;
	size_t at = 10;
	int off;

	if (s.len < 20 || s.len > 64)
		return (refuse(s, e, "its length is wrong"));
	if (date_parse((struct str){ s.ptr, 10 }, &day, NULL) != 0)
		return (refuse(s, e, "its date is wrong"));
	if (!mark(s, &at, 'T') && !mark(s, &at, 't'))
		return (refuse(s, e, "a T must stand after the date"));
	int h = digits(s, &at, 2);
	bool ok = mark(s, &at, ':');
	int m = digits(s, &at, 2);
	ok = mark(s, &at, ':') && ok;
	int sec = digits(s, &at, 2);
	if (!ok || h < 0 || h > 23 || m < 0 || m > 59 || sec < 0 || sec > 60)
		return (refuse(s, e, "its time of day is wrong"));
	int micro = fraction(s, &at);
	if (micro < 0)
		return (refuse(s, e, "its fraction of a second is wrong"));
	if (!offset(s, &at, &off))
		return (refuse(s, e, "it needs Z or an offset at its end"));
	if (at != s.len)
		return (refuse(s, e, "something follows its end"));
	int64_t us = day * CLOCK_DAY +
	    (h * INT64_C(3600) + m * 60 + sec - off) * CLOCK_SECOND;
	if (sec == 60 && !month_begins(us))
		return (refuse(s, e, "there is no leap second at that time"));
	us += sec == 60 ? 0 : micro;
	if (us < TIME_MIN || us > TIME_MAX)
		return (refuse(s, e, "it lies beyond the years 1 to 9999"));
	*ret_us = us;
	return (0);
}

int
time_parse_as_of(const struct zone *z, struct str s, int64_t *ret_us,
    struct err *e)
{
	int64_t day;

	if (s.len != 10)
		return (time_parse(s, ret_us, e));
	int r = date_parse(s, &day, e);
	if (r != 0)
		return (r);
	*ret_us = zone_day_start(z, day + 1) - 1;
	return (0);
}

/* ---- printing ---- */

static int64_t
clamp(int64_t us)
{
	return (us < TIME_MIN ? TIME_MIN : us > TIME_MAX ? TIME_MAX : us);
}

/* "2026-11-23T23:15:08" and six digits more if there are any. */
static size_t
print_civil(const struct civil *c, char between, char out[TIME_SIZE])
{
	int n = snprintf(out, TIME_SIZE, "%04u-%02u-%02u%c%02u:%02u:%02u",
	    (unsigned)c->year % 10000, (unsigned)c->month % 100,
	    (unsigned)c->day % 100, between, (unsigned)c->hour % 100,
	    (unsigned)c->minute % 100, (unsigned)c->second % 100);

	if (c->micro != 0)
		n += snprintf(out + n, TIME_SIZE - (size_t)n, ".%06u",
		    (unsigned)c->micro % 1000000);
	return ((size_t)n);
}

const char *
time_print(int64_t us, char out[TIME_SIZE])
{
	struct civil c;

	zone_fields(zone_utc(), clamp(us), &c);
	size_t n = print_civil(&c, 'T', out);
	out[n] = 'Z';
	out[n + 1] = '\0';
	return (out);
}

const char *
time_print_zone(const struct zone *z, int64_t us, char out[TIME_SIZE])
{
	struct civil c;

	us = clamp(us);
	zone_fields(z, us - (us % CLOCK_SECOND + CLOCK_SECOND) % CLOCK_SECOND,
	    &c);
	size_t n = print_civil(&c, ' ', out);
	snprintf(out + n, TIME_SIZE - n, " %s", c.abbr);
	return (out);
}

const char *
time_print_offset(const struct zone *z, int64_t us, char out[TIME_SIZE])
{
	struct civil c;

	zone_fields(z, clamp(us), &c);
	size_t n = print_civil(&c, 'T', out);
	/* RFC 3339 has no seconds of an offset; none since 1972 has any. */
	if (c.offset_s % 60 != 0)
		return (time_print(us, out));
	unsigned off = (unsigned)abs(c.offset_s) / 60;
	snprintf(out + n, TIME_SIZE - n, "%c%02u:%02u",
	    c.offset_s < 0 ? '-' : '+', off / 60 % 100, off % 60);
	return (out);
}

/* ---- periods ---- */

void
period_of(const struct zone *z, int64_t first_day, int64_t last_day,
    struct period *ret)
{
	*ret = (struct period){
		.first_day = first_day,
		.last_day = last_day,
		.from_us = zone_day_start(z, first_day),
		.to_us = zone_day_start(z, last_day + 1),
	};
}

int
period_parse(const struct zone *z, struct str s, struct period *ret,
    struct err *e)
{
	int64_t first, last;
	int r;

	if (s.len != 22 || memcmp(s.ptr + 10, "..", 2) != 0)
		return (err_set(e, ERR_INPUT, NULL,
		    "write it as 2026-01-01..2026-03-31, both days included",
		    "\"" STR_FMT "\" is not a period", STR_ARG(s)));
	if ((r = date_parse((struct str){ s.ptr, 10 }, &first, e)) != 0 ||
	    (r = date_parse((struct str){ s.ptr + 12, 10 }, &last, e)) != 0)
		return (r);
	if (last < first)
		return (err_set(e, ERR_INPUT, NULL, "put the earlier date first",
		    "the period " STR_FMT " ends before it begins", STR_ARG(s)));
	period_of(z, first, last, ret);
	return (0);
}

/* ---- durations ---- */

static const struct {
	const char *name;
	const char *other; /* accepted when reading */
	int64_t us;
} units[] = {
	{ "w", "weeks", 7 * CLOCK_DAY },
	{ "d", "days", CLOCK_DAY },
	{ "h", "hours", CLOCK_HOUR },
	{ "min", "m", 60 * CLOCK_SECOND },
	{ "s", "sec", CLOCK_SECOND },
	{ "ms", "ms", 1000 },
	{ "us", "us", 1 },
};

#define NUNITS (sizeof(units) / sizeof(*units))

const char *
time_span(int64_t us, char out[TIME_SIZE])
{
	const char *sign = us < 0 ? "-" : "";
	uint64_t u = us < 0 ? 0 - (uint64_t)us : (uint64_t)us;
	size_t i = 1; /* weeks are not printed: "10 d" is as clear */

	if (u == 0) {
		snprintf(out, TIME_SIZE, "0 s");
		return (out);
	}
	while (u < (uint64_t)units[i].us)
		i++;
	uint64_t unit = (uint64_t)units[i].us, rest = u % unit;
	int n = snprintf(out, TIME_SIZE, "%s%llu", sign,
	    (unsigned long long)(u / unit));
	if (unit == CLOCK_SECOND && rest >= 1000)
		n += snprintf(out + n, TIME_SIZE - (size_t)n, ".%03llu",
		    (unsigned long long)rest / 1000);
	n += snprintf(out + n, TIME_SIZE - (size_t)n, " %s", units[i].name);
	if (unit > CLOCK_SECOND && rest >= (uint64_t)units[i + 1].us)
		snprintf(out + n, TIME_SIZE - (size_t)n, " %llu %s",
		    (unsigned long long)(rest / (uint64_t)units[i + 1].us),
		    units[i + 1].name);
	return (out);
}

/* A unit after the number, one below ${from} in the table; -1 if it is none. */
static int
unit_at(struct str word, int from)
{
	for (size_t i = (size_t)from; i < NUNITS; i++)
		if (str_is(word, units[i].name) || str_is(word, units[i].other))
			return ((int)i);
	return (-1);
}

int
time_parse_span(struct str s, int64_t *ret_us, struct err *e)
{
	struct str rest = str_trim(s);
	int64_t total = 0, n, part;
	int unit = -1;

	while (rest.len > 0) {
		size_t d = 0, w;
		while (d < rest.len && rest.ptr[d] >= '0' && rest.ptr[d] <= '9')
			d++;
		struct str number = { rest.ptr, d };
		while (d < rest.len && rest.ptr[d] == ' ')
			d++;
		for (w = d; w < rest.len && rest.ptr[w] >= 'a' &&
		     rest.ptr[w] <= 'z';)
			w++;
		unit = unit_at((struct str){ rest.ptr + d, w - d }, unit + 1);
		if (unit < 0 || !str_to_i64(number, &n) ||
		    __builtin_mul_overflow(n, units[unit].us, &part) ||
		    __builtin_add_overflow(total, part, &total))
			break;
		rest = str_trim((struct str){ rest.ptr + w, rest.len - w });
	}
	if (rest.len != 0 || unit < 0)
		return (err_set(e, ERR_INPUT, NULL,
		    "write it as 90 d, 3 d 4 h or 15 min",
		    "\"" STR_FMT "\" is not a duration", STR_ARG(s)));
	*ret_us = total;
	return (0);
}
