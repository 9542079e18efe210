/* iCalendar: folding, escaping, days and instants. A parser that is not ours
 * reads a feed in test/t. */
#include "unit.h"

#include "base/clock.h"
#include "text/date.h"
#include "text/ical.h"

static void
test_folding(void **state)
{
	struct buf b = BUF_INIT;
	char text[301], plain[700];
	size_t n = 0;

	(void)state;
	/* Two octets a character: none is cut. */
	for (size_t i = 0; i < 300; i += 2)
		memcpy(text + i, "\xc3\xa4", 2);
	text[300] = '\0';
	ical_line(&b, "SUMMARY", str_from(text), true);
	struct str rest = buf_str(&b), line;
	while (rest.len > 0 && str_split(&rest, '\n', &line)) {
		assert_true(line.len >= 1 && line.ptr[line.len - 1] == '\r');
		assert_true(line.len - 1 <= 75);
		line.len--;
		if (n > 0) {
			assert_int_equal(line.ptr[0], ' ');
			line.ptr++;
			line.len--;
		}
		assert_true(str_utf8_ok(line));
		memcpy(plain + n, line.ptr, line.len);
		n += line.len;
	}
	assert_int_equal(n, 8 + 300);
	assert_memory_equal(plain + 8, text, 300);
	buf_free(&b);
}

static void
test_escaping(void **state)
{
	struct buf b = BUF_INIT;

	(void)state;
	ical_line(&b, "SUMMARY", STR("a;b,c\\d\r\ne\rBEGIN:VALARM\x01\xff""f"),
	    true);
	assert_string_equal(b.ptr, "SUMMARY:a\\;b\\,c\\\\d\\ne BEGIN:VALARM "
	    "\xef\xbf\xbd""f\r\n");
	buf_free(&b);
}

static void
test_event(void **state)
{
	struct buf b = BUF_INIT;
	struct ical_event x = { .uid = STR("t1@example.org"), .whole_day = true,
		.day = date_days(2024, 2, 29), .summary = STR("Review"),
		.url = STR("javascript:alert(1)"), .sequence = 3,
		.alarm_us = CLOCK_DAY };

	(void)state;
	ical_begin(&b, STR("Tasks of Ada, at Example"), "Europe/Berlin");
	ical_put(&b, &x);
	x.whole_day = false;
	x.from = date_days(2026, 3, 29) * CLOCK_DAY + 3600 * CLOCK_SECOND;
	x.to = x.from + 60 * CLOCK_SECOND;
	x.url = STR("https://example.org/t1");
	x.cancelled = true;
	ical_put(&b, &x);
	ical_end(&b);
	assert_non_null(strstr(b.ptr, "X-WR-CALNAME:Tasks of Ada\\, at Example"));
	assert_non_null(strstr(b.ptr, "DTSTART;VALUE=DATE:20240229\r\n"
	    "DTEND;VALUE=DATE:20240301\r\nSEQUENCE:3\r\n"));
	assert_non_null(strstr(b.ptr, "TRIGGER:-PT1440M\r\n"));
	assert_non_null(strstr(b.ptr, "DTSTART:20260329T010000Z\r\n"
	    "DTEND:20260329T010100Z\r\n"));
	assert_null(strstr(b.ptr, "javascript"));
	assert_non_null(strstr(b.ptr, "URL:https://example.org/t1\r\n"));
	buf_free(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_folding),
		cmocka_unit_test(test_escaping),
		cmocka_unit_test(test_event),
	};

	return (cmocka_run_group_tests_name("ical", tests, NULL, NULL));
}
