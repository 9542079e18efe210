/*
 * Declarations of record types (content/types) and evidence tables
 * (content/tables), compiled by tools/mkschema into constant tables. The set
 * is closed: nothing adds to it at run time. doc/declarations.md is the
 * language; gen/schema_ids.h has an enum for each type and field, so that a
 * misspelling does not compile: T_VENDOR is the number of the type, and
 * F_VENDOR_TIER the index of the field in its .fields and in a row of cells.
 */
#ifndef SCHEMA_SCHEMA_H
#define SCHEMA_SCHEMA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "gen/schema_ids.h"
#include "schema/kinds.h"

enum schema_kind {
#define X(name, word, sql, arg) SCHEMA_##name,
	SCHEMA_KINDS(X)
#undef X
	SCHEMA_KIND_MAX
};

enum schema_class {
#define X(name, word) CLASS_##name,
	SCHEMA_CLASSES(X)
#undef X
	CLASS_MAX
};

enum schema_mode {
#define X(name, word) MODE_##name,
	SCHEMA_MODES(X)
#undef X
	MODE_MAX
};

/* Roles are a set of bits. */
enum schema_role_bit {
#define X(name, word) ROLE_BIT_##name,
	SCHEMA_ROLES(X)
#undef X
	ROLE_BIT_MAX
};
enum schema_role {
#define X(name, word) ROLE_##name = 1 << ROLE_BIT_##name,
	SCHEMA_ROLES(X)
#undef X
	ROLE_ALL = (1 << ROLE_BIT_MAX) - 1
};

/*
 * A value of a field. Kinds whose SQL type is INTEGER use .i, the others .s.
 * Zeroed memory is an absent cell.
 */
enum cell_state {
	CELL_ABSENT, /* known not to be there: NULL */
	CELL_VALUE,
	CELL_UNKNOWN, /* could not be read: NULL, and the row is blind here */
	CELL_MASKED   /* who asks may not see what is in it; never stored */
};
struct cell {
	enum cell_state state;
	int64_t i;
	struct str s; /* borrowed */
};
#define CELL_INT(v) ((struct cell){ .state = CELL_VALUE, .i = (v) })
#define CELL_STR(v) ((struct cell){ .state = CELL_VALUE, .s = (v) })
#define CELL_NONE ((struct cell){ .state = CELL_ABSENT })
#define CELL_BLIND ((struct cell){ .state = CELL_UNKNOWN })
#define CELL_HIDDEN ((struct cell){ .state = CELL_MASKED })
/* How a masked cell is written. As a value it is read as one that says nothing. */
#define CELL_MASKED_TEXT "(masked)"

struct schema_field {
	const char *name;     /* column: lower case, digits, _ */
	const char *title;    /* label in messages and forms */
	const char *sentence; /* what it means */
	const char *const *values; /* enum, set: NULL-terminated; else NULL */
	int64_t max;          /* text, markdown, map: bytes; int: largest value */
	uint16_t number;      /* stable within its type; 0: the state */
	uint16_t target;      /* ref, refs: number of the record type */
	enum schema_kind kind;
	enum schema_class cls;
	bool required;        /* may not be absent (unknown is still possible) */
};

/* A list of indexes into .fields. */
struct schema_cols {
	const uint16_t *at;
	size_t n;
};

/* A step between states. Steps that are not declared are refused. */
struct schema_step {
	uint16_t from, to;       /* indexes into .states */
	unsigned who;            /* roles, any of which may make it */
	struct schema_cols fill; /* fields that must be filled in the new state */
	struct schema_cols apart; /* two refs that may not be the same person */
};

struct schema_type {
	uint16_t number; /* stable and unique among types and tables */
	enum schema_mode mode;
	const char *name;
	const char *title;
	const char *note; /* a sentence or more; never NULL */
	const struct schema_field *fields;
	size_t nfields;
	struct schema_cols key;     /* table: primary key. type: its handle, one
	                               field that people name it by, or none */
	struct schema_cols subject; /* table: whom or what a row is about, within
	                               its source; the key if not declared */
	struct schema_cols owner;   /* table: columns that say whose it is, for
	                               the matching to people, best first */
	const struct schema_cols *unique; /* further sets of fields without twins */
	size_t nunique;
	int time;  /* append table: when it happened. type: from when a version
	              counts. Index into .fields, or -1 */
	int state; /* type: index of the state field, or -1 */
	const char *const *states; /* NULL-terminated, the first is the initial */
	size_t nstates;
	const struct schema_step *steps;
	size_t nsteps;
	bool personal;    /* some field is of class personal */
	const char *canon; /* the declaration in one form, for its digest */
	const char *file; /* "content/types/vendor.type" */
};

/* All types and tables, by number; the record types come first. */
extern const struct schema_type schema_types[];
extern const size_t schema_ntypes;

/* schema_find(name): NULL if there is none. */
const struct schema_type *schema_find(struct str name);
const struct schema_type *schema_find_name(const char *name);
/* schema_get(number): a type or table; a number that is not there is a bug. */
const struct schema_type *schema_get(unsigned number);
/* schema_field(t, name): index of the field by its name, or -1. */
int schema_field(const struct schema_type *t, struct str name);
/* schema_field_titled(t, s): the same by name or title, in any case. */
int schema_field_titled(const struct schema_type *t, struct str s);
/* schema_is_record(t): a record type; otherwise an evidence table. */
bool schema_is_record(const struct schema_type *t);
/*
 * schema_signer(t, s): the field of the person who takes the step, or -1 if
 * anybody may whose role does: the second of ${s}->apart, where the state before
 * does not say already that the two are apart.
 */
int schema_signer(const struct schema_type *t, const struct schema_step *s);
const char *schema_kind_word(enum schema_kind k);
const char *schema_class_word(enum schema_class c);
const char *schema_mode_word(enum schema_mode m);

/*
 * schema_digest(): SHA-256 (hex) over the meaning of all declarations, in the
 * order of their numbers: what a result names as "declarations". Titles and
 * sentences are part of it. schema_type_digest(t): of one.
 */
const char *schema_digest(void);
const char *schema_type_digest(const struct schema_type *t);

#endif
