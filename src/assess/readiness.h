/*
 * Readiness: for each criterion what exists, what the tests said, and what is
 * missing, in words. It reads summaries only (records, the last result of each
 * procedure, the last runs of the sources); it runs no test. It says what is
 * known and never that somebody complies.
 */
#ifndef ASSESS_READINESS_H
#define ASSESS_READINESS_H

#include "assess/assess.h"
#include "record/record.h"

/* Worst first: a whole is as its worst part. */
enum readiness_state {
	READINESS_EXCEPTIONS,   /* a test found exceptions */
	READINESS_MISSING,      /* no control, or one that is not in place */
	READINESS_UNKNOWN,      /* no result, blind or stale evidence */
	READINESS_MANUAL,       /* only evidence by hand is wanting */
	READINESS_CLEAR,        /* nothing missing, no exceptions */
	READINESS_OUT_OF_SCOPE,
	READINESS_NSTATE
};
/* "exceptions" "missing" "unknown" "evidence by hand" "nothing missing" ... */
const char *readiness_state_words(enum readiness_state s);
const char *readiness_state_name(enum readiness_state s); /* for JSON */

/* One thing that is missing or wrong, and what to do about it. */
struct readiness_gap {
	enum readiness_state state;
	struct str about; /* id of a criterion, control, procedure, table ... */
	struct str text;  /* a sentence */
	struct str fix;   /* a sentence or a command; may be empty */
};

struct readiness_procedure {
	struct str id;
	struct str title;
	bool tested; /* a result at or before the instant asked exists */
	struct assess_time time;
	enum assess_outcome outcome;
	int64_t members;
	int64_t subjects[ASSESS_NSTATUS];
	int64_t judged_at;
	uint64_t entry;
	bool stale;  /* its evidence has changed since, or is blind now */
	struct str note; /* why stale, or what is not observed; may be empty */
};

struct readiness_control {
	struct str id;
	struct str statement;
	struct str owner;     /* person's name or role; empty: nobody */
	struct str state;     /* draft, designed, implemented, operating */
	struct str kind;      /* automated, manual, hybrid */
	struct str frequency;
	struct str evidence;  /* what evidence a manual control needs */
	enum readiness_state readiness;
	struct readiness_procedure **procedures;
	size_t nprocedures;
	struct readiness_gap *gaps;
	size_t ngaps;
};

struct readiness_criterion {
	struct str id;
	struct str title;
	struct str category; /* common, availability, confidentiality ... */
	bool in_scope;
	bool decided; /* out of scope by a decision, not by its category */
	struct str reason; /* out of scope: the decision's reason */
	enum readiness_state readiness;
	struct readiness_control **controls; /* shared between criteria */
	size_t ncontrols;
	struct readiness_gap *gaps; /* of the criterion itself */
	size_t ngaps;
	struct str sentence; /* one line that sums it up */
};

struct readiness {
	int64_t at;
	struct str organisation;
	struct str system_name; /* or empty */
	bool category_in_scope[5]; /* common, availability, confidentiality,
	                            * processing_integrity, privacy */
	struct readiness_criterion *criteria; /* all 61, in the usual order */
	size_t ncriteria;
	struct readiness_control **controls; /* each once, by id */
	size_t ncontrols;
	struct readiness_gap *gaps; /* of the whole: system, policies, vendors,
	                             * commitments, sources */
	size_t ngaps;
	size_t count[READINESS_NSTATE]; /* criteria by state */
	struct str sentence;
};

/*
 * How a control stands that is shown by hand, as a floor above knows it: 1 and
 * a state with its sentence (READINESS_CLEAR: it is shown), 0 if it knows
 * nothing of it, or an error. ${tested}: a procedure tests it as well.
 */
struct readiness_hand {
	enum readiness_state state;
	struct str text, fix;
};
typedef int readiness_hand_fn(void *ctx, const struct record *control,
    bool tested, struct readiness_hand *ret, struct err *e);

/*
 * readiness_read_with(a, as, at, fn, ctx, ret, e): as of instant ${at}
 * (INT64_MAX: now), in the arena; ${fn} may be NULL. program/ready.h has the
 * one that knows the occurrences of controls.
 */
int readiness_read_with(struct arena *a, struct assess *as, int64_t at,
    readiness_hand_fn *fn, void *ctx, struct readiness **ret, struct err *e);
/* readiness_read(a, as, at, ret, e): the same without ${fn}. */
int readiness_read(struct arena *a, struct assess *as, int64_t at,
    struct readiness **ret, struct err *e);

#endif
