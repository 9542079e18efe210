#include "seal/verify_private.h"

#include "base/log.h"
#include "evidence/evidence.h"
#include "sys/db.h"

/* --- telling ------------------------------------------------------------------ */

static void
tell(struct verify *v, enum verify_kind kind, const char *topic,
    const char *fmt, va_list ap)
{
	char text[2048];

	vsnprintf(text, sizeof(text), fmt, ap);
	for (char *p = text; *p != '\0'; p++)
		if ((unsigned char)*p < 0x20 || *p == 0x7f)
			*p = ' ';
	if (kind == VERIFY_BAD)
		v->problems++;
	v->fn(v->ctx, kind, topic, text);
}

#define TELL(name, kind)                                                       \
	void verify_##name(struct verify *v, const char *topic,                \
	    const char *fmt, ...)                                              \
	{                                                                      \
		va_list ap;                                                    \
		va_start(ap, fmt);                                             \
		tell(v, kind, topic, fmt, ap);                                 \
		va_end(ap);                                                    \
	}
TELL(ok, VERIFY_OK)
TELL(bad, VERIFY_BAD)
TELL(not, VERIFY_NOT)
TELL(note, VERIFY_NOTE)

/* Paths in the scratch directory mean nothing to a reader. */
static const char *
inside(const struct verify *v, const char *where)
{
	size_t n = strlen(v->ws);

	if (strncmp(where, v->ws, n) == 0 && where[n] == '/')
		return (where + n + 1);
	return (where);
}

void
verify_err(struct verify *v, const char *topic, const char *prefix,
    const struct err *x)
{
	const char *where = inside(v, x->where);

	verify_bad(v, topic, "%s%s%s%s", prefix, where,
	    where[0] != '\0' ? ": " : "", x->what);
}

int
verify_found(struct verify *v, const char *topic, int r, const struct err *x,
    struct err *e)
{
	switch (-r) {
	case ERR_OK:
		return (0);
	case ERR_DAMAGED:
	case ERR_INPUT:
	case ERR_NOTFOUND:
	case ERR_ERASED:
	case ERR_LIMIT:
	case ERR_NEWER:
	case ERR_DENIED:
	case ERR_CONFLICT:
	case ERR_NO:
		verify_err(v, topic, "", x);
		return (0);
	default:
		if (e != NULL)
			*e = *x;
		return (r);
	}
}

size_t
verify_differ(struct str a, struct str b, struct str *la, struct str *lb)
{
	size_t line = 0;

	if (str_eq(a, b))
		return (0);
	for (;;) {
		bool ha = a.len != 0 && str_split(&a, '\n', la);
		bool hb = b.len != 0 && str_split(&b, '\n', lb);
		line++;
		if (!ha)
			*la = STR("(nothing)");
		if (!hb)
			*lb = STR("(nothing)");
		if (!ha || !hb || !str_eq(*la, *lb))
			return (line);
	}
}

/* --- the whole ----------------------------------------------------------------- */

static void
drop(struct verify *v)
{
	evidence_close(v->ev);
	ledger_close(v->work.ledger);
	keys_close(v->work.keys);
	db_close(v->work.db);
	arena_free(&v->work.arena);
	zip_close(&v->zip);
	buf_free(&v->manifest);
	buf_free(&v->note);
	set_free(&v->here);
	set_free(&v->bad);
	set_free(&v->named);
	set_free(&v->seals);
	arena_free(&v->a);
}

/* What stands on the ledger is looked at only if the ledger stands. */
static int
upper(struct verify *v, struct err *e)
{
	uint64_t before = v->problems;
	int r = verify_bodies(v, e);

	if (r == 0)
		r = verify_rebuild(v, e);
	if (r == 0 && v->work.ledger != NULL)
		r = verify_named(v, e);
	if (r != 0)
		return (r);
	if (v->problems != before || v->work.ledger == NULL) {
		verify_not(v, "evidence", "records, evidence, results and the "
		    "report were not looked at: what they stand on does not "
		    "hold");
		return (0);
	}
	r = verify_evidence(v, e);
	if (r == 0 && v->ev != NULL)
		r = verify_files(v, e);
	if (r == 0 && v->ev != NULL)
		r = verify_results(v, e);
	if (r == 0 && v->ev != NULL)
		r = verify_report(v, e);
	return (r);
}

static int
steps(struct verify *v, struct err *e)
{
	uint64_t before;
	int r = verify_unpack(v, e);

	if (r != 0 || v->zip.members == NULL)
		return (r);
	if ((r = verify_head(v, e)) != 0)
		return (r);
	if (!v->have_head) {
		verify_not(v, "tree", "nothing else was looked at: without a "
		    "signed head there is nothing to compare it with");
		return (0);
	}
	before = v->problems;
	verify_tree(v);
	if ((r = verify_stamps(v, e)) != 0)
		return (r);
	bool holds = v->problems == before;
	if ((r = verify_trust(v, e)) != 0)
		return (r);
	if (!holds) {
		verify_not(v, "bodies", "bodies, evidence, results and the "
		    "report were not looked at: the tree does not hold");
		return (0);
	}
	return (upper(v, e));
}

int
verify_bundle(const struct verify_spec *spec, const char *dir, verify_fn *fn,
    void *ctx, struct verify_result *ret, struct err *e)
{
	struct verify v = { .spec = spec, .fn = fn, .ctx = ctx, .dir = dir,
		.zip = { .file = FILE_INIT } };
	BUF_SCOPED root = BUF_INIT;

	v.ws = arena_printf(&v.a, "%s/w", dir);
	v.files = arena_printf(&v.a, "%s/ledger", v.ws);
	int r = steps(&v, e);
	if (r == 0) {
		*ret = (struct verify_result){ .problems = v.problems,
			.trusted = v.trusted, .size = v.head.size };
		snprintf(ret->origin, sizeof(ret->origin), "%s", v.head.origin);
		buf_putb64(&root, v.head.root.h, TREE_HASH);
		snprintf(ret->root, sizeof(ret->root), "%s", root.ptr);
	}
	drop(&v);
	return (r);
}
