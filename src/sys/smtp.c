#include "sys/smtp.h"

#include <stdio.h>

#include "base/clock.h"
#include "sys/libcurl.h"

static bool
atom_char(char c, bool local)
{
	if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9') || c == '-' || c == '.')
		return (true);
	return (local && c != '\0' && strchr("!#$%&'*+/=?^_`{|}~", c) != NULL);
}

bool
smtp_address_ok(struct str s)
{
	size_t at = 0;

	if (s.len < 3 || s.len > 320)
		return (false);
	while (at < s.len && s.ptr[at] != '@')
		if (!atom_char(s.ptr[at++], true))
			return (false);
	if (at == 0 || at > 64 || at + 1 >= s.len || s.ptr[0] == '.' ||
	    s.ptr[0] == '-' || s.ptr[at - 1] == '.' || s.ptr[at + 1] == '.' ||
	    s.ptr[at + 1] == '-' || s.ptr[s.len - 1] == '.')
		return (false);
	for (size_t i = at + 1; i < s.len; i++)
		if (!atom_char(s.ptr[i], false) ||
		    (s.ptr[i] == '.' && s.ptr[i - 1] == '.'))
			return (false);
	return (true);
}

static bool
host_ok(const char *s)
{
	size_t n = strlen(s);

	for (size_t i = 0; i < n; i++)
		if (!atom_char(s[i], false) && s[i] != ':' && s[i] != '[' &&
		    s[i] != ']')
			return (false);
	return (n > 0 && n <= 253);
}

static int
check(const struct smtp_mail *m, struct err *e)
{
	if (!host_ok(m->host) || m->port < 1 || m->port > 65535)
		return (err_set(e, ERR_INPUT, m->host, "write it like "
		    "mail.example.org:587", "this is no mail server"));
	if (m->tls == SMTP_PLAIN && m->user != NULL)
		return (err_set(e, ERR_INPUT, m->host, "use tls or starttls",
		    "a password is not sent without TLS"));
	if (!smtp_address_ok(str_from(m->from)))
		return (err_set(e, ERR_INPUT, m->from, "write it like "
		    "ada@example.org", "the sender is no address"));
	if (m->helo != NULL && !host_ok(m->helo))
		return (err_set(e, ERR_INPUT, m->helo, "give the name of a host",
		    "this machine cannot call itself so"));
	for (size_t i = 0; m->to[i] != NULL; i++)
		if (!smtp_address_ok(str_from(m->to[i])))
			return (err_set(e, ERR_INPUT, m->host, "correct the "
			    "person's e-mail", "a recipient's address cannot be "
			    "used"));
	return (0);
}

struct sending {
	const struct smtp_mail *m;
	const struct libcurl *curl;
	struct libcurl_guard guard;
	size_t at; /* bytes of the message that were read */
};

static size_t
give(char *p, size_t size, size_t n, void *ctx)
{
	struct sending *s = ctx;
	size_t left = s->m->message.len - s->at, most = size * n;

	if (left > most)
		left = most;
	if (left > 0)
		memcpy(p, s->m->message.ptr + s->at, left);
	s->at += left;
	return (left);
}

static bool
set_options(CURL *c, struct sending *s, const char *url,
    struct curl_slist *to, const char *from)
{
	const struct smtp_mail *m = s->m;
	bool ok = true;

#define SET(opt, value) (ok = ok && \
	s->curl->curl_easy_setopt(c, CURLOPT_##opt, value) == CURLE_OK)
	SET(URL, url);
	SET(PROTOCOLS_STR, "smtp,smtps");
	SET(PROXY, "");
	SET(NOSIGNAL, 1L);
	SET(USE_SSL, (long)(m->tls == SMTP_STARTTLS ? CURLUSESSL_ALL :
	    CURLUSESSL_NONE));
	SET(SSL_VERIFYPEER, 1L);
	SET(SSL_VERIFYHOST, 2L);
	SET(SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	if (m->ca != NULL)
		SET(CAINFO, m->ca);
	if (m->user != NULL) {
		SET(USERNAME, m->user);
		SET(PASSWORD, m->password != NULL ? m->password : "");
	}
	SET(TIMEOUT_MS, (long)(m->timeout_us / 1000));
	SET(OPENSOCKETFUNCTION, libcurl_socket);
	SET(OPENSOCKETDATA, &s->guard);
	SET(MAIL_FROM, from);
	SET(MAIL_RCPT, to);
	SET(UPLOAD, 1L);
	SET(READFUNCTION, give);
	SET(READDATA, s);
	SET(INFILESIZE_LARGE, (curl_off_t)m->message.len);
#undef SET
	return (ok);
}

static int
failed(const struct sending *s, CURLcode rc, long code, struct err *e)
{
	const struct smtp_mail *m = s->m;

	if (s->guard.denied)
		return (err_set(e, ERR_DENIED, m->host, m->allow,
		    "the mail server's address %s is not one that may be used",
		    s->guard.denied_at));
	if (rc == CURLE_OPERATION_TIMEDOUT)
		return (err_set(e, ERR_TIMEOUT, m->host, "it is tried again; ask "
		    "who runs it", "the mail server did not answer within %lld s",
		    (long long)(m->timeout_us / CLOCK_SECOND)));
	if (rc == CURLE_PEER_FAILED_VERIFICATION || rc ==
	    CURLE_SSL_CACERT_BADFILE)
		return (err_set(e, ERR_IO, m->host, "ask who runs it; nothing was "
		    "sent", "the mail server's certificate does not hold"));
	if (rc == CURLE_COULDNT_RESOLVE_HOST)
		return (err_set(e, ERR_IO, m->host, "check the name and the "
		    "network", "the mail server is not found"));
	if (rc == CURLE_USE_SSL_FAILED)
		return (err_set(e, ERR_IO, m->host, "ask who runs it; nothing was "
		    "sent", "the mail server offers no STARTTLS"));
	if (rc == CURLE_LOGIN_DENIED)
		return (err_set(e, ERR_IO, m->host, "correct mail.user and the "
		    "file of mail.password", "the mail server refuses the user or "
		    "password"));
	/* A reply may hold the address of somebody: only its number is said. */
	if (code >= 400)
		return (err_set(e, ERR_IO, m->host, "look into the mail server's "
		    "log", "the mail server refused it with reply %ld", code));
	return (err_set(e, ERR_IO, m->host, "check mail.server, and that it runs",
	    "the mail server cannot be reached: %s",
	    s->curl->curl_easy_strerror(rc)));
}

int
smtp_send(const struct smtp_mail *m, bool *ret_refused, struct err *e)
{
	struct sending s = { .m = m, .guard = { .net = m->net } };
	struct curl_slist *to = NULL;
	char url[600], from[330];
	CURLcode rc = CURLE_FAILED_INIT;
	long code = 0;
	CURL *c;
	int r = check(m, e);

	*ret_refused = r == -ERR_INPUT;
	if (r != 0 || (r = libcurl(&s.curl, e)) != 0)
		return (r);
	c = s.curl->curl_easy_init();
	if (c == NULL)
		err_oom(1);
	snprintf(url, sizeof(url), "%s://%s:%d/%s", m->tls == SMTP_TLS ? "smtps" :
	    "smtp", m->host, m->port, m->helo != NULL ? m->helo : "");
	snprintf(from, sizeof(from), "<%s>", m->from);
	for (size_t i = 0; m->to[i] != NULL; i++) {
		char one[330];
		snprintf(one, sizeof(one), "<%s>", m->to[i]);
		to = s.curl->curl_slist_append(to, one);
	}
	if (set_options(c, &s, url, to, from))
		rc = s.curl->curl_easy_perform(c);
	if (rc != CURLE_OK) {
		s.curl->curl_easy_getinfo(c, CURLINFO_RESPONSE_CODE, &code);
		/* What is wrong with our login can be set right. */
		*ret_refused = code >= 550 && code <= 556 &&
		    rc != CURLE_LOGIN_DENIED;
		r = failed(&s, rc, code, e);
	}
	s.curl->curl_slist_free_all(to);
	s.curl->curl_easy_cleanup(c);
	return (r);
}
