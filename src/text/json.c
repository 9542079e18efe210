#include "text/json.h"

#include "sys/json_shim.h"
#include "text/json_scan.h"

/* Line and column (in characters) of a byte offset, both from 1. */
static void
place(struct str text, size_t at, int64_t *line, int64_t *column)
{
	*line = *column = 1;
	for (size_t i = 0; i < at && i < text.len; i++) {
		if (text.ptr[i] == '\n') {
			++*line;
			*column = 1;
		} else if (((unsigned char)text.ptr[i] & 0xc0) != 0x80) {
			++*column;
		}
	}
}

static int
explain(const char *name, int64_t first_line, struct str text,
    enum sys_json_status st, size_t nth, struct err *e)
{
	struct json_fault fault = { 0 };
	int64_t line, column;
	char where[512];

	if (st == SYS_JSON_MEMORY)
		err_oom(text.len);
	if (json_scan(text, JSON_MAX_DEPTH,
		st == SYS_JSON_DUPLICATE ? nth : 0, NULL, &fault))
		fault = (struct json_fault){ 0, "it is not well-formed" };
	place(text, fault.at, &line, &column);
	snprintf(where, sizeof(where), "%s:%lld:%lld", name,
	    (long long)(first_line + line - 1), (long long)column);
	return (err_set(e, ERR_INPUT, where, "correct the JSON there",
	    "JSON is not acceptable, %s", fault.what));
}

static int
parse(struct sys_json *j, struct arena *a, const char *name, int64_t line,
    struct str text, struct val **ret, struct err *e)
{
	size_t nth = 0;
	enum sys_json_status st = sys_json_parse(j, a, text, &nth, ret);

	return (st == SYS_JSON_OK ? 0 : explain(name, line, text, st, nth, e));
}

static struct str
without_bom(struct str s)
{
	if (str_starts(s, "\xef\xbb\xbf"))
		return ((struct str){ s.ptr + 3, s.len - 3 });
	return (s);
}

int
json_parse(struct arena *a, const char *name, struct str text,
    struct val **ret, struct err *e)
{
	struct json_fault fault = { 0 };
	struct val *v = NULL;

	if (text.len > JSON_MAX_BYTES)
		return (err_set(e, ERR_LIMIT, name, "split it, or use one "
		    "object a line", "the JSON document has %zu bytes, more "
		    "than %zu", text.len, JSON_MAX_BYTES));
	text = without_bom(text);
	struct sys_json *j = sys_json_new(JSON_MAX_DEPTH);
	int r = parse(j, a, name, 1, text, &v, e);
	sys_json_free(j);
	if (r != 0)
		return (r);
	if (!json_scan(text, JSON_MAX_DEPTH, 0, v, &fault))
		return (explain(name, 1, text, SYS_JSON_SYNTAX, 0, e));
	*ret = v;
	return (0);
}

struct json_lines {
	struct sys_json *parser;
	char *name;
	struct str piece; /* what is left of it */
	struct buf part;  /* of a line that earlier pieces began */
	int64_t line;     /* of the line that comes next */
	bool last, over;
};

struct json_lines *
json_lines_new(const char *name)
{
	struct json_lines *l = calloc(1, sizeof(*l));

	if (l == NULL || (l->name = strdup(name)) == NULL)
		err_oom(sizeof(*l));
	l->parser = sys_json_new(JSON_MAX_DEPTH);
	l->line = 1;
	return (l);
}

void
json_lines_free(struct json_lines *l)
{
	if (l == NULL)
		return;
	sys_json_free(l->parser);
	buf_free(&l->part);
	free(l->name);
	free(l);
}

void
json_lines_feed(struct json_lines *l, struct str piece, bool last)
{
	if (l->piece.len != 0)
		BUG("json_lines_feed with %zu bytes not yet read", l->piece.len);
	l->piece = l->over ? STR_NULL : piece;
	l->last = last;
}

static int
too_long(struct json_lines *l, struct err *e)
{
	char where[512];

	l->over = true;
	l->piece = STR_NULL;
	snprintf(where, sizeof(where), "%s:%lld", l->name, (long long)l->line);
	return (err_set(e, ERR_LIMIT, where, "shorten the line",
	    "a line of JSON has more than %zu bytes", JSON_MAX_LINE));
}

/* The next line in *ret: 1, 0 if it is not whole yet, or an error. */
static int
next_line(struct json_lines *l, struct str *ret, struct err *e)
{
	const char *nl = l->piece.len == 0
	    ? NULL
	    : memchr(l->piece.ptr, '\n', l->piece.len);
	size_t n = nl != NULL ? (size_t)(nl - l->piece.ptr) : l->piece.len;

	if (n > JSON_MAX_LINE || l->part.len > JSON_MAX_LINE - n)
		return (too_long(l, e));
	bool whole = nl != NULL || (l->last && l->part.len + n > 0);
	struct str line = { l->piece.ptr, n };
	if (!whole || l->part.len != 0) {
		buf_put(&l->part, line.ptr, line.len);
		line = buf_str(&l->part);
	}
	n += nl != NULL;
	if (n != 0) {
		l->piece.ptr += n;
		l->piece.len -= n;
	}
	*ret = line;
	return (whole);
}

int
json_lines_next(struct json_lines *l, struct arena *a, struct val **ret,
    struct err *e)
{
	struct str line;
	struct val *v;
	int r;

	if (l->over)
		return (0);
	while ((r = next_line(l, &line, e)) > 0) {
		if (l->line == 1)
			line = without_bom(line);
		bool empty = str_trim(line).len == 0;
		if (!empty)
			r = parse(l->parser, a, l->name, l->line, line, &v, e);
		buf_reset(&l->part);
		if (empty) {
			l->line++;
			continue;
		}
		if (r != 0) {
			l->over = true;
			l->piece = STR_NULL;
			return (r);
		}
		v->line = (int)(l->line > INT32_MAX ? 0 : l->line);
		l->line++;
		*ret = v;
		return (1);
	}
	return (r);
}
