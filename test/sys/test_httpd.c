/* The HTTP server: what it refuses, what it takes, and who is served when
 * somebody holds hundreds of slow connections. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "sys/httpd.h"
#include "sys/proc.h"

#define H "Host: a\r\n"
#define P "POST / HTTP/1.1\r\n" H

struct bad {
	const char *what;
	const char *bytes;
	size_t n; /* 0: strlen */
	int status;
};
#define RAW(s) s, sizeof(s) - 1

/* Each of these is refused; most by its head alone. */
static const struct bad bad[] = {
	{ "length and chunks", P "Content-Length: 3\r\nTransfer-Encoding: chunked"
	    "\r\n\r\n0\r\n\r\n", 0, 400 },
	{ "chunks and length", P "Transfer-Encoding: chunked\r\nContent-Length: 3"
	    "\r\n\r\n0\r\n\r\n", 0, 400 },
	{ "two lengths", P "Content-Length: 3\r\nContent-Length: 4\r\n\r\nabc",
	    0, 400 },
	{ "two equal lengths", P "Content-Length: 3\r\ncontent-length: 3\r\n\r\n"
	    "abc", 0, 400 },
	{ "a list of lengths", P "Content-Length: 3, 3\r\n\r\nabc", 0, 400 },
	{ "a signed length", P "Content-Length: +3\r\n\r\nabc", 0, 400 },
	{ "a negative length", P "Content-Length: -3\r\n\r\nabc", 0, 400 },
	{ "a hexadecimal length", P "Content-Length: 0x3\r\n\r\nabc", 0, 400 },
	{ "an empty length", P "Content-Length:\r\n\r\nabc", 0, 400 },
	{ "a length with zeros before", P "Content-Length: 03\r\n\r\nabc", 0,
	    400 },
	{ "a length beyond numbers", P "Content-Length: 99999999999999999999999"
	    "\r\n\r\nabc", 0, 413 },
	{ "a length beyond the limit", P "Content-Length: 65537\r\n\r\nabc", 0,
	    413 },
	{ "no length", P "\r\n", 0, 411 },
	{ "two hosts", "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 0, 400 },
	{ "no host", "GET / HTTP/1.1\r\nAccept: x\r\n\r\n", 0, 400 },
	{ "no host in 1.0", "GET / HTTP/1.0\r\n\r\n", 0, 400 },
	{ "an empty host", "GET / HTTP/1.1\r\nHost:\r\n\r\n", 0, 400 },
	{ "a host with a path", "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", 0, 400 },
	{ "a host with a user", "GET / HTTP/1.1\r\nHost: u@a\r\n\r\n", 0, 400 },
	{ "a host with a space", "GET / HTTP/1.1\r\nHost: a b\r\n\r\n", 0, 400 },
	{ "a host with a bad port", "GET / HTTP/1.1\r\nHost: a:99999\r\n\r\n", 0,
	    400 },
	{ "a host with half an address", "GET / HTTP/1.1\r\nHost: [::1\r\n\r\n",
	    0, 400 },
	{ "a bare LF after the request line", "GET / HTTP/1.1\n" H "\r\n", 0,
	    400 },
	{ "a bare LF after a field", "GET / HTTP/1.1\r\nHost: a\n\r\n", 0, 400 },
	{ "a bare LF at the end", "GET / HTTP/1.1\r\n" H "\n", 0, 400 },
	{ "a bare CR in a field", "GET / HTTP/1.1\r\n" H "X: a\rb\r\n\r\n", 0,
	    400 },
	{ "an empty line first", "\r\nGET / HTTP/1.1\r\n" H "\r\n", 0, 400 },
	{ "a folded line", "GET / HTTP/1.1\r\n" H "X: a\r\n b\r\n\r\n", 0, 400 },
	{ "a folded line with a tab", "GET / HTTP/1.1\r\n" H "X: a\r\n\tb\r\n"
	    "\r\n", 0, 400 },
	{ "a fold of the first line", "GET / HTTP/1.1\r\n " H "\r\n", 0, 400 },
	{ "a NUL in a field", RAW("GET / HTTP/1.1\r\n" H "X: a\0b\r\n\r\n"),
	    400 },
	{ "a NUL in the path", RAW("GET /a\0b HTTP/1.1\r\n" H "\r\n"), 400 },
	{ "a space before the colon", "GET / HTTP/1.1\r\nHost : a\r\n\r\n", 0,
	    400 },
	{ "a space in a name", "GET / HTTP/1.1\r\n" H "X Y: a\r\n\r\n", 0, 400 },
	{ "an empty name", "GET / HTTP/1.1\r\n" H ": a\r\n\r\n", 0, 400 },
	{ "a field without a colon", "GET / HTTP/1.1\r\n" H "X\r\n\r\n", 0,
	    400 },
	{ "a control character in a value", "GET / HTTP/1.1\r\n" H "X: \x01\r\n"
	    "\r\n", 0, 400 },
	{ "a DEL in a value", "GET / HTTP/1.1\r\n" H "X: \x7f\r\n\r\n", 0, 400 },
	{ "an unknown coding", P "Transfer-Encoding: gzip\r\n\r\n", 0, 501 },
	{ "chunked not alone", P "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n"
	    "\r\n", 0, 400 },
	{ "chunked twice", P "Transfer-Encoding: chunked\r\nTransfer-Encoding: "
	    "chunked\r\n\r\n0\r\n\r\n", 0, 400 },
	{ "xchunked", P "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n", 0, 501 },
	{ "a quoted coding", P "Transfer-Encoding: \"chunked\"\r\n\r\n0\r\n\r\n",
	    0, 400 },
	{ "a vertical tab before chunked", P "Transfer-Encoding: \x0b" "chunked"
	    "\r\n\r\n0\r\n\r\n", 0, 400 },
	{ "an empty coding", P "Transfer-Encoding:\r\n\r\n", 0, 400 },
	{ "chunks in 1.0", "POST / HTTP/1.0\r\n" H "Transfer-Encoding: chunked"
	    "\r\n\r\n0\r\n\r\n", 0, 400 },
	{ "no size of a chunk", P "Transfer-Encoding: chunked\r\n\r\n\r\nabc", 0,
	    400 },
	{ "a size with a prefix", P "Transfer-Encoding: chunked\r\n\r\n0x3\r\nabc"
	    "\r\n0\r\n\r\n", 0, 400 },
	{ "a size with a sign", P "Transfer-Encoding: chunked\r\n\r\n+3\r\nabc"
	    "\r\n0\r\n\r\n", 0, 400 },
	{ "a size with a space", P "Transfer-Encoding: chunked\r\n\r\n3 \r\nabc"
	    "\r\n0\r\n\r\n", 0, 400 },
	{ "a size beyond numbers", P "Transfer-Encoding: chunked\r\n\r\n"
	    "fffffffffffffffff\r\nabc", 0, 413 },
	{ "a chunk extension", P "Transfer-Encoding: chunked\r\n\r\n3;a=b\r\nabc"
	    "\r\n0\r\n\r\n", 0, 400 },
	{ "a chunk that ends in LF", P "Transfer-Encoding: chunked\r\n\r\n3\r\nabc"
	    "\n0\r\n\r\n", 0, 400 },
	{ "a size that ends in LF", P "Transfer-Encoding: chunked\r\n\r\n3\nabc"
	    "\r\n0\r\n\r\n", 0, 400 },
	{ "a chunk longer than it says", P "Transfer-Encoding: chunked\r\n\r\n3"
	    "\r\nabcd\r\n0\r\n\r\n", 0, 400 },
	{ "a trailer", P "Transfer-Encoding: chunked\r\n\r\n0\r\nX: y\r\n\r\n",
	    0, 400 },
	{ "a body of GET", "GET / HTTP/1.1\r\n" H "Content-Length: 3\r\n\r\nabc",
	    0, 400 },
	{ "chunks of GET", "GET / HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\n"
	    "\r\n0\r\n\r\n", 0, 400 },
	{ "an unknown method", "BREW / HTTP/1.1\r\n" H "\r\n", 0, 501 },
	{ "CONNECT", "CONNECT a:443 HTTP/1.1\r\n" H "\r\n", 0, 501 },
	{ "TRACE", "TRACE / HTTP/1.1\r\n" H "\r\n", 0, 501 },
	{ "a method in lower case", "get / HTTP/1.1\r\n" H "\r\n", 0, 501 },
	{ "a method that is no token", "G(T / HTTP/1.1\r\n" H "\r\n", 0, 400 },
	{ "no version", "GET /\r\n" H "\r\n", 0, 400 },
	{ "HTTP/0.9", "GET / HTTP/0.9\r\n" H "\r\n", 0, 505 },
	{ "HTTP/2.0", "GET / HTTP/2.0\r\n" H "\r\n", 0, 505 },
	{ "HTTP/1.2", "GET / HTTP/1.2\r\n" H "\r\n", 0, 505 },
	{ "http in lower case", "GET / http/1.1\r\n" H "\r\n", 0, 400 },
	{ "two spaces", "GET  / HTTP/1.1\r\n" H "\r\n", 0, 400 },
	{ "a tab for a space", "GET\t/ HTTP/1.1\r\n" H "\r\n", 0, 400 },
	{ "a space after the version", "GET / HTTP/1.1 \r\n" H "\r\n", 0, 400 },
	{ "the preface of HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 0, 505 },
	{ "a TLS hello", RAW("\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03"), 400 },
	{ "another host in the target", "GET http://b/ HTTP/1.1\r\n" H "\r\n", 0,
	    400 },
	{ "another port in the target", "GET http://a:81/ HTTP/1.1\r\n" H "\r\n",
	    0, 400 },
	{ "a user in the target", "GET http://a@b/ HTTP/1.1\r\n" H "\r\n", 0,
	    400 },
	{ "another scheme", "GET ftp://a/ HTTP/1.1\r\n" H "\r\n", 0, 400 },
	{ "an authority", "GET a:80 HTTP/1.1\r\n" H "\r\n", 0, 400 },
	{ "a star", "GET * HTTP/1.1\r\n" H "\r\n", 0, 400 },
	{ "a relative target", "GET a HTTP/1.1\r\n" H "\r\n", 0, 400 },
	{ "dots", "GET /a/../b HTTP/1.1\r\n" H "\r\n", 0, 400 },
	{ "a dot", "GET /./b HTTP/1.1\r\n" H "\r\n", 0, 400 },
	{ "encoded dots", "GET /%2e%2E/b HTTP/1.1\r\n" H "\r\n", 0, 400 },
	{ "an encoded slash", "GET /a%2fb HTTP/1.1\r\n" H "\r\n", 0, 400 },
	{ "an encoded backslash", "GET /a%5cb HTTP/1.1\r\n" H "\r\n", 0, 400 },
	{ "a backslash", "GET /a\\b HTTP/1.1\r\n" H "\r\n", 0, 400 },
	{ "an encoded NUL", "GET /a%00 HTTP/1.1\r\n" H "\r\n", 0, 400 },
	{ "an encoded line feed", "GET /a%0a HTTP/1.1\r\n" H "\r\n", 0, 400 },
	{ "half an escape", "GET /a%2 HTTP/1.1\r\n" H "\r\n", 0, 400 },
	{ "no escape", "GET /a%zz HTTP/1.1\r\n" H "\r\n", 0, 400 },
	{ "half an escape in the query", "GET /?a%2 HTTP/1.1\r\n" H "\r\n", 0,
	    400 },
	{ "long UTF-8 of a slash", "GET /%c0%af HTTP/1.1\r\n" H "\r\n", 0, 400 },
	{ "an empty part", "GET //a HTTP/1.1\r\n" H "\r\n", 0, 400 },
	{ "an empty part at the end", "GET /a// HTTP/1.1\r\n" H "\r\n", 0, 400 },
	{ "a fragment", "GET /a#b HTTP/1.1\r\n" H "\r\n", 0, 400 },
	{ "raw UTF-8 in the path", "GET /\xc3\xa9 HTTP/1.1\r\n" H "\r\n", 0,
	    400 },
	{ "two cookies", "GET / HTTP/1.1\r\n" H "Cookie: a=1\r\nCookie: a=2\r\n"
	    "\r\n", 0, 400 },
	{ "two authorizations", "GET / HTTP/1.1\r\n" H "Authorization: a\r\n"
	    "Authorization: b\r\n\r\n", 0, 400 },
	{ "another expectation", P "Content-Length: 1\r\nExpect: tea\r\n\r\n", 0,
	    417 },
	{ "a Connection that is no list", "GET / HTTP/1.1\r\n" H "Connection: "
	    "a b\r\n\r\n", 0, 400 },
};
#define NBAD (sizeof(bad) / sizeof(bad[0]))

/* --- a server in a child -------------------------------------------------- */

struct served {
	struct httpd *h;
	struct httpd_call *later;
	uint64_t streamed;
};

static int
count_piece(void *ctx, struct httpd_call *c, struct str piece)
{
	struct served *s = ctx;

	(void)c;
	s->streamed += piece.len;
	return (0);
}

static void
on_head(void *ctx, struct httpd_call *c, struct httpd_plan *plan)
{
	struct served *s = ctx;

	s->streamed = 0;
	if (str_is(c->head->path, "/no"))
		httpd_reply(c, 403, STR("no\n"));
	if (str_is(c->head->path, "/stream"))
		*plan = (struct httpd_plan){ 1u << 30, count_piece };
}

static void
on_run(void *ctx, struct httpd_call *c)
{
	struct served *s = ctx;
	BUF_SCOPED b = BUF_INIT;

	if (str_is(c->head->path, "/stop")) {
		httpd_reply(c, 200, STR("bye\n"));
		httpd_stop(s->h);
	} else if (str_is(c->head->path, "/later")) {
		s->later = c;
	} else if (str_is(c->head->path, "/stream")) {
		buf_printf(&b, "%llu\n", (unsigned long long)s->streamed);
		httpd_reply(c, 200, buf_str(&b));
	} else if (str_is(c->head->path, "/file")) {
		int fd = memfd_create("file", MFD_CLOEXEC);
		for (int i = 0; i < 250000; i++)
			buf_put(&b, "abcd", 4);
		(void)!write(fd, b.ptr, b.len);
		httpd_header(c, "Content-Type", "application/octet-stream");
		httpd_reply_file(c, fd, 1000000);
	} else {
		buf_printf(&b, "%s " STR_FMT " %zu\n",
		    httpd_parse_method(c->head->method), STR_ARG(c->head->path),
		    c->body.len);
		httpd_reply(c, 200, buf_str(&b));
	}
}

static void
on_tick(void *ctx)
{
	struct served *s = ctx;
	struct httpd_call *c = s->later;

	s->later = NULL;
	if (c != NULL)
		httpd_reply(c, 200, STR("at last\n"));
}

static void
on_done(void *ctx, struct httpd_call *c)
{
	struct served *s = ctx;

	if (s->later == c)
		s->later = NULL;
}

static struct httpd_limits limits = HTTPD_LIMITS;

/* Only what asks for /told is told more than a line. */
static const char *
on_refuse(void *ctx, int status, struct str target, struct buf *body)
{
	(void)ctx;
	if (!str_starts(target, "/told"))
		return (NULL);
	buf_printf(body, "{\"status\":%d}", status);
	return ("application/problem+json");
}

static int
serve(void *ctx)
{
	ARENA_SCOPED a = ARENA_INIT;
	struct served s = { 0 };
	struct httpd_face face = { on_head, on_run, on_done, on_tick, &s,
		on_refuse };
	const char *at;
	struct err e;

	(void)ctx;
	if (httpd_new(&face, &limits, &s.h, &e) != 0 ||
	    httpd_listen(s.h, "127.0.0.1:0", &a, &at, &e) != 0) {
		err_print(stdout, &e);
		return (1);
	}
	printf("%s\n", strrchr(at, ':') + 1);
	fflush(stdout);
	int r = httpd_run(s.h, &e);
	httpd_free(s.h);
	return (r != 0);
}

static int
start(struct proc *p)
{
	char line[32] = "";
	struct err e;

	assert_int_equal(proc_fork(p, serve, NULL, 60 * CLOCK_SECOND, &e), 0);
	assert_true(proc_read(p, line, sizeof(line) - 1, &e) > 0);
	return ((int)strtol(line, NULL, 10));
}

/* A client from another address of loopback, if it is given. */
static int
dial(int port, const char *from)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct sockaddr_in me = { .sin_family = AF_INET }, to = me;
	struct timeval t = { 20, 0 };

	assert_true(fd >= 0);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &t, sizeof(t));
	if (from != NULL) {
		inet_pton(AF_INET, from, &me.sin_addr);
		assert_int_equal(bind(fd, (void *)&me, sizeof(me)), 0);
	}
	inet_pton(AF_INET, "127.0.0.1", &to.sin_addr);
	to.sin_port = htons((uint16_t)port);
	assert_int_equal(connect(fd, (void *)&to, sizeof(to)), 0);
	return (fd);
}

static void
say(int fd, const void *p, size_t n)
{
	(void)!send(fd, p, n, MSG_NOSIGNAL);
}

/* All that comes until the other side ends, or ${want} bytes. */
static size_t
hear(int fd, char *out, size_t cap, size_t want)
{
	size_t n = 0;
	ssize_t got;

	while (n < cap - 1 && n < want &&
	    (got = recv(fd, out + n, cap - 1 - n, 0)) > 0)
		n += (size_t)got;
	out[n] = '\0';
	return (n);
}

static size_t
ask(int port, const void *p, size_t n, char *out, size_t cap)
{
	int fd = dial(port, NULL);

	say(fd, p, n);
	size_t got = hear(fd, out, cap, cap);
	close(fd);
	return (got);
}

static int
status_of(const char *answer)
{
	return (strncmp(answer, "HTTP/1.1 ", 9) == 0 ?
	    (int)strtol(answer + 9, NULL, 10) : 0);
}

/* --- tests ---------------------------------------------------------------- */

static void
refuses(void **state)
{
	struct proc p;
	char out[4096];
	int port = start(&p);
	size_t wrong = 0;

	(void)state;
	assert_true(NBAD >= 40);
	for (size_t i = 0; i < NBAD; i++) {
		const struct bad *b = &bad[i];
		size_t n = b->n ? b->n : strlen(b->bytes);
		/* In one piece, and byte by byte. */
		ask(port, b->bytes, n, out, sizeof(out));
		int whole = status_of(out);
		int fd = dial(port, NULL);
		for (size_t k = 0; k < n; k++)
			say(fd, b->bytes + k, 1);
		hear(fd, out, sizeof(out), sizeof(out));
		close(fd);
		if (whole == b->status && status_of(out) == b->status &&
		    strstr(out, "Connection: close\r\n") != NULL)
			continue;
		print_message("%s: %d and %d, not %d\n", b->what, whole,
		    status_of(out), b->status);
		wrong++;
	}
	assert_int_equal(wrong, 0);
	proc_stop(&p);
}

/* What is refused takes nothing of what follows it as a request. */
static void
smuggles_nothing(void **state)
{
	struct proc p;
	char out[4096];
	int port = start(&p);
	const char *s = P "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n"
	    "\r\n0\r\n\r\nGET /smuggled HTTP/1.1\r\n" H "\r\n";

	(void)state;
	ask(port, s, strlen(s), out, sizeof(out));
	assert_int_equal(status_of(out), 400);
	assert_null(strstr(out, "smuggled"));
	proc_stop(&p);
}

static void
oversize(void **state)
{
	struct proc p;
	static char big[70000], out[4096];
	int port = start(&p);
	BUF_SCOPED b = BUF_INIT;

	(void)state;
	memset(big, 'a', sizeof(big));
	/* A request line without an end. */
	buf_puts(&b, "GET /");
	buf_put(&b, big, sizeof(big));
	ask(port, b.ptr, b.len, out, sizeof(out));
	assert_int_equal(status_of(out), 414);
	/* One that ends too late. */
	buf_reset(&b);
	buf_puts(&b, "GET /");
	buf_put(&b, big, 9000);
	buf_puts(&b, " HTTP/1.1\r\n" H "\r\n");
	ask(port, b.ptr, b.len, out, sizeof(out));
	assert_int_equal(status_of(out), 414);
	/* A field, and many fields. */
	buf_reset(&b);
	buf_puts(&b, "GET / HTTP/1.1\r\n" H "X: ");
	buf_put(&b, big, 40000);
	buf_puts(&b, "\r\n\r\n");
	ask(port, b.ptr, b.len, out, sizeof(out));
	assert_int_equal(status_of(out), 431);
	buf_reset(&b);
	buf_puts(&b, "GET / HTTP/1.1\r\n" H);
	for (int i = 0; i < 64; i++)
		buf_printf(&b, "X%d: a\r\n", i);
	buf_puts(&b, "\r\n");
	ask(port, b.ptr, b.len, out, sizeof(out));
	assert_int_equal(status_of(out), 431);
	/* Chunks that together pass the limit. */
	buf_reset(&b);
	buf_puts(&b, P "Transfer-Encoding: chunked\r\n\r\n8000\r\n");
	buf_put(&b, big, 0x8000);
	buf_puts(&b, "\r\n8001\r\n");
	buf_put(&b, big, 0x8001);
	buf_puts(&b, "\r\n0\r\n\r\n");
	ask(port, b.ptr, b.len, out, sizeof(out));
	assert_int_equal(status_of(out), 413);
	proc_stop(&p);
}

static void
answers(void **state)
{
	struct proc p;
	static char out[2000000];
	int port = start(&p);
	const char *many = "GET /a HTTP/1.1\r\n" H "\r\n"
	    "HEAD /b HTTP/1.1\r\n" H "\r\n"
	    "GET http://A/c%20d?q=%41|[] HTTP/1.1\r\n" H "\r\n"
	    P "Content-Length: 3\r\n\r\nabc"
	    P "Transfer-Encoding: Chunked\r\n\r\n3\r\nabc\r\nA\r\n0123456789\r\n"
	    "000\r\n\r\n"
	    "GET /later HTTP/1.1\r\n" H "\r\n"
	    "OPTIONS * HTTP/1.1\r\n" H "\r\n"
	    "DELETE /last/ HTTP/1.1\r\n" H "Connection: x, close\r\n\r\n"
	    "GET /never HTTP/1.1\r\n" H "\r\n";

	(void)state;
	for (int bytewise = 0; bytewise < 2; bytewise++) {
		int fd = dial(port, NULL);
		for (size_t i = 0; bytewise && many[i] != '\0'; i++)
			say(fd, many + i, 1);
		if (!bytewise)
			say(fd, many, strlen(many));
		hear(fd, out, sizeof(out), sizeof(out));
		close(fd);
		const char *at = out;
		static const char *const want[] = { "GET /a 0\n",
			"Content-Length: 10\r\n", "GET /c d 0\n", "POST / 3\n",
			"POST / 13\n", "at last\n", "OPTIONS * 0\n",
			"DELETE /last/ 0\n" };
		for (size_t i = 0; i < sizeof(want) / sizeof(want[0]); i++) {
			at = strstr(at, want[i]);
			assert_non_null(at);
			at++;
		}
		assert_null(strstr(out, "HEAD /b"));
		assert_null(strstr(out, "never"));
		assert_null(strstr(out, "Server:"));
	}
	/* HTTP/1.0 ends after one. */
	const char *old = "GET /x HTTP/1.0\r\n" H "\r\nGET /y HTTP/1.0\r\n" H
	    "\r\n";
	ask(port, old, strlen(old), out, sizeof(out));
	assert_non_null(strstr(out, "GET /x 0\n"));
	assert_null(strstr(out, "GET /y"));
	/* A file, larger than a socket takes at once. */
	const char *file = "GET /file HTTP/1.1\r\n" H "Connection: close\r\n\r\n";
	size_t n = ask(port, file, strlen(file), out, sizeof(out));
	assert_true(n > 1000000 && n < 1000400);
	const char *content = strstr(out, "\r\n\r\n") + 4;
	for (int i = 0; i < 250000; i++)
		assert_int_equal(memcmp(content + 4 * i, "abcd", 4), 0);
	proc_stop(&p);
}

static void
bodies(void **state)
{
	struct proc p;
	static char out[4096], block[65536];
	int port = start(&p);
	BUF_SCOPED b = BUF_INIT;

	(void)state;
	/* Refused by its head, before the body came. */
	const char *no = "POST /no HTTP/1.1\r\n" H "Content-Length: 60000\r\n\r\n";
	ask(port, no, strlen(no), out, sizeof(out));
	assert_int_equal(status_of(out), 403);
	/* Waits for the word to go on. */
	const char *wait = P "Content-Length: 2\r\nExpect: 100-continue\r\n\r\n";
	int fd = dial(port, NULL);
	say(fd, wait, strlen(wait));
	hear(fd, out, sizeof(out), 25);
	assert_string_equal(out, "HTTP/1.1 100 Continue\r\n\r\n");
	say(fd, "ok", 2);
	hear(fd, out, sizeof(out), 40);
	assert_int_equal(status_of(out), 200);
	/* 20 MiB in chunks go through without being kept. */
	buf_puts(&b, "POST /stream HTTP/1.1\r\n" H "Connection: close\r\n"
	    "Transfer-Encoding: chunked\r\n\r\n");
	say(fd, b.ptr, b.len);
	for (int i = 0; i < 320; i++) {
		say(fd, "10000\r\n", 7);
		say(fd, block, sizeof(block));
		say(fd, "\r\n", 2);
	}
	say(fd, "0\r\n\r\n", 5);
	out[0] = '\0';
	hear(fd, out, sizeof(out), sizeof(out));
	close(fd);
	assert_non_null(strstr(out, "20971520\n"));
	proc_stop(&p);
}

/* The answer to a plain request from ${from}, within a second. */
static bool
is_served(int port, const char *from)
{
	char out[1024];
	const char *get = "GET /ok HTTP/1.1\r\n" H "Connection: close\r\n\r\n";
	int64_t began = clock_mono();
	int fd = dial(port, from);

	say(fd, get, strlen(get));
	hear(fd, out, sizeof(out), sizeof(out));
	close(fd);
	return (status_of(out) == 200 && clock_mono() - began < CLOCK_SECOND);
}

static void
slow_ones(void **state)
{
	struct proc p;
	int fd[900], n = 0, port;
	const char *begin[] = { "GET / HTTP/1.1\r\nX: ", P "Content-Length: "
		"60000\r\n\r\n", "", "GET /told HTTP/1.1\r\nX: " };

	(void)state;
	limits.slow = 2 * CLOCK_SECOND;
	limits.idle = 2 * CLOCK_SECOND;
	port = start(&p);
	for (; n < 900; n++) {
		fd[n] = dial(port, NULL);
		say(fd[n], begin[n % 4], strlen(begin[n % 4]));
		if (n % 300 == 299)
			assert_true(is_served(port, "127.0.0.2"));
	}
	assert_true(is_served(port, "127.0.0.3"));
	/* And from the very address that holds the others. */
	assert_true(is_served(port, NULL));
	/* A byte now and then does not keep them alive. */
	for (int round = 0; round < 6; round++) {
		for (int i = 0; i < n; i++)
			say(fd[i], "a", 1);
		usleep(500000);
		assert_true(is_served(port, "127.0.0.2"));
	}
	int open = 0, told = 0;
	for (int i = 0; i < n; i++) {
		char c[512];
		ssize_t got = recv(fd[i], c, sizeof(c) - 1, MSG_DONTWAIT);
		open += got < 0 && errno == EAGAIN;
		/* Those that were not displaced by others are told why. */
		if (got > 0) {
			c[got] = '\0';
			assert_int_equal(i % 4, 3);
			assert_int_equal(status_of(c), 408);
			assert_non_null(strstr(c, "{\"status\":408}"));
			told++;
		}
		close(fd[i]);
	}
	assert_int_equal(open, 0);
	assert_true(told > 5);
	proc_stop(&p);
	limits = (struct httpd_limits)HTTPD_LIMITS;
}

/*
 * A client that does not read its answers is ended too, with a reset: an end of
 * the stream would stand behind what does not fit into its closed window. All
 * is asked in one piece, so that nothing unread makes the kernel reset by itself;
 * 100 MB are more than any buffers between.
 */
static void
slow_reader(void **state)
{
	struct proc p;
	struct pollfd pf;
	int port, small = 4096, fd, error = 0;
	socklen_t n = sizeof(error);
	BUF_SCOPED b = BUF_INIT;

	(void)state;
	limits.slow = CLOCK_SECOND;
	port = start(&p);
	fd = dial(port, NULL);
	setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof(small));
	for (int i = 0; i < 100; i++)
		buf_puts(&b, "GET /file HTTP/1.1\r\n" H "\r\n");
	say(fd, b.ptr, b.len);
	pf = (struct pollfd){ .fd = fd, .events = 0 };
	assert_int_equal(poll(&pf, 1, 60000), 1); /* it hung up */
	assert_int_equal(getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &n), 0);
	assert_int_equal(error, ECONNRESET);
	close(fd);
	proc_stop(&p);
	limits = (struct httpd_limits)HTTPD_LIMITS;
}

/* Told to stop, it ends what waits and finishes what runs. */
static void
stops(void **state)
{
	struct proc p;
	struct proc_end end;
	char out[1024];
	int port = start(&p);
	int idle = dial(port, NULL), later = dial(port, NULL);
	const char *get = "GET /later HTTP/1.1\r\n" H "\r\n";
	const char *stop = "GET /stop HTTP/1.1\r\n" H "\r\n";

	(void)state;
	say(later, get, strlen(get));
	ask(port, stop, strlen(stop), out, sizeof(out));
	assert_non_null(strstr(out, "bye\n"));
	hear(later, out, sizeof(out), sizeof(out));
	assert_non_null(strstr(out, "at last\n"));
	assert_int_equal(hear(idle, out, sizeof(out), 1), 0);
	close(idle);
	close(later);
	proc_wait(&p, &end);
	assert_true(proc_ok(&end));
}

static void
addresses(void **state)
{
	ARENA_SCOPED a = ARENA_INIT;
	struct served s = { 0 };
	struct httpd_face face = { .run = on_run, .ctx = &s };
	static const char *const wrong[] = { "", "x", ":1", "127.0.0.1",
		"127.0.0.1:", "127.0.0.1:65536", "localhost:1", "::1:80",
		"127.0.0.1:-1", "[127.0.0.1:1" };
	const char *at, *again;
	struct err e;

	(void)state;
	assert_int_equal(httpd_new(&face, &limits, &s.h, &e), 0);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_int_equal(httpd_listen(s.h, wrong[i], &a, &at, &e),
		    -ERR_USAGE);
	assert_int_equal(httpd_listen(s.h, "127.0.0.1:0", &a, &at, &e), 0);
	assert_int_equal(httpd_listen(s.h, at, &a, &again, &e), -ERR_CONFLICT);
	httpd_free(s.h);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(refuses),
		cmocka_unit_test(smuggles_nothing),
		cmocka_unit_test(oversize),
		cmocka_unit_test(answers),
		cmocka_unit_test(bodies),
		cmocka_unit_test(slow_ones),
		cmocka_unit_test(slow_reader),
		cmocka_unit_test(stops),
		cmocka_unit_test(addresses),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
