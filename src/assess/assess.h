/*
 * Tests of controls: procedures are run over the evidence, their verdicts
 * judged, the results recorded, and the readiness of each criterion derived.
 *
 * A procedure is a SQL file (see procedure.h and doc/procedures.md) that names
 * a population and gives every member a verdict. A result is a pure function
 * of (procedure, parameters, evidence known at a ledger position, instant or
 * period); its bytes are described in doc/results.md.
 *
 * Times are microseconds UTC; intervals are half-open. An instant T is judged
 * as the interval [T, T+1).
 */
#ifndef ASSESS_ASSESS_H
#define ASSESS_ASSESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

struct evidence;
struct workspace;
struct procedure;
struct procedure_set;

/* What a member's interval is found to be. Only the engine says EXEMPT. */
enum assess_status {
	ASSESS_OK,
	ASSESS_FAIL,
	ASSESS_NA,
	ASSESS_UNKNOWN,
	ASSESS_EXEMPT,
	ASSESS_NSTATUS
};
const char *assess_status_name(enum assess_status s); /* "ok" "fail" ... */

/* What a result says as a whole. */
enum assess_outcome {
	ASSESS_NO_EXCEPTIONS, /* every member ok, na or exempt */
	ASSESS_EXCEPTIONS,    /* at least one interval fails */
	ASSESS_INDETERMINATE, /* none fails, at least one is unknown */
	ASSESS_NOT_TRIGGERED, /* the population was observed, and is empty */
	ASSESS_NOUTCOME
};
/* "no_exceptions" "exceptions" "unknown" "not_triggered" */
const char *assess_outcome_name(enum assess_outcome o);
/* The same for people: "no exceptions" "exceptions" "unknown" ... */
const char *assess_outcome_words(enum assess_outcome o);

/* The time that is judged: an instant (to == from + 1), or a period. */
struct assess_time {
	bool period;
	int64_t from, to;
	/* For print: "2026-01-01..2026-03-31" and the zone, or NULL. */
	const char *label;
	const char *zone;
};

/* One interval of one member that is not ok. */
struct assess_item {
	struct str subject;
	struct str label;
	enum assess_status status;
	struct str reason;
	struct str evidence; /* what the author refers to; may be empty */
	struct str by;       /* EXEMPT: id of the exception; else empty */
	int64_t from, to;
};

struct assess_result {
	struct str id;                     /* of the procedure */
	const struct procedure *procedure; /* NULL: there is none now */
	unsigned char procedure_sha256[32];
	struct assess_time time;
	enum assess_outcome outcome;
	uint64_t known_at;   /* evidence of entries below this position */
	uint64_t upto;       /* 1 + last entry that its tables depend on */
	uint64_t entry;      /* ledger entry that holds it; UINT64_MAX: none */
	bool reused;         /* the recorded one; nothing was run */
	int64_t judged_at;   /* time of the entry */
	int64_t members;     /* distinct subjects of the population */
	int64_t subjects[ASSESS_NSTATUS]; /* by their worst status */
	int64_t intervals[ASSESS_NSTATUS];
	unsigned char sha256[32]; /* of the canonical bytes; zeros if it is
				   * reused and nobody asked for it */
	struct str bytes;         /* the canonical bytes, if asked for */
	/* Intervals that are not ok, in order of subject, then time. If
	 * assess_options.max_items cut them, those that fail were kept first,
	 * then the unknown ones. */
	struct assess_item *items;
	size_t nitems;
	size_t omitted; /* items that the bytes do not list */
	/* Tables that were read, and a sentence for each stretch of time in
	 * which one of them was not observed. */
	struct str *tables;
	struct str *columns; /* of each, joined by commas; only of decoded ones */
	size_t ntables;
	struct str *blind;
	size_t nblind;
	/* The procedure itself is wrong, or passed a limit: e.code != 0; the
	 * outcome is ASSESS_INDETERMINATE and nothing was recorded. */
	struct err error;
};

struct assess_options {
	struct assess_time time;
	uint64_t known_at;    /* a position of the ledger; 0: the head */
	bool record;          /* append results that differ from the last one of
			       * the same time; not with an earlier known_at */
	const char *actor;    /* who asked, for the entries; NULL: "tickmark" */
	bool force;           /* run even when nothing it reads has changed */
	bool keep_bytes;
	bool hash;            /* sha256 of reused ones too: reads all they say */
	size_t max_items;     /* 0: 1000 a result */
	int workers;          /* 0: 2 */
	int64_t timeout_us;   /* for one procedure; 0: 120 s */
	int64_t memory_bytes; /* for one worker; 0: 512 MiB */
};

/*
 * assess_open(ret, ws, ev, e):
 * Procedures of the program and of the workspace's folder "procedures" are
 * read and checked, parameters of "procedures/parameters" applied. ${ws} and
 * ${ev} are borrowed; ${ev} may be NULL for one who only reads what is
 * recorded (readiness, recorded results). A procedure of the folder that is
 * wrong fails when it is run; wrong parameters are ERR_INPUT with file:line.
 * Recording needs a writable workspace.
 */
struct assess;
int assess_open(struct assess **ret, struct workspace *ws,
    struct evidence *ev, struct err *e);
void assess_close(struct assess *as);
static inline void
assess_close_p(struct assess **as)
{
	assess_close(*as);
}
#define ASSESS_SCOPED __attribute__((cleanup(assess_close_p))) struct assess

const struct procedure_set *assess_procedures(const struct assess *as);
struct workspace *assess_workspace(const struct assess *as);
struct evidence *assess_evidence(const struct assess *as);

/*
 * assess_select(a, as, ids, n, ret, ret_n, e):
 * Procedures named by ids: of a procedure, a control, or a criterion (then
 * those of the controls that serve it). n == 0: all. Sorted by id, no
 * duplicates. An id that names nothing is ERR_NOTFOUND.
 */
int assess_select(struct arena *a, struct assess *as, const char *const *ids,
    size_t n, const struct procedure ***ret, size_t *ret_n, struct err *e);

/*
 * assess_run(a, as, procs, n, opt, ret, e):
 * Runs, or reuses, each and gives ${n} results in the same order, in ${a}. A
 * procedure that is wrong gives a result with its error and does not stop the
 * others; the return is not 0 only when the work as a whole could not be done.
 *
 * A procedure of mode instant that is asked for a period is judged at the
 * period's last instant. One of mode period that is asked for an instant is
 * judged over its window of days up to then; if the append tables it reads
 * were last observed at most ASSESS_LAG before, the window ends there.
 */
#define ASSESS_LAG (36 * INT64_C(3600000000))
int assess_run(struct arena *a, struct assess *as,
    const struct procedure *const *procs, size_t n,
    const struct assess_options *opt, struct assess_result **ret,
    struct err *e);

/* assess_yes(r, n): every result is no exceptions or not triggered. */
bool assess_yes(const struct assess_result *r, size_t n);

/*
 * assess_load(a, as, entry, ret, e): a recorded result from its body, with
 * bytes and items; assess_decode() the same from canonical bytes.
 */
int assess_load(struct arena *a, struct assess *as, uint64_t entry,
    struct assess_result *ret, struct err *e);
int assess_decode(struct arena *a, struct str bytes, struct assess_result *ret,
    struct err *e);

#endif
