/* The members of a bundle beside the bodies. */
#include <inttypes.h>

#include "assess/reperform.h"
#include "assess/result.h"
#include "assess/sealed.h"
#include "base/content.h"
#include "base/log.h"
#include "ledger/proof.h"
#include "evidence/evidence.h"
#include "ledger/tile.h"
#include "record/history.h"
#include "record/workspace.h"
#include "report/report.h"
#include "schema/schema.h"
#include "seal/bundle_private.h"
#include "sys/crypto.h"
#include "sys/db.h"
#include "text/zone.h"

#define SMALL ((size_t)64 << 20) /* bytes of a file that is taken as it is */

static int
add_content(struct bundle *b, const char *path, const char *name,
    struct err *e)
{
	struct str s = content_find(path);

	if (s.ptr == NULL)
		return (err_set(e, ERR_BUG, path, "build the program again",
		    "a file of its content is missing"));
	return (bundle_add(b, name, s, e));
}

static int
add_readme(struct bundle *b, struct err *e)
{
	BUF_SCOPED t = BUF_INIT;
	struct str rest = content_find("content/bundle/README.txt");

	buf_printf(&t, "Sealed bundle of " STR_FMT "\nledger %s, %" PRIu64
	    " entries, root ", STR_ARG(b->spec->ws->org), b->head.origin,
	    b->head.size);
	buf_putb64(&t, b->head.root.h, TREE_HASH);
	buf_putc(&t, '\n');
	buf_putstr(&t, rest);
	return (bundle_add(b, "README.txt", buf_str(&t), e));
}

/* A file as it is, if it is there. */
static int
add_file(struct bundle *b, const char *path, const char *name, bool needed,
    struct err *e)
{
	BUF_SCOPED t = BUF_INIT;
	struct err own;
	int r = file_read(path, SMALL, &t, &own);

	if (r == -ERR_NOTFOUND && !needed)
		return (0);
	if (r != 0) {
		if (e != NULL)
			*e = own;
		return (r);
	}
	return (bundle_add(b, name, buf_str(&t), e));
}

/* The rules of the zone, as this machine has them: a reader may have others. */
static int
add_zone(struct bundle *b, struct err *e)
{
	BUF_SCOPED t = BUF_INIT;
	int r = zone_read(zone_name(b->spec->ws->zone), &t, e);

	return (r != 0 || t.len == 0 ? r :
	    bundle_add(b, "zone.tzif", buf_str(&t), e));
}

static int
add_stamps(struct bundle *b, struct err *e)
{
	const char *dir = arena_printf(&b->a, "%s/timestamp", b->files);
	char **names;
	size_t n;
	int r;

	if (!file_exists(dir))
		return (0);
	r = file_list(&b->a, dir, &names, &n, e);
	for (size_t i = 0; r == 0 && i < n; i++) {
		struct str s = str_from(names[i]);
		const char *name = arena_printf(&b->a, "ledger/timestamp/%s",
		    names[i]);
		if ((str_ends(s, ".note") || str_ends(s, ".tsr")) &&
		    zip_name_ok(str_from(name)))
			r = add_file(b, arena_printf(&b->a, "%s/%s", dir,
			    names[i]), name, true, e);
	}
	return (r);
}

static int
add_tiles(struct bundle *b, int level, struct err *e)
{
	BUF_SCOPED t = BUF_INIT;
	char rel[TILE_PATH], name[TILE_PATH + 8];
	unsigned width;
	int r = 0;

	for (uint64_t n = 0; r == 0 &&
	    (width = tile_width(level, n, b->head.size)) != 0; n++) {
		tile_path(level, n, width, rel);
		snprintf(name, sizeof(name), "ledger/%s", rel);
		r = tile_read(b->files, level, n, width, &t, e);
		if (r == 0)
			r = bundle_add(b, name, buf_str(&t), e);
		progress("packing the ledger", (int64_t)(n * TILE_WIDTH),
		    (int64_t)b->head.size);
	}
	return (r);
}

static int
add_ledger(struct bundle *b, struct err *e)
{
	static const char *const files[] = { "vkey", "checkpoint", "witnessed",
		"policy" };
	int r = 0;

	for (size_t i = 0; r == 0 && i < 4; i++)
		r = add_file(b, arena_printf(&b->a, "%s/%s", b->files,
		    files[i]), arena_printf(&b->a, "ledger/%s", files[i]),
		    i < 2, e);
	if (r == 0)
		r = add_stamps(b, e);
	for (int level = TILE_ENTRIES; r == 0 && level < TILE_LEVELS; level++)
		r = add_tiles(b, level, e);
	return (r);
}

static int
add_declarations(struct bundle *b, struct err *e)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < schema_ntypes; i++) {
		const struct schema_type *t = &schema_types[i];
		r = bundle_add(b, arena_printf(&b->a, "declarations/%s.%s",
		    t->name, schema_is_record(t) ? "type" : "table"),
		    str_from(t->canon), e);
	}
	return (r != 0 ? r : add_content(b, "content/identity.rules",
	    "declarations/identity.rules", e));
}

int
bundle_front(struct bundle *b, struct err *e)
{
	int r = add_readme(b, e);

	if (r == 0)
		r = add_content(b, "content/bundle/verify.html", "verify.html",
		    e);
	if (r == 0)
		r = add_file(b, arena_printf(&b->a, "%s/tickmark.workspace",
		    b->spec->ws->dir), "tickmark.workspace", true, e);
	if (r == 0)
		r = add_zone(b, e);
	if (r == 0)
		r = add_declarations(b, e);
	return (r != 0 ? r : add_ledger(b, e));
}

/* --- copies for people ----------------------------------------------------------- */

static int
copy_procedure(struct bundle *b, uint64_t entry, struct err *e)
{
	ARENA_SCOPED a = ARENA_INIT;
	struct str text, params;
	struct err own;
	char name[64];
	int r = reperform_adopted(&a, b->ledger, entry, &text, &params, &own);

	if (r == -ERR_ERASED)
		return (0);
	if (r != 0) {
		if (e != NULL)
			*e = own;
		return (r);
	}
	snprintf(name, sizeof(name), "procedures/%" PRIu64 ".sql", entry);
	r = bundle_add(b, name, text, e);
	snprintf(name, sizeof(name), "procedures/%" PRIu64 ".parameters",
	    entry);
	return (r != 0 ? r : bundle_add(b, name, params, e));
}

static int
copy_result(struct bundle *b, const struct bundle_run *run, struct err *e)
{
	ARENA_SCOPED a = ARENA_INIT;
	BUF_SCOPED stored = BUF_INIT, bytes = BUF_INIT;
	struct entry x;
	struct err own;
	char name[64];
	int r = ledger_entry(b->ledger, &a, run->entry, &x, &own);
	const uint8_t *c = r == 0 ? entry_body_get(&x, "result") : NULL;

	if (c != NULL)
		r = body_get(b->ledger, c, &stored, &own);
	if (r == 0)
		r = sealed_decode(bundle_withholds(b, "personal") ? NULL :
		    ledger_keys(b->ledger), buf_str(&stored), SIZE_MAX, &bytes, &own);
	if (r == -ERR_ERASED)
		return (0);
	if (r != 0) {
		if (e != NULL)
			*e = own;
		return (r);
	}
	snprintf(name, sizeof(name), "results/%" PRIu64 ".txt", run->entry);
	return (bundle_add(b, name, buf_str(&bytes), e));
}

int
bundle_copies(struct bundle *b, struct err *e)
{
	uint64_t last = UINT64_MAX;
	int r = 0;

	for (size_t i = 0; r == 0 && i < b->adopted.n; i++) {
		if (b->adopted.at[i] != last)
			r = copy_procedure(b, b->adopted.at[i], e);
		last = b->adopted.at[i];
	}
	for (size_t i = 0; r == 0 && i < b->runs.n; i++)
		r = copy_result(b, &b->runs.at[i], e);
	return (r);
}

/* --- the report --------------------------------------------------------------- */

static int
differs(const char *path, struct str have, struct str want, struct err *e)
{
	size_t line = 1, i = 0;
	char where[600];

	for (; i < have.len && i < want.len && have.ptr[i] == want.ptr[i]; i++)
		line += have.ptr[i] == '\n';
	snprintf(where, sizeof(where), "%s:%zu", path, line);
	return (err_set(e, ERR_NO, where, "write it again with tickmark report "
	    "and the same --as-of, or leave --report out",
	    "this is not the report that the workspace gives for that date"));
}

/* What was given must be what is composed. */
static int
compare_given(struct bundle *b, const struct report_parts *p, struct err *e)
{
	BUF_SCOPED have = BUF_INIT;
	const struct report_writer *w;
	const char *path = b->spec->report_file;
	int r;

	if (path == NULL)
		return (0);
	if ((r = report_writer(path, &w, e)) != 0 ||
	    (r = file_read(path, SMALL, &have, e)) != 0)
		return (r);
	bool pdf = strcmp(w->ending, ".pdf") == 0;
	if (pdf && p->no_pdf.code != ERR_OK) {
		if (e != NULL)
			*e = p->no_pdf;
		return (-(int)p->no_pdf.code);
	}
	const struct buf *want = pdf ? &p->pdf : &p->html;
	return (str_eq(buf_str(&have), buf_str(want)) ? 0 :
	    differs(path, buf_str(&have), buf_str(want), e));
}

int
bundle_report(struct bundle *b, struct bundle_result *ret, struct err *e)
{
	const struct bundle_spec *s = b->spec;
	struct report_spec spec = { .ws = s->ws, .as = s->as,
		.type = REPORT_TYPE1, .as_of = s->report_as_of,
		.assertion_first = s->assertion_first };
	struct report_parts p;
	int r;

	if (s->no_report)
		return (0);
	if ((r = report_parts(&spec, &p, e)) != 0)
		return (r);
	b->m.report = ret->report = true;
	b->m.report_as_of = s->report_as_of;
	b->m.report_assertion_first = s->assertion_first;
	ret->pdf = p.no_pdf.code == ERR_OK;
	snprintf(ret->why_no_pdf, sizeof(ret->why_no_pdf), "%.200s",
	    p.no_pdf.what);
	r = compare_given(b, &p, e);
	if (r == 0)
		r = bundle_add(b, "report/numbers.json", buf_str(&p.numbers),
		    e);
	if (r == 0)
		r = bundle_add(b, "report/report.html", buf_str(&p.html), e);
	if (r == 0 && ret->pdf)
		r = bundle_add(b, "report/report.pdf", buf_str(&p.pdf), e);
	report_parts_free(&p);
	return (r);
}

/* --- the manifest ----------------------------------------------------------------- */

static bool
is_whole(const struct bundle *b)
{
	static const char *const needed[] = { "revision", "run", "rows",
		"table" };

	for (size_t i = 0; i < b->classes.n; i++)
		for (size_t k = 0; k < 4; k++)
			if (str_is(b->classes.at[i].name, needed[k]) &&
			    b->classes.at[i].withheld != 0)
				return (false);
	return (b->m.keys_withheld == 0);
}

static struct str *
texts(struct bundle *b, const char *const *at, size_t n)
{
	struct str *out = arena_array(&b->a, n + 1, sizeof(*out));

	for (size_t i = 0; i < n; i++)
		out[i] = str_from(at[i]);
	return (out);
}

static int
fill(struct bundle *b, struct err *e)
{
	const struct bundle_spec *s = b->spec;
	struct manifest *m = &b->m;
	ARENA_SCOPED a = ARENA_INIT;
	struct entry x;
	int r = 0;

	m->origin = str_from(b->head.origin);
	m->size = b->head.size;
	memcpy(m->root, b->head.root.h, TREE_HASH);
	if (m->size != 0)
		r = ledger_entry(b->ledger, &a, m->size - 1, &x, e);
	m->time = r == 0 && m->size != 0 ? x.time : 0;
	m->program = STR("tickmark 0.1");
	m->engine = RESULT_ENGINE;
	m->sqlite = str_from(db_version());
	m->sqlite_source = str_from(db_source_id());
	m->declarations = str_from(schema_digest());
	m->rules = str_from(evidence_identity_digest());
	m->scope = texts(b, s->ids, s->nids);
	m->nscope = s->nids;
	m->period = str_from(s->period);
	m->as_of = str_from(s->as_of);
	m->withheld = texts(b, s->withhold, s->nwithhold);
	m->nwithheld = s->nwithhold;
	m->results = arena_array(&b->a, b->runs.n + 1, sizeof(*m->results));
	for (size_t i = 0; i < b->runs.n; i++)
		m->results[m->nresults++] = (struct manifest_result){
			b->runs.at[i].entry, b->runs.at[i].procedure };
	m->classes = b->classes.at;
	m->nclasses = b->classes.n;
	m->erased = b->erased.at;
	m->nerased = b->erased.n;
	m->files = b->listed.at;
	m->nfiles = b->listed.n;
	m->whole = is_whole(b);
	if (r == 0 && m->whole)
		r = record_digest(&s->ws->records, m->records, e);
	if (r == 0 && m->whole)
		r = evidence_digest(s->ev, m->evidence, e);
	return (r);
}

int
bundle_manifest(struct bundle *b, struct err *e)
{
	BUF_SCOPED text = BUF_INIT, note = BUF_INIT;
	struct keys *k = ledger_keys(b->ledger);
	uint8_t sig[CRYPTO_SIG];
	struct note_key key;
	int r = fill(b, e);

	if (r != 0)
		return (r);
	manifest_print(&b->m, &text);
	manifest_text(b->m.origin, buf_str(&text), &note);
	keys_sign(k, buf_str(&note), sig);
	note_key_make(keys_origin(k), keys_public(k), &key);
	buf_putc(&note, '\n');
	note_put_signature(&key, sig, &note);
	r = zip_add(&b->zip, MANIFEST_NAME, buf_str(&text), e);
	return (r != 0 ? r :
	    zip_add(&b->zip, MANIFEST_NOTE, buf_str(&note), e));
}
