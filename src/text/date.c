#include "text/date.h"

static bool
leap(int year)
{
	return (year % 4 == 0 && (year % 100 != 0 || year % 400 == 0));
}

int
date_month_days(int year, int month)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30,
		31 };

	return (month == 2 && leap(year) ? 29 : days[month - 1]);
}

bool
date_valid(int year, int month, int day)
{
	return (year >= 1 && year <= 9999 && month >= 1 && month <= 12 &&
	    day >= 1 && day <= date_month_days(year, month));
}

/*
 * Years begin in March here, so that the leap day is a year's last and the
 * months before a date have 153 days in five: (153 * m + 2) / 5. Eras are the
 * 146,097 days of 400 years; day 719,468 of them is 1970-01-01.
 */
int64_t
date_days(int year, int month, int day)
{
	int64_t y = year - (month <= 2);
	int64_t era = (y >= 0 ? y : y - 399) / 400;
	int64_t of_era = y - era * 400;
	int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;

	return (era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 +
	    of_year - 719468);
}

void
date_civil(int64_t days, int *year, int *month, int *day)
{
	int64_t z = days + 719468;
	int64_t era = (z >= 0 ? z : z - 146096) / 146097;
	int64_t of_era = z - era * 146097;
	int64_t y = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) /
	    365;
	int64_t of_year = of_era - (365 * y + y / 4 - y / 100);
	int64_t m = (5 * of_year + 2) / 153;

	*day = (int)(of_year - (153 * m + 2) / 5 + 1);
	*month = (int)(m < 10 ? m + 3 : m - 9);
	*year = (int)(y + era * 400 + (*month <= 2));
}

int
date_weekday(int64_t days)
{
	/* Day 0 was a Thursday. */
	int64_t w = (days + 3) % 7;

	return ((int)(w < 0 ? w + 7 : w) + 1);
}

static bool
fixed(struct str s, size_t at, size_t n, int *ret)
{
	int v = 0;

	for (size_t i = at; i < at + n; i++) {
		if (s.ptr[i] < '0' || s.ptr[i] > '9')
			return (false);
		v = v * 10 + (s.ptr[i] - '0');
	}
	*ret = v;
	return (true);
}

int
date_parse(struct str s, int64_t *ret_days, struct err *e)
{
	int y, m, d;

	if (s.len != 10 || s.ptr[4] != '-' || s.ptr[7] != '-' ||
	    !fixed(s, 0, 4, &y) || !fixed(s, 5, 2, &m) || !fixed(s, 8, 2, &d))
		return (err_set(e, ERR_INPUT, NULL, "write it as 2026-01-31",
		    "\"" STR_FMT "\" is not a date", STR_ARG(s)));
	if (!date_valid(y, m, d))
		return (err_set(e, ERR_INPUT, NULL, "give a day that exists",
		    "there is no day \"" STR_FMT "\" in the calendar",
		    STR_ARG(s)));
	*ret_days = date_days(y, m, d);
	return (0);
}

const char *
date_print(int64_t days, char out[DATE_SIZE])
{
	int y, m, d;

	days = days < DATE_MIN ? DATE_MIN : days > DATE_MAX ? DATE_MAX : days;
	date_civil(days, &y, &m, &d);
	/* The ranges, for the compiler. */
	snprintf(out, DATE_SIZE, "%04u-%02u-%02u", (unsigned)y % 10000,
	    (unsigned)m % 100, (unsigned)d % 100);
	return (out);
}

int64_t
date_add_months(int64_t days, int months)
{
	int y, m, d;

	date_civil(days, &y, &m, &d);
	int64_t count = (int64_t)y * 12 + (m - 1) + months;
	y = (int)(count / 12);
	m = (int)(count % 12) + 1;
	if (y < 1)
		return (DATE_MIN);
	if (y > 9999)
		return (DATE_MAX);
	int last = date_month_days(y, m);
	return (date_days(y, m, d < last ? d : last));
}
