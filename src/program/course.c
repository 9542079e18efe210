#include "program/course.h"

#include <dirent.h>

#include "base/content.h"
#include "base/vec.h"
#include "sys/file.h"
#include "text/yaml.h"

struct reader {
	struct arena *a;
	const char *name;
	struct err *e;
};

static int
wrong(struct reader *r, const struct val *v, const char *fix, const char *what)
{
	char where[300];

	snprintf(where, sizeof(where), "%s:%d", r->name, v != NULL ? v->line : 1);
	return (err_set(r->e, ERR_INPUT, where, fix, "%s", what));
}

/* Nothing but these keys. */
static int
known(struct reader *r, const struct val *v, const char *keys)
{
	if (v == NULL || v->type != VAL_MAP)
		return (wrong(r, v, "see doc/training.md", "this is not a map"));
	for (size_t i = 0; i < v->u.map.n; i++) {
		BUF_SCOPED k = BUF_INIT;
		buf_printf(&k, " " STR_FMT " ", STR_ARG(v->u.map.key[i]));
		if (str_find(str_from(keys), k.ptr) < 0)
			return (wrong(r, v->u.map.at[i],
			    arena_printf(r->a, "there are%s", keys),
			    arena_printf(r->a, "\"" STR_FMT "\" is not known here",
			    STR_ARG(v->u.map.key[i]))));
	}
	return (0);
}

static int
text_of(struct reader *r, const struct val *map, const char *key, size_t max,
    struct str *ret)
{
	struct val *v = val_get(map, key);
	struct str s = v != NULL && v->type == VAL_STR ? str_trim(v->u.s) :
	    STR("");

	if (s.len == 0 || s.len > max)
		return (wrong(r, v != NULL ? v : map, arena_printf(r->a,
		    "write a text of at most %zu bytes", max),
		    arena_printf(r->a, "\"%s\" is missing, too long or no text", key)));
	*ret = s;
	return (0);
}

static int
number_of(struct reader *r, const struct val *map, const char *key, int64_t max,
    int64_t *ret)
{
	struct val *v = val_get(map, key);

	if (v == NULL)
		return (0);
	if (v->type != VAL_INT || v->u.i < 1 || v->u.i > max)
		return (wrong(r, v, arena_printf(r->a, "write a number from 1 to %lld",
		    (long long)max), arena_printf(r->a, "\"%s\" is no such number",
		    key)));
	*ret = v->u.i;
	return (0);
}

int
course_letters(const struct course_question *q, struct str text, unsigned *ret,
    struct err *e)
{
	unsigned bits = 0;

	for (size_t i = 0; i < text.len; i++) {
		char c = text.ptr[i];
		if (c >= 'A' && c <= 'H')
			c = (char)(c - 'A' + 'a');
		if (strchr(" ,;\t", c) != NULL && c != '\0')
			continue;
		if (c < 'a' || (size_t)(c - 'a') >= q->noptions) {
			char fix[60];
			snprintf(fix, sizeof(fix), "write letters from a to %c, such as b "
			    "or a, c", (char)('a' + q->noptions - 1));
			return (err_set(e, ERR_INPUT, NULL, fix,
			    "\"" STR_FMT "\" is not an answer", STR_ARG(text)));
		}
		bits |= 1u << (c - 'a');
	}
	*ret = bits;
	return (0);
}

static int
read_options(struct reader *r, const struct val *v, struct course_question *q)
{
	struct val *o = val_get(v, "options");

	if (o == NULL || o->type != VAL_MAP || o->u.map.n < 2 ||
	    o->u.map.n > COURSE_MAX_OPTIONS)
		return (wrong(r, o != NULL ? o : v, "write a: ..., b: ... and so on",
		    "a question has two to eight options"));
	for (size_t i = 0; i < o->u.map.n; i++) {
		struct str k = o->u.map.key[i];
		char want[2] = { (char)('a' + i), '\0' };
		if (!str_is(k, want))
			return (wrong(r, o->u.map.at[i], "name them a, b, c in their order",
			    "the options are not in the order of their letters"));
		int rc = text_of(r, o, want, 500, &q->option[i]);
		if (rc != 0)
			return (rc);
		q->noptions++;
	}
	return (0);
}

static int
read_answer(struct reader *r, const struct val *v, struct course_question *q)
{
	const struct val *a = val_get(v, "answer");
	struct err p = { 0 };
	int rc = -ERR_INPUT;
	unsigned one;

	if (a != NULL && a->type == VAL_STR)
		rc = course_letters(q, a->u.s, &q->answer, &p);
	if (a != NULL && a->type == VAL_LIST && a->u.list.n != 0)
		rc = 0;
	for (size_t i = 0; rc == 0 && a->type == VAL_LIST && i < a->u.list.n; i++) {
		const struct val *x = a->u.list.at[i];
		rc = x->type == VAL_STR ? course_letters(q, x->u.s, &one, &p) :
		    -ERR_INPUT;
		if (rc == 0)
			q->answer |= one;
	}
	if (rc != 0 || q->answer == 0)
		return (wrong(r, a != NULL ? a : v, "write answer: b, or a list",
		    "the answer is not one of the options"));
	return (0);
}

static int
read_question(struct reader *r, const struct val *v, struct course_question *q)
{
	int rc = known(r, v, " ask options answer why ");

	if (rc == 0)
		rc = text_of(r, v, "ask", 1000, &q->ask);
	if (rc == 0)
		rc = text_of(r, v, "why", 2000, &q->why);
	if (rc == 0)
		rc = read_options(r, v, q);
	return (rc != 0 ? rc : read_answer(r, v, q));
}

static int
read_module(struct reader *r, const struct val *v, struct course *c)
{
	struct course_module *m = &c->modules[c->nmodules++];
	const struct val *list = val_get(v, "questions");
	int rc = known(r, v, " title text questions ");

	if (rc == 0)
		rc = text_of(r, v, "title", 200, &m->title);
	if (rc == 0)
		rc = text_of(r, v, "text", 64 << 10, &m->text);
	if (rc == 0 && list != NULL && list->type != VAL_LIST)
		rc = wrong(r, list, "write a list", "these are not questions");
	m->first = c->nquestions;
	for (size_t i = 0; rc == 0 && i < val_count(list); i++) {
		if (c->nquestions == COURSE_MAX_QUESTIONS)
			return (wrong(r, list, "divide it", "the course has over 200 "
			    "questions"));
		struct course_question *q = &c->questions[c->nquestions++];
		q->module = (int)c->nmodules;
		q->number = (int)i + 1;
		rc = read_question(r, list->u.list.at[i], q);
	}
	m->n = c->nquestions - m->first;
	return (rc);
}

static bool
good_code(struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (!((s.ptr[i] >= 'a' && s.ptr[i] <= 'z') ||
		    (s.ptr[i] >= '0' && s.ptr[i] <= '9') || s.ptr[i] == '-'))
			return (false);
	return (s.len != 0);
}

int
course_parse(struct arena *a, const char *name, struct str text,
    struct course *ret, struct err *e)
{
	struct reader r = { a, name, e };
	struct course c = { 0 };
	struct val *v;

	if (text.len > COURSE_MAX_BYTES)
		return (err_set(e, ERR_LIMIT, name, "divide it", "the course has over "
		    "1 MiB"));
	int rc = yaml_parse(a, name, text, &v, e);
	if (rc == 0)
		rc = known(&r, v, " code title version minutes pass about modules ");
	if (rc == 0)
		rc = text_of(&r, v, "code", 60, &c.code);
	if (rc == 0 && !good_code(c.code))
		rc = wrong(&r, val_get(v, "code"), "use small letters, digits and "
		    "dashes", "this is not a code");
	if (rc == 0)
		rc = text_of(&r, v, "title", 200, &c.title);
	if (rc == 0)
		rc = text_of(&r, v, "version", 40, &c.version);
	if (rc == 0)
		rc = text_of(&r, v, "about", 8000, &c.about);
	if (rc == 0)
		rc = number_of(&r, v, "minutes", 1000, &c.minutes);
	if (rc == 0)
		rc = number_of(&r, v, "pass", 100, &c.pass);
	struct val *list = rc == 0 ? val_get(v, "modules") : NULL;
	if (rc == 0 && (list == NULL || list->type != VAL_LIST ||
	    list->u.list.n == 0 || list->u.list.n > COURSE_MAX_MODULES))
		rc = wrong(&r, list != NULL ? list : v, "write a list of them",
		    "a course has one to fifty modules");
	if (rc != 0)
		return (rc);
	c.modules = arena_array(a, val_count(list), sizeof(*c.modules));
	c.questions = arena_array(a, COURSE_MAX_QUESTIONS, sizeof(*c.questions));
	for (size_t i = 0; rc == 0 && i < val_count(list); i++)
		rc = read_module(&r, list->u.list.at[i], &c);
	if (rc == 0 && c.nquestions == 0)
		rc = wrong(&r, list, "ask something", "the course has no question");
	if (rc == 0)
		*ret = c;
	return (rc);
}

/* --- where they are ------------------------------------------------------------ */

struct shelf {
	VEC(struct course) all;
};

static void
put(struct shelf *s, const struct course *c)
{
	for (size_t i = 0; i < s->all.n; i++)
		if (str_eq(s->all.at[i].code, c->code)) {
			s->all.at[i] = *c;
			return;
		}
	vec_push(&s->all, *c);
}

static int
brought(struct arena *a, struct shelf *s, struct err *e)
{
	const struct content_file *f;
	struct course c;
	int r = 0;

	for (size_t i = 0; r == 0 &&
	    (f = content_next("content/training/", i)) != NULL; i++) {
		r = course_parse(a, f->path, (struct str){ (const char *)f->data,
		    f->len }, &c, e);
		if (r == 0)
			put(s, &c);
	}
	return (r);
}

/* Files of DIR/training that end in .yaml, in the order of their names. */
static int
own(struct arena *a, const char *dir, struct shelf *s, struct err *e)
{
	const char *folder = arena_printf(a, "%s/training", dir);
	struct dirent **names = NULL;
	struct course c;
	int n = scandir(folder, &names, NULL, alphasort), r = 0;

	for (int i = 0; i < n; i++) {
		struct str name = str_from(names[i]->d_name);
		if (r == 0 && name.ptr[0] != '.' && str_ends(name, ".yaml")) {
			BUF_SCOPED b = BUF_INIT;
			const char *path = arena_printf(a, "%s/" STR_FMT, folder,
			    STR_ARG(name));
			r = file_read(path, COURSE_MAX_BYTES, &b, e);
			if (r == 0)
				r = course_parse(a, path, arena_str(a, buf_str(&b)), &c, e);
			if (r == 0)
				put(s, &c);
		}
		free(names[i]);
	}
	free(names);
	return (r);
}

static int
by_code(const void *a, const void *b)
{
	return (str_cmp(((const struct course *)a)->code,
	    ((const struct course *)b)->code));
}

int
course_all(struct arena *a, const char *dir, struct course **ret, size_t *ret_n,
    struct err *e)
{
	struct shelf s = { 0 };
	int r = brought(a, &s, e);

	if (r == 0 && dir != NULL)
		r = own(a, dir, &s, e);
	if (r == 0) {
		*ret = arena_array(a, s.all.n + 1, sizeof(**ret));
		if (s.all.n != 0)
			memcpy(*ret, s.all.at, s.all.n * sizeof(**ret));
		if (s.all.n > 1)
			qsort(*ret, s.all.n, sizeof(**ret), by_code);
		*ret_n = s.all.n;
	}
	vec_free(&s.all);
	return (r);
}

int
course_find(struct arena *a, const char *dir, struct str code,
    struct course *ret, struct err *e)
{
	struct course *all;
	size_t n;
	BUF_SCOPED names = BUF_INIT;
	int r = course_all(a, dir, &all, &n, e);

	for (size_t i = 0; r == 0 && i < n; i++) {
		if (str_eq(all[i].code, code)) {
			*ret = all[i];
			return (0);
		}
		buf_printf(&names, "%s" STR_FMT, i ? ", " : "there are ",
		    STR_ARG(all[i].code));
	}
	return (r != 0 ? r : err_set(e, ERR_NOTFOUND, arena_strndup(a, code.ptr,
	    code.len), names.ptr, "there is no such course"));
}

/* --- answers ---------------------------------------------------------------------- */

static const struct course_question *
question_of(const struct course *c, struct str key)
{
	struct str rest = key, module;
	int64_t m, n;

	if (!str_split(&rest, '.', &module) || !str_to_i64(module, &m) ||
	    !str_to_i64(rest, &n))
		return (NULL);
	for (size_t i = 0; i < c->nquestions; i++)
		if (c->questions[i].module == m && c->questions[i].number == n)
			return (&c->questions[i]);
	return (NULL);
}

int
course_answers(struct arena *a, const struct course *c, const char *name,
    struct str text, unsigned **ret, struct err *e)
{
	struct reader r = { a, name, e };
	struct val *v;
	int rc = yaml_parse(a, name, text, &v, e);

	if (rc != 0)
		return (rc);
	if (v->type != VAL_MAP)
		return (wrong(&r, v, "write lines such as \"1.2\": b",
		    "these are not answers"));
	unsigned *got = arena_array(a, c->nquestions + 1, sizeof(*got));
	for (size_t i = 0; i < v->u.map.n; i++) {
		const struct course_question *q = question_of(c, v->u.map.key[i]);
		const struct val *x = v->u.map.at[i];
		struct err p = { 0 };
		if (q == NULL)
			return (wrong(&r, x, "write module and number, such as 1.2",
			    arena_printf(a, "the course has no question \"" STR_FMT "\"",
			    STR_ARG(v->u.map.key[i]))));
		if (x->type != VAL_STR && x->type != VAL_NULL)
			return (wrong(&r, x, "write letters, such as b or a, c",
			    "this is not an answer"));
		if (x->type == VAL_STR && course_letters(q, x->u.s,
		    &got[q - c->questions], &p) != 0)
			return (wrong(&r, x, p.fix, p.what));
	}
	*ret = got;
	return (0);
}

int64_t
course_score(const struct course *c, const unsigned *answers)
{
	int64_t right = 0;

	for (size_t i = 0; i < c->nquestions; i++)
		right += answers[i] == c->questions[i].answer;
	return (right * 100 / (int64_t)c->nquestions);
}
