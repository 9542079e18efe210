#include "evidence/query_frame.h"

#include <errno.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "evidence/sight.h"
#include "evidence/views.h"
#include "record/reader.h"
#include "sys/sandbox.h"
#include "text/date.h"
#include "text/zone.h"

#define WATCH_STEPS 20000
#define READS_MAX 128
#define NAME_MAX_BYTES 96 /* more than a name of ours has */

struct query {
	struct evidence *ev;
	struct query_limits limits;
	struct db *db;
	struct views views;
	int64_t deadline; /* clock_mono() */
	struct buf low;   /* the query being compiled, in small letters */
	struct query_read reads[READS_MAX];
	size_t nreads;
	bool hr_known;
	const struct schema_type *denied; /* what the reader may not ask */
	bool denied_engine;
};

/* --- what a query may name ------------------------------------------------ */

/*
 * Functions of SQLite that give the same for the same, without floating point.
 * Those of dates are among them: "now" is pinned to the instant asked.
 */
static const char *const functions[] = { "->", "->>", "abs", "char",
	"coalesce", "count", "current_date", "current_time",
	"current_timestamp", "date", "datetime", "day_end", "day_of",
	"day_start", "dense_rank", "first_value",
	"format", "glob", "group_concat", "hex", "ifnull", "iif", "instr",
	"json", "json_array", "json_array_length", "json_extract",
	"json_group_array", "json_group_object", "json_object", "json_quote",
	"json_type", "json_valid", "lag", "last_value", "lead", "length",
	"like", "likelihood", "likely", "lower", "ltrim", "max", "min",
	"nth_value", "ntile", "nullif", "printf", "quote", "rank", "replace",
	"row_number", "rtrim", "sign", "strftime", "substr", "substring",
	"sum", "time", "trim", "typeof", "unicode", "unixepoch", "unlikely",
	"upper" };

static int
compare_name(const void *key, const void *item)
{
	return (strcasecmp(key, *(const char *const *)item));
}

static bool
function_ok(const char *name)
{
	return (name != NULL && bsearch(name, functions,
	    sizeof(functions) / sizeof(*functions), sizeof(*functions),
	    compare_name) != NULL);
}

static void
lower(struct str s, struct buf *out)
{
	buf_reset(out);
	buf_reserve(out, s.len + 1);
	buf_putstr(out, s);
	for (size_t i = 0; i < out->len; i++)
		if (out->ptr[i] >= 'A' && out->ptr[i] <= 'Z')
			out->ptr[i] = (char)(out->ptr[i] + 32);
}

/* Where the text of the query holds ${s}, in any case, from ${from} on; NULL:
 * nowhere. This is asked of every column that a query reads. */
static const char *
find_name(const struct query *q, const char *from, const char *s)
{
	char low[NAME_MAX_BYTES];
	size_t n = strlen(s);

	if (n >= sizeof(low))
		return (NULL);
	for (size_t i = 0; i < n; i++)
		low[i] = (char)(s[i] >= 'A' && s[i] <= 'Z' ? s[i] + 32 : s[i]);
	return (memmem(from, (size_t)(q->low.ptr + q->low.len - from), low, n));
}

/* Does the text of the query hold this, in any case? No table's name is so long
 * that it need be looked for; who asks is not to read it then. */
static bool
names(const struct query *q, const char *s)
{
	return (strlen(s) >= NAME_MAX_BYTES || find_name(q, q->low.ptr, s) != NULL);
}

static bool
in_word(char c)
{
	return ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9') || c == '_');
}

/* Does the query name the table, as a word of its own or as its _period? */
static bool
names_table(const struct query *q, const char *s)
{
	size_t n = strlen(s);
	const char *at = q->low.ptr, *end = at + q->low.len;

	for (; (at = find_name(q, at, s)) != NULL; at++) {
		const char *after = at + n;

		if (at > q->low.ptr && in_word(at[-1]))
			continue;
		if (end - after >= 7 && memcmp(after, "_period", 7) == 0)
			after += 7;
		if (after == end || !in_word(*after))
			return (true);
	}
	return (false);
}

static void
note_read(struct query *q, const struct schema_type *t, const char *column)
{
	struct query_read *r = NULL;
	int field = schema_field(t, str_from(column));

	for (size_t i = 0; i < q->nreads; i++) {
		if (q->reads[i].table == t)
			r = &q->reads[i];
	}
	if (r == NULL && q->nreads < READS_MAX) {
		r = &q->reads[q->nreads++];
		*r = (struct query_read){ .table = t };
	}
	if (r != NULL && field >= 0)
		r->columns |= UINT64_C(1) << field;
	else if (r != NULL && strcasecmp(column, "subject") == 0)
		r->subject = true;
}

/*
 * A read through the views identity and people, which draw on many tables. A
 * table counts as read if the query names it, or if it says who people are.
 */
static void
note_indirect(struct query *q, const struct schema_type *t,
    const char *column)
{
	if (strcmp(t->name, "hr_person") == 0) {
		if (q->hr_known || names_table(q, t->name))
			note_read(q, t, column);
	} else if (schema_is_record(t) || names_table(q, t->name))
		note_read(q, t, column);
}

/* A read of what is behind a view. Of a bare count this is all we hear. */
static void
note_behind(struct query *q, const char *table)
{
	char name[96];
	const struct schema_type *t;

	snprintf(name, sizeof(name), "%.*s", (int)strcspn(table, "!"), table);
	if (views_find(name, &t) == VIEWS_TABLE && names(q, t->name))
		note_read(q, t, "");
}

/* Tables that SQLite itself has. */
static bool
is_internal(const char *table)
{
	return (strncasecmp(table, "sqlite_", 7) == 0 ||
	    strncasecmp(table, "pragma_", 7) == 0 ||
	    strcasecmp(table, "dbstat") == 0 ||
	    strcasecmp(table, "bytecode") == 0 ||
	    strcasecmp(table, "tables_used") == 0);
}

/* Is it T_person or T_person_period of that table, asked for by name? The view
 * identity draws on all of them. */
static bool
asked_person(const struct query *q, const char *view, const char *table)
{
	char name[96];

	snprintf(name, sizeof(name), "%s_person", table);
	return (strncmp(view, name, strlen(name)) == 0 && names_table(q, name));
}

static bool
may_read(struct query *q, const char *table, const char *column,
    const char *view)
{
	const struct schema_type *t;

	/*
	 * What views are made of may be read through them. SQLite's word on
	 * which view a read came through can be forged by naming a common table
	 * expression like one, so the text decides: a name with "!" in it cannot
	 * be spelt otherwise than it is.
	 */
	if (strchr(table, '!') != NULL) {
		note_behind(q, table);
		return (!names(q, table));
	}
	switch (views_find(table, &t)) {
	case VIEWS_TABLE:
		if (!sight_table(q->ev->reader, t, NULL)) {
			q->denied = t;
			return (false);
		}
		if (view == NULL || asked_person(q, view, t->name))
			note_read(q, t, column);
		else
			note_indirect(q, t, column);
		return (true);
	case VIEWS_ENGINE:
		q->denied_engine = !sight_engine(q->ev->reader, table);
		return (!q->denied_engine);
	default:
		if (strcasecmp(table, "json_each") == 0 ||
		    strcasecmp(table, "json_tree") == 0)
			return (true);
		/* A part of the query itself, of which no column is used. */
		return (column[0] == '\0' && !is_internal(table));
	}
}

static bool
authorize(void *ctx, enum db_action act, const char *a, const char *b,
    const char *view)
{
	struct query *q = ctx;

	switch (act) {
	case DB_ACT_SELECT:
	case DB_ACT_RECURSIVE:
		return (true);
	case DB_ACT_READ:
		return (may_read(q, a, b != NULL ? b : "", view));
	default:
		return (function_ok(b));
	}
}

static bool
watch(void *ctx)
{
	const struct query *q = ctx;

	return (clock_mono() > q->deadline);
}

/* --- the child -------------------------------------------------------------- */

static int
write_all(const void *p, size_t n, struct err *e)
{
	const char *at = p;

	while (n > 0) {
		ssize_t w = write(STDOUT_FILENO, at, n);
		if (w < 0 && errno == EINTR)
			continue;
		if (w < 0)
			return (err_set(e, ERR_IO, NULL, NULL,
			    "the reader of a query's answer is gone"));
		at += w;
		n -= (size_t)w;
	}
	return (0);
}

static int
write_frame(enum frame kind, const void *p, size_t n, struct err *e)
{
	struct frame_head h = { kind, (uint32_t)n };
	int r = write_all(&h, sizeof(h), e);

	return (r != 0 ? r : write_all(p, n, e));
}

int
query_write(struct query *q, struct str bytes, struct err *e)
{
	(void)q;
	while (bytes.len > 0) {
		size_t n = bytes.len < FRAME_MAX ? bytes.len : FRAME_MAX;
		int r = write_frame(FRAME_DATA, bytes.ptr, n, e);
		if (r != 0)
			return (r);
		bytes.ptr += n;
		bytes.len -= n;
	}
	return (0);
}

/*
 * Civil days are those of the workspace's zone: what SQLite itself says of a
 * date is about UTC.
 */
static bool
day_start(const void *zone, struct str date, int64_t *ret)
{
	int64_t day;

	if (date_parse(date, &day, NULL) != 0)
		return (false);
	*ret = zone_day_start(zone, day);
	return (true);
}

static bool
day_end(const void *zone, struct str date, int64_t *ret)
{
	int64_t day;

	if (date_parse(date, &day, NULL) != 0)
		return (false);
	*ret = zone_day_start(zone, day + 1);
	return (true);
}

static bool
day_of(const void *zone, int64_t us, char out[DB_TEXT_SIZE])
{
	if (us < DATE_MIN * CLOCK_DAY || us >= DATE_MAX * CLOCK_DAY)
		return (false);
	int64_t day = zone_day(zone, us);
	if (day < DATE_MIN || day > DATE_MAX)
		return (false);
	date_print(day, out);
	return (true);
}

static int
add_functions(struct query *q, struct err *e)
{
	const struct zone *z = q->ev->zone;
	int r = db_text_to_int(q->db, "day_start", day_start, z, e);

	if (r == 0)
		r = db_text_to_int(q->db, "day_end", day_end, z, e);
	if (r == 0)
		r = db_int_to_text(q->db, "day_of", day_of, z, e);
	return (r);
}

static int
open_database(struct query *q, struct err *e)
{
	int r = db_open(&q->db, q->ev->path, DB_PINNED, e);

	if (r == 0)
		r = add_functions(q, e);
	if (r == 0)
		r = db_exec(q->db, "PRAGMA temp_store=MEMORY;PRAGMA cache_size=-8192;"
		    "PRAGMA mmap_size=2147418112", e);
	if (r == 0)
		r = db_harden(q->db, e);
	/* One state of the file for all queries, whoever writes meanwhile. */
	if (r == 0)
		r = db_begin_read(q->db, e);
	/* Tables that are functions come into being when first named. */
	if (r == 0)
		r = db_exec(q->db, "SELECT 1 FROM json_each('[]'),"
		    " json_tree('[]')", e);
	int64_t upto = 0;
	if (r == 0)
		r = db_get_int(q->db, "SELECT CAST(value AS INTEGER) FROM"
		    " \"!meta\" WHERE key = 'upto'", 0, &upto, e);
	if (r != 0)
		return (r);
	views_init(&q->views, q->db, (uint64_t)upto);
	q->views.reader = q->ev->reader;
	return (0);
}

static int
lock_up(const struct query *q, size_t jobs, struct err *e)
{
	struct sandbox s = {
		.profile = SANDBOX_SQL,
		.cpu_s = (uint64_t)(q->limits.time_ms / 1000 + 2) * jobs,
		/* The file is mapped; what SQLite takes is limited apart. */
		.as_bytes = (uint64_t)q->limits.memory_bytes +
		    (UINT64_C(6) << 30),
	};
	static const char *const nothing[] = { NULL };

	s.read = nothing;
	return (sandbox_apply(&s, NULL, e));
}

static int
get_ready(const struct query_start *s, struct query *q, struct err *e)
{
	setenv("TZ", "UTC", 1);
	tzset();
	db_heap_limit(q->limits.memory_bytes);
	int r = open_database(q, e);
	return (r != 0 ? r : lock_up(q, s->work != NULL ? s->work->n : 1, e));
}

/* The number of the next job from the parent; false if there is none. */
static bool
next_job(size_t *ret)
{
	uint32_t job;
	char *at = (char *)&job;
	size_t n = 0;

	while (n < sizeof(job)) {
		ssize_t got = read(STDIN_FILENO, at + n, sizeof(job) - n);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return (false);
		n += (size_t)got;
	}
	*ret = job;
	return (true);
}

/* Says how a job ended; true if there may be others after it. */
static bool
say_end(int r, struct err *e)
{
	struct err lost;

	if (r == 0)
		return (write_frame(FRAME_OK, NULL, 0, &lost) == 0);
	if (r < 0 && e->code == ERR_OK)
		err_set(e, ERR_BUG, NULL, NULL, "a query failed with %d", r);
	write_frame(FRAME_ERROR, e, sizeof(*e), &lost);
	return (false);
}

int
query_serve(void *ctx)
{
	const struct query_start *s = ctx;
	struct query q = { .ev = s->ev, .limits = s->limits };
	struct err e = { 0 };
	size_t job = 0;
	int r;

	q.deadline = clock_mono() + q.limits.time_ms * 1000;
	r = get_ready(s, &q, &e);
	if (s->work == NULL || r != 0)
		return (!say_end(r != 0 ? r : s->fn(&q, s->ctx, &e), &e));
	while (next_job(&job)) {
		q.deadline = clock_mono() + q.limits.time_ms * 1000;
		if (!say_end(s->work->run(&q, s->work->ctx, job, &e), &e))
			return (1);
	}
	return (0);
}

/* Has any source given hr_person? Else people come from records alone. */
static int
look_for_roster(struct query *q, uint64_t known, struct err *e)
{
	const struct schema_type *t = schema_find_name("hr_person");
	uint64_t last;
	int r = evidence_depends(q->db, &t, 1, known, &last, e);

	if (r == 0)
		q->hr_known = last > 0;
	return (r);
}

static int
compare_reads(const void *a, const void *b)
{
	const struct query_read *x = a, *y = b;

	return ((x->table->number > y->table->number) -
	    (x->table->number < y->table->number));
}

int
query_when(struct query *q, const struct evidence_when *when, struct err *e)
{
	int r = db_exec(q->db, "PRAGMA query_only=OFF", e);

	db_authorize(q->db, NULL, NULL);
	if (r == 0)
		r = views_when(&q->views, when, e);
	if (r == 0)
		r = look_for_roster(q, when->known, e);
	db_pin_time(when->at);
	return (r);
}

void
query_keep(struct query *q)
{
	q->views.keep = true;
}

struct db *
query_db(struct query *q)
{
	return (q->db);
}

const struct query_read *
query_reads(const struct query *q, size_t *n)
{
	*n = q->nreads;
	return (q->reads);
}

/* --- one query -------------------------------------------------------------- */

/* "line N" within the query becomes a place in its file. */
static void
place_error(const struct query_sql *sql, struct err *e)
{
	int64_t line = 1;
	struct str w = str_from(e->where);

	if (str_starts(w, "line "))
		str_to_i64((struct str){ w.ptr + 5, w.len - 5 }, &line);
	else if (w.len > 0 && strchr(e->where, '/') == NULL)
		return;
	if (sql->line > 0)
		line += sql->line - 1;
	if (e->code == ERR_INPUT && e->fix[0] == '\0')
		snprintf(e->fix, sizeof(e->fix), "%s",
		    strncmp(e->what, "no such", 7) == 0 ? "tickmark sql DIR lists "
		    "the tables, tickmark sql DIR TABLE the columns of one" :
		    "correct the SQL there");
	if (sql->file != NULL)
		err_at(e, "%s:%lld", sql->file, (long long)line);
	else
		err_at(e, "line %lld", (long long)line);
}

static bool
own_param(const struct query *q, const char *name, int64_t *ret)
{
	const struct evidence_when *w = &q->views.when;

	if (strcmp(name, "at") == 0)
		*ret = w->at;
	else if (strcmp(name, "from") == 0)
		*ret = w->from;
	else if (strcmp(name, "to") == 0)
		*ret = w->to;
	else if (strcmp(name, "known") == 0)
		*ret = (int64_t)(w->known < q->views.head ? w->known :
		    q->views.head);
	else
		return (false);
	return (true);
}

static int
bind_params(struct query *q, struct stmt *st, const struct query_sql *sql,
    struct err *e)
{
	for (int i = 1; i <= stmt_nparam(st); i++) {
		const char *name = stmt_param_name(st, i);
		const struct query_param *p = NULL;
		int64_t v;

		for (size_t j = 0; name != NULL && j < sql->nparams; j++) {
			if (strcmp(sql->params[j].name, name + 1) == 0)
				p = &sql->params[j];
		}
		if (p != NULL && p->value.state != CELL_VALUE)
			stmt_bind_null(st, i);
		else if (p != NULL && p->value.s.ptr != NULL)
			stmt_bind_str(st, i, p->value.s);
		else if (p != NULL)
			stmt_bind_int(st, i, p->value.i);
		else if (name != NULL && own_param(q, name + 1, &v))
			stmt_bind_int(st, i, v);
		else
			return (err_set(e, ERR_INPUT, "line 1",
			    "declare it, or use :at, :from, :to, :known",
			    "the query names a parameter that it does not have:"
			    " %s", name != NULL ? name : "?"));
	}
	return (0);
}

static int
step_all(struct query *q, struct stmt *st, query_row_fn *fn, void *ctx,
    struct err *e)
{
	int64_t rows = 0;
	int r = fn(ctx, st, false, e);

	while (r == 0 && (r = stmt_step(st, e)) > 0) {
		if (++rows > q->limits.rows)
			return (err_set(e, ERR_LIMIT, "line 1",
			    "narrow the query",
			    "the query gives more than %lld rows",
			    (long long)q->limits.rows));
		r = fn(ctx, st, true, e);
	}
	return (r);
}

/* SQLite only knows that something was not allowed. */
static int
say_denied(const struct query *q, int r, struct err *e)
{
	if (q->denied != NULL)
		return (access_explain(&q->ev->reader->as, q->denied,
		    ACCESS_RECORD, ACCESS_SQL, e));
	if (q->denied_engine)
		return (err_set(e, ERR_DENIED, NULL, "ask somebody who may: "
		    "tickmark who-can person.name says who", "who is whose account "
		    "is for those who see everybody's name"));
	return (r);
}

/* The parent records what the query is about to show. */
static int
write_reads(const struct query *q, struct err *e)
{
	struct frame_read f[READS_MAX];

	for (size_t i = 0; i < q->nreads; i++)
		f[i] = (struct frame_read){ .columns = q->reads[i].columns,
			.table = q->reads[i].table->number,
			.subject = q->reads[i].subject };
	return (q->nreads == 0 ? 0 : write_frame(FRAME_READS, f,
	    q->nreads * sizeof(f[0]), e));
}

int
query_ask(struct query *q, const struct query_sql *sql, query_row_fn *fn,
    void *ctx, struct err *e)
{
	STMT_SCOPED *st = NULL;
	struct err own = { 0 };

	lower(sql->sql, &q->low);
	q->nreads = 0;
	q->denied = NULL;
	q->denied_engine = false;
	/* The file is open for reading only; this is about our own views. */
	int r = db_exec(q->db, "PRAGMA query_only=OFF", &own);
	if (r == 0)
		r = views_need(&q->views, sql->sql, &own);
	if (r == 0)
		r = db_exec(q->db, "PRAGMA query_only=ON", &own);
	if (r == 0) {
		db_authorize(q->db, authorize, q);
		db_watch(q->db, WATCH_STEPS, watch, q);
		r = db_prepare(q->db, &st, sql->sql, &own);
		qsort(q->reads, q->nreads, sizeof(*q->reads), compare_reads);
		if (r != 0)
			r = say_denied(q, r, &own);
		if (r == 0 && q->ev->reader != NULL)
			r = write_reads(q, &own);
		if (r == 0)
			r = bind_params(q, st, sql, &own);
		if (r == 0)
			r = step_all(q, st, fn, ctx, &own);
		stmt_free(st);
		st = NULL;
		db_watch(q->db, 0, NULL, NULL);
		db_authorize(q->db, NULL, NULL);
	}
	if (r == 0)
		return (0);
	place_error(sql, &own);
	if (e != NULL)
		*e = own;
	return (r);
}
