#include "assess/engine.h"

#include "assess/judge.h"
#include "assess/result.h"
#include "base/clock.h"
#include "sys/db.h"
#include "text/timefmt.h"

#define READS_MAX 128 /* more than there are tables */

/* A population that was asked, for the next procedure that asks the same. */
struct engine {
	bool has;
	struct buf asked; /* its SQL, and the values of parameters that it names */
	struct evidence_when when;
	struct judge judge;
	struct query_read reads[READS_MAX];
	size_t nreads;
};

/* All that one procedure's run holds. */
struct run {
	struct engine *engine;
	const struct engine_job *job;
	const struct procedure *p;
	struct query *q;
	struct arena a;
	struct assess_time time;
	struct evidence_when when;
	char population[512], verdicts[512]; /* "file:line" */
	struct judge *judge;
	struct query_param params[16];
	struct query_read reads[READS_MAX]; /* by name of the table */
	size_t nreads;
	VEC(struct judge_waiver) waivers;
};

/* --- columns ---------------------------------------------------------------- */

enum column_kind { C_TEXT, C_TEXT_OR_NULL, C_INT };

struct column {
	const char *name;
	enum column_kind kind;
};

static const struct column population_columns[] = { { "subject", C_TEXT },
	{ "label", C_TEXT_OR_NULL }, { "from_us", C_INT }, { "to_us", C_INT },
	{ "source", C_TEXT_OR_NULL } };
static const struct column verdict_columns[] = { { "subject", C_TEXT },
	{ "status", C_TEXT }, { "reason", C_TEXT_OR_NULL }, { "from_us", C_INT },
	{ "to_us", C_INT }, { "evidence", C_TEXT_OR_NULL } };

/* A list of rows being taken in. */
struct intake {
	struct run *r;
	const struct column *columns;
	int ncolumns, least, given;
	const char *where, *what;
	bool only_compile; /* stop before the first row */
	bool stopped;
};

static int
check_columns(struct intake *in, struct stmt *st, struct err *e)
{
	int n = stmt_ncol(st);

	for (int i = 0; i < n && i < in->ncolumns; i++)
		if (strcmp(stmt_col_name(st, i), in->columns[i].name) != 0)
			return (err_set(e, ERR_INPUT, in->where,
			    "name the columns as doc/procedures.md does",
			    "column %d of %s is \"%s\", not \"%s\"", i + 1, in->what,
			    stmt_col_name(st, i), in->columns[i].name));
	if (n < in->least)
		return (err_set(e, ERR_INPUT, in->where,
		    "name the columns as doc/procedures.md does",
		    "%s lacks the column \"%s\"", in->what, in->columns[n].name));
	if (n > in->ncolumns)
		return (err_set(e, ERR_INPUT, in->where,
		    "name the columns as doc/procedures.md does",
		    "%s has a column too many: \"%s\"", in->what,
		    stmt_col_name(st, in->ncolumns)));
	return (0);
}

static int
check_types(struct intake *in, const struct stmt_value *v, int n,
    struct err *e)
{
	static const char *const words[] = { "null", "an integer",
		"a floating point number", "text", "bytes" };

	for (int i = 0; i < n; i++) {
		enum stmt_type t = v[i].type;
		enum column_kind k = in->columns[i].kind;
		if (k == C_INT ? t == STMT_INT : t == STMT_TEXT ||
		    (t == STMT_NULL && k == C_TEXT_OR_NULL))
			continue;
		return (err_set(e, ERR_INPUT, in->where, k == C_INT ?
		    "give microseconds as an integer" : "give text; cast numbers",
		    "column \"%s\" of %s is %s", in->columns[i].name, in->what,
		    words[t]));
	}
	return (0);
}

static int
begin_rows(struct intake *in, struct stmt *st, struct err *e)
{
	int rc = check_columns(in, st, e);

	in->given = stmt_ncol(st);
	if (rc == 0 && in->only_compile) {
		in->stopped = true;
		return (1);
	}
	return (rc);
}

/* The row's values, each of its kind; columns that are left out are empty. */
static int
take_row(struct intake *in, struct stmt *st, struct stmt_value *v,
    struct err *e)
{
	v[in->ncolumns - 1] = (struct stmt_value){ .s = STR("") };
	stmt_values(st, v, in->given);
	return (check_types(in, v, in->given, e));
}

static int
take_member(void *ctx, struct stmt *st, bool row, struct err *e)
{
	struct intake *in = ctx;
	struct stmt_value v[5];
	int rc;

	if (!row)
		return (begin_rows(in, st, e));
	if ((rc = take_row(in, st, v, e)) != 0)
		return (rc);
	return (judge_member(in->r->judge, v[0].s, v[1].s, v[4].s, v[2].i,
	    v[3].i, e));
}

static int
take_verdict(void *ctx, struct stmt *st, bool row, struct err *e)
{
	struct intake *in = ctx;
	struct stmt_value v[6];
	int rc;

	if (!row)
		return (begin_rows(in, st, e));
	if ((rc = take_row(in, st, v, e)) != 0)
		return (rc);
	return (judge_verdict(in->r->judge, v[0].s, v[1].s, v[2].s, v[3].i,
	    v[4].i, v[5].s, e));
}

/* --- asking ----------------------------------------------------------------- */

static void
add_reads(struct run *r, const struct query_read *reads, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		size_t k = 0;
		while (k < r->nreads && r->reads[k].table != reads[i].table)
			k++;
		if (k == r->nreads && k < READS_MAX)
			r->reads[r->nreads++] = (struct query_read){
			    .table = reads[i].table };
		if (k < READS_MAX)
			r->reads[k].columns |= reads[i].columns;
	}
}

static int
ask(struct run *r, bool verdicts, bool only_compile, struct err *e)
{
	const struct procedure *p = r->p;
	struct query_sql sql = { .sql = verdicts ? p->verdicts : p->population,
		.file = p->path,
		.line = verdicts ? p->verdicts_line : p->population_line,
		.params = r->params, .nparams = p->nparams };
	struct intake in = { .r = r,
		.columns = verdicts ? verdict_columns : population_columns,
		.ncolumns = verdicts ? 6 : 5, .least = verdicts ? 6 : 4,
		.where = verdicts ? r->verdicts : r->population,
		.what = verdicts ? "the verdicts" : "the population",
		.only_compile = only_compile };
	int rc = query_ask(r->q, &sql, verdicts ? take_verdict : take_member, &in, e);

	size_t n;
	const struct query_read *reads = query_reads(r->q, &n);
	add_reads(r, reads, n);
	return (in.stopped ? 0 : rc);
}

static int
by_table(const void *a, const void *b)
{
	const struct query_read *x = a, *y = b;

	return (strcmp(x->table->name, y->table->name));
}

/* --- time ------------------------------------------------------------------- */

struct assess_time
engine_time(const struct procedure *p, const struct assess_time *asked,
    bool *moves)
{
	struct assess_time t = *asked;

	*moves = false;
	if (asked->period && p->mode == PROCEDURE_INSTANT)
		t = (struct assess_time){ .from = asked->to - 1, .to = asked->to,
			.zone = asked->zone };
	if (!asked->period && p->mode == PROCEDURE_PERIOD) {
		t = (struct assess_time){ .period = true, .to = asked->to,
			.from = asked->to - p->window_days * CLOCK_DAY,
			.zone = asked->zone };
		*moves = true;
	}
	return (t);
}

/*
 * New items of an append table are seen only when it is read: the window ends
 * where the slowest of them was last observed, if that was not long ago.
 */
static int
settle_window(struct run *r, struct err *e)
{
	int64_t end = r->time.to;
	int rc;

	if ((rc = ask(r, false, true, e)) != 0 || (rc = ask(r, true, true, e)) != 0)
		return (rc);
	for (size_t i = 0; i < r->nreads; i++) {
		const struct schema_type *t = r->reads[i].table;
		struct evidence_span *s;
		size_t n;
		if (schema_is_record(t) || t->mode != MODE_APPEND)
			continue;
		if ((rc = evidence_coverage(&r->a, query_db(r->q), t, r->time.from,
			 r->time.to, r->job->known, &s, &n, e)) != 0)
			return (rc);
		if (n > 1 && !s[n - 1].observed && s[n - 2].observed &&
		    s[n - 1].from < end && r->time.to - s[n - 1].from <= ASSESS_LAG)
			end = s[n - 1].from;
	}
	r->time.from -= r->time.to - end;
	r->time.to = end;
	return (0);
}

static int
set_time(struct run *r, struct err *e)
{
	bool moves;
	int rc;

	r->time = engine_time(r->p, &r->job->time, &moves);
	for (int i = 0; i < (moves ? 2 : 1); i++) {
		r->when = r->time.period ?
		    evidence_period(r->time.from, r->time.to, r->job->known) :
		    evidence_at(r->time.from, r->job->known);
		if ((rc = query_when(r->q, &r->when, e)) != 0)
			return (rc);
		if (moves && i == 0 && (rc = settle_window(r, e)) != 0)
			return (rc);
	}
	return (0);
}

/* --- what was not observed --------------------------------------------------- */

static const char *
hole_words(const char *reason)
{
	static const struct {
		const char *reason, *text;
	} words[] = { { "never", "was never collected" },
		{ "before", "was not collected yet" },
		{ "gap", "was not collected often enough" },
		{ "after", "was not collected since" },
		{ "rewritten", "began anew with another history" },
		{ "removed", "is no longer collected" },
		{ "gone", "is no longer collected" } };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcmp(reason, words[i].reason) == 0)
			return (words[i].text);
	return ("was not observed");
}

/* The sources to name for a stretch in which a table was not observed. */
static struct str
hole_reason(struct run *r, const char *table, const struct evidence_span *hole,
    const struct evidence_span *s, size_t n)
{
	BUF_SCOPED b = BUF_INIT;
	struct str last = STR("");

	for (size_t i = 0; i < n; i++) {
		if (s[i].observed || s[i].source.len == 0 || s[i].to <= hole->from ||
		    s[i].from >= hole->to || str_eq(s[i].source, last) ||
		    strcmp(s[i].reason, hole->reason) != 0)
			continue;
		buf_puts(&b, b.len > 0 ? ", " : " of ");
		buf_putstr(&b, s[i].source);
		last = s[i].source;
		if (b.len > 200) {
			buf_puts(&b, " and others");
			break;
		}
	}
	return (str_from(arena_printf(&r->a, "%s" STR_FMT " %s", table,
	    STR_ARG(buf_str(&b)), hole_words(hole->reason))));
}

/*
 * Members of a source are judged by what was observed of that source, all
 * others by the table as a whole.
 */
static int
find_gaps(struct run *r, const struct schema_type *t, struct err *e)
{
	struct db *db = query_db(r->q);
	struct evidence_span *all, *s;
	size_t nall, n;
	int rc;

	if ((rc = evidence_coverage(&r->a, db, t, r->time.from, r->time.to,
		 r->job->known, &all, &nall, e)) != 0 ||
	    (rc = evidence_coverage_sources(&r->a, db, t, r->time.from, r->time.to,
		 r->job->known, &s, &n, e)) != 0)
		return (rc);
	for (size_t i = 0; i < nall; i++) {
		struct judge_hole h = { .table = str_from(t->name),
			.from = all[i].from, .to = all[i].to };
		if (all[i].observed)
			continue;
		h.reason = hole_reason(r, t->name, &all[i], s, n);
		judge_blind(r->judge, &h);
	}
	for (size_t i = 0; i < n; i++) {
		struct judge_hole h = { .table = str_from(t->name),
			.source = s[i].source, .own = true, .from = s[i].from,
			.to = s[i].to };
		if (s[i].source.len == 0)
			continue;
		if (i == 0 || !str_eq(s[i].source, s[i - 1].source))
			judge_source(r->judge, str_from(t->name), s[i].source);
		if (s[i].observed)
			continue;
		h.reason = hole_reason(r, t->name, &s[i], &s[i], 1);
		judge_blind(r->judge, &h);
	}
	return (0);
}

/* The names of the fields in ${mask}, joined. */
static struct str
columns(struct arena *a, const struct schema_type *t, uint64_t mask,
    const char *sep)
{
	BUF_SCOPED b = BUF_INIT;

	for (size_t i = 0; i < t->nfields && i < 64; i++)
		if (mask >> i & 1)
			buf_printf(&b, "%s%s", b.len > 0 ? sep : "", t->fields[i].name);
	return (arena_str(a, buf_str(&b)));
}

/*
 * A cell that could not be read concerns the member that is its row's subject;
 * if there is no such member it may concern anybody.
 */
static struct str
member_named(struct run *r, const struct evidence_blind *b)
{
	const struct judge *j = r->judge;
	struct str full = str_from(arena_printf(&r->a, STR_FMT "/" STR_FMT,
	    STR_ARG(b->source), STR_ARG(b->subject)));
	struct str names[2] = { b->subject, full };

	for (int i = 0; i < 2; i++) {
		uint32_t name = pool_find(&j->pool, names[i]);
		if (name == POOL_NONE || name >= j->member_cap ||
		    j->member_of[name] == POOL_NONE)
			continue;
		struct str source = pool_get(&j->pool,
		    j->members.at[j->member_of[name]].source);
		if (source.len == 0 || str_eq(source, b->source))
			return (names[i]);
	}
	return (STR(""));
}

static int
find_blind_cells(struct run *r, const struct query_read *read, struct err *e)
{
	struct evidence_blind *b;
	const char *table = read->table->name;
	size_t n;
	int rc = evidence_blind_cells(&r->a, query_db(r->q), read->table,
	    read->columns, &r->when, &b, &n, e);

	for (size_t i = 0; rc == 0 && i < n; i++) {
		struct str names = columns(&r->a, read->table,
		    b[i].columns & read->columns, ", ");
		struct judge_hole h = { .table = str_from(table),
			.source = b[i].source, .subject = member_named(r, &b[i]),
			.from = b[i].from, .to = b[i].to };
		h.reason = str_from(arena_printf(&r->a,
		    STR_FMT " of %s could not be read", STR_ARG(names), table));
		judge_blind(r->judge, &h);
	}
	return (rc);
}

/* --- exceptions --------------------------------------------------------------- */

static const char waivers_sql[] =
    "SELECT e.code, coalesce(e.subject_id, ''), coalesce(e.procedure, ''),"
    " coalesce(c.code, ''), coalesce(e.tbl, ''),"
    " max(e.from_us, coalesce(day_start(e.starts_on), e.from_us)),"
    " min(e.to_us, day_end(e.expires))"
    " FROM exception_period e LEFT JOIN control c ON c.subject = e.control"
    " WHERE e.state = 'approved' ORDER BY e.code, 6, 7";

/* An exception about a table's subject holds where that table is read. */
static bool
reads(const struct run *r, struct str table)
{
	size_t i = 0;

	while (i < r->nreads && !str_is(table, r->reads[i].table->name))
		i++;
	return (table.len == 0 || i < r->nreads);
}

static int
take_waiver(void *ctx, struct stmt *st, bool row, struct err *e)
{
	struct run *r = ctx;
	struct str procedure, control;

	(void)e;
	if (!row)
		return (0);
	procedure = stmt_str(st, 2);
	control = stmt_str(st, 3);
	if (stmt_int(st, 5) >= stmt_int(st, 6) || !reads(r, stmt_str(st, 4)))
		return (0);
	if (procedure.len != 0) {
		if (!str_eq(procedure, r->p->id))
			return (0);
	} else {
		size_t i = 0;
		while (i < r->p->ncontrols && !str_eq(r->p->controls[i], control))
			i++;
		if (i == r->p->ncontrols)
			return (0);
	}
	struct judge_waiver w = { .id = arena_str(&r->a, stmt_str(st, 0)),
		.subject = arena_str(&r->a, stmt_str(st, 1)),
		.from = stmt_int(st, 5), .to = stmt_int(st, 6) };
	vec_push(&r->waivers, w);
	judge_exempt(r->judge, &w);
	return (0);
}

static int
find_waivers(struct run *r, struct err *e)
{
	struct query_sql sql = { .sql = str_from(waivers_sql),
		.file = "exceptions", .line = 1 };

	return (query_ask(r->q, &sql, take_waiver, r, e));
}

/* --- populations ---------------------------------------------------------------- */

struct engine *
engine_new(void)
{
	struct engine *x = calloc(1, sizeof(*x));

	if (x == NULL)
		err_oom(sizeof(*x));
	return (x);
}

static void
forget(struct engine *x)
{
	if (x->has)
		judge_free(&x->judge);
	x->has = false;
	x->nreads = 0;
	buf_reset(&x->asked);
}

void
engine_free(struct engine *x)
{
	if (x == NULL)
		return;
	forget(x);
	buf_free(&x->asked);
	free(x);
}

/* Does the SQL hold this word anywhere? */
static bool
holds(struct str sql, struct str word)
{
	return (memmem(sql.ptr, sql.len, word.ptr, word.len) != NULL);
}

/* What the population is a function of, but for the time. */
static void
put_asked(const struct procedure *p, struct buf *out)
{
	buf_putstr(out, p->population);
	for (size_t i = 0; i < p->nparams; i++) {
		const struct procedure_param *q = &p->params[i];
		if (!holds(p->population, q->name))
			continue;
		buf_putc(out, '\0');
		buf_putstr(out, q->name);
		buf_putc(out, '\0');
		if (q->kind == PROCEDURE_INT)
			buf_printf(out, "%lld", (long long)q->i);
		else
			buf_printf(out, "'" STR_FMT, STR_ARG(q->s));
	}
}

static bool
same_when(const struct evidence_when *x, const struct evidence_when *y)
{
	return (x->period == y->period && x->at == y->at && x->from == y->from &&
	    x->to == y->to && x->known == y->known);
}

/* The members: those of the procedure before, if it asked for the same. */
static int
find_members(struct run *r, struct err *e)
{
	struct engine *x = r->engine;
	BUF_SCOPED asked = BUF_INIT;

	r->judge = &x->judge;
	put_asked(r->p, &asked);
	if (x->has && same_when(&x->when, &r->when) &&
	    str_eq(buf_str(&asked), buf_str(&x->asked))) {
		judge_again(&x->judge, r->population, r->verdicts);
		add_reads(r, x->reads, x->nreads);
		return (0);
	}
	forget(x);
	judge_init(&x->judge, r->time.from, r->time.to, r->population,
	    r->verdicts);
	x->has = true;
	int rc = ask(r, false, false, e);
	if (rc != 0)
		return (rc);
	judge_settled(&x->judge);
	buf_putstr(&x->asked, buf_str(&asked));
	x->when = r->when;
	const struct query_read *reads = query_reads(r->q, &x->nreads);
	if (x->nreads > READS_MAX)
		x->nreads = READS_MAX;
	memcpy(x->reads, reads, x->nreads * sizeof(*reads));
	return (0);
}

/* --- all of it ---------------------------------------------------------------- */

static int
gather(struct run *r, struct err *e)
{
	int rc;

	if ((rc = set_time(r, e)) != 0)
		return (rc);
	if ((rc = find_members(r, e)) != 0 ||
	    (rc = ask(r, true, false, e)) != 0)
		return (rc);
	qsort(r->reads, r->nreads, sizeof(r->reads[0]), by_table);
	for (size_t i = 0; i < r->nreads; i++)
		if ((rc = find_gaps(r, r->reads[i].table, e)) != 0 ||
		    (rc = find_blind_cells(r, &r->reads[i], e)) != 0)
			return (rc);
	return (find_waivers(r, e));
}

static int
depends(struct run *r, uint64_t *ret, struct err *e)
{
	const struct schema_type *tables[READS_MAX];

	for (size_t i = 0; i < r->nreads; i++)
		tables[i] = r->reads[i].table;
	return (evidence_depends(query_db(r->q), tables, r->nreads, r->job->known,
	    ret, e));
}

static int
write_result(struct run *r, struct buf *out, struct err *e)
{
	struct result_head h = { .procedure = r->p, .time = r->time,
		.declarations = schema_digest(), .rules = evidence_identity_digest() };
	struct result_writer w;
	uint64_t upto;
	int rc;

	if ((rc = depends(r, &upto, e)) != 0)
		return (rc);
	result_begin(&w, out, &h);
	result_evidence(&w, upto);
	for (size_t i = 0; i < r->nreads; i++)
		result_reads(&w, str_from(r->reads[i].table->name),
		    columns(&r->a, r->reads[i].table, r->reads[i].columns, ","));
	judge_order(r->judge);
	for (size_t i = 0; i < r->judge->holes.n; i++)
		if (!r->judge->holes.at[i].own && r->judge->holes.at[i].subject.len == 0)
			result_blind(&w, &r->judge->holes.at[i]);
	for (size_t i = 0; i < r->waivers.n; i++)
		result_waiver(&w, &r->waivers.at[i]);
	rc = judge_run(r->judge, result_piece, &w, e);
	if (rc == 0)
		result_end(&w);
	result_free(&w);
	return (rc);
}

static void
bind_params(struct run *r)
{
	for (size_t i = 0; i < r->p->nparams; i++) {
		const struct procedure_param *q = &r->p->params[i];
		r->params[i] = (struct query_param){
			.name = arena_strndup(&r->a, q->name.ptr, q->name.len),
			.value = q->kind == PROCEDURE_INT ? CELL_INT(q->i) :
			    CELL_STR(q->s) };
	}
}

int
engine_run(struct engine *x, struct query *q, const struct engine_job *job,
    struct err *e)
{
	struct run r = { .engine = x, .job = job, .p = job->procedure, .q = q };
	BUF_SCOPED out = BUF_INIT;
	int rc;

	snprintf(r.population, sizeof(r.population), "%s:%d", r.p->path,
	    r.p->population_line);
	snprintf(r.verdicts, sizeof(r.verdicts), "%s:%d", r.p->path,
	    r.p->verdicts_line);
	bind_params(&r);
	query_keep(q);
	rc = gather(&r, e);
	if (rc == 0)
		rc = write_result(&r, &out, e);
	if (rc == 0)
		rc = query_write(q, buf_str(&out), e);
	if (rc != 0)
		forget(x);
	vec_free(&r.waivers);
	arena_free(&r.a);
	return (rc);
}

int
engine_run_one(struct query *q, void *ctx, struct err *e)
{
	struct engine *x = engine_new();
	int rc = engine_run(x, q, ctx, e);

	engine_free(x);
	return (rc);
}
