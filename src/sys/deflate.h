/*
 * zlib streams (RFC 1950), as PDF's FlateDecode wants them. Linked statically:
 * the same bytes for the same input wherever this program runs.
 */
#ifndef SYS_DEFLATE_H
#define SYS_DEFLATE_H

#include "base/err.h"
#include "base/str.h"

/* deflate_zlib(out, p, n, e): append the compressed stream of ${p}. */
int deflate_zlib(struct buf *out, const void *p, size_t n, struct err *e);

#endif
