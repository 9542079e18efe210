/*
 * Evidence: collected rows and the programme's own records as typed tables
 * whose rows know when they were true and when we knew (doc/evidence.md).
 *
 * evidence.db is a projection of ledger and bodies: it can be deleted and
 * comes out the same. Two times stand on every row. World time: microseconds
 * UTC, half-open intervals. Knowledge: positions in the ledger; "known at N"
 * means by the first N entries, so that EVIDENCE_HEAD, or the size of the
 * ledger, is everything.
 */
#ifndef EVIDENCE_EVIDENCE_H
#define EVIDENCE_EVIDENCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "record/record.h"
#include "schema/schema.h"

struct db;
struct ledger;
struct evidence;

#define EVIDENCE_HEAD UINT64_MAX

/* --- open --------------------------------------------------------------- */

/*
 * evidence_open(ret, dir, ledger, writable, e):
 * ${ledger} is borrowed until evidence_close(). If ${writable}, the caller
 * holds the workspace's lock, and evidence.db is made, remade (another
 * version, other declarations, damaged) or brought up to the ledger's head
 * before this returns. For reading it is taken as it is; ERR_BUSY if it is
 * missing or behind: then take the lock, open it writable, and go on.
 * ERR_DAMAGED names the entry and the commitment of a body that is wrong.
 */
int evidence_open(struct evidence **ret, const char *dir,
    struct ledger *ledger, bool writable, struct err *e);
void evidence_close(struct evidence *ev); /* NULL is allowed */
static inline void
evidence_close_p(struct evidence **ev)
{
	evidence_close(*ev);
}
#define EVIDENCE_SCOPED __attribute__((cleanup(evidence_close_p))) \
	struct evidence

/* evidence_catch_up(ev, e): project entries appended since (writable). */
int evidence_catch_up(struct evidence *ev, struct err *e);
/* evidence_rebuild(ev, e): from nothing, beside the old one, which stays if
 * that fails; then catches up (writable). */
int evidence_rebuild(struct evidence *ev, struct err *e);
/* evidence_digest(ev, out, e): SHA-256 of a canonical dump of all tables; the
 * same after a rebuild. */
int evidence_digest(struct evidence *ev, uint8_t out[32], struct err *e);

/*
 * evidence_as(ev, reader): queries from now on see what that reader may see
 * (record/reader.h), and what is personal or restricted of it is recorded; NULL
 * is the programme itself. Borrowed until it is replaced.
 */
struct record_reader;
void evidence_as(struct evidence *ev, struct record_reader *reader);

struct db *evidence_db(struct evidence *ev); /* to read; borrowed */
const char *evidence_path(const struct evidence *ev);

/* --- taking in a run ---------------------------------------------------- */

enum evidence_status {
	EVIDENCE_COMPLETE, /* the whole set, or an unbroken continuation */
	EVIDENCE_PARTIAL,  /* some rows are missing: recorded, no evidence */
	EVIDENCE_FAILED    /* nothing usable: recorded, no evidence */
};
const char *evidence_status_name(enum evidence_status s);

/* Who collected what, when. Strings are copied. */
struct evidence_run_spec {
	struct str source;    /* id of the source record (token) */
	struct str name;      /* its name: the column source of the views */
	struct str collector; /* "linux/1": name and version (token) */
	struct str actor;     /* who started it (token) */
	struct str query;     /* what was asked, any text; kept with its hash */
	int64_t at;           /* world instant the rows speak of */
	int64_t started;
	int64_t max_gap_s;    /* of the source, at this run */
};

/* Append tables: where this run's items continue. */
struct evidence_chain {
	/*
	 * The cursor that the run before ended at: items after it are given,
	 * earlier ones may be. Empty: the run gives the whole history since
	 * ${since}; whether it continues the chain is then found by comparing.
	 */
	struct str after;
	struct str upto; /* the cursor it ends at: printable ASCII, no spaces */
	int64_t since;   /* a whole history: from when; INT64_MIN: all there is */
};

struct evidence_run;

struct evidence_done {
	uint64_t entry;       /* index of the run's entry */
	uint64_t rows;        /* given, duplicates left out */
	uint64_t changed;     /* row versions written in evidence.db */
	uint64_t chunks;      /* chunks and index nodes written */
	uint64_t chunk_bytes; /* their plaintext */
	int64_t store_us;     /* time for bodies, chunks and entry */
	int64_t project_us;   /* time for the projection */
	uint64_t returned;    /* erased subjects that are delivered again */
	bool same;            /* every table had the content it had before */
};

/*
 * evidence_run_begin(ev, spec, ret, e); then for each table
 * evidence_table_begin(), evidence_row() ..., evidence_table_end(); then
 * evidence_run_commit() or evidence_run_fail(). Nothing is stored before
 * those. evidence_run_free() drops a run; NULL is allowed.
 */
int evidence_run_begin(struct evidence *ev,
    const struct evidence_run_spec *spec, struct evidence_run **ret,
    struct err *e);
void evidence_run_free(struct evidence_run *run);

/* ${chain}: append tables only, NULL for snapshots. Each table once a run. */
int evidence_table_begin(struct evidence_run *run,
    const struct schema_type *table, const struct evidence_chain *chain,
    struct err *e);
/*
 * evidence_row(run, cells, e): one cell for each field of the table, in their
 * order; copied. ERR_INPUT if a cell does not fit its field, ERR_LIMIT if the
 * run is too large (EVIDENCE_RUN_ROWS, EVIDENCE_RUN_BYTES).
 */
int evidence_row(struct evidence_run *run, const struct cell *cells,
    struct err *e);
/*
 * evidence_table_end(run, status, expected, message, e): ${expected} is how
 * many rows the source said there are, or -1; a complete table that received
 * another number becomes partial. ERR_INPUT if two rows differ under one key
 * (equal rows count once). ${message} may be NULL.
 */
int evidence_table_end(struct evidence_run *run, enum evidence_status status,
    int64_t expected, const char *message, struct err *e);
#define EVIDENCE_CURSOR_MAX 65536 /* bytes */
#define EVIDENCE_RUN_ROWS 16000000
#define EVIDENCE_RUN_BYTES (UINT64_C(4) << 30)

/* evidence_raw(run, name, bytes, e): the bytes as they came, kept encrypted in
 * a body of class raw. ${name} is a token that says what they are. */
int evidence_raw(struct evidence_run *run, struct str name, struct str bytes,
    struct err *e);

/*
 * evidence_run_commit(run, ended, ret, e): bodies and the run's entry become
 * durable in one transaction of the ledger, then the projection follows. The
 * run is freed in any case. On an error before the entry nothing is stored; if
 * only the projection failed, the entry stands and the next open catches up.
 */
int evidence_run_commit(struct evidence_run *run, int64_t ended,
    struct evidence_done *ret, struct err *e);
/* evidence_run_fail(run, ended, why, ret, e): forget the rows; an entry with
 * status failed and the sentence ${why}. Frees the run. */
int evidence_run_fail(struct evidence_run *run, int64_t ended,
    const struct err *why, struct evidence_done *ret, struct err *e);

/* evidence_cursor(ev, source, table, ret, e): in ${a}, the cursor to continue
 * after; empty if there was no complete run of it. */
int evidence_cursor(struct arena *a, struct evidence *ev, struct str source,
    const struct schema_type *table, struct str *ret, struct err *e);

/* --- asking ------------------------------------------------------------- */

/*
 * evidence_each(ev, s, t, when, q, fn, ctx, e): what a type or table held at an
 * instant, as it was known then, row by row, by the filters, the order and the
 * place of ${q} (record.h), for the reader of ${s}. .entry is that of the
 * version, .rev and .extra are not there. Of a table .id is the subject and,
 * behind a space, the source.
 */
struct evidence_when;
int evidence_each(struct evidence *ev, struct record_store *s,
    const struct schema_type *t, const struct evidence_when *when,
    const struct record_query *q, record_each_fn *fn, void *ctx,
    struct err *e);

/* What a question is about: an instant or a period, as known at a position. */
struct evidence_when {
	bool period;
	int64_t at;       /* instant; for a period its last instant, to - 1 */
	int64_t from, to; /* half-open; for an instant at and at + 1 */
	uint64_t known;   /* EVIDENCE_HEAD: all there is */
};
struct evidence_when evidence_at(int64_t at, uint64_t known);
struct evidence_when evidence_period(int64_t from, int64_t to, uint64_t known);

/* A stretch of world time in which a table was observed or not. */
struct evidence_span {
	int64_t from, to;
	bool observed;
	struct str source; /* name; empty: all of the table */
	/* "" or never, before, gap, after, rewritten, removed, gone */
	const char *reason;
};

/*
 * evidence_coverage(a, db, table, from, to, known, ret, n, e):
 * The stretches of [from, to) in order, without overlap, covering all of it:
 * observed where every source that has begun was observed; one that is
 * recorded to fill it and was never read blinds it, one that was removed does
 * not count later. ${db} is
 * evidence_db() or sandbox_db(). Record types are always observed.
 */
int evidence_coverage(struct arena *a, struct db *db,
    const struct schema_type *table, int64_t from, int64_t to, uint64_t known,
    struct evidence_span **ret, size_t *ret_n, struct err *e);
/* The same for each source by itself. */
int evidence_coverage_sources(struct arena *a, struct db *db,
    const struct schema_type *table, int64_t from, int64_t to, uint64_t known,
    struct evidence_span **ret, size_t *ret_n, struct err *e);

/*
 * evidence_last_seen(a, db, table, at, ret, n, e): for each source of a table
 * its last complete run at or before ${at}, and until when that counts. Costs a
 * look into an index for each source, however many runs there are.
 */
struct evidence_seen {
	struct str source; /* name */
	int64_t at;
	int64_t until;     /* at + the longest gap */
};
int evidence_last_seen(struct arena *a, struct db *db,
    const struct schema_type *table, int64_t at, struct evidence_seen **ret,
    size_t *ret_n, struct err *e);

/* evidence_last_failed(a, db, ret, n, e): sources whose last run, of any table,
 * was not complete: with its instant and message. */
struct evidence_failed {
	struct str source, message;
	int64_t at;
};
int evidence_last_failed(struct arena *a, struct db *db,
    struct evidence_failed **ret, size_t *ret_n, struct err *e);

/*
 * evidence_runs(a, db, source, at, known, most, ret, n, e): runs at or before
 * ${at} and known at ${known}, table by table, the newest first; of one source,
 * by name, or of all.
 */
struct evidence_ran {
	uint64_t entry;
	struct str source, table, status, message; /* table: empty if it failed */
	int64_t at, expected, received; /* expected -1: the source did not say */
};
int evidence_runs(struct arena *a, struct db *db, struct str source,
    int64_t at, uint64_t known, size_t most, struct evidence_ran **ret,
    size_t *ret_n, struct err *e);

/* A cell that could not be read, was not collected then, or was erased. */
struct evidence_blind {
	struct str subject;
	struct str source;
	int64_t from, to; /* clipped */
	uint64_t columns; /* bit i: field i of the table */
};
/* evidence_blind_cells(a, db, table, columns, when, ret, n, e): those in
 * ${columns} (a mask like the above), by subject and time. */
int evidence_blind_cells(struct arena *a, struct db *db,
    const struct schema_type *table, uint64_t columns,
    const struct evidence_when *when, struct evidence_blind **ret,
    size_t *ret_n, struct err *e);

/* evidence_depends(db, tables, n, known, ret, e): 1 + the last entry below
 * ${known} that says anything about these tables; 0 if none does. */
int evidence_depends(struct db *db, const struct schema_type *const *tables,
    size_t n, uint64_t known, uint64_t *ret, struct err *e);

/* evidence_identity_digest(): hex SHA-256 of the rules that match subjects to
 * people (content/identity.rules), for the header of a result. */
const char *evidence_identity_digest(void);
/* evidence_prepare(): what is computed once and kept; before there are threads. */
void evidence_prepare(void);

#endif
