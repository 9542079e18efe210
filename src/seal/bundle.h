/*
 * Bundle: what a reader needs to check an engagement or a report, in one file
 * (doc/bundle.md). All entries are always in it, since nothing personal is in
 * an entry; bodies are in it as far as the scope says, and what is left out is
 * counted in the manifest and named by the entries. The same workspace and the
 * same options give the same bytes, except when encrypted.
 */
#ifndef SEAL_BUNDLE_H
#define SEAL_BUNDLE_H

#include <stdbool.h>
#include <stdint.h>

#include "assess/assess.h"
#include "base/arena.h"
#include "base/err.h"

struct evidence;
struct workspace;
struct age_recipient;

struct bundle_spec {
	struct workspace *ws;
	struct evidence *ev; /* at the ledger's head */
	struct assess *as;
	/* Results in scope. No ids: of all procedures. */
	const char *const *ids;
	size_t nids;
	bool timed;           /* only those of a time: */
	struct assess_time time; /* a period: that lie in it; an instant: the last
	                          * of each procedure up to then */
	const char *period, *as_of; /* as they were written, or NULL */
	/* What is left out: "personal", record types, tables. */
	const char *const *withhold;
	size_t nwithhold;
	bool raw;             /* the bytes as they came, too */
	bool no_report;
	int64_t report_as_of;
	bool assertion_first;
	const char *report_file; /* must be the report that is composed */
	const struct age_recipient *to;
	size_t nto;
	const char *path;
	bool force;           /* replace what is there */
};

struct bundle_result {
	uint64_t bytes;    /* of the file */
	uint64_t members;
	uint64_t entries, bodies, withheld, erased, results;
	bool pdf, report;
	char why_no_pdf[256];
};

/*
 * bundle_write(spec, ret, e): the file appears whole or not at all. ERR_CONFLICT
 * if there is one and not ${force}; ERR_BUSY if entries are not yet under the
 * checkpoint; ERR_NOTFOUND for an id or a type that names nothing; ERR_NO if
 * the given report is not the one that is composed; ERR_DAMAGED names a body
 * that is missing or wrong.
 */
int bundle_write(const struct bundle_spec *spec, struct bundle_result *ret,
    struct err *e);

#endif
