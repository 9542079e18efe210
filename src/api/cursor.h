/*
 * Cursors: the place in a list behind which the next page begins, as text that
 * means nothing to clients. It holds the value that the list is sorted by and
 * the id of the last row, so that what is written meanwhile neither repeats a
 * row nor leaves one out; and the digest of the question, as it fits no other.
 */
#ifndef API_CURSOR_H
#define API_CURSOR_H

#include "record/record.h"

#define CURSOR_MAX 8192 /* bytes of its text */

/* cursor_put(place, question, out): append it. */
void cursor_put(const struct record_place *place, struct str question,
    struct buf *out);

/* cursor_parse(a, text, question, ret, e): ERR_USAGE if it is none, or one of
 * another question. */
int cursor_parse(struct arena *a, struct str text, struct str question,
    struct record_place *ret, struct err *e);

#endif
