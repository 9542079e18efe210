/*
 * A query in the sandbox, from the start of its process to its last row, beside
 * the same SQL with the views pasted in the sqlite3 shell, on the same file of
 * a million rows. Prints ratios of the least of five times each.
 *
 *     query [ROWS]      default 1000000
 */
#include <unistd.h>

#include "base/clock.h"
#include "evidence/query.h"
#include "evidence/views.h"
#include "record/workspace.h"
#include "sys/file.h"
#include "sys/proc.h"

#define AT INT64_C(1767225600000000)
#define TIMES 5

static void
die(const struct err *e)
{
	err_print(stderr, e);
	exit(1);
}

static void
fill(struct evidence *ev, size_t rows, int64_t at, size_t nth)
{
	const struct schema_type *t = schema_find_name("vulnerability");
	struct evidence_run_spec spec = { .source = STR("bench"),
		.name = STR("bench"), .collector = STR("bench/1"),
		.actor = STR("bench"), .at = at, .started = at,
		.max_gap_s = 864000 };
	static const char *const severity[] = { "low", "medium", "high",
		"critical" };
	struct evidence_run *run;
	struct err e;

	if (evidence_run_begin(ev, &spec, &run, &e) != 0 ||
	    evidence_table_begin(run, t, NULL, &e) != 0)
		die(&e);
	for (size_t i = 0; i < rows; i++) {
		char asset[48], id[48], title[80];
		snprintf(asset, sizeof(asset), "host-%05zu", i / 100);
		snprintf(id, sizeof(id), "CVE-%zu-%05zu", 2015 + i % 10, i);
		snprintf(title, sizeof(title), "Weakness number %zu%s", i,
		    nth != 0 && i % nth == 0 ? ", again" : "");
		struct cell cells[] = { CELL_STR(str_from(asset)),
			CELL_STR(str_from(id)),
			CELL_STR(str_from(severity[i * 31 % 4])),
			CELL_STR(STR("2025-11-02")), i % 3 == 0 ?
			CELL_STR(STR("2025-12-24")) : CELL_NONE,
			CELL_STR(str_from(title)) };
		if (evidence_row(run, cells, &e) != 0)
			die(&e);
	}
	if (evidence_table_end(run, EVIDENCE_COMPLETE, -1, NULL, &e) != 0 ||
	    evidence_run_commit(run, at, NULL, &e) != 0)
		die(&e);
}

/* --- in the sandbox ---------------------------------------------------------- */

struct job {
	struct evidence_when when;
	const char *sql;
	int64_t rows;
};

static int
on_row(void *ctx, struct stmt *st, bool row, struct err *e)
{
	struct job *j = ctx;

	(void)e;
	if (!row)
		return (0);
	for (int i = 0; i < stmt_ncol(st); i++)
		j->rows += (int64_t)stmt_str(st, i).len & 1;
	return (0);
}

static int
in_child(struct query *q, void *ctx, struct err *e)
{
	struct job *j = ctx;
	struct query_sql sql = { .sql = str_from(j->sql) };
	int r = query_when(q, &j->when, e);

	return (r != 0 ? r : query_ask(q, &sql, on_row, j, e));
}

static int64_t
sandboxed(struct evidence *ev, struct job *j)
{
	int64_t best = INT64_MAX;
	struct err e;

	for (int i = 0; i < TIMES; i++) {
		int64_t start = clock_mono();
		if (query_run(ev, NULL, in_child, j, NULL, NULL, &e) != 0)
			die(&e);
		int64_t took = clock_mono() - start;
		best = took < best ? took : best;
	}
	return (best);
}

/* --- in the shell -------------------------------------------------------------- */

static int64_t
in_shell(struct evidence *ev, const struct job *j)
{
	struct buf sql = BUF_INIT, out = BUF_INIT, errs = BUF_INIT;
	const struct schema_type *t = schema_find_name("vulnerability");
	int64_t best = INT64_MAX, head;
	struct proc_end end;
	struct err e;

	if (db_get_int(evidence_db(ev), "SELECT CAST(value AS INTEGER) FROM"
	    " \"!meta\" WHERE key = 'upto'", 0, &head, &e) != 0)
		die(&e);
	for (int period = 0; period < 2; period++) {
		buf_printf(&sql, "CREATE TEMP VIEW vulnerability%s AS ",
		    period ? "_period" : "");
		views_sql(t, period, &j->when, (uint64_t)head, &sql);
		buf_puts(&sql, ";\n");
	}
	buf_printf(&sql, "%s;\n", j->sql);
	const char *argv[] = { "sqlite3", "-readonly", evidence_path(ev), NULL };
	struct proc_opts o = { .argv = argv, .want_in = true, .want_err = true };
	for (int i = 0; i < TIMES; i++) {
		int64_t start = clock_mono();
		if (proc_run(&o, buf_str(&sql), UINT32_MAX, &out, &errs, &end,
		    &e) != 0)
			die(&e);
		int64_t took = clock_mono() - start;
		best = took < best ? took : best;
		if (!proc_ok(&end) || errs.len > 0) {
			fprintf(stderr, "sqlite3 %s: %s\n", end.words,
			    errs.ptr != NULL ? errs.ptr : "");
			exit(1);
		}
	}
	buf_free(&sql);
	buf_free(&out);
	buf_free(&errs);
	return (best);
}

static const char *const queries[] = {
	"SELECT count(*) FROM vulnerability",
	"SELECT subject, severity FROM vulnerability WHERE severity = 'critical'"
	" AND fixed_on IS NULL AND found_on < '2025-11-01'",
	"SELECT severity, count(*), min(valid_from) FROM vulnerability"
	" GROUP BY severity",
	"SELECT asset, count(*) FROM vulnerability WHERE fixed_on IS NULL"
	" GROUP BY asset HAVING count(*) > 90",
	"SELECT subject, from_us, to_us FROM vulnerability_period WHERE"
	" severity = 'high' AND title LIKE '%again'",
	"SELECT count(*) FROM vulnerability a JOIN vulnerability b"
	" ON b.subject = a.subject AND b.severity <> a.severity",
	"SELECT subject, source, severity, valid_from FROM vulnerability",
};

int
main(int argc, char **argv)
{
	struct workspace_spec spec = { .org = "Bench" };
	struct workspace *ws;
	struct evidence *ev;
	struct err e;
	char base[64], dir[80];
	int64_t rows = 1000000;

	if (argc > 1 && !str_to_i64(str_from(argv[1]), &rows))
		return (2);
	snprintf(base, sizeof(base), "/tmp/tickmark-bench-XXXXXX");
	if (mkdtemp(base) == NULL)
		return (1);
	snprintf(dir, sizeof(dir), "%s/w", base);
	if (workspace_create(dir, &spec, &ws, &e) != 0 ||
	    evidence_open(&ev, dir, ws->ledger, true, &e) != 0)
		die(&e);
	struct job empty = { evidence_at(AT, EVIDENCE_HEAD), "SELECT 1", 0 };
	int64_t us = sandboxed(ev, &empty);
	printf("opening and closing a sandbox: %.2f ms\n", (double)us / 1e3);
	fill(ev, (size_t)rows, AT, 0);
	fill(ev, (size_t)rows, AT + CLOCK_DAY, 100);
	for (size_t i = 0; i < sizeof(queries) / sizeof(*queries); i++) {
		struct job j = { evidence_period(AT, AT + 2 * CLOCK_DAY,
		    EVIDENCE_HEAD), queries[i], 0 };
		int64_t shell = in_shell(ev, &j), ours = sandboxed(ev, &j);
		double ratio = (double)ours / (double)shell;
		printf("%6.2f x  (%.0f ms, shell %.0f ms)%s  %s\n", ratio,
		    (double)ours / 1e3, (double)shell / 1e3,
		    ratio <= 1.3 ? "" : "  MISSED", queries[i]);
	}
	evidence_close(ev);
	workspace_close(ws);
	file_remove_tree(base, &e);
	return (0);
}
