#include "sys/deflate.h"

#include <zlib.h>

int
deflate_zlib(struct buf *out, const void *p, size_t n, struct err *e)
{
	uLong bound = compressBound((uLong)n);
	uLongf len = bound;

	buf_reserve(out, bound + 1);
	int rc = compress2((Bytef *)out->ptr + out->len, &len, p, (uLong)n, 6);
	if (rc != Z_OK)
		return (err_set(e, ERR_BUG, NULL, NULL,
		    "zlib could not compress %zu bytes (%d)", n, rc));
	out->len += len;
	out->ptr[out->len] = '\0';
	return (0);
}
