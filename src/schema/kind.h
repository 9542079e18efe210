/*
 * The operations of each kind of field, in one constant table. No other file
 * of the program decides by the kind.
 *
 * A cell is valid for a field if kind_check() takes it. Messages name the
 * field by its title, say the reason and give an example.
 */
#ifndef SCHEMA_KIND_H
#define SCHEMA_KIND_H

#include "base/val.h"
#include "schema/schema.h"
#include "sys/db.h"

/* kind_integer(f): its cells use .i (SQL INTEGER); otherwise .s (TEXT). */
bool kind_integer(const struct schema_field *f);

/*
 * kind_parse(a, f, text, ret, e):
 * Read what a person or a file wrote. Empty text is an absent cell. The text
 * of the result lies in ${a}. For ref and refs the text is a handle or id that
 * the caller resolves: see kind_is_ref(). Errors: ERR_INPUT, with the sentence.
 */
int kind_parse(struct arena *a, const struct schema_field *f, struct str text,
    struct cell *ret, struct err *e);

/* kind_print(f, c, out): the text that kind_parse() reads back as ${c}.
 * An absent cell prints nothing, an unknown one "?", a masked one "(masked)". */
void kind_print(const struct schema_field *f, const struct cell *c,
    struct buf *out);

/* kind_check(f, c, e): what a collector or a caller put into a cell. */
int kind_check(const struct schema_field *f, const struct cell *c,
    struct err *e);

/* kind_compare(f, a, b): order of values; absent first, unknown next, then
 * what is masked, all of it alike. */
int kind_compare(const struct schema_field *f, const struct cell *a,
    const struct cell *b);

/* JSON and YAML, in and out. Null is absent; unknown is {"unknown":true}, masked
 * is {"masked":true}. */
int kind_from_val(struct arena *a, const struct schema_field *f,
    const struct val *v, struct cell *ret, struct err *e);
struct val *kind_to_val(struct arena *a, const struct schema_field *f,
    const struct cell *c);
/* kind_form(a, f): what kind_to_val() gives, as a JSON Schema. */
struct val *kind_form(struct arena *a, const struct schema_field *f);
/* kind_json(f, c, out): canonical JSON: one form for each value. */
void kind_json(const struct schema_field *f, const struct cell *c,
    struct buf *out);

/* SQL. The bound text must live until the statement is reset; text read from
 * a column is copied into ${a}. NULL reads as absent. */
void kind_bind(const struct schema_field *f, struct stmt *st, int param,
    const struct cell *c);
void kind_column(struct arena *a, const struct schema_field *f,
    struct stmt *st, int col, struct cell *ret);

/* kind_order(f, operand, out): an SQL expression over ${operand} (a column or a
 * parameter) that sorts as kind_compare() does. */
void kind_order(const struct schema_field *f, const char *operand,
    struct buf *out);

/* kind_dates(f): it says when: an instant or a day. */
bool kind_dates(const struct schema_field *f);
/* kind_is_prose(f): a text that people write, of one line or many. */
bool kind_is_prose(const struct schema_field *f);
/* kind_is_lines(f): a text of many lines. */
bool kind_is_lines(const struct schema_field *f);
/* kind_is_ref(f): ref or refs. kind_refs(a, c, ret, n): their ids, as parts. */
bool kind_is_ref(const struct schema_field *f);
bool kind_is_many(const struct schema_field *f);
/* kind_items(a, f, c, ret): the members of a set or refs cell, one for a ref;
 * returns their number. kind_join(a, f, items, n): a cell of them. */
size_t kind_items(struct arena *a, const struct schema_field *f,
    const struct cell *c, struct str **ret);
struct cell kind_join(struct arena *a, const struct schema_field *f,
    const struct str *items, size_t n);

/* kind_blank(f): a value that holds the place of one that was erased. */
struct cell kind_blank(const struct schema_field *f);

/* kind_example(f): "2026-01-31", "yes", "low, medium or high": for messages. */
const char *kind_example(const struct schema_field *f, char *out, size_t cap);

#endif
