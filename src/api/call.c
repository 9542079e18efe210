#include "api/call.h"

#include <unistd.h>

#include "api/form.h"
#include "sys/crypto.h"
#include "text/json.h"

static const char *const field_names[CALL_FIELD_MAX] = {
	[CALL_AUTHORIZATION] = "Authorization", [CALL_ACCEPT] = "Accept",
	[CALL_CONTENT_TYPE] = "Content-Type", [CALL_IF_MATCH] = "If-Match",
	[CALL_IF_NONE_MATCH] = "If-None-Match",
	[CALL_ONCE] = "Idempotency-Key",
	[CALL_FORWARDED] = "X-Forwarded-For",
};

static struct str
copy(struct arena *a, struct str s)
{
	if (s.ptr == NULL)
		return (s);
	return (s.len == 0 ? STR("") : arena_str(a, s));
}

struct call *
call_new(struct httpd_call *http, struct str path)
{
	struct call *c = calloc(1, sizeof(*c));

	if (c == NULL)
		err_oom(sizeof(*c));
	c->method = http->head->method;
	c->path = copy(&c->a, path);
	c->target = copy(&c->a, http->head->target);
	c->query = copy(&c->a, http->head->query);
	c->body = copy(&c->a, http->body);
	c->peer = arena_strdup(&c->a, http->peer);
	for (int i = 0; i < CALL_FIELD_MAX; i++)
		c->field[i] = copy(&c->a, httpd_parse_field(http->head,
		    field_names[i]));
	c->fd = -1;
	c->rev = -1;
	c->http = http;
	return (c);
}

void
call_free(struct call *c)
{
	if (c == NULL)
		return;
	if (c->fd >= 0)
		close(c->fd);
	if (c->field[CALL_AUTHORIZATION].len != 0)
		crypto_wipe((char *)c->field[CALL_AUTHORIZATION].ptr,
		    c->field[CALL_AUTHORIZATION].len);
	buf_free(&c->out);
	arena_free(&c->a);
	free(c);
}

/* --- the answer ------------------------------------------------------------ */

void
call_header(struct call *c, const char *name, const char *value)
{
	if (c->nheaders == sizeof(c->header) / sizeof(c->header[0]))
		BUG("too many headers: %s", name);
	c->header[c->nheaders++] = (struct call_header){ name,
		arena_strdup(&c->a, value) };
}

void
call_fail(struct call *c, const struct err *e)
{
	struct problem own;

	if (c->problem == NULL)
		problem_of(&c->a, e, &own);
	const struct problem *p = c->problem != NULL ? c->problem : &own;
	if (c->fd >= 0)
		close(c->fd);
	c->fd = -1;
	c->nheaders = 0;
	buf_reset(&c->out);
	c->status = p->status;
	if (c->page) {
		form_problem(c, p->status);
	} else {
		problem_write(p, c->target, &c->out);
		c->media = "application/problem+json";
	}
	if (p->status == 401)
		call_header(c, "WWW-Authenticate", "Bearer");
	if (p->status == 405 && c->allow != NULL)
		call_header(c, "Allow", c->allow);
	if (p->status == 503)
		call_header(c, "Retry-After", "1");
}

int
call_problem(struct call *c, int status, const char *detail, const char *fix)
{
	struct problem *p = arena_new(&c->a, struct problem);

	*p = (struct problem){ .status = status, .detail = detail, .fix = fix };
	c->problem = p;
	return (-(int)ERR_NO);
}

void
call_json(struct call *c, int status, const struct val *v)
{
	struct json_writer w;

	buf_reset(&c->out);
	json_begin(&w, &c->out, false);
	json_put_val(&w, v);
	json_end(&w, NULL);
	c->status = status;
}

void
call_tag(struct call *c)
{
	uint8_t h[CRYPTO_HASH];
	BUF_SCOPED tag = BUF_INIT;

	crypto_sha256(c->out.ptr, c->out.len, h);
	buf_puts(&tag, "\"");
	buf_puthex(&tag, h, 12);
	buf_puts(&tag, "\"");
	call_header(c, "ETag", tag.ptr);
	if (call_tags(c->field[CALL_IF_NONE_MATCH], tag.ptr, true) == 1) {
		c->status = 304;
		buf_reset(&c->out);
	}
}

/* --- header fields --------------------------------------------------------- */

static bool
same_word(struct str s, const char *word)
{
	size_t n = strlen(word);

	if (s.len != n)
		return (false);
	for (size_t i = 0; i < n; i++)
		if (((unsigned char)s.ptr[i] | 32) !=
		    ((unsigned char)word[i] | 32))
			return (false);
	return (true);
}

bool
call_media(struct str s, const char *type)
{
	struct str part;

	if (s.ptr == NULL || !str_split(&s, ';', &part) ||
	    !same_word(str_trim(part), type))
		return (false);
	/* The only parameter that has a meaning here. */
	while (str_split(&s, ';', &part)) {
		part = str_trim(part);
		if (part.len > 8 && same_word((struct str){ part.ptr, 8 },
		    "charset=") && !same_word((struct str){ part.ptr + 8,
		    part.len - 8 }, "utf-8"))
			return (false);
	}
	return (true);
}

static bool
refused(struct str params)
{
	struct str part;

	while (str_split(&params, ';', &part)) {
		part = str_trim(part);
		if (str_is(part, "q=0") || str_is(part, "q=0.0") ||
		    str_is(part, "q=0.00") || str_is(part, "q=0.000"))
			return (true);
	}
	return (false);
}

bool
call_accepts(struct str s, const char *type)
{
	const char *slash = strchr(type, '/');
	struct str part, name;
	char all[64];

	snprintf(all, sizeof(all), "%.*s/*", (int)(slash - type), type);
	while (str_split(&s, ',', &part)) {
		if (!str_split(&part, ';', &name))
			continue;
		name = str_trim(name);
		if (refused(part))
			continue;
		if (same_word(name, type) || str_is(name, "*/*") ||
		    same_word(name, all))
			return (true);
	}
	return (false);
}

int
call_tags(struct str s, const char *tag, bool weak)
{
	struct str rest = str_trim(s);
	bool found = false;

	if (str_is(rest, "*"))
		return (1);
	while (rest.len != 0) {
		bool w = str_starts(rest, "W/");
		size_t at = w ? 2 : 0, end = at + 1;
		if (at >= rest.len || rest.ptr[at] != '"')
			return (-1);
		while (end < rest.len && rest.ptr[end] != '"')
			end++;
		if (end == rest.len)
			return (-1);
		struct str one = { rest.ptr + at, end + 1 - at };
		found = found || (str_is(one, tag) && (weak || !w));
		rest = str_trim((struct str){ rest.ptr + end + 1,
		    rest.len - end - 1 });
		if (rest.len == 0)
			break;
		if (rest.ptr[0] != ',')
			return (-1);
		rest = str_trim((struct str){ rest.ptr + 1, rest.len - 1 });
	}
	return (found);
}
