/*
 * Canonical rows: the one encoding of a collected row, which is what chunks
 * hold and hashes see (doc/evidence.md, "Canonical row").
 *
 *     row  = key cells, seal (if a cell is sealed), other cells
 *     cell = 00                       absent
 *          | 01                       unknown
 *          | 02 i64                   integer: big endian, sign bit flipped
 *          | 03 text 00               UTF-8 without NUL
 *          | 04 u32 bytes             sealed: holds the cell 02 or 03
 *     seal = 06 id[16]                the key of the row's sealed cells
 *
 * Cells are prefix-free and keep the order of values, so memcmp() of two rows
 * of one table orders them by key, as SQLite orders the columns.
 */
#ifndef EVIDENCE_ROW_H
#define EVIDENCE_ROW_H

#include "base/arena.h"
#include "base/err.h"
#include "ledger/keys.h"
#include "ledger/subject.h"
#include "schema/schema.h"

#define ROW_MAX (4u << 20)  /* bytes of one row */
#define ROW_COLUMNS 62      /* fields of a table: they are bits of a mask */

/* A column as it was declared when the row was encoded. */
struct row_column {
	struct str name;
	int field;    /* index into the type's fields today, or -1: gone */
	bool integer;
	bool sealed;  /* class personal */
	bool key;
};

/* What is needed to read rows; in row order, keys first. */
struct row_decl {
	const struct schema_type *type;
	struct row_column columns[ROW_COLUMNS];
	size_t n;
	size_t nkey;
	uint64_t missing; /* bit i: field i of today was not collected then */
	bool current;     /* is row_decl_of(type) */
};

/* row_decl_of(t, ret): the declaration of today. */
void row_decl_of(const struct schema_type *t, struct row_decl *ret);
/* row_decl_encode(d, out): its canonical text, the body that runs name. */
void row_decl_encode(const struct row_decl *d, struct buf *out);
/* row_decl_decode(a, text, ret, e): the strict reverse. ERR_NOTFOUND: the
 * table is not of this version. ERR_DAMAGED: not a declaration. */
int row_decl_decode(struct arena *a, struct str text, struct row_decl *ret,
    struct err *e);

/*
 * row_encode(d, cells, keys, out): append a row; ${cells} by field index.
 * ${keys} is used for sealed cells and may be NULL if none has a value.
 */
void row_encode(const struct row_decl *d, const struct cell *cells,
    const struct keys_set *keys, struct buf *out);
/* row_needs_seal(d, cells): some personal cell has a value. */
bool row_needs_seal(const struct row_decl *d, const struct cell *cells);

/* row_key_len(d, row): bytes of the key cells; 0 if it is not a row. */
size_t row_key_len(const struct row_decl *d, struct str row);
/* row_check(d, row): the bytes are exactly one canonical row. */
bool row_check(const struct row_decl *d, struct str row);

/* row_seal(d, row): the id of the key of its sealed cells, or NULL. */
const uint8_t *row_seal(const struct row_decl *d, struct str row);

/* Finds keys of sealed rows; keeps the last one. */
struct row_keys {
	struct keys *keys;
	struct keys_set set;
	bool valid;
};

/*
 * row_decode(d, row, rk, open, cells, seal, e):
 * Cells by field of today (${d->type->nfields} of them); what was not
 * collected, was withheld (${rk} NULL) or erased is unknown. Text points into
 * ${row}, or into ${open}, which is emptied first, if it was sealed. ${seal}
 * is NULL or points to the 16 bytes of its key id. ERR_DAMAGED.
 */
int row_decode(const struct row_decl *d, struct str row, struct row_keys *rk,
    struct buf *open, struct cell *cells, const uint8_t **seal,
    struct err *e);

/*
 * row_subject(t, cells, seal, out): append the text that names the subject:
 * the subject columns joined with ':', in which '\' and ':' of a part have a
 * '\' before them if there is more than one part. If a part was erased it is
 * "erased:" and the key's id.
 */
void row_subject(const struct schema_type *t, const struct cell *cells,
    const uint8_t *seal, struct buf *out);

#endif
