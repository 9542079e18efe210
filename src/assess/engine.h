/*
 * What runs inside the sandbox for one procedure: ask its population and its
 * verdicts, find out what was not observed and what is excepted, judge, and
 * hand the result's bytes to the parent.
 */
#ifndef ASSESS_ENGINE_H
#define ASSESS_ENGINE_H

#include "assess/assess.h"
#include "assess/procedure.h"
#include "evidence/query.h"

struct engine_job {
	const struct procedure *procedure;
	struct assess_time time; /* as asked; see assess_run() */
	uint64_t known;
};

/*
 * engine_run(x, q, job, e): errors of the procedure are ERR_INPUT with
 * file:line. ${x} belongs to the process and goes from one run to the next: what
 * a procedure was told of its population is not asked again by the next one that
 * asks the same, so that such are best run one after another.
 */
struct engine;
struct engine *engine_new(void);
void engine_free(struct engine *x); /* NULL is allowed */
int engine_run(struct engine *x, struct query *q, const struct engine_job *job,
    struct err *e);
/* engine_run_one(q, ctx, e): a query_fn, ${ctx} a struct engine_job: that one
 * alone. */
int engine_run_one(struct query *q, void *ctx, struct err *e);

/* engine_time(p, asked): the time that is judged, but for the end of a window
 * that only the child knows. *moves: it may be moved so. */
struct assess_time engine_time(const struct procedure *p,
    const struct assess_time *asked, bool *moves);

#endif
