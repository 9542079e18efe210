/*
 * Records in and out of files. What is exported can be imported again and
 * changes nothing.
 *
 * YAML and JSON: a list of records, where the type is given; or a map from type
 * names to lists. CSV: a header of field names or titles, then rows; an empty
 * cell clears its field; several values are separated by semicolons.
 */
#ifndef RECORD_EXCHANGE_H
#define RECORD_EXCHANGE_H

#include "record/record.h"

enum record_format { RECORD_YAML, RECORD_CSV, RECORD_JSON, RECORD_FORMAT_MAX };

/* record_format(path, ret): by the ending: .yaml .yml .csv .json */
bool record_format(const char *path, enum record_format *ret);

/*
 * record_import(s, a, who, t, file, text, format, opts, ret, e):
 * ${t} may be NULL for a map of types (not for CSV). ${file} names it in
 * messages. Every bad row is among ret->problems ("file:line", the field, the
 * reason), also one with too many cells or bytes that are no text; where a CSV file
 * cannot be told apart in rows any more, what was found until there. All or nothing; rows may refer to rows of the same file, in any
 * order.
 */
int record_import(struct record_store *s, struct arena *a,
    const struct record_actor *who, const struct schema_type *t,
    const char *file, struct str text, enum record_format format,
    const struct record_options *opts, struct record_result *ret,
    struct err *e);

/* record_export(s, t, q, format, out, e): append the records of a type (${q}
 * as for record_list). ${t} NULL: all types, not for CSV. */
int record_export(struct record_store *s, const struct schema_type *t,
    const struct record_query *q, enum record_format format, struct buf *out,
    struct err *e);

#endif
