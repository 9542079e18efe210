/* The answers of the gap analysis, and what follows from them. */
#include "program/gap.h"

#include "base/map.h"
#include "schema/kind.h"
#include "text/yaml.h"

#define BY_SCOPE "None of its criteria belongs to the categories that are examined."

static const char *
text(const struct act *x, struct str s)
{
	return (arena_strndup(x->a, s.ptr != NULL ? s.ptr : "", s.len));
}

int
gap_read(const struct act *x, struct gap_book *ret, struct err *e)
{
	struct gap_book b = { 0 };
	struct record_list l;
	int r = questionnaire_read(x->a, &b.questions, e);

	if (r == 0)
		r = facts_read(x->a, &x->ws->records, &b.facts, e);
	if (r == 0)
		r = act_list(x, T_GAP_ANSWER, -1, STR_NULL, &l, e);
	if (r != 0)
		return (r);
	b.answer = arena_array(x->a, b.questions.n + 1, sizeof(*b.answer));
	for (size_t i = 0; i < l.n; i++) {
		const struct question *q = questionnaire_find(&b.questions,
		    record_str(&l.at[i], F_GAP_ANSWER_CODE));
		/* One that cannot be read is asked anew. */
		if (q != NULL && questionnaire_check(x->a, q, &b.facts, record_str(
		    &l.at[i], F_GAP_ANSWER_VALUE), &b.answer[q - b.questions.at],
		    NULL) != 0)
			b.answer[q - b.questions.at] = STR_NULL;
	}
	*ret = b;
	return (0);
}

static bool
asked(const struct questionnaire *q, const struct str *answer, size_t i)
{
	const struct question *k = &q->at[i];

	if (k->when.len == 0)
		return (true);
	const struct question *p = questionnaire_find(q, k->when);
	size_t at = (size_t)(p - q->at);
	return (asked(q, answer, at) &&
	    questionnaire_says(p, answer[at], k->equals));
}

bool
gap_asked(const struct gap_book *b, size_t i)
{
	return (asked(&b->questions, b->answer, i));
}

size_t
gap_unanswered(const struct gap_book *b)
{
	size_t n = 0;

	for (size_t i = 0; i < b->questions.n; i++)
		n += gap_asked(b, i) && !b->questions.at[i].optional &&
		    b->answer[i].len == 0;
	return (n);
}

int
gap_answers_parse(struct arena *a, const struct gap_book *b, const char *name,
    struct str file, struct str **ret, struct err *e)
{
	struct val *v;
	int r = yaml_parse(a, name, file, &v, e);

	if (r != 0)
		return (r);
	if (v->type != VAL_MAP)
		return (err_set(e, ERR_INPUT, name, "write lines such as "
		    "own_software: yes", "this is not a map of questions to answers"));
	struct str *got = arena_array(a, b->questions.n + 1, sizeof(*got));
	for (size_t i = 0; i < v->u.map.n; i++) {
		const struct question *q = questionnaire_find(&b->questions,
		    v->u.map.key[i]);
		const struct val *x = v->u.map.at[i];
		BUF_SCOPED many = BUF_INIT;
		struct str s = STR("");
		if (q == NULL)
			return (err_set(e, ERR_INPUT, arena_printf(a, "%s:%d", name,
			    x->line), "see them: tickmark gap DIR questions",
			    "there is no question \"" STR_FMT "\"",
			    STR_ARG(v->u.map.key[i])));
		for (size_t k = 0; x->type == VAL_LIST && k < x->u.list.n; k++)
			if (x->u.list.at[k]->type == VAL_STR)
				buf_printf(&many, "%s" STR_FMT, k ? ", " : "",
				    STR_ARG(x->u.list.at[k]->u.s));
		if (x->type == VAL_NULL)
			continue;
		if (x->type == VAL_STR)
			s = x->u.s;
		else if (x->type == VAL_INT)
			s = val_fmt(a, "%lld", (long long)x->u.i)->u.s;
		else if (x->type == VAL_BOOL)
			s = x->u.b ? STR("yes") : STR("no");
		else if (x->type == VAL_LIST)
			s = x->u.list.n == 0 ? STR("none") : buf_str(&many);
		r = questionnaire_check(a, q, &b->facts, s,
		    &got[q - b->questions.at], e);
		if (r != 0) {
			err_at(e, "%s:%d: " STR_FMT, name, x->line, STR_ARG(q->name));
			return (r);
		}
	}
	*ret = got;
	return (0);
}

/* --- what follows ------------------------------------------------------------------ */

struct work {
	const struct act *x;
	const struct gap_book *b;
	const struct str *now; /* answers as they will be */
	struct act_changes changes;
	struct map fields;     /* "TYPE/CODE" to the fields of its change */
	VEC(struct gap_change) said;
};

static void say(struct work *w, bool kept, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

static void
say(struct work *w, bool kept, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	struct gap_change c = { str_from(arena_vprintf(w->x->a, fmt, ap)), kept };
	va_end(ap);
	vec_push(&w->said, c);
}

/* The fields of the one change of a record. */
static struct val *
change_of(struct work *w, unsigned type, struct str code)
{
	char *key = arena_printf(w->x->a, "%u/" STR_FMT, type, STR_ARG(code));
	struct val *m = map_get(&w->fields, str_from(key));

	if (m == NULL) {
		m = act_add(w->x, &w->changes, type, code, NULL);
		map_put(&w->fields, str_from(key), m);
	}
	return (m);
}

/* The effect holds by these answers. */
static bool
holds(const struct work *w, const struct str *answer, size_t q,
    const struct question_effect *f)
{
	const struct questionnaire *all = &w->b->questions;

	return (asked(all, answer, q) && answer[q].len != 0 &&
	    questionnaire_says(&all->at[q], answer[q], f->answer));
}

/* The lists of codes that an effect may have. */
static const struct val *
dropped(const struct question_effect *f)
{
	return (f->drop);
}

static const struct val *
policies_of(const struct question_effect *f)
{
	return (f->policies);
}

/* Some effect that holds by the new answers has the code in that list. */
static bool
in_effect(const struct work *w, const struct val *(*list)(
    const struct question_effect *), struct str code)
{
	const struct questionnaire *all = &w->b->questions;

	for (size_t i = 0; i < all->n; i++)
		for (size_t k = 0; k < all->at[i].neffects; k++) {
			const struct question_effect *f = &all->at[i].effects[k];
			const struct val *codes = list(f);
			if (!holds(w, w->now, i, f))
				continue;
			for (size_t c = 0; c < val_count(codes); c++)
				if (str_eq(codes->u.list.at[c]->u.s, code))
					return (true);
		}
	return (false);
}

static int
drop(struct work *w, const struct question_effect *f, struct str code, bool on,
    struct err *e)
{
	struct record *k;
	int r = act_find(w->x, T_CONTROL, code, &k, e);

	if (r != 0)
		return (r);
	struct str why = record_str(k, F_CONTROL_NOT_APPLICABLE);
	struct str state = record_str(k, F_CONTROL_STATE);
	if (on && !str_is(state, "draft") && !str_is(state, "designed")) {
		say(w, true, STR_FMT " stays, since it is " STR_FMT "; your answer "
		    "would leave it out", STR_ARG(code), STR_ARG(state));
	} else if (on && why.len == 0) {
		val_put(w->x->a, change_of(w, T_CONTROL, code), "not_applicable",
		    val_str(w->x->a, f->reason));
		say(w, false, STR_FMT " is not applicable: " STR_FMT, STR_ARG(code),
		    STR_ARG(f->reason));
	} else if (!on && why.len != 0 && !in_effect(w, dropped, code)) {
		bool ours = str_eq(why, f->reason);
		if (ours)
			val_put(w->x->a, change_of(w, T_CONTROL, code),
			    "not_applicable", val_null(w->x->a));
		say(w, !ours, ours ? STR_FMT " is applicable again" : STR_FMT
		    " stays out, for the reason that was written by hand",
		    STR_ARG(code));
	}
	return (0);
}

static int
adopt(struct work *w, struct str code, struct err *e)
{
	struct record *k;
	int r = act_find(w->x, T_CONTROL, code, &k, e);

	if (r == 0 && str_is(record_str(k, F_CONTROL_STATE), "draft") &&
	    record_str(k, F_CONTROL_NOT_APPLICABLE).len == 0) {
		val_put(w->x->a, change_of(w, T_CONTROL, code), "state",
		    val_text(w->x->a, "designed"));
		say(w, false, STR_FMT " is designed: you do it already",
		    STR_ARG(code));
	}
	return (r);
}

static int
set_fact(struct work *w, struct str name, struct str value, struct err *e)
{
	const struct fact *f;
	struct record_change ch;
	struct str kept;
	int r = facts_find(&w->b->facts, name, &f, e);

	if (r == 0)
		r = facts_check(w->x->a, f, value, &kept, e);
	if (r != 0 || (f->recorded && str_eq(kept, f->value)))
		return (r);
	if (f->recorded && !f->by_gap) {
		say(w, true, "the fact " STR_FMT " stays \"" STR_FMT "\", as you set it",
		    STR_ARG(name), STR_ARG(f->value));
		return (0);
	}
	r = facts_change(w->x->a, f, value, true, &ch, e);
	if (r == 0) {
		vec_push(&w->changes.all, ch);
		say(w, false, "fact " STR_FMT ": " STR_FMT, STR_ARG(name),
		    STR_ARG(kept));
	}
	return (r);
}

static int
apply_effect(struct work *w, size_t q, const struct question_effect *f,
    struct err *e)
{
	bool was = holds(w, w->b->answer, q, f), now = holds(w, w->now, q, f);
	int r = 0;

	if (was == now)
		return (0);
	for (size_t i = 0; r == 0 && i < val_count(f->drop); i++)
		r = drop(w, f, f->drop->u.list.at[i]->u.s, now, e);
	for (size_t i = 0; r == 0 && now && i < val_count(f->adopt); i++)
		r = adopt(w, f->adopt->u.list.at[i]->u.s, e);
	for (size_t i = 0; r == 0 && now && i < val_count(f->facts); i++)
		r = set_fact(w, f->facts->u.map.key[i], f->facts->u.map.at[i]->u.s, e);
	return (r);
}

/* --- the system, its categories, the policies ------------------------------------------ */

static const char *const categories[] = { "security", "availability",
	"confidentiality", "processing_integrity", "privacy" };
#define NCATEGORIES 5

/* The categories by these answers, as bits; security always. */
static unsigned
wanted(const struct work *w, const struct str *answer)
{
	const struct questionnaire *all = &w->b->questions;
	unsigned bits = 1;

	for (size_t i = 0; i < all->n; i++)
		for (size_t k = 0; k < all->at[i].neffects; k++)
			for (unsigned c = 1; c < NCATEGORIES; c++)
				if (str_is(all->at[i].effects[k].category, categories[c]) &&
				    holds(w, answer, i, &all->at[i].effects[k]))
					bits |= 1u << c;
	return (bits);
}

static unsigned
bits_of(const struct act *x, const struct record *sys)
{
	struct str *items;
	size_t n = kind_items(x->a, &sys->type->fields[F_SYSTEM_CATEGORIES],
	    &sys->cells[F_SYSTEM_CATEGORIES], &items);
	unsigned bits = 0;

	for (size_t i = 0; i < n; i++)
		for (unsigned c = 0; c < NCATEGORIES; c++)
			if (str_is(items[i], categories[c]))
				bits |= 1u << c;
	return (bits);
}

static struct val *
list_of(const struct act *x, unsigned bits, const char **words)
{
	struct val *list = val_list(x->a);
	BUF_SCOPED b = BUF_INIT;

	for (unsigned c = 0; c < NCATEGORIES; c++)
		if (bits & (1u << c)) {
			val_push(x->a, list, val_text(x->a, categories[c]));
			buf_printf(&b, "%s%s", b.len ? ", " : "", categories[c]);
		}
	*words = arena_strdup(x->a, b.ptr);
	return (list);
}

/* The system that is meant: one of the name that was answered, else any. */
static int
find_system(struct work *w, struct str name, struct record **ret, struct err *e)
{
	struct record_list l;
	int r = act_list(w->x, T_SYSTEM, -1, STR_NULL, &l, e);

	*ret = NULL;
	for (size_t i = 0; r == 0 && i < l.n; i++) {
		if (str_is(record_str(&l.at[i], F_SYSTEM_STATE), "retired"))
			continue;
		if (*ret == NULL || str_eq(record_str(&l.at[i], F_SYSTEM_NAME), name))
			*ret = &l.at[i];
	}
	return (r);
}

static int
apply_system(struct work *w, unsigned *ret_bits, struct err *e)
{
	const struct questionnaire *all = &w->b->questions;
	unsigned now = wanted(w, w->now), was = wanted(w, w->b->answer), have;
	struct str name = STR(""), old = STR("");
	struct arena *a = w->x->a;
	struct record *sys;
	const char *words;

	for (size_t i = 0; i < all->n; i++)
		if (all->at[i].names_system) {
			name = w->now[i];
			old = w->b->answer[i];
		}
	int r = find_system(w, old, &sys, e);
	struct val *list = list_of(w->x, now, &words);
	*ret_bits = sys != NULL ? bits_of(w->x, sys) : 0;
	if (r != 0 || (sys == NULL && name.len == 0))
		return (r);
	if (sys == NULL) {
		struct val *m = act_add(w->x, &w->changes, T_SYSTEM, STR_NULL, "name",
		    text(w->x, name), NULL);
		val_put(a, m, "categories", list);
		say(w, false, "system " STR_FMT ", examined for %s", STR_ARG(name),
		    words);
		*ret_bits = now;
		return (0);
	}
	have = *ret_bits;
	struct str called = record_str(sys, F_SYSTEM_NAME);
	if (!str_eq(name, old) && name.len != 0 && !str_eq(name, called)) {
		bool ours = str_eq(called, old);
		if (ours)
			val_put(a, change_of(w, T_SYSTEM, called), "name",
			    val_str(a, name));
		say(w, !ours, ours ? "the system is now called " STR_FMT :
		    "the system keeps its name; your answer is " STR_FMT,
		    STR_ARG(name));
	}
	if (now == was || now == have)
		return (0);
	if (have != was) {
		say(w, true, "system " STR_FMT " keeps its categories, as you set "
		    "them; your answers say %s", STR_ARG(called), words);
		return (0);
	}
	val_put(a, change_of(w, T_SYSTEM, called), "categories", list);
	say(w, false, "system " STR_FMT " is examined for %s", STR_ARG(called),
	    words);
	*ret_bits = now;
	return (0);
}

/* Some criterion of the policy belongs to what is examined. */
static bool
in_scope(const struct work *w, const struct record *policy, unsigned bits)
{
	struct str refs = record_text(&w->x->ws->records, w->x->a, policy,
	    F_POLICY_CRITERIA), one;
	bool any = false;

	while (refs.len != 0 && str_split(&refs, ';', &one)) {
		struct record *c;
		if (act_find(w->x, T_CRITERION, str_trim(one), &c, NULL) != 0)
			continue;
		struct str cat = record_str(c, F_CRITERION_CATEGORY);
		any = true;
		if (str_is(cat, "common"))
			return (true);
		for (unsigned k = 1; k < NCATEGORIES; k++)
			if (str_is(cat, categories[k]) && (bits & (1u << k)) != 0)
				return (true);
	}
	return (!any);
}

static int
apply_policies(struct work *w, unsigned bits, struct err *e)
{
	struct record_list l;
	BUF_SCOPED out = BUF_INIT;
	int r = act_list(w->x, T_POLICY, -1, STR_NULL, &l, e);

	for (size_t i = 0; r == 0 && i < l.n; i++) {
		const struct record *p = &l.at[i];
		struct str code = record_str(p, F_POLICY_CODE);
		struct str why = record_str(p, F_POLICY_NOT_APPLICABLE);
		/* Some are needed whatever is examined. */
		bool need = in_scope(w, p, bits) || in_effect(w, policies_of, code);
		if (!str_is(record_str(p, F_POLICY_STATE), "draft") ||
		    record_str(p, F_POLICY_TEXT).len != 0)
			continue;
		if (!need && why.len == 0) {
			val_put(w->x->a, change_of(w, T_POLICY, code),
			    "not_applicable", val_text(w->x->a, BY_SCOPE));
			buf_printf(&out, "%s" STR_FMT, out.len ? ", " : "", STR_ARG(code));
		} else if (need && str_is(why, BY_SCOPE)) {
			val_put(w->x->a, change_of(w, T_POLICY, code),
			    "not_applicable", val_null(w->x->a));
			say(w, false, "policy " STR_FMT " is needed", STR_ARG(code));
		}
	}
	if (out.len != 0)
		say(w, false, "not needed for these categories: %s", out.ptr);
	return (r);
}

static int
apply_all(struct work *w, struct err *e)
{
	const struct questionnaire *all = &w->b->questions;
	unsigned bits;
	bool policies = wanted(w, w->b->answer) != wanted(w, w->now);
	int r = 0;

	for (size_t i = 0; r == 0 && i < all->n; i++) {
		const struct question *q = &all->at[i];
		policies |= q->names_system && w->b->answer[i].len == 0 &&
		    w->now[i].len != 0;
		if (!str_eq(w->now[i], w->b->answer[i]) && q->fact.len != 0 &&
		    asked(all, w->now, i))
			r = set_fact(w, q->fact, w->now[i], e);
		for (size_t k = 0; r == 0 && k < q->neffects; k++) {
			policies |= q->effects[k].policies != NULL &&
			    !str_eq(w->now[i], w->b->answer[i]);
			r = apply_effect(w, i, &q->effects[k], e);
		}
	}
	if (r == 0)
		r = apply_system(w, &bits, e);
	/* Before there is a system, nobody knows what is examined. */
	if (r == 0 && bits != 0 && policies)
		r = apply_policies(w, bits, e);
	return (r);
}

int
gap_answer(const struct act *x, const struct gap_book *b,
    const struct str *answer, struct gap_changes *ret, struct err *e)
{
	struct work w = { .x = x, .b = b };
	struct str *now = arena_array(x->a, b->questions.n + 1, sizeof(*now));
	size_t answers = 0;
	int r = 0;

	map_init(&w.fields, x->a);
	for (size_t i = 0; r == 0 && i < b->questions.n; i++) {
		const struct question *q = &b->questions.at[i];
		now[i] = b->answer[i];
		if (answer[i].len == 0)
			continue;
		if (!asked(&b->questions, now, i)) {
			say(&w, true, STR_FMT " is not asked, since " STR_FMT
			    " is not " STR_FMT, STR_ARG(q->name), STR_ARG(q->when),
			    STR_ARG(q->equals));
			continue;
		}
		r = questionnaire_check(x->a, q, &b->facts, answer[i], &now[i], e);
		if (r != 0 || str_eq(now[i], b->answer[i]))
			continue;
		answers++;
		act_add(x, &w.changes, T_GAP_ANSWER, STR_NULL, "code",
		    text(x, q->name), "value", text(x, now[i]), "answered_on",
		    text(x, act_today(x)), NULL);
	}
	w.now = now;
	if (r == 0 && answers != 0)
		r = apply_all(&w, e);
	if (r == 0)
		r = act_apply(x, &w.changes, NULL, e);
	else
		vec_free(&w.changes.all);
	if (r == 0) {
		ret->n = w.said.n;
		ret->answers = answers;
		ret->at = arena_array(x->a, w.said.n + 1, sizeof(*ret->at));
		if (w.said.n != 0)
			memcpy(ret->at, w.said.at, w.said.n * sizeof(*ret->at));
	}
	vec_free(&w.said);
	return (r);
}
