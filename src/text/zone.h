/*
 * IANA time zones, read from /usr/share/zoneinfo by our own reader of TZif
 * (RFC 8536, versions 1 to 4 with the footer's POSIX rule). The environment's
 * TZ has no say. Instants are microseconds UTC.
 */
#ifndef TEXT_ZONE_H
#define TEXT_ZONE_H

#include "base/arena.h"
#include "base/err.h"

#define ZONE_MAX_BYTES ((size_t)1 << 20)

struct zone;

/* Fields of an instant in a zone. */
struct civil {
	int year, month, day;
	int hour, minute, second;
	int micro;
	int offset_s;     /* east of UTC */
	bool dst;
	char abbr[16];    /* "CET" */
};

/*
 * zone_load(a, name, ret, e): "Europe/Berlin", "UTC" (needs no file). ERR_INPUT
 * for a name that no zone has, ERR_ENV where the machine has no zone files.
 */
int zone_load(struct arena *a, const char *name, const struct zone **ret,
    struct err *e);
/* zone_parse(a, name, bytes, ret, e): from the bytes of a TZif file. */
int zone_parse(struct arena *a, const char *name, struct str bytes,
    const struct zone **ret, struct err *e);
/*
 * zone_read(name, out, e): replace ${out} by the TZif file of a zone; empty for
 * UTC. zone_provide(name, bytes, e): from now on zone_load() takes that zone
 * from these bytes (copied) and not from the machine, which may have none; it
 * is checked at once.
 */
int zone_read(const char *name, struct buf *out, struct err *e);
int zone_provide(const char *name, struct str bytes, struct err *e);
const struct zone *zone_utc(void);
const char *zone_name(const struct zone *z);

/* zone_fields(z, us, c): what clocks and calendars in ${z} show at ${us}. */
void zone_fields(const struct zone *z, int64_t us, struct civil *c);
int zone_offset(const struct zone *z, int64_t us); /* seconds east of UTC */
/* zone_day(z, us): the civil day (see date.h) that ${us} falls on. */
int64_t zone_day(const struct zone *z, int64_t us);

/*
 * zone_day_start(z, day): the first instant of the civil day. Where midnight
 * is skipped, that is the end of the gap; where it happens twice, the first;
 * where the day itself is skipped (Samoa, 2011-12-30), the start of the next.
 */
int64_t zone_day_start(const struct zone *z, int64_t day);

/*
 * zone_instant(z, day, of_day_us): the instant at which clocks in ${z} show
 * that date and time of day. Happens twice: the first. Is skipped: as if the
 * clock had not been put forward yet (02:30 in a gap from 2 to 3 is 03:30).
 */
int64_t zone_instant(const struct zone *z, int64_t day, int64_t of_day_us);

#endif
