/*
 * Files of settings: lines "key = value", "#" begins a line that says nothing.
 * UTF-8, each key once, no empty values. What a key means, the caller knows.
 */
#ifndef TEXT_SETTING_H
#define TEXT_SETTING_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

#define SETTING_MAX 512 /* lines with a key */

struct setting {
	const char *path;
	int line;
	struct str key, value; /* NUL-terminated beyond their length */
};

/*
 * setting_each(a, path, text, fn, ctx, e): each in order; the strings live in
 * ${a}. ${fn} returns 0 or an error, which ends it. ERR_INPUT names path:line.
 */
typedef int setting_fn(void *ctx, const struct setting *s, struct err *e);
int setting_each(struct arena *a, const char *path, struct str text,
    setting_fn *fn, void *ctx, struct err *e);

/* setting_bad(s, e, fix, what): "what: key" at path:line, as ERR_INPUT. */
int setting_bad(const struct setting *s, struct err *e, const char *fix,
    const char *what);

#endif
