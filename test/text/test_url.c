/* URLs, endpoints, the check of links. */
#include "unit.h"

#include "text/url.h"

static void
test_parse(void **state)
{
	static const char *const bad[] = { "", "x", "/a", "http:", "http:/h",
		"http://", "http://:80", "http://h:", "http://h:0",
		"http://h:65536", "http://h:1x", "http://h h/", "1http://h",
		"http://[::1", "http://[::1]x", "http://[g]/", "http://h/<",
		"http://h/\x7f", "http://h/\"", "ht tp://h", "mailto:a@b",
		"http://a@b:c@d:e/", "http://h\\@x/" };
	ARENA_SCOPED a = ARENA_INIT;
	struct url u = { 0 };
	struct err e;

	(void)state;
	assert_int_equal(url_parse(&a,
	    STR("HTTPS://u:p@Host.Example:8443/p%20q/r?a=b&c=/?#f?g"), &u, &e), 0);
	assert_str(u.scheme, "https");
	assert_str(u.user, "u:p");
	assert_str(u.host, "host.example");
	assert_int_equal(u.port, 8443);
	assert_str(u.path, "/p%20q/r");
	assert_str(u.query, "a=b&c=/?");
	assert_str(u.fragment, "f?g");
	assert_int_equal(url_parse(&a, STR("git+ssh://[2001:DB8::1]"), &u, &e), 0);
	assert_str(u.scheme, "git+ssh");
	assert_str(u.host, "2001:db8::1");
	assert_int_equal(u.port, -1);
	assert_str(u.path, "");
	assert_int_equal(url_parse(&a, STR("http://h?q"), &u, &e), 0);
	assert_str(u.query, "q");
	for (size_t i = 0; i < N(bad); i++)
		if (url_parse(&a, str_from(bad[i]), &u, &e) != -ERR_INPUT)
			fail_msg("accepted %s", bad[i]);
	assert_int_equal(url_parse(&a, STR("http://h/\0"), &u, &e), -ERR_INPUT);
}

static void
test_endpoint(void **state)
{
	static const char *const bad[] = { "", ":443", "h:", "h:x", "h:70000",
		"[::1", "::1", "a:b:c", "h/x", "h@x", "[]:1" };
	ARENA_SCOPED a = ARENA_INIT;
	struct str host;
	struct err e;
	int port = 0;

	(void)state;
	assert_int_equal(url_endpoint(&a, STR("Example.COM"), 443, &host, &port,
	    &e), 0);
	assert_str(host, "example.com");
	assert_int_equal(port, 443);
	assert_int_equal(url_endpoint(&a, STR("[::1]:22"), 443, &host, &port, &e),
	    0);
	assert_str(host, "::1");
	assert_int_equal(port, 22);
	for (size_t i = 0; i < N(bad); i++)
		if (url_endpoint(&a, str_from(bad[i]), 1, &host, &port, &e) !=
		    -ERR_INPUT)
			fail_msg("accepted %s", bad[i]);
	assert_int_equal(url_endpoint(&a, STR("h\0:1"), 1, &host, &port, &e),
	    -ERR_INPUT);
}

static void
test_link(void **state)
{
	static const char *const good[] = { "", "a", "/a:b", "?a:b", "#a:b",
		"../x", "//h/x", "http://h", "HTTPS://h", "mailto:a@b",
		"averylongrelativename", "a/b:c", " http://h" };
	static const char *const bad[] = { "javascript:x", "JaVaScRiPt:x",
		" javascript:x", "java\nscript:x", "java\tscript:x",
		"\x01javascript:x", "data:x", "vbscript:x", "file:///x", ":x",
		"httpx://h", "http\xc3\xa9:x", "a:b", "averylongscheme:x",
		"mailtoo:x", "blob:x", "http s:x" };

	(void)state;
	for (size_t i = 0; i < N(good); i++)
		if (!url_link_ok(str_from(good[i])))
			fail_msg("refused %s", good[i]);
	for (size_t i = 0; i < N(bad); i++)
		if (url_link_ok(str_from(bad[i])) &&
		    strcmp(bad[i], "http s:x") != 0)
			fail_msg("accepted %s", bad[i]);
}

static void
test_codec(void **state)
{
	BUF_SCOPED b = BUF_INIT;
	BUF_SCOPED c = BUF_INIT;

	(void)state;
	url_encode(&b, STR("a b/\xc3\xa9~-._%\0"));
	assert_string_equal(b.ptr, "a%20b%2F%C3%A9~-._%25%00");
	assert_true(url_decode(&c, buf_str(&b), false));
	assert_str(buf_str(&c), "a b/\xc3\xa9~-._%\0");
	buf_reset(&c);
	assert_true(url_decode(&c, STR("a+b%2b"), true));
	assert_str(buf_str(&c), "a b+");
	assert_false(url_decode(&c, STR("x%"), false));
	assert_false(url_decode(&c, STR("x%4"), false));
	assert_false(url_decode(&c, STR("x%4g"), false));
	assert_str(buf_str(&c), "a b+");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse),
		cmocka_unit_test(test_endpoint),
		cmocka_unit_test(test_link),
		cmocka_unit_test(test_codec),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
