/*
 * Rules of retention that the program carries out: records (type retention_rule
 * with a target) say which records or which subjects of evidence go after how
 * many days, and raw bytes go by the type retention (forget.h). What is due is
 * found and shown first; then it is erased or retired in one transaction for
 * each rule, together with a certificate (certificate.h). What a legal hold
 * covers stays, and is shown with its hold.
 *
 * A run that is cut off leaves no rule half done: entries and certificate are
 * there or not, and what they say is finished when the workspace is next opened
 * for writing (ledger/erase.h). Doing it again does nothing.
 */
#ifndef SEAL_RETENTION_H
#define SEAL_RETENTION_H

#include "seal/forget.h"

struct retention_item {
	struct str source_id, source; /* of evidence; of records empty */
	struct str id;                /* of the record; the subject of evidence */
	struct str label;             /* that names nobody */
	int64_t since;                /* from when the days count */
	struct str hold;              /* code of the hold that keeps it, or empty */
	struct str stuck;             /* why it cannot be retired, or empty */
};

struct retention_plan {
	const struct record *rule;
	struct str code, decision;
	const struct schema_type *target;
	bool retire; /* else erase */
	int64_t days;
	VEC(struct retention_item) items; /* due, also what is held or stuck */
	size_t held;
	size_t stuck;   /* to be retired, and in use */
	size_t waiting; /* of the target, and not due yet */
	size_t undated; /* the field that counts is not filled */
	int64_t next;   /* when one more is due; INT64_MAX */
	struct forget f; /* what is to be erased */
	struct str certificate; /* its code, after a run; or empty */
	struct retention_look *look;
};

/* retention_due(p): of its items, what would go now. */
static inline size_t
retention_due(const struct retention_plan *p)
{
	return (p->items.n - p->held - p->stuck);
}

struct retention {
	struct arena *a;
	struct workspace *ws;
	struct evidence *ev;
	int64_t now;
	VEC(struct retention_plan *) plans;
	struct forget raw; /* raw bytes, by their own rules */
	size_t raw_rules;
	struct str raw_certificate;
	size_t due, held;
};

/*
 * retention_read(a, ws, ev, code, ret, e): what is due now, by all active rules
 * or the one of ${code} (empty: all, and raw bytes). Nothing is written.
 * ERR_NOTFOUND: no such rule; ERR_INPUT: it is a draft, or for people.
 * retention_free() releases ${ret}, also after an error.
 */
int retention_read(struct arena *a, struct workspace *ws, struct evidence *ev,
    struct str code, struct retention *ret, struct err *e);
void retention_free(struct retention *x);

/*
 * retention_run(x, who, e): carry it out. The evidence is closed before, as it
 * is made again afterwards: x->ev is not used.
 */
int retention_run(struct retention *x, const struct record_actor *who,
    struct err *e);

/*
 * retention_job(ws, a, said, cap, e): what a server does by itself: all that is
 * due now. ${said} becomes a sentence, or empty if there was nothing to do; a
 * hold is no error: it is said.
 */
int retention_job(struct workspace *ws, struct arena *a, char *said,
    size_t cap, struct err *e);

/* --- legal holds (retention_hold.c) ----------------------------------------- */

struct retention_holds;
/* Those that are in force today, with what they cover. */
int retention_hold_read(struct arena *a, struct workspace *ws,
    struct evidence *ev, struct retention_holds **ret, struct err *e);
void retention_hold_free(struct retention_holds *h);
/* The code of the hold that covers a record, or a subject of evidence; empty:
 * none does. ${rule}: the one that is carried out. */
struct str retention_hold_record(const struct retention_holds *h,
    const struct record *rule, const struct record *r);
struct str retention_hold_row(const struct retention_holds *h,
    const struct record *rule, const struct schema_type *t,
    const struct retention_item *it);

#endif
