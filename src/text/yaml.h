/*
 * YAML, the part of it that people write by hand: maps, lists and scalars in
 * block or flow style. Refused, with the line: anchors, aliases, tags, merge
 * keys ("<<"), keys that are not scalars, keys given twice, bytes that are not
 * UTF-8, more than YAML_MAX_DEPTH levels or YAML_MAX_BYTES.
 *
 * A plain scalar is null (null Null NULL ~ or nothing), a boolean (true True
 * TRUE false False FALSE), or an integer if it is one in its only decimal
 * spelling and fits int64_t: 7, -12, not 007, +7, 0x7 or 7.0. Everything else,
 * and whatever is quoted or a block scalar, is text, so that 1.10, 007, yes,
 * 2026-01-31 and 12:30 stay what was written.
 */
#ifndef TEXT_YAML_H
#define TEXT_YAML_H

#include "base/err.h"
#include "base/val.h"

#define YAML_MAX_BYTES ((size_t)16 << 20)
#define YAML_MAX_DEPTH 64

/*
 * yaml_parse(a, name, text, ret, e): the one document, each value with its
 * line; an empty file is null. ${name} is the file's name for errors.
 */
int yaml_parse(struct arena *a, const char *name, struct str text,
    struct val **ret, struct err *e);
/* yaml_parse_all(): a list of the documents that "---" separates. */
int yaml_parse_all(struct arena *a, const char *name, struct str text,
    struct val **ret, struct err *e);

/*
 * yaml_put_val(out, v): ${v} in block style, ends with a newline; reads back
 * as the same value. Texts that would read as something else are quoted, those
 * of several lines are block scalars where that is exact. Reals become text in
 * their shortest spelling; VAL_HTML is written as text. Texts must be UTF-8.
 */
void yaml_put_val(struct buf *out, const struct val *v);

#endif
