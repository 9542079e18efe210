/*
 * TZif files and POSIX rules: whatever is accepted gives every instant fields,
 * and every civil day a beginning that lies on it or after it, in order.
 */
#include "text/timefmt.h"
#include "text/zone_rule.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
use(const struct zone *z)
{
	static const int64_t instants[] = { INT64_MIN, TIME_MIN, -1, 0,
		1800000000000000, TIME_MAX, INT64_MAX };
	struct civil c;
	char out[TIME_SIZE];

	for (size_t i = 0; i < sizeof(instants) / sizeof(*instants); i++) {
		zone_fields(z, instants[i], &c);
		if (c.month < 1 || c.month > 12 || c.hour < 0 || c.hour > 23)
			BUG("fields");
		(void)time_print_zone(z, instants[i], out);
		(void)time_print_offset(z, instants[i], out);
	}
	for (int64_t day = -40000; day < 60000; day += 997) {
		int64_t us = zone_day_start(z, day);
		if (zone_day(z, us) < day)
			BUG("day %lld begins before itself", (long long)day);
		us = zone_instant(z, day, 5 * CLOCK_HOUR / 2);
		(void)zone_day(z, us);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	ARENA_SCOPED a = ARENA_INIT;
	struct str s = { size != 0 ? (const char *)data : "", size };
	const struct zone *z;
	struct zone_rule r;

	if (zone_parse(&a, "t", s, &z, NULL) == 0)
		use(z);
	if (zone_rule_parse(s, &r) && r.present)
		for (int64_t t = -4000000000; t < 8000000000; t += 86400 * 911) {
			(void)zone_rule_at(&r, t);
			if (zone_rule_next(&r, t) <= t)
				BUG("the next transition is in the past");
		}
	return (0);
}
