#include "program/review.h"

#include "base/clock.h"
#include "base/map.h"
#include "ledger/ledger.h"
#include "program/said.h"
#include "schema/kind.h"
#include "text/date.h"
#include "text/timefmt.h"

/* --- start ------------------------------------------------------------------------- */

struct starting {
	struct arena *a;
	struct workspace *ws;
	const struct review_spec *spec;
	struct review_scope scope;
	struct record *reviewers[REVIEW_PEOPLE];
	struct review_started *ret;
};

/* Every source says something of access, and is observed now. */
static int
check_seen(const struct starting *x, struct err *e)
{
	char t[TIME_SIZE];

	for (size_t i = 0; i < x->spec->nsources; i++) {
		struct str name = x->spec->sources[i];
		const char *where = arena_strndup(x->a, name.ptr, name.len);
		bool any = false;
		for (size_t k = 0; k < x->scope.nseen; k++) {
			const struct review_scope_seen *s = &x->scope.seen[k];
			if (!str_eq(s->source, name))
				continue;
			any = true;
			if (!s->observed)
				return (err_set(e, ERR_INPUT, where, arena_printf(x->a,
				    "tickmark collect %s %s", x->ws->dir, where),
				    STR_FMT " of it was last seen at %s, which is too "
				    "long ago to freeze a list", STR_ARG(s->table),
				    time_print_zone(x->ws->zone, s->at, t)));
		}
		if (!any)
			return (err_set(e, ERR_INPUT, where, "name sources that fill "
			    "account, group_member, saas_account or access_grant",
			    "nothing that it gave says who has access"));
	}
	return (0);
}

static int
find_reviewers(struct starting *x, struct err *e)
{
	int r = 0;

	if (x->spec->nreviewers == 0)
		return (err_set(e, ERR_INPUT, "reviewers", "name one or more persons",
		    "nobody is to decide"));
	for (size_t i = 0; r == 0 && i < x->spec->nreviewers; i++)
		r = record_find(&x->ws->records, x->a, schema_get(T_PERSON),
		    x->spec->reviewers[i], &x->reviewers[i], e);
	return (r);
}

/* Also the accounts that the rules did not match. */
static bool
is_own(const struct record *p, struct str person, struct str subject)
{
	return (str_eq(person, p->id) || record_own_account(p, subject));
}

static int
put_row(struct starting *x, size_t i, struct val *m, struct err *e)
{
	const struct review_scope_row *row = &x->scope.rows[i];
	struct arena *a = x->a;
	const struct record *reviewer = NULL;

	for (size_t k = 0; k < x->spec->nreviewers && reviewer == NULL; k++) {
		const struct record *p = x->reviewers[(i + k) %
		    x->spec->nreviewers];
		if (!is_own(p, row->person, row->subject))
			reviewer = p;
	}
	if (reviewer == NULL)
		return (err_set(e, ERR_INPUT, "reviewers", "name a second one",
		    "row %zu is the access of the only reviewer, and nobody "
		    "certifies their own", i + 1));
	val_put(a, m, "review", val_str(a, x->spec->code));
	val_put(a, m, "number", val_int(a, (int64_t)i + 1));
	val_put(a, m, "system", val_str(a, row->source));
	val_put(a, m, "account", val_str(a, row->subject));
	val_put(a, m, "right", val_str(a, row->right));
	val_put(a, m, "privileged", val_bool(a, row->privileged));
	val_put(a, m, "reviewer", val_str(a, reviewer->id));
	if (row->person.len > 0)
		val_put(a, m, "person", val_str(a, row->person));
	x->ret->unmatched += row->person.len == 0;
	x->ret->privileged += row->privileged;
	return (0);
}

static struct val *
list_of(struct arena *a, const struct str *at, size_t n)
{
	struct val *list = val_list(a);

	for (size_t i = 0; i < n; i++)
		val_push(a, list, val_str(a, at[i]));
	return (list);
}

/* How one knows that the list is whole: run by run. */
static const char *
completeness(struct starting *x)
{
	BUF_SCOPED b = BUF_INIT;
	char t[TIME_SIZE];

	for (size_t i = 0; i < x->scope.nseen; i++) {
		const struct review_scope_seen *s = &x->scope.seen[i];
		buf_printf(&b, "- " STR_FMT " of " STR_FMT ": complete run at %s, "
		    "entry %llu of the ledger, %lld rows received", STR_ARG(s->table),
		    STR_ARG(s->source), time_print(s->at, t),
		    (unsigned long long)s->entry, (long long)s->received);
		if (s->expected >= 0)
			buf_printf(&b, " of %lld expected", (long long)s->expected);
		buf_printf(&b, ", by " STR_FMT "\n", STR_ARG(s->collector));
	}
	return (arena_strndup(x->a, b.ptr != NULL ? b.ptr : "", b.len));
}

static struct val *
review_fields(struct starting *x)
{
	const struct review_spec *p = x->spec;
	struct arena *a = x->a;
	struct val *m = val_map(a);
	BUF_SCOPED hex = BUF_INIT, sources = BUF_INIT;
	char t[TIME_SIZE], day[DATE_SIZE];

	for (size_t i = 0; i < p->nsources; i++)
		buf_printf(&sources, "%s" STR_FMT, i > 0 ? ", " : "",
		    STR_ARG(p->sources[i]));
	buf_puthex(&hex, x->scope.hash, sizeof(x->scope.hash));
	val_put(a, m, "code", val_str(a, p->code));
	val_put(a, m, "title", val_str(a, p->title));
	val_put(a, m, "systems", val_str(a, buf_str(&sources)));
	val_put(a, m, "as_of", val_text(a, time_print(x->scope.at, t)));
	val_put(a, m, "known_size", val_int(a, (int64_t)x->scope.known));
	val_put(a, m, "population", val_fmt(a, "rows of access_grant, account, "
	    "group_member and saas_account that give access, of the sources "
	    STR_FMT ", as of that instant and known at that size of the ledger",
	    STR_ARG(buf_str(&sources))));
	val_put(a, m, "population_count", val_int(a, (int64_t)x->scope.n));
	val_put(a, m, "population_hash", val_str(a, buf_str(&hex)));
	val_put(a, m, "completeness", val_text(a, completeness(x)));
	val_put(a, m, "validator", val_str(a, p->validator));
	val_put(a, m, "owner", val_str(a, p->owner));
	val_put(a, m, "reviewers", list_of(a, p->reviewers, p->nreviewers));
	val_put(a, m, "due_on", val_str(a, p->due));
	val_put(a, m, "started_on", val_text(a, date_print(zone_day(x->ws->zone,
	    x->scope.at), day)));
	if (p->control.len > 0)
		val_put(a, m, "control", val_str(a, p->control));
	return (m);
}

/* The review and its rows while it is open; then it is frozen. */
static int
write_all(struct starting *x, const struct record_actor *who, struct err *e)
{
	struct record_store *s = &x->ws->records;
	size_t n = x->scope.n;
	struct record_change *c = arena_array(x->a, n + 1, sizeof(*c));
	struct record_result res;
	struct val *step = val_map(x->a);

	c[0] = (struct record_change){ .type = schema_get(T_ACCESS_REVIEW),
		.fields = review_fields(x) };
	for (size_t i = 0; i < n; i++) {
		struct val *m = val_map(x->a);
		int r = put_row(x, i, m, e);
		if (r != 0)
			return (r);
		c[i + 1] = (struct record_change){
			.type = schema_get(T_REVIEW_ITEM), .fields = m };
	}
	int r = record_apply(s, x->a, who, c, n + 1, NULL, &res, e);
	if (r != 0)
		return (r);
	x->ret->id = res.ids[0];
	val_put(x->a, step, "state", val_text(x->a, "certifying"));
	return (record_put_earned(s, x->a, who, schema_get(T_ACCESS_REVIEW),
	    res.ids[0], step, NULL, e));
}

int
review_start(struct arena *a, struct workspace *ws, struct evidence *ev,
    const struct record_actor *who, const struct review_spec *spec,
    struct review_started *ret, struct err *e)
{
	struct review_started started = { 0 };
	struct starting x = { .a = a, .ws = ws, .spec = spec, .ret = &started };
	struct ledger_head head;
	struct record *there;

	if (record_find(&ws->records, a, schema_get(T_ACCESS_REVIEW), spec->code,
	    &there, NULL) == 0)
		return (err_set(e, ERR_CONFLICT, arena_strndup(a, spec->code.ptr,
		    spec->code.len), "choose another code",
		    "there is an access review with this code"));
	int r = find_reviewers(&x, e);
	if (r == 0)
		r = ledger_head(ws->ledger, &head, e);
	if (r == 0)
		r = review_scope_read(a, ev, said_now(&ws->records), head.size,
		    spec->sources, spec->nsources, &x.scope, e);
	if (r == 0)
		r = check_seen(&x, e);
	bool own = !ledger_in_transaction(ws->ledger);
	if (r == 0 && own)
		r = ledger_begin(ws->ledger, e);
	if (r != 0)
		return (r);
	r = write_all(&x, who, e);
	if (r == 0 && own)
		r = ledger_commit(ws->ledger, e);
	else if (own)
		ledger_rollback(ws->ledger);
	if (r == 0) {
		started.rows = x.scope.n;
		*ret = started;
	}
	return (r);
}

/* --- decide -------------------------------------------------------------------------- */

static int
find_row(struct arena *a, struct record_store *s, const struct record *review,
    int64_t number, struct record **ret, struct err *e)
{
	struct record_filter f[2] = {
		{ F_REVIEW_ITEM_REVIEW, RECORD_EQ, CELL_STR(review->id) },
		{ F_REVIEW_ITEM_NUMBER, RECORD_EQ, CELL_INT(number) } };
	struct record_query q = { .filters = f, .nfilters = 2,
		.sort = RECORD_BY_HANDLE };
	struct record_list l;
	int r = record_list(s, a, schema_get(T_REVIEW_ITEM), &q, &l, e);

	if (r == 0 && l.n == 0)
		r = err_set(e, ERR_NOTFOUND, "access review", "see: tickmark review "
		    "DIR show CODE", "it has no row %lld", (long long)number);
	if (r == 0)
		*ret = &l.at[0];
	return (r);
}

static int
may_decide(struct arena *a, const struct record *review,
    const struct record *item, const struct record *by, struct err *e)
{
	const struct schema_field *f =
	    &review->type->fields[F_ACCESS_REVIEW_REVIEWERS];
	struct str *ids;
	size_t n = kind_items(a, f, &review->cells[F_ACCESS_REVIEW_REVIEWERS],
	    &ids);
	bool one = false;

	for (size_t i = 0; i < n; i++)
		one |= str_eq(ids[i], by->id);
	if (!str_is(record_str(review, F_ACCESS_REVIEW_STATE), "certifying"))
		return (err_set(e, ERR_INPUT, "access review", "start another one",
		    "it does not wait for decisions any more"));
	if (!one)
		return (err_set(e, ERR_DENIED, "access review", "ask one of its "
		    "reviewers", "this person is none of its reviewers"));
	if (is_own(by, record_str(item, F_REVIEW_ITEM_PERSON),
	    record_str(item, F_REVIEW_ITEM_ACCOUNT)))
		return (err_set(e, ERR_DENIED, "access review", "let another "
		    "reviewer decide", "nobody certifies their own access"));
	return (0);
}

/* The owner of the source; else of the review. */
static struct str
who_removes(struct arena *a, struct record_store *s,
    const struct record *review, const struct record *item)
{
	struct record *src;
	struct str owner = STR("");

	if (record_find(s, a, schema_get(T_SOURCE), record_str(item,
	    F_REVIEW_ITEM_SYSTEM), &src, NULL) == 0)
		owner = record_str(src, F_SOURCE_OWNER);
	return (owner.len > 0 ? owner : record_str(review,
	    F_ACCESS_REVIEW_OWNER));
}

static int
due_after(struct arena *a, struct workspace *ws, int64_t days,
    const char **ret, struct err *e)
{
	struct workdays w;
	char s[DATE_SIZE];
	int64_t now = said_now(&ws->records), day = zone_day(ws->zone, now);
	int r = workdays_read(a, &ws->records, ws->zone, now, &w, e);

	for (int64_t i = 0; r == 0 && i < days; i++)
		day = workdays_next(&w, day + 1);
	if (r == 0)
		*ret = arena_strdup(a, date_print(day, s));
	return (r);
}

int
review_decide(struct arena *a, struct workspace *ws,
    const struct record_actor *who, const struct review_decision *d,
    struct err *e)
{
	struct record_store *s = &ws->records;
	struct record *review, *item, *by;
	struct val *m = val_map(a);
	const char *due = NULL;
	char t[TIME_SIZE];
	int r = record_find(s, a, schema_get(T_ACCESS_REVIEW), d->review, &review,
	    e);

	if (r == 0)
		r = record_find(s, a, schema_get(T_PERSON), d->by, &by, e);
	if (r == 0)
		r = find_row(a, s, review, d->number, &item, e);
	if (r == 0)
		r = may_decide(a, review, item, by, e);
	if (r == 0 && !d->keep)
		r = due_after(a, ws, d->days, &due, e);
	if (r != 0)
		return (r);
	val_put(a, m, "state", val_text(a, d->keep ? "kept" : "removing"));
	val_put(a, m, "decision", val_text(a, d->keep ? "keep" : "remove"));
	val_put(a, m, "decided_at", val_text(a, time_print(clock_now(), t)));
	val_put(a, m, "reviewer", val_str(a, by->id));
	if (d->reason.len > 0)
		val_put(a, m, "reason", val_str(a, d->reason));
	if (!d->keep) {
		val_put(a, m, "due_on", val_text(a, due));
		val_put(a, m, "assignee", val_str(a, d->assignee.len > 0 ?
		    d->assignee : who_removes(a, s, review, item)));
	}
	return (record_put(s, a, who, schema_get(T_REVIEW_ITEM), item->id, m, NULL,
	    e));
}

/* --- check ---------------------------------------------------------------------------- */

struct checking {
	struct arena *a;
	struct workspace *ws;
	const struct record_actor *who;
	struct record *review;
	struct record_list items;
	struct review_scope scope;
	struct map have; /* "table/source/subject" of the scope */
	struct review_checked *ret;
};

static struct str
row_key(struct arena *a, struct str table, struct str source,
    struct str subject)
{
	return (str_from(arena_printf(a, STR_FMT "/" STR_FMT "/" STR_FMT,
	    STR_ARG(table), STR_ARG(source), STR_ARG(subject))));
}

static int
read_items(struct checking *x, struct err *e)
{
	struct record_filter f = { F_REVIEW_ITEM_REVIEW, RECORD_EQ,
		CELL_STR(x->review->id) };
	struct record_query q = { .filters = &f, .nfilters = 1,
		.sort = F_REVIEW_ITEM_NUMBER };

	return (record_list(&x->ws->records, x->a, schema_get(T_REVIEW_ITEM), &q,
	    &x->items, e));
}

/* The sources of its list. */
static int
read_scope(struct checking *x, struct evidence *ev, struct err *e)
{
	struct str sources[REVIEW_SCOPE_SOURCES], rest, one;
	struct ledger_head head;
	size_t n = 0;

	rest = record_str(x->review, F_ACCESS_REVIEW_SYSTEMS);
	while (n < REVIEW_SCOPE_SOURCES && rest.len > 0 &&
	    str_split(&rest, ',', &one))
		sources[n++] = str_trim(one);
	int r = ledger_head(x->ws->ledger, &head, e);
	if (r == 0)
		r = review_scope_read(x->a, ev, said_now(&x->ws->records), head.size,
		    sources, n, &x->scope, e);
	map_init(&x->have, x->a);
	for (size_t i = 0; r == 0 && i < x->scope.n; i++) {
		const struct review_scope_row *w = &x->scope.rows[i];
		map_put(&x->have, row_key(x->a, w->table, w->source, w->subject),
		    x);
	}
	return (r);
}

/* Gone, by a complete run after the decision that is still observed. */
static int
check_item(struct checking *x, const struct record *item, struct err *e)
{
	struct str right = record_str(item, F_REVIEW_ITEM_RIGHT), table;
	struct str source = record_str(item, F_REVIEW_ITEM_SYSTEM);
	const struct review_scope_seen *seen;
	struct val *m = val_map(x->a);
	char t[TIME_SIZE];

	if (!str_split(&right, ':', &table))
		return (0);
	seen = review_scope_find(&x->scope, table, source);
	if (seen == NULL || !seen->observed || seen->entry <= item->entry ||
	    seen->at <= record_int(item, F_REVIEW_ITEM_DECIDED_AT, INT64_MAX)) {
		x->ret->blind++;
		return (0);
	}
	if (map_get(&x->have, row_key(x->a, table, source, record_str(item,
	    F_REVIEW_ITEM_ACCOUNT))) != NULL)
		return (0);
	val_put(x->a, m, "state", val_text(x->a, "removed"));
	val_put(x->a, m, "removed_at", val_text(x->a, time_print(seen->at, t)));
	val_put(x->a, m, "evidence_entry", val_int(x->a, (int64_t)seen->entry));
	x->ret->gone++;
	return (record_put_earned(&x->ws->records, x->a, x->who,
	    schema_get(T_REVIEW_ITEM), item->id, m, NULL, e));
}

static int
go_to(struct checking *x, const char *state, struct err *e)
{
	struct val *m = val_map(x->a);
	char day[DATE_SIZE];

	val_put(x->a, m, "state", val_text(x->a, state));
	if (strcmp(state, "closed") == 0)
		val_put(x->a, m, "closed_on", val_text(x->a, date_print(
		    zone_day(x->ws->zone, said_now(&x->ws->records)), day)));
	x->ret->state = str_from(state);
	return (record_put(&x->ws->records, x->a, x->who,
	    schema_get(T_ACCESS_REVIEW), x->review->id, m, NULL, e));
}

static void
count(struct checking *x)
{
	static const char *const states[] = { "undecided", "kept", "removing",
		"removed" };
	size_t *n[] = { &x->ret->undecided, &x->ret->kept, &x->ret->removing,
		&x->ret->removed };

	x->ret->rows = x->items.n;
	for (size_t k = 0; k < 4; k++)
		*n[k] = 0;
	for (size_t i = 0; i < x->items.n; i++)
		for (size_t k = 0; k < 4; k++)
			*n[k] += str_is(record_str(&x->items.at[i],
			    F_REVIEW_ITEM_STATE), states[k]);
}

static int
look_for_gone(struct checking *x, struct evidence *ev, struct err *e)
{
	int r = read_scope(x, ev, e);

	for (size_t i = 0; r == 0 && i < x->items.n; i++)
		if (str_is(record_str(&x->items.at[i], F_REVIEW_ITEM_STATE),
		    "removing"))
			r = check_item(x, &x->items.at[i], e);
	if (r == 0 && x->ret->gone > 0)
		r = read_items(x, e);
	if (r == 0)
		count(x);
	return (r);
}

int
review_check(struct arena *a, struct workspace *ws, struct evidence *ev,
    const struct record_actor *who, struct str review,
    struct review_checked *ret, struct err *e)
{
	struct review_checked done = { 0 };
	struct checking x = { .a = a, .ws = ws, .who = who, .ret = &done };
	int r = record_find(&ws->records, a, schema_get(T_ACCESS_REVIEW), review,
	    &x.review, e);

	if (r == 0)
		r = read_items(&x, e);
	if (r != 0)
		return (r);
	done.state = record_str(x.review, F_ACCESS_REVIEW_STATE);
	count(&x);
	if (done.removing > 0)
		r = look_for_gone(&x, ev, e);
	if (r == 0 && str_is(done.state, "certifying") && done.undecided == 0)
		r = go_to(&x, "remediating", e);
	if (r == 0 && str_is(done.state, "remediating") && done.undecided == 0 &&
	    done.removing == 0)
		r = go_to(&x, "closed", e);
	if (r == 0)
		*ret = done;
	return (r);
}

struct val *
review_checked_val(struct arena *a, const struct review_checked *x)
{
	struct val *m = val_map(a);

	val_put(a, m, "state", val_str(a, x->state));
	val_put(a, m, "rows", val_int(a, (int64_t)x->rows));
	val_put(a, m, "undecided", val_int(a, (int64_t)x->undecided));
	val_put(a, m, "kept", val_int(a, (int64_t)x->kept));
	val_put(a, m, "removing", val_int(a, (int64_t)x->removing));
	val_put(a, m, "removed", val_int(a, (int64_t)x->removed));
	val_put(a, m, "found_gone", val_int(a, (int64_t)x->gone));
	val_put(a, m, "not_collected_since", val_int(a, (int64_t)x->blind));
	return (m);
}
