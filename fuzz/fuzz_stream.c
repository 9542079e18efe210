/*
 * The stream of a collector: the same frames however the bytes are cut, and a
 * row that was read is written as the same bytes.
 */
#include "collect/stream.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t
frames(const uint8_t *data, size_t size, size_t step, uint64_t *hash)
{
	struct stream s = { 0 };
	struct stream_frame f;
	const struct schema_type *t = schema_get(T_ACCOUNT);
	struct cell cells[64];
	size_t n = 0;
	int r = 0;

	for (size_t at = 0; at < size && r >= 0; at += step) {
		size_t k = size - at < step ? size - at : step;
		memcpy(stream_room(&s, k), data + at, k);
		stream_add(&s, k);
		while ((r = stream_next(&s, &f, NULL)) == 1) {
			BUF_SCOPED b = BUF_INIT;
			n++;
			*hash = *hash * 31 + str_hash(f.payload);
			if (f.type != STREAM_ROW || stream_get_row(f.payload,
			    t, cells, NULL) != 0)
				continue;
			stream_put_row(&b, t, cells);
			if (!str_eq((struct str){ b.ptr + STREAM_HEAD,
			    b.len - STREAM_HEAD }, f.payload))
				abort();
		}
	}
	stream_free(&s);
	return (n);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint64_t a = 0, b = 0;

	if (frames(data, size, size + 1, &a) != frames(data, size, 7, &b) ||
	    a != b)
		abort();
	return (0);
}
