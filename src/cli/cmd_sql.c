/* tickmark sql: read-only SQL over the evidence, in the sandbox. */
#include <unistd.h>

#include "cli/actor.h"
#include "cli/commands.h"
#include "cli/session.h"
#include "evidence/query.h"
#include "sys/db.h"
#include "text/csv.h"
#include "text/json.h"

enum format { FORMAT_TABLE, FORMAT_JSON, FORMAT_CSV };

/* Lines are measured over this many rows, then printed as they come. */
#define MEASURED 200
#define WIDEST 60

struct printer {
	struct query *q;
	struct arena arena;
	enum format format;
	bool times; /* print what is an instant as one */
	size_t ncols;
	const char **title;
	const char ***rows; /* the measured ones */
	size_t nrows, total;
	int *width;
	bool flowing;
	struct buf out;
	struct json_writer json;
	struct csv_writer csv;
};

/* Columns that hold microseconds by the house's names for them. */
static bool
is_time(const char *name)
{
	static const char *const named[] = { "valid_from", "valid_to",
		"changed_after", "last_seen", "from_us", "to_us", "started", "ended",
		"at", "not_before", "not_after" };
	struct str s = str_from(name);

	for (size_t i = 0; i < sizeof(named) / sizeof(named[0]); i++)
		if (str_is(s, named[i]))
			return (true);
	return (str_ends(s, "_at") || str_ends(s, "_us"));
}

static const char *
cell_text(struct printer *p, struct stmt *st, int i)
{
	char t[TIME_SIZE];

	switch (stmt_type(st, i)) {
	case STMT_NULL:
		return (p->format == FORMAT_TABLE ? "-" : "");
	case STMT_INT:
		/* 2001-09-09 and later: not a count by accident. */
		if (p->times && is_time(p->title[i]) &&
		    stmt_int(st, i) > INT64_C(1000000000000000) &&
		    stmt_int(st, i) < INT64_C(253402300800000000))
			return (arena_strdup(&p->arena,
			    time_print(stmt_int(st, i), t)));
		return (arena_printf(&p->arena, "%lld", (long long)stmt_int(st, i)));
	case STMT_REAL:
		return (arena_printf(&p->arena, "%.15g", stmt_real(st, i)));
	case STMT_BLOB: {
		BUF_SCOPED b = BUF_INIT;
		struct str s = stmt_str(st, i);
		buf_puthex(&b, s.ptr, s.len);
		return (arena_strndup(&p->arena, b.ptr != NULL ? b.ptr : "", b.len));
	}
	default: {
		struct str s = arena_str(&p->arena, stmt_str(st, i));
		if (p->format == FORMAT_TABLE)
			for (size_t k = 0; k < s.len; k++)
				if ((unsigned char)s.ptr[k] < 0x20 || s.ptr[k] == 0x7f)
					((char *)(uintptr_t)s.ptr)[k] = ' ';
		return (s.ptr);
	}
	}
}

static int
text_width(const char *s)
{
	int n = 0;

	for (; *s != '\0'; s++)
		n += ((unsigned char)*s & 0xc0) != 0x80;
	return (n);
}

static void
put_line(struct printer *p, const char **cells)
{
	for (size_t i = 0; i < p->ncols; i++) {
		buf_puts(&p->out, cells[i]);
		if (i + 1 == p->ncols)
			break;
		int pad = p->width[i] - text_width(cells[i]);
		buf_printf(&p->out, "%*s", (pad > 0 ? pad : 0) + 2, "");
	}
	buf_putc(&p->out, '\n');
}

static void
start_flow(struct printer *p)
{
	if (p->flowing)
		return;
	p->flowing = true;
	p->width = arena_array(&p->arena, p->ncols, sizeof(int));
	for (size_t i = 0; i < p->ncols; i++) {
		p->width[i] = text_width(p->title[i]);
		for (size_t r = 0; r < p->nrows; r++) {
			int w = text_width(p->rows[r][i]);
			w = w > WIDEST ? WIDEST : w;
			p->width[i] = w > p->width[i] ? w : p->width[i];
		}
	}
	put_line(p, p->title);
	for (size_t i = 0; i < p->ncols; i++) {
		for (int k = 0; k < p->width[i]; k++)
			buf_putc(&p->out, '-');
		buf_puts(&p->out, i + 1 < p->ncols ? "  " : "\n");
	}
	for (size_t r = 0; r < p->nrows; r++)
		put_line(p, p->rows[r]);
}

static void
put_json_row(struct printer *p, struct stmt *st)
{
	json_object(&p->json);
	for (size_t i = 0; i < p->ncols; i++) {
		json_key(&p->json, p->title[i]);
		switch (stmt_type(st, (int)i)) {
		case STMT_NULL:
			json_null(&p->json);
			break;
		case STMT_INT:
			json_int(&p->json, stmt_int(st, (int)i));
			break;
		case STMT_REAL:
			json_real(&p->json, stmt_real(st, (int)i));
			break;
		case STMT_TEXT:
			json_str(&p->json, stmt_str(st, (int)i));
			break;
		case STMT_BLOB:
			json_text(&p->json, cell_text(p, st, (int)i));
			break;
		}
	}
	json_close(&p->json);
}

static int
flush(struct printer *p, size_t above, struct err *e)
{
	if (p->out.len <= above)
		return (0);
	int r = query_write(p->q, buf_str(&p->out), e);
	buf_reset(&p->out);
	return (r);
}

static void
first_call(struct printer *p, struct stmt *st)
{
	p->ncols = (size_t)stmt_ncol(st);
	p->title = arena_array(&p->arena, p->ncols, sizeof(char *));
	for (size_t i = 0; i < p->ncols; i++)
		p->title[i] = arena_strdup(&p->arena, stmt_col_name(st, (int)i));
	if (p->format == FORMAT_CSV) {
		p->csv = CSV_WRITER(&p->out);
		for (size_t i = 0; i < p->ncols; i++)
			csv_puttext(&p->csv, p->title[i]);
		csv_endrow(&p->csv);
	} else if (p->format == FORMAT_JSON) {
		json_array(&p->json);
	} else {
		p->rows = arena_array(&p->arena, MEASURED, sizeof(char **));
	}
}

/* Runs in the child, for each row. */
static int
on_row(void *ctx, struct stmt *st, bool row, struct err *e)
{
	struct printer *p = ctx;

	if (!row) {
		first_call(p, st);
		return (0);
	}
	p->total++;
	if (p->format == FORMAT_JSON) {
		put_json_row(p, st);
		return (flush(p, 1 << 16, e));
	}
	bool keep = p->format == FORMAT_TABLE && !p->flowing &&
	    p->nrows < MEASURED;
	struct arena_mark m = arena_mark(&p->arena);
	const char **cells = arena_array(&p->arena, p->ncols, sizeof(char *));
	for (size_t i = 0; i < p->ncols; i++)
		cells[i] = cell_text(p, st, (int)i);
	if (keep) {
		p->rows[p->nrows++] = cells;
		return (0);
	}
	if (p->format == FORMAT_TABLE) {
		if (!p->flowing) {
			start_flow(p);
			m = arena_mark(&p->arena);
		}
		put_line(p, cells);
	} else {
		for (size_t i = 0; i < p->ncols; i++)
			csv_puttext(&p->csv, cells[i]);
		csv_endrow(&p->csv);
	}
	arena_rewind(&p->arena, m);
	return (flush(p, 1 << 16, e));
}

struct question {
	struct printer *p;
	struct evidence_when when;
	struct str sql;
};

static int
in_child(struct query *q, void *ctx, struct err *e)
{
	struct question *a = ctx;
	struct printer *p = a->p;
	struct query_sql sql = { .sql = a->sql, .file = "query" };

	p->q = q;
	if (p->format == FORMAT_JSON)
		json_begin(&p->json, &p->out, true);
	int r = query_when(q, &a->when, e);
	if (r == 0)
		r = query_ask(q, &sql, on_row, p, e);
	if (r != 0)
		return (r);
	if (p->format == FORMAT_TABLE) {
		start_flow(p);
		buf_printf(&p->out, "%zu %s\n", p->total,
		    p->total == 1 ? "row" : "rows");
	} else if (p->format == FORMAT_JSON) {
		json_close(&p->json);
		json_end(&p->json, NULL);
	}
	return (flush(p, 0, e));
}

static int
to_stdout(void *ctx, struct str bytes, struct err *e)
{
	(void)ctx;
	if (fwrite(bytes.ptr, 1, bytes.len, stdout) != bytes.len)
		return (err_set(e, ERR_IO, "standard output", NULL,
		    "the output was not written"));
	return (0);
}

/* Without a query: the tables; with the name of one: its columns. */
static int
describe(struct cli *c, const struct schema_type *t)
{
	struct cli_table *out;

	if (t == NULL) {
		out = cli_table(c, 3, "table", "kind", "what a row is");
		for (size_t i = 0; i < schema_ntypes; i++)
			cli_row(out, schema_types[i].name,
			    schema_mode_word(schema_types[i].mode),
			    schema_types[i].title);
		cli_table_print(out);
		if (!c->json)
			printf("\ntickmark sql DIR TABLE explains the columns of one. Every "
		       "table T also has T_period.\nFurther views: run, coverage, "
		       "people, identity, leaver.\n");
		return (0);
	}
	if (!c->json)
		printf("%s: %s\n%s\n\n", t->name, t->title, t->note);
	out = cli_table(c, 4, "column", "kind", "class", "meaning");
	for (size_t i = 0; i < t->nfields; i++)
		cli_row(out, t->fields[i].name,
		    schema_kind_word(t->fields[i].kind),
		    schema_class_word(t->fields[i].cls), t->fields[i].sentence);
	cli_row(out, "subject", "text", "", "whom or what the row is about, within "
	    "its source");
	cli_row(out, "source", "text", "", "name of the source it came from");
	cli_row(out, "valid_from", "time", "", "from when it was so: microseconds UTC");
	cli_row(out, "valid_to", "time", "", "until when, exclusive; null: still");
	cli_table_print(out);
	return (0);
}

static int
ask(struct cli *c, struct record_reader *reader, struct err *e)
{
	SESSION_SCOPED s = { 0 };
	struct session_when w;
	struct query_limits limits = { 0 };
	int64_t seconds;

	if (c->json && cli_opt(c, "csv") != NULL)
		return (err_set(e, ERR_USAGE, "--csv", "give one of them",
		    "--json and --csv were both given"));
	if (c->nargs == 1)
		return (describe(c, NULL));
	const struct schema_type *t = schema_find_name(c->arg[1]);
	if (t != NULL)
		return (describe(c, t));
	int r = cli_opt_int(c, "timeout", 60, &seconds, e);
	if (r == 0)
		r = session_open(c, SESSION_READ, &s, e);
	if (r == 0)
		r = session_when(c, &s, &w, e);
	if (r == 0)
		r = actor_reader(c->arena, s.ws, cli_opt(c, "as"), reader, e);
	if (r != 0)
		return (r);
	evidence_as(s.ev, reader);
	limits.time_ms = seconds * 1000;
	struct printer p = {
		.format = c->json ? FORMAT_JSON :
		    cli_opt(c, "csv") != NULL ? FORMAT_CSV : FORMAT_TABLE,
		.times = !c->json && cli_opt(c, "csv") == NULL &&
		    cli_opt(c, "raw") == NULL,
	};
	struct question a = { .p = &p, .sql = str_from(c->arg[1]) };
	a.when = w.period ? evidence_period(w.from, w.to, w.known) :
	    evidence_at(w.at, w.known);
	/* The progress line would stand in the middle of the rows. */
	cli_progress_off();
	r = query_run(s.ev, &limits, in_child, &a, to_stdout, NULL, e);
	arena_free(&p.arena);
	buf_free(&p.out);
	return (r);
}

static int
run(struct cli *c, struct err *e)
{
	struct record_reader reader = { 0 };
	int r = ask(c, &reader, e);

	record_reader_free(&reader);
	session_settle(c, &reader);
	return (r);
}

static const struct cli_opt opts[] = {
	{ "as-of", OPT_TEXT, "TIME", "the world at a date or RFC 3339 time "
	    "(a date: its end)" },
	{ "period", OPT_TEXT, "A..B", "T_period views over two inclusive dates" },
	{ "known-at", OPT_TEXT, "TIME|N", "as known then, or by the first N "
	    "entries" },
	{ "as", OPT_TEXT, "LOGIN", "what that user would see" },
	{ "csv", OPT_FLAG, NULL, "print CSV (RFC 4180)" },
	{ "raw", OPT_FLAG, NULL, "print instants as microseconds" },
	{ "timeout", OPT_TEXT, "SECONDS", "stop after this long (60)" },
	{ NULL, OPT_FLAG, NULL, NULL },
};

const struct cli_command cmd_sql = {
	"sql", "DIR [\"SELECT ...\"|TABLE] [--as-of T] [--known-at P] [--csv|--json]",
	"ask the evidence, as of any moment",
	"Runs one SELECT over the evidence tables in a sandbox that can only read.\n"
	"Every table T shows its rows as of the instant asked; T_period shows the\n"
	"rows of a period with from_us and to_us. coverage says when a table was\n"
	"observed, run lists the collections, identity says whose account is whose.\n"
	"\n"
	"  tickmark sql work \"SELECT login, password_state FROM account\"\n"
	"  tickmark sql work \"SELECT count(*) FROM package\" --as-of 2026-03-31\n"
	"  tickmark sql work \"SELECT * FROM coverage\" --period "
	"2026-01-01..2026-03-31\n"
	"\n"
	"Without a query it lists the tables; with a table's name, its columns.",
	1, 2, opts, run, false,
};
