/* The HTTP client: which addresses it may connect to, and what it makes of
 * servers that answer too much, too late, or with a way to somewhere else. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <unistd.h>

#include "base/clock.h"
#include "sys/http.h"
#include "sys/httpd.h"
#include "sys/proc.h"

static const struct {
	const char *address;
	int net;
} nets[] = {
	{ "8.8.8.8", HTTP_PUBLIC }, { "126.255.255.255", HTTP_PUBLIC },
	{ "128.0.0.1", HTTP_PUBLIC }, { "172.15.0.1", HTTP_PUBLIC },
	{ "172.32.0.1", HTTP_PUBLIC }, { "100.63.0.1", HTTP_PUBLIC },
	{ "100.128.0.1", HTTP_PUBLIC }, { "192.167.1.1", HTTP_PUBLIC },
	{ "223.255.255.255", HTTP_PUBLIC },
	{ "10.0.0.1", HTTP_PRIVATE }, { "172.16.0.1", HTTP_PRIVATE },
	{ "172.31.255.255", HTTP_PRIVATE }, { "192.168.0.1", HTTP_PRIVATE },
	{ "100.64.0.1", HTTP_PRIVATE }, { "198.19.0.1", HTTP_PRIVATE },
	{ "127.0.0.1", HTTP_LOOPBACK }, { "127.255.0.9", HTTP_LOOPBACK },
	{ "0.0.0.0", -1 }, { "0.1.2.3", -1 }, { "169.254.169.254", -1 },
	{ "100.100.100.200", -1 }, { "224.0.0.1", -1 }, { "240.0.0.1", -1 },
	{ "255.255.255.255", -1 }, { "192.0.2.1", -1 },
	{ "2a00:1450::1", HTTP_PUBLIC }, { "fd12::1", HTTP_PRIVATE },
	{ "::1", HTTP_LOOPBACK }, { "::", -1 }, { "fe80::1", -1 },
	{ "ff02::1", -1 }, { "fd00:ec2::254", -1 }, { "2001:db8::1", -1 },
	{ "2001:0:1::1", -1 }, { "4000::1", -1 }, { "::2", -1 },
	{ "::ffff:127.0.0.1", HTTP_LOOPBACK },
	{ "::ffff:169.254.169.254", -1 }, { "::ffff:10.1.1.1", HTTP_PRIVATE },
	{ "64:ff9b::a9fe:a9fe", -1 }, { "64:ff9b::7f00:1", HTTP_LOOPBACK },
	{ "2002:7f00:1::", HTTP_LOOPBACK }, { "2002:a9fe:a9fe::", -1 },
};

static void
addresses(void **state)
{
	unsigned char b[16];

	(void)state;
	for (size_t i = 0; i < sizeof(nets) / sizeof(nets[0]); i++) {
		size_t n = strchr(nets[i].address, ':') != NULL ? 16 : 4;
		assert_int_equal(inet_pton(n == 16 ? AF_INET6 : AF_INET,
		    nets[i].address, b), 1);
		if (http_net_of(b, n) != nets[i].net)
			fail_msg("%s is %d", nets[i].address,
			    http_net_of(b, n));
	}
}

static void
urls(void **state)
{
	static const char *const good[] = { "http://a", "https://a/b?c",
		"HTTP://[::1]:80/x" };
	static const char *const wrong[] = { "", "a", "ftp://a/", "file:///a",
		"http://", "http:///x", "http://:80/", "http://u@a/",
		"https://u:p@a/", "http://a/#x", "http://a/ b", "http://a/\n",
		"http://a\\@b/", "gopher://a" };

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		assert_int_equal(http_url_ok(good[i], NULL), 0);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_int_equal(http_url_ok(wrong[i], NULL), -ERR_INPUT);
}

/* --- against a server ----------------------------------------------------- */

static void
answer(void *ctx, struct httpd_call *c)
{
	BUF_SCOPED b = BUF_INIT;

	(void)ctx;
	if (str_is(c->head->path, "/away")) {
		httpd_header(c, "Location", "/echo");
		httpd_reply(c, 302, STR("there"));
	} else if (str_is(c->head->path, "/late")) {
		return; /* never */
	} else if (str_is(c->head->path, "/much")) {
		for (int i = 0; i < 5000; i++)
			buf_puts(&b, "0123456789");
		httpd_reply(c, 200, buf_str(&b));
	} else {
		httpd_header(c, "Content-Type", "Text/Plain; charset=utf-8");
		buf_printf(&b, "%s %zu", httpd_parse_method(c->head->method),
		    c->body.len);
		httpd_reply(c, 200, buf_str(&b));
	}
}

static int
serve(void *ctx)
{
	struct httpd_face face = { .run = answer };
	struct httpd_limits limits = HTTPD_LIMITS;
	ARENA_SCOPED a = ARENA_INIT;
	struct httpd *h;
	const char *at;

	(void)ctx;
	if (httpd_new(&face, &limits, &h, NULL) != 0 ||
	    httpd_listen(h, "127.0.0.1:0", &a, &at, NULL) != 0)
		return (1);
	printf("%s\n", at);
	fflush(stdout);
	return (httpd_run(h, NULL) != 0);
}

static int
ask(const char *at, const char *path, struct http_request q,
    struct http_answer *ret, struct err *e)
{
	char url[128];

	snprintf(url, sizeof(url), "http://%s%s", at, path);
	q.url = url;
	if (q.max == 0)
		q.max = 1000;
	if (q.timeout_us == 0)
		q.timeout_us = 10 * CLOCK_SECOND;
	*ret = (struct http_answer){ 0 };
	return (http_ask(&q, ret, e));
}

static void
asks(void **state)
{
	struct proc p;
	struct http_answer a;
	struct err e;
	char at[64] = "";
	struct http_request here = { .net = HTTP_LOOPBACK };

	(void)state;
	/* What the environment says of proxies has no say. */
	setenv("http_proxy", "http://127.0.0.1:1/", 1);
	assert_int_equal(proc_fork(&p, serve, NULL, 60 * CLOCK_SECOND, &e), 0);
	assert_true(proc_read(&p, at, sizeof(at) - 1, &e) > 0);
	at[strcspn(at, "\n")] = '\0';

	assert_int_equal(ask(at, "/echo", here, &a, &e), 0);
	assert_int_equal(a.status, 200);
	assert_string_equal(a.type, "text/plain");
	assert_string_equal(a.body.ptr, "GET 0");
	buf_free(&a.body);
	struct http_request post = { .net = HTTP_LOOPBACK, .type = "a/b",
		.body = STR("12345") };
	assert_int_equal(ask(at, "/echo", post, &a, &e), 0);
	assert_string_equal(a.body.ptr, "POST 5");
	buf_free(&a.body);
	/* Not where it is not meant to be, however the address is written. */
	struct http_request away = { .net = HTTP_PRIVATE };
	assert_int_equal(ask(at, "/echo", away, &a, &e), -ERR_DENIED);
	assert_non_null(strstr(e.what, "127.0.0.1"));
	const char *port = strchr(at, ':');
	static const char *const names[] = { "localhost", "2130706433",
		"0x7f.1", "127.1" };
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		char other[64];
		snprintf(other, sizeof(other), "%s%s", names[i], port);
		assert_int_not_equal(ask(other, "/echo", away, &a, &e), 0);
	}
	/* A redirect is an answer, not a way. */
	assert_int_equal(ask(at, "/away", here, &a, &e), 0);
	assert_int_equal(a.status, 302);
	assert_string_equal(a.body.ptr, "there");
	buf_free(&a.body);
	assert_int_equal(ask(at, "/much", here, &a, &e), -ERR_LIMIT);
	struct http_request soon = { .net = HTTP_LOOPBACK,
		.timeout_us = CLOCK_SECOND };
	assert_int_equal(ask(at, "/late", soon, &a, &e), -ERR_TIMEOUT);
	proc_stop(&p);
	assert_int_equal(ask(at, "/echo", here, &a, &e), -ERR_IO);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses),
		cmocka_unit_test(urls),
		cmocka_unit_test(asks),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
