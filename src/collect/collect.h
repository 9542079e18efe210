/*
 * Collection: one run of one source. The collector works in a sandboxed child
 * process, which speaks a stream of rows (doc/collectors.md); this side checks
 * every cell against the table's declaration and hands the rows to the
 * evidence. The child never sees the workspace.
 *
 * A child that dies, talks nonsense, talks too much, hangs or breaks the
 * declaration, and a source that cannot be reached, make a failed run: its
 * entry says why in words, and no row of it becomes evidence. Within a run
 * each table has its own end: what the machine lacks is a complete table
 * without rows; what could not be read is a failed table, and blind.
 */
#ifndef COLLECT_COLLECT_H
#define COLLECT_COLLECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "base/val.h"
#include "schema/schema.h"

struct evidence;

/* An option of a source, as "--name value" and in the record's map. */
struct collect_option {
	const char *name;
	const char *value;    /* what stands for it: "FILE", "HOST:PORT" */
	const char *sentence; /* what it does */
	bool required;
	/* May be given more than once; kept in one text with spaces between. */
	bool many;
	bool path; /* a path; one that is relative is made whole when it is given */
	/* Takes KEY=VALUE, any number of times; kept as "name.KEY". */
	bool keyed;
};

struct collector {
	const char *name;     /* "linux" */
	int version;          /* grows with what its rows mean */
	const char *sentence; /* what it reads */
	const char *const *tables; /* NULL-terminated; "*": any declared one */
	const struct collect_option *options; /* ends with a NULL name */
	bool dated; /* a run may speak of another instant than now (csv) */
	/* The rest is the runner's: see collect/job.h. */
	const struct collect_work *work;
};

/* All collectors, sorted by name; ends with a NULL name. */
extern const struct collector collect_all[];
const struct collector *collect_find(struct str name);

/* A configured source. Everything is borrowed. */
struct collect_source {
	struct str id;        /* of the source record */
	struct str name;      /* unique name that people gave */
	struct str collector; /* "git" */
	const struct val *options; /* map of text to text; NULL: none */
	const char *const *tables; /* only these; NULL: all of the collector */
	int64_t max_gap_s;
};

/*
 * collect_options(a, c, argc, argv, ret, e): "--name value" (or
 * "--name=value") arguments as the options of a source, checked one by one and
 * together. ${argv} holds nothing else.
 */
int collect_options(struct arena *a, const struct collector *c, int argc,
    char *const *argv, struct val **ret, struct err *e);

/*
 * collect_check(s, e): the collector exists, its options are known and
 * complete, what they name makes sense. Reads no source.
 */
int collect_check(const struct collect_source *s, struct err *e);

/* collect_tables(a, s, ret, n, e): the tables that a run would fill. */
int collect_tables(struct arena *a, const struct collect_source *s,
    const struct schema_type ***ret, size_t *ret_n, struct err *e);

/* What became of one table of a run. */
struct collect_table {
	const struct schema_type *table;
	bool failed;         /* could not be read: blind */
	bool goes_on;        /* read on from where the run before ended */
	int64_t rows;        /* received */
	char message[256];   /* why it failed, or what to know; may be empty */
};

/* unknown, observed or absent, for people; a run that went on from the one
 * before and found nothing more has observed that. */
const char *collect_word(const struct collect_table *t);

struct collect_result {
	bool failed;         /* the whole run: no evidence */
	struct err why;      /* if failed */
	uint64_t entry;      /* the run's index in the ledger (collect_run) */
	int64_t at, started, ended;
	int64_t rows;        /* received in all tables */
	uint64_t changed;    /* row versions written */
	uint64_t returned;   /* erased subjects that are delivered again */
	bool same;           /* nothing differs from the run before */
	struct collect_table tables[32];
	size_t ntables;
	char sandbox[256];   /* what held the child */
};

/* Limits of a run; a zero takes the default of the collector. */
struct collect_limits {
	int64_t wall_us;      /* 5 min; git, csv: 60 min */
	uint64_t cpu_s;
	uint64_t memory_bytes; /* of the child: 1 GiB */
	uint64_t out_bytes;    /* that it writes: 4 GiB */
	int64_t rows;          /* 16,000,000 */
};

/*
 * collect_run(ev, s, at, actor, limits, ret, e):
 * Run the collector and record the run. ${at}: the world instant it speaks
 * of, 0: now (others only for dated collectors). ${limits} may be NULL.
 * Returns 0 when the run has its entry, also a failed one: look at
 * ret->failed. An error means that nothing was recorded: the source is not
 * acceptable (ERR_INPUT), or the workspace cannot be written.
 */
int collect_run(struct evidence *ev, const struct collect_source *s,
    int64_t at, struct str actor, const struct collect_limits *limits,
    struct collect_result *ret, struct err *e);

/*
 * collect_dump(s, at, limits, out, ret, e): the same without a workspace: each
 * row becomes a line of JSON {"table":...,"row":{...}} in ${out} (NULL: only
 * counted). For `source check` and for tests.
 */
int collect_dump(const struct collect_source *s, int64_t at,
    const struct collect_limits *limits, struct buf *out,
    struct collect_result *ret, struct err *e);

#endif
