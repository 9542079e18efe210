#include "assess/assess.h"

#include "assess/engine.h"
#include "assess/library.h"
#include "assess/result.h"
#include "assess/recorded.h"
#include "assess/sealed.h"
#include "base/clock.h"
#include "base/log.h"
#include "ledger/ledger.h"
#include "ledger/subject.h"
#include "record/workspace.h"

#define RESULT_MAX ((size_t)256 << 20) /* bytes a child may send */
/* Bytes that wait: little, as those who make them wait while they are recorded. */
#define PENDING_MAX ((size_t)4 << 20)

struct assess {
	struct arena a;
	struct workspace *ws;
	struct evidence *ev;
	struct procedure_set procedures;
};

int
assess_open(struct assess **ret, struct workspace *ws, struct evidence *ev,
    struct err *e)
{
	struct assess *as = calloc(1, sizeof(*as));
	int rc;

	if (as == NULL)
		err_oom(sizeof(*as));
	as->ws = ws;
	as->ev = ev;
	rc = procedure_load(&as->a, arena_printf(&as->a, "%s/procedures", ws->dir),
	    &as->procedures, e);
	if (rc == 0)
		rc = recorded_open(ws->ledger, ws->writable, e);
	if (rc != 0) {
		assess_close(as);
		return (rc);
	}
	*ret = as;
	return (0);
}

void
assess_close(struct assess *as)
{
	if (as == NULL)
		return;
	arena_free(&as->a);
	free(as);
}

const struct procedure_set *
assess_procedures(const struct assess *as)
{
	return (&as->procedures);
}

struct workspace *
assess_workspace(const struct assess *as)
{
	return (as->ws);
}

struct evidence *
assess_evidence(const struct assess *as)
{
	return (as->ev);
}

bool
assess_yes(const struct assess_result *r, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (r[i].error.code != ERR_OK ||
		    (r[i].outcome != ASSESS_NO_EXCEPTIONS &&
			r[i].outcome != ASSESS_NOT_TRIGGERED))
			return (false);
	return (true);
}

/* --- which ------------------------------------------------------------------ */

static void
mark_control(const struct procedure_set *set, struct str control, bool *chosen)
{
	for (size_t i = 0; i < set->n; i++)
		for (size_t k = 0; k < set->at[i].ncontrols; k++)
			if (str_eq(set->at[i].controls[k], control))
				chosen[i] = true;
}

static bool
has_control(const struct procedure_set *set, struct str control)
{
	for (size_t i = 0; i < set->n; i++)
		for (size_t k = 0; k < set->at[i].ncontrols; k++)
			if (str_eq(set->at[i].controls[k], control))
				return (true);
	return (false);
}

/* The organisation's own mappings of controls to criterion ${id}. */
static int
mark_mapped(struct arena *a, struct assess *as, struct str id, bool *chosen,
    struct err *e)
{
	struct record_store *s = &as->ws->records;
	struct record_list list;
	int rc = record_list(s, a, schema_get(T_CONTROL_MAPPING), NULL, &list, e);

	for (size_t i = 0; rc == 0 && i < list.n; i++) {
		const struct record *m = &list.at[i];
		if (str_eq(record_text(s, a, m, F_CONTROL_MAPPING_CRITERION), id))
			mark_control(&as->procedures,
			    record_text(s, a, m, F_CONTROL_MAPPING_CONTROL), chosen);
	}
	return (rc);
}

/* Marks what ${id} names; ERR_NOTFOUND if it names nothing. */
static int
mark(struct arena *a, struct assess *as, const struct library *lib,
    struct str id, bool *chosen, struct err *e)
{
	const struct procedure_set *set = &as->procedures;
	const struct procedure *p = procedure_find(set, id);
	char where[128];

	if (p != NULL) {
		chosen[p - set->at] = true;
		return (0);
	}
	if (library_criterion(lib, id) != NULL) {
		for (size_t i = 0; i < lib->ncontrols; i++)
			for (size_t k = 0; k < lib->controls[i].ncriteria; k++)
				if (str_eq(lib->controls[i].criteria[k], id))
					mark_control(set, lib->controls[i].id, chosen);
		return (mark_mapped(a, as, id, chosen, e));
	}
	if (library_control(lib, id) != NULL || has_control(set, id)) {
		mark_control(set, id, chosen);
		return (0);
	}
	snprintf(where, sizeof(where), STR_FMT, STR_ARG(id));
	return (err_set(e, ERR_NOTFOUND, where,
	    "give the id of a procedure, a control (AC-03) or a criterion (CC6.1)",
	    "no procedure, control or criterion has this id"));
}

int
assess_select(struct arena *a, struct assess *as, const char *const *ids,
    size_t n, const struct procedure ***ret, size_t *ret_n, struct err *e)
{
	const struct procedure_set *set = &as->procedures;
	bool *chosen = arena_array(a, set->n + 1, sizeof(*chosen));
	struct library lib = { 0 };
	size_t k = 0;

	if (n > 0)
		library_read(a, &lib);
	for (size_t i = 0; i < n; i++) {
		int rc = mark(a, as, &lib, str_from(ids[i]), chosen, e);
		if (rc != 0)
			return (rc);
	}
	const struct procedure **out = arena_array(a, set->n + 1, sizeof(*out));
	for (size_t i = 0; i < set->n; i++)
		if (n == 0 || chosen[i])
			out[k++] = &set->at[i];
	*ret = out;
	*ret_n = k;
	return (0);
}

/* --- running ----------------------------------------------------------------- */

/* One procedure on its way. */
struct task {
	struct engine_job job;
	struct assess_time time; /* as far as it is known before */
	struct buf bytes;
	bool done; /* its run has ended */
	bool wrong; /* its file is: there is nothing to run */
	struct recorded_row last; /* the recorded one for this time */
	bool has_last;
	bool reuse;
	uint8_t inputs[32];
};

struct batch {
	struct arena *a;
	struct assess *as;
	const struct assess_options *opt;
	struct task *tasks;
	struct assess_result *results;
	size_t n;
	uint64_t known, excepted;
	bool record;
	struct engine *engine; /* of the process */
	size_t *order;         /* tasks to be run, as they are begun */
	size_t nrun, ended, recorded;
	size_t pending; /* bytes of results that wait to be recorded */
};

static int
take_bytes(void *ctx, size_t job, struct str bytes, struct err *e)
{
	struct batch *b = ctx;
	struct task *t = &b->tasks[b->order[job]];

	if (t->bytes.len + bytes.len > RESULT_MAX)
		return (err_set(e, ERR_LIMIT, t->job.procedure->path,
		    "narrow the population", "the result is larger than %zu MiB",
		    RESULT_MAX >> 20));
	buf_put(&t->bytes, bytes.ptr, bytes.len);
	return (0);
}

/* Faults of the procedure stay its own; those of the machine end the work. */
static bool
is_own_fault(int rc)
{
	return (rc == -ERR_INPUT || rc == -ERR_LIMIT || rc == -ERR_TIMEOUT ||
	    rc == -ERR_USAGE || rc == -ERR_DENIED || rc == -ERR_NOTFOUND);
}

/* Is what was recorded for the same time still what a run would give? */
static int
look_up(struct batch *b, struct task *t, struct err *e)
{
	const struct schema_type *tables[128];
	struct str names, one;
	size_t n = 0;
	uint64_t upto;
	bool moves;
	int rc;

	t->time = engine_time(t->job.procedure, &b->opt->time, &moves);
	struct result_head h = { .procedure = t->job.procedure, .time = t->time,
		.declarations = schema_digest(), .rules = evidence_identity_digest() };
	result_inputs(&h, NULL, 0, t->inputs);
	if (moves || !recorded_ready(b->as->ws->ledger))
		return (0);
	rc = recorded_last(b->a, b->as->ws->ledger, t->job.procedure->id, &t->time,
	    &t->last, e);
	if (rc <= 0)
		return (rc);
	t->has_last = true;
	if (b->opt->force || t->last.excepted != b->excepted ||
	    memcmp(t->last.inputs, t->inputs, 32) != 0 ||
	    t->last.entry >= b->known)
		return (0);
	for (names = t->last.tables; n < 128 && str_split(&names, ',', &one);) {
		if (one.len == 0 || str_is(one, "-"))
			continue;
		if ((tables[n] = schema_find(one)) == NULL)
			return (0);
		n++;
	}
	rc = evidence_depends(evidence_db(b->as->ev), tables, n, b->known, &upto, e);
	t->reuse = rc == 0 && upto == t->last.upto;
	return (rc);
}

static size_t
most_items(const struct assess_options *opt)
{
	return (opt->max_items != 0 ? opt->max_items : 1000);
}

/* What a procedure gives that is wrong. */
static void
give_up(const struct task *t, const struct err *why, struct assess_result *r)
{
	r->procedure = t->job.procedure;
	r->id = t->job.procedure->id;
	r->error = *why;
	r->outcome = ASSESS_INDETERMINATE;
	r->time = t->time;
	r->entry = UINT64_MAX;
}

static int
finish(struct batch *b, struct task *t, struct assess_result *r, int rc,
    const struct err *why, struct err *e)
{
	struct err own = { 0 };

	if (rc == 0)
		rc = result_decode(b->a, buf_str(&t->bytes), most_items(b->opt), r,
		    &own);
	else
		own = *why;
	r->procedure = t->job.procedure;
	r->id = t->job.procedure->id;
	r->known_at = b->known;
	t->done = true;
	b->pending += t->bytes.len;
	if (rc == 0)
		return (0);
	if (!is_own_fault(rc)) {
		if (e != NULL)
			*e = own;
		return (rc);
	}
	give_up(t, &own, r);
	return (0);
}

/* --- recording ---------------------------------------------------------------- */

static struct str
join_tables(struct arena *a, const struct assess_result *r)
{
	BUF_SCOPED b = BUF_INIT;

	for (size_t i = 0; i < r->ntables; i++)
		buf_printf(&b, "%s" STR_FMT, i > 0 ? "," : "",
		    STR_ARG(r->tables[i]));
	return (arena_str(a, buf_str(&b)));
}

static int
record_one(struct batch *b, struct task *t, struct assess_result *r,
    struct err *e)
{
	struct ledger *l = b->as->ws->ledger;
	BUF_SCOPED stored = BUF_INIT;
	uint8_t sha256[CRYPTO_HASH];
	int rc = sealed_encode(ledger_keys(l), r->bytes, &stored, e);

	if (rc != 0)
		return (rc);
	crypto_sha256(stored.ptr, stored.len, sha256);
	if (!t->has_last) {
		/* The child moved the window's end. */
		if ((rc = recorded_last(b->a, l, r->id, &r->time, &t->last, e)) < 0)
			return (rc);
		t->has_last = rc == 1;
	}
	if (t->has_last && memcmp(t->last.sha256, sha256, 32) == 0) {
		r->entry = t->last.entry;
		r->judged_at = t->last.judged_at;
		return (t->last.excepted == b->excepted ? 0 :
		    recorded_seen(l, t->last.entry, b->excepted, e));
	}
	struct recorded_row row = { .procedure = r->id, .period = r->time.period,
		.from = r->time.from, .to = r->time.to, .outcome = r->outcome,
		.upto = r->upto, .members = r->members,
		.tables = join_tables(b->a, r), .excepted = b->excepted };
	memcpy(row.subjects, r->subjects, sizeof(row.subjects));
	memcpy(row.sha256, sha256, 32);
	memcpy(row.inputs, t->inputs, 32);
	const char *actor = b->opt->actor != NULL ? b->opt->actor : "tickmark";
	if ((rc = recorded_adopt(l, actor, t->job.procedure, &row.adopted, e)) != 0)
		return (rc);
	rc = recorded_add(l, actor, &row, buf_str(&stored), e);
	r->entry = row.entry;
	r->judged_at = row.judged_at;
	return (rc);
}

/* The bytes of a result that is dealt with are kept only if asked for. */
static void
let_go(struct batch *b, struct task *t, struct assess_result *r)
{
	r->bytes = b->opt->keep_bytes ? arena_str(b->a, r->bytes) : STR_NULL;
	buf_free(&t->bytes);
}

/*
 * What waits and differs from the last, in one transaction. Results are recorded
 * in the order in which they were begun, whichever is there first.
 */
static int
record_pending(struct batch *b, struct err *e)
{
	struct ledger *l = b->as->ws->ledger;
	size_t first = b->recorded, end = first;
	int rc = 0;

	while (end < b->nrun && b->tasks[b->order[end]].done)
		end++;
	if (end == first)
		return (0);
	if (b->record && (rc = ledger_begin(l, e)) != 0)
		return (rc);
	if (b->record)
		rc = subject_begin(ledger_keys(l), e);
	for (size_t k = first; rc == 0 && b->record && k < end; k++) {
		size_t i = b->order[k];
		if (b->results[i].error.code == ERR_OK)
			rc = record_one(b, &b->tasks[i], &b->results[i], e);
	}
	/* What seals the bodies is there before them. */
	if (b->record && rc == 0)
		rc = subject_commit(ledger_keys(l), e);
	if (b->record && rc != 0) {
		subject_rollback(ledger_keys(l));
		ledger_rollback(l);
	} else if (b->record) {
		rc = ledger_commit(l, e);
	}
	if (b->record && rc == 0)
		ledger_keep_up(l); /* the next ones may take long */
	for (size_t k = first; rc == 0 && k < end; k++) {
		size_t i = b->order[k];
		b->pending -= b->tasks[i].bytes.len;
		let_go(b, &b->tasks[i], &b->results[i]);
	}
	b->recorded = end;
	return (rc);
}

/* --- side by side --------------------------------------------------------------- */

static int
run_one(struct query *q, void *ctx, size_t job, struct err *e)
{
	struct batch *b = ctx;

	if (b->engine == NULL)
		b->engine = engine_new();
	return (engine_run(b->engine, q, &b->tasks[b->order[job]].job, e));
}

static int
end_one(void *ctx, size_t job, int result, const struct err *why,
    struct err *e)
{
	struct batch *b = ctx;
	size_t i = b->order[job];
	int rc = finish(b, &b->tasks[i], &b->results[i], result, why, e);

	progress("tests", (int64_t)(b->n - b->nrun + ++b->ended), (int64_t)b->n);
	if (rc == 0 && b->pending > PENDING_MAX)
		rc = record_pending(b, e);
	return (rc);
}

/* Those that ask for the same population at the same time follow each other. */
static int
by_population(const void *x, const void *y, void *ctx)
{
	const struct batch *b = ctx;
	const struct task *s = &b->tasks[*(const size_t *)x],
		*t = &b->tasks[*(const size_t *)y];
	int c;

	if (s->time.from != t->time.from)
		return (s->time.from < t->time.from ? -1 : 1);
	if (s->time.to != t->time.to)
		return (s->time.to < t->time.to ? -1 : 1);
	if ((c = str_cmp(s->job.procedure->population,
	    t->job.procedure->population)) != 0)
		return (c);
	return (str_cmp(s->job.procedure->id, t->job.procedure->id));
}

static int
run_tasks(struct batch *b, struct err *e)
{
	struct query_limits limits = {
		.time_ms = (b->opt->timeout_us != 0 ? b->opt->timeout_us :
				120 * CLOCK_SECOND) / 1000,
		.memory_bytes = b->opt->memory_bytes != 0 ? b->opt->memory_bytes :
		    INT64_C(512) << 20,
		.rows = 5000000 };
	struct query_work work = { .run = run_one, .take = take_bytes,
		.end = end_one, .ctx = b,
		.workers = b->opt->workers > 0 ? b->opt->workers : 2 };

	b->order = arena_array(b->a, b->n + 1, sizeof(*b->order));
	for (size_t i = 0; i < b->n; i++)
		if (!b->tasks[i].reuse && !b->tasks[i].wrong)
			b->order[b->nrun++] = i;
	qsort_r(b->order, b->nrun, sizeof(*b->order), by_population, b);
	work.n = b->nrun;
	int rc = query_many(b->as->ev, &limits, &work, e);
	return (rc != 0 ? rc : record_pending(b, e));
}

/* The body was erased: what its entry says of it stands. */
static void
from_notes(struct arena *a, const struct recorded_row *row,
    struct assess_result *ret)
{
	VEC(struct str) tables = { 0 };
	struct str rest = arena_str(a, row->tables), one;

	*ret = (struct assess_result){ .id = arena_str(a, row->procedure),
		.time = { .period = row->period, .from = row->from,
		.to = row->to }, .outcome = row->outcome, .upto = row->upto,
		.members = row->members };
	memcpy(ret->subjects, row->subjects, sizeof(ret->subjects));
	memcpy(ret->sha256, row->sha256, sizeof(ret->sha256));
	while (rest.len > 0 && str_split(&rest, ',', &one))
		if (!str_is(one, "-"))
			vec_push(&tables, one);
	ret->tables = arena_array(a, tables.n + 1, sizeof(*ret->tables));
	if (tables.n != 0)
		memcpy(ret->tables, tables.at, tables.n * sizeof(*tables.at));
	ret->ntables = tables.n;
	vec_free(&tables);
}

static int
from_row(struct arena *a, struct assess *as, const struct recorded_row *row,
    const struct assess_options *how, struct assess_result *ret, struct err *e)
{
	BUF_SCOPED stored = BUF_INIT, b = BUF_INIT;
	struct ledger *l = as->ws->ledger;
	struct err own;
	bool all = how->keep_bytes || how->hash;
	size_t max = most_items(how);
	int rc = body_get(l, row->commitment, &stored, &own);

	if (rc == -ERR_ERASED) {
		from_notes(a, row, ret);
	} else if (rc != 0) {
		if (e != NULL)
			*e = own;
		return (rc);
	} else if ((rc = sealed_decode(ledger_keys(l), buf_str(&stored),
	    all ? SIZE_MAX : max, &b, e)) != 0 || (rc = result_decode(a, buf_str(&b), max, ret, e)) != 0) {
		return (rc);
	}
	/* The hash is of all of it. */
	if (rc == 0 && !all)
		memset(ret->sha256, 0, sizeof(ret->sha256));
	ret->bytes = how->keep_bytes ? arena_str(a, ret->bytes) : STR_NULL;
	ret->procedure = procedure_find(&as->procedures, ret->id);
	ret->entry = row->entry;
	ret->judged_at = row->judged_at;
	return (0);
}

static int
reuse_all(struct batch *b, struct err *e)
{
	int rc = subject_hold(ledger_keys(b->as->ws->ledger), e);

	for (size_t i = 0; rc == 0 && i < b->n; i++) {
		struct task *t = &b->tasks[i];
		if (!t->reuse)
			continue;
		rc = from_row(b->a, b->as, &t->last, b->opt, &b->results[i], e);
		b->results[i].reused = true;
		b->results[i].known_at = b->known;
		b->results[i].procedure = t->job.procedure;
	}
	subject_release(ledger_keys(b->as->ws->ledger));
	return (rc);
}

static int
prepare(struct batch *b, const struct procedure *const *procs, struct err *e)
{
	const struct schema_type *about[] = { schema_get(T_EXCEPTION),
		schema_get(T_CONTROL) };
	struct ledger_head head;
	int rc;

	if ((rc = ledger_head(b->as->ws->ledger, &head, e)) != 0)
		return (rc);
	b->known = b->opt->known_at != 0 && b->opt->known_at < head.size ?
	    b->opt->known_at : head.size;
	/* What was known earlier is asked again, not judged anew. */
	b->record = b->opt->record && b->known == head.size;
	if ((rc = evidence_depends(evidence_db(b->as->ev), about, 2, b->known,
		 &b->excepted, e)) != 0)
		return (rc);
	for (size_t i = 0; i < b->n; i++) {
		b->tasks[i].job = (struct engine_job){ .procedure = procs[i],
			.time = b->opt->time, .known = b->known };
		if (procs[i]->wrong != NULL) {
			b->tasks[i].wrong = true;
			b->tasks[i].time = b->opt->time;
			b->results[i].known_at = b->known;
			give_up(&b->tasks[i], procs[i]->wrong, &b->results[i]);
			continue;
		}
		if ((rc = look_up(b, &b->tasks[i], e)) != 0)
			return (rc);
	}
	return (0);
}

int
assess_run(struct arena *a, struct assess *as,
    const struct procedure *const *procs, size_t n,
    const struct assess_options *opt, struct assess_result **ret,
    struct err *e)
{
	struct batch b = { .a = a, .as = as, .opt = opt, .n = n };
	int rc;

	if (opt->time.from >= opt->time.to)
		return (err_set(e, ERR_USAGE, "--period", "give an earlier start",
		    "the period ends before it begins"));
	b.tasks = arena_array(a, n + 1, sizeof(*b.tasks));
	b.results = arena_array(a, n + 1, sizeof(*b.results));
	if ((rc = prepare(&b, procs, e)) == 0 && (rc = run_tasks(&b, e)) == 0)
		rc = reuse_all(&b, e);
	if (rc == 0 && b.record)
		rc = ledger_sequence(as->ws->ledger, e);
	for (size_t i = 0; i < n; i++)
		buf_free(&b.tasks[i].bytes);
	if (rc == 0)
		*ret = b.results;
	return (rc);
}

int
assess_load(struct arena *a, struct assess *as, uint64_t entry,
    struct assess_result *ret, struct err *e)
{
	struct assess_options how = { .keep_bytes = true, .max_items = SIZE_MAX };
	struct recorded_row row;
	int rc = recorded_get(a, as->ws->ledger, entry, &row, e);

	return (rc != 0 ? rc : from_row(a, as, &row, &how, ret, e));
}
