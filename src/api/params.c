#include "api/params.h"

#include "text/url.h"

static int
bad(struct err *e, struct str part, const char *why)
{
	return (err_set(e, ERR_USAGE, "query", "write name=value, joined by &, "
	    "and other characters as %XX", "the part \"%.*s\" of the query %s",
	    (int)(part.len > 60 ? 60 : part.len), part.ptr, why));
}

static int
decode(struct arena *a, struct str s, struct str part, bool lines,
    struct str *ret, struct err *e)
{
	BUF_SCOPED b = BUF_INIT;

	if (!url_decode(&b, s, true))
		return (bad(e, part, "has a broken escape"));
	struct str text = buf_str(&b);
	if (!str_utf8_ok(text))
		return (bad(e, part, "is not UTF-8"));
	for (size_t i = 0; i < text.len; i++)
		if (((unsigned char)text.ptr[i] < 0x20 || text.ptr[i] == 0x7f) &&
		    (!lines || strchr("\t\r\n", text.ptr[i]) == NULL ||
		    text.ptr[i] == '\0'))
			return (bad(e, part, "has a control character"));
	*ret = text.len != 0 ? arena_str(a, text) : STR("");
	return (0);
}

static int
parse(struct arena *a, struct str query, bool lines, struct params *ret,
    struct err *e)
{
	struct str part;

	ret->n = 0;
	while (str_split(&query, '&', &part)) {
		const char *eq = part.len != 0 ? memchr(part.ptr, '=',
		    part.len) : NULL;
		if (part.len == 0)
			continue;
		if (ret->n == PARAMS_MAX)
			return (err_set(e, ERR_USAGE, "query", "give fewer",
			    "the query has more than %d parts", PARAMS_MAX));
		struct str k = { part.ptr, eq != NULL ?
		    (size_t)(eq - part.ptr) : part.len };
		struct str v = eq == NULL ? STR("") : (struct str){ eq + 1,
		    part.len - k.len - 1 };
		int r = decode(a, k, part, false, &ret->key[ret->n], e);
		if (r == 0)
			r = decode(a, v, part, lines, &ret->value[ret->n], e);
		if (r != 0)
			return (r);
		ret->n++;
	}
	return (0);
}

int
params_parse(struct arena *a, struct str query, struct params *ret,
    struct err *e)
{
	return (parse(a, query, false, ret, e));
}

int
params_form(struct arena *a, struct str body, struct params *ret,
    struct err *e)
{
	return (parse(a, body, true, ret, e));
}

static const struct param *
find(const struct param *const *known, size_t n, struct str key)
{
	for (size_t i = 0; i < n; i++)
		for (const struct param *p = known[i]; p != NULL &&
		    p->name != NULL; p++)
			if (str_is(key, p->name))
				return (p);
	return (NULL);
}

static int
unknown(const struct param *const *known, size_t n, struct str key,
    struct err *e)
{
	BUF_SCOPED b = BUF_INIT;

	for (size_t i = 0; i < n; i++)
		for (const struct param *p = known[i]; p != NULL &&
		    p->name != NULL; p++)
			buf_printf(&b, "%s%s", b.len != 0 ? ", " : "known are ",
			    p->name);
	return (err_set(e, ERR_USAGE, "query", b.len != 0 ? b.ptr :
	    "leave it out", "the query has \"%.*s\", which is not known here",
	    (int)(key.len > 60 ? 60 : key.len), key.ptr));
}

int
params_check(const struct params *p, const struct param *const *known,
    size_t n, struct err *e)
{
	for (size_t i = 0; i < p->n; i++) {
		const struct param *k = find(known, n, p->key[i]);
		if (k == NULL)
			return (unknown(known, n, p->key[i], e));
		for (size_t j = 0; !k->many && j < i; j++)
			if (str_eq(p->key[i], p->key[j]))
				return (err_set(e, ERR_USAGE, "query",
				    "give it once", "%s is given twice",
				    k->name));
	}
	return (0);
}

struct str
params_get(const struct params *p, const char *name)
{
	for (size_t i = 0; i < p->n; i++)
		if (str_is(p->key[i], name))
			return (p->value[i]);
	return (STR_NULL);
}

int
params_flag(const struct params *p, const char *name, bool *ret, struct err *e)
{
	struct str s = params_get(p, name);

	if (s.ptr == NULL || str_is(s, "false"))
		*ret = false;
	else if (str_is(s, "true"))
		*ret = true;
	else
		return (err_set(e, ERR_USAGE, "query", "write true or false",
		    "%s is neither true nor false", name));
	return (0);
}

int
params_int(const struct params *p, const char *name, int64_t low, int64_t high,
    int64_t otherwise, int64_t *ret, struct err *e)
{
	struct str s = params_get(p, name);
	char fix[80];
	int64_t n;

	if (s.ptr == NULL) {
		*ret = otherwise;
		return (0);
	}
	snprintf(fix, sizeof(fix), "write a number from %lld to %lld",
	    (long long)low, (long long)high);
	if (!str_to_i64(s, &n) || n < low || n > high)
		return (err_set(e, ERR_USAGE, "query", fix,
		    "%s is not such a number", name));
	*ret = n;
	return (0);
}
