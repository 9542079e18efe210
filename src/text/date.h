/*
 * Civil dates of the proleptic Gregorian calendar, years 1 to 9999. A day is
 * counted from 1970-01-01 (day 0). Written YYYY-MM-DD only.
 */
#ifndef TEXT_DATE_H
#define TEXT_DATE_H

#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

#define DATE_SIZE 11 /* of a printed date with its NUL */
#define DATE_MIN INT64_C(-719162) /* 0001-01-01 */
#define DATE_MAX INT64_C(2932896) /* 9999-12-31 */

bool date_valid(int year, int month, int day);
/* date_days(y, m, d): must be valid. */
int64_t date_days(int year, int month, int day);
void date_civil(int64_t days, int *year, int *month, int *day);
int date_weekday(int64_t days); /* 1 Monday .. 7 Sunday */
int date_month_days(int year, int month);
/* date_parse(s, days, e): strict. ERR_INPUT names what is wrong. */
int date_parse(struct str s, int64_t *ret_days, struct err *e);
/* date_print(days, out): within DATE_MIN..DATE_MAX. Returns ${out}. */
const char *date_print(int64_t days, char out[DATE_SIZE]);
/* date_add_months(days, n): the same day of the month, or its last day. */
int64_t date_add_months(int64_t days, int months);

#endif
