/* What an export says of itself: programme.yaml and manifest.csv. */
#include "program/folder_part.h"

#include "base/vec.h"
#include "ledger/id.h"
#include "sys/crypto.h"
#include "text/csv.h"
#include "text/yaml.h"

#define LIST_BYTES ((size_t)64 << 20)
#define AGAIN "export again into an empty folder, or take the file from git"

void
folder_list_sha(struct str text, char out[FOLDER_SHA + 1])
{
	uint8_t hash[CRYPTO_HASH];
	BUF_SCOPED hex = BUF_INIT;

	crypto_sha256(text.ptr, text.len, hash);
	buf_puthex(&hex, hash, sizeof(hash));
	memcpy(out, hex.ptr, FOLDER_SHA);
	out[FOLDER_SHA] = '\0';
}

int
folder_list_marks(struct str text)
{
	struct str rest = text, line;
	int n = 0, begun = 0;

	while (str_split(&rest, '\n', &line)) {
		n++;
		if (str_starts(line, "<<<<<<< "))
			begun = n;
		else if (begun != 0 && str_starts(line, ">>>>>>> "))
			return (begun);
	}
	return (0);
}

bool
folder_list_split(struct arena *a, struct str file, const char **ret_sub,
    const char **ret_name)
{
	struct str rest = file, sub;

	if (!str_split(&rest, '/', &sub) || rest.ptr == NULL || rest.len == 0 ||
	    memchr(rest.ptr, '/', rest.len) != NULL || rest.ptr[0] == '.' ||
	    !str_utf8_ok(file))
		return (false);
	const struct schema_type *t = schema_find(sub);
	if (t == NULL || folder_out(t) != NULL)
		return (false);
	*ret_sub = t->name;
	*ret_name = arena_strndup(a, rest.ptr, rest.len);
	return (true);
}

/* --- programme.yaml --------------------------------------------------------- */

void
folder_list_about(const struct act *x, const struct folder_listing *l,
    struct buf *out)
{
	struct val *m = val_map(x->a), *list = val_list(x->a);

	val_put(x->a, m, "format", val_int(x->a, FOLDER_FORMAT));
	val_put(x->a, m, "organisation", val_str(x->a, x->ws->org));
	val_put(x->a, m, "ledger", val_str(x->a, l->ledger));
	val_put(x->a, m, "personal", val_bool(x->a, !l->impersonal));
	for (size_t i = 0; i < l->nwithout; i++)
		val_push(x->a, list, val_text(x->a, l->without[i]->name));
	val_put(x->a, m, "without", list);
	yaml_put_val(out, m);
}

static int
bad_about(const struct val *v, const char *what, struct err *e)
{
	char where[64];

	snprintf(where, sizeof(where), FOLDER_ABOUT ":%d", v != NULL &&
	    v->line > 0 ? v->line : 1);
	return (err_set(e, ERR_INPUT, where, AGAIN, "%s", what));
}

static int
take_without(struct arena *a, const struct val *v, struct folder_listing *l,
    struct err *e)
{
	size_t n = val_count(v);

	if (v == NULL || (v->type != VAL_LIST && v->type != VAL_NULL))
		return (bad_about(v, "without: a list of types is expected", e));
	l->without = arena_array(a, n + 1, sizeof(*l->without));
	for (size_t i = 0; i < n; i++) {
		const struct val *x = v->u.list.at[i];
		const struct schema_type *t = x->type == VAL_STR ?
		    schema_find(x->u.s) : NULL;
		if (t == NULL || !schema_is_record(t))
			return (bad_about(x, "without: it is no type of record", e));
		l->without[l->nwithout++] = t;
	}
	return (0);
}

static int
take_about(struct arena *a, struct str text, struct folder_listing *l,
    struct err *e)
{
	struct val *v;
	int r = yaml_parse(a, FOLDER_ABOUT, text, &v, e);

	if (r != 0)
		return (r);
	if (v->type != VAL_MAP)
		return (bad_about(v, "it does not say what the folder is", e));
	int64_t format = val_get_int(v, "format", 0);
	if (format > FOLDER_FORMAT)
		return (err_set(e, ERR_NEWER, FOLDER_ABOUT, "use a newer program",
		    "the folder has format %lld, and this program knows %d",
		    (long long)format, FOLDER_FORMAT));
	if (format != FOLDER_FORMAT)
		return (bad_about(val_get(v, "format"), "format: 1 is expected", e));
	l->ledger = val_get_str(v, "ledger");
	if (l->ledger.len == 0)
		return (bad_about(val_get(v, "ledger"), "ledger: the name of the "
		    "ledger that it was exported from is expected", e));
	const struct val *p = val_get(v, "personal");
	if (p == NULL || p->type != VAL_BOOL)
		return (bad_about(p, "personal: true or false is expected", e));
	l->impersonal = !p->u.b;
	l->there = true;
	return (take_without(a, val_get(v, "without"), l, e));
}

/* --- manifest.csv ------------------------------------------------------------- */

static const char *const columns[] = { "file", "sha256", "id", "rev" };
#define COLUMNS (sizeof(columns) / sizeof(columns[0]))

void
folder_list_rows(const struct folder_listing *l, struct buf *out)
{
	struct csv_writer w = CSV_WRITER(out);

	w.lf = true;
	for (size_t i = 0; i < COLUMNS; i++)
		csv_puttext(&w, columns[i]);
	csv_endrow(&w);
	for (size_t i = 0; i < l->n; i++) {
		csv_puttext(&w, l->at[i].file);
		csv_puttext(&w, l->at[i].sha);
		csv_put(&w, l->at[i].id);
		if (l->at[i].id.len != 0)
			csv_putint(&w, l->at[i].rev);
		else
			csv_puttext(&w, "");
		csv_endrow(&w);
	}
}

static int
bad_row(const struct csv_row *row, const char *what, struct err *e)
{
	char where[64];

	snprintf(where, sizeof(where), FOLDER_LIST ":%lld", (long long)row->line);
	return (err_set(e, ERR_INPUT, where, AGAIN, "%s", what));
}

static int
take_row(struct arena *a, const struct csv_row *row, struct folder_listing *l,
    struct err *e)
{
	const char *sub, *name;
	struct folder_row *x = &l->at[l->n];
	uint8_t hash[CRYPTO_HASH];

	if (row->n != COLUMNS)
		return (bad_row(row, "a row has four cells", e));
	if (!folder_list_split(a, row->at[0], &sub, &name))
		return (bad_row(row, "it names no file of a record", e));
	if (!str_unhex(row->at[1], hash, sizeof(hash)))
		return (bad_row(row, "a SHA-256 of 64 digits is expected", e));
	*x = (struct folder_row){ .file = arena_printf(a, "%s/%s", sub, name),
		.id = arena_str(a, row->at[2]) };
	memcpy(x->sha, row->at[1].ptr, FOLDER_SHA);
	bool record = x->id.len != 0;
	if (record ? !id_ok(x->id) || !str_to_i64(row->at[3], &x->rev) ||
	    x->rev < 1 : row->at[3].len != 0)
		return (bad_row(row, "an id and the number of a revision are "
		    "expected, or neither", e));
	if (l->n != 0 && strcmp(l->at[l->n - 1].file, x->file) >= 0)
		return (bad_row(row, "the files are sorted, each once", e));
	l->n++;
	return (0);
}

static int
take_list(struct arena *a, struct str text, struct folder_listing *l,
    struct err *e)
{
	CSV_SCOPED c = csv_new(FOLDER_LIST, NULL);
	struct csv_row row;
	size_t lines = 1;
	bool head = true;
	int r;

	for (size_t i = 0; i < text.len; i++)
		lines += text.ptr[i] == '\n';
	if (lines > FOLDER_FILES + 2)
		return (err_set(e, ERR_LIMIT, FOLDER_LIST, AGAIN,
		    "it has more than %zu rows", FOLDER_FILES));
	l->at = arena_array(a, lines + 1, sizeof(*l->at));
	csv_feed(c, text, true);
	while ((r = csv_next(c, &row, e)) > 0) {
		if (!head)
			r = take_row(a, &row, l, e);
		else if (row.n != COLUMNS || !str_is(row.at[0], columns[0]))
			r = bad_row(&row, "a row of file, sha256, id, rev comes "
			    "first", e);
		if (r < 0)
			return (r);
		head = false;
	}
	for (size_t i = 0; r == 0 && i < l->n; i++)
		map_put(&l->files, str_from(l->at[i].file), &l->at[i]);
	return (r);
}

/* --- both ------------------------------------------------------------------------ */

static int
read_one(struct tree *t, const char *name, struct buf *out,
    struct err *e)
{
	int r = tree_read(t, "", name, LIST_BYTES, out, e);
	int line = r == 0 ? folder_list_marks(buf_str(out)) : 0;
	char where[64];

	if (line == 0)
		return (r);
	snprintf(where, sizeof(where), "%s:%d", name, line);
	return (err_set(e, ERR_INPUT, where, "take either side of the file, "
	    "and see with plan what it says", "a merge left its marks in it"));
}

int
folder_list_read(struct tree *t, struct arena *a,
    struct folder_listing *ret, struct err *e)
{
	struct folder_listing l = { 0 };
	BUF_SCOPED about = BUF_INIT;
	BUF_SCOPED list = BUF_INIT;
	int r = read_one(t, FOLDER_ABOUT, &about, e);

	map_init(&l.files, a);
	if (r == -ERR_NOTFOUND) {
		*ret = l;
		return (0);
	}
	if (r == 0)
		r = take_about(a, arena_str(a, buf_str(&about)), &l, e);
	if (r == 0) {
		r = read_one(t, FOLDER_LIST, &list, e);
		if (r == 0)
			r = take_list(a, arena_str(a, buf_str(&list)), &l, e);
		else if (r == -ERR_NOTFOUND) /* then all is compared */
			r = 0;
	}
	if (r == 0)
		*ret = l;
	return (r);
}
