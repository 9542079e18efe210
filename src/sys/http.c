#include "sys/http.h"

#include <stdio.h>
#include <strings.h>

#include "base/clock.h"
#include "sys/libcurl.h"

#define URL_MAX 2048
#define HEADERS_MAX 65536

/* --- addresses ------------------------------------------------------------ */

struct range {
	unsigned char base[16];
	unsigned bits;
	int net;
};
#define NEVER (-1)

/* The first that fits counts; what none fits is public. */
static const struct range v4[] = {
	{ { 127 }, 8, HTTP_LOOPBACK },
	{ { 100, 100, 100, 200 }, 32, NEVER }, /* a cloud's metadata */
	{ { 10 }, 8, HTTP_PRIVATE },
	{ { 172, 16 }, 12, HTTP_PRIVATE },
	{ { 192, 168 }, 16, HTTP_PRIVATE },
	{ { 100, 64 }, 10, HTTP_PRIVATE },
	{ { 198, 18 }, 15, HTTP_PRIVATE },
	{ { 0 }, 8, NEVER },
	{ { 169, 254 }, 16, NEVER }, /* link-local, metadata */
	{ { 192, 0, 0 }, 24, NEVER },
	{ { 192, 0, 2 }, 24, NEVER },
	{ { 198, 51, 100 }, 24, NEVER },
	{ { 203, 0, 113 }, 24, NEVER },
	{ { 224 }, 3, NEVER }, /* multicast, reserved, broadcast */
};

/* What is not in 2000::/3 and has no row is never connected to. */
static const struct range v6[] = {
	{ { [15] = 1 }, 128, HTTP_LOOPBACK },
	{ { 0xfd, 0, 0x0e, 0xc2 }, 32, NEVER }, /* a cloud's metadata */
	{ { 0xfc }, 7, HTTP_PRIVATE },
	{ { 0xfe, 0xc0 }, 10, HTTP_PRIVATE },
	{ { 0x20, 0x01 }, 32, NEVER }, /* Teredo */
	{ { 0x20, 0x01, 0x0d, 0xb8 }, 32, NEVER },
	{ { 0x20 }, 3, HTTP_PUBLIC },
	{ { 0 }, 0, NEVER },
};

static bool
in_range(const unsigned char *a, const struct range *r)
{
	unsigned whole = r->bits / 8, rest = r->bits % 8;

	if (memcmp(a, r->base, whole) != 0)
		return (false);
	return (rest == 0 || ((a[whole] ^ r->base[whole]) >> (8 - rest)) == 0);
}

int
http_net_of(const unsigned char *a, size_t n)
{
	static const unsigned char mapped[12] = { [10] = 0xff, [11] = 0xff };
	static const unsigned char nat64[12] = { 0, 0x64, 0xff, 0x9b };

	if (n == 16 && (memcmp(a, mapped, 12) == 0 ||
	    memcmp(a, nat64, 12) == 0))
		return (http_net_of(a + 12, 4));
	if (n == 16 && a[0] == 0x20 && a[1] == 0x02) /* 6to4 */
		return (http_net_of(a + 2, 4));
	if (n == 4)
		for (size_t i = 0; i < sizeof(v4) / sizeof(v4[0]); i++)
			if (in_range(a, &v4[i]))
				return (v4[i].net);
	if (n == 16)
		for (size_t i = 0; i < sizeof(v6) / sizeof(v6[0]); i++)
			if (in_range(a, &v6[i]))
				return (v6[i].net);
	return (n == 4 ? HTTP_PUBLIC : NEVER);
}

int
http_url_ok(const char *url, struct err *e)
{
	static const char fix[] = "write it like https://witness.example.org/w1";
	size_t n = strlen(url), skip;

	if (strncasecmp(url, "http://", 7) == 0)
		skip = 7;
	else if (strncasecmp(url, "https://", 8) == 0)
		skip = 8;
	else
		return (err_set(e, ERR_INPUT, url, fix,
		    "only http and https addresses are asked"));
	if (n > URL_MAX)
		return (err_set(e, ERR_INPUT, NULL, fix,
		    "the address is too long"));
	for (size_t i = 0; i < n; i++)
		if (url[i] <= 0x20 || url[i] >= 0x7f || url[i] == '#' ||
		    url[i] == '"' || url[i] == '<' || url[i] == '>' ||
		    url[i] == '\\')
			return (err_set(e, ERR_INPUT, url, fix,
			    "the address has a character that none has"));
	size_t host = strcspn(url + skip, "/?");
	if (host == 0 || url[skip] == ':')
		return (err_set(e, ERR_INPUT, url, fix,
		    "the address names no host"));
	if (memchr(url + skip, '@', host) != NULL)
		return (err_set(e, ERR_INPUT, url, "leave it out",
		    "the address has a user or a password in it"));
	return (0);
}

/* --- one request ---------------------------------------------------------- */

struct asking {
	const struct http_request *q;
	struct buf body;
	size_t headers;
	bool too_long;
	const struct libcurl *curl;
	struct libcurl_guard guard;
};

static size_t
take_body(char *p, size_t size, size_t n, void *ctx)
{
	struct asking *s = ctx;

	if (n > SIZE_MAX / (size ? size : 1) ||
	    s->body.len + size * n > s->q->max) {
		s->too_long = true;
		return (0);
	}
	buf_put(&s->body, p, size * n);
	return (size * n);
}

static size_t
take_header(char *p, size_t size, size_t n, void *ctx)
{
	struct asking *s = ctx;

	(void)p;
	s->headers += size * n;
	if (s->headers > HEADERS_MAX) {
		s->too_long = true;
		return (0);
	}
	return (size * n);
}

static int
failed(const struct asking *s, CURLcode rc, struct err *e)
{
	const char *url = s->q->url;

	if (s->too_long)
		return (err_set(e, ERR_LIMIT, url, "see what answers there",
		    "the answer is longer than %zu bytes", s->q->max));
	if (s->guard.denied)
		return (err_set(e, ERR_DENIED, url, s->q->allow != NULL ?
		    s->q->allow : "give an address that can be asked",
		    "the host's address %s is not one that may be asked",
		    s->guard.denied_at));
	if (rc == CURLE_OPERATION_TIMEDOUT)
		return (err_set(e, ERR_TIMEOUT, url, "try again later, or ask "
		    "who runs it", "the server did not answer within %lld s",
		    (long long)(s->q->timeout_us / CLOCK_SECOND)));
	if (rc == CURLE_PEER_FAILED_VERIFICATION || rc ==
	    CURLE_SSL_CACERT_BADFILE)
		return (err_set(e, ERR_IO, url, "ask who runs it; nothing was "
		    "sent", "the server's certificate does not hold"));
	if (rc == CURLE_COULDNT_RESOLVE_HOST)
		return (err_set(e, ERR_IO, url, "check the name and the "
		    "network", "the host is not found"));
	return (err_set(e, ERR_IO, url, "check the address, and that the "
	    "server runs", "the server cannot be asked: %s",
	    s->curl->curl_easy_strerror(rc)));
}

static bool
set_options(CURL *c, struct asking *s, struct curl_slist *fields)
{
	const struct http_request *q = s->q;
	bool ok = true;

#define SET(opt, value) (ok = ok && \
	s->curl->curl_easy_setopt(c, CURLOPT_##opt, value) == CURLE_OK)
	SET(URL, q->url);
	SET(PROTOCOLS_STR, "http,https");
	SET(PROXY, "");
	SET(FOLLOWLOCATION, 0L);
	SET(NOSIGNAL, 1L);
	SET(HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	SET(HTTP09_ALLOWED, 0L);
	SET(SSL_VERIFYPEER, 1L);
	SET(SSL_VERIFYHOST, 2L);
	SET(SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	if (q->ca != NULL)
		SET(CAINFO, q->ca);
	SET(TIMEOUT_MS, (long)(q->timeout_us / 1000));
	SET(USERAGENT, "tickmark");
	SET(OPENSOCKETFUNCTION, libcurl_socket);
	SET(OPENSOCKETDATA, &s->guard);
	SET(WRITEFUNCTION, take_body);
	SET(WRITEDATA, s);
	SET(HEADERFUNCTION, take_header);
	SET(HEADERDATA, s);
	if (q->type != NULL) {
		SET(POST, 1L);
		SET(POSTFIELDSIZE_LARGE, (curl_off_t)q->body.len);
		SET(POSTFIELDS, q->body.len > 0 ? q->body.ptr : "");
	}
	SET(HTTPHEADER, fields);
#undef SET
	return (ok);
}

static struct curl_slist *
field(const struct libcurl *curl, struct curl_slist *list, const char *name,
    const char *value)
{
	char line[256];

	snprintf(line, sizeof(line), "%s: %s", name, value);
	return (curl->curl_slist_append(list, line));
}

/* "text/x.tlog.size; charset=..." is "text/x.tlog.size". */
static void
copy_type(const char *s, char *out, size_t cap)
{
	size_t n = 0;

	for (; s != NULL && s[n] != '\0' && s[n] != ';' && s[n] != ' ' &&
	    n < cap - 1; n++)
		out[n] = (char)(s[n] >= 'A' && s[n] <= 'Z' ? s[n] + 32 : s[n]);
	out[n] = '\0';
}

int
http_ask(const struct http_request *q, struct http_answer *ret, struct err *e)
{
	struct asking s = { .q = q, .guard = { .net = q->net } };
	struct curl_slist *fields = NULL;
	struct http_answer a = { 0 };
	CURLcode rc = CURLE_FAILED_INIT;
	const char *type = NULL;
	long status = 0;
	CURL *c;
	int r = http_url_ok(q->url, e);

	if (r != 0 || (r = libcurl(&s.curl, e)) != 0)
		return (r);
	c = s.curl->curl_easy_init();
	if (c == NULL)
		err_oom(1);
	if (q->type != NULL) {
		fields = field(s.curl, fields, "Content-Type", q->type);
		fields = s.curl->curl_slist_append(fields, "Expect:");
	}
	fields = field(s.curl, fields, "Accept", q->accept ? q->accept : "*/*");
	for (size_t i = 0; q->fields != NULL && q->fields[i] != NULL; i++)
		fields = s.curl->curl_slist_append(fields, q->fields[i]);
	if (set_options(c, &s, fields))
		rc = s.curl->curl_easy_perform(c);
	if (rc == CURLE_OK) {
		s.curl->curl_easy_getinfo(c, CURLINFO_RESPONSE_CODE, &status);
		s.curl->curl_easy_getinfo(c, CURLINFO_CONTENT_TYPE, &type);
		copy_type(type, a.type, sizeof(a.type));
		a.status = (int)status;
		a.body = s.body;
		*ret = a;
	} else {
		r = failed(&s, rc, e);
		buf_free(&s.body);
	}
	s.curl->curl_slist_free_all(fields);
	s.curl->curl_easy_cleanup(c);
	return (r);
}
