/*
 * The file format of PDF 1.7 (ISO 32000-1): objects, streams, cross-reference
 * stream. Objects without a stream are packed into compressed object streams.
 * Nothing here knows of pages or text.
 */
#ifndef REPORT_PDF_FILE_H
#define REPORT_PDF_FILE_H

#include "base/err.h"
#include "base/str.h"
#include "base/vec.h"

struct pdf_object {
	size_t off, len; /* in plain, or off in out if it is a stream */
	bool stream;
	bool written;
};

struct pdf_file {
	struct buf out;   /* the file so far */
	struct buf plain; /* objects without a stream */
	VEC(struct pdf_object) objects; /* object number - 1 is the index */
	int open;         /* object being written, or 0 */
};

void pdf_file_init(struct pdf_file *f);
void pdf_file_free(struct pdf_file *f);
/* pdf_file_new(f): a fresh object number. */
int pdf_file_new(struct pdf_file *f);
/* pdf_file_begin(f, id): write the object into what is returned, then end. */
struct buf *pdf_file_begin(struct pdf_file *f, int id);
void pdf_file_end(struct pdf_file *f);
/* pdf_file_stream: ${dict} are the entries beside Length and Filter. */
int pdf_file_stream(struct pdf_file *f, int id, const char *dict,
    struct str data, bool compress, struct err *e);
/* pdf_file_finish: append the whole file to ${out}. */
int pdf_file_finish(struct pdf_file *f, int root, int info, struct buf *out,
    struct err *e);

/* A text string: literal where it is ASCII, else UTF-16 with a mark. */
void pdf_file_text(struct buf *b, struct str utf8);
/* ${milli} thousandths as a decimal number: 12500 is "12.5". */
void pdf_file_milli(struct buf *b, int64_t milli);

#endif
