/*
 * One procedure over a population of a million, from the start of its process
 * to its result, beside the sqlite3 shell that runs the same two SELECTs with
 * the views pasted, on the same file. Prints the ratio of the least of five
 * times each.
 *
 *     procedure [ROWS]      default 1000000
 */
#include <unistd.h>

#include "assess/assess.h"
#include "assess/procedure.h"
#include "base/clock.h"
#include "evidence/evidence.h"
#include "evidence/views.h"
#include "record/workspace.h"
#include "sys/file.h"
#include "sys/proc.h"

#define AT INT64_C(1767225600000000)
#define TIMES 5

static const char *const cases[][2] = {
	/* A verdict about each. */
	{ "SELECT subject, asset AS label, from_us, to_us, source"
	  " FROM vulnerability_period",
	    "SELECT subject, iif(fixed_on IS NULL AND severity = 'critical', 'fail',"
	    " 'ok') AS status, severity AS reason, from_us, to_us, NULL AS evidence"
	    " FROM vulnerability_period" },
	/* A verdict about each asset, a hundred rows each. */
	{ "SELECT asset AS subject, asset AS label, min(from_us) AS from_us,"
	  " max(to_us) AS to_us FROM vulnerability_period GROUP BY asset",
	    "SELECT asset AS subject, iif(count(*) > 90, 'fail', 'ok') AS status,"
	    " NULL AS reason, min(from_us) AS from_us, max(to_us) AS to_us,"
	    " NULL AS evidence FROM vulnerability_period GROUP BY asset" },
	/* The few that matter. */
	{ "SELECT subject, asset AS label, from_us, to_us, source"
	  " FROM vulnerability_period WHERE severity = 'critical' AND"
	  " title LIKE '%again'",
	    "SELECT subject, 'fail' AS status, title AS reason, from_us, to_us,"
	    " NULL AS evidence FROM vulnerability_period WHERE"
	    " severity = 'critical' AND title LIKE '%again'" },
};

static struct err e;

#define must(call)                                                             \
	do {                                                                   \
		if ((call) != 0) {                                             \
			err_print(stderr, &e);                                 \
			exit(3);                                               \
		}                                                              \
	} while (0)

static void
fill(struct evidence *ev, size_t rows)
{
	static const char *const severity[] = { "low", "medium", "high",
		"critical" };
	const struct schema_type *t = schema_find_name("vulnerability");
	struct evidence_run_spec spec = { .source = STR("bench"),
		.name = STR("bench"), .collector = STR("bench/1"),
		.actor = STR("bench"), .at = AT, .started = AT,
		.max_gap_s = 864000 };
	struct evidence_run *run;
	struct evidence_done done;

	must(evidence_run_begin(ev, &spec, &run, &e));
	must(evidence_table_begin(run, t, NULL, &e));
	for (size_t i = 0; i < rows; i++) {
		char asset[32], id[32], title[48];
		struct cell c[8] = { 0 };
		snprintf(asset, sizeof(asset), "host-%05zu", i / 100);
		snprintf(id, sizeof(id), "CVE-%zu-%05zu", 2015 + i % 10, i);
		snprintf(title, sizeof(title), "Weakness number %zu%s", i,
		    i % 50 == 0 ? " again" : "");
		c[F_VULNERABILITY_ASSET] = CELL_STR(str_from(asset));
		c[F_VULNERABILITY_VULN_ID] = CELL_STR(str_from(id));
		c[F_VULNERABILITY_SEVERITY] = CELL_STR(str_from(severity[i % 4]));
		c[F_VULNERABILITY_FOUND_ON] = CELL_STR(STR("2025-11-01"));
		c[F_VULNERABILITY_TITLE] = CELL_STR(str_from(title));
		if (i % 3 == 0)
			c[F_VULNERABILITY_FIXED_ON] = CELL_STR(STR("2025-12-01"));
		must(evidence_row(run, c, &e));
	}
	must(evidence_table_end(run, EVIDENCE_COMPLETE, (int64_t)rows, NULL, &e));
	must(evidence_run_commit(run, AT, &done, &e));
}

static void
write_procedure(const char *dir, const char *const sql[2])
{
	BUF_SCOPED b = BUF_INIT;
	char path[256];

	buf_printf(&b, "-- id: bench\n-- title: Bench\n-- control: AC-01\n"
		       "-- kind: state\n-- mode: both\n-- tests: t\n-- passes: p\n"
		       "-- fails: f\n-- matters: m\n-- remediation: r\n"
		       "-- population\n%s\n-- verdicts\n%s\n", sql[0], sql[1]);
	snprintf(path, sizeof(path), "%s/procedures", dir);
	must(file_mkdirs(path, 0700, &e));
	snprintf(path, sizeof(path), "%s/procedures/bench.sql", dir);
	must(file_write(path, 0600, b.ptr, b.len, &e));
}

static int64_t
ours(struct workspace *ws, struct evidence *ev)
{
	struct assess_options opt = { .force = true, .max_items = 1, .workers = 1,
		.time = { .period = true, .from = AT, .to = AT + CLOCK_DAY } };
	static const char *const id[] = { "bench" };
	int64_t best = INT64_MAX;
	struct assess *as;

	must(assess_open(&as, ws, ev, &e));
	for (int i = 0; i < TIMES; i++) {
		ARENA_SCOPED a = ARENA_INIT;
		const struct procedure **procs;
		struct assess_result *r;
		size_t n;
		must(assess_select(&a, as, id, 1, &procs, &n, &e));
		int64_t start = clock_mono();
		must(assess_run(&a, as, procs, n, &opt, &r, &e));
		int64_t took = clock_mono() - start;
		best = took < best ? took : best;
		if (r->error.code != ERR_OK) {
			err_print(stderr, &r->error);
			exit(3);
		}
	}
	assess_close(as);
	return (best);
}

static int64_t
shell(struct evidence *ev, const char *const q[2])
{
	BUF_SCOPED sql = BUF_INIT;
	BUF_SCOPED out = BUF_INIT;
	BUF_SCOPED errs = BUF_INIT;
	struct evidence_when when = evidence_period(AT, AT + CLOCK_DAY,
	    EVIDENCE_HEAD);
	int64_t best = INT64_MAX;
	struct proc_end end;

	buf_puts(&sql, "CREATE TEMP VIEW vulnerability_period AS ");
	views_sql(schema_find_name("vulnerability"), true, &when, 0, &sql);
	buf_printf(&sql, ";\n%s;\n%s;\n", q[0], q[1]);
	const char *argv[] = { "sqlite3", "-readonly", evidence_path(ev), NULL };
	struct proc_opts o = { .argv = argv, .want_in = true, .want_err = true };
	for (int i = 0; i < TIMES; i++) {
		int64_t start = clock_mono();
		buf_reset(&out);
		must(proc_run(&o, buf_str(&sql), UINT32_MAX, &out, &errs, &end, &e));
		int64_t took = clock_mono() - start;
		best = took < best ? took : best;
		if (!proc_ok(&end) || errs.len > 0) {
			fprintf(stderr, "sqlite3 %s: %s\n", end.words,
			    errs.ptr != NULL ? errs.ptr : "");
			exit(3);
		}
	}
	return (best);
}

int
main(int argc, char **argv)
{
	struct workspace_spec spec = { .org = "Bench" };
	struct workspace *ws;
	struct evidence *ev;
	char base[64], dir[80];
	int64_t rows = 1000000;

	if (argc > 1 && !str_to_i64(str_from(argv[1]), &rows))
		return (2);
	snprintf(base, sizeof(base), "/tmp/tickmark-bench-XXXXXX");
	if (mkdtemp(base) == NULL)
		return (3);
	snprintf(dir, sizeof(dir), "%s/w", base);
	must(workspace_create(dir, &spec, &ws, &e));
	must(evidence_open(&ev, dir, ws->ledger, true, &e));
	fill(ev, (size_t)rows);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		write_procedure(dir, cases[i]);
		int64_t theirs = shell(ev, cases[i]), us = ours(ws, ev);
		double ratio = (double)us / (double)theirs;
		printf("%6.2f x  (%.0f ms, shell %.0f ms)%s  %.60s\n", ratio,
		    (double)us / 1e3, (double)theirs / 1e3,
		    ratio <= 1.3 ? "" : "  MISSED", cases[i][1]);
	}
	evidence_close(ev);
	workspace_close(ws);
	file_remove_tree(base, &e);
	return (0);
}
