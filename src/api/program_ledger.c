#include "api/program_ledger.h"

#include "api/lists.h"
#include "api/look.h"
#include "api/rows.h"
#include "base/clock.h"
#include "evidence/evidence.h"
#include "ledger/ledger.h"
#include "ledger/proof.h"
#include "ledger/tile.h"
#include "program/said.h"
#include "record/reader.h"
#include "record/workspace.h"
#include "schema/matrix.h"
#include "text/timefmt.h"

#define WINDOW 1000  /* entries, without from */
#define SPAN 10000   /* entries at a time */
#define RUNS 10000   /* rows of runs, the newest */

const struct param program_ledger_entry_params[] = {
	{ "from", "First entry; the last thousand, without it.",
	    "{\"type\":\"integer\",\"minimum\":0}", false },
	{ "to", "Entry behind the last one, 10000 behind the first at most.",
	    "{\"type\":\"integer\",\"minimum\":0}", false },
	{ NULL, NULL, NULL, false },
};
const struct param program_ledger_size_params[] = {
	{ "size", "In the tree of so many entries; that of the checkpoint, without "
	    "it.", "{\"type\":\"integer\",\"minimum\":1}", false },
	{ NULL, NULL, NULL, false },
};
const struct param program_ledger_between_params[] = {
	{ "from", "Size of the smaller tree.",
	    "{\"type\":\"integer\",\"minimum\":0}", false },
	{ "to", "Size of the larger one; that of the checkpoint, without it.",
	    "{\"type\":\"integer\",\"minimum\":0}", false },
	{ NULL, NULL, NULL, false },
};
const struct param program_ledger_run_params[] = {
	{ "source", "Of one source, by name.", "{\"type\":\"string\"}", false },
	{ NULL, NULL, NULL, false },
};

static const struct shape cosigner_form[] = {
	{ .name = "witness", .what = "Its name." },
	{ .name = "time", .kind = SHAPE_TIME, .what = "When." },
	{ .name = NULL },
};
const struct shape program_ledger_head_form[] = {
	{ .name = "origin", .what = "Name of the ledger." },
	{ .name = "size", .kind = SHAPE_INT, .what = "Entries under the "
	    "checkpoint." },
	{ .name = "root", .what = "Its root, base64." },
	{ .name = "waiting", .kind = SHAPE_INT, .what = "Entries for the next "
	    "one." },
	{ .name = "last_entry", .kind = SHAPE_TIME, .what = "Of the newest." },
	{ .name = "vkeys", .kind = SHAPE_TEXTS, .what = "Keys that verify it." },
	{ .name = "note", .what = "The signed checkpoint." },
	{ .name = "witnessed", .kind = SHAPE_INT, .what = "Entries that witnesses "
	    "vouch for." },
	{ .name = "quorum", .kind = SHAPE_BOOL, .what = "As many as the policy "
	    "wants." },
	{ .name = "cosigned", .kind = SHAPE_OBJECTS, .of = cosigner_form,
	    .what = "By whom." },
	{ .name = NULL },
};

#define ENTRY_FORM                                                             \
	{ .name = "index", .kind = SHAPE_INT, .what = "Its number." },         \
	{ .name = "time", .kind = SHAPE_TIME, .what = "When." },               \
	{ .name = "actor", .what = "Token of who acted." },                    \
	{ .name = "action", .what = "What was done." },                        \
	{ .name = "type", .what = "Of what it is about." },                    \
	{ .name = "id", .what = "Of what it is about." },                      \
	{ .name = "notes", .kind = SHAPE_MAP, .what = "What else it says." }

const struct shape program_ledger_entry_rows[] = {
	ENTRY_FORM, { .name = NULL },
};
const struct shape program_ledger_entry_form[] = {
	ENTRY_FORM,
	{ .name = "bytes", .what = "The entry itself, whose hash is the leaf." },
	{ .name = NULL },
};
const struct shape program_ledger_inclusion_form[] = {
	{ .name = "origin", .what = "Name of the ledger." },
	{ .name = "index", .kind = SHAPE_INT, .what = "Of the entry." },
	{ .name = "size", .kind = SHAPE_INT, .what = "Of the tree." },
	{ .name = "leaf", .what = "Base64." },
	{ .name = "root", .what = "Base64." },
	{ .name = "hashes", .kind = SHAPE_TEXTS, .what = "From the leaf to the "
	    "root." },
	{ .name = NULL },
};
const struct shape program_ledger_consistency_form[] = {
	{ .name = "origin", .what = "Name of the ledger." },
	{ .name = "from", .kind = SHAPE_INT, .what = "Size of the smaller." },
	{ .name = "to", .kind = SHAPE_INT, .what = "Size of the larger." },
	{ .name = "from_root", .what = "Base64." },
	{ .name = "to_root", .what = "Base64." },
	{ .name = "hashes", .kind = SHAPE_TEXTS, .what = "That one is the beginning "
	    "of the other." },
	{ .name = NULL },
};

const struct shape program_ledger_source_rows[] = {
	{ .name = "name", .what = "Its name." },
	{ .name = "collector", .what = "What reads it." },
	{ .name = "state", .what = "Of its record." },
	{ .name = "owner", .what = "Code of the person." },
	{ .name = "tables", .kind = SHAPE_TEXTS, .what = "That it fills." },
	{ .name = "last_at", .kind = SHAPE_TIME, .what = "Its last run." },
	{ .name = "last_status", .what = "complete, partial or failed; null: "
	    "never." },
	{ .name = "message", .what = "What went wrong." },
	{ .name = "observed_until", .kind = SHAPE_TIME, .what = "Until when what "
	    "it said last counts." },
	{ .name = "stale", .kind = SHAPE_BOOL, .what = "That is past, or it was "
	    "never read." },
	{ .name = NULL },
};
const struct shape program_ledger_run_rows[] = {
	{ .name = "entry", .kind = SHAPE_INT, .what = "Its entry." },
	{ .name = "source", .what = "Name of the source." },
	{ .name = "table", .what = "Which of its tables." },
	{ .name = "at", .kind = SHAPE_TIME, .what = "Of which instant it speaks." },
	{ .name = "status", .what = "complete, partial or failed." },
	{ .name = "expected", .kind = SHAPE_INT, .what = "Rows that there are, as "
	    "the source says." },
	{ .name = "received", .kind = SHAPE_INT, .what = "Rows that came." },
	{ .name = "message", .what = "What went wrong." },
	{ .name = NULL },
};

const struct shape program_ledger_group_rows[] = {
	{ .name = "group", .what = "Its name, and a scope of tokens." },
	{ .name = "note", .what = "What it is." },
	{ .name = "types", .kind = SHAPE_TEXTS, .what = "That belong to it." },
	{ .name = NULL },
};
const struct shape program_ledger_rule_rows[] = {
	{ .name = "role", .what = "Of whom." },
	{ .name = "act", .what = "What is done." },
	{ .name = "answer", .values = "never sometimes always masked",
	    .what = "Whether they may." },
	{ .name = "when", .what = "Under which conditions." },
	{ .name = "rule", .what = "The line that says so." },
	{ .name = NULL },
};

/* --- the head ------------------------------------------------------------------ */

static struct val *
b64(struct arena *a, const void *p, size_t n)
{
	BUF_SCOPED b = BUF_INIT;

	buf_putb64(&b, p, n);
	return (val_str(a, buf_str(&b)));
}

static struct val *
key_vals(struct arena *a, const struct note_key *keys, size_t n)
{
	struct val *list = val_list(a);

	for (size_t i = 0; i < n; i++) {
		BUF_SCOPED b = BUF_INIT;
		note_key_print(&keys[i], &b);
		val_push(a, list, val_str(a, buf_str(&b)));
	}
	return (list);
}

static struct val *
cosigner_vals(struct call *c, const struct policy_seen *s)
{
	struct arena *a = &c->a;
	struct val *list = val_list(a);

	for (size_t i = 0; i < s->n; i++) {
		struct val *m = val_map(a);
		int64_t t = s->at[i].time;
		val_put(a, m, "witness", val_text(a, s->at[i].witness->name));
		val_put(a, m, "time", look_time(c, t > INT64_MAX / CLOCK_SECOND ?
		    0 : t * CLOCK_SECOND));
		val_push(a, list, m);
	}
	return (list);
}

static const char *
files_of(struct context *x, struct call *c)
{
	return (arena_printf(&c->a, "%s/ledger", x->ws->dir));
}

int
program_ledger_head(struct context *x, struct call *c, struct err *e)
{
	struct arena *a = &c->a;
	struct note_key *keys = arena_array(a, PROOF_KEYS, sizeof(*keys));
	struct policy_seen *seen = arena_new(a, struct policy_seen);
	const char *files = files_of(x, c);
	struct checkpoint now, witnessed = { .size = 0 };
	struct policy *policy = NULL;
	struct ledger_head lh;
	struct val *m = val_map(a);
	BUF_SCOPED note = BUF_INIT;
	BUF_SCOPED wnote = BUF_INIT;
	size_t nkeys;
	int r = ledger_head(x->ws->ledger, &lh, e);

	if (r == 0)
		r = proof_keys(files, keys, PROOF_KEYS, &nkeys, e);
	if (r == 0)
		r = proof_note(files, "checkpoint", &note, &now, e);
	if (r == 0)
		r = proof_policy(a, files, &policy, NULL, e);
	if (r != 0)
		return (r);
	r = proof_note(files, "witnessed", &wnote, &witnessed, e);
	bool has = r == 0;
	if (r == 0 && policy != NULL)
		r = policy_look(policy, keys, nkeys, buf_str(&wnote), seen, e);
	if (r != 0 && r != -ERR_NOTFOUND)
		return (r);
	val_put(a, m, "origin", val_text(a, now.origin));
	val_put(a, m, "size", val_int(a, (int64_t)now.size));
	val_put(a, m, "root", b64(a, &now.root, TREE_HASH));
	val_put(a, m, "waiting", val_int(a, lh.size > now.size ?
	    (int64_t)(lh.size - now.size) : 0));
	val_put(a, m, "last_entry", look_time(c, lh.time));
	val_put(a, m, "vkeys", key_vals(a, keys, nkeys));
	val_put(a, m, "note", val_str(a, buf_str(&note)));
	val_put(a, m, "witnessed", has ? val_int(a, (int64_t)witnessed.size) :
	    val_null(a));
	val_put(a, m, "quorum", val_bool(a, has && policy != NULL &&
	    seen->quorum));
	val_put(a, m, "cosigned", cosigner_vals(c, seen));
	call_json(c, 200, m);
	call_tag(c);
	return (0);
}

/* --- entries ---------------------------------------------------------------------- */

static struct val *
entry_val(struct call *c, uint64_t index, const struct entry *x)
{
	struct arena *a = &c->a;
	struct val *m = val_map(a), *notes = val_map(a);

	for (size_t i = 0; i < x->nnotes; i++)
		val_putstr(a, notes, x->notes[i].key, val_str(a,
		    x->notes[i].value));
	val_put(a, m, "index", val_int(a, (int64_t)index));
	val_put(a, m, "time", look_time(c, x->time));
	val_put(a, m, "actor", val_str(a, x->actor));
	val_put(a, m, "action", val_str(a, x->action));
	val_put(a, m, "type", val_str(a, x->type));
	val_put(a, m, "id", val_str(a, x->id));
	val_put(a, m, "notes", notes);
	return (m);
}

struct gathering {
	struct call *c;
	struct rows rows;
	struct access_who as;
};

/* That something was done to a record of a type that they may not list is
 * nothing for them either. */
static bool
may_know(const struct access_who *as, struct str type)
{
	const struct schema_type *t = schema_find(type);

	if (t == NULL || !schema_is_record(t))
		t = schema_get(T_CONTROL);
	return (access_when(as, t, ACCESS_RECORD, ACCESS_LIST) != ACCESS_NEVER);
}

static int
take_entry(void *ctx, uint64_t index, const struct entry *x, struct err *e)
{
	struct gathering *g = ctx;

	(void)e;
	if (!may_know(&g->as, x->type))
		return (0);
	rows_add(g->c, &g->rows, str_from(arena_printf(&g->c->a, "%020llu",
	    (unsigned long long)index)), entry_val(g->c, index, x));
	return (0);
}

int
program_ledger_entries(struct context *x, struct call *c, struct err *e)
{
	struct gathering g = { .c = c, .as = record_as(&c->who) };
	struct ledger_head h;
	int64_t from, to, size;
	int r = ledger_head(x->ws->ledger, &h, e);

	if (r != 0)
		return (r);
	size = (int64_t)h.size;
	r = params_int(&c->params, "to", 0, size, size, &to, e);
	if (r == 0)
		r = params_int(&c->params, "from", 0, to, to > WINDOW ? to -
		    WINDOW : 0, &from, e);
	if (r != 0)
		return (r);
	if (to - from > SPAN)
		return (call_problem(c, 400, "so many entries are not told at a "
		    "time", "give from and to that are 10000 apart at most"));
	r = ledger_each(x->ws->ledger, (uint64_t)from, (uint64_t)to, take_entry,
	    &g, e);
	return (r != 0 ? r : rows_answer(x, c, &g.rows, e));
}

/* A number of the path. */
static int
number(struct call *c, struct str s, uint64_t *ret)
{
	return (str_to_u64(s, ret) ? 0 : call_problem(c, 404,
	    "there is no such entry", "see " API_BASE "/ledger"));
}

int
program_ledger_entry(struct context *x, struct call *c, struct err *e)
{
	BUF_SCOPED bytes = BUF_INIT;
	struct access_who as = record_as(&c->who);
	struct entry entry;
	uint64_t index;
	int r = number(c, c->name, &index);

	if (r == 0)
		r = ledger_entry_bytes(x->ws->ledger, index, &bytes, e);
	if (r == 0)
		r = entry_decode(&c->a, buf_str(&bytes), &entry, e);
	if (r == 0 && !may_know(&as, entry.type))
		r = call_problem(c, 404, "there is no such entry", "see " API_BASE
		    "/ledger");
	if (r != 0)
		return (r);
	struct val *m = entry_val(c, index, &entry);
	val_put(&c->a, m, "bytes", val_str(&c->a, buf_str(&bytes)));
	call_json(c, 200, m);
	call_tag(c);
	return (0);
}

/* --- proofs ------------------------------------------------------------------------ */

static struct val *
hashes(struct arena *a, const struct tree_proof *p)
{
	struct val *list = val_list(a);

	for (size_t i = 0; i < p->n; i++)
		val_push(a, list, b64(a, &p->at[i], TREE_HASH));
	return (list);
}

/* The checkpoint, and a size that is asked for or its own. */
static int
size_of(struct context *x, struct call *c, const char *param,
    struct checkpoint *k, uint64_t *ret, struct err *e)
{
	BUF_SCOPED note = BUF_INIT;
	int64_t n;
	int r = proof_note(files_of(x, c), "checkpoint", &note, k, e);

	if (r == 0)
		r = params_int(&c->params, param, 0, (int64_t)k->size,
		    (int64_t)k->size, &n, e);
	if (r == 0)
		*ret = (uint64_t)n;
	return (r);
}

int
program_ledger_inclusion(struct context *x, struct call *c, struct err *e)
{
	struct arena *a = &c->a;
	struct tree_proof p = { .n = 0 };
	struct tree_hash leaf, root;
	struct tile_reader tiles;
	struct checkpoint k;
	struct val *m = val_map(a);
	uint64_t index, size;
	int r = number(c, c->name, &index);

	if (r == 0)
		r = size_of(x, c, "size", &k, &size, e);
	if (r != 0)
		return (r);
	if (index >= size)
		return (call_problem(c, 404, "there is no such entry in a tree of "
		    "that size", "see " API_BASE "/ledger for how many there are"));
	tile_reader_init(&tiles, files_of(x, c), k.size);
	r = tree_include(index, size, tile_node, &tiles, &p, e);
	if (r == 0)
		r = tile_node(&tiles, 0, index, &leaf, e);
	if (r == 0)
		r = tree_root_at(size, tile_node, &tiles, &root, e);
	tile_reader_free(&tiles);
	if (r != 0)
		return (r);
	val_put(a, m, "origin", val_text(a, k.origin));
	val_put(a, m, "index", val_int(a, (int64_t)index));
	val_put(a, m, "size", val_int(a, (int64_t)size));
	val_put(a, m, "leaf", b64(a, &leaf, TREE_HASH));
	val_put(a, m, "root", b64(a, &root, TREE_HASH));
	val_put(a, m, "hashes", hashes(a, &p));
	call_json(c, 200, m);
	call_tag(c);
	return (0);
}

int
program_ledger_consistency(struct context *x, struct call *c, struct err *e)
{
	struct arena *a = &c->a;
	struct tree_proof p = { .n = 0 };
	struct tree_hash first, second;
	struct tile_reader tiles;
	struct checkpoint k;
	struct val *m = val_map(a);
	uint64_t size;
	int64_t from;
	int r = size_of(x, c, "to", &k, &size, e);

	if (r == 0 && params_get(&c->params, "from").ptr == NULL)
		return (call_problem(c, 400, "it is not said from which size",
		    "give from"));
	if (r == 0)
		r = params_int(&c->params, "from", 0, (int64_t)size, 0, &from, e);
	if (r != 0)
		return (r);
	tile_reader_init(&tiles, files_of(x, c), k.size);
	if (from != 0) /* every tree extends the empty one */
		r = tree_extend((uint64_t)from, size, tile_node, &tiles, &p, e);
	if (r == 0)
		r = tree_root_at((uint64_t)from, tile_node, &tiles, &first, e);
	if (r == 0)
		r = tree_root_at(size, tile_node, &tiles, &second, e);
	tile_reader_free(&tiles);
	if (r != 0)
		return (r);
	val_put(a, m, "origin", val_text(a, k.origin));
	val_put(a, m, "from", val_int(a, from));
	val_put(a, m, "to", val_int(a, (int64_t)size));
	val_put(a, m, "from_root", b64(a, &first, TREE_HASH));
	val_put(a, m, "to_root", b64(a, &second, TREE_HASH));
	val_put(a, m, "hashes", hashes(a, &p));
	call_json(c, 200, m);
	call_tag(c);
	return (0);
}

int
program_ledger_receipt(struct context *x, struct call *c, struct err *e)
{
	uint64_t index;
	int r = number(c, c->name, &index);

	if (r == 0)
		r = proof_make(files_of(x, c), index, &c->out, e);
	if (r == -ERR_NOTFOUND)
		return (call_problem(c, 404, "no checkpoint holds this entry (yet)",
		    "ask again in a moment"));
	if (r != 0)
		return (r);
	c->status = 200;
	c->media = "text/plain; charset=utf-8";
	call_tag(c);
	return (0);
}

/* --- sources ------------------------------------------------------------------------- */

/* Until when what it said last of any of its tables counts; 0: never read. */
static int
observed(struct call *c, struct evidence *ev, const struct record *src,
    int64_t at, int64_t *ret, struct val *tables, struct err *e)
{
	struct str rest = record_str(src, F_SOURCE_TABLES), name;
	int64_t until = INT64_MAX;
	int r = 0;

	while (r == 0 && rest.len != 0 && str_split(&rest, ' ', &name)) {
		const struct schema_type *t = schema_find(name);
		struct evidence_seen *seen;
		int64_t of = 0;
		size_t n;
		if (t == NULL || schema_is_record(t))
			continue;
		val_push(&c->a, tables, val_str(&c->a, name));
		r = evidence_last_seen(&c->a, evidence_db(ev), t, at, &seen, &n, e);
		for (size_t i = 0; r == 0 && i < n; i++)
			if (str_eq(seen[i].source, record_str(src, F_SOURCE_NAME)))
				of = seen[i].until;
		if (of < until)
			until = of;
	}
	*ret = until == INT64_MAX ? 0 : until;
	return (r);
}

int
program_ledger_sources(struct context *x, struct call *c, struct err *e)
{
	EVIDENCE_SCOPED *ev = NULL;
	struct arena *a = &c->a;
	struct rows rows = { 0 };
	struct record_list l;
	int64_t now = said_now(&x->ws->records);
	int r = look_evidence(x, &ev, e);

	if (r == 0)
		r = record_list(&x->ws->records, a, schema_get(T_SOURCE), NULL, &l,
		    e);
	for (size_t i = 0; r == 0 && i < l.n; i++) {
		const struct record *k = &l.at[i];
		struct val *m = val_map(a), *tables = val_list(a);
		struct evidence_ran *ran = NULL;
		int64_t until;
		size_t n = 0;
		bool may;
		r = look_may(x, k, ACCESS_LIST, 0, &may, NULL, e);
		if (r == 0 && may)
			r = observed(c, ev, k, now, &until, tables, e);
		if (r == 0 && may)
			r = evidence_runs(a, evidence_db(ev), record_str(k,
			    F_SOURCE_NAME), now, EVIDENCE_HEAD, 1, &ran, &n, e);
		if (r != 0 || !may)
			continue;
		val_put(a, m, "name", val_str(a, record_str(k, F_SOURCE_NAME)));
		val_put(a, m, "collector", val_str(a, record_str(k,
		    F_SOURCE_COLLECTOR)));
		val_put(a, m, "state", val_str(a, record_str(k, F_SOURCE_STATE)));
		val_put(a, m, "owner", look_handle(x, c, T_PERSON, record_str(k,
		    F_SOURCE_OWNER)));
		val_put(a, m, "tables", tables);
		val_put(a, m, "last_at", look_time(c, n != 0 ? ran->at : 0));
		val_put(a, m, "last_status", n != 0 ? val_str(a, ran->status) :
		    val_null(a));
		val_put(a, m, "message", n != 0 ? look_text(c, ran->message) :
		    val_null(a));
		val_put(a, m, "observed_until", look_time(c, until));
		val_put(a, m, "stale", val_bool(a, until <= now));
		rows_add(c, &rows, record_str(k, F_SOURCE_NAME), m);
	}
	return (r != 0 ? r : rows_answer(x, c, &rows, e));
}

int
program_ledger_runs(struct context *x, struct call *c, struct err *e)
{
	EVIDENCE_SCOPED *ev = NULL;
	struct arena *a = &c->a;
	struct rows rows = { 0 };
	struct evidence_when when;
	struct evidence_ran *ran = NULL;
	size_t n = 0;
	bool past;
	int r = look_all(x, T_SOURCE) ? 0 : call_problem(c, 403, "only some "
	    "sources are yours to see", "see " API_BASE "/sources");

	if (r == 0)
		r = lists_when(x, c, &past, &when, e);
	if (r == 0)
		r = look_evidence(x, &ev, e);
	if (r == 0)
		r = evidence_runs(a, evidence_db(ev), params_get(&c->params,
		    "source"), when.at, when.known, RUNS, &ran, &n, e);
	for (size_t i = 0; r == 0 && i < n; i++) {
		struct val *m = val_map(a);
		val_put(a, m, "entry", val_int(a, (int64_t)ran[i].entry));
		val_put(a, m, "source", val_str(a, ran[i].source));
		val_put(a, m, "table", look_text(c, ran[i].table));
		val_put(a, m, "at", look_time(c, ran[i].at));
		val_put(a, m, "status", val_str(a, ran[i].status));
		val_put(a, m, "expected", ran[i].expected < 0 ? val_null(a) :
		    val_int(a, ran[i].expected));
		val_put(a, m, "received", val_int(a, ran[i].received));
		val_put(a, m, "message", look_text(c, ran[i].message));
		rows_add(c, &rows, str_from(arena_printf(a, "%06zu", i)), m);
	}
	return (r != 0 ? r : rows_answer(x, c, &rows, e));
}

/* --- who may do what --------------------------------------------------------------------- */

int
program_ledger_groups(struct context *x, struct call *c, struct err *e)
{
	struct arena *a = &c->a;
	struct rows rows = { 0 };

	for (size_t g = 0; g < access_groups(); g++) {
		struct val *m = val_map(a), *types = val_list(a);
		for (size_t i = 0; i < schema_ntypes; i++)
			if (access_group(&schema_types[i]) == (int)g)
				val_push(a, types, val_text(a,
				    schema_types[i].name));
		val_put(a, m, "group", val_text(a, access_group_name(g)));
		val_put(a, m, "note", val_text(a, access_group_note(g)));
		val_put(a, m, "types", types);
		rows_add(c, &rows, str_from(arena_printf(a, "%03zu", g)), m);
	}
	return (rows_answer(x, c, &rows, e));
}

int
program_ledger_rules(struct context *x, struct call *c, struct err *e)
{
	struct arena *a = &c->a;
	struct rows rows = { 0 };
	struct str rest = c->name, type;
	int field = ACCESS_RECORD;

	str_split(&rest, '.', &type);
	const struct schema_type *t = schema_find(type);
	if (t != NULL && rest.ptr != NULL)
		field = schema_field(t, rest);
	if (t == NULL || (rest.ptr != NULL && field < 0))
		return (call_problem(c, 404, "there is no such type or field", "write "
		    "vendor or vendor.name"));
	for (int role = 0; role < ROLE_BIT_MAX; role++)
		for (int act = 0; act < matrix_acts(t, field); act++) {
			struct val *m = val_map(a);
			const char *when, *rule, *answer = matrix_answer(a, t, role,
			    field, (enum access_act)act, &when, &rule);
			val_put(a, m, "role", val_text(a, schema_role_word(
			    (enum schema_role_bit)role)));
			val_put(a, m, "act", val_text(a, access_act_word(
			    (enum access_act)act)));
			val_put(a, m, "answer", val_text(a, answer));
			val_put(a, m, "when", look_text(c, str_from(when)));
			val_put(a, m, "rule", look_text(c, str_from(rule)));
			rows_add(c, &rows, str_from(arena_printf(a, "%02d%02d", role,
			    act)), m);
		}
	return (rows_answer(x, c, &rows, e));
}
