#include "assess/judge.h"

#include "text/timefmt.h"

static const char overlap_fix[] =
    "make the verdicts of each member partition its time; "
    "see doc/procedures.md";

#define NAME_MAX 512 /* bytes of a subject */
#define TEXT_MAX 4096 /* bytes of a label, reason or reference */

void
judge_init(struct judge *j, int64_t from, int64_t to, const char *population,
    const char *verdicts)
{
	*j = (struct judge){ .from = from, .to = to, .population = population,
		.verdicts = verdicts };
	pool_init(&j->pool);
}

void
judge_free(struct judge *j)
{
	pool_free(&j->pool);
	free(j->member_of);
	j->member_of = NULL;
	free(j->order);
	j->order = NULL;
	vec_free(&j->members);
	vec_free(&j->times);
	vec_free(&j->said);
	vec_free(&j->holes);
	vec_free(&j->sources);
	vec_free(&j->waivers);
}

void
judge_settled(struct judge *j)
{
	j->texts = j->pool.n;
}

void
judge_again(struct judge *j, const char *population, const char *verdicts)
{
	j->population = population;
	j->verdicts = verdicts;
	pool_cut(&j->pool, j->texts);
	j->cursor = j->reason = j->evidence = 0;
	j->said.n = j->holes.n = j->sources.n = j->waivers.n = 0;
}

void
judge_blind(struct judge *j, const struct judge_hole *h)
{
	if (h->from < h->to)
		vec_push(&j->holes, *h);
}

void
judge_source(struct judge *j, struct str table, struct str source)
{
	struct judge_hole h = { .table = table, .source = source };

	vec_push(&j->sources, h);
}

void
judge_exempt(struct judge *j, const struct judge_waiver *w)
{
	vec_push(&j->waivers, *w);
}

enum assess_status
judge_worse(enum assess_status a, enum assess_status b)
{
	static const int weight[ASSESS_NSTATUS] = { [ASSESS_FAIL] = 4,
		[ASSESS_UNKNOWN] = 3, [ASSESS_EXEMPT] = 2, [ASSESS_OK] = 1,
		[ASSESS_NA] = 0 };

	return (weight[a] >= weight[b] ? a : b);
}

/* --- taking in -------------------------------------------------------------- */

static int
bad_interval(const char *where, struct str subject, int64_t from, int64_t to,
    const char *what, struct err *e)
{
	char a[TIME_SIZE], b[TIME_SIZE];

	return (err_set(e, ERR_INPUT, where, overlap_fix,
	    "%s for subject \"" STR_FMT "\": from %s to %s", what,
	    STR_ARG(subject), time_print(from, a), time_print(to, b)));
}

static int
check_text(const char *where, const char *what, struct str s, size_t max,
    struct err *e)
{
	if (s.len > max)
		return (err_set(e, ERR_INPUT, where, "shorten it",
		    "a %s of %zu bytes; at most %zu are allowed", what, s.len, max));
	if (!str_utf8_ok(s))
		return (err_set(e, ERR_INPUT, where, "select text",
		    "a %s is not UTF-8 text", what));
	return (0);
}

/*
 * Most texts were seen before: only a new one is looked at closely. Many are
 * empty, or one of two that the caller takes for likely.
 */
static int
put_text(struct judge *j, const char *what, struct str s, uint32_t likely,
    uint32_t also, uint32_t *ret, struct err *e)
{
	const char *where = j->verdicts;
	int rc = 0;

	*ret = s.len == 0 ? 0 : str_eq(s, pool_get(&j->pool, likely)) ? likely :
	    str_eq(s, pool_get(&j->pool, also)) ? also : pool_find(&j->pool, s);
	if (*ret != POOL_NONE)
		return (0);
	if ((rc = check_text(where, what, s, TEXT_MAX, e)) == 0)
		*ret = pool_put(&j->pool, s);
	return (rc);
}

/* The member's index; POOL_NONE if it is no member. */
static uint32_t
find_member(struct judge *j, struct str subject)
{
	uint32_t guess = j->cursor + 1;

	/* Verdicts mostly come in the order in which the members came. */
	for (int i = 0; i < 2; i++, guess = j->cursor)
		if (guess < j->members.n && str_eq(subject,
		    pool_get(&j->pool, j->members.at[guess].subject))) {
			j->cursor = guess;
			return (guess);
		}
	uint32_t name = pool_find(&j->pool, subject);
	if (name == POOL_NONE || name >= j->member_cap ||
	    j->member_of[name] == POOL_NONE)
		return (POOL_NONE);
	return (j->cursor = j->member_of[name]);
}

static uint32_t
new_member(struct judge *j, struct str subject, struct str label,
    struct str source)
{
	uint32_t name = pool_put(&j->pool, subject), i = (uint32_t)j->members.n;
	uint32_t cap = j->member_cap;

	if (name >= cap) {
		cap = j->pool.cap > name ? j->pool.cap : name + 1;
		j->member_of = realloc(j->member_of, (size_t)cap * sizeof(uint32_t));
		if (j->member_of == NULL)
			err_oom((size_t)cap * sizeof(uint32_t));
		for (uint32_t k = j->member_cap; k < cap; k++)
			j->member_of[k] = POOL_NONE;
		j->member_cap = cap;
	}
	j->member_of[name] = i;
	struct judge_person p = { .subject = name,
		.label = pool_put(&j->pool, label),
		.source = pool_put(&j->pool, source) };
	vec_push(&j->members, p);
	return (j->cursor = i);
}

int
judge_member(struct judge *j, struct str subject, struct str label,
    struct str source, int64_t from, int64_t to, struct err *e)
{
	int rc;

	if (subject.len == 0)
		return (err_set(e, ERR_INPUT, j->population,
		    "give every member a subject",
		    "the population has a member without a subject"));
	if (from >= to || from < j->from || to > j->to)
		return (bad_interval(j->population, subject, from, to, from >= to ?
		    "an interval of the population that does not end after it begins" :
		    "an interval of the population outside the time that is judged", e));
	uint32_t i = find_member(j, subject);
	if (i == POOL_NONE) {
		if ((rc = check_text(j->population, "subject", subject, NAME_MAX,
			 e)) != 0 ||
		    (rc = check_text(j->population, "label", label, TEXT_MAX,
			 e)) != 0 ||
		    (rc = check_text(j->population, "source", source, NAME_MAX,
			 e)) != 0)
			return (rc);
		i = new_member(j, subject, label, source);
	} else {
		/* One member has one source; its first label is kept. */
		if (!str_eq(source, pool_get(&j->pool, j->members.at[i].source)))
			return (err_set(e, ERR_INPUT, j->population,
			    "make the source part of the subject",
			    "subject \"" STR_FMT "\" comes from two sources",
			    STR_ARG(subject)));
	}
	struct judge_span s = { .from = from, .to = to, .member = i };
	vec_push(&j->times, s);
	return (0);
}

static int
read_status(struct judge *j, struct str subject, struct str status,
    uint8_t *ret, struct err *e)
{
	static const enum assess_status may[] = { ASSESS_OK, ASSESS_FAIL,
		ASSESS_NA, ASSESS_UNKNOWN };

	for (size_t i = 0; i < sizeof(may) / sizeof(may[0]); i++)
		if (str_is(status, assess_status_name(may[i]))) {
			*ret = (uint8_t)may[i];
			return (0);
		}
	if (str_is(status, "exempt"))
		return (err_set(e, ERR_INPUT, j->verdicts,
		    "record an exception instead; only the engine exempts",
		    "the verdict exempt for subject \"" STR_FMT "\"",
		    STR_ARG(subject)));
	return (err_set(e, ERR_INPUT, j->verdicts,
	    "a verdict is ok, fail, na or unknown",
	    "\"" STR_FMT "\" is no verdict (for subject \"" STR_FMT "\")",
	    STR_ARG(status), STR_ARG(subject)));
}

int
judge_verdict(struct judge *j, struct str subject, struct str status,
    struct str reason, int64_t from, int64_t to, struct str evidence,
    struct err *e)
{
	uint32_t i = find_member(j, subject);
	struct judge_span s = { .from = from, .to = to, .member = i };
	int rc;

	if (i == POOL_NONE)
		return (err_set(e, ERR_INPUT, j->verdicts,
		    "give verdicts about members of the population only",
		    "a verdict for \"" STR_FMT "\", who is not in the population",
		    STR_ARG(subject)));
	if ((rc = read_status(j, subject, status, &s.status, e)) != 0 ||
	    (rc = put_text(j, "reason", reason, j->reason, j->reason, &s.reason,
		 e)) != 0 ||
	    (rc = put_text(j, "reference", evidence, j->members.at[i].subject,
		 j->evidence, &s.evidence, e)) != 0)
		return (rc);
	/* Those that hold say nothing: the reason is that of others. */
	if (s.reason != 0)
		j->reason = s.reason;
	j->evidence = s.evidence;
	if (from >= to)
		return (bad_interval(j->verdicts, subject, from, to,
		    "a verdict that does not end after it begins", e));
	vec_push(&j->said, s);
	return (0);
}

/* --- order ------------------------------------------------------------------ */

static int
by_subject(const void *a, const void *b, void *ctx)
{
	const struct judge *j = ctx;
	const uint32_t *x = a, *y = b;

	return (str_cmp(pool_get(&j->pool, j->members.at[*x].subject),
	    pool_get(&j->pool, j->members.at[*y].subject)));
}

/* Members by subject; each learns its rank. */
static uint32_t *
sort_members(struct judge *j)
{
	size_t n = j->members.n;
	uint32_t *order = malloc((n + 1) * sizeof(*order));
	bool sorted = true;

	if (order == NULL)
		err_oom((n + 1) * sizeof(*order));
	for (size_t i = 0; i < n; i++) {
		order[i] = (uint32_t)i;
		sorted = sorted && (i == 0 ||
		    by_subject(&order[i - 1], &order[i], j) < 0);
	}
	if (!sorted)
		qsort_r(order, n, sizeof(*order), by_subject, j);
	for (size_t i = 0; i < n; i++)
		j->members.at[order[i]].rank = (uint32_t)i;
	return (order);
}

static int
by_time(const void *a, const void *b)
{
	const struct judge_span *x = a, *y = b;

	if (x->from != y->from)
		return (x->from < y->from ? -1 : 1);
	if (x->to != y->to)
		return (x->to < y->to ? -1 : 1);
	return ((int)x->status - (int)y->status);
}

static bool
in_time(const struct judge_span *at, size_t n)
{
	for (size_t i = 1; i < n; i++)
		if (by_time(&at[i - 1], &at[i]) > 0)
			return (false);
	return (true);
}

/*
 * Spans by the rank of their member, then by time: those of each member are
 * counted and put together, and mostly lie in the order of time then.
 */
static void
sort_spans(struct judge *j, struct judge_spans *v)
{
	size_t n = v->n, m = j->members.n;
	bool sorted = true;

	for (size_t i = 1; i < n && sorted; i++) {
		uint32_t x = j->members.at[v->at[i - 1].member].rank,
			 y = j->members.at[v->at[i].member].rank;
		sorted = x < y || (x == y && by_time(&v->at[i - 1], &v->at[i]) <= 0);
	}
	if (sorted)
		return;
	struct judge_span *to = malloc(n * sizeof(*to));
	size_t *end = calloc(m + 1, sizeof(*end));
	if (to == NULL || end == NULL)
		err_oom(n * sizeof(*to));
	for (size_t i = 0; i < n; i++)
		end[j->members.at[v->at[i].member].rank + 1]++;
	for (size_t k = 1; k <= m; k++)
		end[k] += end[k - 1];
	for (size_t i = 0; i < n; i++)
		to[end[j->members.at[v->at[i].member].rank]++] = v->at[i];
	for (size_t k = 0, from = 0; k < m; from = end[k++])
		if (!in_time(to + from, end[k] - from))
			qsort(to + from, end[k] - from, sizeof(*to), by_time);
	free(end);
	free(v->at);
	v->at = to;
	v->cap = n;
}

/* --- what was not observed --------------------------------------------------- */

/* Disjoint stretches in order, each with the reason why. */
struct blank {
	int64_t from, to;
	struct str reason;
};
struct blanks {
	VEC(struct blank) all;
};

/* Those of ${more} (in order, disjoint) where ${b} has none yet are added. */
static void
blanks_add(struct blanks *b, const struct blank *more, size_t n)
{
	struct blanks out = { 0 };
	size_t i = 0;

	for (size_t k = 0; k < n; k++) {
		int64_t at = more[k].from;
		for (; i < b->all.n && b->all.at[i].to <= at; i++)
			vec_push(&out.all, b->all.at[i]);
		while (i < b->all.n && b->all.at[i].from < more[k].to) {
			if (at < b->all.at[i].from) {
				struct blank x = { at, b->all.at[i].from, more[k].reason };
				vec_push(&out.all, x);
			}
			at = b->all.at[i].to;
			if (at > more[k].to)
				break; /* it reaches into what follows */
			vec_push(&out.all, b->all.at[i]);
			i++;
		}
		if (at < more[k].to) {
			struct blank x = { at, more[k].to, more[k].reason };
			vec_push(&out.all, x);
		}
	}
	for (; i < b->all.n; i++)
		vec_push(&out.all, b->all.at[i]);
	vec_free(&b->all);
	*b = out;
}

static int
by_hole(const void *a, const void *b)
{
	const struct judge_hole *x = a, *y = b;
	int c;

	if ((c = str_cmp(x->subject, y->subject)) != 0 ||
	    (c = (int)x->own - (int)y->own) != 0 ||
	    (c = str_cmp(x->table, y->table)) != 0 ||
	    (c = str_cmp(x->source, y->source)) != 0)
		return (c);
	if (x->from != y->from)
		return (x->from < y->from ? -1 : 1);
	if (x->to != y->to)
		return (x->to < y->to ? -1 : 1);
	return (str_cmp(x->reason, y->reason));
}

/* Same member, same table and source: one after the other in the order. */
static bool
same_group(const struct judge_hole *x, const struct judge_hole *y)
{
	return (x->own == y->own && str_eq(x->table, y->table) &&
	    str_eq(x->source, y->source) && str_eq(x->subject, y->subject));
}

void
judge_order(struct judge *j)
{
	struct judge_hole *h = j->holes.at;
	size_t n = j->holes.n, kept = 0;

	if (n == 0)
		return;
	qsort(h, n, sizeof(*h), by_hole);
	for (size_t i = 1; i < n; i++) {
		if (same_group(&h[kept], &h[i]) && h[i].from <= h[kept].to &&
		    str_eq(h[i].reason, h[kept].reason)) {
			if (h[i].to > h[kept].to)
				h[kept].to = h[i].to;
		} else {
			h[++kept] = h[i];
		}
	}
	j->holes.n = kept + 1;
}

/*
 * A table that is collected from the member's own source is judged by that
 * source alone; otherwise every source of it counts.
 */
static bool
counts(const struct judge *j, const struct judge_hole *h, struct str source)
{
	if (h->own)
		return (str_eq(h->source, source));
	if (source.len == 0 || (h->source.len != 0 && str_eq(h->source, source)))
		return (true);
	for (size_t i = 0; i < j->sources.n; i++)
		if (str_eq(j->sources.at[i].table, h->table) &&
		    str_eq(j->sources.at[i].source, source))
			return (false);
	return (true);
}

/* The blanks of members from ${source}, those about single members left out. */
static void
blanks_of(const struct judge *j, struct str source, struct blanks *ret)
{
	const struct judge_hole *h = j->holes.at;
	size_t n = j->holes.n, end;

	for (size_t i = 0; i < n; i = end) {
		struct blanks one = { 0 };
		bool use = counts(j, &h[i], source);
		if (h[i].subject.len != 0)
			break; /* from here on, about single members */
		for (end = i; end < n && same_group(&h[end], &h[i]); end++) {
			if (!use)
				continue;
			struct blank x = { h[end].from, h[end].to, h[end].reason };
			if (one.all.n > 0 && x.from < one.all.at[one.all.n - 1].to)
				x.from = one.all.at[one.all.n - 1].to;
			if (x.from < x.to)
				vec_push(&one.all, x);
		}
		blanks_add(ret, one.all.at, one.all.n);
		vec_free(&one.all);
	}
}

/* Holes about one member: from where they begin in the sorted holes. */
static size_t
find_holes(const struct judge *j, struct str subject)
{
	size_t lo = 0, hi = j->holes.n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		if (str_cmp(j->holes.at[mid].subject, subject) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return (lo);
}

/* --- one member ------------------------------------------------------------- */

struct run {
	struct judge *j;
	judge_emit_fn *fn;
	void *ctx;
	struct str subject, label, source;
	struct judge_piece held; /* waits for a neighbour that says the same */
	bool holding;
	const struct blanks *blanks; /* of the member's source */
	struct blanks own;           /* the same and the member's own */
	VEC(struct judge_piece) parts; /* scratch */
};

static void
hand_out(struct run *r, const struct judge_piece *p)
{
	if (r->holding && r->held.to == p->from && r->held.status == p->status &&
	    str_eq(r->held.reason, p->reason) &&
	    str_eq(r->held.evidence, p->evidence) && str_eq(r->held.by, p->by)) {
		r->held.to = p->to;
		return;
	}
	if (r->holding)
		r->fn(r->ctx, r->subject, r->label, &r->held);
	r->held = *p;
	r->holding = true;
}

static void
flush(struct run *r)
{
	if (r->holding)
		r->fn(r->ctx, r->subject, r->label, &r->held);
	r->holding = false;
}

/* Is the member meant, by its subject in the table or with its source before? */
static bool
is_meant(const struct run *r, struct str subject)
{
	size_t n = r->source.len;

	if (subject.len == 0 || str_eq(subject, r->subject))
		return (true);
	return (n > 0 && r->subject.len == n + 1 + subject.len &&
	    memcmp(r->subject.ptr, r->source.ptr, n) == 0 &&
	    r->subject.ptr[n] == '/' &&
	    memcmp(r->subject.ptr + n + 1, subject.ptr, subject.len) == 0);
}

/* The waiver that covers ${at} first; *until: how far that stays so. */
static const struct judge_waiver *
waiver_at(const struct run *r, int64_t at, int64_t *until)
{
	const struct judge_waiver *best = NULL;

	for (size_t i = 0; i < r->j->waivers.n; i++) {
		const struct judge_waiver *w = &r->j->waivers.at[i];
		if (!is_meant(r, w->subject))
			continue;
		if (w->from > at && w->from < *until)
			*until = w->from;
		if (w->from <= at && at < w->to &&
		    (best == NULL || str_cmp(w->id, best->id) < 0))
			best = w;
	}
	if (best != NULL && best->to < *until)
		*until = best->to;
	return (best);
}

static void
put_fail(struct run *r, struct judge_piece p)
{
	int64_t end = p.to;

	while (p.from < end) {
		struct judge_piece x = p;
		x.to = end;
		const struct judge_waiver *w = waiver_at(r, p.from, &x.to);
		if (w != NULL) {
			x.status = ASSESS_EXEMPT;
			x.by = w->id;
		}
		hand_out(r, &x);
		p.from = x.to;
	}
}

/* ok and na do not stand where something was not observed. */
static void
put_seen(struct run *r, struct judge_piece p)
{
	const struct blanks *b = r->blanks;
	size_t lo = 0, hi = b->all.n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		if (b->all.at[mid].to <= p.from)
			lo = mid + 1;
		else
			hi = mid;
	}
	for (; lo < b->all.n && b->all.at[lo].from < p.to; lo++) {
		const struct blank *k = &b->all.at[lo];
		struct judge_piece x = p;
		if (p.from < k->from) {
			x.to = k->from;
			hand_out(r, &x);
			p.from = k->from;
		}
		x = (struct judge_piece){ .from = p.from,
			.to = k->to < p.to ? k->to : p.to,
			.status = ASSESS_UNKNOWN, .reason = k->reason };
		hand_out(r, &x);
		p.from = x.to;
	}
	if (p.from < p.to)
		hand_out(r, &p);
}

static void
put(struct run *r, const struct judge_piece *p)
{
	if (p->from >= p->to)
		return;
	if (p->status == ASSESS_FAIL)
		put_fail(r, *p);
	else if (p->status == ASSESS_UNKNOWN)
		hand_out(r, p);
	else
		put_seen(r, *p);
}

static int
overlap(const struct run *r, const struct judge_span *x,
    const struct judge_span *y, struct err *e)
{
	char a[TIME_SIZE], b[TIME_SIZE], c[TIME_SIZE], d[TIME_SIZE];

	return (err_set(e, ERR_INPUT, r->j->verdicts, overlap_fix,
	    "verdicts overlap for subject \"" STR_FMT
	    "\": %s from %s to %s, %s from %s to %s", STR_ARG(r->subject),
	    assess_status_name(x->status), time_print(x->from, a),
	    time_print(x->to, b), assess_status_name(y->status),
	    time_print(y->from, c), time_print(y->to, d)));
}

/*
 * The verdicts ${v} of one member over one stretch [from, to) of its time;
 * gives back how many of them lie in it.
 */
static int
cover(struct run *r, int64_t from, int64_t to, const struct judge_span *v,
    size_t n, size_t *ret_used, struct err *e)
{
	static const struct judge_piece gap = { .status = ASSESS_UNKNOWN,
		.reason = { "the procedure gave no verdict", 29 } };
	const struct pool *pool = &r->j->pool;
	size_t i = 0;

	for (; i < n && v[i].from < to; i++) {
		if (i > 0 && v[i].from < v[i - 1].to)
			return (overlap(r, &v[i - 1], &v[i], e));
		if (v[i].from < from || v[i].to > to)
			return (bad_interval(r->j->verdicts, r->subject, v[i].from,
			    v[i].to, "a verdict outside the population's time", e));
		struct judge_piece p = gap;
		p.from = i > 0 ? v[i - 1].to : from;
		p.to = v[i].from;
		put(r, &p);
		p = (struct judge_piece){ .from = v[i].from, .to = v[i].to,
			.status = v[i].status, .reason = pool_get(pool, v[i].reason),
			.evidence = pool_get(pool, v[i].evidence) };
		put(r, &p);
	}
	struct judge_piece p = gap;
	p.from = i > 0 ? v[i - 1].to : from;
	p.to = to;
	put(r, &p);
	*ret_used = i;
	return (0);
}

/* All of one member: its times t[0..nt) and verdicts v[0..nv), both sorted. */
static int
member(struct run *r, const struct judge_span *t, size_t nt,
    const struct judge_span *v, size_t nv, struct err *e)
{
	size_t used = 0, took;
	int rc;

	for (size_t i = 0; i < nt;) {
		int64_t from = t[i].from, to = t[i].to;
		for (i++; i < nt && t[i].from <= to; i++) {
			if (t[i].from < to)
				return (bad_interval(r->j->population, r->subject, t[i].from,
				    t[i].to, "the population has overlapping intervals", e));
			to = t[i].to;
		}
		if ((rc = cover(r, from, to, v + used, nv - used, &took, e)) != 0)
			return (rc);
		used += took;
	}
	if (used < nv)
		return (bad_interval(r->j->verdicts, r->subject, v[used].from,
		    v[used].to, "a verdict outside the population's time", e));
	flush(r);
	return (0);
}

/* The blanks that hold for the member now in ${r}. */
static void
choose_blanks(struct run *r, const struct blanks *of_source)
{
	const struct judge_hole *h = r->j->holes.at;
	size_t i = find_holes(r->j, r->subject), n = r->j->holes.n;

	r->blanks = of_source;
	if (i == n || !str_eq(h[i].subject, r->subject))
		return;
	vec_free(&r->own.all);
	blanks_add(&r->own, of_source->all.at, of_source->all.n);
	for (; i < n && str_eq(h[i].subject, r->subject); i++) {
		struct blank x = { h[i].from, h[i].to, h[i].reason };
		if (counts(r->j, &h[i], r->source))
			blanks_add(&r->own, &x, 1);
	}
	r->blanks = &r->own;
}

static int
all_members(struct run *r, const uint32_t *order, struct blanks *by_source,
    bool *known, struct err *e)
{
	struct judge *j = r->j;
	const struct judge_span *t = j->times.at, *v = j->said.at;
	size_t nt = j->times.n, nv = j->said.n, ti = 0, vi = 0;

	for (size_t i = 0; i < j->members.n; i++) {
		const struct judge_person *m = &j->members.at[order[i]];
		size_t t0 = ti, v0 = vi;
		while (ti < nt && t[ti].member == order[i])
			ti++;
		while (vi < nv && v[vi].member == order[i])
			vi++;
		r->subject = pool_get(&j->pool, m->subject);
		r->label = pool_get(&j->pool, m->label);
		r->source = pool_get(&j->pool, m->source);
		if (!known[m->source]) {
			blanks_of(j, r->source, &by_source[m->source]);
			known[m->source] = true;
		}
		choose_blanks(r, &by_source[m->source]);
		int rc = member(r, t + t0, ti - t0, v + v0, vi - v0, e);
		if (rc != 0)
			return (rc);
	}
	return (0);
}

int
judge_run(struct judge *j, judge_emit_fn *fn, void *ctx, struct err *e)
{
	struct run r = { .j = j, .fn = fn, .ctx = ctx };
	uint32_t top = 0;
	int rc;

	if (j->order == NULL) {
		j->order = sort_members(j);
		sort_spans(j, &j->times);
	}
	sort_spans(j, &j->said);
	judge_order(j);
	for (size_t i = 0; i < j->members.n; i++)
		if (j->members.at[i].source > top)
			top = j->members.at[i].source;
	struct blanks *by_source = calloc((size_t)top + 1, sizeof(*by_source));
	bool *known = calloc((size_t)top + 1, sizeof(*known));
	if (by_source == NULL || known == NULL)
		err_oom(((size_t)top + 1) * sizeof(*by_source));
	rc = all_members(&r, j->order, by_source, known, e);
	for (uint32_t i = 0; i <= top; i++)
		vec_free(&by_source[i].all);
	free(by_source);
	free(known);
	vec_free(&r.own.all);
	return (rc);
}
