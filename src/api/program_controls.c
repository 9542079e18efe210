#include "api/program_controls.h"

#include "api/lists.h"
#include "api/look.h"
#include "api/rows.h"
#include "assess/procedure.h"
#include "assess/recorded.h"
#include "base/map.h"
#include "evidence/evidence.h"
#include "program/perform.h"
#include "program/ready.h"
#include "program/said.h"
#include "record/reader.h"
#include "record/reads.h"
#include "record/workspace.h"
#include "text/date.h"
#include "text/timefmt.h"

/* --- at which time --------------------------------------------------------------- */

/* as_of alone: what is computed is of what was known at that time itself. */
static int
when_of(struct context *x, struct call *c, bool *ret_given, int64_t *ret,
    struct err *e)
{
	struct evidence_when w;
	int r;

	if (params_get(&c->params, "known_at").ptr != NULL)
		return (call_problem(c, 400, "this is computed from what was known at "
		    "the time itself, so that known_at cannot be asked for apart",
		    "give as_of alone"));
	r = lists_when(x, c, ret_given, &w, e);
	if (r == 0)
		*ret = w.at;
	return (r);
}

struct judging {
	struct evidence *ev;
	struct assess *as;
};

static void
judging_close(struct judging *j)
{
	assess_close(j->as);
	evidence_close(j->ev);
}
#define JUDGING_SCOPED __attribute__((cleanup(judging_close))) struct judging

static int
judging_open(struct context *x, struct judging *j, struct err *e)
{
	int r = look_evidence(x, &j->ev, e);

	return (r != 0 ? r : assess_open(&j->as, x->ws, j->ev, e));
}

/* --- readiness ---------------------------------------------------------------------- */

static const struct shape gap_form[] = {
	{ .name = "state", .what = "How bad it is." },
	{ .name = "about", .what = "Criterion, control, procedure, table." },
	{ .name = "text", .what = "What is missing, in a sentence." },
	{ .name = "fix", .what = "What to do." },
	{ .name = NULL },
};

static const struct shape tested_form[] = {
	{ .name = "id", .what = "Id of the procedure." },
	{ .name = "title", .what = "Its title." },
	{ .name = "tested", .kind = SHAPE_BOOL, .what = "There is a result." },
	{ .name = "outcome", .what = "What the last one says." },
	{ .name = "members", .kind = SHAPE_INT, .what = "Of its population." },
	{ .name = "fail", .kind = SHAPE_INT, .what = "Members that fail." },
	{ .name = "unknown", .kind = SHAPE_INT, .what = "That are not known." },
	{ .name = "judged_at", .kind = SHAPE_TIME, .what = "When." },
	{ .name = "entry", .kind = SHAPE_INT, .what = "Its entry, and its name "
	    "under /results." },
	{ .name = "stale", .kind = SHAPE_BOOL,
	    .what = "Its evidence changed since, or is blind now." },
	{ .name = "note", .what = "Why." },
	{ .name = NULL },
};

#define STATES "exceptions, missing, unknown, manual, clear or out_of_scope."

const struct shape program_controls_criterion_rows[] = {
	{ .name = "id", .what = "Code of the criterion." },
	{ .name = "title", .what = "What it is about." },
	{ .name = "category", .what = "Category of the trust services." },
	{ .name = "in_scope", .kind = SHAPE_BOOL, .what = "It is examined." },
	{ .name = "state", .what = STATES },
	{ .name = "sentence", .what = "How it stands." },
	{ .name = "reason", .what = "Why it is out of scope." },
	{ .name = "controls", .kind = SHAPE_TEXTS, .what = "What serves it." },
	{ .name = "gaps", .kind = SHAPE_OBJECTS, .of = gap_form,
	    .what = "What is missing." },
	{ .name = NULL },
};

const struct shape program_controls_control_rows[] = {
	{ .name = "id", .what = "Code of the control." },
	{ .name = "statement", .what = "What it says." },
	{ .name = "record_state", .what = "State of its record." },
	{ .name = "kind", .what = "automated, manual or hybrid." },
	{ .name = "frequency", .what = "How often." },
	{ .name = "state", .what = STATES },
	{ .name = "procedures", .kind = SHAPE_OBJECTS, .of = tested_form,
	    .what = "Its tests." },
	{ .name = "gaps", .kind = SHAPE_OBJECTS, .of = gap_form,
	    .what = "What is missing." },
	{ .name = NULL },
};

const struct shape program_controls_gap_rows[] = {
	{ .name = "of", .what = "Criterion or control; null: the whole." },
	{ .name = "state", .what = "How bad it is." },
	{ .name = "about", .what = "Criterion, control, procedure, table." },
	{ .name = "text", .what = "What is missing, in a sentence." },
	{ .name = "fix", .what = "What to do." },
	{ .name = NULL },
};

const struct shape program_controls_summary_form[] = {
	{ .name = "as_of", .kind = SHAPE_TIME, .what = "The instant." },
	{ .name = "organisation", .what = "Whose it is." },
	{ .name = "system", .what = "Name of the system." },
	{ .name = "sentence", .what = "How it stands." },
	{ .name = "exceptions", .kind = SHAPE_INT, .what = "Criteria so." },
	{ .name = "missing", .kind = SHAPE_INT, .what = "Criteria so." },
	{ .name = "unknown", .kind = SHAPE_INT, .what = "Criteria so." },
	{ .name = "manual", .kind = SHAPE_INT, .what = "Criteria so." },
	{ .name = "clear", .kind = SHAPE_INT, .what = "Criteria so." },
	{ .name = "out_of_scope", .kind = SHAPE_INT, .what = "Criteria so." },
	{ .name = NULL },
};

static int
ready(struct context *x, struct call *c, struct judging *j,
    struct readiness **ret, struct err *e)
{
	int64_t at;
	bool given;
	int r = when_of(x, c, &given, &at, e);

	if (r == 0)
		r = judging_open(x, j, e);
	return (r != 0 ? r : ready_read(&c->a, j->as, given ? at : INT64_MAX,
	    ret, e));
}

/* Of the programme as a whole: for who may see all of its controls. */
static int
need_all(struct context *x, struct err *e)
{
	return (look_all(x, T_CONTROL) ? 0 : access_explain(
	    &x->store->reader->as, schema_get(T_CONTROL), ACCESS_RECORD,
	    ACCESS_LIST, e));
}

/* Codes of controls that whoever asks may see; NULL: all. */
static int
seen_controls(struct context *x, struct call *c, struct map **ret,
    struct err *e)
{
	struct record_list l;

	*ret = NULL;
	if (look_all(x, T_CONTROL))
		return (0);
	*ret = arena_new(&c->a, struct map);
	map_init(*ret, &c->a);
	int r = record_list(&x->ws->records, &c->a, schema_get(T_CONTROL), NULL,
	    &l, e);
	for (size_t i = 0; r == 0 && i < l.n; i++) {
		bool may;
		r = look_may(x, &l.at[i], ACCESS_LIST, 0, &may, NULL, e);
		if (r == 0 && may)
			map_put(*ret, record_str(&l.at[i], F_CONTROL_CODE), c);
	}
	return (r);
}

static bool
seen(struct map *m, struct str code)
{
	return (m == NULL || map_get(m, code) != NULL);
}

static bool
contains(struct str s, const char *part)
{
	return (s.len != 0 && memmem(s.ptr, s.len, part, strlen(part)) != NULL);
}

static struct val *
gap_val(struct call *c, const struct readiness_gap *g)
{
	struct arena *a = &c->a;
	struct val *m = val_map(a);

	val_put(a, m, "state", val_text(a, readiness_state_name(g->state)));
	val_put(a, m, "about", val_str(a, g->about));
	val_put(a, m, "text", val_str(a, g->text));
	/* A command of the server's is nothing for clients. */
	val_put(a, m, "fix", contains(g->fix, "tickmark ") ? val_null(a) :
	    look_text(c, g->fix));
	return (m);
}

static struct val *
gap_vals(struct call *c, const struct readiness_gap *g, size_t n)
{
	struct val *list = val_list(&c->a);

	for (size_t i = 0; i < n; i++)
		val_push(&c->a, list, gap_val(c, &g[i]));
	return (list);
}

static struct str
nth_key(struct call *c, size_t i)
{
	return (str_from(arena_printf(&c->a, "%08zu", i)));
}

/* A criterion of which a control is not seen is told by its name alone. */
static struct val *
criterion_val(struct call *c, const struct readiness_criterion *k,
    struct map *seen_codes)
{
	struct arena *a = &c->a;
	struct val *m = val_map(a), *ids = val_list(a);
	bool all = seen_codes == NULL || k->ncontrols != 0;

	for (size_t i = 0; i < k->ncontrols; i++) {
		if (seen(seen_codes, k->controls[i]->id))
			val_push(a, ids, val_str(a, k->controls[i]->id));
		else
			all = false;
	}
	val_put(a, m, "id", val_str(a, k->id));
	val_put(a, m, "title", val_str(a, k->title));
	val_put(a, m, "category", val_str(a, k->category));
	val_put(a, m, "in_scope", val_bool(a, k->in_scope));
	val_put(a, m, "state", !all ? look_masked(c) : val_text(a,
	    readiness_state_name(k->readiness)));
	val_put(a, m, "sentence", !all ? look_masked(c) : look_text(c,
	    k->sentence));
	val_put(a, m, "reason", !all ? look_masked(c) : look_text(c, k->reason));
	val_put(a, m, "controls", ids);
	val_put(a, m, "gaps", !all ? look_masked(c) : gap_vals(c, k->gaps,
	    k->ngaps));
	return (m);
}

int
program_controls_criteria(struct context *x, struct call *c, struct err *e)
{
	JUDGING_SCOPED j = { NULL, NULL };
	struct rows rows = { 0 };
	struct readiness *r;
	struct map *codes;
	int k = ready(x, c, &j, &r, e);

	if (k == 0)
		k = seen_controls(x, c, &codes, e);
	for (size_t i = 0; k == 0 && i < r->ncriteria; i++)
		rows_add(c, &rows, nth_key(c, i), criterion_val(c,
		    &r->criteria[i], codes));
	return (k != 0 ? k : rows_answer(x, c, &rows, e));
}

static struct val *
tested_val(struct call *c, const struct readiness_procedure *p)
{
	struct arena *a = &c->a;
	struct val *m = val_map(a), *none = val_null(a);
	bool t = p->tested;

	val_put(a, m, "id", val_str(a, p->id));
	val_put(a, m, "title", val_str(a, p->title));
	val_put(a, m, "tested", val_bool(a, t));
	val_put(a, m, "outcome", t ? val_text(a, assess_outcome_name(
	    p->outcome)) : none);
	val_put(a, m, "members", t ? val_int(a, p->members) : none);
	val_put(a, m, "fail", t ? val_int(a, p->subjects[ASSESS_FAIL]) : none);
	val_put(a, m, "unknown", t ? val_int(a, p->subjects[ASSESS_UNKNOWN]) :
	    none);
	val_put(a, m, "judged_at", look_time(c, t ? p->judged_at : 0));
	val_put(a, m, "entry", t ? val_int(a, (int64_t)p->entry) : none);
	val_put(a, m, "stale", t ? val_bool(a, p->stale) : none);
	val_put(a, m, "note", look_text(c, p->note));
	return (m);
}

int
program_controls_controls(struct context *x, struct call *c, struct err *e)
{
	JUDGING_SCOPED j = { NULL, NULL };
	struct rows rows = { 0 };
	struct arena *a = &c->a;
	struct readiness *r;
	struct map *codes;
	int k = ready(x, c, &j, &r, e);

	if (k == 0)
		k = seen_controls(x, c, &codes, e);
	for (size_t i = 0; k == 0 && i < r->ncontrols; i++) {
		const struct readiness_control *q = r->controls[i];
		struct val *m = val_map(a), *list = val_list(a);
		if (!seen(codes, q->id))
			continue;
		for (size_t n = 0; n < q->nprocedures; n++)
			val_push(a, list, tested_val(c, q->procedures[n]));
		val_put(a, m, "id", val_str(a, q->id));
		val_put(a, m, "statement", look_text(c, q->statement));
		val_put(a, m, "record_state", look_text(c, q->state));
		val_put(a, m, "kind", look_text(c, q->kind));
		val_put(a, m, "frequency", look_text(c, q->frequency));
		val_put(a, m, "state", val_text(a, readiness_state_name(
		    q->readiness)));
		val_put(a, m, "procedures", list);
		val_put(a, m, "gaps", gap_vals(c, q->gaps, q->ngaps));
		rows_add(c, &rows, q->id, m);
	}
	return (k != 0 ? k : rows_answer(x, c, &rows, e));
}

static void
add_gaps(struct call *c, struct rows *rows, struct str of,
    const struct readiness_gap *g, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct val *m = gap_val(c, &g[i]);
		val_put(&c->a, m, "of", look_text(c, of));
		rows_add(c, rows, nth_key(c, rows->n), m);
	}
}

int
program_controls_gaps(struct context *x, struct call *c, struct err *e)
{
	JUDGING_SCOPED j = { NULL, NULL };
	struct rows rows = { 0 };
	struct readiness *r;
	int k = need_all(x, e);

	if (k == 0)
		k = ready(x, c, &j, &r, e);
	if (k != 0)
		return (k);
	add_gaps(c, &rows, STR(""), r->gaps, r->ngaps);
	for (size_t i = 0; i < r->ncriteria; i++)
		add_gaps(c, &rows, r->criteria[i].id, r->criteria[i].gaps,
		    r->criteria[i].ngaps);
	for (size_t i = 0; i < r->ncontrols; i++)
		add_gaps(c, &rows, r->controls[i]->id, r->controls[i]->gaps,
		    r->controls[i]->ngaps);
	return (rows_answer(x, c, &rows, e));
}

int
program_controls_summary(struct context *x, struct call *c, struct err *e)
{
	JUDGING_SCOPED j = { NULL, NULL };
	struct arena *a = &c->a;
	struct val *m = val_map(a);
	struct readiness *r;
	int k = need_all(x, e);

	if (k == 0)
		k = ready(x, c, &j, &r, e);
	if (k != 0)
		return (k);
	val_put(a, m, "as_of", look_time(c, r->at));
	val_put(a, m, "organisation", val_str(a, r->organisation));
	val_put(a, m, "system", look_text(c, r->system_name));
	val_put(a, m, "sentence", val_str(a, r->sentence));
	for (int i = 0; i < READINESS_NSTATE; i++)
		val_put(a, m, readiness_state_name((enum readiness_state)i),
		    val_int(a, (int64_t)r->count[i]));
	call_json(c, 200, m);
	call_tag(c);
	return (0);
}

/* --- tests ------------------------------------------------------------------------- */

const struct shape program_controls_procedure_rows[] = {
	{ .name = "id", .what = "Its id." },
	{ .name = "title", .what = "Its title." },
	{ .name = "controls", .kind = SHAPE_TEXTS, .what = "What it tests." },
	{ .name = "kind", .what = "state or event." },
	{ .name = "own", .kind = SHAPE_BOOL, .what = "The organisation's own." },
	{ .name = "tests", .what = "What is tested, on which population." },
	{ .name = "passes", .what = "What passes." },
	{ .name = "fails", .what = "What fails." },
	{ .name = "matters", .what = "Why it matters." },
	{ .name = "remediation", .what = "What to do about it." },
	{ .name = NULL },
};

int
program_controls_procedures(struct context *x, struct call *c, struct err *e)
{
	ASSESS_SCOPED *as = NULL;
	struct arena *a = &c->a;
	struct rows rows = { 0 };
	struct map *codes;
	int k = assess_open(&as, x->ws, NULL, e);

	if (k == 0)
		k = seen_controls(x, c, &codes, e);
	if (k != 0)
		return (k);
	const struct procedure_set *set = assess_procedures(as);
	for (size_t i = 0; i < set->n; i++) {
		const struct procedure *p = &set->at[i];
		struct val *m = val_map(a), *list = val_list(a);
		for (size_t n = 0; n < p->ncontrols; n++)
			if (seen(codes, p->controls[n]))
				val_push(a, list, val_str(a, p->controls[n]));
		if (codes != NULL && val_count(list) == 0)
			continue;
		val_put(a, m, "id", val_str(a, p->id));
		val_put(a, m, "title", look_text(c, p->title));
		val_put(a, m, "controls", list);
		val_put(a, m, "kind", val_text(a, p->kind == PROCEDURE_EVENT ?
		    "event" : "state"));
		val_put(a, m, "own", val_bool(a, p->own));
		val_put(a, m, "tests", look_text(c, p->tests));
		val_put(a, m, "passes", look_text(c, p->passes));
		val_put(a, m, "fails", look_text(c, p->fails));
		val_put(a, m, "matters", look_text(c, p->matters));
		val_put(a, m, "remediation", look_text(c, p->remediation));
		rows_add(c, &rows, p->id, m);
	}
	return (rows_answer(x, c, &rows, e));
}

#define RESULT_FORM                                                            \
	{ .name = "entry", .kind = SHAPE_INT, .what = "Its entry: its name." }, \
	{ .name = "procedure", .what = "Whose result it is." },                \
	{ .name = "period", .kind = SHAPE_BOOL, .what = "Of a period." },      \
	{ .name = "from", .kind = SHAPE_TIME, .what = "From when." },          \
	{ .name = "to", .kind = SHAPE_TIME, .what = "To when, not included." }, \
	{ .name = "judged_at", .kind = SHAPE_TIME, .what = "When it was." },   \
	{ .name = "outcome",                                                   \
	    .values = "no_exceptions exceptions unknown not_triggered",        \
	    .what = "What it says as a whole." },                              \
	{ .name = "members", .kind = SHAPE_INT, .what = "Of its population." }, \
	{ .name = "ok", .kind = SHAPE_INT, .what = "Members so." },            \
	{ .name = "fail", .kind = SHAPE_INT, .what = "Members so." },          \
	{ .name = "na", .kind = SHAPE_INT, .what = "Members so." },            \
	{ .name = "unknown", .kind = SHAPE_INT, .what = "Members so." },       \
	{ .name = "exempt", .kind = SHAPE_INT, .what = "Members so." },        \
	{ .name = "tables", .kind = SHAPE_TEXTS, .what = "What was read." },   \
	{ .name = "evidence_upto", .kind = SHAPE_INT,                          \
	    .what = "1 + the last entry that it depends on." }

const struct shape program_controls_result_rows[] = {
	RESULT_FORM, { .name = NULL },
};
const struct shape program_controls_result_form[] = {
	RESULT_FORM,
	{ .name = "sha256", .what = "Of the canonical bytes." },
	{ .name = "blind", .kind = SHAPE_TEXTS, .what = "What was not observed." },
	{ .name = NULL },
};
const struct shape program_controls_member_rows[] = {
	{ .name = "subject", .what = "Which member of the population." },
	{ .name = "label", .what = "What it is called." },
	{ .name = "status", .values = "fail unknown exempt na",
	    .what = "What was found." },
	{ .name = "reason", .what = "Why." },
	{ .name = "from", .kind = SHAPE_TIME, .what = "From when." },
	{ .name = "to", .kind = SHAPE_TIME, .what = "To when, not included." },
	{ .name = "evidence", .what = "What shows it." },
	{ .name = "exempt_by", .what = "Exception that exempts it." },
	{ .name = NULL },
};

static struct val *
result_val(struct call *c, const struct recorded_row *r)
{
	struct arena *a = &c->a;
	struct val *m = val_map(a), *tables = val_list(a);
	struct str rest = r->tables, one;

	while (rest.len != 0 && str_split(&rest, ',', &one))
		val_push(a, tables, val_str(a, one));
	val_put(a, m, "entry", val_int(a, (int64_t)r->entry));
	val_put(a, m, "procedure", val_str(a, r->procedure));
	val_put(a, m, "period", val_bool(a, r->period));
	val_put(a, m, "from", look_time(c, r->from));
	val_put(a, m, "to", look_time(c, r->to));
	val_put(a, m, "judged_at", look_time(c, r->judged_at));
	val_put(a, m, "outcome", val_text(a, assess_outcome_name(r->outcome)));
	val_put(a, m, "members", val_int(a, r->members));
	for (int i = 0; i < ASSESS_NSTATUS; i++)
		val_put(a, m, assess_status_name((enum assess_status)i),
		    val_int(a, r->subjects[i]));
	val_put(a, m, "tables", tables);
	val_put(a, m, "evidence_upto", val_int(a, (int64_t)r->upto));
	return (m);
}

/* Does a procedure test a control that is seen? */
static bool
sees_procedure(const struct procedure_set *set, struct map *codes,
    struct str id)
{
	const struct procedure *p = procedure_find(set, id);

	for (size_t i = 0; p != NULL && i < p->ncontrols; i++)
		if (seen(codes, p->controls[i]))
			return (true);
	return (codes == NULL);
}

static int
answer_results(struct context *x, struct call *c, struct str of, struct err *e)
{
	ASSESS_SCOPED *as = NULL;
	struct rows rows = { 0 };
	struct recorded_row *all = NULL;
	struct map *codes;
	int64_t at;
	size_t n = 0;
	bool given;
	int k = when_of(x, c, &given, &at, e);

	if (k == 0)
		k = assess_open(&as, x->ws, NULL, e);
	if (k == 0)
		k = seen_controls(x, c, &codes, e);
	if (k == 0 && of.ptr != NULL && (procedure_find(assess_procedures(as),
	    of) == NULL || !sees_procedure(assess_procedures(as), codes, of)))
		return (call_problem(c, 404, "there is no such procedure", "see "
		    API_BASE "/procedures"));
	if (k == 0)
		k = of.ptr != NULL ? recorded_of(&c->a, x->ws->ledger, of, at, &all,
		    &n, e) : recorded_latest(&c->a, x->ws->ledger, at, &all, &n,
		    e);
	for (size_t i = 0; k == 0 && i < n; i++)
		if (sees_procedure(assess_procedures(as), codes,
		    all[i].procedure))
			rows_add(c, &rows, of.ptr != NULL ? str_from(arena_printf(
			    &c->a, "%020llu", (unsigned long long)all[i].entry)) :
			    all[i].procedure, result_val(c, &all[i]));
	return (k != 0 ? k : rows_answer(x, c, &rows, e));
}

int
program_controls_results(struct context *x, struct call *c, struct err *e)
{
	return (answer_results(x, c, STR_NULL, e));
}

int
program_controls_results_of(struct context *x, struct call *c, struct err *e)
{
	return (answer_results(x, c, c->name, e));
}

/* The result that the path names; of a control that is seen. */
static int
named_result(struct context *x, struct call *c, struct assess *as,
    struct recorded_row *ret, struct err *e)
{
	struct map *codes;
	uint64_t entry;
	int k = seen_controls(x, c, &codes, e);

	if (k == 0)
		k = !str_to_u64(c->name, &entry) || !recorded_ready(x->ws->ledger) ?
		    -ERR_NOTFOUND : recorded_get(&c->a, x->ws->ledger, entry, ret,
		    e);
	if (k == -ERR_NOTFOUND || (k == 0 && !sees_procedure(
	    assess_procedures(as), codes, ret->procedure)))
		return (call_problem(c, 404, "there is no such result",
		    "see " API_BASE "/results"));
	return (k);
}

int
program_controls_result(struct context *x, struct call *c, struct err *e)
{
	ASSESS_SCOPED *as = NULL;
	struct arena *a = &c->a;
	struct assess_result res;
	struct recorded_row row;
	BUF_SCOPED hex = BUF_INIT;
	int k = assess_open(&as, x->ws, NULL, e);

	if (k == 0)
		k = named_result(x, c, as, &row, e);
	if (k == 0)
		k = assess_load(a, as, row.entry, &res, e);
	if (k != 0)
		return (k);
	struct val *m = result_val(c, &row), *blind = val_list(a);
	for (size_t i = 0; i < res.nblind; i++)
		val_push(a, blind, val_str(a, res.blind[i]));
	buf_puthex(&hex, res.sha256, sizeof(res.sha256));
	val_put(a, m, "sha256", val_str(a, buf_str(&hex)));
	val_put(a, m, "blind", blind);
	call_json(c, 200, m);
	call_tag(c);
	return (0);
}

static uint64_t
bits_of(const struct schema_type *t, struct str columns)
{
	uint64_t bits = 0;
	struct str one;

	while (columns.len != 0 && str_split(&columns, ',', &one)) {
		int i = schema_field(t, one);
		if (i >= 0)
			bits |= UINT64_C(1) << i;
	}
	return (bits);
}

/*
 * What a member is called comes from the columns that were read: it is for those
 * who see all of them. Who may list nothing of a table is refused.
 */
static int
may_see_members(struct context *x, struct call *c,
    const struct assess_result *r, bool *ret, struct err *e)
{
	struct record_reader *reader = x->store->reader;

	*ret = true;
	for (size_t i = 0; i < r->ntables; i++) {
		const struct schema_type *t = schema_find(r->tables[i]);
		struct access_facts f;
		uint64_t masked;
		if (t == NULL)
			continue; /* coverage and the like */
		struct cell *none = arena_array(&c->a, t->nfields + 1,
		    sizeof(*none));
		for (size_t k = 0; k < t->nfields; k++)
			none[k] = CELL_NONE;
		int k = record_facts(x->store, reader, t, none, STR(""), &f, e);
		if (k != 0)
			return (k);
		if (access_when(&reader->as, t, ACCESS_RECORD, ACCESS_LIST) ==
		    ACCESS_NEVER)
			return (access_explain(&reader->as, t, ACCESS_RECORD,
			    ACCESS_LIST, e));
		if (!access_row(&reader->as, t, &f, ACCESS_LIST, &masked) ||
		    (masked & bits_of(t, r->columns[i])) != 0)
			*ret = false;
	}
	return (0);
}

static int
note_members(struct context *x, const struct assess_result *r, struct err *e)
{
	int k = 0;

	for (size_t i = 0; k == 0 && r->nitems != 0 && i < r->ntables; i++) {
		const struct schema_type *t = schema_find(r->tables[i]);
		struct reads_note n = { .actor = x->store->reader->who.id,
			.type = r->tables[i], .count = r->nitems,
			.how = STR("list") };
		if (t != NULL && (access_guarded(t) & bits_of(t,
		    r->columns[i])) != 0)
			k = reads_note(x->ws->dir, &n, e);
	}
	return (k);
}

int
program_controls_members(struct context *x, struct call *c, struct err *e)
{
	ASSESS_SCOPED *as = NULL;
	struct arena *a = &c->a;
	struct rows rows = { 0 };
	struct assess_result res;
	struct recorded_row row;
	bool clear;
	int k = assess_open(&as, x->ws, NULL, e);

	if (k == 0)
		k = named_result(x, c, as, &row, e);
	if (k == 0)
		k = assess_load(a, as, row.entry, &res, e);
	if (k == 0)
		k = may_see_members(x, c, &res, &clear, e);
	if (k == 0 && clear)
		k = note_members(x, &res, e);
	for (size_t i = 0; k == 0 && i < res.nitems; i++) {
		const struct assess_item *it = &res.items[i];
		struct val *m = val_map(a), *hidden = look_masked(c);
		val_put(a, m, "subject", clear ? look_text(c, it->subject) :
		    hidden);
		val_put(a, m, "label", clear ? look_text(c, it->label) : hidden);
		val_put(a, m, "status", val_text(a, assess_status_name(
		    it->status)));
		val_put(a, m, "reason", clear ? look_text(c, it->reason) : hidden);
		val_put(a, m, "from", look_time(c, it->from));
		val_put(a, m, "to", look_time(c, it->to));
		val_put(a, m, "evidence", clear ? look_text(c, it->evidence) :
		    hidden);
		val_put(a, m, "exempt_by", look_text(c, it->by));
		/* Those that fail come first, then what is unknown. */
		rows_add(c, &rows, str_from(arena_printf(a, "%d%010zu",
		    it->status == ASSESS_FAIL ? 0 : it->status == ASSESS_UNKNOWN ?
		    1 : 2, i)), m);
	}
	return (k != 0 ? k : rows_answer(x, c, &rows, e));
}

/* --- occurrences -------------------------------------------------------------------- */

const struct param program_controls_params[] = {
	{ "control", "Of one control, by code or id.", "{\"type\":\"string\"}",
	    true },
	{ "period", "Windows with a day in A..B, two inclusive days; what was not "
	    "done in it and its grace is missed. Without it: the year up to now.",
	    "{\"type\":\"string\"}", false },
	{ NULL, NULL, NULL, false },
};

const struct shape program_controls_occurrence_rows[] = {
	{ .name = "control", .what = "Its code." },
	{ .name = "version", .kind = SHAPE_INT, .what = "Of the control." },
	{ .name = "frequency", .what = "Of the window." },
	{ .name = "first_day", .kind = SHAPE_DATE, .what = "Of the window." },
	{ .name = "last_day", .kind = SHAPE_DATE, .what = "Of the window." },
	{ .name = "due_at", .kind = SHAPE_TIME, .what = "On time before this "
	    "instant." },
	{ .name = "state", .values = "not_due expected on_time late missed "
	    "not_triggered unknown", .what = "How it stands." },
	{ .name = "overdue", .kind = SHAPE_BOOL, .what = "Expected, and its time "
	    "is past." },
	{ .name = "performed_at", .kind = SHAPE_TIME, .what = "When it was taken "
	    "in." },
	{ .name = "performer", .what = "Code of the person." },
	{ .name = "performance", .what = "Id of the record." },
	{ .name = "found_exceptions", .kind = SHAPE_BOOL, .what = "It found "
	    "something." },
	{ .name = "trigger", .what = "What called for it." },
	{ .name = "note", .what = "Why it is not due, or unknown." },
	{ .name = NULL },
};

const struct shape program_controls_perform_body[] = {
	{ .name = "evidence", .required = true, .max = 2000,
	    .what = "What shows it, and where that lies." },
	{ .name = "by", .kind = SHAPE_REF, .target = T_PERSON,
	    .what = "Who carried it out; whoever asks, if it is left out." },
	{ .name = "window", .kind = SHAPE_DATE, .what = "A day in the window that "
	    "is meant; the oldest that waits, if it is left out." },
	{ .name = "trigger", .kind = SHAPE_REF, .target = T_TRIGGER,
	    .what = "What called for it." },
	{ .name = "note", .max = 8000, .what = "What was found, and what "
	    "follows." },
	{ .name = "found", .kind = SHAPE_BOOL, .what = "It found something." },
	{ .name = "file_name", .max = 300, .what = "Name of the file that shows "
	    "it." },
	{ .name = "file", .max = 1 << 20, .what = "That file itself, as base64 "
	    "(RFC 4648): it is kept." },
	{ .name = "file_class", .max = 20, .what = "Class of what is in it: public, "
	    "internal (as is), confidential, restricted, personal." },
	{ .name = "without", .max = 2000, .what = "A piece that the control names "
	    "and that is missing, and why." },
	{ .name = NULL },
};

static struct val *
occurrence_val(struct context *x, struct call *c, const struct occurrence *o)
{
	struct arena *a = &c->a;
	struct val *m = val_map(a);
	char day[DATE_SIZE];

	val_put(a, m, "control", val_str(a, o->code));
	val_put(a, m, "version", val_int(a, o->version));
	val_put(a, m, "frequency", val_text(a, window_frequency_name(
	    o->frequency)));
	val_put(a, m, "first_day", val_text(a, date_print(o->first, day)));
	val_put(a, m, "last_day", val_text(a, date_print(o->last, day)));
	val_put(a, m, "due_at", look_time(c, o->due));
	val_put(a, m, "state", val_text(a, occurrence_state_name(o->state)));
	val_put(a, m, "overdue", val_bool(a, o->overdue));
	val_put(a, m, "performed_at", look_time(c, o->performed));
	val_put(a, m, "performer", look_handle(x, c, T_PERSON, o->performer));
	val_put(a, m, "performance", look_text(c, o->performance));
	val_put(a, m, "found_exceptions", val_bool(a, o->found));
	val_put(a, m, "trigger", o->trigger == NULL ? val_null(a) :
	    look_text(c, record_str(o->trigger, F_TRIGGER_CODE)));
	val_put(a, m, "note", look_text(c, o->note));
	return (m);
}

static int
range_of(struct context *x, struct call *c, struct occurrence_book *b,
    struct occurrence_range *ret, struct err *e)
{
	struct str s = params_get(&c->params, "period");
	struct period p;

	*ret = occurrence_year(b);
	if (s.ptr == NULL)
		return (0);
	int r = period_parse(x->ws->zone, s, &p, e);
	if (r != 0)
		return (call_problem(c, 400, "period is no period", "write "
		    "2026-01-01..2026-03-31"));
	*ret = (struct occurrence_range){ .closed = true,
		.first = zone_day(x->ws->zone, p.from_us),
		.end = zone_day(x->ws->zone, p.to_us - 1) + 1 };
	return (0);
}

/* Of the controls that are named and seen; or of all that are seen. */
static int
gather(struct context *x, struct call *c, struct occurrence_book *b,
    const struct occurrence_range *range, struct occurrences *ret,
    struct err *e)
{
	bool named = false;
	int r = 0;

	*ret = (struct occurrences){ 0 };
	for (size_t i = 0; r == 0 && i < c->params.n; i++) {
		struct record *control;
		if (!str_is(c->params.key[i], "control"))
			continue;
		named = true;
		r = look_find(x, c, T_CONTROL, c->params.value[i], ACCESS_LIST,
		    &control, e);
		if (r == 0)
			r = occurrence_of(b, control, range, ret, e);
	}
	return (r != 0 || named ? r : occurrence_all(b, range, ret, e));
}

int
program_controls_occurrences(struct context *x, struct call *c, struct err *e)
{
	ASSESS_SCOPED *as = NULL;
	struct rows rows = { 0 };
	struct occurrence_book b;
	struct occurrence_range range;
	struct occurrences l;
	struct map *codes;
	int64_t at;
	bool given;
	int r = when_of(x, c, &given, &at, e);

	if (r == 0)
		r = assess_open(&as, x->ws, NULL, e);
	if (r == 0)
		r = occurrence_book_read(&c->a, &x->ws->records, x->ws->zone,
		    assess_procedures(as), given ? at : said_now(&x->ws->records),
		    &b, e);
	if (r == 0)
		r = range_of(x, c, &b, &range, e);
	if (r == 0)
		r = gather(x, c, &b, &range, &l, e);
	if (r == 0)
		r = seen_controls(x, c, &codes, e);
	for (size_t i = 0; r == 0 && i < l.n; i++) {
		const struct occurrence *o = &l.at[i];
		if (seen(codes, o->code))
			rows_add(c, &rows, str_from(arena_printf(&c->a, STR_FMT
			    " %d %08lld %08zu", STR_ARG(o->code), (int)o->frequency,
			    (long long)o->first, i)), occurrence_val(x, c, o));
	}
	return (r != 0 ? r : rows_answer(x, c, &rows, e));
}

int
program_controls_read_perform(struct context *x, struct call *c,
    struct err *e)
{
	struct str by;
	struct record *control;
	int r = look_named(x, &c->a, T_CONTROL, c->name, &control, e);

	if (r == 0) {
		c->name = control->id;
		r = look_self(x, c, "by", false, &by, e);
	}
	if (r == 0)
		val_put(&c->a, c->value, "by", val_str(&c->a, by));
	return (r);
}

int
program_controls_perform(struct context *x, struct call *c, struct err *e)
{
	ASSESS_SCOPED *as = NULL;
	struct occurrence_book b;
	struct occurrence o = { 0 };
	struct str id, text = val_get_str(c->value, "file");
	BUF_SCOPED file = BUF_INIT;
	struct perform p = { .control = c->name,
		.on = val_get_str(c->value, "window"),
		.trigger = val_get_str(c->value, "trigger"),
		.performer = val_get_str(c->value, "by"),
		.evidence = val_get_str(c->value, "evidence"),
		.note = val_get_str(c->value, "note"),
		.file_name = val_get_str(c->value, "file_name"),
		.file_class = val_get_str(c->value, "file_class"),
		.without = val_get_str(c->value, "without"),
		.found = val_get_bool(c->value, "found", false) };

	if ((text.len == 0) != (p.file_name.len == 0) ||
	    (text.len != 0 && !str_unb64(text, &file)))
		return (call_problem(c, 422, "a file is its name and its bytes, in "
		    "base64", "give file_name and file, or neither"));
	p.file = buf_str(&file);
	int r = assess_open(&as, x->ws, NULL, e);

	if (r == 0)
		r = occurrence_book_read(&c->a, &x->ws->records, x->ws->zone,
		    assess_procedures(as), said_now(&x->ws->records), &b, e);
	if (r == 0)
		r = perform_control(&c->a, &b, &c->who, &p, &id, &o, e);
	if (r == 0)
		call_json(c, 201, occurrence_val(x, c, &o));
	return (r);
}
