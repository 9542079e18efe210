/* Declarations, and the report composed again. */
#include <inttypes.h>

#include "assess/procedure.h"
#include "assess/reperform.h"
#include "base/content.h"
#include "evidence/evidence.h"
#include "report/report.h"
#include "schema/schema.h"
#include "seal/verify_private.h"
#include "sys/db.h"
#include "sys/file.h"

#define PART_MAX (UINT64_C(64) << 20)

/* --- declarations ----------------------------------------------------------------- */

/* The text that this program has for declarations/NAME, or nothing. */
static struct str
own_text(const char *file)
{
	struct str name = str_from(file);

	if (str_is(name, "identity.rules"))
		return (content_find("content/identity.rules"));
	for (size_t i = 0; i < schema_ntypes; i++) {
		const struct schema_type *t = &schema_types[i];
		size_t n = strlen(t->name);
		if (name.len > n && memcmp(name.ptr, t->name, n) == 0 &&
		    strcmp(file + n, schema_is_record(t) ? ".type" :
		    ".table") == 0)
			return (str_from(t->canon));
	}
	return (STR_NULL);
}

static int
compare_declarations(struct verify *v, struct err *e)
{
	uint64_t same = 0, other = 0;
	const char *first = NULL;

	for (size_t i = 0; i < v->zip.n; i++) {
		const struct zip_member *m = &v->zip.members[i];
		BUF_SCOPED b = BUF_INIT;
		struct err own;
		if (strncmp(m->name, "declarations/", 13) != 0)
			continue;
		int r = zip_get(&v->zip, m, PART_MAX, &b, &own);
		if (r != 0)
			return (verify_found(v, "evidence", r, &own, e));
		struct str s = own_text(m->name + 13);
		if (s.ptr != NULL && str_eq(s, buf_str(&b))) {
			same++;
		} else {
			other++;
			first = first == NULL ? m->name : first;
		}
	}
	if (other == 0)
		verify_ok(v, "evidence", "%" PRIu64 " declarations are those of "
		    "this program", same);
	else if (v->have_manifest &&
	    str_is(v->m.declarations, schema_digest()))
		verify_bad(v, "evidence", "%s is not the declaration that the "
		    "manifest's digest speaks of", first);
	else
		verify_not(v, "evidence", "%" PRIu64 " declarations are of another "
		    "version of the program, first %s: results may differ because "
		    "of that", other, first);
	return (0);
}

/* --- the organisation's own procedures ------------------------------------------------ */

struct own {
	struct verify *v;
	struct map last; /* procedure: entry that adopted it last */
};

static int
take_adoption(void *ctx, uint64_t index, const struct entry *x, struct err *e)
{
	struct own *o = ctx;
	uint64_t *n;

	(void)e;
	if (!str_is(x->action, "adopt") ||
	    !str_is(entry_note_get(x, "from"), "workspace"))
		return (0);
	n = arena_new(&o->v->a, uint64_t);
	*n = index;
	map_put(&o->last, arena_str(&o->v->a, x->id), n);
	return (0);
}

/* Controls know their tests by the files that there are. */
static int
write_own(struct verify *v, struct err *e)
{
	struct own o = { .v = v };
	const char *dir = arena_printf(&v->a, "%s/procedures", v->ws);
	int r;

	map_init(&o.last, &v->a);
	r = ledger_each(v->work.ledger, 0, v->head.size, take_adoption, &o, e);
	if (r == 0 && o.last.n != 0)
		r = file_mkdirs(dir, 0700, e);
	for (size_t i = 0; r == 0 && i < o.last.n; i++) {
		ARENA_SCOPED a = ARENA_INIT;
		struct str text, params;
		struct err own;
		uint64_t entry = *(uint64_t *)o.last.items[i].value;
		struct str id = o.last.items[i].key;
		/* An id becomes a name of a file only if it is one. */
		if (!zip_name_ok(id) || memchr(id.ptr, '/', id.len) != NULL)
			continue;
		r = reperform_adopted(&a, v->work.ledger, entry, &text, &params,
		    &own);
		if (r == 0)
			r = file_write_later(arena_printf(&a,
			    "%s/" STR_FMT ".sql", dir, STR_ARG(id)), 0600, text.ptr, text.len, &own);
		if (r == -ERR_ERASED)
			r = 0;
		if (r != 0)
			*e = own;
	}
	return (r);
}

/* --- the report ----------------------------------------------------------------------- */

static int
compare_part(struct verify *v, const char *name, const struct buf *want,
    bool text, struct err *e)
{
	const struct zip_member *m = zip_find(&v->zip, name);
	BUF_SCOPED have = BUF_INIT;
	struct str a = STR_NULL, b = STR_NULL;
	struct err own;
	size_t line = 0;
	int r;

	if (m == NULL)
		return (0);
	r = zip_get(&v->zip, m, PART_MAX, &have, &own);
	if (r != 0)
		return (verify_found(v, "report", r, &own, e));
	if (str_eq(buf_str(&have), buf_str(want))) {
		verify_ok(v, "report", "%s composed again; the same bytes", name);
		return (0);
	}
	if (text) {
		line = verify_differ(buf_str(&have), buf_str(want), &a, &b);
		verify_bad(v, "report", "%s:%zu says \"%.*s\", and composed again "
		    "\"%.*s\"", name, line, (int)(a.len < 200 ? a.len : 200),
		    a.ptr, (int)(b.len < 200 ? b.len : 200), b.ptr);
		return (0);
	}
	while (line < have.len && line < want->len &&
	    have.ptr[line] == want->ptr[line])
		line++;
	verify_bad(v, "report", "%s differs from what is composed again, first "
	    "at byte %zu", name, line);
	return (0);
}

static int
compose(struct verify *v, struct report_parts *ret, struct err *e)
{
	struct assess *as = NULL;
	struct report_spec spec = { .ws = &v->work, .type = REPORT_TYPE1,
		.as_of = v->m.report_as_of,
		.assertion_first = v->m.report_assertion_first };
	int r = write_own(v, e);

	if (r == 0)
		r = assess_open(&as, &v->work, v->ev, e);
	spec.as = as;
	if (r == 0)
		r = report_parts(&spec, ret, e);
	assess_close(as);
	return (r);
}

/* What a report says depends on records and on results in force. */
static const char *
report_lacks(const struct verify *v)
{
	/* What was erased was so when the report was composed. */
	if (v->m.whole)
		return (NULL);
	for (size_t i = 0; i < v->affected.n; i++) {
		const struct schema_type *t =
		    schema_find(v->affected.items[i].key);
		if (t != NULL && schema_is_record(t))
			return (t->name);
	}
	return (NULL);
}

int
verify_report(struct verify *v, struct err *e)
{
	struct report_parts p;
	struct err own;
	int r = compare_declarations(v, e);

	if (r != 0 || !v->have_manifest)
		return (r);
	if (!v->m.report) {
		verify_not(v, "report", "there is none in the bundle");
		return (0);
	}
	const char *lacking = report_lacks(v);
	if (lacking != NULL) {
		verify_not(v, "report", "it was not composed again: records of "
		    "type %s are withheld", lacking);
		return (0);
	}
	if ((r = compose(v, &p, &own)) != 0)
		return (verify_found(v, "report", r, &own, e));
	r = compare_part(v, "report/numbers.json", &p.numbers, true, e);
	if (r == 0 && (!str_is(v->m.declarations, schema_digest()) ||
	    !str_is(v->m.sqlite, db_version())))
		verify_not(v, "report", "HTML and PDF were made by another version "
		    "of the program or SQLite, which their last page names; only "
		    "the numbers were compared");
	else if (r == 0)
		r = compare_part(v, "report/report.html", &p.html, true, e);
	if (r == 0 && p.no_pdf.code != ERR_OK &&
	    zip_find(&v->zip, "report/report.pdf") != NULL)
		verify_not(v, "report", "the PDF was not composed again: %s",
		    p.no_pdf.what);
	else if (r == 0 && str_is(v->m.declarations, schema_digest()) &&
	    str_is(v->m.sqlite, db_version()))
		r = compare_part(v, "report/report.pdf", &p.pdf, false, e);
	report_parts_free(&p);
	return (r);
}
