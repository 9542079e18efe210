/* Carrying out a control by hand: which occurrence it is for, what shows it. */
#ifndef PROGRAM_PERFORM_H
#define PROGRAM_PERFORM_H

#include "program/occurrence.h"
#include "record/reader.h"

struct perform {
	struct str control;   /* code or id */
	struct str on;        /* a day of the window, or empty: the oldest open */
	struct str trigger;   /* code or id, or empty; also of a computed one */
	struct str performer; /* code or id of a person */
	struct str evidence;  /* what shows it, and where that lies */
	struct str note;
	struct str file_name, file; /* its bytes, or empty */
	struct str file_class;      /* by its word; empty: internal */
	struct str without;   /* pieces that the control names and that are missing,
	                       * and why; or empty */
	bool found;           /* it found something */
};

/*
 * perform_control(a, b, who, p, ret_id, ret, e): record that it was carried
 * out, and how that occurrence stands then; ${b} stays as it was read. The time
 * is that of the ledger's entry. The file is kept in the ledger
 * (record/attach.h). ERR_INPUT without evidence, or if of several pieces that
 * the control names ("minutes, pack") nothing is said of one; if nothing is open,
 * or the window has not begun; ERR_CONFLICT if it was carried out already;
 * ERR_NOTFOUND.
 */
int perform_control(struct arena *a, struct occurrence_book *b,
    const struct record_actor *who, const struct perform *p,
    struct str *ret_id, struct occurrence *ret, struct err *e);

/*
 * perform_file(s, a, reader, performance, out, ret_name, e): the file of a
 * performance (its id) and its name; ${reader} NULL: the programme itself.
 * ERR_NOTFOUND: it has none; ERR_DENIED: its class is not for the reader;
 * ERR_ERASED; ERR_DAMAGED: its bytes are not those that were recorded.
 */
int perform_file(struct record_store *s, struct arena *a,
    const struct record_reader *reader, struct str performance,
    struct buf *out, struct str *ret_name, struct err *e);

#endif
