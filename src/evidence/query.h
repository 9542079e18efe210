/*
 * Queries that others wrote, in a sandbox: a forked child with its own
 * read-only connection, in which a statement may read the views of the
 * evidence and nothing else, within limits of time, memory and rows
 * (doc/evidence.md says what SQL is allowed). One child may ask many queries.
 */
#ifndef EVIDENCE_QUERY_H
#define EVIDENCE_QUERY_H

#include "evidence/evidence.h"

struct stmt;

/* Zero takes the default. */
struct query_limits {
	int64_t time_ms;     /* 60,000; of the whole child, and of each query */
	int64_t memory_bytes; /* 256 MiB */
	int64_t rows;        /* 5,000,000 of one query */
};

struct query;

/*
 * What runs inside the child: it asks queries through ${q}, and what it
 * writes with query_write() reaches the parent. Its return value and error
 * become those of the child. It must not touch the parent's files.
 */
typedef int query_fn(struct query *q, void *ctx, struct err *e);
/* Receives, in the parent, what the child wrote; not 0 stops the child. */
typedef int query_sink_fn(void *ctx, struct str bytes, struct err *e);

/*
 * query_run(ev, limits, fn, ctx, sink, sink_ctx, e):
 * Fork, open the evidence read-only, call ${fn}, wait. ${limits} and ${sink}
 * may be NULL. ERR_INPUT: the SQL is wrong or does what a query may not;
 * ERR_TIMEOUT, ERR_LIMIT: it took too long, too much memory, too many rows.
 */
int query_run(struct evidence *ev, const struct query_limits *limits,
    query_fn *fn, void *ctx, query_sink_fn *sink, void *sink_ctx,
    struct err *e);

/*
 * Several at once: query_start() each, then query_wait() for each in any
 * order; while one waits, the output of all of ${others} is taken up too.
 */
struct query_child;
int query_start(struct evidence *ev, const struct query_limits *limits,
    query_fn *fn, void *ctx, query_sink_fn *sink, void *sink_ctx,
    struct query_child **ret, struct err *e);
int query_wait(struct query_child *child, struct query_child **others,
    size_t n, struct err *e); /* frees ${child} */

/*
 * Many jobs by a few processes: each takes the next when it is done with one, so
 * that what was made ready for one job serves those after it. The limits hold
 * for each job. A process in which a job failed serves no further one; if it
 * ends in the midst of a job, that job failed.
 */
struct query_work {
	size_t n;    /* jobs 0 .. n - 1, begun in this order */
	int workers; /* processes at a time; at most QUERY_WORKERS */
	/* In the child: its memory is its own, also what ${ctx} points to. */
	int (*run)(struct query *q, void *ctx, size_t job, struct err *e);
	/* In the parent: what a job wrote; not 0 makes it fail. */
	int (*take)(void *ctx, size_t job, struct str bytes, struct err *e);
	/* In the parent, once for each job: it ended with ${result} and, if
	 * that is not 0, ${why}. Not 0 stops all. */
	int (*end)(void *ctx, size_t job, int result, const struct err *why,
	    struct err *e);
	void *ctx;
};
#define QUERY_WORKERS 16
int query_many(struct evidence *ev, const struct query_limits *limits,
    const struct query_work *work, struct err *e);

/* Inside the child: */

/* query_when(q, when, e): what the views show from now on. */
int query_when(struct query *q, const struct evidence_when *when,
    struct err *e);

/* query_keep(q): what the views of small tables show is kept in memory once it
 * was asked for: for one who asks it often. */
void query_keep(struct query *q);

/* A named parameter; the name has no colon. Besides these a query may name
 * :at, :from, :to, :known, which the sandbox gives. */
struct query_param {
	const char *name;
	struct cell value; /* .s.ptr NULL: an int; CELL_ABSENT: null */
};

/* A table that a query read, and which of its fields (by bit). */
struct query_read {
	const struct schema_type *table;
	uint64_t columns;
	bool subject; /* the column subject, which no field is called */
};

struct query_sql {
	struct str sql;
	const char *file; /* for errors: "file:line" */
	int line;         /* of the first byte of ${sql} in it; 0: 1 */
	const struct query_param *params;
	size_t nparams;
};

/* Called once with ${row} false before the first row (for the columns), then
 * for each row. Not 0 stops. It may not ask further queries. */
typedef int query_row_fn(void *ctx, struct stmt *st, bool row,
    struct err *e);

/*
 * query_ask(q, sql, fn, ctx, e): compile and run one SELECT. Afterwards
 * query_reads() tells what it read, also through views such as identity.
 */
int query_ask(struct query *q, const struct query_sql *sql,
    query_row_fn *fn, void *ctx, struct err *e);
const struct query_read *query_reads(const struct query *q, size_t *n);

/* query_db(q): for evidence_coverage() and its like, between queries. */
struct db *query_db(struct query *q);
/* query_write(q, bytes, e): to the parent's sink. */
int query_write(struct query *q, struct str bytes, struct err *e);

#endif
