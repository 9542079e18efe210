#include "program/facts.h"

#include <ctype.h>

#include "base/content.h"
#include "text/yaml.h"

#define FILE_NAME "content/policies/facts.yaml"

static const char *const kinds[] = { "text", "int", "every", "bool" };

static int
flaw(const struct val *v, struct err *e, const char *what)
{
	char where[80];

	snprintf(where, sizeof(where), FILE_NAME ":%d", v->line);
	return (err_set(e, ERR_BUG, where, "correct the file and build again",
	    "%s", what));
}

static int
declared(const struct val *v, struct fact *f, struct err *e)
{
	struct str kind = val_get_str(v, "type");
	struct val *preset = val_get(v, "default");
	size_t k = 0;

	while (k < 4 && !str_is(kind, kinds[k]))
		k++;
	f->kind = (enum fact_kind)k;
	f->name = val_get_str(v, "name");
	f->group = val_get_str(v, "group");
	f->question = val_get_str(v, "question");
	f->note = val_get_str(v, "note");
	f->unit = val_get_str(v, "unit");
	f->min = val_get_int(v, "min", 0);
	f->max = val_get_int(v, "max", 0);
	f->roles = val_get(v, "roles");
	if (k == 4 || f->name.len == 0 || f->question.len == 0 ||
	    f->note.len == 0 || f->group.len == 0 || preset == NULL)
		return (flaw(v, e, "a fact has a name, a group, a type, a default, "
		    "a question and a note"));
	if ((f->kind == FACT_INT || f->kind == FACT_EVERY) &&
	    (f->unit.len == 0 || f->max <= f->min))
		return (flaw(v, e, "a number has a unit, min and max"));
	return (0);
}

static struct str
preset_of(struct arena *a, const struct val *v)
{
	return (v->type == VAL_INT ? val_fmt(a, "%lld", (long long)v->u.i)->u.s :
	    v->u.s);
}

/* "14 days", "1 business day", "80 percent" */
static struct str
counted(struct arena *a, const struct fact *f, int64_t n)
{
	bool many = n != 1 && !str_is(f->unit, "percent");

	return (str_from(arena_printf(a, "%lld " STR_FMT "%s", (long long)n,
	    STR_ARG(f->unit), many ? "s" : "")));
}

static struct str
rhythm(struct arena *a, const struct fact *f, int64_t n)
{
	if (str_is(f->unit, "month") && n == 12)
		return (STR("every year"));
	if (str_is(f->unit, "day") && n == 7)
		return (STR("every week"));
	if (n == 1)
		return (str_from(arena_printf(a, "every " STR_FMT, STR_ARG(f->unit))));
	return (str_from(arena_printf(a, "every %lld " STR_FMT "s", (long long)n,
	    STR_ARG(f->unit))));
}

static struct str
words_of(struct arena *a, const struct fact *f, struct str value)
{
	int64_t n = 0;

	str_to_i64(value, &n);
	if (f->kind == FACT_INT)
		return (counted(a, f, n));
	return (f->kind == FACT_EVERY ? rhythm(a, f, n) : value);
}

int
facts_check(struct arena *a, const struct fact *f, struct str value,
    struct str *ret, struct err *e)
{
	char where[80];
	struct str v = str_trim(value);
	int64_t n;

	snprintf(where, sizeof(where), "fact " STR_FMT, STR_ARG(f->name));
	if (f->kind == FACT_BOOL) {
		static const char *const yes[] = { "yes", "y", "true" };
		static const char *const no[] = { "no", "n", "false" };
		for (size_t i = 0; i < 3; i++) {
			if (str_is(v, yes[i]))
				*ret = STR("yes");
			if (str_is(v, no[i]))
				*ret = STR("no");
			if (str_is(v, yes[i]) || str_is(v, no[i]))
				return (0);
		}
		return (err_set(e, ERR_INPUT, where, "write yes or no",
		    "it is a question of yes or no"));
	}
	if (f->kind == FACT_TEXT) {
		bool bad = v.len == 0 || v.len > 500 || !str_utf8_ok(v);
		for (size_t i = 0; i < v.len; i++)
			bad |= (unsigned char)v.ptr[i] < 0x20 || v.ptr[i] == 0x7f;
		if (bad)
			return (err_set(e, ERR_INPUT, where, "write one line of at "
			    "most 500 bytes", "the text is empty, too long or not one "
			    "line"));
		*ret = arena_str(a, v);
		return (0);
	}
	if (!str_to_i64(v, &n) || n < f->min || n > f->max)
		return (err_set(e, ERR_INPUT, where, arena_printf(a, "write a number "
		    "of " STR_FMT "s from %lld to %lld", STR_ARG(f->unit),
		    (long long)f->min, (long long)f->max),
		    "\"" STR_FMT "\" is not such a number", STR_ARG(v)));
	*ret = val_fmt(a, "%lld", (long long)n)->u.s;
	return (0);
}

static int
take_recorded(struct arena *a, struct record_store *s, struct facts *f,
    struct err *e)
{
	const struct schema_type *t = schema_get(T_FACT);
	struct record_list l;
	int r = record_list(s, a, t, NULL, &l, e);

	for (size_t i = 0; r == 0 && i < l.n; i++) {
		struct str name = record_str(&l.at[i], F_FACT_CODE);
		size_t k = 0;
		while (k < f->n && !str_eq(f->at[k].name, name))
			k++;
		if (k == f->n)
			continue; /* of another version of the program */
		struct fact *x = &f->at[k];
		r = facts_check(a, x, record_str(&l.at[i], F_FACT_VALUE), &x->value, e);
		x->recorded = true;
		x->by_gap = str_is(record_str(&l.at[i], F_FACT_ORIGIN), "gap");
	}
	return (r);
}

int
facts_read(struct arena *a, struct record_store *s, struct facts *ret,
    struct err *e)
{
	struct str text = content_find(FILE_NAME);
	struct facts f = { 0 };
	struct val *v;
	int r;

	if (text.ptr == NULL)
		return (err_set(e, ERR_BUG, FILE_NAME, "build the program again",
		    "a file of its content is missing"));
	if ((r = yaml_parse(a, FILE_NAME, text, &v, e)) != 0)
		return (r);
	f.at = arena_array(a, val_count(v) + 1, sizeof(*f.at));
	for (size_t i = 0; r == 0 && i < val_count(v); i++) {
		struct fact *x = &f.at[f.n++];
		struct val *one = v->u.list.at[i];
		if ((r = declared(one, x, e)) == 0) {
			x->preset = preset_of(a, val_get(one, "default"));
			r = facts_check(a, x, x->preset, &x->value, e);
		}
	}
	if (r == 0 && s != NULL)
		r = take_recorded(a, s, &f, e);
	for (size_t i = 0; r == 0 && i < f.n; i++)
		f.at[i].words = words_of(a, &f.at[i], f.at[i].value);
	if (r == 0)
		*ret = f;
	return (r);
}

int
facts_find(const struct facts *f, struct str name, const struct fact **ret,
    struct err *e)
{
	for (size_t i = 0; i < f->n; i++)
		if (str_eq(f->at[i].name, name)) {
			*ret = &f->at[i];
			return (0);
		}
	char where[80];
	snprintf(where, sizeof(where), STR_FMT, STR_ARG(name));
	return (err_set(e, ERR_NOTFOUND, where, "see them all: tickmark policy DIR "
	    "facts", "there is no such fact"));
}

struct str
facts_role(struct arena *a, const struct facts *f, struct str role)
{
	for (size_t i = 0; i < f->n; i++)
		for (size_t k = 0; k < val_count(f->at[i].roles); k++)
			if (str_eq(f->at[i].roles->u.list.at[k]->u.s, role))
				return (f->at[i].words);
	return (str_from(arena_printf(a, "whoever answers for " STR_FMT,
	    STR_ARG(role))));
}

int
facts_change(struct arena *a, const struct fact *f, struct str value,
    bool by_gap, struct record_change *ret, struct err *e)
{
	struct val *m = val_map(a);
	struct str kept;
	int r = facts_check(a, f, value, &kept, e);

	if (r != 0)
		return (r);
	val_put(a, m, "code", val_str(a, f->name));
	val_put(a, m, "value", val_str(a, kept));
	val_put(a, m, "origin", by_gap ? val_text(a, "gap") : val_null(a));
	*ret = (struct record_change){ .type = schema_get(T_FACT), .fields = m };
	return (0);
}

/* --- the model of a template -------------------------------------------------- */

/*
 * A backslash before what Markdown would take for markup inside a sentence, or
 * at the beginning of a line.
 */
static struct str
plain(struct arena *a, struct str s)
{
	BUF_SCOPED b = BUF_INIT;
	size_t digits = 0;

	while (digits < s.len && isdigit((unsigned char)s.ptr[digits]))
		digits++;
	for (size_t i = 0; i < s.len; i++) {
		char c = s.ptr[i];
		bool entity = c == '&' && i + 1 < s.len &&
		    (isalpha((unsigned char)s.ptr[i + 1]) || s.ptr[i + 1] == '#');
		bool first = (i == 0 && strchr("#-+=~", c) != NULL) ||
		    (i == digits && digits != 0 && (c == '.' || c == ')') &&
		    i + 1 < s.len && s.ptr[i + 1] == ' ');
		if (strchr("\\`*_[]<>|", c) != NULL || entity || first)
			buf_putc(&b, '\\');
		buf_putc(&b, c);
	}
	return (arena_str(a, buf_str(&b)));
}

void
facts_model_text(struct arena *a, struct val *map, const char *name,
    struct str text)
{
	struct str p = plain(a, text);
	char *key = arena_strdup(a, name), *big = arena_strndup(a, p.ptr, p.len);

	val_put(a, map, name, val_str(a, p));
	key[0] = (char)toupper((unsigned char)key[0]);
	big[0] = (char)toupper((unsigned char)big[0]);
	val_put(a, map, key, val_text(a, big));
}

void
facts_model(struct arena *a, const struct facts *f, struct val *map)
{
	for (size_t i = 0; i < f->n; i++) {
		const struct fact *x = &f->at[i];
		char *name = arena_strndup(a, x->name.ptr, x->name.len);
		if (x->kind == FACT_BOOL)
			val_put(a, map, name, val_bool(a, str_is(x->value, "yes")));
		else
			facts_model_text(a, map, name, x->words);
	}
}
