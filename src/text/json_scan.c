#include "text/json_scan.h"

#include <errno.h>
#include <math.h>

struct scan {
	const char *p, *end, *start;
	int line;
	int depth; /* still allowed */
	size_t seen, twice;
	struct json_fault *fault;
};

static bool value(struct scan *s, struct val *v);

static bool
fail(struct scan *s, const char *at, const char *what)
{
	*s->fault = (struct json_fault){ (size_t)(at - s->start), what };
	return (false);
}

static void
blank(struct scan *s)
{
	for (; s->p < s->end; s->p++) {
		if (*s->p == '\n')
			s->line++;
		else if (*s->p != ' ' && *s->p != '\t' && *s->p != '\r')
			return;
	}
}

static char
peek(const struct scan *s)
{
	return (s->p < s->end ? *s->p : '\0');
}

/* Four hexadecimal digits at ${p}, or -1. */
static int
hex4(const char *p, const char *end)
{
	int v = 0;

	if (end - p < 4)
		return (-1);
	for (int i = 0; i < 4; i++) {
		char c = p[i];
		if (c >= '0' && c <= '9')
			v = v * 16 + (c - '0');
		else if ((c | 32) >= 'a' && (c | 32) <= 'f')
			v = v * 16 + ((c | 32) - 'a' + 10);
		else
			return (-1);
	}
	return (v);
}

/* At a backslash; moves past the escape. */
static bool
escape(struct scan *s)
{
	const char *at = s->p;

	s->p++;
	if (s->p < s->end && *s->p != '\0' &&
	    strchr("\"\\/bfnrt", *s->p) != NULL) {
		s->p++;
		return (true);
	}
	if (peek(s) != 'u')
		return (fail(s, at, "the escape after \\ is not one of JSON's"));
	int hi = hex4(s->p + 1, s->end);
	if (hi < 0)
		return (fail(s, at, "\\u needs four hexadecimal digits"));
	s->p += 5;
	if (hi == 0)
		return (fail(s, at, "U+0000 within a text is refused"));
	if (hi < 0xd800 || hi > 0xdfff)
		return (true);
	int lo = s->end - s->p >= 6 && s->p[0] == '\\' && s->p[1] == 'u'
	    ? hex4(s->p + 2, s->end)
	    : -1;
	if (hi > 0xdbff || lo < 0xdc00 || lo > 0xdfff)
		return (fail(s, at, "half of a surrogate pair stands alone"));
	s->p += 6;
	return (true);
}

static bool
text(struct scan *s)
{
	const char *open = s->p;

	for (s->p++; s->p < s->end;) {
		unsigned char c = (unsigned char)*s->p;
		if (c == '"') {
			s->p++;
			return (true);
		}
		if (c == '\\') {
			if (!escape(s))
				return (false);
		} else if (c < 0x20) {
			return (fail(s, s->p,
			    c == '\n' ? "a text is not closed on its line"
				      : "a control character in a text must be "
					"escaped"));
		} else if (c < 0x80) {
			s->p++;
		} else {
			struct str rest = { s->p, (size_t)(s->end - s->p) };
			size_t n = 0;
			if (str_utf8_next(rest, &n) < 0)
				return (fail(s, s->p, "bytes are not UTF-8"));
			s->p += n;
		}
	}
	return (fail(s, open, "a text is not closed"));
}

static const char *
digits(const char *p, const char *end)
{
	while (p < end && *p >= '0' && *p <= '9')
		p++;
	return (p);
}

/* Whether a real is within what a double can hold. */
static bool
finite_real(const char *from, const char *to)
{
	char stack[64];
	size_t n = (size_t)(to - from);
	char *copy = n < sizeof(stack) ? stack : malloc(n + 1);

	if (copy == NULL)
		return (true);
	memcpy(copy, from, n);
	copy[n] = '\0';
	bool ok = isfinite(strtod(copy, NULL));
	if (copy != stack)
		free(copy);
	return (ok);
}

static bool
number(struct scan *s)
{
	const char *from = s->p, *p = from, *d;
	bool real = false;
	int64_t i;

	if (*p == '-')
		p++;
	d = digits(p, s->end);
	if (d == p)
		return (fail(s, from, "a value was expected here"));
	if (*p == '0' && d > p + 1)
		return (fail(s, from, "a number begins with a needless zero"));
	if (d < s->end && *d == '.') {
		p = d + 1;
		d = digits(p, s->end);
		real = true;
		if (d == p)
			return (fail(s, from, "digits are missing after the point"));
	}
	if (d < s->end && (*d | 32) == 'e') {
		p = d + 1;
		if (p < s->end && (*p == '+' || *p == '-'))
			p++;
		d = digits(p, s->end);
		real = true;
		if (d == p)
			return (fail(s, from, "digits of the exponent are missing"));
	}
	s->p = d;
	if (real && !finite_real(from, d))
		return (fail(s, from, "the number is beyond a double's range"));
	if (!real && !str_to_i64((struct str){ from, (size_t)(d - from) }, &i))
		return (fail(s, from, "the integer does not fit in 64 bits"));
	return (true);
}

static bool
word(struct scan *s)
{
	static const char *const words[] = { "true", "false", "null" };

	for (size_t i = 0; i < 3; i++) {
		size_t n = strlen(words[i]);
		if ((size_t)(s->end - s->p) >= n &&
		    memcmp(s->p, words[i], n) == 0) {
			s->p += n;
			return (true);
		}
	}
	return (fail(s, s->p, "a value was expected here"));
}

/* After a member: true with *more, or past the closing bracket. */
static bool
comma(struct scan *s, char close, bool *more)
{
	blank(s);
	if (peek(s) == close && s->p < s->end) {
		s->p++;
		*more = false;
		return (true);
	}
	if (peek(s) != ',')
		return (fail(s, s->p,
		    close == '}' ? "a comma or } is missing here"
				 : "a comma or ] is missing here"));
	s->p++;
	blank(s);
	*more = true;
	return (true);
}

static bool
object(struct scan *s, struct val *v)
{
	bool more = true;

	s->p++;
	blank(s);
	if (peek(s) == '}') {
		s->p++;
		return (true);
	}
	for (size_t i = 0; more; i++) {
		if (peek(s) != '"')
			return (fail(s, s->p, "a key in double quotes was "
			    "expected here"));
		const char *key = s->p;
		if (!text(s))
			return (false);
		if (s->seen + 1 == s->twice)
			return (fail(s, key,
			    "a key is given twice in one object"));
		blank(s);
		if (peek(s) != ':')
			return (fail(s, s->p, "a colon is missing after the key"));
		s->p++;
		blank(s);
		if (!value(s, v != NULL ? v->u.map.at[i] : NULL) ||
		    !comma(s, '}', &more))
			return (false);
	}
	return (true);
}

static bool
array(struct scan *s, struct val *v)
{
	bool more = true;

	s->p++;
	blank(s);
	if (peek(s) == ']') {
		s->p++;
		return (true);
	}
	for (size_t i = 0; more; i++)
		if (!value(s, v != NULL ? v->u.list.at[i] : NULL) ||
		    !comma(s, ']', &more))
			return (false);
	return (true);
}

static bool
value(struct scan *s, struct val *v)
{
	bool ok;

	if (v != NULL)
		v->line = s->line;
	if (s->p == s->end)
		return (fail(s, s->p, "the document ends too early"));
	s->seen++;
	switch (*s->p) {
	case '{':
	case '[':
		if (s->depth-- == 0)
			return (fail(s, s->p, "it is nested too deeply"));
		ok = *s->p == '{' ? object(s, v) : array(s, v);
		s->depth++;
		return (ok);
	case '"':
		return (text(s));
	case '-':
	case '0' ... '9':
		return (number(s));
	default:
		return (word(s));
	}
}

bool
json_scan(struct str in, int depth, size_t twice, struct val *root,
    struct json_fault *fault)
{
	struct scan s = {
		.p = in.ptr,
		.end = in.ptr + in.len,
		.start = in.ptr,
		.line = 1,
		.depth = depth,
		.twice = twice,
		.fault = fault,
	};

	blank(&s);
	if (s.p == s.end)
		return (fail(&s, s.start, "there is no value"));
	if (!value(&s, root))
		return (false);
	blank(&s);
	if (s.p != s.end)
		return (fail(&s, s.p, "something follows the end of the value"));
	return (true);
}
