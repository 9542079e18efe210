/* Bodies: each against its commitment, and what names what. */
#include <inttypes.h>

#include "assess/sealed.h"
#include "base/log.h"
#include "evidence/chunk.h"
#include "evidence/run.h"
#include "ledger/check.h"
#include "ledger/subject.h"
#include "record/history.h"
#include "record/migrate.h"
#include "schema/schema.h"
#include "seal/verify_private.h"
#include "sys/db.h"
#include "sys/file.h"
#include "text/zone.h"

#define DEEP 18
#define KEYS_BYTES ((size_t)1 << 30)

/* --- packs --------------------------------------------------------------------- */

struct packs {
	struct verify *v;
	uint64_t n;
};

static int
take_body(void *ctx, const uint8_t c[BODY_HASH], struct str plain,
    const struct err *why)
{
	struct packs *p = ctx;
	struct verify *v = p->v;

	(void)plain;
	p->n++;
	if (why != NULL) {
		set_add(&v->bad, c);
		verify_err(v, "bodies", "", why);
	}
	if (!set_add(&v->here, c)) {
		BUF_SCOPED hex = BUF_INIT;
		buf_puthex(&hex, c, BODY_HASH);
		verify_bad(v, "bodies", "body %s is there twice", hex.ptr);
	}
	return (0);
}

int
verify_bodies(struct verify *v, struct err *e)
{
	const char *dir = arena_printf(&v->a, "%s/bodies", v->ws);
	struct packs p = { .v = v };
	uint64_t before = v->problems;
	char **names = NULL;
	struct err own;
	size_t n = 0;
	int r = 0;

	if (!file_exists(dir))
		r = file_mkdirs(dir, 0700, e);
	if (r == 0)
		r = file_list(&v->a, dir, &names, &n, e);
	for (size_t i = 0; r == 0 && i < n; i++) {
		const char *path = arena_printf(&v->a, "%s/%s", dir, names[i]);
		progress("checking bodies", (int64_t)i, (int64_t)n);
		r = disclose_scan(path, arena_printf(&v->a, "bodies/%s",
		    names[i]), take_body, &p, &own);
		r = verify_found(v, "bodies", r, &own, e);
	}
	if (r == 0 && v->problems == before)
		verify_ok(v, "bodies", "%" PRIu64 " bodies opened; each is what an "
		    "entry or another body committed to", p.n);
	return (r);
}

/* --- records.db ------------------------------------------------------------------ */

static int
read_keys(struct verify *v, struct keys **ret, struct err *e)
{
	const char *path = arena_printf(&v->a, "%s/keys/cells", v->ws);
	BUF_SCOPED text = BUF_INIT;
	struct disclose_key *cells = NULL;
	size_t n = 0;
	int r = 0;

	if (file_exists(path)) {
		r = file_read(path, KEYS_BYTES, &text, e);
		if (r == 0)
			r = disclose_keys_parse(&v->a, buf_str(&text), &cells,
			    &n, e);
		if (r != 0)
			return (e != NULL && r != -ERR_IO ?
			    err_at(e, "keys/cells") : r);
	}
	return (disclose_keys(v->files, cells, n, ret, e));
}

/* Entries and bodies into a new database. */
static int
fill(struct verify *v, struct err *e)
{
	struct workspace *w = &v->work;
	const char *path = arena_printf(&v->a, "%s/records.db", v->ws);
	int r = db_open(&w->db, path, DB_CREATE | DB_WRITER | DB_NOSYNC, e);

	if (r == 0)
		r = ledger_rebuild(v->ws, w->db, NULL, e);
	if (r == 0)
		r = migrate_run(w->db, true, e);
	if (r == 0)
		r = ledger_open(v->ws, w->db, w->keys, true, &w->ledger, e);
	if (r != 0)
		return (r);
	disclose_partial(w->ledger);
	w->records = (struct record_store){ .db = w->db,
	    .ledger = w->ledger };
	return (0);
}

/* The description of the workspace must be of this ledger. */
static int
describe(struct verify *v, struct err *e)
{
	ARENA_SCOPED a = ARENA_INIT;
	const struct zone *zone;
	int r = record_zone(&a, v->work.ledger, &zone, e);

	if (r != 0)
		return (r);
	if (!str_is(v->work.origin, v->head.origin))
		verify_bad(v, "records", "tickmark.workspace names another ledger: "
		    STR_FMT, STR_ARG(v->work.origin));
	if (strcmp(zone_name(zone), zone_name(v->work.zone)) != 0)
		verify_bad(v, "records", "tickmark.workspace says zone %s, entry 0 "
		    "says %s", zone_name(v->work.zone), zone_name(zone));
	return (0);
}

/* The value of "zone" in the description, which cannot be read as a whole
 * before its zone is known. */
static const char *
zone_of(struct verify *v)
{
	BUF_SCOPED text = BUF_INIT;
	struct str rest, line;

	if (file_read(arena_printf(&v->a, "%s/tickmark.workspace", v->ws), 4096,
	    &text, NULL) != 0)
		return (NULL);
	rest = buf_str(&text);
	while (str_split(&rest, '\n', &line))
		if (str_starts(line, "zone = "))
			return (arena_strndup(&v->a, line.ptr + 7,
			    line.len - 7));
	return (NULL);
}

/* The rules of the zone come with the bundle: this machine may have others, or
 * none. */
static int
provide_zone(struct verify *v, struct err *e)
{
	const struct zip_member *m = zip_find(&v->zip, "zone.tzif");
	const char *name = zone_of(v);
	BUF_SCOPED bytes = BUF_INIT, own = BUF_INIT;
	int r;

	if (m == NULL || name == NULL)
		return (0);
	if ((r = zip_get(&v->zip, m, ZONE_MAX_BYTES, &bytes, e)) != 0)
		return (r);
	if (zone_read(name, &own, NULL) == 0 &&
	    !str_eq(buf_str(&own), buf_str(&bytes)))
		verify_note(v, "records", "the rules of the time zone %s in the "
		    "bundle are not those of this machine; those of the bundle "
		    "are used", name);
	return (zone_provide(name, buf_str(&bytes), e));
}

int
verify_rebuild(struct verify *v, struct err *e)
{
	struct err own;
	int r = provide_zone(v, &own);

	if (r == 0)
		r = workspace_look(v->ws, &v->work, &own);

	if (r == 0)
		r = read_keys(v, &v->work.keys, &own);
	if (r == 0)
		r = fill(v, &own);
	if (r == 0)
		r = describe(v, &own);
	if (r != 0) {
		ledger_close(v->work.ledger);
		v->work.ledger = NULL;
	}
	return (verify_found(v, "records", r, &own, e));
}

/* --- what names what --------------------------------------------------------------- */

struct walk {
	struct verify *v;
	uint64_t entry;
	struct str table;     /* whose rows are looked at */
	const struct row_decl *decl;
	int depth;
	VEC(struct manifest_class) classes;
	struct map gone;      /* hex of bodies that the manifest calls erased */
};

static struct manifest_class *
class_of(struct walk *w, struct str name)
{
	for (size_t i = 0; i < w->classes.n; i++)
		if (str_eq(w->classes.at[i].name, name))
			return (&w->classes.at[i]);
	vec_push(&w->classes, (struct manifest_class){
	    .name = arena_str(&w->v->a, name) });
	return (&w->classes.at[w->classes.n - 1]);
}

static struct str
hex_of(struct arena *a, const uint8_t *p, size_t n)
{
	BUF_SCOPED b = BUF_INIT;

	buf_puthex(&b, p, n);
	return (arena_str(a, buf_str(&b)));
}

static void
affect(struct verify *v, struct str name)
{
	if (name.len != 0 && map_get(&v->affected, name) == NULL)
		map_put(&v->affected, arena_str(&v->a, name), v);
}

/* A body that is not here: erased under a decision, or withheld. */
static void
absent(struct walk *w, struct str class, const uint8_t c[BODY_HASH])
{
	struct verify *v = w->v;
	BUF_SCOPED hex = BUF_INIT;
	buf_puthex(&hex, c, BODY_HASH);
	const struct manifest_erased *x = map_get(&w->gone, buf_str(&hex));
	struct verify_erasure *d = map_get(&v->erased, buf_str(&hex));

	if (d == NULL && x != NULL)
		d = map_get(&v->erased, hex_of(&v->a, x->key, KEYS_ID));
	if (d != NULL)
		d->bodies++;
	if (d != NULL || x != NULL)
		class_of(w, class)->erased++;
	else
		class_of(w, class)->withheld++;
}

/* 1: it is here and was not looked at before. */
static int
visit(struct walk *w, struct str class, const uint8_t c[BODY_HASH],
    struct buf *plain, struct err *e)
{
	struct verify *v = w->v;
	BUF_SCOPED text = BUF_INIT;
	int r;

	if (!set_add(&v->named, c))
		return (0);
	if (!set_has(&v->here, c)) {
		absent(w, class, c);
		return (0);
	}
	class_of(w, class)->here++;
	buf_puthex(&text, c, BODY_HASH);
	struct str hex = buf_str(&text);
	const struct verify_erasure *d = map_get(&v->erased, hex);
	if (d != NULL)
		verify_bad(v, "erasure", "body " STR_FMT " was erased by entry %"
		    PRIu64 " (" STR_FMT ") and is in the bundle", STR_ARG(hex),
		    d->entry, STR_ARG(d->decision));
	if (set_has(&v->bad, c)) {
		verify_bad(v, "bodies", "the damaged body " STR_FMT " is the "
		    STR_FMT "%s" STR_FMT " of entry %" PRIu64, STR_ARG(hex),
		    STR_ARG(class), w->table.len != 0 ? " of table " : "",
		    STR_ARG(w->table), w->entry);
		return (0);
	}
	r = body_get(v->work.ledger, c, plain, e);
	return (r == 0 ? 1 : r);
}

static int
take_seal(void *ctx, const uint8_t *id, struct err *e)
{
	struct walk *w = ctx;
	struct verify *v = w->v;
	uint8_t padded[32] = { 0 };
	struct keys_set set;
	struct verify_erasure *d;

	(void)e;
	for (int i = 0; i < KEYS_ID; i++)
		padded[i] = id[KEYS_ID - 1 - i];
	bool fresh = set_add(&v->seals, padded);
	bool have = subject_find(v->work.keys, id, &set, NULL) == 0;
	if (!have)
		affect(v, w->table);
	if (!fresh)
		return (0);
	struct arena_mark m = arena_mark(&v->a);
	d = map_get(&v->erased, hex_of(&v->a, id, KEYS_ID));
	arena_rewind(&v->a, m);
	if (have && d != NULL)
		verify_bad(v, "erasure", "keys/cells has a key that entry %" PRIu64
		    " (" STR_FMT ") erased", d->entry, STR_ARG(d->decision));
	if (!have)
		v->lacking_keys++;
	if (!have && d != NULL)
		d->keys++;
	return (0);
}

static int
visit_rows(void *ctx, const uint8_t c[BODY_HASH], struct err *e)
{
	struct walk *w = ctx;
	BUF_SCOPED plain = BUF_INIT;
	int r;

	if (w->depth == DEEP)
		return (err_set(e, ERR_DAMAGED, NULL, NULL,
		    "a tree of chunks is deeper than %d levels", DEEP));
	r = visit(w, STR("rows"), c, &plain, e);
	if (r <= 0)
		return (r);
	w->depth++;
	r = chunk_children(buf_str(&plain), visit_rows, w, e);
	w->depth--;
	if (r == 0 && w->decl != NULL && plain.len >= 4 &&
	    memcmp(plain.ptr, "TMR1", 4) == 0)
		r = chunk_seals(w->decl, buf_str(&plain), take_seal, w, e);
	return (r);
}

static int
visit_table(struct walk *w, struct arena *a, const struct run_table *t,
    struct err *e)
{
	struct verify *v = w->v;
	struct row_decl *decl = arena_new(a, struct row_decl);
	BUF_SCOPED text = BUF_INIT;
	struct err own;
	int r;

	r = visit(w, STR("table"), t->decl, &text, e);
	if (r < 0)
		return (r);
	if (!set_has(&v->here, t->root)) {
		affect(v, t->name);
		return (visit(w, STR("rows"), t->root, &text, e));
	}
	if (r == 0 && body_get(v->work.ledger, t->decl, &text, NULL) != 0) {
		affect(v, t->name);
		return (0);
	}
	r = row_decl_decode(a, arena_str(a, buf_str(&text)), decl, &own);
	w->decl = r == 0 ? decl : NULL;
	w->table = t->name;
	if (r != 0 && r != -ERR_NOTFOUND) {
		if (e != NULL)
			*e = own;
		return (r);
	}
	r = visit_rows(w, t->root, e);
	w->table = STR_NULL;
	return (r);
}

static int
visit_run(struct walk *w, const struct entry *x, struct err *e)
{
	ARENA_SCOPED a = ARENA_INIT;
	BUF_SCOPED text = BUF_INIT;
	const uint8_t *c = entry_body_get(x, "run");
	struct run run;
	int r = c == NULL ? 0 : visit(w, STR("run"), c, &text, e);

	if (r <= 0)
		return (r);
	if ((r = run_decode(&a, buf_str(&text), &run, e)) != 0)
		return (r);
	for (size_t i = 0; r == 0 && i < run.ntables; i++)
		if (run.tables[i].stored)
			r = visit_table(w, &a, &run.tables[i], e);
	return (r);
}

/* Members of a result are sealed under keys of their own. */
static int
take_member(void *ctx, const uint8_t id[KEYS_ID], struct str clear,
    struct err *e)
{
	(void)clear;
	return (take_seal(ctx, id, e));
}

static int
visit_entry(void *ctx, uint64_t index, const struct entry *x, struct err *e)
{
	struct walk *w = ctx;
	struct verify *v = w->v;
	BUF_SCOPED plain = BUF_INIT;
	struct err own;
	char prefix[40];
	int r;

	w->entry = index;
	r = visit_run(w, x, &own);
	for (size_t i = 0; r == 0 && i < x->nbodies; i++) {
		const struct entry_body *b = &x->bodies[i];
		if (str_is(b->class, "revision") &&
		    !set_has(&v->here, b->commitment))
			affect(v, x->type);
		r = visit(w, b->class, b->commitment, &plain, &own);
		if (r > 0 && str_is(b->class, "result"))
			r = sealed_each(v->work.keys, buf_str(&plain),
			    take_member, w, &own);
		r = r < 0 ? r : 0;
	}
	if (index % 256 == 0)
		progress("checking what names what", (int64_t)index,
		    (int64_t)v->head.size);
	if (r == 0)
		return (0);
	snprintf(prefix, sizeof(prefix), "entry %" PRIu64 ": ", index);
	if (r == -ERR_DAMAGED || r == -ERR_INPUT || r == -ERR_NEWER ||
	    r == -ERR_ERASED) {
		verify_err(v, "bodies", prefix, &own);
		return (0);
	}
	*e = own;
	return (r);
}

/* --- erasures ------------------------------------------------------------------------ */

static int
take_erasure(void *ctx, uint64_t index, const struct entry *x, struct err *e)
{
	struct verify *v = ctx;
	struct verify_erasure *d;

	(void)e;
	if (!str_is(x->action, "erase"))
		return (0);
	d = arena_new(&v->a, struct verify_erasure);
	d->entry = index;
	d->decision = arena_str(&v->a, entry_note_get(x, "decision"));
	map_put(&v->erased, arena_str(&v->a, x->id), d);
	return (0);
}

/* By decision: it may have erased much, in as many entries. */
static void
tell_erasures(struct verify *v)
{
	struct map told;

	map_init(&told, &v->a);
	for (size_t i = 0; i < v->erased.n; i++) {
		const struct verify_erasure *d = v->erased.items[i].value;
		uint64_t bodies = 0, keys = 0, entries = 0;
		if (map_put(&told, d->decision, v) != NULL)
			continue;
		for (size_t k = i; k < v->erased.n; k++) {
			const struct verify_erasure *x =
			    v->erased.items[k].value;
			if (!str_eq(x->decision, d->decision))
				continue;
			bodies += x->bodies;
			keys += x->keys;
			entries++;
		}
		if (bodies != 0 || keys != 0)
			verify_note(v, "erasure", "decision " STR_FMT " (%" PRIu64
			    " entries, first %" PRIu64 ") erased %" PRIu64
			    " bodies and %" PRIu64 " keys of cells that this "
			    "bundle would hold", STR_ARG(d->decision), entries,
			    d->entry, bodies, keys);
	}
}

/* --- what the manifest says of it ------------------------------------------------------ */

static const struct manifest_class *
claimed(const struct manifest *m, struct str name)
{
	static const struct manifest_class none;

	for (size_t i = 0; i < m->nclasses; i++)
		if (str_eq(m->classes[i].name, name))
			return (&m->classes[i]);
	return (&none);
}

static void
compare_classes(struct walk *w)
{
	struct verify *v = w->v;

	for (size_t i = 0; i < v->m.nclasses; i++)
		class_of(w, v->m.classes[i].name);
	for (size_t i = 0; i < w->classes.n; i++) {
		const struct manifest_class *x = &w->classes.at[i];
		const struct manifest_class *c = claimed(&v->m, x->name);
		if (x->here != c->here || x->withheld != c->withheld ||
		    x->erased != c->erased)
			verify_bad(v, "bodies", "of class " STR_FMT " %" PRIu64
			    " bodies are here, %" PRIu64 " are withheld and %"
			    PRIu64 " erased; the manifest says %" PRIu64 ", %"
			    PRIu64 " and %" PRIu64, STR_ARG(x->name), x->here,
			    x->withheld, x->erased, c->here, c->withheld,
			    c->erased);
		else if (x->withheld != 0)
			verify_not(v, "bodies", "%" PRIu64 " of class " STR_FMT
			    " are withheld from this bundle; the entries name "
			    "each of them", x->withheld, STR_ARG(x->name));
	}
}

static void
compare_keys(struct verify *v)
{
	const struct manifest *m = &v->m;
	uint64_t all = v->seals.n + v->seals.zero;

	if (all - v->lacking_keys != m->keys_here ||
	    v->lacking_keys != m->keys_withheld + m->keys_erased)
		verify_bad(v, "bodies", "%" PRIu64 " keys of cells are here and %"
		    PRIu64 " are not; the manifest says %" PRIu64 " and %" PRIu64,
		    all - v->lacking_keys, v->lacking_keys, m->keys_here,
		    m->keys_withheld + m->keys_erased);
	else if (m->keys_withheld != 0)
		verify_not(v, "bodies", "personal cells of %" PRIu64 " subjects are "
		    "withheld", m->keys_withheld);
}

static void
find_stray(void *ctx, const uint8_t c[32])
{
	struct verify *v = ctx;

	if (!set_has(&v->named, c)) {
		struct str hex = hex_of(&v->a, c, BODY_HASH);
		verify_bad(v, "bodies", "body " STR_FMT " is named by no entry "
		    "and no body", STR_ARG(hex));
	}
}

static void
index_gone(struct walk *w)
{
	const struct manifest *m = &w->v->m;

	map_init(&w->gone, &w->v->a);
	for (size_t i = 0; i < m->nerased; i++)
		map_put(&w->gone, hex_of(&w->v->a, m->erased[i].body, 32),
		    &m->erased[i]);
}

int
verify_named(struct verify *v, struct err *e)
{
	struct walk w = { .v = v };
	int r;

	map_init(&v->erased, &v->a);
	map_init(&v->affected, &v->a);
	index_gone(&w);
	r = ledger_each(v->work.ledger, 0, v->head.size, take_erasure, v, e);
	if (r == 0)
		r = ledger_each(v->work.ledger, 0, v->head.size, visit_entry,
		    &w, e);
	if (r == 0) {
		set_each(&v->here, find_stray, v);
		if (v->have_manifest) {
			compare_classes(&w);
			compare_keys(v);
		}
		tell_erasures(v);
	}
	vec_free(&w.classes);
	return (r);
}
