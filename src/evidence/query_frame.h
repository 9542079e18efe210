/*
 * Between the process of a query and its parent. Only this folder includes it.
 */
#ifndef EVIDENCE_QUERY_FRAME_H
#define EVIDENCE_QUERY_FRAME_H

#include "evidence/query.h"
#include "evidence/store.h"
#include "sys/proc.h"

/* What the child writes: frames of a kind, a length, and bytes. */
enum frame { FRAME_DATA = 'D', FRAME_OK = 'O', FRAME_ERROR = 'E',
	FRAME_READS = 'R' /* struct frame_read ..., before the rows */ };
struct frame_read {
	uint64_t columns;
	uint32_t table; /* its number */
	uint32_t subject;
};
struct frame_head {
	uint32_t kind;
	uint32_t len;
};
#define FRAME_MAX (1u << 16)

/* What the child is to do: ${fn} once, or ${work}, whose numbers of jobs (of 32
 * bits) it reads from descriptor 0. Each ends with FRAME_OK or FRAME_ERROR. */
struct query_start {
	struct evidence *ev;
	struct query_limits limits;
	query_fn *fn;
	void *ctx;
	const struct query_work *work; /* NULL: ${fn} */
};
/* query_serve(start): the whole life of the child; its exit status. */
int query_serve(void *start);

/* The parent's side of a child. */
struct query_child {
	struct proc proc;
	struct query_limits limits;
	query_sink_fn *sink;
	/* Takes the end of each of many jobs; NULL: the child has but one. */
	int (*end)(void *ctx, int result, const struct err *why, struct err *e);
	void *sink_ctx; /* of both */
	struct record_reader *reader;
	struct buf in;
	bool ended;    /* its stream came to an end */
	bool ok;
	int result;
	struct err err;
};
/* query_fork(start, ret, e): with the limits made whole; no sink yet. */
int query_fork(struct query_start *s, struct query_child **ret, struct err *e);
/* query_pump(children, n, e): wait until one of them wrote something, ended or
 * passed its deadline, and take it up. Those that are NULL or ended are passed
 * over; at least one is not. */
int query_pump(struct query_child **children, size_t n, struct err *e);
/* query_reap(child): wait for one that ended, or end it; how it went is in
 * child->result and child->err then. */
void query_reap(struct query_child *child);
/* query_renew(child): its time begins anew. */
void query_renew(struct query_child *child);

#endif
