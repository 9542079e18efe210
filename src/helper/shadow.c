#include "helper/shadow.h"

#include <limits.h>
#include <stdio.h>

#include "helper/helper.h"

static const char *const states[] = { "none", "locked", "set", "disabled" };
static const struct {
	const char *prefix;
	const char *name;
} schemes[] = {
	{ "$y$", "yescrypt" }, { "$gy$", "yescrypt" }, { "$7$", "other" },
	{ "$6$", "sha512" }, { "$5$", "sha256" }, { "$1$", "md5" },
	{ "$2a$", "bcrypt" }, { "$2b$", "bcrypt" }, { "$2x$", "bcrypt" },
	{ "$2y$", "bcrypt" },
};

/* DES: 13 characters of its alphabet; or extended, "_" and 19 of them. */
static bool
is_des(struct str h)
{
	size_t i = 0;

	if (h.len == 20 && h.ptr[0] == '_')
		i = 1;
	else if (h.len != 13)
		return (false);
	for (; i < h.len; i++) {
		char c = h.ptr[i];
		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
		    (c >= '0' && c <= '9') || c == '.' || c == '/'))
			return (false);
	}
	return (true);
}

static const char *
scheme_of(struct str h)
{
	for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++)
		if (str_starts(h, schemes[i].prefix))
			return (schemes[i].name);
	if (is_des(h))
		return ("des");
	return (str_starts(h, "$") ? "other" : NULL);
}

static int64_t
days(struct str s)
{
	int64_t v;

	return (str_to_i64(s, &v) && v >= 0 && v < 10000000 ? v : SHADOW_NONE);
}

/*
 * An empty field asks for no password. "!" before a hash bars it, and can be
 * taken away again; what no hash can be ("*", "!", "!!", "x") never matches.
 */
static void
read_password(struct str p, struct shadow_line *ret)
{
	struct str h = p;

	while (h.len > 0 && h.ptr[0] == '!') {
		h.ptr++;
		h.len--;
	}
	ret->scheme = scheme_of(h);
	if (p.len == 0) {
		ret->state = "none";
		ret->scheme = "none";
	} else if (ret->scheme == NULL)
		ret->state = "disabled";
	else
		ret->state = h.len < p.len ? "locked" : "set";
}

bool
shadow_read(struct str line, struct shadow_line *ret)
{
	struct str f[9] = { STR_NULL };
	size_t n = 0;

	while (n < 9 && str_split(&line, ':', &f[n]))
		n++;
	if (n < 2 || f[0].len == 0 || f[0].ptr[0] == '+' ||
	    f[0].ptr[0] == '-' || f[0].ptr[0] == '#')
		return (false);
	*ret = (struct shadow_line){ .login = f[0] };
	read_password(f[1], ret);
	ret->changed = days(f[2]);
	ret->max_days = days(f[4]);
	ret->expires = days(f[7]);
	ret->must_change = ret->changed == 0;
	if (ret->must_change)
		ret->changed = SHADOW_NONE;
	/* 99999 is how the tools write "never". */
	if (ret->max_days == 99999)
		ret->max_days = SHADOW_NONE;
	return (true);
}

void
shadow_put(struct buf *out, const struct shadow_line *s)
{
	buf_putstr(out, s->login);
	buf_printf(out, ":%s:%s:%lld:%lld:%lld:%d\n", s->state,
	    s->scheme != NULL ? s->scheme : "-",
	    (long long)s->changed, (long long)s->max_days,
	    (long long)s->expires, s->must_change);
}

static const char *
scheme_named(struct str s)
{
	if (str_is(s, "none"))
		return ("none");
	if (str_is(s, "des"))
		return ("des");
	for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++)
		if (str_is(s, schemes[i].name))
			return (schemes[i].name);
	return (NULL);
}

bool
shadow_get(struct str line, struct shadow_line *ret)
{
	struct str f[7];
	int64_t must;

	for (size_t i = 0; i < 7; i++)
		if (!str_split(&line, ':', &f[i]))
			return (false);
	*ret = (struct shadow_line){ .login = f[0] };
	for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++)
		if (str_is(f[1], states[i]))
			ret->state = states[i];
	ret->scheme = scheme_named(f[2]);
	if (ret->state == NULL || !str_to_i64(f[3], &ret->changed) ||
	    !str_to_i64(f[4], &ret->max_days) ||
	    !str_to_i64(f[5], &ret->expires) || !str_to_i64(f[6], &must))
		return (false);
	ret->must_change = must != 0;
	return (true);
}

int
helper_shadow(const char *root, struct buf *out, struct err *e)
{
	char path[PATH_MAX];
	BUF_SCOPED b = BUF_INIT;
	struct str rest, line;
	struct shadow_line s;
	int rc;

	(void)snprintf(path, sizeof(path), "%s/etc/shadow", root);
	if ((rc = helper_read(path, true, HELPER_MAX / 2, &b, e)) != 0)
		return (rc);
	rest = buf_str(&b);
	while (str_split(&rest, '\n', &line))
		if (shadow_read(line, &s))
			shadow_put(out, &s);
	return (0);
}
