#include "evidence/mention.h"

#include "evidence/identity.h"
#include "evidence/query.h"
#include "evidence/store.h"
#include "schema/kind.h"
#include "sys/crypto.h"

#define ALL_FROM (INT64_MIN / 4)
#define ALL_TO (INT64_MAX / 4)
#define SHORT 3

/* --- words ------------------------------------------------------------------ */

static char
small(char c)
{
	return (c >= 'A' && c <= 'Z' ? (char)(c + 'a' - 'A') : c);
}

void
mention_add(struct mention_words *w, struct str word)
{
	word = str_trim(word);
	if (word.len == 0)
		return;
	char *p = arena_strndup(w->a, word.ptr, word.len);
	for (size_t i = 0; i < word.len; i++)
		p[i] = small(p[i]);
	struct str s = { p, word.len };
	for (size_t i = 0; i < w->at.n; i++)
		if (str_eq(w->at.at[i], s))
			return;
	vec_push(&w->at, s);
}

void
mention_free(struct mention_words *w)
{
	vec_free(&w->at);
}

static bool
is_letter(unsigned char c)
{
	return ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || c >= 0x80);
}

/* Does a word end before text[at], going in direction ${step}? */
static bool
ends(const char *text, size_t n, size_t at, int step)
{
	/* Unsigned wrap at either end is past the end. */
	if (at >= n)
		return (true);
	unsigned char c = (unsigned char)text[at];
	if (is_letter(c))
		return (false);
	if (c != '.' && c != '-' && c != '_')
		return (true);
	size_t next = at + (size_t)step;
	return (next >= n || !is_letter((unsigned char)text[next]));
}

static bool
found(const char *text, size_t n, struct str word)
{
	const char *p = text, *end = text + n;

	while ((p = memmem(p, (size_t)(end - p), word.ptr, word.len)) != NULL) {
		size_t at = (size_t)(p - text);
		if (ends(text, n, at - 1, -1) && ends(text, n, at + word.len, 1))
			return (true);
		p++;
	}
	return (false);
}

bool
mention_in(const struct mention_words *w, struct str text, bool *ret_whole)
{
	BUF_SCOPED b = BUF_INIT;
	bool some = false, whole = false;

	buf_reserve(&b, text.len + 1);
	for (size_t i = 0; i < text.len; i++)
		b.ptr[i] = small(text.ptr[i]);
	b.len = text.len;
	for (size_t i = 0; i < w->at.n && !whole; i++) {
		struct str word = w->at.at[i];
		whole = str_eq(word, buf_str(&b));
		some = some || whole || (word.len >= SHORT &&
		    found(b.ptr, b.len, word));
	}
	if (ret_whole != NULL)
		*ret_whole = whole;
	return (some);
}

/* --- columns ---------------------------------------------------------------- */

void
mention_key(struct str source_id, const struct schema_type *table,
    struct str subject, struct buf *out)
{
	size_t at = out->len;

	if (schema_is_record(table)) {
		buf_puts(out, "record/");
		buf_putstr(out, subject);
		return;
	}
	buf_putstr(out, source_id);
	buf_printf(out, "/%s/", table->name);
	buf_putstr(out, subject);
	/* Names have a limit; a hash stands in for what is longer. */
	if (out->len - at > 1024) {
		uint8_t h[CRYPTO_HASH];
		crypto_sha256(out->ptr + at, out->len - at, h);
		out->len = at;
		buf_puthex(out, h, sizeof(h));
	}
}

static int
look_at(const struct schema_type *t, struct stmt *st,
    const struct mention_words *w, mention_fn *fn, void *ctx, struct err *e)
{
	for (size_t i = 0; i < t->nfields; i++) {
		const struct schema_field *f = &t->fields[i];
		struct mention m = { .table = t, .column = f->name,
			.personal = f->cls == CLASS_PERSONAL };
		if (kind_integer(f) || stmt_isnull(st, 3 + (int)i) ||
		    !mention_in(w, stmt_str(st, 3 + (int)i), &m.whole))
			continue;
		m.text = stmt_str(st, 3 + (int)i);
		m.source_id = stmt_str(st, 0);
		m.source = stmt_str(st, 1);
		m.subject = stmt_str(st, 2);
		int r = fn(ctx, &m, e);
		if (r != 0)
			return (r);
	}
	return (0);
}

static int
each_of(struct evidence *ev, const struct schema_type *t,
    const struct mention_words *w, mention_fn *fn, void *ctx, struct err *e)
{
	STMT_SCOPED *st = NULL;
	BUF_SCOPED q = BUF_INIT;

	buf_puts(&q, "SELECT DISTINCT s.id, s.name, v._subject");
	for (size_t i = 0; i < t->nfields; i++)
		buf_printf(&q, ", v.\"%s\"", t->fields[i].name);
	buf_printf(&q, " FROM \"%s!v\" v JOIN \"!source\" s ON s.no = v._sid",
	    t->name);
	int r = db_prepare(ev->db, &st, buf_str(&q), e);
	while (r == 0 && (r = stmt_step(st, e)) > 0)
		r = look_at(t, st, w, fn, ctx, e);
	return (r);
}

int
mention_each(struct evidence *ev, const struct mention_words *w,
    mention_fn *fn, void *ctx, struct err *e)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < schema_ntypes; i++)
		r = each_of(ev, &schema_types[i], w, fn, ctx, e);
	return (r);
}

int
mention_source(struct arena *a, struct evidence *ev, struct str name,
    struct str *ret_id, struct err *e)
{
	struct stmt *st;
	int r = db_cached(ev->db, &st,
	    "SELECT id FROM \"!source\" WHERE name = ? AND no <> 0", e);

	if (r != 0)
		return (r);
	stmt_bind_str(st, 1, name);
	if ((r = stmt_step(st, e)) == 1)
		*ret_id = arena_str(a, stmt_str(st, 0));
	stmt_reset(st);
	if (r != 0)
		return (r < 0 ? r : 0);
	return (err_set(e, ERR_NOTFOUND, NULL, "see tickmark source DIR list",
	    "no source \"" STR_FMT "\" has given evidence", STR_ARG(name)));
}

/* --- asking the views ------------------------------------------------------- */

/*
 * The views are those of queries, so they are asked as a query is: in a child.
 * Rows come as cells, each a length of four bytes and text.
 */
struct ask {
	struct query *q;
	const char *sql;
	struct query_param param;
	struct buf out;
};

static int
send(void *ctx, struct stmt *st, bool row, struct err *e)
{
	struct ask *x = ctx;

	(void)e;
	for (int i = 0; row && i < stmt_ncol(st); i++) {
		struct str s = stmt_str(st, i);
		uint32_t n = (uint32_t)s.len;
		buf_put(&x->out, &n, sizeof(n));
		buf_putstr(&x->out, s);
	}
	return (0);
}

static int
in_child(struct query *q, void *ctx, struct err *e)
{
	struct ask *x = ctx;
	struct evidence_when all = evidence_period(ALL_FROM, ALL_TO,
	    EVIDENCE_HEAD);
	struct query_sql sql = { .sql = str_from(x->sql), .file = "query",
		.params = &x->param, .nparams = 1 };

	x->q = q;
	int r = query_when(q, &all, e);
	if (r == 0)
		r = query_ask(q, &sql, send, x, e);
	if (r == 0)
		r = query_write(q, buf_str(&x->out), e);
	buf_free(&x->out);
	return (r);
}

static int
receive(void *ctx, struct str bytes, struct err *e)
{
	(void)e;
	buf_putstr(ctx, bytes);
	return (0);
}

static int
ask(struct evidence *ev, const char *sql, struct str param, struct buf *out,
    struct err *e)
{
	struct ask x = { .sql = sql, .out = BUF_INIT,
		.param = { "name", CELL_STR(param) } };
	struct query_limits limits = { .time_ms = 600000,
		.memory_bytes = INT64_C(1) << 30 };

	return (query_run(ev, &limits, in_child, &x, receive, out, e));
}

static bool
next(struct str *rest, size_t n, struct str *cells)
{
	for (size_t i = 0; i < n; i++) {
		uint32_t len;
		if (rest->len < sizeof(len))
			return (false);
		memcpy(&len, rest->ptr, sizeof(len));
		if (rest->len - sizeof(len) < len)
			return (false);
		cells[i] = (struct str){ rest->ptr + sizeof(len), len };
		rest->ptr += sizeof(len) + len;
		rest->len -= sizeof(len) + len;
	}
	return (true);
}

int
mention_matched(struct evidence *ev, struct str person, mention_fn *fn,
    void *ctx, struct err *e)
{
	ARENA_SCOPED a = ARENA_INIT;
	BUF_SCOPED b = BUF_INIT;
	struct str rest, c[5], last = STR_NULL, id = STR_NULL;
	int r = ask(ev, "SELECT table_name, source, subject, state, rule"
	    " FROM identity_period WHERE person = :name AND state = 'matched'"
	    " ORDER BY source, table_name, subject", person, &b, e);

	rest = buf_str(&b);
	while (r == 0 && next(&rest, 5, c)) {
		if (last.ptr == NULL || !str_eq(last, c[1]))
			r = mention_source(&a, ev, c[1], &id, e);
		last = c[1];
		struct mention m = { .table = schema_find(c[0]), .source_id = id,
			.source = c[1], .subject = c[2], .state = c[3],
			.rule = c[4] };
		if (r == 0 && m.table != NULL)
			r = fn(ctx, &m, e);
	}
	return (r);
}

int
mention_person(struct evidence *ev, struct str name, struct mention_words *w,
    struct str *ret_person, struct str *ret_record, struct err *e)
{
	BUF_SCOPED b = BUF_INIT, all = BUF_INIT;
	struct str rest, c[5], who = STR_NULL, record = STR_NULL;
	int r = ask(ev, "SELECT DISTINCT person FROM people_period WHERE"
	    " person = :name OR record = :name OR lower(email) = lower(:name)"
	    " OR lower(login) = lower(:name) OR lower(name) = lower(:name)",
	    name, &b, e);

	rest = buf_str(&b);
	while (r == 0 && next(&rest, 1, c)) {
		if (who.ptr != NULL)
			return (err_set(e, ERR_CONFLICT, NULL,
			    "give the code of the one you mean",
			    "\"" STR_FMT "\" names several people", STR_ARG(name)));
		who = arena_str(w->a, c[0]);
	}
	if (r == 0 && who.ptr == NULL)
		return (err_set(e, ERR_NOTFOUND, NULL,
		    "give a code, an address or a login; tickmark sql DIR "
		    "\"SELECT * FROM people\" lists them",
		    "nobody is named \"" STR_FMT "\"", STR_ARG(name)));
	if (r == 0)
		r = ask(ev, "SELECT DISTINCT name, email, login, record"
		    " FROM people_period WHERE person = :name", who, &all, e);
	if (r != 0)
		return (r);
	rest = buf_str(&all);
	while (next(&rest, 4, c)) {
		for (size_t i = 0; i < 3; i++)
			mention_add(w, c[i]);
		if (c[3].len != 0)
			record = arena_str(w->a, c[3]);
	}
	*ret_person = who;
	*ret_record = record;
	return (0);
}
