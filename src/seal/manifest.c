#include "seal/manifest.h"

#include <inttypes.h>

#include "sys/crypto.h"
#include "text/json.h"

/* --- printing --------------------------------------------------------------- */

static void
khex(struct json_writer *w, const char *key, const uint8_t *p, size_t n)
{
	BUF_SCOPED b = BUF_INIT;

	buf_puthex(&b, p, n);
	json_kstr(w, key, buf_str(&b));
}

static void
klist(struct json_writer *w, const char *key, const struct str *at, size_t n)
{
	json_key(w, key);
	json_array(w);
	for (size_t i = 0; i < n; i++)
		json_str(w, at[i]);
	json_close(w);
}

static void
print_scope(struct json_writer *w, const struct manifest *m)
{
	json_key(w, "scope");
	json_object(w);
	klist(w, "ids", m->scope, m->nscope);
	json_kstr(w, "period", m->period);
	json_kstr(w, "as_of", m->as_of);
	klist(w, "withheld", m->withheld, m->nwithheld);
	json_close(w);
	json_key(w, "results");
	json_array(w);
	for (size_t i = 0; i < m->nresults; i++) {
		json_object(w);
		json_kint(w, "entry", (int64_t)m->results[i].entry);
		json_kstr(w, "procedure", m->results[i].procedure);
		json_close(w);
	}
	json_close(w);
}

static void
print_bodies(struct json_writer *w, const struct manifest *m)
{
	json_key(w, "bodies");
	json_array(w);
	for (size_t i = 0; i < m->nclasses; i++) {
		const struct manifest_class *c = &m->classes[i];
		json_object(w);
		json_kstr(w, "class", c->name);
		json_kint(w, "here", (int64_t)c->here);
		json_kint(w, "withheld", (int64_t)c->withheld);
		json_kint(w, "erased", (int64_t)c->erased);
		json_close(w);
	}
	json_close(w);
	json_key(w, "erased");
	json_array(w);
	for (size_t i = 0; i < m->nerased; i++) {
		json_object(w);
		khex(w, "body", m->erased[i].body, 32);
		khex(w, "key", m->erased[i].key, 16);
		json_close(w);
	}
	json_close(w);
	json_key(w, "cell_keys");
	json_object(w);
	json_kint(w, "here", (int64_t)m->keys_here);
	json_kint(w, "withheld", (int64_t)m->keys_withheld);
	json_kint(w, "erased", (int64_t)m->keys_erased);
	json_close(w);
}

static void
print_report(struct json_writer *w, const struct manifest *m)
{
	json_key(w, "report");
	if (!m->report) {
		json_null(w);
		return;
	}
	json_object(w);
	json_kint(w, "type", 1);
	json_kint(w, "as_of", m->report_as_of);
	json_kbool(w, "assertion_first", m->report_assertion_first);
	json_close(w);
}

void
manifest_print(const struct manifest *m, struct buf *out)
{
	struct json_writer w;

	json_begin(&w, out, true);
	json_object(&w);
	json_kint(&w, "format", MANIFEST_FORMAT);
	json_kstr(&w, "origin", m->origin);
	json_kint(&w, "size", (int64_t)m->size);
	khex(&w, "root", m->root, 32);
	json_kint(&w, "time", m->time);
	json_kstr(&w, "program", m->program);
	json_kint(&w, "engine", m->engine);
	json_kstr(&w, "sqlite", m->sqlite);
	json_kstr(&w, "sqlite_source", m->sqlite_source);
	json_kstr(&w, "declarations", m->declarations);
	json_kstr(&w, "rules", m->rules);
	print_scope(&w, m);
	print_bodies(&w, m);
	json_kbool(&w, "whole", m->whole);
	khex(&w, "records_digest", m->records, 32);
	khex(&w, "evidence_digest", m->evidence, 32);
	print_report(&w, m);
	json_key(&w, "files");
	json_array(&w);
	for (size_t i = 0; i < m->nfiles; i++) {
		json_object(&w);
		json_kstr(&w, "name", m->files[i].name);
		json_kint(&w, "size", (int64_t)m->files[i].size);
		khex(&w, "sha256", m->files[i].sha256, 32);
		json_close(&w);
	}
	json_close(&w);
	json_close(&w);
	json_end(&w, NULL);
}

void
manifest_text(struct str origin, struct str manifest, struct buf *out)
{
	uint8_t h[CRYPTO_HASH];

	crypto_sha256(manifest.ptr, manifest.len, h);
	buf_printf(out, MANIFEST_NOTE_MAGIC "\n" STR_FMT "\n", STR_ARG(origin));
	buf_puthex(out, h, sizeof(h));
	buf_putc(out, '\n');
}

/* --- parsing ---------------------------------------------------------------- */

/*
 * Values are taken as they come and those that are of another type become
 * nothing: what is read is printed again and must be what was there.
 */
static void
get_hex(const struct val *m, const char *key, uint8_t *out, size_t n)
{
	if (!str_unhex(val_get_str(m, key), out, n))
		memset(out, 0, n);
}

static uint64_t
get_u64(const struct val *m, const char *key)
{
	return ((uint64_t)val_get_int(m, key, 0));
}

static struct str *
get_list(struct arena *a, const struct val *m, const char *key, size_t *n)
{
	const struct val *l = val_get(m, key);
	struct str *at;

	*n = l != NULL && l->type == VAL_LIST ? val_count(l) : 0;
	at = arena_array(a, *n + 1, sizeof(*at));
	for (size_t i = 0; i < *n; i++)
		if (l->u.list.at[i]->type == VAL_STR)
			at[i] = l->u.list.at[i]->u.s;
	return (at);
}

/* The i-th element of a list, or NULL. */
static const struct val *
nth(const struct val *l, size_t i)
{
	return (l != NULL && l->type == VAL_LIST && i < l->u.list.n ?
	    l->u.list.at[i] : NULL);
}

static void
take_scope(struct arena *a, const struct val *m, struct manifest *x)
{
	const struct val *s = val_get(m, "scope"), *l = val_get(m, "results");

	x->scope = get_list(a, s, "ids", &x->nscope);
	x->period = val_get_str(s, "period");
	x->as_of = val_get_str(s, "as_of");
	x->withheld = get_list(a, s, "withheld", &x->nwithheld);
	x->nresults = val_count(l);
	x->results = arena_array(a, x->nresults + 1, sizeof(*x->results));
	for (size_t i = 0; i < x->nresults; i++)
		x->results[i] = (struct manifest_result){
			.entry = get_u64(nth(l, i), "entry"),
			.procedure = val_get_str(nth(l, i), "procedure") };
}

static void
take_bodies(struct arena *a, const struct val *m, struct manifest *x)
{
	const struct val *l = val_get(m, "bodies"), *k;

	x->nclasses = val_count(l);
	x->classes = arena_array(a, x->nclasses + 1, sizeof(*x->classes));
	for (size_t i = 0; i < x->nclasses; i++)
		x->classes[i] = (struct manifest_class){
			.name = val_get_str(nth(l, i), "class"),
			.here = get_u64(nth(l, i), "here"),
			.withheld = get_u64(nth(l, i), "withheld"),
			.erased = get_u64(nth(l, i), "erased") };
	l = val_get(m, "erased");
	x->nerased = val_count(l);
	x->erased = arena_array(a, x->nerased + 1, sizeof(*x->erased));
	for (size_t i = 0; i < x->nerased; i++) {
		get_hex(nth(l, i), "body", x->erased[i].body, 32);
		get_hex(nth(l, i), "key", x->erased[i].key, 16);
	}
	k = val_get(m, "cell_keys");
	x->keys_here = get_u64(k, "here");
	x->keys_withheld = get_u64(k, "withheld");
	x->keys_erased = get_u64(k, "erased");
}

static void
take_files(struct arena *a, const struct val *m, struct manifest *x)
{
	const struct val *r = val_get(m, "report"), *l = val_get(m, "files");

	x->report = r != NULL && r->type == VAL_MAP;
	x->report_as_of = val_get_int(r, "as_of", 0);
	x->report_assertion_first = val_get_bool(r, "assertion_first", false);
	x->nfiles = val_count(l);
	x->files = arena_array(a, x->nfiles + 1, sizeof(*x->files));
	for (size_t i = 0; i < x->nfiles; i++) {
		x->files[i].name = val_get_str(nth(l, i), "name");
		x->files[i].size = get_u64(nth(l, i), "size");
		get_hex(nth(l, i), "sha256", x->files[i].sha256, 32);
	}
}

/* Where do two texts part? */
static size_t
line_of(struct str a, struct str b)
{
	size_t line = 1;

	for (size_t i = 0; i < a.len && i < b.len && a.ptr[i] == b.ptr[i]; i++)
		line += a.ptr[i] == '\n';
	return (line);
}

int
manifest_parse(struct arena *a, struct str text, struct manifest *ret,
    struct err *e)
{
	BUF_SCOPED again = BUF_INIT;
	struct manifest x = { 0 };
	struct val *m;
	int64_t format;
	int r = json_parse(a, MANIFEST_NAME, text, &m, e);

	if (r != 0)
		return (r);
	format = val_get_int(m, "format", 0);
	if (format > MANIFEST_FORMAT)
		return (err_set(e, ERR_NEWER, MANIFEST_NAME,
		    "use a newer version of tickmark",
		    "the bundle has format %" PRId64 ", this program knows %d",
		    format, MANIFEST_FORMAT));
	x.origin = val_get_str(m, "origin");
	x.size = get_u64(m, "size");
	get_hex(m, "root", x.root, 32);
	x.time = val_get_int(m, "time", 0);
	x.program = val_get_str(m, "program");
	x.engine = val_get_int(m, "engine", 0);
	x.sqlite = val_get_str(m, "sqlite");
	x.sqlite_source = val_get_str(m, "sqlite_source");
	x.declarations = val_get_str(m, "declarations");
	x.rules = val_get_str(m, "rules");
	x.whole = val_get_bool(m, "whole", false);
	get_hex(m, "records_digest", x.records, 32);
	get_hex(m, "evidence_digest", x.evidence, 32);
	take_scope(a, m, &x);
	take_bodies(a, m, &x);
	take_files(a, m, &x);
	manifest_print(&x, &again);
	if (!str_eq(buf_str(&again), text)) {
		char where[64];
		snprintf(where, sizeof(where), MANIFEST_NAME ":%zu",
		    line_of(buf_str(&again), text));
		return (err_set(e, ERR_INPUT, where, NULL,
		    "the manifest is not in its one form"));
	}
	*ret = x;
	return (0);
}
