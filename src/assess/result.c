#include "assess/result.h"

#include "sys/db.h"
#include "text/timefmt.h"

#define MAGIC "tickmark-result/v1"

static const char *const status_names[ASSESS_NSTATUS] = { "ok", "fail", "na",
	"unknown", "exempt" };
static const char *const outcome_names[ASSESS_NOUTCOME] = { "no_exceptions",
	"exceptions", "unknown", "not_triggered" };
static const char *const outcome_words[ASSESS_NOUTCOME] = { "no exceptions",
	"exceptions", "unknown", "not triggered" };

const char *
assess_status_name(enum assess_status s)
{
	return (status_names[s]);
}

const char *
assess_outcome_name(enum assess_outcome o)
{
	return (outcome_names[o]);
}

const char *
assess_outcome_words(enum assess_outcome o)
{
	return (outcome_words[o]);
}

/* --- writing ---------------------------------------------------------------- */

/* What could be taken for the line's own tabs and ends is escaped. */
static void
put_escaped(struct buf *b, struct str s)
{
	size_t start = 0;

	for (size_t i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.ptr[i];
		if (c >= 0x20 && c != '\\' && c != 0x7f)
			continue;
		buf_put(b, s.ptr + start, i - start);
		start = i + 1;
		if (c == '\\')
			buf_puts(b, "\\\\");
		else
			buf_printf(b, "\\x%02x", c);
	}
	buf_put(b, s.ptr + start, s.len - start);
}

/* A field. Millions of them are written: nearly all need no escape. */
static void
put_field(struct buf *b, struct str s)
{
	bool plain = true;

	if (s.len == 0) {
		buf_putc(b, '\t');
		return;
	}
	for (size_t i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.ptr[i];
		plain &= c >= 0x20 && c != '\\' && c != 0x7f;
	}
	buf_reserve(b, s.len + 1);
	b->ptr[b->len++] = '\t';
	if (!plain) {
		put_escaped(b, s);
		return;
	}
	memcpy(b->ptr + b->len, s.ptr, s.len);
	b->len += s.len;
	b->ptr[b->len] = '\0';
}

static void
put_int(struct buf *b, int64_t v)
{
	char d[24];
	size_t n = sizeof(d);
	uint64_t u = v < 0 ? 0 - (uint64_t)v : (uint64_t)v;

	do
		d[--n] = (char)('0' + u % 10);
	while ((u /= 10) != 0);
	if (v < 0)
		d[--n] = '-';
	d[--n] = '\t';
	buf_put(b, d + n, sizeof(d) - n);
}

static void
put_hash(struct buf *b, const uint8_t h[CRYPTO_HASH])
{
	buf_putc(b, '\t');
	buf_puthex(b, h, CRYPTO_HASH);
}

/* What a result is a function of, up to its evidence. */
static void
put_head(struct buf *b, const struct result_head *h)
{
	const struct procedure *p = h->procedure;

	buf_puts(b, MAGIC "\nprocedure");
	put_field(b, p->id);
	put_hash(b, p->sha256);
	for (size_t i = 0; i < p->nparams; i++) {
		buf_puts(b, "\nparam");
		put_field(b, p->params[i].name);
		if (p->params[i].kind == PROCEDURE_INT) {
			buf_puts(b, "\tint");
			put_int(b, p->params[i].i);
		} else {
			buf_puts(b, "\ttext");
			put_field(b, p->params[i].s);
		}
	}
	buf_puts(b, "\nengine");
	put_int(b, RESULT_ENGINE);
	buf_puts(b, "\nsqlite");
	put_field(b, str_from(db_version()));
	put_field(b, str_from(db_source_id()));
	buf_puts(b, "\ndeclarations");
	put_field(b, str_from(h->declarations));
	buf_puts(b, "\nrules");
	put_field(b, str_from(h->rules));
	buf_puts(b, h->time.period ? "\ntime\tperiod" : "\ntime\tinstant");
	put_int(b, h->time.from);
	put_int(b, h->time.to);
	put_field(b, str_from(h->time.label));
	put_field(b, str_from(h->time.zone));
	buf_putc(b, '\n');
}

static void
put_waiver(struct buf *b, const struct judge_waiver *w)
{
	buf_puts(b, "exception");
	put_field(b, w->id);
	put_field(b, w->subject);
	put_int(b, w->from);
	put_int(b, w->to);
	buf_putc(b, '\n');
}

void
result_begin(struct result_writer *w, struct buf *out,
    const struct result_head *h)
{
	*w = (struct result_writer){ .out = out };
	crypto_sha_init(&w->sha);
	put_head(out, h);
}

void
result_free(struct result_writer *w)
{
	crypto_sha_drop(&w->sha);
	buf_free(&w->lines);
	buf_free(&w->who);
}

void
result_evidence(struct result_writer *w, uint64_t upto)
{
	buf_puts(w->out, "evidence");
	put_int(w->out, (int64_t)upto);
	buf_putc(w->out, '\n');
}

void
result_reads(struct result_writer *w, struct str table, struct str columns)
{
	buf_puts(w->out, "read");
	put_field(w->out, table);
	put_field(w->out, columns);
	buf_putc(w->out, '\n');
}

void
result_blind(struct result_writer *w, const struct judge_hole *h)
{
	w->blind = true;
	buf_puts(w->out, "blind");
	put_field(w->out, h->table);
	put_field(w->out, h->source);
	put_int(w->out, h->from);
	put_int(w->out, h->to);
	put_field(w->out, h->reason);
	buf_putc(w->out, '\n');
}

void
result_waiver(struct result_writer *w, const struct judge_waiver *x)
{
	put_waiver(w->out, x);
}

static void
close_member(struct result_writer *w)
{
	if (w->begun)
		w->subjects[w->worst]++;
}

/* Lines are many and short: they are hashed some at a time. */
#define HASH_AT_ONCE 16384

static void
hash_lines(struct result_writer *w)
{
	crypto_sha_update(&w->sha, w->lines.ptr, w->lines.len);
	buf_reset(&w->lines);
}

void
result_piece(void *ctx, struct str subject, struct str label,
    const struct judge_piece *p)
{
	struct result_writer *w = ctx;
	struct buf *b = &w->lines;

	/* Subjects live in the judge's pool: the same address, the same one. */
	if (!w->begun || subject.ptr != w->subject.ptr) {
		close_member(w);
		w->subject = subject;
		w->begun = true;
		w->worst = p->status;
		w->members++;
		buf_reset(&w->who);
		put_field(&w->who, subject);
		put_field(&w->who, label);
	}
	w->worst = judge_worse(w->worst, p->status);
	w->intervals[p->status]++;
	if (b->len > HASH_AT_ONCE)
		hash_lines(w);
	size_t start = b->len;
	buf_puts(b, assess_status_name(p->status));
	put_int(b, p->from);
	put_int(b, p->to);
	buf_put(b, w->who.ptr, w->who.len);
	put_field(b, p->reason);
	put_field(b, p->evidence);
	put_field(b, p->by);
	buf_putc(b, '\n');
	if (p->status == ASSESS_OK)
		return;
	if (w->items == RESULT_ITEMS) {
		w->omitted++;
		return;
	}
	w->items++;
	buf_puts(w->out, "item\t");
	buf_put(w->out, b->ptr + start, b->len - start);
}

static enum assess_outcome
outcome(const struct result_writer *w)
{
	if (w->intervals[ASSESS_FAIL] > 0)
		return (ASSESS_EXCEPTIONS);
	if (w->intervals[ASSESS_UNKNOWN] > 0 || w->blind)
		return (ASSESS_INDETERMINATE);
	return (w->members == 0 ? ASSESS_NOT_TRIGGERED : ASSESS_NO_EXCEPTIONS);
}

void
result_end(struct result_writer *w)
{
	uint8_t h[CRYPTO_HASH];

	close_member(w);
	if (w->omitted > 0) {
		buf_puts(w->out, "omitted");
		put_int(w->out, (int64_t)w->omitted);
		buf_putc(w->out, '\n');
	}
	buf_puts(w->out, "members");
	put_int(w->out, w->members);
	for (int s = 0; s < ASSESS_NSTATUS; s++) {
		buf_printf(w->out, "\ncount\t%s", status_names[s]);
		put_int(w->out, w->subjects[s]);
		put_int(w->out, w->intervals[s]);
	}
	if (w->lines.len > 0)
		hash_lines(w);
	crypto_sha_final(&w->sha, h);
	buf_puts(w->out, "\nverdicts");
	put_hash(w->out, h);
	buf_printf(w->out, "\noutcome\t%s\n", outcome_names[outcome(w)]);
}

void
result_inputs(const struct result_head *h, const struct judge_waiver *waivers,
    size_t n, uint8_t out[CRYPTO_HASH])
{
	BUF_SCOPED b = BUF_INIT;

	put_head(&b, h);
	for (size_t i = 0; i < n; i++)
		put_waiver(&b, &waivers[i]);
	crypto_sha256(b.ptr, b.len, out);
}

/* --- reading ---------------------------------------------------------------- */

struct reader {
	struct arena *a;
	struct assess_result *r;
	struct str f[9]; /* fields after the word */
	size_t n;
	size_t quota[ASSESS_NSTATUS]; /* items still to be kept, by status */
	int line;
	bool ended;
	VEC(struct assess_item) items;
	VEC(struct str) tables;
	VEC(struct str) columns;
	VEC(struct str) blind;
};

static int
damaged(const struct reader *d, struct err *e)
{
	char where[64];

	snprintf(where, sizeof(where), "result:%d", d->line);
	return (err_set(e, ERR_DAMAGED, where, "run the test again",
	    "the recorded result cannot be read"));
}

static int
hexdigit(char c)
{
	return (c >= '0' && c <= '9' ? c - '0' :
	    c >= 'a' && c <= 'f'     ? c - 'a' + 10 : -1);
}

/* Undo put_field(), into the arena; false if it was not written by it. */
static bool
unescape(struct arena *a, struct str *s)
{
	if (s->len == 0)
		return (true);
	if (memchr(s->ptr, '\\', s->len) == NULL) {
		*s = arena_str(a, *s);
		return (true);
	}
	char *out = arena_alloc(a, s->len + 1);
	size_t n = 0;
	for (size_t i = 0; i < s->len; i++) {
		if (s->ptr[i] != '\\') {
			out[n++] = s->ptr[i];
		} else if (i + 1 < s->len && s->ptr[i + 1] == '\\') {
			out[n++] = '\\';
			i++;
		} else if (i + 3 < s->len && s->ptr[i + 1] == 'x' &&
		    hexdigit(s->ptr[i + 2]) >= 0 && hexdigit(s->ptr[i + 3]) >= 0) {
			out[n++] = (char)(hexdigit(s->ptr[i + 2]) * 16 +
			    hexdigit(s->ptr[i + 3]));
			i += 3;
		} else {
			return (false);
		}
	}
	*s = (struct str){ out, n };
	return (true);
}

bool
result_status(struct str s, enum assess_status *ret)
{
	for (int i = 0; i < ASSESS_NSTATUS; i++)
		if (str_is(s, status_names[i])) {
			*ret = (enum assess_status)i;
			return (true);
		}
	return (false);
}

static bool
read_item(struct reader *d)
{
	struct assess_item x = { .subject = d->f[3], .label = d->f[4],
		.reason = d->f[5], .evidence = d->f[6], .by = d->f[7] };

	if (d->n != 8 || !result_status(d->f[0], &x.status) ||
	    !str_to_i64(d->f[1], &x.from) || !str_to_i64(d->f[2], &x.to))
		return (false);
	if (d->quota[x.status] == 0)
		return (true);
	d->quota[x.status]--;
	vec_push(&d->items, x);
	return (true);
}

static bool
read_count(struct reader *d)
{
	enum assess_status s;

	return (d->n == 3 && result_status(d->f[0], &s) &&
	    str_to_i64(d->f[1], &d->r->subjects[s]) &&
	    str_to_i64(d->f[2], &d->r->intervals[s]));
}

static bool
read_time(struct reader *d)
{
	struct assess_time *t = &d->r->time;

	t->period = str_is(d->f[0], "period");
	if (d->n != 5 || !(t->period || str_is(d->f[0], "instant")) ||
	    !str_to_i64(d->f[1], &t->from) || !str_to_i64(d->f[2], &t->to))
		return (false);
	t->label = d->f[3].len ? arena_strndup(d->a, d->f[3].ptr, d->f[3].len) : NULL;
	t->zone = d->f[4].len ? arena_strndup(d->a, d->f[4].ptr, d->f[4].len) : NULL;
	return (true);
}

static bool
read_blind(struct reader *d)
{
	char from[TIME_SIZE], to[TIME_SIZE];
	int64_t a, b;

	if (d->n != 5 || !str_to_i64(d->f[2], &a) || !str_to_i64(d->f[3], &b))
		return (false);
	struct str s = str_from(b == a + 1 ?
	    arena_printf(d->a, STR_FMT, STR_ARG(d->f[4])) :
	    arena_printf(d->a, STR_FMT " from %s to %s", STR_ARG(d->f[4]),
		time_print(a, from), time_print(b, to)));
	vec_push(&d->blind, s);
	return (true);
}

static bool
read_outcome(struct reader *d)
{
	for (int i = 0; i < ASSESS_NOUTCOME && d->n == 1; i++)
		if (str_is(d->f[0], outcome_names[i])) {
			d->r->outcome = (enum assess_outcome)i;
			d->ended = true;
			return (true);
		}
	return (false);
}

static bool
read_line(struct reader *d, struct str word)
{
	struct assess_result *r = d->r;

	if (str_is(word, "item"))
		return (read_item(d));
	if (str_is(word, "count"))
		return (read_count(d));
	if (str_is(word, "time"))
		return (read_time(d));
	if (str_is(word, "blind"))
		return (read_blind(d));
	if (str_is(word, "outcome"))
		return (read_outcome(d));
	if (str_is(word, "procedure")) {
		r->id = d->f[0];
		return (d->n == 2 && str_unhex(d->f[1], r->procedure_sha256, 32));
	}
	if (str_is(word, "read")) {
		vec_push(&d->tables, d->f[0]);
		vec_push(&d->columns, d->f[1]);
		return (d->n == 2);
	}
	if (str_is(word, "evidence"))
		return (d->n == 1 && str_to_u64(d->f[0], &r->upto));
	if (str_is(word, "members"))
		return (d->n == 1 && str_to_i64(d->f[0], &r->members));
	if (str_is(word, "omitted")) {
		uint64_t n = 0;
		bool ok = d->n == 1 && str_to_u64(d->f[0], &n);
		r->omitted = (size_t)n;
		return (ok);
	}
	return (str_is(word, "param") || str_is(word, "engine") ||
	    str_is(word, "sqlite") || str_is(word, "declarations") ||
	    str_is(word, "rules") || str_is(word, "exception") ||
	    str_is(word, "verdicts"));
}

/* An item that is not kept need not be copied. */
static bool
unwanted(const struct reader *d, struct str fields)
{
	enum assess_status s;
	struct str status;

	return (str_split(&fields, '\t', &status) && result_status(status, &s) &&
	    d->quota[s] == 0);
}

void
result_quota(struct str bytes, size_t max, size_t ret[ASSESS_NSTATUS])
{
	static const enum assess_status order[] = { ASSESS_FAIL, ASSESS_UNKNOWN,
		ASSESS_EXEMPT, ASSESS_NA, ASSESS_OK };
	size_t n[ASSESS_NSTATUS] = { 0 };
	struct str line, word, status;
	enum assess_status s;

	while (bytes.len > 0 && str_split(&bytes, '\n', &line))
		if (str_split(&line, '\t', &word) && str_is(word, "item") &&
		    str_split(&line, '\t', &status) && result_status(status, &s))
			n[s]++;
	for (size_t i = 0; i < ASSESS_NSTATUS; i++) {
		s = order[i];
		ret[s] = n[s] < max ? n[s] : max;
		max -= ret[s];
	}
}

static int
read_all(struct reader *d, struct str rest, struct err *e)
{
	struct str line, word;

	while (rest.len > 0 && str_split(&rest, '\n', &line)) {
		d->line++;
		if (d->line == 1) {
			if (!str_is(line, MAGIC))
				return (damaged(d, e));
			continue;
		}
		if (d->ended || !str_split(&line, '\t', &word))
			return (damaged(d, e));
		bool skip = str_is(word, "item") && unwanted(d, line);
		for (d->n = 0; str_split(&line, '\t', &d->f[d->n]);)
			if ((!skip && !unescape(d->a, &d->f[d->n])) || ++d->n == 9)
				return (damaged(d, e));
		if (!read_line(d, word))
			return (damaged(d, e));
	}
	return (d->ended ? 0 : damaged(d, e));
}

static void *
keep(struct arena *a, const void *at, size_t n, size_t size)
{
	void *p = arena_array(a, n, size);

	if (n != 0)
		memcpy(p, at, n * size);
	return (p);
}

int
result_decode(struct arena *a, struct str bytes, size_t max,
    struct assess_result *ret, struct err *e)
{
	struct assess_result r = { .entry = UINT64_MAX, .bytes = bytes };
	struct reader d = { .a = a, .r = &r };

	result_quota(bytes, max, d.quota);
	int rc = read_all(&d, bytes, e);

	if (rc == 0) {
		crypto_sha256(bytes.ptr, bytes.len, r.sha256);
		r.nitems = d.items.n;
		r.items = keep(a, d.items.at, d.items.n, sizeof(*d.items.at));
		r.ntables = d.tables.n;
		r.tables = keep(a, d.tables.at, d.tables.n, sizeof(*d.tables.at));
		r.columns = keep(a, d.columns.at, d.columns.n,
		    sizeof(*d.columns.at));
		r.nblind = d.blind.n;
		r.blind = keep(a, d.blind.at, d.blind.n, sizeof(*d.blind.at));
		*ret = r;
	}
	vec_free(&d.items);
	vec_free(&d.tables);
	vec_free(&d.columns);
	vec_free(&d.blind);
	return (rc);
}

int
assess_decode(struct arena *a, struct str bytes, struct assess_result *ret,
    struct err *e)
{
	return (result_decode(a, arena_str(a, bytes), SIZE_MAX, ret, e));
}
