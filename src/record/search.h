/*
 * Searching the texts of records: one index of words in records.db, with a column
 * for each class that may be searched. What is restricted or personal is in
 * none, so that nobody finds by it what they may not read. It holds the words
 * of records that are not retired, is written in the transaction of the record,
 * and made anew with the tables.
 *
 * A document's number is that of its type times 2^32, and a count: the documents
 * of a type are a range, in the order in which they came.
 */
#ifndef RECORD_SEARCH_H
#define RECORD_SEARCH_H

#include "record/record.h"

struct db;

#define SEARCH_WORDS 16  /* of one search */
#define SEARCH_BYTES 500 /* of its text */

/* search_declared(out): of which fields it is made, for the digest of the tables. */
void search_declared(struct buf *out);

/* The tables are made by dialect_words(). */

/*
 * search_put(s, old, new, e): what was found as ${old} (NULL: it is new) is
 * found as ${new} from now on; the row of ${new} is stored or will be.
 */
int search_put(struct record_store *s, const struct record *old,
    const struct record *new, struct err *e);

/* search_fill(s, e): all records, into empty tables. */
int search_fill(struct record_store *s, struct err *e);

/* search_has(t, classes): a type that can be found by words of ${classes}. */
bool search_has(const struct schema_type *t, unsigned classes);

/*
 * search_match(words, classes, out, e): the text of a MATCH for what a person
 * wrote: all words, in any order; "some words" together; a* for what begins so.
 * ${classes}: bits 1 << CLASS_x that may be looked into. ERR_INPUT: too long,
 * too many words, or none.
 */
int search_match(struct str words, unsigned classes, struct buf *out,
    struct err *e);

/* search_range(t, ret_from, ret_to): numbers of its documents, from <= n < to. */
void search_range(const struct schema_type *t, int64_t *ret_from,
    int64_t *ret_to);

#endif
