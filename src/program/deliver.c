#include "program/deliver.h"

#include "base/clock.h"
#include "sys/crypto.h"
#include "text/mime.h"

#define TIMEOUT (30 * CLOCK_SECOND)
#define ANSWER_MAX 65536

struct delivery {
	struct task_desk *d;
	const struct workspace *ws;
	const struct outbox_message *m;
	bool refused;        /* for good */
	const char *dropped; /* there is nothing to send: why */
};

static const char *
allow(struct task_desk *d, const char *key)
{
	return (arena_printf(d->a, "if that is meant, write %s = loopback (this "
	    "machine) or private into program.conf", key));
}

/* --- mail ---------------------------------------------------------------------------- */

/* A Message-ID that is the same when the message is sent again. */
static struct str
message_id(struct delivery *x)
{
	uint8_t hash[CRYPTO_HASH];
	BUF_SCOPED b = BUF_INIT;
	const char *at = strchr(x->d->settings->mail_from, '@');

	crypto_sha256_2(x->ws->origin.ptr, x->ws->origin.len, x->m->key.ptr,
	    x->m->key.len, hash);
	buf_puthex(&b, hash, 16);
	buf_puts(&b, at);
	return (arena_str(x->d->a, buf_str(&b)));
}

static int
smtp(struct delivery *x, struct str to, const struct buf *message,
    struct err *e)
{
	const struct settings *c = x->d->settings;
	BUF_SCOPED password = BUF_INIT;
	const char *const list[] = { arena_strndup(x->d->a, to.ptr, to.len),
		NULL };
	struct smtp_mail mail = { .host = c->mail_host,
		.port = (int)c->mail_port, .tls = c->mail_tls, .net = c->mail_net,
		.allow = allow(x->d, "mail.network"), .helo = c->mail_helo,
		.user = c->mail_user, .ca = c->mail_ca, .from = c->mail_from,
		.to = list, .message = buf_str(message), .timeout_us = TIMEOUT };
	int r = c->mail_password == NULL ? 0 : settings_secret(c->mail_password,
	    &password, e);

	if (r != 0)
		return (r);
	if (c->mail_password != NULL) {
		buf_putc(&password, '\0');
		mail.password = password.ptr;
	}
	r = smtp_send(&mail, &x->refused, e);
	if (password.ptr != NULL)
		crypto_wipe(password.ptr, password.cap);
	return (r);
}

static int
send_digest(struct delivery *x, struct err *e)
{
	struct task_desk *d = x->d;
	BUF_SCOPED subject = BUF_INIT;
	BUF_SCOPED text = BUF_INIT;
	BUF_SCOPED message = BUF_INIT;
	struct record *p;
	struct mime_mail m;
	size_t n = 0;

	if (d->settings->mail_host == NULL)
		x->dropped = "no mail server is set";
	else if (record_find(d->s, d->a, schema_get(T_PERSON), x->m->target, &p,
	    NULL) != 0 || str_is(record_str(p, F_PERSON_STATE), "ended"))
		x->dropped = "the person has left";
	else if (record_str(p, F_PERSON_EMAIL).len == 0)
		x->dropped = "the person has no e-mail address on record";
	if (x->dropped != NULL)
		return (0);
	int r = notify_digest(d, x->ws->org, p->id, &subject, &text, &n, e);
	if (r != 0)
		return (r);
	if (n == 0) {
		x->dropped = "nothing waits any more";
		return (0);
	}
	m = (struct mime_mail){ .from = str_from(d->settings->mail_from),
		.from_name = str_from(d->settings->mail_name != NULL ?
		d->settings->mail_name : "Tickmark"),
		.to = record_str(p, F_PERSON_EMAIL), .subject = buf_str(&subject),
		.text = buf_str(&text), .date = clock_now(),
		.id = message_id(x) };
	r = mime_put(&message, &m, e);
	x->refused = r != 0;
	return (r != 0 ? r : smtp(x, m.to, &message, e));
}

/* --- webhooks -------------------------------------------------------------------------- */

void
deliver_sign(struct str secret, int64_t seconds, struct str body,
    struct buf *out)
{
	BUF_SCOPED b = BUF_INIT;
	uint8_t mac[CRYPTO_HASH];

	buf_printf(&b, "%lld.", (long long)seconds);
	buf_putstr(&b, body);
	crypto_hmac(secret.ptr, secret.len, b.ptr, b.len, mac);
	buf_printf(out, "t=%lld,v1=", (long long)seconds);
	buf_puthex(out, mac, sizeof(mac));
}

static int
post(struct delivery *x, const struct settings_hook *h,
    const char *const *fields, struct err *e)
{
	struct http_answer a = { 0 };
	struct http_request q = { .url = h->url, .net = h->net, .ca = h->ca,
		.allow = allow(x->d, arena_printf(x->d->a, "webhook.%s.network",
		h->name)), .type = "application/json", .body = x->m->body,
		.fields = fields, .max = ANSWER_MAX, .timeout_us = TIMEOUT };
	int r = http_ask(&q, &a, e);

	/* The address of a webhook may be a secret by itself. */
	if (r != 0)
		return (err_at(e, "%s", h->name));
	if (a.status < 200 || a.status > 299) {
		x->refused = a.status == 410;
		r = err_set(e, ERR_IO, h->name, "look into its log",
		    "the webhook answered with status %d", a.status);
	}
	buf_free(&a.body);
	return (r);
}

static int
send_hook(struct delivery *x, struct err *e)
{
	const struct settings *c = x->d->settings;
	const struct settings_hook *h = NULL;
	BUF_SCOPED secret = BUF_INIT;
	BUF_SCOPED signature = BUF_INIT;

	for (size_t i = 0; i < c->nhooks; i++)
		if (str_is(x->m->target, c->hook[i].name))
			h = &c->hook[i];
	if (h == NULL) {
		x->dropped = "the webhook is not set any more";
		return (0);
	}
	int r = settings_secret(h->secret, &secret, e);
	if (r != 0)
		return (r);
	buf_puts(&signature, "Tickmark-Signature: ");
	deliver_sign(buf_str(&secret), clock_now() / CLOCK_SECOND, x->m->body,
	    &signature);
	crypto_wipe(secret.ptr, secret.cap);
	const char *const fields[] = { signature.ptr, arena_printf(x->d->a,
	    "Tickmark-Id: " STR_FMT, STR_ARG(x->m->key)), NULL };
	return (post(x, h, fields, e));
}

/* --- all that is due ------------------------------------------------------------------- */

static int
deliver_one(struct delivery *x, struct outbox *o, struct deliver_done *done,
    struct err *e)
{
	const struct outbox_message *m = x->m;
	struct err why = { 0 };
	int64_t most = x->d->settings->attempts;
	int r = m->kind == OUTBOX_DIGEST ? send_digest(x, &why) :
	    send_hook(x, &why);

	if (r == 0 && x->dropped != NULL) {
		done->dropped++;
		return (outbox_drop(o, m->id, clock_now(), x->dropped, e));
	}
	if (r == 0) {
		done->sent++;
		return (outbox_sent(o, m->id, clock_now(), e));
	}
	done->failed++;
	done->dead += x->refused || m->attempts >= most;
	done->last = why;
	return (outbox_failed(o, m, clock_now(), most, x->refused, &why, e));
}

int
deliver_due(struct task_desk *d, const struct workspace *ws,
    struct outbox *o, size_t most, struct deliver_done *ret, struct err *e)
{
	struct arena_mark mark = arena_mark(d->a);
	int r = 1;

	*ret = (struct deliver_done){ 0 };
	for (size_t i = 0; i < most && r > 0; i++) {
		struct outbox_message m;
		struct delivery x = { .d = d, .ws = ws, .m = &m };
		r = outbox_claim(o, d->a, clock_now(), &m, e);
		if (r > 0) {
			int k = deliver_one(&x, o, ret, e);
			if (k != 0)
				return (k);
		}
		arena_rewind(d->a, mark);
	}
	return (r < 0 ? r : 0);
}
