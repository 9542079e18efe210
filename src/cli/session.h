/*
 * A command's hold on a workspace: what it opened, closed in the right order.
 */
#ifndef CLI_SESSION_H
#define CLI_SESSION_H

#include "assess/assess.h"
#include "cli/cli.h"
#include "evidence/evidence.h"
#include "ledger/ledger.h"
#include "record/reader.h"
#include "record/workspace.h"
#include "text/timefmt.h"

enum session_need {
	SESSION_READ,  /* no lock; takes it only if evidence.db is behind */
	SESSION_WRITE  /* the lock, for the length of the command */
};

struct session {
	struct workspace *ws;
	struct evidence *ev;
	struct assess *as;
	const struct zone *zone; /* of the workspace */
	bool writable;
};

/*
 * session_open(c, need, s, e): workspace c->arg[0] and its evidence; assess is
 * opened by session_assess() when a command wants it. For reading, evidence
 * that is behind is brought up to date first, under the lock.
 */
int session_open(struct cli *c, enum session_need need, struct session *s,
    struct err *e);
int session_assess(struct session *s, struct err *e);
/*
 * session_hold(s, e): all that is read from now on is of one state of the
 * workspace, until the session is closed, and is found faster: for a command
 * that only reads, and forks no query.
 */
int session_hold(struct session *s, struct err *e);
/* session_done(s, e): after writing: sequence the ledger. */
int session_done(struct session *s, struct err *e);
/* session_written(s, e): the same, after the evidence has followed. */
int session_written(struct session *s, struct err *e);
/*
 * session_settle(c, reader): after a command that only reads, and has closed
 * what it opened: what was noted of its reads comes into the ledger at once if
 * nobody writes, otherwise with the next who does. Says nothing.
 */
void session_settle(struct cli *c, const struct record_reader *reader);
/* session_rows(c, s, l, cols, n, t): print ${n} fields of each record of a list
 * as the rows of ${t}. */
void session_rows(struct cli *c, struct record_store *s,
    const struct record_list *l, const uint16_t *cols, size_t n,
    struct cli_table *t);
void session_close(struct session *s);
#define SESSION_SCOPED __attribute__((cleanup(session_close))) struct session

/*
 * session_when(c, s, now, ret, ret_zone_label, e): --as-of, --period and
 * --known-at of a command. Without any: the present, all that is known.
 */
struct session_when {
	bool period;
	bool given;         /* --as-of or --period was there */
	int64_t at;         /* instant; of a period its last */
	int64_t from, to;
	uint64_t known;     /* EVIDENCE_HEAD or a position */
	const char *label;  /* as a person reads it */
};
int session_when(struct cli *c, struct session *s, struct session_when *ret,
    struct err *e);

/* session_known(c, ws, text, ret, e): the position in the ledger that a
 * --known-at names: a number of entries, or a time. */
int session_known(struct cli *c, struct workspace *ws, const char *text,
    uint64_t *ret, struct err *e);

#endif
