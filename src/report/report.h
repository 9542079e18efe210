/*
 * Reports: what the faces call. The report is composed from the workspace as a
 * document (report/doc.h) and written by the writer that the file's ending
 * names. Same workspace, same instant: same bytes, in any place and at any
 * time.
 */
#ifndef REPORT_REPORT_H
#define REPORT_REPORT_H

#include "base/arena.h"
#include "base/err.h"

struct assess;
struct doc;
struct workspace;

enum report_type { REPORT_TYPE1 = 1, REPORT_TYPE2 = 2 };

/* What the caller may want to say about a report that was written. */
struct report_result {
	int gaps;          /* what is missing before it can be issued */
	int pages;         /* of a PDF; 0 for other endings */
	bool draft;        /* it carries the watermark */
	int missing_glyphs; /* characters that no embedded font has */
	size_t bytes;
};

/* Writers. Each appends a whole file to ${out}. */
struct report_writer {
	const char *ending; /* ".pdf" */
	const char *name;
	int (*write)(const struct doc *d, struct buf *out,
	    struct report_result *ret, struct err *e);
};
/* report_writer(path, e): by its ending; ERR_USAGE lists what there is. */
int report_writer(const char *path, const struct report_writer **ret,
    struct err *e);

/*
 * report_document(d, path, ret, e): write any document; the file appears
 * whole or not at all (0644 less the umask).
 * Errors: ERR_USAGE (ending), ERR_ENV (a library is missing), ERR_IO.
 */
int report_document(const struct doc *d, const char *path,
    struct report_result *ret, struct err *e);

struct report_spec {
	struct workspace *ws;
	struct assess *as;    /* knows which controls deviate */
	enum report_type type;
	int64_t as_of;        /* microseconds UTC */
	bool assertion_first; /* management's assertion is Section I */
};

/*
 * report_write(spec, path, ret, e): compose the report and write it; ${ret}
 * may be NULL. Errors as report_document(), and ERR_USAGE for a type that
 * cannot be written.
 */
int report_write(const struct report_spec *spec, const char *path,
    struct report_result *ret, struct err *e);

/*
 * report_parts(spec, ret, e): the report in every form, in memory: its numbers
 * as JSON (soc2_numbers.h), HTML, and PDF, or why there is none (no HarfBuzz
 * here). Freed by report_parts_free().
 */
struct report_parts {
	struct buf numbers, html, pdf;
	struct err no_pdf; /* code != 0: pdf is empty */
	int gaps;
};
int report_parts(const struct report_spec *spec, struct report_parts *ret,
    struct err *e);
void report_parts_free(struct report_parts *p);

#endif
