#include "base/err.h"

#include <unistd.h>

static const struct {
	const char *name;
	int exit;
	int http;
	const char *text;
} codes[ERR_MAX] = {
	[ERR_OK] = { "ok", 0, 200, "done" },
#define X(n, e, h, t) [ERR_##n] = { #n, e, h, t },
	ERR_CODES(X)
#undef X
};

/* One line, whatever the bytes were. */
static void
flatten(char *s)
{
	for (; *s != '\0'; s++) {
		unsigned char c = (unsigned char)*s;
		if (c < 0x20 || c == 0x7f)
			*s = ' ';
	}
}

int
err_set(struct err *e, enum err_code code, const char *where, const char *fix,
    const char *fmt, ...)
{
	va_list ap;

	if (e == NULL)
		return (-(int)code);
	/* The parts may point into *e itself when an error is rephrased. */
	struct err n = { .code = code };
	va_start(ap, fmt);
	vsnprintf(n.what, sizeof(n.what), fmt, ap);
	va_end(ap);
	snprintf(n.where, sizeof(n.where), "%s", where != NULL ? where : "");
	snprintf(n.fix, sizeof(n.fix), "%s", fix != NULL ? fix : "");
	flatten(n.what);
	flatten(n.where);
	flatten(n.fix);
	*e = n;
	return (-(int)code);
}

int
err_at(struct err *e, const char *where_fmt, ...)
{
	va_list ap;

	if (e == NULL)
		return (-(int)ERR_BUG);
	char where[sizeof(e->where)];
	va_start(ap, where_fmt);
	vsnprintf(where, sizeof(where), where_fmt, ap);
	va_end(ap);
	snprintf(e->where, sizeof(e->where), "%s", where);
	flatten(e->where);
	return (-(int)e->code);
}

int
err_exit(enum err_code code)
{
	return ((unsigned)code < ERR_MAX ? codes[code].exit : 3);
}

int
err_http(enum err_code code)
{
	return ((unsigned)code < ERR_MAX ? codes[code].http : 500);
}

const char *
err_name(enum err_code code)
{
	return ((unsigned)code < ERR_MAX ? codes[code].name : "BUG");
}

void
err_format(const struct err *e, char *out, size_t cap)
{
	const char *what = e->what[0] != '\0' ? e->what : codes[e->code].text;

	snprintf(out, cap, "tickmark: %s%s%s%s%s", what,
	    e->where[0] != '\0' ? ": " : "", e->where,
	    e->fix[0] != '\0' ? ": " : "", e->fix);
}

void
err_print(FILE *f, const struct err *e)
{
	char line[sizeof(e->what) + sizeof(e->where) + sizeof(e->fix) + 32];

	err_format(e, line, sizeof(line));
	fprintf(f, "%s\n", line);
}

_Noreturn void
err_bug(const char *file, int line, const char *fmt, ...)
{
	va_list ap;

	fprintf(stderr, "tickmark: internal fault: %s:%d: ", file, line);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	abort();
}

_Noreturn void
err_oom(size_t wanted)
{
	char line[128];
	int n = wanted == 0 ? snprintf(line, sizeof(line),
	    "tickmark: out of memory: free memory or raise the limit\n") :
	    snprintf(line, sizeof(line),
	    "tickmark: out of memory: %zu bytes could not be had: free memory "
	    "or raise the limit\n", wanted);

	if (write(STDERR_FILENO, line, (size_t)n) < 0)
		_exit(3);
	_exit(3);
}
