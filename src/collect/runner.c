#include <stdio.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/vec.h"
#include "collect/ask.h"
#include "collect/collect.h"
#include "collect/job.h"
#include "collect/sink.h"
#include "collect/stream.h"
#include "sys/proc.h"

#define READ_AT_ONCE ((size_t)256 << 10)

/* One collection, from this side of the pipe. */
struct run {
	const struct collector *collector;
	const struct schema_type *const *tables;
	size_t ntables;
	struct collect_limits lim;
	struct sink *sink;
	struct collect_result *res;
	struct proc child;
	struct stream in;
	struct collect_table *open; /* table begun and not ended */
	struct cell *cells;
	bool done; /* the child said that nothing follows */
	bool said; /* why it failed */
};

/* --- frames --------------------------------------------------------------- */

static int
nonsense(const char *what, struct err *e)
{
	return (err_set(e, ERR_INPUT, NULL, NULL, "the collector broke its "
	    "protocol: %s", what));
}

/* The table of this run's scope; each has one turn. */
static int
turn_of(struct run *r, struct str name, struct collect_table **ret,
    struct err *e)
{
	struct collect_result *res = r->res;
	const struct schema_type *t = NULL;

	for (size_t i = 0; i < r->ntables; i++)
		if (str_is(name, r->tables[i]->name))
			t = r->tables[i];
	if (t == NULL)
		return (nonsense("a table that it was not asked for", e));
	for (size_t i = 0; i < res->ntables; i++)
		if (res->tables[i].table == t) {
			if (&res->tables[i] != r->open)
				return (nonsense("a table twice", e));
			*ret = r->open;
			return (0);
		}
	if (r->open != NULL)
		return (nonsense("a table within a table", e));
	if (res->ntables == sizeof(res->tables) / sizeof(res->tables[0]))
		return (nonsense("too many tables", e));
	*ret = &res->tables[res->ntables++];
	**ret = (struct collect_table){ .table = t };
	return (0);
}

const char *
collect_word(const struct collect_table *t)
{
	if (t->failed)
		return ("unknown");
	return (t->rows == 0 && !t->goes_on ? "absent" : "observed");
}

static int
on_table(struct run *r, struct str p, struct err *e)
{
	struct str name;
	struct job_chain chain;
	struct collect_table *t;
	int rc;

	if (!stream_get_str(&p, &name) || !stream_get_str(&p, &chain.after) ||
	    !stream_get_str(&p, &chain.upto) ||
	    !stream_get_int(&p, &chain.since) || p.len != 0)
		return (nonsense("a table's beginning", e));
	if (r->open != NULL)
		return (nonsense("a table within a table", e));
	if ((rc = turn_of(r, name, &t, e)) != 0)
		return (rc);
	if ((rc = sink_table(r->sink, t->table, &chain, e)) != 0)
		return (rc);
	t->goes_on = chain.after.len > 0;
	r->open = t;
	return (0);
}

static int
on_row(struct run *r, struct str p, struct err *e)
{
	int rc;

	if (r->open == NULL)
		return (nonsense("a row outside a table", e));
	if ((rc = stream_get_row(p, r->open->table, r->cells, e)) != 0)
		return (rc);
	if (r->res->rows >= r->lim.rows)
		return (err_set(e, ERR_LIMIT, r->open->table->name, "narrow "
		    "what the source reads", "the collector gave more than "
		    "%lld rows", (long long)r->lim.rows));
	r->open->rows++;
	r->res->rows++;
	return (sink_row(r->sink, r->cells, e));
}

static int
on_end(struct run *r, struct str p, struct err *e)
{
	int64_t expected;
	struct str note;
	struct collect_table *t = r->open;

	if (t == NULL || !stream_get_int(&p, &expected) ||
	    !stream_get_str(&p, &note) || p.len != 0)
		return (nonsense("a table's end", e));
	if (expected != t->rows)
		return (err_set(e, ERR_INPUT, t->table->name, NULL, "the "
		    "collector says %lld rows and gave %lld",
		    (long long)expected, (long long)t->rows));
	(void)snprintf(t->message, sizeof(t->message), STR_FMT, STR_ARG(note));
	r->open = NULL;
	return (sink_end(r->sink, false, expected, t->message, e));
}

static int
on_blind(struct run *r, struct str p, struct err *e)
{
	struct str name, why;
	struct collect_table *t;
	int rc;

	if (!stream_get_str(&p, &name) || !stream_get_str(&p, &why) ||
	    p.len != 0)
		return (nonsense("a table that it could not read", e));
	bool begun = r->open != NULL && str_is(name, r->open->table->name);
	if ((rc = turn_of(r, name, &t, e)) != 0)
		return (rc);
	t->failed = true;
	(void)snprintf(t->message, sizeof(t->message), STR_FMT, STR_ARG(why));
	r->open = NULL;
	if (!begun && (rc = sink_table(r->sink, t->table, NULL, e)) != 0)
		return (rc);
	return (sink_end(r->sink, true, -1, t->message, e));
}

static int
on_raw(struct run *r, struct str p, struct err *e)
{
	struct str name, bytes;

	if (!stream_get_str(&p, &name) || !stream_get_str(&p, &bytes) ||
	    p.len != 0)
		return (nonsense("raw bytes", e));
	return (sink_raw(r->sink, name, bytes, e));
}

static int
on_progress(struct run *r, struct str p, struct err *e)
{
	int64_t done, total;
	struct str what;
	char text[128];

	(void)r;
	if (!stream_get_int(&p, &done) || !stream_get_int(&p, &total) ||
	    !stream_get_str(&p, &what) || p.len != 0)
		return (nonsense("a report of progress", e));
	(void)snprintf(text, sizeof(text), STR_FMT, STR_ARG(what));
	progress(text, done, total);
	return (0);
}

/* Let the helper answer, and hand its answer (or its reason) to the child. */
static int
on_ask(struct run *r, struct str p, struct err *e)
{
	BUF_SCOPED answer = BUF_INIT;
	BUF_SCOPED out = BUF_INIT;
	struct str question;
	struct err why = { 0 };

	if (!stream_get_str(&p, &question) || p.len != 0)
		return (nonsense("a question", e));
	int rc = ask_helper(question, &answer, &why);
	if (rc != 0) {
		buf_reset(&answer);
		buf_puts(&answer, why.what);
	}
	for (int i = 0; i < 4; i++)
		buf_putc(&out, (char)(answer.len >> (8 * i)));
	buf_putc(&out, (char)-rc);
	buf_putstr(&out, buf_str(&answer));
	return (proc_write(&r->child, out.ptr, out.len, e));
}

static int
on_fail(struct run *r, struct str p, struct err *e)
{
	int64_t code;
	struct str what, where, fix;
	struct err said = { 0 };

	(void)r;
	if (!stream_get_int(&p, &code) || !stream_get_str(&p, &what) ||
	    !stream_get_str(&p, &where) || !stream_get_str(&p, &fix) ||
	    p.len != 0 || code <= ERR_OK || code >= ERR_MAX)
		return (nonsense("a failure", e));
	(void)snprintf(said.where, sizeof(said.where), STR_FMT, STR_ARG(where));
	(void)snprintf(said.fix, sizeof(said.fix), STR_FMT, STR_ARG(fix));
	return (err_set(e, (enum err_code)code, said.where, said.fix, STR_FMT,
	    STR_ARG(what)));
}

static int
on_frame(struct run *r, const struct stream_frame *f, struct err *e)
{
	struct str p = f->payload, text;

	if (r->done)
		return (nonsense("something after its end", e));
	switch (f->type) {
	case STREAM_BOX:
		if (!stream_get_str(&p, &text))
			return (nonsense("the report of its sandbox", e));
		(void)snprintf(r->res->sandbox, sizeof(r->res->sandbox),
		    STR_FMT, STR_ARG(text));
		return (0);
	case STREAM_TABLE:
		return (on_table(r, p, e));
	case STREAM_ROW:
		return (on_row(r, p, e));
	case STREAM_END:
		return (on_end(r, p, e));
	case STREAM_BLIND:
		return (on_blind(r, p, e));
	case STREAM_RAW:
		return (on_raw(r, p, e));
	case STREAM_PROGRESS:
		return (on_progress(r, p, e));
	case STREAM_ASK:
		return (on_ask(r, p, e));
	case STREAM_FAIL:
		r->said = true;
		return (on_fail(r, p, e));
	case STREAM_DONE:
		r->done = true;
		return (0);
	}
	return (nonsense("an unknown frame", e));
}

/* --- the run -------------------------------------------------------------- */

/* Read until the child has closed its side. */
static int
read_all(struct run *r, struct err *e)
{
	uint64_t total = 0;

	for (;;) {
		struct stream_frame f;
		char *room = stream_room(&r->in, READ_AT_ONCE);
		int64_t n = proc_read(&r->child, room, READ_AT_ONCE, e);
		int rc;

		if (n < 0)
			return ((int)n);
		if (n == 0)
			return (0);
		total += (uint64_t)n;
		if (total > r->lim.out_bytes)
			return (err_set(e, ERR_LIMIT, NULL, "narrow what the "
			    "source reads", "the collector wrote more than "
			    "%llu MiB", (unsigned long long)
			    (r->lim.out_bytes >> 20)));
		stream_add(&r->in, (size_t)n);
		while ((rc = stream_next(&r->in, &f, e)) == 1)
			if ((rc = on_frame(r, &f, e)) != 0)
				return (rc);
		if (rc < 0)
			return (rc);
	}
}

/* How the child ended, when it did not say so itself. */
static int
check_end(struct run *r, const struct proc_end *end, struct err *e)
{
	if (end->how == PROC_TIMEOUT)
		return (err_set(e, ERR_TIMEOUT, NULL, NULL, "the collector %s",
		    end->words));
	if (end->how == PROC_EXITED && end->status == 3)
		return (err_set(e, ERR_LIMIT, NULL, "narrow what the source "
		    "reads", "the collector needed more than %llu MiB of "
		    "memory", (unsigned long long)
		    (r->lim.memory_bytes >> 20)));
	if (!r->done || !proc_ok(end))
		return (err_set(e, ERR_ENV, NULL, "run it again; if it stays, "
		    "report it", "the collector died before it was done: it "
		    "%s", end->words));
	if (r->open != NULL || stream_rest(&r->in) != 0)
		return (nonsense("it ended in the middle", e));
	return (0);
}

/* A table of the scope without a turn was not read. */
static int
close_scope(struct run *r, struct err *e)
{
	struct collect_result *res = r->res;

	for (size_t i = 0; i < r->ntables; i++) {
		bool had = false;
		int rc;

		for (size_t k = 0; k < res->ntables; k++)
			had |= res->tables[k].table == r->tables[i];
		if (had)
			continue;
		rc = err_set(e, ERR_INPUT, r->tables[i]->name, NULL,
		    "the collector left out a table");
		return (rc);
	}
	return (0);
}

static int
run_child(struct run *r, struct job_args *args, struct err *e)
{
	struct proc_end end;
	int rc;

	r->child = (struct proc)PROC_INIT;
	rc = proc_fork(&r->child, job_main, args, r->lim.wall_us, e);
	if (rc != 0)
		return (rc);
	rc = read_all(r, e);
	/* Of the two that may have waited too long, the child tells why. */
	if (rc == -ERR_TIMEOUT && !r->said) {
		proc_kill(&r->child, PROC_TIMEOUT, &end);
		return (check_end(r, &end, e));
	}
	if (rc != 0) {
		proc_kill(&r->child, PROC_STOPPED, &end);
		return (rc);
	}
	proc_wait(&r->child, &end);
	if ((rc = check_end(r, &end, e)) != 0)
		return (rc);
	return (close_scope(r, e));
}

/* Cursors are looked up here: the child cannot. */
static int
look_up_cursors(struct arena *a, struct run *r, struct job_args *args,
    struct err *e)
{
	struct job_cursor *c = arena_array(a, r->ntables, sizeof(*c));
	int rc;

	args->cursors = c;
	for (size_t i = 0; i < r->ntables; i++) {
		if (r->tables[i]->mode != MODE_APPEND)
			continue;
		c->table = r->tables[i]->number;
		rc = sink_cursor(a, r->sink, r->tables[i], &c->cursor, e);
		if (rc != 0)
			return (rc);
		args->ncursors++;
		c++;
	}
	return (0);
}

static void
fill_limits(struct collect_limits *lim, const struct collect_limits *given)
{
#define TAKE(field, otherwise)                                                 \
	if (given != NULL && given->field != 0)                                \
		lim->field = given->field;                                     \
	else if (lim->field == 0)                                              \
		lim->field = (otherwise);
	TAKE(wall_us, 5 * 60 * CLOCK_SECOND)
	TAKE(cpu_s, 600)
	TAKE(memory_bytes, UINT64_C(1) << 30)
	TAKE(out_bytes, UINT64_C(4) << 30)
	TAKE(rows, 16000000)
#undef TAKE
}

static size_t
widest(const struct schema_type *const *tables, size_t n)
{
	size_t max = 1;

	for (size_t i = 0; i < n; i++)
		if (tables[i]->nfields > max)
			max = tables[i]->nfields;
	return (max);
}

/*
 * Everything between a checked source and a finished or failed sink. Returns
 * 0, or the error that makes the run a failed one.
 */
static int
collect_into(struct arena *a, struct run *r, const struct collect_source *s,
    int64_t at, const struct collect_limits *limits, struct err *e)
{
	struct sandbox box = { .profile = SANDBOX_READER };
	struct job_args args = { .collector = r->collector, .source = s,
		.box = &box, .tables = r->tables, .ntables = r->ntables,
		.at = at };
	int rc;

	if (r->collector->work->prepare != NULL &&
	    (rc = r->collector->work->prepare(a, s, &box, &r->lim, e)) != 0)
		return (rc);
	fill_limits(&r->lim, limits);
	box.cpu_s = r->lim.cpu_s;
	box.as_bytes = r->lim.memory_bytes;
	if (box.nofile == 0)
		box.nofile = 256;
	/*
	 * A bound on a fork bomb, not a tight one: the kernel counts the user's
	 * processes in other containers too, which nobody here can see.
	 */
	if (box.nproc == 0)
		box.nproc = 256;
	r->cells = arena_array(a, widest(r->tables, r->ntables),
	    sizeof(*r->cells));
	if ((rc = look_up_cursors(a, r, &args, e)) != 0)
		return (rc);
	rc = run_child(r, &args, e);
	stream_free(&r->in);
	return (rc);
}

static int
collect_with(struct sink *sink, const struct collect_source *s, int64_t at,
    const struct collect_limits *limits, struct collect_result *res,
    struct err *e)
{
	ARENA_SCOPED a = ARENA_INIT;
	struct run r = { .sink = sink, .res = res };
	const struct schema_type **tables;
	int rc;

	if ((rc = source_options_ok(s, e)) != 0 ||
	    (rc = collect_tables(&a, s, &tables, &r.ntables, e)) != 0)
		return (rc);
	r.tables = tables;
	r.collector = collect_find(s->collector);
	if (at != 0 && !r.collector->dated)
		return (err_set(e, ERR_USAGE, r.collector->name, "leave --at "
		    "out", "this collector can only say how things are now"));
	*res = (struct collect_result){ .started = clock_now() };
	res->at = at != 0 ? at : res->started;
	if ((rc = sink_begin(sink, s, r.collector, res, e)) != 0)
		return (rc);
	rc = collect_into(&a, &r, s, res->at, limits, &res->why);
	res->ended = clock_now();
	if (rc != 0 && sink_broken(sink)) {
		/* Not the collector's fault, and nothing can be recorded. */
		if (e != NULL)
			*e = res->why;
		return (rc);
	}
	res->failed = rc != 0;
	return (sink_close(sink, res, e));
}

int
collect_run(struct evidence *ev, const struct collect_source *s, int64_t at,
    struct str actor, const struct collect_limits *limits,
    struct collect_result *ret, struct err *e)
{
	struct sink sink = { .ev = ev, .actor = actor };
	int rc = collect_with(&sink, s, at, limits, ret, e);

	sink_free(&sink);
	return (rc);
}

int
collect_dump(const struct collect_source *s, int64_t at,
    const struct collect_limits *limits, struct buf *out,
    struct collect_result *ret, struct err *e)
{
	struct sink sink = { .dump = out };
	int rc = collect_with(&sink, s, at, limits, ret, e);

	sink_free(&sink);
	return (rc);
}
