#include "collect/job.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <unistd.h>

#include "base/log.h"
#include "collect/stream.h"

#define FLUSH_AT ((size_t)128 << 10)

struct job {
	const struct job_args *args;
	struct arena arena;
	struct arena scratch; /* of one row */
	struct buf out;
	const struct schema_type *table; /* begun and not ended */
	int64_t rows;
};

/* --- what is asked for ---------------------------------------------------- */

struct arena *
job_arena(struct job *j)
{
	return (&j->arena);
}

const struct val *
job_options(const struct job *j)
{
	return (j->args->source->options);
}

struct str
job_option(const struct job *j, const char *name)
{
	const struct val *o = job_options(j);

	return (o != NULL ? val_get_str(o, name) : STR_NULL);
}

struct str
job_source(const struct job *j)
{
	return (j->args->source->name);
}

int64_t
job_at(const struct job *j)
{
	return (j->args->at);
}

bool
job_wants(const struct job *j, unsigned number)
{
	for (size_t i = 0; i < j->args->ntables; i++)
		if (j->args->tables[i]->number == number)
			return (true);
	return (false);
}

struct str
job_cursor(const struct job *j, unsigned number)
{
	for (size_t i = 0; i < j->args->ncursors; i++)
		if (j->args->cursors[i].table == number)
			return (j->args->cursors[i].cursor);
	return (STR_NULL);
}

/* --- what is answered ----------------------------------------------------- */

/* A runner that does not read any more has ended us in all but name. */
static void
flush(struct job *j)
{
	const char *at = j->out.ptr;
	size_t n = j->out.len;

	while (n > 0) {
		ssize_t put = write(1, at, n);
		if (put < 0 && errno == EINTR)
			continue;
		if (put <= 0)
			_exit(1);
		at += put;
		n -= (size_t)put;
	}
	buf_reset(&j->out);
}

static void
finish(struct job *j, size_t start)
{
	stream_finish(&j->out, start);
	if (j->out.len >= FLUSH_AT)
		flush(j);
}

static void
table_begin(struct job *j, unsigned number, const struct job_chain *chain)
{
	const struct schema_type *t = schema_get(number);
	const struct job_chain none = { .since = INT64_MIN };
	size_t start = stream_begin(&j->out, STREAM_TABLE);

	if (chain == NULL)
		chain = &none;
	stream_put_str(&j->out, str_from(t->name));
	stream_put_str(&j->out, chain->after);
	stream_put_str(&j->out, chain->upto);
	stream_put_int(&j->out, chain->since);
	finish(j, start);
	j->table = t;
	j->rows = 0;
}

void
job_table(struct job *j, unsigned number)
{
	table_begin(j, number, NULL);
}

void
job_append(struct job *j, unsigned number, const struct job_chain *chain)
{
	table_begin(j, number, chain);
}

void
job_row(struct job *j, const struct cell *cells)
{
	stream_put_row(&j->out, j->table, cells);
	if (j->out.len >= FLUSH_AT)
		flush(j);
	j->rows++;
	if (j->scratch.used > 0)
		arena_rewind(&j->scratch, (struct arena_mark){ 0 });
}

void
job_end(struct job *j, const char *note)
{
	size_t start = stream_begin(&j->out, STREAM_END);

	stream_put_int(&j->out, j->rows);
	stream_put_str(&j->out, str_from(note));
	finish(j, start);
	j->table = NULL;
}

void
job_blind(struct job *j, unsigned number, const char *fmt, ...)
{
	BUF_SCOPED why = BUF_INIT;
	size_t start = stream_begin(&j->out, STREAM_BLIND);
	va_list ap;

	va_start(ap, fmt);
	buf_vprintf(&why, fmt, ap);
	va_end(ap);
	stream_put_str(&j->out, str_from(schema_get(number)->name));
	stream_put_str(&j->out, buf_str(&why));
	finish(j, start);
	j->table = NULL;
}

void
job_raw(struct job *j, const char *name, struct str bytes)
{
	if (bytes.len > STREAM_MAX / 2)
		return; /* an archive of input, not evidence: too large is left */
	size_t start = stream_begin(&j->out, STREAM_RAW);
	stream_put_str(&j->out, str_from(name));
	stream_put_str(&j->out, bytes);
	finish(j, start);
}

void
job_progress(struct job *j, const char *what, int64_t done, int64_t total)
{
	size_t start = stream_begin(&j->out, STREAM_PROGRESS);

	stream_put_int(&j->out, done);
	stream_put_int(&j->out, total);
	stream_put_str(&j->out, str_from(what));
	finish(j, start);
	flush(j);
}

/* Exactly ${n} bytes of an answer. */
static void
read_answer(char *p, size_t n)
{
	while (n > 0) {
		ssize_t got = read(0, p, n);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			_exit(1);
		p += got;
		n -= (size_t)got;
	}
}

int
job_ask(struct job *j, const char *question, struct buf *ret, struct err *e)
{
	size_t start = stream_begin(&j->out, STREAM_ASK);
	unsigned char head[STREAM_HEAD];
	size_t n = 0;

	stream_put_str(&j->out, str_from(question));
	finish(j, start);
	flush(j);
	read_answer((char *)head, sizeof(head));
	for (int i = 3; i >= 0; i--)
		n = n << 8 | head[i];
	buf_reset(ret);
	buf_reserve(ret, n);
	read_answer(ret->ptr, n);
	ret->len = n;
	ret->ptr[n] = '\0';
	if (head[4] == ERR_OK)
		return (0);
	int r = err_set(e, head[4] < ERR_MAX ? (enum err_code)head[4] : ERR_BUG,
	    question, NULL, "%s", ret->ptr);
	buf_reset(ret);
	return (r);
}

/* --- conveniences --------------------------------------------------------- */

struct cell
job_text(struct job *j, struct str s)
{
	bool plain = str_utf8_ok(s);

	for (size_t i = 0; plain && i < s.len; i++)
		plain = (unsigned char)s.ptr[i] >= 0x20 && s.ptr[i] != 0x7f;
	if (s.len == 0)
		return (CELL_NONE);
	if (plain)
		return (CELL_STR(s));
	BUF_SCOPED b = BUF_INIT;
	for (size_t at = 0; at < s.len;) {
		size_t was = at;
		int32_t c = (unsigned char)s.ptr[at] == 0 ? -1 :
		    str_utf8_next(s, &at);
		if (c < 0x20 || c == 0x7f) {
			buf_puts(&b, "\xef\xbf\xbd");
			if (at == was)
				at++;
		} else
			buf_put(&b, s.ptr + was, at - was);
	}
	return (CELL_STR(arena_str(&j->scratch, buf_str(&b))));
}

struct cell
job_ctext(struct job *j, const char *s)
{
	return (job_text(j, str_from(s)));
}

/* --- the child's life ----------------------------------------------------- */

static void
say_fail(struct job *j, const struct err *e)
{
	size_t start = stream_begin(&j->out, STREAM_FAIL);

	stream_put_int(&j->out, e->code);
	stream_put_str(&j->out, str_from(e->what));
	stream_put_str(&j->out, str_from(e->where));
	stream_put_str(&j->out, str_from(e->fix));
	finish(j, start);
}

int
job_main(void *ctx)
{
	struct job j = { .args = ctx };
	struct sandbox_report rep;
	struct err e = { 0 };
	int r;

	/* What the parent installed writes to descriptors that are gone. */
	progress_install(NULL, NULL);
	log_set_level(LOG_OFF);
	r = sandbox_apply(j.args->box, &rep, &e);
	if (r == 0) {
		size_t start = stream_begin(&j.out, STREAM_BOX);
		stream_put_str(&j.out, str_from(rep.text));
		finish(&j, start);
		r = j.args->collector->work->run(&j, &e);
	}
	if (r != 0)
		say_fail(&j, &e);
	stream_finish(&j.out, stream_begin(&j.out, STREAM_DONE));
	flush(&j);
	arena_free(&j.arena);
	arena_free(&j.scratch);
	buf_free(&j.out);
	return (0);
}
