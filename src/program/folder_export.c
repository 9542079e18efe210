#include "program/folder_part.h"

#include "base/content.h"
#include "base/log.h"
#include "record/reader.h"

#define ABOUT "content/folder/README.md"
#define ATTRIBUTES "# Texts are kept byte for byte: see README.md\n* -text\n"

struct piece {
	struct folder_row row;
	const char *sub, *name;
	struct str text;
	bool fresh; /* is not there like this */
};

struct exporting {
	const struct act *x;
	struct folder_options o;
	struct tree tree;
	struct folder_index ix;
	struct folder_listing old, new;
	struct folder_listing *seen; /* what is there, instead of the manifest */
	VEC(struct piece) pieces;
	const struct schema_type *t; /* in work: */
	VEC(struct folder_called) called;
	VEC(struct folder_texts) texts;
	VEC(int64_t) revs;
	struct folder_counts n;
};

static bool
left_out(const struct folder_options *o, const struct schema_type *t)
{
	for (size_t i = 0; i < o->nwithout; i++)
		if (o->without[i] == t)
			return (true);
	return (folder_out(t) != NULL);
}

/* --- what there is to write --------------------------------------------------- */

static int
gather(void *ctx, const struct record *r, struct err *e)
{
	struct exporting *p = ctx;
	struct arena *a = p->x->a;
	struct record rec = *r;
	struct folder_texts x;
	struct folder_called c;

	if (p->pieces.n + p->texts.n >= FOLDER_FILES)
		return (err_set(e, ERR_LIMIT, p->t->name, arena_printf(a,
		    "leave out what has most records: --without %s", p->t->name),
		    "the folder would have more than %zu files", FOLDER_FILES));
	if (p->o.impersonal)
		folder_text_mask(a, &rec);
	folder_text_put(&p->ix, a, &rec, &x);
	folder_name_first(&p->ix, a, &rec, &x, &c);
	vec_push(&p->texts, x);
	vec_push(&p->called, c);
	vec_push(&p->revs, r->rev);
	return (0);
}

static void
add(struct exporting *p, const char *file, struct str text, struct str id,
    int64_t rev)
{
	struct piece x = { .row = { .file = file, .id = id, .rev = rev },
		.sub = p->t->name, .text = text };

	x.name = file + strlen(x.sub) + 1;
	folder_list_sha(text, x.row.sha);
	vec_push(&p->pieces, x);
}

static int
take_type(struct exporting *p, const struct schema_type *t, struct err *e)
{
	struct record_store *s = &p->x->ws->records, own = *s;
	struct record_reader quiet = { 0 };
	struct record_query q = { .sort = RECORD_BY_HANDLE, .taking = true };
	struct arena *a = p->x->a;

	if (s->reader != NULL && access_when(&s->reader->as, t, ACCESS_RECORD,
	    ACCESS_EXPORT) == ACCESS_NEVER)
		return (0);
	p->t = t;
	p->called.n = p->texts.n = p->revs.n = 0;
	/* Nothing that is recorded as read is handed out. */
	if (p->o.impersonal && s->reader != NULL) {
		quiet = *s->reader;
		quiet.dir = NULL;
		own.reader = &quiet;
	}
	int r = record_each(&own, t, &q, gather, p, e);
	if (own.reader == &quiet) {
		s->reader->arena = quiet.arena;
		s->reader->kinds = quiet.kinds;
	}
	if (r != 0)
		return (r);
	folder_name_settle(a, p->called.at, p->called.n);
	for (size_t i = 0; i < p->called.n; i++) {
		const struct folder_texts *x = &p->texts.at[i];
		const char *base = arena_printf(a, "%s/%s", t->name,
		    p->called.at[i].name);
		add(p, arena_printf(a, "%s.yaml", base), x->yaml,
		    p->called.at[i].id, p->revs.at[i]);
		for (size_t k = 0; k < x->nprose; k++)
			add(p, arena_printf(a, "%s.%s.md", base,
			    t->fields[x->prose[k].field].name),
			    x->prose[k].text, STR(""), 0);
	}
	p->n.records += p->called.n;
	return (0);
}

static int
by_file(const void *a, const void *b)
{
	const struct piece *x = a, *y = b;

	return (strcmp(x->row.file, y->row.file));
}

static int
take_all(struct exporting *p, struct err *e)
{
	int r = folder_index_load(p->x, &p->ix, e);

	for (size_t i = 0; r == 0 && i < schema_ntypes; i++)
		if (schema_is_record(&schema_types[i]) &&
		    !left_out(&p->o, &schema_types[i]))
			r = take_type(p, &schema_types[i], e);
	if (r == 0 && p->pieces.n != 0)
		qsort(p->pieces.at, p->pieces.n, sizeof(*p->pieces.at), by_file);
	return (r);
}

/* --- what is there -------------------------------------------------------------- */

static int
changed_by_others(struct exporting *p, const char *file, bool listed,
    struct err *e)
{
	if (p->o.overwrite)
		return (0);
	return (err_set(e, ERR_CONFLICT, file, "bring it in first (tickmark "
	    "programme DIR plan FOLDER), or write over it with --overwrite", "%s",
	    listed ? "the file was changed since it was exported" :
	    "there is a file of this name that no export made"));
}

/* Is the file as it is to be? What others wrote is not written over. */
static int
look_at(struct exporting *p, struct piece *x, struct buf *text, struct err *e)
{
	const struct folder_row *was = map_get(&p->old.files,
	    str_from(x->row.file));
	char sha[FOLDER_SHA + 1];
	int r = tree_read(&p->tree, x->sub, x->name, FOLDER_FILE, text, e);

	x->fresh = true;
	if (r == -ERR_NOTFOUND)
		return (0);
	if (r != 0)
		return (r);
	x->fresh = !str_eq(buf_str(text), x->text);
	folder_list_sha(buf_str(text), sha);
	if (x->fresh && (was == NULL || strcmp(was->sha, sha) != 0))
		return (changed_by_others(p, x->row.file, was != NULL, e));
	return (0);
}

/* A file that an export made, and that is needed no more. */
static int
let_go(struct exporting *p, const struct folder_row *was, struct buf *text,
    bool really, struct err *e)
{
	const char *sub, *name;
	char sha[FOLDER_SHA + 1];

	if (!folder_list_split(p->x->a, str_from(was->file), &sub, &name))
		BUG("a file that was listed is none");
	if (really) {
		p->n.removed++;
		return (tree_remove(&p->tree, sub, name, e));
	}
	int r = tree_read(&p->tree, sub, name, FOLDER_FILE, text, e);
	if (r == -ERR_NOTFOUND)
		return (0);
	if (r != 0)
		return (r);
	folder_list_sha(buf_str(text), sha);
	return (strcmp(sha, was->sha) == 0 ? 0 :
	    changed_by_others(p, was->file, true, e));
}

static int
let_go_all(struct exporting *p, bool really, struct err *e)
{
	BUF_SCOPED text = BUF_INIT;
	int r = 0;

	for (size_t i = 0, k = 0; r == 0 && i < p->old.n; i++) {
		int c = 1;
		while (k < p->pieces.n && (c = strcmp(p->pieces.at[k].row.file,
		    p->old.at[i].file)) < 0)
			k++;
		if (k == p->pieces.n || c != 0)
			r = let_go(p, &p->old.at[i], &text, really, e);
	}
	return (r);
}

/* --- writing ---------------------------------------------------------------------- */

static int
put_if_other(struct exporting *p, const char *name, struct str text,
    struct err *e)
{
	BUF_SCOPED was = BUF_INIT;
	int r = tree_read(&p->tree, "", name, (size_t)64 << 20, &was, e);

	if (r == 0 && str_eq(buf_str(&was), text))
		return (0);
	if (r != 0 && r != -ERR_NOTFOUND)
		return (r);
	return (tree_write(&p->tree, "", name, text, e));
}

/* Only if nobody has one of their own. */
static int
put_once(struct exporting *p, const char *name, struct str text,
    struct err *e)
{
	BUF_SCOPED was = BUF_INIT;
	int r = tree_read(&p->tree, "", name, FOLDER_FILE, &was, e);

	if (r == -ERR_NOTFOUND)
		return (tree_write(&p->tree, "", name, text, e));
	return (r);
}

static int
write_pieces(struct exporting *p, struct err *e)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < p->pieces.n; i++) {
		struct piece *x = &p->pieces.at[i];
		p->n.written += x->fresh;
		p->n.same += !x->fresh;
		if (x->fresh)
			r = tree_write(&p->tree, x->sub, x->name, x->text, e);
		if (i % 256 == 0)
			progress("writing", (int64_t)i, (int64_t)p->pieces.n);
	}
	return (r);
}

static int
write_all(struct exporting *p, struct err *e)
{
	BUF_SCOPED about = BUF_INIT;
	BUF_SCOPED list = BUF_INIT;
	struct folder_listing *l = &p->new;
	int r = 0;

	l->ledger = p->x->ws->origin;
	l->impersonal = p->o.impersonal;
	l->without = p->o.nwithout == 0 ? NULL : arena_array(p->x->a,
	    p->o.nwithout, sizeof(*l->without));
	for (size_t i = 0; i < p->o.nwithout; i++)
		l->without[l->nwithout++] = p->o.without[i];
	l->at = arena_array(p->x->a, p->pieces.n + 1, sizeof(*l->at));
	for (size_t i = 0; i < p->pieces.n; i++)
		l->at[l->n++] = p->pieces.at[i].row;
	folder_list_about(p->x, l, &about);
	folder_list_rows(l, &list);
	/* First, so that an end in the middle leaves what can be gone on with; and
	 * the list last: before it, what was written counts as nobody's. */
	r = put_if_other(p, FOLDER_ABOUT, buf_str(&about), e);
	if (r == 0)
		r = put_once(p, "README.md", content_find(ABOUT), e);
	if (r == 0)
		r = put_once(p, ".gitattributes", STR(ATTRIBUTES), e);
	if (r == 0)
		r = write_pieces(p, e);
	if (r == 0)
		r = let_go_all(p, true, e);
	if (r == 0)
		r = put_if_other(p, FOLDER_LIST, buf_str(&list), e);
	return (r);
}

/* What a folder leaves out, later exports into it leave out as well: nothing comes
 * into a repository because an option was forgotten. */
static void
keep_out(struct exporting *p)
{
	struct folder_options *o = &p->o;
	const struct schema_type **at = arena_array(p->x->a, o->nwithout +
	    p->old.nwithout + 1, sizeof(*at));
	size_t n = 0;

	for (size_t i = 0; i < schema_ntypes; i++) {
		bool out = false;
		for (size_t k = 0; k < o->nwithout; k++)
			out |= o->without[k] == &schema_types[i];
		for (size_t k = 0; k < p->old.nwithout; k++)
			out |= p->old.without[k] == &schema_types[i];
		if (out)
			at[n++] = &schema_types[i];
	}
	o->without = at;
	o->nwithout = n;
	o->impersonal |= p->old.impersonal;
}

static int
open_folder(struct exporting *p, const char *path, struct err *e)
{
	bool empty;
	int r = tree_open(&p->tree, path, true, e);

	if (r == 0)
		r = folder_list_read(&p->tree, p->x->a, &p->old, e);
	if (r == 0 && !p->old.there) {
		r = tree_empty(&p->tree, &empty, e);
		if (r == 0 && !empty)
			r = err_set(e, ERR_CONFLICT, path, "name a new or an empty "
			    "folder, or one below it", "the folder has files, and "
			    "none of them is " FOLDER_ABOUT);
	}
	if (r == 0)
		keep_out(p);
	if (r == 0 && p->seen != NULL)
		p->old = *p->seen;
	else if (r == 0 && p->old.there && !p->o.overwrite &&
	    !str_eq(p->old.ledger, p->x->ws->origin))
		r = err_set(e, ERR_CONFLICT, path, "name another folder, or write "
		    "over it with --overwrite", "the folder was exported from "
		    "another workspace");
	return (r);
}

int
folder_export(const struct act *x, const char *path,
    const struct folder_options *o, struct folder_counts *ret, struct err *e)
{
	return (folder_export_over(x, path, o, NULL, ret, e));
}

int
folder_export_over(const struct act *x, const char *path,
    const struct folder_options *o, struct folder_listing *seen,
    struct folder_counts *ret, struct err *e)
{
	struct exporting p = { .x = x, .o = *o, .tree = TREE_INIT, .seen = seen };
	BUF_SCOPED text = BUF_INIT;
	int r = open_folder(&p, path, e);

	if (r == 0)
		r = take_all(&p, e);
	for (size_t i = 0; r == 0 && i < p.pieces.n; i++)
		r = look_at(&p, &p.pieces.at[i], &text, e);
	if (r == 0)
		r = let_go_all(&p, false, e);
	if (r == 0)
		r = write_all(&p, e);
	if (r == 0)
		*ret = p.n;
	tree_close(&p.tree);
	vec_free(&p.pieces);
	vec_free(&p.called);
	vec_free(&p.texts);
	vec_free(&p.revs);
	return (r);
}
