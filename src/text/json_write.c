#include "text/json.h"

#include <errno.h>
#include <math.h>

enum { IN_OBJECT = 1, HAS_MEMBERS = 2 };

#define FLUSH_AT ((size_t)64 << 10)

/* ---- texts ---- */

static void
put_escape(struct buf *out, unsigned char c)
{
	static const char shorts[] = "\b\t\n\f\r\"\\";
	static const char letters[] = "btnfr\"\\";
	const char *at = c != 0 ? strchr(shorts, c) : NULL;

	if (at != NULL) {
		buf_putc(out, '\\');
		buf_putc(out, letters[at - shorts]);
	} else {
		buf_printf(out, "\\u%04x", c);
	}
}

void
json_put_quoted(struct buf *out, struct str s)
{
	size_t from = 0, at = 0;

	buf_reserve(out, s.len + 2);
	buf_putc(out, '"');
	while (at < s.len) {
		unsigned char c = (unsigned char)s.ptr[at];
		if (c >= 0x20 && c < 0x80 && c != '"' && c != '\\') {
			at++;
			continue;
		}
		if (c >= 0x80 && str_utf8_next(s, &at) >= 0)
			continue;
		buf_put(out, s.ptr + from, at - from);
		if (c >= 0x80)
			buf_puts(out, "\xef\xbf\xbd");
		else
			put_escape(out, c);
		from = ++at;
	}
	if (at > from) /* an empty one may have no address */
		buf_put(out, s.ptr + from, at - from);
	buf_putc(out, '"');
}

static void
put_real(struct buf *out, double d)
{
	char text[40];

	if (!isfinite(d)) {
		buf_puts(out, "null");
		return;
	}
	for (int precision = 15; precision <= 17; precision++) {
		snprintf(text, sizeof(text), "%.*g", precision, d);
		if (strtod(text, NULL) == d)
			break;
	}
	/* It must read back as a real, not as an integer. */
	if (strpbrk(text, ".e") == NULL)
		snprintf(text + strlen(text), sizeof(text) - strlen(text),
		    ".0");
	buf_puts(out, text);
}

/* ---- the writer ---- */

static struct buf *
out_of(struct json_writer *w)
{
	return (w->file != NULL ? &w->own : w->buf);
}

static void
flush(struct json_writer *w, size_t at_least)
{
	if (w->file == NULL || w->own.len < at_least)
		return;
	if (w->own.len != 0 &&
	    fwrite(w->own.ptr, 1, w->own.len, w->file) != w->own.len)
		w->failed = true;
	buf_reset(&w->own);
}

static void
indent(struct json_writer *w)
{
	static const char spaces[] = "                                ";
	size_t n = (size_t)w->depth * 2;

	buf_putc(out_of(w), '\n');
	while (n > 0) {
		size_t part = n < sizeof(spaces) - 1 ? n : sizeof(spaces) - 1;
		buf_put(out_of(w), spaces, part);
		n -= part;
	}
}

/* The comma and the line end before a member. */
static void
member(struct json_writer *w)
{
	if (w->depth == 0)
		return;
	if ((w->level[w->depth] & HAS_MEMBERS) != 0)
		buf_putc(out_of(w), ',');
	w->level[w->depth] |= HAS_MEMBERS;
	if (w->pretty)
		indent(w);
}

static void
before_value(struct json_writer *w)
{
	if ((w->level[w->depth] & IN_OBJECT) != 0) {
		if (!w->keyed)
			BUG("JSON value without a key");
		w->keyed = false;
		return;
	}
	if (w->depth == 0) {
		if ((w->level[0] & HAS_MEMBERS) != 0)
			BUG("second JSON value at the outermost level");
		w->level[0] |= HAS_MEMBERS;
	}
	member(w);
}

static void
after_value(struct json_writer *w)
{
	flush(w, FLUSH_AT);
}

void
json_begin(struct json_writer *w, struct buf *out, bool pretty)
{
	*w = (struct json_writer){ .buf = out, .pretty = pretty };
}

void
json_begin_file(struct json_writer *w, FILE *out, bool pretty)
{
	*w = (struct json_writer){ .file = out, .pretty = pretty };
}

int
json_end(struct json_writer *w, struct err *e)
{
	if (w->depth != 0 || w->keyed)
		BUG("JSON ended within level %d", w->depth);
	if (w->pretty && (w->level[0] & HAS_MEMBERS) != 0)
		buf_putc(out_of(w), '\n');
	flush(w, 0);
	buf_free(&w->own);
	if (w->file == NULL || (!w->failed && fflush(w->file) == 0))
		return (0);
	return (err_set(e, ERR_IO, NULL, "see whether the disk is full",
	    "the JSON output could not be written, %s", strerror(errno)));
}

void
json_between(struct json_writer *w)
{
	if (w->depth != 0)
		BUG("json_between within level %d", w->depth);
	buf_putc(out_of(w), '\n');
	w->level[0] = 0;
	flush(w, FLUSH_AT);
}

static void
open_level(struct json_writer *w, char c, uint8_t kind)
{
	before_value(w);
	if (w->depth == JSON_MAX_DEPTH)
		BUG("JSON nested deeper than %d", JSON_MAX_DEPTH);
	buf_putc(out_of(w), c);
	w->level[++w->depth] = kind;
}

void
json_object(struct json_writer *w)
{
	open_level(w, '{', IN_OBJECT);
}

void
json_array(struct json_writer *w)
{
	open_level(w, '[', 0);
}

void
json_close(struct json_writer *w)
{
	if (w->depth == 0 || w->keyed)
		BUG("JSON closed at level %d", w->depth);
	uint8_t kind = w->level[w->depth--];
	if (w->pretty && (kind & HAS_MEMBERS) != 0)
		indent(w);
	buf_putc(out_of(w), (kind & IN_OBJECT) != 0 ? '}' : ']');
	after_value(w);
}

void
json_keystr(struct json_writer *w, struct str key)
{
	if ((w->level[w->depth] & IN_OBJECT) == 0 || w->keyed)
		BUG("JSON key " STR_FMT " out of place", STR_ARG(key));
	member(w);
	json_put_quoted(out_of(w), key);
	buf_puts(out_of(w), w->pretty ? ": " : ":");
	w->keyed = true;
}

void
json_key(struct json_writer *w, const char *key)
{
	json_keystr(w, str_from(key));
}

void
json_str(struct json_writer *w, struct str s)
{
	before_value(w);
	json_put_quoted(out_of(w), s);
	after_value(w);
}

static void
put_word(struct json_writer *w, const char *word)
{
	before_value(w);
	buf_puts(out_of(w), word);
	after_value(w);
}

void
json_text(struct json_writer *w, const char *s)
{
	if (s == NULL)
		put_word(w, "null");
	else
		json_str(w, str_from(s));
}

void
json_int(struct json_writer *w, int64_t i)
{
	char text[24];

	snprintf(text, sizeof(text), "%lld", (long long)i);
	put_word(w, text);
}

void
json_bool(struct json_writer *w, bool b)
{
	put_word(w, b ? "true" : "false");
}

void
json_null(struct json_writer *w)
{
	put_word(w, "null");
}

void
json_real(struct json_writer *w, double d)
{
	before_value(w);
	put_real(out_of(w), d);
	after_value(w);
}

void
json_put_val(struct json_writer *w, const struct val *v)
{
	switch (v->type) {
	case VAL_NULL:
		json_null(w);
		return;
	case VAL_BOOL:
		json_bool(w, v->u.b);
		return;
	case VAL_INT:
		json_int(w, v->u.i);
		return;
	case VAL_REAL:
		json_real(w, v->u.d);
		return;
	case VAL_STR:
	case VAL_HTML:
		json_str(w, v->u.s);
		return;
	case VAL_LIST:
		json_array(w);
		for (size_t i = 0; i < v->u.list.n; i++)
			json_put_val(w, v->u.list.at[i]);
		json_close(w);
		return;
	case VAL_MAP:
		json_object(w);
		for (size_t i = 0; i < v->u.map.n; i++) {
			json_keystr(w, v->u.map.key[i]);
			json_put_val(w, v->u.map.at[i]);
		}
		json_close(w);
		return;
	}
	BUG("value of type %d", v->type);
}

void
json_kstr(struct json_writer *w, const char *key, struct str s)
{
	json_key(w, key);
	json_str(w, s);
}

void
json_ktext(struct json_writer *w, const char *key, const char *s)
{
	json_key(w, key);
	json_text(w, s);
}

void
json_kint(struct json_writer *w, const char *key, int64_t i)
{
	json_key(w, key);
	json_int(w, i);
}

void
json_kbool(struct json_writer *w, const char *key, bool b)
{
	json_key(w, key);
	json_bool(w, b);
}

void
json_knull(struct json_writer *w, const char *key)
{
	json_key(w, key);
	json_null(w);
}

void
json_kval(struct json_writer *w, const char *key, const struct val *v)
{
	json_key(w, key);
	json_put_val(w, v);
}

/* ---- the canonical form ---- */

static int
refuse(struct err *e, const char *what)
{
	return (err_set(e, ERR_INPUT, NULL, "use text, integers, booleans, "
	    "lists and maps", "the value has no canonical form, %s", what));
}

struct member {
	struct str key;
	const struct val *v;
};

static int
by_key(const void *a, const void *b)
{
	return (str_cmp(((const struct member *)a)->key,
	    ((const struct member *)b)->key));
}

static int
canonical_text(struct buf *out, struct str s, struct err *e)
{
	if (!str_utf8_ok(s))
		return (refuse(e, "a text is not UTF-8 or holds U+0000"));
	json_put_quoted(out, s);
	return (0);
}

static int canonical(struct buf *out, const struct val *v, int depth,
    struct err *e);

static int
canonical_map(struct buf *out, const struct val *v, int depth, struct err *e)
{
	size_t n = v->u.map.n;
	struct member *m = calloc(n + 1, sizeof(*m));
	int r = 0;

	if (m == NULL)
		err_oom(n * sizeof(*m));
	for (size_t i = 0; i < n; i++)
		m[i] = (struct member){ v->u.map.key[i], v->u.map.at[i] };
	qsort(m, n, sizeof(*m), by_key);
	buf_putc(out, '{');
	for (size_t i = 0; r == 0 && i < n; i++) {
		if (i > 0)
			buf_putc(out, ',');
		r = canonical_text(out, m[i].key, e);
		if (r != 0)
			break;
		buf_putc(out, ':');
		r = canonical(out, m[i].v, depth - 1, e);
	}
	buf_putc(out, '}');
	free(m);
	return (r);
}

static int
canonical_list(struct buf *out, const struct val *v, int depth, struct err *e)
{
	int r = 0;

	buf_putc(out, '[');
	for (size_t i = 0; r == 0 && i < v->u.list.n; i++) {
		if (i > 0)
			buf_putc(out, ',');
		r = canonical(out, v->u.list.at[i], depth - 1, e);
	}
	buf_putc(out, ']');
	return (r);
}

static int
canonical(struct buf *out, const struct val *v, int depth, struct err *e)
{
	switch (v->type) {
	case VAL_NULL:
		buf_puts(out, "null");
		return (0);
	case VAL_BOOL:
		buf_puts(out, v->u.b ? "true" : "false");
		return (0);
	case VAL_INT:
		buf_printf(out, "%lld", (long long)v->u.i);
		return (0);
	case VAL_STR:
		return (canonical_text(out, v->u.s, e));
	case VAL_LIST:
	case VAL_MAP:
		if (depth == 0)
			return (refuse(e, "it is nested too deeply"));
		return (v->type == VAL_LIST ? canonical_list(out, v, depth, e)
					    : canonical_map(out, v, depth, e));
	case VAL_REAL:
		return (refuse(e, "it holds a number that is not an integer"));
	case VAL_HTML:
		return (refuse(e, "it holds markup"));
	}
	BUG("value of type %d", v->type);
}

int
json_canonical(struct buf *out, const struct val *v, struct err *e)
{
	size_t before = out->len;
	int r = canonical(out, v, JSON_MAX_DEPTH, e);

	if (r != 0 && out->ptr != NULL) {
		out->len = before;
		out->ptr[before] = '\0';
	}
	return (r);
}
