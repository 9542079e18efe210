/*
 * Taking in a run: rows are checked, encoded, sorted and cut into chunks; the
 * bodies and the run's entry are committed; then the projection follows.
 */
#include "base/clock.h"
#include "evidence/mention.h"
#include "evidence/project.h"
#include "schema/kind.h"

struct ingest_table {
	const struct schema_type *type;
	struct row_decl decl;
	struct chunk_set set;
	struct chunk_tree tree;
	struct chunk_tree old;
	bool has_old;
	bool done;
	struct run_table rt;
};

struct raw {
	struct str name;
	uint8_t id[BODY_HASH];
};

struct evidence_run {
	struct evidence *ev;
	struct arena arena;
	struct run run;
	struct str actor;
	struct str query;
	VEC(struct ingest_table *) tables;
	VEC(struct str) raws;
	struct buf row;
	uint64_t rows, bytes;
	struct ingest_table *open;
	size_t returned; /* subject_returned() when it began */
};

/* --- begin --------------------------------------------------------------- */

static int
check_spec(const struct evidence_run_spec *s, struct err *e)
{
	const struct {
		const char *what;
		struct str s;
	} tokens[] = {
		{ "source id", s->source },
		{ "collector", s->collector },
		{ "actor", s->actor },
	};

	for (size_t i = 0; i < sizeof(tokens) / sizeof(*tokens); i++) {
		if (!entry_token_ok(tokens[i].s))
			return (err_set(e, ERR_INPUT, NULL,
			    "use printable ASCII without spaces",
			    "the %s of a run is not a token", tokens[i].what));
	}
	if (s->name.len == 0 || !str_utf8_ok(s->name))
		return (err_set(e, ERR_INPUT, NULL, NULL,
		    "the source of a run has no name"));
	if (s->max_gap_s < 0)
		return (err_set(e, ERR_INPUT, NULL, NULL,
		    "the longest gap of a source cannot be negative"));
	return (0);
}

int
evidence_run_begin(struct evidence *ev, const struct evidence_run_spec *spec,
    struct evidence_run **ret, struct err *e)
{
	if (!ev->writable)
		return (err_set(e, ERR_BUSY, ev->dir, "take the lock first",
		    "the workspace is open for reading only"));
	int r = check_spec(spec, e);
	if (r == 0)
		r = evidence_catch_up(ev, e);
	if (r != 0)
		return (r);
	struct evidence_run *run = calloc(1, sizeof(*run));
	if (run == NULL)
		err_oom(sizeof(*run));
	run->ev = ev;
	run->returned = subject_returned(ledger_keys(ev->ledger));
	run->actor = arena_str(&run->arena, spec->actor);
	run->query = arena_str(&run->arena, spec->query);
	run->run = (struct run){
		.source = arena_str(&run->arena, spec->source),
		.name = arena_str(&run->arena, spec->name),
		.collector = arena_str(&run->arena, spec->collector),
		.at = spec->at,
		.started = spec->started,
		.max_gap_s = spec->max_gap_s,
	};
	*ret = run;
	return (0);
}

static void
table_free(struct ingest_table *t)
{
	chunk_set_free(&t->set);
	chunk_tree_free(&t->tree);
	chunk_tree_free(&t->old);
	free(t);
}

void
evidence_run_free(struct evidence_run *run)
{
	if (run == NULL)
		return;
	for (size_t i = 0; i < run->tables.n; i++)
		table_free(run->tables.at[i]);
	vec_free(&run->tables);
	vec_free(&run->raws);
	buf_free(&run->row);
	arena_free(&run->arena);
	free(run);
}

/* A token that may be long: where a history ended can be many tips. */
static bool
cursor_ok(struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (s.ptr[i] < 0x21 || s.ptr[i] > 0x7e)
			return (false);
	return (s.len > 0 && s.len <= EVIDENCE_CURSOR_MAX);
}

int
evidence_table_begin(struct evidence_run *run, const struct schema_type *type,
    const struct evidence_chain *chain, struct err *e)
{
	if (run->open != NULL)
		BUG("table %s was not ended", run->open->type->name);
	if (schema_is_record(type))
		return (err_set(e, ERR_INPUT, type->name, NULL,
		    "records are not collected"));
	for (size_t i = 0; i < run->tables.n; i++) {
		if (run->tables.at[i]->type == type)
			return (err_set(e, ERR_INPUT, type->name, NULL,
			    "a run gives each table once"));
	}
	bool append = type->mode == MODE_APPEND;
	if (append != (chain != NULL))
		return (err_set(e, ERR_INPUT, type->name, NULL, append ?
		    "an append table needs a cursor" :
		    "a snapshot table has no cursor"));
	if (append && ((chain->after.len > 0 &&
	    !cursor_ok(chain->after)) || !cursor_ok(chain->upto)))
		return (err_set(e, ERR_INPUT, type->name, NULL,
		    "a cursor is not a token"));
	struct ingest_table *t = calloc(1, sizeof(*t));
	if (t == NULL)
		err_oom(sizeof(*t));
	t->type = type;
	row_decl_of(type, &t->decl);
	t->rt = (struct run_table){ .name = str_from(type->name),
		.append = append, .expected = -1 };
	if (append) {
		t->rt.after = arena_str(&run->arena, chain->after);
		t->rt.upto = arena_str(&run->arena, chain->upto);
		t->rt.since = chain->since;
	}
	vec_push(&run->tables, t);
	run->open = t;
	return (0);
}

/* --- rows ---------------------------------------------------------------- */

static int
check_cells(const struct schema_type *t, const struct cell *cells,
    struct err *e)
{
	for (size_t i = 0; i < t->nfields; i++) {
		const struct schema_field *f = &t->fields[i];

		int r = kind_check(f, &cells[i], e);
		if (r != 0)
			return (r);
	}
	for (size_t i = 0; i < t->key.n; i++) {
		if (cells[t->key.at[i]].state == CELL_UNKNOWN)
			return (err_set(e, ERR_INPUT,
			    t->fields[t->key.at[i]].name, NULL,
			    "a row's key cannot be unknown"));
	}
	return (0);
}

int
evidence_row(struct evidence_run *run, const struct cell *cells,
    struct err *e)
{
	struct ingest_table *t = run->open;
	struct err own;

	if (t == NULL)
		BUG("a row outside of a table");
	int r = check_cells(t->type, cells, &own);
	if (r != 0)
		return (err_set(e, own.code, own.where[0] != '\0' ? own.where :
		    t->type->name, own.fix, "table %s, row %zu: %s",
		    t->type->name, t->set.rows.n + 1, own.what));
	buf_reset(&run->row);
	row_encode(&t->decl, cells, NULL, &run->row);
	run->rows++;
	run->bytes += run->row.len;
	if (run->rows > EVIDENCE_RUN_ROWS || run->bytes > EVIDENCE_RUN_BYTES ||
	    run->row.len > ROW_MAX)
		return (err_set(e, ERR_LIMIT, t->type->name,
		    "collect from less at once", "the run is too large"));
	chunk_set_add(&t->set, &t->decl, buf_str(&run->row));
	return (0);
}

static bool
has_personal(const struct row_decl *d)
{
	for (size_t i = 0; i < d->n; i++) {
		if (d->columns[i].sealed)
			return (true);
	}
	return (false);
}

/* The name under which the key of a row's subject is found. */
static void
key_name(const struct evidence_run *run, const struct ingest_table *t,
    const struct cell *cells, struct buf *out)
{
	BUF_SCOPED subject = BUF_INIT;

	row_subject(t->type, cells, NULL, &subject);
	mention_key(run->run.source, t->type, buf_str(&subject), out);
}

#define SEAL_BATCH 8192

struct sealing {
	struct evidence_run *run;
	struct ingest_table *t;
	struct arena arena;
	struct cell *cells;
	struct str *names;
	struct keys_set *keys;
	struct chunk_set out;
};

static int
seal_batch(struct sealing *s, size_t from, size_t n, struct err *e)
{
	BUF_SCOPED text = BUF_INIT;
	const uint8_t *none;
	struct buf open = BUF_INIT;
	int r = 0;

	arena_free(&s->arena);
	for (size_t i = 0; r == 0 && i < n; i++) {
		r = row_decode(&s->t->decl, chunk_set_row(&s->t->set, from + i),
		    NULL, &open, s->cells, &none, e);
		buf_reset(&text);
		key_name(s->run, s->t, s->cells, &text);
		s->names[i] = arena_str(&s->arena, buf_str(&text));
	}
	if (r == 0)
		r = subject_keys(ledger_keys(s->run->ev->ledger), s->names, n,
		    s->keys, e);
	for (size_t i = 0; r == 0 && i < n; i++) {
		r = row_decode(&s->t->decl, chunk_set_row(&s->t->set, from + i),
		    NULL, &open, s->cells, &none, e);
		buf_reset(&text);
		row_encode(&s->t->decl, s->cells, &s->keys[i], &text);
		chunk_set_add(&s->out, &s->t->decl, buf_str(&text));
	}
	buf_free(&open);
	return (r);
}

/* Personal cells were kept plain until all rows were there: keys are had in
 * batches, one transaction of subjects.db for thousands of new subjects. */
static int
seal_rows(struct evidence_run *run, struct ingest_table *t, struct err *e)
{
	struct sealing s = { .run = run, .t = t };
	size_t n = t->set.rows.n;
	int r = 0;

	s.cells = calloc(t->type->nfields, sizeof(*s.cells));
	s.names = calloc(SEAL_BATCH, sizeof(*s.names));
	s.keys = calloc(SEAL_BATCH, sizeof(*s.keys));
	if (s.cells == NULL || s.names == NULL || s.keys == NULL)
		err_oom(SEAL_BATCH * sizeof(*s.keys));
	for (size_t i = 0; r == 0 && i < n; i += SEAL_BATCH)
		r = seal_batch(&s, i, n - i < SEAL_BATCH ? n - i : SEAL_BATCH, e);
	crypto_wipe(s.keys, SEAL_BATCH * sizeof(*s.keys));
	free(s.cells);
	free(s.names);
	free(s.keys);
	arena_free(&s.arena);
	if (r != 0) {
		chunk_set_free(&s.out);
		return (r);
	}
	chunk_set_free(&t->set);
	t->set = s.out;
	return (0);
}

int
evidence_table_end(struct evidence_run *run, enum evidence_status status,
    int64_t expected, const char *message, struct err *e)
{
	struct ingest_table *t = run->open;
	char say[128];
	int r;

	if (t == NULL)
		BUG("no table to end");
	run->open = NULL;
	t->rt.expected = expected < 0 ? -1 : expected;
	/* Sorted while it is plain: twins are found before they are sealed. */
	int64_t given = (int64_t)t->set.rows.n;
	if ((r = chunk_set_sort(&t->set, &t->decl, e)) != 0)
		return (r);
	if (status == EVIDENCE_COMPLETE && expected >= 0 && expected != given) {
		status = EVIDENCE_PARTIAL;
		snprintf(say, sizeof(say), "%lld rows came of %lld expected",
		    (long long)given, (long long)expected);
		if (message == NULL)
			message = say;
	}
	t->rt.received = (int64_t)t->set.rows.n;
	t->rt.status = status;
	t->rt.message = arena_str(&run->arena, str_from(message));
	t->done = true;
	if (status != EVIDENCE_COMPLETE) {
		chunk_set_free(&t->set);
		return (0);
	}
	if (has_personal(&t->decl)) {
		r = seal_rows(run, t, e);
		if (r == 0)
			r = chunk_set_sort(&t->set, &t->decl, e);
	}
	return (r);
}

int
evidence_raw(struct evidence_run *run, struct str name, struct str bytes,
    struct err *e)
{
	if (!entry_word_ok(name))
		return (err_set(e, ERR_INPUT, NULL, NULL,
		    "the name of raw bytes is not a word"));
	struct str copy = arena_str(&run->arena, bytes);
	vec_push(&run->raws, copy);
	return (0);
}

/* --- commit -------------------------------------------------------------- */

/* The leaves of the set before, which need not be written again. */
static int
read_old(struct evidence *ev, const struct run *run, struct ingest_table *t,
    struct err *e)
{
	struct project_run before;
	int64_t sid;
	int r = project_source(ev->db, run->source, &sid, e);

	if (r <= 0)
		return (r);
	r = project_before(ev->db, t->type, sid, run->at, &before, e);
	if (r <= 0 || before.removed)
		return (r < 0 ? r : 0);
	r = chunk_read(ev->ledger, before.root, &t->old, e);
	t->has_old = r == 0;
	return (r);
}

static int
write_table(struct evidence_run *run, struct ingest_table *t,
    struct chunk_written *written, struct err *e)
{
	BUF_SCOPED decl = BUF_INIT;
	struct ledger *l = run->ev->ledger;

	if (t->rt.status != EVIDENCE_COMPLETE)
		return (0);
	row_decl_encode(&t->decl, &decl);
	int r = body_put(l, NULL, buf_str(&decl), 0, t->rt.decl, e);
	if (r == 0)
		r = read_old(run->ev, &run->run, t, e);
	if (r == 0)
		r = chunk_write(l, &t->decl, &t->set, t->has_old ? &t->old : NULL,
		    &t->tree, written, e);
	if (r != 0)
		return (r);
	memcpy(t->rt.root, t->tree.root, BODY_HASH);
	t->rt.stored = true;
	return (0);
}

/*
 * Raw bytes hold whatever the source said of people, for all of them at once.
 * So they are sealed under a key of their own for each source and four weeks:
 * destroying it ends their retention in every copy.
 */
static int
raw_key(struct evidence_run *run, struct keys_set *key, struct err *e)
{
	BUF_SCOPED name = BUF_INIT;

	buf_putstr(&name, run->run.source);
	buf_printf(&name, "/raw/%lld",
	    (long long)(clock_now() / (28 * CLOCK_DAY)));
	struct keys *k = ledger_keys(run->ev->ledger);
	size_t before = subject_returned(k);
	int r = subject_key(k, buf_str(&name), key, e);
	/* Bytes that come after their key went are no subject that came back. */
	run->returned += subject_returned(k) - before;
	return (r);
}

static int
put_raws(struct evidence_run *run, struct entry_body *bodies, size_t *n,
    struct err *e)
{
	struct keys_set key;
	int r = run->raws.n == 0 ? 0 : raw_key(run, &key, e);

	for (size_t i = 0; r == 0 && i < run->raws.n; i++) {
		bodies[*n].class = STR("raw");
		r = body_put(run->ev->ledger, &key, run->raws.at[i], 0,
		    bodies[*n].commitment, e);
		if (r == 0)
			++*n;
	}
	return (r);
}

static void
overall_status(struct evidence_run *run)
{
	struct run *r = &run->run;
	size_t complete = 0;

	r->tables = arena_array(&run->arena, run->tables.n + 1,
	    sizeof(*r->tables));
	r->ntables = run->tables.n;
	for (size_t i = 0; i < run->tables.n; i++) {
		r->tables[i] = run->tables.at[i]->rt;
		complete += r->tables[i].status == EVIDENCE_COMPLETE;
	}
	if (r->status == EVIDENCE_FAILED)
		return;
	r->status = complete == run->tables.n ? EVIDENCE_COMPLETE :
	    complete == 0 ? EVIDENCE_FAILED : EVIDENCE_PARTIAL;
}

static int
append_entry(struct evidence_run *run, struct entry_body *bodies, size_t n,
    uint64_t *ret_index, struct err *e)
{
	BUF_SCOPED body = BUF_INIT;
	char rows[24], returned[24];
	size_t again = subject_returned(ledger_keys(run->ev->ledger)) -
	    run->returned;
	struct entry_note notes[3] = {
		{ STR("rows"), STR_NULL },
		{ STR("status"), str_from(evidence_status_name(
		    run->run.status)) },
		{ STR("returned"), STR_NULL },
	};
	struct entry x = { .actor = run->actor, .action = STR("run"),
		.type = STR("source"), .id = run->run.source,
		.bodies = bodies, .notes = notes, .nnotes = 2 };
	int64_t received = 0;

	for (size_t i = 0; i < run->run.ntables; i++)
		received += run->run.tables[i].received;
	snprintf(rows, sizeof(rows), "%lld", (long long)received);
	notes[0].value = str_from(rows);
	/* Subjects that were erased, and that the source still delivers. */
	snprintf(returned, sizeof(returned), "%zu", again);
	notes[2].value = str_from(returned);
	x.nnotes += again != 0;
	run_encode(&run->run, &body);
	bodies[n].class = STR("run");
	int r = body_put(run->ev->ledger, NULL, buf_str(&body), 0,
	    bodies[n].commitment, e);
	if (r != 0)
		return (r);
	x.nbodies = n + 1;
	return (ledger_append(run->ev->ledger, &x, ret_index, NULL, e));
}

static int
write_all(struct evidence_run *run, struct chunk_written *written,
    uint64_t *ret_index, struct err *e)
{
	size_t n = 0, nt = run->tables.n;
	struct entry_body *bodies = arena_array(&run->arena,
	    nt + run->raws.n + 2, sizeof(*bodies));
	int r = 0;

	for (size_t i = 0; r == 0 && i < nt; i++) {
		struct ingest_table *t = run->tables.at[i];
		r = write_table(run, t, written, e);
		if (r == 0 && t->rt.stored) {
			bodies[n].class = STR("rows");
			memcpy(bodies[n++].commitment, t->rt.root, BODY_HASH);
		}
	}
	if (r == 0)
		r = put_raws(run, bodies, &n, e);
	if (r == 0 && run->query.len > 0) {
		r = body_put(run->ev->ledger, NULL, run->query, 0,
		    run->run.query, e);
		run->run.has_query = true;
		bodies[n].class = STR("query");
		memcpy(bodies[n++].commitment, run->run.query, BODY_HASH);
	}
	overall_status(run);
	return (r != 0 ? r : append_entry(run, bodies, n, ret_index, e));
}

static int
project_now(struct evidence_run *run, uint64_t index,
    struct evidence_done *done, struct err *e)
{
	struct evidence *ev = run->ev;
	ARENA_SCOPED a = ARENA_INIT;
	struct entry x;
	struct project_rows *rows = arena_array(&a, run->tables.n + 1,
	    sizeof(*rows));
	int r = ledger_entry(ev->ledger, &a, index, &x, e);

	for (size_t i = 0; i < run->tables.n; i++) {
		struct ingest_table *t = run->tables.at[i];
		if (t->rt.stored)
			rows[i] = (struct project_rows){ &t->set, &t->tree,
				t->has_old ? &t->old : NULL };
	}
	if (r == 0)
		r = db_begin(ev->db, e);
	if (r != 0)
		return (r);
	r = project_hold(ev, e);
	if (r == 0)
		r = project_entry(ev, index, &x, rows, &done->changed, e);
	project_release(ev);
	if (r == 0)
		r = store_set_upto(ev->db, index + 1, e);
	if (r == 0)
		r = db_commit(ev->db, e);
	if (r != 0)
		db_rollback(ev->db);
	else
		ev->upto = index + 1;
	return (r);
}

static bool
all_same(const struct evidence_run *run)
{
	for (size_t i = 0; i < run->tables.n; i++) {
		const struct ingest_table *t = run->tables.at[i];
		if (t->rt.stored && (!t->has_old ||
		    memcmp(t->old.root, t->tree.root, BODY_HASH) != 0))
			return (false);
	}
	return (run->run.status == EVIDENCE_COMPLETE);
}

static int
commit(struct evidence_run *run, struct evidence_done *ret, struct err *e)
{
	struct evidence_done done = { 0 };
	struct chunk_written written = { 0 };
	struct ledger *l = run->ev->ledger;
	int64_t start = clock_mono();
	int r = ledger_begin(l, e);

	if (r != 0)
		return (r);
	r = write_all(run, &written, &done.entry, e);
	if (r != 0) {
		ledger_rollback(l);
		return (r);
	}
	if ((r = ledger_commit(l, e)) != 0)
		return (r);
	ledger_keep_up(l); /* projecting may take long */
	for (size_t i = 0; i < run->tables.n; i++)
		done.rows += (uint64_t)run->tables.at[i]->rt.received;
	done.chunks = written.bodies;
	done.chunk_bytes = written.bytes;
	done.returned = subject_returned(ledger_keys(l)) - run->returned;
	done.same = all_same(run);
	done.store_us = clock_mono() - start;
	r = project_now(run, done.entry, &done, e);
	done.project_us = clock_mono() - start - done.store_us;
	if (r == 0 && ret != NULL)
		*ret = done;
	return (r);
}

int
evidence_run_commit(struct evidence_run *run, int64_t ended,
    struct evidence_done *ret, struct err *e)
{
	if (run->open != NULL)
		BUG("table %s was not ended", run->open->type->name);
	run->run.ended = ended;
	int r = commit(run, ret, e);
	evidence_run_free(run);
	return (r);
}

int
evidence_run_fail(struct evidence_run *run, int64_t ended,
    const struct err *why, struct evidence_done *ret, struct err *e)
{
	run->open = NULL;
	for (size_t i = 0; i < run->tables.n; i++) {
		struct ingest_table *t = run->tables.at[i];
		t->rt.status = EVIDENCE_FAILED;
		if (!t->done)
			t->rt.received = (int64_t)t->set.rows.n;
		chunk_set_free(&t->set);
	}
	run->run.status = EVIDENCE_FAILED;
	run->run.message = arena_str(&run->arena, str_from(why->what));
	run->run.ended = ended;
	int r = commit(run, ret, e);
	evidence_run_free(run);
	return (r);
}

int
evidence_cursor(struct arena *a, struct evidence *ev, struct str source,
    const struct schema_type *table, struct str *ret, struct err *e)
{
	struct stmt *st;
	int64_t sid;
	int r = project_source(ev->db, source, &sid, e);

	if (r < 0)
		return (r);
	struct str found = STR_NULL;
	if (r == 1) {
		r = db_cached(ev->db, &st, "SELECT upto FROM \"!run\" WHERE"
		    " tab = ?1 AND sid = ?2 AND counts = 1 AND status = 'complete'"
		    " ORDER BY at DESC, id DESC LIMIT 1", e);
		if (r != 0)
			return (r);
		stmt_bind_int(st, 1, table->number);
		stmt_bind_int(st, 2, sid);
		if ((r = stmt_step(st, e)) < 0)
			return (r);
		if (r == 1)
			found = arena_str(a, stmt_str(st, 0));
		stmt_reset(st);
	}
	*ret = found;
	return (0);
}
