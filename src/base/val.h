/*
 * Values: what JSON, YAML and templates are made of, in an arena. Maps keep
 * the order of their keys. VAL_HTML is text that is already markup; only
 * text/markdown.c may make one, and only the template engine looks at it.
 */
#ifndef BASE_VAL_H
#define BASE_VAL_H

#include "base/arena.h"
#include "base/str.h"

enum val_type {
	VAL_NULL,
	VAL_BOOL,
	VAL_INT,
	VAL_REAL,
	VAL_STR,
	VAL_HTML,
	VAL_LIST,
	VAL_MAP
};

struct val {
	enum val_type type;
	int line; /* 1-based line in the file it came from, 0 if unknown */
	union {
		bool b;
		int64_t i;
		double d;
		struct str s; /* VAL_STR, VAL_HTML; NUL-terminated beyond len */
		struct {
			struct val **at;
			size_t n, cap;
		} list;
		struct {
			struct str *key;
			struct val **at;
			size_t n, cap;
		} map;
	} u;
};

struct val *val_null(struct arena *a);
struct val *val_bool(struct arena *a, bool b);
struct val *val_int(struct arena *a, int64_t i);
struct val *val_real(struct arena *a, double d);
struct val *val_str(struct arena *a, struct str s); /* copies */
struct val *val_text(struct arena *a, const char *s); /* copies */
struct val *val_fmt(struct arena *a, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
struct val *val_list(struct arena *a);
struct val *val_map(struct arena *a);

void val_push(struct arena *a, struct val *list, struct val *v);
/* val_put(a, map, key, v): append or replace; the key is copied. */
void val_put(struct arena *a, struct val *map, const char *key, struct val *v);
void val_putstr(struct arena *a, struct val *map, struct str key, struct val *v);
/* val_get(map, key): NULL if it is not a map or lacks the key. */
struct val *val_get(const struct val *map, const char *key);
struct val *val_getstr(const struct val *map, struct str key);
/* val_get_str(map, key): the text, or STR_NULL if absent or not text. */
struct str val_get_str(const struct val *map, const char *key);
/* val_get_int(map, key, otherwise). */
int64_t val_get_int(const struct val *map, const char *key, int64_t otherwise);
bool val_get_bool(const struct val *map, const char *key, bool otherwise);
size_t val_count(const struct val *v); /* of a list or map; 0 otherwise */

#endif
