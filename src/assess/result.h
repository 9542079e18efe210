/*
 * The canonical bytes of a result: written once here, hashed, stored as a
 * body, and read back. doc/results.md describes every line. Equal inputs give
 * equal bytes on any machine.
 */
#ifndef ASSESS_RESULT_H
#define ASSESS_RESULT_H

#include "assess/judge.h"
#include "assess/procedure.h"
#include "sys/crypto.h"

/* Grows when the meaning of verdicts changes; part of every result. */
#define RESULT_ENGINE 1
/* Items listed in the bytes; more are only counted and hashed. */
#define RESULT_ITEMS 100000

/* What a result is a function of, as far as it is known before the run. */
struct result_head {
	const struct procedure *procedure;
	struct assess_time time;
	const char *declarations; /* hex digest */
	const char *rules;        /* hex digest of the matching of people */
};

struct result_writer {
	struct buf *out;
	struct buf lines; /* not hashed yet */
	struct buf who;   /* the fields of the subject and its label */
	struct crypto_sha sha;
	struct str subject; /* whose pieces are coming */
	bool begun;
	bool blind;
	enum assess_status worst;
	int64_t members, subjects[ASSESS_NSTATUS], intervals[ASSESS_NSTATUS];
	size_t items, omitted;
};

void result_begin(struct result_writer *w, struct buf *out,
    const struct result_head *h);
void result_free(struct result_writer *w);
/* In this order; each list sorted by the caller. */
void result_evidence(struct result_writer *w, uint64_t upto);
void result_reads(struct result_writer *w, struct str table,
    struct str columns); /* names joined by commas */
void result_blind(struct result_writer *w, const struct judge_hole *h);
void result_waiver(struct result_writer *w, const struct judge_waiver *x);
/* A judge_emit_fn; ${ctx} is the writer. */
void result_piece(void *ctx, struct str subject, struct str label,
    const struct judge_piece *p);
/* result_end(w): counts, hash of all verdicts, outcome. */
void result_end(struct result_writer *w);

/*
 * result_decode(a, bytes, max, ret, e): what the bytes say, with at most ${max}
 * items, failing ones first and in order; ${bytes} is borrowed as ret->bytes,
 * all else is copied. ERR_DAMAGED if they are not a result's.
 */
int result_decode(struct arena *a, struct str bytes, size_t max,
    struct assess_result *ret, struct err *e);

/* result_status(s, ret): the status of that name; false if there is none. */
bool result_status(struct str s, enum assess_status *ret);
/*
 * result_quota(bytes, max, ret): how many items of each status are kept, in their
 * order, if at most ${max} of a result's are: those that fail first, then the
 * unknown ones. The bytes may be canonical or as stored.
 */
void result_quota(struct str bytes, size_t max, size_t ret[ASSESS_NSTATUS]);

/*
 * result_inputs(h, waivers, n, out): SHA-256 over what a result is a function
 * of except the evidence: two runs with equal inputs over tables that have not
 * changed give the same bytes.
 */
void result_inputs(const struct result_head *h,
    const struct judge_waiver *waivers, size_t n, uint8_t out[CRYPTO_HASH]);

#endif
