/*
 * Writing iCalendar (RFC 5545): a calendar of events for whatever calendar
 * program reads it, by file or address. Lines end with CRLF and are folded at
 * 75 octets between characters; texts are escaped; times are UTC, and whole
 * days are dates without a zone. Bytes that are not UTF-8 become U+FFFD and
 * control characters spaces, so that no text can begin a line of its own.
 */
#ifndef TEXT_ICAL_H
#define TEXT_ICAL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

struct ical_event {
	struct str uid;      /* the same for the same thing, for ever */
	int64_t stamp;       /* when it was last said, microseconds */
	bool whole_day;
	int64_t day;         /* whole_day: see text/date.h */
	int64_t from, to;    /* otherwise: microseconds UTC, from <= to */
	int64_t sequence;    /* counts up when it is said anew */
	struct str summary;
	struct str about;    /* or empty */
	struct str url;      /* http or https; others are left out */
	bool cancelled;
	int64_t alarm_us;    /* so long before it; 0: none */
};

/* ical_begin(out, name, zone): ${zone} is for programs that ask which the
 * reader's is; it may be NULL. */
void ical_begin(struct buf *out, struct str name, const char *zone);
void ical_put(struct buf *out, const struct ical_event *x);
void ical_end(struct buf *out);

/* ical_line(out, name, value, text): one property, folded; ${text}: escaped.
 * ${name} is ours and may hold parameters. */
void ical_line(struct buf *out, const char *name, struct str value, bool text);

#endif
