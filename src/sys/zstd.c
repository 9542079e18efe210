#include "sys/zstd.h"

#include <zstd.h>

#include "sys/thread.h"

/* Making a context costs more than compressing a chunk of rows with it. */
static _Thread_local ZSTD_CCtx *cctx;
static _Thread_local ZSTD_DCtx *dctx;

static void
drop_cctx(void *c)
{
	ZSTD_freeCCtx(c);
}

static void
drop_dctx(void *d)
{
	ZSTD_freeDCtx(d);
}

void
zstd_compress(const void *p, size_t n, struct buf *out)
{
	size_t bound = ZSTD_compressBound(n), r;

	if (cctx == NULL) {
		if ((cctx = ZSTD_createCCtx()) == NULL)
			err_oom(0);
		thread_own(cctx, drop_cctx);
	}
	if (ZSTD_isError(bound))
		err_oom(n);
	buf_reserve(out, bound);
	r = ZSTD_compressCCtx(cctx, out->ptr + out->len, bound, p, n, 1);
	if (ZSTD_isError(r)) /* with room for the bound: memory alone */
		err_oom(bound);
	out->len += r;
	out->ptr[out->len] = '\0';
}

int
zstd_decompress(const void *p, size_t n, size_t limit, struct buf *out,
    struct err *e)
{
	unsigned long long size = ZSTD_getFrameContentSize(p, n);
	size_t frame = ZSTD_findFrameCompressedSize(p, n), r;

	if (size == ZSTD_CONTENTSIZE_ERROR || ZSTD_isError(frame) ||
	    frame != n)
		return (err_set(e, ERR_INPUT, NULL, NULL,
		    "not exactly one zstd frame"));
	if (size == ZSTD_CONTENTSIZE_UNKNOWN)
		return (err_set(e, ERR_INPUT, NULL, NULL,
		    "the zstd frame does not say its size"));
	if (size > limit)
		return (err_set(e, ERR_LIMIT, NULL, NULL,
		    "%llu bytes when decompressed, %zu are allowed", size,
		    limit));
	if (dctx == NULL) {
		if ((dctx = ZSTD_createDCtx()) == NULL)
			err_oom(0);
		thread_own(dctx, drop_dctx);
	}
	buf_reserve(out, (size_t)size + 1);
	r = ZSTD_decompressDCtx(dctx, out->ptr + out->len, (size_t)size, p, n);
	if (ZSTD_isError(r) || r != size) {
		out->ptr[out->len] = '\0';
		return (err_set(e, ERR_INPUT, NULL, NULL,
		    "zstd frame: %s", ZSTD_isError(r) ? ZSTD_getErrorName(r) :
		    "wrong size"));
	}
	out->len += r;
	out->ptr[out->len] = '\0';
	return (0);
}
