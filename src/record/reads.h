/*
 * The note that is taken of reads. Who reads has no lock and cannot write the
 * ledger, so the note goes to the end of DIR/reads, one line, made durable
 * before what was read is handed out; whoever opens the workspace for writing
 * next brings the lines into the ledger, as entries with the action "read",
 * and empties the file. doc/access.md has the format.
 */
#ifndef RECORD_READS_H
#define RECORD_READS_H

#include "base/err.h"
#include "base/str.h"

struct ledger;

/* What was read: personal or restricted fields, in the clear. */
struct reads_note {
	struct str actor; /* token */
	struct str type;  /* name of the type or table; or of what else, a word */
	struct str id;    /* of one record; empty: of many */
	uint64_t count;   /* records; 0: not counted (SQL) */
	struct str how;   /* word: list, read, history, export, sql ... */
};

/* reads_note(dir, n, e): append and sync. ERR_IO if it could not be. */
int reads_note(const char *dir, const struct reads_note *n, struct err *e);

/*
 * reads_settle(dir, l, e): the lines into the ledger, in a transaction of its
 * own; the caller holds the workspace's lock. A line that came into the ledger
 * before a crash kept the file from being emptied comes in once. Lines that
 * cannot be read are recorded as lost, with their number and their digest.
 */
int reads_settle(const char *dir, struct ledger *l, struct err *e);

/* reads_waiting(dir, ret, e): lines that wait. */
int reads_waiting(const char *dir, uint64_t *ret, struct err *e);

/*
 * reads_parse(line, ret, ret_time, ret_mark): one line without its end. The
 * strings point into it. False if it is no such line.
 */
bool reads_parse(struct str line, struct reads_note *ret, int64_t *ret_time,
    struct str *ret_mark);

#define READS_LINE 512 /* bytes of a line, with its end */

#endif
