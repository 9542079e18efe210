/*
 * CSV: rows and errors are the same however the bytes are cut; what is read is
 * written so that it reads back. The first byte chooses separator and step.
 */
#include "text/csv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int
rows(struct str in, const struct csv_opts *opts, size_t step, struct buf *out,
    bool lines, struct err *e)
{
	CSV_SCOPED c = csv_new("t", opts);
	struct csv_writer w = CSV_WRITER(out);
	struct csv_row row;
	size_t at = 0;
	int r;

	do {
		size_t n = in.len - at < step ? in.len - at : step;
		char *piece = malloc(n + 1);
		if (piece == NULL)
			abort();
		memcpy(piece, in.ptr + at, n);
		at += n;
		csv_feed(c, (struct str){ piece, n }, at == in.len);
		while ((r = csv_next(c, &row, e)) > 0) {
			for (size_t i = 0; i < row.n; i++)
				csv_put(&w, row.at[i]);
			csv_endrow(&w);
			if (lines)
				buf_printf(out, "#%lld\n", (long long)row.line);
		}
		free(piece);
	} while (r == 0 && at < in.len);
	return (r);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char seps[] = { ',', ';', '\t', 0 };
	BUF_SCOPED whole = BUF_INIT;
	BUF_SCOPED cut = BUF_INIT;
	BUF_SCOPED again = BUF_INIT;
	struct err e = { 0 }, e2 = { 0 };

	if (size < 2)
		return (0);
	struct csv_opts o = { .sep = seps[data[0] & 3],
		.ragged = (data[0] & 4) != 0, .max_field = 64, .max_row = 256,
		.max_fields = 16 };
	struct str in = { (const char *)data + 1, size - 1 };
	int r = rows(in, &o, in.len, &whole, true, &e);
	if (rows(in, &o, 1 + (data[0] >> 4), &cut, true, &e2) != r ||
	    !str_eq(buf_str(&whole), buf_str(&cut)) ||
	    strcmp(e.where, e2.where) != 0 || strcmp(e.what, e2.what) != 0)
		BUG("%s %s: %s is not %s %s: %s", e2.where, e2.what, cut.ptr,
		    e.where, e.what, whole.ptr);
	buf_reset(&whole);
	buf_reset(&cut);
	r = rows(in, &o, in.len, &whole, false, &e);
	if (r != 0)
		return (0);
	o = (struct csv_opts){ .sep = ',', .ragged = o.ragged };
	if (rows(buf_str(&whole), &o, whole.len + 1, &again, false, &e) != 0 ||
	    !str_eq(buf_str(&whole), buf_str(&again)))
		BUG("%s: %s is not %s", e.what, again.ptr, whole.ptr);
	return (0);
}
