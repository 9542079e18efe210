/*
 * HTTP requests. Read at once and byte by byte they must come out the same;
 * what is accepted has one host, one length, a path without a way up, and no
 * byte that another program could take for the end of a line.
 */
#include "sys/httpd_parse.h"

#include <strings.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_accepted(const struct httpd_head *h)
{
	size_t hosts = 0, lengths = 0;

	for (size_t i = 0; i < h->nfields; i++) {
		struct str n = h->field[i].name, v = h->field[i].value;
		hosts += n.len == 4 && strncasecmp(n.ptr, "host", 4) == 0;
		lengths += n.len == 14 &&
		    strncasecmp(n.ptr, "content-length", 14) == 0;
		for (size_t k = 0; k < v.len; k++)
			if (v.ptr[k] == '\n' || v.ptr[k] == '\r' ||
			    v.ptr[k] == '\0')
				abort();
		if (n.len == 0 || memchr(n.ptr, ' ', n.len) != NULL)
			abort();
	}
	if (hosts != 1 || lengths > 1 || (h->chunked && lengths != 0))
		abort();
	if (!str_is(h->path, "*") && (h->path.len == 0 ||
	    h->path.ptr[0] != '/' || str_find(h->path, "/../") >= 0 ||
	    str_find(h->path, "//") >= 0 || str_ends(h->path, "/..") ||
	    memchr(h->path.ptr, '\0', h->path.len) != NULL))
		abort();
}

static int
read_chunks(struct str in, size_t step, struct buf *out)
{
	struct httpd_chunks c = HTTPD_CHUNKS_INIT;
	size_t at = 0, used;
	int r = 0;

	while (r == 0 && at < in.len) {
		struct str piece = { in.ptr + at, in.len - at }, data;
		if (piece.len > step)
			piece.len = step;
		r = httpd_parse_chunks(&c, piece, &used, &data);
		if (r == 0 && used == 0)
			abort(); /* no way forward */
		buf_put(out, data.ptr, data.len);
		at += used;
	}
	return (r);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	ARENA_SCOPED a = ARENA_INIT;
	static struct httpd_head h, again;
	struct str in = { (const char *)data, size };
	BUF_SCOPED whole = BUF_INIT, bytes = BUF_INIT;
	size_t scanned = 0, used = 0, used2 = 0;
	int r = httpd_parse_head(&a, in, &scanned, &h, &used), s = 0;

	if (size < 4096) {
		scanned = 0;
		for (size_t n = 1; n <= size && s == 0; n++)
			s = httpd_parse_head(&a, (struct str){ in.ptr, n },
			    &scanned, &again, &used2);
		if (r != s || (r == 1 && (used != used2 ||
		    !str_eq(h.path, again.path) || h.length != again.length)))
			abort();
	}
	if (r == 1) {
		check_accepted(&h);
		in.ptr += used;
		in.len -= used;
	}
	r = read_chunks(in, SIZE_MAX, &whole);
	s = read_chunks(in, 1, &bytes);
	if (r != s || !str_eq(buf_str(&whole), buf_str(&bytes)))
		abort();
	return (0);
}
