/*
 * Strings: struct str is borrowed bytes with a length, struct buf a growing
 * buffer that owns its bytes (malloc; freed by buf_free). Neither knows of
 * anything above it.
 */
#ifndef BASE_STR_H
#define BASE_STR_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/banned.h"

struct str {
	const char *ptr; /* not NUL-terminated; may be NULL when len is 0 */
	size_t len;
};

#define STR(lit) ((struct str){ "" lit, sizeof(lit) - 1 })
#define STR_NULL ((struct str){ NULL, 0 })
#define STR_FMT "%.*s"
#define STR_ARG(s) ((int)((s).len > 65535 ? 65535 : (s).len)), (s).ptr

struct str str_from(const char *s); /* NULL gives an empty string */
bool str_eq(struct str a, struct str b);
bool str_is(struct str a, const char *b);
int str_cmp(struct str a, struct str b); /* by bytes; shorter first */
bool str_starts(struct str s, const char *prefix);
bool str_ends(struct str s, const char *suffix);
/* "an" before a vowel, else "a": for names of types and fields in a sentence. */
const char *str_article(const char *word);
struct str str_trim(struct str s); /* spaces, tabs, CR, LF at both ends */
/* str_split(rest, sep, part): next part up to ${sep}; false at the end. */
bool str_split(struct str *rest, char sep, struct str *ret_part);
/* str_find(s, needle): offset, or -1. */
ptrdiff_t str_find(struct str s, const char *needle);
/* Whole string as a decimal integer; false if it is anything else. */
bool str_to_i64(struct str s, int64_t *ret);
bool str_to_u64(struct str s, uint64_t *ret);
/* str_utf8_ok(s): well-formed UTF-8 (RFC 3629), no surrogates, no NUL. */
bool str_utf8_ok(struct str s);
/* str_utf8_next(s, at): code point at *at, advancing; -1 at the end or error.*/
int32_t str_utf8_next(struct str s, size_t *at);
uint64_t str_hash(struct str s); /* for maps; not stable across versions */

struct buf {
	char *ptr; /* NUL-terminated when not NULL */
	size_t len;
	size_t cap;
};

#define BUF_INIT { 0 }
#define BUF_SCOPED __attribute__((cleanup(buf_free))) struct buf

void buf_free(struct buf *b);
void buf_reset(struct buf *b); /* length 0, memory kept */
void buf_reserve(struct buf *b, size_t extra);
void buf_put(struct buf *b, const void *p, size_t n);
void buf_puts(struct buf *b, const char *s);
void buf_putstr(struct buf *b, struct str s);
void buf_putc(struct buf *b, char c);
void buf_printf(struct buf *b, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
void buf_vprintf(struct buf *b, const char *fmt, va_list ap);
struct str buf_str(const struct buf *b); /* borrowed until the next change */

/* Encodings. hex and base64 (RFC 4648, padded) append to ${b}. */
void buf_puthex(struct buf *b, const void *p, size_t n);
void buf_putb64(struct buf *b, const void *p, size_t n);
/* Strict decoders: exact alphabet, padding and canonical bits. */
bool str_unhex(struct str s, void *out, size_t n); /* exactly n bytes */
bool str_unb64(struct str s, struct buf *out);     /* appends */

#endif
