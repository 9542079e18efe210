/* Settings of the programme and templates of checklists; and the same bytes as what is sent: as subject and
 * text of a mail and as a line of a calendar they end no line too late, begin
 * no header field and stay text. */
#include "program/checklists.h"
#include "program/settings.h"
#include "text/ical.h"
#include "text/mime.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_lines(const struct buf *b, size_t most, bool ascii)
{
	struct str rest = buf_str(b), line;

	while (rest.len > 0 && str_split(&rest, '\n', &line)) {
		if (line.len == 0 || line.ptr[line.len - 1] != '\r' ||
		    line.len - 1 > most)
			abort();
		for (size_t i = 0; i + 1 < line.len; i++)
			if ((unsigned char)line.ptr[i] < 0x20 || (ascii &&
			    (unsigned char)line.ptr[i] >= 0x7f))
				abort();
	}
}

static size_t
fields(const struct buf *b)
{
	struct str rest = buf_str(b), line;
	size_t n = 0;

	while (rest.len > 0 && str_split(&rest, '\n', &line) && line.len > 1)
		n += line.ptr[0] != ' ';
	return (n);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	ARENA_SCOPED a = ARENA_INIT;
	BUF_SCOPED mail = BUF_INIT;
	BUF_SCOPED line = BUF_INIT;
	struct str s = { (const char *)data, size };
	struct settings c;
	struct checklists_template t;
	struct err e;
	struct mime_mail m = { .from = STR("a@b"), .to = STR("c@d"),
		.id = STR("e@f"), .from_name = s, .subject = s, .text = s };

	if (settings_parse(&a, "w", s, &c, &e) == 0 && c.mail_host != NULL &&
	    (c.mail_from == NULL || (c.mail_tls == SMTP_PLAIN &&
	    c.mail_user != NULL)))
		abort();
	if (checklists_parse(&a, "t", s, &t, &e) == 0)
		for (size_t i = 0; i < t.n; i++)
			if (t.at[i].title.len == 0 || t.at[i].title.len > 300 ||
			    (t.at[i].who == CHECKLISTS_CONTROL &&
			    t.at[i].control.len == 0))
				abort();
	if (mime_put(&mail, &m, &e) != 0 || fields(&mail) != 9)
		abort();
	check_lines(&mail, 76, true);
	ical_line(&line, "SUMMARY", s, true);
	check_lines(&line, 75, false);
	if (!str_utf8_ok(buf_str(&line)))
		abort();
	return (0);
}
