#include "evidence/run.h"

static const char magic[] = "tickmark-run/v1";
static const char *const statuses[] = { "complete", "partial", "failed" };

const char *
evidence_status_name(enum evidence_status s)
{
	return (statuses[s]);
}

/* --- encode -------------------------------------------------------------- */

static void
put_text(struct buf *out, const char *key, struct str s)
{
	buf_puts(out, key);
	buf_putc(out, ' ');
	s = str_trim(s);
	for (size_t i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.ptr[i];
		buf_putc(out, c < 0x20 || c == 0x7f ? ' ' : (char)c);
	}
	buf_putc(out, '\n');
}

static void
put_hash(struct buf *out, bool has, const uint8_t *p)
{
	if (has)
		buf_puthex(out, p, BODY_HASH);
	else
		buf_putc(out, '-');
}

static void
put_token(struct buf *out, struct str s)
{
	buf_putstr(out, s.len > 0 ? s : STR("-"));
}

static void
put_table(struct buf *out, const struct run_table *t)
{
	buf_printf(out, "table " STR_FMT " %s %lld %lld ", STR_ARG(t->name),
	    statuses[t->status], (long long)t->expected,
	    (long long)t->received);
	put_hash(out, t->stored, t->decl);
	buf_putc(out, ' ');
	put_hash(out, t->stored, t->root);
	buf_putc(out, '\n');
	if (t->append) {
		buf_puts(out, "chain ");
		put_token(out, t->after);
		buf_putc(out, ' ');
		put_token(out, t->upto);
		buf_printf(out, " %lld\n", (long long)t->since);
	}
	if (t->message.len > 0)
		put_text(out, "say", t->message);
}

void
run_encode(const struct run *r, struct buf *out)
{
	buf_printf(out, "%s\n", magic);
	buf_printf(out, "source " STR_FMT "\n", STR_ARG(r->source));
	put_text(out, "name", r->name);
	buf_printf(out, "collector " STR_FMT "\nquery ", STR_ARG(r->collector));
	put_hash(out, r->has_query, r->query);
	buf_printf(out, "\nat %lld\nstarted %lld\nended %lld\nmax-gap %lld\n",
	    (long long)r->at, (long long)r->started, (long long)r->ended,
	    (long long)r->max_gap_s);
	buf_printf(out, "status %s\n", statuses[r->status]);
	put_text(out, "message", r->message);
	for (size_t i = 0; i < r->ntables; i++)
		put_table(out, &r->tables[i]);
}

/* --- decode -------------------------------------------------------------- */

struct reader {
	struct str rest;
	int line;
};

static bool
next_line(struct reader *r, const char *key, struct str *ret)
{
	struct str line, rest = r->rest;
	size_t n = strlen(key);

	if (rest.len == 0 || !str_split(&rest, '\n', &line) ||
	    !str_starts(line, key) || line.len <= n || line.ptr[n] != ' ')
		return (false);
	*ret = (struct str){ line.ptr + n + 1, line.len - n - 1 };
	r->rest = rest;
	r->line++;
	return (true);
}

static bool
next_int(struct reader *r, const char *key, int64_t *ret)
{
	struct str s;

	return (next_line(r, key, &s) && str_to_i64(s, ret));
}

static bool
get_status(struct str s, enum evidence_status *ret)
{
	for (size_t i = 0; i < 3; i++) {
		if (str_is(s, statuses[i])) {
			*ret = (enum evidence_status)i;
			return (true);
		}
	}
	return (false);
}

static bool
get_hash(struct str s, bool *has, uint8_t *out)
{
	*has = !str_is(s, "-");
	return (!*has || str_unhex(s, out, BODY_HASH));
}

static bool
words(struct str s, struct str *w, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (!str_split(&s, ' ', &w[i]) || w[i].len == 0)
			return (false);
	}
	return (s.len == 0);
}

static bool
get_table(struct reader *r, struct str line, struct run_table *t)
{
	struct str w[6], s;
	bool decl, root;

	memset(t, 0, sizeof(*t));
	if (!words(line, w, 6) || !get_status(w[1], &t->status) ||
	    !str_to_i64(w[2], &t->expected) ||
	    !str_to_i64(w[3], &t->received) || !get_hash(w[4], &decl, t->decl) ||
	    !get_hash(w[5], &root, t->root) || decl != root)
		return (false);
	t->name = w[0];
	t->stored = root;
	if (next_line(r, "chain", &s)) {
		if (!words(s, w, 3) || !str_to_i64(w[2], &t->since))
			return (false);
		t->append = true;
		t->after = str_is(w[0], "-") ? STR_NULL : w[0];
		t->upto = str_is(w[1], "-") ? STR_NULL : w[1];
	}
	if (next_line(r, "say", &s))
		t->message = s;
	return (true);
}

static bool
read_head(struct reader *r, struct run *x)
{
	struct str s;

	return (next_line(r, "source", &x->source) &&
	    next_line(r, "name", &x->name) &&
	    next_line(r, "collector", &x->collector) &&
	    next_line(r, "query", &s) &&
	    get_hash(s, &x->has_query, x->query) &&
	    next_int(r, "at", &x->at) && next_int(r, "started", &x->started) &&
	    next_int(r, "ended", &x->ended) &&
	    next_int(r, "max-gap", &x->max_gap_s) &&
	    next_line(r, "status", &s) && get_status(s, &x->status) &&
	    next_line(r, "message", &x->message));
}

int
run_decode(struct arena *a, struct str bytes, struct run *ret, struct err *e)
{
	struct str copy = arena_str(a, bytes), line;
	struct reader r = { copy, 1 };
	struct run x = { 0 };
	BUF_SCOPED again = BUF_INIT;
	size_t cap = 0;

	if (!str_split(&r.rest, '\n', &line) || !str_is(line, magic) ||
	    !read_head(&r, &x))
		goto bad;
	for (size_t i = 0; i < copy.len; i++)
		cap += copy.ptr[i] == '\n';
	x.tables = arena_array(a, cap, sizeof(*x.tables));
	while (next_line(&r, "table", &line)) {
		if (!get_table(&r, line, &x.tables[x.ntables]))
			goto bad;
		x.ntables++;
	}
	/* One form only: what was read must print as what was there. */
	run_encode(&x, &again);
	if (r.rest.len != 0 || !str_eq(buf_str(&again), bytes))
		goto bad;
	*ret = x;
	return (0);
bad:
	return (err_set(e, ERR_DAMAGED, NULL,
	    "restore the bodies from a backup",
	    "line %d of a run's body cannot be read", r.line));
}
