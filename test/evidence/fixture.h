/*
 * A workspace in a temporary directory with its evidence, for the tests of
 * this floor.
 */
#ifndef TEST_EVIDENCE_FIXTURE_H
#define TEST_EVIDENCE_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "evidence/query.h"
#include "ledger/ledger.h"
#include "record/workspace.h"
#include "sys/db.h"
#include "sys/file.h"

#define DAY CLOCK_DAY
#define T0 INT64_C(1767225600000000) /* 2026-01-01T00:00:00Z */

struct fixture {
	char base[64];
	char dir[80];
	struct workspace *ws;
	struct evidence *ev;
	struct err e;
	bool keep; /* of the next query: see query_keep() */
};

#define ok(f, call)                                                            \
	do {                                                                   \
		int ok_r = (call);                                             \
		if (ok_r != 0)                                                 \
			print_error("%s: %s (%s)\n", #call, (f)->e.what,       \
			    (f)->e.where);                                     \
		assert_int_equal(ok_r, 0);                                     \
	} while (0)

static inline void
fixture_open(struct fixture *f)
{
	ok(f, workspace_open(f->dir, true, &f->ws, &f->e));
	ok(f, evidence_open(&f->ev, f->dir, f->ws->ledger, true, &f->e));
}

static inline void
fixture_close(struct fixture *f)
{
	evidence_close(f->ev);
	workspace_close(f->ws);
	f->ev = NULL;
	f->ws = NULL;
}

static inline int
fixture_setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	struct workspace_spec spec = { .org = "Test", .demo = true };

	snprintf(f->base, sizeof(f->base), "%s/tickmark-ev-XXXXXX",
	    access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
	if (mkdtemp(f->base) == NULL)
		return (-1);
	snprintf(f->dir, sizeof(f->dir), "%s/w", f->base);
	ok(f, workspace_create(f->dir, &spec, &f->ws, &f->e));
	ok(f, evidence_open(&f->ev, f->dir, f->ws->ledger, true, &f->e));
	*state = f;
	return (0);
}

static inline int
fixture_teardown(void **state)
{
	struct fixture *f = *state;
	struct err e;

	clock_replace(0);
	fixture_close(f);
	file_remove_tree(f->base, &e);
	free(f);
	return (0);
}

/* --- runs ----------------------------------------------------------------- */

struct run_opts {
	const char *source; /* NULL: "s1" */
	int64_t at;
	int64_t gap_s; /* 0: ten days */
	const struct evidence_chain *chain;
	enum evidence_status status;
	int64_t expected; /* 0: not said */
};

static inline struct evidence_run *
begin(struct fixture *f, const struct run_opts *o)
{
	const char *name = o->source != NULL ? o->source : "s1";
	struct evidence_run_spec spec = {
		.source = str_from(name),
		.name = str_from(name),
		.collector = STR("test/1"),
		.actor = STR("tester"),
		.at = o->at,
		.started = o->at,
		.max_gap_s = o->gap_s != 0 ? o->gap_s : 10 * 86400,
	};
	struct evidence_run *run = NULL;

	ok(f, evidence_run_begin(f->ev, &spec, &run, &f->e));
	return (run);
}

/* One table of one run; rows are arrays of cells, one after the other. */
static inline struct evidence_done
give(struct fixture *f, const struct run_opts *o, const char *table,
    const struct cell *rows, size_t n)
{
	const struct schema_type *t = schema_find_name(table);
	struct evidence_run *run = begin(f, o);
	struct evidence_done done = { 0 };

	ok(f, evidence_table_begin(run, t, o->chain, &f->e));
	for (size_t i = 0; i < n; i++)
		ok(f, evidence_row(run, rows + i * t->nfields, &f->e));
	ok(f, evidence_table_end(run, o->status,
	    o->expected != 0 ? o->expected : -1, NULL, &f->e));
	ok(f, evidence_run_commit(run, o->at, &done, &f->e));
	return (done);
}

/* --- queries --------------------------------------------------------------- */

struct asked {
	struct evidence_when when;
	const char *sql;
	struct buf *out;
	struct query *q;
	bool keep;
};

static inline int
asked_row(void *ctx, struct stmt *st, bool row, struct err *e)
{
	struct asked *a = ctx;
	BUF_SCOPED line = BUF_INIT;

	if (!row)
		return (0);
	for (int i = 0; i < stmt_ncol(st); i++) {
		if (i > 0)
			buf_putc(&line, '|');
		if (stmt_isnull(st, i))
			buf_puts(&line, "~");
		else
			buf_putstr(&line, stmt_str(st, i));
	}
	buf_putc(&line, '\n');
	return (query_write(a->q, buf_str(&line), e));
}

static inline int
asked_fn(struct query *q, void *ctx, struct err *e)
{
	struct asked *a = ctx;
	struct query_sql sql = { .sql = str_from(a->sql), .file = "q.sql",
		.line = 10 };
	int r = query_when(q, &a->when, e);

	a->q = q;
	if (a->keep)
		query_keep(q);
	return (r != 0 ? r : query_ask(q, &sql, asked_row, a, e));
}

static inline int
asked_sink(void *ctx, struct str bytes, struct err *e)
{
	(void)e;
	buf_putstr(ctx, bytes);
	return (0);
}

/*
 * The rows as text: columns joined by |, NULL as ~, one line each. Every second
 * query finds rows that are kept, which must be the same.
 */
static inline int
ask_limited(struct fixture *f, struct evidence_when when,
    const struct query_limits *limits, const char *sql, struct buf *out)
{
	struct asked a = { .when = when, .sql = sql, .keep = f->keep };

	f->keep = !f->keep;
	buf_reset(out);
	buf_puts(out, "");
	return (query_run(f->ev, limits, asked_fn, &a, asked_sink, out, &f->e));
}

static inline void
expect_sql(struct fixture *f, struct evidence_when when, const char *sql,
    const char *wanted)
{
	BUF_SCOPED out = BUF_INIT;

	for (int i = 0; i < 2; i++) {
		int r = ask_limited(f, when, NULL, sql, &out);
		if (r != 0)
			print_error("%s\n", sql);
		ok(f, r);
		assert_string_equal(out.ptr != NULL ? out.ptr : "", wanted);
	}
}

#endif
