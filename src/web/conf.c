#include "web/conf.h"

#include "base/clock.h"
#include "sys/file.h"
#include "text/setting.h"

const char *
conf_allow(struct arena *a, const char *kind, const char *name)
{
	return (arena_printf(a, "if that is meant, write %s.%s.network = "
	    "loopback (this machine) or private into serve.conf", kind, name));
}

bool
conf_span(struct str s, int64_t *ret_us)
{
	static const struct {
		char unit;
		int64_t us;
	} units[] = { { 's', CLOCK_SECOND }, { 'm', 60 * CLOCK_SECOND },
		{ 'h', CLOCK_HOUR }, { 'd', CLOCK_DAY } };
	uint64_t n;

	if (s.len < 2 || s.len > 7 || s.ptr[0] < '1' || s.ptr[0] > '9' ||
	    !str_to_u64((struct str){ s.ptr, s.len - 1 }, &n))
		return (false);
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (units[i].unit == s.ptr[s.len - 1]) {
			*ret_us = (int64_t)n * units[i].us;
			return (*ret_us <= 366 * CLOCK_DAY);
		}
	return (false);
}

struct reading {
	struct arena *a;
	struct conf *c;
	const struct setting *s;
	int line;
	struct str key, value;
};

static int
bad(const struct reading *r, struct err *e, const char *fix, const char *what)
{
	return (setting_bad(r->s, e, fix, what));
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
	return (s.len > 0 && s.len <= 63);
}

/* The target of that name, made if it is new; NULL if there are too many. */
static struct conf_target *
target(struct reading *r, struct conf_target *list, size_t *n, struct str name)
{
	for (size_t i = 0; i < *n; i++)
		if (str_is(name, list[i].name))
			return (&list[i]);
	if (*n == CONF_TARGETS)
		return (NULL);
	list[*n] = (struct conf_target){ .name = arena_strndup(r->a, name.ptr,
	    name.len), .net = HTTP_PUBLIC, .line = r->line };
	return (&list[(*n)++]);
}

static const char *
value_text(struct reading *r)
{
	return (arena_strndup(r->a, r->value.ptr, r->value.len));
}

static int
take_net(struct reading *r, struct conf_target *t, struct err *e)
{
	static const char *const names[] = { "public", "private", "loopback" };

	for (size_t i = 0; i < 3; i++)
		if (str_is(r->value, names[i])) {
			t->net = (enum http_net)i;
			return (0);
		}
	return (bad(r, e, "write public, private or loopback",
	    "not a kind of network"));
}

static int
take_target(struct reading *r, bool tsa, struct str rest, struct err *e)
{
	struct conf *c = r->c;
	struct str name;
	bool split = str_split(&rest, '.', &name);

	if (!split || !name_ok(name))
		return (bad(r, e, "write it like witness.NAME.url; a name is "
		    "letters, digits, - and _", "not a setting"));
	struct conf_target *t = tsa ? target(r, c->tsa, &c->ntsa, name) :
	    target(r, c->witness, &c->nwitness, name);
	if (t == NULL)
		return (bad(r, e, "remove some", "too many servers"));
	if (str_is(rest, "network"))
		return (take_net(r, t, e));
	if (str_is(rest, "url")) {
		t->url = value_text(r);
		return (http_url_ok(t->url, e) == 0 ? 0 : err_at(e, "%s:%d",
		    c->path, r->line));
	}
	if (tsa && str_is(rest, "trust")) {
		t->trust = r->value.ptr[0] == '/' ? value_text(r) :
		    arena_printf(r->a, "%s/" STR_FMT, c->dir,
		    STR_ARG(r->value));
		return (0);
	}
	return (bad(r, e, tsa ? "url, trust and network may be set" :
	    "url and network may be set", "not a setting"));
}

static int
take_span(struct reading *r, int64_t least, int64_t *ret, struct err *e)
{
	int64_t us;

	if (!conf_span(r->value, &us))
		return (bad(r, e, "write 90s, 10m, 24h or 7d",
		    "not a length of time"));
	if (us < least)
		return (bad(r, e, "others' servers are asked: write 10s or "
		    "more", "too often"));
	*ret = us;
	return (0);
}

static int
take_count(struct reading *r, int64_t *ret, struct err *e)
{
	int64_t n;

	if (!str_to_i64(r->value, &n) || n < 1 || n > 1000000)
		return (bad(r, e, "write a number from 1 to 1000000",
		    "not a number of requests"));
	*ret = n;
	return (0);
}

static int
take_switch(struct reading *r, bool *ret, struct err *e)
{
	if (!str_is(r->value, "on") && !str_is(r->value, "off"))
		return (bad(r, e, "write on or off", "not a switch"));
	*ret = str_is(r->value, "on");
	return (0);
}

static int
take(void *ctx, const struct setting *s, struct err *e)
{
	static const char w[] = "witness.", t[] = "timestamp.";
	struct reading *r = ctx;
	struct str k = s->key;

	r->s = s;
	r->line = s->line;
	r->key = s->key;
	r->value = s->value;
	if (str_is(k, "listen")) {
		r->c->listen = value_text(r);
		return (0);
	}
	if (str_is(k, "form"))
		return (take_switch(r, &r->c->form, e));
	if (str_is(k, "form.forwarded"))
		return (take_switch(r, &r->c->form_forwarded, e));
	if (str_is(k, "api.rate"))
		return (take_count(r, &r->c->api_rate, e));
	if (str_is(k, "api.burst"))
		return (take_count(r, &r->c->api_burst, e));
	if (str_is(k, "witness.every"))
		return (take_span(r, 10 * CLOCK_SECOND, &r->c->witness_every,
		    e));
	if (str_is(k, "timestamp.every"))
		return (take_span(r, 10 * CLOCK_SECOND,
		    &r->c->timestamp_every, e));
	if (str_starts(k, w))
		return (take_target(r, false, (struct str){ k.ptr + strlen(w),
		    k.len - strlen(w) }, e));
	if (str_starts(k, t))
		return (take_target(r, true, (struct str){ k.ptr + strlen(t),
		    k.len - strlen(t) }, e));
	return (bad(r, e, "doc/operating.md lists them", "not a setting"));
}

static int
check_targets(const struct conf *c, struct arena *a, struct err *e)
{
	for (size_t i = 0; i < c->nwitness + c->ntsa; i++) {
		bool tsa = i >= c->nwitness;
		const struct conf_target *t = tsa ?
		    &c->tsa[i - c->nwitness] : &c->witness[i];
		const char *where = arena_printf(a, "%s:%d", c->path, t->line);
		if (tsa && t->url == NULL)
			return (err_set(e, ERR_INPUT, where, arena_printf(a,
			    "add timestamp.%s.url = http://...", t->name),
			    "the authority %s has no address", t->name));
		if (tsa && t->trust == NULL)
			return (err_set(e, ERR_INPUT, where, arena_printf(a,
			    "add timestamp.%s.trust = FILE with its "
			    "certificates", t->name), "nothing says whom to "
			    "trust for the authority %s", t->name));
	}
	return (0);
}

int
conf_parse(struct arena *a, const char *dir, struct str text,
    struct conf *ret, struct err *e)
{
	struct conf c = { .dir = dir, .listen = CONF_LISTEN,
		.path = arena_printf(a, "%s/serve.conf", dir),
		.api_rate = 50, .api_burst = 500,
		.witness_every = 60 * CLOCK_SECOND,
		.timestamp_every = CLOCK_DAY };
	struct reading r = { .a = a, .c = &c };
	int rc = setting_each(a, c.path, text, take, &r, e);

	if (rc == 0)
		rc = check_targets(&c, a, e);
	if (rc == 0)
		*ret = c;
	return (rc);
}

int
conf_load(struct arena *a, const char *dir, struct conf *ret, struct err *e)
{
	BUF_SCOPED text = BUF_INIT;
	struct err own;
	int r = file_read(arena_printf(a, "%s/serve.conf", dir), CONF_MAX,
	    &text, &own);

	if (r != 0 && r != -ERR_NOTFOUND) {
		if (e != NULL)
			*e = own;
		return (r);
	}
	return (conf_parse(a, arena_strdup(a, dir), buf_str(&text), ret, e));
}
