#include "assess/library.h"

#include "base/content.h"
#include "base/err.h"
#include "base/vec.h"

#define COLUMNS_MAX 16

/* A file of lines with fields between tabs; the first line names them. */
struct tsv {
	const char *path;
	struct str rest;
	struct str names[COLUMNS_MAX], fields[COLUMNS_MAX];
	int n;
};

static int
split(struct str line, struct str *out)
{
	int n = 0;

	while (n < COLUMNS_MAX && str_split(&line, '\t', &out[n]))
		n++;
	return (n);
}

static void
tsv_open(struct tsv *t, const char *path)
{
	struct str line;

	*t = (struct tsv){ .path = path, .rest = content_find(path) };
	if (t->rest.ptr == NULL || !str_split(&t->rest, '\n', &line))
		BUG("%s is missing", path);
	t->n = split(line, t->names);
}

static bool
tsv_next(struct tsv *t)
{
	struct str line;

	while (t->rest.len > 0 && str_split(&t->rest, '\n', &line)) {
		if (line.len == 0)
			continue;
		if (split(line, t->fields) != t->n)
			BUG("%s: a line has not %d fields", t->path, t->n);
		return (true);
	}
	return (false);
}

static struct str
tsv_get(const struct tsv *t, const char *name)
{
	for (int i = 0; i < t->n; i++)
		if (str_is(t->names[i], name))
			return (t->fields[i]);
	BUG("%s has no column %s", t->path, name);
}

/* --- codes: "A/E" becomes "yearly, whenever it is called for" ------------------ */

struct code {
	struct str list, code, name;
};
struct codes {
	VEC(struct code) all;
};

static void
codes_read(struct codes *c)
{
	struct tsv t;

	tsv_open(&t, "content/controls/codes.tsv");
	while (tsv_next(&t)) {
		struct code x = { tsv_get(&t, "list"), tsv_get(&t, "code"),
			tsv_get(&t, "name") };
		vec_push(&c->all, x);
	}
}

static struct str
codes_words(struct arena *a, const struct codes *c, const char *list,
    struct str value)
{
	BUF_SCOPED b = BUF_INIT;
	struct str one;

	while (str_split(&value, '/', &one)) {
		struct str name = one;
		for (size_t i = 0; i < c->all.n; i++)
			if (str_is(c->all.at[i].list, list) &&
			    str_eq(c->all.at[i].code, one))
				name = c->all.at[i].name;
		if (b.len > 0)
			buf_puts(&b, ", ");
		buf_putstr(&b, name);
	}
	return (arena_str(a, buf_str(&b)));
}

static void
read_control(struct arena *a, const struct tsv *t, const struct codes *codes,
    struct library_control *c)
{
	struct str list = tsv_get(t, "criteria"), one;
	VEC(struct str) ids = { 0 };

	while (str_split(&list, ',', &one))
		vec_push(&ids, one);
	*c = (struct library_control){ .id = tsv_get(t, "id"),
		.title = tsv_get(t, "title"),
		.statement = tsv_get(t, "statement"),
		.evidence = tsv_get(t, "evidence"), .ncriteria = ids.n };
	c->criteria = arena_array(a, ids.n, sizeof(*c->criteria));
	memcpy(c->criteria, ids.at, ids.n * sizeof(*ids.at));
	vec_free(&ids);
	c->frequency = codes_words(a, codes, "frequency", tsv_get(t, "frequency"));
	c->owner = codes_words(a, codes, "owner", tsv_get(t, "owner"));
	c->kind = codes_words(a, codes, "kind", tsv_get(t, "kind"));
}

void
library_read(struct arena *a, struct library *ret)
{
	VEC(struct library_control) controls = { 0 };
	VEC(struct library_criterion) criteria = { 0 };
	struct codes codes = { 0 };
	struct tsv t;

	codes_read(&codes);
	tsv_open(&t, "content/controls/controls.tsv");
	while (tsv_next(&t)) {
		struct library_control c;
		read_control(a, &t, &codes, &c);
		vec_push(&controls, c);
	}
	tsv_open(&t, "content/criteria/criteria.tsv");
	while (tsv_next(&t)) {
		struct library_criterion c = { tsv_get(&t, "id"),
			tsv_get(&t, "category"), tsv_get(&t, "title"),
			tsv_get(&t, "intent") };
		vec_push(&criteria, c);
	}
	*ret = (struct library){ .ncontrols = controls.n, .ncriteria = criteria.n };
	ret->controls = arena_array(a, controls.n, sizeof(*ret->controls));
	memcpy(ret->controls, controls.at, controls.n * sizeof(*controls.at));
	ret->criteria = arena_array(a, criteria.n, sizeof(*ret->criteria));
	memcpy(ret->criteria, criteria.at, criteria.n * sizeof(*criteria.at));
	vec_free(&controls);
	vec_free(&criteria);
	vec_free(&codes.all);
}

const struct library_control *
library_control(const struct library *lib, struct str id)
{
	for (size_t i = 0; i < lib->ncontrols; i++)
		if (str_eq(lib->controls[i].id, id))
			return (&lib->controls[i]);
	return (NULL);
}

const struct library_criterion *
library_criterion(const struct library *lib, struct str id)
{
	for (size_t i = 0; i < lib->ncriteria; i++)
		if (str_eq(lib->criteria[i].id, id))
			return (&lib->criteria[i]);
	return (NULL);
}
