#include "report/pdf_file.h"

#include "sys/deflate.h"

#define PER_STREAM 200 /* objects in an object stream */

void
pdf_file_init(struct pdf_file *f)
{
	*f = (struct pdf_file){ 0 };
	/* The second line tells transports that the file is binary. */
	buf_puts(&f->out, "%PDF-1.7\n%\xe2\xe3\xcf\xd3\n");
}

void
pdf_file_free(struct pdf_file *f)
{
	buf_free(&f->out);
	buf_free(&f->plain);
	vec_free(&f->objects);
}

int
pdf_file_new(struct pdf_file *f)
{
	vec_push(&f->objects, (struct pdf_object){ 0 });
	return ((int)f->objects.n);
}

struct buf *
pdf_file_begin(struct pdf_file *f, int id)
{
	struct pdf_object *o = &f->objects.at[id - 1];

	if (f->open != 0 || o->written)
		BUG("object %d is written twice or within another", id);
	f->open = id;
	o->written = true;
	o->off = f->plain.len;
	return (&f->plain);
}

void
pdf_file_end(struct pdf_file *f)
{
	struct pdf_object *o = &f->objects.at[f->open - 1];

	o->len = f->plain.len - o->off;
	f->open = 0;
}

int
pdf_file_stream(struct pdf_file *f, int id, const char *dict, struct str data,
    bool compress, struct err *e)
{
	BUF_SCOPED z = BUF_INIT;
	int rc;

	if (compress) {
		if ((rc = deflate_zlib(&z, data.ptr, data.len, e)) != 0)
			return (rc);
		data = buf_str(&z);
	}
	struct pdf_object *o = &f->objects.at[id - 1];
	if (o->written)
		BUG("object %d is written twice", id);
	o->written = o->stream = true;
	o->off = f->out.len;
	buf_printf(&f->out, "%d 0 obj\n<<%s%s /Length %zu>>\nstream\n", id, dict,
	    compress ? " /Filter /FlateDecode" : "", data.len);
	buf_putstr(&f->out, data);
	buf_puts(&f->out, "\nendstream\nendobj\n");
	return (0);
}

/* Where an object is: in a file at an offset, or the n-th of a stream. */
struct place {
	int type;
	uint64_t a;
	int b;
};

/* Pack objects [from, ...) without a stream; returns the next to pack. */
static int
pack(struct pdf_file *f, size_t *from, size_t upto, struct place *places,
    struct err *e)
{
	BUF_SCOPED head = BUF_INIT;
	BUF_SCOPED body = BUF_INIT;
	char dict[96];
	int n = 0, id = pdf_file_new(f);

	for (; *from < upto && n < PER_STREAM; (*from)++) {
		const struct pdf_object *o = &f->objects.at[*from];
		if (o->stream)
			continue;
		buf_printf(&head, "%zu %zu ", *from + 1, body.len);
		if (o->written)
			buf_put(&body, f->plain.ptr + o->off, o->len);
		else
			buf_puts(&body, "null");
		buf_putc(&body, '\n');
		places[*from] = (struct place){ 2, (uint64_t)id, n++ };
	}
	snprintf(dict, sizeof(dict), "/Type /ObjStm /N %d /First %zu", n,
	    head.len);
	buf_putstr(&head, buf_str(&body));
	return (pdf_file_stream(f, id, dict, buf_str(&head), true, e));
}

/* The file's identity: FNV-1a over its bytes, with two starting points. */
static void
put_id(struct buf *b, struct str bytes)
{
	uint64_t h[2] = { 0xcbf29ce484222325u, 0x84222325cbf29ce4u };

	for (size_t i = 0; i < bytes.len; i++)
		for (int k = 0; k < 2; k++)
			h[k] = (h[k] ^ (unsigned char)bytes.ptr[i]) *
			    0x100000001b3u;
	for (int k = 0; k < 2; k++)
		buf_printf(b, "%016llx", (unsigned long long)h[k]);
}

static void
put_places(struct buf *b, const struct place *places, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		buf_putc(b, (char)places[i].type);
		for (int s = 24; s >= 0; s -= 8)
			buf_putc(b, (char)(places[i].a >> s & 0xff));
		buf_putc(b, (char)(places[i].b >> 8 & 0xff));
		buf_putc(b, (char)(places[i].b & 0xff));
	}
}

int
pdf_file_finish(struct pdf_file *f, int root, int info, struct buf *out,
    struct err *e)
{
	size_t own = f->objects.n, most = own + own / PER_STREAM + 3;
	struct place *places = calloc(most, sizeof(*places));
	BUF_SCOPED table = BUF_INIT;
	BUF_SCOPED dict = BUF_INIT;
	int rc = 0;

	if (places == NULL)
		err_oom(most * sizeof(*places));
	for (size_t at = 0; rc == 0 && at < own;)
		rc = pack(f, &at, own, places, e);
	int xref = pdf_file_new(f);
	size_t total = f->objects.n, start = f->out.len;
	for (size_t i = 0; rc == 0 && i < total; i++) {
		const struct pdf_object *o = &f->objects.at[i];
		if (o->stream || i + 1 == (size_t)xref)
			places[i] = (struct place){ 1,
				o->stream ? o->off : start, 0 };
	}
	if (rc == 0 && start > UINT32_MAX)
		rc = err_set(e, ERR_LIMIT, NULL, "make a smaller report",
		    "a PDF of more than 4 GiB cannot be written");
	if (rc == 0) {
		struct place zero = { 0, 0, 65535 };
		put_places(&table, &zero, 1);
		put_places(&table, places, total);
		buf_printf(&dict, "/Type /XRef /Size %zu /W [1 4 2] /Root %d 0 R "
		    "/Info %d 0 R /ID [<", total + 1, root, info);
		size_t id_at = dict.len;
		put_id(&dict, buf_str(&f->out));
		struct str id = { dict.ptr + id_at, 32 };
		char again[33];
		snprintf(again, sizeof(again), STR_FMT, STR_ARG(id));
		buf_printf(&dict, "> <%s>]", again);
		rc = pdf_file_stream(f, xref, dict.ptr, buf_str(&table), true, e);
	}
	free(places);
	if (rc != 0)
		return (rc);
	buf_printf(&f->out, "startxref\n%zu\n%%%%EOF\n", start);
	buf_putstr(out, buf_str(&f->out));
	return (0);
}

void
pdf_file_text(struct buf *b, struct str s)
{
	bool ascii = true;

	for (size_t i = 0; ascii && i < s.len; i++)
		ascii = s.ptr[i] >= 0x20 && s.ptr[i] < 0x7f;
	if (ascii) {
		buf_putc(b, '(');
		for (size_t i = 0; i < s.len; i++) {
			if (strchr("()\\", s.ptr[i]) != NULL)
				buf_putc(b, '\\');
			buf_putc(b, s.ptr[i]);
		}
		buf_putc(b, ')');
		return;
	}
	buf_puts(b, "<FEFF");
	for (size_t at = 0; at < s.len;) {
		int32_t c = str_utf8_next(s, &at);
		if (c < 0)
			break;
		if (c >= 0x10000)
			buf_printf(b, "%04X%04X", 0xd800 + ((c - 0x10000) >> 10),
			    0xdc00 + ((c - 0x10000) & 0x3ff));
		else
			buf_printf(b, "%04X", c);
	}
	buf_putc(b, '>');
}

void
pdf_file_milli(struct buf *b, int64_t milli)
{
	char frac[8];

	if (milli < 0) {
		buf_putc(b, '-');
		milli = -milli;
	}
	buf_printf(b, "%lld", (long long)(milli / 1000));
	if (milli % 1000 == 0)
		return;
	snprintf(frac, sizeof(frac), ".%03d", (int)(milli % 1000));
	for (size_t n = strlen(frac); frac[n - 1] == '0'; n--)
		frac[n - 1] = '\0';
	buf_puts(b, frac);
}
