#include "api/program_registers.h"

#include "api/look.h"
#include "api/rows.h"
#include "program/incidents.h"
#include "program/risks.h"
#include "program/said.h"
#include "program/vendors.h"
#include "record/workspace.h"
#include "text/timefmt.h"

const struct param program_registers_closed[] = {
	{ "closed", "Those that are closed or ended, too.",
	    "{\"type\":\"boolean\",\"default\":false}", false },
	{ NULL, NULL, NULL, false },
};

const struct param program_registers_vendor_params[] = {
	{ "closed", "Those that are ended, too.",
	    "{\"type\":\"boolean\",\"default\":false}", false },
	{ "period", "Our period A..B, two inclusive days. Without it: that of the "
	    "engagement under way, or the last year.", "{\"type\":\"string\"}",
	    false },
	{ NULL, NULL, NULL, false },
};

/* The words of a text, the number of an int, the handle of a reference; of a
 * field that whoever asks does not see, what stands for it. */
static struct val *
cell(struct context *x, struct call *c, const struct record *r, size_t field)
{
	const struct cell *v = &r->cells[field];

	if (v->state == CELL_MASKED)
		return (look_masked(c));
	if (v->state != CELL_VALUE)
		return (val_null(&c->a));
	return (look_text(c, record_text(x->store, &c->a, r, field)));
}

static int64_t
now_of(struct context *x)
{
	return (said_now(x->store));
}

static struct val *
day_val(struct call *c, int64_t day)
{
	char s[DATE_SIZE];

	return (day < 0 || day == INT64_MAX ? val_null(&c->a) :
	    val_text(&c->a, date_print(day, s)));
}

/* The place in a list that is in order already. */
static struct str
place(struct call *c, size_t i)
{
	return (str_from(arena_printf(&c->a, "%08zu", i)));
}

/* --- risks ------------------------------------------------------------------- */

const struct shape program_registers_risk_rows[] = {
	{ .name = "id", .what = "Id of the record." },
	{ .name = "code", .what = "Its code." },
	{ .name = "statement", .what = "What could happen." },
	{ .name = "category", .what = "What it is about." },
	{ .name = "state", .what = "Of the record." },
	{ .name = "owner", .what = "Code of who answers for it." },
	{ .name = "inherent_score", .kind = SHAPE_INT, .what = "Likelihood times "
	    "impact without controls; null: not rated." },
	{ .name = "residual_score", .kind = SHAPE_INT, .what = "With them." },
	{ .name = "needs", .what = "What needs somebody; null: nothing." },
	{ .name = "since", .kind = SHAPE_DATE, .what = "From which day on." },
	{ .name = NULL },
};

const struct shape program_registers_matrix_rows[] = {
	{ .name = "likelihood", .kind = SHAPE_INT, .what = "From 1 to 5." },
	{ .name = "impact", .kind = SHAPE_INT, .what = "From 1 to 5." },
	{ .name = "inherent", .kind = SHAPE_INT, .what = "How many risks that are "
	    "not closed, before the controls." },
	{ .name = "residual", .kind = SHAPE_INT, .what = "And with them." },
	{ .name = NULL },
};

static int
read_risks(struct context *x, struct call *c, struct risks *ret, struct err *e)
{
	bool closed;
	int r = params_flag(&c->params, "closed", &closed, e);

	return (r != 0 ? r : risks_read(x->store, &c->a, zone_day(x->ws->zone,
	    now_of(x)), closed, ret, e));
}

static struct val *
score(struct call *c, int n)
{
	return (n == 0 ? val_null(&c->a) : val_int(&c->a, n));
}

int
program_registers_risks(struct context *x, struct call *c, struct err *e)
{
	struct rows rows = { 0 };
	struct risks all;
	int r = read_risks(x, c, &all, e);

	for (size_t i = 0; r == 0 && i < all.n; i++) {
		const struct risks_line *l = &all.at[i];
		struct val *m = val_map(&c->a);
		val_put(&c->a, m, "id", val_str(&c->a, l->risk->id));
		val_put(&c->a, m, "code", cell(x, c, l->risk, F_RISK_CODE));
		val_put(&c->a, m, "statement", cell(x, c, l->risk,
		    F_RISK_STATEMENT));
		val_put(&c->a, m, "category", cell(x, c, l->risk,
		    F_RISK_CATEGORY));
		val_put(&c->a, m, "state", cell(x, c, l->risk, F_RISK_STATE));
		val_put(&c->a, m, "owner", cell(x, c, l->risk, F_RISK_OWNER));
		val_put(&c->a, m, "inherent_score", score(c, l->inherent));
		val_put(&c->a, m, "residual_score", score(c, l->residual));
		val_put(&c->a, m, "needs", look_text(c, str_from(
		    risks_need_words(l->need))));
		val_put(&c->a, m, "since", day_val(c, l->since));
		rows_add(c, &rows, place(c, i), m);
	}
	return (r != 0 ? r : rows_answer(x, c, &rows, e));
}

int
program_registers_matrix(struct context *x, struct call *c, struct err *e)
{
	struct rows rows = { 0 };
	struct risks all;
	int r = risks_read(x->store, &c->a, zone_day(x->ws->zone, now_of(x)),
	    false, &all, e);

	for (int l = RISKS_SCALE; r == 0 && l >= 1; l--)
		for (int i = 1; i <= RISKS_SCALE; i++) {
			struct val *m = val_map(&c->a);
			val_put(&c->a, m, "likelihood", val_int(&c->a, l));
			val_put(&c->a, m, "impact", val_int(&c->a, i));
			val_put(&c->a, m, "inherent", val_int(&c->a,
			    (int64_t)all.inherent[l - 1][i - 1]));
			val_put(&c->a, m, "residual", val_int(&c->a,
			    (int64_t)all.residual[l - 1][i - 1]));
			rows_add(c, &rows, place(c, (size_t)((RISKS_SCALE - l) *
			    RISKS_SCALE + i)), m);
		}
	return (r != 0 ? r : rows_answer(x, c, &rows, e));
}

/* --- vendors ----------------------------------------------------------------- */

const struct shape program_registers_vendor_rows[] = {
	{ .name = "id", .what = "Id of the record." },
	{ .name = "vendor", .what = "Its name." },
	{ .name = "tier", .what = "Harm to us if it fails." },
	{ .name = "state", .what = "Of the record." },
	{ .name = "report_needed", .kind = SHAPE_BOOL, .what = "A subservice "
	    "organisation, or of tier high or critical." },
	{ .name = "first_day", .kind = SHAPE_DATE, .what = "Of our period." },
	{ .name = "last_day", .kind = SHAPE_DATE, .what = "Of our period." },
	{ .name = "days_by_report", .kind = SHAPE_INT, .what = "Days of it that a "
	    "reviewed report covers." },
	{ .name = "days_by_letter", .kind = SHAPE_INT, .what = "Days that only a "
	    "bridge letter covers." },
	{ .name = "days_open", .kind = SHAPE_INT, .what = "Days that nobody "
	    "vouches for." },
	{ .name = "gaps", .kind = SHAPE_TEXTS, .what = "Those days, as A..B." },
	{ .name = "cuecs", .kind = SHAPE_INT, .what = "Controls that its newest "
	    "report expects of us." },
	{ .name = "cuecs_open", .kind = SHAPE_INT, .what = "Neither mapped nor "
	    "said not to concern us." },
	{ .name = "next_on", .kind = SHAPE_DATE, .what = "Day by which it is "
	    "looked at again." },
	{ .name = "late", .kind = SHAPE_BOOL, .what = "That day has passed, or it "
	    "was never looked at and has to be." },
	{ .name = NULL },
};

static int
period_wanted(struct context *x, struct call *c, int64_t day, int64_t *first,
    int64_t *last, struct err *e)
{
	struct str s = params_get(&c->params, "period");
	struct period p;

	if (s.ptr == NULL)
		return (vendors_period(x->store, &c->a, day, first, last, e));
	if (period_parse(x->ws->zone, s, &p, NULL) != 0)
		return (call_problem(c, 400, "period is no period", "write "
		    "2026-01-01..2026-12-31"));
	*first = p.first_day;
	*last = p.last_day;
	return (0);
}

static struct val *
gaps_val(struct call *c, const struct vendors_line *l)
{
	struct val *list = val_list(&c->a);
	char from[DATE_SIZE], to[DATE_SIZE];

	for (size_t i = 0; i < l->gaps.n; i++)
		val_push(&c->a, list, val_text(&c->a, arena_printf(&c->a, "%s..%s",
		    date_print(l->gaps.at[i].first, from),
		    date_print(l->gaps.at[i].last, to))));
	return (list);
}

static struct val *
vendor_val(struct context *x, struct call *c, const struct vendors *all,
    const struct vendors_line *l)
{
	struct arena *a = &c->a;
	struct val *m = val_map(a);

	val_put(a, m, "id", val_str(a, l->vendor->id));
	val_put(a, m, "vendor", cell(x, c, l->vendor, F_VENDOR_NAME));
	val_put(a, m, "tier", cell(x, c, l->vendor, F_VENDOR_TIER));
	val_put(a, m, "state", cell(x, c, l->vendor, F_VENDOR_STATE));
	val_put(a, m, "report_needed", val_bool(a, l->needed));
	val_put(a, m, "first_day", day_val(c, all->first));
	val_put(a, m, "last_day", day_val(c, all->last));
	val_put(a, m, "days_by_report", val_int(a, l->by_report));
	val_put(a, m, "days_by_letter", val_int(a, l->by_letter));
	val_put(a, m, "days_open", val_int(a, l->open));
	val_put(a, m, "gaps", gaps_val(c, l));
	val_put(a, m, "cuecs", val_int(a, (int64_t)l->cuecs));
	val_put(a, m, "cuecs_open", val_int(a, (int64_t)l->cuecs_open));
	val_put(a, m, "next_on", day_val(c, l->next_on));
	val_put(a, m, "late", val_bool(a, l->late));
	return (m);
}

int
program_registers_vendors(struct context *x, struct call *c, struct err *e)
{
	int64_t first = 0, last = 0, day = zone_day(x->ws->zone, now_of(x));
	struct rows rows = { 0 };
	struct vendors all;
	bool closed;
	int r = params_flag(&c->params, "closed", &closed, e);

	if (r == 0)
		r = period_wanted(x, c, day, &first, &last, e);
	if (r == 0)
		r = vendors_read(x->store, &c->a, first, last, day, closed, &all,
		    e);
	for (size_t i = 0; r == 0 && i < all.n; i++)
		rows_add(c, &rows, place(c, i), vendor_val(x, c, &all,
		    &all.at[i]));
	return (r != 0 ? r : rows_answer(x, c, &rows, e));
}

/* --- incidents --------------------------------------------------------------- */

const struct shape program_registers_incident_rows[] = {
	{ .name = "id", .what = "Id of the record." },
	{ .name = "code", .what = "Its code." },
	{ .name = "title", .what = "What happened." },
	{ .name = "severity", .what = "How bad it is." },
	{ .name = "state", .what = "Of the record." },
	{ .name = "detected_at", .kind = SHAPE_TIME, .what = "Its clocks start "
	    "here." },
	{ .name = "closed_at", .kind = SHAPE_TIME, .what = "When it was closed." },
	{ .name = "triage_due_at", .kind = SHAPE_TIME, .what = "By the deadline "
	    "of its severity; null: none is declared." },
	{ .name = "triage", .what = "running, late, in time, was late." },
	{ .name = "breach_undecided", .kind = SHAPE_BOOL, .what = "It touches "
	    "personal data, and nobody said whether it is a breach." },
	{ .name = "notices", .kind = SHAPE_INT, .what = "Notices of the breach." },
	{ .name = "notices_open", .kind = SHAPE_INT, .what = "Not sent yet." },
	{ .name = "notice_due_at", .kind = SHAPE_TIME, .what = "The next." },
	{ .name = "notice", .what = "The worst of their clocks." },
	{ .name = NULL },
};

const struct shape program_registers_moment_rows[] = {
	{ .name = "at", .kind = SHAPE_TIME, .what = "When." },
	{ .name = "what", .what = "A stage of the incident, the kind of an event, "
	    "or of a notice." },
	{ .name = "text", .what = "What was noted." },
	{ .name = "person", .what = "Code of who did or saw it." },
	{ .name = NULL },
};

static struct val *
incident_val(struct context *x, struct call *c, const struct incidents_line *l)
{
	struct arena *a = &c->a;
	struct val *m = val_map(a);

	val_put(a, m, "id", val_str(a, l->incident->id));
	val_put(a, m, "code", cell(x, c, l->incident, F_INCIDENT_CODE));
	val_put(a, m, "title", cell(x, c, l->incident, F_INCIDENT_TITLE));
	val_put(a, m, "severity", cell(x, c, l->incident, F_INCIDENT_SEVERITY));
	val_put(a, m, "state", cell(x, c, l->incident, F_INCIDENT_STATE));
	val_put(a, m, "detected_at", look_time(c, l->detected));
	val_put(a, m, "closed_at", look_time(c, l->closed));
	val_put(a, m, "triage_due_at", look_time(c, l->triage_due));
	val_put(a, m, "triage", look_text(c, str_from(
	    incidents_clock_word(l->triage))));
	val_put(a, m, "breach_undecided", val_bool(a, l->undecided));
	val_put(a, m, "notices", val_int(a, (int64_t)l->notices));
	val_put(a, m, "notices_open", val_int(a, (int64_t)l->notices_open));
	val_put(a, m, "notice_due_at", look_time(c, l->notice_due));
	val_put(a, m, "notice", look_text(c, str_from(
	    incidents_clock_word(l->notice))));
	return (m);
}

int
program_registers_incidents(struct context *x, struct call *c, struct err *e)
{
	struct rows rows = { 0 };
	struct incidents all;
	bool closed;
	int r = params_flag(&c->params, "closed", &closed, e);

	if (r == 0)
		r = incidents_read(x->store, &c->a, now_of(x), closed, &all, e);
	for (size_t i = 0; r == 0 && i < all.n; i++)
		rows_add(c, &rows, place(c, i), incident_val(x, c, &all.at[i]));
	return (r != 0 ? r : rows_answer(x, c, &rows, e));
}

int
program_registers_timeline(struct context *x, struct call *c, struct err *e)
{
	struct rows rows = { 0 };
	struct incidents_moments all;
	struct record *incident;
	int r = record_find(x->store, &c->a, schema_get(T_INCIDENT), c->name,
	    &incident, e);

	if (r == 0)
		r = incidents_timeline(x->store, &c->a, incident, &all, e);
	for (size_t i = 0; r == 0 && i < all.n; i++) {
		struct val *m = val_map(&c->a);
		val_put(&c->a, m, "at", look_time(c, all.at[i].at));
		val_put(&c->a, m, "what", val_text(&c->a, all.at[i].what));
		val_put(&c->a, m, "text", look_text(c, all.at[i].text));
		val_put(&c->a, m, "person", look_handle(x, c, T_PERSON,
		    all.at[i].person));
		rows_add(c, &rows, place(c, i), m);
	}
	return (r != 0 ? r : rows_answer(x, c, &rows, e));
}
