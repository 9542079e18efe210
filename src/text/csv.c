#include "text/csv.h"

#include <errno.h>
#include <unistd.h>

#include "base/vec.h"

#define READ_SIZE ((size_t)256 << 10)
#define FIX_QUOTE "quote the whole field and double the quote"

struct csv {
	char *name;
	struct csv_opts opts;
	char sep;         /* 0 until it is known */
	struct str piece; /* what is left of it */
	bool last;
	bool over;        /* failed, no more rows */
	bool part_used;   /* the row given last lies in ${part} */
	struct buf part;  /* the beginning of a row, from earlier pieces */
	struct buf plain; /* fields without their doubled quotes */
	struct buf read;  /* of csv_read() */
	size_t seen;      /* of the row at hand: bytes searched for its end */
	size_t opened;    /* offset of the quote that is open */
	size_t closed;    /* offset after the quote that closed last */
	bool quotes;      /* the row has some */
	bool in_quotes;
	bool stray;       /* the quote at ${opened} may not stand there */
	VEC(struct str) fields;
	size_t width;     /* fields of the first row; 0: there was none */
	int64_t line;     /* of the row at hand */
};

struct csv *
csv_new(const char *name, const struct csv_opts *opts)
{
	struct csv *c = calloc(1, sizeof(*c));

	if (c == NULL || (c->name = strdup(name)) == NULL)
		err_oom(sizeof(*c));
	c->opts = opts != NULL ? *opts : (struct csv_opts){ .sep = ',' };
	if (c->opts.max_field == 0)
		c->opts.max_field = (size_t)1 << 20;
	if (c->opts.max_row == 0)
		c->opts.max_row = (size_t)16 << 20;
	if (c->opts.max_fields == 0)
		c->opts.max_fields = 4096;
	c->sep = c->opts.sep;
	c->line = 1;
	return (c);
}

void
csv_free(struct csv *c)
{
	if (c == NULL)
		return;
	buf_free(&c->part);
	buf_free(&c->plain);
	buf_free(&c->read);
	vec_free(&c->fields);
	free(c->name);
	free(c);
}

char
csv_sep(const struct csv *c)
{
	return (c->sep);
}

void
csv_feed(struct csv *c, struct str piece, bool last)
{
	if (c->piece.len != 0)
		BUG("csv_feed with %zu bytes not yet read", c->piece.len);
	c->piece = c->over ? STR_NULL : piece;
	c->last = last;
}

static int64_t
newlines(struct str s)
{
	int64_t n = 0;

	for (size_t at = 0; at < s.len; at++) {
		const char *nl = memchr(s.ptr + at, '\n', s.len - at);
		if (nl == NULL)
			break;
		at = (size_t)(nl - s.ptr);
		n++;
	}
	return (n);
}

/* An error at byte ${at} of the row at hand; no more rows. */
static int
fail(struct csv *c, struct str row, size_t at, enum err_code code,
    const char *fix, const char *what, struct err *e)
{
	char where[512];
	struct str before = { row.ptr, at < row.len ? at : row.len };

	c->over = true;
	c->piece = STR_NULL;
	snprintf(where, sizeof(where), "%s:%lld", c->name,
	    (long long)(c->line + newlines(before)));
	return (err_set(e, code, where, fix, "CSV is not acceptable, %s", what));
}

/* ---- where a row ends ---- */

/* A quote may open a field, or be the second of a pair within one. */
static bool
may_open(const struct csv *c, struct str s, size_t at)
{
	return (at == 0 || at == c->closed || c->sep == '\0' ||
	    s.ptr[at - 1] == c->sep ||
	    (c->width == 0 && at == 3 && str_starts(s, "\xef\xbb\xbf")));
}

/*
 * Search ${s}, which starts with the row at hand, from where the last search
 * stopped. A row ends at the first newline that an even number of quotes
 * precedes. Returns whether it was found; *ret_len is without the newline.
 */
static bool
find_end(struct csv *c, struct str s, size_t *ret_len)
{
	while (c->seen < s.len && !c->stray) {
		const char *from = s.ptr + c->seen, *q, *nl;
		size_t left = s.len - c->seen;
		if (c->in_quotes) {
			q = memchr(from, '"', left);
			c->seen = q != NULL ? (size_t)(q - s.ptr) + 1 : s.len;
			c->closed = c->seen;
			c->in_quotes = q == NULL;
			continue;
		}
		nl = memchr(from, '\n', left);
		q = memchr(from, '"', nl != NULL ? (size_t)(nl - from) : left);
		if (q != NULL) {
			c->opened = (size_t)(q - s.ptr);
			c->quotes = c->in_quotes = true;
			c->stray = !may_open(c, s, c->opened);
			c->seen = c->opened + 1;
		} else if (nl != NULL) {
			*ret_len = (size_t)(nl - s.ptr);
			return (true);
		} else {
			c->seen = s.len;
		}
	}
	return (false);
}

static void
begin_row(struct csv *c)
{
	c->seen = 0;
	c->opened = 0;
	c->closed = 0;
	c->quotes = c->in_quotes = false;
	c->stray = false;
	if (c->part_used)
		buf_reset(&c->part);
	c->part_used = false;
}

/* Move the piece's bytes up to its first newline to the part. */
static void
extend_part(struct csv *c)
{
	const char *nl = c->piece.len != 0
	    ? memchr(c->piece.ptr, '\n', c->piece.len)
	    : NULL;
	size_t n = nl != NULL ? (size_t)(nl - c->piece.ptr) + 1 : c->piece.len;

	if (n == 0)
		return;
	buf_put(&c->part, c->piece.ptr, n);
	c->piece.ptr += n;
	c->piece.len -= n;
}

/*
 * The next row's bytes without its newline: 1, 0 if it is not whole yet, or an
 * error. *ret_newline: it ended with one.
 */
static int
next_bytes(struct csv *c, struct str *ret, bool *ret_newline, struct err *e)
{
	bool joined = c->part.len != 0, found;
	size_t len = 0;
	struct str s;

	do {
		if (joined)
			extend_part(c);
		s = joined ? buf_str(&c->part) : c->piece;
		if (c->line == 1 && (str_starts(s, "\xff\xfe") ||
			str_starts(s, "\xfe\xff")))
			return (fail(c, s, 0, ERR_INPUT, "save it as UTF-8",
			    "the file is UTF-16", e));
		found = find_end(c, s, &len);
		if (c->stray && c->opened <= c->opts.max_row)
			return (fail(c, s, c->opened, ERR_INPUT, FIX_QUOTE,
			    "a quote stands within a field that is not quoted",
			    e));
		if (c->stray || (found ? len : s.len) > c->opts.max_row)
			return (fail(c, s, 0, ERR_LIMIT, "look for a quote that "
			    "is not closed", "a row is longer than the limit",
			    e));
	} while (!found && joined && c->piece.len != 0);
	if (!found) {
		if (!c->last && !joined) {
			buf_put(&c->part, s.ptr, s.len);
			c->piece = STR_NULL;
		}
		if (!c->last || s.len == 0)
			return (0);
		if (c->in_quotes)
			return (fail(c, s, c->opened, ERR_INPUT, "close it",
			    "a quote is not closed", e));
		len = s.len;
	}
	c->part_used = joined;
	if (!joined) {
		c->piece.ptr += len + found;
		c->piece.len -= len + found;
	}
	*ret = (struct str){ s.ptr, len };
	*ret_newline = found;
	return (1);
}

/* ---- fields of a row ---- */

/* The separator that stands most often in the first row, outside of quotes. */
static char
detect(struct str row)
{
	static const char seps[] = ",;\t|";
	size_t count[4] = { 0 }, best = 0;
	bool quoted = false;

	for (size_t i = 0; i < row.len; i++) {
		const char *p = row.ptr[i] != '\0' ? strchr(seps, row.ptr[i])
						   : NULL;
		if (row.ptr[i] == '"')
			quoted = !quoted;
		else if (p != NULL && !quoted)
			count[p - seps]++;
	}
	for (size_t i = 1; i < 4; i++)
		if (count[i] > count[best])
			best = i;
	return (seps[best]);
}

/*
 * The quoted field at *at, moving past it. Its text lies in the row, or, if it
 * has doubled quotes, in c->plain, which has room for the whole row.
 */
static int
quoted_field(struct csv *c, struct str row, size_t *at, struct str *ret,
    struct err *e)
{
	size_t from = *at + 1, start = c->plain.len, end;
	bool doubled = false;

	for (;;) {
		const char *q = memchr(row.ptr + from, '"', row.len - from);
		if (q == NULL)
			return (fail(c, row, *at, ERR_INPUT, "close it",
			    "a quote is not closed", e));
		end = (size_t)(q - row.ptr);
		if (end + 1 == row.len || row.ptr[end + 1] != '"')
			break;
		buf_put(&c->plain, row.ptr + from, end + 1 - from);
		doubled = true;
		from = end + 2;
	}
	if (end + 1 < row.len && row.ptr[end + 1] != c->sep)
		return (fail(c, row, end, ERR_INPUT, "double the quotes within "
		    "a quoted field", "text follows a closing quote", e));
	if (doubled) {
		buf_put(&c->plain, row.ptr + from, end - from);
		*ret = (struct str){ c->plain.ptr + start, c->plain.len - start };
	} else {
		*ret = (struct str){ row.ptr + from, end - from };
	}
	*at = end + 1;
	return (0);
}

static int
add_field(struct csv *c, struct str row, size_t at, struct str field,
    struct err *e)
{
	if (field.len > c->opts.max_field)
		return (fail(c, row, at, ERR_LIMIT, "shorten it",
		    "a field is longer than the limit", e));
	if (c->fields.n == c->opts.max_fields)
		return (fail(c, row, at, ERR_LIMIT, "see whether the separator "
		    "is right", "a row has more fields than the limit", e));
	vec_push(&c->fields, field);
	return (0);
}

static int
split(struct csv *c, struct str row, struct err *e)
{
	const char *p, *end = row.ptr + row.len;
	size_t at = 0;
	int r;

	c->fields.n = 0;
	buf_reset(&c->plain);
	if (c->quotes)
		buf_reserve(&c->plain, row.len);
	for (;; at++) {
		size_t from = at;
		struct str field = STR_NULL;
		if (at < row.len && row.ptr[at] == '"') {
			if ((r = quoted_field(c, row, &at, &field, e)) != 0)
				return (r);
		} else {
			p = memchr(row.ptr + at, c->sep, row.len - at);
			at = (size_t)((p != NULL ? p : end) - row.ptr);
			field = (struct str){ row.ptr + from, at - from };
			if (c->quotes && memchr(field.ptr, '"', field.len) != NULL)
				return (fail(c, row, from, ERR_INPUT, FIX_QUOTE,
				    "a quote stands within a field that is not "
				    "quoted", e));
		}
		if ((r = add_field(c, row, from, field, e)) != 0)
			return (r);
		if (at == row.len)
			return (0);
	}
}

static int
check_bytes(struct csv *c, struct str row, struct err *e)
{
	bool quoted = false;

	if (c->opts.raw ? memchr(row.ptr, '\0', row.len) != NULL
			: !str_utf8_ok(row)) {
		const char *nul = memchr(row.ptr, '\0', row.len);
		size_t at = 0;
		if (nul != NULL)
			return (fail(c, row, (size_t)(nul - row.ptr), ERR_INPUT,
			    "take it out", "there is a NUL byte", e));
		while (str_utf8_next(row, &at) > 0)
			;
		return (fail(c, row, at, ERR_INPUT, "save the file as UTF-8",
		    "bytes are not UTF-8", e));
	}
	if (memchr(row.ptr, '\r', row.len) == NULL)
		return (0);
	for (size_t at = 0; at < row.len; at++) {
		if (row.ptr[at] == '"')
			quoted = !quoted;
		else if (row.ptr[at] == '\r' && !quoted)
			return (fail(c, row, at, ERR_INPUT,
			    "end lines with LF or CRLF",
			    "a CR stands without its LF", e));
	}
	return (0);
}

static int
check_width(struct csv *c, struct str row, struct err *e)
{
	char what[128];

	if (c->width == 0)
		c->width = c->fields.n;
	if (c->opts.ragged || c->fields.n == c->width)
		return (0);
	snprintf(what, sizeof(what), "a row has %zu field%s where the first has "
	    "%zu", c->fields.n, c->fields.n == 1 ? "" : "s", c->width);
	return (fail(c, row, 0, ERR_INPUT, "give every row the same fields, and "
	    "quote those that hold the separator", what, e));
}

static int
parse_row(struct csv *c, struct str row, struct err *e)
{
	int r;

	if (c->sep == '\0')
		c->sep = detect(row);
	if ((r = check_bytes(c, row, e)) != 0 || (r = split(c, row, e)) != 0 ||
	    (r = check_width(c, row, e)) != 0)
		return (r);
	return (0);
}

int
csv_next(struct csv *c, struct csv_row *row, struct err *e)
{
	struct str s;
	bool newline;
	int r;

	if (c->over)
		return (0);
	if (c->part_used)
		begin_row(c);
	while ((r = next_bytes(c, &s, &newline, e)) > 0) {
		int64_t line = c->line, after = line + newline;
		if (newline && s.len > 0 && s.ptr[s.len - 1] == '\r')
			s.len--;
		if (c->width == 0 && c->line == 1 &&
		    str_starts(s, "\xef\xbb\xbf"))
			s = (struct str){ s.ptr + 3, s.len - 3 };
		if (s.len == 0) {
			begin_row(c);
			c->line = after;
			continue;
		}
		if (c->quotes)
			after += newlines(s);
		r = parse_row(c, s, e);
		if (!c->part_used)
			begin_row(c);
		if (r != 0)
			return (r);
		c->line = after;
		*row = (struct csv_row){ c->fields.at, c->fields.n, line };
		return (1);
	}
	return (r);
}

int
csv_read(struct csv *c, int fd, struct csv_row *row, struct err *e)
{
	int r;
	ssize_t n;

	while ((r = csv_next(c, row, e)) == 0 && !c->last && !c->over) {
		buf_reserve(&c->read, READ_SIZE);
		do
			n = read(fd, c->read.ptr, READ_SIZE);
		while (n < 0 && errno == EINTR);
		if (n < 0) {
			c->over = true;
			return (err_set(e, ERR_IO, c->name, "see whether the "
			    "file can be read", "reading failed, %s",
			    strerror(errno)));
		}
		csv_feed(c, (struct str){ c->read.ptr, (size_t)n }, n == 0);
	}
	return (r);
}

static bool
same_name(struct str a, struct str b)
{
	return (a.len == b.len &&
	    (a.len == 0 || strncasecmp(a.ptr, b.ptr, a.len) == 0));
}

ptrdiff_t
csv_find(const struct csv_row *row, struct str name)
{
	ptrdiff_t found = -1;

	name = str_trim(name);
	for (size_t i = 0; i < row->n; i++) {
		if (!same_name(str_trim(row->at[i]), name))
			continue;
		if (found >= 0)
			return (-2);
		found = (ptrdiff_t)i;
	}
	return (found);
}

/* ---- writing ---- */

/* -12, +3.5: a spreadsheet reads it as the number that it is. */
static bool
plain_number(struct str s)
{
	size_t i = s.len > 0 && (s.ptr[0] == '-' || s.ptr[0] == '+'), digits = 0;
	bool point = false;

	for (; i < s.len; i++) {
		if (s.ptr[i] >= '0' && s.ptr[i] <= '9')
			digits++;
		else if (s.ptr[i] == '.' && !point)
			point = true;
		else
			return (false);
	}
	return (digits > 0);
}

static bool
formula(struct str s)
{
	return (s.len > 0 && s.ptr[0] != '\0' &&
	    strchr("=+-@\t\r", s.ptr[0]) != NULL && !plain_number(s));
}

static bool
needs_quotes(const struct csv_writer *w, struct str s)
{
	if (s.len == 0)
		return (false);
	for (size_t i = 0; i < s.len; i++)
		if (s.ptr[i] == '"' || s.ptr[i] == w->sep || s.ptr[i] == '\n' ||
		    s.ptr[i] == '\r')
			return (true);
	return (s.ptr[0] == ' ' || s.ptr[s.len - 1] == ' ' ||
	    str_starts(s, "\xef\xbb\xbf"));
}

void
csv_put(struct csv_writer *w, struct str s)
{
	struct buf *b = w->out;
	bool guard = w->guard && formula(s);
	bool quote = needs_quotes(w, s);

	if (w->begun)
		buf_putc(b, w->sep);
	w->lone_empty = !w->begun && s.len == 0;
	w->begun = true;
	if (quote)
		buf_putc(b, '"');
	if (guard)
		buf_putc(b, '\'');
	if (!quote) {
		buf_putstr(b, s);
		return;
	}
	for (size_t i = 0; i < s.len; i++) {
		if (s.ptr[i] == '"')
			buf_putc(b, '"');
		buf_putc(b, s.ptr[i]);
	}
	buf_putc(b, '"');
}

void
csv_puttext(struct csv_writer *w, const char *field)
{
	csv_put(w, str_from(field));
}

void
csv_putint(struct csv_writer *w, int64_t i)
{
	char text[24];

	snprintf(text, sizeof(text), "%lld", (long long)i);
	csv_puttext(w, text);
}

void
csv_endrow(struct csv_writer *w)
{
	/* A line without a byte would be no row. */
	if (w->lone_empty)
		buf_puts(w->out, "\"\"");
	w->lone_empty = false;
	buf_puts(w->out, w->lf ? "\n" : "\r\n");
	w->begun = false;
}

void
csv_puttitles(struct csv_writer *w, const char *const *titles, size_t n)
{
	for (size_t i = 0; i < n; i++)
		csv_puttext(w, titles[i]);
	csv_endrow(w);
}
