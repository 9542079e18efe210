#include "api/program_people.h"

#include "api/look.h"
#include "api/records.h"
#include "api/rows.h"
#include "program/checklists.h"
#include "program/people.h"
#include "program/review.h"
#include "program/training.h"
#include "record/reader.h"

static struct act
act_of(struct context *x, struct call *c)
{
	return ((struct act){ .a = &c->a, .ws = x->ws, .who = c->who });
}

/*
 * What the program writes itself once somebody has taken a step that they may
 * take: the score of a course, the day of a removal. The step is asked for
 * before; the entry names who took it.
 */
static struct record_actor
as_programme(const struct call *c)
{
	struct record_actor who = c->who;

	who.roles = ROLE_OWNER | ROLE_COMPLIANCE | ROLE_PRIVACY;
	who.scope = (struct access_scope){ 0 };
	return (who);
}

static int
may_step(struct context *x, const struct record *r, struct err *e)
{
	bool may;
	int k = look_may(x, r, ACCESS_STEP, 0, &may, NULL, e);

	return (k != 0 || may ? k : access_explain(&x->store->reader->as, r->type,
	    ACCESS_RECORD, ACCESS_STEP, e));
}

static int
answer_count(struct call *c, const char *word, size_t n)
{
	struct val *m = val_map(&c->a);

	val_put(&c->a, m, word, val_int(&c->a, (int64_t)n));
	call_json(c, 200, m);
	return (0);
}

/* --- courses --------------------------------------------------------------------- */

const struct shape program_people_course_rows[] = {
	{ .name = "code", .what = "Its code." },
	{ .name = "title", .what = "Its title." },
	{ .name = "version", .what = "Its version." },
	{ .name = "modules", .kind = SHAPE_INT, .what = "How many." },
	{ .name = "questions", .kind = SHAPE_INT, .what = "How many." },
	{ .name = "minutes", .kind = SHAPE_INT, .what = "How long it takes." },
	{ .name = NULL },
};
static const struct shape question_form[] = {
	{ .name = "id", .what = "Under which it is answered, such as 1.2." },
	{ .name = "ask", .what = "The question." },
	{ .name = "options", .kind = SHAPE_TEXTS, .what = "a, b, c ..." },
	{ .name = "several", .kind = SHAPE_BOOL, .what = "More than one is "
	    "right." },
	{ .name = NULL },
};
static const struct shape module_form[] = {
	{ .name = "title", .what = "Its title." },
	{ .name = "text", .what = "In Markdown." },
	{ .name = "questions", .kind = SHAPE_OBJECTS, .of = question_form,
	    .what = "About it." },
	{ .name = NULL },
};
const struct shape program_people_course_form[] = {
	{ .name = "code", .what = "Its code." },
	{ .name = "title", .what = "Its title." },
	{ .name = "version", .what = "Its version." },
	{ .name = "about", .what = "What it is about." },
	{ .name = "minutes", .kind = SHAPE_INT, .what = "How long it takes." },
	{ .name = "modules", .kind = SHAPE_OBJECTS, .of = module_form,
	    .what = "In their order." },
	{ .name = NULL },
};
const struct shape program_people_completion_rows[] = {
	{ .name = "id", .what = "Id of the record." },
	{ .name = "person", .what = "Code of the person." },
	{ .name = "state", .what = "assigned, complete or excused." },
	{ .name = "occasion", .what = "Why it was assigned." },
	{ .name = "assigned_on", .kind = SHAPE_DATE, .what = "When." },
	{ .name = "due_on", .kind = SHAPE_DATE, .what = "By when." },
	{ .name = "completed_on", .kind = SHAPE_DATE, .what = "When." },
	{ .name = "score", .kind = SHAPE_INT, .what = "Percent." },
	{ .name = "attempts", .kind = SHAPE_INT, .what = "How many." },
	{ .name = "overdue", .kind = SHAPE_BOOL, .what = "Not done in time." },
	{ .name = "how", .what = "In words." },
	{ .name = NULL },
};
const struct shape program_people_answers_body[] = {
	{ .name = "answers", .kind = SHAPE_MAP, .required = true, .max = 20,
	    .what = "Letters under the id of each question: {\"1.1\": \"b\", "
	    "\"1.2\": \"a, c\"}." },
	{ .name = "person", .kind = SHAPE_REF, .target = T_PERSON,
	    .what = "Who; whoever asks, if it is left out." },
	{ .name = NULL },
};
const struct shape program_people_attempt_form[] = {
	{ .name = "id", .what = "Id of the record." },
	{ .name = "score", .kind = SHAPE_INT, .what = "Percent." },
	{ .name = "pass", .kind = SHAPE_INT, .what = "That are needed." },
	{ .name = "passed", .kind = SHAPE_BOOL, .what = "The course is "
	    "complete." },
	{ .name = "read_again", .kind = SHAPE_TEXTS, .what = "Modules with a wrong "
	    "answer." },
	{ .name = NULL },
};
const struct shape program_people_assign_body[] = {
	{ .name = "people", .kind = SHAPE_REFS, .target = T_PERSON,
	    .what = "To whom; to everybody who needs it now, if it is left "
	    "out." },
	{ .name = "due_on", .kind = SHAPE_DATE, .what = "By when, for those who "
	    "are named; by the rules, if it is left out." },
	{ .name = NULL },
};
const struct shape program_people_excuse_body[] = {
	{ .name = "person", .kind = SHAPE_REF, .target = T_PERSON,
	    .required = true, .what = "Who." },
	{ .name = "reason", .required = true, .max = 500, .what = "Why." },
	{ .name = NULL },
};
const struct shape program_people_count_form[] = {
	{ .name = "done", .kind = SHAPE_INT, .what = "How many." },
	{ .name = NULL },
};

int
program_people_courses(struct context *x, struct call *c, struct err *e)
{
	struct arena *a = &c->a;
	struct rows rows = { 0 };
	struct course *all;
	size_t n = 0;
	int r = course_all(a, x->ws->dir, &all, &n, e);

	for (size_t i = 0; r == 0 && i < n; i++) {
		struct val *m = val_map(a);
		val_put(a, m, "code", val_str(a, all[i].code));
		val_put(a, m, "title", val_str(a, all[i].title));
		val_put(a, m, "version", val_str(a, all[i].version));
		val_put(a, m, "modules", val_int(a, (int64_t)all[i].nmodules));
		val_put(a, m, "questions", val_int(a,
		    (int64_t)all[i].nquestions));
		val_put(a, m, "minutes", val_int(a, all[i].minutes));
		rows_add(c, &rows, all[i].code, m);
	}
	return (r != 0 ? r : rows_answer(x, c, &rows, e));
}

static struct val *
questions_val(struct arena *a, const struct course *k,
    const struct course_module *mod)
{
	struct val *list = val_list(a);

	for (size_t i = 0; i < mod->n; i++) {
		const struct course_question *q = &k->questions[mod->first + i];
		struct val *m = val_map(a), *o = val_list(a);
		for (size_t n = 0; n < q->noptions; n++)
			val_push(a, o, val_str(a, q->option[n]));
		val_put(a, m, "id", val_fmt(a, "%d.%d", q->module, q->number));
		val_put(a, m, "ask", val_str(a, q->ask));
		val_put(a, m, "options", o);
		val_put(a, m, "several", val_bool(a,
		    (q->answer & (q->answer - 1)) != 0));
		val_push(a, list, m);
	}
	return (list);
}

int
program_people_course(struct context *x, struct call *c, struct err *e)
{
	struct arena *a = &c->a;
	struct val *m = val_map(a), *list = val_list(a);
	struct course k;
	int r = course_find(a, x->ws->dir, c->name, &k, e);

	if (r != 0)
		return (r);
	for (size_t i = 0; i < k.nmodules; i++) {
		struct val *one = val_map(a);
		val_put(a, one, "title", val_str(a, k.modules[i].title));
		val_put(a, one, "text", val_str(a, k.modules[i].text));
		val_put(a, one, "questions", questions_val(a, &k,
		    &k.modules[i]));
		val_push(a, list, one);
	}
	val_put(a, m, "code", val_str(a, k.code));
	val_put(a, m, "title", val_str(a, k.title));
	val_put(a, m, "version", val_str(a, k.version));
	val_put(a, m, "about", look_text(c, k.about));
	val_put(a, m, "minutes", val_int(a, k.minutes));
	val_put(a, m, "modules", list);
	call_json(c, 200, m);
	call_tag(c);
	return (0);
}

int
program_people_completion(struct context *x, struct call *c, struct err *e)
{
	struct act act = act_of(x, c);
	struct arena *a = &c->a;
	struct rows rows = { 0 };
	struct record_list l;
	struct course k;
	int r = course_find(a, x->ws->dir, c->name, &k, e);

	if (r == 0)
		r = act_list(&act, T_TRAINING, -1, STR_NULL, &l, e);
	for (size_t i = 0; r == 0 && i < l.n; i++) {
		const struct record *t = &l.at[i];
		struct val *m = val_map(a);
		bool may;
		if (!str_eq(record_str(t, F_TRAINING_COURSE), k.code))
			continue;
		r = look_may(x, t, ACCESS_LIST, 0, &may, NULL, e);
		if (r != 0 || !may)
			continue;
		bool scored = t->cells[F_TRAINING_SCORE].state == CELL_VALUE;
		val_put(a, m, "id", val_str(a, t->id));
		val_put(a, m, "person", look_handle(x, c, T_PERSON, record_str(t,
		    F_TRAINING_PERSON)));
		val_put(a, m, "state", val_str(a, record_str(t,
		    F_TRAINING_STATE)));
		val_put(a, m, "occasion", look_text(c, record_str(t,
		    F_TRAINING_OCCASION)));
		val_put(a, m, "assigned_on", look_text(c, record_str(t,
		    F_TRAINING_ASSIGNED_ON)));
		val_put(a, m, "due_on", look_text(c, record_str(t,
		    F_TRAINING_DUE_ON)));
		val_put(a, m, "completed_on", look_text(c, record_str(t,
		    F_TRAINING_COMPLETED_ON)));
		val_put(a, m, "score", scored ? val_int(a, record_int(t,
		    F_TRAINING_SCORE, 0)) : val_null(a));
		val_put(a, m, "attempts", val_int(a, record_int(t,
		    F_TRAINING_ATTEMPTS, 0)));
		val_put(a, m, "overdue", val_bool(a, training_overdue(&act, t)));
		val_put(a, m, "how", val_str(a, training_words(&act, t)));
		rows_add(c, &rows, str_from(arena_printf(a, STR_FMT STR_FMT,
		    STR_ARG(record_str(t, F_TRAINING_DUE_ON)), STR_ARG(t->id))),
		    m);
	}
	return (r != 0 ? r : rows_answer(x, c, &rows, e));
}

int
program_people_read_answers(struct context *x, struct call *c, struct err *e)
{
	struct str who;
	struct course k;
	int r = course_find(&c->a, x->ws->dir, c->name, &k, e);

	if (r == 0)
		r = look_self(x, c, "person", false, &who, e);
	if (r == 0)
		val_put(&c->a, c->value, "person", val_str(&c->a, who));
	return (r);
}

static int
take_answers(struct call *c, const struct course *k, unsigned **ret,
    struct err *e)
{
	const struct val *given = val_get(c->value, "answers");
	unsigned *got = arena_array(&c->a, k->nquestions + 1, sizeof(*got));
	size_t used = 0;

	for (size_t i = 0; i < k->nquestions; i++) {
		const struct course_question *q = &k->questions[i];
		char id[32];
		snprintf(id, sizeof(id), "%d.%d", q->module, q->number);
		const struct val *v = val_get(given, id);
		got[i] = 0;
		if (v == NULL || v->type != VAL_STR)
			continue;
		used++;
		int r = course_letters(q, v->u.s, &got[i], e);
		if (r != 0) {
			err_at(e, "answers");
			return (r);
		}
	}
	if (used != val_count(given))
		return (err_set(e, ERR_INPUT, "answers", "use the ids of the "
		    "questions, such as 1.2", "there are answers to questions that "
		    "the course does not have"));
	*ret = got;
	return (0);
}

static struct val *
weak_modules(struct arena *a, const struct course *k, const unsigned *got)
{
	struct val *list = val_list(a);

	for (size_t i = 0; i < k->nmodules; i++)
		for (size_t q = 0; q < k->modules[i].n; q++)
			if (got[k->modules[i].first + q] !=
			    k->questions[k->modules[i].first + q].answer) {
				val_push(a, list, val_str(a, k->modules[i].title));
				break;
			}
	return (list);
}

int
program_people_answers(struct context *x, struct call *c, struct err *e)
{
	struct act act = act_of(x, c);
	struct arena *a = &c->a;
	struct str person = val_get_str(c->value, "person");
	struct val *m = val_map(a);
	struct training_attempt t;
	struct record *open;
	struct course k;
	unsigned *got;
	int r = course_find(a, x->ws->dir, c->name, &k, e);

	if (r == 0)
		r = take_answers(c, &k, &got, e);
	if (r == 0)
		r = training_open(&act, &k, person, &open, e);
	if (r == 0 && open != NULL)
		r = may_step(x, open, e);
	if (r != 0)
		return (r);
	act.who = as_programme(c);
	r = training_take(&act, &k, person, got, &t, e);
	if (r != 0)
		return (r);
	val_put(a, m, "id", val_str(a, t.record->id));
	val_put(a, m, "score", val_int(a, t.score));
	val_put(a, m, "pass", val_int(a, t.pass));
	val_put(a, m, "passed", val_bool(a, t.passed));
	val_put(a, m, "read_again", weak_modules(a, &k, got));
	call_json(c, 200, m);
	return (0);
}

int
program_people_assign(struct context *x, struct call *c, struct err *e)
{
	struct act act = act_of(x, c);
	const struct val *people = val_get(c->value, "people");
	struct str due = val_get_str(c->value, "due_on");
	struct course k;
	size_t n = 0;
	int r = course_find(&c->a, x->ws->dir, c->name, &k, e);

	if (r == 0 && val_count(people) == 0 && due.len != 0)
		r = err_set(e, ERR_INPUT, "due_on", "name the people", "a day is for "
		    "the people that are named; the others have theirs by the rules");
	if (r == 0 && val_count(people) == 0)
		r = training_assign(&act, &k, &n, e);
	for (size_t i = 0; r == 0 && i < val_count(people); i++, n++)
		r = training_assign_one(&act, &k, people->u.list.at[i]->u.s, due,
		    e);
	return (r != 0 ? r : answer_count(c, "done", n));
}

int
program_people_excuse(struct context *x, struct call *c, struct err *e)
{
	struct act act = act_of(x, c);
	struct course k;
	int r = course_find(&c->a, x->ws->dir, c->name, &k, e);

	if (r == 0)
		r = training_excuse(&act, &k, val_get_str(c->value, "person"),
		    val_get_str(c->value, "reason"), e);
	return (r != 0 ? r : answer_count(c, "done", 1));
}

/* --- the roster and checklists ------------------------------------------------------ */

const struct param program_people_import_params[] = {
	{ "dry_run", "Show the plan, write nothing.",
	    "{\"type\":\"boolean\",\"default\":false}", false },
	{ "whole", "The file is the whole roster: who is not in it has left "
	    "today.", "{\"type\":\"boolean\",\"default\":false}", false },
	{ "leavers", "So many may leave at once; 3 and a tenth without it.",
	    "{\"type\":\"integer\",\"minimum\":0}", false },
	{ "map", "A column that has another name: field=Column.",
	    "{\"type\":\"string\",\"maxLength\":300}", true },
	{ NULL, NULL, NULL, false },
};

static const struct shape line_form[] = {
	{ .name = "person", .what = "Code of the person." },
	{ .name = "what", .what = "joins, changes, returns or leaves." },
	{ .name = "fields", .what = "Names of those that change." },
	{ .name = NULL },
};
const struct shape program_people_import_form[] = {
	{ .name = "dry_run", .kind = SHAPE_BOOL, .what = "Nothing was written." },
	{ .name = "joins", .kind = SHAPE_INT, .what = "How many." },
	{ .name = "changes", .kind = SHAPE_INT, .what = "How many." },
	{ .name = "returns", .kind = SHAPE_INT, .what = "How many." },
	{ .name = "leaves", .kind = SHAPE_INT, .what = "How many." },
	{ .name = "same", .kind = SHAPE_INT, .what = "How many stay as they "
	    "are." },
	{ .name = "people", .kind = SHAPE_OBJECTS, .of = line_form,
	    .what = "Who does not stay as they are." },
	{ .name = NULL },
};

int
program_people_read_import(struct context *x, struct call *c, struct err *e)
{
	bool flag;
	int64_t n;

	(void)x;
	if (!call_media(c->field[CALL_CONTENT_TYPE], "text/csv"))
		return (call_problem(c, 415, "a roster is text/csv", "say so with "
		    "the field Content-Type"));
	int r = params_flag(&c->params, "dry_run", &flag, e);
	if (r == 0)
		r = params_flag(&c->params, "whole", &flag, e);
	return (r != 0 ? r : params_int(&c->params, "leavers", 0, 10000000, -1,
	    &n, e));
}

static int
read_map(struct call *c, struct people_options *o)
{
	struct people_map *map = arena_array(&c->a, PARAMS_MAX, sizeof(*map));

	o->map = map;
	for (size_t i = 0; i < c->params.n; i++) {
		struct str s = c->params.value[i];
		const char *eq = s.len != 0 ? memchr(s.ptr, '=', s.len) : NULL;
		if (!str_is(c->params.key[i], "map"))
			continue;
		if (eq == NULL || eq == s.ptr || eq + 1 == s.ptr + s.len)
			return (call_problem(c, 400, "map names no field and column",
			    "write map=code=Employee%20No"));
		size_t n = (size_t)(eq - s.ptr);
		map[o->nmap++] = (struct people_map){ { s.ptr, n },
			{ eq + 1, s.len - n - 1 } };
	}
	return (0);
}

static void
answer_plan(struct call *c, const struct people_plan *p, bool dry)
{
	struct arena *a = &c->a;
	struct val *m = val_map(a), *list = val_list(a);

	val_put(a, m, "dry_run", val_bool(a, dry));
	val_put(a, m, "joins", val_int(a, (int64_t)p->count[PEOPLE_JOINS]));
	val_put(a, m, "changes", val_int(a, (int64_t)p->count[PEOPLE_CHANGES]));
	val_put(a, m, "returns", val_int(a, (int64_t)p->count[PEOPLE_RETURNS]));
	val_put(a, m, "leaves", val_int(a, (int64_t)p->count[PEOPLE_LEAVES]));
	val_put(a, m, "same", val_int(a, (int64_t)p->count[PEOPLE_SAME]));
	for (size_t i = 0; i < p->n; i++) {
		struct val *one = val_map(a);
		if (p->lines[i].what == PEOPLE_SAME)
			continue;
		val_put(a, one, "person", val_str(a, p->lines[i].code));
		val_put(a, one, "what", val_text(a, people_what_word(
		    p->lines[i].what)));
		val_put(a, one, "fields", look_text(c, p->lines[i].fields));
		val_push(a, list, one);
	}
	val_put(a, m, "people", list);
	call_json(c, 200, m);
}

int
program_people_import(struct context *x, struct call *c, struct err *e)
{
	struct act act = act_of(x, c);
	struct people_options o = { .leavers = -1 };
	struct record_result res = { 0 };
	struct people_plan plan;
	bool dry;
	int r = params_flag(&c->params, "dry_run", &dry, e);

	if (r == 0)
		r = params_flag(&c->params, "whole", &o.whole, e);
	if (r == 0)
		r = params_int(&c->params, "leavers", 0, 10000000, -1, &o.leavers,
		    e);
	if (r == 0)
		r = read_map(c, &o);
	if (r == 0)
		r = people_plan(&act, "roster", c->body, &o, &plan, e);
	if (r == 0)
		r = people_apply(&act, &plan, dry, &res, e);
	if (r != 0 && res.nproblems != 0)
		records_problems(c, &res, true);
	if (r == 0)
		answer_plan(c, &plan, dry);
	return (r);
}

int
program_people_checklists(struct context *x, struct call *c, struct err *e)
{
	struct act act = act_of(x, c);
	struct checklists_template t;
	size_t n = 0;
	int r = checklists_load(&act, &t, e);

	if (r == 0)
		r = checklists_make(&act, &t, &n, e);
	return (r != 0 ? r : answer_count(c, "done", n));
}

int
program_people_read_move(struct context *x, struct call *c, struct err *e)
{
	struct record *p;
	int r = look_named(x, &c->a, T_PERSON, c->name, &p, e);

	if (r == 0)
		c->name = p->id;
	return (r);
}

int
program_people_move(struct context *x, struct call *c, struct err *e)
{
	struct act act = act_of(x, c);
	struct checklists_template t;
	int r = checklists_load(&act, &t, e);

	if (r == 0)
		r = checklists_move(&act, &t, c->name, e);
	return (r != 0 ? r : answer_count(c, "done", 1));
}

/* --- access reviews ------------------------------------------------------------------ */

const struct shape program_people_review_rows[] = {
	{ .name = "code", .what = "Its code." },
	{ .name = "title", .what = "What is reviewed." },
	{ .name = "state", .what = "open, certifying, remediating or closed." },
	{ .name = "as_of", .kind = SHAPE_TIME, .what = "When the list was taken." },
	{ .name = "due_on", .kind = SHAPE_DATE, .what = "By when." },
	{ .name = "rows", .kind = SHAPE_INT, .what = "Of its list." },
	{ .name = "undecided", .kind = SHAPE_INT, .what = "Rows so." },
	{ .name = "kept", .kind = SHAPE_INT, .what = "Rows so." },
	{ .name = "removing", .kind = SHAPE_INT, .what = "To be removed." },
	{ .name = "removed", .kind = SHAPE_INT, .what = "Seen gone." },
	{ .name = NULL },
};
const struct shape program_people_review_body[] = {
	{ .name = "code", .required = true, .max = 40, .what = "Its code, such as "
	    "AR-2026-Q1." },
	{ .name = "title", .max = 300, .what = "What is reviewed." },
	{ .name = "sources", .kind = SHAPE_TEXTS, .required = true, .max = 300,
	    .what = "Names of the sources whose access is reviewed." },
	{ .name = "reviewers", .kind = SHAPE_REFS, .target = T_PERSON,
	    .required = true, .what = "Who decides." },
	{ .name = "owner", .kind = SHAPE_REF, .target = T_PERSON,
	    .required = true, .what = "Who runs it." },
	{ .name = "validator", .kind = SHAPE_REF, .target = T_PERSON,
	    .required = true, .what = "Who checked that the list is whole." },
	{ .name = "due_on", .kind = SHAPE_DATE, .required = true,
	    .what = "By when." },
	{ .name = "control", .kind = SHAPE_REF, .target = T_CONTROL,
	    .what = "Control that it carries out." },
	{ .name = NULL },
};
const struct shape program_people_started_form[] = {
	{ .name = "id", .what = "Id of the record." },
	{ .name = "rows", .kind = SHAPE_INT, .what = "Of the frozen list." },
	{ .name = "unmatched", .kind = SHAPE_INT, .what = "Of nobody that is "
	    "known." },
	{ .name = "privileged", .kind = SHAPE_INT, .what = "With the rights of an "
	    "administrator." },
	{ .name = NULL },
};
const struct shape program_people_review_item_rows[] = {
	{ .name = "number", .kind = SHAPE_INT, .what = "Its number in the list." },
	{ .name = "id", .what = "Id of its record." },
	{ .name = "system", .what = "Source that has the access." },
	{ .name = "account", .what = "Account in it." },
	{ .name = "right", .what = "What it may." },
	{ .name = "person", .what = "Whose it is, if it is known." },
	{ .name = "privileged", .kind = SHAPE_BOOL, .what = "With the rights of an "
	    "administrator." },
	{ .name = "reviewer", .what = "Who decides." },
	{ .name = "state", .values = "undecided kept removing removed",
	    .what = "How it stands." },
	{ .name = "reason", .what = "Why." },
	{ .name = "due_on", .kind = SHAPE_DATE, .what = "By when it is gone." },
	{ .name = "assignee", .what = "Who takes it away." },
	{ .name = NULL },
};
const struct shape program_people_decide_body[] = {
	{ .name = "decision", .required = true, .values = "keep remove",
	    .what = "What is decided." },
	{ .name = "by", .kind = SHAPE_REF, .target = T_PERSON, .what = "Who "
	    "decides: whoever asks, who is one of its reviewers." },
	{ .name = "reason", .max = 1000, .what = "Why." },
	{ .name = "assignee", .kind = SHAPE_REF, .target = T_PERSON,
	    .what = "Who takes it away; the owner of the source, if it is left "
	    "out." },
	{ .name = "days", .kind = SHAPE_INT, .max = 400, .what = "Working days "
	    "until it has to be gone; 5, if it is left out." },
	{ .name = NULL },
};
const struct shape program_people_checked_form[] = {
	{ .name = "state", .what = "Of the review, now." },
	{ .name = "rows", .kind = SHAPE_INT, .what = "Of its list." },
	{ .name = "undecided", .kind = SHAPE_INT, .what = "Rows so." },
	{ .name = "kept", .kind = SHAPE_INT, .what = "Rows so." },
	{ .name = "removing", .kind = SHAPE_INT, .what = "To be removed." },
	{ .name = "removed", .kind = SHAPE_INT, .what = "Seen gone." },
	{ .name = "found_gone", .kind = SHAPE_INT, .what = "Of those, now." },
	{ .name = "not_collected_since", .kind = SHAPE_INT, .what = "To be "
	    "removed, and not looked at since the decision." },
	{ .name = NULL },
};

/* How many rows of each state. */
static int
count_items(const struct act *act, const struct record *review,
    struct val *m, struct err *e)
{
	static const char *const states[] = { "undecided", "kept", "removing",
		"removed" };
	struct record_list l;
	int64_t n[4] = { 0 };
	int r = act_list(act, T_REVIEW_ITEM, F_REVIEW_ITEM_REVIEW, review->id, &l,
	    e);

	if (r != 0)
		return (r);
	for (size_t i = 0; i < l.n; i++)
		for (size_t k = 0; k < 4; k++)
			n[k] += str_is(record_str(&l.at[i], F_REVIEW_ITEM_STATE),
			    states[k]);
	val_put(act->a, m, "rows", val_int(act->a, (int64_t)l.n));
	for (size_t k = 0; k < 4; k++)
		val_put(act->a, m, states[k], val_int(act->a, n[k]));
	return (0);
}

int
program_people_reviews(struct context *x, struct call *c, struct err *e)
{
	struct act act = act_of(x, c);
	struct arena *a = &c->a;
	struct rows rows = { 0 };
	struct record_list l;
	int r = act_list(&act, T_ACCESS_REVIEW, -1, STR_NULL, &l, e);

	for (size_t i = 0; r == 0 && i < l.n; i++) {
		const struct record *k = &l.at[i];
		struct val *m = val_map(a);
		bool may;
		r = look_may(x, k, ACCESS_LIST, 0, &may, NULL, e);
		if (r != 0 || !may)
			continue;
		val_put(a, m, "code", val_str(a, record_str(k,
		    F_ACCESS_REVIEW_CODE)));
		val_put(a, m, "title", val_str(a, record_str(k,
		    F_ACCESS_REVIEW_TITLE)));
		val_put(a, m, "state", val_str(a, record_str(k,
		    F_ACCESS_REVIEW_STATE)));
		val_put(a, m, "as_of", look_time(c, record_int(k,
		    F_ACCESS_REVIEW_AS_OF, 0)));
		val_put(a, m, "due_on", look_text(c, record_str(k,
		    F_ACCESS_REVIEW_DUE_ON)));
		r = count_items(&act, k, m, e);
		rows_add(c, &rows, record_str(k, F_ACCESS_REVIEW_CODE), m);
	}
	return (r != 0 ? r : rows_answer(x, c, &rows, e));
}

static struct val *
cell_val(struct call *c, const struct record *r, size_t field)
{
	return (r->cells[field].state == CELL_MASKED ? look_masked(c) :
	    look_text(c, record_str(r, field)));
}

int
program_people_review_items(struct context *x, struct call *c, struct err *e)
{
	struct arena *a = &c->a;
	struct record_filter f = { F_REVIEW_ITEM_REVIEW, RECORD_EQ, CELL_NONE };
	struct record_query q = { .filters = &f, .nfilters = 1,
		.sort = RECORD_BY_HANDLE };
	struct rows rows = { 0 };
	struct record_list l;
	struct record *review;
	int r = look_find(x, c, T_ACCESS_REVIEW, c->name, ACCESS_READ, &review, e);

	if (r != 0)
		return (r);
	f.value = CELL_STR(review->id);
	/* By the eyes of whoever asks; what is seen of accounts is noted. */
	r = record_list(x->store, a, schema_get(T_REVIEW_ITEM), &q, &l, e);
	for (size_t i = 0; r == 0 && i < l.n; i++) {
		const struct record *k = &l.at[i];
		struct val *m = val_map(a);
		int64_t n = record_int(k, F_REVIEW_ITEM_NUMBER, 0);
		val_put(a, m, "number", val_int(a, n));
		val_put(a, m, "id", val_str(a, k->id));
		val_put(a, m, "system", cell_val(c, k, F_REVIEW_ITEM_SYSTEM));
		val_put(a, m, "account", cell_val(c, k, F_REVIEW_ITEM_ACCOUNT));
		val_put(a, m, "right", cell_val(c, k, F_REVIEW_ITEM_RIGHT));
		val_put(a, m, "person", look_handle(x, c, T_PERSON, record_str(k,
		    F_REVIEW_ITEM_PERSON)));
		val_put(a, m, "privileged", val_bool(a, record_int(k,
		    F_REVIEW_ITEM_PRIVILEGED, 0) != 0));
		val_put(a, m, "reviewer", look_handle(x, c, T_PERSON, record_str(k,
		    F_REVIEW_ITEM_REVIEWER)));
		val_put(a, m, "state", cell_val(c, k, F_REVIEW_ITEM_STATE));
		val_put(a, m, "reason", cell_val(c, k, F_REVIEW_ITEM_REASON));
		val_put(a, m, "due_on", cell_val(c, k, F_REVIEW_ITEM_DUE_ON));
		val_put(a, m, "assignee", look_handle(x, c, T_PERSON, record_str(k,
		    F_REVIEW_ITEM_ASSIGNEE)));
		rows_add(c, &rows, str_from(arena_printf(a, "%012lld",
		    (long long)n)), m);
	}
	return (r != 0 ? r : rows_answer(x, c, &rows, e));
}

int
program_people_review_start(struct context *x, struct call *c, struct err *e)
{
	struct arena *a = &c->a;
	struct review_spec *s = arena_new(a, struct review_spec);
	const struct val *sources = val_get(c->value, "sources"),
	    *people = val_get(c->value, "reviewers");
	struct review_started done;
	struct val *m = val_map(a);

	if (sources->u.list.n > REVIEW_SCOPE_SOURCES ||
	    people->u.list.n > REVIEW_PEOPLE)
		return (err_set(e, ERR_INPUT, sources->u.list.n >
		    REVIEW_SCOPE_SOURCES ? "sources" : "reviewers",
		    "start several reviews", "there are too many for one review"));
	s->code = val_get_str(c->value, "code");
	s->title = val_get_str(c->value, "title");
	if (s->title.len == 0)
		s->title = s->code;
	for (size_t i = 0; i < sources->u.list.n; i++)
		s->sources[s->nsources++] = sources->u.list.at[i]->u.s;
	for (size_t i = 0; i < people->u.list.n; i++)
		s->reviewers[s->nreviewers++] = people->u.list.at[i]->u.s;
	s->owner = val_get_str(c->value, "owner");
	s->validator = val_get_str(c->value, "validator");
	s->due = val_get_str(c->value, "due_on");
	s->control = val_get_str(c->value, "control");
	int r = review_start(a, x->ws, x->ev, &c->who, s, &done, e);
	if (r != 0)
		return (r);
	val_put(a, m, "id", val_str(a, done.id));
	val_put(a, m, "rows", val_int(a, (int64_t)done.rows));
	val_put(a, m, "unmatched", val_int(a, (int64_t)done.unmatched));
	val_put(a, m, "privileged", val_int(a, (int64_t)done.privileged));
	call_json(c, 201, m);
	return (0);
}

int
program_people_review_named(struct context *x, struct call *c, struct err *e)
{
	struct record *k;
	int r = look_named(x, &c->a, T_ACCESS_REVIEW, c->name, &k, e);

	if (r == 0)
		c->name = k->id;
	return (r);
}

/* A reviewer need not see the review, but the row. */
int
program_people_read_decide(struct context *x, struct call *c, struct err *e)
{
	struct record *k;
	struct str who;
	int64_t n;
	int r = record_find(&x->ws->records, &c->a, schema_get(T_ACCESS_REVIEW),
	    c->name, &k, NULL);

	if (r == -ERR_NOTFOUND || !str_to_i64(c->item, &n) || n < 1)
		return (call_problem(c, 404, "there is no such row of a review",
		    "see " API_BASE "/reviews"));
	if (r == 0)
		r = look_self(x, c, "by", true, &who, e);
	if (r == 0) {
		c->name = k->id;
		val_put(&c->a, c->value, "by", val_str(&c->a, who));
	}
	return (r);
}

/* The row, if whoever asks may take a step with it. */
static int
may_decide(struct context *x, struct call *c, int64_t number, struct err *e)
{
	struct record_filter f[2] = {
		{ F_REVIEW_ITEM_REVIEW, RECORD_EQ, CELL_STR(c->name) },
		{ F_REVIEW_ITEM_NUMBER, RECORD_EQ, CELL_INT(number) } };
	struct record_query q = { .filters = f, .nfilters = 2,
		.sort = RECORD_BY_HANDLE };
	struct record_list l;
	bool may = false;
	int r = record_list(&x->ws->records, &c->a, schema_get(T_REVIEW_ITEM), &q,
	    &l, e);

	if (r == 0 && l.n != 0)
		r = look_may(x, &l.at[0], ACCESS_READ, 0, &may, NULL, e);
	if (r == 0 && !may)
		return (call_problem(c, 404, "there is no such row of a review",
		    "see " API_BASE "/reviews"));
	return (r != 0 ? r : may_step(x, &l.at[0], e));
}

int
program_people_decide(struct context *x, struct call *c, struct err *e)
{
	struct arena *a = &c->a;
	struct record_actor who = as_programme(c);
	struct review_decision d = { .review = c->name,
		.by = val_get_str(c->value, "by"),
		.reason = val_get_str(c->value, "reason"),
		.assignee = val_get_str(c->value, "assignee"),
		.days = val_get_int(c->value, "days", 5) };
	struct val *m = val_map(a);

	d.keep = str_is(val_get_str(c->value, "decision"), "keep");
	str_to_i64(c->item, &d.number);
	int r = may_decide(x, c, d.number, e);
	if (r == 0)
		r = review_decide(a, x->ws, &who, &d, e);
	if (r != 0)
		return (r);
	val_put(a, m, "done", val_int(a, 1));
	call_json(c, 200, m);
	return (0);
}

int
program_people_check(struct context *x, struct call *c, struct err *e)
{
	struct review_checked k;
	int r = review_check(&c->a, x->ws, x->ev, &c->who, c->name, &k, e);

	if (r != 0)
		return (r);
	call_json(c, 200, review_checked_val(&c->a, &k));
	return (0);
}
