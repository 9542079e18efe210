#include "program/settings.h"

#include <sys/stat.h>

#include "base/clock.h"
#include "sys/crypto.h"
#include "sys/file.h"
#include "text/setting.h"

#define SECRET_MAX 4096

struct reading {
	struct arena *a;
	struct settings *c;
};

static int
take_number(const struct setting *s, int64_t most, int64_t *ret, struct err *e)
{
	int64_t n;

	if (!str_to_i64(s->value, &n) || n < 0 || n > most)
		return (setting_bad(s, e, "write a whole number that is not too "
		    "large", "not a number of this"));
	*ret = n;
	return (0);
}

static int
take_word(const struct setting *s, const char *const *words, size_t n,
    const char *fix, int *ret, struct err *e)
{
	for (size_t i = 0; i < n; i++)
		if (str_is(s->value, words[i])) {
			*ret = (int)i;
			return (0);
		}
	return (setting_bad(s, e, fix, "not one of its values"));
}

static int
take_net(const struct setting *s, enum http_net *ret, struct err *e)
{
	static const char *const names[] = { "public", "private", "loopback" };
	int i, r = take_word(s, names, 3, "write public, private or loopback", &i,
	    e);

	if (r == 0)
		*ret = (enum http_net)i;
	return (r);
}

/* 08:00 */
static int
take_time(const struct setting *s, int64_t *ret, struct err *e)
{
	const char *p = s->value.ptr;
	int64_t h, m;

	if (s->value.len != 5 || p[2] != ':' ||
	    !str_to_i64((struct str){ p, 2 }, &h) ||
	    !str_to_i64((struct str){ p + 3, 2 }, &m) || h < 0 || h > 23 ||
	    m < 0 || m > 59)
		return (setting_bad(s, e, "write it like 08:00",
		    "not a time of day"));
	*ret = (h * 60 + m) * 60 * CLOCK_SECOND;
	return (0);
}

/* "mail.example.org:587", "[::1]:25" */
static int
take_server(struct settings *c, struct arena *a, const struct setting *s,
    struct err *e)
{
	size_t at = s->value.len;
	int64_t port = 0;

	while (at > 0 && s->value.ptr[at - 1] != ':')
		at--;
	if (at < 2 || !str_to_i64((struct str){ s->value.ptr + at, s->value.len -
	    at }, &port) || port < 1 || port > 65535)
		return (setting_bad(s, e, "write it like mail.example.org:587",
		    "not a server and its port"));
	c->mail_host = arena_strndup(a, s->value.ptr, at - 1);
	c->mail_port = port;
	return (0);
}

static const char *
path_of(struct reading *r, struct str s)
{
	return (s.ptr[0] == '/' ? s.ptr : arena_printf(r->a, "%s/" STR_FMT,
	    r->c->dir, STR_ARG(s)));
}

static int
take_address(const struct setting *s, const char **ret, struct err *e)
{
	if (!smtp_address_ok(s->value))
		return (setting_bad(s, e, "write it like tickmark@example.org",
		    "not an address"));
	*ret = s->value.ptr;
	return (0);
}

static int
take_mail(struct reading *r, const struct setting *s, struct str key,
    struct err *e)
{
	static const char *const tls[] = { "tls", "starttls", "none" };
	struct settings *c = r->c;
	int i, rc;

	if (str_is(key, "server"))
		return (take_server(c, r->a, s, e));
	if (str_is(key, "network"))
		return (take_net(s, &c->mail_net, e));
	if (str_is(key, "from"))
		return (take_address(s, &c->mail_from, e));
	if (str_is(key, "tls")) {
		rc = take_word(s, tls, 3, "write tls, starttls or none", &i, e);
		if (rc == 0)
			c->mail_tls = (enum smtp_tls)i;
		return (rc);
	}
	if (str_is(key, "user"))
		c->mail_user = s->value.ptr;
	else if (str_is(key, "password"))
		c->mail_password = path_of(r, s->value);
	else if (str_is(key, "name"))
		c->mail_name = s->value.ptr;
	else if (str_is(key, "helo"))
		c->mail_helo = s->value.ptr;
	else if (str_is(key, "ca"))
		c->mail_ca = path_of(r, s->value);
	else
		return (setting_bad(s, e, "server, tls, network, user, password, "
		    "from, name, helo and ca may be set", "not a setting"));
	return (0);
}

static bool
name_ok(struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (!((s.ptr[i] >= 'a' && s.ptr[i] <= 'z') ||
		    (s.ptr[i] >= 'A' && s.ptr[i] <= 'Z') ||
		    (s.ptr[i] >= '0' && s.ptr[i] <= '9') || s.ptr[i] == '-' ||
		    s.ptr[i] == '_'))
			return (false);
	return (s.len > 0 && s.len <= 40);
}

static int
take_hook(struct reading *r, const struct setting *s, struct str key,
    struct err *e)
{
	static const char *const events[] = { "all", "overdue", "digest" };
	struct settings *c = r->c;
	struct settings_hook *h = NULL;
	struct str name;
	int i, rc;

	if (!str_split(&key, '.', &name) || !name_ok(name) || key.len == 0)
		return (setting_bad(s, e, "write it like webhook.chat.url",
		    "not a setting"));
	for (size_t k = 0; k < c->nhooks; k++)
		if (str_is(name, c->hook[k].name))
			h = &c->hook[k];
	if (h == NULL && c->nhooks == SETTINGS_HOOKS)
		return (setting_bad(s, e, "remove some", "too many webhooks"));
	if (h == NULL) {
		h = &c->hook[c->nhooks++];
		*h = (struct settings_hook){ .name = arena_strndup(r->a, name.ptr,
		    name.len), .overdue = true, .digest = true, .line = s->line };
	}
	if (str_is(key, "network"))
		return (take_net(s, &h->net, e));
	if (str_is(key, "url")) {
		h->url = s->value.ptr;
		return (http_url_ok(h->url, e) == 0 ? 0 : err_at(e, "%s:%d",
		    s->path, s->line));
	}
	if (str_is(key, "events")) {
		rc = take_word(s, events, 3, "write all, overdue or digest", &i, e);
		h->overdue = i != 2;
		h->digest = i != 1;
		return (rc);
	}
	if (str_is(key, "secret"))
		h->secret = path_of(r, s->value);
	else if (str_is(key, "ca"))
		h->ca = path_of(r, s->value);
	else
		return (setting_bad(s, e, "url, secret, events, network and ca may "
		    "be set", "not a setting"));
	return (0);
}

static int
take(void *ctx, const struct setting *s, struct err *e)
{
	static const char *const days[] = { "working", "daily", "weekly" };
	struct reading *r = ctx;
	struct settings *c = r->c;
	int i, rc;

	if (str_starts(s->key, "mail."))
		return (take_mail(r, s, (struct str){ s->key.ptr + 5, s->key.len -
		    5 }, e));
	if (str_starts(s->key, "webhook."))
		return (take_hook(r, s, (struct str){ s->key.ptr + 8, s->key.len -
		    8 }, e));
	if (str_is(s->key, "escalate.after"))
		return (take_number(s, 1000, &c->escalate_after, e));
	if (str_is(s->key, "escalate.lead.after"))
		return (take_number(s, 1000, &c->escalate_lead, e));
	if (str_is(s->key, "digest.ahead"))
		return (take_number(s, 400, &c->digest_ahead, e));
	if (str_is(s->key, "digest.at"))
		return (take_time(s, &c->digest_at, e));
	if (str_is(s->key, "message.attempts"))
		return (take_number(s, 100, &c->attempts, e));
	if (str_is(s->key, "digest.days")) {
		rc = take_word(s, days, 3, "write working, daily or weekly", &i, e);
		if (rc == 0)
			c->digest_days = (enum settings_days)i;
		return (rc);
	}
	if (str_is(s->key, "escalate.lead")) {
		c->lead = s->value.ptr;
		return (0);
	}
	if (str_is(s->key, "url")) {
		c->url = s->value.ptr;
		return (http_url_ok(c->url, e) == 0 ? 0 : err_at(e, "%s:%d",
		    s->path, s->line));
	}
	return (setting_bad(s, e, "doc/program.md lists them", "not a setting"));
}

static int
check(const struct settings *c, struct arena *a, struct err *e)
{
	if (c->mail_host != NULL && c->mail_from == NULL)
		return (err_set(e, ERR_INPUT, c->path, "add mail.from = "
		    "tickmark@example.org", "mail is to be sent, but nothing says "
		    "from whom"));
	if (c->mail_host != NULL && (c->mail_user == NULL) !=
	    (c->mail_password == NULL))
		return (err_set(e, ERR_INPUT, c->path, "set both or neither; "
		    "mail.password names a file", "of mail.user and mail.password "
		    "one is missing"));
	if (c->mail_host != NULL && c->mail_tls == SMTP_PLAIN &&
	    (c->mail_user != NULL || c->mail_net != HTTP_LOOPBACK))
		return (err_set(e, ERR_INPUT, c->path, "set mail.tls to tls or "
		    "starttls", "mail without TLS goes to this machine only "
		    "(mail.network = loopback), and without a password"));
	for (size_t i = 0; i < c->nhooks; i++)
		if (c->hook[i].url == NULL || c->hook[i].secret == NULL)
			return (err_set(e, ERR_INPUT, arena_printf(a, "%s:%d",
			    c->path, c->hook[i].line), "set webhook.NAME.url, and "
			    "webhook.NAME.secret to a file", "the webhook %s lacks "
			    "its address or its secret", c->hook[i].name));
	return (0);
}

int
settings_parse(struct arena *a, const char *dir, struct str text,
    struct settings *ret, struct err *e)
{
	struct settings c = { .dir = dir,
		.path = arena_printf(a, "%s/program.conf", dir),
		.escalate_after = 3, .escalate_lead = 10,
		.digest_at = 8 * CLOCK_HOUR, .digest_ahead = 7, .attempts = 12,
		.mail_tls = SMTP_STARTTLS };
	struct reading r = { a, &c };
	int rc = setting_each(a, c.path, text, take, &r, e);

	if (rc == 0)
		rc = check(&c, a, e);
	if (rc == 0)
		*ret = c;
	return (rc);
}

int
settings_load(struct arena *a, const char *dir, struct settings *ret,
    struct err *e)
{
	BUF_SCOPED text = BUF_INIT;
	struct err own;
	int r = file_read(arena_printf(a, "%s/program.conf", dir), SETTINGS_BYTES,
	    &text, &own);

	if (r != 0 && r != -ERR_NOTFOUND) {
		if (e != NULL)
			*e = own;
		return (r);
	}
	return (settings_parse(a, arena_strdup(a, dir), buf_str(&text), ret, e));
}

int
settings_secret(const char *path, struct buf *out, struct err *e)
{
	struct stat st;
	int r;

	if (stat(path, &st) == 0 && ((st.st_mode & 077) != 0 ||
	    !S_ISREG(st.st_mode)))
		return (err_set(e, ERR_DENIED, path, "chmod 0400 it", "others than "
		    "its owner may read the file of a secret"));
	r = file_read(path, SECRET_MAX, out, e);
	if (r != 0)
		return (r);
	size_t n = strcspn(out->ptr != NULL ? out->ptr : "", "\r\n");
	if (n == 0)
		return (err_set(e, ERR_INPUT, path, "write the secret into its "
		    "first line", "the file of a secret is empty"));
	crypto_wipe(out->ptr + n, out->len - n);
	out->len = n;
	return (0);
}
