/*
 * simdjson behind C: bytes of one JSON document into values of an arena. The
 * only C++ of the tree lies behind this header. text/json.h is what the rest
 * of the program uses: it adds names, places and sentences to the errors.
 */
#ifndef SYS_JSON_SHIM_H
#define SYS_JSON_SHIM_H

#include "base/val.h"

struct sys_json; /* a parser with its buffers, used again and again */

enum sys_json_status {
	SYS_JSON_OK,
	SYS_JSON_SYNTAX,    /* not JSON, or not UTF-8 */
	SYS_JSON_DEPTH,     /* nested deeper than allowed */
	SYS_JSON_NUMBER,    /* an integer beyond int64_t, a real beyond double */
	SYS_JSON_DUPLICATE, /* a key given twice in one object */
	SYS_JSON_NUL,       /* U+0000 within a text */
	SYS_JSON_MEMORY
};

/* sys_json_new(depth): never NULL. Released by sys_json_free(). */
struct sys_json *sys_json_new(size_t depth);
void sys_json_free(struct sys_json *j);

/*
 * sys_json_parse(j, a, text, nth, ret): the document in ${a}; nothing of it
 * points into ${text} or ${j}. On any other status *ret is untouched, and *nth
 * is the ordinal (from 1, in the order of the text, containers before their
 * members) of the value at fault, or 0 if it is not known.
 */
enum sys_json_status sys_json_parse(struct sys_json *j, struct arena *a,
    struct str text, size_t *ret_nth, struct val **ret);

#endif
