#include "program/training.h"

#include "program/campaign.h"
#include "program/facts.h"

static const char *
text(const struct act *x, struct str s)
{
	return (arena_strndup(x->a, s.ptr != NULL ? s.ptr : "", s.len));
}

static int
number(const struct facts *f, const char *name, int64_t *ret, struct err *e)
{
	const struct fact *one;
	int r = facts_find(f, str_from(name), &one, e);

	if (r == 0 && !str_to_i64(one->value, ret))
		BUG("%s is no number", name);
	return (r);
}

int
training_rules(const struct act *x, const struct course *c,
    struct training_rules *ret, struct err *e)
{
	struct training_rules t = { 0 };
	struct facts f;
	int r = facts_read(x->a, &x->ws->records, &f, e);

	if (r == 0)
		r = number(&f, "training_days", &t.days, e);
	if (r == 0)
		r = number(&f, "training_repeat", &t.months, e);
	if (r == 0)
		r = number(&f, "training_pass", &t.pass, e);
	if (r != 0)
		return (r);
	/* A course may ask for more than the organisation does, never for less. */
	if (c->pass > t.pass)
		t.pass = c->pass;
	*ret = t;
	return (0);
}

static bool
state_is(const struct record *r, const char *state)
{
	return (str_is(record_str(r, F_TRAINING_STATE), state));
}

bool
training_overdue(const struct act *x, const struct record *r)
{
	return (state_is(r, "assigned") && act_days_until(x, record_str(r,
	    F_TRAINING_DUE_ON)) < 0);
}

struct str
training_words(const struct act *x, const struct record *r)
{
	struct str due = record_str(r, F_TRAINING_DUE_ON);
	struct str done = record_str(r, F_TRAINING_COMPLETED_ON);
	int64_t tries = record_int(r, F_TRAINING_ATTEMPTS, 0);

	if (state_is(r, "excused"))
		return (str_from(arena_printf(x->a, "excused: " STR_FMT,
		    STR_ARG(record_str(r, F_TRAINING_REASON)))));
	if (state_is(r, "complete"))
		return (str_from(arena_printf(x->a, "complete on " STR_FMT
		    " with %lld percent%s", STR_ARG(done), (long long)record_int(r,
		    F_TRAINING_SCORE, 0), str_cmp(done, due) > 0 ? ", late" : "")));
	struct str words = act_due_words(x, due);
	if (tries == 0)
		return (words);
	return (str_from(arena_printf(x->a, STR_FMT ", tried %lld time%s, last with "
	    "%lld percent", STR_ARG(words), (long long)tries, tries == 1 ? "" : "s",
	    (long long)record_int(r, F_TRAINING_SCORE, 0))));
}

/* --- assigning --------------------------------------------------------------- */

/* The assignments of one course, by person. */
struct sheet {
	struct record_list all;
	struct training_rules rules;
};

static int
read_sheet(const struct act *x, const struct course *c, struct sheet *ret,
    struct err *e)
{
	int r = training_rules(x, c, &ret->rules, e);

	return (r != 0 ? r : act_list(x, T_TRAINING, F_TRAINING_COURSE, c->code,
	    &ret->all, e));
}

/* The open one of a person, and the day of the last completion or empty. */
static const struct record *
open_of(const struct sheet *s, struct str person, struct str *last,
    size_t *count)
{
	const struct record *open = NULL;

	*last = STR("");
	*count = 0;
	for (size_t i = 0; i < s->all.n; i++) {
		const struct record *r = &s->all.at[i];
		if (!str_eq(record_str(r, F_TRAINING_PERSON), person))
			continue;
		(*count)++;
		if (state_is(r, "assigned"))
			open = r;
		/* Who was excused is asked again a year later. */
		struct str done = state_is(r, "excused") ? record_str(r,
		    F_TRAINING_DUE_ON) : record_str(r, F_TRAINING_COMPLETED_ON);
		if (str_cmp(done, *last) > 0)
			*last = done;
	}
	return (open);
}

static void
add(const struct act *x, struct act_changes *c, const struct course *course,
    struct str person, struct str due, const char *occasion,
    const struct training_rules *rules)
{
	struct val *m = act_add(x, c, T_TRAINING, STR_NULL, "person",
	    text(x, person), "course", text(x, course->code), "assigned_on",
	    text(x, act_today(x)), "due_on", text(x, due), "occasion", occasion,
	    NULL);

	val_put(x->a, m, "pass_mark", val_int(x->a, rules->pass));
}

/* Whether the person needs it now; by when, and why. */
static bool
needed(const struct act *x, const struct sheet *s, const struct record *person,
    struct str *due, const char **occasion)
{
	struct str last, start = record_str(person, F_PERSON_START_ON);
	int64_t day, today = act_day(x);
	size_t count;

	if (open_of(s, person->id, &last, &count) != NULL)
		return (false);
	if (last.len != 0 && date_parse(last, &day, NULL) == 0) {
		day = date_add_months(day, (int)s->rules.months);
		if (day - today > s->rules.days)
			return (false);
		*occasion = "yearly";
		*due = act_date(x, day);
		return (true);
	}
	if (start.len == 0 || date_parse(start, &day, NULL) != 0)
		day = today;
	/* Who was here before the course came has as long as somebody new. */
	bool joined = day + s->rules.days >= today;
	*occasion = joined ? "hire" : "other";
	*due = act_date(x, (joined ? day : today) + s->rules.days);
	return (true);
}

int
training_assign(const struct act *x, const struct course *c, size_t *ret_n,
    struct err *e)
{
	struct act_changes changes = { 0 };
	struct record_list people;
	struct sheet s;
	struct str today = act_today(x), due;
	const char *occasion;

	int r = read_sheet(x, c, &s, e);
	if (r == 0)
		r = act_list(x, T_PERSON, -1, STR_NULL, &people, e);
	if (r != 0)
		return (r);
	for (size_t i = 0; i < people.n; i++)
		if (campaign_works(&people.at[i], today) &&
		    needed(x, &s, &people.at[i], &due, &occasion))
			add(x, &changes, c, people.at[i].id, due, occasion, &s.rules);
	*ret_n = changes.all.n;
	return (act_apply(x, &changes, NULL, e));
}

int
training_assign_one(const struct act *x, const struct course *c,
    struct str person, struct str due, struct err *e)
{
	struct act_changes changes = { 0 };
	struct record *p;
	struct sheet s;
	struct str last;
	size_t count;

	int r = act_find(x, T_PERSON, person, &p, e);
	if (r == 0)
		r = read_sheet(x, c, &s, e);
	if (r != 0)
		return (r);
	if (open_of(&s, p->id, &last, &count) != NULL)
		return (err_set(e, ERR_CONFLICT, text(x, person),
		    "see: tickmark training DIR list", "the course is assigned to this "
		    "person already, and not completed"));
	/* One assignment a day: a second would be taken for the first. */
	for (size_t i = 0; i < s.all.n; i++)
		if (str_eq(record_str(&s.all.at[i], F_TRAINING_PERSON), p->id) &&
		    str_eq(record_str(&s.all.at[i], F_TRAINING_ASSIGNED_ON),
		    act_today(x)))
			return (err_set(e, ERR_CONFLICT, text(x, person),
			    "assign it again tomorrow", "the course was assigned to this "
			    "person today, and is " STR_FMT,
			    STR_ARG(training_words(x, &s.all.at[i]))));
	if (due.len == 0)
		due = act_date(x, act_day(x) + s.rules.days);
	add(x, &changes, c, p->id, due, count != 0 ? "repeat" : "other", &s.rules);
	return (act_apply(x, &changes, NULL, e));
}

int
training_open(const struct act *x, const struct course *c, struct str person,
    struct record **ret, struct err *e)
{
	struct record *p;
	struct sheet s;
	struct str last;
	size_t count;

	int r = act_find(x, T_PERSON, person, &p, e);
	if (r == 0)
		r = read_sheet(x, c, &s, e);
	if (r == 0)
		*ret = (struct record *)open_of(&s, p->id, &last, &count);
	return (r);
}

/* --- taking ------------------------------------------------------------------ */

int
training_take(const struct act *x, const struct course *c, struct str person,
    const unsigned *answers, struct training_attempt *ret, struct err *e)
{
	struct training_rules rules;
	struct record *open;
	struct str id;
	int64_t score = course_score(c, answers);

	int r = training_rules(x, c, &rules, e);
	if (r == 0)
		r = training_open(x, c, person, &open, e);
	if (r == 0 && open == NULL) {
		r = training_assign_one(x, c, person, STR_NULL, e);
		if (r == 0)
			r = training_open(x, c, person, &open, e);
	}
	if (r != 0)
		return (r);
	id = open->id;
	int64_t pass = record_int(open, F_TRAINING_PASS_MARK, rules.pass);
	struct val *m = val_map(x->a);
	val_put(x->a, m, "attempted_on", val_str(x->a, act_today(x)));
	val_put(x->a, m, "course_version", val_str(x->a, c->version));
	val_put(x->a, m, "score", val_int(x->a, score));
	val_put(x->a, m, "attempts", val_int(x->a, record_int(open,
	    F_TRAINING_ATTEMPTS, 0) + 1));
	if (score >= pass) {
		val_put(x->a, m, "state", val_text(x->a, "complete"));
		val_put(x->a, m, "completed_on", val_str(x->a, act_today(x)));
	}
	r = record_put_earned(&x->ws->records, x->a, &x->who,
	    schema_get(T_TRAINING), id, m, NULL, e);
	if (r == 0)
		r = act_find(x, T_TRAINING, id, &ret->record, e);
	if (r == 0) {
		ret->score = score;
		ret->pass = pass;
		ret->passed = score >= pass;
	}
	return (r);
}

int
training_excuse(const struct act *x, const struct course *c, struct str person,
    struct str reason, struct err *e)
{
	struct act_changes changes = { 0 };
	struct record *open;
	int r = training_open(x, c, person, &open, e);

	if (r == 0 && open == NULL)
		r = err_set(e, ERR_NOTFOUND, text(x, person),
		    "see: tickmark training DIR list", "the course is not open for "
		    "this person");
	if (r != 0)
		return (r);
	act_add(x, &changes, T_TRAINING, open->id, "state", "excused", "reason",
	    text(x, reason), NULL);
	return (act_apply(x, &changes, NULL, e));
}
