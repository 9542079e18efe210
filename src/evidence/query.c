#include "evidence/query.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "evidence/store.h"
#include "evidence/views.h"
#include "schema/kind.h"
#include "sys/proc.h"

#define DEFAULT_TIME_MS 60000
#define DEFAULT_MEMORY (INT64_C(256) << 20)
#define DEFAULT_ROWS 5000000
#define WATCH_STEPS 20000
#define READS_MAX 128

struct query {
	struct evidence *ev;
	struct query_limits limits;
	struct db *db;
	struct views views;
	int64_t deadline; /* clock_mono() */
	struct str sql;   /* the query being compiled */
	struct query_read reads[READS_MAX];
	size_t nreads;
	bool hr_known;
};

/* What the child writes: frames of a kind, a length, and bytes. */
enum frame { FRAME_DATA = 'D', FRAME_OK = 'O', FRAME_ERROR = 'E' };
struct frame_head {
	uint32_t kind;
	uint32_t len;
};
#define FRAME_MAX (1u << 16)

struct query_child {
	struct proc proc;
	struct query_limits limits;
	query_sink_fn *sink;
	void *sink_ctx;
	struct buf in;
	bool ended;    /* its stream came to an end */
	bool ok;
	int result;
	struct err err;
};

/* --- what a query may name ------------------------------------------------ */

/*
 * Functions of SQLite that give the same for the same, without floating point.
 * Those of dates are among them: "now" is pinned to the instant asked.
 */
static const char *const functions[] = { "->", "->>", "abs", "char",
	"coalesce", "count", "current_date", "current_time",
	"current_timestamp", "date", "datetime", "dense_rank", "first_value",
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

/* Does the text of the query hold this, in any case? */
static bool
names(const struct query *q, const char *s)
{
	size_t n = strlen(s);

	for (size_t i = 0; i + n <= q->sql.len; i++) {
		if (strncasecmp(q->sql.ptr + i, s, n) == 0)
			return (true);
	}
	return (false);
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

	for (size_t i = 0; i + n <= q->sql.len; i++) {
		const char *at = q->sql.ptr + i;
		size_t left = q->sql.len - i - n;

		if (strncasecmp(at, s, n) != 0 || (i > 0 && in_word(at[-1])))
			continue;
		if (left >= 7 && strncasecmp(at + n, "_period", 7) == 0) {
			at += 7;
			left -= 7;
		}
		if (left == 0 || !in_word(at[n]))
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
	struct str name = str_from(table);
	const struct schema_type *t;

	if (!str_ends(name, "!v"))
		return;
	name.len -= 2;
	t = schema_find(name);
	if (t != NULL && names(q, t->name))
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
		if (view == NULL || asked_person(q, view, t->name))
			note_read(q, t, column);
		else
			note_indirect(q, t, column);
		return (true);
	case VIEWS_ENGINE:
		return (true);
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

static int
open_database(struct query *q, struct err *e)
{
	int r = db_open(&q->db, q->ev->path, DB_PINNED, e);

	if (r == 0)
		r = db_exec(q->db, "PRAGMA cache_size=-8192;"
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
	return (0);
}

static int
lock_up(const struct query *q, struct err *e)
{
	struct sandbox s = {
		.profile = SANDBOX_SQL,
		.cpu_s = (uint64_t)(q->limits.time_ms / 1000 + 2),
		/* The file is mapped; what SQLite takes is limited apart. */
		.as_bytes = (uint64_t)q->limits.memory_bytes +
		    (UINT64_C(6) << 30),
	};
	static const char *const nothing[] = { NULL };

	s.read = nothing;
	return (sandbox_apply(&s, NULL, e));
}

struct start {
	struct query q;
	query_fn *fn;
	void *ctx;
};

static int
work(struct start *s, struct err *e)
{
	struct query *q = &s->q;

	setenv("TZ", "UTC", 1);
	tzset();
	q->deadline = clock_mono() + q->limits.time_ms * 1000;
	db_heap_limit(q->limits.memory_bytes);
	int r = open_database(q, e);
	if (r == 0)
		r = lock_up(q, e);
	return (r != 0 ? r : s->fn(q, s->ctx, e));
}

static int
child_main(void *ctx)
{
	struct err e = { 0 }, lost;
	int r = work(ctx, &e);

	if (r == 0)
		return (write_frame(FRAME_OK, NULL, 0, &lost) != 0);
	if (r < 0 && e.code == ERR_OK)
		err_set(&e, ERR_BUG, NULL, NULL, "a query failed with %d", r);
	return (write_frame(FRAME_ERROR, &e, sizeof(e), &lost) != 0);
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
			    "narrow the query, or raise its limit",
			    "the query gives more than %lld rows",
			    (long long)q->limits.rows));
		r = fn(ctx, st, true, e);
	}
	return (r);
}

int
query_ask(struct query *q, const struct query_sql *sql, query_row_fn *fn,
    void *ctx, struct err *e)
{
	STMT_SCOPED *st = NULL;
	struct err own = { 0 };

	q->sql = sql->sql;
	q->nreads = 0;
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

/* --- the parent ------------------------------------------------------------- */

int
query_start(struct evidence *ev, const struct query_limits *limits,
    query_fn *fn, void *ctx, query_sink_fn *sink, void *sink_ctx,
    struct query_child **ret, struct err *e)
{
	struct start s = { .fn = fn, .ctx = ctx };
	struct query_limits l = limits != NULL ? *limits :
	    (struct query_limits){ 0 };

	if (l.time_ms <= 0)
		l.time_ms = DEFAULT_TIME_MS;
	if (l.memory_bytes <= 0)
		l.memory_bytes = DEFAULT_MEMORY;
	if (l.rows <= 0)
		l.rows = DEFAULT_ROWS;
	s.q.ev = ev;
	s.q.limits = l;
	struct query_child *c = calloc(1, sizeof(*c));
	if (c == NULL)
		err_oom(sizeof(*c));
	c->limits = l;
	c->sink = sink;
	c->sink_ctx = sink_ctx;
	/* The child watches its own time; this is for one that hangs. */
	store_park(ev);
	int r = proc_fork(&c->proc, child_main, &s, l.time_ms * 1000 +
	    5 * CLOCK_SECOND, e);
	if (r != 0) {
		free(c);
		return (r);
	}
	*ret = c;
	return (0);
}

static void
fail_child(struct query_child *c, int r, const struct err *e)
{
	if (c->result == 0) {
		c->result = r;
		c->err = *e;
	}
	c->ended = true;
}

static int
take_frame(struct query_child *c, const struct frame_head *h,
    const char *bytes, struct err *e)
{
	struct err own;

	switch (h->kind) {
	case FRAME_DATA:
		return (c->sink == NULL ? 0 : c->sink(c->sink_ctx,
		    (struct str){ bytes, h->len }, e));
	case FRAME_OK:
		c->ok = true;
		return (0);
	case FRAME_ERROR:
		if (h->len != sizeof(own))
			break;
		memcpy(&own, bytes, sizeof(own));
		if (own.code <= ERR_OK || own.code >= ERR_MAX)
			break;
		own.what[sizeof(own.what) - 1] = '\0';
		own.where[sizeof(own.where) - 1] = '\0';
		own.fix[sizeof(own.fix) - 1] = '\0';
		*e = own;
		return (-(int)own.code);
	}
	return (err_set(e, ERR_BUG, NULL, NULL,
	    "the process of a query answered what it may not"));
}

static int
take_frames(struct query_child *c, struct err *e)
{
	size_t at = 0;
	int r = 0;

	while (r == 0 && c->in.len - at >= sizeof(struct frame_head)) {
		struct frame_head h;

		memcpy(&h, c->in.ptr + at, sizeof(h));
		if (h.len > FRAME_MAX)
			return (err_set(e, ERR_BUG, NULL, NULL,
			    "the process of a query answered what it may not"));
		if (c->in.len - at - sizeof(h) < h.len)
			break;
		r = take_frame(c, &h, c->in.ptr + at + sizeof(h), e);
		at += sizeof(h) + h.len;
	}
	memmove(c->in.ptr, c->in.ptr + at, c->in.len - at);
	c->in.len -= at;
	return (r);
}

static void
pump(struct query_child *c)
{
	struct err e = { 0 };

	buf_reserve(&c->in, FRAME_MAX + sizeof(struct frame_head));
	int64_t n = proc_read(&c->proc, c->in.ptr + c->in.len, FRAME_MAX, &e);
	if (n < 0) {
		fail_child(c, (int)n, &e);
		return;
	}
	if (n == 0) {
		c->ended = true;
		return;
	}
	c->in.len += (size_t)n;
	int r = take_frames(c, &e);
	if (r != 0)
		fail_child(c, r, &e);
}

/* Why a child ended that said nothing. */
static int
silent_end(const struct query_child *c, const struct proc_end *end,
    struct err *e)
{
	if (end->how == PROC_TIMEOUT ||
	    (end->how == PROC_KILLED && end->status == 24 /* SIGXCPU */))
		return (err_set(e, ERR_TIMEOUT, NULL,
		    "narrow the query, or raise its limit",
		    "the query took longer than it may"));
	/* A program that cannot have memory ends with status 3. */
	if (end->how == PROC_EXITED && end->status == 3)
		return (err_set(e, ERR_LIMIT, NULL, "narrow the query",
		    "the query needs more memory than it may have (%lld MiB)",
		    (long long)(c->limits.memory_bytes >> 20)));
	return (err_set(e, ERR_BUG, NULL, NULL,
	    "the process of a query %s", end->words));
}

static int
pump_any(struct query_child *child, struct query_child **others, size_t n)
{
	struct pollfd fds[65];
	struct query_child *who[65];
	size_t k = 0;

	fds[k] = (struct pollfd){ .fd = child->proc.out, .events = POLLIN };
	who[k++] = child;
	for (size_t i = 0; i < n && k < 65; i++) {
		if (others[i] == NULL || others[i] == child || others[i]->ended)
			continue;
		fds[k] = (struct pollfd){ .fd = others[i]->proc.out,
			.events = POLLIN };
		who[k++] = others[i];
	}
	if (k > 1) {
		int64_t left = child->proc.deadline - clock_mono();
		int ms = left <= 0 ? 0 : (int)(left / 1000) + 1;
		if (poll(fds, (nfds_t)k, ms) < 0 && errno != EINTR)
			return (-1);
	} else
		fds[0].revents = POLLIN; /* proc_read waits by itself */
	bool any = false;
	for (size_t i = 0; i < k; i++) {
		if (fds[i].revents != 0) {
			pump(who[i]);
			any = true;
		}
	}
	if (!any)
		pump(child); /* past its deadline: proc_read says so */
	return (0);
}

int
query_wait(struct query_child *child, struct query_child **others, size_t n,
    struct err *e)
{
	struct proc_end end;

	while (!child->ended && pump_any(child, others, n) == 0)
		continue;
	if (child->result != 0 || !child->ended)
		proc_kill(&child->proc, PROC_STOPPED, &end);
	else
		proc_wait(&child->proc, &end);
	if (child->result == 0 && !child->ok)
		child->result = silent_end(child, &end, &child->err);
	int r = child->result;
	if (r != 0 && e != NULL)
		*e = child->err;
	buf_free(&child->in);
	free(child);
	return (r);
}

int
query_run(struct evidence *ev, const struct query_limits *limits,
    query_fn *fn, void *ctx, query_sink_fn *sink, void *sink_ctx,
    struct err *e)
{
	struct query_child *c;
	int r = query_start(ev, limits, fn, ctx, sink, sink_ctx, &c, e);

	return (r != 0 ? r : query_wait(c, NULL, 0, e));
}
