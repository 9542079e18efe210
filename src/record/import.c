#include "record/exchange.h"

#include "base/vec.h"
#include "record/batch.h"
#include "text/csv.h"
#include "text/json.h"
#include "text/yaml.h"

#define CHANGES_MAX 1000000

struct importing {
	struct arena *a;
	const char *file;
	VEC(struct record_change) changes;
	VEC(struct err) wrong; /* of the form, before any field is read */
	VEC(struct record_fault) faults; /* where each of them is */
	size_t nth; /* what is read */
	bool cut;   /* the rest could not be read */
};

bool
record_format(const char *path, enum record_format *ret)
{
	static const struct {
		const char *ending;
		enum record_format format;
	} endings[] = { { ".yaml", RECORD_YAML }, { ".yml", RECORD_YAML },
		{ ".csv", RECORD_CSV }, { ".json", RECORD_JSON } };

	for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++)
		if (str_ends(str_from(path), endings[i].ending)) {
			*ret = endings[i].format;
			return (true);
		}
	return (false);
}

static void __attribute__((format(printf, 4, 5)))
wrong(struct importing *im, int64_t line, const char *fix, const char *fmt, ...)
{
	char where[256], what[512];
	struct err e;
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	snprintf(where, sizeof(where), "%s:%lld", im->file, (long long)line);
	err_set(&e, ERR_INPUT, where, fix, "%s", what);
	vec_push(&im->wrong, e);
	vec_push(&im->faults, (struct record_fault){ .nth = im->nth,
	    .line = (int)(line > INT32_MAX ? INT32_MAX : line) });
}

static void
add(struct importing *im, const struct schema_type *t, const struct val *v)
{
	struct record_change c = { .type = t, .fields = v, .file = im->file,
		.line = v->line, .nth = im->nth };

	vec_push(&im->changes, c);
}

/* --- YAML and JSON ---------------------------------------------------------- */

static void
add_list(struct importing *im, const struct schema_type *t,
    const struct val *v)
{
	if (v->type == VAL_NULL)
		return;
	if (v->type != VAL_LIST) {
		wrong(im, v->line, "begin each record with a dash",
		    "%s: a list of records is expected", t->name);
		return;
	}
	for (size_t i = 0; i < v->u.list.n; i++) {
		const struct val *r = v->u.list.at[i];
		im->nth = i;
		if (r->type == VAL_MAP)
			add(im, t, r);
		else
			wrong(im, r->line, "write field: value, one a line",
			    "%s: a record is a map of fields, and this is not",
			    t->name);
	}
}

static bool
maps_types(const struct val *v)
{
	for (size_t i = 0; i < v->u.map.n; i++) {
		const struct val *x = v->u.map.at[i];
		if ((x->type == VAL_LIST || x->type == VAL_NULL) &&
		    schema_find(v->u.map.key[i]) != NULL)
			return (true);
	}
	return (false);
}

static void
take_tree(struct importing *im, const struct schema_type *t,
    const struct val *v)
{
	if (v->type == VAL_LIST && t != NULL) {
		add_list(im, t, v);
		return;
	}
	if (v->type == VAL_MAP && t != NULL && !maps_types(v)) {
		add(im, t, v);
		return;
	}
	if (v->type != VAL_MAP) {
		wrong(im, v->line != 0 ? v->line : 1, t != NULL ?
		    "write a list of records" :
		    "write TYPE: and below it a list of records",
		    "there are no records here");
		return;
	}
	for (size_t i = 0; i < v->u.map.n; i++) {
		struct str k = v->u.map.key[i];
		const struct schema_type *of = schema_find(k);
		const struct val *x = v->u.map.at[i];
		if (of == NULL || !schema_is_record(of))
			wrong(im, x->line, "see doc/records.md",
			    "there is no record type \"%.*s\"",
			    (int)(k.len > 60 ? 60 : k.len), k.ptr);
		else if (t != NULL && of != t)
			wrong(im, x->line, "import it by itself, or name no type",
			    "records of type %s among those of type %s", of->name,
			    t->name);
		else
			add_list(im, of, x);
	}
}

/* --- CSV --------------------------------------------------------------------- */

struct header {
	struct str *keys; /* as record_apply() knows them; of all rows */
	struct val *null; /* of all empty cells */
	size_t n;
	size_t handle; /* the column of the type's key; n: there is none */
};

static bool
special(struct str s)
{
	return (str_is(s, "id") || str_is(s, "rev") || str_is(s, "retired"));
}

static bool
take_header(struct importing *im, const struct schema_type *t,
    const struct csv_row *row, struct header *h)
{
	bool ok = true;

	h->n = h->handle = row->n;
	h->keys = arena_array(im->a, row->n + 1, sizeof(*h->keys));
	h->null = val_null(im->a);
	for (size_t i = 0; i < row->n; i++) {
		struct str s = str_trim(row->at[i]);
		if (!str_utf8_ok(s)) {
			wrong(im, row->line, "save the file as UTF-8",
			    "the name of column %zu is not UTF-8 text", i + 1);
			s = STR("?");
			ok = false;
		}
		int f = schema_field_titled(t, s);
		if (f >= 0)
			s = str_from(t->fields[f].name);
		if (f >= 0 && t->key.n != 0 && (size_t)f == t->key.at[0])
			h->handle = i;
		h->keys[i] = arena_str(im->a, s);
		if (f < 0 && !special(s) &&
		    !(t->mode == MODE_OPEN && str_starts(s, "extra."))) {
			wrong(im, row->line, arena_printf(im->a, "name the "
			    "columns as in: tickmark record DIR %s fields; or leave "
			    "the column out", t->name),
			    "%s %s has no field \"%.*s\", which is column %zu",
			    str_article(t->name), t->name,
			    (int)(s.len > 60 ? 60 : s.len), s.ptr, i + 1);
			ok = false;
		}
		for (size_t k = 0; k < i; k++)
			if (str_eq(h->keys[k], h->keys[i])) {
				wrong(im, row->line, "leave one of the two out",
				    "the columns %zu and %zu are both \"" STR_FMT
				    "\"", k + 1, i + 1, STR_ARG(h->keys[i]));
				ok = false;
			}
	}
	return (ok);
}

/* A leading ' that keeps spreadsheets from taking a text as a formula. */
static struct str
unguard(struct str s)
{
	if (s.len > 1 && s.ptr[0] == '\'' && s.ptr[1] != '\0' &&
	    strchr("=+-@\t\r", s.ptr[1]) != NULL)
		return ((struct str){ s.ptr + 1, s.len - 1 });
	return (s);
}

/* Its cells may be in the wrong places. The first is in its own. */
static void
take_ragged(struct importing *im, const struct schema_type *t,
    const struct csv_row *row, const struct header *h)
{
	struct val *m = val_map(im->a);

	wrong(im, row->line, "give it as many cells as the header has",
	    "the row has %zu cells, and the header %zu", row->n, h->n);
	if (h->handle >= h->n || h->handle >= row->n)
		return;
	val_putstr(im->a, m, h->keys[h->handle], val_str(im->a,
	    unguard(row->at[h->handle])));
	add(im, t, m);
	im->changes.at[im->changes.n - 1].broken = true;
}

static void
take_row(struct importing *im, const struct schema_type *t,
    const struct csv_row *row, const struct header *h)
{
	struct val *m = val_map(im->a);

	if (row->n != h->n) {
		take_ragged(im, t, row, h);
		return;
	}
	m->line = (int)(row->line > INT32_MAX ? INT32_MAX : row->line);
	/* A file has many rows: what they share is there once. */
	m->u.map.key = h->keys;
	m->u.map.at = arena_array(im->a, row->n, sizeof(*m->u.map.at));
	m->u.map.n = m->u.map.cap = row->n;
	for (size_t i = 0; i < row->n; i++) {
		struct str s = unguard(row->at[i]);
		m->u.map.at[i] = str_trim(s).len == 0 ? h->null :
		    val_str(im->a, s);
	}
	add(im, t, m);
}

/* Where a row ends is not known any more: what was found before it is told with
 * it, and no field is judged, as rows that come later may be meant. */
static void
cut(struct importing *im, const struct err *x)
{
	const char *at = strrchr(x->where, ':');

	wrong(im, at != NULL ? atoll(at + 1) : 0, x->fix,
	    "%s; what follows was not read", x->what);
	im->cut = true;
}

static int
take_csv(struct importing *im, const struct schema_type *t, struct str text,
    struct err *e)
{
	struct csv_opts opts = { .ragged = true, .raw = true };
	CSV_SCOPED c = csv_new(im->file, &opts);
	struct csv_row row;
	struct header h = { 0 };
	struct err x;
	int r;

	csv_feed(c, text, true);
	while ((r = csv_next(c, &row, &x)) > 0) {
		if (im->changes.n >= CHANGES_MAX)
			return (err_set(e, ERR_LIMIT, im->file, "split the file",
			    "it has over a million rows"));
		if (h.keys != NULL) {
			take_row(im, t, &row, &h);
			im->nth++;
		} else if (!take_header(im, t, &row, &h)) {
			return (0);
		}
	}
	if (r < 0)
		cut(im, &x);
	else if (h.keys == NULL)
		wrong(im, 1, "begin with a row of field names",
		    "the file is empty");
	return (0);
}

/* --- all ---------------------------------------------------------------------- */

static int
parse(struct importing *im, const struct schema_type *t, struct str text,
    enum record_format format, struct err *e)
{
	struct val *v;
	int r;

	if (format == RECORD_CSV && t == NULL)
		return (err_set(e, ERR_USAGE, im->file, "name the type",
		    "a CSV file holds records of one type"));
	if (format == RECORD_CSV)
		return (take_csv(im, t, text, e));
	r = format == RECORD_YAML ? yaml_parse(im->a, im->file, text, &v, e) :
	    json_parse(im->a, im->file, text, &v, e);
	if (r == 0)
		take_tree(im, t, v);
	return (r);
}

/* Problems of the form and those of the fields, together. */
static void
put_together(struct importing *im, struct record_result *res)
{
	size_t n = im->wrong.n > RECORD_PROBLEMS ? RECORD_PROBLEMS : im->wrong.n;
	size_t keep = res->nproblems;

	if (keep > RECORD_PROBLEMS - n)
		keep = RECORD_PROBLEMS - n;
	struct err *all = arena_array(im->a, n + keep + 1, sizeof(*all));
	struct record_fault *faults = arena_array(im->a, n + keep + 1,
	    sizeof(*faults));
	memcpy(all, im->wrong.at, n * sizeof(*all));
	memcpy(faults, im->faults.at, n * sizeof(*faults));
	if (keep != 0) {
		memcpy(all + n, res->problems, keep * sizeof(*all));
		memcpy(faults + n, res->faults, keep * sizeof(*faults));
	}
	res->problems = all;
	res->faults = faults;
	res->nproblems = n + keep;
	res->nwrong += im->wrong.n;
	record_sort_problems(im->a, res);
}

int
record_import(struct record_store *s, struct arena *a,
    const struct record_actor *who, const struct schema_type *t,
    const char *file, struct str text, enum record_format format,
    const struct record_options *opts, struct record_result *ret,
    struct err *e)
{
	struct importing im = { .a = a, .file = file };
	struct record_options o = { 0 };

	if (opts != NULL)
		o = *opts;
	*ret = (struct record_result){ 0 };
	int r = parse(&im, t, text, format, e);
	if (r == 0) {
		bool bad = im.wrong.n != 0;
		o.dry_run |= bad;
		r = record_apply(s, a, who, im.changes.at, im.cut ? 0 :
		    im.changes.n, &o, ret, e);
		if (bad && (r == 0 || ret->nwrong != 0)) {
			put_together(&im, ret);
			if (e != NULL)
				*e = ret->problems[0];
			r = -(int)ret->problems[0].code;
		}
	}
	vec_free(&im.changes);
	vec_free(&im.wrong);
	vec_free(&im.faults);
	return (r);
}
