#include "text/ical.h"

#include "base/clock.h"
#include "text/date.h"
#include "text/timefmt.h"

#define FOLD 75 /* octets of a line without its end */

/* One character, escaped if asked for; what could end a line becomes a space. */
static void
put_char(struct buf *b, int32_t c, struct str bytes, bool text)
{
	if (c < 0)
		buf_puts(b, "\xef\xbf\xbd");
	else if (c == '\n' && text)
		buf_puts(b, "\\n");
	else if (c < 0x20 || c == 0x7f || (c >= 0x80 && c < 0xa0))
		buf_putc(b, ' ');
	else if (text && (c == '\\' || c == ';' || c == ','))
		buf_printf(b, "\\%c", (char)c);
	else
		buf_putstr(b, bytes);
}

void
ical_line(struct buf *out, const char *name, struct str value, bool text)
{
	BUF_SCOPED one = BUF_INIT;
	size_t at = 0, col = strlen(name) + 1;

	buf_printf(out, "%s:", name);
	while (at < value.len) {
		size_t begin = at;
		int32_t c = str_utf8_next(value, &at);
		if (c < 0)
			at = begin + 1; /* a byte that is none of a character */
		if (c == '\r' && at < value.len && value.ptr[at] == '\n')
			continue;
		buf_reset(&one);
		put_char(&one, c, (struct str){ value.ptr + begin, at - begin },
		    text);
		if (col + one.len > FOLD) {
			buf_puts(out, "\r\n ");
			col = 1;
		}
		buf_putstr(out, buf_str(&one));
		col += one.len;
	}
	buf_puts(out, "\r\n");
}

/* 20261125T072900Z */
static void
put_instant(struct buf *out, const char *name, int64_t us)
{
	char s[32];
	struct civil c;

	zone_fields(zone_utc(), us, &c);
	snprintf(s, sizeof(s), "%04d%02d%02dT%02d%02d%02dZ", c.year, c.month,
	    c.day, c.hour, c.minute, c.second);
	ical_line(out, name, str_from(s), false);
}

static void
put_day(struct buf *out, const char *name, int64_t day)
{
	char s[16];
	int y, m, d;

	date_civil(day, &y, &m, &d);
	snprintf(s, sizeof(s), "%04d%02d%02d", y, m, d);
	ical_line(out, name, str_from(s), false);
}

void
ical_begin(struct buf *out, struct str name, const char *zone)
{
	ical_line(out, "BEGIN", STR("VCALENDAR"), false);
	ical_line(out, "VERSION", STR("2.0"), false);
	ical_line(out, "PRODID", STR("-//Tickmark//Tasks//EN"), false);
	ical_line(out, "CALSCALE", STR("GREGORIAN"), false);
	ical_line(out, "METHOD", STR("PUBLISH"), false);
	ical_line(out, "X-WR-CALNAME", name, true);
	if (zone != NULL)
		ical_line(out, "X-WR-TIMEZONE", str_from(zone), true);
}

static bool
url_ok(struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		if ((unsigned char)s.ptr[i] <= 0x20 ||
		    (unsigned char)s.ptr[i] >= 0x7f)
			return (false);
	return (str_starts(s, "https://") || str_starts(s, "http://"));
}

static void
put_alarm(struct buf *out, const struct ical_event *x)
{
	char s[48];

	snprintf(s, sizeof(s), "-PT%lldM", (long long)(x->alarm_us /
	    (60 * CLOCK_SECOND)));
	ical_line(out, "BEGIN", STR("VALARM"), false);
	ical_line(out, "ACTION", STR("DISPLAY"), false);
	ical_line(out, "DESCRIPTION", x->summary, true);
	ical_line(out, "TRIGGER", str_from(s), false);
	ical_line(out, "END", STR("VALARM"), false);
}

void
ical_put(struct buf *out, const struct ical_event *x)
{
	char s[24];

	ical_line(out, "BEGIN", STR("VEVENT"), false);
	ical_line(out, "UID", x->uid, true);
	put_instant(out, "DTSTAMP", x->stamp);
	if (x->whole_day) {
		put_day(out, "DTSTART;VALUE=DATE", x->day);
		put_day(out, "DTEND;VALUE=DATE", x->day + 1);
	} else {
		put_instant(out, "DTSTART", x->from);
		put_instant(out, "DTEND", x->to);
	}
	snprintf(s, sizeof(s), "%lld", (long long)x->sequence);
	ical_line(out, "SEQUENCE", str_from(s), false);
	ical_line(out, "SUMMARY", x->summary, true);
	if (x->about.len > 0)
		ical_line(out, "DESCRIPTION", x->about, true);
	if (url_ok(x->url))
		ical_line(out, "URL", x->url, false);
	/* It takes nobody's time. */
	ical_line(out, "TRANSP", STR("TRANSPARENT"), false);
	ical_line(out, "STATUS", x->cancelled ? STR("CANCELLED") :
	    STR("CONFIRMED"), false);
	if (x->alarm_us > 0 && !x->cancelled)
		put_alarm(out, x);
	ical_line(out, "END", STR("VEVENT"), false);
}

void
ical_end(struct buf *out)
{
	ical_line(out, "END", STR("VCALENDAR"), false);
}
