#include "text/mime.h"

#include <stdio.h>

#include "base/clock.h"
#include "text/date.h"
#include "text/timefmt.h"

#define LINE 76

/* The next character as it may be sent: controls are spaces, what is not UTF-8
 * is U+FFFD. */
static struct str
next_char(struct str s, size_t *at)
{
	size_t begin = *at;
	int32_t c = str_utf8_next(s, at);

	if (c < 0) {
		*at = begin + 1;
		return (STR("\xef\xbf\xbd"));
	}
	if (c < 0x20 || c == 0x7f || (c >= 0x80 && c < 0xa0))
		return (STR(" "));
	return ((struct str){ s.ptr + begin, *at - begin });
}

/* For the header: one space where there are several, none at the ends. */
static void
cleaned(struct buf *out, struct str s)
{
	size_t at = 0;

	while (at < s.len) {
		struct str c = next_char(s, &at);
		bool space = str_is(c, " ");
		if (!space || (out->len > 0 && out->ptr[out->len - 1] != ' '))
			buf_putstr(out, c);
	}
	if (out->len > 0 && out->ptr[out->len - 1] == ' ')
		out->len--;
}

static bool
is_ascii(struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		if ((unsigned char)s.ptr[i] >= 0x80)
			return (false);
	return (true);
}

/* Encoded words, one a line; characters are never cut. 12 octets of each are
 * =?UTF-8?B? and ?=, the rest is base64. */
static void
encoded(struct buf *out, struct str s, size_t col)
{
	size_t at = 0;

	while (at < s.len) {
		size_t n = at, room = (LINE - col - 12) / 4 * 3;
		while (n < s.len) {
			size_t next = n;
			(void)str_utf8_next(s, &next);
			if (next - at > room)
				break;
			n = next;
		}
		buf_printf(out, "%s=?UTF-8?B?", at > 0 ? "\r\n " : "");
		buf_putb64(out, s.ptr + at, n - at);
		buf_puts(out, "?=");
		at = n;
		col = 1;
	}
}

/* Words of ASCII, folded where a space is. */
static void
folded(struct buf *out, struct str s, size_t col)
{
	struct str rest = s, word;
	bool first = true;

	while (rest.len > 0 && str_split(&rest, ' ', &word)) {
		if (!first && word.len > 0 && col + 1 + word.len > LINE) {
			buf_puts(out, "\r\n ");
			col = 1;
		} else if (!first) {
			buf_putc(out, ' ');
			col++;
		}
		buf_putstr(out, word);
		col += word.len;
		first = false;
	}
}

/* A word that cannot be folded, or looks like an encoded one, is encoded. */
static bool
plain(struct str s)
{
	struct str rest = s, word;

	if (!is_ascii(s) || str_find(s, "=?") >= 0)
		return (false);
	while (rest.len > 0 && str_split(&rest, ' ', &word))
		if (word.len > 60)
			return (false);
	return (true);
}

void
mime_unstructured(struct buf *out, struct str s, size_t col)
{
	BUF_SCOPED b = BUF_INIT;

	cleaned(&b, s);
	if (plain(buf_str(&b)))
		folded(out, buf_str(&b), col);
	else
		encoded(out, buf_str(&b), col);
}

void
mime_phrase(struct buf *out, struct str s, size_t col)
{
	BUF_SCOPED b = BUF_INIT;
	BUF_SCOPED q = BUF_INIT;
	bool atoms = true;

	cleaned(&b, s);
	for (size_t i = 0; i < b.len; i++) {
		char c = b.ptr[i];
		atoms = atoms && ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
		    (c >= '0' && c <= '9') || c == ' ' || c == '-' || c == '_');
		if (c == '"' || c == '\\')
			buf_putc(&q, '\\');
		buf_putc(&q, c);
	}
	if (!plain(buf_str(&b)) || b.len > 50) {
		encoded(out, buf_str(&b), col);
	} else if (atoms) {
		buf_putstr(out, buf_str(&b));
	} else {
		buf_putc(out, '"');
		buf_putstr(out, buf_str(&q));
		buf_putc(out, '"');
	}
}

/* --- body --------------------------------------------------------------------- */

static void
put_quoted(struct buf *out, const struct str *c, bool last, size_t *col)
{
	char hex[16];
	size_t n = 0;

	/* A character is kept on one line. */
	if (c->len == 1 && c->ptr[0] != '=' && !(c->ptr[0] == ' ' && last)) {
		hex[n++] = c->ptr[0];
	} else {
		for (size_t i = 0; i < c->len; i++)
			n += (size_t)snprintf(hex + n, sizeof(hex) - n, "=%02X",
			    (unsigned char)c->ptr[i]);
	}
	if (*col + n > LINE - 1) {
		buf_puts(out, "=\r\n");
		*col = 0;
	}
	buf_put(out, hex, n);
	*col += n;
}

static void
quoted_line(struct buf *out, struct str line)
{
	size_t at = 0, col = 0;

	if (line.len > 0 && line.ptr[line.len - 1] == '\r')
		line.len--;
	while (at < line.len) {
		struct str c = next_char(line, &at);
		put_quoted(out, &c, at == line.len, &col);
	}
	buf_puts(out, "\r\n");
}

/* --- header -------------------------------------------------------------------- */

static bool
address_ok(struct str s)
{
	size_t at = 0;

	for (size_t i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.ptr[i];
		if (c <= 0x20 || c >= 0x7f || strchr("<>()[]\\,;:\"", c) != NULL)
			return (false);
		at += c == '@';
	}
	return (at == 1 && s.len >= 3 && s.len <= 320 && s.ptr[0] != '@' &&
	    s.ptr[s.len - 1] != '@');
}

static void
put_date(struct buf *out, int64_t us)
{
	static const char *const days[] = { "Mon", "Tue", "Wed", "Thu", "Fri",
		"Sat", "Sun" };
	static const char *const months[] = { "Jan", "Feb", "Mar", "Apr", "May",
		"Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
	struct civil c;

	zone_fields(zone_utc(), us, &c);
	buf_printf(out, "Date: %s, %02d %s %04d %02d:%02d:%02d +0000\r\n",
	    days[date_weekday(zone_day(zone_utc(), us)) - 1], c.day,
	    months[c.month - 1], c.year, c.hour, c.minute, c.second);
}

int
mime_put(struct buf *out, const struct mime_mail *m, struct err *e)
{
	struct str rest = m->text, line;

	if (!address_ok(m->from) || !address_ok(m->to) || !address_ok(m->id))
		return (err_set(e, ERR_INPUT, NULL, "write it like "
		    "ada@example.org", "an address of a message cannot be "
		    "used"));
	put_date(out, m->date);
	buf_puts(out, "From: ");
	if (str_trim(m->from_name).len > 0) {
		mime_phrase(out, m->from_name, 6);
		buf_puts(out, "\r\n ");
	}
	buf_printf(out, "<" STR_FMT ">\r\nTo: <" STR_FMT ">\r\nSubject: ",
	    STR_ARG(m->from), STR_ARG(m->to));
	mime_unstructured(out, m->subject, 9);
	buf_printf(out, "\r\nMessage-ID:\r\n <" STR_FMT ">\r\n",
	    STR_ARG(m->id));
	buf_puts(out, "MIME-Version: 1.0\r\n"
	    "Content-Type: text/plain; charset=utf-8\r\n"
	    "Content-Transfer-Encoding: quoted-printable\r\n"
	    "Auto-Submitted: auto-generated\r\n\r\n");
	while (rest.len > 0 && str_split(&rest, '\n', &line))
		quoted_line(out, line);
	return (0);
}
