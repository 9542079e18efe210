#include "seal/backup_settings.h"

#include "base/clock.h"
#include "sys/file.h"

#define FILE_NAME "backup.conf"

struct reader {
	struct backup_settings *s;
	struct arena *a;
	const char *where; /* file:line */
	struct err *e;
	unsigned seen;     /* keys, by their place below */
};

static int
wrong(struct reader *r, const char *fix, const char *what, struct str value)
{
	return (err_set(r->e, ERR_INPUT, r->where, fix, "%s: " STR_FMT, what,
	    STR_ARG(value)));
}

static int
take_to(struct reader *r, struct str v)
{
	if (v.len == 0 || v.ptr[0] != '/')
		return (wrong(r, "give a path that begins with /",
		    "this is no absolute path", v));
	r->s->to = arena_strndup(r->a, v.ptr, v.len);
	return (0);
}

static int
take_recipient(struct reader *r, struct str v)
{
	int code;

	if (r->s->n == AGE_RECIPIENTS - 1)
		return (wrong(r, "leave some out", "too many recipients", v));
	code = age_recipient_parse(v, &r->s->recipients[r->s->n], r->e);
	if (code != 0)
		return (err_at(r->e, "%s", r->where));
	r->s->n++;
	return (0);
}

static int
yes_no(struct reader *r, struct str v, bool *ret)
{
	*ret = str_is(v, "yes");
	return (*ret || str_is(v, "no") ? 0 :
	    wrong(r, "write yes or no", "this is neither yes nor no", v));
}

static int
take_plain(struct reader *r, struct str v)
{
	return (yes_no(r, v, &r->s->plain));
}

static int
take_keys(struct reader *r, struct str v)
{
	bool yes = true;
	int code = yes_no(r, v, &yes);

	r->s->without_keys = !yes;
	return (code);
}

static int
take_keep(struct reader *r, struct str v)
{
	if (!str_to_u64(v, &r->s->keep) || r->s->keep == 0 ||
	    r->s->keep > 100000)
		return (wrong(r, "write a number of points, 1 to 100000",
		    "so many points cannot be kept", v));
	return (0);
}

/* 30m, 24h, 7d */
static int
duration(struct reader *r, struct str v, int64_t *ret)
{
	int64_t unit = v.len < 2 ? 0 : v.ptr[v.len - 1] == 'm' ?
	    60 * CLOCK_SECOND : v.ptr[v.len - 1] == 'h' ? CLOCK_HOUR :
	    v.ptr[v.len - 1] == 'd' ? CLOCK_DAY : 0;
	int64_t n;

	if (unit == 0 || !str_to_i64((struct str){ v.ptr, v.len - 1 }, &n) ||
	    n < 1 || n > 10000)
		return (wrong(r, "write it as 30m, 24h or 7d",
		    "this is no length of time", v));
	*ret = n * unit;
	return (0);
}

static int
take_every(struct reader *r, struct str v)
{
	return (duration(r, v, &r->s->every));
}

static int
take_test(struct reader *r, struct str v)
{
	return (duration(r, v, &r->s->test));
}

static const struct {
	const char *key;
	int (*take)(struct reader *, struct str);
	bool many;
} keys[] = {
	{ "to", take_to, false },
	{ "recipient", take_recipient, true },
	{ "plain", take_plain, false },
	{ "keys", take_keys, false },
	{ "keep", take_keep, false },
	{ "every", take_every, false },
	{ "test", take_test, false },
};

static int
take_line(struct reader *r, struct str line)
{
	struct str key, value;

	line = str_trim(line);
	if (line.len == 0 || line.ptr[0] == '#')
		return (0);
	value = line;
	if (!str_split(&value, '=', &key) || value.ptr == NULL)
		return (wrong(r, "write key = value", "this is no setting",
		    line));
	key = str_trim(key);
	value = str_trim(value);
	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++) {
		if (!str_is(key, keys[i].key))
			continue;
		if (!keys[i].many && (r->seen >> i & 1) != 0)
			return (wrong(r, "leave one of the two out",
			    "this is set twice", key));
		r->seen |= 1u << i;
		return (keys[i].take(r, value));
	}
	return (wrong(r, "use to, recipient, plain, keys, keep, every, test",
	    "there is no such setting", key));
}

int
backup_settings_parse(struct str text, const char *where, struct arena *a,
    struct backup_settings *ret, struct err *e)
{
	struct backup_settings s = { .to = NULL };
	struct reader r = { .s = &s, .a = a, .e = e };
	struct str line;
	int code = 0;

	for (size_t n = 1; code == 0 && str_split(&text, '\n', &line); n++) {
		r.where = arena_printf(a, "%s:%zu", where, n);
		code = take_line(&r, line);
	}
	if (code != 0)
		return (code);
	if (s.to == NULL)
		return (err_set(e, ERR_INPUT, where, "add a line: to = /path",
		    "it does not say where the backups go"));
	if (s.plain == (s.n > 0))
		return (err_set(e, ERR_INPUT, where, s.plain ?
		    "leave out plain, or the recipients" :
		    "add recipient = age1..., or plain = yes",
		    s.plain ? "it is plain and has recipients" :
		    "it does not say who may open the backups"));
	*ret = s;
	return (0);
}

int
backup_settings_load(const char *dir, struct arena *a,
    struct backup_settings *ret, struct err *e)
{
	BUF_SCOPED b = BUF_INIT;
	const char *path = arena_printf(a, "%s/" FILE_NAME, dir);
	int r = file_read(path, 65536, &b, e);

	return (r != 0 ? r : backup_settings_parse(buf_str(&b), path, a, ret,
	    e));
}
