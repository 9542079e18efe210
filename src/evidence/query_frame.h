/*
 * Between the process of a query and its parent. Only this folder includes it.
 */
#ifndef EVIDENCE_QUERY_FRAME_H
#define EVIDENCE_QUERY_FRAME_H

#include "evidence/query.h"
#include "evidence/store.h"

/* What the child writes: frames of a kind, a length, and bytes. */
enum frame { FRAME_DATA = 'D', FRAME_OK = 'O', FRAME_ERROR = 'E' };
struct frame_head {
	uint32_t kind;
	uint32_t len;
};
#define FRAME_MAX (1u << 16)

/* What the child is to do. */
struct query_start {
	struct evidence *ev;
	struct query_limits limits;
	query_fn *fn;
	void *ctx;
};
/* query_serve(start): the whole life of the child; its exit status. */
int query_serve(void *start);

#endif
