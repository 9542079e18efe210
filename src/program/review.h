/*
 * Access reviews: the list of who has access is frozen when the review starts,
 * from evidence that was observed at that instant; each row is kept or removed
 * by somebody whose access it is not; a removal stays open until a later
 * collection shows that the access is gone.
 */
#ifndef PROGRAM_REVIEW_H
#define PROGRAM_REVIEW_H

#include "program/review_scope.h"
#include "program/workdays.h"
#include "record/workspace.h"

#define REVIEW_PEOPLE 32

struct review_spec {
	struct str code, title;
	struct str sources[REVIEW_SCOPE_SOURCES]; /* names */
	size_t nsources;
	struct str reviewers[REVIEW_PEOPLE]; /* codes or ids of persons */
	size_t nreviewers;
	struct str owner, validator, control, due; /* control may be empty */
};

struct review_started {
	struct str id;
	size_t rows, unmatched, privileged;
};

/*
 * review_start(a, ws, ev, who, spec, ret, e): freeze the list and give each row
 * to one of the reviewers, never to the person whose access it is. One
 * transaction. ERR_INPUT: a source that says nothing of access, or was not
 * observed now (collect it first); no reviewer for somebody's row.
 */
int review_start(struct arena *a, struct workspace *ws, struct evidence *ev,
    const struct record_actor *who, const struct review_spec *spec,
    struct review_started *ret, struct err *e);

struct review_decision {
	struct str review; /* code or id */
	int64_t number;
	struct str by;     /* person: one of the reviewers */
	bool keep;         /* or remove */
	struct str reason;
	struct str assignee; /* of a removal: who takes it away; empty: the owner
	                      * of the source, or of the review */
	int64_t days;      /* of a removal: working days until it has to be gone */
};

/* review_decide(a, ws, who, d, e): ERR_DENIED: ${by} is no reviewer of it, or it
 * is their own access. */
int review_decide(struct arena *a, struct workspace *ws,
    const struct record_actor *who, const struct review_decision *d,
    struct err *e);

struct review_checked {
	size_t rows, undecided, kept, removing, removed;
	size_t gone;  /* found gone now */
	size_t blind; /* removing, and no collection since the decision */
	struct str state; /* of the review, now */
};

/*
 * review_check(a, ws, ev, who, review, ret, e): look whether what was to be
 * removed is gone, by collections after each decision; then let the review go
 * on: to remediating when all is decided, to closed when nothing is left.
 */
int review_check(struct arena *a, struct workspace *ws, struct evidence *ev,
    const struct record_actor *who, struct str review,
    struct review_checked *ret, struct err *e);

/* review_checked_val(a, x): the same as a map, for every face. */
struct val *review_checked_val(struct arena *a, const struct review_checked *x);

#endif
