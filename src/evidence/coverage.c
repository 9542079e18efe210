/*
 * Coverage: when a table was observed, from the complete runs that were known.
 */
#include "base/vec.h"
#include "evidence/store.h"

#define FOREVER INT64_MAX
#define EVER INT64_MIN

struct spans {
	VEC(struct evidence_span) v;
};

static void
add_span(struct spans *s, int64_t from, int64_t to, bool observed,
    struct str source, const char *reason)
{
	if (from >= to)
		return;
	struct evidence_span *last = s->v.n > 0 ? &s->v.at[s->v.n - 1] : NULL;
	/* Days on end make one stretch. */
	if (last != NULL && last->to == from && last->observed == observed &&
	    str_eq(last->source, source) && (observed ||
	    strcmp(last->reason, reason) == 0)) {
		last->to = to;
		return;
	}
	vec_push(&s->v, (struct evidence_span){ from, to, observed, source,
	    reason });
}

static int64_t
later(int64_t at, int64_t us)
{
	int64_t t;

	return (__builtin_add_overflow(at, us, &t) ? FOREVER : t);
}

/* --- snapshots: from each run to the next, if that came soon enough ------- */

struct run_at {
	int64_t at;
	int64_t gap;
	bool removed; /* the source was taken out of use */
};

static void
snapshot_spans(const struct run_at *runs, size_t n, struct str source,
    struct spans *out)
{
	if (n == 0)
		return;
	add_span(out, EVER, runs[0].at, false, source, "before");
	for (size_t i = 0; i < n; i++) {
		int64_t next = i + 1 < n ? runs[i + 1].at : FOREVER;
		int64_t sure = later(runs[i].at, runs[i].gap);

		/* What it watched at that instant is not known: its end is no
		 * news of the world. Later it does not count. */
		if (runs[i].removed) {
			add_span(out, runs[i].at, runs[i].at + 1, false, source,
			    "removed");
			add_span(out, runs[i].at + 1, next, false, source,
			    "gone");
			continue;
		}
		if (sure > next)
			sure = next;
		add_span(out, runs[i].at, sure, true, source, "");
		add_span(out, sure, next, false, source,
		    i + 1 < n ? "gap" : "after");
	}
}

/* --- append tables: each chain of cursors --------------------------------- */

struct chain_at {
	int64_t since;
	int64_t first, last;
};

static int
compare_i64(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return ((x > y) - (x < y));
}

/* Time between two chains is blind: what came then and went is not known. */
static bool
between_chains(const struct chain_at *c, size_t n, int64_t t)
{
	for (size_t i = 1; i < n; i++) {
		if (t >= c[i - 1].last && t < c[i].first)
			return (true);
	}
	return (false);
}

/* ${removed}: when the source was taken out of use, or FOREVER. */
static void
chain_spans(const struct chain_at *c, size_t n, int64_t removed,
    struct str source, struct spans *out)
{
	VEC(int64_t) cuts = { 0 };

	if (n == 0)
		return;
	/* It was put to use again if it has given something since. */
	for (size_t i = 0; i < n; i++) {
		if (c[i].last >= removed)
			removed = FOREVER;
	}
	vec_push(&cuts, EVER);
	vec_push(&cuts, removed);
	vec_push(&cuts, later(removed, 1));
	vec_push(&cuts, FOREVER);
	for (size_t i = 0; i < n; i++) {
		vec_push(&cuts, c[i].since);
		vec_push(&cuts, c[i].first);
		vec_push(&cuts, c[i].last);
	}
	qsort(cuts.at, cuts.n, sizeof(*cuts.at), compare_i64);
	for (size_t i = 0; i + 1 < cuts.n; i++) {
		int64_t t = cuts.at[i];
		bool rewritten = between_chains(c, n, t), observed = false;

		for (size_t j = 0; j < n; j++)
			observed |= t >= c[j].since && t < c[j].last;
		add_span(out, t, cuts.at[i + 1], observed && !rewritten, source,
		    rewritten ? "rewritten" : observed ? "" :
		    t > removed ? "gone" : t == removed ? "removed" :
		    t < c[0].since ? "before" : "after");
	}
	vec_free(&cuts);
}

/* --- all sources ---------------------------------------------------------- */

static int64_t
known_limit(uint64_t known)
{
	return (known > INT64_MAX ? INT64_MAX : (int64_t)known);
}

static int
read_snapshots(struct arena *a, struct db *db, const struct schema_type *t,
    uint64_t known, struct spans *out, struct err *e)
{
	VEC(struct run_at) runs = { 0 };
	struct stmt *st;
	struct str source = STR_NULL;
	int64_t sid = -1;
	/* Of runs of the same instant the last one that is known counts. */
	int r = db_cached(db, &st, "SELECT r.sid, s.name, r.at, r.gap_us,"
	    " r.status = 'removed', max(r.id) FROM \"!run\" r JOIN \"!source\" s ON s.no = r.sid"
	    " WHERE r.tab = ?1 AND r.counts = 1 AND r.id < ?2"
	    " GROUP BY r.sid, r.at ORDER BY r.sid, r.at", e);

	if (r != 0)
		return (r);
	stmt_bind_int(st, 1, t->number);
	stmt_bind_int(st, 2, known_limit(known));
	while ((r = stmt_step(st, e)) > 0) {
		if (stmt_int(st, 0) != sid) {
			snapshot_spans(runs.at, runs.n, source, out);
			runs.n = 0;
			sid = stmt_int(st, 0);
			source = arena_str(a, stmt_str(st, 1));
		}
		vec_push(&runs, (struct run_at){ stmt_int(st, 2),
		    stmt_int(st, 3), stmt_int(st, 4) != 0 });
	}
	if (r == 0)
		snapshot_spans(runs.at, runs.n, source, out);
	vec_free(&runs);
	return (r);
}

static int
read_chains(struct arena *a, struct db *db, const struct schema_type *t,
    uint64_t known, struct spans *out, struct err *e)
{
	VEC(struct chain_at) chains = { 0 };
	struct stmt *st;
	struct str source = STR_NULL;
	int64_t sid = -1, removed = FOREVER;
	/* The group without a chain is that of removals; it comes first. */
	int r = db_cached(db, &st, "SELECT r.sid, s.name, min(r.since),"
	    " min(r.at), max(r.at), r.chain IS NULL FROM \"!run\" r"
	    " JOIN \"!source\" s ON s.no = r.sid WHERE r.tab = ?1 AND"
	    " r.counts = 1 AND r.id < ?2 GROUP BY r.sid, r.chain"
	    " ORDER BY r.sid, r.chain", e);

	if (r != 0)
		return (r);
	stmt_bind_int(st, 1, t->number);
	stmt_bind_int(st, 2, known_limit(known));
	while ((r = stmt_step(st, e)) > 0) {
		if (stmt_int(st, 0) != sid) {
			chain_spans(chains.at, chains.n, removed, source, out);
			chains.n = 0;
			removed = FOREVER;
			sid = stmt_int(st, 0);
			source = arena_str(a, stmt_str(st, 1));
		}
		if (stmt_int(st, 5) != 0) {
			removed = stmt_int(st, 4);
			continue;
		}
		vec_push(&chains, (struct chain_at){ stmt_int(st, 2),
		    stmt_int(st, 3), stmt_int(st, 4) });
	}
	if (r == 0)
		chain_spans(chains.at, chains.n, removed, source, out);
	vec_free(&chains);
	return (r);
}

/* --- what the records say of sources --------------------------------------- */

/* A source that is to fill the table, from and until when. */
struct watch {
	struct str name;
	int64_t from, end; /* FOREVER: it is still there */
};

static bool
fills(struct str tables, const char *name)
{
	struct str part;

	while (tables.len > 0 && str_split(&tables, ' ', &part))
		if (str_is(part, name))
			return (true);
	return (false);
}

/*
 * A source that was never read leaves the table blind while it is there; after
 * its removal it does not count. Of one that was read the runs tell.
 */
static void
apply_watch(struct spans *out, const struct watch *w)
{
	add_span(out, EVER, w->from, false, w->name, "before");
	add_span(out, w->from, w->end, false, w->name, "never");
	if (w->end != FOREVER) {
		add_span(out, w->end, w->end + 1, false, w->name, "removed");
		add_span(out, w->end + 1, FOREVER, false, w->name, "gone");
	}
}

static int
read_watches(struct arena *a, struct db *db, const struct schema_type *t,
    uint64_t known, struct spans *out, struct err *e)
{
	struct stmt *st;
	int r = db_cached(db, &st, "SELECT s.name, v.tables, min(v._from),"
	    " max(CASE WHEN v._end_known < ?1 THEN v._to ELSE ?2 END),"
	    " EXISTS (SELECT 1 FROM \"!run\" r WHERE r.tab = ?3 AND r.sid = s.no"
	    "  AND r.status = 'complete' AND r.id < ?1)"
	    " FROM \"source!v\" v JOIN \"!source\" s ON s.id = v._subject"
	    " WHERE v._known_from < ?1 AND v.state <> 'removed'"
	    " AND (v._known_to IS NULL OR v._known_to >= ?1)"
	    " GROUP BY s.no ORDER BY s.no", e);

	if (r != 0)
		return (r);
	stmt_bind_int(st, 1, known_limit(known));
	stmt_bind_int(st, 2, FOREVER);
	stmt_bind_int(st, 3, t->number);
	while ((r = stmt_step(st, e)) > 0) {
		struct watch w = { .from = stmt_int(st, 2), .end = stmt_int(st, 3) };
		if (stmt_int(st, 4) != 0 || !fills(stmt_str(st, 1), t->name))
			continue;
		w.name = arena_str(a, stmt_str(st, 0));
		apply_watch(out, &w);
	}
	return (r);
}

static int
read_spans(struct arena *a, struct db *db, const struct schema_type *t,
    uint64_t known, struct spans *out, struct err *e)
{
	int r = 0;

	if (schema_is_record(t)) {
		add_span(out, EVER, FOREVER, true, STR("records"), "");
		return (0);
	}
	if (t->mode == MODE_APPEND)
		r = read_chains(a, db, t, known, out, e);
	else
		r = read_snapshots(a, db, t, known, out, e);
	if (r == 0)
		r = read_watches(a, db, t, known, out, e);
	if (r == 0 && out->v.n == 0)
		add_span(out, EVER, FOREVER, false, STR_NULL, "never");
	return (r);
}

static void
give(struct arena *a, const struct spans *s, struct evidence_span **ret,
    size_t *ret_n)
{
	*ret = arena_array(a, s->v.n + 1, sizeof(**ret));
	if (s->v.n > 0)
		memcpy(*ret, s->v.at, s->v.n * sizeof(**ret));
	*ret_n = s->v.n;
}

static void
clip(struct spans *s, int64_t from, int64_t to)
{
	size_t kept = 0;

	for (size_t i = 0; i < s->v.n; i++) {
		struct evidence_span x = s->v.at[i];

		x.from = x.from > from ? x.from : from;
		x.to = x.to < to ? x.to : to;
		if (x.from < x.to)
			s->v.at[kept++] = x;
	}
	s->v.n = kept;
}

int
evidence_coverage_sources(struct arena *a, struct db *db,
    const struct schema_type *table, int64_t from, int64_t to, uint64_t known,
    struct evidence_span **ret, size_t *ret_n, struct err *e)
{
	struct spans s = { 0 };
	int r = read_spans(a, db, table, known, &s, e);

	if (r == 0) {
		clip(&s, from, to);
		give(a, &s, ret, ret_n);
	}
	vec_free(&s.v);
	return (r);
}

/*
 * The whole table is observed where every source that has begun is: one that
 * comes later does not blind the time before it.
 */
static void
combine(const struct spans *in, struct spans *out)
{
	VEC(int64_t) cuts = { 0 };
	bool one = true;

	for (size_t i = 1; i < in->v.n; i++)
		one = one && str_eq(in->v.at[i].source, in->v.at[0].source);
	/* One source: its own stretches are those of the table. */
	for (size_t i = 0; one && i < in->v.n; i++)
		add_span(out, in->v.at[i].from, in->v.at[i].to,
		    in->v.at[i].observed, STR_NULL, in->v.at[i].reason);
	for (size_t i = 0; !one && i < in->v.n; i++) {
		vec_push(&cuts, in->v.at[i].from);
		vec_push(&cuts, in->v.at[i].to);
	}
	if (cuts.n > 0)
		qsort(cuts.at, cuts.n, sizeof(*cuts.at), compare_i64);
	for (size_t i = 0; i + 1 < cuts.n; i++) {
		int64_t t = cuts.at[i];
		bool begun = false, blind = false;
		const char *reason = "before";

		if (cuts.at[i + 1] == t)
			continue;
		for (size_t j = 0; j < in->v.n; j++) {
			const struct evidence_span *x = &in->v.at[j];
			if (t < x->from || t >= x->to)
				continue;
			if (strcmp(x->reason, "gone") == 0 && !begun)
				reason = x->reason;
			if (strcmp(x->reason, "before") == 0 ||
			    strcmp(x->reason, "gone") == 0)
				continue;
			begun = true;
			if (!x->observed) {
				blind = true;
				reason = x->reason;
			}
		}
		add_span(out, t, cuts.at[i + 1], begun && !blind, STR_NULL,
		    begun && !blind ? "" : reason);
	}
	vec_free(&cuts);
}

int
evidence_coverage(struct arena *a, struct db *db,
    const struct schema_type *table, int64_t from, int64_t to, uint64_t known,
    struct evidence_span **ret, size_t *ret_n, struct err *e)
{
	struct spans s = { 0 }, whole = { 0 };
	int r = read_spans(a, db, table, known, &s, e);

	if (r == 0) {
		clip(&s, from, to);
		combine(&s, &whole);
		give(a, &whole, ret, ret_n);
	}
	vec_free(&s.v);
	vec_free(&whole.v);
	return (r);
}

/* --- the last runs only --------------------------------------------------- */

int
evidence_last_seen(struct arena *a, struct db *db,
    const struct schema_type *table, int64_t at, struct evidence_seen **ret,
    size_t *ret_n, struct err *e)
{
	VEC(struct evidence_seen) found = { 0 };
	struct stmt *st;
	int r = db_cached(db, &st, "SELECT s.name, r.at, r.gap_us"
	    " FROM \"!source\" s CROSS JOIN \"!run\" r ON r.tab = ?1 AND r.sid = s.no"
	    " AND r.counts = 1 AND r.at = (SELECT max(x.at)"
	    " FROM \"!run\" x WHERE x.tab = ?1 AND x.sid = s.no"
	    " AND x.counts = 1 AND x.at <= ?2) WHERE r.status = 'complete'"
	    " GROUP BY s.no ORDER BY s.name", e);

	if (r != 0)
		return (r);
	stmt_bind_int(st, 1, table->number);
	stmt_bind_int(st, 2, at);
	while ((r = stmt_step(st, e)) > 0) {
		struct evidence_seen x = { arena_str(a, stmt_str(st, 0)),
			stmt_int(st, 1), later(stmt_int(st, 1), stmt_int(st, 2)) };
		vec_push(&found, x);
	}
	if (r == 0) {
		*ret = arena_array(a, found.n + 1, sizeof(**ret));
		if (found.n > 0)
			memcpy(*ret, found.at, found.n * sizeof(**ret));
		*ret_n = found.n;
	}
	vec_free(&found);
	return (r);
}

int
evidence_last_failed(struct arena *a, struct db *db,
    struct evidence_failed **ret, size_t *ret_n, struct err *e)
{
	VEC(struct evidence_failed) found = { 0 };
	struct stmt *st;
	/* The last run of each source is among the newest rows. */
	int r = db_cached(db, &st, "SELECT s.name, r.at, r.message, max(r.id)"
	    " FROM (SELECT id, sid, at, status, message FROM \"!run\""
	    " ORDER BY id DESC LIMIT 500) r"
	    " JOIN \"!source\" s ON s.no = r.sid GROUP BY r.sid"
	    " HAVING r.status NOT IN ('complete', 'removed') ORDER BY s.name", e);

	if (r != 0)
		return (r);
	while ((r = stmt_step(st, e)) > 0) {
		struct evidence_failed x = { arena_str(a, stmt_str(st, 0)),
			arena_str(a, stmt_str(st, 2)), stmt_int(st, 1) };
		vec_push(&found, x);
	}
	if (r == 0) {
		*ret = arena_array(a, found.n + 1, sizeof(**ret));
		if (found.n > 0)
			memcpy(*ret, found.at, found.n * sizeof(**ret));
		*ret_n = found.n;
	}
	vec_free(&found);
	return (r);
}

/* --- cells and dependence -------------------------------------------------- */

int
evidence_blind_cells(struct arena *a, struct db *db,
    const struct schema_type *table, uint64_t columns,
    const struct evidence_when *when, struct evidence_blind **ret,
    size_t *ret_n, struct err *e)
{
	VEC(struct evidence_blind) found = { 0 };
	BUF_SCOPED q = BUF_INIT;
	STMT_SCOPED *st = NULL;
	int64_t known = known_limit(when->known);

	buf_printf(&q, "SELECT _subject, s.name, max(_from, ?3), min(CASE WHEN"
	    " _end_known < ?1 THEN _to ELSE ?4 END, ?4), _blind & ?2"
	    " FROM \"%s!v\" JOIN \"!source\" s ON s.no = _sid"
	    " WHERE _blind IS NOT NULL AND _blind & ?2 <> 0"
	    " AND _known_from < ?1 AND (_known_to IS NULL OR _known_to >= ?1)"
	    " AND _from < ?4 AND (_to IS NULL OR _end_known >= ?1 OR _to > ?3)"
	    " ORDER BY _subject, _from, s.name", table->name);
	int r = db_prepare(db, &st, buf_str(&q), e);
	if (r != 0)
		return (r);
	stmt_bind_int(st, 1, known);
	stmt_bind_int(st, 2, (int64_t)columns);
	stmt_bind_int(st, 3, when->from);
	stmt_bind_int(st, 4, when->to);
	while ((r = stmt_step(st, e)) > 0)
		vec_push(&found, (struct evidence_blind){
		    arena_str(a, stmt_str(st, 0)), arena_str(a, stmt_str(st, 1)),
		    stmt_int(st, 2), stmt_int(st, 3), (uint64_t)stmt_int(st, 4) });
	if (r == 0) {
		*ret = arena_array(a, found.n + 1, sizeof(**ret));
		if (found.n > 0)
			memcpy(*ret, found.at, found.n * sizeof(**ret));
		*ret_n = found.n;
	}
	vec_free(&found);
	return (r);
}

int
evidence_depends(struct db *db, const struct schema_type *const *tables,
    size_t n, uint64_t known, uint64_t *ret, struct err *e)
{
	uint64_t most = 0;

	for (size_t i = 0; i < n; i++) {
		struct stmt *st;
		int r = db_cached(db, &st, "SELECT max(entry) FROM \"!touch\""
		    " WHERE tab = ?1 AND entry < ?2", e);
		if (r != 0)
			return (r);
		stmt_bind_int(st, 1, tables[i]->number);
		stmt_bind_int(st, 2, known_limit(known));
		if ((r = stmt_step(st, e)) < 0)
			return (r);
		if (r == 1 && !stmt_isnull(st, 0) &&
		    (uint64_t)stmt_int(st, 0) + 1 > most)
			most = (uint64_t)stmt_int(st, 0) + 1;
		stmt_reset(st);
	}
	*ret = most;
	return (0);
}
