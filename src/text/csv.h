/*
 * CSV (RFC 4180). The reader is fed bytes in pieces of any size and gives rows;
 * fields that lie whole and without doubled quotes in a piece are not copied.
 * Accepted beyond the RFC: LF or CRLF line ends in any mixture, a UTF-8 byte
 * order mark, other separators. Refused, with the line: NUL bytes, bytes that
 * are not UTF-8, a quote within an unquoted field, text after a closing quote,
 * a CR that no LF follows, an open quote at the end, fields and rows over the
 * limits, and rows whose number of fields differs from the first row's (but
 * see ragged). Lines without a byte are passed over.
 */
#ifndef TEXT_CSV_H
#define TEXT_CSV_H

#include "base/err.h"
#include "base/str.h"

struct csv_opts {
	char sep;          /* ',' ';' '\t' '|' ...; 0: found from the first row */
	bool ragged;       /* rows may differ in their number of fields */
	bool raw;          /* bytes need not be UTF-8 */
	size_t max_field;  /* bytes; 0: 1 MiB */
	size_t max_row;    /* bytes; 0: 16 MiB */
	size_t max_fields; /* in a row; 0: 4096 */
};

struct csv_row {
	const struct str *at; /* until the next csv_next() or csv_feed() */
	size_t n;
	int64_t line; /* where it begins, from 1 */
};

struct csv;

/* csv_new(name, opts): ${opts} NULL for the defaults (RFC 4180, comma). */
struct csv *csv_new(const char *name, const struct csv_opts *opts);
void csv_free(struct csv *c);
static inline void
csv_freep(struct csv **c)
{
	csv_free(*c);
}
#define CSV_SCOPED __attribute__((cleanup(csv_freep))) struct csv *

/*
 * csv_feed(c, piece, last): the next bytes, borrowed until csv_next() returns
 * 0 or an error. All rows of the piece before must have been taken.
 */
void csv_feed(struct csv *c, struct str piece, bool last);
/*
 * csv_next(c, row, e): 1 and a row; 0 if the piece is used up (after the last:
 * the end); or an error, after which no more rows come.
 */
int csv_next(struct csv *c, struct csv_row *row, struct err *e);
/* csv_read(c, fd, row, e): the same, reading from ${fd} what it needs. */
int csv_read(struct csv *c, int fd, struct csv_row *row, struct err *e);
/* csv_sep(c): the separator in use; 0 before the first row. */
char csv_sep(const struct csv *c);
/* csv_find(row, name): the index of the field that is ${name} with spaces
 * around it ignored and ASCII case too; -1 none, -2 more than one. */
ptrdiff_t csv_find(const struct csv_row *row, struct str name);

/*
 * The writer: quotes what needs it, ends rows with CRLF (RFC 4180) or LF. With
 * ${guard} a field that a spreadsheet would take as a formula (it begins with
 * = + - @ TAB or CR and is not a plain number) gets a ' before it.
 */
struct csv_writer {
	struct buf *out;
	char sep;
	bool guard;
	bool lf;
	bool begun;      /* the row has a field */
	bool lone_empty; /* one, and it is empty */
};

#define CSV_WRITER(b) ((struct csv_writer){ .out = (b), .sep = ',' })

void csv_put(struct csv_writer *w, struct str field);
void csv_puttext(struct csv_writer *w, const char *field); /* NULL: empty */
void csv_putint(struct csv_writer *w, int64_t i);
void csv_endrow(struct csv_writer *w);
/* csv_puttitles(w, titles, n): a row of them. */
void csv_puttitles(struct csv_writer *w, const char *const *titles, size_t n);

#endif
