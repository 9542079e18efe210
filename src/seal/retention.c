#include "seal/retention.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/log.h"
#include "evidence/aged.h"
#include "ledger/ledger.h"
#include "program/said.h"
#include "record/forget.h"
#include "record/history.h"
#include "seal/certificate.h"

#define RAW_DECISION "retention-rules"

/* While a plan is made. */
struct retention_look {
	struct retention *x;
	struct retention_plan *p;
	struct retention_holds *holds;
	int from; /* the field that counts, or -1 */
	struct record_filter filter[RECORD_FILTERS];
	size_t nfilters;
};

/* --- finding ---------------------------------------------------------------- */

/* Would the record be let go of? What others need is not. */
static void
try_retire(struct retention_look *l, struct retention_item *it)
{
	struct record_options dry = { .dry_run = true };
	struct record_change c = { .type = l->p->target, .name = it->id,
		.retire = true };
	struct record_result res;
	struct err own;

	if (record_apply(&l->x->ws->records, l->x->a, &l->x->ws->actor, &c, 1,
	    &dry, &res, &own) != 0)
		it->stuck = str_from(arena_strdup(l->x->a, own.what));
}

/* What is due; what is left of it to be erased is added to the plan's items. */
static int
take(struct retention_look *l, struct retention_item *it,
    const struct record *r, struct err *e)
{
	struct retention_plan *p = l->p;
	struct arena *a = l->x->a;
	int64_t until = it->since + p->days * CLOCK_DAY;
	size_t before = p->f.items.n;
	int k = 0;

	if (until > l->x->now) {
		p->waiting++;
		if (until < p->next)
			p->next = until;
		return (0);
	}
	it->hold = r != NULL ? retention_hold_record(l->holds, p->rule, r) :
	    retention_hold_row(l->holds, p->rule, p->target, it);
	if (!p->retire)
		k = r != NULL ? forget_record(&p->f, r, e) : forget_row(&p->f,
		    it->source_id, it->source, p->target, it->id, e);
	if (k != 0 || (!p->retire && p->f.items.n == before))
		return (k); /* it is gone already */
	if (it->hold.len != 0) {
		p->f.items.n = before;
		p->held++;
	} else if (p->retire) {
		try_retire(l, it);
		p->stuck += it->stuck.len != 0;
	}
	it->id = arena_str(a, it->id);
	it->source_id = arena_str(a, it->source_id);
	it->source = arena_str(a, it->source);
	vec_push(&p->items, *it);
	return (0);
}

static int
look_record(void *ctx, const struct record *r, struct err *e)
{
	struct retention_look *l = ctx;
	struct retention_item it = { .id = r->id };
	const struct schema_type *t = r->type;
	int k = 0;

	if (l->from < 0)
		k = said_at(&l->x->ws->records, r->entry, &it.since, e);
	else if (!record_instant(r, (size_t)l->from, l->x->ws->zone, &it.since)) {
		l->p->undated++;
		return (0);
	}
	if (k != 0)
		return (k);
	bool handle = t->key.n == 1 &&
	    t->fields[t->key.at[0]].cls != CLASS_PERSONAL && !r->retired;
	it.label = arena_str(l->x->a, handle ? record_str(r, t->key.at[0]) :
	    r->id);
	return (take(l, &it, r, e));
}

static int
look_row(void *ctx, const struct aged *g, struct err *e)
{
	struct retention_look *l = ctx;
	struct retention_item it = { .source_id = g->source_id,
		.source = g->source, .id = g->subject, .since = g->since };

	if (g->open) {
		l->p->waiting++;
		return (0);
	}
	/* The subject of a row may be a login or an address. */
	it.label = str_from(arena_printf(l->x->a, STR_FMT "/%s",
	    STR_ARG(g->source), l->p->target->name));
	return (take(l, &it, NULL, e));
}

static int
read_condition(struct retention_look *l, struct err *e)
{
	struct str rest = record_str(l->p->rule, F_RETENTION_RULE_CONDITION), one;
	struct str from = record_str(l->p->rule, F_RETENTION_RULE_FROM_FIELD);
	int r = 0;

	l->from = from.len == 0 ? -1 : schema_field_titled(l->p->target, from);
	while (r == 0 && record_filter_next(&rest, &one)) {
		if (l->nfilters == RECORD_FILTERS)
			return (err_set(e, ERR_INPUT, NULL, "write fewer",
			    "the condition of a rule has too many parts"));
		r = record_filter_parse(&l->x->ws->records, l->x->a, l->p->target,
		    one, &l->filter[l->nfilters++], e);
	}
	return (r);
}

static int
find(struct retention_look *l, struct err *e)
{
	struct record_query q = { .filters = l->filter, .sort = RECORD_BY_ENTRY,
		.retired = !l->p->retire };
	int r = read_condition(l, e);

	q.nfilters = l->nfilters;
	if (r != 0)
		return (r);
	if (!schema_is_record(l->p->target))
		return (aged_each(l->x->ev, l->p->target, l->from, look_row, l, e));
	return (record_each(&l->x->ws->records, l->p->target, &q, look_record, l,
	    e));
}

static int
plan(struct retention *x, const struct record *rule,
    struct retention_holds *holds, struct err *e)
{
	struct retention_plan *p = arena_new(x->a, struct retention_plan);
	struct retention_look l = { .x = x, .p = p, .holds = holds };
	struct str decision = record_str(rule, F_RETENTION_RULE_DECISION);

	p->rule = rule;
	p->code = record_str(rule, F_RETENTION_RULE_CODE);
	p->decision = decision.len != 0 ? decision : p->code;
	p->target = schema_find(record_str(rule, F_RETENTION_RULE_TARGET));
	p->days = record_int(rule, F_RETENTION_RULE_DAYS, 0);
	p->retire = str_is(record_str(rule, F_RETENTION_RULE_ACTION), "retire");
	p->next = INT64_MAX;
	forget_init(&p->f, x->a, x->ws, x->ev);
	vec_push(&x->plans, p);
	if (p->target == NULL || p->days < 1)
		return (err_set(e, ERR_INPUT, arena_strndup(x->a, p->code.ptr,
		    p->code.len), "write the rule anew", "the rule lets go of "
		    "nothing that this program knows"));
	int r = find(&l, e);
	x->due += retention_due(p);
	x->held += p->held;
	return (r);
}

static int
rule_named(struct retention *x, struct str code, struct record **ret,
    struct err *e)
{
	const char *where = arena_strndup(x->a, code.ptr, code.len);
	int r = record_find(&x->ws->records, x->a, schema_get(T_RETENTION_RULE),
	    code, ret, e);

	if (r != 0)
		return (r);
	if (record_str(*ret, F_RETENTION_RULE_TARGET).len == 0)
		return (err_set(e, ERR_INPUT, where, "fill target, or record the "
		    "certificate yourself: tickmark record DIR disposal put",
		    "people carry this rule out"));
	if (!str_is(record_str(*ret, F_RETENTION_RULE_STATE), "active"))
		return (err_set(e, ERR_INPUT, where, "set its state to active",
		    "the rule is a draft"));
	return (0);
}

static int
plan_all(struct retention *x, struct retention_holds *holds, struct err *e)
{
	struct record_list list;
	struct record_filter f[2] = {
		{ F_RETENTION_RULE_STATE, RECORD_EQ, CELL_STR(STR("active")) },
		{ F_RETENTION_RULE_TARGET, RECORD_NE, CELL_NONE } };
	struct record_query q = { .filters = f, .nfilters = 2,
		.sort = RECORD_BY_HANDLE };
	int r = record_list(&x->ws->records, x->a, schema_get(T_RETENTION_RULE),
	    &q, &list, e);

	for (size_t i = 0; r == 0 && i < list.n; i++)
		r = plan(x, &list.at[i], holds, e);
	return (r != 0 ? r : forget_due(&x->raw, x->now, &x->raw_rules, e));
}

int
retention_read(struct arena *a, struct workspace *ws, struct evidence *ev,
    struct str code, struct retention *ret, struct err *e)
{
	struct retention_holds *holds = NULL;
	struct record *rule;

	*ret = (struct retention){ .a = a, .ws = ws, .ev = ev,
		.now = said_now(&ws->records) };
	forget_init(&ret->raw, a, ws, ev);
	int r = retention_hold_read(a, ws, ev, &holds, e);
	if (r == 0 && code.len == 0) {
		r = plan_all(ret, holds, e);
	} else if (r == 0) {
		r = rule_named(ret, code, &rule, e);
		if (r == 0)
			r = plan(ret, rule, holds, e);
	}
	retention_hold_free(holds);
	return (r);
}

void
retention_free(struct retention *x)
{
	for (size_t i = 0; i < x->plans.n; i++) {
		forget_free(&x->plans.at[i]->f);
		vec_free(&x->plans.at[i]->items);
	}
	vec_free(&x->plans);
	forget_free(&x->raw);
}

/* --- doing ------------------------------------------------------------------- */

static int
retire(struct retention *x, const struct retention_plan *p,
    const struct record_actor *who, struct err *e)
{
	size_t n = 0;
	struct record_change *c = arena_array(x->a, p->items.n + 1, sizeof(*c));
	struct record_result res;

	for (size_t i = 0; i < p->items.n; i++)
		if (p->items.at[i].hold.len + p->items.at[i].stuck.len == 0)
			c[n++] = (struct record_change){ .type = p->target,
				.name = p->items.at[i].id, .retire = true };
	return (record_apply(&x->ws->records, x->a, who, c, n, NULL, &res, e));
}

/* How the certificate tells what went: names of types and fields, no data. */
static const char *
what_of(struct retention *x, const struct retention_plan *p)
{
	struct str condition = record_str(p->rule, F_RETENTION_RULE_CONDITION);
	struct str from = record_str(p->rule, F_RETENTION_RULE_FROM_FIELD);
	bool record = schema_is_record(p->target);

	return (arena_printf(x->a, "%s of %s%s" STR_FMT ", %" PRId64
	    " days after %s" STR_FMT, p->retire ? "Records" : record ?
	    "All versions of records" : "What names people in rows of evidence",
	    p->target->name, condition.len != 0 ? " with " : "",
	    STR_ARG(condition), p->days, from.len != 0 ? "" : record ?
	    "their last change" : p->target->mode == MODE_APPEND ?
	    "they happened" : "they were last seen", STR_ARG(from)));
}

static int
carry_out(struct retention *x, struct retention_plan *p,
    const struct record_actor *who, struct err *e)
{
	struct ledger_head before, after;
	struct certificate c = { .rule = p->rule->id, .decision = p->decision,
		.approver = record_str(p->rule, F_RETENTION_RULE_APPROVER),
		.what = what_of(x, p), .count = retention_due(p),
		.held = p->held, .method = p->retire ? "retire" :
		    schema_is_record(p->target) && !p->target->personal ?
		    "overwrite" : "crypto_erase" };
	int r = ledger_head(x->ws->ledger, &before, e);

	if (r == 0 && p->retire)
		r = retire(x, p, who, e);
	else if (r == 0)
		r = erase_append(x->ws->ledger, who->id, p->decision,
		    STR("retention"), p->f.items.at, p->f.items.n, NULL, e);
	if (r == 0)
		r = ledger_head(x->ws->ledger, &after, e);
	if (r != 0)
		return (r);
	c.first = before.size;
	c.entries = after.size - before.size;
	return (certificate_put(x->ws, x->a, who, &c, &p->certificate, e));
}

static int
run_plan(struct retention *x, struct retention_plan *p,
    const struct record_actor *who, struct err *e)
{
	struct ledger *l = x->ws->ledger;

	if (retention_due(p) == 0)
		return (0);
	int r = ledger_begin(l, e);
	if (r != 0)
		return (r);
	r = carry_out(x, p, who, e);
	if (r == 0)
		return (ledger_commit(l, e));
	ledger_rollback(l);
	p->certificate = STR("");
	return (r);
}

static int
run_raw(struct retention *x, const struct record_actor *who, struct err *e)
{
	struct ledger *l = x->ws->ledger;

	if (x->raw.items.n == 0 || x->raw.holds.n != 0)
		return (0);
	int r = ledger_begin(l, e);
	if (r != 0)
		return (r);
	r = forget_enter(&x->raw, who, STR(RAW_DECISION), STR("retention"),
	    &x->raw_certificate, e);
	if (r == 0)
		return (ledger_commit(l, e));
	ledger_rollback(l);
	return (r);
}

int
retention_run(struct retention *x, const struct record_actor *who,
    struct err *e)
{
	int r = 0;

	x->ev = NULL;
	for (size_t i = 0; r == 0 && i < x->plans.n; i++)
		r = run_plan(x, x->plans.at[i], who, e);
	if (r == 0)
		r = run_raw(x, who, e);
	/* What was said is done, whatever failed after it. */
	struct err own;
	int k = record_forget(x->ws, NULL, &own);
	if (r == 0 && k != 0) {
		r = k;
		if (e != NULL)
			*e = own;
	}
	return (r != 0 ? r : ledger_sequence(x->ws->ledger, e));
}

static void
put_said(const struct retention *x, char *said, size_t cap)
{
	struct str raw = x->raw.holds.n != 0 ? x->raw.holds.at[0] : STR("");
	size_t n = strlen(said);

	if (x->due != 0)
		n += (size_t)snprintf(said + n, cap - n, "let go of %zu records and "
		    "subjects that were kept long enough", x->due);
	if (x->held != 0 && n < cap)
		n += (size_t)snprintf(said + n, cap - n, "%sheld back %zu",
		    n != 0 ? "; " : "", x->held);
	if (x->raw.items.n != 0 && raw.len == 0 && n < cap)
		n += (size_t)snprintf(said + n, cap - n, "%serased the raw bytes "
		    "of %zu collections that the rules let go", n != 0 ? "; " : "",
		    x->raw.nraw);
	if (raw.len != 0 && n < cap)
		snprintf(said + n, cap - n, "%sno raw bytes were erased: %.*s",
		    n != 0 ? "; " : "", (int)raw.len, raw.ptr);
}

static int
evidence_again(struct workspace *ws, struct err *e)
{
	EVIDENCE_SCOPED *ev = NULL;
	int r = evidence_open(&ev, ws->dir, ws->ledger, true, e);

	return (r != 0 ? r : evidence_catch_up(ev, e));
}

int
retention_job(struct workspace *ws, struct arena *a, char *said, size_t cap,
    struct err *e)
{
	struct evidence *ev = NULL;
	struct retention x;
	int r = evidence_open(&ev, ws->dir, ws->ledger, true, e);

	said[0] = '\0';
	if (r != 0)
		return (r);
	r = retention_read(a, ws, ev, STR(""), &x, e);
	evidence_close(ev);
	bool any = x.due != 0 || (x.raw.items.n != 0 && x.raw.holds.n == 0);
	if (r == 0 && any)
		r = retention_run(&x, &ws->actor, e);
	if (r == 0 && any)
		r = evidence_again(ws, e);
	if (r == 0)
		put_said(&x, said, cap);
	retention_free(&x);
	return (r);
}
