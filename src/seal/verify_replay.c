/* Evidence rebuilt, results performed again. */
#include <inttypes.h>

#include "assess/procedure.h"
#include "assess/recorded.h"
#include "assess/reperform.h"
#include "assess/result.h"
#include "assess/sealed.h"
#include "evidence/evidence.h"
#include "record/history.h"
#include "schema/schema.h"
#include "seal/verify_private.h"
#include "sys/db.h"
#include "sys/file.h"

#define COPY_MAX (UINT64_C(256) << 20)

/* --- both databases -------------------------------------------------------------- */

static void
compare_digest(struct verify *v, const char *topic, const uint8_t have[32],
    const uint8_t want[32], const char *what)
{
	BUF_SCOPED hex = BUF_INIT;

	buf_puthex(&hex, have, 32);
	if (!v->have_manifest)
		return;
	if (!v->m.whole)
		verify_not(v, topic, "%s were rebuilt with gaps, since bodies are "
		    "withheld; there is no digest to compare", what);
	else if (!str_is(v->m.declarations, schema_digest()) ||
	    !str_is(v->m.rules, evidence_identity_digest()))
		verify_not(v, topic, "%s were rebuilt under other declarations "
		    "than the bundle was made with; the digests cannot be "
		    "compared", what);
	else if (memcmp(have, want, 32) != 0)
		verify_bad(v, topic, "%s come out with the digest %s, which is "
		    "not the manifest's", what, hex.ptr);
	else
		verify_ok(v, topic, "%s rebuilt from %" PRIu64 " entries; the "
		    "digest %.16s... is the manifest's", what, v->head.size,
		    hex.ptr);
}

static int
rebuild(struct verify *v, struct err *e)
{
	struct workspace *w = &v->work;
	uint8_t digest[32];
	/* Records that are withheld leave rows that refer to nothing. */
	int r = db_exec(w->db, "PRAGMA foreign_keys=OFF", e);

	if (r == 0)
		r = record_rebuild(&w->records, e);
	if (r == 0)
		r = record_digest(&w->records, digest, e);
	if (r != 0)
		return (r);
	compare_digest(v, "records", digest, v->m.records, "records");
	r = recorded_open(w->ledger, true, e);
	if (r == 0)
		r = evidence_open(&v->ev, v->ws, w->ledger, true, e);
	if (r == 0)
		r = evidence_digest(v->ev, digest, e);
	if (r == 0)
		compare_digest(v, "evidence", digest, v->m.evidence,
		    "evidence tables");
	return (r);
}

int
verify_evidence(struct verify *v, struct err *e)
{
	struct err own;
	int r = rebuild(v, &own);

	if (r != 0) {
		evidence_close(v->ev);
		v->ev = NULL;
	}
	return (verify_found(v, "evidence", r, &own, e));
}

/* --- copies for people --------------------------------------------------------------- */

static int
compare_copy(struct verify *v, const char *name, struct str want,
    struct err *e)
{
	const struct zip_member *m = zip_find(&v->zip, name);
	BUF_SCOPED have = BUF_INIT;
	struct str a, b;
	struct err own;
	int r;

	if (m == NULL)
		return (0); /* that it is missing says the manifest */
	r = zip_get(&v->zip, m, COPY_MAX, &have, &own);
	if (r != 0)
		return (verify_found(v, "results", r, &own, e));
	size_t line = verify_differ(buf_str(&have), want, &a, &b);
	if (line != 0)
		verify_bad(v, "results", "%s:%zu is not what the ledger holds: "
		    "\"%.200s\"", name, line,
		    arena_strndup(&v->a, a.ptr, a.len < 200 ? a.len : 200));
	return (0);
}

static int
compare_adopted(struct verify *v, uint64_t entry, struct err *e)
{
	ARENA_SCOPED a = ARENA_INIT;
	struct str text, params;
	struct err own;
	char name[64];
	int r = reperform_adopted(&a, v->work.ledger, entry, &text, &params,
	    &own);

	if (r == -ERR_ERASED)
		return (0);
	if (r != 0)
		return (verify_found(v, "results", r, &own, e));
	snprintf(name, sizeof(name), "procedures/%" PRIu64 ".sql", entry);
	r = compare_copy(v, name, text, e);
	snprintf(name, sizeof(name), "procedures/%" PRIu64 ".parameters",
	    entry);
	return (r != 0 ? r : compare_copy(v, name, params, e));
}

/* --- results -------------------------------------------------------------------------- */

struct compare {
	struct verify *v;
	uint64_t same, same_but, other, unable;
	uint64_t members; /* that could not be performed again */
	char versions[200];
};

static bool
is_version(struct str line)
{
	return (str_starts(line, "engine\t") || str_starts(line, "sqlite\t") ||
	    str_starts(line, "declarations\t") || str_starts(line, "rules\t"));
}

/* The first line that differs, those about versions set aside. */
static size_t
first_difference(struct str a, struct str b, struct str *la, struct str *lb,
    bool *ret_versions)
{
	size_t line = 0;

	*ret_versions = false;
	for (;;) {
		bool ha = a.len != 0 && str_split(&a, '\n', la);
		bool hb = b.len != 0 && str_split(&b, '\n', lb);
		line++;
		if (!ha && !hb)
			return (0);
		if (!ha)
			*la = STR("(nothing)");
		if (!hb)
			*lb = STR("(nothing)");
		if (ha && hb && str_eq(*la, *lb))
			continue;
		if (ha && hb && is_version(*la) && is_version(*lb)) {
			*ret_versions = true;
			continue;
		}
		return (line);
	}
}

/* Does it read what is not all here? The name of the first such table. */
static const char *
lacks(struct compare *c, const struct reperform *r)
{
	if (r->closed != 0)
		return ("its own members");
	for (size_t i = 0; i < r->was.ntables; i++)
		if (map_get(&c->v->affected, r->was.tables[i]) != NULL)
			return (arena_strndup(&c->v->a, r->was.tables[i].ptr,
			    r->was.tables[i].len));
	return (NULL);
}

/* Subjects of items that only one of two results has, into ${seen}. */
static void
only_in(struct arena *a, struct str one, struct str other, struct map *seen)
{
	struct str line, word, status, from, to, subject;
	struct map lines;

	map_init(&lines, a);
	while (other.len != 0 && str_split(&other, '\n', &line))
		map_put(&lines, line, a);
	while (one.len != 0 && str_split(&one, '\n', &line)) {
		struct str rest = line;
		if (str_starts(line, "item\t") && map_get(&lines, line) == NULL &&
		    str_split(&rest, '\t', &word) &&
		    str_split(&rest, '\t', &status) &&
		    str_split(&rest, '\t', &from) &&
		    str_split(&rest, '\t', &to) &&
		    str_split(&rest, '\t', &subject))
			map_put(seen, subject, a);
	}
}

static uint64_t
members_apart(struct arena *a, struct str was, struct str again)
{
	struct map seen;

	map_init(&seen, a);
	only_in(a, was, again, &seen);
	only_in(a, again, was, &seen);
	return (seen.n);
}

static void
tell_difference(struct compare *c, const struct reperform *r, size_t line,
    struct str was, struct str again, bool versions)
{
	verify_bad(c->v, "results", "result at entry %" PRIu64 ", procedure "
	    STR_FMT ": line %zu is \"%.*s\", and performed again it is "
	    "\"%.*s\"%s", r->entry, STR_ARG(r->procedure), line,
	    (int)(was.len < 300 ? was.len : 300), was.ptr,
	    (int)(again.len < 300 ? again.len : 300), again.ptr,
	    versions ? " (by another version of engine, SQLite or declarations "
	    "than it was recorded with)" : "");
}

/* The copy of a result for people is in clear, as far as it was disclosed. */
static int
compare_clear(struct verify *v, const char *name, const struct reperform *r,
    struct err *e)
{
	BUF_SCOPED clear = BUF_INIT;
	bool personal = true;

	for (size_t i = 0; i < v->m.nwithheld; i++)
		personal &= !str_is(v->m.withheld[i], "personal");
	int rc = sealed_decode(personal ? v->work.keys : NULL, r->stored, SIZE_MAX, &clear,
	    e);
	return (rc != 0 ? rc : compare_copy(v, name, buf_str(&clear), e));
}

static int
compare_result(void *ctx, const struct reperform *r, struct err *e)
{
	struct compare *c = ctx;
	struct verify *v = c->v;
	struct str was, again;
	char name[64], prefix[200];
	bool versions;
	int rc = 0;

	if (r->failed.code == ERR_ERASED) {
		c->unable++;
		verify_not(v, "results", "result at entry %" PRIu64 ", procedure "
		    STR_FMT ": a body that it needs is not here", r->entry,
		    STR_ARG(r->procedure));
		return (0);
	}
	if (r->failed.code != ERR_OK) {
		snprintf(prefix, sizeof(prefix), "result at entry %" PRIu64
		    " cannot be performed again: ", r->entry);
		verify_err(v, "results", prefix, &r->failed);
		return (0);
	}
	snprintf(name, sizeof(name), "results/%" PRIu64 ".txt", r->entry);
	if ((rc = compare_clear(v, name, r, e)) != 0 ||
	    (rc = compare_adopted(v, r->adopted, e)) != 0)
		return (rc);
	size_t line = first_difference(r->was.bytes, r->again, &was, &again,
	    &versions);
	const char *table = line != 0 ? lacks(c, r) : NULL;
	if (line == 0) {
		if (versions)
			c->same_but++;
		else
			c->same++;
	} else if (table != NULL) {
		ARENA_SCOPED a = ARENA_INIT;
		uint64_t n = members_apart(&a, r->was.bytes, r->again);
		c->unable++;
		c->members += n;
		char how[64] = "it";
		if (n != 0)
			snprintf(how, sizeof(how), "%" PRIu64 " member%s", n,
			    n == 1 ? "" : "s");
		verify_not(v, "results", "result at entry %" PRIu64 ", procedure "
		    STR_FMT ": %s could not be performed again, since parts of %s "
		    "are withheld or erased; the recorded result stands",
		    r->entry, STR_ARG(r->procedure), how, table);
	} else {
		c->other++;
		tell_difference(c, r, line, was, again, versions);
	}
	return (0);
}

/* Results that the ledger holds and the bundle's scope leaves out. */
struct counting {
	uint64_t results;
};

static int
count_result(void *ctx, uint64_t index, const struct entry *x, struct err *e)
{
	struct counting *n = ctx;

	(void)index;
	(void)e;
	n->results += str_is(x->action, "result");
	return (0);
}

static void
sum_up(struct verify *v, const struct compare *c, uint64_t all)
{
	uint64_t done = c->same + c->same_but;

	if (done != 0 && c->same_but == 0)
		verify_ok(v, "results", "%" PRIu64 " performed again from the "
		    "adopted procedures; the same bytes", done);
	else if (done != 0)
		verify_ok(v, "results", "%" PRIu64 " performed again: %" PRIu64
		    " the same bytes, %" PRIu64 " the same but for the lines that "
		    "name the versions of engine, SQLite and declarations", done,
		    c->same, c->same_but);
	if (v->m.nresults == 0)
		verify_not(v, "results", "there are none in scope");
	if (all > v->m.nresults)
		verify_not(v, "results", "%" PRIu64 " other results of the ledger "
		    "are not in the scope of this bundle", all - v->m.nresults);
}

/* The manifest's list must be of results, in order. */
static bool
list_ok(struct verify *v, uint64_t *entries)
{
	for (size_t i = 0; i < v->m.nresults; i++) {
		entries[i] = v->m.results[i].entry;
		if (i > 0 && entries[i] <= entries[i - 1]) {
			verify_bad(v, "results", "the manifest's results are not "
			    "in the order of their entries");
			return (false);
		}
	}
	return (true);
}

int
verify_results(struct verify *v, struct err *e)
{
	uint64_t *entries = arena_array(&v->a, v->m.nresults + 1,
	    sizeof(*entries));
	struct compare c = { .v = v };
	struct counting n = { 0 };
	struct reperform_set set = { .ledger = v->work.ledger, .ev = v->ev,
		.entries = entries, .n = v->m.nresults,
		.workers = v->spec->workers };
	int r;

	if (!v->have_manifest) {
		verify_not(v, "results", "the manifest cannot be read, so nothing "
		    "says which results are in scope");
		return (0);
	}
	if (!list_ok(v, entries))
		return (0);
	r = ledger_each(v->work.ledger, 0, v->head.size, count_result, &n, e);
	if (r == 0)
		r = reperform_run(&set, compare_result, &c, e);
	if (r == 0)
		sum_up(v, &c, n.results);
	return (r);
}
