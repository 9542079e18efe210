/*
 * What a kind can do; the inside of schema/kind.h. kind.c has the kinds of one
 * value and the table, kind_many.c those of many.
 */
#ifndef SCHEMA_KIND_OPS_H
#define SCHEMA_KIND_OPS_H

#include "schema/kind.h"

/*
 * ${text} of parse is trimmed and not empty, and a cell has a value: absent and
 * unknown cells are taken care of before these are called.
 */
struct kind_ops {
	int (*parse)(struct arena *a, const struct schema_field *f,
	    struct str text, struct cell *ret, struct err *e);
	void (*print)(const struct schema_field *f, const struct cell *c,
	    struct buf *out);
	int (*check)(const struct schema_field *f, const struct cell *c,
	    struct err *e);
	int (*compare)(const struct schema_field *f, const struct cell *a,
	    const struct cell *b);
	int (*from_val)(struct arena *a, const struct schema_field *f,
	    const struct val *v, struct cell *ret, struct err *e);
	struct val *(*to_val)(struct arena *a, const struct schema_field *f,
	    const struct cell *c);
	/* Of set and refs: make a cell of its members. */
	int (*from_items)(struct arena *a, const struct schema_field *f,
	    const struct str *items, size_t n, struct cell *ret, struct err *e);
	const char *form;    /* JSON Schema of a value, or of a member */
	const char *example;
	const char *blank; /* of text kinds without values */
};

extern const struct kind_ops kind_many_set, kind_many_refs, kind_many_map;

/* Shared by the two files: messages, and operations on text. */
int kind_refuse(const struct schema_field *f, struct str was, const char *why,
    struct err *e);
int kind_too_long(const struct schema_field *f, struct str s, struct err *e);
int kind_from_scalar(struct arena *a, const struct schema_field *f,
    const struct val *v, struct cell *ret, struct err *e);
void kind_print_text(const struct schema_field *f, const struct cell *c,
    struct buf *out);
int kind_compare_text(const struct schema_field *f, const struct cell *a,
    const struct cell *b);
/* kind_value_meant(f, s): index of the value that is written so, or -1. */
int kind_value_meant(const struct schema_field *f, struct str s);

#endif
