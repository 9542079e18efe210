#include "api/sheet.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "sys/file.h"

#define PIECE 65536 /* written to the file at a time */

int
sheet_wanted(struct call *c, enum sheet_format *ret, bool *ret_file,
    struct err *e)
{
	static const struct {
		const char *word, *media;
		enum sheet_format format;
	} formats[] = {
		{ "json", "application/json", SHEET_JSON },
		{ "csv", "text/csv", SHEET_CSV },
		{ "xlsx", SHEET_XLSX, SHEET_OF_XLSX },
	};
	struct str s = params_get(&c->params, "format");
	struct str accept = c->field[CALL_ACCEPT];

	*ret = SHEET_JSON;
	*ret_file = s.ptr != NULL;
	if (s.ptr == NULL && (accept.ptr == NULL ||
	    call_accepts(accept, "application/json")))
		return (0);
	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++)
		if (s.ptr != NULL ? str_is(s, formats[i].word) :
		    call_accepts(accept, formats[i].media)) {
			*ret = formats[i].format;
			*ret_file = true;
			return (0);
		}
	if (s.ptr != NULL)
		return (err_set(e, ERR_USAGE, "query", "write json, csv or xlsx",
		    "there is no such format"));
	return (call_problem(c, 406, "a list is answered as application/json, "
	    "text/csv or " SHEET_XLSX, "change the field Accept"));
}

static int
flush(struct sheet *s, size_t from, struct err *e)
{
	for (size_t at = 0; s->buf.len > from && at < s->buf.len;) {
		ssize_t n = write(s->fd, s->buf.ptr + at, s->buf.len - at);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return (file_error(e, errno, "writing", "an export"));
		at += (size_t)n;
		if (at == s->buf.len)
			buf_reset(&s->buf);
	}
	return (0);
}

int
sheet_open(struct sheet *s, const char *dir, enum sheet_format format,
    struct err *e)
{
	*s = (struct sheet){ .format = format };
	snprintf(s->path, sizeof(s->path), "%s/export.XXXXXX.tmp", dir);
	s->fd = mkostemps(s->path, 4, O_CLOEXEC);
	if (s->fd < 0) {
		int no = errno;
		s->path[0] = '\0';
		return (file_error(e, no, "making a file in", dir));
	}
	if (format == SHEET_OF_XLSX)
		return (xlsx_new(s->path, "Records", &s->book, e));
	unlink(s->path);
	s->path[0] = '\0';
	s->csv = CSV_WRITER(&s->buf);
	s->csv.guard = true;
	if (format == SHEET_JSON) {
		json_begin(&s->json, &s->buf, false);
		json_array(&s->json);
	}
	return (0);
}

void
sheet_free(struct sheet *s)
{
	xlsx_free(s->book);
	if (s->path[0] != '\0')
		unlink(s->path);
	if (s->fd >= 0)
		close(s->fd);
	buf_free(&s->buf);
}

int
sheet_cell(struct sheet *s, struct str text, bool number, struct err *e)
{
	int64_t n;

	if (s->book == NULL) {
		csv_put(&s->csv, text);
		return (0);
	}
	return (number && str_to_i64(text, &n) ? xlsx_number(s->book, n, e) :
	    xlsx_text(s->book, text, e));
}

int
sheet_endrow(struct sheet *s, struct err *e)
{
	if (s->book != NULL)
		xlsx_endrow(s->book);
	else if (s->format == SHEET_CSV)
		csv_endrow(&s->csv);
	return (flush(s, PIECE, e));
}

/* XLSX writes a new file under the name. */
static int
finish(struct sheet *s, struct err *e)
{
	struct xlsx *book = s->book;

	if (s->format == SHEET_JSON) {
		json_close(&s->json);
		json_end(&s->json, NULL);
		buf_putc(&s->buf, '\n');
	}
	if (book == NULL)
		return (flush(s, 0, e));
	s->book = NULL;
	int r = xlsx_close(book, e);
	if (r != 0)
		return (r);
	close(s->fd);
	s->fd = open(s->path, O_RDONLY | O_CLOEXEC);
	return (s->fd >= 0 ? 0 : file_error(e, errno, "opening", s->path));
}

int
sheet_answer(struct sheet *s, struct call *c, const char *name, struct err *e)
{
	static const char *const endings[] = { "json", "csv", "xlsx" };
	static const char *const media[] = { NULL, "text/csv; charset=utf-8",
		SHEET_XLSX };
	off_t size;
	int r = finish(s, e);

	if (r == 0 && (size = lseek(s->fd, 0, SEEK_END)) < 0)
		r = file_error(e, errno, "reading", "an export");
	if (r != 0)
		return (r);
	c->status = 200;
	c->media = media[s->format];
	c->fd = s->fd;
	c->size = (uint64_t)size;
	s->fd = -1;
	call_header(c, "Content-Disposition", arena_printf(&c->a,
	    "attachment; filename=\"%s.%s\"", name, endings[s->format]));
	return (0);
}
