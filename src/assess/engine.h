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

/* engine_run(q, ctx, e): a query_fn; ${ctx} is a struct engine_job. Errors of
 * the procedure are ERR_INPUT with file:line. */
int engine_run(struct query *q, void *ctx, struct err *e);

/* engine_time(p, asked): the time that is judged, but for the end of a window
 * that only the child knows. *moves: it may be moved so. */
struct assess_time engine_time(const struct procedure *p,
    const struct assess_time *asked, bool *moves);

#endif
