#include "api/program_policies.h"

#include <pthread.h>

#include "api/look.h"
#include "api/rows.h"
#include "program/campaign.h"
#include "program/policies.h"
#include "report/pdf.h"
#include "report/policy_doc.h"
#include "text/diff.h"

const struct shape program_policies_rows[] = {
	{ .name = "code", .what = "Its code." },
	{ .name = "title", .what = "Its title." },
	{ .name = "state", .what = "Of the policy itself." },
	{ .name = "version", .what = "Which is in force." },
	{ .name = "effective_on", .kind = SHAPE_DATE, .what = "Since when." },
	{ .name = "review_on", .kind = SHAPE_DATE, .what = "Next review." },
	{ .name = "review_due", .kind = SHAPE_BOOL, .what = "That day is past." },
	{ .name = "work_version", .what = "Which is worked on." },
	{ .name = "work_state", .what = "draft, review or approved." },
	{ .name = "asked", .kind = SHAPE_INT, .what = "Acknowledgements asked for "
	    "of the version in force." },
	{ .name = "acknowledged", .kind = SHAPE_INT, .what = "Given." },
	{ .name = "overdue", .kind = SHAPE_INT, .what = "Not given in time." },
	{ .name = "exceptions", .kind = SHAPE_INT, .what = "Approved, not over." },
	{ .name = "next", .what = "What is to be done next." },
	{ .name = NULL },
};

const struct shape program_policies_form[] = {
	{ .name = "code", .what = "Its code." },
	{ .name = "title", .what = "Its title." },
	{ .name = "state", .what = "Of the policy itself." },
	{ .name = "version", .what = "Which is in force." },
	{ .name = "effective_on", .kind = SHAPE_DATE, .what = "Since when." },
	{ .name = "review_on", .kind = SHAPE_DATE, .what = "Next review." },
	{ .name = "text", .what = "What is in force, in Markdown." },
	{ .name = NULL },
};

#define VERSION_FORM                                                           \
	{ .name = "version", .what = "Its number." },                          \
	{ .name = "state", .what = "draft, review, approved, published, "      \
	    "superseded or dropped." },                                        \
	{ .name = "author", .what = "Code of the person." },                   \
	{ .name = "reviewer", .what = "Code of the person." },                 \
	{ .name = "approver", .what = "Code of the person." },                 \
	{ .name = "approved_on", .kind = SHAPE_DATE, .what = "When." },        \
	{ .name = "effective_on", .kind = SHAPE_DATE, .what = "Since when." }, \
	{ .name = "replaced_on", .kind = SHAPE_DATE, .what = "Until when." },  \
	{ .name = "summary", .what = "What changed." }

const struct shape program_policies_version_rows[] = {
	VERSION_FORM, { .name = NULL },
};
const struct shape program_policies_version_form[] = {
	VERSION_FORM, { .name = "text", .what = "In Markdown." },
	{ .name = NULL },
};

const struct param program_policies_version_params[] = {
	{ "version", "Another than the one in force.", "{\"type\":\"string\"}",
	    false },
	{ NULL, NULL, NULL, false },
};
const struct param program_policies_diff_params[] = {
	{ "from", "The older version; the one before, without it.",
	    "{\"type\":\"string\"}", false },
	{ "to", "The newer version; the newest, without it.",
	    "{\"type\":\"string\"}", false },
	{ "template", "Against what the template says now.",
	    "{\"type\":\"boolean\",\"default\":false}", false },
	{ NULL, NULL, NULL, false },
};

const struct shape program_policies_diff_form[] = {
	{ .name = "old", .what = "What the older text is." },
	{ .name = "new", .what = "What the newer text is." },
	{ .name = "added", .kind = SHAPE_INT, .what = "Lines." },
	{ .name = "removed", .kind = SHAPE_INT, .what = "Lines." },
	{ .name = "unified", .what = "The differences, as diff -u prints them." },
	{ .name = NULL },
};

const struct shape program_policies_step_form[] = {
	{ .name = "policy", .what = "Its code." },
	{ .name = "state", .what = "Of the policy itself." },
	{ .name = "version", .what = "Version that the step was for." },
	{ .name = "version_state", .what = "Its state." },
	{ .name = NULL },
};

const struct shape program_policies_draft_body[] = {
	{ .name = "author", .kind = SHAPE_REF, .target = T_PERSON,
	    .what = "Who writes it; whoever asks, if it is left out." },
	{ .name = "owner", .kind = SHAPE_REF, .target = T_PERSON,
	    .what = "Set as owner of the policy." },
	{ .name = "text", .max = 900000, .what = "Markdown; of the template, if it "
	    "is left out." },
	{ .name = "summary", .max = 2000, .what = "What changed." },
	{ .name = "version", .max = 50, .what = "Its number; the next one, if it "
	    "is left out." },
	{ .name = "minor", .kind = SHAPE_BOOL, .what = "1.1 after 1.0." },
	{ .name = "replace", .kind = SHAPE_BOOL, .what = "The text of a draft that "
	    "is there." },
	{ .name = NULL },
};
const struct shape program_policies_review_body[] = {
	{ .name = "reviewer", .kind = SHAPE_REF, .target = T_PERSON,
	    .what = "Who has read it." },
	{ .name = NULL },
};
const struct shape program_policies_approve_body[] = {
	{ .name = "by", .kind = SHAPE_REF, .target = T_PERSON,
	    .what = "Who approves; whoever asks, if it is left out. Not the "
	    "author." },
	{ .name = NULL },
};
const struct shape program_policies_publish_body[] = {
	{ .name = "effective_on", .kind = SHAPE_DATE, .what = "First day; today, "
	    "if it is left out." },
	{ .name = "review_on", .kind = SHAPE_DATE, .what = "Next review; by the "
	    "fact policy_review, if it is left out." },
	{ .name = NULL },
};
const struct shape program_policies_except_body[] = {
	{ .name = "reason", .required = true, .max = 2000, .what = "Why." },
	{ .name = "until", .kind = SHAPE_DATE, .required = true,
	    .what = "Its last day." },
	{ .name = "by", .kind = SHAPE_REF, .target = T_PERSON,
	    .what = "Who asks for it; whoever asks, if it is left out." },
	{ .name = "compensating", .max = 2000, .what = "What lessens the harm." },
	{ .name = NULL },
};
const struct shape program_policies_code_form[] = {
	{ .name = "code", .what = "Of what was made." },
	{ .name = NULL },
};

const struct shape program_policies_ack_body[] = {
	{ .name = "policies", .kind = SHAPE_REFS, .target = T_POLICY,
	    .what = "Which; all that are open, if it is left out." },
	{ .name = "person", .kind = SHAPE_REF, .target = T_PERSON,
	    .what = "Who; whoever asks, if it is left out." },
	{ .name = "on", .kind = SHAPE_DATE, .what = "When; today, if it is left "
	    "out." },
	{ .name = NULL },
};
const struct shape program_policies_excuse_body[] = {
	{ .name = "person", .kind = SHAPE_REF, .target = T_PERSON,
	    .required = true, .what = "Who." },
	{ .name = "reason", .required = true, .max = 500, .what = "Why." },
	{ .name = NULL },
};
const struct shape program_policies_count_form[] = {
	{ .name = "done", .kind = SHAPE_INT, .what = "How many." },
	{ .name = NULL },
};

const struct shape program_policies_campaign_rows[] = {
	{ .name = "code", .what = "Its code." },
	{ .name = "title", .what = "Its title." },
	{ .name = "state", .what = "open or closed." },
	{ .name = "due_on", .kind = SHAPE_DATE, .what = "By when." },
	{ .name = "people", .kind = SHAPE_INT, .what = "Who are asked." },
	{ .name = "asked", .kind = SHAPE_INT, .what = "Acknowledgements." },
	{ .name = "acknowledged", .kind = SHAPE_INT, .what = "Given." },
	{ .name = "excused", .kind = SHAPE_INT, .what = "Excused." },
	{ .name = "overdue", .kind = SHAPE_INT, .what = "Not given in time." },
	{ .name = NULL },
};
const struct shape program_policies_campaign_body[] = {
	{ .name = "code", .max = 40, .what = "Its code; ACK-YEAR-NN, if it is left "
	    "out." },
	{ .name = "title", .max = 200, .what = "Its title." },
	{ .name = "policies", .kind = SHAPE_REFS, .target = T_POLICY,
	    .what = "Which; all that are published, if it is left out." },
	{ .name = "audience", .values = "all employees contractors",
	    .what = "Who is asked; all, if it is left out." },
	{ .name = "due_on", .kind = SHAPE_DATE, .what = "By when." },
	{ .name = "owner", .kind = SHAPE_REF, .target = T_PERSON,
	    .what = "Who runs it." },
	{ .name = NULL },
};

static struct act
act_of(struct context *x, struct call *c)
{
	return ((struct act){ .a = &c->a, .ws = x->ws, .who = c->who });
}

/* --- reading ------------------------------------------------------------------- */

/* Without the command that would do it. */
static struct str
words_of(struct str s)
{
	const char *at = s.len == 0 ? NULL : memmem(s.ptr, s.len, ": tickmark ",
	    11);

	return (at == NULL ? s : (struct str){ s.ptr, (size_t)(at - s.ptr) });
}

static int
item_row(struct context *x, struct call *c, const struct policies_item *it,
    struct val **ret, struct err *e)
{
	const struct record *p = it->policy;
	struct arena *a = &c->a;
	struct val *m = val_map(a);
	bool work = false, counts = look_all(x, T_ACKNOWLEDGEMENT),
	    exceptions = look_all(x, T_EXCEPTION);
	int r = it->work == NULL ? 0 : look_may(x, it->work, ACCESS_LIST, 0, &work,
	    NULL, e);

	if (r != 0)
		return (r);
	val_put(a, m, "code", val_str(a, record_str(p, F_POLICY_CODE)));
	val_put(a, m, "title", val_str(a, record_str(p, F_POLICY_TITLE)));
	val_put(a, m, "state", val_str(a, record_str(p, F_POLICY_STATE)));
	val_put(a, m, "version", look_text(c, record_str(p, F_POLICY_VERSION)));
	val_put(a, m, "effective_on", look_text(c, record_str(p,
	    F_POLICY_EFFECTIVE_ON)));
	val_put(a, m, "review_on", look_text(c, record_str(p,
	    F_POLICY_REVIEW_ON)));
	val_put(a, m, "review_due", val_bool(a, it->review_due));
	val_put(a, m, "work_version", work ? look_text(c, record_str(it->work,
	    F_POLICY_VERSION_VERSION)) : val_null(a));
	val_put(a, m, "work_state", work ? look_text(c, record_str(it->work,
	    F_POLICY_VERSION_STATE)) : val_null(a));
	val_put(a, m, "asked", counts ? val_int(a, (int64_t)it->asked) :
	    look_masked(c));
	val_put(a, m, "acknowledged", counts ? val_int(a,
	    (int64_t)it->acknowledged) : look_masked(c));
	val_put(a, m, "overdue", counts ? val_int(a, (int64_t)it->overdue) :
	    look_masked(c));
	val_put(a, m, "exceptions", exceptions ? val_int(a,
	    (int64_t)it->exceptions) : look_masked(c));
	val_put(a, m, "next", it->work != NULL && !work ? look_masked(c) :
	    look_text(c, words_of(it->next)));
	*ret = m;
	return (0);
}

int
program_policies_list(struct context *x, struct call *c, struct err *e)
{
	struct act act = act_of(x, c);
	struct policies_item *items;
	struct rows rows = { 0 };
	size_t n = 0;
	int r = policies_read(&act, &items, &n, e);

	for (size_t i = 0; r == 0 && i < n; i++) {
		struct val *m;
		bool may;
		r = look_may(x, items[i].policy, ACCESS_LIST, 0, &may, NULL, e);
		if (r == 0 && may)
			r = item_row(x, c, &items[i], &m, e);
		if (r == 0 && may)
			rows_add(c, &rows, record_str(items[i].policy,
			    F_POLICY_CODE), m);
	}
	return (r != 0 ? r : rows_answer(x, c, &rows, e));
}

/* The policy that the path names, if it may be read. */
static int
named(struct context *x, struct call *c, struct policies_item *ret,
    struct err *e)
{
	struct act act = act_of(x, c);
	struct record *p;
	int r = look_find(x, c, T_POLICY, c->name, ACCESS_READ, &p, e);

	return (r != 0 ? r : policies_one(&act, p->id, ret, e));
}

/* A text of a record, or that it is masked. */
static int
text_val(struct context *x, struct call *c, const struct record *r,
    size_t field, struct val **ret, struct err *e)
{
	uint64_t masked;
	bool may;
	int k = look_may(x, r, ACCESS_READ, 0, &may, &masked, e);

	*ret = k != 0 || !may || (masked >> field & 1) != 0 ? look_masked(c) :
	    look_text(c, record_str(r, field));
	return (k);
}

int
program_policies_show(struct context *x, struct call *c, struct err *e)
{
	struct arena *a = &c->a;
	struct val *m = val_map(a), *text;
	struct policies_item it;
	int r = named(x, c, &it, e);

	if (r == 0)
		r = text_val(x, c, it.policy, F_POLICY_TEXT, &text, e);
	if (r != 0)
		return (r);
	const struct record *p = it.policy;
	val_put(a, m, "code", val_str(a, record_str(p, F_POLICY_CODE)));
	val_put(a, m, "title", val_str(a, record_str(p, F_POLICY_TITLE)));
	val_put(a, m, "state", val_str(a, record_str(p, F_POLICY_STATE)));
	val_put(a, m, "version", look_text(c, record_str(p, F_POLICY_VERSION)));
	val_put(a, m, "effective_on", look_text(c, record_str(p,
	    F_POLICY_EFFECTIVE_ON)));
	val_put(a, m, "review_on", look_text(c, record_str(p,
	    F_POLICY_REVIEW_ON)));
	val_put(a, m, "text", text);
	call_json(c, 200, m);
	call_tag(c);
	return (0);
}

static struct val *
version_val(struct context *x, struct call *c, const struct record *v)
{
	struct arena *a = &c->a;
	struct val *m = val_map(a);

	val_put(a, m, "version", val_str(a, record_str(v,
	    F_POLICY_VERSION_VERSION)));
	val_put(a, m, "state", val_str(a, record_str(v,
	    F_POLICY_VERSION_STATE)));
	val_put(a, m, "author", look_handle(x, c, T_PERSON, record_str(v,
	    F_POLICY_VERSION_AUTHOR)));
	val_put(a, m, "reviewer", look_handle(x, c, T_PERSON, record_str(v,
	    F_POLICY_VERSION_REVIEWER)));
	val_put(a, m, "approver", look_handle(x, c, T_PERSON, record_str(v,
	    F_POLICY_VERSION_APPROVER)));
	val_put(a, m, "approved_on", look_text(c, record_str(v,
	    F_POLICY_VERSION_APPROVED_ON)));
	val_put(a, m, "effective_on", look_text(c, record_str(v,
	    F_POLICY_VERSION_EFFECTIVE_ON)));
	val_put(a, m, "replaced_on", look_text(c, record_str(v,
	    F_POLICY_VERSION_REPLACED_ON)));
	val_put(a, m, "summary", look_text(c, record_str(v,
	    F_POLICY_VERSION_SUMMARY)));
	return (m);
}

int
program_policies_versions(struct context *x, struct call *c, struct err *e)
{
	struct policies_item it;
	struct rows rows = { 0 };
	int r = named(x, c, &it, e);

	for (size_t i = 0; r == 0 && i < it.versions.n; i++) {
		bool may;
		r = look_may(x, &it.versions.at[i], ACCESS_LIST, 0, &may, NULL, e);
		if (r == 0 && may)
			rows_add(c, &rows, str_from(arena_printf(&c->a, "%06zu", i)),
			    version_val(x, c, &it.versions.at[i]));
	}
	return (r != 0 ? r : rows_answer(x, c, &rows, e));
}

/* A version of it that may be seen, by its number. */
static int
version_named(struct context *x, struct call *c, const struct policies_item *it,
    struct str name, struct record **ret, struct err *e)
{
	bool may = false;
	int r = policies_version(it, name, ret, NULL);

	if (r == 0)
		r = look_may(x, *ret, ACCESS_READ, 0, &may, NULL, e);
	if (r == -ERR_NOTFOUND || (r == 0 && !may))
		return (call_problem(c, 404, "the policy has no such version",
		    "see its versions"));
	return (r);
}

int
program_policies_version(struct context *x, struct call *c, struct err *e)
{
	struct policies_item it;
	struct record *v;
	struct val *text, *m;
	int r = named(x, c, &it, e);

	if (r == 0)
		r = version_named(x, c, &it, c->item, &v, e);
	if (r == 0)
		r = text_val(x, c, v, F_POLICY_VERSION_TEXT, &text, e);
	if (r != 0)
		return (r);
	m = version_val(x, c, v);
	val_put(&c->a, m, "text", text);
	call_json(c, 200, m);
	call_tag(c);
	return (0);
}

/* Texts of versions that may not be seen are not compared either. */
static int
may_compare(struct context *x, struct call *c, const struct policies_item *it,
    struct err *e)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < it->versions.n; i++) {
		uint64_t masked;
		bool may;
		r = look_may(x, &it->versions.at[i], ACCESS_READ, 0, &may, &masked,
		    e);
		if (r == 0 && (!may || (masked >> F_POLICY_VERSION_TEXT & 1) != 0))
			return (call_problem(c, 403, "the policy has versions that "
			    "are not yours to see", "read the ones that are"));
	}
	return (r);
}

int
program_policies_diff(struct context *x, struct call *c, struct err *e)
{
	struct act act = act_of(x, c);
	struct arena *a = &c->a;
	struct val *m = val_map(a);
	struct policies_item it;
	struct policies_pair pair;
	struct diff d;
	BUF_SCOPED out = BUF_INIT;
	bool template;
	int r = params_flag(&c->params, "template", &template, e);

	if (r == 0)
		r = named(x, c, &it, e);
	if (r == 0)
		r = may_compare(x, c, &it, e);
	if (r == 0)
		r = policies_pair(&act, &it, params_get(&c->params, "from"),
		    params_get(&c->params, "to"), template, &pair, e);
	if (r != 0)
		return (r);
	diff_lines(a, pair.old, pair.new, &d);
	diff_unified(&d, 3, &out);
	val_put(a, m, "old", val_text(a, pair.old_name));
	val_put(a, m, "new", val_text(a, pair.new_name));
	val_put(a, m, "added", val_int(a, (int64_t)d.added));
	val_put(a, m, "removed", val_int(a, (int64_t)d.removed));
	val_put(a, m, "unified", val_str(a, buf_str(&out)));
	call_json(c, 200, m);
	call_tag(c);
	return (0);
}

/* The libraries that read Markdown and set type serve one thread at a time. */
static pthread_mutex_t press = PTHREAD_MUTEX_INITIALIZER;

int
program_policies_pdf(struct context *x, struct call *c, struct err *e)
{
	struct act act = act_of(x, c);
	struct report_result res = { 0 };
	struct str name = params_get(&c->params, "version");
	struct policies_item it;
	struct record *v = NULL;
	struct val *text;
	struct doc *d;
	int r = named(x, c, &it, e);

	if (r == 0 && name.ptr != NULL)
		r = version_named(x, c, &it, name, &v, e);
	else if (r == 0)
		v = it.current;
	if (r == 0)
		r = text_val(x, c, v != NULL ? v : it.policy, v != NULL ?
		    F_POLICY_VERSION_TEXT : F_POLICY_TEXT, &text, e);
	/* It tells who wrote and approved it. */
	if (r == 0 && (text->type == VAL_MAP || !look_all(x, T_PERSON)))
		return (call_problem(c, 403, "the document tells of people and texts "
		    "that are not yours to see", "read the text instead"));
	if (r != 0)
		return (r);
	pthread_mutex_lock(&press);
	r = policy_doc(&act, &it, v, &d, e);
	if (r == 0)
		r = pdf_write(d, &c->out, &res, e);
	pthread_mutex_unlock(&press);
	if (r != 0)
		return (r);
	c->status = 200;
	c->media = "application/pdf";
	call_tag(c);
	return (0);
}

/* --- steps ----------------------------------------------------------------------- */

/* Before the writer: which is meant, as far as it is seen. */
int
program_policies_named(struct context *x, struct call *c, struct err *e)
{
	struct record *p;
	int r = look_named(x, &c->a, T_POLICY, c->name, &p, e);

	if (r == 0)
		c->name = p->id;
	return (r);
}

static int
named_by(struct context *x, struct call *c, const char *field, bool strict,
    struct err *e)
{
	struct str who;
	int r = program_policies_named(x, c, e);

	if (r == 0)
		r = look_self(x, c, field, strict, &who, e);
	if (r == 0)
		val_put(&c->a, c->value, field, val_str(&c->a, who));
	return (r);
}

int
program_policies_read_approve(struct context *x, struct call *c,
    struct err *e)
{
	return (named_by(x, c, "by", true, e));
}

int
program_policies_read_except(struct context *x, struct call *c, struct err *e)
{
	return (named_by(x, c, val_get(c->value, "until") != NULL ? "by" :
	    "author", false, e));
}

/* How the policy and the version of the step stand now. */
static int
answer_step(struct call *c, const struct act *act, const struct record *v,
    int status, struct err *e)
{
	struct arena *a = &c->a;
	struct val *m = val_map(a);
	struct policies_item it;
	struct record *now = NULL;
	int r = policies_one(act, c->name, &it, e);

	if (r == 0 && v != NULL)
		r = act_find(act, T_POLICY_VERSION, v->id, &now, e);
	if (r != 0)
		return (r);
	if (now == NULL)
		now = it.work;
	val_put(a, m, "policy", val_str(a, record_str(it.policy,
	    F_POLICY_CODE)));
	val_put(a, m, "state", val_str(a, record_str(it.policy,
	    F_POLICY_STATE)));
	val_put(a, m, "version", now == NULL ? val_null(a) : val_str(a,
	    record_str(now, F_POLICY_VERSION_VERSION)));
	val_put(a, m, "version_state", now == NULL ? val_null(a) : val_str(a,
	    record_str(now, F_POLICY_VERSION_STATE)));
	call_json(c, status, m);
	return (0);
}

int
program_policies_draft(struct context *x, struct call *c, struct err *e)
{
	struct act act = act_of(x, c);
	struct policies_draft d = { .author = val_get_str(c->value, "author"),
		.owner = val_get_str(c->value, "owner"),
		.text = val_get_str(c->value, "text"),
		.summary = val_get_str(c->value, "summary"),
		.version = val_get_str(c->value, "version"),
		.minor = val_get_bool(c->value, "minor", false),
		.replace = val_get_bool(c->value, "replace", false) };
	struct policies_item it;
	int r = policies_one(&act, c->name, &it, e);

	if (r == 0)
		r = policies_write(&act, &it, 1, &d, NULL, e);
	return (r != 0 ? r : answer_step(c, &act, NULL, 201, e));
}

enum step { STEP_REVIEW, STEP_BACK, STEP_APPROVE, STEP_PUBLISH, STEP_DROP };

static int
take_step(struct context *x, struct call *c, enum step step, struct err *e)
{
	struct act act = act_of(x, c);
	struct policies_item it;
	const struct record *v;
	int r = policies_one(&act, c->name, &it, e);

	if (r != 0)
		return (r);
	v = it.work;
	switch (step) {
	case STEP_REVIEW:
		r = policies_review(&act, &it, 1, val_get_str(c->value,
		    "reviewer"), e);
		break;
	case STEP_BACK:
		r = policies_back(&act, &it, 1, e);
		break;
	case STEP_APPROVE:
		r = policies_approve(&act, &it, 1, val_get_str(c->value, "by"), e);
		break;
	case STEP_PUBLISH:
		r = policies_publish(&act, &it, val_get_str(c->value,
		    "effective_on"), val_get_str(c->value, "review_on"), e);
		break;
	case STEP_DROP:
		r = policies_drop(&act, &it, e);
		break;
	}
	return (r != 0 ? r : answer_step(c, &act, v, 200, e));
}

int
program_policies_review(struct context *x, struct call *c, struct err *e)
{
	return (take_step(x, c, STEP_REVIEW, e));
}

int
program_policies_back(struct context *x, struct call *c, struct err *e)
{
	return (take_step(x, c, STEP_BACK, e));
}

int
program_policies_approve(struct context *x, struct call *c, struct err *e)
{
	return (take_step(x, c, STEP_APPROVE, e));
}

int
program_policies_publish(struct context *x, struct call *c, struct err *e)
{
	return (take_step(x, c, STEP_PUBLISH, e));
}

int
program_policies_drop(struct context *x, struct call *c, struct err *e)
{
	return (take_step(x, c, STEP_DROP, e));
}

static int
answer_code(struct call *c, struct str code)
{
	struct val *m = val_map(&c->a);

	val_put(&c->a, m, "code", val_str(&c->a, code));
	call_json(c, 201, m);
	return (0);
}

int
program_policies_except(struct context *x, struct call *c, struct err *e)
{
	struct act act = act_of(x, c);
	struct policies_exception p = {
		.reason = val_get_str(c->value, "reason"),
		.requester = val_get_str(c->value, "by"),
		.until = val_get_str(c->value, "until"),
		.compensating = val_get_str(c->value, "compensating") };
	struct policies_item it;
	struct str code;
	int r = policies_one(&act, c->name, &it, e);

	if (r == 0)
		r = policies_except(&act, &it, &p, &code, e);
	return (r != 0 ? r : answer_code(c, code));
}

/* --- acknowledgement --------------------------------------------------------------- */

int
program_policies_read_ack(struct context *x, struct call *c, struct err *e)
{
	struct str who;
	int r = look_self(x, c, "person", false, &who, e);

	if (r == 0)
		val_put(&c->a, c->value, "person", val_str(&c->a, who));
	return (r);
}

static int
answer_count(struct call *c, size_t n)
{
	struct val *m = val_map(&c->a);

	val_put(&c->a, m, "done", val_int(&c->a, (int64_t)n));
	call_json(c, 200, m);
	return (0);
}

static struct str *
strings_of(struct call *c, const char *name, size_t *ret_n)
{
	const struct val *list = val_get(c->value, name);
	size_t n = val_count(list);
	struct str *at = arena_array(&c->a, n + 1, sizeof(*at));

	for (size_t i = 0; i < n; i++)
		at[i] = list->u.list.at[i]->u.s;
	*ret_n = n;
	return (at);
}

int
program_policies_ack(struct context *x, struct call *c, struct err *e)
{
	struct act act = act_of(x, c);
	size_t n, done = 0;
	struct str *policies = strings_of(c, "policies", &n);
	int r = campaign_acknowledge(&act, val_get_str(c->value, "person"),
	    policies, n, val_get_str(c->value, "on"), &done, e);

	return (r != 0 ? r : answer_count(c, done));
}

int
program_policies_excuse(struct context *x, struct call *c, struct err *e)
{
	struct act act = act_of(x, c);
	size_t done = 0;
	int r = campaign_excuse(&act, val_get_str(c->value, "person"),
	    val_get_str(c->value, "reason"), &done, e);

	return (r != 0 ? r : answer_count(c, done));
}

int
program_policies_campaigns(struct context *x, struct call *c, struct err *e)
{
	struct act act = act_of(x, c);
	struct arena *a = &c->a;
	struct rows rows = { 0 };
	struct record_list l, asked;
	bool counts = look_all(x, T_ACKNOWLEDGEMENT);
	int r = act_list(&act, T_CAMPAIGN, -1, STR_NULL, &l, e);

	for (size_t i = 0; r == 0 && i < l.n; i++) {
		const struct record *k = &l.at[i];
		struct val *m = val_map(a), *hidden = look_masked(c);
		struct campaign_count n;
		bool may;
		r = look_may(x, k, ACCESS_LIST, 0, &may, NULL, e);
		if (r == 0 && may)
			r = campaign_rows(&act, k, &asked, &n, e);
		if (r != 0 || !may)
			continue;
		val_put(a, m, "code", val_str(a, record_str(k, F_CAMPAIGN_CODE)));
		val_put(a, m, "title", val_str(a, record_str(k,
		    F_CAMPAIGN_TITLE)));
		val_put(a, m, "state", val_str(a, record_str(k,
		    F_CAMPAIGN_STATE)));
		val_put(a, m, "due_on", look_text(c, record_str(k,
		    F_CAMPAIGN_DUE_ON)));
		val_put(a, m, "people", counts ? val_int(a, (int64_t)n.people) :
		    hidden);
		val_put(a, m, "asked", counts ? val_int(a, (int64_t)n.asked) :
		    hidden);
		val_put(a, m, "acknowledged", counts ? val_int(a,
		    (int64_t)n.acknowledged) : hidden);
		val_put(a, m, "excused", counts ? val_int(a, (int64_t)n.excused) :
		    hidden);
		val_put(a, m, "overdue", counts ? val_int(a, (int64_t)n.overdue) :
		    hidden);
		rows_add(c, &rows, record_str(k, F_CAMPAIGN_CODE), m);
	}
	return (r != 0 ? r : rows_answer(x, c, &rows, e));
}

int
program_policies_campaign_new(struct context *x, struct call *c, struct err *e)
{
	struct act act = act_of(x, c);
	struct campaign_spec spec = { .code = val_get_str(c->value, "code"),
		.title = val_get_str(c->value, "title"),
		.audience = val_get_str(c->value, "audience"),
		.due_on = val_get_str(c->value, "due_on"),
		.owner = val_get_str(c->value, "owner") };
	struct campaign_count n;
	struct record *k;

	spec.policies = strings_of(c, "policies", &spec.npolicies);
	int r = campaign_open(&act, &spec, &k, &n, e);
	return (r != 0 ? r : answer_code(c, record_str(k, F_CAMPAIGN_CODE)));
}

int
program_policies_campaign_named(struct context *x, struct call *c,
    struct err *e)
{
	struct record *k;
	int r = look_named(x, &c->a, T_CAMPAIGN, c->name, &k, e);

	if (r == 0)
		c->name = k->id;
	return (r);
}

int
program_policies_campaign_refresh(struct context *x, struct call *c,
    struct err *e)
{
	struct act act = act_of(x, c);
	struct record *k;
	size_t added = 0;
	int r = act_find(&act, T_CAMPAIGN, c->name, &k, e);

	if (r == 0)
		r = campaign_refresh(&act, k, &added, e);
	return (r != 0 ? r : answer_count(c, added));
}

int
program_policies_campaign_close(struct context *x, struct call *c,
    struct err *e)
{
	struct act act = act_of(x, c);
	struct record *k;
	int r = act_find(&act, T_CAMPAIGN, c->name, &k, e);

	if (r == 0)
		r = campaign_close(&act, k, e);
	return (r != 0 ? r : answer_count(c, 1));
}
