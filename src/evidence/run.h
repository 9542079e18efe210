/*
 * Run body: what one collection says about itself (doc/evidence.md, "Run").
 * Canonical text; decode refuses whatever encode would not have written.
 *
 *     tickmark-run/v1
 *     source ID
 *     name TEXT
 *     collector TOKEN
 *     query COMMITMENT|-
 *     at US
 *     started US
 *     ended US
 *     max-gap SECONDS
 *     status complete|partial|failed
 *     message TEXT
 *     table NAME STATUS EXPECTED RECEIVED DECLARATION|- ROOT|-
 *     chain AFTER|- UPTO|- SINCE           (append tables, after their table)
 *     say TEXT                             (a message about that table)
 */
#ifndef EVIDENCE_RUN_H
#define EVIDENCE_RUN_H

#include "base/arena.h"
#include "base/err.h"
#include "evidence/evidence.h"
#include "ledger/body.h"

struct run_table {
	struct str name;
	enum evidence_status status;
	int64_t expected; /* -1: not said */
	int64_t received; /* rows, duplicates left out */
	bool stored;      /* has a declaration and a root */
	uint8_t decl[BODY_HASH];
	uint8_t root[BODY_HASH];
	bool append;
	struct str after; /* empty: the whole history */
	struct str upto;
	int64_t since;
	struct str message;
};

struct run {
	struct str source;
	struct str name;
	struct str collector;
	bool has_query;
	uint8_t query[BODY_HASH];
	int64_t at, started, ended;
	int64_t max_gap_s;
	enum evidence_status status;
	struct str message;
	struct run_table *tables;
	size_t ntables;
};

/* run_encode(r, out): line breaks and control characters in texts become
 * spaces. */
void run_encode(const struct run *r, struct buf *out);
/* run_decode(a, bytes, ret, e): ERR_DAMAGED names the line. */
int run_decode(struct arena *a, struct str bytes, struct run *ret,
    struct err *e);

#endif
