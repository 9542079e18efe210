#include "api/program_gap.h"

#include "api/look.h"
#include "api/rows.h"
#include "evidence/evidence.h"
#include "program/gap.h"
#include "program/ready.h"
#include "program/said.h"
#include "record/reader.h"
#include "text/timefmt.h"

const struct param program_gap_progress_params[] = {
	{ "from", "Since: a day, or RFC 3339.", "{\"type\":\"string\"}", false },
	{ "to", "Until; now, without it.", "{\"type\":\"string\"}", false },
	{ NULL, NULL, NULL, false },
};

const struct shape program_gap_question_rows[] = {
	{ .name = "question", .what = "Its name." },
	{ .name = "kind", .values = "yesno choice many text int date",
	    .what = "What an answer is." },
	{ .name = "options", .kind = SHAPE_TEXTS, .what = "Of choice and many." },
	{ .name = "ask", .what = "The question." },
	{ .name = "why", .what = "Why it is asked." },
	{ .name = "asked", .kind = SHAPE_BOOL, .what = "By the answers to those "
	    "before." },
	{ .name = "optional", .kind = SHAPE_BOOL, .what = "It may stay open." },
	{ .name = "answer", .what = "What is recorded." },
	{ .name = NULL },
};
const struct shape program_gap_answers_body[] = {
	{ .name = "answers", .kind = SHAPE_MAP, .required = true, .max = 2000,
	    .what = "Under the names of questions, as texts; several options with "
	    "commas." },
	{ .name = NULL },
};
const struct shape program_gap_answered_form[] = {
	{ .name = "answers", .kind = SHAPE_INT, .what = "That are new or other "
	    "than before." },
	{ .name = "changed", .kind = SHAPE_TEXTS, .what = "What followed." },
	{ .name = "kept", .kind = SHAPE_TEXTS, .what = "What was left as somebody "
	    "wants it." },
	{ .name = NULL },
};
const struct shape program_gap_criterion_rows[] = {
	{ .name = "criterion", .what = "Its code." },
	{ .name = "title", .what = "What it is about." },
	{ .name = "state", .what = "As in /readiness." },
	{ .name = "exists", .what = "What there is." },
	{ .name = "missing", .what = "What is missing." },
	{ .name = "effort_days", .kind = SHAPE_INT, .what = "Of all that it waits "
	    "for." },
	{ .name = "first", .kind = SHAPE_INT, .what = "Place of the first item of "
	    "the plan; 0: waits for none." },
	{ .name = NULL },
};
const struct shape program_gap_item_rows[] = {
	{ .name = "place", .kind = SHAPE_INT, .what = "In the order of the plan." },
	{ .name = "code", .what = "Under which the plan has it." },
	{ .name = "kind", .values = "description policy control evidence "
	    "exception", .what = "What is missing." },
	{ .name = "about", .what = "Of what." },
	{ .name = "title", .what = "What is to be done." },
	{ .name = "detail", .what = "In sentences." },
	{ .name = "effort_days", .kind = SHAPE_INT, .what = "Working days." },
	{ .name = "criteria", .kind = SHAPE_TEXTS, .what = "That wait for it." },
	{ .name = NULL },
};
const struct shape program_gap_plan_body[] = {
	{ .name = "owner", .kind = SHAPE_REF, .target = T_PERSON,
	    .what = "For what nobody answers for." },
	{ .name = "start", .kind = SHAPE_DATE, .what = "First day; today, if it is "
	    "left out." },
	{ .name = "per_week", .kind = SHAPE_INT, .max = 1000, .what = "Working days "
	    "that are spent on it a week; 5, if it is left out." },
	{ .name = "reschedule", .kind = SHAPE_BOOL, .what = "New days for what was "
	    "not begun." },
	{ .name = NULL },
};
const struct shape program_gap_planned_form[] = {
	{ .name = "open", .kind = SHAPE_INT, .what = "Items." },
	{ .name = "added", .kind = SHAPE_INT, .what = "Items." },
	{ .name = "done", .kind = SHAPE_INT, .what = "Items." },
	{ .name = "reopened", .kind = SHAPE_INT, .what = "Items." },
	{ .name = "moved", .kind = SHAPE_INT, .what = "Items." },
	{ .name = "last", .kind = SHAPE_DATE, .what = "Day of the last open "
	    "item." },
	{ .name = "late", .what = "A sentence if that is after the day wanted." },
	{ .name = NULL },
};
const struct shape program_gap_progress_rows[] = {
	{ .name = "what", .what = "A number, or a criterion." },
	{ .name = "then", .what = "At the first instant." },
	{ .name = "now", .what = "At the second." },
	{ .name = NULL },
};

static struct act
act_of(struct context *x, struct call *c)
{
	return ((struct act){ .a = &c->a, .ws = x->ws, .who = c->who });
}

/* It tells of the programme as a whole. */
static int
need_all(struct context *x, unsigned type, struct err *e)
{
	return (look_all(x, type) ? 0 : access_explain(&x->store->reader->as,
	    schema_get(type), ACCESS_RECORD, ACCESS_LIST, e));
}

static struct str
nth_key(struct call *c, size_t i)
{
	return (str_from(arena_printf(&c->a, "%08zu", i)));
}

/* --- questions ----------------------------------------------------------------- */

int
program_gap_questions(struct context *x, struct call *c, struct err *e)
{
	static const char *const kinds[QUESTION_NKIND] = { "yesno", "choice",
		"many", "text", "int", "date" };
	struct act act = act_of(x, c);
	struct arena *a = &c->a;
	struct rows rows = { 0 };
	struct gap_book b;
	int r = need_all(x, T_GAP_ANSWER, e);

	if (r == 0)
		r = gap_read(&act, &b, e);
	for (size_t i = 0; r == 0 && i < b.questions.n; i++) {
		const struct question *q = &b.questions.at[i];
		struct val *m = val_map(a), *o = val_list(a);
		for (size_t k = 0; k < q->noptions; k++)
			val_push(a, o, val_str(a, q->options[k].key));
		val_put(a, m, "question", val_str(a, q->name));
		val_put(a, m, "kind", val_text(a, kinds[q->kind]));
		val_put(a, m, "options", o);
		val_put(a, m, "ask", val_str(a, q->ask));
		val_put(a, m, "why", look_text(c, q->why));
		val_put(a, m, "asked", val_bool(a, gap_asked(&b, i)));
		val_put(a, m, "optional", val_bool(a, q->optional));
		val_put(a, m, "answer", look_text(c, b.answer[i]));
		rows_add(c, &rows, nth_key(c, i), m);
	}
	return (r != 0 ? r : rows_answer(x, c, &rows, e));
}

static struct val *
sentences(struct arena *a, const struct gap_changes *g, bool kept)
{
	struct val *list = val_list(a);

	for (size_t i = 0; i < g->n; i++)
		if (g->at[i].kept == kept)
			val_push(a, list, val_str(a, g->at[i].what));
	return (list);
}

int
program_gap_answer(struct context *x, struct call *c, struct err *e)
{
	struct act act = act_of(x, c);
	struct arena *a = &c->a;
	const struct val *given = val_get(c->value, "answers");
	struct val *m = val_map(a);
	struct gap_changes g;
	struct gap_book b;
	size_t used = 0;
	int r = gap_read(&act, &b, e);

	if (r != 0)
		return (r);
	struct str *answer = arena_array(a, b.questions.n + 1, sizeof(*answer));
	for (size_t i = 0; i < b.questions.n; i++) {
		const struct val *v = val_getstr(given, b.questions.at[i].name);
		answer[i] = v != NULL && v->type == VAL_STR ? v->u.s : STR("");
		used += v != NULL;
	}
	if (used != val_count(given))
		return (err_set(e, ERR_INPUT, "answers", "see " API_BASE
		    "/gap/questions", "there are answers to questions that are not "
		    "asked"));
	r = gap_answer(&act, &b, answer, &g, e);
	if (r != 0)
		return (r);
	val_put(a, m, "answers", val_int(a, (int64_t)g.answers));
	val_put(a, m, "changed", sentences(a, &g, false));
	val_put(a, m, "kept", sentences(a, &g, true));
	call_json(c, 200, m);
	return (0);
}

/* --- what is missing ------------------------------------------------------------- */

struct finding {
	struct evidence *ev;
	struct assess *as;
};

static void
finding_close(struct finding *f)
{
	assess_close(f->as);
	evidence_close(f->ev);
}
#define FINDING_SCOPED __attribute__((cleanup(finding_close))) struct finding

static int
find(struct context *x, struct call *c, struct finding *f, struct gap *ret,
    struct err *e)
{
	struct act act = act_of(x, c);
	struct readiness *ready;
	int r = need_all(x, T_CONTROL, e);

	if (r == 0)
		r = look_evidence(x, &f->ev, e);
	if (r == 0)
		r = assess_open(&f->as, x->ws, f->ev, e);
	if (r == 0)
		r = ready_read(&c->a, f->as, INT64_MAX, &ready, e);
	return (r != 0 ? r : gap_find(&act, ready, ret, e));
}

int
program_gap_criteria(struct context *x, struct call *c, struct err *e)
{
	FINDING_SCOPED f = { NULL, NULL };
	struct arena *a = &c->a;
	struct rows rows = { 0 };
	struct gap g;
	int r = find(x, c, &f, &g, e);

	for (size_t i = 0; r == 0 && i < g.ncriteria; i++) {
		const struct gap_criterion *k = &g.criteria[i];
		struct val *m = val_map(a);
		val_put(a, m, "criterion", val_str(a, k->r->id));
		val_put(a, m, "title", val_str(a, k->r->title));
		val_put(a, m, "state", val_text(a, readiness_state_name(
		    k->r->readiness)));
		val_put(a, m, "exists", look_text(c, k->exists));
		val_put(a, m, "missing", look_text(c, k->missing));
		val_put(a, m, "effort_days", val_int(a, k->effort_days));
		val_put(a, m, "first", val_int(a, (int64_t)k->first));
		rows_add(c, &rows, nth_key(c, i), m);
	}
	return (r != 0 ? r : rows_answer(x, c, &rows, e));
}

int
program_gap_items(struct context *x, struct call *c, struct err *e)
{
	static const char *const kinds[GAP_NKIND] = { "description", "policy",
		"control", "evidence", "exception" };
	FINDING_SCOPED f = { NULL, NULL };
	struct arena *a = &c->a;
	struct rows rows = { 0 };
	struct gap g;
	int r = find(x, c, &f, &g, e);

	for (size_t i = 0; r == 0 && i < g.nitems; i++) {
		const struct gap_item *it = &g.items[i];
		struct val *m = val_map(a), *list = val_list(a);
		for (size_t k = 0; k < it->ncriteria; k++)
			val_push(a, list, val_str(a, it->criteria[k]));
		val_put(a, m, "place", val_int(a, (int64_t)it->place));
		val_put(a, m, "code", val_str(a, it->code));
		val_put(a, m, "kind", val_text(a, kinds[it->kind]));
		val_put(a, m, "about", val_str(a, it->about));
		val_put(a, m, "title", val_str(a, it->title));
		val_put(a, m, "detail", look_text(c, it->detail));
		val_put(a, m, "effort_days", val_int(a, it->effort_days));
		val_put(a, m, "criteria", list);
		rows_add(c, &rows, nth_key(c, it->place), m);
	}
	return (r != 0 ? r : rows_answer(x, c, &rows, e));
}

int
program_gap_plan(struct context *x, struct call *c, struct err *e)
{
	ASSESS_SCOPED *as = NULL;
	struct act act = act_of(x, c);
	struct arena *a = &c->a;
	struct gap_plan p = { .owner = val_get_str(c->value, "owner"),
		.start = val_get_str(c->value, "start"),
		.per_week = val_get_int(c->value, "per_week", 5),
		.reschedule = val_get_bool(c->value, "reschedule", false) };
	struct val *m = val_map(a);
	struct readiness *ready;
	struct gap_planned n;
	struct gap_book b;
	struct gap g;
	int r = need_all(x, T_CONTROL, e);

	if (r == 0)
		r = assess_open(&as, x->ws, x->ev, e);
	if (r == 0)
		r = gap_read(&act, &b, e);
	if (r == 0)
		r = ready_read(a, as, INT64_MAX, &ready, e);
	if (r == 0)
		r = gap_find(&act, ready, &g, e);
	if (r == 0)
		r = gap_plan(&act, &g, &b, &p, &n, e);
	if (r != 0)
		return (r);
	val_put(a, m, "open", val_int(a, (int64_t)n.open));
	val_put(a, m, "added", val_int(a, (int64_t)n.added));
	val_put(a, m, "done", val_int(a, (int64_t)n.done));
	val_put(a, m, "reopened", val_int(a, (int64_t)n.reopened));
	val_put(a, m, "moved", val_int(a, (int64_t)n.moved));
	val_put(a, m, "last", look_text(c, n.last));
	val_put(a, m, "late", look_text(c, n.late));
	call_json(c, 200, m);
	return (0);
}

/* --- progress -------------------------------------------------------------------- */

static int
time_of(struct context *x, struct call *c, const char *name, int64_t *ret)
{
	struct str s = params_get(&c->params, name);

	*ret = said_now(&x->ws->records);
	if (s.ptr != NULL && time_parse_as_of(x->ws->zone, s, ret, NULL) != 0)
		return (call_problem(c, 400, arena_printf(&c->a, "%s is no time",
		    name), "give 2026-03-31 or 2026-03-31T12:00:00Z"));
	return (0);
}

int
program_gap_progress(struct context *x, struct call *c, struct err *e)
{
	FINDING_SCOPED f = { NULL, NULL };
	struct act act = act_of(x, c);
	struct arena *a = &c->a;
	struct rows rows = { 0 };
	struct gap_progress *p = NULL;
	int64_t from, to;
	size_t n = 0;
	int r = need_all(x, T_CONTROL, e);

	if (r == 0 && params_get(&c->params, "from").ptr == NULL)
		return (call_problem(c, 400, "progress is between two days",
		    "give from"));
	if (r == 0)
		r = time_of(x, c, "from", &from);
	if (r == 0)
		r = time_of(x, c, "to", &to);
	if (r == 0)
		r = look_evidence(x, &f.ev, e);
	if (r == 0)
		r = assess_open(&f.as, x->ws, f.ev, e);
	if (r == 0)
		r = gap_progress(&act, f.as, from, to, &p, &n, e);
	for (size_t i = 0; r == 0 && i < n; i++) {
		struct val *m = val_map(a);
		val_put(a, m, "what", val_str(a, p[i].what));
		val_put(a, m, "then", val_str(a, p[i].then));
		val_put(a, m, "now", val_str(a, p[i].now));
		rows_add(c, &rows, nth_key(c, i), m);
	}
	return (r != 0 ? r : rows_answer(x, c, &rows, e));
}
