/*
 * What a collector sees: its source, and where its rows go. Everything here
 * happens in the child, behind the sandbox, but for prepare().
 */
#ifndef COLLECT_JOB_H
#define COLLECT_JOB_H

#include "collect/collect.h"
#include "sys/sandbox.h"

struct job;

/* How a collector works; one constant for each, in its file. */
struct collect_work {
	/*
	 * prepare(a, s, box, lim, e): in the parent, for collect_check() and
	 * before the fork. Refuse options that make no sense; say which paths
	 * and ports ${box} opens, and which limits hold where the caller gave
	 * none. ${box} comes with profile READER and no paths.
	 */
	int (*prepare)(struct arena *a, const struct collect_source *s,
	    struct sandbox *box, struct collect_limits *lim, struct err *e);
	/* run(j, e): in the child. An error fails the whole run. */
	int (*run)(struct job *j, struct err *e);
};

/* --- what is asked for ---------------------------------------------------- */

struct arena *job_arena(struct job *j); /* of the whole run */
/* job_option(j, name): its text, or STR_NULL if it was not given. */
struct str job_option(const struct job *j, const char *name);
const struct val *job_options(const struct job *j);
struct str job_source(const struct job *j); /* the source's name */
int64_t job_at(const struct job *j);
/* job_wants(j, number): the table is in the run's scope. */
bool job_wants(const struct job *j, unsigned number);
/* job_cursor(j, number): where the append table was left; empty: nowhere. */
struct str job_cursor(const struct job *j, unsigned number);

/* --- what is answered ----------------------------------------------------- */

/* Where an append table's rows continue; see evidence.h. */
struct job_chain {
	struct str after, upto;
	int64_t since;
};

/*
 * A table: job_table() (or job_append()), job_row() for each row, job_end(). A
 * row has a cell for each field, by its index (F_ACCOUNT_UID); what they point
 * to is copied. Tables out of scope may not be begun: ask job_wants().
 */
void job_table(struct job *j, unsigned number);
void job_append(struct job *j, unsigned number, const struct job_chain *chain);
void job_row(struct job *j, const struct cell *cells);
/* job_end(j, note): the table is complete. ${note} may be NULL. */
void job_end(struct job *j, const char *note);
/* job_blind(j, number, fmt, ...): the table could not be read; if it was
 * begun, its rows are forgotten. */
void job_blind(struct job *j, unsigned number, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* job_raw(j, name, bytes): what the rows were made from, to be kept. */
void job_raw(struct job *j, const char *name, struct str bytes);
void job_progress(struct job *j, const char *what, int64_t done,
    int64_t total);

/*
 * job_ask(j, question, ret, e): put a question to the privileged helper (see
 * helper/helper.h) by way of the parent; the answer is replaced in ${ret}.
 * ERR_DENIED: nobody may answer it. ERR_NOTFOUND: the machine lacks what it is
 * about. Other errors: it could not be answered.
 */
int job_ask(struct job *j, const char *question, struct buf *ret,
    struct err *e);

/* --- conveniences --------------------------------------------------------- */

/* Cells from bytes that may be anything: job_text() replaces what is not UTF-8
 * and control characters by U+FFFD; empty text is absent. Copied to the job's
 * scratch memory, which lives until the next job_row(). */
struct cell job_text(struct job *j, struct str s);
struct cell job_ctext(struct job *j, const char *s); /* NULL: absent */

/* --- the runner's side ---------------------------------------------------- */

/* source_options_ok(s, e): collect_check() without prepare(): what a source
 * names may be away today, and that makes a failed run, not a bad source. */
int source_options_ok(const struct collect_source *s, struct err *e);

struct job_cursor {
	unsigned table;
	struct str cursor;
};

/* job_main(c, s, box, at, cursors, n, fault): the child's life; returns its
 * exit status. Reads answers from 0, writes the stream to 1. */
struct job_args {
	const struct collector *collector;
	const struct collect_source *source;
	const struct sandbox *box;
	const struct schema_type *const *tables;
	size_t ntables;
	const struct job_cursor *cursors;
	size_t ncursors;
	int64_t at;
};
int job_main(void *args);

#endif
