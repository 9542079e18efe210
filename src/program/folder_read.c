/* What is in a folder, read with limits and without trust. */
#include "program/folder_part.h"

#include "schema/kind.h"
#include "text/yaml.h"

#define WRONG 1000 /* are told, at most */

void
folder_read_wrong(struct folder_reading *r, const char *file, int line,
    const char *fix, const char *fmt, ...)
{
	char what[512], where[400];
	struct err e;
	va_list ap;

	if (r->wrong.n == WRONG)
		return;
	va_start(ap, fmt);
	vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	if (line > 0)
		snprintf(where, sizeof(where), "%s:%d", file, line);
	else
		snprintf(where, sizeof(where), "%s", file);
	err_set(&e, ERR_INPUT, where, fix, "%s", what);
	vec_push(&r->wrong, e);
}

void
folder_read_free(struct folder_reading *r)
{
	tree_close(&r->tree);
	vec_free(&r->items);
	vec_free(&r->rows);
	vec_free(&r->wrong);
	vec_free(&r->passed);
}

/* --- files -------------------------------------------------------------------- */

static int
read_file(struct folder_reading *r, const char *sub, const char *file,
    struct buf *text, bool *ret_ok, struct err *e)
{
	struct folder_row row = { .file = file };
	struct err why;
	int rc = tree_read(&r->tree, sub, file + strlen(sub) + 1, FOLDER_FILE,
	    text, &why);

	*ret_ok = rc == 0;
	if (rc == -ERR_INPUT || rc == -ERR_LIMIT || rc == -ERR_NOTFOUND ||
	    rc == -ERR_DENIED) {
		folder_read_wrong(r, file, 0, why.fix, "%s", why.what);
		return (0);
	}
	if (rc != 0) {
		if (e != NULL)
			*e = why;
		return (rc);
	}
	r->bytes += text->len;
	if (r->bytes > FOLDER_BYTES)
		return (err_set(e, ERR_LIMIT, r->tree.path, "bring it in in parts",
		    "the folder has more than %zu bytes", FOLDER_BYTES));
	folder_list_sha(buf_str(text), row.sha);
	vec_push(&r->rows, row);
	return (0);
}

static const struct folder_row *
listed(const struct folder_reading *r, const char *file)
{
	return (map_get(&r->list.files, str_from(file)));
}

/* Is the file as the export left it? */
static bool
as_listed(const struct folder_reading *r, const char *file)
{
	const struct folder_row *row = listed(r, file);

	return (row != NULL && strcmp(row->sha,
	    r->rows.at[r->rows.n - 1].sha) == 0);
}

static int
take_record(struct folder_reading *r, const struct schema_type *t,
    const char *file, struct buf *text, struct err *e)
{
	struct arena *a = r->x->a;
	struct folder_item *it = arena_new(a, struct folder_item);
	bool ok;
	int rc = read_file(r, t->name, file, text, &ok, e);

	if (rc != 0 || !ok)
		return (rc);
	*it = (struct folder_item){ .type = t, .file = file,
		.row = listed(r, file), .edited = !as_listed(r, file) };
	it->base = arena_strndup(a, file, strlen(file) - strlen(".yaml"));
	it->yaml = arena_str(a, buf_str(text));
	it->prose = arena_array(a, t->nfields, sizeof(*it->prose));
	if (it->row != NULL && it->row->id.len == 0)
		it->row = NULL;
	map_put(&r->bases, str_from(it->base), it);
	vec_push(&r->items, it);
	return (0);
}

/* "control/AC-01.statement.md": the last dot but one ends the record's name. */
static struct folder_item *
owner_of(struct folder_reading *r, const char *file, struct str *ret_field)
{
	size_t n = strlen(file) - strlen(".md"), dot = n;

	while (dot > 0 && file[dot - 1] != '.' && file[dot - 1] != '/')
		dot--;
	if (dot == 0 || file[dot - 1] != '.')
		return (NULL);
	*ret_field = (struct str){ file + dot, n - dot };
	return (map_get(&r->bases, (struct str){ file, dot - 1 }));
}

static int
take_prose(struct folder_reading *r, const struct schema_type *t,
    const char *file, struct buf *text, struct err *e)
{
	struct str name = STR("");
	struct folder_item *it = owner_of(r, file, &name);
	int f = it != NULL ? schema_field(t, name) : -1;
	bool ok;

	if (it == NULL) {
		folder_read_wrong(r, file, 0, "take it away, or put the record's file "
		    "beside it", "there is no record to which this text belongs");
		return (0);
	}
	if (f < 0 || !kind_is_lines(&t->fields[f])) {
		folder_read_wrong(r, file, 0, arena_printf(r->x->a, "see: tickmark "
		    "record DIR %s fields", t->name), "%s %s has no long text \""
		    STR_FMT "\"", str_article(t->name), t->name, STR_ARG(name));
		return (0);
	}
	int rc = read_file(r, t->name, file, text, &ok, e);
	if (rc != 0 || !ok)
		return (rc);
	it->edited |= !as_listed(r, file);
	struct str s = buf_str(text);
	if (s.len != 0 && s.ptr[s.len - 1] == '\n')
		s.len--;
	it->prose[it->nprose++] = (struct folder_prose){ (size_t)f,
		arena_str(r->x->a, s) };
	return (0);
}

/* --- folders ---------------------------------------------------------------------- */

static int
take_entry(struct folder_reading *r, const struct schema_type *t,
    const struct tree_entry *x, bool prose, struct buf *text, struct err *e)
{
	const char *file = arena_printf(r->x->a, "%s/%s", t->name, x->name);
	struct str s = str_from(x->name);

	if (str_ends(s, prose ? ".md" : ".yaml") && x->kind == TREE_FILE &&
	    str_utf8_ok(s))
		return (prose ? take_prose(r, t, file, text, e) :
		    take_record(r, t, file, text, e));
	if (prose)
		return (0);
	if (x->kind == TREE_OTHER)
		folder_read_wrong(r, file, 0, "take it away", "it is a link, a device "
		    "or the like, and no file");
	else if (!str_utf8_ok(s))
		folder_read_wrong(r, file, 0, "give it another name",
		    "its name is not UTF-8");
	else if (str_ends(s, ".yml"))
		folder_read_wrong(r, file, 0, "let its name end with .yaml",
		    "it would be passed over");
	else if (!str_ends(s, ".md") || x->kind != TREE_FILE)
		vec_push(&r->passed, file);
	return (0);
}

static int
take_type(struct folder_reading *r, const struct schema_type *t,
    struct err *e)
{
	BUF_SCOPED text = BUF_INIT;
	struct tree_entry *at;
	size_t n;
	int rc = tree_list(&r->tree, t->name, r->x->a, FOLDER_FILES - r->rows.n,
	    &at, &n, e);

	for (size_t i = 0; rc == 0 && i < n; i++)
		rc = take_entry(r, t, &at[i], false, &text, e);
	for (size_t i = 0; rc == 0 && i < n; i++)
		rc = take_entry(r, t, &at[i], true, &text, e);
	return (rc);
}

static bool
is_own(const char *name)
{
	return (strcmp(name, FOLDER_ABOUT) == 0 || strcmp(name, FOLDER_LIST) == 0 ||
	    strcmp(name, "README.md") == 0);
}

static int
take_top(struct folder_reading *r, struct err *e)
{
	struct tree_entry *at;
	size_t n;
	int rc = tree_list(&r->tree, "", r->x->a, 10000, &at, &n, e);

	for (size_t i = 0; rc == 0 && i < n; i++) {
		const struct schema_type *t = schema_find_name(at[i].name);
		const char *why = t != NULL ? folder_out(t) : NULL;
		if (t == NULL || !schema_is_record(t)) {
			if (!is_own(at[i].name))
				vec_push(&r->passed, at[i].name);
		} else if (why != NULL) {
			folder_read_wrong(r, at[i].name, 0, "take it away", "records of "
			    "this type are not brought in: %s", why);
		} else if (at[i].kind != TREE_FOLDER) {
			folder_read_wrong(r, at[i].name, 0, "take it away",
			    "it is no folder, but a file or a link");
		}
	}
	/* In the order of the types, whatever they are called. */
	for (size_t k = 0; rc == 0 && k < schema_ntypes; k++)
		for (size_t i = 0; rc == 0 && i < n; i++)
			if (strcmp(at[i].name, schema_types[k].name) == 0 &&
			    at[i].kind == TREE_FOLDER &&
			    folder_out(&schema_types[k]) == NULL)
				rc = take_type(r, &schema_types[k], e);
	return (rc);
}

static int
by_file(const void *a, const void *b)
{
	const struct folder_row *x = a, *y = b;

	return (strcmp(x->file, y->file));
}

int
folder_read_all(struct folder_reading *r, const char *path, struct err *e)
{
	struct arena *a = r->x->a;
	int rc = tree_open(&r->tree, path, false, e);

	map_init(&r->bases, a);
	if (rc == 0)
		rc = folder_list_read(&r->tree, a, &r->list, e);
	if (rc == 0 && !r->list.there)
		rc = err_set(e, ERR_INPUT, path, "name a folder that tickmark "
		    "programme DIR export has made", "the folder has no "
		    FOLDER_ABOUT);
	if (rc == 0)
		rc = take_top(r, e);
	if (rc != 0)
		return (rc);
	/* A text that the export wrote, and that is gone, is a change as well. */
	for (size_t i = 0; i < r->list.n; i++) {
		struct str file = str_from(r->list.at[i].file), field;
		if (r->list.at[i].id.len != 0 || !str_ends(file, ".md"))
			continue;
		struct folder_item *it = owner_of(r, r->list.at[i].file, &field);
		bool there = false;
		for (size_t k = 0; it != NULL && k < it->nprose; k++)
			there |= str_is(field, it->type->fields[
			    it->prose[k].field].name);
		if (it != NULL && !there)
			it->edited = true;
	}
	if (r->rows.n != 0)
		qsort(r->rows.at, r->rows.n, sizeof(*r->rows.at), by_file);
	r->seen = (struct folder_listing){ .there = true, .n = r->rows.n,
		.at = arena_array(a, r->rows.n + 1, sizeof(*r->seen.at)) };
	map_init(&r->seen.files, a);
	for (size_t i = 0; i < r->rows.n; i++) {
		r->seen.at[i] = r->rows.at[i];
		map_put(&r->seen.files, str_from(r->seen.at[i].file),
		    &r->seen.at[i]);
	}
	return (0);
}

/* --- one record --------------------------------------------------------------------- */

static bool
marked(struct folder_reading *r, const struct folder_item *it)
{
	int line = folder_list_marks(it->yaml);
	const char *file = it->file;

	for (size_t i = 0; line == 0 && i < it->nprose; i++) {
		line = folder_list_marks(it->prose[i].text);
		file = arena_printf(r->x->a, "%s.%s.md", it->base,
		    it->type->fields[it->prose[i].field].name);
	}
	if (line != 0)
		folder_read_wrong(r, file, line, "resolve the conflict in git, and "
		    "take the marks out", "a merge left its marks in the file");
	return (line != 0);
}

/* What a field is called in the file: by name or title, as everywhere. */
static bool
put_field(struct folder_reading *r, struct folder_item *it, struct str key,
    struct val *v)
{
	const struct schema_type *t = it->type;
	int f = schema_field_titled(t, str_trim(key));

	if (str_is(key, "id") || str_is(key, "rev") || str_is(key, "retired")) {
		folder_read_wrong(r, it->file, v->line, "take the line out",
		    STR_FMT ": a file does not say this: the manifest does",
		    STR_ARG(key));
		return (false);
	}
	if (f >= 0)
		key = str_from(t->fields[f].name);
	if (val_getstr(it->fields, key) != NULL) {
		folder_read_wrong(r, it->file, v->line, "leave one of the two",
		    STR_FMT ": it is given twice", STR_ARG(key));
		return (false);
	}
	val_putstr(r->x->a, it->fields, key, v);
	return (true);
}

bool
folder_read_parse(struct folder_reading *r, struct folder_item *it)
{
	struct arena *a = r->x->a;
	struct val *v;
	struct err why;

	if (marked(r, it))
		return (false);
	if (yaml_parse(a, it->file, it->yaml, &v, &why) != 0) {
		if (r->wrong.n < WRONG)
			vec_push(&r->wrong, why);
		return (false);
	}
	if (v->type != VAL_MAP) {
		folder_read_wrong(r, it->file, v->line != 0 ? v->line : 1,
		    "write field: value, one a line", "there is no record in it");
		return (false);
	}
	it->fields = val_map(a);
	it->fields->line = 1;
	for (size_t i = 0; i < v->u.map.n; i++)
		if (!put_field(r, it, v->u.map.key[i], v->u.map.at[i]))
			return (false);
	for (size_t i = 0; i < it->nprose; i++) {
		const char *name = it->type->fields[it->prose[i].field].name;
		const struct val *twice = val_get(it->fields, name);
		if (twice != NULL) {
			folder_read_wrong(r, it->file, twice->line, arena_printf(a,
			    "leave it out here, or take %s.%s.md away", it->base,
			    name), "%s: it is given twice, here and in a file of its "
			    "own", name);
			return (false);
		}
		val_put(a, it->fields, name, val_str(a, it->prose[i].text));
	}
	return (true);
}
