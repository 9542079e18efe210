/*
 * Instants as text. An instant is microseconds UTC since 1970-01-01; leap
 * seconds do not count. Years 1 to 9999.
 */
#ifndef TEXT_TIMEFMT_H
#define TEXT_TIMEFMT_H

#include "base/clock.h"
#include "base/err.h"
#include "text/date.h"
#include "text/zone.h"

#define TIME_SIZE 40 /* of any printed instant or duration with its NUL */
#define TIME_MIN (DATE_MIN * CLOCK_DAY)
#define TIME_MAX ((DATE_MAX + 1) * CLOCK_DAY - 1)

/*
 * time_parse(s, us, e): RFC 3339 date-time, strict: "T" and an offset are
 * needed ("Z", "+01:00"; "-00:00" counts as UTC), "t" and "z" are accepted,
 * one to nine digits of a fraction, of which what is below a microsecond is
 * dropped. A leap second (23:59:60 UTC at the end of a month) is the instant
 * that follows it.
 */
int time_parse(struct str s, int64_t *ret_us, struct err *e);

/* time_print(us, out): "2026-11-23T23:15:08Z", with six digits of a fraction
 * if it has one. Returns ${out}. What is beyond the years is clamped. */
const char *time_print(int64_t us, char out[TIME_SIZE]);
/* time_print_zone(z, us, out): "2026-11-23 23:15:08 CET", for people. */
const char *time_print_zone(const struct zone *z, int64_t us,
    char out[TIME_SIZE]);
/* time_print_offset(z, us, out): RFC 3339 with the zone's offset. */
const char *time_print_offset(const struct zone *z, int64_t us,
    char out[TIME_SIZE]);

/*
 * time_parse_as_of(z, s, us, e): an instant, or a date, which means the end of
 * that civil day in ${z} (the microsecond before the next day starts).
 */
int time_parse_as_of(const struct zone *z, struct str s, int64_t *ret_us,
    struct err *e);

/*
 * A period: two inclusive civil dates in a zone, and the half-open interval of
 * instants [from_us, to_us) that they are.
 */
struct period {
	int64_t first_day, last_day;
	int64_t from_us, to_us;
};

/* period_parse(z, "2026-01-01..2026-03-31", ret, e) */
int period_parse(const struct zone *z, struct str s, struct period *ret,
    struct err *e);
void period_of(const struct zone *z, int64_t first_day, int64_t last_day,
    struct period *ret);

/* time_span(us, out): a duration for people in its two largest units: "3 d
 * 4 h", "5 min", "1.250 s", "-2 d". Rounded towards zero. Returns ${out}. */
const char *time_span(int64_t us, char out[TIME_SIZE]);
/* time_parse_span("3d 4h", us, e): units w d h min (or m) s ms us, in falling
 * order, each once, spaces allowed; not negative. */
int time_parse_span(struct str s, int64_t *ret_us, struct err *e);

#endif
