/* Instants, dates, periods, durations, URLs: what is read prints and reads back
 * as itself. */
#include "text/timefmt.h"
#include "text/url.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	ARENA_SCOPED a = ARENA_INIT;
	BUF_SCOPED b = BUF_INIT;
	struct str s = { size != 0 ? (const char *)data : "", size };
	char out[TIME_SIZE], day[DATE_SIZE];
	int64_t us, again;
	struct period p;
	struct url u;
	struct str host;
	int port;

	if (time_parse(s, &us, NULL) == 0 &&
	    (time_parse(str_from(time_print(us, out)), &again, NULL) != 0 ||
		us != again))
		BUG("%s", out);
	if (date_parse(s, &us, NULL) == 0 && !str_is(s, date_print(us, day)))
		BUG("%s", day);
	if (period_parse(zone_utc(), s, &p, NULL) == 0 &&
	    (p.to_us - p.from_us) / CLOCK_DAY != p.last_day - p.first_day + 1)
		BUG("period " STR_FMT, STR_ARG(s));
	if (time_parse_span(s, &us, NULL) == 0)
		(void)time_span(us, out);
	if (size >= 8) {
		memcpy(&us, data, 8);
		(void)time_span(us, out);
		(void)time_print(us, out);
	}
	if (url_parse(&a, s, &u, NULL) == 0 && !url_link_ok(s) &&
	    (str_is(u.scheme, "http") || str_is(u.scheme, "https")))
		BUG("URL " STR_FMT, STR_ARG(s));
	(void)url_endpoint(&a, s, 1, &host, &port, NULL);
	url_encode(&b, s);
	BUF_SCOPED c = BUF_INIT;
	if (!url_decode(&c, buf_str(&b), false) || !str_eq(buf_str(&c), s))
		BUG("percent codec");
	(void)url_decode(&c, s, true);
	return (0);
}
