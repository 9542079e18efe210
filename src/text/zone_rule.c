#include "text/zone_rule.h"

#include "text/date.h"

#define DAY_S 86400

/* A decimal number of at most three digits at *s; false if none is there. */
static bool
number(struct str *s, int lowest, int highest, int *ret)
{
	int v = 0;
	size_t n = 0;

	while (n < s->len && n < 3 && s->ptr[n] >= '0' && s->ptr[n] <= '9')
		v = v * 10 + (s->ptr[n++] - '0');
	if (n == 0 || v < lowest || v > highest)
		return (false);
	s->ptr += n;
	s->len -= n;
	*ret = v;
	return (true);
}

static bool
take(struct str *s, char c)
{
	if (s->len == 0 || s->ptr[0] != c)
		return (false);
	s->ptr++;
	s->len--;
	return (true);
}

static bool
letter(char c)
{
	return ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'));
}

/* "CET" or "<+03>". */
static bool
name(struct str *s, char out[16])
{
	bool quoted = take(s, '<');
	size_t n = 0;

	while (n < s->len && (letter(s->ptr[n]) || (quoted &&
		   strchr("0123456789+-", s->ptr[n]) != NULL && s->ptr[n] != 0)))
		n++;
	if (n < 3 || n > 15)
		return (false);
	memcpy(out, s->ptr, n);
	out[n] = '\0';
	s->ptr += n;
	s->len -= n;
	return (!quoted || take(s, '>'));
}

/* [+-]hh[:mm[:ss]] */
static bool
clock_time(struct str *s, int max_hours, int32_t *ret)
{
	bool minus = take(s, '-');
	int h, m = 0, sec = 0;

	if (!minus)
		(void)take(s, '+');
	if (!number(s, 0, max_hours, &h))
		return (false);
	if (take(s, ':')) {
		if (!number(s, 0, 59, &m))
			return (false);
		if (take(s, ':') && !number(s, 0, 59, &sec))
			return (false);
	}
	*ret = (h * 3600 + m * 60 + sec) * (minus ? -1 : 1);
	return (true);
}

static bool
date(struct str *s, struct zone_date *d)
{
	bool ok;

	d->time_s = 2 * 3600;
	if (take(s, 'M')) {
		d->kind = 'M';
		ok = number(s, 1, 12, &d->month) && take(s, '.') &&
		    number(s, 1, 5, &d->week) && take(s, '.') &&
		    number(s, 0, 6, &d->day);
	} else if (take(s, 'J')) {
		d->kind = 'J';
		ok = number(s, 1, 365, &d->day);
	} else {
		d->kind = 'N';
		ok = number(s, 0, 365, &d->day);
	}
	return (ok && (!take(s, '/') || clock_time(s, 167, &d->time_s)));
}

bool
zone_rule_parse(struct str s, struct zone_rule *ret)
{
	struct zone_rule r = { 0 };

	if (s.len == 0) {
		*ret = r;
		return (true);
	}
	if (!name(&s, r.std.abbr) || !clock_time(&s, 24, &r.std.offset_s))
		return (false);
	/* POSIX counts west of Greenwich. */
	r.std.offset_s = -r.std.offset_s;
	r.present = true;
	if (s.len != 0) {
		if (!name(&s, r.dst.abbr))
			return (false);
		r.changes = true;
		r.dst.dst = true;
		r.dst.offset_s = r.std.offset_s + 3600;
		if (s.len != 0 && s.ptr[0] != ',') {
			if (!clock_time(&s, 24, &r.dst.offset_s))
				return (false);
			r.dst.offset_s = -r.dst.offset_s;
		}
		if (!take(&s, ',') || !date(&s, &r.start) || !take(&s, ',') ||
		    !date(&s, &r.end))
			return (false);
	}
	if (s.len != 0)
		return (false);
	*ret = r;
	return (true);
}

static int64_t
day_of(const struct zone_date *d, int64_t year)
{
	int64_t first = date_days((int)year, 1, 1);

	if (d->kind == 'N')
		return (first + d->day);
	if (d->kind == 'J') {
		bool leap = date_month_days((int)year, 2) == 29;
		return (first + d->day - 1 + (leap && d->day >= 60));
	}
	first = date_days((int)year, d->month, 1);
	int weekday = date_weekday(first) % 7;
	int64_t day = (d->day - weekday + 7) % 7 + (d->week - 1) * 7;
	while (day >= date_month_days((int)year, d->month))
		day -= 7;
	return (first + day);
}

void
zone_rule_year(const struct zone_rule *r, int64_t year, int64_t at[2],
    const struct zone_type *type[2])
{
	int64_t start = day_of(&r->start, year) * DAY_S + r->start.time_s -
	    r->std.offset_s;
	int64_t end = day_of(&r->end, year) * DAY_S + r->end.time_s -
	    r->dst.offset_s;
	int s = start <= end ? 0 : 1;

	at[s] = start;
	type[s] = &r->dst;
	at[1 - s] = end;
	type[1 - s] = &r->std;
}

static int64_t
year_of(int64_t t)
{
	int y, m, d;

	date_civil((t >= 0 ? t : t - DAY_S + 1) / DAY_S, &y, &m, &d);
	return (y);
}

const struct zone_type *
zone_rule_at(const struct zone_rule *r, int64_t t)
{
	const struct zone_type *type[2], *found = &r->std;
	int64_t at[2], best = INT64_MIN, year = year_of(t);

	if (!r->changes)
		return (&r->std);
	/* Where one year's end is the next year's start, the start wins: such a
	 * rule says that daylight saving time never ends (RFC 8536, 3.3.1). */
	for (int64_t y = year - 1; y <= year + 1; y++) {
		zone_rule_year(r, y, at, type);
		for (int i = 0; i < 2; i++)
			if (at[i] <= t && (at[i] > best ||
			    (at[i] == best && type[i]->dst))) {
				best = at[i];
				found = type[i];
			}
	}
	return (found);
}

int64_t
zone_rule_next(const struct zone_rule *r, int64_t t)
{
	const struct zone_type *type[2];
	int64_t at[2], best = INT64_MAX, year = year_of(t);

	if (!r->changes)
		return (INT64_MAX);
	for (int64_t y = year - 1; y <= year + 2; y++) {
		zone_rule_year(r, y, at, type);
		for (int i = 0; i < 2; i++)
			if (at[i] > t && at[i] < best)
				best = at[i];
	}
	return (best);
}
