#include "api/problem.h"

#include "text/json.h"

const struct problem_kind problem_kinds[] = {
	{ 400, "request", "The request was not understood" },
	{ 401, "token", "A valid token is needed" },
	{ 403, "denied", "Not allowed" },
	{ 404, "not-found", "There is no such thing" },
	{ 405, "method", "This is not done here" },
	{ 406, "format", "There is no answer of that type" },
	{ 408, "slow", "The request did not come in time" },
	{ 409, "conflict", "It is there already, or somebody else changed it" },
	{ 410, "erased", "It was erased" },
	{ 411, "length", "Say how long the body is" },
	{ 412, "stale", "It was changed meanwhile" },
	{ 413, "limit", "Too much" },
	{ 414, "address", "The address is too long" },
	{ 415, "media-type", "The body is of another type than is taken here" },
	{ 417, "expectation", "What is expected is not done here" },
	{ 422, "input", "The input is not acceptable" },
	{ 428, "precondition", "Say which revision is meant" },
	{ 429, "rate", "Too many requests" },
	{ 431, "header", "The header is too large" },
	{ 500, "fault", "A fault of the program or of what it stored" },
	{ 501, "unknown-method", "The method is not known" },
	{ 503, "unavailable", "It cannot be done now" },
	{ 504, "timeout", "It took too long" },
	{ 505, "version", "This version of HTTP is not spoken" },
	{ 0, NULL, NULL },
};

static const struct problem_kind *
kind_of(int status)
{
	for (size_t i = 0; problem_kinds[i].status != 0; i++)
		if (problem_kinds[i].status == status)
			return (&problem_kinds[i]);
	BUG("no kind of problem has status %d", status);
}

const char *
problem_fix(struct arena *a, const char *fix)
{
	return (strstr(fix, "tickmark ") != NULL || strstr(fix, "--") != NULL ?
	    "" : arena_strdup(a, fix));
}

void
problem_of(struct arena *a, const struct err *e, struct problem *ret)
{
	int status = err_http(e->code);
	bool ours = status >= 500;

	*ret = (struct problem){ .status = status };
	/* Where things lie on the server is nobody's business. */
	ret->detail = ours && e->code != ERR_BUSY && e->code != ERR_TIMEOUT ?
	    "the server could not do it; its log says why" :
	    arena_strdup(a, e->what);
	ret->fix = ours ? "" : problem_fix(a, e->fix);
}

void
problem_pointer(struct buf *b, struct str part)
{
	buf_putc(b, '/');
	for (size_t i = 0; i < part.len; i++) {
		if (part.ptr[i] == '~')
			buf_puts(b, "~0");
		else if (part.ptr[i] == '/')
			buf_puts(b, "~1");
		else
			buf_putc(b, part.ptr[i]);
	}
}

static void
put_item(struct json_writer *w, const struct problem_item *it)
{
	json_object(w);
	if (it->pointer != NULL)
		json_ktext(w, "pointer", it->pointer);
	if (it->row != 0)
		json_kint(w, "row", (int64_t)it->row);
	if (it->line != 0)
		json_kint(w, "line", it->line);
	json_ktext(w, "message", it->message);
	if (it->fix != NULL && it->fix[0] != '\0')
		json_ktext(w, "fix", it->fix);
	json_close(w);
}

void
problem_write(const struct problem *p, struct str instance, struct buf *out)
{
	const struct problem_kind *k = kind_of(p->status);
	struct json_writer w;
	char type[64];

	snprintf(type, sizeof(type), "/api/v1/problems#%s", k->word);
	json_begin(&w, out, false);
	json_object(&w);
	json_ktext(&w, "type", type);
	json_ktext(&w, "title", k->title);
	json_kint(&w, "status", p->status);
	json_ktext(&w, "detail", p->detail);
	if (p->fix != NULL && p->fix[0] != '\0')
		json_ktext(&w, "fix", p->fix);
	json_kstr(&w, "instance", instance);
	if (p->n != 0) {
		json_kint(&w, "wrong", (int64_t)p->wrong);
		json_key(&w, "errors");
		json_array(&w);
		for (size_t i = 0; i < p->n; i++)
			put_item(&w, &p->items[i]);
		json_close(&w);
	}
	json_close(&w);
	json_end(&w, NULL);
}
