/* The outbox and its settings: at least once, later and later, dead at last. */
#include "fixture.h"

#include <sys/stat.h>

#include "program/deliver.h"
#include "program/outbox.h"
#include "program/settings.h"

static char dir[64];
static struct err e;
static struct arena a;

static struct outbox *
fresh(void)
{
	struct outbox *o = NULL;

	snprintf(dir, sizeof(dir), "/tmp/tm_outbox_XXXXXX");
	assert_non_null(mkdtemp(dir));
	assert_int_equal(outbox_open(dir, &o, &e), 0);
	return (o);
}

static void
drop(struct outbox *o)
{
	outbox_close(o);
	file_remove_tree(dir, NULL);
	arena_free(&a);
}

static void
put(struct outbox *o, const char *key, bool want)
{
	struct outbox_message m = { .key = str_from(key), .kind = OUTBOX_HOOK,
		.target = STR("chat"), .body = STR("{}"), .created = 1000 };
	bool new;

	assert_int_equal(outbox_put(o, &m, &new, &e), 0);
	assert_int_equal(new, want);
}

static void
test_life(void **state)
{
	struct outbox *o = fresh(), *other = NULL;
	struct outbox_message m, n;
	struct outbox_list l;
	struct err why = { .what = "it answered with status 503" };
	int64_t now = 1000, count;

	(void)state;
	put(o, "a", true);
	put(o, "a", false);
	/* Whoever claims it has it; another process gets nothing. */
	assert_int_equal(outbox_open(dir, &other, &e), 0);
	assert_int_equal(outbox_claim(o, &a, now, &m, &e), 1);
	assert_string_equal(m.body.ptr, "{}");
	assert_int_equal(outbox_claim(other, &a, now, &n, &e), 0);
	/* It died before it said anything: another one after the lease. */
	assert_int_equal(outbox_claim(other, &a, now + 11 * 60 * CLOCK_SECOND, &n,
	    &e), 1);
	assert_int_equal(n.id, m.id);
	assert_int_equal(n.attempts, 2);
	outbox_close(other);
	/* Later and later. */
	now += 11 * 60 * CLOCK_SECOND;
	assert_int_equal(outbox_failed(o, &n, now, 4, false, &why, &e), 0);
	assert_int_equal(outbox_claim(o, &a, now + 119 * CLOCK_SECOND, &m, &e), 0);
	now += 120 * CLOCK_SECOND;
	assert_int_equal(outbox_claim(o, &a, now, &m, &e), 1);
	assert_int_equal(outbox_failed(o, &m, now, 4, false, &why, &e), 0);
	now += 4 * 60 * CLOCK_SECOND;
	assert_int_equal(outbox_claim(o, &a, now, &m, &e), 1);
	assert_int_equal(m.attempts, 4);
	assert_int_equal(outbox_failed(o, &m, now, 4, false, &why, &e), 0);
	/* Dead, and shown. */
	assert_int_equal(outbox_claim(o, &a, now + CLOCK_DAY, &m, &e), 0);
	assert_int_equal(outbox_list(o, &a, false, &l, &e), 0);
	assert_int_equal(l.count[OUTBOX_DEAD], 1);
	assert_int_equal(l.n, 1);
	assert_string_equal(l.at[0].error.ptr, why.what);
	assert_int_equal(outbox_retry(o, 0, now, &count, &e), 0);
	assert_int_equal(count, 1);
	assert_int_equal(outbox_claim(o, &a, now, &m, &e), 1);
	assert_int_equal(m.attempts, 1);
	assert_int_equal(outbox_sent(o, m.id, now, &e), 0);
	assert_int_equal(outbox_retry(o, m.id, now, &count, &e), -ERR_NOTFOUND);
	put(o, "a", false);
	/* Refused for good: dead at once. */
	put(o, "b", true);
	assert_int_equal(outbox_claim(o, &a, now, &m, &e), 1);
	assert_int_equal(outbox_failed(o, &m, now, 4, true, &why, &e), 0);
	assert_int_equal(outbox_discard(o, m.id, now, &e), 0);
	assert_int_equal(outbox_forget(o, 2000, &e), 0);
	assert_int_equal(outbox_list(o, &a, true, &l, &e), 0);
	assert_int_equal(l.n, 0);
	drop(o);
}

/* An example that another implementation computed: doc/program.md. */
static void
test_signature(void **state)
{
	struct buf b = BUF_INIT;

	(void)state;
	deliver_sign(STR("a secret"), 1764056554, STR("{\"id\":\"x\"}"), &b);
	assert_string_equal(b.ptr, "t=1764056554,v1="
	    "8cd80d37ff1a43150fd80c21d28dc246c9beab46f0b52e661dddebc9fcac6520");
	buf_free(&b);
}

static void
test_settings(void **state)
{
	static const struct {
		const char *text, *what;
	} bad[] = {
		{ "mail.server = mail.example.org\n", "not a server and its port: "
		    "mail.server" },
		{ "mail.server = m.example.org:25\n", "mail is to be sent, but "
		    "nothing says from whom" },
		{ "mail.from = a@b\nmail.server = m:25\nmail.tls = none\n",
		    "mail without TLS goes to this machine only (mail.network = "
		    "loopback), and without a password" },
		{ "mail.from = a@b\nmail.server = m:25\nmail.user = u\n",
		    "of mail.user and mail.password one is missing" },
		{ "mail.from = a@b\r\nBcc: x@y\n", "not a setting: Bcc: x@y" },
		{ "mail.from = <a@b>\n", "not an address: mail.from" },
		{ "webhook.chat.url = https://example.org/x\n", "the webhook chat "
		    "lacks its address or its secret" },
		{ "webhook.chat.url = file:///etc/passwd\n", "only http and https "
		    "addresses are asked" },
		{ "webhook..url = https://x\n", "not a setting: webhook..url" },
		{ "digest.at = 24:00\n", "not a time of day: digest.at" },
		{ "digest.days = never\n", "not one of its values: digest.days" },
		{ "escalate.after = -1\n", "not a number of this: escalate.after" },
		{ "escalate.after = 1\nescalate.after = 2\n", "set twice: "
		    "escalate.after" },
		{ "escalate.lead =\n", "no value: escalate.lead" },
		{ "colour = blue\n", "not a setting: colour" },
		{ "just words\n", "not a setting: just words" },
		{ "\xff\n", "the settings are not text" },
	};
	struct settings s;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(settings_parse(&a, "w", str_from(bad[i].text), &s,
		    &e), -ERR_INPUT);
		assert_string_equal(e.what, bad[i].what);
	}
	assert_int_equal(settings_parse(&a, "w", STR("# nothing\n\n"), &s, &e), 0);
	assert_null(s.mail_host);
	assert_int_equal(settings_parse(&a, "w", STR("mail.server = [::1]:2525\n"
	    "mail.from = t@example.org\nmail.tls = tls\nmail.user = u\n"
	    "mail.password = mail.secret\ndigest.at = 07:30\n"
	    "webhook.chat.url = https://example.org/x\n"
	    "webhook.chat.secret = /etc/t.secret\nwebhook.chat.events = digest\n"),
	    &s, &e), 0);
	assert_string_equal(s.mail_host, "[::1]");
	assert_string_equal(s.mail_password, "w/mail.secret");
	assert_false(s.hook[0].overdue);
	arena_free(&a);
}

static void
test_secret(void **state)
{
	struct outbox *o = fresh();
	struct buf b = BUF_INIT;
	const char *path = arena_printf(&a, "%s/secret", dir);

	(void)state;
	assert_int_equal(file_write(path, 0644, "word\nmore\n", 10, &e), 0);
	assert_int_equal(settings_secret(path, &b, &e), -ERR_DENIED);
	assert_int_equal(chmod(path, 0400), 0);
	assert_int_equal(settings_secret(path, &b, &e), 0);
	assert_true(str_is(buf_str(&b), "word"));
	assert_int_equal(chmod(path, 0600), 0);
	assert_int_equal(file_write(path, 0600, "\n", 1, &e), 0);
	assert_int_equal(settings_secret(path, &b, &e), -ERR_INPUT);
	buf_free(&b);
	drop(o);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_life),
		cmocka_unit_test(test_signature),
		cmocka_unit_test(test_settings),
		cmocka_unit_test(test_secret),
	};

	return (cmocka_run_group_tests_name("outbox", tests, NULL, NULL));
}
