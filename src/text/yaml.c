#include "text/yaml.h"

#include "sys/yaml.h"
#include "text/json.h"

int
yaml_parse_all(struct arena *a, const char *name, struct str text,
    struct val **ret, struct err *e)
{
	if (text.len > YAML_MAX_BYTES)
		return (err_set(e, ERR_LIMIT, name, "split the file",
		    "the YAML has %zu bytes, more than %zu", text.len,
		    YAML_MAX_BYTES));
	return (sys_yaml_parse(a, name, text, YAML_MAX_DEPTH, ret, e));
}

int
yaml_parse(struct arena *a, const char *name, struct str text,
    struct val **ret, struct err *e)
{
	struct val *list;
	char where[512];
	int r = yaml_parse_all(a, name, text, &list, e);

	if (r != 0)
		return (r);
	if (list->u.list.n > 1) {
		snprintf(where, sizeof(where), "%s:%d", name,
		    list->u.list.at[1]->line);
		return (err_set(e, ERR_INPUT, where, "leave one document",
		    "the YAML has %zu documents where one is expected",
		    list->u.list.n));
	}
	*ret = list->u.list.n == 1 ? list->u.list.at[0] : val_null(a);
	return (0);
}

/* ---- writing ---- */

static void put(struct buf *out, const struct val *v, int indent, bool in_map);

/* Whether ${s} as a plain scalar is read back as that text, anywhere. */
static bool
plain_ok(struct str s)
{
	static const char *const others[] = { "~", "null", "true", "false",
		"yes", "no", "on", "off", "y", "n", "<<", "---", "...", "=" };
	bool digits = s.len > 0;

	if (s.len == 0 || s.len > 200)
		return (false);
	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++)
		if (s.len == strlen(others[i]) &&
		    strncasecmp(s.ptr, others[i], s.len) == 0)
			return (false);
	for (size_t i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.ptr[i];
		bool word = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
		    c == '_' || c == '/' || c >= 0x80;
		bool inner = (c >= '0' && c <= '9') || c == ' ' || c == '-' ||
		    c == '.' || c == '(' || c == ')' || c == '+' || c == ';' ||
		    c == '@' || c == ',';
		/* A comma separates in flow style, which we do not write. */
		if (!word && (!inner || (i == 0 && !(c >= '0' && c <= '9'))))
			return (false);
		/* U+0085, U+2028, U+2029, U+FEFF and C1 controls. */
		if (c == 0xc2 || c == 0xe2 || c == 0xef)
			return (false);
		digits = digits && c >= '0' && c <= '9';
	}
	/* Numbers in any reader's eyes, dates and times stay quoted. */
	bool first_digit = s.ptr[0] >= '0' && s.ptr[0] <= '9';
	return (s.ptr[s.len - 1] != ' ' && !first_digit);
}

static void
put_double(struct buf *out, struct str s)
{
	/* JSON's quoting is YAML's; what YAML does not print gets escaped. */
	size_t at = 0, from = 0;
	BUF_SCOPED q = BUF_INIT;

	json_put_quoted(&q, s);
	struct str j = buf_str(&q);
	while (at < j.len) {
		size_t here = at;
		int32_t c = str_utf8_next(j, &at);
		bool shown = (c >= 0x20 && c < 0x7f) || (c >= 0xa0 &&
		    c != 0x2028 && c != 0x2029 && c != 0xfeff && c != 0xfffe &&
		    c != 0xffff);
		if (shown)
			continue;
		buf_put(out, j.ptr + from, here - from);
		buf_printf(out, "\\u%04x", (unsigned)c & 0xffff);
		from = at;
	}
	buf_put(out, j.ptr + from, j.len - from);
}

/* A literal block keeps a text exactly if none of its lines is special. */
static bool
block_ok(struct str s)
{
	if (s.len == 0 || memchr(s.ptr, '\n', s.len) == NULL ||
	    s.ptr[0] == ' ' || s.ptr[0] == '\n' || s.ptr[0] == '\t')
		return (false);
	for (size_t at = 0; at < s.len;) {
		int32_t c = str_utf8_next(s, &at);
		if (c == '\n' || c == '\t')
			continue;
		if (c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x2028 ||
		    c == 0x2029 || c >= 0xfeff)
			return (false);
	}
	return (true);
}

static void
put_indent(struct buf *out, int indent)
{
	for (int i = 0; i < indent; i++)
		buf_putc(out, ' ');
}

static void
put_block(struct buf *out, struct str s, int indent)
{
	size_t tail = 0;
	struct str rest = s, line;

	while (tail < s.len && s.ptr[s.len - 1 - tail] == '\n')
		tail++;
	buf_puts(out, tail == 0 ? "|-\n" : tail == 1 ? "|\n" : "|+\n");
	if (tail != 0)
		rest.len--;
	while (str_split(&rest, '\n', &line)) {
		if (line.len != 0)
			put_indent(out, indent < 2 ? 2 : indent);
		buf_putstr(out, line);
		buf_putc(out, '\n');
	}
}

static void
put_text(struct buf *out, struct str s, int indent)
{
	if (block_ok(s)) {
		put_block(out, s, indent);
		return;
	}
	if (plain_ok(s))
		buf_putstr(out, s);
	else
		put_double(out, s);
	buf_putc(out, '\n');
}

/* null, a boolean or a number: as JSON writes it. */
static void
put_word(struct buf *out, const struct val *v)
{
	struct json_writer w;

	json_begin(&w, out, true);
	json_put_val(&w, v);
	(void)json_end(&w, NULL);
}

static void
put_map(struct buf *out, const struct val *v, int indent, bool first_inline)
{
	for (size_t i = 0; i < v->u.map.n; i++) {
		struct str k = v->u.map.key[i];
		if (i > 0 || !first_inline)
			put_indent(out, indent);
		/* Keys of more than 128 bytes need the "? " form. */
		if (k.len > 100)
			buf_puts(out, "? ");
		if (plain_ok(k))
			buf_putstr(out, k);
		else
			put_double(out, k);
		if (k.len > 100) {
			buf_putc(out, '\n');
			put_indent(out, indent);
		}
		buf_putc(out, ':');
		put(out, v->u.map.at[i], indent, true);
	}
}

static void
put_list(struct buf *out, const struct val *v, int indent, bool first_inline)
{
	for (size_t i = 0; i < v->u.list.n; i++) {
		if (i > 0 || !first_inline)
			put_indent(out, indent);
		buf_putc(out, '-');
		put(out, v->u.list.at[i], indent, false);
	}
}

/* After "key:" or "-" (which stand at ${indent}), or at the outermost. */
static void
put(struct buf *out, const struct val *v, int indent, bool in_map)
{
	size_t n = val_count(v);

	if (n != 0 && in_map) {
		buf_putc(out, '\n');
		if (v->type == VAL_MAP)
			put_map(out, v, indent + 2, false);
		else
			put_list(out, v, indent + 2, false);
		return;
	}
	buf_putc(out, ' ');
	if (n != 0 && v->type == VAL_MAP) {
		put_map(out, v, indent + 2, true);
	} else if (n != 0) {
		put_list(out, v, indent + 2, true);
	} else if (v->type == VAL_STR || v->type == VAL_HTML) {
		put_text(out, v->u.s, indent + 2);
	} else {
		put_word(out, v);
	}
}

void
yaml_put_val(struct buf *out, const struct val *v)
{
	size_t n = val_count(v);

	if (n != 0 && v->type == VAL_MAP) {
		put_map(out, v, 0, false);
	} else if (n != 0) {
		put_list(out, v, 0, false);
	} else if (v->type == VAL_STR || v->type == VAL_HTML) {
		put_text(out, v->u.s, 0);
	} else {
		put_word(out, v); /* {} and [] too */
	}
}
