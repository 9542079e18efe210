#include "assess/sealed.h"

#include "assess/result.h"
#include "base/arena.h"
#include "base/vec.h"
#include "ledger/subject.h"
#include "sys/crypto.h"

/*
 * Two kinds of line change; all others are stored as they are.
 *     item  STATUS FROM TO SUBJECT LABEL REASON EVIDENCE BY
 *       ->  STATUS FROM TO KEY CELL BY
 *     exception  ID SUBJECT FROM TO
 *            ->  ID KEY CELL FROM TO       (not if SUBJECT is empty)
 * KEY is the hex of the key's id; CELL the base64 of a sealed cell whose column
 * is the line's word.
 */
#define CLEAR_MAGIC "tickmark-result/v1"
#define NAME_MAX_BYTES 1024

void
sealed_name(struct str subject, struct buf *out)
{
	buf_puts(out, "member/");
	if (subject.len <= NAME_MAX_BYTES) {
		buf_putstr(out, subject);
		return;
	}
	/* Names have a limit; a hash stands in for what is longer. */
	uint8_t h[CRYPTO_HASH];
	crypto_sha256(subject.ptr, subject.len, h);
	buf_puthex(out, h, sizeof(h));
}

void
sealed_field(struct str s, struct buf *out)
{
	for (size_t i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.ptr[i];
		if (c == '\\')
			buf_puts(out, "\\\\");
		else if (c < 0x20 || c == 0x7f)
			buf_printf(out, "\\x%02x", c);
		else
			buf_putc(out, (char)c);
	}
}

static int
damaged(struct err *e)
{
	return (err_set(e, ERR_DAMAGED, NULL, "run the test again",
	    "a recorded result cannot be read"));
}

/* --- lines ------------------------------------------------------------------ */

/* A line that is sealed, in three parts; the tabs between them are left out. */
struct parts {
	const char *word;
	struct str before, personal, after;
};

/* ${line} without its first ${n} fields, which are left in ${ret}. */
static bool
take(struct str *line, size_t n, struct str *ret)
{
	const char *p = line->ptr, *end = line->ptr + line->len;

	for (; n > 0; n--) {
		const char *tab = p < end ? memchr(p, '\t', (size_t)(end - p)) :
		    NULL;
		if (tab == NULL)
			return (false);
		p = tab + 1;
	}
	*ret = (struct str){ line->ptr, (size_t)(p - 1 - line->ptr) };
	*line = (struct str){ p, (size_t)(end - p) };
	return (true);
}

/* The last field away from ${line}. */
static bool
take_last(struct str *line, struct str *ret)
{
	for (size_t i = line->len; i > 0; i--)
		if (line->ptr[i - 1] == '\t') {
			*ret = (struct str){ line->ptr + i, line->len - i };
			line->len = i - 1;
			return (true);
		}
	return (false);
}

/* 1: a line to seal, or sealed; 0: any other; -1: it is malformed. */
static int
split(struct str line, size_t personal, struct parts *p)
{
	struct str word;

	*p = (struct parts){ NULL, line, line, line };
	if (str_starts(line, "item\t")) {
		p->word = "item";
		if (!take(&line, 1, &word) || !take(&line, 3, &p->before) ||
		    !take_last(&line, &p->after))
			return (-1);
		p->personal = line;
		return (1);
	}
	if (!str_starts(line, "exception\t"))
		return (0);
	p->word = "exception";
	if (!take(&line, 1, &word) || !take(&line, 1, &p->before) ||
	    !take(&line, personal, &p->personal))
		return (-1);
	p->after = line;
	return (1);
}

/* An exception about everybody is stored as it is: it names nobody. */
static bool
is_bare(const struct parts *p)
{
	return (str_is(str_from(p->word), "exception") &&
	    (p->personal.len == 0 || p->personal.ptr[0] == '\t'));
}

/* --- storing ---------------------------------------------------------------- */

/* Distinct subjects in their order, with their keys. */
struct members {
	VEC(struct str) subjects;
	struct keys_set *keys;
	size_t last; /* that was looked for: a guess at the next */
	struct arena a;
};

static struct str
subject_of(const struct parts *p)
{
	struct str rest = p->personal, one;

	return (str_split(&rest, '\t', &one) ? one : p->personal);
}

static int
by_bytes(const void *a, const void *b)
{
	return (str_cmp(*(const struct str *)a, *(const struct str *)b));
}

static int
collect(struct str clear, struct members *m, struct err *e)
{
	struct str rest = clear, line, last = STR_NULL;
	struct parts p;
	size_t n = 0;

	while (rest.len > 0 && str_split(&rest, '\n', &line)) {
		int k = split(line, 1, &p);
		if (k < 0)
			return (damaged(e));
		if (k == 0 || is_bare(&p))
			continue;
		struct str s = subject_of(&p);
		if (last.ptr != NULL && str_eq(s, last))
			continue;
		vec_push(&m->subjects, s);
		last = s;
	}
	if (m->subjects.n == 0)
		return (0);
	/* Those of items mostly are in order. */
	size_t sorted = 1;
	while (sorted < m->subjects.n && by_bytes(&m->subjects.at[sorted - 1],
	    &m->subjects.at[sorted]) <= 0)
		sorted++;
	if (sorted < m->subjects.n)
		qsort(m->subjects.at, m->subjects.n, sizeof(struct str),
		    by_bytes);
	for (size_t i = 0; i < m->subjects.n; i++)
		if (n == 0 || !str_eq(m->subjects.at[n - 1], m->subjects.at[i]))
			m->subjects.at[n++] = m->subjects.at[i];
	m->subjects.n = n;
	return (0);
}

static int
take_keys(struct keys *k, struct members *m, struct err *e)
{
	BUF_SCOPED b = BUF_INIT;
	size_t n = m->subjects.n;

	if (n == 0)
		return (0);
	struct str *names = arena_array(&m->a, n, sizeof(*names));
	m->keys = arena_array(&m->a, n, sizeof(*m->keys));
	for (size_t i = 0; i < n; i++) {
		buf_reset(&b);
		sealed_name(m->subjects.at[i], &b);
		names[i] = arena_str(&m->a, buf_str(&b));
	}
	return (subject_keys(k, names, n, m->keys, e));
}

static const struct keys_set *
key_of(struct members *m, struct str subject)
{
	for (size_t i = m->last; i < m->last + 2 && i < m->subjects.n; i++)
		if (str_eq(subject, m->subjects.at[i])) {
			m->last = i;
			return (&m->keys[i]);
		}
	const struct str *at = bsearch(&subject, m->subjects.at, m->subjects.n,
	    sizeof(subject), by_bytes);

	m->last = (size_t)(at - m->subjects.at);
	return (&m->keys[m->last]);
}

static void
put_sealed(const struct parts *p, const struct keys_set *key,
    struct buf *cell, struct buf *out)
{
	buf_puts(out, p->word);
	buf_putc(out, '\t');
	buf_putstr(out, p->before);
	buf_putc(out, '\t');
	buf_puthex(out, key->id, KEYS_ID);
	buf_putc(out, '\t');
	buf_reset(cell);
	subject_seal(key, str_from(p->word), p->personal, cell);
	buf_putb64(out, cell->ptr, cell->len);
	buf_putc(out, '\t');
	buf_putstr(out, p->after);
	buf_putc(out, '\n');
}

static void
put_all(struct str clear, struct members *m, struct buf *out)
{
	BUF_SCOPED cell = BUF_INIT;
	struct str rest = clear, line;
	struct parts p;

	buf_puts(out, SEALED_MAGIC "\n");
	str_split(&rest, '\n', &line);
	while (rest.len > 0 && str_split(&rest, '\n', &line)) {
		if (split(line, 1, &p) == 1 && !is_bare(&p)) {
			put_sealed(&p, key_of(m, subject_of(&p)), &cell, out);
			continue;
		}
		buf_putstr(out, line);
		buf_putc(out, '\n');
	}
}

int
sealed_encode(struct keys *k, struct str clear, struct buf *out,
    struct err *e)
{
	struct members m = { 0 };
	int r = str_starts(clear, CLEAR_MAGIC "\n") ? collect(clear, &m, e) :
	    damaged(e);

	if (r == 0)
		r = take_keys(k, &m, e);
	if (r == 0)
		put_all(clear, &m, out);
	if (m.keys != NULL)
		crypto_wipe(m.keys, m.subjects.n * sizeof(*m.keys));
	vec_free(&m.subjects);
	arena_free(&m.a);
	return (r);
}

/* --- reading ---------------------------------------------------------------- */

struct opening {
	struct keys *keys;
	struct keys_set set; /* the last one: members come together */
	enum { NOT_YET, OPEN, ERASED, WITHHELD } state;
	struct buf cell, clear;
	size_t *quota; /* items to be opened, by status; NULL: all */
};

static void
opening_free(struct opening *o)
{
	crypto_wipe(&o->set, sizeof(o->set));
	buf_free(&o->cell);
	buf_free(&o->clear);
}

static int
find(struct opening *o, const uint8_t id[KEYS_ID], struct err *e)
{
	struct err x;

	if (o->state != NOT_YET && memcmp(o->set.id, id, KEYS_ID) == 0)
		return (0);
	int r = o->keys == NULL ? -ERR_NOTFOUND :
	    subject_find(o->keys, id, &o->set, &x);
	if (r != 0 && r != -ERR_ERASED && r != -ERR_NOTFOUND) {
		if (e != NULL)
			*e = x;
		return (r);
	}
	memcpy(o->set.id, id, KEYS_ID);
	o->state = r == 0 ? OPEN : r == -ERR_ERASED ? ERASED : WITHHELD;
	return (0);
}

/* The personal part of a sealed line into o->clear, if there is a key. */
static int
open_line(struct opening *o, const struct parts *p, uint8_t id[KEYS_ID],
    struct err *e)
{
	struct str rest = p->personal, hex, cell;

	if (!str_split(&rest, '\t', &hex) || !str_split(&rest, '\t', &cell) ||
	    rest.ptr != NULL || !str_unhex(hex, id, KEYS_ID))
		return (damaged(e));
	int r = find(o, id, e);
	if (r != 0 || o->state != OPEN)
		return (r);
	buf_reset(&o->cell);
	buf_reset(&o->clear);
	if (!str_unb64(cell, &o->cell) || !subject_open(&o->set,
	    str_from(p->word), buf_str(&o->cell), &o->clear))
		return (damaged(e));
	return (0);
}

static void
put_clear(const struct opening *o, const struct parts *p,
    const uint8_t id[KEYS_ID], struct buf *out)
{
	bool item = str_is(str_from(p->word), "item");

	buf_puts(out, p->word);
	buf_putc(out, '\t');
	buf_putstr(out, p->before);
	buf_putc(out, '\t');
	if (o->state == OPEN) {
		buf_putstr(out, buf_str(&o->clear));
	} else {
		const char *why = o->state == ERASED ? "erased" : "withheld";
		buf_printf(out, "%s:", why);
		buf_puthex(out, id, KEYS_ID);
		if (item)
			buf_printf(out, "\t%s\t\t", why);
	}
	buf_putc(out, '\t');
	buf_putstr(out, p->after);
	buf_putc(out, '\n');
}

/* An item that is not to be opened. */
static bool
passed_over(struct opening *o, const struct parts *p)
{
	struct str fields = p->before, status;
	enum assess_status s;

	if (o->quota == NULL || !str_is(str_from(p->word), "item") ||
	    !str_split(&fields, '\t', &status) || !result_status(status, &s))
		return (false);
	return (o->quota[s] == 0 || o->quota[s]-- == 0);
}

static int
walk(struct opening *o, struct str stored, sealed_fn *fn, void *ctx,
    struct buf *out, struct err *e)
{
	struct str line, rest = stored;
	uint8_t id[KEYS_ID];
	struct parts p;
	int r = 0;

	str_split(&rest, '\n', &line);
	if (out != NULL)
		buf_puts(out, CLEAR_MAGIC "\n");
	while (r == 0 && rest.len > 0 && str_split(&rest, '\n', &line)) {
		int k = split(line, 2, &p);
		if (k < 0)
			return (damaged(e));
		if (k == 0 || is_bare(&p)) {
			if (out != NULL) {
				buf_putstr(out, line);
				buf_putc(out, '\n');
			}
			continue;
		}
		if (passed_over(o, &p))
			continue;
		if ((r = open_line(o, &p, id, e)) != 0)
			break;
		if (out != NULL)
			put_clear(o, &p, id, out);
		else
			r = fn(ctx, id, o->state == OPEN ? buf_str(&o->clear) :
			    STR_NULL, e);
	}
	return (r);
}

int
sealed_decode(struct keys *k, struct str stored, size_t max, struct buf *out,
    struct err *e)
{
	size_t quota[ASSESS_NSTATUS];
	struct opening o = { .keys = k };

	if (max != SIZE_MAX) {
		result_quota(stored, max, quota);
		o.quota = quota;
	}
	if (!str_starts(stored, SEALED_MAGIC "\n")) {
		buf_putstr(out, stored);
		return (0);
	}
	int r = walk(&o, stored, NULL, NULL, out, e);
	opening_free(&o);
	return (r);
}

int
sealed_each(struct keys *k, struct str stored, sealed_fn *fn, void *ctx,
    struct err *e)
{
	struct opening o = { .keys = k };

	if (!str_starts(stored, SEALED_MAGIC "\n"))
		return (0);
	int r = walk(&o, stored, fn, ctx, NULL, e);
	opening_free(&o);
	return (r);
}
