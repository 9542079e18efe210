/*
 * What an access review looks at: who has which access by the evidence, at one
 * instant and known at one position of the ledger, with how one knows that it
 * is all there is.
 */
#ifndef PROGRAM_REVIEW_SCOPE_H
#define PROGRAM_REVIEW_SCOPE_H

#include "base/arena.h"
#include "base/err.h"
#include "evidence/evidence.h"

#define REVIEW_SCOPE_SOURCES 16
#define REVIEW_SCOPE_ROWS 20000

struct review_scope_row {
	struct str table, source, subject;
	struct str right;   /* "saas_account: role admin" */
	struct str person;  /* id of the record of the person, or empty */
	bool privileged;
};

/* The last complete run of a source for a table. */
struct review_scope_seen {
	struct str table, source, collector;
	int64_t at;
	uint64_t entry;
	int64_t expected, received; /* expected -1: the source did not say */
	bool observed;              /* at the instant of the scope */
};

struct review_scope {
	int64_t at;
	uint64_t known;
	struct review_scope_row *rows; /* by source, table, subject */
	size_t n;
	struct review_scope_seen *seen;
	size_t nseen;
	uint8_t hash[32]; /* SHA-256 of the lines of all rows */
};

/*
 * review_scope_read(a, ev, at, known, sources, n, ret, e): names of sources.
 * ERR_LIMIT: more than REVIEW_SCOPE_ROWS. Whether all was observed, the caller
 * looks at.
 */
int review_scope_read(struct arena *a, struct evidence *ev, int64_t at,
    uint64_t known, const struct str *sources, size_t n,
    struct review_scope *ret, struct err *e);

/* review_scope_has(s, table, source, subject, right): such a row is in it. */
bool review_scope_has(const struct review_scope *s, struct str table,
    struct str source, struct str subject);
/* review_scope_find(s, table, source): what was seen of it, or NULL. */
const struct review_scope_seen *review_scope_find(
    const struct review_scope *s, struct str table, struct str source);

#endif
