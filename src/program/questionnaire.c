#include "program/questionnaire.h"

#include "base/content.h"
#include "text/date.h"
#include "text/yaml.h"

#define FILE_NAME "content/questionnaires/gap.yaml"

static const char *const kinds[QUESTION_NKIND] = { "yesno", "choice", "many",
	"text", "int", "date" };

struct reader {
	struct arena *a;
	const char *name;
	struct err *e;
};

static int
flaw(struct reader *r, const struct val *v, const char *what)
{
	char where[200];

	snprintf(where, sizeof(where), "%s:%d", r->name, v != NULL ? v->line : 1);
	return (err_set(r->e, ERR_BUG, where, "correct the file and build again",
	    "%s", what));
}

static int
known(struct reader *r, const struct val *v, const char *keys)
{
	if (v == NULL || v->type != VAL_MAP)
		return (flaw(r, v, "this is not a map"));
	for (size_t i = 0; i < v->u.map.n; i++) {
		BUF_SCOPED k = BUF_INIT;
		buf_printf(&k, " " STR_FMT " ", STR_ARG(v->u.map.key[i]));
		if (str_find(str_from(keys), k.ptr) < 0)
			return (flaw(r, v->u.map.at[i], arena_printf(r->a, "\"" STR_FMT
			    "\" is not known here", STR_ARG(v->u.map.key[i]))));
	}
	return (0);
}

static bool
list_of_texts(const struct val *v)
{
	if (v == NULL)
		return (true);
	if (v->type != VAL_LIST)
		return (false);
	for (size_t i = 0; i < v->u.list.n; i++)
		if (v->u.list.at[i]->type != VAL_STR)
			return (false);
	return (true);
}

static int
read_effect(struct reader *r, struct str answer, const struct val *v,
    struct question_effect *f)
{
	int rc = known(r, v, " category drop reason adopt policies facts ");

	if (rc != 0)
		return (rc);
	*f = (struct question_effect){ .answer = answer,
		.category = val_get_str(v, "category"),
		.reason = val_get_str(v, "reason"), .drop = val_get(v, "drop"),
		.adopt = val_get(v, "adopt"), .policies = val_get(v, "policies"),
		.facts = val_get(v, "facts") };
	if (!list_of_texts(f->drop) || !list_of_texts(f->adopt) ||
	    !list_of_texts(f->policies) ||
	    (f->facts != NULL && f->facts->type != VAL_MAP))
		return (flaw(r, v, "drop, adopt and policies are lists, facts is a map"));
	if ((f->drop != NULL) != (f->reason.len != 0))
		return (flaw(r, v, "what is dropped has a reason"));
	return (0);
}

static int
read_lists(struct reader *r, const struct val *v, struct question *q)
{
	const struct val *o = val_get(v, "options"), *then = val_get(v, "then");
	bool wants = q->kind == QUESTION_CHOICE || q->kind == QUESTION_MANY;
	int rc = 0;

	if (wants != (o != NULL && o->type == VAL_MAP && o->u.map.n != 0))
		return (flaw(r, v, "a choice has options, and nothing else has"));
	q->options = arena_array(r->a, val_count(o) + 1, sizeof(*q->options));
	for (size_t i = 0; i < val_count(o); i++) {
		if (o->u.map.at[i]->type != VAL_STR)
			return (flaw(r, o->u.map.at[i], "an option is a text"));
		q->options[q->noptions++] = (struct question_option){
			o->u.map.key[i], o->u.map.at[i]->u.s };
	}
	q->effects = arena_array(r->a, val_count(then) + 1, sizeof(*q->effects));
	if (then != NULL && then->type != VAL_MAP)
		return (flaw(r, then, "this is not a map of answers"));
	for (size_t i = 0; rc == 0 && i < val_count(then); i++)
		rc = read_effect(r, then->u.map.key[i], then->u.map.at[i],
		    &q->effects[q->neffects++]);
	return (rc);
}

static int
read_question(struct reader *r, const struct val *v, struct question *q)
{
	struct str kind = val_get_str(v, "type");
	const struct val *when = val_get(v, "when"), *preset = val_get(v, "preset");
	size_t k = 0;
	int rc = known(r, v, " name ask why type options preset optional when fact "
	    "system min max then ");

	if (rc != 0)
		return (rc);
	while (k < QUESTION_NKIND && !str_is(kind, kinds[k]))
		k++;
	q->kind = (enum question_kind)k;
	q->name = val_get_str(v, "name");
	q->ask = val_get_str(v, "ask");
	q->why = val_get_str(v, "why");
	q->fact = val_get_str(v, "fact");
	q->optional = str_is(val_get_str(v, "optional"), "yes");
	q->names_system = str_is(val_get_str(v, "system"), "name");
	q->min = val_get_int(v, "min", INT64_MIN);
	q->max = val_get_int(v, "max", INT64_MAX);
	if (k == QUESTION_NKIND || q->name.len == 0 || q->ask.len == 0 ||
	    q->why.len == 0)
		return (flaw(r, v, "a question has a name, a type, what it asks, and "
		    "why"));
	if (preset != NULL)
		q->preset = preset->type == VAL_INT ? val_fmt(r->a, "%lld",
		    (long long)preset->u.i)->u.s : preset->u.s;
	if (when != NULL) {
		if (when->type != VAL_MAP || when->u.map.n != 1 ||
		    when->u.map.at[0]->type != VAL_STR)
			return (flaw(r, when, "when is one answer"));
		q->when = when->u.map.key[0];
		q->equals = when->u.map.at[0]->u.s;
	}
	return (read_lists(r, v, q));
}

int
questionnaire_parse(struct arena *a, const char *name, struct str text,
    struct questionnaire *ret, struct err *e)
{
	struct reader r = { a, name, e };
	struct questionnaire q = { 0 };
	struct val *v;
	int rc = yaml_parse(a, name, text, &v, e);

	if (rc != 0)
		return (rc);
	if (v->type != VAL_LIST)
		return (flaw(&r, v, "this is not a list of questions"));
	q.at = arena_array(a, v->u.list.n + 1, sizeof(*q.at));
	for (size_t i = 0; rc == 0 && i < v->u.list.n; i++) {
		struct question *one = &q.at[q.n];
		if ((rc = read_question(&r, v->u.list.at[i], one)) != 0)
			break;
		if (questionnaire_find(&q, one->name) != NULL)
			rc = flaw(&r, v->u.list.at[i], "the name is taken");
		else if (one->when.len != 0 &&
		    questionnaire_find(&q, one->when) == NULL)
			rc = flaw(&r, v->u.list.at[i], "when names no earlier question");
		q.n++;
	}
	if (rc == 0)
		*ret = q;
	return (rc);
}

int
questionnaire_read(struct arena *a, struct questionnaire *ret, struct err *e)
{
	struct str text = content_find(FILE_NAME);

	if (text.ptr == NULL)
		return (err_set(e, ERR_BUG, FILE_NAME, "build the program again",
		    "a file of its content is missing"));
	return (questionnaire_parse(a, FILE_NAME, text, ret, e));
}

const struct question *
questionnaire_find(const struct questionnaire *q, struct str name)
{
	for (size_t i = 0; i < q->n; i++)
		if (str_eq(q->at[i].name, name))
			return (&q->at[i]);
	return (NULL);
}

/* --- answers ------------------------------------------------------------------- */

static const char *
keys_of(struct arena *a, const struct question *q)
{
	BUF_SCOPED b = BUF_INIT;

	for (size_t i = 0; i < q->noptions; i++)
		buf_printf(&b, "%s" STR_FMT, i ? ", " : "",
		    STR_ARG(q->options[i].key));
	return (arena_strndup(a, b.ptr, b.len));
}

static int
refuse(const struct question *q, struct str text, const char *fix,
    struct err *e)
{
	char where[80];

	snprintf(where, sizeof(where), "question " STR_FMT, STR_ARG(q->name));
	return (err_set(e, ERR_INPUT, where, fix,
	    "\"" STR_FMT "\" is not an answer to it", STR_ARG(text)));
}

/* Which options are named, by key or by place from 1; false if one is none. */
static bool
options_named(const struct question *q, struct str text, uint64_t *ret)
{
	struct str one;
	uint64_t bits = 0;
	int64_t n;

	if (q->noptions > 64)
		return (false);
	while (str_split(&text, ',', &one)) {
		size_t i = 0;
		one = str_trim(one);
		if (str_is(one, "none") && q->kind == QUESTION_MANY)
			continue;
		while (i < q->noptions && !str_eq(q->options[i].key, one))
			i++;
		if (i == q->noptions && str_to_i64(one, &n) && n >= 1 &&
		    (size_t)n <= q->noptions)
			i = (size_t)n - 1;
		if (i == q->noptions)
			return (false);
		bits |= UINT64_C(1) << i;
	}
	*ret = bits;
	return (true);
}

static int
check_options(struct arena *a, const struct question *q, struct str text,
    struct str *ret, struct err *e)
{
	BUF_SCOPED b = BUF_INIT;
	uint64_t bits = 0;
	bool ok = options_named(q, text, &bits);

	if (q->kind == QUESTION_CHOICE)
		ok = ok && bits != 0 && (bits & (bits - 1)) == 0;
	if (!ok)
		return (refuse(q, text, arena_printf(a, "write %s%s", q->kind ==
		    QUESTION_MANY ? "none, or some of " : "one of ", keys_of(a, q)), e));
	for (size_t i = 0; i < q->noptions; i++)
		if (bits & (UINT64_C(1) << i))
			buf_printf(&b, "%s" STR_FMT, b.len ? ", " : "",
			    STR_ARG(q->options[i].key));
	*ret = b.len != 0 ? arena_str(a, buf_str(&b)) : STR("none");
	return (0);
}

static int
check_fact(struct arena *a, const struct question *q, const struct facts *facts,
    struct str text, struct str *ret, struct err *e)
{
	const struct fact *f;
	int r = facts_find(facts, q->fact, &f, e);

	return (r != 0 ? r : facts_check(a, f, text, ret, e));
}

int
questionnaire_check(struct arena *a, const struct question *q,
    const struct facts *facts, struct str text, struct str *ret, struct err *e)
{
	struct str s = str_trim(text);
	int64_t n;

	if (q->kind == QUESTION_CHOICE || q->kind == QUESTION_MANY)
		return (check_options(a, q, s, ret, e));
	if (q->fact.len != 0)
		return (check_fact(a, q, facts, s, ret, e));
	if (q->kind == QUESTION_YESNO) {
		if (str_is(s, "y") || str_is(s, "yes") || str_is(s, "true"))
			*ret = STR("yes");
		else if (str_is(s, "n") || str_is(s, "no") || str_is(s, "false"))
			*ret = STR("no");
		else
			return (refuse(q, s, "write yes or no", e));
		return (0);
	}
	if (q->kind == QUESTION_INT) {
		if (!str_to_i64(s, &n) || n < q->min || n > q->max)
			return (refuse(q, s, arena_printf(a, "write a number from %lld to "
			    "%lld", (long long)q->min, (long long)q->max), e));
		*ret = val_fmt(a, "%lld", (long long)n)->u.s;
		return (0);
	}
	if (q->kind == QUESTION_DATE) {
		if (date_parse(s, &n, NULL) != 0)
			return (refuse(q, s, "write a day such as 2026-06-30", e));
		*ret = arena_str(a, s);
		return (0);
	}
	bool bad = s.len == 0 || s.len > 500 || !str_utf8_ok(s);
	for (size_t i = 0; i < s.len; i++)
		bad |= (unsigned char)s.ptr[i] < 0x20 || s.ptr[i] == 0x7f;
	if (bad)
		return (refuse(q, s, "write one line of at most 500 bytes", e));
	*ret = arena_str(a, s);
	return (0);
}

bool
questionnaire_says(const struct question *q, struct str answer, struct str key)
{
	struct str one;

	if (q->kind != QUESTION_MANY)
		return (str_eq(answer, key));
	while (str_split(&answer, ',', &one))
		if (str_eq(str_trim(one), key))
			return (true);
	return (false);
}
