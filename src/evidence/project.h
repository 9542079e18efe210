/*
 * Projection: what one entry of the ledger changes in evidence.db. Entries are
 * projected in their order, each exactly once, so that the file is a function
 * of the ledger and the bodies. Only this folder includes it.
 */
#ifndef EVIDENCE_PROJECT_H
#define EVIDENCE_PROJECT_H

#include "evidence/chunk.h"
#include "evidence/run.h"
#include "evidence/store.h"

/* What ingest still has in memory of a table, so that it is not read back. */
struct project_rows {
	const struct chunk_set *set;
	struct chunk_tree *tree;
	struct chunk_tree *old; /* of the run before; NULL: none */
};

/*
 * project_entry(ev, index, entry, rows, changed, e): inside a transaction of
 * evidence.db. ${rows}: NULL, or one for each table of the run's body.
 * ${changed} (may be NULL) grows by the versions written.
 */
int project_entry(struct evidence *ev, uint64_t index, const struct entry *x,
    struct project_rows *rows, uint64_t *changed, struct err *e);

/* project_hold(ev, e), project_release(ev): around many of them, so that keys
 * of subjects are looked up fast; see subject_hold(). */
int project_hold(struct evidence *ev, struct err *e);
void project_release(struct evidence *ev);

/*
 * project_before(db, t, sid, at, ret, e): the complete run of a snapshot table
 * whose set held at ${at}: the newest one with run.at <= at. 1 if there is one.
 */
struct project_run {
	int64_t id;
	int64_t at;
	bool removed; /* the source was removed then: an empty set, no root */
	uint8_t root[BODY_HASH];
	uint8_t decl[BODY_HASH];
};
int project_before(struct db *db, const struct schema_type *t, int64_t sid,
    int64_t at, struct project_run *ret, struct err *e);
/*
 * project_removal(ev, index, time, source, changed, e): the source was taken out
 * of use. What it showed ends then, as if a run had found nothing; its tables
 * are neither observed by it nor blind because of it any more.
 */
int project_removal(struct evidence *ev, uint64_t index, int64_t time,
    struct str source, uint64_t *changed, struct err *e);
/* project_source(db, id, ret, e): its number, 1 if it has one. */
int project_source(struct db *db, struct str id, int64_t *ret, struct err *e);

#endif
