/*
 * Gap analysis: from nothing to a plan. Answers about the company choose the
 * categories, what is not applicable, and the facts; each criterion then says
 * what there is and what is missing; what is missing becomes a plan with an
 * order, owners and days.
 *
 * An effect follows only from an answer that is new or has changed, and only
 * where nobody has decided otherwise by hand: what is left alone is said.
 */
#ifndef PROGRAM_GAP_H
#define PROGRAM_GAP_H

#include "assess/readiness.h"
#include "program/act.h"
#include "program/questionnaire.h"

/* --- answers ---------------------------------------------------------------- */

struct gap_book {
	struct questionnaire questions;
	struct facts facts;
	struct str *answer; /* of each question; empty: none */
};
int gap_read(const struct act *x, struct gap_book *ret, struct err *e);
/* gap_asked(b, i): the question is asked, by the answers to those before. */
bool gap_asked(const struct gap_book *b, size_t i);
size_t gap_unanswered(const struct gap_book *b);

struct gap_change {
	struct str what;
	bool kept; /* left as somebody wants it, not changed */
};
struct gap_changes {
	struct gap_change *at;
	size_t n;
	size_t answers; /* that are new or other than before */
};
/*
 * gap_answer(x, b, answer, ret, e): ${answer} has one for each question, empty
 * for those that stay as they are. Checked, recorded, and what follows from
 * them done, in one transaction.
 */
int gap_answer(const struct act *x, const struct gap_book *b,
    const struct str *answer, struct gap_changes *ret, struct err *e);
/* gap_answers_parse(a, b, name, text, ret, e): a file, "question: answer". */
int gap_answers_parse(struct arena *a, const struct gap_book *b,
    const char *name, struct str text, struct str **ret, struct err *e);

/* --- what is missing ---------------------------------------------------------- */

enum gap_kind { GAP_DESCRIPTION, GAP_POLICY, GAP_CONTROL, GAP_EVIDENCE,
	GAP_EXCEPTION, GAP_NKIND };

/* One piece of work. */
struct gap_item {
	struct str code;    /* PLAN-AC-03 */
	struct str about;   /* AC-03 */
	enum gap_kind kind;
	struct str title, detail;
	struct str control, policy; /* ids of records; or empty */
	struct str owner, owner_role;
	struct str *criteria; /* codes of those that wait for it */
	size_t ncriteria;
	int64_t effort_days;
	size_t place;       /* in the order of the plan, from 1 */
};

struct gap_criterion {
	const struct readiness_criterion *r;
	struct str exists;   /* in words */
	struct str missing;
	int64_t effort_days; /* of all that it waits for */
	size_t first;        /* place of the first item; 0: waits for none */
};

struct gap {
	const struct readiness *r;
	struct gap_item *items; /* in the order of the plan */
	size_t nitems;
	struct gap_criterion *criteria; /* in scope, in their usual order */
	size_t ncriteria;
	int64_t effort_days;
};
/* gap_find(x, r, ret, e): what is missing, by readiness ${r}. */
int gap_find(const struct act *x, const struct readiness *r, struct gap *ret,
    struct err *e);

/* --- the plan -------------------------------------------------------------------- */

struct gap_plan {
	struct str owner;    /* person for what nobody answers for; may be empty */
	struct str start;    /* first day; empty: today */
	int64_t per_week;    /* working days that are spent on it a week */
	bool reschedule;     /* new days for items that were not begun */
};
struct gap_planned {
	size_t added, done, reopened, moved, open;
	struct str last;     /* day of the last open item; empty: none */
	struct str late;     /* a sentence if that is after the day wanted */
};
/*
 * gap_plan(x, g, b, p, ret, e): items that are missing are added, those that
 * are there keep their owner, day and state; what is no longer missing is done,
 * what was done and is missing again is reopened, what was dropped stays so.
 */
int gap_plan(const struct act *x, const struct gap *g,
    const struct gap_book *b, const struct gap_plan *p,
    struct gap_planned *ret, struct err *e);

/* --- progress -------------------------------------------------------------------- */

/* One number or state at two instants. */
struct gap_progress {
	struct str what, then, now;
};
/*
 * gap_progress(x, as, from, to, ret, n, e): criteria by state, controls in
 * place, items of the plan that are done, and each criterion whose state is
 * another. ERR_INPUT: ${from} is not before ${to}, or before the workspace.
 */
int gap_progress(const struct act *x, struct assess *as, int64_t from,
    int64_t to, struct gap_progress **ret, size_t *ret_n, struct err *e);

#endif
