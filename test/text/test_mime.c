/* E-mail: nothing that is given becomes a header field, no line is too long.
 * What a parser of others makes of it is in test/t. */
#include "unit.h"

#include "text/mime.h"

static struct buf
compose(const char *name, const char *subject, const char *text, int want)
{
	struct buf b = BUF_INIT;
	struct mime_mail m = { .from_name = str_from(name),
		.from = STR("tickmark@example.org"), .to = STR("ada@example.org"),
		.subject = str_from(subject), .id = STR("m1@example.org"),
		.text = str_from(text), .date = INT64_C(1764056554000000) };

	assert_int_equal(mime_put(&b, &m, NULL), want);
	return (b);
}

static void
check_lines(const struct buf *b)
{
	struct str rest = buf_str(b), line;

	while (rest.len > 0 && str_split(&rest, '\n', &line)) {
		assert_true(line.len >= 1 && line.ptr[line.len - 1] == '\r');
		assert_true(line.len <= 77);
		for (size_t i = 0; i + 1 < line.len; i++)
			assert_true(line.ptr[i] >= 0x20 && line.ptr[i] < 0x7f);
	}
}

static void
test_header(void **state)
{
	struct buf b = compose("Evil\r\nBcc: x@y.z", "Hi\nX-Bad: 1\r\n\r\nbody",
	    "x\n", 0);

	(void)state;
	check_lines(&b);
	assert_null(strstr(b.ptr, "\nBcc:"));
	assert_null(strstr(b.ptr, "\nX-Bad:"));
	assert_non_null(strstr(b.ptr, "Date: Tue, 25 Nov 2025 07:42:34 +0000\r\n"));
	assert_non_null(strstr(b.ptr, "Subject: Hi X-Bad: 1 body\r\n"));
	buf_free(&b);
	b = compose("M\xc3\xbcller & Co.", "Aufgaben f\xc3\xbcr \xe2\x80\x9e"
	    "heute\xe2\x80\x9c: \xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4"
	    "\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4",
	    "", 0);
	check_lines(&b);
	assert_non_null(strstr(b.ptr, "Subject: =?UTF-8?B?QXVmZ2FiZW4gZsO8"));
	buf_free(&b);
	b = compose("A \"quoted\" name", "=?UTF-8?B?WA==?=", "", 0);
	assert_non_null(strstr(b.ptr, "From: \"A \\\"quoted\\\" name\"\r\n <tick"));
	assert_null(strstr(b.ptr, "?WA==?="));
	buf_free(&b);
}

static void
test_body(void **state)
{
	char longest[201];

	(void)state;
	memset(longest, 'a', 200);
	longest[200] = '\0';
	struct buf b = compose("", "s", longest, 0);
	check_lines(&b);
	buf_free(&b);
	b = compose("", "s", "a=b \n.\n\tx\xff\n\xc3\xa4\r\n", 0);
	check_lines(&b);
	assert_non_null(strstr(b.ptr, "\r\n\r\na=3Db=20\r\n.\r\n x=EF=BF=BD\r\n"
	    "=C3=A4\r\n"));
	buf_free(&b);
}

static void
test_addresses(void **state)
{
	static const char *const bad[] = { "", "a", "@b", "a@", "a@b@c",
		"a@b>\r\nBcc: x@y", "a b@c", "a@b,c@d", "<a@b>" };
	struct buf b = BUF_INIT;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct mime_mail m = { .from = STR("a@b"), .to = str_from(bad[i]),
			.id = STR("i@b") };
		assert_int_equal(mime_put(&b, &m, NULL), -ERR_INPUT);
		assert_int_equal(b.len, 0);
	}
	buf_free(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_header),
		cmocka_unit_test(test_body),
		cmocka_unit_test(test_addresses),
	};

	return (cmocka_run_group_tests_name("mime", tests, NULL, NULL));
}
