/*
 * zstd: fast compression and decompression that cannot be made to use more
 * memory than the caller says. Contexts are kept for the life of the thread.
 */
#ifndef SYS_ZSTD_H
#define SYS_ZSTD_H

#include <stddef.h>
#include <stdint.h>

#include "base/banned.h"
#include "base/err.h"
#include "base/str.h"

/* zstd_compress(p, n, out): append one frame (level 1, sizes in its header). */
void zstd_compress(const void *p, size_t n, struct buf *out);

/*
 * zstd_decompress(p, n, limit, out, e): append the content of exactly one
 * frame. ERR_INPUT if the bytes are anything else, ERR_LIMIT if it holds more
 * than ${limit} bytes; then ${out} is as it was.
 */
int zstd_decompress(const void *p, size_t n, size_t limit, struct buf *out,
    struct err *e);

#endif
