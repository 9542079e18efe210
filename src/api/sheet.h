/*
 * A list as a file to keep: CSV, XLSX or JSON, however long; memory does not
 * grow. It has no name, and is gone when it was sent.
 */
#ifndef API_SHEET_H
#define API_SHEET_H

#include "api/call.h"
#include "sys/xlsx.h"
#include "text/csv.h"
#include "text/json.h"

#define SHEET_XLSX \
	"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

enum sheet_format { SHEET_JSON, SHEET_CSV, SHEET_OF_XLSX };

/*
 * sheet_wanted(c, ret, ret_file, e): by the parameter "format", else by Accept;
 * *ret_file: as a file. 406 if it is none that a list has.
 */
int sheet_wanted(struct call *c, enum sheet_format *ret, bool *ret_file,
    struct err *e);

struct sheet {
	enum sheet_format format;
	struct json_writer json; /* of a JSON file: a list is open in it */
	int fd;
	char path[4200]; /* while it has a name */
	struct buf buf;
	struct csv_writer csv;
	struct xlsx *book;
};

/* sheet_open(s, dir, format, e): a file in ${dir}; sheet_free() ends it. */
int sheet_open(struct sheet *s, const char *dir, enum sheet_format format,
    struct err *e);
void sheet_free(struct sheet *s);

/* sheet_cell(s, text, number, e): the next cell; not of JSON, of which values
 * are written to s->json. sheet_endrow(s, e): the row, or the value, is done. */
int sheet_cell(struct sheet *s, struct str text, bool number, struct err *e);
int sheet_endrow(struct sheet *s, struct err *e);

/* sheet_answer(s, c, name, e): the file is what ${c} answers. */
int sheet_answer(struct sheet *s, struct call *c, const char *name,
    struct err *e);

#endif
