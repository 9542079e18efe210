/*
 * Rows of any evidence table from a CSV file. The first row names the columns;
 * each column of the table is found by its mapped header, its name or its
 * title, or has one value for all rows. What the file does not have of what is
 * not required is absent if it is text, and unknown otherwise: that nobody has
 * an end date in a file without that column says nothing about anybody.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/map.h"
#include "base/vec.h"
#include "collect/works.h"
#include "schema/kind.h"
#include "text/csv.h"
#include "text/date.h"
#include "text/timefmt.h"

enum date_form { DATES_ISO, DATES_DMY, DATES_MDY };

struct column {
	const struct schema_field *field;
	struct str header; /* for messages */
	ptrdiff_t at;      /* in a row; -1: not in the file */
	struct cell fixed; /* for all rows, if at is -1 */
	struct map *values; /* what the file's values mean, or NULL */
};

/* Of a row, to find two under one key and say where they are. */
struct seen {
	uint64_t key, row; /* hashes */
	int64_t line;
};
#define SEEN_MAX 4000000 /* in a larger file only the key is named */

struct import {
	struct job *job;
	const struct schema_type *t;
	const char *file;
	enum date_form dates;
	struct column *cols;
	struct cell *cells;
	VEC(struct seen) seen;
	struct buf scratch;
	struct arena row; /* what the cells of one row point to */
	struct csv *csv;
	int fd;
};

/* --- options -------------------------------------------------------------- */

static bool
date_form(struct str s, enum date_form *ret)
{
	static const char *const names[] = { "iso", "dmy", "mdy" };

	for (int i = 0; i < 3; i++)
		if (str_is(s, names[i])) {
			*ret = (enum date_form)i;
			return (true);
		}
	return (false);
}

static bool
separator(struct str s, char *ret)
{
	static const struct {
		const char *name;
		char c;
	} seps[] = { { "comma", ',' }, { "semicolon", ';' }, { "tab", '\t' },
		{ "pipe", '|' }, { ",", ',' }, { ";", ';' }, { "|", '|' },
		{ "auto", '\0' } };

	for (size_t i = 0; i < sizeof(seps) / sizeof(seps[0]); i++)
		if (str_is(s, seps[i].name)) {
			*ret = seps[i].c;
			return (true);
		}
	return (false);
}

/* "map.login" gives login; false if the key is not of ${group}. */
static bool
keyed(struct str key, const char *group, struct str *ret)
{
	size_t n = strlen(group);

	if (!str_starts(key, group) || key.len <= n || key.ptr[n] != '.')
		return (false);
	*ret = (struct str){ key.ptr + n + 1, key.len - n - 1 };
	return (true);
}

static int
check_columns(struct arena *a, const struct schema_type *t,
    const struct val *options, struct err *e)
{
	static const char *const groups[] = { "map", "const", "value" };
	BUF_SCOPED names = BUF_INIT;

	buf_puts(&names, "its columns are");
	for (size_t i = 0; i < t->nfields; i++)
		buf_printf(&names, "%s %s", i > 0 ? "," : "",
		    t->fields[i].name);
	for (size_t i = 0; i < val_count(options); i++)
		for (size_t g = 0; g < 3; g++) {
			struct str col, key = options->u.map.key[i];
			struct cell c;
			int f, rc;

			if (!keyed(key, groups[g], &col))
				continue;
			ptrdiff_t dot = g == 2 ? str_find(col, ".") : -1;
			if (g == 2 && dot < 0)
				return (err_set(e, ERR_USAGE, "--value",
				    "write COLUMN.FROM=TO", "a value without "
				    "its column"));
			if (dot >= 0)
				col.len = (size_t)dot;
			if ((f = schema_field(t, col)) < 0)
				return (err_set(e, ERR_INPUT,
				    arena_printf(a, "--%s", groups[g]),
				    names.ptr, "the table %s has no column \""
				    STR_FMT "\"", t->name, STR_ARG(col)));
			if (g > 0 && (rc = kind_parse(a, &t->fields[f],
			    options->u.map.at[i]->u.s, &c, e)) != 0)
				return (err_at(e, "--%s", groups[g]));
		}
	return (0);
}

static int
csv_prepare(struct arena *a, const struct collect_source *s,
    struct sandbox *box, struct collect_limits *lim, struct err *e)
{
	const struct schema_type *t = schema_find(val_get_str(s->options,
	    "table"));
	struct str dates = val_get_str(s->options, "dates");
	struct str sep = val_get_str(s->options, "separator");
	struct str since = val_get_str(s->options, "since");
	const char **paths = arena_array(a, 2, sizeof(*paths));
	enum date_form form;
	int64_t when;
	char c;
	int rc;

	if (dates.len > 0 && !date_form(dates, &form))
		return (err_set(e, ERR_USAGE, "--dates", "write iso, dmy or "
		    "mdy", "\"" STR_FMT "\" is no form of dates",
		    STR_ARG(dates)));
	if (sep.len > 0 && !separator(sep, &c))
		return (err_set(e, ERR_USAGE, "--separator", "write comma, "
		    "semicolon, tab, pipe or auto", "\"" STR_FMT "\" is no "
		    "separator", STR_ARG(sep)));
	if (since.len > 0 && (rc = time_parse(since, &when, e)) != 0)
		return (err_at(e, "--since"));
	if ((rc = check_columns(a, t, s->options, e)) != 0)
		return (rc);
	paths[0] = arena_str(a, val_get_str(s->options, "file")).ptr;
	box->read = paths;
	/* The administrator names the file; whoever owns it. */
	box->keep_read = true;
	lim->wall_us = 3600 * CLOCK_SECOND;
	lim->cpu_s = 3600;
	return (0);
}

/* --- columns -------------------------------------------------------------- */

static int
at_line(const struct import *m, int64_t line, struct err *e)
{
	return (err_at(e, "%s:%lld", m->file, (long long)line));
}

/* Why there is no such column, with what there is. */
static int
no_column(const struct import *m, struct str header, bool twice,
    const struct csv_row *row, struct err *e)
{
	BUF_SCOPED b = BUF_INIT;

	buf_puts(&b, "the file has:");
	for (size_t i = 0; i < row->n && b.len < 400; i++)
		buf_printf(&b, "%s " STR_FMT, i > 0 ? "," : "",
		    STR_ARG(row->at[i]));
	/* The separator is not guessed: a guess can be wrong unseen. */
	bool other = row->n == 1 && (str_find(row->at[0], ";") >= 0 ||
	    str_find(row->at[0], "\t") >= 0 || str_find(row->at[0], "|") >= 0);
	buf_puts(&b, other ? "; add the source with --separator auto" :
	    "; name another with --map");
	err_set(e, ERR_INPUT, NULL, b.ptr, "%s the column \"" STR_FMT "\"",
	    twice ? "the file has twice" : "the file lacks", STR_ARG(header));
	return (at_line(m, row->line, e));
}

/* The option GROUP.COLUMN. */
static struct str
option_of(const struct import *m, const char *group, const char *column)
{
	char key[256];

	(void)snprintf(key, sizeof(key), "%s.%s", group, column);
	return (job_option(m->job, key));
}

static int
find_column(struct import *m, const struct csv_row *row, struct column *col,
    struct err *e)
{
	const struct schema_field *f = col->field;
	struct str given = option_of(m, "map", f->name);
	struct str fixed = option_of(m, "const", f->name);

	col->at = -1;
	col->header = given.len > 0 ? given : str_from(f->name);
	if (fixed.len > 0)
		return (kind_parse(job_arena(m->job), f, fixed, &col->fixed,
		    e));
	col->at = csv_find(row, col->header);
	if (col->at == -1 && given.len == 0)
		col->at = csv_find(row, str_from(f->title));
	if (col->at == -2 || (col->at == -1 && (given.len > 0 || f->required)))
		return (no_column(m, col->header, col->at == -2, row, e));
	if (col->at == -1)
		col->fixed = f->kind == SCHEMA_TEXT ? CELL_NONE : CELL_BLIND;
	return (0);
}

/* "value.status.Enabled" = "active" for the column status. */
static void
find_values(struct import *m, struct column *col)
{
	const struct val *o = job_options(m->job);
	struct arena *a = job_arena(m->job);
	size_t n = strlen(col->field->name);

	for (size_t i = 0; i < val_count(o); i++) {
		struct str rest;
		if (!keyed(o->u.map.key[i], "value", &rest) ||
		    !str_starts(rest, col->field->name) || rest.len <= n ||
		    rest.ptr[n] != '.')
			continue;
		if (col->values == NULL) {
			col->values = arena_new(a, struct map);
			map_init(col->values, a);
		}
		(void)map_put(col->values, (struct str){ rest.ptr + n + 1,
		    rest.len - n - 1 }, &o->u.map.at[i]->u.s);
	}
}

static int
find_columns(struct import *m, struct err *e)
{
	struct csv_row row;
	int rc = csv_read(m->csv, m->fd, &row, e);

	if (rc < 0)
		return (rc);
	if (rc == 0) {
		err_set(e, ERR_INPUT, NULL, "a first line with the names of "
		    "the columns is needed", "the file is empty");
		return (at_line(m, 1, e));
	}
	for (size_t i = 0; i < m->t->nfields; i++) {
		m->cols[i].field = &m->t->fields[i];
		if ((rc = find_column(m, &row, &m->cols[i], e)) != 0)
			return (rc);
		find_values(m, &m->cols[i]);
	}
	return (0);
}

/* --- cells ---------------------------------------------------------------- */

/* d.m.Y or m/d/Y (either with . / or -) into YYYY-MM-DD; what does not look
 * like it stays as it is, for kind_parse() to refuse. */
static struct str
turn_date(struct import *m, struct str s)
{
	int64_t v[3];
	size_t n = 0, start = 0;

	for (size_t i = 0; i <= s.len; i++) {
		if (i < s.len && s.ptr[i] != '.' && s.ptr[i] != '/' &&
		    s.ptr[i] != '-')
			continue;
		if (n == 3 || i - start > 4 || !str_to_i64((struct str){
		    s.ptr + start, i - start }, &v[n]) || v[n] < 0)
			return (s);
		n++;
		start = i + 1;
	}
	int d = (int)(m->dates == DATES_DMY ? v[0] : v[1]);
	int mo = (int)(m->dates == DATES_DMY ? v[1] : v[0]);
	if (n != 3 || v[2] < 1000 || !date_valid((int)v[2], mo, d))
		return (s);
	return (str_from(arena_printf(&m->row, "%04d-%02d-%02d", (int)v[2], mo,
	    d)));
}

static int
read_cell(struct import *m, const struct column *col,
    const struct csv_row *row, struct cell *ret, struct err *e)
{
	struct str s = row->at[col->at];
	int rc;

	if (col->values != NULL) {
		struct str *to = map_get(col->values, str_trim(s));
		if (to != NULL)
			s = *to;
	}
	if (col->field->kind == SCHEMA_DATE && m->dates != DATES_ISO)
		s = turn_date(m, str_trim(s));
	rc = kind_parse(&m->row, col->field, s, ret, e);
	if (rc == 0 && ret->state == CELL_ABSENT && col->field->required)
		rc = err_set(e, ERR_INPUT, NULL, "fill it, or leave the line "
		    "out", "the column \"" STR_FMT "\" is empty",
		    STR_ARG(col->header));
	return (rc == 0 ? 0 : at_line(m, row->line, e));
}

static int
read_row(struct import *m, const struct csv_row *row, struct err *e)
{
	int rc;

	for (size_t i = 0; i < m->t->nfields; i++) {
		const struct column *col = &m->cols[i];
		m->cells[i] = col->fixed;
		if (col->at >= 0 && (rc = read_cell(m, col, row, &m->cells[i],
		    e)) != 0)
			return (rc);
	}
	return (0);
}

/* --- the run -------------------------------------------------------------- */

static int
open_file(struct import *m, struct err *e)
{
	struct stat st;

	m->fd = open(m->file, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (m->fd < 0)
		return (err_set(e, errno == ENOENT ? ERR_NOTFOUND : ERR_IO,
		    m->file, errno == ENOENT ? "put it there, or change the "
		    "source" : "let the user who collects read it", "the file "
		    "cannot be read: %s", strerror(errno)));
	if (fstat(m->fd, &st) != 0 || !S_ISREG(st.st_mode))
		return (err_set(e, ERR_INPUT, m->file, "name a regular file",
		    "this is not a file"));
	return (0);
}

/* Start over from the first row. */
static int
rewind_file(struct import *m, struct err *e)
{
	struct csv_opts opts = { .sep = ',' };
	struct str sep = job_option(m->job, "separator");

	if (sep.len > 0)
		(void)separator(sep, &opts.sep);
	csv_free(m->csv);
	m->csv = csv_new(m->file, &opts);
	if (lseek(m->fd, 0, SEEK_SET) != 0)
		return (err_set(e, ERR_IO, m->file, NULL, "the file cannot be "
		    "read from its start: %s", strerror(errno)));
	return (find_columns(m, e));
}

/* The earliest event of the file: before it, the file says nothing. */
static int
find_since(struct import *m, int64_t *ret, struct err *e)
{
	const struct column *col = &m->cols[m->t->time];
	struct csv_row row;
	int64_t min = INT64_MAX;
	int rc;

	while ((rc = csv_read(m->csv, m->fd, &row, e)) == 1) {
		struct cell c = col->fixed;
		arena_rewind(&m->row, (struct arena_mark){ 0 });
		if (col->at >= 0 && (rc = read_cell(m, col, &row, &c, e)) != 0)
			return (rc);
		if (c.state == CELL_VALUE && c.i < min)
			min = c.i;
	}
	if (rc < 0)
		return (rc);
	*ret = min == INT64_MAX ? job_at(m->job) : min;
	return (rewind_file(m, e));
}

static int
begin_table(struct import *m, struct err *e)
{
	struct job_chain chain = { .since = INT64_MIN };
	struct str since = job_option(m->job, "since");
	char upto[48];
	int rc = 0;

	if (m->t->mode != MODE_APPEND) {
		job_table(m->job, m->t->number);
		return (0);
	}
	if (since.len > 0)
		rc = time_parse(since, &chain.since, e);
	else
		rc = find_since(m, &chain.since, e);
	if (rc != 0)
		return (rc);
	(void)snprintf(upto, sizeof(upto), "file-%lld",
	    (long long)job_at(m->job));
	chain.upto = str_from(upto);
	job_append(m->job, m->t->number, &chain);
	return (0);
}

/* --- one row for each key --------------------------------------------------- */

static void
put_cell(struct buf *b, const struct cell *c)
{
	buf_putc(b, (char)('0' + (int)c->state));
	buf_put(b, &c->i, sizeof(c->i));
	buf_put(b, &c->s.len, sizeof(c->s.len));
	buf_putstr(b, c->s);
}

static void
note_row(struct import *m, int64_t line)
{
	const struct schema_cols *k = &m->t->key;
	struct seen s = { .line = line };

	if (m->seen.n >= SEEN_MAX)
		return;
	buf_reset(&m->scratch);
	for (size_t i = 0; i < k->n; i++)
		put_cell(&m->scratch, &m->cells[k->at[i]]);
	s.key = str_hash(buf_str(&m->scratch));
	for (size_t i = 0; i < m->t->nfields; i++)
		put_cell(&m->scratch, &m->cells[i]);
	s.row = str_hash(buf_str(&m->scratch));
	vec_push(&m->seen, s);
}

static int
by_key(const void *a, const void *b)
{
	const struct seen *x = a, *y = b;

	if (x->key != y->key)
		return (x->key < y->key ? -1 : 1);
	return (x->line < y->line ? -1 : x->line > y->line);
}

/* The same row twice is one; another row under its key is a contradiction. */
static int
check_keys(struct import *m, struct err *e)
{
	const struct seen *first = NULL, *second = NULL;

	if (m->seen.n > 0)
		qsort(m->seen.at, m->seen.n, sizeof(m->seen.at[0]), by_key);
	for (size_t i = 1; i < m->seen.n; i++) {
		const struct seen *s = &m->seen.at[i];
		if (s->key == s[-1].key && s->row != s[-1].row &&
		    (second == NULL || s->line < second->line)) {
			first = s - 1;
			second = s;
		}
	}
	if (second == NULL)
		return (0);
	(void)err_set(e, ERR_INPUT, NULL, "give one row for each key", "the "
	    "row has the same %s%s as that of line %lld, and differs from it",
	    m->t->fields[m->t->key.at[0]].name, m->t->key.n > 1 ?
	    " and the rest of the key" : "", (long long)first->line);
	return (at_line(m, second->line, e));
}

static int
import_rows(struct import *m, struct err *e)
{
	struct arena_mark mark;
	struct csv_row row;
	int64_t n = 0;
	int rc;

	if ((rc = open_file(m, e)) != 0 || (rc = rewind_file(m, e)) != 0 ||
	    (rc = begin_table(m, e)) != 0)
		return (rc);
	(void)arena_alloc(&m->row, 1); /* so that a block stays */
	mark = arena_mark(&m->row);
	while ((rc = csv_read(m->csv, m->fd, &row, e)) == 1) {
		if ((rc = read_row(m, &row, e)) != 0)
			return (rc);
		note_row(m, row.line);
		job_row(m->job, m->cells);
		arena_rewind(&m->row, mark);
		if (++n % 100000 == 0)
			job_progress(m->job, "rows", n, 0);
	}
	if (rc < 0 || (rc = check_keys(m, e)) != 0)
		return (rc);
	job_end(m->job, NULL);
	return (0);
}

static int
csv_run(struct job *j, struct err *e)
{
	struct arena *a = job_arena(j);
	struct import m = { .job = j, .fd = -1 };
	int rc;

	m.t = schema_find(job_option(j, "table"));
	m.file = arena_str(a, job_option(j, "file")).ptr;
	if (job_option(j, "dates").len > 0)
		(void)date_form(job_option(j, "dates"), &m.dates);
	m.cols = arena_array(a, m.t->nfields, sizeof(*m.cols));
	m.cells = arena_array(a, m.t->nfields, sizeof(*m.cells));
	rc = import_rows(&m, e);
	csv_free(m.csv);
	arena_free(&m.row);
	vec_free(&m.seen);
	buf_free(&m.scratch);
	if (m.fd >= 0)
		close(m.fd);
	return (rc);
}

const struct collect_work csv_work = { csv_prepare, csv_run };
