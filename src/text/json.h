/*
 * JSON (RFC 8259). Reading is strict: UTF-8 only, one document, no duplicate
 * keys, no U+0000, at most JSON_MAX_DEPTH levels; integers must fit int64_t,
 * and what has a fraction or an exponent is a real. Writing is by a streaming
 * writer, and in a canonical form for what is hashed.
 */
#ifndef TEXT_JSON_H
#define TEXT_JSON_H

#include "base/err.h"
#include "base/val.h"

#define JSON_MAX_BYTES ((size_t)64 << 20)
#define JSON_MAX_LINE ((size_t)16 << 20)
#define JSON_MAX_DEPTH 64

/*
 * json_parse(a, name, text, ret, e): the document as a value in ${a}, each
 * value with its line. ${name} is the file's name for errors ("name:3:14").
 */
int json_parse(struct arena *a, const char *name, struct str text,
    struct val **ret, struct err *e);

/*
 * A reader of newline-delimited JSON, fed in pieces of any size; empty lines
 * are passed over.
 *
 *	json_lines_feed(l, piece, last);      piece borrowed until next gives 0
 *	while ((r = json_lines_next(l, &a, &v, e)) > 0) ...
 *
 * json_lines_next() returns 1 with a value (made in ${a}, which the caller may
 * rewind between lines), 0 when it needs more or all is read, or an error,
 * after which the reader is at its end. A line may have JSON_MAX_LINE bytes.
 */
struct json_lines;
struct json_lines *json_lines_new(const char *name);
void json_lines_free(struct json_lines *l);
void json_lines_feed(struct json_lines *l, struct str piece, bool last);
int json_lines_next(struct json_lines *l, struct arena *a, struct val **ret,
    struct err *e);
static inline void
json_lines_freep(struct json_lines **l)
{
	json_lines_free(*l);
}
#define JSON_LINES_SCOPED                                                      \
	__attribute__((cleanup(json_lines_freep))) struct json_lines *

/*
 * The writer. Output is always well-formed JSON: misuse (a value without its
 * key, an end without its begin) is a BUG, bytes that are not UTF-8 become
 * U+FFFD, a real that is not finite becomes null.
 *
 *	struct json_writer w;
 *	json_begin(&w, &buf, true);
 *	json_object(&w);
 *	json_kint(&w, "size", 3);
 *	json_key(&w, "names"); json_array(&w); json_text(&w, "x"); json_close(&w);
 *	json_close(&w);
 *	json_end(&w, e);
 */
struct json_writer {
	struct buf *buf;  /* where to */
	FILE *file;       /* or, if not NULL, there, through ${own} */
	struct buf own;
	bool pretty;      /* two spaces a level, one member a line */
	int depth;
	uint8_t level[JSON_MAX_DEPTH + 1]; /* kind and "has members" of each */
	bool keyed;       /* a key waits for its value */
	bool failed;      /* writing to the file failed */
};

void json_begin(struct json_writer *w, struct buf *out, bool pretty);
void json_begin_file(struct json_writer *w, FILE *out, bool pretty);
/* json_end(w, e): all must be closed; puts a newline if pretty, flushes. */
int json_end(struct json_writer *w, struct err *e);

void json_object(struct json_writer *w);
void json_array(struct json_writer *w);
void json_close(struct json_writer *w); /* the innermost of either */
void json_key(struct json_writer *w, const char *key);
void json_keystr(struct json_writer *w, struct str key);
void json_str(struct json_writer *w, struct str s);
void json_text(struct json_writer *w, const char *s); /* NULL gives null */
void json_int(struct json_writer *w, int64_t i);
void json_bool(struct json_writer *w, bool b);
void json_null(struct json_writer *w);
void json_real(struct json_writer *w, double d); /* shortest that reads back */
void json_put_val(struct json_writer *w, const struct val *v);
/* json_between(w): for rows in a file ("NDJSON"): a newline between values
 * at the outermost level. */
void json_between(struct json_writer *w);

/* A key and its value. */
void json_kstr(struct json_writer *w, const char *key, struct str s);
void json_ktext(struct json_writer *w, const char *key, const char *s);
void json_kint(struct json_writer *w, const char *key, int64_t i);
void json_kbool(struct json_writer *w, const char *key, bool b);
void json_knull(struct json_writer *w, const char *key);
void json_kval(struct json_writer *w, const char *key, const struct val *v);

/* json_put_quoted(out, s): ${s} as a JSON string, for other writers. */
void json_put_quoted(struct buf *out, struct str s);

/*
 * json_canonical(out, v, e): append the one canonical encoding of ${v}, the
 * bytes that record revisions are hashed over:
 *  - no white space anywhere, no newline at the end;
 *  - the members of an object in ascending order of their keys' UTF-8 bytes
 *    (memcmp, then the shorter first); list order is kept;
 *  - null true false; integers in decimal, "-" only if negative, no leading
 *    zeros; reals are refused (ERR_INPUT): nothing that is hashed has one;
 *  - in texts and keys: \" \\ \b \t \n \f \r, every other byte below 0x20 as
 *    \u00 and two lower-case hexadecimal digits, all else literally in UTF-8
 *    (no escape for /, 0x7f or what is beyond ASCII);
 *  - a text that is not UTF-8 or has U+0000, a level below JSON_MAX_DEPTH, and
 *    VAL_HTML are refused (ERR_INPUT).
 * json_parse() of the bytes gives ${v} again but for the order of keys, and
 * canonical bytes of that are the same bytes. On failure ${out} is unchanged.
 */
int json_canonical(struct buf *out, const struct val *v, struct err *e);

#endif
