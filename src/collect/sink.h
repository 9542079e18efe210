/*
 * Where the rows of a run go: into the evidence, or as lines of JSON into a
 * buffer, or nowhere but a count. The runner does not know which.
 */
#ifndef COLLECT_SINK_H
#define COLLECT_SINK_H

#include "collect/collect.h"
#include "collect/job.h"

struct evidence_run;

struct sink {
	struct evidence *ev; /* or NULL */
	struct str actor;
	struct str source; /* id, from sink_begin() */
	struct buf *dump; /* without ${ev}; may be NULL */
	struct evidence_run *run;
	const struct schema_type *table;
	size_t mark; /* of ${dump}: where the table's rows begin */
	bool broken; /* storing failed: the workspace's fault */
};

/* Errors of a sink: ERR_INPUT and ERR_LIMIT say that the rows are not
 * acceptable; after any other sink_broken() is true. */
int sink_begin(struct sink *k, const struct collect_source *s,
    const struct collector *c, const struct collect_result *res,
    struct err *e);
int sink_cursor(struct arena *a, struct sink *k, const struct schema_type *t,
    struct str *ret, struct err *e);
int sink_table(struct sink *k, const struct schema_type *t,
    const struct job_chain *chain, struct err *e);
int sink_row(struct sink *k, const struct cell *cells, struct err *e);
int sink_end(struct sink *k, bool failed, int64_t expected,
    const char *message, struct err *e);
int sink_raw(struct sink *k, struct str name, struct str bytes,
    struct err *e);
/* sink_close(k, res, e): commit, or if res->failed record only that. */
int sink_close(struct sink *k, struct collect_result *res, struct err *e);
bool sink_broken(const struct sink *k);
void sink_free(struct sink *k);

#endif
