/*
 * What readiness is derived from: the records as they were, the last result of
 * each procedure, and how each table was last observed. Everything is read
 * once; nothing here judges.
 */
#ifndef ASSESS_READINESS_DATA_H
#define ASSESS_READINESS_DATA_H

#include "assess/assess.h"
#include "assess/library.h"
#include "assess/recorded.h"
#include "base/map.h"
#include "evidence/evidence.h"
#include "record/record.h"

/* The records of one type, by handle. */
struct readiness_shelf {
	struct record *at;
	size_t n;
	struct map by_id; /* of struct record * */
};

struct readiness_data {
	struct arena *a;
	struct assess *as;
	int64_t at;
	bool now;   /* not as of an instant in the past */
	struct record_store *store;
	struct readiness_shelf shelf[64]; /* by number of the type */
	struct library library;
	struct recorded_row *results; /* by id of the procedure */
	size_t nresults;
};

int readiness_data_read(struct arena *a, struct assess *as, int64_t at,
    struct readiness_data *ret, struct err *e);
const struct readiness_shelf *readiness_data_shelf(
    const struct readiness_data *d, unsigned type);
/* The record that a ref points to, or NULL. */
const struct record *readiness_data_find(const struct readiness_data *d,
    unsigned type, struct str id);
/* The last result of a procedure, or NULL. */
const struct recorded_row *readiness_data_result(
    const struct readiness_data *d, struct str procedure);

#endif
