/* Carrying out a control by hand: which occurrence it is for, what shows it. */
#ifndef PROGRAM_PERFORM_H
#define PROGRAM_PERFORM_H

#include "program/occurrence.h"

struct perform {
	struct str control;   /* code or id */
	struct str on;        /* a day of the window, or empty: the oldest open */
	struct str trigger;   /* code or id, or empty */
	struct str performer; /* code or id of a person */
	struct str evidence;  /* what shows it, and where that lies */
	struct str note;
	struct str file_name, file_hash; /* or empty */
	bool found;           /* it found something */
};

/*
 * perform_control(a, b, who, p, ret_id, ret, e): record that it was carried
 * out, and how that occurrence stands then; ${b} stays as it was read. The time
 * is that of the ledger's entry. ERR_INPUT without evidence, with what the
 * control names; if nothing is open, or the window has not begun; ERR_CONFLICT
 * if it was carried out already; ERR_NOTFOUND.
 */
int perform_control(struct arena *a, struct occurrence_book *b,
    const struct record_actor *who, const struct perform *p,
    struct str *ret_id, struct occurrence *ret, struct err *e);

#endif
