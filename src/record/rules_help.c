/* What the rules of all areas are written with. */
#include "record/rules.h"

#include "base/clock.h"
#include "record/history.h"
#include "record/store.h"
#include "record/tables.h"
#include "schema/kind.h"
#include "sys/db.h"
#include "text/date.h"
#include "text/timefmt.h"
#include "text/zone.h"

static const struct record_rule all[] = {
#define X(name, type, sentence) { #name, T_##type, sentence },
	RECORD_RULES(X)
#undef X
};

const struct record_rule *
record_rule(size_t nth)
{
	return (nth < RULE_MAX ? &all[nth] : NULL);
}

/* Rules that hold when something is done, and need not hold afterwards: time has
 * passed since, or another record went on. */
static bool
of_the_moment(enum rule rule)
{
	static const enum rule rules[] = { RULE_consent_basis,
		RULE_consent_notice, RULE_disposal_hold, RULE_distribution_issued,
		RULE_evidence_replaces, RULE_finding_over, RULE_request_hold,
		RULE_review_item_late, RULE_risk_over, RULE_test_own,
		RULE_vendor_assessed, RULE_weakness_excepted };

	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++)
		if (rules[i] == rule)
			return (true);
	return (false);
}

void
rules_say(struct batch *b, struct batch_item *it, enum rule rule, int field,
    const char *fix, const char *fmt, ...)
{
	struct record_result *res = b->result;
	size_t n = res->nproblems;
	char what[sizeof(((struct err *)NULL)->what)];
	va_list ap;

	if (b->opts.by == RECORD_RESTORED && of_the_moment(rule))
		return;
	if (all[rule].type != T_ANY &&
	    all[rule].type != it->change->type->number)
		BUG("%s is no rule of %s", all[rule].name, it->change->type->name);
	va_start(ap, fmt);
	vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	batch_say(b, it, field, fix, "%s", what);
	if (res->nproblems > n)
		res->faults[n].rule = all[rule].name;
}

/* --- what a record says ---------------------------------------------------- */

bool
rules_has(const struct record *r, size_t f)
{
	return (r->cells != NULL && r->cells[f].state == CELL_VALUE);
}

bool
rules_is(const struct batch_item *it, size_t f, const char *word)
{
	return (rules_has(&it->new, f) && str_is(it->new.cells[f].s, word));
}

bool
rules_yes(const struct batch_item *it, size_t f)
{
	return (rules_has(&it->new, f) && it->new.cells[f].i != 0);
}

static bool
same_cell(const struct cell *x, const struct cell *y)
{
	return (x->state == y->state && x->i == y->i && str_eq(x->s, y->s));
}

bool
rules_changed(const struct batch_item *it, size_t f)
{
	return (it->exists && !same_cell(&it->old.cells[f], &it->new.cells[f]));
}

bool
rules_state(const struct record *r, const char *states)
{
	struct str rest = str_from(states), one;

	if (r->type->state < 0 || r->cells == NULL)
		return (false);
	/* An item whose turn has not come yet says none: it begins. */
	struct str at = rules_has(r, (size_t)r->type->state) ?
	    r->cells[r->type->state].s : str_from(r->type->states[0]);
	while (str_split(&rest, '|', &one))
		if (str_eq(one, at))
			return (true);
	return (false);
}

bool
rules_at(const struct batch_item *it, const char *states)
{
	return (rules_state(&it->new, states));
}

bool
rules_was(const struct batch_item *it, const char *states)
{
	return (it->exists && rules_state(&it->old, states));
}

bool
rules_enters(const struct batch_item *it, const char *states)
{
	return (rules_at(it, states) && !rules_was(it, states));
}

const char *
rules_title(const struct batch_item *it, size_t f)
{
	return (it->change->type->fields[f].title);
}

const char *
rules_print(struct batch *b, const struct record *r, size_t f)
{
	BUF_SCOPED out = BUF_INIT;

	kind_print(&r->type->fields[f], &r->cells[f], &out);
	return (arena_strndup(b->a, out.ptr, out.len));
}

/* --- days and times ------------------------------------------------------------ */

/* The store failed under a rule: the batch ends with that. */
static void
broken(struct batch *b, int r, const struct err *e)
{
	if (b->broken == 0) {
		b->broken = r;
		b->why = *e;
	}
}

const struct zone *
rules_zone(struct batch *b)
{
	const struct zone *z = zone_utc();
	struct err e;
	int r = record_zone(b->a, b->store->ledger, &z, &e);

	if (r == 0)
		return (z);
	broken(b, r, &e);
	return (zone_utc());
}

struct str
rules_today(struct batch *b)
{
	char day[DATE_SIZE];

	if (b->today.ptr == NULL)
		b->today = str_from(arena_strdup(b->a, date_print(zone_day(
		    rules_zone(b), clock_now()), day)));
	return (b->today);
}

int64_t
rules_day(struct str s)
{
	int64_t day;

	/* A field that is no date was refused by its kind already. */
	return (date_parse(s, &day, NULL) == 0 ? day : 0);
}

struct cell
rules_date(struct batch *b, int64_t day)
{
	char at[DATE_SIZE];

	if (day > DATE_MAX)
		day = DATE_MAX;
	return (CELL_STR(str_from(arena_strdup(b->a, date_print(day, at)))));
}

/* --- checks ---------------------------------------------------------------------- */

void
rules_ordered(struct batch *b, struct batch_item *it, enum rule rule,
    size_t first, size_t last)
{
	const struct schema_field *f = it->change->type->fields;
	const struct cell *c = it->new.cells;

	if (rules_has(&it->new, first) && rules_has(&it->new, last) &&
	    kind_compare(&f[first], &c[first], &c[last]) > 0)
		rules_say(b, it, rule, (int)last, "correct one of the two",
		    "%s: %s is before %s, which is %s", f[last].title,
		    rules_print(b, &it->new, last), f[first].title,
		    rules_print(b, &it->new, first));
}

void
rules_within(struct batch *b, struct batch_item *it, enum rule rule,
    size_t from, size_t until, int months)
{
	const struct cell *c = it->new.cells;

	if (!rules_has(&it->new, from) || !rules_has(&it->new, until) ||
	    (it->exists && !it->given[from] && !it->given[until]))
		return;
	struct cell last = rules_date(b, date_add_months(
	    rules_day(c[from].s), months));
	if (str_cmp(c[until].s, last.s) > 0)
		rules_say(b, it, rule, (int)until, arena_printf(b->a, "write "
		    STR_FMT " or a day before it", STR_ARG(last.s)), "%s: " STR_FMT
		    " is more than %s months after %s, " STR_FMT,
		    rules_title(it, until), STR_ARG(c[until].s), months == 12 ?
		    "twelve" : arena_printf(b->a, "%d", months), rules_title(it,
		    from), STR_ARG(c[from].s));
}

/* Clocks of two machines differ, and the ledger's may be ahead of this one's. */
#define SLACK (60 * CLOCK_SECOND)

void
rules_past(struct batch *b, struct batch_item *it, enum rule rule, size_t f)
{
	const struct schema_field *d = &it->change->type->fields[f];
	const struct cell *c = &it->new.cells[f];

	if (!it->given[f] || !rules_has(&it->new, f))
		return;
	if (kind_integer(d) ? c->i > clock_now() + SLACK :
	    str_cmp(c->s, rules_today(b)) > 0)
		rules_say(b, it, rule, (int)f, kind_integer(d) ?
		    "write a time that has passed" : "write today or a day before "
		    "it", "%s: %s lies in the future", d->title,
		    rules_print(b, &it->new, f));
}

void
rules_sha(struct batch *b, struct batch_item *it, enum rule rule, size_t f)
{
	struct str s = it->new.cells[f].s;
	bool ok = s.len == 64;

	if (!rules_has(&it->new, f))
		return;
	for (size_t i = 0; ok && i < s.len; i++)
		ok = (s.ptr[i] >= '0' && s.ptr[i] <= '9') ||
		    (s.ptr[i] >= 'a' && s.ptr[i] <= 'f');
	if (!ok)
		rules_say(b, it, rule, (int)f, "write what sha256sum prints: 64 "
		    "digits 0-9 and a-f", "%s: it is no SHA-256",
		    rules_title(it, f));
}

void
rules_apart(struct batch *b, struct batch_item *it, enum rule rule,
    size_t one, size_t other)
{
	const struct cell *c = it->new.cells;

	if (rules_has(&it->new, one) && rules_has(&it->new, other) &&
	    str_eq(c[one].s, c[other].s))
		rules_say(b, it, rule, (int)other, "let somebody else do one of "
		    "the two", "%s: it may not be the same person as %s",
		    rules_title(it, other), rules_title(it, one));
}

void
rules_needs(struct batch *b, struct batch_item *it, enum rule rule, size_t f,
    const char *why)
{
	char example[256];

	if (!rules_has(&it->new, f))
		rules_say(b, it, rule, (int)f, arena_printf(b->a, "fill %s: write "
		    "%s", it->change->type->fields[f].name,
		    kind_example(&it->change->type->fields[f], example,
		    sizeof(example))), "%s: it is needed %s", rules_title(it, f),
		    why);
}

static void
not_changed(struct batch *b, struct batch_item *it, enum rule rule,
    const char *fix, size_t f)
{
	if (rules_changed(it, f))
		rules_say(b, it, rule, (int)f, fix, "%s: it is not changed any "
		    "more once %s %s is %s", rules_title(it, f),
		    str_article(it->change->type->name), it->change->type->name,
		    it->change->type->state < 0 ? "recorded" :
		    rules_print(b, &it->old, (size_t)it->change->type->state));
}

void
rules_stands(struct batch *b, struct batch_item *it, enum rule rule,
    const char *fix, const uint16_t *but, size_t n)
{
	const struct schema_type *t = it->change->type;

	for (size_t f = 0; it->exists && f < t->nfields; f++) {
		bool may = (int)f == t->state;
		for (size_t i = 0; i < n; i++)
			may |= but[i] == f;
		if (!may)
			not_changed(b, it, rule, fix, f);
	}
}

void
rules_kept(struct batch *b, struct batch_item *it, enum rule rule,
    const char *fix, const uint16_t *of, size_t n)
{
	for (size_t i = 0; it->exists && i < n; i++)
		not_changed(b, it, rule, fix, of[i]);
}

void
rules_computed(struct batch *b, struct batch_item *it, enum rule rule,
    size_t f, struct cell value)
{
	const struct schema_field *d = &it->change->type->fields[f];
	struct cell *c = &it->new.cells[f];

	if (value.state != CELL_VALUE)
		return;
	if (it->given[f] && c->state == CELL_VALUE &&
	    b->opts.by == RECORD_RESTORED)
		return; /* what counted then */
	if (it->given[f] && c->state == CELL_VALUE &&
	    kind_compare(d, c, &value) != 0) {
		struct record r = it->new;
		const char *was = rules_print(b, &r, f);
		*c = value;
		rules_say(b, it, rule, (int)f, "leave it out", "%s: it is "
		    "computed, and is %s, not %s", d->title, rules_print(b, &r, f),
		    was);
	}
	*c = value;
}

/* --- other records ---------------------------------------------------------------- */

/* A ref of an item of the batch; the next one to the same record. */
struct link {
	struct batch_item *it;
	struct link *next;
};

static struct str
link_key(struct batch *b, const struct schema_type *t, size_t f, struct str id)
{
	return (batch_key(b, t, t->fields[f].name, id));
}

/* Which items of the batch name which records, by field; made once. */
static void
make_links(struct batch *b)
{
	b->links = arena_new(b->a, struct map);
	map_init(b->links, b->a);
	for (size_t i = 0; i < b->n; i++) {
		struct batch_item *it = &b->at[i];
		const struct schema_type *t = it->change->type;
		if (it->new.cells == NULL || it->new.id.len == 0)
			continue;
		map_put(b->links, batch_key(b, t, "", it->new.id), it);
		for (size_t f = 0; f < t->nfields; f++) {
			if (!kind_is_ref(&t->fields[f]) ||
			    kind_is_many(&t->fields[f]) || !rules_has(&it->new, f))
				continue;
			struct link *l = arena_new(b->a, struct link);
			struct str key = link_key(b, t, f, it->new.cells[f].s);
			*l = (struct link){ it, map_get(b->links, key) };
			map_put(b->links, key, l);
		}
	}
}

struct batch_item *
rules_item(struct batch *b, unsigned type, struct str id)
{
	if (b->links == NULL)
		make_links(b);
	return (map_get(b->links, batch_key(b, schema_get(type), "", id)));
}

bool
rules_load(struct batch *b, const struct batch_item *it, size_t f,
    struct record *ret)
{
	return (rules_follow(b, &it->new, f, ret));
}

bool
rules_follow(struct batch *b, const struct record *from, size_t f,
    struct record *ret)
{
	const struct schema_type *t = schema_get(from->type->fields[f].target);
	struct err e;

	if (!rules_has(from, f))
		return (false);
	struct batch_item *other = rules_item(b, t->number, from->cells[f].s);
	if (other != NULL) {
		*ret = other->new;
		return (true);
	}
	/* Many rows of a file name the same few. */
	struct str key = batch_key(b, t, "", from->cells[f].s);
	struct record *had = map_get(&b->loaded, key);
	if (had != NULL) {
		*ret = *had;
		return (true);
	}
	int r = store_load(b->store, b->a, t, from->cells[f].s, ret, &e);
	if (r != 0 && r != -ERR_NOTFOUND)
		broken(b, r, &e);
	if (r == 0) {
		had = arena_new(b->a, struct record);
		*had = *ret;
		map_put(&b->loaded, key, had);
	}
	return (r == 0);
}

struct look {
	struct batch *b;
	const struct schema_type *t;
	int f;
	struct str id;
	rules_fn *fn;
	void *ctx;
};

static int
look_at(void *ctx, const struct record *r, struct err *e)
{
	struct look *l = ctx;

	(void)e;
	if (rules_item(l->b, l->t->number, r->id) != NULL)
		return (0); /* as the batch will leave it: below */
	return (l->fn(l->ctx, r));
}

static bool
look_in_store(struct look *l)
{
	BUF_SCOPED sql = BUF_INIT;
	STMT_SCOPED *st = NULL;
	struct record rec;
	struct err e;

	buf_puts(&sql, "SELECT ");
	store_columns(l->t, "", &sql);
	buf_printf(&sql, " FROM r_%s WHERE retired=0", l->t->name);
	if (l->f >= 0)
		buf_printf(&sql, " AND \"%s\"=?", l->t->fields[l->f].name);
	int r = tables_has(l->b->store, l->t, &e);
	if (r > 0)
		r = db_prepare(l->b->store->db, &st, buf_str(&sql), &e);
	else if (r == 0)
		return (false);
	if (r == 0 && l->f >= 0)
		stmt_bind_str(st, 1, l->id);
	while (r == 0 && (r = stmt_step(st, &e)) > 0) {
		r = store_read(l->b->a, l->t, st, &rec, &e);
		if (r == 0)
			r = look_at(l, &rec, &e);
	}
	if (r < 0)
		broken(l->b, r, &e);
	return (r > 0);
}

void
rules_each(struct batch *b, unsigned type, int f, struct str id,
    rules_fn *fn, void *ctx)
{
	struct look l = { b, schema_get(type), f, id, fn, ctx };

	if (look_in_store(&l))
		return;
	if (b->links == NULL)
		make_links(b);
	if (f >= 0) {
		struct link *at = map_get(b->links, link_key(b, l.t, (size_t)f,
		    id));
		for (; at != NULL; at = at->next)
			if (!at->it->change->retire && fn(ctx, &at->it->new))
				return;
		return;
	}
	for (size_t i = 0; i < b->n; i++)
		if (b->at[i].change->type == l.t && b->at[i].new.cells != NULL &&
		    !b->at[i].change->retire && fn(ctx, &b->at[i].new))
			return;
}

struct counting {
	const char *states;
	size_t n;
};

static bool
count_one(void *ctx, const struct record *r)
{
	struct counting *c = ctx;

	c->n += c->states == NULL || rules_state(r, c->states);
	return (false);
}

size_t
rules_count(struct batch *b, unsigned type, size_t f, struct str id,
    const char *states)
{
	struct counting c = { .states = states };

	rules_each(b, type, (int)f, id, count_one, &c);
	return (c.n);
}
