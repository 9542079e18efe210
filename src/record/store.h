/*
 * The tables of records in records.db: loading and storing one record, nothing
 * else. What is stored was checked by apply.c.
 */
#ifndef RECORD_STORE_H
#define RECORD_STORE_H

#include "record/record.h"
#include "sys/db.h"

/* store_load(s, a, t, id, ret, e): ERR_NOTFOUND without a sentence. */
int store_load(struct record_store *s, struct arena *a,
    const struct schema_type *t, struct str id, struct record *ret,
    struct err *e);

/*
 * store_by_handle(s, a, t, handle, ret_id, e): the id of the record that is
 * not retired and has this handle. store_by_handle_like(): in any case of
 * letters, if there is one only. ERR_NOTFOUND without a sentence, also if the
 * type has no key.
 */
int store_by_handle(struct record_store *s, struct arena *a,
    const struct schema_type *t, struct str handle, struct str *ret_id,
    struct err *e);
int store_by_handle_like(struct record_store *s, struct arena *a,
    const struct schema_type *t, struct str handle, struct str *ret_id,
    struct err *e);

/*
 * store_by_unique(s, a, t, set, cells, ret_id, e): the id of the record that
 * has these values in the fields of ${set}. ERR_NOTFOUND without a sentence,
 * also if one of them is absent.
 */
int store_by_unique(struct record_store *s, struct arena *a,
    const struct schema_type *t, const struct schema_cols *set,
    const struct cell *cells, struct str *ret_id, struct err *e);

/* store_each(s, a, t, retired, fn, ctx, e): all records, by handle, then id.
 * What the record points to lies in ${a}. */
typedef int store_fn(void *ctx, const struct record *r, struct err *e);
int store_each(struct record_store *s, struct arena *a,
    const struct schema_type *t, bool retired, store_fn *fn, void *ctx,
    struct err *e);

/* store_columns(t, prefix, out): what store_read() reads, in its order, each
 * with "${prefix}." before it if that is not empty. */
void store_columns(const struct schema_type *t, const char *prefix,
    struct buf *out);
int store_read(struct arena *a, const struct schema_type *t, struct stmt *st,
    struct record *ret, struct err *e);

/* store_put(s, r, fresh, e): insert or replace by id. ${fresh}: there is none of
 * that id yet. */
int store_put(struct record_store *s, const struct record *r, bool fresh,
    struct err *e);
int store_clear(struct record_store *s, const struct schema_type *t,
    struct err *e);

/* The list of revisions. */
int store_revision_put(struct record_store *s, const struct record *r,
    const uint8_t body[32], struct err *e);
/* store_revision_body(s, t, id, rev, ret_body, e): its commitment. */
int store_revision_body(struct record_store *s, const struct schema_type *t,
    struct str id, int64_t rev, uint8_t ret_body[32], struct err *e);

#endif
